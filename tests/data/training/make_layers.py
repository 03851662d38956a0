"""What PyTorch says of normalisation and recurrent layers (needs torch; float64): writes layers.csv beside this file."""
import csv
import pathlib

import numpy as np
import torch
from torch import nn

random = np.random.default_rng(23)
lines = []


def put(name, kind, values):
    flat = values.detach().double().numpy() if isinstance(values, torch.Tensor) else np.asarray(values, np.float64)
    lines.append([name, kind] + [repr(float(v)) for v in flat.ravel()])


def numbers(*shape, mean=0.0, size=1.0):
    return random.normal(mean, size, shape).astype(np.float32)


def leaf(values):
    return torch.tensor(values, dtype=torch.float64, requires_grad=True)


ROWS, COLUMNS = 70, 5


def normalisation():
    x, slope = numbers(ROWS, COLUMNS, mean=3, size=2), numbers(ROWS, COLUMNS)
    gamma, beta = numbers(COLUMNS, mean=1), numbers(COLUMNS)
    for kind, values in {"x": x, "slope": slope, "gamma": gamma, "beta": beta}.items():
        put("normalisation", kind, values)
    for name, layer in {"layer": nn.LayerNorm(COLUMNS).double(), "batch": nn.BatchNorm1d(COLUMNS).double()}.items():
        layer.weight.data, layer.bias.data = torch.tensor(gamma).double(), torch.tensor(beta).double()
        inputs = leaf(x)
        out = layer(inputs)
        (out * torch.tensor(slope)).sum().backward()
        put(name, "out", out)
        put(name, "gradient", inputs.grad)
        put(name, "gamma_gradient", layer.weight.grad)
        put(name, "beta_gradient", layer.bias.grad)
        if name == "batch":
            put(name, "running_mean", layer.running_mean)
            put(name, "running_variance", layer.running_var)
            layer.eval()
            put(name, "in_use", layer(inputs))


STEPS, BATCH, INPUTS, UNITS = 4, 3, 2, 5


def recurrent(name, layer):
    layer = layer.double()
    sequence, slope = numbers(STEPS, BATCH, INPUTS), numbers(STEPS, BATCH, UNITS)
    for parameter in layer.parameters():
        parameter.data = torch.tensor(numbers(*parameter.shape, size=0.7)).double()
    put(name, "sequence", sequence)
    put(name, "slope", slope)
    inputs = leaf(sequence)
    out, _ = layer(inputs)
    (out * torch.tensor(slope)).sum().backward()
    put(name, "out", out)
    put(name, "sequence gradient", inputs.grad)
    for key, parameter in layer.named_parameters():
        put(name, key, parameter)
        put(name, key + " gradient", parameter.grad)


normalisation()
recurrent("lstm", nn.LSTM(INPUTS, UNITS))
recurrent("gru", nn.GRU(INPUTS, UNITS))
with open(pathlib.Path(__file__).parent / "layers.csv", "w", newline="") as file:
    csv.writer(file, lineterminator="\n").writerows(lines)
