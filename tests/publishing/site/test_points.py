"""What a page reads out of a figure: the recorded values, at the places where matplotlib drew them."""

import html
import json
import re
from pathlib import Path

import matplotlib as mpl
import numpy as np
import pytest

from labnotes.author.figures.matplotlib import figure_reader
from labnotes.model.encoding import decode_value
from labnotes.model.observation import FigurePicture
from labnotes.model.plots import FigureData
from labnotes.site.stage import pictures, readouts

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.ticker import PercentFormatter


def read_drawing(draw, **size):
    """The read-out and the tables of a figure, by way of its recorded data and its picture."""
    fig, ax = plt.subplots(**size)
    draw(ax)
    return read_figure(fig)


def read_figure(fig):
    data = figure_reader.read_figure(fig)
    mime, text = figure_reader.render_picture(fig)
    assert mime == "image/svg+xml"
    plt.close(fig)
    shown = pictures.publish_picture(FigurePicture("svg", text.encode()), "A figure.")
    return readouts.figure_readout(data, shown.views), readouts.value_grids(data, 40, shown.views), shown


def point_texts(made):
    """What the read-out says of each point, as the script shows it: the value, then the words."""
    return [
        (value, ", ".join(filter(None, [series.name, series.lead + words])))
        for series in made
        for value, words in zip(series.values, series.words, strict=True)
    ]


def point_places(made):
    return [place for series in made for place in zip(series.x, series.y, strict=True)]


def test_points_lie_where_matplotlib_drew_them():
    def draw_points(ax):
        ax.plot([1, 10, 100], [3, 5, 4], "o", markersize=9, color="#b84a14")
        ax.set(xscale="log", xlabel="steps", ylabel="loss")

    made, _, shown = read_drawing(draw_points)
    size = [float(v) for v in re.search(rb'viewBox="0 0 ([\d.]+) ([\d.]+)"', shown.content).groups()]
    drawn = [
        (float(x) / size[0], float(y) / size[1])
        for x, y in re.findall(rb'<use xlink:href="#\w+" x="([\d.]+)" y="([\d.]+)" style="fill: #b84a14', shown.content)
    ]
    assert len(drawn) == 3
    assert np.allclose(drawn, point_places(made), atol=0.004), "within two pixels of five hundred"
    assert point_texts(made) == [("3", "steps 1"), ("5", "steps 10"), ("4", "steps 100")]


@pytest.mark.parametrize(
    ("draw", "expected"),
    [
        (lambda ax: ax.bar(["a", "b"], [2, 3]), [("2", "a"), ("3", "b")]),
        (lambda ax: ax.barh(["a", "b"], [2, 3]), [("2", "a"), ("3", "b")]),
        (lambda ax: ax.bar([0, 1], [2, 3], bottom=1), [("2", "0"), ("3", "1")]),
        (lambda ax: ax.scatter([1, 2], [3, 4], c=[7, 8]), [("3", "1, colour 7"), ("4", "2, colour 8")]),
        (lambda ax: ax.imshow([[1, 2], [3, 4]]), [("1", "0, 0"), ("2", "1, 0"), ("3", "0, 1"), ("4", "1, 1")]),
        (lambda ax: ax.imshow([[1, 2], [3, 4]], origin="lower"), [("1", "0, 0"), ("2", "1, 0"), ("3", "0, 1"), ("4", "1, 1")]),
        (
            lambda ax: ax.pcolormesh([0, 1, 2], [0, 1, 2], [[1, 2], [3, 4]]),
            [("1", "0.5, 0.5"), ("2", "1.5, 0.5"), ("3", "0.5, 1.5"), ("4", "1.5, 1.5")],
        ),
        (lambda ax: ax.stairs([5, 6], [0, 1, 2]), [("5", "0.5"), ("6", "1.5")]),
    ],
    ids=["bar", "barh", "stacked", "scatter", "image", "image from below", "mesh", "stairs"],
)
def test_kinds_of_marks(draw, expected):
    assert point_texts(read_drawing(draw)[0]) == expected


def test_a_cell_is_found_where_it_is_drawn_whichever_way_the_image_runs():
    above, below = (
        read_drawing(lambda ax, origin=origin: ax.imshow([[1, 2], [3, 4]], origin=origin))[0][0] for origin in ("upper", "lower")
    )
    assert above.y[0] < above.y[2], "the first row is at the top, and shares of the height count from there"
    assert below.y[0] > below.y[2]


