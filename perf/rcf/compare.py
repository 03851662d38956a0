"""crisp's forest and its peers on the same rows, in turns, in one run; prints a table and one JSON document.

    python3 -m venv peers-cache/venv && peers-cache/venv/bin/pip install -r perf/peers/requirements.txt
    cmake -S . -B build/perf -G Ninja -DCRISP_PERF=ON && ninja -C build/perf rcf_bench
    peers-cache/venv/bin/python perf/rcf/compare.py --bench build/perf/perf/rcf_bench

Every peer runs in a fresh process, `--rounds` times by turns; the least time counts (the machine may be shared). AWS's
forests are made for streams, so their training sends every row through every tree's sampler; the peers named "sample"
get only as many rows as the trees hold (a shuffled trees x samples of them), which is what a batch forest reads.
"""
import argparse, datetime, json, os, pathlib, subprocess, sys, time

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
CACHE = HERE.parent.parent / "peers-cache"
sys.path.insert(0, str(HERE.parent / "peers"))
import trips_data  # noqa: E402
from processor import processor  # noqa: E402


def auc(truth, scores):
    from scipy.stats import rankdata
    ranks, positive = rankdata(scores), truth > 0.5
    n1 = int(positive.sum())
    return float((ranks[positive].sum() - n1 * (n1 + 1) / 2) / (n1 * (len(truth) - n1)))


