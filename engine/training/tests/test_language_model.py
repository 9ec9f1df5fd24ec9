"""GGUF blocks, the 8-bit form, the importer's layout and the graphs, on a small made-up model."""

import struct
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest
import torch

from gill_training.language_model.blocks import permuted_rows, q4_1_exact, q4_1_to_8_bit, q8_0_to_8_bit
from gill_training.language_model.gguf import GgufFile, GgufTensor
from gill_training.language_model.graph import LlamaSizes, embed_tokens, language_model, llama_layout
from gill_training.language_model.layout import tensor_bytes, write_weights
from gill_training.language_model.twin import LlamaTwin

HIDDEN, WIDE, VOCABULARY, HEADS, KV_HEADS, LAYERS = 64, 96, 40, 4, 2, 2


def q4_1_bytes(random: np.random.Generator, rows: int, columns: int) -> bytes:
    blocks = rows * columns // 32
    d = random.uniform(0.005, 0.02, blocks).astype(np.float16)
    m = (-d.astype(np.float32) * random.uniform(5, 10, blocks)).astype(np.float16)
    nibbles = random.integers(0, 256, (blocks, 16), dtype=np.uint8)
    return b"".join(a.tobytes() + b.tobytes() + c.tobytes() for a, b, c in zip(d, m, nibbles))


def q8_0_bytes(random: np.random.Generator, rows: int, columns: int) -> bytes:
    blocks = rows * columns // 32
    d = random.uniform(0.001, 0.01, blocks).astype(np.float16)
    values = random.integers(-128, 128, (blocks, 32)).astype(np.int8)
    return b"".join(a.tobytes() + b.tobytes() for a, b in zip(d, values))


def write_gguf(path: Path, seed: int = 1) -> None:
    random = np.random.default_rng(seed)
    text = lambda s: struct.pack("<Q", len(s)) + s.encode()
    sizes = {"block_count": LAYERS, "embedding_length": HIDDEN, "feed_forward_length": WIDE, "attention.head_count": HEADS,
             "attention.head_count_kv": KV_HEADS}
    pairs = [text("llama." + key) + struct.pack("<II", 4, value) for key, value in sizes.items()]
    floats = {"rope.freq_base": 10000.0, "attention.layer_norm_rms_epsilon": 1e-5}
    pairs += [text("llama." + key) + struct.pack("<If", 6, value) for key, value in floats.items()]
    pairs.append(text("notes") + struct.pack("<IIQ", 9, 8, 2) + text("a") + text("b"))
    kv = HIDDEN // HEADS * KV_HEADS
    tensors = [("token_embd.weight", 8, (VOCABULARY, HIDDEN)), ("output_norm.weight", 0, (HIDDEN,))]
    for i in range(LAYERS):
        linear = {"attn_q": (HIDDEN, HIDDEN), "attn_k": (kv, HIDDEN), "attn_v": (kv, HIDDEN), "attn_output": (HIDDEN, HIDDEN),
                  "ffn_gate": (WIDE, HIDDEN), "ffn_up": (WIDE, HIDDEN), "ffn_down": (HIDDEN, WIDE)}
        tensors += [(f"blk.{i}.{name}.weight", 3, shape) for name, shape in linear.items()]
        tensors += [(f"blk.{i}.{name}.weight", 0, (HIDDEN,)) for name in ("attn_norm", "ffn_norm")]
    infos, data = b"", b""
    for name, kind, shape in tensors:
        infos += text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *reversed(shape), kind, len(data))
        if kind == 0:
            data += random.uniform(0.5, 1.5, shape).astype(np.float32).tobytes()
        else:
            data += (q4_1_bytes if kind == 3 else q8_0_bytes)(random, *shape)
        data += b"\0" * (-len(data) % 32)
    head = struct.pack("<4sIQQ", b"GGUF", 3, len(tensors), len(pairs)) + b"".join(pairs) + infos
    path.write_bytes(head + b"\0" * (-len(head) % 32) + data)


@pytest.fixture
def file(tmp_path: Path) -> GgufFile:
    write_gguf(tmp_path / "small.gguf")
    return GgufFile(tmp_path / "small.gguf")


def block(d: float, m: float, nibbles: bytes) -> GgufTensor:
    raw = np.frombuffer(np.float16(d).tobytes() + np.float16(m).tobytes() + nibbles, np.uint8)
    return GgufTensor("made", "Q4_1", (1, 32), raw)


def test_q4_1_low_nibbles_come_first():
    tensor = block(1.0, 0.0, bytes(j | (15 - j) << 4 for j in range(16)))
    assert q4_1_exact(tensor)[0].tolist() == [*range(16), *range(15, -1, -1)]


