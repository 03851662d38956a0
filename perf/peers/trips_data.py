"""Rows as trips have them, from a seed: 29 correlated columns with heavy tails, 5 % anomalies of four kinds."""
import numpy as np

ROWS, COLUMNS = 177_840, 29


def trips(rows=ROWS, seed=3, share=0.05):
    """X float32 rows x 29, y 1 for an anomaly."""
    draw = np.random.default_rng(seed)
    factors = draw.standard_t(5, (rows, 6))
    loading = draw.standard_normal((6, COLUMNS)) * (draw.random((6, COLUMNS)) < 0.5)
    loading[draw.integers(0, 6, COLUMNS), np.arange(COLUMNS)] += 1.0
    z = factors @ loading + 0.35 * draw.standard_normal((rows, COLUMNS))
    z /= z.std(axis=0)

    chosen = draw.choice(rows, int(rows * share), replace=False)
    y = np.zeros(rows, np.float32)
    y[chosen] = 1
    mixed, shifted, cluster, inflated = np.array_split(chosen, 4)
    for row in mixed:  # columns of other rows: every value usual, not their company
        columns = draw.choice(COLUMNS, 14, replace=False)
        z[row, columns] = 1.3 * z[draw.integers(0, rows, 14), columns]
    for row in shifted:  # a few columns far out
        columns = draw.choice(COLUMNS, 4, replace=False)
        z[row, columns] += draw.choice([-1, 1], 4) * draw.uniform(2.5, 6, 4)
    centre = 1.6 * draw.standard_normal(COLUMNS)
    z[cluster] = 0.15 * z[cluster] + centre + 0.3 * draw.standard_normal((len(cluster), COLUMNS))
    z[inflated] *= draw.uniform(1.5, 3.0, (len(inflated), 1))

    x = z.copy()
    x[:, :12] = np.exp(np.clip(0.8 * z[:, :12], -12, 9))  # durations, distances
    x[:, 12:18] = np.sign(z[:, 12:18]) * np.abs(z[:, 12:18]) ** 1.5
    x[:, 18:22] = np.round(3 * z[:, 18:22])  # counts
    return np.ascontiguousarray(x, np.float32), y
