"""Tell noise from change by what an audit measured. An envelope never lets anything pass that the stated tolerance does not."""

from __future__ import annotations

import math
from dataclasses import replace

from labnotes.model.audit import NoiseEnvelope
from labnotes.model.comparison import Comparison, percent_text
from labnotes.model.observation import Observation
from labnotes.model.quantities import QuantityKind
from labnotes.model.verdicts import Verdict


def with_envelope(envelope: NoiseEnvelope, comparison: Comparison, recorded: Observation) -> Comparison:
    """Return the comparison with what the envelope says of it.

    What agrees and moved no further than the audit measured is noise. A claim whose noise reaches a third of the spread over seeds, and
    that makes no statement, cannot be verified as a number. What differs stays different; it is said where the envelope would have covered
    it, since then the tolerance is narrower than the noise.
    """
    limit = envelope.movement_limit(comparison.kind, comparison.name)
    if (
        comparison.kind is QuantityKind.CLAIM
        and comparison.name in envelope.chaotic
        and comparison.verdict.is_agreement
        and not recorded.claims[comparison.name].holds
    ):
        what = f"moved by {limit:.3g} in the audit, a third of the spread over seeds or more: no number to check; state what holds"
        return replace(comparison, verdict=Verdict.UNVERIFIED, details=(what, *comparison.details))
    if limit is None or not 0 < comparison.moved <= limit:
        return comparison
    if comparison.verdict in (Verdict.WITHIN, Verdict.MOVED):
        return replace(comparison, verdict=Verdict.NOISE)
    if comparison.verdict is Verdict.CHANGED and math.isfinite(comparison.moved):
        measured = f"{limit:.3g}" if comparison.kind is QuantityKind.CLAIM else percent_text(limit)
        return replace(
            comparison, details=(*comparison.details, f"the audit saw it move by {measured}: the tolerance is narrower than the noise")
        )
    return comparison
