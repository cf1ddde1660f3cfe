"""Overlays of recorded and observed marks: what is drawn, where the rings stand, what can be seen, and what is said where nothing can be drawn."""

import ast
import importlib.util
import io
import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import matplotlib as mpl
import numpy as np
import pytest

import simple_drawings as ordinary
from figure_corpus import CHANGES, DRAWINGS, KINDS_ONCE, rare
from figure_corpus.readings import corpus_figure, recorded_figure
from labnotes.compare import trial_changes
from labnotes.compare.figures import allowed_share, compare_figures, sorted_differences
from labnotes.model.encoding import decode_value, encode_value
from labnotes.model.mark_kinds import MARK_KINDS
from labnotes.model.plots import AxesData, AxisData, Figure, FigureData, Mark
from labnotes.model.quantities import Tolerance
from labnotes.report.overlay import axes_overlay, axes_style, difference_places, drawing, outlines_by_kind
from labnotes.report.overlay.figure_overlay import MOST, draw_overlay
from labnotes.report.overlay.overlay_result import TOLD

plt = rare.plt
READERS = Path(__file__).parents[3] / "tools" / "labnotes" / "author" / "figures" / "matplotlib"
NAN, INF = float("nan"), float("inf")


# -- looking into an SVG ------------------------------------------------------------------------------------------------------------------


class SvgPicture:
    """An SVG by its ids: where the points of a group stand, in points of 1/72 inch."""

    def __init__(self, made):
        self.root = ET.fromstring(made.svg)
        self.named = {element.get("id"): element for element in self.root.iter() if element.get("id")}
        assert len(self.named) == len([1 for element in self.root.iter() if element.get("id")]), "ids are unique"

    def marker_points(self, name):
        """Return the places of the markers of a group, (markers, 2), in points of 1/72 inch."""
        uses = [element for element in self.named[name].iter() if element.tag.endswith("}use")]
        return np.array([(float(use.get("x")), float(use.get("y"))) for use in uses])

    def stroke_corners(self, name):
        """Return the corners of the strokes of a group, (corners, 2), in points of 1/72 inch."""
        paths = [element.get("d") for element in self.named[name].iter() if element.tag.endswith("}path")]
        return np.array([[float(number) for number in pair] for path in paths for pair in re.findall(r"[ML] (\S+) (\S+)", path)])

    def marker_shares(self, name):
        """Return the places of the markers of a group, (markers, 2), as shares of the axes from their lower left corner."""
        frame = self.stroke_corners("patch_2")
        low, high = frame.min(axis=0), frame.max(axis=0)
        return (self.marker_points(name) - low) / (high - low) * (1, -1) + (0, 1)

    def names_starting(self, start):
        return sorted(name for name in self.named if name.startswith(start))

    def group_text(self, name):
        return "".join(self.named[name].itertext()).strip()


def drawings_of_kind(made, kind, axes=0):
    return [graphic for graphic in made.axes[axes].drawings if graphic.kind == kind]


def picture_of_kind(made, kind, axes=0, which=0):
    return SvgPicture(drawings_of_kind(made, kind, axes)[which])


def overlay_of_change(draw, **change):
    return draw_overlay(recorded_figure(draw()), recorded_figure(draw(**change)))


# -- figures by their data alone ----------------------------------------------------------------------------------------------------------

PLAIN = AxisData("x", "linear", None, False, None)
FIVE = [0.0, 1.0, 2.0, 3.0, 4.0]


def line_mark(y, x=None, label="", **words):
    return Mark("line", label, 0, {"x": list(FIVE if x is None else x), "y": list(y)}, words)


def figure_of_marks(*marks, x=None, y=None, count=1, tolerance=None):
    axes = AxesData("", "plain", replace(PLAIN, **(x or {})), replace(PLAIN, **{"label": "y", **(y or {})}), marks, ())
    data = json.loads(json.dumps(encode_value(FigureData((axes,) * count, (), ())), allow_nan=False))
    return Figure("f", 1, "c", "a", decode_value(FigureData, data), tolerance)


# -- every kind ---------------------------------------------------------------------------------------------------------------------------


MAKERS = ("Mark", "kind_by_placement", "_coloured_mark", "read_raw_values", "read_field")
"""Functions whose first argument is the kind of a mark."""

POLAR = {f"polar {kind}" for kind in ("line", "scatter", "bars", "error bars", "text")}


def kinds_that_are_read():
    """Every kind of mark that the readers make, by their source."""
    kinds = set()
    for path in READERS.parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.returns is not None and ast.unparse(node.returns) == "_ReadMark":  # of Vega
                kinds |= {leaf.value.elts[0].value for leaf in ast.walk(node) if isinstance(leaf, ast.Return)}
            if isinstance(node, ast.Call) and ast.unparse(node.func) in MAKERS:
                kinds |= {leaf.value for leaf in ast.walk(node.args[0]) if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)}
            if path.parent == READERS and isinstance(node, ast.Assign) and re.match(r"\(?kind\b", ast.unparse(node.targets[0])):
                kinds |= {leaf.value for leaf in ast.walk(node.value) if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)}
    return kinds


def test_every_kind_that_is_read_is_drawn_or_said_to_have_no_overlay():
    read = (kinds_that_are_read() | POLAR) - {
        "secondary ",
        " axis",
        "x",
        "y",
        "width",
        "height",
        "markers",
        "",
        "type",
        "barpolar",
        "scatter3d",
    }
    assert len(read) > 30
    assert read <= MARK_KINDS.keys(), read - MARK_KINDS.keys()
    assert MARK_KINDS.keys() - read == {"secondary x axis", "secondary y axis"}, "no kind is kept that nothing reads"
    assert outlines_by_kind.KINDS.keys() == {name for name, kind in MARK_KINDS.items() if not kind.undrawn}


ORDINARY = {
    **{f"ordinary-{name}": case for name, case in ordinary.SCIENTIFIC.items()},
    **{f"subtle-{name}": case for name, case in ordinary.SUBTLE.items()},
}

CASES = [
    pytest.param((name, number), id=f"{name}-{number}", marks=() if number == 0 and name in KINDS_ONCE else pytest.mark.slow)  # 0.3 s each
    for name, changes in CHANGES.items()
    for number in range(len(changes))
]
CASES += [pytest.param(case, id=name, marks=pytest.mark.slow) for name, case in ORDINARY.items()]

UNDRAWN = ("table", "joined")
"""Drawings whose changes have no place in an overlay: texts of a table, a line from one pair of axes to another."""


