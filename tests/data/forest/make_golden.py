"""Small models of XGBoost, LightGBM and scikit-learn as arrays of nodes, rows, and what those libraries make of the rows: raw sums, leaf
by leaf, and contributions (SHAP values). Writes golden.csv beside this file. Needs xgboost, lightgbm and scikit-learn."""
import csv
import pathlib
import sys

import lightgbm
import numpy as np
import pandas
import xgboost
from sklearn.ensemble import RandomForestClassifier

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent.parent / "perf/peers"))
import tree_arrays  # noqa: E402

random = np.random.default_rng(3)
ROWS, TEST, COLUMNS = 2000, 40, 6
x = random.standard_normal((ROWS + TEST, COLUMNS)).astype("f4")
x[:, 3] = np.round(x[:, 3] * 2)
x[:, 4] = random.integers(0, 40, len(x))  # categories
signal = x[:, 0] * x[:, 1] + np.sin(3 * x[:, 2]) + (x[:, 4] % 3 == 1) + 0.3 * x[:, 3] + 0.3 * random.standard_normal(len(x))
holes = x.copy()
holes[random.random(x.shape) < 0.1] = np.nan
binary, classes = (signal > 0.5).astype(int), np.digitize(signal, [-0.3, 0.9])


def with_categories(values):
    table = pandas.DataFrame({f"c{i}": values[:, i] for i in range(COLUMNS)})
    table["c4"] = pandas.Categorical(table["c4"], categories=list(range(40)))
    return table


def write(out, name, arrays, base, rows, sums, contributions=None):
    line = lambda kind, values: out.writerow([name, kind] + [repr(v.item()) for v in np.asarray(values).ravel()])
    line("shape", np.array([arrays.columns, arrays.outputs, arrays.vector], float))
    for kind, values in arrays.arrays().items():
        line(kind, values)
    line("rows", rows)
    line("sums", np.asarray(sums, float).reshape(len(rows), -1) - np.array(base))
    if contributions is not None:  # the base is in the last of each output
        contributions = np.array(contributions, float).reshape(len(rows), arrays.outputs, COLUMNS + 1)
        contributions[:, :, -1] -= np.array(base)
        line("contributions", contributions)


def xgb(out, name, table, labels, rows, **params):
    params = dict(tree_method="hist", eta=0.3, nthread=1, **params)
    data = xgboost.DMatrix(table[:ROWS], labels[:ROWS], enable_categorical=True)
    test = xgboost.DMatrix(table[ROWS:], enable_categorical=True)
    model = xgboost.train(params, data, 6)
    write(out, name, *tree_arrays.xgboost(model), rows[ROWS:], model.predict(test, output_margin=True), model.predict(test, pred_contribs=True))


def lgb(out, name, table, labels, rows, **params):
    params = dict(num_threads=1, verbosity=-1, min_data_in_leaf=5, **params)
    model = lightgbm.train(params, lightgbm.Dataset(table[:ROWS], labels[:ROWS]), 5)
    test = table[ROWS:]
    write(out, name, *tree_arrays.lightgbm(model), rows[ROWS:], model.predict(test, raw_score=True), model.predict(test, pred_contrib=True))


with open(HERE / "golden.csv", "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    xgb(out, "xgboost holes", holes, binary, holes, objective="binary:logistic", max_depth=5)
    xgb(out, "xgboost classes", x, classes, x, objective="multi:softprob", num_class=3, max_depth=3)
    xgb(out, "xgboost categories", with_categories(holes), signal, holes, objective="reg:squarederror", max_depth=4, max_cat_to_onehot=4)
    lgb(out, "lightgbm holes", holes, binary, holes, objective="binary", num_leaves=31)
    lgb(out, "lightgbm classes", x, classes, x, objective="multiclass", num_class=3, num_leaves=12)
    lgb(out, "lightgbm categories", with_categories(holes), signal, holes, objective="regression", num_leaves=20, cat_smooth=1)
    forest = RandomForestClassifier(4, max_depth=6, random_state=1).fit(holes[:ROWS], classes[:ROWS])
    write(out, "scikit-learn classes", *tree_arrays.scikit_learn(forest), holes[ROWS:], forest.predict_proba(holes[ROWS:]))
