# SPDX-License-Identifier: Apache-2.0
"""Writes networks.json: parameter counts, names and log-probabilities of each network, by torchvision where it has it.

    python3 -m venv venv && venv/bin/pip install torch==2.3.1 torchvision==0.18.1 'numpy<2'
    venv/bin/python networks.py > networks.json

The networks that torchvision lacks are written here once more. Weights and images are given by the formula of reference.py,
which Java computes, too; the forward pass is in float64.
"""
import hashlib
import json

import numpy as np
import torch
import torchvision
from reference import value
from torch import nn
from torchvision.models.resnet import BasicBlock, Bottleneck, ResNet

BATCH = 3


def torchvision_resnet(block, depths, stem, channels, classes):
    net = ResNet(block, depths, num_classes=classes)
    if stem == "cifar":
        net.conv1, net.maxpool = nn.Conv2d(channels, 64, 3, 1, 1, bias=False), nn.Identity()
    elif channels != 3:
        net.conv1 = nn.Conv2d(channels, 64, 7, 2, 3, bias=False)
    return net


class ConvBn(nn.Module):
    """Convolution, BatchNorm and ReLU, with a pool at the end; or convolution, pool, ReLU and BatchNorm."""

    def __init__(self, inputs, outputs, pool, norm_last):
        super().__init__()
        self.conv, self.bn = nn.Conv2d(inputs, outputs, 3, 1, 1, bias=False), nn.BatchNorm2d(outputs)
        self.pool, self.norm_last = nn.MaxPool2d(2) if pool else nn.Identity(), norm_last

    def forward(self, x):
        y = self.conv(x)
        return self.bn(self.pool(y).relu()) if self.norm_last else self.pool(self.bn(y).relu())


class Stage(ConvBn):
    def __init__(self, inputs, outputs, residual, norm_last):
        super().__init__(inputs, outputs, True, norm_last)
        if residual:
            self.residual = nn.Sequential()
            self.residual.add_module("res1", ConvBn(outputs, outputs, False, norm_last))
            self.residual.add_module("res2", ConvBn(outputs, outputs, False, norm_last))

    def forward(self, x):
        y = super().forward(x)
        return self.residual(y) + y if hasattr(self, "residual") else y


class ResNet9(nn.Module):
    def __init__(self, channels, classes, norm_last, scale):
        super().__init__()
        self.prep = ConvBn(channels, 64, False, norm_last)
        self.layer1, self.layer2 = Stage(64, 128, True, norm_last), Stage(128, 256, False, norm_last)
        self.layer3, self.linear, self.scale = Stage(256, 512, True, norm_last), nn.Linear(512, classes, bias=False), scale

    def forward(self, x):
        x = self.layer3(self.layer2(self.layer1(self.prep(x))))
        return self.linear(x.amax((2, 3))) * self.scale


def tensors(net):
    return {k: v for k, v in net.state_dict().items() if not k.endswith("num_batches_tracked")}


@torch.no_grad()
def fill(net):
    last = ".bn3.weight" if any(".bn3." in k for k in net.state_dict()) else ".bn2.weight"
    for stream, (name, tensor) in enumerate(tensors(net).items()):
        v = value(stream, tensor.numel())
        if tensor.dim() == 4:  # the spread of Kaiming's initialization, fan-out
            v = v * np.sqrt(6.0 / (tensor.shape[0] * tensor.shape[2] * tensor.shape[3]))
        elif name.startswith(("fc.", "linear.")):
            v = v * 0.4
        elif name.endswith(last):  # a block adds little, or 50 of them would add up to what no float holds
            v = 0.3 + 0.1 * v
        elif name.endswith((".running_var", ".weight")):
            v = 1.0 + 0.25 * v
        else:
            v = 0.1 * v
        tensor.copy_(torch.from_numpy(v.astype(np.float32).astype(np.float64)).reshape(tensor.shape))


def case(name, stem, channels, classes, sizes, net):
    net = net.double().eval()
    fill(net)
    rows = {}
    for size in sizes:
        pixels = np.floor((value(1000 + size, BATCH * channels * size * size) + 1.0) * 128.0)
        images = torch.from_numpy((pixels - 127.5) / 63.75).reshape(BATCH, channels, size, size)
        with torch.no_grad():
            rows[str(size)] = [[round(p, 7) for p in row] for row in net(images).log_softmax(1).tolist()]
    names = "\n".join(f"{k} {list(v.shape)}" for k, v in tensors(net).items())
    return {"name": name, "stem": stem, "channels": channels, "classes": classes,
            "parameters": sum(p.numel() for p in net.parameters()),
            "names_sha256": hashlib.sha256(names.encode()).hexdigest(), "log_probabilities": rows}


def resnet(name, block, depths, stem, channels, classes, *sizes):
    return case(name, stem, channels, classes, sizes, torchvision_resnet(block, depths, stem, channels, classes))


if __name__ == "__main__":
    print(json.dumps({"torch": torch.__version__.split("+")[0], "torchvision": torchvision.__version__.split("+")[0],
                      "batch": BATCH, "cases": [
        resnet("resnet18", BasicBlock, [2, 2, 2, 2], "imagenet", 1, 10, 28, 64, 3),
        resnet("resnet18", BasicBlock, [2, 2, 2, 2], "cifar", 3, 10, 32, 7),
        resnet("resnet18", BasicBlock, [2, 2, 2, 2], "imagenet", 3, 1000, 33),
        resnet("resnet34", BasicBlock, [3, 4, 6, 3], "imagenet", 3, 10, 32),
        resnet("resnet50", Bottleneck, [3, 4, 6, 3], "imagenet", 3, 7, 28, 64),
        resnet("resnet50", Bottleneck, [3, 4, 6, 3], "cifar", 1, 5, 16),
        resnet("resnet101", Bottleneck, [3, 4, 23, 3], "imagenet", 3, 10, 32),
        resnet("resnet152", Bottleneck, [3, 8, 36, 3], "imagenet", 1, 10, 28),
        resnet("resnet3363", BasicBlock, [3, 3, 6, 3], "imagenet", 1, 10, 28),
        case("resnet9", "cifar", 3, 10, [32, 8], ResNet9(3, 10, False, 0.125)),
        case("resnet9-lightning", "cifar", 3, 10, [32, 28], ResNet9(3, 10, True, 1)),
    ]}, indent=1))
