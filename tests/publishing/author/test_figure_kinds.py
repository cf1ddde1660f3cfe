"""Every kind of figure: science is seen and named, style is not, and two versions of matplotlib read the same."""

import json
import os
import subprocess
import sys
from pathlib import Path

import matplotlib as mpl
import pytest

import figure_corpus
from figure_corpus import CHANGES, DRAWINGS, KINDS_ONCE, SHEETS, TOGETHER
from figure_corpus.rare import plt
from figure_corpus.readings import as_figure, corpus_figure, keep_reading, recorded_figure
from labnotes.author.figures.matplotlib import figure_reader
from labnotes.compare.figures import compare_figures
from labnotes.model.encoding import encode_value
from labnotes.model.verdicts import Verdict
from machine import OLDEST

COARSE = {
    "counts": "whole numbers",
    "hatched": "only which area has which hatch is drawn",
    "table": "texts",
}
"""Drawings that cannot change by as little as 0.1 % of a range, and why."""

SHARED = {
    ("classic", "learning_curves"): "band 2 of 'test': shares its colour",  # all bands in one
    **dict.fromkeys((("classic", drawing) for drawing in ("box", "filled_box", "boxes", "facets_of_boxes")), "dash is that of other marks"),
    **dict.fromkeys((("classic", drawing) for drawing in ("polar", "shaded")), "colour"),
    **dict.fromkeys(
        (("classic", drawing) for drawing in ("surface", "plain_surface")), "surface"
    ),  # every tenth row and column alone is drawn
    **dict.fromkeys((("grayscale", drawing) for drawing in ("where_significant", "roc")), "shares its colour"),  # its first colour is black
    # in grey, seaborn's lines inside a shape are as dark as one of the shapes
    **dict.fromkeys((("grayscale", drawing) for drawing in ("violins", "violins_with_boxes")), "line 1: shares its colour"),
    ("grayscale", "boxes"): "'north' now names what another label named",
    # the classic sheet rounds limits to ticks, so that those which seaborn sets look as if the data gave them
    **dict.fromkeys(
        (
            ("classic", drawing)
            for drawing in ("bars_with_errors", "counts", "letter_values", "violins", "violins_with_boxes", "facets_of_bars")
        ),
        "limits are automatic",
    ),
    **dict.fromkeys(
        (("classic", drawing) for drawing in ("strips", "swarms", "lying_swarms", "points_with_intervals")), "limits are automatic"
    ),
}
"""The style sheets that change what a drawing says, with the drawing, and a part of the message.

They draw in one colour what was in two, or as matplotlib did before version 2.
"""


def test_every_drawing_has_its_changes():
    assert set(CHANGES) == set(DRAWINGS)
    assert len(DRAWINGS) >= 100
    assert all(len(changes) >= 3 for changes in CHANGES.values())


def twice_read(name, *, rendered):
    """The distinct readings of a figure, as JSON: read twice, and once more after it was rendered."""
    fig = DRAWINGS[name]()
    data = [encode_value(figure_reader.read_figure(fig)) for _ in range(2)]
    assert data[0]["unverified"] == []
    if rendered:
        figure_reader.render_picture(fig)
        data.append(encode_value(figure_reader.read_figure(fig)))
    plt.close(fig)
    return {json.dumps(reading, allow_nan=False) for reading in data}


@pytest.mark.parametrize("name", DRAWINGS)
def test_everything_is_read_and_reading_changes_nothing(name):
    (text,) = twice_read(name, rendered=name in KINDS_ONCE)
    keep_reading(name, None, text)


@pytest.mark.slow  # 0.1 s each
@pytest.mark.parametrize("name", [name for name in DRAWINGS if name not in KINDS_ONCE])
def test_rendering_changes_no_reading(name):
    assert len(twice_read(name, rendered=True)) == 1


def test_some_figures_hold_every_kind_of_mark():
    kinds = {name: {mark.kind for axes in corpus_figure(name).data.axes for mark in axes.marks} for name in DRAWINGS}
    assert set().union(*(kinds[name] for name in KINDS_ONCE)) == set().union(*kinds.values())


FIRST, *OTHERS = ([name for name in DRAWINGS if number < len(CHANGES[name])] for number in range(max(map(len, CHANGES.values()))))


@pytest.mark.parametrize(
    ("name", "number"),
    [(name, 0) for name in FIRST]
    + [pytest.param(name, number, marks=pytest.mark.slow) for number, names in enumerate(OTHERS, 1) for name in names],  # 0.1 s each
)
def test_a_scientific_change_is_seen_and_its_mark_named(name, number):
    _, parts = CHANGES[name][number]
    comparison = compare_figures(corpus_figure(name), corpus_figure(name, number))
    assert comparison.verdict is Verdict.CHANGED, comparison
    text = "\n".join(comparison.details)
    assert all(part in text for part in parts), text


@pytest.mark.slow  # 0.1 s each
@pytest.mark.parametrize("name", [name for name in DRAWINGS if name not in COARSE])
def test_one_change_is_as_small_as_a_thousandth_of_a_range(name):
    """So that the test above says something about small changes. "A thousandth" is below 0.15 %."""
    assert min(compare_figures(corpus_figure(name), corpus_figure(name, change)).moved for change in range(len(CHANGES[name]))) < 0.0015


