"""What auditing a note yields."""

from __future__ import annotations

from dataclasses import dataclass

from labnotes.execute.run_failures import RunFailure
from labnotes.model.audit import Audit
from labnotes.source.notes import Note


@dataclass(frozen=True)
class NoteAudit:
    """The audit of one note; or why its ordinary run, with which all others are compared, did not finish. `not_kept` says why the audit could
    not be written to the note's folder, if it could not."""

    note: Note
    audit: Audit | None
    advice: tuple[str, ...] = ()
    failure: RunFailure | None = None
    not_kept: str = ""

    @property
    def is_clean(self) -> bool:
        return self.audit is not None and not self.not_kept and not self.advice and not any(trial.is_defect for trial in self.audit.trials)
