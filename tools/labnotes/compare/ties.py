"""What holds only under the version of Python that it was recorded with is not judged under another: its author tied it to that."""

from __future__ import annotations

from dataclasses import replace

from labnotes.model.claims import Claim
from labnotes.model.comparison import Comparison
from labnotes.model.observation import Observation
from labnotes.model.quantities import TIES
from labnotes.model.verdicts import Verdict


def with_tie(comparison: Comparison, recorded: Observation, observed: Observation) -> Comparison:
    """Return the comparison with what the recorded tie says of it.

    A difference is no finding where what the quantity is tied to is another.

    What agrees agrees, and a claim whose statement fails, or is another one now, differs wherever it is run.
    """
    then, now = (side.quantities_of(comparison.kind).get(comparison.name) for side in (recorded, observed))
    if then is None or now is None:
        return comparison
    if then.tied != now.tied:
        what = f"the tie is now {now.tied or 'not stated'}, recorded {then.tied or 'not stated'}"
        comparison = replace(comparison, details=(*comparison.details, what))
    if then.tied != "python" or comparison.verdict not in (
        Verdict.CHANGED,
        Verdict.MOVED,
    ):  # other kernels are a fresh draw (see `fresh_draws`)
        return comparison
    if isinstance(now, Claim) and isinstance(then, Claim) and (now.upheld is False or now.holds != then.holds):
        return comparison
    before, after = (side.provenance.environment.value_for_tie(then.tied) for side in (recorded, observed))
    if before == after:
        return comparison
    what = f"differs, and holds only for the {TIES[then.tied]} it was recorded with ({before}; this run: {after})"
    return replace(comparison, verdict=Verdict.UNVERIFIED, details=(what, *comparison.details))
