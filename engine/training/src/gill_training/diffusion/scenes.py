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
THIRD = 42
# Left-top corners of half-size sprites, and of third-size ones for five and more.
PLACES = {
    "left": ((0, 32), (64, 32)),
    "above": ((32, 0), (32, 64)),
    2: ((0, 32), (64, 32)),
    3: ((32, 0), (0, 64), (64, 64)),
    4: ((0, 0), (64, 0), (0, 64), (64, 64)),
    5: ((22, 22), (64, 22), (1, 64), (43, 64), (85, 64)),
    6: ((1, 22), (43, 22), (85, 22), (1, 64), (43, 64), (85, 64)),
}
KINDS = ("real", "hue", "ground", "pair", "count", "trio")
HELD_OUT = json.loads(Path(__file__).with_name("held_out.json").read_text("utf-8"))


@dataclass(frozen=True)
class Item:
    concept: str
    style: str
    colour: str | None = None


@dataclass(frozen=True)
class Scene:
    """`kind` is one of KINDS; `relation` is "left" or "above" (first item to second) for pairs; `count` copies of one item; a trio
    is three items in one picture."""

    kind: str
    items: tuple[Item, ...]
    relation: str = ""
    count: int = 1
    ground: str = ""


class Sprites:
    """The transparent drawings of every thing in every style that may be trained on, in every colour they can take.

    `wide`: not of the vocabulary's things only but of all the corpus has names for, in `words.WIDE_STYLES`; of those that
    are not in the vocabulary, `wide_colours` random colours each.
    """

    def __init__(self, corpus: Path, wide: bool = False, wide_colours: int = 3):
        self.rows: dict[tuple[str, str], dict] = {}
        for line in (corpus / "manifest.jsonl").read_text("utf-8").splitlines():
            row = json.loads(line)
            if row["split"] == "train" and (_in_vocabulary(row) or wide and _in_wide(row)):
                self.rows.setdefault((row["concept"], row["source"]), row)
        self.things = words.things() | _named_by_captions(self.rows)
        self._drawings: dict[Item, np.ndarray] = {}
        for (concept, style), row in self.rows.items():
            drawing = np.asarray(Image.open(corpus / row["rgba_file"]).convert("RGBA"))
            self._drawings[Item(concept, style)] = drawing
            main = main_colour(drawing) if style != "openclipart" else None
            colours = list(TARGETS)
            if not _in_vocabulary(row):
                colours = Random(zlib.crc32(f"{concept} {style}".encode())).sample(colours, wide_colours)
            for colour in colours if main else ():
                if (painted := recolour(drawing, colour, main)) is not None:
                    self._drawings[Item(concept, style, colour)] = painted
        self._small: dict[tuple[Item, int], Image.Image] = {}
        self.of_style: dict[str, list[Item]] = defaultdict(list)
        self._styles: dict[str, list[str]] = defaultdict(list)
        self._colours: dict[tuple[str, str], list[str]] = defaultdict(list)
        for item in self._drawings:
            self.of_style[item.style].append(item)
            if item.colour is None:
                self._styles[item.concept].append(item.style)
            else:
                self._colours[item.concept, item.style].append(item.colour)

    def scaled(self, item: Item, size: int) -> Image.Image:
        """The drawing at `size` px; kept for the next time."""
        if (item, size) not in self._small:
            # Premultiplied, so that hidden colours of transparent pixels do not bleed into the edges.
            self._small[item, size] = Image.fromarray(self._drawings[item]).convert("RGBa").resize(
                (size, size), Image.Resampling.LANCZOS).convert("RGBA")
        return self._small[item, size]

    def styles_of(self, concept: str) -> list[str]:
        return self._styles[concept]

    def colours_of(self, concept: str, style: str) -> list[str]:
        return self._colours[concept, style]

    def items(self) -> list[Item]:
        return list(self._drawings)

    def __getitem__(self, item: Item) -> np.ndarray:
        return self._drawings[item]

    def natural_colour(self, item: Item) -> str | None:
        """The one colour word that fits the drawing as it is, if there is one."""
        colours = [c for c in self.rows[item.concept, item.style]["colours"] if c in TARGETS or c in ("brown", "white", "gray")]
        return colours[0] if len(colours) == 1 else None


