"""What a chart of Altair, or a specification of Vega-Lite or Vega, draws, as data: vl-convert computes it, without a browser or a network.

Places are those that the axes' labels tell, else shares of the view: what bins, aggregates and stacks make is what is compared. Whatever is not
understood is named in `unverified`.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from labnotes.author.figures.readers import MOST_INTERACTIVE, ForeignJson
from labnotes.author.figures.vega.scene import AxisPlaces, Scene, SceneAxis, SceneView, axis_places, colour_of, read_scene
from labnotes.errors import AuthorError
from labnotes.model.plots import READER, ArrayValues, AxesData, AxisData, FigureData, LegendEntry, Mark, PlainValue

__all__ = ["card_picture", "close_figure", "interactive_json", "read_figure", "render_picture"]
"""What `labnotes.author.figures.readers` asks of a reader."""

_GAP = 2.0
"""Pixels by which bins are drawn beside their ends at most."""

MOST_COLOURS = 10
"""Colours up to which marks are told apart by them; more stand for values."""

MOST_ROWS = 200_000
"""Rows of data up to which a chart is read: Vega holds some 6 KB for each."""

CARD_WIDTH = 1000
"""Pixels of the raster picture that other sites show beside a link."""

_GREY, _INK, _LINE = "#555a61", "#1d1f22", "#868b92"
_SERIES = ["#1f4fa8", "#b84a14", "#1d8170", "#6b2a6e", "#856d14", "#6d7278"]
_LOOKS = {
    "background": None,
    "font": "DejaVu Sans",
    "axis": {
        "labelColor": _GREY,
        "titleColor": _GREY,
        "titleFontWeight": "normal",
        "domainColor": _LINE,
        "tickColor": _LINE,
        "gridColor": "#e4e5e1",
    },
    "legend": {"labelColor": _GREY, "titleColor": _GREY, "titleFontWeight": "normal"},
    "title": {"color": _INK, "subtitleColor": _GREY},
    "header": {"labelColor": _GREY, "titleColor": _GREY},
    "view": {"stroke": None},
    "range": {"category": _SERIES},
    "mark": {"color": _SERIES[0]},
}
"""Colours that belong to the page and have partners on a dark one, where the author chose none."""


def read_figure(fig: Any) -> FigureData:
    """All views, axes, marks and legends of a chart, or of its specification."""
    spec = chart_spec(fig)
    _refuse_too_many_rows(spec)
    unread = [f"figure: data by address: {address}" for address in _addresses(spec)]
    try:
        graph = _converted("scenegraph", spec)
    except ValueError as error:
        return FigureData(
            (), (), (*unread, f"figure: cannot be drawn: {str(error).strip().splitlines()[-1]:.200}"), reader=READER, library="Altair"
        )
    try:
        scene = read_scene(graph.get("scenegraph") or {})
        reader = _SceneReader(scene)
        axes = tuple(reader.read_view(i, view) for i, view in enumerate(scene.views))
    except (TypeError, ValueError, LookupError, ArithmeticError) as error:  # what has no place: 0 on a logarithmic axis
        unread.append(f"figure: places that are no numbers ({error})")
        return FigureData((), (), tuple(unread), reader=READER, library="Altair")
    unread += [f"figure: {what}" for what in scene.unread] + reader.unverified
    return FigureData(axes, tuple(scene.texts), tuple(unread), reader=READER, library="Altair")


def chart_spec(fig: Any) -> ForeignJson:
    """The specification of a chart with all of its data, however many rows these have."""
    if isinstance(fig, Mapping):
        return dict(fig)
    import altair

    with altair.data_transformers.disable_max_rows():
        made: dict[str, Any] = fig.to_dict()
    return made


def render_picture(fig: Any) -> tuple[str, str]:
    """The picture that Vega draws, as SVG, in the colours of the page where the author chose none."""
    return "image/svg+xml", _with_styles(_drawn("svg", fig, config=_LOOKS))


def card_picture(fig: Any) -> str:
    picture: bytes = _drawn("png", fig, config={**_LOOKS, "background": "#fdfdfb"}, scale=2.0)
    return base64.b64encode(picture).decode()


def interactive_json(fig: Any) -> ForeignJson | None:
    """The chart's specification, unless it takes data or pictures from elsewhere."""
    spec = chart_spec(fig)
    return None if any(_addresses(spec)) or len(json.dumps(spec)) > MOST_INTERACTIVE else dict(spec)


