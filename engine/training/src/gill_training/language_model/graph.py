"""The language model as two weightless ONNX graphs over weights.bin: `model.onnx` and `embed_tokens.onnx`.

Residual stream and norms are float32, the matrix products 8-bit (MatMulNBits with int8 activations), attention is
GroupQueryAttention with its rotary tables inside the graph. Query, key and value are one product, so are gate and up.
"""

from dataclasses import dataclass

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from gill_training.language_model.blocks import BLOCK
from gill_training.language_model.gguf import GgufFile
from gill_training.language_model.layout import Layout, WeightTensor

MICROSOFT = "com.microsoft"


@dataclass(frozen=True)
class LlamaSizes:
    """The sizes of a Llama-family GGUF."""

    layers: int
    hidden: int
    feed_forward: int
    heads: int
    kv_heads: int
    vocabulary: int
    rope_base: float
    epsilon: float

    @property
    def head_dim(self) -> int:
        return self.hidden // self.heads

    @staticmethod
    def of(file: GgufFile) -> "LlamaSizes":
        value = lambda key: file.metadata["llama." + key]
        return LlamaSizes(
            layers=value("block_count"),
            hidden=value("embedding_length"),
            feed_forward=value("feed_forward_length"),
            heads=value("attention.head_count"),
            kv_heads=value("attention.head_count_kv"),
            vocabulary=file.tensors["token_embd.weight"].shape[0],
            rope_base=float(value("rope.freq_base")),
            epsilon=float(value("attention.layer_norm_rms_epsilon")),
        )


def llama_layout(file: GgufFile) -> Layout:
    """weights.bin in the order in which the model reads it."""
    sizes, layout = LlamaSizes.of(file), Layout(file)
    for i in range(sizes.layers):
        block = f"blk.{i}."
        layout.floats(f"layers.{i}.attention_norm", block + "attn_norm.weight")
        qkv = [(block + "attn_q.weight", sizes.heads), (block + "attn_k.weight", sizes.kv_heads), (block + "attn_v.weight", 0)]
        layout.linear(f"layers.{i}.qkv", qkv)
        layout.linear(f"layers.{i}.attention_out", [(block + "attn_output.weight", 0)])
        layout.floats(f"layers.{i}.feed_forward_norm", block + "ffn_norm.weight")
        layout.linear(f"layers.{i}.gate_up", [(block + "ffn_gate.weight", 0), (block + "ffn_up.weight", 0)])
        layout.linear(f"layers.{i}.down", [(block + "ffn_down.weight", 0)])
    layout.floats("final_norm", "output_norm.weight")
    layout.table("tokens", "token_embd.weight")
    return layout


def rope_tables(sizes: LlamaSizes, positions: int) -> tuple[np.ndarray, np.ndarray]:
    """cos and sin of the rotary angles, f32 [positions, head_dim/2]."""
    inverse = sizes.rope_base ** -(np.arange(0, sizes.head_dim, 2) / sizes.head_dim)
    angles = np.outer(np.arange(positions), inverse)
    return np.cos(angles).astype(np.float32), np.sin(angles).astype(np.float32)


class _Graph:
    """Nodes and initialisers under construction."""

    def __init__(self, layout: Layout):
        self._tensors = layout.tensors
        self.nodes: list[onnx.NodeProto] = []
        self.initialisers: dict[str, onnx.TensorProto] = {}

    def node(self, operator: str, inputs: list[str], outputs: list[str], domain: str = "", **attributes) -> str:
        self.nodes.append(helper.make_node(operator, inputs, outputs, name=outputs[0] + "_node", domain=domain, **attributes))
        return outputs[0]

    def constant(self, name: str, value: np.ndarray) -> str:
        self.initialisers[name] = numpy_helper.from_array(value, name)
        return name

    def weight(self, name: str) -> str:
        self.initialisers.setdefault(name, _external(self._tensors[name]))
        return name

    def product(self, x: str, matrix: str, output: str) -> str:
        """x · matrixᵀ with the 8-bit rows called `matrix`."""
        rows, blocks, _ = self._tensors[f"{matrix}.values"].shape
        weights = [f"{matrix}.{part}" for part in ("values", "scales", "zero_points")]
        inputs = [x] + [self.weight(name) for name in weights if name in self._tensors]
        sizes = {"K": blocks * BLOCK, "N": rows, "bits": 8, "block_size": BLOCK, "accuracy_level": 4}
        return self.node("MatMulNBits", inputs, [output], MICROSOFT, **sizes)

    def model(self, name: str, inputs: list, outputs: list) -> onnx.ModelProto:
        graph = helper.make_graph(self.nodes, name, inputs, outputs, list(self.initialisers.values()))
        opsets = [helper.make_opsetid("", 21), helper.make_opsetid(MICROSOFT, 1)]
        return helper.make_model(graph, opset_imports=opsets, ir_version=10, producer_name="gill_training")


def _external(tensor: WeightTensor) -> onnx.TensorProto:
    proto = TensorProto(name=tensor.name, dims=tensor.shape, data_location=TensorProto.EXTERNAL)
    proto.data_type = helper.np_dtype_to_tensor_dtype(np.dtype(tensor.dtype))
    for key, value in (("location", "weights.bin"), ("offset", tensor.offset), ("length", tensor.bytes)):
        proto.external_data.add(key=key, value=str(value))
    return proto


def _cache(i: int, part: str, time: str) -> str:
    return f"{'past_key_values' if time == 'past' else 'present'}.{i}.{part}"


