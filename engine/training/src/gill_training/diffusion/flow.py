"""Rectified flow: straight lines between pictures and noise, and the Euler steps back along them.

x_sigma = (1 - sigma) x0 + sigma z; the net sees x_sigma and 1000 sigma and predicts the velocity z - x0.
"""
from __future__ import annotations

from collections.abc import Callable

import torch

TRAIN_TIMESTEPS = 1000
Denoiser = Callable[[torch.Tensor, torch.Tensor, torch.Tensor], torch.Tensor]


def noised(clean: torch.Tensor, noise: torch.Tensor, sigma: torch.Tensor) -> torch.Tensor:
    sigma = sigma[:, None, None, None]
    return (1 - sigma) * clean + sigma * noise


def velocity(clean: torch.Tensor, noise: torch.Tensor) -> torch.Tensor:
    return noise - clean


def random_sigmas(count: int, generator: torch.Generator | None = None, mean: float = 0.0, deviation: float = 1.0) -> torch.Tensor:
    """Logit-normal: mostly the middle of the way, where the picture is decided."""
    return torch.sigmoid(mean + deviation * torch.randn(count, generator=generator))


def schedule(steps: int, shift: float = 1.0) -> torch.Tensor:
    """The steps+1 noise levels from 1 down to 0 of diffusers' FlowMatchEulerDiscreteScheduler."""
    # Its training sigmas (already shifted) span 1 .. shift/(shift + 999) ...; set_timesteps shifts its own even grid again.
    first, last = 1.0, _shifted(1.0 / TRAIN_TIMESTEPS, shift)
    even = torch.linspace(first, last, steps)
    return torch.cat([_shifted(even, shift), torch.zeros(1)])


def _shifted(sigma, shift: float):
    return shift * sigma / (1 + (shift - 1) * sigma)


@torch.no_grad()
def sample(denoiser: Denoiser, noise: torch.Tensor, conditioning: torch.Tensor, guidance: float | torch.Tensor = 3.0, steps: int = 20,
           shift: float = 1.0, unconditional: torch.Tensor | None = None) -> torch.Tensor:
    """Latents for noise [B,c,h,w] and conditioning [B,L,C]; guided by v = v_uncond + guidance (v_cond - v_uncond)."""
    sigmas = schedule(steps, shift)
    nothing = torch.zeros_like(conditioning) if unconditional is None else unconditional.expand_as(conditioning)
    both, latent = torch.cat([conditioning, nothing]), noise
    for sigma, following in zip(sigmas[:-1], sigmas[1:]):
        timestep = torch.full((len(both),), float(sigma) * TRAIN_TIMESTEPS)
        with_text, without = denoiser(torch.cat([latent, latent]), timestep, both).float().chunk(2)
        latent = latent + (following - sigma) * (without + guidance * (with_text - without))
    return latent
