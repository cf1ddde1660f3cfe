"""Notes and their records as plain Markdown, pictures, data and executed notebooks, for a site builder. Executes nothing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from labnotes import notebooks, notes, records, results
from labnotes.errors import InvalidNote, InvalidRecord, Problem
from labnotes.freshness import stale_reasons
from labnotes.notes import STAGED, Lab, Note
from labnotes.staging.data import figure_csv, table_csv
from labnotes.staging.join import Joined, executed_notebook, join
from labnotes.staging.page import note_page

__all__ = ["Staged", "stage"]


@dataclass(frozen=True)
class Staged:
    """What was staged, what was left out and why, and what is wrong."""

    pages: tuple[str, ...]
    left_out: tuple[str, ...]
    problems: tuple[Problem, ...]


def stage(lab: Lab, slugs: Sequence[str], docs: Path, checks: Path, *, drafts: bool) -> Staged:
    """Write docs/notes/ anew. The old pages stay until the new ones are complete."""
    pages, left_out, problems = [], [], []
    target = docs / "notes"
    new = docs / ".notes.new"
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    (new / STAGED).write_text("Written by labnotes build. Edit the notes instead.\n", encoding="utf-8")
    made: list[Joined] = []
    for slug in slugs:
        try:
            note = notes.read(lab, slug)
            recorded = records.read(note.record_folder, lab.shown(note.record_folder))
            if note.settings.status == "draft" and not drafts:
                left_out.append(f"{slug} is a draft (status: published in note.yml publishes it)")
                continue
            if recorded is None:
                hint = f"labnotes run {slug}; labnotes accept {slug}"
                problems.append(Problem(slug, "has no record, so there is nothing to publish", hint))
                continue
            reasons = stale_reasons(recorded.provenance, recorded.cells, note, lab)
            joined = join(note, recorded, reasons, results.about(checks, note, recorded))
            _write(joined, new / slug)
        except (InvalidNote, InvalidRecord) as error:
            problems += error.problems
            continue
        made.append(joined)
        pages.append(slug)
    (new / "index.md").write_text(_index(made), encoding="utf-8")
    _replace(new, target)
    return Staged(tuple(pages), tuple(left_out), tuple(problems))


def _write(joined: Joined, folder: Path) -> None:
    """One note: its page, the executed notebook, and for every figure and table picture and data."""
    (folder / "figures").mkdir(parents=True)
    (folder / "index.md").write_text(note_page(joined), encoding="utf-8")
    (folder / f"{joined.note.slug}.ipynb").write_text(notebooks.writes(executed_notebook(joined)), encoding="utf-8")
    for label, made in joined.recorded.figures.items():
        picture = joined.recorded.pictures.get(label)
        if picture:
            (folder / "figures" / f"{label}.{picture.suffix}").write_bytes(picture.content)
        (folder / "figures" / f"{label}.csv").write_text(figure_csv(made.data), encoding="utf-8")
    for label, table in joined.recorded.tables.items():
        (folder / "figures" / f"{label}.csv").write_text(table_csv(table.data), encoding="utf-8")


def _index(made: Sequence[Joined]) -> str:
    lines = ["---", "title: Notes", "---", "", "# Notes", ""]
    for joined in sorted(made, key=lambda each: each.note.settings.date, reverse=True):
        settings = joined.note.settings
        lines += [f"## [{settings.title}]({joined.note.slug}/index.md)", "", settings.summary, ""]
        lines += [f"{settings.date.isoformat()} · {_authors(joined.note)} · {joined.status_line}", ""]
    if not made:
        lines += ["No note is published yet.", ""]
    return "\n".join(lines)


def _authors(note: Note) -> str:
    return ", ".join(author.name for author in note.settings.authors)


def _replace(new: Path, target: Path) -> None:
    old = target.with_name(".notes.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        os.rename(target, old)
    os.rename(new, target)
    shutil.rmtree(old, ignore_errors=True)
