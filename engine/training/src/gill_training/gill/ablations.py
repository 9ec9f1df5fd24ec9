"""`ablations`: the paper's questions at this scale. Every row of a table has the same data, steps and seed; small budgets, so differences
between rows count, not the figures themselves.

Mapper, added embeddings and joined turns are trained on stored hidden states of the [IMG] tokens; the number of tokens through the
frozen language model, on stored keys and values.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import nn

from gill_training.bundle import cpu_minutes
from gill_training.clip.pictures import DEV
from gill_training.gill.export import trained_gill
from gill_training.gill.hidden import HiddenSet
from gill_training.gill.losses import conditioning_loss, retrieval_loss
from gill_training.gill.material import Material
from gill_training.gill.modules import Gill, GillMapper, GillSizes, RetrievalText
from gill_training.gill.prompts import Prompts
from gill_training.gill.requests import DRAWN, Request
from gill_training.gill.run import FIRST_TOKENS, Run, add_common_options, heads_loss, log, ranks, retrieval_batch, share_embeddings

ORIGINAL = {"trained_parameters": 50_096_385, "gpu_hours": 96}  # counted in the released code; its README's 2 A6000 for 48 hours
TOKEN_COUNTS = (1, 2, 4, 8)
SETS = ("stored", "fresh", "every-name", "talks", "shipped", "shipped-talks")
PARTS = ("mapper", "joined turns", "[IMG] tokens")
HELD_OUT = 8  # one request of this many


class FlatMapper(nn.Module):
    """All hidden states of the [IMG] tokens at once, through one linear map or a perceptron, to all rows of the conditioning."""

    def __init__(self, sizes: GillSizes, width: int | None):
        super().__init__()
        self._shape = (sizes.conditioning_length, sizes.conditioning_dim)
        inwards, outwards = sizes.num_img_tokens * sizes.hidden_size, sizes.conditioning_length * sizes.conditioning_dim
        self.norm = nn.LayerNorm(sizes.hidden_size)
        self.layers = nn.Linear(inwards, outwards) if width is None else nn.Sequential(nn.Linear(inwards, width), nn.GELU(), nn.Linear(width, outwards))

    def forward(self, hidden_states: torch.Tensor) -> torch.Tensor:
        return self.layers(self.norm(hidden_states).flatten(1)).view(-1, *self._shape)


class States:
    """Stored hidden states with their requests, split into those to learn from and those apart."""

    def __init__(self, folder: Path):
        sets = [HiddenSet(folder, name).read() for name in SETS if HiddenSet(folder, name).exists()]
        self.requests: list[Request] = [request for rows, _ in sets for request in rows]
        self.hidden = torch.from_numpy(np.concatenate([values for _, values in sets]).astype(np.float32))
        usable = np.asarray([n for n, request in enumerate(self.requests) if request.kind != DRAWN and not request.pictures])
        self.apart, self.learnt = usable[usable % HELD_OUT == 0], usable[usable % HELD_OUT != 0]


def parameters(module: nn.Module) -> int:
    return sum(p.numel() for p in module.parameters() if p.requires_grad)


def interval(right: np.ndarray, seed: int) -> str:
    """The mean and its 95 % bootstrap interval, as the evaluation's tables show them."""
    means = np.random.default_rng(seed).choice(right.astype(float), (1000, len(right))).mean(1)
    low, high = np.quantile(means, (0.025, 0.975))
    return f"{right.mean():.2f} ({low:.2f}\u2013{high:.2f})".replace("0.", ".")


def recall(found: np.ndarray, seed: int) -> dict:
    return {"requests": len(found), **{f"r@{k}": interval(found < k, seed) for k in (1, 5, 10)}}


