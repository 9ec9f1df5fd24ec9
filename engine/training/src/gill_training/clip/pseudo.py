"""Pseudo-photographs: image features made from the rows of ImageNet's classifier, with the class names as their texts.

The corpus has few photographs. A made-up feature starts as a mixture of two training photographs' features; what speaks for their own
class is taken away and a class's row is added, so that the classifier reads that class in it, more or less surely.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gill_training.clip.vision_graph import LAST_DIM, Classifier

TEMPLATES = ("{}", "a photo of {}", "{}, photo")
STRENGTH = (2.0, 10.0)
SHARPNESS = (0.7, 1.4)


class PseudoPhotos:
    """`photographs` [n, F]: features of training photographs. `concepts`: for each class the number of its concept; None: not used."""

    def __init__(self, classifier: Classifier, photographs: np.ndarray, concepts: Sequence[int | None], seed: int):
        self._classifier = classifier
        self._photographs = photographs
        self._usable = np.asarray([n for n, concept in enumerate(concepts) if concept is not None])
        self._concepts = np.asarray([-1 if concept is None else concept for concept in concepts])
        self._rows = classifier.weight / np.linalg.norm(classifier.weight, axis=1, keepdims=True)
        self._random = np.random.default_rng(seed)

    def sample(self, count: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(features [count, F], class numbers, concept numbers)."""
        random = self._random
        classes = random.choice(self._usable, count)
        one, two, three = (self._photographs[random.integers(len(self._photographs), size=count)].astype(np.float32) for _ in range(3))
        share = random.random((count, 1), np.float32)
        last = share * one[:, :LAST_DIM] + (1 - share) * two[:, :LAST_DIM]
        own = self._classifier.scores(last).argmax(1)
        strength = random.uniform(*STRENGTH, (count, 1)).astype(np.float32)
        last = np.maximum(last - 2 * self._rows[own] + strength * self._rows[classes], 0)
        read = self._classifier.read(last, float(random.uniform(*SHARPNESS)))
        means = three[:, LAST_DIM : three.shape[1] - read.shape[1]]
        return np.concatenate([last, means, read], 1), classes, self._concepts[classes]
