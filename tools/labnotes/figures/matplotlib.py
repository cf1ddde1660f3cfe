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
    reader = _Reader()
    everything = list(_all_axes(fig))
    axes = tuple(reader.axes(ax, i, everything) for i, ax in enumerate(everything))
    texts: list[str] = []
    for owner in (fig, *fig.subfigs):
        texts += [text.get_text() for text in owner.texts if text.get_visible() and text.get_text()]
        for artist in (*owner.lines, *owner.patches, *owner.images, *owner.artists):
            if artist.get_visible():
                reader.unverified.append(f"figure: {type(artist).__name__} outside the axes")
        for legend in owner.legends:
            axes = _with_legend(axes, reader.legend(legend))
    return FigureData(axes, tuple(texts), tuple(reader.unverified))


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

    def __init__(self) -> None:
        self.unverified: list[str] = []
        self._colours: dict[tuple[float, ...], int] = {}

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
        pairs = zip(legend.get_texts(), legend.legend_handles, strict=True)
        return tuple(LegendEntry(text.get_text(), self._colour(handle)) for text, handle in pairs)

    def _marks(self, ax: Any, index: int) -> Iterator[Mark]:
        seen: set[int] = set()
        for container in ax.containers:
            whole = _CONTAINERS.get(type(container).__name__)
            if whole is None:
                continue
            parts = list(_parts(container))
            seen.update(id(part) for part in parts)
            if any(part.get_visible() for part in parts) and all(_on_data(part, ax) for part in parts):
                yield whole(self, container)
            elif any(part.get_visible() for part in parts):
                self.unverified.append(f"axes {index}: {type(container).__name__} not in data coordinates")
        frame = {id(part) for part in (*ax.spines.values(), ax.xaxis, ax.yaxis, ax.patch, ax.get_legend())}
        texts = {id(text) for text in ax.texts}
        insets = {id(child) for child in ax.child_axes if not _is_secondary(child)}
        for artist in ax.get_children():
            name = type(artist).__name__
            title = name == "Text" and id(artist) not in texts
            if id(artist) in seen | frame | insets or title or not _is_drawn(artist):
                continue
            made = _ARTISTS.get(name)
            mark = made(self, artist, ax) if made else None
            if mark is None:
                label = _label(artist)
                self.unverified.append(f"axes {index}: {name}" + (f" {label!r}" if label else ""))
            else:
                yield mark

    # -- containers ---------------------------------------------------------------------------------------------------------------

    def bars(self, container: Any) -> Mark:
        bars = [bar for bar in container.patches if bar.get_visible()]
        arrays = {
            "x": [bar.get_x() for bar in bars],
            "y": [bar.get_y() for bar in bars],
            "width": [bar.get_width() for bar in bars],
            "height": [bar.get_height() for bar in bars],
        }
        groups = [self._colour(bar) for bar in bars]
        names = [_label(bar) for bar in bars]
        exact: dict[str, Any] = {"colours": groups} if len(set(groups)) > 1 else {}
        label = _label(container)
        if not label and names and not any(names[1:]):
            label = names[0]  # hist() labels its first bar alone
        elif any(names):
            exact["labels"] = names
        return Mark("bars", label, groups[0] if len(set(groups)) == 1 else None, _numbers(arrays), exact)

    def errorbar(self, container: Any) -> Mark:
        line, _, bars = container.lines
        arrays: dict[str, Any] = {}
        directions = ["x"] * container.has_xerr + ["y"] * container.has_yerr
        for direction, collection in zip(directions, bars, strict=True):
            along = 0 if direction == "x" else 1
            ends = [np.asarray(segment, float) for segment in collection.get_segments()]
            arrays[f"{direction}low"] = [end[0, along] if len(end) else np.nan for end in ends]
            arrays[f"{direction}high"] = [end[-1, along] if len(end) else np.nan for end in ends]
            if line is None:
                arrays["y" if along == 0 else "x"] = [end[0, 1 - along] if len(end) else np.nan for end in ends]
        if line is not None:
            arrays["x"], arrays["y"] = line.get_xdata(orig=False), line.get_ydata(orig=False)
        return Mark("error bars", _label(container), self._colour(bars[0] if bars else line), _numbers(arrays))

    def stem(self, container: Any) -> Mark:
        line, base = container.markerline, container.baseline
        arrays = {"x": line.get_xdata(orig=False), "y": line.get_ydata(orig=False), "y0": base.get_ydata(orig=False)}
        return Mark("stems", _label(container), self._colour(line), _numbers(arrays))

    # -- single artists: None where the artist's data cannot be told ----------------------------------------------------------------

    def line(self, line: Any, ax: Any) -> Mark | None:
        x, y, transform = line.get_xdata(orig=False), line.get_ydata(orig=False), line.get_transform()
        style = line.get_drawstyle()
        exact = {"steps": style.removeprefix("steps-").replace("steps", "pre")} if style != "default" else {}
        if transform == ax.transData:
            return Mark("line", _label(line), self._colour(line), _numbers({"x": x, "y": y}), exact)
        if transform == ax.get_yaxis_transform(which="grid"):
            return Mark("horizontal line", _label(line), self._colour(line), _numbers({"y": y, "share": x}))
        if transform == ax.get_xaxis_transform(which="grid"):
            return Mark("vertical line", _label(line), self._colour(line), _numbers({"x": x, "share": y}))
        return None

    def scatter(self, points: Any, ax: Any) -> Mark | None:
        if points.get_offset_transform() != ax.transData:
            return None
        offsets: Any = np.ma.filled(np.ma.asarray(points.get_offsets(), float), np.nan).reshape(-1, 2)
        arrays: dict[str, Any] = {"x": offsets[:, 0], "y": offsets[:, 1]}
        sizes = np.asarray(points.get_sizes(), float)
        if len(np.unique(sizes)) > 1:  # one size for all is style
            arrays["size"] = sizes
        exact: dict[str, Any] = {}
        colour = None
        if points.get_array() is not None:
            self._add_values(points, arrays, exact)
        else:
            faces = points.get_facecolors() if len(points.get_facecolors()) else points.get_edgecolors()
            groups = [self._number(face) for face in faces]
            if len(set(groups)) == 1:
                colour = groups[0]
            elif groups:
                exact["colours"] = groups
        return Mark("scatter", _label(points), colour, _numbers(arrays), exact)

    def band(self, polygons: Any, ax: Any) -> Mark | None:
        if polygons.get_transform() != ax.transData or polygons.get_array() is not None or np.any(np.asarray(polygons.get_offsets())):
            return None
        paths = [np.asarray(path.vertices, float) for path in polygons.get_paths()]
        return Mark("band", _label(polygons), self._colour(polygons), _numbers(_joined(paths)))

    def segments(self, lines: Any, ax: Any) -> Mark | None:
        if lines.get_transform() != ax.transData:
            return None
        arrays: dict[str, Any] = _joined([np.asarray(segment, float) for segment in lines.get_segments()])
        exact: dict[str, Any] = {}
        if lines.get_array() is not None:
            self._add_values(lines, arrays, exact)
        return Mark("segments", _label(lines), None if "value" in arrays else self._colour(lines), _numbers(arrays), exact)

    def mesh(self, mesh: Any, ax: Any) -> Mark | None:
        if mesh.get_array() is None:
            return None
        corners = np.asarray(mesh.get_coordinates(), float)
        arrays: dict[str, Any] = {"x": corners[..., 0], "y": corners[..., 1]}
        exact: dict[str, Any] = {}
        self._add_values(mesh, arrays, exact)
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
        return Mark("image", _label(image), None, _numbers(arrays), exact)

    def rectangle(self, box: Any, ax: Any) -> Mark | None:
        (x, y), width, height = box.get_xy(), box.get_width(), box.get_height()
        if box.get_data_transform() == ax.transData:
            arrays = {"x": [x], "y": [y], "width": [width], "height": [height]}
            return Mark("rectangle", _label(box), self._colour(box), _numbers(arrays), {"angle": box.angle} if box.angle else {})
        return self._span(box, ax, [x, x + width], [y, y + height])

    def polygon(self, polygon: Any, ax: Any) -> Mark | None:
        corners = np.asarray(polygon.get_xy(), float)
        if polygon.get_data_transform() == ax.transData:
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
        if text.get_transform() == ax.transData:
            x, y = (ax.convert_xunits(text.get_position()[0]), ax.convert_yunits(text.get_position()[1]))
            arrays = {"x": [x], "y": [y]}
        return Mark("text", "", None, _numbers(arrays), {"text": text.get_text()})

    def annotation(self, text: Any, ax: Any) -> Mark:
        arrays = {}
        if text.xycoords == "data" or text.xycoords == ax.transData:
            arrays = {"x": [ax.convert_xunits(text.xy[0])], "y": [ax.convert_yunits(text.xy[1])]}
        return Mark("annotation", "", None, _numbers(arrays), {"text": text.get_text()})

    # -- shared -----------------------------------------------------------------------------------------------------------------------

    def _span(self, artist: Any, ax: Any, x: list[float], y: list[float]) -> Mark | None:
        transform = artist.get_data_transform()
        if transform == ax.get_xaxis_transform(which="grid"):
            return Mark("vertical span", _label(artist), self._colour(artist), _numbers({"x": x, "share": y}))
        if transform == ax.get_yaxis_transform(which="grid"):
            return Mark("horizontal span", _label(artist), self._colour(artist), _numbers({"y": y, "share": x}))
        return None

    def _add_values(self, artist: Any, arrays: dict[str, Any], exact: dict[str, Any]) -> None:
        """Values shown by a colour map, with the limits and the kind of its norm; the colour map itself is style."""
        arrays["value"] = np.ma.filled(np.ma.asarray(artist.get_array()).astype(float), np.nan)
        arrays["norm"] = [np.nan if end is None else float(end) for end in (artist.norm.vmin, artist.norm.vmax)]
        exact["norm"] = type(artist.norm).__name__

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
                return self._number(colour)
        return None

    def _number(self, colour: Any) -> int:
        rgb = tuple(round(part, 4) for part in to_rgba(colour)[:3])
        return self._colours.setdefault(rgb, len(self._colours))


