"""The networks GILL trains: visual prefix, retrieval heads, GILLMapper, decision head and the [IMG] token rows."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import nn


@dataclass(frozen=True)
class GillSizes:
    """Sizes of GILL's own parts and of what they connect; the names are those of bundle.json."""

    hidden_size: int = 576
    pooled_dim: int = 1920
    num_img_tokens: int = 4
    num_visual_tokens: int = 4
    retrieval_dim: int = 256
    conditioning_length: int = 16
    conditioning_dim: int = 384


class VisualPrefix(nn.Module):
    """pooler_output [B, F] → prefix_embeds [B, n, H]: an image as n input embeddings of the language model.

    A memory of names: the image is compared with a key a name, and the embeddings of the likeliest names' words, weighted, are what
    the language model reads; a small network adds what no name says. `look`: pooler_output → unit vectors [B, R]; `names` [K, n]: for
    each name the rows of `words` [W, H] that its n tokens are.
    """

    LIKELIEST = 8

    def __init__(self, sizes: GillSizes, look: nn.Module, names: torch.Tensor, words: torch.Tensor, width: int = 256):
        super().__init__()
        self._shape = (sizes.num_visual_tokens, sizes.hidden_size)
        self._count = min(self.LIKELIEST, len(names))
        self.look = look
        self.keys = nn.Parameter(F.normalize(torch.randn(len(names), sizes.retrieval_dim), dim=-1))
        self.log_scale = nn.Parameter(torch.tensor(20.0).log())
        self.register_buffer("names", names)
        self.register_buffer("words", words)
        self.norm = nn.LayerNorm(sizes.pooled_dim)
        self.down = nn.Linear(sizes.pooled_dim, width)
        self.up = nn.Linear(width, sizes.num_visual_tokens * sizes.hidden_size, bias=False)
        nn.init.zeros_(self.up.weight)

    def likeness(self, pooler_output: torch.Tensor) -> torch.Tensor:
        """The logit of each name [B, K]."""
        return self.log_scale.exp() * self.look(pooler_output) @ F.normalize(self.keys, dim=-1).T

    def forward(self, pooler_output: torch.Tensor) -> torch.Tensor:
        likeliest, which = self.likeness(pooler_output).topk(self._count, dim=-1)
        read = self.words[self.names[which]]  # [B, k, n, H]
        named = (likeliest.softmax(-1)[..., None, None] * read).sum(1)
        return named + self.up(F.gelu(self.down(self.norm(pooler_output)))).view(-1, *self._shape)


class RetrievalText(nn.Module):
    """hidden_states [B, r, H] → query_embeds [B, R], unit length: a linear map plus a small perceptron."""

    def __init__(self, sizes: GillSizes, dropout: float = 0.2, width: int = 768):
        super().__init__()
        inwards = sizes.num_img_tokens * sizes.hidden_size
        self.norm = nn.LayerNorm(sizes.hidden_size)
        self.dropout = nn.Dropout(dropout)
        self.linear = nn.Linear(inwards, sizes.retrieval_dim)
        self.inner = nn.Linear(inwards, width)
        self.outer = nn.Linear(width, sizes.retrieval_dim, bias=False)
        nn.init.zeros_(self.outer.weight)

    def forward(self, hidden_states: torch.Tensor) -> torch.Tensor:
        value = self.dropout(self.norm(hidden_states)).flatten(1)
        return F.normalize(self.linear(value) + self.outer(self.dropout(F.gelu(self.inner(value)))), dim=-1)


class _Attention(nn.Module):
    def __init__(self, width: int, heads: int):
        super().__init__()
        self._heads = heads
        self.query, self.key_value, self.out = nn.Linear(width, width), nn.Linear(width, 2 * width), nn.Linear(width, width)

    def forward(self, x: torch.Tensor, memory: torch.Tensor) -> torch.Tensor:
        split = lambda t: t.unflatten(-1, (self._heads, -1)).transpose(1, 2)
        keys, values = self.key_value(memory).chunk(2, -1)
        # Written out: the fused kernel's backward pass is slow on a CPU.
        query = split(self.query(x))
        mixed = (query @ split(keys).transpose(2, 3) * query.shape[-1] ** -0.5).softmax(-1) @ split(values)
        return self.out(mixed.transpose(1, 2).flatten(2))


