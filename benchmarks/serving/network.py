# SPDX-License-Identifier: Apache-2.0
"""What the peers of benchmarks/serving share: the network in each of its forms, and what becomes of a PNG."""
import io

CLASSES = 10
MEAN, DEVIATION = 0.1307, 0.3081


def load(form, file, threads):
    """A function of float32 [N,1,28,28], normalized, that gives probabilities [N,10], both as NumPy's arrays."""
    if form == "onnx":
        return onnx(file, threads)
    import torch
    torch.set_num_threads(threads)
    net = eager(file) if form == "eager" else torch.jit.load(file)
    net = net.eval()

    def answer(images):
        with torch.inference_mode():
            return torch.softmax(net(torch.from_numpy(images)), 1).numpy()
    return answer


def eager(file):
    import torch
    import torchvision
    from safetensors.torch import load_file
    net = torchvision.models.resnet18(num_classes=CLASSES)
    net.conv1 = torch.nn.Conv2d(1, 64, 7, 2, 3, bias=False)
    net.load_state_dict(load_file(file), strict=False)
    return net


def onnx(file, threads):
    import numpy
    import onnxruntime
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    session = onnxruntime.InferenceSession(file, options, providers=["CPUExecutionProvider"])

    def answer(images):
        logits = session.run(None, {"image": images})[0]
        powers = numpy.exp(logits - logits.max(1, keepdims=True))
        return powers / powers.sum(1, keepdims=True)
    return answer


def decode(file):
    """float32 [1,28,28], normalized."""
    import numpy
    import PIL.Image
    pixels = numpy.asarray(PIL.Image.open(io.BytesIO(file)).convert("L"), numpy.float32)
    return (pixels[None] / 255 - MEAN) / DEVIATION


def encode(probabilities):
    best = int(probabilities.argmax())
    return {"label": str(best), "probability": float(probabilities[best])}
