#!/usr/bin/env python3
"""What reading a table in parts costs a training: rows a second beside those of the table in memory, and the peak memory of both, by
turns; a row in memory as bytes a cell. A million rows of 28 columns by default. With --small the net is so small that reading has to
keep up with it.

    .venv/bin/python perf/nets/stream.py build/release/crisp [--rows 1000000] [--columns 28] [--runs 3] [--memory-limit 512M] [--small]
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import tempfile

import numpy
import pyarrow
import pyarrow.parquet


def write_table(path, rows, columns, group):
    draw = numpy.random.default_rng(1)
    weights = draw.normal(size=columns)
    writer = None
    for begin in range(0, rows, group):
        values = draw.normal(size=(min(group, rows - begin), columns))
        data = {f"x{j}": values[:, j] for j in range(columns)}
        data["y"] = numpy.where(values @ weights + draw.normal(size=len(values)) > 0, "yes", "no")
        table = pyarrow.table(data)
        writer = writer or pyarrow.parquet.ParquetWriter(path, table.schema)
        writer.write_table(table, row_group_size=group)
    writer.close()


def train(program, folder, epochs, *more):
    """Rows a second of the training alone, seconds of all phases, and megabytes at most."""
    run = subprocess.Popen([program, "train", folder / "data.parquet", "--target", "y", "--model", "mlp", "--set", f"epochs={epochs}",
                            "--set", "patience=0", "-o", folder / "run", "--force", "--quiet", *more],
                           stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(run.pid, 0)
    assert status == 0, "the training failed"
    record = json.loads((folder / "run" / "run.json").read_text())
    seconds = sum(phase["seconds"] for phase in record["phases"])
    return record["timings"]["rows_per_second"], seconds, usage.ru_maxrss / 1024


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=28)
    parser.add_argument("--group", type=int, default=50_000)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--memory-limit", default="512M")
    parser.add_argument("--small", action="store_true")
    options = parser.parse_args()
    program = options.program.resolve()
    with tempfile.TemporaryDirectory(dir=".") as scratch:
        folder = pathlib.Path(scratch).resolve()
        write_table(folder / "data.parquet", options.rows, options.columns, options.group)
        net = ["--set", "hidden_layers=16", "--set", "numeric_pieces=0", "--set", "batch_size=8192"] if options.small else ["--set", "batch_size=1024"]
        kinds = {"in memory": [*net, "--stream", "never"], "in parts": [*net, "--stream", "always", "--memory-limit", options.memory_limit]}
        taken = {kind: [] for kind in kinds}
        for _ in range(options.runs):
            for kind, more in kinds.items():
                taken[kind].append(train(program, folder, options.epochs, *more))
                rate, seconds, megabytes = taken[kind][-1]
                print(f"{kind}: {rate:,.0f} rows/s, {seconds:.1f} s in all, {megabytes:.0f} MB at most", flush=True)
    ratios = [parts[0] / memory[0] for parts, memory in zip(taken["in parts"], taken["in memory"])]
    whole = [parts[1] / memory[1] for parts, memory in zip(taken["in parts"], taken["in memory"])]
    cell = min(run[2] for run in taken["in memory"]) * 2**20 / (options.rows * (options.columns + 1))
    print(f"in parts: {statistics.median(ratios):.2f} times the rows a second ({min(ratios):.2f} to {max(ratios):.2f}); "
          f"{statistics.median(whole):.2f} times the seconds of all phases; in memory a cell takes {cell:.0f} bytes, the program's own included")


if __name__ == "__main__":
    main()
