"""`gill-captions`: the visual prefix. First each visual token learns to stand for a word of the picture's name; then answers to
questions about pictures are learnt through the frozen language model. Needs no [IMG] tokens, so it may run beside `gill-tokens`."""

import argparse
import json
import time

import numpy as np
import torch
import torch.nn.functional as F

from gill_training.gill.chat import Conversation
from gill_training.gill.concepts import phrase
from gill_training.gill.hidden import prompt_embeddings
from gill_training.gill.prompts import chat_prefix
from gill_training.gill.requests import Request
from gill_training.gill.run import Run, add_common_options, log, save

QUESTIONS = ("What is this?", "What is this?", "What do you see?", "What is in the picture?", "What is it?", "Describe this picture.", "what's this", "")
ANSWERS = ("This is {}.", "This is {}.", "It is {}.", "I see {}.", "Here is {}.")
COLOUR_QUESTIONS = ("What colour is this?", "What colour is it?", "Which colour does it have?")
END = "<|im_end|>"


def question(run: Run, row: int) -> Request:
    """A question about a training picture, with its answer as the reply; sometimes about its colour, when it has one."""
    random, picture = run.random, run.material.corpus.pictures[row]
    concept = run.material.concepts[picture.key]
    if len(picture.colours) == 1 and random.random() < 0.15:
        talk = Conversation(random.choice(COLOUR_QUESTIONS), f"It is {picture.colours[0]}.", image=True)
    else:
        name = concept.name if random.random() < 0.7 else picture.caption
        talk = Conversation(str(random.choice(QUESTIONS)), str(random.choice(ANSWERS)).format(phrase(name)), image=True)
    return Request(talk, "question", (), "", picture=row)


def name_tokens(run: Run, count: int) -> dict[str, list[int]]:
    """Concept -> the last `count` tokens of " picture of a …", which the visual tokens first learn to stand for."""
    return {key: run.encode(f" a picture of {phrase(concept.name)}")[-count:] for key, concept in run.material.concepts.items()}


def weighted_rows(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Training pictures and how often each is drawn: by its concept's weight, shared among its pictures."""
    rows = run.material.train_rows
    concepts = [run.material.concepts[run.material.corpus.pictures[row].key] for row in rows]
    weights = np.array([concept.weight / len(concept.rows) ** 0.5 for concept in concepts])
    return rows, weights / weights.sum()


def learn_names(run: Run, gill, minutes: float) -> float:
    """Squared distance to the embeddings of the name's tokens, in units of their variance."""
    rows, weights = weighted_rows(run)
    tokens = name_tokens(run, gill.sizes.num_visual_tokens)
    table, unit = run.twin.token_table, run.twin.token_table.var()
    optimiser = torch.optim.AdamW(gill.visual_prefix.parameters(), lr=1.5e-3, weight_decay=0.02)
    started, average, step = time.process_time(), 0.0, 0
    while (share := (time.process_time() - started) / (minutes * 60)) < 1:
        batch = run.random.choice(rows, 256, p=weights)
        wanted = table[torch.tensor([tokens[run.material.corpus.pictures[row].key] for row in batch])]
        pooled = F.dropout(run.material.pooled(batch, augmented=run.random.random() < 0.5), 0.1)
        loss = (gill.visual_prefix(pooled) - wanted).square().mean() / unit
        for group in optimiser.param_groups:
            group["lr"] = 1.5e-3 * min(1, (step + 1) / 50, 0.05 + 1.9 * (1 - share))
        optimiser.zero_grad(), loss.backward(), optimiser.step()
        average = 0.98 * average + 0.02 * loss.item() if step else loss.item()
        step += 1
        if step % 200 == 0:
            log(f"names: step {step} loss {average:.3f}")
    return average


def answer_loss(run: Run, gill, batch: list[Request], past) -> torch.Tensor:
    """Cross-entropy of the replies' tokens and the end of the turn."""
    pooled = run.material.pooled(np.array([request.picture for request in batch]), augmented=run.random.random() < 0.5)
    prompts = prompt_embeddings(batch, gill, F.dropout(pooled, 0.1), run.twin, run.encode)
    end = run.encode(END)
    answers = [run.encode(request.conversation.reply) + end for request in batch]
    # The prompt ends with the reply; the state before each of its tokens, and the last state, predict reply and end.
    embeds = torch.nn.utils.rnn.pad_sequence(prompts, batch_first=True)
    hidden, _ = run.twin.run(embeds, past)
    states = torch.cat([hidden[i, len(prompt) - len(answer) : len(prompt)] for i, (prompt, answer) in enumerate(zip(prompts, answers))])
    return F.cross_entropy(run.twin.logits(states), torch.tensor([token for answer in answers for token in answer]))


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training gill-captions", description=__doc__.splitlines()[0])
    add_common_options(parser)
    parser.add_argument("--name-minutes", type=float, default=3, help="CPU minutes of the first part")
    parser.add_argument("--minutes", type=float, default=4, help="CPU minutes of the second part")
    parser.add_argument("--batch", type=int, default=16)
    options = parser.parse_args(argv)
    run = Run(options)
    gill = run.new_gill()
    names = learn_names(run, gill, options.name_minutes)
    save(options.out / "captions.pt", visual_prefix=gill.visual_prefix.state_dict())
    rows, weights = weighted_rows(run)
    prefix = chat_prefix(run.twin, run.encode)
    past = [tuple(x.expand(options.batch, -1, -1, -1) for x in pair) for pair in prefix]
    optimiser = torch.optim.AdamW(gill.visual_prefix.parameters(), lr=5e-4, weight_decay=0.02)
    started, saved, step, average = time.process_time(), time.monotonic(), 0, 0.0
    while (share := (time.process_time() - started) / (options.minutes * 60)) < 1:
        loss = answer_loss(run, gill, [question(run, row) for row in run.random.choice(rows, options.batch, p=weights)], past)
        for group in optimiser.param_groups:
            group["lr"] = 5e-4 * min(1, (step + 1) / 20, 0.05 + 1.9 * (1 - share))
        optimiser.zero_grad(), loss.backward()
        torch.nn.utils.clip_grad_norm_(gill.visual_prefix.parameters(), 1.0)
        optimiser.step()
        step += 1
        average = 0.95 * average + 0.05 * loss.item() if step > 1 else loss.item()
        if step % 20 == 0:
            log(f"answers: step {step} share {share:.2f} loss {average:.3f}")
        if time.monotonic() - saved > 240:
            save(options.out / "captions.pt", visual_prefix=gill.visual_prefix.state_dict())
            saved = time.monotonic()
    save(options.out / "captions.pt", visual_prefix=gill.visual_prefix.state_dict())
    report = {"steps": step, "batch": options.batch, "names": names, "answers": average, "cpu_minutes": [options.name_minutes, options.minutes]}
    (options.out / "captions.json").write_text(json.dumps(report), "utf-8")
