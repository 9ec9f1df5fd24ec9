"""Writes the trained diffusion parts as a bundle holds them: graphs, scheduler, metrics and reference values."""
from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import torch
import torch.nn as nn
from safetensors.numpy import save_file

from gill_training.onnx_files import export as export_onnx

from . import flow, run
from .autoencoder import Decoder
from .unet import UNet

STEPS, GUIDANCE = 20, 3.0
LICENCES = [
    {"part": "unet, vae_decoder", "spdx": "Apache-2.0", "attribution": "weights trained by this project on Twemoji (CC-BY-4.0, Twitter, Inc. and "
     "other contributors), Noto Emoji (Apache-2.0, Google Inc.) and Fluent Emoji (MIT, Microsoft Corporation)", "source": "engine/training"},
]


class BundleDecoder(nn.Module):
    """The decoder with the latent's scale folded in: a latent of unit variance -> pixels in [-1,1]."""

    def __init__(self, decoder: Decoder, mean: torch.Tensor, deviation: torch.Tensor):
        super().__init__()
        self.decoder = decoder
        self.register_buffer("mean", mean.reshape(1, -1, 1, 1).clone())
        self.register_buffer("deviation", deviation.reshape(1, -1, 1, 1).clone())

    def forward(self, latent_sample: torch.Tensor) -> torch.Tensor:
        return self.decoder(latent_sample * self.deviation + self.mean).clamp(-1, 1)


def write_parts(unet: UNet, decoder: BundleDecoder, bundle: Path, shift: float = 1.0) -> None:
    config = unet.config
    latent = torch.randn(2, config.latent_channels, config.latent_size, config.latent_size)
    states = torch.randn(2, config.text_length, config.text_width)
    unet, decoder = unet.eval().to(memory_format=torch.contiguous_format), decoder.eval().to(memory_format=torch.contiguous_format)
    export_onnx(unet, {"sample": latent, "timestep": torch.tensor([900.0, 100.0]), "encoder_hidden_states": states},
                ["out_sample"], bundle / "unet/model.onnx")
    export_onnx(decoder, {"latent_sample": latent}, ["sample"], bundle / "vae_decoder/model.onnx")
    run.write_json(bundle / "scheduler/scheduler_config.json", {
        "_class_name": "FlowMatchEulerDiscreteScheduler", "num_train_timesteps": flow.TRAIN_TIMESTEPS, "shift": shift,
        "use_dynamic_shifting": False})


def manifest(confidence: dict | None = None) -> dict:
    """The `diffusion` section of bundle.json, with `confidence` and `min_confidence` if they are known; sizes are read from the graphs when a bundle is put together."""
    section = {"scaling_factor": 1.0, "shift_factor": 0.0, "num_inference_steps": STEPS, "guidance_scale": GUIDANCE,
               "scheduler": "FlowMatchEulerDiscreteScheduler", "unconditional": "zeros", "reference_images": 0}
    return {"diffusion": section | (confidence or {})}


def rounded_to_half(module: nn.Module) -> nn.Module:
    """Weights as the exported graphs hold them, so that PyTorch's reference values fit the file."""
    with torch.no_grad():
        for value in [*module.parameters(), *module.buffers()]:
            if value.numel() >= 1024:
                value.copy_(value.half().float())
    return module


@torch.no_grad()
def write_golden(unet: UNet, decoder: BundleDecoder, conditioning: np.ndarray, prompts: list[str], bundle: Path, shift: float = 1.0) -> None:
    """Reference values from PyTorch (float32, weights rounded as stored) and how far ONNX Runtime is from them."""
    from gill_training.encoders import open_session

    rounded_to_half(unet)
    rounded_to_half(decoder)
    folder = bundle / "golden"
    folder.mkdir(parents=True, exist_ok=True)
    config, generator = unet.config, torch.Generator().manual_seed(20260)
    text = torch.from_numpy(conditioning).float()
    noise = torch.randn(len(text), config.latent_channels, config.latent_size, config.latent_size, generator=generator)
    timestep = torch.linspace(1000, 40, len(text))
    velocity = unet(noise, timestep, text)
    latent = flow.sample(unet, noise, text, GUIDANCE, STEPS, shift)
    picture = decoder(latent)
    pixels = ((picture + 1) * 127.5).round().clamp(0, 255).to(torch.uint8)

    session_unet, session_decoder = open_session(bundle / "unet/model.onnx"), open_session(bundle / "vae_decoder/model.onnx")

    def onnx_unet(sample: torch.Tensor, steps: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        inputs = {"sample": sample.numpy(), "timestep": steps.numpy(), "encoder_hidden_states": states.numpy()}
        return torch.from_numpy(session_unet.run(None, inputs)[0])

    away_unet = float((onnx_unet(noise, timestep, text) - velocity).abs().max())
    away_decoder = float((torch.from_numpy(session_decoder.run(None, {"latent_sample": latent.numpy()})[0]) - picture).abs().max())
    away_latent = float((flow.sample(onnx_unet, noise, text, GUIDANCE, STEPS, shift) - latent).abs().max())
    save_file({"sample": noise.numpy(), "timestep": timestep.numpy(), "encoder_hidden_states": text.numpy(), "out_sample": velocity.numpy()},
              folder / "unet.safetensors")
    save_file({"latent_sample": latent.numpy(), "sample": picture.numpy()}, folder / "vae_decoder.safetensors")
    save_file({"initial_noise": noise.numpy(), "encoder_hidden_states": text.numpy(), "final_latents": latent.numpy(),
               "sigmas": flow.schedule(STEPS, shift).numpy(), "image": pixels.permute(0, 2, 3, 1).contiguous().numpy()},
              folder / "diffusion.safetensors")
    versions = {"torch": torch.__version__.split("+")[0]}
    import onnxruntime
    versions["onnxruntime"] = onnxruntime.__version__

    def entry(part: str, away: float, more: dict) -> None:
        run.write_json(folder / f"{part}.json", {"file": f"{part}.safetensors", "part": part, "measured_max_difference": away,
                                                 "tolerance": max(4 * away, 1e-5), "versions": versions} | more)

    entry("unet", away_unet, {"prompts": prompts})
    entry("vae_decoder", away_decoder, {})
    entry("diffusion", away_latent, {"prompts": prompts, "guidance_scale": GUIDANCE, "num_inference_steps": STEPS, "shift": shift,
                                     "image": "uint8 [B,128,128,3], round((decoder(final_latents) + 1) * 127.5)", "image_tolerance": 2})
