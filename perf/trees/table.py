"""The whole table of trees in one run: training, answers, Shapley values, isolation forests and quality, what was wanted of each, and the peers.

    python3 -m venv peers-cache/venv && peers-cache/venv/bin/pip install -r perf/peers/requirements.txt
    cmake -S . -B build/perf -G Ninja -DCRISP_PERF=ON && ninja -C build/perf gbdt_bench forest_bench forest_fit_bench crisp
    peers-cache/venv/bin/python perf/trees/table.py --data DATA_FOLDER [--only train,adult] [--rounds 3]

Prints Markdown, a row as soon as it is known; what the scripts printed themselves goes to the JSON file. It runs perf/trees/compare.py,
perf/forest/compare.py, perf/trees/forests.py and perf/quality/trees.py: how they measure stands at their heads. A ratio is the peer's time over
crisp's, of the least times. Of training the peer is the fastest one whose figure is within 0.001 of the best figure of all (RMSE: of its size); the
fastest of all stands beside it. All of it takes about half an hour of a machine with nothing else to do; --small takes minutes, to see that
everything runs, and its figures mean nothing.
"""
import argparse, datetime, json, os, pathlib, subprocess, sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path += [str(HERE.parent / "peers"), str(HERE.parent / "quality")]
from processor import processor  # noqa: E402

JOBS = {"train-1m": "1 M x 28", "train-100k": "100 k x 28", "train-200k": "200 k x 200", "train-500k": "500 k x 68"}
SMALL_JOBS = {"train-1m": "5 k x 28", "train-200k": "5 k x 200", "train-500k": "5 k x 68"}
TASKS = {f"{task}-{model}": f"{task} {model}" for task in ("sum", "row", "shap") for model in ("depth8", "leaves255")}
TREES = {"depth8": "depth 8", "leaves255": "255 leaves"}
SHARE = 0.001  # figures closer than this are as good


def run(script, *flags):
    """The JSON that a script ends with; its tables go to where ours do not."""
    done = subprocess.run([sys.executable, ROOT / "perf" / script, *map(str, flags)], stdout=subprocess.PIPE, text=True)
    if done.returncode:
        raise SystemExit(f"perf/{script} ended with {done.returncode}")
    return json.loads(done.stdout.splitlines()[-1])


def able(results):
    """Those that ran; crisp and a peer must have."""
    ran = {name: r for name, r in results.items() if "error" not in r}
    if "crisp" not in ran or len(ran) < 2:
        raise SystemExit("\n".join(f"{name}: {r['error']}" for name, r in results.items() if "error" in r) or "no peer was asked")
    return ran


def against(results, key, names):
    """'1.29x LightGBM' of the peer among `names` with the least figure."""
    best = min(names, key=lambda name: results[name][key])
    return results[best][key] / results["crisp"][key], best


def as_good(results, wide):
    """The peers whose figure is within SHARE of the best of all; all of them where none is."""
    peers = [name for name in results if name != "crisp"]
    figures = {name: r["quality"] for name, r in results.items()}
    if wide:
        good = [name for name in peers if figures[name] <= min(figures.values()) * (1 + SHARE)]
    else:
        good = [name for name in peers if figures[name] >= max(figures.values()) - SHARE]
    return good or peers


def training(job, document):
    results = able(document["results"][job])
    ours, peers = results["crisp"], [name for name in results if name != "crisp"]
    ratio, name = against(results, "total", as_good(results, "200" in job))
    fastest, fast_name = against(results, "total", peers)
    figures = ", ".join(f"{n} {results[n]['quality']:.4f}" for n in dict.fromkeys(["crisp", name, fast_name]))
    yield (f"train {job}, {document['trees']} trees of {document['leaves']} leaves, L2 penalty {document['l2'][job]}", "1.3x the fastest as good (aim 2x)", f"**{ratio:.2f}x**, {ours['total']:.2f} s",
           f"{name} {results[name]['total']:.2f} s; fastest of all {fast_name} {fastest:.2f}x ({figures})")
    if "LightGBM" in results:
        peer = results["LightGBM"]
        yield (f"binning {job}", "1.5x LightGBM", f"**{peer['bin'] / ours['bin']:.2f}x**, {ours['bin']:.3f} s", f"LightGBM {peer['bin']:.3f} s")
        yield (f"memory {job}", "0.6 of LightGBM's", f"**{ours['memory_mb'] / peer['memory_mb']:.2f}**, {ours['memory_mb']:.0f} MB",
               f"LightGBM {peer['memory_mb']:.0f} MB")


def seconds(value):
    return f"{value:.3f} s" if value > 1e-3 else f"{value * 1e6:.1f} µs"


def answers(task, rows, all_results):
    results = able(all_results)
    kind, model = task.split()
    ratio, name = against(results, "seconds", [name for name in results if name != "crisp"])
    what = {"sum": f"{rows:,} rows, 100 trees", "row": "one row, 100 trees", "shap": "Shapley values, 10,000 rows, 100 trees"}[kind]
    wanted = {"sum": "1.2x the fastest (aim 2x)", "row": "5 µs (aim 1 µs)", "shap": "2x the library (aim 4x)"}[kind]
    ours = seconds(results["crisp"]["seconds"])
    measured = f"**{ours}**, {ratio:.1f}x" if kind == "row" else f"**{ratio:.2f}x**, {ours}"
    yield f"{what}, {TREES[model]}", wanted, measured, f"{name} {seconds(results[name]['seconds'])}"


