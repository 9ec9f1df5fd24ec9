"""From a cosine to the probability that text and picture match: p = sigmoid(a · cosine + b)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

ITERATIONS = 50
RIDGE = 1e-4


@dataclass(frozen=True)
class Calibration:
    a: float
    b: float

    def __call__(self, cosine: np.ndarray) -> np.ndarray:
        return 1 / (1 + np.exp(-(self.a * cosine + self.b)))

    @classmethod
    def fit(cls, matching: np.ndarray, other: np.ndarray) -> Calibration:
        """Maximum likelihood by Newton's method, both kinds of pairs having the same total weight."""
        cosine = np.concatenate([matching, other]).astype(np.float64)
        label = np.concatenate([np.ones(len(matching)), np.zeros(len(other))])
        weight = np.concatenate([np.full(len(matching), 0.5 / len(matching)), np.full(len(other), 0.5 / len(other))])
        centre, spread = cosine.mean(), cosine.std() + 1e-12
        design = np.stack([(cosine - centre) / spread, np.ones_like(cosine)], axis=1)
        solution = np.zeros(2)
        for _ in range(ITERATIONS):
            probability = 1 / (1 + np.exp(-design @ solution))
            gradient = design.T @ (weight * (probability - label)) + RIDGE * solution
            curvature = (design * (weight * probability * (1 - probability))[:, None]).T @ design + RIDGE * np.eye(2)
            step = np.linalg.solve(curvature, gradient)
            solution -= step
            if np.abs(step).max() < 1e-10:
                break
        slope = solution[0] / spread
        return cls(a=float(slope), b=float(solution[1] - slope * centre))

    def quality(self, matching: np.ndarray, other: np.ndarray) -> dict[str, float]:
        """How good the probabilities are on pairs: accuracy at one half, Brier score (0.25 = knows nothing), area under ROC."""
        right, wrong = self(matching), self(other)
        order = (matching[:, None] > other[None]).mean() + 0.5 * (matching[:, None] == other[None]).mean()
        return {
            "accuracy": round(float((np.mean(right > 0.5) + np.mean(wrong <= 0.5)) / 2), 4),
            "brier": round(float((np.mean((1 - right) ** 2) + np.mean(wrong**2)) / 2), 4),
            "auc": round(float(order), 4),
            "pairs": len(matching) + len(other),
        }
