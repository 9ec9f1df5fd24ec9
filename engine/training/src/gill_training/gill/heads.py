"""`gill-heads`: retrieval heads and mapper, trained on hidden states alone once the [IMG] tokens stand still. The two share nothing, so
they are trained apart, in one process or two.

Most states come from the torch twin, a part from the shipped 8-bit model, which is what the heads will meet.
"""

import argparse
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from gill_training.gill.hidden import HIDDEN_PARTS, HiddenSet, joined_gill
from gill_training.gill.losses import conditioning_loss, retrieval_loss
from gill_training.gill.modules import Gill
from gill_training.gill.requests import DRAWN, Request
from gill_training.gill.run import VIEWS, Run, add_bundle_option, add_common_options, log, save
from gill_training.onnx_files import export

NOISE = 0.03  # relative; stands for what 8-bit kernels change from pass to pass


PARTS = {"retrieval": ("retrieval_text", "logit"), "mapper": ("mapper",)}  # part: how its parameters' names begin
Losses = Callable[[torch.Tensor, list[Request]], dict[str, torch.Tensor]]


def parameters_of(gill: Gill, part: str) -> dict[str, torch.nn.Parameter]:
    return {name: p for name, p in gill.named_parameters() if name.startswith(PARTS[part]) and not name.endswith("img_embeddings")}


def load_heads(run: Run, gill: Gill) -> None:
    """Puts what was trained here into `gill`."""
    for part in PARTS:
        trained = torch.load(run.options.out / f"heads-{part}.pt", weights_only=True)["trained"]
        gill.load_state_dict(trained, strict=False)
        if missing := parameters_of(gill, part).keys() - trained.keys():
            raise ValueError(f"heads-{part}.pt lacks {sorted(missing)}")


def export_head(gill: Gill, part: str, bundle: Path) -> Path:
    """Writes what the part trains into a bundle's `gill` folder."""
    module, output, name = {"retrieval": (gill.retrieval_text, "query_embeds", "retrieval_text.onnx"),
                            "mapper": (gill.mapper, "encoder_hidden_states", "gill_mapper.onnx")}[part]
    path = bundle / "gill" / name
    export(module, {"hidden_states": torch.zeros(2, gill.sizes.num_img_tokens, gill.sizes.hidden_size)}, [output], path)
    return path


def retrieval_losses(run: Run, gill: Gill, teaching: float) -> Losses:
    """Finding the right pictures among all training pictures, and meeting CLIP's text embedding of the caption. The pictures stand still
    in CLIP's space, so they are embedded once, in each of their variants."""
    teacher, rows = run.text_teacher(), run.material.train_rows
    gill.retrieval_image.eval()
    with torch.no_grad():
        images = {view: torch.cat([gill.retrieval_image(run.material.pooled(part, view)) for part in np.array_split(rows, 16)]) for view in VIEWS}

    def losses(hidden: torch.Tensor, batch: list[Request]) -> dict[str, torch.Tensor]:
        queries = gill.retrieval_text(hidden)
        answers = run.material.answers(batch, rows)
        parts = {"retrieval": retrieval_loss(queries, images[run.any_view()], answers, gill.logit_scale.clamp(max=4.0).exp())}
        if teacher is not None:
            wanted = teacher(run.material.captions.pooled([request.caption for request in batch]))
            parts["teaching"] = teaching * (1 - (queries * wanted).sum(-1).mean())
        return parts

    return losses


def mapper_losses(run: Run, gill: Gill) -> Losses:
    """Meeting the conditioning of the caption."""
    return lambda hidden, batch: {"conditioning": conditioning_loss(gill.mapper(hidden), run.material.captions([r.caption for r in batch]))}


