"""Trains the text-conditioned denoiser on cached latents. `python -m gill_training diffusion --help`"""
from __future__ import annotations

import copy
import json
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from random import Random

import numpy as np
import torch

from . import conditioning, drafts, export, flow, prompts, run, train_autoencoder
from .autoencoder import Autoencoder
from .scenes import Scene, Sprites, captions, draw, draw_placements, make_scenes, make_wide_scenes
from .sheet import contact_sheet
from .unet import UNet, UNetConfig

PAIRS, DRAFTED_PAIRS, WIDE_PAIRS, WIDE_TRIOS = 18_000, 8_000, 14_000, 3_000
WORDINGS = {"real": 14, "hue": 8, "ground": 3, "count": 3, "pair": 3, "trio": 2}
WIDE_WORDINGS = {"real": 4, "hue": 2, "ground": 2, "count": 2, "pair": 2, "trio": 2}
SHARE = {"real": 0.23, "hue": 0.22, "ground": 0.07, "pair": 0.33, "count": 0.15}
WIDE_SHARE = {"real": 0.22, "hue": 0.22, "ground": 0.10, "pair": 0.28, "count": 0.12, "trio": 0.06}
WIDE = 0.65  # of the training with drafts: scenes of everything; the rest are the vocabulary's
TEXT_DROPOUT = 0.10
NO_DRAFT = {False: 0.3, True: 0.08}  # how often the vocabulary's scenes, and the others, have no draft
IMPERFECT = 0.25  # of the drafts


@dataclass(frozen=True)
class LatentPool:
    """Everything training needs, computed once: latents of unit variance, caption states, and which captions fit which latent."""

    latents: np.ndarray  # float16 [N][16][8][8]
    states: np.ndarray  # float16 [texts][16][384]
    wordings: np.ndarray  # int32 [N][most wordings], rows repeat where a scene has fewer
    kinds: np.ndarray  # str [N]
    trained: np.ndarray  # bool [N]; the others are held out combinations
    mean: np.ndarray  # of the codec's latents, per channel
    deviation: np.ndarray
    drafts: np.ndarray  # float16 [N][2][16][8][8]: a faithful draft and an imperfect one; [0]… without drafts
    masks: np.ndarray  # float16 [N][2][8][8]
    wide: np.ndarray  # bool [N]: of everything in the corpus, not of the vocabulary only

    def save(self, folder: Path) -> None:
        for name, value in vars(self).items():
            np.save(folder / f"pool-{name}.npy", value)

    @staticmethod
    def load(folder: Path) -> "LatentPool":
        lazily = {"states": "r", "drafts": "r"}
        return LatentPool(**{name: np.load(folder / f"pool-{name}.npy", mmap_mode=lazily.get(name))
                             for name in LatentPool.__dataclass_fields__})


