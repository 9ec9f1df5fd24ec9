"""What the small diffusion model is taught to draw: a short list of common things, a few colours, backgrounds and relations."""
from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

# Sets whose drawings look alike (Fluent's flat and 3D pictures share their shapes); the weights say how often each is seen.
# More styles make every thing harder to learn: the net has minutes, not days.
STYLES = {"twemoji": 1.0, "fluent-flat": 1.0, "fluent-3d": 0.8}
STYLE_WORDS = {
    "twemoji": ("flat", "flat icon"),
    "fluent-flat": ("flat", "flat vector icon"),
    "fluent-3d": ("3D", "3D render"),
    "noto": ("shaded", "shaded icon"),
    "emojitwo": ("flat", "flat icon"),
    "openclipart": ("clip art", "clip art"),
}

# Further sets whose drawings are learnt with a draft at hand (see drafts.py), with everything they show that is a thing.
WIDE_STYLES = {"twemoji": 1.0, "fluent-flat": 0.7, "fluent-3d": 1.0, "noto": 1.0, "emojitwo": 0.7, "openclipart": 0.3}
WIDE_GROUPS = ("animals-nature", "food-drink", "objects", "travel-places", "activities", "smileys-emotion")

# code point: names, the plainest first.
_OBJECTS = """
1f431 cat; kitten; cat face
1f436 dog; puppy; dog face
1f430 rabbit; bunny; rabbit face
1f42d mouse; mouse face
1f43b bear; bear face
1f43c panda; panda face
1f98a fox; fox face
1f981 lion; lion face
1f42f tiger; tiger face
1f411 sheep; ewe
1f437 pig; pig face
1f438 frog; frog face
1f435 monkey; monkey face
1f427 penguin
1f426 bird
1f989 owl
1f986 duck
1f41f fish
1f433 whale
1f42c dolphin
1f988 shark
1f419 octopus
1f422 turtle; tortoise
1f40c snail
1f98b butterfly
1f41d bee; honeybee
1f41e ladybug; ladybird
1f418 elephant
1f984 unicorn
1f40d snake
1f980 crab
1f428 koala
1f339 rose; red rose
1f337 tulip
1f33b sunflower
1f332 tree; fir tree; evergreen tree; pine tree
1f334 palm tree
1f335 cactus
1f344 mushroom; toadstool
1f340 four leaf clover; clover
1f34e apple; red apple
1f34c banana
1f347 grapes; bunch of grapes
1f353 strawberry
1f349 watermelon; slice of watermelon
1f34b lemon
1f951 avocado
1f34d pineapple
1f352 cherries
1f350 pear
1f955 carrot
1f345 tomato
1f355 pizza; slice of pizza
1f354 hamburger; burger
1f369 doughnut; donut
1f36a cookie
1f382 birthday cake; cake
1f366 ice cream; soft ice cream
1f36d lollipop
1f9c0 cheese; wedge of cheese
2615 cup of coffee; hot beverage; coffee
1f699 car; SUV; sport utility vehicle
1f695 taxi; cab
1f68c bus
1f69a truck; delivery truck
1f6b2 bicycle; bike
2708 airplane; plane
1f680 rocket
26f5 sailboat
1f682 train; locomotive; steam train
1f681 helicopter
1f69c tractor
1f3e0 house; home
1f3f0 castle
26fa tent
2602 umbrella
1f4d5 book; closed book
1f511 key
1f3b8 guitar
1f528 hammer
1f4a1 light bulb; lightbulb
1f514 bell
1f451 crown
1f388 balloon
1f381 gift; wrapped gift; present
1f3c0 basketball
23f0 alarm clock; clock
1f4f7 camera
260e telephone; phone
1f3c6 trophy
1f3a9 top hat; hat
1f455 t-shirt; shirt
1f45f sneaker; running shoe; shoe
1f453 glasses
2702 scissors
270f pencil
1f56f candle
1f9f8 teddy bear
1f3ba trumpet
1f941 drum
2693 anchor
1f4fa television; TV
1f5a5 computer; desktop computer
1fa91 chair
2600 sun
2b50 star
1f319 crescent moon; moon
2601 cloud
1f308 rainbow
2744 snowflake
26c4 snowman
1f525 fire; flame
2764 heart; red heart
1f600 smiley; grinning face; happy face
1f60e smiley with sunglasses; smiling face with sunglasses
1f47b ghost
1f916 robot
1f47d alien
"""

UNCOUNTABLE = {"grapes", "cherries", "glasses", "scissors", "fire", "cheese", "corn", "ice cream", "coffee"}
_NO_ARTICLE = {"grapes", "cherries", "glasses", "scissors", "corn", "cheese", "ice cream", "coffee", "fire", "pizza"}
_THE = {"sun"}
_PLURALS = {"fish": "fish", "mouse": "mice", "cup of coffee": "cups of coffee", "slice of pizza": "slices of pizza",
            "smiley with sunglasses": "smileys with sunglasses", "smiling face with sunglasses": "smiling faces with sunglasses", "slice of watermelon": "slices of watermelon",
            "ear of corn": "ears of corn", "wedge of cheese": "wedges of cheese", "bunch of grapes": "bunches of grapes"}

NUMBERS = {2: "two", 3: "three", 4: "four"}
MORE_NUMBERS = NUMBERS | {5: "five", 6: "six"}  # of what has a draft
RELATIONS = ("left", "above")  # right and below are the same pictures told from the other side

# Pale grounds: name -> RGB.
BACKGROUNDS = {
    "blue": (170, 212, 245), "green": (158, 216, 150), "yellow": (252, 232, 140), "pink": (252, 200, 218),
    "gray": (196, 196, 200), "purple": (206, 186, 236), "orange": (252, 206, 150),
}


@dataclass(frozen=True)
class Thing:
    """One object of the vocabulary; `name` is its plainest name and its key."""

    concept: str
    names: tuple[str, ...]

    @property
    def name(self) -> str:
        return self.names[0]


@cache
def things() -> dict[str, Thing]:
    """concept ("u:1f431") -> thing."""
    found = {}
    for line in _OBJECTS.strip().splitlines():
        code, _, names = line.partition(" ")
        found["u:" + code] = Thing("u:" + code, tuple(name.strip() for name in names.split(";")))
    return found


def with_article(name: str) -> str:
    last = name.split(" in ")[0].split(" with ")[0]
    if any(last == word or last.endswith(" " + word) for word in _NO_ARTICLE) and " of " not in last:
        return name
    if name in _THE:
        return "the " + name
    return ("an " if re.match(r"(?!uni|one|eu)[aeiou]", name.lower()) else "a ") + name


def plural(name: str) -> str:
    head, joint, tail = name.partition(" that ")
    for one, many in _PLURALS.items():
        if head == one or head.endswith(" " + one):
            return head[: len(head) - len(one)] + many + joint + tail
    if head.endswith("s") and not head.endswith(("ss", "us")):
        return name
    if re.search(r"[^aeiou]y$", head):
        return head[:-1] + "ies" + joint + tail
    return head + ("es" if re.search(r"(ch|sh|x|ss|us|to)$", head) else "s") + joint + tail
