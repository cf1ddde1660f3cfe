"""What is said of each recorded quantity: one row in the note's badge, on Reproducibility and in claims.json alike."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from labnotes.store import check_history
from labnotes.source import bindings
from labnotes.compare.observations import hangs_on_training
from labnotes.model.quantities import DEFAULT_SHARE, TIES, Tolerance
from labnotes.model.claims import Claim
from labnotes.model.plots import Figure
from labnotes.model.tables import Table
from labnotes.site.stage.note_page import Joined, filled


def claims(joined: Joined) -> list[dict[str, Any]]:
    """A row for each claim, in the order in which they are computed."""
    return [_claim(joined, claim) for claim in sorted(joined.recorded.claims.values(), key=lambda claim: claim.cell)]


def drawn(joined: Joined) -> list[dict[str, Any]]:
    """A row for each figure and each table, in the order in which the page shows them."""
    recorded = joined.recorded
    order = {label: i for i, label in enumerate(joined.numbers("figure") | joined.numbers("table"))}
    made: list[Figure | Table] = [*recorded.figures.values(), *recorded.tables.values()]
    return [_drawn(joined, each) for each in sorted(made, key=lambda each: (isinstance(each, Table), order.get(each.label, len(order))))]


def _claim(joined: Joined, claim: Claim) -> dict[str, Any]:
    latest = joined.unequal("claim", claim.name)
    judged = replace(claim, tolerance=_tolerance(joined, "claim", claim.name, claim))
    exact = claim.printed if joined.is_compared("claim", claim.name) else ""
    return {
        "kind": "claim",
        "name": claim.name,
        "anchor": f"claim-{claim.name}",
        "recorded": claim.printed,
        "interval": _interval(claim),
        "latest": (latest.observed or claim.printed) if latest else exact,
        "must": _must(judged) + _where(joined, "claim", claim.name, claim),
        "because": judged.tolerance.because if judged.tolerance else "",
        "details": latest.details[:2] if latest and not latest.verdict.agrees else (),
        "stands": joined.facts.get((claim.name, "upheld"), ""),
        "draws": check_history.draws_text(claim, joined.log, joined.recorded),
        "sentence": sentence(joined, claim),
        **_shared(joined, "claim", claim.name, claim.cell),
    }


def sentence(joined: Joined, claim: Claim) -> str:
    """The sentence in which the note's prose states a claim, as readers see it; "" if none does."""
    return bindings.plain(filled(bindings.sentence_of(claim.name, joined.note.source.text), joined))


def _drawn(joined: Joined, made: Figure | Table) -> dict[str, Any]:
    kind = "figure" if isinstance(made, Figure) else "table"
    latest = joined.unequal(kind, made.label)
    count = sum(len(axes.marks) for axes in made.data.axes) if isinstance(made, Figure) else len(made.data.columns)
    tolerance = _tolerance(joined, kind, made.label, made)
    share = tolerance.value if tolerance else DEFAULT_SHARE
    part = ("mark" if kind == "figure" else "column") + ("" if count == 1 else "s")
    return {
        "kind": kind,
        "name": made.label,
        "anchor": f"{kind[:3]}-{made.label}",
        "recorded": f"{count} {part}",
        "interval": "",
        "latest": "",
        "must": f"± {share * 100:g} % of the {'range' if kind == 'figure' else 'scale'}{_where(joined, kind, made.label, made)}",
        "because": tolerance.because if tolerance else "",
        "details": latest.details[:3] if latest else (),
        "sentence": "",
        **_shared(joined, kind, made.label, made.cell),
    }


def _shared(joined: Joined, kind: str, name: str, cell: int) -> dict[str, Any]:
    """`linked` tells whether the cell is still in the source: that of a stale note may be gone."""
    cells = {each.number for each in joined.note.source.code}
    limit = joined.audit.envelope.limit(kind, name) if joined.audit else None
    noise = "" if limit is None else f"{limit:.3g}" if kind == "claim" else f"{limit * 100:.2g} %"
    return {"noise": noise, "verdict": joined.verdict(kind, name), "cell": cell, "linked": cell in cells}


def _interval(claim: Claim) -> str:
    if claim.low is None or claim.high is None:
        return ""
    low, high = (bindings.value_of(bindings.Binding("claim", claim.name, side), claim) for side in ("low", "high"))
    return f"{low} to {high}" + (f", n = {claim.n}" if claim.n else "")


def _must(claim: Claim) -> str:
    """The statement a claim makes, and how far its number may move."""
    if isinstance(claim.value, bool):
        return claim.holds or "equal"
    parts = [claim.holds] if claim.holds else []
    if claim.tolerance or not claim.holds:
        same = isinstance(claim.value, int) and not claim.tolerance
        parts.append("equal" if same else f"± {claim.allowed:.3g}")
    return "; ".join(parts)


def _where(joined: Joined, kind: str, name: str, made: Claim | Figure | Table) -> str:
    """What else decides how a quantity is compared."""
    if made.tied == "python":
        return f", with the same {TIES[made.tied]}"
    return "; with other CPU kernels as a fresh draw" if _hangs(joined, kind, name, made) else ""


def _hangs(joined: Joined, kind: str, name: str, made: Claim | Figure | Table) -> bool:
    return hangs_on_training(made, kind, name, joined.note.settings.hangs_on_training)


def _tolerance(joined: Joined, kind: str, name: str, made: Claim | Figure | Table) -> Tolerance | None:
    """The stated tolerance that a quantity is judged by: none where it hangs on training, since there the default one counts."""
    return None if _hangs(joined, kind, name, made) else made.tolerance
