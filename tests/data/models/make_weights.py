"""What row weights mean, by scikit-learn's sample_weight: python3 make_weights.py > weights.json."""
import json

import numpy
from sklearn.dummy import DummyClassifier, DummyRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression

draw = numpy.random.default_rng(4)
x = draw.normal(size=(120, 3)).round(3).astype("float32").astype("float64")
w = draw.integers(0, 5, 120).astype(float) / 2
numbers = (x @ [2.0, -1.0, 0.5] + 3 + draw.normal(size=120) * (1 + 2 * (x[:, 0] > 0))).round(3)
classes = (x[:, 0] - x[:, 1] + draw.normal(size=120) > 0.4).astype(int)
out = {"x": x.tolist(), "w": w.tolist(), "numbers": numbers.tolist(), "classes": classes.tolist()}
out["mean"] = DummyRegressor(strategy="mean").fit(x, numbers, w).predict(x[:1]).item()
out["median"] = DummyRegressor(strategy="median").fit(x, numbers, w).predict(x[:1]).item()
out["prior"] = DummyClassifier(strategy="prior").fit(x, classes, w).predict_proba(x[:1])[0].tolist()
out["least_squares"] = LinearRegression().fit(x, numbers, w).predict(x).tolist()
out["logistic"] = LogisticRegression(C=numpy.inf, tol=1e-12, max_iter=10000).fit(x, classes, w).predict_proba(x)[:, 1].tolist()
print(json.dumps(out))
