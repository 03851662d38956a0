"""crisp profile, doctor and completion as a user meets them."""
import http.server
import os
import resource
import shutil
import subprocess
import threading
import unittest

from program_case import CRISP, SOURCE, ProgramCase

TABLE = SOURCE / "tests" / "data" / "profile" / "table.csv"


class Profile(ProgramCase):
    def test_says_what_is_in_a_table(self):
        text = self.ok("profile", TABLE)
        for part in ("Columns", "distribution", "skewness", "p99", "north", "DUPLICATES", "INFINITE", "MISSING"):
            self.assertIn(part, text)

    def test_fits_eighty_columns(self):
        text = self.ok("profile", TABLE, env={**os.environ, "COLUMNS": "80", "LC_ALL": "C.UTF-8"})
        table = text[text.index("Columns"):text.index("Texts")]
        self.assertLessEqual(max(map(len, table.splitlines())), 80)

    def test_json_has_every_column(self):
        document = self.ok_json("profile", TABLE)
        self.assertEqual(document["schema"], "crisp.profile/1")
        columns = {column["name"]: column for column in document["columns"]}
        self.assertEqual(set(columns), {"real", "offset", "whole", "big", "when", "flag", "name"})
        self.assertEqual(columns["real"]["infinite"], 1)
        self.assertEqual(set(columns["real"]["quantiles"]), {"p1", "p5", "p25", "p50", "p75", "p95", "p99"})
        self.assertRegex(columns["when"]["min"], r"^2020-12-\d\dT.*Z$")
        self.assertIn("MISSING", {alert["kind"] for alert in document["alerts"]})

    def test_page_is_whole_and_offline(self):
        self.ok("profile", TABLE, "-o", "page.html")
        page = (self.folder / "page.html").read_text()
        self.assertTrue(page.rstrip().endswith("</html>"))
        self.assertNotIn("src=\"http", page)
        self.assertLess(len(page), 500_000)
        self.assertEqual(self.leftovers(), [])

    def test_only_the_asked_columns(self):
        document = self.ok_json("profile", TABLE, "--columns", "name,real")
        self.assertEqual([column["name"] for column in document["columns"]], ["name", "real"])

    def test_reads_stdin(self):
        document = self.ok_json("profile", "-", stdin=b"a,b\n1,x\n2,y\n")
        self.assertEqual(document["rows"], 2)

    def endless(self, through=""):
        """Rows without an end on standard input, where no file may be written."""
        rows = 'BEGIN { print "a,b,c"; for (;;) { ++i; print i "," i / 7 ",t" i } }'
        no_files = lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        line = f"awk '{rows}' {through} | CRISP_PIPE_LIMIT=20M '{CRISP}' profile -"
        return subprocess.run(["bash", "-c", line], capture_output=True, timeout=120, preexec_fn=no_files, cwd=self.folder)

    def test_a_pipe_without_an_end(self):
        for through in ("", "| gzip -1"):
            done = self.endless(through)
            self.assertEqual(done.returncode, 71, done.stderr)
            errors = [line for line in done.stderr.decode().splitlines() if "error: " in line]
            self.assertEqual(len(errors), 1, done.stderr)
            self.assertIn("20.0 MiB", errors[0])
            self.assertIn("CRISP_PIPE_LIMIT", done.stderr.decode())
            self.assertEqual(list(self.folder.iterdir()), [])

    def test_addresses_are_not_read(self):
        self.fails(66, "profile", "s3://bucket/t.csv", says=("is an address", "aws s3 cp 's3://bucket/t.csv' - | crisp ... -"))

    def test_header_only(self):
        document = self.ok_json("profile", self.file("head.csv", "a,b\n"))
        self.assertEqual([alert["kind"] for alert in document["alerts"]], ["EMPTY"])

    def test_missing_file_and_column(self):
        self.fails(66, "profile", "absent.csv", says="absent.csv")
        self.fails(65, "profile", TABLE, "--columns", "nme", says=("nme", "name"))

    def test_nothing_is_written_where_it_cannot(self):
        self.fails(73, "profile", TABLE, "-o", "no/such/page.html", says="page.html")

    def test_never_overwrites_the_table_unasked(self):
        table = self.file("table.csv", "a,b\n1,2\n")
        self.fails(73, "profile", table, "-o", table, says=("exists", "--force"))
        self.assertEqual(table.read_text(), "a,b\n1,2\n")
        self.ok("profile", table, "-o", "page.html")
        self.ok("profile", table, "-o", "page.html", "--force")


