"""Seeded pictures in the formats that go wrong: rotated by EXIF, transparent, CMYK, 16-bit, grey, palette, tiny, large."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

EXIF_ORIENTATION = 0x0112
ROTATED_LEFT = 6  # the camera was turned: display needs a quarter turn clockwise


def scene(width: int, height: int, seed: int) -> Image.Image:
    """A colour gradient with ellipses, thin lines and a little noise: edges and flat parts, no symmetry."""
    random = np.random.default_rng(seed)
    rows, columns = np.mgrid[0:height, 0:width]
    corners = random.integers(40, 250, (3, 3))
    ground = corners[0] + (corners[1] - corners[0]) * (columns / width)[..., None] + (corners[2] - corners[0]) * (rows / height)[..., None]
    image = Image.fromarray(np.clip(ground + random.normal(0, 3, ground.shape), 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(image)
    for _ in range(6):
        x, y = random.uniform(0, width), random.uniform(0, height)
        wide, high = random.uniform(0.05, 0.3, 2) * (width, height)
        draw.ellipse([x - wide, y - high, x + wide, y + high], fill=tuple(random.integers(0, 256, 3).tolist()))
        draw.line([x, y, *random.uniform(0, 1, 2) * (width, height)], fill=tuple(random.integers(0, 256, 3).tolist()))
    return image


def _exif_rotated(path: Path) -> None:
    exif = Image.Exif()
    exif[EXIF_ORIENTATION] = ROTATED_LEFT
    scene(317, 203, 1).save(path, quality=92, exif=exif)


def _transparent(path: Path) -> None:
    image = scene(150, 97, 2)
    image.putalpha(Image.linear_gradient("L").resize(image.size))
    image.save(path)


def _cmyk(path: Path) -> None:
    scene(121, 180, 3).convert("CMYK").save(path, quality=92)


def _grey_16_bit(path: Path) -> None:
    high = np.asarray(scene(131, 77, 4).convert("L"), np.uint16)
    Image.fromarray(high * 256 + high[::-1]).save(path)


def _colour_16_bit(path: Path) -> None:
    """Pillow writes no 16-bit colour, so the chunks are put together here."""
    high = np.asarray(scene(90, 141, 5), np.uint16)
    samples = (high * 256 + high[:, ::-1]).astype(">u2")
    lines = b"".join(b"\0" + line.tobytes() for line in samples)

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", samples.shape[1], samples.shape[0], 16, 2, 0, 0, 0)
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(lines, 9)) + chunk(b"IEND", b"")
    )


def _grey(path: Path) -> None:
    scene(255, 255, 6).convert("L").save(path, quality=92)


def _palette(path: Path) -> None:
    image = scene(65, 48, 7).quantize(32)
    image.save(path, transparency=int(np.asarray(image)[0, 0]))


def _large(path: Path) -> None:
    scene(800, 500, 8).save(path, quality=90, progressive=True)


def _tiny(path: Path) -> None:
    scene(3, 5, 9).save(path)


WRITERS: dict[str, Callable[[Path], None]] = {
    "exif-rotated.jpg": _exif_rotated,
    "transparent.png": _transparent,
    "cmyk.jpg": _cmyk,
    "grey-16-bit.png": _grey_16_bit,
    "colour-16-bit.png": _colour_16_bit,
    "grey.jpg": _grey,
    "palette.png": _palette,
    "large-progressive.jpg": _large,
    "tiny.png": _tiny,
}


def write_images(folder: Path) -> list[Path]:
    folder.mkdir(parents=True, exist_ok=True)
    for name, writer in WRITERS.items():
        writer(folder / name)
    return [folder / name for name in WRITERS]
