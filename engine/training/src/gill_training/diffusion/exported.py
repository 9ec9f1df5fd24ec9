"""The generator's exported graphs, run as the engine runs them."""
from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from gill_training.encoders import open_session

from . import export, flow
from .train_autoencoder import to_pictures, to_tensor

Draft = tuple[np.ndarray, np.ndarray]  # uint8 [px][px][3] on white, float32 [h][w]


@dataclass(frozen=True)
class Drafted:
    """What the nets read of some drafts: float32 [B,c,h,w], [B,1,h,w] and [B,3,px,px]."""

    latents: torch.Tensor
    mask: torch.Tensor
    pixels: torch.Tensor


def guidance(drafted: Drafted | None) -> torch.Tensor | float:
    """What a picture is guided with: less where there is a draft, whose words need not bring about the thing itself."""
    if drafted is None:
        return export.GUIDANCE
    return torch.where(drafted.mask.flatten(1).any(1), export.DRAFT_GUIDANCE, export.GUIDANCE)[:, None, None, None]


class Exported:
    def __init__(self, bundle: Path, threads: int = 1, shift: float = 1.0):
        self.shift = shift
        self.unet, self.decoder = (open_session(bundle / f"{part}/model.onnx", threads) for part in ("unet", "vae_decoder"))
        encoder = bundle / "vae_encoder/model.onnx"
        self.reads_drafts = any(node.name == "draft_latents" for node in self.unet.get_inputs())
        self.encoder = open_session(encoder, threads) if self.reads_drafts else None
        self.shape = tuple(self.unet.get_inputs()[0].shape[1:])
        self._decoder_reads = {node.name for node in self.decoder.get_inputs()}

    def drafted(self, some: Sequence[Draft | None]) -> Drafted | None:
        """None for a generator that reads no drafts; else one row for each, without a draft where it is None."""
        if self.encoder is None:
            return None
        side = self.encoder.get_inputs()[0].shape[2]
        pixels = to_tensor(np.stack([draft[0] if draft else np.full((side, side, 3), 255, np.uint8) for draft in some])).contiguous()
        cells = self.shape[1]
        masks = torch.from_numpy(np.stack([draft[1] if draft else np.zeros((cells, cells), np.float32) for draft in some]))[:, None]
        latents = torch.from_numpy(self.encoder.run(None, {"sample": pixels.numpy()})[0])
        there = torch.tensor([draft is not None for draft in some]).float()[:, None, None, None]
        return Drafted(latents * there, masks, pixels)

    def denoiser(self, drafted: Drafted | None) -> flow.Denoiser:
        """Its batch is as often that of `drafted` as guidance asks for."""

        def run(sample: torch.Tensor, timestep: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
            inputs = {"sample": sample.numpy(), "timestep": timestep.numpy(), "encoder_hidden_states": states.numpy()}
            if drafted:
                times = len(sample) // len(drafted.mask)
                inputs |= {"draft_latents": drafted.latents.repeat(times, 1, 1, 1).numpy(), "draft_mask": drafted.mask.repeat(times, 1, 1, 1).numpy()}
            return torch.from_numpy(self.unet.run(None, inputs)[0])

        return run

    def decode(self, latent: torch.Tensor, drafted: Drafted | None) -> torch.Tensor:
        inputs = {"latent_sample": latent.numpy()}
        if drafted and "draft" in self._decoder_reads:
            inputs |= {"draft": drafted.pixels.numpy(), "draft_mask": drafted.mask.numpy()}
        return torch.from_numpy(self.decoder.run(None, inputs)[0])

    def latents(self, noise: torch.Tensor, states: torch.Tensor, drafted: Drafted | None) -> torch.Tensor:
        return flow.sample(self.denoiser(drafted), noise, states, guidance(drafted), export.STEPS, self.shift)

    def generate(self, states: np.ndarray, seed: int, some: Sequence[Draft | None] | None = None, batch: int = 32) -> np.ndarray:
        """uint8 [N,px,px,3] for conditioning [N,L,C] and, where there are some, drafts."""
        noise = torch.randn(len(states), *self.shape, generator=torch.Generator().manual_seed(seed))
        some, out = list(some or [None] * len(states)), []
        for start in range(0, len(states), batch):
            part = slice(start, start + batch)
            drafted = self.drafted(some[part])
            latent = self.latents(noise[part], torch.from_numpy(states[part].astype(np.float32)), drafted)
            out.append(to_pictures(self.decode(latent, drafted)))
        return np.concatenate(out)
