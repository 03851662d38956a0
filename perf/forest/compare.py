"""crisp's forests and their peers' on the same trees and rows, in turns, in one run; prints tables and one JSON document.

    python3 -m venv peers-cache/venv && peers-cache/venv/bin/pip install -r perf/peers/requirements.txt
    cmake -S . -B build/perf -G Ninja -DCRISP_PERF=ON && ninja -C build/perf forest_bench
    peers-cache/venv/bin/python perf/forest/compare.py --bench build/perf/perf/forest_bench

Two models of 100 trees on 28 columns (perf/peers/forest_models.py): XGBoost's of depth 8, LightGBM's of 255 leaves. Tasks: sums of a
million rows; one row at a time, from the peer's own Python call where there is no other (crisp: in process); Shapley values of 10,000
rows. Every peer runs in a fresh process, `--rounds` times by turns, and repeats its work in it; the least time counts (the machine may
be shared, so CPU seconds of all threads stand beside). TL2cgen's compilation and crisp's making ready are outside, as `prepare`. YDF has
trees of its own, of the same number and depth.
"""
import argparse, datetime, json, os, pathlib, subprocess, sys, time

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "peers"))
import forest_models  # noqa: E402
from forest_models import CACHE, booster, model_file, rows  # noqa: E402
from processor import processor  # noqa: E402

SHAP_ROWS, ROW_CALLS = 10_000, 2_000


def cpu_seconds():
    times = os.times()
    return times.user + times.system


def repeated(o, work, parts=1):
    """Seconds of every repeat, and the last result."""
    seconds, cpu = [], []
    for _ in range(o.repeats):
        before, start = cpu_seconds(), time.perf_counter()
        result = work()
        seconds.append((time.perf_counter() - start) / parts)
        cpu.append((cpu_seconds() - before) / parts)
    return {"seconds": seconds, "cpu": cpu}, result


def predict(o, task, call):
    """call(rows) predicts: all of them, or each by itself."""
    if task == "sum":
        x = rows(o.rows)
        call(x[:10_000])
        return repeated(o, lambda: call(x))
    x = [r[None] for r in rows(ROW_CALLS)]
    return repeated(o, lambda: np.array([np.ravel(call(r))[-1] for r in x]), ROW_CALLS)


def crisp(o, task, model):
    count = {"sum": o.rows, "row": 20_000, "shap": SHAP_ROWS}[task]
    out = CACHE / f"forest_answer_{os.getpid()}.f64"
    command = [o.bench, task, forest_models.arrays_file(model), forest_models.rows_file(), count, 1 if task == "row" else o.threads,
               o.repeats, out]
    line = json.loads(subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True).stdout.splitlines()[-1])
    answer = np.fromfile(out)
    out.unlink()
    return {**line, "prepare": line.get("load", 0.0)}, answer


def xgboost(o, task, model):
    import xgboost
    b = booster(model)
    b.set_param({"nthread": 1 if task == "row" else o.threads})
    if task == "shap":
        data = xgboost.DMatrix(rows(SHAP_ROWS))
        return repeated(o, lambda: b.predict(data, pred_contribs=True))
    return predict(o, task, lambda x: b.inplace_predict(x, predict_type="margin"))


def lightgbm(o, task, model):
    b = booster(model)
    threads = 1 if task == "row" else o.threads
    if task == "shap":
        x = rows(SHAP_ROWS)
        return repeated(o, lambda: b.predict(x, pred_contrib=True, num_threads=threads))
    return predict(o, task, lambda x: b.predict(x, raw_score=True, num_threads=threads))


def tl2cgen(o, task, model):
    import tl2cgen, treelite
    library, seconds = CACHE / f"forest_{model}.so", CACHE / f"forest_{model}.so.seconds"
    if not library.exists():
        load = treelite.frontend.load_xgboost_model if model == "depth8" else treelite.frontend.load_lightgbm_model
        start = time.perf_counter()
        tl2cgen.export_lib(load(model_file(model)), toolchain="gcc", libpath=library, params={"parallel_comp": 32}, verbose=False)
        seconds.write_text(str(time.perf_counter() - start))
    predictor = tl2cgen.Predictor(library, nthread=1 if task == "row" else o.threads)
    times, answer = predict(o, task, lambda x: predictor.predict(tl2cgen.DMatrix(x), pred_margin=True))
    return {**times, "prepare": float(seconds.read_text())}, answer


def onnxruntime(o, task, model):
    import onnxruntime
    path = CACHE / f"forest_{model}.onnx"
    if not path.exists():
        import onnxmltools
        from onnxmltools.convert.common.data_types import FloatTensorType
        convert = onnxmltools.convert_xgboost if model == "depth8" else onnxmltools.convert_lightgbm
        options = {} if model == "depth8" else {"zipmap": False}
        made = convert(booster(model), initial_types=[("X", FloatTensorType([None, forest_models.COLUMNS]))], target_opset=15, **options)
        path.write_bytes(made.SerializeToString())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.inter_op_num_threads = (1 if task == "row" else o.threads), 1
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    outputs, name = [session.get_outputs()[-1].name], session.get_inputs()[0].name
    return predict(o, task, lambda x: session.run(outputs, {name: x})[0][:, 1])


def intelex(o, task, model):
    import daal4py
    daal4py.daalinit(1 if task == "row" else o.threads)
    converted = daal4py.mb.convert_model(booster(model))
    return predict(o, task, converted.predict_proba if hasattr(converted, "predict_proba") else converted.predict)


