"""Overlays of recorded and observed marks: what is drawn, where the rings stand, what can be seen, and what is said where nothing can be drawn."""

import ast
import importlib.util
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

import test_figures as ordinary
from figure_corpus import CHANGES, DRAWINGS, rare
from figure_corpus.readings import drawn, recorded
from labnotes.compare import trial_changes
from labnotes.compare.figures import allowed, compare_figures, differences
from labnotes.model.plots import AxesData, AxisData, Figure, FigureData, Mark
from labnotes.model.quantities import Tolerance
from labnotes.report.overlay import axes_overlay, axes_style, drawing, outlines_by_kind
from labnotes.report.overlay.figure_overlay import MOST, overlay
from labnotes.report.overlay.overlay_result import TOLD

plt = rare.plt
READERS = Path(__file__).parents[2] / "tools" / "labnotes" / "author" / "figures" / "matplotlib"
NAN, INF = float("nan"), float("inf")


# -- looking into an SVG ------------------------------------------------------------------------------------------------------------------


class Picture:
    """An SVG by its ids: where the points of a group stand, in points of 1/72 inch."""

    def __init__(self, made):
        self.root = ET.fromstring(made.svg)
        self.named = {element.get("id"): element for element in self.root.iter() if element.get("id")}
        assert len(self.named) == len([1 for element in self.root.iter() if element.get("id")]), "ids are unique"

    def points(self, name):
        """Where the markers of a group stand."""
        uses = [element for element in self.named[name].iter() if element.tag.endswith("}use")]
        return np.array([(float(use.get("x")), float(use.get("y"))) for use in uses])

    def corners(self, name):
        """The corners of the strokes of a group."""
        paths = [element.get("d") for element in self.named[name].iter() if element.tag.endswith("}path")]
        return np.array([[float(number) for number in pair] for path in paths for pair in re.findall(r"[ML] (\S+) (\S+)", path)])

    def shares(self, name):
        """Where the markers of a group stand, as shares of the axes from their lower left corner."""
        frame = self.corners("patch_2")
        low, high = frame.min(axis=0), frame.max(axis=0)
        return (self.points(name) - low) / (high - low) * (1, -1) + (0, 1)

    def names(self, start):
        return sorted(name for name in self.named if name.startswith(start))

    def text(self, name):
        return "".join(self.named[name].itertext()).strip()


def drawings(made, kind, axes=0):
    return [each for each in made.axes[axes].drawings if each.kind == kind]


def picture(made, kind, axes=0, which=0):
    return Picture(drawings(made, kind, axes)[which])


def over(draw, **change):
    return overlay(recorded(draw()), recorded(draw(**change)))


# -- figures by their data alone ----------------------------------------------------------------------------------------------------------

PLAIN = AxisData("x", "linear", None, False, None)
FIVE = [0.0, 1.0, 2.0, 3.0, 4.0]


def line(y, x=None, label="", **words):
    return Mark("line", label, 0, {"x": list(FIVE if x is None else x), "y": list(y)}, words)


def figure(*marks, x=None, y=None, count=1, tolerance=None):
    axes = AxesData("", "plain", replace(PLAIN, **(x or {})), replace(PLAIN, **{"label": "y", **(y or {})}), marks, ())
    data = json.loads(json.dumps(FigureData((axes,) * count, (), ()).as_json(), allow_nan=False))
    return Figure("f", 1, "c", "a", FigureData.from_json(data), tolerance)


# -- every kind ---------------------------------------------------------------------------------------------------------------------------


def kinds_that_are_read():
    """Every kind of mark that the readers make, by their source."""
    found = set()
    for path in READERS.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("Mark", "beside", "_coloured"):
                found |= {leaf.value for leaf in ast.walk(node.args[0]) if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)}
            if isinstance(node, ast.Assign) and re.match(r"\(?kind\b", ast.unparse(node.targets[0])):
                found |= {leaf.value for leaf in ast.walk(node.value) if isinstance(leaf, ast.Constant) and isinstance(leaf.value, str)}
    return found


def test_every_kind_that_is_read_is_drawn_or_said_to_have_no_overlay():
    read = kinds_that_are_read() - {"secondary ", " axis", "x", "y", "width", "height"}
    assert len(read) > 30
    known = {*outlines_by_kind.KINDS, *outlines_by_kind.NOT_DRAWN, *outlines_by_kind.space.KINDS}
    assert read <= known, read - known
    assert known - read == {"secondary x axis", "secondary y axis"}, "no kind is kept that nothing reads"
    assert not {*outlines_by_kind.KINDS} & {*outlines_by_kind.NOT_DRAWN}


ORDINARY = {
    **{f"ordinary-{name}": case for name, case in ordinary.SCIENTIFIC.items()},
    **{f"subtle-{name}": case for name, case in ordinary.SUBTLE.items()},
}

QUICK = list(DRAWINGS)[::2]
"""Figures of the corpus of which the first change is drawn in the quick tests; all changes of all are in `make test-all`."""

