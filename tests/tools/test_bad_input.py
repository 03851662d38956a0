"""What people do wrong: one clear line, the right exit code, nothing half-written."""
import json
import os
import resource
import shutil
import signal
import subprocess
import time
import unittest

from program_case import CRISP, ProgramCase, TELEMATICS

HEADER = "sensor_id,timestamp,latitude,longitude\n"
RECIPE = """
[[recipe]]
step = "check"
latitude = "latitude"
longitude = "longitude"
[[recipe]]
step = "sessionise"
by = ["sensor_id"]
time = "timestamp"
gap_seconds = 600
into = "trip_id"
[[recipe]]
step = "aggregate"
by = ["trip_id"]
min_rows = 2
[recipe.columns]
north = "max(latitude)"
fixes = "count(latitude)"
[model]
name = "random_cut_forest"
features = ["north", "fixes"]
"""


def events(rows=40):
    """Four vehicles, every hour a trip of five events five minutes apart."""
    return "".join(f"{i % 4},2020-12-01T{i // 20 % 24:02}:{i // 4 % 5 * 5:02}:00Z,{40 + i / 100:.2f},-74.0\n"
                   for i in range(rows))


class BadData(ProgramCase):
    def project(self, data, recipe=RECIPE, name="data.csv", head=""):
        self.file(name, data)
        return self.file("project.toml", f'{head}\n[data]\npath = "{name}"\n{recipe}')

    def refuses(self, code, data, says, **more):
        text = self.fails(code, "run", self.project(data, **more), "-o", self.folder / "out", says=says)
        self.assertFalse((self.folder / "out").exists())
        return text

    def test_good_data_runs(self):
        self.ok("run", self.project(HEADER + events()), "-o", self.folder / "out")

    def test_missing_column_names_the_nearest(self):
        self.refuses(65, HEADER.replace("latitude", "latitud") + events(), says=["latitude", "latitud"])

    def test_latitude_91_says_where(self):
        self.refuses(65, HEADER + events(6) + "1,2020-12-01T10:00:00Z,91,-74\n", says=["latitude", "91", "7"])

    def test_an_unparsable_number_says_file_row_and_column(self):
        self.refuses(65, HEADER + events(6) + "1,2020-12-01T10:00:00Z,north,-74\n",
                     recipe='[data.types]\nlatitude = "real"\n' + RECIPE, says=["data.csv", "row 7", "latitude", "north"])

    def test_ragged_rows_say_the_line(self):
        self.refuses(65, HEADER + events(6) + "1,2\n", says=["data.csv", "line 8", "4", "2"])

    def test_an_empty_file(self):
        self.refuses(65, "", says=["data.csv", "empty"])

    def test_a_file_with_a_header_only(self):
        self.refuses(65, HEADER, says="no rows")

    def test_a_truncated_parquet_file(self):
        whole = (TELEMATICS / "data" / "nyharbor_2020_12_08.parquet").read_bytes()
        self.refuses(65, whole[:50_000], name="data.parquet", says="data.parquet")

    def test_a_missing_file_names_the_nearest(self):
        self.file("events.csv", HEADER + events())
        project = self.file("project.toml", '[data]\npath = "event.csv"\n' + RECIPE)
        self.fails(66, "run", project, "-o", self.folder / "out", says=["event.csv", "events.csv"])

    def test_a_device_without_an_end_is_refused(self):
        self.fails(66, "profile", "/dev/zero", says="device")

    def test_a_folder_without_files(self):
        (self.folder / "empty").mkdir()
        project = self.file("project.toml", '[data]\npath = "empty"\n' + RECIPE)
        self.fails(66, "run", project, "-o", self.folder / "out", says="empty")

    def test_an_all_blank_column(self):
        self.refuses(65, "a,b\n" + "1,\n" * 20, recipe='[data.types]\nb = "real"\n[model]\nname = "random_cut_forest"\n',
                     says=["'b'", "blank"])

    def test_infinite_values_are_named(self):
        self.refuses(65, "a,b\n" + "1,2\n" * 20 + "1,inf\n", recipe='[model]\nname = "random_cut_forest"\n', says="'b'")

    def test_one_event_trips_are_dropped_and_counted(self):
        data = HEADER + events(40) + "9,2020-12-03T10:00:00Z,41,-74\n"
        done = self.ok_json("run", self.project(data), "-o", self.folder / "out")
        notes = " ".join(note for step in done["steps"] for note in step["notes"])
        self.assertIn("dropped", notes)

    def test_events_out_of_order_and_twice_are_handled_and_counted(self):
        lines = events(40).splitlines(keepends=True)
        data = HEADER + "".join(reversed(lines)) + lines[0]
        done = self.ok_json("run", self.project(data), "-o", self.folder / "out")
        notes = " ".join(note for step in done["steps"] for note in step["notes"])
        self.assertIn("out of order", notes)
        self.assertRegex(notes, "1 .*(duplicate|twice|same time)")


