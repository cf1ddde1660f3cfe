"""Simple drawings, each with changes that matter: what two tests compare and draw over each other."""

import json

import matplotlib as mpl
import numpy as np

from labnotes.author.figures.matplotlib import figure_reader
from labnotes.compare.figures import compare_figures
from labnotes.model.encoding import decode_value, encode_value
from labnotes.model.plots import Figure, FigureData

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
    "a text's place": (draw_reference_lines, {"at": 5.5}, ["text", "x[0]"]),
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
