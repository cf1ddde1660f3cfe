"""The author's functions outside a run: the same checks, a display of what would be recorded, the golden seed."""

import math
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from scipy import stats

from labnotes import cited, claim, const, figure, seed, seeds, table
from labnotes.author.estimates import numbers_from_replicates
from labnotes.errors import AuthorError
from labnotes.model.comparison import number_text

mpl.use("Agg")
import matplotlib.pyplot as plt


@pytest.fixture
def fig():
    made, ax = plt.subplots()
    ax.plot([1, 2])
    yield made
    plt.close(made)


def test_a_claim_shows_what_would_be_recorded(capsys):
    claim("rate", replicates=[0.5, 0.6, 0.7, 0.8, 0.9], format=".1%", holds="low > 0.4")
    low, high = stats.t.interval(0.95, 4, 0.7, stats.sem([0.5, 0.6, 0.7, 0.8, 0.9]))
    assert capsys.readouterr().out == f"rate = 70.0%  (95 % interval {low:.1%} to {high:.1%}, n = 5)  [low > 0.4: holds]\n"


def test_every_minus_is_a_minus_sign(capsys):
    claim("gap", -0.009, low=-0.051, high=0.034, format=".1%")
    claim("tiny", -0.00001, format=".1e")
    out = capsys.readouterr().out.splitlines()
    assert out == ["gap = −0.9%  (95 % interval −5.1% to 3.4%)", "tiny = −1.0e-05"]
    assert number_text(-0.25) == "−0.25"
    assert number_text(-3) == "−3"
    assert number_text("a-b") == "a-b"


def test_one_mark_is_no_marks(capsys, fig):
    figure(fig, "one", caption="c", alt="a")
    made, ax = plt.subplots()
    ax.plot([1], label="x")
    ax.plot([2], label="y")
    figure(made, "two", caption="c", alt="a")
    assert capsys.readouterr().out.splitlines() == ["figure one: 1 mark in 1 axes", "figure two: 2 marks in 1 axes"]


def test_a_statement_that_fails_is_shown(capsys):
    claim("lost", 0.1, holds="value > 0.2")
    assert "DOES NOT HOLD" in capsys.readouterr().out


def test_numbers_of_numpy_and_objects_with_an_interval_are_taken(capsys):
    class Interval:
        value, low, high = 0.5, 0.4, 0.6

    claim("a", np.float32(0.5))
    claim("b", np.array([3]))
    claim("c", Interval())
    claim("d", np.bool_(True))
    claim("e", math.nan)
    assert [line.split("  ")[0] for line in capsys.readouterr().out.splitlines()] == ["a = 0.5", "b = 3", "c = 0.5", "d = yes", "e = nan"]


@pytest.mark.parametrize(
    ("call", "part"),
    [
        (lambda: claim("2x", 1), "no usable name"),
        (lambda: claim("x", 1, title=" "), "has the title ' ', which is no text"),
        (lambda: claim("x", 1, title=3), "has the title 3, which is no text"),
        (lambda: claim("x", 1, title="of\nlines"), "has a title of several lines"),
        (lambda: claim("x", 1, title="x" * 81), "has a title of 81 characters, more than 80"),
        (lambda: claim("low", 1), "no usable name"),
        (lambda: claim("../x", 1), "no usable name"),
        (lambda: claim("n", 1), "it means the number of the claim's own replicates: say what it is of, as in n_samples"),
        (lambda: claim("const", 1), "it is a word of statements or of prose"),
        (lambda: claim("best-rate", 1), "a statement would read - as minus, so only labels have it: best_rate"),
        (lambda: claim("best", "layer 7"), "words and lists go into a table, which is compared too"),
        (lambda: claim("best", [1, 2, 3]), "words and lists go into a table, which is compared too"),
        (lambda: figure(None, "Rates by Domain"), "for example 'rates-by-domain'"),
        (lambda: claim("x"), "needs either a value or replicates"),
        (lambda: claim("x", 1, replicates=[1]), "needs either a value or replicates"),
        (lambda: claim("x", "text"), "is str 'text', no number"),
        (lambda: claim("x", None, replicates=[]), "has no replicates"),
        (lambda: claim("x", replicates=[1, 2], low=0), "has replicates and low or high"),
        (lambda: claim("x", 1, low=0), "only one end"),
        (lambda: claim("x", 1.5, format="d"), "format 'd' does not fit"),
        (lambda: claim("x", 1, tolerance=0.1), "has no reason"),
        (lambda: claim("x", 1, because="why"), "a reason but no tolerance"),
        (lambda: claim("x", 1, tolerance=-1, because="why"), "finite number, 0 or larger"),
        (lambda: claim("x", 1, tolerance=math.nan, because="why"), "finite number"),
        (lambda: claim("x", replicates=[1, 2, 3], holds="low > 0"), "an interval of 3 replicates"),
        (lambda: claim("x", 1, holds="value >"), "does not parse"),
        (lambda: seeds(0), "n is 0"),
        (lambda: const("64", " "), "no description"),
        (lambda: cited("40 %", ""), "names no publication"),
        (lambda: table({"a": 1}, "t", caption="c"), "no pandas data frame"),
        (lambda: table(pd.DataFrame({"a": [1]}), "T!", caption="c"), "no usable label"),
        (lambda: table(pd.DataFrame({"a": [1]}), "t", caption=""), "has no caption"),
        (lambda: table(pd.DataFrame({"a": [1]}), "t"), "has no caption"),
    ],
)
def test_what_cannot_be_recorded_is_refused_with_advice(call, part):
    with pytest.raises(AuthorError, match="\n    ") as caught:
        call()
    assert part in str(caught.value)