def prepare(options: object) -> LatentPool:
    """The pool, from the cache in --out where a part of it is there already."""
    if (options.out / "pool-deviation.npy").exists():
        return LatentPool.load(options.out)
    sprites = Sprites(options.data, wide=options.drafts)
    training, held = make_scenes(Sprites(options.data) if options.drafts else sprites, DRAFTED_PAIRS if options.drafts else PAIRS, options.seed)
    wide = make_wide_scenes(sprites, WIDE_PAIRS, WIDE_TRIOS, options.seed) if options.drafts else []
    scenes = training + held + wide
    is_wide = np.arange(len(scenes)) >= len(scenes) - len(wide)
    wordings, states = _worded(scenes, is_wide, sprites, options)
    if not options.autoencoder.exists():
        raise SystemExit(f"captions are ready in {options.out}; train the autoencoder first: no file {options.autoencoder}")
    run.log(f"encoding {len(training)} + {len(wide)} scenes to train on and {len(held)} held out ones")
    codec = train_autoencoder.load(options.autoencoder).to(memory_format=torch.channels_last)
    latents = _encoded(codec, (draw(scene, sprites) for scene in scenes))
    mean, deviation = latents[: len(training)].mean((0, 2, 3)), latents[: len(training)].std((0, 2, 3))
    if options.start:
        # The net to begin with knows latents of this scale.
        state = torch.load(options.start, weights_only=False)
        mean, deviation = state["mean"], state["deviation"]
    normalised = lambda values: ((values - mean[:, None, None]) / deviation[:, None, None]).astype(np.float16)
    laid = [[way(scene, sprites, Random(f"{options.seed} {scene}")) for scene in scenes] for way in (drafts.faithful, drafts.imperfect)]
    drafted = [normalised(_encoded(codec, (draw_placements(placements, sprites) for placements in each))) for each in laid] if options.drafts else []
    masks = [[drafts.mask(placements) for placements in each] for each in laid] if options.drafts else []
    pool = LatentPool(normalised(latents), states, wordings, np.array([scene.kind for scene in scenes]),
                      is_wide | (np.arange(len(scenes)) < len(training)), mean, deviation,
                      np.stack(drafted, 1) if drafted else np.zeros(0, np.float16),
                      np.stack(masks, 1).astype(np.float16) if masks else np.zeros(0, np.float16), is_wide)
    pool.save(options.out)
    return pool


@torch.no_grad()
def _encoded(codec: Autoencoder, pictures: Iterable[np.ndarray]) -> np.ndarray:
    """The codec's latents, not yet of unit variance."""
    latents, rest = [], iter(pictures)
    while some := list(islice(rest, 128)):
        with torch.autocast("cpu", torch.bfloat16):
            encoded = codec.unscaled(train_autoencoder.to_tensor(np.stack(some)))
        latents.append(codec.norm(encoded.float()).numpy())
    return np.concatenate(latents)


def _worded(scenes: list[Scene], wide: np.ndarray, sprites: Sprites, options: object) -> tuple[np.ndarray, np.ndarray]:
    """For every scene the numbers of its captions, and the states of all captions."""
    texts: dict[str, int] = {}
    index_file, states_file = options.out / "captions.json", options.out / "pool-states.npy"
    most = max(WORDINGS.values())
    wordings = np.zeros((len(scenes), most), np.int32)
    for index, scene in enumerate(scenes):
        numbers = [texts.setdefault(text, len(texts)) for text in captions(scene, sprites, (WIDE_WORDINGS if wide[index] else WORDINGS)[scene.kind])]
        wordings[index] = [numbers[i % len(numbers)] for i in range(most)]
    states = np.zeros((len(texts), conditioning.LENGTH, conditioning.WIDTH), np.float16)
    missing = list(texts)
    if index_file.exists() and states_file.exists():
        # Of an earlier run with other scenes.
        known = {text: row for row, text in enumerate(json.loads(index_file.read_text("utf-8"))) if text in texts}
        states[[texts[text] for text in known]] = np.load(states_file)[list(known.values())]
        missing = [text for text in texts if text not in known]
    run.log(f"{len(texts)} captions, encoding {len(missing)}")
    states[[texts[text] for text in missing]] = conditioning.encode(missing, options.text_encoder, options.threads)
    np.save(states_file, states)
    index_file.write_text(json.dumps(list(texts), ensure_ascii=False, indent=0), "utf-8")
    return wordings, states


def disturbed(states: torch.Tensor, other: torch.Tensor, generator: np.random.Generator) -> torch.Tensor:
    """Caption states as GILLMapper might hand them over: blurred between wordings, shrunk, noisy, with words missing; or none at all.

    `states` and `other` [B,L,C] are two wordings of the same scenes.
    """
    count, length = states.shape[:2]
    chance = lambda share: torch.from_numpy(generator.random(count) < share)[:, None, None]
    uniform = lambda low, high: torch.from_numpy(generator.uniform(low, high, count).astype(np.float32))[:, None, None]
    states = torch.lerp(states, other, torch.where(chance(0.2), uniform(0.0, 0.5), 0.0))
    present = (states != 0).any(-1, keepdim=True)
    states = states * torch.where(chance(0.25), uniform(0.6, 1.0), 1.0)
    noise = torch.from_numpy(generator.standard_normal(states.shape, np.float32)) * torch.where(chance(0.4), uniform(0.0, 0.5), 0.0)
    states = states + noise * torch.where(present, 1.0, 0.3)
    missing = chance(0.1) & torch.from_numpy(generator.random((count, length, 1)) < 0.1)
    return states * ~(missing | chance(TEXT_DROPOUT))


