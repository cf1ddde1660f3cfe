"""Claims: named values that the prose states."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from decimal import Decimal

from labnotes.model.encoding import APART, SparseJson
from labnotes.model.quantities import Tolerance


@dataclass(frozen=True)
class Claim(SparseJson):
    """A named value that the prose states.

    `value` is a number, a count or a yes/no. `low` and `high` bound its 95 % interval; `prediction` is where the mean of `n` new
    replicates is expected with 95 % probability. `holds` is a statement about it, `upheld` whether the run's values satisfy it.
    `cell` is the code cell (counted from 1) that computed it. `family` names the statements that this one was stated with, None for those
    of the whole note. `title` was stated when it was recorded: pages take it from the source, so that it can be reworded without a run.
    """

    name: str = field(metadata=APART)
    value: bool | int | float
    cell: int
    format: str
    low: float | None = None
    high: float | None = None
    n: int | None = None
    replicates: tuple[float, ...] | None = None
    prediction: tuple[float, float] | None = None
    tolerance: Tolerance | None = None
    holds: str | None = None
    upheld: bool | None = None
    tied: str | None = None  # one of TIES
    family: str | None = None
    title: str = ""  # what people call it; "" for its name in words

    @property
    def printed_value(self) -> str:
        """The value as the prose shows it."""
        return format_value(self.value, self.format)

    @property
    def allowed_movement(self) -> float:
        """How far the value may move: the stated tolerance, or else half a unit of the last printed digit."""
        if self.tolerance:
            return self.tolerance.value
        return 0.0 if isinstance(self.value, bool) else half_of_last_digit(self.value, self.format)


LONGEST_TITLE = 80
"""Characters of a claim's title: a heading, not a sentence."""


def title_problem(title: object) -> str:
    """What is wrong with a claim's title; "" if nothing is."""
    if not isinstance(title, str) or not title.strip():
        return f"has the title {title!r}, which is no text"
    if len(title) > LONGEST_TITLE:
        return f"has a title of {len(title)} characters, more than {LONGEST_TITLE}"
    return "has a title of several lines" if len(title.splitlines()) > 1 else ""


TITLE_HINT = 'write what people call it, in a few words: title="Bad answers at the tag"'


def spoken_name(name: str) -> str:
    """The name of a claim in words: "at_tag_bad" is "At tag bad"."""
    words = " ".join(name.replace("_", " ").split()) or name
    return words[0].upper() + words[1:]


def format_value(value: bool | int | float, spec: str) -> str:
    """`value` as the prose shows it: yes or no, or by a format specification such as ".1%"; with a true minus sign, but for exponents.

    What is printed as zero has no sign: −0.2 % by ".0%" is 0%.
    """
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = format(value, spec)
    if value == 0 or re.fullmatch(r"\s*-[0.,_]+%?\s*", text):
        text = text.replace("-", "", 1)
    return re.sub(r"(?<![eE])-", "\N{MINUS SIGN}", text)


def distance_text(distance: float, spec: str) -> str:
    """A distance between values that `spec` prints, in the unit in which it prints them: "0.5 points" between percentages, "1,500", "0.005"."""
    unit, amount = (" points", distance * 100) if "%" in spec else ("", distance)
    text = f"{amount:,.0f}" if 1000 <= amount < 1e15 else f"{amount:.3g}"
    return f"{text}{' point' if unit and text == '1' else unit}"


def movement_text(claim: Claim) -> str:
    """How far the number of a claim may move, in the unit in which it is printed: "± 0.5 points"."""
    return f"± {distance_text(claim.allowed_movement, claim.format)}"


def claim_text(made: Claim) -> str:
    """A claim as one line of plain text."""
    text = f"{made.name} = {made.printed_value}"
    if made.low is not None and made.high is not None:
        seeds_ = f", n = {made.n}" if made.n else ""
        text += f"  (95 % interval {format_value(made.low, made.format)} to {format_value(made.high, made.format)}{seeds_})"
    if made.holds:
        text += f"  [{made.holds}: {'holds' if made.upheld else 'DOES NOT HOLD'}]"
    return text


def half_of_last_digit(value: int | float, spec: str) -> float:
    """Half a unit of the last digit that `spec` prints of `value`: 0.005 for 79%, 0.05 for 12.3, 0 for NaN.

    Formats that count significant digits ("g", "e") drop or hide zeros: 0.5 by ".3g" stands for 0.500, so it allows 0.0005; a zero has no
    significant digit, so it allows nothing.
    """
    significant = not spec or spec[-1] in "gGeEn" or (not spec[-1].isalpha() and spec[-1] != "%")
    if significant and value == 0:
        return 0.0
    general = significant and spec[-1:] not in ("e", "E")
    text = format(value, spec)
    if general and isinstance(value, float):
        digits = re.search(r"\.(\d+)", spec)
        text = f"{value:#.{digits.group(1) if digits else 12}g}"
    match = re.search(r"\d[\d,_]*(?:\.\d*)?(?:e[+-]?\d+)?", text.lower())
    if not match:
        return 0.0
    exponent = Decimal(match.group().replace(",", "").replace("_", "")).as_tuple().exponent
    assert isinstance(exponent, int), exponent
    return float(Decimal(5).scaleb(exponent - 1 - (2 if "%" in text else 0)))
