"""Verdicts on claims and tables."""

import math
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from labnotes.author.frames import read_frame
from labnotes.compare.claims import compare_claims
from labnotes.compare.distances import AxisRanges
from labnotes.compare.fresh_draws import compare_fresh_seeds
from labnotes.compare.observations import compare_observations
from labnotes.compare.tables import compare_tables
from labnotes.errors import AuthorError
from labnotes.model.claims import Claim
from labnotes.model.observation import Observation, Provenance, RunDependencies, RunEnvironment
from labnotes.model.plots import AxesData, AxisData, Mark
from labnotes.model.quantities import Tolerance
from labnotes.model.tables import Table, TableData
from labnotes.model.verdicts import Verdict


def make_claim(value=0.52, **fields):
    return Claim("rate", value, 1, fields.pop("format", ".0%"), **fields)


@pytest.mark.parametrize(
    ("then", "now", "verdict"),
    [
        (make_claim(0.52), make_claim(0.52), Verdict.EXACT),
        (make_claim(0.52), make_claim(0.5249), Verdict.WITHIN),
        (make_claim(0.52), make_claim(0.526), Verdict.CHANGED),
        (make_claim(0.52, tolerance=Tolerance(0.02, "m")), make_claim(0.539, tolerance=Tolerance(0.02, "m")), Verdict.WITHIN),
        (make_claim(0.52, tolerance=Tolerance(0.02, "m")), make_claim(0.541, tolerance=Tolerance(0.02, "m")), Verdict.CHANGED),
        (make_claim(0.52, tolerance=Tolerance(0.02, "m")), make_claim(0.55, tolerance=Tolerance(0.5, "m")), Verdict.CHANGED),
        (make_claim(7, format="d"), make_claim(7, format="d"), Verdict.EXACT),
        (make_claim(7, format="d"), make_claim(8, format="d"), Verdict.CHANGED),
        (make_claim(True, format="d"), make_claim(True, format="d"), Verdict.EXACT),
        (make_claim(True, format="d"), make_claim(False, format="d"), Verdict.CHANGED),
        (make_claim(True, format="d"), make_claim(1, format="d"), Verdict.CHANGED),
        (make_claim(math.nan), make_claim(math.nan), Verdict.EXACT),
        (make_claim(math.inf), make_claim(math.inf), Verdict.EXACT),
        (make_claim(math.nan), make_claim(0.5), Verdict.CHANGED),
        (make_claim(math.inf), make_claim(-math.inf), Verdict.CHANGED),
        (make_claim(0.52, low=0.4, high=0.6), make_claim(0.52, low=0.4, high=0.7), Verdict.CHANGED),
        (make_claim(0.52, low=0.4, high=0.6), make_claim(0.52), Verdict.CHANGED),
        (make_claim(0.52, low=0.4, high=0.6, n=5), make_claim(0.52, low=0.4, high=0.6, n=6), Verdict.CHANGED),
        (make_claim(0.52, holds="value > 0", upheld=True), make_claim(0.9, holds="value > 0", upheld=True), Verdict.MOVED),
        (make_claim(0.52, holds="value > 0", upheld=True), make_claim(-0.1, holds="value > 0", upheld=False), Verdict.CHANGED),
        (make_claim(0.52, holds="value > 0", upheld=True), make_claim(0.52, holds="value > -9", upheld=True), Verdict.CHANGED),
        (
            make_claim(0.52, holds="value > 0", upheld=True, tolerance=Tolerance(0.01, "m")),
            make_claim(0.6, holds="value > 0", upheld=True, tolerance=Tolerance(0.01, "m")),
            Verdict.CHANGED,
        ),
    ],
)
def test_claims(then, now, verdict):
    comparison = compare_claims(then, now)
    assert comparison.verdict is verdict, comparison
    assert verdict is Verdict.EXACT or comparison.details


