"""What PyTorch says of the training kernels (needs torch): writes kernels.csv beside this file.

Activations, losses and functions in float64, from float32 inputs;
torch.optim in float64 too.
"""
import csv
import pathlib

import numpy as np
import torch
from torch.nn import functional as F

random = np.random.default_rng(17)
lines = []


def put(name, kind, values):
    flat = values.detach().double().numpy() if isinstance(values, torch.Tensor) else np.asarray(values, np.float64)
    lines.append([name, kind] + [repr(float(v)) for v in flat.ravel()])


def functions():
    x = np.concatenate([random.uniform(-87, 88, 60), random.normal(0, 1, 60), random.normal(0, 1e-3, 8), [0.625, -0.625, 0, 88, -87]])
    x = x.astype(np.float32)
    put("functions", "x", x)
    wide = x.astype(np.float64)
    put("function exp", "y", np.exp(wide))
    put("function sigmoid", "y", 1 / (1 + np.exp(-wide)))
    put("function tanh", "y", np.tanh(wide))
    put("function softplus", "y", np.logaddexp(0, wide))
    positive = np.concatenate([np.exp(random.uniform(-80, 80, 60)), random.uniform(0.5, 2, 40), [1, 1.1754943508222875e-38]])
    put("log", "x", positive.astype(np.float32))
    put("log", "y", np.log(positive.astype(np.float32).astype(np.float64)))


def activations():
    values = np.concatenate([random.normal(0, 3, 80), random.uniform(-20, 20, 40)]).astype(np.float32)
    put("activations", "x", values)
    kinds = {"identity": lambda x: x * 1, "relu": F.relu, "leaky_relu": F.leaky_relu, "silu": F.silu,
             "gelu": lambda x: F.gelu(x, approximate="tanh"), "tanh": torch.tanh}
    for name, function in kinds.items():
        x = torch.tensor(values, dtype=torch.float64, requires_grad=True)
        y = function(x)
        y.sum().backward()
        put(name, "y", y)
        put(name, "slope", x.grad)


ROWS, OUTPUTS = 11, 4


def loss(name, outputs, value):
    """value(outputs) = sum of weight * loss."""
    x = torch.tensor(outputs, dtype=torch.float64, requires_grad=True)
    total = value(x)
    total.backward()
    put(name, "loss", total.reshape(1))
    put(name, "gradient", x.grad)


def losses():
    outputs = random.normal(0, 2, (ROWS, OUTPUTS)).astype(np.float32)
    numbers = random.normal(0, 2, (ROWS, OUTPUTS)).astype(np.float32)
    classes = random.integers(0, OUTPUTS, ROWS)
    weights = random.uniform(0.1, 3, ROWS).astype(np.float32)
    of_class = random.uniform(0.5, 2, OUTPUTS).astype(np.float32)
    for kind, values in {"outputs": outputs, "numbers": numbers, "classes": classes, "weights": weights, "of_class": of_class}.items():
        put("losses", kind, values)
    y, w = torch.tensor(numbers, dtype=torch.float64), torch.tensor(weights, dtype=torch.float64)
    per_row = {"squared": F.mse_loss, "absolute": F.l1_loss, "huber": F.smooth_l1_loss}
    for name, function in per_row.items():
        loss(name, outputs, lambda x: (function(x, y, reduction="none").sum(1) * w).sum())
    c, wc = torch.tensor(classes), torch.tensor(of_class, dtype=torch.float64)
    for smoothing in [0.0, 0.2]:
        # Rows one by one: a row's own weight stands before its loss, the weights of the classes within.
        def softmax(x):
            return sum(w[i] * F.cross_entropy(x[i:i + 1], c[i:i + 1], weight=wc, reduction="sum", label_smoothing=smoothing)
                       for i in range(ROWS))
        loss(f"softmax {smoothing}", outputs, softmax)

        def logistic(x):  # two classes with the log-odds 0 and x
            pair = torch.stack([torch.zeros_like(x), x], 1)
            return sum(w[i] * F.cross_entropy(pair[i:i + 1], c[i:i + 1] % 2, weight=wc[:2], reduction="sum",
                                              label_smoothing=smoothing) for i in range(ROWS))
        loss(f"logistic {smoothing}", outputs[:, 0], logistic)
    loss("logistic plain", outputs[:, 0], lambda x: F.binary_cross_entropy_with_logits(x, (c % 2).double(), reduction="sum"))
    loss("softmax plain", outputs, lambda x: F.cross_entropy(x, c, reduction="sum"))


STEPS, SIZE, DECAYED = 20, 9, 6


def optimisers():
    start = random.normal(0, 1, SIZE).astype(np.float32)
    gradients = random.normal(0, 1, (STEPS, SIZE)).astype(np.float32)
    put("optimisers", "start", start)
    put("optimisers", "gradients", gradients)
    plans = {
        "sgd": (torch.optim.SGD, {}),
        "sgd decay": (torch.optim.SGD, dict(weight_decay=0.1)),
        "sgd momentum": (torch.optim.SGD, dict(momentum=0.9, weight_decay=0.1)),
        "sgd nesterov": (torch.optim.SGD, dict(momentum=0.9, nesterov=True, weight_decay=0.1)),
        "adam": (torch.optim.Adam, {}),
        "adam decay": (torch.optim.Adam, dict(weight_decay=0.1, betas=(0.8, 0.99), eps=1e-6)),
        "adamw": (torch.optim.AdamW, dict(weight_decay=0.1)),
        "rmsprop": (torch.optim.RMSprop, {}),
        "rmsprop momentum": (torch.optim.RMSprop, dict(momentum=0.9, weight_decay=0.1, alpha=0.9)),
    }
    for name, (make, options) in plans.items():
        p = [torch.tensor(part, dtype=torch.float64, requires_grad=True) for part in (start[:DECAYED], start[DECAYED:])]
        groups = [{"params": [p[0]]}, {"params": [p[1]], "weight_decay": 0.0}]
        if "weight_decay" not in options:
            options = dict(options, weight_decay=0.0)
        optimiser = make(groups, lr=0.02, **options)
        for g in gradients:
            p[0].grad, p[1].grad = torch.tensor(g[:DECAYED]).double(), torch.tensor(g[DECAYED:]).double()
            optimiser.step()
        put(name, "parameters", torch.cat(p))


def pieces():
    edges = np.sort(random.normal(0, 1, 6)).astype(np.float32)
    x = np.concatenate([random.normal(0, 2, 20), edges, [-50, 50]]).astype(np.float32)
    wide, e = x.astype(np.float64)[:, None], edges.astype(np.float64)
    share = (wide - e[:-1]) / (e[1:] - e[:-1])
    low, high = np.zeros(5), np.ones(5)
    low[0], high[-1] = -np.inf, np.inf
    put("pieces", "edges", edges)
    put("pieces", "x", x)
    put("pieces", "y", np.clip(share, low, high))


functions()
activations()
losses()
optimisers()
pieces()
with open(pathlib.Path(__file__).parent / "kernels.csv", "w", newline="") as file:
    csv.writer(file, lineterminator="\n").writerows(lines)
