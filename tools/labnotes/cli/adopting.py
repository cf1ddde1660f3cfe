"""The commands that make notes of notebooks: what they did, what they propose line by line, and what they leave to do."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from labnotes.cli.app import (
    AGREES,
    app,
    chosen_slugs,
    finish_command,
    follow_option,
    lab_at,
    lab_option,
    print_line,
    print_warning,
)
from labnotes.errors import Problem, UsageError

if TYPE_CHECKING:
    from labnotes.adoption.drafts import LargeFile, Told
    from labnotes.adoption.matching import ClaimCandidate, NumberProposal
    from labnotes.adoption.shown_objects import ObjectProposal
    from labnotes.commands.adopt import AdoptedNote, ProposalAsker, TakenProposals
    from labnotes.commands.todo import NoteTodo
    from labnotes.report.terminal import LiveProgress
    from labnotes.source.labs import Lab
    from labnotes.source.notebooks import WholeCell

MOST_TOLD = 20
"""Entries of one list that are shown after a notebook was adopted; `labnotes todo` shows all."""


@app.command(epilog="Example: labnotes adopt analysis.ipynb  or  labnotes adopt notebooks/ --yes")
@click.argument("paths", metavar="PATH...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--slug", metavar="SLUG", help="The note's name and address for ever. Default: made of the file's name.")
@click.option("--yes", "-y", is_flag=True, help="Take the proposals that are certain, and ask nothing.")
@click.option("--run/--no-run", "runs", default=True, show_default=True, help="Run it and record what it yields, or only make the note.")
@click.option("--timeout", metavar="TIME", default="", help="The most that it may run (90s, 30m, 2h). Default: 10m.")
@follow_option
@lab_option
def adopt(*, paths: tuple[Path, ...], slug: str | None, yes: bool, runs: bool, timeout: str, follow: bool, where: tuple[Path, ...]) -> None:
    """Make notes of notebooks (.ipynb, percent .py, .md, .qmd, sphinx-gallery scripts, or folders of them): mend, copy what they read, run,
    propose which numbers of the text are results. The originals are untouched; a notebook that cannot run leaves nothing behind."""
    adopt_paths(lab_at(where), paths, slug, yes=yes, runs=runs, timeout=timeout, follow=follow)


def adopt_paths(lab: Lab, paths: Sequence[Path], slug: str | None, *, yes: bool, runs: bool, timeout: str, follow: bool) -> None:
    """Adopt notebooks, tell what came of each, and leave."""
    from labnotes.commands.adopt import AdoptOptions, NotAdopted, adopt_notebook, read_drafts
    from labnotes.report import terminal
    from labnotes.source.durations import parse_duration

    if timeout:
        try:
            parse_duration(timeout)
        except ValueError as error:
            raise UsageError(Problem("--timeout", str(error))) from None
    options = AdoptOptions(runs=runs, timeout=timeout)
    ready = read_drafts(lab, paths, lab.slug_of(slug) if slug else None, options)
    problems: list[Problem] = []
    adopted = []
    with terminal.LiveProgress(terminal.new_console(stderr=True), len(ready), follow=follow) as progress:
        asker = _asker(progress, yes=yes)
        for item in ready:
            try:
                done = adopt_notebook(lab, item, options, asker, progress)
            except NotAdopted as error:
                problems += [*error.problems]
                print_warning(f"{item.draft.shown} is no note: nothing of it was left behind")
                continue
            adopted.append(done.slug)
            with progress.paused():
                _show_adoption(lab, done)
    if adopted:
        print_line(f"\nnext: labnotes serve, and look at {', '.join(f'http://localhost:8000/notes/{name}/' for name in adopted[:3])}")
        print_line(f"then: labnotes todo {' '.join(adopted[:3])}, which says what stays to do until it can be published")
    finish_command(problems, AGREES)


def _asker(progress: LiveProgress, *, yes: bool) -> ProposalAsker:
    from labnotes.commands.adopt import TakesCertain, TakesNothing

    if yes:
        return TakesCertain()
    return _TerminalAsker(progress) if sys.stdin.isatty() else TakesNothing()


# -- questions ---------------------------------------------------------------------------------------------------------------------------


class _TerminalAsker:
    """Asks on the terminal, proposal by proposal, as `git add -p` does."""

    def __init__(self, progress: LiveProgress | None) -> None:
        self._progress = progress

    def takes_large(self, large: LargeFile) -> bool:
        question = f"{large.name} has {large.size / 1e6:,.0f} MB: copy it beside the note?"
        if self._progress is None:
            return click.confirm(question)
        with self._progress.paused():
            return click.confirm(question)

    def choose_proposals(
        self, cells: Sequence[WholeCell], numbers: Sequence[NumberProposal], objects: Sequence[ObjectProposal]
    ) -> TakenProposals:
        if self._progress is None:
            return self._ask_for_all(cells, numbers, objects)
        with self._progress.paused():
            return self._ask_for_all(cells, numbers, objects)

    def _ask_for_all(
        self, cells: Sequence[WholeCell], numbers: Sequence[NumberProposal], objects: Sequence[ObjectProposal]
    ) -> TakenProposals:
        from labnotes.adoption.edits import AcceptedNumber
        from labnotes.commands.adopt import TakenProposals

        taken: list[AcceptedNumber] = []
        shown: list[ObjectProposal] = []
        total, everything = len(numbers) + len(objects), False
        for at, proposal in enumerate(numbers, 1):
            if everything:
                if proposal.is_certain:
                    taken.append(AcceptedNumber(proposal=proposal, candidate=proposal.candidates[0]))
                continue
            _show_number_proposal(cells, proposal, f"({at}/{total})")
            answer = _asked_answer(len(proposal.candidates))
            if answer == "q":
                return TakenProposals(tuple(taken), tuple(shown))
            everything = answer == "a"
            if answer != "n":
                index = int(answer) - 1 if answer.isdigit() else 0
                taken.append(AcceptedNumber(proposal=proposal, candidate=proposal.candidates[index]))
        for at, item in enumerate(objects, len(numbers) + 1):
            if everything:
                shown += [item] if item.is_certain else []
                continue
            click.echo(f"\n({at}/{total}) {item.kind} of cell {item.cell}{f': {item.doubt}' if item.doubt else ''}")
            click.secho(f"+ {item.call}", fg="green")
            answer = _asked_answer(1)
            if answer == "q":
                break
            everything = answer == "a"
            shown += [item] if answer != "n" else []
        return TakenProposals(tuple(taken), tuple(shown))


def _asked_answer(count: int) -> str:
    """The answer to a proposal: y, n, a (this and all that are certain), q (no more), or the number of one of several candidates."""
    numbers = [str(number) for number in range(1, count + 1)] if count > 1 else []
    words = [*(numbers or ["y"]), "n", "a", "q"]
    return str(click.prompt(f"take it [{','.join(words)},?]", type=click.Choice(words), show_choices=False))


def _show_number_proposal(cells: Sequence[WholeCell], proposal: NumberProposal, count: str) -> None:
    """A proposal as a difference: the line of the text before and after, and the claim that goes into the code."""
    from labnotes.adoption import edits
    from labnotes.adoption.drafts import place_of

    text, line = cells[proposal.cell].source, proposal.number.line
    click.echo(f"\n{count} {place_of(cells, proposal.cell)}{f': {proposal.doubt}' if proposal.doubt else ''}")
    click.secho(f"- {text.split(chr(10))[line - 1].strip()}", fg="red")
    for at, candidate in enumerate(proposal.candidates, 1):
        mark = f"{at} " if len(proposal.candidates) > 1 else ""
        binding = f"{{{{ {edits.proposed_name(cells, candidate)} }}}}"
        click.secho(f"{mark}+ {edits.bound_text(text, proposal, candidate, binding).split(chr(10))[line - 1].strip()}", fg="green")
        click.secho(f"{mark}+ {_claim_line(cells, candidate)}", fg="green")


def _claim_line(cells: Sequence[WholeCell], candidate: ClaimCandidate) -> str:
    from labnotes.adoption import edits
    from labnotes.model.comparison import number_text

    told = candidate.told
    name = edits.proposed_name(cells, candidate)
    return f"cell {told.cell}: claim({name!r}, {told.expression}, format={candidate.format!r}), which is {number_text(told.value)}"


# -- what came of it ---------------------------------------------------------------------------------------------------------------------


def _show_adoption(lab: Lab, done: AdoptedNote) -> None:
    ran = f"ran in {done.seconds:.1f} s, and is the draft's first record" if done.recorded else "was not run"
    click.secho(f"\n{done.origin} is notes/{done.slug} now: it {ran}", bold=True)
    _show_list("mended", done.mended)
    taken = [
        _counted(len(done.taken.numbers), "number is bound", "numbers are bound"),
        *(_counted(sum(item.kind == kind for item in done.taken.objects), kind) for kind in ("figure", "table")),
    ]
    if not done.taken.is_empty:
        print_line(f"taken: {', '.join(filter(None, taken))}; each call says '# from the notebook: check me'")
    _show_list("taken back", done.undone)
    for difference in done.differences[:MOST_TOLD]:
        click.secho(f"  cell {difference.cell}: {difference.text}", fg="yellow")
    left = len(done.left_numbers) + len(done.left_objects)
    certain = sum(item.is_certain for item in done.left_numbers) + sum(item.is_certain for item in done.left_objects)
    if left:
        print_line(
            f"not taken: {_counted(left, 'proposal')}, {certain} of them certain; to take them: labnotes todo {done.slug}, or with --yes the certain ones"
        )
    _show_list("to do", done.remaining)
    missing = _unlisted_requirements(lab, done.requirements)
    if missing:
        print_line(f"lines for requirements.txt: {', '.join(missing)}")


def _unlisted_requirements(lab: Lab, names: Sequence[str]) -> list[str]:
    path = lab.root / "requirements.txt"
    text = path.read_text(encoding="utf-8", errors="replace").lower().replace("_", "-") if path.is_file() else ""
    return [name for name in names if name.lower().replace("_", "-") not in text]


def _counted(count: int, noun: str, plural: str = "") -> str:
    return f"{count} {noun if count == 1 else plural or f'{noun}s'}" if count else ""


def _show_list(title: str, told: Sequence[Told]) -> None:
    if not told:
        return
    print_line(f"{title}:")
    for item in told[:MOST_TOLD]:
        print_line(f"  {item.where}: {item.what}" if item.where else f"  {item.what}")
        for line in item.hint.splitlines():
            print_line(f"      {line}")
    if len(told) > MOST_TOLD:
        print_line(f"  and {len(told) - MOST_TOLD} more")


# -- what stays to do --------------------------------------------------------------------------------------------------------------------


@app.command(epilog="Example: labnotes todo my-note")
@click.argument("slugs", metavar="SLUG...", nargs=-1, required=True)
@click.option("--yes", "-y", is_flag=True, help="Write the proposals that are certain into the source.")
@click.option("--ask", is_flag=True, help="Ask for each proposal whether to write it into the source.")
@lab_option
def todo(slugs: tuple[str, ...], *, yes: bool, ask: bool, where: tuple[Path, ...]) -> None:
    """What stays to do until a note can be published: numbers that nothing binds with the best guesses, words to fill in, data, seeds, slow
    cells."""
    from labnotes.commands import todo as todo_command
    from labnotes.source.note_guard import guard_note

    lab = lab_at(where)
    if ask and not sys.stdin.isatty():
        raise UsageError(Problem("--ask", "there is no terminal to ask on", "--yes writes the proposals that are certain"))
    problems: list[Problem] = []
    for slug in chosen_slugs(lab, slugs):
        with guard_note(slug, problems):
            left = todo_command.note_todo(lab, slug)
            if yes or ask:
                _write_taken(lab, left, yes=yes)
                left = todo_command.note_todo(lab, slug)
            _show_todo(left)
    finish_command(problems, AGREES)


def _write_taken(lab: Lab, left: NoteTodo, *, yes: bool) -> None:
    from labnotes.commands.adopt import TakesCertain
    from labnotes.commands.todo import write_choice

    asker = TakesCertain() if yes else _TerminalAsker(None)
    choice = asker.choose_proposals(left.cells, left.numbers, left.objects)
    if choice.is_empty:
        print_line("nothing was taken: no proposal is certain" if yes else "nothing was taken")
        return
    edited = write_choice(lab, left, choice)
    slug = left.note.slug
    print_line(
        f"wrote {_counted(len(edited.claims), 'claim') or 'no claim'} and {_counted(len(edited.bound), 'binding') or 'no binding'} into notes/{slug}"
    )
    print_line(f"next: labnotes run {slug} && labnotes accept {slug}")


def _show_todo(left: NoteTodo) -> None:
    from labnotes.adoption.remaining import shown_number

    slug = left.note.slug
    click.secho(f"{slug}: {left.note.settings.title} ({left.note.settings.status})", bold=True)
    if left.is_done:
        print_line(f"nothing stays to do: status: published in notes/{slug}/note.yml, and labnotes build")
        return
    if left.loose:
        rest = left.without_guess
        some = f", none with a guess: {_named_numbers(rest)}" if len(rest) == len(left.loose) else ":"
        print_line(f"{_counted(len(left.loose), 'number')} that nothing binds{some}")
        for proposal in left.numbers:
            sure = "certain" if proposal.is_certain else proposal.doubt
            print_line(f"  {shown_number(left.cells[proposal.cell].source, proposal.number)}")
            for candidate in proposal.candidates:
                print_line(f"      {_claim_line(left.cells, candidate)}")
            print_line(f"      {sure}")
        if rest and some == ":":
            print_line(f"  {_counted(len(rest), 'number')} without a guess: {_named_numbers(rest)}")
        if rest:
            print_line("      mend what the code gives otherwise, bind what it gives, and say what the others are:")
            print_line('      a constant is {{ const("64", "width") }}, a number of others {{ cited("40 %", "key") }}')
        _show_list("of these the recorded run printed", left.printed)
    for item in left.objects:
        print_line(f"  cell {item.cell} shows a {'picture' if item.kind == 'figure' else 'data frame'} without words:")
        print_line(f"      {item.call}")
    _show_list("and", left.others)
    if left.numbers or left.objects:
        print_line(f"to take proposals: labnotes todo {slug} --ask, or --yes for the certain ones")


def _named_numbers(places: Sequence[tuple[str, str]]) -> str:
    return ", ".join(f"{number} ({place})" for place, number in places[:MOST_TOLD])
