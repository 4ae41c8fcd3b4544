# SPDX-License-Identifier: Apache-2.0
"""A network behind LitServe, as its documentation has it: files by multipart, batching by LitAPI, one worker."""
import argparse
import os

import litserve
import numpy

import network


class Classifier(litserve.LitAPI):
    def __init__(self, form, weights, **batching):
        super().__init__(**batching)
        self.form, self.weights = form, weights

    def setup(self, device):
        self.answer = network.load(self.form, self.weights, len(os.sched_getaffinity(0)))
        # The first call of each size takes long.
        size = 1
        while size <= self.max_batch_size:
            self.answer(numpy.zeros((size, 1, 28, 28), numpy.float32))
            size *= 2

    def decode_request(self, request):
        return network.decode(request["request"].file.read())

    def batch(self, inputs):
        return numpy.stack(inputs)

    def predict(self, images):
        # Without batching, what decode_request gave.
        return self.answer(images if images.ndim == 4 else images[None])

    def unbatch(self, output):
        return list(output)

    def encode_response(self, output):
        return network.encode(output.reshape(-1))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--form", choices=("eager", "torchscript", "onnx"), required=True)
    parser.add_argument("--weights", required=True)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--batch", type=int, required=True)
    parser.add_argument("--wait", type=float, required=True)
    chosen = parser.parse_args()
    api = Classifier(chosen.form, chosen.weights, max_batch_size=chosen.batch, batch_timeout=chosen.wait)
    litserve.LitServer(api, accelerator="cpu", workers_per_device=1).run(
        host="127.0.0.1", port=chosen.port, generate_client_file=False, log_level="warning")


if __name__ == "__main__":
    main()
