"""What is plotted in a figure of Plotly, as data, from its JSON: no Plotly and no browser is needed.

Plotly draws in the browser, so that bins, boxes and contours are made there: recorded are the values and what says how they are made. Whatever
is neither read nor known to be style is named in `unverified`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from labnotes.author.figures.plotly import traces
from labnotes.author.figures.plotly.traces import TraceReading, unread_attributes
from labnotes.author.figures.plotly.values import AxisPlaces, UnreadableValues, numbers_in, values_of
from labnotes.author.figures.readers import MOST_INTERACTIVE, ForeignJson
from labnotes.errors import AuthorError
from labnotes.model.plots import READER, AxesData, AxisData, FigureData, LegendEntry, Mark, PlainValue

__all__ = ["card_picture", "close_figure", "interactive_json", "read_figure", "render_picture"]
"""What `labnotes.author.figures.readers` asks of a reader."""

NO_AXIS = AxisData("", "linear", None, False, None)

MIME = "application/vnd.plotly.v1+json"
"""The type under which notebooks hold such figures."""

MOST_NUMBERS = 1_000_000
"""Values of a figure up to which it is read: a record holds them all, some 20 bytes each."""

_LAYOUT_UNREAD = ("images", "updatemenus", "sliders", "selections")
"""Parts of a layout that show or change data, and are not read."""


_NOT_IN_PAGES = {
    *("scattergeo", "choropleth", "scattermap", "choroplethmap", "densitymap", "scattermapbox", "choroplethmapbox", "densitymapbox"),
    *("scattergl", "scatterpolargl", "splom", "parcoords"),
}
"""Types of traces that a page cannot draw on its own: maps load what they show, those of WebGL run what they write themselves."""


def read_figure(fig: Any) -> FigureData:
    """All traces, axes, annotations and shapes of a figure, or of its JSON."""
    made = figure_json(fig)
    data, layout = made.get("data"), made.get("layout")
    if not isinstance(data, list | tuple) or not isinstance(layout if layout is not None else {}, Mapping):
        return _unreadable()
    _refuse_too_many_numbers(data)
    reader = _PlotlyReader([trace for trace in data if isinstance(trace, Mapping)], layout or {})
    try:
        return reader.read_all(bool(made.get("frames")))
    except (AttributeError, TypeError, ValueError, LookupError):  # a part of another form than Plotly's
        return _unreadable()


def _unreadable() -> FigureData:
    return FigureData((), (), ("figure: its JSON is none of Plotly",), reader=READER, library="Plotly")


def _refuse_too_many_numbers(data: Sequence[Any]) -> None:
    count = sum(_size_of(value) for trace in data if isinstance(trace, Mapping) for value in trace.values())
    if count > MOST_NUMBERS:
        what = f"has {count:,} values, and at most {MOST_NUMBERS:,} of a figure of Plotly are read"
        raise AuthorError("figure", what, "draw fewer points or a density, or the same by matplotlib")


def _size_of(value: Any) -> int:
    """How many values an attribute holds, however it is spelt."""
    if isinstance(value, Mapping):
        return len(value["bdata"]) // 8 if isinstance(value.get("bdata"), str) else sum(map(_size_of, value.values()))
    if hasattr(value, "size"):
        return int(np.size(value))
    if isinstance(value, list | tuple):
        return sum(map(_size_of, value)) if value and isinstance(value[0], list | tuple) else len(value)
    return 1


def figure_json(fig: Any) -> ForeignJson:
    """The JSON of a figure, which may be given itself."""
    if isinstance(fig, Mapping):
        return fig
    made = fig.to_plotly_json()
    return made if isinstance(made, Mapping) else {}


def render_picture(fig: Any) -> tuple[str, str]:
    """A picture that labnotes draws from the data: Plotly itself needs a browser for one."""
    from labnotes.author.figures.plotly import drawing

    return drawing.render_picture(read_figure(fig))


def card_picture(fig: Any) -> str:
    from labnotes.author.figures.plotly import drawing

    return drawing.card_picture(read_figure(fig))


def interactive_json(fig: Any) -> ForeignJson | None:
    """The figure's own JSON, unless a browser would have to ask others for maps or pictures, or to compile programs of shaders."""
    text = json.dumps(fig) if isinstance(fig, Mapping) else str(fig.to_json())
    if len(text) > MOST_INTERACTIVE:
        return None
    made: dict[str, Any] = json.loads(text)
    layout = made.get("layout") or {}
    types = {str(trace.get("type") or "scatter") for trace in made.get("data") or () if isinstance(trace, Mapping)}
    return None if not types or types & _NOT_IN_PAGES or layout.get("images") else made