def ydf(o, task, model):
    import ydf
    ydf.verbose(0)
    path = CACHE / f"forest_{model}.ydf"
    table = lambda x: {f"c{i}": x[:, i] for i in range(forest_models.COLUMNS)}
    if not path.exists():
        x, y = rows(200_000), np.fromfile(CACHE / f"forest_{forest_models.ROWS}_labels.f32", np.float32, 200_000).astype(int)
        shape = (dict(max_depth=9) if model == "depth8" else
                 dict(growing_strategy="BEST_FIRST_GLOBAL", max_num_nodes=255, max_depth=-1))
        ydf.GradientBoostedTreesLearner(label="y", num_trees=forest_models.TREES, validation_ratio=0.0, early_stopping="NONE",
                                        discretize_numerical_columns=True, num_threads=2, **shape).train({**table(x), "y": y}).save(str(path))
    loaded = ydf.load_model(str(path))
    return predict(o, task, lambda x: loaded.predict(table(x), num_threads=1 if task == "row" else o.threads))


PEERS = {"crisp": crisp, "xgboost": xgboost, "lightgbm": lightgbm, "tl2cgen": tl2cgen, "onnxruntime": onnxruntime,
         "scikit-learn-intelex": intelex, "ydf": ydf}
TASKS = [("sum", "depth8"), ("sum", "leaves255"), ("row", "depth8"), ("row", "leaves255"), ("shap", "depth8"), ("shap", "leaves255")]


def able(peer, task, model):
    if peer in ("xgboost", "lightgbm"):
        return (peer == "xgboost") == (model == "depth8")
    return task != "shap" or peer == "crisp"


def measure(name, task, model, options):
    """The peer in a fresh process."""
    environment = {**os.environ, "OMP_NUM_THREADS": str(options.threads), "PYTHONWARNINGS": "ignore"}
    done = subprocess.run([sys.executable, *sys.argv, "--one", name, task, model], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        return {"error": done.stderr.strip().splitlines()[-1] if done.stderr.strip() else f"exit {done.returncode}"}
    return json.loads(done.stdout.splitlines()[-1])


def run_one(options, name, task, model):
    times, answer = PEERS[name](options, task, model)
    answer = np.asarray(answer, float).ravel()
    answer.tofile(CACHE / f"forest_{task}_{model}_{name}.f64")
    return times


def difference(task, model, name):
    """The largest from crisp's answers, where the peer gives the same quantity."""
    ours, theirs = (np.fromfile(CACHE / f"forest_{task}_{model}_{n}.f64") for n in ("crisp", name))
    if name in ("ydf", "onnxruntime", "scikit-learn-intelex") or len(ours) != len(theirs):
        return None
    gap = ours - theirs  # the base of the sums, which is no tree, is the same in every row
    return float(np.abs(gap - np.median(gap)).max()) if task == "sum" else None


def merge(rounds, ours):
    """The least of all, and the middle of the rounds' ratios: rounds are moments that both saw alike."""
    good = [r for r in rounds if "error" not in r]
    if not good:
        return rounds[-1]
    ratio = lambda key: float(np.median([min(r[key]) / min(c[key]) for r, c in zip(rounds, ours) if "error" not in r and "error" not in c]))
    return {"seconds": min(min(r["seconds"]) for r in good), "cpu": min(min(r["cpu"]) for r in good),
            "prepare": min(r.get("prepare", 0.0) for r in good), "paired_ratio": ratio("seconds"), "paired_cpu_ratio": ratio("cpu")}


def print_table(task, model, results):
    ours = results.get("crisp", {})
    print(f"{task + ' ' + model:24}{'least s':>12}{'ratio':>8}{'paired':>8}{'CPU s':>12}{'ratio':>8}{'paired':>8}{'prepare s':>11}{'differs':>10}",
          file=sys.stderr)
    for name, r in results.items():
        if "error" in r:
            print(f"  {name:22} {r['error'][:100]}", file=sys.stderr)
            continue
        r["ratio"], r["cpu_ratio"] = (r[k] / ours[k] if ours.get(k) else float("nan") for k in ("seconds", "cpu"))
        r["difference"] = None if name == "crisp" else difference(task, model, name)
        differs = "" if r["difference"] is None else f"{r['difference']:10.1e}"
        print(f"  {name:22}{r['seconds']:12.4g}{r['ratio']:8.2f}{r['paired_ratio']:8.2f}{r['cpu']:12.4g}{r['cpu_ratio']:8.2f}"
              f"{r['paired_cpu_ratio']:8.2f}{r['prepare']:11.3f}{differs}", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench", default="build/perf/perf/forest_bench", help="the forest_bench program")
    for name, default in {"rows": forest_models.ROWS, "threads": 2, "rounds": 3, "repeats": 3}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--tasks", default=",".join(" ".join(t) for t in TASKS), help="comma list")
    parser.add_argument("--peers", default=",".join(PEERS), help="comma list")
    parser.add_argument("--one", nargs=3, metavar=("PEER", "TASK", "MODEL"), help="run this one here and print its result")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(run_one(options, *options.one)))
        return
    about = {"date": datetime.date.today().isoformat(), "processor": processor(), **vars(options)}
    tables = {}
    for task, model in (t.split() for t in options.tasks.split(",")):
        rounds = {name: [] for name in options.peers.split(",") if able(name, task, model)}
        for _ in range(options.rounds):
            for name in rounds:
                rounds[name].append(measure(name, task, model, options))
        results = {name: merge(found, rounds.get("crisp", found)) for name, found in rounds.items()}
        print_table(task, model, results)
        tables[f"{task} {model}"] = results
    print(json.dumps({**about, "results": tables}))


if __name__ == "__main__":
    main()
