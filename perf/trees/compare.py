"""crisp's gradient boosting and its peers' on the same rows, by turns, in one run; prints a table and one JSON document.

    python3 -m venv peers-cache/venv && peers-cache/venv/bin/pip install -r perf/peers/requirements.txt
    cmake -S . -B build/perf -G Ninja -DCRISP_PERF=ON && ninja -C build/perf gbdt_bench
    peers-cache/venv/bin/python perf/trees/compare.py --bench build/perf/perf/gbdt_bench

Rate 0.1, the job's L2 penalty (or --l2), hessian of at least 1 a leaf (YDF has no such bound: one row), 255 bins, no sampling, no early stopping;
leaf-wise peers grow --leaves leaves, depth-wise ones and CatBoost's symmetric ones --depth levels. A time is from float32 rows in memory to the trees, binning
with it. Every peer runs in a fresh process, --rounds times by turns; the least time counts (the machine may be shared). One that fails or takes
more than --limit seconds is not asked again. Memory is the process's peak above what it had with the rows loaded.
"""
import argparse, datetime, json, pathlib, subprocess, sys, time

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
CACHE = HERE.parent.parent / "peers-cache"
sys.path.insert(0, str(HERE.parent / "peers"))
import higgs_data, narrow_data, wide_data  # noqa: E402

TEST_ROWS = 100_000
JOBS = {"1 M x 28": ("higgs", 1_000_000), "100 k x 28": ("higgs", 100_000), "200 k x 200": ("wide", 200_000), "500 k x 68": ("narrow", 500_000)}
L2 = {"1 M x 28": 50, "100 k x 28": 50, "500 k x 68": 50}  # 1 of the others
SMALL_JOBS = {"5 k x 28": ("higgs", 5_000), "5 k x 200": ("wide", 5_000), "5 k x 68": ("narrow", 5_000)}  # to see whether all peers run


def files(data, rows):
    """Paths of training rows, labels, test rows, test labels."""
    CACHE.mkdir(exist_ok=True)
    paths = [CACHE / f"{data}_{rows}_{part}.f32" for part in ("x", "y", "test_x", "test_y")]
    if not all(path.exists() for path in paths):
        make = {"higgs": higgs_data.higgs, "wide": wide_data.wide, "narrow": narrow_data.narrow}[data]
        for path, array in zip(paths, make(rows, TEST_ROWS)):
            np.ascontiguousarray(array).tofile(path)
    return paths


def load(data, rows):
    x, y, test_x, test_y = [np.fromfile(path, np.float32) for path in files(data, rows)]
    columns = len(x) // len(y)
    return x.reshape(-1, columns), y, test_x.reshape(-1, columns), test_y


def quality(data, truth, scores):
    """ROC-AUC, or RMSE."""
    if data == "wide":
        return float(np.sqrt(np.mean((truth - scores) ** 2)))
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    ones = truth > 0.5
    hits = int(ones.sum())
    return float((ranks[ones].sum() - hits * (hits + 1) / 2) / (hits * (len(truth) - hits)))


def process_mb(name):
    """A figure of /proc/self/status."""
    status = pathlib.Path("/proc/self/status").read_text()
    return int(status.split(f"{name}:")[1].split()[0]) / 1024


def crisp(options, data, rows):
    paths = files(data, rows)
    columns = paths[0].stat().st_size // paths[1].stat().st_size
    command = [options.bench, paths[0], paths[1], rows, columns, paths[2], paths[3], TEST_ROWS, "squared" if data == "wide" else "logistic",
               options.trees, options.leaves, 0, options.threads, options.l2]
    return json.loads(subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True).stdout.splitlines()[-1])


def timed(data, rows, bin_rows, train):
    """What a peer's two steps take; `train` gives how to predict."""
    x, y, test_x, test_y = load(data, rows)
    pathlib.Path("/proc/self/clear_refs").write_text("5")  # forgets the peak so far: that of loading
    before, start = process_mb("VmRSS"), time.perf_counter()
    binned = bin_rows(x, y)
    middle = time.perf_counter()
    predict = train(binned)
    end = time.perf_counter()
    memory = process_mb("VmHWM") - before
    return {"bin": middle - start, "train": end - middle, "total": end - start, "memory_mb": memory, "quality": quality(data, test_y, predict(test_x))}


def lightgbm(options, data, rows, **more):
    import lightgbm as peer
    how = dict(objective="regression" if data == "wide" else "binary", num_leaves=options.leaves, learning_rate=0.1, max_bin=255, lambda_l2=options.l2,
               min_sum_hessian_in_leaf=1, min_data_in_leaf=1, num_threads=options.threads, verbosity=-1, seed=1, feature_pre_filter=False, **more)
    return timed(data, rows, lambda x, y: peer.Dataset(x, y, params=how).construct(), lambda binned: peer.train(how, binned, options.trees).predict)


def xgboost(options, data, rows, **more):
    import xgboost as peer
    how = dict(tree_method="hist", max_bin=256, eta=0.1, reg_lambda=options.l2, min_child_weight=1, nthread=options.threads,
               objective="reg:squarederror" if data == "wide" else "binary:logistic", **more)
    return timed(data, rows, lambda x, y: peer.QuantileDMatrix(x, y, max_bin=256, nthread=options.threads),
                 lambda binned: peer.train(how, binned, options.trees).inplace_predict)


