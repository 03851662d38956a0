"""Several processes grow one forest, each some of its trees: the bundle of one process, whatever the processes and their threads."""
import random
import signal
import time
import unittest

from launched import ends_of, launch
from stopped_runs import StoppedRuns


def table(rows=3000, seed=1):
    draw = random.Random(seed)
    lines = ["size,weight,colour,trust,answer,kind,score"]
    for _ in range(rows):
        size, weight, colour = draw.uniform(0, 10), draw.gauss(5, 2), draw.choice("rgbxyz")
        score = size - weight + {"r": 2, "g": 0, "b": -2}.get(colour, 1) + draw.gauss(0, 1)
        lines.append(f"{size:.4f},{f'{weight:.4f}' if draw.random() > 0.05 else ''},{colour if draw.random() > 0.02 else ''},{draw.uniform(0.5, 2):.3f},"
                     f"{'yes' if score > 0 else 'no'},{'low' if score < -2 else 'high' if score > 2 else 'middle'},{score:.4f}")
    return "\n".join(lines) + "\n"


FEATURES = ["--features", "size,weight,colour"]
KINDS = {
    "two classes": ["--model", "random_forest", "--target", "answer", "--set", "n_estimators=17", "--weight", "trust", *FEATURES],
    "three classes": ["--model", "extra_trees", "--target", "kind", "--set", "n_estimators=10", *FEATURES],
    "numbers": ["--model", "random_forest", "--target", "score", "--set", "n_estimators=3", *FEATURES],
    "anomalies": ["--model", "isolation_forest", "--set", "n_estimators=30", "--features", "size,weight"],
}


class ForestsTogether(StoppedRuns):
    def setUp(self):
        super().setUp()
        self.data = self.file("data.csv", table())

    def arguments(self, out, *more):
        return ["train", self.data, *more, "-o", self.folder / out, "--force"]

    def train_together(self, size, arguments):
        """Processes with other threads each; what the others say beside the first."""
        ends = ends_of(launch(self, [[*arguments, "--threads", 1 + rank] for rank in range(size)]))
        for rank, (code, out, errors) in enumerate(ends):
            self.assertEqual(code, 0, errors)
            if rank > 0:
                self.assertEqual((out, errors), ("", ""))

    def test_one_bundle(self):
        for name, kind in KINDS.items():
            self.ok(*self.arguments("one", *kind))
            for size in (2, 3, 4):
                self.train_together(size, self.arguments("several", *kind))
                self.assertEqual(self.digest("several"), self.digest("one"), f"{name}, {size} processes")

    def test_folds_calibrations_and_the_fit_on_all_rows_are_shared_too(self):
        for more in (["--cv", "3"], ["--refit", "all"], ["--calibrate", "sigmoid"]):
            self.ok(*self.arguments("one", *KINDS["two classes"], *more))
            self.train_together(2, self.arguments("two", *KINDS["two classes"], *more))
            self.assertEqual(self.digest("two"), self.digest("one"), more)

    def stopped(self, how):
        """Three processes, the last of which gets a signal while they grow trees; how they end."""
        forest = ["--model", "random_forest", "--target", "answer", "--set", "n_estimators=20000", "--threads", 1]
        runs = launch(self, [self.arguments("stopped", *forest)] * 3)
        time.sleep(4)
        self.assertIsNone(runs[0].poll(), "ended before it could be stopped")
        runs[-1].send_signal(how)
        ends = ends_of(runs)
        self.assertEqual(self.leftovers(), [])
        self.assertFalse((self.folder / "stopped").exists())
        return ends

    def test_a_lost_process_is_named(self):
        ends = self.stopped(signal.SIGKILL)
        self.assertEqual([code for code, _, _ in ends], [69, 69, -signal.SIGKILL], ends)
        self.assertRegex(ends[0][2], r"error: process 2 was lost after [\d,]+ of 20,000 trees")
        self.assertEqual(ends[0][2].count("error: "), 1)

    def test_a_signal_to_one_stops_all(self):
        for code, _, errors in self.stopped(signal.SIGTERM):
            self.assertEqual(code, 128 + signal.SIGTERM, errors)

    def test_other_rows_are_refused(self):
        other = self.file("other.csv", table(rows=2999))
        arguments = self.arguments("model", *KINDS["two classes"])
        for code, _, errors in ends_of(launch(self, [arguments, [arguments[0], other, *arguments[2:]]])):
            self.assertEqual(code, 65, errors)
            self.assertIn("process 1 would not train on the same rows", errors)

    def test_one_tree_is_one_process_s(self):
        (code, _, errors), other = ends_of(launch(self, [self.arguments("model", "--model", "decision_tree", "--target", "answer")] * 2))
        self.assertEqual(code, 0, errors)
        self.assertIn("one process", errors)
        self.assertEqual(other, (0, "", ""))


if __name__ == "__main__":
    unittest.main()
