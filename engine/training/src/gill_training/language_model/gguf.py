"""A reader for GGUF version 3 files: metadata and tensor bytes, nothing else."""

import mmap
import struct
from dataclasses import dataclass
from pathlib import Path

import numpy as np

_SCALARS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
_STRING, _ARRAY = 8, 9

# GGML type -> (name, values per block, bytes per block)
_TYPES = {0: ("F32", 1, 4), 3: ("Q4_1", 32, 20), 8: ("Q8_0", 32, 34)}


@dataclass(frozen=True)
class GgufTensor:
    """One tensor: `shape` is [rows, columns] (GGUF stores it reversed), `data` its raw bytes."""

    name: str
    type: str
    shape: tuple[int, ...]
    data: np.ndarray


class GgufFile:
    """A memory-mapped GGUF file. Only the tensor types F32, Q4_1 and Q8_0 are known."""

    def __init__(self, path: Path):
        with open(path, "rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        self._at = 0
        magic, version, tensor_count, key_count = self._unpack("4sIQQ")
        if magic != b"GGUF" or version != 3:
            raise ValueError(f"{path}: not a GGUF version 3 file")
        self.metadata = {self._string(): self._value(self._unpack("I")[0]) for _ in range(key_count)}
        infos = [self._tensor_info() for _ in range(tensor_count)]
        alignment = self.metadata.get("general.alignment", 32)
        base = -(-self._at // alignment) * alignment
        self.tensors = {info[0]: self._tensor(base, *info) for info in infos}

    def _unpack(self, layout: str) -> tuple:
        values = struct.unpack_from("<" + layout, self._map, self._at)
        self._at += struct.calcsize("<" + layout)
        return values

    def _string(self) -> str:
        (length,) = self._unpack("Q")
        text = self._map[self._at : self._at + length].decode("utf-8")
        self._at += length
        return text

    def _value(self, kind: int):
        if kind == _STRING:
            return self._string()
        if kind != _ARRAY:
            return self._unpack(_SCALARS[kind])[0]
        item, length = self._unpack("IQ")
        if item in (_STRING, _ARRAY):
            return [self._value(item) for _ in range(length)]
        return list(self._unpack(f"{length}{_SCALARS[item]}"))

    def _tensor_info(self) -> tuple:
        name = self._string()
        (rank,) = self._unpack("I")
        shape = tuple(reversed(self._unpack(f"{rank}Q")))
        kind, offset = self._unpack("IQ")
        if kind not in _TYPES:
            raise ValueError(f"tensor {name}: GGML type {kind} is not supported")
        return name, shape, kind, offset

    def _tensor(self, base: int, name: str, shape: tuple, kind: int, offset: int) -> GgufTensor:
        type_name, block_values, block_bytes = _TYPES[kind]
        size = int(np.prod(shape)) // block_values * block_bytes
        return GgufTensor(name, type_name, shape, np.frombuffer(self._map, np.uint8, size, base + offset))
