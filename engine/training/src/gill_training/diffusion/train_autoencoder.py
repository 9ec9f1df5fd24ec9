"""Trains the picture codec on the drawn scenes. `python -m gill_training autoencoder --help`"""
from __future__ import annotations

import copy
import json
import math
import time
from collections import deque
from pathlib import Path
from random import Random

import numpy as np
import torch
from PIL import Image

from . import run
from .autoencoder import Autoencoder, AutoencoderConfig, psnr, reconstruction_loss
from .scenes import Scene, Sprites, draw, make_scenes

# How many pictures of a kind are drawn, and how often the kind is seen. Real and recoloured drawings are all used.
POOL = {"real": 10_000, "hue": 10_000, "ground": 1_200, "pair": 4_000, "count": 2_000}
SHARE = {"real": 0.25, "hue": 0.25, "ground": 0.10, "pair": 0.26, "count": 0.14}
VALIDATION = 128


def pool(sprites: Sprites, seed: int) -> list[Scene]:
    random = Random(seed)
    scenes, _ = make_scenes(sprites, pairs=POOL["pair"], seed=seed)
    chosen = []
    for kind in POOL:
        of_kind = [scene for scene in scenes if scene.kind == kind]
        chosen += of_kind if len(of_kind) <= POOL[kind] else random.sample(of_kind, POOL[kind])
    return chosen


def to_tensor(pictures: np.ndarray) -> torch.Tensor:
    """uint8 [B,128,128,3] -> float [B,3,128,128] in [-1,1], channels last."""
    return (torch.from_numpy(pictures).permute(0, 3, 1, 2).float() / 127.5 - 1).contiguous(memory_format=torch.channels_last)


def to_pictures(tensor: torch.Tensor) -> np.ndarray:
    return ((tensor.float().clamp(-1, 1) + 1) * 127.5).round().to(torch.uint8).permute(0, 2, 3, 1).numpy()


def main(arguments: list[str] | None = None) -> None:
    parser = run.options("autoencoder", __doc__.splitlines()[0], minutes=25, out="engine/training/runs/autoencoder")
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--learning-rate", type=float, default=1.5e-3)
    parser.add_argument("--decoder-only", action="store_true",
                        help="go on from autoencoder.pt in --out with a frozen encoder: latents made with it stay valid")
    parser.add_argument("--drafts", action="store_true", help="a decoder that also reads the pixels of a draft; with --decoder-only, of everything the corpus has")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    if options.drafts:
        from . import train_draft_decoder

        train_draft_decoder.train(options)
        return
    sprites = Sprites(options.data)
    scenes = pool(sprites, options.seed)
    run.log(f"drawing {len(scenes)} scenes")
    pictures = np.stack([draw(scene, sprites) for scene in scenes])
    train(pictures, np.array([scene.kind for scene in scenes]), options)


