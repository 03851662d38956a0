"""Golden answers of tests/models/linear_test.cc, from scikit-learn: python make_linear.py > linear.json

Columns and targets are rounded to float32 first: that is what models are given."""
import json

import numpy as np
from sklearn.linear_model import ElasticNet, Lasso, LinearRegression, LogisticRegression, Ridge

random = np.random.default_rng(20261122)


def float32(values):
    return np.asarray(values, dtype=np.float32).astype(np.float64)


def rows(count, columns):
    mixed = random.standard_normal((count, columns)) @ (np.eye(columns) + 0.3 * random.standard_normal((columns, columns)))
    return float32(mixed + random.standard_normal(columns))


def case(name, model, params, x, y, w=None, classes=0):
    model.fit(inputs[x], inputs[y], sample_weight=inputs[w] if w else None)
    answer = model.predict_proba(inputs[x]) if classes else model.predict(inputs[x])
    return {"name": name, "params": params, "x": x, "y": y, "w": w or "", "classes": classes,
            "coefficients": np.atleast_2d(model.coef_).tolist(), "intercepts": np.atleast_1d(model.intercept_).tolist(),
            "answer": answer.ravel()[:60].tolist()}


def shortest(values):
    """As few digits as make the same float32."""
    return [shortest(v) if np.ndim(v) else float(str(np.float32(v))) for v in values]


x = rows(90, 6)
y = float32(x @ [2, -1, 0.5, 0, 0, 3] + 4 + random.standard_normal(90))
w = float32(random.uniform(0.1, 3, 90))
collinear = np.column_stack([x[:, :3], float32(x[:, 0] * 2), np.full(90, 7.0)])
wide = rows(8, 20)
wide_y = float32(wide[:, 0] - wide[:, 3] + 2)
classes2 = (x[:, 0] - x[:, 1] + random.logistic(size=90) > 0).astype(float)
scores = np.column_stack([x[:, 0], x[:, 1] - 1, x[:, 2] * 0.5 + x[:, 3], np.zeros(90)]) + random.gumbel(size=(90, 4))
classes4 = scores.argmax(1).astype(float)
inputs = {"x": x, "y": y, "w": w, "collinear": collinear, "wide": wide, "wide_y": wide_y, "classes2": classes2, "classes4": classes4}
exact = {"tol": 1e-12, "max_iter": 1_000_000}
cases = [
    case("linear", LinearRegression(), {}, "x", "y"),
    case("linear", LinearRegression(), {}, "x", "y", "w"),
    case("linear", LinearRegression(fit_intercept=False), {"fit_intercept": False}, "x", "y"),
    case("linear", LinearRegression(), {}, "collinear", "y"),
    case("linear", LinearRegression(), {}, "wide", "wide_y"),
    case("ridge", Ridge(alpha=1.0), {}, "x", "y"),
    case("ridge", Ridge(alpha=30.0), {"alpha": 30.0}, "collinear", "y", "w"),
    case("ridge", Ridge(alpha=0.1), {"alpha": 0.1}, "wide", "wide_y"),
    case("ridge", Ridge(alpha=2.0, fit_intercept=False), {"alpha": 2.0, "fit_intercept": False}, "x", "y"),
    case("lasso", Lasso(alpha=0.1, **exact), {"alpha": 0.1}, "x", "y"),
    case("lasso", Lasso(alpha=1.0, **exact), {}, "x", "y", "w"),
    case("lasso", Lasso(alpha=0.05, **exact), {"alpha": 0.05}, "wide", "wide_y"),
    case("elastic_net", ElasticNet(alpha=0.2, l1_ratio=0.3, **exact), {"alpha": 0.2, "l1_ratio": 0.3}, "x", "y", "w"),
    case("elastic_net", ElasticNet(alpha=0.2, l1_ratio=0.5, **exact), {"alpha": 0.2}, "collinear", "y"),
    case("logistic", LogisticRegression(**exact), {}, "x", "classes2", classes=2),
    case("logistic", LogisticRegression(C=0.05, **exact), {"C": 0.05}, "x", "classes2", "w", classes=2),
    case("logistic", LogisticRegression(C=30, class_weight="balanced", **exact), {"C": 30.0, "class_weight": "balanced"}, "x", "classes2", classes=2),
    case("logistic", LogisticRegression(fit_intercept=False, **exact), {"fit_intercept": False}, "collinear", "classes2", classes=2),
    case("logistic", LogisticRegression(solver="newton-cg", **exact), {}, "x", "classes4", classes=4),
    case("logistic", LogisticRegression(C=5, solver="newton-cg", **exact), {"C": 5.0}, "x", "classes4", "w", classes=4),
    case("linear", LogisticRegression(solver="newton-cg", **exact), {}, "x", "classes4", classes=4),
]
print(json.dumps({"inputs": {name: shortest(values) for name, values in inputs.items()}, "cases": cases}))