def close_figure(fig: Any) -> None:
    """Nothing is kept of a chart."""


def _converted(to: str, spec: ForeignJson, **how: Any) -> Any:
    """What vl-convert makes of a specification. It asks for nothing on the network.

    Raises ValueError for one that it cannot draw.
    """
    try:
        import vl_convert
    except ImportError:
        hint = "pip install vl-convert-python; it is in labnotes' extra altair"
        raise AuthorError("figure", "reads charts of Altair by the package vl-convert-python, which is not installed", hint) from None
    is_vega = "/vega/" in str(spec.get("$schema") or "") or ("marks" in spec and "mark" not in spec)
    convert = getattr(vl_convert, f"{'vega' if is_vega else 'vegalite'}_to_{to}")
    if is_vega:
        how.pop("config", None)
    return convert(dict(spec), allowed_base_urls=[], **how)


def _drawn(to: str, fig: Any, **how: Any) -> Any:
    """A picture that Vega draws.

    Raises AuthorError for a chart that it cannot draw.
    """
    try:
        return _converted(to, chart_spec(fig), **how)
    except ValueError as error:
        lines = [line.strip() for line in str(error).splitlines() if line.strip() and not line.strip().startswith("at ")]
        hint = "put the data into the chart, and see what Vega's editor says of it"
        raise AuthorError("figure", f"cannot be drawn by Vega: {' '.join(lines)[-200:]}", hint) from None


def _refuse_too_many_rows(spec: ForeignJson) -> None:
    count = sum(_rows_in(spec))
    if count > MOST_ROWS:
        what = f"has {count:,} rows of data, and at most {MOST_ROWS:,} of a chart of Vega are read"
        raise AuthorError("figure", what, "aggregate them first, or draw the same by matplotlib")


def _rows_in(spec: Any) -> Iterator[int]:
    """How many rows each list of data in a specification has."""
    for name, value in spec.items() if isinstance(spec, Mapping) else ():
        if name == "values" and isinstance(value, list):
            yield len(value)
        elif name == "datasets" and isinstance(value, Mapping):
            yield from (len(rows) for rows in value.values() if isinstance(rows, list))
        else:
            for part in value if isinstance(value, list) else [value]:
                yield from _rows_in(part)


def _addresses(spec: Any) -> Iterator[str]:
    """The addresses from which a specification takes data."""
    if isinstance(spec, Mapping):
        for name, value in spec.items():
            if name == "url" and isinstance(value, str):
                yield value[:100]
            elif name not in ("datasets", "values"):
                yield from _addresses(value)
    elif isinstance(spec, list):
        for part in spec:
            yield from _addresses(part)


class _SceneReader:
    """Reads the views of one scene. `unverified` names what it cannot read."""

    def __init__(self, scene: Scene) -> None:
        self.unverified: list[str] = []
        self._colours: dict[str, int] = {}
        self._legend, self._bars = scene.legend, scene.bars

    def read_view(self, index: int, view: SceneView) -> AxesData:
        x, y = axis_places(view.x, view.width, upwards=False), axis_places(view.y, view.height, upwards=True)
        marks = tuple(made for mark in view.marks for made in self._read_mark(index, mark.kind, mark.items, x, y))
        entries = tuple(LegendEntry(text, self._number(colour) if colour else None) for text, colour in self._legend) if index == 0 else ()
        return AxesData(view.title, "plain", _axis_data(view.x, x, upwards=False), _axis_data(view.y, y, upwards=True), marks, entries)

    def _number(self, colour: str) -> int:
        return self._colours.setdefault(colour, len(self._colours))

    def _read_mark(self, index: int, kind: str, items: Sequence[ForeignJson], x: AxisPlaces, y: AxisPlaces) -> Iterator[Mark]:
        read = _KINDS.get(kind)
        if read is None:
            self.unverified.append(f"axes {index}: marks of the type {kind}")
            return
        name, arrays, exact = read(_Items(items, x, y))
        colour, several = self._colours_of(index, kind, items, arrays)
        opacities = [float(item.get("opacity", 1)) * float(item.get("fillOpacity", item.get("strokeOpacity", 1))) for item in items]
        if kind not in ("line", "area", "trail") and max(opacities) - min(opacities) > 1e-9:
            arrays["opacity"] = opacities
        yield Mark(name, "", colour, arrays, {**exact, **several})

    def _colours_of(
        self, index: int, kind: str, items: Sequence[ForeignJson], arrays: dict[str, ArrayValues]
    ) -> tuple[int | None, dict[str, PlainValue]]:
        """The number of the one colour of a mark's items, or those of all as an exact field; colours that stand for values are an array."""
        colours = [colour_of(item) for item in (items[:1] if kind in ("line", "area", "trail") else items)]
        if kind == "text":
            return None, {}
        for bar in self._bars:
            values = bar.values(colours)
            if values is not None:
                arrays["value"] = values
                return None, {}
        if len(set(colours)) > MOST_COLOURS:
            self.unverified.append(f"axes {index}: colours of {kind} marks, which stand for values")
            return None, {}
        numbers = [self._number(colour) if colour else None for colour in colours]
        return (numbers[0], {}) if len(set(numbers)) == 1 else (None, {"colours": numbers})