CASES = [
    pytest.param((name, number), id=f"{name}-{number}", marks=() if number == 0 and name in QUICK else pytest.mark.slow)  # 0.3 s each
    for name, changes in CHANGES.items()
    for number in range(len(changes))
]
CASES += [pytest.param(each, id=name, marks=pytest.mark.slow) for name, each in ORDINARY.items()]

UNDRAWN = ("table", "joined")
"""Drawings whose changes have no place in an overlay: texts of a table, a line from one pair of axes to another."""


def both(case):
    """The two sides of a case, as a record holds them."""
    if case[0] in DRAWINGS:
        name, number = case
        return drawn(name), drawn(name, number)
    draw, change, _ = case
    return recorded(draw()), recorded(draw(**change))


def words_alone(then, now):
    """Whether all that differs are words, scales, legends, colours or the limits of colours."""
    found = [d.place for d in differences(then, now) if d.share > allowed(then)]
    return all(p.axes is None or (p.recorded is None and p.observed is None and not p.array) or p.array == "norm" for p in found)


@pytest.mark.parametrize("case", CASES)
def test_whatever_differs_is_drawn_where_the_comparison_says_or_the_reason_is_told(case):
    then, now = both(case)
    made = overlay(then, now)
    is_drawn_or_told(then, now, made, case[0])
    has_rings_where_the_comparison_says(then, now, made)


def is_drawn_or_told(then, now, made, name):
    shown = [each for part in made.axes for each in part.drawings]
    if not shown:
        reasons = [each.undrawn for part in made.axes for each in part.told]
        assert all(reasons), reasons
        assert name in UNDRAWN or words_alone(then, now) or set(reasons) <= NO_PLACE, reasons
        assert made.said or all(part.said for part in made.axes)
    for part in made.axes:
        assert not [text for text in part.said if "could not be drawn" in text], part.said
        pictures = {each.kind: Picture(each) for each in part.drawings}
        marked = set()
        for each in pictures.values():
            for ring in each.names("worst-") + each.names("apart-"):
                marked.add(int(ring.partition("-")[2]))
            for group in each.names("number-") + each.names("tag-"):
                marked |= {int(word) for word in each.text(group).split(", ")}
        for told in part.told:
            if told.undrawn or (len(part.told) == 1 and not marked):
                continue
            assert told.number in marked, (told, marked)
    for each in shown:
        assert "<script" not in each.svg and "<dc:date>" not in each.svg
        assert each.alt and each.caption


NO_PLACE = {"it has no place", "it stands outside the axes", *outlines_by_kind.NOT_DRAWN.values()}


def has_rings_where_the_comparison_says(then, now, made):
    """For marks that are points or corners in the plane, the place of an element is known from the record alone."""
    for i, part in enumerate(made.axes):
        axes = int(part.title.removeprefix("Axes ") or 1) - 1
        found = [d for d in differences(then, now) if d.share > allowed(then) and d.place.axes == axes]
        assert [each.what for each in part.told] == [d.what for d in found[:TOLD]], "the comparison's words, in its order"
        if not drawings(made, "overview", i) or outlines_by_kind.is_polar(then.data.axes[axes]):
            continue
        shown = picture(made, "overview", i)
        with axes_style.looks():
            view = axes_overlay._prepared(then.data.axes[axes], now.data.axes[axes], found, [], allowed(then)).scene
        for number, d in enumerate(found, 1):
            place, ring = d.place, f"worst-{number}"
            if place.at is None or place.observed is None or ring not in shown.named:
                continue
            mark = now.data.axes[axes].marks[place.observed]
            x, y = (np.asarray(mark.arrays.get(key, []), float) for key in "xy")
            known = mark.kind in CORNERS and place.array in ("x", "y") and "z" not in mark.arrays and x.shape == y.shape
            if known and np.isfinite([x[place.at], y[place.at]]).all():
                expected = view.shares(np.array([[x[place.at], y[place.at]]]))[0]
                turned = [then.data.axes[axes].x.inverted, then.data.axes[axes].y.inverted]
                assert shown.shares(ring)[0] == pytest.approx(np.where(turned, 1 - expected, expected), abs=1e-4)


CORNERS = ("line", "scatter", "band", "polygon", "shape", "segments", "contours", "filled contours")


# -- the ring and the magnified view --------------------------------------------------------------------------------------------------------


def test_the_ring_stands_at_the_changed_point_of_a_line():
    made = over(ordinary.lines, at=7)
    shown = picture(made, "overview")
    observed = shown.points("observed-0-points")
    assert len(observed) == 40
    assert shown.points("worst-1")[0] == pytest.approx(observed[7], abs=1e-3)
    assert np.abs(shown.points("recorded-0-points")[7] - observed[7]).max() < 1, "too near each other to be told apart"
    assert shown.names("same-") == ["same-1", "same-1-points"], "the other line agrees"
    assert not shown.names("number-"), "one difference needs no number"


