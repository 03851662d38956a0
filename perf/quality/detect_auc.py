"""ROC-AUC of `crisp detect` with its defaults on labelled tables, beside scikit-learn's IsolationForest of the same size
where scikit-learn is installed.

    python perf/quality/detect_auc.py build/release/crisp FOLDER_OF_CSVS [--model knn] [--seeds 5] [--out results.json]

Every CSV of the folder needs a column `label`, 1 = anomaly. The tables that docs/results.md speaks of are the classical
sets of ADBench (BSD-2-Clause): 2_annthyroid 4_breastw 18_Ionosphere 20_letter 23_mammography 28_pendigits 29_Pima
32_shuttle 38_thyroid 40_vowels 41_Waveform.
"""
import argparse
import json
import pathlib
import statistics
import subprocess


def crisp_auc(program, model, table, seed):
    command = [program, "detect", table, "--model", model, "--label", "label", "--seed", str(seed), "--json", "--quiet"]
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["metrics"]["roc_auc"]


def isolation_forest_auc(table, seed, model):
    try:
        import numpy
        from sklearn.ensemble import IsolationForest
        from sklearn.metrics import roc_auc_score
    except ImportError:
        return None
    with open(table) as file:
        names = file.readline().strip().split(",")
        data = numpy.genfromtxt(file, delimiter=",")
    truth = data[:, names.index("label")]
    rows = numpy.delete(data, names.index("label"), axis=1)
    trees, samples = (100, 256) if model == "isolation_forest" else (50, 200)
    forest = IsolationForest(n_estimators=trees, max_samples=min(samples, len(rows)), random_state=seed).fit(rows)
    return roc_auc_score(truth, -forest.score_samples(rows))


def mean(values):
    values = list(values)
    return None if None in values else statistics.mean(values)


def shown(value):
    return "      –" if value is None else f"{value:7.4f}"


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("crisp")
    arguments.add_argument("folder")
    arguments.add_argument("--model", default="random_cut_forest")
    arguments.add_argument("--seeds", type=int, default=5)
    arguments.add_argument("--out")
    options = arguments.parse_args()
    results = {}
    print(f"{'table':28} {'crisp':>7} {'IsolationForest':>16}")
    for table in sorted(pathlib.Path(options.folder).glob("*.csv")):
        if "label" not in table.open().readline().strip().split(","):
            continue
        seeds = range(1, options.seeds + 1)
        ours = mean(crisp_auc(options.crisp, options.model, table, seed) for seed in seeds)
        theirs = mean(isolation_forest_auc(table, seed, options.model) for seed in seeds)
        results[table.stem] = {"crisp": ours, "isolation_forest": theirs}
        print(f"{table.stem:28} {shown(ours)} {shown(theirs):>16}", flush=True)
    means = {key: mean(row[key] for row in results.values()) for key in ("crisp", "isolation_forest")}
    print(f"{'mean of ' + str(len(results)):28} {shown(means['crisp'])} {shown(means['isolation_forest']):>16}")
    if options.out:
        pathlib.Path(options.out).write_text(json.dumps({"tables": results, "mean": means}, indent=1) + "\n")


if __name__ == "__main__":
    main()
