"""Writing small trained networks as ONNX files."""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

OPSET = 18


def export(module: torch.nn.Module, inputs: dict[str, torch.Tensor], outputs: list[str], path: Path, half: bool = True,
           dynamic: dict[str, dict[int, str]] | None = None) -> None:
    """Writes `module` with named inputs and outputs; axis 0 of each is `batch` unless `dynamic` says otherwise.

    `half` stores large weights as float16 with a Cast to float32, which the runtime folds when it opens the file.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    axes = dynamic or {name: {0: "batch"} for name in [*inputs, *outputs]}
    torch.onnx.export(
        module.eval(),
        tuple(inputs.values()),
        str(path),
        input_names=list(inputs),
        output_names=outputs,
        dynamic_axes=axes,
        opset_version=OPSET,
        dynamo=False,
    )
    model = onnx.load(path)
    with torch.no_grad():
        results = module(*inputs.values())
    for value, result in zip(model.graph.output, [results] if torch.is_tensor(results) else results):
        _state_shape(value, list(result.shape), axes.get(value.name, {}))
    onnx.save(with_half_weights(model) if half else model, path)


def _state_shape(value: onnx.ValueInfoProto, sizes: list[int], dynamic: dict[int, str]) -> None:
    """Writes the sizes the tracer left open, so that a reader can check them."""
    for axis, dim in enumerate(value.type.tensor_type.shape.dim):
        if axis in dynamic:
            dim.dim_param = dynamic[axis]
        else:
            dim.dim_value = sizes[axis]


def with_half_weights(model: onnx.ModelProto, smallest: int = 1024) -> onnx.ModelProto:
    """Float32 initialisers of at least `smallest` values become float16 plus a Cast."""
    graph = model.graph
    casts, kept = [], []
    for tensor in graph.initializer:
        if tensor.data_type != TensorProto.FLOAT or np.prod(tensor.dims) < smallest:
            kept.append(tensor)
            continue
        name = tensor.name + ".half"
        kept.append(numpy_helper.from_array(numpy_helper.to_array(tensor).astype(np.float16), name))
        casts.append(helper.make_node("Cast", [name], [tensor.name], to=TensorProto.FLOAT))
    nodes = list(graph.node)
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(casts + nodes)
    return model
