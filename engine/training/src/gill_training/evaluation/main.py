"""`eval-data`: writes the cases that `gill eval` runs."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from gill_training.evaluation import retrieval
from gill_training.evaluation.shelf import Shelf, write_cases


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training eval-data", description=__doc__.splitlines()[0])
    parser.add_argument("--committed", type=Path, required=True, help="the committed search corpus, index-data/corpus")
    parser.add_argument("--corpus", type=Path, required=True, help="output of `corpus`")
    parser.add_argument("--out", type=Path, required=True, help="e.g. index-data/eval")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    shelf = Shelf.open(options.committed, options.corpus)
    files = {"galleries": retrieval.galleries(shelf), "retrieval": retrieval.cases(shelf, options.seed)}
    for name, rows in files.items():
        write_cases(rows, options.out / f"{name}.jsonl")
        print(f"{name}: {len(rows)} cases")
