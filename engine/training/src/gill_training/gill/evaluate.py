"""`gill-evaluate`: concept-level retrieval of the [IMG] query against CLIP's text tower, on held-out splits, with the shipped model."""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file

from gill_training.diffusion import vocabulary
from gill_training.diffusion.recolour import TARGETS
from gill_training.encoders import open_session
from gill_training.gill.chat import EXAMPLES, PICTURE, SYSTEM_PROMPT, Conversation
from gill_training.gill.concepts import THINGS, WordIndex, concepts_of
from gill_training.gill.decision_requests import held_out_requests
from gill_training.gill.gallery import Gallery, TextTower, content_words, described_words, read_names
from gill_training.gill.hidden import ShippedModel
from gill_training.gill.losses import conditioning_loss
from gill_training.gill.requests import Request, RequestMaker
from gill_training.gill.run import Run, add_bundle_option, add_common_options, log
from gill_training.language_model.runtime import LanguageModel
from gill_training.retrieval_metrics import recall_at, same

SPLITS = ("eval-unseen-concept", "eval-cross-style", "eval-photo", "train")
KINDS = ("name", "keywords", "gloss", "followed")
LICENCE = {"part": "gill", "spdx": "Apache-2.0", "attribution": "trained by this project on the corpus' pictures and captions (their licences: index-data)",
           "source": "engine/training"}
SAMPLING = {"temperature": 0.4, "top_p": 0.9, "repetition_penalty": 1.1, "max_tokens": 48}


def answers(requests: list[Request], gallery: Gallery) -> np.ndarray:
    keys = [gallery.corpus.pictures[row].key for row in gallery.rows]
    return np.stack([same([key], keys)[0] if len(request.concepts) == 1 else np.isin(keys, request.concepts)
                     for request in requests for key in request.concepts[:1]])


def held_out_colours(run: Run, model: ShippedModel, mapper, seed: int) -> dict:
    """Of the colour and thing combinations no stage was trained on: which of all such captions is the mapper's output nearest to?"""
    requests = [request for request in held_out_requests(run.material.concepts, seed) if request.kind == "coloured" and request.concepts]
    made = torch.from_numpy(mapper.run(None, {"hidden_states": np.stack([model.img_hidden(request) for request in requests])})[0])
    names = [concept.name for concept in run.material.concepts.values() if concept.drawable]
    pairs = [(colour, name) for colour in TARGETS for name in names]
    captions = [vocabulary.with_article(f"{colour} {name}") for colour, name in pairs]
    nearest = [pairs[n] for n in torch.cdist(made.flatten(1), run.material.captions(captions).flatten(1)).argmin(1).tolist()]
    wanted = [pairs[captions.index(request.caption)] for request in requests]
    share = lambda hits: round(float(np.mean(list(hits))), 3)
    return {
        "requests": len(requests),
        "captions": len(captions),
        "both_right": share(a == b for a, b in zip(nearest, wanted)),
        "colour_right": share(a[0] == b[0] for a, b in zip(nearest, wanted)),
        "thing_right": share(a[1] == b[1] for a, b in zip(nearest, wanted)),
        "distance": round(conditioning_loss(made, run.material.captions([request.caption for request in requests])).item(), 3),
    }


def captioning(run: Run, model: ShippedModel, bundle: Path, split: str, count: int) -> dict:
    """Greedy answers to "What is this?" about things of a split: how many name it?"""
    corpus = run.material.corpus
    rows = [row for row, picture in enumerate(corpus.pictures) if picture.split == split and picture.group in THINGS]
    chosen = np.random.default_rng(run.options.seed + 51).choice(rows, min(count, len(rows)), replace=False)
    pooled = np.asarray(corpus.pooled[chosen], np.float32)
    prefixes = open_session(bundle / "gill" / "visual_prefix.onnx").run(["prefix_embeds"], {"pooler_output": pooled})[0]
    right, samples = [], []
    for row, prefix in zip(chosen, prefixes):
        picture = corpus.pictures[row]
        said = model.answer(Conversation(PICTURE + "What is this?"), prefix[None], 14)
        right.append(bool(set(content_words(said)) & described_words([picture.caption])))
        samples.append({"picture": picture.id, "caption": picture.caption, "said": said})
    return {"pictures": len(right), "names_it": round(float(np.mean(right)), 3), "samples": samples[:8]}


def notes(report: dict) -> list[str]:
    """The model card's lines."""
    lines = [
        "The [IMG] tokens, the heads around them and the visual prefix; the language model itself is frozen. Searches by the [IMG] query against "
        "CLIP's text tower, which reads all user turns of a dialogue; R@1 / R@10 by concept, over all searchable pictures for "
        f"`eval-unseen-concept` and `train`, over the split's own pictures else; {report['requests_each']} requests a row:", "",
        "| split | requests | [IMG] query | text tower |", "|---|---|---|---|",
    ]
    cell = lambda table: f"{table['r@1']:.2f} / {table['r@10']:.2f}"
    for split, kinds in report["retrieval"].items():
        lines += [f"| {split} | {kind} | {cell(tables['gill'])} | {cell(tables['text tower'])} |" for kind, tables in kinds.items()]
    colours, captions = report["conditioning"]["held_out_colours"], report["captioning"]
    lines += ["", f"Mapper: of {colours['requests']} held-out colour and thing combinations, {colours['both_right']:.0%} lie nearest to their own caption "
              f"among {colours['captions']}; of pairs in training wordings {report['conditioning']['pair']['nearest_caption_is_right']:.0%} of {report['conditioning']['pair']['captions']}."]
    if "emission" in report["training"]:
        shown = report["training"]["emission"]["held_out"]["0.5"]
        lines += [f"Pictures shown in {shown['conversations']} held-out chats: precision {shown['precision']:.2f}, recall {shown['recall']:.2f}."]
    lines += ["\"What is this?\" names the thing in " + ", ".join(f"{table['names_it']:.0%} ({split})" for split, table in captions.items()) + " of pictures: "
              "the frozen image encoder is small, do not rely on captions.",
              "English only. Replies come from a model of 135 million parameters: they are short and often wrong."]
    return lines


