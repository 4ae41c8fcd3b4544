# SPDX-License-Identifier: Apache-2.0
"""Writes dead_taps.json: what 200 steps of torch's optimizers in float64 make of kernel elements that only ever meet padding.

    python3 -m venv venv && venv/bin/pip install torch==2.3.1 'numpy<2' && venv/bin/python dead_taps.py > dead_taps.json

A narrow residual network on 28x28 images, whose last maps are 2x2 and 1x1. Weights and images are given by the formula of
reference.py, which Java computes, too.
"""
import json
import math

import numpy as np
import torch
from reference import Block, value
from torch import nn
from torch.nn import functional as F
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

STEPS, BATCH, SIDE, CLASSES, WIDTHS, EVERY = 200, 4, 28, 4, [4, 4, 6, 8], 5
DEAD = {"layer4.0.conv1.weight": lambda w: w[:, :, 0, :], "layer4.0.conv2.weight": lambda w: w[:, :, :, 0]}


class Narrow(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.bn1 = nn.Conv2d(1, WIDTHS[0], 7, 2, 3, bias=False), nn.BatchNorm2d(WIDTHS[0])
        self.layer1 = nn.Sequential(Block(WIDTHS[0], WIDTHS[0], 1))
        self.layer2 = nn.Sequential(Block(WIDTHS[0], WIDTHS[1], 2))
        self.layer3 = nn.Sequential(Block(WIDTHS[1], WIDTHS[2], 2))
        self.layer4 = nn.Sequential(Block(WIDTHS[2], WIDTHS[3], 2))
        self.fc = nn.Linear(WIDTHS[3], CLASSES)

    def forward(self, x):
        x = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 3, 2, 1)
        return self.fc(self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3)))


def learning_rate(step):
    return 0.05 * (1 + math.cos(math.pi * step / STEPS)) / 2


def case(title, make, clip=None, ema=None, factor=1.0):
    net = Narrow().double()
    with torch.no_grad():
        for stream, (name, p) in enumerate(net.named_parameters()):
            v = 1.0 + 0.1 * value(stream, p.numel()) if ".bn" in name or "bn1" in name else 0.2 * value(stream, p.numel())
            p.copy_(torch.from_numpy(v.astype(np.float32).astype(np.float64)).reshape(p.shape))
    optimizer = make(net.parameters())
    average = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(ema)) if ema else None
    for step in range(STEPS):
        optimizer.param_groups[0]["lr"] = factor * learning_rate(step)
        images = torch.from_numpy(value(1000 + step, BATCH * SIDE * SIDE)).reshape(BATCH, 1, SIDE, SIDE)
        labels = torch.arange(BATCH) % CLASSES
        optimizer.zero_grad()
        F.cross_entropy(net(images), labels).backward()
        if clip:
            torch.nn.utils.clip_grad_norm_(net.parameters(), clip)
        optimizer.step()
        if average:
            average.update_parameters(net)
    parameters = dict(net.named_parameters())

    def picked(tensors):
        return {k: [float(f"{x:.9e}") for x in taps(tensors[k]).reshape(-1)[::EVERY].tolist()] for k, taps in DEAD.items()}

    found = {"name": title, "factor": factor, "weights": picked(parameters), "buffers": {}}
    buffers = {k: optimizer.state[p].get("momentum_buffer") for k, p in parameters.items()}
    if buffers["fc.bias"] is not None:
        found["buffers"]["momentum"] = picked(buffers)
    if average:
        found["buffers"]["average"] = picked(dict(average.module.named_parameters()))
    return found


if __name__ == "__main__":
    def sgd(momentum, nesterov, decay):
        return lambda p: torch.optim.SGD(p, lr=1.0, momentum=momentum, nesterov=nesterov, weight_decay=decay)

    def adam(kind, decay):
        return lambda p: kind(p, lr=1.0, weight_decay=decay)

    print(json.dumps({"steps": STEPS, "batch": BATCH, "every": EVERY, "cases": [
        case("nesterov", sgd(0.9, True, 0.02)),
        case("sgd", sgd(0.9, False, 0.02)),
        case("plain", sgd(0, False, 0.05)),
        case("nesterov clipped averaged", sgd(0.9, True, 0.02), clip=0.5, ema=0.98),
        case("adamw averaged", adam(torch.optim.AdamW, 0.1), ema=0.98),
        case("adam", adam(torch.optim.Adam, 0.1), factor=0.002),  # a step is about as large as the rate
    ]}, indent=1))