def test_a_changed_claim_names_both_values_and_what_was_allowed():
    (text,) = compare_claims(make_claim(0.52), make_claim(0.61)).details
    assert text == "value is 0.61, recorded 0.52: moved by 0.09, allowed 0.005"


def test_a_changed_tolerance_shows_even_where_nothing_else_differs():
    comparison = compare_claims(make_claim(0.5, tolerance=Tolerance(0.01, "m")), make_claim(0.5, tolerance=Tolerance(0.2, "m")))
    assert comparison.verdict is Verdict.EXACT
    assert comparison.details == ("the tolerance is now 0.2, recorded 0.01",)


def make_observation(*claims):
    provenance = Provenance(
        "", 0, 0, 1, RunEnvironment(python="", system="", machine="", cpu="", labnotes="", isolation=""), RunDependencies(code="")
    )
    return Observation({claim.name: claim for claim in claims}, {}, {}, (), {}, provenance)


@pytest.mark.parametrize(
    ("then", "now", "verdict", "lost"),
    [
        (make_claim(0.5, prediction=(0.4, 0.6)), make_claim(0.59), Verdict.WITHIN, False),
        (make_claim(0.5, prediction=(0.4, 0.6)), make_claim(0.61), Verdict.OUTSIDE, False),
        (make_claim(0.5, holds="value > 0", upheld=True), make_claim(3.0, holds="value > 0", upheld=True), Verdict.MOVED, False),
        (make_claim(0.5, holds="value > 0", upheld=True), make_claim(-3.0, holds="value > 0", upheld=False), Verdict.CHANGED, True),
        (
            make_claim(0.5, prediction=(0.4, 0.6), holds="low > 0", upheld=True),
            make_claim(0.5, holds="low > 0", upheld=False),
            Verdict.CHANGED,
            True,
        ),
        (make_claim(0.5), make_claim(0.6), Verdict.UNVERIFIED, False),
        (make_claim(0.5), make_claim(0.5), Verdict.EXACT, False),
    ],
)
def test_another_seed(then, now, verdict, lost):
    (comparison,) = compare_fresh_seeds(make_observation(then), make_observation(now), {"rate"} if then.upheld else set())
    assert (comparison.verdict, comparison.lost) == (verdict, lost), comparison


def test_a_statement_that_the_record_does_not_uphold_cannot_be_lost():
    then, now = make_claim(0.5, prediction=(0.4, 0.6), holds="low > 0", upheld=True), make_claim(0.45, holds="low > 0", upheld=False)
    (comparison,) = compare_fresh_seeds(make_observation(then), make_observation(now), set())
    assert (comparison.verdict, comparison.lost, comparison.upheld) == (Verdict.WITHIN, False, False)
    assert comparison.details[0] == "the statement does not hold in this draw: low > 0; the record does not uphold it"


STATEMENT = "low > 0.1 and value < other.high"


@pytest.mark.parametrize("compare", [compare_observations, lambda then, now: compare_fresh_seeds(then, now, {"rate"})])
def test_a_statement_that_fails_shows_the_numbers_that_it_compared(compare):
    other = Claim("other", 0.7, 1, ".0%", low=0.6, high=0.8)
    then = make_observation(make_claim(0.5, low=0.2, high=0.6, holds=STATEMENT, upheld=True))
    now = make_observation(make_claim(0.4, low=-0.125, high=0.6, holds=STATEMENT, upheld=False))
    then, now = (replace(side, claims={**side.claims, "other": other}) for side in (then, now))
    rate = next(comparison for comparison in compare(then, now) if comparison.name == "rate")
    assert STATEMENT in rate.details[0]
    assert rate.details[1] == "low is −0.125, recorded 0.2; value is 0.4, recorded 0.5; other.high is 0.8, recorded 0.8"
    again = next(comparison for comparison in compare(now, then) if comparison.name == "rate")
    assert again.details[1] == "low is 0.2, recorded −0.125; value is 0.5, recorded 0.4; other.high is 0.8, recorded 0.8"