def both_sides(case):
    """The two sides of a case, as a record holds them."""
    if case[0] in DRAWINGS:
        name, number = case
        return corpus_figure(name), corpus_figure(name, number)
    draw, change, _ = case
    return recorded_figure(draw()), recorded_figure(draw(**change))


def words_alone(then, now):
    """Whether all that differs are words, scales, legends, colours or the limits of colours."""
    places = [d.place for d in sorted_differences(then, now) if d.share > allowed_share(then)]
    return all(p.axes is None or (p.recorded is None and p.observed is None and not p.array) or p.array == "norm" for p in places)


@pytest.mark.parametrize("case", CASES)
def test_whatever_differs_is_drawn_where_the_comparison_says_or_the_reason_is_told(case):
    then, now = both_sides(case)
    made = draw_overlay(then, now)
    is_drawn_or_told(then, now, made, case[0])
    has_rings_where_the_comparison_says(then, now, made)


def is_drawn_or_told(then, now, made, name):
    shown = [graphic for part in made.axes for graphic in part.drawings]
    if not shown:
        reasons = [told.undrawn for part in made.axes for told in part.told]
        assert all(reasons), reasons
        assert name in UNDRAWN or words_alone(then, now) or set(reasons) - {difference_places.WRITTEN} <= NO_PLACE, reasons
        assert made.said or all(part.said for part in made.axes)
    for part in made.axes:
        assert not [text for text in part.said if "could not be drawn" in text], part.said
        pictures = {graphic.kind: SvgPicture(graphic) for graphic in part.drawings}
        marked = set()
        for picture_shown in pictures.values():
            for ring in picture_shown.names_starting("worst-") + picture_shown.names_starting("apart-"):
                marked.add(int(ring.partition("-")[2]))
            for group in picture_shown.names_starting("number-") + picture_shown.names_starting("tag-"):
                marked |= {int(word) for word in picture_shown.group_text(group).split(", ")}
        for told in part.told:
            if told.undrawn or (len(part.told) == 1 and not marked):
                continue
            assert told.number in marked, (told, marked)
    for graphic in shown:
        assert "<script" not in graphic.svg and "<dc:date>" not in graphic.svg
        assert graphic.alt and graphic.caption


NO_PLACE = {"it has no place", "it stands outside the axes", *(kind.undrawn for kind in MARK_KINDS.values())}


def has_rings_where_the_comparison_says(then, now, made):
    """For marks that are points or corners in the plane, the place of an element is known from the record alone."""
    for i, part in enumerate(made.axes):
        axes = int(part.title.removeprefix("Axes ") or 1) - 1
        axes_differences = [d for d in sorted_differences(then, now) if d.share > allowed_share(then) and d.place.axes == axes]
        assert [told.what for told in part.told] == [d.what for d in axes_differences[:TOLD]], "the comparison's words, in its order"
        if not drawings_of_kind(made, "overview", i) or outlines_by_kind.is_polar(then.data.axes[axes]):
            continue
        shown = picture_of_kind(made, "overview", i)
        with axes_style.overlay_style():
            view = axes_overlay._prepare_axes(then.data.axes[axes], now.data.axes[axes], axes_differences, [], allowed_share(then)).scene
        for number, d in enumerate(axes_differences, 1):
            place, ring = d.place, f"worst-{number}"
            if place.at is None or place.observed is None or ring not in shown.named:
                continue
            mark = now.data.axes[axes].marks[place.observed]
            x, y = (np.asarray(mark.arrays.get(key, []), float) for key in "xy")
            known = mark.kind in CORNERS and place.array in ("x", "y") and "z" not in mark.arrays and x.shape == y.shape
            if known and np.isfinite([x[place.at], y[place.at]]).all():
                expected = view.to_shares(np.array([[x[place.at], y[place.at]]]))[0]
                turned = [then.data.axes[axes].x.inverted, then.data.axes[axes].y.inverted]
                assert shown.marker_shares(ring)[0] == pytest.approx(np.where(turned, 1 - expected, expected), abs=1e-4)


CORNERS = ("line", "scatter", "band", "polygon", "shape", "segments")


# -- the ring and the magnified view --------------------------------------------------------------------------------------------------------


def test_the_ring_stands_at_the_changed_point_of_a_line():
    made = overlay_of_change(ordinary.draw_lines, at=7)
    shown = picture_of_kind(made, "overview")
    observed = shown.marker_points("observed-0-points")
    assert len(observed) == 40
    assert shown.marker_points("worst-1")[0] == pytest.approx(observed[7], abs=1e-3)
    assert np.abs(shown.marker_points("recorded-0-points")[7] - observed[7]).max() < 1, "too near each other to be told apart"
    assert shown.names_starting("same-") == ["same-1", "same-1-points"], "the other line agrees"
    assert not shown.names_starting("number-"), "one difference needs no number"


def test_recorded_and_observed_are_told_apart_without_colour():
    shown = picture_of_kind(overlay_of_change(ordinary.draw_lines, at=7), "overview")
    styles = {
        name: next(e.get("style") for e in shown.named[name].iter() if e.get("style")) for name in ("recorded-0", "observed-0", "same-1")
    }
    dashed = {name: "stroke-dasharray" in style for name, style in styles.items()}
    widths = {name: float((re.search(r"stroke-width: ([\d.]+)", style) or [0, 1])[1]) for name, style in styles.items()}
    assert dashed == {"recorded-0": False, "observed-0": True, "same-1": False}
    assert widths["recorded-0"] > 2 * widths["observed-0"] > widths["same-1"]
    filled = {name: "fill-opacity: 0;" in ET.tostring(shown.named[f"{name}-0-points"]).decode() for name in ("recorded", "observed")}
    assert filled == {"recorded": True, "observed": False}, "open circles and dots"
    texts = [element.text for element in shown.root.iter() if element.tag.endswith("}text")]
    assert [text for text in texts if text in ("recorded", "observed", "agrees", "differs most")] == [
        "recorded",
        "observed",
        "agrees",
        "differs most",
    ]


def test_a_change_of_a_thousandth_is_seen():
    for draw, change in (
        (ordinary.draw_lines, {"at": 7}),
        (ordinary.draw_lines, {"y": 1.001}),
        (ordinary.draw_bars, {"heights": (1.0, 2.0, 3.003)}),
    ):
        near = picture_of_kind(overlay_of_change(draw, **change), "magnified")
        recorded_, observed = (
            near.marker_points(near.names_starting("recorded-element-")[0]),
            near.marker_points(near.names_starting("observed-element-")[0]),
        )
        apart = np.abs(recorded_ - observed).max()
        assert 40 < apart < 150
        strokes = [near.stroke_corners(f"{side}-0") for side in ("recorded", "observed")]
        assert all(len(corners) for corners in strokes)


