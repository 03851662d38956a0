"""Column statistics and percentiles by numpy and scipy: writes golden.csv beside this file. Needs numpy and scipy."""
import csv
import pathlib

import numpy as np
from scipy import stats

random = np.random.default_rng(5)
columns = {
    "normal": random.normal(0.0, 1.0, 200),
    "offset": random.normal(1e6, 1.0, 200),
    "heavy": random.standard_t(2.0, 200) * 50,
    "small": random.exponential(1e-6, 200),
    "ties": random.integers(0, 4, 200).astype(float),
}
with open(pathlib.Path(__file__).parent / "golden.csv", "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    for name, x in columns.items():
        x = np.float64(np.float32(x))
        x[::17] = np.nan
        there = x[~np.isnan(x)]
        answers = [there.size, there.mean(), there.var(ddof=1), stats.skew(there), stats.kurtosis(there),
                   there.min(), there.max()]
        out.writerow([name, "statistics"] + [repr(float(v)) for v in answers])
        out.writerow([name, "percentiles"] + [repr(float(v)) for v in np.percentile(there, [0, 10, 25, 50, 90, 99.5, 100])])
        out.writerow([name, "values"] + [repr(float(v)) for v in x])
