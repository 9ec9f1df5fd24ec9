"""Lists every drawing of every source with its caption, keywords, concept and licence, before rendering."""

import json
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote

from . import captions, rcc
from .fetch import contents
from .sources import EMOJI_SOURCES, SOURCES, WORDNET, spdx
from .vocabulary import BRAND, Vocabulary, has_skin_tone, key
from .wordnet import words as wordnet_words


@dataclass
class Drawing:
    """One picture to render: an SVG text or a file, and everything said about it."""

    source: str
    name: str
    caption: str
    concept: str
    svg: str = ""
    path: str = ""
    keywords: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    group: str = ""
    subgroup: str = ""
    style: str = ""
    licence: str = ""
    author: str = ""
    attribution: str = ""

    def __post_init__(self) -> None:
        source = SOURCES[self.source]
        self.name = captions.slug(self.name)[:80].strip("-") or "x"
        self.caption = captions.squeeze(self.caption)
        self.keywords = captions.keywords(self.keywords, self.caption)
        self.style = self.style or source.style
        self.licence = self.licence or source.licence
        self.author = self.author or source.author

    @property
    def id(self) -> str:
        return f"{self.source}/{self.name}"


# Folders of the picture libraries, in the words of the emoji groups.
_GROUP_OF_FOLDER = {
    "animals": "animals-nature", "plants": "animals-nature", "naturalforces": "animals-nature",
    "explore_farm_animals": "animals-nature", "explore_world_animals": "animals-nature", "erase": "animals-nature",
    "food": "food-drink",
    "buildings": "travel-places", "geography": "travel-places", "transportation": "travel-places",
    "town": "travel-places", "vehicles": "travel-places", "space": "travel-places", "solar_system": "travel-places",
    "explore_monuments": "travel-places",
    "people": "people-body",
    "recreation": "activities", "hobbies": "activities", "sports": "activities", "seasonal": "activities",
    "explore_world_music": "activities",
    "signs_and_symbols": "symbols", "symbols": "symbols",
    "clothes": "objects", "computer": "objects", "containers": "objects", "decorations": "objects",
    "education": "objects", "electronics": "objects", "household": "objects", "medical": "objects",
    "military": "objects", "office": "objects", "science": "objects", "tools": "objects",
}


def all_drawings(vocabulary: Vocabulary, cache: Path, wanted: set[str]) -> list[Drawing]:
    """Every drawing of the wanted sources, with distinct ids, in source order."""
    listers = {
        "fluent-3d": lambda: fluent_3d(vocabulary, cache),
        "game-icons": lambda: game_icons(vocabulary, cache),
        "openclipart": lambda: open_clip_art(vocabulary, cache),
        "gcompris": lambda: gcompris(vocabulary, cache),
        "tuxpaint": lambda: stamps(vocabulary, cache),
    }
    drawings: list[Drawing] = []
    used: set[str] = set()
    for source in SOURCES:
        if source not in wanted:
            continue
        listed = listers[source]() if source in listers else emoji_pack(source, vocabulary, cache)
        for drawing in listed:
            base, count = drawing.name, 1
            while drawing.id in used:
                count += 1
                drawing.name = f"{base}-{count}"
            used.add(drawing.id)
            drawings.append(drawing)
    return drawings


# ---- emoji packs -----------------------------------------------------------------------------------

_SKIPPED_SUBGROUPS = {BRAND, "hair-style", "regional-indicator", "skin-tone"}
_SIGN_NAME = re.compile(r"^(digit|letter|keycap)\b|\b(button|symbol|sign|mark|circle)$")
_TONE_NAME = re.compile(r"skin-tone|tone\d?$|\b(light|medium|dark)$")


def icon_svg(pack: dict, name: str) -> str:
    """A stand-alone SVG document of one icon of an Iconify pack."""
    icon = pack["icons"][name]
    width = icon.get("width", pack.get("width", 16))
    height = icon.get("height", pack.get("height", 16))
    view_box = f"{icon.get('left', 0)} {icon.get('top', 0)} {width} {height}"
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'viewBox="{view_box}" width="{width}" height="{height}">{icon["body"]}</svg>'
    ).replace("currentColor", "#000")


