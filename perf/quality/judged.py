"""What the quality scripts share: tables, crisp's figure on test rows, and their command line."""
import argparse, json, pathlib, subprocess, tempfile

import pandas as pd


def read(path):
    return pd.read_parquet(path) if path.suffix == ".parquet" else pd.read_csv(path)


def judged(program, verb, table, *flags):
    """The metrics that `crisp VERB TABLE` ends with."""
    with tempfile.TemporaryDirectory() as scratch:
        done = subprocess.run([program, verb, pathlib.Path(table).resolve(), *flags, "--json", "--quiet"], capture_output=True, text=True, cwd=scratch)
        if done.returncode:
            raise SystemExit(done.stderr)
        return json.loads(done.stdout)["metrics"]


def trained(program, train, test, target, *flags):
    """The metrics on `test` of a model trained on `train`."""
    with tempfile.TemporaryDirectory() as folder:
        train.to_csv(f"{folder}/train.csv", index=False)
        test.to_csv(f"{folder}/test.csv", index=False)
        return judged(program, "train", f"{folder}/train.csv", "--target", target, "--test", f"{folder}/test.csv", "-o", f"{folder}/model", *flags)


def options(description, number, default):
    """PROGRAM, DATA_FOLDER and the flag `number`."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", type=lambda path: str(pathlib.Path(path).resolve()))
    parser.add_argument("data", type=pathlib.Path)
    parser.add_argument(number, type=int, default=default)
    return parser.parse_args()