def cpu_seconds():
    """Of this process and the children that have ended: what counts where other people's work takes the cores."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def timed(work):
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def fit_and_score(job, fit, score):
    """Seconds of both, and the quality of the scores."""
    cpu = cpu_seconds()
    train_seconds, model = timed(fit)
    score_seconds, scores = timed(lambda: score(model))
    return {"train": [train_seconds], "score": [score_seconds], "cpu": [cpu_seconds() - cpu],
            "auc": auc(job.truth(), scores)}, model


class Job:
    """What a peer is given: the rows, their truth, the file they lie in, and the sizes."""

    def __init__(self, options):
        self.options = options
        self.file = CACHE / f"trips_{options.rows}.f32"
        self.truth_file = CACHE / f"trips_{options.rows}_truth.npy"

    def prepare(self):
        CACHE.mkdir(exist_ok=True)
        if not self.truth_file.exists():
            x, y = trips_data.trips(self.options.rows)
            x.tofile(self.file)
            np.save(self.truth_file, y)

    def rows(self):
        return np.fromfile(self.file, np.float32).reshape(-1, trips_data.COLUMNS)

    def truth(self):
        return np.load(self.truth_file)

    def program(self, command, *more):
        """Runs a program that prints its seconds as JSON and writes its scores."""
        o, out = self.options, CACHE / f"scores_{os.getpid()}.f64"
        sizes = [o.rows, trips_data.COLUMNS, o.trees, o.samples, o.threads, o.repeats]
        line = subprocess.run([*command, str(self.file), *map(str, sizes), str(out), *map(str, more)],
                              check=True, capture_output=True, text=True).stdout.splitlines()[-1]
        scores = np.fromfile(out)
        out.unlink()
        return {**json.loads(line), "auc": auc(self.truth(), scores)}


def crisp(job):
    return job.program([job.options.bench])


def aws_java(job, sampled=False):
    import importlib.util
    folder = importlib.util.find_spec("jrcf").submodule_search_locations[0]
    train_rows = min(job.options.rows, job.options.trees * job.options.samples) if sampled else job.options.rows
    java = ["java", "-Xmx4g", "-cp", f"{folder}/lib/*", str(HERE.parent / "peers" / "AwsForest.java")]
    return job.program(java, train_rows)


def aws_rust(job, sampled=False):
    """Calls from Python cost it about 1 us a row; two processes share the scoring, because it holds Python's lock."""
    from krcf import RandomCutForest
    from concurrent.futures import ThreadPoolExecutor
    o, x = job.options, job.rows()
    lists = x.tolist()
    chosen = np.random.default_rng(1).permutation(len(x))[: o.trees * o.samples] if sampled else range(len(x))

    def train():
        forest = RandomCutForest({"dimensions": x.shape[1], "shingle_size": 1, "num_trees": o.trees,
                                  "sample_size": o.samples, "lambda": 0.0, "random_seed": 1, "output_after": 1})
        for i in chosen:
            forest.update(lists[i])
        return forest

    def part(forest, k):
        read, write = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(read)
            mine = lists[len(lists) * k // o.threads: len(lists) * (k + 1) // o.threads]
            with os.fdopen(write, "wb") as pipe:
                pipe.write(np.array([forest.score(row) for row in mine]).tobytes())
            os._exit(0)
        os.close(write)
        with os.fdopen(read, "rb") as pipe:
            scores = np.frombuffer(pipe.read())
        os.waitpid(child, 0)
        return scores

    def score(forest):
        with ThreadPoolExecutor(o.threads) as pool:
            return np.concatenate(list(pool.map(lambda k: part(forest, k), range(o.threads))))

    result, forest = fit_and_score(job, train, score)
    cpu = cpu_seconds()
    for row in lists[:2000]:
        forest.score(row)
    return {**result, "one_row_us": (cpu_seconds() - cpu) / 2000 * 1e6}


def scikit_learn(job):
    from sklearn.ensemble import IsolationForest
    o, x = job.options, job.rows()
    model = IsolationForest(n_estimators=o.trees, max_samples=o.samples, random_state=1, n_jobs=o.threads)
    return fit_and_score(job, lambda: model.fit(x), lambda fitted: -fitted.score_samples(x))[0]


def isotree(job):
    from isotree import IsolationForest
    o, x = job.options, job.rows()
    model = IsolationForest(ntrees=o.trees, sample_size=o.samples, nthreads=o.threads, random_seed=1, ndim=1,
                            prob_pick_avg_gain=0, missing_action="fail")
    return fit_and_score(job, lambda: model.fit(x), lambda fitted: fitted.predict(x))[0]


PEERS = {
    "crisp": crisp,
    "AWS Rust": aws_rust,
    "AWS Rust, sample": lambda job: aws_rust(job, sampled=True),
    "AWS Java": aws_java,
    "AWS Java, sample": lambda job: aws_java(job, sampled=True),
    "isotree (isolation forest)": isotree,
    "scikit-learn IsolationForest": scikit_learn,
}


def measure(name, options):
    """The peer in a fresh process."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([sys.executable, *sys.argv, "--one", name], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        return {"error": done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit {done.returncode}"}
    return json.loads(done.stdout.splitlines()[-1])


def merge(rounds):
    good = [r for r in rounds if "error" not in r]
    if not good:
        return rounds[-1]
    totals = [t + s for r in good for t, s in zip(r["train"], r["score"])]
    best = int(np.argmin(totals))
    train, score, cpu = ([v for r in good for v in r[part]] for part in ("train", "score", "cpu"))
    merged = {"total": totals[best], "train": train[best], "score": score[best], "cpu": min(cpu), "runs": totals,
              "auc": good[0]["auc"]}
    singles = [r["one_row_us"] for r in good if "one_row_us" in r]
    return {**merged, **({"one_row_us": min(singles)} if singles else {})}


def print_table(results):
    ours = results.get("crisp", {})
    heads = f"{'train s':>9}{'score s':>9}{'total s':>9}{'ratio':>8}{'CPU s':>9}{'ratio':>8}{'AUC':>8}{'one row us':>12}"
    print(f"{'':30}{heads}", file=sys.stderr)
    for name, r in results.items():
        if "error" in r:
            print(f"{name:30} {r['error']}", file=sys.stderr)
            continue
        r["ratio"], r["cpu_ratio"] = (r[k] / ours[k] if ours.get(k) else float("nan") for k in ("total", "cpu"))
        times = f"{r['train']:9.4f}{r['score']:9.4f}{r['total']:9.4f}{r['ratio']:8.1f}{r['cpu']:9.4f}{r['cpu_ratio']:8.1f}"
        single = f"{r['one_row_us']:12.1f}" if "one_row_us" in r else ""
        print(f"{name:30}{times}{r['auc']:8.4f}{single}", file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default="build/perf/perf/rcf_bench", help="the rcf_bench program")
    parser.add_argument("--rows", type=int, default=trips_data.ROWS)
    parser.add_argument("--trees", type=int, default=50)
    parser.add_argument("--samples", type=int, default=200)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--repeats", type=int, default=3, help="runs inside one process, for programs that warm up")
    parser.add_argument("--peers", default=",".join(PEERS).replace(", ", "; "), help="comma list")
    parser.add_argument("--one", help="run this peer here and print its result")
    options = parser.parse_args()
    job = Job(options)
    if options.one:
        print(json.dumps(PEERS[options.one](job)))
        return
    job.prepare()
    names = [name.replace("; ", ", ") for name in options.peers.split(",")]
    rounds = {name: [] for name in names}
    for _ in range(options.rounds):
        for name in names:
            rounds[name].append(measure(name, options))
    results = {name: merge(found) for name, found in rounds.items()}
    print_table(results)
    about = {"date": datetime.date.today().isoformat(), "processor": processor(), "threads": options.threads,
             "rows": options.rows, "columns": trips_data.COLUMNS, "trees": options.trees, "samples": options.samples}
    print(json.dumps({**about, "results": results}))


if __name__ == "__main__":
    main()
