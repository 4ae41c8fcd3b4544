"""resnet18 for 1x28x28 images as torch exports it, for benchmarks/inference --torch-export FILE.

    venv/bin/pip install -r benchmarks/pytorch/requirements.txt onnx
    venv/bin/python benchmarks/pytorch/export_onnx.py FILE
"""
import sys

import torch
import torchvision

torch.manual_seed(0)
network = torchvision.models.resnet18(num_classes=10)
network.conv1 = torch.nn.Conv2d(1, 64, 7, 2, 3, bias=False)
# In evaluation mode the exporter folds BatchNorm into the convolutions, as Millrace does.
torch.onnx.export(network.eval(), torch.randn(2, 1, 28, 28), sys.argv[1], input_names=["image"], output_names=["logits"],
                  dynamic_axes={"image": {0: "N"}, "logits": {0: "N"}}, opset_version=17)
