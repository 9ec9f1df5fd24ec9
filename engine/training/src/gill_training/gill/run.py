"""What every stage of GILL's training shares: options, the opened material, checkpoints, the heads' loss, ranks."""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import nn

from gill_training.clip.heads import Projection, read_projection
from gill_training.clip.pictures import DEV
from gill_training.encoders import open_session
from gill_training.gill.concepts import phrase
from gill_training.gill.losses import conditioning_loss, retrieval_loss
from gill_training.gill.material import Material
from gill_training.gill.modules import Gill, GillSizes, VisualPrefix
from gill_training.gill.requests import Request, RequestMaker
from gill_training.language_model.gguf import GgufFile
from gill_training.language_model.twin import LlamaTwin

VIEWS = ("pooled", "augmented", "strong")  # a picture's features as it is, and of two changed variants
FIRST_TOKENS = (" picture", " image", " showing", " of")  # where the [IMG] rows start from


def add_common_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--bundle", type=Path, required=True, help="a bundle folder with the frozen parts imported")
    parser.add_argument("--corpus", type=Path, required=True)
    parser.add_argument("--features", type=Path, required=True)
    parser.add_argument("--gguf", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True, help="folder of prompts and checkpoints")
    parser.add_argument("--clip", type=Path, help="checkpoint of the `clip` stage, to start the retrieval head of pictures from")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    parser.set_defaults(for_bundle=None)


def add_bundle_option(parser: argparse.ArgumentParser) -> None:
    """For the stages that can do with the parts of a whole bundle instead of those that the stages before left."""
    parser.add_argument("--for-bundle", type=Path, metavar="BUNDLE", help="train one part anew for this whole bundle: CLIP, [IMG] rows and visual prefix are its "
                        "own, and what is trained is written into it. `bundle` then brings bundle.json up to date")


def log(text: str) -> None:
    print(time.strftime("%H:%M:%S"), text, flush=True)


class ShippedPrefix(nn.Module):
    """A bundle's visual prefix, which is not trained: pooler_output [B, F] → prefix_embeds [B, n, H]."""

    def __init__(self, bundle: Path):
        super().__init__()
        self._session = open_session(bundle / "gill" / "visual_prefix.onnx")

    def forward(self, pooler_output: torch.Tensor) -> torch.Tensor:
        return torch.from_numpy(self._session.run(["prefix_embeds"], {"pooler_output": pooler_output.numpy()})[0])


