"""Training what predicts a column, and using it: what works by itself, and what people do wrong."""
import json
import random
import unittest

from program_case import BUNDLE, ProgramCase
from tables import rows_of, text


def rows(count=400, seed=1):
    """A number and two classes that follow from columns of numbers and of texts."""
    draw = random.Random(seed)
    table = []
    for i in range(count):
        size, weight, colour = draw.uniform(0, 10), draw.gauss(5, 2), draw.choice(["red", "green", "blue"])
        price = 3 * size - weight + {"red": 4, "green": 0, "blue": -4}[colour] + draw.gauss(0, 0.5)
        table.append({"id": f"item-{i}", "size": f"{size:.4f}", "weight": f"{weight:.4f}" if i % 11 else "", "colour": colour,
                      "shop": f"s{i // 10}", "day": f"2024-{1 + i // 28 % 12:02}-{1 + i % 28:02}", "price": f"{price:.4f}",
                      "dear": "yes" if price > 10 else "no"})
    return table


class Predicting(ProgramCase):
    def data(self, name="data.csv", table=None, **more):
        return self.file(name, text(table or rows(**more)))

    def train(self, data, *flags, target="price", out="model"):
        if "--model" not in flags:  # a line is quick, and what the figures here were taken with
            flags = (*flags, "--model", "linear")
        return self.ok("train", data, "--target", target, "-o", self.folder / out, "--json", *flags)

    def trained(self, *args, **named):
        return json.loads(self.train(*args, **named))

    def predicted(self, *flags, model="model"):
        return rows_of(self.ok("predict", self.folder / model, *flags))


