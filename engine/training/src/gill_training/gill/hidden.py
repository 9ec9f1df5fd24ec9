"""`gill-hidden`: hidden states of the [IMG] tokens after whole conversations, pictures included: by the torch twin or by the shipped model."""

import argparse
import json
import time
from collections.abc import Sequence
from pathlib import Path
from random import Random

import numpy as np
import torch
from safetensors.torch import load_file

from gill_training.gill.chat import Conversation, Encode, constant_prefix, segments
from gill_training.gill.modules import Gill
from gill_training.gill.prompts import Prompts, chat_prefix
from gill_training.gill.requests import ASKS, DRAWN, Request, RequestMaker, read_requests, write_requests
from gill_training.gill.run import Run, add_bundle_option, add_common_options, log, share_embeddings
from gill_training.gill.smalltalk import read_talks
from gill_training.gill.talks import TalkMaker
from gill_training.language_model.runtime import LanguageModel
from gill_training.language_model.twin import Cache, LlamaTwin

IMG_TOKENS = "img_tokens.safetensors"
HIDDEN_PARTS = ("stored", "fresh", "every-name", "talks", "drawn", "shown", "stories", "shipped", "shipped-talks", "shipped-stories")


def visual_tokens(gill: Gill, pictures: Sequence[torch.Tensor]) -> Sequence[torch.Tensor]:
    """For each request the visual tokens [k, n, H] of its k pictures, whose pooled features are given [k, F]."""
    counts = [len(each) for each in pictures]
    tokens = gill.visual_prefix(torch.cat(list(pictures))) if sum(counts) else torch.zeros(0, gill.sizes.num_visual_tokens, gill.sizes.hidden_size)
    return tokens.split(counts)


def prompt_embeddings(requests: Sequence[Request], gill: Gill, pictures: Sequence[torch.Tensor], twin: LlamaTwin, encode: Encode) -> list[torch.Tensor]:
    """[T, H] of each conversation, its pictures' visual tokens in their places; `pictures`: the pooled features [k, F] of each request's."""
    rows = []
    for request, visual in zip(requests, visual_tokens(gill, pictures)):
        said = [twin.embed(torch.tensor(ids, dtype=torch.long)) for ids in segments(request.conversation, encode)]
        rows.append(torch.cat([part for pair in zip(said, visual) for part in pair] + said[-1:]))
    return rows


def with_img_tokens(prompts: list[torch.Tensor], gill: Gill) -> tuple[torch.Tensor, torch.Tensor]:
    """(embeddings padded on the right [B, T + r, H], position of [IMG0] in each row)."""
    rows = [torch.cat([prompt, gill.img_tokens.input_embeddings]) for prompt in prompts]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True), torch.tensor([len(prompt) for prompt in prompts])


def img_hidden(hidden: torch.Tensor, starts: torch.Tensor, count: int) -> torch.Tensor:
    """The `count` rows from each row's start on: [B, count, H]."""
    at = starts[:, None] + torch.arange(count)
    return hidden.gather(1, at[..., None].expand(-1, -1, hidden.shape[-1]))


def run_conversations(requests: Sequence[Request], gill: Gill, pictures: Sequence[torch.Tensor], twin: LlamaTwin, encode: Encode, prefix: Cache) -> torch.Tensor:
    """[B, r, H] of requests that are all chats or all plain."""
    embeds, starts = with_img_tokens(prompt_embeddings(requests, gill, pictures, twin, encode), gill)
    past = None
    if not requests[0].conversation.plain:
        past = [tuple(x.expand(len(requests), -1, -1, -1) for x in pair) for pair in prefix]
    hidden, _ = twin.run(embeds, past)
    return img_hidden(hidden, starts, gill.sizes.num_img_tokens)


