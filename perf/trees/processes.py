"""Boosting by one process and by several on one machine, by turns: seconds of training, bytes on the loopback a tree.

    processes.py CRISP [--other CRISP] [--rows 1000000] [--columns 28] [--rounds 50] [--sizes 1 2] [--threads 1] [--turns 3]

Each of several processes gets --threads threads, the one process too; --other: a second program, by one process, to compare with.
Other programs that speak over the loopback at the same time are counted too."""
import argparse
import json
import os
import pathlib
import socket
import statistics
import subprocess
import tempfile

import numpy
import pyarrow
import pyarrow.parquet


def loopback_bytes():
    for line in pathlib.Path("/proc/net/dev").read_text().splitlines():
        if line.strip().startswith("lo:"):
            return int(line.split(":")[1].split()[8])
    return 0


def table(rows, columns):
    draw = numpy.random.default_rng(1)
    values = draw.normal(size=(rows, columns)).astype(numpy.float32)
    score = values[:, 0] * values[:, 1] + numpy.abs(values[:, 2]) + values[:, 3] + draw.normal(size=rows)
    return pyarrow.table({**{f"x{j}": values[:, j] for j in range(columns)}, "y": numpy.where(score > 0.8, "yes", "no")})


def train(program, size, arguments, out):
    """Seconds of the training, bytes a tree."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    before = loopback_bytes()
    runs = []
    for rank in range(size):
        of_launcher = dict(RANK=str(rank), WORLD_SIZE=str(size), LOCAL_RANK=str(rank), LOCAL_WORLD_SIZE=str(size), MASTER_ADDR="127.0.0.1",
                           MASTER_PORT=str(port))
        runs.append(subprocess.Popen([program, *arguments, "-o", out, "--force", "--quiet"], env={**os.environ, **of_launcher},
                                     stdout=subprocess.DEVNULL))
    for run in runs:
        if run.wait() != 0:
            raise SystemExit(f"{program} failed")
    told = json.loads((pathlib.Path(out) / "run.json").read_text())
    return told["timings"]["seconds"], (loopback_bytes() - before) / told["training"]["facts"]["trees"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("crisp")
    parser.add_argument("--other")
    parser.add_argument("--rows", type=int, default=1000000)
    parser.add_argument("--columns", type=int, default=28)
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--sizes", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--turns", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        data = f"{folder}/data.parquet"
        pyarrow.parquet.write_table(table(given.rows, given.columns), data)
        arguments = ["train", data, "--target", "y", "--model", "gbdt", "--set", f"n_estimators={given.rounds}", "--threads", str(given.threads),
                     "--checkpoint-every", "never"]
        ways = {f"{size} processes": (given.crisp, size) for size in given.sizes}
        if given.other:
            ways["other"] = (given.other, 1)
        times = {way: [] for way in ways}
        sent = {}
        for _ in range(given.turns):
            for way, (program, size) in ways.items():
                seconds, sent[way] = train(program, size, arguments, f"{folder}/out")
                times[way].append(seconds)
        for way in ways:
            print(f"{way}: {statistics.median(times[way]):.2f} s ({min(times[way]):.2f} ... {max(times[way]):.2f}), {sent[way] / 1e6:.2f} MB a tree")


if __name__ == "__main__":
    main()
