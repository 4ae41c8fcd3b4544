# SPDX-License-Identifier: Apache-2.0
"""Writes optimizers.json: where torch's optimizers take parameters in 50 steps of given gradients, in float64.

    python3 -m venv venv && venv/bin/pip install torch==2.3.1 'numpy<2' && venv/bin/python optimizers.py > optimizers.json

Parameters and gradients are given by the formula of reference.py. The second parameter has a rate factor and a decay of its
own; each gradient is large in some steps, so that clipping by norm sometimes does something and sometimes nothing.
"""
import json

import torch
from reference import value
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn

STEPS, SIZES, FACTOR, DECAYS, NORM, EMA = 50, [12, 5], 0.25, [0.01, 0.002], 1.5, 0.9


def learning_rate(step):
    return 0.02 / (1 + step)


class Parameters(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.each = torch.nn.ParameterList(
            torch.nn.Parameter(torch.from_numpy(value(k, size).astype("float32").astype("float64")))
            for k, size in enumerate(SIZES))


def case(name, make, clip=None, ema=None):
    net = Parameters()
    first, second = net.each
    optimizer = make([{"params": [first], "weight_decay": DECAYS[0], "factor": 1.0},
                      {"params": [second], "weight_decay": DECAYS[1], "factor": FACTOR}])
    average = AveragedModel(net, multi_avg_fn=get_ema_multi_avg_fn(ema)) if ema else None
    for step in range(STEPS):
        for k, p in enumerate(net.each):
            gradient = value(100 + 10 * step + k, p.numel()) * (1 + step % 3)
            p.grad = torch.from_numpy(gradient.astype("float32").astype("float64"))
        if clip:
            torch.nn.utils.clip_grad_norm_(net.parameters(), clip)
        for group in optimizer.param_groups:
            group["lr"] = learning_rate(step) * group["factor"]
        optimizer.step()
        if average:
            average.update_parameters(net)
    found = {"name": name, "parameters": [p.tolist() for p in net.each], "buffers": {}}
    for buffer in ("momentum_buffer", "exp_avg", "exp_avg_sq"):
        if buffer in optimizer.state[first]:
            found["buffers"]["momentum" if buffer == "momentum_buffer" else buffer] = [
                optimizer.state[p][buffer].tolist() for p in net.each]
    if average:
        found["buffers"]["average"] = [p.tolist() for p in average.module.each]
    return found


if __name__ == "__main__":
    def sgd(momentum, nesterov):
        return lambda groups: torch.optim.SGD(groups, lr=1.0, momentum=momentum, nesterov=nesterov)

    def adam(kind):
        return lambda groups: kind(groups, lr=1.0, betas=(0.9, 0.99), eps=1e-8)

    print(json.dumps({"steps": STEPS, "factor": FACTOR, "decays": DECAYS, "norm": NORM, "ema": EMA, "cases": [
        case("sgd", sgd(0.9, False)),
        case("nesterov", sgd(0.9, True)),
        case("adam", adam(torch.optim.Adam)),
        case("adamw", adam(torch.optim.AdamW)),
        case("nesterov clipped", sgd(0.9, True), clip=NORM),
        case("adamw averaged", adam(torch.optim.AdamW), ema=EMA),
        case("sgd clipped averaged", sgd(0.9, False), clip=NORM, ema=EMA),
    ]}, indent=1))
