#!/usr/bin/env python3
"""Ten minutes on an EC2 GPU: does crisp give the right answers there, and how fast is it?

  perf/gpu/run.py            builds, tests, times; writes gpu-report-NAME.txt in the working directory
  perf/gpu/run.py --quick    without compute-sanitizer and profilers

Send the report back in an issue: it names the GPU, driver and versions, and nothing else of the machine.
The steps are independent: one that cannot run is written down as such, and the next one starts.
"""
import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "gpu"
TESTS = ["tests/cuda/cuda_tests", "tests/engines/engine_tests"]
sys.path.insert(0, str(ROOT / "perf" / "static"))
import check_kernels  # noqa: E402  (the table of GPUs and their bandwidths)


class Report:
    def __init__(self):
        self.lines, self.faults, self.skipped = [], [], []

    def say(self, text=""):
        print(text, flush=True)
        self.lines.append(text)

    def head(self, text):
        self.say(f"\n== {text}")

    def skip(self, text):
        self.skipped.append(text)
        self.say(f"SKIPPED: {text}")

    def fault(self, text):
        self.faults.append(text)
        self.say(f"FAULT: {text}")


def run(report, command, timeout=600, keep=40):
    """Runs a command; returns (exit status, output). Keeps the last lines in the report."""
    start = time.monotonic()
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=timeout)
        status, output = done.returncode, done.stdout + done.stderr
    except subprocess.TimeoutExpired:
        status, output = 124, f"stopped after {timeout} s"
    name = " ".join(Path(c).name if i == 0 else c.replace(str(ROOT), ".") for i, c in enumerate(command))
    report.say(f"$ {name}   [{status}, {time.monotonic() - start:.0f} s]")
    for line in output.splitlines()[-keep:]:
        report.say("  " + line.replace(str(ROOT), "."))
    return status, output


def describe_gpu(report):
    report.head("GPU")
    if not shutil.which("nvidia-smi"):
        report.fault("no nvidia-smi: is the driver installed?")
        return None
    query = "name,compute_cap,memory.total,driver_version,power.limit,clocks.max.sm,clocks.max.mem"
    status, output = run(report, ["nvidia-smi", f"--query-gpu={query}", "--format=csv"])
    if status != 0 or len(output.splitlines()) < 2:
        report.fault("nvidia-smi finds no GPU")
        return None
    name, capability = [part.strip() for part in output.splitlines()[1].split(",")[:2]]
    run(report, ["nvcc", "--version"], keep=2)
    return name, capability.replace(".", "")


def build(report, architecture):
    report.head("build")
    env_path = f"{ROOT}/.venv/bin:/usr/local/cuda/bin:" + os.environ["PATH"]
    os.environ["PATH"] = env_path
    configure = ["cmake", "-S", str(ROOT), "-B", str(BUILD), "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
                 "-DCRISP_PERF=ON", f"-DCRISP_CUDA_ARCHITECTURES={architecture}"]
    if run(report, configure, keep=3)[0] != 0:
        report.fault("cmake failed: run tools/setup first")
        return False
    targets = ["perf_gpu", "perf_gpu_boosting", *(Path(t).name for t in TESTS)]
    if run(report, ["cmake", "--build", str(BUILD), "--target", *targets], timeout=1800, keep=3)[0] != 0:
        report.fault("the build failed")
        return False
    return True


def test(report):
    report.head("parity with the CPU, on this GPU")
    for program in TESTS:
        status, output = run(report, [str(BUILD / program), "--gtest_filter=*/cuda:Devices*", "--gtest_brief=1"], keep=30)
        passed = re.search(r"PASSED\s+\] (\d+)", output)
        if status != 0:
            report.fault(f"{program} failed")
        elif "SKIPPED" in output or not passed or int(passed[1]) == 0:
            report.fault(f"{program} skipped its tests: crisp does not see the GPU")


def sanitize(report):
    report.head("compute-sanitizer")
    if not shutil.which("compute-sanitizer"):
        return report.skip("compute-sanitizer is not installed (CUDA toolkit)")
    for tool in ("memcheck", "racecheck", "initcheck", "synccheck"):
        for program in TESTS:
            command = ["compute-sanitizer", "--tool", tool, "--error-exitcode", "9", str(BUILD / program),
                       "--gtest_filter=*/cuda", "--gtest_brief=1"]
            if run(report, command, timeout=300, keep=6)[0] != 0:
                report.fault(f"compute-sanitizer {tool} objects to {program}")


def bandwidth_of(gpu):
    """The data sheet's bandwidth of the EC2 GPU whose model is in nvidia-smi's name; 0 when unknown."""
    for name, bandwidth, *_ in check_kernels.GPUS:
        if name.split()[-1].lower() in gpu.lower().replace("-", " ").split():
            return bandwidth
    return 0


def timings(report, gpu):
    report.head("timings")
    status, output = run(report, [str(BUILD / "perf/gpu/perf_gpu"), "cuda:0"], keep=0)
    if status != 0:
        report.say(output)
        return report.fault("the timings failed")
    peak = bandwidth_of(gpu)
    report.say(f"{'operation':28} {'ms':>10} {'GB/s':>9} {'of copy':>8} {'of sheet':>9}")
    rows = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
    copy = next((r["gigabytes_per_second"] for r in rows if r["operation"] == "copy"), 0)
    for r in rows:
        rate = r["gigabytes_per_second"]
        share = f"{100 * rate / copy:7.0f}%" if copy else ""
        sheet = f"{100 * rate / peak:8.0f}%" if peak else "unknown"
        report.say(f"{r['operation']:28} {r['milliseconds']:10.3f} {rate:9.1f} {share:>8} {sheet:>9}")


