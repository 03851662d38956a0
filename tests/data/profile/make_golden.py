"""A small table and its profile by numpy, pandas and scipy: writes table.csv and golden.json beside this file. Needs all
three. Timestamps are whole seconds; ties among the most frequent values are avoided."""
import json
import pathlib

import numpy as np
import pandas as pd
from scipy import stats

HERE = pathlib.Path(__file__).parent
random = np.random.default_rng(11)
N = 240
real = np.round(random.standard_t(3, N) * 10, 3)
real[::17] = np.nan
real[5] = np.inf
frame = pd.DataFrame({
    "real": real,
    "offset": 1e6 + np.round(random.normal(0, 1, N), 4),
    "whole": random.geometric(0.2, N) * random.integers(0, 2, N),
    "big": 2**53 + random.integers(0, 40, N),
    "when": pd.Timestamp("2020-12-01", tz="UTC") + pd.to_timedelta(random.integers(0, 600_000, N), unit="s"),
    "flag": random.random(N) < 0.3,
    "name": random.choice(["north", "south", "east", "a, quoted"], N, p=[0.6, 0.2, 0.15, 0.05]),
})
frame.loc[::9, "name"] = None
frame = pd.concat([frame, frame.iloc[[3, 3, 10]]], ignore_index=True)

written = frame.copy()
written["when"] = written["when"].dt.strftime("%Y-%m-%dT%H:%M:%SZ")
written["flag"] = written["flag"].map({True: "true", False: "false"})
written.to_csv(HERE / "table.csv", index=False)

columns = {}
for name, column in frame.items():
    there = column.dropna()
    out = {"count": int(there.size), "missing": int(column.isna().sum()), "distinct": int(there.nunique())}
    counts = there.astype(str).value_counts()
    if name in ("flag", "name"):
        out["frequent"] = {str(k).lower() if name == "flag" else k: int(v) for k, v in counts.items()}
    else:
        x = there.astype("int64").to_numpy() if name == "big" else there.to_numpy()
        if name == "when":
            x = (there - pd.Timestamp(0, tz="UTC")) / pd.Timedelta("1s")
        x = np.asarray(x, dtype=float)
        x = x[np.isfinite(x)]
        d = x - x.min()  # beyond 2^53 numpy's own sums are off; differences are exact
        out |= {"infinite": int(there.size - x.size), "zeros": int((x == 0).sum()), "min": x.min(), "max": x.max(),
                "mean": x.min() + d.mean(), "std": d.std(ddof=1), "skewness": stats.skew(d), "kurtosis": stats.kurtosis(d),
                "quantiles": np.percentile(x, [1, 5, 25, 50, 75, 95, 99]).tolist()}
    columns[name] = out
json.dump({"rows": len(frame), "duplicates": int(frame.duplicated().sum()), "columns": columns},
          open(HERE / "golden.json", "w"), indent=1)
