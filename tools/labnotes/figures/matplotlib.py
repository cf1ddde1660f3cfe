"""What is plotted in a matplotlib figure, as data: every mark under a canonical kind, whatever matplotlib's classes are called.

Style (colours themselves, fonts, sizes, grids, tick placement, positions of legends) is left out. Whatever is drawn and not understood
is named in `unverified`; nothing is dropped silently. Invisible artists are not drawn, so they are not data.
"""

from __future__ import annotations

import base64
import io
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.ticker import FixedFormatter, FixedLocator, FuncFormatter

from labnotes.quantities import AxesData, AxisData, FigureData, LegendEntry, Mark

MAX_SVG = 300_000
"""Bytes above which a picture is kept as PNG (a scatter of 5 000 points is 545 KB of SVG)."""

PNG_DPI = 200


def render(fig: Any) -> tuple[str, str]:
    """The picture, byte for byte the same at each call: SVG text, or PNG in base64 above MAX_SVG bytes."""
    with mpl.rc_context({"svg.hashsalt": "labnotes", "svg.fonttype": "none"}):
        vector = io.StringIO()
        fig.savefig(vector, format="svg", bbox_inches="tight", metadata={"Date": None, "Creator": None})
    text = vector.getvalue()
    if len(text.encode()) <= MAX_SVG:
        return "image/svg+xml", text
    raster = io.BytesIO()
    fig.savefig(raster, format="png", bbox_inches="tight", dpi=PNG_DPI, metadata={"Software": None})
    return "image/png", base64.b64encode(raster.getvalue()).decode()


def close(fig: Any) -> None:
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close(fig)


def extract(fig: Any) -> FigureData:
    """All marks, axes, texts and legends of `fig`."""
    everything = list(_all_axes(fig))
    reader = _Reader(everything)
    axes = tuple(reader.axes(ax, i, everything) for i, ax in enumerate(everything))
    texts: list[str] = []
    for owner in _with_subfigures(fig):
        texts += [text.get_text() for text in owner.texts if text.get_visible() and text.get_text()]
        for artist in (*owner.lines, *owner.patches, *owner.images, *owner.artists):
            if artist.get_visible():
                reader.unverified.append(f"figure: {type(artist).__name__} outside the axes")
        for legend in owner.legends:
            axes = _with_legend(axes, reader.legend(legend))
    return FigureData(axes, tuple(texts), tuple(reader.unverified))


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


