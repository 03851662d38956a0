#!/usr/bin/env python3
"""Does anybody notice? Breaks the device code in one place at a time - each barrier dropped, bounds and arithmetic bent -
and lists which of the three emulated test programs fails. Needs a finished build of them.

  tests/emulation/mutate.py build/release [FILE...] [--builds plain,asan,trace]
"""
import argparse
import json
import re
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Where device code is broken, and the tests that should mind.
FILES = {
    "kernels/anomaly/random_cut_forest_build.cu": "*ForestBuild*",
    "kernels/anomaly/random_cut_forest_score.cu": "*ForestScore*",
    "kernels/statistics/column_statistics.cu": "*ColumnStatistics*",
    "kernels/statistics/percentiles.cu": "*Percentile*",
    "kernels/segments/segment_statistics.cu": "*Segment*",
    "kernels/scale/scale.cu": "*Scale*",
    "kernels/scale/power_fit.cu": "*PowerFit*",
    "kernels/histogram/bin_rows.cu": "*BinRows*",
    "kernels/histogram/gradient.cu": "*Gradients*",
    "kernels/histogram/histogram_nodes.cu": "*HistogramNodes*",
    "kernels/histogram/leaf_values.cu": "*LeafValues*",
    "kernels/histogram/partition_nodes.cu": "*PartitionNodes*",
    "kernels/histogram/split_nodes.cu": "*SplitNodes*",
    "tests/cuda/block_test_kernels.cu": "*Block*",
    "cuda/block.h": "*Block*",
}
# A header is broken for one .cu file that includes it.
USERS = {"cuda/block.h": "tests/cuda/block_test_kernels.cu"}
BENT = [
    (r"i < range\.last;", "i <= range.last;"), (r"k < size\.samples;", "k <= size.samples;"),
    (r"atomicAdd\(&(\S+), 1u\)", r"++(\1)"), (r"threadIdx\.x < count\b", "threadIdx.x <= count"),
    (r"column < rows\.columns", "column <= rows.columns"), (r"i < size;", "i <= size;"),
    (r"i < end;", "i <= end;"), (r"half \* stride", "half"), (r"\? shape\.group : ", "? 1 : "),
    (r"if \(lane == 0\) out", "out"), (r"rank\.before", "rank.total"), (r"\+ 0\.0f", ""),
    (r"begin \+ lane;", "begin;"), (r"i = begin \+ threadIdx\.x;", "i = begin;"), (r"\b(\w+) == \1\b", "true"),
    (r"(values\[i\]) == \1", "true"), (r"\bj = lane;", "j = lane + 1;"), (r"j < rows\.columns;", "j < rows.columns - 1;"),
    (r"place\.index \+ 1 < count", "place.index + 2 < count"), (r"> 0\.0 \? sqrt\(squares\) : 1\.0", "> 0.0 ? sqrt(squares) : 0.0"),
    (r"chunk < chunks;", "chunk < chunks - 1;"), (r"\? begin \+ (\w+) :", r"? begin + \1 - 1 :"),
    (r"slot < 0\) break", "false) break"), (r"> bound", ">= bound"), (r"< bound", "<= bound"),
    (r"histogram\[k\] = 0", "histogram[k] = 1"), (r"\.fill_zero\(exec\);", ".size();"), (r"warp == warp_index\(\)", "warp + 1 == warp_index()"),
    (r"int warp = 1;", "int warp = 2;"), (r"\(1u << lane_index\(\)\) - 1", "(1u << lane_index())"), (r">= distance", "> distance"),
    (r"before \+ addend < before", "false"), (r"candidate > score\b", "candidate >= score"), (r"left\.score > right\.score", "left.score >= right.score"),
    (r"other < k\b", "other <= k"), (r"k \+ 1 < values", "k < values"), (r"all \+ first \+ i", "all + i"), (r"source < count\b", "source <= count"),
    (r"lane < count\b", "lane <= count"), (r"i < rest\b", "i <= rest"), (r"\(lane_bit - 1\)", "lane_bit"), (r"k < chunk\.number", "k <= chunk.number"),
    (r"sums \+= before;", ""), (r"kWarp / 2; distance > 0", "kWarp / 4; distance > 0"),
]


