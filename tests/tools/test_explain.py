"""crisp explain as people use it: beside what XGBoost, LightGBM and scikit-learn say (tests/data/explain/make.py), and what is done wrong."""
import json
import math
import os
import random
import signal
import subprocess
import time
import unittest

from program_case import CRISP, SOURCE, ProgramCase
from tables import rows_of, text

TRUTH = SOURCE / "tests" / "data" / "explain"


def table(count=300, seed=3):
    draw = random.Random(seed)
    rows = []
    for i in range(count):
        size, weight, colour = draw.uniform(0, 10), draw.gauss(5, 2), draw.choice(["red", "green", "blue"])
        price = 3 * size - weight + {"red": 6, "green": 0, "blue": -6}[colour] + draw.gauss(0, 0.5)
        rows.append({"size": f"{size:.4f}", "weight": f"{weight:.4f}", "colour": colour, "flat": "4", "noise": f"{draw.random():.3f}",
                     "price": f"{price:.4f}", "dear": "yes" if price > 10 else "no", "grade": "abc"[(price > 5) + (price > 15)]})
    return rows


class Explaining(ProgramCase):
    def data(self, name="data.csv", rows=None):
        return self.file(name, text(rows or table()))

    def train(self, target, model, *flags, data=None, features="size,weight,colour,noise", out="model"):
        self.ok("train", data or self.data(), "--target", target, "--model", model, "--features", features, "-o", self.folder / out, *flags)
        return self.folder / out

    def columns(self, document):
        return {column["name"]: column for column in document["columns"]}


class AsTheLibraries(Explaining):
    expected = json.loads((TRUTH / "expected.json").read_text())

    def explained(self, name):
        case = self.expected["cases"][name]
        self.ok("import", TRUTH / name, "-o", self.folder / name, "--target", case["target"])
        metric = ["--metric", case["metric"], "--repeats", "400"] if "metric" in case else []
        shown = [flag for row in range(len(case["shap"])) for flag in ("--row", row + 1)]
        return case, self.ok_json("explain", self.folder / name, TRUTH / "rows.csv", *metric, *shown)

    def test_shapley_values_gain_and_splits(self):
        for name in self.expected["cases"]:
            case, found = self.explained(name)
            near = 1e-9 if name.startswith("lightgbm") else 2e-5  # XGBoost adds up in 32 bits
            columns = self.columns(found)
            for place, column in enumerate(self.expected["columns"]):
                # A column that no tree asks for is not among those that the model reads, or says nothing.
                told = columns.get(column, {"gain": 0, "splits": 0})
                self.assertAlmostEqual(told["gain"] / max(1, case["gain"][place]), case["gain"][place] / max(1, case["gain"][place]), delta=1e-6)
                self.assertEqual(told["splits"], case["splits"][place], (name, column))
                for row, values in zip(found["shap"]["rows"], case["shap"]):
                    self.assertAlmostEqual(row["values"].get(column, 0), values[place], delta=near, msg=(name, column, row["row"]))
                    self.assertAlmostEqual(row["expected"], values[-1], delta=near)
            self.assertLess(found["shap"]["additivity_residual"], 1e-12 if name.startswith("lightgbm") else 1e-5)

    def test_permutation_importance(self):
        for name, case in self.expected["cases"].items():
            if "metric" not in case:
                continue
            case, found = self.explained(name)
            columns = self.columns(found)
            for place, column in enumerate(self.expected["columns"]):
                mean, std = case["permutation"]["mean"][place], case["permutation"]["std"][place]
                told = columns.get(column, {"permutation": {"mean": 0, "std": 0}})["permutation"]
                # Two means of 400 draws each.
                self.assertAlmostEqual(told["mean"], mean, delta=5 * std * math.sqrt(2 / 400) + 1e-9, msg=(name, column))
                self.assertAlmostEqual(told["std"], std, delta=0.25 * std + 1e-9, msg=(name, column))