def catboost(options, data, rows):
    import catboost as peer
    kind = peer.CatBoostRegressor if data == "wide" else peer.CatBoostClassifier
    model = kind(iterations=options.trees, learning_rate=0.1, border_count=254, l2_leaf_reg=options.l2, depth=options.depth, boosting_type="Plain",
                 bootstrap_type="No", leaf_estimation_iterations=1, thread_count=options.threads, random_seed=1, allow_writing_files=False,
                 verbose=False)

    def bins(x, y):
        pool = peer.Pool(x, y)
        pool.quantize(border_count=254)
        return pool

    def train(pool):
        model.fit(pool)
        return model.predict if data == "wide" else lambda x: model.predict_proba(x)[:, 1]
    return timed(data, rows, bins, train)


def ydf(options, data, rows):
    import ydf as peer
    peer.verbose(0)
    learner = peer.GradientBoostedTreesLearner(
        label="y", task=peer.Task.REGRESSION if data == "wide" else peer.Task.CLASSIFICATION, num_trees=options.trees, shrinkage=0.1,
        l2_regularization=float(options.l2), use_hessian_gain=True, growing_strategy="BEST_FIRST_GLOBAL", max_num_nodes=options.leaves, max_depth=-1, min_examples=1,
        discretize_numerical_columns=True, num_discretized_numerical_bins=255, validation_ratio=0.0, early_stopping="NONE",
        num_threads=options.threads, random_seed=1)

    def table(x):
        return {f"c{k}": x[:, k] for k in range(x.shape[1])}

    def bins(x, y):
        label = y if data == "wide" else y.astype(int)
        return peer.create_vertical_dataset({**table(x), "y": label}, discretize_numerical_columns=True, num_discretized_numerical_bins=255,
                                            columns=[peer.Column("y", peer.Semantic.NUMERICAL if data == "wide" else peer.Semantic.CATEGORICAL)],
                                            include_all_columns=True)

    def train(binned):
        model = learner.train(binned)
        swapped = data != "wide" and model.label_classes()[1] == "0"  # classes stand by their frequency

        def predict(x):
            answers = model.predict(table(x), num_threads=options.threads)
            return 1 - answers if swapped else answers
        return predict
    return timed(data, rows, bins, train)


PEERS = {
    "crisp": crisp,
    "LightGBM": lambda *a: lightgbm(*a, force_row_wise=True),
    "LightGBM, by column": lambda *a: lightgbm(*a, force_col_wise=True),
    "LightGBM, quantised": lambda *a: lightgbm(*a, force_row_wise=True, use_quantized_grad=True, num_grad_quant_bins=4, quant_train_renew_leaf=True),
    "XGBoost, leaf-wise": lambda o, *a: xgboost(o, *a, grow_policy="lossguide", max_depth=0, max_leaves=o.leaves),
    "XGBoost, depth-wise": lambda o, *a: xgboost(o, *a, grow_policy="depthwise", max_depth=o.depth),
    "CatBoost": catboost,
    "YDF": ydf,
}


def measure(name, job, limit):
    """The peer in a fresh process."""
    try:
        done = subprocess.run([sys.executable, *sys.argv, "--one", name, job], capture_output=True, text=True, timeout=limit)
    except subprocess.TimeoutExpired:
        return {"error": f"more than {limit} s"}
    if done.returncode != 0:
        return {"error": done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit {done.returncode}"}
    return json.loads(done.stdout.splitlines()[-1])


def print_table(job, results):
    print(f"\n{job:22}{'total s':>9}{'bin s':>8}{'train s':>9}{'over crisp':>12}{'quality':>10}{'memory MB':>11}", file=sys.stderr)
    for name, r in results.items():
        if "error" in r:
            print(f"  {name:20} {r['error']}", file=sys.stderr)
            continue
        ratio = r["total"] / results["crisp"]["total"] if "total" in results.get("crisp", {}) else float("nan")
        print(f"  {name:20}{r['total']:9.2f}{r['bin']:8.2f}{r['train']:9.2f}{ratio:12.2f}{r['quality']:10.4f}{r['memory_mb']:11.0f}", file=sys.stderr)


def penalty(options, job):
    return L2.get(job, 1) if options.l2 is None else options.l2


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default="build/perf/perf/gbdt_bench", help="the gbdt_bench program")
    parser.add_argument("--jobs", default="; ".join(JOBS), help=f"list with semicolons; also {'; '.join(SMALL_JOBS)}")
    parser.add_argument("--peers", default="; ".join(PEERS), help="list with semicolons")
    for name, default in {"trees": 100, "leaves": 255, "depth": 8, "threads": 2, "rounds": 2, "limit": 600}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--l2", type=int, help="of all jobs, instead of their own")
    parser.add_argument("--one", nargs=2, metavar=("PEER", "JOB"), help="run this one here and print its result")
    options = parser.parse_args()
    if options.one:
        options.l2 = penalty(options, options.one[1])
        print(json.dumps(PEERS[options.one[0]](options, *{**JOBS, **SMALL_JOBS}[options.one[1]])))
        return
    tables = {}
    for job in options.jobs.split("; "):
        files(*{**JOBS, **SMALL_JOBS}[job])
        rounds = {name: [] for name in options.peers.split("; ")}
        for _ in range(options.rounds):
            for name, found in rounds.items():
                if not any("error" in r for r in found):
                    found.append(measure(name, job, options.limit))
        tables[job] = {name: min(found, key=lambda r: r.get("total", float("inf"))) for name, found in rounds.items()}
        print_table(job, tables[job])
    print(json.dumps({"date": datetime.date.today().isoformat(), **vars(options), "l2": {job: penalty(options, job) for job in tables}, "results": tables}))


if __name__ == "__main__":
    main()
