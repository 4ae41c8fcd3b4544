# SPDX-License-Identifier: Apache-2.0
"""Makes calibration.json: logits, and what torch and scipy make of them. Run by hand; needs numpy, scipy and torch."""

import json
import sys

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

BINS = 15


def cross_entropy(logits, labels, temperature):
    scaled = logits / temperature
    return float(np.mean(logsumexp(scaled, axis=1) - scaled[np.arange(len(labels)), labels]))


def expected_calibration_error(logits, labels, temperature):
    probabilities = torch.softmax(torch.tensor(logits, dtype=torch.float64) / temperature, 1).numpy()
    confidence = probabilities.max(1)
    right = probabilities.argmax(1) == labels
    error = 0.0
    for low, high in zip(np.linspace(0, 1, BINS + 1)[:-1], np.linspace(0, 1, BINS + 1)[1:]):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            error += inside.mean() * abs(right[inside].mean() - confidence[inside].mean())
    return float(error)


def by_torch(logits, labels):
    """Guo et al.'s own way: L-BFGS on the temperature, here in float64."""
    temperature = torch.ones(1, dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS(
        [temperature], lr=0.1, max_iter=2000, tolerance_grad=1e-14, tolerance_change=1e-16, line_search_fn="strong_wolfe")
    values, truth = torch.tensor(logits, dtype=torch.float64), torch.tensor(labels)

    def closure():
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(values / temperature, truth)
        loss.backward()
        return loss

    optimizer.step(closure)
    return float(temperature)


def case(name, samples, classes, sharpness, seed):
    random = np.random.default_rng(seed)
    labels = random.integers(0, classes, samples)
    logits = random.normal(0, 1, (samples, classes))
    logits[np.arange(samples), labels] += 1.5
    logits = (sharpness * logits + 2).astype(np.float32)
    exact = logits.astype(np.float64)
    found = minimize_scalar(
        lambda t: cross_entropy(exact, labels, np.exp(t)), bracket=(-1, 1), method="brent", options={"xtol": 1e-12})
    temperature = by_torch(exact, labels)
    assert abs(np.exp(found.x) - temperature) < 1e-6 * temperature, (np.exp(found.x), temperature)
    energies = logsumexp(exact, axis=1)
    return {
        "name": name,
        "logits": [[float(str(v)) for v in row] for row in logits],
        "labels": [int(v) for v in labels],
        "temperature": temperature,
        "crossEntropy": cross_entropy(exact, labels, temperature),
        "calibrationErrorBefore": expected_calibration_error(exact, labels, 1),
        "calibrationErrorAfter": expected_calibration_error(exact, labels, temperature),
        "energies": [float(v) for v in energies],
        "reachedBy95Percent": float(np.sort(energies)[int(0.05 * samples)]),
    }


json.dump(
    [
        case("overconfident", 120, 5, 4.0, 1),
        case("diffident", 60, 10, 0.3, 2),
        case("two classes", 61, 2, 1.0, 3),
    ],
    sys.stdout)
