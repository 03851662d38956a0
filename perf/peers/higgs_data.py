"""Rows like those of a particle physics table: 28 numbers, 7 of them made from the others, and a label that follows from them with
noise. Seeded; float32, standardised by the training rows."""
import numpy as np


def higgs(rows, test_rows, seed=1):
    """x (rows x 28), y, test x, test y."""
    draw = np.random.default_rng(seed)
    every = rows + test_rows
    plain = draw.standard_normal((every, 7), np.float32)
    skewed = np.exp(0.5 * draw.standard_normal((every, 7), np.float32))
    angle = draw.uniform(-1.74, 1.74, (every, 4)).astype(np.float32)
    tag = draw.choice(np.float32([0, 1.09, 2.17]), (every, 3), p=[0.5, 0.3, 0.2])
    mass = [np.sqrt(skewed[:, i] ** 2 + skewed[:, i + 1] ** 2 +
                    2 * skewed[:, i] * skewed[:, i + 1] * np.cos(plain[:, i] - angle[:, i % 4]) + 0.01) for i in range(6)]
    mass = np.stack(mass + [np.log1p(skewed.sum(1))], 1).astype(np.float32)
    margin = (1.1 * np.sin(2 * plain[:, 0]) * skewed[:, 1] + 0.8 * (mass[:, 0] - mass[:, 3]) - 0.6 * np.abs(mass[:, 1] - 1.6) +
              0.7 * plain[:, 2] * plain[:, 3] + 0.5 * np.where(tag[:, 0] > 1, mass[:, 4] - 1.3, plain[:, 5]) -
              0.3 * mass[:, 6] ** 2 + 0.8 * draw.standard_normal(every, np.float32))
    y = (draw.random(every) < 1 / (1 + np.exp(-1.3 * (margin - np.median(margin))))).astype(np.float32)
    x = np.hstack([plain, skewed, angle, tag, mass]).astype(np.float32)
    x = (x - x[:rows].mean(0)) / x[:rows].std(0)
    return x[:rows], y[:rows], x[rows:], y[rows:]
