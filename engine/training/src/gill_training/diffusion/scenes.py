"""The training pictures: what is on them, how they are drawn, and the many ways to say it.

A scene is a small value; drawing it needs only the cut-out sprites. Objects stand on a fixed grid (whole picture, halves,
quarters), so that a thing's latent code does not depend on chance and the denoiser can spend its few minutes on shapes.
"""
from __future__ import annotations

import json
import zlib
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
from PIL import Image

from . import vocabulary as words
from .recolour import TARGETS, main_colour, recolour

SIZE = 128
HALF = SIZE // 2
# Left-top corners of half-size sprites.
PLACES = {
    "left": ((0, 32), (64, 32)),
    "above": ((32, 0), (32, 64)),
    2: ((0, 32), (64, 32)),
    3: ((32, 0), (0, 64), (64, 64)),
    4: ((0, 0), (64, 0), (0, 64), (64, 64)),
}
KINDS = ("real", "hue", "ground", "pair", "count")
HELD_OUT = json.loads(Path(__file__).with_name("held_out.json").read_text("utf-8"))


@dataclass(frozen=True)
class Item:
    concept: str
    style: str
    colour: str | None = None


@dataclass(frozen=True)
class Scene:
    """`kind` is one of KINDS; `relation` is "left" or "above" (first item to second) for pairs; `count` copies of one item."""

    kind: str
    items: tuple[Item, ...]
    relation: str = ""
    count: int = 1
    ground: str = ""