def _read_pack(source: str, cache: Path) -> tuple[dict, dict[str, str]]:
    folder = contents(SOURCES[source].package, cache)
    characters = folder / "chars.json"
    by_code_points = json.loads(characters.read_text("utf-8")) if characters.exists() else {}
    concept_of_name: dict[str, str] = {}
    for code_points, name in by_code_points.items():
        concept_of_name.setdefault(name, key(code_points))
    return json.loads((folder / "icons.json").read_text("utf-8")), concept_of_name


def emoji_pack(source: str, vocabulary: Vocabulary, cache: Path) -> Iterator[Drawing]:
    """The icons of an emoji pack, without skin-tone variants, brand logos and flag letters."""
    pack, concept_of_name = _read_pack(source, cache)
    concepts = {name: concept_of_name.get(name) or _find_by_name(name, vocabulary) for name in pack["icons"]}
    # Unknown names come last: they are often old names of pictures that also go by a known one.
    for name, concept in sorted(concepts.items(), key=lambda item: item[1] is None):
        if concept is None:
            if not _TONE_NAME.search(name):
                plain = re.sub(r" ?\d+$", "", name.replace("-", " "))
                if plain and not plain.startswith("flag "):
                    yield Drawing(source, name, plain, f"name:{captions.slug(plain)}", svg=icon_svg(pack, name),
                                  group="symbols" if _SIGN_NAME.search(plain) else "")
        elif not has_skin_tone(concept):
            drawing = _emoji(source, concept, vocabulary, fallback=name.replace("-", " "))
            if drawing.subgroup not in _SKIPPED_SUBGROUPS and not captions.is_unsuitable(drawing.caption):
                drawing.name, drawing.svg = captions.slug(name), icon_svg(pack, name)
                yield drawing


def _find_by_name(name: str, vocabulary: Vocabulary) -> str | None:
    base = re.sub(r"-?\d$", "", name)
    flag = re.sub(r"^flag-(for-)?", "flag-of-", base)
    for candidate in (name, base, flag, base.replace("-face", ""), f"{base}-face", f"flag-of-{base}"):
        found = vocabulary.find(candidate)
        if found:
            return found
    return None


def _emoji(source: str, concept_key: str, vocabulary: Vocabulary, fallback: str = "") -> Drawing:
    entry = vocabulary.entry(f"u:{concept_key}")
    caption = captions.readable(entry.name or fallback)
    return Drawing(source, caption, caption, f"u:{concept_key}", keywords=entry.keywords, names=entry.names,
                   group=entry.group, subgroup=entry.subgroup)


def fluent_3d(vocabulary: Vocabulary, cache: Path) -> Iterator[Drawing]:
    """The 3D renders: one WebP file per emoji, named by its code points."""
    for path in sorted((contents(SOURCES["fluent-3d"].package, cache) / "assets").glob("*.webp")):
        concept = key(path.stem)
        if not has_skin_tone(concept) and vocabulary.entry(f"u:{concept}").name:
            drawing = _emoji("fluent-3d", concept, vocabulary)
            drawing.path = str(path)
            yield drawing


def game_icons(vocabulary: Vocabulary, cache: Path) -> Iterator[Drawing]:
    """Black silhouettes, named by their file names only."""
    pack, _ = _read_pack("game-icons", cache)
    for name in pack["icons"]:
        caption = re.sub(r"\s+\d+$", "", name.replace("-", " "))
        words = [word for word in caption.split() if len(word) > 2]
        yield _named("game-icons", name, caption, words, vocabulary, svg=icon_svg(pack, name))


