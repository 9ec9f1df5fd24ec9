"""Fits the image generator's confidence on a running server, or on one that it starts: how near a picture must be to its query to be shown.

Asks `POST /v1/lookup` with `image_mode: generate` for things the generator can know (things it was taught, in colours too that it never saw
on them, and things of the corpus, which it leans on) and for words that neither it nor the corpus knows. P(known | nearness of picture and request, see
Painter) is a logistic curve; a picture is not shown where it says less than min_confidence. Both go into metrics/picture_confidence.json, which the `bundle` command
merges into bundle.json (after, and so instead of, the curve that `diffusion-export` fits to the words of the prompt).
"""

import argparse
import gzip
import json
import os
import random
import socket
import subprocess
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from .diffusion import vocabulary

# So far from its request, at most one picture in twenty is right.
MIN_CONFIDENCE = 0.05
# Names of things that the search corpus does not have; those it has all the same are left out.
UNKNOWN = ("gargoyle", "periscope", "sundial", "weathervane", "corkscrew", "stapler", "harmonica", "metronome", "centrifuge", "chandelier", "treadmill",
           "trombone", "xylophone", "bagpipe", "hammock", "wheelbarrow", "scaffold", "hubcap", "thimble", "doorknob", "turbine", "colander", "whisk",
           "spatula", "toaster", "blender", "carburetor", "platypus", "armadillo", "meerkat", "pangolin", "walrus", "mongoose", "okapi", "narwhal", "tapir",
           "artichoke", "rhubarb", "asparagus", "quinoa", "truffle", "gazebo", "pagoda", "drawbridge", "trellis", "gondolier", "sphinx", "minotaur")
GROUPS = {"animals-nature", "food-drink", "objects", "travel-places", "activities"}


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="gill_training confidence", description=__doc__.splitlines()[0],
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--url", default="http://localhost:7860", help="a running `./gill serve`")
    parser.add_argument("--index", type=Path, help="start a server of the bundle and this index instead, and stop it afterwards; from the repository's root")
    parser.add_argument("--corpus", type=Path, default=Path("index-data/corpus/manifest.jsonl.gz"))
    parser.add_argument("--bundle", type=Path, default=Path("index-data/models/icons"))
    parser.add_argument("--each", type=int, default=60, help="prompts of each kind")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    if not options.index:
        return fit(options)
    with serving(options.bundle, options.index) as options.url:
        return fit(options)


@contextmanager
def serving(bundle: Path, index: Path, wait: float = 300) -> Iterator[str]:
    """The address of a server on a free port of this machine, which ends with the block."""
    with socket.socket() as any_port:
        any_port.bind(("127.0.0.1", 0))
        port = any_port.getsockname()[1]
    with tempfile.TemporaryDirectory() as state:
        server = subprocess.Popen(["./gill", "serve", "--bundle", str(bundle), "--index", str(index), "--port", str(port), "--state", state],
                                  env=os.environ | {"GILL_AOT": "off"})
        try:
            url, until = f"http://127.0.0.1:{port}", time.monotonic() + wait
            while not answers(f"{url}/readyz"):
                if server.poll() is not None or time.monotonic() > until:
                    raise SystemExit(f"the server of {bundle} did not start; try: ./gill serve --bundle {bundle} --index {index}")
                time.sleep(0.5)
            yield url
        finally:
            server.terminate()
            server.wait(60)


def answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=10) as reply:
            return reply.status == 200
    except OSError:  # refused, or 503 while the models are being opened
        return False


