"""Source and record, the two halves of a note, joined: by each code cell's code, so that an edit of prose never breaks the join."""

from __future__ import annotations

import base64
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from labnotes import notebooks, prose
from labnotes.audits import Audit
from labnotes.authoring import claim_text
from labnotes.comparing import Comparison
from labnotes.notebooks import Cell, Output
from labnotes.notes import Note
from labnotes.quantities import Outcome, TableData
from labnotes.records import Observation
from labnotes.results import Result
from labnotes.staging import sanitising
from labnotes.staging.data import cell_text

PARTS = ("claim", "figure", "table")

_WORDS = {
    Outcome.AGREES: "Re-executed on",
    Outcome.DIFFERS: "Differs, re-executed on",
    Outcome.RAISED: "Raised an error on",
    Outcome.TIMED_OUT: "Timed out on",
}
"""What a check found, as readers see it before its date."""


@dataclass(frozen=True)
class Joined:
    """A note with its record, its last check and its audit.

    `outputs` holds the recorded outputs by number of the code cell; a cell that changed has none.
    """

    note: Note
    recorded: Observation
    stale: tuple[str, ...]
    result: Result | None
    outputs: Mapping[int, Sequence[Output]]
    audit: Audit | None = None

    @property
    def state(self) -> str:
        """What the check of this record says, in one word: stale, recorded (never checked), or the outcome."""
        if self.stale:
            return "stale"
        return self.result.outcome.value.replace(" ", "-") if self.result else "recorded"

    @property
    def word(self) -> str:
        """That word as readers see it, before a date."""
        if self.stale:
            return "Stale, re-executed on" if self.result else "Stale, recorded on"
        if self.result is None:
            return "Recorded on"
        return _WORDS[self.result.outcome]

    @property
    def when(self) -> str:
        """The day of the last execution, ISO 8601."""
        return (self.result.started if self.result else self.recorded.provenance.started)[:10]

    @property
    def counts(self) -> list[str]:
        """ "14 of 14 claims", "5 of 6 figures", "1 not verified"; without a check "14 claims", …, "not re-executed since"."""
        if self.result is None or not self.result.comparisons:
            held = {"claim": self.recorded.claims, "figure": self.recorded.figures, "table": self.recorded.tables}
            done = "not compared" if self.result else "not re-executed since"
            return [*(_plural(len(held[kind]), kind) for kind in PARTS if held[kind]), done]
        found, unread = [], 0
        for kind in PARTS:
            agree, total, unverified = self.result.counts(kind)
            unread += unverified
            if total:
                found.append(f"{agree} of {_plural(total, kind)}")
        return [*found, *([f"{unread} not verified"] if unread else [])]

    @property
    def modified(self) -> str:
        """The day of the last change of what the note says: published, corrected or recorded again. ISO 8601."""
        settings = self.note.settings
        updates = (update.date.isoformat() for update in settings.updates)
        return max([settings.date.isoformat(), self.recorded.provenance.started[:10], *updates])

    @cached_property
    def _comparisons(self) -> Mapping[tuple[str, str], Comparison]:
        return {(each.kind, each.name): each for each in self.result.comparisons} if self.result else {}

    def comparison(self, kind: str, name: str) -> Comparison | None:
        return self._comparisons.get((kind, name))

    def verdict(self, kind: str, name: str) -> str:
        """The verdict on a quantity, or "not re-executed"."""
        found = self.comparison(kind, name)
        return found.verdict.value if found else "not re-executed"

    def numbers(self, kind: str) -> dict[str, int]:
        """The figures or tables that the page shows, numbered in the order in which it does."""
        shown = (output for number in sorted(self.outputs) for output in self.outputs[number])
        labels = (output["label"] for output in shown if output["output_type"] == kind)
        return {label: i + 1 for i, label in enumerate(dict.fromkeys(labels))}


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def join(note: Note, recorded: Observation, stale: Sequence[str], result: Result | None, audit: Audit | None = None) -> Joined:
    """Find the recorded outputs of every code cell: the n-th cell of some code has those of the n-th recorded cell of that code.

    HTML among them is sanitised here, so that page, notebook page and download are all covered.
    """
    waiting = defaultdict(list)
    for cell in recorded.cells:
        waiting[cell.digest].append([_safe(output) for output in cell.outputs])
    outputs = {cell.number: waiting[cell.digest].pop(0) for cell in note.source.code if waiting[cell.digest]}
    return Joined(note, recorded, tuple(stale), result, outputs, audit)


