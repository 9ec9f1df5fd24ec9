"""The official OpenAI client, as it is, against a server whose address is the first argument.

Prints "ok" when every call gave what its user expects; fails with a traceback otherwise.
"""
import base64
import sys
import time

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
    text, order, usage = "", [], None
    for chunk in client.chat.completions.create(
        model="gill",
        messages=[
            {"role": "user", "content": [
                {"type": "image_url", "image_url": {"url": PICTURE}},
                {"type": "text", "text": BLUE},
            ]},
        ],
        stream=True,
        stream_options={"include_usage": True},
    ):
        usage = chunk.usage or usage
        for choice in chunk.choices:
            if choice.delta.content:
                text += choice.delta.content
                order.append("text")
            order += [image["gill"]["image"]["kind"] for image in getattr(choice.delta, "images", None) or []]
    assert text == "Here is what you asked for:  Enjoy.", text
    assert order == ["text", "text", "generated", "text"], order
    assert usage.completion_tokens == 9, usage


def sent_back(client):
    """An answer goes back as it came, its picture included."""
    question = {"role": "user", "content": "a red apple"}
    first = client.chat.completions.create(model="gill", messages=[question])
    answer = first.choices[0].message.model_dump(exclude_none=True, warnings=False)
    second = client.chat.completions.create(model="gill", messages=[question, answer, question])
    assert second.choices[0].message.content[1]["type"] == "image_url", second


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
    with client.images.generate(prompt=BLUE, n=2, stream=True) as events:
        completed = [event for event in events if event.type == "image_generation.completed"]
    assert len(completed) == 2, completed
    with client.images.generate(prompt=BLUE, n=2, stream=True, partial_images=2) as events:
        events = list(events)
    growing = ["image_generation.partial_image"] * 2 + ["image_generation.completed"]
    assert [event.type for event in events] == growing * 2, events
    assert [event.partial_image_index for event in events if event.type == growing[0]] == [0, 1, 0, 1], events
    for event in completed + events:
        assert base64.b64decode(event.b64_json).startswith(b"\x89PNG")


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
    user = [{"role": "user", "content": "full"}]
    cases = (
        (lambda: client.images.generate(prompt=BLUE, style="vivid"), openai.BadRequestError, "unknown_field"),
        (lambda: client.images.generate(prompt=BLUE, size="1024x1024"), openai.UnprocessableEntityError, "invalid_value"),
        (lambda: client.chat.completions.create(model="gill", messages=user), openai.InternalServerError, "overloaded"),
        (lambda: client.chat.completions.create(model="gill", messages=user, stream=True), openai.InternalServerError,
         "overloaded"),
        (lambda: client.models.retrieve("gpt-4"), openai.NotFoundError, "model_not_found"),
    )
    for call, kind, code in cases:
        try:
            call()
        except kind as error:
            assert error.code == code, error
            assert error.body["message"], error
        else:
            raise AssertionError(code + " was taken")


def broken_midway(client):
    user = [{"role": "user", "content": "midway"}]
    try:
        for _ in client.chat.completions.create(model="gill", messages=user, stream=True):
            pass
    except openai.APIError as error:
        assert error.code == "overloaded", error
    else:
        raise AssertionError("a failure midway was not told")


def tried_again(client):
    """The server is full once, and says how long to wait."""
    began = time.monotonic()
    answer = client.with_options(max_retries=2).chat.completions.create(
        model="gill", messages=[{"role": "user", "content": "busy-python an apple"}]
    )
    assert answer.choices[0].finish_reason == "stop"
    assert time.monotonic() - began >= 1.9, "Retry-After was not waited for"


def rate_kept(client):
    try:
        for _ in range(100):
            client.embeddings.create(model="gill", input="an apple")
    except openai.RateLimitError as error:
        assert error.code == "too_many_requests", error
        assert int(error.response.headers["retry-after"]) >= 1
    else:
        raise AssertionError("the rate was not kept")
    assert len(client.with_options(max_retries=3).embeddings.create(model="gill", input="an apple").data) == 1


PICTURE = "data:image/png;base64," + sys.argv[2]
CHECKS = {
    "all": (whole_chat, streamed_chat, sent_back, drawn, embedded, listed, refused, broken_midway, tried_again),
    "rate": (rate_kept,),
}
with openai.OpenAI(base_url=sys.argv[1] + "/v1", api_key="none", max_retries=0) as openai_client:
    for check in CHECKS[sys.argv[3] if len(sys.argv) > 3 else "all"]:
        check(openai_client)
print("ok")
