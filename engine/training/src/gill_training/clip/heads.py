"""The two trained projections into the shared space, in PyTorch and as ONNX graphs."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import onnx
import torch
from torch import nn
from torch.nn import functional

from gill_training.clip.text_graphs import text_inputs
from gill_training.onnx_graph import Graph, l2_normalise

EMBED_DIM = 256


class Projection(nn.Module):
    """Standardised features to a unit vector: a linear map plus a small perceptron with dropout."""

    def __init__(self, mean: np.ndarray, deviation: np.ndarray, hidden: int, dropout: float):
        super().__init__()
        width = len(mean)
        self.register_buffer("mean", torch.as_tensor(mean, dtype=torch.float32))
        self.register_buffer("inverse_deviation", 1 / torch.as_tensor(deviation, dtype=torch.float32))
        self.linear = nn.Linear(width, EMBED_DIM)
        self.inner = nn.Linear(width, hidden)
        self.outer = nn.Linear(hidden, EMBED_DIM, bias=False)
        self.dropout = nn.Dropout(dropout)

    def forward(self, features: torch.Tensor) -> torch.Tensor:
        value = (features - self.mean) * self.inverse_deviation
        hidden = functional.gelu(self.inner(self.dropout(value)))
        return functional.normalize((self.linear(value) + self.outer(self.dropout(hidden))).float(), dim=-1)

    @torch.no_grad()
    def start_at_principal_axes(self, features: torch.Tensor) -> None:
        """Starts as the projection on the features' first principal axes, so that what the frozen encoder finds alike stays alike."""
        _, _, axes = torch.linalg.svd(features - features.mean(0), full_matrices=False)
        deviation = 1 / self.inverse_deviation
        weight = axes[:EMBED_DIM] * deviation
        self.linear.weight.copy_(weight * self.linear.weight.std() / weight.std())
        self.linear.bias.zero_()
        self.outer.weight.zero_()

    @torch.no_grad()
    def embed(self, features: np.ndarray, batch: int = 4096) -> np.ndarray:
        """The embeddings of many features without gradients; the module must be in evaluation mode."""
        parts = [self(torch.as_tensor(features[i : i + batch], dtype=torch.float32)) for i in range(0, len(features), batch)]
        return torch.cat(parts).numpy() if parts else np.zeros((0, EMBED_DIM), np.float32)


def write_projection(graph: Graph, value: str, projection: Projection) -> str:
    """Adds the projection to a graph. Matrices are stored as float16, vectors as float32."""
    weights = {name: tensor.detach().numpy() for name, tensor in projection.state_dict().items()}
    value = graph.node("Sub", value, graph.constant(weights["mean"], name="mean"))
    value = graph.node("Mul", value, graph.constant(weights["inverse_deviation"], name="inverse_deviation"))
    hidden = _linear(graph, value, "inner", weights)
    error = graph.node("Erf", graph.node("Mul", hidden, graph.constant(2**-0.5)))
    half = graph.node("Mul", hidden, graph.constant(0.5))
    hidden = graph.node("Mul", half, graph.node("Add", error, graph.constant(1.0)))
    total = graph.node("Add", _linear(graph, value, "linear", weights), _linear(graph, hidden, "outer", weights))
    return l2_normalise(graph, total)


def _linear(graph: Graph, value: str, name: str, weights: dict[str, np.ndarray]) -> str:
    product = graph.node("MatMul", value, graph.half_weight(f"{name}.weight", weights[f"{name}.weight"].T))
    bias = weights.get(f"{name}.bias")
    return product if bias is None else graph.node("Add", product, graph.constant(bias, name=f"{name}.bias"))


def export_image_projection(path: Path, projection: Projection) -> None:
    graph = Graph("image_projection")
    pooled = graph.input("pooler_output", ["batch", len(projection.mean)])
    graph.output(write_projection(graph, pooled, projection), "image_embeds", ["batch", EMBED_DIM])
    graph.save(path)


def export_text_projection(path: Path, projection: Projection) -> None:
    """Mean over the unmasked tokens, L2 normalisation (both as in sentence-transformers), then the projection."""
    graph = Graph("text_projection")
    states, mask = text_inputs(graph)
    axes = graph.constant([1], "int64")
    summed = graph.node("ReduceSum", graph.node("Mul", states, mask), axes, keepdims=0)
    count = graph.node("Max", graph.node("ReduceSum", mask, axes, keepdims=0), graph.constant(1.0))
    pooled = l2_normalise(graph, graph.node("Div", summed, count))
    graph.output(write_projection(graph, pooled, projection), "text_embeds", ["batch", EMBED_DIM])
    graph.save(path)


def read_projection(path: Path) -> Projection:
    """The projection of a graph that `export_image_projection` or `export_text_projection` wrote, in evaluation mode."""
    values = {value.name: torch.from_numpy(onnx.numpy_helper.to_array(value).astype(np.float32)) for value in onnx.load(path).graph.initializer}
    hidden = len(values["inner.bias"])
    projection = Projection(np.zeros(len(values["mean"])), np.ones(len(values["mean"])), hidden, dropout=0.0)
    known = projection.state_dict()
    projection.load_state_dict({name: values[name].T if known[name].dim() == 2 else values[name] for name in known})
    return projection.eval()


def untrained(width: int, seed: int) -> Projection:
    """A projection with random weights and the right shapes, for integration tests of the format."""
    torch.manual_seed(seed)
    return Projection(np.zeros(width), np.ones(width), hidden=1024, dropout=0.0).eval()


