"""Statements hold or not by comparison alone; anything else is refused with an example."""

import math

import pytest

from labnotes.errors import AuthorError
from labnotes.model.claims import Claim
from labnotes.model.statements import parse_statement, statement_holds

OWN = Claim("gap", 0.3, 1, ".2f", low=0.1, high=0.5, n=5)
OTHERS = {"baseline": Claim("baseline", 0.2, 1, ".2f", low=0.15, high=0.25)}


@pytest.mark.parametrize(
    ("text", "truth"),
    [
        ("low > 0", True),
        ("low > 0.1", False),
        ("value >= 0.3", True),
        ("0.2 < value < 0.4", True),
        ("0.2 < value < 0.3", False),
        ("value > baseline", True),
        ("low > baseline.high", False),
        ("n >= 5 and high < 0.6", True),
        ("n >= 5 and high < 0.4", False),
        ("-1 < value", True),
        ("value != 0", True),
    ],
)
def test_statements_compare_values(text, truth):
    assert statement_holds(parse_statement(text, "claim"), OWN, OTHERS, "claim") is truth


def test_nothing_holds_of_nan():
    lost = Claim("gap", math.nan, 1, ".2f")
    assert not statement_holds(parse_statement("value > 0", "claim"), lost, {}, "claim")
    assert not statement_holds(parse_statement("value <= 0", "claim"), lost, {}, "claim")


@pytest.mark.parametrize(
    ("text", "part"),
    [
        ("low >", "does not parse"),
        ("low > 0 or high < 0", "no comparison"),
        ("__import__('os').system('true') > 0", "no number, claim or field"),
        ("low", "no comparison"),
        ("low + 1 > 0", "no number, claim or field"),
        ("baseline.secret > 0", "no number, claim or field"),
        ("value in 3", "other than"),
        ("'a' < value", "no number, claim or field"),
        ("", "does not parse"),
    ],
)
def test_anything_but_comparisons_is_refused(text, part):
    with pytest.raises(AuthorError, match=part) as caught:
        parse_statement(text, "claim 'gap'")
    assert "claim 'gap'" in str(caught.value)
    assert 'holds="' in str(caught.value)


def test_an_unknown_claim_is_named_with_the_known_ones():
    with pytest.raises(AuthorError, match=r"unknown claim 'baselin'[\s\S]*did you mean 'baseline'"):
        statement_holds(parse_statement("value > baselin", "claim"), OWN, OTHERS, "claim")


def test_a_missing_interval_is_named():
    with pytest.raises(AuthorError, match="'low', but claim 'gap' has none"):
        statement_holds(parse_statement("low > 0", "claim"), Claim("gap", 1.0, 1, ".2f"), {}, "claim")
