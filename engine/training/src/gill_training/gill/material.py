"""Everything GILL trains on, opened once: pictures and their features, concepts, conditioning targets."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import torch

from gill_training.clip.data import Corpus
from gill_training.clip.pictures import TRAIN
from gill_training.encoders import TextEncoder, open_session
from gill_training.gill.concepts import Concept, WordIndex, concepts_of
from gill_training.gill.requests import Request


class Captions:
    """Conditioning rows [L, C] of captions, as `text_encoder/conditioning.onnx` gives them; kept once computed."""

    def __init__(self, bundle: Path):
        self._encoder = TextEncoder(bundle / "text_encoder")
        self._conditioning: onnxruntime.InferenceSession = open_session(bundle / "text_encoder" / "conditioning.onnx")
        self._known: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def __call__(self, captions: Sequence[str]) -> torch.Tensor:
        return self._stacked(captions, 0)

    def pooled(self, captions: Sequence[str]) -> torch.Tensor:
        """The captions' mean token states of unit length [N, E], the input of CLIP's text projection."""
        return torch.nn.functional.normalize(self._stacked(captions, 1), dim=-1)

    def _stacked(self, captions: Sequence[str], which: int) -> torch.Tensor:
        for caption in captions:
            if caption not in self._known:
                states, mask = self._encoder.states(caption)
                rows = self._conditioning.run(None, {"last_hidden_state": states, "attention_mask": mask})[0]
                self._known[caption] = rows[0].astype(np.float16), states[0].mean(0).astype(np.float16)
        return torch.from_numpy(np.stack([self._known[caption][which] for caption in captions]).astype(np.float32))


@dataclass
class Material:
    """`concept_of` [pictures]: each picture's concept number, -1 outside the training splits."""

    corpus: Corpus
    concepts: dict[str, Concept]
    index: WordIndex
    numbers: dict[str, int]
    concept_of: np.ndarray
    style_of: np.ndarray
    styles: list[str]
    train_rows: np.ndarray
    captions: Captions

    @staticmethod
    def open(bundle: Path, corpus_folder: Path, features: Path, splits: Iterable[str] = (TRAIN,)) -> "Material":
        corpus = Corpus.open(corpus_folder, features)
        concepts = concepts_of(corpus.pictures, corpus.glosses, splits)
        numbers = {key: n for n, key in enumerate(concepts)}
        concept_of = np.full(len(corpus.pictures), -1)
        for key, concept in concepts.items():
            concept_of[concept.rows] = numbers[key]
        styles = sorted({picture.style for picture in corpus.pictures})
        style_of = np.array([styles.index(picture.style) for picture in corpus.pictures])
        train_rows = np.flatnonzero(concept_of >= 0)
        return Material(corpus, concepts, WordIndex(concepts), numbers, concept_of, style_of, styles, train_rows, Captions(bundle))

    def answers(self, requests: Sequence[Request], rows: np.ndarray) -> torch.Tensor:
        """bool [requests, rows]: which pictures answer which request; the pictures shown in it do not."""
        found = np.zeros((len(requests), len(rows)), bool)
        for i, request in enumerate(requests):
            wanted = [self.numbers[key] for key in request.concepts if key in self.numbers]
            found[i] = np.isin(self.concept_of[rows], wanted) & ~np.isin(rows, request.pictures)
            if request.style:
                found[i] &= self.style_of[rows] == self.styles.index(request.style)
        return torch.from_numpy(found)

    def answer_rows(self, request: Request, random: np.random.Generator, count: int) -> list[int]:
        """Up to `count` pictures that answer the request."""
        rows = [row for key in request.concepts if key in self.concepts for row in self.concepts[key].rows if row not in request.pictures]
        if request.style:
            rows = [row for row in rows if self.style_of[row] == self.styles.index(request.style)]
        return rows if len(rows) <= count else [rows[i] for i in random.choice(len(rows), count, replace=False)]

    @property
    def common_names(self) -> list[str]:
        """The names of things, emoji, and what has a definition, each once."""
        return list(dict.fromkeys(concept.name for concept in self.concepts.values() if concept.weight >= 1 or concept.gloss))

    def colours(self) -> dict[str, list[str]]:
        """Concept key to the first colours of its pictures."""
        first = lambda key: [self.corpus.pictures[row].colours[0] for row in self.concepts[key].rows if self.corpus.pictures[row].colours]
        return {key: sorted(set(first(key))) for key in self.concepts}

    def pooled(self, rows: np.ndarray, view: str = "pooled") -> torch.Tensor:
        """Features [n, F] of pictures as they are (`pooled`) or changed (`augmented`, `strong`)."""
        return torch.from_numpy(getattr(self.corpus, view)[rows].astype(np.float32))
