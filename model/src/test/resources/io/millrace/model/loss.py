# SPDX-License-Identifier: Apache-2.0
"""Writes loss.json: torch's cross entropy of one row of logits for several images, and its gradient.

    python3 -m venv venv && venv/bin/pip install torch==2.3.1 'numpy<2' && venv/bin/python loss.py > loss.json
"""
import json

import torch
from torch.nn import CrossEntropyLoss
from torch.nn.functional import cross_entropy

torch.set_default_dtype(torch.float64)
BIAS = [0.5, -1.25, 2.0, 0.75]
LABELS = [2, 0, 3, 1, 1, 0]
CLASS_WEIGHTS = [0.5, 2.0, 1.25, 0.25]
SOFT = [[0.0, 0.25, 0.75, 0.0], [1.0, 0.0, 0.0, 0.0], [0.1, 0.2, 0.3, 0.4], [0.0, 0.5, 0.0, 0.5],
        [0.0, 0.9, 0.1, 0.0], [0.6, 0.0, 0.0, 0.4]]


def case(soft, weighted, smoothing):
    bias = torch.tensor(BIAS, requires_grad=True)
    logits = bias.expand(len(LABELS), -1)
    target = torch.tensor(SOFT) if soft else torch.tensor(LABELS)
    by_class = torch.tensor(CLASS_WEIGHTS)
    # Of an image, what it shows of each class.
    weights = target @ by_class if soft else by_class[target]
    if weighted and not soft and smoothing == 0:
        loss = CrossEntropyLoss(weight=by_class)(logits, target)
    elif weighted:
        each = cross_entropy(logits, target, reduction="none", label_smoothing=smoothing)
        loss = (each * weights).sum() / weights.sum()
    else:
        loss = CrossEntropyLoss(label_smoothing=smoothing)(logits, target)
    loss.backward()
    return {"soft": soft, "weighted": weighted, "smoothing": smoothing, "weights": weights.tolist(),
            "loss": loss.item(), "gradient": bias.grad.tolist()}


print(json.dumps({
    "bias": BIAS, "labels": LABELS, "softLabels": SOFT,
    "cases": [case(soft, weighted, smoothing)
              for soft in (False, True) for weighted in (False, True) for smoothing in (0.0, 0.1)],
}))
