"""Results of checks, kept in the lab (.labnotes/checks/) and bound to the digest of the record they are about. `build` reads them."""

from __future__ import annotations

import datetime
import json
import os
import shutil
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from labnotes import records
from labnotes.comparing import Comparison
from labnotes.errors import InvalidRecord
from labnotes.notes import Lab, Note
from labnotes.quantities import Outcome, Verdict, decode_number
from labnotes.records import Observation

FOLDER = ".labnotes/checks"


@dataclass(frozen=True)
class Noticed:
    """How many of the trial changes to a record a check would have noticed, and those that it would not have, alike ones on a line."""

    noticed: int
    total: int
    survivors: tuple[str, ...]


@dataclass(frozen=True)
class Result:
    """What a check of one note found.

    It is about one record (`record`, its digest) and about the code and inputs that the compared run had (`code`, `inputs`). `started` is
    when that run was started (UTC).
    """

    slug: str
    record: str
    code: str
    inputs: str
    outcome: Outcome
    started: str
    seconds: float
    cores: int
    how: str  # "fresh" or "stored run": whether the check itself executed the note
    isolation: str
    comparisons: tuple[Comparison, ...]
    mutations: Noticed | None = None

    def counts(self, kind: str) -> tuple[int, int, int]:
        """Quantities of a kind: how many agree, how many there are, how many are unverified."""
        verdicts = [each.verdict for each in self.comparisons if each.kind == kind]
        return sum(v.agrees for v in verdicts), len(verdicts), sum(v is Verdict.UNVERIFIED for v in verdicts)


def write(lab: Lab, slug: str, result: Result | None) -> None:
    """Keep a result in place of the one before; None keeps the one before."""
    if result is None:
        return
    path = lab.root / FOLDER / f"{slug}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    fields = asdict(result)
    fields["outcome"] = result.outcome.value
    for each in fields["comparisons"]:
        each["verdict"] = each["verdict"].value
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".new-", delete=False, encoding="utf-8") as new:
        new.write(records.dumps(fields))
    os.replace(new.name, path)


def read(folder: Path, slug: str) -> Result | None:
    """The latest result for a note; None if there is none, or it cannot be read (a result is only ever a convenience)."""
    try:
        fields = json.loads((folder / f"{slug}.json").read_text(encoding="utf-8"))
        comparisons = tuple(_comparison(each) for each in fields.pop("comparisons"))
        tried = fields.pop("mutations")
        mutations = Noticed(tried["noticed"], tried["total"], tuple(tried["survivors"])) if tried else None
        return Result(**{**fields, "outcome": Outcome(fields["outcome"]), "comparisons": comparisons, "mutations": mutations})
    except (OSError, ValueError, TypeError, KeyError):
        return None


def about(folder: Path, note: Note, recorded: Observation) -> Result | None:
    """The latest result, if it is about exactly this record, and about the note's code as it is now or as it was recorded."""
    result = read(folder, note.slug)
    if result is None or result.record != recorded.digest:
        return None
    then = recorded.provenance.dependencies
    as_recorded = result.inputs == then.inputs and note.code_digest == then.code
    return result if as_recorded or (result.code == note.code_digest != then.code) else None


def unfinished(note: Note, recorded: Observation, outcome: Outcome, seconds: float) -> Result:
    """The result of a check whose run raised or timed out."""
    now = datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    inputs = recorded.provenance.dependencies.inputs
    return Result(note.slug, recorded.digest, note.code_digest, inputs, outcome, now, seconds, note.settings.cores, "fresh", "", ())


def last_verified(lab: Lab, note: Note) -> str:
    """When a note was last re-executed, or else recorded; "" if never. ISO dates, so that they sort."""
    result = read(lab.root / FOLDER, note.slug)
    if result and result.outcome in (Outcome.AGREES, Outcome.DIFFERS):
        return result.started
    try:
        provenance = records.read_provenance(note.record_folder, lab.shown(note.record_folder))
    except InvalidRecord:
        return ""
    return provenance.started if provenance else ""


def export(lab: Lab, slugs: Sequence[str], folder: Path) -> None:
    """Copy results beside a report, for `build --checks`."""
    folder.mkdir(parents=True, exist_ok=True)
    for slug in slugs:
        path = lab.root / FOLDER / f"{slug}.json"
        if path.exists() and path.parent.resolve() != folder.resolve():
            shutil.copyfile(path, folder / os.path.basename(path))


def _comparison(fields: dict[str, Any]) -> Comparison:
    moved = float(decode_number(fields["moved"]))
    return Comparison(**{**fields, "verdict": Verdict(fields["verdict"]), "details": tuple(fields["details"]), "moved": moved})
