"""Reader of Qt binary resource files (`.rcc`), format versions 1 to 3.

Layout: a 20-byte header (magic, version, offsets of the tree, data and name sections), then a
tree of fixed-size nodes. A node is a folder (flag 2: child count, index of the first child) or a
file (offset into the data section, where a 32-bit length comes first). Numbers are big-endian.
"""

import struct
import zlib
from collections.abc import Iterator

MAGIC = b"qres"
FLAG_ZLIB = 1
FLAG_FOLDER = 2
FLAG_ZSTD = 4


def entries(blob: bytes) -> Iterator[tuple[str, bytes]]:
    """Yields (path, content) of every file in an `.rcc` blob, in tree order."""
    if blob[:4] != MAGIC:
        raise ValueError(f"not a Qt resource file: starts with {blob[:4]!r}, expected {MAGIC!r}")
    version, tree, data, names = struct.unpack_from(">IIII", blob, 4)
    if not 1 <= version <= 3:
        raise ValueError(f"Qt resource format version {version} is not supported (1 to 3 are)")
    # From version 2 on, each node ends with a 64-bit modification time.
    node_size = 14 if version == 1 else 22

    def name_at(offset: int) -> str:
        (length,) = struct.unpack_from(">H", blob, names + offset)
        start = names + offset + 6  # 2 bytes length, 4 bytes hash
        return blob[start : start + 2 * length].decode("utf-16-be")

    def content_at(offset: int, flags: int) -> bytes:
        (length,) = struct.unpack_from(">I", blob, data + offset)
        raw = blob[data + offset + 4 : data + offset + 4 + length]
        if flags & FLAG_ZLIB:
            return zlib.decompress(raw[4:])  # 4 bytes: the unpacked size
        if flags & FLAG_ZSTD:
            import zstandard

            return zstandard.ZstdDecompressor().decompressobj().decompress(raw)
        return raw

    def walk(index: int, prefix: str) -> Iterator[tuple[str, bytes]]:
        at = tree + index * node_size
        name_offset, flags = struct.unpack_from(">IH", blob, at)
        path = prefix if index == 0 else f"{prefix}/{name_at(name_offset)}"
        if flags & FLAG_FOLDER:
            count, first = struct.unpack_from(">II", blob, at + 6)
            for child in range(first, first + count):
                yield from walk(child, path)
        else:
            (offset,) = struct.unpack_from(">I", blob, at + 10)
            yield path.lstrip("/"), content_at(offset, flags)

    yield from walk(0, "")
