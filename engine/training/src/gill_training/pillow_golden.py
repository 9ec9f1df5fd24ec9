"""Writes the Java reader's golden pictures: files of every kind the reader takes, and Pillow's reading of each.

`manifest.json` lists, per file, the decoded picture and resized ones. Everything is drawn from formulas and a fixed seed, so the
script is the only source of the files. Fonts, clocks and outside pictures are not used.
"""

from __future__ import annotations

import argparse
import io
import json
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from gill_training.preprocess import letterbox, to_rgb

FILTERS = {"lanczos": Image.Resampling.LANCZOS, "bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}


def drawing(width: int, height: int, channels: int) -> np.ndarray:
    """Smooth waves, a hard-edged disc and a thin line: [height, width, channels] in 0…1."""
    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    waves = [0.5 + 0.5 * np.sin(x / (5 + 3 * c) + c) * np.cos(y / (7 - c)) for c in range(channels)]
    picture = np.stack(waves, -1)
    disc = (x - 0.6 * width) ** 2 + (y - 0.4 * height) ** 2 < (0.22 * min(width, height)) ** 2
    picture[disc] = np.linspace(1, 0, channels)
    picture[height // 3, :] = np.linspace(0, 1, channels)
    return picture


def levels(width: int, height: int, channels: int) -> np.ndarray:
    return np.round(255 * drawing(width, height, channels)).astype(np.uint8)


def rgb(width: int, height: int) -> Image.Image:
    return Image.fromarray(levels(width, height, 3), "RGB")


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def png(width: int, height: int, depth: int, colour: int, samples: bytes, *extra: tuple[bytes, bytes]) -> bytes:
    """A PNG of a kind that Pillow does not write, filter 0 in every row."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    stride = len(samples) // height
    rows = b"".join(b"\0" + samples[y * stride : (y + 1) * stride] for y in range(height))
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    between = b"".join(chunk(name, body) for name, body in extra)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + between + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(b"IEND", b"")


def oriented(kind: str, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[0x0112] = orientation
    options: dict[str, object] = {"quality": 92, "subsampling": 0} if kind == "JPEG" else {}
    if kind == "WEBP":
        options = {"lossless": True}
    return saved(rgb(29, 18), kind, exif=exif.tobytes(), **options)


def palette() -> Image.Image:
    return rgb(45, 38).quantize(13, dither=Image.Dither.NONE)


def transparent_gif() -> bytes:
    first, second = palette(), rgb(45, 38).rotate(90).quantize(9)
    return saved(first, "GIF", transparency=2, save_all=True, append_images=[second], duration=50)


def animated_webp() -> bytes:
    """Two frames, one lossy with alpha and one lossless, each smaller than the canvas: Pillow writes only whole ones."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)

    def frame(image: Image.Image, left: int, top: int, **options: object) -> bytes:
        still = saved(image, "WEBP", **options)
        picture = still[30:] if still[12:16] == b"VP8X" else still[12:]
        head = [left // 2, top // 2, image.width - 1, image.height - 1, 50]
        return chunk(b"ANMF", b"".join(value.to_bytes(3, "little") for value in head) + b"\0" + picture)

    first = frame(Image.fromarray(levels(41, 30, 4), "RGBA"), 8, 6, quality=90)
    second = frame(rgb(20, 33), 2, 4, lossless=True)
    head = b"\x12\0\0\0" + (63).to_bytes(3, "little") + (46).to_bytes(3, "little")
    body = b"WEBP" + chunk(b"VP8X", head) + chunk(b"ANIM", bytes(6)) + first + second
    return b"RIFF" + struct.pack("<I", len(body)) + body


def wide16(channels: int, colour: int) -> bytes:
    values = np.round(65535 * drawing(27, 33, channels)).astype(">u2")
    return png(27, 33, 16, colour, values.tobytes())


def keyed() -> bytes:
    """RGB with one colour declared transparent."""
    samples = levels(31, 22, 3)
    samples[5:12, 3:20] = (10, 200, 30)
    return png(31, 22, 8, 2, samples.tobytes(), (b"tRNS", struct.pack(">HHH", 10, 200, 30)))


def files() -> dict[str, Callable[[], bytes]]:
    made: dict[str, Callable[[], bytes]] = {
        "jpeg-420.jpg": lambda: saved(rgb(61, 47), "JPEG", quality=85),
        "jpeg-422-progressive.jpg": lambda: saved(rgb(83, 40), "JPEG", quality=80, progressive=True, subsampling=1),
        "jpeg-grey.jpg": lambda: saved(rgb(37, 52).convert("L"), "JPEG", quality=90),
        "jpeg-cmyk.jpg": lambda: saved(Image.fromarray(levels(41, 35, 4), "CMYK"), "JPEG", quality=90),
        "png-rgb.png": lambda: saved(rgb(130, 57), "PNG"),
        "png-rgba.png": lambda: saved(Image.fromarray(levels(50, 63, 4), "RGBA"), "PNG"),
        "png-grey-alpha.png": lambda: saved(Image.fromarray(levels(33, 20, 2), "LA"), "PNG"),
        "png-grey.png": lambda: saved(rgb(23, 23).convert("L"), "PNG"),
        "png-bilevel.png": lambda: saved(rgb(35, 26).convert("1"), "PNG"),
        "png-palette.png": lambda: saved(palette(), "PNG"),
        "png-palette-alpha.png": lambda: saved(palette(), "PNG", transparency=bytes(range(0, 256, 21))),
        "png-16-grey.png": lambda: wide16(1, 0),
        "png-16-grey-alpha.png": lambda: wide16(2, 4),
        "png-16-rgb.png": lambda: wide16(3, 2),
        "png-16-rgba.png": lambda: wide16(4, 6),
        "png-keyed.png": keyed,
        "png-interlaced.png": lambda: png_interlaced(),
        "png-exif-5.png": lambda: oriented("PNG", 5),
        "gif-transparent.gif": transparent_gif,
        "bmp-24.bmp": lambda: saved(rgb(39, 21), "BMP"),
        "bmp-palette.bmp": lambda: saved(palette(), "BMP"),
        "webp-lossless.webp": lambda: saved(rgb(57, 44), "WEBP", lossless=True),
        "webp-lossless-alpha.webp": lambda: saved(Image.fromarray(levels(44, 57, 4), "RGBA"), "WEBP", lossless=True, exact=True),
        "webp-exif-6.webp": lambda: oriented("WEBP", 6),
        "webp-lossy.webp": lambda: saved(rgb(75, 53), "WEBP", quality=80),
        "webp-lossy-alpha.webp": lambda: saved(Image.fromarray(levels(53, 75, 4), "RGBA"), "WEBP", quality=90),
        "webp-animated.webp": animated_webp,
        "tiff-rgb-lzw.tif": lambda: saved(rgb(46, 31), "TIFF", compression="tiff_lzw"),
        "tiff-rgba-deflate.tif": lambda: saved(Image.fromarray(levels(31, 46, 4), "RGBA"), "TIFF", compression="tiff_adobe_deflate"),
        "tiff-grey.tif": lambda: saved(rgb(33, 28).convert("L"), "TIFF"),
        "tiff-bilevel.tif": lambda: saved(rgb(41, 26).convert("1"), "TIFF", compression="group4"),
        "tiff-palette.tif": lambda: saved(palette(), "TIFF"),
        "tiff-cmyk.tif": lambda: saved(Image.fromarray(levels(41, 35, 4), "CMYK"), "TIFF"),
        "tiff-pages.tif": lambda: saved(rgb(30, 20), "TIFF", save_all=True, append_images=[rgb(12, 12)]),
        "png-wide.png": lambda: saved(rgb(1200, 20), "PNG"),
        "tiff-turned-6.tif": lambda: saved(rgb(29, 18), "TIFF", tiffinfo={0x0112: 6}),
    }
    made |= {f"jpeg-exif-{n}.jpg": lambda n=n: oriented("JPEG", n) for n in range(1, 9)}
    return made


def png_interlaced() -> bytes:
    """Adam7, by hand: Pillow reads it but does not write it."""
    width, height = 26, 19
    samples = levels(width, height, 3)
    raw = b""
    for top, left, down, right in ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1)):
        for row in samples[top::down, left::right]:
            raw += b"\0" + row.tobytes()
    plain = png(width, height, 8, 2, samples.tobytes())
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 1)
    body = zlib.compress(raw, 9)

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    return plain[:8] + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