def test_error_bars_bound_and_categories_name():
    made, grids, _ = read_drawing(lambda ax: ax.errorbar(["five", "ten"], [0.5, 0.7], yerr=[0.1, 0.2], label="power"))
    assert point_texts(made) == [("0.5", "power, 0.4 to 0.6, five"), ("0.7", "power, 0.5 to 0.9, ten")]
    assert grids[0].rows[1] == ("ten", "0.7", "0.5", "0.9")


# -- which axis measures -----------------------------------------------------------------------------------------------------------------


def draw_rows(ax, *, names=("organism", "random"), offset=0.0, stroke=0.28):
    """A dot plot with named rows on y: two dots a row and their mean as a stroke."""
    for row, values in enumerate([(0.2, 0.4), (0.5, 0.9)]):
        ax.scatter(values, [row + offset] * 2, label="seeds")
        ax.plot([sum(values) / 2] * 2, [row + offset - stroke, row + offset + stroke], label="mean")
    ax.set_yticks([0, 1], names)


ROWS = [
    ("0.2", "seeds, organism"),
    ("0.4", "seeds, organism"),
    ("0.3", "mean, organism"),
    ("0.5", "seeds, random"),
    ("0.9", "seeds, random"),
    ("0.7", "mean, random"),
]


def draw_strewn_rows(ax):
    ax.scatter([0.21, 0.4, 0.38], [0.12, -0.2, 0.05])
    ax.scatter([0.71, 0.9, 0.98], [1.12, 0.8, 1.05])
    ax.set_yticks([0, 1], ["organism", "random"])


def draw_dodged_rows(ax):
    for offset, name in ((-0.2, "before"), (0.2, "after")):
        ax.scatter([0.25, 0.5], [0 + offset, 1 + offset], label=name)
    ax.set_yticks([0, 1], ["1", "10"])


@pytest.mark.parametrize(
    ("draw", "expected"),
    [
        (draw_rows, ROWS),
        (lambda ax: (draw_rows(ax), ax.invert_yaxis()), ROWS),
        (
            lambda ax: draw_rows(ax, names=("3", "10")),
            [(value, words.replace("organism", "3").replace("random", "10")) for value, words in ROWS],
        ),
        (
            draw_strewn_rows,
            [
                (value, row)
                for row, values in (("organism", ("0.21", "0.4", "0.38")), ("random", ("0.71", "0.9", "0.98")))
                for value in values
            ],
        ),
        (draw_dodged_rows, [("0.25", "before, 1"), ("0.5", "before, 10"), ("0.25", "after, 1"), ("0.5", "after, 10")]),
        (lambda ax: ax.scatter([0.25, 0.5], ["short", "long"]), [("0.25", "short"), ("0.5", "long")]),
        (lambda ax: (ax.scatter([0.25, 0.5], [0, 1]), ax.set_xlabel("share")), [("0.25", "0"), ("0.5", "1")]),
        (lambda ax: ax.errorbar([0.25, 0.5], [1, 2], xerr=0.05, fmt="o"), [("0.25", "0.2 to 0.3, 1"), ("0.5", "0.45 to 0.55, 2")]),
    ],
    ids=["rows", "from the top", "rows of numbers", "strewn", "dodged", "categories", "whole rows", "errors across"],
)
def test_values_of_rows_are_told_by_x(draw, expected):
    assert point_texts(read_drawing(draw)[0]) == expected


def few_names(ax):
    ax.plot([1, 2, 3], [0.2, 0.5, 0.9])
    ax.set_yticks([0, 1], ["never", "always"])


def draw_powers(ax):
    ax.plot([1.5, 2.5, 3.5], [0.2, 1.1, 1.9])
    ax.set_yticks([0, 1, 2], ["1", "10", "100"])


def near_one_name(ax):
    ax.plot([1.5, 2.5, 3.5], [0.7, 0.9, 0.8])
    ax.set_yticks([0, 1], ["never", "always"])


def near_one_power(ax):
    ax.scatter([1.5, 2.5, 3.5], [0.7, 0.9, 1.2])
    ax.set_yticks([0, 1, 2], ["1", "10", "100"])


def names_across(ax):
    for column, values in enumerate([(0.2, 0.4), (0.5, 0.9)]):
        ax.scatter([column] * 2, values)
        ax.plot([column - 0.3, column + 0.3], [sum(values) / 2] * 2)
    ax.set_xticks([0, 1], ["organism", "random"])


