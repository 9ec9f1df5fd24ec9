"""`python -m gill_training diffusion-export`: writes the trained parts into a bundle, with reference values, metrics and a contact sheet."""
from __future__ import annotations

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from . import conditioning, evaluate, export, flow, prompts, run, train_diffusion
from . import vocabulary as words
from .scenes import Scene, Sprites, draw, make_scenes
from .sheet import contact_sheet
from .train_autoencoder import to_pictures

GOLDEN_PROMPTS = ["a blue banana", "a cat to the left of an umbrella"]


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="gill_training diffusion-export", description=__doc__.split(": ", 1)[1],
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--run", type=Path, default=Path("engine/training/runs/diffusion"), help="folder of the denoiser's training")
    parser.add_argument("--autoencoder", type=Path, default=Path("engine/training/runs/autoencoder/autoencoder.pt"))
    parser.add_argument("--bundle", type=Path, default=Path("index-data/models/icons"))
    parser.add_argument("--sheet", type=Path, help="contact sheet to write")
    parser.add_argument("--shift", type=float, default=1.0, help="of the noise schedule")
    parser.add_argument("--judge", action="store_true", help="measure recognition with the bundle's CLIP and fit the confidence")
    parser.add_argument("--data", type=Path, help="the built corpus: judge its own drawings too, as the most that can be reached")
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    model, mean, deviation = train_diffusion.load(options.run / "checkpoint.pt")
    decoder = train_diffusion.decoder_for(options.autoencoder, mean, deviation)
    text_encoder = options.bundle / "text_encoder"
    export.write_parts(model, decoder, options.bundle, options.shift)
    export.write_golden(model, decoder, conditioning.encode(GOLDEN_PROMPTS, text_encoder), GOLDEN_PROMPTS, options.bundle, options.shift)
    report = _metrics(options)
    groups = prompts.groups()
    texts = [text for group in groups.values() for text in group]
    generate = onnx_generator(options.bundle, options.shift, options.threads)
    pictures = [generate(conditioning.encode(texts, text_encoder), seed) for seed in (0, 1)]
    if options.sheet:
        entries, rest = [], iter(pictures[0])
        for name, group in groups.items():
            entries.append((name, [(next(rest), text) for text in group]))
        contact_sheet(entries, options.sheet, f"seed 0, guidance {export.GUIDANCE:g}, {export.STEPS} steps; every first try, none chosen")
    if options.judge:
        report |= _judged(options, groups, texts, pictures)
    report["manifest"] = export.manifest(report.pop("confidence", None))
    report["licences"] = export.LICENCES
    report["notes"] = ["A latent flow-matching model for small icons of about 120 common things, on 8x8x16 latents of a small codec (128 px)."]
    run.write_json(options.bundle / "metrics/diffusion.json", report)
    run.log(f"wrote {options.bundle}")


def _metrics(options: argparse.Namespace) -> dict:
    read = lambda path: json.loads(path.read_text("utf-8")) if path.exists() else {}
    return {"command": "python -m gill_training autoencoder; python -m gill_training diffusion; python -m gill_training diffusion-export",
            "autoencoder": read(options.autoencoder.with_name("metrics.json")), "denoiser": read(options.run / "metrics.json")}


def onnx_generator(bundle: Path, shift: float = 1.0, threads: int = 1):
    """A function (conditioning [N,16,384], seed) -> uint8 [N,px,px,3] over the exported graphs."""
    from gill_training.encoders import open_session

    unet, decoder = open_session(bundle / "unet/model.onnx", threads), open_session(bundle / "vae_decoder/model.onnx", threads)
    shape = unet.get_inputs()[0].shape[1:]

    def denoise(sample: torch.Tensor, timestep: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        inputs = {"sample": sample.numpy(), "timestep": timestep.numpy(), "encoder_hidden_states": states.numpy()}
        return torch.from_numpy(unet.run(None, inputs)[0])

    def generate(states: np.ndarray, seed: int) -> np.ndarray:
        noise = torch.randn(len(states), *shape, generator=torch.Generator().manual_seed(seed))
        out = []
        for start in range(0, len(states), 32):
            latent = flow.sample(denoise, noise[start : start + 32], torch.from_numpy(states[start : start + 32].astype(np.float32)),
                                 export.GUIDANCE, export.STEPS, shift)
            out.append(to_pictures(torch.from_numpy(decoder.run(None, {"latent_sample": latent.numpy()})[0])))
        return np.concatenate(out)

    return generate


def _judged(options: argparse.Namespace, groups: dict[str, list[str]], texts: list[str], pictures: list[np.ndarray]) -> dict:
    judge = evaluate.Judge(options.bundle, options.threads)
    result: dict = {"recognition": {}, "colour": {}}
    start = 0
    for name, group in groups.items():
        both = np.concatenate([p[start : start + len(group)] for p in pictures])
        if name.startswith("pair"):
            result["recognition"][name] = evaluate.pair_binding(judge, both, prompts.held_out_pairs() * 2)
        else:
            result["recognition"][name] = evaluate.recognition(judge, both, group * 2)
        result["colour"][name] = evaluate.colour_hits(both, group * 2)
        start += len(group)
    if options.data:
        result["recognition_of_the_original_drawings"] = _originals(options.data, judge)
    # Right pairs: prompts and their pictures; wrong pairs: the same pictures with the other prompts.
    text_rows = judge.texts(texts)
    image_rows = [judge.pictures(p) for p in pictures]
    matching = np.concatenate([(rows * text_rows).sum(1) for rows in image_rows])
    cosines = np.concatenate([rows @ text_rows.T for rows in image_rows])
    wrong = cosines[~np.tile(np.eye(len(texts), dtype=bool), (len(pictures), 1))]
    fitted = evaluate.confidence(matching, wrong)
    probability = lambda cosine: 1 / (1 + np.exp(-(fitted["a"] * cosine + fitted["b"])))
    result["confidence"] = {"confidence": fitted, "min_confidence": round(float(np.quantile(probability(matching), 0.05)), 2)}
    result["cosine"] = {"matching_mean": round(float(matching.mean()), 3), "wrong_mean": round(float(wrong.mean()), 3),
                        "right_pairs_over_half": round(float((probability(matching) > 0.5).mean()), 3),
                        "wrong_pairs_over_half": round(float((probability(wrong) > 0.5).mean()), 3)}
    return result


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