class _Reader:
    """Reads one figure. Numbers its colours in order of appearance and collects what it could not read."""

    def __init__(self, everything: list[Any]) -> None:
        self.unverified: list[str] = []
        self._colours: dict[tuple[Any, ...], int] = {}
        self._dashed = _colours_told_apart_by_dash(everything)

    # -- axes ---------------------------------------------------------------------------------------------------------------------

    def axes(self, ax: Any, index: int, everything: list[Any]) -> AxesData:
        role = _role(ax, index, everything)
        title = " | ".join(text for loc in ("left", "center", "right") if (text := ax.get_title(loc=loc)))
        if not ax.get_visible():
            return AxesData("", "hidden", _NO_AXIS, _NO_AXIS, (), ())
        marks: tuple[Mark, ...] = ()
        if role.startswith("colour bar"):
            pass  # what it shows are the limits of the norm, recorded with the marks that it belongs to
        elif ax.name != "rectilinear":
            self.unverified.append(f"axes {index}: projection {ax.name!r}")
        else:
            marks = tuple(self._marks(ax, index))
        legend = self.legend(ax.get_legend()) if ax.get_legend() else ()
        return AxesData(title, role, _axis(ax, "x"), _axis(ax, "y"), marks, legend)

    def legend(self, legend: Any) -> tuple[LegendEntry, ...]:
        if not legend.get_visible():
            return ()
        texts, handles = legend.get_texts(), legend.legend_handles
        if len(texts) != len(handles):
            self.unverified.append("legend: an entry that cannot be told")
            return ()
        title = legend.get_title().get_text()
        entries = tuple(LegendEntry(text.get_text(), self._colour(handle)) for text, handle in zip(texts, handles, strict=True))
        return (*([LegendEntry(title, None)] if title else []), *entries)

    def _marks(self, ax: Any, index: int) -> Iterator[Mark]:
        children = ax.get_children()
        drawn = {id(artist) for artist in children if _is_drawn(artist)}
        seen: set[int] = set()
        for container in ax.containers:
            whole = _CONTAINERS.get(type(container).__name__)
            if whole is None:
                continue
            parts = [part for part in _parts(container) if id(part) in drawn]  # some may have been hidden or removed
            seen.update(id(part) for part in _parts(container))
            if parts:
                on_data = all(_placed_on(part, ax) == "data" for part in parts)
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
            made = _ARTISTS.get(type(artist).__name__)
            mark = self._read(made, artist, ax) if made else None
            if mark is None:
                self._not_read(index, artist)
            else:
                yield mark

    def _read(self, read: Callable[[_Reader, Any, Any], Mark | None], artist: Any, among: Any) -> Mark | None:
        """A mark, or None for values that are no numbers even to matplotlib's converters."""
        try:
            return read(self, artist, among)
        except (TypeError, ValueError):
            return None

    def _not_read(self, index: int, artist: Any) -> None:
        label = _label(artist)
        self.unverified.append(f"axes {index}: {type(artist).__name__}" + (f" {label!r}" if label else ""))

    # -- containers ---------------------------------------------------------------------------------------------------------------

    def bars(self, container: Any, drawn: set[int]) -> Mark:
        bars = [bar for bar in container.patches if id(bar) in drawn]
        arrays = {
            "x": [bar.get_x() for bar in bars],
            "y": [bar.get_y() for bar in bars],
            "width": [bar.get_width() for bar in bars],
            "height": [bar.get_height() for bar in bars],
        }
        names = [_label(bar) for bar in bars]
        colour, exact = self._shared([self._colour(bar) for bar in bars])
        label = _label(container)
        if not label and names and not any(names[1:]):
            label = names[0]  # hist() labels its first bar alone
        elif any(names):
            exact["labels"] = names
        return Mark("bars", label, colour, _numbers(arrays), exact)

    def errorbar(self, container: Any, drawn: set[int]) -> Mark:
        line, _, bars = container.lines
        line = line if id(line) in drawn else None
        arrays: dict[str, Any] = {}
        directions = ["x"] * container.has_xerr + ["y"] * container.has_yerr
        shown = [(direction, bar) for direction, bar in zip(directions, bars, strict=True) if id(bar) in drawn]
        for direction, collection in shown:
            along = 0 if direction == "x" else 1
            ends = [np.asarray(segment, float) for segment in collection.get_segments()]
            arrays[f"{direction}low"] = [end[0, along] if len(end) else np.nan for end in ends]
            arrays[f"{direction}high"] = [end[-1, along] if len(end) else np.nan for end in ends]
            if line is None:
                arrays["y" if along == 0 else "x"] = [end[0, 1 - along] if len(end) else np.nan for end in ends]
        if line is not None:
            arrays["x"], arrays["y"] = line.get_xdata(orig=False), line.get_ydata(orig=False)
        colour = self._colour(shown[0][1] if shown else line)
        return Mark("error bars", _label(container), colour, _numbers(arrays), {"points": line is not None})

    def stem(self, container: Any, drawn: set[int]) -> Mark | None:
        line, base = container.markerline, container.baseline
        if not {id(part) for part in _parts(container)} <= drawn:
            return None
        arrays = {"x": line.get_xdata(orig=False), "y": line.get_ydata(orig=False), "y0": base.get_ydata(orig=False)}
        return Mark("stems", _label(container), self._colour(line), _numbers(arrays))

    # -- single artists: None where the artist's data cannot be told ----------------------------------------------------------------

    def line(self, line: Any, ax: Any) -> Mark | None:
        x, y, place = line.get_xdata(orig=False), line.get_ydata(orig=False), _placed_on(line, ax)
        style = line.get_drawstyle()
        exact = {"steps": style.removeprefix("steps-").replace("steps", "pre")} if style != "default" else {}
        if place == "data":
            return Mark("line", _label(line), self._colour(line), _numbers({"x": x, "y": y}), exact)
        if place == "y":
            return Mark("horizontal line", _label(line), self._colour(line), _numbers({"y": y, "share": x}))
        if place == "x":
            return Mark("vertical line", _label(line), self._colour(line), _numbers({"x": x, "share": y}))
        return None

    def scatter(self, points: Any, ax: Any) -> Mark | None:
        if not _is_data(points.get_offset_transform(), ax):
            return None
        offsets: Any = np.ma.filled(np.ma.asarray(points.get_offsets(), float), np.nan).reshape(-1, 2)
        arrays: dict[str, Any] = {"x": offsets[:, 0], "y": offsets[:, 1]}
        sizes = np.asarray(points.get_sizes(), float)
        if len(np.unique(sizes)) > 1:  # one size for all is style
            arrays["size"] = sizes
        if points.get_array() is not None:
            exact: dict[str, Any] = {}
            colour = None
            self._add_values(points, arrays, exact)
        else:
            faces = points.get_facecolors() if len(points.get_facecolors()) else points.get_edgecolors()
            colour, exact = self._shared([self._number(face) for face in faces])
        _add_opacity(points, arrays)
        return Mark("scatter", _label(points), colour, _numbers(arrays), exact)

    def band(self, polygons: Any, ax: Any) -> Mark | None:
        if _placed_on(polygons, ax) != "data" or polygons.get_array() is not None or np.any(np.asarray(polygons.get_offsets())):
            return None
        paths = [np.asarray(path.vertices, float) for path in polygons.get_paths()]
        faces = polygons.get_facecolors() if len(polygons.get_facecolors()) else polygons.get_edgecolors()
        colour, exact = self._shared([self._number(face) for face in faces])
        return Mark("band", _label(polygons), colour, _numbers(_joined(paths)), exact)

    def segments(self, lines: Any, ax: Any) -> Mark | None:
        if _placed_on(lines, ax) != "data":
            return None
        arrays: dict[str, Any] = _joined([np.asarray(segment, float) for segment in lines.get_segments()])
        if lines.get_array() is not None:
            exact: dict[str, Any] = {}
            self._add_values(lines, arrays, exact)
            return Mark("segments", _label(lines), None, _numbers(arrays), exact)
        colour, exact = self._shared([self._number(each) for each in lines.get_colors()])
        return Mark("segments", _label(lines), colour, _numbers(arrays), exact)

    def mesh(self, mesh: Any, ax: Any) -> Mark | None:
        if mesh.get_array() is None:
            return None
        corners = np.asarray(mesh.get_coordinates(), float)
        arrays: dict[str, Any] = {"x": corners[..., 0], "y": corners[..., 1]}
        exact: dict[str, Any] = {}
        self._add_values(mesh, arrays, exact)
        _add_opacity(mesh, arrays)
        cells = (corners.shape[0] - 1, corners.shape[1] - 1)
        # one value a cell, or (gouraud shading) one a corner; older versions keep them flat
        for shape in (cells, corners.shape[:2]):
            if arrays["value"].size == shape[0] * shape[1]:
                arrays["value"] = arrays["value"].reshape(shape)
                return Mark("heat map", _label(mesh), None, _numbers(arrays), exact)
        return None

    def image(self, image: Any, ax: Any) -> Mark | None:
        if image.get_array() is None:
            return None
        left, right, bottom, top = image.get_extent()
        arrays: dict[str, Any] = {"x": [left, right], "y": [bottom, top]}
        exact: dict[str, Any] = {"origin": image.origin}
        if image.get_array().ndim == 3:  # red, green, blue (and opacity): the picture itself is the data
            arrays["value"] = np.asarray(image.get_array(), float)
        else:
            self._add_values(image, arrays, exact)
        _add_opacity(image, arrays)
        return Mark("image", _label(image), None, _numbers(arrays), exact)

    def rectangle(self, box: Any, ax: Any) -> Mark | None:
        (x, y), width, height = box.get_xy(), box.get_width(), box.get_height()
        if _placed_on(box, ax) == "data":
            arrays = {"x": [x], "y": [y], "width": [width], "height": [height]}
            return Mark("rectangle", _label(box), self._colour(box), _numbers(arrays), {"angle": box.angle} if box.angle else {})
        return self._span(box, ax, [x, x + width], [y, y + height])

    def polygon(self, polygon: Any, ax: Any) -> Mark | None:
        corners = np.asarray(polygon.get_xy(), float)
        if _placed_on(polygon, ax) == "data":
            return Mark("polygon", _label(polygon), self._colour(polygon), _numbers({"x": corners[:, 0], "y": corners[:, 1]}))
        # before matplotlib 3.9, axvspan and axhspan draw polygons
        return self._span(polygon, ax, [corners[:, 0].min(), corners[:, 0].max()], [corners[:, 1].min(), corners[:, 1].max()])

    def stairs(self, stairs: Any, ax: Any) -> Mark | None:
        values, edges, baseline = stairs.get_data()
        value, edge = ("y", "x") if stairs.orientation == "vertical" else ("x", "y")
        arrays = {value: values, edge: edges}
        if baseline is not None:
            arrays[f"{value}0"] = np.atleast_1d(baseline)
        return Mark("stairs", _label(stairs), self._colour(stairs), _numbers(arrays))

    def text(self, text: Any, ax: Any) -> Mark:
        arrays = {}
        if _placed_on(text, ax) == "data":
            arrays = {"x": [ax.convert_xunits(text.get_position()[0])], "y": [ax.convert_yunits(text.get_position()[1])]}
        return Mark("text", "", None, _numbers(arrays), {"text": text.get_text()})

    def annotation(self, text: Any, ax: Any) -> Mark:
        arrays = {}
        if text.xycoords == "data" or text.xycoords is ax.transData:
            arrays = {"x": [ax.convert_xunits(text.xy[0])], "y": [ax.convert_yunits(text.xy[1])]}
            if text.arrow_patch is not None and text.anncoords == "data":  # from where the arrow comes
                arrays |= {"x0": [ax.convert_xunits(text.xyann[0])], "y0": [ax.convert_yunits(text.xyann[1])]}
        return Mark("annotation", "", None, _numbers(arrays), {"text": text.get_text(), "arrow": text.arrow_patch is not None})

    # -- shared -----------------------------------------------------------------------------------------------------------------------

    def _span(self, artist: Any, ax: Any, x: list[float], y: list[float]) -> Mark | None:
        place = _placed_on(artist, ax)
        if place == "x":
            return Mark("vertical span", _label(artist), self._colour(artist), _numbers({"x": x, "share": y}))
        if place == "y":
            return Mark("horizontal span", _label(artist), self._colour(artist), _numbers({"y": y, "share": x}))
        return None

    def _shared(self, groups: list[int | None]) -> tuple[int | None, dict[str, Any]]:
        """The one colour of all parts of a mark; or each part's, where they are several."""
        if len(set(groups)) > 1:
            return None, {"colours": groups}
        return (groups[0] if groups else None), {}

    def _add_values(self, artist: Any, arrays: dict[str, Any], exact: dict[str, Any]) -> None:
        """Values shown by a colour map, with the limits and the kind of its norm; the colour map itself is style."""
        arrays["value"] = np.ma.filled(np.ma.asarray(artist.get_array()).astype(float), np.nan)
        arrays["norm"] = [np.nan if end is None else float(end) for end in (artist.norm.vmin, artist.norm.vmax)]
        exact["norm"] = type(artist.norm).__name__
        if exact["norm"] not in ("Normalize", "LogNorm", "NoNorm") and np.all(np.isfinite(arrays["norm"])):
            # a norm with parameters of its own: what it makes of values between its limits
            low, high = arrays["norm"]
            shown: Any = np.ma.filled(np.ma.asarray(artist.norm(np.linspace(low, high, SAMPLES)), dtype=float), np.nan)
            exact["norm samples"] = [round(float(value), 9) for value in shown]

    def _colour(self, artist: Any) -> int | None:
        """The number of an artist's main colour; opacity aside, so that a band shares its line's."""
        if hasattr(artist, "get_markerfacecolor"):
            candidates = [artist.get_color()] if artist.get_linestyle() not in _NOTHING else []
            candidates += [artist.get_markerfacecolor(), artist.get_markeredgecolor(), artist.get_color()]
        else:
            candidates = [
                colour
                for getter in ("get_facecolor", "get_edgecolor", "get_color")
                if hasattr(artist, getter)
                for colour in _first(getattr(artist, getter)())
            ]
        for colour in candidates:
            if isinstance(colour, str) and colour in ("none", "auto"):
                continue
            if to_rgba(colour)[3] > 0:
                rgb = _rgb(colour)
                dash = (str(artist.get_linestyle()), str(artist.get_marker())) if hasattr(artist, "get_marker") else ()
                return self._numbered((*rgb, *dash) if rgb in self._dashed else rgb)
        return None

    def _number(self, colour: Any) -> int:
        return self._numbered(_rgb(colour))

    def _numbered(self, key: tuple[Any, ...]) -> int:
        return self._colours.setdefault(key, len(self._colours))


