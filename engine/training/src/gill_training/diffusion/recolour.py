"""Gives a drawing another colour: its main colour, and only that, is moved in OKLCh so that shading and details stay."""
from __future__ import annotations

from dataclasses import dataclass

import numpy as np

# name -> lightness, chroma, hue in degrees (OKLCh)
TARGETS = {
    "red": (0.61, 0.215, 27.0), "orange": (0.75, 0.17, 57.0), "yellow": (0.88, 0.17, 95.0), "green": (0.68, 0.18, 144.0),
    "blue": (0.60, 0.18, 256.0), "purple": (0.56, 0.20, 305.0), "pink": (0.77, 0.15, 354.0), "black": (0.30, 0.0, 0.0),
}

_TO_LMS = np.array([[0.4122214708, 0.5363325363, 0.0514459929], [0.2119034982, 0.6806995451, 0.1073969566],
                    [0.0883024619, 0.2817188376, 0.6299787005]])
_TO_LAB = np.array([[0.2104542553, 0.7936177850, -0.0040720468], [1.9779984951, -2.4285922050, 0.4505937099],
                    [0.0259040371, 0.7827717662, -0.8086757660]])
_FROM_LMS, _FROM_LAB = np.linalg.inv(_TO_LMS), np.linalg.inv(_TO_LAB)


def to_oklch(rgb: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """uint8 [..., 3] -> lightness 0..1, chroma, hue in degrees."""
    value = rgb.astype(np.float64) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    lab = np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T
    return lab[..., 0], np.hypot(lab[..., 1], lab[..., 2]), np.degrees(np.arctan2(lab[..., 2], lab[..., 1])) % 360


def from_oklch(lightness: np.ndarray, chroma: np.ndarray, hue: np.ndarray) -> np.ndarray:
    """The uint8 colour; chroma is lowered where sRGB has no such colour."""
    angle = np.radians(hue)
    scale_low, scale_high = np.zeros_like(chroma), np.ones_like(chroma)
    for step in range(8):
        scale = scale_high if step == 0 else (scale_low + scale_high) / 2
        linear = _linear(lightness, chroma * scale, angle)
        fits = (linear > -1e-4).all(-1) & (linear < 1 + 1e-4).all(-1)
        scale_low = np.where(fits, scale, scale_low)
        scale_high = np.where(fits, scale_high, scale)
        if step == 0:
            scale_low = np.where(fits, 1.0, 0.0)
    linear = _linear(lightness, chroma * scale_low, angle).clip(0, 1)
    value = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return (value * 255).round().astype(np.uint8)


def _linear(lightness: np.ndarray, chroma: np.ndarray, angle: np.ndarray) -> np.ndarray:
    lab = np.stack([lightness, chroma * np.cos(angle), chroma * np.sin(angle)], -1)
    return (lab @ _FROM_LAB.T) ** 3 @ _FROM_LMS.T


def hue_distance(a: np.ndarray | float, b: float) -> np.ndarray:
    return np.abs((a - b + 180) % 360 - 180)


def _ramp(value: np.ndarray, low: float, high: float) -> np.ndarray:
    t = ((value - low) / (high - low)).clip(0, 1)
    return t * t * (3 - 2 * t)


@dataclass(frozen=True)
class MainColour:
    """The pixels of a drawing's main colour (`where`, flat indices), how fully they have it, their OKLCh, and its hue (None: grey)."""

    where: np.ndarray
    weight: np.ndarray
    lightness: np.ndarray
    chroma: np.ndarray
    hue: np.ndarray
    main_hue: float | None


def main_colour(rgba: np.ndarray) -> MainColour | None:
    """None: the drawing has no single main colour."""
    seen = np.flatnonzero(rgba[..., 3] > 8)
    pixels = rgba.reshape(-1, 4)[seen]
    lightness, chroma, hue = to_oklch(pixels[:, :3])
    cover = pixels[:, 3] / 255.0
    area = cover.sum()
    vivid = cover * _ramp(chroma, 0.035, 0.075)
    main_hue = None
    if vivid.sum() > 0.3 * area:
        histogram = np.bincount((hue // 5).astype(int), vivid * chroma, 72)
        main_hue = int(sum(np.roll(histogram, shift) for shift in range(-4, 5)).argmax()) * 5 + 2.5
        weight = vivid * (1 - _ramp(hue_distance(hue, main_hue), 32, 52))
        if weight.sum() < 0.38 * area or weight.sum() < 0.62 * vivid.sum():
            return None
    else:
        weight = cover * (1 - _ramp(chroma, 0.05, 0.08)) * _ramp(lightness, 0.35, 0.45) * (1 - _ramp(lightness, 0.88, 0.94))
        if weight.sum() < 0.45 * area:
            return None
    some = weight > 0.004
    return MainColour(seen[some], weight[some], lightness[some], chroma[some], hue[some], main_hue)


def recolour(rgba: np.ndarray, colour: str, main: MainColour | None = None) -> np.ndarray | None:
    """The drawing in `colour`, or None where it has no single main colour or already is that colour."""
    main = main or main_colour(rgba)
    if main is None:
        return None
    lightness, chroma, hue = main.lightness, main.chroma, main.hue
    mean_lightness = float(np.average(lightness, weights=main.weight))
    goal_lightness, goal_chroma, goal_hue = TARGETS[colour]
    if colour == "black":
        if mean_lightness < 0.42:
            return None
        new_lightness = goal_lightness + (lightness - mean_lightness) * 0.6
        new_chroma, new_hue = chroma * 0.05, hue
    else:
        if main.main_hue is not None and hue_distance(main.main_hue, goal_hue) < 24 and abs(mean_lightness - goal_lightness) < 0.17:
            return None
        # The middle moves to the goal; lighter and darker parts keep their distance from it.
        new_lightness = lightness + (goal_lightness - mean_lightness) * 0.85
        if main.main_hue is None:
            new_chroma, new_hue = np.full_like(chroma, 0.8 * goal_chroma), np.full_like(hue, goal_hue)
        else:
            new_chroma = chroma * np.clip(goal_chroma / np.average(chroma, weights=main.weight), 0.6, 1.9)
            new_hue = goal_hue + ((hue - main.main_hue + 180) % 360 - 180) * 0.4
    moved = from_oklch(new_lightness.clip(0.06, 0.985), new_chroma, new_hue % 360)
    out = rgba.copy()
    pixels = out.reshape(-1, 4)
    old = pixels[main.where].astype(np.float64)
    share = (main.weight / (old[:, 3] / 255)).clip(0, 1)[:, None]
    pixels[main.where, :3] = (old[:, :3] * (1 - share) + moved * share).round().astype(np.uint8)
    return out
