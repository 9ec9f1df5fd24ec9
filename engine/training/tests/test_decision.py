"""The decision's requests and their right answers; the head that learns from what the engine sees of them."""

import json

import numpy as np
import pytest
import torch

from gill_training.clip.pictures import DEV, TRAIN, Picture
from gill_training.gill import decision
from gill_training.gill.chat import PICTURE, Conversation
from gill_training.gill.decision_requests import Desk, draw, messages
from gill_training.gill.requests import Request
from gill_training.gill.talks import TalkMaker


def picture(id_, caption, concept, colours, split=TRAIN, style="flat icon", keywords=()):
    return Picture(f"set/{id_}", "", "", caption, list(keywords), colours, concept, "animals-nature", "set", style, "set", "", split, True)


PICTURES = [
    picture("frog-1", "frog", "u:1f438", ["green"], keywords=["pond", "green"]), picture("frog-2", "frog face", "u:1f438", ["green"], style="3D render", keywords=["pond", "face"]),
    picture("frog-3", "frog", "u:1f438", ["green", "white"], style="outlined icon", keywords=["pond", "amphibian"]),
    picture("owl-1", "owl", "u:1f989", ["brown"], keywords=["bird", "night"]), picture("owl-2", "owl", "u:1f989", ["brown"], style="3D render", keywords=["bird", "wise"]),
    picture("owl-3", "owl", "u:1f989", ["brown"], style="outlined icon", keywords=["bird", "night"]),
    picture("pond", "garden pond", "name:garden pond", ["blue"], keywords=["water", "garden"]), picture("key", "key", "u:1f511", ["yellow"], split=DEV, keywords=["lock", "door"]),
]
PICTURES += [picture(f"{name}-{n}", name, key, ["blue"], style=style, keywords=["animal", hint])
             for name, key, hint in (("fox", "u:1f98a", "forest"), ("penguin", "u:1f427", "ice"), ("fish", "u:1f41f", "sea"), ("bird", "u:1f426", "sky"))
             for n, style in enumerate(("flat icon", "3D render", "outlined icon"))]


@pytest.fixture
def desk():
    return Desk(PICTURES, {"u:1f438": "any of various tailless stout-bodied amphibians", "u:1f989": "nocturnal bird of prey"}, {it.id: [] for it in PICTURES}, TRAIN)


def answer(desk, kind, caption, concepts=("u:1f438",), present=True, style="", gone=False):
    return desk.case(Request(Conversation(f"show me {caption}"), kind, concepts, caption, style, present=present), "train", gone)


def test_what_the_corpus_holds_is_retrieved(desk):
    assert answer(desk, "name", "a frog").answer == "retrieve"
    assert answer(desk, "styled", "a frog", style="3D render").right == ["set/frog-2"]
    assert answer(desk, "coloured", "a green frog", present=False).right == ["set/frog-1", "set/frog-2"]


def test_combinations_that_no_picture_shows_are_generated(desk):
    for kind, caption in (("coloured", "a blue frog"), ("counted", "three frogs"), ("grounded", "a frog on a red background"), ("pair", "a frog and an owl")):
        assert answer(desk, kind, caption, present=False).answer == "generate", caption


def test_a_thing_taken_out_takes_what_is_described_like_it_along(desk):
    case = answer(desk, "name", "a frog", gone=True)
    assert case.answer == "generate" and case.kind == "gone_name" and case.without == ["set/frog-1", "set/frog-2", "set/frog-3"]


def test_a_shown_picture_is_no_answer(desk):
    case = desk.case(Request(Conversation(PICTURE + "the same please"), "shown", ("u:1f438",), "a frog", pictures=(0,)), "train")
    assert case.messages[0]["parts"][0]["image"] == "set/frog-1" and "set/frog-1" not in case.right and "set/frog-1" in case.without


def test_messages_take_turns():
    rows = messages(Conversation("show me one", turns=((f"{PICTURE}I like frogs.", "Nice!"),)), ["set/frog-1"])
    assert [row["role"] for row in rows] == ["user", "assistant", "user"]
    assert rows[0]["parts"][0]["image"] == "set/frog-1" and rows[-1]["parts"] == [{"text": "show me one", "image": ""}]


def test_a_story_with_pictures_asks_for_another_of_the_same(desk):
    maker = TalkMaker(desk.concepts, desk.index, desk.colours(), 5)
    for request in maker.picture_stories(40):
        assert request.conversation.pictures == len(request.pictures) >= 1
        case = desk.case(request, "train")
        parts = case.messages[0]["parts"]
        shown = [part["image"] for part in parts if part["image"]]
        assert shown == [desk.pictures[row].id for row in request.pictures] and all(part["text"] or part["image"] for part in parts)
        assert case.answer == "retrieve" and case.right and not set(case.right) & set(shown)
        assert not any(mark in part["text"] for part in parts for mark in "{}\ufffc")


def test_draw_same_seed_same_cases(desk):
    cases = draw(desk, "train", 20, 3)
    assert cases == draw(desk, "train", 20, 3) != draw(desk, "train", 20, 4)
    assert {case.answer for case in cases} == {"retrieve", "generate"} and not any("key" in id_ for case in cases for id_ in case.right)


def row(use, answer, value):
    return {"use": use, "kind": "name", "answer": answer, "features": {name: value for name in decision.FEATURES}}


def test_head_learns_what_tells_the_answers_apart_and_a_cut_line_is_left_out(tmp_path):
    random = torch.Generator().manual_seed(1)
    rows = [row(use, answer, float(torch.randn((), generator=random)) + (1.5 if answer == "retrieve" else -1.5))
            for use in ("train", "apart", "test") for answer in ("retrieve", "generate") for _ in range(60)]
    path = tmp_path / "evidence.jsonl"
    path.write_text("".join(json.dumps(it) + "\n" for it in rows) + '{"use": "tr')
    cases = decision.read_evidence(path)
    assert [len(part.rows) for part in cases.values()] == [120, 120, 120]
    head = decision.fit(cases["train"], 0.3, 0, steps=200)
    decision.calibrate(head, decision.logits(head, cases["apart"]), cases["apart"].retrieve)
    quality = decision.quality(head, cases["test"])
    assert quality["macro_f1"] > 0.85 and quality["ece"] < 0.12


def test_interval_is_wider_when_requests_about_one_thing_fail_together():
    right = np.arange(200) % 2 == 0
    said = right.copy()
    said[:40] = ~said[:40]
    low, high = decision.interval_over_concepts(said, right, [str(n) for n in range(200)], seed=0)
    wide_low, wide_high = decision.interval_over_concepts(said, right, [str(n // 20) for n in range(200)], seed=0)

    assert decision.macro_f1(said, right) == pytest.approx(0.8)
    assert wide_low < low < 0.8 < high < wide_high


def test_concepts_of_the_test_come_in_the_order_of_the_evidence(tmp_path):
    lines = [{"use": "test", "concepts": ["u:1"]}, {"use": "train", "concepts": ["u:2"]}, {"use": "test", "concepts": []}, {"use": "test", "concepts": ["u:3", "u:1"]}]
    file = tmp_path / "decision.jsonl"
    file.write_text("".join(json.dumps(line) + "\n" for line in lines), "utf-8")

    assert decision.concepts_of_test(file, 2) == ["u:1", ""]
    assert decision.concepts_of_test(file, 9) == ["u:1", "", "u:3"]
