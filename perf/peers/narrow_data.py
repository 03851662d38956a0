"""A label that follows from columns of few values: 30 of two values, 10 of six, 20 of forty, and 8 numbers, with noise. Seeded; float32."""
import numpy as np


def narrow(rows, test_rows, seed=3):
    """x (rows x 68), y, test x, test y."""
    draw = np.random.default_rng(seed)
    every = rows + test_rows
    two = (draw.random((every, 30)) < draw.uniform(0.1, 0.6, 30)).astype(np.float32)
    six = draw.integers(0, 6, (every, 10)).astype(np.float32)
    forty = draw.integers(0, 40, (every, 20)).astype(np.float32)
    number = draw.standard_normal((every, 8)).astype(np.float32)
    margin = ((two[:, :15] * draw.normal(0, 0.6, 15)).sum(1) + two[:, 3] * two[:, 7] - two[:, 9] * number[:, 0] +
              (six[:, 0] == 3) * number[:, 1] + 0.05 * forty[:, 1] * two[:, 11] - 0.3 * six[:, 2] + 0.5 * np.abs(number[:, 2]) -
              (forty[:, 0] > 20) * number[:, 3])
    y = (draw.random(every) < 1 / (1 + np.exp(-(margin - np.median(margin))))).astype(np.float32)
    x = np.hstack([two, six, forty, number]).astype(np.float32)
    return x[:rows], y[:rows], x[rows:], y[rows:]