SAMPLES = 9
"""Places at which a norm or a scale given by functions is sampled."""

_NUMBERS = (0.0, 1.0, 2.5)
"""Numbers whose texts tell how an axis writes its numbers."""

_PLAIN_FORMATTERS = {"ScalarFormatter", "NullFormatter", "AutoDateFormatter", "ConciseDateFormatter", "StrCategoryFormatter"}

_NO_AXIS = AxisData("", "linear", None, False, None)
_NOTHING = ("None", "none", "", " ", None)

_CONTAINERS: dict[str, Callable[[_Reader, Any, set[int]], Mark | None]] = {
    "BarContainer": _Reader.bars,
    "ErrorbarContainer": _Reader.errorbar,
    "StemContainer": _Reader.stem,
}

# exact class names: a subclass (Quiver, EventCollection, ...) may mean something else by the same attributes
_ARTISTS: dict[str, Callable[[_Reader, Any, Any], Mark | None]] = {
    "Line2D": _Reader.line,
    "PathCollection": _Reader.scatter,
    "PolyCollection": _Reader.band,
    "FillBetweenPolyCollection": _Reader.band,
    "LineCollection": _Reader.segments,
    "QuadMesh": _Reader.mesh,
    "AxesImage": _Reader.image,
    "Rectangle": _Reader.rectangle,
    "Polygon": _Reader.polygon,
    "StepPatch": _Reader.stairs,
    "Text": _Reader.text,
    "Annotation": _Reader.annotation,
}


