"""The main job end to end: both project files, the saved bundle on the next day's events, the same bytes again."""
import unittest

from program_case import BUNDLE, ProgramCase, TELEMATICS
from tables import rows_of


class MainJob(ProgramCase):
    def run_project(self, name, *more):
        return self.ok_json("run", TELEMATICS / f"{name}.toml", "-o", self.folder / name, *more)

    def test_one_forest_for_all_is_no_better_than_always_the_owner(self):
        metrics = self.run_project("crisp")["metrics"]
        self.assertEqual(metrics["rows"], 156)
        self.assertEqual(metrics["accuracy_always_normal"], 0.5)
        self.assertLess(metrics["recall"], 0.15)
        self.assertLess(metrics["roc_auc"], 0.62)

    def test_a_forest_per_vehicle_tells_drivers_apart(self):
        aucs = []
        for seed in range(1, 6):
            result = self.run_project("personal", "--set", f"seed={seed}", "--force")
            aucs.append(result["metrics"]["roc_auc"])
            self.assertEqual(result["groups"], 30)
        self.assertGreaterEqual(sum(aucs) / len(aucs), 0.82, aucs)

    def test_the_clearest_anomaly_is_the_jump_of_the_receiver(self):
        # The trip with a step of 936 km/h (582 mph): first of all later trips, its jump marked on the map.
        top = self.run_project("personal")["top"]
        self.assertEqual(top[0]["name"], "338029926/14")
        self.assertGreater(top[0]["score"], 1.2 * top[1]["score"])
        self.assertIn("mi in one step", (self.folder / "personal" / "report.html").read_text())

    def test_the_saved_bundle_scores_the_next_day(self):
        self.run_project("personal")
        text = self.ok("predict", self.folder / "personal", TELEMATICS / "data" / "nyharbor_2020_12_08.parquet")
        rows = rows_of(text)
        self.assertEqual(len(rows), 48)
        for row in rows:
            self.assertEqual(row["is_anomaly"] == "true", float(row["score"]) > float(row["threshold"]))
            self.assertEqual(row["reasons"] != "", row["is_anomaly"] == "true")
        self.assertTrue(any(row["is_anomaly"] == "true" for row in rows))

    def test_the_same_inputs_give_the_same_bundle_on_any_number_of_threads(self):
        digests = set()
        for threads in (1, 2, 3, 8):
            self.run_project("personal", "--threads", threads, "--force")
            digests.add(tuple(self.digest("personal")))
        self.assertEqual(len(digests), 1)

    def test_the_run_directory_is_whole(self):
        self.run_project("crisp")
        names = {path.name for path in (self.folder / "crisp").iterdir()}
        self.assertLessEqual({*BUNDLE, "report.html", "run.json", "predictions.parquet", "log.jsonl"}, names)
        self.assertLess((self.folder / "crisp" / "report.html").stat().st_size, 500_000)
        for name in BUNDLE:
            self.assertNotIn(str(self.folder).encode(), (self.folder / "crisp" / name).read_bytes())

    def test_training_again_needs_force(self):
        self.run_project("crisp")
        self.fails(73, "run", TELEMATICS / "crisp.toml", "-o", self.folder / "crisp", says="--force")

    def test_a_criterion_that_is_not_met_exits_1_with_the_run_written(self):
        self.fails(1, "run", TELEMATICS / "crisp.toml", "-o", self.folder / "crisp", "--set", "success.roc_auc=0.9",
                   says=["roc_auc", "0.9"])
        self.assertTrue((self.folder / "crisp" / "manifest.json").exists())


if __name__ == "__main__":
    unittest.main()
