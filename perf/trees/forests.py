"""crisp's forests beside scikit-learn's and isotree's on the same rows, by turns, in one run; prints a table and one JSON document.

    python3 -m venv peers-cache/venv && peers-cache/venv/bin/pip install -r perf/peers/requirements.txt
    cmake -S . -B build/perf -G Ninja -DCRISP_PERF=ON && ninja -C build/perf forest_fit_bench
    peers-cache/venv/bin/python perf/trees/forests.py --bench build/perf/perf/forest_fit_bench

Rows as trips have them (perf/peers/trips_data.py). The isolation forest learns from --rows and scores them all; the others, whose trees have a leaf
for nearly every row, learn which rows are anomalies from four fifths of --grown-rows and answer the last fifth. --trees trees, no out-of-bag score.
Least times of --rounds by turns, and the middle of the rounds' ratios (rounds are moments that both saw alike); peers that are not installed are
left out.
"""
import argparse
import datetime
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


PEERS = {"scikit-learn": scikit_learn, "isotree": isotree}


def crisp(bench, model, x, y, held_out, threads, trees):
    with tempfile.TemporaryDirectory() as folder:
        paths = [f"{folder}/x.f32", f"{folder}/y.f32"]
        x.tofile(paths[0])
        y.tofile(paths[1])
        command = [bench, model, *paths, len(x), x.shape[1], held_out, threads, trees]
        return json.loads(subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True).stdout)


def rows_of(count):
    x, y = trips_data.trips(count)
    mixed = np.random.default_rng(1).permutation(len(x))
    return np.ascontiguousarray(x[mixed]), y[mixed]


def rounds_of(options, model):
    """What each found, a list over the rounds."""
    x, y = rows_of(options.rows if model == "isolation_forest" else options.grown_rows)
    asked = (model, x, y, len(x) // 5, options.threads, options.trees)
    rounds = {}
    for _ in range(options.rounds):
        rounds.setdefault("crisp", []).append(crisp(options.bench, *asked))
        for name, peer in PEERS.items():
            try:
                found = peer(*asked)
            except ImportError:
                continue
            if found:
                rounds.setdefault(name, []).append(found)
    return rounds


def merged(rounds):
    """The least of each time, and the middle of the ratios to crisp's."""
    results = {}
    for name, found in rounds.items():
        results[name] = {"fit": min(r["fit"] for r in found), "answer": min(r["answer"] for r in found), "roc_auc": found[0]["roc_auc"]}
        results[name]["ratio"] = float(np.median([(r["fit"] + r["answer"]) / (c["fit"] + c["answer"]) for r, c in zip(found, rounds["crisp"])]))
    return results


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--bench", default="build/perf/perf/forest_fit_bench", help="the forest_fit_bench program")
    arguments.add_argument("--models", default="isolation_forest,random_forest,extra_trees")
    for name, default in {"rows": trips_data.ROWS, "grown-rows": 40_000, "threads": 2, "trees": 100, "rounds": 3}.items():
        arguments.add_argument(f"--{name}", type=int, default=default)
    options = arguments.parse_args()
    results = {model: merged(rounds_of(options, model)) for model in options.models.split(",")}
    print(f"{'':34}{'fit s':>9}{'answer s':>10}{'over crisp':>12}{'ROC-AUC':>9}", file=sys.stderr)
    for model, found in results.items():
        for name, r in found.items():
            print(f"{model + ' ' + name:34}{r['fit']:9.3f}{r['answer']:10.3f}{r['ratio']:12.2f}{r['roc_auc']:9.4f}", file=sys.stderr)
    print(json.dumps({"date": datetime.date.today().isoformat(), **vars(options), "results": results}))


if __name__ == "__main__":
    main()