def _named(source: str, name: str, caption: str, words: list[str], vocabulary: Vocabulary, **more) -> Drawing:
    """A drawing known by a caption only: where that names an emoji, it joins the emoji's concept."""
    folder = more.pop("folder", "")
    concept = vocabulary.concept(captions.topic(caption), sign=_GROUP_OF_FOLDER.get(folder) == "symbols")
    entry = vocabulary.entry(concept)
    if caption.islower() and captions.readable(entry.name).lower() == caption:
        caption = captions.readable(entry.name)  # "christmas tree" → "Christmas tree"
    group = entry.group or _GROUP_OF_FOLDER.get(folder, "")
    return Drawing(source, name, caption, concept, keywords=words + entry.keywords, names=entry.names,
                   group=more.pop("group", group), subgroup=entry.subgroup or more.pop("subgroup", folder), **more)


# ---- Open Clip Art -----------------------------------------------------------------------------------

_SKIPPED_FOLDERS = (
    "shapes/", "computer/icons", "computer/buttons", "special/", "unsorted/duplicates", "recreation/games/cards",
    "buttons/", "logos/", "signs_and_symbols/led",
)
_MAX_CLIP_ART_BYTES = 400_000  # larger ones are traced photographs that take seconds each


def open_clip_art(vocabulary: Vocabulary, cache: Path) -> Iterator[Drawing]:
    """Clip art whose title or file name is English, or names an emoji in another language."""
    dictionary = wordnet_words(contents(WORDNET, cache))
    places = vocabulary.places()
    root = contents(SOURCES["openclipart"].package, cache) / "usr/share/openclipart/svg"
    found = list(_clip_art_files(root))
    titles = Counter(title.lower() for _, _, title, _, _ in found)
    for path, relative, title, creator, words in found:
        caption = captions.clip_art_caption(title, path.stem, creator, titles[title.lower()] == 1)
        folders = relative.parts[:-1]
        is_flag = "flags" in folders
        if is_flag and not caption.startswith("flag"):
            place = " ".join(word.capitalize() for word in caption.replace(" flag", "").split())
            caption = f"flag of {place}"
        else:
            english = captions.is_english(caption, dictionary)
            # One prolific artist titles in Italian, with words that may also be English ones ("candela").
            translated = None if english and "Rollandin" not in creator else vocabulary.find_foreign(caption)
            if translated:
                caption = captions.readable(vocabulary.entry(f"u:{translated}").name)
            elif not english or captions.is_unsuitable(caption):
                continue
            caption = captions.map_caption(caption) if folders[0] == "geography" else captions.natural_order(caption)
        if folders[0] in ("geography", "signs_and_symbols"):
            caption = captions.capitalise_places(caption, places)
        if "roadsigns" in folders:
            caption = f"road sign {caption}"
        if len(caption) >= 3:
            own = [word for word in words if captions.slug(word) != captions.slug(creator)]
            yield _named("openclipart", "-".join(relative.with_suffix("").parts), caption,
                         own + [folder for folder in folders if folder != "unsorted"], vocabulary, path=str(path),
                         folder=folders[0], author=creator or "unknown",
                         **({"group": "flags"} if is_flag else {}))


def _clip_art_files(root: Path) -> Iterator[tuple[Path, Path, str, str, list[str]]]:
    for folder, _, names in sorted(os.walk(root)):
        for name in sorted(names):
            path = Path(folder, name)
            relative = path.relative_to(root)
            if (path.suffix != ".svg" or path.is_symlink() or str(relative).startswith(_SKIPPED_FOLDERS)
                    or path.stat().st_size > _MAX_CLIP_ART_BYTES):
                continue
            text = path.read_text("utf-8", errors="replace")
            licence = re.search(r'license rdf:resource="([^"]*)"', text)
            if licence and "GPL" in licence.group(1):
                continue
            title = re.search(r"<dc:title>([^<]*)</dc:title>", text)
            creator = re.search(r"<dc:creator>.*?<dc:title>([^<(]*)", text, re.DOTALL)
            words = re.findall(r"<rdf:li>([^<]*)</rdf:li>", text)
            yield (path, relative, title.group(1).strip() if title else "",
                   creator.group(1).strip() if creator else "", words)


# ---- GCompris ----------------------------------------------------------------------------------------

_GCOMPRIS_FILES = ("categorization", "erase", "explore_farm_animals", "explore_monuments", "explore_world_animals",
                   "explore_world_music", "lang", "solar_system")