class Pool:
    """Hidden states to draw from: a share of every batch is the shipped model's."""

    def __init__(self, run: Run, part: str, batch: int, shipped_share: float):
        folder = run.options.out / "hidden"
        sets = {name: HiddenSet(folder, name).read() for name in HIDDEN_PARTS if HiddenSet(folder, name).exists()}
        self.requests = [request for rows, _ in sets.values() for request in rows]
        self._states = torch.from_numpy(np.concatenate([values for _, values in sets.values()]).astype(np.float32))
        wanted = np.array([part == "mapper" or request.kind != DRAWN for request in self.requests])
        shipped = np.repeat([name.startswith("shipped") for name in sets], [len(rows) for rows, _ in sets.values()])
        self._pools = np.flatnonzero(wanted & ~shipped), np.flatnonzero(wanted & shipped)
        from_shipped = round(shipped_share * batch) if len(self._pools[1]) else 0
        self._counts = batch - from_shipped, from_shipped
        self._random = run.random

    def draw(self) -> tuple[torch.Tensor, list[Request]]:
        numbers = np.concatenate([self._random.choice(pool, count) for pool, count in zip(self._pools, self._counts) if count])
        hidden = self._states[numbers]
        return hidden + NOISE * hidden.std() * torch.randn_like(hidden), [self.requests[n] for n in numbers]


def train_part(run: Run, gill: Gill, part: str, losses: Losses, minutes: float) -> dict[str, float]:
    options, trained = run.options, list(parameters_of(gill, part).values())
    pool = Pool(run, part, options.batch, options.shipped_share)
    optimiser = torch.optim.AdamW(trained, lr=8e-4, weight_decay=0.02, betas=(0.9, 0.98))
    step, spent, path = 0, 0.0, options.out / f"heads-{part}.pt"
    if options.resume and path.exists():
        state = torch.load(path, weights_only=True)
        gill.load_state_dict(state["trained"], strict=False), optimiser.load_state_dict(state["optimiser"])
        step, spent = state["step"], state["spent"]
    started, saved, seen = time.process_time(), time.monotonic(), {}

    def keep() -> None:
        values = {name: p.detach() for name, p in gill.state_dict().items() if name.startswith(PARTS[part])}
        save(path, trained=values, optimiser=optimiser.state_dict(), step=step, spent=spent + time.process_time() - started)

    while (share := (spent + time.process_time() - started) / (minutes * 60)) < 1:
        parts = losses(*pool.draw())
        for group in optimiser.param_groups:
            group["lr"] = 8e-4 * min(1, (step + 1) / 40, 0.02 + 1.5 * (1 - share))
        optimiser.zero_grad(), sum(parts.values()).backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        step += 1
        for name, value in parts.items():
            seen[name] = 0.98 * seen.get(name, value.item()) + 0.02 * value.item()
        if step % 50 == 0:
            log(f"{part}: step {step} share {share:.2f} " + " ".join(f"{name} {value:.3f}" for name, value in seen.items()))
        if time.monotonic() - saved > 240:
            keep()
            saved = time.monotonic()
    keep()
    return {"steps": step, "requests": len(pool.requests), "cpu_minutes": minutes, **seen}


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training gill-heads", description=__doc__.splitlines()[0])
    add_common_options(parser)
    add_bundle_option(parser)
    parser.add_argument("--part", choices=PARTS, action="append", help="only this one; both when left out")
    parser.add_argument("--minutes", type=float, default=8, help="CPU minutes of each part")
    parser.add_argument("--batch", type=int, default=96)
    parser.add_argument("--shipped-share", type=float, default=0.3)
    parser.add_argument("--teaching", type=float, default=3.0, help="weight of the distance to CLIP's text embedding of the caption")
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args(argv)
    run = Run(options)
    gill, path = joined_gill(run).train(), options.out / "heads.json"
    report = json.loads(path.read_text("utf-8")) if path.exists() else {}
    for part in options.part or PARTS:
        losses = retrieval_losses(run, gill, options.teaching) if part == "retrieval" else mapper_losses(run, gill)
        report[part] = train_part(run, gill, part, losses, options.minutes) | {"batch": options.batch, "shipped_share": options.shipped_share}
    path.write_text(json.dumps({name: report[name] for name in PARTS if name in report}), "utf-8")
    if options.for_bundle:
        for part in options.part or PARTS:
            log(f"wrote {export_head(gill.eval(), part, options.for_bundle)}")
