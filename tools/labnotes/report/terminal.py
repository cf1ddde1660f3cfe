"""A check on a terminal: progress while notes run, then what a person can act on. Plain lines where there is no terminal."""

from __future__ import annotations

import contextlib
import sys
import textwrap
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from types import TracebackType
from typing import TYPE_CHECKING, Self

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from labnotes.execute.streams import final_text
from labnotes.model.claims import claim_text, format_value
from labnotes.model.quantities import QuantityKind
from labnotes.model.verdicts import Outcome, ResultTone, Verdict
from labnotes.report.wording import (
    count_with_noun,
    counted_texts,
    counts_text,
    draw_words,
    headline,
    isolation_text,
    source_of,
    statements_not_upheld,
)
from labnotes.source import bindings
from labnotes.store.result_stores import shown_log

if TYPE_CHECKING:  # what is shown; each command imports what it makes, and no more
    from labnotes.compare.trial_changes import MutationResults
    from labnotes.errors import Problem
    from labnotes.model.audit import AuditTrial
    from labnotes.model.comparison import Comparison
    from labnotes.outcomes.audits import NoteAudit
    from labnotes.outcomes.changes import RecordChange
    from labnotes.outcomes.checks import CheckResult, NoteCheck
    from labnotes.outcomes.repeats import NoteRepeats
    from labnotes.outcomes.statuses import NoteStatus
    from labnotes.store.check_history import NoteHistory

SHOWN_ALIKE = 6
"""How many quantities are named of those in which a trial change went unnoticed, and of those that one condition of an audit changed."""

LONGEST_LINE = 1000
"""Characters kept of a line that a cell has not ended yet."""

WIDTH = 120
"""Width in columns where there is no terminal."""

_COLOURS = {
    ResultTone.GREEN: "green",
    ResultTone.AMBER: "yellow",
    ResultTone.RED: "red",
    ResultTone.BLUE: "blue",
    ResultTone.GREY: "yellow",
}

_STYLES = {outcome: "red" if outcome.exit_status else _COLOURS[outcome.tone] for outcome in Outcome}


class _PipeAwareConsole(Console):
    def on_broken_pipe(self) -> None:
        """Raise an error that ends the command well, where rich would exit with 1: a reader such as `head` has seen enough."""
        raise BrokenPipeError


def new_console(*, stderr: bool = False) -> Console:
    """A console as wide as the terminal; without a terminal, one that does not break the lines of a log."""
    plain = not (sys.stderr if stderr else sys.stdout).isatty()
    return _PipeAwareConsole(stderr=stderr, highlight=False, soft_wrap=plain, width=None if not plain else WIDTH, emoji=False)