def _role(ax: Any, index: int, everything: list[Any]) -> str:
    colorbar = getattr(ax, "_colorbar", None)
    if colorbar is not None:
        owner = getattr(colorbar.mappable, "axes", None)
        return f"colour bar of axes {everything.index(owner)}" if owner in everything else "colour bar"
    for i, other in enumerate(everything[:index]):
        if ax in other.child_axes:
            return f"inset in axes {i}"
        shared = ax.get_shared_x_axes().joined(ax, other) or ax.get_shared_y_axes().joined(ax, other)
        if shared and np.allclose(ax.get_position().bounds, other.get_position().bounds):
            return f"twin of axes {i}"
    return "plain"


def _axis(ax: Any, which: str) -> AxisData:
    axis = getattr(ax, f"{which}axis")
    low, high = (float(end) for end in getattr(ax, f"get_{which}lim")())
    automatic = getattr(ax, f"get_autoscale{which}_on")()
    shown = ax.axison and axis.get_visible()
    ticks = _fixed_ticks(axis) if shown else None
    return AxisData(
        label=axis.get_label_text() if shown else "",
        scale=axis.get_scale(),
        limits=None if automatic else (low, high),
        inverted=bool(high < low),
        ticks=ticks,
        parameters=_scale_parameters(axis),
        numbers=_number_texts(axis) if shown and ticks is None else None,
    )


