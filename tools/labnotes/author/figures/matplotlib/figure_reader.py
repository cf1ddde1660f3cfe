"""What is plotted in a matplotlib figure, as data: every mark under a canonical kind, whatever matplotlib's classes are called.

Style (colours themselves, fonts, sizes, grids, tick placement, positions of legends) is left out. Whatever is drawn and not understood
is named in `unverified`; nothing is dropped silently. Invisible artists are not drawn, so they are not data.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from labnotes.author.figures.matplotlib import pictures
from labnotes.author.figures.matplotlib.artist_readers import ARTISTS, CONTAINERS, IN_SPACE
from labnotes.author.figures.matplotlib.artists import container_artists, decoration_of, is_drawn, label_of
from labnotes.author.figures.matplotlib.axes import NO_AXIS, axis_data, axis_marks, is_own_axis, role_of
from labnotes.author.figures.matplotlib.colours import ColourGroups
from labnotes.author.figures.matplotlib.draw_order import covered_marks
from labnotes.author.figures.matplotlib.looks import DrawnMark, LookGroups, Measured, looks_of
from labnotes.author.figures.matplotlib.packed_parts import LEGEND_BOXES, STRIPS, colours_of_bars, packed_entries, strips_of
from labnotes.author.figures.matplotlib.panels import panels_of, panels_of_text
from labnotes.author.figures.matplotlib.pictures import card_picture, close_figure, interactive_json, raster_picture
from labnotes.author.figures.matplotlib.places import clip_outline, moved_on_paper, placed_on
from labnotes.author.figures.matplotlib.values import float_lists
from labnotes.model.plots import READER, AxesData, FigureData, LegendEntry, Mark

__all__ = ["card_picture", "close_figure", "interactive_json", "raster_picture", "read_figure", "render_picture"]
"""What `labnotes.author.figures.readers` asks of a reader."""


WORDS = ("text", "annotation", "axis line")
"""Kinds of marks that may stand beside their place for the sake of the picture."""


def read_figure(fig: Any) -> FigureData:
    """All marks, axes, texts and legends of `fig`."""
    everything = list(_all_axes(fig))
    reader = _FigureReader(ColourGroups(everything))
    axes = tuple(reader.read_axes(ax, i, everything) for i, ax in enumerate(everything))
    panels = panels_of(everything, [made.role for made in axes])
    axes = tuple(replace(made, panel=panel) for made, panel in zip(axes, panels, strict=True))
    texts: list[Any] = []
    for owner in _with_subfigures(fig):
        texts += [text for text in owner.texts if text.get_visible() and text.get_text()]
        axes = _with_figure_parts(axes, marks=tuple(reader.marks_outside_axes(owner, everything)))
        first = fig.axes[0] if fig.axes else None
        for legend in owner.legends:
            axes = _with_figure_parts(axes, legend=reader.read_legend(legend, first))
        for box in _legend_boxes(owner):
            axes = _with_figure_parts(axes, legend=reader.read_packed_legend(box, first))
    boxes = [box for owner in _with_subfigures(fig) for box in _legend_boxes(owner)]
    axes = reader.with_looks(axes, colours_of_bars(boxes))
    said, beside = tuple(text.get_text() for text in texts), tuple(panels_of_text(text, everything, panels) for text in texts)
    return FigureData(
        axes, said, tuple(reader.unverified), text_panels=beside if any(panel is not None for panel in panels) else (), reader=READER
    )


def render_picture(fig: Any) -> tuple[str, str]:
    """The picture as a MIME type and its text; its view lists the axes in the order of `read_figure`."""
    return pictures.render_picture(fig, list(_all_axes(fig)))


def _legend_boxes(owner: Any) -> list[Any]:
    return [part for part in owner.artists if type(part).__name__ in LEGEND_BOXES and part.get_visible()]


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


def _with_figure_parts(
    axes: tuple[AxesData, ...], marks: tuple[Mark, ...] = (), legend: tuple[LegendEntry, ...] = ()
) -> tuple[AxesData, ...]:
    """The same axes, with marks and legend entries of the figure itself added to the first of them, which is made for a figure that has none."""
    if not axes:
        return (AxesData("", "figure", NO_AXIS, NO_AXIS, marks, legend),) if marks or legend else ()
    return (replace(axes[0], marks=axes[0].marks + marks, legend=axes[0].legend + legend), *axes[1:])


def _axes_part_ids(ax: Any) -> set[int]:
    """Identities (`id`) of the artists that belong to the axes themselves: spines, ticks, titles, background and legend.

    Titles and the legend are read apart. Insets are among them: they are axes of their own.
    """
    named = {id(text) for text in ax.texts}
    titles = [child for child in ax.get_children() if type(child).__name__ == "Text" and id(child) not in named]
    insets = [child for child in ax.child_axes if not _is_secondary(child)]
    axes = [getattr(ax, f"{name}axis") for name in "xyz" if hasattr(ax, f"{name}axis")]
    return {id(part) for part in (*ax.spines.values(), *axes, ax.patch, ax.get_legend(), *titles, *insets)}


def _colour_bar_part_ids(colorbar: Any) -> set[int]:
    """Identities (`id`) of the artists that a colour bar draws on its axes. The limits of its norm are recorded with its marks."""
    parts = (colorbar.solids, colorbar.dividers, *colorbar.solids_patches, *colorbar._extend_patches, *colorbar.lines)
    return {id(part) for part in parts if part is not None}


def _contour_level_marks(colorbar: Any) -> Iterator[Mark]:
    """One mark for each set of contour lines that a colour bar shows, with the levels of the lines."""
    along = 1 if colorbar.orientation == "vertical" else 0
    for lines in colorbar.lines:
        levels = [segment[0, along] for segment in lines.get_segments() if len(segment)]
        if is_drawn(lines) and levels:
            yield Mark("lines of contours", label_of(lines), None, float_lists({"xy"[along]: levels}))


IMPLIED = ("Shadow", "Legend", "GridlinesCollection", "BboxPatch", "BboxConnector", "BboxConnectorPatch", "Gridliner")
"""Classes of artists that other data determine, that are read elsewhere, or that are a grid: the frame of an inset is one."""


def _is_implied(artist: Any, ax: Any) -> bool:
    """Whether other data determine an artist, among them before matplotlib 3.10 the lines between an inset and its frame."""
    if type(artist).__name__ == "ConnectionPatch":
        return any(side is child.transAxes for child in ax.child_axes for side in (artist.coords1, artist.coords2))
    return type(artist).__name__ in IMPLIED or (type(artist).__name__ == "AxisArtist" and is_own_axis(artist, ax))


def _drawing_height(artist: Any) -> float | None:
    """How high an artist or container lies in the order of drawing; None for what lets see through."""
    looks = looks_of(artist) if artist is not None else {}
    shares, fills = looks.get("opacity", []), looks.get("fill", [])
    if not shares or not fills or any(share.number < 1 for share in shares if isinstance(share, Measured)) or any(fills):
        return None
    parts = list(getattr(artist, "patches", ())) or [artist]
    return float(parts[0].get_zorder()) if hasattr(parts[0], "get_zorder") else None


class _FigureReader:
    """Reads one figure. `unverified` names each artist that it could not read."""

    def __init__(self, colours: ColourGroups) -> None:
        self.unverified: list[str] = []
        self._colours = colours
        self._sources: dict[int, tuple[Any, Any]] = {}
        """Each mark and each entry of a legend, by its identity (`id`), with the artist that it was read from."""

    def read_axes(self, ax: Any, index: int, everything: list[Any]) -> AxesData:
        """The data of one pair of axes, which is number `index` in `everything`, the axes of the figure."""
        ax.viewLim  # noqa: B018 - lets matplotlib choose limits that it has not yet chosen
        role = role_of(ax, index, everything)
        titles = [text for loc in ("left", "center", "right") if (text := ax.get_title(loc=loc))]
        title = " | ".join((*titles, *strips_of(ax)))
        if not ax.get_visible():
            return AxesData("", "hidden", NO_AXIS, NO_AXIS, (), ())
        marks: tuple[Mark, ...] = ()
        if role.startswith("colour bar"):
            marks = (*_contour_level_marks(ax._colorbar), *self._marks_on_axes(ax, index, ARTISTS, _colour_bar_part_ids(ax._colorbar)))
        elif ax.name in ("rectilinear", "polar"):
            marks = (*axis_marks(ax), *self._marks_on_axes(ax, index, ARTISTS, set()))
        elif ax.name == "3d":
            marks = (*axis_marks(ax), *self._marks_on_axes(ax, index, IN_SPACE, set()))
        else:  # its data are x and y as elsewhere, wherever it draws them
            marks = (Mark("projection", "", None, {}, {"name": ax.name}), *self._marks_on_axes(ax, index, ARTISTS, set()))
        legends = [ax.get_legend(), *(artist for artist in ax.artists if type(artist).__name__ == "Legend")]
        legend = tuple(entry for shown in legends if shown is not None for entry in self.read_legend(shown, ax))
        return AxesData(title, role, axis_data(ax, "x", everything), axis_data(ax, "y", everything), marks, legend)

    def marks_outside_axes(self, owner: Any, everything: list[Any]) -> Iterator[Mark]:
        """The marks drawn on a figure or a subfigure itself, outside all axes."""
        for artist in (*owner.lines, *owner.patches, *owner.images, *owner.artists):
            if not is_drawn(artist) or type(artist).__name__ in (*LEGEND_BOXES, *STRIPS):
                continue
            yield from self._marks_of_artist(ARTISTS.get(type(artist).__name__), artist, everything[0] if everything else None, None)

    def read_legend(self, legend: Any, ax: Any) -> tuple[LegendEntry, ...]:
        """The title and the entries of a legend; nothing if it is hidden."""
        if not legend.get_visible():
            return ()
        texts, handles = legend.get_texts(), legend.legend_handles
        if len(texts) != len(handles):
            self.unverified.append("legend: an entry that cannot be told")
            return ()
        title = legend.get_title().get_text()
        entries = tuple(
            LegendEntry(text.get_text(), self._colours.group_number(handle, ax)) for text, handle in zip(texts, handles, strict=True)
        )
        self._sources |= {id(entry): (entry, handle) for entry, handle in zip(entries, handles, strict=True)}
        return (*([LegendEntry(title, None)] if title else []), *entries)

    def read_packed_legend(self, box: Any, ax: Any) -> tuple[LegendEntry, ...]:
        """The titles, the entries and the labels of bars of colours of a legend that is packed of boxes."""
        packed = list(packed_entries(box))
        entries = tuple(LegendEntry(text, None if handle is None else self._colours.group_number(handle, ax)) for text, handle in packed)
        self._sources |= {id(entry): (entry, handle) for entry, (_, handle) in zip(entries, packed, strict=True)}
        return entries

    def with_looks(self, axes: tuple[AxesData, ...], bars: Sequence[Any] = ()) -> tuple[AxesData, ...]:
        """The same axes, all marks and legends with the looks that tell marks of the figure apart. `bars` are the colours of bars of colours."""
        looks = LookGroups(bars)
        marks = iter(looks.add_looks([DrawnMark(mark, self._source_of(mark)) for made in axes for mark in self._with_order(made.marks)]))
        return tuple(
            replace(
                made,
                marks=tuple(next(marks) for _ in made.marks),
                legend=tuple(replace(entry, looks=looks.legend_looks(self._source_of(entry))) for entry in made.legend),
            )
            for made in axes
        )

    def _with_order(self, marks: tuple[Mark, ...]) -> Iterator[Mark]:
        """The marks of one pair of axes; those that hide others in part say which."""
        heights = {i: height for i, mark in enumerate(marks) if (height := _drawing_height(self._source_of(mark))) is not None}
        covered = covered_marks(marks, heights)
        for i, mark in enumerate(marks):
            ordered = replace(mark, exact={**mark.exact, "covers": covered[i]}) if i in covered else mark
            self._sources[id(ordered)] = ordered, self._source_of(mark)
            yield ordered

    def _source_of(self, made: Mark | LegendEntry) -> Any:
        return self._sources.get(id(made), (None, None))[1]

    def _marks_on_axes(self, ax: Any, index: int, readers: Mapping[str, Any], seen: set[int]) -> Iterator[Mark]:
        """The marks of everything drawn on `ax`, one for each container; artists whose identity (`id`) is in `seen` are left out."""
        children = ax.get_children()
        drawn = {id(artist) for artist in children if is_drawn(artist)}
        seen = seen | _axes_part_ids(ax)
        for artist in children:  # how many labels contours have and where depends on the font: they are read with their contours
            if id(artist) in drawn:
                seen |= {id(text) for text in getattr(artist, "labelTexts", ())}
        for container in ax.containers if readers is ARTISTS else ():  # in space their parts are read one by one
            whole = CONTAINERS.get(type(container).__name__)
            if whole is None:
                continue
            seen |= {id(part) for part in container_artists(container)}
            shown = [part for part in container_artists(container) if id(part) in drawn]  # some may have been hidden or removed
            if shown:
                on_data = all(placed_on(part, ax) == "data" for part in shown)
                yield from self._marks_of_artist(whole if on_data else None, container, drawn, index)
        for artist in children:
            if id(artist) in drawn and id(artist) not in seen and not _is_implied(artist, ax):
                yield from self._marks_of_artist(readers.get(type(artist).__name__), artist, ax, index)

    def _marks_of_artist(
        self, read: Callable[[Any, Any, ColourGroups], Mark | None] | None, artist: Any, among: Any, index: int | None
    ) -> Iterator[Mark]:
        """The mark of an artist or a container; none if it cannot be read. What its author declared to be decoration is no other mark."""
        declared = decoration_of(artist)
        if declared is not None:
            yield Mark("decoration", declared, None, {})
            return
        bare = _tried(partial(read, artist, among, self._colours)) if read else None
        mark = _tried(partial(self._as_it_is_moved_and_clipped, bare, artist, index)) if bare is not None else None
        if mark is not None:
            self._sources[id(mark)] = mark, artist
            yield mark
        else:
            self._add_unverified(index, artist)

    def _as_it_is_moved_and_clipped(self, mark: Mark, artist: Any, index: int | None) -> Mark | None:
        """A mark with how far it is moved on paper and by what it is clipped; None if it is moved in a way that is not read."""
        shift = moved_on_paper(artist) if hasattr(artist, "get_transform") and mark.kind not in WORDS else [0.0, 0.0]
        if shift is None:
            return None
        mark = replace(mark, exact={**mark.exact, "moved by points": shift}) if any(shift) else mark
        clips = [clip_outline(part) for part in self._parts_of(artist)]
        if None in clips:
            self._add_unverified(index, artist, "clipped by what has no place on the data")
        elif clips and clips[0]:
            mark = replace(mark, arrays={**mark.arrays, **clips[0]})
        return mark

    def _parts_of(self, artist: Any) -> list[Any]:
        is_container = hasattr(artist, "get_children") and not hasattr(artist, "axes")
        return list(container_artists(artist)) if is_container else [artist]

    def _add_unverified(self, index: int | None, artist: Any, what: str = "") -> None:
        """Name an artist in `unverified`, and what of it. `index` is the number of its axes, None for what is drawn outside all axes."""
        label = label_of(artist)
        named = type(artist).__name__ + (f" {label!r}" if label else "") + (f", {what}" if what else "")
        self.unverified.append(f"figure: {named} outside the axes" if index is None else f"axes {index}: {named}")


def _tried(read: Callable[[], Mark | None]) -> Mark | None:
    """The mark that is read; None where it cannot be.

    That is so for values that are no numbers even to matplotlib's converters, for a name that this version of matplotlib does not have, and
    where an author's own function fails.
    """
    try:
        return read()
    except (TypeError, ValueError, AttributeError, LookupError, ArithmeticError):
        return None