class BadProject(ProgramCase):
    def refuses(self, code, text, says):
        self.file("data.csv", HEADER + events())
        project = self.file("project.toml", text)
        return self.fails(code, "run", project, "-o", self.folder / "out", says=says)

    def test_an_unknown_key_says_the_line_and_the_nearest(self):
        self.refuses(78, '[data]\npath = "data.csv"\n[modle]\nname = "x"\n' + RECIPE, says=["project.toml:3", "modle", "model"])

    def test_broken_toml_says_where(self):
        self.refuses(78, "[data\n", says="project.toml:1")

    def test_an_unknown_step_names_the_nearest(self):
        self.refuses(78, '[data]\npath = "data.csv"\n[[recipe]]\nstep = "fliter"\n[model]\nname = "rcf"\n', says=["fliter", "filter"])

    def test_an_error_in_an_expression_points_into_it(self):
        text = self.refuses(78, '[data]\npath = "data.csv"\n[[recipe]]\nstep = "filter"\nwhere = "latitude > > 3"\n'
                                '[model]\nname = "rcf"\n', says=["latitude > > 3"])
        expression, caret = text.splitlines()[-2:]
        self.assertEqual(expression.strip(), "latitude > > 3")
        self.assertEqual(expression[caret.index("^")], ">")
        self.assertEqual(caret.index("^"), expression.rindex(">"))

    def test_an_unknown_model_names_the_nearest(self):
        self.refuses(78, '[data]\npath = "data.csv"\n[model]\nname = "random_cut_forrest"\n', says="random_cut_forest")

    def test_a_parameter_out_of_range_says_the_range(self):
        self.refuses(78, '[data]\npath = "data.csv"\n[model]\nname = "rcf"\n[model.params]\nnum_trees = 5000\n',
                     says=["num_trees", "1000"])

    def early(self, code, text, says):
        """Refuses before a row is prepared, let alone learned from."""
        said = self.refuses(code, '[data]\npath = "data.csv"\n' + text, says)
        self.assertNotIn("preparing", said)
        self.assertNotIn("training", said)
        return said

    def test_a_criterion_without_a_label(self):
        said = self.early(78, RECIPE + "[success]\nroc_auc = 0.8\n", says=["project.toml:25", "roc_auc", "label"])
        self.assertNotIn("reading", said)

    def test_a_label_beside_impostors(self):
        self.early(78, '[split]\ntest = "true"\n[impostors]\ngroup = "sensor_id"\n[label]\ncolumn = "a"\nanomaly = "b"\n' + RECIPE,
                   says=["project.toml:7", "[impostors]"])

    def test_columns_that_will_not_be_there(self):
        for table, key in (('[report]\nslices = ["north", "fixs"]', "slices"), ('[label]\ncolumn = "fixs"\nanomaly = "9"', "column"),
                           ('[report.tracks]\nby = "fixs"', "by")):
            self.early(78, RECIPE + table + "\n", says=["project.toml:25", key, "'fixs'", "did you mean 'fixes'"])
        self.early(78, RECIPE.replace("[model]", '[model]\nper = "fixs"'), says=["project.toml:22", "[model] per", "'fixes'"])
        self.early(78, RECIPE + '[split]\ntest = "trip > 3"\n', says=["'trip'", "trip_id"])

    def test_columns_of_the_impostor_test_may_be_sliced_by(self):
        text = ('[split]\ntest = "hour(start) >= 1"\n[impostors]\ngroup = "who"\n[report]\nslices = ["driver", "true_who"]\n' +
                RECIPE.replace("[recipe.columns]", '[recipe.columns]\nwho = "first(sensor_id)"\nstart = "min(timestamp)"'))
        self.file("data.csv", HEADER + events(120))
        self.ok("run", self.file("project.toml", '[data]\npath = "data.csv"\n' + text), "-o", "out")

    def test_mistakes_of_model_recipe_and_threshold_say_their_line(self):
        self.early(78, RECIPE + "[model.params]\nnum_tree = 5\n", says=["project.toml:25", "num_tree", "num_trees"])
        self.early(78, '[model]\nname = "rcff"\n', says=["project.toml:4", "rcff", "rcf"])
        self.early(78, RECIPE.replace('"aggregate"', '"agregate"'), says=["project.toml:14", "agregate", "aggregate"])
        self.early(78, RECIPE + '[split]\ntest = "north >"\n', says="project.toml:25")
        self.early(78, RECIPE + '[threshold]\nmethod = "fixed"\n', says=["project.toml:25", "k"])
        self.early(78, RECIPE + '[threshold]\nmethod = "quantile"\nk = 3\n', says=["project.toml:26", "3"])

    def test_the_output_of_a_project_lies_beside_it(self):
        (self.folder / "place").mkdir()
        self.file("place/data.csv", HEADER + events())
        project = self.file("place/project.toml", '[project]\noutput = "here"\n[data]\npath = "data.csv"\n' + RECIPE)
        self.ok("run", project)
        self.assertTrue((self.folder / "place/here/manifest.json").exists())
        self.ok("run", project, "-o", "there")
        self.assertTrue((self.folder / "there/manifest.json").exists())

    def test_a_missing_project_file(self):
        self.fails(66, "run", "nothing.toml", says="nothing.toml")


