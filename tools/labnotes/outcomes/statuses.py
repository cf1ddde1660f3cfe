"""What `labnotes list` says of a note."""

from __future__ import annotations

from dataclasses import dataclass

from labnotes.model.verdicts import Outcome


@dataclass(frozen=True, kw_only=True)
class NoteStatus:
    """The status of one note. `state` is fresh, stale, edited, unknown here, unrecorded or invalid; `reasons` says why. `checked` is the date and outcome of the
    last check of this record, `agreed` how many of all its checks agreed; `remarks` tell of checks that are about something else, and of
    lines of the log that cannot be read, `told` of its source."""

    slug: str
    title: str
    status: str
    recorded: str
    state: str
    reasons: tuple[str, ...] = ()
    checked: str = ""
    outcome: Outcome | None = None
    agreed: str = ""
    remarks: tuple[str, ...] = ()
    told: tuple[str, ...] = ()
