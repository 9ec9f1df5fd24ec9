import gzip
import json
import random
from pathlib import Path

import numpy as np
import pytest

from gill_training.confidence import answers, auc, logistic, prompts_by_kind, serving


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


SERVER = """#!/usr/bin/env python3
import http.server, sys
class Ready(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/readyz" else 404)
        self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[sys.argv.index("--port") + 1])), Ready).serve_forever()
"""


def test_a_server_of_its_own_is_ready_inside_the_block_and_gone_after_it(tmp_path, monkeypatch):
    (tmp_path / "gill").write_text(SERVER, "utf-8")
    (tmp_path / "gill").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    with serving(tmp_path / "bundle", tmp_path / "index", wait=30) as url:
        assert answers(f"{url}/readyz")
    assert not answers(f"{url}/readyz")


def test_a_server_that_does_not_start_is_said_with_its_command(tmp_path, monkeypatch):
    (tmp_path / "gill").write_text("#!/bin/sh\nexit 1\n", "utf-8")
    (tmp_path / "gill").chmod(0o755)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SystemExit, match="did not start; try: ./gill serve --bundle bundle --index index"):
        with serving(Path("bundle"), Path("index"), wait=30):
            pass
