"""`gill-captions`: the visual prefix. First its memory learns the names of pictures; then answers to questions about pictures are
learnt through the frozen language model. Needs no [IMG] tokens, so it may run beside `gill-tokens`."""

import argparse
import json
import time

import numpy as np
import torch
import torch.nn.functional as F

from gill_training.clip.pseudo import PseudoPhotos
from gill_training.clip.vision_graph import Classifier
from gill_training.gill.chat import PICTURE, Conversation
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
        talk = Conversation(PICTURE + random.choice(COLOUR_QUESTIONS), f"It is {picture.colours[0]}.")
    else:
        name = concept.name if random.random() < 0.7 else picture.caption
        talk = Conversation(PICTURE + str(random.choice(QUESTIONS)), str(random.choice(ANSWERS)).format(phrase(name)))
    return Request(talk, "question", (), "", pictures=(row,))


def weighted_rows(run: Run) -> tuple[np.ndarray, np.ndarray]:
    """Training pictures and how often each is drawn: by its concept's weight, shared among its pictures."""
    rows = run.material.train_rows
    concepts = [run.material.concepts[run.material.corpus.pictures[row].key] for row in rows]
    weights = np.array([concept.weight / len(concept.rows) ** 0.5 for concept in concepts])
    return rows, weights / weights.sum()


def pseudo_photos(run: Run, names: dict[str, int]) -> PseudoPhotos | None:
    """Pseudo-photographs of the ImageNet classes that a training concept names, as the `clip` stage has it; None without that stage."""
    if run.options.clip is None:
        return None
    material, pictures = run.material, run.material.corpus.pictures
    keys = torch.load(run.options.clip, weights_only=True)["classes"]
    numbers = [names.get(material.concepts[key].name) if key and key in material.concepts else None for key in keys]
    photographs = np.array([row for row in material.train_rows if pictures[row].style == "photo"])
    return PseudoPhotos(Classifier(run.options.bundle / "vision_encoder"), material.corpus.pooled[photographs], numbers, run.options.seed)


def learn_names(run: Run, gill, minutes: float) -> dict[str, float]:
    """Cross-entropy of the picture's name among all names. The keys start as CLIP's text embeddings of the names."""
    prefix, names = gill.visual_prefix, {name: n for n, name in enumerate(run.material.common_names)}
    if (teacher := run.text_teacher()) is not None:
        with torch.no_grad():
            prefix.keys.copy_(teacher(run.material.captions.pooled([phrase(name) for name in names])))
    rows, weights = weighted_rows(run)
    labels = np.array([names.get(run.material.concepts[run.material.corpus.pictures[row].key].name, -1) for row in rows])
    rows, weights, labels = rows[labels >= 0], weights[labels >= 0], labels[labels >= 0]
    pseudo, pseudo_count = pseudo_photos(run, names), 96
    trained = [*prefix.look.parameters(), prefix.keys, prefix.log_scale]
    optimiser = torch.optim.AdamW(trained, lr=5e-4, weight_decay=0.1)
    started, average, right, step = time.process_time(), 0.0, 0.0, 0
    while (share := (time.process_time() - started) / (minutes * 60)) < 1:
        batch = run.random.choice(len(rows), 512, p=weights / weights.sum())
        pooled = F.dropout(run.material.pooled(rows[batch], view=run.any_view()), 0.1)
        wanted = torch.from_numpy(labels[batch])
        if pseudo is not None:
            features, _, named = map(torch.from_numpy, pseudo.sample(pseudo_count))
            pooled, wanted = torch.cat([pooled, features]), torch.cat([wanted, named])
        likeness = prefix.likeness(pooled)
        loss = F.cross_entropy(likeness, wanted, label_smoothing=0.05)
        for group in optimiser.param_groups:
            group["lr"] = 5e-4 * min(1, (step + 1) / 50, 0.05 + 1.9 * (1 - share))
        optimiser.zero_grad(), loss.backward(), optimiser.step()
        hit = (likeness.argmax(1) == wanted).float().mean().item()
        average, right = (0.98 * average + 0.02 * loss.item(), 0.98 * right + 0.02 * hit) if step else (loss.item(), hit)
        step += 1
        if step % 100 == 0:
            log(f"names: step {step} loss {average:.3f} right {right:.3f}")
    return {"loss": average, "right": right, "names": len(names), "steps": step}


def answer_loss(run: Run, gill, batch: list[Request], past) -> torch.Tensor:
    """Cross-entropy of the replies' tokens and the end of the turn."""
    pooled = run.material.pooled(np.array([row for request in batch for row in request.pictures]), view=run.any_view())
    prompts = prompt_embeddings(batch, gill, F.dropout(pooled, 0.1).split(1), run.twin, run.encode)
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
    # The memory stays as it is: what the names do not say is learnt beside it.
    beside = [*gill.visual_prefix.norm.parameters(), *gill.visual_prefix.down.parameters(), *gill.visual_prefix.up.parameters()]
    gill.visual_prefix.look.eval()
    optimiser = torch.optim.AdamW(beside, lr=5e-4, weight_decay=0.02)
    started, saved, step, average = time.process_time(), time.monotonic(), 0, 0.0
    while (share := (time.process_time() - started) / (options.minutes * 60)) < 1:
        loss = answer_loss(run, gill, [question(run, row) for row in run.random.choice(rows, options.batch, p=weights)], past)
        for group in optimiser.param_groups:
            group["lr"] = 5e-4 * min(1, (step + 1) / 20, 0.05 + 1.9 * (1 - share))
        optimiser.zero_grad(), loss.backward()
        torch.nn.utils.clip_grad_norm_(beside, 1.0)
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
