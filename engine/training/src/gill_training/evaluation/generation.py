"""Cases of the generation suite: what to draw in short and in long words, with composed drawings that measure the judge."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image as Picture

from gill_training.corpus.splits import UNSEEN_CONCEPT
from gill_training.diffusion import vocabulary
from gill_training.diffusion.recolour import main_colour, recolour
from gill_training.evaluation.probes import cut
from gill_training.evaluation.shelf import Shelf
from gill_training.evaluation.things import Wanted, everything

SIZE = 128
SHORT = ("{}", "A sticker with {}.", "Sketch {} for me.", "Could I get a drawing of {}?", "{} as a small illustration")
LONG = (
    "My niece turns six on Saturday and we are baking all week. She has asked for one thing only, and I promised it: {} on her invitation card. Would you do it?",
    "I am putting together a memory game for the kindergarten. Fifteen cards are done, the sixteenth is missing. It should have {} on it, nothing else.",
    "We moved house last month and the children could not agree on whose coat goes where. For the youngest, who cannot read, I would like a label with {}.",
    "It has been a long day, the bus was late and the soup burnt. What would cheer me up now is something simple to hang over my desk: {}, please.",
    "The teacher said that everyone brings something for the wall, whatever they like best. I thought about it the whole evening and decided on {}.",
)
PLACES = {"left": ((0, 32), (64, 32)), "above": ((32, 0), (32, 64)), "2": ((0, 32), (64, 32)), "3": ((32, 0), (0, 64), (64, 64)),
          "4": ((0, 0), (64, 0), (0, 64), (64, 64))}
UNSEEN_THINGS = 40
LONG_CASES = 30

Drawings = Callable[[str], np.ndarray | None]


def cases(shelf: Shelf, drawing: Drawings, out: Path, seed: int) -> list[dict]:
    """`drawing`: the kept RGBA drawing of a thing. Composed pictures go to `out`/composed."""
    random = Random(seed)
    folder = out / "composed"
    folder.mkdir(parents=True, exist_ok=True)
    wanted = everything(random)
    rows = []
    for number, it in enumerate(wanted):
        rows.append(row(it, random.choice(SHORT).format(it.canonical), f"{it.kind}, {it.seen}", composed(it, drawing, folder, number), shelf))
    for number in range(LONG_CASES):
        it = random.choice([it for it in wanted if it.kind in ("single", "colour")])
        rows.append(row(it, LONG[number % len(LONG)].format(it.canonical), "in long words", "", shelf))
    keys = shelf.keys(UNSEEN_CONCEPT)
    for key in sorted(random.sample(keys, min(UNSEEN_THINGS, len(keys)))):
        it = Wanted("single", "unseen", (key,), (shelf.caption(key),), "")
        rows.append(row(it, random.choice(SHORT).format(it.canonical), "thing never trained on", composed(it, drawing, folder, len(rows)), shelf))
    return rows


def row(it: Wanted, prompt: str, kind: str, picture: str, shelf: Shelf) -> dict:
    return {
        "kind": kind, "prompt": prompt, "caption": it.canonical, "probe": it.kind, "things": list(it.things), "value": it.value,
        "composed": picture, "references": [id_ for key in it.things for id_ in shelf.ids(key)],
    }


def composed(it: Wanted, drawing: Drawings, folder: Path, number: int) -> str:
    """A picture that shows what is wanted, made of kept drawings; empty if a thing has none, or none of that colour."""
    sprites = [drawing(key) for key in it.things]
    if any(sprite is None for sprite in sprites):
        return ""
    if it.kind == "colour":
        main = main_colour(sprites[0])
        sprites = [recolour(sprites[0], it.value, main) if main else None]
        if sprites[0] is None:
            return ""
    ground = vocabulary.BACKGROUNDS[it.value] if it.kind == "ground" else (255, 255, 255)
    picture = Picture.new("RGB", (SIZE, SIZE), ground)
    if it.kind in ("relation", "count"):
        places = PLACES[it.value]
        things = sprites if it.kind == "relation" else sprites * len(places)
        for sprite, place in zip(things, places):
            paste(picture, sprite, place, SIZE // 2)
    else:
        paste(picture, sprites[0], (0, 0), SIZE)
    name = f"{number:03d}.webp"
    picture.save(folder / name, quality=80, method=6)
    return f"composed/{name}"


def paste(picture: Picture.Image, sprite: np.ndarray, place: tuple[int, int], side: int) -> None:
    piece = Picture.fromarray(cut(sprite))
    scale = 0.86 * side / max(piece.size)
    piece = piece.resize((max(1, round(piece.width * scale)), max(1, round(piece.height * scale))), Picture.Resampling.LANCZOS)
    picture.paste(piece, (place[0] + (side - piece.width) // 2, place[1] + (side - piece.height) // 2), piece)
