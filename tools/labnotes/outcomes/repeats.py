"""What a note's runs on block after block of fresh seeds yield."""

from __future__ import annotations

from dataclasses import dataclass

LEVEL = 0.05
"""The significance level: an adjusted p below it rejects."""


@dataclass(frozen=True)
class RepeatedStatement:
    """How often a statement held. `at_least` is the lower end of the one-sided 95 % Clopper-Pearson interval; `p` is that of the exact
    binomial test that the statement holds in 95 % of runs or more, adjusted for all tests of the note (Holm)."""

    claim: str
    text: str
    held: int
    blocks: int
    at_least: float
    p: float

    @property
    def is_rejected(self) -> bool:
        return self.p < LEVEL


@dataclass(frozen=True, kw_only=True)
class RepeatedMean:
    """The means of a claim's recorded and fresh replicates. `p` is that of the permutation test that both come from one distribution,
    adjusted for all tests of the note (Holm); `visible` is the smallest shift that the test detects with 80 % power, in the claim's
    unit."""

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
class NoteRepeats:
    """The result of repeating one note. `asked` and `finished` count blocks of seeds; `visible` is the smallest share of failing runs that
    these blocks can tell from 5 %, None if there is none."""

    slug: str
    asked: int
    finished: int
    statements: tuple[RepeatedStatement, ...]
    means: tuple[RepeatedMean, ...]
    visible: float | None
    failures: tuple[str, ...]

    @property
    def is_upheld(self) -> bool:
        rejected = any(result.is_rejected for result in self.statements) or any(result.is_rejected for result in self.means)
        return self.finished > 0 and not self.failures and not rejected