class LiveProgress:
    """Shows which notes are running, in which cell, for how many seconds: live lines on a terminal, plain lines elsewhere.

    With `follow`, everything that cells print is shown as it comes, each line with the note's name and the cell's number; without, the last
    line that each running note printed.
    """

    def __init__(self, out: Console, total: int, *, follow: bool = False) -> None:
        self._out = out
        self._follow = follow
        self._last: dict[str, str] = {}
        self._unfinished: dict[str, str] = {}
        self._total = total
        self._done = 0
        self._since: dict[str, float] = {}
        self._cells: dict[str, str] = {}
        self._live = (
            Live(get_renderable=self._progress_text, console=out, refresh_per_second=4, transient=True) if out.is_terminal else None
        )

    def __enter__(self) -> Self:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None) -> None:
        if self._live:
            self._live.stop()

    @contextlib.contextmanager
    def paused(self) -> Iterator[None]:
        """Leave the terminal to whoever asks or prints something."""
        if self._live:
            self._live.stop()
        try:
            yield
        finally:
            if self._live:
                self._live.start()

    def started(self, slug: str) -> None:
        self._since[slug] = time.monotonic()
        self._cells[slug] = "starting a kernel"
        if not self._live:
            self._out.print(f"{slug}: running", markup=False)

    def cell(self, slug: str, number: int, total: int) -> None:
        self._cells[slug] = f"cell {number} of {total}"

    def printed(self, slug: str, number: int, text: str) -> None:
        """Take what a cell printed, in whatever pieces it comes."""
        *lines, rest = (self._unfinished.get(slug, "") + text).split("\n")
        self._unfinished[slug] = rest.rpartition("\r")[2] or rest[-LONGEST_LINE:]
        for line in lines:
            shown = line.rstrip("\r").rpartition("\r")[2]
            if shown.strip():
                self._last[slug] = shown.strip()
            if self._follow:
                self._out.print(f"{slug} [{number}] {shown}", markup=False)

    def finished(self, slug: str, outcome: str, seconds: float) -> None:
        self._done += 1
        was_running = self._since.pop(slug, None) is not None
        for kept in (self._cells, self._last, self._unfinished):
            kept.pop(slug, None)
        if was_running:
            self._out.print(f"[{self._done}/{self._total}] {slug}: {outcome}, {seconds:.1f} s", markup=False)

    def warning(self, text: str) -> None:
        self._out.print(f"warning: {plain_line(text)}", style="yellow", markup=False)

    def _progress_text(self) -> Text:
        now = time.monotonic()
        lines = []
        for slug, since in list(self._since.items()):
            lines.append(f"  {slug}: {self._cells.get(slug, '')}, {now - since:.0f} s")
            last = final_text(self._unfinished.get(slug, "")).strip() or self._last.get(slug, "")
            if last and not self._follow:
                lines.append(f"    {last[: self._out.width - 6]}")
        return Text("\n".join([*lines, f"  {self._done} of {self._total} done"]), style="dim")


def show_problems(out: Console, problems: Iterable[Problem]) -> None:
    for problem, count in Counter(problems).items():
        where = f"{plain_line(problem.where)}: " if problem.where else ""
        times = "" if count == 1 else f"  ({count} times)"
        out.print(f"[bold red]error[/] [bold]{escape(where)}[/]{escape(plain_line(problem.what))}{times}")
        for line in problem.hint.splitlines():
            out.print(f"      {escape(plain_line(line))}", style="dim")


def plain_line(text: str) -> str:
    """A text on one line, with the signs written out that would steer a terminal, as in a file's name: "a\\nb", "\\x1b[2J"."""
    if text.isprintable():
        return text
    return "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in text)


def show_check(out: Console, check: CheckResult) -> None:
    """Show every note with its outcome, what differs in it, and what to do next."""
    for note in check.notes:
        _show_note(out, note)
    if check.notes:
        out.print()
    out.print(headline(check), markup=False)
    means = isolation_text(check)
    if means:
        out.print(f"during runs: {means}", style="dim", markup=False)
    for line in _next_steps(check):
        out.print(line, markup=False)


def _show_note(out: Console, note: NoteCheck) -> None:
    outcome = note.outcome.value if note.outcome else "ran"
    details = ", ".join(part for part in (counts_text(note), source_of(note)) if part)
    out.print(
        f"\n[bold]{note.note.slug}[/] [{_STYLES.get(note.outcome, 'bold') if note.outcome else 'bold'}]{outcome}[/]  [dim]{escape(details)}[/]"
    )
    for reason in note.stale:
        out.print(f"  the record is stale: {reason}", style="yellow", markup=False)
    draw = draw_words(note)
    if draw:
        out.print(f"  {draw}", markup=False)
    if note.failure:
        first, *more = note.failure.what.splitlines() or [""]
        out.print(f"  [bold]{escape(note.failure.where)}[/]: [red]{escape(first)}[/]")
        for line in more:
            out.print(f"    {line}", markup=False)
        if note.failure.line:
            out.print(f"    > {note.failure.line}", markup=False)
        for line in note.failure.frames.splitlines():
            out.print(f"    {line}", style="dim", markup=False)
    show_comparisons(out, [comparison for comparison in note.comparisons if comparison.verdict is not Verdict.EXACT or comparison.details])
    for notice in counted_texts(note.notices):
        out.print(f"  note: {notice}", style="dim", markup=False)