@pytest.mark.parametrize(
    ("draw", "expected"),
    [
        (lambda ax: (ax.plot([1.5, 2.5], [0, 3]), ax.set_ylabel("failures")), [("0", "1.5"), ("3", "2.5")]),
        (lambda ax: (ax.plot([1.5, 2.5], [0, 3]), ax.set_yticks([0, 3], ["0", "3"])), [("0", "1.5"), ("3", "2.5")]),
        (few_names, [("0.2", "1"), ("0.5", "2"), ("0.9", "3")]),
        (draw_powers, [("0.2", "1.5"), ("1.1", "2.5"), ("1.9", "3.5")]),
        (near_one_name, [("0.7", "1.5"), ("0.9", "2.5"), ("0.8", "3.5")]),
        (near_one_power, [("0.7", "1.5"), ("0.9", "2.5"), ("1.2", "3.5")]),
        (
            names_across,
            [("0.2", "organism"), ("0.4", "organism"), ("0.3", "organism"), ("0.5", "random"), ("0.9", "random"), ("0.7", "random")],
        ),
        (lambda ax: ax.scatter(["a", "b"], ["good", "bad"]), [("good", "a"), ("bad", "b")]),
        (lambda ax: ax.scatter(["a", "b"], ["good", "bad"], c=[7, 8]), [("7", "a, good"), ("8", "b, bad")]),
    ],
    ids=[
        "counts",
        "counts with ticks",
        "a few names",
        "names of powers",
        "near one name",
        "near one power",
        "named columns",
        "names on both",
        "bubbles",
    ],
)
def test_values_of_curves_are_told_by_y(draw, expected):
    assert point_texts(read_drawing(draw)[0]) == expected


# -- how numbers are written -------------------------------------------------------------------------------------------------------------


def shares_drawing(formatter=None, ticks=None):
    def draw_shares(ax):
        ax.plot([1, 2, 3, 4], [0.5409, 0.0184, 0.99996, 1])
        if formatter:
            ax.yaxis.set_major_formatter(formatter)
        if ticks:
            ax.set_yticks(*ticks)

    return draw_shares


@pytest.mark.parametrize(
    ("draw", "values"),
    [
        (shares_drawing(PercentFormatter(1)), ["54.1%", "1.84%", "100.0%", "100%"]),
        (shares_drawing(PercentFormatter(1, symbol=" %")), ["54.1 %", "1.84 %", "100.0 %", "100 %"]),
        (shares_drawing(lambda value, _: f"{value:.0%}"), ["54.1%", "1.84%", "100.0%", "100%"]),
        (shares_drawing("{x:.1f} ms"), ["0.5409 ms", "0.0184 ms", "1 ms", "1 ms"]),
        (shares_drawing("${x:.2f}"), ["$0.5409", "$0.0184", "$1", "$1"]),
        (shares_drawing(lambda value, _: f"{60 * value:g} s"), ["32.45 s", "1.104 s", "60 s", "60 s"]),
        (shares_drawing(lambda value, _: f"{value / 1000:.0f}k"), ["0.5409", "0.0184", "1", "1"]),
        (shares_drawing(lambda value, _: f"{value / 3:.1f}"), ["0.5409", "0.0184", "1", "1"]),
        (shares_drawing(lambda value, _: f"{value + 273:.0f} K"), ["0.5409", "0.0184", "1", "1"]),
        (shares_drawing(lambda value, _: "low" if value < 0.5 else "high"), ["0.5409", "0.0184", "1", "1"]),
        (shares_drawing(ticks=([0, 0.5, 1], ["0", "50 %", "100 %"])), ["54.1 %", "1.84 %", "100.0 %", "100 %"]),
        (shares_drawing(ticks=([0.5409, 1], ["chance", "1"])), ["chance", "0.0184", "1", "1"]),
        (shares_drawing(ticks=([0, 0.5, 1], ["0", "0,5", "1,0"])), ["0.5409", "0.0184", "1", "1,0"]),
    ],
    ids=["per cent", "with a space", "by a function", "a unit", "before", "seconds", "too coarse", "rounded thirds", "an offset", "words",
         "by its ticks", "a named tick", "decimal commas"],
)  # fmt: skip
def test_a_value_is_written_as_its_axis_writes_numbers(draw, values):
    assert [value for value, _ in point_texts(read_drawing(draw)[0])] == values


def test_words_and_tables_are_written_as_the_axes_write_too():
    def draw_error_bars(ax):
        ax.errorbar([0.05, 0.25], [0.5, 0.75], yerr=0.125)
        ax.xaxis.set_major_formatter(PercentFormatter(1))
        ax.yaxis.set_major_formatter(PercentFormatter(1))

    made, (grid,), _ = read_drawing(draw_error_bars)
    assert point_texts(made) == [("50%", "37.5% to 62.5%, 5%"), ("75%", "62.5% to 87.5%, 25%")]
    assert grid.rows == (("5%", "50%", "37.5%", "62.5%"), ("25%", "75%", "62.5%", "87.5%"))


