"""Small models of XGBoost and LightGBM, rows, and what those libraries answer for them: the truth for crisp import.

    python -m venv venv && venv/bin/pip install numpy pandas xgboost==3.2.0 lightgbm==4.7.0
    venv/bin/python make.py        # writes the models, rows.csv and expected.json beside itself

Every column and row is drawn from one seed. `when` holds seconds since 1970, which 32-bit numbers cannot tell apart; `k` holds codes,
`colour` texts; `b` and `c` have zeros and missing values.
"""
import json
import pathlib

import lightgbm as lgb
import numpy as np
import pandas as pd
import xgboost as xgb

HERE = pathlib.Path(__file__).parent
ROWS, KEPT, EXPLAINED = 600, 24, 4
COLOURS = ["blue", "green", "red", "white"]
rng = np.random.default_rng(20240501)


def invented():
    table = pd.DataFrame({
        "a": np.round(rng.normal(0, 2, ROWS), 3),
        "b": rng.integers(-3, 4, ROWS).astype(float),
        "c": rng.lognormal(0, 1, ROWS),
        "when": 1_600_000_000.0 + rng.integers(0, 900, ROWS),
        "k": rng.integers(0, 40, ROWS).astype(float),
        "colour": pd.Categorical(np.array(COLOURS)[rng.integers(0, 4, ROWS)], categories=COLOURS)})
    table.loc[rng.random(ROWS) < 0.15, "b"] = np.nan
    table.loc[rng.random(ROWS) < 0.15, "c"] = np.nan
    table.loc[rng.random(ROWS) < 0.05, "colour"] = np.nan
    signal = (table.a + 0.7 * table.b.fillna(-2) - np.log(table.c.fillna(5)) + (table.k % 3 == 1) * 1.5
              + ((table.when % 300) > 150) + (table.colour == "red") * 1.2 + rng.normal(0, 0.4, ROWS))
    return table, signal


TABLE, SIGNAL = invented()
NUMBERS = ["a", "b", "c"]
TARGETS = {"number": SIGNAL, "positive": np.exp(SIGNAL / 4), "count": np.floor(np.exp(SIGNAL / 4)),
           "share": 1 / (1 + np.exp(-SIGNAL)), "two": (SIGNAL > SIGNAL.median()).astype(int),
           "three": np.digitize(SIGNAL, SIGNAL.quantile([0.3, 0.6])).astype(int), "grade": np.clip(SIGNAL + 2, 0, 4).astype(int)}
EXPECTED = {}


def kept(name, columns, target, predictions, contributions, raw):
    """Predictions to 17 digits; contributions of the first rows where the library gives them in the units of its raw scores."""
    shape = {"columns": columns, "target": target, "prediction": np.asarray(predictions, dtype=float).tolist(),
             "raw": np.asarray(raw, dtype=float).tolist()}
    if contributions is not None:
        shape["contributions"] = np.asarray(contributions, dtype=float).tolist()
    EXPECTED[name] = shape


def frame(columns, rows=slice(None)):
    return TABLE[columns].iloc[rows]


def booster_rows(columns, y=None, rows=slice(None), **more):
    data = frame(columns, rows)
    if "colour" in columns:
        return xgb.DMatrix(data, label=y, enable_categorical=True, **more)
    types = ["c" if name == "k" else "float" for name in columns]
    return xgb.DMatrix(data.to_numpy(), label=y, feature_names=columns, feature_types=types, enable_categorical=True, **more)