def test_q4_1_in_8_bits_is_exact_when_the_zero_point_is_whole():
    tensor = block(0.25, -0.25 * 7, bytes(range(0, 256, 16)))
    assert np.allclose(q4_1_to_8_bit(tensor).dequantise(), q4_1_exact(tensor), rtol=1e-6, atol=0)


def test_q4_1_in_8_bits_is_off_by_at_most_a_34th_of_the_step(file):
    tensor = file.tensors["blk.0.ffn_up.weight"]
    d = np.frombuffer(tensor.data.tobytes(), np.uint8).reshape(WIDE, -1, 20)[..., :2].copy().view(np.float16)[..., 0].astype(np.float32)
    error = np.abs(q4_1_to_8_bit(tensor).dequantise() - q4_1_exact(tensor)).reshape(WIDE, -1, 32).max(-1)
    assert np.all(error <= d / 34 * 1.001)


@pytest.mark.parametrize("numerator, expected", [(0.5, 0), (1.5, 2), (2.5, 2), (3.5, 4)])
def test_zero_point_is_rounded_half_to_even(numerator, expected):
    tensor = block(17.0, -numerator, bytes(16))
    assert q4_1_to_8_bit(tensor).zero_points.tolist() == [[expected]]


def test_a_flat_block_with_an_offset_is_refused():
    with pytest.raises(ValueError, match="d = 0"):
        q4_1_to_8_bit(block(0.0, 1.0, bytes(16)))


def test_q8_0_is_exact():
    raw = np.float16(0.5).tobytes() + bytes(range(112, 144))
    tensor = GgufTensor("made", "Q8_0", (1, 32), np.frombuffer(raw, np.uint8))
    expected = np.frombuffer(bytes(range(112, 144)), np.int8).astype(np.float32) * 0.5
    assert np.array_equal(q8_0_to_8_bit(tensor).dequantise()[0], expected)


def test_permuted_rows_pairs_rotary_halves():
    rows = np.arange(8)[:, None]
    assert permuted_rows(rows, 2)[:, 0].tolist() == [0, 2, 1, 3, 4, 6, 5, 7]


def test_layout_is_aligned_and_written_as_described(file, tmp_path):
    layout = llama_layout(file)
    rows = [tensor.describe() for tensor in layout.tensors.values()]
    write_weights(file, rows, tmp_path / "weights.bin")
    content = (tmp_path / "weights.bin").read_bytes()
    assert len(content) == layout.size
    for row in rows:
        assert row["offset"] % 64 == 0
        assert content[row["offset"] : row["offset"] + row["bytes"]] == tensor_bytes(file, row)


def test_graphs_agree_with_the_torch_twin(file, tmp_path):
    sizes, layout = LlamaSizes.of(file), llama_layout(file)
    write_weights(file, [tensor.describe() for tensor in layout.tensors.values()], tmp_path / "weights.bin")
    onnx.save(language_model(sizes, layout, 32), tmp_path / "model.onnx")
    onnx.save(embed_tokens(sizes, layout), tmp_path / "embed_tokens.onnx")
    ids = np.arange(12, dtype=np.int64)[None] * 3
    embeds = onnxruntime.InferenceSession(tmp_path / "embed_tokens.onnx").run(None, {"input_ids": ids})[0]
    twin = LlamaTwin(file, context=32)
    assert np.array_equal(embeds, twin.embed(torch.from_numpy(ids)).numpy())

    session = onnxruntime.InferenceSession(tmp_path / "model.onnx")
    empty = np.zeros((1, KV_HEADS, 0, HIDDEN // HEADS), np.float32)
    past = {f"past_key_values.{i}.{part}": empty for i in range(LAYERS) for part in ("key", "value")}
    feeds = {"inputs_embeds": embeds, "attention_mask": np.ones((1, 12), np.int64), "logits_index": np.array([11])} | past
    logits, hidden, *_ = session.run(None, feeds)
    exact, cache = twin.run(torch.from_numpy(embeds))
    assert np.linalg.norm(hidden - exact.numpy()) < 0.05 * np.linalg.norm(exact.numpy())
    assert np.corrcoef(logits[0, 0], twin.logits(exact[0, 11]).numpy())[0, 1] > 0.99


def test_twin_continues_rows_of_different_length(file):
    twin = LlamaTwin(file, context=32)
    embeds = twin.embed(torch.arange(20).view(2, 10))
    _, past = twin.run(embeds[:, :6])
    short, _ = twin.run(embeds[1:, :4])
    tail, _ = twin.run(embeds[:, 6:8], past, torch.tensor([6, 4]))
    whole, _ = twin.run(embeds[:1, :8])
    spliced, _ = twin.run(torch.cat([embeds[1:, :4], embeds[1:, 6:8]], 1))
    assert torch.allclose(tail[0], whole[0, 6:], atol=1e-4)
    assert torch.allclose(tail[1], spliced[0, 4:], atol=1e-4)
    assert short.shape == (1, 4, HIDDEN)