class Answers(ProgramCase):
    """What detect, predict and evaluate print and write."""

    def table(self):
        rows = "".join(f"{i % 7},{i % 5},{int(i == 99)}\n" for i in range(99)) + "60,4,1\n"
        return self.file("d.csv", "a,b,label\n" + rows)

    def test_reasons_speak_of_high_and_low_beside_what_is_usual(self):
        top = self.ok_json("detect", self.table(), "--label", "label")["top"]
        self.assertEqual((top[0]["row"], top[0]["reasons"][0]["feature"]), (99, "a"))
        for row in top:
            for reason in row["reasons"]:
                if reason["value"] != reason["usual"]:
                    self.assertEqual(reason["direction"], "high" if reason["value"] > reason["usual"] else "low")

    def test_stdout_carries_rows_or_one_document(self):
        self.assertEqual(len(self.ok("detect", self.table(), "-o", "-", "-q").splitlines()), 101)
        self.assertEqual(self.ok_json("detect", "d.csv", "-o", "-")["schema"], "crisp.run/1")

    def test_an_existing_output_needs_force_and_a_wrong_ending_is_refused_first(self):
        self.file("out.csv", "mine")
        self.fails(73, "detect", self.table(), "-o", "out.csv", says="--force")
        self.assertEqual((self.folder / "out.csv").read_text(), "mine")
        text = self.fails(78, "detect", "d.csv", "-o", "out.xlsx", says=".parquet")
        self.assertNotIn("training", text)
        self.ok("detect", "d.csv", "-o", "out.csv", "--force")

    def test_every_threshold_has_a_usual_number(self):
        for method in ("mean_std", "quantile", "contamination"):
            self.assertGreater(self.ok_json("detect", self.table(), "--threshold", method)["cutoff"], 0)

    def test_rows_of_one_class_give_what_can_be_given(self):
        self.ok("train", self.table(), "--features", "a,b", "-o", "model")
        said = self.ok_json("evaluate", "model", "d.csv", "--label", "label", "--anomaly", "7")
        metrics = said["metrics"]
        self.assertEqual([metrics[name] for name in ("roc_auc", "recall", "average_precision")], [None] * 3)
        self.assertEqual((metrics["rows"], metrics["specificity"]), (100, metrics["accuracy"]))
        self.assertIn("no row has the anomaly '7' in 'label'", " ".join(said["notes"]))
        self.assertIn("'0' (99 rows), '1' (1 row)", " ".join(said["notes"]))
        text = self.ok("evaluate", "model", "d.csv", "--label", "label", "--anomaly", "7")
        self.assertRegex(text, r"(?m)^roc_auc +–$")
        self.assertIn("no row has the anomaly '7'", text)
        self.fails(1, "evaluate", "model", "d.csv", "--label", "label", "--anomaly", "7", "--gate", "roc_auc>=0", says="not defined")

    def test_a_blank_label_is_not_normal(self):
        rows = self.table().read_text().splitlines()
        rows[1:11] = [row.rsplit(",", 1)[0] + "," for row in rows[1:11]]
        self.file("blank.csv", "\n".join(rows) + "\n")
        self.ok("train", "d.csv", "--label", "label", "-o", "model")
        for said in (self.ok_json("evaluate", "model", "blank.csv"), self.ok_json("detect", "blank.csv", "--label", "label")):
            self.assertEqual((said["metrics"]["rows"], said["metrics"]["rows_without_label"]), (90, 10))
            self.assertIn("10 rows without a label in 'label' left out of the figures", said["notes"])
        answer = self.ok("predict", "model", "blank.csv").splitlines()
        self.assertEqual([row.rsplit(",", 1)[1] for row in answer[1:12]], [""] * 10 + ["true"])
        self.assertIn("10 rows without a label", self.ok("detect", "blank.csv", "--label", "label"))
        none = self.file("none.csv", "a,b,label\n" + "1,2,\n" * 30)
        self.fails(65, "evaluate", "model", none, says=["none.csv", "no row has a label in 'label'"])
        self.assertIsNone(self.ok_json("detect", none, "--label", "label", "--features", "a,b")["metrics"])

    def test_label_values_of_neither_kind_are_named(self):
        data = "a,who\n" + "".join(f"{i % 9},{'own other odd new'.split()[min(i % 40, 3)] if i % 40 < 4 else 'own'}\n" for i in range(80))
        self.file("who.csv", data)
        project = '[data]\npath = "who.csv"\n[model]\nname = "rcf"\n[label]\ncolumn = "who"\nanomaly = "other"\nnormal = "own"\n'
        said = self.ok_json("run", self.file("p.toml", project), "-o", "model")
        self.assertEqual(said["metrics"]["rows"], 76)
        self.assertIn("4 rows left out of the figures: 'who' is neither 'other' nor 'own' but 'new' (2 rows), 'odd' (2 rows)", said["notes"])
        self.assertEqual(len(self.ok("predict", "model", "who.csv").splitlines()), 81)
        said = self.ok_json("evaluate", "model", "who.csv", "--anomaly", "other", "--slice", "who")
        self.assertIn("taken for normal in 'who': 'new' (2 rows), 'odd' (2 rows), 'own' (74 rows)", said["notes"])
        self.fails(65, "evaluate", "model", "who.csv", "--slice", "whoo", says="'who'")

    def test_a_gate_that_is_not_met(self):
        self.ok("train", self.table(), "--features", "a,b", "-o", "model")
        self.fails(1, "evaluate", "model", "d.csv", "--label", "label", "--gate", "roc_auc>=1.5", says="roc_auc")
        self.assertEqual(self.ok_json("evaluate", "model", "d.csv", "--label", "label")["metrics"]["roc_auc"], 1.0)

    def test_the_anomaly_value_alone_replaces_the_models_own(self):
        self.ok("train", self.table(), "--label", "label", "-o", "model")
        metrics = self.ok_json("evaluate", "model", "d.csv", "--anomaly", "0")["metrics"]
        self.assertEqual(metrics["roc_auc"], 0.0)

    def test_every_gate_that_is_not_met_is_named(self):
        self.ok("train", self.table(), "--label", "label", "-o", "model")
        self.fails(1, "evaluate", "model", "d.csv", "--gate", "f1 >= 2", "--gate", "recall>=0", "--gate", "precision>=3",
                   says=["f1 is ", "; precision is "])

    def test_slices_of_whole_numbers_keep_their_names(self):
        self.ok("train", self.table(), "--label", "label", "-o", "model")
        slices = self.ok_json("evaluate", "model", "d.csv", "--slice", "b")["slices"]["b"]
        self.assertEqual([one["value"] for one in slices], ["0", "1", "2", "3", "4"])

    def test_groups_without_a_model_of_their_own_are_said(self):
        self.file("few.csv", "g,a\n" + "".join(f"{i},{i}\n" for i in range(20)))
        self.assertIn("one for all rows: no g has 8 rows to learn from", self.ok("detect", "few.csv", "--per", "g"))

    def test_new_rows_are_read_as_the_training_rows_were(self):
        rows = "".join(f"{i % 3},{i % 7},{i % 5}\n" for i in range(90))
        self.file("g.csv", "g,a,b\n" + rows)
        self.ok("train", "g.csv", "--per", "g", "-o", "model")
        # A batch in which a feature is blank, and a whole-number feature holds a fraction.
        self.file("new.csv", "g,a,b\n1,,2.5\n7,,1\n")
        done = self.run_crisp("predict", "model", "new.csv")
        self.assertEqual(done.returncode, 0, done.stderr.decode())
        self.assertIn("1 row of 1 value of g without a model of their own", done.stderr.decode())
        self.assertEqual(len(done.stdout.splitlines()), 3)

    def test_many_anomalies_are_explained_in_bounded_memory(self):
        header = ",".join(f"c{j}" for j in range(100))
        self.file("wide.csv", header + "\n" + "".join(",".join(str((i * (j + 3)) % 97) for j in range(100)) + "\n"
                                                      for i in range(6000)))
        limit = 700 << 20
        self.ok("detect", "wide.csv", "--threshold", "quantile", "-k", "0.5", "-o", "out.parquet", "--threads", "2",
                preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, (limit, limit)))

    def test_blank_and_text_columns_are_named_when_left_out(self):
        self.file("t.csv", "a,b,blank,name\n" + "".join(f"{i % 7},{i % 3},,x\n" for i in range(50)))
        text = self.run_crisp("detect", "t.csv").stderr.decode()
        self.assertIn("blank (blank)", text)
        self.assertIn("name (text)", text)


