"""Encoded, binned and imputed columns by scikit-learn, pandas and numpy: writes golden.json beside this file."""
import json
import pathlib

import numpy as np
import pandas as pd
from sklearn import impute
from sklearn import preprocessing as p

random = np.random.default_rng(11)
ROWS = 60
cities = np.array(["Oslo", "rome", "Ankara", "Łódź", "x y", "Paris"], dtype=object)
city = random.choice(cities, ROWS, p=[0.3, 0.25, 0.2, 0.15, 0.07, 0.03])
code = random.choice([10, 9, 2, -1], ROWS, p=[0.4, 0.3, 0.2, 0.1])
number = np.round(random.normal(5, 3, ROWS) + (city == "Oslo") * 4, 3)
kind = random.choice(np.array(["a", "b", "c"], dtype=object), ROWS)
yes = random.random(ROWS) < 0.4
skewed = np.round(random.lognormal(1, 1, ROWS), 2)
counts = random.poisson(1.2, ROWS)
new_city = np.array(["rome", "Bern", "Paris", "Oslo"], dtype=object)
new_number = np.array([-1e9, 1e9, 5.0, float(np.median(skewed)), float(skewed.max()), float(skewed.min())])


def rows(matrix):
    return [[float(v) for v in row] for row in np.asarray(matrix, dtype=float)]


def target_means(y, kind_of_target, smooth):
    """The encoding of new rows: that of all training rows."""
    encoder = p.TargetEncoder(target_type=kind_of_target, smooth=smooth)
    encoder.fit(city[:, None], y)
    values = encoder.transform(new_city[:, None])
    return rows(values[:, 1:] if kind_of_target == "multiclass" else values)


def bins(strategy, count, closed_by_pandas=False):
    both = np.concatenate([skewed, new_number])
    if closed_by_pandas:
        edges = pd.qcut(skewed, count, retbins=True, duplicates="drop")[1]
        inside = np.clip(both, edges[0], edges[-1])
        return [int(v) for v in pd.cut(inside, edges, labels=False, include_lowest=True)]
    maker = p.KBinsDiscretizer(count, encode="ordinal", strategy=strategy, quantile_method="linear")
    return [int(v) for v in maker.fit(skewed[:, None]).transform(both[:, None])[:, 0]]


holes = np.where(random.random(ROWS) < 0.2, np.nan, counts)
golden = {
    "train": {"city": list(city), "code": [int(v) for v in code], "number": list(number), "kind": list(kind),
              "yes": [bool(v) for v in yes], "skewed": list(skewed), "counts": [int(v) for v in counts],
              "holes": [None if np.isnan(v) else float(v) for v in holes]},
    "new_city": list(new_city),
    "new_number": list(new_number),
    "one_hot": rows(p.OneHotEncoder(handle_unknown="ignore", sparse_output=False).fit(city[:, None]).transform(new_city[:, None])),
    # scikit-learn counts the column of the rest among max_categories.
    "one_hot_at_most_3": rows(p.OneHotEncoder(handle_unknown="infrequent_if_exist", sparse_output=False, max_categories=4)
                              .fit(city[:, None]).transform(new_city[:, None])),
    "one_hot_from_5_rows": rows(p.OneHotEncoder(handle_unknown="infrequent_if_exist", sparse_output=False, min_frequency=5)
                                .fit(city[:, None]).transform(new_city[:, None])),
    "ordinal_city": [float(v) for v in p.OrdinalEncoder().fit_transform(city[:, None])[:, 0]],
    "ordinal_code": [float(v) for v in p.OrdinalEncoder().fit_transform(code[:, None])[:, 0]],
    "target_number_auto": target_means(number, "continuous", "auto"),
    "target_number_5": target_means(number, "continuous", 5.0),
    "target_number_0": target_means(number, "continuous", 0.0),
    "target_yes_auto": target_means(yes, "binary", "auto"),
    "target_yes_10": target_means(yes, "binary", 10.0),
    "target_kind_auto": target_means(kind, "multiclass", "auto"),
    "target_kind_2": target_means(kind, "multiclass", 2.0),
    "width_7": bins("uniform", 7),
    "quantile_8": bins("quantile", 8),
    "quantile_8_right": bins("quantile", 8, closed_by_pandas=True),
    "counts_quantile_4": [int(v) for v in p.KBinsDiscretizer(4, encode="ordinal", strategy="quantile", quantile_method="linear")
                          .fit_transform(counts[:, None])[:, 0]],
    "digitize": [int(v) for v in np.digitize(skewed, [1.0, 2.5, 7.0])],
    "clip_5_95": [float(v) for v in np.clip(skewed, *np.quantile(skewed, [0.05, 0.95]))],
    "impute": {name: float(impute.SimpleImputer(strategy=name).fit(holes[:, None]).statistics_[0])
               for name in ("mean", "median", "most_frequent")},
}
path = pathlib.Path(__file__).parent / "golden.json"
path.write_text(json.dumps(golden, ensure_ascii=False, indent=0).replace(",\n", ", ") + "\n")
