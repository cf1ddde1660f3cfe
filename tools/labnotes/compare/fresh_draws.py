"""A run that is a fresh draw: with other seeds, or with other CPU kernels, under which whatever trains goes another way.

Its numbers are not those of the record, and a tolerance wide enough for them could hardly fail. So what hangs on training is judged as fresh seeds are:
statements that the record upholds must hold again, and means must lie in the prediction intervals of their replicates, of which one in twenty may
miss; it is the number of misses that is judged. Figures and tables of such values are drawn anew: shown beside the recorded ones, counted apart.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import replace

from labnotes.compare.claims import is_equal, made_comparison
from labnotes.compare.figures import sorted_differences
from labnotes.compare.statement_numbers import with_statement_numbers
from labnotes.compare.tables import is_same_shape
from labnotes.model.claims import Claim, format_value
from labnotes.model.comparison import MISS, Comparison, IntervalMisses, number_text
from labnotes.model.observation import Observation
from labnotes.model.plots import Figure
from labnotes.model.quantities import QuantityKind
from labnotes.model.tables import Table
from labnotes.model.verdicts import Outcome, Verdict

Trained = Callable[[QuantityKind, str], bool]
"""Whether a quantity, by its kind and name, hangs on training."""


def count_misses(comparisons: Sequence[Comparison]) -> IntervalMisses:
    """Count the misses among all comparisons that were judged by a prediction interval."""
    judged = [
        comparison.verdict for comparison in comparisons if comparison.drawn and comparison.verdict in (Verdict.WITHIN, Verdict.OUTSIDE)
    ]
    outside = judged.count(Verdict.OUTSIDE)
    if not judged:
        return IntervalMisses(0, 0, 1.0)
    from scipy.special import bdtrc

    return IntervalMisses(outside, len(judged), float(bdtrc(outside - 1, len(judged), MISS)) if outside else 1.0)


def judged_outcome(comparisons: Sequence[Comparison]) -> Outcome:
    """The outcome of a check whose run finished."""
    if not comparisons:
        return Outcome.NOTHING
    if any(comparison.lost for comparison in comparisons):
        return Outcome.STATEMENT_LOST
    if any(comparison.verdict.is_failure for comparison in comparisons):
        return Outcome.DIFFERS
    if count_misses(comparisons).are_too_many:
        return Outcome.TOO_MANY_MISSES
    return Outcome.FRESH_DRAW if any(comparison.drawn for comparison in comparisons) else Outcome.AGREES


def compare_fresh_seeds(recorded: Observation, observed: Observation, upheld: Set[str]) -> list[Comparison]:
    """Compare a run with other seeds: every claim as a fresh draw. Figures and tables are not compared.

    `upheld` are the claims whose statements the record upholds. A claim with neither statement nor replicates cannot be judged by other seeds.
    """
    comparisons = []
    for name in sorted({*recorded.claims, *observed.claims}):
        then, now = recorded.claims.get(name), observed.claims.get(name)
        if then is None or now is None:
            verdict, cell = (Verdict.MISSING, then.cell) if then else (Verdict.NEW, now.cell if now else 0)
            comparisons.append(Comparison(kind=QuantityKind.CLAIM, name=name, verdict=verdict, cell=cell))
            continue
        judged = _judged_claim(then, now, is_upheld=name in upheld)
        if judged.verdict is Verdict.DRAWN_ANEW:
            same = is_equal(then.value, now.value)
            text = "no statement and no replicates: other seeds say nothing about it"
            judged = replace(
                judged,
                verdict=Verdict.EXACT if same else Verdict.UNVERIFIED,
                details=() if same else (text,),
                drawn=False,
            )
        comparisons.append(with_statement_numbers(judged, recorded, observed))
    return comparisons


def as_fresh_draw(comparison: Comparison, recorded: Observation, observed: Observation, trained: Trained, upheld: Set[str]) -> Comparison:
    """Return a comparison between runs on different CPU kernels, judged as a fresh draw if the quantity hangs on training and differs.

    What is equal stays so, and so does what was defined otherwise: another statement, other words, another number of seeds or of rows.
    """
    then, now = (side.quantities_of(comparison.kind).get(comparison.name) for side in (recorded, observed))
    if then is None or now is None or not trained(comparison.kind, comparison.name):
        return _without_loss(comparison, upheld)
    if comparison.verdict in (Verdict.EXACT, Verdict.NOISE, Verdict.WITHIN):
        return comparison
    if isinstance(then, Claim) and isinstance(now, Claim):
        if then.holds != now.holds or then.n != now.n or isinstance(then.value, bool) != isinstance(now.value, bool):
            return comparison
        return _judged_claim(then, now, is_upheld=comparison.name in upheld)
    if comparison.verdict is not Verdict.CHANGED:
        return comparison
    if isinstance(then, Figure) and isinstance(now, Figure):
        other = [difference.what for difference in sorted_differences(then, now) if not difference.is_value]
        return replace(comparison, details=tuple(other)) if other else replace(comparison, verdict=Verdict.DRAWN_ANEW, drawn=True)
    assert isinstance(then, Table)
    assert isinstance(now, Table)
    return replace(comparison, verdict=Verdict.DRAWN_ANEW, drawn=True) if is_same_shape(then.data, now.data) else comparison


def _without_loss(comparison: Comparison, upheld: Set[str]) -> Comparison:
    """Return the comparison, in which a statement counts as lost only if the record upholds it."""
    return replace(comparison, lost=False) if comparison.lost and comparison.name not in upheld else comparison


def _judged_claim(then: Claim, now: Claim, *, is_upheld: bool) -> Comparison:
    verdict = Verdict.DRAWN_ANEW
    details = []
    if now.holds is not None:
        words = "holds" if now.upheld else "does not hold"
        details.append(f"the statement {words} in this draw: {now.holds}" + ("" if is_upheld else "; the record does not uphold it"))
        if now.upheld:
            verdict = Verdict.MOVED
    if then.prediction is not None and not isinstance(now.value, bool):
        low, high = then.prediction
        inside = low <= now.value <= high
        verdict = Verdict.WITHIN if inside else Verdict.OUTSIDE
        details.append(
            f"mean {number_text(now.value)} lies {'inside' if inside else 'outside'} the prediction interval {number_text(low)} to {number_text(high)}"
        )
    lost = is_upheld and now.upheld is False
    if lost:
        verdict = Verdict.CHANGED
    judged = made_comparison(verdict, then, now, details)
    return replace(judged, lost=lost, drawn=True, tolerance=fresh_draw_text(then), because="")


def fresh_draw_text(claim: Claim) -> str:
    """What a fresh draw of a claim is judged by: its statement, and where its mean is expected, as it is printed."""
    parts = [claim.holds] if claim.holds else []
    if claim.prediction is not None:
        low, high = (format_value(side, claim.format) for side in claim.prediction)
        parts.append(f"a fresh draw may give {low} to {high}")
    return "; ".join(parts) or "a fresh draw is shown, not judged"
