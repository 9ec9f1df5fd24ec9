"""From the cosine of a text's best hit to the probability that it shows what the text says: p = sigmoid(a · cosine + b)."""

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
    def fit(cls, right: np.ndarray, wrong: np.ndarray) -> Calibration:
        """Maximum likelihood by Newton's method on the cosines of right and wrong hits."""
        cosine = np.concatenate([right, wrong]).astype(np.float64)
        label = np.concatenate([np.ones(len(right)), np.zeros(len(wrong))])
        weight = 1 / len(cosine)
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

    def quality(self, right: np.ndarray, wrong: np.ndarray) -> dict[str, float]:
        """How good the probabilities are. `brier_of_the_mean`: the Brier score of always saying how many hits are right."""
        p_right, p_wrong, count = self(right), self(wrong), len(right) + len(wrong)
        share = len(right) / count
        ordered = (right[:, None] > wrong[None]).mean() + 0.5 * (right[:, None] == wrong[None]).mean()
        return {
            "right": len(right),
            "wrong": len(wrong),
            "mean_probability": round(float((p_right.sum() + p_wrong.sum()) / count), 4),
            "accuracy": round(float(((p_right > 0.5).sum() + (p_wrong <= 0.5).sum()) / count), 4),
            "brier": round(float((((1 - p_right) ** 2).sum() + (p_wrong**2).sum()) / count), 4),
            "brier_of_the_mean": round(share * (1 - share), 4),
            "auc": round(float(ordered), 4),
        }
