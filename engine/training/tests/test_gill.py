"""Prompt building, labels, losses and the shapes of GILL's parts."""

from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from torch import nn

from gill_training.gill.chat import PICTURE, Conversation, constant_prefix, segments, token_ids, user_turn
from gill_training.gill.concepts import Concept, WordIndex
from gill_training.gill.emission import labels, open_places
from gill_training.gill.gallery import caption_overlap, content_words, described_words
from gill_training.gill.hidden import img_hidden, prompt_embeddings, with_img_tokens
from gill_training.gill.losses import conditioning_loss, retrieval_loss
from gill_training.gill.modules import Decision, Gill, GillMapper, GillSizes, RetrievalText, VisualPrefix
from gill_training.gill.requests import Request, read_requests, write_requests
from gill_training.gill.smalltalk import first_sentence
from gill_training.gill.talks import TalkMaker
from gill_training.onnx_files import export

SIZES = GillSizes(hidden_size=24, pooled_dim=20, num_img_tokens=3, num_visual_tokens=2, retrieval_dim=8, conditioning_length=5, conditioning_dim=12)


def visual_prefix() -> VisualPrefix:
    """A memory of three names of two words each; images are looked at through their first eight numbers."""
    torch.manual_seed(4)
    look = nn.Sequential(nn.Linear(20, 8, bias=False))
    return VisualPrefix(SIZES, look, torch.tensor([[0, 1], [2, 1], [3, 3]]), torch.randn(4, 24), width=6)


def encode(text: str) -> list[int]:
    return list(text.encode("utf-8"))


def decode(ids: list[int]) -> str:
    return bytes(ids).decode("utf-8")


def test_a_dialogue_is_chatml_up_to_the_place_of_the_picture():
    talk = Conversation("show me one", "Here is one.", turns=(("I like cats.", "Me too."),))
    assert decode(token_ids(talk, encode)) == user_turn("I like cats.") + "Me too.<|im_end|>\n" + user_turn("show me one") + "Here is one."


def test_pictures_stand_where_they_are_shown():
    talk = Conversation(f"{PICTURE}the same in blue, not{PICTURE}", turns=((f"Look:{PICTURE}", "Nice!"),))
    assert talk.pictures == 3
    assert [decode(ids) for ids in segments(talk, encode)] == [
        "<|im_start|>user\nLook:", "<|im_end|>\n<|im_start|>assistant\nNice!<|im_end|>\n<|im_start|>user\n", "the same in blue, not",
        "<|im_end|>\n<|im_start|>assistant\n"]


def test_a_plain_request_is_its_text_alone():
    assert segments(Conversation("a red apple", plain=True), encode) == [encode("a red apple")]


def test_the_constant_prefix_ends_with_a_finished_turn():
    assert constant_prefix().startswith("<|im_start|>system\n")
    assert constant_prefix().endswith("<|im_end|>\n")


@pytest.mark.parametrize("user, reply, places, expected", [
    ("Where is Brazil?", "In America.", 4, [0, 0, 0, 0]),
    ("please show me a big cat", "Here is a cat.", 4, [-1, 0, 0, 1]),
    ("a cat", "Here is a cat.", 4, [-1, 0, 0, 1]),
    ("a cat", "", 1, [1]),
])
def test_labels_ask_for_the_picture_at_the_sentence_end(user, reply, places, expected):
    kind = "talk" if expected[-1] == 0 else "name"
    assert labels(Request(Conversation(user, reply), kind, (), ""), places) == expected


def test_open_places_are_the_start_and_sentence_ends():
    assert open_places([]) == [True]
    assert open_places(["Here", " is", " a", " cat", "."]) == [True, False, False, False, False, True]


def test_first_sentence_keeps_its_full_stop():
    assert first_sentence("Here is a cat. It is 2.5 kg heavy.") == "Here is a cat."
    assert first_sentence("no end") == "no end"


def test_retrieval_loss_falls_when_the_right_picture_is_near():
    queries, images = torch.eye(3), torch.eye(3)
    right, wrong = torch.eye(3, dtype=torch.bool), torch.eye(3, dtype=torch.bool).roll(1, 0)
    scale = torch.tensor(10.0)
    assert retrieval_loss(queries, images, right, scale) < 0.01 < 5 < retrieval_loss(queries, images, wrong, scale)


def test_retrieval_loss_ignores_queries_without_an_answer():
    answers = torch.tensor([[True, False], [False, False]])
    loss = retrieval_loss(torch.eye(2), torch.eye(2), answers, torch.tensor(20.0))
    assert torch.isfinite(loss)


def test_conditioning_loss_is_in_units_of_a_row():
    wanted = torch.ones(2, 5, 12)
    assert conditioning_loss(wanted, wanted) < 1e-2
    assert conditioning_loss(torch.zeros_like(wanted), wanted) == pytest.approx(1, abs=1e-3)