def test_recorded_and_observed_are_told_apart_without_colour():
    shown = picture(over(ordinary.lines, at=7), "overview")
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
    for draw, change in ((ordinary.lines, {"at": 7}), (ordinary.lines, {"y": 1.001}), (ordinary.bars, {"heights": (1.0, 2.0, 3.003)})):
        near = picture(over(draw, **change), "magnified")
        recorded_, observed = near.points(near.names("recorded-element-")[0]), near.points(near.names("observed-element-")[0])
        apart = np.abs(recorded_ - observed).max()
        assert 40 < apart < 150
        strokes = [near.corners(f"{side}-0") for side in ("recorded", "observed")]
        assert all(len(corners) for corners in strokes)


THOUSANDTHS = {
    "a line on a logarithmic axis": (lambda v: figure(line(10.0 ** np.array([0, 1, 2 + v, 3, 4]), FIVE), y={"scale": "log"})),
    "a line on a logit axis": (lambda v: figure(line([0.1, 0.5, 0.9 + v / 10, 0.99, 0.999]), y={"scale": "logit"})),
    "a line on a symlog axis": (
        lambda v: figure(line([-1e4, -1, v, 1, 1e4]), y={"scale": "symlog", "parameters": {"linthresh": 1, "linscale": 1, "base": 10}})
    ),
    "a line turned round": (lambda v: figure(line([0, 1, 2 + 4 * v, 3, 4]), y={"inverted": True}, x={"inverted": True})),
    "limits of an axis": (lambda v: figure(line(FIVE), y={"limits": (0, 4 + 4 * v)})),
    "something far from zero": (lambda v: figure(line([1e9, 1e9 + 1, 1e9 + 1 + v, 1e9, 1e9]))),
    "a point in space": (lambda v: recorded(rare.space_scatter(moved=12 * v))),
    "polar": (lambda v: recorded(rare.polar(bar=1 + 3 * v))),
    "an angle of a wedge": (lambda v: recorded(rare.shapes(theta=90 + 360 * v))),
}


@pytest.mark.parametrize("draw", THOUSANDTHS.values(), ids=THOUSANDTHS)
def test_a_thousandth_is_seen_on_every_scale(draw):
    near = picture(overlay(draw(0.0), draw(0.001)), "magnified")
    apart = near.points(near.names("observed-element-")[0]) - near.points(near.names("recorded-element-")[0])
    assert 40 < np.abs(apart).max() < 150


def test_the_magnified_view_writes_both_values():
    near = picture(over(ordinary.lines, at=7), "magnified")
    texts = [element.text for element in near.root.iter() if element.tag.endswith("}text")]
    assert {"0.97699996", "0.97499996", "1.7948718", "recorded", "observed"} <= set(texts)


def test_what_can_be_seen_is_not_magnified():
    made = overlay(figure(line(FIVE)), figure(line([0, 1, 3, 3, 4])))
    assert [each.kind for each in made.axes[0].drawings] == ["overview", "along"]


def test_differences_along_a_mark_are_those_of_the_comparison():
    then, now = figure(line(FIVE)), figure(line([0, 1.01, 2, 2.8, 4]))
    made = overlay(then, now)
    shown = picture(made, "along")
    points = shown.points("difference")
    assert len(points) == 5
    assert shown.points("worst-1")[0] == pytest.approx(points[3], abs=1e-3)
    zero = points[0][1]
    assert points[1][1] < zero < points[3][1], "what grew stands above"
    assert zero - points[1][1] == pytest.approx((points[3][1] - zero) / 20, rel=1e-3), "+0.25 % and -5 % of the range"
    assert drawings(made, "along")[0].caption == "2 of 5 elements of y differ; 0.0001 % is allowed"


def test_what_moved_within_the_tolerance_is_drawn_and_not_ringed():
    tolerance = Tolerance(0.05, "two processors differed")
    then = figure(line(FIVE, label="a"), line(FIVE[::-1], label="b"), line([1.0] * 5, label="c"), tolerance=tolerance)
    now = figure(line([0, 1, 2.1, 3, 4], label="a"), line([4, 3, 2, 1.5, 0], label="b"), line([1.0] * 5, label="c"), tolerance=tolerance)
    shown = picture(overlay(then, now), "overview")
    assert {"recorded-0", "observed-0", "recorded-1", "observed-1", "same-2"} <= set(shown.named)
    assert shown.names("worst-") == ["worst-1"]
    assert shown.points("worst-1")[0] == pytest.approx(shown.points("observed-1-points")[3], abs=1e-3)


def test_rings_are_numbered_as_the_differences_are_told():
    made = over(ordinary.errorbars, factor=2.0)
    shown = picture(made, "overview")
    assert [told.number for told in made.axes[0].told] == [1, 2]
    assert "yhigh[2]" in made.axes[0].told[0].what
    assert (shown.text("number-1"), shown.text("number-2")) == ("1", "2")
    assert shown.points("worst-1")[0][1] < shown.points("worst-2")[0][1], "the upper end stands higher"