def show_comparisons(out: Console, comparisons: Sequence[Comparison]) -> None:
    for comparison in comparisons:
        style = _COLOURS[comparison.verdict.tone]
        sides = list(dict.fromkeys(filter(None, (comparison.recorded, comparison.observed))))
        is_told = comparison.kind is QuantityKind.CLAIM and comparison.recorded != comparison.observed
        values = f"  {' → '.join(sides)}" if is_told else ""
        out.print(
            f"  [{style}]{comparison.verdict.sign} {comparison.verdict.value}[/] {comparison.kind} [bold]{escape(comparison.name)}[/]{escape(values)}"
        )
        for text in comparison.details:
            out.print(f"      {text}", markup=False)
        if comparison.because and comparison.verdict.is_failure:
            out.print(f"      tolerance {comparison.tolerance}: {comparison.because}", style="dim", markup=False)


def _next_steps(check: CheckResult) -> list[str]:
    steps = []
    held = [note for note in check.notes if note.observed and not _failures_not_in_prose(note) and not note.has_word_problems]
    differing = [
        note.note.slug
        for note in held
        if note.outcome in (Outcome.DIFFERS, Outcome.STATEMENT_LOST) and not any(comparison.drawn for comparison in note.comparisons)
    ]
    unrecorded = [note.note.slug for note in held if note.outcome is Outcome.UNRECORDED]
    stale = [note.note.slug for note in held if note.outcome is Outcome.AGREES and note.stale]
    logged = [note for note in check.notes if note.logged]
    if differing and check.options.seed is None:
        steps.append(f"if the new values are right: labnotes accept {' '.join(differing)}")
    if unrecorded and check.options.seed is None:
        steps.append(f"to record: labnotes accept {' '.join(unrecorded)}")
    if stale and check.options.seed is None:
        steps.append(f"the values agree, the record is of older code: labnotes accept {' '.join(stale)}")
    elsewhere = [
        comparison.name
        for note in check.notes
        for comparison in note.comparisons
        if comparison.drawn and comparison.upheld is False and not comparison.lost
    ]
    if elsewhere:
        steps.append(f"did not hold in this draw, and are not upheld by the record: {', '.join(elsewhere)}")
    proposed = [note for note in check.notes if note.observed and not any(comparison.drawn for comparison in note.comparisons)]
    failed = [f"{note.note.slug}: {name}" for note in proposed for name in _failures_not_in_prose(note)]
    if failed:
        steps.append(f"statements that do not hold, so that a record can hold them only if the prose says so: {', '.join(failed)}")
    if logged:
        places = ", ".join(shown_log(note.note.slug) for note in logged)
        steps.append(f"appended to {places}: commit it, and the site says what was found")
    return steps


def _failures_not_in_prose(note: NoteCheck) -> list[str]:
    """Claims of a run whose statement does not hold, and of which the prose does not say so: such a run cannot become a record."""
    said = bindings.bound_fields(note.note.source.text_cells, "upheld")
    return [name for name in statements_not_upheld(note.observed) if name not in said] if note.observed else []


