"""A torch twin of the language model, exact to the GGUF's values, to train through with every weight frozen."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F

from gill_training.language_model.blocks import f32_values, permuted_rows, q4_1_exact, q8_0_to_8_bit
from gill_training.language_model.gguf import GgufFile
from gill_training.language_model.graph import LlamaSizes, rope_tables

Cache = list[tuple[torch.Tensor, torch.Tensor]]


@dataclass(frozen=True)
class _Layer:
    attention_norm: torch.Tensor
    qkv: torch.Tensor
    attention_out: torch.Tensor
    feed_forward_norm: torch.Tensor
    gate_up: torch.Tensor
    down: torch.Tensor


class LlamaTwin:
    """Frozen weights in `dtype` (products) and f32 (norms); the residual stream is f32."""

    def __init__(self, file: GgufFile, dtype: torch.dtype = torch.float32, context: int = 2048):
        self.sizes = sizes = LlamaSizes.of(file)
        self._dtype = dtype
        tensor = lambda array: torch.from_numpy(array.copy())
        exact = lambda name, heads=0: tensor(q4_1_exact(file.tensors[name], heads))
        norm = lambda name: tensor(f32_values(file.tensors[name]))
        self._layers = []
        for i in range(sizes.layers):
            block = f"blk.{i}."
            qkv = [exact(block + "attn_q.weight", sizes.heads), exact(block + "attn_k.weight", sizes.kv_heads)]
            self._layers.append(
                _Layer(
                    norm(block + "attn_norm.weight"),
                    torch.cat([*qkv, exact(block + "attn_v.weight")]).to(dtype),
                    exact(block + "attn_output.weight").to(dtype),
                    norm(block + "ffn_norm.weight"),
                    torch.cat([exact(block + "ffn_gate.weight"), exact(block + "ffn_up.weight")]).to(dtype),
                    exact(block + "ffn_down.weight").to(dtype),
                )
            )
        self._final_norm = norm("output_norm.weight")
        table = tensor(q8_0_to_8_bit(file.tensors["token_embd.weight"]).dequantise())
        self.token_table = table
        self._head = table.to(dtype)
        cos, sin = rope_tables(sizes, context)
        self._cos, self._sin = torch.from_numpy(cos), torch.from_numpy(sin)

    def embed(self, ids: torch.Tensor) -> torch.Tensor:
        return F.embedding(ids, self.token_table)

    def logits(self, hidden: torch.Tensor) -> torch.Tensor:
        return F.linear(hidden.to(self._dtype), self._head).float()

    def run(self, embeds: torch.Tensor, past: Cache | None = None, lengths: torch.Tensor | None = None) -> tuple[torch.Tensor, Cache]:
        """Final hidden states f32 [B, T, H] and the new keys and values of T tokens after a `past` of up to P tokens.

        `lengths` [B] says how many of the P past tokens each row really has (default: all); the new tokens follow there.
        """
        batch, tokens, _ = embeds.shape
        before = 0 if past is None else past[0][0].shape[2]
        start = torch.full((batch,), before) if lengths is None else lengths
        positions = start[:, None] + torch.arange(tokens)
        cos, sin = self._cos[positions][:, None], self._sin[positions][:, None]
        seen = torch.arange(before)[None, None, :] < start[:, None, None]
        causal = torch.ones(tokens, tokens, dtype=torch.bool).tril()
        mask = torch.cat([seen.expand(batch, tokens, before), causal.expand(batch, tokens, tokens)], -1)
        bias = torch.zeros(mask.shape).masked_fill_(~mask, float("-inf"))[:, None, None]
        fresh: Cache = []
        x = embeds.float()
        for i, layer in enumerate(self._layers):
            attended, keys, values = self._attention(self._norm(x, layer.attention_norm), layer, cos, sin, bias, past and past[i])
            fresh.append((keys, values))
            x = x + attended.float()
            gate, up = F.linear(self._norm(x, layer.feed_forward_norm), layer.gate_up).chunk(2, -1)
            x = x + F.linear(F.silu(gate) * up, layer.down).float()
        return self._norm(x, self._final_norm).float(), fresh

    def _norm(self, x: torch.Tensor, weight: torch.Tensor) -> torch.Tensor:
        return F.rms_norm(x, x.shape[-1:], weight, self.sizes.epsilon).to(self._dtype)

    def _attention(self, x, layer: _Layer, cos, sin, bias, past):
        """Written out: the fused kernel's backward pass is slow on a CPU, and grouped heads need no copies of the keys."""
        sizes, (batch, tokens, _) = self.sizes, x.shape
        heads, kv, width = sizes.heads, sizes.kv_heads, sizes.head_dim
        group = heads // kv
        q, k, v = F.linear(x, layer.qkv).view(batch, tokens, heads + 2 * kv, width).transpose(1, 2).split([heads, kv, kv], 1)
        q, k = _rotate(q, cos, sin), _rotate(k, cos, sin)
        keys, values = (k, v) if past is None else (torch.cat([past[0], k], 2), torch.cat([past[1], v], 2))
        scores = q.reshape(batch, kv, group * tokens, width) @ keys.transpose(2, 3)
        scores = scores.view(batch, kv, group, tokens, -1).float() * width**-0.5 + bias
        mixed = scores.softmax(-1).to(v.dtype).view(batch, kv, group * tokens, -1) @ values
        mixed = mixed.view(batch, heads, tokens, width).transpose(1, 2).reshape(batch, tokens, -1)
        return F.linear(mixed, layer.attention_out), k, v


def _rotate(x: torch.Tensor, cos: torch.Tensor, sin: torch.Tensor) -> torch.Tensor:
    first, second = x.float().chunk(2, -1)
    return torch.cat([first * cos - second * sin, second * cos + first * sin], -1).to(x.dtype)
