"""Figures by their data: every scientific change is seen and names its mark, no change of style is."""

import json
import warnings

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest

from labnotes.author.figures import readers
from labnotes.author.figures.matplotlib import figure_reader
from labnotes.compare.figures import FigurePlace, compare_figures, sorted_differences
from labnotes.model.encoding import decode_value, encode_value
from labnotes.model.plots import Figure, FigureData
from labnotes.model.quantities import Tolerance
from labnotes.model.verdicts import Verdict

mpl.use("Agg")
import matplotlib.pyplot as plt

X = np.linspace(0, 10, 40)
RNG = np.random.default_rng(0)
POINTS = RNG.normal(size=(40, 2))
GRID = RNG.normal(size=(6, 8))


def recorded_figure(fig, tolerance=None):
    """What is read back from a record of `fig`."""
    data = json.loads(json.dumps(encode_value(figure_reader.read_figure(fig)), allow_nan=False))
    plt.close(fig)
    return Figure("f", 1, "c", "a", decode_value(FigureData, data), tolerance)


def compare_drawings(then, now):
    return compare_figures(recorded_figure(then()), recorded_figure(now()))


# -- scientific changes: what is drawn, how it is changed, what the message must name ---------------------------------------------------


def draw_lines(y=1.0, labels=("A", "B"), at=None, ax_set=None, legend=None, **style):
    fig, ax = plt.subplots()
    first, second = np.sin(X) * y, np.cos(X)
    if at is not None:
        first = first.copy()
        first[at] += 0.002  # 0.1 % of the y range
    ax.plot(X, first, label=labels[0], **style)
    ax.plot(X, second, label=labels[1], **style)
    ax.set(**{"xlabel": "step", "ylabel": "loss", "title": "Training", **(ax_set or {})})
    ax.legend(legend) if legend else ax.legend()
    return fig


def draw_scatter(moved=None, size=None, value=None, log=False):
    fig, ax = plt.subplots()
    points = POINTS.copy()
    if moved is not None:
        points[moved, 1] += 0.1 * points[:, 1].std()
    sizes = np.arange(40.0) + 1
    values = np.arange(40.0)
    if size is not None:
        sizes[size] *= 2
    if value is not None:
        values[value] += 1
    drawn = ax.scatter(points[:, 0], points[:, 1], s=sizes, c=values, label="runs")
    fig.colorbar(drawn, label="seed")
    if log:
        ax.set_yscale("symlog")
    return fig


def draw_bars(heights=(1.0, 2.0, 3.0), names=("a", "b", "c"), yerr=0.1, bottom=0.0):
    fig, ax = plt.subplots()
    ax.bar(names, heights, yerr=np.full(3, yerr), bottom=bottom, label="rate")
    return fig


def draw_band(width=1.0):
    fig, ax = plt.subplots()
    ax.plot(X, X, label="mean")
    ax.fill_between(X, X - width, X + width, alpha=0.2, label="95 %")
    return fig


def draw_error_bars(factor=1.0, xerr=None):
    fig, ax = plt.subplots()
    ax.errorbar([1, 2, 3], [4, 5, 6], yerr=np.array([0.1, 0.2, 0.3]) * factor, xerr=xerr, fmt="o", label="treated")
    return fig


def draw_heat_map(factor=1.0, cell=None, mesh=False, vmax=None, extent=None):
    fig, ax = plt.subplots()
    values = GRID * factor
    if cell is not None:
        values = values.copy()
        values[cell] += 0.01
    drawn = ax.pcolormesh(values, vmax=vmax) if mesh else ax.imshow(values, vmax=vmax, extent=extent)
    fig.colorbar(drawn)
    return fig


def draw_histogram(data=POINTS[:, 0], bins=8, **more):
    fig, ax = plt.subplots()
    ax.hist(data, bins=bins, label="x", **more)
    return fig


def draw_reference_lines(v=2.0, span=(3, 4), text="here", at=5.0):
    fig, ax = plt.subplots()
    ax.plot(X, X)
    ax.axvline(v)
    ax.axhspan(*span)
    ax.text(at, 5, text)
    ax.annotate("peak", (at, 8), xytext=(1, 1))
    return fig


def draw_twin_axes(second=1.0, swap=False):
    fig, ax = plt.subplots()
    ax.plot(X, X)
    other = ax.twinx()
    other.semilogy(X[1:], X[1:] * second)
    other.set_ylabel("cost")
    return fig


