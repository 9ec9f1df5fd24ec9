"""How conversations become token ids: the same chatml the engine builds (docs/model-bundle-format.md)."""

from collections.abc import Callable
from dataclasses import dataclass

SYSTEM_PROMPT = "You are a friendly assistant. You answer in one short sentence and can show pictures."

# Example turns after the system prompt: a model this small answers briefly, and to the point, only when it has seen how.
EXAMPLES = (
    ("Hi!", "Hello! How can I help you?"),
    ("show me a boat", "Here is a boat."),
    ("What is the capital of Italy?", "The capital of Italy is Rome."),
    ("something to sit on", "Here is something to sit on."),
    ("Why is the sea salty?", "Rivers carry salt from rocks into the sea."),
    ("can you draw a purple hat?", "Here is a purple hat."),
)

Encode = Callable[[str], list[int]]


@dataclass(frozen=True)
class Conversation:
    """What was said before [IMG0]: finished turns, the last user text, and what the assistant has said of its reply.

    `plain` conversations have no chat format: the last user text stands alone. `image` says that a picture precedes the last
    user text, or the first turn's when there are finished turns.
    """

    user: str
    reply: str = ""
    turns: tuple[tuple[str, str], ...] = ()
    image: bool = False
    plain: bool = False


def user_turn(text: str) -> str:
    return f"<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n"


def constant_prefix() -> str:
    """What every chat begins with."""
    turns = "".join(user_turn(user) + f"{reply}<|im_end|>\n" for user, reply in EXAMPLES)
    return f"<|im_start|>system\n{SYSTEM_PROMPT}<|im_end|>\n{turns}"


def token_ids(conversation: Conversation, encode: Encode) -> tuple[list[int], list[int]]:
    """(ids before the picture, ids after it); without a picture the first list is empty. The constant prefix is not included."""
    if conversation.plain:
        return [], encode(conversation.user)
    opening, ids, split = encode("<|im_start|>user\n"), [], 0
    for position, (user, reply) in enumerate([*conversation.turns, (conversation.user, conversation.reply)]):
        ids += opening
        if position == 0 and conversation.image:
            split = len(ids)
        ids += encode(user) + encode("<|im_end|>\n<|im_start|>assistant\n") + encode(reply)
        if position < len(conversation.turns):
            ids += encode("<|im_end|>\n")
    return ids[:split], ids[split:]
