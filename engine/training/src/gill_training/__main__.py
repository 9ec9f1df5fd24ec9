"""`python -m gill_training <command> [options]`: one entry for every stage."""

import importlib
import sys

# command -> (module with `main(argv)`, one line of help)
COMMANDS = {
    "corpus": ("gill_training.corpus.main", "fetch and render the image corpus, write the committed search corpus"),
    "features": ("gill_training.clip.features", "run the frozen image encoder over the corpus"),
    "clip": ("gill_training.clip.train", "train the projections into the space that pictures and texts share"),
    "evaluate-retrieval": ("gill_training.clip.evaluate", "measure a bundle's projections on the held-out pictures"),
    "clip-golden": ("gill_training.clip.golden", "write reference values of both encoders and their projections"),
    "pillow-golden": ("gill_training.pillow_golden", "write the golden pictures of the Java image reader"),
    "scheduler-golden": ("gill_training.scheduler_golden", "write the golden paths of the Java schedulers (needs diffusers)"),
    "encoders": ("gill_training.clip.export_frozen", "write the frozen image and text encoders' graphs and recipes"),
    "import-parts": ("gill_training.imports", "make a bundle's third-party files from their packages"),
    "language-model": ("gill_training.language_model.build", "write the language model's graphs from the GGUF"),
    "gill-replies": ("gill_training.gill.smalltalk", "let the language model answer, with and without a wish for a picture"),
    "gill-prompts": ("gill_training.gill.prompts", "draw requests for pictures, run their prompts through the language model once"),
    "gill-tokens": ("gill_training.gill.tokens", "train the [IMG] tokens"),
    "gill-captions": ("gill_training.gill.captions", "train the visual prefix"),
    "gill-hidden": ("gill_training.gill.hidden", "write hidden states of the [IMG] tokens"),
    "gill-heads": ("gill_training.gill.heads", "train the retrieval heads and the mapper on them"),
    "gill-emission": ("gill_training.gill.emission", "train when to show a picture"),
    "gill-export": ("gill_training.gill.export", "write the bundle's gill folder"),
    "gill-decision-requests": ("gill_training.gill.decision_requests", "write requests whose right answer, corpus or new picture, is known"),
    "gill-decision": ("gill_training.gill.decision", "train and export the choice between search and generation"),
    "gill-evaluate": ("gill_training.gill.evaluate", "measure GILL's parts in a bundle on held-out requests"),
    "ablations": ("gill_training.gill.ablations", "compare mappers, numbers of [IMG] tokens and joined turns on small budgets"),
    "gill-golden": ("gill_training.gill.golden", "write reference values of GILL's parts"),
    "tiny-bundle": ("gill_training.tiny_bundle", "write a complete bundle of random weights for tests"),
    "language-model-golden": ("gill_training.language_model.golden", "write reference values of the language model"),
    "compare-bundles": ("gill_training.compare", "say which figures of a bundle made again lie within another's intervals"),
    "check-bundle": ("gill_training.check_bundle", "open every graph of a bundle and list all its faults"),
    "all": ("gill_training.whole_run", "run every stage in order"),
    "autoencoder": ("gill_training.diffusion.train_autoencoder", "train the picture codec of the diffusion model"),
    "diffusion": ("gill_training.diffusion.train_diffusion", "train the text-conditioned denoiser"),
    "diffusion-export": ("gill_training.diffusion.finish", "write the trained diffusion parts into a bundle and measure them"),
    "confidence": ("gill_training.confidence", "fit the confidence of generated pictures on a running server"),
    "eval-data": ("gill_training.evaluation.main", "write the cases and probes that `gill eval` runs"),
    "bundle": ("gill_training.bundle", "write bundle.json, MODEL_CARD.md and golden.json over a bundle folder"),
}


def main(argv: list[str]) -> int:
    if not argv or argv[0] in ("-h", "--help"):
        print(__doc__)
        for name, (_, text) in COMMANDS.items():
            print(f"  {name:18} {text}")
        return 0
    if argv[0] not in COMMANDS:
        print(f"unknown command '{argv[0]}'; one of: {', '.join(COMMANDS)}", file=sys.stderr)
        return 2
    module = importlib.import_module(COMMANDS[argv[0]][0])
    return module.main(argv[1:]) or 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
