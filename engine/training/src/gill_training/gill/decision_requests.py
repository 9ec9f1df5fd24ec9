"""`gill-decision-requests`: requests whose right answer, corpus or new picture, is known, for the engine to look at.

Retrieve: the corpus holds what is asked. Generate: a combination no picture shows (a blue banana, three frogs), or a thing that was taken out of
the corpus. `gill decision evidence` runs each through the engine as it ships and writes what the head will see; `gill-decision` trains on that.
"""

import argparse
import gzip
import json
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from random import Random

from gill_training.clip.pictures import DEV, TRAIN, Picture, with_dev
from gill_training.corpus.main import _glosses
from gill_training.corpus.sources import SOURCES
from gill_training.corpus.wordnet import Nouns
from gill_training.diffusion import vocabulary
from gill_training.diffusion.scenes import HELD_OUT
from gill_training.gill.chat import PICTURE, Conversation
from gill_training.gill.concepts import Concept, WordIndex, concepts_of, phrase
from gill_training.gill.gallery import Descriptions
from gill_training.gill.requests import ASKS, Request, RequestMaker
from gill_training.gill.talks import TalkMaker

# kind: share. `gone` are names and definitions of things that the corpus is asked for in vain.
PRESENT = {"name": 8, "keywords": 2, "gloss": 4, "styled": 2, "followed": 2, "shown": 1, "talk": 5, "picture_story": 1}
ABSENT = {"coloured": 4, "counted": 2, "grounded": 2, "pair": 3, "followed_coloured": 1, "followed_counted": 0.5, "followed_grounded": 0.5, "followed_pair": 0.5}
GONE = {"name": 5, "gloss": 1, "followed": 1}
GONE_SHARE = 0.12
# Sentences around what is wanted, whose own words name other things.
FRAMES = (
    "My presentation needs {}.", "Is there {} in your collection?", "For the poster we want {}.", "The kids asked for {} today.", "{} would suit the invitation.",
    "Our menu card is missing {}.", "I was told about {} yesterday.", "The first thing I thought of was {}.", "Would you happen to have {}?", "Look in the box for {}.",
    "Now the chapter about {} begins.", "Next to the title I'd put {}.", "The letter should start with {}.", "He keeps dreaming of {}.", "And in the corner, {}.",
    "On the cover of my notebook there is {}.", "{} is what the team voted for.", "The clock struck, and there was {}.", "Could {} be on the flag?", "Guess who bought {}!",
    "It is about {}, you know.", "A card with {} for my mother.", "The sign at the door has {} on it.", "All I want for my birthday is {}.", "{}, that would be great",
    "Something small, perhaps {}.", "Wait, first {}.", "Try {} for a change.", "The test question mentions {}.", "For the window of our shop: {}.",
)


@dataclass(frozen=True)
class Case:
    """A request as the engine reads it: `messages` of {role, parts of {text, image id}}; `right` ids answer it, `without` must not be shown;
    `answer`: retrieve or generate; `use`: train, apart (for calibration and choices) or test; `concepts` it is about."""

    use: str
    kind: str
    messages: list[dict]
    right: list[str]
    without: list[str]
    answer: str
    concepts: list[str]


