"""crisp's nearest neighbours and k-means and their peers' on the same rows, in turns, in one run; prints tables and one JSON
document.

    python3 -m venv peers-cache/venv && peers-cache/venv/bin/pip install -r perf/peers/requirements.txt
    cmake -S . -B build/perf -G Ninja -DCRISP_PERF=ON && ninja -C build/perf distance_bench
    peers-cache/venv/bin/python perf/distance/compare.py --bench build/perf/perf/distance_bench

Every peer runs in a fresh process, `--rounds` times by turns, and repeats its work in it; the least time counts (the machine
may be shared). A time is from the rows in memory to the answer: crisp's and faiss's index and intelex's model are made anew.
k-means has the same first centroids for all ("given") or each one's own choice ("own": k-means++, for faiss random rows).
"""
import argparse, datetime, json, os, pathlib, subprocess, sys, time

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
CACHE = HERE.parent.parent / "peers-cache"
sys.path.insert(0, str(HERE.parent / "peers"))
from processor import processor  # noqa: E402

BLOBS = 64
ITERATIONS = 20  # as in distance_bench


def cpu_seconds():
    times = os.times()
    return times.user + times.system


def repeated(job, work):
    """Seconds of every repeat, and the last result."""
    seconds, cpu = [], []
    for _ in range(job.options.repeats):
        before, start = cpu_seconds(), time.perf_counter()
        result = work()
        seconds.append(time.perf_counter() - start)
        cpu.append(cpu_seconds() - before)
    return {"seconds": seconds, "cpu": cpu}, result


class Job:
    """What a peer is given."""

    def __init__(self, options):
        self.options = options
        o = options
        stem = f"distance_{o.data}_{o.rows}_{o.columns}"
        self.rows_file, self.queries_file = CACHE / f"{stem}.f32", CACHE / f"{stem}_{o.queries}.f32"
        self.start_file = CACHE / f"{stem}_start_{o.clusters}.f32"

    def prepare(self):
        CACHE.mkdir(exist_ok=True)
        o, random = self.options, np.random.default_rng(1)
        centers = random.normal(0, 2, (BLOBS, o.columns)) if o.data == "blobs" else np.zeros((1, o.columns))

        def rows(count):
            return (random.normal(size=(count, o.columns)) + centers[random.integers(0, len(centers), count)]).astype("f4")

        x = rows(o.rows)
        x.tofile(self.rows_file)
        rows(o.queries).tofile(self.queries_file)
        x[random.choice(o.rows, o.clusters, replace=False)].tofile(self.start_file)

    def load(self, file):
        return np.fromfile(file, np.float32).reshape(-1, self.options.columns)

    def rows(self):
        return self.load(self.rows_file)


def crisp(job, task, given):
    o, out = job.options, CACHE / f"answer_{os.getpid()}.i32"
    other = {"neighbours": (job.queries_file, o.queries, o.neighbours),
             "kmeans": (job.start_file, o.clusters if given else 0, o.clusters)}[task]
    command = [o.bench, task, job.rows_file, o.rows, other[0], other[1], o.columns, other[2], o.threads, o.repeats, out]
    line = subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True).stdout.splitlines()[-1]
    answer = np.fromfile(out, np.int32)
    out.unlink()
    return json.loads(line), answer.reshape(o.queries, -1) if task == "neighbours" else answer


def faiss(job, task, given):
    import faiss
    o, x = job.options, job.rows()
    faiss.omp_set_num_threads(o.threads)
    if task == "neighbours":
        def search():
            index = faiss.IndexFlatL2(o.columns)
            index.add(x)
            return index.search(job.load(job.queries_file), o.neighbours)[1]
        return repeated(job, search)

    def cluster():
        # All rows, as the others have them; faiss would take 256 a cluster.
        model = faiss.Kmeans(o.columns, o.clusters, niter=ITERATIONS, seed=1, max_points_per_centroid=len(x))
        model.train(x, init_centroids=job.load(job.start_file) if given else None)
        return model.index.search(x, 1)[1][:, 0]
    return repeated(job, cluster)


def scikit_learn(job, task, given, package="sklearn"):
    import importlib
    o, x = job.options, job.rows()
    if task == "neighbours":
        model = importlib.import_module(f"{package}.neighbors").NearestNeighbors
        return repeated(job, lambda: model(n_neighbors=o.neighbours, algorithm="brute", n_jobs=o.threads).fit(x)
                        .kneighbors(job.load(job.queries_file))[1])
    model = importlib.import_module(f"{package}.cluster").KMeans
    start = job.load(job.start_file) if given else "k-means++"
    return repeated(job, lambda: model(o.clusters, init=start, n_init=1, max_iter=ITERATIONS, tol=0, random_state=1)
                    .fit(x).labels_)