@pytest.mark.parametrize("label", ["../x", "/etc/x", "A", "a b", "", "x" * 65, "a/b", ".", "-a"])
def test_a_label_that_is_no_plain_file_name_is_refused(fig, label):
    with pytest.raises(AuthorError, match="no usable label"):
        figure(fig, label, caption="c", alt="a")


def test_two_figures_of_one_label_are_refused_in_a_run(fig, monkeypatch):
    monkeypatch.setenv("LABNOTES_RUN", "x")
    monkeypatch.setattr("labnotes.author.api._labels", {"twin"})
    with pytest.raises(AuthorError, match="figure 'twin': is used twice in this note"):
        figure(fig, "twin", caption="c", alt="a")


@pytest.mark.parametrize("given", [{"data": []}, 3, None], ids=str)
def test_what_is_no_figure_is_refused_with_its_label_and_what_is_read(given):
    with pytest.raises(
        AuthorError, match=r"figure 'f': cannot read a builtins\.\w+: it is no figure of matplotlib, Plotly, Altair, seaborn"
    ):
        figure(given, "f", caption="c", alt="a")


def test_a_figure_needs_caption_and_alt_text(fig):
    with pytest.raises(AuthorError, match="has no alt"):
        figure(fig, "f", caption="c", alt=" ")


def test_seeds_of_different_runs_are_disjoint(monkeypatch):
    golden = seeds(5)
    monkeypatch.setenv("LABNOTES_SEED", "1")
    assert seed() == 1
    assert not set(golden) & set(seeds(10_000))


def test_plain_python_uses_the_golden_seed_of_the_note(tmp_path):
    (tmp_path / "note.yml").write_text("title: x\nseed: 7\n")
    (tmp_path / "note.py").write_text("from labnotes import claim, seed\nclaim('s', seed())\n")
    done = subprocess.run([sys.executable, str(tmp_path / "note.py")], capture_output=True, text=True, check=True, cwd="/")
    assert done.stdout == "s = 7\n"


def test_constants_and_cited_values_are_themselves():
    assert const(64, "model width") == 64
    assert cited(0.4, "betley2025") == 0.4


def test_importing_the_author_functions_loads_nothing_heavy():
    code = "import sys, labnotes; print([m for m in ('numpy', 'pydantic', 'matplotlib', 'pandas', 'scipy', 'nbclient', 'rich') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_fresh_mean_of_as_many_is_expected_in_an_interval_wider_by_the_root_of_two():
    """By hand, for replicates 1 and 3: mean 2, standard error 1, Student's t with one degree 12.7062; times the root of two 17.9693."""
    made = numbers_from_replicates((1.0, 3.0))
    assert (made.low, made.high) == pytest.approx((2 - 12.7062047, 2 + 12.7062047))
    assert made.prediction == pytest.approx((2 - 17.9692872, 2 + 17.9692872))
