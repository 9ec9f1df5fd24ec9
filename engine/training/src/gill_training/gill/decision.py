"""`gill-decision`: a picture from the corpus, or a new one? Trained on what the engine sees of requests whose right answer is known.

`gill-decision-requests` writes the requests and `gill decision evidence` (the engine, as it ships) what the head will read of each.
"""

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F

from gill_training.gill.export import export_decision
from gill_training.gill.modules import Decision, GillSizes

# What docs/model-bundle-format.md names, but what says the same twice or was of no use: cosines and p_match of single searches differ from
# index to index, z does not.
FEATURES = (
    "img_z", "img_z_margin", "text_z", "text_z_margin", "score_agreement", "name_said", "best_name_said", "context_name_said", "shown_overlap", "core_overlap",
    "word_score", "word_share", "context_word_share", "content_words", "colour_unmet", "count_unmet", "ground_unmet", "relation", "things_unmet",
    "follow_up", "pictures", "shown_p_match", "shown_margin",
)
EITHER_BAND = 0.15
TRIED = (0.3, 1.0, 3.0)  # weight decay; the best on cases left out is taken
FOLDS = 5


@dataclass
class Cases:
    """One row a request: features, and whether the corpus holds the answer."""

    rows: list[dict]
    features: torch.Tensor
    retrieve: torch.Tensor

    @staticmethod
    def of(rows: list[dict]) -> "Cases":
        values = [[row["features"][name] for name in FEATURES] for row in rows]
        return Cases(rows, torch.tensor(values, dtype=torch.float32), torch.tensor([row["answer"] == "retrieve" for row in rows]).float())


def read_evidence(path: Path) -> dict[str, Cases]:
    """Cases by their use: train, apart, test. A last line that is cut off is left out."""
    rows = []
    for line in path.read_text("utf-8").splitlines():
        try:
            rows.append(json.loads(line))
        except json.JSONDecodeError:
            break
    return {use: Cases.of([row for row in rows if row["use"] == use]) for use in ("train", "apart", "test")}


def joined(*parts: Cases) -> Cases:
    return Cases([row for part in parts for row in part.rows], torch.cat([part.features for part in parts]), torch.cat([part.retrieve for part in parts]))


def fit(cases: Cases, decay: float, seed: int, steps: int = 500) -> Decision:
    torch.manual_seed(seed)
    head = Decision(GillSizes().hidden_size, len(FEATURES))
    head.mean.copy_(cases.features.mean(0)), head.spread.copy_(cases.features.std(0) + 1e-2)
    # The hidden state at [IMG0] helps on hints and stories and harms on names; a few thousand cases do not teach it more.
    head.reduce.weight.data.zero_(), head.reduce.bias.data.zero_()
    head.reduce.requires_grad_(False)
    weight = torch.where(cases.retrieve > 0, 0.5 / cases.retrieve.mean(), 0.5 / (1 - cases.retrieve).mean())
    hidden = torch.zeros(len(cases.rows), GillSizes().hidden_size)
    optimiser = torch.optim.AdamW([p for p in head.parameters() if p.requires_grad], lr=5e-3, weight_decay=decay)
    for step in range(steps):
        for group in optimiser.param_groups:
            group["lr"] = 5e-3 * (1 - step / steps)
        noisy = cases.features + 0.05 * head.spread * torch.randn_like(cases.features)
        loss = F.binary_cross_entropy_with_logits(head.logit(hidden, noisy)[:, 0], cases.retrieve, weight=weight)
        optimiser.zero_grad(), loss.backward(), optimiser.step()
    return head.eval()


def logits(head: Decision, cases: Cases) -> torch.Tensor:
    with torch.no_grad():
        return head.logit(torch.zeros(len(cases.rows), GillSizes().hidden_size), cases.features)[:, 0]


def left_out(cases: Cases, decay: float, seed: int) -> torch.Tensor:
    """The logit of every case by a head that was fitted to the others."""
    folds = np.random.default_rng(seed).permutation(len(cases.rows)) % FOLDS
    found = torch.zeros(len(cases.rows))
    for fold in range(FOLDS):
        part = lambda numbers: Cases([cases.rows[n] for n in numbers], cases.features[numbers], cases.retrieve[numbers])
        others, own = np.flatnonzero(folds != fold), np.flatnonzero(folds == fold)
        found[own] = logits(fit(part(others), decay, seed), part(own))
    return found


