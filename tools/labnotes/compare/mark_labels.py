"""The words by which messages name a mark: its kind with its label, or with its number and what a legend calls its colour."""

from __future__ import annotations

from collections.abc import Sequence

from labnotes.model.mark_kinds import mark_kind
from labnotes.model.plots import FigureData, Mark


class MarkLabels:
    """The labels of the marks of one figure. A legend names a colour if one text alone has it, which no reference line or shape has."""

    def __init__(self, data: FigureData) -> None:
        references = {mark.label for axes in data.axes for mark in axes.marks if not mark_kind(mark.kind).is_series}
        texts: dict[int, set[str]] = {}
        for entry in (entry for axes in data.axes for entry in axes.legend):
            if entry.colour is not None and entry.text not in references:
                texts.setdefault(entry.colour, set()).add(entry.text)
        self._series = {colour: entry_texts.pop() for colour, entry_texts in texts.items() if len(entry_texts) == 1}

    def label_of(self, mark: Mark, marks: Sequence[Mark]) -> str:
        """The label of a mark; `marks` are all marks of its axes, in the order in which they are drawn."""
        if mark.label:
            return f"{mark.kind} {mark.label!r}"
        alike = [other for other in marks if other.kind == mark.kind and not other.label]
        number = next((i for i, other in enumerate(alike) if other is mark), 0) + 1
        numbered = f"{mark.kind} {number}" if len(alike) > 1 else mark.kind
        text = self._series.get(mark.colour) if mark.colour is not None and mark_kind(mark.kind).is_series else None
        return f"{numbered} of {text!r}" if text else numbered
