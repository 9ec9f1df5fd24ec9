"""The corpus as the trainer sees it: one row a picture, and the texts that describe it."""

from __future__ import annotations

import hashlib
import json
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from random import Random

TRAIN = "train"
DEV = "dev"  # concepts taken out of `train` here: for tuning and calibration, never for gradients
DEV_SHARE = 20  # one concept of this many
DEV_MIN_FAMILIES = 3
PLAIN_TEMPLATES = ("an icon of {}", "a picture of {}", "show me {}", "an emoji of {}")
WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Picture:
    """A row of the corpus' manifest.jsonl, reduced to what training needs."""

    id: str
    file: str
    rgba_file: str
    caption: str
    keywords: list[str]
    colours: list[str]
    concept: str
    group: str
    source: str
    style: str
    family: str
    sha256: str
    split: str
    index: bool

    @property
    def key(self) -> str:
        """What makes two pictures show the same thing."""
        return self.concept if self.concept not in ("", "name:") else f"caption:{self.caption}"


def read_manifest(corpus: Path) -> list[Picture]:
    wanted = [field.name for field in fields(Picture)]
    with (corpus / "manifest.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return with_dev([Picture(**{name: row[name] for name in wanted}) for row in rows])


def read_glosses(corpus: Path) -> dict[str, str]:
    return json.loads((corpus / "glosses.json").read_text(encoding="utf-8"))


def with_dev(pictures: Sequence[Picture]) -> list[Picture]:
    """Renames the split of the development concepts' training pictures to `dev`."""
    families = defaultdict(set)
    for picture in pictures:
        if picture.split == TRAIN:
            families[picture.key].add(picture.family)
    chosen = {key for key, names in families.items() if len(names) >= DEV_MIN_FAMILIES and _bucket(key, DEV_SHARE) == 0}
    return [_with_split(picture, DEV) if picture.split == TRAIN and picture.key in chosen else picture for picture in pictures]


def _bucket(text: str, count: int) -> int:
    return int(hashlib.sha256(f"clip-dev {text}".encode()).hexdigest(), 16) % count


def _with_split(picture: Picture, split: str) -> Picture:
    return Picture(**{**{field.name: getattr(picture, field.name) for field in fields(Picture)}, "split": split})


def words(text: str) -> set[str]:
    return set(WORD.findall(text.lower()))


def distinct_keywords(picture: Picture) -> list[str]:
    """Keywords that share no word with the caption."""
    used = words(picture.caption)
    return [keyword for keyword in picture.keywords if not words(keyword) & used]


class TextPool:
    """Gives every distinct text one number, so that it is encoded once."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self._numbers: dict[str, int] = {}

    def number(self, text: str) -> int:
        text = " ".join(text.split())
        if text not in self._numbers:
            self._numbers[text] = len(self.texts)
            self.texts.append(text)
        return self._numbers[text]


@dataclass(frozen=True)
class PictureTexts:
    """Numbers of the texts that may stand for a picture in training, by how exactly they name it."""

    names: list[int]  # the caption, with keywords, colours or style words around it
    hints: list[int]  # keywords alone
    gloss: int | None


def training_texts(picture: Picture, gloss: str | None, pool: TextPool, random: Random) -> PictureTexts:
    """A seeded choice of texts for one picture."""
    caption, keywords = picture.caption, [word for word in picture.keywords if word.lower() != picture.caption.lower()]
    names = [caption, f"{caption}, {picture.style}", f"{_article(picture.style)} {picture.style} of {caption}"]
    names.append(random.choice(PLAIN_TEMPLATES).format(caption))
    if picture.colours:
        names.append(f"{picture.colours[0]} {caption}")
        names.append(f"{caption}, {' and '.join(picture.colours[:2])}")
    hints = list(keywords)
    if keywords:
        names.append(", ".join([caption, *random.sample(keywords, min(2, len(keywords)))]))
        hints += [" ".join(random.sample(keywords, min(count, len(keywords)))) for count in (2, 2, 3)]
    return PictureTexts(
        names=[pool.number(text) for text in names],
        hints=[pool.number(text) for text in hints],
        gloss=pool.number(gloss) if gloss else None,
    )


def _article(noun: str) -> str:
    return "an" if noun[0].lower() in "aeiou" else "a"
