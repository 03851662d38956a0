#!/usr/bin/env python3
"""What can be said of the kernels without a GPU: compiles every .cu for the architectures of EC2's GPUs and fails on a
register spill or on local memory; prints registers, shared memory, occupancy, and the time that memory alone would take.

  perf/static/check_kernels.py            all seven architectures
  perf/static/check_kernels.py --short    two of them (what tools/test runs)
  perf/static/check_kernels.py --sass     also counts instructions (installs two small wheels into .venv)
"""
import argparse
import collections
import concurrent.futures
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ALL = [75, 80, 86, 89, 90, 100, 120]
SHORT = [75, 90]

# The flags of cmake/CrispToolchain.cmake: what is measured must be what ships.
FLAGS = ["-std=c++20", "-O3", "--fmad=false", "-DNDEBUG", f"-I{ROOT}", f"-I{ROOT}/src"]

# A stack frame is local memory. These kernels have one for a good reason, up to so many bytes.
ALLOWED_STACK = {
    "HaversineRow": (64, "argument reduction of sin and cos beyond 2^30, which degrees never reach"),
    "BearingRow": (64, "the same"),
}

# Threads and dynamic shared bytes of kernels that are not launched with 256 and 0, by architecture (0: the others).
# score_rows<true>: what plan_scoring() chooses for trees of 200 points and 29 columns: (threads + 2 x boxes) x 29 x 4
# bytes, with 100 boxes at a time on sm_75 and all 199 elsewhere.
SHAPES = {
    "chunk_sums": {0: (512, 0)},
    "count_first_digits": {0: (512, 0)},
    "score_rows<true>": {75: (352, 64032), 80: (288, 79576), 86: (448, 98136), 89: (448, 98136), 120: (448, 98136),
                         0: (512, 105560)},
    "score_rows<false>": {0: (128, 14848)},
    # 28 columns of 256 codes: two 32-bit halves a cell.
    "add_slices": {0: (512, 57344)},
    "split_numbers": {0: (128, 0)},
    "split_categories": {0: (32, 20480)},
    "best_of_columns": {0: (32, 0)},
    "add_cells": {0: (32, 0)},
    # Two classes, 256 codes: 3 cells of 16 bytes a code.
    "impurity_of_columns": {0: (256, 12288)},
    "purest_of_columns": {0: (32, 0)},
}

# name, bandwidth GB/s, double-precision and single-precision GFLOP/s: vendors' data sheets.
GPUS = [("g4dn T4", 320, 254, 8100), ("g5 A10G", 600, 488, 31200), ("g6 L4", 300, 473, 30300),
        ("g6e L40S", 864, 1430, 91600), ("p4d A100", 1555, 9700, 19500), ("p5 H100", 3350, 33500, 67000),
        ("p5e H200", 4800, 33500, 67000), ("p6 B200", 8000, 37000, 75000)]

# operation, rows, bytes moved per row, double operations per row, single operations per row: lower bounds.
C = 29
OPERATIONS = [
    (f"standardise 10 M x {C}", 10_000_000, 8 * C, 0, 3 * C),
    (f"one-pass statistics 10 M x {C}", 10_000_000, 4 * C, 10 * C, 2 * C),
    ("haversine 10 M pairs", 10_000_000, 40, 110, 0),
    ("segments: sums of 10 M values", 10_000_000, 8, 6, 0),
    # 50 trees; a row climbs 5 of the 8 to 10 boxes of its path on average, 5 operations a column and box.
    (f"random cut forest scores 177,840 x {C}", 177_840, 4 * C + 8, 50, 50 * 5 * 5 * C),
]


def sources():
    """Every .cu of ours; algorithm.cu holds Thrust's kernels but for one, and takes longer than the rest together."""
    files = sorted([*ROOT.glob("cuda/*.cu"), *ROOT.glob("kernels/*/*.cu")])
    return [f for f in files if f.name != "algorithm.cu"]


def compile_one(job):
    source, architectures, folder = job
    out = Path(folder) / (source.stem + ".o")
    codes = [f"-gencode=arch=compute_{a},code=sm_{a}" for a in architectures]
    command = ["nvcc", *FLAGS, *codes, "-Xptxas=-v,--warn-on-spills", "-c", str(source), "-o", str(out)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"perf/static: {source.relative_to(ROOT)} does not compile:\n{done.stderr}")
    return source, out, done.stderr


