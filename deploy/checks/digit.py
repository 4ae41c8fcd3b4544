"""Writes a PNG of a digit: the first test image of MNIST's files in the directory given, else a drawn one."""

import gzip
import struct
import sys
import zlib
from pathlib import Path


def mnist(directory):
    content = gzip.decompress((Path(directory) / "t10k-images-idx3-ubyte.gz").read_bytes())
    return [content[16 + row * 28: 16 + (row + 1) * 28] for row in range(28)]


def drawn():
    return [bytes(255 if 4 < row < 24 and 12 < column < 16 else 0 for column in range(28)) for row in range(28)]


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


rows = mnist(sys.argv[1]) if len(sys.argv) > 1 and sys.argv[1] else drawn()
sys.stdout.buffer.write(
    b"\x89PNG\r\n\x1a\n"
    + chunk(b"IHDR", struct.pack(">IIBBBBB", 28, 28, 8, 0, 0, 0, 0))
    + chunk(b"IDAT", zlib.compress(b"".join(b"\0" + row for row in rows)))
    + chunk(b"IEND", b""))
