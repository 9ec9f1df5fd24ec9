"""Two bundles' figures side by side."""

import json

import pytest

from gill_training import compare


def bundle(folder, recall):
    (folder / "metrics").mkdir(parents=True)
    report = {"seed": 3, "photo": {"clip": {"queries": 100, "r@1": recall, "median_rank": 2.0}, "frozen features": {"queries": 100, "r@1": 0.1}}}
    (folder / "metrics" / "clip.json").write_text(json.dumps(report), "utf-8")
    return folder


def test_wilson_is_the_textbooks():
    assert compare.wilson(0.5, 100) == pytest.approx((0.4038, 0.5962), abs=1e-4)
    assert compare.wilson(0.0, 40)[0] == pytest.approx(0, abs=1e-9)


@pytest.mark.parametrize("again, said", [(0.55, "1 within the interval, 0 below, 0 above"), (0.3, "0 within the interval, 1 below"), (0.7, "0 below, 1 above")])
def test_says_what_lies_within(tmp_path, capsys, again, said):
    compare.main([str(bundle(tmp_path / "a", 0.5)), str(bundle(tmp_path / "b", again))])
    out = capsys.readouterr().out
    assert out.startswith("clip: 1 shares") and said in out
    assert ("photo/clip/r@1: 0.50 (0.40" in out) == (again != 0.55)


def test_the_reports_own_interval_counts(tmp_path, capsys):
    for name, value in (("a", 0.84), ("b", 0.8)):
        (tmp_path / name / "metrics").mkdir(parents=True)
        report = {"test": {"cases": 547, "macro_f1": value, "macro_f1_interval": [0.77, 0.9]}}
        (tmp_path / name / "metrics" / "decision.json").write_text(json.dumps(report), "utf-8")
    compare.main([str(tmp_path / "a"), str(tmp_path / "b")])
    assert "1 within the interval, 0 below" in capsys.readouterr().out
