"""Writes the `gill` folder of a bundle."""

from pathlib import Path

import torch
from safetensors.torch import save_file

from gill_training.gill.modules import Decision, Gill
from gill_training.onnx_files import export


def export_gill(gill: Gill, bundle: Path) -> None:
    folder, sizes = bundle / "gill", gill.sizes
    folder.mkdir(parents=True, exist_ok=True)
    rows = gill.img_tokens
    tensors = {
        "input_embeddings": rows.input_embeddings,
        "output_embeddings": rows.output_embeddings,
        "output_bias": rows.output_bias,
    }
    save_file({name: value.detach().float().contiguous() for name, value in tensors.items()}, folder / "img_tokens.safetensors")
    with torch.no_grad():
        gill.mapper.img_embeddings.copy_(rows.input_embeddings)
    hidden = torch.zeros(2, sizes.num_img_tokens, sizes.hidden_size)
    pooled = torch.zeros(2, sizes.pooled_dim)
    export(gill.visual_prefix, {"pooler_output": pooled}, ["prefix_embeds"], folder / "visual_prefix.onnx")
    export(gill.retrieval_text, {"hidden_states": hidden}, ["query_embeds"], folder / "retrieval_text.onnx")
    export(gill.retrieval_image, {"pooler_output": pooled}, ["retrieval_embeds"], folder / "retrieval_image.onnx")
    export(gill.mapper, {"hidden_states": hidden}, ["encoder_hidden_states"], folder / "gill_mapper.onnx")


def export_decision(decision: Decision, hidden_size: int, feature_count: int, bundle: Path) -> None:
    inputs = {"hidden_state": torch.zeros(2, hidden_size), "features": torch.zeros(2, feature_count)}
    export(decision, inputs, ["p_retrieve"], bundle / "gill" / "decision.onnx", half=False)
