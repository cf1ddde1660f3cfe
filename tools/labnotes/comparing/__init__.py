"""Recorded against observed: a verdict for every claim, figure and table, with the worst difference named."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from labnotes.audits import Envelope
from labnotes.comparing.claims import compare_claims, compare_fresh_seed
from labnotes.comparing.figures import compare_figures
from labnotes.comparing.noise import in_sight_of
from labnotes.comparing.tables import compare_tables
from labnotes.comparing.ties import where_tied
from labnotes.comparing.verdicts import Comparison
from labnotes.quantities import Verdict
from labnotes.records import Observation

__all__ = ["Comparison", "compare", "compare_claims", "compare_figures", "compare_fresh_seed", "compare_tables"]


def compare(recorded: Observation, observed: Observation, envelope: Envelope | None = None) -> list[Comparison]:
    """Every quantity of either side, in the order claims, figures, tables, by name; with an audit's envelope, noise is told from the rest."""
    found = [
        *_pairs("claim", recorded.claims, observed.claims, compare_claims),
        *_pairs("figure", recorded.figures, observed.figures, compare_figures),
        *_pairs("table", recorded.tables, observed.tables, compare_tables),
    ]
    if envelope:
        found = [in_sight_of(envelope, each, recorded) for each in found]
    return [where_tied(each, recorded, observed) for each in found]


def _pairs(kind: str, recorded: Mapping[str, Any], observed: Mapping[str, Any], both: Callable[[Any, Any], Comparison]) -> list[Comparison]:
    found = []
    for name in sorted({*recorded, *observed}):
        if name not in observed:
            found.append(Comparison(kind, name, Verdict.MISSING, recorded[name].cell, details=("the run no longer yields it",)))
        elif name not in recorded:
            found.append(Comparison(kind, name, Verdict.NEW, observed[name].cell, details=("the record does not have it",)))
        else:
            found.append(both(recorded[name], observed[name]))
    return found