def fit(options: argparse.Namespace) -> int:
    rng = random.Random(options.seed)
    started = time.monotonic()
    rows = []
    for kind, prompts in prompts_by_kind(options.corpus, options.each, rng).items():
        for prompt in prompts:
            image = lookup(options.url, prompt, options.seed)
            rows.append((kind, prompt, image["score"]))
            print(f"{kind:9} {image['score']:.3f} {prompt}", flush=True)
    cosines = np.array([row[2] for row in rows])
    taught = np.array([row[0] != "unknown" for row in rows])
    a, b = logistic(cosines, taught)
    probability = 1 / (1 + np.exp(-(a * cosines + b)))
    result = {
        "command": f"python -m gill_training confidence --each {options.each} --seed {options.seed}",
        "prompts": {kind: sum(row[0] == kind for row in rows) for kind in ("thing", "coloured", "corpus", "unknown")},
        "mean_cosine": {kind: round(float(np.mean([r[2] for r in rows if r[0] == kind])), 4)
                        for kind in ("thing", "coloured", "corpus", "unknown")},
        "auc": round(auc(cosines, taught), 4),
        "accuracy_at_half": round(float(((probability >= 0.5) == taught).mean()), 4),
        "known_shown": round(float((probability[taught] >= MIN_CONFIDENCE).mean()), 4),
        "unknown_not_shown": round(float((probability[~taught] < MIN_CONFIDENCE).mean()), 4),
        "seconds": round(time.monotonic() - started),
        "manifest": {"diffusion": {"confidence": {"a": round(a, 4), "b": round(b, 4)}, "min_confidence": MIN_CONFIDENCE}},
    }
    target = options.bundle / "metrics" / "picture_confidence.json"
    target.write_text(json.dumps(result, indent=2) + "\n", "utf-8")
    print(json.dumps(result, indent=2))
    return 0


def prompts_by_kind(corpus: Path, each: int, rng: random.Random) -> dict[str, list[str]]:
    things = list(vocabulary.things().values())
    names = {name for thing in things for name in thing.names}
    single = [vocabulary.with_article(thing.name) for thing in rng.sample(things, min(each, len(things)))]
    from .diffusion.scenes import HELD_OUT
    coloured = [vocabulary.with_article(f"{colour} {thing}") for thing, colour in HELD_OUT["colours"]]
    with gzip.open(corpus, "rt", encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    others = sorted({row["caption"] for row in rows if row["concept"] not in vocabulary.things() and row["group"] in GROUPS
                     and not any(word in names for word in row["caption"].split())})
    said = {word for row in rows for text in (row["caption"], *row["keywords"]) for word in text.lower().split()}
    unknown = [word for word in UNKNOWN if not set(word.split()) & said] + [_nonsense(rng) for _ in range(each // 3)]
    return {"thing": single, "coloured": coloured,
            "corpus": [vocabulary.with_article(caption) for caption in rng.sample(others, min(each, len(others)))],
            "unknown": [vocabulary.with_article(word) for word in rng.sample(unknown, min(each, len(unknown)))]}


def _nonsense(rng: random.Random) -> str:
    return "".join(rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") + rng.choice(["", "n", "r", "x"]) for _ in range(rng.randint(2, 3)))


def lookup(url: str, prompt: str, seed: int) -> dict:
    body = json.dumps({"prompt": prompt, "image_mode": "generate", "seed": seed}).encode()
    request = urllib.request.Request(f"{url}/v1/lookup", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)["image"]


def logistic(x: np.ndarray, y: np.ndarray, steps: int = 200, ridge: float = 1e-3) -> tuple[float, float]:
    """Maximum likelihood of sigmoid(a x + b) by Newton's method, both classes weighing the same."""
    weights = np.where(y, 0.5 / max(1, y.sum()), 0.5 / max(1, (~y).sum()))
    design = np.stack([x, np.ones_like(x)], 1)
    theta = np.zeros(2)
    for _ in range(steps):
        p = 1 / (1 + np.exp(-np.clip(design @ theta, -30, 30)))
        gradient = design.T @ (weights * (p - y)) + ridge * 1e-2 * theta
        hessian = (design * (weights * p * (1 - p) + 1e-9)[:, None]).T @ design + ridge * 1e-2 * np.eye(2)
        theta = theta - np.linalg.solve(hessian, gradient)
    return float(theta[0]), float(theta[1])


def auc(score: np.ndarray, label: np.ndarray) -> float:
    """Probability that a random positive scores above a random negative."""
    positive, negative = score[label], score[~label]
    return float(((positive[:, None] > negative[None]).mean() + 0.5 * (positive[:, None] == negative[None]).mean()))
