"""Marks of Plotly's traces: one function for each type. What a browser makes of values (bins, boxes, contours) is recorded as the values.

Each takes a trace and its axes, and returns marks. Attributes that are neither data nor style are named by `unread_attributes`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from labnotes.author.figures.plotly.values import AxisPlaces, numbers_in, values_of
from labnotes.author.figures.readers import ForeignJson
from labnotes.model.plots import ArrayValues, Mark, PlainValue

POLAR = "polar "
"""How the kinds of marks around a middle begin."""

LINES_BELOW = 20
"""Points below which a scatter without a mode shows markers besides its line."""


@dataclass
class TraceReading:
    """A trace that is being read: its axes, the numbers of colours of the figure, and settings of the layout that say how traces are laid out."""

    trace: ForeignJson
    x: AxisPlaces
    y: AxisPlaces
    colours: dict[Any, int]
    index: int
    modes: Mapping[str, PlainValue] = field(default_factory=dict)

    @property
    def label(self) -> str:
        return str(self.trace.get("name") or "")

    def values(self, name: str) -> list[Any]:
        return values_of(attribute(self.trace, name))

    def numbers(self, name: str) -> list[float]:
        """Numbers of an attribute, NaN for gaps and for what is no number."""
        return numbers_in(attribute(self.trace, name)) or []

    def along(self, axis: str) -> list[float]:
        """The places of the trace along an axis: its values, or a start and steps."""
        places = self.x if axis == "x" else self.y
        given = self.values(axis)
        if given:
            return places.places(given)
        other = len(self.values("y" if axis == "x" else "x"))
        start, step = self.trace.get(f"{axis}0", 0), self.trace.get(f"d{axis}", 1)
        return [places.place(start) + i * float(step) for i in range(other)]

    @property
    def colour(self) -> int | None:
        """The number of the one colour of a trace, which is its own by default."""
        for name in ("marker.color", "line.color", "fillcolor"):
            given = attribute(self.trace, name)
            if isinstance(given, str):
                return self.colours.setdefault(given.lower().replace(" ", ""), len(self.colours))
            if given is not None:
                return None
        return self.colours.setdefault(("default", self.index), len(self.colours))

    def with_marker_values(self, arrays: dict[str, ArrayValues], exact: dict[str, PlainValue]) -> None:
        """Add colours, sizes, opacities and shapes that differ from point to point."""
        marker = self.trace.get("marker") or {}
        colours = marker.get("color")
        if colours is not None and not isinstance(colours, str):
            numbers = numbers_in(colours)
            if numbers is not None:
                arrays["value"] = numbers
                arrays["norm"] = _norm(numbers, marker.get("cmin"), marker.get("cmax"))
            else:
                exact["colours"] = [self.colours.setdefault(str(colour).lower(), len(self.colours)) for colour in values_of(colours)]
        for name, array in (("size", "size"), ("opacity", "opacity")):
            given = marker.get(name)
            if given is not None and not isinstance(given, int | float):
                arrays[array] = numbers_in(given) or []
        if marker.get("symbol") is not None and not isinstance(marker["symbol"], str | int):
            seen: dict[str, int] = {}
            exact["markers"] = [seen.setdefault(str(symbol), len(seen)) for symbol in values_of(marker["symbol"])]


def attribute(trace: ForeignJson, name: str) -> Any:
    """An attribute by its path; None if it is not there."""
    value: Any = trace
    for part in name.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def _norm(numbers: Sequence[float], low: Any, high: Any) -> list[float]:
    finite = [number for number in numbers if np.isfinite(number)]
    ends = (min(finite, default=0.0), max(finite, default=1.0))
    return [float(end if given is None else given) for given, end in zip((low, high), ends, strict=True)]


def _settings(reading: TraceReading, names: Sequence[str]) -> dict[str, PlainValue]:
    """Attributes that say what is made of the values, as exact fields; without those that are not given."""
    return {name: _plain(value) for name in names if (value := attribute(reading.trace, name)) is not None}


def _plain(value: Any) -> PlainValue:
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in value.items() if key != "color"}
    if isinstance(value, str | bool | int | float):
        return value
    return [_plain(part) for part in values_of(value)]


# -- traces along two axes ---------------------------------------------------------------------------------------------------------------


def read_scatter(reading: TraceReading) -> Iterator[Mark]:
    x, y = reading.along("x"), reading.along("y")
    yield from _lines_and_points(reading, {"x": x, "y": y})


def _lines_and_points(reading: TraceReading, places: dict[str, ArrayValues]) -> Iterator[Mark]:
    count = len(next(iter(places.values()), []))
    mode = str(reading.trace.get("mode") or ("lines+markers" if count < LINES_BELOW and not reading.trace.get("stackgroup") else "lines"))
    exact = _settings(reading, ("line.shape", "fill", "stackgroup", "groupnorm", "connectgaps"))
    exact.pop("line.shape", None) if exact.get("line.shape") == "linear" else None
    arrays: dict[str, ArrayValues] = dict(places)
    bars = _error_arrays(reading, places)
    reading.with_marker_values(arrays, exact)
    if "text" in mode.split("+"):
        exact["text"] = [str(text) for text in reading.values("text")]
    colour = None if "value" in arrays or "colours" in exact else reading.colour
    if bars:
        yield Mark("error bars", reading.label, colour, {**arrays, **bars}, {**exact, "points": True})
    elif "lines" in mode.split("+"):
        yield Mark("line", reading.label, colour, arrays, {**exact, **({"markers": "shown"} if "markers" in mode else {})})
    else:
        yield Mark("scatter" if "markers" in mode or "text" not in mode else "text", reading.label, colour, arrays, exact)


def _error_arrays(reading: TraceReading, places: Mapping[str, ArrayValues]) -> dict[str, ArrayValues]:
    """The ends of error bars along each axis that has them."""
    made: dict[str, ArrayValues] = {}
    for axis in ("x", "y"):
        bars = reading.trace.get(f"error_{axis}")
        if not isinstance(bars, Mapping) or bars.get("visible") is False or axis not in places:
            continue
        middle = np.asarray(places[axis], float)
        kind = bars.get("type") or ("data" if bars.get("array") is not None else "percent")
        if kind == "data":
            up = np.asarray(numbers_in(bars.get("array")) or [np.nan], float)
            down = (
                up
                if bars.get("arrayminus") is None or bars.get("symmetric")
                else np.asarray(numbers_in(bars["arrayminus"]) or [np.nan], float)
            )
        elif kind == "percent":
            up = down = np.abs(middle) * float(bars.get("value", 10)) / 100
        elif kind == "sqrt":
            up = down = np.sqrt(np.abs(middle))
        else:
            up = down = np.full(len(middle), float(bars.get("value", 10)))
        count = min(len(middle), len(up), len(down))
        made[f"{axis}low"], made[f"{axis}high"] = (middle[:count] - down[:count]).tolist(), (middle[:count] + up[:count]).tolist()
    return made


def read_bars(reading: TraceReading) -> Iterator[Mark]:
    across = reading.trace.get("orientation") == "h"
    places, lengths = (reading.along("y"), reading.along("x")) if across else (reading.along("x"), reading.along("y"))
    base = reading.numbers("base") or [0.0]
    widths = reading.numbers("width") or [0.8]
    width = (widths * len(places))[: len(places)] if len(widths) == 1 else widths
    foot = (base * len(places))[: len(places)] if len(base) == 1 else base
    start = [place - wide / 2 for place, wide in zip(places, width, strict=False)]
    names = ("y", "x", "height", "width") if across else ("x", "y", "width", "height")
    arrays: dict[str, ArrayValues] = dict(zip(names, (start, foot, list(width), lengths), strict=True))
    exact = _settings(reading, ("measure", "offsetgroup", "offset", "marker.pattern.shape", "orientation")) | dict(reading.modes)
    if exact.get("orientation") == "v":
        del exact["orientation"]
    text = reading.values("text")
    if text:
        exact["text"] = [str(word) for word in text]
    reading.with_marker_values(arrays, exact)
    bars = _error_arrays(reading, {"x" if across else "y": lengths})
    arrays |= {name: values for name, values in bars.items()}
    yield Mark("bars", reading.label, None if "value" in arrays or "colours" in exact else reading.colour, arrays, exact)


def read_raw_values(kind: str, settings: Sequence[str]) -> Callable[[TraceReading], Iterator[Mark]]:
    """A reader of values of which a browser makes bars, boxes or violins: the values, and the settings by which it does."""

    def read(reading: TraceReading) -> Iterator[Mark]:
        arrays: dict[str, ArrayValues] = {axis: reading.along(axis) for axis in ("x", "y") if reading.values(axis)}
        if len(arrays) == 1:  # their order says nothing
            arrays = {axis: np.sort(np.asarray(values, float)).tolist() for axis, values in arrays.items()}
        exact = _settings(reading, settings) | dict(reading.modes)
        yield Mark(kind, reading.label, reading.colour, arrays, exact)

    return read


def read_field(kind: str, settings: Sequence[str] = ()) -> Callable[[TraceReading], Iterator[Mark]]:
    """A reader of a field of values over two axes."""

    def read(reading: TraceReading) -> Iterator[Mark]:
        z = values_of(reading.trace.get("z"))
        rows = [numbers_in(row) or [] for row in z]
        width = max(map(len, rows), default=0)
        value = [row + [float("nan")] * (width - len(row)) for row in rows]
        if reading.trace.get("transpose"):
            value = np.transpose(value).tolist()
        x = reading.x.places(reading.values("x")) or list(map(float, range(len(value[0]) if value else 0)))
        y = reading.y.places(reading.values("y")) or list(map(float, range(len(value))))
        flat = [number for row in value for number in row]
        arrays: dict[str, ArrayValues] = {
            "x": x,
            "y": y,
            "value": value,
            "norm": _norm(flat, reading.trace.get("zmin"), reading.trace.get("zmax")),
        }
        exact = _settings(reading, settings)
        text = reading.values("text") if reading.trace.get("texttemplate") else []
        if text or reading.trace.get("texttemplate"):
            exact["text"] = [str(reading.trace.get("texttemplate")), _plain(text)]
        yield Mark(kind, reading.label, None, arrays, exact)

    return read


def read_picture(reading: TraceReading) -> Iterator[Mark]:
    """Read pixels in red, green and blue, or the address of a picture, which says what it shows by itself alone."""
    z = values_of(reading.trace.get("z"))
    if not z:
        source = str(reading.trace.get("source") or "")
        yield Mark(
            "picture", reading.label, None, {}, {"source": source if len(source) < 200 else f"{len(source)} characters: {hash_of(source)}"}
        )
        return
    yield Mark(
        "image", reading.label, None, {"value": np.asarray(z, float).tolist()}, _settings(reading, ("colormodel", "x0", "y0", "dx", "dy"))
    )


def hash_of(text: str) -> str:
    import hashlib

    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_prices(reading: TraceReading) -> Iterator[Mark]:
    arrays: dict[str, ArrayValues] = {"x": reading.along("x")}
    arrays |= {name: reading.numbers(of) for name, of in (("y0", "open"), ("yhigh", "high"), ("ylow", "low"), ("y", "close"))}
    yield Mark("prices", reading.label, None, arrays)


# -- traces with coordinates of their own ------------------------------------------------------------------------------------------------


def read_pie(reading: TraceReading) -> Iterator[Mark]:
    exact: dict[str, PlainValue] = {"labels": [str(label) for label in reading.values("labels")], **_settings(reading, ("hole",))}
    exact.pop("hole", None)  # how large the hole of a ring is, is style
    yield Mark("pie", reading.label, None, {"value": reading.numbers("values")}, exact)


def read_tree(reading: TraceReading) -> Iterator[Mark]:
    names = {name: [str(value) for value in reading.values(name)] for name in ("labels", "parents", "ids") if reading.values(name)}
    yield Mark("tree", reading.label, None, {"value": reading.numbers("values")}, {**names, **_settings(reading, ("branchvalues",))})


def read_flows(reading: TraceReading) -> Iterator[Mark]:
    exact: dict[str, PlainValue] = {"labels": [str(label) for label in values_of(attribute(reading.trace, "node.label"))]}
    exact |= {name: [float(end) for end in numbers_in(attribute(reading.trace, f"link.{name}")) or []] for name in ("source", "target")}
    yield Mark("flows", reading.label, None, {"value": numbers_in(attribute(reading.trace, "link.value")) or []}, exact)


def read_indicator(reading: TraceReading) -> Iterator[Mark]:
    numbers = [reading.trace.get("value"), attribute(reading.trace, "delta.reference")]
    arrays: dict[str, ArrayValues] = {"value": [float(number) for number in numbers if isinstance(number, int | float)]}
    yield Mark("indicator", reading.label, None, arrays, {"title": str(attribute(reading.trace, "title.text") or "")})


def read_table(reading: TraceReading) -> Iterator[Mark]:
    head = [str(cell) for cell in values_of(attribute(reading.trace, "header.values"))]
    columns = [values_of(column) for column in values_of(attribute(reading.trace, "cells.values"))]
    cells = {f"column {i + 1}": [str(cell) for cell in column] for i, column in enumerate(columns)}
    yield Mark("table", reading.label, None, {}, {"header": head, **cells})


def read_points_in_space(reading: TraceReading) -> Iterator[Mark]:
    yield from _lines_and_points(reading, {axis: reading.numbers(axis) for axis in ("x", "y", "z")})


def read_surface(reading: TraceReading) -> Iterator[Mark]:
    rows = [numbers_in(row) or [] for row in values_of(reading.trace.get("z"))]
    arrays: dict[str, ArrayValues] = {"z": rows}
    arrays |= {axis: np.ravel(np.asarray(reading.values(axis), float)).tolist() for axis in ("x", "y") if reading.values(axis)}
    if reading.trace.get("surfacecolor") is not None:
        arrays["value"] = [numbers_in(row) or [] for row in values_of(reading.trace["surfacecolor"])]
    yield Mark("surface of values", reading.label, None, arrays)


def read_mesh(reading: TraceReading) -> Iterator[Mark]:
    arrays: dict[str, ArrayValues] = {axis: reading.numbers(axis) for axis in ("x", "y", "z")}
    corners = [reading.numbers(name) for name in ("i", "j", "k")]
    if all(corners):
        arrays["corner"] = np.transpose(corners).tolist()
    if reading.numbers("intensity"):
        arrays["value"] = reading.numbers("intensity")
    yield Mark("surface of values", reading.label, reading.colour, arrays)


def read_polar(reading: TraceReading) -> Iterator[Mark]:
    angles = reading.values("theta")
    numbers = numbers_in(angles)
    places: dict[str, ArrayValues] = {"y": reading.numbers("r")}
    if numbers is not None and angles:
        turn = 180 / np.pi if reading.trace.get("thetaunit") == "radians" else 1
        places["angle"] = [number * turn for number in numbers]
    for mark in _lines_and_points(reading, places):
        exact = {**mark.exact, **({"theta": [str(angle) for angle in angles]} if numbers is None else {})}
        kind = "bars" if reading.trace["type"] == "barpolar" else mark.kind
        yield Mark(f"{POLAR}{kind}", mark.label, mark.colour, mark.arrays, exact)


def read_places_on_earth(reading: TraceReading) -> Iterator[Mark]:
    if reading.values("lon"):
        yield from _lines_and_points(reading, {"x": reading.numbers("lon"), "y": reading.numbers("lat")})
        return
    z = reading.numbers("z")
    arrays: dict[str, ArrayValues] = {"value": z, "norm": _norm(z, reading.trace.get("zmin"), reading.trace.get("zmax"))} if z else {}
    exact: dict[str, PlainValue] = {"locations": [str(place) for place in reading.values("locations")]}
    yield Mark("regions", reading.label, None, arrays, {**exact, **_settings(reading, ("locationmode", "featureidkey"))})


_BINS = ("histfunc", "histnorm", "nbinsx", "nbinsy", "xbins", "ybins", "cumulative", "autobinx", "orientation")
_CONTOURS = (
    "contours.start",
    "contours.end",
    "contours.size",
    "ncontours",
    "autocontour",
    "contours.type",
    "contours.operation",
    "contours.value",
)

TRACES: dict[str, Callable[[TraceReading], Iterator[Mark]]] = {
    **dict.fromkeys(("scatter", "scattergl"), read_scatter),
    **dict.fromkeys(("bar", "funnel", "waterfall"), read_bars),
    "histogram": read_raw_values("histogram of values", _BINS),
    "histogram2d": read_raw_values("histogram of values", _BINS),
    "histogram2dcontour": read_raw_values("histogram of values", _BINS + _CONTOURS),
    "box": read_raw_values("boxes of values", ("quartilemethod", "boxmean", "orientation", "notched")),
    "violin": read_raw_values("violins of values", ("bandwidth", "side", "scalemode", "orientation", "points")),
    "heatmap": read_field("image of values"),
    "contour": read_field("contours of values", _CONTOURS),
    "image": read_picture,
    **dict.fromkeys(("candlestick", "ohlc"), read_prices),
    **dict.fromkeys(("pie", "funnelarea"), read_pie),
    **dict.fromkeys(("sunburst", "treemap", "icicle"), read_tree),
    "sankey": read_flows,
    "indicator": read_indicator,
    "table": read_table,
    "scatter3d": read_points_in_space,
    "surface": read_surface,
    "mesh3d": read_mesh,
    **dict.fromkeys(("scatterpolar", "scatterpolargl", "barpolar"), read_polar),
    **dict.fromkeys(("scattergeo", "scattermap", "scattermapbox", "choropleth", "choroplethmap", "choroplethmapbox"), read_places_on_earth),
}
"""The function that reads each type of trace."""

IN_THE_PLANE = ("scatter", "bar", "histogram", "box", "violin", "heatmap", "contour", "candlestick", "ohlc", "funnel", "waterfall", "image")
"""What begins the types of traces that stand on an x and a y axis."""

_DATA = {
    *(
        "x",
        "y",
        "z",
        "x0",
        "y0",
        "dx",
        "dy",
        "type",
        "mode",
        "name",
        "error_x",
        "error_y",
        "marker",
        "line",
        "fill",
        "stackgroup",
        "groupnorm",
    ),
    *(
        "connectgaps",
        "text",
        "texttemplate",
        "orientation",
        "base",
        "width",
        "measure",
        "offset",
        "offsetgroup",
        "histfunc",
        "histnorm",
        "nbinsx",
    ),
    *(
        "nbinsy",
        "xbins",
        "ybins",
        "cumulative",
        "autobinx",
        "autobiny",
        "quartilemethod",
        "boxmean",
        "notched",
        "bandwidth",
        "side",
        "scalemode",
    ),
    *(
        "points",
        "zmin",
        "zmax",
        "zauto",
        "zmid",
        "transpose",
        "contours",
        "ncontours",
        "autocontour",
        "source",
        "colormodel",
        "open",
        "high",
        "low",
    ),
    *(
        "close",
        "labels",
        "values",
        "parents",
        "ids",
        "branchvalues",
        "node",
        "link",
        "value",
        "delta",
        "title",
        "header",
        "cells",
        "surfacecolor",
    ),
    *(
        "i",
        "j",
        "k",
        "intensity",
        "r",
        "theta",
        "thetaunit",
        "lon",
        "lat",
        "locations",
        "locationmode",
        "featureidkey",
        "geojson",
        "xaxis",
        "yaxis",
    ),
    *("scene", "subplot", "geo", "polar", "map", "mapbox", "visible", "alignmentgroup", "totals", "cmin", "cmax", "coloraxis"),
}
_STYLE = {
    *(
        "showlegend",
        "legend",
        "legendgroup",
        "legendgrouptitle",
        "legendrank",
        "legendwidth",
        "hoverinfo",
        "hoverlabel",
        "hovertemplate",
        "hovertext",
    ),
    *(
        "hoveron",
        "hovertemplatefallback",
        "texttemplatefallback",
        "customdata",
        "meta",
        "uid",
        "uirevision",
        "opacity",
        "fillcolor",
        "fillpattern",
    ),
    *(
        "textfont",
        "textposition",
        "textinfo",
        "textangle",
        "insidetextfont",
        "outsidetextfont",
        "insidetextanchor",
        "insidetextorientation",
        "cliponaxis",
    ),
    *(
        "constraintext",
        "colorscale",
        "reversescale",
        "showscale",
        "autocolorscale",
        "colorbar",
        "colors",
        "hole",
        "pull",
        "rotation",
        "direction",
        "sort",
    ),
    *("domain", "selectedpoints", "selected", "unselected", "whiskerwidth", "jitter", "pointpos", "boxpoints", "box", "meanline"),
    *(
        "xgap",
        "ygap",
        "zsmooth",
        "zhoverformat",
        "xhoverformat",
        "yhoverformat",
        "increasing",
        "decreasing",
        "connector",
        "tickwidth",
        "root",
        "maxdepth",
    ),
    *(
        "tiling",
        "pathbar",
        "arrangement",
        "gauge",
        "number",
        "align",
        "columnwidth",
        "columnorder",
        "lighting",
        "lightposition",
        "flatshading",
    ),
    *(
        "hidesurface",
        "projection",
        "opacityscale",
        "zorder",
        "bingroup",
        "textsrc",
        "stream",
        "xcalendar",
        "ycalendar",
        "automargin",
        "valueformat",
    ),
    *(
        "scalegroup",
        "titlefont",
        "leaf",
        "level",
        "count",
        "sizemode",
        "below",
        "cluster",
        "fillgradient",
        "hoverongaps",
        "line_width",
        "stackgaps",
    ),
}


def unread_attributes(trace: ForeignJson) -> list[str]:
    """The attributes of a trace that are neither read nor known to be style."""
    return sorted(str(name) for name, value in trace.items() if name not in _DATA | _STYLE and value is not None)
