"""Cases of the retrieval suite: texts, pictures and both, with the images that answer them."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from gill_training.evaluation.shelf import CROSS_STYLE, PHOTO, SPLITS, UNSEEN_CONCEPT, Shelf, by_kind

MOST = 182  # of a kind
LANGUAGES = ("de", "fr", "es", "it", "pt", "nl", "pl", "ru", "uk", "tr", "ar", "hi", "ja", "ko", "zh", "sv")
STYLE_WISHES = {"3D render": "this, in 3D style", "outlined icon": "this, drawn with outlines only", "flat icon": "this, as a flat drawing"}


def galleries(shelf: Shelf) -> list[dict]:
    """Sets of images that some queries are restricted to; `without`: to all other images."""
    return [
        {"name": "unseen concept", "images": [image.id for image in shelf.split(UNSEEN_CONCEPT)], "without": False},
        {"name": "unseen style", "images": [image.id for image in shelf.split(CROSS_STYLE)], "without": False},
        {"name": "drawings", "images": [image.id for image in shelf.images if image.style == "photo"], "without": True},
    ]


def cases(shelf: Shelf, seed: int) -> list[dict]:
    random = Random(seed)
    rows = [*texts(shelf, random), *pictures(shelf, random), *styled(shelf, random), *negatives(shelf, random)]
    return by_kind(rows, seed, MOST)


def _case(kind: str, text: str, right: list[str], *, image: str = "", gallery: str = "all", avoid: str = "", wrong: list[str] | None = None) -> dict:
    return {"kind": kind, "text": text, "image": image, "not": avoid, "gallery": gallery, "right": right, "wrong": wrong or []}


def texts(shelf: Shelf, random: Random) -> Iterator[dict]:
    """Caption, keywords, gloss, and a name in two other languages, of every held-out concept. Unseen concepts are looked for in the
    whole index and among the unseen; an unseen style only among the images of that split, for the others were trained on."""
    for split_name, split in SPLITS.items():
        for where in ("all", split_name) if split == UNSEEN_CONCEPT else (split_name,):
            for key in shelf.keys(split):
                right = shelf.ids(key, split)
                row = split_name if where == split_name else f"{split_name}, whole index"
                yield _case(f"{row}: caption", shelf.caption(key), right, gallery=where)
                if hints := shelf.hints(key)[:2]:
                    yield _case(f"{row}: keywords", " ".join(hints), right, gallery=where)
                if key in shelf.glosses:
                    yield _case(f"{row}: gloss", shelf.glosses[key], right, gallery=where)
                names = shelf.names(key)
                for language in random.sample([it for it in LANGUAGES if it in names], min(2, len(names))):
                    yield _case(f"{row}: other language", names[language], right, gallery=where)


def pictures(shelf: Shelf, random: Random) -> Iterator[dict]:
    """An image, and the same concept as other designers draw it; a photograph, and its drawings."""
    for split_name, split in SPLITS.items():
        for key in shelf.keys(split):
            image = random.choice([it for it in shelf.by_key[key] if it.split == split])
            right = [it.id for it in shelf.by_key[key] if it.source != image.source and it.style != image.style]
            if right:
                yield _case(f"{split_name}: image to another style", "", right, image=image.id)
    for image in shelf.split(PHOTO):
        right = [it.id for it in shelf.by_key[image.key] if it.style != "photo"]
        if right:
            yield _case("photo to drawing", "", right, image=image.id, gallery="drawings")


def styled(shelf: Shelf, random: Random) -> Iterator[dict]:
    """An image of a held-out concept and a style in words: the same concept in that style."""
    for split in SPLITS.values():
        for key in shelf.keys(split):
            for style, wish in STYLE_WISHES.items():
                right = [it.id for it in shelf.by_key[key] if it.style == style]
                others = [it for it in shelf.by_key[key] if it.style not in (style, "photo")]
                if right and others and random.random() < 0.4:
                    yield _case(f"image + text: {style}", wish, right, image=random.choice(others).id)


def negatives(shelf: Shelf, random: Random) -> Iterator[dict]:
    """A word that several concepts share, without one of them: at least one held-out concept among them."""
    candidates = set(shelf.keys(*SPLITS.values()))
    seen: set[str] = set()
    for key in sorted(candidates):
        for hint in shelf.hints(key)[:3]:
            sharing = sorted(shelf.with_hint(hint))
            if hint in seen or not 3 <= len(sharing) <= 12:
                continue
            seen.add(hint)
            unwanted = random.choice([it for it in sharing if it != key] or sharing)
            right = sorted(id_ for it in sharing if it != unwanted for id_ in shelf.ids(it))
            yield _case("word without one of its things", hint, right, avoid=shelf.caption(unwanted), wrong=shelf.ids(unwanted))