def last_text(request: Request) -> str:
    """All user texts: what a text tower must read of a dialogue."""
    return " ".join([*(user for user, _ in request.conversation.turns), request.conversation.user])


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training gill-evaluate", description=__doc__.splitlines()[0])
    add_common_options(parser)
    add_bundle_option(parser)
    parser.add_argument("--to", type=Path, required=True, help="the bundle to measure; gets metrics/gill.json")
    parser.add_argument("--count", type=int, default=40, help="requests of each kind and split")
    options = parser.parse_args(argv)
    run, started = Run(options), time.process_time()
    corpus, bundle = run.material.corpus, options.to
    model = ShippedModel(LanguageModel(bundle / "language_model"), load_file(bundle / "gill" / "img_tokens.safetensors")["input_embeddings"])
    tower = TextTower(bundle)
    text_head, mapper = open_session(bundle / "gill" / "retrieval_text.onnx"), open_session(bundle / "gill" / "gill_mapper.onnx")
    report: dict = {"command": f"python -m gill_training gill-evaluate --count {options.count}", "requests_each": options.count, "retrieval": {}, "conditioning": {}}
    names = read_names(options.corpus)
    for split in SPLITS:
        rows = np.array([row for row, picture in enumerate(corpus.pictures) if picture.index or picture.split == split])
        members = [row for row, picture in enumerate(corpus.pictures) if picture.split == split]
        gallery = Gallery.open(bundle, corpus, names, rows)
        concepts = concepts_of(corpus.pictures, corpus.glosses, [split])
        maker = RequestMaker(concepts, WordIndex(concepts), options.seed + 31)
        held_out = {"eval-photo": members, "eval-cross-style": members}.get(split)
        if held_out is not None:  # other pictures of these concepts were trained on: only the held-out ones count
            gallery = gallery.only(np.isin(rows, members))
        for kind in KINDS:
            if kind == "gloss" and not any(concept.gloss for concept in concepts.values()):
                continue
            if kind == "followed" and sum(concept.is_thing for concept in concepts.values()) < 2:
                continue
            requests = maker.of_kind(kind, options.count)
            hidden = np.stack([model.img_hidden(request) for request in requests])
            queries = text_head.run(None, {"hidden_states": hidden})[0]
            texts = np.stack([tower(last_text(request)) for request in requests])
            relevant = answers(requests, gallery)
            tables = {"gill": recall_at(queries @ gallery.retrieval.T, relevant), "text tower": recall_at(texts @ gallery.clip.T, relevant)}
            report["retrieval"].setdefault(split, {})[kind] = tables
            log(f"{split} {kind}: " + "; ".join(f"{name} " + "/".join(f"{t[f'r@{k}']:.2f}" for k in (1, 5, 10)) for name, t in tables.items())
                + f" of {len(gallery.rows)}")
    maker = RequestMaker(run.material.concepts, run.material.index, options.seed + 41)
    for kind in ("name", "coloured", "counted", "pair", "followed_coloured"):
        requests = maker.of_kind(kind, options.count)
        made = torch.from_numpy(mapper.run(None, {"hidden_states": np.stack([model.img_hidden(r) for r in requests])})[0])
        wanted = run.material.captions([request.caption for request in requests])
        others = run.material.captions(sorted({request.caption for request in requests}))
        nearest = torch.cdist(made.flatten(1), others.flatten(1)).argmin(1)
        own = torch.cdist(wanted.flatten(1), others.flatten(1)).argmin(1)
        report["conditioning"][kind] = {"distance": round(conditioning_loss(made, wanted).item(), 3), "nearest_caption_is_right": round((nearest == own).float().mean().item(), 3),
                                        "captions": len(others)}
        log(f"conditioning {kind}: {report['conditioning'][kind]}")
    report["captioning"] = {split: captioning(run, model, bundle, split, options.count) for split in ("train", *SPLITS[:3])}
    log("captioning " + " ".join(f"{split} {table['names_it']}" for split, table in report["captioning"].items()))
    report["conditioning"]["held_out_colours"] = held_out_colours(run, model, mapper, options.seed)
    log(f"held-out colours: {report['conditioning']['held_out_colours']}")
    path = bundle / "metrics" / "gill.json"
    stages = json.loads(path.read_text("utf-8"))["training"] if options.for_bundle and path.exists() else {}
    for name in ("tokens", "captions", "heads", "emission"):
        if (options.out / f"{name}.json").exists():
            stages[name] = stages.get(name, {}) | json.loads((options.out / f"{name}.json").read_text("utf-8"))
    sizes = {"language_model": {"system_prompt": SYSTEM_PROMPT, "examples": [{"user": u, "assistant": a} for u, a in EXAMPLES], "sampling": SAMPLING}}
    report |= {"training": stages, "seed": options.seed, "evaluation_cpu_seconds": round(time.process_time() - started),
               "manifest": sizes | {"gill": {"img_token_bias": 0.0, "images_after_sentence": True}}}
    report |= {"licences": [LICENCE], "notes": notes(report)}
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
