"""Scaled columns by scikit-learn: writes golden.csv beside this file. Needs numpy and scikit-learn."""
import csv
import pathlib

import numpy as np
from scipy import stats
from sklearn import preprocessing as p

random = np.random.default_rng(3)
columns = {
    "normal": random.normal(1000.0, 2.0, 60),
    "lognormal": random.lognormal(0.5, 1.2, 60),
    "heavy": np.abs(random.standard_t(2.0, 60)) + 0.01,
    "negative": random.normal(-3.0, 5.0, 60),
    "constant": np.full(60, 7.0),
}


def robust(x):
    return p.RobustScaler().fit_transform(x)


methods = {
    "standard": lambda x: p.StandardScaler().fit_transform(x),
    "min_max": lambda x: p.MinMaxScaler().fit_transform(x),
    "robust": robust,
    "robust_arcsinh": lambda x: np.arcsinh(robust(x)),
    "max_abs": lambda x: p.MaxAbsScaler().fit_transform(x),
    "log1p": np.log1p,
    "box_cox": lambda x: p.PowerTransformer("box-cox").fit_transform(x),
    "yeo_johnson": lambda x: p.PowerTransformer("yeo-johnson").fit_transform(x),
}
with open(pathlib.Path(__file__).parent / "golden.csv", "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["column", "method", "values..."])
    for name, x in columns.items():
        x = np.float64(np.float32(x))
        out.writerow([name, "raw"] + [repr(float(v)) for v in x])
        for method, scale in methods.items():
            if method in ("box_cox", "log1p") and x.min() <= 0:
                continue
            if method in ("box_cox", "yeo_johnson") and name == "constant":
                continue
            out.writerow([name, method] + [repr(float(v)) for v in scale(x[:, None])[:, 0]])
            if method == "box_cox":
                out.writerow([name, "box_cox_lambda", repr(float(stats.boxcox(x)[1]))])
            if method == "yeo_johnson":
                out.writerow([name, "yeo_johnson_lambda", repr(float(stats.yeojohnson(x)[1]))])
