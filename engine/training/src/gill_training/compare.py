"""`compare-bundles`: is a bundle that was made again as good as another? Shares in the metrics of both, with the first one's 95 % interval."""

import argparse
import json
import math
from collections.abc import Iterator
from pathlib import Path

# How many cases stand behind the shares beside it, and which shares are compared.
COUNTS = ("queries", "pictures", "cases", "wanted")
SHARES = ("r@1", "r@5", "r@10", "names_it", "accuracy", "macro_f1", "precision", "recall")
PARTS = ("clip", "gill", "decision")
# Others' models, the concepts that options were chosen on, and thresholds that do not ship.
PASSED_OVER = ("frozen features", "caption text search", "development", "held_out_at_every_place", "training/emission/held_out/0.1", "training/emission/held_out/0.3",
               "training/emission/held_out/0.7", "training/emission/held_out/0.9")


def shares(report: object, place: str = "") -> Iterator[tuple[str, float, tuple[float, float], int]]:
    """(place, share, its interval, cases) of every share that has its number of cases beside it. Wilson's interval, if the report has none of its own."""
    if not isinstance(report, dict) or any(name in place for name in PASSED_OVER):
        return
    count = next((report[name] for name in COUNTS if isinstance(report.get(name), int)), 0)
    for key, value in report.items():
        if count and key in SHARES and isinstance(value, float):
            yield f"{place}/{key}", value, tuple(report.get(f"{key}_interval", wilson(value, count))), count
        yield from shares(value, f"{place}/{key}" if place else key)


def wilson(share: float, count: int) -> tuple[float, float]:
    """Wilson's 95 % interval of a share."""
    z = 1.96
    middle, half = share + z * z / (2 * count), z * math.sqrt(share * (1 - share) / count + z * z / (4 * count * count))
    return (middle - half) / (1 + z * z / count), (middle + half) / (1 + z * z / count)


def rows(first: Path, second: Path, part: str) -> list[tuple[str, float, float, float, float, int]]:
    """(place, share, its interval, share made again, cases)"""
    read = lambda bundle: {place: figures for place, *figures in shares(json.loads((bundle / "metrics" / f"{part}.json").read_text("utf-8")))}
    before, again = read(first), read(second)
    return [(place, share, *interval, again[place][0], count) for place, (share, interval, count) in before.items() if place in again]


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training compare-bundles", description=__doc__.splitlines()[0])
    parser.add_argument("first", type=Path, help="the bundle whose intervals count")
    parser.add_argument("second", type=Path, help="the bundle that was made again")
    parser.add_argument("--all", action="store_true", help="print every figure, not only those outside")
    options = parser.parse_args(argv)
    for part in PARTS:
        if not all((bundle / "metrics" / f"{part}.json").exists() for bundle in (options.first, options.second)):
            continue
        table = rows(options.first, options.second, part)
        outside = [row for row in table if not row[2] - 5e-4 <= row[4] <= row[3] + 5e-4]
        below = [row for row in outside if row[4] < row[2]]
        mean = sum(row[4] - row[1] for row in table) / max(1, len(table))
        print(f"{part}: {len(table)} shares, {len(table) - len(outside)} within the interval, {len(below)} below, {len(outside) - len(below)} above; mean difference {mean:+.3f}")
        for place, share, low, high, again, count in table if options.all else outside:
            print(f"  {place}: {share:.2f} ({low:.2f}\N{EN DASH}{high:.2f}), n = {count}; again {again:.2f}")