def test_numbers_of_a_statement_that_the_record_does_not_have_are_shown_alone():
    then = make_observation(make_claim(0.5, holds="value < other", upheld=True))
    now = make_observation(make_claim(0.5, holds="value < other", upheld=False))
    now = replace(now, claims={**now.claims, "other": Claim("other", 0.25, 1, ".0%")})
    details = {comparison.name: comparison.details for comparison in compare_observations(then, now)}["rate"]
    assert details[1] == "value is 0.5, recorded 0.5; other is 0.25"


def test_another_seed_must_yield_the_same_claims():
    assert [comparison.verdict for comparison in compare_fresh_seeds(make_observation(make_claim()), make_observation(), set())] == [
        Verdict.MISSING
    ]


# -- replicates --------------------------------------------------------------------------------------------------------------------------

SEEDS = (0.1, 0.2, 0.3, 0.4, 0.9)


def claim_of_seeds(values, **fields):
    mean = sum(values) / len(values)
    return make_claim(mean, replicates=tuple(values), n=len(values), low=mean - 0.2, high=mean + 0.2, **fields)


@pytest.mark.parametrize(
    ("now", "verdict", "said"),
    [
        (SEEDS, Verdict.EXACT, ""),
        (SEEDS[::-1], Verdict.CHANGED, "replicate 1 is 0.9, recorded 0.1: moved by 0.8, allowed 0.005; 4 of 5 differ"),
        (
            (0.104, 0.2, 0.3, 0.4, 0.8996),
            Verdict.WITHIN,
            "replicate 1 is 0.104, recorded 0.1: moved by 0.004, allowed 0.005; 2 of 5 differ",
        ),
        ((0.2, 0.1, 0.3, 0.4, 0.9), Verdict.CHANGED, "replicate 1 is 0.2, recorded 0.1: moved by 0.1, allowed 0.005; 2 of 5 differ"),
        ((float("nan"), 0.2, 0.3, 0.4, 0.9), Verdict.CHANGED, "replicate 1 is nan, recorded 0.1: moved by inf, allowed 0.005"),
    ],
    ids=["same", "reversed", "a little", "two swapped", "one lost"],
)
def test_replicates_are_compared_seed_by_seed(now, verdict, said):
    then = claim_of_seeds(SEEDS, format=".2f")
    comparison = compare_claims(then, replace(then, replicates=tuple(now)))
    assert comparison.verdict is verdict, comparison
    assert comparison.details == ((said,) if said else ())


def test_replicates_that_moved_under_a_statement_are_told_as_moved():
    then = claim_of_seeds(SEEDS, format=".2f", holds="low > 0", upheld=True)
    comparison = compare_claims(then, replace(then, replicates=SEEDS[::-1]))
    assert (comparison.verdict, comparison.moved) == (Verdict.MOVED, pytest.approx(0.8))


def test_replicates_that_are_gone_or_new_are_a_change():
    then = claim_of_seeds(SEEDS, format=".2f")
    assert compare_claims(then, replace(then, replicates=None)).details == ("replicates are gone",)
    assert compare_claims(replace(then, replicates=None), then).details == ("replicates are new",)


# -- tables ------------------------------------------------------------------------------------------------------------------------------


def make_table(frame, tolerance=None):
    data = TableData.from_json(read_frame(frame, "table 't'", {}).as_json())
    return Table("t", 1, "c", data, tolerance)


FRAME = pd.DataFrame({"name": ["a", "b", None], "x": [1.0, 2.0, float("nan")], "n": [1, 2, 3], "ok": [True, False, True]})


def changed_frame(**columns):
    return FRAME.assign(**columns)


