"""The denoiser: a small U-Net over 8x8 latents, with its own text adapter inside.

It reads three tensors (`sample`, `timestep`, `encoder_hidden_states`), as `unet/model.onnx` must, and, where it was made for them,
`draft_latents` and `draft_mask`: a rough picture put together from retrieved ones, and where there is something in it. Padding is recognised by its
size: real conditioning rows have unit mean square, padding rows are zero, and everything between is weighted smoothly, because at
run time the rows come from GILLMapper, which never writes an exact zero.
"""
from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import torch
import torch.nn as nn
import torch.nn.functional as F

HEAD_WIDTH = 32
GROUPS = 16
LEAST_SIGMA = 0.05


@dataclass(frozen=True)
class UNetConfig:
    latent_channels: int = 16
    latent_size: int = 8
    base: int = 96
    multipliers: tuple[int, ...] = (1, 2)
    text_width: int = 384
    text_length: int = 16
    adapter_width: int = 256
    draft: bool = False

    def to_json(self) -> dict:
        return asdict(self) | {"multipliers": list(self.multipliers)}

    @staticmethod
    def from_json(values: dict) -> "UNetConfig":
        return UNetConfig(**(values | {"multipliers": tuple(values["multipliers"])}))


def split_heads(x: torch.Tensor) -> torch.Tensor:
    return x.unflatten(-1, (-1, HEAD_WIDTH)).transpose(1, 2)


def attend(query: torch.Tensor, key: torch.Tensor, value: torch.Tensor, bias: torch.Tensor | None = None) -> torch.Tensor:
    """Written out: on a CPU the fused kernel's backward pass costs more than the rest of the net together."""
    scores = split_heads(query) * HEAD_WIDTH**-0.5 @ split_heads(key).transpose(-1, -2)
    if bias is not None:
        scores = scores + bias
    return (scores.softmax(-1).to(value.dtype) @ split_heads(value)).transpose(1, 2).flatten(2)


class TextAdapter(nn.Module):
    """[B,L,C] conditioning -> [B,L,d] context and its [B,d] mean; padding rows come out as zeros."""

    def __init__(self, config: UNetConfig):
        super().__init__()
        width = config.adapter_width
        self.enter = nn.Linear(config.text_width, width)
        self.position = nn.Parameter(torch.randn(1, config.text_length, width) * 0.02)
        self.norm_attention, self.norm_feed, self.norm_out = nn.LayerNorm(width), nn.LayerNorm(width), nn.LayerNorm(width)
        self.qkv, self.leave = nn.Linear(width, 3 * width), nn.Linear(width, width)
        self.feed_in, self.feed_out = nn.Linear(width, 3 * width), nn.Linear(3 * width, width)

    def forward(self, states: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        energy = states.square().mean(-1, keepdim=True)
        gate = ((energy - 0.05) / 0.35).clamp(0, 1)
        h = self.enter(states * torch.rsqrt(energy.clamp(min=0.05))) + self.position
        query, key, value = self.qkv(self.norm_attention(h)).chunk(3, -1)
        bias = torch.log(gate + 1e-4).squeeze(-1)[:, None, None, :]
        h = h + self.leave(attend(query, key, value, bias.to(query.dtype)))
        h = h + self.feed_out(F.gelu(self.feed_in(self.norm_feed(h))))
        h = self.norm_out(h) * gate
        return h, h.sum(1) / gate.sum(1).clamp(min=1)


class ResidualBlock(nn.Module):
    def __init__(self, inputs: int, outputs: int, time_width: int):
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(GROUPS, inputs), nn.Conv2d(inputs, outputs, 3, padding=1)
        self.time = nn.Linear(time_width, 2 * outputs)
        self.norm2, self.conv2 = nn.GroupNorm(GROUPS, outputs), nn.Conv2d(outputs, outputs, 3, padding=1)
        self.skip = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x: torch.Tensor, time: torch.Tensor) -> torch.Tensor:
        h = self.conv1(F.silu(self.norm1(x)))
        scale, shift = self.time(time)[:, :, None, None].chunk(2, 1)
        return self.skip(x) + self.conv2(F.silu(self.norm2(h) * (1 + scale) + shift))


class AttentionBlock(nn.Module):
    """Self-attention, then cross-attention. Keys and values of the text have no bias: a zero row attends to nothing."""

    def __init__(self, channels: int, context: int):
        super().__init__()
        self.norm_self, self.qkv, self.out_self = nn.GroupNorm(GROUPS, channels), nn.Linear(channels, 3 * channels), nn.Linear(channels, channels)
        self.norm_cross, self.query = nn.LayerNorm(channels), nn.Linear(channels, channels)
        self.key_value, self.out_cross = nn.Linear(context, 2 * channels, bias=False), nn.Linear(channels, channels)
        for last in (self.out_self, self.out_cross):
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)

    def forward(self, x: torch.Tensor, context: torch.Tensor) -> torch.Tensor:
        height, width = x.shape[2:]
        rows = x.flatten(2).transpose(1, 2)
        rows = rows + self.out_self(attend(*self.qkv(self.norm_self(x).flatten(2).transpose(1, 2)).chunk(3, -1)))
        rows = rows + self.out_cross(attend(self.query(self.norm_cross(rows)), *self.key_value(context).chunk(2, -1)))
        return rows.transpose(1, 2).unflatten(2, (height, width))


