"""What a note's page says of the versions of its record: which it is of, and what changed by each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from labnotes.model.quantities import QuantityKind
from labnotes.site.stage.csv_files import day_text
from labnotes.site.stage.note_page import NotePage
from labnotes.store.record_versions import GONE, NEW, ChangedQuantity, RecordVersion

MOST_NAMED = 6
"""How many quantities of a kind a version names; of more it says how many there are."""

LATEST = 4
"""Versions that stand in the page; earlier ones are folded."""


@dataclass(frozen=True, kw_only=True)
class VersionRow:
    """One version of the record: its name ("Version 3"), its day, the beginning of its digest, and what it changed, a line for each kind. `commit`
    is its commit, "" where none is known; `is_present` tells that the page is of it."""

    name: str
    date: str
    day: str
    digest: str
    commit: str
    lines: tuple[str, ...]
    is_present: bool


def version_rows(joined: NotePage) -> list[VersionRow]:
    """A row for each version that is known, the newest first; none where there is nothing to tell but the one that the page is of."""
    versions = joined.versions.versions
    rows = [_version_row(joined, version, number) for number, version in enumerate(versions, 1)]
    return rows[::-1] if len(rows) > 1 else []


def present_version_name(joined: NotePage) -> str:
    """The version that the page is of: "Version 3", or "Record" where it is not known how many there were before."""
    number = joined.versions.number_of(joined.recorded.results_digest)
    return f"Version {number}" if number else "Record"


def _version_row(joined: NotePage, version: RecordVersion, number: int) -> VersionRow:
    return VersionRow(
        name=f"Version {number}" if joined.versions.is_whole else "Record",
        date=version.day,
        day=day_text(version.day),
        digest=version.record[:12],
        commit=version.commit,
        lines=tuple(_change_lines(version)),
        is_present=version is joined.versions.versions[-1],
    )


def _change_lines(version: RecordVersion) -> Iterator[str]:
    if version.is_first:
        yield "The first record."
    elif not version.is_known:
        yield "What changed by it is not known."
    elif not version.changed:
        yield "No printed value, figure or table changed."
    for kind in QuantityKind:
        changed = [quantity for quantity in version.changed if quantity.kind is kind]
        if changed:
            yield _kind_line(kind, changed, version.counts.get(kind, len(changed)))


def _kind_line(kind: QuantityKind, changed: Sequence[ChangedQuantity], count: int) -> str:
    """Such as "3 claims changed: rate 48 % → 35 %, slope (new) 2, and 1 more"."""
    named = changed[:MOST_NAMED]
    more = f", and {count - len(named)} more" if count > len(named) else ""
    return f"{count} {kind}{'s' if count > 1 else ''} changed: {', '.join(map(_change_text, named))}{more}."


def _change_text(quantity: ChangedQuantity) -> str:
    if quantity.what == NEW:
        return f"{quantity.name} (new){f' {quantity.now}' if quantity.now else ''}"
    if quantity.what == GONE:
        return f"{quantity.name} (gone)"
    return f"{quantity.name} {quantity.was} → {quantity.now}" if quantity.now else quantity.name