def draw_steps(where="pre"):
    fig, ax = plt.subplots()
    ax.step(X, X**2, where=where, label="s")
    return fig


def draw_panels(n=2, right=(0, 4)):
    fig, axes = plt.subplots(1, n)
    for ax in axes:
        ax.plot(X, X)
    axes[1].set_ylim(right)
    return fig


def draw_empty_axes():
    fig, ax = plt.subplots()
    ax.set(xlabel="step", ylabel="loss", title="Training")
    return fig


def draw_named_ticks(names=("low", "high")):
    fig, ax = plt.subplots()
    ax.plot([0, 1], [0, 1])
    ax.set_xticks([0, 1], names)
    return fig


SCIENTIFIC = {
    "a line moved by 0.1 % at one point": (draw_lines, {"at": 7}, ["line 'A'", "y[7]"]),
    "a line scaled by 0.1 %": (draw_lines, {"y": 1.001}, ["line 'A'", "y["]),
    "swapped labels": (draw_lines, {"labels": ("B", "A")}, ["line 'A'", "swapped", "'B'"]),
    "swapped legend entries": (draw_lines, {"legend": ["B", "A"]}, ["swapped"]),
    "a renamed line": (draw_lines, {"labels": ("A", "C")}, ["line 'C'", "recorded as line 'B'"]),
    "a renamed axis": (draw_lines, {"ax_set": {"ylabel": "accuracy"}}, ["y axis", "'accuracy'", "'loss'"]),
    "another title": (draw_lines, {"ax_set": {"title": "Testing"}}, ["title", "'Testing'"]),
    "a log scale": (draw_lines, {"ax_set": {"xscale": "symlog"}}, ["x axis", "scale", "'symlog'", "'linear'"]),
    "limits set": (draw_lines, {"ax_set": {"ylim": (0, 1)}}, ["y axis", "limits", "0 to 1", "automatic"]),
    "an axis turned round": (draw_lines, {"ax_set": {"ylim": (1, -1)}}, ["y axis", "inverted"]),
    "one of 40 points by 0.1 SD": (draw_scatter, {"moved": 17}, ["scatter 'runs'", "y[17]"]),
    "a point's size": (draw_scatter, {"size": 3}, ["scatter 'runs'", "size[3]"]),
    "a point's colour value": (draw_scatter, {"value": 5}, ["scatter 'runs'", "value[5]"]),
    "a bar's height": (draw_bars, {"heights": (1.0, 2.0, 3.01)}, ["bars 'rate'", "height[2]"]),
    "order of categories": (draw_bars, {"names": ("b", "a", "c")}, ["named ticks", "'b', 'a', 'c'"]),
    "bars from elsewhere": (draw_bars, {"bottom": 0.5}, ["bars 'rate'", "y["]),
    "doubled bar errors": (draw_bars, {"yerr": 0.2}, ["error bars", "y"]),
    "a band widened by 5 %": (draw_band, {"width": 1.05}, ["band '95 %'", "y["]),
    "doubled error bars": (draw_error_bars, {"factor": 2.0}, ["error bars 'treated'", "y"]),
    "added error bars": (draw_error_bars, {"xerr": 0.1}, ["error bars 'treated'", "xlow", "new"]),
    "an image by 0.1 %": (draw_heat_map, {"factor": 1.001}, ["image", "value["]),
    "one cell of an image": (draw_heat_map, {"cell": (2, 3)}, ["image", "value[2, 3]"]),
    "one cell of a mesh": (lambda **k: draw_heat_map(mesh=True, **k), {"cell": (2, 3)}, ["heat map", "value[2, 3]"]),
    "colour limits": (draw_heat_map, {"vmax": 9.0}, ["image", "norm[1]"]),
    "an image's extent": (draw_heat_map, {"extent": (0, 1, 0, 1)}, ["image", "x["]),
    "one value of a histogram": (draw_histogram, {"data": np.append(POINTS[:-1, 0], 5.0)}, ["bars 'x'"]),
    "other bins": (draw_histogram, {"bins": 9}, ["bars 'x'", "9 values, recorded 8"]),
    "a step histogram": (lambda **k: draw_histogram(histtype="step", **k), {"bins": 9}, ["polygon 'x'"]),
    "a reference line": (draw_reference_lines, {"v": 2.1}, ["vertical line", "x["]),
    "a span": (draw_reference_lines, {"span": (3, 5)}, ["horizontal span", "y[1]"]),
    "a text": (draw_reference_lines, {"text": "there"}, ["text", "'there'"]),
    "a text's place": (draw_reference_lines, {"at": 5.5}, ["annotation", "x[0]"]),
    "the second axis": (draw_twin_axes, {"second": 1.01}, ["axes 2", "line", "y["]),
    "another step": (draw_steps, {"where": "post"}, ["line 's'", "steps"]),
    "a panel less": (draw_panels, {"n": 3}, ["3 axes, recorded 2"]),
    "named ticks": (draw_named_ticks, {"names": ("high", "low")}, ["x axis", "named ticks", "'high', 'low'"]),
}


