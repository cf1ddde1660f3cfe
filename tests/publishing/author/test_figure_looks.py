"""Looks that tell marks apart, places outside the data, what hides what: a change that matters is seen, one of style is none.

Each drawing takes what is changed. `science` changes what a mark says, `style` something that all marks of the kind have in common.
"""

import datetime
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import dates
from matplotlib.collections import LineCollection
from matplotlib.colors import BoundaryNorm, ListedColormap
from matplotlib.lines import Line2D
from matplotlib.patches import Ellipse, Patch, Rectangle

from figure_corpus.rare import plt
from figure_corpus.readings import recorded_figure
from labnotes.compare.figures import compare_figures
from labnotes.model.plots import READER, Mark
from labnotes.model.verdicts import Verdict

X = np.arange(6.0)
Y = np.array([1, 3, 2, 5, 4, 6.0])


def compared(then, now):
    return compare_figures(recorded_figure(then), recorded_figure(now))


@pytest.fixture(autouse=True)
def closed_figures():
    yield
    plt.close("all")


def on_axes(draw):
    """A figure of one pair of axes on which `draw` draws."""

    def make(**change):
        fig, ax = plt.subplots()
        draw(ax, **change)
        return fig

    return make


@on_axes
def dots(ax, sizes=(20, 80, 40), by=1):
    for place, size in enumerate(sizes):
        ax.scatter(place, place, s=size * by, color="C0")


@on_axes
def edged(ax, edges="rrbr", others=None):
    ax.scatter(range(4), range(4), facecolors="white", edgecolors=[(others or {}).get(edge, edge) for edge in edges], s=200)


@on_axes
def shades(ax, alphas=(0.2, 0.5, 1), by=1):
    for place, alpha in enumerate(alphas):
        ax.plot([0, 1], [place, place], color="k", alpha=alpha * by)


@on_axes
def shaded_rows(ax, alphas=(0.2, 0.5, 0.9)):
    ax.scatter(range(3), range(3), color=[(0, 0, 0, alpha) for alpha in alphas])


@on_axes
def weighted(ax, widths=(1, 2, 3), by=1):
    lines = [[(0, 0), (1, 1)], [(0, 1), (1, 0)], [(0, 0.5), (1, 0.5)]]
    ax.add_collection(LineCollection(lines, linewidths=[width * by for width in widths], colors="k"))
    ax.autoscale()


@on_axes
def dashed(ax, dashes=("-", "--", "-")):
    for place, dash in enumerate(dashes):
        ax.plot([0, 1], [place, place + 1], dash)


@on_axes
def hollow(ax, fills=("full", "none", "full"), marker="o"):
    for place, fill in enumerate(fills):
        ax.plot([0, 1], [place, place], marker=marker, fillstyle=fill, color="C0")


@on_axes
def marked(ax, every=(3,), marker="o"):
    ax.plot(X, Y, marker=marker, markevery=list(every))


@on_axes
def hatched_bands(ax, hatches=("//", ".."), alpha=1):
    for hatch, label, up in zip(hatches, "AB", (0, 2), strict=True):
        ax.fill_between(X, Y + up, Y + up + 2, facecolor="w", edgecolor="k", hatch=hatch, label=label)
    ax.legend(handles=[Patch(fc="w", ec="k", hatch=hatch, label=label, alpha=alpha) for hatch, label in (("//", "A"), ("..", "B"))])


@on_axes
def spans(ax, colours="rb", legend="rb"):
    for start, colour in enumerate(colours):
        ax.axvspan(start, start + 1, color=colour)
    ax.legend(handles=[Patch(color=colour, label=label) for colour, label in zip(legend, ("ours", "theirs"), strict=True)])


@on_axes
def boxes(ax, colours="rb", legend="rb"):
    for start, colour in enumerate(colours):
        ax.add_patch(Rectangle((start, 0), 1, 1, color=colour))
    ax.legend(handles=[Patch(color=colour, label=label) for colour, label in zip(legend, ("ours", "theirs"), strict=True)])
    ax.autoscale()


