"""The shipped language model under ONNX Runtime: embeddings, hidden states, logits and a growing cache."""

from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer


def onnx_session(path: Path, threads: int = 1) -> onnxruntime.InferenceSession:
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


class LanguageModel:
    """A bundle's `language_model` folder, opened."""

    def __init__(self, folder: Path, threads: int = 1):
        self._embed = onnx_session(folder / "embed_tokens.onnx", threads)
        self._model = onnx_session(folder / "model.onnx", threads)
        self._cache_names = [i.name for i in self._model.get_inputs() if i.name.startswith("past_key_values.")]
        self._cache_shapes = {i.name: i.shape for i in self._model.get_inputs()}
        self._outputs = [o.name for o in self._model.get_outputs()]
        self.tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))

    def ids(self, text: str) -> list[int]:
        return self.tokenizer.encode(text, add_special_tokens=False).ids

    def embed(self, ids: list[int] | np.ndarray) -> np.ndarray:
        """f32 [1, T, H] of one row of ids, or [B, T, H] of a matrix of them."""
        return self._embed.run(None, {"input_ids": np.atleast_2d(np.asarray(ids, np.int64))})[0]

    def run(self, embeds: np.ndarray, past: dict | None = None, wanted: list[int] | None = None):
        """(hidden [B, T, H], logits [B, K, V] at the `wanted` positions or the last, cache) of T more tokens."""
        batch, tokens, _ = embeds.shape
        if past is None:
            past = {name: self._empty(name, batch) for name in self._cache_names}
        before = past[self._cache_names[0]].shape[2]
        feeds = {
            "inputs_embeds": embeds,
            "attention_mask": np.ones((batch, before + tokens), np.int64),
            "logits_index": np.array([tokens - 1] if wanted is None else wanted, np.int64),
        }
        out = dict(zip(self._outputs, self._model.run(self._outputs, feeds | past)))
        cache = {name: out[name.replace("past_key_values", "present")] for name in self._cache_names}
        return out["hidden_states"], out["logits"], cache

    def _empty(self, name: str, batch: int) -> np.ndarray:
        _, heads, _, width = self._cache_shapes[name]
        return np.zeros((batch, heads, 0, width), np.float32)

    def greedy(self, prompt: list[int], count: int, cached: bool = True) -> list[int]:
        """The `count` most likely next tokens, one by one, with the cache or by running everything again."""
        out: list[int] = []
        fresh, past = prompt, None
        for _ in range(count):
            _, logits, past = self.run(self.embed(fresh), past)
            out.append(int(logits[0, -1].argmax()))
            fresh, past = ([out[-1]], past) if cached else (prompt + out, None)
        return out

    def sample(self, prompt: list[int], count: int, random: np.random.Generator, stop: set[int], temperature=0.7, top_p=0.9,
               repetition_penalty=1.1, past: dict | None = None) -> list[int]:
        """A reply of at most `count` tokens, ended before a `stop` token; `past` is the cache of what precedes the prompt."""
        out: list[int] = []
        fresh = prompt
        for _ in range(count):
            _, logits, past = self.run(self.embed(fresh), past)
            row = logits[0, -1].astype(np.float64)
            seen = np.array(sorted(set(out)), np.int64)
            row[seen] = np.where(row[seen] > 0, row[seen] / repetition_penalty, row[seen] * repetition_penalty)
            order = np.argsort(-row)[:200]
            weights = np.exp((row[order] - row[order[0]]) / temperature)
            weights /= weights.sum()
            kept = int(np.searchsorted(np.cumsum(weights), top_p)) + 1
            token = int(random.choice(order[:kept], p=weights[:kept] / weights[:kept].sum()))
            if token in stop:
                break
            out.append(token)
            fresh = [token]
        return out
