"""The searchable corpus as the engine sees it: both vector fields, and the words its captions hold."""

import json
import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from gill_training.clip.data import Corpus
from gill_training.encoders import TextEncoder, open_session
from gill_training.gill.chat import Conversation
from gill_training.gill.relevance import Background, background_rows

FEATURES = (
    "max_retrieval_score", "retrieval_margin", "max_text_score", "text_margin", "score_agreement", "caption_overlap",
    "img_z", "text_z", "img_z_margin", "text_z_margin",
)
STOP_WORDS = frozenset(
    "a an the of in on at to for from with and or is are be it its this that these those i you he she we they me my your our us can could would "
    "will do does did have has want need like love see show draw paint make create generate find give get look looks bring search picture pictures "
    "image images photo icon drawing emoji please now one ones some any what how about know let there here something thing not no very".split()
)
FIRST = 10  # hits that margins and agreement look at


def content_words(text: str) -> list[str]:
    """docs/model-bundle-format.md: distinct lower-case runs of letters and digits that are no stop words."""
    return [word for word in dict.fromkeys(re.findall(r"[^\W_]+", text.lower())) if word not in STOP_WORDS]


def forms(word: str) -> set[str]:
    """The word, and without a final `es` or `s`."""
    return {word} | {word.removesuffix(ending) for ending in ("es", "s") if word.endswith(ending)}


def caption_overlap(text: str, described: set[str]) -> float:
    """Share of the text's content words among `described` (lower-case words with their shortened forms); 1 without any."""
    wanted = content_words(text)
    return sum(bool(forms(word) & described) for word in wanted) / len(wanted) if wanted else 1.0


def described_words(texts: list[str]) -> set[str]:
    return {form for text in texts for word in re.findall(r"[^\W_]+", text.lower()) for form in forms(word)}


class Descriptions:
    """Which of many pictures are described by a name: their captions, keywords and names hold all of its content words."""

    def __init__(self, texts: Iterable[list[str]]):
        self._by_word: dict[str, set[int]] = defaultdict(set)
        for number, own in enumerate(texts):
            for word in described_words(own):
                self._by_word[word].add(number)

    def holding(self, name: str) -> set[int]:
        """Numbers of the pictures; none for a name without content words."""
        found = [set().union(*(self._by_word.get(form, set()) for form in forms(word))) for word in content_words(name)]
        return set.intersection(*found) if found else set()


@dataclass
class Gallery:
    """`rows`: corpus rows in search order; `retrieval` and `clip`: their unit vectors; `names`: picture id -> names in all languages."""

    corpus: Corpus
    names: dict[str, list[str]]
    rows: np.ndarray
    retrieval: np.ndarray
    clip: np.ndarray

    @staticmethod
    def open(bundle: Path, corpus: Corpus, names: dict[str, list[str]], rows: np.ndarray) -> "Gallery":
        """Embeds the rows with the bundle's own graphs."""
        pooled = np.asarray(corpus.pooled[rows], np.float32)
        run = lambda graph, output: open_session(bundle / graph).run([output], {"pooler_output": pooled})[0]
        retrieval = run("gill/retrieval_image.onnx", "retrieval_embeds")
        return Gallery(corpus, names, rows, retrieval, run("vision_encoder/projection.onnx", "image_embeds"))

    def without(self, concepts: set[str]) -> "Gallery":
        return self.only(np.array([self.corpus.pictures[row].key not in concepts for row in self.rows]))

    def only(self, kept: np.ndarray) -> "Gallery":
        return Gallery(self.corpus, self.names, self.rows[kept], self.retrieval[kept], self.clip[kept])

    def words(self, row: int) -> set[str]:
        picture = self.corpus.pictures[row]
        return described_words([picture.caption, *picture.keywords, *self.names[picture.id]])

    @cached_property
    def _backgrounds(self) -> tuple[Background, Background]:
        rows = background_rows([self.corpus.pictures[row].id for row in self.rows])
        return Background(self.retrieval[rows]), Background(self.clip[rows])

    def features(self, query: np.ndarray, text_embedding: np.ndarray, text: str) -> np.ndarray:
        """FEATURES of one [IMG] query and the request's last user text."""
        (by_query, found, query_z), (by_text, read, text_z) = (
            self._first(vectors, vector, background)
            for vectors, vector, background in zip((self.retrieval, self.clip), (query, text_embedding), self._backgrounds)
        )
        agreement = 1.0 if by_query[0] == by_text[0] else len(set(by_query) & set(by_text)) / FIRST
        overlap = caption_overlap(text, self.words(int(self.rows[by_query[0]])))
        cosines = [found[0], found[0] - found[-1], read[0], read[0] - read[-1], agreement, overlap]
        return np.array([*cosines, query_z[0], text_z[0], query_z[0] - query_z[-1], text_z[0] - text_z[-1]], np.float32)

    def shown(self, query: np.ndarray, text_embedding: np.ndarray, weight: float) -> int:
        """The corpus row that the engine shows: the best by both cosines, the text tower's counting `weight` times."""
        return int(self.rows[(self.retrieval @ query + weight * (self.clip @ text_embedding)).argmax()])

    @staticmethod
    def _first(vectors: np.ndarray, query: np.ndarray, background: Background) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """(positions, cosines, z) of the first hits."""
        cosines = vectors @ query
        best = np.argpartition(-cosines, FIRST)[:FIRST]
        best = best[np.argsort(-cosines[best])]
        return best, cosines[best], background.evidence(query, cosines[best])[:, 2]


def read_names(corpus: Path) -> dict[str, list[str]]:
    """Picture id -> its names in all languages."""
    with (corpus / "manifest.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    return {row["id"]: list((row.get("names") or {}).values()) for row in rows}


def text_weight(conversation: Conversation) -> float:
    """How much the text tower counts beside the [IMG] query: as in the engine (`dialogue.Fusion`)."""
    return 0.0 if conversation.pictures else 0.5 if conversation.turns else 1.0


class TextTower:
    """CLIP's text side: unit vectors of texts."""

    def __init__(self, bundle: Path):
        self._encoder = TextEncoder(bundle / "text_encoder")
        self._projection = open_session(bundle / "text_encoder" / "text_projection.onnx")

    def __call__(self, text: str) -> np.ndarray:
        states, mask = self._encoder.states(text)
        return self._projection.run(["text_embeds"], {"last_hidden_state": states, "attention_mask": mask})[0][0]