@on_axes
def references(ax, colours="rb", legend="rb"):
    for place, colour in enumerate(colours):
        ax.axvline(place, color=colour)
    ax.legend(handles=[Line2D([], [], color=colour, label=label) for colour, label in zip(legend, ("ours", "theirs"), strict=True)])


@on_axes
def valued_bars(ax, values=(0.1, 0.5, 0.9), cmap="viridis"):
    ax.bar([0, 1, 2], [1, 2, 3], color=mpl.colormaps[cmap](np.array(values)))


@on_axes
def classes(ax, colours=("red", "blue"), legend=("red", "blue"), image=False):
    shown = {"cmap": ListedColormap(colours), "norm": BoundaryNorm([-0.5, 0.5, 1.5], 2)}
    if image:
        ax.imshow([[0, 1], [1, 0]], **shown)
    else:
        ax.scatter(X, Y, c=[0, 1, 1, 0, 1, 0], **shown)
    ax.legend(handles=[Patch(color=colour, label=label) for colour, label in zip(legend, ("sick", "healthy"), strict=True)])


@on_axes
def cells(ax, colours=("w", "w", "w", "w")):
    ax.table(cellText=[["1", "2"], ["3", "4"]], cellColours=[colours[:2], colours[2:]], loc="center")


def solid_bars(colours="rbb", light=None):
    fig = plt.figure()
    ax = fig.add_subplot(projection="3d")
    ax.bar3d([0, 1, 2], [0, 0, 0], 0, 0.5, 0.5, [1, 2, 3], color=list(colours), lightsource=light)
    return fig


@on_axes
def overlaid(ax, first=1, alpha=None):
    ax.bar([0, 1], [3, 3], color="C0", label="a", zorder=first, alpha=alpha)
    ax.bar([0, 1], [2, 2], color="C1", label="b", zorder=2, alpha=alpha)


LOOKS = {
    "sizes in a loop": (dots, {"sizes": (20, 80, 400)}, {"by": 3}, "scatter 3: marker size"),
    "edges of points": (edged, {"edges": "rrbb"}, {"others": {"r": "g", "b": "m"}}, "edge[3]"),
    "opacity in a loop": (shades, {"alphas": (0.2, 0.5, 0.1)}, {"by": 0.9}, "line 3: opacity"),
    "opacity of points": (shaded_rows, {"alphas": (0.2, 0.5, 0.3)}, {"alphas": (0.1, 0.25, 0.45)}, "opacity[2]"),
    "widths": (weighted, {"widths": (1, 2, 9)}, {"by": 2}, "width[2]"),
    "dashes": (dashed, {"dashes": ("-", "-", "--")}, {"dashes": ("-", ":", "-")}, "dash"),
    "fills of markers": (hollow, {"fills": ("none", "full", "full")}, {"marker": "s"}, "fill"),
    "marked points": (marked, {"every": (1,)}, {"marker": "s"}, "marked points is [1], recorded [3]"),
    "hatches": (hatched_bands, {"hatches": ("..", "//")}, {"alpha": 0.9}, "its hatch is that of other marks"),
    "colours of spans": (spans, {"colours": "br"}, {"colours": "gm", "legend": "gm"}, "swapped"),
    "colours of boxes": (boxes, {"colours": "br"}, {"colours": "gm", "legend": "gm"}, "swapped"),
    "colours of reference lines": (references, {"colours": "br"}, {"colours": "gm", "legend": "gm"}, "swapped"),
    "colours as values": (valued_bars, {"values": (0.1, 0.5, 0.6)}, {"cmap": "magma_r"}, "place on the colour map[2] is 0.6"),
    "colours of classes": (classes, {"colours": ("blue", "red")}, {"colours": ("c", "y"), "legend": ("c", "y")}, "its class colour"),
    "classes of an image": (classes, {"image": True, "colours": ("blue", "red")}, {"image": True}, "its class colour"),
    "cells of a table": (cells, {"colours": ("w", "w", "w", "r")}, {"colours": ("y", "y", "y", "y")}, "[3] shares its colour"),
    "bars in space": (solid_bars, {"colours": "rbr"}, {"light": mpl.colors.LightSource(90, 20)}, "[2] shares its colour"),
    "what covers what": (overlaid, {"first": 3}, {"alpha": 0.5}, "bars a covers bars b, recorded the other way round"),
}


