"""Source and record, the two halves of a note, joined: by each code cell's code, so that an edit of prose never breaks the join."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from labnotes import notebooks, prose
from labnotes.authoring import claim_text
from labnotes.notebooks import Cell, Output
from labnotes.notes import Note
from labnotes.quantities import TableData
from labnotes.records import Observation
from labnotes.results import Result
from labnotes.staging.data import cell_text


@dataclass(frozen=True)
class Joined:
    """A note with its record. `outputs` holds the recorded outputs by number of the code cell; a cell that changed has none."""

    note: Note
    recorded: Observation
    stale: tuple[str, ...]
    result: Result | None
    outputs: Mapping[int, Sequence[Output]]

    @property
    def status_line(self) -> str:
        """When the note was last re-executed and with what outcome: the first thing a reader should know about it."""
        if self.result is None:
            line = f"Recorded on {self.recorded.provenance.started[:10]}, not re-executed since"
        else:
            line = f"Re-executed on {self.result.started[:10]}: {self.result.outcome.value}, {counted(self.result)}"
        return line + (f". Stale: {'; '.join(self.stale)}" if self.stale else "")


def counted(result: Result) -> str:
    """ "14 of 14 claims, 5 of 6 figures, 1 not verified"."""
    parts, unverified = [], 0
    for kind in ("claim", "figure", "table"):
        agree, total, unread = result.counts(kind)
        unverified += unread
        if total:
            parts.append(f"{agree} of {total} {kind}{'s' if total > 1 else ''}")
    return ", ".join([*parts, *([f"{unverified} not verified"] if unverified else [])])


def join(note: Note, recorded: Observation, stale: Sequence[str], result: Result | None) -> Joined:
    """Find the recorded outputs of every code cell: the n-th cell of some code has those of the n-th recorded cell of that code."""
    waiting = defaultdict(list)
    for cell in recorded.cells:
        waiting[cell.digest].append(cell.outputs)
    outputs = {cell.number: waiting[cell.digest].pop(0) for cell in note.source.code if waiting[cell.digest]}
    return Joined(note, recorded, tuple(stale), result, outputs)


def executed_notebook(joined: Joined) -> Any:
    """The notebook that readers download: the source with the recorded outputs, and claim values filled into the prose."""
    cells = [_filled(cell, joined) for cell in joined.note.source.cells]
    outputs = {number: [made for each in found if (made := _ordinary(each, joined))] for number, found in joined.outputs.items()}
    return notebooks.to_notebook(cells, outputs, seed=joined.recorded.provenance.seed)


def _filled(cell: Cell, joined: Joined) -> Cell:
    if cell.kind != "text":
        return cell
    text = prose.fill(
        cell.source,
        joined.recorded.claims,
        show=lambda binding, value: value,
        cross=lambda sort, label: f"{'Figure' if sort == 'fig' else 'Table'} “{label}”",
        cite=lambda keys, inside: f"[{', '.join(keys)}]",
    )
    return Cell(cell.kind, text, cell.number, cell.line, cell.path)


def _ordinary(output: Output, joined: Joined) -> Output | None:
    """An output as any notebook program shows it. HTML is left out in favour of the plain text beside it."""
    kind = output["output_type"]
    if kind == "claim":
        claim = joined.recorded.claims[output["name"]]
        return _display({"text/plain": claim_text(claim)})
    if kind == "table":
        return _display({"text/plain": plain_table(joined.recorded.tables[output["label"]].data)})
    if kind == "figure":
        label = output["label"]
        picture, alt = joined.recorded.pictures.get(label), joined.recorded.figures[label].alt
        data: dict[str, Any] = {"text/plain": alt or f"figure {label}"}
        if picture and picture.suffix == "svg":
            data["image/svg+xml"] = picture.content.decode()
        elif picture:
            data[f"image/{picture.suffix}"] = base64.b64encode(picture.content).decode()
        return _display(data)
    if kind in ("display_data", "execute_result"):
        text = output["data"].get("text/plain")
        return None if text is None else {**output, "data": {"text/plain": text}}
    return output


def _display(data: dict[str, Any]) -> Output:
    return {"output_type": "display_data", "data": data, "metadata": {}}


def plain_table(data: TableData) -> str:
    """A table as aligned text."""
    columns = [[column.name, *(cell_text(value, column) for value in column.values)] for column in data.columns]
    widths = [max(len(text) for text in column) for column in columns]
    rows = zip(*columns, strict=True)
    return "\n".join("  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)) for row in rows)