_FISH_PAGE_NOISE = re.compile(r"stock photo|\bstefano guerrieri.*$|\baquarium fish\b|--.*$", re.IGNORECASE)
_COLOUR_WORDS = frozenset("black white red green blue yellow pink gray mauve purple brown turquoise".split())
_GCOMPRIS_CAPTIONS = {
    "blackslate": "slate board", "buffetset": "cup and saucer", "bulb": "light bulb", "burj": "Burj Khalifa",
    "dam": "hydroelectric dam", "geothermal": "geothermal power plant",
    "le musee": "Louvre museum", "measuring tape": "measuring tape", "nail cutter": "nail clipper",
    "orange_color": "a can of orange paint", "plier": "pliers", "screw driver": "screwdriver",
    "zimni palace": "Winter Palace", "empire state": "Empire State Building", "cabrillo": "Cabrillo Monument",
    "side cutter": "side cutting pliers", "solar": "solar panels", "spray": "spray can", "tweezer": "tweezers",
    "weighing machine": "weighing scale", "us capitol": "US Capitol", "opera house": "Sydney Opera House",
    "chamaeleon": "chameleon", "long nosed monkey": "proboscis monkey", "kutub minar": "Qutub Minar",
    "pontdu gard": "Pont du Gard",
}


def gcompris(vocabulary: Vocabulary, cache: Path) -> Iterator[Drawing]:
    """Photographs and word pictures, each with the licence its folder's README states; without one, not used."""
    package = contents(SOURCES["gcompris"].package, cache)
    target = cache / "unpacked" / "gcompris-pictures"
    seen: set[str] = set()
    for activity in _GCOMPRIS_FILES:
        files = dict(rcc.entries((package / f"usr/share/gcompris-qt/rcc/{activity}.rcc").read_bytes()))
        notices: dict[str, dict[str, str]] = {}
        for path, content in files.items():
            if path.endswith("/README"):
                folder = path.rsplit("/", 1)[0]
                for name, notice in notices_in(content.decode("utf-8", "replace")).items():
                    notices[f"{folder}/{name}"] = notice
        for path, content in sorted(files.items()):
            notice = notices.get(path) or _lang_notice(path)
            if not path.endswith(".webp") or not (notice and notice.get("License")):
                continue
            out = target / path
            out.parent.mkdir(parents=True, exist_ok=True)
            out.write_bytes(content)
            drawing = _gcompris_drawing(activity, out, notice, vocabulary)
            if drawing is not None and drawing.id + drawing.caption not in seen:
                seen.add(drawing.id + drawing.caption)
                yield drawing


def notices_in(readme: str) -> dict[str, dict[str, str]]:
    """File name → the notice (Copyright, License, Source, ...) a GCompris README gives for it."""
    found: dict[str, dict[str, str]] = {}
    notice: dict[str, str] = {}
    field_name = ""
    for line in (line.strip() for line in readme.splitlines()):
        field_start = re.match(r"(Copyright|License|Source|Comments?|Files):\s*(.*)", line)
        if field_start:
            # A notice ends where its files were listed, or where the next copyright line begins.
            if field_name == "Files" or field_start.group(1) == "Copyright":
                notice = {}
            field_name, line = field_start.groups()
        if not line:
            continue
        if field_name == "Files":
            for name in line.split():
                found[name] = notice
        elif field_name:
            notice[field_name] = captions.squeeze(f"{notice.get(field_name, '')} {line}")
    return found


def _lang_notice(path: str) -> dict[str, str] | None:
    """The word pictures come without a README; the package's copyright file states their licence."""
    if "/lang/resource/words_sample/" in path:
        return {"Copyright": "Art4Apps", "License": "CC-BY-SA-3.0"}
    return None