def isolation(rows, results):
    found = results["isolation_forest"]
    ours, peer = found["crisp"], found.get("isotree")
    parts = lambda r: f"{r['fit']:.3f} + {r['answer']:.3f} s"
    yield (f"isolation forest, fit and score {rows:,} x 29", "isotree's time (aim 1.5x)", f"**{peer['ratio']:.2f}x**, {parts(ours)}" if peer else parts(ours),
           f"isotree {parts(peer)}" if peer else "isotree is not installed")


def quality(asked, tables):
    """Rows of Adult and of the ranks, and all figures."""
    import pandas as pd
    import trees
    found, ranks = {}, []
    for table, metric, figures, rank in trees.figures(asked.program, asked.data, asked.splits, tables):
        found[table] = {"metric": metric, **figures.to_dict()}
        ranks.append(rank)
        print(f"  {table:28} {metric:9}" + "".join(f"{name:>22} {value:.5f}" for name, value in figures.items()), file=sys.stderr)
    return found, pd.DataFrame(ranks).mean().to_dict()


def best_peer(figures, best):
    name = best((n for n in figures if n not in ("crisp", "metric")), key=figures.get)
    return name, figures[name]


def quality_rows(asked, chosen, documents):
    """The rows; figures go to `documents`."""
    if asked.data is None:
        yield "quality", "", "not measured: no --data", ""
        return
    import trees
    tables = [table for table in trees.TABLES if "quality" in chosen or table[0] == "bin_adult"]
    if asked.small and "quality" in chosen:
        few = {"bin_credit_g.csv", "reg_winequality_white.csv"} | ({"bin_adult"} if "adult" in chosen else set())
        tables = [table for table in tables if table[0] in few]
    found, ranks = quality(asked, tables)
    documents["quality"] = {"figures": found, "ranks": ranks}
    if "adult" in chosen and "bin_adult" in found:
        name, figure = best_peer(found["bin_adult"], max)
        yield "Adult, defaults: ROC-AUC on its own test file", "0.925", f"**{found['bin_adult']['crisp']:.4f}**", f"{name} {figure:.4f}"
    if "quality" in chosen:
        others = ", ".join(f"{name} {rank:.2f}" for name, rank in ranks.items() if name != "crisp")
        yield f"defaults, {len(found)} tables: mean rank", "LightGBM's", f"**{ranks['crisp']:.2f}**", others


def table(asked, chosen, documents):
    """(what, wanted, measured, peer) one by one."""
    rounds = ["--rounds", asked.rounds, "--threads", asked.threads]
    for key, job in (SMALL_JOBS if asked.small else JOBS).items():
        if key in chosen:
            more = ["--trees", 5] if asked.small else []
            documents[key] = run("trees/compare.py", "--bench", asked.build / "perf/gbdt_bench", "--jobs", job, *rounds, *more)
            yield from training(job, documents[key])
    for key, task in TASKS.items():
        if key in chosen:
            more = ["--rows", 20_000, "--repeats", 1] if asked.small else []
            documents[key] = run("forest/compare.py", "--bench", asked.build / "perf/forest_bench", "--tasks", task, *rounds, *more)
            yield from answers(task, documents[key]["rows"], documents[key]["results"][task])
    if "isolation" in chosen:
        more = ["--rows", 5_000] if asked.small else []
        documents["isolation"] = run("trees/forests.py", "--bench", asked.build / "perf/forest_fit_bench", "--models", "isolation_forest", *rounds, *more)
        yield from isolation(documents["isolation"]["rows"], documents["isolation"]["results"])
    if {"quality", "adult"} & chosen:
        yield from quality_rows(asked, chosen, documents)


def machine():
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return f"{len(os.sched_getaffinity(0))} cores of \"{processor()}\", {memory:.0f} GiB"


def main():
    keys = [*JOBS, *TASKS, "isolation", "quality", "adult"]
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--build", type=pathlib.Path, default=pathlib.Path("build/perf"), help="where the programs were built")
    parser.add_argument("--data", type=pathlib.Path, help="folder with the tables of perf/quality/trees.py; without it quality is left out")
    parser.add_argument("--only", help=f"rows to measure, a list with commas of beginnings of: {', '.join(keys)}")
    parser.add_argument("--json", type=pathlib.Path, default=ROOT / "peers-cache" / "trees_table.json", help="where all that was measured goes")
    parser.add_argument("--small", action="store_true", help="small sizes, to see that everything runs")
    for name, default in {"rounds": 2, "splits": 5, "threads": 2}.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    asked = parser.parse_args()
    asked.build, asked.program = asked.build.resolve(), str(asked.build.resolve() / "crisp")
    wanted = asked.only.split(",") if asked.only else [""]
    for word in wanted:
        if not any(key.startswith(word) for key in keys):
            parser.error(f"--only: no row begins with '{word}'; there are {', '.join(keys)}")
    chosen = {key for key in keys if any(key.startswith(word) for word in wanted)}
    date, documents, lines = datetime.date.today().isoformat(), {}, []
    print(f"{machine()}; {asked.threads} threads; {date}\n\n| what | wanted | measured | peer |\n|---|---|---|---|", flush=True)
    for line in table(asked, chosen, documents):
        lines.append(dict(zip(("what", "wanted", "measured", "peer"), line)))
        print(f"| {' | '.join(line)} |", flush=True)
    asked.json.parent.mkdir(exist_ok=True)
    asked.json.write_text(json.dumps({"date": date, "machine": machine(), "rows": lines, "scripts": documents}, default=str, indent=1) + "\n")


if __name__ == "__main__":
    main()