def test_cells_are_written_as_the_colour_bar_or_their_own_texts_say():
    def draw_standing_bar(ax):
        ax.figure.colorbar(ax.imshow([[0.25, 0.5]]), format=PercentFormatter(1), label="right")

    def draw_lying_bar(ax):
        ax.figure.colorbar(ax.imshow([[0.25, 0.5]]), orientation="horizontal", label="right")

    def draw_cell_texts(ax):
        ax.imshow([[0.254, 0.5]])
        for column, written in enumerate(["25%", "50%"]):
            ax.text(column, 0, written)

    assert point_texts(read_drawing(draw_standing_bar)[0]) == [("25%", "right, 0, 0"), ("50%", "right, 1, 0")]
    assert point_texts(read_drawing(draw_lying_bar)[0]) == [("0.25", "right, 0, 0"), ("0.5", "right, 1, 0")]
    assert point_texts(read_drawing(draw_cell_texts)[0]) == [("25.4%", "0, 0"), ("50%", "1, 0")]


def test_a_row_that_the_name_of_its_series_says_is_not_said_again():
    def draw_labelled_points(ax):
        ax.scatter([0.25, 0.5], ["short", "long"], label="seeds, long")

    assert point_texts(read_drawing(draw_labelled_points)[0]) == [("0.25", "seeds, long, short"), ("0.5", "seeds, long")]


def test_axes_that_share_have_the_label_that_stands_once():
    fig, axes = plt.subplots(2, 2, sharex="col", sharey="row")
    for ax in axes.flat:
        ax.bar([1, 2], [3, 4])
    axes[1, 0].set_xlabel("share")
    axes[1, 1].set_xlabel("length")
    axes[0, 0].set_ylabel("bad answers")
    made, grids, _ = read_figure(fig)
    assert [series.lead + series.words[0] for series in made] == ["share 1", "length 1", "share 1", "length 1"]
    assert [grid.head[1] for grid in grids] == ["bad answers", "bad answers", "y", "y"]


def test_axes_one_above_the_other_that_show_other_ranges_share_no_label():
    fig, (above, below) = plt.subplots(2, 1)
    above.plot([1, 2], [3, 4])
    below.plot([10, 20], [3, 4])
    below.set_xlabel("length")
    made, _, _ = read_figure(fig)
    assert [series.lead + series.words[0] for series in made] == ["1", "length 10"]


def test_a_label_of_two_lines_is_said_by_its_first():
    assert point_texts(read_drawing(lambda ax: (ax.plot([1], [3], "o"), ax.set_xlabel("length\n(tokens)")))[0]) == [("3", "length 1")]


# -- the notes of this repository --------------------------------------------------------------------------------------------------------

RECORDED = sorted(Path(__file__).parents[3].glob("notes/*/record/figures/*.json"))

ROWS_IN = {
    "code-verifier-utility/ladder": {0, 1, 2},
    "emergent-misalignment/controls": {0},
    "emergent-misalignment/summary": {1},
    "emergent-misalignment/where": {0, 1},
    "sae-latent-attribution/agreement": {3},
    "sae-latent-attribution/controls": {0, 1, 2},
    "sae-latent-attribution/cross": {0},
    "sae-latent-attribution/summary": {0, 1, 2},
}
"""Panels whose rows are named on y and whose values stand along x, as one sees in the pictures; in all others they stand along y."""


@pytest.mark.parametrize("path", RECORDED, ids=lambda path: f"{path.parts[-4]}/{path.stem}")
def test_values_of_recorded_figures_are_on_the_measured_axis(path):
    """A dot stands where the measured axis has the number that is said of it."""
    data = decode_value(FigureData, json.loads(path.read_text()))
    picture = next(path.parent.glob(f"{path.stem}.[sp][vn]g"))
    views = pictures.publish_picture(FigurePicture(picture.suffix[1:], picture.read_bytes()), "A figure.").views
    across = ROWS_IN.get(f"{path.parts[-4]}/{path.stem}", ())
    cells = any(mark.kind == "image" for axes in data.axes for mark in axes.marks)  # their values stand nowhere
    checked = 0
    for series in readouts.figure_readout(data, views):
        panel = next(i for i, view in enumerate(views) if view and is_in(view.box, series))
        left, top, width, height = views[panel].box
        side = "x" if panel in across else "y"
        (first, last), scale = views[panel].ends_along(side), views[panel].scales["xy".index(side)]
        for x, y, value in zip(series.x, series.y, series.values, strict=True):
            number = re.fullmatch(r"([-\N{MINUS SIGN}]?[\d.]+(?:e-?\d+)?)( ?%)?", value)
            assert number, (series.name, value)
            shown = float(number[1].replace("\N{MINUS SIGN}", "-")) / (100 if number[2] else 1)
            along = (x - left) / width if side == "x" else 1 - (y - top) / height
            if scale == "log":
                assert shown == pytest.approx(first * (last / first) ** along, rel=0.02), series.name
            elif not cells:
                assert shown == pytest.approx(first + along * (last - first), abs=0.002 * abs(last - first)), series.name
            checked += 1
    assert checked > 10