def _gcompris_drawing(activity: str, path: Path, notice: dict[str, str], vocabulary: Vocabulary) -> Drawing | None:
    folder = path.parent.name
    origin = notice.get("Source", notice.get("Comment", ""))
    page = re.search(r"File:(.*?)\.(?:jpe?g|png|webp|svg)", origin, re.IGNORECASE)
    title = _commons_title(page.group(1)) if page else ""
    words = [folder] if folder not in ("resource", "images", "others") else []
    if folder not in ("music", "others", "renewable", "tools"):  # there, page titles are camera names and villages
        words.append(title)
    if path.stem.startswith("windmill"):  # old and new ones alike
        words.append("wind turbine")
    style = "photo"
    if activity == "lang":
        style, words = "clip art", []
        name = path.stem
        caption = f"a can of {name} paint" if name in _COLOUR_WORDS else name.replace("_", " ")
        caption = _GCOMPRIS_CAPTIONS.get(name, caption)
    elif folder == "fishes":
        species = captions.squeeze(_FISH_PAGE_NOISE.sub("", title))
        caption = f"fish, {captions.split_camel(species)}" if species else "fish"
    elif folder in ("alphabets", "numbers") or path.stem.startswith("monument"):
        return None
    elif activity == "explore_world_animals" and path.stem == "dragon":
        caption = "Komodo dragon"
    else:
        caption = captions.split_camel(path.stem)
        plain = re.sub(r"(?<=[a-z])(of|the|des|de)(?= )", r" \1", caption)
        caption = _GCOMPRIS_CAPTIONS.get(caption.lower(), plain)
        if activity == "explore_monuments" or folder == "monuments":
            small = ("of", "the", "de", "des", "du")
            caption = " ".join(
                word.lower() if word.lower() in small else word[:1].upper() + word[1:] for word in caption.split())
        elif activity == "explore_world_music":
            caption = {"orchestra": "orchestra", "middleeast": "traditional music of the Middle East"}.get(
                caption, f"traditional music of {caption.title()}")
        elif activity == "solar_system":
            caption = {"moon": "the Moon", "sun": "the Sun"}.get(caption, f"planet {caption.capitalize()}")
        else:
            caption = caption.lower()
    licence = spdx(notice["License"])
    author = captions.squeeze(re.sub(r"copyright:?|©|\(c\)", " ", notice.get("Copyright", ""), flags=re.IGNORECASE))
    return _named("gcompris", f"{activity}-{path.stem}", caption, words, vocabulary, path=str(path),
                  folder={"renewable": "buildings", "fishes": "animals", "tools": "tools", "monuments": "geography",
                          "others": "household"}.get(folder, activity),
                  style=style, licence=licence, author=author, attribution=origin)


def _commons_title(page: str) -> str:
    title = unquote(page).replace("_", " ")
    title = re.sub(r"\([^)]*\)|\d{2,}|(?<=\s)\d+$|\bcropped\b", "", title)
    return captions.squeeze(title).strip(" -,")


# ---- Tux Paint ---------------------------------------------------------------------------------------

_DRAWN_STAMPS = frozenset(("cartoon", "plastic", "symbols", "flags", "roadsigns"))


def stamps(vocabulary: Vocabulary, cache: Path) -> Iterator[Drawing]:
    """Stamps with a human sentence each; letters, digits and notes are left out."""
    root = contents(SOURCES["tuxpaint"].package, cache) / "usr/share/tuxpaint/stamps"
    for text in sorted(root.rglob("*.txt")):
        relative = text.relative_to(root).with_suffix("")
        picture = next((p for p in (text.with_suffix(".png"), text.with_suffix(".svg")) if p.exists()), None)
        if picture is None or re.match(r"symbols/(alphabets|math|music)", str(relative)):
            continue
        lines = text.read_text("utf-8", errors="replace").splitlines()
        caption = captions.stamp_caption(lines[0]) if lines else ""
        if not caption:
            continue
        folders = relative.parts[:-1]
        words = [folder for folder in folders if folder not in ("cartoon", "plastic", "toys")]
        drawn = picture.suffix == ".svg" or not _DRAWN_STAMPS.isdisjoint(folders)
        yield _named("tuxpaint", "-".join(relative.parts), caption, words, vocabulary, path=str(picture),
                     folder=folders[0], style="drawing" if drawn else "photo")
