"""Pictures of Plotly's figures, drawn by matplotlib from their JSON: what they show, not how Plotly would draw it.

What has no such drawing (maps, trees, flows) is a picture that says so; its data are in the record all the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, TypeAlias

import matplotlib as mpl
import numpy as np
from matplotlib import style
from matplotlib.figure import Figure

import labnotes
from labnotes.author.figures.matplotlib import figure_reader
from labnotes.author.figures.plotly.traces import POLAR
from labnotes.model.plots import AxesData, AxisData, FigureData, Mark

STYLE = Path(labnotes.__file__).parent / "style.mplstyle"

PANEL = (5.6, 3.4)
"""Width and height of one pair of axes, in inches."""

COLUMNS = 2
"""Pairs of axes side by side."""

_Arrays: TypeAlias = Mapping[str, Any]

NOT_DRAWN = "Its data are recorded; there is no drawing of this kind."


def render_picture(data: FigureData) -> tuple[str, str]:
    """The MIME type and the text of the picture."""
    with style.context(STYLE), np.errstate(all="ignore"):
        try:
            return figure_reader.render_picture(drawn_figure(data))
        except (ValueError, ArithmeticError):  # numbers that no axis can show
            return figure_reader.render_picture(drawn_figure(_without_marks(data)))


def card_picture(data: FigureData) -> str:
    """A small PNG in base64."""
    with style.context(STYLE), np.errstate(all="ignore"):
        try:
            return figure_reader.card_picture(drawn_figure(data))
        except (ValueError, ArithmeticError):
            return figure_reader.card_picture(drawn_figure(_without_marks(data)))


def _without_marks(data: FigureData) -> FigureData:
    return replace(data, axes=tuple(replace(axes, marks=()) for axes in data.axes))


def drawn_figure(data: FigureData) -> Figure:
    """A figure of matplotlib that shows the data."""
    count = max(len(data.axes), 1)
    columns = min(count, COLUMNS)
    rows = -(-count // columns)
    fig = Figure(figsize=(PANEL[0] * (1 if columns == 1 else 0.8 * columns), PANEL[1] * rows), layout="constrained")
    for i, axes in enumerate(data.axes):
        in_space = any("z" in mark.arrays for mark in axes.marks)
        polar = any(mark.kind.startswith(POLAR) for mark in axes.marks)
        ax: Any = fig.add_subplot(rows, columns, i + 1, projection="3d" if in_space else "polar" if polar else None)
        _draw_axes(ax, axes)
    if data.texts:
        fig.suptitle(_plain(data.texts[0]))
    return fig


def _draw_axes(ax: Any, axes: AxesData) -> None:
    drawn = False
    for mark in _boxes_beside_each_other(_bars_beside_each_other(axes.marks)):
        if mark.kind == "projection":
            continue
        drawn = _draw_mark(ax, mark, f"C{mark.colour % 8}" if mark.colour is not None else "C0") or drawn
    if not drawn:
        ax.set_axis_off()
        ax.text(0.5, 0.5, NOT_DRAWN, ha="center", va="center", transform=ax.transAxes) if ax.name != "3d" else None
        return
    for letter, axis in (("x", axes.x), ("y", axes.y)):
        if ax.name == "rectilinear":
            _set_axis(ax, letter, axis)
    handles, labels = ax.get_legend_handles_labels()
    if axes.legend and handles:
        ax.legend(handles, labels, **({"loc": "upper left", "bbox_to_anchor": (1.05, 1.0)} if ax.name == "polar" else {}))


def _bars_beside_each_other(marks: Sequence[Mark]) -> list[Mark]:
    """The marks, those of bars laid out as Plotly does: beside each other or on each other, and bars of one trace at one place on each other;
    overlaid ones stay where they are."""
    bars = [mark for mark in marks if mark.kind == "bars" and {"x", "y", "width", "height"} <= mark.arrays.keys()]
    mode = str(bars[0].exact.get("barmode", "group")) if bars else ""
    if not bars or mode == "overlay":
        return list(marks)
    heights: dict[tuple[float, bool], float] = {}
    made = []
    for mark in marks:
        place = next((i for i, bar in enumerate(bars) if bar is mark), None)
        if place is None:
            made.append(mark)
            continue
        arrays = {name: np.asarray(values, float) for name, values in mark.arrays.items()}
        along, wide, foot, length = ("y", "height", "x", "width") if mark.exact.get("orientation") == "h" else ("x", "width", "y", "height")
        if mode == "group":
            heights = {}
            arrays[wide] = arrays[wide] / len(bars)
            arrays[along] = arrays[along] + place * arrays[wide]
        if mode != "group" or not arrays[foot].any():  # a trace that says where its bars begin keeps that
            for i, (at, high) in enumerate(zip(arrays[along], arrays[length], strict=False)):
                key = (round(float(at), 9), mode != "stack" and bool(high < 0))
                arrays[foot][i] += heights.get(key, 0.0)
                heights[key] = heights.get(key, 0.0) + float(np.nan_to_num(high))
        made.append(replace(mark, arrays=arrays))
    return made


def _draw_mark(ax: Any, mark: Mark, colour: str) -> bool:
    """Draw one mark; whether there was anything to draw."""
    arrays: _Arrays = {name: np.asarray(values, float) for name, values in mark.arrays.items()}
    if mark.kind.startswith(POLAR):
        named = _listed(mark.exact.get("theta"))
        names = list(dict.fromkeys(named))
        around = np.array([names.index(name) * 360 / len(names) for name in named])
        arrays = {**arrays, "x": arrays.get("angle", around) * np.pi / 180}
        if names:
            ax.set_thetagrids(np.arange(len(names)) * 360 / len(names), [_plain(str(name)) for name in names])
    draw = (_IN_SPACE if ax.name == "3d" else _DRAWN).get(mark.kind.removeprefix(POLAR))
    needed = () if draw is None else draw.needs
    if draw is None or not arrays.keys() >= set(needed):
        return False
    try:
        draw.draw(ax, mark, arrays, colour)
    except (ValueError, TypeError, LookupError, ArithmeticError):  # a wedge below zero, arrays of other lengths: recorded, and not drawn
        return False
    return True


def _draw_bars(ax: Any, mark: Mark, arrays: _Arrays, colour: str) -> None:
    bars = ax.bar(arrays["x"], arrays["height"], arrays["width"], arrays["y"], align="edge", color=_part_colours(mark, arrays, colour))
    bars.set_label(mark.label or "_")


def _draw_histogram(ax: Any, mark: Mark, arrays: _Arrays, colour: str) -> None:
    if "x" in arrays and "y" in arrays:
        ax.hist2d(np.nan_to_num(arrays["x"]), np.nan_to_num(arrays["y"]), bins=30)
        return
    along, values = next(iter(arrays.items()))
    how = {"label": mark.label or "_", "alpha": 0.8, "orientation": "horizontal" if along == "y" else "vertical"}
    ax.hist(values[np.isfinite(values)], bins="auto", color=colour, **how)


def _draw_field(ax: Any, mark: Mark, arrays: _Arrays, colour: str) -> None:
    low, high = arrays["norm"]
    shown = ax.pcolormesh(arrays["x"], arrays["y"], arrays["value"], shading="nearest", vmin=low, vmax=high)
    ax.figure.colorbar(shown, ax=ax)


def _draw_picture(ax: Any, mark: Mark, arrays: _Arrays, colour: str) -> None:
    ax.imshow(np.clip(arrays["value"] / max(1.0, float(np.nanmax(arrays["value"]))), 0, 1))


def _draw_pie(ax: Any, mark: Mark, arrays: _Arrays, colour: str) -> None:
    wedges: dict[str, float] = {}
    for word, value in zip(_listed(mark.exact.get("labels")), np.nan_to_num(arrays["value"]), strict=False):
        wedges[str(word)] = wedges.get(str(word), 0.0) + float(value)  # one wedge for all values of a name
    ax.pie(list(wedges.values()), labels=[_plain(word) for word in wedges])


def _draw_prices(ax: Any, mark: Mark, arrays: _Arrays, colour: str) -> None:
    ax.vlines(arrays["x"], arrays["ylow"], arrays["yhigh"], color=colour, label=mark.label or "_")
    ax.plot(arrays["x"], arrays["y"], "_", color=colour)


def _draw_annotation(ax: Any, mark: Mark, arrays: _Arrays, colour: str) -> None:
    ax.annotate(_plain(str(mark.exact["text"])), (arrays["x"][0], arrays["y"][0]))


def _draw_shape(ax: Any, mark: Mark, arrays: _Arrays, colour: str) -> None:
    x, y = arrays.get("x"), arrays.get("y")
    if x is not None and y is not None and len(x) == len(y) == 2:
        is_line = mark.exact.get("shape") == "line"
        corners = ([x[0], x[1]], [y[0], y[1]]) if is_line else ([x[0], x[1], x[1], x[0], x[0]], [y[0], y[0], y[1], y[1], y[0]])
        ax.plot(*corners, color="0.4", lw=1)
        return
    for place in np.unique(x) if x is not None else ():
        ax.axvline(place, color="0.4", lw=1)
    for place in np.unique(y) if y is not None else ():
        ax.axhline(place, color="0.4", lw=1)


def _draw_points(ax: Any, mark: Mark, arrays: _Arrays, colour: str) -> None:
    x, y, label = arrays["x"], arrays["y"], mark.label or "_"
    if mark.kind == "text":
        for place, text in enumerate(_listed(mark.exact.get("text"))):
            ax.text(x[place], y[place], _plain(str(text)))
        ax.update_datalim(np.column_stack([x, y]))
        ax.autoscale_view()
    elif mark.kind.removeprefix(POLAR) == "error bars":
        bars = {
            f"{axis}err": [arrays[axis] - arrays[f"{axis}low"], arrays[f"{axis}high"] - arrays[axis]]
            for axis in "xy"
            if f"{axis}low" in arrays
        }
        ax.errorbar(x, y, **{name: np.abs(ends) for name, ends in bars.items()}, fmt="o", color=colour, label=label)
    elif mark.kind.removeprefix(POLAR) == "line":
        steps = {"hv": "steps-post", "vh": "steps-pre", "hvh": "steps-mid"}.get(str(mark.exact.get("line.shape")), "default")
        ax.plot(x, y, "o-" if mark.exact.get("markers") == "shown" and len(x) <= 60 else "-", color=colour, label=label, drawstyle=steps)
        if mark.exact.get("fill") in ("tozeroy", "tonexty", "toself"):
            ax.fill_between(x, y, 0 if mark.exact["fill"] != "toself" else y, color=colour, alpha=0.2)
    else:
        sizes = arrays["size"] ** 2 if "size" in arrays else None
        shown = ax.scatter(
            x, y, s=sizes, c=arrays.get("value", _part_colours(mark, arrays, colour)), alpha=arrays.get("opacity"), label=label
        )
        if "value" in arrays:
            ax.figure.colorbar(shown, ax=ax)


def _part_colours(mark: Mark, arrays: _Arrays, colour: str) -> Any:
    parts = mark.exact.get("colours")
    if isinstance(parts, Sequence) and not isinstance(parts, str):
        return [f"C{int(part) % 8}" if isinstance(part, int) else colour for part in parts]
    if "value" in arrays:
        low, high = arrays["norm"]
        return mpl.colormaps["viridis"]((arrays["value"] - low) / ((high - low) or 1))
    return colour


def _draw_boxes(ax: Any, mark: Mark, arrays: _Arrays, colour: str) -> None:
    along, across = _box_axes(mark)
    groups, values = arrays[across], arrays[along]
    places = np.unique(groups)
    parts = [part[np.isfinite(part)] for part in (values[groups == place] for place in places)]
    how: dict[str, Any] = {"positions": places, "widths": float(str(mark.exact.get("drawn width", 0.6)))}
    how |= {"orientation": "horizontal"} if along == "x" else {}
    if mark.kind == "violins of values":
        ax.violinplot(parts, showmedians=True, **how)
    else:
        edges = {f"{part}props": {"color": colour} for part in ("box", "median", "whisker", "cap")}
        ax.boxplot(parts, manage_ticks=False, flierprops={"markeredgecolor": colour}, **edges, **how)
    ax.plot([], [], color=colour, label=mark.label or "_")  # for the legend


def _box_axes(mark: Mark) -> tuple[str, str]:
    """The axis along which values run, and that along which the boxes stand."""
    return ("x", "y") if "y" not in mark.arrays or mark.exact.get("orientation") == "h" else ("y", "x")


def _boxes_beside_each_other(marks: Sequence[Mark]) -> list[Mark]:
    """The marks, those of boxes with the place of each, side by side where several stand in one group."""
    boxes = [mark for mark in marks if mark.kind in ("boxes of values", "violins of values")]
    made = []
    for mark in marks:
        place = next((i for i, box in enumerate(boxes) if box is mark), None)
        if place is None:
            made.append(mark)
            continue
        along, across = _box_axes(mark)
        values = np.asarray(mark.arrays[along], float)
        is_grouped = across in mark.arrays
        groups = np.asarray(mark.arrays[across], float) if is_grouped else np.full(len(values), float(place))
        shift = (place - (len(boxes) - 1) / 2) * 0.8 / len(boxes) if is_grouped and len(boxes) > 1 else 0.0
        width = 0.6 / len(boxes) if is_grouped else 0.6
        made.append(replace(mark, arrays={**mark.arrays, across: groups + shift}, exact={**mark.exact, "drawn width": width}))
    return made


def _draw_points_in_space(ax: Any, mark: Mark, arrays: _Arrays, colour: str) -> None:
    draw = ax.plot if mark.kind == "line" else ax.scatter
    draw(arrays["x"], arrays["y"], arrays["z"], color=colour, label=mark.label or "_")


def _draw_surface(ax: Any, mark: Mark, arrays: _Arrays, colour: str) -> None:
    if arrays["z"].ndim != 2:
        ax.scatter(arrays["x"], arrays["y"], arrays["z"], color=colour)
        return
    rows, columns = arrays["z"].shape
    x, y = (
        given if (given := arrays.get(axis)) is not None and given.size == size else np.arange(size)
        for axis, size in (("x", columns), ("y", rows))
    )
    ax.plot_surface(*np.meshgrid(x, y), arrays["z"], cmap="viridis")


@dataclass(frozen=True)
class _Drawer:
    """How marks of a kind are drawn, and the arrays that this needs."""

    draw: Callable[[Any, Mark, _Arrays, str], None]
    needs: tuple[str, ...] = ()


_DRAWN = {
    **dict.fromkeys(("line", "scatter", "error bars", "text"), _Drawer(_draw_points, ("x", "y"))),
    "bars": _Drawer(_draw_bars, ("x", "y", "width", "height")),
    "histogram of values": _Drawer(_draw_histogram),
    **dict.fromkeys(("boxes of values", "violins of values"), _Drawer(_draw_boxes)),
    **dict.fromkeys(("image of values", "contours of values"), _Drawer(_draw_field, ("x", "y", "value", "norm"))),
    "image": _Drawer(_draw_picture, ("value",)),
    "pie": _Drawer(_draw_pie, ("value",)),
    "prices": _Drawer(_draw_prices, ("x", "ylow", "yhigh", "y")),
    "annotation": _Drawer(_draw_annotation, ("x", "y")),
    **dict.fromkeys(("shape", "shape across the axes"), _Drawer(_draw_shape)),
}
_IN_SPACE = {
    **dict.fromkeys(("line", "scatter"), _Drawer(_draw_points_in_space, ("x", "y", "z"))),
    "surface of values": _Drawer(_draw_surface, ("z",)),
}


def _set_axis(ax: Any, letter: str, axis: AxisData) -> None:
    if axis.label:
        getattr(ax, f"set_{letter}label")(_plain(axis.label))
    if axis.scale == "log":
        getattr(ax, f"set_{letter}scale")("log")
    if axis.ticks is not None:
        getattr(ax, f"set_{letter}ticks")([place for place, _ in axis.ticks], [_plain(word) for _, word in axis.ticks])
    elif axis.parameters.get("dates"):
        getattr(ax, f"{letter}axis").axis_date()
    if axis.limits:
        getattr(ax, f"set_{letter}lim")(*axis.limits)
    elif axis.inverted:
        getattr(ax, f"invert_{letter}axis")()


def _plain(text: str) -> str:
    """Text without Plotly's tags, and without signs that matplotlib would take for math."""
    return re.sub(r"<[^<>]*>", "", re.sub(r"<br\s*/?>", "\n", text)).replace("$", r"\$")


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
