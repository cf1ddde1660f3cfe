"""Sentences such as "more robust by {{ gap }}", in which a word of direction stands at a bound number: a negative number then says the opposite.

English only, and only where the word and the number belong together by their form: what else a sentence means is not judged.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labnotes.source import markdown_pieces, markdown_reader
from labnotes.source.bindings import Binding, BindingError, parse_binding
from labnotes.source.markdown_pieces import MarkdownPiece

if TYPE_CHECKING:
    from labnotes.source.markdown_reader import Token

_COMPARATIVE = "higher|lower|larger|smaller|greater|bigger|better|worse|more|less|fewer"
_DIRECTION = (
    f"{_COMPARATIVE}|stronger|weaker|faster|slower|longer|shorter|cheaper|above|below|ahead|behind|up|down|ris(?:e|es|en|ing)|rose|rais(?:e[sd]?|ing)"
    "|increas(?:e[sd]?|ing)|grow(?:s|n|ing)?|grew|gain(?:s|ed|ing)?|improv(?:e[sd]?|ing)|fall(?:s|en|ing)?|fell|drop(?:s|ped|ping)?"
    "|decreas(?:e[sd]?|ing)|declin(?:e[sd]?|ing)|shr(?:ink|inks|ank|unk)|reduc(?:e[sd]?|ing)|lower(?:s|ed|ing)|exceed(?:s|ed|ing)?|beat(?:s|en|ing)?"
    "|outperform(?:s|ed|ing)?|underperform(?:s|ed|ing)?|surpass(?:es|ed|ing)?|win(?:s|ning)?|won|lead(?:s|ing)?|led|trail(?:s|ed)?|los(?:es|ing)|lost"
)
_NUMBER = r"[*_]*\0(?P<number>\d+)\0[*_]*"
_ABOUT = r"(?:(?:about|around|roughly|nearly|almost|only|just|some|at\s+least|at\s+most|up\s+to|an?|on\s+average,?)[*_]*\s+){0,2}"
_UNIT = r"(?:\s*%|\s+(?:percent|percentage\s+points?|points?|pp|times))?"

_FORMS = (
    rf"\b(?P<word>{_DIRECTION})(?:[*_]*\s+[\w'\N{{RIGHT SINGLE QUOTATION MARK}}*-]+){{0,8}}?\s+by\s+{_ABOUT}{_NUMBER}",
    rf"\b(?P<word>gain(?:s|ed|ing)|los(?:es|ing)|lost)\s+{_ABOUT}{_NUMBER}",
    rf"\b(?P<word>increase|decrease|improvement|reduction|gain|drop|rise|fall|decline|growth|advantage|disadvantage|deficit)\s+of\s+{_ABOUT}{_NUMBER}(?!\s*dB)",
    rf"{_NUMBER}{_UNIT}\s+[*_]*(?P<word>{_COMPARATIVE})[*_]*(?=\s+(?:\w+(?<!ly)(?<!often)\s+)?than\b|\s*(?:[.,;:!?)]|$))",
)
"""Forms in which a word of direction belongs to the number at once: "rose by X", "gains X", "a drop of X", "X higher than", "X more."."""

_PATTERNS = tuple(re.compile(form, re.IGNORECASE) for form in _FORMS)
_DOUBT = re.compile(
    r"(?:\b(?:not|no|never|nor|neither|cannot|if|whether|would|could|should|might|or)|n['\N{RIGHT SINGLE QUOTATION MARK}]t)\b",
    re.IGNORECASE,
)
_WORDS_BEFORE = 4
"""Words before a word of direction among which a negation or a condition takes back what it says."""


@dataclass(frozen=True)
class DirectedNumber:
    """A bound number with its word of direction. `line` is that in the text (from 1), `phrase` what stands there, with {} for the number."""

    line: int
    binding: Binding
    phrase: str


def directed_numbers(text: str) -> Iterator[DirectedNumber]:
    """Yield the bound values of claims in prose that stand with a word of direction, in their order; not those that `abs` shows without a sign."""
    for token in markdown_reader.read_markdown(text):
        if token.type == "inline" or token.type == "html_block":
            yield from _directed_in(token)


def _directed_in(token: Token) -> Iterator[DirectedNumber]:
    hidden, pieces = _hide_bindings(token)
    matches = {int(match["number"]): match for pattern in _PATTERNS for match in pattern.finditer(hidden) if not _is_doubted(hidden, match)}
    for number, match in sorted(matches.items()):
        with contextlib.suppress(BindingError):
            binding = parse_binding(pieces[number].text[2:-2])
            if binding.function == "claim" and binding.field == "value" and all(used != "abs" for used, _ in binding.filters):
                phrase = " ".join(re.sub(r"\0\d+\0", "{}", re.sub(r"[*_]", "", match.group())).split())
                yield DirectedNumber(pieces[number].line, binding, phrase)


def _hide_bindings(token: Token) -> tuple[str, list[MarkdownPiece]]:
    """The words of a paragraph or the like with its bindings replaced by their numbers, as in "\\0" "3" "\\0", so that no dot in them ends a
    sentence; and the bindings."""
    parts: list[str] = []
    pieces: list[MarkdownPiece] = []
    for child in token.children or ():
        if child.type == "piece" and child.meta["piece"].kind == markdown_pieces.BINDING:
            parts.append(f"\0{len(pieces)}\0")
            pieces.append(child.meta["piece"])
        elif child.type in ("text", "html_text"):
            parts.append(child.content.replace("\0", " "))
        elif child.type in ("softbreak", "hardbreak"):
            parts.append("\n")
        elif child.type in ("piece", "code_inline"):
            parts.append("`")
    return "".join(parts), pieces


def _is_doubted(text: str, match: re.Match[str]) -> bool:
    """Whether a negation or a condition stands just before the word, or between it and the number."""
    before = " ".join(text[: match.start("word")].rpartition("\n\n")[2].split()[-_WORDS_BEFORE:])
    clause = re.split(r"[.,;:!?]\s", before)[-1]
    return bool(_DOUBT.search(clause) or _DOUBT.search(match.group()))
