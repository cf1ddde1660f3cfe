"""Which numbers of the text are results of the code: candidates for each, and which of these are certain.

A number is certain if exactly one value of the cells before it prints so, and if that is no chance. How likely chance is, is counted: the values
of about its size that the notebook has, against how many numbers of so many digits there are. Words help: a value whose name, or the words
beside it where it is printed, stand in the sentence needs fewer digits. What an author set in the code, years, thresholds, numbers of others and
of figures are never certain.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from labnotes.adoption import code_facts, prose_numbers
from labnotes.adoption.drafts import run_numbers
from labnotes.adoption.prose_numbers import ProseNumber
from labnotes.model.claims import format_value
from labnotes.model.told_values import PRINTED, SHOWN, VARIABLE, ToldValue
from labnotes.source.notebooks import WholeCell

BY_EXPRESSION, BY_NAMING = "by its expression", "by a name for what is computed once"
"""How a claim gets its value: by an expression that is evaluated again, or by a name that is given to what the cell computes."""

ENOUGH_DIGITS, DIGITS_WITH_WORDS = 3, 2
"""Digits that a certain number has, without and with words for it in its sentence."""

CHANCE, CHANCE_WITH_WORDS = 0.02, 0.3
"""The largest probability that some value of the notebook prints so by chance, for a certain number without and with words for it."""

NEAR = 6
"""Cells between the value and the text, for a certain number without words for it."""

SET_BY_CODE, SMALL = "the code sets this number", "a small whole number may be anything"
"""Doubts so large that a person is not asked."""

SHOWN_CANDIDATES = 4
"""Different values that are told of a number that more than one prints."""

_LABEL = re.compile(
    r"\b(?:fig(?:ure|s?\.)?|tab(?:le|\.)?|sec(?:tion|\.)?|chapter|ch\.|eq(?:uation|s?\.)?|part|step|lesson|exercise|question|pages?|pp?\.|vol(?:ume|\.)?"
    r"|no\.|version|v|release|python|cuda|appendix|theorem|lemma|problem|example|seed|port|isbn|doi|arxiv|rule|task|unit|issue|pr|\#)\s*[(:]?\s*$",
    re.IGNORECASE,
)
_BOUND = re.compile(
    r"(?:[<>≤≥]=?|&[lg]t;|\b(?:less|more|greater|fewer|larger|smaller|higher|lower|better|worse|longer|shorter)\s+than|at\s+(?:least|most)|up\s+to|threshold(?:\s+of)?"
    r"|significance\s+level(?:\s+of)?|cut-?off(?:\s+of)?|alpha\s*=|level\s+of|exceed(?:s|ing)?|above|below|over|under|beyond|every|within|target\s+of|default(?:s\s+to)?(?:\s+of)?|set\s+to|e\.g\.,?)\s*$",
    re.IGNORECASE,
)
_BOUND_AFTER = re.compile(
    r"^\s*(?:\+(?!\d)|(?:or|and)\s+(?:more|less|higher|lower|above|below|better|worse|fewer|greater|larger|smaller)\b)", re.IGNORECASE
)
_ELSEWHERE = re.compile(
    r"\bet al\b|\[@|\\\[@|\bcited\b|\breported\b|\bliterature\b|\bpublished\b|\bpaper\b|\bin (?:practice|general|theory)\b|\bsuppose\b|\bimagine\b|\bassum(?:e|ing)\b"
    r"|\bfor (?:example|instance)\b|\be\.g\.|\bhypothetical|\btypical(?:ly)?\b|\busually\b|\bby default\b|\bwould be\b|\bstate[- ]of[- ]the[- ]art\b|\btutorial\b"
    r"|\bwe (?:use|set|choose|fix|take|draw|sample|generate|simulate)\b|\blet(?:'s| us)\b|\b(?:true|real|actual|known) (?:value|parameter|mean|effect|coefficient)",
    re.IGNORECASE,
)
_CONFIDENCE = re.compile(r"\b(?:confidence|credible|hdi|percentile|quantile|interval|prediction interval|ci)\b", re.IGNORECASE)
_UNITS_OF_INPUT = re.compile(
    r"^\s*(?:GB|MB|KB|px|dpi|fps|GHz|cores?|gpus?|cpus?|minutes?|hours?|seconds?|days?|epochs?|iterations?|steps?|folds?|bins)\b",
    re.IGNORECASE,
)
_STOP = {
    *(
        "the",
        "and",
        "for",
        "value",
        "values",
        "result",
        "results",
        "res",
        "data",
        "out",
        "output",
        "print",
        "loc",
        "iloc",
        "item",
        "round",
        "array",
    ),
    *(
        "float",
        "int",
        "len",
        "all",
        "new",
        "old",
        "tmp",
        "temp",
        "test",
        "train",
        "set",
        "get",
        "dict",
        "list",
        "total",
        "num",
        "with",
        "from",
        "this",
    ),
}
_MEANINGS: Mapping[str, tuple[str, ...]] = {
    "acc": ("accuracy", "accurate"),
    "accuracy": ("accurate", "correct", "correctly"),
    "score": ("accuracy", "scores"),
    "err": ("error",),
    "mse": ("error", "squared"),
    "rmse": ("error", "squared"),
    "mae": ("error", "absolute"),
    "r2": ("r²", "determination", "variance", "r"),
    "auc": ("area", "roc"),
    "std": ("deviation", "spread"),
    "sd": ("deviation",),
    "var": ("variance",),
    "avg": ("average", "mean"),
    "mean": ("average", "averages", "expected"),
    "med": ("median",),
    "corr": ("correlation", "correlated"),
    "coef": ("coefficient", "slope", "weight", "effect"),
    "params": ("coefficient", "slope", "parameter", "parameters"),
    "shape": ("rows", "columns", "samples", "observations", "features", "images", "entries", "records", "points"),
    "size": ("rows", "samples", "observations", "points"),
    "prob": ("probability", "chance"),
    "pvalue": ("p", "significant"),
    "pval": ("p", "significant"),
    "freq": ("frequency", "often"),
    "max": ("maximum", "highest", "largest", "most", "peak"),
    "min": ("minimum", "lowest", "smallest", "least"),
    "n": ("number",),
    "ratio": ("share", "proportion", "fraction"),
    "rate": ("share", "percent"),
    "pct": ("percent", "percentage"),
}


@dataclass(frozen=True, kw_only=True)
class ClaimCandidate:
    """A value that a number of the text may be: `told` of it by the run, the `way` to a claim of it, the claim's `format`, and whether the
    number is that of percent points, so that the percent sign stays in the text."""

    told: ToldValue
    way: str
    format: str
    in_points: bool = False


@dataclass(frozen=True, kw_only=True)
class NumberProposal:
    """A number of the text (in the cell of this index) and what it may be, the best first. `doubt` says why it is not certain, "" if it is."""

    cell: int
    number: ProseNumber
    candidates: tuple[ClaimCandidate, ...]
    doubt: str

    @property
    def is_certain(self) -> bool:
        return not self.doubt

    @property
    def is_likely(self) -> bool:
        """Whether a person may think so too."""
        return bool(self.candidates) and self.doubt not in (SET_BY_CODE, SMALL)


@dataclass
class _ValueGroup:
    """Told values that are one value, as a variable and what is printed of it. `tier` is 1 for a number that was printed, 2 for one in a
    variable or in something that was shown, 3 for one in a container."""

    value: float
    members: list[ToldValue] = field(default_factory=list)
    in_points: bool = False

    @property
    def tier(self) -> int:
        return min(map(_value_tier, self.members))


def _value_tier(told: ToldValue) -> int:
    is_single = told.expression == told.written
    return (1 if is_single else 2) if told.how in (PRINTED, SHOWN) else 2 if is_single else 3


class NumberMatcher:
    """Finds what the numbers in the text of a notebook are, by the numbers that a run told of."""

    def __init__(self, cells: Sequence[WholeCell], values: Sequence[ToldValue]) -> None:
        self._cells, self._places = cells, run_numbers(cells)
        self._aliases = code_facts.module_aliases(cells)
        self._written = code_facts.written_numbers(cells)
        self._values = [told for told in values if told.cell in self._places and code_facts.runs_as_python(cells[self._places[told.cell]])]
        self._words: dict[int, dict[str, list[str]]] = {}

    def propose_claims(self) -> Iterator[NumberProposal]:
        """A proposal for every number in the text that a value of a cell before it prints."""
        for index, cell in enumerate(self._cells):
            if cell.kind != "text":
                continue
            before = [told for told in self._values if self._places[told.cell] < index]
            for number in prose_numbers.numbers_in(cell.source) if before else ():
                groups = self._value_groups(number, before)
                if groups:
                    yield self._number_proposal(index, number, groups, before)

    def _value_groups(self, number: ProseNumber, before: Sequence[ToldValue]) -> list[_ValueGroup]:
        """The different values that print as a number does."""
        groups: list[_ValueGroup] = []
        for in_points in (False, True) if number.is_percent else (False,):
            scale = 100.0 if in_points else 1.0
            target, reach = float(number.value) * scale, float(number.unit) * scale * 0.51
            for told in before:
                if abs(told.value - target) > reach or not _prints_as(told.value, number, in_points=in_points):
                    continue
                same = next((group for group in groups if group.in_points == in_points and self._is_same(group, told, number)), None)
                if same is None:
                    groups.append(_ValueGroup(told.value, [told], in_points))
                else:
                    same.members.append(told)
                    same.value = max(same.value, told.value, key=lambda value: len(repr(value)))
        return groups

    def _is_same(self, group: _ValueGroup, told: ToldValue, number: ProseNumber) -> bool:
        """Whether a value is that of a group: equal to it, or the one computed from the other by rounding, as names in their code tell."""
        if abs(group.value - told.value) <= 1e-9 * max(abs(group.value), abs(told.value), 1e-300):
            return True
        names = code_facts.names_in(told.expression) - self._aliases.keys()
        return any(
            names & code_facts.names_in(member.expression) and _is_rounded(member.value, told.value, number) for member in group.members
        )

    def _number_proposal(self, index: int, number: ProseNumber, groups: list[_ValueGroup], before: Sequence[ToldValue]) -> NumberProposal:
        ranked = sorted(
            groups, key=lambda group: (not self._is_supported(group, number), group.tier, -max(told.cell for told in group.members))
        )
        best = ranked[0]
        candidates = [candidate for group in ranked[:SHOWN_CANDIDATES] if (candidate := self._best_candidate(group, number)) is not None]
        supported = self._is_supported(best, number)
        rivals = [group for group in ranked[1:] if not (supported and best.tier == 1 and group.tier == 3)]
        doubt = self._find_doubt(index, number, best, before, supported=supported)
        if rivals:
            doubt = f"{len(rivals) + 1} different values print so"
        if self._best_candidate(best, number) is None:
            doubt = "the value is printed in a way that no claim can take: name it in the cell"
        return NumberProposal(cell=index, number=number, candidates=tuple(candidates), doubt=doubt)

    def _find_doubt(self, index: int, number: ProseNumber, group: _ValueGroup, before: Sequence[ToldValue], *, supported: bool) -> str:
        """Why a number may be something else than the one value that prints so; "" if nothing is known that it could be."""
        target = abs(float(number.value))
        if {target, round(target * 100, 9)} & self._written if number.is_percent else target in self._written:
            return SET_BY_CODE
        for pattern, what in ((_LABEL, "it may count something"), (_BOUND, "it may be a bound")):
            if pattern.search(number.before):
                return what
        if _BOUND_AFTER.search(number.after):
            return "it may be a bound"
        if number.is_whole and "," not in number.written and 1500 <= target < 2200:
            return "it may be a year"
        if _ELSEWHERE.search(number.sentence):
            return "the sentence may tell of something else than this run"
        if (
            (number.is_percent or target < 1)
            and _CONFIDENCE.search(f"{number.before[-40:]} {number.after[:40]}")
            and target in (0.5, 0.8, 0.9, 0.95, 0.99, 0.94, 0.89)
        ):
            return "it may be the level of an interval"
        if _UNITS_OF_INPUT.match(number.after) and not supported:
            return "it may be a setting"
        if number.is_whole and target < 100 and not self._is_named(group, number):
            return SMALL
        enough = DIGITS_WITH_WORDS if supported else ENOUGH_DIGITS
        if number.digits < enough and not (number.is_whole and self._is_named(group, number)):
            return "it has few digits"
        if self._chance_to_match(number, group, before) > (CHANCE_WITH_WORDS if supported else CHANCE):
            return "among so many values one may print so by chance"
        distance = min(index - self._places[told.cell] for told in group.members)
        return "" if supported or distance <= NEAR else "the value is from far above"

    def _chance_to_match(self, number: ProseNumber, group: _ValueGroup, before: Sequence[ToldValue]) -> float:
        """The probability that one of the other values, were they spread over their range, prints as this number."""
        target = abs(float(group.value))
        near = {told.value for told in before if _value_tier(told) <= group.tier and target / 2 <= abs(told.value) <= target * 2}
        unit = float(number.unit) * (100 if group.in_points else 1)
        return max(len(near) - 1, 0) * unit / (1.5 * target) if target else 1.0

    # -- words ---------------------------------------------------------------------------------------------------------------------------

    def _is_supported(self, group: _ValueGroup, number: ProseNumber) -> bool:
        """Whether the sentence has a word for the value."""
        sentence = set(prose_numbers.words_in(number.sentence))
        return any(_stands_for(token, sentence) for told in group.members for token in self._value_words(told))

    def _is_named(self, group: _ValueGroup, number: ProseNumber) -> bool:
        """Whether the sentence has every word of the name of the value."""
        sentence = set(prose_numbers.words_in(number.sentence))
        for told in group.members:
            tokens = [token for token in expression_words(told.expression) if token not in _STOP]
            if told.expression == told.written and tokens and all(_stands_for(token, sentence) for token in tokens):
                return any(len(token) > 2 for token in tokens)
        return False

    def _value_words(self, told: ToldValue) -> set[str]:
        tokens = set(expression_words(told.expression))
        if told.how == PRINTED:
            words = self._words.setdefault(told.cell, code_facts.printed_words(self._cells[self._places[told.cell]].source))
            tokens |= set(words.get(told.written, ()))
        return {token for token in tokens if token not in _STOP and (len(token) > 1 or token in _MEANINGS)}

    # -- candidates ----------------------------------------------------------------------------------------------------------------------

    def _best_candidate(self, group: _ValueGroup, number: ProseNumber) -> ClaimCandidate | None:
        """The best way to a claim of a value; None if there is none."""
        ways = [(told, way) for told in group.members if (way := self._claim_way(told))]
        if not ways:
            return None
        told, way = min(ways, key=lambda pair: _claim_order(pair[0], pair[1], group))
        spec = claim_format(number, in_points=group.in_points)
        if isinstance(told.value, int):
            spec = spec.replace(".0f", "d")
        return ClaimCandidate(told=told, way=way, format=spec, in_points=group.in_points)

    def _claim_way(self, told: ToldValue) -> str:
        if told.how == VARIABLE or code_facts.is_pure(told.written, self._aliases):
            return BY_EXPRESSION
        return BY_NAMING if told.times == 1 else ""


def _claim_order(told: ToldValue, way: str, group: _ValueGroup) -> tuple[bool, bool, bool, int, int, int]:
    """What makes a told value the one to claim: not rounded, a name, written out in the code, early, short."""
    is_whole_value = abs(told.value - group.value) <= 1e-9 * max(1.0, abs(group.value))
    return (
        not is_whole_value,
        way != BY_EXPRESSION,
        told.how == VARIABLE and told.expression != told.written,
        0 if told.expression.isidentifier() else 1,
        told.cell,
        len(told.expression),
    )


def claim_format(number: ProseNumber, *, in_points: bool) -> str:
    """The format by which a claim prints a number as it stands in the text."""
    return number.format.replace("%", "f") if in_points else number.format


def _prints_as(value: float, number: ProseNumber, *, in_points: bool) -> bool:
    """Whether a value prints as the number that is written."""
    spec = claim_format(number, in_points=in_points)
    try:
        printed = format_value(value, spec)
    except (ValueError, OverflowError):
        return False
    if number.is_whole and isinstance(value, float) and value != round(value) and abs(value) < 100:
        return False  # "3" for 2.7 is no way to print a result
    return _plain_digits(printed) == _plain_digits(number.written.rstrip("% ") if in_points else number.written)


def _plain_digits(text: str) -> str:
    """A printed number without what only looks different: spaces, kinds of minus, ways to write a power of ten."""
    plain = text.replace("\N{MINUS SIGN}", "-").replace(" ", "").replace("\u202f", "").replace("\xa0", "")
    plain = plain.translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")).lower()
    plain = re.sub(r"[×x]10\^?\{?", "e", plain).rstrip("}")
    return re.sub(r"e([-+]?)0*(\d)", lambda match: f"e{'-' if match[1] == '-' else ''}{match[2]}", plain)


def _is_rounded(first: float, second: float, number: ProseNumber) -> bool:
    """Whether the one value is the other, rounded to at least the digits of the number."""
    for rounded, whole in ((first, second), (second, first)):
        decimals = len(repr(float(rounded)).partition(".")[2]) if "e" not in repr(float(rounded)) else 20
        if decimals <= 8 and 10.0**-decimals <= float(number.unit) * 1.0001 and round(whole, decimals) == rounded:
            return True
    return False


def expression_words(expression: str) -> Iterator[str]:
    """The words in the names and keys of an expression, in small letters."""
    for name in re.findall(r"[A-Za-z][A-Za-z0-9]*", expression):
        yield from (part.lower() for part in re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+[0-9]*|[0-9]+", name))


def _stands_for(token: str, words: set[str]) -> bool:
    """Whether one of some words is a token, begins as it does, or is a word for it."""
    if token in words or any(word in words for word in _MEANINGS.get(token, ())):
        return True
    stem = token[: max(4, len(token) - 3)]
    return len(token) >= 4 and any(word.startswith(stem) or (len(word) >= 4 and token.startswith(word)) for word in words)
