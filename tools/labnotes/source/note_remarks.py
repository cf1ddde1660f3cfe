"""What an author should know of a note's source and settings, though nothing is wrong with them."""

from __future__ import annotations

from collections.abc import Iterator

from labnotes.source import markdown_checks, notes, prose_facts
from labnotes.source.notes import Note

LOOSE_SHOWN = 3
"""How many numbers that no claim binds a remark shows."""


def source_remarks(note: Note) -> list[str]:
    """The remarks on a note that need no run: on how its cells are read and shown, its settings, and its numbers."""
    return [*shown_otherwise(note), *_loose_numbers(note), *_saved_outputs(note)]


def shown_otherwise(note: Note) -> list[str]:
    """What a note's page shows, or a run does, otherwise than its author may expect."""
    return [
        *note.source.remarks,
        *notes.scaffold_remarks(note),
        *notes.front_matter_remarks(note),
        *markdown_checks.markdown_remarks(note.source.text_cells),
    ]


def _loose_numbers(note: Note) -> Iterator[str]:
    loose = [(cell, line, text) for cell in note.source.text_cells for line, text in prose_facts.cell_facts(cell).numbers]
    if loose:
        places = "; ".join(f"{text} ({cell.line_place(line)})" for cell, line, text in loose[:LOOSE_SHOWN])
        more = f"; and {len(loose) - LOOSE_SHOWN} more" if len(loose) > LOOSE_SHOWN else ""
        plural = "numbers in the prose are" if len(loose) > 1 else "number in the prose is"
        yield (
            f'{len(loose)} {plural} bound to no claim: {places}{more}. Bind each, or say what it is: {{{{ const("64", "model width") }}}}'
        )


def _saved_outputs(note: Note) -> Iterator[str]:
    if note.source.outputs:
        are = "output saved in the source is" if note.source.outputs == 1 else "outputs saved in the source are"
        yield f"{note.source.outputs} {are} ignored (labnotes clean {note.slug} strips what is saved)"
