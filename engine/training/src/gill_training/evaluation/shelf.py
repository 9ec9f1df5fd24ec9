"""The committed search corpus as the evaluation's cases see it: concepts, their images, their texts, all by split."""

from __future__ import annotations

import gzip
import json
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

from gill_training.clip.pictures import words
from gill_training.corpus.splits import CROSS_STYLE, PHOTO, TRAIN, UNSEEN_CONCEPT
from gill_training.gill.gallery import Descriptions

STYLE_WORDS = {"3D render": "3D", "outlined icon": "outlined", "black silhouette": "silhouette", "flat icon": "flat", "photo": "photo"}


@dataclass(frozen=True)
class Image:
    """A row of the committed manifest."""

    id: str
    caption: str
    keywords: tuple[str, ...]
    names: dict[str, str] = field(hash=False)
    colours: tuple[str, ...]
    concept: str
    group: str
    source: str
    style: str
    split: str
    file: str

    @property
    def key(self) -> str:
        """What makes two images show the same thing."""
        return self.concept if self.concept not in ("", "name:") else f"caption:{self.caption}"


class Shelf:
    """All images that the default index holds."""

    def __init__(self, images: Sequence[Image], glosses: dict[str, str]):
        self.images = list(images)
        self.glosses = glosses
        self._descriptions = Descriptions([image.caption, *image.keywords, *image.names.values()] for image in images)
        self.by_key: dict[str, list[Image]] = defaultdict(list)
        for image in self.images:
            self.by_key[image.key].append(image)

    @classmethod
    def open(cls, committed: Path, corpus: Path) -> Shelf:
        """`committed`: index-data/corpus; `corpus`: the corpus stage's folder, for its glosses."""
        with gzip.open(committed / "manifest.jsonl.gz", "rt", encoding="utf-8") as lines:
            rows = [json.loads(line) for line in lines]
        images = [
            Image(row["id"], row["caption"], tuple(row["keywords"]), row["names"], tuple(row["colours"]), row["concept"], row["group"],
                  row["source"], row["style"], row["split"], row["file"])
            for row in rows
        ]
        return cls(images, json.loads((corpus / "glosses.json").read_text("utf-8")))

    def split(self, *names: str) -> list[Image]:
        return [image for image in self.images if image.split in names]

    def keys(self, *splits: str) -> list[str]:
        """Concepts with images in these splits, in a fixed order."""
        return sorted({image.key for image in self.split(*splits)})

    def ids(self, key: str, *splits: str) -> list[str]:
        return [image.id for image in self.by_key[key] if not splits or image.split in splits]

    def caption(self, key: str) -> str:
        """The concept's usual name: the one most of its images bear, the shortest of these."""
        captions = [image.caption for image in self.by_key[key]]
        return min(captions, key=lambda text: (-captions.count(text), len(text), text))

    def hints(self, key: str) -> list[str]:
        """Keywords that share no word with any of the concept's captions, the most used first."""
        used = set().union(*(words(image.caption) for image in self.by_key[key]))
        counts: dict[str, int] = defaultdict(int)
        for image in self.by_key[key]:
            for keyword in image.keywords:
                if not words(keyword) & used:
                    counts[keyword] += 1
        return sorted(counts, key=lambda word: (-counts[word], word))

    def names(self, key: str) -> dict[str, str]:
        """Names by language, as most images have them."""
        found: dict[str, str] = {}
        for image in self.by_key[key]:
            for language, name in image.names.items():
                found.setdefault(language, name)
        return found

    def described(self, name: str) -> list[str]:
        """Images whose caption, keywords or names hold all words of the name: a rubber duck for "duck", whatever concept it is filed under."""
        return [self.images[number].id for number in sorted(self._descriptions.holding(name))]

    def with_hint(self, hint: str) -> set[str]:
        """Concepts that a word is a keyword or a caption of."""
        return {image.key for image in self.images if hint in image.keywords or hint == image.caption}


def held_out(shelf: Shelf) -> list[str]:
    return shelf.keys(UNSEEN_CONCEPT, CROSS_STYLE)


def by_kind(cases: Iterable[dict], seed: int, most: int) -> list[dict]:
    """Kinds in the order of their first case, as the tables show them; within a kind at most so many, in random order, so that the
    first of them are a fair sample."""
    kinds: dict[str, list[dict]] = {}
    for case in cases:
        kinds.setdefault(case["kind"], []).append(case)
    random = Random(seed)
    return [case for rows in kinds.values() for case in random.sample(rows, min(most, len(rows)))]


def write_cases(rows: Sequence[dict], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8", newline="\n")


SPLITS = {"unseen concept": UNSEEN_CONCEPT, "unseen style": CROSS_STYLE}
__all__ = ["CROSS_STYLE", "PHOTO", "SPLITS", "STYLE_WORDS", "TRAIN", "UNSEEN_CONCEPT", "Image", "Shelf", "by_kind", "held_out", "write_cases"]