def test_differences_at_one_place_share_a_ring():
    shown = picture(overlay(figure(line(FIVE)), figure(line([0, 1, 2.5, 3, 4], [0, 1, 2.5, 3, 4]))), "overview")
    assert shown.names("worst-") == ["worst-1"]
    assert shown.text("number-1") == "1, 2"


# -- elements of other kinds ----------------------------------------------------------------------------------------------------------------


PLACES = {
    "the top of a bar": (ordinary.bars, {"heights": (1.0, 2.0, 3.01)}, "height[2]", [2, 3.01]),
    "an end of an error bar": (ordinary.errorbars, {"factor": 2.0}, "yhigh[2]", [3, 6.6]),
    "a cell of an image": (ordinary.heat, {"cell": (2, 3)}, "value[2, 3]", [3, 2]),
    "a cell of a mesh": (lambda **k: ordinary.heat(mesh=True, **k), {"cell": (2, 3)}, "value[2, 3]", [3.5, 2.5]),
    "a reference line": (ordinary.references, {"v": 2.1}, "vertical line: x[0]", [2.1, None]),
    "the end of a span": (ordinary.references, {"span": (3, 5)}, "horizontal span: y[1]", [None, 5]),
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
    "a hexagonal bin": (rare.hexbin, {"dropped": 1}, "value[22]", [0, 0]),
    "a stair": (lambda v=1: ordinary.on(lambda ax, _: ax.stairs([1, 2, v], [0, 1, 2, 4]))(), {"v": 3}, "y[2]", [3, 3]),
    "a stem": (lambda v=1: ordinary.on(lambda ax, _: ax.stem([1, 2, 4], [1, 2, v]))(), {"v": 3}, "y[2]", [4, 3]),
    "a text": (ordinary.references, {"at": 5.5}, "annotation: x[0]", [5.5, 8]),
    "a level": (rare.contour, {"levels": (0.0, 0.2, 0.401, 0.6)}, "level[2]", None),
}


@pytest.mark.parametrize("case", PLACES.values(), ids=PLACES)
def test_an_element_stands_where_it_is_drawn(case):
    draw, change, what, expected = case
    then, now = recorded(draw()), recorded(draw(**change))
    (difference,) = [d for d in differences(then, now) if what in d.what]
    axes = difference.place.axes
    with axes_style.looks():
        work = axes_overlay._prepared(then.data.axes[axes], now.data.axes[axes], [difference], [], 0)
    (found,) = work.placed
    if expected is None:  # somewhere on the line of that level
        assert np.exp(-(found.observed**2).sum()) + 0.3 * found.observed[0] == pytest.approx(0.401, abs=0.03)
        return
    for at, known in zip(found.observed, expected, strict=True):
        assert known is None or at == pytest.approx(known, abs=1e-6)


STEPS = {
    "pre": [(0, 5), (0, 7), (1, 7), (1, 6), (2, 6)],
    "post": [(0, 5), (1, 5), (1, 7), (2, 7), (2, 6)],
    "mid": [(0, 5), (0.5, 5), (0.5, 7), (1.5, 7), (1.5, 6), (2, 6)],
}


@pytest.mark.parametrize("where", STEPS)
def test_steps_are_drawn_as_matplotlib_draws_them(where):
    made = outlines_by_kind.sketch(line([5, 7, 6], [0, 1, 2], steps=where), figure().data.axes[0], None, None)
    assert made.strokes.tolist() == [list(corner) for corner in STEPS[where]]
    assert made.where["y"].tolist() == [[0, 5], [1, 7], [2, 6]]


def test_bins_on_logarithmic_axes_touch_each_other():
    """There matplotlib places them by decades; the recorded width is that of a bin at zero."""
    axes = recorded(rare.log_hexbin()).data.axes[0]
    mark = axes.marks[0]
    if mark.kind != "hexagonal bins":
        pytest.skip("this version of matplotlib draws each as a polygon")
    bins = [np.log10(part) for part in outlines_by_kind.sketches.pieces(outlines_by_kind.sketch(mark, axes, None, None).strokes)]
    assert {round(float(np.ptp(part[:, 0])), 6) for part in bins} == {round(4 / 6, 6)}, "six across four decades"
    corners = np.round(np.concatenate(bins), 6)
    assert len(np.unique(corners, axis=0)) < 0.8 * 6 * len(bins), "neighbours share corners"


def test_limits_are_drawn_as_lines_across():
    made = overlay(figure(line(FIVE), y={"limits": (0, 4)}), figure(line(FIVE), y={"limits": (0, 5)}))
    shown = picture(made, "overview")
    then, now = shown.corners("recorded-limits-y")[:, 1], shown.corners("observed-limits-y")[:, 1]
    assert then.max() == pytest.approx(now.max(), abs=0.01), "the lower limit is the same"
    assert then.min() > now.min() + 10, "the upper one is higher"
    assert made.axes[0].said == ("The view is wider than recorded along y, to show what differs.",)


