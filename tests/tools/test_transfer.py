"""Nets that begin from an earlier one: what is taken, what is frozen, what is refused."""
import json
import struct
import unittest

from program_case import BUNDLE, ProgramCase
from tables import sizes


def arrays(path):
    """The arrays of a .safetensors file: name -> (shape, bytes)."""
    data = path.read_bytes()
    size = struct.unpack("<Q", data[:8])[0]
    header = json.loads(data[8:8 + size])
    return {name: (about["shape"], data[8 + size + about["data_offsets"][0]:8 + size + about["data_offsets"][1]])
            for name, about in header.items() if name != "__metadata__"}


class Transfer(ProgramCase):
    def setUp(self):
        super().setUp()
        self.data = self.file("data.csv", sizes(1200))
        self.first = self.folder / "first"
        self.ok(*self.arguments(self.data, "first"))

    def arguments(self, data, out, *more, layers="24, 16", epochs=6):
        return ["train", data, "--target", "answer", "--model", "mlp", "--set", f"epochs={epochs}", "--set", f"hidden_layers={layers}",
                "-o", self.folder / out, *more]

    def begun(self, data, out, *more, start=None, **named):
        return self.ok_json(*self.arguments(data, out, "--init-from", start or self.first, *more, **named))

    def weights(self, out):
        return {name.removeprefix("model."): value for name, value in arrays(self.folder / out / "weights.safetensors").items()}

    def test_all_of_it_where_columns_and_classes_are_the_same(self):
        told = self.begun(self.file("more.csv", sizes(300, seed=2)), "second", epochs=1)
        start = told["training"]["facts"]["start"]
        self.assertEqual(start["anew"], [])
        self.assertEqual(told["preparation"], ["prepared as first was"])
        for name in ("recipe.json",):
            self.assertEqual((self.folder / "second" / name).read_bytes(), (self.first / name).read_bytes())
        manifest = json.loads((self.folder / "second/manifest.json").read_text())
        self.assertEqual(manifest["started_from"]["name"], "first")
        anew = self.ok_json(*self.arguments(self.folder / "more.csv", "anew", epochs=1))
        self.assertGreater(told["metrics"]["roc_auc"], anew["metrics"]["roc_auc"])

    def test_frozen_arrays_do_not_change(self):
        self.begun(self.file("more.csv", sizes(300, seed=2)), "second", "--freeze", "embeddings.*,layers.0.*", "--set", "weight_decay=0.1",
                   "--set", "clip_norm=0.5")
        was, now = self.weights("first"), self.weights("second")
        self.assertEqual(sorted(was), sorted(now))
        for name in was:
            frozen = name.startswith(("embeddings.", "layers.0.")) or name == "edges"
            self.assertEqual(was[name] == now[name], frozen, name)

    def test_the_head_is_replaced_where_classes_differ(self):
        other = self.file("three.csv", sizes(1200, seed=3, classes=("low", "mid", "high")))
        start = self.begun(other, "second")["training"]["facts"]["start"]
        self.assertEqual([name.split(" ")[0] for name in start["anew"]], ["layers.2.weight", "layers.2.bias"])
        renamed = self.file("renamed.csv", sizes(1200, seed=3, classes=("bad", "good")))
        start = self.begun(renamed, "third")["training"]["facts"]["start"]
        self.assertEqual([name.split(" ")[0] for name in start["anew"]], ["layers.2.weight", "layers.2.bias"])

    def test_other_columns_begin_anew(self):
        cut = "\n".join(line.split(",", 1)[1] for line in sizes(1200, seed=4).splitlines()) + "\n"
        told = self.begun(self.file("cut.csv", cut), "second")
        start = told["training"]["facts"]["start"]
        self.assertEqual(start["taken"], ["layers.1.weight", "layers.1.bias", "layers.2.weight", "layers.2.bias"])
        self.assertNotIn("prepared as first was", told["preparation"])

    def test_more_columns_are_not_read(self):
        told = self.begun(self.file("extra.csv", sizes(1200, seed=5, noise=True)), "second")
        self.assertEqual(told["training"]["facts"]["start"]["anew"], [])
        self.assertFalse(any("more" in name for name in told["features"]))

    def test_a_file_of_arrays(self):
        told = self.begun(self.data, "second", start=self.first / "weights.safetensors")
        self.assertEqual(told["training"]["facts"]["start"]["anew"], [])

    def test_resumes_and_refuses_another_start(self):
        more = self.file("more.csv", sizes(300, seed=2))
        self.begun(more, "whole")
        self.begun(more, "again", "--checkpoint-every", "2 steps")
        (self.folder / "again/manifest.json").unlink()
        self.begun(more, "again", "--resume")
        for name in BUNDLE:
            self.assertEqual((self.folder / "whole" / name).read_bytes(), (self.folder / "again" / name).read_bytes(), name)
        (self.folder / "again/manifest.json").unlink()
        self.fails(65, *self.arguments(more, "again", "--resume"), says="init_from")
        self.fails(65, *self.arguments(more, "again", "--resume", "--init-from", self.first, "--freeze", "layers.0.*"), says="freeze")
        self.ok(*self.arguments(self.data, "first", "--force", epochs=2))
        self.fails(65, *self.arguments(more, "again", "--resume", "--init-from", self.first), says="start")

    def test_what_is_refused(self):
        def refuses(code, *more, says, **named):
            self.fails(code, *self.arguments(self.data, "out", *more, **named), says=says)
        arrays = self.first / "weights.safetensors"
        refuses(65, "--init-from", arrays, "--set", "embedding_size=5", layers="7, 5", says=["layers.0.weight", "7 x", "24 x"])
        refuses(66, "--init-from", self.folder / "nowhere", says="nowhere")
        refuses(65, "--init-from", self.data, says="data.csv")
        refuses(78, "--init-from", self.first, "--freeze", "layers.9.*", says=["layers.9.*", "layers.1.weight"])
        refuses(78, "--init-from", self.first, "--freeze", "*", says="nothing is left to learn")
        refuses(78, "--freeze", "norms.*", "--set", "normalisation=batch", says="batch norm")
        self.fails(78, "train", self.data, "--target", "answer", "--model", "linear", "--init-from", self.first, "-o", self.folder / "out",
                   says=["linear", "mlp"])
        self.ok("train", self.data, "--target", "answer", "--model", "linear", "-o", self.folder / "line")
        refuses(65, "--init-from", self.folder / "line", says=["linear", "mlp"])


if __name__ == "__main__":
    unittest.main()
