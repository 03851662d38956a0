#!/usr/bin/env python3
"""What checkpoints cost: their share of the training time by default, and the time from SIGTERM to a durable one, of a net whose
parameters and moments are 100 MB.

    python3 perf/nets/checkpoint.py build/release/crisp [--runs 5]
"""
import argparse
import json
import pathlib
import random
import signal
import subprocess
import tempfile
import time

ROWS, COLUMNS = 20_000, 28
LARGE = "2900, 2900"  # 8.5 million parameters, three numbers of 4 bytes each


def write_table(path):
    draw = random.Random(1)
    with open(path, "w") as file:
        print(",".join(f"x{j}" for j in range(COLUMNS)) + ",y", file=file)
        for _ in range(ROWS):
            values = [draw.gauss(0, 1) for _ in range(COLUMNS)]
            print(",".join(f"{value:.4f}" for value in values) + f",{sum(values[:5]):.4f}", file=file)


def command(program, folder, *more):
    return [program, "train", folder / "data.csv", "--target", "y", "--model", "mlp", "--set", "patience=0", "--set", "numeric_pieces=0",
            "-o", folder / "run", "--force", "--quiet", *more]


def size_of(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def stop_seconds(program, folder):
    """From SIGTERM to the end of the process, and the bytes of its checkpoint."""
    run = subprocess.Popen(command(program, folder, "--set", f"hidden_layers={LARGE}", "--set", "epochs=100000", "--checkpoint-every", "never"),
                           stderr=subprocess.PIPE)
    checkpoints = folder / "run" / "checkpoints"
    while not checkpoints.exists():
        time.sleep(0.05)
    time.sleep(4)  # in the middle of an epoch
    begin = time.perf_counter()
    run.send_signal(signal.SIGTERM)
    errors = run.communicate()[1].decode()
    seconds = time.perf_counter() - begin
    assert run.returncode == 75, errors
    return seconds, size_of(checkpoints)


def cost(program, folder, epochs, *more):
    subprocess.run(command(program, folder, "--set", f"hidden_layers={LARGE}", "--set", f"epochs={epochs}", *more), check=True)
    return json.loads((folder / "run" / "run.json").read_text())["timings"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=pathlib.Path)
    parser.add_argument("--runs", type=int, default=5)
    options = parser.parse_args()
    program = options.program.resolve()
    with tempfile.TemporaryDirectory(dir=".") as scratch:
        folder = pathlib.Path(scratch).resolve()
        write_table(folder / "data.csv")
        for _ in range(options.runs):
            seconds, size = stop_seconds(program, folder)
            print(f"SIGTERM to the end of the process: {seconds:.2f} s, a checkpoint of {size / 1e6:.0f} MB", flush=True)
        timings = cost(program, folder, 16)
        print(f"checkpoints by default, 100 MB of state: {timings['checkpoint_seconds']:.2f} s of {timings['seconds']:.1f} s, "
              f"{timings['checkpoint_seconds'] / timings['seconds']:.2%}")


if __name__ == "__main__":
    main()