def train(pictures: np.ndarray, kinds: np.ndarray, options: object, config: AutoencoderConfig = AutoencoderConfig()) -> Autoencoder:
    random = np.random.default_rng(options.seed)
    order = np.random.default_rng(1).permutation(len(pictures))
    validation, training = order[:VALIDATION], order[VALIDATION:]
    weights = np.zeros(len(pictures))
    for kind in set(kinds[training]):
        members = training[kinds[training] == kind]
        weights[members] = SHARE[kind] / len(members)
    cumulative = np.cumsum(weights / weights.sum())

    model = Autoencoder(config).to(memory_format=torch.channels_last)
    if options.decoder_only:
        model.load_state_dict(torch.load(options.out / "autoencoder.pt", weights_only=False)["weights"])
    average = copy.deepcopy(model).eval()
    trained = model.decoder if options.decoder_only else model
    optimiser = torch.optim.AdamW(trained.parameters(), options.learning_rate, betas=(0.9, 0.98), weight_decay=1e-4, foreach=True)
    step, clock, checkpoint = 0, run.Clock(options.minutes), options.out / ("checkpoint-decoder.pt" if options.decoder_only else "checkpoint.pt")
    if options.resume and checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        if "optimiser" in state:
            optimiser.load_state_dict(state["optimiser"])
        step, clock = state["step"], run.Clock(options.minutes, state["seconds"], state["cpu_seconds"])
        random = np.random.default_rng(options.seed + step)
    losses: deque[float] = deque(maxlen=200)
    next_report, next_save = clock.seconds + 60, clock.seconds + 240

    def save() -> None:
        run.save_checkpoint(checkpoint, model=model.state_dict(), average=average.state_dict(), optimiser=optimiser.state_dict(),
                            step=step, seconds=clock.seconds, cpu_seconds=clock.cpu_seconds, config=config.to_json())

    while (done := clock.share(step, options.steps)) < 1:
        rate = options.learning_rate * min(1, (step + 1) / 100) * (0.02 + 0.49 * (1 + math.cos(math.pi * done)))
        for group in optimiser.param_groups:
            group["lr"] = rate
        chosen = np.searchsorted(cumulative, random.random(options.batch)).clip(0, len(pictures) - 1)
        target = to_tensor(pictures[chosen])
        with torch.set_grad_enabled(not options.decoder_only):
            with torch.autocast("cpu", torch.bfloat16):
                latent = model.unscaled(target)
            latent = (average if options.decoder_only else model).norm(latent.float())
        # Some pictures get strong noise: the decoder learns to draw clean icons from imprecise latents.
        noise = torch.where(torch.rand(len(latent), 1, 1, 1) < 0.7, 0.05, 0.30 * torch.rand(len(latent), 1, 1, 1))
        with torch.autocast("cpu", torch.bfloat16):
            out = model.decoder(latent + noise * torch.randn_like(latent))
        loss = reconstruction_loss(out.float(), target)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained.parameters(), 1.0)
        optimiser.step()
        step += 1
        losses.append(loss.item())
        run.follow(average, model, min(0.998, (1 + step) / (10 + step)))
        if clock.seconds > next_report:
            next_report = clock.seconds + 180
            decibels, _ = evaluate(average, pictures[validation])
            run.log(f"{clock.seconds:.0f} s step {step} loss {np.mean(losses):.4f} PSNR {decibels.mean():.2f} p10 {np.quantile(decibels, 0.1):.2f}")
        if clock.seconds > next_save:
            next_save = clock.seconds + 240
            save()
    save()
    decibels, out = evaluate(average, pictures[validation])
    noisy, _ = evaluate(average, pictures[validation], noise=0.2)
    result = {"decoder_only": options.decoder_only, "parameters": sum(p.numel() for p in average.parameters()), "steps": step, "batch": options.batch, "seed": options.seed,
              "pictures": len(training), "validation_pictures": len(validation), "psnr_mean": round(float(decibels.mean()), 2),
              "psnr_p10": round(float(np.quantile(decibels, 0.1)), 2), "psnr_mean_latent_noise_0.2": round(float(noisy.mean()), 2),
              "minutes": round(clock.seconds / 60, 1), "cpu_minutes": round(clock.cpu_seconds / 60, 1), "finished": time.strftime("%Y-%m-%d")}
    metrics = options.out / "metrics.json"
    if options.decoder_only and metrics.exists():
        earlier = json.loads(metrics.read_text("utf-8"))
        result = {"before": earlier.get("before", earlier)} | result
    run.write_json(metrics, result)
    torch.save({"config": config.to_json(), "weights": average.state_dict()}, options.out / "autoencoder.pt")
    comparison(pictures[validation][:48], out[:48], options.out / "reconstructions.png")
    run.log(f"done {result}")
    return average


@torch.no_grad()
def evaluate(model: Autoencoder, pictures: np.ndarray, noise: float = 0.0) -> tuple[np.ndarray, np.ndarray]:
    """PSNR of every picture, and the reconstructions."""
    decibels, outs = [], []
    generator = torch.Generator().manual_seed(0)
    for start in range(0, len(pictures), 32):
        target = to_tensor(pictures[start : start + 32])
        latent = model.encode(target)
        out = model.decoder(latent + noise * torch.randn(latent.shape, generator=generator)).clamp(-1, 1)
        decibels.append(psnr(out, target).numpy())
        outs.append(to_pictures(out))
    return np.concatenate(decibels), np.concatenate(outs)


def comparison(pictures: np.ndarray, outs: np.ndarray, path: Path, columns: int = 12) -> None:
    rows = (len(pictures) + columns - 1) // columns
    sheet = Image.new("RGB", (columns * 132, rows * 264), (220, 220, 220))
    for index, (picture, out) in enumerate(zip(pictures, outs)):
        left, top = index % columns * 132, index // columns * 264
        sheet.paste(Image.fromarray(picture), (left, top))
        sheet.paste(Image.fromarray(out), (left, top + 130))
    sheet.save(path)


def load(path: Path) -> Autoencoder:
    state = torch.load(path, weights_only=False)
    model = Autoencoder(AutoencoderConfig.from_json(state["config"]))
    model.load_state_dict(state["weights"] if "weights" in state else state["average"])
    return model.eval()
