"""Golden answers of tests/models/knn_test.cc, from scikit-learn: python make_knn.py > knn.json

Columns and targets are rounded to float32 first: that is what models are given. Some queries are training rows, and some
training rows stand there twice, so that distances of 0 are met."""
import json

import numpy as np
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor, NearestNeighbors

random = np.random.default_rng(20261122)


def float32(values):
    return np.asarray(values, dtype=np.float32).astype(np.float64)


def shortest(values):
    """As few digits as make the same float32."""
    return [shortest(v) if np.ndim(v) else float(str(np.float32(v))) for v in values]


x = float32(random.standard_normal((80, 5)) * [1, 2, 0.5, 1, 3])
x[70] = x[3]
x[71] = x[4]
classes = (x[:, 0] + 0.5 * x[:, 1] > 0).astype(int) + (x[:, 4] > 1)
numbers = float32(x @ [1, -1, 2, 0, 0.3] + random.standard_normal(80))
queries = np.vstack([float32(random.standard_normal((14, 5)) * 1.5), x[[3, 4, 20, 70]]])
cases = []
for metric in ("euclidean", "manhattan", "cosine"):
    for weights in ("uniform", "distance"):
        for k in (2, 5, 31):
            params = {"n_neighbors": k, "metric": metric, "weights": weights}
            answer = KNeighborsClassifier(**params, algorithm="brute").fit(x, classes).predict_proba(queries)
            cases.append({"task": "classification", "params": params, "answer": answer.ravel().tolist()})
            answer = KNeighborsRegressor(**params, algorithm="brute").fit(x, numbers).predict(queries)
            cases.append({"task": "regression", "params": params, "answer": answer.tolist()})
    distances = NearestNeighbors(n_neighbors=7, metric=metric, algorithm="brute").fit(x).kneighbors(queries)[0]
    for method, scores in (("mean", distances.mean(1)), ("largest", distances.max(1))):
        params = {"n_neighbors": 7, "metric": metric, "method": method}
        cases.append({"task": "anomaly", "params": params, "answer": scores.tolist()})
print(json.dumps({"x": shortest(x), "classes": classes.tolist(), "numbers": shortest(numbers), "queries": shortest(queries),
                  "cases": cases}))
