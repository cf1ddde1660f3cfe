"""What an audit of a note measured: how far each quantity moves under other conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Envelope:
    """How far each quantity moved under other threads and CPU kernels: claims absolute, figures and tables as shares of their ranges.

    Quantities that did not move are absent, and so are those that changed in kind, which no distance describes. `chaotic` are the claims
    that moved by a third of their spread over seeds or more.
    """

    claims: Mapping[str, float] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)
    tables: Mapping[str, float] = field(default_factory=dict)
    chaotic: tuple[str, ...] = ()

    def limit(self, kind: str, name: str) -> float | None:
        held: Mapping[str, float] = getattr(self, f"{kind}s")
        return held.get(name)


@dataclass(frozen=True)
class Trial:
    """One run under another condition.

    `numerical` tells a condition that may move numbers a little from one under which the same bits are due. `differing` are the quantities
    that differed, `trail` the cells in which variables and quantities began to differ, first ones first.
    """

    condition: str
    numerical: bool
    outcome: str  # "same", "differs", "raised" or "timed out"
    differing: tuple[str, ...] = ()
    trail: tuple[tuple[int, tuple[str, ...]], ...] = ()
    reason: str = ""

    @property
    def is_defect(self) -> bool:
        """Whether the note's results depend on something that no result should."""
        return self.outcome != "same" and not (self.numerical and self.outcome == "differs")


@dataclass(frozen=True)
class Audit:
    """One audit: of which code and inputs (`inputs`, a digest), when (UTC date), on which CPU, what came of each trial."""

    inputs: str
    date: str
    cpu: str
    trials: tuple[Trial, ...]
    envelope: Envelope