def drawing_on_axes(draw, **kwargs):
    """A function that makes fresh axes and calls draw(ax, variant) on them; it returns the figure."""

    def draw_variant(variant=0):
        fig, ax = plt.subplots(**kwargs)
        draw(ax, variant)
        return fig

    return draw_variant


def subtle_case(draw):
    return (drawing_on_axes(draw), {"variant": 1}, [])


SMALL = np.array([1e-8, 1e-3, 1.0])
NORM = np.linspace(1, 9, 9).reshape(3, 3)
SUBTLE = {
    "a small value under a logarithmic norm": subtle_case(
        lambda ax, v: ax.imshow([SMALL * (1, 1, 1), SMALL * ((1, 50)[v], 1, 1)], norm="log")
    ),
    "a limit of a logarithmic norm": subtle_case(lambda ax, v: ax.imshow([SMALL], norm=mpl.colors.LogNorm((1e-9, 5e-9)[v], 1))),
    "a small bar on a logarithmic axis": subtle_case(lambda ax, v: ax.bar(["a", "b"], [(1e-8, 5e-7)[v], 1], log=True)),
    "a small limit of a logarithmic axis": subtle_case(lambda ax, v: (ax.semilogy([1, 2], [1e-3, 1]), ax.set_ylim((1e-9, 1e-7)[v], 1))),
    "a small value on a symlog axis": subtle_case(
        lambda ax, v: (ax.plot([1, 2], [(1e-8, 5e-5)[v], 1]), ax.set_yscale("symlog", linthresh=1e-9))
    ),
    "a small value on a logit axis": subtle_case(lambda ax, v: (ax.plot([1, 2], [(1e-8, 5e-7)[v], 0.5]), ax.set_yscale("logit"))),
    "where symlog becomes linear": subtle_case(lambda ax, v: (ax.plot([1, 9]), ax.set_yscale("symlog", linthresh=(0.1, 3)[v]))),
    "the functions of a scale": subtle_case(
        lambda ax, v: (ax.plot([1, 9]), ax.set_yscale("function", functions=(np.cbrt, lambda y: y**3) if v else (lambda y: y**3, np.cbrt)))
    ),
    "the centre of a norm": subtle_case(lambda ax, v: ax.imshow(NORM, norm=mpl.colors.TwoSlopeNorm((2, 6)[v], 1, 9))),
    "the boundaries of a norm": subtle_case(lambda ax, v: ax.imshow(NORM, norm=mpl.colors.BoundaryNorm([1, (3, 7)[v], 9], 256))),
    "the power of a norm": subtle_case(lambda ax, v: ax.imshow(NORM, norm=mpl.colors.PowerNorm((0.5, 2)[v], 1, 9))),
    "what one hundred per cent is": subtle_case(
        lambda ax, v: (ax.plot([0, 1]), ax.yaxis.set_major_formatter(mpl.ticker.PercentFormatter((1, 100)[v])))
    ),
    "a factor in the tick texts": subtle_case(
        lambda ax, v: (ax.plot([0, 1]), ax.yaxis.set_major_formatter((lambda y, _: f"{y}k", lambda y, _: f"{2 * y}k")[v]))
    ),
    "a unit in the tick texts": subtle_case(lambda ax, v: (ax.plot([0, 1]), ax.yaxis.set_major_formatter(("{x} ms", "{x} s")[v]))),
    "one point of another colour": subtle_case(lambda ax, v: ax.scatter([1, 2, 3], [1, 2, 3], c=["r", "r", ("r", "b")[v]])),
    "one bar of another colour": subtle_case(lambda ax, v: ax.bar([1, 2, 3], [1, 2, 3], color=["grey", "grey", ("grey", "r")[v]])),
    "colours of single segments": subtle_case(lambda ax, v: ax.hlines([1, 2], 0, 1, colors=(["r", "b"], ["b", "b"])[v])),
    "colours of single polygons": subtle_case(
        lambda ax, v: ax.broken_barh([(0, 1), (2, 1)], (0, 1), facecolors=(["r", "b"], ["b", "b"])[v])
    ),
    "removed bars": subtle_case(lambda ax, v: [bar.remove() for bar in ax.bar([1, 2], [1, 2]) if v]),
    "one removed bar": subtle_case(lambda ax, v: [bar.remove() for bar in ax.bar([1, 2], [1, 2])[1:] if v]),
    "removed error bars": subtle_case(lambda ax, v: [line.remove() for line in ax.errorbar([1], [1], [1]).lines[2] if v]),
    "hidden error bars": subtle_case(lambda ax, v: [line.set_visible(not v) for line in ax.errorbar([1], [1], [1], fmt="o").lines[2]]),
    "hidden points of error bars": subtle_case(lambda ax, v: ax.errorbar([1], [1], [1], fmt="o").lines[0].set_visible(not v)),
    "error bars made transparent": subtle_case(lambda ax, v: ax.errorbar([1], [1], [1], alpha=(1, 0)[v])),
    "points made transparent": subtle_case(lambda ax, v: ax.scatter([1, 2], [1, 2], color=(1, 0, 0, (1, 0)[v]))),
    "points of no size": subtle_case(lambda ax, v: ax.scatter([1, 2], [1, 2], s=(9, 0)[v])),
    "opacity of single points": subtle_case(lambda ax, v: ax.scatter([1, 2], [1, 2], alpha=[1, (1, 0.1)[v]])),
    "where an arrow points": subtle_case(lambda ax, v: (ax.plot([0, 9]), ax.annotate("", xy=((1, 5)[v], 1), xytext=(0, 0), arrowprops={}))),
    "where an arrow comes from": subtle_case(
        lambda ax, v: (ax.plot([0, 9]), ax.annotate("", xy=(1, 1), xytext=((0, 5)[v], 0), arrowprops={}))
    ),
    "the title of a legend": subtle_case(lambda ax, v: (ax.plot([0, 9], label="a"), ax.legend(title=("lr=1", "lr=2")[v]))),
    "a legend that speaks by dashes": subtle_case(
        lambda ax, v: ax.legend([*ax.plot([0, 9], "k-"), *ax.plot([9, 0], "k--")][:: (1, -1)[v]], ["a", "b"])
    ),
    "a legend that speaks by markers": subtle_case(
        lambda ax, v: ax.legend([*ax.plot([0, 9], "ko"), *ax.plot([9, 0], "k^")][:: (1, -1)[v]], ["a", "b"])
    ),
    "a legend that speaks by markers of scatters": subtle_case(
        lambda ax, v: ax.legend(
            [ax.scatter([1], [1], c="k", marker="o"), ax.scatter([2], [1], c="k", marker="x")][:: (1, -1)[v]], ["a", "b"]
        )
    ),
    "a legend that speaks by hatches": subtle_case(
        lambda ax, v: ax.legend(
            [ax.bar([1], [1], color="w", hatch="//"), ax.bar([2], [1], color="w", hatch="xx")][:: (1, -1)[v]], ["a", "b"]
        )
    ),
    "a view narrowed by bounds": subtle_case(lambda ax, v: (ax.plot([0, 9]), ax.set_xbound(0.2, 0.4) if v else None)),
    "a view narrowed by margins": subtle_case(lambda ax, v: (ax.plot([0, 9]), ax.margins((0.1, -0.4)[v]))),
    "a line drawn on a colour bar": subtle_case(
        lambda ax, v: ax.figure.colorbar(ax.imshow(NORM)).ax.axhline((2, 4)[v]),
    ),
    "a text at a place along one axis": subtle_case(
        lambda ax, v: (ax.plot([0, 9]), ax.text((0.2, 0.7)[v], 0.5, "here", transform=ax.get_xaxis_transform()))
    ),
    "the direction of an arrow": subtle_case(
        lambda ax, v: (ax.plot([0, 9]), ax.annotate("a", (1, 1), xytext=(0, 0), arrowprops={"arrowstyle": ("->", "<-")[v]}))
    ),
    "data drawn in shares of the axes": subtle_case(
        lambda ax, v: (ax.set(xlim=(0, 1), ylim=(0, 1)), ax.plot([0, 1], [0, 0.5], **({"transform": ax.transAxes} if v else {})))
    ),
    "the title of an inner figure": (
        lambda variant=0: (lambda fig: (fig.subfigures().subfigures().suptitle(("a", "b")[variant]), fig)[1])(plt.figure()),
        {"variant": 1},
        ["texts"],
    ),
}


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
SHEETS = ["ggplot", "dark_background", "seaborn-v0_8", "grayscale", "bmh", "fivethirtyeight", "classic", "Solarize_Light2"]