THOUSANDTHS = {
    "a line on a logarithmic axis": (lambda v: figure_of_marks(line_mark(10.0 ** np.array([0, 1, 2 + v, 3, 4]), FIVE), y={"scale": "log"})),
    "a line on a logit axis": (lambda v: figure_of_marks(line_mark([0.1, 0.5, 0.9 + v / 10, 0.99, 0.999]), y={"scale": "logit"})),
    "a line on a symlog axis": (
        lambda v: figure_of_marks(
            line_mark([-1e4, -1, v, 1, 1e4]), y={"scale": "symlog", "parameters": {"linthresh": 1, "linscale": 1, "base": 10}}
        )
    ),
    "a line turned round": (lambda v: figure_of_marks(line_mark([0, 1, 2 + 4 * v, 3, 4]), y={"inverted": True}, x={"inverted": True})),
    "limits of an axis": (lambda v: figure_of_marks(line_mark(FIVE), y={"limits": (0, 4 + 4 * v)})),
    "something far from zero": (lambda v: figure_of_marks(line_mark([1e9, 1e9 + 1, 1e9 + 1 + v, 1e9, 1e9]))),
    "polar": (lambda v: recorded_figure(rare.polar(bar=1 + 3 * v))),
    "an angle of a wedge": (lambda v: recorded_figure(rare.shapes(theta=90 + 360 * v))),
}


@pytest.mark.parametrize("draw", THOUSANDTHS.values(), ids=THOUSANDTHS)
def test_a_thousandth_is_seen_on_every_scale(draw):
    near = picture_of_kind(draw_overlay(draw(0.0), draw(0.001)), "magnified")
    apart = near.marker_points(near.names_starting("observed-element-")[0]) - near.marker_points(
        near.names_starting("recorded-element-")[0]
    )
    assert 40 < np.abs(apart).max() < 150


def test_the_magnified_view_writes_both_values():
    near = picture_of_kind(overlay_of_change(ordinary.draw_lines, at=7), "magnified")
    texts = [element.text for element in near.root.iter() if element.tag.endswith("}text")]
    assert {"0.97699996", "0.97499996", "1.7948718", "recorded", "observed"} <= set(texts)


def test_what_can_be_seen_is_not_magnified():
    made = draw_overlay(figure_of_marks(line_mark(FIVE)), figure_of_marks(line_mark([0, 1, 3, 3, 4])))
    assert [graphic.kind for graphic in made.axes[0].drawings] == ["overview", "along"]


def test_differences_along_a_mark_are_those_of_the_comparison():
    then, now = figure_of_marks(line_mark(FIVE)), figure_of_marks(line_mark([0, 1.01, 2, 2.8, 4]))
    made = draw_overlay(then, now)
    shown = picture_of_kind(made, "along")
    points = shown.marker_points("difference")
    assert len(points) == 5
    assert shown.marker_points("worst-1")[0] == pytest.approx(points[3], abs=1e-3)
    zero = points[0][1]
    assert points[1][1] < zero < points[3][1], "what grew stands above"
    assert zero - points[1][1] == pytest.approx((points[3][1] - zero) / 20, rel=1e-3), "+0.25 % and -5 % of the range"
    assert drawings_of_kind(made, "along")[0].caption == "2 of 5 elements of y differ; 0.0001 % is allowed"


def test_what_moved_within_the_tolerance_is_drawn_and_not_ringed():
    tolerance = Tolerance(0.05, "two processors differed")
    then = figure_of_marks(
        line_mark(FIVE, label="a"), line_mark(FIVE[::-1], label="b"), line_mark([1.0] * 5, label="c"), tolerance=tolerance
    )
    now = figure_of_marks(
        line_mark([0, 1, 2.1, 3, 4], label="a"),
        line_mark([4, 3, 2, 1.5, 0], label="b"),
        line_mark([1.0] * 5, label="c"),
        tolerance=tolerance,
    )
    shown = picture_of_kind(draw_overlay(then, now), "overview")
    assert {"recorded-0", "observed-0", "recorded-1", "observed-1", "same-2"} <= set(shown.named)
    assert shown.names_starting("worst-") == ["worst-1"]
    assert shown.marker_points("worst-1")[0] == pytest.approx(shown.marker_points("observed-1-points")[3], abs=1e-3)


def test_rings_are_numbered_as_the_differences_are_told():
    made = overlay_of_change(ordinary.draw_error_bars, factor=2.0)
    shown = picture_of_kind(made, "overview")
    assert [told.number for told in made.axes[0].told] == [1, 2]
    assert "yhigh[2]" in made.axes[0].told[0].what
    assert (shown.group_text("number-1"), shown.group_text("number-2")) == ("1", "2")
    assert shown.marker_points("worst-1")[0][1] < shown.marker_points("worst-2")[0][1], "the upper end stands higher"


def test_differences_at_one_place_share_a_ring():
    shown = picture_of_kind(
        draw_overlay(figure_of_marks(line_mark(FIVE)), figure_of_marks(line_mark([0, 1, 2.5, 3, 4], [0, 1, 2.5, 3, 4]))), "overview"
    )
    assert shown.names_starting("worst-") == ["worst-1"]
    assert shown.group_text("number-1") == "1, 2"


# -- elements of other kinds ----------------------------------------------------------------------------------------------------------------