def language_model(sizes: LlamaSizes, layout: Layout, context: int) -> onnx.ModelProto:
    """`model.onnx`: embeddings and cache in; logits at `logits_index`, final hidden states and the grown cache out."""
    g = _Graph(layout)
    cos, sin = rope_tables(sizes, context)
    g.constant("cos", cos), g.constant("sin", sin)
    g.constant("last_axis", np.array([1], np.int64)), g.constant("one", np.array(1, np.int64))
    # GroupQueryAttention wants each row's last position and the longest row's length, both from the mask.
    g.node("ReduceSum", ["attention_mask", "last_axis"], ["lengths"], keepdims=0)
    g.node("Sub", ["lengths", "one"], ["last_positions"])
    g.node("Cast", ["last_positions"], ["last_positions_32"], to=TensorProto.INT32)
    g.node("Shape", ["attention_mask"], ["mask_shape"])
    g.node("Gather", ["mask_shape", "one"], ["longest"], axis=0)
    g.node("Cast", ["longest"], ["longest_32"], to=TensorProto.INT32)

    residual = "inputs_embeds"
    attention = {"num_heads": sizes.heads, "kv_num_heads": sizes.kv_heads, "scale": sizes.head_dim**-0.5, "do_rotary": 1}
    first = ["inputs_embeds", g.weight("layers.0.attention_norm")]
    x = g.node("SimplifiedLayerNormalization", first, ["l0.in"], axis=-1, epsilon=sizes.epsilon, stash_type=1)
    for i in range(sizes.layers):
        name, layer = f"l{i}.", f"layers.{i}."
        qkv = g.product(x, layer + "qkv", name + "qkv")
        past = [_cache(i, part, "past") for part in ("key", "value")]
        present = [_cache(i, part, "present") for part in ("key", "value")]
        mixed = g.node(
            "GroupQueryAttention",
            [qkv, "", "", *past, "last_positions_32", "longest_32", "cos", "sin"],
            [name + "mixed", *present],
            MICROSOFT,
            rotary_interleaved=0,
            **attention,
        )
        attended = g.product(mixed, layer + "attention_out", name + "attended")
        norm = [residual, attended, g.weight(layer + "feed_forward_norm")]
        y = g.node("SkipSimplifiedLayerNormalization", norm, [name + "mid", "", "", name + "sum"], MICROSOFT, epsilon=sizes.epsilon)
        g.product(y, layer + "gate_up", name + "gate_up")
        g.node("Split", [name + "gate_up"], [name + "gate", name + "up"], axis=-1, num_outputs=2)
        g.node("QuickGelu", [name + "gate"], [name + "silu"], MICROSOFT, alpha=1.0)  # x·sigmoid(x) = SiLU
        g.node("Mul", [name + "silu", name + "up"], [name + "wide"])
        down = g.product(name + "wide", layer + "down", name + "down")
        last = i == sizes.layers - 1
        norm = [name + "sum", down, g.weight("final_norm" if last else f"layers.{i + 1}.attention_norm")]
        outputs = ["hidden_states"] if last else [f"l{i + 1}.in", "", "", name + "out"]
        x = g.node("SkipSimplifiedLayerNormalization", norm, outputs, MICROSOFT, epsilon=sizes.epsilon)
        residual = name + "out"
    g.node("Gather", ["hidden_states", "logits_index"], ["wanted"], axis=1)
    g.product("wanted", "tokens", "logits")

    value = helper.make_tensor_value_info
    cache = lambda time, length: [
        value(_cache(i, part, time), TensorProto.FLOAT, ["batch", sizes.kv_heads, length, sizes.head_dim])
        for i in range(sizes.layers)
        for part in ("key", "value")
    ]
    inputs = [
        value("inputs_embeds", TensorProto.FLOAT, ["batch", "tokens", sizes.hidden]),
        value("attention_mask", TensorProto.INT64, ["batch", "past_and_tokens"]),
        value("logits_index", TensorProto.INT64, ["wanted"]),
    ]
    outputs = [
        value("logits", TensorProto.FLOAT, ["batch", "wanted", sizes.vocabulary]),
        value("hidden_states", TensorProto.FLOAT, ["batch", "tokens", sizes.hidden]),
    ]
    return g.model("language_model", inputs + cache("past", "past"), outputs + cache("present", "past_and_tokens"))


def embed_tokens(sizes: LlamaSizes, layout: Layout) -> onnx.ModelProto:
    """`embed_tokens.onnx`: token ids to the very rows that `model.onnx` scores tokens with, (value − 128)·scale."""
    g = _Graph(layout)
    g.constant("zero_point", np.array(128, np.float32)), g.constant("scale_axis", np.array([-1], np.int64))
    g.constant("flat", np.array([0, 0, sizes.hidden], np.int64))
    g.node("Gather", [g.weight("tokens.values"), "input_ids"], ["values"], axis=0)
    g.node("Gather", [g.weight("tokens.scales"), "input_ids"], ["scales"], axis=0)
    g.node("Cast", ["values"], ["floats"], to=TensorProto.FLOAT)
    g.node("Sub", ["floats", "zero_point"], ["centred"])
    g.node("Unsqueeze", ["scales", "scale_axis"], ["block_scales"])
    g.node("Mul", ["centred", "block_scales"], ["scaled"])
    g.node("Reshape", ["scaled", "flat"], ["inputs_embeds"])
    ids = helper.make_tensor_value_info("input_ids", TensorProto.INT64, ["batch", "tokens"])
    embeds = helper.make_tensor_value_info("inputs_embeds", TensorProto.FLOAT, ["batch", "tokens", sizes.hidden])
    return g.model("embed_tokens", [ids], [embeds])
