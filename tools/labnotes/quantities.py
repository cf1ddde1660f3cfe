"""What a run yields and a check compares: claims, plotted data, tables, their tolerances and the verdicts on them.

Plain dataclasses that know how they look as JSON. Loaded inside every kernel, so nothing here imports more than the standard library.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, Self

SCHEMA = 1
"""Version of everything a record holds. A record of another version is stale: it must be recorded again."""

DEFAULT_SHARE = 1e-6
"""Default tolerance of figures and tables, as a share of the axis range or the column's scale."""

TIES = {"kernels": "CPU kernels", "python": "version of Python"}
"""What a quantity may be tied to, so that it holds only there, and what people call it."""

LABEL = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
AUTOMATIC = re.compile(r"auto-\d+")
"""Labels of figures that were shown without one."""

NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,63}")


class Tone(Enum):
    """The colour of a verdict or an outcome, wherever it is shown."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    BLUE = "blue"
    GREY = "grey"


class Verdict(Enum):
    """How one quantity of a run stands to the recorded one; each with its sign, its tone and what it means."""

    sign: str
    tone: Tone
    meaning: str

    EXACT = ("exact", "=", Tone.GREEN, "the same value")
    NOISE = ("noise", "≈", Tone.GREEN, "moved no further than processors and threads were measured to move it")
    WITHIN = ("within", "±", Tone.GREEN, "inside the stated tolerance; of a fresh draw, inside its prediction interval")
    MOVED = ("moved", "↗", Tone.AMBER, "another number, the sentence still holds")
    OUTSIDE = (
        "outside",
        "○",
        Tone.AMBER,
        "a fresh draw outside its prediction interval: five in a hundred are due, their number is judged",
    )
    DRAWN_ANEW = ("drawn anew", "↻", Tone.BLUE, "the values of a fresh draw: shown beside the recorded ones, counted apart")
    CHANGED = ("changed", "≠", Tone.RED, "outside the tolerance, or no longer true")
    MISSING = ("missing", "∅", Tone.RED, "no longer computed")
    NEW = ("new", "+", Tone.RED, "not in the record")
    UNVERIFIED = ("unverified", "?", Tone.AMBER, "could not be compared")

    def __new__(cls, word: str, sign: str, tone: Tone, meaning: str) -> Self:
        made = object.__new__(cls)
        made._value_ = word
        made.sign, made.tone, made.meaning = sign, tone, meaning
        return made

    @property
    def agrees(self) -> bool:
        return self in (Verdict.EXACT, Verdict.NOISE, Verdict.WITHIN, Verdict.MOVED)

    @property
    def fails(self) -> bool:
        return self in (Verdict.CHANGED, Verdict.MISSING, Verdict.NEW)


VERDICTS = {verdict.value: verdict for verdict in Verdict}
"""Every verdict by its word."""


class Outcome(Enum):
    """How the check of one note ended; each with its exit status, its tone, the words of the badge and when it is so.

    docs/checking.md shows the same table; a test compares the two.
    """

    exit_status: int
    tone: Tone
    badge: str
    when: str

    AGREES = ("agrees", 0, Tone.GREEN, "Re-executed", "every quantity is exact, noise, within or moved")
    FRESH_DRAW = (
        "agrees as a fresh draw",
        0,
        Tone.GREEN,
        "Re-executed, agrees as a fresh draw,",
        "a fresh draw: every statement that the record upholds holds again, no more means lie outside their prediction intervals than chance "
        "allows, and all that does not hang on training is exact or within",
    )
    STATEMENT_LOST = (
        "statement lost",
        1,
        Tone.RED,
        "A statement no longer holds, re-executed",
        "a statement that the record upholds does not hold",
    )
    TOO_MANY_MISSES = (
        "too many misses",
        1,
        Tone.RED,
        "Too many means moved, re-executed",
        "a fresh draw: more means lie outside their prediction intervals than chance allows",
    )
    DIFFERS = (
        "differs",
        1,
        Tone.RED,
        "Differs, re-executed",
        "the same CPU kernels and seed, or a quantity that hangs on neither: changed, missing or new",
    )
    RAISED = ("raised", 1, Tone.RED, "Raised an error", "a cell raised an error, or the kernel died")
    TIMED_OUT = ("timed out", 1, Tone.RED, "Timed out", "the run reached a limit of time")
    UNRECORDED = ("unrecorded", 1, Tone.GREY, "Not recorded", "there is no record to compare with")
    NOT_RERUN = ("not re-run", 0, Tone.GREY, "Not re-run", "with the reason; in CI 1 if nothing at all was re-run")

    def __new__(cls, word: str, exit_status: int, tone: Tone, badge: str, when: str) -> Self:
        made = object.__new__(cls)
        made._value_ = word
        made.exit_status, made.tone, made.badge, made.when = exit_status, tone, badge, when
        return made

    @property
    def agrees(self) -> bool:
        return self in (Outcome.AGREES, Outcome.FRESH_DRAW)

    @property
    def is_executed(self) -> bool:
        """Whether a run was compared, or tried in vain: what a log keeps."""
        return self not in (Outcome.UNRECORDED, Outcome.NOT_RERUN)


@dataclass(frozen=True)
class Tolerance:
    """How far a quantity may move. `value` is absolute for a claim, a share of the axis range or column scale for figures and tables."""

    value: float
    because: str


@dataclass(frozen=True)
class Claim:
    """A named value that the prose states.

    `value` is a number, a count or a yes/no. `low` and `high` bound its 95 % interval; `prediction` is where the mean of `n` new
    replicates is expected with 95 % probability. `holds` is a statement about it, `upheld` whether the run's values satisfy it.
    `cell` is the code cell (counted from 1) that computed it. `family` names the statements that this one was stated with, None for those of
    the whole note.
    """

    name: str
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

    @property
    def printed(self) -> str:
        return printed(self.value, self.format)

    @property
    def allowed(self) -> float:
        """The stated tolerance, or half a unit of the last printed digit."""
        if self.tolerance:
            return self.tolerance.value
        return 0.0 if isinstance(self.value, bool) else half_of_last_digit(self.value, self.format)

    def as_json(self) -> dict[str, Any]:
        return {key: encode(value) for key, value in asdict(self).items() if value is not None and key != "name"}

    @classmethod
    def from_json(cls, name: str, fields: Mapping[str, Any]) -> Self:
        values: dict[str, Any] = dict(fields)
        for key in ("value", "low", "high"):
            if key in values:
                values[key] = decode_number(values[key])
        for key in ("replicates", "prediction"):
            if key in values:
                values[key] = tuple(float(decode_number(v)) for v in values[key])
        if "tolerance" in values:
            values["tolerance"] = Tolerance(**values["tolerance"])
        return cls(name=name, **values)


def printed(value: bool | int | float, spec: str) -> str:
    """`value` as the prose shows it: yes or no, or by a format specification such as ".1%"; with a true minus sign."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return format(value, spec).replace("-", "\N{MINUS SIGN}") if "e" not in format(value, spec) else format(value, spec)


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
    found = re.search(r"\d[\d,_]*(?:\.\d*)?(?:e[+-]?\d+)?", text.lower())
    if not found:
        return 0.0
    exponent = Decimal(found.group().replace(",", "").replace("_", "")).as_tuple().exponent
    assert isinstance(exponent, int), exponent
    return float(Decimal(5).scaleb(exponent - 1 - (2 if "%" in text else 0)))


