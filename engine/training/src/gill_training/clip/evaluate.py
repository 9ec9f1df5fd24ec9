"""Measures the shared space on held-out pictures: R@k by concept, against chance and against text search over captions."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gill_training.clip.data import Corpus, TextFeatures, concept_queries
from gill_training.encoders import TextEncoder, open_session
from gill_training.retrieval_metrics import recall_at, same

Embed = Callable[[np.ndarray], np.ndarray]
TextFeature = Callable[[Sequence[str]], np.ndarray]

UNSEEN, CROSS_STYLE, PHOTO = "eval-unseen-concept", "eval-cross-style", "eval-photo"
PHOTO_FAMILIES = ("tuxpaint", "gcompris")


def exported_projections(bundle: Path) -> tuple[Embed, Embed]:
    """The bundle's image and text projections as they ship. A pooled text feature passes as the state of a single token."""
    image = open_session(bundle / "vision_encoder" / "projection.onnx")
    text = open_session(bundle / "text_encoder" / "text_projection.onnx")

    def embed_image(pooled: np.ndarray) -> np.ndarray:
        return image.run(None, {"pooler_output": pooled})[0]

    def embed_text(features: np.ndarray) -> np.ndarray:
        return text.run(None, {"last_hidden_state": features[:, None], "attention_mask": np.ones((len(features), 1), np.int64)})[0]

    return embed_image, embed_text


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
                f"{CROSS_STYLE} concepts, any style, gallery of all searchable pictures": self.text_to_image(CROSS_STYLE, True),
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
            by_picture = self._embed_text(features) @ self._images[gallery].T
            by_caption = features @ captions.T
            tables[kind] = {
                "clip": recall_at(by_picture, relevant),
                "caption text search": recall_at(by_caption, relevant),
                "sum of both cosines": recall_at(by_picture + by_caption, relevant),
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

    def top_hits(self, split: str, every: int = 1) -> tuple[np.ndarray, np.ndarray]:
        """The cosines of right and of wrong best hits in the searchable corpus, for the texts of every n-th concept of the split:
        once with the concept's pictures in the corpus, once with them taken out (then any hit is wrong)."""
        corpus = self._corpus
        gallery = corpus.rows(index=True)
        keys = [corpus.pictures[row].key for row in gallery]
        right, wrong = [], []
        for queries in concept_queries((corpus.pictures[row] for row in corpus.rows(split)), corpus.glosses).values():
            if not queries.keys:
                continue
            scores = self._embed_text(self._text_features(queries.texts[::every])) @ self._images[gallery].T
            relevant = same(queries.keys[::every], keys)
            matching = np.where(relevant, scores, -1).max(axis=1)
            other = np.where(relevant, -1, scores).max(axis=1)
            right.append(matching[matching > other])
            wrong += [other[(matching <= other) & relevant.any(axis=1)], other]
        return np.concatenate(right), np.concatenate(wrong)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training evaluate-retrieval", description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--features", type=Path, required=True, help="output of `features`")
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--cache", type=Path, help="folder that keeps text features between runs (default: --features)")
    options = parser.parse_args(arguments)
    encoder = TextEncoder(options.bundle / "text_encoder")
    text_features = TextFeatures(encoder, (options.cache or options.features) / "texts.npz")
    corpus = Corpus.open(options.corpus, options.features)
    evaluation = Evaluation(corpus, *exported_projections(options.bundle), text_features)
    print(json.dumps(evaluation.held_out(), indent=1))