def centre_crop(image: Image.Image, edge: int, size: int) -> Image.Image:
    """Shorter side to `edge`, then the middle, the way transformers' CLIPImageProcessor does it."""
    width, height = image.size
    if width <= height:
        image = image.resize((edge, int(edge * height / width)), Image.Resampling.BICUBIC)
    else:
        image = image.resize((int(edge * width / height), edge), Image.Resampling.BICUBIC)
    left, top = (image.width - size) // 2, (image.height - size) // 2
    return image.crop((left, top, left + size, top + size))


def resized(image: Image.Image) -> dict[str, Image.Image]:
    made = {"letterbox-48": letterbox(image).resize((48, 48), Image.Resampling.BICUBIC)}
    if image.size == (130, 57):
        made["letterbox-150"] = letterbox(image).resize((150, 150), Image.Resampling.BICUBIC)
        made |= {f"stretch-31x77-{name}": image.resize((31, 77), code) for name, code in FILTERS.items()}
        made["crop-40-36"] = centre_crop(image, 40, 36)
    return made


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="pillow-golden", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="engine/src/test/resources/pillow")
    out = parser.parse_args(argv).out
    out.mkdir(parents=True, exist_ok=True)
    rows = []
    for name, make in files().items():
        content = make()
        (out / name).write_bytes(content)
        image = to_rgb(ImageOps.exif_transpose(Image.open(io.BytesIO(content))))
        stem = f"{name}.expected"
        image.save(out / f"{stem}.png", optimize=True)
        row = {"file": name, "decoded": f"{stem}.png", "resized": {}}
        for how, picture in resized(image).items():
            picture.save(out / f"{stem}.{how}.png", optimize=True)
            row["resized"][how] = f"{stem}.{how}.png"
        rows.append(row)
    text = json.dumps({"pillow": Image.__version__, "pictures": rows}, indent=1)
    (out / "manifest.json").write_text(text + "\n", encoding="utf-8", newline="\n")