_NO_AXIS = AxisData("", "linear", None, False, None)
_NOTHING = ("None", "none", "", " ", None)

_CONTAINERS: dict[str, Callable[[_Reader, Any], Mark]] = {
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
    return AxisData(
        label=axis.get_label_text() if shown else "",
        scale=axis.get_scale(),
        limits=None if automatic else (low, high),
        inverted=bool(high < low),
        ticks=_fixed_ticks(axis) if shown else None,
    )


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
    if not artist.get_visible() or artist.get_alpha() == 0:
        return False
    if type(artist).__name__ == "Line2D":
        stroked = artist.get_linestyle() not in _NOTHING and artist.get_linewidth() > 0
        return bool(stroked or artist.get_marker() not in _NOTHING) and len(artist.get_xdata()) > 0
    if type(artist).__name__ in ("Text", "Annotation"):
        return bool(artist.get_text())
    return True


def _parts(container: Any) -> Iterator[Any]:
    """The artists that make up a container, flat."""
    for part in container.lines if type(container).__name__ == "ErrorbarContainer" else container:
        if part is None:
            continue
        yield from part if isinstance(part, tuple | list) else (part,)


def _on_data(part: Any, ax: Any) -> bool:
    transform = part.get_data_transform() if hasattr(part, "get_data_transform") else part.get_transform()
    return bool(transform == ax.transData)


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