NETS = [(64, 256), (256, 4096), (1024, 16384)]  # units of each hidden layer, rows of a batch


def net_run(report, device, hidden, batch, graph):
    """The JSON line of one training, or None; a net that fell back to the CPU is a fault."""
    os.environ["CRISP_CUDA_GRAPH"] = "1" if graph else "0"
    status, output = run(report, [str(BUILD / "perf/gpu/perf_gpu_nets"), device, str(hidden), str(batch)], keep=4)
    line = next((text for text in output.splitlines() if text.startswith("{")), None)
    if status != 0 or line is None or "on the CPU" in output:
        report.fault(f"the net 28-{hidden}-{hidden}-1 did not train on {device}")
        return None
    return json.loads(line)


def nets(report):
    """Needs LibTorch for the plug-in; its products on the GPU are cuBLAS's or our own."""
    report.head("steps of nets")
    if run(report, ["cmake", "--build", str(BUILD), "--target", "crisp_nn", "nn_tests", "perf_gpu_nets"], timeout=1800, keep=3)[0] != 0:
        return report.skip("no LibTorch here: tools/setup --nets")
    status, output = run(report, [str(BUILD / "tests/nn/nn_tests"), "--gtest_filter=*Device*", "--gtest_brief=1"], keep=30)
    if status != 0 or "SKIPPED" in output:
        report.fault("the step on this GPU does not agree with the CPU's")
    report.say(f"{'net':>22} {'batch':>6} {'recorded':>12} {'not':>12} {'CPU':>12}  rows/s")
    for hidden, batch in NETS:
        recorded, plain, cpu = (net_run(report, device, hidden, batch, graph)
                                for device, graph in (("cuda:0", True), ("cuda:0", False), ("cpu", True)))
        if not (recorded and plain and cpu):
            continue
        rates = " ".join(f"{r['rows_per_second']:12,.0f}" for r in (recorded, plain, cpu))
        report.say(f"{f'28-{hidden}-{hidden}-1':>22} {batch:6} {rates}")
        if recorded["losses"] != plain["losses"]:
            report.fault(f"a recorded step gives other losses: {recorded['losses']}, not {plain['losses']}")
        if any(abs(a - b) > 2e-3 for a, b in zip(recorded["losses"], cpu["losses"])):
            report.fault(f"the losses differ from the CPU's: {recorded['losses']}, {cpu['losses']}")
    os.environ.pop("CRISP_CUDA_GRAPH", None)


BOOSTINGS = [(1_000_000, 31), (1_000_000, 255), (5_000_000, 255)]  # rows, leaves of a tree


def boosting(report):
    """Rows a second of boosted trees, and one model on both devices."""
    report.head("boosted trees")
    report.say(f"{'rows':>10} {'leaves':>7} {'GPU':>14} {'CPU':>14}  rows/s a round")
    for rows, leaves in BOOSTINGS:
        lines = []
        for device in ("cuda:0", "cpu"):
            status, output = run(report, [str(BUILD / "perf/gpu/perf_gpu_boosting"), device, str(rows), str(leaves)], keep=3)
            lines += [json.loads(line) for line in output.splitlines() if line.startswith("{") and status == 0]
        if len(lines) != 2:
            report.fault(f"boosting of {rows:,} rows did not run on both devices")
            continue
        report.say(f"{rows:10,} {leaves:7} {lines[0]['rows_per_second']:14,.0f} {lines[1]['rows_per_second']:14,.0f}")
        if lines[0]["hash"] != lines[1]["hash"]:
            report.fault(f"boosting of {rows:,} rows gives other trees on the GPU: {lines[0]['hash']}, not {lines[1]['hash']}")


def profile(report):
    report.head("profilers")
    program = str(BUILD / "perf/gpu/perf_gpu")
    if shutil.which("nsys"):
        trace = str(BUILD / "timeline")
        run(report, ["nsys", "profile", "-t", "cuda,nvtx", "--force-overwrite", "true", "-o", trace, program, "cuda:0", "1000000"], keep=3)
        run(report, ["nsys", "stats", "--report", "nvtx_sum,cuda_gpu_kern_sum,cuda_gpu_mem_time_sum", trace + ".nsys-rep"], keep=70)
    else:
        report.skip("nsys is not installed")
    if shutil.which("ncu"):
        sections = ["--section", "SpeedOfLight", "--section", "Occupancy", "--section", "MemoryWorkloadAnalysis"]
        run(report, ["ncu", *sections, "--launch-count", "40", "--kernel-name", "regex:crisp|row_kernel|score_rows|chunk_sums|grow_trees",
                     program, "cuda:0", "1000000"], keep=400)
    else:
        report.skip("ncu is not installed")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="no compute-sanitizer, no profilers")
    options = parser.parse_args()
    report = Report()
    report.say(f"crisp on a GPU, {time.strftime('%Y-%m-%d')}")
    run(report, ["git", "log", "-1", "--format=%H %cs"], keep=1)
    gpu = describe_gpu(report)
    if gpu and build(report, gpu[1]):
        test(report)
        timings(report, gpu[0])
        nets(report)
        boosting(report)
        if not options.quick:
            sanitize(report)
            profile(report)
    report.head("result")
    report.say(f"{len(report.faults)} faults, {len(report.skipped)} steps skipped")
    for fault in report.faults:
        report.say(f"FAULT: {fault}")
    name = re.sub(r"[^A-Za-z0-9]+", "-", gpu[0]).strip("-") if gpu else "none"
    target = Path(f"gpu-report-{name}.txt")
    target.write_text("\n".join(report.lines) + "\n")
    print(f"\nreport written to {target}")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main())
