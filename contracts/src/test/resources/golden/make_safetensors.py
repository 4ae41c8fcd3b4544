# SPDX-License-Identifier: Apache-2.0
"""Writes the golden safetensors files with the reference implementation (pip install safetensors==0.8.0 numpy==2.4.6).

Run in this folder. The files are committed: the tests prove that bytes of another writer, and of an older Millrace,
still decode. Change nothing here; add new files for new layouts.
"""

import numpy as np
from safetensors.numpy import save_file

save_file(
    {
        "layer1.0.conv1.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2) / 4,
        "bn1.running_mean": np.array([-1.5, 0.25], dtype=np.float32),
        "half": np.array([0.5, -2.0], dtype=np.float16),
        "counts": np.array([[1, 2, 3]], dtype=np.int64),
        "scalar": np.array(3, dtype=np.int32),
        "empty": np.zeros((0, 4), dtype=np.float32),
        "mask": np.array([True, False, True]),
    },
    "reference.safetensors",
    metadata={"format": "pt", "note": "grüße"},
)

save_file(
    {
        "images": (np.arange(2 * 1 * 3 * 4) * 10).astype(np.uint8).reshape(2, 1, 3, 4),
        "labels": np.array([7, 2], dtype=np.uint8),
    },
    "train-batch-v1.safetensors",
    metadata={
        "format_version": "1",
        "run": "mnist-20261120-204500-ab12",
        "split": "train",
        "epoch": "3",
        "index": "17",
        "shard": "0",
        "batches_per_epoch": "468",
        "samples_digest": "00" * 32,
        "encoding": "uint8",
        "scale": "0.0127280",
        "zero_point": "33.3285",
    },
)

# The other layouts of a batch: the test split, floats, and labels that need more than a byte.
save_file(
    {
        "images": np.arange(3 * 1 * 2 * 2, dtype=np.uint8).reshape(3, 1, 2, 2),
        "labels": np.array([0, 9, 255], dtype=np.uint8),
    },
    "test-batch-v1.safetensors",
    metadata={
        "format_version": "1",
        "run": "c0ffee",
        "split": "test",
        "epoch": "0",
        "index": "19",
        "shard": "0",
        "batches_per_epoch": "20",
        "samples_digest": "11" * 32,
        "encoding": "uint8",
        "scale": "0.0127280",
        "zero_point": "33.3285",
    },
)

save_file(
    {
        "images": np.arange(2 * 3 * 2 * 2, dtype=np.float32).reshape(2, 3, 2, 2) / 8 - 1,
        "labels": np.array([999, 3], dtype=np.int64),
    },
    "float32-batch-v1.safetensors",
    metadata={
        "format_version": "1",
        "run": "run-1",
        "split": "train",
        "epoch": "0",
        "index": "1",
        "shard": "2",
        "batches_per_epoch": "5",
        "samples_digest": "22" * 32,
        "encoding": "float32",
        "scale": "0.5,0.25,0.125",
        "zero_point": "1.0,2.0,3.0",
    },
)

# Mixed images with weights.
save_file(
    {
        "images": (np.arange(2 * 1 * 3 * 4) * 10).astype(np.uint8).reshape(2, 1, 3, 4),
        "labels": np.array([7, 2], dtype=np.uint8),
        "soft_labels": np.array([[0, 0, 0.25, 0, 0, 0, 0, 0.75, 0, 0], [0, 0, 0.75, 0, 0, 0, 0, 0.25, 0, 0]],
                                dtype=np.float32),
        "weights": np.array([0.5, 2], dtype=np.float32),
    },
    "mixed-batch-v1.safetensors",
    metadata={
        "format_version": "1",
        "run": "mnist-mi7ux5s0",
        "split": "train",
        "epoch": "3",
        "index": "17",
        "shard": "0",
        "part": "0",
        "parts": "1",
        "batches_per_epoch": "468",
        "samples_digest": "44" * 32,
        "encoding": "uint8",
        "scale": "0.0127280",
        "zero_point": "33.3285",
    },
)

# A part of a batch that is too large for one record.
save_file(
    {
        "images": (np.arange(1 * 1 * 3 * 4) * 10).astype(np.uint8).reshape(1, 1, 3, 4),
        "labels": np.array([2], dtype=np.uint8),
    },
    "part-of-batch-v1.safetensors",
    metadata={
        "format_version": "1",
        "run": "mnist-mi7ux5s0",
        "split": "train",
        "epoch": "3",
        "index": "17",
        "shard": "1",
        "part": "2",
        "parts": "3",
        "batches_per_epoch": "468",
        "samples_digest": "33" * 32,
        "encoding": "uint8",
        "scale": "0.0127280",
        "zero_point": "33.3285",
    },
)

# What a replica learnt in a round of two steps, and the gradients of a round of one, as bf16.
from safetensors import TensorSpec, serialize_file


def vector(values, dtype):
    array = KEPT.setdefault(len(KEPT), np.array(values, dtype=dtype))
    name = {"<f4": "float32", "<f8": "float64", "<i8": "int64", "<u2": "bfloat16"}[dtype]
    return TensorSpec(dtype=name, shape=list(array.shape), data_ptr=array.ctypes.data, data_len=array.nbytes)


KEPT = {}
DELTA = {
    "format_version": "1",
    "run": "mnist-mi7ux5s0",
    "replica": "1",
    "weights": "ab" * 32,
    "accuracy": "0.75",
    "updates": "34",
}

serialize_file(
    {
        "batches": vector([[40, 43, 128], [43, 46, 0]], "<i8"),
        "dead": vector([0.5, -0.25], "<f8"),
        "statistics": vector([1.5], "<f4"),
        "parameters": vector([0.125, -3.0, 1e-3], "<f4"),
        "buffer.0": vector([7.0, 8.0, 9.0], "<f4"),
        "buffer.1": vector([0.0, -1.0, 2.0], "<f4"),
    },
    "delta-v1.safetensors",
    metadata={**DELTA, "from": "32", "to": "34", "loss": "0.61", "samples": "128"},
)

serialize_file(
    {
        "batches": vector([[46, 49, 128]], "<i8"),
        "dead": vector([], "<f8"),
        "statistics": vector([1.5], "<f4"),
        # 0.125, -3, 1, each the upper half of its float32
        "parameters": vector([0x3E00, 0xC040, 0x3F80], "<u2"),
    },
    "gradients-v1.safetensors",
    metadata={**DELTA, "from": "34", "to": "35", "loss": "NaN", "samples": "128"},
)
