"""Figures by their data: every scientific change is seen and names its mark, no change of style is."""

import functools
import warnings

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from labnotes.author.figures import readers
from labnotes.author.figures.matplotlib import figure_reader
from labnotes.compare.figure_differences import FigurePlace
from labnotes.compare.figures import compare_figures, sorted_differences
from labnotes.model.quantities import Tolerance
from labnotes.model.verdicts import Verdict
from simple_drawings import (
    DRAWINGS,
    RNG,
    SCIENTIFIC,
    SUBTLE,
    X,
    compare_drawings,
    draw_empty_axes,
    draw_heat_map,
    draw_histogram,
    draw_lines,
    draw_panels,
    recorded_figure,
)

mpl.use("Agg")
import matplotlib.pyplot as plt


@pytest.mark.parametrize("case", SUBTLE.values(), ids=SUBTLE.keys())
def test_a_subtle_change_is_seen(case):
    draw, change, named = case
    assert compare_drawings(draw, draw).verdict in (Verdict.EXACT, Verdict.UNVERIFIED)
    comparison = compare_drawings(draw, lambda: draw(**change))
    assert comparison.verdict in (Verdict.CHANGED, Verdict.UNVERIFIED), comparison
    assert comparison.details
    assert all(part in "\n".join(comparison.details) for part in named)


def test_values_of_two_maps_have_ranges_of_their_own():
    def draw_two_maps(value=0.5):
        fig, ax = plt.subplots()
        ax.imshow([[0.0, 1e6]], extent=(0, 1, 0, 1))
        ax.scatter([0, 1, 2], [0, 1, 2], c=[0, value, 1])
        return fig

    assert compare_drawings(draw_two_maps, lambda: draw_two_maps(0.51)).verdict is Verdict.CHANGED


def test_what_matplotlib_itself_cannot_place_is_unverified():
    def draw_dated_rectangle():
        fig, ax = plt.subplots()
        ax.plot(pd.date_range("2026-01-01", periods=2), [0, 1])
        ax.add_patch(mpl.patches.Rectangle((pd.Timestamp("2026-01-01"), 0), pd.Timedelta(days=1), 1))
        return fig

    comparison = compare_drawings(draw_dated_rectangle, draw_dated_rectangle)
    assert comparison.verdict is Verdict.UNVERIFIED
    assert "Rectangle" in comparison.details[0]


def test_series_that_come_to_share_a_colour_are_told():
    """A colour cycle with fewer colours than series: the reader can no longer tell them apart."""

    def draw_series(colours=8):
        with mpl.rc_context({"axes.prop_cycle": mpl.cycler(color=["k", "r", "g", "b", "c", "m", "y", "grey"][:colours])}):
            fig, ax = plt.subplots()
            for i in range(4):
                ax.plot([0, i], label=f"{i}")
            ax.legend()
        return fig

    assert compare_drawings(draw_series, lambda: draw_series(5)).verdict is Verdict.EXACT
    comparison = compare_drawings(draw_series, lambda: draw_series(3))
    assert comparison.verdict is Verdict.CHANGED
    assert "can no longer be told apart" in "\n".join(comparison.details)


@pytest.mark.parametrize("case", SCIENTIFIC.values(), ids=SCIENTIFIC.keys())
def test_a_scientific_change_is_seen_and_its_mark_named(case):
    draw, change, named = case
    comparison = compare_drawings(draw, lambda: draw(**change))
    assert comparison.verdict is Verdict.CHANGED, comparison
    text = "\n".join(comparison.details)
    assert all(part in text for part in named), text


def test_emptied_axes_are_seen():
    comparison = compare_drawings(draw_lines, draw_empty_axes)
    assert comparison.verdict is Verdict.CHANGED
    assert "nothing is drawn any more" in comparison.details[0]


