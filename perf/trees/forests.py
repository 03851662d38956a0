"""crisp's forests beside scikit-learn's and isotree's on the same rows, by turns, in one run; prints a table and one JSON document.

    python3 -m venv peers-cache/venv && peers-cache/venv/bin/pip install -r perf/peers/requirements.txt
    cmake -S . -B build/perf -G Ninja -DCRISP_PERF=ON && ninja -C build/perf forest_fit_bench
    peers-cache/venv/bin/python perf/trees/forests.py --bench build/perf/perf/forest_fit_bench

Rows as trips have them (perf/peers/trips_data.py). The isolation forest learns from all and scores all; the others learn which rows are anomalies
from four fifths of them and answer the last fifth. 100 trees, no out-of-bag score. Least time of --rounds; peers that are not installed are left out.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "peers"))
import trips_data  # noqa: E402


def roc_auc(truth, scores):
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    ones = int(truth.sum())
    return float((ranks[truth > 0.5].sum() - ones * (ones + 1) / 2) / (ones * (len(truth) - ones)))


def timed(fit, answer, truth):
    start = time.perf_counter()
    model = fit()
    fitted = time.perf_counter()
    scores = answer(model)
    return {"fit": fitted - start, "answer": time.perf_counter() - fitted, "roc_auc": roc_auc(truth, scores)}


def scikit_learn(model, x, y, held_out, threads, trees):
    from sklearn import ensemble
    if model == "isolation_forest":
        forest = ensemble.IsolationForest(n_estimators=trees, n_jobs=threads, random_state=1)
        return timed(lambda: forest.fit(x), lambda fitted: -fitted.score_samples(x), y)
    kind = ensemble.RandomForestClassifier if model == "random_forest" else ensemble.ExtraTreesClassifier
    forest = kind(n_estimators=trees, n_jobs=threads, random_state=1)
    train = len(x) - held_out
    return timed(lambda: forest.fit(x[:train], y[:train]), lambda fitted: fitted.predict_proba(x[train:])[:, 1], y[train:])


def isotree(model, x, y, held_out, threads, trees):
    if model != "isolation_forest":
        return None
    from isotree import IsolationForest
    forest = IsolationForest(ntrees=trees, sample_size=256, ndim=1, missing_action="fail", nthreads=threads, random_seed=1)
    return timed(lambda: forest.fit(x), lambda fitted: fitted.predict(x), y)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--bench", required=True)
    arguments.add_argument("--models", default="isolation_forest,random_forest,extra_trees")
    arguments.add_argument("--rows", type=int, default=trips_data.ROWS)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--trees", type=int, default=100)
    arguments.add_argument("--rounds", type=int, default=3)
    options = arguments.parse_args()
    x, y = trips_data.trips(options.rows)
    mixed = np.random.default_rng(1).permutation(len(x))
    x, y = np.ascontiguousarray(x[mixed]), y[mixed]
    held_out, results = len(x) // 5, {}
    with tempfile.TemporaryDirectory() as folder:
        paths = [f"{folder}/x.f32", f"{folder}/y.f32"]
        x.tofile(paths[0])
        y.tofile(paths[1])

        def crisp(model, *_):
            command = [options.bench, model, *paths, len(x), x.shape[1], held_out, options.threads, options.trees]
            return json.loads(subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout)

        for _ in range(options.rounds):
            for model in options.models.split(","):
                for peer in (crisp, scikit_learn, isotree):
                    try:
                        found = peer(model, x, y, held_out, options.threads, options.trees)
                    except ImportError:
                        continue
                    best = results.setdefault(f"{model} {peer.__name__}", found)
                    if found and found["fit"] + found["answer"] < best["fit"] + best["answer"]:
                        results[f"{model} {peer.__name__}"] = found
    print(f"{'':34} {'fit s':>8} {'answer s':>9} {'ROC-AUC':>8}")
    for name, found in results.items():
        if found:
            print(f"{name:34} {found['fit']:8.3f} {found['answer']:9.3f} {found['roc_auc']:8.4f}")
    print(json.dumps({"rows": len(x), "threads": options.threads, "trees": options.trees, "results": results}))


if __name__ == "__main__":
    main()
