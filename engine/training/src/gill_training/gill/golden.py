"""`gill-golden`: reference inputs and outputs of GILL's exported parts, one whole lookup and one whole reply."""

import argparse
import json
from pathlib import Path

import numpy as np
import onnxruntime
from safetensors.numpy import load_file, save_file

from gill_training.clip.data import Corpus
from gill_training.encoders import open_session
from gill_training.gill import whole_reply
from gill_training.gill.chat import Conversation, constant_prefix, token_ids
from gill_training.language_model.runtime import LanguageModel

LOOKUP = "a red apple"


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training gill-golden", description=__doc__.splitlines()[0])
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--gguf", type=Path, required=True)
    options = parser.parse_args(argv)
    folder = options.bundle / "gill"
    model = LanguageModel(options.bundle / "language_model")
    rows = load_file(folder / "img_tokens.safetensors")["input_embeddings"]
    after = token_ids(Conversation(LOOKUP), model.ids)
    ids = model.ids(constant_prefix()) + after
    embeds = np.concatenate([model.embed(ids), rows[None]], 1)
    hidden, _, _ = model.run(embeds)
    states = hidden[:, -len(rows) :]
    pooled = np.asarray(Corpus.open(options.corpus, options.features).pooled[:4], np.float32)
    run = lambda graph, output, **inputs: open_session(folder / f"{graph}.onnx").run([output], inputs)[0]
    count = len(json.loads((options.bundle / "bundle.json").read_text("utf-8"))["gill"]["decision_features"])
    features = np.linspace(0, 1, count, dtype=np.float32)[None]
    tensors = {
        "lookup.input_ids": np.array([ids], np.int64),
        "lookup.hidden_states": states,
        "lookup.query_embeds": run("retrieval_text", "query_embeds", hidden_states=states),
        "lookup.encoder_hidden_states": run("gill_mapper", "encoder_hidden_states", hidden_states=states),
        "decision.features": features,
        "decision.p_retrieve": run("decision", "p_retrieve", hidden_state=states[:, 0], features=features),
        "pooler_output": pooled,
        "prefix_embeds": run("visual_prefix", "prefix_embeds", pooler_output=pooled),
        "retrieval_embeds": run("retrieval_image", "retrieval_embeds", pooler_output=pooled),
    }
    reply_tensors, reply = whole_reply.write(options.bundle, options.gguf)
    tensors |= reply_tensors
    golden = options.bundle / "golden"
    golden.mkdir(exist_ok=True)
    save_file({name: np.ascontiguousarray(value) for name, value in tensors.items()}, golden / "gill.safetensors")
    content = {
        "lookup": {"text": LOOKUP, "note": "constant prefix, one user turn, the assistant's opening and all [IMG] tokens in one pass"},
        "reply": reply,
        "tolerance": {"heads_absolute": 1e-3, "lookup_hidden_states_relative": 0.04, "lookup_query_cosine": 0.99,
                      "reply_query_cosine": 0.98, "reply_image_mean_difference": 12},
        "versions": {"onnxruntime": onnxruntime.__version__},
    }
    (golden / "gill.json").write_text(json.dumps(content, indent=1) + "\n", "utf-8")
