"""What is said of each recorded quantity: one row in the note's badge, on Reproducibility and in claims.json alike."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from labnotes.compare.fresh_draws import fresh_draw_text
from labnotes.compare.observations import hangs_on_training, with_narrow_tolerance
from labnotes.model.claims import Claim, distance_text, movement_text
from labnotes.model.plots import DRAWING, Figure
from labnotes.model.quantities import DEFAULT_SHARE, TIES, QuantityKind, Tolerance
from labnotes.model.tables import Table
from labnotes.model.verdicts import VERDICTS, ResultTone, Verdict
from labnotes.site.stage import claim_checks, page_words
from labnotes.site.stage.note_page import RUN_FAILED, NotePage
from labnotes.source import bindings, prose_facts
from labnotes.source.bindings import ClaimSentence
from labnotes.store import check_history
from labnotes.store.check_log import LoggedQuantity


@dataclass(frozen=True, kw_only=True)
class QuantityRow:
    """What is said of one quantity, in words as readers see them; "" where there is nothing to say.

    `title` is what people call it. `anchor` is its address on the note's page, `must` what it states and how far it may move, in the unit in
    which it is printed, `stands` and `draws` in which draws its statement held, `sentence` the one of the prose that states it, `noise` how far
    an audit saw it move. `difference` is how far the latest number lies from the recorded one, `checks` in how many of the note's checks it
    agreed. `linked` tells whether its cell is still in the source: a cell of a stale note may be gone.
    """

    kind: QuantityKind
    name: str
    title: str
    anchor: str
    recorded: str
    interval: str = ""
    latest: str = ""
    difference: str = ""
    must: str
    because: str
    details: tuple[str, ...]
    stands: str = ""
    draws: str = ""
    checks: str = ""
    sentence: ClaimSentence = field(default_factory=ClaimSentence)
    noise: str
    verdict: str
    cell: int
    linked: bool

    @property
    def verdict_class(self) -> str:
        """The name of the verdict in the classes of the style sheets."""
        return self.verdict.replace(" ", "-")

    @property
    def tone(self) -> ResultTone:
        """The tone of the verdict; grey for a quantity that was not run again, red where the run failed."""
        verdict = VERDICTS.get(self.verdict)
        return verdict.tone if verdict else ResultTone.RED if self.verdict == RUN_FAILED else ResultTone.GREY


def claim_rows(joined: NotePage) -> list[QuantityRow]:
    """A row for each claim, in the order in which they are computed."""
    return list(joined.made_once(_made_claim_rows))


def figure_and_table_rows(joined: NotePage) -> list[QuantityRow]:
    """A row for each figure and each table, in the order in which the page shows them."""
    recorded = joined.recorded
    order = {label: i for i, label in enumerate(joined.display_numbers(QuantityKind.FIGURE) | joined.display_numbers(QuantityKind.TABLE))}
    made: list[Figure | Table] = [*recorded.figures.values(), *recorded.tables.values()]
    return [
        _figure_or_table_row(joined, quantity)
        for quantity in sorted(made, key=lambda quantity: (isinstance(quantity, Table), order.get(quantity.label, len(order))))
    ]


def _made_claim_rows(joined: NotePage) -> list[QuantityRow]:
    sentences = plain_sentences(joined)
    ordered = sorted(joined.recorded.claims.values(), key=lambda claim: claim.cell)
    return [_claim_row(joined, claim, sentences.get(claim.name, ClaimSentence())) for claim in ordered]


def _claim_row(joined: NotePage, claim: Claim, sentence: ClaimSentence) -> QuantityRow:
    latest = joined.unequal_quantity(QuantityKind.CLAIM, claim.name)
    trained = _depends_on_training(joined, QuantityKind.CLAIM, claim.name, claim)
    exact = claim.printed_value if joined.is_compared(QuantityKind.CLAIM, claim.name) else ""
    return QuantityRow(
        kind=QuantityKind.CLAIM,
        name=claim.name,
        title=joined.note.definitions.claim_title(claim),
        anchor=f"claim-{claim.name}",
        recorded=claim.printed_value,
        interval=_interval_text(claim),
        latest=(latest.observed or claim.printed_value) if latest else exact,
        difference=difference_text(claim, latest) if latest else "",
        must=_trained_requirement(claim, drawn=_is_drawn(latest))
        if trained
        else _requirement_text(claim) + _comparison_condition(joined, QuantityKind.CLAIM, claim.name, claim),
        because=claim.tolerance.because if claim.tolerance and not trained else "",
        details=_other_details(latest) if latest and not latest.verdict.is_agreement else (),
        stands=joined.facts.get((claim.name, "upheld"), ""),
        draws=check_history.draws_text(claim, joined.log, joined.recorded),
        checks=claim_checks.agreement_text(joined, claim.name),
        sentence=sentence,
        noise=_noise_text(joined, QuantityKind.CLAIM, claim.name),
        verdict=joined.quantity_verdict(QuantityKind.CLAIM, claim.name),
        cell=claim.cell,
        linked=_is_in_source(joined, claim.cell),
    )


def plain_sentences(joined: NotePage) -> dict[str, ClaimSentence]:
    """The sentence in which the note's prose states each claim, as readers see it, with the place of its number, without the works that
    it cites. A claim that none states has none."""
    words = page_words.words_in(joined.note.settings.language)
    numbers = {"fig": joined.display_numbers(QuantityKind.FIGURE), "tab": joined.display_numbers(QuantityKind.TABLE)}

    def cross_text(sort: str, label: str) -> str:
        return f"{words.figure if sort == 'fig' else words.table} {numbers[sort].get(label, label)}"

    def plain_sentence(text: str) -> ClaimSentence:
        said = prose_facts.text_facts(text)
        filled = bindings.fill_bindings(text, said, joined.recorded.claims, cross=cross_text, cite=lambda keys: "", facts=joined.facts)
        return bindings.sentence_parts(filled)

    written = bindings.claim_sentences(joined.note.source.text_cells)
    return {name: plain_sentence(text) for name, text in written.items() if name in joined.recorded.claims}


def difference_text(claim: Claim, latest: LoggedQuantity) -> str:
    """How far the latest number of a claim lies from the recorded one, in the unit in which it is printed: "2.2 points higher"; "" where both
    are printed alike, or are no numbers."""
    if latest.then is None or latest.now is None or latest.observed == claim.printed_value:
        return ""
    distance = latest.now - latest.then
    if not math.isfinite(distance) or not distance:
        return ""
    return f"{distance_text(float(f'{abs(distance):.2g}'), claim.format)} {'higher' if distance > 0 else 'lower'}"


def _other_details(latest: LoggedQuantity) -> tuple[str, ...]:
    """What the log says of a claim that does not agree, besides its two numbers, which a row has in the unit in which they are printed."""
    said = [text for text in latest.details if latest.now is None or not text.startswith(("value is ", "mean "))]
    return tuple(said[:2])


def _is_drawn(latest: LoggedQuantity | None) -> bool:
    """Whether the latest check judged a quantity as a fresh draw."""
    return latest is not None and (latest.drawn or latest.verdict in (Verdict.OUTSIDE, Verdict.DRAWN_ANEW))


def _figure_or_table_row(joined: NotePage, made: Figure | Table) -> QuantityRow:
    kind = QuantityKind.FIGURE if isinstance(made, Figure) else QuantityKind.TABLE
    latest = joined.unequal_quantity(kind, made.label)
    count = sum(len(axes.marks) for axes in made.data.axes) if isinstance(made, Figure) else len(made.data.columns)
    tolerance = _stated_tolerance(joined, kind, made.label, made)
    part = ("mark" if kind is QuantityKind.FIGURE else "column") + ("" if count == 1 else "s")
    allowed = _allowed_text(made, tolerance)
    number = joined.display_numbers(kind).get(made.label)
    return QuantityRow(
        kind=kind,
        name=made.label,
        title=f"{kind.capitalize()} {number}" if number else made.label,
        anchor=_place_on_page(joined, kind, made),
        recorded=made.data.size_text if isinstance(made, Figure) and made.by else f"{count} {part}",
        must=f"drawn anew: shown, not judged; {allowed} with the same CPU kernels"
        if _is_drawn(latest)
        else allowed + _comparison_condition(joined, kind, made.label, made),
        because=tolerance.because if tolerance else "",
        details=latest.details[:3] if latest and latest.verdict is not Verdict.DRAWN_ANEW else (),
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
        parts.append("equal" if same else movement_text(claim))
    return "; ".join(parts)


def _trained_requirement(claim: Claim, *, drawn: bool) -> str:
    """What a claim that hangs on training must hold, and how far its number may move: with the kernels of the record, and as a fresh draw. How
    the latest check judged it comes first."""
    narrow = with_narrow_tolerance(claim)
    moved = "equal" if isinstance(claim.value, int) else movement_text(narrow)
    same = f"{moved} with the same CPU kernels" if claim.tolerance or not claim.holds else ""
    anew = fresh_draw_text(claim)
    if drawn or not same:
        return "; ".join(filter(None, (anew, same)))
    if claim.holds:
        anew = anew.removeprefix(claim.holds).removeprefix("; ")
    return "; ".join(filter(None, (claim.holds, same, anew)))


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
