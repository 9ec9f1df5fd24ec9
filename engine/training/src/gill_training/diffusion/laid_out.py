"""Drafts of the prompts the generator is judged by, laid out from the search corpus' own files as the engine does it.

The engine finds pictures by search; here the concept's picture is looked up by its name, so that figures show the drawing alone.
"""
from __future__ import annotations

import gzip
import json
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image

from . import vocabulary as words
from .drafts import squares_mask
from .exported import Draft
from .prompts import SAID
from .scenes import HALF, HELD_OUT, PLACES, SIZE, THIRD
from .recolour import TARGETS

# Whose drawing is taken where there are several.
PREFERRED = ("twemoji", "fluent-3d", "noto", "emojitwo", "openmoji")
UNSEEN, UNSEEN_SEED = 40, 5


class Shelf:
    """The corpus' pictures by name."""

    def __init__(self, corpus: Path):
        self.corpus = corpus
        with gzip.open(corpus / "manifest.jsonl.gz", "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        rows = [row for row in rows if row["id"].split("/")[0] in PREFERRED]
        rows.sort(key=lambda row: -PREFERRED.index(row["id"].split("/")[0]))
        concepts = {thing.name: thing.concept for thing in words.things().values()}
        of_concept = {row["concept"]: row for row in rows}
        self.rows = {row["caption"]: row for row in rows} | {name: of_concept[c] for name, c in concepts.items() if c in of_concept}
        unseen = sorted({row["caption"] for row in rows if row["split"] == "eval-unseen-concept" and row["group"] in words.WIDE_GROUPS})
        self.unseen = Random(UNSEEN_SEED).sample(unseen, min(UNSEEN, len(unseen)))

    def draft(self, names: list[str], places: list[tuple[int, int]], side: int) -> tuple[np.ndarray, list[list[int]]]:
        """uint8 [128][128][3] and its squares; a name that the corpus does not have leaves its place empty."""
        canvas, squares = Image.new("RGB", (SIZE, SIZE), (255, 255, 255)), []
        for name, (left, top) in zip(names, places):
            if name in self.rows:
                picture = Image.open(self.corpus / self.rows[name]["file"]).convert("RGB")
                canvas.paste(picture.resize((side, side), Image.Resampling.LANCZOS), (left, top))
                squares.append([left, top, side])
        return np.asarray(canvas), squares

    def one(self, name: str) -> tuple[np.ndarray, list[list[int]]]:
        return self.draft([name], [(0, 0)], SIZE)

    def many(self, name: str, count: int) -> tuple[np.ndarray, list[list[int]]]:
        return self.draft([name] * count, PLACES[count], HALF if count <= 4 else THIRD)

    def pair(self, first: str, relation: str, second: str) -> tuple[np.ndarray, list[list[int]]]:
        names = [second, first] if relation in ("right", "below") else [first, second]
        return self.draft(names, PLACES["left" if relation in ("left", "right") else "above"], HALF)

    def groups(self, held_out_pairs: list[tuple[str, str, str]]) -> dict[str, list[tuple[str, Draft]]]:
        """Heading -> prompts with their drafts."""
        of = lambda laid: (laid[0], squares_mask(laid[1]))
        article, colours = words.with_article, list(TARGETS)
        told = lambda one, relation, two: f"{article(one)} {SAID[relation]} {article(two)}"
        unseen, turns = self.unseen, ("left", "above", "right", "below")
        neighbours = [(unseen[i], turns[i // 2 % 4], unseen[i + 1]) for i in range(0, len(unseen) - 1, 2)]
        return {
            "colour + thing, held out": [(article(f"{c} {n}"), of(self.one(n))) for n, c in HELD_OUT["colours"]],
            "number, held out": [(f"{words.NUMBERS[c]} {words.plural(n)}", of(self.many(n, c))) for n, c in HELD_OUT["counts"]],
            "background, held out": [(f"{article(n)} on {article(g)} background", of(self.one(n))) for n, g in HELD_OUT["grounds"]],
            "pair, held out": [(told(*pair), of(self.pair(*pair))) for pair in held_out_pairs],
            "unseen concept": [(article(n), of(self.one(n))) for n in unseen],
            "unseen concept, coloured": [(article(f"{colours[i % 7]} {n}"), of(self.one(n))) for i, n in enumerate(unseen)],
            "unseen concept, two to four": [(f"{words.NUMBERS[2 + i % 3]} {words.plural(n)}", of(self.many(n, 2 + i % 3))) for i, n in enumerate(unseen[:20])],
            "unseen concepts, pair": [(told(*pair), of(self.pair(*pair))) for pair in neighbours],
        }
