"""`eval-data`: writes the cases that `gill eval` runs, and the judge of its pictures."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from gill_training.evaluation import composition, conversation, decision, dialogue, generation, probes, retrieval, stories
from gill_training.evaluation.shelf import Shelf, write_cases


def kept_drawings(corpus: Path) -> generation.Drawings:
    """The drawing of each thing that the judge was not trained on."""
    rows = [json.loads(line) for line in (corpus / "manifest.jsonl").read_text("utf-8").splitlines()]
    files = {it.key: it.file for it in probes.drawings(rows, probes.thing_names(rows)) if it.kept}
    return lambda key: np.asarray(Image.open(corpus / files[key]).convert("RGBA")) if key in files else None


def write_all(shelf: Shelf, drawing: generation.Drawings, out: Path, seed: int) -> dict[str, int]:
    """Every suite's cases; returns how many."""
    files = {
        "galleries": retrieval.galleries(shelf),
        "retrieval": retrieval.cases(shelf, seed),
        "dialogue": dialogue.cases(shelf, seed),
        "stories": stories.cases(shelf, seed),
        "composition": composition.cases(shelf, seed),
        "generation": generation.cases(shelf, drawing, out, seed),
        "decision": decision.cases(shelf, seed),
        "conversation": conversation.cases(shelf, seed),
    }
    for name, rows in files.items():
        write_cases(rows, out / f"{name}.jsonl")
    return {name: len(rows) for name, rows in files.items()}


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training eval-data", description=__doc__.splitlines()[0])
    parser.add_argument("--committed", type=Path, required=True, help="the committed search corpus, index-data/corpus")
    parser.add_argument("--corpus", type=Path, required=True, help="output of `corpus`")
    parser.add_argument("--out", type=Path, required=True, help="e.g. index-data/eval")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--human-labels", type=Path, help="the original's PartiPromptsDecisionsConfident.tsv: writes partiprompts.jsonl too")
    parser.add_argument("--judge", type=Path, help=f"the package file of {probes.ENCODER.package}: trains the judge too")
    parser.add_argument("--variants", type=int, default=5, help="pictures the judge sees of each drawing")
    options = parser.parse_args(arguments)
    shelf = Shelf.open(options.committed, options.corpus)
    print(write_all(shelf, kept_drawings(options.corpus), options.out, options.seed))
    if options.human_labels:
        write_cases(decision.human_labels(options.human_labels, options.seed), options.out / "partiprompts.jsonl")
    if options.judge:
        probes.make(options.corpus, options.judge, options.out, options.variants, options.seed)
