# SPDX-License-Identifier: Apache-2.0
"""What trains a network, each in a process of its own, so that each has its own settings of the allocator.

An archive is called as the Learner calls it, and runs with the allocator as the Learner sets it (freed memory is kept);
eager PyTorch is torchvision's network as a user writes the loop, in the process as it comes, or with that allocator, too.
"""
import ctypes
import multiprocessing
import os
import pathlib
import resource
import subprocess
import tempfile
import time
import traceback

CLASSES = 10
BENCHMARKS = pathlib.Path(__file__).resolve().parent.parent


def write_archive(file, network, stem, shape, precision, seed=1):
    layout = ["--channels-last"] if precision == "bf16" else []
    subprocess.run([str(BENCHMARKS / "archive"), "--precision", precision, *layout, "--network", network, "--stem", stem,
                    "--shape", shape, "--seed", str(seed), str(file)], check=True, stdout=subprocess.DEVNULL)


def keep_freed_memory():
    """As io.millrace.model.Malloc does; of glibc only."""
    libc = ctypes.CDLL(None)
    if hasattr(libc, "mallopt"):
        libc.mallopt(-4, 0)
        libc.mallopt(-2, 64 << 20)
        libc.mallopt(-1, 2 ** 31 - 1)


class Archive:
    """Trains as the Learner does."""

    def __init__(self, file, mean, deviation, channels):
        import torch
        self.torch = torch
        self.module = torch.jit.load(str(file)).train()
        self.parameters = list(self.module.parameters())
        self.momentum = [torch.zeros_like(p, requires_grad=False) for p in self.parameters]
        self.sums = torch.zeros(2, dtype=torch.float64)
        self.scale = torch.full((1, channels, 1, 1), 1 / (255 * deviation))
        self.zero_point = torch.full((1, channels, 1, 1), 255 * mean)

    def step(self, images, labels, rate):
        scalars = self.torch.tensor([rate], dtype=self.torch.float64)
        with self.torch.jit.optimized_execution(False):
            self.module.train_step(
                images, self.scale, self.zero_point, labels, scalars, self.sums, self.parameters, self.momentum)

    def logits(self, images):
        self.module.eval()
        with self.torch.no_grad(), self.torch.jit.optimized_execution(False):
            logits = self.module.forward(images, self.scale, self.zero_point)
        self.module.train()
        return logits


class Eager:
    """Trains as a user of PyTorch does."""

    def __init__(self, network, stem, channels, mean, deviation, bf16, optimizer, smoothing=0.0, compiled=False):
        import torch
        self.torch, self.bf16, self.smoothing = torch, bf16, smoothing
        self.layout = torch.channels_last if bf16 else torch.contiguous_format
        self.mean, self.deviation = 255 * mean, 255 * deviation
        self.net = plain_network(network, stem, channels).to(memory_format=self.layout)
        self.optimizer = optimizer(torch.optim, self.net.parameters())
        if compiled:
            self.net.compile()

    def images(self, images):
        return ((images.float() - self.mean) / self.deviation).contiguous(memory_format=self.layout)

    def step(self, images, labels, rate=None):
        torch = self.torch
        torch.set_grad_enabled(True)
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.bf16):
            logits = self.net(self.images(images))
            loss = torch.nn.functional.cross_entropy(logits, labels, label_smoothing=self.smoothing)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()

    def logits(self, images):
        self.net.eval()
        with self.torch.no_grad(), self.torch.autocast("cpu", dtype=self.torch.bfloat16, enabled=self.bf16):
            logits = self.net(self.images(images))
        self.net.train()
        return logits


def plain_network(network, stem, channels):
    import torchvision
    from torch import nn
    if network == "resnet9":
        return resnet9(channels)
    net = torchvision.models.get_model(network, num_classes=CLASSES)
    if stem == "cifar":
        net.conv1, net.maxpool = nn.Conv2d(channels, 64, 3, 1, 1, bias=False), nn.Identity()
    elif channels != 3:
        net.conv1 = nn.Conv2d(channels, 64, 7, 2, 3, bias=False)
    return net


