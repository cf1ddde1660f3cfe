"""The numbers that a statement compared, recorded and now, in words: what one looks for when a statement no longer holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from labnotes.model.claims import Claim
from labnotes.model.comparison import Comparison, number_text
from labnotes.model.observation import Observation
from labnotes.model.quantities import QuantityKind
from labnotes.model.statements import compared_numbers, parse_statement


def statement_numbers_text(name: str, recorded: Mapping[str, Claim], observed: Mapping[str, Claim]) -> str:
    """Such as "low is -0.1, recorded 0.2; baseline.high is 0.3, recorded 0.3", for the statement that a run's claim makes; "" if it makes none.

    What the record does not hold is left out of the text.
    """
    now = observed[name]
    if now.holds is None:
        return ""
    statement = parse_statement(now.holds, f"claim {name!r}")
    then = recorded.get(name)
    numbers = compared_numbers(statement, now, observed)
    before = compared_numbers(statement, then, recorded) if then is not None else {}
    return "; ".join(
        f"{operand} is {number_text(number)}" + (f", recorded {number_text(before[operand])}" if before.get(operand) is not None else "")
        for operand, number in numbers.items()
    )


def with_statement_numbers(comparison: Comparison, recorded: Observation, observed: Observation) -> Comparison:
    """Return the comparison with the numbers behind a statement that does not hold, or that holds though it was recorded as not holding."""
    then, now = recorded.claims.get(comparison.name), observed.claims.get(comparison.name)
    if comparison.kind is not QuantityKind.CLAIM or then is None or now is None or now.holds is None:
        return comparison
    if now.upheld is not False and then.upheld is not False:
        return comparison
    text = statement_numbers_text(comparison.name, recorded.claims, observed.claims)
    told = [detail for detail in comparison.details if now.holds in detail]
    if not text or not told:
        return comparison
    at = comparison.details.index(told[0]) + 1
    return replace(comparison, details=(*comparison.details[:at], text, *comparison.details[at:]))
