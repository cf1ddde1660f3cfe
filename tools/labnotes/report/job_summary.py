"""Markdown for the summary page of a CI job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labnotes.report.wording import NOT_OK, counted, draw_words, not_verified, source_of, statements_lost, summary

if TYPE_CHECKING:
    from labnotes.outcomes.checks import CheckResult


def to_markdown(check: CheckResult) -> str:
    lines = ["## labnotes check", "", summary(check), "", "| note | outcome | agrees | run |", "|---|---|---|---|"]
    for note in check.notes:
        outcome = note.outcome.value if note.outcome else "ran"
        shown = f"**{outcome}**" if note.outcome in NOT_OK else outcome
        lines.append(f"| {note.note.slug} | {shown} | {counted(note)} | {_cell(source_of(note))} |")
    failing = [(note, each) for note in check.notes for each in note.comparisons if each.verdict.is_failure]
    if failing:
        lines += ["", "### What differs", ""]
        lines += [f"- `{n.note.slug}` {each.kind} `{each.name}` {each.verdict.value}: {'; '.join(each.details)}" for n, each in failing]
    draws = [note for note in check.notes if draw_words(note)]
    if draws:
        lines += ["", "### Fresh draws", ""]
        for note in draws:
            lines.append(f"- `{note.note.slug}` {draw_words(note)}")
            lines += [f"  - lost: {line}" for line in statements_lost(note)]
    raised = [note for note in check.notes if note.failure]
    if raised:
        lines += ["", "### What failed", ""]
        for note in raised:
            assert note.failure is not None
            lines += [
                f"- `{note.note.slug}` {note.failure.where}: {note.failure.what}",
                "",
                "```text",
                note.failure.frames or note.failure.line,
                "```",
            ]
    if check.problems:
        lines += ["", "### What cannot be used", "", "```text", *(str(problem) for problem in check.problems), "```"]
    rest = not_verified(check)
    if rest:
        lines += ["", "### Not verified here", "", *(f"- {line}" for line in rest)]
    return "\n".join(lines) + "\n"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
