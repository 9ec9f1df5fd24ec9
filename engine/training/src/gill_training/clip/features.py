"""Runs the frozen image encoder once over the corpus: the features that CLIP's and GILL's heads are trained on.

Writes ids.json and three float16 arrays [N,F] in its order: pooled.npy (as the engine sees the picture), augmented.npy (mirrored,
moved, resized, on another background) and strong.npy (also turned, recoloured, blurred, on patterns); the last two only for training pictures. A row of NaN is not computed; `--resume` computes what is missing,
also when the corpus has changed in between.
"""

from __future__ import annotations

import argparse
import json
import random
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance, ImageFilter, ImageOps

from gill_training.clip.pictures import DEV, TRAIN, Picture, read_manifest
from gill_training.encoders import VisionEncoder
from gill_training.preprocess import load_rgb

BATCH = 16
SAVE_EVERY = 64  # batches
WHITE_SHARE = 0.4
PASTELS = ("#fde68a", "#bfdbfe", "#bbf7d0", "#fecaca", "#e9d5ff", "#e5e7eb", "#111827", "#1d4ed8", "#15803d", "#b91c1c")


class FeatureStore:
    """The features of the corpus' pictures, one float16 array a view. Rows follow ids.json."""

    def __init__(self, folder: Path, pictures: Sequence[Picture], width: int):
        self._folder = folder
        self._pictures = pictures
        self._width = width

    def open(self, view: str, resume: bool) -> np.ndarray:
        """A writable array in the pictures' order, NaN where a row is still to be computed."""
        path, owners = self._folder / f"{view}.npy", self._folder / f"{view}.pixels.json"
        names = [f"{picture.id} {picture.sha256}" for picture in self._pictures]
        known: dict[str, np.ndarray] = {}
        if resume and path.exists() and owners.exists():
            known = dict(zip(json.loads(owners.read_text()), np.load(path), strict=True))
        array = np.lib.format.open_memmap(path, "w+", np.float16, (len(names), self._width))
        empty = np.full(self._width, np.nan, np.float16)
        for row, name in enumerate(names):
            array[row] = known.get(name, empty)
        array.flush()
        owners.write_text(json.dumps(names))
        return array


def plain(corpus: Path, picture: Picture) -> Image.Image:
    return load_rgb(corpus / picture.file)


def augmented(corpus: Path, picture: Picture) -> Image.Image:
    """A seeded variant of the picture: mirrored half the time, 75 to 110 % in size, shifted, often on a coloured ground."""
    chance = random.Random(f"view {picture.id}")
    sprite = Image.open(corpus / picture.rgba_file).convert("RGBA")
    if chance.random() < 0.7:
        sprite = ImageOps.mirror(sprite)
    colour = "#ffffff" if chance.random() < WHITE_SHARE else chance.choice(PASTELS)
    side = max(sprite.size)
    ground = Image.new("RGBA", (side, side), colour)
    scale = chance.uniform(0.75, 1.1)
    sprite = sprite.resize([max(1, round(extent * scale)) for extent in sprite.size], Image.Resampling.BICUBIC)
    room = side // 10
    corner = [(side - extent) // 2 + chance.randint(-room, room) for extent in sprite.size]
    layer = Image.new("RGBA", ground.size)
    layer.paste(sprite, tuple(corner))
    return Image.alpha_composite(ground, layer).convert("RGB")


def strong(corpus: Path, picture: Picture) -> Image.Image:
    """A seeded variant that differs more: turned by up to 20 degrees, other brightness and colours, 60 to 125 % in size, on any ground."""
    chance = random.Random(f"strong {picture.id}")
    sprite = Image.open(corpus / picture.rgba_file).convert("RGBA")
    side = max(sprite.size)
    if chance.random() < 0.5:
        sprite = ImageOps.mirror(sprite)
    if chance.random() < 0.7:
        sprite = sprite.rotate(chance.uniform(-20, 20), Image.Resampling.BICUBIC, expand=True)
    alpha, colours = sprite.getchannel("A"), sprite.convert("RGB")
    for enhance in (ImageEnhance.Brightness, ImageEnhance.Contrast, ImageEnhance.Color):
        colours = enhance(colours).enhance(chance.uniform(0.65, 1.35))
    if chance.random() < 0.08:
        colours = ImageOps.grayscale(colours).convert("RGB")
    colours.putalpha(alpha)
    scale = chance.uniform(0.6, 1.25) * side / max(colours.size)
    sprite = colours.resize([max(1, round(extent * scale)) for extent in colours.size], Image.Resampling.BICUBIC)
    layer, room, ground = Image.new("RGBA", (side, side)), side // 8, _ground(chance, side)
    layer.paste(sprite, tuple((side - extent) // 2 + chance.randint(-room, room) for extent in sprite.size))
    result = Image.alpha_composite(ground.convert("RGBA"), layer).convert("RGB")
    return result.filter(ImageFilter.GaussianBlur(chance.uniform(0.3, 1.2))) if chance.random() < 0.2 else result


def _ground(chance: random.Random, side: int) -> Image.Image:
    """White, one colour, a soft gradient or a soft pattern."""
    draw = chance.random()
    if draw < 0.35:
        return Image.new("RGB", (side, side), "#ffffff")
    if draw < 0.6:
        return Image.new("RGB", (side, side), tuple(chance.randint(0, 255) for _ in range(3)))
    cells = 2 if draw < 0.8 else 6
    colours = np.random.default_rng(chance.randint(0, 1 << 30)).integers(0, 256, (cells, cells, 3), dtype=np.uint8)
    return Image.fromarray(colours).resize((side, side), Image.Resampling.BICUBIC)


def compute(
    encoder: VisionEncoder, pictures: Sequence[Picture], rows: Sequence[int], array: np.memmap, view: Callable[[Picture], Image.Image]
) -> None:
    """Fills the given rows of `array`."""
    started = time.monotonic()
    for batch, start in enumerate(range(0, len(rows), BATCH)):
        chosen = rows[start : start + BATCH]
        array[chosen] = encoder.pooled([view(pictures[row]) for row in chosen])
        if batch % SAVE_EVERY == SAVE_EVERY - 1:
            array.flush()
            done = start + len(chosen)
            print(f"{done}/{len(rows)} at {done / (time.monotonic() - started):.0f}/s", flush=True)
    array.flush()


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training features", description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--bundle", type=Path, required=True, help="the bundle whose vision encoder runs, imported")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--views", default="pooled,augmented,strong")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    pictures = read_manifest(options.corpus)
    (options.out / "ids.json").write_text(json.dumps([picture.id for picture in pictures]))
    encoder = VisionEncoder(options.bundle / "vision_encoder", options.threads)
    views = {"pooled": plain, "augmented": augmented, "strong": strong}
    store = FeatureStore(options.out, pictures, encoder.width)
    for name in options.views.split(","):
        array = store.open(name, options.resume)
        wanted = [row for row, picture in enumerate(pictures) if name == "pooled" or picture.split in (TRAIN, DEV)]
        missing = [row for row in wanted if np.isnan(array[row, 0])]
        compute(encoder, pictures, missing, array, lambda picture, view=views[name]: view(options.corpus, picture))
    print(f"CPU seconds: {time.process_time():.0f}")
