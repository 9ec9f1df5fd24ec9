"""`gill-decision`: a picture from the corpus, or a new one? Trained on requests whose right answer is known.

Retrieve: the request's own words describe a picture of the corpus and the search finds it. Generate: a combination no picture shows
(a blue banana, three frogs), or a thing that was taken out of the corpus. All hidden states are the shipped model's.
"""

import argparse
import json
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from gill_training.clip.pictures import DEV, TRAIN
from gill_training.diffusion import vocabulary
from gill_training.diffusion.scenes import HELD_OUT
from gill_training.encoders import open_session
from gill_training.gill.chat import Conversation
from gill_training.gill.concepts import Concept
from gill_training.gill.export import export_decision
from gill_training.gill.gallery import FEATURES, Gallery, TextTower, caption_overlap, content_words, read_names, text_weight
from gill_training.gill.hidden import ShippedModel
from gill_training.gill.material import Material
from gill_training.gill.modules import Decision
from gill_training.gill.requests import ASKS, Request, RequestMaker
from gill_training.gill.talks import TalkMaker
from gill_training.gill.run import Run, add_common_options, log
from gill_training.language_model.runtime import LanguageModel
from safetensors.numpy import load_file

PRESENT_KINDS = {"name": 5, "keywords": 2, "gloss": 2, "styled": 1, "followed": 2}
ABSENT_KINDS = {"coloured": 4, "counted": 2, "grounded": 1, "pair": 3, "followed_coloured": 2}
EITHER_BAND = 0.15


@dataclass
class Cases:
    """One row a request: hidden state at [IMG0], features, and whether the corpus holds the answer."""

    requests: list[Request]
    hidden: torch.Tensor
    features: torch.Tensor
    retrieve: torch.Tensor


def shows(gallery: Gallery, row: int, request: Request, concepts: dict[str, Concept]) -> bool:
    """Whether a picture is what was asked for."""
    picture = gallery.corpus.pictures[row]
    if request.style and picture.style != request.style:
        return False
    if request.present and caption_overlap(request.caption, gallery.words(row)) == 1:
        return True  # it is described just so, whatever concept it is filed under
    if picture.key not in request.concepts:
        return False
    if request.present:
        return True
    # A colour is the one combination that a single picture may show by nature: a yellow banana.
    colour = request.caption.split()[1] if request.kind.endswith("coloured") else ""
    return bool(colour) and (picture.colours == [colour] or colour in picture.caption.split())


def held_out_requests(concepts: dict[str, Concept], seed: int) -> list[Request]:
    """One request for every combination that no stage was trained on."""
    random = np.random.default_rng(seed)
    by_name = {concept.name: concept for concept in concepts.values() if concept.drawable}
    captions = [(vocabulary.with_article(f"{colour} {name}"), [name], "coloured") for name, colour in HELD_OUT["colours"]]
    captions += [(f"{vocabulary.with_article(a)} and {vocabulary.with_article(b)}", [a, b], "pair") for a, b in HELD_OUT["pairs"]]
    captions += [(f"{vocabulary.NUMBERS[count]} {vocabulary.plural(name)}", [name], "counted") for name, count in HELD_OUT["counts"]]
    captions += [(f"{vocabulary.with_article(name)} on {vocabulary.with_article(ground)} background", [name], "grounded") for name, ground in HELD_OUT["grounds"]]
    requests = []
    for caption, names, kind in captions:
        keys = tuple(by_name[name].key for name in names if name in by_name)
        talk = Conversation(str(random.choice(ASKS)).format(caption), f"Here is {caption}.")
        requests.append(Request(talk, kind, keys, caption, present=False))
    return requests


class CaseMaker:
    def __init__(self, run: Run, bundle: Path):
        self._run = run
        rows = np.array([row for row, picture in enumerate(run.material.corpus.pictures) if picture.index])
        self._gallery = Gallery.open(bundle, run.material.corpus, read_names(run.options.corpus), rows)
        self._tower = TextTower(bundle)
        embeddings = load_file(bundle / "gill" / "img_tokens.safetensors")["input_embeddings"]
        self._model = ShippedModel(LanguageModel(bundle / "language_model"), embeddings)
        self._query = open_session(bundle / "gill" / "retrieval_text.onnx")

    def _without(self, absent: set[str], concepts: dict[str, Concept]) -> Gallery:
        """The corpus without these concepts and without pictures described by one of their names."""
        names = [set(content_words(name)) for key in absent if key in concepts for name in concepts[key].names]
        gallery = self._gallery.without(absent)
        described = [gallery.words(int(row)) for row in gallery.rows]
        return gallery.only(np.array([not any(name and name <= words for name in names) for words in described]))

    def cases(self, requests: list[Request], concepts: dict[str, Concept], absent: set[str]) -> Cases:
        """Requests for `absent` concepts are searched in a corpus without them. Requests whose right answer is not clear are left out:
        those in the corpus that the search does not find and the generator was not taught."""
        reduced = self._without(absent, concepts) if absent else self._gallery
        kept, hidden, features, retrieve = [], [], [], []
        for request in requests:
            gallery = reduced if absent & set(request.concepts) else self._gallery
            states = self._model.img_hidden(request)
            query = self._query.run(None, {"hidden_states": states[None]})[0][0]
            words = self._tower(request.conversation.user)
            values = gallery.features(query, words, request.conversation.user)
            found = shows(gallery, gallery.shown(query, words, text_weight(request.conversation)), request, concepts)
            findable = request.present and not absent & set(request.concepts)
            drawable = any(key in concepts and concepts[key].drawable for key in request.concepts)
            if findable and not found and not drawable:
                continue
            kept.append(request), hidden.append(states[0]), features.append(values), retrieve.append(found)
        return Cases(kept, torch.from_numpy(np.stack(hidden)), torch.from_numpy(np.stack(features)), torch.tensor(retrieve).float())


