"""Turns package names, titles and file names into natural captions. Pure functions on text."""

import re
import unicodedata
from collections.abc import Collection

# Words of captions that WordNet, a dictionary of open word classes, does not list.
FUNCTION_WORDS = frozenset("of the a an and or in on with to for at by no from".split())
# Foreign words that happen to be in WordNet, seen in clip-art titles.
FOREIGN_WORDS = frozenset(
    "aiga ambulans canarias carta carte casa con dei del della di eau en et euskadi glace il lam lente lotas meno ne "
    "nonno orso otto ours pas per pollo premiers psycho ras rilievo rios secours silvia sole sur signore signorina "
    "stefan stella striscia un une uomo vacca viti".split()
)
_GENERIC_TITLE = re.compile(r"clip ?arts?\b|\bicons\b|symbol.signs|road signs|untitled|^created|^svg ", re.IGNORECASE)
_UNSUITABLE = re.compile(
    r"\b(sexy?|nude|naked|topless|swastika|nazi|logo|brand|trademark|openclipart|inkscape|gnome|linux|debian|firefox|"
    r"mac|macintosh|ipod|sony|nokia|chevrolet|palm pilot|playstation|rubik|superman|"
    r"cisco|copper the beagle|dodge|e mule|hp|hummer|packman|pimp|shelby|sprint|stripper|toyota|vancouver|"
    r"what's up doc|arduino|bdsm|browncoat|federation of planets|greta thunberg|hal 9000|hfg|ibeacon|raspberry pi|tardis|trump)\b",
    re.IGNORECASE)
_COLOURS = "black|white|red|green|blue|yellow|orange|purple|pink|gray|beige"
_MAX_TITLE = 48


def slug(text: str) -> str:
    """Lower-case ASCII words joined by hyphens."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")


def squeeze(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def readable(name: str) -> str:
    """The Unicode short name as a phrase: "flag: Chad" → "flag of Chad", "man: beard" → "man with beard"."""
    name = squeeze(name.replace("“", "").replace("”", "").replace("’", "'"))
    head, colon, tail = name.partition(": ")
    if not colon:
        return name
    if head == "flag":
        return f"flag of {tail}"
    if head == "keycap":
        return f"keycap {tail}"
    *firsts, last = tail.split(", ")
    listed = f"{', '.join(firsts)} and {last}" if firsts else last
    if head == "kiss":
        return f"kiss of a {listed.replace(' and ', ' and a ')}"
    if " with " in head:
        return f"{head}, {listed}"
    return f"{head} with {listed}"


def split_camel(name: str) -> str:
    """ "leaningTowerOfPisa2" → "leaning Tower Of Pisa"."""
    name = re.sub(r"\d+$", "", name).replace("_", " ")
    return squeeze(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name))


def keywords(words: Collection[str], caption: str) -> list[str]:
    """Distinct lower-case keywords, without empty ones, machine residue and the caption itself."""
    cleaned = (squeeze(word.replace("_", " ").replace("’", "'")).lower() for word in words)
    kept = (
        word for word in cleaned
        if word and word != caption.lower() and not re.match(r"hash\b|0x|unsorted$|svg$|clip ?art$", word)
    )
    return list(dict.fromkeys(kept))


def is_english(text: str, dictionary: Collection[str]) -> bool:
    """Whether every word is in the dictionary (plural endings and "'s" allowed)."""

    def known(word: str) -> bool:
        stems = [word]
        if word.endswith("s"):
            stems.append(word[:-1])
        if word.endswith("es"):
            stems.append(word[:-2])
        if word.endswith("ies"):
            stems.append(word[:-3] + "y")
        return word in FUNCTION_WORDS or any(stem in dictionary for stem in stems)

    words = [re.sub(r"'s$", "", word) for word in text.lower().split()]
    return bool(words) and all(known(word) and word not in FOREIGN_WORDS for word in words)


def is_unsuitable(caption: str) -> bool:
    """Whether a caption names a brand, a living person, or something a children's book would not show."""
    return bool(_UNSUITABLE.search(caption))