def run_all(requests: Sequence[Request], gill: Gill, pictures: Sequence[torch.Tensor], twin: LlamaTwin, encode: Encode, prefix: Cache, tokens: int = 768) -> torch.Tensor:
    """`run_conversations` over any requests, in batches of like lengths."""
    length = lambda said: sum(map(len, segments(said, encode))) + gill.sizes.num_visual_tokens * said.pictures
    lengths = np.array([length(request.conversation) for request in requests])
    plain = np.array([request.conversation.plain for request in requests])
    out = torch.zeros(len(requests), gill.sizes.num_img_tokens, gill.sizes.hidden_size)
    with torch.no_grad():
        for kind in (True, False):
            order = np.flatnonzero(plain == kind)
            order = order[np.argsort(lengths[order], kind="stable")]
            at = 0
            while at < len(order):
                size = max(1, tokens // int(lengths[order[min(at + 16, len(order) - 1)]] + 8))
                batch = order[at : at + size]
                at += size
                out[batch] = run_conversations([requests[n] for n in batch], gill, [pictures[n] for n in batch], twin, encode, prefix)
    return out


class ShippedModel:
    """The bundle's own language model, one conversation at a time, as the engine runs it."""

    def __init__(self, model: LanguageModel, input_embeddings: np.ndarray):
        self._model = model
        self._rows = input_embeddings[None]
        _, _, self._prefix = model.run(model.embed(model.ids(constant_prefix())))

    def embeds(self, conversation: Conversation, visual: np.ndarray | None) -> np.ndarray:
        """[1, T, H]; `visual`: the visual tokens [k, n, H] of its pictures."""
        said = segments(conversation, self._model.ids)
        parts = []
        for n, ids in enumerate(said):
            parts += [self._model.embed(ids)] if ids else []
            parts += [visual[n][None]] if n < len(said) - 1 else []
        return np.concatenate(parts, 1)

    def img_hidden(self, request: Request, visual: np.ndarray | None = None) -> np.ndarray:
        """[r, H] of one pass over the conversation and the [IMG] tokens; `visual` as in `embeds`, here and below."""
        embeds = np.concatenate([self.embeds(request.conversation, visual), self._rows], 1)
        hidden, _, _ = self._model.run(embeds, None if request.conversation.plain else self._prefix)
        return hidden[0, -self._rows.shape[1] :]

    def tokens(self, text: str) -> list[str]:
        return [self._model.tokenizer.decode([token], skip_special_tokens=False) for token in self._model.ids(text)]

    def answer(self, conversation: Conversation, visual: np.ndarray, count: int) -> str:
        """The greedy reply of at most `count` tokens to a conversation with pictures."""
        embeds, past, out = self.embeds(conversation, visual), self._prefix, []
        for _ in range(count):
            _, logits, past = self._model.run(embeds, past)
            token = int(logits[0, -1].argmax())
            if token in self._model.ids("<|im_end|>"):
                break
            out.append(token)
            embeds = self._model.embed([token])
        return self._model.tokenizer.decode(out).strip()

    def reply_states(self, request: Request, visual: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
        """(hidden [K, H], log of the sum of exponentiated logits [K]) where the reply's tokens are chosen: before its first token,
        after each token, the last of which is its end."""
        count = len(self._model.ids(request.conversation.reply)) + 1
        embeds = self.embeds(request.conversation, visual)
        wanted = list(range(embeds.shape[1] - count, embeds.shape[1]))
        hidden, logits, _ = self._model.run(embeds, self._prefix, wanted)
        top = logits[0].max(-1)
        return hidden[0, -count:], top + np.log(np.exp(logits[0] - top[:, None]).sum(-1))


class HiddenSet:
    """Requests with their hidden states f16 [N, r, H]."""

    def __init__(self, folder: Path, name: str):
        self._states, self._requests = folder / f"{name}.npy", folder / f"{name}.jsonl"

    def exists(self) -> bool:
        return self._states.exists()

    def write(self, requests: list[Request], states: np.ndarray) -> None:
        write_requests(requests, self._requests)
        np.save(self._states, states.astype(np.float16))

    def read(self) -> tuple[list[Request], np.ndarray]:
        return read_requests(self._requests), np.load(self._states)


def pictures_of(run: Run, requests: list[Request]) -> list[torch.Tensor]:
    """For each request the pooled features [k, F] of the k pictures it shows."""
    return [run.material.pooled(np.array(request.pictures, np.int64)) for request in requests]


def joined_gill(run: Run) -> Gill:
    """The [IMG] tokens and mapper of `gill-tokens` with the visual prefix of `gill-captions`; pictures are searched in
    CLIP's space if there is one. For a shipped bundle its tokens and visual prefix, the mapper untrained."""
    gill = run.new_gill()
    if run.options.for_bundle:
        with torch.no_grad():
            gill.img_tokens.input_embeddings.copy_(load_file(run.options.for_bundle / "gill" / IMG_TOKENS)["input_embeddings"])
        share_embeddings(gill)
        return gill
    learnt = torch.load(run.options.out / "tokens.pt", weights_only=True)["gill"]
    part = lambda prefix: {name.removeprefix(prefix): value for name, value in learnt.items() if name.startswith(prefix)}
    gill.img_tokens.load_state_dict(part("img_tokens."))
    gill.mapper.load_state_dict(part("mapper."))
    share_embeddings(gill)
    captions = run.options.out / "captions.pt"
    if captions.exists():
        gill.visual_prefix.load_state_dict(torch.load(captions, weights_only=True)["visual_prefix"])
    return gill


def shipped_states(run: Run, gill: Gill, requests: list[Request]) -> np.ndarray:
    model = ShippedModel(LanguageModel(run.options.bundle / "language_model"), gill.img_tokens.input_embeddings.detach().numpy())
    with torch.no_grad():
        visual = visual_tokens(gill, pictures_of(run, requests))
    return np.stack([model.img_hidden(request, tokens.numpy()) for request, tokens in zip(requests, visual)])


def twin_states(run: Run, gill: Gill, requests: list[Request]) -> np.ndarray:
    prefix = chat_prefix(run.twin, run.encode)
    return run_all(requests, gill, pictures_of(run, requests), run.twin, run.encode, prefix).numpy()


def drawn_requests(prompts: Sequence[str], count: int, seed: int) -> list[Request]:
    """Some of the diffusion model's prompts, bare or asked for in a sentence. No picture is their answer."""
    random = Random(seed)
    wordings = ("{}", "{}", *ASKS)
    return [
        Request(Conversation(random.choice(wordings).format(text), random.choice(("", "Here is {}.")).format(text)), DRAWN, (), text, present=False)
        for text in random.sample(prompts, min(count, len(prompts)))
    ]


def main(argv: list[str]) -> None:
    parser = argparse.ArgumentParser(prog="gill_training gill-hidden", description="Writes hidden states of the [IMG] tokens for many requests.")
    add_common_options(parser)
    add_bundle_option(parser)
    parser.add_argument("--part", choices=HIDDEN_PARTS, action="append", help="only these sets; all when left out")
    parser.add_argument("--fresh", type=int, default=4000)
    parser.add_argument("--shown", type=int, default=800)
    parser.add_argument("--shipped", type=int, default=900)
    parser.add_argument("--prompts", type=Path, help="JSON list of prompts that the diffusion model was trained on; the mapper learns them too")
    parser.add_argument("--drawn", type=int, default=3000, help="how many of them")
    parser.add_argument("--talks", type=int, default=2000, help="dialogues, descriptions and stories; a quarter as many more by the shipped model")
    parser.add_argument("--stories", type=int, default=2000, help="stories with pictures; a quarter as many more by the shipped model")
    parser.add_argument("--replies", type=Path, required=True)
    options = parser.parse_args(argv)
    run = Run(options)
    gill = joined_gill(run).eval()
    folder = options.out / "hidden"
    folder.mkdir(exist_ok=True)
    maker = lambda seed: RequestMaker(run.material.concepts, run.material.index, options.seed + seed)
    talks = lambda seed: TalkMaker(run.material.concepts, run.material.index, run.material.colours(), options.seed + seed)
    real = [request for request in read_talks(options.replies) if request.kind not in ("talk", "again")]
    for part in options.part or HIDDEN_PARTS:
        if part == "stored":
            if not (options.out / "train").exists():
                log(f"{part}: `gill-prompts` was not run, so none are learnt")
                continue
            stored = Prompts(run, options.out / "train")
            requests, states = stored.requests, stored.all_hidden(gill.img_tokens.input_embeddings.detach()).numpy()
        elif part == "fresh":
            requests = maker(11).draw(options.fresh)
            states = twin_states(run, gill, requests)
        elif part == "every-name":
            requests = maker(14).every_name()
            states = twin_states(run, gill, requests)
        elif part == "talks":
            requests = talks(15).draw(options.talks)
            states = twin_states(run, gill, requests)
        elif part == "drawn":
            if options.prompts is None or not options.prompts.exists():
                log(f"{part}: no prompts at {options.prompts}, so none are learnt")
                continue
            requests = drawn_requests(json.loads(options.prompts.read_text("utf-8")), options.drawn, options.seed + 17)
            states = twin_states(run, gill, requests)
        elif part == "shipped-talks":
            requests = talks(16).draw(options.talks // 4)
            states = shipped_states(run, gill, requests)
        elif part == "stories":
            requests = talks(18).picture_stories(options.stories)
            states = twin_states(run, gill, requests)
        elif part == "shipped-stories":
            requests = talks(19).picture_stories(options.stories // 4)
            states = shipped_states(run, gill, requests)
        elif part == "shown":
            requests = maker(12).of_kind("shown", options.shown)
            states = twin_states(run, gill, requests)
        else:
            requests = real + maker(13).draw(options.shipped) + maker(13).of_kind("shown", options.shipped // 6)
            states = shipped_states(run, gill, requests)
        HiddenSet(folder, part).write(requests, states)
        log(f"{part}: {len(requests)} requests, {time.process_time():.0f} s CPU")