class PredictStream(ProgramCase):
    """Rows scored as they come."""

    def setUp(self):
        super().setUp()
        rows = "".join(f"{i % 97},{i % 89 / 7}\n" for i in range(2000))
        self.table = self.file("train.csv", "a,b\n" + rows)
        self.ok("train", self.table, "-o", "model")

    def test_answers_before_the_pipe_ends(self):
        with subprocess.Popen([CRISP, "predict", "model", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, cwd=self.folder) as process:
            process.stdin.write(b"a,b,note\n1,2,x\n")
            process.stdin.flush()
            self.assertEqual(process.stdout.readline().split(b",")[:4], [b"a", b"b", b"note", b"score"])
            self.assertTrue(process.stdout.readline().startswith(b"1,2.0,x,"))
            process.stdin.write(b"900,2,007\n")
            process.stdin.flush()
            self.assertTrue(process.stdout.readline().startswith(b"900,2.0,007,"))
            process.stdin.close()
            self.assertEqual(process.wait(20), 0)
            self.assertIn(b"2 rows scored", process.stderr.read())

    def test_gives_what_a_file_gives(self):
        whole = self.ok("predict", "model", self.table)
        self.assertEqual(self.ok("predict", "model", "-", stdin=self.table.read_bytes()), whole)

    def test_says_which_row_is_wrong(self):
        self.fails(65, "predict", "model", "-", stdin=b"a,b\n1,2\nx,3\n", says=("row 2", "column 'a'", "'x'"))


class Metadata(http.server.BaseHTTPRequestHandler):
    """IMDSv2 as an EC2 instance has it: no token, no answer."""

    def answer(self, status, body=b""):
        self.send_response(status)
        self.end_headers()
        self.wfile.write(body)

    def do_PUT(self):
        asked = self.path == "/latest/api/token" and self.headers["X-aws-ec2-metadata-token-ttl-seconds"]
        self.answer(200 if asked else 400, b"secret")

    def do_GET(self):
        if self.headers["X-aws-ec2-metadata-token"] != "secret":
            return self.answer(401)
        self.answer(200, b"g5.xlarge") if self.path == "/latest/meta-data/instance-type" else self.answer(404)

    def log_message(self, *arguments):
        pass


class Doctor(ProgramCase):
    def test_says_what_is_here_and_what_was_never_run(self):
        text = self.ok("doctor")
        for part in ("CPU", "SIMD", "memory", "disk", "NVIDIA driver", "Arrow", "Never executed yet", "crisp would run on"):
            self.assertIn(part, text)

    def test_json(self):
        document = self.ok_json("doctor")
        self.assertEqual(document["schema"], "crisp.doctor/1")
        states = {finding["state"] for group in ("machine", "gpu", "cloud", "software") for finding in document[group]}
        self.assertLessEqual(states, {"good", "absent", "problem"})

    def test_an_absent_device_is_a_finding(self):
        text = self.ok("doctor", "--device", "cuda:63")
        self.assertIn("problem above", text)

    def ask_metadata(self, port):
        endpoint = {"AWS_EC2_METADATA_SERVICE_ENDPOINT": f"http://127.0.0.1:{port}"}
        return self.ok_json("doctor", "--ec2", env={**os.environ, **endpoint})

    def test_asks_the_metadata_service_only_when_told(self):
        server = http.server.HTTPServer(("127.0.0.1", 0), Metadata)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.assertIn("g5.xlarge", self.ask_metadata(server.server_port)["cloud"][0]["text"])
        os.environ["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = f"http://127.0.0.1:{server.server_port}"
        self.addCleanup(os.environ.pop, "AWS_EC2_METADATA_SERVICE_ENDPOINT")
        self.assertNotIn("g5.xlarge", self.ok("doctor"))

    def test_no_metadata_service_is_no_failure(self):
        self.assertEqual(self.ask_metadata(9)["cloud"][0]["state"], "absent")


class Completion(ProgramCase):
    def complete(self, *words):
        """What bash offers for the last word."""
        script = """
            source "$1"; shift
            COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
            compopt() { :; }
            _crisp; printf '%s\\n' "${COMPREPLY[@]}"
        """
        path = self.file("crisp.bash", self.ok("completion", "bash"))
        done = subprocess.run(["bash", "-euc", script, "bash", path, *words], capture_output=True, text=True)
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        return done.stdout.split()

    def test_verbs(self):
        self.assertIn("profile", self.complete("crisp", ""))
        self.assertEqual(self.complete("crisp", "dete"), ["detect"])

    def test_every_verb_has_its_own_flags(self):
        for verb in self.complete("crisp", ""):
            if not verb.startswith("-"):
                self.assertIn("--help", self.complete("crisp", verb, "--"), verb)
        self.assertIn("--threshold", self.complete("crisp", "detect", "--"))
        self.assertNotIn("--threshold", self.complete("crisp", "profile", "--"))

    def test_values_of_flags(self):
        self.assertEqual(self.complete("crisp", "detect", "--threshold", "q"), ["quantile"])
        self.assertEqual(self.complete("crisp", "run", "--device", "c"), ["cpu", "cuda"])
        self.assertIn("random_cut_forest", self.complete("crisp", "train", "--model", ""))
        self.assertEqual(self.complete("crisp", "completion", ""), ["bash", "zsh", "fish"])

    def test_data_is_left_to_file_names(self):
        self.assertEqual(self.complete("crisp", "detect", "tab"), [])
        self.assertIn("complete -o default -F _crisp crisp", self.ok("completion", "bash"))

    def test_other_shells_accept_their_scripts(self):
        for shell, check in (("zsh", "-n"), ("fish", "--no-execute")):
            script = self.file(shell, self.ok("completion", shell))
            self.assertIn("mean_std", script.read_text())
            if shutil.which(shell):
                done = subprocess.run([shell, check, script], capture_output=True, text=True)
                self.assertEqual((done.returncode, done.stderr), (0, ""), shell)

    @unittest.skipUnless(shutil.which("fish"), "no fish here")
    def test_fish_completes(self):
        script = self.file("crisp.fish", self.ok("completion", "fish"))
        done = subprocess.run(["fish", "--private", "-c", f"source {script}; complete -C 'crisp detect --threshold '"],
                              capture_output=True, text=True, env={**os.environ, "HOME": str(self.folder)})
        values = [line.split("\t")[0] for line in done.stdout.splitlines()]
        self.assertEqual(values, ["contamination", "fixed", "mean_std", "quantile"])

    def test_unknown_shell(self):
        self.fails(64, "completion", "tcsh", says=("tcsh", "fish"))


if __name__ == "__main__":
    unittest.main()
