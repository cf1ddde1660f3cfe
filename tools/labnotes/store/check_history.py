"""The history of a note's checks: the log as rows for the terminal and for the note's history page, and each claim over time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from labnotes.compare.statement_families import StatementStanding, statement_standings, upheld_in_record
from labnotes.errors import Problem, UsageError, did_you_mean
from labnotes.model.claims import Claim, format_value
from labnotes.model.observation import Observation
from labnotes.model.quantities import QuantityKind
from labnotes.model.verdicts import Outcome, Verdict
from labnotes.source import notes
from labnotes.source.labs import Lab
from labnotes.source.notes import Note
from labnotes.store import check_log, records
from labnotes.store.check_log import FRESH_DRAW, CheckLog, LoggedCheck
from labnotes.store.result_stores import LogSource

SHOWN = 6
"""Quantities named of those that differ in one check."""


@dataclass(frozen=True, kw_only=True)
class CheckRow:
    """One check as texts for a table. `of_record` says whether it is about the record as it is now, with the record's code or the present
    one; `counts` are texts for claims, figures and tables; `details` say what does not agree."""

    when: str
    outcome: Outcome
    how: str
    seed: str
    counts: tuple[str, str, str]
    took: str
    place: str
    by: str
    of_record: bool
    details: tuple[str, ...]
    check: LoggedCheck


@dataclass(frozen=True, kw_only=True)
class ClaimPoint:
    """A claim in one check. `then` is the recorded number, `now` that of the check, both None for a yes or no."""

    when: str
    value: str
    verdict: Verdict
    statement: str
    place: str
    then: float | None
    now: float | None
    changed: tuple[str, ...]


@dataclass(frozen=True)
class ClaimHistory:
    """One claim over all checks of its record."""

    name: str
    summary: str
    points: tuple[ClaimPoint, ...]


@dataclass(frozen=True)
class NoteHistory:
    """Everything that the log says of a note."""

    slug: str
    headline: str
    rows: tuple[CheckRow, ...]
    claim: ClaimHistory | None = None


def note_history(lab: Lab, slug: str, more: LogSource | None, claim: str | None) -> tuple[NoteHistory, list[Problem]]:
    """The history of a note, and of one of its claims; and the lines of the log that count for nothing.

    Raises UsageError for a claim that neither the record nor the log knows.
    """
    note = notes.read_note(lab, slug)
    recorded = records.read_record(note.record_folder, lab.shown_path(note.record_folder))
    log = check_log.read_log(lab, slug, more)
    told = claim_history(claim, log, recorded, note, lab) if claim is not None else None
    return NoteHistory(slug, history_headline(log, recorded, note, lab), tuple(check_rows(log, recorded, note, lab)), told), list(
        log.problems
    )


def history_headline(log: CheckLog, recorded: Observation | None, note: Note, lab: Lab) -> str:
    """A line that sums up the checks, such as "agreed in 14 of 15 checks since 2026-11-21, on 3 kinds of CPU"; or that there are none."""
    about = log.golden_checks(recorded, note, lab)
    if recorded is None:
        return "is not recorded"
    if not about:
        return f"recorded {recorded.provenance.started[:10]}, not re-executed since" + (
            f"; {len(log.checks)} checks of other records or seeds" if log.checks else ""
        )
    kinds = {(check.environment.cpu, check.environment.vectors) for check in about}
    total, agreed = sum(check.times for check in about), sum(check.times for check in about if check.outcome.is_agreement)
    where = f", on {len(kinds)} kinds of CPU" if len(kinds) > 1 else ""
    who = {check.by for check in about if check.by}
    parties = f", by {len(who)} parties" if len(who) > 1 else ""
    return f"agreed in {agreed} of {total} check{'s' if total != 1 else ''} since {about[0].start_day}{where}{parties}"


def log_remarks(log: CheckLog, recorded: Observation | None, note: Note, lab: Lab) -> Iterator[str]:
    """Yield a remark if the newest check is not about the record as it is now: no result is left out without saying so."""
    if not log.checks:
        return
    about = log.golden_checks(recorded, note, lab)
    newest = next((check for check in reversed(log.checks) if check.is_golden), None)
    if newest is None or newest in about:
        return
    why = why_other(newest, recorded, note)
    yield f"the check of {newest.start_day} ({newest.outcome.value}) is not about the record and code as they are now: {why}"


def why_other(check: LoggedCheck, recorded: Observation | None, note: Note) -> str:
    """Why a check is not about the record and the code as they are now."""
    if recorded is None:
        return f"it is of a record of {check.recorded}, and there is none now"
    if check.record != recorded.results_digest:
        return f"it is of a record of {check.recorded}, this one was made on {recorded.provenance.started[:10]}"
    if check.inputs:
        return f"it had other inputs: {', '.join(sorted(check.inputs)[:SHOWN])}"
    if check.code not in (note.code_digest, recorded.provenance.dependencies.code):
        return "the code was neither that of the record nor the present one"
    return "the code was another"


def check_rows(log: CheckLog, recorded: Observation | None, note: Note, lab: Lab) -> Iterator[CheckRow]:
    """Every check in the log, oldest first."""
    for check in log.checks:
        of_record = recorded is not None and (check.is_of_record(recorded) or check.is_of_source(recorded, note, lab))
        yield CheckRow(
            when=check.started.replace("T", " ").removesuffix("Z")[:16],
            outcome=check.outcome,
            how=how_words(check),
            seed=check.seed,
            counts=(count_text(check, QuantityKind.CLAIM), count_text(check, QuantityKind.FIGURE), count_text(check, QuantityKind.TABLE)),
            took=duration_text(check),
            place=place_words(check),
            by=check.by,
            of_record=of_record,
            details=tuple(_check_details(check)),
            check=check,
        )


def how_words(check: LoggedCheck) -> str:
    """How a check was executed, in words: "from nothing", "fresh, as a fresh draw", "fresh, stored run"."""
    words = f"{check.how}, stored run" if check.stored else check.how
    words = f"{check.times} checks, the last {words}" if check.times > 1 else words
    return f"{words}, as a fresh draw" if check.kind == FRESH_DRAW else words


def count_text(check: LoggedCheck, kind: QuantityKind) -> str:
    """How many quantities of a kind agree: "112 of 120 (8 outside)", "7 drawn anew" where none was judged; "" where none of the kind was
    compared."""
    agree, total, apart = check.counts_of_kind(kind)
    if not total:
        return ""
    if total == sum(apart.values()):
        return ", ".join(f"{number} {word}" for word, number in apart.items())
    return f"{agree} of {total}" + (f" ({', '.join(f'{number} {word}' for word, number in apart.items())})" if apart else "")


def duration_text(check: LoggedCheck) -> str:
    """How long a check took: in seconds such as "530 s", or from ten minutes on such as "26 min"."""
    return f"{check.seconds:.0f} s" if check.seconds < 600 else f"{check.seconds / 60:.0f} min"


def place_words(check: LoggedCheck) -> str:
    """The CPU with its newest vector instructions and the version of Python."""
    environment = check.environment
    cpu = ", ".join(part for part in (environment.cpu, environment.vectors) if part)
    return f"{cpu}; Python {environment.python}"


def _check_details(check: LoggedCheck) -> Iterator[str]:
    """What does not agree in a check, as lines of text."""
    if check.failed:
        yield f"{check.failed.where}: {check.failed.what.splitlines()[0]}"
    lost = [quantity for quantity in check.unequal if quantity.lost]
    for quantity in lost:
        yield f"lost: {quantity.name}: {quantity.details[0] if quantity.details else ''}"
    not_held = [quantity.name for quantity in check.unequal if quantity.upheld is False and not quantity.lost]
    if not_held:
        yield f"did not hold here, and is not upheld by the record: {_first_names(not_held)}"
    failing = [f"{quantity.kind} {quantity.name}" for quantity in check.unequal if quantity.verdict.is_failure and not quantity.lost]
    if failing:
        yield f"differ: {_first_names(failing)}"
    if check.misses and check.misses.judged:
        yield check.misses.misses_text
    if check.environment.differing:
        pairs = [f"{name} {now or 'not installed'} (record: {then or 'none'})" for name, (then, now) in check.environment.differing.items()]
        yield f"other versions: {_first_names(pairs)}"


def _first_names(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more


# -- claims ------------------------------------------------------------------------------------------------------------------------------


def claim_history(name: str, log: CheckLog, recorded: Observation | None, note: Note, lab: Lab) -> ClaimHistory:
    """One claim in every check of this record.

    Raises UsageError if the record has no such claim.
    """
    claims = recorded.claims if recorded else {}
    if recorded is None or name not in claims:
        raise UsageError(Problem(note.slug, f"no claim {name!r}", did_you_mean(name, claims)))
    claim = claims[name]
    points = [
        point
        for check in log.checks
        if check.is_of_record(recorded) or check.is_of_source(recorded, note, lab)
        if (point := _claim_point(claim, check)) is not None
    ]
    words = standing_words(recorded, note).get(name, "")
    summary = f"recorded {claim.printed_value}" + (f"; {claim.holds}: {words}" if claim.holds else "")
    draws = draws_text(claim, log, recorded)
    return ClaimHistory(name, f"{summary}, {draws}" if draws else summary, tuple(points))


def _claim_point(claim: Claim, check: LoggedCheck) -> ClaimPoint | None:
    """A claim as a check saw it; None for a check that compared nothing. What the log does not name was exactly as recorded."""
    if check.failed is not None or not check.counts.get(QuantityKind.CLAIM):
        return None
    kept = next((quantity for quantity in check.unequal if quantity.kind is QuantityKind.CLAIM and quantity.name == claim.name), None)
    when = check.started.replace("T", " ")[:16]
    changed = tuple(f"{name} {version}" for name, (_, version) in check.environment.differing.items())
    if kept is None:
        value = None if isinstance(claim.value, bool) else float(claim.value)
        return ClaimPoint(
            when=when,
            value=claim.printed_value,
            verdict=Verdict.EXACT,
            statement=_holds_text(claim.upheld),
            place=place_words(check),
            then=value,
            now=value,
            changed=changed,
        )
    shown = kept.observed or (format_value(kept.now, claim.format) if kept.now is not None else "")
    return ClaimPoint(
        when=when,
        value=shown,
        verdict=kept.verdict,
        statement=_holds_text(kept.upheld),
        place=place_words(check),
        then=kept.then,
        now=kept.now,
        changed=changed,
    )


def _holds_text(upheld: bool | None) -> str:
    return "" if upheld is None else ("holds" if upheld else "does not hold")


def count_draws(claim: Claim, log: CheckLog, recorded: Observation) -> tuple[int, int]:
    """In how many draws a claim's statement held, and how many there were: the recorded one and every check that was a fresh draw.

    An execution counts once; a run on the recorded kernels with the note's own seed is no new draw.
    """
    if claim.holds is None:
        return 0, 0
    held, total = int(bool(claim.upheld)), 1
    seen: set[tuple[str, str, str]] = set()
    for check in log.draw_checks(recorded):
        place = (check.seed, check.environment.cpu, check.environment.vectors)
        if place in seen or not check.counts.get(QuantityKind.CLAIM):
            continue  # the same seed on the same kernels is the same draw
        seen.add(place)
        kept = next((quantity for quantity in check.unequal if quantity.kind is QuantityKind.CLAIM and quantity.name == claim.name), None)
        upheld = claim.upheld if kept is None else kept.upheld
        held, total = held + bool(upheld), total + 1
    return held, total


def draws_text(claim: Claim, log: CheckLog, recorded: Observation) -> str:
    """In how many draws a claim's statement held: "held in 1 of 2 draws"; "" for a claim without a statement, or if there was only the
    recorded draw."""
    held, total = count_draws(claim, log, recorded)
    return f"held in {held} of {total} draws" if total > 1 else ""


def standing_words(recorded: Observation, note: Note) -> dict[str, str]:
    """How each statement stands, in words: after correction where it is about an interval of replicates, else by itself."""
    corrected: dict[str, StatementStanding] = statement_standings(recorded.claims, note.settings.stated)
    return {
        name: corrected[name].standing_text if name in corrected else ("holds" if claim.upheld else "does not hold")
        for name, claim in recorded.claims.items()
        if claim.holds is not None
    }


def prose_facts(log: CheckLog, recorded: Observation, note: Note) -> dict[tuple[str, str], str]:
    """The texts that prose may bind besides values (see bindings.BOUND and bindings.LOGGED), by subject and field: how statements stand,
    in how many draws they held, and what blocks of seeds in the log gave."""
    bound_words = {(name, "upheld"): words for name, words in standing_words(recorded, note).items()}
    for name, claim in recorded.claims.items():
        if claim.holds is not None:
            held, total = count_draws(claim, log, recorded)
            bound_words[name, "draws"] = f"{held} of {total} draws" if total > 1 else "1 draw"
    upheld = upheld_in_record(recorded.claims, note.settings.stated)
    for check in log.draw_checks(recorded):
        if check.is_golden:
            continue
        of_block = f"seed {check.seed}"
        kept = {
            quantity.name: quantity.upheld
            for quantity in check.unequal
            if quantity.kind is QuantityKind.CLAIM and quantity.upheld is not None
        }
        stated = {name: kept.get(name, recorded.claims[name].upheld) for name in upheld}
        bound_words[of_block, "held"] = f"{sum(bool(holds) for holds in stated.values())} of {len(stated)}"
        if check.misses:
            bound_words[of_block, "outside"] = f"{check.misses.outside} of {check.misses.judged}"
        bound_words[of_block, "outcome"] = check.outcome.value
        bound_words[of_block, "date"] = check.start_day
    return bound_words
