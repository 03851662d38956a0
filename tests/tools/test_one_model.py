"""Boosted trees are one model: one hash of the bundle, whatever the threads, the processes, the row groups, and where a run was stopped."""
import json
import random
import signal
import time
import unittest

import pyarrow
import pyarrow.parquet

from launched import ends_of, launch
from stopped_runs import StoppedRuns

ROWS = 24000  # nodes of both layouts of histograms
FEATURES = ["size", "weight", "colour", "few"]


def table(seed=1):
    """Steps, bends, texts, blanks and weights; a target for each task."""
    draw = random.Random(seed)
    rows = []
    for _ in range(ROWS):
        size, weight, colour = draw.uniform(0, 10), draw.gauss(5, 2), draw.choice("rgbxyz")
        score = size - weight + {"r": 2, "g": 0, "b": -2}.get(colour, 1) + draw.gauss(0, 1)
        rows.append({"size": size, "weight": None if draw.random() < 0.05 else weight, "colour": None if draw.random() < 0.02 else colour,
                     "few": draw.randrange(4), "trust": draw.uniform(0.5, 2), "sign": "yes" if score > 0 else "no",
                     "kind": "low" if score < -2 else "high" if score > 2 else "middle", "score": score})
    return pyarrow.Table.from_pylist(rows)


TARGETS = ["sign", "kind", "score"]
SIZES = {"sign": (2, 4), "kind": (4,), "score": (2,)}  # of processes, beside 3; tests/models/gbdt_test.cc has more
PLANS = {
    "sign": ["--set", "n_estimators=20", "--set", "subsample=0.8", "--set", "colsample_bytree=0.8", "--set", "patience=3"],
    "kind": ["--set", "n_estimators=20", "--set", "grow_policy=depthwise", "--set", "max_depth=4", "--weight", "trust", "--set", "patience=2", "--set", "learning_rate=1"],
    "score": ["--set", "n_estimators=60", "--set", "objective=quantile", "--set", "quantile_alpha=0.8", "--set", "colsample_bynode=0.7", "--set", "subsample=0.5"],
}


class OneModel(StoppedRuns):
    @classmethod
    def setUpClass(cls):
        cls.table = table()

    def setUp(self):
        super().setUp()
        self.data = self.parquet("data.parquet", 5000)

    def parquet(self, name, group):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        pyarrow.parquet.write_table(self.table, path, row_group_size=group)
        return path

    def arguments(self, target, out, *more, data=None):
        return ["train", data or self.data, "--target", target, "--features", *FEATURES, "--model", "gbdt", *PLANS[target],
                "--checkpoint-every", "1 steps", "-o", self.folder / out, *more]

    def train_together(self, size, arguments):
        """Processes with other threads each."""
        for code, _, errors in ends_of(launch(self, [[*arguments, "--threads", 1 + rank] for rank in range(size)])):
            self.assertEqual(code, 0, errors)

    def stop(self, out, runs, how):
        """Stops the last one of the processes once there is a checkpoint that was not there before."""
        checkpoints = self.folder / out / "checkpoints"
        known = set(checkpoints.glob("*"))
        while not set(checkpoints.glob("*/manifest.json")) - {path / "manifest.json" for path in known}:
            self.assertIsNone(runs[0].poll(), "ended before it could be stopped")
            time.sleep(0.005)
        runs[-1].send_signal(how)
        return ends_of(runs)

    def test_one_hash(self):
        hashes = {}
        small, whole = self.parquet("small/data.parquet", 700), self.parquet("whole/data.parquet", ROWS)  # the name stands in the card
        for target in TARGETS:
            self.ok(*self.arguments(target, "model", "--force", "--threads", 1))
            hashes[target] = self.digest("model")
            ways = {f"{threads} threads": lambda threads=threads: self.ok(*self.arguments(target, "model", "--force", "--threads", threads))
                    for threads in (2, 7, 64)}
            ways["row groups of 700"] = lambda: self.ok(*self.arguments(target, "model", "--force", data=small))
            ways["one row group, 3 processes"] = lambda: self.train_together(3, self.arguments(target, "model", "--force", data=whole))
            for size in SIZES[target]:
                ways[f"{size} processes"] = lambda size=size: self.train_together(size, self.arguments(target, "model", "--force"))
            for way, train in ways.items():
                train()
                self.assertEqual(self.digest("model"), hashes[target], f"{target}: {way}")
        print("one model of", ", ".join(f"{target}: {hashes[target][1][:16]}" for target in TARGETS))

    def test_lost_and_stopped_and_gone_on_with_by_other_numbers_of_processes(self):
        self.ok(*self.arguments("score", "whole"))
        command = self.arguments("score", "stopped")
        ends = self.stop("stopped", launch(self, [command] * 3), signal.SIGKILL)
        self.assertEqual(ends[0][0], 75, ends[0][2])
        self.assertRegex(ends[0][2], r"process 2 was lost after round \d+")
        self.assertEqual(ends[1][0], 69, ends[1][2])
        for code, _, errors in self.stop("stopped", launch(self, [[*command, "--resume"]] * 2), signal.SIGTERM):
            self.assertEqual(code, 75, errors)
        # torchrun gives the same command again, and says that it is not the first time.
        ends = ends_of(launch(self, [command] * 4, TORCHELASTIC_RESTART_COUNT="1"))
        self.assertEqual([end[0] for end in ends], [0] * 4, ends)
        self.assertIn("going on from round", ends[0][2])
        self.assertEqual(self.digest("stopped"), self.digest("whole"))
        self.assertEqual(self.leftovers(), [])

    def test_figures_of_the_validation_rows_are_those_of_one_process(self):
        command = self.arguments("sign", "model", "--metrics", "auc,brier", "--force", "--json")
        alone = json.loads(self.ok(*command))["training"]["history"]
        self.assertIn("validation_brier", alone[0])
        code, out, errors = ends_of(launch(self, [command] * 3))[0]
        self.assertEqual(code, 0, errors)
        self.assertEqual(json.loads(out)["training"]["history"], alone)

    def test_other_rows_are_refused(self):
        other = self.folder / "other.parquet"
        pyarrow.parquet.write_table(self.table.slice(0, ROWS - 1), other)
        for code, _, errors in ends_of(launch(self, [self.arguments("sign", "model"), self.arguments("sign", "model", data=other)])):
            self.assertEqual(code, 65, errors)
            self.assertIn("process 1 would not train on the same rows", errors)

    def test_folds_calibrations_and_the_fit_on_all_rows_are_shared_too(self):
        for more in (["--cv", "3"], ["--refit", "all"], ["--calibrate", "sigmoid"]):
            few = ["--set", "n_estimators=5", "--force", *more]
            self.ok(*self.arguments("kind", "one", *few))
            self.train_together(2, self.arguments("kind", "two", *few))
            self.assertEqual(self.digest("two"), self.digest("one"), more)

    def test_without_the_plug_in_a_line_says_what_to_install(self):
        (code, _, errors), _ = ends_of(launch(self, [self.arguments("sign", "model")] * 2, CRISP_TORCH="/nowhere"))
        self.assertEqual(code, 69, errors)
        self.assertEqual(errors.count("error: "), 1, errors)


if __name__ == "__main__":
    unittest.main()
