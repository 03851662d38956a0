"""Training trees as people do: stopped, killed, gone on with, asked for again; the same bundle in the end."""
import unittest

from stopped_runs import StoppedRuns
from tables import sizes


def table(rows=3000, seed=1):
    return sizes(rows, seed, colours="rgbxyz", blanks=(0.05, 0.02))


class Trees(StoppedRuns):
    def setUp(self):
        super().setUp()
        self.data = self.file("data.csv", table())

    def arguments(self, out, *more, rounds=200):
        return ["train", self.data, "--target", "answer", "--model", "gbdt", "--set", f"n_estimators={rounds}", "--set", "patience=300",
                "--set", "subsample=0.8", "--checkpoint-every", "5 steps", "-o", self.folder / out, *more]

    def test_learns_from_texts_and_blanks_as_they_are(self):
        document = self.ok_json("train", self.data, "--target", "answer", "--model", "gbdt", "-o", self.folder / "model")
        self.assertGreater(document["metrics"]["roc_auc"], 0.9)
        scored = self.ok("predict", self.folder / "model", self.data, "-o", "-")
        self.assertIn("prediction_correct", scored.splitlines()[0])

    def test_what_was_never_seen_is_answered_and_counted(self):
        self.ok("train", self.data, "--target", "answer", "--model", "gbdt", "-o", self.folder / "model")
        new = self.file("new.csv", "size,weight,colour\n1,2,purple\n,,\n")
        done = self.run_crisp("predict", self.folder / "model", new, "-o", "-")
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.assertEqual(len(done.stdout.decode().splitlines()), 3)
        self.assertIn("colour", done.stderr.decode())
        self.fails(65, "predict", self.folder / "model", self.file("less.csv", "size,colour\n1,r\n"), "-o", "-", says="weight")

    def test_any_threads_give_the_same_bundle(self):
        for threads in (1, 2, 5):
            self.ok(*self.arguments(f"by{threads}", "--threads", threads, rounds=30))
        self.assertEqual(self.digest("by1"), self.digest("by2"))
        self.assertEqual(self.digest("by1"), self.digest("by5"))

    def test_killed_at_any_moment_the_rest_gives_the_same_bundle(self):
        self.kill_and_go_on(self.arguments)

    def test_sigterm_leaves_a_checkpoint_and_a_finished_run_stays_as_it_is(self):
        self.ok(*self.arguments("whole", rounds=1500))
        self.assertIn("--resume", self.terminate_at_a_checkpoint(lambda: self.arguments("stopped", rounds=1500)))
        self.ok(*self.arguments("stopped", "--resume", rounds=1500))
        self.assertEqual(self.digest("stopped"), self.digest("whole"))
        self.ok(*self.arguments("stopped", "--resume", rounds=1500))
        self.assertEqual(self.digest("stopped"), self.digest("whole"))

    def test_a_checkpoint_of_another_run_is_refused(self):
        self.terminate_at_a_checkpoint(lambda: self.arguments("stopped", rounds=1500))
        self.fails(65, *self.arguments("stopped", "--resume", rounds=1501), says="begun with another n_estimators")


if __name__ == "__main__":
    unittest.main()
