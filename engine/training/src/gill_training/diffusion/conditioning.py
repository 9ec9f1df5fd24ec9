"""Captions as the denoiser reads them: [L=16][C=384] rows of MiniLM's token states, normalised, zero where there is no token."""
from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from gill_training.encoders import TextEncoder

LENGTH, WIDTH = 16, 384


def conditioning(states: np.ndarray) -> np.ndarray:
    """Unpadded token states [B,T,E] -> [B,16,384]; the same formula as text_encoder/conditioning.onnx."""
    centred = states - states.mean(-1, keepdims=True)
    rows = centred / (states.std(-1, keepdims=True) + 1e-5)
    out = np.zeros((len(states), LENGTH, WIDTH), np.float32)
    length = min(LENGTH, states.shape[1])
    out[:, :length] = rows[:, :length]
    return out


def encode(texts: Sequence[str], text_encoder: Path, threads: int = 1) -> np.ndarray:
    """float16 [N,16,384]."""
    encoder = TextEncoder(text_encoder, threads=threads)
    out = np.zeros((len(texts), LENGTH, WIDTH), np.float16)
    for positions, states in encoder.batches(texts, size=64):
        out[positions] = conditioning(states)
    return out
