"""`python -m gill_training diffusion-export`: writes the trained parts into a bundle, with reference values, metrics and a contact sheet."""
from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from . import conditioning, evaluate, export, exported, golden, prompts, run, train_autoencoder, train_diffusion
from . import vocabulary as words
from .laid_out import Shelf
from .scenes import SIZE, Scene, Sprites, draw, make_scenes
from .sheet import contact_sheet

GOLDEN_PROMPTS = ["a blue banana", "a cat to the left of an umbrella", "a red rocket"]
SEEDS = (0, 1)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="gill_training diffusion-export", description=__doc__.split(": ", 1)[1],
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--run", type=Path, default=Path("engine/training/runs/diffusion"), help="folder of the denoiser's training")
    parser.add_argument("--autoencoder", type=Path, default=Path("engine/training/runs/autoencoder/autoencoder.pt"))
    parser.add_argument("--bundle", type=Path, default=Path("index-data/models/icons"))
    parser.add_argument("--corpus", type=Path, default=Path("index-data/corpus"), help="the search corpus: what drafts are laid out from")
    parser.add_argument("--sheet", type=Path, help="contact sheet to write")
    parser.add_argument("--shift", type=float, default=1.0, help="of the noise schedule")
    parser.add_argument("--trust", type=float, default=0.0, help="added to the logit of copying from the draft")
    parser.add_argument("--judge", action="store_true", help="measure recognition with the bundle's CLIP and fit the confidence")
    parser.add_argument("--data", type=Path, help="the built corpus: judge its own drawings too, as the most that can be reached")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    model, mean, deviation = train_diffusion.load(options.run / "checkpoint.pt")
    if model.config.draft:
        model.copy.bias.data += options.trust
    codec, scale = train_autoencoder.load(options.autoencoder), (torch.from_numpy(mean), torch.from_numpy(deviation))
    decoder = export.BundleDecoder(codec.decoder, *scale).eval()
    encoder = export.BundleEncoder(codec, *scale).eval() if model.config.draft else None
    text_encoder, shelf = options.bundle / "text_encoder", Shelf(options.corpus) if encoder else None
    export.write_parts(model, decoder, options.bundle, options.shift, encoder)
    golden.write(model, decoder, encoder, conditioning.encode(GOLDEN_PROMPTS, text_encoder), _golden_examples(shelf), options.bundle, options.shift)
    report = _metrics(options)
    drawings = _drawn(options, shelf) if options.sheet or options.judge else []
    if options.sheet:
        entries = [(d.heading, list(zip(d.pictures[0], d.prompts))) for d in drawings]
        contact_sheet(entries, options.sheet, f"seed 0, guidance {export.GUIDANCE:g}, on drafts {export.DRAFT_GUIDANCE:g}, {export.STEPS} steps; every first try, none chosen")
    if options.judge:
        report |= _judged(options, drawings, shelf)
    report["manifest"] = export.manifest(report.pop("confidence", None))
    report["licences"] = export.LICENCES
    report["notes"] = ["A latent flow-matching model for small icons, on 8x8x16 latents of a small codec (128 px). About 120 common things it draws by "
                       "itself; of others it needs a draft of retrieved pictures."]
    run.write_json(options.bundle / "metrics/diffusion.json", report)
    run.log(f"wrote {options.bundle}")


def _golden_examples(shelf: Shelf | None) -> list[golden.Example]:
    """The first two prompts have drafts, the third has none."""
    white = np.full((SIZE, SIZE, 3), 255, np.uint8)
    laid = [shelf.one("banana"), shelf.pair("cat", "left", "umbrella")] if shelf else []
    return [golden.Example(prompt, *(laid[i] if i < len(laid) else (white, []))) for i, prompt in enumerate(GOLDEN_PROMPTS)]


def _metrics(options: argparse.Namespace) -> dict:
    read = lambda path: json.loads(path.read_text("utf-8")) if path.exists() else {}
    return {"command": "python -m gill_training autoencoder; python -m gill_training diffusion; python -m gill_training diffusion-export",
            "autoencoder": read(options.autoencoder.with_name("metrics.json")), "denoiser": read(options.run / "metrics.json")}


@dataclass(frozen=True)
class Drawings:
    """A group of prompts and their pictures for every seed."""

    group: str
    drafted: bool
    prompts: list[str]
    pictures: list[np.ndarray]

    @property
    def heading(self) -> str:
        return f"{self.group}{', on drafts' if self.drafted else ''}"


