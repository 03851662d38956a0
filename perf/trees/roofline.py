#!/usr/bin/env python3
"""The floor under a boosting round, and under a tree of a forest, on EC2's GPUs: what its memory traffic and its shared-memory atomics take at
the vendors' peaks. A bound from data sheets, not a measurement and not a prediction.

    perf/trees/roofline.py

Bytes a row: its score and target when the largest gradient is found, and again with its word when words are written; at every level of the
tree its index, code and place when rows are parted, and of the smaller half of the rows index, record and word when histograms are built;
its index and score when leaves answer. A record is read in whole sectors of 32 bytes; a single code or score of a row that lies apart
costs a sector too. Atomics: two 32-bit ones of shared memory a row and column; a multiprocessor does 32 lanes a clock where no two meet a
bank, about a third of that where cells are drawn at random (the fullest of 32 banks holds 3.5 of 32 balls on average).
A forest's tree, of classes, grown until a leaf has three rows: at every level index, code and place when rows are parted, and for each column that a node
draws its index and a sector each for code, count and class; three atomics, of the row and of its weight's two halves.
"""
import math
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "static"))
from check_kernels import GPUS  # noqa: E402

SECTOR = 32
FULLEST_BANK = 3.5
# name: multiprocessors, boost clock in GHz (vendors' data sheets), in the order of check_kernels.GPUS.
PROCESSORS = {"g4dn T4": (40, 1.59), "g5 A10G": (80, 1.71), "g6 L4": (58, 2.04), "g6e L40S": (142, 2.52), "p4d A100": (108, 1.41),
              "p5 H100": (132, 1.98), "p5e H200": (132, 1.98), "p6 B200": (148, 1.97)}

# rows, columns, leaves of a tree.
TREES = [("1 M x 28, 31 leaves", 1_000_000, 28, 31), ("11 M x 28, 255 leaves", 11_000_000, 28, 255), ("1 M x 200, 255 leaves", 1_000_000, 200, 255)]

# rows, columns that a node draws.
FORESTS = [("forest, 100 k, 5 columns", 100_000, 5), ("forest, 1 M, 5 columns", 1_000_000, 5)]


def record_bytes(columns):
    least = (columns + 4 + 15) // 16 * 16
    return least + 16 if least % 64 == 48 else least  # as BinnedRows::stride_of()


PART = 4 + SECTOR + 4 + 4 + 4 + 2 / 8  # of a row and level: index, code, scattered, brought back, a vote written and read


def bytes_of_row(columns, levels):
    words = 2 * (4 + 4) + SECTOR
    build = 0.5 * (4 + math.ceil(record_bytes(columns) / SECTOR) * SECTOR)
    root = 4 + record_bytes(columns)
    answer = 4 + 2 * SECTOR
    return words + root + levels * (PART + build) + answer


def atomics_of_row(columns, levels):
    return 2 * columns * (1 + 0.5 * levels)


def bytes_of_forest_row(drawn, levels):
    return levels * (PART + drawn * (4 + 3 * SECTOR))


def trees():
    """Name, rows, bytes and atomics of a row."""
    for title, rows, columns, leaves in TREES:
        levels = math.log2(leaves)  # a balanced tree: the fewest
        yield title, rows, bytes_of_row(columns, levels), atomics_of_row(columns, levels)
    for title, rows, drawn in FORESTS:
        levels = math.log2(rows / 3)
        yield title, rows, bytes_of_forest_row(drawn, levels), 3 * drawn * levels


def main():
    print("Floor of one round, a tree, in ms: memory / atomics (the larger binds)")
    print(f"{'':26}{'bytes a row':>12}{'atomics':>9}" + "".join(f"{name:>15}" for name, *_ in GPUS))
    for title, rows, moved, atomics in trees():
        cells = []
        for name, bandwidth, *_ in GPUS:
            processors, clock = PROCESSORS[name]
            memory = rows * moved / (bandwidth * 1e6)
            added = rows * atomics * FULLEST_BANK / (processors * 32 * clock * 1e6)
            cells.append(f"{memory:.2f} / {added:.2f}")
        print(f"{title:26}{moved:12.0f}{atomics:9.0f}" + "".join(f"{c:>15}" for c in cells))


if __name__ == "__main__":
    main()
