"""`python -m gill_training bundle <folder>`: writes bundle.json, MODEL_CARD.md and golden/golden.json over the parts that are there.

Sizes are read from the graphs. What no graph can say comes from the stages: each leaves `metrics/<part>.json`, whose key `manifest`
holds sections of bundle.json (merged here, later names win) and whose key `licences` holds rows of that list.
"""

import argparse
import hashlib
import json
from pathlib import Path

import numpy as np
import onnx

from gill_training.imports import sha256_of

VERSION = "1.0.0"
DECISION_FEATURES = ["max_retrieval_score", "retrieval_margin", "max_text_score", "text_margin", "score_agreement", "caption_overlap"]
FINGERPRINTED = ("vision_encoder/model.onnx", "vision_encoder/weights.bin", "vision_encoder/projection.onnx",
                 "vision_encoder/preprocessor_config.json", "gill/retrieval_image.onnx")
NOT_IN_THE_BUNDLE = {"metrics"}

# What a bundle says before the stages have measured it: enough for a reader to open it.
DEFAULTS = {
    "language_model": {"chat_template": "chatml", "system_prompt": "You are a helpful assistant."},
    "text_encoder": {"max_length": 128},
    "gill": {"decision_features": DECISION_FEATURES, "img_token_bias": 0.0, "decision_threshold": 0.5, "decision_either_band": 0.1},
    "diffusion": {
        "scaling_factor": 1.0,
        "shift_factor": 0.0,
        "num_inference_steps": 20,
        "guidance_scale": 3.0,
        "scheduler": "FlowMatchEulerDiscreteScheduler",
        "unconditional": "zeros",
        "confidence": {"a": 10.0, "b": -3.0},
        "min_confidence": 0.0,
    },
    "clip": {"logit_scale": 14.3, "calibration": {"a": 10.0, "b": -3.0}},
}


def _shapes(path: Path) -> dict[str, list]:
    """Input and output names of a graph with their dimensions; a dynamic one is its name."""
    graph = onnx.load(path, load_external_data=False).graph
    dims = lambda value: [d.dim_value or d.dim_param for d in value.type.tensor_type.shape.dim]
    return {value.name: dims(value) for value in [*graph.input, *graph.output]}


def language_model_sizes(part: Path) -> dict:
    config = json.loads((part / "config.json").read_text("utf-8"))
    return {
        "hidden_size": config["hidden_size"],
        "num_layers": config["num_hidden_layers"],
        "num_kv_heads": config["num_key_value_heads"],
        "head_dim": config["head_dim"],
        "vocab_size": config["vocab_size"],
        "context_length": config["max_position_embeddings"],
        "bos_token_id": None,
        "eos_token_ids": [config["eos_token_id"]],
        "tied_embeddings": False,
    }


def _sizes(bundle: Path) -> dict[str, dict]:
    """What the graphs that are there say about themselves."""
    sections: dict[str, dict] = {}

    def shape(graph: str, name: str) -> list | None:
        path = bundle / graph
        return _shapes(path)[name] if path.exists() else None

    def put(section: str, **values) -> None:
        sections.setdefault(section, {}).update({key: value for key, value in values.items() if isinstance(value, int)})

    if (bundle / "language_model/config.json").exists():
        sections["language_model"] = language_model_sizes(bundle / "language_model")
    if pixels := shape("vision_encoder/model.onnx", "pixel_values"):
        put("vision_encoder", image_size=pixels[2])
    if projection := shape("vision_encoder/projection.onnx", "image_embeds"):
        put("vision_encoder", pooled_dim=shape("vision_encoder/projection.onnx", "pooler_output")[1], embed_dim=projection[1])
    if text := shape("text_encoder/text_projection.onnx", "text_embeds"):
        put("text_encoder", hidden_dim=shape("text_encoder/text_projection.onnx", "last_hidden_state")[2], embed_dim=text[1])
    if query := shape("gill/retrieval_text.onnx", "query_embeds"):
        put("gill", num_img_tokens=shape("gill/retrieval_text.onnx", "hidden_states")[1], retrieval_dim=query[1])
    if prefix := shape("gill/visual_prefix.onnx", "prefix_embeds"):
        put("gill", num_visual_tokens=prefix[1])
    if conditioning := shape("gill/gill_mapper.onnx", "encoder_hidden_states"):
        put("gill", conditioning_length=conditioning[1], conditioning_dim=conditioning[2])
    if latent := shape("unet/model.onnx", "sample"):
        put("diffusion", latent_channels=latent[1], latent_size=latent[2])
        put("diffusion", drafts="draft_latents" in _shapes(bundle / "unet/model.onnx"))
    if picture := shape("vae_decoder/model.onnx", "sample"):
        put("diffusion", image_size=picture[2])
    return sections