PLACES = {
    "the top of a bar": (ordinary.draw_bars, {"heights": (1.0, 2.0, 3.01)}, "height[2]", [2, 3.01]),
    "an end of an error bar": (ordinary.draw_error_bars, {"factor": 2.0}, "yhigh[2]", [3, 6.6]),
    "a cell of an image": (ordinary.draw_heat_map, {"cell": (2, 3)}, "value[2, 3]", [3, 2]),
    "a cell of a mesh": (lambda **k: ordinary.draw_heat_map(mesh=True, **k), {"cell": (2, 3)}, "value[2, 3]", [3.5, 2.5]),
    "a reference line": (ordinary.draw_reference_lines, {"v": 2.1}, "vertical line: x[0]", [2.1, None]),
    "the end of a span": (ordinary.draw_reference_lines, {"span": (3, 5)}, "horizontal span: y[1]", [None, 5]),
    "the right of a rectangle": (rare.zoomed, {"end": 4.01}, "rectangle: width[0]", [4.01, 3.005]),
    "the top of a rectangle": (rare.zoomed, {"end": 4.01}, "rectangle: height[0]", [3.005, 4.01]),
    "a circle's radius": (rare.shapes, {"radius": 1.01}, "radius[0]", [3.01, 2]),
    "an arc's end": (rare.shapes, {"theta": 180.0}, "arc: theta2[0]", [3, 5]),
    "a wedge's end": (rare.shapes, {"theta": 180.0}, "wedge: theta2[0]", [7, 2]),
    "an ellipse's angle": (rare.shapes, {"angle": 90.0}, "angle[0]", [5, 6]),
    "where an arrow ends": (rare.arrows, {"dx": 2.01}, "arrow 'push': x[0]", [3.01, 2]),
    "where an arrow begins": (rare.arrows, {"x": 1.01}, "arrow 'push': x0[0]", [1.01, 1]),
    "an event": (rare.events, {"moved": 0.003}, "x[1]", [2.003, 1]),
    "the length of events": (rare.events, {"length": 1.1}, "events 1: height[0]", [1, 1.55]),
    "a corner of a net": (rare.triplot, {"x": 0.1}, "line 'net': x[", (rare.NET[5] + (0.1, 0)).tolist()),
    "a point of an endless line": (rare.endless, {"at": 1.005}, "'fit': y[0]", [0, 1.005]),
    "a bar on polar axes": (rare.polar, {"bar": 1.002}, "height[3]", [rare.TURN[3], 1.002]),
    "a line on a colour bar": (rare.contour_bar, {"at": 0.31}, "horizontal line: y[0]", [0, 0.31]),
    "a stair": (lambda v=1: ordinary.drawing_on_axes(lambda ax, _: ax.stairs([1, 2, v], [0, 1, 2, 4]))(), {"v": 3}, "y[2]", [3, 3]),
    "a stem": (lambda v=1: ordinary.drawing_on_axes(lambda ax, _: ax.stem([1, 2, 4], [1, 2, v]))(), {"v": 3}, "y[2]", [4, 3]),
    "a text": (ordinary.draw_reference_lines, {"at": 5.5}, "text: x[0]", [5.5, 5]),
}


@pytest.mark.parametrize("case", PLACES.values(), ids=PLACES)
def test_an_element_stands_where_it_is_drawn(case):
    draw, change, what, expected = case
    then, now = recorded_figure(draw()), recorded_figure(draw(**change))
    (difference,) = [d for d in sorted_differences(then, now) if what in d.what]
    axes = difference.place.axes
    with axes_style.overlay_style():
        work = axes_overlay._prepare_axes(then.data.axes[axes], now.data.axes[axes], [difference], [], 0)
    (placed_element,) = work.placed_spots
    for at, known in zip(placed_element.observed, expected, strict=True):
        assert known is None or at == pytest.approx(known, abs=1e-6)


STEPS = {
    "pre": [(0, 5), (0, 7), (1, 7), (1, 6), (2, 6)],
    "post": [(0, 5), (1, 5), (1, 7), (2, 7), (2, 6)],
    "mid": [(0, 5), (0.5, 5), (0.5, 7), (1.5, 7), (1.5, 6), (2, 6)],
}


@pytest.mark.parametrize("where", STEPS)
def test_steps_are_drawn_as_matplotlib_draws_them(where):
    made = outlines_by_kind.sketch_mark(line_mark([5, 7, 6], [0, 1, 2], steps=where), None)
    assert made.strokes.tolist() == [list(corner) for corner in STEPS[where]]
    assert made.where["y"].tolist() == [[0, 5], [1, 7], [2, 6]]


def test_limits_are_drawn_as_lines_across():
    made = draw_overlay(figure_of_marks(line_mark(FIVE), y={"limits": (0, 4)}), figure_of_marks(line_mark(FIVE), y={"limits": (0, 5)}))
    shown = picture_of_kind(made, "overview")
    then, now = shown.stroke_corners("recorded-limits-y")[:, 1], shown.stroke_corners("observed-limits-y")[:, 1]
    assert then.max() == pytest.approx(now.max(), abs=0.01), "the lower limit is the same"
    assert then.min() > now.min() + 10, "the upper one is higher"
    assert made.axes[0].said == ("The view is wider than recorded along y, to show what differs.",)


def test_limits_of_a_radius_are_circles():
    def polar_figure(rmax):
        return recorded_figure(rare.polar(rmax=rmax))

    shown = picture_of_kind(draw_overlay(polar_figure(2.0), polar_figure(2.5)), "overview")
    sizes = [np.ptp(shown.stroke_corners(f"{side}-limits-y"), axis=0) for side in ("recorded", "observed")]
    assert all(width == pytest.approx(height, rel=0.01) for width, height in sizes)
    assert sizes[1][0] == pytest.approx(sizes[0][0] * 2.5 / 2, rel=0.01)


def test_limits_in_space_have_no_place():
    def space_figure(end):
        return recorded_figure(
            ordinary.drawing_on_axes(
                lambda ax, v: (ax.plot([0, 1], [0, 1], [0, 1]), ax.set_xlim(0, end)), subplot_kw={"projection": "3d"}
            )()
        )

    (part,) = draw_overlay(space_figure(2.0), space_figure(3.0)).axes
    assert [told.undrawn for told in part.told] == ["words, scales and legends are not drawn"]


# -- fields -------------------------------------------------------------------------------------------------------------------------------

FIELDS = {
    "image": (ordinary.draw_heat_map, {"cell": (2, 3)}),
    "draw_heat_map map": (lambda **k: ordinary.draw_heat_map(mesh=True, **k), {"cell": (2, 3)}),
    "smooth heat map": (
        lambda value=1.0: ordinary.drawing_on_axes(lambda ax, v: ax.pcolormesh([[1, 2, 3], [4, value, 6], [7, 8, 9]], shading="gouraud"))(),
        {"value": 5.0},
    ),
    "uneven image": (rare.uneven, {"factor": 1.001}),
    "coloured cells": (rare.tripcolor, {"factor": 1.001}),
    "triangle mesh": (rare.smooth_tripcolor, {"factor": 1.001}),
    "shapes": (rare.regions, {"value": 1.002}),
    "a heat map on polar axes": (
        lambda value=5.0: ordinary.drawing_on_axes(
            lambda ax, v: ax.pcolormesh(np.linspace(0, 6.28, 4), [0, 1, 2], [[1, 2, 3], [4, value, 6]]), subplot_kw={"projection": "polar"}
        )(),
        {"value": 5.1},
    ),
    "colours of a picture": (
        lambda value=0.5: ordinary.drawing_on_axes(lambda ax, v: ax.imshow([[[0, 0, 0], [1, value, 1]]]))(),
        {"value": 0.75},
    ),
}


