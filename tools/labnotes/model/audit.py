"""What an audit of a note measured: how far each quantity moves under other conditions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from labnotes.model.quantities import QuantityKind


@dataclass(frozen=True)
class NoiseEnvelope:
    """How far each quantity moved under other threads and CPU kernels: for claims the absolute distance, for figures and tables a share of
    the axis range or the column's scale.

    Quantities that did not move are absent, and so are those that changed in kind, which no distance describes. `chaotic` are the claims
    that moved by a third of their spread over seeds or more.
    """

    claims: Mapping[str, float] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)
    tables: Mapping[str, float] = field(default_factory=dict)
    chaotic: tuple[str, ...] = ()

    def movements_of(self, kind: QuantityKind) -> Mapping[str, float]:
        """The largest measured movement of each claim, figure or table that moved, by name."""
        return {QuantityKind.CLAIM: self.claims, QuantityKind.FIGURE: self.figures, QuantityKind.TABLE: self.tables}[kind]

    def movement_limit(self, kind: QuantityKind, name: str) -> float | None:
        """The largest measured movement of a quantity; None if it did not move."""
        return self.movements_of(kind).get(name)


@dataclass(frozen=True)
class AuditTrial:
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
    """One audit of a note: the digest of its code and inputs (`inputs`), the date (UTC), the CPU, the result of each trial, and the
    envelope that was measured."""

    inputs: str
    date: str
    cpu: str
    trials: tuple[AuditTrial, ...]
    envelope: NoiseEnvelope
