"""Project files with a [target]: what `train --target` does, from a file, and what people write wrongly in it."""
import json
import unittest

from program_case import SOURCE, ProgramCase
from tables import text
from test_predicting import rows

FLATS = SOURCE / "examples" / "flats"
BASE = '[data]\npath = "data.csv"\n[target]\ncolumn = "price"\n'


class Projects(ProgramCase):
    def setUp(self):
        super().setUp()
        self.table = [dict(row, part="test" if i % 4 == 0 else "train", times=str(1 + i % 3)) for i, row in enumerate(rows())]
        self.file("data.csv", text(self.table))

    def project(self, body):
        return self.file("project.toml", body)

    def told(self, body, *flags, out="out"):
        return self.ok_json("run", self.project(body), "-o", self.folder / out, *flags)

    def test_the_same_as_train(self):
        told = self.told(BASE + '[split]\ngroup = "shop"\ntest_share = 0.3\n[model]\nname = "ridge"\nrefit = "all"\n'
                         'features = ["size", "weight", "colour"]\n[model.params]\nalpha = 2.0\n')
        flags = ["--target", "price", "--group", "shop", "--test-share", "0.3", "--model", "ridge", "--refit", "all", "--set", "alpha=2",
                 "--features", "size,weight,colour"]
        same = self.ok_json("train", self.folder / "data.csv", *flags, "-o", self.folder / "train")
        for key in ("metrics", "rows", "features", "parameters", "fitted_on", "data_fingerprint", "left_out", "preparation"):
            self.assertEqual(told[key], same[key], key)
        for name in ("weights.safetensors", "recipe.json", "reference.json"):
            self.assertEqual((self.folder / "out" / name).read_bytes(), (self.folder / "train" / name).read_bytes(), name)

    def test_figures_to_tell_each_round(self):
        told = self.told(BASE + '[model]\nname = "gbdt"\n[model.params]\nmetrics = ["mae", "r2"]\nn_estimators = 7\n')
        history = told["training"]["history"]
        self.assertEqual(len(history), 7)
        self.assertLess(history[-1]["validation_mae"], history[0]["validation_mae"])
        self.assertGreater(history[-1]["validation_r2"], history[0]["validation_r2"])
        body = BASE + '[model]\nname = "gbdt"\n[model.params]\nmetrics = ["mae", "f1"]\n'
        self.fails(78, "run", self.project(body), "-o", self.folder / "other", says="metrics 'f1' is no figure of price")

    def test_classes_and_the_positive_one(self):
        told = self.told('[data]\npath = "data.csv"\n[target]\ncolumn = "dear"\npositive = "no"\ntask = "classification"\n')
        self.assertEqual((told["model"], told["target"]["classes"]), ("gbdt", ["yes", "no"]))

    def test_ways_to_say_which_rows_test(self):
        for body, count in (('test = "part == \'test\'"', 100), ('column = "part"', 100), ('column = "part"\ntest_value = "test"', 100),
                            ("test_share = 0.5", 200), ('test_path = "later.csv"', 30), ("folds = 4", 400)):
            self.file("later.csv", text([dict(row, part="test", times="1") for row in rows(30, seed=9)]))
            told = self.told(BASE + f"[split]\n{body}\n", "--force")
            self.assertEqual(told["rows"]["test"], count, body)
            self.assertLess(told["metrics"]["rmse"], told["dummy"]["rmse"] / 3, body)

    def test_a_leak_past_a_condition_is_refused(self):
        body = BASE + '[split]\ntest = "part == \'test\'"\ngroup = "shop"\n'
        self.fails(65, "run", self.project(body), "-o", self.folder / "out", says=["shop", "both sides"])
        self.told(body + "allow_leak = true\n")

    def test_own_steps_then_what_the_model_needs(self):
        told = self.told(BASE + '[[recipe]]\nstep = "filter"\nwhere = "size > 1"\n[[recipe]]\nstep = "derive"\nname = "half"\nas = "size / 2"\n')
        self.assertTrue({"half", "size"} <= set(told["features"]))
        self.assertTrue(any(name.startswith("colour") for name in told["features"]))
        self.assertLess(sum(told["rows"].values()), 400)
        answers = self.ok("predict", self.folder / "out", self.folder / "data.csv")
        self.assertEqual(len(answers.splitlines()), 1 + sum(told["rows"].values()))

    def test_a_recipe_with_a_fitted_step_is_taken_as_it_is(self):
        told = self.told(BASE + '[[recipe]]\nstep = "impute"\ncolumns = ["weight"]\nmethod = "median"\n')
        self.assertEqual(told["features"], ["size", "weight", "times"])
        self.assertEqual(told["preparation"], [])

    def test_slices_and_success(self):
        told = self.told(BASE + '[report]\nslices = ["colour"]\n[success]\nr2 = 0.9\nrmse = 3\n')
        self.assertEqual({row["value"] for row in told["slices"]["colour"]}, {"red", "green", "blue"})
        self.assertEqual(told["unmet_criteria"], [])
        body = BASE + "[success]\nr2 = 0.99999\nrmse = 0.001\n"
        self.fails(1, "run", self.project(body), "-o", self.folder / "unmet", says=["r2", "at least 0.99999", "rmse", "at most 0.001"])
        self.assertTrue((self.folder / "unmet" / "manifest.json").exists())
        self.assertEqual(len(json.loads((self.folder / "unmet" / "run.json").read_text())["unmet_criteria"]), 2)

    def test_weights(self):
        plain, weighed = self.told(BASE), self.told(BASE.replace("\n[target]", '\n[target]\nweight = "times"'), out="weighed")
        self.assertIn("times", plain["features"])
        self.assertNotIn("times", weighed["features"])
        self.assertIn({"column": "times", "why": "weighs the rows"}, weighed["left_out"])

    def test_rows_of_no_weight_do_not_count(self):
        self.file("clean.csv", text([dict(row, times="1") for row in rows(100, seed=2)]))
        for weight in (0, 1):
            self.file("data.csv", text([dict(row, times=str(weight if i % 2 else 1), price=f"{-float(row['price'])}" if i % 2 else row["price"])
                                        for i, row in enumerate(rows())]))
            told = self.told('[data]\npath = "data.csv"\n[target]\ncolumn = "price"\nweight = "times"\n[split]\ntest_path = "clean.csv"\n',
                             "--force")
            self.assertEqual(told["metrics"]["rmse"] < 2, weight == 0, told["metrics"])

    def test_the_example(self):
        told = self.ok_json("run", FLATS / "crisp.toml", "-o", self.folder / "flats")
        self.assertEqual((told["rows"]["train"] + told["rows"]["test"], told["unmet_criteria"]), (900, []))
        self.assertEqual(len(told["slices"]["district"]), 5)
        self.assertNotIn("checks", told["features"])
        self.assertIn("area_a_room", told["features"])
        self.assertIn("What should a flat", (self.folder / "flats" / "report.html").read_text())
        self.ok("predict", self.folder / "flats", FLATS / "data" / "flats.csv", "-o", self.folder / "answers.csv")