class Trained(Explaining):
    def test_a_number_by_trees(self):
        model = self.train("price", "gbdt")
        found = self.ok_json("explain", model, self.data(), "-o", self.folder / "why")
        self.assertEqual(found["schema"], "crisp.explain/1")
        self.assertEqual([column["name"] for column in found["columns"]][:2], ["size", "colour"])
        self.assertEqual((found["shap"]["of"], found["permutation"]["metric"]), ("price", "rmse"))
        self.assertLess(found["shap"]["additivity_residual"], 1e-10)
        for row in found["shap"]["rows"]:
            self.assertAlmostEqual(row["expected"] + sum(row["values"].values()), row["margin"], places=9)
        margins = [row["margin"] for row in found["shap"]["rows"]]
        self.assertEqual(margins, sorted(margins, reverse=True))
        self.assertEqual(sorted(path.name for path in (self.folder / "why").iterdir() if not path.name.startswith(".")),
                         ["explain.json", "report.html", "shap.parquet"])
        self.assertEqual(json.loads((self.folder / "why/explain.json").read_text()), found)

    def test_margins_are_what_the_model_answers(self):
        model = self.train("dear", "gbdt")
        found = self.ok_json("explain", model, self.data(), "--row", "5", "--row", "70")
        rows = rows_of(self.ok("predict", model, self.data(), "--proba"))
        for row in found["shap"]["rows"]:
            self.assertAlmostEqual(1 / (1 + math.exp(-row["margin"])), float(rows[row["row"] - 1]["probability_yes"]), places=9)
        self.assertEqual(found["shap"]["of"], "log-odds of yes")
        other = self.ok_json("explain", model, self.data(), "--row", "5", "--row", "70", "--class", "no")
        self.assertEqual(other["shap"]["of"], "log-odds of no")
        for one, two in zip(found["shap"]["rows"], other["shap"]["rows"]):
            self.assertAlmostEqual(one["margin"], -two["margin"])
            self.assertAlmostEqual(one["values"]["size"], -two["values"]["size"])

    def test_one_class_of_several_or_each_rows_own(self):
        model = self.train("grade", "random_forest", "--set", "n_estimators=10")
        own = self.ok_json("explain", model, self.data(), "--row", "1", "-o", self.folder / "own")
        predicted = rows_of(self.ok("predict", model, self.data()))
        self.assertAlmostEqual(own["shap"]["rows"][0]["margin"], float(predicted[0]["probability"]), places=9)
        self.assertEqual((own["shap"]["of"], own["shap"]["expected"]), ("probability of the predicted class", None))
        one = self.ok_json("explain", model, self.data(), "--class", predicted[0]["prediction"], "--row", "1")
        self.assertEqual(one["shap"]["rows"], own["shap"]["rows"])
        self.assertEqual(one["shap"]["of"], own["shap"]["rows"][0]["of"])
        columns = self.ok_json("profile", self.folder / "own" / "shap.parquet")["columns"]
        self.assertEqual([column["name"] for column in columns][:4], ["row", "class", "margin", "expected"])
        self.assertIn("shap_size", [column["name"] for column in columns])

    def test_calibrated_probabilities(self):
        # Of columns that say little the calibrated answer is often another class than the largest sum's.
        model = self.train("grade", "gbdt", "--calibrate", "isotonic", features="weight,noise")
        raw = rows_of(self.ok("predict", self.train("grade", "gbdt", features="weight,noise", out="raw"), self.data()))
        found = self.ok_json("explain", model, self.data(), *[flag for row in range(1, 301) for flag in ("--row", row)])
        self.assertIn("before that", " ".join(found["notes"]))
        predicted = rows_of(self.ok("predict", model, self.data()))
        self.assertNotEqual([row["prediction"] for row in raw], [row["prediction"] for row in predicted])
        for row, answer in zip(found["shap"]["rows"], predicted):
            self.assertEqual(row["of"], "logit of " + answer["prediction"])

    def test_what_a_text_became_stays_together(self):
        model = self.train("price", "ridge")  # texts as columns of 0 and 1
        found = self.ok_json("explain", model, self.data())
        self.assertEqual(set(self.columns(found)), {"size", "weight", "colour", "noise"})
        colour = self.columns(found)["colour"]
        self.assertGreater(colour["permutation"]["mean"], 3)
        self.assertIsNone(colour["gain"])

    def test_a_line_moves_by_weight_times_distance_from_the_mean(self):
        model = self.train("price", "ridge", features="size,weight,noise")
        rows = table()
        found = self.ok_json("explain", model, self.data(), "--row", "9")["shap"]["rows"][0]
        mean = sum(float(row["size"]) for row in rows) / len(rows)
        changed = self.data("changed.csv", [rows[8], dict(rows[8], size=f"{mean:.12f}")])
        with_own, with_mean = [float(row["prediction"]) for row in rows_of(self.ok("predict", model, changed))]
        self.assertAlmostEqual(found["values"]["size"], with_own - with_mean, places=4)

    def test_a_model_without_sums_has_permutation_importance(self):
        model = self.train("price", "knn")
        found = self.ok_json("explain", model, self.data(), "-o", self.folder / "why")
        self.assertNotIn("shap", found)
        self.assertIn("no Shapley values", " ".join(found["notes"]))
        self.assertEqual(found["columns"][0]["name"], "size")
        self.assertFalse((self.folder / "why/shap.parquet").exists())
        self.fails(64, "explain", model, self.data(), "--row", "1", says=["--row", "knn"])

    def test_a_column_that_is_the_same_everywhere(self):
        rows = [dict(row, colour="red") for row in table(100)]
        model = self.train("price", "ridge")
        found = self.columns(self.ok_json("explain", model, self.data("red.csv", rows)))
        self.assertIn("colour", found)
        self.assertEqual(found["colour"]["permutation"]["mean"], 0)
        self.assertFalse(any("=" in name for name in found), found.keys())

    def test_small_trees_as_rules(self):
        model = self.train("price", "decision_tree", "--set", "max_depth=2")
        found = self.ok_json("explain", model, self.data())
        self.assertEqual((len(found["rules"]), len(found["rules"][0])), (1, 4))
        self.assertTrue(all("→" in rule for rule in found["rules"][0]))
        self.assertIn("rule by rule", self.ok("explain", model, self.data()))
        texts = self.train("grade", "decision_tree", "--set", "max_depth=1", "--force", features="colour")
        self.assertRegex(" ".join(self.ok_json("explain", texts, self.data())["rules"][0]), "{(red|green|blue)")

    def project(self, recipe, features, rows=None):
        self.data("data.csv", rows)
        body = f'[data]\npath = "data.csv"\n[target]\ncolumn = "price"\n{recipe}[model]\nname = "gbdt"\nfeatures = {json.dumps(features)}\n'
        self.ok("run", self.file("project.toml", body), "-o", self.folder / "model")
        return self.ok_json("explain", self.folder / "model", self.folder / "data.csv", "-o", self.folder / "why")

    def test_a_column_made_of_several_stands_by_itself(self):
        found = self.project('[[recipe]]\nstep = "derive"\nname = "rest"\nas = "3 * size - weight"\n', ["rest", "colour", "weight"])
        columns = self.columns(found)
        self.assertEqual({name: column["input"] for name, column in columns.items()}, {"rest": False, "colour": True, "weight": True, "size": True})
        self.assertIsNone(columns["rest"]["permutation"]["mean"])
        self.assertGreater(columns["size"]["permutation"]["mean"], 1)
        self.assertIsNone(columns["size"]["mean_abs_shap"])
        self.assertGreater(columns["rest"]["mean_abs_shap"], 1)
        self.assertEqual(found["notes"], [])

    def test_a_column_made_in_place_of_several_is_not_the_one_given(self):
        found = self.project('[[recipe]]\nstep = "derive"\nname = "size"\nas = "3 * size - weight"\n', ["size", "colour"])
        names = [column["name"] for column in found["columns"]]
        self.assertEqual(sorted(names), ["colour", "size", "size (prepared)", "weight"])
        self.assertEqual(names[0], "size (prepared)")
        for row in found["shap"]["rows"]:
            self.assertAlmostEqual(row["expected"] + sum(row["values"].values()), row["margin"], places=6)
        self.assertIsNone(self.columns(found)["size"]["splits"])

    def test_rows_that_need_those_beside_them_are_explained_after_the_steps_that_see_all(self):
        rows = [dict(row, id=str(i // 2)) for i, row in enumerate(table())]
        found = self.project('[[recipe]]\nstep = "derive"\nname = "before"\nas = "coalesce(previous(size, id), 0)"\n[[recipe]]\nstep = "filter"\n'
                             'where = "before > 0"\n', ["before", "size", "weight"], rows)
        self.assertEqual((found["rows"], found["of_rows"]), (150, 150))
        self.assertIn("after the stateless steps", found["notes"][0])
        self.assertEqual(set(self.columns(found)), {"before", "size", "weight"})
        self.assertTrue(all(column["input"] for column in found["columns"]))
        self.assertEqual(found["permutation"]["rows"], 150)

    def test_one_repeat_has_no_deviation(self):
        found = self.ok_json("explain", self.train("price", "knn"), self.data(), "--repeats", "1")
        self.assertGreater(found["columns"][0]["permutation"]["mean"], 1)
        self.assertIsNone(found["columns"][0]["permutation"]["std"])

    def test_rows_are_drawn_and_said(self):
        model = self.train("price", "gbdt", "--set", "n_estimators=10")
        found = self.ok_json("explain", model, self.data(), "--rows", "50", "--row", "299")
        self.assertIn(found["rows"], (50, 51))
        self.assertEqual((found["of_rows"], found["shap"]["rows"][0]["row"]), (300, 299))
        self.assertIn("drawn out of 300", " ".join(found["notes"]))

    def test_any_threads_give_the_same_bytes(self):
        model = self.train("dear", "gbdt")
        for threads in ("1", "3"):
            self.ok("explain", model, self.data(), "--threads", threads, "-o", self.folder / threads)
        for name in ("report.html", "shap.parquet", "explain.json"):
            self.assertEqual((self.folder / "1" / name).read_bytes(), (self.folder / "3" / name).read_bytes(), name)
        self.assertNotEqual(self.ok("explain", model, self.data(), "--seed", "1"), self.ok("explain", model, self.data(), "--seed", "2"))

    def test_a_forecast(self):
        rows = [{"day": f"2024-{1 + i // 28:02}-{1 + i % 28:02}", "load": f"{10 + 5 * (i % 7):.1f}", "extra": str(i % 3)} for i in range(200)]
        data = self.file("load.csv", text(rows))
        self.ok("train", data, "--target", "load", "--task", "forecast", "--horizon", "3", "-o", self.folder / "model")
        found = self.ok_json("explain", self.folder / "model", data)
        self.assertEqual(found["columns"][0]["name"], "load")
        self.assertNotIn("shap", found)

    def test_the_page_is_whole_and_offline(self):
        self.ok("explain", self.train("dear", "gbdt"), self.data(), "-o", self.folder / "why")
        page = (self.folder / "why/report.html").read_text()
        self.assertTrue(page.rstrip().endswith("</html>"))
        self.assertNotIn("src=\"http", page)
        for part in ("Mean |SHAP|", "Permutation importance", "Gain", "What moved each row", "Row "):
            self.assertIn(part, page)
        self.assertLess(len(page), 500_000)
        self.assertIn("Gain by column", (self.folder / "model/report.html").read_text())

    def test_fits_eighty_columns(self):
        said = self.ok("explain", self.train("dear", "gbdt"), self.data(), env={**os.environ, "COLUMNS": "80", "LC_ALL": "C.UTF-8"})
        self.assertLessEqual(max(map(len, said.splitlines())), 80, said)
        for part in ("mean |SHAP|", "loss of roc_auc", "splits", "residual", "█"):
            self.assertIn(part, said)


    def test_stopped_it_leaves_nothing(self):
        model = self.train("dear", "gbdt", data=self.data("many.csv", table(20000)))
        command = [CRISP, "explain", model, self.folder / "many.csv", "--repeats", "1000", "-o", self.folder / "why"]
        running = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        while not (self.folder / "why").exists() and running.poll() is None:
            time.sleep(0.01)
        time.sleep(0.5)
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=60)
        self.assertEqual(running.returncode, 128 + signal.SIGINT)
        self.assertFalse((self.folder / "why").exists())


class DoneWrong(Explaining):
    def setUp(self):
        super().setUp()
        self.model = self.train("dear", "gbdt", "--set", "n_estimators=5")

    def without(self, *names):
        return self.data("less.csv", [{name: value for name, value in row.items() if name not in names} for row in table()])

    def test_no_target_leaves_what_needs_none(self):
        found = self.ok_json("explain", self.model, self.without("dear"))
        self.assertIn("no column 'dear'", " ".join(found["notes"]))
        self.assertNotIn("permutation", found)
        self.assertIsNone(self.columns(found)["size"]["permutation"]["mean"])
        self.fails(65, "explain", self.model, self.without("dear"), "--metric", "accuracy", says=["'dear'", "--target"])
        self.fails(65, "explain", self.model, self.without("dear"), "-o", self.folder / "why", "--repeats", "2", says="'dear'")
        self.assertFalse((self.folder / "why").exists())

    def test_a_target_of_another_name(self):
        rows = [{("was_dear" if name == "dear" else name): value for name, value in row.items()} for row in table()]
        found = self.ok_json("explain", self.model, self.data("other.csv", rows), "--target", "was_dear")
        self.assertEqual(found["permutation"]["rows"], 300)
        self.fails(65, "explain", self.model, self.data("other.csv", rows), "--target", "was_deer", says="was_dear")

    def test_rows_without_a_target_do_not_judge(self):
        rows = [dict(row, dear="" if i < 100 else row["dear"]) for i, row in enumerate(table())]
        self.assertEqual(self.ok_json("explain", self.model, self.data("part.csv", rows))["permutation"]["rows"], 200)
        blank = self.data("blank.csv", [dict(row, dear="") for row in table()])
        self.assertIn("no row has a dear", " ".join(self.ok_json("explain", self.model, blank)["notes"]))
        self.fails(65, "explain", self.model, blank, "--repeats", "3", says="no row has a dear")

    def test_rows_of_one_class(self):
        rows = [row for row in table() if row["dear"] == "yes"]
        self.assertIn("roc_auc is not defined", " ".join(self.ok_json("explain", self.model, self.data("yes.csv", rows))["notes"]))
        self.ok("explain", self.model, self.data("yes.csv", rows), "--metric", "accuracy")

    def test_a_column_is_missing(self):
        self.fails(65, "explain", self.model, self.without("weight"), "-o", self.folder / "why", says="weight")
        self.assertFalse((self.folder / "why").exists())

    def test_one_row(self):
        found = self.ok_json("explain", self.model, self.data("one.csv", table()[:1]), "-o", self.folder / "why")
        self.assertEqual(len(found["shap"]["rows"]), 1)
        self.assertTrue({"size", "weight", "colour"} <= set(self.columns(found)))

    def test_a_row_that_is_not_there(self):
        self.fails(65, "explain", self.model, self.data(), "--row", "301", says=["--row 301", "300 rows"])
        self.fails(65, "explain", self.model, self.data(), "--row", "0", says="counted from 1")

    def test_no_rows(self):
        self.fails(65, "explain", self.model, self.file("empty.csv", "size,weight,colour,noise,dear\n"), says="empty.csv")

    def test_a_class_or_metric_that_is_not_there(self):
        self.fails(64, "explain", self.model, self.data(), "--class", "yess", says=["yess", "'yes'"])
        self.fails(64, "explain", self.model, self.data(), "--metric", "rocauc", says="roc_auc")
        self.fails(64, "explain", self.model, self.data(), "--metric", "rmse", says=["rmse", "dear"])
        self.fails(64, "explain", self.model, self.data(), "--repeats", "0", says="repeats")

    def test_a_detector(self):
        self.ok("train", self.data(), "-o", self.folder / "detector")
        self.fails(64, "explain", self.folder / "detector", self.data(), says=["is a detector", "crisp predict"])

    def test_files_that_are_no_model_or_no_table(self):
        self.fails(64, "explain", self.data(), self.model, says="the model comes first")
        self.fails(66, "explain", self.folder / "nothing", self.data(), says="nothing")
        self.fails(66, "explain", self.model, self.folder / "nothing.csv", says="nothing.csv")
        self.fails(64, "explain", self.model, self.model, says="is a model, not a table")

    def test_a_folder_that_holds_something(self):
        self.fails(73, "explain", self.model, self.data(), "-o", self.model, says="--force")
        self.ok("explain", self.model, self.data(), "-o", self.folder / "why")
        self.fails(73, "explain", self.model, self.data(), "-o", self.folder / "why", says="--force")
        self.ok("explain", self.model, self.data(), "-o", self.folder / "why", "--force")


if __name__ == "__main__":
    unittest.main()
