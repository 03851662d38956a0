"""crisp's training step and PyTorch's loops on the same rows, by turns, in one run; prints a table and one JSON document.

    tools/setup --test && cmake -S . -B build/perf -G Ninja -DCRISP_PERF=ON && ninja -C build/perf nets_bench products_bench crisp_nn
    .venv/bin/python perf/nets/compare.py --bench build/perf/perf/nets_bench

The net is 28-HIDDEN-HIDDEN-1 with ReLU, Adam at 1e-3, float32, 2 threads. Every peer runs in a fresh process, `--rounds` times by
turns; the least epoch counts (the machine may be shared). The share of the matrix products is
that of the same products alone (products_bench): the step's shapes, parts and threads, into tensors that are there already.
"""
import argparse, datetime, json, pathlib, subprocess, sys, time

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
CACHE = HERE.parent.parent / "peers-cache"
sys.path.insert(0, str(HERE.parent / "peers"))
import higgs_data  # noqa: E402

JOBS = [(256, 4096, 1_000_000), (256, 256, 200_000), (64, 256, 400_000)]
PEERS = ["crisp", "torch_slice", "torch_slice_fused_adam", "torch_dataloader"]


def auc(truth, scores):
    order = np.argsort(scores, kind="stable")
    ranks = np.empty(len(scores))
    ranks[order] = np.arange(1, len(scores) + 1)
    positive = truth > 0.5
    hits = int(positive.sum())
    return float((ranks[positive].sum() - hits * (hits + 1) / 2) / (hits * (len(truth) - hits)))


def files(rows):
    """Paths of training rows, labels, test rows, test labels."""
    CACHE.mkdir(exist_ok=True)
    paths = [CACHE / f"higgs_{rows}_{part}.f32" for part in ("x", "y", "test_x", "test_y")]
    if not all(path.exists() for path in paths):
        for path, array in zip(paths, higgs_data.higgs(rows, 100_000)):
            np.ascontiguousarray(array).tofile(path)
    return paths


def torch_run(mode, hidden, batch, rows, epochs, threads):
    """One peer's epochs, in this process: what a PyTorch user writes."""
    import torch
    from torch import nn
    torch.set_num_threads(threads)
    torch.manual_seed(1)
    x, y, test_x, test_y = [np.fromfile(path, np.float32) for path in files(rows)]
    x, y = torch.from_numpy(x.reshape(-1, 28)), torch.from_numpy(y)[:, None]
    net = nn.Sequential(nn.Linear(28, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 1))
    optimiser = torch.optim.Adam(net.parameters(), 1e-3, **({"fused": True} if "fused" in mode else {}))
    loss = nn.BCEWithLogitsLoss()

    def slices():
        order = torch.randperm(len(x))
        for begin in range(0, len(x), batch):
            index = order[begin:begin + batch]
            yield x[index], y[index]

    if "dataloader" in mode:
        from torch.utils.data import DataLoader, TensorDataset
        loader = DataLoader(TensorDataset(x, y), batch, shuffle=True)
    seconds = []
    for _ in range(epochs):
        begin = time.perf_counter()
        for part, target in (loader if "dataloader" in mode else slices()):
            optimiser.zero_grad(set_to_none=True)
            loss(net(part), target).backward()
            optimiser.step()
        seconds.append(time.perf_counter() - begin)
    with torch.no_grad():
        scores = net(torch.from_numpy(test_x.reshape(-1, 28))).numpy().ravel()
    return {"epoch": seconds, "auc": auc(test_y, scores)}


def products_alone(bench, hidden, batch, threads):
    """Seconds of the matrix products of one step, in the parts and threads of crisp's step."""
    program = pathlib.Path(bench).with_name("products_bench")
    return float(subprocess.run([program, str(hidden), str(batch), str(threads)], check=True, capture_output=True, text=True).stdout)


def crisp_run(bench, hidden, batch, rows, epochs, threads):
    x, y, test_x, test_y = files(rows)
    scores = CACHE / "higgs_scores.f32"
    done = subprocess.run([bench, x, y, test_x, str(hidden), str(batch), str(epochs), str(threads), scores], check=True,
                          capture_output=True, text=True)
    return {**json.loads(done.stdout), "auc": auc(np.fromfile(test_y, np.float32), np.fromfile(scores, np.float32))}


def in_turns(options, hidden, batch, rows):
    files(rows)
    runs = {peer: [] for peer in PEERS}
    for turn in range(options.rounds):
        for peer in PEERS:
            if peer == "torch_dataloader" and turn > 0:
                continue  # it is many times slower: once says so
            if peer == "crisp":
                runs[peer].append(crisp_run(options.bench, hidden, batch, rows, options.epochs, options.threads))
                continue
            command = [sys.executable, __file__, "--peer", peer, "--job", str(hidden), str(batch), str(rows), "--epochs",
                       str(options.epochs), "--threads", str(options.threads)]
            runs[peer].append(json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
    return {peer: {"rows_per_second": rows / min(min(run["epoch"]) for run in many), "auc": many[-1]["auc"]}
            for peer, many in runs.items()}


def show(hidden, batch, result):
    base = max(result[peer]["rows_per_second"] for peer in PEERS if peer.startswith("torch_slice"))
    print(f"\n28-{hidden}-{hidden}-1, batch {batch}")
    for peer in PEERS:
        speed = result[peer]["rows_per_second"]
        print(f"  {peer:24s} {speed:12,.0f} rows/s   {speed / base:5.2f} x the faster loop   test AUC {result[peer]['auc']:.4f}")
    print(f"  matrix products alone take {100 * result['products_share']:.0f} % of crisp's step")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bench")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=2)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--peer")
    parser.add_argument("--job", type=int, nargs=3)
    options = parser.parse_args()
    if options.peer:
        print(json.dumps(torch_run(options.peer, *options.job, options.epochs, options.threads)))
        return
    document = {"date": datetime.date.today().isoformat(), "jobs": []}
    for hidden, batch, rows in JOBS:
        result = in_turns(options, hidden, batch, rows)
        step = batch / result["crisp"]["rows_per_second"]
        result["products_share"] = products_alone(options.bench, hidden, batch, options.threads) / step
        show(hidden, batch, result)
        document["jobs"].append({"hidden": hidden, "batch": batch, "rows": rows, **result})
    print(json.dumps(document))


if __name__ == "__main__":
    main()