def _merge(into: dict, more: dict) -> dict:
    for key, value in more.items():
        into[key] = _merge(dict(into.get(key) or {}), value) if isinstance(value, dict) else value
    return into


def fingerprint(rows: list[dict]) -> str:
    """SHA-256 of one line `<path> <sha256>` for each file that decides what an index holds, in the order above."""
    known = {row["path"]: row["sha256"] for row in rows}
    lines = "".join(f"{path} {known[path]}\n" for path in FINGERPRINTED if path in known)
    return hashlib.sha256(lines.encode("utf-8")).hexdigest()


def _imported(bundle: Path) -> dict[str, dict]:
    """Bundle path -> output row, of every file that an import.json makes."""
    rows = {}
    for recipe in sorted(bundle.glob("*/import.json")):
        for output in json.loads(recipe.read_text("utf-8"))["outputs"]:
            rows[f"{recipe.parent.name}/{output['path']}"] = output
    return rows


def files(bundle: Path) -> list[dict]:
    imported = _imported(bundle)
    rows = {path: {"path": path, "bytes": row["bytes"], "sha256": row["sha256"], "origin": "imported"} for path, row in imported.items()}
    for path in sorted(p for p in bundle.rglob("*") if p.is_file()):
        name = path.relative_to(bundle).as_posix()
        if name == "bundle.json" or name.startswith(".") or name.split("/")[0] in NOT_IN_THE_BUNDLE or name in imported:
            continue
        rows[name] = {"path": name, "bytes": path.stat().st_size, "sha256": sha256_of(path), "origin": "shipped"}
    return [rows[name] for name in sorted(rows)]


def reports(bundle: Path) -> dict[str, dict]:
    return {path.stem: json.loads(path.read_text("utf-8")) for path in sorted((bundle / "metrics").glob("*.json"))}


def manifest(bundle: Path, name: str) -> dict:
    sections = _merge(_sizes(bundle), {})
    for section, values in DEFAULTS.items():
        sections[section] = _merge(dict(values), sections.get(section, {}))
    licences = []
    for report in reports(bundle).values():
        _merge(sections, report.get("manifest", {}))
        licences += [row for row in report.get("licences", []) if row not in licences]
    rows = files(bundle)
    return {
        "format_version": 1,
        "name": name,
        "version": VERSION,
        "description": "SmolLM2-135M, EfficientNet-lite0 and MiniLM joined by GILL's heads and a small diffusion model for icons",
        "licences": licences,
        **sections,
        "fingerprint": fingerprint(rows),
        "files": rows,
    }


def merge_golden(bundle: Path) -> None:
    """golden/<part>.json of every stage become one golden/golden.json, by part."""
    folder = bundle / "golden"
    parts = {path.stem: json.loads(path.read_text("utf-8")) for path in sorted(folder.glob("*.json")) if path.stem != "golden"}
    if parts:
        (folder / "golden.json").write_text(json.dumps(parts, indent=1, ensure_ascii=False) + "\n", "utf-8", newline="\n")


