"""What the projections are trained and measured on: image features, text features, and who belongs together."""

from __future__ import annotations

import json
import random
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gill_training.clip.pictures import (
    DEV,
    TRAIN,
    Picture,
    PictureTexts,
    TextPool,
    distinct_keywords,
    read_glosses,
    read_manifest,
    training_texts,
)
from gill_training.encoders import TextEncoder

HINT_SHARE = 0.3
GLOSS_SHARE = 0.15
SOURCE_WEIGHTS = {"openclipart": 0.6, "game-icons": 0.35}


@dataclass(frozen=True)
class Corpus:
    """The pictures in the feature files' order."""

    pictures: list[Picture]
    glosses: dict[str, str]
    pooled: np.ndarray
    augmented: np.ndarray
    strong: np.ndarray

    @classmethod
    def open(cls, corpus: Path, features: Path) -> Corpus:
        """Joins manifest and features by picture id; every picture must have its features."""
        rows = {name: row for row, name in enumerate(json.loads((features / "ids.json").read_text()))}
        pictures = read_manifest(corpus)
        missing = [picture.id for picture in pictures if picture.id not in rows]
        if missing:
            raise ValueError(f"{features} lacks {len(missing)} pictures of {corpus}, e.g. {missing[:3]}: run `features` again")
        order = np.asarray([rows[picture.id] for picture in pictures])
        views = [np.load(features / f"{name}.npy", mmap_mode="r")[order] for name in ("pooled", "augmented", "strong")]
        return cls(pictures, read_glosses(corpus), *views)

    def rows(self, *splits: str, index: bool = False) -> np.ndarray:
        """Rows of the given splits, or with `index` of the whole searchable corpus."""
        chosen = [row for row, picture in enumerate(self.pictures) if picture.split in splits or (index and picture.index)]
        return np.asarray(chosen, np.int64)


@dataclass(frozen=True)
class TextQueries:
    """One query a concept."""

    keys: list[str]
    texts: list[str]


def concept_queries(pictures: Iterable[Picture], glosses: dict[str, str]) -> dict[str, TextQueries]:
    """For every concept its caption, two keywords that share no word with the caption, and its gloss, where there is one."""
    by_key: dict[str, list[Picture]] = defaultdict(list)
    for picture in pictures:
        by_key[picture.key].append(picture)
    queries = {kind: TextQueries([], []) for kind in ("caption", "keywords", "gloss")}

    def add(kind: str, key: str, text: str) -> None:
        queries[kind].keys.append(key)
        queries[kind].texts.append(text)

    for key, members in sorted(by_key.items()):
        add("caption", key, members[0].caption)
        keywords = next(filter(None, (distinct_keywords(picture) for picture in members)), None)
        if keywords:
            add("keywords", key, " ".join(keywords[:2]))
        if key in glosses:
            add("gloss", key, glosses[key])
    return queries


class TextFeatures:
    """Pooled text features, encoded one text at a time and kept on disk."""

    def __init__(self, encoder: TextEncoder, cache: Path):
        self._encoder = encoder
        self._cache = cache
        self._known: dict[str, np.ndarray] = {}
        if cache.exists():
            with np.load(cache, allow_pickle=False) as stored:
                self._known = dict(zip(stored["texts"].tolist(), stored["features"], strict=True))

    def __call__(self, texts: Sequence[str]) -> np.ndarray:
        new = [text for text in dict.fromkeys(texts) if text not in self._known]
        if new:
            self._known.update(zip(new, self._encoder.pooled(new).astype(np.float16), strict=True))
            self._cache.parent.mkdir(parents=True, exist_ok=True)
            np.savez(self._cache, texts=np.asarray(list(self._known)), features=np.stack(list(self._known.values())))
        return np.stack([self._known[text] for text in texts]).astype(np.float32)


class TrainingSet:
    """Samples batches of (picture, text) pairs: half of a batch by weight, the other half their fellows of the same concept."""

    def __init__(self, corpus: Corpus, splits: Sequence[str], seed: int):
        self.rows = corpus.rows(*splits)
        if any(corpus.pictures[row].split not in (TRAIN, DEV) for row in self.rows):
            raise ValueError("only training pictures may be trained on")
        chance = random.Random(seed)
        pool = TextPool()
        pictures = [corpus.pictures[row] for row in self.rows]
        self._texts: list[PictureTexts] = [training_texts(p, corpus.glosses.get(p.key), pool, chance) for p in pictures]
        self.texts = pool.texts
        numbers: dict[str, int] = {}
        self.concepts = np.asarray([numbers.setdefault(picture.key, len(numbers)) for picture in pictures])
        self._fellows: list[list[int]] = [[] for _ in numbers]
        for position, concept in enumerate(self.concepts):
            self._fellows[concept].append(position)
        weights = np.asarray([SOURCE_WEIGHTS.get(picture.source, 1.0) for picture in pictures])
        self._weights = np.cumsum(weights / weights.sum())
        self._numbers: dict[str, int] = {}
        self.reseed(seed)

    def reseed(self, seed: int) -> None:
        self._random = np.random.default_rng(seed)

    def sample(self, size: int) -> tuple[np.ndarray, np.ndarray]:
        """Positions in `rows` and one text number for each: both [size]."""
        first = np.searchsorted(self._weights, self._random.random(size // 2) * self._weights[-1])
        fellows = [self._fellows[concept] for concept in self.concepts[first]]
        second = np.asarray([group[self._random.integers(len(group))] for group in fellows])
        positions = np.concatenate([first, second])
        return positions, np.asarray([self._text(position) for position in positions])

    @property
    def concept_count(self) -> int:
        return len(self._fellows)

    def concept_number(self, key: str, pictures: Sequence[Picture]) -> int:
        """The number of a training concept."""
        if not self._numbers:
            self._numbers.update((pictures[row].key, int(number)) for row, number in zip(self.rows, self.concepts))
        return self._numbers[key]

    def _text(self, position: int) -> int:
        texts, chance = self._texts[position], self._random.random()
        if texts.gloss is not None and chance < GLOSS_SHARE:
            return texts.gloss
        names = texts.hints if texts.hints and chance > 1 - HINT_SHARE else texts.names
        return names[self._random.integers(len(names))]
