"""Installs the build into a scratch folder, runs the program from there and builds examples/embed against it."""
import os
import pathlib
import random
import re
import shutil
import subprocess
import tempfile
import unittest

BUILD, SOURCE = os.environ["CRISP_BUILD"], os.environ["CRISP_SOURCE"]
CMAKE = os.environ.get("CMAKE", "cmake")


def checked(*command, **options):
    done = subprocess.run([str(part) for part in command], capture_output=True, text=True, **options)
    assert done.returncode == 0, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


class InstalledTree(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.scratch = pathlib.Path(tempfile.mkdtemp(prefix="crisp-install-"))
        first = cls.scratch / "first"
        checked(CMAKE, "--install", BUILD, "--prefix", first)
        cls.tree = cls.scratch / "moved"  # a tree that is moved must still run
        first.rename(cls.tree)
        draw = random.Random(1)
        rows = ["a,b"] + [f"{draw.gauss(0, 1)},{draw.gauss(5, 2)}" for _ in range(200)] + ["40,-60"]
        (cls.scratch / "rows.csv").write_text("\n".join(rows) + "\n")

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.scratch)

    def test_nothing_is_found_in_the_build_machines_folders(self):
        for file in [self.tree / "bin/crisp", *(self.tree / "lib/crisp").iterdir()]:
            for line in checked("ldd", file).splitlines():
                found = re.search(r"=> (\S+)", line)
                if not found:
                    continue
                self.assertNotEqual("not", found.group(1), f"{file}: {line}")
                self.assertFalse(found.group(1).startswith(SOURCE), f"{file}: {line}")

    def test_embedding_gives_the_programs_scores(self):
        program = self.tree / "bin/crisp"
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C.UTF-8"}
        model, data = self.scratch / "model", self.scratch / "rows.csv"
        checked(program, "train", data, "-o", model, env=environment)
        answer = checked(program, "predict", model, data, "-o", "-", env=environment).splitlines()
        place = answer[0].split(",").index("score")
        wanted = [float(line.split(",")[place]) for line in answer[1:]]

        folder = self.scratch / "embed"
        checked(CMAKE, "-S", f"{SOURCE}/examples/embed", "-B", folder, f"-DCMAKE_PREFIX_PATH={self.tree}")
        checked(CMAKE, "--build", folder)
        lines = checked(folder / "embed", model, data, env=environment).splitlines()
        scores = [float(line.split()[0]) for line in lines]
        self.assertEqual(scores, wanted + [wanted[0], wanted[-1]])
        self.assertTrue(lines[200].split()[1] == "anomaly" and " (usual " in lines[200], lines[200])

        refused = subprocess.run([folder / "embed", self.scratch / "none", data], capture_output=True, text=True)
        self.assertEqual(refused.returncode, 66)
        self.assertIn("none", refused.stderr)


if __name__ == "__main__":
    unittest.main()