@pytest.mark.parametrize("case", FIELDS.values(), ids=FIELDS)
def test_values_of_a_field_become_a_map_of_differences(case):
    draw, change = case
    made = overlay_of_change(draw, **change)
    (first, *_) = drawings_of_kind(made, "map")
    shown = SvgPicture(first)
    assert "difference" in shown.named
    assert len(shown.names_starting("worst-")) == 1
    assert "cells differ" in first.caption and "value[" in first.alt


def test_of_many_fields_some_have_a_map_and_the_others_a_ring():
    def draw_fields(value=1.0):
        def draw_four(ax, v):
            for i in range(4):
                ax.imshow([[0, value + i / 10], [2, 5]], extent=(i, i + 1, 0, 1))
            ax.set(xlim=(0, 4), ylim=(0, 1))

        return ordinary.drawing_on_axes(draw_four)()

    made = overlay_of_change(draw_fields, value=1.1)
    assert [graphic.kind for graphic in made.axes[0].drawings] == ["overview", "map", "map"]
    assert picture_of_kind(made, "overview").names_starting("worst-") == ["worst-3", "worst-4"]


def test_the_worst_cell_of_a_map_is_marked():
    shown = picture_of_kind(overlay_of_change(ordinary.draw_heat_map, cell=(2, 3)), "map")
    margin = 0.06
    expected = (margin + np.array([3.5 / 8, 3.5 / 6])) / (1 + 2 * margin)  # the third row from the top of six, the fourth column of eight
    assert shown.marker_shares("worst-1")[0] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("kind", ["imshow", "pcolormesh"])
def test_a_cell_that_is_no_number_is_crossed_out(kind):
    def draw_cells(value=5.0):
        return ordinary.drawing_on_axes(lambda ax, v: getattr(ax, kind)([[1, 2, 3], [4, value, 6]]))()

    made = overlay_of_change(draw_cells, value=NAN)
    (first,) = drawings_of_kind(made, "map")
    shown = SvgPicture(first)
    assert first.caption == "1 of 6 cells differ; 0.0001 % is allowed; a cross is a number on one side alone"
    assert shown.marker_points("one-sided")[0] == pytest.approx(shown.marker_points("worst-1")[0], abs=1e-3)


def test_a_map_shows_the_sign_of_each_difference():
    def field_figure(values):
        fig, ax = plt.subplots()
        ax.pcolor([0, 1, 2], [0, 1], np.array([values]))
        return recorded_figure(fig)

    then, now = field_figure([1.0, 2.0]), field_figure([1.5, 1.5])
    then, now = (replace(side, data=replace(side.data, axes=(_as_cells(side.data.axes[0]),))) for side in (then, now))
    shown = picture_of_kind(draw_overlay(then, now), "map")
    fills = [re.search(r"fill: (#\w{6})", use.get("style") or "") for use in shown.named["difference"].iter()]
    less, more = sorted((match.group(1) for match in fills if match), key=lambda colour: int(colour[3:5], 16))
    red, green = int(less[1:3], 16), int(less[3:5], 16)
    assert red > green, "purple"
    assert fills[-1].group(1) == less, "the second cell became less"
    assert int(more[1:3], 16) < int(more[3:5], 16), "green"


def _as_cells(axes):
    """A heat map of two cells as two polygons, which an SVG keeps apart."""
    (mark,) = axes.marks
    x, y = [0, 1, 1, 0, NAN, 1, 2, 2, 1], [0, 0, 1, 1, NAN, 0, 0, 1, 1]
    value = np.ravel(mark.arrays["value"]).tolist()
    return replace(
        axes, marks=(Mark("coloured cells", "", None, {"x": x, "y": y, "value": value, "norm": [1.0, 2.0]}, {"norm": "Normalize"}),)
    )


# -- what the two pictures show -----------------------------------------------------------------------------------------------------------

IN_PICTURES = {
    "contours": (rare.contour, {"factor": 1.001}, "contours: the line of level 0.6"),
    "a level of contours": (rare.contour, {"levels": (0.0, 0.2, 0.401, 0.6)}, "level[2] is 0.401, recorded 0.4"),
    "contours that are gone": (rare.hatched, {"hatches": (None,)}, "nothing is drawn any more"),
    "hexagonal bins": (rare.hexbin, {"dropped": 1}, "value[22]"),
    "vectors": (rare.quiver, {"u": 1.1}, "vectors: u[0"),
    "barbs": (rare.barbs, {"u": 25.0}, "barbs: u[0"),
    "points in space": (rare.space_scatter, {"moved": 0.5}, "z[5] is "),
    "boxes in space": (rare.space_bars, {"height": 4.0}, "depth[2] is 4, recorded 3"),
    "a surface": (rare.space_triangles, {"factor": 1.5}, "surface: z["),
}


@pytest.mark.parametrize("case", IN_PICTURES.values(), ids=IN_PICTURES)
def test_what_outlines_would_hide_is_named_and_left_to_the_two_pictures(case):
    draw, change, named = case
    then, now = recorded_figure(draw()), recorded_figure(draw(**change))
    made = draw_overlay(then, now)
    told = [difference for part in made.axes for difference in part.told]
    assert any(named in difference.what for difference in told), told
    assert {difference.undrawn for difference in told} == {"the two pictures below show it"}
    assert {graphic.kind for part in made.axes for graphic in part.drawings} <= {"along"}


def test_what_the_pictures_alone_show_is_left_out_of_an_overlay_and_said():
    def draw_flow(u=1.0, end=1.0):
        def draw_both(ax, v):
            ax.quiver([0, 1], [0, 1], [u, 1], [1, 1])
            ax.plot([0, 1], [0, end], "o-")

        return ordinary.drawing_on_axes(draw_both)()

    (part,) = overlay_of_change(draw_flow, end=1.5).axes
    assert part.said == ("The overlay leaves out vectors: the two pictures below show them.",)
    assert SvgPicture(part.drawings[0]).names_starting("observed-") == ["observed-1", "observed-1-points"]
    (part,) = overlay_of_change(draw_flow, end=1.5, u=1.2).axes
    assert [difference.undrawn for difference in part.told] == ["", "the two pictures below show it"]
    assert SvgPicture(part.drawings[0]).names_starting("worst-") == ["worst-1"]


