"""crisp profile beside pandas.describe() on a table of random doubles: seconds and peak memory, in one run.

    python3 perf/profile/compare.py BUILD/crisp [ROWS] [COLUMNS]

pandas gives count, mean, std, min, max and quartiles only; crisp also different values, duplicates, shape, histograms.
"""
import os
import subprocess
import sys
import tempfile
import time

import numpy as np
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet

PANDAS = """
import sys, pandas
path = sys.argv[1]
table = pandas.read_parquet(path) if path.endswith('.parquet') else pandas.read_csv(path)
described = table.describe()
if '--all' in sys.argv:
    table.nunique(), table.duplicated().sum(), table.skew(), table.kurt()
"""


def run(command):
    """Seconds and peak MiB of one process."""
    begin = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(child.pid, 0)
    if status != 0:
        sys.exit(f"{command[0]} failed")
    return time.perf_counter() - begin, usage.ru_maxrss / 1024


def best(command, times=3):
    return min(run(command) for _ in range(times))


def main():
    crisp = sys.argv[1]
    rows, columns = (int(argument) for argument in (sys.argv[2:] + ["1000000", "29"][len(sys.argv) - 2:]))
    random = np.random.default_rng(1)
    table = pa.table({f"x{i}": random.normal(size=rows) for i in range(columns)})
    with tempfile.TemporaryDirectory() as folder:
        paths = [f"{folder}/t.parquet", f"{folder}/t.csv"]
        pa.parquet.write_table(table, paths[0])
        pa.csv.write_csv(table, paths[1])
        del table
        print(f"{rows:,} x {columns} doubles, {os.cpu_count()} cores")
        print(f"{'':34}{'seconds':>9}{'MiB':>8}{'ratio':>8}")
        for path in paths:
            kind = path.rsplit(".", 1)[1]
            ours = best([crisp, "profile", path, "--threads", "2", "--quiet"])
            print(f"{kind + ': crisp profile':34}{ours[0]:9.2f}{ours[1]:8.0f}")
            for name, flags in (("pandas describe", []), ("pandas, as much as crisp", ["--all"])):
                theirs = best([sys.executable, "-c", PANDAS, path, *flags], 1)
                print(f"{kind + ': ' + name:34}{theirs[0]:9.2f}{theirs[1]:8.0f}{theirs[0] / ours[0]:7.1f}x")


if __name__ == "__main__":
    main()
