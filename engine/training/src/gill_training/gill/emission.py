"""`gill-emission`: when to show a picture. The output row and bias of [IMG0], trained on the shipped model's hidden states.

What stands before [IMG0] is frozen, so the paper's cross-entropy of [IMG0] is a logistic regression on hidden states: [IMG0] has the
probability sigmoid(hidden · row + bias − log Σ exp(other logits)).
"""

import argparse
import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.numpy import load_file, save_file

from gill_training.gill.hidden import IMG_TOKENS, ShippedModel, joined_gill, pictures_of, visual_tokens
from gill_training.gill.modules import Gill
from gill_training.gill.requests import Request, RequestMaker
from gill_training.gill.run import Run, add_bundle_option, add_common_options, log, save
from gill_training.gill.smalltalk import read_talks
from gill_training.language_model.runtime import LanguageModel

SHORT = 3  # words: requests this short are answered by the picture alone
CAUTION = 0.25  # taken from the bias: a picture comes where it is 0.56 likely, not 0.5


@dataclass
class Positions:
    """Every place of many replies where the next token is chosen. `talk` numbers the conversation, `label` is 1, 0 or -1 (either);
    `open` places are those the engine looks at: a reply's start, and after a sentence end."""

    hidden: torch.Tensor
    others: torch.Tensor
    label: torch.Tensor
    talk: torch.Tensor
    open: torch.Tensor

    def only_open(self) -> "Positions":
        kept = self.open
        return Positions(self.hidden[kept], self.others[kept], self.label[kept], self.talk[kept], self.open[kept])


def open_places(reply_tokens: list[str]) -> list[bool]:
    """Before the first token; after each that ends with . ! ? or : (spaces aside)."""
    return [True, *(token.strip().endswith((".", "!", "?", ":")) for token in reply_tokens)]


def labels(request: Request, count: int) -> list[int]:
    """For the `count` places of a reply: before its first token, after each. Only wanted pictures come, at the sentence's end. At the
    start a wanted picture may be likely or not: there it is only promised, and comes after the sentence. An empty reply has one place,
    where a wanted picture must come."""
    if request.kind == "talk":
        return [0] * count
    return [-1, *[0] * (count - 2), 1][-count:] if count > 1 else [1]


def collect(run: Run, gill: Gill, requests: list[Request], model: ShippedModel) -> Positions:
    hidden, others, label, talk, places = [], [], [], [], []
    visual = visual_tokens(gill, pictures_of(run, requests))
    for number, (request, tokens) in enumerate(zip(requests, visual)):
        states, rest = model.reply_states(request, tokens.numpy())
        hidden.append(states), others.append(rest)
        label += labels(request, len(states))
        talk += [number] * len(states)
        places += open_places(model.tokens(request.conversation.reply))
    return Positions(torch.from_numpy(np.concatenate(hidden)), torch.from_numpy(np.concatenate(others)), torch.tensor(label),
                     torch.tensor(talk), torch.tensor(places))


def fit(positions: Positions, row: torch.Tensor, bias: torch.Tensor, steps: int = 400, decay: float = 5e-4) -> None:
    """Cross-entropy over the places the engine looks at, in which all wanted ones together have a fifth of the weight; the row's size is
    kept small."""
    known = (positions.label >= 0) & positions.open
    hidden, others, label = positions.hidden[known], positions.others[known], positions.label[known].float()
    weight = 0.2 * label / label.sum() + 0.8 * (1 - label) / (1 - label).sum()
    mean, spread = hidden.mean(0), hidden.std(0) + 1e-3
    scaled = (hidden - mean) / spread
    direction = torch.zeros(hidden.shape[1], requires_grad=True)
    offset = others.mean().clone().requires_grad_(True)
    optimiser = torch.optim.Adam([direction, offset], lr=0.03)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = 0.03 * (1 - step / steps)
        score = scaled @ direction + offset - others
        loss = (F.binary_cross_entropy_with_logits(score, label, reduction="none") * weight).sum() + decay * direction.square().sum()
        optimiser.zero_grad(), loss.backward(), optimiser.step()
    with torch.no_grad():
        row.copy_((direction / spread)[None])
        bias.copy_((offset - (direction * mean / spread).sum() - CAUTION)[None])


def quality(positions: Positions, row: torch.Tensor, bias: torch.Tensor, requests: list[Request], threshold: float = 0.5) -> dict:
    """Per conversation: does a picture come (probability >= threshold anywhere), and does it come where it should?"""
    with torch.no_grad():
        probability = torch.sigmoid(positions.hidden @ row[0] + bias - positions.others)
    shown, early = np.zeros(len(requests), bool), np.zeros(len(requests), bool)
    for p, label, talk in zip(probability.tolist(), positions.label.tolist(), positions.talk.tolist()):
        if p >= threshold and not shown[talk]:
            shown[talk] = True
            early[talk] = label == 0
    wanted = np.array([request.kind != "talk" for request in requests])
    hits = (shown & wanted).sum()
    return {"conversations": len(requests), "wanted": int(wanted.sum()), "precision": round(float(hits / max(1, shown.sum())), 3),
            "recall": round(float(hits / max(1, wanted.sum())), 3), "before_the_sentence_end": round(float(early[shown & wanted].mean()), 3)}


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training gill-emission", description=__doc__.splitlines()[0])
    add_common_options(parser)
    add_bundle_option(parser)
    parser.add_argument("--replies", type=Path, required=True)
    parser.add_argument("--shown", type=int, default=100)
    options = parser.parse_args(argv)
    run = Run(options)
    gill = joined_gill(run).eval().requires_grad_(False)
    talks = read_talks(options.replies)
    maker = RequestMaker(run.material.concepts, run.material.index, options.seed + 13)
    # Bare requests, some with the picture coming first, and requests with a picture.
    bare = [replace(r, conversation=replace(r.conversation, user=r.conversation.user.split("?")[0], plain=False, reply="")) for r in maker.of_kind("name", 400)]
    talks += [request for request in bare if len(request.conversation.user.split()) <= SHORT][:60]
    talks += maker.of_kind("shown", options.shown)
    order = np.random.default_rng(options.seed).permutation(len(talks))
    talks = [talks[n] for n in order]
    model = ShippedModel(LanguageModel(options.bundle / "language_model"), gill.img_tokens.input_embeddings.numpy())
    cut = len(talks) * 4 // 5
    train, test = collect(run, gill, talks[:cut], model), collect(run, gill, talks[cut:], model)
    save(options.out / "emission-places.pt", train=vars(train), test=vars(test))
    log(f"{len(train.hidden)} + {len(test.hidden)} places")
    row, bias = torch.zeros(1, train.hidden.shape[1]), torch.zeros(1)
    fit(train, row, bias)
    held_out = {str(t): quality(test.only_open(), row, bias, talks[cut:], t) for t in (0.1, 0.3, 0.5, 0.7, 0.9)}
    report = {"conversations": len(talks), "held_out": held_out, "held_out_at_every_place": quality(test, row, bias, talks[cut:])}
    save(options.out / "emission.pt", output_embeddings=row, output_bias=bias)
    (options.out / "emission.json").write_text(json.dumps(report), "utf-8")
    log(json.dumps(report))
    if options.for_bundle:
        file = options.for_bundle / "gill" / IMG_TOKENS
        save_file(load_file(file) | {"output_embeddings": row.numpy(), "output_bias": bias.numpy()}, file)
        log(f"wrote {file}")
