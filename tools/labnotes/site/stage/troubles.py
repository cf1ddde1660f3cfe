"""What does not hold of a note, in words: what was and what is, since when and what changed with it; and what did not hold before."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from labnotes.model.observation import RunEnvironment
from labnotes.model.quantities import QuantityKind
from labnotes.model.verdicts import Outcome, ResultTone
from labnotes.site.stage import quantity_rows
from labnotes.site.stage.csv_files import day_text
from labnotes.site.stage.note_page import NotePage
from labnotes.site.stage.quantity_rows import QuantityRow
from labnotes.source.bindings import ClaimSentence
from labnotes.store import check_history
from labnotes.store.check_log import LoggedCheck, LoggedPlace, LoggedQuantity

MOST_TOLD = 5
"""Quantities of one note that are told one by one; the pages of its claims have them all, these first."""

PAST = 10
"""Former failures that are told of a note, and of all notes together."""

COMMIT = 7
"""Signs of a commit's digest that are shown."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """One thing that does not hold. `word` says how, `since` since which day (ISO 8601), `seen` in how many checks since then.

    `title` is what people call the claim, figure or table, `anchor` its address on the note's page, both "" for the run itself. `was`, `now` and
    `allowed` are the two values and how far they may lie apart, `text` says what is wrong where no two values do. `why` is what changed with it.
    """

    word: str
    tone: ResultTone
    since: str
    seen: str
    title: str = ""
    name: str = ""
    anchor: str = ""
    sentence: ClaimSentence = field(default_factory=ClaimSentence)
    was: str = ""
    now: str = ""
    allowed: str = ""
    text: str = ""
    why: str = ""

    @property
    def since_text(self) -> str:
        return day_text(self.since)

    @property
    def plain_text(self) -> str:
        """The trouble as one sentence, for feeds and for programs."""
        values = f"it was {self.was} and is {self.now}" if self.was and self.now else ""
        stated = f"“{self.sentence.text}”" if self.sentence else ""
        parts = filter(None, (values, self.text, stated))
        return f"{self.title or 'The run'} {self.word} since {self.since_text}: {'; '.join(parts)}".removesuffix(": ")


@dataclass(frozen=True, kw_only=True)
class UnsettledStatement:
    """A statement that held in the recorded draw and in only `held` of all `total`; `stands` says how it stands among those made with it."""

    title: str
    name: str
    anchor: str
    sentence: ClaimSentence
    held: int
    total: int
    stands: str

    @property
    def plain_text(self) -> str:
        standing = f" ({self.stands})" if self.stands else ""
        return f"The statement of “{self.title}” held in {self.held} of {self.total} draws{standing}"


@dataclass(frozen=True, kw_only=True)
class PastFailure:
    """A check that did not agree and is not the present state: when it began, what came of it, and what came after."""

    started: str
    outcome: str
    tone: ResultTone
    text: str
    after: str

    @property
    def day(self) -> str:
        return self.started[:10]

    @property
    def day_text(self) -> str:
        return day_text(self.started)


# -- what does not hold ------------------------------------------------------------------------------------------------------------------


def note_troubles(joined: NotePage) -> list[Trouble]:
    """Everything that the last check found not to hold: the run itself, statements, claims, then figures and tables."""
    latest = joined.latest_check
    if latest is None or latest.outcome.is_agreement:
        return []
    rows = {(row.kind, row.name): row for row in _all_rows(joined)}
    failing = [quantity for quantity in latest.unequal if quantity.lost or quantity.verdict.is_failure]
    failing.sort(key=lambda quantity: (not quantity.lost, quantity.kind is not QuantityKind.CLAIM))
    return [*_run_troubles(joined, latest), *(_quantity_trouble(joined, quantity, rows) for quantity in failing)]


def _all_rows(joined: NotePage) -> list[QuantityRow]:
    return [*quantity_rows.claim_rows(joined), *quantity_rows.figure_and_table_rows(joined)]


def _run_troubles(joined: NotePage, latest: LoggedCheck) -> Iterator[Trouble]:
    checks = joined.checks
    if latest.failed:
        run = _last_run([check.failed is not None for check in checks])
        yield Trouble(
            word="timed out" if latest.outcome is Outcome.TIMED_OUT else "raised an error",
            tone=ResultTone.RED,
            since=checks[run].start_day,
            seen=_seen_text(checks[run:]),
            anchor=f"cell-{latest.failed.cell}" if latest.failed.cell else "",
            text=f"at {latest.failed.where}: {latest.failed.what.splitlines()[0]}",
            why=_why_text(joined, run),
        )
    if latest.misses and latest.misses.are_too_many:
        run = _last_run([check.misses is not None and check.misses.are_too_many for check in checks])
        yield Trouble(
            word="moved more means than chance allows",
            tone=ResultTone.RED,
            since=checks[run].start_day,
            seen=_seen_text(checks[run:]),
            text=latest.misses.misses_text,
            why=_why_text(joined, run),
        )


def _quantity_trouble(joined: NotePage, quantity: LoggedQuantity, rows: dict[tuple[QuantityKind, str], QuantityRow]) -> Trouble:
    run = _last_run([_is_failing(check, quantity) for check in joined.checks])
    row = rows.get((quantity.kind, quantity.name))
    is_claim = quantity.kind is QuantityKind.CLAIM
    details = quantity.details[:1] if quantity.lost or not is_claim or not quantity.observed else row.details[:1] if row else ()
    return Trouble(
        word="lost its statement" if quantity.lost else quantity.verdict.value,
        tone=ResultTone.RED,
        since=joined.checks[run].start_day,
        seen=_seen_text(joined.checks[run:]),
        title=row.title if row else quantity.name,
        name=quantity.name,
        anchor=row.anchor if row else "",
        sentence=row.sentence if row else ClaimSentence(),
        was=quantity.recorded if is_claim else "",
        now=quantity.observed if is_claim else "",
        allowed=row.must if row else "",
        text="; ".join(details),
        why=_why_text(joined, run),
    )


def _is_failing(check: LoggedCheck, quantity: LoggedQuantity) -> bool:
    return any(
        (other.kind, other.name) == (quantity.kind, quantity.name) and (other.lost or other.verdict.is_failure) for other in check.unequal
    )


def _last_run(failing: Sequence[bool]) -> int:
    """Where the unbroken row of failing checks begins that ends with the last check."""
    return next((i + 1 for i in reversed(range(len(failing) - 1)) if not failing[i]), 0)


def _seen_text(checks: Sequence[LoggedCheck]) -> str:
    """The checks in which it was seen: "in 3 checks, on 2 kinds of CPU"."""
    times = sum(check.times for check in checks)
    kinds = len({(check.environment.cpu, check.environment.vectors) for check in checks})
    return f"in {times} check{'s' if times != 1 else ''}" + (f", on {kinds} kinds of CPU" if kinds > 1 else "")


def _why_text(joined: NotePage, first: int) -> str:
    """What was other in the first failing check than in the one before it, or than in the record: that may be why."""
    check = joined.checks[first]
    before = joined.checks[first - 1] if first else None
    place: LoggedPlace | RunEnvironment = before.environment if before else joined.recorded.provenance.environment
    changed = list(_version_changes(before.environment if before else None, check.environment))
    if place.python != check.environment.python:
        changed.append(f"Python {place.python} → {check.environment.python}")
    then, now = (f"{where.cpu} {where.vectors}".strip() for where in (place, check.environment))
    if then != now:
        changed.append(f"CPU {then or 'unknown'} → {now or 'unknown'}")
    if check.inputs:
        changed.append(f"other contents of {', '.join(sorted(check.inputs)[: check_history.SHOWN])}")
    if check.code != (before.code if before else joined.recorded.provenance.dependencies.code):
        changed.append("the code of the note")
    if before and before.commit and check.commit and before.commit != check.commit:
        changed.append(f"commit {before.commit[:COMMIT]} → {check.commit[:COMMIT]}")
    since = "the check before, which did not show it" if before else "the record"
    return f"other than in {since}: {'; '.join(changed)}" if changed else f"versions, CPU, code and inputs were as in {since}"


def _version_changes(before: LoggedPlace | None, now: LoggedPlace) -> Iterator[str]:
    """The packages whose versions were others, as "torch 2.13.0 → 2.14.0"."""
    then = before.differing if before else {}
    for name in sorted({*then, *now.differing}):
        recorded = (then.get(name) or now.differing[name])[0]
        old, new = (held[name][1] if name in held else recorded for held in (then, now.differing))
        if old != new:
            yield f"{name} {old or 'not installed'} → {new or 'not installed'}"


def unsettled_statements(joined: NotePage) -> list[UnsettledStatement]:
    """The statements that held in the recorded draw and not in every other one."""
    rows = {row.name: row for row in quantity_rows.claim_rows(joined)}
    made = []
    for name in joined.unsettled_claims:
        row, (held, total) = rows[name], joined.statement_draws[name]
        made.append(
            UnsettledStatement(
                title=row.title, name=name, anchor=row.anchor, sentence=row.sentence, held=held, total=total, stands=row.stands
            )
        )
    return made


# -- what did not hold before ------------------------------------------------------------------------------------------------------------


def past_failures(joined: NotePage) -> list[PastFailure]:
    """The newest checks that did not agree, but for those that the present state is about, the newest first."""
    own = joined.checks
    failing = _last_run([not check.outcome.is_agreement for check in own]) if own and not own[-1].outcome.is_agreement else len(own)
    present = {check.line_digest for check in own[failing:]}
    titles = {row.name: row.title for row in quantity_rows.claim_rows(joined)}
    made = [
        PastFailure(
            started=row.check.started,
            outcome=row.check.outcome.value,
            tone=row.check.outcome.tone,
            text=_failure_text(row.check, titles) + ("" if row.of_record else "; of an earlier record or other code"),
            after=_after_text(row.check, own) if row.of_record else "",
        )
        for row in reversed(joined.history)
        if not row.outcome.is_agreement and row.check.line_digest not in present
    ]
    return made[:PAST]


def _failure_text(check: LoggedCheck, titles: dict[str, str]) -> str:
    """What a check that did not agree found, in a sentence."""
    if check.failed:
        return f"{check.failed.where}: {check.failed.what.splitlines()[0]}"
    parts = []
    lost = [quantity for quantity in check.unequal if quantity.lost]
    for quantity in lost[:2]:
        parts.append(f"“{titles.get(quantity.name, quantity.name)}”: {quantity.details[0] if quantity.details else 'does not hold'}")
    if len(lost) > 2:
        parts.append(f"and {len(lost) - 2} more")
    changed = [quantity for quantity in check.unequal if quantity.verdict.is_failure and not quantity.lost]
    for quantity in changed[:2]:
        values = f" was {quantity.recorded} and came out as {quantity.observed}" if quantity.observed else f" {quantity.verdict.value}"
        name = titles.get(quantity.name, quantity.name) if quantity.kind is QuantityKind.CLAIM else f"{quantity.kind} {quantity.name}"
        parts.append(f"“{name}”{values}")
    if len(changed) > 2:
        parts.append(f"and {len(changed) - 2} more changed")
    if check.misses and check.misses.are_too_many:
        parts.append(check.misses.misses_text)
    return "; ".join(parts) or check.outcome.when


def _after_text(check: LoggedCheck, own: Sequence[LoggedCheck]) -> str:
    """What came after a check that did not agree: with another seed nothing does, since the note's own seed has its own checks."""
    if not check.is_golden:
        return f"with other seeds (block {check.seed})"
    later = [other for other in own if other.started > check.started]
    agreed = sum(other.times for other in later if other.outcome.is_agreement)
    if not later:
        return "not run again since"
    return f"agreed in {agreed} of {sum(other.times for other in later)} since"
