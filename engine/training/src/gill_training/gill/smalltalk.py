"""Chat turns that want no picture, and the replies the language model really makes to them."""

import argparse
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from random import Random

import numpy as np

from gill_training.clip.pictures import TRAIN, read_glosses, read_manifest
from gill_training.diffusion import vocabulary
from gill_training.gill.chat import Conversation, constant_prefix, token_ids
from gill_training.gill.concepts import Concept, WordIndex, concepts_of, phrase
from gill_training.gill.requests import Request, RequestMaker, read_requests, write_requests
from gill_training.language_model.runtime import LanguageModel

FIXED = (
    "Hello", "hello!", "Hi there", "Good morning!", "Good evening", "Hey", "How are you?", "How are you today?", "What's up?", "Nice to meet you.",
    "Who are you?", "What is your name?", "What can you do?", "Are you a robot?", "How old are you?", "Thanks!", "Thank you very much.", "Bye",
    "Good night", "See you tomorrow", "That's funny", "I am tired.", "I'm bored", "I had a bad day.", "I feel sick today.", "Yes", "No", "OK",
    "Maybe later", "I don't understand.", "Say that again, please.", "Tell me a joke", "Tell me a story", "Sing a song", "Write a poem about the sea.",
    "What is the capital of France?", "What is the capital of Japan?", "What is the capital of Spain?", "Where is Brazil?", "How many people live in China?",
    "Who wrote Hamlet?", "Who was Napoleon?", "When did World War II end?", "Who invented the telephone?", "What year is it?", "What time is it?",
    "What day is it today?", "What is 2 + 2?", "2+2?", "What is 7 times 8?", "What is 100 divided by 4?", "Is 17 a prime number?", "What is pi?",
    "How far is the moon?", "Why is the sky blue?", "Why do leaves fall in autumn?", "How does a plane fly?", "How do magnets work?", "What is gravity?",
    "What is a black hole?", "How hot is the sun?", "Do fish sleep?", "Why do cats purr?", "What do pandas eat?", "How long do elephants live?",
    "Can penguins fly?", "How many legs does a spider have?", "Is a whale a fish?", "What is the largest animal?", "How do I boil an egg?",
    "How do I make coffee?", "What should I cook tonight?", "Is coffee healthy?", "How much sugar is in cola?", "What goes well with cheese?",
    "How do I learn French?", "Translate 'dog' into Spanish.", "How do you say hello in German?", "How do you spell banana?", "What rhymes with cat?",
    "What does 'ubiquitous' mean?", "Give me three synonyms for happy.", "Is this sentence correct?", "What is a noun?", "How do I write a letter?",
    "How do I sleep better?", "How can I save money?", "What is inflation?", "Should I take the bus or walk?", "What is the weather like?",
    "Will it rain tomorrow?", "Can you help me with my homework?", "Explain photosynthesis.", "What is democracy?", "Name three rivers.",
    "List three fruits.", "Name a city in Italy.", "What is your favourite colour?", "Do you like music?", "Do you dream?", "Which is bigger, a cat or a dog?",
    "I went to the cinema yesterday.", "My brother is a doctor.", "It is raining.", "I lost my keys.", "I'm learning to cook.", "I am from Poland.",
)
ABOUT = (
    "tell me about {many}", "Tell me something about {many}.", "What do you know about {many}?", "Do you like {many}?", "Are {many} dangerous?",
    "Where do {many} come from?", "How do you spell '{one}'?", "What is {a}?", "What is {a} used for?", "How much does {a} cost?", "Who invented {many}?",
    "How do you say {one} in French?", "Why do people like {many}?", "I like {many}.", "I have {a} at home.", "How big is {a}?", "Is {a} expensive?",
    "Write a sentence about {a}.", "How many {many} are there in the world?", "I don't like {many}.", "Where can I buy {a}?", "How is {a} made?",
    "Why are {many} so popular?", "What sound does {a} make?", "Which country has the most {many}?", "My neighbour has three {many}.", "I am afraid of {many}.",
    "When were {many} first sold?", "How heavy is {a}?", "What is the plural of '{one}'?", "Is {a} older than the wheel?", "Do children like {many}?",
    "What is another word for {one}?", "I forgot my {one} at school.", "We talked about {many} in class today.", "Should I buy {a}?", "Can I take {a} on a plane?",
    "How many letters has the word '{one}'?", "Is there a song about {many}?", "Give me one fact about {many}.", "Who uses {many} the most?",
    "Are there {many} on the moon?", "I broke my {one}.", "I read a book about {many}.", "Is {a} a good present?", "How do I clean {a}?", "How long does {a} last?",
    "What can go wrong with {many}?", "Say in a few words what {a} is.", "What does the word '{one}' mean?", "Which shop sells {many}?", "Is it true that {many} bring luck?",
    "Which letter does '{one}' begin with?", "Have people always had {many}?", "Somebody gave me {a} for my birthday.", "Is {one} also a name?",
    "My cat sleeps next to {a}.", "Could you live without {many}?", "Write a short poem about {many}.", "Describe {a} without using its name.",
    "How much does {a} weigh?", "Who was the first to have {a}?", "Do {many} make you happy?", "Is {a} something to eat?", "Can {a} be recycled?",
)
AFTER_A_PICTURE = (
    "Thanks!", "thank you", "Nice!", "That's beautiful.", "Great, thank you.", "I like it.", "What does it eat?", "How big is it?", "Is it expensive?",
    "Where does it live?", "Who made it?", "What is it made of?", "How old is it?", "Why is it like that?", "OK, bye", "That is not what I meant.", "Hm, interesting.",
    "What is it used for?", "How do you say it in Spanish?", "Tell me more about it.", "Who invented it?", "Why do people need one?", "Where was it made?", "How heavy is it?",
    "What does the word mean?", "Is it dangerous?", "I had one as a child.", "My sister would love that.", "How long does it last?", "Can children use it?",
    "What is the plural?", "How do you pronounce that?", "Is it older than a hundred years?", "Cool!", "wow", "perfect, that is all", "That's enough for today.",
    "No more pictures, please.", "Who drew this?", "Are you sure that is right?", "That looks wrong.", "Give me a fact about it.", "Where can I find one?",
    "What can I do with it?", "Is it common?", "When was it invented?", "How fast can it go?", "How many of them exist?", "Would it fit into a suitcase?", "And why?",
    "How come?", "Really?", "I see.", "Understood.", "Let's talk about something else.", "What else do you know?", "And how are you?", "Can we talk about football now?",
    "What is it called in Italian?", "Could you explain that?", "Do you like it yourself?", "My teacher asked me about it.", "Which shops have it?", "Does it need water?",
    "Can it swim?", "Is that the right word?", "I saw one yesterday.", "What do they cost in Japan?", "Does everybody have one?", "That made me laugh.", "So kind of you!",
    "In which film is there one?", "What is the largest one?", "Is it made of wood?", "Who needs that?", "Is it the same as {other}?", "I prefer {other_many}.",
)
# What a picture may be asked for with after one was shown.
AGAIN = (
    "Another one, please.", "one more", "again", "a different one", "Do you have another?", "Show me a second one.", "not that one, another", "a nicer one, please",
    "more of them", "Show it once more.", "Can you try again?", "Draw it again.", "something similar", "Do you have it as a photo?", "from another artist, please",
    "and a bigger one?", "Can I see it in {colour}?", "Paint it {colour}.", "the same, but {colour}", "I wanted a {colour} one.", "Could it be {colour}?",
    "and now {other}", "Then show me {other}.", "Let me see {other} too.", "What does {other} look like, then?", "I would rather see {other}.", "and two of them?",
    "Put it next to {other}.", "Show both it and {other}.", "now on a {colour} background", "Now I need {other}.", "{other}?", "OK, and {other}, please.",
)
SHOWING = ("show me {}", "draw {}", "{}", "I want to see {}", "Can you show me {}?", "a picture of {}, please", "I need {}", "find {}", "What does {} look like?")
SHOWN = ("Here is {}.", "Here is {}.", "Here is a picture of {}.", "This is {}.", "Here you are.", "Sure! Here is {}.")
COLOURS = ("red", "blue", "green", "yellow", "orange", "purple", "pink", "brown", "black", "white", "grey")
SHOWN_QUESTIONS = ("What is this?", "What do you see?", "What is it?", "Describe this picture.", "Is this a {one}?", "What is this used for?", "Do you like it?")
REPLY_TOKENS = 40


