"""What Vega would draw, as vl-convert computes it: views with their axes and marks, after bins, aggregates, stacks and facets."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from labnotes.author.figures.readers import ForeignJson
from labnotes.author.figures.vega.gradients import ColourBar, bars_of_legend
from labnotes.author.figures.vega.labels import number_in

Item = ForeignJson

_PARTS = 20
"""Parts of the distance between two names to which a place between them is rounded: names stand on whole pixels."""

_ALIKE = 2e-2
"""Share of an axis by which a label may stand beside its number: labels stand on whole pixels."""


@dataclass
class SceneAxis:
    """One axis of a view: its title, and its labels with the places (pixels) at which they stand."""

    title: str = ""
    labels: list[tuple[float, str]] = field(default_factory=list)


@dataclass(frozen=True)
class SceneMark:
    """A mark as Vega calls it (`kind`: symbol, rect, line, …), and its items, placed in pixels of the view."""

    kind: str
    items: Sequence[Item]


@dataclass
class SceneView:
    """A view: its size in pixels, its axes and its marks."""

    width: float
    height: float
    x: SceneAxis | None = None
    y: SceneAxis | None = None
    title: str = ""
    marks: list[SceneMark] = field(default_factory=list)


@dataclass
class Scene:
    """All of a chart: its views, entries of legends (text and colour), bars of colours, and texts that belong to no view."""

    views: list[SceneView] = field(default_factory=list)
    legend: list[tuple[str, str]] = field(default_factory=list)
    bars: list[ColourBar] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)


def read_scene(graph: ForeignJson) -> Scene:
    """The views of a scene graph."""
    scene = Scene()
    loose = {"x": SceneAxis(), "y": SceneAxis()}
    for item in graph.get("items") or ():
        _read_group(item, scene, None, (0.0, 0.0), loose)
    scene.views = [view for view in scene.views if view.marks or view.x or view.y]
    for view in scene.views:  # the axes of facets stand in headers beside them
        view.x = view.x or (loose["x"] if loose["x"].labels else None)
        view.y = view.y or (loose["y"] if loose["y"].labels else None)
    return scene


def _read_group(item: Item, scene: Scene, view: SceneView | None, offset: tuple[float, float], loose: dict[str, SceneAxis]) -> None:
    """Read what a group holds. One with a size of its own is a view, others are parts of the view around them."""
    size = (item.get("width"), item.get("height"))
    is_part = view is not None and offset == (0.0, 0.0) and size == (view.width, view.height)  # the lines of one colour, say
    if all(size) and not is_part:
        view, offset = SceneView(float(item["width"]), float(item["height"])), (0.0, 0.0)
        scene.views.append(view)
    for mark in item.get("items") or ():
        role, kind = str(mark.get("role") or ""), str(mark.get("marktype") or "")
        if role == "axis":
            _read_axis(mark, view, loose)
        elif role == "legend":
            for member in mark.get("items") or ():
                scene.legend += _legend_entries(member)
                scene.bars += bars_of_legend(member)
        elif role in ("title", "row-title", "column-title") or role.startswith("title"):
            words = [str(text) for text in _texts(mark)]
            if view is not None and role == "title" and not view.title:
                view.title = " ".join(words)
            else:
                scene.texts += words
        elif kind == "group":
            for member in mark.get("items") or ():
                inner = (offset[0] + float(member.get("x") or 0), offset[1] + float(member.get("y") or 0))
                header = role.endswith(("header", "footer"))
                if header:
                    scene.texts += [str(text) for text in _texts({"items": [member]}) if not _is_axis_text(member)]
                _read_group({**member, "width": 0} if header else member, scene, None if header else view, inner, loose)
        elif role == "mark" or role == "":
            _add_mark(kind, mark, scene, view, offset)


def _is_axis_text(item: Item) -> bool:
    return any(str(mark.get("role") or "") == "axis" for mark in item.get("items") or ())


def _add_mark(kind: str, mark: Item, scene: Scene, view: SceneView | None, offset: tuple[float, float]) -> None:
    items = [dict(item) for item in mark.get("items") or ()]
    if not items:
        return
    if view is None:
        scene.unread.append(f"{kind} outside all views")
        return
    for item in items:
        for name in ("x", "x2"):
            if name in item:
                item[name] = float(item[name]) + offset[0]
        for name in ("y", "y2"):
            if name in item:
                item[name] = float(item[name]) + offset[1]
    view.marks.append(SceneMark(kind, items))


def _read_axis(mark: Item, view: SceneView | None, loose: dict[str, SceneAxis]) -> None:
    for item in mark.get("items") or ():
        letter = "x" if item.get("orient") in ("bottom", "top") else "y"
        made = SceneAxis()
        for part in item.get("items") or ():
            role = str(part.get("role") or "")
            if role == "axis-label":
                made.labels += [(float(text.get(letter) or 0), str(text.get("text") or "")) for text in part.get("items") or ()]
            elif role == "axis-title":
                made.title = " ".join(map(str, _texts(part)))
        if not made.labels and not made.title:
            continue  # the grid
        if view is None:
            loose[letter] = loose[letter] if loose[letter].labels else made
        elif getattr(view, letter) is None:
            setattr(view, letter, made)


def _legend_entries(item: Item) -> Iterator[tuple[str, str]]:
    """Text and colour of each entry of a legend, its title first, without a colour."""
    symbols = [symbol for part in _marks_of_role(item, "legend-symbol") for symbol in part.get("items") or ()]
    labels = [label for part in _marks_of_role(item, "legend-label") for label in part.get("items") or ()]
    for part in _marks_of_role(item, "legend-title"):
        yield from ((str(text), "") for text in _texts(part))
    if len(symbols) == len(labels):
        yield from ((str(label.get("text") or ""), colour_of(symbol)) for label, symbol in zip(labels, symbols, strict=True))


def _marks_of_role(item: Item, role: str) -> Iterator[Item]:
    for part in item.get("items") or ():
        if part.get("role") == role:
            yield part
        elif part.get("marktype") == "group":
            for member in part.get("items") or ():
                yield from _marks_of_role(member, role)


def _texts(mark: Item) -> Iterator[Any]:
    for item in mark.get("items") or ():
        if "text" in item:
            text = item["text"]
            yield " ".join(map(str, text)) if isinstance(text, list) else text
        for part in item.get("items") or ():
            yield from _texts(part)


def colour_of(item: Item) -> str:
    """The colour of an item that can be seen; "" for none."""
    for name in ("fill", "stroke"):
        colour = item.get(name)
        if isinstance(colour, str) and colour not in ("transparent", "none", ""):
            return colour.lower()
    return ""


@dataclass(frozen=True)
class AxisPlaces:
    """How pixels of a view become numbers of an axis: `kind` is "linear", "log", "names" or "share", where the labels tell no more."""

    kind: str
    length: float
    start: float = 0.0
    step: float = 1.0
    names: tuple[tuple[float, str], ...] = ()

    def places(self, pixels: Sequence[float]) -> list[float]:
        given = np.asarray(pixels, float)
        if self.kind == "names":
            at = np.array([place for place, _ in self.names])
            order = np.argsort(at)
            return [float(round(value * _PARTS) / _PARTS) for value in _along_names(given, at[order], order)]
        values = self.start + self.step * given
        return [float(value) for value in (10.0**values if self.kind == "log" else values)]


def _along_names(pixels: Any, at: Any, order: Any) -> Any:
    """Places among named ones: whole numbers at the names, in the order in which they are listed, between and beyond them in proportion."""
    if len(at) < 2:
        return np.zeros(len(pixels)) if not len(at) else pixels * 0.0 + float(order[0])
    steps = np.interp(pixels, at, np.arange(len(at)), left=np.nan, right=np.nan)
    before, after = (pixels - at[0]) / (at[1] - at[0]), len(at) - 1 + (pixels - at[-1]) / (at[-1] - at[-2])
    steps = np.where(pixels < at[0], before, np.where(pixels > at[-1], after, steps))
    return steps if order[0] <= order[-1] else len(at) - 1 - steps


def axis_places(axis: SceneAxis | None, length: float, *, upwards: bool) -> AxisPlaces:
    """How the places along an axis become numbers, by its labels. `upwards` for y, whose pixels run down."""
    share = AxisPlaces("share", length, 1.0 if upwards else 0.0, (-1.0 if upwards else 1.0) / (length or 1.0))
    if axis is None or len(axis.labels) < 2:
        return share if axis is None or not axis.labels else AxisPlaces("names", length, names=tuple(axis.labels))
    at = np.array([place for place, _ in axis.labels])
    numbers = [number_in(text) for _, text in axis.labels]
    if all(number is not None for number in numbers):
        values = np.array(numbers, float)
        for kind, seen in (("linear", values), ("log", np.log10(values) if (values > 0).all() else None)):
            if seen is not None and np.ptp(at) > 0:
                step, start = np.polyfit(at, seen, 1)
                if step and np.abs(start + step * at - seen).max() <= _ALIKE * np.ptp(seen):
                    ends = np.argmin(at), np.argmax(at)
                    step = (seen[ends[1]] - seen[ends[0]]) / (at[ends[1]] - at[ends[0]])
                    return AxisPlaces(kind, length, float(seen[ends[0]] - step * at[ends[0]]), float(step))
        return share
    steady = np.ptp(np.diff(np.sort(at))) <= 1.5
    return AxisPlaces("names", length, names=tuple(axis.labels)) if steady and not any(map(_is_time, axis.labels)) else share


_MONTHS = {"jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"}


def _is_time(label: tuple[float, str]) -> bool:
    """Whether a label is one of a time axis, whose labels depend on the width."""
    word = label[1].strip().lower()
    return word[:3] in _MONTHS or re.fullmatch(r"\d{4}|\d\d?:\d\d|\d\d? [ap]m|(?:mon|tue|wed|thu|fri|sat|sun) \d\d?", word) is not None
