"""Overlays as SVG: recorded marks grey and wide with open circles, observed ones on top in blue, dashed, with dots; rings where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.collections import PolyCollection
from matplotlib.lines import Line2D

from labnotes.compare.distances import Array
from labnotes.model.comparison import number_text
from labnotes.report.overlay.axes_style import (
    INK,
    OBSERVED,
    PAPER,
    RECORDED,
    SAME,
    WORST,
    disable_invalid_formula,
    empty_figure,
    figure_as_svg,
    set_limits,
    shortened_text,
    style_axes,
)
from labnotes.report.overlay.difference_places import DifferenceSpot, Layer
from labnotes.report.overlay.field_outlines import FieldCells
from labnotes.report.overlay.outlines import NOWHERE
from labnotes.report.overlay.overlay_result import TOLD
from labnotes.report.overlay.view import Scene

DOTS, ALL_DOTS = 60, 1000
"""Largest number of elements of one mark, and of all marks, for which each element is drawn as a point."""

MOST_CROSSES = 500
"""How many cells of a map are crossed out because they are a number on one side alone."""

RASTER = 4000
"""Number of places above which a mark is drawn as pixels."""

HOLD = 0.16
"""Half the distance of the two elements in a magnified view, as a share of the view."""


def overview_svg(scene: Scene, layers: Sequence[Layer], spots: Sequence[DifferenceSpot], *, equal: bool, numbered: bool) -> str:
    """The SVG of all marks of one pair of axes, recorded and observed over each other."""
    fig, ax = empty_figure(curved=scene.curved)
    style_axes(ax, scene)
    if equal:
        ax.set_aspect("equal")
    _draw_layers(ax, layers)
    for spot in spots:
        _draw_spot(ax, spot, numbered=numbered)
    _draw_legend(fig, layers, [spot.kind for spot in spots])
    return figure_as_svg(fig)


def magnified_svg(scene: Scene, layers: Sequence[Layer], spot: DifferenceSpot) -> tuple[str, float]:
    """The SVG of what surrounds one element, magnified so that its two places can be told apart; and by how many times it is magnified.

    The ticks stand at the two places.
    """
    assert spot.recorded is not None and spot.observed is not None
    ends = scene.to_shares(np.array([spot.recorded, spot.observed]))
    half = np.abs(ends[1] - ends[0]).max() / (4 * HOLD)
    corners = scene.to_data(np.array([ends.mean(axis=0) - half, ends.mean(axis=0) + half]))
    fig, ax = empty_figure()
    style_axes(ax, scene, bare=True)
    set_limits(ax, scene, (corners[0, 0], corners[1, 0]), (corners[0, 1], corners[1, 1]))
    _draw_layers(ax, layers)
    for role, place in (("recorded", spot.recorded), ("observed", spot.observed)):
        (drawn,) = ax.plot(*place[:, None], linestyle="none", **_POINTS[role] | _NEAR[role])
        drawn.set_gid(f"{role}-element-{spot.numbers[0]}")
        ax.annotate(role, place, (9, 0), textcoords="offset points", va="center", color=_COLOUR[role], bbox=_GROUND)
    for i, axis in enumerate((ax.xaxis, ax.yaxis)):
        apart = abs(ends[1, i] - ends[0, i]) > 0.2 * half
        at = np.unique([spot.recorded[i], spot.observed[i]]) if apart else spot.recorded[i : i + 1]
        axis.set_ticks(at, [number_text(float(value)) for value in at])
        if i == 0 and apart:
            for label, side in zip(axis.get_ticklabels(), ("right", "left")[:: -1 if ax.xaxis_inverted() else 1], strict=True):
                label.set_horizontalalignment(side)
    ax.minorticks_off()
    return figure_as_svg(fig), 1 / (2 * half)


def elements_svg(signed: Array, allowed: float, at: int, numbers: tuple[int, ...], element: str, measure: str) -> str:
    """The SVG of observed minus recorded for each element of one array, in hundredths of what the comparison measures by.

    `signed` has one number (a share) for each element, NaN for a number on one side alone; `at` is the element that differs most.
    """
    fig, ax = empty_figure()
    values, places = signed * 100, np.arange(len(signed))
    finite = np.isfinite(values)
    ax.axhspan(-allowed * 100, allowed * 100, color=SAME, linewidth=0.8, gid="allowed")
    if len(values) <= DOTS:
        ax.vlines(places[finite], 0, values[finite], color=OBSERVED, linewidth=1)
    style: dict[str, Any] = {"marker": "o", "markersize": 3.5, "linestyle": "none"} if len(values) <= 5 * DOTS else {"linewidth": 0.9}
    ax.plot(places, np.where(finite, values, np.nan), color=OBSERVED, gid="difference", rasterized=len(values) > RASTER, **style)
    if not finite.all():
        ax.plot(places[~finite], np.zeros((~finite).sum()), "x", color=WORST, markersize=7, gid="one-sided")
    worst = values[at] if finite[at] else 0.0
    _draw_ring(ax, np.array([at, worst]), "worst", numbers, numbered=False)
    ax.margins(0.04, 0.14)
    if not np.any(values[finite]):
        ax.set_ylim(-1, 1)
    ax.locator_params(axis="x", integer=True)
    ax.set(xlabel=shortened_text(element), ylabel=f"observed − recorded\n(% of the {measure})")
    disable_invalid_formula(ax.xaxis.label)
    return figure_as_svg(fig)


def field_map_svg(scene: Scene, cells: FieldCells, signed: Array, spot: DifferenceSpot, what: str, *, numbered: bool) -> str:
    """The SVG of observed minus recorded for each cell of a field. `signed` has a share for each cell, NaN where one side has no number."""
    fig, ax = empty_figure(curved=scene.curved)
    style_axes(ax, scene)
    values = np.ma.masked_invalid(signed * 100)
    reach = float(np.abs(values).max()) if values.count() else 1.0
    style: dict[str, Any] = {"cmap": "PRGn", "clim": (-(reach or 1.0), reach or 1.0), "gid": "difference"}
    drawn: Any
    if cells.grid is not None:
        shading = "gouraud" if cells.smooth else "flat"
        drawn = ax.pcolormesh(cells.grid[..., 0], cells.grid[..., 1], values, shading=shading, **style)
    elif cells.points is not None:
        drawn = ax.tripcolor(*cells.points.T, np.ma.filled(values, 0.0), triangles=cells.triangles, shading="gouraud", **style)
    else:
        drawn = ax.add_collection(PolyCollection(cells.polygons, array=values, edgecolor="face", **style), autolim=False)
    drawn.set_rasterized(values.size > RASTER)
    set_limits(ax, scene, scene.x, scene.y)
    _draw_frame(ax, cells)
    crossed = cells.value_places()[~np.isfinite(signed).ravel()][:MOST_CROSSES]
    if len(crossed):
        ax.plot(*crossed.T, "x", color=WORST, markersize=6, gid="one-sided")
    halo: dict[str, Any] = {"marker": "s", "markersize": 14, "markerfacecolor": "none", "markeredgecolor": PAPER, "markeredgewidth": 4}
    ax.add_artist(Line2D(*spot.pointed_place[:, None], linestyle="none", zorder=4.9, **halo))
    _draw_ring(ax, spot.pointed_place, "worst", spot.numbers, numbered=numbered, marker="s")
    fig.colorbar(drawn, label=f"observed − recorded\n(% of the {what})")
    return figure_as_svg(fig)


# -- parts ---------------------------------------------------------------------------------------------------------------------------------

_COLOUR = {"recorded": INK, "observed": OBSERVED, "same": SAME}
_STROKES: dict[str, dict[str, Any]] = {
    "same": {"color": SAME, "linewidth": 1.0},
    "recorded": {"color": RECORDED, "linewidth": 3.4, "alpha": 0.75, "solid_capstyle": "round", "solid_joinstyle": "round"},
    "observed": {"color": OBSERVED, "linewidth": 1.2, "dashes": (4, 1.6)},
}
_POINTS: dict[str, dict[str, Any]] = {
    "same": {"marker": "o", "markersize": 3, "color": SAME},
    "recorded": {"marker": "o", "markersize": 7.5, "markerfacecolor": "none", "markeredgecolor": RECORDED, "markeredgewidth": 1.5},
    "observed": {"marker": "o", "markersize": 3.2, "markerfacecolor": OBSERVED, "markeredgecolor": OBSERVED},
}
_NEAR: dict[str, dict[str, Any]] = {
    "recorded": {"markersize": 11, "markeredgecolor": INK, "markerfacecolor": PAPER, "zorder": 4},
    "observed": {"markersize": 7, "zorder": 4.5},
}
_ORDER = {"same": 1, "recorded": 2, "observed": 3}
_GROUND = {"facecolor": PAPER, "edgecolor": "none", "alpha": 0.8, "pad": 0.6}


def _draw_layers(ax: Any, layers: Sequence[Layer]) -> None:
    dotted = sum(len(layer.sketch.points) for layer in layers) <= ALL_DOTS
    for layer in layers:
        _draw_layer(ax, layer, dotted=dotted)


def _draw_layer(ax: Any, layer: Layer, *, dotted: bool) -> None:
    """Draw the strokes and the points of a mark, each as one SVG group with an id of its own."""
    sketch, order = layer.sketch, _ORDER[layer.role]
    points = sketch.points if (dotted and len(sketch.points) <= DOTS) or not len(sketch.strokes) else NOWHERE
    if len(sketch.strokes):
        line = Line2D(*sketch.strokes.T, zorder=order, gid=layer.name, rasterized=len(sketch.strokes) > RASTER, **_STROKES[layer.role])
        ax.add_artist(line)
    if len(points):
        style = dict(_POINTS[layer.role])
        dots = Line2D(*points.T, zorder=order, gid=f"{layer.name}-points", rasterized=len(points) > RASTER, linestyle="none", **style)
        ax.add_artist(dots)


def _draw_spot(ax: Any, spot: DifferenceSpot, *, numbered: bool) -> None:
    if not np.all(np.isfinite(spot.pointed_place)):
        return
    if spot.kind == "tag":
        if numbered:
            _write_numbers(ax, spot.pointed_place, spot.numbers, f"tag-{spot.numbers[0]}")
    else:
        _draw_ring(ax, spot.pointed_place, spot.kind, spot.numbers, numbered=numbered, marker="o" if spot.kind == "worst" else "D")


def _draw_ring(ax: Any, at: Array, kind: str, numbers: tuple[int, ...], *, numbered: bool, marker: str = "o") -> None:
    style: dict[str, Any] = {
        "marker": marker,
        "markersize": 14,
        "markerfacecolor": "none",
        "markeredgecolor": WORST,
        "markeredgewidth": 1.7,
    }
    ax.add_artist(Line2D(*at[:, None], linestyle="none", zorder=5, clip_on=False, gid=f"{kind}-{numbers[0]}", **style))
    if numbered:
        _write_numbers(ax, at, numbers, f"number-{numbers[0]}")


def _write_numbers(ax: Any, at: Array, numbers: tuple[int, ...], gid: str) -> None:
    words = ", ".join(str(difference_number) for difference_number in numbers if difference_number <= TOLD)
    ax.annotate(
        words, at, (8, 7), textcoords="offset points", color=WORST, weight="bold", zorder=6, annotation_clip=False, bbox=_GROUND, gid=gid
    )


def _draw_legend(fig: Any, layers: Sequence[Layer], spots: Sequence[str]) -> None:
    roles = {layer.role for layer in layers}
    names = {"recorded": "recorded", "observed": "observed", "same": "agrees"}
    handles = [Line2D([], [], label=label, **{**_POINTS[role], **_STROKES[role]}) for role, label in names.items() if role in roles]
    ring: dict[str, Any] = {
        "linestyle": "none",
        "markerfacecolor": "none",
        "markeredgecolor": WORST,
        "markersize": 9,
        "markeredgewidth": 1.5,
    }
    if "worst" in spots:
        handles.append(Line2D([], [], marker="o", label="differs most", **ring))
    if "apart" in spots:
        handles.append(Line2D([], [], marker="D", label="farthest apart", **ring))
    fig.legend(handles=handles, loc="outside upper left", ncols=4, handlelength=2.2, columnspacing=1.4)


def _draw_frame(ax: Any, cells: FieldCells) -> None:
    """Draw the outline of a map, since its cells may all have the colour of the paper."""
    if cells.grid is not None:
        edge = [cells.grid[0], cells.grid[:, -1], cells.grid[-1, ::-1], cells.grid[::-1, 0]]
        ax.add_artist(Line2D(*np.concatenate(edge).T, color=RECORDED, linewidth=0.8))