def train(module: nn.Module, steps: int, loss: Callable[[], torch.Tensor], rate: float = 8e-4) -> float:
    """CPU seconds used."""
    started, module = time.process_time(), module.train()
    trained = [p for p in module.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW(trained, lr=rate, weight_decay=0.02, betas=(0.9, 0.98))
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = rate * min(1, (step + 1) / 30, 0.02 + 1.5 * (1 - step / steps))
        optimiser.zero_grad(), loss().backward()
        nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
    module.eval()
    return time.process_time() - started


def mappers(run: Run, states: States, steps: int, batch: int) -> dict:
    """GILLMapper against flat maps, and without the [IMG] tokens' input embeddings added to their hidden states."""
    sizes = GillSizes()
    rows = trained_gill(run).img_tokens.input_embeddings.detach()
    kinds: dict[str, nn.Module] = {}
    for name in ("GILLMapper", "GILLMapper without added embeddings"):
        torch.manual_seed(run.options.seed)
        kinds[name] = GillMapper(sizes)
        kinds[name].img_embeddings = nn.Parameter(rows.clone() if name == "GILLMapper" else torch.zeros_like(rows), requires_grad=False)
    torch.manual_seed(run.options.seed)
    kinds |= {"MLP": FlatMapper(sizes, 1024), "linear": FlatMapper(sizes, None)}
    apart = states.apart[:400]
    captions = [states.requests[n].caption for n in apart]
    known = sorted(set(captions))
    wanted, others = run.material.captions(captions), run.material.captions(known)
    table = {}
    for name, mapper in kinds.items():
        random = np.random.default_rng(run.options.seed)

        def loss() -> torch.Tensor:
            numbers = random.choice(states.learnt, batch)
            return conditioning_loss(mapper(states.hidden[numbers]), run.material.captions([states.requests[n].caption for n in numbers]))

        seconds = train(mapper, steps, loss)
        with torch.no_grad():
            made = mapper(states.hidden[apart])
        nearest = torch.cdist(made.flatten(1), others.flatten(1)).argmin(1).tolist()
        table[name] = {
            "parameters": parameters(mapper), "distance": round(conditioning_loss(made, wanted).item(), 3),
            "nearest_caption_is_right": interval(np.asarray([known[n] == caption for n, caption in zip(nearest, captions)]), run.options.seed),
            "requests": len(captions), "captions": len(known), "cpu_seconds": round(seconds),
        }
        log(f"mapper {name}: {table[name]}")
    return table


def joined_turns(run: Run, states: States, steps: int, batch: int) -> dict:
    """The retrieval head trained on single requests only, or on as many of which some stand after other turns: the paper joins captions."""
    single = np.asarray([n for n in states.learnt if not states.requests[n].conversation.turns])
    gill = trained_gill(run)
    gallery = np.asarray([row for row, picture in enumerate(run.material.corpus.pictures) if picture.index])
    tests = {
        "single": [n for n in states.apart if not states.requests[n].conversation.turns][:300],
        "after other turns": [n for n in states.apart if states.requests[n].conversation.turns][:300],
    }
    table = {}
    for name, pool in (("joining off", single), ("joining on", states.learnt)):
        torch.manual_seed(run.options.seed)
        gill.retrieval_text, random = RetrievalText(gill.sizes), np.random.default_rng(run.options.seed)
        run.random = np.random.default_rng(run.options.seed)

        def loss() -> torch.Tensor:
            numbers = random.choice(pool, batch)
            rows, answers = retrieval_batch(run, [states.requests[n] for n in numbers], 2048)
            with torch.no_grad():
                images = gill.retrieval_image(run.material.pooled(rows))
            return retrieval_loss(gill.retrieval_text(states.hidden[numbers]), images, answers, gill.logit_scale.detach().exp())

        train(gill.retrieval_text, steps, loss)
        for test, numbers in tests.items():
            found = ranks(run, gill, states.hidden[numbers], [states.requests[n] for n in numbers], gallery, run.material)
            table.setdefault(name, {})[test] = recall(found, run.options.seed)
        log(f"{name}: {table[name]}")
    return table


def token_counts(run: Run, steps: int, batch: int) -> dict:
    """r [IMG] tokens with fresh heads, through the frozen language model."""
    learnt, dev = Prompts(run, run.options.out / "train"), Prompts(run, run.options.out / "dev")
    dev_material = Material.open(run.options.bundle, run.options.corpus, run.options.features, [DEV])
    gallery = np.asarray([row for row, picture in enumerate(run.material.corpus.pictures) if picture.index])
    started = trained_gill(run)
    pools, table = learnt.pools(), {}
    words = [run.encode(text)[0] for text in FIRST_TOKENS]
    for count in TOKEN_COUNTS:
        torch.manual_seed(run.options.seed)
        run.random = np.random.default_rng(run.options.seed)
        gill = Gill(GillSizes(num_img_tokens=count), run.twin.token_table, started.retrieval_image, nn.Identity())
        with torch.no_grad():
            gill.img_tokens.input_embeddings.copy_(run.twin.token_table[[words[n % len(words)] for n in range(count)]])
        share_embeddings(gill)
        for module in (gill.retrieval_image, gill.img_tokens):
            module.requires_grad_(False)
        gill.img_tokens.input_embeddings.requires_grad_(True)

        def loss() -> torch.Tensor:
            pool = pools[int(run.random.random() >= len(pools[0]) / len(learnt.requests))]
            numbers = run.random.choice(pool, batch, replace=False)
            hidden = learnt.hidden(numbers, gill.img_tokens.input_embeddings)
            return heads_loss(run, gill, hidden, [learnt.requests[n] for n in numbers], 1024)[0]

        seconds = train(gill, steps, loss, rate=1.5e-3)
        hidden = dev.all_hidden(gill.img_tokens.input_embeddings.detach())
        found = ranks(run, gill, hidden, dev.requests, gallery, dev_material)
        with torch.no_grad():
            distance = conditioning_loss(gill.mapper(hidden), run.material.captions([request.caption for request in dev.requests]))
        table[f"r = {count}"] = recall(found, run.options.seed) | {"distance": round(distance.item(), 3), "cpu_seconds": round(seconds)}
        log(f"r = {count}: {table[f'r = {count}']}")
    return table


def cost(run: Run) -> dict:
    """Trained parameters and hours of the parts beside the original's. What runs on states of the frozen model is counted, those states are not."""
    gill = trained_gill(run)
    parts = {
        "[IMG] rows": sum(p.numel() for p in gill.img_tokens.parameters()), "visual prefix": parameters(gill.visual_prefix),
        "retrieval heads": parameters(gill.retrieval_text) + parameters(gill.retrieval_image), "mapper": parameters(gill.mapper) - gill.mapper.img_embeddings.numel(),
    }
    read = lambda stage: json.loads((run.options.out / f"{stage}.json").read_text("utf-8"))
    minutes = sum(cpu_minutes(read(stage)) for stage in ("tokens", "captions", "heads"))
    row = {f"parameters of {name}": number for name, number in parts.items()}
    return {"here": row | {"trained_parameters": sum(parts.values()), "cpu_hours": round(minutes / 60, 2)}, "paper": ORIGINAL}


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training ablations", description=__doc__.splitlines()[0])
    add_common_options(parser)
    parser.add_argument("--to", type=Path, required=True, help="the bundle whose metrics/ablations.json is written")
    parser.add_argument("--part", choices=PARTS, action="append", help="only this one, the others stay as they are in the file; all when left out")
    parser.add_argument("--mapper-steps", type=int, default=2000, help="of the mappers: GILLMapper says the same for every request before its first 500 or so")
    parser.add_argument("--steps", type=int, default=400, help="of the retrieval heads")
    parser.add_argument("--token-steps", type=int, default=200, help="through the language model")
    parser.add_argument("--batch", type=int, default=64)
    options = parser.parse_args(argv)
    run, states = Run(options), States(options.out / "hidden")
    started, path = time.process_time(), options.to / "metrics" / "ablations.json"
    path.parent.mkdir(exist_ok=True)
    command = f"--mapper-steps {options.mapper_steps} --steps {options.steps} --token-steps {options.token_steps} --batch {options.batch}"
    report = json.loads(path.read_text("utf-8")) if options.part and path.exists() else {}
    report |= {"command": f"python -m gill_training ablations {command}", "seed": options.seed,
               "requests": {"learnt": len(states.learnt), "apart": len(states.apart)}, "cost": cost(run)}
    spent = report.get("cpu_seconds", 0)
    measures = {
        "mapper": lambda: mappers(run, states, options.mapper_steps, options.batch),
        "joined turns": lambda: joined_turns(run, states, options.steps, options.batch),
        "[IMG] tokens": lambda: token_counts(run, options.token_steps, options.batch),
    }
    for name in options.part or PARTS:  # written as they come: each part takes minutes
        report[name] = measures[name]()
        report["cpu_seconds"] = round(spent + time.process_time() - started)
        path.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
