"""Cases of the composition suite: an image with words that change it, whose answer is in the corpus or has to be drawn."""

from __future__ import annotations

from random import Random

from gill_training.diffusion import vocabulary
from gill_training.diffusion.recolour import TARGETS
from gill_training.evaluation.shelf import SPLITS, Shelf, by_kind
from gill_training.evaluation.things import Wanted

MOST = 60
STYLED = {
    "3D render": "I would like that one sculpted in 3D.", "outlined icon": "Give me that one as a line drawing with black contours.",
    "photo": "Is there a photograph of that?", "black silhouette": "Only its black shape, please.",
}
COLOURED = ("I want precisely that, only {}.", "Paint that over in {}.")
COUNTED = ("Give me {} of those.", "That, but {} times over.")
BESIDE = ("That one standing to the left of {}.", "Let {} stand on its right side.")


def cases(shelf: Shelf, seed: int) -> list[dict]:
    random = Random(seed)
    return by_kind([*in_corpus(shelf, random), *to_draw(shelf, random)], seed, MOST)


def in_corpus(shelf: Shelf, random: Random) -> list[dict]:
    rows = []
    for key in shelf.keys(*SPLITS.values()):
        for style, text in STYLED.items():
            right = [it.id for it in shelf.by_key[key] if it.style == style]
            others = [it.id for it in shelf.by_key[key] if it.style not in (style, "photo", "black silhouette")]
            if right and others:
                rows.append(_row(f"the same, {style}", random.choice(others), text, right))
    return rows


def to_draw(shelf: Shelf, random: Random) -> list[dict]:
    """Images of things that the generator draws, by designers it was not taught first."""
    rows = []
    things = vocabulary.things()
    names = {key: thing.name for key, thing in things.items() if thing.name not in vocabulary.UNCOUNTABLE}
    for key in sorted(names):
        images = [it.id for it in shelf.by_key.get(key, []) if it.source in ("noto", "openmoji", "emojitwo")]
        if not images:
            continue
        colour, count, other = random.choice(sorted(TARGETS)), random.choice((2, 3, 4)), random.choice([it for it in sorted(names) if it != key])
        rows.append(_drawn("the same in another colour", random.choice(images), random.choice(COLOURED).format(colour),
                           Wanted("colour", "", (key,), (names[key],), colour)))
        rows.append(_drawn("several of the same", random.choice(images), random.choice(COUNTED).format(vocabulary.NUMBERS[count]),
                           Wanted("count", "", (key,), (names[key],), str(count))))
        rows.append(_drawn("the same beside another thing", random.choice(images), random.choice(BESIDE).format(vocabulary.with_article(names[other])),
                           Wanted("relation", "", (key, other), (names[key], names[other]), "left")))
    return [row for row in rows if random.random() < 0.25]


def _row(kind: str, image: str, text: str, right: list[str]) -> dict:
    return {"kind": kind, "image": image, "text": text, "right": right, "caption": "", "probe": "", "things": [], "value": ""}


def _drawn(kind: str, image: str, text: str, wanted: Wanted) -> dict:
    return _row(kind, image, text, []) | {"caption": wanted.canonical, "probe": wanted.kind, "things": list(wanted.things), "value": wanted.value}
