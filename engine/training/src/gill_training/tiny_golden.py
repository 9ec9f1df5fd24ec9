"""Reference values of the tiny bundle: one lookup and one greedy reply, through every head, run by ONNX Runtime."""

import json
from pathlib import Path

import numpy as np
import onnxruntime
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer

PROMPT = "<|im_start|>user\nshow a red fox<|im_end|>\n<|im_start|>assistant\n"
STEPS = 12


class TinyModel:
    """The tiny bundle's language model without any of the engine's rules."""

    def __init__(self, bundle: Path):
        self._model = _session(bundle / "language_model/model.onnx")
        self._embed = _session(bundle / "language_model/embed_tokens.onnx")
        self._cache = {i.name: i.shape for i in self._model.get_inputs() if i.name.startswith("past_key_values")}

    def embed(self, ids: list[int]) -> np.ndarray:
        return self._embed.run(None, {"input_ids": np.array([ids], np.int64)})[0]

    def run(self, embeds: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Logits after the last position [V] and all hidden states [T,H], without a cache."""
        feed = {name: np.zeros((1, shape[1], 0, shape[3]), np.float32) for name, shape in self._cache.items()}
        feed |= {"inputs_embeds": embeds, "attention_mask": np.ones(embeds.shape[:2], np.int64)}
        feed["logits_index"] = np.array([embeds.shape[1] - 1], np.int64)
        logits, hidden = self._model.run(["logits", "hidden_states"], feed)
        return logits[0, 0], hidden[0]


def _session(path: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])


def write_golden(bundle: Path) -> None:
    model = TinyModel(bundle)
    img = load_file(bundle / "gill/img_tokens.safetensors")["input_embeddings"]
    ids = Tokenizer.from_file(str(bundle / "language_model/tokenizer.json")).encode(PROMPT).ids
    hidden = model.run(np.concatenate([model.embed(ids), img[None]], 1))[1][-len(img) :]
    reply: list[int] = []
    for _ in range(STEPS):
        reply.append(int(model.run(model.embed(ids + reply))[0].argmax()))
    run = lambda path, **inputs: _session(bundle / path).run(None, inputs)[0]
    tensors = {
        "prompt_ids": np.array(ids, np.int64),
        "greedy_ids": np.array(reply, np.int64),
        "hidden_states": hidden,
        "query_embeds": run("gill/retrieval_text.onnx", hidden_states=hidden[None]),
        "conditioning": run("gill/gill_mapper.onnx", hidden_states=hidden[None]),
    }
    folder = bundle / "golden"
    folder.mkdir()
    save_file(tensors, folder / "tiny.safetensors")
    about = {"part": "tiny", "files": ["tiny.safetensors"], "prompt": PROMPT, "tolerance": 1e-4}
    about["versions"] = {"onnxruntime": onnxruntime.__version__, "numpy": np.__version__}
    (folder / "tiny.json").write_text(json.dumps(about, indent=1) + "\n", "utf-8", newline="\n")