@pytest.mark.parametrize(("draw", "science", "style", "told"), LOOKS.values(), ids=LOOKS)
def test_a_look_that_tells_marks_apart_is_compared_and_one_of_all_is_style(draw, science, style, told):
    base = {"image": True} if science.get("image") else {}
    seen = compared(draw(**base), draw(**science))
    assert seen.verdict is Verdict.CHANGED, seen
    assert told in "\n".join(seen.details)
    assert compared(draw(**base), draw(**style)).verdict is Verdict.EXACT
    assert compared(draw(**base), draw(**base)).verdict is Verdict.EXACT


def test_a_default_look_is_the_same_default_in_another_style():
    def drawn(width, settings):
        with mpl.rc_context(settings):
            fig, ax = plt.subplots()
            ax.plot(X, Y)
            ax.plot(X, Y + 1, linewidth=width)
            return recorded_figure(fig)

    then = drawn(4, {})
    assert compare_figures(then, drawn(4, {"lines.linewidth": 2.5})).verdict is Verdict.EXACT
    assert "tells no marks apart any more" in "\n".join(compare_figures(then, drawn(1.5, {})).details)


# -- places -------------------------------------------------------------------------------------------------------------------------------


@on_axes
def annotated(ax, place=(1, 1), coords="data", of_bar=None, **more):
    bars = ax.bar(X, Y)
    ax.annotate("here", xy=place, xycoords=coords if of_bar is None else bars[of_bar], **more)


PLACES = {
    "data and shares": ({"coords": ("data", "axes fraction")}, {"place": (4, 1)}, "x[0] is 4, recorded 1"),
    "shares of the axes": ({"coords": "axes fraction", "place": (0.1, 0.5)}, {"place": (0.7, 0.5)}, "xshare[0] is 0.7, recorded 0.1"),
    "an artist": ({"of_bar": 1, "place": (0.5, 1)}, {"of_bar": 2}, "x[0] is 2, recorded 1"),
    "where the text stands": ({"xytext": (1, 3)}, {"xytext": (4, 3)}, "x[0] is 4, recorded 1"),
    "where an arrow comes from": ({"xytext": (1, 3), "arrowprops": {}}, {"xytext": (4, 3)}, "x0[0] is 4, recorded 1"),
    "a direction": (
        {"xytext": (1, 3), "arrowprops": {"arrowstyle": "->"}},
        {"arrowprops": {"arrowstyle": "<-"}},
        "heads is 'start', recorded 'end'",
    ),
}


@pytest.mark.parametrize(("base", "change", "told"), PLACES.values(), ids=PLACES)
def test_a_place_is_recorded_in_its_own_coordinates(base, change, told):
    seen = compared(annotated(**base), annotated(**{**base, **change}))
    assert told in "\n".join(seen.details)


HARMLESS_PLACES = {
    "a text a little beside its place": {"xytext": (3, 3), "textcoords": "offset points"},
    "what an arrow's head looks like": {"xytext": (4, 3), "arrowprops": {"arrowstyle": "->"}},
}


@pytest.mark.parametrize("more", HARMLESS_PLACES.values(), ids=HARMLESS_PLACES)
def test_distances_on_paper_and_looks_of_heads_are_style(more):
    other = {"arrowprops": {"arrowstyle": "-|>"}} if "arrowprops" in more else {"xytext": (9, 9)}
    assert compared(annotated(**more), annotated(**{**more, **other})).verdict is Verdict.EXACT