def show_run(out: Console, check: CheckResult) -> None:
    """Show the claims, figures and tables that each run yielded."""
    for note in check.notes:
        _show_note(out, note)
        if note.observed is None:
            continue
        for claim in note.observed.claims.values():
            out.print(f"  {claim_text(claim)}", markup=False)
        for figure in note.observed.figures.values():
            out.print(f"  figure {figure.label}: {figure.data.size_text}", markup=False)
            for what in figure.data.unverified:
                out.print(f"      not verified: {what}", style="yellow", markup=False)
        for table in note.observed.tables.values():
            rows = len(table.data.columns[0].values) if table.data.columns else 0
            size = f"{count_with_noun(len(table.data.columns), 'column')}, {count_with_noun(rows, 'row')}"
            out.print(f"  table {table.label}: {size}", markup=False)
    out.print()
    out.print(headline(check), markup=False)
    for line in _next_steps(
        replace(check, notes=tuple(replace(note, outcome=Outcome.UNRECORDED) for note in check.notes if note.observed))
    ):
        out.print(line, markup=False)


def show_change(out: Console, change: RecordChange) -> None:
    """Show what accepting would change in a note's record, and what the author should look at."""
    _show_what_changes(out, change)
    for notice in counted_texts(change.notices):
        out.print(f"  note: {notice}", style="yellow", markup=False)


def _show_what_changes(out: Console, change: RecordChange) -> None:
    slug = change.note.slug
    if change.broken:
        out.print(f"\n[bold]{slug}[/] [red]the record there is now cannot be read and would be replaced[/]")
        out.print(f"  {change.broken}", markup=False)
    if change.recorded is None:
        observed = change.observed
        counts = ", ".join(
            count_with_noun(len(quantities), word)
            for quantities, word in ((observed.claims, "claim"), (observed.figures, "figure"), (observed.tables, "table"))
        )
        out.print(f"\n[bold]{slug}[/] first record: {counts}")
        for claim in change.observed.claims.values():
            out.print(f"  + {claim_text(claim)}", markup=False)
        return
    if change.is_unchanged:
        out.print(f"\n[bold]{slug}[/] nothing changes in its values; the record gets the new run's date")
        return
    same = len(change.comparisons) - len(change.differing_comparisons)
    out.print(f"\n[bold]{slug}[/] {len(change.differing_comparisons)} of {len(change.comparisons)} quantities change, {same} stay")
    show_comparisons(out, change.differing_comparisons)
    if not change.differing_comparisons:
        cells = change.changed_cells
        outputs = f"outputs of cell{'s' if len(cells) > 1 else ''} {', '.join(map(str, cells))}" if cells else "captions or pictures"
        out.print(f"  {outputs} change, no claim, figure data or table does", style="dim")


def show_score(out: Console, score: MutationResults) -> None:
    """Show how many trial changes a check would have noticed, and those that it would not have noticed, in groups of the same change."""
    total = len(score.mutations)
    style = "green" if score.noticed_count == total else "yellow"
    out.print(f"[bold]{score.slug}[/] [{style}]{score.noticed_count} of {total}[/] trial changes would have been noticed")
    table = Table(box=None, pad_edge=False, show_edge=False, show_header=False)
    for kind, (noticed, tried) in score.counts_by_kind().items():
        table.add_row("  " + kind, f"{noticed} of {tried}", style="" if noticed == tried else "yellow")
    out.print(table)
    if score.surviving_mutations:
        out.print("  not noticed:")
    for what, quantities in score.unnoticed_changes():
        more = f" and {len(quantities) - SHOWN_ALIKE} more" if len(quantities) > SHOWN_ALIKE else ""
        out.print(f"    {what}: {', '.join(quantities[:SHOWN_ALIKE])}{more}", markup=False)


