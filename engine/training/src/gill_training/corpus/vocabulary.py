"""Names, keywords and groups of emoji concepts, in many languages.

A concept is written `u:<code points>` ("u:1f431"), without the invisible variation selectors.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

from .captions import readable, slug
from .fetch import contents
from .sources import CLDR_DERIVED_NAMES, CLDR_NAMES, EMOJIBASE, OPENMOJI_DATA

LANGUAGES = ("de", "fr", "es", "it", "pt", "nl", "pl", "ru", "uk", "tr", "ar", "hi", "ja", "ko", "zh", "sv")
SKIN_TONES = frozenset(("1f3fb", "1f3fc", "1f3fd", "1f3fe", "1f3ff"))
_SIGN_GROUPS = frozenset(("", "symbols"))  # "": characters that are no emoji
_VARIATION_SELECTORS = frozenset(("fe0e", "fe0f"))


def key(code_points: str) -> str:
    """ "1F431-FE0F" → "1f431"."""
    return "-".join(part for part in code_points.lower().split("-") if part not in _VARIATION_SELECTORS)


def key_of(text: str) -> str:
    return key("-".join(f"{ord(char):04x}" for char in text))


def has_skin_tone(concept_key: str) -> bool:
    return not SKIN_TONES.isdisjoint(concept_key.split("-"))


@dataclass
class Entry:
    """What is known of one emoji."""

    name: str = ""
    keywords: list[str] = field(default_factory=list)
    group: str = ""
    subgroup: str = ""
    names: dict[str, str] = field(default_factory=dict)


class Vocabulary:
    """Looks emoji up by code points or by any of their English or foreign names."""

    def __init__(self, entries: dict[str, Entry], shortcodes: Iterable[tuple[str, str]] = ()) -> None:
        self.entries = entries
        self._by_slug: dict[str, str] = {}
        self._by_foreign_name: dict[str, str] = {}
        plain = [
            (concept, entry) for concept, entry in entries.items()
            if entry.name and not has_skin_tone(concept) and entry.subgroup != BRAND
        ]
        for concept, entry in plain:
            self._learn(slug(entry.name), concept)
            self._learn(slug(readable(entry.name)), concept)
        for concept, entry in plain:  # second choice: never hides a proper name
            self._learn(slug(re.sub(r"\(.*?\)", "", entry.name)), concept)
            self._learn(slug(re.sub(r"[^\x00-\x7f]", "", entry.name)), concept)  # some packs drop accented letters
        for name, concept in shortcodes:
            if not has_skin_tone(concept):
                self._learn(slug(name), concept)
        for language in ("it", "fr", "es", "de"):
            for concept, entry in plain:
                if language in entry.names:
                    self._by_foreign_name.setdefault(slug(entry.names[language]), concept)

    def _learn(self, name: str, concept: str) -> None:
        if name:
            self._by_slug.setdefault(name, concept)
            self._by_slug.setdefault(name.replace("-", ""), concept)

    def find(self, name: str) -> str | None:
        """The key of the emoji with this English name, however it is hyphenated."""
        return self._by_slug.get(slug(name))

    def find_foreign(self, name: str) -> str | None:
        return self._by_foreign_name.get(slug(name))

    def concept(self, name: str, sign: bool) -> str:
        """The concept a caption names: an emoji's, or one of its own.

        Only a picture known to be a sign may join a symbol's concept: a bullet is ammunition, not "•".
        """
        found = self.find(name)
        if found and (sign or self.entries[found].group not in _SIGN_GROUPS):
            return f"u:{found}"
        return f"name:{slug(name)}"

    def places(self) -> list[str]:
        """Names of countries and regions, from their flags."""
        return [entry.name.removeprefix("flag: ") for entry in self.entries.values() if entry.name.startswith("flag: ")]

    def entry(self, concept: str) -> Entry:
        return self.entries.get(concept.removeprefix("u:"), Entry()) if concept.startswith("u:") else Entry()


def load(cache: Path) -> Vocabulary:
    """Reads Unicode CLDR names (all languages), OpenMoji's groups and tags, Emojibase's shortcodes."""
    entries: dict[str, Entry] = {}
    for row in json.loads((contents(OPENMOJI_DATA, cache) / "data" / "openmoji.json").read_text("utf-8")):
        tags = f"{row['tags']},{row['openmoji_tags']}".split(",")
        entries[key(row["hexcode"])] = Entry(
            row["annotation"], [tag.strip() for tag in tags], *_grouped(row["group"], row["subgroups"]))
    for package, part in ((CLDR_NAMES, "annotations"), (CLDR_DERIVED_NAMES, "annotationsDerived")):
        for language in ("en", *LANGUAGES):
            path = contents(package, cache) / part / language / "annotations.json"
            if not path.exists():
                continue
            for text, annotation in json.loads(path.read_text("utf-8"))[part]["annotations"].items():
                entry = entries.setdefault(key_of(text), Entry())
                name = annotation.get("tts", [""])[0]
                if language == "en":
                    entry.name = name or entry.name
                    entry.keywords = annotation.get("default", []) + entry.keywords
                elif name:
                    entry.names[language] = name
    return Vocabulary(entries, _shortcodes(contents(EMOJIBASE, cache) / "en" / "shortcodes"))


BRAND = "brand"  # the subgroup of trademarks
# OpenMoji's own additions, in the groups of the Unicode emoji.
_EXTRA_GROUPS = {
    "climate-environment": "travel-places", "emergency": "symbols", "gardening": "objects", "healthcare": "objects",
    "interaction": "symbols", "people": "people-body", "queer-symbols": "symbols", "subdivision-flag": "flags",
    "symbol-other": "symbols", "technology": "objects", "ui-element": "symbols",
}


def _grouped(group: str, subgroup: str) -> tuple[str, str]:
    return (_EXTRA_GROUPS.get(subgroup, subgroup) if group.startswith("extras-") else group), subgroup


def _shortcodes(folder: Path) -> Iterable[tuple[str, str]]:
    for collection in ("github", "emojibase", "cldr", "joypixels"):
        path = folder / f"{collection}.json"
        if path.exists():
            for code_points, names in json.loads(path.read_text("utf-8")).items():
                for name in [names] if isinstance(names, str) else names:
                    yield name, key(code_points)
