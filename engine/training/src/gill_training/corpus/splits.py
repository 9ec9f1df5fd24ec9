"""Decides which pictures are trained on, which are kept for evaluation, and which are searchable.

Every decision hashes a concept's name, so it does not depend on order, machine or the other concepts.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable

from .captions import mentions, without_article
from .sources import EMOJI_SOURCES, INDEX_LICENCES, SOURCES

TRAIN = "train"
UNSEEN_CONCEPT = "eval-unseen-concept"  # the concept is trained on in no style
CROSS_STYLE = "eval-cross-style"  # the concept is trained on, but never as this designer draws it
PHOTO = "eval-photo"  # photographs of concepts trained on as drawings
WITHHELD = "withheld"  # says or shows something of an unseen concept: neither trained on nor evaluated

_OBJECT_GROUPS = {"animals-nature", "food-drink", "travel-places", "objects", "activities"}
_MIN_FAMILIES = 4
# Everyday things that the documentation's own example prompts ask for: never held out.
_ALWAYS_TRAINED = {"u:1f34c", "u:1f697"}  # banana, automobile


def bucket(text: str, count: int) -> int:
    """A fixed number in 0..count-1 for a text."""
    return int(hashlib.md5(text.encode()).hexdigest(), 16) % count


def families(sources: Iterable[str]) -> list[str]:
    return sorted({SOURCES[source].family for source in sources if source in EMOJI_SOURCES})


def assign(rows: list[dict]) -> None:
    """Sets `split` and `index` of every row (a dict with concept, source, group, style, licence, caption)."""
    sources_of: dict[str, set[str]] = defaultdict(set)
    object_concepts: set[str] = set()
    names: dict[str, str] = {}
    for row in rows:
        sources_of[row["concept"]].add(row["source"])
        if row["concept"].startswith("u:"):
            if row["group"] in _OBJECT_GROUPS:
                object_concepts.add(row["concept"])
            if row["source"] in EMOJI_SOURCES:
                names.setdefault(row["concept"], row["caption"])
    eligible = {
        concept
        for concept in object_concepts - _ALWAYS_TRAINED
        if len(families(sources_of[concept])) >= _MIN_FAMILIES
    }
    unseen = {concept for concept in eligible if bucket("unseen" + concept, 10) == 0}
    held_family = {
        concept: style for concept in eligible - unseen if (style := held_out_family(concept, sources_of[concept]))
    }
    unseen_names = [names[concept] for concept in sorted(unseen)]
    for row in rows:
        row["split"] = _split(row, unseen, unseen_names, held_family, sources_of)
        row["index"] = searchable(row)


def held_out_family(concept: str, sources: Iterable[str]) -> str | None:
    """The design family whose drawings of a concept are not trained on: one for a quarter of the concepts."""
    if bucket("style" + concept, 4) != 0:
        return None
    # Streamline draws too few concepts to be worth holding out.
    candidates = [family for family in families(sources) if family != "streamline"]
    return candidates[bucket("pick" + concept, len(candidates))] if len(candidates) >= _MIN_FAMILIES else None


def _split(row: dict, unseen: set[str], unseen_names: list[str], held_family: dict[str, str],
           sources_of: dict[str, set[str]]) -> str:
    concept, source = row["concept"], row["source"]
    if concept in unseen:
        return UNSEEN_CONCEPT
    if any(mentions(row["caption"], without_article(name)) for name in unseen_names):
        return WITHHELD
    if held_family.get(concept) == SOURCES[source].family:
        return CROSS_STYLE
    if row["style"] == "photo" and sources_of[concept] & set(EMOJI_SOURCES):
        return PHOTO
    return TRAIN


def searchable(row: dict) -> bool:
    """Whether a picture belongs to the default search corpus. Evaluation pictures may: they are the gallery."""
    source, group = row["source"], row["group"]
    if not SOURCES[source].indexed or row["licence"] not in INDEX_LICENCES or not row["caption"]:
        return False
    if group == "flags":  # they look alike in every set
        return source == "noto"
    if group == "symbols":
        return source in ("noto", "openclipart")
    return not (group == "people-body" and source in ("emojitwo", "openmoji"))
