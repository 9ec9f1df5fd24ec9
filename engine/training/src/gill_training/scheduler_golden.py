"""Writes what diffusers' schedulers do, step by step, for the Java schedulers' tests. Needs the package `diffusers`.

The net is replaced by a formula that Java repeats: output = 0.3 · sin(3 · input) - 0.2 · input + 0.1 · timestep / 1000.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import torch

STABLE_DIFFUSION = {"num_train_timesteps": 1000, "beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
START = [-1.7, -0.9, -0.3, 0.05, 0.4, 1.1, 2.3]


def cases() -> list[tuple[str, dict[str, Any], int]]:
    flow = "FlowMatchEulerDiscreteScheduler"
    ddim = "DDIMScheduler"
    euler = "EulerDiscreteScheduler"
    leading = {"clip_sample": False, "set_alpha_to_one": False, "steps_offset": 1, "timestep_spacing": "leading"}
    made: list[tuple[str, dict[str, Any], int]] = [
        (flow, {"num_train_timesteps": 1000, "shift": 1.0}, 20),
        (flow, {"num_train_timesteps": 1000, "shift": 3.0}, 7),
        (flow, {"num_train_timesteps": 1000, "shift": 1.0}, 1),
        (ddim, STABLE_DIFFUSION | leading, 50),
        (ddim, STABLE_DIFFUSION | leading | {"prediction_type": "v_prediction"}, 20),
        (ddim, {"beta_schedule": "squaredcos_cap_v2", "prediction_type": "sample", "timestep_spacing": "trailing"}, 12),
        (ddim, {"timestep_spacing": "linspace", "clip_sample_range": 0.7}, 9),
    ]
    for spacing in ("linspace", "leading", "trailing"):
        for prediction in ("epsilon", "v_prediction", "sample"):
            config = STABLE_DIFFUSION | {"timestep_spacing": spacing, "prediction_type": prediction, "steps_offset": 1}
            made.append((euler, config, 11))
    made.append((euler, STABLE_DIFFUSION | {"final_sigmas_type": "sigma_min", "timestep_spacing": "trailing"}, 20))
    return made


def trajectory(name: str, config: dict[str, Any], steps: int) -> dict[str, Any]:
    import diffusers

    scheduler = getattr(diffusers, name)(**config)
    scheduler.set_timesteps(steps)
    deviation = float(getattr(scheduler, "init_noise_sigma", 1.0))
    latents = torch.tensor(START) * deviation
    path = []
    for timestep in scheduler.timesteps:
        seen = scheduler.scale_model_input(latents, timestep) if hasattr(scheduler, "scale_model_input") else latents
        output = 0.3 * torch.sin(3 * seen) - 0.2 * seen + 0.1 * timestep.float() / 1000
        latents = scheduler.step(output, timestep, latents).prev_sample
        path.append([float(f"{value:.9g}") for value in latents.tolist()])
    return {
        "config": {"_class_name": name} | config,
        "steps": steps,
        "initial_deviation": deviation,
        "timesteps": [float(f"{value:.9g}") for value in scheduler.timesteps.tolist()],
        "latents": path,
    }


def main(argv: list[str]) -> None:
    import diffusers

    parser = argparse.ArgumentParser(prog="scheduler-golden", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="engine/src/test/resources/schedulers.json")
    out = parser.parse_args(argv).out
    rows = [trajectory(*case) for case in cases()]
    lines = ",\n".join("  " + json.dumps(row) for row in rows)
    text = f'{{"diffusers": "{diffusers.__version__}", "start": {json.dumps(START)}, "cases": [\n{lines}\n]}}\n'
    out.write_text(text, encoding="utf-8", newline="\n")