def _in_vocabulary(row: dict) -> bool:
    return row["source"] in words.STYLES and row["concept"] in words.things()


def _in_wide(row: dict) -> bool:
    return row["source"] in words.WIDE_STYLES and row["group"] in words.WIDE_GROUPS


def _named_by_captions(rows: dict[tuple[str, str], dict]) -> dict[str, words.Thing]:
    """The things outside of the vocabulary; the name most sets use comes first."""
    captions: dict[str, Counter[str]] = defaultdict(Counter)
    for (concept, _), row in rows.items():
        if concept not in words.things():
            captions[concept][row["caption"]] += 1
    return {concept: words.Thing(concept, tuple(name for name, _ in found.most_common())) for concept, found in captions.items()}


def held_out(scene: Scene) -> bool:
    """Whether a scene shows a combination that is kept for evaluation. Held out for every style and every wording."""
    known = words.things()
    names = [known[item.concept].name if item.concept in known else "" for item in scene.items]
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
    scenes += _together(sprites, dict(zip(styles, weights)), 2, pairs, 0.25, random)
    return _split(scenes)


def make_wide_scenes(sprites: Sprites, pairs: int, trios: int, seed: int = 0) -> list[Scene]:
    """Scenes of everything the corpus has, to be drawn with a draft at hand; combinations that are held out are not among them."""
    random = Random(seed + 1)
    plain = [item for item in sprites.items() if item.colour is None]
    scenes = [Scene("hue" if item.colour else "real", (item,)) for item in sprites.items()]
    scenes += [Scene("ground", (item,), ground=random.choice([g for g in words.BACKGROUNDS if g != item.colour]))
               for item in sprites.items() if item.colour is None or random.random() < 0.3]
    scenes += [Scene("count", (item,), count=count) for item in plain if sprites.things[item.concept].name not in words.UNCOUNTABLE
               for count in random.sample(list(words.MORE_NUMBERS), 2)]
    styles = {style: weight for style, weight in words.WIDE_STYLES.items() if sprites.of_style[style]}
    scenes += _together(sprites, styles, 2, pairs, 0.35, random) + _together(sprites, styles, 3, trios, 0.25, random)
    return _split(scenes)[0]


def _together(sprites: Sprites, styles: dict[str, float], members: int, count: int, coloured: float, random: Random) -> list[Scene]:
    """Random pairs or trios of different things of one style."""
    drawn: set[Scene] = set()
    while len(drawn) < count:
        pool = sprites.of_style[random.choices(list(styles), list(styles.values()))[0]]
        has_colours = any(item.colour for item in pool)
        items = tuple(_pick(pool, random, coloured=has_colours and random.random() < coloured) for _ in range(members))
        if len({item.concept for item in items}) == members:
            drawn.add(Scene("pair", items, relation=random.choice(words.RELATIONS)) if members == 2 else Scene("trio", items))
    return sorted(drawn, key=repr)


def _split(scenes: list[Scene]) -> tuple[list[Scene], list[Scene]]:
    kept = [held_out(scene) for scene in scenes]
    return [s for s, out in zip(scenes, kept) if not out], [s for s, out in zip(scenes, kept) if out]


def _pick(pool: list[Item], random: Random, coloured: bool) -> Item:
    while True:
        item = random.choice(pool)
        if bool(item.colour) == coloured:
            return item


# ---- drawing ---------------------------------------------------------------------------------------

@dataclass(frozen=True)
class Placement:
    """An item's square in the picture."""

    item: Item
    x: int
    y: int
    size: int


