"""Runs the frozen image encoder once over the corpus: the features that CLIP's and GILL's heads are trained on.

Writes ids.json and two float16 arrays [N,F] in its order: pooled.npy (as the engine sees the picture) and augmented.npy (mirrored,
moved, resized, on another background; only for training pictures). A row of NaN is not computed; `--resume` computes what is missing,
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
from PIL import Image, ImageOps

from gill_training.clip.pictures import DEV, TRAIN, Picture, read_manifest
from gill_training.clip.vision_graph import POOLED_DIM
from gill_training.encoders import VisionEncoder
from gill_training.preprocess import load_rgb

BATCH = 16
SAVE_EVERY = 64  # batches
WHITE_SHARE = 0.4
PASTELS = ("#fde68a", "#bfdbfe", "#bbf7d0", "#fecaca", "#e9d5ff", "#e5e7eb", "#111827", "#1d4ed8", "#15803d", "#b91c1c")


class FeatureStore:
    """The features of the corpus' pictures, one float16 array a view. Rows follow ids.json."""

    def __init__(self, folder: Path, pictures: Sequence[Picture]):
        self._folder = folder
        self._pictures = pictures

    def open(self, view: str, resume: bool) -> np.ndarray:
        """A writable array in the pictures' order, NaN where a row is still to be computed."""
        path, owners = self._folder / f"{view}.npy", self._folder / f"{view}.pixels.json"
        names = [f"{picture.id} {picture.sha256}" for picture in self._pictures]
        known: dict[str, np.ndarray] = {}
        if resume and path.exists() and owners.exists():
            known = dict(zip(json.loads(owners.read_text()), np.load(path), strict=True))
        array = np.lib.format.open_memmap(path, "w+", np.float16, (len(names), POOLED_DIM))
        empty = np.full(POOLED_DIM, np.nan, np.float16)
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
    parser.add_argument("--views", default="pooled,augmented")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    pictures = read_manifest(options.corpus)
    (options.out / "ids.json").write_text(json.dumps([picture.id for picture in pictures]))
    encoder = VisionEncoder(options.bundle / "vision_encoder", options.threads)
    views = {"pooled": plain, "augmented": augmented}
    store = FeatureStore(options.out, pictures)
    for name in options.views.split(","):
        array = store.open(name, options.resume)
        wanted = [row for row, picture in enumerate(pictures) if name == "pooled" or picture.split in (TRAIN, DEV)]
        missing = [row for row in wanted if np.isnan(array[row, 0])]
        compute(encoder, pictures, missing, array, lambda picture, view=views[name]: view(options.corpus, picture))
    print(f"CPU seconds: {time.process_time():.0f}")
