"""The small diffusion model: its pictures and captions, the flow's arithmetic, training, export."""

import json
from argparse import Namespace
from dataclasses import replace
from random import Random

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from gill_training.diffusion import drafts, export, exported, flow, golden, run, scenes, train_autoencoder, train_diffusion, train_draft_decoder, vocabulary
from gill_training.diffusion.autoencoder import Autoencoder, AutoencoderConfig
from gill_training.diffusion.recolour import TARGETS, hue_distance, recolour, to_oklch
from gill_training.diffusion.scenes import Item, Scene
from gill_training.diffusion.unet import UNet, UNetConfig

TINY_NET = UNetConfig(base=32, text_width=12, text_length=5, adapter_width=32)
TINY_CODEC = AutoencoderConfig(encoder=(8, 8, 8), decoder=(16, 16, 8, 8))
STRAWBERRY, CAT, TREE = "u:1f353", "u:1f431", "u:1f332"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """A corpus of three things in two styles: flat shapes with a black eye."""
    folder = tmp_path_factory.mktemp("corpus")
    rows = []
    for style in ("twemoji", "fluent-flat"):
        for concept, caption, colour, tint in ((STRAWBERRY, "strawberry", "red", (220, 30, 40)), (CAT, "cat face", "yellow", (250, 200, 50)),
                                               (TREE, "evergreen tree", "green", (40, 160, 60))):
            picture = Image.new("RGBA", (128, 128))
            pen = ImageDraw.Draw(picture)
            pen.ellipse((10, 10, 118, 118), fill=(*tint, 255))
            pen.ellipse((50, 50, 62, 62), fill=(0, 0, 0, 255))
            file = f"{style}-{concept[2:]}.png"
            picture.save(folder / file)
            rows.append({"concept": concept, "source": style, "split": "train", "caption": caption, "group": "objects", "colours": [colour], "rgba_file": file})
    rows.append(rows[0] | {"source": "fluent-3d", "split": "eval-cross-style"})
    (folder / "manifest.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return folder


@pytest.fixture(scope="module")
def sprites(corpus):
    return scenes.Sprites(corpus)


def test_sprites_leave_evaluation_pictures_out(sprites):
    assert {item.style for item in sprites.items()} == {"twemoji", "fluent-flat"}


def test_recolour_moves_the_main_colour_and_keeps_outline_and_black_parts(sprites):
    drawing = sprites[Item(STRAWBERRY, "twemoji")]
    blue = recolour(drawing, "blue")
    assert (blue[..., 3] == drawing[..., 3]).all()
    assert (blue[56, 56] == drawing[56, 56]).all()
    lightness, _, hue = to_oklch(blue[20:30, 60:68, :3])
    assert hue_distance(hue, TARGETS["blue"][2]).max() < 10
    assert abs(lightness.mean() - TARGETS["blue"][0]) < 0.1


def test_recolour_refuses_the_colour_a_drawing_already_has(sprites):
    assert recolour(sprites[Item(STRAWBERRY, "twemoji")], "red") is None


def test_held_out_combinations_are_in_no_training_scene_and_no_training_caption(sprites):
    training, held = scenes.make_scenes(sprites, pairs=40)
    assert any(scene.items[0] == Item(STRAWBERRY, "twemoji", "blue") for scene in held)
    for scene in training:
        for text in scenes.captions(scene, sprites, 8):
            assert not {"blue", "strawberry"} <= set(text.replace(",", " ").split()) or scene.kind != "hue"
            assert not {"green", "cat"} <= set(text.replace(",", " ").split()) or scene.kind != "hue"


def test_held_out_names_are_all_in_the_vocabulary():
    names = {thing.name for thing in vocabulary.things().values()}
    used = [name for key in ("colours", "counts", "grounds") for name, _ in scenes.HELD_OUT[key]] + sum(scenes.HELD_OUT["pairs"], [])
    assert set(used) <= names


def test_draw_puts_pairs_and_counts_on_their_places(sprites):
    cat, tree = Item(CAT, "fluent-flat"), Item(TREE, "fluent-flat")
    picture = scenes.draw(Scene("pair", (cat, tree), relation="left"), sprites)
    assert (np.abs(picture[64, 50].astype(int) - (250, 200, 50)) < 12).all()
    assert (np.abs(picture[64, 112].astype(int) - (40, 160, 60)) < 12).all()
    assert (picture[10] == 255).all()
    two = scenes.draw(Scene("count", (cat,), count=2), sprites)
    assert (two[:, :64] == two[:, 64:]).all()


@pytest.mark.parametrize("scene, expected", [
    (Scene("hue", (Item(STRAWBERRY, "fluent-flat", "purple"),)), "a purple strawberry"),
    (Scene("count", (Item(STRAWBERRY, "fluent-flat"),), count=3), "three strawberries"),
    (Scene("ground", (Item(TREE, "fluent-flat"),), ground="orange"), "a tree on an orange background"),
    (Scene("pair", (Item(CAT, "fluent-flat"), Item(TREE, "fluent-flat", "red")), relation="above"), "a cat above a red tree"),
])
def test_captions_begin_with_the_plainest(sprites, scene, expected):
    texts = scenes.captions(scene, sprites, 5)
    assert texts[0] == expected
    assert len(texts) == len(set(texts)) == 5
    assert texts == scenes.captions(scene, sprites, 5)


def test_schedule_runs_from_one_to_zero_and_shift_raises_the_middle():
    plain, shifted = flow.schedule(20), flow.schedule(20, shift=3.0)
    assert plain[0] == shifted[0] == 1 and plain[-1] == shifted[-1] == 0
    assert torch.allclose(plain[:-1], torch.linspace(1, 0.001, 20))
    assert (shifted[1:-1] > plain[1:-1]).all()


@pytest.mark.parametrize("steps", [1, 7, 20])
def test_sample_with_the_exact_velocity_returns_the_picture(steps):
    clean, noise = torch.randn(2, 4, 3, 3), torch.randn(2, 4, 3, 3)
    exact = lambda sample, timestep, states: flow.velocity(clean, noise).repeat(2, 1, 1, 1)
    assert torch.allclose(flow.sample(exact, noise, torch.ones(2, 5, 12), guidance=3.0, steps=steps), clean, atol=1e-5)


def test_guidance_moves_away_from_the_unconditional_velocity():
    denoiser = lambda sample, timestep, states: states.mean((1, 2))[:, None, None, None].expand_as(sample)
    out = flow.sample(denoiser, torch.zeros(1, 4, 3, 3), torch.ones(1, 5, 12), guidance=3.0, steps=4)
    assert torch.allclose(out, torch.full_like(out, -3.0), atol=1e-5)


def test_unet_ignores_small_rows_and_is_indifferent_to_shrinking():
    torch.manual_seed(0)
    net = _lively(UNet(TINY_NET)).eval()
    sample, timestep = torch.randn(1, 16, 8, 8), torch.tensor([500.0])
    states = torch.zeros(1, 5, 12)
    states[:, :2] = torch.nn.functional.layer_norm(torch.randn(1, 2, 12), (12,))
    out = net(sample, timestep, states)
    whisper = states.clone()
    whisper[:, 3:] = 0.1
    assert torch.allclose(net(sample, timestep, whisper), out, atol=1e-4)
    assert torch.allclose(net(sample, timestep, 0.8 * states), out, atol=1e-4)
    assert not torch.allclose(net(sample, timestep, -states), out, atol=1e-3)


def test_disturbed_drops_whole_texts_now_and_then_and_keeps_the_shape():
    states = torch.ones(4000, 3, 4)
    out = train_diffusion.disturbed(states, states, np.random.default_rng(0))
    assert out.shape == states.shape
    dropped = (out == 0).all(-1).all(-1).float().mean()
    assert abs(dropped - train_diffusion.TEXT_DROPOUT) < 0.02


def test_training_learns_saves_and_resumes(tmp_path, monkeypatch):
    monkeypatch.setattr(train_diffusion, "save_sheet", lambda *_: None)
    random = np.random.default_rng(0)
    states = random.standard_normal((4, 5, 12)).astype(np.float16)
    latents = np.repeat(random.standard_normal((4, 16, 1, 1)), 64, -1).reshape(4, 16, 8, 8).astype(np.float16)
    pool = train_diffusion.LatentPool(latents, states, np.arange(4, dtype=np.int32)[:, None], np.array(["real", "hue", "pair", "count"]),
                                      np.ones(4, bool), np.zeros(16, np.float32), np.ones(16, np.float32), np.zeros(0), np.zeros(0), np.zeros(4, bool))
    options = Namespace(start=None, out=tmp_path, minutes=30, steps=60, batch=8, learning_rate=3e-3, seed=0, resume=False, sheet_minutes=99, threads=1)
    torch.manual_seed(0)
    before = train_diffusion.validate(UNet(TINY_NET), pool, 32)["real"]
    train_diffusion.train(pool, options, TINY_NET)
    state = torch.load(tmp_path / "checkpoint.pt", weights_only=False)
    net, mean, _ = train_diffusion.load(tmp_path / "checkpoint.pt")
    assert train_diffusion.validate(net, pool, 32)["real"] < 0.95 * before
    options.resume, options.steps = True, 64
    train_diffusion.train(pool, options, TINY_NET)
    assert torch.load(tmp_path / "checkpoint.pt", weights_only=False)["step"] == state["step"] + 4 == 64


def test_net_that_learnt_without_drafts_goes_on_with_them_and_learns_to_copy(tmp_path, monkeypatch):
    monkeypatch.setattr(train_diffusion, "save_sheet", lambda *_: None)
    random = np.random.default_rng(0)
    states = random.standard_normal((40, 5, 12)).astype(np.float16)
    latents = random.standard_normal((40, 16, 8, 8)).astype(np.float16)
    common = (states, np.arange(40, dtype=np.int32)[:, None], np.array(["real"] * 40), np.ones(40, bool), np.zeros(16, np.float32), np.ones(16, np.float32))
    drafts, masks = np.stack([latents, latents], 1), np.ones((40, 2, 8, 8), np.float16)
    pool = train_diffusion.LatentPool(latents, *common, drafts, masks, np.arange(40) >= 5)
    options = Namespace(start=tmp_path / "plain.pt", out=tmp_path, minutes=30, steps=60, batch=8, learning_rate=3e-3, seed=0, resume=False, sheet_minutes=99, threads=1)
    torch.manual_seed(0)
    torch.save({"average": UNet(TINY_NET).state_dict()}, tmp_path / "plain.pt")
    net = train_diffusion.train(pool, options, replace(TINY_NET, draft=True))
    loss = train_diffusion.validate(net, pool, 32)
    assert loss["wide_drafted"] < 0.7 * loss["real"]
    assert set(train_diffusion.load(tmp_path / "checkpoint.pt")[0].state_dict()) == set(net.state_dict())


def test_draft_of_everything_the_corpus_has(corpus):
    sprites = scenes.Sprites(corpus, wide=True)
    wide = scenes.make_wide_scenes(sprites, pairs=6, trios=1)
    assert {scene.kind for scene in wide} == set(scenes.KINDS)
    assert not any(scenes.held_out(scene) for scene in wide)
    random = Random(0)
    for scene in wide:
        faithful = drafts.faithful(scene, sprites, random)
        assert [(p.x, p.y, p.size) for p in faithful] == [(p.x, p.y, p.size) for p in scenes.layout(scene)]
        for placements in (faithful, drafts.imperfect(scene, sprites, random)):
            picture, mask = drafts.draft(placements, sprites)
            assert picture.shape == (128, 128, 3) and mask.shape == (8, 8)
            empty = np.kron(mask, np.ones((16, 16))) == 0
            assert (picture[empty] == 255).all()


def test_mask_is_the_share_of_each_cell_that_a_square_covers():
    mask = drafts.squares_mask([[0, 0, 64], [64, 64, 8]])
    assert mask[:4, :4].min() == 1 and mask[4, 4] == 0.25 and mask.sum() == 16.25


def test_draft_decoder_begins_as_the_decoder_it_was_and_uses_the_draft(corpus, tmp_path, monkeypatch):
    monkeypatch.setattr(train_draft_decoder, "VALIDATION", 8)
    monkeypatch.setattr(train_draft_decoder, "WIDE_PAIRS", 6)
    monkeypatch.setattr(train_draft_decoder, "WIDE_TRIOS", 2)
    torch.manual_seed(0)
    codec = Autoencoder(TINY_CODEC).eval()
    torch.save({"config": TINY_CODEC.to_json(), "weights": codec.state_dict()}, tmp_path / "autoencoder.pt")
    options = Namespace(out=tmp_path, minutes=30, steps=8, batch=4, learning_rate=1e-3, seed=0, resume=False)
    latent, white = torch.randn(2, 16, 8, 8), torch.ones(2, 3, 128, 128)
    wider = Autoencoder(replace(TINY_CODEC, draft=True)).eval()
    wider.load_state_dict(codec.state_dict(), strict=False)
    assert torch.allclose(wider.decoder(latent, white, torch.zeros(2, 1, 8, 8)), codec.decoder(latent), atol=1e-5)
    assert torch.allclose(wider.decoder(latent), codec.decoder(latent), atol=1e-5)
    sprites = scenes.Sprites(corpus, wide=True)
    trained = train_draft_decoder.train(options, sprites)
    assert (tmp_path / "autoencoder-drafts.pt").exists()
    out = trained.decoder(latent, torch.zeros(2, 3, 128, 128), torch.ones(2, 1, 8, 8))
    assert not torch.allclose(out, trained.decoder(latent), atol=1e-3)
    assert json.loads((tmp_path / "metrics.json").read_text("utf-8"))["psnr"].keys() >= {"with_faithful_draft, latent noise 0.0"}


def test_autoencoder_learns_and_its_latents_have_unit_variance(sprites, tmp_path):
    training, _ = scenes.make_scenes(sprites, pairs=10)
    pictures = np.stack([scenes.draw(scene, sprites) for scene in training[:300]])
    kinds = np.array([scene.kind for scene in training[:300]])
    options = Namespace(out=tmp_path, minutes=30, steps=25, batch=8, learning_rate=2e-3, seed=0, resume=False, decoder_only=False, drafts=False)
    model = train_autoencoder.train(pictures, kinds, options, TINY_CODEC)
    metrics = json.loads((tmp_path / "metrics.json").read_text("utf-8"))
    assert metrics["steps"] == 25 and metrics["psnr_mean"] > 8
    model.train()
    latent = model.encode(train_autoencoder.to_tensor(pictures[:32]))
    assert abs(float(latent.detach().std()) - 1) < 0.1
    options.decoder_only, options.steps = True, 3
    refined = train_autoencoder.train(pictures, kinds, options, TINY_CODEC)
    assert all(torch.equal(a, b) for a, b in zip(refined.encoder.parameters(), train_autoencoder.load(tmp_path / "autoencoder.pt").encoder.parameters()))
    assert json.loads((tmp_path / "metrics.json").read_text("utf-8"))["before"] == metrics
    assert (train_autoencoder.load(tmp_path / "autoencoder.pt").encode(train_autoencoder.to_tensor(pictures[:1])).shape) == (1, 16, 8, 8)


@pytest.mark.parametrize("drafts_read", [False, True])
def test_exported_graphs_say_what_pytorch_says(tmp_path, drafts_read):
    torch.manual_seed(0)
    net = _lively(UNet(replace(TINY_NET, draft=drafts_read))).eval()
    codec, scale = _lively(Autoencoder(replace(TINY_CODEC, draft=drafts_read))).eval(), (torch.randn(16), torch.rand(16) + 0.5)
    decoder = export.BundleDecoder(codec.decoder, *scale).eval()
    encoder = export.BundleEncoder(codec, *scale).eval() if drafts_read else None
    export.write_parts(net, decoder, tmp_path, encoder=encoder)
    conditioning = np.zeros((2, 5, 12), np.float32)
    conditioning[:, :3] = np.random.default_rng(0).standard_normal((2, 3, 12))
    picture = np.random.default_rng(1).integers(0, 256, (128, 128, 3)).astype(np.uint8)
    examples = [golden.Example("one", picture, [[0, 0, 64]]), golden.Example("two", np.full_like(picture, 255), [])]
    golden.write(net, decoder, encoder, conditioning, examples, tmp_path)
    for part in ("unet", "vae_decoder", "diffusion", *(["vae_encoder"] if drafts_read else [])):
        entry = json.loads((tmp_path / f"golden/{part}.json").read_text("utf-8"))
        assert entry["measured_max_difference"] < 1e-3, part
        assert (tmp_path / "golden" / entry["file"]).exists()
    scheduler = json.loads((tmp_path / "scheduler/scheduler_config.json").read_text("utf-8"))
    assert scheduler["_class_name"] == "FlowMatchEulerDiscreteScheduler"
    made = exported.Exported(tmp_path)
    on_draft = made.generate(conditioning, 1, [(picture, np.ones((8, 8), np.float32)), None])
    alone = made.generate(conditioning, 1)
    assert (on_draft[1] == alone[1]).all() and (on_draft[0] != alone[0]).any() == drafts_read


def _lively(net: torch.nn.Module) -> torch.nn.Module:
    """Fills what is zero at the start, so that outputs depend on everything."""
    with torch.no_grad():
        for weight in net.parameters():
            if not weight.any():
                weight.normal_(std=0.1)
    return net


def test_a_training_ends_by_steps_or_by_time_and_is_refused_without_either():
    assert run.Clock(0).share(3, 4) == 0.75
    assert run.Clock(1, cpu=30).share(0, 0) == pytest.approx(0.5, abs=0.05)
    with pytest.raises(SystemExit, match="--minutes 0 needs --steps"):
        run.Clock(0).share(3, 0)
