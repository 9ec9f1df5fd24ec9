"""`python -m gill_training language-model-golden`: reference inputs and outputs of the language model and its tokenizer."""

import argparse
import json
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from safetensors.numpy import save_file

from gill_training.language_model.gguf import GgufFile
from gill_training.language_model.runtime import LanguageModel
from gill_training.language_model.twin import LlamaTwin

PROMPTS = (
    "<|im_start|>user\nList three fruits.<|im_end|>\n<|im_start|>assistant\n",
    "The quick brown fox jumps over the lazy dog. Paris is",
)
TEXTS = (
    "",
    "a red apple",
    "  two  spaces\n\tand a tab ",
    "<|im_start|>system\nYou are brief.<|im_end|>\n<|im_start|>user\nHi!<|im_end|>\n<|im_start|>assistant\n",
    "héllo wörld, naïve café",
    "Żółw, кот, قطة, 猫と犬, हाथी",
    "🍎 👨‍👩‍👧 🏳️‍🌈 👍🏽",
    "12345 3.14 1,000 2026-11-23",
    "don't you'll it's WE'RE",
    "[IMG0] is not a token here; <|endoftext|> is",
)
NEW_TOKENS = 24


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training language-model-golden", description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--gguf", type=Path, required=True)
    options = parser.parse_args(argv)
    model = LanguageModel(options.bundle / "language_model")
    twin = LlamaTwin(GgufFile(options.gguf))
    tensors: dict[str, np.ndarray] = {}
    rows = []
    for i, prompt in enumerate(PROMPTS):
        ids = model.ids(prompt)
        embeds = model.embed(ids)
        hidden, logits, _ = model.run(embeds)
        with torch.no_grad():
            exact, _ = twin.run(torch.from_numpy(embeds))
        greedy = model.greedy(ids, NEW_TOKENS)
        # One token and many take different 8-bit kernels: hidden states differ by about 2 %, and so may long greedy replies.
        if greedy != model.greedy(ids, NEW_TOKENS, cached=False):
            raise ValueError(f"prompt {i}: with and without the cache the replies differ; choose a prompt with a clearer reply")
        named = {"input_ids": np.array([ids], np.int64), "inputs_embeds": embeds, "hidden_states": hidden, "logits": logits,
                 "greedy": np.array(greedy, np.int64), "exact_hidden_states": exact.numpy()}
        tensors |= {f"{i}.{name}": value for name, value in named.items()}
        away = float(np.linalg.norm(hidden - exact.numpy()) / np.linalg.norm(exact.numpy()))
        rows.append({"prompt": prompt, "greedy_text": model.tokenizer.decode(greedy, skip_special_tokens=False),
                     "relative_distance_to_float32": round(away, 4)})
    folder = options.bundle / "golden"
    folder.mkdir(parents=True, exist_ok=True)
    save_file({name: np.ascontiguousarray(value) for name, value in tensors.items()}, folder / "language_model.safetensors")
    content = {
        "prompts": rows,
        "tolerance": {"inputs_embeds": 0.0, "hidden_states_relative": 0.04, "logits_absolute": 1.0},
        "tokenizer": [{"text": text, "ids": model.ids(text)} for text in TEXTS],
        "versions": {"onnxruntime": onnxruntime.__version__, "torch": torch.__version__},
    }
    (folder / "language_model.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n", "utf-8")
