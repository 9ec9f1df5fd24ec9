"""A small writer of ONNX graphs: values are names, every call adds one node.

Written by hand rather than traced, so that a graph says exactly what docs/model-bundle-format.md promises, is the same bytes on
every machine, and needs no PyTorch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8

Dim = int | str


@dataclass
class Graph:
    """An ONNX graph being written. Dimensions given as strings are dynamic."""

    name: str
    nodes: list[onnx.NodeProto] = field(default_factory=list)
    inputs: list[onnx.ValueInfoProto] = field(default_factory=list)
    outputs: list[onnx.ValueInfoProto] = field(default_factory=list)
    initializers: list[onnx.TensorProto] = field(default_factory=list)
    _values: int = 0

    def input(self, name: str, shape: Sequence[Dim], dtype: int = TensorProto.FLOAT) -> str:
        self.inputs.append(helper.make_tensor_value_info(name, dtype, list(shape)))
        return name

    def output(self, value: str, name: str, shape: Sequence[Dim], dtype: int = TensorProto.FLOAT) -> None:
        self.nodes.append(helper.make_node("Identity", [value], [name], name=f"to_{name}"))
        self.outputs.append(helper.make_tensor_value_info(name, dtype, list(shape)))

    def constant(self, value: object, dtype: type | np.dtype = np.float32, name: str | None = None) -> str:
        name = name or self._fresh("constant")
        array = np.asarray(value, dtype=dtype)
        self.initializers.append(numpy_helper.from_array(array, name))
        return name

    def half_weight(self, name: str, value: np.ndarray) -> str:
        """A weight stored as float16 and widened when the graph is loaded (ONNX Runtime folds the Cast away)."""
        stored = np.asarray(value, dtype=np.float32).astype(np.float16)
        if not np.isfinite(stored).all():
            raise ValueError(f"{self.name}: weight {name} does not fit into float16")
        return self.node("Cast", self.constant(stored, np.float16, name), to=TensorProto.FLOAT)

    def external(self, name: str, shape: Sequence[int], dtype: int, location: str, offset: int, length: int) -> str:
        """An initialiser whose bytes lie in another file."""
        tensor = TensorProto(name=name, dims=list(shape), data_type=dtype, data_location=TensorProto.EXTERNAL)
        for key, value in (("location", location), ("offset", offset), ("length", length)):
            tensor.external_data.add(key=key, value=str(value))
        self.initializers.append(tensor)
        return name

    def node(self, operator: str, *inputs: str, **attributes: object) -> str:
        """Adds a node with one output and returns that output's name."""
        value = self._fresh(operator.lower())
        self.nodes.append(helper.make_node(operator, list(inputs), [value], name=value, **attributes))
        return value

    def model(self) -> onnx.ModelProto:
        graph = helper.make_graph(self.nodes, self.name, self.inputs, self.outputs, self.initializers)
        return helper.make_model(
            graph,
            producer_name="gill_training",
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
        )

    def save(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(self.model().SerializeToString(deterministic=True))

    def _fresh(self, stem: str) -> str:
        self._values += 1
        return f"{stem}_{self._values}"


def l2_normalise(graph: Graph, value: str) -> str:
    norm = graph.node("ReduceL2", value, axes=[-1], keepdims=1)
    return graph.node("Div", value, graph.node("Max", norm, graph.constant(1e-12)))