def test_what_goes_in_one_axes_says_nothing_about_colours_in_another():
    def draw_three_axes(errors=True):
        fig, axes = plt.subplots(1, 3)
        axes[0].scatter(X, X, label="runs")
        axes[1].plot(X, label="A")
        axes[1].legend()
        if errors:
            axes[2].errorbar(X, X, yerr=0.5, fmt="o", label="treated")
        return fig

    assert compare_drawings(draw_three_axes, lambda: draw_three_axes(errors=False)).details == (
        "axes 3, nothing is drawn any more: 1 marks recorded",
    )


def test_a_hidden_line_is_gone():
    def draw_hidden_line():
        fig = draw_lines()
        fig.axes[0].lines[1].set_visible(False)
        return fig

    comparison = compare_drawings(draw_lines, draw_hidden_line)
    assert "line 'B' is gone" in "\n".join(comparison.details)


def test_colours_count_as_a_correspondence():
    def same_colour():
        return draw_lines(color="C0")

    comparison = compare_drawings(draw_lines, same_colour)
    assert comparison.verdict is Verdict.CHANGED
    assert "colour" in "\n".join(comparison.details)


# -- changes of style -------------------------------------------------------------------------------------------------------------------------

STYLES = {
    "font": {"font.family": "serif", "font.size": 15},
    "size": {"figure.figsize": (3, 9)},
    "dpi": {"figure.dpi": 200, "savefig.dpi": 50},
    "grid": {"axes.grid": True, "axes.grid.which": "both"},
    "colour cycle": {"axes.prop_cycle": mpl.cycler(color=["#b84a14", "#1f4fa8", "#1d8170"])},
    "line width and markers": {"lines.linewidth": 5, "lines.marker": "s", "patch.linewidth": 3},
    "colour map": {"image.cmap": "magma"},
    "margins": {"axes.xmargin": 0.3, "axes.ymargin": 0.3},
    "layout": {"figure.constrained_layout.use": True},
    "spines and ticks": {"axes.spines.top": False, "xtick.direction": "in", "xtick.minor.visible": True},
    "legend": {"legend.loc": "lower left", "legend.frameon": False, "legend.numpoints": 3},
    "caps": {"errorbar.capsize": 9},
}
plain_figure = functools.cache(lambda draw: recorded_figure(draw()))
"""A drawing without any style, as a record holds it; every style is compared with the same one."""

SHEETS = ["ggplot", "dark_background", "seaborn-v0_8", "grayscale", "bmh", "fivethirtyeight", "classic", "Solarize_Light2"]


@pytest.mark.parametrize("draw", DRAWINGS, ids=lambda draw: draw.__name__)
@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES.keys())
def test_style_is_no_difference(draw, style):
    def draw_styled():
        with mpl.rc_context(style):
            return draw()

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="findfont")
        assert compare_figures(plain_figure(draw), recorded_figure(draw_styled())).verdict is Verdict.EXACT


@pytest.mark.parametrize("draw", DRAWINGS, ids=lambda draw: draw.__name__)
@pytest.mark.parametrize("sheet", SHEETS)
def test_style_sheets_are_no_difference(draw, sheet):
    def draw_styled():
        with plt.style.context(sheet):
            return draw()

    comparison = compare_figures(plain_figure(draw), recorded_figure(draw_styled()))
    assert comparison.verdict is Verdict.EXACT, comparison.details


