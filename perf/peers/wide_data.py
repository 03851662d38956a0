"""A regression on many columns: 200 numbers, 30 of which the target follows from, with noise. Seeded; float32."""
import numpy as np


def wide(rows, test_rows, seed=2):
    """x (rows x 200), y, test x, test y."""
    draw = np.random.default_rng(seed)
    every = rows + test_rows
    x = draw.standard_normal((every, 200), np.float32)
    x[:, 50:100] = 0.7 * x[:, 50:100] + 0.7 * x[:, :50]
    x[:, 100:150] = np.exp(0.6 * x[:, 100:150])
    x[:, 150:180] = np.round(4 * x[:, 150:180])
    weight = draw.standard_normal(30).astype(np.float32)
    used = x[:, draw.choice(200, 30, replace=False)]
    y = (used[:, :10] @ weight[:10] + 2 * np.sin(2 * used[:, 10:20]) @ weight[10:20] +
         (used[:, 20:25] * np.tanh(used[:, 25:30])) @ weight[20:25] + draw.standard_normal(every, np.float32))
    return x[:rows], y.astype(np.float32)[:rows], x[rows:], y.astype(np.float32)[rows:]