def close_figure(fig: Any) -> None:
    """Nothing is kept of a figure of Plotly."""


class _PlotlyReader:
    def __init__(self, data: Sequence[ForeignJson], layout: ForeignJson) -> None:
        self._data = [trace for trace in data if trace.get("visible", True) not in (False, "legendonly")]
        self._layout = layout
        self._colours: dict[Any, int] = {}
        self._unverified: list[str] = []

    def read_all(self, is_animated: bool) -> FigureData:
        groups: dict[tuple[str, ...], list[tuple[int, ForeignJson]]] = {}
        for i, trace in enumerate(self._data):
            groups.setdefault(_place_of(trace, i), []).append((i, trace))
        axes = tuple(self._read_axes(index, place, group) for index, (place, group) in enumerate(groups.items()))
        axes, texts = self._with_annotations(axes, list(groups))
        title = _text_of(self._layout.get("title"))
        self._unverified += [] if self._data else ["figure: it has no traces that are shown"]
        self._unverified += [f"figure: {name}" for name in _LAYOUT_UNREAD if self._layout.get(name)]
        self._unverified += ["figure: frames of an animation"] if is_animated else []
        return FigureData(axes, tuple(filter(None, (title, *texts))), tuple(self._unverified), reader=READER, library="Plotly")

    # -- axes ----------------------------------------------------------------------------------------------------------------------------

    def _read_axes(self, index: int, place: tuple[str, ...], group: Sequence[tuple[int, ForeignJson]]) -> AxesData:
        settings = {letter: self._axis_settings(place, letter) for letter in "xy"}
        every: dict[str, list[list[Any]]] = {letter: [] for letter in "xy"}
        for _, trace in group:
            for letter in "xy":
                try:
                    every[letter].append(values_of(trace.get(letter)))
                except UnreadableValues:
                    every[letter].append([])
        places = {letter: AxisPlaces(settings[letter], every[letter] if place[0] == "plane" else []) for letter in "xy"}
        marks = tuple(mark for i, trace in group for mark in self._read_trace(index, i, trace, places))
        if place[0] != "plane":
            words = {"name": place[0], **self._coordinates_text(place)}
            marks = (Mark("projection", "", None, {}, words), *marks)
        legend = tuple(
            LegendEntry(str(trace.get("name")), TraceReading(trace, places["x"], places["y"], self._colours, i).colour)
            for i, trace in group
            if self._is_in_legend(trace)
        )
        x, y = (self._axis_data(settings[letter], places[letter]) if place[0] == "plane" else NO_AXIS for letter in "xy")
        return AxesData("", "plain", x, y, marks, legend)

    def _axis_settings(self, place: tuple[str, ...], letter: str) -> ForeignJson:
        name = place["xy".index(letter) + 1] if place[0] == "plane" else letter
        settings = self._layout.get(f"{letter}axis{name.removeprefix(letter)}")
        return settings if isinstance(settings, Mapping) else {}

    def _axis_data(self, settings: ForeignJson, places: AxisPlaces) -> AxisData:
        given = values_of(settings.get("range")) if settings.get("range") is not None else []
        ends = [places.place(end) for end in given] if len(given) == 2 else []
        if places.kind == "log":
            ends = [10**end for end in ends]
        inverted = bool(ends and ends[1] < ends[0]) or settings.get("autorange") in ("reversed", "min reversed", "max reversed")
        ticks = places.categories
        if settings.get("ticktext") is not None and settings.get("tickvals") is not None:
            at, words = values_of(settings["tickvals"]), values_of(settings["ticktext"])
            ticks = tuple((places.place(value), str(word)) for value, word in zip(at, words, strict=False))
        affixes = [str(settings.get(name) or "") for name in ("tickprefix", "ticksuffix")]
        return AxisData(
            label=_text_of(settings.get("title")),
            scale=places.scale,
            limits=(ends[0], ends[1]) if ends and np.isfinite(ends).all() else None,
            inverted=inverted,
            ticks=ticks,
            parameters={"dates": True} if places.kind == "date" else {},
            numbers=tuple(f"{affixes[0]}{number}{affixes[1]}" for number in ("0", "1", "2.5")) if any(affixes) else None,
        )

    def _coordinates_text(self, place: tuple[str, ...]) -> dict[str, PlainValue]:
        """Titles of the axes in space, and the direction and beginning of polar ones."""
        settings = self._layout.get(place[1]) if len(place) > 1 else None
        if not isinstance(settings, Mapping):
            return {}
        titles = {axis: _text_of((settings.get(f"{axis}axis") or {}).get("title")) for axis in ("x", "y", "z", "radial", "angular")}
        turned = settings.get("angularaxis")
        said = {name: turned[name] for name in ("direction", "rotation") if isinstance(turned, Mapping) and name in turned}
        return {**{f"{axis} axis": title for axis, title in titles.items() if title}, **said}

    def _is_in_legend(self, trace: ForeignJson) -> bool:
        shown = trace.get("showlegend", self._layout.get("showlegend"))
        return bool(trace.get("name")) and (bool(shown) if shown is not None else len(self._data) > 1)

    # -- marks ---------------------------------------------------------------------------------------------------------------------------

    def _read_trace(self, index: int, number: int, trace: ForeignJson, places: Mapping[str, AxisPlaces]) -> list[Mark]:
        kind = str(trace.get("type") or "scatter")
        read = traces.TRACES.get(kind)
        named = f" {trace['name']!r}" if trace.get("name") else ""
        if read is None:
            self._unverified.append(f"axes {index}: trace {kind}{named}")
            return []
        trace = {**trace, "type": kind}
        coloraxis = (trace.get("marker") or {}).get("coloraxis") or trace.get("coloraxis")
        scale = self._layout.get(str(coloraxis)) if coloraxis else None
        if isinstance(scale, Mapping):
            trace = _with_scale(trace, scale)
        modes = {name: str(self._layout[name]) for name in ("barmode", "barnorm", "boxmode", "violinmode") if self._layout.get(name)}
        reading = TraceReading(
            trace, places["x"], places["y"], self._colours, number, modes if kind in ("bar", "histogram", "box", "violin") else {}
        )
        try:
            marks = list(read(reading))
        except (UnreadableValues, TypeError, ValueError, KeyError, IndexError) as error:
            self._unverified.append(f"axes {index}: trace {kind}{named}, {error}")
            return []
        self._unverified += [f"axes {index}: {kind}{named}: {name}" for name in unread_attributes(trace)]
        if isinstance(trace.get("geojson"), str):
            self._unverified.append(f"axes {index}: {kind}{named}: regions by address: {trace['geojson']:.100}")
        return marks

    def _with_annotations(self, axes: tuple[AxesData, ...], places: Sequence[tuple[str, ...]]) -> tuple[tuple[AxesData, ...], list[str]]:
        """Annotations and shapes: on the axes that they are placed on, else as texts of the figure and shapes of the first axes."""
        more: dict[int, list[Mark]] = {}
        texts = []
        for given in self._layout.get("annotations") or ():
            at, arrays = _placed(given, ("x", "y"), axes, places)
            text = str(given.get("text") or "")
            if at is None or not arrays:
                texts.append(text)
            else:
                kind = "annotation" if {"x", "y"} <= arrays.keys() else "text"
                more.setdefault(at, []).append(Mark(kind, "", None, arrays, {"text": text}))
        for given in self._layout.get("shapes") or ():
            at, arrays = _placed(given, ("x0", "y0", "x1", "y1"), axes, places)
            words: dict[str, PlainValue] = {"shape": str(given.get("type") or "rect")}
            if given.get("path"):
                words["path"] = str(given["path"])
            label, is_placed = str(given.get("name") or ""), {"x", "y"} <= arrays.keys()
            more.setdefault(at or 0, []).append(Mark("shape" if is_placed else "shape across the axes", label, None, arrays, words))
        made = tuple(replace(panel, marks=(*panel.marks, *more.get(i, ()))) for i, panel in enumerate(axes))
        return made, texts


