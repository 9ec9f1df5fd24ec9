"""GILL's losses: finding the right pictures, and meeting the conditioning the diffusion model expects."""

import torch


def retrieval_loss(queries: torch.Tensor, images: torch.Tensor, answers: torch.Tensor, scale: torch.Tensor) -> torch.Tensor:
    """Both directions of InfoNCE with several right answers. queries [B, R], images [M, R], answers bool [B, M].

    Text to image: the share of probability on the right pictures. Image to text, for pictures that answer a query of the batch:
    the share on the queries they answer. A query without an answer counts only as a wrong one.
    """
    logits = scale * queries @ images.T
    right = logits.masked_fill(~answers, float("-inf"))
    answered, answering = answers.any(1), answers.any(0)
    to_image = (logits.logsumexp(1) - right.logsumexp(1))[answered]
    to_text = (logits.logsumexp(0) - right.logsumexp(0))[answering]
    return (to_image.mean() + to_text.mean()) / 2


def conditioning_loss(made: torch.Tensor, wanted: torch.Tensor) -> torch.Tensor:
    """Mean Euclidean distance of the rows [B, L, C], in units of a real row's length."""
    return (made - wanted).square().sum(-1).add(1e-6).sqrt().mean() / wanted.shape[-1] ** 0.5
