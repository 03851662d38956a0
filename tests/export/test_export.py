"""Exported models, loaded by programs that know nothing of crisp, answer as `crisp predict` does."""
import json
import math
import os
import pathlib
import random
import subprocess
import sys
import unittest
from datetime import datetime, timedelta, timezone

sys.path.insert(0, str(pathlib.Path(os.environ["CRISP_SOURCE"]) / "tests" / "tools"))
from program_case import TELEMATICS, ProgramCase  # noqa: E402
from tables import rows_of, text  # noqa: E402

HERE = pathlib.Path(__file__).parent
PYTHON = os.environ.get("CRISP_TORCH_PYTHON", "")
LOADERS = {"libtorch": [os.environ["CRISP_LOADER"]]}
if PYTHON:
    LOADERS["pytorch"] = [PYTHON, str(HERE / "load_with_pytorch.py")]


def rows(count=300, seed=1, colours=("red", "green", "blue", "")):
    draw = random.Random(seed)
    table = []
    for i in range(count):
        size, weight, colour = draw.uniform(0, 10), draw.gauss(5, 2), draw.choice(colours)
        price = 3 * size - weight + {"red": 4, "blue": -4}.get(colour, 0) + draw.gauss(0, 0.5)
        table.append({"size": f"{size:.4f}", "weight": f"{weight:.4f}" if i % 11 else "", "colour": colour,
                      "fresh": draw.choice(["true", "false"]), "day": f"2024-{1 + i // 28 % 12:02}-{1 + i % 28:02}",
                      "price": f"{price:.4f}", "dear": "yes" if price > 10 else "no", "kind": "abc"[(price > 5) + (price > 15)]})
    return table


class Export(ProgramCase):
    def setUp(self):
        super().setUp()
        self.data = self.file("data.csv", text(rows()))
        # New rows: missing cells, and a colour that nobody has seen.
        self.fresh = self.file("fresh.csv", text(rows(60, 2, ("red", "blue", "", "mauve"))))

    def train(self, *flags, out="model", data=None):
        self.ok("train", data or self.data, "-o", self.folder / out, "-q", *flags)
        return self.folder / out

    def export(self, model, *flags):
        path = self.folder / (model.name + ".pt")
        told = self.ok_json("export", model, "-o", path, *flags)
        self.assertLess(told["verified"]["largest_difference"], 1e-6)
        return path, told

    def predicted(self, model, data, *flags):
        return rows_of(self.ok("predict", model, data, "-q", *flags))

    def loaded(self, path, columns, table):
        """The numbers that each loader gives for the rows."""
        def cell(row, name):
            value = row[name]
            if name == "day" and value:
                return str(datetime.fromisoformat(value).replace(tzinfo=timezone.utc).timestamp())
            return value
        lines = ["\t".join(columns)] + ["\t".join(cell(row, name) for name in columns) for row in table]
        answers = {}
        for name, command in LOADERS.items():
            done = subprocess.run([*command, path], input="\n".join(lines) + "\n", capture_output=True, text=True, timeout=120)
            self.assertEqual(done.returncode, 0, done.stderr)
            answers[name] = [[float(number) for number in line.split("\t")] for line in done.stdout.splitlines()]
        return answers

    def assert_close(self, given, expected, context):
        self.assertTrue(math.isclose(given, expected, rel_tol=1e-6, abs_tol=1e-9), f"{context}: {given} is not {expected}")

    def check_predictor(self, *flags, target, data_flags=()):
        model = self.train("--target", target, *flags)
        path, told = self.export(model, "--verify", self.fresh)
        self.assertEqual(told["verified"]["rows"], 60)
        expected = self.predicted(model, self.fresh, *data_flags)
        classes = json.loads((model / "manifest.json").read_text())["target"].get("classes") or []
        table = rows_of(self.fresh.read_text())
        for loader, answers in self.loaded(path, told["columns"], table).items():
            self.assertEqual(len(answers), len(expected))
            for row, (answer, truth) in enumerate(zip(answers, expected)):
                if not classes:
                    self.assert_close(answer[0], float(truth["prediction"]), (loader, row))
                    continue
                self.assertEqual(classes[int(answer[0])], truth["prediction"], (loader, row))
                for place, name in enumerate(classes):
                    self.assert_close(answer[1 + place], float(truth[f"probability_{name}"]), (loader, row, name))
        return told

    def check_detector(self, model):
        path, told = self.export(model, "--verify", self.fresh)
        expected = self.predicted(model, self.fresh)
        for loader, answers in self.loaded(path, told["columns"], expected).items():
            for row, (answer, truth) in enumerate(zip(answers, expected)):
                self.assert_close(answer[0], float(truth["score"]), (loader, row))
                self.assertEqual(bool(answer[1]), truth["is_anomaly"] == "true", (loader, row))
        return told


