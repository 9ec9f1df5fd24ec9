"""The official OpenAI client, as it is, against a server whose address is the first argument.

Prints "ok" when every call gave what its user expects; fails with a traceback otherwise.
"""
import base64
import sys

import openai

BLUE = "a blue banana"


def whole_chat(client):
    answer = client.chat.completions.create(
        model="gill", messages=[{"role": "user", "content": "a red apple"}], seed=3
    )
    parts = answer.choices[0].message.content
    assert [part["type"] for part in parts] == ["text", "image_url", "text"], parts
    assert parts[1]["gill"]["image"]["kind"] == "retrieved", parts
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage.total_tokens == 21, answer.usage
    plain = client.chat.completions.create(
        model="gill",
        messages=[
            {"role": "user", "content": [
                {"type": "text", "text": "what is this?"},
                {"type": "image_url", "image_url": {"url": PICTURE}},
            ]},
        ],
        extra_body={"image_mode": "none"},
    )
    assert plain.choices[0].message.content == "Here is what you asked for: ", plain


def streamed_chat(client):
    text, images, usage = "", [], None
    for chunk in client.chat.completions.create(
        model="gill",
        messages=[{"role": "user", "content": BLUE}],
        stream=True,
        stream_options={"include_usage": True},
    ):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            text += choice.delta.content or ""
            images += getattr(choice.delta, "images", None) or []
    assert text == "Here is what you asked for:  Enjoy.", text
    assert [image["gill"]["image"]["kind"] for image in images] == ["generated"], images
    assert usage.completion_tokens == 9, usage


def drawn(client):
    answer = client.images.generate(
        model="gill", prompt=BLUE, n=2, size="64x64", response_format="b64_json",
        extra_body={"seed": 7, "steps": 3, "guidance": 2.5, "negative_prompt": "text"},
    )
    assert len(answer.data) == 2
    for image in answer.data:
        assert base64.b64decode(image.b64_json).startswith(b"\x89PNG"), image
    by_address = client.images.generate(prompt=BLUE)
    assert by_address.data[0].url.startswith(sys.argv[1]), by_address
    events = list(client.images.generate(prompt=BLUE, stream=True))
    assert [event.type for event in events] == ["image_generation.completed"], events
    assert base64.b64decode(events[0].b64_json).startswith(b"\x89PNG")


def embedded(client):
    one = client.embeddings.create(model="gill", input="an apple").data[0].embedding
    assert abs(sum(x * x for x in one) - 1) < 1e-4, one
    many = client.embeddings.create(model="gill", input=["an apple", PICTURE], encoding_format="float")
    assert [item.index for item in many.data] == [0, 1]
    assert all(abs(a - b) < 1e-6 for a, b in zip(many.data[0].embedding, one))


def listed(client):
    names = [model.id for model in client.models.list()]
    assert names == ["icons"], names
    assert client.models.retrieve("icons").owned_by == "local"


def refused(client):
    try:
        client.images.generate(prompt=BLUE, style="vivid")
    except openai.BadRequestError as error:
        assert error.code == "unknown_field", error
        assert "style" in error.body["detail"], error
    else:
        raise AssertionError("an unknown parameter was taken")
    try:
        client.images.generate(prompt=BLUE, size="1024x1024")
    except openai.UnprocessableEntityError as error:
        assert error.code == "invalid_value", error
    else:
        raise AssertionError("a size that is not drawn was taken")


PICTURE = "data:image/png;base64," + sys.argv[2]
with openai.OpenAI(base_url=sys.argv[1] + "/v1", api_key="none", max_retries=0) as openai_client:
    for check in (whole_chat, streamed_chat, drawn, embedded, listed, refused):
        check(openai_client)
print("ok")