def unwanted(concepts: dict[str, Concept], count: int, seed: int) -> list[Conversation]:
    """Conversations, their last reply still to come, that want no picture: every fixed one, then made ones."""
    random = Random(seed)
    things = [concept for concept in concepts.values() if concept.is_thing]
    found = [Conversation(text) for text in FIXED]
    while len(found) < count:
        thing = random.choice(things)
        forms = {"one": thing.name, "a": phrase(thing.name), "many": vocabulary.plural(thing.name)}
        about = random.choice(ABOUT).format(**forms)
        turns: tuple[tuple[str, str], ...] = ()
        draw = random.random()
        if draw < 0.45:
            turns = (_shown(thing, random),)
            about = random.choice((*AFTER_A_PICTURE, *FIXED[-30:])).format(**_others(things, random))
        elif draw < 0.6:
            turns = (("Hi!", "Hello! How can I help you?"),)
            about = random.choice((about, random.choice(FIXED)))
        found.append(Conversation(about, turns=turns))
    return found


def _shown(thing: Concept, random: Random) -> tuple[str, str]:
    """A turn that was answered with a picture."""
    name = phrase(thing.name)
    return random.choice(SHOWING).format(name), random.choice(SHOWN).format(name)


def _others(things: list[Concept], random: Random) -> dict[str, str]:
    other = random.choice(things).name
    return {"other": phrase(other), "other_many": vocabulary.plural(other), "colour": random.choice(COLOURS)}