@dataclass(frozen=True)
class Mark:
    """One thing drawn from data: a line, a bar group, an image.

    `colour` is the number of its colour among the figure's colours, in order of appearance (with dash and marker where only these tell two
    lines apart): which marks share one is data, which colour it is, is style. `arrays` hold data coordinates and values; `exact` holds what
    is compared as it is (texts, step position), and under "colours" the colour of each part where they are several.
    """

    kind: str
    label: str
    colour: int | None
    arrays: Mapping[str, Any]
    exact: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class AxisData:
    """One axis: its label, scale, the limits the author set (else None), direction, and category or tick texts that the author fixed.

    `parameters` belong to the scale ("linthresh" of a symlog axis, "samples" of a scale given by functions). `numbers` shows how the axis
    writes the numbers 0, 1 and 2.5 where the author chose that ("0 ms", "100%"), else it is None.
    """

    label: str
    scale: str
    limits: tuple[float, float] | None
    inverted: bool
    ticks: tuple[tuple[float, str], ...] | None
    parameters: Mapping[str, Any] = field(default_factory=dict)
    numbers: tuple[str, ...] | None = None


@dataclass(frozen=True)
class LegendEntry:
    """One line of a legend, or its title (which has no colour)."""

    text: str
    colour: int | None


@dataclass(frozen=True)
class AxesData:
    """One pair of axes. `role` tells a twin, an inset or a colour bar from plain axes and names the axes it belongs to."""

    title: str
    role: str
    x: AxisData
    y: AxisData
    marks: tuple[Mark, ...]
    legend: tuple[LegendEntry, ...]


