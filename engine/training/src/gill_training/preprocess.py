"""The reference of image preprocessing: from any image file to `pixel_values`, as preprocessor_config.json says.

Order: first frame, EXIF orientation, 8 bits a channel (16-bit samples keep their high byte), alpha composed on white, colour profile
ignored, letterbox to a square on white, one antialiased bicubic resize of Pillow's, rescale, normalise.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

WHITE = (255, 255, 255)

ICON_PREPROCESSING: dict[str, Any] = {
    "do_convert_rgb": True,
    "pad_to_square": True,
    "do_resize": True,
    "size": {"height": 224, "width": 224},
    "resample": int(Image.Resampling.BICUBIC),
    "do_center_crop": False,
    "do_rescale": True,
    "rescale_factor": 1 / 255,
    "do_normalize": True,
    "image_mean": [127 / 255] * 3,
    "image_std": [128 / 255] * 3,
}


def write_preprocessor_config(path: Path, size: int = 224) -> None:
    content = ICON_PREPROCESSING | {"size": {"height": size, "width": size}}
    path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8", newline="\n")


def load_rgb(path: Path) -> Image.Image:
    """The picture as it is meant to be seen: upright, opaque, 8-bit RGB."""
    with Image.open(path) as file:
        image = ImageOps.exif_transpose(file)
        return to_rgb(image)


def to_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I;16") or image.mode == "I":
        image = Image.fromarray((np.asarray(image).astype(np.uint32) >> 8).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
        image = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", image.size, (*WHITE, 255)), image).convert("RGB")
    return image.convert("RGB")


def letterbox(image: Image.Image) -> Image.Image:
    """Centres the picture on a white square as wide as its longer side; an odd remainder goes to the right or the bottom."""
    side = max(image.size)
    if image.size == (side, side):
        return image
    square = Image.new("RGB", (side, side), WHITE)
    square.paste(image, ((side - image.width) // 2, (side - image.height) // 2))
    return square


@dataclass(frozen=True)
class Preprocessor:
    """Square pictures of `size` pixels, scaled as (x · rescale - mean) / std."""

    size: int
    rescale: float
    mean: np.ndarray
    std: np.ndarray

    @classmethod
    def read(cls, path: Path) -> Preprocessor:
        config = json.loads(path.read_text(encoding="utf-8"))
        size = config["size"]
        if not config.get("pad_to_square") or size["height"] != size["width"] or config["resample"] != Image.Resampling.BICUBIC:
            raise ValueError(f"{path}: only letterboxed, bicubic, square pictures are supported here")
        mean, std = (np.asarray(config[key], np.float32).reshape(3, 1, 1) for key in ("image_mean", "image_std"))
        return cls(size["height"], config["rescale_factor"], mean, std)

    def resized(self, image: Image.Image) -> Image.Image:
        return letterbox(image).resize((self.size, self.size), Image.Resampling.BICUBIC)

    def normalised(self, image: Image.Image) -> np.ndarray:
        """`pixel_values` [3,S,S] of a picture that has its final size."""
        channels = np.asarray(image, np.float32).transpose(2, 0, 1)
        return (channels * np.float32(self.rescale) - self.mean) / self.std

    def __call__(self, image: Image.Image) -> np.ndarray:
        return self.normalised(self.resized(to_rgb(image)))
