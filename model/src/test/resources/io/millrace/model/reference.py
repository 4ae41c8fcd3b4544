# SPDX-License-Identifier: Apache-2.0
"""Writes reference.json: what PyTorch itself makes of ResNet-18, in float64, from weights and images given by a formula.

    python3 -m venv venv && venv/bin/pip install torch==2.3.1 'numpy<2' && venv/bin/python reference.py > reference.json

The network is written here once more, with torchvision's names, and the optimizer is torch.optim.SGD, so nothing is
shared with the code under test. The formula (value) uses integers and float64 only: Java computes the same numbers.
"""
import json

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

BATCH, CLASSES, SIDE, TILE, LARGER = 16, 10, 28, 7, 64
RECIPE = {"lr": [0.002, 0.003, 0.001], "momentum": 0.9, "nesterov": True, "weight_decay": 0.0005, "label_smoothing": 0.1}
MEAN, STD = [0.1307, 0.25, 0.5], [0.3081, 0.4, 0.2]


def value(stream, count):
    """Evenly spread numbers from -1 to 1: element i of a stream is a multiplicative hash of (stream, i)."""
    i = np.arange(count, dtype=np.uint64)
    x = (i + np.uint64(stream * 7919 + 1)) * np.uint64(2654435761) & np.uint64(0xFFFFFFFF)
    x = (x ^ (x >> np.uint64(15))) * np.uint64(2246822519) & np.uint64(0xFFFFFFFF)
    x = x ^ (x >> np.uint64(13))
    return x.astype(np.float64) / 2.0**31 - 1.0


