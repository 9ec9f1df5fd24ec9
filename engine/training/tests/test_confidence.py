import gzip
import json
import random

import numpy as np

from gill_training.confidence import auc, logistic, prompts_by_kind


def test_logistic_finds_the_middle_between_two_groups():
    x = np.concatenate([np.linspace(0.1, 0.4, 50), np.linspace(0.4, 0.8, 50)])
    y = np.arange(100) >= 50
    a, b = logistic(x, y)
    assert a > 0
    assert abs(-b / a - 0.4) < 0.02


def test_auc_of_a_perfect_and_a_useless_score():
    label = np.array([False, False, True, True])
    assert auc(np.array([0.1, 0.2, 0.3, 0.4]), label) == 1
    assert auc(np.array([0.5, 0.5, 0.5, 0.5]), label) == 0.5


def test_unknown_words_are_none_the_corpus_has(tmp_path):
    corpus = tmp_path / "manifest.jsonl.gz"
    row = {"concept": "u:1f996", "caption": "narwhal", "keywords": ["walrus"], "group": "animals-nature"}
    with gzip.open(corpus, "wt", encoding="utf-8") as file:
        file.write(json.dumps(row) + "\n")
    kinds = prompts_by_kind(corpus, 30, random.Random(0))
    assert kinds["corpus"] == ["a narwhal"]
    assert len(kinds["unknown"]) == 30 and not {"a narwhal", "a walrus"} & set(kinds["unknown"])
    assert "a blue banana" in kinds["coloured"]