def draw_labelled_references():
    fig, ax = plt.subplots()
    ax.plot(X, X, label="model")
    ax.axhline(0.5, ls="--", label="chance")
    ax.axvspan(1, 2, alpha=0.2, label="warm-up")
    ax.hlines(3, 0, 1, label="floor")
    ax.add_patch(mpl.patches.Rectangle((0, 0), 1, 1, label="box"))
    ax.legend()
    return fig


def draw_equal_aspect():
    fig, ax = plt.subplots()
    ax.axis("equal")
    ax.plot(X, X**2)
    ax.set_xlim(0, 3)
    return fig


DRAWINGS = [
    draw_labelled_references,
    draw_equal_aspect,
    draw_lines,
    draw_scatter,
    draw_bars,
    draw_band,
    draw_error_bars,
    draw_heat_map,
    draw_histogram,
    draw_reference_lines,
    draw_twin_axes,
    draw_steps,
    draw_panels,
    draw_named_ticks,
]


@pytest.mark.parametrize("draw", DRAWINGS, ids=lambda draw: draw.__name__)
@pytest.mark.parametrize("style", STYLES.values(), ids=STYLES.keys())
def test_style_is_no_difference(draw, style):
    def draw_styled():
        with mpl.rc_context(style):
            return draw()

    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="findfont")
        assert compare_drawings(draw, draw_styled).verdict is Verdict.EXACT