class BadBundle(ProgramCase):
    def bundle(self):
        self.file("d.csv", "a,b\n" + "".join(f"{i % 7},{i % 5}\n" for i in range(200)))
        self.ok("train", "d.csv", "-o", "model", "--set", "num_trees=50", "--set", "num_samples_per_tree=8")
        return self.folder / "model"

    def test_a_changed_byte_is_found(self):
        weights = self.bundle() / "weights.safetensors"
        data = bytearray(weights.read_bytes())
        for place in (0, len(data) // 2, len(data) - 1):
            data[place] ^= 1
            weights.write_bytes(data)
            self.fails(65, "predict", "model", "d.csv", says="weights.safetensors")
            data[place] ^= 1

    def test_data_without_the_features(self):
        self.bundle()
        self.file("other.csv", "a,c\n1,2\n")
        self.fails(65, "predict", "model", "other.csv", says="'b'")

    def test_not_a_bundle(self):
        (self.folder / "empty").mkdir()
        self.file("d.csv", "a\n1\n")
        self.fails(65, "predict", "empty", "d.csv", says="empty")
        self.fails(66, "predict", "nowhere", "d.csv", says="nowhere")

    def test_a_manifest_with_other_contents_and_a_right_digest_is_refused(self):
        manifest = self.bundle() / "manifest.json"
        text = json.loads(manifest.read_text())
        text["features"] = ["a"]
        import hashlib
        text["sha256"] = "0" * 64
        blank = json.dumps(text, indent=2) + "\n"
        text["sha256"] = hashlib.sha256(blank.encode()).hexdigest()
        manifest.write_text(json.dumps(text, indent=2) + "\n")
        self.fails(65, "predict", "model", "d.csv", says="model")


class Interruptions(ProgramCase):
    def test_sigterm_and_ctrl_c_at_any_moment_leave_a_whole_run_or_none(self):
        codes = set()
        for number, delay in enumerate([0.0, 0.02, 0.05, 0.08, 0.1, 0.13, 0.16, 0.2, 0.25, 0.3, 0.4]):
            for kind in (signal.SIGTERM, signal.SIGINT):
                out = self.folder / f"out{number}-{kind}"
                with subprocess.Popen([CRISP, "run", str(TELEMATICS / "personal.toml"), "-o", str(out), "-q"],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as program:
                    time.sleep(delay)
                    program.send_signal(kind)
                    program.communicate(timeout=60)
                # Before main() has installed its handlers the kernel's own answer is as good.
                self.assertIn(program.returncode, (0, 128 + kind, -kind))
                codes.add(program.returncode)
                if program.returncode == 0:
                    self.ok("predict", out, TELEMATICS / "data" / "nyharbor_2020_12_08.parquet", "-o", "p.csv", "--force")
                elif program.returncode > 0:
                    self.assertFalse(out.exists())
                self.assertEqual(self.leftovers(), [])
        self.assertTrue(codes - {0}, "no signal arrived in time: the test proves nothing")

    def test_a_full_disk_leaves_nothing(self):
        limit = 64 * 1024  # bytes a file: the log fits, the weights do not
        done = self.run_crisp("run", TELEMATICS / "personal.toml", "-o", self.folder / "out",
                              preexec_fn=lambda: (signal.signal(signal.SIGXFSZ, signal.SIG_IGN),
                                                  resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))))
        self.assertEqual(done.returncode, 74, done.stderr.decode())
        self.assertFalse((self.folder / "out" / "manifest.json").exists())
        self.assertEqual(self.leftovers(), [])

    @unittest.skipIf(os.geteuid() == 0 and not shutil.which("unshare"), "root writes everywhere")
    def test_a_read_only_folder_is_refused_before_any_work(self):
        target = self.folder / "target"
        target.mkdir()
        command = [CRISP, "run", str(TELEMATICS / "crisp.toml"), "-o", str(target / "out")]
        if os.geteuid() == 0:
            mount = f"mount -t tmpfs -o ro none {target} && exec \"$@\""
            command = ["unshare", "-m", "sh", "-c", mount, "sh", *command]
        else:
            target.chmod(0o500)
        done = subprocess.run(command, capture_output=True, timeout=60)
        if b"mount" in done.stderr:
            self.skipTest("mounting is not allowed here")
        self.assertEqual(done.returncode, 77, done.stderr.decode())
        self.assertNotIn(b"training", done.stderr)


if __name__ == "__main__":
    unittest.main()
