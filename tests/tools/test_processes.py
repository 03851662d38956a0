"""Several processes train one net, as torchrun and Slurm start them: the same bundle, whatever happens to one of them."""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time
import unittest

from launched import ends_of, free_port, launch
from program_case import CRISP
from stopped_runs import StoppedRuns
from tables import sizes

TORCHRUN = shutil.which("torchrun", path=str(pathlib.Path(os.environ.get("CRISP_TORCH_PYTHON") or sys.executable).parent))


class Processes(StoppedRuns):
    def setUp(self):
        super().setUp()
        self.data = self.file("data.csv", sizes(1500))

    def arguments(self, out, *more, epochs=4):
        return ["train", self.data, "--target", "answer", "--model", "mlp", "--set", f"epochs={epochs}", "--set", "hidden_layers=32",
                "--set", "dropout=0.1", "--set", "batch_size=500", "--set", "patience=0", "--threads", "1", "-o", self.folder / out, *more]

    def together(self, size, arguments, data=None, **more):
        """As torchrun would, one process a rank; `data`: the table of all but the first."""
        others = [arguments[0], data or arguments[1], *arguments[2:]]
        return launch(self, [arguments] + [others] * (size - 1), **more)

    def test_two_and_three_make_the_bundle_of_one(self):
        self.ok(*self.arguments("one"))
        for size in (2, 3):
            ends = ends_of(self.together(size, self.arguments(f"by-{size}")))
            for rank, (code, out, errors) in enumerate(ends):
                self.assertEqual(code, 0, errors)
                if rank > 0:
                    self.assertEqual((out, errors), ("", ""))
            self.assertIn(f"{size} processes", ends[0][2])
            self.assertEqual(self.digest(f"by-{size}"), self.digest("one"))

    def test_folds_and_the_fit_on_all_rows_are_shared_too(self):
        for name, more in (("cv", ["--cv", "3"]), ("refit", ["--refit", "all"])):
            self.ok(*self.arguments(name, *more))
            for code, _, errors in ends_of(self.together(2, self.arguments(name + "-by-2", *more))):
                self.assertEqual(code, 0, errors)
            self.assertEqual(self.digest(name + "-by-2"), self.digest(name))

    def test_a_detector_is_shared_too(self):
        def arguments(out):
            return ["train", self.data, "--model", "autoencoder", "--set", "epochs=3", "-o", self.folder / out]
        self.ok(*arguments("one"))
        for code, _, errors in ends_of(self.together(2, arguments("two"))):
            self.assertEqual(code, 0, errors)
        self.assertEqual(self.digest("two"), self.digest("one"))

    def test_a_model_of_one_process_leaves_the_others_idle(self):
        arguments = ["train", self.data, "--target", "answer", "--model", "logistic", "-o", self.folder / "model"]
        (code, out, errors), other = ends_of(self.together(2, arguments))
        self.assertEqual(code, 0, errors)
        self.assertIn("one process", errors)
        self.assertEqual(other, (0, "", ""))

    def test_a_lost_worker_leaves_a_checkpoint_and_a_restart_goes_on(self):
        self.ok(*self.arguments("whole", epochs=400))
        stopped = self.arguments("stopped", "--checkpoint-every", "20 steps", epochs=400)
        runs = self.together(3, stopped)
        self.wait_for_checkpoint("stopped", runs[0])
        runs[2].kill()
        ends = ends_of(runs)
        self.assertEqual(ends[0][0], 75, ends[0][2])
        self.assertIn("process 2", ends[0][2])
        self.assertIn("--resume", ends[0][2])
        self.assertEqual(ends[1][0], 69, ends[1][2])
        self.assertIn("process 1: ", ends[1][2])
        self.assertEqual(self.leftovers(), [])
        # torchrun gives the same command again, and says that it is not the first time.
        ends = ends_of(self.together(2, stopped, TORCHELASTIC_RESTART_COUNT="1"))
        for code, _, errors in ends:
            self.assertEqual(code, 0, errors)
        self.assertIn("going on from step", ends[0][2])
        self.assertEqual(self.digest("stopped"), self.digest("whole"))
        # And once more, when everything is done.
        ends = ends_of(self.together(2, stopped, TORCHELASTIC_RESTART_COUNT="2"))
        self.assertEqual([code for code, _, _ in ends], [0, 0])
        self.assertIn("finished already", ends[0][2])

    def test_sigterm_to_one_stops_all_after_the_same_step(self):
        self.ok(*self.arguments("whole", epochs=400))
        stopped = self.arguments("stopped", "--checkpoint-every", "20 steps", epochs=400)
        runs = self.together(2, stopped)
        self.wait_for_checkpoint("stopped", runs[0])
        runs[1].send_signal(signal.SIGTERM)
        for code, _, errors in ends_of(runs):
            self.assertEqual(code, 75, errors)
        self.ok(*stopped, "--resume")
        self.assertEqual(self.digest("stopped"), self.digest("whole"))

    def test_a_silent_worker_counts_as_lost(self):
        runs = self.together(2, self.arguments("model", "--checkpoint-every", "20 steps", epochs=4000), CRISP_PEER_TIMEOUT="2")
        self.wait_for_checkpoint("model", runs[0])
        runs[1].send_signal(signal.SIGSTOP)
        _, errors = runs[0].communicate(timeout=60)
        runs[1].kill()
        runs[1].communicate()
        self.assertEqual(runs[0].returncode, 75, errors.decode())
        self.assertIn("process 1 was lost", errors.decode())

    def test_what_the_first_cannot_begin_nobody_begins(self):
        (self.folder / "model").mkdir()
        (self.folder / "model" / "precious").write_text("x")
        ends = ends_of(self.together(2, self.arguments("model")))
        self.assertEqual([code for code, _, _ in ends], [73, 73])
        self.assertIn("not empty", ends[0][2])
        # Not even when a launcher tries again.
        ends = ends_of(self.together(2, self.arguments("model"), TORCHELASTIC_RESTART_COUNT="1"))
        self.assertEqual([code for code, _, _ in ends], [73, 73])

    def test_other_rows_are_refused(self):
        other = self.file("other.csv", sizes(1500, seed=2))
        ends = ends_of(self.together(2, self.arguments("model"), data=other))
        for code, _, errors in ends:
            self.assertEqual(code, 65, errors)
            self.assertIn("process 1", errors)

    def test_a_forced_run_that_was_lost_is_not_taken_for_the_one_before(self):
        self.ok(*self.arguments("model"))
        request = (self.folder / "model" / "request.json").read_text()
        runs = self.together(2, self.arguments("model", "--force"))
        while (self.folder / "model" / "request.json").read_text() == request and runs[0].poll() is None:
            time.sleep(0.005)
        runs[0].kill()
        ends_of(runs)
        ends = ends_of(self.together(2, self.arguments("model", "--force"), TORCHELASTIC_RESTART_COUNT="1"))
        self.assertEqual(ends[0][0], 0, ends[0][2])
        self.assertNotIn("finished already", ends[0][2])

    def test_variables_that_make_no_sense(self):
        environment = dict(os.environ, RANK="2", WORLD_SIZE="2", MASTER_ADDR="127.0.0.1", MASTER_PORT="29500")
        self.fails(78, *self.arguments("model"), env=environment, says="RANK")

    def test_standard_input_cannot_be_shared(self):
        environment = dict(os.environ, RANK="0", WORLD_SIZE="2", MASTER_ADDR="127.0.0.1", MASTER_PORT="29500")
        arguments = self.arguments("model")
        arguments[1] = "-"
        self.fails(64, *arguments, env=environment, says="standard input")

    def test_who_waits_for_the_others_can_be_stopped(self):
        for rank in (0, 1):
            environment = dict(os.environ, RANK=str(rank), WORLD_SIZE="2", MASTER_ADDR="127.0.0.1", MASTER_PORT=str(free_port()))
            run = subprocess.Popen([CRISP, *map(str, self.arguments("model"))], stderr=subprocess.PIPE, cwd=self.folder, env=environment)
            self.addCleanup(run.kill)
            time.sleep(2)
            run.terminate()
            errors = run.communicate(timeout=20)[1].decode()
            self.assertEqual(run.returncode, 128 + signal.SIGTERM, errors)
            self.assertEqual(errors.count("\n"), 1, errors)
            self.assertFalse((self.folder / "model").exists())

    def test_slurm_starts_them_too(self):
        self.ok(*self.arguments("one"))
        port = str(free_port())
        runs = []
        for rank in range(2):
            environment = dict(os.environ, SLURM_PROCID=str(rank), SLURM_NTASKS="2", SLURM_LOCALID=str(rank), SLURM_STEP_ID="0",
                               SLURM_TASKS_PER_NODE="2", MASTER_ADDR="127.0.0.1", MASTER_PORT=port)
            runs.append(subprocess.Popen([CRISP, *map(str, self.arguments("two"))], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                         cwd=self.folder, env=environment))
        for code, _, errors in ends_of(runs):
            self.assertEqual(code, 0, errors)
        self.assertEqual(self.digest("two"), self.digest("one"))

    def test_sagemaker_starts_one_a_host(self):
        self.ok(*self.arguments("one"))
        hosts = ["127.0.0.1", "127.0.0.2"]
        port = str(free_port())
        runs = []
        for host in hosts:
            environment = dict(os.environ, SM_HOSTS=json.dumps(hosts), SM_CURRENT_HOST=host, MASTER_PORT=port)
            runs.append(subprocess.Popen([CRISP, *map(str, self.arguments("two"))], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                         cwd=self.folder, env=environment))
        for code, _, errors in ends_of(runs):
            self.assertEqual(code, 0, errors)
        self.assertEqual(self.digest("two"), self.digest("one"))

    @unittest.skipUnless(TORCHRUN, "no torchrun beside the Python that has torch")
    def test_torchrun_restarts_what_lost_a_worker(self):
        self.ok(*self.arguments("whole", epochs=300))
        run = subprocess.Popen([TORCHRUN, "--no-python", "--standalone", "--nproc-per-node=2", "--max-restarts=1", CRISP,
                                *map(str, self.arguments("model", "--checkpoint-every", "20 steps", epochs=300))],
                               stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=self.folder)
        self.addCleanup(run.kill)
        self.wait_for_checkpoint("model", run)
        # The worker that holds no lock is not the first.
        holder = (self.folder / "model" / ".crisp.lock").read_text().split()[1]
        workers = subprocess.run(["pgrep", "-P", str(run.pid)], capture_output=True, text=True).stdout.split()
        self.assertIn(holder, workers)
        os.kill(int(next(worker for worker in workers if worker != holder)), signal.SIGKILL)
        _, errors = run.communicate(timeout=100)
        self.assertEqual(run.returncode, 0, errors.decode())
        self.assertIn("going on from step", errors.decode())
        self.assertEqual(self.digest("model"), self.digest("whole"))


if __name__ == "__main__":
    unittest.main()