def test_limits_of_a_radius_are_circles():
    def polar(rmax):
        return recorded(rare.polar(rmax=rmax))

    shown = picture(overlay(polar(2.0), polar(2.5)), "overview")
    sizes = [np.ptp(shown.corners(f"{side}-limits-y"), axis=0) for side in ("recorded", "observed")]
    assert all(width == pytest.approx(height, rel=0.01) for width, height in sizes)
    assert sizes[1][0] == pytest.approx(sizes[0][0] * 2.5 / 2, rel=0.01)


def test_limits_in_space_have_no_place():
    def draw(end):
        return recorded(
            ordinary.on(lambda ax, v: (ax.plot([0, 1], [0, 1], [0, 1]), ax.set_xlim(0, end)), subplot_kw={"projection": "3d"})()
        )

    (part,) = overlay(draw(2.0), draw(3.0)).axes
    assert [told.undrawn for told in part.told] == ["words, scales and legends are not drawn"]


# -- fields -------------------------------------------------------------------------------------------------------------------------------

FIELDS = {
    "image": (ordinary.heat, {"cell": (2, 3)}),
    "heat map": (lambda **k: ordinary.heat(mesh=True, **k), {"cell": (2, 3)}),
    "smooth heat map": (
        lambda value=1.0: ordinary.on(lambda ax, v: ax.pcolormesh([[1, 2, 3], [4, value, 6], [7, 8, 9]], shading="gouraud"))(),
        {"value": 5.0},
    ),
    "uneven image": (rare.uneven, {"factor": 1.001}),
    "hexagonal bins": (rare.hexbin, {"dropped": 1}),
    "bins on logarithmic axes": (rare.log_hexbin, {"dropped": 20}),
    "coloured cells": (rare.tripcolor, {"factor": 1.001}),
    "triangle mesh": (rare.smooth_tripcolor, {"factor": 1.001}),
    "shapes": (rare.regions, {"value": 1.002}),
    "a heat map on polar axes": (
        lambda value=5.0: ordinary.on(
            lambda ax, v: ax.pcolormesh(np.linspace(0, 6.28, 4), [0, 1, 2], [[1, 2, 3], [4, value, 6]]), subplot_kw={"projection": "polar"}
        )(),
        {"value": 5.1},
    ),
    "colours of a picture": (lambda value=0.5: ordinary.on(lambda ax, v: ax.imshow([[[0, 0, 0], [1, value, 1]]]))(), {"value": 0.75}),
}


@pytest.mark.parametrize("case", FIELDS.values(), ids=FIELDS)
def test_values_of_a_field_become_a_map_of_differences(case):
    draw, change = case
    made = over(draw, **change)
    (first, *_) = drawings(made, "map")
    shown = Picture(first)
    assert "difference" in shown.named
    assert len(shown.names("worst-")) == 1
    assert "cells differ" in first.caption and "value[" in first.alt


def test_of_many_fields_some_have_a_map_and_the_others_a_ring():
    def draw(value=1.0):
        def four(ax, v):
            for i in range(4):
                ax.imshow([[0, value + i / 10], [2, 5]], extent=(i, i + 1, 0, 1))
            ax.set(xlim=(0, 4), ylim=(0, 1))

        return ordinary.on(four)()

    made = over(draw, value=1.1)
    assert [each.kind for each in made.axes[0].drawings] == ["overview", "map", "map"]
    assert picture(made, "overview").names("worst-") == ["worst-3", "worst-4"]


def test_the_worst_cell_of_a_map_is_marked():
    shown = picture(over(ordinary.heat, cell=(2, 3)), "map")
    margin = 0.06
    expected = (margin + np.array([3.5 / 8, 3.5 / 6])) / (1 + 2 * margin)  # the third row from the top of six, the fourth column of eight
    assert shown.shares("worst-1")[0] == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("kind", ["imshow", "pcolormesh"])
def test_a_cell_that_is_no_number_is_crossed_out(kind):
    def draw(value=5.0):
        return ordinary.on(lambda ax, v: getattr(ax, kind)([[1, 2, 3], [4, value, 6]]))()

    made = over(draw, value=NAN)
    (first,) = drawings(made, "map")
    shown = Picture(first)
    assert first.caption == "1 of 6 cells differ; 0.0001 % is allowed; a cross is a number on one side alone"
    assert shown.points("one-sided")[0] == pytest.approx(shown.points("worst-1")[0], abs=1e-3)


def test_a_map_shows_the_sign_of_each_difference():
    def field(values):
        fig, ax = plt.subplots()
        ax.pcolor([0, 1, 2], [0, 1], np.array([values]))
        return recorded(fig)

    then, now = field([1.0, 2.0]), field([1.5, 1.5])
    then, now = (replace(each, data=replace(each.data, axes=(_as_cells(each.data.axes[0]),))) for each in (then, now))
    shown = picture(overlay(then, now), "map")
    fills = [re.search(r"fill: (#\w{6})", use.get("style") or "") for use in shown.named["difference"].iter()]
    less, more = sorted((found.group(1) for found in fills if found), key=lambda colour: int(colour[3:5], 16))
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


