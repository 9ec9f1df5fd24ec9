"""Judges the exported generator with the bundle's own CLIP: is the picture what was asked for?"""
from __future__ import annotations

import re
from pathlib import Path

import numpy as np
from PIL import Image

from gill_training.encoders import TextEncoder, VisionEncoder, open_session

from . import vocabulary as words
from .scenes import HALF, PLACES, SIZE


class Judge:
    """Cosines between pictures and texts, by the bundle's vision and text towers."""

    def __init__(self, bundle: Path, threads: int = 1):
        self._vision, self._text = VisionEncoder(bundle / "vision_encoder", threads), TextEncoder(bundle / "text_encoder", threads=threads)
        self._image_projection = open_session(bundle / "vision_encoder/projection.onnx", threads)
        self._text_projection = open_session(bundle / "text_encoder/text_projection.onnx", threads)

    def pictures(self, pictures: np.ndarray) -> np.ndarray:
        """uint8 [N,h,w,3] -> [N,D] of norm 1."""
        rows = []
        for start in range(0, len(pictures), 32):
            pooled = self._vision.pooled([Image.fromarray(picture) for picture in pictures[start : start + 32]])
            rows.append(self._image_projection.run(None, {"pooler_output": pooled})[0])
        return np.concatenate(rows)

    def texts(self, texts: list[str]) -> np.ndarray:
        rows = []
        for text in texts:
            states, mask = self._text.states(text)
            rows.append(self._text_projection.run(None, {"last_hidden_state": states, "attention_mask": mask})[0])
        return np.concatenate(rows)


def asked_thing(prompt: str) -> str | None:
    """The one thing of the vocabulary a prompt names, None if it names none or several."""
    text = f" {re.sub('[^a-z -]', ' ', prompt.lower())} "
    names = sorted({thing.name for thing in words.things().values()}, key=len, reverse=True)
    found = []
    for name in names:
        for form in (words.plural(name), name):
            if f" {form} " in text:
                found.append(name)
                text = text.replace(f" {form} ", " ")
    return found[0] if len(found) == 1 else None


def names_and_rows(judge: Judge) -> tuple[list[str], np.ndarray]:
    names = [thing.name for thing in words.things().values()]
    return names, judge.texts([words.with_article(name) for name in names])


def _ranks(scores: np.ndarray, own: list[int]) -> np.ndarray:
    return (scores > scores[np.arange(len(own)), own][:, None]).sum(1) + 1


def _summary(ranks: np.ndarray, names: int) -> dict[str, float]:
    return {"pictures": len(ranks), "names": names, "r_at_1": round(float((ranks <= 1).mean()), 3),
            "r_at_5": round(float((ranks <= 5).mean()), 3), "median_rank": float(np.median(ranks))}


def named_among(judge: Judge, pictures: np.ndarray, own: list[str], names: list[str]) -> dict[str, float]:
    """Rank of each picture's own name among the names."""
    rows = judge.texts([words.with_article(name) for name in names])
    return _summary(_ranks(judge.pictures(pictures) @ rows.T, [names.index(name) for name in own]), len(names))


def recognition(judge: Judge, pictures: np.ndarray, prompts: list[str]) -> dict[str, float]:
    """How often the asked thing is among the first 1 or 5 of all names of the vocabulary, for prompts that name one thing."""
    names, rows = names_and_rows(judge)
    asked = [asked_thing(prompt) for prompt in prompts]
    chosen = [i for i, name in enumerate(asked) if name]
    if not chosen:
        return {}
    return _summary(_ranks(judge.pictures(pictures[chosen]) @ rows.T, [names.index(asked[i]) for i in chosen]), len(names))


def pair_binding(judge: Judge, pictures: np.ndarray, pairs: list[tuple[str, str, str]], names: list[str] | None = None) -> dict[str, float]:
    """For (first, relation, second): are both halves recognised, and is each thing rather in its own place than in the other's?"""
    names, rows = names_and_rows(judge) if names is None else (names, judge.texts([words.with_article(name) for name in names]))
    ranks, bound = [], []
    for picture, (first, relation, second) in zip(pictures, pairs):
        places = PLACES["left" if relation in ("left", "right") else "above"]
        halves = np.stack([np.asarray(Image.fromarray(picture[y : y + HALF, x : x + HALF]).resize((SIZE, SIZE), Image.Resampling.BICUBIC))
                           for x, y in places])
        one, two = names.index(first), names.index(second)
        if relation in ("right", "below"):
            one, two = two, one
        scores = judge.pictures(halves) @ rows.T
        bound.append(scores[0, one] + scores[1, two] > scores[0, two] + scores[1, one])
        ranks += list(_ranks(scores, [one, two]))
    return _summary(np.array(ranks), len(names)) | {"each_in_its_place": round(float(np.mean(bound)), 3)}


_HUES = {"red": 0, "orange": 28, "yellow": 52, "green": 120, "blue": 215, "purple": 275, "pink": 330}


def main_hue(picture: np.ndarray) -> str | None:
    """The colour word nearest to the picture's saturated pixels; None if it has next to none."""
    hue, saturation, value = (np.asarray(channel, np.float32) for channel in Image.fromarray(picture).convert("HSV").split())
    vivid = (saturation > 64) & (value > 50)
    if vivid.sum() < 0.02 * vivid.size:
        return None
    angle = hue[vivid] / 255 * 2 * np.pi
    mean = np.degrees(np.angle((saturation[vivid] * np.exp(1j * angle)).sum())) % 360
    return min(_HUES, key=lambda name: min(abs(mean - _HUES[name]), 360 - abs(mean - _HUES[name])))


def colour_hits(pictures: np.ndarray, prompts: list[str]) -> dict[str, float]:
    """How often the picture's main hue is the colour asked for, for prompts with exactly one colour word."""
    hits = []
    for picture, prompt in zip(pictures, prompts):
        asked = [word for word in _HUES if word in prompt.split()]
        if len(asked) == 1 and "background" not in prompt:
            hits.append(main_hue(picture) == asked[0])
    return {"prompts": len(hits), "share": round(float(np.mean(hits)), 3)} if hits else {}


def confidence(matching: np.ndarray, wrong: np.ndarray) -> dict[str, float]:
    """a, b of P(right) = sigmoid(a cosine + b), fitted to equally weighted right and wrong pairs by Newton's method."""
    cosines = np.concatenate([matching, wrong])
    labels = np.concatenate([np.ones(len(matching)), np.zeros(len(wrong))])
    weights = np.concatenate([np.full(len(matching), 0.5 / len(matching)), np.full(len(wrong), 0.5 / len(wrong))])
    inputs = np.stack([cosines, np.ones_like(cosines)], 1)
    theta = np.zeros(2)
    for _ in range(50):
        p = 1 / (1 + np.exp(-inputs @ theta))
        gradient = inputs.T @ (weights * (p - labels)) + 1e-5 * theta
        curvature = (inputs * (weights * p * (1 - p))[:, None]).T @ inputs + 1e-5 * np.eye(2)
        theta -= np.linalg.solve(curvature, gradient)
    return {"a": round(float(theta[0]), 3), "b": round(float(theta[1]), 3)}
