# SPDX-License-Identifier: Apache-2.0
"""Makes the pictures beside it: what only other encoders than Java's write. Needs Pillow (made with 13.0.0).

All show the same 24 x 16: red grows to the right, green grows down, blue is 128; greys show the red alone.
"""
import io
import struct

from PIL import Image, ImageCms, ImageOps

W, H = 24, 16


def value(x, y):
    return (10 * x, 15 * y, 128)


rgb = Image.new("RGB", (W, H))
rgb.putdata([value(x, y) for y in range(H) for x in range(W)])
grey = rgb.getchannel("R")
rgba = rgb.copy()
rgba.putalpha(grey)
black = Image.new("RGB", (W, H))

# A profile of sRGB with red and green changed over: whoever applies it sees other colours.
profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
for at in range(132, 132 + 12 * struct.unpack(">I", profile[128:132])[0], 12):
    name = bytes(profile[at : at + 4])
    if name in (b"rXYZ", b"gXYZ"):
        profile[at : at + 4] = b"gXYZ" if name == b"rXYZ" else b"rXYZ"
profile = bytes(profile)


def turned(number):
    """The pixels as a camera stores them whose note says so, and the note."""
    stored = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[number]
    exif = Image.Exif()
    exif[0x0112] = number
    return rgb if stored is None else rgb.transpose(stored), exif


fine = dict(quality=100, subsampling=0)
rgb.save("progressive.jpg", progressive=True, **fine)
rgb.save("profile.jpg", icc_profile=profile, **fine)
rgb.convert("CMYK").save("cmyk.jpg", quality=100)
# YCCK, which Pillow does not write: the inverted colours are converted here, and the mark of Adobe says so.
cmyk = rgb.convert("CMYK")
c, m, y, k = cmyk.split()
ycc = Image.merge("RGB", (c, m, y)).convert("YCbCr").split()
# Decoders make CMY of it and turn that over, as they do with Adobe's CMYK; Pillow turns over what it writes.
out = io.BytesIO()
Image.merge("CMYK", (*map(ImageOps.invert, ycc), k)).save(out, "JPEG", quality=100)
ycck = bytearray(out.getvalue())
adobe = ycck.index(b"Adobe")
ycck[adobe + 11] = 2
open("ycck.jpg", "wb").write(ycck)
for number in range(1, 9):
    stored, exif = turned(number)
    stored.save(f"orientation{number}.jpg", exif=exif, **fine)
stored, exif = turned(6)
stored.save("orientation6.png", exif=exif)
stored.save("orientation6.webp", exif=exif, lossless=True)
stored.save("orientation6.tiff", exif=exif)

rgba.save("alpha.webp", lossless=True, exact=True)
rgb.save("lossy.webp", quality=100)
rgba.save("lossy-alpha.webp", quality=100, exact=True)
rgb.save("profile.webp", lossless=True, icc_profile=profile)
rgb.save("animated.webp", save_all=True, append_images=[black], lossless=True)

rgb.save("plain.tiff")
rgb.save("lzw.tiff", compression="tiff_lzw")
rgb.save("deflate.tiff", compression="tiff_adobe_deflate")
rgb.save("jpeg.tiff", compression="jpeg", quality=100)
rgb.save("profile.tiff", icc_profile=profile)
rgba.save("alpha.tiff")
cmyk.save("cmyk.tiff")
deep = Image.new("I;16", (W, H))
deep.putdata([257 * 10 * x for _ in range(H) for x in range(W)])
deep.save("grey16.tiff")
deep.save("grey16.png")
grey.point(lambda v: 255 * (v >= 128)).convert("1").save("bits.tiff", compression="group4")

rgb.save("profile.png", icc_profile=profile)
rgb.save("keyed.png", transparency=value(3, 4))
rgb.save("animated.png", save_all=True, append_images=[black])
rgb.save("animated.gif", save_all=True, append_images=[black])
