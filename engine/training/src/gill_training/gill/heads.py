"""`gill-heads`: retrieval heads and mapper, trained on hidden states alone once the [IMG] tokens stand still.

Most states come from the torch twin, a part from the shipped 8-bit model, which is what the heads will meet.
"""

import argparse
import json
import time

import numpy as np
import torch

from gill_training.gill.hidden import HIDDEN_PARTS, HiddenSet, joined_gill
from gill_training.gill.losses import conditioning_loss, retrieval_loss
from gill_training.gill.run import Run, add_common_options, log, retrieval_batch, save

NOISE = 0.03  # relative; stands for what 8-bit kernels change from pass to pass


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training gill-heads", description=__doc__.splitlines()[0])
    add_common_options(parser)
    parser.add_argument("--minutes", type=float, default=8, help="CPU minutes")
    parser.add_argument("--batch", type=int, default=96)
    parser.add_argument("--bank", type=int, default=3072)
    parser.add_argument("--shipped-share", type=float, default=0.3)
    parser.add_argument("--teaching", type=float, default=3.0, help="weight of the distance to CLIP's text embedding of the caption")
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args(argv)
    run = Run(options)
    gill = joined_gill(run).train()
    sets = {name: HiddenSet(options.out / "hidden", name).read() for name in HIDDEN_PARTS if HiddenSet(options.out / "hidden", name).exists()}
    requests = [request for rows, _ in sets.values() for request in rows]
    states = torch.from_numpy(np.concatenate([values for _, values in sets.values()]).astype(np.float32))
    shipped = np.repeat([name == "shipped" for name in sets], [len(rows) for rows, _ in sets.values()])
    from_twin, from_shipped = np.flatnonzero(~shipped), np.flatnonzero(shipped)
    shipped_count = round(options.shipped_share * options.batch) if len(from_shipped) else 0
    trained = [p for n, p in gill.named_parameters() if n.startswith(("retrieval", "mapper", "logit")) and not n.endswith("img_embeddings")]
    optimiser = torch.optim.AdamW(trained, lr=8e-4, weight_decay=0.02, betas=(0.9, 0.98))
    step, spent, path = 0, 0.0, options.out / "heads.pt"
    if options.resume and path.exists():
        state = torch.load(path, weights_only=True)
        gill.load_state_dict(state["gill"]), optimiser.load_state_dict(state["optimiser"])
        step, spent = state["step"], state["spent"]
    started, saved, seen = time.process_time(), time.monotonic(), {}
    teacher = run.text_teacher()

    def keep() -> None:
        used = spent + time.process_time() - started
        save(path, gill=gill.state_dict(), optimiser=optimiser.state_dict(), step=step, spent=used)
        save(options.out / "gill.pt", gill=gill.state_dict())

    while (share := (spent + time.process_time() - started) / (options.minutes * 60)) < 1:
        numbers = run.random.choice(from_twin, options.batch - shipped_count)
        if shipped_count:
            numbers = np.concatenate([numbers, run.random.choice(from_shipped, shipped_count)])
        batch = [requests[n] for n in numbers]
        hidden = states[numbers]
        hidden = hidden + NOISE * hidden.std() * torch.randn_like(hidden)
        rows, answers = retrieval_batch(run, batch, options.bank)
        pooled = torch.nn.functional.dropout(run.material.pooled(rows, augmented=run.random.random() < 0.5), 0.1)
        queries, captions = gill.retrieval_text(hidden), [request.caption for request in batch]
        found = retrieval_loss(queries, gill.retrieval_image(pooled), answers, gill.logit_scale.clamp(max=4.0).exp())
        distance = conditioning_loss(gill.mapper(hidden), run.material.captions(captions))
        taught = torch.zeros(())
        if teacher is not None:
            taught = 1 - (queries * teacher(run.material.captions.pooled(captions))).sum(-1).mean()
        for group in optimiser.param_groups:
            group["lr"] = 8e-4 * min(1, (step + 1) / 40, 0.02 + 1.5 * (1 - share))
        optimiser.zero_grad(), (found + distance + options.teaching * taught).backward()
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimiser.step()
        step += 1
        for name, value in (("retrieval", found.item()), ("conditioning", distance.item()), ("teaching", taught.item())):
            seen[name] = 0.98 * seen.get(name, value) + 0.02 * value
        if step % 50 == 0:
            log(f"step {step} share {share:.2f} " + " ".join(f"{name} {value:.3f}" for name, value in seen.items()))
        if time.monotonic() - saved > 240:
            keep()
            saved = time.monotonic()
    keep()
    report = {"steps": step, "batch": options.batch, "requests": len(requests), "shipped_share": options.shipped_share, "cpu_minutes": options.minutes, **seen}
    (options.out / "heads.json").write_text(json.dumps(report), "utf-8")
