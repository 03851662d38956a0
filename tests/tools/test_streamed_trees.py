"""Trees boosted on Parquet files that are read in parts: where the preparation knows all rows, the very trees of the table in memory."""
import json
import os
import unittest

import numpy
import pyarrow
import pyarrow.parquet

from launched import ends_of, launch
from stopped_runs import StoppedRuns

KILLS = 100 if os.environ.get("CRISP_LONG") else 8


def columns(rows=6000, seed=1):
    draw = numpy.random.default_rng(seed)
    size, weight = draw.uniform(0, 10, rows), draw.normal(5, 2, rows)
    size[::17] = numpy.nan
    colour = draw.choice([f"c{k}" for k in range(300)], rows, p=numpy.arange(1, 301) / 45150)  # more than have bins of their own
    score = numpy.nan_to_num(size, nan=4) - weight + numpy.where(numpy.char.str_len(colour) == 3, 1.0, -1.0)
    noisy = score + draw.normal(0, 1, rows)
    return {"row": numpy.arange(rows), "size": size, "weight": weight, "colour": colour, "score": noisy, "answer": numpy.where(noisy > 0, "yes", "no"),
            "kind": numpy.select([noisy > 1, noisy < -1], ["high", "low"], "middle")}


class StreamedTrees(StoppedRuns):
    def setUp(self):
        super().setUp()
        self.data = self.write("data.parquet", columns(), 500)

    def write(self, name, data, group):
        path = self.folder / name
        pyarrow.parquet.write_table(pyarrow.table(data), path, row_group_size=group)
        return path

    def arguments(self, out, *more, target="answer", stream="always", limit="64M", rounds=20, data=None):
        return ["train", data or self.data, "--target", target, "--model", "gbdt", "--features", "size,weight,colour", "--set", f"n_estimators={rounds}",
                "--stream", stream, "--memory-limit", limit, "-o", self.folder / out, *more]

    def trees(self, out):
        return (self.folder / out / "weights.safetensors").read_bytes()

    def test_are_those_of_the_table_in_memory(self):
        cases = {"answer": ("--set", "class_weight=balanced", "--set", "patience=5"), "kind": ("--set", "subsample=0.7"),
                 "score": ("--set", "objective=quantile", "--set", "quantile_alpha=0.8")}
        for target, more in cases.items():
            for stream in ("always", "never"):
                self.ok(*self.arguments(f"{target}-{stream}", *more, target=target, stream=stream))
            self.assertEqual(self.trees(f"{target}-always"), self.trees(f"{target}-never"), target)

    def test_do_not_depend_on_threads_or_row_groups(self):
        self.ok(*self.arguments("one", "--threads", 1))
        self.ok(*self.arguments("three", "--threads", 3))
        self.assertEqual(self.digest("one"), self.digest("three"))
        self.ok(*self.arguments("cut", data=self.write("cut.parquet", columns(), 777)))
        self.assertEqual(self.trees("cut"), self.trees("one"))

    def test_says_what_it_reads_and_reads_in_parts_by_itself(self):
        done = self.run_crisp(*self.arguments("auto", "--json", stream="auto", limit="1M"))
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.assertEqual(json.loads(done.stdout)["stream"]["row_groups"], 12)
        self.assertIn("reading 12 row groups of 6,000 rows", done.stderr.decode())

    def test_killed_at_any_moment_the_rest_gives_the_same_bundle(self):
        self.kill_and_go_on(lambda out, *more: self.arguments(out, "--checkpoint-every", "5 epochs", *more, rounds=60), KILLS)

    def test_several_processes_that_read_their_parts_make_the_bundle_of_one(self):
        for target, size in (("answer", 2), ("kind", 3), ("score", 4)):
            self.ok(*self.arguments(f"{target}-one", target=target))
            for code, _, errors in ends_of(launch(self, [self.arguments(f"{target}-{size}", "--threads", 1 + rank % 2, target=target) for rank in range(size)])):
                self.assertEqual(code, 0, errors)
            self.assertEqual(self.digest(f"{target}-{size}"), self.digest(f"{target}-one"), target)

    def test_a_missing_target_is_refused_with_its_row_group(self):
        data = {name: list(values) for name, values in columns().items()}
        data["score"][5600] = None
        self.fails(65, *self.arguments("model", target="score", data=self.write("late.parquet", data, 500)), says=["row group 11", "'score'"])
        self.assertFalse((self.folder / "model").exists())

    def test_memory_is_that_of_the_codes(self):
        rows, width = 400_000, 30
        draw = numpy.random.default_rng(1)
        data = {f"x{j}": draw.normal(size=rows).astype(numpy.float32) for j in range(width)}
        data["y"] = data["x0"] + draw.normal(size=rows)
        path = self.write("large.parquet", data, 10_000)
        small = self.write("small.parquet", {name: values[:2000] for name, values in data.items()}, 1000)
        del data

        def train(path, out, *more):
            return ["train", path, "--target", "y", "--model", "gbdt", "--set", "n_estimators=2", "--test-share", "0.02", "-o", self.folder / out, *more]
        floor = self.peak(train(small, "floor"))
        resident = self.peak(train(path, "resident", "--stream", "never"))
        streamed = self.peak(train(path, "streamed", "--stream", "always", "--memory-limit", "96M"))
        codes = rows * (64 + width + 5 * 4) / 2**20  # records, columns; index and its room, scores, targets twice
        print(f"\npeak memory: {floor:.0f} MB for 2,000 rows; {resident:.0f} MB with the table in memory, {streamed:.0f} MB in parts", flush=True)
        self.assertLess(streamed - floor, codes + 48)
        self.assertGreater(resident - floor, 2 * codes)


if __name__ == "__main__":
    unittest.main()