def _safe(output: Output) -> Output:
    if output["output_type"] not in ("display_data", "execute_result"):
        return output
    data = {mime: "".join(value) for mime, value in output["data"].items() if mime in ("text/plain", "text/html")}
    if "text/html" in data:
        data["text/html"] = sanitising.output(data["text/html"])
        if not data["text/html"].strip():
            del data["text/html"]
    return {**output, "data": data, "metadata": {}}


def active_outputs(joined: Joined) -> Iterator[tuple[int, list[str]]]:
    """Code cells whose recorded HTML held something that runs or loads, and what; it is not published."""
    for cell in joined.note.source.code:
        found: list[str] = []
        for recorded in joined.recorded.cells:
            if recorded.digest == cell.digest:
                for output in recorded.outputs:
                    found += sanitising.active_parts("".join(output.get("data", {}).get("text/html", "")))
                    picture = joined.recorded.pictures.get(output.get("label", ""))
                    if picture and picture.suffix in ("html", "svg"):
                        found += sanitising.active_parts(picture.content.decode(errors="replace"))
        if found:
            yield cell.number, list(dict.fromkeys(found))


def executed_notebook(joined: Joined, prose_of: Callable[[Cell], str] | None = None, picture_of: Callable[[str], str] | None = None) -> Any:
    """The notebook that readers download: the source with the recorded outputs, and claim values filled into the prose.

    For another use `prose_of` gives the text of a text cell, `picture_of` the HTML of a figure by its label ("" keeps the picture itself).
    """
    cells = [
        replace(cell, source=prose_of(cell) if prose_of else _filled(cell, joined)) if cell.kind == "text" else cell
        for cell in joined.note.source.cells
    ]
    outputs: dict[int, list[Output]] = {}
    for number, found in joined.outputs.items():
        outputs[number] = []
        for each in found:
            linked = picture_of(each["label"]) if picture_of and each["output_type"] == "figure" else ""
            made = _display({"text/html": linked, "text/plain": each["label"]}) if linked else _ordinary(each, joined)
            if made:
                outputs[number].append(made)
    return notebooks.to_notebook(cells, outputs, seed=joined.recorded.provenance.seed)


def _filled(cell: Cell, joined: Joined) -> str:
    return prose.fill(
        cell.source,
        joined.recorded.claims,
        show=lambda binding, value: value,
        cross=lambda sort, label: f"{'Figure' if sort == 'fig' else 'Table'} “{label}”",
        cite=lambda keys, inside: f"[{', '.join(keys)}]",
    )


def _ordinary(output: Output, joined: Joined) -> Output | None:
    """An output as any notebook program shows it."""
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
        if picture and picture.suffix == "html":
            data["text/html"] = sanitising.output(picture.content.decode())
        elif picture and picture.suffix == "svg":
            data["image/svg+xml"] = sanitising.svg_text(picture.content)
        elif picture:
            data[f"image/{picture.suffix}"] = base64.b64encode(picture.content).decode()
        return _display(data)
    if kind in ("display_data", "execute_result"):
        return output if output["data"] else None
    return output


def _display(data: dict[str, Any]) -> Output:
    return {"output_type": "display_data", "data": data, "metadata": {}}


def plain_table(data: TableData) -> str:
    """A table as aligned text."""
    columns = [[column.name, *(cell_text(value, column) for value in column.values)] for column in data.columns]
    widths = [max(len(text) for text in column) for column in columns]
    rows = zip(*columns, strict=True)
    return "\n".join("  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)) for row in rows)
