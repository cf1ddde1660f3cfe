"""What accepting a run would do to a note's record."""

from __future__ import annotations

from dataclasses import dataclass

from labnotes.model.comparison import Comparison
from labnotes.model.observation import Observation
from labnotes.model.verdicts import Verdict
from labnotes.source.notes import Note


@dataclass(frozen=True)
class RecordChange:
    """What accepting would do to a note's record. `broken` says why the record there is now cannot be read, if it cannot."""

    note: Note
    recorded: Observation | None
    observed: Observation
    comparisons: tuple[Comparison, ...]
    broken: str = ""
    seconds_from_nothing: float | None = None

    @property
    def is_unchanged(self) -> bool:
        """Whether the record already says exactly this."""
        return self.recorded is not None and self.recorded.results_digest == self.observed.results_digest

    @property
    def differing_comparisons(self) -> list[Comparison]:
        """The comparisons of quantities that are not exactly as recorded."""
        return [comparison for comparison in self.comparisons if comparison.verdict is not Verdict.EXACT or comparison.details]
