"""What a page reads out of a figure: the recorded values, at the places where matplotlib drew them."""

import json
import re

import matplotlib as mpl
import numpy as np
import pytest

from labnotes import figures
from labnotes.records import Picture
from labnotes.staging import pictures, points

mpl.use("Agg")
import matplotlib.pyplot as plt


def read(draw, **size):
    """The read-out and the tables of a figure, by way of its recorded data and its picture."""
    fig, ax = plt.subplots(**size)
    draw(ax)
    data = figures.extract(fig)
    mime, text = figures.render(fig)
    assert mime == "image/svg+xml"
    plt.close(fig)
    shown = pictures.shown(Picture("svg", text.encode()), "A figure.")
    return points.readout(data, shown.views), points.grids(data, 40), shown


def test_points_lie_where_matplotlib_drew_them():
    def draw(ax):
        ax.plot([1, 10, 100], [3, 5, 4], "o", markersize=9, color="#b84a14")
        ax.set(xscale="log", xlabel="steps", ylabel="loss")

    made, _, shown = read(draw)
    (axes,), (series,) = made["axes"], made["series"]
    left, top, width, height = axes["box"]
    expected = []
    for x, y in zip(series["x"], series["y"], strict=True):
        across = (np.log10(x) - np.log10(axes["x"][0])) / (np.log10(axes["x"][1]) - np.log10(axes["x"][0]))
        up = (y - axes["y"][0]) / (axes["y"][1] - axes["y"][0])
        expected.append((left + across * width, top + (1 - up) * height))
    size = [float(v) for v in re.search(rb'viewBox="0 0 ([\d.]+) ([\d.]+)"', shown.content).groups()]
    drawn = [
        (float(x) / size[0], float(y) / size[1])
        for x, y in re.findall(rb'<use xlink:href="#\w+" x="([\d.]+)" y="([\d.]+)" style="fill: #b84a14', shown.content)
    ]
    assert len(drawn) == 3
    assert np.allclose(drawn, expected, atol=0.004), "within two pixels of five hundred"


@pytest.mark.parametrize(
    ("draw", "kind", "x", "y", "value"),
    [
        (lambda ax: ax.bar(["a", "b"], [2, 3]), "bar", [0, 1], [2, 3], [2, 3]),
        (lambda ax: ax.barh(["a", "b"], [2, 3]), "bar", [2, 3], [0, 1], [2, 3]),
        (lambda ax: ax.bar([0, 1], [2, 3], bottom=1), "bar", [0, 1], [3, 4], [2, 3]),
        (lambda ax: ax.scatter([1, 2], [3, 4], c=[7, 8]), "point", [1, 2], [3, 4], [7, 8]),
        (lambda ax: ax.imshow([[1, 2], [3, 4]]), "cell", [0, 1, 0, 1], [0, 0, 1, 1], [1, 2, 3, 4]),
        (lambda ax: ax.imshow([[1, 2], [3, 4]], origin="lower"), "cell", [0, 1, 0, 1], [0, 0, 1, 1], [1, 2, 3, 4]),
        (
            lambda ax: ax.pcolormesh([0, 1, 2], [0, 1, 2], [[1, 2], [3, 4]]),
            "cell",
            [0.5, 1.5, 0.5, 1.5],
            [0.5, 0.5, 1.5, 1.5],
            [1, 2, 3, 4],
        ),
        (lambda ax: ax.stairs([5, 6], [0, 1, 2]), "point", [0.5, 1.5], [5, 6], None),
    ],
    ids=["bar", "barh", "stacked", "scatter", "image", "image from below", "mesh", "stairs"],
)
def test_kinds_of_marks(draw, kind, x, y, value):
    (series,) = read(draw)[0]["series"]
    assert series["kind"] == kind
    assert series["x"] == pytest.approx(x)
    assert series["y"] == pytest.approx(y)
    assert series.get("value") == (pytest.approx(value) if value else None)


def test_error_bars_bound_and_categories_name():
    made, grids, _ = read(lambda ax: ax.errorbar(["five", "ten"], [0.5, 0.7], yerr=[0.1, 0.2], label="power"))
    (series,) = made["series"]
    assert (series["name"], series["low"], series["high"]) == ("power", pytest.approx([0.4, 0.5]), pytest.approx([0.6, 0.9]))
    assert made["axes"][0]["ticks"]["x"] == [[0.0, "five"], [1.0, "ten"]]
    assert grids[0].rows[1] == ("ten", "0.7", "0.5", "0.9")


def test_series_at_the_same_places_share_a_table():
    def draw(ax):
        for name in ("a", "b"):
            ax.plot([1, 2], [3, -4], label=name)
        ax.set_xlabel("n")

    _, (grid,), _ = read(draw)
    assert grid.head == ("n", "a", "b")
    assert grid.rows == (("1", "3", "3"), ("2", "\N{MINUS SIGN}4", "\N{MINUS SIGN}4"))


def test_long_data_is_cut_in_the_page_only():
    _, (grid,), _ = read(lambda ax: ax.plot(np.arange(500.0)))
    assert (len(grid.rows), grid.total) == (40, 500)


def test_what_cannot_be_placed_is_not_read_out():
    assert read(lambda ax: ax.plot([1, 2], [3, 4]) and ax.set(yscale="symlog"))[0] is None
    assert read(lambda ax: ax.axhline(3))[0] is None
    fig, ax = plt.subplots(subplot_kw={"projection": "polar"})
    ax.plot([0, 1], [1, 2])
    shown = pictures.shown(Picture("svg", figures.render(fig)[1].encode()), "")
    plt.close(fig)
    assert shown.views == [None]


def test_a_read_out_is_strict_json_whatever_was_drawn():
    made, _, _ = read(lambda ax: ax.plot([1, 2, 3], [1, np.nan, 3]))
    assert json.loads(json.dumps(made, allow_nan=False))["series"][0]["y"] == [1, None, 3]


def test_dark_partners_but_not_for_colours_that_are_values():
    def draw(ax):
        ax.plot([0, 1], [0, 1], color="#1f4fa8")
        ax.scatter([0, 1, 2], [0, 1, 2], c=[0, 1, 2], cmap="gray")

    text = read(draw)[2].content.decode()
    assert '[style*="stroke: #1f4fa8"]:not(.by-value *){stroke:#6f9bf5!important}' in text.replace("&gt;", ">")
    assert re.search(r'<g id="PathCollection_\d+" class="by-value"', text)