def test_a_place_that_nothing_tells_is_unverified():
    def drawn():
        return annotated(coords=lambda renderer: mpl.transforms.IdentityTransform())

    seen = compared(drawn(), drawn())
    assert seen.verdict is Verdict.UNVERIFIED and "Annotation" in "\n".join(seen.details)


def panels(left=True, layout=None):
    fig, axes = plt.subplots(1, 2, layout=layout)
    first, second = axes if left else axes[::-1]
    first.plot(X, Y)
    second.plot(X, 2 * Y)
    fig.axes.sort(key=lambda ax: ax is second)
    fig.text(0.25, 0.95, "model 1")
    fig.text(0.75, 0.95, "model 2")
    return fig


def test_panels_are_compared_by_their_order_and_a_text_by_the_panels_beside_it():
    fig = panels()
    assert compared(panels(), panels(layout="tight")).verdict is Verdict.EXACT
    moved = panels()
    moved.texts[0].set_x(0.75)
    assert "the text 'model 1' stands beside other panels" in "\n".join(compared(fig, moved).details)

    def placed(boxes):
        fig = plt.figure()
        for box, by in zip(boxes, (1, 2), strict=True):
            fig.add_axes(box).plot(X, by * Y)
        return fig

    wide, narrow = ([0.1, 0.1, 0.35, 0.8], [0.6, 0.1, 0.35, 0.8]), ([0.1, 0.2, 0.3, 0.6], [0.5, 0.2, 0.3, 0.6])
    assert compared(placed(wide), placed(narrow)).verdict is Verdict.EXACT
    assert "panels are [[0, 1], [0, 0]]" in "\n".join(compared(placed(wide), placed(wide[::-1])).details)


# -- axes ---------------------------------------------------------------------------------------------------------------------------------


def shared(together):
    fig, axes = plt.subplots(1, 2, sharey=together)
    axes[0].plot([0, 1])
    axes[1].plot([0, 10])
    return fig


def test_a_shared_axis_and_one_that_shows_more_than_its_data_are_told():
    assert "axes 2, y axis: is shared with axes 1, recorded its own" in compared(shared(False), shared(True)).details
    assert compared(shared(True), shared(True)).verdict is Verdict.EXACT

    def round_plot(most=None):
        fig = plt.figure()
        ax = fig.add_subplot(projection="polar")
        ax.plot([0, 1, 2], [0.5, 1, 0.8])
        if most:
            ax.set_rmax(most)
        return fig

    assert "limits are" in "\n".join(compared(round_plot(), round_plot(2)).details)


@pytest.mark.parametrize("drawn", ["bars", "lines"])
def test_limits_that_no_one_chose_are_told_from_bounds(drawn):
    """A patch may widen the data after the limits were fitted, as the lines to an inset do in old versions: no one chose these limits."""

    def draw(margin=0.05, patch=False, bounds=None):
        with mpl.rc_context({"axes.xmargin": margin}):
            fig, ax = plt.subplots()
            ax.plot([0, 1, 10], [0, 1, 2]) if drawn == "lines" else ax.bar([0, 5, 10], [1, 2, 3])
            ax.get_xlim()  # fits the limits
        if patch:
            ax.add_patch(mpl.patches.Rectangle((10, 0), 0.2, 1))
        if bounds:
            ax.set_xbound(*bounds)
        return fig

    assert "limits are −5 to 20" in "\n".join(compared(draw(), draw(bounds=(-5, 20))).details)
    assert "limits" not in "\n".join(compared(draw(), draw(margin=0.1)).details)
    if drawn == "lines":
        assert "limits" not in "\n".join(compared(draw(patch=True), draw(margin=0.1, patch=True)).details)


def formatted(form, values=(1000, 2000)):
    fig, ax = plt.subplots()
    ax.plot(values)
    ax.yaxis.set_major_formatter(form)
    return fig


