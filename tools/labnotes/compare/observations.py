"""Compare a recorded observation with an observed one: a verdict for every claim, figure and table, with the worst difference named."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from typing import TypeVar

from labnotes.compare.claims import compare_claims
from labnotes.compare.envelope import with_envelope
from labnotes.compare.figures import compare_figures
from labnotes.compare.fresh_draws import Trained, as_fresh_draw
from labnotes.compare.pictures import with_picture
from labnotes.compare.statement_numbers import with_statement_numbers
from labnotes.compare.tables import compare_tables
from labnotes.compare.ties import with_tie
from labnotes.model.audit import NoiseEnvelope
from labnotes.model.claims import Claim, half_of_last_digit
from labnotes.model.comparison import Comparison
from labnotes.model.observation import Observation
from labnotes.model.plots import Figure
from labnotes.model.quantities import DEFAULT_SHARE, QuantityKind, Tolerance
from labnotes.model.tables import Table
from labnotes.model.verdicts import Verdict

Q = TypeVar("Q", Claim, Figure, Table)


@dataclass(frozen=True)
class ComparisonRules:
    """Rules of a comparison besides the record: what an audit measured, which quantities hang on training, and which claims' statements the
    record upholds (None: all that hold in it)."""

    envelope: NoiseEnvelope | None = None
    trained: Trained = lambda kind, name: False
    upheld: Set[str] | None = None


def compare_observations(recorded: Observation, observed: Observation, rules: ComparisonRules = ComparisonRules()) -> list[Comparison]:
    """Compare every quantity of either side, in the order claims, figures, tables, each by name.

    On the CPU kernels of the record, what hangs on training is due bit by bit, or within the default tolerance whatever its author stated; on
    others it is a fresh draw.
    """

    def is_training_dependent(kind: QuantityKind, name: str) -> bool:
        made = recorded.quantities_of(kind).get(name)
        return made is not None and hangs_on_training(made, kind, name, rules.trained)

    comparisons = [
        *_compare_quantities(QuantityKind.CLAIM, recorded.claims, observed.claims, compare_claims, is_training_dependent),
        *_compare_quantities(QuantityKind.FIGURE, recorded.figures, observed.figures, compare_figures, is_training_dependent),
        *_compare_quantities(QuantityKind.TABLE, recorded.tables, observed.tables, compare_tables, is_training_dependent),
    ]
    if rules.envelope:
        comparisons = [with_envelope(rules.envelope, comparison, recorded) for comparison in comparisons]
    comparisons = [with_picture(with_tie(comparison, recorded, observed), recorded, observed) for comparison in comparisons]
    if is_fresh_draw(recorded, observed):
        upheld = rules.upheld if rules.upheld is not None else {name for name, claim in recorded.claims.items() if claim.upheld}
        comparisons = [as_fresh_draw(comparison, recorded, observed, is_training_dependent, upheld) for comparison in comparisons]
    return [with_statement_numbers(comparison, recorded, observed) for comparison in comparisons]


def hangs_on_training(made: Claim | Figure | Table, kind: QuantityKind, name: str, trained: Trained) -> bool:
    """Whether other CPU kernels give other values of a quantity: its record says so, or the note's settings do of a mean, a figure or a table.

    A number without replicates is compared as ever unless it is tied: nothing says how far a fresh draw may lie from it.
    """
    return made.tied == "kernels" or (trained(kind, name) and not (isinstance(made, Claim) and made.replicates is None))


def is_fresh_draw(recorded: Observation, observed: Observation) -> bool:
    """Whether what trains in a run goes another way than in the recorded one: its seed or its CPU kernels are others."""
    then, now = recorded.provenance, observed.provenance
    return then.seed != now.seed or then.environment.value_for_tie("kernels") != now.environment.value_for_tie("kernels")


def _compare_quantities(
    kind: QuantityKind,
    recorded: Mapping[str, Q],
    observed: Mapping[str, Q],
    compare_pair: Callable[[Q, Q], Comparison],
    is_training_dependent: Trained,
) -> list[Comparison]:
    comparisons = []
    for name in sorted({*recorded, *observed}):
        if name not in observed:
            gone = recorded[name]
            details = ("the run no longer yields it",)
            verdict = Verdict.MISSING
            comparisons.append(
                Comparison(kind=kind, name=name, verdict=verdict, cell=gone.cell, recorded=_printed_value(gone), details=details)
            )
        elif name not in recorded:
            made = observed[name]
            details = ("the record does not have it",)
            comparisons.append(
                Comparison(kind=kind, name=name, verdict=Verdict.NEW, cell=made.cell, observed=_printed_value(made), details=details)
            )
        elif is_training_dependent(kind, name) and recorded[name].tolerance:
            # a redefinition is told by the stated tolerances, the judgement is by the narrow one
            narrow = compare_pair(with_narrow_tolerance(recorded[name]), with_narrow_tolerance(observed[name]))
            comparisons.append(replace(narrow, because=""))
        else:
            comparisons.append(compare_pair(recorded[name], observed[name]))
    return comparisons


def _printed_value(made: Claim | Figure | Table) -> str:
    return made.printed_value if isinstance(made, Claim) else ""


def with_narrow_tolerance(made: Q) -> Q:
    """Return a quantity that hangs on training with the default tolerance in place of a wider one: the same kernels give the same bits."""
    if made.tolerance is None:
        return made
    default = half_of_last_digit(made.value, made.format) if isinstance(made, Claim) and not isinstance(made.value, bool) else 0.0
    narrow = default if isinstance(made, Claim) else DEFAULT_SHARE
    return replace(made, tolerance=Tolerance(min(narrow, made.tolerance.value), "the same CPU kernels give the same bits"))
