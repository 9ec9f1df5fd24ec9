"""Cases of the stories suite: four sentences with pictures between them, and a last one that asks for one more picture."""

from __future__ import annotations

from random import Random

from gill_training.corpus.captions import without_article
from gill_training.diffusion.vocabulary import with_article
from gill_training.evaluation.shelf import Image, Shelf, by_kind, held_out

MOST = 40
HEROES = ("Mira", "old Tom", "the twins", "Aunt Berta", "little Ida", "the postman", "our neighbour", "Captain Lou")
PLACES = ("at the harbour", "behind the school", "in grandfather's shed", "on the market square", "in a dream", "at the edge of the woods")
ENDINGS = (
    "The next morning a parcel came, and this is what lay in it:", "Years later someone hung it over the sofa, once more in full beauty:",
    "And on the last page of the diary there was it again:", "When the curtain rose, everybody saw it once more:",
)


def cases(shelf: Shelf, seed: int) -> list[dict]:
    random = Random(seed)
    rows = []
    for key in held_out(shelf):
        images = [image for image in shelf.by_key[key] if image.style not in ("photo", "black silhouette")]
        if len({image.source for image in images}) < 3 or len(shelf.hints(key)) < 3:
            continue
        random.shuffle(images)
        for kind, make in (("named in the words", named), ("seen in the pictures only", unnamed), ("described bit by bit", described)):
            sentences = make(shelf, key, random)
            rows.append(story(kind, sentences, images[:2], shelf.ids(key), random.choice(ENDINGS)))
    return by_kind(rows, seed, MOST)


def story(kind: str, sentences: list[str], shown: list[Image], concept: list[str], ending: str) -> dict:
    """`parts`: sentences and pictures in order; `right`: images of the concept that the story does not show."""
    first, second, third, fourth = sentences
    parts = [
        {"text": first, "image": ""}, {"text": "", "image": shown[0].id}, {"text": second, "image": ""}, {"text": third, "image": ""},
        {"text": "", "image": shown[1].id}, {"text": fourth, "image": ""},
    ]
    used = {image.id for image in shown}
    return {"kind": kind, "parts": parts, "ending": ending, "right": [id_ for id_ in concept if id_ not in used]}


def named(shelf: Shelf, key: str, random: Random) -> list[str]:
    thing = with_article(without_article(shelf.caption(key)))
    who, where = random.choice(HEROES), random.choice(PLACES)
    return [f"One day {who} found {thing} {where}.", "Nobody knew where it came from.", "It was put into a box and forgotten for a while.",
            f"But {who} could not stop thinking of it."]


def unnamed(_: Shelf, __: str, random: Random) -> list[str]:
    who, where = random.choice(HEROES), random.choice(PLACES)
    return [f"One day {who} came upon this {where}:", "Everybody came to look.", "From the other side it looked like so:", f"For weeks {who} spoke of nothing else."]


def described(shelf: Shelf, key: str, random: Random) -> list[str]:
    who, where = random.choice(HEROES), random.choice(PLACES)
    one, two, three = shelf.hints(key)[:3]
    gloss = shelf.glosses.get(key, three)
    return [f"It began {where}, and it had to do with {one}.", f"\"I think of {two}\", said {who}.", f"Someone else said: {three}.", f"The book had only this to say: {gloss}."]
