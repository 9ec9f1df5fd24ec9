"""Cases of the decision suite: requests whose better answer, corpus or new picture, is known or can be found out."""

from __future__ import annotations

import csv
from pathlib import Path
from random import Random

from gill_training.corpus.captions import without_article
from gill_training.diffusion import vocabulary
from gill_training.evaluation.shelf import SPLITS, TRAIN, Shelf, by_kind
from gill_training.evaluation.things import everything

MOST = 200  # a calibration error of .05 cannot be told from none on fewer than some 300 cases
LABELS = 300
ASKS = ("Have a look whether there is {}.", "We were talking about {} just now.", "For the slide I could use {}.", "Let there be {}!", "{}, if you don't mind",
        "What I miss on this page is {}.")
HINTED = ("Anything that goes with {}?", "It should remind people of {}.", "The topic is {}.")
STYLED = {"3D render": "{}, modelled in 3D", "outlined icon": "{}, contours only", "black silhouette": "the shadow shape of {}"}


def cases(shelf: Shelf, seed: int) -> list[dict]:
    random = Random(seed)
    rows = [*present(shelf, random), *styled(shelf, random), *absent(random), *taken_out(shelf, random), *borderline(shelf, random)]
    return by_kind(rows, seed, MOST)


def _row(kind: str, text: str, answer: str, right: list[str] | None = None, without: list[str] | None = None, truth: str = "") -> dict:
    return {"kind": kind, "text": text, "answer": answer, "right": right or [], "without": without or [], "truth": truth}


def _name(shelf: Shelf, key: str) -> str:
    return vocabulary.with_article(without_article(shelf.caption(key)))


def _things(shelf: Shelf) -> list[str]:
    """Trained concepts that are things with plain names, several images each."""
    groups = {"animals-nature", "food-drink", "travel-places", "objects", "activities"}
    return [key for key in shelf.keys(TRAIN) if len(shelf.by_key[key]) >= 3 and shelf.by_key[key][0].group in groups and len(shelf.caption(key).split()) <= 3]


def present(shelf: Shelf, random: Random) -> list[dict]:
    """Things of the corpus, half of them of concepts that nothing was trained on."""
    unseen = shelf.keys(*SPLITS.values())
    keys = random.sample(unseen, min(100, len(unseen))) + random.sample(_things(shelf), 100)
    return [_row("in the corpus", random.choice(ASKS).format(_name(shelf, key)), "retrieve", shelf.ids(key)) for key in keys]


def styled(shelf: Shelf, random: Random) -> list[dict]:
    rows = []
    for key in random.sample(_things(shelf), 200):
        for style, text in STYLED.items():
            right = [it.id for it in shelf.by_key[key] if it.style == style]
            if right:
                rows.append(_row("in the corpus in that style", text.format(_name(shelf, key)), "retrieve", right))
    return random.sample(rows, min(100, len(rows)))


def absent(random: Random) -> list[dict]:
    """Combinations that no image shows and that nothing was trained on, each in two wordings."""
    return [_row(f"absent {it.kind}", ask.format(it.canonical), "generate") for it in everything(random) if it.seen == "unseen" for ask in random.sample(ASKS, 2)]


def taken_out(shelf: Shelf, random: Random) -> list[dict]:
    """Things whose images the index holds but the request may not have, nor any other image that is described as such a thing."""
    keys = [key for key in vocabulary.things() if key in shelf.by_key]
    rows = []
    for key in random.sample(sorted(keys), min(80, len(keys))):
        name = vocabulary.things()[key].name
        without = dict.fromkeys([*shelf.ids(key), *shelf.described(name)])
        rows.append(_row("taken out of the corpus", random.choice(ASKS).format(vocabulary.with_article(name)), "generate", without=list(without)))
    return rows


def borderline(shelf: Shelf, random: Random) -> list[dict]:
    """Hints at a thing; whichever image is nearer to one of that thing is the better answer."""
    rows = []
    for key in sorted(vocabulary.things()):
        if key in shelf.by_key and len(shelf.hints(key)) >= 2:
            hints = random.sample(shelf.hints(key)[:5], 2)
            rows.append(_row("borderline", random.choice(HINTED).format(" and ".join(hints)), "", truth=random.choice(shelf.ids(key))))
    return random.sample(rows, min(40, len(rows)))


def human_labels(table: Path, seed: int) -> list[dict]:
    """PartiPrompts with the answer most people preferred, from the original's labels (Apache-2.0): about other pictures than ours."""
    with table.open(encoding="utf-8", newline="") as lines:
        rows = [row for row in csv.DictReader(lines, delimiter="\t") if row["Decision"] in ("gen", "ret")]
    answers = {"gen": "generate", "ret": "retrieve"}
    return by_kind([_row("PartiPrompts", row["Prompt"], answers[row["Decision"]]) for row in rows], seed, LABELS)
