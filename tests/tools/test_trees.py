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

    def test_figures_of_the_validation_rows_are_told_each_round(self):
        valid = self.file("valid.csv", table(500, seed=2))
        document = self.ok_json(*self.arguments("model", "--valid", valid, "--metrics", "auc,log_loss,f1_macro", rounds=30))
        history, best = document["training"]["history"], document["training"]["facts"]["best_epoch"]
        self.assertEqual(len(history), 30)
        for record in history:
            self.assertAlmostEqual(record["validation_log_loss"], record["validation_loss"], places=5)
        losses = [record["validation_loss"] for record in history]
        self.assertEqual(best, losses.index(min(losses)) + 1, "the loss decides")
        judged = self.ok_json("evaluate", self.folder / "model", valid)["metrics"]
        for figure in ("roc_auc", "log_loss", "f1_macro"):
            self.assertAlmostEqual(history[best - 1][f"validation_{figure}"], judged[figure], places=6)
        page = (self.folder / "model" / "report.html").read_text()
        for figure in ("roc_auc", "log_loss", "f1_macro"):
            self.assertIn(f"{figure} over the epochs", page)

    def test_figures_alone_set_validation_rows_aside(self):
        document = self.ok_json("train", self.data, "--target", "answer", "--model", "gbdt", "--metrics", "brier", "-o", self.folder / "model")
        self.assertEqual(len(document["training"]["history"]), 100)
        self.assertTrue(all(0 < record["validation_brier"] < 1 for record in document["training"]["history"]))

    def test_figures_of_a_resumed_run_are_those_of_one(self):
        more = ["--metrics", "roc_auc,f1_macro"]
        whole = self.ok_json(*self.arguments("whole", *more, rounds=1500))["training"]["history"]
        self.terminate_at_a_checkpoint(lambda: self.arguments("stopped", *more, rounds=1500))
        self.fails(65, *self.arguments("stopped", "--resume", "--metrics", "roc_auc", rounds=1500), says="another metrics")
        self.assertEqual(self.ok_json(*self.arguments("stopped", "--resume", *more, rounds=1500))["training"]["history"], whole)

    def test_figures_that_do_not_fit_are_refused_before_any_training(self):
        for figures, code, says in (("roc_auk", 64, "did you mean 'roc_auc'"), ("roc_auc,rmse", 78, "metrics 'rmse' is no figure of answer"),
                                    ("roc_auc_weighted", 78, "metrics 'roc_auc_weighted' is no figure of answer")):
            self.fails(code, *self.arguments("other", "--metrics", figures), says=says)
        self.fails(78, *self.arguments("other", "--metrics", "rmse", "--task", "classification"), says="is no figure of a classification")
        self.fails(78, *self.arguments("other", "--set", "metric=auc,log_loss"), says=["stopping_metric is one figure", "metrics"])
        self.fails(78, "train", self.data, "--target", "answer", "--model", "logistic", "--metrics", "auc", "-o", self.folder / "other", says="has no rounds")
        self.fails(64, "train", self.data, "--model", "isolation_forest", "--metrics", "auc", "-o", self.folder / "other", says="--target")

    def test_a_checkpoint_of_another_run_is_refused(self):
        self.terminate_at_a_checkpoint(lambda: self.arguments("stopped", rounds=1500))
        self.fails(65, *self.arguments("stopped", "--resume", rounds=1501), says="begun with another n_estimators")


if __name__ == "__main__":
    unittest.main()
