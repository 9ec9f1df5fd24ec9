"""A whole reply as PyTorch writes it: text, [IMG] tokens, query, conditioning, picture. The engine is held against it."""

from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import load_file

from gill_training.diffusion import export
from gill_training.diffusion.exported import Exported
from gill_training.diffusion.train_autoencoder import to_pictures
from gill_training.encoders import open_session
from gill_training.gill.chat import Conversation, constant_prefix, token_ids
from gill_training.language_model.gguf import GgufFile
from gill_training.language_model.runtime import LanguageModel
from gill_training.language_model.twin import LlamaTwin

REQUEST = "show me a blue banana"
SEED = 7
MOST_TOKENS = 24


@torch.no_grad()
def write(bundle: Path, gguf: Path) -> tuple[dict[str, np.ndarray], dict]:
    """(tensors, facts) of the greedy reply to REQUEST. The language model is the exact PyTorch one, not the 8-bit one that ships."""
    folder = bundle / "gill"
    shipped = LanguageModel(bundle / "language_model")
    twin = LlamaTwin(GgufFile(gguf))
    img = {name: torch.from_numpy(value) for name, value in load_file(folder / "img_tokens.safetensors").items()}
    after = token_ids(Conversation(REQUEST), shipped.ids)
    prompt = shipped.ids(constant_prefix()) + after
    reply, span = _greedy(twin, shipped, img, prompt)
    graph = lambda name, output: open_session(folder / f"{name}.onnx").run([output], {"hidden_states": span})[0]
    states = graph("gill_mapper", "encoder_hidden_states")
    generator = Exported(bundle)
    noise = torch.from_numpy(seeded_noise(SEED, int(np.prod(generator.shape))).reshape(1, *generator.shape))
    drafted = generator.drafted([None])
    image = to_pictures(generator.decode(generator.latents(noise, torch.from_numpy(states), drafted), drafted))
    tensors = {
        "reply.prompt_ids": np.array([prompt], np.int64),
        "reply.token_ids": np.array([reply], np.int64),
        "reply.query_embeds": graph("retrieval_text", "query_embeds"),
        "reply.encoder_hidden_states": states,
        "reply.image": np.ascontiguousarray(image),
    }
    facts = {"text": REQUEST, "answer": shipped.tokenizer.decode(reply), "seed": SEED, "num_inference_steps": export.STEPS,
             "guidance_scale": export.GUIDANCE, "image": "uint8 [1,S,S,3]",
             "note": "greedy; no draft; [IMG0] where its probability is at least 0.5, at the start a promise kept after the first sentence; language model in "
                     "PyTorch with the exact weights"}
    return tensors, facts


def _greedy(twin: LlamaTwin, shipped: LanguageModel, img: dict[str, torch.Tensor], prompt: list[int]) -> tuple[list[int], np.ndarray]:
    """The tokens before [IMG0], and the hidden states f32 [1, r, H] of the [IMG] tokens."""
    reply: list[int] = []
    promised = False
    while len(reply) < MOST_TOKENS:
        embeds = twin.embed(torch.tensor([prompt + reply]))
        hidden, _ = twin.run(embeds)
        last = hidden[0, -1]
        logits = twin.logits(last)
        show = last @ img["output_embeddings"][0] + img["output_bias"][0]
        open_place = not reply or shipped.tokenizer.decode(reply).strip().endswith((".", "!", "?", ":"))
        likely = open_place and (promised or show >= logits.logsumexp(0))
        promised |= likely
        if likely and reply:
            rows = img["input_embeddings"][None]
            hidden, _ = twin.run(torch.cat([embeds, rows], 1))
            return reply, hidden[:, -rows.shape[1] :].numpy()
        reply.append(int(logits.argmax()))
    raise ValueError(f"no picture within {MOST_TOKENS} tokens: {shipped.tokenizer.decode(reply)!r}")


def seeded_noise(seed: int, count: int) -> np.ndarray:
    """The engine's noise of a seed: SplitMix64, then Box-Muller (documented in GaussianNoise)."""
    mask, state, values = (1 << 64) - 1, seed, []

    def following() -> int:
        nonlocal state
        state = (state + 0x9E3779B97F4A7C15) & mask
        mixed = ((state ^ (state >> 30)) * 0xBF58476D1CE4E5B9) & mask
        mixed = ((mixed ^ (mixed >> 27)) * 0x94D049BB133111EB) & mask
        return mixed ^ (mixed >> 31)

    while len(values) < count:
        radius = np.sqrt(-2 * np.log(((following() >> 11) + 1) * 2.0**-53))
        angle = 2 * np.pi * ((following() >> 11) * 2.0**-53)
        values += [radius * np.cos(angle), radius * np.sin(angle)]
    return np.array(values[:count], np.float32)
