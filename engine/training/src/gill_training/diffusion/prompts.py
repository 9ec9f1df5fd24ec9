"""The prompts by which the generator is judged. "held out": that combination is in no training picture and no training caption."""
from __future__ import annotations

from . import vocabulary as words
from .scenes import HELD_OUT

PLAIN = ("cat", "dog", "rabbit", "frog", "penguin", "elephant", "butterfly", "fish", "turtle", "owl", "apple", "strawberry", "pizza",
         "hamburger", "birthday cake", "carrot", "car", "rocket", "airplane", "bicycle", "house", "tree", "rose", "sunflower", "umbrella",
         "book", "key", "guitar", "crown", "balloon", "star", "heart", "sun", "snowman", "robot", "ghost", "smiley", "light bulb", "clock", "gift")
SEEN_COLOURS = (("crown", "purple"), ("cat", "blue"), ("key", "green"), ("umbrella", "red"), ("fish", "yellow"), ("mushroom", "purple"),
                ("balloon", "green"), ("robot", "pink"), ("car", "orange"), ("dog", "black"))


SAID = {"left": "to the left of", "above": "above", "right": "to the right of", "below": "below"}


def held_out_pairs() -> list[tuple[str, str, str]]:
    """(first thing, relation, second thing); the relations take turns."""
    return [(one, ("left", "above", "right", "below")[i % 4], two) for i, (one, two) in enumerate(HELD_OUT["pairs"])]


def groups() -> dict[str, list[str]]:
    """Heading -> prompts."""
    coloured = lambda name, colour: words.with_article(f"{colour} {name}")
    pairs = [f"{words.with_article(one)} {SAID[relation]} {words.with_article(two)}" for one, relation, two in held_out_pairs()]
    return {
        "plain, trained": [words.with_article(name) for name in PLAIN],
        "colour + thing, trained": [coloured(*pair) for pair in SEEN_COLOURS],
        "colour + thing, held out": [coloured(*pair) for pair in HELD_OUT["colours"]],
        "number, held out": [f"{words.NUMBERS[count]} {words.plural(name)}" for name, count in HELD_OUT["counts"]],
        "background, held out": [f"{words.with_article(name)} on {words.with_article(ground)} background" for name, ground in HELD_OUT["grounds"]],
        "pair, held out": pairs,
        "beyond the vocabulary of phrases": [
            "a red apple to the left of a blue umbrella", "two green cats", "a yellow star above a purple house", "a red house on a green background",
            "please paint me a pink elephant", "I would love to see a tiny blue rocket", "a cat in a hat", "strawberry but blue",
            "five balloons", "a dragon"],
    }
