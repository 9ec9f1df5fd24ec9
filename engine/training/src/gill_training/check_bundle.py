"""Checks a bundle folder as the engine does when it opens one, and lists all faults at once.

Checked: the manifest's keys, every file's size and SHA-256, and of every graph its input and output names, types and shapes
(docs/model-bundle-format.md), by loading it in ONNX Runtime and running it once on zeros.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

from gill_training.imports import sha256_of

FLOAT, INT = "tensor(float)", "tensor(int64)"
Shape = tuple[str | int, ...]


@dataclass(frozen=True)
class Tensor:
    name: str
    shape: Shape
    type: str = FLOAT
    optional: bool = False


@dataclass(frozen=True)
class GraphContract:
    """The inputs and outputs of one file. Letters are sizes: B, T, P, K are free, the others come from the manifest."""

    path: str
    inputs: tuple[Tensor, ...]
    outputs: tuple[Tensor, ...]


def _contracts(layers: int, drafts: bool) -> list[GraphContract]:
    states = (Tensor("last_hidden_state", ("B", "T", "E")), Tensor("attention_mask", ("B", "T"), INT))
    pooled = (Tensor("pooler_output", ("B", "F")),)
    image_hidden = (Tensor("hidden_states", ("B", "r", "H")),)
    conditioning = (Tensor("encoder_hidden_states", ("B", "L", "C")),)
    latents, picture = (Tensor("latent_sample", ("B", "c", "h", "h")),), (Tensor("sample", ("B", 3, "px", "px")),)
    mask = Tensor("draft_mask", ("B", 1, "h", "h"))
    cache = ("B", "kv", "P", "hd")
    return [
        GraphContract(
            "language_model/embed_tokens.onnx",
            (Tensor("input_ids", ("B", "T"), INT),),
            (Tensor("inputs_embeds", ("B", "T", "H")),),
        ),
        GraphContract(
            "language_model/model.onnx",
            (
                Tensor("inputs_embeds", ("B", "T", "H")),
                Tensor("attention_mask", ("B", "P+T"), INT),
                Tensor("logits_index", ("K",), INT, optional=True),
                *(Tensor(f"past_key_values.{i}.{kind}", cache) for i in range(layers) for kind in ("key", "value")),
            ),
            (
                Tensor("logits", ("B", "K", "V")),
                Tensor("hidden_states", ("B", "T", "H")),
                *(Tensor(f"present.{i}.{kind}", ("B", "kv", "P+T", "hd")) for i in range(layers) for kind in ("key", "value")),
            ),
        ),
        GraphContract("vision_encoder/model.onnx", (Tensor("pixel_values", ("B", 3, "S", "S")),), pooled),
        GraphContract("vision_encoder/projection.onnx", pooled, (Tensor("image_embeds", ("B", "D")),)),
        GraphContract(
            "text_encoder/model.onnx",
            (
                Tensor("input_ids", ("B", "T"), INT),
                Tensor("attention_mask", ("B", "T"), INT),
                Tensor("token_type_ids", ("B", "T"), INT, optional=True),
            ),
            states[:1],
        ),
        GraphContract("text_encoder/text_projection.onnx", states, (Tensor("text_embeds", ("B", "D")),)),
        GraphContract("text_encoder/conditioning.onnx", states, conditioning),
        GraphContract("gill/visual_prefix.onnx", pooled, (Tensor("prefix_embeds", ("B", "n", "H")),)),
        GraphContract("gill/retrieval_text.onnx", image_hidden, (Tensor("query_embeds", ("B", "R")),)),
        GraphContract("gill/retrieval_image.onnx", pooled, (Tensor("retrieval_embeds", ("B", "R")),)),
        GraphContract("gill/gill_mapper.onnx", image_hidden, conditioning),
        GraphContract(
            "gill/decision.onnx",
            (Tensor("hidden_state", ("B", "H")), Tensor("features", ("B", "Kd"))),
            (Tensor("p_retrieve", ("B", 1)),),
        ),
        GraphContract(
            "unet/model.onnx",
            (
                Tensor("sample", ("B", "c", "h", "h")),
                Tensor("timestep", ("B",)),
                *conditioning,
                *((Tensor("draft_latents", ("B", "c", "h", "h")), mask) if drafts else ()),
            ),
            (Tensor("out_sample", ("B", "c", "h", "h")),),
        ),
        GraphContract(
            "vae_decoder/model.onnx",
            (*latents, *((Tensor("draft", ("B", 3, "px", "px"), optional=True), replace(mask, optional=True)) if drafts else ())),
            picture,
        ),
        *([GraphContract("vae_encoder/model.onnx", picture, latents)] if drafts else []),
    ]


UNIT_LENGTH = {"image_embeds", "text_embeds", "query_embeds", "retrieval_embeds"}
FREE_SIZES = {"B": 2, "T": 3, "P": 0, "K": 1, "P+T": 3}
OTHER_FILES = (
    "MODEL_CARD.md",
    "language_model/tokenizer.json",
    "text_encoder/tokenizer.json",
    "vision_encoder/preprocessor_config.json",
    "gill/img_tokens.safetensors",
    "scheduler/scheduler_config.json",
)
SIZES = {
    "H": "language_model.hidden_size",
    "V": "language_model.vocab_size",
    "kv": "language_model.num_kv_heads",
    "hd": "language_model.head_dim",
    "S": "vision_encoder.image_size",
    "F": "vision_encoder.pooled_dim",
    "D": "vision_encoder.embed_dim",
    "E": "text_encoder.hidden_dim",
    "r": "gill.num_img_tokens",
    "n": "gill.num_visual_tokens",
    "R": "gill.retrieval_dim",
    "L": "gill.conditioning_length",
    "C": "gill.conditioning_dim",
    "c": "diffusion.latent_channels",
    "h": "diffusion.latent_size",
    "px": "diffusion.image_size",
}


def faults(bundle: Path) -> Iterator[str]:
    """Everything that is wrong with the bundle; nothing when it is right."""
    manifest_path = bundle / "bundle.json"
    if not manifest_path.exists():
        yield "bundle.json is missing"
        return
    manifest = json.loads(manifest_path.read_text(encoding="utf-8"))
    if manifest.get("format_version") != 1:
        yield f"bundle.json: format_version is {manifest.get('format_version')!r}, expected 1"
    sizes: dict[str, int] = dict(FREE_SIZES)
    for letter, key in SIZES.items():
        value = _lookup(manifest, key)
        if isinstance(value, int):
            sizes[letter] = value
        else:
            yield f"bundle.json: {key} is {value!r}, expected a whole number"
    sizes["Kd"] = len(_lookup(manifest, "gill.decision_features") or [])
    if _lookup(manifest, "text_encoder.embed_dim") != sizes.get("D"):
        yield "bundle.json: text_encoder.embed_dim differs from vision_encoder.embed_dim"
    yield from _file_faults(bundle, manifest)
    for contract in _contracts(_lookup(manifest, "language_model.num_layers") or 0, bool(_lookup(manifest, "diffusion.drafts"))):
        yield from _graph_faults(bundle, contract, sizes)


def _lookup(manifest: dict[str, Any], key: str) -> Any:
    value: Any = manifest
    for name in key.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def _file_faults(bundle: Path, manifest: dict[str, Any]) -> Iterator[str]:
    listed = {row["path"] for row in manifest.get("files", [])}
    for name in OTHER_FILES:
        if name not in listed:
            yield f"bundle.json: files does not list {name}"
    for row in manifest.get("files", []):
        path = bundle / row["path"]
        if not path.exists():
            yield f"{row['path']}: missing ({row['origin']})"
        elif path.stat().st_size != row["bytes"]:
            yield f"{row['path']}: {path.stat().st_size} bytes, expected {row['bytes']}"
        elif sha256_of(path) != row["sha256"]:
            yield f"{row['path']}: SHA-256 differs from bundle.json"


def _graph_faults(bundle: Path, contract: GraphContract, sizes: dict[str, int]) -> Iterator[str]:
    path = bundle / contract.path
    if not path.exists():
        yield f"{contract.path}: missing"
        return
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    try:
        session = onnxruntime.InferenceSession(str(path), options)
    except Exception as fault:  # ONNX Runtime has no common exception type
        yield f"{contract.path}: does not load: {fault}"
        return
    found = list(_side_faults("input", contract.inputs, session.get_inputs(), sizes))
    found += _side_faults("output", contract.outputs, session.get_outputs(), sizes)
    yield from (f"{contract.path}: {fault}" for fault in found)
    known = all(isinstance(size, int) or size in sizes for tensor in contract.inputs + contract.outputs for size in tensor.shape)
    if known and not found:
        yield from (f"{contract.path}: {fault}" for fault in _run_faults(session, contract, sizes))


def _side_faults(side: str, expected: Sequence[Tensor], actual: Sequence[Any], sizes: dict[str, int]) -> Iterator[str]:
    by_name = {node.name: node for node in actual}
    for tensor in expected:
        node = by_name.pop(tensor.name, None)
        if node is None:
            if not tensor.optional:
                yield f"{side} {tensor.name} is missing"
            continue
        if node.type != tensor.type:
            yield f"{side} {tensor.name} is {node.type}, expected {tensor.type}"
        if len(node.shape) != len(tensor.shape):
            yield f"{side} {tensor.name} has shape {node.shape}, expected {list(tensor.shape)}"
            continue
        for extent, letter in zip(node.shape, tensor.shape):
            wanted = letter if isinstance(letter, int) else None if letter in FREE_SIZES else sizes.get(letter)
            if isinstance(extent, int) and wanted is not None and extent != wanted:
                yield f"{side} {tensor.name} has shape {node.shape}, expected {list(tensor.shape)} with {letter} = {wanted}"
    for name in by_name:
        yield f"{side} {name} is not in the format"


def _run_faults(session: onnxruntime.InferenceSession, contract: GraphContract, sizes: dict[str, int]) -> Iterator[str]:
    given = {node.name for node in session.get_inputs()}
    inputs = {tensor.name: _example(tensor, sizes) for tensor in contract.inputs if tensor.name in given}
    try:
        results = session.run([tensor.name for tensor in contract.outputs], inputs)
    except Exception as fault:
        yield f"does not run: {fault}"
        return
    for tensor, result in zip(contract.outputs, results):
        wanted = [letter if isinstance(letter, int) else sizes.get(letter) for letter in tensor.shape]
        if tensor.name == "logits" and "logits_index" not in given:
            wanted[1] = sizes["T"]
        if list(result.shape) != wanted:
            yield f"output {tensor.name} came out as {list(result.shape)}, expected {wanted}"
        if not np.isfinite(result).all():
            yield f"output {tensor.name} is not finite"
        elif tensor.name in UNIT_LENGTH and not np.allclose(np.linalg.norm(result, axis=-1), 1, atol=1e-4):
            yield f"output {tensor.name} has not length 1"


def _example(tensor: Tensor, sizes: dict[str, int]) -> np.ndarray:
    shape = [letter if isinstance(letter, int) else sizes[letter] for letter in tensor.shape]
    if tensor.type == INT:
        return np.ones(shape, np.int64) if "mask" in tensor.name else np.zeros(shape, np.int64)
    return np.random.default_rng(0).standard_normal(shape, np.float32)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training check-bundle", description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    bundle = parser.parse_args(arguments).bundle
    found = list(faults(bundle))
    print("\n".join(found) or f"{bundle}: no faults")
    if found:
        sys.exit(f"{len(found)} faults")