DATA_AND_LIMITS = """## Data

Trained on 20,311 renderings of free icon sets, clip art and a few photographs (Noto, Twemoji, OpenMoji, Fluent, EmojiTwo, EmojiOne 1, Streamline, game-icons,
OpenClipart, Tux Paint stamps, GCompris; licences and authors: `index-data`), their names and keywords (Unicode CLDR and the sets' own), and WordNet's definitions.
Held out: 83 concepts in every style, one design family of others, and photographs. No pictures or texts of users.

## Recipe

`python -m gill_training all` (`engine/training/README.md`) makes everything from packages; every stage is seeded and its command stands in its metrics file.
Only the small parts between frozen models are trained, on two cores without a GPU. What was compared with less (mappers, numbers of [IMG] tokens, joined turns):
`metrics/ablations.json`."""
LIMITS = """## Limits and bias

* Pictures are icons: scenes, people's faces, text in pictures and brands are not what it knows. What it has not seen it takes for the nearest thing it knows.
* English for requests in dialogues; names in other languages are found by words, not by the models. Definitions and indirect words are found less surely than names.
* The language model has 135 million parameters: replies are short and often wrong. Do not take them as facts.
* The sets' view of the world is the emoji's: Western and East Asian food, buildings and feasts are over-represented, other cultures' things are rare or missing; people
  appear as yellow or light-skinned cartoons in few roles. ImageNet's names (many dog breeds, few African or South American things) colour what is read in photographs.
* The probabilities are calibrated on this corpus; for another one calibrate again."""


def cpu_minutes(report: object) -> float:
    """All that a stage's report says of them, with those of its parts and of what it went on from."""
    if isinstance(report, list):
        return sum(map(cpu_minutes, report))
    if not isinstance(report, dict):
        return 0
    return sum(np.sum(value) if key == "cpu_minutes" else cpu_minutes(value) for key, value in report.items())


def cpu_hours(parts: dict[str, dict]) -> list[str]:
    """One line of the training time that the stages measured."""
    gill = parts.get("gill", {}).get("training", {})
    minutes = {
        "projections": parts.get("clip", {}).get("cpu_seconds", 0) / 60,
        "[IMG] tokens": cpu_minutes(gill.get("tokens")),
        "visual prefix": cpu_minutes(gill.get("captions")),
        "heads": cpu_minutes(gill.get("heads")),
        "decision": parts.get("decision", {}).get("cpu_seconds", 0) / 60,
        "picture codec": cpu_minutes(parts.get("diffusion", {}).get("autoencoder")),
        "denoiser": cpu_minutes(parts.get("diffusion", {}).get("denoiser")),
    }
    if not any(minutes.values()):
        return []
    return ["", "CPU minutes of one core, without the frozen models' passes: " + ", ".join(f"{name} {value:.0f}" for name, value in minutes.items()) + ".", ""]


def model_card(bundle: Path, content: dict) -> str:
    """One page: parts, licences, recipe and numbers, all from what the stages left."""
    lines = [f"# {content['name']} {content['version']}", "", content["description"] + ".", "", "## Parts and licences", ""]
    lines += ["| part | licence | attribution | source |", "|---|---|---|---|"]
    lines += [f"| {row['part']} | {row['spdx']} | {row['attribution']} | {row['source']} |" for row in content["licences"]]
    shipped = sum(row["bytes"] for row in content["files"] if row["origin"] == "shipped")
    imported = sum(row["bytes"] for row in content["files"] if row["origin"] == "imported")
    lines += ["", f"Shipped files: {shipped / 1e6:.1f} MB. Imported on the user's machine: {imported / 1e6:.1f} MB.", ""]
    parts = reports(bundle)
    trained = "clip" in parts  # here, on the corpus: not a bundle of random weights or of others' models
    lines += [DATA_AND_LIMITS, *cpu_hours(parts), ""] if trained else []
    for part, report in parts.items():
        if notes := report.get("notes"):
            lines += [f"## {part}", "", *notes, "", f"Figures: `metrics/{part}.json`.", ""]
    return "\n".join([*lines, LIMITS] if trained else lines)


def write_bundle(bundle: Path, name: str) -> dict:
    merge_golden(bundle)
    card = bundle / "MODEL_CARD.md"
    card.write_text(model_card(bundle, manifest(bundle, name)) + "\n", "utf-8", newline="\n")
    content = manifest(bundle, name)
    text = json.dumps({**content, "files": []}, indent=2, ensure_ascii=False)
    rows = ",\n".join("    " + json.dumps(row) for row in content["files"])
    (bundle / "bundle.json").write_text(text.replace('"files": []', f'"files": [\n{rows}\n  ]') + "\n", "utf-8", newline="\n")
    return content


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training bundle", description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--name", default="icons")
    options = parser.parse_args(argv)
    content = write_bundle(options.folder, options.name)
    print(f"{options.folder}/bundle.json: {len(content['files'])} files, fingerprint {content['fingerprint'][:12]}")