def read_committed(folder: Path, wordnet: Path) -> tuple[list[Picture], dict[str, str], dict[str, list[str]]]:
    """The pictures of the committed search corpus, definitions of their concepts, and their names in all languages."""
    with gzip.open(folder / "manifest.jsonl.gz", "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    extra = lambda row: {"rgba_file": "", "family": SOURCES[row["source"]].family, "index": True, "subgroup": ""}
    rows = [row | extra(row) for row in rows]
    pictures = with_dev([Picture(**{field.name: row[field.name] for field in fields(Picture)}) for row in rows])
    return pictures, _glosses(rows, Nouns.read(wordnet)), {row["id"]: list((row.get("names") or {}).values()) for row in rows}


class FramedMaker(RequestMaker):
    """Half of what one can say in one breath stands in a sentence of other things."""

    def _asked(self, text: str, kind: str, concepts: tuple[str, ...], caption: str, wordings: Sequence[str] = ASKS) -> Request:
        framed = wordings is ASKS and self._random.random() < 0.55
        return super()._asked(text, kind, concepts, caption, FRAMES if framed else wordings)


class Desk:
    """Knows which pictures of the corpus answer a request."""

    def __init__(self, pictures: list[Picture], glosses: dict[str, str], names: dict[str, list[str]], split: str):
        self.pictures = pictures
        self.concepts = concepts_of(pictures, glosses, [split])
        self.index = WordIndex(self.concepts)
        self._descriptions = Descriptions([it.caption, *it.keywords, *names[it.id]] for it in pictures)
        self._by_key: dict[str, list[int]] = defaultdict(list)
        for row, it in enumerate(pictures):
            self._by_key[it.key].append(row)

    def colours(self) -> dict[str, list[str]]:
        first = lambda key: [self.pictures[row].colours[0] for row in self.concepts[key].rows if self.pictures[row].colours]
        return {key: sorted(set(first(key))) for key in self.concepts}

    def right(self, request: Request) -> list[int]:
        """Pictures that are what was asked for, but for the one that the request shows."""
        rows = {row for key in request.concepts for row in self._by_key.get(key, ())}
        if not request.present:
            # A colour is the one combination that a single picture may show by nature: a yellow banana.
            colour = request.caption.split()[1] if request.kind.endswith("coloured") else ""
            rows = {row for row in rows if colour and (self.pictures[row].colours == [colour] or colour in self.pictures[row].caption.split())}
        else:
            rows |= self._descriptions.holding(request.caption)  # described just so, whatever concept it is filed under
        return sorted(row for row in rows if row not in request.pictures and request.style in ("", self.pictures[row].style))

    def described_as(self, keys: Iterable[str]) -> list[int]:
        """Pictures of these concepts, and pictures described by one of their names."""
        rows = {row for key in keys for row in self._by_key.get(key, ())}
        return sorted(rows.union(*(self._descriptions.holding(name) for key in keys for name in self.concepts[key].names)))

    def case(self, request: Request, use: str, gone: bool = False) -> Case:
        without = self.described_as(request.concepts) if gone else []
        right = [row for row in self.right(request) if row not in set(without)]
        ids = lambda rows: [self.pictures[row].id for row in rows]
        shown = ids(request.pictures)
        kind = f"gone_{request.kind}" if gone else request.kind
        answer = "generate" if gone or not right else "retrieve"
        return Case(use, kind, messages(request.conversation, shown), ids(right), ids(without) + shown, answer, list(request.concepts))


def messages(conversation: Conversation, shown: list[str]) -> list[dict]:
    """What is said, in parts: texts, and the ids of the pictures `shown` in their places."""
    ids, rows = iter(shown), []
    said = [("user", text) if n % 2 == 0 else ("assistant", text) for turn in conversation.turns for n, text in enumerate(turn)] + [("user", conversation.user)]
    for role, text in said:
        parts = [part for part in re.split(f"({PICTURE})", text) if part]
        rows.append({"role": role, "parts": [{"text": "", "image": next(ids)} if part == PICTURE else {"text": part, "image": ""} for part in parts]})
    return rows


def held_out_requests(concepts: dict[str, Concept], seed: int) -> list[Request]:
    """One request for every combination that no stage was trained on."""
    random = Random(seed)
    by_name = {concept.name: concept for concept in concepts.values() if concept.drawable}
    captions = [(vocabulary.with_article(f"{colour} {name}"), [name], "coloured") for name, colour in HELD_OUT["colours"]]
    captions += [(f"{vocabulary.with_article(a)} and {vocabulary.with_article(b)}", [a, b], "pair") for a, b in HELD_OUT["pairs"]]
    captions += [(f"{vocabulary.NUMBERS[count]} {vocabulary.plural(name)}", [name], "counted") for name, count in HELD_OUT["counts"]]
    captions += [(f"{vocabulary.with_article(name)} on {vocabulary.with_article(ground)} background", [name], "grounded") for name, ground in HELD_OUT["grounds"]]
    return [Request(Conversation(random.choice((*ASKS, *FRAMES)).format(caption)), kind, tuple(by_name[name].key for name in names if name in by_name), caption,
                    present=False) for caption, names, kind in captions]


def draw(desk: Desk, use: str, count: int, seed: int) -> list[Case]:
    """About `count` cases whose answer is in the corpus, half as many that ask for a combination, a quarter that ask for things taken out."""
    random = Random(seed)
    maker, talks = FramedMaker(desk.concepts, desk.index, seed + 1), TalkMaker(desk.concepts, desk.index, desk.colours(), seed + 2)
    cases = []
    for kind, number in shares(PRESENT, count).items():
        own = {"talk": talks.draw, "picture_story": talks.picture_stories}
        cases += [desk.case(request, use) for request in (own[kind](number) if kind in own else maker.of_kind(kind, number))]
    for kind, number in shares(ABSENT, count // 2).items():
        cases += [desk.case(request, use) for request in maker.of_kind(kind, number)]
    keys = sorted(key for key, concept in desk.concepts.items() if concept.is_thing)
    absent = {key: desk.concepts[key] for key in sorted(random.sample(keys, max(2, round(GONE_SHARE * len(keys)))))}
    gone = FramedMaker(absent, WordIndex(absent), seed + 3)
    described = any(concept.gloss for concept in absent.values())
    for kind, number in shares({kind: weight for kind, weight in GONE.items() if described or kind != "gloss"}, count // 4).items():
        cases += [desk.case(request, use, gone=True) for request in gone.of_kind(kind, number)]
    return cases


def shares(weights: dict[str, float], count: int) -> dict[str, int]:
    return {kind: max(1, round(count * weight / sum(weights.values()))) for kind, weight in weights.items()}


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training gill-decision-requests", description=__doc__.splitlines()[0])
    parser.add_argument("--committed", type=Path, default=Path("index-data/corpus"), help="the search corpus that the engine's index is made of")
    parser.add_argument("--wordnet", type=Path, required=True, help="unpacked wordnet-base package")
    parser.add_argument("--out", type=Path, required=True, help="file of requests, one JSON object a line")
    parser.add_argument("--count", type=int, default=2000, help="training requests whose answer is in the corpus; three quarters as many have none")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    pictures, glosses, names = read_committed(options.committed, options.wordnet)
    train, dev = (Desk(pictures, glosses, names, split) for split in (TRAIN, DEV))
    cases = draw(train, "train", options.count, options.seed + 31) + draw(train, "apart", options.count // 5, options.seed + 41)
    cases += draw(dev, "test", options.count // 5, options.seed + 51)
    cases += [train.case(request, "test") for request in held_out_requests(train.concepts, options.seed + 61)]
    Random(options.seed).shuffle(cases)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    options.out.write_text("".join(json.dumps(asdict(case), ensure_ascii=False) + "\n" for case in cases), "utf-8")
    counts = {(use, answer): sum(case.use == use and case.answer == answer for case in cases) for use in ("train", "apart", "test") for answer in ("retrieve", "generate")}
    print(f"{len(cases)} requests: " + ", ".join(f"{use} {answer} {number}" for (use, answer), number in counts.items()))
