"""Sentences that every report says the same way."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import TYPE_CHECKING

from labnotes.model.quantities import QuantityKind
from labnotes.model.verdicts import Outcome, Verdict

if TYPE_CHECKING:
    from labnotes.model.observation import Observation
    from labnotes.outcomes.checks import CheckResult, NoteCheck

NOT_OK = {outcome for outcome in Outcome if outcome.exit_status}


def count_with_noun(count: int, word: str) -> str:
    """A count with its noun: "1 claim", "2 claims"."""
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def counted_texts(texts: Iterable[str]) -> list[str]:
    """Each text once, in the order of first sight; one that came several times says how often: "cell 1 …  (3 times)"."""
    return [text if count == 1 else f"{text}  ({count} times)" for text, count in Counter(texts).items()]


def statements_not_upheld(observed: Observation) -> list[str]:
    """Names of the claims whose statement does not hold in a run."""
    return [claim.name for claim in observed.claims.values() if claim.upheld is False]


def counts_text(note: NoteCheck) -> str:
    """How many quantities agree: "14 of 14 claims, 5 of 6 figures (1 not verified), 2 tables drawn anew"."""
    parts = []
    for kind in QuantityKind:
        verdicts = [comparison.verdict for comparison in note.comparisons if comparison.kind is kind]
        if verdicts:
            apart = Counter(verdict for verdict in verdicts if not verdict.is_agreement and not verdict.is_failure)
            words = ", ".join(f"{count} {APART[verdict]}" for verdict, count in apart.items())
            plural = "s" if len(verdicts) > 1 else ""
            if len(verdicts) == apart.total():  # nothing of the kind was judged: no "0 of 7", which would read as a failure
                parts.append(", ".join(f"{count_with_noun(count, kind)} {APART[verdict]}" for verdict, count in apart.items()))
                continue
            parts.append(f"{sum(v.is_agreement for v in verdicts)} of {len(verdicts)} {kind}{plural}" + (f" ({words})" if words else ""))
    return ", ".join(parts)


APART = {Verdict.UNVERIFIED: "not verified", Verdict.DRAWN_ANEW: "drawn anew", Verdict.OUTSIDE: "outside"}
"""The words for verdicts that `counts_text` counts apart."""


def statements_lost(note: NoteCheck) -> list[str]:
    """The statements that the record upholds and that did not hold, in words."""
    return [
        f"{comparison.name}: {comparison.details[0]}" if comparison.details else comparison.name
        for comparison in note.comparisons
        if comparison.lost
    ]


def draw_words(note: NoteCheck) -> str:
    """What a fresh draw says of statements and means: "15 of 15 statements hold, 6 of 106 means outside ..."; "" for another run."""
    drawn = [comparison for comparison in note.comparisons if comparison.drawn]
    if not drawn:
        return ""
    stated = [comparison.upheld for comparison in note.comparisons if comparison.upheld is not None]
    parts = [f"{sum(stated)} of {count_with_noun(len(stated), 'statement')} hold"] if stated else []
    return "as a fresh draw: " + ", ".join([*parts, *([note.counted_misses.misses_text] if note.counted_misses.judged else [])])


def source_of(note: NoteCheck) -> str:
    """Where the values come from: this check, or a run before it."""
    if note.outcome is Outcome.NOT_RERUN:
        return note.reason
    if note.executed:
        return f"{note.seconds:.1f} s"
    if note.is_recorded_run:
        return "the recorded run itself, not executed again"
    return f"stored run of {note.observed.provenance.started[:10]}" if note.observed else ""


def headline(check: CheckResult) -> str:
    """One line on a whole check: how many notes have which outcome, and whether anything was executed at all."""
    outcomes = Counter(note.outcome.value if note.outcome else "ran" for note in check.notes)
    parts = [f"{count} {name}" for name, count in outcomes.items()]
    if check.problems:
        parts.append(f"{len(check.problems)} problem{'s' if len(check.problems) > 1 else ''}")
    executed = sum(note.executed for note in check.notes)
    line = f"{len(check.notes)} note{'' if len(check.notes) == 1 else 's'}: {', '.join(parts) or ('none done' if check.interrupted else 'nothing to do')}"
    if executed == 0 and check.notes and not any(note.observed for note in check.notes):
        line += ". Nothing was executed"
    elif executed == 0 and check.notes:
        line += (
            ". Nothing was executed: stored runs of exactly this code, these inputs and this environment were compared (--fresh executes)"
        )
    elif executed < len(check.notes):
        line += f". {executed} executed now"
    unfinished = f" before these were done: {', '.join(check.unfinished)}" if check.unfinished else ""
    return line + (f". Broken off{unfinished}" if check.interrupted else "")


def isolation_text(check: CheckResult) -> str:
    """By which means the runs of this check were kept from the network and from other files; "" if nothing was run."""
    environments = [note.observed.provenance.environment for note in check.notes if note.observed and note.executed]
    means = sorted(
        {f"network cut by {environment.isolation}, other files held back by {environment.files}" for environment in environments}
    )
    return "; ".join(means)


def not_verified(check: CheckResult) -> list[str]:
    """Everything this check cannot vouch for, one line each."""
    lines = []
    for note in check.notes:
        slug = note.note.slug
        if note.outcome is Outcome.NOT_RERUN:
            lines.append(f"{slug}: not re-run, {note.reason}")
        elif note.outcome is Outcome.UNRECORDED:
            lines.append(f"{slug}: has no record to compare with")
        elif not note.executed and note.observed:
            lines.append(f"{slug}: not executed now, compared by {source_of(note)}")
        for comparison in note.comparisons:
            if comparison.verdict is Verdict.UNVERIFIED:
                lines.append(f"{slug}: {comparison.kind} {comparison.name}: {'; '.join(comparison.details)}")
        lines += [f"{slug}: {notice}" for notice in counted_texts(note.notices)]
    return lines