class Training(Predicting):
    def test_a_number(self):
        told = self.trained(self.data())
        self.assertEqual((told["task"], told["model"]), ("regression", "linear"))
        self.assertEqual(told["rows"], {"train": 320, "validation": 0, "test": 80})
        self.assertLess(told["metrics"]["rmse"], told["dummy"]["rmse"] / 4)
        for name in ("manifest.json", "weights.safetensors", "recipe.json", "reference.json", "card.md", "report.html",
                     "predictions.parquet", "run.json"):
            self.assertTrue((self.folder / "model" / name).exists(), name)

    def test_probabilities_are_calibrated(self):
        data, flags = self.data(count=2000), ("--model", "decision_tree", "--set", "max_depth=12")
        plain = self.trained(data, *flags, target="dear", out="plain")
        for method in ("isotonic", "sigmoid"):
            told = self.trained(data, *flags, "--calibrate", method, target="dear", out=method)
            self.assertEqual(told["calibration"], method)
            self.assertLess(told["metrics"]["log_loss"], plain["metrics"]["log_loss"])
            self.assertEqual(len([line for line in told["notes"] if "on 1,600 rows, each answered by one of 5 models" in line]), 1)
            given, raw = (self.predicted(data, "--proba", model=model) for model in (method, "plain"))
            self.assertNotEqual([row["probability_yes"] for row in given], [row["probability_yes"] for row in raw])
            for row in given:
                self.assertAlmostEqual(float(row["probability_yes"]) + float(row["probability_no"]), 1, places=12)
        self.assertEqual(plain["calibration"], "none")
        several = self.trained(data, *flags, "--calibrate", "isotonic", "--cv", "3", target="colour", out="several")
        self.assertEqual(several["calibration"], "isotonic")

    def test_calibration_keeps_groups_times_and_weights(self):
        draw = random.Random(5)
        table = [{"shop": f"s{i % 40}", "day": f"2024-01-{1 + i // 40:02}", "size": f"{i % 40 + draw.random():.3f}", "worth": 1 + 9 * (i % 2),
                  "dear": "yes" if (i % 40) * 7 % 3 == 0 else "no"} for i in range(1200)]
        data, tree = self.data("groups.csv", table), ("--model", "decision_tree", "--calibrate", "isotonic")
        # A shop's answer is its own: of shops that a model does not know nothing can be told but how many say yes.
        self.trained(data, *tree, "--features", "size", "--group", "shop", target="dear", out="groups")
        given = [float(row["probability_yes"]) for row in self.predicted(data, "--proba", model="groups")]
        self.assertGreater(min(given), 0.05)
        self.assertLess(max(given), 0.95)
        told = self.trained(data, *tree, "--features", "size", "--time", "day", target="dear", out="times")
        asked = [note for note in told["notes"] if "calibrated" in note][0]
        self.assertIn("each answered by one of 5 models", asked)
        self.assertLess(int(asked.split(" on ")[1].split(" ")[0].replace(",", "")), told["rows"]["train"])
        self.trained(data, *tree, "--features", "size", "--group", "shop", "--weight", "worth", target="dear", out="weights")
        weighed = [float(row["probability_yes"]) for row in self.predicted(data, "--proba", model="weights")]
        self.assertNotEqual(given, weighed)

    def test_what_cannot_be_calibrated(self):
        data, out = self.data(), ("-o", self.folder / "none")
        self.fails(64, "train", data, "--target", "price", "--calibrate", "isotonic", *out, says="price is a number")
        self.fails(64, "train", data, "--target", "price", "--task", "regression", "--calibrate", "isotonic", *out, says="this predicts a number")
        self.fails(64, "train", data, "--calibrate", "isotonic", *out, says="--calibrate goes with --target")
        self.fails(64, "train", data, "--target", "dear", "--calibrate", "magic", *out, says="magic")
        few = self.data("few.csv", rows(30) + [{**rows(1)[0], "dear": "perhaps"}])
        self.fails(65, "train", few, "--target", "dear", "--calibrate", "sigmoid", "--test-share", "0.1", *out, says="class 'perhaps' has no rows")
        odd = self.data("odd.csv", [{**row, "dear": "never" if row["shop"] == "s3" else row["dear"]} for row in rows()])
        self.fails(65, "train", odd, "--target", "dear", "--group", "shop", "--calibrate", "isotonic", *out, says="class 'never' has no rows")
        shops = self.data("shops.csv", [{**row, "shop": str(i % 4)} for i, row in enumerate(rows())])
        self.fails(65, "train", shops, "--target", "dear", "--group", "shop", "--calibrate", "isotonic", *out, says="by shop cannot be dealt to 5 folds")
        self.fails(64, "train", data, "--target", "dear", "--model", "mlp", "--calibrate", "isotonic", "--init-from", "x", *out,
                   says="--calibrate does not go with --init-from")

    def test_boosted_trees_where_no_model_is_named(self):
        told = json.loads(self.ok("train", self.data(), "--target", "price", "-o", self.folder / "usual", "--json"))
        self.assertEqual(told["model"], "gbdt")
        self.assertLess(told["metrics"]["rmse"], told["dummy"]["rmse"] / 2)

    def test_classes(self):
        told = self.trained(self.data(), target="dear")
        self.assertEqual(told["target"]["classes"], ["no", "yes"])
        self.assertGreater(told["metrics"]["roc_auc"], 0.95)
        self.assertAlmostEqual(told["dummy"]["roc_auc"], 0.5)

    def test_the_first_class_may_be_the_positive_one(self):
        self.assertEqual(self.trained(self.data(), "--positive", "no", target="dear")["target"]["classes"], ["yes", "no"])

    def test_numbers_as_classes(self):
        table = [dict(row, mark=str(i % 3)) for i, row in enumerate(rows())]
        told = self.trained(self.data(table=table), "--task", "classification", target="mark")
        self.assertEqual(told["target"]["classes"], ["0", "1", "2"])

    def test_the_same_bytes_again(self):
        data = self.data()
        for out, threads in (("a", "1"), ("b", "2")):
            self.train(data, "--threads", threads, target="dear", out=out)
        for name in BUNDLE:
            self.assertEqual((self.folder / "a" / name).read_bytes(), (self.folder / "b" / name).read_bytes(), name)

    def test_rows_without_a_target_are_counted(self):
        table = rows()
        for row in table[:30]:
            row["price"] = ""
        told = self.trained(self.data(table=table))
        self.assertEqual(sum(told["rows"].values()), 370)
        self.assertIn("30 rows without price left out", told["notes"])

    def test_a_test_table_of_its_own(self):
        told = self.trained(self.data(), "--test", self.data("test.csv", count=50, seed=2))
        self.assertEqual(told["rows"], {"train": 400, "validation": 0, "test": 50})

    def test_groups_times_and_columns_split(self):
        data = self.data()
        self.assertIn("by whole values of shop", " ".join(self.trained(data, "--group", "shop", out="g")["notes"]))
        self.assertIn("the latest by day", " ".join(self.trained(data, "--time", "day", out="t")["notes"]))
        table = [dict(row, part="test" if i % 2 else "train") for i, row in enumerate(rows())]
        self.assertEqual(self.trained(self.data("part.csv", table), "--split-column", "part", out="c")["rows"]["test"], 200)

    def test_a_group_on_both_sides_is_refused_unless_allowed(self):
        table = [dict(row, part="test" if i % 2 else "train") for i, row in enumerate(rows())]
        flags = ["train", self.data(table=table), "--target", "price", "--split-column", "part", "--group", "shop", "-o", self.folder / "m"]
        self.fails(65, *flags, says=["shop", "both sides", "--allow-leak"])
        self.assertFalse((self.folder / "m").exists())
        self.ok(*flags, "--allow-leak")

    def test_folds(self):
        told = self.trained(self.data(), "--cv", "4")
        self.assertEqual(len(told["folds"]), 4)
        self.assertEqual(sum(fold["rows"]["test"] for fold in told["folds"]), 400)
        self.assertEqual((told["rows"]["train"], told["fitted_on"]), (400, "all rows"))

    def test_once_more_on_all_rows(self):
        first, second = self.trained(self.data(), out="a"), self.trained(self.data(), "--refit", "all", out="b")
        self.assertEqual(first["metrics"], second["metrics"])
        manifests = [json.loads((self.folder / name / "manifest.json").read_text()) for name in "ab"]
        self.assertEqual([manifest["fitted_on"] for manifest in manifests], ["training rows", "all rows"])
        self.assertNotEqual((self.folder / "a/weights.safetensors").read_bytes(), (self.folder / "b/weights.safetensors").read_bytes())

    def test_a_bundle_names_the_file_and_no_path(self):
        data = self.data("cars of mine.csv")
        self.train(data, out="predictor")
        self.ok("train", data, "-o", self.folder / "detector")
        for name in ("predictor", "detector"):
            texts = {path.name: path.read_text() for path in (self.folder / name).iterdir() if path.suffix in (".json", ".md")}
            self.assertIn("of cars of mine.csv" if name == "predictor" else "in cars of mine.csv", texts["card.md"])
            for part in ("manifest.json", "recipe.json", "reference.json", "card.md"):
                self.assertNotIn(str(self.folder), texts[part], part)

    def test_a_detectors_columns_are_scaled_as_its_model_needs_them(self):
        for model, method in (("random_cut_forest", "robust_arcsinh"), ("knn", "robust"), ("kmeans", "robust")):
            self.ok("train", self.data(), "--model", model, "-o", self.folder / model)
            steps = json.loads((self.folder / model / "recipe.json").read_text())["steps"]
            self.assertEqual([step["method"] for step in steps], ["median", method])

    def test_fractions_in_a_validation_table_only(self):
        table = [dict(row, count=str(i % 50)) for i, row in enumerate(rows())]
        more = self.data("more.csv", [dict(row, count=f"{i}.5") for i, row in enumerate(rows(20, seed=2))])
        told = self.trained(self.data("counts.csv", table), "--valid", more, "--refit", "all")
        self.assertEqual((told["rows"]["validation"], told["fitted_on"]), (20, "all rows"))

    def test_without_a_target_it_is_a_detector(self):
        self.ok("train", self.data(), "-o", self.folder / "model")
        self.assertEqual(json.loads((self.folder / "model/manifest.json").read_text())["task"], "anomaly")


