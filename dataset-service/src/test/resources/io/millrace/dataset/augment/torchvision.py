# SPDX-License-Identifier: Apache-2.0
"""Writes torchvision.json: what torchvision makes of small images, given what is left to chance in training.

    python3 -m venv venv && venv/bin/pip install torch==2.3.1 torchvision==0.18.1 'numpy<2'
    venv/bin/python torchvision.py > torchvision.json
"""
import json
import sys

# This file has the name of the package.
sys.path.pop(0)

import torch  # noqa: E402
from torchvision.transforms.v2 import InterpolationMode  # noqa: E402
from torchvision.transforms.v2 import functional as F  # noqa: E402


def image(channels, height, width):
    numbers = torch.arange(channels * height * width)
    return ((37 * numbers + 11 * (numbers // 7)) % 256).to(torch.uint8).reshape(channels, height, width)


def told(picture):
    return {"shape": list(picture.shape), "values": picture.flatten().tolist()}


def main():
    colour, grey = image(3, 8, 10), image(1, 7, 9)
    cases = {"affine": [], "color": [], "cut": [], "crop": []}
    for picture in colour, grey:
        for degrees, right, down, scale, shear in (
                (0, 2, -1, 1.0, 0), (31.7, 0, 0, 1.0, 0), (-77.3, 1, 2, 1.0, 0), (0, 0, 0, 1.37, 0), (0, 0, 0, 0.71, 0),
                (0, 0, 0, 1.0, 13.3), (12.9, -2, 1, 1.21, -8.1)):
            for interpolation, fill in (("nearest", 9), ("nearest", 0), ("bilinear", None)):
                moved = F.affine(picture, degrees, [right, down], scale, [shear, 0.0],
                                 InterpolationMode(interpolation), fill)
                cases["affine"].append({"image": told(picture), "degrees": degrees, "right": right, "down": down,
                                        "scale": scale, "shear": shear, "interpolation": interpolation,
                                        "fill": fill or 0, "expected": moved.flatten().tolist()})
        for factor in 0.0, 0.45, 1.3, 2.7:
            for name, change in (("brightness", F.adjust_brightness), ("contrast", F.adjust_contrast),
                                 ("saturation", F.adjust_saturation)):
                cases["color"].append({"image": told(picture), "change": name, "factor": factor,
                                       "expected": change(picture, factor).flatten().tolist()})
        height, width = picture.shape[1:]
        for top, left, tall, wide in (0, 0, height, width), (2, 3, 4, 5), (1, 0, 2, 7), (3, 4, 3, 2):
            for size in (5, 5), (height, width), (12, 3):
                cut = F.resized_crop(picture, top, left, tall, wide, list(size), antialias=True)
                cases["cut"].append({"image": told(picture), "box": [top, left, tall, wide], "size": list(size),
                                     "expected": cut.flatten().tolist()})
        for mode in "constant", "edge", "reflect", "symmetric":
            padded = F.pad(picture, [2], fill=7, padding_mode=mode)
            # Every crop of the former size: what chance chooses from.
            crops = [F.crop(padded, top, left, height, width).flatten().tolist()
                     for top in range(5) for left in range(5)]
            cases["crop"].append({"image": told(picture), "padding": 2, "fill": 7, "mode": mode, "expected": crops})
    json.dump(cases, sys.stdout)
    print()


if __name__ == "__main__":
    main()
