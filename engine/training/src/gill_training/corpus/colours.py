"""Names the main colours of a picture."""

import numpy as np
from PIL import Image

NAMED = {
    "red": (214, 40, 40), "orange": (245, 140, 40), "yellow": (250, 205, 60), "green": (70, 160, 70),
    "blue": (60, 120, 210), "light blue": (130, 195, 240), "purple": (130, 80, 170), "pink": (240, 140, 180),
    "brown": (130, 85, 50), "black": (25, 25, 25), "gray": (130, 130, 130), "white": (245, 245, 245),
    "beige": (235, 210, 170),
}
_NAMES = list(NAMED)
_MIN_SHARE = 0.22


def lab(rgb: np.ndarray) -> np.ndarray:
    """sRGB values 0..255 as CIE L*a*b*, where distance is close to what the eye sees. Shape [..., 3]."""
    linear = rgb / 255.0
    linear = np.where(linear > 0.04045, ((linear + 0.055) / 1.055) ** 2.4, linear / 12.92)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    xyz = linear @ to_xyz.T / np.array([0.9505, 1.0, 1.089])
    f = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.stack([116 * f[..., 1] - 16, 500 * (f[..., 0] - f[..., 1]), 200 * (f[..., 1] - f[..., 2])], -1)


_NAMED_LAB = lab(np.array(list(NAMED.values()), float))


def dominant_colours(rgba: Image.Image) -> list[str]:
    """Up to three colour names that each cover at least 22 % of the opaque pixels, largest first."""
    pixels = np.asarray(rgba.resize((32, 32), Image.Resampling.BOX)).reshape(-1, 4)
    opaque = pixels[pixels[:, 3] > 128][:, :3].astype(float)
    if len(opaque) < 8:
        return []
    distance = ((lab(opaque)[:, None] - _NAMED_LAB[None]) ** 2).sum(-1)
    share = np.bincount(distance.argmin(1), minlength=len(_NAMES)) / len(opaque)
    return [_NAMES[i] for i in np.argsort(-share, kind="stable")[:3] if share[i] > _MIN_SHARE]