class Block(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.downsample = None
        if stride != 1 or inputs != outputs:
            self.downsample = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        return F.relu(y + (x if self.downsample is None else self.downsample(x)))


class ResNet18(nn.Module):
    def __init__(self, stem, channels):
        super().__init__()
        self.stem = stem
        size, stride, padding = (7, 2, 3) if stem == "imagenet" else (3, 1, 1)
        self.conv1 = nn.Conv2d(channels, 64, size, stride, padding, bias=False)
        self.bn1 = nn.BatchNorm2d(64)
        self.layer1 = nn.Sequential(Block(64, 64, 1), Block(64, 64, 1))
        self.layer2 = nn.Sequential(Block(64, 128, 2), Block(128, 128, 1))
        self.layer3 = nn.Sequential(Block(128, 256, 2), Block(256, 256, 1))
        self.layer4 = nn.Sequential(Block(256, 512, 2), Block(512, 512, 1))
        self.fc = nn.Linear(512, CLASSES)

    def forward(self, x):
        x = F.relu(self.bn1(self.conv1(x)))
        if self.stem == "imagenet":
            x = F.max_pool2d(x, 3, 2, 1)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.fc(x.mean((2, 3)))


@torch.no_grad()
def fill(net):
    tensors = {k: v for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}
    for stream, (name, tensor) in enumerate(tensors.items()):
        v = value(stream, tensor.numel())
        if tensor.dim() == 4:  # the spread of Kaiming's initialization, fan-out
            v = v * np.sqrt(6.0 / (tensor.shape[0] * tensor.shape[2] * tensor.shape[3]))
        elif name.startswith("fc."):
            v = v * 0.04
        elif name.endswith(".running_var") or name.endswith(".weight"):
            v = 1.0 + 0.25 * v
        else:
            v = 0.1 * v
        # The code under test holds float32, so the reference begins with the same float32 values.
        tensor.copy_(torch.from_numpy(v.astype(np.float32).astype(np.float64)).reshape(tensor.shape))


def affine(channels):
    """As the contract has it: (q - zero_point) * scale, both rounded to float32."""
    zero_point = np.float32([255 * m for m in MEAN[:channels]]).astype(np.float64).reshape(1, -1, 1, 1)
    return zero_point, np.float32([1 / (255 * s) for s in STD[:channels]]).astype(np.float64).reshape(1, -1, 1, 1)


def batch(step, channels):
    """Random tiles with a little noise: over pure noise, all images look alike to the last layers, and BatchNorm would
    magnify rounding errors until float32 and float64 part."""
    tiles = value(1000 + step, BATCH * channels * (SIDE // TILE) ** 2).reshape(-1, SIDE // TILE, SIDE // TILE)
    tiles = np.repeat(np.repeat(tiles, TILE, 1), TILE, 2).reshape(-1)
    noise = value(3000 + step, BATCH * channels * SIDE * SIDE)
    pixels = np.floor((0.875 * tiles + 0.125 * noise + 1.0) * 128.0).astype(np.uint8)
    labels = np.floor((value(2000 + step, BATCH) + 1.0) * (CLASSES / 2.0)).astype(np.int64)
    zero_point, scale = affine(channels)
    images = (pixels.reshape(BATCH, channels, SIDE, SIDE).astype(np.float64) - zero_point) * scale
    return torch.from_numpy(images), torch.from_numpy(labels)


def larger(net, channels, dtype):
    """What a network that was trained on small images says of larger ones: there, taps count that met padding before."""
    pixels = np.floor((value(5000, BATCH * channels * LARGER * LARGER) + 1.0) * 128.0).astype(np.uint8)
    zero_point, scale = affine(channels)
    images = (pixels.reshape(BATCH, channels, LARGER, LARGER).astype(np.float64) - zero_point) * scale
    with torch.no_grad():
        return F.log_softmax(net.eval()(torch.from_numpy(images).to(dtype)), 1)


def summary(tensor):
    """A tensor in a few numbers: its mean, its root mean square, and some of its elements."""
    flat = tensor.detach().reshape(-1)
    picked = [0, flat.numel() // 3, flat.numel() - 1]
    return [flat.mean().item(), flat.square().mean().sqrt().item()] + [flat[k].item() for k in picked]


def train(net, channels, dtype, steps):
    """Steps of torch.optim.SGD; the losses, the right answers, all tensors of the network, all momentum buffers."""
    net.train()
    sgd = torch.optim.SGD(net.parameters(), lr=1.0, momentum=RECIPE["momentum"], nesterov=RECIPE["nesterov"],
                          weight_decay=RECIPE["weight_decay"])
    losses, correct = [], []
    for step, lr in enumerate(RECIPE["lr"][:steps]):
        sgd.param_groups[0]["lr"] = lr
        images, labels = batch(step, channels)
        logits = net(images.to(dtype))
        loss = F.cross_entropy(logits, labels, label_smoothing=RECIPE["label_smoothing"])
        sgd.zero_grad()
        loss.backward()
        sgd.step()
        losses.append(loss.item())
        correct.append(int((logits.argmax(1) == labels).sum()))
    weights = {k: v for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}
    return losses, correct, weights, {k: sgd.state[p]["momentum_buffer"] for k, p in net.named_parameters()}


def distance(tensors, others):
    """The largest difference of two elements, in units of their tensor's root mean square."""
    return max(((others[k].double() - v).abs().max() / v.square().mean().sqrt()).item() for k, v in tensors.items())


def network(stem, channels, dtype):
    net = ResNet18(stem, channels).double()
    fill(net)
    return net.to(dtype)


def case(stem, channels, steps):
    net = network(stem, channels, torch.float64).eval()
    with torch.no_grad():
        log_probabilities = F.log_softmax(net(batch(0, channels)[0]), 1)
    losses, correct, weights, momentum = train(net, channels, torch.float64, steps)
    other = network(stem, channels, torch.float32)
    narrow = train(other, channels, torch.float32, steps)
    trained = larger(net, channels, torch.float64)
    return {
        "stem": stem,
        "channels": channels,
        "log_probabilities": log_probabilities.tolist(),
        "losses": losses,
        "correct": correct,
        # How far PyTorch's own float32 is from its float64: the code under test may be a few times as far.
        "float32_error": {"weights": distance(weights, narrow[2]), "momentum": distance(momentum, narrow[3])},
        "log_probabilities_larger": trained.tolist(),
        "larger_float32_error": (larger(other, channels, torch.float32) - trained).abs().max().item(),
        "weights": {k: summary(v) for k, v in weights.items()},
        "momentum": {k: summary(v) for k, v in momentum.items()},
    }


if __name__ == "__main__":
    print(json.dumps({"torch": torch.__version__.split("+")[0], "batch": BATCH, "classes": CLASSES, "side": SIDE, "larger": LARGER,
                      "mean": MEAN, "std": STD, "recipe": RECIPE,
                      "cases": [case("imagenet", 1, 3), case("cifar", 3, 1)]}, indent=1))