# -- odd data -------------------------------------------------------------------------------------------------------------------------------

ODD = {
    "not a number now": (figure_of_marks(line_mark(FIVE)), figure_of_marks(line_mark([0, 1, NAN, 3, 4])), ["overview", "along"]),
    "not a number then": (figure_of_marks(line_mark([0, 1, NAN, 3, 4])), figure_of_marks(line_mark(FIVE)), ["overview", "along"]),
    "infinite": (figure_of_marks(line_mark(FIVE)), figure_of_marks(line_mark([0, 1, INF, 3, 4])), ["overview", "along"]),
    "nothing but gaps": (figure_of_marks(line_mark([NAN] * 5)), figure_of_marks(line_mark(FIVE)), ["overview", "along"]),
    "gaps on both sides": (figure_of_marks(line_mark([NAN] * 5)), figure_of_marks(line_mark([NAN] * 5, [0, 1, 2, 3, 9])), ["along"]),
    "empty then": (figure_of_marks(line_mark([], [])), figure_of_marks(line_mark(FIVE)), ["overview"]),
    "empty now": (figure_of_marks(line_mark(FIVE)), figure_of_marks(line_mark([], [])), ["overview"]),
    "one element": (figure_of_marks(line_mark([1.0], [1.0])), figure_of_marks(line_mark([1.2], [1.0])), ["overview"]),
    "a constant": (figure_of_marks(line_mark([7.0] * 5)), figure_of_marks(line_mark([7.0, 7, 7, 7, 7.01])), ["overview", "along"]),
    "zero on a logarithmic axis": (
        figure_of_marks(line_mark(FIVE), y={"scale": "log"}),
        figure_of_marks(line_mark([0.5, 1, 2, 3, 4]), y={"scale": "log"}),
        None,
    ),
    "negative on a logarithmic axis": (
        figure_of_marks(line_mark([-1.0] * 5), y={"scale": "log"}),
        figure_of_marks(line_mark([-2.0] * 5), y={"scale": "log"}),
        ["along"],
    ),
    "beyond a logit axis": (
        figure_of_marks(line_mark(FIVE), y={"scale": "logit"}),
        figure_of_marks(line_mark([0.5, 1, 2, 3, 5]), y={"scale": "logit"}),
        None,
    ),
    "too large to compute with": (
        figure_of_marks(line_mark([0, 1e300, 2, 3, 4])),
        figure_of_marks(line_mark([0, 1.1e300, 2, 3, 4])),
        ["along"],
    ),
    "very large": (
        figure_of_marks(line_mark([0, 1e140, 2, 3, 4])),
        figure_of_marks(line_mark([0, 1.1e140, 2, 3, 4])),
        ["overview", "along"],
    ),
    "very small": (
        figure_of_marks(line_mark([0, 1e-300, 2e-300, 3e-300, 0])),
        figure_of_marks(line_mark([0, 1e-300, 2e-300, 4e-300, 0])),
        None,
    ),
    "more elements": (figure_of_marks(line_mark(FIVE)), figure_of_marks(line_mark([*FIVE, 9.0], [*FIVE, 5.0])), ["overview"]),
    "fewer elements": (figure_of_marks(line_mark(FIVE)), figure_of_marks(line_mark(FIVE[:-1], FIVE[:-1])), ["overview"]),
    "a mark gone": (
        figure_of_marks(line_mark(FIVE, label="a"), line_mark(FIVE[::-1], label="b")),
        figure_of_marks(line_mark(FIVE, label="a")),
        ["overview"],
    ),
    "a mark more": (
        figure_of_marks(line_mark(FIVE, label="a")),
        figure_of_marks(line_mark(FIVE, label="a"), line_mark(FIVE[::-1], label="b")),
        ["overview"],
    ),
    "nothing drawn any more": (figure_of_marks(line_mark(FIVE)), figure_of_marks(), ["overview"]),
    "limits without marks": (figure_of_marks(y={"limits": (0, 1)}), figure_of_marks(y={"limits": (0, 2)}), ["overview"]),
    "a kind that nobody knows": (
        figure_of_marks(Mark("cloud", "", 0, {"x": FIVE})),
        figure_of_marks(Mark("cloud", "", 0, {"x": FIVE[::-1]})),
        ["along"],
    ),
    "arrays that do not fit": (
        figure_of_marks(Mark("bars", "", 0, {"x": FIVE})),
        figure_of_marks(Mark("bars", "", 0, {"x": FIVE[::-1]})),
        ["along"],
    ),
    "other steps": (figure_of_marks(line_mark(FIVE, steps="pre")), figure_of_marks(line_mark(FIVE, steps="post")), ["overview"]),
}


RESEMBLING = {
    "not a number then",
    "nothing but gaps",
    "one element",
    "very small",
    "beyond a logit axis",
    "fewer elements",
    "a mark gone",
    "empty now",
    "other steps",
    "infinite",
}
"""Odd data that others resemble."""


@pytest.mark.parametrize(
    "case",
    [pytest.param(case, id=name, marks=pytest.mark.slow if name in RESEMBLING else ()) for name, case in ODD.items()],  # 0.2 s each
)
def test_odd_data_are_drawn_as_far_as_they_go(case):
    then, now, expected = case
    made = draw_overlay(then, now)
    kinds = [graphic.kind for part in made.axes for graphic in part.drawings]
    assert expected is None or kinds == expected
    assert not [text for part in made.axes for text in part.said if "could not be drawn" in text]
    for part in made.axes:
        for graphic in part.drawings:
            SvgPicture(graphic)


def test_an_element_that_is_no_number_is_ringed_where_it_was_and_crossed_out():
    made = draw_overlay(figure_of_marks(line_mark(FIVE)), figure_of_marks(line_mark([0, 1, NAN, 3, 4])))
    shown = picture_of_kind(made, "overview")
    assert shown.marker_points("worst-1")[0] == pytest.approx(shown.marker_points("recorded-0-points")[2], abs=1e-3)
    along = picture_of_kind(made, "along")
    assert len(along.marker_points("one-sided")) == 1
    assert "a cross is a number on one side alone" in drawings_of_kind(made, "along")[0].caption