def xgboost(name, columns, target, endings=("json",), rounds=3, evals=None, grouped=False, contributions=True, **params):
    y = TARGETS[target]
    train = booster_rows(columns, y)
    if grouped:
        train.set_group([30] * (ROWS // 30))
    params = {"max_depth": 3, "eta": 0.5, "nthread": 1, "seed": 1, "tree_method": "hist", **params}
    more = {"evals": [(train, "train")], "early_stopping_rounds": 2, "verbose_eval": False} if evals else {}
    booster = xgb.train(params, train, rounds, **more)
    if evals:
        booster.set_attr(best_iteration="1")
    upto = {"iteration_range": (0, 2)} if evals else {}
    head = booster_rows(columns, rows=slice(KEPT))
    for ending in endings:
        path = HERE / f"xgboost_{name}.{ending}"
        booster.save_model(path)
        explained = booster_rows(columns, rows=slice(EXPLAINED))
        kept(path.name, columns, target, booster.predict(head, **upto),
             booster.predict(explained, pred_contribs=True, **upto) if contributions else None,
             booster.predict(head, output_margin=True, **upto))


def lightgbm(name, columns, target, rounds=3, grouped=False, kind="numpy", contributions=True, **params):
    y = TARGETS[target]
    data = frame(columns) if kind == "pandas" else frame(columns).to_numpy()
    named = "auto" if kind == "pandas" else columns
    codes = [columns.index("k")] if "k" in columns else []
    train = lgb.Dataset(data, y, feature_name=named, categorical_feature="auto" if kind == "pandas" else codes, free_raw_data=False,
                        group=[30] * (ROWS // 30) if grouped else None)
    booster = lgb.train({"num_leaves": 6, "learning_rate": 0.5, "num_threads": 1, "verbose": -1, "seed": 1, "deterministic": True,
                         "min_data_in_leaf": 5, "cat_smooth": 1, "min_data_per_group": 5, "max_cat_to_onehot": 1, **params}, train, rounds)
    path = HERE / f"lightgbm_{name}.txt"
    booster.save_model(path)
    head = frame(columns, slice(KEPT))
    explained = frame(columns, slice(EXPLAINED))
    if kind != "pandas":
        head, explained = head.to_numpy(), explained.to_numpy()
    kept(path.name, columns, target, booster.predict(head), booster.predict(explained, pred_contrib=True) if contributions else None,
         booster.predict(head, raw_score=True))


def all_xgboost():
    xgboost("squarederror", NUMBERS, "number", objective="reg:squarederror")
    xgboost("absoluteerror", NUMBERS, "number", objective="reg:absoluteerror")
    xgboost("quantile", NUMBERS, "number", objective="reg:quantileerror", quantile_alpha=0.8)
    xgboost("poisson", NUMBERS, "count", objective="count:poisson")
    xgboost("gamma", NUMBERS, "positive", objective="reg:gamma")
    xgboost("tweedie", NUMBERS, "positive", objective="reg:tweedie")
    xgboost("share", NUMBERS, "share", objective="reg:logistic")
    xgboost("logistic", NUMBERS + ["when"], "two", ("json", "ubj"), objective="binary:logistic", base_score=0.3)
    xgboost("logitraw", NUMBERS, "two", objective="binary:logitraw")
    xgboost("softprob", NUMBERS, "three", ("json", "ubj"), objective="multi:softprob", num_class=3)
    xgboost("parallel", NUMBERS, "three", objective="multi:softprob", num_class=3, num_parallel_tree=2, subsample=0.6, rounds=2)
    xgboost("long", NUMBERS, "two", ("ubj",), objective="binary:logistic", rounds=60, max_depth=2, eta=0.3)
    xgboost("long_dart", NUMBERS, "three", ("ubj",), objective="multi:softprob", num_class=3, booster="dart", rate_drop=0.3, rounds=20, max_depth=2, eta=0.3)
    xgboost("dart", NUMBERS, "two", objective="binary:logistic", booster="dart", rate_drop=0.5, one_drop=1, rounds=5)
    xgboost("best", NUMBERS, "two", objective="binary:logistic", evals=True, rounds=4)
    xgboost("codes", ["a", "k"], "two", ("json", "ubj"), objective="binary:logistic", max_cat_to_onehot=1)
    xgboost("texts", ["a", "colour"], "two", objective="binary:logistic", max_cat_to_onehot=1)
    xgboost("onehot", ["a", "colour"], "two", objective="binary:logistic", max_cat_to_onehot=9)
    xgboost("rank", NUMBERS, "grade", objective="rank:pairwise", grouped=True)
    xgboost("none", NUMBERS, "two", objective="binary:logistic", rounds=0, base_score=0.3)


def all_lightgbm():
    lightgbm("regression", NUMBERS, "number", objective="regression")
    lightgbm("sqrt", NUMBERS, "number", objective="regression", reg_sqrt=True)
    lightgbm("l1", NUMBERS, "number", objective="regression_l1")
    lightgbm("quantile", NUMBERS, "number", objective="quantile", alpha=0.8)
    lightgbm("poisson", NUMBERS, "count", objective="poisson")
    lightgbm("tweedie", NUMBERS, "positive", objective="tweedie")
    lightgbm("share", NUMBERS, "share", objective="cross_entropy")
    lightgbm("binary", NUMBERS, "two", objective="binary")
    lightgbm("steep", NUMBERS, "two", objective="binary", sigmoid=2.0)
    lightgbm("times", ["a", "when"], "two", objective="binary", num_leaves=12)
    lightgbm("multiclass", NUMBERS, "three", objective="multiclass", num_class=3)
    lightgbm("ova", NUMBERS, "three", objective="multiclassova", num_class=3)
    lightgbm("rf", NUMBERS, "two", objective="binary", boosting="rf", bagging_freq=1, bagging_fraction=0.6, contributions=False)
    lightgbm("zero", NUMBERS, "two", objective="binary", zero_as_missing=True)
    lightgbm("no_missing", NUMBERS, "two", objective="binary", use_missing=False)
    lightgbm("codes", ["a", "k"], "two", objective="binary")
    lightgbm("texts", ["a", "colour"], "two", kind="pandas", objective="binary")
    lightgbm("stump", NUMBERS, "two", objective="binary", min_data_in_leaf=400, contributions=False)
    lightgbm("rank", NUMBERS, "grade", objective="lambdarank", grouped=True)


def main():
    all_xgboost()
    all_lightgbm()
    rows = TABLE.iloc[:KEPT].copy()
    for target, values in TARGETS.items():
        rows[target] = values.iloc[:KEPT] if hasattr(values, "iloc") else values[:KEPT]
    rows.to_csv(HERE / "rows.csv", index=False)
    lines = [f"{json.dumps(name)}: {json.dumps(case)}" for name, case in EXPECTED.items()]
    (HERE / "expected.json").write_text("{" + ",\n".join(lines) + "}\n")


if __name__ == "__main__":
    main()
