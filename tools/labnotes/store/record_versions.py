"""The versions of a note's record: one JSON object a line in versions.jsonl, written when a run is accepted, with what changed by it.

Earlier records, of which no line tells, are known as far as git has them; others by the checks that named them, which say no more than that they were.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from labnotes.errors import InvalidNote, Problem
from labnotes.model import digests
from labnotes.model.claims import Claim
from labnotes.model.encoding import SparseJson, UnreadableJson, decode_value, encode_value
from labnotes.model.json_text import dump_json, parse_json
from labnotes.model.observation import Observation, Provenance
from labnotes.model.quantities import QuantityKind
from labnotes.source import content_cache, file_limits
from labnotes.source.git_output import git_output
from labnotes.store import folders
from labnotes.store.check_log import LoggedCheck
from labnotes.store.commit_history import NoteCommits, RecordCommit
from labnotes.store.dependencies import VERSIONS

MOST_KEPT = 20
"""The most quantities of a kind that a line names of those that changed."""

NEW, GONE = "new", "gone"
"""The words of a quantity that the record before did not have, and of one that it had alone."""

_UNREADABLE = (UnreadableJson, ValueError, KeyError, TypeError, AttributeError)


@dataclass(frozen=True, kw_only=True)
class ChangedQuantity(SparseJson):
    """A quantity that a record has otherwise than the one before: of a claim, what was printed and what is; `what` is NEW or GONE for one that
    only one of both has."""

    kind: QuantityKind
    name: str
    was: str = ""
    now: str = ""
    what: str = ""


@dataclass(frozen=True, kw_only=True)
class RecordVersion(SparseJson):
    """A record that a note has or had. `record` is its digest, `made` when its run began, `accepted` the day on which that was accepted ("" where it
    is not known), `counts` how many quantities of each kind changed, `changed` the first of these, `is_known` whether it is known what changed; `commit` is that of git."""

    record: str
    made: str
    accepted: str = ""
    changed: tuple[ChangedQuantity, ...] = ()
    counts: Mapping[QuantityKind, int] = field(default_factory=dict)
    is_first: bool = False
    is_known: bool = True
    commit: str = ""

    @property
    def day(self) -> str:
        return (self.accepted or self.made)[:10]


@dataclass(frozen=True)
class VersionHistory:
    """The versions of a record, oldest first. `is_whole` tells that none is missing, so that they can be numbered."""

    versions: tuple[RecordVersion, ...] = ()
    is_whole: bool = False
    problems: tuple[Problem, ...] = ()

    def number_of(self, record: str) -> int | None:
        """The number of a record among the versions; None where it is not known."""
        places = [place for place, version in enumerate(self.versions, 1) if version.record == record]
        return places[-1] if places and self.is_whole else None


@dataclass(frozen=True)
class RecordSummary:
    """What of a record is compared with the next one: printed values of claims, digests of the data of figures and tables, by name."""

    record: str
    made: str
    quantities: Mapping[str, Mapping[str, str]]


def summarise_record(record_json: bytes, provenance: Provenance) -> RecordSummary:
    """The summary of a record from the content of its record.json. Raises ValueError, KeyError or TypeError for what no run wrote so."""
    main = parse_json(record_json)
    kept = provenance.digests
    figures = {
        label: " ".join(kept.get(f"figures/{label}.{suffix}", "") for suffix in ("json", "npz")).strip() for label in main["figures"]
    }
    return RecordSummary(
        Observation({}, {}, {}, (), {}, provenance).results_digest,
        provenance.started,
        {
            QuantityKind.CLAIM: {
                name: decode_value(Claim, fields, apart={"name": name}).printed_value for name, fields in main["claims"].items()
            },
            QuantityKind.FIGURE: figures,
            QuantityKind.TABLE: {label: digests.text_digest(dump_json(fields["data"])) for label, fields in main["tables"].items()},
        },
    )


def changed_quantities(before: RecordSummary, after: RecordSummary) -> Iterator[ChangedQuantity]:
    """Yield what the later of two records has otherwise, in the order in which it has it."""
    for kind in QuantityKind:
        then, now = before.quantities[kind], after.quantities[kind]
        is_claim = kind is QuantityKind.CLAIM
        for name in [*now, *(name for name in then if name not in now)]:
            if then.get(name) != now.get(name):
                what = NEW if name not in then else GONE if name not in now else ""
                was, is_now = (held.get(name, "") if is_claim else "" for held in (then, now))
                yield ChangedQuantity(kind=kind, name=name, was=was, now=is_now, what=what)


def version_after(before: RecordSummary | None, after: RecordSummary, *, is_first: bool = False) -> RecordVersion:
    """The version that a record is after another one; without that, what changed is not known, unless it is the first."""
    changed = list(changed_quantities(before, after)) if before else []
    by_kind = {kind: [quantity for quantity in changed if quantity.kind is kind] for kind in QuantityKind}
    return RecordVersion(
        record=after.record,
        made=after.made,
        changed=tuple(quantity for held in by_kind.values() for quantity in held[:MOST_KEPT]),
        counts={kind: len(held) for kind, held in by_kind.items() if held},
        is_first=is_first,
        is_known=before is not None or is_first,
    )


# -- the file ----------------------------------------------------------------------------------------------------------------------------


def read_versions(folder: Path, shown: Path) -> tuple[list[RecordVersion], list[Problem]]:
    """The versions that a note's file tells, oldest first, and what is wrong with lines that cannot be read."""
    path = folder / VERSIONS
    if not path.is_file():
        return [], []
    try:
        text = file_limits.read_plain_file(path, shown / VERSIONS, file_limits.LARGEST_TEXT).decode("utf-8")
    except (InvalidNote, UnicodeDecodeError, OSError) as error:
        said = error.problems[0].what if isinstance(error, InvalidNote) else f"cannot be read: {error}"
        return [], [Problem(str(shown / VERSIONS), said, _REMEDY)]
    versions: dict[str, RecordVersion] = {}
    problems = []
    for number, line in enumerate(text.split("\n"), 1):
        if line.strip():
            try:
                versions[line] = decode_value(RecordVersion, parse_json(line), place="version")
            except _UNREADABLE as error:
                what = f"this line of the versions counts for nothing: {error}"
                problems.append(Problem(f"{shown / VERSIONS}:{number}", what, _REMEDY))
    return list(versions.values()), problems


