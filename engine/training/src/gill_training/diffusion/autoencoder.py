"""The picture codec: 128 px RGB <-> 8x8x16 latents of unit variance.

The last three latent channels are not learned: they are the picture's 8x8 thumbnail, so colours are right from the first minute and
the learned channels can hold shapes. No convolution runs at full resolution (on a CPU those cost most): pixels are folded into channels on the way in and unfolded on
the way out. The latent is normalised by a batch norm without parameters instead of a KL term. Training adds noise to the latent,
so that the decoder draws clean icons even where the denoiser is slightly off.
"""
from __future__ import annotations

from dataclasses import asdict, dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclass(frozen=True)
class AutoencoderConfig:
    image_size: int = 128
    latent_channels: int = 16
    latent_size: int = 8
    encoder: tuple[int, int, int] = (32, 96, 160)  # channels at 32, 16 and 8 px
    decoder: tuple[int, int, int, int] = (192, 128, 64, 32)  # channels at 8, 16, 32 and 64 px
    draft: bool = False  # the decoder sees the draft's pixels

    def to_json(self) -> dict:
        return asdict(self) | {"encoder": list(self.encoder), "decoder": list(self.decoder)}

    @staticmethod
    def from_json(values: dict) -> "AutoencoderConfig":
        return AutoencoderConfig(**(values | {"encoder": tuple(values["encoder"]), "decoder": tuple(values["decoder"])}))


class Residual(nn.Module):
    def __init__(self, channels: int):
        super().__init__()
        self.first, self.second = nn.Conv2d(channels, channels, 3, padding=1), nn.Conv2d(channels, channels, 3, padding=1)
        with torch.no_grad():
            self.second.weight.mul_(0.3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return F.relu(x + self.second(F.relu(self.first(x))))


def grow(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(inputs, 4 * outputs, 1), nn.PixelShuffle(2))


class Merge(nn.Module):
    """Adds what can be learnt from the decoder's features and the draft's; nothing at first."""

    def __init__(self, features: int, draft: int, hidden: int, outputs: int):
        super().__init__()
        self.first, self.second = nn.Conv2d(features + draft, hidden, 3, padding=1), nn.Conv2d(hidden, outputs, 3, padding=1)
        nn.init.zeros_(self.second.weight)
        nn.init.zeros_(self.second.bias)

    def forward(self, features: torch.Tensor, draft: torch.Tensor) -> torch.Tensor:
        return self.second(F.relu(self.first(torch.cat([features, draft], 1))))


class Decoder(nn.Module):
    """[B,c,8,8] of unit variance -> [B,3,128,128] in about [-1,1].

    A decoder for drafts also reads the draft's pixels [B,3,128,128] in [-1,1] and its mask [B,1,8,8]: an 8x8 latent says what is where
    and in which colour, the draft how its edges run. Where the two disagree the latent is right.
    """

    def __init__(self, config: AutoencoderConfig):
        super().__init__()
        w8, w16, w32, w64 = config.decoder
        self.layers = nn.Sequential(
            nn.Conv2d(config.latent_channels, w8, 3, padding=1), Residual(w8), Residual(w8),
            grow(w8, w16), Residual(w16), Residual(w16),
            grow(w16, w32), Residual(w32), Residual(w32),
            grow(w32, w64), Residual(w64),
            nn.Conv2d(w64, 12, 3, padding=1), nn.PixelShuffle(2))
        self.draft = config.draft
        if config.draft:
            self.draft64, self.draft32 = nn.Conv2d(13, w64, 3, padding=1), nn.Conv2d(w64, w32, 3, 2, 1)
            self.merge32, self.merge64, self.merge_out = Merge(w32, w32, w32, w32), Merge(w64, w64, 48, w64), Merge(w64, w64, 48, 12)

    def forward(self, latent: torch.Tensor, draft: torch.Tensor | None = None, mask: torch.Tensor | None = None) -> torch.Tensor:
        if draft is None or mask is None:
            if not self.draft:
                return self.layers(latent)
            draft = torch.ones(len(latent), 3, 128, 128, dtype=latent.dtype)
            mask = torch.zeros(len(latent), 1, *latent.shape[2:], dtype=latent.dtype)
        fine = F.relu(self.draft64(torch.cat([F.pixel_unshuffle(draft, 2), F.interpolate(mask, scale_factor=8.0)], 1)))
        coarse = F.relu(self.draft32(fine))
        h = self.layers[:7](latent)
        h = self.layers[7:10](h + self.merge32(h, coarse))
        h = self.layers[10](h + self.merge64(h, fine))
        return self.layers[12](self.layers[11](h) + self.merge_out(h, fine))


class Autoencoder(nn.Module):
    def __init__(self, config: AutoencoderConfig = AutoencoderConfig()):
        super().__init__()
        self.config = config
        w32, w16, w8 = config.encoder
        self.encoder = nn.Sequential(
            nn.PixelUnshuffle(4), nn.Conv2d(48, w32, 3, padding=1), Residual(w32),
            nn.Conv2d(w32, w16, 3, 2, 1), Residual(w16), Residual(w16),
            nn.Conv2d(w16, w8, 3, 2, 1), Residual(w8), nn.Conv2d(w8, config.latent_channels - 3, 3, padding=1))
        self.norm = nn.BatchNorm2d(config.latent_channels, affine=False, momentum=0.02)
        self.decoder = Decoder(config)

    def unscaled(self, pixels: torch.Tensor) -> torch.Tensor:
        """The latent before it is normalised."""
        thumbnail = F.avg_pool2d(pixels, self.config.image_size // self.config.latent_size)
        return torch.cat([self.encoder(pixels).float(), thumbnail.float()], 1)

    def encode(self, pixels: torch.Tensor) -> torch.Tensor:
        """[B,3,128,128] in [-1,1] -> [B,16,8,8]."""
        return self.norm(self.unscaled(pixels))


def reconstruction_loss(out: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """L1 + half the squared error + L1 of the gradients at full and half resolution (sharp edges) + L1 of the colour contrasts."""
    loss = (out - target).abs().mean() + 0.5 * (out - target).square().mean()
    small = F.avg_pool2d(out - target, 4)
    loss = loss + 0.5 * (small[:, 0] - small[:, 1]).abs().mean() + 0.5 * (small[:, 2] - small[:, 1]).abs().mean()
    for scale in (1, 2):
        if scale > 1:
            out, target = F.avg_pool2d(out, 2), F.avg_pool2d(target, 2)
        difference = out - target
        loss = loss + 0.5 * ((difference[..., 1:] - difference[..., :-1]).abs().mean()
                             + (difference[..., 1:, :] - difference[..., :-1, :]).abs().mean())
    return loss


def psnr(out: torch.Tensor, target: torch.Tensor) -> torch.Tensor:
    """Decibels per picture; both in [-1,1]."""
    return -10 * torch.log10(((out.clamp(-1, 1) - target) / 2).square().mean((1, 2, 3)).clamp(min=1e-10))
