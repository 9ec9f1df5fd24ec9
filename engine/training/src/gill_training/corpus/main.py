"""Builds the image corpus: fetch, render, split, export."""

import argparse
import json
import os
import time
from collections import Counter
from pathlib import Path

from . import export, splits, vocabulary, wordnet
from .drawings import Drawing, all_drawings
from .fetch import contents, fetch
from .render import Rendered, distinct, render_all
from .sources import FONTS, SOURCES, WORD_PACKAGES, WORDNET

STAGES = ("fetch", "render", "split", "export")


def main(arguments: list[str] | None = None) -> None:
    options = _parser().parse_args(arguments)
    started = time.monotonic()
    cache = options.cache or options.out / "cache"
    options.out.mkdir(parents=True, exist_ok=True)
    wanted = set(options.sources.split(",")) if options.sources else set(SOURCES)
    unknown = wanted - set(SOURCES)
    if unknown:
        raise SystemExit(f"unknown sources {sorted(unknown)}; known are {', '.join(SOURCES)}")
    stages = options.stages.split(",")
    if "fetch" in stages:
        fetch([SOURCES[key].package for key in SOURCES if key in wanted] + [*WORD_PACKAGES, FONTS], cache)
    if "render" in stages:
        _render(options.out, cache, wanted, options.workers)
    if "split" in stages:
        _split(options.out, cache)
    if "export" in stages:
        export.export(options.out, options.index_data, options.workers)
    print(f"corpus: {', '.join(stages)} took {time.monotonic() - started:.0f} s")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="gill_training corpus", description=__doc__, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("engine/training/data/corpus"),
                        help="working folder: renders, manifest.jsonl, glosses.json")
    parser.add_argument("--index-data", type=Path, default=Path("index-data"),
                        help="folder of the committed search corpus")
    parser.add_argument("--cache", type=Path, help="folder of the downloads (default: <out>/cache)")
    parser.add_argument("--stages", default=",".join(STAGES), help="which stages to run, separated by commas")
    parser.add_argument("--sources", help=f"which sources to use (default: all of {', '.join(SOURCES)})")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="rendering processes")
    return parser


def _render(out: Path, cache: Path, wanted: set[str], workers: int) -> None:
    drawings = all_drawings(vocabulary.load(cache), cache, wanted)
    rendered = render_all(drawings, out, workers, contents(FONTS, cache))
    kept = distinct(drawings, rendered)
    _write_lines(out / "rendered.jsonl", [_row(drawing, rendered[drawing.id]) for drawing in kept])
    print(f"render: {len(drawings)} drawings, {len(rendered)} drawn, {len(kept)} distinct")


def _row(drawing: Drawing, look: Rendered) -> dict:
    row = {
        "id": drawing.id,
        "file": f"images/{drawing.id}.png",
        "rgba_file": f"rgba/{drawing.id}.png",
        "caption": drawing.caption,
        "keywords": drawing.keywords,
        "names": drawing.names,
        "colours": look.colours,
        "covered": look.covered,
        "concept": drawing.concept,
        "group": drawing.group,
        "subgroup": drawing.subgroup,
        "source": drawing.source,
        "style": drawing.style,
        "family": SOURCES[drawing.source].family,
        "licence": drawing.licence,
        "author": drawing.author,
        "sha256": look.pixels,
    }
    if drawing.attribution:
        row["attribution"] = drawing.attribution
    return row


def _split(out: Path, cache: Path) -> None:
    rows = [json.loads(line) for line in (out / "rendered.jsonl").read_text("utf-8").splitlines()]
    splits.assign(rows)
    _write_lines(out / "manifest.jsonl", rows)
    glosses = _glosses(rows, wordnet.Nouns.read(contents(WORDNET, cache)))
    (out / "glosses.json").write_text(json.dumps(glosses, ensure_ascii=False, indent=0, sort_keys=True), "utf-8")
    counts = Counter((row["split"], row["index"]) for row in rows)
    for (split, index), count in sorted(counts.items()):
        print(f"split: {count:6d} {split}{' (searchable)' if index else ''}")
    print(f"split: {len(rows)} images, {sum(row['index'] for row in rows)} searchable, {len(glosses)} glosses")


def _glosses(rows: list[dict], nouns: wordnet.Nouns) -> dict[str, str]:
    """Concept → a definition that does not use the concept's own name."""
    found: dict[str, str] = {}
    for row in rows:
        if row["concept"] in found or row["group"] in ("flags", "symbols"):
            continue
        gloss = nouns.gloss(row["caption"], row["group"], row["subgroup"])
        if gloss and not wordnet.names_itself(gloss, row["caption"]):
            found[row["concept"]] = gloss
    return found


def _write_lines(path: Path, rows: list[dict]) -> None:
    with open(path, "w", encoding="utf-8") as lines:
        for row in rows:
            lines.write(json.dumps(row, ensure_ascii=False) + "\n")
