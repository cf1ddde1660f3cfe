"""What the corpus found, each alone: places that a style decides, meanings of markers, names in messages."""

import matplotlib as mpl
import numpy as np
import pytest

from figure_corpus.rare import plt
from figure_corpus.statistical import changed_trials, sns
from labnotes.author.figures.matplotlib import figure_reader
from labnotes.compare.figures import compare_figures
from labnotes.model.plots import Figure
from labnotes.model.verdicts import Verdict


def recorded_figure(fig):
    data = figure_reader.read_figure(fig)
    plt.close(fig)
    return Figure("f", 1, "c", "a", data)


def difference_text(then, now):
    return "\n".join(compare_figures(recorded_figure(then), recorded_figure(now)).details)


def draw_points(**change):
    """Two kinds of point in one scatter, told apart by marker."""
    fig, ax = plt.subplots()
    drawn = {"style_order": ("north", "south"), "markers": change.pop("markers", ["s", "^"])}
    sns.scatterplot(changed_trials(**change), x="week", y="score", style="site", ax=ax, **drawn)
    return fig


def test_the_marker_of_a_point_is_what_the_legend_calls_it():
    assert difference_text(draw_points(), draw_points(site="south")) == "scatter: markers[20] is 'south', recorded 'north'"
    assert (
        difference_text(draw_points(), draw_points(renamed=("north", "south")))
        == "scatter: markers[0] is 'south', recorded 'north' (90 of 90 differ)"
    )
    assert difference_text(draw_points(), draw_points(markers=["o", "X"])) == ""


def test_markers_without_a_legend_count_in_order_of_appearance():
    def draw_markers(markers):
        fig, ax = plt.subplots()
        drawn = ax.scatter([1, 2, 3], [1, 2, 3])
        drawn.set_paths([mpl.markers.MarkerStyle(marker).get_path() for marker in markers])
        return fig

    assert difference_text(draw_markers("o^o"), draw_markers("sxs")) == ""
    assert difference_text(draw_markers("o^o"), draw_markers("o^^")) == "scatter: markers is [0, 1, 1], recorded [0, 1, 0]"


def draw_swarm(size=(6.4, 4.8), by=0.0):
    fig, ax = plt.subplots(figsize=size)
    sns.swarmplot(changed_trials(by=by), x="group", y="score", size=4, ax=ax)
    return fig


def test_a_swarm_is_read_as_if_it_stood_in_line():
    (first, *_) = recorded_figure(draw_swarm()).data.axes[0].marks
    assert set(first.arrays["x"]) == {0.0}
    assert difference_text(draw_swarm(), draw_swarm(size=(3, 9))) == ""
    assert "scatter 1: y[20]" in difference_text(draw_swarm(), draw_swarm(by=0.006))


def test_points_that_move_in_another_way_when_they_are_drawn_are_unverified():
    fig, ax = plt.subplots()
    drawn = ax.scatter([1, 2], [1, 2])
    drawn.draw = lambda renderer: None
    assert recorded_figure(fig).data.unverified == ("axes 0: PathCollection",)


def test_sizes_follow_the_size_of_markers_only_where_seaborn_chose_them():
    def draw_sizes(size=None):
        fig, ax = plt.subplots()
        if size is None:
            sns.scatterplot(changed_trials(), x="week", y="score", size="weight", ax=ax)
        else:
            ax.scatter([1, 2], [1, 2], s=[1, size])
        return recorded_figure(fig)

    then, stated = draw_sizes(), draw_sizes(9)
    with mpl.rc_context({"lines.markersize": 11}):
        assert compare_figures(then, draw_sizes()).verdict is Verdict.EXACT
        assert compare_figures(stated, draw_sizes(9)).verdict is Verdict.EXACT
    assert "size[1] is 18" in "\n".join(compare_figures(stated, draw_sizes(18)).details)


@pytest.mark.parametrize("kind", ["line", "scatter", "text"])
def test_what_is_moved_on_paper_stays_at_its_data(kind):
    def draw_moved(inches=0.1, x=1.0):
        fig, ax = plt.subplots()
        moved = mpl.transforms.offset_copy(ax.transData, fig, x=inches)
        if kind == "line":
            ax.plot([x, 2], [1, 2], transform=moved)
        elif kind == "scatter":
            ax.scatter([x, 2], [1, 2], transform=moved)
        else:
            ax.text(x, 1, "here", transform=moved)
        return fig

    assert recorded_figure(draw_moved()).data.unverified == ()
    assert difference_text(draw_moved(), draw_moved(inches=0.15)) == ""
    far = difference_text(draw_moved(), draw_moved(inches=0.3))
    assert far == ("" if kind == "text" else f"{kind}: moved by points is [21.6, 0.0], recorded absent")
    assert "x[0] is 1.5, recorded 1" in difference_text(draw_moved(), draw_moved(x=1.5))


def test_a_stand_in_of_a_legend_is_no_mark_and_widens_no_range():
    def draw_violins(by=0.0):
        fig, ax = plt.subplots()
        data = changed_trials(by=by)
        sns.violinplot(data.assign(score=data["score"] + 1e6), x="group", y="score", hue="site", ax=ax)
        return fig

    assert not [mark for mark in recorded_figure(draw_violins()).data.axes[0].marks if mark.kind == "rectangle"]
    assert "% of the y range" in difference_text(draw_violins(), draw_violins(by=0.5))


def draw_named_cells(names, places=None):
    fig, ax = plt.subplots()
    ax.pcolormesh(np.arange(12.0).reshape(2, 6))
    ax.set_xticks(places or np.arange(0, 6, 6 // len(names)) + 0.5, names)
    return fig


def test_how_many_cells_of_a_heat_map_are_named_is_style():
    assert difference_text(draw_named_cells("abcdef"), draw_named_cells("ace")) == ""
    assert difference_text(draw_named_cells("ace"), draw_named_cells("abcdef")) == ""
    assert difference_text(draw_named_cells("ace"), draw_named_cells("ad")) == ""


@pytest.mark.parametrize(
    ("then", "now"),
    [
        (("abcdef",), ("acf",)),  # another name
        (("abcdef",), ("abf", [0.5, 1.5, 5.5])),  # not every so many
        (("ace",), ("a", [0.5])),  # one alone
        (("ace",), ("eca",)),
    ],
)
def test_other_names_of_cells_are_a_difference(then, now):
    assert "named ticks" in difference_text(draw_named_cells(*then), draw_named_cells(*now))


def test_hexagonal_bins_on_logarithmic_axes_are_measured_in_decades():
    def draw_hexagons(end=2.0):
        fig, ax = plt.subplots()
        values = 10.0 ** np.random.default_rng(0).normal(size=(2, 200))
        ax.hexbin(*values, xscale="log", yscale="log", gridsize=6, extent=(-2, end, -2, 2))
        return fig

    assert "(0.0929 % of the x range" in difference_text(draw_hexagons(), draw_hexagons(end=2.004))


def draw_coloured_marks(width=1.0, label="A", line="B"):
    fig, ax = plt.subplots()
    ax.plot([0, 1], [0, 1], label=label)
    ax.fill_between([0, 1], [0, 1], [width, 2])
    ax.axhline(0.5, label=line, color="r")
    ax.bar([0, 1], [width, 2], color="r")
    ax.legend()
    return fig


def test_a_mark_without_a_label_is_named_by_the_legend_entry_of_its_colour():
    text = difference_text(draw_coloured_marks(), draw_coloured_marks(width=1.5))
    assert "band of 'A': y[" in text
    assert "bars: height[0]" in text  # the reference line of its colour does not name it
