"""What both trainings share: options, a clock that survives restarts, checkpoints, a metrics file."""
from __future__ import annotations

import argparse
import json
import os
import time
from pathlib import Path

import torch


def options(program: str, description: str, minutes: float, out: str) -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog=f"gill_training {program}", description=description,
                                     formatter_class=argparse.ArgumentDefaultsHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("engine/training/data/corpus"), help="the built corpus")
    parser.add_argument("--out", type=Path, default=Path(out), help="folder of checkpoints, caches and sample sheets")
    parser.add_argument("--minutes", type=float, default=minutes, help="end after so many CPU minutes (0: by steps alone); the learning rate follows them or the steps")
    parser.add_argument("--steps", type=int, default=0, help="end after so many steps, the same on every machine, even if there is time left (0: by time alone)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in --out")
    return parser


class Clock:
    """Seconds and CPU seconds of training so far, over restarts and without the time spent in a `with` block of it. `minutes` of CPU are the budget; 0: none."""

    def __init__(self, minutes: float, spent: float = 0.0, cpu: float = 0.0):
        self.limit = minutes * 60
        self._spent, self._since = spent, time.monotonic()
        self._cpu, self._cpu_since = cpu, time.process_time()

    @property
    def seconds(self) -> float:
        return self._spent + time.monotonic() - self._since

    @property
    def cpu_seconds(self) -> float:
        return self._cpu + time.process_time() - self._cpu_since

    def share(self, step: int, steps: int) -> float:
        """How much of the training is done, 0..1, by CPU time or, if `steps` is not 0, by steps: whichever is further."""
        if not (self.limit or steps):
            raise SystemExit("--minutes 0 needs --steps: nothing would end this training")
        return min(1.0, max(self.cpu_seconds / self.limit if self.limit else 0.0, step / steps if steps else 0.0))

    def __enter__(self) -> "Clock":
        """Stops the clock until the block ends."""
        self._spent, self._since = self.seconds, time.monotonic()
        self._cpu = self.cpu_seconds
        return self

    def __exit__(self, *_: object) -> None:
        self._since, self._cpu_since = time.monotonic(), time.process_time()


def save_checkpoint(path: Path, **state: object) -> None:
    """Never leaves half a file behind."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    torch.save(state, part)
    os.replace(part, path)


def log(message: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {message}", flush=True)


def write_json(path: Path, values: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(values, indent=2, ensure_ascii=False) + "\n", "utf-8")


@torch.no_grad()
def follow(average: torch.nn.Module, model: torch.nn.Module, decay: float) -> None:
    """Moves the running average of the weights one step towards the model."""
    torch._foreach_lerp_(list(average.parameters()), list(model.parameters()), 1 - decay)
    for mine, its in zip(average.buffers(), model.buffers()):
        mine.copy_(its)