@pytest.mark.parametrize("draw", DRAWINGS, ids=lambda draw: draw.__name__)
@pytest.mark.parametrize("sheet", SHEETS)
def test_style_sheets_are_no_difference(draw, sheet):
    def draw_styled():
        with plt.style.context(sheet):
            return draw()

    comparison = compare_drawings(draw, draw_styled)
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


def test_what_is_not_read_is_unverified_and_named():
    def draw_ellipses(width=1.0):
        fig, ax = plt.subplots()
        ax.add_collection(mpl.collections.EllipseCollection([width], [1], [0], units="x", offsets=[(1, 1)], offset_transform=ax.transData))
        ax.plot([1, 2], [1, 2])
        return fig

    comparison = compare_drawings(draw_ellipses, lambda: draw_ellipses(width=2.0))
    assert comparison.verdict is Verdict.UNVERIFIED
    assert comparison.details == ("not verified: axes 0: EllipseCollection",)


@pytest.mark.parametrize("projection", ["mollweide", "hammer"])
def test_other_projections_are_unverified(projection):
    def draw_projection():
        fig, ax = plt.subplots(subplot_kw={"projection": projection})
        ax.plot([1, 2], [1, 2])
        return fig

    comparison = compare_drawings(draw_projection, draw_projection)
    assert comparison.verdict is Verdict.UNVERIFIED
    assert "projection" in comparison.details[0]


def test_an_artist_that_comes_or_goes_is_a_difference_even_if_it_is_not_read():
    def draw_ellipses(drawn=True):
        fig, ax = plt.subplots()
        ax.plot([1, 2], [1, 2])
        if drawn:
            ax.add_collection(mpl.collections.EllipseCollection([1], [1], [0], units="x", offsets=[(1, 1)], offset_transform=ax.transData))
        return fig

    assert compare_drawings(draw_ellipses, lambda: draw_ellipses(drawn=False)).verdict is Verdict.CHANGED


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