def _scale_parameters(axis: Any) -> dict[str, Any]:
    transform = axis.get_transform()
    if axis.get_scale() == "symlog":
        return {"linthresh": float(transform.linthresh), "linscale": float(transform.linscale), "base": float(transform.base)}
    if axis.get_scale() in ("linear", "log", "logit"):
        return {}
    with np.errstate(all="ignore"):
        return {"samples": [round(float(v), 9) for v in transform.transform(np.geomspace(0.01, 100, SAMPLES))]}


def _number_texts(axis: Any) -> tuple[str, ...] | None:
    """How an axis writes numbers, where its author chose a formatter."""
    formatter = axis.get_major_formatter()
    name = type(formatter).__name__
    if name in _PLAIN_FORMATTERS or name.startswith("Log"):
        return None
    if name == "PercentFormatter":  # its digits depend on the view, what one hundred per cent is does not
        return (f"{formatter.xmax:g} is 100{formatter.symbol}",)
    try:
        return tuple(str(formatter(value, 0)) for value in _NUMBERS)
    except Exception as error:  # an author's own function, which may fail in any way away from its ticks
        return (f"{name}: {type(error).__name__}",)


def _fixed_ticks(axis: Any) -> tuple[tuple[float, str], ...] | None:
    """Positions and texts of ticks that the author named, categories among them; None where ticks only show numbers."""
    formatter, locator = axis.get_major_formatter(), axis.get_major_locator()
    if type(formatter).__name__ == "StrCategoryFormatter":
        found = axis.get_units()._mapping.items()
        return tuple(sorted((float(at), str(name)) for name, at in found))
    if isinstance(locator, FixedLocator) and isinstance(formatter, FixedFormatter | FuncFormatter):
        places = [float(at) for at in locator()]
        return tuple(zip(places, [str(text) for text in formatter.format_ticks(places)], strict=True))
    return None