# -- odd data -------------------------------------------------------------------------------------------------------------------------------

ODD = {
    "not a number now": (figure(line(FIVE)), figure(line([0, 1, NAN, 3, 4])), ["overview", "along"]),
    "not a number then": (figure(line([0, 1, NAN, 3, 4])), figure(line(FIVE)), ["overview", "along"]),
    "infinite": (figure(line(FIVE)), figure(line([0, 1, INF, 3, 4])), ["overview", "along"]),
    "nothing but gaps": (figure(line([NAN] * 5)), figure(line(FIVE)), ["overview", "along"]),
    "gaps on both sides": (figure(line([NAN] * 5)), figure(line([NAN] * 5, [0, 1, 2, 3, 9])), ["along"]),
    "empty then": (figure(line([], [])), figure(line(FIVE)), ["overview"]),
    "empty now": (figure(line(FIVE)), figure(line([], [])), ["overview"]),
    "one element": (figure(line([1.0], [1.0])), figure(line([1.2], [1.0])), ["overview"]),
    "a constant": (figure(line([7.0] * 5)), figure(line([7.0, 7, 7, 7, 7.01])), ["overview", "along"]),
    "zero on a logarithmic axis": (figure(line(FIVE), y={"scale": "log"}), figure(line([0.5, 1, 2, 3, 4]), y={"scale": "log"}), None),
    "negative on a logarithmic axis": (
        figure(line([-1.0] * 5), y={"scale": "log"}),
        figure(line([-2.0] * 5), y={"scale": "log"}),
        ["along"],
    ),
    "beyond a logit axis": (figure(line(FIVE), y={"scale": "logit"}), figure(line([0.5, 1, 2, 3, 5]), y={"scale": "logit"}), None),
    "too large to compute with": (figure(line([0, 1e300, 2, 3, 4])), figure(line([0, 1.1e300, 2, 3, 4])), ["along"]),
    "very large": (figure(line([0, 1e140, 2, 3, 4])), figure(line([0, 1.1e140, 2, 3, 4])), ["overview", "along"]),
    "very small": (figure(line([0, 1e-300, 2e-300, 3e-300, 0])), figure(line([0, 1e-300, 2e-300, 4e-300, 0])), None),
    "more elements": (figure(line(FIVE)), figure(line([*FIVE, 9.0], [*FIVE, 5.0])), ["overview"]),
    "fewer elements": (figure(line(FIVE)), figure(line(FIVE[:-1], FIVE[:-1])), ["overview"]),
    "a mark gone": (figure(line(FIVE, label="a"), line(FIVE[::-1], label="b")), figure(line(FIVE, label="a")), ["overview"]),
    "a mark more": (figure(line(FIVE, label="a")), figure(line(FIVE, label="a"), line(FIVE[::-1], label="b")), ["overview"]),
    "nothing drawn any more": (figure(line(FIVE)), figure(), ["overview"]),
    "limits without marks": (figure(y={"limits": (0, 1)}), figure(y={"limits": (0, 2)}), ["overview"]),
    "a kind that nobody knows": (figure(Mark("cloud", "", 0, {"x": FIVE})), figure(Mark("cloud", "", 0, {"x": FIVE[::-1]})), ["along"]),
    "arrays that do not fit": (figure(Mark("bars", "", 0, {"x": FIVE})), figure(Mark("bars", "", 0, {"x": FIVE[::-1]})), ["along"]),
    "other steps": (figure(line(FIVE, steps="pre")), figure(line(FIVE, steps="post")), ["overview"]),
}


@pytest.mark.parametrize("case", ODD.values(), ids=ODD)
def test_odd_data_are_drawn_as_far_as_they_go(case):
    then, now, expected = case
    made = overlay(then, now)
    found = [each.kind for part in made.axes for each in part.drawings]
    assert expected is None or found == expected
    assert not [text for part in made.axes for text in part.said if "could not be drawn" in text]
    for part in made.axes:
        for each in part.drawings:
            Picture(each)


def test_an_element_that_is_no_number_is_ringed_where_it_was_and_crossed_out():
    made = overlay(figure(line(FIVE)), figure(line([0, 1, NAN, 3, 4])))
    shown = picture(made, "overview")
    assert shown.points("worst-1")[0] == pytest.approx(shown.points("recorded-0-points")[2], abs=1e-3)
    along = picture(made, "along")
    assert len(along.points("one-sided")) == 1
    assert "a cross is a number on one side alone" in drawings(made, "along")[0].caption


def test_marks_of_two_lengths_are_ringed_where_they_are_farthest_apart():
    shown = picture(overlay(figure(line(FIVE)), figure(line([0, 1, 2, 3, 4, 9], [0, 1, 2, 3, 4, 4.5]))), "overview")
    assert shown.names("apart-") == ["apart-1"]
    assert not shown.names("worst-"), "the comparison names no element"
    assert shown.points("apart-1")[0] == pytest.approx(shown.points("observed-0-points")[5], abs=1e-3)


