"""The concepts of the corpus: what they are called, which words point to them, which pictures show them."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from gill_training.clip.pictures import Picture, words
from gill_training.diffusion import vocabulary

# Groups whose captions name things one can ask for with an article.
THINGS = {"animals-nature", "food-drink", "travel-places", "objects", "activities"}
_DETERMINERS = {"a", "an", "the", "some", "two", "three", "four", "my", "your"}


@dataclass
class Concept:
    """`rows` are the corpus rows of its pictures; `weight` says how often it is asked for in training."""

    key: str
    name: str
    caption: str
    names: list[str]
    keywords: list[str]
    gloss: str | None
    group: str
    drawable: bool
    rows: list[int] = field(default_factory=list)
    styles: set[str] = field(default_factory=set)

    @property
    def is_thing(self) -> bool:
        return self.drawable or self.group in THINGS

    @property
    def weight(self) -> float:
        if self.drawable:
            return 6.0
        if self.group in THINGS:
            return 2.0
        return 1.0 if self.key.startswith("u:") and self.group != "flags" else 0.35


def phrase(name: str) -> str:
    """A name as one says it: with an article unless it has one, or is a plural or a proper name."""
    plural = name.endswith("s") and not name.endswith(("ss", "us"))
    complete = plural or name[:1].isupper() or name.split(" ")[0] in _DETERMINERS
    return name if complete else vocabulary.with_article(name)


def concepts_of(pictures: Sequence[Picture], glosses: dict[str, str], splits: Iterable[str]) -> dict[str, Concept]:
    """Concepts with at least one picture in `splits`, built from those pictures only."""
    wanted = set(splits)
    rows = defaultdict(list)
    for row, picture in enumerate(pictures):
        if picture.split in wanted:
            rows[picture.key].append(row)
    drawable = vocabulary.things()
    found = {}
    for key, members in rows.items():
        captions = Counter(pictures[row].caption for row in members)
        caption = captions.most_common(1)[0][0]
        thing = drawable.get(key)
        keywords = Counter(word for row in members for word in pictures[row].keywords if len(word) > 1)
        names = dict.fromkeys([*(thing.names if thing else ()), caption, *captions])
        name = thing.name if thing else caption
        group = pictures[members[0]].group if key.startswith("u:") else ""
        styles = {pictures[row].style for row in members}
        found[key] = Concept(key, name, caption, list(names), list(keywords), glosses.get(key), group, thing is not None, members, styles)
    return found


class WordIndex:
    """Which concepts a few words point to: those whose names or keywords hold all of them."""

    def __init__(self, concepts: dict[str, Concept]):
        self._by_word: dict[str, set[str]] = defaultdict(set)
        self._by_name: dict[str, set[str]] = defaultdict(set)
        for key, concept in concepts.items():
            for text in [*concept.names, *concept.keywords]:
                for word in words(text):
                    self._by_word[word].add(key)
            for name in concept.names:
                self._by_name[name.lower()].add(key)

    def named(self, name: str) -> set[str]:
        return self._by_name.get(name.lower(), set())

    def all_of(self, texts: Iterable[str]) -> set[str]:
        sets = [self._by_word.get(word, set()) for text in texts for word in words(text)]
        return set.intersection(*sets) if sets else set()
