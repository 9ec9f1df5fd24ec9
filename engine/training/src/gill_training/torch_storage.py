"""Finds where a PyTorch checkpoint keeps its tensors, without PyTorch and without running the pickle.

Only the legacy layout (PyTorch before 1.6) is read: five pickles (magic number, protocol, system, state dict, storage keys), then for
each key its element count as a little-endian int64 and the raw elements.
"""

from __future__ import annotations

import pickle
from collections import OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

MAGIC = 0x1950A86A20F9469CFC6C
PROTOCOL = 1001
ITEM_SIZES = {"FloatStorage": 4, "LongStorage": 8, "HalfStorage": 2, "IntStorage": 4, "DoubleStorage": 8}


@dataclass(frozen=True)
class StoredTensor:
    """One tensor's place in the file. `strides` count elements; a permuted tensor is stored in another axis order."""

    storage_type: str
    shape: tuple[int, ...]
    strides: tuple[int, ...]
    offset: int
    bytes: int

    def stored_order(self) -> list[int]:
        """The tensor's axes from outermost to innermost as they lie in the file. Axes of size 1 take no part in strides."""
        order = sorted(range(len(self.shape)), key=lambda axis: (-self.strides[axis], self.shape[axis] != 1, axis))
        expected = 1
        for axis in reversed(order):
            if self.shape[axis] != 1 and self.strides[axis] != expected:
                raise ValueError(f"strides {self.strides} of shape {self.shape} are not a permutation of a dense tensor")
            expected *= self.shape[axis]
        return order


@dataclass(frozen=True)
class _Storage:
    type: str
    key: str
    count: int


@dataclass(frozen=True)
class _Tensor:
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    strides: tuple[int, ...]


class _StateDictReader(pickle.Unpickler):
    """Builds descriptions instead of tensors; any other class in the pickle is refused."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, strides, *_: _Tensor(storage, offset, tuple(shape), tuple(strides))
        if module == "torch" and name in ITEM_SIZES:
            return name
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a state dict")

    def persistent_load(self, identifier: Any) -> _Storage:
        kind, storage_type, key, _device, count, _view = identifier
        if kind != "storage":
            raise pickle.UnpicklingError(f"unknown persistent object {kind!r}")
        return _Storage(storage_type, key, count)


def stored_tensors(path: Path) -> dict[str, StoredTensor]:
    """The tensors of the legacy checkpoint at `path` by name, in the order of its state dict."""
    with path.open("rb") as file:
        magic, protocol, _system, state, keys = (_StateDictReader(file).load() for _ in range(5))
        if magic != MAGIC or protocol != PROTOCOL:
            raise ValueError(f"{path} is not a checkpoint in PyTorch's legacy layout")
        offsets = _storage_offsets(file, keys, {tensor.storage.key: tensor.storage for tensor in state.values()})
    tensors = {}
    for name, tensor in state.items():
        item = ITEM_SIZES[tensor.storage.type]
        size = item
        for extent in tensor.shape:
            size *= extent
        tensors[name] = StoredTensor(
            tensor.storage.type, tensor.shape, tensor.strides, offsets[tensor.storage.key] + item * tensor.offset, size
        )
    return tensors


def _storage_offsets(file: BinaryIO, keys: list[str], storages: dict[str, _Storage]) -> dict[str, int]:
    offsets = {}
    for key in keys:
        storage = storages[key]
        count = int.from_bytes(file.read(8), "little", signed=True)
        if count != storage.count:
            raise ValueError(f"storage {key} holds {count} elements, its state dict says {storage.count}")
        offsets[key] = file.tell()
        file.seek(count * ITEM_SIZES[storage.type], 1)
    return offsets
