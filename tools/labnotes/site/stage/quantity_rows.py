"""What is said of each recorded quantity: one row in the note's badge, on Reproducibility and in claims.json alike."""

from __future__ import annotations

from dataclasses import dataclass, replace

from labnotes.compare.observations import hangs_on_training
from labnotes.model.claims import Claim
from labnotes.model.plots import DRAWING, Figure
from labnotes.model.quantities import DEFAULT_SHARE, TIES, QuantityKind, Tolerance
from labnotes.model.tables import Table
from labnotes.site.stage.note_page import NotePage, prose_with_values
from labnotes.source import bindings
from labnotes.store import check_history


@dataclass(frozen=True, kw_only=True)
class QuantityRow:
    """What is said of one quantity, in words as readers see them; "" where there is nothing to say.

    `anchor` is its address on the note's page, `must` what it states and how far it may move, `stands` and `draws` in which draws its statement
    held, `sentence` the one of the prose that states it, `noise` how far an audit saw it move. `linked` tells whether its cell is still in the
    source: a cell of a stale note may be gone.
    """

    kind: QuantityKind
    name: str
    anchor: str
    recorded: str
    interval: str = ""
    latest: str = ""
    must: str
    because: str
    details: tuple[str, ...]
    stands: str = ""
    draws: str = ""
    sentence: str = ""
    noise: str
    verdict: str
    cell: int
    linked: bool

    @property
    def verdict_class(self) -> str:
        """The name of the verdict in the classes of the style sheets."""
        return self.verdict.replace(" ", "-")


def claim_rows(joined: NotePage) -> list[QuantityRow]:
    """A row for each claim, in the order in which they are computed."""
    return [_claim_row(joined, claim) for claim in sorted(joined.recorded.claims.values(), key=lambda claim: claim.cell)]


def figure_and_table_rows(joined: NotePage) -> list[QuantityRow]:
    """A row for each figure and each table, in the order in which the page shows them."""
    recorded = joined.recorded
    order = {label: i for i, label in enumerate(joined.display_numbers(QuantityKind.FIGURE) | joined.display_numbers(QuantityKind.TABLE))}
    made: list[Figure | Table] = [*recorded.figures.values(), *recorded.tables.values()]
    return [
        _figure_or_table_row(joined, quantity)
        for quantity in sorted(made, key=lambda quantity: (isinstance(quantity, Table), order.get(quantity.label, len(order))))
    ]


def _claim_row(joined: NotePage, claim: Claim) -> QuantityRow:
    latest = joined.unequal_quantity(QuantityKind.CLAIM, claim.name)
    judged = replace(claim, tolerance=_stated_tolerance(joined, QuantityKind.CLAIM, claim.name, claim))
    exact = claim.printed_value if joined.is_compared(QuantityKind.CLAIM, claim.name) else ""
    return QuantityRow(
        kind=QuantityKind.CLAIM,
        name=claim.name,
        anchor=f"claim-{claim.name}",
        recorded=claim.printed_value,
        interval=_interval_text(claim),
        latest=(latest.observed or claim.printed_value) if latest else exact,
        must=_requirement_text(judged) + _comparison_condition(joined, QuantityKind.CLAIM, claim.name, claim),
        because=judged.tolerance.because if judged.tolerance else "",
        details=latest.details[:2] if latest and not latest.verdict.is_agreement else (),
        stands=joined.facts.get((claim.name, "upheld"), ""),
        draws=check_history.draws_text(claim, joined.log, joined.recorded),
        sentence=plain_claim_sentence(joined, claim),
        noise=_noise_text(joined, QuantityKind.CLAIM, claim.name),
        verdict=joined.quantity_verdict(QuantityKind.CLAIM, claim.name),
        cell=claim.cell,
        linked=_is_in_source(joined, claim.cell),
    )


def plain_claim_sentence(joined: NotePage, claim: Claim) -> str:
    """The sentence in which the note's prose states a claim, as readers see it; "" if none does."""
    return bindings.reader_words(prose_with_values(bindings.claim_sentence(claim.name, joined.note.source.text_cells), joined))