class _Items:
    """The items of one mark, with how their pixels become places."""

    def __init__(self, items: Sequence[ForeignJson], x: AxisPlaces, y: AxisPlaces) -> None:
        self.items, self.x, self.y = items, x, y

    def numbers(self, name: str, otherwise: float = 0.0) -> list[float]:
        return [float(item.get(name, otherwise) or 0) for item in self.items]

    def placed(self, along: Sequence[float], letter: str, end: str = "") -> dict[str, ArrayValues]:
        places = self.x if letter == "x" else self.y
        return {f"{letter}{'share' if places.kind == 'share' else ''}{end}": places.places(along)}


_ReadMark = tuple[str, dict[str, ArrayValues], dict[str, PlainValue]]


def _read_symbols(given: _Items) -> _ReadMark:
    arrays = {**given.placed(given.numbers("x"), "x"), **given.placed(given.numbers("y"), "y")}
    sizes = given.numbers("size")
    if max(sizes) - min(sizes) > 1e-9 * max(sizes):
        arrays["size"] = sizes
    shapes: dict[str, int] = {}
    numbers = [shapes.setdefault(str(item.get("shape", "circle")), len(shapes)) for item in given.items]
    return "scatter", arrays, {"markers": numbers} if len(shapes) > 1 else {}


def _read_rects(given: _Items) -> _ReadMark:
    """Rectangles by two corners: where bars begin and end; along names, where their middle stands, since their width is style."""
    arrays: dict[str, ArrayValues] = {}
    for letter, side in (("x", "width"), ("y", "height")):
        start = given.numbers(letter)
        ends = [
            float(item[f"{letter}2"]) if f"{letter}2" in item and side not in item else at + float(item.get(side) or 0)
            for item, at in zip(given.items, start, strict=True)
        ]
        places = given.x if letter == "x" else given.y
        if places.kind == "names":
            arrays |= given.placed([(at + end) / 2 for at, end in zip(start, ends, strict=True)], letter)
            continue
        first, last = (ends, start) if letter == "y" else (start, ends)  # pixels run down
        low, high = given.placed(first, letter, "low"), given.placed(last, letter, "high")
        if _are_bins(start, ends) and places.kind == "linear":
            low, high = (_with_round_numbers(end, _GAP * abs(places.step)) for end in (low, high))
        arrays |= {**low, **high}
    return "rectangles", arrays, {}


def _are_bins(start: Sequence[float], ends: Sequence[float]) -> bool:
    """Whether rectangles stand in several places and are of one size, as bins are, up to a pixel."""
    spans = {(min(pair), max(pair)) for pair in zip(start, ends, strict=True)}
    sizes = [last - first for first, last in spans]
    return len({first for first, _ in spans}) > 1 and max(sizes) - min(sizes) <= 1


def _with_round_numbers(arrays: Mapping[str, ArrayValues], slack: float) -> dict[str, ArrayValues]:
    return {name: [_rounded_to(float(value), slack) for value in values] for name, values in arrays.items()}


