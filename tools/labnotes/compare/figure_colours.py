"""Colours of marks and legends, compared as a correspondence: which marks share one is data, which colour it is, is style.

The colour of a series always says something, that of a reference line or a shape only where it tells several of them apart, or is in a legend.
"""

from __future__ import annotations

from collections.abc import Sequence

from labnotes.model.mark_kinds import mark_kind
from labnotes.model.plots import AxesData, FigureData, LegendEntry, Mark

_Colour = int | None


class _Correspondence:
    """A mapping from recorded colours to observed ones that is one to one."""

    def __init__(self) -> None:
        self._forth: dict[_Colour, _Colour] = {}
        self._back: dict[_Colour, _Colour] = {}

    def fits(self, then: _Colour, now: _Colour) -> bool:
        """Whether a pair of colours fits all pairs before it; the first pair of each colour is kept."""
        return self._forth.setdefault(then, now) == now and self._back.setdefault(now, then) == then


class FigureColours:
    """The colours of a recorded and an observed figure, which correspond throughout. Marks and entries are given one after another."""

    def __init__(self, then: FigureData, now: FigureData) -> None:
        self._all = _Correspondence()
        self._of_kinds: dict[tuple[int, str], _Correspondence] = {}
        self._told = [(_ToldColours(before), _ToldColours(after)) for before, after in zip(then.axes, now.axes, strict=True)]

    def entries_fit(self, then: LegendEntry, now: LegendEntry) -> bool:
        """Whether two entries of a legend with one text have the same colour."""
        return self._fits_all(then.colour, now.colour)

    def mark_difference(self, axes: int, old: Mark, new: Mark) -> str:
        """What is wrong with the colours of two marks that belong together, in the axes of this number; "" if nothing is."""
        before, after = _part_colours(old, new), _part_colours(new, old)
        is_series = mark_kind(old.kind).is_series
        if is_series or len(before) > 1 or len(after) > 1:
            if not (_speaks(old) or _speaks(new)):
                return ""
            within = _Correspondence()
            others = [
                i
                for i, pair in enumerate(zip(before, after, strict=True) if len(before) == len(after) else ())
                if not within.fits(*pair) or ((is_series or None not in pair) and not self._fits_all(*pair))
            ]
            if others:
                return f"{f'[{others[0]}] ' if len(before) > 1 else ''}shares its colour with other marks than recorded"
            own = [mark.colour is not None or "colours" in mark.exact for mark in (old, new)]
            return f"has {'a colour' if own[1] else 'no colour of its own'}, unlike recorded" if is_series and own[0] != own[1] else ""
        return "" if self._reference_fits(axes, old, new) else "shares its colour with other marks than recorded"

    def _reference_fits(self, axes: int, old: Mark, new: Mark) -> bool:
        """Whether the colours of two marks that show no series fit. None is the default of lines or shapes, in some styles a series' colour."""
        several = any(len(told.kinds.get(old.kind, ())) > 1 for told in self._told[axes])
        in_legends = any(colour in told.legend for told, colour in zip(self._told[axes], (old.colour, new.colour), strict=True))
        if several and not self._of_kinds.setdefault((axes, old.kind), _Correspondence()).fits(old.colour, new.colour):
            return False
        return None in (old.colour, new.colour) or not (several or in_legends) or self._all.fits(old.colour, new.colour)

    def _fits_all(self, then: _Colour, now: _Colour) -> bool:
        return then == now if None in (then, now) else self._all.fits(then, now)


class _ToldColours:
    """The colours of one side's axes: those of its legend, and those of marks that show no series by their kind."""

    def __init__(self, axes: AxesData) -> None:
        self.legend = {entry.colour for entry in axes.legend} - {None}
        self.kinds: dict[str, set[_Colour]] = {}
        for mark in axes.marks:
            if not mark_kind(mark.kind).is_series:
                self.kinds.setdefault(mark.kind, set()).add(mark.colour)


def _speaks(mark: Mark) -> bool:
    return bool(mark.exact.get("colours")) or (
        mark_kind(mark.kind).is_series and not (mark.kind in ("error bars", "wedge") and not mark.label)
    )


def stands_for_itself(entry: LegendEntry, marks: Sequence[Mark]) -> bool:
    """Whether a legend entry has the label of marks, none of which shows a series: their colours are compared themselves."""
    named = [mark for mark in marks if mark.label == entry.text]
    return bool(named) and not any(mark_kind(mark.kind).is_series for mark in named)


def _part_colours(mark: Mark, partner: Mark) -> list[_Colour]:
    """The colour of every part of a mark; a single colour is repeated for as many parts as the partner has colours of."""
    own, others = mark.exact.get("colours"), partner.exact.get("colours", [None])
    assert isinstance(others, Sequence), others
    if isinstance(own, Sequence) and own:
        return [colour if isinstance(colour, int) else None for colour in own]
    return [mark.colour] * len(others)
