"""`gill-tokens`: the [IMG] tokens, trained through the frozen language model together with first heads."""

import argparse
import json
import time
from pathlib import Path

import numpy as np
import torch

from gill_training.clip.pictures import DEV
from gill_training.gill.material import Material
from gill_training.gill.prompts import Prompts
from gill_training.gill.run import Run, add_common_options, heads_loss, log, ranks, save, share_embeddings

def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training gill-tokens", description=__doc__.splitlines()[0])
    add_common_options(parser)
    parser.add_argument("--minutes", type=float, default=12, help="CPU minutes")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--bank", type=int, default=2048)
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args(argv)
    run = Run(options)
    gill = run.new_gill()
    share_embeddings(gill)
    heads = [p for n, p in gill.named_parameters() if n.startswith(("retrieval", "mapper", "logit")) and not n.endswith("img_embeddings")]
    optimiser = torch.optim.AdamW(
        [{"params": heads, "lr": 1e-3}, {"params": [gill.img_tokens.input_embeddings], "lr": 3e-3, "weight_decay": 0.0}], betas=(0.9, 0.98)
    )
    peaks = [group["lr"] for group in optimiser.param_groups]
    step, spent, path = 0, 0.0, options.out / "tokens.pt"
    if options.resume and path.exists():
        state = torch.load(path, weights_only=True)
        gill.load_state_dict(state["gill"]), optimiser.load_state_dict(state["optimiser"])
        step, spent = state["step"], state["spent"]
    train, dev = Prompts(run, options.out / "train"), Prompts(run, options.out / "dev")
    dev_material = Material.open(options.bundle, options.corpus, options.features, [DEV])
    gallery = np.array([row for row, picture in enumerate(run.material.corpus.pictures) if picture.index])
    plain, chats = train.pools()
    started, saved, seen = time.process_time(), time.monotonic(), {}

    def keep() -> None:
        save(path, gill=gill.state_dict(), optimiser=optimiser.state_dict(), step=step, spent=spent + time.process_time() - started)

    while (share := (spent + time.process_time() - started) / (options.minutes * 60)) < 1:
        pool = plain if run.random.random() < len(plain) / len(train.requests) else chats
        numbers = run.random.choice(pool, options.batch, replace=False)
        hidden = train.hidden(numbers, gill.img_tokens.input_embeddings)
        loss, parts = heads_loss(run, gill, hidden, [train.requests[n] for n in numbers], options.bank)
        for group, peak in zip(optimiser.param_groups, peaks):
            group["lr"] = peak * min(1, (step + 1) / 40, 0.05 + 0.95 * 2 * (1 - share))
        optimiser.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(heads + [gill.img_tokens.input_embeddings], 1.0)
        optimiser.step()
        step += 1
        for name, value in parts.items():
            seen[name] = 0.95 * seen.get(name, value) + 0.05 * value
        if step % 25 == 0:
            log(f"step {step} share {share:.2f} " + " ".join(f"{name} {value:.3f}" for name, value in seen.items()))
        if step % 200 == 0:
            found = ranks(run, gill, dev.all_hidden(gill.img_tokens.input_embeddings), dev.requests, gallery, dev_material)
            log("dev " + " ".join(f"R@{k} {np.mean(found < k):.3f}" for k in (1, 5, 10)) + f" of {len(gallery)}")
        if time.monotonic() - saved > 240:
            keep()
            saved = time.monotonic()
    keep()
    log(f"done: {step} steps")
    (options.out / "tokens.json").write_text(json.dumps({"steps": step, "batch": options.batch, "cpu_minutes": options.minutes, **seen}), "utf-8")
