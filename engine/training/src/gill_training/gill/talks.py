"""Requests that take more than one breath: rounds of hints about one thing among small talk, indirect descriptions, short stories."""

import re
from dataclasses import replace
from random import Random

from gill_training.diffusion import vocabulary
from gill_training.gill.chat import PICTURE, Conversation
from gill_training.gill.concepts import Concept, WordIndex, phrase
from gill_training.gill.requests import CANNED, LIKES, NEXT, STYLES, Request

OPENINGS = ("I am thinking of something.", "I'm looking for a picture.", "Help me to find something.", "Guess what I mean.", "I can't think of the word.", "Hi!", "Hello!")
NODS = ("I see.", "Okay.", "Tell me more.", "Interesting!", "What else?", "Got it.", "Hm, I think I know it.", "Yes?", "Good to know.")
GROUPS = {
    "animals-nature": ("It is something from nature.", "You find it in nature."), "food-drink": ("You can eat or drink it.", "It is some food or drink."),
    "travel-places": ("It has to do with travel or places.", "It is a place or a vehicle."), "objects": ("It is an object.", "It is a thing people use."),
    "activities": ("It has to do with sport, play or a feast.", "It is from leisure time."), "smileys-emotion": ("It is a face or a feeling.",),
    "people-body": ("It has to do with people.",), "symbols": ("It is a symbol.",),
}
WORD_HINTS = ("It has to do with {}.", "Think of {}.", "People say {} about it.", "It makes me think of {}.", "One word for it: {}.", "It goes with {}.")
COLOUR_HINTS = ("It is mostly {}.", "The picture is {}.", "It is {}.", "You see a lot of {}.")
STYLE_HINTS = ("It is {}.", "I'd like {}.", "The style is {}.")
GLOSS_HINTS = ("It is {}.", "I mean {}.", "{}", "Imagine {}.", "They call it {}.")
DISTRACTIONS = (
    ("How are you?", "I am fine, thank you."), ("The weather is nice today.", "That's good to hear!"), ("I had a long day.", "I hope you can rest now."),
    ("Do you like music?", "I like to hear about it."), ("What is two plus two?", "Two plus two is four."), ("Thank you so far.", "You're welcome."),
    ("Wait a moment.", "Of course."), ("My brother is here too.", "Say hello to him!"), ("What day is it?", "I don't know what day it is."),
    ("I come from Spain.", "Spain is a beautiful country."), ("Are you a robot?", "I am a computer program."),
)
ENDINGS = ("Show me!", "show me one", "Can you show it?", "Show me the picture.", "Now draw it.", "Can I see it?", "show it to me, please", "So what does it look like?", "find it")
STARTS = ("Tom went out in the morning.", "It was a long journey.", "Last summer we were by the sea.", "My sister told me a story.", "Anna had a day off.", "We stayed at home.",
          "Once upon a time there was a small town.", "On Sunday we all met.")
MIDDLES = ("Then there was {}.", "First we saw {}.", "He had {} with him.", "Next to the road there was {}.", "She liked {}.", "They talked about {}.")
LASTS = ("At last we saw {}.", "Then came {}.", "In the end there was {}.", "Suddenly {} was there.", "But the best was {}.", "And then she found {}.")
# Stories with pictures between their sentences. {thing} is only said where the story may name it.
WHO = ("Lena", "my cousin", "the baker", "a girl from next door", "Grandma", "two tourists", "Mr Novak", "a boy called Sam", "the night guard", "our class")
SEEN = ("{who} saw something in the garden:", "This is what {who} brought home:", "{who} opened the drawer, and look:", "Here it is from the front:", "It looked like this:",
        "{who} took a photo of it.", "They came back with a lamp.", "And here once more:", "It was standing in the hall:", "{who} sent me this:")
SAID = ("All of them laughed.", "They told it in school.", "Somebody wrote a song about it.", "A week went by.", "It looked strange at first.", "It was raining again.",
        "No one had asked for it.", "{who} kept it on a shelf.", "Then it was gone.", "They could not sleep that night.", "The whole street talked about it.")
