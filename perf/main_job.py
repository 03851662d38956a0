"""How long the main job takes, as a whole process on the committed data, and how quickly crisp answers --version.

    python perf/main_job.py build/release/crisp [--runs 5] [--out results.json]
"""
import argparse
import json
import pathlib
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent


def fastest(command, runs):
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - start)
    return min(seconds)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("crisp")
    arguments.add_argument("--runs", type=int, default=5)
    arguments.add_argument("--out")
    options = arguments.parse_args()
    results = {"--version": fastest([options.crisp, "--version"], 4 * options.runs)}
    with tempfile.TemporaryDirectory() as folder:
        for project in ("crisp", "personal"):
            path = ROOT / "examples" / "telematics" / f"{project}.toml"
            command = [options.crisp, "run", path, "-o", f"{folder}/{project}", "--force", "--quiet"]
            results[f"run {project}.toml"] = fastest(command, options.runs)
        data = ROOT / "examples" / "telematics" / "data" / "nyharbor_2020_12_08.parquet"
        command = [options.crisp, "predict", f"{folder}/personal", data, "-o", f"{folder}/scored.csv", "--force", "--quiet"]
        results["predict the next day"] = fastest(command, options.runs)
    for name, seconds in results.items():
        print(f"{name:24} {seconds:8.3f} s")
    if options.out:
        pathlib.Path(options.out).write_text(json.dumps(results, indent=1) + "\n")


if __name__ == "__main__":
    main()
