"""The evaluation's cases: what they ask, that they are held out, and that their words are not those of the training."""

import json
import re
from pathlib import Path
from random import Random

import numpy as np
import pytest

from gill_training.corpus.splits import CROSS_STYLE, PHOTO, TRAIN, UNSEEN_CONCEPT
from gill_training.diffusion.scenes import HELD_OUT
from gill_training.evaluation import composition, conversation, decision, dialogue, generation, probes, retrieval, stories
from gill_training.evaluation.main import write_all
from gill_training.evaluation.shelf import Image, Shelf, by_kind
from gill_training.evaluation.things import everything
from gill_training.gill import captions, chat, decision_requests, requests, smalltalk, talks

INDEX_DATA = Path(__file__).parents[3] / "index-data"
COMMITTED = INDEX_DATA / "eval"


def image(number, concept, split, source="noto", style="shaded icon", caption=None, keywords=()):
    return Image(f"{source}/{number}", caption or concept, tuple(keywords), {"de": f"{concept}-de", "fr": f"{concept}-fr"}, ("red",), concept, "objects", source, style, split, "")


@pytest.fixture
def shelf():
    words = ("sharp", "shiny", "steel", "kitchen")
    rows = []
    for concept, split in (("knife", UNSEEN_CONCEPT), ("spoon", CROSS_STYLE), ("fork", TRAIN), ("ladle", TRAIN)):
        for n, (source, style) in enumerate((("noto", "shaded icon"), ("twemoji", "flat icon"), ("openmoji", "outlined icon"), ("fluent-3d", "3D render"))):
            held = split if split == UNSEEN_CONCEPT or (split == CROSS_STYLE and source == "noto") else TRAIN
            rows.append(image(f"{concept}{n}", concept, held, source, style, keywords=(*words, f"{concept} thing")))
    rows.append(image("photo", "fork", PHOTO, "gcompris", "photo"))
    return Shelf(rows, {"knife": "a blade with a handle used for cutting things"})


def test_hints_share_no_word_with_the_name(shelf):
    assert shelf.hints("knife") == ["kitchen", "sharp", "shiny", "steel"]


def test_what_is_described_as_a_thing_is_found_whatever_it_is_filed_under(shelf):
    other = Shelf([*shelf.images, image("set", "cutlery", TRAIN, caption="Knives and one fork"), image("sign", "sign", TRAIN, keywords=("no forks",)),
                   image("pitch", "pitchfork", TRAIN)], shelf.glosses)
    assert set(other.described("fork")) == {*other.ids("fork"), *other.ids("cutlery"), *other.ids("sign")}


def test_kinds_keep_their_order_and_their_share():
    rows = [{"kind": kind, "n": n} for n in range(10) for kind in ("b", "a")]
    chosen = by_kind(rows, 3, 4)
    assert [row["kind"] for row in chosen] == ["b"] * 4 + ["a"] * 4
    assert chosen == by_kind(rows, 3, 4) != by_kind(rows, 4, 4)


def test_retrieval_asks_for_held_out_images_only(shelf):
    rows = retrieval.cases(shelf, 1)
    splits = {it.id: it.split for it in shelf.images}
    texts = [row for row in rows if row["text"] and not row["image"] and not row["not"]]
    assert texts and all({splits[id_] for id_ in row["right"]} <= {UNSEEN_CONCEPT, CROSS_STYLE} for row in texts)
    assert {row["text"] for row in texts if "caption" in row["kind"]} == {"knife", "spoon"}
    [photo] = [row for row in rows if row["kind"] == "photo to drawing"]
    assert photo["image"] == "gcompris/photo" and photo["image"] not in photo["right"] and len(photo["right"]) == 4
    for row in rows:
        assert row["image"] not in row["right"] and row["right"], row


def test_a_dialogue_has_ten_rounds_and_two_asides(shelf):
    [row] = [row for row in dialogue.cases(shelf, 1) if row["kind"] == "unseen concept"]
    asides = dict(dialogue.ASIDES)
    assert len(row["rounds"]) == dialogue.ROUNDS
    assert [n for n, it in enumerate(row["rounds"]) if it["question"] in asides] == [3, 7]
    assert "a blade with a" in row["rounds"][8]["answer"]
    assert not any("knife" in it["answer"] for it in row["rounds"])


def test_stories_do_not_answer_with_what_they_show(shelf):
    rows = stories.cases(shelf, 1)
    assert {row["kind"] for row in rows} == {"named in the words", "seen in the pictures only", "described bit by bit"}
    for row in rows:
        shown = {part["image"] for part in row["parts"]} - {""}
        assert len(shown) == 2 and row["right"] and not shown & set(row["right"])
        said = " ".join(part["text"] for part in row["parts"])
        assert (row["kind"] == "named in the words") == bool(re.search("knife|spoon", said))


def test_combinations_called_unseen_are_the_held_out_ones():
    wanted = everything(Random(2))
    unseen = {(it.names[0], it.value) for it in wanted if it.kind == "colour" and it.seen == "unseen"}
    assert unseen == {tuple(pair) for pair in HELD_OUT["colours"]}
    seen_pairs = [sorted(it.names) for it in wanted if it.kind == "relation" and it.seen == "seen"]
    assert not any(sorted(pair) in seen_pairs for pair in HELD_OUT["pairs"])
    assert all(it.canonical for it in wanted)