class Mistakes(Projects):
    def refuses(self, code, body, says):
        said = self.fails(code, "run", self.project(body), "-o", self.folder / "out", says=says)
        for late in ("preparing", "training"):
            self.assertNotIn(late, said)
        self.assertFalse((self.folder / "out").exists())

    def test_keys_that_nobody_knows(self):
        self.refuses(78, BASE + "[split]\ntest_shar = 0.2\n", says=["project.toml:6", "test_shar", "test_share"])
        self.refuses(78, BASE + 'wieght = "times"\n', says=["project.toml:5", "weight"])
        self.refuses(78, BASE.replace("[target]", "[traget]"), says=["project.toml:3", "target"])
        self.refuses(78, '[data]\npath = "data.csv"\n[target]\ntask = "regression"\n', says=["project.toml:3", "column"])

    def test_a_detectors_sections(self):
        self.refuses(78, BASE + '[label]\ncolumn = "dear"\nanomaly = "yes"\n', says=["project.toml:5", "[label]", "[target]"])
        self.refuses(78, BASE + '[model]\nname = "ridge"\nper = "shop"\n', says=["project.toml:7", "per"])

    def test_models(self):
        self.refuses(78, BASE + '[model]\nname = "rigde"\n', says=["project.toml:6", "ridge"])
        self.refuses(78, BASE + '[model]\nname = "kmeans"\n', says=["project.toml:6", "kmeans", "linear"])
        self.refuses(78, BASE + '[model]\nname = "ridge"\n[model.params]\nalhpa = 1\n', says=["project.toml:8", "alpha"])

    def test_columns_that_will_not_be_there(self):
        self.refuses(78, BASE.replace("price", "prise"), says=["project.toml:4", "[target] column", "'price'"])
        self.refuses(78, BASE + '[split]\ngroup = "shopp"\n', says=["project.toml:6", "[split] group", "'shop'"])
        self.refuses(78, BASE + '[report]\nslices = ["colour", "coulor"]\n', says=["project.toml:6", "slices", "'colour'"])
        self.refuses(78, BASE + 'weight = "tims"\n', says=["project.toml:5", "weight", "'times'"])
        self.refuses(78, BASE + '[split]\ntest = "prat > 3"\n', says=["'prat'", "part"])

    def test_what_excludes_each_other(self):
        self.refuses(78, BASE + '[split]\ncolumn = "part"\ntest_share = 0.2\n', says=["project.toml:7", "column"])
        self.refuses(78, BASE + "[split]\nfolds = 3\ntest_share = 0.2\n", says=["folds", "test_share"])
        self.refuses(78, BASE + "[split]\ntest_share = 1.5\n", says=["project.toml:6", "1.5"])
        self.refuses(78, BASE + '[model]\nfeatures = ["price", "size"]\n', says=["project.toml:4", "price", "features"])

    def test_figures_that_are_none_of_the_task(self):
        self.refuses(78, BASE + "[success]\nroc_auk = 0.7\n", says=["project.toml:6", "roc_auc"])
        self.refuses(78, BASE + 'task = "regression"\n[success]\nroc_auc = 0.7\n', says=["project.toml:7", "roc_auc", "regression"])
        self.refuses(78, BASE + "[success]\nroc_auc = 0.7\n", says=["roc_auc", "regression"])

    def test_weights(self):
        for value, says in (("", "no value in 2 rows"), ("-1", "below 0 in 2 rows"), ("inf", "infinite value in 2 rows")):
            self.file("data.csv", text([dict(row, times=value if i in (3, 5) else "1") for i, row in enumerate(self.table)]))
            self.refuses(65, BASE + 'weight = "times"\n', says=["'times'", says])
        self.refuses(65, BASE + 'weight = "colour"\n', says=["'colour'", "numbers"])
        self.refuses(78, BASE + 'weight = "times"\n[model]\nfeatures = ["size", "times"]\n', says=["times", "features"])

    def test_a_detectors_project_has_nothing_to_go_on_with_at_first(self):
        project = self.project('[data]\npath = "data.csv"\n[model]\nname = "kmeans"\n')
        self.fails(66, "run", project, "--resume", "-o", self.folder / "out", says="no run to go on with")


if __name__ == "__main__":
    unittest.main()