def show_audit(out: Console, done: NoteAudit) -> None:
    """Show the result of each condition of an audit, the cell where a difference begins, and what the author has to state."""
    slug = done.note.slug
    if done.audit is None:
        out.print(f"\n[bold]{slug}[/] [red]not audited[/]: its ordinary run did not finish")
        if done.failure:
            out.print(f"  {done.failure.where}: {done.failure.what}", markup=False)
        return
    audit = done.audit
    style, word = ("green", "nothing to mend") if done.is_clean else ("red", "something to mend")
    out.print(f"\n[bold]{slug}[/] [{style}]{word}[/]  [dim]{len(audit.trials)} conditions beside the ordinary one[/]")
    for trial in audit.trials:
        style = "red" if trial.is_defect else "green"
        out.print(f"  [{style}]{_trial_sign(trial)}[/] [bold]{escape(trial.condition)}[/]{escape(_difference_text(trial))}")
        for cell, names in trial.trail:
            place = next(code_cell.line_place() for code_cell in done.note.source.code_cells if code_cell.number == cell)
            out.print(f"      cell {cell} ({place}): {', '.join(names)}", style="" if trial.is_defect else "dim", markup=False)
        if trial.reason:
            out.print(f"      {trial.reason}", markup=False)
    for kind in QuantityKind:
        held = audit.envelope.movements_of(kind)
        if held:
            shown = ", ".join(f"{name} {moved:.3g}" for name, moved in sorted(held.items()))
            out.print(
                f"  {kind}s moved by at most{' (share of the range)' if kind is not QuantityKind.CLAIM else ''}: {shown}", markup=False
            )
    for line in done.advice:
        out.print(f"  to state: {line}", style="yellow", markup=False)
    if done.not_kept:
        out.print(f"  could not be kept in notes/{slug}/audit.json: {done.not_kept}", style="red", markup=False)
    else:
        out.print(f"  kept in notes/{slug}/audit.json", style="dim")


def _trial_sign(trial: AuditTrial) -> str:
    """The sign of the verdict on a trial that gave results; for any other trial its outcome in words."""
    if trial.outcome in ("same", "differs"):
        return (Verdict.EXACT if trial.outcome == "same" else Verdict.NOISE if trial.numerical else Verdict.CHANGED).sign
    return trial.outcome


def _difference_text(trial: AuditTrial) -> str:
    """The words that follow a condition: whether its results are the same, or which quantities differ."""
    if trial.outcome != "differs":
        return "  the same" if trial.outcome == "same" else ""
    more = f" and {len(trial.differing) - SHOWN_ALIKE} more" if len(trial.differing) > SHOWN_ALIKE else ""
    return f"  other results: {', '.join(trial.differing[:SHOWN_ALIKE])}{more}"


def show_repeats(out: Console, done: NoteRepeats) -> None:
    """Show how often statements held, whether means stayed, and what the tests could have seen."""
    style, word = ("green", "upheld") if done.is_upheld else ("red", "not upheld")
    out.print(f"\n[bold]{done.slug}[/] [{style}]{word}[/]  [dim]{done.finished} of {done.asked} blocks of seeds finished[/]")
    for failure in done.failures:
        out.print(f"  {failure}", style="red", markup=False)
    if done.statements:
        table = Table(box=None, pad_edge=False, show_edge=False)
        for name in ("  statement", "held", "holds in at least", "p"):
            table.add_column(name)
        for statement in done.statements:
            shown = (
                f"  {statement.claim}: {statement.text}",
                f"{statement.held} of {statement.blocks}",
                f"{statement.at_least:.0%} of runs",
                f"{statement.p:.2g}",
            )
            table.add_row(*map(Text, shown), style="red" if statement.is_rejected else "")
        out.print(table)
        if done.visible is None:
            out.print("  so few blocks reject no statement, even one that never holds", style="yellow")
        else:
            out.print(f"  these blocks can only see statements that fail in {done.visible:.0%} of runs or more", style="dim")
    if done.means:
        table = Table(box=None, pad_edge=False, show_edge=False)
        for name in ("  mean", "recorded", "fresh", "p", "sees shifts above"):
            table.add_column(name)
        for mean in done.means:
            then, now = (
                f"{format_value(value, mean.format)} (n = {n})"
                for value, n in ((mean.recorded, mean.recorded_n), (mean.fresh, mean.fresh_n))
            )
            table.add_row(
                *map(Text, (f"  {mean.claim}", then, now, f"{mean.p:.2g}", f"{mean.visible:.2g}")), style="red" if mean.is_rejected else ""
            )
        out.print(table)
    out.print(
        "  p: exact binomial test of holding in 95 % of runs, permutation test of equal means, adjusted by Holm; sight of one test by itself, at 80 % power",
        style="dim",
    )


