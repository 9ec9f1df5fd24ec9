"""Drafts: what the engine lays out from retrieved pictures before it draws, imitated for training.

A draft shows the corpus' drawings as they are, in their own colours and on white, where the asked things should be. The net learns to
copy what fits the words, to change what does not (colour, ground), and to do without where a draft is wrong or missing.
"""
from __future__ import annotations

from dataclasses import replace
from random import Random

import numpy as np

from .scenes import SIZE, Item, Placement, Scene, Sprites, draw_placements, layout

CELLS = 8


def faithful(scene: Scene, sprites: Sprites, random: Random) -> list[Placement]:
    """The right drawings in the right places; what the words colour mostly has its natural colour here."""
    return [replace(placed, item=placed.item if random.random() < 0.15 else Item(placed.item.concept, placed.item.style))
            for placed in layout(scene)]


def imperfect(scene: Scene, sprites: Sprites, random: Random) -> list[Placement]:
    """What retrieval and layout get wrong: another style, another thing, out of place, one missing, not laid out, another colour."""
    placements = faithful(scene, sprites, random)
    fault = random.choices(("style", "moved", "wrong", "missing", "heap", "colour"), (0.3, 0.25, 0.12, 0.13, 0.1, 0.1))[0]
    if fault == "style":
        swap = {item: _other_style(item, sprites, random) for item in sorted({p.item for p in placements}, key=repr)}
        return [replace(placed, item=swap[placed.item]) for placed in placements]
    if fault == "wrong":
        wrong = random.choice(sprites.of_style[placements[0].item.style])
        concept = random.choice(placements).item.concept
        return [replace(placed, item=wrong) if placed.item.concept == concept else placed for placed in placements]
    if fault == "missing" and len(placements) > 1:
        placements.pop(random.randrange(len(placements)))
        return placements
    if fault == "heap" and len(placements) > 1:
        return [Placement(random.choice(placements).item, 0, 0, SIZE)]
    if fault == "colour":
        return [replace(placed, item=_other_colour(placed.item, sprites, random)) for placed in placements]
    return [_moved(placed, random) for placed in placements]


def _other_style(item: Item, sprites: Sprites, random: Random) -> Item:
    others = [style for style in sprites.styles_of(item.concept) if style != item.style]
    return Item(item.concept, random.choice(others)) if others else item


def _other_colour(item: Item, sprites: Sprites, random: Random) -> Item:
    colours = sprites.colours_of(item.concept, item.style)
    return Item(item.concept, item.style, random.choice(colours)) if colours else item


def _moved(placed: Placement, random: Random) -> Placement:
    size = 4 * round(placed.size * random.uniform(0.8, 1.0) / 4)
    rest = placed.size - size
    return replace(placed, size=size, x=placed.x + rest // 2 + random.randint(-6, 6), y=placed.y + rest // 2 + random.randint(-6, 6))


def mask(placements: list[Placement]) -> np.ndarray:
    """float32 [8][8]: the share of every latent cell that lies in some drawing's square."""
    return squares_mask([[placed.x, placed.y, placed.size] for placed in placements])


def squares_mask(squares: list[list[int]]) -> np.ndarray:
    """Of [left, top, side] each."""
    covered = np.zeros((SIZE, SIZE), np.float32)
    for left, top, side in squares:
        covered[max(0, top) : top + side, max(0, left) : left + side] = 1
    return covered.reshape(CELLS, SIZE // CELLS, CELLS, SIZE // CELLS).mean((1, 3))


def draft(placements: list[Placement], sprites: Sprites) -> tuple[np.ndarray, np.ndarray]:
    """uint8 [128][128][3] on white, and its mask."""
    return draw_placements(placements, sprites), mask(placements)