@pytest.mark.parametrize(
    ("frame", "named"),
    [
        (changed_frame(x=[1.0, 2.00001, float("nan")]), ["column 'x', row 2", "2.00001", "recorded 2"]),
        (changed_frame(x=[1.0, 2.0, 3.0]), ["column 'x', row 3", "recorded missing"]),
        (changed_frame(x=[1.0, float("nan"), float("nan")]), ["column 'x', row 2", "is missing"]),
        (changed_frame(name=["a", "c", None]), ["column 'name', row 2", "is c, recorded b"]),
        (changed_frame(n=[1, 2, 4]), ["column 'n', row 3"]),
        (changed_frame(n=[1.0, 2.0, 3.0]), ["column 'n' holds float, recorded integer"]),
        (changed_frame(ok=[True, True, True]), ["column 'ok', row 2"]),
        (FRAME[["x", "name", "n", "ok"]], ["columns are in another order"]),
        (FRAME.rename(columns={"x": "y"}), ["columns are others"]),
        (FRAME.iloc[:2], ["has 2 rows, recorded 3"]),
        (FRAME.iloc[::-1].reset_index(drop=True), ["row 1"]),
        (FRAME.set_index("name"), ["columns"]),
    ],
)
def test_a_changed_table_names_the_cell(frame, named):
    comparison = compare_tables(make_table(FRAME), make_table(frame))
    text = "\n".join(comparison.details)
    assert comparison.verdict is Verdict.CHANGED
    assert all(part in text for part in named), text


def test_tables_move_within_the_default_and_a_stated_tolerance():
    near = changed_frame(x=[1.0, 2.000001, float("nan")])
    assert compare_tables(make_table(FRAME), make_table(FRAME.copy())).verdict is Verdict.EXACT
    assert compare_tables(make_table(FRAME), make_table(near)).verdict is Verdict.WITHIN
    stated = Tolerance(0.01, "m")
    assert (
        compare_tables(make_table(FRAME, stated), make_table(changed_frame(x=[1.0, 2.01, float("nan")]), stated)).verdict is Verdict.WITHIN
    )


@pytest.mark.parametrize(
    "frame",
    [
        pd.DataFrame(),
        pd.DataFrame({"a": []}),
        pd.DataFrame([[1, 2]], columns=["a", "a"]),
        pd.DataFrame({("p", "q"): [1], ("p", "r"): [2]}),
        pd.DataFrame({"a": [1, 2]}, index=pd.MultiIndex.from_tuples([("x", 1), ("y", 2)], names=["k", None])),
        pd.DataFrame({"t": pd.to_datetime(["2026-01-01", None])}),
        pd.DataFrame({"c": pd.Categorical(["u", "v"])}),
        pd.DataFrame({"i": pd.array([1, None], dtype="Int64")}),
        pd.DataFrame({"o": [1, "x"]}),
        pd.DataFrame({"a": [1]}, index=["row"]),
    ],
    ids=[
        "empty",
        "no rows",
        "twin columns",
        "column levels",
        "index levels",
        "times",
        "categories",
        "missing integers",
        "mixed",
        "named row",
    ],
)
def test_odd_frames_equal_themselves(frame):
    assert compare_tables(make_table(frame), make_table(frame)).verdict is Verdict.EXACT


def test_formats_must_name_columns():
    with pytest.raises(AuthorError, match="unknown column 'y'"):
        read_frame(FRAME, "table 't'", {"y": ".2f"})


def test_limits_that_the_author_set_scale_a_difference():
    """A tenth is a tenth of limits from 0 to 1, and a thousandth of limits from 0 to 100, whatever the data span."""
    for limits, share in (((0.0, 1.0), 0.1), ((0.0, 100.0), 0.001), (None, 0.2)):
        plain = AxisData("x", "linear", None, False, None)
        mark = Mark("line", "A", 0, {"x": [0.0, 1.0], "y": [0.2, 0.7]}, {})
        ranges = AxisRanges(AxesData("", "plain", plain, replace(plain, limits=limits), (mark,), ()))
        assert ranges.relative_distances(np.array([0.2]), np.array([0.3]), "y") == pytest.approx([share])