def layout(scene: Scene) -> list[Placement]:
    if scene.kind == "pair":
        return [Placement(item, x, y, HALF) for item, (x, y) in zip(scene.items, PLACES[scene.relation])]
    if scene.kind == "trio":
        return [Placement(item, x, y, HALF) for item, (x, y) in zip(scene.items, PLACES[3])]
    if scene.count > 1:
        size = HALF if scene.count <= 4 else THIRD
        return [Placement(scene.items[0], x, y, size) for x, y in PLACES[scene.count]]
    return [Placement(scene.items[0], 0, 0, SIZE)]


def draw(scene: Scene, sprites: Sprites) -> np.ndarray:
    """uint8 [128][128][3]."""
    return draw_placements(layout(scene), sprites, words.BACKGROUNDS[scene.ground] if scene.ground else (255, 255, 255))


def draw_placements(placements: list[Placement], sprites: Sprites, ground: tuple[int, int, int] = (255, 255, 255)) -> np.ndarray:
    """uint8 [128][128][3]. What lies outside of the picture is cut off."""
    canvas = Image.new("RGBA", (SIZE, SIZE), ground)
    for placed in placements:
        small = Image.fromarray(sprites[placed.item]) if placed.size == SIZE else sprites.scaled(placed.item, placed.size)
        left, top = max(0, -placed.x), max(0, -placed.y)
        canvas.alpha_composite(small, (max(0, placed.x), max(0, placed.y)), (left, top))
    return np.asarray(canvas.convert("RGB"))


# ---- wording ---------------------------------------------------------------------------------------

_LEADS = ("a picture of {}", "an image of {}", "an icon of {}", "a drawing of {}", "{}, icon", "an illustration of {}",
          "draw {}", "a small picture of {}")


def captions(scene: Scene, sprites: Sprites, variants: int) -> list[str]:
    """`variants` ways to say what a scene shows; the first is the plainest. The same scene always gets the same words."""
    random = Random(zlib.crc32(repr(scene).encode()))
    found = [_plainest(scene, sprites)]
    for _ in range(20 * variants):
        if len(found) >= variants:
            break
        text = _phrase(scene, sprites, random)
        if text not in found:
            found.append(text)
    return found


def _plainest(scene: Scene, sprites: Sprites) -> str:
    things = sprites.things
    first = things[scene.items[0].concept].name
    coloured = f"{scene.items[0].colour} {first}" if scene.items[0].colour else first
    if scene.kind == "pair":
        second = things[scene.items[1].concept].name
        second = f"{scene.items[1].colour} {second}" if scene.items[1].colour else second
        link = "to the left of" if scene.relation == "left" else "above"
        return f"{words.with_article(coloured)} {link} {words.with_article(second)}"
    if scene.kind == "trio":
        one, two, three = (words.with_article(f"{item.colour or ''} {things[item.concept].name}".strip()) for item in scene.items)
        return f"{one}, {two} and {three}"
    if scene.count > 1:
        return f"{words.MORE_NUMBERS[scene.count]} {words.plural(coloured)}"
    if scene.ground:
        return f"{words.with_article(coloured)} on {words.with_article(scene.ground)} background"
    return words.with_article(coloured)


def _phrase(scene: Scene, sprites: Sprites, random: Random) -> str:
    if scene.kind == "pair":
        text = _pair_phrase(scene, sprites, random)
    elif scene.kind == "trio":
        named = [words.with_article(_named(item, sprites, random)) for item in random.sample(scene.items, 3)]
        text = f"{named[0]}, {named[1]} and {named[2]}" if random.random() < 0.7 else f"{named[0]} and {named[1]} and {named[2]}"
    elif scene.count > 1:
        text = f"{random.choice((words.MORE_NUMBERS[scene.count], str(scene.count)))} {words.plural(_named(scene.items[0], sprites, random))}"
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
    thing = sprites.things[item.concept]
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
    plain = sprites.things[item.concept].name
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
