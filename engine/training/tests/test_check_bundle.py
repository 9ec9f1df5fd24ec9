"""The bundle checker on the engine's tiny bundle, whole and damaged."""

import json
import shutil
from pathlib import Path

import pytest

from gill_training.check_bundle import faults
from gill_training.onnx_graph import Graph

TINY = Path(__file__).resolve().parents[3] / "engine/src/test/resources/tiny-bundle"


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return Path(shutil.copytree(TINY, tmp_path / "bundle"))


def edit_manifest(bundle: Path, change) -> None:
    path = bundle / "bundle.json"
    manifest = json.loads(path.read_text("utf-8"))
    change(manifest)
    path.write_text(json.dumps(manifest), "utf-8")


def test_whole_bundle_has_no_faults(bundle):
    assert list(faults(bundle)) == []


def test_all_faults_are_listed_at_once(bundle):
    (bundle / "gill/decision.onnx").unlink()
    with (bundle / "MODEL_CARD.md").open("a") as card:
        card.write("more")
    edit_manifest(bundle, lambda manifest: manifest.update(format_version=2))
    found = "\n".join(faults(bundle))
    assert "format_version is 2" in found
    assert "gill/decision.onnx: missing" in found
    assert "MODEL_CARD.md: " in found and "bytes, expected" in found


def test_another_size_than_the_manifest_says_is_a_fault(bundle):
    edit_manifest(bundle, lambda manifest: manifest["gill"].update(retrieval_dim=manifest["gill"]["retrieval_dim"] + 1))
    found = [fault for fault in faults(bundle) if "retrieval" in fault]
    assert any(fault.startswith("gill/retrieval_text.onnx: output query_embeds") for fault in found)
    assert any(fault.startswith("gill/retrieval_image.onnx: output retrieval_embeds") for fault in found)


def test_wrong_names_are_faults(bundle):
    graph = Graph("wrong")
    graph.output(graph.input("pooled", ["batch", 4]), "embeds", ["batch", 4])
    graph.save(bundle / "vision_encoder/projection.onnx")
    found = "\n".join(faults(bundle))
    for fault in ("input pooler_output is missing", "input pooled is not in the format", "output image_embeds is missing"):
        assert f"vision_encoder/projection.onnx: {fault}" in found


def test_empty_folder_has_one_fault(tmp_path):
    assert list(faults(tmp_path)) == ["bundle.json is missing"]