class Models(Export):
    def test_linear(self):
        self.check_predictor("--model", "linear", target="price")

    def test_two_classes(self):
        self.check_predictor("--model", "logistic", target="dear", data_flags=("--proba",))

    def test_three_classes(self):
        self.check_predictor("--model", "linear", target="kind", data_flags=("--proba",))

    def test_dummy(self):
        self.check_predictor("--model", "dummy", target="kind", data_flags=("--proba",))

    def test_mlp_of_numbers(self):
        self.check_predictor("--model", "mlp", "--set", "epochs=3", "--set", "numeric_pieces=4", "--set", "activation=gelu", target="price")

    def test_mlp_of_classes(self):
        self.check_predictor("--model", "mlp", "--set", "epochs=3", target="dear", data_flags=("--proba",))

    def test_normalised_nets(self):
        for norm in ("layer", "batch"):
            self.check_predictor("--model", "mlp", "--set", "epochs=3", "--set", "hidden_layers=40, 20", "--set", f"normalisation={norm}",
                                 "--force", target="price")
            (self.folder / "model.pt").unlink()

    def test_forests(self):
        for model in ("random_forest", "extra_trees", "decision_tree"):
            for target, flags in (("kind", ("--proba",)), ("price", ())):
                self.check_predictor("--model", model, "--force", target=target, data_flags=flags)
                (self.folder / "model.pt").unlink()

    def test_isolation_forest(self):
        self.check_detector(self.train("--features", "size,price", "--model", "isolation_forest"))

    def test_calibrated_probabilities(self):
        for method in ("isotonic", "sigmoid"):
            for target in ("dear", "kind"):
                self.check_predictor("--model", "gbdt", "--calibrate", method, "--force", target=target, data_flags=("--proba",))
                (self.folder / "model.pt").unlink()

    def test_votes(self):
        members = "members=ridge, knn(n_neighbors=9), mlp(epochs=3, hidden_layers='20, 10')"
        self.check_predictor("--model", "voting", "--set", members, "--set", "weights=3, 2, 2", target="price")
        for voting in ("soft", "hard"):
            (self.folder / "model.pt").unlink()
            self.check_predictor("--model", "voting", "--set", members.replace("ridge", "logistic"), "--set", "weights=3, 2, 2", "--set",
                                 f"voting={voting}", "--force", target="kind", data_flags=("--proba",))

    def test_forecasts(self):
        def series(count, seed):
            table = rows(count, seed)
            for i, row in enumerate(table):
                row["day"] = (datetime(2024, 1, 1) + timedelta(days=i)).strftime("%Y-%m-%d")
            return table
        self.data = self.file("series.csv", text(series(300, 3)))
        fresh = series(60, 4)
        self.fresh = self.file("later.csv", text(fresh))
        for model, *small in (["lstm", "hidden_layers=20, 12"], ["gru", "hidden_layers=24"], ["mlp"], ["ridge"], ["dummy"]):
            flags = [part for setting in (small or []) + (["epochs=4"] if model in ("lstm", "gru", "mlp") else []) for part in ("--set", setting)]
            trained = self.train("--target", "price", "--task", "forecast", "--horizon", "3", "--lookback", "14", "--model", model, *flags, out=model)
            path, told = self.export(trained, "--verify", self.fresh)
            self.assertEqual(told["verified"]["rows"], 60 - 13)
            _, told = self.export(trained, "--force")  # invented rows
            self.assertGreater(told["verified"]["rows"], 200)
            expected = self.predicted(trained, self.fresh)
            usual = sum(abs(float(row["prediction_1"])) for row in expected) / len(expected)
            for loader, answers in self.loaded(path, told["columns"], fresh).items():
                self.assertEqual(len(answers), len(expected))
                for row, (answer, truth) in enumerate(zip(answers, expected)):
                    for ahead in range(3):
                        given, own = answer[ahead], float(truth[f"prediction_{ahead + 1}"])
                        self.assertTrue(math.isclose(given, own, rel_tol=1e-6, abs_tol=1e-6 * usual), (model, loader, row, ahead, given, own))

    def test_forecasts_take_a_batch_of_windows(self):
        if not PYTHON:
            self.skipTest("no PyTorch")
        trained = self.train("--target", "price", "--task", "forecast", "--horizon", "2", "--lookback", "5", "--time", "at", "--model", "ridge",
                             data=self.file("numbered.csv", text([{"at": i, **row} for i, row in enumerate(rows())])))
        path, _ = self.export(trained)
        code = ("import torch, sys; m = torch.jit.load(sys.argv[1]); x = torch.rand(9, len(m.columns), dtype=torch.float64)\n"
                "print(torch.equal(m(x), m(x.unfold(0, 5, 1).transpose(1, 2))), tuple(m(x).shape))\n"
                "try: m(x[:4])\nexcept Exception as error: print('at least 5 rows' in str(error))")
        done = subprocess.run([PYTHON, "-c", code, path], capture_output=True, text=True, timeout=120)
        self.assertEqual(done.stdout.split("\n")[:2], ["True (5, 2)", "True"], done.stderr)

    def test_neighbours(self):
        self.check_predictor("--model", "knn", target="kind", data_flags=("--proba",))

    def test_kmeans(self):
        self.check_detector(self.train("--features", "size", "price", "--model", "kmeans"))

    def test_random_cut_forest(self):
        told = self.check_detector(self.train("--features", "size", "price"))
        self.assertEqual(told["columns"], ["size", "price"])

    def test_autoencoder(self):
        self.check_detector(self.train("--features", "size", "price", "--model", "autoencoder", "--set", "epochs=3"))

    def test_forests_of_groups(self):
        data = self.file("grouped.csv", text(rows(colours=("red", "green", "blue"))))
        told = self.check_detector(self.train("--features", "size", "price", "--per", "colour", data=data))
        self.assertEqual(told["columns"], ["size", "colour", "price"])


