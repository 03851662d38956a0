"""The command line itself: arguments in the wrong place, empty values, streams that are closed, full or left."""
import json
import os
import subprocess
import unittest

from program_case import CRISP, ProgramCase


class BadCommandLine(ProgramCase):
    def test_unknown_verb_and_flag(self):
        self.fails(64, "trian", "x.csv", says=["trian", "train"])
        self.fails(64, "detect", "x.csv", "--thread", "2", says="--thread")
        self.fails(64, says="subcommand")

    def test_arguments_in_the_wrong_place(self):
        self.file("d.csv", "a,b\n" + "1,2\n" * 30)
        self.ok("train", "d.csv", "-o", "m")
        for verb in ("predict", "evaluate"):
            self.fails(64, verb, "d.csv", "m", says=["'d.csv' is no model", f"crisp {verb} m d.csv"])
        self.fails(64, "detect", "m", says=["'m' is a model", "crisp predict m DATA"])
        self.fails(64, "run", "d.csv", says=["'d.csv' is a table", "crisp detect d.csv"])
        self.fails(64, "run", "m", says="'m' is a folder")
        self.fails(64, "detect", "d.csv", "e.csv", says="too many: 'e.csv'")
        self.fails(64, "detect", "d.csv", "--jsno", says=["unknown flag '--jsno'", "--json"])
        self.fails(64, "--versio", says=["unknown flag '--versio'", "--version"])
        self.fails(73, "train", "d.csv", "-o", "-", says="standard output")
        self.assertFalse((self.folder / "-").exists())

    def test_empty_values(self):
        self.file("d.csv", "a,b\n" + "1,2\n" * 30)
        for flag in ("--label", "--per", "--features", "--anomaly"):
            self.fails(64, "detect", "d.csv", flag, "", says=[flag, "empty"])

    def test_a_long_expression_is_shown_around_the_mistake(self):
        self.file("data.csv", "a,b\n" + "1,2\n" * 30)
        where = " + ".join(["a", "b"] * 60) + " + sped > 3"
        project = self.file("p.toml", f'[data]\npath = "data.csv"\n[[recipe]]\nstep = "filter"\nwhere = "{where}"\n[model]\nname = "rcf"\n')
        error, expression, caret = self.fails(78, "run", project, says="sped").splitlines()[-3:]
        self.assertLess(max(map(len, (error.split("position")[1], expression))), 120)
        self.assertEqual(expression[caret.index("^"):][:4], "sped")

    def test_flags_before_the_verb(self):
        self.fails(64, "--json", "run", "x.toml", says=["'--json'", "crisp run --json x.toml"])
        self.fails(64, "--device", "cpu", "detect", "d.csv", says="crisp detect --device cpu d.csv")
        self.ok("--help")

    def test_a_gate_is_read_before_the_model(self):
        for gate, says in (("roc_auc", "METRIC>=VALUE"), ("roc_auk>=0.5", "'roc_auc'"), ("roc_auc>=high", "'high'"),
                           ("roc_auc>=nan", "'nan'"), ("beauty>=1", "balanced_accuracy")):
            self.fails(64, "evaluate", "nowhere", "d.csv", f"--gate={gate}", says=["--gate", says])

    def test_an_output_in_a_folder_that_is_not_there(self):
        self.file("d.csv", "a,b\n" + "1,2\n" * 30)
        text = self.fails(73, "detect", "d.csv", "-o", "no/out.csv", says=["no/out.csv", "no folder 'no'"])
        self.assertNotIn("reading", text)
        self.fails(73, "predict", "model", "d.csv", "-o", "no/out.csv", says="no folder 'no'")

    def test_a_run_that_fails_takes_the_folders_that_it_made_with_it(self):
        self.file("d.csv", "a,b\n")
        self.fails(65, "train", "d.csv", "-o", "new/deep/model/", says="no rows")
        self.assertFalse((self.folder / "new").exists())

    def test_model_and_threshold_are_checked_before_the_data(self):
        for flags, code, says in ((("--threshold", "fixed"), 64, ["fixed", "-k"]), (("--model", "rcff"), 78, "rcf"),
                                  (("--set", "num_tree=5"), 78, "num_trees"), (("--cutoff", "1", "-k", "2"), 64, "-k")):
            self.fails(code, "detect", "nowhere.csv", *flags, says=says)
        self.file("d.csv", "a,b\n" + "1,2\n" * 30)
        self.assertEqual(self.ok_json("detect", "d.csv", "--cutoff", "1.25")["cutoff"], 1.25)

    def test_an_absent_gpu(self):
        self.file("d.csv", "a,b\n" + "1,2\n" * 30)
        self.fails(69, "detect", "d.csv", "--device", "cuda:99", says="cuda:99")
        self.fails(64, "detect", "d.csv", "--device", "gpu", says="gpu")

    def test_a_bad_threshold(self):
        self.file("d.csv", "a,b\n" + "1,2\n" * 30)
        self.fails(78, "detect", "d.csv", "--threshold", "quantile", "-k", "2", says="quantile")

    def test_a_seed_never_wraps_around(self):
        self.file("d.csv", "a,b\n" + "1,2\n" * 30)
        for seed in ("-1", "18446744073709551616", "1e3"):
            self.fails(64, "detect", "d.csv", f"--seed={seed}", says=seed)
        self.ok("detect", "d.csv", "--seed", "18446744073709551615")


class Streams(ProgramCase):
    def shell(self, command):
        return subprocess.run(["bash", "-c", command], capture_output=True, cwd=self.folder, env={**os.environ, "CRISP": CRISP})

    def test_what_cannot_be_printed_is_an_error(self):
        for verb in ("--help", "--version", "detect --help", "models", "functions", "doctor", "completion bash"):
            done = self.shell(f'"$CRISP" {verb} > /dev/full')
            self.assertEqual(done.returncode, 74, verb)
            self.assertEqual(done.stderr.decode().count("error: "), 1)

    def test_a_reader_that_leaves_is_no_error(self):
        self.file("d.csv", "a,b\n" + "".join(f"{i % 7},{i % 5}\n" for i in range(20000)))
        done = self.shell('"$CRISP" detect d.csv -o - -q | head -1; echo "${PIPESTATUS[0]}"')
        self.assertEqual(done.stderr.decode(), "")
        self.assertIn(done.stdout.decode().splitlines()[-1], ("0", "141"))

    def test_a_closed_stdout_never_becomes_a_file_of_the_run(self):
        self.file("d.csv", "a,b\n" + "1,2\n" * 30)
        done = self.shell('"$CRISP" train d.csv -o m >&-')
        self.assertEqual(done.returncode, 74, done.stderr.decode())
        for line in (self.folder / "m/log.jsonl").read_text().splitlines():
            json.loads(line)
        self.assertEqual(self.shell('"$CRISP" train d.csv -o n 2>&- <&-').returncode, 0)


if __name__ == "__main__":
    unittest.main()
