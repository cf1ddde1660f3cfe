"""The CSV of a figure: a row an observation, named and in units as its axes have them."""

import csv
import io

import matplotlib as mpl
import numpy as np
import pytest

from labnotes.author.figures.matplotlib import figure_reader
from labnotes.model.observation import FigurePicture
from labnotes.model.plots import FigureData
from labnotes.site.stage import pictures
from labnotes.site.stage.figure_csv import figure_csv

mpl.use("Agg")
import matplotlib.pyplot as plt
from matplotlib.ticker import PercentFormatter


def csv_rows(fig):
    data = figure_reader.read_figure(fig)
    _, text = figure_reader.render_picture(fig)
    plt.close(fig)
    return list(csv.reader(io.StringIO(figure_csv(data, pictures.publish_picture(FigurePicture("svg", text.encode()), "A figure.").views))))


def test_a_point_is_a_row_with_its_places_in_the_columns_of_their_axes():
    fig, ax = plt.subplots()
    ax.plot([1, 10], [0.5, 1 / 3], label="two-sided")
    ax.plot([2], [0.25], "o", label="stated, beforehand")
    ax.set(xlabel="seeds", ylabel="smallest p")
    assert csv_rows(fig) == [
        ["series", "seeds", "smallest p"],
        ["two-sided", "1", "0.5"],
        ["two-sided", "10", repr(1 / 3)],
        ["stated, beforehand", "2", "0.25"],
    ]


def test_a_number_is_in_the_unit_that_its_axis_writes():
    fig, ax = plt.subplots()
    ax.plot([1, 2, 3], [0.1, 0.123456789012, 0.575])
    ax.yaxis.set_major_formatter(PercentFormatter(1))
    ax.set(xlabel="steps", ylabel="bad answers")
    assert csv_rows(fig) == [["steps", "bad answers (%)"], ["1", "10"], ["2", "12.3456789012"], ["3", "57.5"]]


def test_a_unit_that_the_label_says_is_not_said_twice():
    fig, ax = plt.subplots()
    ax.plot([1, 2], [0.5, 1])
    ax.yaxis.set_major_formatter(PercentFormatter(1))
    ax.set(xlabel="steps", ylabel="bad answers (%)")
    assert csv_rows(fig)[0] == ["steps", "bad answers (%)"]


def test_a_named_place_is_its_name_and_what_is_measured_has_its_interval():
    fig, ax = plt.subplots()
    ax.errorbar([0.5, 0.75], ["short", "long"], xerr=[0.25, 0.125], label="power", fmt="o")
    ax.set_xlabel("share detected")
    assert csv_rows(fig) == [
        ["series", "share detected", "y", "share detected, low", "share detected, high"],
        ["power", "0.5", "short", "0.25", "0.75"],
        ["power", "0.75", "long", "0.625", "0.875"],
    ]


def test_each_panel_has_the_columns_of_its_own_axes():
    fig, axes = plt.subplots(1, 2)
    axes[0].plot([1, 2], [3, 4])
    axes[0].set(title="first", xlabel="seeds", ylabel="loss")
    axes[1].bar(["a", "b"], [5, 6])
    axes[1].set(xlabel="arm", ylabel="seeds")
    head, *rows = csv_rows(fig)
    assert head == ["panel", "seeds (x)", "arm", "loss", "seeds (y)"], "one name for two axes says which it is"
    assert rows == [["first", "1", "", "3", ""], ["first", "2", "", "4", ""], ["2", "", "a", "", "5"], ["2", "", "b", "", "6"]]


def test_a_cell_has_what_its_colour_stands_for():
    fig, ax = plt.subplots()
    bar = fig.colorbar(ax.imshow([[0.25, 1], [2, 3]]), ax=ax)
    bar.set_label("utility")
    ax.set_xticks([0, 1], ["2%", "40%"])
    ax.set(xlabel="share of bugs", yticks=[])
    rows = csv_rows(fig)
    assert rows[0] == ["share of bugs", "y", "utility"]
    assert [row[2] for row in rows[1:]] == ["0.25", "1", "2", "3"]
    assert {row[0] for row in rows[1:]} == {"2%", "40%"}


def test_a_band_has_its_edges_at_each_place():
    fig, ax = plt.subplots()
    ax.plot([0, 1, 2], [1, 2, 3], label="mean")
    ax.fill_between([0, 1, 2], [0.5, 1.5, 2], [1.5, 2.5, 4], label="interval")
    ax.set(xlabel="dose", ylabel="rate")
    rows = csv_rows(fig)
    assert rows[0] == ["series", "dose", "rate", "rate, low", "rate, high"]
    assert rows[4:] == [["interval", "0", "", "0.5", "1.5"], ["interval", "1", "", "1.5", "2.5"], ["interval", "2", "", "2", "4"]]


@pytest.mark.parametrize("missing", [np.nan, np.inf])
def test_what_is_no_number_is_empty(missing):
    fig, ax = plt.subplots()
    ax.plot([1, 2, 3], [1, missing, 3])
    assert [row[1] for row in csv_rows(fig)] == ["y", "1", "", "3"]


def test_a_figure_without_points_has_none():
    assert figure_csv(FigureData((), (), ()), ()) == ""
