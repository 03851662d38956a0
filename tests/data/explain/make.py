"""What XGBoost, LightGBM and scikit-learn say of which columns count: the truth for crisp explain.

    python -m venv venv && venv/bin/pip install numpy pandas scikit-learn xgboost==3.2.0 lightgbm==4.7.0
    venv/bin/python make.py        # writes rows.csv, the models and expected.json beside itself

`noise` says nothing, `kind` is a text, `flat` is the same in every row, `size` has missing values.
"""
import json
import pathlib

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb
from sklearn.inspection import permutation_importance
from sklearn.metrics import roc_auc_score, root_mean_squared_error

HERE = pathlib.Path(__file__).parent
ROWS, EXPLAINED, REPEATS = 200, 12, 400
KINDS = ["ash", "beech", "oak"]
COLUMNS = ["size", "weight", "kind", "flat", "noise"]
rng = np.random.default_rng(7)

table = pd.DataFrame({
    "size": np.round(rng.uniform(0, 10, ROWS), 2),
    "weight": np.round(rng.normal(5, 2, ROWS), 2),
    "kind": pd.Categorical(np.array(KINDS)[rng.integers(0, 3, ROWS)], categories=KINDS),
    "flat": np.ones(ROWS),
    "noise": np.round(rng.normal(0, 1, ROWS), 2)})
signal = table["size"] * (1 + (table.kind == "oak")) - table.weight + rng.normal(0, 0.5, ROWS)
table.loc[rng.random(ROWS) < 0.1, "size"] = np.nan
targets = {"price": np.round(signal, 3), "dear": (signal > 3).astype(int), "grade": np.digitize(signal, [0, 6])}
rows = table[COLUMNS]


class Answers:
    """What scikit-learn asks of an estimator."""

    def __init__(self, answer):
        self.answer = answer

    def fit(self, *_):
        return self


def permuted(answer, y, loss):
    scorer = lambda model, x, truth: -loss(truth, model.answer(x))
    found = permutation_importance(Answers(answer), rows, y, scoring=scorer, n_repeats=REPEATS, random_state=0)
    return {"mean": found.importances_mean.tolist(), "std": found.importances_std.tolist()}


def xgboost():
    data = xgb.DMatrix(rows, label=targets["price"], enable_categorical=True)
    booster = xgb.train({"max_depth": 3, "eta": 0.3, "nthread": 1, "seed": 1}, data, 20)
    booster.save_model(HERE / "xgboost.json")
    of = lambda kind: [booster.get_score(importance_type=kind).get(name, 0) for name in COLUMNS]
    answer = lambda x: booster.predict(xgb.DMatrix(x, enable_categorical=True))
    return {"target": "price", "shap": booster.predict(data, pred_contribs=True)[:EXPLAINED].astype(float).tolist(),
            "gain": of("total_gain"), "splits": of("weight"), "metric": "rmse",
            "permutation": permuted(answer, targets["price"], root_mean_squared_error)}


def lightgbm(name, target, **params):
    params = {"num_leaves": 7, "min_data_in_leaf": 5, "learning_rate": 0.2, "num_threads": 1, "seed": 1, "verbose": -1, **params}
    booster = lgb.train(params, lgb.Dataset(rows, targets[target], free_raw_data=False), 12)
    booster.save_model(HERE / f"{name}.txt")
    contributions = booster.predict(rows, pred_contrib=True)
    best = np.zeros(ROWS, dtype=int) if target == "dear" else booster.predict(rows).argmax(1)
    width = len(COLUMNS) + 1
    own = [contributions[i, best[i] * width:(best[i] + 1) * width].tolist() for i in range(EXPLAINED)]
    found = {"target": target, "shap": own, "gain": booster.feature_importance("gain").tolist(),
             "splits": booster.feature_importance("split").tolist()}
    if target == "dear":
        found["metric"], found["permutation"] = "roc_auc", permuted(booster.predict, targets["dear"], lambda y, p: -roc_auc_score(y, p))
    return found


expected = {"xgboost.json": xgboost(), "lightgbm_two.txt": lightgbm("lightgbm_two", "dear", objective="binary"),
            "lightgbm_three.txt": lightgbm("lightgbm_three", "grade", objective="multiclass", num_class=3)}
table.assign(**targets).to_csv(HERE / "rows.csv", index=False)
(HERE / "expected.json").write_text(json.dumps({"columns": COLUMNS, "cases": expected}, indent=1) + "\n")
