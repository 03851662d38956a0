"""Writes golden.safetensors with the safetensors wheel (0.8.0, numpy 2.4): the bytes that crisp must write and read."""
import pathlib

import numpy as np
from safetensors.numpy import save_file

tensors = {
    "weights": np.array([[0.5, -1.25, 3.0], [1e-40, -0.0, 16777216.0]], dtype=np.float32),
    "child": np.array([1, -1, 2147483647], dtype=np.int32),
    "counts": np.array([-9223372036854775808, 7], dtype=np.int64),
    "mean": np.array([0.1, 1e300]),
    "flags": np.array([0, 255, 7, 1, 2], dtype=np.uint8),
    "groups/Zürich/empty": np.zeros((0, 4), dtype=np.float32),
}
save_file(tensors, pathlib.Path(__file__).with_name("golden.safetensors"))