def clip_art_phrase(text: str, creator: str) -> str:
    """A clip-art title or file stem as lower-case words, without counters and its creator's name.

    File names often end in a clipped name ("goat_nicu_bucul_01"), so a last word that begins a word
    of the creator's name goes too.
    """
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    text = re.sub(r"^clipart by [\w .]+ - ", "", text, flags=re.IGNORECASE)
    text = re.sub(r"\([^)]*\)", "", text)
    text = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text)
    words = re.sub(r"[_\-.,/#:;!?\"*+&]+", " ", text).lower().split()
    if words[:1] == ["aiga"]:  # a sign series, not a thing
        words = words[1:]
    names = slug(creator).split("-") if creator else []

    def residue(word: str) -> bool:
        clipped_name = any(name.startswith(word) or (len(name) > 3 and word.startswith(name)) for name in names)
        return clipped_name or bool(re.fullmatch(r"\d+|[a-z]|v\d+|[a-z]\d+|bw|\d+[a-z]", word))

    while len(words) > 1 and residue(words[-1]):
        words.pop()
    return " ".join(re.sub(r"(?<=[a-z]{3})\d+$", "", word) for word in words)


def clip_art_caption(title: str, stem: str, creator: str, title_is_unique: bool) -> str:
    """The better of title and file stem: titles are written for readers, but many are copied from another file."""
    from_title = "" if _GENERIC_TITLE.search(title) else clip_art_phrase(title, creator)
    from_stem = clip_art_phrase(stem, creator)
    if from_title and title_is_unique and 2 < len(from_title) <= _MAX_TITLE:
        return from_title
    if len(from_stem) < 3 or re.fullmatch(r"[a-z]{1,2}( .*)?", from_stem):
        return from_title
    return from_stem


def natural_order(caption: str) -> str:
    """Puts what libraries sort behind the thing in front of it: "traffic light red" → "red traffic light"."""
    caption = re.sub(r"^etiquette (?=\w)| md$", "", caption)  # a series, an artist
    caption = re.sub(r"^contour (.+)$", r"\1 outline", caption)
    return re.sub(rf"^(\w+(?: \w+)?) (simple|{_COLOURS})$", r"\2 \1", caption)


def map_caption(caption: str) -> str:
    """ "queensland outline" → "map of Queensland"; other captions unchanged."""
    place = re.match(r"(.+?) (?:black|outline|shaded|shading|states|provinces)\b", caption, re.IGNORECASE)
    if not place or caption.startswith("map of"):
        return caption
    return "map of " + " ".join(word[:1].upper() + word[1:] for word in place.group(1).split())


def stamp_caption(sentence: str) -> str:
    """The first sentence of a stamp's description, lower-case unless it begins with a name."""
    sentence = squeeze(sentence.replace("\ufeff", "").replace("\u00a0", " ").replace("’", "'"))
    sentence = re.split(r"(?<=[a-z)”\"])[.!?]\s", sentence)[0]
    sentence = sentence.strip(" \"").rstrip(".!").replace("“", "").replace("”", "")
    sentence = re.sub(r"\s*—\s*", " — ", sentence)
    words = sentence.split()
    starts_plain = re.match(r"(A|An|The|Some|Two|This|Grandma's)\b", sentence) or len(words) == 1 or words[1].islower()
    return sentence[:1].lower() + sentence[1:] if words and starts_plain else sentence


def without_article(caption: str) -> str:
    return re.sub(r"^(a|an|the|some|a pair of)\s+", "", caption, flags=re.IGNORECASE)


def topic(caption: str) -> str:
    """What a caption is about, without article and remarks: "a stethoscope lets your ..." → "stethoscope"."""
    head = re.split(r"[—(,;]| (?:is|are|lets|helps|can|that|which|called|used|covered) ", caption)[0]
    return without_article(head.strip(" '\"")) or caption


def capitalise_places(caption: str, places: Collection[str]) -> str:
    """ "map of sweden" → "map of Sweden"."""
    padded = f" {caption} "
    for place in places:
        padded = re.sub(rf"(?<= ){re.escape(place)}(?= )", place, padded, flags=re.IGNORECASE)
    return padded.strip()


def mentions(caption: str, name: str) -> bool:
    """Whether the name occurs in the caption as whole words (a plural "s" allowed)."""
    return re.search(rf"\b{re.escape(name.lower())}s?\b", caption.lower()) is not None
