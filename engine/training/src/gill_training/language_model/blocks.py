"""The block formats of the GGUF and the 8-bit form the runtime computes with.

Q4_1: value = d·q + m, q in 0…15. With Q = 17·q, scale = d/17 and zero point z = round(−17·m/d), the same value is
scale·(Q − z) up to the rounding of z (at most d/34). Q8_0: value = d·q, so Q = q + 128, scale = d and z = 128 are exact.
"""

from dataclasses import dataclass

import numpy as np

from gill_training.language_model.gguf import GgufTensor

BLOCK = 32


@dataclass(frozen=True)
class Rows8Bit:
    """Rows in 8 bits: values u8 [N, K/32, 32], scales f32 [N, K/32], zero points u8 [N, K/32] or None for 128."""

    values: np.ndarray
    scales: np.ndarray
    zero_points: np.ndarray | None

    def dequantise(self) -> np.ndarray:
        zero = 128.0 if self.zero_points is None else self.zero_points[..., None].astype(np.float32)
        rows = (self.values.astype(np.float32) - zero) * self.scales[..., None]
        return rows.reshape(rows.shape[0], -1)


def permuted_rows(rows: np.ndarray, heads: int) -> np.ndarray:
    """Undoes the GGUF's interleaving of rotary halves: within a head, row p·half + j comes from row 2·j + p. 0 heads: none."""
    if heads == 0:
        return rows
    half = rows.shape[0] // heads // 2
    return rows.reshape(heads, half, 2, -1).swapaxes(1, 2).reshape(rows.shape)


def _half_to_float(raw: np.ndarray) -> np.ndarray:
    return np.ascontiguousarray(raw).view(np.float16)[..., 0].astype(np.float32)


def _blocks(tensor: GgufTensor, expected: str, block_bytes: int, heads: int) -> np.ndarray:
    if tensor.type != expected:
        raise ValueError(f"tensor {tensor.name}: {expected} expected, {tensor.type} found")
    rows, columns = tensor.shape
    return permuted_rows(tensor.data.reshape(rows, -1), heads).reshape(rows, columns // BLOCK, block_bytes)


def q4_1_parts(tensor: GgufTensor, heads: int = 0) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """d f32 [N, K/32], m f32 [N, K/32], q u8 [N, K/32, 32] of a Q4_1 tensor."""
    raw = _blocks(tensor, "Q4_1", 20, heads)
    nibbles = raw[..., 4:]
    return _half_to_float(raw[..., 0:2]), _half_to_float(raw[..., 2:4]), np.concatenate([nibbles & 15, nibbles >> 4], -1)


def q4_1_exact(tensor: GgufTensor, heads: int = 0) -> np.ndarray:
    """The values a Q4_1 tensor stands for, f32 [N, K]."""
    d, m, q = q4_1_parts(tensor, heads)
    return (d[..., None] * q + m[..., None]).reshape(tensor.shape)


def q4_1_to_8_bit(tensor: GgufTensor, heads: int = 0) -> Rows8Bit:
    """All arithmetic in float32; the zero point is rounded half to even and must fit 0…255."""
    d, m, q = q4_1_parts(tensor, heads)
    flat = d == 0
    if np.any(flat & (m != 0)):
        raise ValueError(f"tensor {tensor.name}: a block with d = 0 and m ≠ 0 has no 8-bit form")
    zero = np.rint(np.float32(-17) * m / np.where(flat, np.float32(1), d))
    if zero.min() < 0 or zero.max() > 255:
        raise ValueError(f"tensor {tensor.name}: a zero point is outside 0…255")
    return Rows8Bit(q * np.uint8(17), d / np.float32(17), zero.astype(np.uint8))


def q8_0_to_8_bit(tensor: GgufTensor) -> Rows8Bit:
    raw = _blocks(tensor, "Q8_0", 34, 0)
    return Rows8Bit(raw[..., 2:] ^ np.uint8(128), _half_to_float(raw[..., :2]), None)


def f32_values(tensor: GgufTensor) -> np.ndarray:
    if tensor.type != "F32":
        raise ValueError(f"tensor {tensor.name}: F32 expected, {tensor.type} found")
    return tensor.data.view(np.float32).reshape(tensor.shape)
