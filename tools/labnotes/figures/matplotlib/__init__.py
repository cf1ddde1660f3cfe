"""What is plotted in a matplotlib figure, as data: every mark under a canonical kind, whatever matplotlib's classes are called.

Style (colours themselves, fonts, sizes, grids, tick placement, positions of legends) is left out. Whatever is drawn and not understood
is named in `unverified`; nothing is dropped silently. Invisible artists are not drawn, so they are not data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from labnotes.figures.matplotlib import pictures
from labnotes.figures.matplotlib.artists import is_drawn, label_of, parts, placed_on
from labnotes.figures.matplotlib.axes import NO_AXIS, axis_data, role_of
from labnotes.figures.matplotlib.colours import Colours
from labnotes.figures.matplotlib.marks import ARTISTS, CONTAINERS
from labnotes.figures.matplotlib.pictures import card, close
from labnotes.quantities import AxesData, FigureData, LegendEntry, Mark

__all__ = ["card", "close", "extract", "render"]


def extract(fig: Any) -> FigureData:
    """All marks, axes, texts and legends of `fig`."""
    everything = list(_all_axes(fig))
    reader = _Reader(Colours(everything))
    axes = tuple(reader.axes(ax, i, everything) for i, ax in enumerate(everything))
    texts: list[str] = []
    for owner in _with_subfigures(fig):
        texts += [text.get_text() for text in owner.texts if text.get_visible() and text.get_text()]
        for artist in (*owner.lines, *owner.patches, *owner.images, *owner.artists):
            if artist.get_visible():
                reader.unverified.append(f"figure: {type(artist).__name__} outside the axes")
        for legend in owner.legends:
            axes = _with_legend(axes, reader.legend(legend, fig.axes[0] if fig.axes else None))
    return FigureData(axes, tuple(texts), tuple(reader.unverified))


def render(fig: Any) -> tuple[str, str]:
    """The picture as a MIME type and its text; its view lists the axes in the order of `extract`."""
    return pictures.render(fig, list(_all_axes(fig)))


def _with_subfigures(fig: Any) -> Iterator[Any]:
    yield fig
    for inner in fig.subfigs:
        yield from _with_subfigures(inner)


def _all_axes(fig: Any) -> Iterator[Any]:
    for ax in fig.axes:
        yield ax
        yield from (child for child in ax.child_axes if hasattr(child, "transData") and not _is_secondary(child))


def _is_secondary(ax: Any) -> bool:
    return type(ax).__name__ == "SecondaryAxis"


def _with_legend(axes: tuple[AxesData, ...], entries: tuple[LegendEntry, ...]) -> tuple[AxesData, ...]:
    """The figure's own legend, counted with its first axes."""
    if not axes:
        return axes
    first = axes[0]
    return (AxesData(first.title, first.role, first.x, first.y, first.marks, first.legend + entries), *axes[1:])


def _own_collections(colorbar: Any) -> list[Any]:
    return [part for part in (colorbar.solids, colorbar.dividers) if part is not None]


class _Reader:
    """Reads one figure and collects what it could not read."""

    def __init__(self, colours: Colours) -> None:
        self.unverified: list[str] = []
        self._colours = colours

    def axes(self, ax: Any, index: int, everything: list[Any]) -> AxesData:
        role = role_of(ax, index, everything)
        title = " | ".join(text for loc in ("left", "center", "right") if (text := ax.get_title(loc=loc)))
        if not ax.get_visible():
            return AxesData("", "hidden", NO_AXIS, NO_AXIS, (), ())
        marks: tuple[Mark, ...] = ()
        if role.startswith("colour bar"):
            # what it shows are the limits of the norm, recorded with the marks that it belongs to; what was drawn on it is not read
            if ax.lines or ax.texts or len(ax.collections) > len(_own_collections(ax._colorbar)):
                self.unverified.append(f"axes {index}: marks on a colour bar")
        elif ax.name != "rectilinear":
            self.unverified.append(f"axes {index}: projection {ax.name!r}")
        else:
            marks = tuple(self._marks(ax, index))
        legend = self.legend(ax.get_legend(), ax) if ax.get_legend() else ()
        return AxesData(title, role, axis_data(ax, "x"), axis_data(ax, "y"), marks, legend)

    def legend(self, legend: Any, ax: Any) -> tuple[LegendEntry, ...]:
        if not legend.get_visible():
            return ()
        texts, handles = legend.get_texts(), legend.legend_handles
        if len(texts) != len(handles):
            self.unverified.append("legend: an entry that cannot be told")
            return ()
        title = legend.get_title().get_text()
        entries = tuple(LegendEntry(text.get_text(), self._colours.of(handle, ax)) for text, handle in zip(texts, handles, strict=True))
        return (*([LegendEntry(title, None)] if title else []), *entries)

    def _marks(self, ax: Any, index: int) -> Iterator[Mark]:
        children = ax.get_children()
        drawn = {id(artist) for artist in children if is_drawn(artist)}
        seen: set[int] = set()
        for container in ax.containers:
            whole = CONTAINERS.get(type(container).__name__)
            if whole is None:
                continue
            shown = [part for part in parts(container) if id(part) in drawn]  # some may have been hidden or removed
            seen.update(id(part) for part in parts(container))
            if shown:
                on_data = all(placed_on(part, ax) == "data" for part in shown)
                mark = self._read(whole, container, drawn) if on_data else None
                if mark is None:
                    self._not_read(index, container)
                else:
                    yield mark
        frame = {id(part) for part in (*ax.spines.values(), ax.xaxis, ax.yaxis, ax.patch, ax.get_legend())}
        texts = {id(text) for text in ax.texts}
        insets = {id(child) for child in ax.child_axes if not _is_secondary(child)}
        for artist in children:
            title = type(artist).__name__ == "Text" and id(artist) not in texts
            if id(artist) in seen | frame | insets or title or id(artist) not in drawn:
                continue
            made = ARTISTS.get(type(artist).__name__)
            mark = self._read(made, artist, ax) if made else None
            if mark is None:
                self._not_read(index, artist)
            else:
                yield mark

    def _read(self, read: Callable[[Any, Any, Colours], Mark | None], artist: Any, among: Any) -> Mark | None:
        """A mark, or None for values that are no numbers even to matplotlib's converters."""
        try:
            return read(artist, among, self._colours)
        except (TypeError, ValueError):
            return None

    def _not_read(self, index: int, artist: Any) -> None:
        label = label_of(artist)
        self.unverified.append(f"axes {index}: {type(artist).__name__}" + (f" {label!r}" if label else ""))
