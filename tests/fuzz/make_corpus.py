"""First inputs for the fuzzers: the small models of tests/data/import, cut down, and a bundle of two trees.

    python make_corpus.py        # writes corpus/ beside itself
"""
import json
import pathlib
import struct

HERE = pathlib.Path(__file__).parent
MODELS = HERE.parent / "data" / "import"

ARRAYS = {  # of small_trees() in tests/models/small_trees.h, the longest elements first as crisp writes them
    "base": ("F64", "d", [0.5]), "first": ("I64", "q", [0, 7, 8]), "scale": ("F64", "d", [1.0]), "set_first": ("I64", "q", [0, 2]),
    "value": ("F64", "d", [0, 0, 0, 1, 2, 3, -4.5, 0.125]), "cover": ("F32", "f", [100, 60, 40, 25, 35, 30, 10, 100]),
    "feature": ("I32", "i", [0, 1, 2, -1, -1, -1, -1, -1]), "gain": ("F32", "f", [9, 4, 2.5, 0, 0, 0, 0, 0]),
    "left": ("I32", "i", [1, 3, 5, 0, 0, 0, 0, 0]), "right": ("I32", "i", [2, 4, 6, 0, 0, 0, 0, 0]),
    "set": ("I32", "i", [-1, 0, -1, -1, -1, -1, -1, -1]), "set_bits": ("I32", "i", [2, 2]),
    "threshold": ("F32", "f", [37.5, 0, -0.25, 0, 0, 0, 0, 0]), "missing_left": ("U8", "B", [1, 0, 1, 0, 0, 0, 0, 0])}


def bundle():
    header, data = {}, b""
    for name, (dtype, code, values) in ARRAYS.items():
        raw = struct.pack(f"<{len(values)}{code}", *values)
        header[name] = {"dtype": dtype, "shape": [len(values)], "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    about = {"columns": 3, "outputs": 1, "trees": 2, "vector_leaves": False, "link": "identity"}
    return json.dumps(about).encode() + b"\n" + struct.pack("<Q", len(text)) + text + data


def main():
    for folder in ("bundle", "xgboost", "lightgbm"):
        (HERE / "corpus" / folder).mkdir(parents=True, exist_ok=True)
    (HERE / "corpus" / "bundle" / "two_trees").write_bytes(bundle())
    for name in ("squarederror.json", "codes.json", "texts.json", "dart.json", "none.json", "codes.ubj", "logistic.ubj"):
        (HERE / "corpus" / "xgboost" / name).write_bytes((MODELS / f"xgboost_{name}").read_bytes())
    for name in ("binary", "codes", "texts", "zero", "rf", "stump"):
        text = (MODELS / f"lightgbm_{name}.txt").read_text()
        head, tail = text.split("end of trees")
        pandas = tail[tail.index("pandas_categorical"):]
        (HERE / "corpus" / "lightgbm" / name).write_text(head + "end of trees\n\n" + pandas)


if __name__ == "__main__":
    main()