PLACES = {
    "an element": (draw_lines, {"at": 7}, FigurePlace(axes=0, recorded=0, observed=0, array="y", at=(7,))),
    "a cell": (draw_heat_map, {"cell": (2, 3)}, FigurePlace(axes=0, recorded=0, observed=0, array="value", at=(2, 3))),
    "limits of other axes": (draw_panels, {"right": (0, 5)}, FigurePlace(axes=1, axis="y", array="limits", at=(1,))),
    "two lengths": (draw_histogram, {"bins": 9}, FigurePlace(axes=0, recorded=0, observed=0, array="x")),
    "a mark with another label": (draw_lines, {"labels": ("A", "C")}, FigurePlace(axes=0, recorded=1, observed=1)),
    "labels that are swapped": (draw_lines, {"labels": ("B", "A")}, FigurePlace(axes=0, recorded=0, observed=1)),
    "an axis": (draw_lines, {"ax_set": {"ylabel": "accuracy"}}, FigurePlace(axes=0, axis="y")),
    "limits": (draw_lines, {"ax_set": {"ylim": (0, 1)}}, FigurePlace(axes=0, axis="y", array="limits")),
    "a title": (draw_lines, {"ax_set": {"title": "Testing"}}, FigurePlace(axes=0)),
    "all marks": (lambda drawn=True: draw_lines() if drawn else draw_empty_axes(), {"drawn": False}, FigurePlace(axes=0, array="marks")),
    "how many axes there are": (draw_panels, {"n": 3}, FigurePlace()),
}


@pytest.mark.parametrize("case", PLACES.values(), ids=PLACES)
def test_a_difference_says_where_it_stands(case):
    draw, change, place = case
    all_differences = sorted_differences(recorded_figure(draw()), recorded_figure(draw(**change)))
    assert place in [difference.place for difference in all_differences]


def test_a_mark_that_is_gone_has_no_observed_one():
    def draw_labelled_lines(labels=("A", "B")):
        fig, ax = plt.subplots()
        for label in labels:
            ax.plot([0, 1], [0, ord(label)], label=label)
        return fig

    assert [d.place for d in sorted_differences(recorded_figure(draw_labelled_lines()), recorded_figure(draw_labelled_lines("B")))] == [
        FigurePlace(axes=0, recorded=0)
    ]
    assert [d.place for d in sorted_differences(recorded_figure(draw_labelled_lines("B")), recorded_figure(draw_labelled_lines()))] == [
        FigurePlace(axes=0, observed=0)
    ]


# -- tolerance, what is not read, odd data ---------------------------------------------------------------------------------------------------


def test_a_stated_tolerance_covers_what_it_covers():
    then = recorded_figure(draw_lines(), Tolerance(0.01, "two CPUs differed"))
    assert compare_figures(then, recorded_figure(draw_lines(y=1.004), Tolerance(0.01, "two CPUs differed"))).verdict is Verdict.WITHIN
    assert compare_figures(then, recorded_figure(draw_lines(y=1.03), Tolerance(0.01, "two CPUs differed"))).verdict is Verdict.CHANGED


def test_a_tolerance_widened_by_the_run_does_not_count():
    comparison = compare_figures(recorded_figure(draw_lines()), recorded_figure(draw_lines(y=1.004), Tolerance(0.01, "why")))
    assert comparison.verdict is Verdict.CHANGED
    assert "the tolerance is now 1 %, recorded the default" in comparison.details


def test_a_logarithmic_axis_is_measured_in_decades():
    def draw_decay(at=0.0):
        fig, ax = plt.subplots()
        y = 10.0 ** -np.arange(6.0)
        y[5] *= 1 + at
        ax.semilogy(np.arange(6), y)
        return fig

    comparison = compare_drawings(draw_decay, lambda: draw_decay(at=0.01))
    assert comparison.verdict is Verdict.CHANGED
    assert "% of the y range" in comparison.details[0]


class LineOfItsOwn(mpl.lines.Line2D):
    """May mean anything by what it inherits."""


def test_what_is_not_read_is_unverified_and_named():
    def draw_own(width=1.0):
        fig, ax = plt.subplots()
        ax.add_line(LineOfItsOwn([0, width], [0, 1]))
        ax.plot([1, 2], [1, 2])
        return fig

    comparison = compare_drawings(draw_own, lambda: draw_own(width=0.5))
    assert comparison.verdict is Verdict.UNVERIFIED
    assert comparison.details == ("not verified: axes 0: LineOfItsOwn",)


