"""Numbers in prose with their place, so that a binding can stand for them: how they are printed, and what is said around them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from labnotes.source import prose_facts
from labnotes.source.loose_numbers import EXEMPT

_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")
_NUMBER = re.compile(
    r"""
    (?P<sign>(?<![\w)\].%])[-\N{MINUS SIGN}])?
    (?<![\w.\x01])(?<!\d,)
    (?P<digits>\d{1,3}(?:,\d{3})+(?!\d)|\d+)
    (?P<fraction>\.\d+)?
    (?P<exponent>[eE][-+\N{MINUS SIGN}]?\d{1,3}|\s?[×x]\s?10(?:\^\{?[-\N{MINUS SIGN}]?\d{1,3}\}?|[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+))?
    (?P<percent>\s?%)?
    (?!\w|\.\d|,\d|\.?\x01)
    """,
    re.VERBOSE,
)
_MASKED = re.compile(
    r"""
    ^[ ]{0,3}(?:```|~~~)[^\n]*\n.*?^[ ]{0,3}(?:```|~~~)[ ]*$   # fenced code
  | `+[^`\n]+`+ | \]\([^)\n]*\) | ^[ ]{0,3}\[[^\]\n]+\]:[^\n]*     # code, targets of links
  | <[^<>\n]*> | (?:https?://|www\.)\S+ | ^[ \t>]*\d+[.)](?=\s)    # tags, addresses, numbers of lists
  | ^[ ]{0,3}\#{1,6}[ \t][^\n]*
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_TAKEN = "\x01"
"""Stands for signs that belong to something else than a number: a piece, a year, a name."""

_ABBREVIATIONS = "".join(
    rf"(?<!\b{word}\.)" for word in ("fig", "figs", "tab", "sec", "eq", "no", "ch", "al", "vs", "ca", "approx", r"e\.g", r"i\.e", "cf")
)
_SENTENCE_END = re.compile(
    rf"(?<=[.!?]){_ABBREVIATIONS}\s+(?=(?-i:[^a-z\s]))|\n(?=[ ]*(?:[-*+]|\d+[.)])[ ])|\n[ \t]*\n|\n(?=\|)", re.IGNORECASE
)


@dataclass(frozen=True, kw_only=True)
class ProseNumber:
    """A number in a text cell: text[start:end], sign, percent sign and exponent among it, in its `line` (from 1).

    `value` is what it says, a share where it is printed in percent; `unit` is one of its last digit, `digits` are those that count. `format`
    prints a value as it stands there. `sentence` is what it stands in, `before` and `after` are parts of that.
    """

    start: int
    end: int
    line: int
    written: str
    value: Decimal
    unit: Decimal
    digits: int
    format: str
    is_whole: bool
    is_percent: bool
    before: str
    after: str

    @property
    def sentence(self) -> str:
        return f"{self.before} {self.after}"


def numbers_in(text: str) -> list[ProseNumber]:
    """The numbers in a text cell that nothing binds, and that a check would count as such."""
    facts = prose_facts.text_facts(text)
    left: dict[int, list[str]] = {}
    for line, written in facts.numbers:
        left.setdefault(line, []).append(written)
    masked = _masked_text(text, [(piece.start, piece.end) for piece in facts.pieces])
    numbers = []
    for match in _NUMBER.finditer(masked):
        line = text.count("\n", 0, match.start()) + 1
        bare = match["digits"] + (match["fraction"] or "")
        counted = next((written for written in left.get(line, ()) if _bare_number(written) == bare), None)
        if counted is None:
            continue
        left[line].remove(counted)
        number = _read_number(match, text, line)
        if number is not None:
            numbers.append(number)
    return numbers


def _bare_number(written: str) -> str:
    return written.strip().rstrip("%").strip().lstrip("-\N{MINUS SIGN}").rstrip(",")


def _masked_text(text: str, pieces: list[tuple[int, int]]) -> str:
    """The text with blanks for everything that is no prose, so that places stay."""

    def blank(match: re.Match[str]) -> str:
        return re.sub(r"[^\n]", " ", match[0])

    for start, end in pieces:
        text = text[:start] + re.sub(r"[^\n]", "\x00", text[start:end]) + text[end:]
    return EXEMPT.sub(lambda match: "\x00" * len(match[0]), _MASKED.sub(blank, text)).replace("\x00", _TAKEN)


def _read_number(match: re.Match[str], text: str, line: int) -> ProseNumber | None:
    digits, fraction = match["digits"].replace(",", ""), match["fraction"] or ""
    try:
        value = Decimal(digits + fraction)
    except InvalidOperation:
        return None
    decimals = max(len(fraction) - 1, 0)
    unit = Decimal(1).scaleb(-decimals)
    spec = f".{decimals}f"
    if match["exponent"]:
        power = _power_of_ten(match["exponent"])
        value, unit, spec = value.scaleb(power), unit.scaleb(power), f".{decimals}e"
    elif match["percent"]:
        value, unit, spec = value / 100, unit / 100, f".{decimals}%"
    elif "," in match["digits"]:
        spec = f",{spec}"
    if match["sign"]:
        value = -value
    before, after = _words_around(text, match.start(), match.end())
    counted = (digits + fraction.removeprefix(".")).lstrip("0")
    return ProseNumber(
        start=match.start(),
        end=match.end(),
        line=line,
        written=match[0].strip(),
        value=value,
        unit=unit,
        digits=len(counted if fraction else counted.rstrip("0")),
        format=spec,
        is_whole=not fraction and not match["percent"] and not match["exponent"],
        is_percent=bool(match["percent"]),
        before=before,
        after=after,
    )


def _power_of_ten(text: str) -> int:
    plain = text.translate(_SUPERSCRIPTS).replace("\N{MINUS SIGN}", "-")
    power = re.search(r"(-?\+?\d+)\}?$", plain.replace("10^", " ").replace("{", "") if "^" in plain else re.sub(r"[×x]\s?10", " ", plain))
    return int(power[1]) if power else 0


def _words_around(text: str, start: int, end: int) -> tuple[str, str]:
    """What stands before and after a number in its sentence, or in its cell of a table."""
    begin = max((match.end() for match in _SENTENCE_END.finditer(text, 0, start)), default=0)
    match = _SENTENCE_END.search(text, end)
    stop = match.start() if match else len(text)
    return " ".join(text[begin:start].split()), " ".join(text[end:stop].split())


def words_in(text: str) -> Iterator[str]:
    """The words of a text in small letters."""
    yield from re.findall(r"[a-z]+[0-9²]*|[0-9]+", text.lower())
