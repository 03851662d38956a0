"""crisp import as people use it: the bundle that is written answers what the library answers (tests/data/import/make.py)."""
import csv
import io
import json
import os
import unittest

from program_case import SOURCE, ProgramCase

TRUTH = SOURCE / "tests" / "data" / "import"
EXPECTED = json.loads((TRUTH / "expected.json").read_text())


class AsTheLibraries(ProgramCase):
    def imported(self, name):
        return self.ok_json("import", TRUTH / name, "-o", self.folder / name, "--target", "answer")

    def answers(self, name, about):
        """Of each row a list: numbers, or the probability of every class but the first of two."""
        proba = ["--proba"] if about["target"]["task"] == "classification" else []
        rows = list(csv.DictReader(io.StringIO(self.ok("predict", self.folder / name, TRUTH / "rows.csv", *proba))))
        if not proba:
            return [[float(row["prediction"])] for row in rows]
        probabilities = [[float(row[f"probability_{k}"]) for k in range(len(about["target"]["classes"]))] for row in rows]
        return [row[1:] if len(row) == 2 else row for row in probabilities]

    def test_predictions_are_those_of_the_library(self):
        for name, case in EXPECTED.items():
            if name == "lightgbm_ova.txt":
                continue  # crisp divides them by their sum: tests/import
            about = self.imported(name)
            for told, found in zip(case["prediction"], self.answers(name, about), strict=True):
                for one, other in zip(told if isinstance(told, list) else [told], found, strict=True):
                    self.assertLessEqual(abs(one - other), 1e-6 * abs(one), (name, one, other))

    @unittest.skipUnless(os.environ.get("CRISP_TORCH_PYTHON"), "no LibTorch here")
    def test_what_is_exported_adds_in_single_precision_too(self):
        self.imported("xgboost_long.ubj")
        found = self.ok_json("export", self.folder / "xgboost_long.ubj", "-o", "model.pt", "--verify", TRUTH / "rows.csv")
        self.assertLess(found["verified"]["largest_difference"], 1e-15)


if __name__ == "__main__":
    unittest.main()
