"""Runs the built program: what every test of the command line starts from."""
import hashlib
import json
import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

CRISP = os.environ["CRISP"]
SOURCE = pathlib.Path(os.environ["CRISP_SOURCE"])
BUNDLE = ["manifest.json", "weights.safetensors", "recipe.json", "reference.json", "card.md"]
TELEMATICS = SOURCE / "examples" / "telematics"


class ProgramCase(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="crisp-test-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def run_crisp(self, *arguments, stdin=b"", **options):
        return subprocess.run([CRISP, *map(str, arguments)], input=stdin, capture_output=True, cwd=self.folder,
                              timeout=120, **options)

    def ok(self, *arguments, **options):
        """Runs and expects success; the text of stdout."""
        done = self.run_crisp(*arguments, **options)
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        return done.stdout.decode()

    def ok_json(self, *arguments, **options):
        return json.loads(self.ok(*arguments, "--json", **options))

    def fails(self, code, *arguments, says=(), **options):
        """Runs and expects the exit code, one error line that says all of `says`, and no trace of a half-done job."""
        done = self.run_crisp(*arguments, **options)
        text = done.stderr.decode()
        self.assertEqual(done.returncode, code, text)
        errors = [line for line in text.splitlines() if line.startswith("error: ")]
        self.assertEqual(len(errors), 1, text)
        for part in [says] if isinstance(says, str) else says:
            self.assertIn(part, text)
        self.assertEqual(self.leftovers(), [])
        return text

    def digest(self, out):
        """Of a bundle, to compare it with another."""
        return [hashlib.sha256((self.folder / out / name).read_bytes()).hexdigest() for name in BUNDLE]

    def leftovers(self):
        return [str(path) for path in self.folder.rglob("*.tmp-*")]