@pytest.mark.parametrize(
    ("name", "style"),
    [
        pytest.param(name, list(TOGETHER)[i % len(TOGETHER)], marks=() if name in KINDS_ONCE else pytest.mark.slow)  # 0.1 s each
        for i, name in enumerate(DRAWINGS)
    ],
)
def test_changes_of_style_together_are_no_difference(name, style):
    """A fifth of the styles for each figure; all of them, through kernel and record: test_checking_corpus.py."""
    with TOGETHER[style].drawn_figure(DRAWINGS[name]) as fig:
        comparison = compare_figures(corpus_figure(name), recorded_figure(fig))
    assert comparison.verdict is Verdict.EXACT, comparison.details


@pytest.mark.slow  # 0.4 s each
@pytest.mark.parametrize("name", DRAWINGS)
def test_style_sheets_are_no_difference(name):
    for sheet in SHEETS:
        with SHEETS[sheet].drawn_figure(DRAWINGS[name]) as fig:
            comparison = compare_figures(corpus_figure(name), recorded_figure(fig))
        if (sheet, name) in SHARED:
            assert SHARED[sheet, name] in "\n".join(comparison.details)
        else:
            assert comparison.verdict is Verdict.EXACT, (sheet, comparison.details)


# -- decoration ---------------------------------------------------------------------------------------------------------------------------


def draw_decorated(size=1.0, word="_decoration: axis break", bars=False, drawn=True):
    fig, ax = plt.subplots()
    ax.plot([1, 2, 3], label="A")
    if drawn:
        ax.plot([0, size], [0, size], transform=ax.transAxes, label=word)
    if bars:
        ax.bar([0, 1], [size, 1], label="_decoration")
        ax.errorbar([0, 1], [size, 1], 0.5, label="_decoration")
    ax.legend()
    return fig


def test_declared_decoration_is_recorded_as_such_and_may_change():
    then = recorded_figure(draw_decorated(bars=True))
    (axes,) = then.data.axes
    assert [(mark.kind, mark.label) for mark in axes.marks if mark.kind != "line"] == [
        ("decoration", ""),
        ("decoration", ""),
        ("decoration", "axis break"),
    ]
    assert [entry.text for entry in axes.legend] == ["A"]
    assert compare_figures(then, recorded_figure(draw_decorated(size=0.5, bars=True))).verdict is Verdict.EXACT


def test_decoration_that_comes_or_goes_is_told():
    comparison = compare_figures(recorded_figure(draw_decorated()), recorded_figure(draw_decorated(drawn=False)))
    assert comparison.details == ("decoration 'axis break' is gone",)
    comparison = compare_figures(recorded_figure(draw_decorated(word="a mark")), recorded_figure(draw_decorated()))
    assert "line on the axes 'a mark' is gone" in "\n".join(comparison.details)


@pytest.mark.parametrize("word", ["_decorations", "decoration", "_nolegend_"])
def test_only_the_word_itself_declares_decoration(word):
    assert not [mark for mark in recorded_figure(draw_decorated(word=word)).data.axes[0].marks if mark.kind == "decoration"]


# -- what is not read ----------------------------------------------------------------------------------------------------------------------


def test_what_has_coordinates_of_its_own_is_unverified():
    fig, ax = plt.subplots()
    turned = mpl.transforms.Affine2D().rotate_deg(30)
    ax.add_patch(mpl.patches.Circle((0, 0), 1, transform=turned))
    shape = [[(0, 0), (1, 0), (1, 1)]]
    ax.add_collection(mpl.collections.PolyCollection(shape, offsets=[(1, 1), (2, 2)], offset_transform=ax.transData, transform=turned))
    assert recorded_figure(fig).data.unverified == ("axes 0: Circle", "axes 0: PolyCollection")


def test_what_stands_in_the_plane_of_a_picture_of_space_is_unverified():
    fig, ax = plt.subplots(subplot_kw={"projection": "3d"})
    ax.add_patch(mpl.patches.Circle((0, 0), 1))
    assert recorded_figure(fig).data.unverified == ("axes 0: Circle",)


# -- another matplotlib --------------------------------------------------------------------------------------------------------------------

KNOWN = {
    "hist2d": "limits are automatic, recorded −3 to 3",  # before matplotlib 3.9 hist2d sets the limits
}
"""Where versions of matplotlib do another thing, not only by other classes."""


@pytest.mark.oldest
def test_the_oldest_matplotlib_reads_the_same():
    old = read_by(OLDEST)
    assert old["matplotlib"] != mpl.__version__
    for name in DRAWINGS:
        comparison = compare_figures(as_figure(old["figures"][name]), corpus_figure(name))
        if name in KNOWN:
            assert KNOWN[name] in "\n".join(comparison.details)
        else:
            assert comparison.verdict in (Verdict.EXACT, Verdict.WITHIN), (name, comparison.details)


@pytest.mark.slow
def test_the_corpus_runs_by_itself():
    assert set(read_by(sys.executable)["figures"]) == set(DRAWINGS)


def read_by(python):
    paths = os.pathsep.join((str(Path(figure_reader.__file__).parents[4]), str(Path(figure_corpus.__file__).parents[1])))
    command = [python, "-m", "figure_corpus"]
    made = subprocess.run(command, env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True, timeout=300)
    assert made.returncode == 0, made.stderr
    return json.loads(made.stdout)