def _place_of(trace: ForeignJson, index: int) -> tuple[str, ...]:
    """Which axes a trace stands on: two axes of the plane, a scene, polar axes or a map by name, or axes of its own."""
    kind = str(trace.get("type") or "scatter")
    if kind.startswith(traces.IN_THE_PLANE) and not kind.startswith(
        ("scatter3d", "scatterpolar", "scattergeo", "scattermap", "scatterternary", "barpolar")
    ):
        return "plane", str(trace.get("xaxis") or "x"), str(trace.get("yaxis") or "y")
    if "polar" in kind:
        return "polar", str(trace.get("subplot") or "polar")
    for name in ("scene", "subplot", "geo"):
        if trace.get(name):
            return kind if name == "subplot" else name, str(trace[name])
    shared = {"scatter3d": "scene", "surface": "scene", "mesh3d": "scene", "scattergeo": "geo", "choropleth": "geo"}.get(kind)
    if shared:
        return shared, shared
    return kind, f"{kind} {index}"


def _with_scale(trace: ForeignJson, scale: ForeignJson) -> dict[str, Any]:
    """A trace with the limits of the colour axis that it shares with others."""
    ends = {name: scale.get(name) for name in ("cmin", "cmax") if scale.get(name) is not None}
    if "z" in trace and not isinstance(trace["z"], int | float):
        return {**trace, **{f"z{name[1:]}": end for name, end in ends.items()}}
    return {**trace, "marker": {**(trace.get("marker") or {}), **ends}}