@pytest.mark.parametrize("projection", ["mollweide", "hammer"])
def test_another_projection_is_told_and_its_data_are_compared(projection):
    def draw_projection(name=projection, y=0.5):
        fig, ax = plt.subplots(subplot_kw={"projection": name})
        ax.plot([1, 2], [0.1, y])
        return fig

    assert compare_drawings(draw_projection, draw_projection).verdict is Verdict.EXACT
    assert "y[1] is 0.6" in compare_drawings(draw_projection, lambda: draw_projection(y=0.6)).details[0]
    assert "name is 'aitoff'" in "\n".join(compare_drawings(draw_projection, lambda: draw_projection("aitoff")).details)


def test_an_artist_that_comes_or_goes_is_a_difference_even_if_it_is_not_read():
    def draw_own(drawn=True):
        fig, ax = plt.subplots()
        ax.plot([1, 2], [1, 2])
        if drawn:
            ax.add_line(LineOfItsOwn([0, 1], [0, 1]))
        return fig

    assert compare_drawings(draw_own, lambda: draw_own(drawn=False)).verdict is Verdict.CHANGED


@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_odd_numbers_equal_themselves_and_nothing_else(odd):
    def draw_odd_number(value=odd):
        fig, ax = plt.subplots()
        ax.plot([0, 1, 2], [1, value, 3])
        return fig

    assert compare_drawings(draw_odd_number, draw_odd_number).verdict is Verdict.EXACT
    comparison = compare_drawings(draw_odd_number, lambda: draw_odd_number(value=2.0))
    assert comparison.verdict is Verdict.CHANGED
    assert "y[1]" in comparison.details[0]


def test_dates_masks_and_categories_are_read():
    def draw_odd_data(shift=0):
        fig, axes = plt.subplots(1, 3)
        axes[0].plot(pd.date_range("2026-01-01", periods=4) + pd.Timedelta(days=shift), [1, 2, 3, 4])
        axes[1].plot(np.ma.masked_equal([1, 2, 3], 2))
        axes[2].plot(["a", "b"], [1, 2])
        return fig

    assert compare_drawings(draw_odd_data, draw_odd_data).verdict is Verdict.EXACT
    comparison = compare_drawings(draw_odd_data, lambda: draw_odd_data(shift=1))
    assert "axes 1, line" in comparison.details[0]


def test_an_inset_is_read():
    def draw_inset(y=1.0):
        fig, ax = plt.subplots()
        ax.plot([0, 1], [0, 1])
        inner = ax.inset_axes([0.6, 0.1, 0.3, 0.3])
        inner.plot([0, 1], [0, y])
        return fig

    assert compare_drawings(draw_inset, draw_inset).verdict is Verdict.EXACT
    assert "axes 2" in compare_drawings(draw_inset, lambda: draw_inset(y=1.1)).details[0]


def test_a_box_plot_is_read_line_by_line():
    def draw_box_plot(value=3.0):
        fig, ax = plt.subplots()
        ax.boxplot([[1, 2, value, 4, 9]])
        return fig

    assert compare_drawings(draw_box_plot, draw_box_plot).verdict is Verdict.EXACT
    assert compare_drawings(draw_box_plot, lambda: draw_box_plot(value=3.2)).verdict is Verdict.CHANGED


def test_the_picture_has_the_same_bytes_twice_and_no_date():
    first, second = figure_reader.render_picture(draw_lines()), figure_reader.render_picture(draw_lines())
    plt.close("all")
    assert first == second
    assert "<dc:date>" not in first[1]


def test_a_large_picture_becomes_png():
    fig, ax = plt.subplots()
    ax.scatter(*RNG.normal(size=(2, 5000)))
    mime, _ = figure_reader.render_picture(fig)
    plt.close(fig)
    assert mime == "image/png"


def test_anything_but_a_figure_is_refused_with_advice():
    fig, ax = plt.subplots()
    with pytest.raises(ValueError, match=r"matplotlib\.axes[\s\S]*figure\(ax\.figure"):
        readers.reader_of(ax)
    plt.close(fig)
