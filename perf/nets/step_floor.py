#!/usr/bin/env python3
"""The floor under one training step of a dense net on EC2's GPUs: what its arithmetic and its memory traffic take at the vendors'
peaks, and how many kernels it launches. A bound from data sheets, not a measurement and not a prediction.

    perf/nets/step_floor.py

Arithmetic: each product forward, and back for its weights and (but the first) its inputs, two operations a multiply-add, in single
precision without tensor cores. Bytes: the batch's rows gathered; every activation and its gradient written once and read by the
next kernel and the next product; weights read by each product; Adam's gradient, parameter and two moments (28 bytes a parameter).
"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "static"))
from check_kernels import GPUS  # noqa: E402

NETS = [("28-256-256-1, batch 4096", [28, 256, 256, 1], 4096), ("28-256-256-1, batch 256", [28, 256, 256, 1], 256),
        ("28-64-64-1, batch 256", [28, 64, 64, 1], 256), ("1024-4096-4096-1, batch 4096", [1024, 4096, 4096, 1], 4096)]


def step(widths, batch):
    """FLOPs, bytes and launches of a step."""
    pairs = list(zip(widths, widths[1:]))
    products = [inputs * outputs for inputs, outputs in pairs]
    flops = 2 * batch * (3 * sum(products) - products[0])
    parameters = sum(products) + sum(widths[1:])
    # Forward: written by the product, read and written by bias and activation, read by the next product or the loss; as much back.
    activations = batch * sum(widths[1:]) * 2 * 4 * 4
    moved = batch * widths[0] * 3 * 4 + activations + 4 * (3 * sum(products) - products[0]) + 28 * parameters
    layers = len(products)
    launches = 1 + 2 * layers + 1 + 2 * layers + (2 * layers - 1) + 1  # gather; product, bias; loss; activation, its sums; two products; Adam
    return flops, moved, launches


def main():
    print(f"{'net':30s} {'MFLOP':>9s} {'MB':>8s} {'launches':>8s}   microseconds: the larger of arithmetic and memory")
    print(" " * 59 + "".join(f"{name.split()[1]:>9s}" for name, *_ in GPUS))
    for name, widths, batch in NETS:
        flops, moved, launches = step(widths, batch)
        floors = [max(flops / (single * 1e9), moved / (bandwidth * 1e9)) * 1e6 for _, bandwidth, _, single in GPUS]
        print(f"{name:30s} {flops / 1e6:9.1f} {moved / 1e6:8.2f} {launches:8d}   " + "".join(f"{floor:9.1f}" for floor in floors))


if __name__ == "__main__":
    main()
