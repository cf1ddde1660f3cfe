"""What a note's runs on block after block of fresh seeds yield."""

from __future__ import annotations

from dataclasses import dataclass

LEVEL = 0.05


@dataclass(frozen=True)
class Statement:
    """How often a statement held. `at_least` is the lower end of the one-sided 95 % Clopper-Pearson interval, `p` that of the exact binomial
    test that it holds in 95 % of runs or more, adjusted for all tests of the note (Holm)."""

    claim: str
    text: str
    held: int
    blocks: int
    at_least: float
    p: float

    @property
    def is_rejected(self) -> bool:
        return self.p < LEVEL


@dataclass(frozen=True)
class Mean:
    """Recorded replicates beside fresh ones: `p` of the permutation test that both come from one distribution, adjusted likewise; `visible` is
    the smallest shift that it sees with 80 % power, in the claim's unit."""

    claim: str
    format: str
    recorded: float
    recorded_n: int
    fresh: float
    fresh_n: int
    p: float
    visible: float

    @property
    def is_rejected(self) -> bool:
        return self.p < LEVEL


@dataclass(frozen=True)
class Repeats:
    """What came of one note. `visible` is the smallest share of failing runs that its blocks can tell from 5 %; None if no share is."""

    slug: str
    asked: int
    finished: int
    statements: tuple[Statement, ...]
    means: tuple[Mean, ...]
    visible: float | None
    failures: tuple[str, ...]

    @property
    def is_upheld(self) -> bool:
        rejected = any(each.is_rejected for each in self.statements) or any(each.is_rejected for each in self.means)
        return self.finished > 0 and not self.failures and not rejected