def test_img_rows_follow_each_prompt():
    gill = Gill(SIZES, torch.randn(30, SIZES.hidden_size), nn.Identity(), visual_prefix())
    prompts = [torch.zeros(4, SIZES.hidden_size), torch.zeros(2, SIZES.hidden_size)]
    embeds, starts = with_img_tokens(prompts, gill)
    assert embeds.shape == (2, 7, SIZES.hidden_size)
    picked = img_hidden(embeds, starts, SIZES.num_img_tokens)
    assert torch.equal(picked, gill.img_tokens.input_embeddings.expand(2, -1, -1))


class Twin:
    """Embeds a token as a row of its own number."""

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        return ids[..., None].float().expand(*ids.shape, SIZES.hidden_size)


def test_visual_tokens_stand_between_what_is_said():
    gill = Gill(SIZES, torch.randn(30, SIZES.hidden_size), nn.Identity(), visual_prefix())
    pooled = torch.randn(3, SIZES.pooled_dim)
    shown = Request(Conversation(f"a{PICTURE}b{PICTURE}"), "shown", (), "", pictures=(1, 2))
    bare = Request(Conversation("a"), "name", (), "")
    with torch.no_grad():
        prompts = prompt_embeddings([shown, bare], gill, [pooled[1:], pooled[:0]], Twin(), encode)
        tokens = gill.visual_prefix(pooled[1:])
    opening, ending = (len(encode(text)) for text in ("<|im_start|>user\n", "<|im_end|>\n<|im_start|>assistant\n"))
    assert [len(prompt) for prompt in prompts] == [opening + 2 + 2 * SIZES.num_visual_tokens + ending, opening + 1 + ending]
    at = opening + 1
    assert torch.equal(prompts[0][at : at + 2], tokens[0]) and torch.equal(prompts[0][at + 3 : at + 5], tokens[1])
    assert prompts[0][at - 1, 0] == ord("a") and prompts[0][at + 2, 0] == ord("b")


def test_requests_survive_their_file(tmp_path):
    requests = [Request(Conversation(f"{PICTURE}more", "Sure!", ((f"see{PICTURE}", "Ah."),)), "shown", ("u:1",), "a cat", "photo", (4, 7), False)]
    write_requests(requests, tmp_path / "requests.jsonl")
    assert read_requests(tmp_path / "requests.jsonl") == requests


def test_an_image_like_a_name_s_key_is_read_as_that_name():
    prefix = visual_prefix()
    image = torch.randn(1, 20)
    with torch.no_grad():
        prefix.keys[1].copy_(prefix.look(image)[0])
        prefix.log_scale.fill_(5.0)
        assert torch.allclose(prefix(image)[0], prefix.words[prefix.names[1]], atol=1e-3)


def test_talks_are_the_same_for_the_same_seed_and_name_nothing_too_early():
    concept = Concept("u:1", "otter", "otter", ["otter"], ["river", "fish"], "a mammal that swims; lives by rivers", "animals-nature", False, [0], {"photo"})
    others = {f"u:{n}": Concept(f"u:{n}", f"thing {n}", f"thing {n}", [f"thing {n}"], ["odd", "new"], None, "objects", False, [n]) for n in range(2, 7)}
    concepts = {"u:1": concept, **others}
    draw = lambda: TalkMaker(concepts, WordIndex(concepts), {"u:1": ["brown"]}, seed=3).draw(60)
    talks = draw()
    assert talks == draw()
    assert {talk.kind for talk in talks} == {"rounds", "described", "story", "drifting"}
    for talk in talks:
        said = " ".join([user for user, _ in talk.conversation.turns] + [talk.conversation.user])
        if talk.kind in ("rounds", "described") and "u:1" in talk.concepts:
            assert "otter" not in said


def test_content_words_and_overlap():
    assert content_words("Show me a picture of two blue Frogs!") == ["two", "blue", "frogs"]
    described = described_words(["frog", "green animal"])
    assert caption_overlap("two blue frogs", described) == pytest.approx(1 / 3)
    assert caption_overlap("show me one", described) == 1.0


@pytest.mark.parametrize("module, inputs, output, shape", [
    (visual_prefix(), {"pooler_output": torch.randn(2, 20)}, "prefix_embeds", (2, 2, 24)),
    (RetrievalText(SIZES), {"hidden_states": torch.randn(2, 3, 24)}, "query_embeds", (2, 8)),
    (GillMapper(SIZES, width=16, layers=1, heads=2), {"hidden_states": torch.randn(2, 3, 24)}, "encoder_hidden_states", (2, 5, 12)),
    (Decision(24, 4), {"hidden_state": torch.randn(2, 24), "features": torch.randn(2, 4)}, "p_retrieve", (2, 1)),
])
def test_exported_parts_have_the_format_s_names_and_shapes(tmp_path: Path, module, inputs, output, shape):
    export(module, inputs, [output], tmp_path / "part.onnx")
    session = onnxruntime.InferenceSession(tmp_path / "part.onnx")
    assert session.get_outputs()[0].shape == ["batch", *shape[1:]]
    one = {name: value[:1].numpy() for name, value in inputs.items()}
    got = session.run([output], one)[0]
    assert got.shape == (1, *shape[1:])
    with torch.no_grad():
        expected = module.eval()(*[value[:1] for value in inputs.values()]).numpy()
    assert np.allclose(got, expected, atol=5e-3)