REMARK_LENGTH = 120
"""Characters that a list of notes shows of a remark."""


def show_list(out: Console, rows: Sequence[NoteStatus], *, in_full: bool) -> None:
    """Show the status of each note, then what is told of it; of what is told of its source the first, or with `in_full` all."""
    table = Table(box=None, pad_edge=False, show_edge=False)
    for name in ("note", "status", "recorded", "state", "last check", "of all"):
        table.add_column(name, no_wrap=True)
    for row in rows:
        style = {"fresh": "green", "stale": "yellow", "unknown here": "yellow", "unrecorded": "yellow"}.get(row.state, "red")
        checked = Text(row.checked, style=_STYLES[row.outcome] if row.outcome else "")
        table.add_row(row.slug, row.status, row.recorded, Text(row.state, style=style), checked, row.agreed)
    out.print(table)
    told = [row for row in rows if row.reasons or row.remarks or row.told]
    if told:
        out.print()
    for row in told:
        if row.reasons:
            out.print(plain_line(f"{row.slug} is {row.state}: {'; '.join(row.reasons)}"), markup=False)
        for remark in row.remarks:
            lines = "\n".join(map(plain_line, remark.split("\n")))
            out.print(f"{row.slug}: {lines}", markup=False)
        for remark in _told_remarks(row, in_full=in_full):
            out.print(f"{row.slug}: {plain_line(remark)}", style="dim", markup=False)


def _told_remarks(row: NoteStatus, *, in_full: bool) -> list[str]:
    """What is told of a note's source: all of it, or the beginning and how to see the rest."""
    remarks = counted_texts(row.told)
    if in_full or not remarks:
        return remarks
    more = f"and {len(remarks) - 1} more, " if len(remarks) > 1 else ""
    if len(remarks[0]) <= REMARK_LENGTH and not more:
        return remarks
    shown = textwrap.shorten(remarks[0], REMARK_LENGTH, placeholder=" …")
    return [f"{shown}  ({more}in full: labnotes list {row.slug})"]


def show_history(out: Console, told: NoteHistory) -> None:
    """Show every check of a note, newest last; then, if it was asked for, one claim over time."""
    out.print(f"[bold]{escape(told.slug)}[/]  {escape(told.headline)}")
    if not told.rows:
        return
    for row in told.rows:
        style = _STYLES[row.outcome] if row.of_record else "dim"
        of_other = "" if row.of_record else "  of another record, or other code"
        seed = "" if row.check.is_golden else f", seed {row.seed}"
        by = f", by {row.by}" if row.by else ""
        out.print(f"\n{row.when}  [{style}]{row.outcome.value}[/]  [dim]{row.how}{seed}, {row.took}{of_other}[/]")
        kinds = zip(row.counts, ("claims", "figures", "tables"), strict=True)
        counted_kinds = ", ".join(
            f"{count} {kind}" if "(" not in count else count.replace(" (", f" {kind} (") for count, kind in kinds if count
        )
        for line in (counted_kinds, f"{row.place}{by}", *row.details):
            if line:
                out.print(f"    {line}", markup=False)
    if told.claim is not None:
        out.print(f"\n[bold]{escape(told.claim.name)}[/]  {escape(told.claim.summary)}")
        values = Table(box=None, pad_edge=False, show_edge=False)
        for name in ("when (UTC)", "value", "verdict", "statement", "where"):
            values.add_column(name)
        for point in told.claim.points:
            values.add_row(
                point.when, point.value, Text(point.verdict.value, style=_COLOURS[point.verdict.tone]), point.statement, Text(point.place)
            )
        out.print(values, soft_wrap=True)