def test_composed_pictures_show_what_is_wanted(tmp_path):
    sprite = np.zeros((40, 60, 4), np.uint8)
    sprite[10:30, 10:50] = (232, 53, 50, 255)
    [two] = [it for it in everything(Random(2)) if it.kind == "count" and it.names[0] == "frog"]
    name = generation.composed(two, lambda _: sprite, tmp_path, 7)
    assert name == "composed/007.webp"
    from PIL import Image as Picture

    pixels = np.asarray(Picture.open(tmp_path / "007.webp").convert("RGB")).astype(int)
    red = (pixels[..., 0] - pixels[..., 1]) > 90
    columns = np.flatnonzero(red.any(0))
    assert (np.diff(columns) > 3).sum() == 1 and not red[:30].any()
    assert generation.composed(two, lambda _: None, tmp_path, 8) == ""


def test_the_judge_sees_a_drawing_cut_to_its_edges():
    sprite = np.zeros((128, 128, 4), np.uint8)
    sprite[60:70, 20:40] = (0, 0, 255, 255)
    picture = np.asarray(probes.on_ground(sprite, (255, 255, 255), 100))
    blue = np.argwhere(picture[..., 0] < 128)
    assert (blue.min(0) == (29, 8)).all() and (blue.max(0) == (70, 91)).all()


def test_one_drawing_of_each_thing_is_kept_from_the_judge():
    rows = [{"id": f"{source}/{n}", "concept": "u:1f431", "split": TRAIN, "style": "flat icon", "source": source, "rgba_file": "x", "caption": "cat"}
            for n, source in enumerate(("noto", "twemoji", "openmoji"))]
    found = probes.drawings(rows, probes.thing_names(rows))
    assert [it.kept for it in found].count(True) == 1 and not [it for it in found if it.kept and it.source == "openmoji"]


TRAINED = {
    requests: ("ASKS", "HINTS", "DESCRIPTIONS", "LIKES", "ONES", "COLOURED_ONES", "NEXT", "COUNTED_ONES", "GROUNDED_ONES", "SAME", "SAME_COLOURED"),
    smalltalk: ("FIXED", "ABOUT", "AFTER_A_PICTURE", "AGAIN", "SHOWN_QUESTIONS"),
    captions: ("QUESTIONS", "COLOUR_QUESTIONS"),
    decision_requests: ("FRAMES",),
    talks: ("OPENINGS", "WORD_HINTS", "COLOUR_HINTS", "STYLE_HINTS", "ENDINGS", "STARTS", "MIDDLES", "LASTS", "SEEN", "SAID", "NAMED", "HINTED", "ASIDE", "STORY_ENDS"),
}


def plain(text):
    """A template without its case, punctuation and gaps."""
    return " ".join(re.sub(r"\{\w*\}", "_", text.lower()).replace("'", "").translate(str.maketrans(",.?!:", "     ")).split())


def test_the_words_are_not_those_of_the_training():
    trained = {plain(text) for module, names in TRAINED.items() for name in names for text in getattr(module, name)}
    trained |= {plain(text) for style in requests.STYLES.values() for text in style} | {plain(user) for user, _ in chat.EXAMPLES}
    ours = [*decision.ASKS, *decision.HINTED, *decision.STYLED.values(), *conversation.ASKED, *conversation.NOT_ASKED, *conversation.SMALL_TALK, *conversation.NAMING,
            *composition.STYLED.values(), *composition.COLOURED, *composition.COUNTED, *composition.BESIDE, *stories.ENDINGS, *dialogue.MEANINGS,
            *(text for talk in conversation.TALKS for text in talk[::2]), *(text for text in generation.SHORT if text != "{}"), *generation.LONG]
    assert not [text for text in ours if plain(text) in trained and text != "{}, if you don't mind"]


def test_everything_is_written(shelf, tmp_path, monkeypatch):
    monkeypatch.setattr(decision, "cases", lambda *_: [])  # needs the whole corpus
    monkeypatch.setattr(conversation, "cases", lambda *_: [])
    counts = write_all(shelf, lambda _: None, tmp_path, 1)
    assert counts["retrieval"] > 10 and counts["generation"] > 150
    assert json.loads((tmp_path / "galleries.jsonl").read_text().splitlines()[0])["name"] == "unseen concept"


def test_committed_cases_name_images_of_the_committed_corpus():
    import gzip

    with gzip.open(INDEX_DATA / "corpus" / "manifest.jsonl.gz", "rt", encoding="utf-8") as lines:
        known = {json.loads(line)["id"] for line in lines}
    for name in ("retrieval", "dialogue", "stories", "composition", "decision", "generation"):
        for line in (COMMITTED / f"{name}.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            named = [*row.get("right", []), *row.get("wrong", []), *row.get("references", []), *row.get("without", [])]
            named += [row[key] for key in ("image", "truth") if row.get(key)]
            assert set(named) <= known, (name, set(named) - known)
            assert not row.get("composed") or (COMMITTED / row["composed"]).is_file()


def test_human_labels_without_a_preference_are_left_out(tmp_path):
    table = tmp_path / "labels.tsv"
    table.write_text("Prompt\tCategory\tChallenge\tNote\tDecision\na \"red\" cat\tA\tB\tC\tret\ndusk\tA\tB\tC\tsame\na bond\tA\tB\tC\tgen\n")
    rows = decision.human_labels(table, 1)
    assert {row["text"]: row["answer"] for row in rows}["a bond"] == "generate" and len(rows) == 2
