"""Answers rows with an exported model and nothing but PyTorch: as load_with_libtorch.cc does."""
import sys

import torch

model = torch.jit.load(sys.argv[1])
names, *rows = [line.rstrip("\n").split("\t") for line in sys.stdin]
with torch.inference_mode():
    answer = model(model.encode({name: [row[k] for row in rows] for k, name in enumerate(names)}))
outputs = [answer] if isinstance(answer, torch.Tensor) else list(answer)
for line in torch.cat([output.double().reshape(output.shape[0], -1) for output in outputs], 1).tolist():
    print("\t".join(format(number, ".17g") for number in line))