def test_the_farthest_place_is_found_among_many():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 5000))
    extra = [*y[:2500], 9.0, *y[2500:]]
    then = figure(Mark("scatter", "", 0, {"x": x.tolist(), "y": y.tolist()}))
    now = figure(Mark("scatter", "", 0, {"x": [*x[:2500], 0.0, *x[2500:]], "y": extra}))
    spots = [each for each in _spots(then, now) if not isinstance(each, str)]
    assert [each.kind for each in spots] == ["apart", "apart"]
    assert spots[0].observed == pytest.approx([0, 9])


def _spots(then, now):
    found = [d for d in differences(then, now) if d.place.axes == 0]
    with axes_style.looks():
        return axes_overlay._prepared(then.data.axes[0], now.data.axes[0], found, [], 0).spots


def test_a_mark_that_is_gone_is_drawn_as_recorded_and_one_that_is_new_as_observed():
    one, two = line(FIVE, label="a"), line(FIVE[::-1], label="b")
    gone = picture(overlay(figure(one, two), figure(one)), "overview")
    assert gone.names("recorded-") == ["recorded-1", "recorded-1-points"]
    assert not gone.names("observed-")
    new = picture(overlay(figure(one), figure(one, two)), "overview")
    assert new.names("observed-") == ["observed-1", "observed-1-points"]
    assert not new.names("recorded-")


def test_another_number_of_axes_is_said():
    made = overlay(figure(line(FIVE)), figure(line(FIVE), count=2))
    assert made.axes == ()
    assert made.said == ("has 2 axes, recorded 1.", "There is no overlay: axes are compared only where there are as many as recorded.")


def test_of_many_axes_the_worst_are_drawn():
    then = figure(line(FIVE), count=MOST + 2)
    axes = tuple(replace(each, marks=(line([0, 1, 2 + (i + 1) / 100, 3, 4]),)) for i, each in enumerate(then.data.axes))
    made = overlay(then, replace(then, data=replace(then.data, axes=axes)))
    assert [part.title for part in made.axes] == [f"Axes {i}" for i in range(3, MOST + 3)]
    assert made.said == (f"{MOST + 2} pairs of axes differ; the {MOST} that differ most are drawn.",)


def test_of_many_differences_the_first_are_told():
    then = figure(*(line([float(i)] * 5, label=f"{i}") for i in range(20)))
    now = figure(*(line([i + 0.3] * 5, label=f"{i}") for i in range(20)))
    (part,) = overlay(then, now).axes
    assert (len(part.told), part.more) == (TOLD, 20 - TOLD)
    assert len(Picture(part.drawings[0]).names("worst-")) == 20, "all are ringed"


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
    made = overlay(figure(line(FIVE, label=label), **words), figure(line([0, 1, 2.01, 3, 4], label=label), **words))
    assert [each.kind for each in made.axes[0].drawings] == ["overview", "magnified", "along"]
    for each in made.axes[0].drawings:
        assert "<script" not in each.svg
        Picture(each)
    assert capfd.readouterr() == ("", ""), "nothing is printed about fonts"


def test_scales_limits_direction_and_ticks_are_those_recorded():
    axis = {"scale": "log", "limits": (100.0, 1.0), "inverted": True, "label": "error"}
    x = {"ticks": tuple((float(i), name) for i, name in enumerate("abcde"))}
    values = [2, 4, 8, 16, 32]
    made = overlay(figure(line(values), x=x, y=axis), figure(line([2, 4, 9, 16, 32]), x=x, y=axis))
    shown = picture(made, "overview")
    texts = [element.text for element in shown.root.iter() if element.tag.endswith("}text")]
    assert set("abcde") <= set(texts)
    assert "error" in texts
    heights = 1 - shown.shares("recorded-0-points")[:, 1]
    assert heights == pytest.approx(np.log10(values) / 2, abs=1e-4), "decades, from the top"


def test_a_scale_that_is_not_in_the_record_is_said():
    made = overlay(figure(line(FIVE), y={"scale": "function"}), figure(line([0, 1, 2, 3, 5]), y={"scale": "function"}))
    assert made.axes[0].said == ("The y axis is drawn with equal steps: of its scale (function) the record has samples only.",)


def test_large_marks_stay_small():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(2, 20_000)).tolist()
    now = [*y[:70], y[70] + 0.1, *y[71:]]
    made = overlay(figure(Mark("scatter", "", 0, {"x": x, "y": y})), figure(Mark("scatter", "", 0, {"x": x, "y": now})))
    assert len(made.axes[0].drawings) == 3
    assert sum(len(each.svg) for each in made.axes[0].drawings) < 400_000


# -- trial changes --------------------------------------------------------------------------------------------------------------------------

DRAWN = {**DRAWINGS, **{draw.__name__: draw for draw in ordinary.DRAWINGS}}


def trials(then):
    """The changes of `labnotes mutate`, by their kind."""
    found = {}
    for kind, what, data in trial_changes._figures(then.data):
        found.setdefault((kind, re.sub(r"\d+", "", what)), []).append(data)
    return found


