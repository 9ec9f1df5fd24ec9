"""`python -m gill_training tiny-bundle --out engine/src/test/resources/tiny-bundle`: a complete bundle with seeded random weights.

Every graph has the real one's names, types and ranks at a fraction of the size, so that whole turns run in a test within
milliseconds. The language model goes the real way: a GGUF of random blocks, its graphs, its importer. Nothing is learned.
"""

import argparse
import json
import shutil
import struct
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import onnx
from onnx import TensorProto
from safetensors.numpy import save_file

from gill_training.bundle import write_bundle
from gill_training.imports import output_entry, sha256_of, write_recipe
from gill_training.language_model.gguf import GgufFile
from gill_training.language_model.graph import LlamaSizes, embed_tokens, language_model, llama_layout
from gill_training.language_model.layout import write_weights
from gill_training.onnx_graph import Graph, l2_normalise
from gill_training.tiny_golden import write_golden

SEED = 20230526
HIDDEN, LAYERS, HEADS, KV_HEADS, FEED_FORWARD, CONTEXT = 64, 2, 4, 2, 128, 256
SPECIALS = ["<|endoftext|>", "<|im_start|>", "<|im_end|>"]
WORDS = ["th", "he", "in", "er", "an", "re", "on", "at", "us", "sy", "st", "ser", "user", "sys", "ow"]
IMG_TOKENS, VISUAL_TOKENS, RETRIEVAL_DIM = 4, 2, 16
IMAGE_SIZE, POOLED_DIM, EMBED_DIM = 32, 24, 16
TEXT_DIM, TEXT_LENGTH, LETTERS = 16, 24, "abcdefghijklmnopqrstuvwxyz0123456789"
CONDITIONING_LENGTH, CONDITIONING_DIM = 4, 16
LATENT_CHANNELS, LATENT_SIZE, PICTURE_SIZE = 2, 8, 32
FEATURES = ["max_retrieval_score", "retrieval_margin", "max_text_score", "text_margin", "score_agreement", "caption_overlap"]


class Weights:
    """Seeded normal weights, scaled so that a product keeps its input's variance."""

    def __init__(self, seed: int):
        self._random = np.random.default_rng(seed)

    def __call__(self, *shape: int, scale: float | None = None) -> np.ndarray:
        spread = shape[-2] ** -0.5 if scale is None else scale
        return (self._random.standard_normal(shape) * spread).astype(np.float32)

    def bytes(self, *shape: int) -> np.ndarray:
        return self._random.integers(0, 256, shape, dtype=np.uint8)


# --- language model ---------------------------------------------------------------------------------------------------------