@dataclass(frozen=True)
class FigureData:
    """The data plotted in a figure. `unverified` names each artist whose data could not be read."""

    axes: tuple[AxesData, ...]
    texts: tuple[str, ...]
    unverified: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        return {"schema": SCHEMA, **encode(asdict(self))}

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        return cls(
            axes=tuple(_axes(each) for each in fields["axes"]),
            texts=tuple(fields["texts"]),
            unverified=tuple(fields["unverified"]),
        )


def _axes(fields: Mapping[str, Any]) -> AxesData:
    return AxesData(
        title=fields["title"],
        role=fields["role"],
        x=_axis(fields["x"]),
        y=_axis(fields["y"]),
        marks=tuple(Mark(**mark) for mark in fields["marks"]),
        legend=tuple(LegendEntry(**entry) for entry in fields["legend"]),
    )


def _axis(fields: Mapping[str, Any]) -> AxisData:
    limits, ticks = fields["limits"], fields["ticks"]
    return AxisData(
        label=fields["label"],
        scale=fields["scale"],
        limits=(float(decode_number(limits[0])), float(decode_number(limits[1]))) if limits else None,
        inverted=fields["inverted"],
        ticks=tuple((float(decode_number(at)), str(text)) for at, text in ticks) if ticks is not None else None,
        parameters=fields["parameters"],
        numbers=tuple(fields["numbers"]) if fields["numbers"] is not None else None,
    )


@dataclass(frozen=True)
class Figure:
    """A figure of a note: its words and the data plotted in it. The picture is kept beside it, as a file."""

    label: str
    cell: int
    caption: str
    alt: str
    data: FigureData
    tolerance: Tolerance | None = None
    automatic: bool = False
    tied: str | None = None


@dataclass(frozen=True)
class Column:
    """`kind` is integer, float, bool, text or time; missing values are None."""

    name: str
    kind: str
    values: tuple[Any, ...]
    format: str = ""


@dataclass(frozen=True)
class TableData:
    """A data frame: its index as the first columns (unless it is a plain 0, 1, 2, ...), then its columns."""

    columns: tuple[Column, ...]
    index: int

    def as_json(self) -> dict[str, Any]:
        return {
            "columns": [{"name": c.name, "kind": c.kind, "format": c.format} for c in self.columns],
            "index": self.index,
            "rows": [encode(row) for row in zip(*(c.values for c in self.columns), strict=True)],
        }

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> Self:
        rows = fields["rows"]
        columns = tuple(
            Column(c["name"], c["kind"], tuple(_cell(row[i], c["kind"]) for row in rows), c["format"])
            for i, c in enumerate(fields["columns"])
        )
        return cls(columns, fields["index"])


def _cell(value: Any, kind: str) -> Any:
    return decode_number(value) if kind == "float" and value is not None else value


@dataclass(frozen=True)
class Table:
    label: str
    cell: int
    caption: str
    data: TableData
    tolerance: Tolerance | None = None
    tied: str | None = None


NONFINITE = {"NaN": math.nan, "Infinity": math.inf, "-Infinity": -math.inf}


def encode(value: Any) -> Any:
    """`value` as strict JSON: NaN and the infinities as the strings "NaN", "Infinity" and "-Infinity"."""
    if isinstance(value, float):
        if math.isfinite(value):
            return value
        return "NaN" if math.isnan(value) else ("Infinity" if value > 0 else "-Infinity")
    if isinstance(value, Mapping):
        return {str(key): encode(item) for key, item in value.items()}
    if isinstance(value, Sequence) and not isinstance(value, str):
        return [encode(item) for item in value]
    return value


def decode_number(value: Any) -> Any:
    """The number that `encode` wrote."""
    return NONFINITE[value] if isinstance(value, str) else value