def place_each(then, changed):
    """Place changed figures without drawing them; how many had something to place."""
    tried = 0
    with axes_style.looks():
        for data in changed:
            now = replace(then, data=data)
            found = [d for d in differences(then, now) if d.share > allowed(then)]
            for i in {d.place.axes for d in found} - {None}:
                own = [d for d in found if d.place.axes == i]
                work = axes_overlay._prepared(then.data.axes[i], data.axes[i], own, [], allowed(then))
                tried += 1
                for each in work.spots:
                    assert isinstance(each, str) or np.all(np.isfinite(each.at))
    return tried


@pytest.mark.parametrize("name", QUICK)
def test_trial_changes_of_each_kind_find_their_place_or_the_reason(name):
    """The last of each kind."""
    then = drawn(name)
    assert place_each(then, (changed[-1] for changed in trials(then).values())) > 2


@pytest.mark.slow  # 1.5 s each
@pytest.mark.parametrize("draw", DRAWN.values(), ids=DRAWN)
def test_every_trial_change_finds_its_place_or_the_reason(draw):
    then = recorded(draw())
    assert place_each(then, (data for changed in trials(then).values() for data in changed)) > 5


# -- what it promises ------------------------------------------------------------------------------------------------------------------------


def test_the_same_figures_give_the_same_bytes_whatever_the_settings():
    then, now = recorded(rare.contour()), recorded(rare.contour(factor=1.001))
    first = [each.svg for each in overlay(then, now).axes[0].drawings]
    with mpl.rc_context({"lines.linewidth": 9, "font.size": 30, "svg.hashsalt": None, "svg.fonttype": "path", "axes.grid": True}):
        before = dict(mpl.rcParams)
        second = [each.svg for each in overlay(then, now).axes[0].drawings]
        assert dict(mpl.rcParams) == before
    assert first == second
    assert len(first) == 3


ALONE = """
import json, sys
from labnotes.quantities import Figure, FigureData
from labnotes.reporting.overlay import overlay
assert "matplotlib" not in sys.modules
then, now = (Figure("f", 1, "c", "a", FigureData.from_json(data)) for data in json.load(sys.stdin))
made = overlay(then, now)
assert "matplotlib.pyplot" not in sys.modules
sys.stdout.write(made.axes[0].drawings[0].svg)
"""


def test_another_process_draws_the_same_and_needs_no_pyplot(font_cache, tmp_path):
    then, now = recorded(ordinary.lines()), recorded(ordinary.lines(at=7))
    (tmp_path / "labnotes").mkdir()
    (tmp_path / "labnotes" / "matplotlib").symlink_to(font_cache)
    tools = str(Path(trial_changes.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", ALONE],
        input=json.dumps([then.data.as_json(), now.data.as_json()]),
        capture_output=True,
        text=True,
        timeout=120,
        env={"PYTHONPATH": tools, "XDG_CACHE_HOME": str(tmp_path), "HOME": str(tmp_path), "PATH": ""},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    assert done.stdout == overlay(then, now).axes[0].drawings[0].svg


def test_without_matplotlib_it_says_so(monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "matplotlib" else found(name))
    made = overlay(figure(line(FIVE)), figure(line(FIVE[::-1])))
    assert made.axes == ()
    assert made.said == ("There is no overlay: matplotlib, which draws it, is not installed here.",)


def test_a_drawing_that_fails_is_told_and_the_words_stay(monkeypatch):
    def fails(fig):
        raise ValueError("cannot convert float NaN to integer")

    monkeypatch.setattr(drawing, "svg", fails)
    (part,) = overlay(figure(line(FIVE)), figure(line(FIVE[::-1]))).axes
    assert part.said == ("This could not be drawn: ValueError: cannot convert float NaN to integer.",)
    assert part.drawings == ()
    assert part.told[0].what.startswith("line: y[0] is 4")


def test_a_mistake_of_ours_is_not_hidden(monkeypatch):
    monkeypatch.setattr(drawing, "svg", lambda fig: fig.no_such_method())
    with pytest.raises(AttributeError):
        overlay(figure(line(FIVE)), figure(line(FIVE[::-1])))


def test_words_alone_have_no_overlay_and_say_so():
    made = over(ordinary.lines, ax_set={"title": "Testing"})
    (part,) = made.axes
    assert part.drawings == ()
    assert part.told[0].undrawn == "words, scales and legends are not drawn"
    assert part.said == ("There is no overlay of these axes: what differs has no place in the drawing.",)


def test_alternative_texts_say_what_differs():
    then, now = recorded(ordinary.lines()), recorded(ordinary.lines(at=7))
    (detail,) = compare_figures(then, now).details
    made = overlay(then, now)
    assert [each.alt.partition(": ")[2] for each in made.axes[0].drawings] == [detail] * 3
    assert [each.alt.partition(": ")[0] for each in made.axes[0].drawings] == [
        "Recorded and observed marks over each other",
        "Magnified 358 times",
        "Observed minus recorded, element by element",
    ]
