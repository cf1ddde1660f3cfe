"""How numbers are printed, what a printed digit allows, and what JSON makes of NaN."""

import json
import math
from pathlib import Path

import pytest

from labnotes.model.claims import Claim, distance_text, format_value, half_of_last_digit, movement_text, spoken_name
from labnotes.model.encoding import decode_value, encode_value
from labnotes.model.quantities import Tolerance
from labnotes.model.tables import Column, TableData
from labnotes.model.verdicts import Outcome, ResultTone, Verdict


@pytest.mark.parametrize(
    ("value", "spec", "half"),
    [
        (0.79, ".0%", 0.005),
        (0.794, ".1%", 0.0005),
        (12.3, ".1f", 0.05),
        (1204, ",d", 0.5),
        (0, "d", 0.5),
        (-0.5, ".2f", 0.005),
        (1.2e-5, ".1e", 5e-7),
        (1.2e-5, ".1E", 5e-7),
        (3e6, ".0e", 5e5),
        (math.nan, ".3g", 0.0),
        (math.inf, ".2f", 0.0),
        # formats of significant digits print fewer than they stand for
        (0.5, ".3g", 0.0005),
        (1.0, ".3g", 0.005),
        (2.0, ".3", 0.005),
        (123456.0, ".3g", 500.0),
        (1e9, ".3g", 5e6),
        (0.0, ".3g", 0.0),
        (0.0, ".0e", 0.0),
        (1.5, "", 5e-12),
    ],
)
def test_the_last_printed_digit_gives_the_default_tolerance(value, spec, half):
    assert half_of_last_digit(value, spec) == pytest.approx(half, rel=1e-12)


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [
        (0.794, ".0%", "79%"),
        (-0.5, ".2f", "\N{MINUS SIGN}0.50"),
        (True, "", "yes"),
        (False, "", "no"),
        (1204, ",d", "1,204"),
        (1e-5, ".2g", "1e-05"),
    ],
)
def test_values_are_printed_by_their_format(value, spec, text):
    assert format_value(value, spec) == text


@pytest.mark.parametrize(
    ("value", "spec", "text"),
    [(-0.002, ".0%", "0%"), (-0.0, ".1f", "0.0"), (-0.04, ".1f", "0.0"), (-0.0, ".2e", "0.00e+00"), (-0.06, ".1f", "\N{MINUS SIGN}0.1")],
)
def test_what_is_printed_as_zero_has_no_sign(value, spec, text):
    assert format_value(value, spec) == text


@pytest.mark.parametrize(
    ("value", "spec", "tolerance", "text"),
    [
        (0.48, ".0%", None, "± 0.5 points"),
        (0.4812, ".1%", None, "± 0.05 points"),
        (0.48, ".0%", 0.01, "± 1 point"),
        (0.48, ".0%", 0.05, "± 5 points"),
        (12.3, ".1f", None, "± 0.05"),
        (2_000_000.0, ",.0f", 1500.0, "± 1,500"),
    ],
)
def test_a_tolerance_is_said_in_the_unit_in_which_the_claim_is_printed(value, spec, tolerance, text):
    stated = Tolerance(tolerance, "measured") if tolerance else None
    assert movement_text(Claim("rate", value, 1, spec, tolerance=stated)) == text


def test_a_distance_of_no_unit_is_a_bare_number():
    assert [distance_text(0.13, ".0%"), distance_text(0.13, ".2f")] == ["13 points", "0.13"]


def test_the_name_of_a_claim_in_words():
    assert [spoken_name(name) for name in ("at_tag_bad", "_x", "_", "p2")] == ["At tag bad", "X", "_", "P2"]


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf, 0.1, 3, True])
def test_a_claim_survives_strict_json(value):
    claim = Claim("c", value, 1, ".3g" if isinstance(value, float) else "d", low=math.nan, high=math.inf, tolerance=Tolerance(0.1, "why"))
    text = json.dumps(encode_value(claim), allow_nan=False)
    back = decode_value(Claim, json.loads(text), apart={"name": "c"})
    assert repr(back) == repr(claim)


def test_a_table_survives_strict_json():
    table = TableData((Column("x", "float", (1.5, math.nan, math.inf)), Column("NaN", "text", ("NaN", None, "Infinity"))), 1)
    assert repr(TableData.from_json(json.loads(json.dumps(table.as_json(), allow_nan=False)))) == repr(table)


def test_encoding_leaves_text_alone():
    assert encode_value({"a": ["NaN", math.nan, (1, "b")]}) == {"a": ["NaN", "NaN", [1, "b"]]}


def test_the_documents_show_the_table_of_outcomes_that_code_and_pages_go_by():
    page = (Path(__file__).parents[3] / "docs" / "checking.md").read_text()
    block = page[page.index("| outcome | when |") : page.index("Beside any of these the record may be")]
    rows = [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in block.strip().splitlines()[2:]]
    made = [(outcome.value, outcome.when, str(outcome.exit_status), f"{outcome.tone.value}: {outcome.badge}") for outcome in Outcome]
    assert rows == made


def test_only_what_agrees_is_green_and_no_failure_is():
    assert {outcome for outcome in Outcome if outcome.tone is ResultTone.GREEN} == {outcome for outcome in Outcome if outcome.is_agreement}
    assert not any(outcome.exit_status for outcome in Outcome if outcome.is_agreement)
    assert {verdict for verdict in Verdict if verdict.tone is ResultTone.GREEN} <= {verdict for verdict in Verdict if verdict.is_agreement}
    assert {verdict for verdict in Verdict if verdict.is_failure} == {verdict for verdict in Verdict if verdict.tone is ResultTone.RED}
    assert len({verdict.sign for verdict in Verdict}) == len(Verdict)