PEERS = {
    "crisp": crisp,
    "faiss": faiss,
    "scikit-learn-intelex": lambda *args: scikit_learn(*args, package="sklearnex"),
    "scikit-learn": scikit_learn,
}
TASKS = {"neighbours": ("neighbours", False), "k-means, given": ("kmeans", True), "k-means, own": ("kmeans", False)}


def inertia(x, labels, clusters):
    """Of the labels, about the means of their rows, in double."""
    x = x.astype(float)
    counts = np.maximum(np.bincount(labels, minlength=clusters), 1)
    means = np.stack([np.bincount(labels, x[:, j], clusters) / counts for j in range(x.shape[1])], 1)
    return float(((x - means[labels]) ** 2).sum())


def run_one(job, name, task):
    times, answer = PEERS[name](job, *TASKS[task])
    answer = np.ascontiguousarray(answer).astype(np.int32)
    if TASKS[task][0] == "kmeans":
        return {**times, "inertia": inertia(job.rows(), answer, job.options.clusters)}
    answer.tofile(CACHE / f"neighbours_{name}.i32")
    return times


def measure(name, task, options):
    """The peer in a fresh process."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([sys.executable, *sys.argv, "--one", name, task], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        return {"error": done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit {done.returncode}"}
    return json.loads(done.stdout.splitlines()[-1])


def merge(rounds, ours):
    """The least time of all, and the middle of the rounds' ratios: rounds are moments that both saw alike."""
    good = [r for r in rounds if "error" not in r]
    if not good:
        return rounds[-1]
    least = [min(r["seconds"]) for r in good]
    ratios = [min(r["seconds"]) / min(c["seconds"]) for r, c in zip(rounds, ours) if "error" not in r and "error" not in c]
    return {"seconds": min(least), "cpu": min(min(r["cpu"]) for r in good), "rounds": least,
            "paired_ratio": float(np.median(ratios)) if ratios else float("nan"),
            **{k: good[0][k] for k in ("inertia",) if k in good[0]}}


def print_table(task, results):
    ours = results.get("crisp", {})
    print(f"{task:24}{'least s':>9}{'ratio':>8}{'paired':>8}{'CPU s':>9}{'ratio':>8}{'inertia':>14}", file=sys.stderr)
    for name, r in results.items():
        if "error" in r:
            print(f"  {name:22} {r['error']}", file=sys.stderr)
            continue
        ratio, cpu_ratio = (r[k] / ours[k] if ours.get(k) else float("nan") for k in ("seconds", "cpu"))
        r["ratio"], r["cpu_ratio"] = ratio, cpu_ratio
        figure = f"{r['inertia']:14.0f}" if "inertia" in r else ""
        print(f"  {name:22}{r['seconds']:9.4f}{ratio:8.2f}{r['paired_ratio']:8.2f}{r['cpu']:9.4f}{cpu_ratio:8.2f}{figure}",
              file=sys.stderr)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default="build/perf/perf/distance_bench", help="the distance_bench program")
    parser.add_argument("--data", choices=["normal", "blobs"], default="normal", help="one cloud, or 64 of them")
    for name, default in {"rows": 200_000, "columns": 32, "queries": 10_000, "neighbours": 10, "clusters": 64,
                          "threads": 2, "rounds": 5, "repeats": 3}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--tasks", default="; ".join(TASKS), help="list with semicolons")
    parser.add_argument("--peers", default=",".join(PEERS), help="comma list")
    parser.add_argument("--one", nargs=2, metavar=("PEER", "TASK"), help="run this one here and print its result")
    options = parser.parse_args()
    job = Job(options)
    if options.one:
        print(json.dumps(run_one(job, *options.one)))
        return
    job.prepare()
    about = {"date": datetime.date.today().isoformat(), "processor": processor(), **vars(options)}
    tables = {}
    for task in options.tasks.split("; "):
        rounds = {name: [] for name in options.peers.split(",")}
        for _ in range(options.rounds):
            for name in rounds:
                rounds[name].append(measure(name, task, options))
        tables[task] = {name: merge(found, rounds.get("crisp", found)) for name, found in rounds.items()}
        print_table(task, tables[task])
    print(json.dumps({**about, "results": tables}))


if __name__ == "__main__":
    main()
