"""WordNet's word list, and one fitting definition per pictured concept."""

import re
from pathlib import Path

DATABASE = "usr/share/wordnet"

# Numbers of WordNet's lexicographer files for nouns.
ACT, ANIMAL, ARTIFACT, BODY, COMMUNICATION, EVENT, FOOD = 4, 5, 6, 8, 10, 11, 13
LOCATION, OBJECT, PERSON, PHENOMENON, PLANT, POSSESSION, SHAPE, SUBSTANCE, TIME = 15, 17, 18, 19, 20, 21, 25, 27, 28

# Which senses fit a concept of a group, best first. A subgroup's entry goes before its group's.
_FITTING = {
    "animal": (ANIMAL,), "plant": (PLANT, FOOD), "cat-face": (ANIMAL,), "monkey-face": (ANIMAL,),
    "food": (FOOD, PLANT), "drink": (FOOD, ARTIFACT), "dishware": (ARTIFACT,),
    "transport": (ARTIFACT,), "place": (ARTIFACT, LOCATION, OBJECT), "sky": (PHENOMENON, OBJECT), "time": (ARTIFACT,),
    "event": (ARTIFACT, EVENT, PLANT, ACT), "sport": (ARTIFACT, ACT), "game": (ARTIFACT, ACT),
    "hand": (BODY,), "body": (BODY,), "person": (PERSON,), "heart": (SHAPE, BODY),
    "animals-nature": (ANIMAL, PLANT, OBJECT, PHENOMENON), "food-drink": (FOOD, PLANT, ARTIFACT),
    "travel-places": (ARTIFACT, LOCATION, OBJECT, PHENOMENON),
    "objects": (ARTIFACT, COMMUNICATION, SUBSTANCE, POSSESSION), "activities": (ARTIFACT, ACT, EVENT),
    "people-body": (PERSON, BODY),
}
_PHYSICAL = (ANIMAL, ARTIFACT, BODY, FOOD, OBJECT, PERSON, PLANT, PHENOMENON)


def words(package: Path) -> frozenset[str]:
    """Every word of WordNet, and every part of its compounds."""
    found: set[str] = set()
    for part in ("noun", "verb", "adj", "adv"):
        with open(package / DATABASE / f"index.{part}", encoding="utf-8") as lines:
            for line in lines:
                if not line.startswith(" "):
                    found.update(line.split(" ", 1)[0].split("_"))
    return frozenset(found)


class Nouns:
    """Noun senses in WordNet's order (most frequent first): (lexicographer file, gloss)."""

    def __init__(self, senses: dict[str, list[tuple[int, str]]]) -> None:
        self._senses = senses

    @staticmethod
    def read(package: Path) -> "Nouns":
        synsets: dict[str, tuple[int, str]] = {}
        with open(package / DATABASE / "data.noun", encoding="utf-8") as lines:
            for line in lines:
                if not line.startswith(" "):
                    head, _, gloss = line.partition(" | ")
                    offset, lexicographer_file, _ = head.split(" ", 2)
                    synsets[offset] = (int(lexicographer_file), gloss.strip())
        senses: dict[str, list[tuple[int, str]]] = {}
        with open(package / DATABASE / "index.noun", encoding="utf-8") as lines:
            for line in lines:
                if not line.startswith(" "):
                    fields = line.split()
                    senses[fields[0]] = [synsets[offset] for offset in fields[-int(fields[2]):]]
        return Nouns(senses)

    def gloss(self, caption: str, group: str, subgroup: str) -> str | None:
        """The definition of the thing a caption names, in the sense its group suggests; None where unsure."""
        for lemma in lemmas(caption):
            senses = self._senses.get(lemma)
            if not senses:
                continue
            for file in _fitting(group, subgroup):
                for sense_file, gloss in senses:
                    if sense_file == file:
                        return definition(gloss)
            # Without a known group only the commonest sense is trusted, and only of things one can see.
            if not group and senses[0][0] in _PHYSICAL:
                return definition(senses[0][1])
        return None


def lemmas(caption: str) -> list[str]:
    """Spellings under which WordNet may list a caption: "Grapes" → grapes, grape; "cat face" → cat."""
    plain = re.sub(r"^(a|an|the)\s+", "", caption.lower().strip())
    spellings = [plain, re.sub(r" (face|button|symbol)$", "", plain)]
    spellings += [spelling[:-1] for spelling in spellings if spelling.endswith("s") and not spelling.endswith("ss")]
    return list(dict.fromkeys(re.sub(r"[ ]+", "_", spelling) for spelling in spellings))


def definition(gloss: str) -> str:
    """A gloss without its quoted examples."""
    return re.sub(r";?\s*\".*$", "", gloss).strip(" ;")


def names_itself(gloss: str, caption: str) -> bool:
    """Whether a gloss gives the answer away by using a word of the caption."""
    told = set(re.findall(r"[a-z]+", gloss.lower()))
    asked = {word for word in re.findall(r"[a-z]+", caption.lower()) if len(word) > 2}
    return any({word, word + "s", word.rstrip("s")} & told for word in asked)


def _fitting(group: str, subgroup: str) -> tuple[int, ...]:
    if subgroup in _FITTING:
        return _FITTING[subgroup]
    prefix = subgroup.split("-", 1)[0]
    if prefix in _FITTING and group in _FITTING:
        return _FITTING[prefix]
    return _FITTING.get(group, ())
