"""The PyTorch that the image says to have is the one that pom.xml brings."""

import re
import sys
from pathlib import Path

pom = re.search(r"<pytorch.version>(.*)</pytorch.version>", Path("pom.xml").read_text())[1]
image = re.search(r"PYTORCH_VERSION=(\S+)", Path("deploy/docker/Dockerfile").read_text())[1]
sys.exit(None if pom == image else f"pom.xml has {pom}, deploy/docker/Dockerfile {image}")