class Using(Predicting):
    def setUp(self):
        super().setUp()
        self.train(self.data(), target="dear")

    def test_predictions_stand_behind_the_rows(self):
        table = rows(20, seed=3)
        out = self.predicted(self.data("new.csv", table))
        self.assertEqual([row["id"] for row in out], [row["id"] for row in table])
        self.assertEqual(list(out[0])[-3:], ["prediction", "probability", "prediction_correct"])
        right = sum(row["prediction"] == row["dear"] for row in out)
        self.assertEqual(right, sum(row["prediction_correct"] == "true" for row in out))
        self.assertGreater(right, 15)

    def test_without_the_target(self):
        table = [{key: value for key, value in row.items() if key != "dear"} for row in rows(5)]
        self.assertNotIn("prediction_correct", self.predicted(self.data("new.csv", table))[0])

    def test_columns_pass_through_unchanged(self):
        table = [dict(row, count=str(9007199254740993 + i), mark=str(i % 7)) for i, row in enumerate(rows())]
        for target, out in (("mark", "numbers"), ("dear", "classes")):
            self.train(self.data("counts.csv", table), target=target, out=out)
            answers = self.predicted(self.data("new.csv", table[:20]), model=out)
            for key in ("id", "count", "mark", "colour", "shop"):
                self.assertEqual([row[key] for row in answers], [row[key] for row in table[:20]], key)
            whole = self.data("counts.csv", table[:20]).read_bytes()
            self.assertEqual(self.ok("predict", self.folder / out, "-", stdin=whole),
                             self.ok("predict", self.folder / out, self.folder / "counts.csv"))

    def test_a_fraction_in_a_column_of_whole_numbers(self):
        table = [dict(row, count=str(i % 50)) for i, row in enumerate(rows())]
        self.train(self.data("counts.csv", table), out="counts")
        answers = self.predicted(self.data("new.csv", [dict(row, count=count) for row, count in zip(table, ("3", "2.5", "4"))]), model="counts")
        self.assertEqual([float(row["count"]) for row in answers], [3, 2.5, 4])

    def test_a_probability_for_each_class(self):
        for row in self.predicted(self.data("new.csv", count=9), "--proba"):
            self.assertAlmostEqual(float(row["probability_no"]) + float(row["probability_yes"]), 1)
            self.assertEqual(row["probability"], row[f"probability_{row['prediction']}"])

    def test_a_pipe_gives_the_same(self):
        data = self.data("new.csv", count=30, seed=5)
        whole = self.ok("predict", self.folder / "model", data)
        self.assertEqual(self.ok("predict", self.folder / "model", "-", stdin=data.read_bytes()), whole)

    def test_an_unseen_category_is_answered(self):
        self.assertEqual(len(self.predicted(self.data("new.csv", [dict(row, colour="mauve") for row in rows(5)]))), 5)

    def test_a_text_column_of_numbers_is_answered(self):
        self.assertEqual(len(self.predicted(self.data("new.csv", [dict(row, colour="7") for row in rows(5)]))), 5)

    def test_a_text_where_numbers_were_is_refused(self):
        self.fails(65, "predict", self.folder / "model", self.data("new.csv", [dict(row, size="large") for row in rows(5)]),
                   says=["size", "large"])

    def test_a_column_that_is_not_there(self):
        table = [{key: value for key, value in row.items() if key != "size"} for row in rows(5)]
        self.fails(65, "predict", self.folder / "model", self.data("new.csv", table), says="'size'")

    def test_evaluation(self):
        data = self.data("new.csv", count=100, seed=7)
        told = self.ok_json("evaluate", self.folder / "model", data, "--slice", "colour")
        self.assertGreater(told["metrics"]["accuracy"], 0.85)
        self.assertEqual({row["value"] for row in told["slices"]["colour"]}, {"red", "green", "blue"})
        self.ok("evaluate", self.folder / "model", data, "--gate", "accuracy>=0.5")
        self.fails(1, "evaluate", self.folder / "model", data, "--gate", "log_loss<=0.000001", says="log_loss")

    def test_evaluation_without_the_target(self):
        table = [{key: value for key, value in row.items() if key != "dear"} for row in rows(5)]
        self.fails(65, "evaluate", self.folder / "model", self.data("new.csv", table), says="dear")

    def test_a_damaged_bundle(self):
        manifest = self.folder / "model" / "manifest.json"
        manifest.write_text(manifest.read_text().replace('"no"', '"on"'))
        self.fails(65, "predict", self.folder / "model", self.data(), says="manifest.json")