class Run:
    """What every stage opens."""

    def __init__(self, options: argparse.Namespace):
        torch.set_num_threads(options.threads)
        torch.manual_seed(options.seed)
        self.options = options
        self.material = Material.open(options.bundle, options.corpus, options.features)
        tokenizer = Tokenizer.from_file(str(options.bundle / "language_model" / "tokenizer.json"))
        self.encode = lambda text: tokenizer.encode(text, add_special_tokens=False).ids
        self.twin = LlamaTwin(GgufFile(options.gguf), torch.bfloat16)
        self.random = np.random.default_rng(options.seed)

    def _image_projection(self) -> Projection:
        """The retrieval head of pictures starts as CLIP's image projection, if there is one to start from."""
        if self.options.for_bundle:
            return read_projection(self.options.for_bundle / "vision_encoder" / "projection.onnx")
        pooled = self.material.pooled(self.material.train_rows[::4])
        projection = Projection(pooled.mean(0).numpy(), pooled.std(0).numpy() + 1e-2, hidden=1024, dropout=0.3)
        if self.options.clip is not None:
            projection.load_state_dict(torch.load(self.options.clip, weights_only=True)["image"])
        return projection

    def _visual_prefix(self, sizes: GillSizes) -> VisualPrefix:
        """Knows the names of the training concepts that are things, emoji, or have a definition."""
        tokens = [self.encode(f" a picture of {phrase(name)}")[-sizes.num_visual_tokens :] for name in self.material.common_names]
        used, rows = np.unique(np.array(tokens), return_inverse=True)
        return VisualPrefix(sizes, self._image_projection(), torch.from_numpy(rows.reshape(len(tokens), -1)), self.twin.token_table[used])

    def text_teacher(self) -> Projection | None:
        """CLIP's text projection, whose embedding of a caption a query for that caption should meet."""
        if self.options.for_bundle:
            return read_projection(self.options.for_bundle / "text_encoder" / "text_projection.onnx").requires_grad_(False)
        if self.options.clip is None:
            return None
        weights = torch.load(self.options.clip, weights_only=True)["text"]
        width = weights["mean"].shape[0]
        teacher = Projection(np.zeros(width), np.ones(width), hidden=weights["inner.weight"].shape[0], dropout=0.0)
        teacher.load_state_dict(weights)
        return teacher.eval().requires_grad_(False)

    def any_view(self) -> str:
        """Which variant of its pictures the next batch sees."""
        return str(self.random.choice(("pooled", *VIEWS)))

    def new_gill(self) -> Gill:
        """Untrained, but for what it starts from: words for the [IMG] tokens, CLIP for the pictures."""
        sizes = GillSizes(pooled_dim=self.material.corpus.pooled.shape[1])
        prefix = ShippedPrefix(self.options.for_bundle) if self.options.for_bundle else self._visual_prefix(sizes)
        gill = Gill(sizes, self.twin.token_table, self._image_projection(), prefix)
        rows = [self.encode(text)[0] for text in FIRST_TOKENS]
        with torch.no_grad():
            gill.img_tokens.input_embeddings.copy_(self.twin.token_table[rows[: gill.sizes.num_img_tokens]])
        return gill

    def dev_requests(self, count: int) -> list[Request]:
        """Requests for concepts that no training request names, and for combinations that are held out."""
        dev = Material.open(self.options.bundle, self.options.corpus, self.options.features, [DEV])
        maker = RequestMaker(dev.concepts, dev.index, self.options.seed + 7)
        kinds = ("name", "keywords", "gloss", "followed")
        return [request for kind in kinds for request in maker.of_kind(kind, count // len(kinds))]


def save(path: Path, **state: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part")
    torch.save(state, part)
    part.replace(path)


def retrieval_batch(run: Run, requests: list[Request], bank: int) -> tuple[np.ndarray, torch.Tensor]:
    """(picture rows [M], answers bool [B, M]): a few right pictures of every request and a random bank."""
    rows = [row for request in requests for row in run.material.answer_rows(request, run.random, 3)]
    rows = np.unique(np.concatenate([np.array(rows, np.int64), run.random.choice(run.material.train_rows, bank, replace=False)]))
    return rows, run.material.answers(requests, rows)


def heads_loss(run: Run, gill: Gill, hidden: torch.Tensor, requests: list[Request], bank: int) -> tuple[torch.Tensor, dict[str, float]]:
    rows, answers = retrieval_batch(run, requests, bank)
    pooled = run.material.pooled(rows, view=run.any_view())
    images = gill.retrieval_image(torch.nn.functional.dropout(pooled, 0.1))
    found = retrieval_loss(gill.retrieval_text(hidden), images, answers, gill.logit_scale.clamp(max=4.0).exp())
    distance = conditioning_loss(gill.mapper(hidden), run.material.captions([request.caption for request in requests]))
    return found + distance, {"retrieval": found.item(), "conditioning": distance.item()}


def share_embeddings(gill: Gill) -> None:
    """The mapper adds the [IMG] rows to the hidden states; they are the same parameters."""
    gill.mapper.img_embeddings = gill.img_tokens.input_embeddings


def ranks(run: Run, gill: Gill, hidden: torch.Tensor, requests: list[Request], rows: np.ndarray, material: Material) -> np.ndarray:
    """Rank (0 = best) of the first right picture among `rows`, for every request."""
    with torch.no_grad():
        images = torch.cat([gill.retrieval_image(run.material.pooled(part)) for part in np.array_split(rows, 8)])
        scores = gill.retrieval_text(hidden) @ images.T
    right = material.answers(requests, rows)
    best = scores.masked_fill(~right, -2).amax(1, keepdim=True)
    return torch.where(right.any(1), (scores > best).sum(1), torch.tensor(len(rows))).numpy()
