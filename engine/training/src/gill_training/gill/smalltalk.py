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
)
AFTER_A_PICTURE = (
    "Thanks!", "thank you", "Nice!", "That's beautiful.", "Great, thank you.", "I like it.", "What does it eat?", "How big is it?", "Is it expensive?",
    "Where does it live?", "Who made it?", "What is it made of?", "How old is it?", "Why is it like that?", "OK, bye", "That is not what I meant.", "Hm, interesting.",
    "What is it used for?", "How do you say it in Spanish?", "Tell me more about it.",
)
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
        if draw < 0.35:
            turns = ((random.choice(("show me {}", "draw {}", "{}", "I want to see {}")).format(phrase(thing.name)), f"Here is {phrase(thing.name)}."),)
            about = random.choice(AFTER_A_PICTURE)
        elif draw < 0.5:
            turns = (("Hi!", "Hello! How can I help you?"),)
            about = random.choice((about, random.choice(FIXED)))
        found.append(Conversation(about, turns=turns))
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
        _, ids = token_ids(conversation, model.ids)
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
    parser.add_argument("--temperature", type=float, default=0.4)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    concepts = concepts_of(read_manifest(options.corpus), read_glosses(options.corpus), [TRAIN])
    maker = RequestMaker(concepts, WordIndex(concepts), options.seed + 1)
    drawn = [request for request in maker.draw(2 * options.wanted) if not request.conversation.plain][: options.wanted]
    wanted = [replace(request, conversation=replace(request.conversation, reply="")) for request in drawn]
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