def _drawn(options: argparse.Namespace, shelf: Shelf | None) -> list[Drawings]:
    """Everything that is judged: by itself, and on drafts where the generator reads them."""
    generator, drawings = exported.Exported(options.bundle, options.threads, options.shift), []

    def draw(group: str, texts: list[str], drafts: list | None) -> None:
        states = conditioning.encode(texts, options.bundle / "text_encoder")
        drawings.append(Drawings(group, drafts is not None, texts, [generator.generate(states, seed, drafts) for seed in SEEDS]))

    for group, texts in prompts.groups().items():
        draw(group, texts, None)
    for group, pairs in (shelf.groups(prompts.held_out_pairs()) if shelf else {}).items():
        texts = [text for text, _ in pairs]
        draw(group, texts, [draft for _, draft in pairs])
        if group.startswith("unseen"):
            draw(group, texts, None)
    return drawings


def _judged(options: argparse.Namespace, drawings: list[Drawings], shelf: Shelf | None) -> dict:
    judge = evaluate.Judge(options.bundle, options.threads)
    result: dict = {"recognition": {}, "colour": {}}
    seeds, unseen = len(SEEDS), shelf.unseen if shelf else []
    names = [thing.name for thing in words.things().values()] + unseen
    turns = ("left", "above", "right", "below")
    neighbours = [(unseen[i], turns[i // 2 % 4], unseen[i + 1]) for i in range(0, len(unseen) - 1, 2)]
    for d in drawings:
        both = np.concatenate(d.pictures)
        if d.group == "unseen concepts, pair":
            found = evaluate.pair_binding(judge, both, neighbours * seeds, names)
        elif d.group.startswith("pair"):
            found = evaluate.pair_binding(judge, both, prompts.held_out_pairs() * seeds)
        elif d.group.startswith("unseen"):
            found = evaluate.named_among(judge, both, unseen[: len(d.prompts)] * seeds, names)
        else:
            found = evaluate.recognition(judge, both, d.prompts * seeds)
        result["recognition"][d.heading] = found
        if hits := evaluate.colour_hits(both, d.prompts * seeds):
            result["colour"][d.heading] = hits
    if options.data:
        result["recognition_of_the_original_drawings"] = _originals(options.data, judge)
    return result | _confidence(judge, drawings)


def _confidence(judge: evaluate.Judge, drawings: list[Drawings]) -> dict:
    """Right pairs: prompts and their pictures; wrong pairs: the same pictures with the other prompts."""
    shown = [d for d in drawings if d.drafted or not d.group.startswith("unseen")]
    texts = [text for d in shown for text in d.prompts]
    text_rows = judge.texts(texts)
    image_rows = [judge.pictures(np.concatenate([d.pictures[i] for d in shown])) for i in range(len(SEEDS))]
    matching = np.concatenate([(rows * text_rows).sum(1) for rows in image_rows])
    cosines = np.concatenate([rows @ text_rows.T for rows in image_rows])
    wrong = cosines[~np.tile(np.eye(len(texts), dtype=bool), (len(SEEDS), 1))]
    fitted = evaluate.confidence(matching, wrong)
    probability = lambda cosine: 1 / (1 + np.exp(-(fitted["a"] * cosine + fitted["b"])))
    return {"confidence": {"confidence": fitted, "min_confidence": round(float(np.quantile(probability(matching), 0.05)), 2)},
            "cosine": {"matching_mean": round(float(matching.mean()), 3), "wrong_mean": round(float(wrong.mean()), 3),
                       "right_pairs_over_half": round(float((probability(matching) > 0.5).mean()), 3),
                       "wrong_pairs_over_half": round(float((probability(wrong) > 0.5).mean()), 3)}}


def _originals(corpus: Path, judge: evaluate.Judge) -> dict:
    """The same measures on drawings of the corpus: plain things, and the very recolourings and pairs that are held out of training."""
    sprites = Sprites(corpus)
    _, held = make_scenes(sprites, train_diffusion.PAIRS)
    name = lambda item: words.things()[item.concept].name
    plain = [Scene("real", (item,)) for item in sprites.items() if not item.colour and name(item) in prompts.PLAIN]
    coloured = [scene for scene in held if scene.kind == "hue"]
    pairs = [scene for scene in held if scene.kind == "pair" and not any(item.colour for item in scene.items)]
    pictures = lambda scenes: np.stack([draw(scene, sprites) for scene in scenes])
    return {"plain": evaluate.recognition(judge, pictures(plain), [words.with_article(name(s.items[0])) for s in plain]),
            "colour + thing, held out": evaluate.recognition(judge, pictures(coloured), [words.with_article(name(s.items[0])) for s in coloured]),
            "pair, held out": evaluate.pair_binding(judge, pictures(pairs), [(name(s.items[0]), s.relation, name(s.items[1])) for s in pairs])}
