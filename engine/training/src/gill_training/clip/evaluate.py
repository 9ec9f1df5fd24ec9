"""Measures the shared space on held-out pictures: R@k by concept, against chance and against text search over captions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from gill_training.clip.data import Corpus, concept_queries
from gill_training.retrieval_metrics import recall_at, same

Embed = Callable[[np.ndarray], np.ndarray]
TextFeature = Callable[[Sequence[str]], np.ndarray]

UNSEEN, CROSS_STYLE, PHOTO = "eval-unseen-concept", "eval-cross-style", "eval-photo"
PHOTO_FAMILIES = ("tuxpaint", "gcompris")


class Evaluation:
    """A trained pair of projections over a corpus whose pictures are embedded once."""

    def __init__(self, corpus: Corpus, embed_image: Embed, embed_text: Embed, text_features: TextFeature):
        self._corpus = corpus
        self._images = embed_image(np.asarray(corpus.pooled, np.float32))
        self._embed_text = embed_text
        self._text_features = text_features

    def held_out(self) -> dict[str, Any]:
        """All tables of the report."""
        return {
            "text_to_image": {
                f"{UNSEEN}, gallery of the split": self.text_to_image(UNSEEN),
                f"{UNSEEN}, gallery of all searchable pictures": self.text_to_image(UNSEEN, whole_index=True),
                f"{CROSS_STYLE}, gallery of the split": self.text_to_image(CROSS_STYLE),
            },
            "image_to_image": {
                f"{UNSEEN} to other designers' searchable pictures": self.image_to_image(UNSEEN),
                f"{CROSS_STYLE} to other designers' searchable pictures": self.image_to_image(CROSS_STYLE),
                f"{PHOTO} to searchable drawings": self.image_to_image(PHOTO, exclude=PHOTO_FAMILIES),
            },
        }

    def text_to_image(self, split: str, whole_index: bool = False) -> dict[str, Any]:
        corpus = self._corpus
        members = corpus.rows(split)
        gallery = corpus.rows(index=True) if whole_index else members
        keys = [corpus.pictures[row].key for row in gallery]
        captions = self._text_features([corpus.pictures[row].caption for row in gallery])
        tables = {}
        for kind, queries in concept_queries((corpus.pictures[row] for row in members), corpus.glosses).items():
            if not queries.keys:
                continue
            features = self._text_features(queries.texts)
            relevant = same(queries.keys, keys)
            tables[kind] = {
                "clip": recall_at(self._embed_text(features) @ self._images[gallery].T, relevant),
                "caption text search": recall_at(features @ captions.T, relevant),
            }
        return tables

    def image_to_image(self, split: str, exclude: Sequence[str] = ()) -> dict[str, Any]:
        corpus = self._corpus
        rows = corpus.rows(split)
        gallery = np.asarray([row for row in corpus.rows(index=True) if corpus.pictures[row].family not in exclude])
        relevant, own_family = (
            same([getattr(corpus.pictures[row], name) for row in rows], [getattr(corpus.pictures[row], name) for row in gallery])
            for name in ("key", "family")
        )
        raw = np.asarray(corpus.pooled, np.float32)
        raw = (raw - raw.mean(axis=0)) / (raw.std(axis=0) + 1e-3)
        raw /= np.linalg.norm(raw, axis=1, keepdims=True)
        return {
            "clip": recall_at(self._images[rows] @ self._images[gallery].T, relevant, ~own_family),
            "frozen features": recall_at(raw[rows] @ raw[gallery].T, relevant, ~own_family),
        }

    def match_pairs(self, split: str) -> tuple[np.ndarray, np.ndarray]:
        """For every text query of the split's concepts: the cosine of the best picture of the concept, and of the best other one,
        in a gallery of the split and the searchable corpus."""
        corpus = self._corpus
        members = corpus.rows(split)
        gallery = corpus.rows(split, index=True)
        keys = [corpus.pictures[row].key for row in gallery]
        matching, other = [], []
        for queries in concept_queries((corpus.pictures[row] for row in members), corpus.glosses).values():
            scores = self._embed_text(self._text_features(queries.texts)) @ self._images[gallery].T
            relevant = same(queries.keys, keys)
            matching.append(np.where(relevant, scores, -1).max(axis=1))
            other.append(np.where(relevant, -1, scores).max(axis=1))
        return np.concatenate(matching), np.concatenate(other)