def _rounded_to(value: float, slack: float) -> float:
    """The roundest number near another: bins begin and end at round ones, and are drawn a pixel beside them."""
    power = np.floor(np.log10(max(abs(value), slack))) + 1
    for exponent in range(int(power), int(power) - 12, -1):
        for part in (1.0, 0.5, 0.25, 0.2, 0.1):
            step = part * 10.0**exponent
            near = round(value / step) * step
            if abs(near - value) <= slack:
                return float(f"{near:.9g}")
    return value


def _read_line(given: _Items) -> _ReadMark:
    gaps = [item.get("defined") is False for item in given.items]
    x, y = ([float("nan") if gap else at for at, gap in zip(given.numbers(letter), gaps, strict=True)] for letter in "xy")
    exact: dict[str, PlainValue] = {}
    drawn = str(given.items[0].get("interpolate") or "linear")
    if drawn.startswith("step"):
        exact["steps"] = drawn
    return "line", {**given.placed(x, "x"), **given.placed(y, "y")}, exact


def _read_area(given: _Items) -> _ReadMark:
    arrays = {**given.placed(given.numbers("x"), "x"), **given.placed(given.numbers("y"), "y")}
    for letter in "xy":
        if any(f"{letter}2" in item for item in given.items):
            arrays |= given.placed([float(item.get(f"{letter}2", item.get(letter, 0))) for item in given.items], letter, "0")
    return "area", arrays, {}


def _read_rules(given: _Items) -> _ReadMark:
    arrays: dict[str, ArrayValues] = {}
    for letter in "xy":
        arrays |= given.placed(given.numbers(letter), letter)
        arrays |= given.placed([float(item.get(f"{letter}2", item.get(letter, 0)) or 0) for item in given.items], letter, "0")
    return "rules", arrays, {}


def _read_texts(given: _Items) -> _ReadMark:
    arrays = {**given.placed(given.numbers("x"), "x"), **given.placed(given.numbers("y"), "y")}
    words = [item.get("text", "") for item in given.items]
    return "texts", arrays, {"text": [" ".join(map(str, word)) if isinstance(word, list) else str(word) for word in words]}


def _read_arcs(given: _Items) -> _ReadMark:
    names = {"startAngle": "theta1", "endAngle": "theta2"}
    arrays: dict[str, ArrayValues] = {
        to: [float(np.degrees(float(item.get(name) or 0))) for item in given.items] for name, to in names.items()
    }
    radii = np.array(given.numbers("outerRadius"))
    if np.ptp(radii) > 1e-9 * max(radii.max(), 1e-9):
        arrays["size"] = (radii / radii.max()).tolist()
    return "arcs", arrays, {}


def _read_shapes(given: _Items) -> _ReadMark:
    paths = [re.sub(r"-?\d+\.\d+", lambda match: f"{float(match[0]):.1f}", str(item.get("path") or "")) for item in given.items]
    return "outlines", {}, {"outlines": [hashlib.sha256(path.encode()).hexdigest()[:12] for path in paths]}


_KINDS = {
    "symbol": _read_symbols,
    "rect": _read_rects,
    "line": _read_line,
    "trail": _read_line,
    "area": _read_area,
    "rule": _read_rules,
    "text": _read_texts,
    "arc": _read_arcs,
    "shape": _read_shapes,
}


def _axis_data(axis: SceneAxis | None, places: AxisPlaces, *, upwards: bool) -> AxisData:
    if axis is None:
        return AxisData("", "linear", None, False, None)
    inverted = places.kind in ("linear", "log") and (places.step > 0) == upwards
    names = tuple((float(i), text) for i, (_, text) in enumerate(axis.labels)) if places.kind == "names" else None
    return AxisData(axis.title, "log" if places.kind == "log" else "linear", None, inverted, names)


def _with_styles(svg: str) -> str:
    """An SVG whose colours stand in style attributes, by which a page gives them partners in the dark."""

    def restyled(match: re.Match[str]) -> str:
        tag = match[0]
        colours = dict(re.findall(r'\b(fill|stroke)="([^"]*)"', tag))
        if not colours or "style=" in tag:
            return tag
        bare = re.sub(r'\s(?:fill|stroke)="[^"]*"', "", tag)
        style = "; ".join(f"{name}: {value}" for name, value in colours.items())
        return re.sub(r"(/?>)$", f' style="{style}"\\1', bare)

    return re.sub(r"<[a-zA-Z][^<>]*>", restyled, svg)