def is_in(box, series):
    left, top, width, height = box
    columns = all(left - 0.01 <= x <= left + width + 0.01 for x in series.x)
    return columns and all(top - 0.01 <= y <= top + height + 0.01 for y in series.y)


def test_there_are_recorded_figures():
    assert len(RECORDED) >= 24


def test_series_at_the_same_places_share_a_table():
    def draw_two_lines(ax):
        for name in ("a", "b"):
            ax.plot([1, 2], [3, -4], label=name)
        ax.set_xlabel("n")

    _, (grid,), _ = read_drawing(draw_two_lines)
    assert grid.head == ("n", "a", "b")
    assert grid.rows == (("1", "3", "3"), ("2", "\N{MINUS SIGN}4", "\N{MINUS SIGN}4"))


def test_long_data_is_cut_in_the_page_only():
    _, (grid,), _ = read_drawing(lambda ax: ax.plot(np.arange(500.0)))
    assert (len(grid.rows), grid.total) == (40, 500)


def test_what_cannot_be_placed_is_not_read_out():
    assert read_drawing(lambda ax: ax.plot([1, 2], [3, 4]) and ax.set(yscale="symlog"))[0] is None
    assert read_drawing(lambda ax: ax.axhline(3))[0] is None
    fig, ax = plt.subplots(subplot_kw={"projection": "polar"})
    ax.plot([0, 1], [1, 2])
    shown = pictures.publish_picture(FigurePicture("svg", figure_reader.render_picture(fig)[1].encode()), "")
    plt.close(fig)
    assert shown.views == (None,)


def test_a_read_out_is_strict_json_whatever_was_drawn():
    made, _, _ = read_drawing(lambda ax: ax.plot([1, 2, 3], [1, np.nan, 3]))
    assert [series["values"] for series in json.loads(readouts.readout_json(made), parse_constant=pytest.fail)] == [["1", "3"]]


@pytest.mark.parametrize(
    "views",
    [
        "[1, 2]",
        '["a", null, [], {}]',
        '[{"box": [0, 0, 1], "x": [0, 1], "y": [0, 1], "scales": ["linear", "linear"]}]',
        '[{"box": [0, 0, 1, 1], "x": [0, NaN], "y": [0, 1], "scales": ["linear", "linear"]}]',
        '[{"box": [0, 0, 1, 1], "x": [0, 1], "y": [0, 1], "scales": ["linear"]}]',
        '[{"box": [0, 0, 1, 1], "x": {}, "y": [0, 1], "scales": ["linear", "linear"]}]',
    ],
)
def test_metadata_of_a_picture_that_are_no_views_place_nothing(views):
    fig, ax = plt.subplots()
    ax.plot([1, 2], [3, 4])
    data, (_, text) = figure_reader.read_figure(fig), figure_reader.render_picture(fig)
    plt.close(fig)
    foreign = re.sub(r"(?<=<dc:description>).*?(?=</dc:description>)", lambda _: html.escape(views), text, flags=re.DOTALL)
    assert foreign != text
    shown = pictures.publish_picture(FigurePicture("svg", foreign.encode()), "")
    assert set(shown.views) == {None}
    assert readouts.figure_readout(data, shown.views) is None
    assert readouts.value_grids(data, 40, shown.views)


def test_dark_partners_but_not_for_colours_that_are_values():
    def draw_line_and_points(ax):
        ax.plot([0, 1], [0, 1], color="#1f4fa8")
        ax.scatter([0, 1, 2], [0, 1, 2], c=[0, 1, 2], cmap="gray")

    text = read_drawing(draw_line_and_points)[2].content.decode()
    assert '[style*="stroke: #1f4fa8"]:not(.by-value *){stroke:#6f9bf5!important}' in text.replace("&gt;", ">")
    assert re.search(r'<g id="PathCollection_\d+" class="by-value"', text)
