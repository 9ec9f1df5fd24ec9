"""The image corpus: pure logic, and the committed search corpus where it is checked out."""

import gzip
import hashlib
import json
import re
import struct
import zlib
from collections import defaultdict
from pathlib import Path

import pytest
from PIL import Image

from gill_training.corpus import captions, rcc, splits, wordnet
from gill_training.corpus.colours import dominant_colours
from gill_training.corpus.drawings import Drawing, icon_svg, notices_in
from gill_training.corpus.export import entry
from gill_training.corpus.render import SIZE, Rendered, distinct, place
from gill_training.corpus.sources import EMOJI_SOURCES, INDEX_LICENCES, LICENCE_URLS, SOURCES, WORD_PACKAGES, spdx
from gill_training.corpus.vocabulary import Entry, Vocabulary, has_skin_tone, key

INDEX_DATA = Path(__file__).parents[3] / "index-data"


# ---- captions

@pytest.mark.parametrize("name, phrase", [
    ("flag: Chad", "flag of Chad"),
    ("keycap: 1", "keycap 1"),
    ("man: beard", "man with beard"),
    ("kiss: woman, man", "kiss of a woman and a man"),
    ("couple with heart: woman, man", "couple with heart, woman and man"),
    ("family: man, woman, girl", "family with man, woman and girl"),
    ("eight o’clock", "eight o'clock"),
    ("cat face", "cat face"),
])
def test_readable(name, phrase):
    assert captions.readable(name) == phrase


def test_slug_is_plain_ascii():
    assert captions.slug("Piñata – Côte d'Ivoire!") == "pinata-cote-d-ivoire"


@pytest.mark.parametrize("title, stem, creator, unique, caption", [
    ("Fall Coloured Tree", "fall_coloured_tree_geral_01", "Gerald G.", True, "fall coloured tree"),
    ("Various Cliparts", "goat_nicu_bucul_01", "Nicu Buculei", False, "goat"),
    ("AIGA_Symbol_Signs", "aiga_first_aid1", "Jean-Victor Balin", False, "first aid"),
    ("stick man", "sm_014", "Nicu Buculei", False, "stick man"),
    ("Potato Chips (B and W)", "potato_chips_bw", "Gerald G.", True, "potato chips"),
    ("", "hammer_peterm1", "peterm", False, "hammer"),
])
def test_clip_art_caption(title, stem, creator, unique, caption):
    assert captions.clip_art_caption(title, stem, creator, unique) == caption


def test_clip_art_phrase_never_ends_empty():
    assert captions.clip_art_phrase("nicu_buculei_01", "Nicu Buculei") == "nicu"


@pytest.mark.parametrize("listed, caption", [
    ("traffic light red", "red traffic light"), ("pear simple", "simple pear"), ("contour fox", "fox outline"),
    ("scorpion md", "scorpion"), ("red car", "red car"), ("black and white kings", "black and white kings"),
])
def test_natural_order(listed, caption):
    assert captions.natural_order(listed) == caption


def test_map_caption():
    assert captions.map_caption("new south wales shaded") == "map of New South Wales"
    assert captions.map_caption("earth globe") == "earth globe"


@pytest.mark.parametrize("sentence, caption", [
    ("A frog.", "a frog"),
    ("An Adelaide Rosella.", "an Adelaide Rosella"),
    ("Uranus—one of the gas giants.", "Uranus — one of the gas giants"),
    ("A US “Sacagawea” dollar ($1.00).", "a US Sacagawea dollar ($1.00)"),
])
def test_stamp_caption(sentence, caption):
    assert captions.stamp_caption(sentence) == caption


@pytest.mark.parametrize("caption, topic", [
    ("a stethoscope lets your doctor listen to your heart", "stethoscope"),
    ("a ginger 'root'", "ginger 'root"),
    ("fish, Pagrus pagrus", "fish"),
    ("the Sun", "Sun"),
])
def test_topic(caption, topic):
    assert captions.topic(caption) == topic


def test_keywords_are_distinct_clean_and_not_the_caption():
    words = ["Cat", "hash(0x85)", "", "united_nations_member", "pet", "pet", "unsorted", "0xa10d420"]
    assert captions.keywords(words, "cat") == ["united nations member", "pet"]


def test_is_english():
    words = {"berry", "box", "cat"}
    assert captions.is_english("the cat's boxes and berries", words)
    assert not captions.is_english("gatto", words)
    assert not captions.is_english("", words)


def test_is_unsuitable_only_as_a_word():
    assert captions.is_unsuitable("Linux powered")
    assert not captions.is_unsuitable("trumpet")


