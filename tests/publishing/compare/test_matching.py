"""Which mark became which, and which point: order alone is no change of a scatter, and is told apart from a change elsewhere."""

from dataclasses import replace

import numpy as np
import pytest

from labnotes.compare.figures import compare_figures
from labnotes.model.plots import AxesData, AxisData, Figure, FigureData, Mark
from labnotes.model.verdicts import Verdict

PLAIN = AxisData("", "linear", None, False, None)
RNG = np.random.default_rng(0)
X, Y, SIZE = RNG.normal(size=(3, 40)).round(6)
COLOURS = [0, 1, 0, 2] * 10
SHUFFLED = RNG.permutation(40)


def figure_of_marks(*marks):
    return Figure("f", 1, "", "", FigureData((AxesData("", "plain", PLAIN, PLAIN, marks, ()),), (), ()))


def scatter_mark(order=slice(None), *, y=Y, colours=None, label="points"):
    exact = {"colours": [colours[i] for i in np.arange(40)[order]]} if colours else {}
    return Mark(
        "scatter", label, None if colours else 0, {"x": X[order].tolist(), "y": y[order].tolist(), "size": SIZE[order].tolist()}, exact
    )


def line_mark(y, x=None, label=""):
    return Mark("line", label, 0, {"x": list(range(len(y))) if x is None else list(x), "y": list(y)})


def verdict_and_details(then, now):
    comparison = compare_figures(figure_of_marks(*then), figure_of_marks(*now))
    return comparison.verdict, "\n".join(comparison.details)


def test_a_scatter_has_no_order():
    assert verdict_and_details([scatter_mark()], [scatter_mark(SHUFFLED)]) == (Verdict.EXACT, "")


@pytest.mark.parametrize("spelling", [lambda of_points: of_points, lambda of_points: {"among all": of_points, "where chosen": of_points}])
def test_the_looks_of_points_move_with_them(spelling):
    look, of_points = ("edge", [0, 1] * 20) if isinstance(spelling([]), list) else ("width", [0.5, 1.0] * 20)

    def looking(order=slice(None), of_points=of_points):
        return replace(scatter_mark(order), looks={look: spelling([of_points[i] for i in np.arange(40)[order]])})

    exchanged = [of_points[1], of_points[0], *of_points[2:]]
    assert verdict_and_details([looking()], [looking(SHUFFLED)]) == (Verdict.EXACT, "")
    assert verdict_and_details([looking()], [looking(SHUFFLED, exchanged)])[0] is Verdict.CHANGED


def test_a_point_that_moved_is_named_by_its_recorded_place_whatever_the_order():
    moved = Y.copy()
    moved[17] += 0.1 * Y.std()
    verdict, text = verdict_and_details([scatter_mark()], [scatter_mark(SHUFFLED, y=moved)])
    assert verdict is Verdict.CHANGED
    assert f"scatter 'points': y[17] is {moved[17]:.8g}, recorded {Y[17]:.8g}" in text and "differ" not in text.split("\n")[0]
    assert text.count("\n") == 0, "nothing else"


def test_every_point_a_little_elsewhere_keeps_its_partner():
    moved = Y + 1e-9
    verdict, text = verdict_and_details([scatter_mark()], [scatter_mark(SHUFFLED, y=moved)])
    assert verdict is Verdict.WITHIN and text == ""


def test_points_that_exchange_one_value_are_a_change():
    exchanged = Y.copy()
    exchanged[[3, 4]] = Y[[4, 3]]
    assert verdict_and_details([scatter_mark()], [scatter_mark(SHUFFLED, y=exchanged)])[0] is Verdict.CHANGED


def test_colours_go_with_their_points_and_are_numbered_anew():
    renumbered = {number: i for i, number in enumerate(dict.fromkeys(COLOURS[i] for i in SHUFFLED))}
    now = scatter_mark(SHUFFLED, colours=[renumbered[colour] for colour in COLOURS])
    assert verdict_and_details([scatter_mark(colours=COLOURS)], [now]) == (Verdict.EXACT, "")
    swapped = COLOURS.copy()
    swapped[0], swapped[1] = swapped[1], swapped[0]
    assert "shares its colour" in verdict_and_details([scatter_mark(colours=COLOURS)], [scatter_mark(SHUFFLED, colours=swapped)])[1]


def test_points_that_are_no_numbers_and_equal_ones_find_partners():
    y = Y.copy()
    y[[5, 9]] = np.nan
    y[20], y[21] = y[22], -0.0
    assert verdict_and_details([scatter_mark(y=y)], [scatter_mark(SHUFFLED, y=y + 0.0)]) == (Verdict.EXACT, "")


def test_a_point_less_is_a_change():
    assert "x has 39 values, recorded 40" in verdict_and_details([scatter_mark()], [scatter_mark(SHUFFLED[:-1])])[1]


@pytest.mark.parametrize("order", [slice(None, None, -1), [1, 0, 2, 3]])
def test_a_line_in_another_order_is_told_apart_from_a_change(order):
    y = np.array([1.0, 3.0, 2.0, 5.0])
    verdict, text = verdict_and_details([line_mark(y, label="loss")], [line_mark(y[order], x=np.arange(4)[order], label="loss")])
    assert (verdict, text) == (Verdict.CHANGED, "line 'loss': the same points stand in another order")


def test_values_that_exchange_places_are_a_change_and_no_other_order():
    verdict, text = verdict_and_details([line_mark([1.0, 3.0, 2.0])], [line_mark([3.0, 1.0, 2.0])])
    assert verdict is Verdict.CHANGED and "y[0] is 3, recorded 1" in text


def test_marks_without_labels_are_taken_in_their_order_but_for_equal_ones():
    low, high = [0.0, 1.0, 2.0], [10.0, 12.0, 14.0]
    assert verdict_and_details([line_mark(low), line_mark(high)], [line_mark(high), line_mark(low)]) == (Verdict.EXACT, "")
    assert (
        "line 2: y[1] is 12.01, recorded 12"
        in verdict_and_details([line_mark(low), line_mark(high)], [line_mark([10.0, 12.01, 14.0]), line_mark(low)])[1]
    )
