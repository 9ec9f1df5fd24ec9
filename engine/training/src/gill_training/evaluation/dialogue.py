"""Cases of the dialogue suite: a hidden image, ten questions about it and their answers, two of them beside the point."""

from __future__ import annotations

from random import Random

from gill_training.evaluation.shelf import SPLITS, Image, Shelf, by_kind

ROUNDS = 10
MOST = 60
GROUPS = {
    "animals-nature": "It belongs to nature.", "food-drink": "One can eat or drink it.", "travel-places": "You come across it when you are out and about.",
    "objects": "It is a thing that people use.", "activities": "It belongs to games, sports or celebrations.", "people-body": "It has to do with people.",
    "smileys-emotion": "It shows a feeling.", "symbols": "It is a sign.", "flags": "It is a flag.",
}
DRAWN = {
    "3D render": "Like a little sculpture, with depth and soft shadows.", "outlined icon": "With thin black lines around everything.",
    "flat icon": "With plain areas of colour and no shading.", "shaded icon": "With smooth shading.", "photo": "Not at all, a camera took it.",
    "clip art": "Like an old sticker.", "black silhouette": "All in black.",
}
ASIDES = (
    ("By the way, did you sleep well?", "Yes, thanks, like a log."), ("Is it still raining where you are?", "No, the sun came out an hour ago."),
    ("Have you had lunch yet?", "Not yet, I am waiting for my sister."), ("Is the music too loud for you?", "Oh, I hardly hear it."),
    ("How was the traffic this morning?", "Terrible, as on every Monday."), ("Shall we take a break?", "No, let us go on."),
)
MEANINGS = ("What does it make people think of?", "What else goes with it?", "Which other word would help me?", "And one more clue?", "What would you file it under?")


def cases(shelf: Shelf, seed: int) -> list[dict]:
    random = Random(seed)
    rows = []
    for kind, split in SPLITS.items():
        for key in shelf.keys(split):
            images = [image for image in shelf.by_key[key] if image.split == split]
            hidden = random.choice(images)
            if len(shelf.hints(key)) >= 3:
                rows.append({"kind": kind, "image": hidden.id, "right": shelf.ids(key), "rounds": rounds(shelf, hidden, random)})
    return by_kind(rows, seed, MOST)


def rounds(shelf: Shelf, image: Image, random: Random) -> list[dict]:
    """From the general to the particular; rounds 4 and 8 are beside the point."""
    hints = shelf.hints(image.key)
    gloss = shelf.glosses.get(image.key, "")
    half = len(gloss.split()) // 2
    colours = " and ".join(image.colours[:2]) or "no colour in particular"
    questions = iter(MEANINGS)
    about = [
        ("Is it something from nature, or made by people?", GROUPS.get(image.group, "That is hard to say.")),
        ("Which crayons would I need for it?", f"Mostly {colours}."),
        (next(questions), f"{hints[0]}, I would say."),
        (next(questions), f"Maybe {hints[1]}."),
        ("In which manner is it drawn?", DRAWN.get(image.style, "In the usual way.")),
        (next(questions), f"Well, {hints[2]}."),
        ("How would a dictionary put it?", " ".join(gloss.split()[:half]) + " …" if half > 2 else f"Somewhere near {hints[3 % len(hints)]}."),
        ("And how does that sentence end?", "… " + " ".join(gloss.split()[half:]) + "." if half > 2 else f"It is close to {hints[-1]}."),
    ]
    beside = random.sample(ASIDES, 2)
    ordered = [*about[:3], beside[0], *about[3:6], beside[1], *about[6:]]
    return [{"question": question, "answer": answer} for question, answer in ordered]
