"""The frozen encoders and the trained projections of a bundle, run with ONNX Runtime."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image
from tokenizers import Tokenizer

from gill_training.clip.text_graphs import HIDDEN_DIM, MAX_LENGTH
from gill_training.preprocess import Preprocessor


def open_session(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


class VisionEncoder:
    """Pictures to `pooler_output` [F]."""

    def __init__(self, part: Path, threads: int = 1):
        self.preprocessor = Preprocessor.read(part / "preprocessor_config.json")
        self._session = open_session(part / "model.onnx", threads)
        self.width: int = self._session.get_outputs()[0].shape[1]

    def pooled(self, images: Sequence[Image.Image]) -> np.ndarray:
        return self.pooled_pixels(np.stack([self.preprocessor(image) for image in images]))

    def pooled_pixels(self, pixel_values: np.ndarray) -> np.ndarray:
        return self._session.run(["pooler_output"], {"pixel_values": pixel_values})[0]


class TextEncoder:
    """Texts to `last_hidden_state`. The encoder quantises its activations with one scale a batch, so a text's states depend a little
    on the texts it is batched with; `states` runs one text alone, as the engine does."""

    def __init__(self, part: Path, max_length: int = MAX_LENGTH, threads: int = 1):
        self._tokenizer = Tokenizer.from_file(str(part / "tokenizer.json"))
        self._tokenizer.no_padding()
        self._tokenizer.enable_truncation(max_length)
        self._session = open_session(part / "model.onnx", threads)

    def token_ids(self, text: str) -> np.ndarray:
        return np.asarray([self._tokenizer.encode(text).ids], np.int64)

    def states(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """`last_hidden_state` [1,T,E] and `attention_mask` [1,T] of one text."""
        ids = self.token_ids(text)
        return self._run(ids), np.ones_like(ids)

    def batches(self, texts: Sequence[str], size: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
        """Yields (positions in `texts`, `last_hidden_state` [B,T,E]) for batches of texts of equal length, so without padding."""
        ids = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        by_length: dict[int, list[int]] = {}
        for position, tokens in enumerate(ids):
            by_length.setdefault(len(tokens), []).append(position)
        for _, positions in sorted(by_length.items()):
            for start in range(0, len(positions), size):
                chosen = np.asarray(positions[start : start + size])
                yield chosen, self._run(np.asarray([ids[position] for position in chosen], np.int64))

    def pooled(self, texts: Sequence[str], batch: int = 1) -> np.ndarray:
        """The mean token state of each text with norm 1, as sentence-transformers has it: [N,E]."""
        pooled = np.zeros((len(texts), HIDDEN_DIM), np.float32)
        for positions, states in self.batches(texts, batch):
            mean = states.mean(axis=1)
            pooled[positions] = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return pooled

    def _run(self, ids: np.ndarray) -> np.ndarray:
        inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        return self._session.run(["last_hidden_state"], inputs)[0]
