"""The result of comparing one quantity."""

from __future__ import annotations

from dataclasses import dataclass

from labnotes.model.claims import format_value
from labnotes.model.quantities import QuantityKind
from labnotes.model.verdicts import Verdict

MISS = 0.05
"""The probability that a mean lies outside its 95 % prediction interval by chance."""

TOO_MANY = 0.01
"""The probability below which a number of misses is no chance any more. Means of one note share their seeds, so the binomial is a rough
guide; hence no 0.05."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """The result of comparing one quantity of a run with the recorded one.

    `recorded`, `observed` and `tolerance` are texts for people; `details` say what differs, worst first. `moved` is how far the worst
    number moved: absolute for a claim, a share of the axis range or the column's scale for figures and tables, infinite for what is no
    number. Of a claim that is a number, `then` (recorded) and `now` (this run) are the values themselves; `upheld` says whether its
    statement, if it makes one, holds in this run; `lost`, that it does not although the record upholds it. `drawn` says that the quantity
    was judged as a fresh draw, because it hangs on training or chance.
    """

    kind: QuantityKind
    name: str
    verdict: Verdict
    cell: int
    recorded: str = ""
    observed: str = ""
    tolerance: str = ""
    because: str = ""
    details: tuple[str, ...] = ()
    moved: float = 0.0
    then: float | None = None
    now: float | None = None
    upheld: bool | None = None
    lost: bool = False
    drawn: bool = False


def percent_text(share: float) -> str:
    """A share as text: "0.3 %", "0.0001 %", "340 %"."""
    return f"{share * 100:.3g} %"


def number_text(value: object) -> str:
    """A value as messages show it; enough digits to tell two values apart that differ by 1e-6."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return str(value)
    return format_value(value, ".8g" if isinstance(value, float) else "d")


@dataclass(frozen=True)
class IntervalMisses:
    """How many means were judged by their prediction intervals, how many lie outside, and the chance of as many or more (binomial)."""

    outside: int
    judged: int
    p: float

    @property
    def are_too_many(self) -> bool:
        return self.p < TOO_MANY

    @property
    def misses_text(self) -> str:
        """The misses in words: "6 of 106 means outside their prediction intervals (5 due by chance, p = 0.45)"."""
        due = f"{self.judged * MISS:.0f} due by chance, p = {self.p:.2g}"
        return f"{self.outside} of {self.judged} mean{'s' if self.judged != 1 else ''} outside {'their prediction intervals' if self.judged != 1 else 'its prediction interval'} ({due})"