@dataclass(frozen=True)
class Batch:
    clean: torch.Tensor
    states: torch.Tensor
    draft: tuple[torch.Tensor, ...]  # latents and mask, or nothing


class Batches:
    """Random training batches: scenes by kind, one of their wordings, disturbed states, mostly with a draft."""

    def __init__(self, pool: LatentPool, seed: int):
        self.pool, self.generator = pool, np.random.default_rng(seed)
        self.with_drafts = len(pool.drafts) > 0
        weights = np.zeros(len(pool.kinds))
        for wide, shares in ((False, SHARE), (True, WIDE_SHARE)):
            for kind, share in shares.items():
                members = pool.trained & (pool.wide == wide) & (pool.kinds == kind)
                weights[members] = share * (WIDE if wide else 1 - WIDE) / max(1, members.sum())
        self.cumulative = np.cumsum(weights / weights.sum())

    def __call__(self, count: int) -> Batch:
        pool, generator = self.pool, self.generator
        scenes = np.searchsorted(self.cumulative, generator.random(count)).clip(0, len(pool.kinds) - 1)
        # A third of the time the plainest wording: people write short prompts.
        choice = generator.integers(0, pool.wordings.shape[1], (2, count)) * (generator.random((2, count)) > 0.33)
        states, other = (torch.from_numpy(pool.states[pool.wordings[scenes, row]].astype(np.float32)) for row in choice)
        clean = torch.from_numpy(pool.latents[scenes].astype(np.float32))
        return Batch(clean, disturbed(states, other, generator), self._drafts(scenes) if self.with_drafts else ())

    def _drafts(self, scenes: np.ndarray) -> tuple[torch.Tensor, ...]:
        pool, generator, count = self.pool, self.generator, len(scenes)
        none = generator.random(count) < np.where(pool.wide[scenes], NO_DRAFT[True], NO_DRAFT[False])
        which = (generator.random(count) < IMPERFECT).astype(int)
        latents, masks = (torch.from_numpy(part[scenes, which].astype(np.float32)) for part in (pool.drafts, pool.masks))
        # As if retrieved from a compressed picture.
        latents = latents + 0.05 * torch.from_numpy(generator.standard_normal(latents.shape, np.float32))
        kept = torch.from_numpy(~none).float()[:, None, None, None]
        return latents * kept, masks[:, None] * kept


def main(arguments: list[str] | None = None) -> None:
    parser = run.options("diffusion", __doc__.splitlines()[0], minutes=75, out="engine/training/runs/diffusion")
    parser.add_argument("--autoencoder", type=Path, default=Path("engine/training/runs/autoencoder/autoencoder.pt"))
    parser.add_argument("--text-encoder", type=Path, default=Path("index-data/models/icons/text_encoder"))
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--learning-rate", type=float, default=1e-3)
    parser.add_argument("--drafts", action="store_true", help="teach it to draw on a draft of retrieved pictures, and everything the corpus has")
    parser.add_argument("--start", type=Path, help="checkpoint of an earlier training whose weights to begin with")
    parser.add_argument("--sheet-minutes", type=float, default=12)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(options.seed)
    options.out.mkdir(parents=True, exist_ok=True)
    train(prepare(options), options, UNetConfig(draft=options.drafts))


