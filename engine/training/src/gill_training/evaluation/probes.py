"""The judge of generated pictures: a frozen encoder that no shipped part uses, and a classifier of things on its features.

The encoder is EfficientNet-lite1, made from its pip package as the bundle's own is. The classifier sees drawings cut to their edges on
plain grounds, recoloured and blurred, so that colour, size and place do not tell what a thing is. It knows nothing of the generator.
For each thing one drawing is kept from it: these are composed into the pictures that measure the judge itself.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import torch
from PIL import Image, ImageFilter

from gill_training.clip.vision_graph import VARIANTS, export_vision_encoder
from gill_training.corpus.splits import UNSEEN_CONCEPT
from gill_training.diffusion import vocabulary
from gill_training.diffusion.recolour import TARGETS, main_colour, recolour
from gill_training.encoders import VisionEncoder
from gill_training.onnx_graph import Graph, l2_normalise
from gill_training.preprocess import write_preprocessor_config

ENCODER = VARIANTS["lite1"]
KEPT_SOURCES = ("twemoji", "noto", "fluent-flat", "fluent-3d", "emojitwo")  # whose licences let a composed picture be shared
MARGIN = 0.08


@dataclass(frozen=True)
class Drawing:
    """A cut-out drawing of a thing; `kept`: not trained on."""

    key: str
    source: str
    file: str
    kept: bool


def thing_names(rows: Iterable[dict]) -> dict[str, str]:
    """The things the judge knows: what the generator was first taught, and every unseen concept."""
    names = {key: thing.name for key, thing in vocabulary.things().items()}
    captions: dict[str, list[str]] = {}
    for row in rows:
        if row["split"] == UNSEEN_CONCEPT:
            captions.setdefault(row["concept"], []).append(row["caption"])
    return names | {key: min(said, key=lambda text: (-said.count(text), text)) for key, said in sorted(captions.items())}


def drawings(rows: Sequence[dict], names: dict[str, str]) -> list[Drawing]:
    """Colour drawings of the things, one of each kept."""
    found: dict[str, list[dict]] = {key: [] for key in names}
    for row in rows:
        if row["concept"] in found and row["style"] not in ("photo", "black silhouette", "outlined icon") and row.get("rgba_file"):
            found[row["concept"]].append(row)
    result = []
    for key, members in found.items():
        choices = [row for row in members if row["source"] in KEPT_SOURCES]
        kept = min(choices, key=lambda row: hashlib.sha256(f"kept {row['id']}".encode()).hexdigest())["id"] if choices else ""
        result += [Drawing(key, row["source"], row["rgba_file"], row["id"] == kept) for row in members]
    return result


def cut(drawing: np.ndarray) -> np.ndarray:
    """The part of an RGBA drawing that can be seen."""
    seen = np.argwhere(drawing[..., 3] > 32)
    if len(seen) == 0:
        return drawing
    (top, left), (bottom, right) = seen.min(0), seen.max(0) + 1
    return drawing[top:bottom, left:right]


def on_ground(drawing: np.ndarray, ground: tuple[int, int, int], side: int = 128) -> Image.Image:
    """A drawing, cut to its edges, in the middle of a plain square."""
    piece = Image.fromarray(cut(drawing))
    inner = side * (1 - 2 * MARGIN)
    scale = inner / max(piece.size)
    piece = piece.resize((max(1, round(piece.width * scale)), max(1, round(piece.height * scale))), Image.Resampling.LANCZOS)
    picture = Image.new("RGB", (side, side), ground)
    picture.paste(piece, ((side - piece.width) // 2, (side - piece.height) // 2), piece)
    return picture


def varied(drawing: np.ndarray, random: Random) -> Image.Image:
    """Another colour, ground, size and sharpness."""
    if random.random() < 0.5 and (main := main_colour(drawing)):
        painted = recolour(drawing, random.choice(list(TARGETS)), main)
        drawing = drawing if painted is None else painted
    if random.random() < 0.3:
        drawing = drawing[:, ::-1].copy()
    ground = (255, 255, 255) if random.random() < 0.6 else random.choice(list(vocabulary.BACKGROUNDS.values()))
    picture = on_ground(drawing, ground, random.choice((64, 96, 128)))
    if random.random() < 0.6:
        picture = picture.filter(ImageFilter.GaussianBlur(random.uniform(0.3, 1.4) * picture.width / 128))
    return picture


def features(encoder: VisionEncoder, pictures: Iterator[Image.Image], batch: int = 16) -> np.ndarray:
    out, waiting = [], []
    for picture in pictures:
        waiting.append(picture)
        if len(waiting) == batch:
            out.append(encoder.pooled(waiting))
            waiting = []
    if waiting:
        out.append(encoder.pooled(waiting))
    return np.concatenate(out)


def fit(x: np.ndarray, y: np.ndarray, classes: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Softmax regression: weights [F, C] and bias [C]."""
    torch.manual_seed(seed)
    layer = torch.nn.Linear(x.shape[1], classes)
    optimiser = torch.optim.AdamW(layer.parameters(), lr=3e-3, weight_decay=0.3)
    inputs, targets = torch.tensor(x, dtype=torch.float32), torch.tensor(y)
    for _ in range(12):
        for rows in torch.randperm(len(inputs)).split(128):
            loss = torch.nn.functional.cross_entropy(layer(inputs[rows]), targets[rows], label_smoothing=0.05)
            optimiser.zero_grad(), loss.backward(), optimiser.step()
    return layer.weight.detach().numpy().T.copy(), layer.bias.detach().numpy().copy()


