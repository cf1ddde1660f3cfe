"""What accepting a run would do to a note's record."""

from __future__ import annotations

from dataclasses import dataclass

from labnotes.model.comparison import Comparison
from labnotes.model.observation import Observation
from labnotes.model.verdicts import Verdict
from labnotes.source.notes import Note


@dataclass(frozen=True)
class Change:
    """What accepting would do to a note's record. `broken` says why the record there is now cannot be read, if it cannot."""

    note: Note
    recorded: Observation | None
    observed: Observation
    comparisons: tuple[Comparison, ...]
    broken: str = ""
    seconds_from_nothing: float | None = None

    @property
    def nothing(self) -> bool:
        """Whether the record already says exactly this."""
        return self.recorded is not None and self.recorded.digest == self.observed.digest

    @property
    def differs(self) -> list[Comparison]:
        return [each for each in self.comparisons if each.verdict is not Verdict.EXACT or each.details]