def test_capitalise_places():
    assert captions.capitalise_places("map of new zealand", ["New Zealand"]) == "map of New Zealand"
    assert captions.capitalise_places("chading", ["Chad"]) == "chading"


def test_mentions_whole_words_only():
    assert captions.mentions("two beer mugs", "beer mug")
    assert not captions.mentions("ticketing", "ticket")


# ---- vocabulary

def _vocabulary():
    return Vocabulary({
        "1f431": Entry("cat face", ["pet"], "animals-nature", "animal-mammal", {"it": "muso di gatto"}),
        "1f44b-1f3fb": Entry("waving hand: light skin tone", [], "people-body"),
        "1f1e8-1f1ee": Entry("flag: Côte d’Ivoire", [], "flags", "country-flag"),
        "1f170": Entry("A button (blood type)", [], "symbols"),
        "e000": Entry("Acme", [], "extras-openmoji", "brand"),
        "2022": Entry("bullet"),
    }, [("kitty", "1f431")])


def test_key_drops_variation_selectors():
    assert key("2764-FE0F") == "2764"
    assert has_skin_tone("1f44b-1f3fb") and not has_skin_tone("1f44b")


def test_vocabulary_finds_by_any_name():
    vocabulary = _vocabulary()
    for name in ("Cat Face", "cat-face", "catface", "kitty"):
        assert vocabulary.find(name) == "1f431"
    assert vocabulary.find_foreign("Muso di gatto") == "1f431"
    assert vocabulary.find("a-button") == "1f170"
    assert vocabulary.find("flag-cte-divoire") == "1f1e8-1f1ee"  # accents dropped, as some packs do
    assert vocabulary.find("waving-hand-light-skin-tone") is None
    assert vocabulary.find("acme") is None
    assert vocabulary.places() == ["Côte d’Ivoire"]


def test_concept_joins_symbols_only_for_signs():
    vocabulary = _vocabulary()
    assert vocabulary.concept("cat face", sign=False) == "u:1f431"
    assert vocabulary.concept("bullet", sign=False) == "name:bullet"
    assert vocabulary.concept("bullet", sign=True) == "u:2022"


# ---- sources and licences

def test_sources_are_exactly_the_agreed_ones():
    assert set(SOURCES) == {
        "noto", "twemoji", "openmoji", "fluent-3d", "emojitwo", "openclipart", "gcompris", "fluent-flat", "noto-v1",
        "emojione1", "streamline", "game-icons", "tuxpaint"}
    assert {source.package.name for source in SOURCES.values() if source.package.channel == "npm"} == {
        "@iconify-json/noto", "@iconify-json/noto-v1", "@iconify-json/twemoji", "@iconify-json/openmoji",
        "@iconify-json/fluent-emoji-flat", "@iconify-json/emojione", "@iconify-json/emojione-v1",
        "@iconify-json/streamline-emojis", "@iconify-json/game-icons", "@lobehub/fluent-emoji-3d"}
    assert all(re.fullmatch(r"[\w:.+~-]+", package.version) for package in WORD_PACKAGES)


def test_every_source_states_a_known_licence():
    assert all(source.licence in LICENCE_URLS for source in SOURCES.values() if source.key != "gcompris")
    assert not any("GPL" in licence for licence in INDEX_LICENCES)


@pytest.mark.parametrize("text, name", [
    ("CC-BY-SA 4.0", "CC-BY-SA-4.0"), ("CC BY 2.0", "CC-BY-2.0"), ("Public domain", "LicenseRef-PublicDomain"),
    ("CC0", "CC0-1.0"), ("GPLv2+", "GPL-2.0-or-later"), ("All rights reserved", "All rights reserved"),
])
def test_spdx(text, name):
    assert spdx(text) == name


def test_notices_in_readme():
    found = notices_in(
        "Copyright: Ann, 2018\nLicense: CC-BY-SA 4.0\nFiles:\na.svg\nsub/b.webp\n\n"
        "Copyright:\n  Copyright 2011 NASA\n  Copyright 2018 Bob\nLicense: Public Domain\nFiles: c.webp\n"
        "License: CC0\nFiles: d.webp\n")
    assert found["a.svg"] == found["sub/b.webp"] == {"Copyright": "Ann, 2018", "License": "CC-BY-SA 4.0"}
    assert found["c.webp"]["Copyright"] == "Copyright 2011 NASA Copyright 2018 Bob"
    assert found["d.webp"] == {"License": "CC0"}


# ---- Qt resource files

