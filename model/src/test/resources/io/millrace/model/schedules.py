# SPDX-License-Identifier: Apache-2.0
"""Writes schedules.json: the learning rates of torch's schedulers, step by step, beside the schedules that should equal them.

    python3 -m venv venv && venv/bin/pip install torch==2.3.1 'numpy<2' && venv/bin/python schedules.py > schedules.json
"""
import json
import math

import torch
from torch.optim import lr_scheduler

EPOCHS, STEPS_PER_EPOCH = 12, 5
STEPS = EPOCHS * STEPS_PER_EPOCH


def optimizer(rate):
    return torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=rate)


def case(schedule, make, every=1):
    """every: how many steps there are between two calls of the scheduler."""
    steps = optimizer(schedule["learningRate"])
    scheduler = make(steps)
    rates = []
    for step in range(STEPS):
        rates.append(steps.param_groups[0]["lr"])
        steps.step()
        if (step + 1) % every == 0 and step + 1 < STEPS:
            scheduler.step()
    return {"schedule": schedule, "rates": rates}


def one_cycle(**options):
    names = {"pctStart": "pct_start", "anneal": "anneal_strategy", "divFactor": "div_factor",
             "finalDivFactor": "final_div_factor", "threePhase": "three_phase"}
    return case({"kind": "one-cycle", "learningRate": 0.1, **options},
                lambda o: lr_scheduler.OneCycleLR(o, 0.1, total_steps=STEPS, cycle_momentum=False,
                                                  **{names[k]: v for k, v in options.items()}))


def plateau(losses, **options):
    names = {"patience": "patience", "factor": "factor", "threshold": "threshold", "thresholdMode": "threshold_mode",
             "cooldown": "cooldown", "minimum": "min_lr", "epsilon": "eps"}
    steps = optimizer(0.1)
    scheduler = lr_scheduler.ReduceLROnPlateau(steps, **{names[k]: v for k, v in options.items()})
    rates = []
    for loss in losses:
        scheduler.step(loss)
        rates.append(steps.param_groups[0]["lr"])
    return {"schedule": {"kind": "plateau", "learningRate": 0.1, "warmupFraction": 0, **options},
            "losses": losses, "rates": rates}


if __name__ == "__main__":
    plain = {"learningRate": 0.1, "warmupFraction": 0}
    # Falls, stays, falls by less than the threshold, rises, and falls at last.
    losses = [2.0 * math.exp(-k / 3) for k in range(8)] + [0.14] * 6 + [0.14 - 1e-5 * k for k in range(8)]
    losses += [0.5, 0.6] * 5 + [0.1, 0.05] + [0.05] * 10
    print(json.dumps({"epochs": EPOCHS, "stepsPerEpoch": STEPS_PER_EPOCH, "cases": [
        case({"kind": "step", **plain, "everySteps": 7, "factor": 0.5}, lambda o: lr_scheduler.StepLR(o, 7, 0.5)),
        case({"kind": "step", **plain, "everyEpochs": 2}, lambda o: lr_scheduler.StepLR(o, 2), STEPS_PER_EPOCH),
        case({"kind": "multi-step", **plain, "atEpochs": [3, 4, 9], "factor": 0.3},
             lambda o: lr_scheduler.MultiStepLR(o, [3, 4, 9], 0.3), STEPS_PER_EPOCH),
        case({"kind": "exponential", **plain, "factor": 0.9},
             lambda o: lr_scheduler.ExponentialLR(o, 0.9), STEPS_PER_EPOCH),
        case({"kind": "cosine", **plain, "minimum": 0.003},
             lambda o: lr_scheduler.CosineAnnealingLR(o, STEPS, 0.003)),
        case({"kind": "cosine", **plain}, lambda o: lr_scheduler.CosineAnnealingLR(o, STEPS)),
        one_cycle(),
        one_cycle(anneal="linear", pctStart=0.25, divFactor=10.0, finalDivFactor=100.0),
        one_cycle(threePhase=True),
        one_cycle(threePhase=True, anneal="linear", pctStart=0.21),
        case({"kind": "linear", "learningRate": 0.1}, lambda o: lr_scheduler.LinearLR(o)),
        case({"kind": "linear", "learningRate": 0.1, "startFactor": 1.0, "endFactor": 0.0, "steps": STEPS},
             lambda o: lr_scheduler.LinearLR(o, 1.0, 0.0, STEPS)),
    ], "plateaus": [
        plateau(losses, patience=2),
        plateau(losses, patience=0, factor=0.5, cooldown=3, minimum=0.002),
        plateau(losses, patience=1, threshold=0.01, thresholdMode="abs"),
        plateau(losses, patience=1, epsilon=1e-3),
        plateau(losses),
    ]}, indent=1))
