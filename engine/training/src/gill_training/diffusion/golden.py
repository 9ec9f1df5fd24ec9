"""Reference values of the exported generator: PyTorch's (float32, weights rounded as stored), and how far ONNX Runtime is from them."""
from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnxruntime
import torch
from safetensors.numpy import save_file

from . import flow, run
from .drafts import squares_mask
from .export import DRAFT_GUIDANCE, GUIDANCE, STEPS, BundleDecoder, BundleEncoder, rounded_to_half
from .exported import Drafted, Exported, guidance
from .train_autoencoder import to_pictures, to_tensor
from .unet import UNet


@dataclass(frozen=True)
class Example:
    """A prompt, and the draft it is drawn on: uint8 [px][px][3] and the [left, top, side] of what is in it; none: white, []."""

    prompt: str
    draft: np.ndarray
    squares: list[list[int]]


@torch.no_grad()
def write(unet: UNet, decoder: BundleDecoder, encoder: BundleEncoder | None, conditioning: np.ndarray, examples: list[Example], bundle: Path,
          shift: float = 1.0) -> None:
    for net in (unet, decoder, encoder):
        if net is not None:
            rounded_to_half(net)
    folder = bundle / "golden"
    folder.mkdir(parents=True, exist_ok=True)
    config, generator = unet.config, torch.Generator().manual_seed(20260)
    text = torch.from_numpy(conditioning).float()
    noise = torch.randn(len(text), config.latent_channels, config.latent_size, config.latent_size, generator=generator)
    timestep = torch.linspace(1000, 40, len(text))
    drafted = _drafted(encoder, examples) if encoder is not None else None
    of_unet = (drafted.latents, drafted.mask) if drafted else ()
    of_decoder = (drafted.pixels, drafted.mask) if drafted else ()

    def twice(sample: torch.Tensor, steps: torch.Tensor, states: torch.Tensor) -> torch.Tensor:
        return unet(sample, steps, states, *(torch.cat([value, value]) for value in of_unet))

    velocity = unet(noise, timestep, text, *of_unet)
    latent = flow.sample(twice, noise, text, guidance(drafted), STEPS, shift)
    picture = decoder(latent, *of_decoder)
    exported = Exported(bundle, shift=shift)
    away = {
        "unet": exported.denoiser(drafted)(noise, timestep, text) - velocity,
        "vae_decoder": exported.decode(latent, drafted) - picture,
        "diffusion": exported.latents(noise, text, drafted) - latent,
    }
    named = lambda *names: dict(zip(names, (value.numpy() for value in of_unet)))
    save_file({"sample": noise.numpy(), "timestep": timestep.numpy(), "encoder_hidden_states": text.numpy(), "out_sample": velocity.numpy()}
              | named("draft_latents", "draft_mask"), folder / "unet.safetensors")
    save_file({"latent_sample": latent.numpy(), "sample": picture.numpy()}
              | ({"draft": drafted.pixels.numpy(), "draft_mask": drafted.mask.numpy()} if drafted else {}), folder / "vae_decoder.safetensors")
    drafts = {"draft": np.stack([example.draft for example in examples])} if drafted else {}
    save_file({"initial_noise": noise.numpy(), "encoder_hidden_states": text.numpy(), "final_latents": latent.numpy(),
               "sigmas": flow.schedule(STEPS, shift).numpy(), "image": np.ascontiguousarray(to_pictures(picture))} | drafts, folder / "diffusion.safetensors")
    if drafted:
        away["vae_encoder"] = torch.from_numpy(exported.encoder.run(None, {"sample": drafted.pixels.numpy()})[0]) - encoder(drafted.pixels)
        save_file({"sample": drafted.pixels.numpy(), "latent_sample": encoder(drafted.pixels).numpy()}, folder / "vae_encoder.safetensors")
    prompts = [example.prompt for example in examples]
    facts = {"unet": {"prompts": prompts}, "diffusion": {
        "prompts": prompts, "guidance_scale": GUIDANCE, "draft_guidance_scale": DRAFT_GUIDANCE, "num_inference_steps": STEPS, "shift": shift,
        "image": "uint8 [B,128,128,3], round((decoder(final_latents) + 1) * 127.5)", "image_tolerance": 2}}
    if drafted:
        facts["diffusion"] |= {"draft": "uint8 [B,128,128,3] on white", "draft_squares": [example.squares for example in examples]}
    versions = {"torch": torch.__version__.split("+")[0], "onnxruntime": onnxruntime.__version__}
    for part, difference in away.items():
        most = float(difference.abs().max())
        run.write_json(folder / f"{part}.json", {"file": f"{part}.safetensors", "part": part, "measured_max_difference": most,
                                                 "tolerance": max(4 * most, 1e-5), "versions": versions} | facts.get(part, {}))


def _drafted(encoder: BundleEncoder, examples: list[Example]) -> Drafted:
    pixels = to_tensor(np.stack([example.draft for example in examples])).contiguous()
    masks = torch.from_numpy(np.stack([squares_mask(example.squares) for example in examples]))[:, None]
    there = torch.tensor([bool(example.squares) for example in examples]).float()[:, None, None, None]
    return Drafted(encoder(pixels) * there, masks, pixels)