def export(mean: np.ndarray, deviation: np.ndarray, weights: np.ndarray, bias: np.ndarray, path: Path) -> None:
    """pooler_output [B,F] -> features [B,F], standardised with norm 1, and logits [B,C]."""
    graph = Graph("things")
    pooled = graph.input("pooler_output", ["batch", len(mean)])
    standard = graph.node("Div", graph.node("Sub", pooled, graph.constant(mean)), graph.constant(deviation))
    graph.output(l2_normalise(graph, standard), "features", ["batch", len(mean)])
    matrix = graph.node("Cast", graph.half_weight("weights", weights), to=1)
    graph.output(graph.node("Add", graph.node("MatMul", standard, matrix), graph.constant(bias)), "logits", ["batch", len(bias)])
    graph.save(path)


def make(corpus: Path, wheel: Path, out: Path, variants: int, seed: int) -> None:
    """Writes encoder/ and things/ into `out`."""
    rows = [json.loads(line) for line in (corpus / "manifest.jsonl").read_text("utf-8").splitlines()]
    names = thing_names(rows)
    keys = list(names)
    part = out / "encoder"
    export_vision_encoder(wheel, part, None, ENCODER)
    write_preprocessor_config(part / "preprocessor_config.json", ENCODER.image_size)
    encoder = VisionEncoder(part)
    all_drawings = drawings(rows, names)
    known = [drawing for drawing in all_drawings if not drawing.kept]
    kept = [drawing for drawing in all_drawings if drawing.kept]
    random = Random(seed)

    def read(drawing: Drawing) -> np.ndarray:
        return np.asarray(Image.open(corpus / drawing.file).convert("RGBA"))

    train = [drawing for drawing in known for _ in range(variants)]
    x = features(encoder, (varied(read(drawing), random) for drawing in train))
    y = np.asarray([keys.index(drawing.key) for drawing in train])
    mean, deviation = x.mean(0), x.std(0) + 1e-2
    weights, bias = fit((x - mean) / deviation, y, len(keys), seed)
    held = features(encoder, (on_ground(read(drawing), (255, 255, 255)) for drawing in kept))
    truth = np.asarray([keys.index(drawing.key) for drawing in kept])
    ranks = np.argsort(-(((held - mean) / deviation) @ weights + bias), axis=1)
    top1, top5 = float((ranks[:, 0] == truth).mean()), float((ranks[:, :5] == truth[:, None]).any(1).mean())
    (out / "things").mkdir(parents=True, exist_ok=True)
    export(mean.astype(np.float32), deviation.astype(np.float32), weights, bias.astype(np.float32), out / "things" / "model.onnx")
    report = {
        "things": [{"key": key, "name": names[key]} for key in keys],
        "trained_on": len(known), "variants": variants, "seed": seed,
        "kept_drawings": {"count": len(kept), "top1": round(top1, 4), "top5": round(top5, 4)},
    }
    (out / "things" / "things.json").write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    print(f"{len(keys)} things, {len(known)} drawings; kept drawings: top 1 {top1:.3f}, top 5 {top5:.3f} of {len(kept)}")
