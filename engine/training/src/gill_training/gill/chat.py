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

PICTURE = "\ufffc"  # stands in what a user says for a picture (Unicode's object replacement character)

Encode = Callable[[str], list[int]]


@dataclass(frozen=True)
class Conversation:
    """What was said before [IMG0]: finished turns, the last user text, and what the assistant has said of its reply. Users may show
    pictures: each is a PICTURE in a user's text.

    `plain` conversations have no chat format and no pictures: the last user text stands alone.
    """

    user: str
    reply: str = ""
    turns: tuple[tuple[str, str], ...] = ()
    plain: bool = False

    @property
    def pictures(self) -> int:
        """How many are shown."""
        return sum(text.count(PICTURE) for text in (*(user for user, _ in self.turns), self.user))


def user_turn(text: str) -> str:
    return f"<|im_start|>user\n{text}<|im_end|>\n<|im_start|>assistant\n"


def constant_prefix() -> str:
    """What every chat begins with."""
    turns = "".join(user_turn(user) + f"{reply}<|im_end|>\n" for user, reply in EXAMPLES)
    return f"<|im_start|>system\n{SYSTEM_PROMPT}<|im_end|>\n{turns}"


def segments(conversation: Conversation, encode: Encode) -> list[list[int]]:
    """The ids before, between and after the pictures: one list more than there are pictures. The constant prefix is not included."""
    if conversation.plain:
        return [encode(conversation.user)]
    opening, found = encode("<|im_start|>user\n"), [[]]
    for position, (user, reply) in enumerate([*conversation.turns, (conversation.user, conversation.reply)]):
        before, *after = user.split(PICTURE)
        found[-1] += opening + encode(before)
        found += [list(encode(text)) for text in after]
        found[-1] += encode("<|im_end|>\n<|im_start|>assistant\n") + encode(reply)
        if position < len(conversation.turns):
            found[-1] += encode("<|im_end|>\n")
    return found


def token_ids(conversation: Conversation, encode: Encode) -> list[int]:
    """All ids of a conversation without pictures."""
    (ids,) = segments(conversation, encode)
    return ids
