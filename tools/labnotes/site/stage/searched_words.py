"""The words of a text as the search counts them, and which of them tell one section of the site from the others."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002fa1f"
    # Thai, Lao       Burmese     Khmer       kana        Chinese signs
)
"""Scripts that put no spaces between words: each two neighbouring signs count as a word. js/search_words.js has the same."""

_WORD = re.compile(rf"[{UNSPACED}]+|[^\W{UNSPACED}](?:[^\W{UNSPACED}]|[-'’](?=[^\W{UNSPACED}])|(?<=\d)[.,](?=\d))*")

_UNSPACED_RUN = re.compile(rf"[{UNSPACED}]+")

_LINK = re.compile(r"\]\((?:[^()\s]|\([^()]*\))*(?:\s+\"[^\"]*\")?\)|\]\[[^\]]*\]")
_MATH = re.compile(r"\$\$.*?\$\$|\$[^$\n]+\$", re.DOTALL)
_TAG = re.compile(r"<[^<>]*>|\{[:#][^}\n]*\}")


@dataclass(frozen=True)
class SearchedSection:
    """A part of a page under one heading; `anchor` and `heading` are "" for what stands before the first. `names` are the words that it explains
    in the first column of a table, `words` all words with how often they stand there."""

    anchor: str
    heading: str
    names: tuple[str, ...] = ()
    words: tuple[tuple[str, int], ...] = ()


def counted_words(text: str) -> tuple[tuple[str, int], ...]:
    """The words of Markdown in small letters, each with how often it stands there: none of its math, addresses and tags, no numbers."""
    bare = _TAG.sub(" ", _MATH.sub(" ", _LINK.sub(" ", text))).replace("_", "-") if text else ""
    counts = Counter(word for match in _WORD.finditer(bare.lower()) for word in _parts(match[0]))
    return tuple(sorted((word, count) for word, count in counts.items() if len(word) > 1 and not word[0].isdigit()))


def _parts(word: str) -> Iterator[str]:
    if not _UNSPACED_RUN.fullmatch(word) or len(word) <= 2:
        yield word
    else:
        yield from (word[at : at + 2] for at in range(len(word) - 1))


def section_counts(sections: Iterable[SearchedSection]) -> Counter[str]:
    """In how many sections each word stands."""
    return Counter(word for section in sections for word, _ in section.words)


def distinctive_words(words: Iterable[tuple[str, int]], known: Iterable[str], counts: Mapping[str, int], total: int) -> list[str]:
    """The words that tell a text from the `total` sections of the site, of which `counts` have each word: the most telling first. What `known`
    texts say already is left out, and so are plurals beside their singulars and words that stand almost everywhere."""
    said = {word for text in known for word, _ in counted_words(text)}
    rank = {
        word: (1 + math.log(count)) * math.log(total / counts[word])
        for word, count in words
        if word not in said and 2 * counts[word] < total
    }
    return sorted((word for word in rank if not (word.endswith("s") and word[:-1] in rank)), key=lambda word: (-rank[word], word))