def again(concepts: dict[str, Concept], count: int, seed: int) -> list[Request]:
    """Conversations, their last reply still to come, that want another picture after one was shown; nothing was talked about between the two,
    or something was."""
    random = Random(seed)
    things = [concept for concept in concepts.values() if concept.is_thing]
    found = []
    for _ in range(count):
        thing = random.choice(things)
        turns = [_shown(thing, random)]
        if random.random() < 0.3:
            turns.append((random.choice(("Thanks!", "Nice!", "I like it.", "Hm, interesting.", "Cool!")), random.choice(("You're welcome!", "I'm glad you like it."))))
        text = random.choice(AGAIN).format(**_others(things, random))
        found.append(Request(Conversation(text, turns=tuple(turns)), "again", (thing.key,), thing.caption, present=False))
    return found


def first_sentence(text: str) -> str:
    """The text up to its first sentence end, or all of it."""
    match = re.search(r"[.!?](?=\s|$)", text)
    return text[: match.end()].strip() if match else text.strip()


def write_replies(model: LanguageModel, conversations: Sequence[Conversation], temperature: float, seed: int) -> list[str]:
    """The model's sampled replies, special tokens left out."""
    random = np.random.default_rng(seed)
    _, _, prefix = model.run(model.embed(model.ids(constant_prefix())))
    replies = []
    for conversation in conversations:
        ids = token_ids(conversation, model.ids)
        tokens = model.sample(ids, REPLY_TOKENS, random, {2}, temperature=temperature, past=prefix)
        replies.append(model.tokenizer.decode(tokens).strip())
    return replies


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training replies", description=__doc__.splitlines()[0])
    parser.add_argument("--bundle", type=Path, required=True)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="the file of conversations, one JSON object a line")
    parser.add_argument("--unwanted", type=int, default=800)
    parser.add_argument("--wanted", type=int, default=600)
    parser.add_argument("--again", type=int, default=0, help="of another picture after one was shown")
    parser.add_argument("--temperature", type=float, default=0.4)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    concepts = concepts_of(read_manifest(options.corpus), read_glosses(options.corpus), [TRAIN])
    maker = RequestMaker(concepts, WordIndex(concepts), options.seed + 1)
    drawn = [request for request in maker.draw(2 * options.wanted) if not request.conversation.plain][: options.wanted]
    wanted = [replace(request, conversation=replace(request.conversation, reply="")) for request in drawn] + again(concepts, options.again, options.seed + 2)
    silent = [Request(conversation, "talk", (), "") for conversation in unwanted(concepts, options.unwanted, options.seed)]
    model = LanguageModel(options.bundle / "language_model")
    requests = silent + wanted
    replies = write_replies(model, [request.conversation for request in requests], options.temperature, options.seed)
    answered = [replace(request, conversation=replace(request.conversation, reply=reply)) for request, reply in zip(requests, replies)]
    write_requests(answered, options.out)


def read_talks(path: Path) -> list[Request]:
    """The saved conversations. Those of kind "talk" want no picture; of the others only the reply's first sentence is kept."""
    talks = []
    for request in read_requests(path):
        reply = request.conversation.reply
        kept = reply if request.kind == "talk" else first_sentence(reply)
        talks.append(replace(request, conversation=replace(request.conversation, reply=kept)))
    return talks
