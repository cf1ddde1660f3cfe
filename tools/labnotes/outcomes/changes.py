"""What accepting a run would do to a note's record."""

from __future__ import annotations

from dataclasses import dataclass, replace

from labnotes.errors import Problem
from labnotes.model.comparison import Comparison
from labnotes.model.observation import Observation, without_streams
from labnotes.model.verdicts import Verdict
from labnotes.source.notes import Note
from labnotes.store import records


@dataclass(frozen=True)
class RecordChange:
    """What accepting would do to a note's record. `broken` says why the record there is now cannot be read, if it cannot; `refused` why this
    run cannot be accepted, if it cannot; `notices` is what the author should look at."""

    note: Note
    recorded: Observation | None
    observed: Observation
    comparisons: tuple[Comparison, ...]
    broken: str = ""
    seconds_from_nothing: float | None = None
    refused: tuple[Problem, ...] = ()
    notices: tuple[str, ...] = ()

    @property
    def is_unchanged(self) -> bool:
        """Whether the record already says exactly this, apart from what cells print."""
        if self.recorded is None:
            return False
        if self.recorded.results_digest == self.observed.results_digest:
            return True
        then, now = (replace(made, cells=without_streams(made.cells)) for made in (self.recorded, self.observed))
        return records.record_files(then)[1].results_digest == records.record_files(now)[1].results_digest

    @property
    def changed_cells(self) -> list[int]:
        """The numbers of the code cells whose outputs change, apart from what they print."""
        if self.recorded is None:
            return []
        then, now = without_streams(self.recorded.cells), without_streams(self.observed.cells)
        numbers = [cell.number for cell in self.note.source.run_cells]
        return [number for number, before, after in zip(numbers, then, now, strict=False) if before.outputs != after.outputs]

    @property
    def differing_comparisons(self) -> list[Comparison]:
        """The comparisons of quantities that are not exactly as recorded."""
        return [comparison for comparison in self.comparisons if comparison.verdict is not Verdict.EXACT or comparison.details]