def test_how_numbers_are_written_is_asked_where_the_axis_runs():
    def thousands(value, position):
        return f"{value / 1000:.0f}k"

    seen = compared(formatted(thousands), formatted(lambda value, position: f"{value / 100:.0f}k"))
    assert "y axis: 1000 is written '10k', recorded '1k'" in "\n".join(seen.details)
    assert compared(formatted("{x:,.0f}"), formatted("{x:.1f}")).verdict is Verdict.EXACT
    assert compared(formatted(thousands), formatted(thousands, (1000, 2000.0001))).verdict is Verdict.WITHIN


def dated(form):
    fig, ax = plt.subplots()
    ax.plot([datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC) + datetime.timedelta(days=30 * i) for i in range(6)], Y)
    ax.xaxis.set_major_formatter(form)
    return fig


def test_how_dates_are_written_is_style_and_their_time_zone_is_not():
    assert compared(dated(dates.DateFormatter("%b")), dated(dates.DateFormatter("%b %Y"))).verdict is Verdict.EXACT
    east = dates.DateFormatter("%b", tz=datetime.timezone(datetime.timedelta(hours=9)))
    assert compared(dated(dates.DateFormatter("%b")), dated(east)).verdict is Verdict.CHANGED


def test_names_that_are_not_shown_are_gone_unless_other_axes_show_them():
    def named(hidden, together=False):
        fig, axes = plt.subplots(2, 1, sharex=together)
        for ax in axes:
            ax.bar(["a", "b"], [1, 2])
        axes[0].tick_params(labelbottom=not hidden)
        return fig

    assert "named ticks are" in "\n".join(compared(named(False), named(True)).details)
    assert compared(named(False, True), named(True, True)).verdict is Verdict.EXACT

    def minor(names):
        fig, ax = plt.subplots()
        ax.plot(X, Y)
        ax.set_xticks([1, 2], names, minor=True)
        return fig

    assert "named ticks are" in "\n".join(compared(minor(["a", "b"]), minor(["b", "a"])).details)


# -- noise and hiding ---------------------------------------------------------------------------------------------------------------------

NOISE = 1e-13


@on_axes
def noisy_sizes(ax, by=0.0):
    ax.scatter([0, 1, 2], [0, 1, 2], s=[20, 20, 20 * (1 + by)])


@on_axes
def noisy_circle(ax, by=0.0):
    ax.add_patch(Ellipse((0, 0), 1, 1 + by, angle=30))


@on_axes
def noisy_box(ax, by=0.0):
    ax.plot(X, Y)
    ax.add_patch(Rectangle((1, 1), by, by))


@on_axes
def noisy_text(ax, by=0.0):
    ax.imshow([[0.125, 1.0]])
    ax.text(0, 0, f"{0.125 + by:.2f}")


@on_axes
def noisy_contour(ax, by=0.0):
    x, y = np.meshgrid(np.linspace(-3, 3, 25), np.linspace(-3, 3, 25))
    ax.contour(x, y, (x + y) * (1 + by * np.random.default_rng(0).standard_normal(x.shape)), levels=[-1, 0, 1])


@on_axes
def noisy_colours(ax, by=0.0):
    ax.bar([0, 1, 2], [1, 2, 3], color=mpl.colormaps["viridis"](np.array([0.1, 0.5 - 1e-12, 0.9]) + 20 * by))


@pytest.mark.parametrize("draw", [noisy_sizes, noisy_circle, noisy_box, noisy_text, noisy_contour, noisy_colours])
def test_the_last_digit_of_a_number_decides_nothing(draw):
    assert compared(draw(), draw(by=NOISE)).verdict in (Verdict.EXACT, Verdict.WITHIN)


