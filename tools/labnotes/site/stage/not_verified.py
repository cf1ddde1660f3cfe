"""What no check of a note verified, in sentences: on its own page and on Reproducibility."""

from __future__ import annotations

from collections.abc import Iterator

from labnotes.model.quantities import QuantityKind
from labnotes.site.stage.note_page import NOT_RERUN, RUN_FAILED, NotePage
from labnotes.source import prose_facts

IN_EVERY_NOTE = "The reasoning, the references, and whether another method would agree."
"""What no check verifies of any note."""


def unverified_parts(joined: NotePage) -> Iterator[str]:
    """What of a note cannot be verified, or was not: figures that could not be read, numbers without a claim, files, conditions."""
    recorded = joined.recorded
    for label, number in joined.display_numbers(QuantityKind.FIGURE).items():
        unread = recorded.figures[label].data.unverified
        if unread:
            yield f"Figure {number}: {'; '.join(unread)}."
    loose = sum(len(prose_facts.cell_facts(cell).numbers) for cell in joined.note.source.text_cells)
    if loose:
        yield f"{loose} number{'s' if loose > 1 else ''} in the text that {'are' if loose > 1 else 'is'} bound to no claim."
    if recorded.provenance.dependencies.outside:
        yield f"Files read outside the lab: {', '.join(recorded.provenance.dependencies.outside)}."
    if joined.audit is None:
        yield "How far other processors, threads and hash seeds move the numbers."
    for trial in joined.audit.trials if joined.audit else ():
        if trial.is_defect:
            yield f"Under the condition “{trial.condition}” the results were others."


def waiting_parts(joined: NotePage) -> Iterator[str]:
    """What of a note no check of the present record and code has compared, and why."""
    if joined.stale:
        yield f"The record is stale: {'; '.join(joined.stale)}."
    held = [(kind, name) for kind in QuantityKind for name in joined.recorded.quantities_of(kind)]
    verdicts = [joined.quantity_verdict(kind, name) for kind, name in held]
    waiting = sum(verdict in (NOT_RERUN, RUN_FAILED) for verdict in verdicts)
    if waiting:
        why = "the last run did not finish" if RUN_FAILED in verdicts else "nobody ran it again since it was recorded"
        yield f"{'All' if waiting == len(held) else waiting} {'its claims, figures and tables' if waiting == len(held) else 'of its claims, figures and tables'}: {why}."
    if joined.note.settings.needs_text:
        yield f"It is not re-run by itself: it needs {joined.note.settings.needs_text}."
