"""Draws recall against rate: python plot.py RESULTS_JSON OUT_SVG"""

import json
import sys

import matplotlib

matplotlib.use("svg")
matplotlib.rcParams["svg.hashsalt"] = "gill"
from matplotlib import pyplot  # noqa: E402


def main(source, target):
    with open(source, encoding="utf-8") as file:
        results = json.load(file)
    figure, axes = pyplot.subplots(figsize=(8, 5), layout="constrained")
    for number, result in enumerate(results):
        points = [p for p in result["points"] if p["share"] == 1]
        own = result["peer"].startswith("lucene")
        axes.plot(
            [p["recall"] for p in points],
            [p["qps1"] for p in points],
            "o-" if own else "s--",
            color=f"C{number}",
            markersize=4,
            label=f"{result['peer']} ({result['resident'] / 1e6:.0f} MB resident)",
        )
    axes.axvline(0.95, color="grey", linewidth=0.8, linestyle=":")
    axes.set(
        xlabel="recall@10",
        ylabel="answers a second, 1 thread",
        yscale="log",
        title=f"{results[0]['rows']:,} vectors",
    )
    axes.grid(alpha=0.3)
    axes.legend(fontsize=8)
    figure.savefig(target, metadata={"Date": None})


main(*sys.argv[1:])
