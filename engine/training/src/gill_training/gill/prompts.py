"""`gill-prompts`: prompts that went through the frozen language model once: their keys and values on disk, so that only [IMG] tokens need a pass.

What stands before [IMG0] does not depend on anything that is trained, so its keys and values are constants. A training step then
runs r tokens a prompt instead of the whole prompt.
"""

import argparse
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from gill_training.gill.chat import Encode, constant_prefix, token_ids
from gill_training.gill.requests import Request, RequestMaker, read_requests, write_requests
from gill_training.gill.run import Run, add_common_options, log
from gill_training.language_model.twin import Cache, LlamaTwin

_BATCH_TOKENS = 768


class PromptStore:
    """Keys and values, bfloat16 [tokens, layers, 2, kv heads, head dim], of many prompts one after another in one file."""

    def __init__(self, folder: Path, twin: LlamaTwin):
        sizes = twin.sizes
        self._shape = (sizes.layers, 2, sizes.kv_heads, sizes.head_dim)
        self._values = np.memmap(folder / "prompts.kv", np.int16, "r").reshape(-1, *self._shape)
        self.lengths = np.load(folder / "lengths.npy")
        self._starts = np.concatenate([[0], np.cumsum(self.lengths)])

    def batch(self, numbers: Sequence[int], prefix: Cache | None) -> tuple[Cache, torch.Tensor]:
        """(cache padded on the right, true lengths [B]) of the prompts, after `prefix` if they have one."""
        longest = int(self.lengths[numbers].max())
        raw = np.zeros((len(numbers), longest, *self._shape), np.int16)
        for i, number in enumerate(numbers):
            start = self._starts[number]
            raw[i, : self.lengths[number]] = self._values[start : start + self.lengths[number]]
        own = torch.from_numpy(raw).view(torch.bfloat16).permute(2, 3, 0, 4, 1, 5)
        lengths = torch.from_numpy(self.lengths[numbers])
        if prefix is None:
            return [(layer[0], layer[1]) for layer in own], lengths
        joined = [tuple(torch.cat([p.expand(len(numbers), -1, -1, -1), x], 2) for p, x in zip(pair, layer)) for pair, layer in zip(prefix, own)]
        return joined, lengths + prefix[0][0].shape[2]


def chat_prefix(twin: LlamaTwin, encode: Encode) -> Cache:
    with torch.no_grad():
        return twin.run(twin.embed(torch.tensor([encode(constant_prefix())])))[1]


def write_store(requests: Sequence[Request], twin: LlamaTwin, encode: Encode, folder: Path) -> None:
    """Runs every prompt (none may hold a picture) and writes its keys and values. Prompts of one length share a batch."""
    folder.mkdir(parents=True, exist_ok=True)
    ids = [token_ids(request.conversation, encode) for request in requests]
    lengths = np.array([len(row) for row in ids])
    starts = np.concatenate([[0], np.cumsum(lengths)])
    sizes = twin.sizes
    values = np.memmap(folder / "prompts.kv", np.int16, "w+", shape=(int(starts[-1]), sizes.layers, 2, sizes.kv_heads, sizes.head_dim))
    prefix = chat_prefix(twin, encode)
    for plain in (True, False):
        chosen = np.array([n for n in np.argsort(lengths, kind="stable") if requests[n].conversation.plain == plain])
        at = 0
        while at < len(chosen):
            length = lengths[chosen[at]]
            same = chosen[at : at + max(1, _BATCH_TOKENS // length)]
            same = same[lengths[same] == length]
            at += len(same)
            embeds = twin.embed(torch.tensor([ids[n] for n in same]))
            past = None if plain else [tuple(x.expand(len(same), -1, -1, -1) for x in pair) for pair in prefix]
            with torch.no_grad():
                _, fresh = twin.run(embeds, past)
            stacked = torch.stack([torch.stack(pair) for pair in fresh]).bfloat16().permute(2, 4, 0, 1, 3, 5).contiguous().view(torch.int16).numpy()
            for n, row in zip(same, stacked):
                values[starts[n] : starts[n + 1]] = row
    values.flush()
    np.save(folder / "lengths.npy", lengths)


class Prompts:
    """A prompt store with its requests, giving hidden states of the [IMG] tokens."""

    def __init__(self, run: Run, folder: Path):
        self.requests = read_requests(folder / "requests.jsonl")
        self._store = PromptStore(folder, run.twin)
        self._prefix = chat_prefix(run.twin, run.encode)
        self._twin = run.twin
        self._plain = np.array([request.conversation.plain for request in self.requests])

    def pools(self) -> tuple[np.ndarray, np.ndarray]:
        return np.flatnonzero(self._plain), np.flatnonzero(~self._plain)

    def hidden(self, numbers: np.ndarray, embeddings: torch.Tensor) -> torch.Tensor:
        """[B, r, H]; all chats or all plain."""
        prefix = None if self._plain[numbers[0]] else self._prefix
        past, lengths = self._store.batch(numbers, prefix)
        return self._twin.run(embeddings.expand(len(numbers), -1, -1), past, lengths)[0]

    def all_hidden(self, embeddings: torch.Tensor, size: int = 64) -> torch.Tensor:
        out = torch.zeros(len(self.requests), *embeddings.shape)
        with torch.no_grad():
            for pool in self.pools():
                for at in range(0, len(pool), size):
                    out[pool[at : at + size]] = self.hidden(pool[at : at + size], embeddings)
        return out


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training gill-prompts", description="Draws requests and runs their prompts once.")
    add_common_options(parser)
    parser.add_argument("--count", type=int, default=5000)
    options = parser.parse_args(argv)
    run = Run(options)
    maker = RequestMaker(run.material.concepts, run.material.index, options.seed)
    requests = maker.draw(options.count)
    started = time.process_time()
    for name, chosen in (("train", requests), ("dev", run.dev_requests(160))):
        write_requests(chosen, options.out / name / "requests.jsonl")
        write_store(chosen, run.twin, run.encode, options.out / name)
        log(f"{name}: {len(chosen)} prompts, {time.process_time() - started:.0f} s CPU")
