"""Statements about intervals of replicates that were stated together, and which of them are upheld after correction for how many there were.

A 95 % interval that stays above zero errs in 2.5 % of cases where there is nothing. Of 26 such statements one is expected to hold by chance with
a probability of about one half. So the statements of a note, or those that `claim(..., family=...)` names alike, are one family: each has the p-value of
the one-sided test behind its interval (the t test, of shares of yes the score test), and Holm's method decides which are upheld while any false one is upheld in at most 2.5 % of cases.
"""

from __future__ import annotations

import ast
import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from labnotes.model.claims import Claim
from labnotes.model.shares import score_test_p, wilson_interval
from labnotes.model.statements import claim_reference, constant_value, parse_statement

LEVEL = 0.025
"""The chance that a family upholds anything false: that of one end of a 95 % interval."""


@dataclass(frozen=True)
class StatementStanding:
    """The standing of one statement in its family of `stated` statements.

    `holds` says whether it holds by itself, `p` is the p-value of its t test, `adjusted` the same after Holm's correction.
    """

    family: str | None
    stated: int
    holds: bool
    p: float
    adjusted: float

    @property
    def is_upheld(self) -> bool:
        """Whether it holds after correction."""
        return self.holds and self.adjusted <= LEVEL

    @property
    def standing_text(self) -> str:
        """The standing in words: "upheld among 26", "holds by itself; not among 26", "does not hold"; of one stated alone "holds"."""
        if not self.holds:
            return "does not hold"
        if self.stated == 1:
            return "holds"
        return f"upheld among {self.stated}" if self.is_upheld else f"holds by itself; not among {self.stated}"


def statement_standings(claims: Mapping[str, Claim], stated: int = 0) -> dict[str, StatementStanding]:
    """The standing of each claim that states something about the interval of its own replicates.

    `stated` is how many such statements the note made, where that is more than `claims` hold: those that are missing did not hold.
    """
    tested = {name: p for name, claim in claims.items() if (p := statement_p(claim, claims)) is not None}
    families: dict[str | None, list[str]] = defaultdict(list)
    for name in tested:
        families[claims[name].family].append(name)
    standing_by_name: dict[str, StatementStanding] = {}
    for family, names in families.items():
        size = max(len(names), stated if family is None else 0)
        adjusted = holm_adjusted([tested[name] for name in names], size)
        for name, corrected in zip(names, adjusted, strict=True):
            standing_by_name[name] = StatementStanding(family, size, bool(claims[name].upheld), tested[name], corrected)
    return standing_by_name


def upheld_in_record(claims: Mapping[str, Claim], stated: int) -> set[str]:
    """The claims whose statements a record upholds: after correction where they are about intervals of replicates, else by themselves."""
    corrected = statement_standings(claims, stated)
    return {name for name, claim in claims.items() if (corrected[name].is_upheld if name in corrected else claim.upheld)}


def statement_p(claim: Claim, claims: Mapping[str, Claim]) -> float | None:
    """The p-value of the one-sided t test behind a statement such as "low > 0" or "high < 0.5"; of several joined by "and", the largest.

    None for a statement that is about no end of an interval of replicates, or says that the interval reaches somewhere ("low < 0").
    """
    if claim.holds is None or claim.replicates is None or claim.low is None or claim.high is None or len(claim.replicates) < 2:
        return None
    statement = parse_statement(claim.holds, f"claim {claim.name!r}")
    p_values: list[float] = []
    for comparison in statement.comparisons:
        nodes = (comparison.left, *comparison.comparators)
        for left, op, right in zip(nodes, comparison.ops, nodes[1:], strict=False):
            if not _own_end(left) and not _own_end(right):
                continue
            lower, upper = (right, left) if isinstance(op, ast.Gt | ast.GtE) else (left, right)
            if isinstance(op, ast.Eq | ast.NotEq):
                return None
            if _own_end(upper) == "low" and not _own_end(lower):
                p_values.append(_one_sided_p(claim, _node_value(lower, claim, claims), above=True))
            elif _own_end(lower) == "high" and not _own_end(upper):
                p_values.append(_one_sided_p(claim, _node_value(upper, claim, claims), above=False))
            else:
                return None
    return max(p_values, default=None)


def holm_adjusted(ps: list[float], size: int | None = None) -> list[float]:
    """The p-values, in their order, adjusted by Holm's method; `size` is that of the family, if it has more members, of larger p-values."""
    count = size or len(ps)
    order = sorted(range(len(ps)), key=lambda i: ps[i])
    adjusted, highest = [0.0] * len(ps), 0.0
    for rank, i in enumerate(order):
        highest = max(highest, min(1.0, (count - rank) * ps[i]))
        adjusted[i] = highest
    return adjusted


def _own_end(node: ast.expr) -> str:
    """ "low" or "high" if a node is that end of the claim's own interval, else ""."""
    if not isinstance(node, ast.Name):
        return ""
    return node.id if node.id in ("low", "high") else ""


def _node_value(node: ast.expr, claim: Claim, claims: Mapping[str, Claim]) -> float:
    number = constant_value(node)
    if number is not None:
        return number
    name, field = claim_reference(node)
    value = getattr(claims[name] if name else claim, field)
    return float(value) if value is not None else math.nan


def _one_sided_p(claim: Claim, bound: float, *, above: bool) -> float:
    """The p-value of the one-sided test that the mean of the replicates lies above (or below) `bound`: the t test, or of the share of yes
    the score test, whichever is behind the claim's interval."""
    from scipy.special import stdtr

    values = claim.replicates or ()
    n = len(values)
    if set(values) <= {0.0, 1.0} and _is_wilson(claim, int(sum(values)), n):
        return score_test_p(int(sum(values)), n, bound, above=above)
    mean = math.fsum(values) / n
    distance = (mean - bound) if above else (bound - mean)
    error = math.sqrt(math.fsum((value - mean) ** 2 for value in values) / (n - 1) / n)
    if not math.isfinite(distance) or not math.isfinite(error):
        return 1.0
    if error == 0:
        return 0.0 if distance > 0 else 1.0
    return float(stdtr(n - 1, -distance / error))


def _is_wilson(claim: Claim, yes: int, n: int) -> bool:
    """Whether a claim's interval is that of a share of yes; zeros and ones that were given as numbers have a t interval."""
    ends = zip((claim.low, claim.high), wilson_interval(yes, n), strict=True)
    return all(end is not None and math.isclose(end, other, abs_tol=1e-9) for end, other in ends)
