"""Sentences such as "more robust by {{ gap }}", in which a word of direction stands at a bound number: a negative number then says the opposite.

English only, and only where the word and the number belong together by their form: what else a sentence means is not judged.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from labnotes.source.bindings import Binding, BindingError, hide_bindings, parse_binding
from labnotes.source.markdown_segments import split_markdown

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
    for kind, part, offset in split_markdown(text):
        if kind != "prose":
            continue
        hidden, inner = hide_bindings(part)
        matches = {
            int(match["number"]): match for pattern in _PATTERNS for match in pattern.finditer(hidden) if not _is_doubted(hidden, match)
        }
        for number, match in sorted(matches.items()):
            with contextlib.suppress(BindingError):
                binding = parse_binding(inner[number])
                if binding.function == "claim" and binding.field == "value" and all(used != "abs" for used, _ in binding.filters):
                    before = hidden[: match.start("number") - 1]
                    line = text.count("\n", 0, offset) + _lines_before(before, inner) + 1
                    yield DirectedNumber(line, binding, " ".join(re.sub(r"\0\d+\0", "{}", re.sub(r"[*_]", "", match.group())).split()))


def _is_doubted(text: str, match: re.Match[str]) -> bool:
    """Whether a negation or a condition stands just before the word, or between it and the number."""
    before = " ".join(text[: match.start("word")].rpartition("\n\n")[2].split()[-_WORDS_BEFORE:])
    clause = re.split(r"[.,;:!?]\s", before)[-1]
    return bool(_DOUBT.search(clause) or _DOUBT.search(match.group()))


def _lines_before(hidden: str, inner: list[str]) -> int:
    """The line breaks before a place in a text whose bindings are hidden."""
    return hidden.count("\n") + sum(inner[int(number)].count("\n") for number in re.findall(r"\0(\d+)\0", hidden))
