"""What the replicates of a claim give: mean, interval, prediction. Computed where the claim is made, and again by whoever judges the run."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from labnotes.errors import AuthorError
from labnotes.model.claims import Claim
from labnotes.model.shares import predicted_shares, wilson_interval
from labnotes.model.statements import parse_statement, statement_holds


@dataclass(frozen=True)
class ClaimNumbers:
    """The fields of a Claim that its numbers give."""

    value: bool | int | float
    low: float | None = None
    high: float | None = None
    n: int | None = None
    replicates: tuple[float, ...] | None = None
    prediction: tuple[float, float] | None = None


def numbers_from_replicates(numbers: Sequence[bool | int | float]) -> ClaimNumbers:
    """Mean, its 95 % t interval, and the 95 % prediction interval for the mean of as many new replicates, of which there is at least one.

    mean ± t(n-1) s/√n, and mean ± t(n-1) s √(1/n + 1/n); no interval for a single value or values that are not finite. Of replicates that are
    yes or no (bool, or whole numbers that are all 0 or 1) the intervals are those of a share, which lie within 0 and 1.
    """
    values, n = tuple(map(float, numbers)), len(numbers)
    if n > 1 and all(isinstance(number, int) and number in (0, 1) for number in numbers):  # a bool is an int
        yes = sum(map(int, numbers))
        return ClaimNumbers(yes / n, *wilson_interval(yes, n), n, values, predicted_shares(yes, n))
    mean = math.fsum(values) / n
    if n == 1 or not all(math.isfinite(v) for v in values):
        return ClaimNumbers(mean, n=n, replicates=values)
    from scipy.special import stdtrit

    deviation = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1))
    half = float(stdtrit(n - 1, 0.975)) * deviation / math.sqrt(n)
    wide = half * math.sqrt(2)
    return ClaimNumbers(mean, mean - half, mean + half, n, values, (mean - wide, mean + wide))


def claim_faults(claim: Claim, others: Mapping[str, Claim]) -> Iterator[str]:
    """Yield what a claim says of itself that its own numbers do not give. `others` are the claims that its statement may name.

    A run's process states values; what follows from them is not for it to say.
    """
    if claim.replicates is None:
        if claim.n is not None or claim.prediction is not None:
            yield "has a number of replicates or a prediction, and no replicates"
        if (claim.low is None) != (claim.high is None):
            yield "has one end of an interval"
    elif not claim.replicates:
        yield "has no replicates"
    elif not any(_has_numbers(claim, numbers) for numbers in _possible_numbers(claim.replicates)):
        yield "has a mean, an interval or a prediction that its replicates do not give"
    try:
        assert claim.printed_value
    except ValueError as error:
        yield f"has a format that does not fit: {error}"
    if claim.holds is None:
        if claim.upheld is not None:
            yield "is said to be upheld, and states nothing"
        return
    try:
        upheld = statement_holds(parse_statement(claim.holds, ""), claim, others, "")
    except AuthorError as error:
        yield f"states what cannot be judged: {error.problems[0].what}"
        return
    if upheld is not claim.upheld:
        said, is_so = ("holds", "does not hold") if claim.upheld else ("does not hold", "holds")
        yield f"is published with the word that its statement {claim.holds!r} {said}; by its numbers it {is_so}"


CLOSE = 1e-9
"""How far an end of an interval may lie from what the replicates give, relative to their size: records keep twelve digits."""


def edited_interval(claim: Claim) -> str:
    """What a recorded claim says of its interval or prediction and its replicates do not give, in words; "" if nothing is wrong."""
    if not claim.replicates or not all(map(math.isfinite, claim.replicates)):
        return ""
    size = max(map(abs, claim.replicates))

    def ends_of(numbers: Claim | ClaimNumbers) -> tuple[float | None, ...]:
        return numbers.low, numbers.high, *(numbers.prediction or (None, None))

    def is_alike(end: float | None, given: float | None) -> bool:
        if end is None or given is None:
            return end is given
        return math.isclose(end, given, rel_tol=CLOSE, abs_tol=CLOSE * size)

    possible = [ends_of(numbers) for numbers in _possible_numbers(claim.replicates)]
    if any(all(map(is_alike, ends_of(claim), ends)) for ends in possible):
        return ""
    says, gives = (" ".join("none" if end is None else f"{end:g}" for end in ends) for ends in (ends_of(claim), possible[0]))
    return f"the record says interval and prediction {says}, its replicates give {gives}"


def _possible_numbers(replicates: Sequence[float]) -> Iterator[ClaimNumbers]:
    """Yield what replicates give: as numbers, and as yes and no, if they may be that. Which of the two they were is not published."""
    yield numbers_from_replicates([float(value) for value in replicates])
    if all(value in (0.0, 1.0) for value in replicates):
        yield numbers_from_replicates([bool(value) for value in replicates])


def _has_numbers(claim: Claim, numbers: ClaimNumbers) -> bool:
    """Whether a claim has these numbers, to the bit; NaN is the same as NaN."""

    def as_text(value: object) -> str:
        return repr(tuple(value)) if isinstance(value, tuple | list) else repr(value)

    fields = ("value", "low", "high", "n", "prediction")
    return all(as_text(getattr(claim, name)) == as_text(getattr(numbers, name)) for name in fields)