class Sprites:
    """The transparent drawings of every thing in every style that may be trained on, in every colour they can take."""

    def __init__(self, corpus: Path):
        self.rows: dict[tuple[str, str], dict] = {}
        for line in (corpus / "manifest.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            if row["split"] == "train" and row["source"] in words.STYLES and row["concept"] in words.things():
                self.rows.setdefault((row["concept"], row["source"]), row)
        self._drawings: dict[Item, np.ndarray] = {}
        for (concept, style), row in self.rows.items():
            drawing = np.asarray(Image.open(corpus / row["rgba_file"]).convert("RGBA"))
            self._drawings[Item(concept, style)] = drawing
            main = main_colour(drawing)
            for colour in TARGETS if main else ():
                if (painted := recolour(drawing, colour, main)) is not None:
                    self._drawings[Item(concept, style, colour)] = painted
        self.of_style: dict[str, list[Item]] = defaultdict(list)
        for item in self._drawings:
            self.of_style[item.style].append(item)

    def items(self) -> list[Item]:
        return list(self._drawings)

    def __getitem__(self, item: Item) -> np.ndarray:
        return self._drawings[item]

    def natural_colour(self, item: Item) -> str | None:
        """The one colour word that fits the drawing as it is, if there is one."""
        colours = [c for c in self.rows[item.concept, item.style]["colours"] if c in TARGETS or c in ("brown", "white", "gray")]
        return colours[0] if len(colours) == 1 else None


def held_out(scene: Scene) -> bool:
    """Whether a scene shows a combination that is kept for evaluation. Held out for every style and every wording."""
    names = [words.things()[item.concept].name for item in scene.items]
    if any([name, item.colour] in HELD_OUT["colours"] for name, item in zip(names, scene.items)):
        return True
    if scene.kind == "pair" and sorted(names) in [sorted(pair) for pair in HELD_OUT["pairs"]]:
        return True
    if scene.count > 1 and [names[0], scene.count] in HELD_OUT["counts"]:
        return True
    return bool(scene.ground) and [names[0], scene.ground] in HELD_OUT["grounds"]


def make_scenes(sprites: Sprites, pairs: int, seed: int = 0) -> tuple[list[Scene], list[Scene]]:
    """All single, counted and grounded scenes, and `pairs` random pairs: those to train on, and the held out ones."""
    random = Random(seed)
    scenes = [Scene("hue" if item.colour else "real", (item,)) for item in sprites.items()]
    for item in sprites.items():
        # Every plain drawing gets every ground and number; of the coloured ones a share.
        grounds = words.BACKGROUNDS if item.colour is None else random.sample(list(words.BACKGROUNDS), 1)
        scenes += [Scene("ground", (item,), ground=ground) for ground in grounds if ground != item.colour]
        counts = words.NUMBERS if item.colour is None else [random.choice(list(words.NUMBERS))]
        if words.things()[item.concept].name not in words.UNCOUNTABLE:
            scenes += [Scene("count", (item,), count=count) for count in counts]
    styles = [style for style in words.STYLES if sprites.of_style[style]]
    weights = [words.STYLES[style] for style in styles]
    drawn: set[Scene] = set()
    while len(drawn) < pairs:
        pool = sprites.of_style[random.choices(styles, weights)[0]]
        first, second = (_pick(pool, random, coloured=random.random() < 0.25) for _ in range(2))
        if first.concept != second.concept:
            drawn.add(Scene("pair", (first, second), relation=random.choice(words.RELATIONS)))
    scenes += sorted(drawn, key=repr)
    kept = [held_out(scene) for scene in scenes]
    return [s for s, out in zip(scenes, kept) if not out], [s for s, out in zip(scenes, kept) if out]


def _pick(pool: list[Item], random: Random, coloured: bool) -> Item:
    while True:
        item = random.choice(pool)
        if bool(item.colour) == coloured:
            return item


# ---- drawing ---------------------------------------------------------------------------------------

def draw(scene: Scene, sprites: Sprites) -> np.ndarray:
    """uint8 [128][128][3]."""
    canvas = Image.new("RGBA", (SIZE, SIZE), words.BACKGROUNDS[scene.ground] if scene.ground else (255, 255, 255))
    if scene.kind == "pair":
        for item, place in zip(scene.items, PLACES[scene.relation]):
            canvas.alpha_composite(_half(sprites[item]), place)
    elif scene.count > 1:
        small = _half(sprites[scene.items[0]])
        for place in PLACES[scene.count]:
            canvas.alpha_composite(small, place)
    else:
        canvas.alpha_composite(Image.fromarray(sprites[scene.items[0]]))
    return np.asarray(canvas.convert("RGB"))


def _half(drawing: np.ndarray) -> Image.Image:
    # Premultiplied, so that hidden colours of transparent pixels do not bleed into the edges.
    return Image.fromarray(drawing).convert("RGBa").resize((HALF, HALF), Image.Resampling.LANCZOS).convert("RGBA")


# ---- wording ---------------------------------------------------------------------------------------

_LEADS = ("a picture of {}", "an image of {}", "an icon of {}", "a drawing of {}", "{}, icon", "an illustration of {}",
          "draw {}", "a small picture of {}")


def captions(scene: Scene, sprites: Sprites, variants: int) -> list[str]:
    """`variants` ways to say what a scene shows; the first is the plainest. The same scene always gets the same words."""
    random = Random(zlib.crc32(repr(scene).encode()))
    found = [_plainest(scene)]
    for _ in range(20 * variants):
        if len(found) >= variants:
            break
        text = _phrase(scene, sprites, random)
        if text not in found:
            found.append(text)
    return found


def _plainest(scene: Scene) -> str:
    things = words.things()
    first = things[scene.items[0].concept].name
    coloured = f"{scene.items[0].colour} {first}" if scene.items[0].colour else first
    if scene.kind == "pair":
        second = things[scene.items[1].concept].name
        second = f"{scene.items[1].colour} {second}" if scene.items[1].colour else second
        link = "to the left of" if scene.relation == "left" else "above"
        return f"{words.with_article(coloured)} {link} {words.with_article(second)}"
    if scene.count > 1:
        return f"{words.NUMBERS[scene.count]} {words.plural(coloured)}"
    if scene.ground:
        return f"{words.with_article(coloured)} on {words.with_article(scene.ground)} background"
    return words.with_article(coloured)


def _phrase(scene: Scene, sprites: Sprites, random: Random) -> str:
    if scene.kind == "pair":
        text = _pair_phrase(scene, sprites, random)
    elif scene.count > 1:
        text = f"{random.choice((words.NUMBERS[scene.count], str(scene.count)))} {words.plural(_named(scene.items[0], sprites, random))}"
    else:
        text = _single_phrase(scene.items[0], sprites, random)
    if scene.ground:
        text += random.choice((f" on {words.with_article(scene.ground)} background", f" on {scene.ground}", f", {scene.ground} background"))
    if random.random() < 0.3:
        text = random.choice(_LEADS).format(text)
    if scene.kind in ("real", "hue") and random.random() < 0.2:
        text = f"{text}, {random.choice(words.STYLE_WORDS[scene.items[0].style])}"
    return text


def _named(item: Item, sprites: Sprites, random: Random) -> str:
    """"blue strawberry", "cat face": a name, after its colour if it has one."""
    thing = words.things()[item.concept]
    others = [*thing.names[1:], sprites.rows[item.concept, item.style]["caption"]]
    # A name that says a colour ("red apple") would contradict a painted drawing.
    others = [n for n in others if not (item.colour and any(c in n.split() for c in (*TARGETS, "white", "gray", "brown")))]
    name = thing.name if random.random() < 0.65 or not others else random.choice(others)
    return f"{item.colour} {name}" if item.colour else name


def _single_phrase(item: Item, sprites: Sprites, random: Random) -> str:
    if item.colour is None:
        colour = sprites.natural_colour(item)
        name = _named(item, sprites, random)
        if colour and colour not in name.split() and random.random() < 0.25:
            name = f"{colour} {name}"
        return words.with_article(name) if random.random() < 0.6 else name
    plain = words.things()[item.concept].name
    coloured, colour = _named(item, sprites, random), item.colour
    return random.choice((
        words.with_article(coloured), words.with_article(coloured), coloured, coloured, f"{plain}, {colour}",
        f"{words.with_article(plain)} in {colour}", f"{words.with_article(plain)} that is {colour}", f"{words.with_article(plain)}, coloured {colour}",
    ))


def _pair_phrase(scene: Scene, sprites: Sprites, random: Random) -> str:
    one, two = (words.with_article(_named(item, sprites, random)) for item in scene.items)
    if random.random() < 0.3:
        return random.choice((f"{one} and {two}", f"{two} and {one}", f"{one} next to {two}") if scene.relation == "left" else
                             (f"{one} on top of {two}", f"{one} over {two}"))
    if scene.relation == "left":
        return random.choice((f"{one} to the left of {two}", f"{one} left of {two}", f"{two} to the right of {one}",
                              f"{two} right of {one}", f"{one} on the left and {two} on the right"))
    return random.choice((f"{one} above {two}", f"{two} below {one}", f"{two} under {one}", f"{one} at the top and {two} at the bottom"))


def summary(scenes: list[Scene]) -> dict[str, int]:
    return dict(Counter(scene.kind for scene in scenes))