def train(pool: LatentPool, options: object, config: UNetConfig = UNetConfig()) -> UNet:
    model = UNet(config)
    if options.start:
        missing, extra = model.load_state_dict(torch.load(options.start, weights_only=False)["average"], strict=False)
        if extra or any(not name.startswith(("enter_draft", "copy.")) for name in missing):
            raise SystemExit(f"{options.start} is of another net: {missing} {extra}")
    average = copy.deepcopy(model).eval()
    weights = list(model.parameters())
    optimiser = torch.optim.AdamW(weights, options.learning_rate, betas=(0.9, 0.99), weight_decay=0.01, foreach=True)
    step, clock, checkpoint = 0, run.Clock(options.minutes), options.out / "checkpoint.pt"
    if options.resume and checkpoint.exists():
        state = torch.load(checkpoint, weights_only=False)
        model.load_state_dict(state["model"])
        average.load_state_dict(state["average"])
        optimiser.load_state_dict(state["optimiser"])
        step, clock = state["step"], run.Clock(options.minutes, state["seconds"], state["cpu_seconds"])
        torch.manual_seed(options.seed + step)
    batches, losses = Batches(pool, options.seed + step), deque(maxlen=300)
    next_report, next_save = clock.seconds + 60, clock.seconds + 300
    next_sheet = clock.seconds + 60 * options.sheet_minutes
    curve = []

    def save() -> None:
        run.save_checkpoint(checkpoint, model=model.state_dict(), average=average.state_dict(), optimiser=optimiser.state_dict(),
                            step=step, seconds=clock.seconds, cpu_seconds=clock.cpu_seconds, config=config.to_json(),
                            mean=pool.mean, deviation=pool.deviation)

    run.log(f"{sum(p.numel() for p in weights) / 1e6:.2f} M parameters, {int(pool.trained.sum())} scenes, {len(pool.states)} captions")
    while (done := clock.share(step, options.steps)) < 1:
        rate = options.learning_rate * min(1, (step + 1) / 200) * min(1, max(0.02, (1 - done) / 0.35))
        for group in optimiser.param_groups:
            group["lr"] = rate
        batch = batches(options.batch)
        clean = batch.clean
        sigma, noise = flow.random_sigmas(options.batch), torch.randn_like(clean)
        with torch.autocast("cpu", torch.bfloat16):
            predicted = model(flow.noised(clean, noise, sigma), sigma * flow.TRAIN_TIMESTEPS, batch.states, *batch.draft)
        loss = (predicted.float() - flow.velocity(clean, noise)).square().mean()
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, 1.0)
        optimiser.step()
        step += 1
        losses.append(loss.item())
        run.follow(average, model, min(0.999, (1 + step) / (10 + step)))
        if clock.seconds > next_report:
            with clock:
                row = {"minutes": round(clock.seconds / 60, 1), "step": step, "loss": round(float(np.mean(losses)), 4)} | validate(average, pool)
                curve.append(row)
                run.log(f"{row} {step * options.batch / clock.seconds:.0f} img/s")
            next_report = clock.seconds + 180
        if clock.seconds > next_save:
            save()
            next_save = clock.seconds + 300
        if clock.seconds > next_sheet:
            with clock:
                save_sheet(average, pool, options, f"{clock.seconds / 60:.0f}min")
            next_sheet = clock.seconds + 60 * options.sheet_minutes
    save()
    result = {"parameters": sum(p.numel() for p in weights), "steps": step, "batch": options.batch, "samples": step * options.batch,
              "seed": options.seed, "scenes": int(pool.trained.sum()), "captions": len(pool.states), "curve": curve,
              "minutes": round(clock.seconds / 60, 1), "cpu_minutes": round(clock.cpu_seconds / 60, 1),
              "threads": options.threads, "finished": time.strftime("%Y-%m-%d")}
    if options.start and (begun := options.start.with_name("metrics.json")).exists():
        result = {"before": {key: value for key, value in json.loads(begun.read_text("utf-8")).items() if key != "curve"}} | result
    run.write_json(options.out / "metrics.json", result)
    save_sheet(average, pool, options, "end")
    run.log(f"done: {step} steps")
    return average