def draw(maker: RequestMaker, kinds: dict[str, int], count: int) -> list[Request]:
    share = count / sum(kinds.values())
    return [request for kind, weight in kinds.items() for request in maker.of_kind(kind, round(weight * share))]


def joined(parts: list[Cases]) -> Cases:
    return Cases([r for part in parts for r in part.requests], torch.cat([p.hidden for p in parts]), torch.cat([p.features for p in parts]),
                 torch.cat([p.retrieve for p in parts]))


def fit(cases: Cases, use_hidden: bool, seed: int, steps: int = 600) -> Decision:
    torch.manual_seed(seed)
    head = Decision(cases.hidden.shape[1], cases.features.shape[1])
    head.mean.copy_(cases.features.mean(0)), head.spread.copy_(cases.features.std(0) + 1e-3)
    if not use_hidden:
        head.reduce.weight.data.zero_(), head.reduce.bias.data.zero_()
        head.reduce.requires_grad_(False)
    weight = torch.where(cases.retrieve > 0, 0.5 / cases.retrieve.mean(), 0.5 / (1 - cases.retrieve).mean())
    optimiser = torch.optim.AdamW([p for p in head.parameters() if p.requires_grad], lr=3e-3, weight_decay=0.1)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = 3e-3 * (1 - step / steps)
        noisy = cases.hidden + 0.1 * cases.hidden.std() * torch.randn_like(cases.hidden)
        logit = head.logit(noisy, cases.features + 0.05 * head.spread * torch.randn_like(cases.features))[:, 0]
        loss = F.binary_cross_entropy_with_logits(logit, cases.retrieve, weight=weight)
        optimiser.zero_grad(), loss.backward(), optimiser.step()
    return head.eval()