class Telematics(Export):
    def test_trips_of_vehicles(self):
        """Forests of groups behind an aggregation: the module takes trips."""
        model = self.folder / "personal"
        self.ok("run", TELEMATICS / "personal.toml", "-o", model, "-q", "--json")
        data = TELEMATICS / "data" / "nyharbor_2020_12_08.parquet"
        path = self.folder / "personal.pt"
        done = self.run_crisp("export", model, "-o", path, "--verify", data)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("do not travel: drop_missing", done.stderr.decode())
        told = self.ok_json("export", model, "-o", path, "--force", "--verify", data)
        expected = self.predicted(model, data)
        self.assertEqual(told["verified"]["rows"], len(expected))
        for loader, answers in self.loaded(path, told["columns"], expected).items():
            for row, (answer, truth) in enumerate(zip(answers, expected)):
                self.assert_close(answer[0], float(truth["score"]), (loader, row))


class Files(Export):
    def test_the_same_model_gives_the_same_bytes(self):
        model = self.train("--target", "price")
        first, _ = self.export(model)
        again = self.folder / "again.pt"
        self.ok("export", model, "-o", again)
        self.assertEqual(first.read_bytes(), again.read_bytes())

    def test_a_triton_repository(self):
        model = self.train("--target", "dear", out="dear model")
        told = self.ok_json("export", model, "--format", "triton", "-o", self.folder / "repo")
        place = self.folder / "repo" / "dear_model"
        self.assertEqual(told["output"], str(place))
        self.assertEqual(sorted(str(path.relative_to(place)) for path in place.rglob("*") if path.is_file()), ["1/model.pt", "config.pbtxt"])
        config = (place / "config.pbtxt").read_text()
        for part in ('name: "dear_model"', 'backend: "pytorch"', f"dims: [ {len(told['columns'])} ]", 'name: "prediction__0"',
                     "data_type: TYPE_INT64", 'name: "probability__1"', "dims: [ 2 ]"):
            self.assertIn(part, config)
        self.fails(73, "export", model, "--format", "triton", "-o", self.folder / "repo", says="dear_model")
        self.ok("export", model, "--format", "triton", "-o", self.folder / "repo", "--force")

    @unittest.skipUnless(PYTHON, "no Python that can import torch")
    def test_the_schema_travels(self):
        path, _ = self.export(self.train("--target", "dear"))
        code = ("import torch, sys, json; extra = {'schema.json': ''}; m = torch.jit.load(sys.argv[1], _extra_files=extra); "
                "print(json.dumps([json.loads(extra['schema.json']), m.classes, m.columns]))")
        schema, classes, columns = json.loads(subprocess.run([PYTHON, "-c", code, path], capture_output=True, check=True).stdout)
        self.assertEqual((schema["schema"], schema["task"], classes), ("crisp.torchscript/1", "classification", ["no", "yes"]))
        self.assertEqual([column["name"] for column in schema["columns"]], columns)
        colour = next(column for column in schema["columns"] if column["name"] == "colour")
        self.assertEqual(colour["dictionary"], ["blue", "green", "red"])


class Mistakes(Export):
    def test_clumsy_use(self):
        model = self.train("--target", "price")
        self.fails(64, "export", model, "--format", "torchscrpt", "-o", "x.pt", says="did you mean torchscript?")
        self.fails(64, "export", model, says="--output")
        self.fails(66, "export", self.folder / "none", "-o", "x.pt", says="none")
        self.fails(65, "export", self.data, "-o", "x.pt", says="is not a bundle")
        taken = self.file("taken.pt", "mine")
        self.fails(73, "export", model, "-o", taken, says="taken.pt")
        self.assertEqual(taken.read_text(), "mine")
        self.fails(66, "export", model, "-o", "x.pt", "--verify", "nowhere.csv", says="nowhere.csv")
        self.fails(64, "export", self.data, "-o", "x.pt", "--verify", model, says="comes first")
        self.assertFalse((self.folder / "x.pt").exists())


if __name__ == "__main__":
    unittest.main()