def resnet9(channels):
    """David Page's, https://github.com/davidcpage/cifar10-fast."""
    from torch import nn

    def convolution(i, o, pool=False):
        layers = [nn.Conv2d(i, o, 3, 1, 1, bias=False), nn.BatchNorm2d(o), nn.ReLU(inplace=True)]
        return nn.Sequential(*layers, *([nn.MaxPool2d(2)] if pool else []))

    class Residual(nn.Module):
        def __init__(self, width):
            super().__init__()
            self.block = nn.Sequential(convolution(width, width), convolution(width, width))

        def forward(self, x):
            return x + self.block(x)

    class Scaled(nn.Linear):
        def forward(self, x):
            return super().forward(x) * 0.125

    return nn.Sequential(
        convolution(channels, 64), convolution(64, 128, True), Residual(128), convolution(128, 256, True),
        convolution(256, 512, True), Residual(512), nn.AdaptiveMaxPool2d(1), nn.Flatten(), Scaled(512, CLASSES, bias=False))


def sgd_as_in_quick(optim, parameters):
    return optim.SGD(parameters, lr=0.01, momentum=0.9, nesterov=True, weight_decay=5e-4, foreach=True)


class Worker:
    """One contestant in a process of its own. Calls wait for their answer; a failure comes back as an exception."""

    def __init__(self, keep, threads, setup, *arguments):
        context = multiprocessing.get_context("spawn")
        self.pipe, there = context.Pipe()
        self.process = context.Process(target=serve, args=(there, keep, threads, setup, arguments), daemon=True)
        self.process.start()
        there.close()
        self.answer()

    def __call__(self, *arguments):
        self.pipe.send(arguments)
        return self.answer()

    def answer(self):
        try:
            error, value = self.pipe.recv()
        except EOFError:
            raise RuntimeError("the process ended, with little memory most likely") from None
        if error:
            raise RuntimeError(error)
        return value

    def close(self):
        self.process.terminate()
        self.process.join()


def serve(pipe, keep, threads, setup, arguments):
    """In the process: setup makes a function, which is then called with what is sent."""
    try:
        if keep:
            keep_freed_memory()
        # torch.compile would start processes of its own, which one like this may not.
        os.environ["TORCHINDUCTOR_COMPILE_THREADS"] = "1"
        import torch
        torch.set_num_threads(threads)
        function = setup(*arguments)
        pipe.send((None, None))
        while True:
            pipe.send((None, function(*pipe.recv())))
    except EOFError:
        pass
    except Exception as e:  # what went wrong belongs into the table, not into the output of this process
        pipe.send((f"{type(e).__name__}: {e}".strip().splitlines()[0][:200], traceback.format_exc()))


class Clock:
    """What passes, and what all threads of this process spend."""

    def __init__(self):
        self.clock = self.processor = 0.0

    def __enter__(self):
        self.begun = time.perf_counter(), spent()
        return self

    def __exit__(self, *_):
        self.clock += time.perf_counter() - self.begun[0]
        self.processor += spent() - self.begun[1]


def spent():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def hardware(threads):
    import torch
    info = pathlib.Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    name = next((line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")), "unknown processor")
    flags = next((line.split() for line in lines if line.startswith("flags")), [])
    has = [flag for flag in ("avx512f", "avx512_bf16", "amx_bf16") if flag in flags]
    load = pathlib.Path("/proc/loadavg")
    now = ", load " + load.read_text().split()[0] if load.exists() else ""
    return f"{name} ({', '.join(has) or 'no AVX512'}), {threads} threads, torch {torch.__version__}{now}"


def temporary():
    return tempfile.TemporaryDirectory(prefix="millrace-benchmark-")