@torch.no_grad()
def validate(model: UNet, pool: LatentPool, count: int = 256) -> dict[str, float]:
    """Loss at fixed noise and times: on real drawings, and on combinations never trained on."""
    random = np.random.default_rng(5)
    generator = torch.Generator().manual_seed(5)
    result = {}
    with_drafts = len(pool.drafts) > 0
    kinds = [("real", pool.trained & (pool.kinds == "real") & ~pool.wide, False), ("held_out", ~pool.trained, False)]
    for name, members, drafted in kinds + [("held_out_drafted", ~pool.trained & with_drafts, True), ("wide_drafted", pool.wide, True)]:
        candidates = np.flatnonzero(members)
        if not len(candidates):
            continue
        scenes = random.choice(candidates, count)
        clean = torch.from_numpy(pool.latents[scenes].astype(np.float32))
        states = torch.from_numpy(pool.states[pool.wordings[scenes, 0]].astype(np.float32))
        sigma = (torch.arange(count) % 16 + 0.5) / 16
        noise = torch.randn(clean.shape, generator=generator)
        draft = [torch.from_numpy(part[scenes, 0].astype(np.float32)) for part in (pool.drafts, pool.masks)] if drafted else []
        with torch.autocast("cpu", torch.bfloat16):
            predicted = model(flow.noised(clean, noise, sigma), sigma * flow.TRAIN_TIMESTEPS, states, *[d.reshape(count, -1, 8, 8) for d in draft]).float()
        result[name] = round(float((predicted - flow.velocity(clean, noise)).square().mean()), 4)
    return result


def load(path: Path) -> tuple[UNet, np.ndarray, np.ndarray]:
    """The averaged net of a checkpoint, and the mean and deviation of the codec's latents."""
    state = torch.load(path, weights_only=False)
    model = UNet(UNetConfig.from_json(state["config"]))
    model.load_state_dict(state["average"])
    return model.eval(), state["mean"], state["deviation"]


def decoder_for(autoencoder: Path, mean: np.ndarray, deviation: np.ndarray) -> export.BundleDecoder:
    return export.BundleDecoder(train_autoencoder.load(autoencoder).decoder, torch.from_numpy(mean), torch.from_numpy(deviation)).eval()


@torch.no_grad()
def pictures_for(model: UNet, decoder: export.BundleDecoder, texts: list[str], text_encoder: Path, seed: int = 0,
                 guidance: float = export.GUIDANCE, steps: int = export.STEPS, shift: float = 1.0) -> np.ndarray:
    """uint8 [N,128,128,3]."""
    states = torch.from_numpy(conditioning.encode(texts, text_encoder).astype(np.float32))
    noise = torch.randn(len(texts), model.config.latent_channels, model.config.latent_size, model.config.latent_size,
                        generator=torch.Generator().manual_seed(seed))
    out = []
    for start in range(0, len(texts), 64):
        with torch.autocast("cpu", torch.bfloat16):
            latent = flow.sample(model, noise[start : start + 64], states[start : start + 64], guidance, steps, shift)
        out.append(train_autoencoder.to_pictures(decoder(latent)))
    return np.concatenate(out)


def save_sheet(model: UNet, pool: LatentPool, options: object, tag: str, seed: int = 0, guidance: float = export.GUIDANCE) -> None:
    groups = prompts.groups()
    texts = [text for group in groups.values() for text in group]
    decoder = decoder_for(options.autoencoder, pool.mean, pool.deviation)
    pictures = iter(pictures_for(model, decoder, texts, options.text_encoder, seed, guidance))
    entries = [(name, [(next(pictures), text) for text in group]) for name, group in groups.items()]
    path = options.out / f"sheet-{tag}.png"
    contact_sheet(entries, path, f"{tag}, guidance {guidance:g}, {export.STEPS} steps, seed {seed}")
    run.log(f"wrote {path}")
