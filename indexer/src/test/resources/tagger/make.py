"""Makes `model.onnx`, a classifier for tests: which of red, green and blue a picture has most of. Run here: python make.py."""

from pathlib import Path

import onnx
from onnx import TensorProto, helper

mean = helper.make_node("ReduceMean", ["pixel_values", "axes"], ["logits"], keepdims=0)
graph = helper.make_graph(
    [mean],
    "colour",
    [helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, ["B", 3, "H", "W"])],
    [helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["B", 3])],
    [helper.make_tensor("axes", TensorProto.INT64, [2], [2, 3])],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=9)
onnx.checker.check_model(model)
onnx.save(model, Path(__file__).parent / "model.onnx")
