"""`gill-export`: writes the `gill` folder of a bundle."""

import argparse
from pathlib import Path

import torch
from safetensors.torch import save_file

from gill_training.gill.heads import PARTS, export_head, load_heads
from gill_training.gill.hidden import IMG_TOKENS, joined_gill
from gill_training.gill.modules import Decision, Gill
from gill_training.gill.run import Run, add_common_options, log
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
    save_file({name: value.detach().float().contiguous() for name, value in tensors.items()}, folder / IMG_TOKENS)
    pooled = torch.zeros(2, sizes.pooled_dim)
    export(gill.visual_prefix, {"pooler_output": pooled}, ["prefix_embeds"], folder / "visual_prefix.onnx")
    export(gill.retrieval_image, {"pooler_output": pooled}, ["retrieval_embeds"], folder / "retrieval_image.onnx")
    for part in PARTS:
        export_head(gill, part, bundle)


def export_decision(decision: Decision, hidden_size: int, feature_count: int, bundle: Path) -> None:
    inputs = {"hidden_state": torch.zeros(2, hidden_size), "features": torch.zeros(2, feature_count)}
    export(decision, inputs, ["p_retrieve"], bundle / "gill" / "decision.onnx", half=False)


def trained_gill(run: Run) -> Gill:
    """The [IMG] tokens, visual prefix, heads and the output row of [IMG0], each from its own stage."""
    gill = joined_gill(run)
    load_heads(run, gill)
    emission = run.options.out / "emission.pt"
    if emission.exists():
        state = torch.load(emission, weights_only=True)
        with torch.no_grad():
            gill.img_tokens.output_embeddings.copy_(state["output_embeddings"])
            gill.img_tokens.output_bias.copy_(state["output_bias"])
    return gill.eval()


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training gill-export", description=__doc__.splitlines()[0])
    add_common_options(parser)
    parser.add_argument("--to", type=Path, required=True, help="the bundle that gets the parts")
    options = parser.parse_args(argv)
    export_gill(trained_gill(Run(options)), options.to)
    log(f"wrote {options.to}/gill")