def _rcc(version: int) -> bytes:
    """A resource file with `a/x.txt` (plain) and `a/y.txt` (zlib), written by the format's rules."""
    names = b""
    offsets = []
    for name in ("a", "x.txt", "y.txt"):
        offsets.append(len(names))
        names += struct.pack(">HI", len(name), 0) + name.encode("utf-16-be")
    packed = struct.pack(">I", 5) + zlib.compress(b"world")
    data = struct.pack(">I", 5) + b"hello" + struct.pack(">I", len(packed)) + packed
    time = b"\0" * 8 if version >= 2 else b""
    nodes = [
        struct.pack(">IHII", 0, 2, 1, 1),
        struct.pack(">IHII", offsets[0], 2, 2, 2),
        struct.pack(">IHHHI", offsets[1], 0, 0, 0, 0),
        struct.pack(">IHHHI", offsets[2], 1, 0, 0, 9),
    ]
    tree = b"".join(node + time for node in nodes)
    start = 20
    header = b"qres" + struct.pack(">IIII", version, start, start + len(tree), start + len(tree) + len(data))
    return header + tree + data + names


@pytest.mark.parametrize("version", [1, 2, 3])
def test_rcc_entries(version):
    assert list(rcc.entries(_rcc(version))) == [("a/x.txt", b"hello"), ("a/y.txt", b"world")]


def test_rcc_refuses_other_files():
    with pytest.raises(ValueError, match="not a Qt resource file"):
        list(rcc.entries(b"PK\3\4" + bytes(20)))
    with pytest.raises(ValueError, match="version 9"):
        list(rcc.entries(_rcc(9)))


# ---- pictures

def test_icon_svg_uses_the_packs_size():
    svg = icon_svg({"width": 36, "height": 36, "icons": {"a": {"body": '<path fill="currentColor"/>'}}}, "a")
    assert 'viewBox="0 0 36 36"' in svg and 'fill="#000"' in svg


def test_dominant_colours():
    picture = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    picture.paste((214, 40, 40, 255), (0, 0, 64, 40))
    picture.paste((60, 120, 210, 255), (0, 40, 64, 64))
    assert dominant_colours(picture) == ["red", "blue"]
    assert dominant_colours(Image.new("RGBA", (64, 64))) == []


def test_place_keeps_a_margin_and_the_shape():
    placed = place(Image.new("RGBA", (200, 100), "red"), trim=False, photo=False)
    assert placed.size == (SIZE, SIZE) and placed.getchannel("A").getbbox() == (4, 34, 124, 94)


def test_place_fills_the_square_with_a_photo_but_not_with_an_object_on_white():
    photo = Image.new("RGBA", (200, 100), "green")
    assert place(photo, trim=True, photo=True).getchannel("A").getextrema() == (255, 255)
    on_white = Image.new("RGBA", (200, 100), "white")
    on_white.paste("green", (10, 40, 190, 60))
    assert place(on_white, trim=True, photo=True).getchannel("A").getextrema() == (0, 255)


def test_place_keeps_what_is_in_focus():
    photo = Image.new("RGBA", (300, 100), "green")
    for x in range(210, 290, 4):
        photo.paste("black", (x, 10, x + 2, 90))
    placed = place(photo, trim=True, photo=True).convert("L")
    assert placed.crop((10, 20, 118, 108)).getextrema()[0] < 20


def test_distinct_keeps_the_first_and_remembers_the_other_name():
    look = Rendered("k", "p", "d", (1, 2, 3), 0.5, [])
    first = Drawing("noto", "kitty", "cat face", "u:1f431")
    second = Drawing("noto-v1", "kitty", "Kitten", "u:1f431")
    missing = Drawing("noto", "other", "other", "name:other")
    assert distinct([first, second, missing], {first.id: look, second.id: look}) == [first]
    assert first.keywords == ["kitten"]


# ---- splits

def _rows():
    rows = []
    for number in range(400):
        for source in EMOJI_SOURCES:
            rows.append({"concept": f"u:{number:x}", "source": source, "group": "food-drink", "style": "flat icon",
                         "licence": "MIT", "caption": f"thing{number}"})
        rows.append({"concept": f"u:{number:x}", "source": "tuxpaint", "group": "food-drink", "style": "photo",
                     "licence": "GPL-2.0-only", "caption": f"a thing{number}"})
        rows.append({"concept": f"name:big-{number}", "source": "game-icons", "group": "", "style": "black silhouette",
                     "licence": "CC-BY-3.0", "caption": f"big thing{number}"})
    splits.assign(rows)
    return rows


