"""Writes the trained diffusion parts as a bundle holds them: graphs, scheduler, metrics and reference values."""
from __future__ import annotations

from pathlib import Path

import torch
import torch.nn as nn

from gill_training.onnx_files import export as export_onnx

from . import flow, run, scenes
from .autoencoder import Autoencoder, Decoder
from .unet import UNet

# Whose drawings it was taught to draw on and the search corpus has.
DRAFT_SOURCES = ("twemoji", "fluent-3d", "noto", "emojitwo")
STEPS, GUIDANCE, DRAFT_GUIDANCE = 20, 3.0, 2.0
WORDS_SHARE = 0.5  # of guidance comes from the text encoder where a request names things; chosen as equal shares, not searched
LICENCES = [
    {"part": "unet, vae_encoder, vae_decoder", "spdx": "Apache-2.0", "attribution": "weights trained by this project on Twemoji (CC-BY-4.0, Twitter, Inc. and "
     "other contributors), Noto Emoji (Apache-2.0, Google Inc.), Fluent Emoji (MIT, Microsoft Corporation), EmojiTwo (CC-BY-4.0) and Open Clip Art (public domain)", "source": "engine/training"},
]


class BundleDecoder(nn.Module):
    """The decoder with the latent's scale folded in: a latent of unit variance -> pixels in [-1,1]."""

    def __init__(self, decoder: Decoder, mean: torch.Tensor, deviation: torch.Tensor):
        super().__init__()
        self.decoder = decoder
        self.register_buffer("mean", mean.reshape(1, -1, 1, 1).clone())
        self.register_buffer("deviation", deviation.reshape(1, -1, 1, 1).clone())

    def forward(self, latent_sample: torch.Tensor, draft: torch.Tensor | None = None, draft_mask: torch.Tensor | None = None) -> torch.Tensor:
        return self.decoder(latent_sample * self.deviation + self.mean, draft, draft_mask).clamp(-1, 1)


class BundleEncoder(nn.Module):
    """Pixels in [-1,1] -> the latents of unit variance that the denoiser knows."""

    def __init__(self, autoencoder: Autoencoder, mean: torch.Tensor, deviation: torch.Tensor):
        super().__init__()
        self.autoencoder = autoencoder
        self.register_buffer("mean", mean.reshape(1, -1, 1, 1).clone())
        self.register_buffer("deviation", deviation.reshape(1, -1, 1, 1).clone())

    def forward(self, sample: torch.Tensor) -> torch.Tensor:
        return (self.autoencoder.encode(sample) - self.mean) / self.deviation


def write_parts(unet: UNet, decoder: BundleDecoder, bundle: Path, shift: float = 1.0, encoder: BundleEncoder | None = None) -> None:
    config = unet.config
    latent = torch.randn(2, config.latent_channels, config.latent_size, config.latent_size)
    states = torch.randn(2, config.text_length, config.text_width)
    unet, decoder = unet.eval().to(memory_format=torch.contiguous_format), decoder.eval().to(memory_format=torch.contiguous_format)
    size, mask = scenes.SIZE, torch.rand(2, 1, config.latent_size, config.latent_size)
    drafts = {"draft_latents": latent.flip(0), "draft_mask": mask} if config.draft else {}
    pixels = {"draft": torch.randn(2, 3, size, size), "draft_mask": mask} if decoder.decoder.draft else {}
    export_onnx(unet, {"sample": latent, "timestep": torch.tensor([900.0, 100.0]), "encoder_hidden_states": states} | drafts,
                ["out_sample"], bundle / "unet/model.onnx")
    export_onnx(decoder, {"latent_sample": latent} | pixels, ["sample"], bundle / "vae_decoder/model.onnx")
    if encoder is not None:
        export_onnx(encoder.eval(), {"sample": torch.randn(2, 3, size, size)}, ["latent_sample"], bundle / "vae_encoder/model.onnx")
    run.write_json(bundle / "scheduler/scheduler_config.json", {
        "_class_name": "FlowMatchEulerDiscreteScheduler", "num_train_timesteps": flow.TRAIN_TIMESTEPS, "shift": shift,
        "use_dynamic_shifting": False})


def manifest(confidence: dict | None = None) -> dict:
    """The `diffusion` section of bundle.json, with `confidence` and `min_confidence` if they are known; sizes are read from the graphs when a bundle is put together."""
    section = {"scaling_factor": 1.0, "shift_factor": 0.0, "num_inference_steps": STEPS, "guidance_scale": GUIDANCE, "draft_guidance_scale": DRAFT_GUIDANCE, "words_share": WORDS_SHARE,
               "scheduler": "FlowMatchEulerDiscreteScheduler", "unconditional": "zeros", "draft_sources": list(DRAFT_SOURCES)}
    return {"diffusion": section | (confidence or {})}


def rounded_to_half(module: nn.Module) -> nn.Module:
    """Weights as the exported graphs hold them, so that PyTorch's reference values fit the file."""
    with torch.no_grad():
        for value in [*module.parameters(), *module.buffers()]:
            if value.numel() >= 1024:
                value.copy_(value.half().float())
    return module
