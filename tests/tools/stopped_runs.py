"""Runs of `crisp train` that are killed and go on: the same bundle in the end."""
import os
import random
import signal
import subprocess
import time

from program_case import CRISP, ProgramCase

KILLS = 500 if os.environ.get("CRISP_LONG") else 25


class StoppedRuns(ProgramCase):
    def start(self, *arguments):
        run = subprocess.Popen([CRISP, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.folder)
        self.addCleanup(run.kill)
        return run

    def peak(self, arguments):
        """Megabytes that the program took at most."""
        run = subprocess.Popen([CRISP, *map(str, arguments)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd=self.folder)
        errors = run.stderr.read().decode()
        run.stderr.close()
        _, status, usage = os.wait4(run.pid, 0)
        run.returncode = os.waitstatus_to_exitcode(status)
        self.assertEqual(run.returncode, 0, errors)
        return usage.ru_maxrss / 1024

    def wait_for_checkpoint(self, out, run):
        checkpoints = self.folder / out / "checkpoints"
        while run.poll() is None and not list(checkpoints.glob("*/manifest.json")):
            time.sleep(0.01)
        self.assertIsNone(run.poll(), "ended before the first checkpoint")

    def go_on(self, out):
        """What a user gives after a run was stopped."""
        return ["--resume"] if (self.folder / out / "request.json").exists() else ["--force"]

    def kill_and_go_on(self, arguments, wanted=KILLS):
        """arguments(out, *more): the command. Killed at `wanted` seeded moments, every end is the end of a run that nobody disturbed."""
        begin = time.monotonic()
        self.ok(*arguments("whole"))
        whole = time.monotonic() - begin
        draw = random.Random(3)
        kills = 0
        more = []
        finished = 0
        while kills < wanted or finished == 0:
            begin = time.monotonic()
            run = self.start(*arguments("killed", *more))
            try:
                # Short lives, so that many are needed; the last ones may live as long as they like.
                run.wait(draw.uniform(0.3, 1) * whole if kills < wanted else None)
                if "--resume" not in more:  # the first run may have been slow: nothing lay in memory yet
                    whole = min(whole, time.monotonic() - begin)
            except subprocess.TimeoutExpired:
                run.kill()
                kills += 1
            run.wait()
            errors = run.stderr.read().decode()
            run.stderr.close()
            self.assertIn(run.returncode, (0, -signal.SIGKILL), errors)
            if run.returncode == 0:
                finished += 1
                self.assertEqual(self.digest("killed"), self.digest("whole"))
            more = ["--force"] if run.returncode == 0 else self.go_on("killed")

    def terminate_at_a_checkpoint(self, arguments):
        """arguments(*more): the command, that writes to `stopped`. Gives what it said."""
        run = self.start(*arguments())
        checkpoints = self.folder / "stopped" / "checkpoints"
        while not (checkpoints.exists() and list(checkpoints.iterdir())) and run.poll() is None:
            time.sleep(0.01)
        run.terminate()
        errors = run.communicate()[1].decode()
        self.assertEqual(run.returncode, 75, errors)
        return errors