def calibrate(head: Decision, logit: torch.Tensor, retrieve: torch.Tensor) -> None:
    """Temperature and bias with the lowest cross-entropy on logits of cases left out (Platt's scaling)."""
    scale, shift = torch.ones((), requires_grad=True), torch.zeros((), requires_grad=True)
    search = torch.optim.LBFGS([scale, shift], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        search.zero_grad()
        value = F.binary_cross_entropy_with_logits(logit * scale + shift, retrieve) + 1e-3 * (scale - 1) ** 2
        value.backward()
        return value

    search.step(loss)
    with torch.no_grad():
        head.temperature.copy_(1 / scale.clamp(min=0.2))
        head.out.bias.add_(shift * head.temperature)


def macro_f1(said: np.ndarray, right: np.ndarray) -> float:
    return float(np.mean([2 * (said == c)[right == c].sum() / max(1, (said == c).sum() + (right == c).sum()) for c in (True, False)]))


def interval_over_concepts(said: np.ndarray, right: np.ndarray, concepts: Sequence[str], seed: int, draws: int = 1000) -> list[float]:
    """95 % bootstrap interval of macro-F1. Requests about one thing fail together, so things are drawn, each with all its requests."""
    random, groups = np.random.default_rng(seed), defaultdict(list)
    for number, concept in enumerate(concepts):
        groups[concept].append(number)
    members = [np.array(group) for group in groups.values()]
    drawn = (np.concatenate([members[n] for n in random.integers(0, len(members), len(members))]) for _ in range(draws))
    return [round(float(edge), 3) for edge in np.quantile([macro_f1(said[rows], right[rows]) for rows in drawn], (0.025, 0.975))]


def concepts_of_test(requests: Path, count: int) -> list[str]:
    """What each test request is about first, in the evidence's order."""
    rows = [json.loads(line) for line in requests.read_text("utf-8").splitlines()]
    return [" ".join(row["concepts"][:1]) for row in rows if row["use"] == "test"][:count]


def quality(head: Decision, cases: Cases, threshold: float = 0.5, concepts: Sequence[str] = (), seed: int = 0) -> dict:
    """With the concepts that the cases are about, an interval too."""
    p = torch.sigmoid(logits(head, cases)).numpy()
    right, said = cases.retrieve.numpy() > 0, p >= threshold
    bins = np.minimum((p * 10).astype(int), 9)
    error = sum(abs(p[bins == b].mean() - right[bins == b].mean()) * (bins == b).mean() for b in range(10) if (bins == b).any())
    kinds = [row["kind"] for row in cases.rows]
    by_kind = {kind: round(float((said == right)[[it == kind for it in kinds]].mean()), 3) for kind in sorted(set(kinds))}
    return {"cases": len(p), "retrieve": int(right.sum()), "accuracy": round(float((said == right).mean()), 3), "macro_f1": round(macro_f1(said, right), 3),
            "ece": round(float(error), 3), "accuracy_by_kind": by_kind,
            **({"concepts": len(set(concepts)), "macro_f1_interval": interval_over_concepts(said, right, concepts, seed)} if concepts else {})}


def notes(report: dict) -> list[str]:
    """The model card's lines."""
    test = report["test"]
    kinds = ", ".join(f"{kind} {value:.2f}" for kind, value in test["accuracy_by_kind"].items())
    return [f"A corpus picture or a new one, from what the searches and the request's words say ({report['train_cases']} requests). On {test['cases']} others, about concepts "
            f"kept from the training and held-out combinations: accuracy {test['accuracy']:.2f}, macro-F1 {test['macro_f1']:.2f}, calibration error {test['ece']:.2f}.",
            f"Accuracy by kind: {kinds}.", "The right answer is known by construction, not judged by people: what the corpus holds is to come from it, found or not."]


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training gill-decision", description=__doc__.splitlines()[0])
    parser.add_argument("--evidence", type=Path, required=True, help="what `gill decision evidence` wrote")
    parser.add_argument("--requests", type=Path, required=True, help="what `gill-decision-requests` wrote, which the evidence is of")
    parser.add_argument("--to", type=Path, required=True, help="the bundle that gets gill/decision.onnx")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args(argv)
    torch.set_num_threads(1)
    started, cases = time.process_time(), read_evidence(options.evidence)
    known = joined(cases["train"], cases["apart"])
    guesses = {decay: left_out(known, decay, options.seed) for decay in TRIED}
    chosen = min(TRIED, key=lambda decay: F.binary_cross_entropy_with_logits(guesses[decay], known.retrieve).item())
    head = fit(known, chosen, options.seed)
    calibrate(head, guesses[chosen], known.retrieve)
    about = concepts_of_test(options.requests, len(cases["test"].rows))
    report: dict = {"command": f"python -m gill_training gill-decision --evidence {options.evidence.name}", "features": list(FEATURES), "seed": options.seed,
                    "weight_decay": chosen, "train_cases": len(known.rows), "test": quality(head, cases["test"], concepts=about, seed=options.seed)}
    for n, feature in enumerate(FEATURES):  # how much each feature matters: the test without it
        blank = Cases(cases["test"].rows, cases["test"].features.clone(), cases["test"].retrieve)
        blank.features[:, n] = head.mean[n]
        report.setdefault("macro_f1_without", {})[feature] = quality(head, blank)["macro_f1"]
    export_decision(head, GillSizes().hidden_size, len(FEATURES), options.to)
    report |= {"cpu_seconds": round(time.process_time() - started), "manifest": {"gill": {
        "decision_features": list(FEATURES), "decision_threshold": 0.5, "decision_either_band": EITHER_BAND}}}
    report["notes"] = notes(report)
    path = options.to / "metrics" / "decision.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(report, indent=1) + "\n", "utf-8")
    print(json.dumps(report["test"]))