NAMED = ("It was {thing}.", "They said it was {thing}.", "{who} had always wanted {thing}.", "So now they had {thing}.", "Who would have thought of {thing}?")
HINTED = ("It has to do with {hint}.", "{who} said something about {hint}.", "The label said: {hint}.", "It made them think of {hint}.")
ASIDE = ("On the way {who} passed {thing}:", "There was {thing} too:", "First came {thing}:")
STORY_ENDS = ("In the film it appears again:", "Then they made one more picture of it:", "and we painted it on the wall:", "That is how it looks in the book:", "Show me one more.",
              "Another one, please.", "The last photo in the album shows it too:", "A month later {who} met it again:", "Draw how the story ends.", "What did it look like in the museum?",
              "{who} drew it from memory:", "So this is the stamp they made of it:", "On the cake there it was:", "and that is the tattoo:")


def pieces(gloss: str) -> list[str]:
    """The parts of a definition, as one would say them one after another."""
    parts = [part.strip() for part in re.split(r";|, (?:especially|usually|often|used|having|with|that|which)|\((.*?)\)", gloss) if part and part.strip()]
    return [part for part in parts if len(part) > 3]


class TalkMaker:
    """Draws such requests, the same ones for the same seed. `colours`: concept key to the colours of its pictures."""

    def __init__(self, concepts: dict[str, Concept], index: WordIndex, colours: dict[str, list[str]], seed: int):
        self._concepts, self._index, self._colours = concepts, index, colours
        self._random = Random(seed)
        self._keys = [key for key, concept in concepts.items() if len(concept.keywords) >= 2 or concept.gloss]
        self._weights = [concepts[key].weight ** 0.5 for key in self._keys]
        self._described = [key for key, concept in concepts.items() if concept.gloss]
        self._things = [key for key, concept in concepts.items() if concept.is_thing]

    def rounds(self) -> Request:
        """One to ten hints, small talk in between; what is wanted is clear only from all of them."""
        concept = self._concepts[self._random.choices(self._keys, self._weights)[0]]
        hints, words = self._hints(concept)
        hints = hints[: self._random.choice((1, 2, 2, 3, 4, 5, 7, 10))]
        turns = [(self._random.choice(OPENINGS), self._random.choice(NODS))] if self._random.random() < 0.3 else []
        turns += [(hint, self._random.choice(NODS)) for hint in hints]
        for _ in range(self._random.choice((0, 0, 1, 1, 2))):
            turns.insert(self._random.randrange(len(turns) + 1), self._random.choice(DISTRACTIONS))
        if self._random.random() < 0.25:  # the last hint stands in the request itself
            user = f"{turns.pop()[0]} {self._random.choice(ENDINGS)}"
        else:
            user = self._random.choice(ENDINGS)
        told = [word for word in words if any(word in hint for hint in hints)]
        targets = tuple(sorted((self._index.all_of(told) if told else set()) | {concept.key}))
        return self._request("rounds", user, concept, targets, turns)

    def described(self) -> Request:
        """A definition instead of the name, as the first turn or a later one."""
        concept = self._concepts[self._random.choice(self._described)]
        text = self._random.choice(("I need {}", "show me {}", "{}", "I want to see {}", "Do you have {}?", "something like this: {}", "it is {}, show me")).format(concept.gloss)
        turns = []
        if self._random.random() < 0.5:
            other = self._concepts[self._random.choice([key for key in self._things if key != concept.key])]
            asked = self._random.choice(NEXT).format(phrase(other.name)), self._random.choice(CANNED[:12]).format(phrase(other.name))
            turns = [self._random.choice((asked, self._random.choice(DISTRACTIONS)))]
        return self._request("described", text, concept, (concept.key,), turns)

    def story(self) -> Request:
        """Sentences about several things; the picture is of the last one."""
        *others, key = self._random.sample(self._things, self._random.choice((2, 3, 4)))
        concept = self._concepts[key]
        said = [self._random.choice(STARTS)] if self._random.random() < 0.7 else []
        said += [self._random.choice(MIDDLES).format(phrase(self._concepts[other].name)) for other in others]
        name = concept.gloss if concept.gloss and self._random.random() < 0.25 else phrase(concept.name)
        said.append(self._random.choice(LASTS).format(name))
        if self._random.random() < 0.4:
            return self._request("story", " ".join(said), concept, self._named(concept), [])
        turns = [(sentence, self._random.choice(NODS)) for sentence in said[:-1]]
        last = said[-1] if self._random.random() < 0.5 else f"{said[-1]} {self._random.choice(ENDINGS)}"
        return self._request("story", last, concept, self._named(concept), turns)

    def drifting(self) -> Request:
        """Talk about one thing, then a wish for it some turns later, with another thing shown in between or before."""
        one, two = (self._concepts[key] for key in self._random.sample(self._things, 2))
        turns = [(self._random.choice(NEXT).format(phrase(two.name)), self._random.choice(CANNED[:12]).format(phrase(two.name)))]
        turns.append((self._random.choice(LIKES).format(phrase(one.name)), self._random.choice(NODS)))
        if self._random.random() < 0.5:
            turns.append(self._random.choice(DISTRACTIONS))
            return self._request("drifting", f"{self._random.choice(ENDINGS[:-1])} I mean the {one.name}.", one, self._named(one), turns)
        return self._request("drifting", self._random.choice(ENDINGS), one, self._named(one), turns)

    def picture_story(self) -> Request:
        """Sentences with one to three pictures of a thing between them, at times one of another thing first; another picture of it is wanted."""
        concept = self._concepts[self._random.choice([key for key in self._things if len(self._concepts[key].rows) > 1])]
        shown = min(self._random.choice((1, 2, 2, 3)), len(concept.rows) - 1)
        who, thing = self._random.choice(WHO), phrase(concept.name)
        hints = [*concept.keywords, *pieces(concept.gloss or "")]
        told = self._random.choice(("nothing", "nothing", "name", "hints"))
        parts = [(self._random.choice(SEEN), PICTURE) for _ in range(shown)]
        parts += [(text, "") for text in self._random.sample(SAID, self._random.choice((0, 1, 2)))]
        if told == "name":
            parts += [(self._random.choice(NAMED), "")]
        elif told == "hints":
            parts += [(self._random.choice(HINTED).replace("{hint}", hint), "") for hint in self._random.sample(hints, min(len(hints), 3))]
        self._random.shuffle(parts)
        rows = self._random.sample(concept.rows, shown)
        if self._random.random() < 0.2:
            other = self._concepts[self._random.choice([key for key in self._things if key != concept.key and self._concepts[key].rows])]
            parts.insert(0, (self._random.choice(ASIDE).replace("{thing}", phrase(other.name)), PICTURE))
            rows = [self._random.choice(other.rows), *rows]
        parts.append((self._random.choice(STORY_ENDS), ""))
        # As the engine writes the parts of a message: texts that meet stand in lines of their own.
        said = "".join(text + (picture or "\n") for text, picture in parts).strip().replace("{who}", who).replace("{thing}", thing)
        user = said[:1].upper() + said[1:]
        request = self._request("picture_story", user, concept, self._named(concept), [])
        return replace(request, pictures=tuple(rows))

    def draw(self, count: int) -> list[Request]:
        makers = self._random.choices((self.rounds, self.described, self.story, self.drifting), (5, 3, 2, 1), k=count)
        return [make() for make in makers]

    def picture_stories(self, count: int) -> list[Request]:
        return [self.picture_story() for _ in range(count)]

    def _hints(self, concept: Concept) -> tuple[list[str], list[str]]:
        """(sentences in a random order, the keywords among them)."""
        words = self._random.sample(concept.keywords, min(len(concept.keywords), 4))
        hints = [self._random.choice(WORD_HINTS).format(word) for word in words]
        hints += [self._random.choice(GLOSS_HINTS).format(part) for part in pieces(concept.gloss or "")]
        if concept.group in GROUPS:
            hints.append(self._random.choice(GROUPS[concept.group]))
        if colours := self._colours.get(concept.key):
            hints.append(self._random.choice(COLOUR_HINTS).format(self._random.choice(colours)))
        if styles := sorted(concept.styles & set(STYLES)):
            hints.append(self._random.choice(STYLE_HINTS).format(vocabulary.with_article(self._random.choice(styles))))
        self._random.shuffle(hints)
        return hints, words

    def _named(self, concept: Concept) -> tuple[str, ...]:
        return tuple(sorted(self._index.named(concept.name) | {concept.key}))

    def _request(self, kind: str, user: str, concept: Concept, targets: tuple[str, ...], turns: list[tuple[str, str]]) -> Request:
        caption = vocabulary.with_article(concept.name) if concept.drawable else phrase(concept.name)
        reply = "" if self._random.random() < 0.4 else self._random.choice(CANNED).format(caption)
        return Request(Conversation(user, reply[:1].upper() + reply[1:], tuple(turns)), kind, targets, caption)
