"""Cases of the conversation suite: turns that want a picture, turns that want none, and short talks with both."""

from __future__ import annotations

from random import Random

from gill_training.corpus.captions import without_article
from gill_training.diffusion import vocabulary
from gill_training.evaluation.shelf import SPLITS, Shelf, by_kind

MOST = 90
ASKED = (
    "Put {} on the screen.", "Got any image of {}?", "Time for {}, visually.", "May I look at {}?", "How might {} appear in a picture?", "I'd be glad about a picture with {}.",
    "Illustrate {}.", "Let me have a look at {}.", "Please display {}.", "Any chance of a drawing with {}?", "Send me {} as a picture.", "Sketch {} quickly.",
)
NOT_ASKED = (
    "What colour are most {}?", "Which is heavier, {a} or a piano?", "Are {} common in Norway?", "Could you explain {a} to a child in one sentence?",
    "My uncle collects {}. Is that strange?", "How long have {} been around?", "Give me a rhyme on '{one}'.", "Is '{one}' a noun or a verb?",
    "What would you pay for {a}?", "I dreamt of {} last night.", "Name something that is smaller than {a}.", "Did the Romans know {}?",
)
SMALL_TALK = (
    "Good afternoon!", "I just came home from work.", "What should I read this summer?", "Count from one to five.", "My train is late again.", "Is it rude to whistle?",
    "What's the difference between a lake and a pond?", "Recommend a board game.", "How do I get rid of hiccups?", "Who painted the Mona Lisa?",
    "What is eleven plus nine?", "Is water wet?", "My phone is broken.", "How many minutes are in a day?", "Thanks a lot, that helped.", "You are quick!",
    "Could you be more polite?", "What is the opposite of cold?", "Where does the sun set?", "Say something nice.", "I don't feel like cooking.", "Which language do they speak in Brazil?",
    "How do you remember names?", "It's my birthday tomorrow.", "I am late for a meeting.", "What does 'brief' mean?", "Do I need an umbrella in June?",
    "Wish me luck!", "What's a good name for a boat?", "Who was Marie Curie?",
)
TALKS = (
    ("Hello there!", False, "Let me have a look at {}.", True, "And what is it good for?", False),
    ("My son is learning about {}.", False, "May I look at {a}?", True, "He says thank you!", False),
    ("Put {a} on the screen.", True, "Where would one find such a thing?", False, "Now one that is {colour}.", True),
    ("Which is heavier, {a} or a piano?", False, "Please display {a}.", True, "Make that {colour}, would you?", True),
)
NAMING = ("Which thing did I upload here?", "Name what my file shows.", "Tell me, what have I got here?")
TRANSCRIPTS = 20
NAMED = 40


def cases(shelf: Shelf, seed: int) -> list[dict]:
    random = Random(seed)
    things = [(key, vocabulary.things()[key].name) for key in sorted(vocabulary.things()) if key in shelf.by_key]
    held = [(key, without_article(shelf.caption(key))) for key in shelf.keys(*SPLITS.values()) if len(shelf.caption(key).split()) <= 2]
    rows = []
    for n in range(MOST):
        key, name = random.choice(things if n % 2 else held)
        rows.append(_row("picture asked for", [(ASKED[n % len(ASKED)].format(vocabulary.with_article(name)), True)], name, shelf.ids(key)))
        if n < 50:
            rows.append(_row("about a thing, no picture asked for", [(filled(NOT_ASKED[n % len(NOT_ASKED)], name, ""), False)], name, []))
    rows += [_row("small talk", [(text, False)], "", []) for text in SMALL_TALK]
    for n, (key, _) in enumerate(random.sample(things, NAMED)):
        image = random.choice([it.id for it in shelf.by_key[key] if it.style not in ("photo", "black silhouette")])
        case = _row("an uploaded picture", [(NAMING[n % len(NAMING)], False)], "|".join(vocabulary.things()[key].names), shelf.ids(key))
        case["turns"][0]["image"] = image
        rows.append(case)
    for n in range(TRANSCRIPTS):
        key, name = random.choice(things)
        colour = random.choice(("red", "blue", "green", "purple", "yellow"))
        talk = TALKS[n % len(TALKS)]
        turns = [(filled(text, name, colour), wants) for text, wants in zip(talk[::2], talk[1::2])]
        rows.append(_row("transcript", turns, name, shelf.ids(key)))
    return by_kind(rows, seed, MOST)


def filled(text: str, name: str, colour: str) -> str:
    return text.replace("{a}", vocabulary.with_article(name)).replace("{one}", name).replace("{colour}", colour).replace("{}", vocabulary.plural(name))


def _row(kind: str, turns: list[tuple[str, bool]], thing: str, right: list[str]) -> dict:
    return {"kind": kind, "turns": [{"text": text, "picture": wants, "image": ""} for text, wants in turns], "thing": thing, "right": right}
