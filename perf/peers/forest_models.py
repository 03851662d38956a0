"""The models that forests are compared on, trained once and kept in peers-cache: 100 trees on 1 M x 28 rows (higgs_data.py), XGBoost's of
depth 8 and LightGBM's of 255 leaves, as their own files and as the arrays that forest_bench reads."""
import pathlib

import numpy as np

import higgs_data
import tree_arrays

CACHE = pathlib.Path(__file__).resolve().parent.parent.parent / "peers-cache"
ROWS, COLUMNS = 1_000_000, 28
TREES = 100


def rows_file():
    path = CACHE / f"forest_{ROWS}.f32"
    if not path.exists():
        CACHE.mkdir(exist_ok=True)
        x, y, _, _ = higgs_data.higgs(ROWS, 1)
        y.astype("f4").tofile(CACHE / f"forest_{ROWS}_labels.f32")
        x.tofile(path)
    return path


def rows(count=ROWS):
    return np.fromfile(rows_file(), np.float32, count * COLUMNS).reshape(-1, COLUMNS)


def train(kind):
    x = rows()
    y = np.fromfile(CACHE / f"forest_{ROWS}_labels.f32", np.float32)
    if kind == "depth8":
        import xgboost
        params = dict(tree_method="hist", max_depth=8, eta=0.1, nthread=2, objective="binary:logistic")
        return xgboost.train(params, xgboost.QuantileDMatrix(x, y), TREES)
    import lightgbm
    params = dict(objective="binary", num_leaves=255, learning_rate=0.1, verbosity=-1, num_threads=2)
    return lightgbm.train(params, lightgbm.Dataset(x, y), TREES)


def model_file(kind):
    """kind: depth8 (XGBoost) or leaves255 (LightGBM)."""
    path = CACHE / f"forest_{kind}.{'json' if kind == 'depth8' else 'txt'}"
    if not path.exists():
        train(kind).save_model(path)
    return str(path)


def booster(kind):
    if kind == "depth8":
        import xgboost
        return xgboost.Booster(model_file=model_file(kind))
    import lightgbm
    return lightgbm.Booster(model_file=model_file(kind))


def arrays_file(kind):
    """columns, outputs, whether leaves are vectors, nodes, trees, sets, words of sets as int64; then the arrays of TreesView in its order."""
    path = CACHE / f"forest_{kind}.trees"
    if not path.exists():
        arrays, _ = (tree_arrays.xgboost if kind == "depth8" else tree_arrays.lightgbm)(booster(kind))
        parts = arrays.arrays()
        with open(path, "wb") as file:
            np.array([arrays.columns, arrays.outputs, arrays.vector, len(parts["feature"]), len(parts["first"]) - 1,
                      len(parts["set_first"]) - 1, len(parts["set_bits"])], "i8").tofile(file)
            for key in ("first", "feature", "threshold", "left", "right", "missing_left", "set", "set_first", "set_bits", "value",
                        "cover", "gain"):
                parts[key].tofile(file)
    return path


if __name__ == "__main__":
    for kind in ("depth8", "leaves255"):
        print(arrays_file(kind))
