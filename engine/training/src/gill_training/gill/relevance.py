"""`p_match`: how likely a hit shows what was asked. The definition is docs/model-bundle-format.md, "Relevance"; the engine's is the same."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

SAMPLE = 512
DEPTH = 10
RIDGE = 1e-3
FLAT = 1e-6  # a background with less spread says nothing
_WORD = (1 << 64) - 1


def id_hash(name: str) -> int:
    """64-bit FNV-1a of the UTF-8 bytes, then MurmurHash3's finaliser."""
    value = 0xCBF29CE484222325
    for byte in name.encode():
        value = (value ^ byte) * 0x100000001B3 & _WORD
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        value = (value ^ value >> 33) * factor & _WORD
    return value ^ value >> 33


def background_rows(ids: Sequence[str], count: int = SAMPLE) -> np.ndarray:
    """Positions of the ids with the lowest hashes."""
    return np.asarray(sorted(range(len(ids)), key=lambda row: id_hash(ids[row]))[:count], np.int64)


@dataclass(frozen=True)
class Background:
    """Unit vectors [n, D] of the sample."""

    vectors: np.ndarray

    def evidence(self, query: np.ndarray, cosines: np.ndarray) -> np.ndarray:
        """(cosine, mean, z) of each of the query's cosines: [k, 3]."""
        cosines = np.asarray(cosines, np.float64)
        against = self.vectors.astype(np.float64) @ query.astype(np.float64)
        mean, spread = against.mean(), against.std()
        z = (cosines - mean) / spread if spread >= FLAT else np.zeros_like(cosines)
        return np.stack([cosines, np.full_like(cosines, mean), z], -1)


@dataclass(frozen=True)
class Curve:
    """p_match = sigmoid(cosine · c + mean · m + z · z + bias)."""

    cosine: float = 0.0
    mean: float = 0.0
    z: float = 1.4
    bias: float = -8.0

    def __call__(self, evidence: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-(evidence @ np.array([self.cosine, self.mean, self.z]) + self.bias)))

    @classmethod
    def fit(cls, evidence: np.ndarray, right: np.ndarray, weight: np.ndarray) -> "Curve":
        """Maximum likelihood by Newton's method. evidence [n, 3], right and weight [n]."""
        weight = weight / weight.sum()
        centre, spread = evidence.mean(0), np.maximum(evidence.std(0), 1e-9)
        design = np.concatenate([(evidence - centre) / spread, np.ones((len(evidence), 1))], 1)
        solution = np.zeros(4)
        for _ in range(100):
            probability = 1 / (1 + np.exp(-design @ solution))
            gradient = design.T @ (weight * (probability - right)) + RIDGE * solution
            curvature = (design * (weight * probability * (1 - probability))[:, None]).T @ design + RIDGE * np.eye(4)
            step = np.linalg.solve(curvature, gradient)
            solution -= step
            if np.abs(step).max() < 1e-10:
                break
        slopes = solution[:3] / spread
        return cls(*(float(slope) for slope in slopes), float(solution[3] - (slopes * centre).sum()))


def first_hits(background: Background, query: np.ndarray, vectors: np.ndarray, right: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(evidence, right, weight) of the first hits of one query asked twice: of all vectors [n, D], and of those that are not `right`."""
    cosines = vectors @ query
    parts = []
    for left in (np.arange(len(vectors)), np.flatnonzero(~right)):
        found = left[np.argsort(-cosines[left], kind="stable")[:DEPTH]]
        weight = np.full(len(found), 1 / (DEPTH - 1))
        weight[:1] = 1
        parts.append((background.evidence(query, cosines[found]), right[found].astype(np.float64), weight))
    return tuple(np.concatenate(column) for column in zip(*parts, strict=True))
