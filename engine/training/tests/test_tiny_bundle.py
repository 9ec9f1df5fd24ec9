"""The committed tiny bundle is what `gill_training tiny-bundle` writes."""

from pathlib import Path

from gill_training.imports import sha256_of
from gill_training.tiny_bundle import write_tiny_bundle

COMMITTED = Path(__file__).parents[2] / "src/test/resources"


def hashes(folder: Path) -> dict[str, str]:
    # The reference values carry the versions of the machine that made them, and so does the list of files.
    skipped = {"golden", "bundle.json"}
    paths = (path for path in folder.rglob("*") if path.is_file() and path.relative_to(folder).parts[0] not in skipped)
    return {path.relative_to(folder).as_posix(): sha256_of(path) for path in paths}


def test_the_committed_bundle_is_reproducible(tmp_path):
    write_tiny_bundle(tmp_path / "tiny-bundle", tmp_path / "tiny-gguf")
    made = hashes(tmp_path / "tiny-bundle")
    committed = hashes(COMMITTED / "tiny-bundle")
    # The card tells the size of all files, reference values included.
    made.pop("MODEL_CARD.md"), committed.pop("MODEL_CARD.md")
    assert made == committed
    assert hashes(tmp_path / "tiny-gguf") == hashes(COMMITTED / "tiny-gguf")


def test_a_bundle_is_small(tmp_path):
    write_tiny_bundle(tmp_path / "tiny-bundle", tmp_path / "tiny-gguf")
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 2 << 20