def _placed(
    given: ForeignJson, names: Sequence[str], axes: Sequence[AxesData], places: Sequence[tuple[str, ...]]
) -> tuple[int | None, dict[str, list[float]]]:
    """The number of the axes that an annotation or shape stands on, and its places as arrays: of data, or shares of the axes or the figure."""
    refs = {letter: str(given.get(f"{letter}ref") or letter) for letter in "xy"}
    bare = {letter: ref.removesuffix(" domain") for letter, ref in refs.items()}
    at = next(
        (
            i
            for i, place in enumerate(places)
            if place[0] == "plane" and all(bare[letter] in (place["xy".index(letter) + 1], "paper") for letter in "xy")
        ),
        None,
    )
    if bare["x"] == bare["y"] == "paper":
        at = None
    arrays: dict[str, list[float]] = {}
    for name in names:
        letter = name[0]
        value = given.get(name)
        if value is None:
            continue
        is_share = refs[letter] == "paper" or refs[letter].endswith(" domain")
        place = _number_of(value) if is_share or at is None else _axis_place(axes[at], letter, value)
        arrays.setdefault(f"{letter}{'share' if is_share else ''}", []).append(place)
    return at, arrays


def _number_of(value: Any) -> float:
    numbers = numbers_in([value])
    return numbers[0] if numbers else float("nan")


def _axis_place(axes: AxesData, letter: str, value: Any) -> float:
    axis = axes.x if letter == "x" else axes.y
    at = next((place for place, word in axis.ticks or () if word == str(value)), None)
    if at is not None:
        return at
    return AxisPlaces({"type": "date"} if axis.parameters.get("dates") else {"type": "linear"}, []).place(value)


def _text_of(given: Any) -> str:
    return str(given.get("text") or "") if isinstance(given, Mapping) else str(given or "")
