"""The main job's figures: both project files over several seeds, on the same test trips.

    python perf/quality/telematics.py build/release/crisp [--seeds 5]
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import tempfile

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "examples" / "telematics"
SHOWN = ("accuracy", "specificity", "recall", "balanced_accuracy", "roc_auc")


def metrics(program, project, seed):
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "run", FOLDER / f"{project}.toml", "--set", f"seed={seed}", "-o", f"{folder}/run", "--json", "-q"]
        # Exit code 1: a success criterion was not met; the figures are there all the same.
        return json.loads(subprocess.run(command, capture_output=True).stdout)["metrics"]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("crisp")
    arguments.add_argument("--seeds", type=int, default=5)
    options = arguments.parse_args()
    print(f"{'mean of ' + str(options.seeds) + ' seeds':20}" + "".join(f"{name:>19}" for name in SHOWN))
    for project in ("crisp", "personal"):
        runs = [metrics(options.crisp, project, seed) for seed in range(1, options.seeds + 1)]
        means = "".join(f"{statistics.mean(run[name] for run in runs):19.3f}" for name in SHOWN)
        aucs = [run["roc_auc"] for run in runs]
        print(f"{project + '.toml':20}{means}   ROC-AUC {min(aucs):.3f} to {max(aucs):.3f}")


if __name__ == "__main__":
    main()