def _byte_letters() -> list[str]:
    """GPT-2's printable stand-ins for the 256 bytes, by byte value."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    stand_ins = {byte: chr(byte) for byte in printable}
    return [stand_ins.get(byte) or chr(256 + sum(b not in stand_ins for b in range(byte))) for byte in range(256)]


def llm_vocabulary() -> tuple[list[str], list[tuple[str, str]]]:
    """Tokens by id and the merges that build the words."""
    tokens, merges = SPECIALS + _byte_letters(), []
    for word in WORDS:
        head = next(size for size in range(len(word) - 1, 0, -1) if word[:size] in tokens and word[size:] in tokens)
        merges.append((word[:head], word[head:]))
        tokens.append(word)
    return tokens, merges


def llm_tokenizer() -> dict:
    tokens, merges = llm_vocabulary()
    flags = {"single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [{"id": i, "content": text, **flags} for i, text in enumerate(SPECIALS)],
        "normalizer": None,
        "pre_tokenizer": byte_level,
        "post_processor": None,
        "decoder": byte_level,
        "model": {
            "type": "BPE",
            "dropout": None,
            "unk_token": None,
            "continuing_subword_prefix": None,
            "end_of_word_suffix": None,
            "fuse_unk": False,
            "byte_fallback": False,
            "vocab": {token: i for i, token in enumerate(tokens)},
            "merges": [list(merge) for merge in merges],
        },
    }


def write_gguf(path: Path, weights: Weights) -> None:
    """A GGUF version 3 file of a Llama: Q4_1 matrices, F32 norms, a Q8_0 token table."""
    vocabulary = len(llm_vocabulary()[0])
    tensors: list[tuple[str, tuple[int, ...], int, bytes]] = []

    def half(values: np.ndarray) -> np.ndarray:
        return values.astype("<f2")[..., None].view(np.uint8)

    def matrix(name: str, rows: int, columns: int) -> None:
        blocks = rows, columns // 32
        d = (0.45 * columns**-0.5 * (0.5 + weights.bytes(*blocks) / 255)).astype(np.float16)
        m = (-7.5 * d.astype(np.float32) * (0.9 + weights.bytes(*blocks) / 1275)).astype(np.float16)
        tensors.append((name, (rows, columns), 3, np.concatenate([half(d), half(m), weights.bytes(*blocks, 16)], -1).tobytes()))

    def norm(name: str) -> None:
        tensors.append((name, (HIDDEN,), 0, (1 + weights(HIDDEN, scale=0.1)).astype("<f4").tobytes()))

    for i in range(LAYERS):
        block, kv = f"blk.{i}.", HIDDEN // HEADS * KV_HEADS
        norm(block + "attn_norm.weight"), norm(block + "ffn_norm.weight")
        for name, rows, columns in (("attn_q", HIDDEN, HIDDEN), ("attn_k", kv, HIDDEN), ("attn_v", kv, HIDDEN)):
            matrix(f"{block}{name}.weight", rows, columns)
        matrix(block + "attn_output.weight", HIDDEN, HIDDEN)
        matrix(block + "ffn_gate.weight", FEED_FORWARD, HIDDEN), matrix(block + "ffn_up.weight", FEED_FORWARD, HIDDEN)
        matrix(block + "ffn_down.weight", HIDDEN, FEED_FORWARD)
    norm("output_norm.weight")
    scales = (0.004 * (0.5 + weights.bytes(vocabulary, HIDDEN // 32) / 255)).astype(np.float16)
    table = np.concatenate([half(scales), weights.bytes(vocabulary, HIDDEN // 32, 32)], -1).tobytes()
    tensors.append(("token_embd.weight", (vocabulary, HIDDEN), 8, table))

    text = lambda value: struct.pack("<Q", len(value)) + value.encode("utf-8")
    whole = {"block_count": LAYERS, "embedding_length": HIDDEN, "feed_forward_length": FEED_FORWARD}
    whole |= {"attention.head_count": HEADS, "attention.head_count_kv": KV_HEADS}
    real = {"rope.freq_base": 10000.0, "attention.layer_norm_rms_epsilon": 1e-5}
    keys = [text("general.architecture") + struct.pack("<I", 8) + text("llama")]
    keys += [text("llama." + key) + struct.pack("<II", 4, value) for key, value in whole.items()]
    keys += [text("llama." + key) + struct.pack("<If", 6, value) for key, value in real.items()]
    infos, data = [], b""
    for name, shape, kind, content in tensors:
        infos.append(text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *reversed(shape), kind, len(data)))
        data += content + b"\0" * (-len(content) % 32)
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(keys)) + b"".join(keys + infos)
    path.write_bytes(head + b"\0" * (-len(head) % 32) + data)


def write_language_model(part: Path, gguf: Path) -> None:
    part.mkdir(parents=True)
    file = GgufFile(gguf)
    sizes, layout = LlamaSizes.of(file), llama_layout(file)
    rows = [tensor.describe() for tensor in layout.tensors.values()]
    write_weights(file, rows, part / "weights.bin")
    onnx.save(language_model(sizes, layout, CONTEXT), part / "model.onnx")
    onnx.save(embed_tokens(sizes, layout), part / "embed_tokens.onnx")
    config = {
        "model_type": "llama",
        "hidden_size": HIDDEN,
        "num_hidden_layers": LAYERS,
        "num_attention_heads": HEADS,
        "num_key_value_heads": KV_HEADS,
        "head_dim": HIDDEN // HEADS,
        "vocab_size": sizes.vocabulary,
        "max_position_embeddings": CONTEXT,
        "eos_token_id": SPECIALS.index("<|im_end|>"),
    }
    _write_json(part / "config.json", config)
    _write_json(part / "tokenizer.json", llm_tokenizer())
    recipe = {
        "source": {"pip": "tiny-language-model==1.0", "sha256": "0" * 64, "member": gguf.name, "member_sha256": sha256_of(gguf)},
        "licence": "Apache-2.0",
        "converter": "gguf-q8",
        "outputs": [output_entry(part / "weights.bin")],
        "tensors": rows,
    }
    write_recipe(gguf.parent, recipe)


# --- encoders and heads -----------------------------------------------------------------------------------------------------


def _linear(graph: Graph, value: str, weights: Weights, inputs: int, outputs: int) -> str:
    return graph.node("MatMul", value, graph.half_weight(graph._fresh("weight"), weights(inputs, outputs)))


def write_vision_encoder(part: Path, weights: Weights) -> None:
    graph = Graph("vision_encoder")
    pixels = graph.input("pixel_values", ["batch", 3, IMAGE_SIZE, IMAGE_SIZE])
    means = graph.node("AveragePool", pixels, kernel_shape=[8, 8], strides=[8, 8])
    pooled = graph.node("Tanh", _linear(graph, graph.node("Flatten", means), weights, 48, POOLED_DIM))
    graph.output(pooled, "pooler_output", ["batch", POOLED_DIM])
    graph.save(part / "model.onnx")
    _pooled_head(part / "projection.onnx", weights, "image_embeds", EMBED_DIM)
    config = {
        "size": {"height": IMAGE_SIZE, "width": IMAGE_SIZE},
        "do_center_crop": False,
        "pad_to_square": True,
        "resample": 3,
        "rescale_factor": 1 / 255,
        "image_mean": [0.5, 0.5, 0.5],
        "image_std": [0.5, 0.5, 0.5],
    }
    _write_json(part / "preprocessor_config.json", config)


def _pooled_head(path: Path, weights: Weights, output: str, dimension: int) -> None:
    graph = Graph(path.stem)
    pooled = graph.input("pooler_output", ["batch", POOLED_DIM])
    graph.output(l2_normalise(graph, _linear(graph, pooled, weights, POOLED_DIM, dimension)), output, ["batch", dimension])
    graph.save(path)


def write_text_encoder(part: Path, weights: Weights) -> None:
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", *LETTERS, *("##" + letter for letter in LETTERS)]
    graph = Graph("text_encoder")
    names = ("input_ids", "attention_mask", "token_type_ids")
    ids, mask, types = (graph.input(name, ["batch", "tokens"], TensorProto.INT64) for name in names)
    tokens = graph.node("Gather", graph.constant(weights(len(vocabulary), TEXT_DIM, scale=1.0), name="tokens"), ids)
    kinds = graph.node("Gather", graph.constant(weights(2, TEXT_DIM, scale=0.1), name="kinds"), types)
    states = graph.node("Tanh", _linear(graph, graph.node("Add", tokens, kinds), weights, TEXT_DIM, TEXT_DIM))
    masked = graph.node("Mul", states, _column(graph, mask))
    graph.output(masked, "last_hidden_state", ["batch", "tokens", TEXT_DIM])
    graph.save(part / "model.onnx")

    graph = Graph("text_projection")
    states, mask = _text_inputs(graph)
    axes = graph.constant([1], np.int64)
    summed = graph.node("ReduceSum", graph.node("Mul", states, mask), axes, keepdims=0)
    mean = graph.node("Div", summed, graph.node("ReduceSum", mask, axes, keepdims=0))
    graph.output(l2_normalise(graph, _linear(graph, mean, weights, TEXT_DIM, EMBED_DIM)), "text_embeds", ["batch", EMBED_DIM])
    graph.save(part / "text_projection.onnx")

    graph = Graph("conditioning")
    states, mask = _text_inputs(graph)
    mapped = graph.node("Mul", _linear(graph, states, weights, TEXT_DIM, CONDITIONING_DIM), mask)
    padded = graph.node("Pad", mapped, graph.constant([0, 0, 0, 0, CONDITIONING_LENGTH, 0], np.int64))
    bounds = (graph.constant([value], np.int64) for value in (0, CONDITIONING_LENGTH, 1))
    shape = ["batch", CONDITIONING_LENGTH, CONDITIONING_DIM]
    graph.output(graph.node("Slice", padded, *bounds), "encoder_hidden_states", shape)
    graph.save(part / "conditioning.onnx")
    _write_json(part / "tokenizer.json", _word_pieces(vocabulary))


def _column(graph: Graph, mask: str) -> str:
    return graph.node("Unsqueeze", graph.node("Cast", mask, to=TensorProto.FLOAT), graph.constant([-1], np.int64))


def _text_inputs(graph: Graph) -> tuple[str, str]:
    states = graph.input("last_hidden_state", ["batch", "tokens", TEXT_DIM])
    return states, _column(graph, graph.input("attention_mask", ["batch", "tokens"], TensorProto.INT64))


def _word_pieces(vocabulary: list[str]) -> dict:
    """A lower-casing WordPiece of single letters that asks, like the real one, for padding to a fixed length."""
    special = lambda i, text: {"id": i, "content": text, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": True}
    piece = lambda token: {"SpecialToken": {"id": token, "type_id": 0}}
    text = {"Sequence": {"id": "A", "type_id": 0}}
    return {
        "version": "1.0",
        "truncation": {"direction": "Right", "max_length": 64, "strategy": "LongestFirst", "stride": 0},
        "padding": {"strategy": {"Fixed": 64}, "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0, "pad_type_id": 0, "pad_token": "[PAD]"},
        "added_tokens": [special(i, vocabulary[i]) for i in range(4)],
        "normalizer": {"type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": None, "lowercase": True},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [piece("[CLS]"), text, piece("[SEP]")],
            "pair": [piece("[CLS]"), text, piece("[SEP]"), {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {token: {"id": token, "ids": [vocabulary.index(token)], "tokens": [token]} for token in ("[CLS]", "[SEP]")},
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece",
            "unk_token": "[UNK]",
            "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100,
            "vocab": {token: i for i, token in enumerate(vocabulary)},
        },
    }


def write_gill(part: Path, weights: Weights) -> None:
    part.mkdir(parents=True)
    rows = weights(IMG_TOKENS, HIDDEN, scale=0.3)
    save_file(
        {"input_embeddings": rows, "output_embeddings": weights(1, HIDDEN, scale=0.3), "output_bias": np.zeros(1, np.float32)},
        part / "img_tokens.safetensors",
    )

    graph = Graph("visual_prefix")
    flat = _linear(graph, graph.input("pooler_output", ["batch", POOLED_DIM]), weights, POOLED_DIM, VISUAL_TOKENS * HIDDEN)
    prefix = graph.node("Reshape", flat, graph.constant([-1, VISUAL_TOKENS, HIDDEN], np.int64))
    graph.output(prefix, "prefix_embeds", ["batch", VISUAL_TOKENS, HIDDEN])
    graph.save(part / "visual_prefix.onnx")

    graph = Graph("retrieval_text")
    states = graph.input("hidden_states", ["batch", IMG_TOKENS, HIDDEN])
    first = graph.node("Gather", states, graph.constant(0, np.int64), axis=1)
    query = l2_normalise(graph, _linear(graph, first, weights, HIDDEN, RETRIEVAL_DIM))
    graph.output(query, "query_embeds", ["batch", RETRIEVAL_DIM])
    graph.save(part / "retrieval_text.onnx")
    _pooled_head(part / "retrieval_image.onnx", weights, "retrieval_embeds", RETRIEVAL_DIM)

    graph = Graph("gill_mapper")
    states = graph.input("hidden_states", ["batch", IMG_TOKENS, HIDDEN])
    flat = graph.node("Flatten", graph.node("Add", states, graph.constant(rows, name="img_embeddings")))
    mapped = graph.node("Tanh", _linear(graph, flat, weights, IMG_TOKENS * HIDDEN, CONDITIONING_LENGTH * CONDITIONING_DIM))
    shape = [CONDITIONING_LENGTH, CONDITIONING_DIM]
    mapped = graph.node("Reshape", mapped, graph.constant([-1, *shape], np.int64))
    graph.output(mapped, "encoder_hidden_states", ["batch", *shape])
    graph.save(part / "gill_mapper.onnx")

    graph = Graph("decision")
    hidden = _linear(graph, graph.input("hidden_state", ["batch", HIDDEN]), weights, HIDDEN, 1)
    features = _linear(graph, graph.input("features", ["batch", len(FEATURES)]), weights, len(FEATURES), 1)
    graph.output(graph.node("Sigmoid", graph.node("Add", hidden, features)), "p_retrieve", ["batch", 1])
    graph.save(part / "decision.onnx")


# --- diffusion --------------------------------------------------------------------------------------------------------------


def write_diffusion(bundle: Path, weights: Weights, drafts: bool = False) -> None:
    latent, mask = (["batch", channels, LATENT_SIZE, LATENT_SIZE] for channels in (LATENT_CHANNELS, 1))
    pixels = ["batch", 3, PICTURE_SIZE, PICTURE_SIZE]
    graph = Graph("unet")
    sample = graph.input("sample", latent)
    time = graph.node("Mul", graph.input("timestep", ["batch"]), graph.constant(0.001))
    time = graph.node("Unsqueeze", time, graph.constant([-1], np.int64))
    states = graph.input("encoder_hidden_states", ["batch", CONDITIONING_LENGTH, CONDITIONING_DIM])
    said = _linear(graph, graph.node("ReduceMean", states, axes=[1], keepdims=0), weights, CONDITIONING_DIM, LATENT_CHANNELS)
    shift = graph.node("Add", said, _linear(graph, time, weights, 1, LATENT_CHANNELS))
    shift = graph.node("Unsqueeze", shift, graph.constant([2, 3], np.int64))
    kernel = graph.constant(weights(LATENT_CHANNELS, LATENT_CHANNELS, 3, 3, scale=0.2), name="kernel")
    moved = graph.node("Conv", sample, kernel, pads=[1, 1, 1, 1])
    if drafts:
        masked = graph.node("Mul", graph.input("draft_latents", latent), graph.input("draft_mask", mask))
        moved = graph.node("Add", moved, masked)
    graph.output(graph.node("Add", moved, shift), "out_sample", latent)
    graph.save(bundle / "unet" / "model.onnx")

    graph = Graph("vae_decoder")
    scale = PICTURE_SIZE // LATENT_SIZE
    kernel = graph.constant(weights(LATENT_CHANNELS, 3, scale, scale, scale=0.7), name="kernel")
    picture = graph.node("ConvTranspose", graph.input("latent_sample", latent), kernel, strides=[scale, scale])
    if drafts:
        coarse = graph.node("AveragePool", graph.input("draft", pixels), kernel_shape=[scale, scale], strides=[scale, scale])
        seen = graph.node("Mul", coarse, graph.input("draft_mask", mask))
        fine = graph.constant(np.broadcast_to(np.eye(3, dtype=np.float32)[:, :, None, None], (3, 3, scale, scale)).copy(), name="spread")
        picture = graph.node("Add", picture, graph.node("ConvTranspose", seen, fine, strides=[scale, scale]))
    graph.output(graph.node("Tanh", picture), "sample", ["batch", 3, PICTURE_SIZE, PICTURE_SIZE])
    graph.save(bundle / "vae_decoder" / "model.onnx")
    if drafts:
        graph = Graph("vae_encoder")
        kernel = graph.constant(weights(LATENT_CHANNELS, 3, scale, scale, scale=0.2), name="kernel")
        graph.output(graph.node("Conv", graph.input("sample", pixels), kernel, strides=[scale, scale]), "latent_sample", latent)
        graph.save(bundle / "vae_encoder" / "model.onnx")
    config = {"_class_name": "FlowMatchEulerDiscreteScheduler", "num_train_timesteps": 1000, "shift": 1.0}
    _write_json(bundle / "scheduler" / "scheduler_config.json", config)


# --- the whole --------------------------------------------------------------------------------------------------------------


def _write_json(path: Path, value: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1, ensure_ascii=False) + "\n", "utf-8", newline="\n")


def _settings() -> dict:
    """What no graph says about itself."""
    return {
        "description": "Random weights with the shapes of a real bundle, for tests",
        "language_model": {"chat_template": "chatml", "system_prompt": "You show images."},
        "text_encoder": {"max_length": TEXT_LENGTH},
        "gill": {"decision_features": FEATURES, "img_token_bias": 0.5, "decision_threshold": 0.5, "decision_either_band": 0.1},
        "diffusion": {"num_inference_steps": 4, "guidance_scale": 2.0, "scaling_factor": 0.5, "shift_factor": 0.1},
        "clip": {"logit_scale": 14.3, "calibration": {"a": 10.0, "b": -3.0}},
    }


def write_tiny_bundle(bundle: Path, gguf_folder: Path) -> None:
    """Replaces `bundle`; the GGUF and its recipe, for tests of the importer, go into `gguf_folder`."""
    shutil.rmtree(bundle, ignore_errors=True)
    gguf_folder.mkdir(parents=True, exist_ok=True)
    weights = Weights(SEED)
    write_gguf(gguf_folder / "tiny.gguf", weights)
    write_language_model(bundle / "language_model", gguf_folder / "tiny.gguf")
    write_vision_encoder(bundle / "vision_encoder", weights)
    write_text_encoder(bundle / "text_encoder", weights)
    write_gill(bundle / "gill", weights)
    write_diffusion(bundle, weights)
    write_golden(bundle)
    licence = {"part": "all", "spdx": "Apache-2.0", "attribution": "random numbers", "source": "gill_training.tiny_bundle"}
    _write_json(bundle / "metrics" / "tiny.json", {"manifest": _settings(), "licences": [licence]})
    write_bundle(bundle, "tiny")
    write_drafts(bundle, bundle.parent / "tiny-drafts")
    shutil.rmtree(bundle / "metrics")


def write_drafts(bundle: Path, folder: Path) -> None:
    """What the same bundle has other files for when its image generator reads drafts."""
    shutil.rmtree(folder, ignore_errors=True)
    with TemporaryDirectory() as place:
        other = Path(place) / bundle.name
        shutil.copytree(bundle, other)
        write_diffusion(other, Weights(SEED), drafts=True)
        write_bundle(other, "tiny")
        shutil.rmtree(other / "metrics")
        for path in sorted(other.rglob("*")):
            same = bundle / path.relative_to(other)
            if path.is_file() and not (same.exists() and same.read_bytes() == path.read_bytes()):
                target = folder / path.relative_to(other)
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, target)


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training tiny-bundle", description=__doc__.splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, help="the bundle's folder; replaced")
    parser.add_argument("--gguf", type=Path, help="the GGUF's folder; default: `tiny-gguf` beside the bundle")
    options = parser.parse_args(argv)
    write_tiny_bundle(options.out, options.gguf or options.out.parent / "tiny-gguf")
    size = sum(path.stat().st_size for path in options.out.rglob("*") if path.is_file())
    print(f"{options.out}: {size / 1024:.0f} KiB")
