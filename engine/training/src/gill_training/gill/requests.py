"""Requests for pictures, in many wordings, with the answer they should get."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from random import Random

from gill_training.diffusion import vocabulary
from gill_training.diffusion.recolour import TARGETS
from gill_training.diffusion.scenes import HELD_OUT
from gill_training.gill.chat import PICTURE, Conversation
from gill_training.gill.concepts import Concept, WordIndex, phrase

ASKS = (
    "show me {}", "Show me {}.", "show me a picture of {}", "Show me a picture of {}, please.", "can you show me {}?", "I want to see {}",
    "I want a picture of {}", "I'd like to see {}.", "I would like a picture of {}", "draw {}", "draw me {}", "Please draw {}.", "paint {}",
    "can I see {}?", "could I see {}?", "Could you draw {}?", "what does {} look like?", "What does {} look like", "give me {}", "find {}",
    "find me {}", "find a picture of {}", "let me see {}", "do you have {}?", "Do you have a picture of {}?", "I need a picture of {}",
    "I need {}", "make {}", "create an image of {}", "generate {}", "make a picture of {}", "picture of {}", "an image of {}", "{} picture",
    "I'm looking for {}", "search for {}", "please show {}", "{}, please", "{} please!", "an icon of {}", "an emoji of {}", "{} icon",
    "a drawing of {}", "now {}", "Imagine {}.", "What would {} look like?", "I have never seen {}.", "My daughter wants to see {}.",
    "my son loves {}", "Have you got {}?", "bring me {}", "look up {}", "Can you find {} for me?",
)
HINTS = (
    "something with {}", "something about {}", "show me something to do with {}", "it has to do with {}", "a picture about {}",
    "I'm thinking of {}", "{}", "{}", "find something for {}", "show me {}", "a picture that says {}",
)
DESCRIPTIONS = (
    "show me {}", "{}", "I am looking for {}", "what is the word for {}? show me one", "I mean {}", "can you draw {}?", "picture of {}",
    "Do you know {}? Show it to me.", "find {}",
)
LIKES = ("I like {}.", "I love {}!", "My favourite thing is {}.", "I have {} at home.", "Yesterday I saw {}.", "Let's talk about {}.", "Tell me about {}.")
LIKE_REPLIES = ("That's nice!", "That's great!", "Yes, I like that too.", "I'm glad you like them.", "{}!", "That sounds lovely.", "They are wonderful.")
ONES = ("show me one", "Can you show me one?", "I want to see one.", "draw one", "can I see it?", "what does it look like?", "show me", "a picture of it, please")
COLOURED_ONES = ("show me one in {}", "show me a {} one", "draw a {} one", "can you draw one in {}?", "I want a {} one", "what about a {} one?", "make it {}",
                 "and in {}?", "a {} one, please", "Can it be {}?", "now in {}")
NEXT = ("now {}", "and {}?", "what about {}?", "How about {}?", "show me {} instead", "no, {}", "next, {}", "and now show me {}")
COUNTED_ONES = ("now {} of them", "show me {} of them", "{} of them, please", "I want {}", "make it {}", "draw {} of them")
GROUNDED_ONES = ("put it on a {} background", "with a {} background", "on {}, please", "make the background {}", "now on a {} background")
STYLES = {
    "3D render": ("{} in 3D", "a 3D {}", "{}, 3D style", "{} in 3D style", "a 3D render of {}"),
    "black silhouette": ("a black silhouette of {}", "{} as a silhouette", "the silhouette of {}", "{} in black only"),
    "outlined icon": ("an outline of {}", "{} drawn with outlines", "an outlined icon of {}", "line drawing of {}"),
    "photo": ("a photo of {}", "a real photo of {}", "a photograph of {}", "{}, photo"),
    "flat icon": ("a flat icon of {}", "{} in flat style", "{}, flat"),
    "clip art": ("clip art of {}", "{} clip art"),
}
STYLE_WORD = {"3D render": "3D render", "flat icon": "flat icon"}
SAME = ("show me the same", "show me something like this", "find similar pictures", "another one like this", "more of these", "What is this? Show me another.",
        "I like this. Show me more.", "the same please", "show me another picture of this")
SAME_COLOURED = ("the same in {}", "show me this in {}", "make this {}", "can you draw it in {}?", "I want this but {}")
SAME_STYLED = {"3D render": ("the same in 3D", "show me this in 3D style"), "photo": ("show me a photo of this",), "outlined icon": ("this as an outline",),
               "black silhouette": ("this as a silhouette",), "flat icon": ("the same, flat",)}
# "Here is …" is what the model says nine times out of ten.
CANNED = (*("Here is {}.",) * 12, "{}.", "Here is a picture of {}.", "Here you are.", "Here it is.", "I can show you {}.", "Sure!",
          "This is {}.", "I'm sorry, I can't show you {}.", "I can draw {}.", "Of course!")


DRAWN = "drawn"  # the kind of a request that only the mapper learns from


@dataclass(frozen=True)
class Request:
    """A conversation that ends where the picture belongs.

    `concepts`: any picture of these answers it, if its style is `style` ("" = any). `caption`: what to condition a new picture on.
    `pictures`: corpus rows of the pictures the conversation shows, in order. `kind`: how the request was made; `present`: whether such a picture is
    in the corpus, as far as its description says (a blue banana is not).
    """

    conversation: Conversation
    kind: str
    concepts: tuple[str, ...]
    caption: str
    style: str = ""
    pictures: tuple[int, ...] = ()
    present: bool = True


def write_requests(requests: Iterable[Request], path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    lines = "".join(json.dumps(asdict(request), ensure_ascii=False) + "\n" for request in requests)
    path.write_text(lines, "utf-8", newline="\n")


def read_requests(path: Path) -> list[Request]:
    requests = []
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        said = row.pop("conversation")
        turns = tuple((user, answer) for user, answer in said["turns"])
        requests.append(Request(Conversation(**said | {"turns": turns}), **row | {name: tuple(row[name]) for name in ("concepts", "pictures")}))
    return requests


def held_out(kind: str, concept: Concept, value: str | int, other: Concept | None = None) -> bool:
    """Whether a combination is kept for evaluation by the diffusion stage."""
    if kind == "pair":
        return sorted([concept.name, other.name]) in [sorted(pair) for pair in HELD_OUT["pairs"]]
    return [concept.name, value] in HELD_OUT[kind]


class RequestMaker:
    """Draws requests at random, the same ones for the same seed."""

    def __init__(self, concepts: dict[str, Concept], index: WordIndex, seed: int):
        self._concepts = concepts
        self._index = index
        self._random = Random(seed)
        self._keys = list(concepts)
        self._weights = [concepts[key].weight for key in self._keys]
        self._drawable = [key for key in self._keys if concepts[key].drawable]
        self._things = [key for key in self._keys if concepts[key].is_thing]
        self._countable = [key for key in self._drawable if concepts[key].name not in vocabulary.UNCOUNTABLE]
        self._makers = {
            self.name: 24, self.keywords: 9, self.gloss: 8, self.styled: 6, self.coloured: 9, self.counted: 5, self.grounded: 3, self.pair: 8,
            self.followed: 9, self.followed_coloured: 8, self.followed_counted: 2, self.followed_grounded: 2, self.followed_pair: 2,
        }

    def draw(self, count: int) -> list[Request]:
        makers, weights = list(self._makers), list(self._makers.values())
        return [self._random.choices(makers, weights)[0]() for _ in range(count)]

    def of_kind(self, kind: str, count: int) -> list[Request]:
        return [getattr(self, kind)() for _ in range(count)]

    def every_name(self) -> list[Request]:
        """One request for each concept by one of its names."""
        return [self._named_request(concept) for concept in self._concepts.values()]

    # ---- single requests

    def name(self) -> Request:
        return self._named_request(self._concept())

    def keywords(self) -> Request:
        concept = self._concept(lambda c: len(c.keywords) >= 2)
        hints = self._random.sample(concept.keywords, min(len(concept.keywords), self._random.choice((2, 2, 3))))
        text = self._random.choice((" ".join, ", ".join, " and ".join))(hints)
        targets = tuple(sorted(self._index.all_of(hints) | {concept.key}))
        return self._asked(text, "keywords", targets, self._caption(concept), HINTS)

    def gloss(self) -> Request:
        concept = self._concept(lambda c: c.gloss is not None)
        return self._asked(concept.gloss, "gloss", (concept.key,), self._caption(concept), DESCRIPTIONS)

    def styled(self) -> Request:
        concept = self._concept(lambda c: bool(c.styles & set(STYLES)))
        style = self._random.choice(sorted(concept.styles & set(STYLES)))
        text = self._random.choice(STYLES[style]).format(phrase(concept.name))
        caption = self._caption(concept) + (f", {STYLE_WORD[style]}" if style in STYLE_WORD else "")
        return replace(self._asked(text, "styled", self._named(concept, concept.name), caption), style=style)

    # ---- combinations: the nearest pictures are those of the things in them

    def coloured(self) -> Request:
        concept, colour = self._colouring()
        noun, plain = f"{colour} {concept.name}", phrase(concept.name)
        text = self._random.choice((phrase(noun), phrase(noun), noun, f"{plain} in {colour}", f"{plain} that is {colour}", f"{plain}, {colour}"))
        return self._combined(text, "coloured", concept, vocabulary.with_article(noun))

    def counted(self) -> Request:
        concept, count = self._counting()
        text = f"{vocabulary.NUMBERS[count]} {vocabulary.plural(concept.name)}"
        asked = text if self._random.random() < 0.8 else f"{count} {vocabulary.plural(concept.name)}"
        return self._combined(asked, "counted", concept, text)

    def grounded(self) -> Request:
        concept, ground = self._grounding()
        name = vocabulary.with_article(concept.name)
        text = f"{name} on {vocabulary.with_article(ground)} background"
        return self._combined(self._random.choice((text, text, f"{name} on {ground}")), "grounded", concept, text)

    def pair(self) -> Request:
        one, two = self._pairing()
        first, second = (vocabulary.with_article(self._maybe_coloured(c)) for c in (one, two))
        relation, caption, texts = self._related(first, second)
        request = self._combined(self._random.choice(texts), "pair", one, caption)
        return replace(request, concepts=tuple(sorted({*request.concepts, *self._named(two, two.name)})))

    # ---- dialogues whose last turn needs the earlier ones

    def followed(self) -> Request:
        """Small talk or a liked thing first; then "show me one", or another thing."""
        concept = self._concept(lambda c: c.is_thing)
        caption = self._caption(concept)
        if self._random.random() < 0.5:
            turns = (self._liking(concept),)
            return self._request(self._random.choice(ONES), "followed", self._named(concept, concept.name), caption, turns)
        earlier = self._concept(lambda c: c.is_thing and c.key != concept.key)
        turns = (self._asked_turn(phrase(earlier.name)),)
        if self._random.random() < 0.3:
            turns = (("Hi!", "Hello! How can I help you?"), *turns)
        return self._request(self._random.choice(NEXT).format(phrase(concept.name)), "followed", self._named(concept, concept.name), caption, turns)

    def followed_coloured(self) -> Request:
        concept, colour = self._colouring()
        turn = self._liking(concept) if self._random.random() < 0.5 else self._asked_turn(vocabulary.with_article(self._maybe_coloured(concept)))
        text = self._random.choice(COLOURED_ONES).format(colour)
        return self._follow_up(text, "followed_coloured", concept, vocabulary.with_article(f"{colour} {concept.name}"), turn)

    def followed_counted(self) -> Request:
        concept, count = self._counting()
        text = self._random.choice(COUNTED_ONES).format(vocabulary.NUMBERS[count])
        caption = f"{vocabulary.NUMBERS[count]} {vocabulary.plural(concept.name)}"
        return self._follow_up(text, "followed_counted", concept, caption, self._asked_turn(phrase(concept.name)))

    def followed_grounded(self) -> Request:
        concept, ground = self._grounding()
        name = vocabulary.with_article(concept.name)
        caption = f"{name} on {vocabulary.with_article(ground)} background"
        return self._follow_up(self._random.choice(GROUNDED_ONES).format(ground), "followed_grounded", concept, caption, self._asked_turn(name))

    def followed_pair(self) -> Request:
        one, two = self._pairing()
        first, second = vocabulary.with_article(one.name), vocabulary.with_article(two.name)
        text = self._random.choice(("now with {} beside it", "add {} to it", "put {} next to it", "and {} to its right")).format(second)
        request = self._follow_up(text, "followed_pair", one, f"{first} to the left of {second}", self._asked_turn(first))
        return replace(request, concepts=tuple(sorted({*request.concepts, *self._named(two, two.name)})))

    # ---- a picture first

    def shown(self) -> Request:
        """A picture of a concept, then a wish about it; the picture asked for is another one."""
        concept = self._concept(lambda c: c.is_thing and len(c.rows) >= 3)
        row = self._random.choice(concept.rows)
        targets = self._named(concept, concept.name)
        if concept.drawable and self._random.random() < 0.4:
            colour = self._random.choice(list(TARGETS))
            if not held_out("colours", concept, colour):
                text = self._random.choice(SAME_COLOURED).format(colour)
                caption = vocabulary.with_article(f"{colour} {concept.name}")
                return Request(Conversation(PICTURE + text, self._reply(f"a {colour} one")), "shown_coloured", targets, caption, "", (row,), False)
        style = self._random.choice(sorted(concept.styles & set(SAME_STYLED)) or [""])
        if style and self._random.random() < 0.4:
            text = self._random.choice(SAME_STYLED[style])
            conversation = Conversation(PICTURE + text, self._reply(phrase(concept.name)))
            return Request(conversation, "shown_styled", targets, self._caption(concept), style, (row,))
        reply = self._reply(phrase(concept.name) if self._random.random() < 0.5 else "another one")
        return Request(Conversation(PICTURE + self._random.choice(SAME), reply), "shown", targets, self._caption(concept), "", (row,))

    # ---- parts

    def _concept(self, fits: Callable[[Concept], bool] = lambda _: True) -> Concept:
        while True:
            concept = self._concepts[self._random.choices(self._keys, self._weights)[0]]
            if fits(concept):
                return concept

    def _colouring(self) -> tuple[Concept, str]:
        while True:
            concept, colour = self._concepts[self._random.choice(self._drawable)], self._random.choice(list(TARGETS))
            if not held_out("colours", concept, colour):
                return concept, colour

    def _counting(self) -> tuple[Concept, int]:
        while True:
            concept, count = self._concepts[self._random.choice(self._countable)], self._random.choice(list(vocabulary.NUMBERS))
            if not held_out("counts", concept, count):
                return concept, count

    def _grounding(self) -> tuple[Concept, str]:
        while True:
            concept, ground = self._concepts[self._random.choice(self._drawable)], self._random.choice(list(vocabulary.BACKGROUNDS))
            if not held_out("grounds", concept, ground):
                return concept, ground

    def _pairing(self) -> tuple[Concept, Concept]:
        while True:
            one, two = (self._concepts[key] for key in self._random.sample(self._drawable, 2))
            if not held_out("pair", one, "", two):
                return one, two

    def _related(self, first: str, second: str) -> tuple[str, str, tuple[str, ...]]:
        if self._random.random() < 0.5:
            texts = (f"{first} to the left of {second}", f"{first} and {second}", f"{first} and {second}", f"{second} to the right of {first}", f"{first} next to {second}")
            return "left", f"{first} to the left of {second}", texts
        return "above", f"{first} above {second}", (f"{first} above {second}", f"{second} below {first}", f"{first} on top of {second}", f"{second} under {first}")

    def _maybe_coloured(self, concept: Concept) -> str:
        colour = self._random.choice(list(TARGETS))
        return concept.name if self._random.random() < 0.75 or held_out("colours", concept, colour) else f"{colour} {concept.name}"

    def _named_request(self, concept: Concept) -> Request:
        name = self._name(concept)
        return self._asked(phrase(name) if self._random.random() < 0.7 else name, "name", self._named(concept, name), self._caption(concept))

    def _name(self, concept: Concept) -> str:
        return concept.name if self._random.random() < 0.5 else self._random.choice(concept.names)

    def _named(self, concept: Concept, name: str) -> tuple[str, ...]:
        return tuple(sorted(self._index.named(name) | {concept.key}))

    def _caption(self, concept: Concept) -> str:
        return vocabulary.with_article(concept.name) if concept.drawable else phrase(concept.name)

    def _combined(self, text: str, kind: str, concept: Concept, caption: str) -> Request:
        return replace(self._asked(text, kind, self._named(concept, concept.name), caption), present=False)

    def _follow_up(self, text: str, kind: str, concept: Concept, caption: str, turn: tuple[str, str]) -> Request:
        return replace(self._request(text, kind, self._named(concept, concept.name), caption, (turn,)), present=False)

    def _liking(self, concept: Concept) -> tuple[str, str]:
        thing = vocabulary.plural(concept.name) if self._random.random() < 0.6 else phrase(concept.name)
        return self._random.choice(LIKES).format(thing), self._random.choice(LIKE_REPLIES).format(thing.capitalize())

    def _asked_turn(self, text: str) -> tuple[str, str]:
        return self._random.choice(ASKS).format(text), self._random.choice(CANNED[:14]).format(text)

    def _asked(self, text: str, kind: str, concepts: tuple[str, ...], caption: str, wordings: Sequence[str] = ASKS) -> Request:
        """A request in one turn: alone, as a chat, or (a caption only) plain."""
        draw = self._random.random()
        if draw < 0.2:
            return Request(Conversation(text, plain=True), kind, concepts, caption)
        user = text if draw < 0.35 else self._random.choice(wordings).format(text)
        return self._request(user, kind, concepts, caption, (), text)

    def _request(self, user: str, kind: str, concepts: tuple[str, ...], caption: str, turns: tuple = (), text: str = "") -> Request:
        return Request(Conversation(user, self._reply(text or caption), turns), kind, concepts, caption)

    def _reply(self, text: str) -> str:
        """Nothing (the picture comes first) or a short sentence."""
        if self._random.random() < 0.3:
            return ""
        reply = self._random.choice(CANNED).format(text)
        return reply[:1].upper() + reply[1:]
