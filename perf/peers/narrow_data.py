"""A label that follows from columns of few values: 48 of two values, 12 of six, and 8 numbers, with noise. Seeded; float32."""
import numpy as np


def narrow(rows, test_rows, seed=3):
    """x (rows x 68), y, test x, test y."""
    draw = np.random.default_rng(seed)
    every = rows + test_rows
    two = (draw.random((every, 48)) < draw.uniform(0.1, 0.6, 48)).astype(np.float32)
    six = draw.integers(0, 6, (every, 12)).astype(np.float32)
    number = draw.standard_normal((every, 8)).astype(np.float32)
    margin = ((two[:, :20] * draw.normal(0, 0.6, 20)).sum(1) + two[:, 3] * two[:, 7] - two[:, 9] * number[:, 0] +
              (six[:, 0] == 3) * number[:, 1] + 0.4 * six[:, 1] * two[:, 11] - 0.3 * six[:, 2] + 0.5 * np.abs(number[:, 2]))
    y = (draw.random(every) < 1 / (1 + np.exp(-(margin - np.median(margin))))).astype(np.float32)
    x = np.hstack([two, six, number]).astype(np.float32)
    return x[:rows], y[:rows], x[rows:], y[rows:]
