"""The byte layout of weights.bin: which tensor is made of which GGUF tensors, and where it lies.

This is the whole importer; the Java one does the same from the rows that `describe` writes into import.json.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gill_training.language_model.blocks import BLOCK, f32_values, q4_1_to_8_bit, q8_0_to_8_bit
from gill_training.language_model.gguf import GgufFile

ALIGNMENT = 64


@dataclass(frozen=True)
class WeightTensor:
    """One tensor of weights.bin: the GGUF tensors' rows one after another, each permuted by its own `heads` (0: not)."""

    name: str
    kind: str
    gguf: tuple[str, ...]
    heads: tuple[int, ...]
    dtype: str
    shape: tuple[int, ...]
    offset: int

    @property
    def bytes(self) -> int:
        return int(np.prod(self.shape)) * np.dtype(self.dtype).itemsize

    def describe(self) -> dict:
        row = {"name": self.name, "kind": self.kind, "gguf": list(self.gguf)}
        if any(self.heads):
            row["heads"] = list(self.heads)
        return row | {"dtype": self.dtype, "shape": list(self.shape), "offset": self.offset, "bytes": self.bytes}


class Layout:
    """Collects the tensors of weights.bin in file order."""

    def __init__(self, file: GgufFile):
        self._file = file
        self.tensors: dict[str, WeightTensor] = {}
        self.size = 0

    def linear(self, name: str, parts: list[tuple[str, int]]) -> None:
        """A Q4_1 matrix of one or more stacked parts (GGUF name, heads): `name`.values, .scales and .zero_points."""
        rows = sum(self._file.tensors[part].shape[0] for part, _ in parts)
        blocks = self._file.tensors[parts[0][0]].shape[1] // BLOCK
        self._add(f"{name}.values", "q4_1.values", parts, "uint8", (rows, blocks, BLOCK))
        self._add(f"{name}.scales", "q4_1.scales", parts, "float32", (rows, blocks))
        self._add(f"{name}.zero_points", "q4_1.zero_points", parts, "uint8", (rows, blocks))

    def table(self, name: str, gguf: str) -> None:
        """A Q8_0 matrix: `name`.values and .scales."""
        rows, columns = self._file.tensors[gguf].shape
        self._add(f"{name}.values", "q8_0.values", [(gguf, 0)], "uint8", (rows, columns // BLOCK, BLOCK))
        self._add(f"{name}.scales", "q8_0.scales", [(gguf, 0)], "float32", (rows, columns // BLOCK))

    def floats(self, name: str, gguf: str) -> None:
        self._add(name, "f32", [(gguf, 0)], "float32", self._file.tensors[gguf].shape)

    def _add(self, name: str, kind: str, parts: list[tuple[str, int]], dtype: str, shape: tuple[int, ...]) -> None:
        offset = -(-self.size // ALIGNMENT) * ALIGNMENT
        sources, heads = zip(*parts)
        self.tensors[name] = WeightTensor(name, kind, sources, heads, dtype, shape, offset)
        self.size = offset + self.tensors[name].bytes


def tensor_bytes(file: GgufFile, row: dict) -> bytes:
    """The bytes of one tensor described by a row of import.json."""
    sources = [file.tensors[name] for name in row["gguf"]]
    heads = row.get("heads", [0] * len(sources))
    group, _, part = row["kind"].partition(".")
    if group == "f32":
        pieces = [f32_values(source) for source in sources]
    elif group == "q4_1":
        pieces = [getattr(q4_1_to_8_bit(source, count), part) for source, count in zip(sources, heads)]
    elif group == "q8_0":
        pieces = [getattr(q8_0_to_8_bit(source), part) for source in sources]
    else:
        raise ValueError(f"tensor {row['name']}: unknown kind '{row['kind']}'")
    return np.ascontiguousarray(np.concatenate(pieces), np.dtype(row["dtype"]).newbyteorder("<")).tobytes()


def write_weights(file: GgufFile, rows: list[dict], path: Path) -> None:
    """Writes weights.bin from import.json's rows; gaps between tensors are zero bytes."""
    with open(path, "wb") as out:
        for row in rows:
            out.write(b"\0" * (row["offset"] - out.tell()))
            data = tensor_bytes(file, row)
            if len(data) != row["bytes"]:
                raise ValueError(f"tensor {row['name']}: {row['bytes']} bytes announced, {len(data)} made")
            out.write(data)
