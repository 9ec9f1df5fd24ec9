import numpy as np
import pytest

from gill_training.gill.relevance import Background, Curve, background_rows, first_hits, id_hash


def test_id_hash_is_what_the_engine_computes():
    # MatchSampleTest has the same two.
    assert id_hash("") == 0xEFD01F60BA992926
    assert id_hash("noto/red-apple") == 0x7CF64420BBF708F1


def test_background_depends_on_the_ids_alone():
    ids = [f"pack/{n}" for n in range(900)]
    chosen = {ids[row] for row in background_rows(ids)}
    turned = ids[::-1]
    assert len(chosen) == 512 and chosen == {turned[row] for row in background_rows(turned)}


def test_fit_recovers_the_curve_that_drew_the_labels():
    random = np.random.default_rng(5)
    evidence = np.stack([random.normal(0.3, 0.1, 40000), random.normal(0.1, 0.05, 40000), random.normal(4, 1.5, 40000)], 1)
    true = Curve(9.0, -4.0, 0.8, -6.0)
    right = (random.random(len(evidence)) < true(evidence)).astype(float)
    fitted = Curve.fit(evidence, right, np.ones(len(evidence)))
    assert np.abs(fitted(evidence) - true(evidence)).max() < 0.05


def test_a_flat_background_gives_z_0():
    evidence = Background(np.ones((3, 1))).evidence(np.ones(1), np.array([1.0]))
    assert evidence == pytest.approx(np.array([[1.0, 1.0, 0.0]]))


def test_every_query_is_asked_with_and_without_its_answer():
    vectors = np.eye(20)
    right = np.arange(20) < 3
    evidence, labels, weight = first_hits(Background(vectors), vectors[0], vectors, right)
    assert evidence.shape == (20, 3) and labels[:10].sum() == 3 and labels[10:].sum() == 0
    assert weight.tolist() == [1, *[pytest.approx(1 / 9)] * 9] * 2
