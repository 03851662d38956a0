"""Distances by scipy, neighbours and clusters by scikit-learn: writes golden.csv beside this file."""
import csv
import pathlib
import warnings

import numpy as np
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans
from sklearn.neighbors import NearestNeighbors

random = np.random.default_rng(11)
warnings.simplefilter("ignore")
rows = random.normal(0, 3, (60, 5)).astype(np.float32)
rows[30:] += np.float32(8)
queries = np.concatenate([random.normal(2, 4, (9, 5)), rows[:2]]).astype(np.float32)
METRICS = {"l2": "euclidean", "l2_squared": "sqeuclidean", "l1": "cityblock", "cosine": "cosine"}
NEIGHBOURS = 6
# Ordinary first centroids, and two of which no row is near, so that they are empty at first.
STARTS = {"near": rows[[3, 17, 40, 55]], "empty": np.concatenate([rows[[3, 40]], np.full((2, 5), 900, np.float32)
                                                                   + np.float32([[0], [50]])])}


def numbers(values):
    return [repr(float(v)) for v in np.asarray(values).ravel()]


with open(pathlib.Path(__file__).parent / "golden.csv", "w", newline="") as file:
    out = csv.writer(file, lineterminator="\n")
    out.writerow(["rows", "values"] + numbers(rows))
    out.writerow(["queries", "values"] + numbers(queries))
    for name, metric in METRICS.items():
        out.writerow([name, "distances"] + numbers(cdist(queries.astype(float), rows.astype(float), metric)))
        found = NearestNeighbors(n_neighbors=NEIGHBOURS, algorithm="brute", metric=metric).fit(rows.astype(float))
        out.writerow([name, "neighbours"] + numbers(found.kneighbors(queries.astype(float))[1]))
    for name, start in STARTS.items():
        fitted = KMeans(len(start), init=start.astype(float), n_init=1, tol=1e-4).fit(rows.astype(float))
        out.writerow([name, "start"] + numbers(start))
        out.writerow([name, "centroids"] + numbers(fitted.cluster_centers_))
        out.writerow([name, "labels"] + numbers(fitted.labels_))
        out.writerow([name, "fit"] + numbers([fitted.inertia_, fitted.n_iter_]))