def calibrate(head: Decision, cases: Cases) -> None:
    """Temperature and bias with the lowest cross-entropy on cases the head was not fitted to (Platt's scaling)."""
    with torch.no_grad():
        logit = head.logit(cases.hidden, cases.features)[:, 0]
    scale, shift = torch.ones((), requires_grad=True), torch.zeros((), requires_grad=True)
    search = torch.optim.LBFGS([scale, shift], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        search.zero_grad()
        value = F.binary_cross_entropy_with_logits(logit * scale + shift, cases.retrieve) + 1e-3 * (scale - 1) ** 2
        value.backward()
        return value

    search.step(loss)
    with torch.no_grad():
        head.temperature.copy_(1 / scale.clamp(min=0.2))
        head.out.bias.add_(shift * head.temperature)


def quality(head: Decision, cases: Cases, threshold: float = 0.5) -> dict:
    with torch.no_grad():
        p = head(cases.hidden, cases.features)[:, 0].numpy()
    right, said = cases.retrieve.numpy() > 0, p >= threshold
    f1 = [2 * (said == c)[right == c].sum() / max(1, (said == c).sum() + (right == c).sum()) for c in (True, False)]
    bins = np.minimum((p * 10).astype(int), 9)
    error = sum(abs(p[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean() for b in range(10) if (bins == b).any())
    by_kind = {kind: round(float((said == right)[[r.kind == kind for r in cases.requests]].mean()), 3) for kind in sorted({r.kind for r in cases.requests})}
    return {"cases": len(p), "retrieve": int(right.sum()), "accuracy": round(float((said == right).mean()), 3), "macro_f1": round(float(np.mean(f1)), 3),
            "ece": round(float(error), 3), "accuracy_by_kind": by_kind}


def notes(report: dict) -> list[str]:
    """The model card's lines."""
    chosen = report[report["chosen"]]["test"]
    kinds = ", ".join(f"{kind} {value:.2f}" for kind, value in chosen["accuracy_by_kind"].items())
    return [f"A corpus picture or a new one, from {report['chosen']} ({report['train_cases']} requests). On {chosen['cases']} others, held-out combinations among "
            f"them: accuracy {chosen['accuracy']:.2f}, macro-F1 {chosen['macro_f1']:.2f}, calibration error {chosen['ece']:.2f}.", f"Accuracy by kind: {kinds}.",
            "The right answer is known by construction, not judged by people; a picture that the search does not find counts as one to draw."]


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training gill-decision", description=__doc__.splitlines()[0])
    add_common_options(parser)
    parser.add_argument("--to", type=Path, required=True, help="the bundle with GILL's exported parts; gets decision.onnx")
    parser.add_argument("--count", type=int, default=500, help="requests of each answer")
    options = parser.parse_args(argv)
    run, started = Run(options), time.process_time()
    cases = CaseMaker(run, options.to)
    concepts = run.material.concepts
    maker = RequestMaker(concepts, run.material.index, options.seed + 21)
    dev = Material.open(options.bundle, options.corpus, options.features, [DEV])
    dev_maker = RequestMaker(dev.concepts, dev.index, options.seed + 22)
    talks = lambda seed: TalkMaker(concepts, run.material.index, run.material.colours(), options.seed + seed)
    # One thing in ten is taken out of the corpus, to be asked for in vain.
    random = np.random.default_rng(options.seed)
    gone = {key for key, concept in concepts.items() if concept.is_thing and random.random() < 0.1}
    gone_maker = RequestMaker({key: concepts[key] for key in sorted(gone)}, run.material.index, options.seed + 23)
    train = joined([
        cases.cases(draw(maker, PRESENT_KINDS, options.count), concepts, set()),
        cases.cases(talks(25).draw(options.count // 2), concepts, set()),
        cases.cases(draw(maker, ABSENT_KINDS, options.count * 2 // 3), concepts, set()),
        cases.cases(gone_maker.of_kind("name", options.count // 3), concepts, gone),
    ])
    log(f"{len(train.requests)} cases to learn from, {time.process_time() - started:.0f} s CPU")
    # The test: other wordings for what is there; combinations and things that no stage has seen.
    fresh = RequestMaker(concepts, run.material.index, options.seed + 24)
    test = joined([
        cases.cases(draw(fresh, PRESENT_KINDS, 200), concepts, set()),
        cases.cases(talks(26).draw(60), concepts, set()),
        cases.cases(draw(fresh, ABSENT_KINDS, 60), concepts, set()),
        cases.cases(held_out_requests(concepts, options.seed), concepts, set()),
        cases.cases(dev_maker.of_kind("name", 50), dev.concepts, set(dev.concepts)),
    ])
    order = random.permutation(len(train.requests))
    pick = lambda part: Cases([train.requests[n] for n in part], train.hidden[part], train.features[part], train.retrieve[part])
    fitted, apart = pick(order[: len(order) * 4 // 5]), pick(order[len(order) * 4 // 5 :])
    report: dict = {"command": f"python -m gill_training gill-decision --count {options.count}", "features": list(FEATURES), "seed": options.seed, "train_cases": len(train.requests)}
    heads = {}
    for name, hidden in (("features and hidden state", True), ("features only", False)):
        heads[name] = fit(fitted, hidden, options.seed)
        calibrate(heads[name], apart)
        report[name] = {"apart": quality(heads[name], apart), "test": quality(heads[name], test)}
        log(f"{name}: {report[name]['apart']} | {report[name]['test']}")
    # The hidden state must earn its 576 numbers: without a clear gain the plainer head is taken.
    gain = report["features and hidden state"]["apart"]["macro_f1"] - report["features only"]["apart"]["macro_f1"]
    best = "features and hidden state" if gain > 0.03 else "features only"
    for n, feature in enumerate(FEATURES):  # how much each feature matters: the test without it
        blank = Cases(test.requests, test.hidden, test.features.clone(), test.retrieve)
        blank.features[:, n] = heads[best].mean[n]
        report.setdefault("macro_f1_without", {})[feature] = quality(heads[best], blank)["macro_f1"]
    export_decision(heads[best], train.hidden.shape[1], len(FEATURES), options.to)
    report |= {"chosen": best, "cpu_seconds": round(time.process_time() - started), "manifest": {"gill": {
        "decision_features": list(FEATURES), "decision_threshold": 0.5, "decision_either_band": EITHER_BAND}}}
    report["notes"] = notes(report)
    path = options.to / "metrics" / "decision.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    examples = ("a red apple", "a blue banana", "show me a cat", "three frogs", "a large cat with stripes", "something that keeps me dry when it rains")
    for text in examples:
        case = cases.cases([Request(Conversation(text, f"Here is {text}."), "name", tuple(concepts), "")], concepts, set())
        log(f"{text}: p_retrieve {heads[best](case.hidden, case.features).item():.3f} {[round(v, 3) for v in case.features[0].tolist()]}")
