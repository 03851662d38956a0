"""Forecasts as people make them: a table in the order of time, what comes next, and how far it is off."""
import datetime
import json
import math
import os
import random
import unittest

from stopped_runs import StoppedRuns
from tables import rows_of, text

NETS = bool(os.environ.get("CRISP_TORCH_PYTHON"))


def hourly(rows=900, seed=1, name=None, blank=()):
    """A day's wave that drifts, with weather that leads it by three hours."""
    draw = random.Random(seed)
    begin, level = datetime.datetime(2024, 1, 1), 0.0
    winds = [draw.gauss(0, 1) for _ in range(rows + 3)]
    table = []
    for i in range(rows):
        level = 0.95 * level + draw.gauss(0, 0.2)
        load = 10 + 3 * math.sin(2 * math.pi * i / 24) + level + 2 * winds[i]
        row = {"when": (begin + datetime.timedelta(hours=i)).strftime("%Y-%m-%d %H:%M:%S"), "wind": f"{winds[i + 3]:.4f}",
               "load": "" if i in blank else f"{load:.4f}"}
        table.append({"site": name, **row} if name else row)
    return table


class Forecast(StoppedRuns):
    def setUp(self):
        super().setUp()
        self.table = hourly()
        self.data = self.file("data.csv", text(self.table))

    def arguments(self, out, *more, data=None, model="ridge", horizon=6):
        return ["train", data or self.data, "--target", "load", "--task", "forecast", "--horizon", horizon, "--model", model, "-o",
                self.folder / out, *more]

    def test_learns_what_a_season_ago_does_not_tell(self):
        document = self.ok_json(*self.arguments("model"))
        forecast = document["forecast"]
        self.assertEqual((forecast["season"], forecast["lookback"], forecast["time"]), (24, 48, "when"))
        self.assertEqual(len(forecast["by_step"]), 6)
        # The wind of three hours ahead is known, that of six is not.
        self.assertLess(forecast["by_step"][2]["rmse"], 0.5 * forecast["by_step"][5]["rmse"])
        self.assertLess(document["metrics"]["rmse"], 0.8 * forecast["baselines"]["seasonal"]["rmse"])
        self.assertLess(document["metrics"]["rmse"], 0.8 * forecast["baselines"]["last"]["rmse"])
        report = (self.folder / "model" / "report.html").read_text()
        for words in ("Errors by how far ahead", "a season ago", "From 2024-"):
            self.assertIn(words, report)

    def test_baselines_are_what_they_say(self):
        forecast = self.ok_json(*self.arguments("model"))["forecast"]
        load = [float(row["load"]) for row in self.table]
        first = len(load) - 180  # a fifth is tested
        for name, known in (("seasonal", lambda p, h: load[p + h - 24]), ("last", lambda p, h: load[p])):
            errors = [[known(p, h) - load[p + h] for p in range(first - 1, len(load)) if first <= p + h < len(load)] for h in range(1, 7)]
            for step, own in zip(forecast["baselines"][name]["by_step"], errors):
                self.assertEqual(step["values"], len(own))
                self.assertAlmostEqual(step["mae"], sum(map(abs, own)) / len(own), places=4)
                self.assertAlmostEqual(step["rmse"], math.sqrt(sum(e * e for e in own) / len(own)), places=4)

    def test_the_dummy_model_is_the_seasonal_baseline(self):
        document = self.ok_json(*self.arguments("model", model="dummy"))
        self.assertAlmostEqual(document["metrics"]["rmse"], document["forecast"]["baselines"]["seasonal"]["rmse"], places=9)

    def test_predicts_from_every_row_with_a_window_and_from_the_latest(self):
        self.ok(*self.arguments("model"))
        new = self.file("new.csv", text(self.table[:200]))
        rows = rows_of(self.ok("predict", self.folder / "model", new))
        self.assertEqual([row["when"] for row in rows], [row["when"].replace(" ", "T") + "Z" for row in self.table[47:200]])
        self.assertEqual([name for name in rows[0] if name.startswith("prediction")], [f"prediction_{h}" for h in range(1, 7)])
        latest = rows_of(self.ok("predict", self.folder / "model", new, "--latest"))
        self.assertEqual(latest, rows[-1:])
        # The order in which rows come does not matter, nor does what follows them.
        shuffled = self.table[:200]
        random.Random(4).shuffle(shuffled)
        again = rows_of(self.ok("predict", self.folder / "model", self.file("mixed.csv", text(shuffled)), "--latest"))
        self.assertEqual(again, latest)

    def test_evaluates_what_was_trained_as_the_run_did(self):
        document = self.ok_json(*self.arguments("model"))
        tail = self.file("tail.csv", text(self.table[-180 - 48:]))
        judged = self.ok_json("evaluate", self.folder / "model", tail)
        self.assertAlmostEqual(judged["metrics"]["rmse"], document["metrics"]["rmse"], places=9)
        for mine, theirs in zip(judged["by_step"], document["forecast"]["by_step"]):
            self.assertAlmostEqual(mine["mae"], theirs["mae"], places=9)
        self.fails(1, "evaluate", self.folder / "model", tail, "--gate", "rmse<=0.001", says="gate not met")

    def test_series_are_told_apart(self):
        both = hourly(500, 1, "a") + [{**row, "load": str(100 + float(row["load"]))} for row in hourly(500, 2, "b")]
        random.Random(5).shuffle(both)
        data = self.file("both.csv", text(both))
        document = self.ok_json(*self.arguments("model", "--group", "site", data=data))
        self.assertNotIn("site", document["features"])
        # A window across both would be off by a hundred.
        self.assertLess(document["metrics"]["max_error"], 20)
        latest = rows_of(self.ok("predict", self.folder / "model", data, "--latest"))
        self.assertEqual(sorted(row["site"] for row in latest), ["a", "b"])
        self.fails(65, *self.arguments("none", data=data), says=["have the same when", "--group"])

    def test_no_training_window_sees_what_is_tested(self):
        """The same rows to learn from, another future: the same model."""
        cut = len(self.table) - 180
        other = self.table[:cut] + [{**row, "load": "1000", "wind": "-50"} for row in self.table[cut:]]
        other[-1] = {**other[-1], "load": "999"}
        for model in ["ridge", "dummy"] + (["gru"] if NETS else []):
            small = ["--set", "epochs=2"] if model == "gru" else []
            self.ok(*self.arguments("one", "--force", *small, model=model))
            self.ok(*self.arguments("two", "--force", *small, model=model, data=self.file("other.csv", text(other))))
            for name in ("weights.safetensors", "recipe.json", "reference.json"):
                self.assertEqual(*[(self.folder / out / name).read_bytes() for out in ("one", "two")], (model, name))

    def test_missing_values_are_no_answers(self):
        data = self.file("holes.csv", text(hourly(blank={100, 101, 400})))
        document = self.ok_json(*self.arguments("model", data=data))
        # Windows whose six answers touch hour 100 or 101, or 400.
        self.assertEqual(document["forecast"]["windows_without_answer"], 7 + 6)
        whole = self.ok_json(*self.arguments("whole"))
        self.assertEqual(document["rows"]["train"], whole["rows"]["train"] - 13)

    def test_a_project_file_says_the_same(self):
        document = self.ok_json(*self.arguments("model"))
        project = self.file("load.toml", f"""
            [data]
            path = "{self.data}"
            [target]
            column = "load"
            task = "forecast"
            horizon = 6
            [split]
            time = "when"
            [model]
            name = "ridge"
            [success]
            rmse = 0.001
            """)
        run = self.run_crisp("run", project, "-o", self.folder / "project", "--json")
        self.assertEqual(run.returncode, 1, run.stderr.decode())
        told = json.loads(run.stdout)
        self.assertEqual(told["forecast"], document["forecast"])
        self.assertEqual(told["metrics"], document["metrics"])

    def test_says_what_is_wrong(self):
        base = ["train", self.data, "--target", "load", "-o", self.folder / "none"]
        self.fails(64, *base, "--horizon", "3", says=["--horizon", "--task forecast"])
        self.fails(64, *base, "--task", "forecast", says="--horizon")
        self.fails(64, *base, "--model", "gru", says="--task forecast")
        self.fails(64, *self.arguments("none", "--cv", "3"), says="--cv")
        self.fails(64, *self.arguments("none", "--weight", "wind"), says="weigh")
        self.fails(64, *self.arguments("none", "--horizon", "0"), says="--horizon")
        self.fails(65, *self.arguments("none", "--lookback", "895"), says=["900 rows", "901", "--lookback"])
        self.fails(65, *self.arguments("none", "--lookback", "800"), says="to learn from")
        self.fails(65, *self.arguments("none", "--time", "wen"), says="when")
        timeless = self.file("timeless.csv", text([{"load": row["load"], "wind": row["wind"]} for row in self.table]))
        self.fails(65, *self.arguments("none", data=timeless), says=["order of the rows", "--time"])
        self.ok(*self.arguments("model"))
        few = self.file("few.csv", text(self.table[:47]))
        self.fails(65, "predict", self.folder / "model", few, says=["48 rows", "47"])
        self.fails(65, "predict", self.folder / "model", self.file("bare.csv", text([{"when": r["when"], "wind": r["wind"]} for r in self.table])),
                   says="load")

    @unittest.skipUnless(NETS, "this build has no nets")
    def test_nets_learn_and_are_gone_on_with(self):
        small = ["--set", "epochs=12", "--set", "hidden_layers=24", "--set", "dropout=0.1", "--lookback", "24", "--checkpoint-every", "4 steps"]
        for model in ("lstm", "gru"):
            document = self.ok_json(*self.arguments(model, *small, "--set", "learning_rate=0.01", model=model))
            self.assertLess(document["metrics"]["rmse"], 0.9 * document["forecast"]["baselines"]["seasonal"]["rmse"])
        small += ["--set", "epochs=30"]
        self.ok(*self.arguments("whole", *small, model="lstm"))
        run = self.start(*self.arguments("killed", *small, model="lstm"))
        self.wait_for_checkpoint("killed", run)
        run.kill()
        run.communicate()
        self.assertFalse((self.folder / "killed" / "manifest.json").exists(), "it was done before it was killed")
        self.ok(*self.arguments("killed", *small, "--resume", model="lstm"))
        self.assertEqual(self.digest("killed"), self.digest("whole"))
        other = self.run_crisp(*self.arguments("killed", *small, "--resume", model="lstm", horizon=5))
        self.assertEqual(other.returncode, 65)
        self.assertIn("horizon", other.stderr.decode())


if __name__ == "__main__":
    unittest.main()
