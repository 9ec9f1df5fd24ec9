"""Writes the committed search corpus: small pictures, their manifest, and who made them."""

import gzip
import hashlib
import io
import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from PIL import Image
from tqdm import tqdm

from .sources import CLDR_NAMES, LICENCE_URLS, SOURCES

WEBP_QUALITY = 80
_COPIED_FIELDS = ("caption", "keywords", "names", "colours", "concept", "group", "source", "style", "split", "author",
                  "licence", "attribution")
_CHANGES = "rendered or scaled to 128 x 128 pixels on white, saved as WebP; captions and keywords added"


def export(corpus: Path, index_data: Path, workers: int) -> None:
    """Fills `index_data/corpus` from the searchable rows of the corpus' manifest."""
    rows = [json.loads(line) for line in (corpus / "manifest.jsonl").read_text("utf-8").splitlines()]
    rows = sorted((row for row in rows if row["index"]), key=lambda row: row["id"])
    out = index_data / "corpus"
    for source in {row["source"] for row in rows}:
        (out / "images" / source).mkdir(parents=True, exist_ok=True)
    pictures = [corpus / row["file"] for row in rows]
    targets = [out / file_of(row) for row in rows]
    with ProcessPoolExecutor(workers) as pool:
        written = list(tqdm(pool.map(_write_webp, pictures, targets, chunksize=32), total=len(rows), desc="export",
                            unit="image"))
    _remove_others(out / "images", set(targets))
    entries = [entry(row, *about) for row, about in zip(rows, written)]
    _write_gzip(out / "manifest.jsonl.gz", "".join(json.dumps(e, ensure_ascii=False) + "\n" for e in entries))
    (out / "sources.json").write_text(json.dumps(sources(entries), ensure_ascii=False, indent=2) + "\n", "utf-8")
    size = sum(path.stat().st_size for path in targets)
    print(f"export: {len(entries)} images, {size / 1e6:.1f} MB; "
          f"manifest {(out / 'manifest.jsonl.gz').stat().st_size / 1e6:.2f} MB")


def file_of(row: dict) -> str:
    return f"images/{row['id']}.webp"


def entry(row: dict, sha256: str, width: int, height: int) -> dict:
    """One line of the committed manifest; `sha256` is of the image file's bytes."""
    copied = {name: row[name] for name in _COPIED_FIELDS if name in row}
    return {"id": row["id"], "file": file_of(row), **copied, "sha256": sha256, "width": width, "height": height}


def sources(entries: list[dict]) -> dict:
    """Per source: what it is, who made it, under which licences its exported pictures are, what was changed."""
    described = {}
    for key in sorted({e["source"] for e in entries}):
        source = SOURCES[key]
        own = [e for e in entries if e["source"] == key]
        licences = sorted({e["licence"] for e in own})
        described[key] = {
            "title": source.title,
            "author": source.author,
            "homepage": source.homepage,
            "licences": {licence: LICENCE_URLS[licence] for licence in licences},
            "package": str(source.package),
            "images": len(own),
            "changes": _CHANGES,
        }
    return {
        "pictures": described,
        "names": {"title": "Unicode CLDR annotations", "author": "Unicode, Inc.", "package": str(CLDR_NAMES),
                  "licences": {"Unicode-3.0": LICENCE_URLS["Unicode-3.0"]},
                  "changes": "short names turned into captions"},
    }


def _write_webp(picture: Path, target: Path) -> tuple[str, int, int]:
    with Image.open(picture) as image:
        buffer = io.BytesIO()
        image.convert("RGB").save(buffer, "WEBP", quality=WEBP_QUALITY, method=6)
        target.write_bytes(buffer.getvalue())
        return hashlib.sha256(buffer.getvalue()).hexdigest(), image.width, image.height


def _write_gzip(path: Path, text: str) -> None:
    # Neither time nor file name inside: the same corpus gives the same bytes.
    with open(path, "wb") as raw, gzip.GzipFile("", "wb", compresslevel=9, fileobj=raw, mtime=0) as packed:
        packed.write(text.encode("utf-8"))


def _remove_others(folder: Path, kept: set[Path]) -> None:
    for path in folder.rglob("*.webp"):
        if path not in kept:
            path.unlink()