def _figure_or_table_row(joined: NotePage, made: Figure | Table) -> QuantityRow:
    kind = QuantityKind.FIGURE if isinstance(made, Figure) else QuantityKind.TABLE
    latest = joined.unequal_quantity(kind, made.label)
    count = sum(len(axes.marks) for axes in made.data.axes) if isinstance(made, Figure) else len(made.data.columns)
    tolerance = _stated_tolerance(joined, kind, made.label, made)
    part = ("mark" if kind is QuantityKind.FIGURE else "column") + ("" if count == 1 else "s")
    return QuantityRow(
        kind=kind,
        name=made.label,
        anchor=_place_on_page(joined, kind, made),
        recorded=made.data.size_text if isinstance(made, Figure) and made.by else f"{count} {part}",
        must=f"{_allowed_text(made, tolerance)}{_comparison_condition(joined, kind, made.label, made)}",
        because=tolerance.because if tolerance else "",
        details=latest.details[:3] if latest else (),
        noise=_noise_text(joined, kind, made.label),
        verdict=joined.quantity_verdict(kind, made.label),
        cell=made.cell,
        linked=_is_in_source(joined, made.cell),
    )


def _allowed_text(made: Figure | Table, tolerance: Tolerance | None) -> str:
    """How far a figure or table may differ: by a share of a range or scale, of full scale for pixels; not at all for pixels without a tolerance."""
    if isinstance(made, Figure) and made.data.picture is not None and not tolerance:
        return "equal text (SVG)" if made.data.picture.kind == DRAWING else "equal pixels"
    whole = "full scale" if isinstance(made, Figure) and made.by else "the range" if isinstance(made, Figure) else "the scale"
    return f"± {(tolerance.value if tolerance else DEFAULT_SHARE) * 100:g} % of {whole}"


def _noise_text(joined: NotePage, kind: QuantityKind, name: str) -> str:
    """How far an audit saw a quantity move: a claim in its own unit, a figure or table in percent; "" without an audit."""
    limit = joined.audit.envelope.movement_limit(kind, name) if joined.audit else None
    if limit is None:
        return ""
    return f"{limit:.3g}" if kind is QuantityKind.CLAIM else f"{limit * 100:.2g} %"


def _place_on_page(joined: NotePage, kind: QuantityKind, made: Figure | Table) -> str:
    """The address of a figure or table: of its cell if the author removed it from the page, of the badge if its cell is gone or has changed."""
    if made.label in joined.display_numbers(kind):
        return f"{kind[:3]}-{made.label}"
    return f"cell-{made.cell}" if made.cell in joined.outputs and _is_in_source(joined, made.cell) else "ln-check"


def _is_in_source(joined: NotePage, cell: int) -> bool:
    return any(code_cell.number == cell for code_cell in joined.note.source.code_cells)


def _interval_text(claim: Claim) -> str:
    if claim.low is None or claim.high is None:
        return ""
    low, high = (bindings.bound_value(bindings.Binding(function="claim", name=claim.name, field=side), claim) for side in ("low", "high"))
    return f"{low} to {high}" + (f", n = {claim.n}" if claim.n else "")


def _requirement_text(claim: Claim) -> str:
    """The statement a claim makes, and how far its number may move."""
    if isinstance(claim.value, bool):
        return claim.holds or "equal"
    parts = [claim.holds] if claim.holds else []
    if claim.tolerance or not claim.holds:
        same = isinstance(claim.value, int) and not claim.tolerance
        parts.append("equal" if same else f"± {claim.allowed_movement:.3g}")
    return "; ".join(parts)


def _comparison_condition(joined: NotePage, kind: QuantityKind, name: str, made: Claim | Figure | Table) -> str:
    """The words for a condition under which a quantity is compared in another way; "" if there is none."""
    if made.tied == "python":
        return f", with the same {TIES[made.tied]}"
    return "; with other CPU kernels as a fresh draw" if _depends_on_training(joined, kind, name, made) else ""


def _depends_on_training(joined: NotePage, kind: QuantityKind, name: str, made: Claim | Figure | Table) -> bool:
    return hangs_on_training(made, kind, name, joined.note.settings.hangs_on_training)


def _stated_tolerance(joined: NotePage, kind: QuantityKind, name: str, made: Claim | Figure | Table) -> Tolerance | None:
    """The stated tolerance that a quantity is judged by: none where it hangs on training, since there the default one counts."""
    return None if _depends_on_training(joined, kind, name, made) else made.tolerance