def test_unseen_concepts_are_in_no_training_picture():
    rows = _rows()
    by_concept = defaultdict(set)
    for row in rows:
        by_concept[row["concept"]].add(row["split"])
    unseen = {concept for concept, found in by_concept.items() if splits.UNSEEN_CONCEPT in found}
    assert 20 <= len(unseen) <= 60
    assert all(by_concept[concept] == {splits.UNSEEN_CONCEPT} for concept in unseen)
    unseen_captions = {row["caption"] for row in rows if row["concept"] in unseen}
    for row in rows:
        if row["split"] == splits.TRAIN:
            assert not any(captions.mentions(row["caption"], name) for name in unseen_captions)


def test_held_out_styles_are_whole_families():
    held, trained = defaultdict(set), defaultdict(set)
    for row in _rows():
        target = {splits.CROSS_STYLE: held, splits.TRAIN: trained}.get(row["split"])
        if target is not None:
            target[row["concept"]].add(SOURCES[row["source"]].family)
    assert held
    for concept, families in held.items():
        assert len(families) == 1 and families.isdisjoint(trained[concept])


def test_photos_of_drawn_concepts_are_for_evaluation_and_gpl_is_not_searchable():
    photos = [row for row in _rows() if row["source"] == "tuxpaint"]
    assert {row["split"] for row in photos} == {splits.PHOTO, splits.UNSEEN_CONCEPT}
    assert not any(row["index"] for row in photos)


def test_bucket_is_fixed():
    assert [splits.bucket(text, 10) for text in ("unseenu:1f34c", "a", "b")] == [0, 7, 3]


# ---- WordNet

def test_gloss_takes_the_sense_of_the_group():
    nouns = wordnet.Nouns({
        "bat": [(wordnet.ANIMAL, "nocturnal mouselike mammal"), (wordnet.ARTIFACT, "a club; \"he swung it\"")],
        "thrust": [(wordnet.ACT, "a sharp push"), (wordnet.ARTIFACT, "a device")],
    })
    assert nouns.gloss("bats", "animals-nature", "animal-mammal") == "nocturnal mouselike mammal"
    assert nouns.gloss("a bat", "activities", "sport") == "a club"
    assert nouns.gloss("thrust", "", "") is None
    assert nouns.gloss("unicorn", "animals-nature", "") is None


def test_names_itself():
    assert wordnet.names_itself("a tower for watching", "watch tower")
    assert not wordnet.names_itself("small domesticated feline", "cat")


# ---- the committed corpus

@pytest.fixture(scope="module")
def committed():
    with gzip.open(INDEX_DATA / "corpus" / "manifest.jsonl.gz", "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def test_committed_manifest_follows_its_schema(committed):
    schema = json.loads((INDEX_DATA / "schema" / "manifest.schema.json").read_text("utf-8"))
    known, required = set(schema["properties"]), set(schema["required"])
    assert len(committed) > 8000 and len({row["id"] for row in committed}) == len(committed)
    for row in committed:
        assert required <= set(row) <= known
        for name in ("id", "file", "concept", "sha256"):
            assert re.search(schema["properties"][name]["pattern"], row[name]), (name, row[name])
        assert row["split"] in schema["properties"]["split"]["enum"]
        assert row["licence"] in INDEX_LICENCES and SOURCES[row["source"]].indexed
        assert row["author"] and row["caption"] and not captions.is_unsuitable(row["caption"])


def test_committed_images_are_the_manifests(committed):
    root = INDEX_DATA / "corpus"
    assert {str(path.relative_to(root)) for path in root.rglob("*.webp")} == {row["file"] for row in committed}
    for row in committed[::97]:
        content = (root / row["file"]).read_bytes()
        assert hashlib.sha256(content).hexdigest() == row["sha256"]
        with Image.open(root / row["file"]) as picture:
            assert picture.format == "WEBP" and picture.size == (row["width"], row["height"])


def test_committed_credits_are_complete(committed):
    notice = (INDEX_DATA / "NOTICE").read_text("utf-8")
    described = json.loads((INDEX_DATA / "corpus" / "sources.json").read_text("utf-8"))["pictures"]
    assert set(described) == {row["source"] for row in committed}
    assert all(source["title"] in notice for source in described.values())
    for licence in {row["licence"] for row in committed} | {"Unicode-3.0"}:
        assert (INDEX_DATA / "licences" / f"{licence}.txt").stat().st_size > 200


def test_entry_copies_only_what_the_manifest_has():
    row = {"id": "noto/cat", "caption": "cat", "split": "train", "rgba_file": "x", "sha256": "old"}
    assert entry(row, "new", 128, 128) == {
        "id": "noto/cat", "file": "images/noto/cat.webp", "caption": "cat", "split": "train", "sha256": "new",
        "width": 128, "height": 128}