class Mistakes(Predicting):
    def test_new_rows_may_lack_the_target_but_no_feature(self):
        self.train(self.data(), "--features", "size,weight")
        bare = self.data("bare.csv", [{"size": row["size"], "colour": row["colour"]} for row in rows(5)])
        for verb in ("predict", "explain"):
            self.fails(65, verb, self.folder / "model", bare, says="'weight'")
            hint = [line for line in self.run_crisp(verb, self.folder / "model", bare).stderr.decode().splitlines() if "try:" in line]
            self.assertIn("'weight'", hint[0])
            self.assertNotIn("'price'", hint[0])

    def refuses(self, code, *flags, data=None, target="price", says):
        self.fails(code, "train", data or self.data(), "--target", target, "-o", self.folder / "out", *flags, says=says)
        self.assertFalse((self.folder / "out").exists())

    def test_a_target_that_is_not_there(self):
        self.refuses(65, target="prise", says=["prise", "price"])

    def test_the_target_among_the_features(self):
        self.refuses(64, "--features", "size,price", says=["price", "features"])

    def test_a_target_of_one_value(self):
        self.refuses(65, data=self.data("same.csv", [dict(row, price="3") for row in rows()]), says="same number")
        self.refuses(65, data=self.data("one.csv", [dict(row, dear="no") for row in rows()]), target="dear", says="'no' in every row")

    def test_a_blank_target(self):
        self.refuses(65, data=self.data("blank.csv", [dict(row, price="") for row in rows()]), says="blank")

    def test_one_row(self):
        self.refuses(65, data=self.data("one.csv", rows(1)), says="one row")

    def test_three_rows_are_enough(self):
        self.assertEqual(self.trained(self.data("three.csv", rows(3)))["rows"], {"train": 2, "validation": 0, "test": 1})

    def test_a_blank_column_is_left_out(self):
        told = self.trained(self.data("blank.csv", [dict(row, size="") for row in rows()]))
        self.assertIn("size", [left["column"] for left in told["left_out"]])

    def test_flags_that_do_not_belong_together(self):
        self.refuses(64, "--label", "dear", says=["--label", "detector"])
        self.refuses(64, "--cutoff", "3", says="--cutoff")
        self.fails(64, "train", self.data(), "--group", "shop", "-o", self.folder / "out", says=["--group", "--target"])
        self.refuses(64, "--test-share", "1.5", says="1.5")
        self.refuses(64, "--cv", "1", says="--cv")

    def test_a_model_of_the_other_task(self):
        self.refuses(78, "--model", "ridge", target="dear", says=["ridge", "regression", "logistic"])
        self.refuses(78, "--model", "random_cut_forest", says=["random_cut_forest", "linear"])
        self.refuses(78, "--model", "linaer", says="linear")

    def test_a_task_that_does_not_fit(self):
        self.refuses(65, "--task", "regression", target="dear", says="texts")
        self.refuses(65, "--task", "classification", target="id", data=self.data("ids.csv", count=1200), says="1000")
        self.refuses(78, "--positive", "maybe", target="dear", says=["maybe", "no"])

    def test_a_split_column_that_says_nothing(self):
        self.refuses(65, "--split-column", "colour", says=["colour", "--test-value"])
        self.refuses(65, "--group", "shopp", says="shop")


if __name__ == "__main__":
    unittest.main()
