"""How one quantity of a run stands to the recorded one, and how the check of a note ended."""

from __future__ import annotations

from enum import Enum
from typing import Self


class ResultTone(Enum):
    """The colour of a verdict or an outcome, wherever it is shown."""

    GREEN = "green"
    AMBER = "amber"
    RED = "red"
    BLUE = "blue"
    GREY = "grey"


class Verdict(Enum):
    """How one quantity of a run stands to the recorded one; each with its sign, its tone and what it means."""

    sign: str
    tone: ResultTone
    meaning: str

    EXACT = ("exact", "=", ResultTone.GREEN, "the same value")
    NOISE = ("noise", "≈", ResultTone.GREEN, "moved no further than processors and threads were measured to move it")
    WITHIN = ("within", "±", ResultTone.GREEN, "inside the stated tolerance; of a fresh draw, inside its prediction interval")
    MOVED = ("moved", "↗", ResultTone.AMBER, "another number, the sentence still holds")
    OUTSIDE = (
        "outside",
        "○",
        ResultTone.AMBER,
        "a fresh draw outside its prediction interval: five in a hundred are due, their number is judged",
    )
    DRAWN_ANEW = ("drawn anew", "↻", ResultTone.BLUE, "the values of a fresh draw: shown beside the recorded ones, counted apart")
    CHANGED = ("changed", "≠", ResultTone.RED, "outside the tolerance, or no longer true")
    MISSING = ("missing", "∅", ResultTone.RED, "no longer computed")
    NEW = ("new", "+", ResultTone.RED, "not in the record")
    UNVERIFIED = ("unverified", "?", ResultTone.AMBER, "could not be compared")

    def __new__(cls, word: str, sign: str, tone: ResultTone, meaning: str) -> Self:
        made = object.__new__(cls)
        made._value_ = word
        made.sign, made.tone, made.meaning = sign, tone, meaning
        return made

    @property
    def is_agreement(self) -> bool:
        return self in (Verdict.EXACT, Verdict.NOISE, Verdict.WITHIN, Verdict.MOVED)

    @property
    def is_failure(self) -> bool:
        return self in (Verdict.CHANGED, Verdict.MISSING, Verdict.NEW)


VERDICTS = {verdict.value: verdict for verdict in Verdict}
"""Every verdict by its word."""


class Outcome(Enum):
    """How the check of one note ended; each with its exit status, its tone, the words of the badge and when it is so.

    docs/checking.md shows the same table; a test compares the two.
    """

    exit_status: int
    tone: ResultTone
    badge: str
    when: str

    AGREES = ("agrees", 0, ResultTone.GREEN, "Re-executed", "every quantity is exact, noise, within or moved")
    FRESH_DRAW = (
        "agrees as a fresh draw",
        0,
        ResultTone.GREEN,
        "Re-executed, agrees as a fresh draw,",
        "a fresh draw: every statement that the record upholds holds again, no more means lie outside their prediction intervals than "
        "chance allows, and all that does not hang on training is exact or within",
    )
    STATEMENT_LOST = (
        "statement lost",
        1,
        ResultTone.RED,
        "A statement no longer holds, re-executed",
        "a statement that the record upholds does not hold",
    )
    TOO_MANY_MISSES = (
        "too many misses",
        1,
        ResultTone.RED,
        "Too many means moved, re-executed",
        "a fresh draw: more means lie outside their prediction intervals than chance allows",
    )
    DIFFERS = (
        "differs",
        1,
        ResultTone.RED,
        "Differs, re-executed",
        "the same CPU kernels and seed, or a quantity that hangs on neither: changed, missing or new",
    )
    NOTHING = (
        "nothing to compare",
        1,
        ResultTone.GREY,
        "Nothing to compare, re-executed",
        "neither the record nor the run has a claim, figure or table: nothing of the note is checked",
    )
    RAISED = (
        "raised",
        1,
        ResultTone.RED,
        "Raised an error",
        "an error that no code took care of, in a cell, a thread or a task; the kernel died; or a quantity that was published did not arrive",
    )
    TIMED_OUT = ("timed out", 1, ResultTone.RED, "Timed out", "the run reached a limit of time")
    UNRECORDED = ("unrecorded", 1, ResultTone.GREY, "Not recorded", "there is no record to compare with")
    NOT_RERUN = ("not re-run", 0, ResultTone.GREY, "Not re-run", "with the reason; in CI 1 if nothing at all was re-run that could be")

    def __new__(cls, word: str, exit_status: int, tone: ResultTone, badge: str, when: str) -> Self:
        made = object.__new__(cls)
        made._value_ = word
        made.exit_status, made.tone, made.badge, made.when = exit_status, tone, badge, when
        return made

    @property
    def is_agreement(self) -> bool:
        return self in (Outcome.AGREES, Outcome.FRESH_DRAW)

    @property
    def is_executed(self) -> bool:
        """Whether a run was compared, or tried in vain: what a log keeps."""
        return self not in (Outcome.UNRECORDED, Outcome.NOT_RERUN)