def mutants(text):
    """(what, broken text): code only, a comment is no mutant."""
    for m in re.finditer(r"__sync(threads|warp)\(\);", text):
        line = text.count("\n", 0, m.start()) + 1
        yield f"line {line}: drop {m[0]}", text[:m.start()] + ";" + text[m.end():]
    for pattern, replacement in BENT:
        for m in re.finditer(pattern, text):
            line = text.count("\n", 0, m.start()) + 1
            yield f"line {line}: {m[0]} -> {m.expand(replacement)}", text[:m.start()] + m.expand(replacement) + text[m.end():]


class Variant:
    def __init__(self, build, name):
        self.build, self.name = build, name
        commands = json.loads((build / "compile_commands.json").read_text())
        marker = f"emulated_device_{name}.dir"
        self.compile = {c["file"]: c["command"] for c in commands if marker in c["command"]}
        lines = subprocess.run(["ninja", "-C", str(build), "-t", "commands", f"emulated_{name}_tests"],
                               capture_output=True, text=True, check=True).stdout.splitlines()
        self.link = next(l for l in reversed(lines) if f"emulated_{name}_tests" in l and " -c " not in l)

    def notices(self, file, text, tests, folder):
        source, out, program = Path(folder) / "mutant.cu", Path(folder) / "mutant.o", Path(folder) / "program"
        user = USERS.get(file, file)
        source.write_text((ROOT / user).read_text() if file in USERS else text)
        header = Path(folder) / file  # found first, because it lies beside the source
        header.parent.mkdir(parents=True, exist_ok=True)
        header.write_text(text)
        command = self.compile[str(ROOT / user)]
        old = re.search(r"-o (\S+)", command)[1]
        command = re.sub(r" -M[DTF]( \S+\.o(\.d)?)?", "", command).replace(old, str(out)).replace(f"-c {ROOT / user}", f"-c {source}")
        if subprocess.run(command, shell=True, cwd=self.build, capture_output=True).returncode:
            return None
        linked = self.link.replace(old, str(out)).replace(f"-o tests/emulation/emulated_{self.name}_tests", f"-o {program}")
        subprocess.run(linked, shell=True, cwd=self.build, check=True, capture_output=True)
        run = [str(program), f"--gtest_filter={tests}", "--gtest_repeat=6", "--gtest_fail_fast", "--gtest_brief=1"]
        try:
            return subprocess.run(run, capture_output=True, timeout=120).returncode != 0
        except subprocess.TimeoutExpired:
            return True


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=Path)
    parser.add_argument("--builds", default="plain,asan,trace", help="which of the three; fewer take less time")
    parser.add_argument("files", nargs="*", metavar="FILE")
    options = parser.parse_args()
    build, files = options.build.resolve(), options.files or list(FILES)
    variants = [Variant(build, name) for name in options.builds.split(",")]
    total, caught = 0, {v.name: 0 for v in variants}
    survivors = []
    for file in files:
        text = (ROOT / file).read_text()
        for what, broken in mutants(text):
            with tempfile.TemporaryDirectory() as folder:
                found = {v.name: v.notices(file, broken, FILES[file], folder) for v in variants}
            if None in found.values():
                continue
            total += 1
            for name, noticed in found.items():
                caught[name] += noticed
            words = " ".join(f"{name} {'CAUGHT' if noticed else '-':7}" for name, noticed in found.items())
            print(f"{Path(file).name} {what[:80]:82} {words}", flush=True)
            if not any(found.values()):
                survivors.append(f"{file} {what}")
    print(f"{total} mutants; caught: " + ", ".join(f"{k} {v}" for k, v in caught.items()) + f"; by nobody: {len(survivors)}")
    for survivor in survivors:
        print("SURVIVED", survivor)


if __name__ == "__main__":
    main()
