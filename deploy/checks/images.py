"""Images of others by a tag that stays what it is, or by digest: compose files, the Dockerfile and, for other checks, any."""

import re
import sys
from pathlib import Path

# Tags that mean another image tomorrow.
MOVING = re.compile(r"latest|main|master|edge|nightly|stable|dev|snapshot|current|v?\d+")


def moving(image):
    """What is wrong with the name of an image, if anything."""
    if re.search(r"@sha256:[0-9a-f]{64}$", image):
        return None
    tag = re.search(r":([^:/]+)$", image)
    if not tag:
        return f"image {image} has neither tag nor digest"
    return f"image {image} is another one tomorrow" if MOVING.fullmatch(tag[1].lower()) else None


def named():
    for path in sorted(Path().glob("compose*.yaml")):
        text = path.read_text()
        for image in re.findall(r"(?:^\s*image|^\s*[A-Z]+_IMAGE): (\S+)$", text, re.M):
            yield path, re.sub(r"\$\{\w+:-([^}]*)\}", r"\1", image)
    dockerfile = Path("deploy/docker/Dockerfile")
    for image in re.findall(r"^ARG [A-Z]+_IMAGE=(\S+)$", dockerfile.read_text(), re.M):
        yield dockerfile, image


def main():
    images = list(named())
    bad = [f"{path}: {problem}" for path, problem in ((path, moving(image)) for path, image in images) if problem]
    print("\n".join(bad) or f"{len(images)} images")
    sys.exit(bool(bad) or not images)


if __name__ == "__main__":
    main()