def test_a_text_with_another_number_than_a_rounding_is_told_and_so_is_a_count():
    def said(text):
        fig, ax = plt.subplots()
        ax.plot(X, Y)
        ax.text(0, 0, text)
        return fig

    assert compared(said("0.12"), said("0.13")).verdict is Verdict.WITHIN
    for then, now in (("0.12", "0.14"), ("n = 41", "n = 42"), ("0.12 a", "0.13 b"), ("0.12", "0.130")):
        assert compared(said(then), said(now)).verdict is Verdict.CHANGED, (then, now)
    assert compared(said("two words"), said("two\nwords")).verdict is Verdict.EXACT


def test_what_is_cut_off_by_something_without_place_is_named():
    def clipped(right, on_data):
        fig, ax = plt.subplots()
        (line,) = ax.plot(X, Y)
        transform = ax.transData if on_data else mpl.transforms.Affine2D().scale(fig.dpi)
        line.set_clip_path(Rectangle((-10, -10), right + 10, 30, transform=transform))
        return fig

    seen = compared(clipped(2, on_data=False), clipped(2, on_data=False))
    assert seen.verdict is Verdict.UNVERIFIED
    assert "not verified: axes 0: Line2D, clipped by what has no place on the data" in seen.details
    assert compared(clipped(20, on_data=True), clipped(30, on_data=True)).verdict is Verdict.EXACT, "nothing is cut off"


# -- records of before --------------------------------------------------------------------------------------------------------------------


def test_a_record_of_an_older_reader_is_compared_by_what_that_read():
    then, now = (recorded_figure(dashed(dashes=dashes)) for dashes in (("-", "--", "-"), ("-", "-", "--")))
    assert then.data.reader == READER
    older = _as_an_older_reader_had_it(then)
    assert older.data.reader == 1
    seen = compare_figures(older, now)
    assert seen.verdict is Verdict.EXACT
    assert seen.details == ("recorded before looks, panels and some places were read: these are not compared until it is recorded again",)
    moved = recorded_figure(dashed(dashes=("-", "--")))
    assert compare_figures(older, moved).verdict is Verdict.CHANGED


def _as_an_older_reader_had_it(figure):
    axes = tuple(replace(one, marks=tuple(replace(mark, looks={}) for mark in one.marks), panel=None) for one in figure.data.axes)
    return replace(figure, data=replace(figure.data, axes=axes, text_panels=(), reader=1))


def test_what_an_older_reader_could_not_read_is_no_change_and_stays_unverified():
    now = recorded_figure(dashed(dashes=("-", "--")))
    older = _as_an_older_reader_had_it(now)
    lost = replace(older.data.axes[0], marks=older.data.axes[0].marks[:1])
    partly = replace(older, data=replace(older.data, axes=(lost,), unverified=("axes 0: Ellipse",)))
    assert compare_figures(partly, now).verdict is Verdict.UNVERIFIED
    picture = replace(older, data=replace(older.data, axes=(), texts=(), unverified=("image: a picture",)))
    assert compare_figures(picture, now).verdict is Verdict.UNVERIFIED
    without_a_reason = replace(older, data=replace(older.data, axes=(lost,)))
    assert compare_figures(without_a_reason, now).verdict is Verdict.CHANGED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (Mark("image", "", None, {"value": [[0.5] * 9] * 9}), Mark("image", "", None, {"value": [[0.5] * 2] * 2}, {"picture": "0" * 8})),
        (
            Mark("annotation", "", None, {"x": [1.0], "y": [1.0]}, {"text": "a", "arrow": False}),
            Mark("annotation", "", None, {"x": [2.0], "y": [2.0]}, {"text": "a"}),
        ),
    ],
)
def test_what_is_recorded_otherwise_now_is_not_compared_with_an_older_record(old, new):
    now = recorded_figure(dashed(dashes=("-", "--")))
    then = _as_an_older_reader_had_it(now)

    def with_marks(figure, mark):
        return replace(figure, data=replace(figure.data, axes=(replace(figure.data.axes[0], marks=(mark,), legend=()),)))

    assert compare_figures(with_marks(then, old), with_marks(now, new)).verdict is Verdict.EXACT
