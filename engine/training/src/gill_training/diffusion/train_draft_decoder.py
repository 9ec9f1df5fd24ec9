"""Trains a decoder that reads a draft's pixels beside the latent: `python -m gill_training autoencoder --decoder-only --drafts`.

The encoder stays as it is, so latents and denoisers made with it stay valid.
"""
from __future__ import annotations

import copy
import json
import math
import time
from collections import deque
from dataclasses import replace
from random import Random

import numpy as np
import torch

from . import drafts, run
from .autoencoder import Autoencoder, psnr, reconstruction_loss
from .scenes import Scene, Sprites, draw, make_wide_scenes
from .train_autoencoder import comparison, load, to_pictures, to_tensor

WIDE_PAIRS, WIDE_TRIOS = 8_000, 1_000
SHARE = {"real": 0.24, "hue": 0.30, "ground": 0.12, "pair": 0.20, "count": 0.10, "trio": 0.04}
NO_DRAFT, IMPERFECT = 0.2, 0.25
VALIDATION = 128


class Examples:
    """Random pictures with their drafts."""

    def __init__(self, sprites: Sprites, seed: int):
        self.sprites = sprites
        scenes = make_wide_scenes(sprites, WIDE_PAIRS, WIDE_TRIOS, seed)
        order = Random(1).sample(range(len(scenes)), len(scenes))
        self.validation = [scenes[i] for i in order[:VALIDATION]]
        self.training = {kind: [scenes[i] for i in order[VALIDATION:] if scenes[i].kind == kind] for kind in SHARE}
        self.random = Random(seed)

    def batch(self, count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        kinds = self.random.choices(list(SHARE), list(SHARE.values()), k=count)
        return self.drawn([self.random.choice(self.training[kind]) for kind in kinds], self.random)

    def drawn(self, scenes: list[Scene], random: Random, drafted: bool | None = None) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Pictures, drafts and masks; `drafted`: all with faithful drafts, or none; by chance if None."""
        pictures, rough, masks = [], [], []
        for scene in scenes:
            pictures.append(draw(scene, self.sprites))
            chance = random.random()
            if drafted is False or drafted is None and chance < NO_DRAFT:
                rough.append(np.full_like(pictures[-1], 255))
                masks.append(np.zeros((drafts.CELLS, drafts.CELLS), np.float32))
                continue
            way = drafts.imperfect if drafted is None and chance > 1 - IMPERFECT else drafts.faithful
            picture, mask = drafts.draft(way(scene, self.sprites, random), self.sprites)
            rough.append(picture)
            masks.append(mask)
        return to_tensor(np.stack(pictures)), to_tensor(np.stack(rough)), torch.from_numpy(np.stack(masks))[:, None]


def train(options: object, sprites: Sprites | None = None) -> Autoencoder:
    examples = Examples(sprites or Sprites(options.data, wide=True), options.seed)
    earlier = load(options.out / "autoencoder.pt")
    model = Autoencoder(replace(earlier.config, draft=True)).to(memory_format=torch.channels_last)
    model.load_state_dict(earlier.state_dict(), strict=False)
    average = copy.deepcopy(model).eval()
    optimiser = torch.optim.AdamW(model.decoder.parameters(), options.learning_rate, betas=(0.9, 0.98), weight_decay=1e-4, foreach=True)
    step, clock, checkpoint = 0, run.Clock(options.minutes), options.out / "checkpoint-draft-decoder.pt"
    if options.resume and checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        step, clock = state["step"], run.Clock(options.minutes, state["seconds"], state["cpu_seconds"])
        examples.random = Random(options.seed + step)
    losses: deque[float] = deque(maxlen=200)
    next_report, next_save = clock.seconds + 60, clock.seconds + 180

    def save() -> None:
        run.save_checkpoint(checkpoint, model=model.state_dict(), average=average.state_dict(), optimiser=optimiser.state_dict(),
                            step=step, seconds=clock.seconds, cpu_seconds=clock.cpu_seconds, config=model.config.to_json())

    while (done := clock.share(step, options.steps)) < 1:
        rate = options.learning_rate * min(1, (step + 1) / 100) * (0.02 + 0.49 * (1 + math.cos(math.pi * done)))
        for group in optimiser.param_groups:
            group["lr"] = rate
        target, draft, mask = examples.batch(options.batch)
        with torch.no_grad():
            with torch.autocast("cpu", torch.bfloat16):
                latent = average.unscaled(target)
            latent = average.norm(latent.float())
        # Some latents get strong noise: the denoiser's are never exact.
        noise = torch.where(torch.rand(len(latent), 1, 1, 1) < 0.5, 0.05, 0.30 * torch.rand(len(latent), 1, 1, 1))
        with torch.autocast("cpu", torch.bfloat16):
            out = model.decoder(latent + noise * torch.randn_like(latent), draft, mask)
        loss = reconstruction_loss(out.float(), target)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.decoder.parameters(), 1.0)
        optimiser.step()
        step += 1
        losses.append(loss.item())
        run.follow(average, model, min(0.998, (1 + step) / (10 + step)))
        if clock.seconds > next_report:
            next_report = clock.seconds + 120
            with clock:
                figures = {name: round(float(evaluate(average, examples, drafted, 0.1)[0].mean()), 2) for name, drafted in (("draft", True), ("none", False))}
            run.log(f"{clock.seconds:.0f} s step {step} loss {np.mean(losses):.4f} PSNR {figures}")
        if clock.seconds > next_save:
            next_save = clock.seconds + 180
            save()
    save()
    return _finish(average, examples, options, step, clock)


def _finish(average: Autoencoder, examples: Examples, options: object, step: int, clock: run.Clock) -> Autoencoder:
    result = {"what": "decoder that reads drafts", "parameters": sum(p.numel() for p in average.parameters()), "steps": step, "batch": options.batch,
              "seed": options.seed, "validation_pictures": VALIDATION, "minutes": round(clock.seconds / 60, 1),
              "cpu_minutes": round(clock.cpu_seconds / 60, 1), "finished": time.strftime("%Y-%m-%d"), "psnr": {}}
    for name, drafted in (("with_faithful_draft", True), ("without", False)):
        for noise in (0.0, 0.2):
            decibels, out = evaluate(average, examples, drafted, noise)
            result["psnr"][f"{name}, latent noise {noise}"] = round(float(decibels.mean()), 2)
        if drafted:
            comparison(np.stack([draw(scene, examples.sprites) for scene in examples.validation[:48]]), out[:48], options.out / "reconstructions-draft.png")
    metrics = options.out / "metrics.json"
    before = json.loads(metrics.read_text("utf-8")) if metrics.exists() else {}
    run.write_json(metrics, {"before": before.get("before", before)} | result)
    torch.save({"config": average.config.to_json(), "weights": average.state_dict()}, options.out / "autoencoder-drafts.pt")
    run.log(f"done {result}")
    return average


@torch.no_grad()
def evaluate(model: Autoencoder, examples: Examples, drafted: bool, noise: float) -> tuple[np.ndarray, np.ndarray]:
    """PSNR of the validation pictures, and the reconstructions; latents with so much noise."""
    random, generator, decibels, outs = Random(3), torch.Generator().manual_seed(0), [], []
    for start in range(0, len(examples.validation), 32):
        target, draft, mask = examples.drawn(examples.validation[start : start + 32], random, drafted)
        latent = model.encode(target)
        latent = latent + noise * torch.randn(latent.shape, generator=generator)
        out = model.decoder(latent, draft, mask).clamp(-1, 1)
        decibels.append(psnr(out, target).numpy())
        outs.append(to_pictures(out))
    return np.concatenate(decibels), np.concatenate(outs)