class _Layer(nn.Module):
    """A pre-norm transformer layer; with `crossing`, a decoder's."""

    def __init__(self, width: int, heads: int, crossing: bool):
        super().__init__()
        self.self_norm, self.self_attention = nn.LayerNorm(width), _Attention(width, heads)
        self.cross_norm = nn.LayerNorm(width) if crossing else None
        self.cross_attention = _Attention(width, heads) if crossing else None
        self.wide_norm = nn.LayerNorm(width)
        self.wide = nn.Sequential(nn.Linear(width, 4 * width), nn.ReLU(), nn.Linear(4 * width, width))

    def forward(self, x: torch.Tensor, memory: torch.Tensor | None = None) -> torch.Tensor:
        y = self.self_norm(x)
        x = x + self.self_attention(y, y)
        if self.cross_attention is not None:
            x = x + self.cross_attention(self.cross_norm(x), memory)
        return x + self.wide(self.wide_norm(x))


class GillMapper(nn.Module):
    """hidden_states [B, r, H] → encoder_hidden_states [B, L, C], the diffusion model's text conditioning.

    Encoder over the r hidden states plus the [IMG] input embeddings, decoder over L learned queries (the paper's section 3.2).
    """

    def __init__(self, sizes: GillSizes, width: int = 256, layers: int = 2, heads: int = 4):
        super().__init__()
        self.img_embeddings = nn.Parameter(torch.zeros(sizes.num_img_tokens, sizes.hidden_size))
        self.norm = nn.LayerNorm(sizes.hidden_size)
        self.inward = nn.Linear(sizes.hidden_size, width)
        self.encoder = nn.ModuleList(_Layer(width, heads, crossing=False) for _ in range(layers))
        self.encoder_norm = nn.LayerNorm(width)
        self.queries = nn.Parameter(torch.randn(sizes.conditioning_length, width) * 0.5)
        self.decoder = nn.ModuleList(_Layer(width, heads, crossing=True) for _ in range(layers))
        self.decoder_norm = nn.LayerNorm(width)
        self.outward = nn.Linear(width, sizes.conditioning_dim)

    def forward(self, hidden_states: torch.Tensor) -> torch.Tensor:
        memory = self.inward(self.norm(hidden_states) + self.img_embeddings)
        for layer in self.encoder:
            memory = layer(memory)
        memory = self.encoder_norm(memory)
        x = self.queries.expand(hidden_states.shape[0], -1, -1)
        for layer in self.decoder:
            x = layer(x, memory)
        return self.outward(self.decoder_norm(x))


class Decision(nn.Module):
    """hidden_state [B, H], features [B, K] → p_retrieve [B, 1]: a calibrated logistic unit over a few learned directions."""

    def __init__(self, hidden_size: int, feature_count: int, directions: int = 8, width: int = 16):
        super().__init__()
        self.norm = nn.LayerNorm(hidden_size, elementwise_affine=False)
        self.reduce = nn.Linear(hidden_size, directions)
        self.register_buffer("mean", torch.zeros(feature_count))
        self.register_buffer("spread", torch.ones(feature_count))
        self.hidden = nn.Linear(directions + feature_count, width)
        self.out = nn.Linear(width, 1)
        self.register_buffer("temperature", torch.ones(()))

    def logit(self, hidden_state: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        known = (features - self.mean) / self.spread
        joint = torch.cat([torch.tanh(self.reduce(self.norm(hidden_state))), known], -1)
        return self.out(torch.tanh(self.hidden(joint))) / self.temperature

    def forward(self, hidden_state: torch.Tensor, features: torch.Tensor) -> torch.Tensor:
        return torch.sigmoid(self.logit(hidden_state, features))


class ImgTokens(nn.Module):
    """Input rows of [IMG0…r−1] and the output row and bias that score [IMG0]."""

    def __init__(self, sizes: GillSizes, token_table: torch.Tensor, bias: float = -8.0):
        super().__init__()
        spread = token_table.std(0)
        self.input_embeddings = nn.Parameter(token_table.mean(0) + spread * torch.randn(sizes.num_img_tokens, sizes.hidden_size))
        self.output_embeddings = nn.Parameter(torch.zeros(1, sizes.hidden_size))
        self.output_bias = nn.Parameter(torch.full((1,), bias))

    def score(self, hidden: torch.Tensor) -> torch.Tensor:
        """The logit of [IMG0] at each position of hidden [..., H]."""
        return F.linear(hidden, self.output_embeddings)[..., 0] + self.output_bias


class Gill(nn.Module):
    """All parts that train together."""

    def __init__(self, sizes: GillSizes, token_table: torch.Tensor, retrieval_image: nn.Module, visual_prefix: nn.Module):
        """`retrieval_image`: pooler_output [B, F] → retrieval_embeds [B, R] of unit length; `visual_prefix`: → prefix_embeds."""
        super().__init__()
        self.sizes = sizes
        self.img_tokens = ImgTokens(sizes, token_table)
        self.visual_prefix = visual_prefix
        self.retrieval_text = RetrievalText(sizes)
        self.retrieval_image = retrieval_image
        self.mapper = GillMapper(sizes)
        self.logit_scale = nn.Parameter(torch.tensor(20.0).log())
