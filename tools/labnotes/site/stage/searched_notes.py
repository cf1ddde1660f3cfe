"""What the search knows of a note: the words of each section of its text, with its values in it, and of its references."""

from __future__ import annotations

from collections.abc import Sequence

from labnotes.model.quantities import QuantityKind
from labnotes.site.stage.note_page import NotePage, prose_with_values
from labnotes.site.stage.searched_words import SearchedSection, counted_words
from labnotes.source import bibliography, markdown_checks, prose_facts
from labnotes.source.notebooks import Cell


def searched_sections(joined: NotePage) -> tuple[SearchedSection, ...]:
    """The sections of a note in their order, and its references. Captions count where their figures stand."""
    cells = joined.note.source.text_cells
    addresses = markdown_checks.note_addresses(cells).of_headings
    numbers = {cell.number: at for at, cell in enumerate(cells)}
    texts: list[tuple[str, str, list[str]]] = [("", "", [])]
    for cell in joined.note.source.cells:
        if cell.kind == "code":
            texts[-1][2].extend(_captions(joined, cell))
        elif cell.kind == "text" and not cell.is_left_out:
            _add_prose(texts, joined, cell, addresses.get(numbers[cell.number], []))
    cited = bibliography.read_bibliography(joined.note.folder / joined.note.settings.references)
    told = " ".join(f"{' '.join(entry.people)} {entry.title}" for entry in cited.values())
    sections = [SearchedSection(anchor, heading, (), counted_words("\n".join(parts))) for anchor, heading, parts in texts]
    references = [SearchedSection("references", "References", (), counted_words(told))] if cited else []
    return (*sections, *references)


def _add_prose(texts: list[tuple[str, str, list[str]]], joined: NotePage, cell: Cell, addresses: Sequence[str]) -> None:
    """Add the lines of a text cell to `texts`: below a heading begins a new part."""
    lines = prose_with_values(prose_facts.cell_text(cell), joined).splitlines()
    start = 0
    for heading, address in zip(prose_facts.cell_facts(cell).headings, addresses, strict=True):
        texts[-1][2].extend(lines[start : heading.line - 1])
        start = heading.line
        if address:  # the title has none
            texts.append((address, heading.words, []))
    texts[-1][2].extend(lines[start:])


def _captions(joined: NotePage, cell: Cell) -> list[str]:
    recorded = joined.recorded
    made = [output for output in joined.outputs.get(cell.number, ()) if output["output_type"] in ("figure", "table")]
    return [
        (recorded.figures if output["output_type"] == QuantityKind.FIGURE else recorded.tables)[output["label"]].caption for output in made
    ]