def test_marks_of_two_lengths_are_ringed_where_they_are_farthest_apart():
    shown = picture_of_kind(
        draw_overlay(figure_of_marks(line_mark(FIVE)), figure_of_marks(line_mark([0, 1, 2, 3, 4, 9], [0, 1, 2, 3, 4, 4.5]))), "overview"
    )
    assert shown.names_starting("apart-") == ["apart-1"]
    assert not shown.names_starting("worst-"), "the comparison names no element"
    assert shown.marker_points("apart-1")[0] == pytest.approx(shown.marker_points("observed-0-points")[5], abs=1e-3)


def test_the_farthest_place_is_found_among_many():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 5000))
    extra = [*y[:2500], 9.0, *y[2500:]]
    then = figure_of_marks(Mark("scatter", "", 0, {"x": x.tolist(), "y": y.tolist()}))
    now = figure_of_marks(Mark("scatter", "", 0, {"x": [*x[:2500], 0.0, *x[2500:]], "y": extra}))
    spots = [spot for spot in _ring_spots(then, now) if not isinstance(spot, str)]
    assert [spot.kind for spot in spots] == ["apart", "apart"]
    assert spots[0].observed == pytest.approx([0, 9])


def _ring_spots(then, now):
    axes_differences = [d for d in sorted_differences(then, now) if d.place.axes == 0]
    with axes_style.overlay_style():
        return axes_overlay._prepare_axes(then.data.axes[0], now.data.axes[0], axes_differences, [], 0).spots


def test_a_mark_that_is_gone_is_drawn_as_recorded_and_one_that_is_new_as_observed():
    first_mark, second_mark = line_mark(FIVE, label="a"), line_mark(FIVE[::-1], label="b")
    gone = picture_of_kind(draw_overlay(figure_of_marks(first_mark, second_mark), figure_of_marks(first_mark)), "overview")
    assert gone.names_starting("recorded-") == ["recorded-1", "recorded-1-points"]
    assert not gone.names_starting("observed-")
    new = picture_of_kind(draw_overlay(figure_of_marks(first_mark), figure_of_marks(first_mark, second_mark)), "overview")
    assert new.names_starting("observed-") == ["observed-1", "observed-1-points"]
    assert not new.names_starting("recorded-")


def test_another_number_of_axes_is_said():
    made = draw_overlay(figure_of_marks(line_mark(FIVE)), figure_of_marks(line_mark(FIVE), count=2))
    assert made.axes == ()
    assert made.said == ("has 2 axes, recorded 1.", "There is no overlay: axes are compared only where there are as many as recorded.")


def test_of_many_axes_the_worst_are_drawn():
    then = figure_of_marks(line_mark(FIVE), count=MOST + 2)
    axes = tuple(replace(axes_data, marks=(line_mark([0, 1, 2 + (i + 1) / 100, 3, 4]),)) for i, axes_data in enumerate(then.data.axes))
    made = draw_overlay(then, replace(then, data=replace(then.data, axes=axes)))
    assert [part.title for part in made.axes] == [f"Axes {i}" for i in range(3, MOST + 3)]
    assert made.said == (f"{MOST + 2} pairs of axes differ; the {MOST} that differ most are drawn.",)


def test_of_many_differences_the_first_are_told():
    then = figure_of_marks(*(line_mark([float(i)] * 5, label=f"{i}") for i in range(20)))
    now = figure_of_marks(*(line_mark([i + 0.3] * 5, label=f"{i}") for i in range(20)))
    (part,) = draw_overlay(then, now).axes
    assert (len(part.told), part.more) == (TOLD, 20 - TOLD)
    assert len(SvgPicture(part.drawings[0]).names_starting("worst-")) == 20, "all are ringed"


LABELS = [
    "$x_{$",
    "$\\frac{1$ & <script>alert(1)</script>",
    "損失 €",
    "$損 \\alpha$",
    "a\x00\x0b\ud800b",
    "a\nb",
    "x" * 500,
    "$" + "x" * 100 + "$",
]


@pytest.mark.parametrize("label", LABELS)
def test_any_text_can_stand_at_an_axis(label, capfd):
    words = {"x": {"label": label, "ticks": ((0.0, label), (1.0, "b"))}, "y": {"label": label}}
    made = draw_overlay(
        figure_of_marks(line_mark(FIVE, label=label), **words), figure_of_marks(line_mark([0, 1, 2.01, 3, 4], label=label), **words)
    )
    assert [graphic.kind for graphic in made.axes[0].drawings] == ["overview", "magnified", "along"]
    for graphic in made.axes[0].drawings:
        assert "<script" not in graphic.svg
        SvgPicture(graphic)
    assert capfd.readouterr() == ("", ""), "nothing is printed about fonts"


def test_scales_limits_direction_and_ticks_are_those_recorded():
    axis = {"scale": "log", "limits": (100.0, 1.0), "inverted": True, "label": "error"}
    x = {"ticks": tuple((float(i), name) for i, name in enumerate("abcde"))}
    values = [2, 4, 8, 16, 32]
    made = draw_overlay(figure_of_marks(line_mark(values), x=x, y=axis), figure_of_marks(line_mark([2, 4, 9, 16, 32]), x=x, y=axis))
    shown = picture_of_kind(made, "overview")
    texts = [element.text for element in shown.root.iter() if element.tag.endswith("}text")]
    assert set("abcde") <= set(texts)
    assert "error" in texts
    heights = 1 - shown.marker_shares("recorded-0-points")[:, 1]
    assert heights == pytest.approx(np.log10(values) / 2, abs=1e-4), "decades, from the top"


def test_a_scale_that_is_not_in_the_record_is_said():
    made = draw_overlay(
        figure_of_marks(line_mark(FIVE), y={"scale": "function"}), figure_of_marks(line_mark([0, 1, 2, 3, 5]), y={"scale": "function"})
    )
    assert made.axes[0].said == ("The y axis is drawn with equal steps: of its scale (function) the record has samples only.",)


def test_large_marks_stay_small():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 20_000)).tolist()
    now = [*y[:70], y[70] + 0.1, *y[71:]]
    made = draw_overlay(
        figure_of_marks(Mark("scatter", "", 0, {"x": x, "y": y})), figure_of_marks(Mark("scatter", "", 0, {"x": x, "y": now}))
    )
    assert len(made.axes[0].drawings) == 3
    assert sum(len(graphic.svg) for graphic in made.axes[0].drawings) < 400_000


# -- trial changes --------------------------------------------------------------------------------------------------------------------------

DRAWN = {**DRAWINGS, **{draw.__name__: draw for draw in ordinary.DRAWINGS}}


