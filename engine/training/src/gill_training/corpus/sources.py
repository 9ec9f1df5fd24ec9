"""The picture packages: what they are, who drew them, and under which licence.

Only what is listed here is ever fetched, indexed or trained on.
"""

from dataclasses import dataclass

LICENCE_URLS = {
    "Apache-2.0": "https://www.apache.org/licenses/LICENSE-2.0",
    "CC-BY-2.0": "https://creativecommons.org/licenses/by/2.0/",
    "CC-BY-3.0": "https://creativecommons.org/licenses/by/3.0/",
    "CC-BY-4.0": "https://creativecommons.org/licenses/by/4.0/",
    "CC-BY-SA-2.0": "https://creativecommons.org/licenses/by-sa/2.0/",
    "CC-BY-SA-3.0": "https://creativecommons.org/licenses/by-sa/3.0/",
    "CC-BY-SA-4.0": "https://creativecommons.org/licenses/by-sa/4.0/",
    "CC0-1.0": "https://creativecommons.org/publicdomain/zero/1.0/",
    "GPL-2.0-only": "https://www.gnu.org/licenses/old-licenses/gpl-2.0.html",
    "LicenseRef-PublicDomain": "https://creativecommons.org/publicdomain/mark/1.0/",
    "MIT": "https://opensource.org/license/mit",
    "Unicode-3.0": "https://www.unicode.org/license.txt",
}

# What may be redistributed inside the index: everything above but the GPL.
INDEX_LICENCES = frozenset(LICENCE_URLS) - {"GPL-2.0-only", "Unicode-3.0"}

# How package READMEs spell their licences.
_LICENCE_SPELLINGS = {
    "publicdomain": "LicenseRef-PublicDomain",
    "cc0": "CC0-1.0",
    "gpl2+": "GPL-2.0-or-later",
    "gplv2+": "GPL-2.0-or-later",
}


def spdx(text: str) -> str:
    """The SPDX name of a licence as packages spell it, e.g. "CC-BY-SA 4.0"; the text itself if unknown."""
    squeezed = text.strip().replace(" ", "")
    if squeezed.lower() in _LICENCE_SPELLINGS:
        return _LICENCE_SPELLINGS[squeezed.lower()]
    for name in LICENCE_URLS:
        if squeezed.lower().replace("-", "") == name.lower().replace("-", ""):
            return name
    return text.strip()


@dataclass(frozen=True)
class Package:
    """One download: `npm` packages by exact version, `deb` packages by the distribution's."""

    channel: str
    name: str
    version: str

    @property
    def folder(self) -> str:
        return self.name.lstrip("@").replace("/", "-")

    def __str__(self) -> str:
        return f"{self.channel} {self.name}@{self.version}"


@dataclass(frozen=True)
class Source:
    """One set of pictures drawn in one style.

    `family` groups sets by the same designers: a style is held out for evaluation as a whole family.
    `style` reads as a phrase: "a cat, flat icon".
    """

    key: str
    title: str
    package: Package
    author: str
    licence: str
    homepage: str
    family: str
    style: str
    indexed: bool


def _npm(name: str, version: str) -> Package:
    return Package("npm", name, version)


# Order matters: of identical pictures the first source keeps its own.
SOURCES: dict[str, Source] = {
    source.key: source
    for source in (
        Source("noto", "Noto Emoji", _npm("@iconify-json/noto", "1.2.9"), "Google Inc.", "Apache-2.0",
               "https://github.com/googlefonts/noto-emoji", "noto", "shaded icon", True),
        Source("twemoji", "Twemoji", _npm("@iconify-json/twemoji", "1.2.5"), "Twitter, Inc. and other contributors",
               "CC-BY-4.0", "https://github.com/jdecked/twemoji", "twemoji", "flat icon", True),
        Source("openmoji", "OpenMoji", _npm("@iconify-json/openmoji", "1.2.29"),
               "OpenMoji – the open-source emoji and icon project", "CC-BY-SA-4.0",
               "https://github.com/hfg-gmuend/openmoji", "openmoji", "outlined icon", True),
        Source("fluent-3d", "Fluent Emoji 3D", _npm("@lobehub/fluent-emoji-3d", "1.1.0"), "Microsoft Corporation",
               "MIT", "https://github.com/microsoft/fluentui-emoji", "fluent", "3D render", True),
        Source("emojitwo", "EmojiTwo", _npm("@iconify-json/emojione", "1.2.3"), "EmojiTwo contributors",
               "CC-BY-4.0", "https://github.com/EmojiTwo/emojitwo", "emojione", "flat icon", True),
        Source("openclipart", "Open Clip Art Library", Package("deb", "openclipart-svg", "1:0.18+dfsg-19"),
               "Open Clip Art Library contributors", "LicenseRef-PublicDomain", "https://openclipart.org/",
               "openclipart", "clip art", True),
        Source("gcompris", "GCompris pictures", Package("deb", "gcompris-qt-data", "3.1-2"),
               "GCompris contributors", "per file", "https://gcompris.net/", "gcompris", "photo", True),
        Source("fluent-flat", "Fluent Emoji Flat", _npm("@iconify-json/fluent-emoji-flat", "1.2.6"),
               "Microsoft Corporation", "MIT", "https://github.com/microsoft/fluentui-emoji", "fluent",
               "flat icon", False),
        Source("noto-v1", "Noto Emoji, first series", _npm("@iconify-json/noto-v1", "1.2.5"), "Google Inc.",
               "Apache-2.0", "https://github.com/googlefonts/noto-emoji", "noto", "flat icon", False),
        Source("emojione1", "EmojiOne, first series", _npm("@iconify-json/emojione-v1", "1.2.3"), "Emoji One",
               "CC-BY-SA-4.0", "https://github.com/joypixels/emojione-legacy", "emojione", "flat icon", False),
        Source("streamline", "Streamline Emojis", _npm("@iconify-json/streamline-emojis", "1.2.4"), "Streamline",
               "CC-BY-4.0", "https://github.com/webalys-hq/streamline-vectors", "streamline", "duotone icon", False),
        Source("game-icons", "Game-icons.net", _npm("@iconify-json/game-icons", "1.2.4"),
               "Lorc, Delapouite and contributors", "CC-BY-3.0", "https://game-icons.net/", "game-icons",
               "black silhouette", False),
        Source("tuxpaint", "Tux Paint stamps", Package("deb", "tuxpaint-stamps-default", "2022.06.04-1"),
               "Bill Kendrick and contributors", "GPL-2.0-only", "https://tuxpaint.org/", "tuxpaint", "photo", False),
    )
}

EMOJI_SOURCES = ("noto", "twemoji", "openmoji", "fluent-3d", "emojitwo", "fluent-flat", "noto-v1", "emojione1",
                 "streamline")

# Names and words, not pictures.
CLDR_NAMES = _npm("cldr-annotations-full", "48.2.0")
CLDR_DERIVED_NAMES = _npm("cldr-annotations-derived-full", "48.2.0")
EMOJIBASE = _npm("emojibase-data", "17.0.0")
OPENMOJI_DATA = _npm("openmoji", "17.0.0")
WORDNET = Package("deb", "wordnet-base", "1:3.0-37")
# Metric twins of the fonts that texts in drawings ask for.
FONTS = Package("deb", "fonts-liberation", "1:1.07.4-11")
WORD_PACKAGES = (CLDR_NAMES, CLDR_DERIVED_NAMES, EMOJIBASE, OPENMOJI_DATA, WORDNET)