def _is_drawn(artist: Any) -> bool:
    """Whether there is anything to see of an artist."""
    alpha = artist.get_alpha()
    if not artist.get_visible() or (alpha is not None and np.all(np.asarray(alpha) == 0)):
        return False
    name = type(artist).__name__
    if name == "Line2D":
        stroked = artist.get_linestyle() not in _NOTHING and artist.get_linewidth() > 0 and to_rgba(artist.get_color())[3] > 0
        return bool(stroked or artist.get_marker() not in _NOTHING) and len(artist.get_xdata()) > 0
    if name == "Text":
        return bool(artist.get_text())
    if name == "Annotation":
        return bool(artist.get_text()) or artist.arrow_patch is not None
    if name == "PathCollection" and not np.any(artist.get_sizes()):
        return False
    if hasattr(artist, "get_array") and artist.get_array() is not None:
        return True
    if hasattr(artist, "get_facecolor") and hasattr(artist, "get_edgecolor"):
        colours = [*_first_rows(artist.get_facecolor()), *(_first_rows(artist.get_edgecolor()) if np.any(artist.get_linewidth()) else [])]
        return not colours or any(colour[3] > 0 for colour in colours)
    return True


def _first_rows(colours: Any) -> list[Any]:
    """RGBA rows of one colour or of many."""
    if isinstance(colours, str):
        return [to_rgba(colours)]
    return list(np.asarray(colours, dtype=float).reshape(-1, 4)) if np.size(colours) else []


def _parts(container: Any) -> Iterator[Any]:
    """The artists that make up a container, flat."""
    for part in container.lines if type(container).__name__ == "ErrorbarContainer" else container:
        if part is None:
            continue
        yield from part if isinstance(part, tuple | list) else (part,)


def _placed_on(artist: Any, ax: Any) -> str:
    """What an artist's coordinates mean: "data" along both axes, "x" or "y" along that one (a share of the axes along the other), or "".

    By structure as well as by value: a transform to shares of the axes equals that to data wherever the limits are 0 and 1.
    """
    transform = artist.get_data_transform() if hasattr(artist, "get_data_transform") else artist.get_transform()
    if _is_data(transform, ax):
        return "data"
    along = transform.contains_branch_seperately(ax.transData)
    if along == (True, False) and transform == ax.get_xaxis_transform(which="grid"):
        return "x"
    if along == (False, True) and transform == ax.get_yaxis_transform(which="grid"):
        return "y"
    return ""


def _is_data(transform: Any, ax: Any) -> bool:
    return bool(transform == ax.transData) and transform.contains_branch_seperately(ax.transData) == (True, True)


def _add_opacity(artist: Any, arrays: dict[str, Any]) -> None:
    """Opacity where it differs from point to point; one for all is style."""
    if np.ndim(artist.get_alpha()) > 0:
        arrays["opacity"] = artist.get_alpha()


def _rgb(colour: Any) -> tuple[float, ...]:
    return tuple(round(part, 4) for part in to_rgba(colour)[:3])


def _colours_told_apart_by_dash(everything: list[Any]) -> set[tuple[float, ...]]:
    """Colours that several lines share which differ in dash or marker: there the legend speaks by these."""
    looks: dict[tuple[float, ...], set[tuple[str, str]]] = {}
    for ax in everything:
        for line in ax.lines:
            if _is_drawn(line) and _is_data(line.get_transform(), ax):
                looks.setdefault(_rgb(line.get_color()), set()).add((str(line.get_linestyle()), str(line.get_marker())))
    return {rgb for rgb, found in looks.items() if len(found) > 1}


def _first(colours: Any) -> Iterable[Any]:
    """The first of several colours, or the one."""
    if isinstance(colours, str):
        return [colours]
    found = np.atleast_2d(np.asarray(colours, dtype=object))
    return [tuple(float(part) for part in found[0])] if found.size else []


def _joined(paths: list[Any]) -> dict[str, Any]:
    """Several paths as one pair of arrays, with a gap (NaN) between two paths."""
    gap = np.full((1, 2), np.nan)
    parts = [part for path in paths for part in (path, gap)][:-1]
    points = np.concatenate(parts) if parts else np.empty((0, 2))
    return {"x": points[:, 0], "y": points[:, 1]}


def _numbers(arrays: dict[str, Any]) -> dict[str, Any]:
    """Arrays as nested lists of floats, masked values as NaN."""
    return {name: np.ma.filled(np.ma.asarray(values, dtype=float), np.nan).tolist() for name, values in arrays.items()}


def _label(artist: Any) -> str:
    label = str(artist.get_label() or "")
    return "" if label.startswith("_") else label
