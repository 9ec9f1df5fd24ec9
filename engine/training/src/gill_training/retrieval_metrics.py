"""Recall at k at the level of concepts."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

CUTS = (1, 5, 10)


def recall_at(scores: np.ndarray, relevant: np.ndarray, allowed: np.ndarray | None = None) -> dict[str, float]:
    """Share of queries with a relevant picture among the best k. `scores`, `relevant`, `allowed`: [queries, gallery]; a picture
    that is not allowed is not in that query's gallery. Also gives the recall that a random order would have, and the median rank."""
    allowed = np.ones_like(relevant) if allowed is None else allowed
    relevant = relevant & allowed
    keep = relevant.any(axis=1)
    scores, relevant, allowed = (array[keep] for array in (scores, relevant, allowed))
    masked = np.where(allowed, scores, -np.inf)
    best = np.where(relevant, scores, -np.inf).max(axis=1, keepdims=True)
    rank = 1 + ((masked > best) & ~relevant).sum(axis=1)
    result: dict[str, float] = {"queries": int(keep.sum()), "gallery": round(float(allowed.sum(axis=1).mean()), 1)}
    for cut in CUTS:
        result[f"r@{cut}"] = round(float((rank <= cut).mean()), 4)
    for cut in CUTS:
        result[f"chance_r@{cut}"] = round(float(_chance(relevant.sum(axis=1), allowed.sum(axis=1), cut).mean()), 4)
    result["median_rank"] = float(np.median(rank))
    return result


def _chance(relevant: np.ndarray, gallery: np.ndarray, cut: int) -> np.ndarray:
    """Probability that a random draw of `cut` pictures holds a relevant one."""
    missed = np.ones(len(relevant))
    for drawn in range(cut):
        missed *= np.maximum(gallery - relevant - drawn, 0) / np.maximum(gallery - drawn, 1)
    return 1 - missed


def same(left: Sequence[str], right: Sequence[str]) -> np.ndarray:
    """[len(left), len(right)] of equal labels."""
    return np.asarray(left, object)[:, None] == np.asarray(right, object)[None]
