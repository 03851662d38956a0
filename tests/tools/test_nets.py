"""Training nets as people do: stopped, killed, gone on with, watched; the same bundle in the end."""
import http.server
import json
import os
import resource
import subprocess
import threading
import time
import unittest

from stopped_runs import StoppedRuns
from tables import sizes


def table(rows=1500, seed=1):
    return sizes(rows, seed, blanks=(0.05, 0))


class Nets(StoppedRuns):
    def setUp(self):
        super().setUp()
        self.data = self.file("data.csv", table())

    def arguments(self, out, *more, epochs=8):
        return ["train", self.data, "--target", "answer", "--model", "mlp", "--set", f"epochs={epochs}", "--set", "hidden_layers=32",
                "--set", "dropout=0.1", "--checkpoint-every", "3 steps", "-o", self.folder / out, *more]

    def test_learns_what_is_to_be_learned(self):
        document = self.ok_json(*self.arguments("model", epochs=30))
        self.assertGreater(document["metrics"]["roc_auc"], 0.9)
        self.assertEqual(len(document["training"]["history"]), document["training"]["facts"]["epochs"])
        scored = self.ok("predict", self.folder / "model", self.data, "-o", "-")
        self.assertIn("prediction_correct", scored.splitlines()[0])

    def test_a_vote_with_nets_goes_on_where_it_was_stopped(self):
        members = "members=linear, mlp(epochs=5, hidden_layers=16), mlp(epochs=4, hidden_layers=8)"
        vote = ["train", self.data, "--target", "answer", "--model", "voting", "--set", members, "--checkpoint-every", "3 steps", "--refit", "all"]
        self.ok(*vote, "-o", self.folder / "whole")
        stopped = self.folder / "stopped"
        process = self.start(*vote, "-o", stopped)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and process.poll() is None and not any(stopped.glob("checkpoints-member-3/*/manifest.json")):
            time.sleep(0.005)
        process.kill()
        process.communicate()
        self.ok(*vote, "-o", stopped, *self.go_on("stopped"))
        self.assertEqual(self.digest("stopped"), self.digest("whole"))

    def test_the_same_seed_and_any_threads_give_the_same_bundle(self):
        self.ok(*self.arguments("one", "--threads", "1"))
        self.ok(*self.arguments("two", "--threads", "2"))
        self.assertEqual(self.digest("one"), self.digest("two"))
        self.ok(*self.arguments("other", "--seed", "1"))
        self.assertNotEqual(self.digest("one"), self.digest("other"))

    def test_killed_at_any_moment_the_rest_gives_the_same_bundle(self):
        self.kill_and_go_on(lambda out, *more: self.arguments(out, *more, epochs=40))

    def test_sigterm_leaves_a_checkpoint_and_says_how_to_go_on(self):
        long = ("--set", "patience=0")
        self.ok(*self.arguments("whole", *long, epochs=400))
        errors = self.terminate_at_a_checkpoint(lambda: self.arguments("stopped", *long, epochs=400))
        self.assertIn("--resume", errors)
        self.ok(*self.arguments("stopped", *long, "--resume", epochs=400))
        self.assertEqual(self.digest("stopped"), self.digest("whole"))

    def test_a_spot_notice_is_a_sigterm(self):
        checkpoints = self.folder / "model" / "checkpoints"

        class Metadata(http.server.BaseHTTPRequestHandler):
            def do_PUT(self):
                self.answer(b"token")

            def do_GET(self):
                if checkpoints.exists() and any(checkpoints.iterdir()):
                    return self.answer(b'{"action": "terminate"}')
                self.answer(b"no notice", 404)

            def answer(self, body, status=200):
                self.send_response(status)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *ignored):
                pass

        server = http.server.HTTPServer(("127.0.0.1", 0), Metadata)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        endpoint = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://127.0.0.1:{server.server_port}"}
        done = self.run_crisp(*self.arguments("model", "--spot", "--set", "patience=0", epochs=50000), env={**os.environ, **endpoint})
        self.assertEqual(done.returncode, 75, done.stderr.decode())
        self.assertIn("EC2 takes this spot instance back", done.stderr.decode())

    def test_going_on_with_a_finished_run_changes_nothing(self):
        self.ok(*self.arguments("model"))
        before = {path: path.stat().st_mtime_ns for path in (self.folder / "model").rglob("*")}
        self.ok(*self.arguments("model", "--resume"))
        after = {path: path.stat().st_mtime_ns for path in (self.folder / "model").rglob("*")}
        self.assertEqual(after, {path: after[path] if path.name == ".crisp.lock" else time for path, time in before.items()})

    def test_a_detector_goes_on_too(self):
        train = ["train", self.data, "--model", "autoencoder", "--features", "size,weight", "--set", "patience=0", "--checkpoint-every",
                 "3 steps"]
        self.data.write_text(sizes(1500))
        epochs = ("--set", "epochs=400")
        document = self.ok_json(*train, *epochs, "-o", self.folder / "whole")
        self.assertEqual(len(document["training"]["history"]), 400)
        run = self.start(*train, *epochs, "-o", self.folder / "stopped")
        checkpoints = self.folder / "stopped" / "checkpoints"
        while not (checkpoints.exists() and any(checkpoints.iterdir())) and run.poll() is None:
            time.sleep(0.01)
        run.terminate()
        errors = run.communicate()[1].decode()
        self.assertEqual(run.returncode, 75, errors)
        self.fails(65, *train, "--set", "epochs=300", "-o", self.folder / "stopped", "--resume", says="another epochs (400, not 300)")
        self.ok(*train, *epochs, "-o", self.folder / "stopped", "--resume")
        self.assertEqual(self.digest("stopped"), self.digest("whole"))
        done = self.run_crisp(*train, *epochs, "-o", self.folder / "stopped", "--resume")
        self.assertIn("finished already", done.stderr.decode())

    def test_stops_by_the_figure_that_was_asked_for(self):
        document = self.ok_json(*self.arguments("model", "--set", "stopping_metric=roc_auc", "--set", "patience=3", epochs=60))
        history = document["training"]["history"]
        figures = [epoch["validation_roc_auc"] for epoch in history]
        facts = document["training"]["facts"]
        self.assertEqual(facts["best_epoch"], figures.index(max(figures)) + 1)
        self.assertEqual(facts["best_roc_auc"], max(figures))
        self.assertEqual(len(figures), min(60, facts["best_epoch"] + 3))
        self.fails(64, *self.arguments("other", "--set", "stopping_metric=roc_auk"), says="did you mean 'roc_auc'")
        self.fails(78, *self.arguments("other", "--set", "stopping_metric=rmse"), says="cannot be watched")

    def test_figures_of_the_validation_rows_are_told_each_epoch(self):
        more = ["--metrics", "auc,log_loss", "--set", "stopping_metric=brier"]
        whole = self.ok_json(*self.arguments("whole", *more, epochs=6))["training"]
        for epoch in whole["history"]:
            self.assertAlmostEqual(epoch["validation_log_loss"], epoch["validation_loss"], places=5)
        self.assertEqual(whole["facts"]["best_brier"], min(epoch["validation_brier"] for epoch in whole["history"]))
        self.assertIn("roc_auc over the epochs", (self.folder / "whole" / "report.html").read_text())
        curves = self.curves("whole")
        for figure in ("brier", "roc_auc", "log_loss"):
            self.assertEqual(len(curves[f"{figure}/validation"]), 6)
        self.fails(78, *self.arguments("other", "--metrics", "r2"), says="is no figure of")

    def test_finds_a_learning_rate(self):
        found = self.ok_json(*self.arguments("model", "--find-rate"))
        self.assertEqual(found["schema"], "crisp.rate_sweep/1")
        self.assertGreater(found["suggestion"], 1e-5)
        self.assertLess(found["suggestion"], 1)
        rates = [point["rate"] for point in found["curve"]]
        self.assertEqual(rates, sorted(rates))
        self.assertFalse((self.folder / "model").exists())
        self.assertIn("--set learning_rate=", self.ok(*self.arguments("model", "--find-rate")))
        self.fails(78, "train", self.data, "--target", "answer", "--model", "logistic", "--find-rate", says="no learning rate")

    def test_going_on_with_something_else_is_refused(self):
        self.fails(66, *self.arguments("nothing", "--resume"), says="no run to go on with")
        self.ok(*self.arguments("model"))
        self.fails(65, *self.arguments("model", "--resume", "--set", "dropout=0.3"), says="another dropout (0.1, not 0.3)")
        self.fails(65, *self.arguments("model", "--resume", "--seed", "4"), says="another seed (0, not 4)")
        self.data.write_text(table(seed=2))
        self.fails(65, *self.arguments("model", "--resume"), says="trained on other rows")
        self.fails(64, *self.arguments("model", "--resume", "--force"), says="--force")
        self.fails(64, "train", self.data, "--target", "answer", "--checkpoint-every", "soon", says="'soon'")

    def test_a_full_disk_ends_cleanly_and_the_rest_goes_on(self):
        self.ok(*self.arguments("whole"))
        for kilobytes in (1, 2, 5, 9, 17):
            limit = kilobytes * 1024
            out = f"full-{kilobytes}"
            done = self.run_crisp(*self.arguments(out), preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)))
            self.assertNotEqual(done.returncode, 0)
            self.assertEqual(done.returncode, 74, done.stderr.decode())
            self.assertEqual(self.leftovers(), [])
            more = self.go_on(out) if (self.folder / out).exists() else []
            self.ok(*self.arguments(out, *more))
            self.assertEqual(self.digest(out), self.digest("whole"))

    def curves(self, out):
        """As TensorBoard reads them."""
        script = ("import json, sys\n"
                  "from tensorboard.backend.event_processing.event_accumulator import EventAccumulator\n"
                  "events = EventAccumulator(sys.argv[1]); events.Reload()\n"
                  "print(json.dumps({tag: [[e.step, e.value] for e in events.Scalars(tag)] for tag in events.Tags()['scalars']}))\n")
        done = subprocess.run([os.environ["CRISP_TORCH_PYTHON"], "-c", script, str(self.folder / out)], capture_output=True,
                              check=True)
        return json.loads(done.stdout)

    def test_tensorboard_reads_the_curves(self):
        document = self.ok_json(*self.arguments("model"))
        curves = self.curves("model")
        history = document["training"]["history"]
        self.assertEqual([step for step, _ in curves["loss/train"]], [epoch["step"] for epoch in history])
        for (_, value), epoch in zip(curves["loss/validation"], history):
            self.assertAlmostEqual(value, epoch["validation_loss"], places=6)
        self.assertIn("learning_rate", curves)

    def test_odd_tables_end_cleanly(self):
        odd = {
            "constant target": "x,answer\n" + "1,yes\n" * 20,
            "one row": "x,answer\n1,yes\n",
            "a column of nothing": "x,y,answer\n" + "".join(f"{i},,{'yes' if i % 3 else 'no'}\n" for i in range(40)),
        }
        for name, text in odd.items():
            data = self.file("odd.csv", text)
            done = self.run_crisp("train", data, "--target", "answer", "--model", "mlp", "--set", "epochs=2", "-o",
                                  self.folder / name.replace(" ", "-"))
            self.assertIn(done.returncode, (0, 65), done.stderr.decode())
            self.assertLessEqual(done.stderr.decode().count("error: "), 1)

    def test_rates_of_nothing_and_of_too_much(self):
        self.ok(*self.arguments("still", "--set", "learning_rate=0"))
        self.fails(65, *self.arguments("wild", "--set", "learning_rate=1e6", "--set", "optimizer=sgd"), says="epoch")


if __name__ == "__main__":
    unittest.main()
