"""Markdown for the summary page of a CI job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labnotes.report.wording import NOT_OK, counts_text, draw_words, headline, not_verified, source_of, statements_lost

if TYPE_CHECKING:
    from labnotes.outcomes.checks import CheckResult


def to_markdown(check: CheckResult) -> str:
    lines = ["## labnotes check", "", headline(check), "", "| note | outcome | agrees | run |", "|---|---|---|---|"]
    for note in check.notes:
        outcome = note.outcome.value if note.outcome else "ran"
        shown = f"**{outcome}**" if note.outcome in NOT_OK else outcome
        lines.append(f"| {note.note.slug} | {shown} | {counts_text(note)} | {_table_cell(source_of(note))} |")
    failing = [(note, comparison) for note in check.notes for comparison in note.comparisons if comparison.verdict.is_failure]
    if failing:
        lines += ["", "### What differs", ""]
        lines += [
            f"- `{n.note.slug}` {comparison.kind} `{comparison.name}` {comparison.verdict.value}: {'; '.join(comparison.details)}"
            for n, comparison in failing
        ]
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


def _table_cell(text: str) -> str:
    """A text for a cell of a Markdown table, which a vertical bar would end."""
    return text.replace("|", "\\|")