def trial_figures(then):
    """The changes of `labnotes mutate`, by their kind."""
    changed_data = {}
    for kind, what, data in trial_changes._figure_mutations(then.data):
        changed_data.setdefault((kind, re.sub(r"\d+", "", what)), []).append(data)
    return changed_data


def place_each(then, changed):
    """Place changed figures without drawing them; how many had something to place."""
    tried = 0
    with axes_style.overlay_style():
        for data in changed:
            now = replace(then, data=data)
            figure_differences = [d for d in sorted_differences(then, now) if d.share > allowed_share(then)]
            for i in {d.place.axes for d in figure_differences} - {None}:
                own = [d for d in figure_differences if d.place.axes == i]
                work = axes_overlay._prepare_axes(then.data.axes[i], data.axes[i], own, [], allowed_share(then))
                tried += 1
                for spot in work.spots:
                    assert isinstance(spot, str) or np.all(np.isfinite(spot.pointed_place))
    return tried


@pytest.mark.parametrize(
    "name",
    # 0.3 s each; all are drawn above
    [pytest.param(name, marks=() if i % 4 == 1 else pytest.mark.slow) for i, name in enumerate(KINDS_ONCE)],
)
def test_trial_changes_of_each_kind_find_their_place_or_the_reason(name):
    """Only the last change of each kind is placed."""
    then = corpus_figure(name)
    assert place_each(then, (changed[-1] for changed in trial_figures(then).values())) > 2


@pytest.mark.slow  # 1.5 s each
@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_every_trial_change_finds_its_place_or_the_reason(draw):
    then = recorded_figure(draw())
    assert place_each(then, (data for changed in trial_figures(then).values() for data in changed)) > 5


# -- what it promises ------------------------------------------------------------------------------------------------------------------------


def test_the_same_figures_give_the_same_bytes_whatever_the_settings():
    then, now = recorded_figure(ordinary.draw_lines()), recorded_figure(ordinary.draw_lines(at=7))
    first = [graphic.svg for graphic in draw_overlay(then, now).axes[0].drawings]
    with mpl.rc_context({"lines.linewidth": 9, "font.size": 30, "svg.hashsalt": None, "svg.fonttype": "path", "axes.grid": True}):
        before = dict(mpl.rcParams)
        second = [graphic.svg for graphic in draw_overlay(then, now).axes[0].drawings]
        assert dict(mpl.rcParams) == before
    assert first == second
    assert len(first) == 3


def test_a_drawing_is_what_savefig_would_write():
    with axes_style.overlay_style():
        fig, ax = axes_style.empty_figure()
        ax.plot(FIVE, FIVE, label="a line")
        ax.set(xlabel="$x_1$", title="Training")
        text = axes_style.figure_as_svg(fig)
        whole = io.StringIO()
        fig.savefig(whole, format="svg", dpi=150, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    assert text == whole.getvalue()


ALONE = """
import json, sys
from labnotes.model.encoding import decode_value
from labnotes.model.mark_kinds import MARK_KINDS
from labnotes.model.plots import Figure, FigureData
from labnotes.report.overlay.figure_overlay import draw_overlay
assert "matplotlib" not in sys.modules
then, now = (Figure("f", 1, "c", "a", decode_value(FigureData, data)) for data in json.load(sys.stdin))
made = draw_overlay(then, now)
assert "matplotlib.pyplot" not in sys.modules
sys.stdout.write(made.axes[0].drawings[0].svg)
"""


@pytest.mark.slow  # 2 s
def test_another_process_draws_the_same_and_needs_no_pyplot(font_cache, tmp_path):
    then, now = recorded_figure(ordinary.draw_lines()), recorded_figure(ordinary.draw_lines(at=7))
    (tmp_path / "labnotes").mkdir()
    (tmp_path / "labnotes" / "matplotlib").symlink_to(font_cache)
    tools = str(Path(trial_changes.__file__).parents[2])
    done = subprocess.run(
        [sys.executable, "-c", ALONE],
        input=json.dumps([encode_value(then.data), encode_value(now.data)]),
        capture_output=True,
        text=True,
        timeout=120,
        env={"PYTHONPATH": tools, "XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path), "PATH": ""},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout == draw_overlay(then, now).axes[0].drawings[0].svg


def test_without_matplotlib_it_says_so(monkeypatch):
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "matplotlib" else find_spec(name))
    made = draw_overlay(figure_of_marks(line_mark(FIVE)), figure_of_marks(line_mark(FIVE[::-1])))
    assert made.axes == ()
    assert made.said == ("There is no overlay: matplotlib, which draws it, is not installed here.",)


def test_a_drawing_that_fails_is_told_and_the_words_stay(monkeypatch):
    def fail_drawing(fig):
        raise ValueError("cannot convert float NaN to integer")

    monkeypatch.setattr(drawing, "figure_as_svg", fail_drawing)
    (part,) = draw_overlay(figure_of_marks(line_mark(FIVE)), figure_of_marks(line_mark(FIVE[::-1]))).axes
    assert part.said == ("This could not be drawn: ValueError: cannot convert float NaN to integer.",)
    assert part.drawings == ()
    assert part.told[0].what.startswith("line: y[0] is 4")


def test_a_mistake_of_ours_is_not_hidden(monkeypatch):
    monkeypatch.setattr(drawing, "figure_as_svg", lambda fig: fig.no_such_method())
    with pytest.raises(AttributeError):
        draw_overlay(figure_of_marks(line_mark(FIVE)), figure_of_marks(line_mark(FIVE[::-1])))


def test_words_alone_have_no_overlay_and_say_so():
    made = overlay_of_change(ordinary.draw_lines, ax_set={"title": "Testing"})
    (part,) = made.axes
    assert part.drawings == ()
    assert part.told[0].undrawn == "words, scales and legends are not drawn"
    assert part.said == ("There is no overlay of these axes: what differs has no place in the drawing.",)


def test_alternative_texts_say_what_differs():
    then, now = recorded_figure(ordinary.draw_lines()), recorded_figure(ordinary.draw_lines(at=7))
    (detail,) = compare_figures(then, now).details
    made = draw_overlay(then, now)
    assert [graphic.alt.partition(": ")[2] for graphic in made.axes[0].drawings] == [detail] * 3
    assert [graphic.alt.partition(": ")[0] for graphic in made.axes[0].drawings] == [
        "Recorded and observed marks over each other",
        "Magnified 358 times",
        "Observed minus recorded, element by element",
    ]