class UNet(nn.Module):
    def __init__(self, config: UNetConfig = UNetConfig()):
        super().__init__()
        self.config = config
        base, text, time = config.base, config.adapter_width, 4 * config.base
        self.text = TextAdapter(config)
        self.time_mlp = nn.Sequential(nn.Linear(base, time), nn.SiLU(), nn.Linear(time, time))
        self.text_to_time = nn.Linear(text, time)
        self.enter = nn.Conv2d(config.latent_channels, base, 3, padding=1)
        if config.draft:
            # Starts at zero: a net that was trained without drafts goes on as it was.
            self.enter_draft = nn.Conv2d(config.latent_channels + 1, base, 3, padding=1, bias=False)
            nn.init.zeros_(self.enter_draft.weight)
            # Where, and in which channels, the picture is just the draft: a small net with minutes to learn does not find copying by itself.
            self.copy = nn.Conv2d(base * config.multipliers[0], config.latent_channels, 3, padding=1)
            nn.init.zeros_(self.copy.weight)
            nn.init.constant_(self.copy.bias, -3.0)
        self.position = nn.Parameter(torch.randn(1, base, config.latent_size, config.latent_size) * 0.02)
        levels = [base * m for m in config.multipliers]
        self.down, self.shrink, skips, width = nn.ModuleList(), nn.ModuleList(), [base], base
        for level, out in enumerate(levels):
            self.down.append(nn.ModuleList([ResidualBlock(width, out, time), AttentionBlock(out, text)]))
            skips.append(out)
            width = out
            if level + 1 < len(levels):
                self.shrink.append(nn.Conv2d(width, width, 3, stride=2, padding=1))
                skips.append(width)
        self.middle = nn.ModuleList([ResidualBlock(width, width, time), AttentionBlock(width, text), ResidualBlock(width, width, time)])
        self.up, self.grow = nn.ModuleList(), nn.ModuleList()
        for level, out in reversed(list(enumerate(levels))):
            blocks = nn.ModuleList()
            for _ in range(2):
                blocks.append(nn.ModuleList([ResidualBlock(width + skips.pop(), out, time), AttentionBlock(out, text)]))
                width = out
            self.up.append(blocks)
            if level > 0:
                self.grow.append(nn.Conv2d(width, width, 3, padding=1))
        self.norm_out, self.leave = nn.GroupNorm(GROUPS, width), nn.Conv2d(width, config.latent_channels, 3, padding=1)
        nn.init.zeros_(self.leave.weight)
        nn.init.zeros_(self.leave.bias)
        half = base // 2
        self.register_buffer("frequencies", torch.exp(-math.log(10000) * torch.arange(half) / half), persistent=False)

    def forward(self, sample: torch.Tensor, timestep: torch.Tensor, encoder_hidden_states: torch.Tensor,
                draft_latents: torch.Tensor | None = None, draft_mask: torch.Tensor | None = None) -> torch.Tensor:
        context, pooled = self.text(encoder_hidden_states)
        angles = timestep[:, None] * self.frequencies[None]
        time = F.silu(self.time_mlp(torch.cat([angles.sin(), angles.cos()], -1)) + self.text_to_time(pooled))
        h = self.enter(sample) + self.position
        if draft_latents is not None and draft_mask is not None:
            h = h + self.enter_draft(torch.cat([draft_latents, draft_mask], 1))
        skips = [h]
        for level, (residual, attention) in enumerate(self.down):
            h = attention(residual(h, time), context)
            skips.append(h)
            if level < len(self.shrink):
                h = self.shrink[level](h)
                skips.append(h)
        residual, attention, last = self.middle
        h = last(attention(residual(h, time), context), time)
        for level, blocks in enumerate(self.up):
            for residual, attention in blocks:
                h = attention(residual(torch.cat([h, skips.pop()], 1), time), context)
            if level < len(self.grow):
                h = self.grow[level](F.interpolate(h, scale_factor=2.0))
        h = F.silu(self.norm_out(h))
        velocity = self.leave(h)
        if draft_latents is None or draft_mask is None:
            return velocity
        # If the picture were the draft, the way there from `sample` would be this (flow.py).
        copied = (sample - draft_latents) / (timestep / 1000).clamp(min=LEAST_SIGMA)[:, None, None, None]
        return torch.lerp(velocity.float(), copied.float(), self.copy(h).float().sigmoid() * draft_mask)
