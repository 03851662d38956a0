"""What scikit-learn's forests and trees make of small tables: errors on rows that they have not seen, mean over seeds, and the scores of a
large isolation forest. Writes forests.json beside this file. Needs scikit-learn."""
import json
import pathlib

import numpy as np
from sklearn.ensemble import (ExtraTreesClassifier, ExtraTreesRegressor, IsolationForest, RandomForestClassifier, RandomForestRegressor)
from sklearn.metrics import mean_squared_error
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

TRAIN, TEST, COLUMNS, SEEDS = 500, 400, 6, 10
random = np.random.default_rng(5)
x = np.round(random.standard_normal((TRAIN + TEST, COLUMNS)), 3).astype("f4")
signal = x[:, 0] * x[:, 1] + np.sin(2 * x[:, 2]) + 0.5 * x[:, 3]
noisy = signal + 0.4 * random.standard_normal(len(x))
targets = {"two": (noisy > 0.3).astype(int), "four": np.digitize(noisy, [-0.8, 0.1, 0.9]), "number": np.round(noisy, 4)}

MODELS = {
    "random_forest": (RandomForestClassifier, RandomForestRegressor),
    "extra_trees": (ExtraTreesClassifier, ExtraTreesRegressor),
}


def error(make, target, seed):
    model = make(random_state=seed).fit(x[:TRAIN], target[:TRAIN])
    if hasattr(model, "predict_proba"):
        own = model.predict_proba(x[TRAIN:])[np.arange(TEST), target[TRAIN:]]
        return -np.mean(np.log(np.clip(own, 1e-6, 1)))
    return mean_squared_error(target[TRAIN:], model.predict(x[TRAIN:]))


errors = {}
for name, (classifier, regressor) in MODELS.items():
    for kind, target in targets.items():
        make = regressor if kind == "number" else classifier
        values = [error(make, target, seed) for seed in range(SEEDS)]
        errors[f"{name} {kind}"] = {"mean": float(np.mean(values)), "std": float(np.std(values))}
FEW = 200  # rows of which each value has a bin of its own
few, numbers, classes = x[:FEW], targets["number"][:FEW], targets["four"][:FEW]
oob = {
    "four": [RandomForestClassifier(oob_score=True, random_state=seed).fit(few, classes).oob_score_ for seed in range(SEEDS)],
    "four entropy": [RandomForestClassifier(criterion="entropy", oob_score=True, random_state=seed).fit(few, classes).oob_score_ for seed in range(SEEDS)],
    "number": [RandomForestRegressor(oob_score=True, random_state=seed).fit(few, numbers).oob_score_ for seed in range(SEEDS)],
}
weights = np.round(random.uniform(0.5, 2, FEW), 3)  # without them many splits of classes are equally pure
trees = {
    "four": DecisionTreeClassifier(min_samples_leaf=3, random_state=0).fit(few, classes, weights).predict_proba(few),
    "four entropy": DecisionTreeClassifier(min_samples_leaf=3, criterion="entropy", random_state=0).fit(few, classes, weights).predict_proba(few),
    "number": DecisionTreeRegressor(min_samples_leaf=3, random_state=0).fit(few, numbers, weights).predict(few),
}


def isolation_path(n):
    return 0.0 if n < 2 else 2 * sum(1 / k for k in range(1, int(n))) - 2 * (n - 1) / n


SAMPLES, ROWS = 64, 200
forest = IsolationForest(n_estimators=4000, max_samples=SAMPLES, random_state=0).fit(x[:ROWS])
paths = np.zeros(ROWS)
for tree in forest.estimators_:
    leaf = tree.tree_.apply(x[:ROWS])
    depth = np.asarray(tree.tree_.decision_path(x[:ROWS]).sum(axis=1)).ravel() - 1
    paths += depth + np.array([isolation_path(tree.tree_.n_node_samples[node]) for node in leaf])
scores = 2 ** (-paths / len(forest.estimators_) / isolation_path(SAMPLES))

golden = {
    "train": TRAIN,
    "x": [[float(f"{value:.3f}") for value in row] for row in x],
    **{kind: target.tolist() for kind, target in targets.items()},
    "errors": errors,
    "few": FEW,
    "weights": weights.tolist(),
    "oob": {kind: float(np.mean(scores)) for kind, scores in oob.items()},
    "trees": {kind: [round(float(value), 9) for value in np.ravel(answer)] for kind, answer in trees.items()},
    "isolation": {"samples": SAMPLES, "scores": [round(float(value), 5) for value in scores]},
}
path = pathlib.Path(__file__).with_name("forests.json")
path.write_text(json.dumps(golden, separators=(",", ":")) + "\n")
print(json.dumps({"errors": errors, "oob": golden["oob"]}, indent=1))