def demangle(names):
    done = subprocess.run(["c++filt"], input="\n".join(names), capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def short_name(full):
    """'row_kernel<...HaversineRow>' of the full signature."""
    text = re.sub(r"\(anonymous namespace\)::|crisp::gpu::|crisp::rcf::|crisp::|^void ", "", full)
    depth, end = 0, len(text)
    for i, c in enumerate(text):
        depth += (c == "<") - (c == ">")
        if c == "(" and depth == 0:
            end = i
            break
    return re.sub(r"\(bool\)1", "true", re.sub(r"\(bool\)0", "false", text[:end]))


def parse(log):
    """(mangled name, sm) -> facts, from ptxas -v."""
    facts, key = {}, None
    for line in log.splitlines():
        if m := re.search(r"Compiling entry function '(\S+)' for 'sm_(\d+)", line):
            key = (m[1], int(m[2]))
            facts[key] = dict(registers=0, shared=0, stack=0, spill=0)
        elif key and (m := re.search(r"(\d+) bytes stack frame, (\d+) bytes spill stores, (\d+) bytes spill loads", line)):
            facts[key].update(stack=int(m[1]), spill=int(m[2]) + int(m[3]))
        elif key and (m := re.search(r"Used (\d+) registers", line)):
            shared = re.search(r"(\d+) bytes smem", line)
            facts[key].update(registers=int(m[1]), shared=int(shared[1]) if shared else 0)
    return {k: v for k, v in facts.items() if k[0].startswith("_ZN5crisp")}


def shape_of(name, sm):
    for kernel, shapes in SHAPES.items():
        if name.startswith(kernel):
            return shapes.get(sm, shapes[0])
    return 256, 0


def occupancies(rows, folder):
    """For each (name, sm, facts): {gpu: (percent, limit)}."""
    program = Path(folder) / "occupancy"
    include = Path(shutil.which("nvcc")).resolve().parents[1] / "include"
    subprocess.run(["c++", "-std=c++20", "-w", f"-I{include}", str(ROOT / "perf/static/occupancy.cc"), "-o", str(program)],
                   check=True)
    lines = []
    for name, sm, f in rows:
        threads, dynamic = shape_of(name, sm)
        lines.append(f"{sm} {threads} {f['registers']} {f['shared']} {dynamic}")
    done = subprocess.run([str(program)], input="\n".join(lines), capture_output=True, text=True, check=True)
    answers, current = [], {}
    for line in done.stdout.splitlines():
        if line == ".":
            answers.append(current)
            current = {}
        else:
            gpu, _, percent, limit = line.split()
            current[gpu] = (int(percent), limit)
    return answers


def cuobjdump(install):
    """The disassembler: on the path, or from the wheels in .venv."""
    if found := shutil.which("cuobjdump"):
        return found
    wheels = list((ROOT / ".venv").glob("lib/python3*/site-packages/nvidia/**/bin/cuobjdump"))
    if not wheels and install:
        pip = [str(ROOT / ".venv/bin/pip"), "install", "-q", "nvidia-cuda-cuobjdump", "nvidia-cuda-nvdisasm"]
        subprocess.run(pip, check=True)
        wheels = list((ROOT / ".venv").glob("lib/python3*/site-packages/nvidia/**/bin/cuobjdump"))
    return str(wheels[0]) if wheels else None


def count_sass(tool, objects):
    """(short name, sm) -> instruction counts."""
    counts = {}
    env = dict(os.environ, PATH=f"{Path(tool).parent}:{os.environ['PATH']}")
    for out in objects:
        text = subprocess.run([tool, "-sass", str(out)], capture_output=True, text=True, env=env).stdout
        sm, key = 0, None
        for line in text.splitlines():
            if m := re.search(r"arch = sm_(\d+)", line):
                sm = int(m[1])
            elif m := re.search(r"Function : (\S+)", line):
                key = (m[1], sm)
                counts[key] = collections.Counter()
            elif key and (m := re.search(r"/\*[0-9a-f]{4,}\*/\s+(?:@!?U?P\w+\s+)?([A-Z][A-Z0-9_.]*)", line)):
                counts[key][m[1]] += 1
    return {k: v for k, v in counts.items() if k[0].startswith("_ZN5crisp")}


def summary(counter):
    def total(pattern):
        return sum(n for op, n in counter.items() if re.match(pattern, op))
    return (f"{sum(counter.values()):5d} instructions, vector loads {total(r'LD[GS].*(64|128)')}, loads {total('LD[GS]')}, "
            f"shared atomics {total('ATOMS')}, global atomics {total('(ATOMG|RED)')}, double {total('D(ADD|MUL|FMA)')}, "
            f"shuffles {total('SHFL')}, local {total('(LDL|STL)')}")


def print_roofline():
    print("\nLower bounds in ms (the larger of memory and arithmetic; not predictions):")
    print(f"{'':42}" + "".join(f"{name:>11}" for name, *_ in GPUS))
    for name, rows, bytes_row, doubles, singles in OPERATIONS:
        cells = []
        for _, bandwidth, gflops64, gflops32 in GPUS:
            memory = rows * bytes_row / (bandwidth * 1e6)
            arithmetic = max(rows * doubles / (gflops64 * 1e6), rows * singles / (gflops32 * 1e6))
            cells.append(f"{max(memory, arithmetic):9.2f}{'a' if arithmetic > memory else 'm'}")
        print(f"{name:42}" + "".join(f"{c:>11}" for c in cells))
    print("m: bound by memory, a: by arithmetic")


def faults_of(name, facts):
    faults = []
    if facts["spill"]:
        faults.append(f"spills {facts['spill']} bytes of registers")
    allowed = max((limit for key, (limit, _) in ALLOWED_STACK.items() if key in name), default=0)
    if facts["stack"] > allowed and not facts["spill"]:
        faults.append(f"uses {facts['stack']} bytes of local memory a thread")
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--short", action="store_true", help="sm_75 and sm_90 only")
    parser.add_argument("--sass", action="store_true", help="count instructions; installs the disassembler if missing")
    options = parser.parse_args()
    if not shutil.which("nvcc"):
        os.environ["PATH"] += ":/usr/local/cuda/bin"
    if not shutil.which("nvcc"):
        sys.exit("perf/static: nvcc is not on the path; run tools/setup")
    architectures = SHORT if options.short else ALL
    bad = []
    with tempfile.TemporaryDirectory() as folder:
        jobs = [(source, architectures, folder) for source in sources()]
        with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
            compiled = list(pool.map(compile_one, jobs))
        facts = {}
        for _, _, log in compiled:
            facts.update(parse(log))
        keys = sorted(facts)
        names = dict(zip(keys, map(short_name, demangle([k[0] for k in keys]))))
        rows = [(names[k], k[1], facts[k]) for k in keys]
        tool = cuobjdump(options.sass) if options.sass else None
        sass = count_sass(tool, [out for _, out, _ in compiled]) if tool else {}
        print(f"{'kernel':62} {'sm':>4} {'regs':>5} {'shared':>7} {'stack':>6} {'spill':>6}  occupancy")
        for key, (name, sm, f), occupancy in zip(keys, rows, occupancies(rows, folder)):
            text = ", ".join(f"{gpu} {percent}% ({limit})" for gpu, (percent, limit) in occupancy.items())
            print(f"{name[:62]:62} {sm:4} {f['registers']:5} {f['shared']:7} {f['stack']:6} {f['spill']:6}  {text}")
            if key in sass:
                print(f"{'':67}{summary(sass[key])}")
            bad += [f"{name} on sm_{sm} {fault}" for fault in faults_of(name, f)]
            bad += [f"{name} does not fit {gpu}" for gpu, (percent, _) in occupancy.items() if percent == 0]
    print_roofline()
    kernels = len({name for name, _, _ in rows})
    print(f"\n{kernels} kernels, {len(architectures)} architectures: " + ("no spill" if not bad else f"{len(bad)} faults"))
    for fault in bad:
        print("FAULT:", fault)
    return 1 if bad or not rows else 0


if __name__ == "__main__":
    sys.exit(main())