_REMEDY = "the file is written by machine only: restore it from version control, or delete the line"


def append_versions(folder: Path, versions: Iterable[RecordVersion]) -> None:
    """Add versions to a note's file in one step; what stands there stays. Raises OSError, and UsageError for a link."""
    path = folder / VERSIONS
    folders.refuse_links(path, folder.parents[1])
    held = path.read_bytes() if path.exists() else b""
    lines = (json.dumps(encode_value(version), ensure_ascii=False, sort_keys=True) for version in versions)
    folders.replace_file(path, held + b"\n" * bool(held and not held.endswith(b"\n")) + "".join(f"{line}\n" for line in lines).encode())


# -- all that is known -------------------------------------------------------------------------------------------------------------------


def known_versions(
    folder: Path, shown: Path, present: RecordSummary | None, commits: NoteCommits, checks: Sequence[LoggedCheck]
) -> VersionHistory:
    """Every version of a note's record that its file, git or a check tells of; `present` is the record that it has now, if it can be read."""
    written, problems = read_versions(folder, shown)
    told = {version.record for version in written}
    root = folder.parents[1]
    committed = [(commit, _committed_summary(root, commit)) for commit in commits.records]
    earlier = [version for version in _committed_versions(committed, is_whole=commits.is_whole) if version.record not in told]
    told |= {version.record for version in earlier}
    if not written:  # else it tells all, and a check that names another record was of one that was never accepted
        told |= {present.record} if present else set()
        checked = {check.record: check.recorded for check in checks if check.record not in told}
        earlier += [RecordVersion(record=record, made=made, is_known=False) for record, made in checked.items()]
    versions = [*sorted(earlier, key=lambda version: version.day), *written]
    if present and (not versions or versions[-1].record != present.record):
        before = committed[-1][1] if committed else None
        is_next = before is not None and bool(versions) and before.record == versions[-1].record
        versions.append(version_after(before if is_next else None, present, is_first=not versions and commits.is_whole))
    is_whole = commits.is_whole and all(summary for _, summary in committed)
    return VersionHistory(tuple(versions), written[0].is_first if written else is_whole, tuple(problems))


def _committed_versions(committed: Iterable[tuple[RecordCommit, RecordSummary | None]], *, is_whole: bool) -> Iterator[RecordVersion]:
    """The versions that git has, oldest first. What changed since one that cannot be read any more is not known."""
    before: RecordSummary | None = None
    is_first = is_whole
    for commit, summary in committed:
        if summary and (before is None or summary.record != before.record):
            yield replace(version_after(before, summary, is_first=is_first), accepted=commit.day, commit=commit.commit)
        before, is_first = summary, False


def _committed_summary(root: Path, commit: RecordCommit) -> RecordSummary | None:
    """The record that a commit holds; None for one of another form than labnotes reads now."""
    made = content_cache.computed_for("record at a commit", [commit.commit, commit.folder], lambda: _summary_in_git(root, commit))
    return RecordSummary(made["record"], made["made"], made["quantities"]) if made else None


def _summary_in_git(root: Path, commit: RecordCommit) -> dict[str, Any] | None:
    files = [git_output(root, "show", f"{commit.commit}:./{commit.folder}/{name}") for name in ("record.json", "provenance.json")]
    if files[0] is None or files[1] is None:
        return None
    try:
        summary = summarise_record(files[0].encode(), decode_value(Provenance, parse_json(files[1]), place="provenance.json"))
    except _UNREADABLE:
        return None
    return {
        "record": summary.record,
        "made": summary.made,
        "quantities": {str(kind): dict(held) for kind, held in summary.quantities.items()},
    }
