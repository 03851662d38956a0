"""Nets trained on Parquet files that are read in parts: the split and the bits, whatever stops them, in bounded memory."""
import json
import os
import unittest

import numpy
import pyarrow
import pyarrow.parquet

from launched import ends_of, launch
from stopped_runs import StoppedRuns

KILLS = 100 if os.environ.get("CRISP_LONG") else 10
ROWS, GROUP = 6000, 500
SMALL_SHARES = ["--test-share", "0.05", "--validation-share", "0.05"]


def columns(rows=ROWS, seed=1):
    draw = numpy.random.default_rng(seed)
    size, weight = draw.uniform(0, 10, rows), draw.normal(5, 2, rows)
    colour = draw.choice(list("rgb"), rows)
    score = size - weight + numpy.select([colour == "r", colour == "b"], [2.0, -2.0], 0.0)
    return {"row": numpy.arange(rows), "size": size, "weight": weight, "colour": colour, "score": score + draw.normal(0, 1, rows),
            "answer": numpy.where(score + draw.normal(0, 1, rows) > 0, "yes", "no")}


def write(path, data, group=GROUP):
    pyarrow.parquet.write_table(pyarrow.table(data), path, row_group_size=group, write_page_checksum=True)
    return path


class Streaming(StoppedRuns):
    def setUp(self):
        super().setUp()
        self.data = write(self.folder / "data.parquet", columns())

    def arguments(self, out, *more, data=None, target="answer", epochs=4, stream="always", limit="1M"):
        features = "size,weight,colour"
        return ["train", data or self.data, "--target", target, "--model", "mlp", "--features", features, "--set", f"epochs={epochs}",
                "--set", "hidden_layers=32", "--set", "dropout=0.1", "--set", "patience=0", "--checkpoint-every", "3 steps",
                "--stream", stream, "--memory-limit", limit, "-o", self.folder / out, *more]

    def test_learns_and_says_what_it_reads(self):
        done = self.run_crisp(*self.arguments("model", "--json", epochs=20))
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        document = json.loads(done.stdout)
        self.assertGreater(document["metrics"]["roc_auc"], 0.9)
        self.assertEqual(document["rows"], {"train": 4320, "validation": 480, "test": 1200})
        stream = document["stream"]
        self.assertEqual((stream["row_groups"], stream["window_rows"]), (12, 2048))
        self.assertLess(abs(stream["prepared_on_rows"] - 2**20 // 8 // 48), 200)
        lines = [line for line in done.stderr.decode().splitlines() if "reading 12 row groups of 6,000 rows in windows" in line]
        self.assertEqual(len(lines), 1, done.stderr.decode())
        self.assertIn(f"{stream['prepared_on_rows']:,} of the 4,320 rows", lines[0])
        # Batches end with their window: more than the 17 of 4,320 rows at once.
        self.assertGreaterEqual(document["training"]["facts"]["steps"], 20 * 18)

    def test_a_number_is_predicted_too(self):
        document = self.ok_json(*self.arguments("model", target="score", epochs=20))
        self.assertGreater(document["metrics"]["r2"], 0.8)

    def test_the_rows_that_judge_are_those_of_a_table_in_memory(self):
        for target in ("answer", "score"):
            rows = []
            for stream in ("always", "never"):
                self.ok(*self.arguments(f"{target}-{stream}", target=target, stream=stream))
                table = pyarrow.parquet.read_table(self.folder / f"{target}-{stream}" / "predictions.parquet")
                rows.append(table.column("row").to_pylist())
            self.assertEqual(rows[0], rows[1])

    def test_reads_in_parts_by_itself_where_the_table_is_too_large(self):
        # 6,000 rows of 6 columns of 28 bytes are 984 KiB.
        self.ok(*self.arguments("always", limit="950K"))
        self.ok(*self.arguments("auto", stream="auto", limit="950K"))
        self.assertEqual(self.digest("auto"), self.digest("always"))
        self.ok(*self.arguments("never", stream="never"))
        self.ok(*self.arguments("auto-large", stream="auto", limit="1G"))
        self.assertEqual(self.digest("auto-large"), self.digest("never"))
        self.assertNotEqual(self.digest("never"), self.digest("always"))
        done = self.run_crisp(*self.arguments("grouped", "--group", "colour", stream="auto", limit="950K"))
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.assertIn("read as a whole: --group does not go with reading it in parts", done.stderr.decode())

    def test_files_of_a_folder_are_one_table(self):
        data = columns()
        (self.folder / "parts").mkdir()
        for k in range(3):
            write(self.folder / "parts" / f"{k}.parquet", {name: values[2000 * k:2000 * (k + 1)] for name, values in data.items()})
        self.ok(*self.arguments("one"))
        self.ok(*self.arguments("several", data=self.folder / "parts"))
        weights = "weights.safetensors"
        self.assertEqual((self.folder / "one" / weights).read_bytes(), (self.folder / "several" / weights).read_bytes())

    def test_any_threads_give_the_same_bundle(self):
        for threads in (1, 3):
            self.ok(*self.arguments(f"by-{threads}", "--threads", threads))
        self.assertEqual(self.digest("by-1"), self.digest("by-3"))

    def test_killed_at_any_moment_the_rest_gives_the_same_bundle(self):
        self.kill_and_go_on(lambda out, *more: self.arguments(out, *more, epochs=12), KILLS)

    def test_sigterm_leaves_a_checkpoint_and_says_how_to_go_on(self):
        self.ok(*self.arguments("whole", epochs=100))
        run = self.start(*self.arguments("stopped", epochs=100))
        self.wait_for_checkpoint("stopped", run)
        run.terminate()
        errors = run.communicate()[1].decode()
        self.assertEqual(run.returncode, 75, errors)
        self.assertIn("--resume", errors)
        self.fails(65, *self.arguments("stopped", "--resume", epochs=100, limit="2M"), says="memory_limit")
        self.ok(*self.arguments("stopped", "--resume", epochs=100))
        self.assertEqual(self.digest("stopped"), self.digest("whole"))
        self.assertIn("finished already", self.run_crisp(*self.arguments("stopped", "--resume", epochs=100)).stderr.decode())

    def test_two_and_three_processes_make_the_bundle_of_one(self):
        batch = ("--set", "batch_size=500", "--threads", "1")
        self.ok(*self.arguments("one", *batch))
        for size in (2, 3):
            for code, _, errors in ends_of(launch(self, [self.arguments(f"by-{size}", *batch)] * size)):
                self.assertEqual(code, 0, errors)
            self.assertEqual(self.digest(f"by-{size}"), self.digest("one"))

    def test_a_file_that_is_cut_off_on_the_way_leaves_a_checkpoint(self):
        self.ok(*self.arguments("whole", epochs=100))
        copy = self.data.read_bytes()
        run = self.start(*self.arguments("stopped", epochs=100))
        self.wait_for_checkpoint("stopped", run)
        with open(self.data, "r+b") as file:
            file.truncate(len(copy) // 2)
        errors = run.communicate()[1].decode()
        self.assertEqual(run.returncode, 65, errors)
        self.assertRegex(errors, r"error: .*data\.parquet, row group \d+: changed while it was read")
        self.assertIn("a checkpoint is there", errors)
        self.data.write_bytes(copy)
        done = self.run_crisp(*self.arguments("stopped", "--resume", epochs=100))
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.assertIn("going on from step", done.stderr.decode())
        self.assertEqual(self.digest("stopped"), self.digest("whole"))

    def test_a_missing_target_is_refused_with_its_row_group(self):
        for target, value in (("answer", None), ("score", None), ("score", float("inf"))):
            data = {name: list(values) for name, values in columns().items()}
            data[target][5600] = value
            path = write(self.folder / "late.parquet", data)
            self.fails(65, *self.arguments("model", data=path, target=target), says=["late.parquet, row group 11", f"'{target}'", "1 row"])
            self.assertFalse((self.folder / "model").exists())

    def test_a_value_that_cannot_be_learned_from_is_found_before_the_training(self):
        data = columns(rows=60000)
        data["size"][57102] = 1e300
        path = write(self.folder / "late.parquet", data, group=1000)
        project = self.file("p.toml", f"""
[data]
path = "{path}"
stream = "always"
memory_limit = "3M"
[target]
column = "answer"
[split]
test_share = 0.05
validation_share = 0.05
[model]
name = "mlp"
features = ["size", "weight"]
[[recipe]]
step = "scale"
columns = ["weight"]
method = "standard"
""")
        self.fails(65, "run", project, "-o", self.folder / "model", says=["late.parquet, row group 57", "'size'", "1 of"])

    def test_categories_that_the_sample_lacks_are_counted(self):
        data = columns(rows=60000)
        data["colour"] = data["colour"].astype("U6")
        data["colour"][57000:57007] = [f"new-{k}" for k in range(7)]
        path = write(self.folder / "late.parquet", data, group=1000)
        document = self.ok_json(*self.arguments("model", *SMALL_SHARES, data=path, limit="3M", epochs=1))
        notes = [note for step in document["steps"] if step["step"] == "stream" for note in step["notes"]]
        self.assertEqual(len(notes), 1, document["steps"])
        self.assertRegex(notes[0], r"^colour: [1-7] rows? of [\d,]+ to learn from have a value that the preparation has not seen$")

    def test_what_does_not_go_with_it_is_refused(self):
        for more, says in ((["--group", "colour"], "--group"), (["--time", "row"], "--time"), (["--split-column", "colour"], "--split-column"),
                           (["--cv", "3"], "--cv"), (["--refit", "all"], "--refit all"), (["--weight", "weight"], "--weight")):
            arguments = self.arguments("model", *more)
            if says == "--weight":
                arguments[arguments.index("size,weight,colour")] = "size,colour"
            self.fails(64, *arguments, says=[says, "--stream always"])
        csv = self.file("data.csv", "size,weight,colour,answer\n1,2,r,yes\n2,1,b,no\n" * 20)
        self.fails(64, *self.arguments("model", data=csv), says="only Parquet has row groups")
        arguments = self.arguments("model")
        arguments[arguments.index("mlp")] = "linear"
        self.fails(64, *[a for i, a in enumerate(arguments) if a != "--set" and arguments[i - 1] != "--set"], says="the model linear")
        self.fails(71, *self.arguments("model", limit="200K"), says=["row group", "500 rows", "--memory-limit"])
        self.fails(71, *self.arguments("model", "--test-share", "0.9"), says="--test-share")
        self.fails(64, *self.arguments("model", limit="much"), says="'much'")

    def test_tables_of_their_own_test_and_validate(self):
        other = write(self.folder / "other.parquet", columns(rows=700, seed=9))
        document = self.ok_json(*self.arguments("model", "--test", other, "--valid", other))
        self.assertEqual(document["rows"], {"train": 6000, "validation": 700, "test": 700})

    def test_a_rare_class_has_its_weight_though_the_sample_may_lack_it(self):
        data = columns(rows=60000)
        data["answer"] = data["answer"].astype("U6")
        data["answer"][7:60000:12000] = "rare"
        path = write(self.folder / "rare.parquet", data, group=1000)
        document = self.ok_json(*self.arguments("model", "--set", "class_weight=balanced", *SMALL_SHARES, data=path, limit="2500K", epochs=1))
        self.assertLess(document["stream"]["prepared_on_rows"], 12000)
        self.assertEqual(len(document["target"]["classes"]), 3)

    def test_finds_a_learning_rate(self):
        found = self.ok_json(*self.arguments("model", "--find-rate"))
        self.assertGreater(found["suggestion"], 1e-5)

    def test_memory_is_bounded(self):
        rows, width = 400_000, 30
        draw = numpy.random.default_rng(1)
        data = {f"x{j}": draw.normal(size=rows) for j in range(width)}
        data["y"] = data["x0"] + draw.normal(size=rows)
        path = write(self.folder / "large.parquet", data, group=10_000)
        del data

        def train(out, *more):
            return ["train", path, "--target", "y", "--model", "mlp", "--set", "epochs=2", "--set", "hidden_layers=8", "--set", "numeric_pieces=0",
                    "--set", "batch_size=4096", "--test-share", "0.02", "--validation-share", "0.02", "-o", self.folder / out, *more]
        small = write(self.folder / "small.parquet", {"x0": draw.normal(size=200), "y": draw.normal(size=200)})
        floor = self.peak(["train", small, "--target", "y", "--model", "mlp", "--set", "epochs=2", "-o", self.folder / "floor"])
        resident = self.peak(train("resident", "--stream", "never"))
        streamed = self.peak(train("streamed", "--stream", "always", "--memory-limit", "96M"))
        print(f"\npeak memory: {floor:.0f} MB for 200 rows; {resident:.0f} MB with the table in memory, {streamed:.0f} MB in parts", flush=True)
        self.assertLess(streamed - floor, 96)
        self.assertGreater(resident - floor, 144)


if __name__ == "__main__":
    unittest.main()
