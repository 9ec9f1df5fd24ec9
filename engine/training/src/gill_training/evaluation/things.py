"""Combinations of things, colours, numbers, places and grounds for pictures to be drawn: held-out ones, and ones like them that may
have been trained on."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from gill_training.diffusion import vocabulary
from gill_training.diffusion.recolour import TARGETS
from gill_training.diffusion.scenes import HELD_OUT


@dataclass(frozen=True)
class Wanted:
    """What a picture should show. `kind`: single, colour, count, relation or ground; `things`: concept keys, the first first;
    `value`: colour, number, relation or ground."""

    kind: str
    seen: str
    things: tuple[str, ...]
    names: tuple[str, ...]
    value: str

    @property
    def canonical(self) -> str:
        """In the shortest words."""
        one = vocabulary.with_article(self.names[0])
        match self.kind:
            case "colour":
                return vocabulary.with_article(f"{self.value} {self.names[0]}")
            case "count":
                return f"{vocabulary.NUMBERS[int(self.value)]} {vocabulary.plural(self.names[0])}"
            case "relation":
                middle = "to the left of" if self.value == "left" else "above"
                return f"{one} {middle} {vocabulary.with_article(self.names[1])}"
            case "ground":
                return f"{one} on {vocabulary.with_article(self.value)} background"
        return one


def everything(random: Random) -> list[Wanted]:
    """Held-out combinations, and as many others again."""
    keys = {thing.name: key for key, thing in vocabulary.things().items()}
    names = sorted(keys)
    countable = [name for name in names if name not in vocabulary.UNCOUNTABLE]

    def make(kind: str, seen: str, value: str, *things: str) -> Wanted:
        return Wanted(kind, seen, tuple(keys[name] for name in things), things, value)

    found = [make("single", "seen", "", name) for name in random.sample(names, 40)]
    unseen = [
        *(make("colour", "unseen", colour, name) for name, colour in HELD_OUT["colours"]),
        *(make("count", "unseen", str(count), name) for name, count in HELD_OUT["counts"]),
        *(make("relation", "unseen", ("left", "above")[n % 2], *pair) for n, pair in enumerate(HELD_OUT["pairs"])),
        *(make("ground", "unseen", ground, name) for name, ground in HELD_OUT["grounds"]),
    ]
    taken = {(it.kind, it.things, it.value) for it in unseen} | {(it.kind, tuple(reversed(it.things)), it.value) for it in unseen}
    seen = []
    wanted = {"colour": 20, "count": 15, "relation": 20, "ground": 8}
    while any(count > 0 for count in wanted.values()):
        kind = next(kind for kind, count in wanted.items() if count > 0)
        one, two = random.sample(countable, 2)
        value = {"colour": random.choice(sorted(TARGETS)), "count": str(random.choice((2, 3, 4))), "relation": random.choice(("left", "above")),
                 "ground": random.choice(sorted(vocabulary.BACKGROUNDS))}[kind]
        case = make(kind, "seen", value, *((one, two) if kind == "relation" else (one,)))
        pair = sorted(case.names) in [sorted(it.names) for it in unseen if it.kind == "relation"]
        if (case.kind, case.things, case.value) not in taken and not pair:
            taken.add((case.kind, case.things, case.value))
            seen.append(case)
            wanted[kind] -= 1
    return [*found, *unseen, *seen]
