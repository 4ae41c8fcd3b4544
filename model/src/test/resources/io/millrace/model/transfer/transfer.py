# SPDX-License-Identifier: Apache-2.0
"""Writes the files beside it: weights as torchvision has them, of a residual network that is small enough to be kept here.

    python3 -m venv venv && venv/bin/pip install torch==2.3.1 torchvision==0.18.1 'numpy<2' safetensors==0.8.0
    venv/bin/python transfer.py

AdaptationTest reads them.
"""

import json
import pathlib

import safetensors.torch
import torch
from torchvision.models.resnet import BasicBlock, ResNet

HERE = pathlib.Path(__file__).parent


class Small(ResNet):
    """torchvision's ResNet with two stages of 4 and 8 channels, one block each, for five classes."""

    def __init__(self):
        torch.nn.Module.__init__(self)
        self._norm_layer = torch.nn.BatchNorm2d
        self.inplanes, self.dilation, self.groups, self.base_width = 4, 1, 1, 64
        self.conv1 = torch.nn.Conv2d(3, 4, 7, stride=2, padding=3, bias=False)
        self.bn1 = torch.nn.BatchNorm2d(4)
        self.relu = torch.nn.ReLU(inplace=True)
        self.maxpool = torch.nn.MaxPool2d(3, stride=2, padding=1)
        self.layer1 = self._make_layer(BasicBlock, 4, 1)
        self.layer2 = self._make_layer(BasicBlock, 8, 1, stride=2)
        self.avgpool = torch.nn.AdaptiveAvgPool2d((1, 1))
        self.fc = torch.nn.Linear(8, 5)

    def forward(self, x):
        x = self.maxpool(self.relu(self.bn1(self.conv1(x))))
        return self.fc(torch.flatten(self.avgpool(self.layer2(self.layer1(x))), 1))


torch.manual_seed(10)
network = Small()
network.train()
for _ in range(3):  # statistics that are not those of a fresh network
    network(torch.randn(8, 3, 16, 16))
network.eval()
state = network.state_dict()
safetensors.torch.save_file(state, HERE / "small.safetensors")
for name, dtype in (("bf16", torch.bfloat16), ("f16", torch.float16)):
    halved = {key: value.to(dtype) if value.is_floating_point() else value for key, value in state.items()}
    safetensors.torch.save_file(halved, HERE / f"small-{name}.safetensors")

# A grey picture, as bytes, and what the network says of it where all three colours are that grey.
pixels = torch.randint(0, 256, (16, 16), generator=torch.Generator().manual_seed(3))
grey = pixels.float().div(255).expand(1, 3, 16, 16)
with torch.no_grad():
    logits = network(grey)[0]
(HERE / "small.json").write_text(json.dumps({"pixels": pixels.flatten().tolist(), "logits": logits.tolist()}) + "\n")
