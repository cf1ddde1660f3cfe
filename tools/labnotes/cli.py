"""The command line: the only module that prints, prompts and exits.

Exit status: 0 all that was asked for agrees; 1 something differs, raised, timed out, is unrecorded or, in CI, nothing was re-run; 2 wrong usage or
an invalid note.
"""

from __future__ import annotations

import datetime
import importlib
import io
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from labnotes.errors import LabNotesError, Problem, UsageError

if TYPE_CHECKING:
    from labnotes.outcomes.checks import CheckOptions
    from labnotes.source.labs import Lab

AGREES, DIFFERS, INVALID, INTERRUPTED = 0, 1, 2, 130

app = typer.Typer(
    name="labnotes",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
    help="Research notes whose every number and figure is re-executed and checked.",
    epilog="The way of a note: labnotes new my-note · edit it · labnotes run my-note · labnotes accept my-note · labnotes check",
)

Where = Annotated[list[Path] | None, typer.Option("-C", metavar="DIR", help="Work in the lab that DIR lies in.")]
Slugs = Annotated[list[str] | None, typer.Argument(metavar="[SLUG]...", help="Notes, by the names of their folders. Default: all.")]
Jobs = Annotated[int | None, typer.Option(min=1, help="Cores to use at once. Default: all there are.")]
LARGEST_SEED = 400_000
Seed = Annotated[
    int | None,
    typer.Option(min=0, max=LARGEST_SEED, metavar="K", help="Another run seed: statements must hold, means fall where expected."),
]


Checks = Annotated[
    str | None,
    typer.Option(
        metavar="DIR|REF",
        help="More lines of logs: a folder, or a branch or commit of git. Default: the branch checks, if there is one, here or at origin.",
    ),
]

Seeds = Annotated[
    str | None,
    typer.Option(
        "--seed",
        metavar="K[-L]",
        help="Another run seed, as for run; K-L: one block of seeds after another, tested together, with their power.",
    ),
]


@app.callback()
def start_in(
    context: typer.Context,
    folders: Annotated[
        list[Path] | None,
        typer.Option("-C", metavar="DIR", help="Work as if started in DIR; paths are from there. A second one is from the first."),
    ] = None,
) -> None:
    """Go where the options before the command say, as git and make do. A command's own -C is from there and moves nothing but the lab."""
    for folder in folders or []:
        try:
            os.chdir(folder)
        except OSError as error:
            raise UsageError(_no_folder(folder, error.strerror or str(error))) from None
    context.obj = Path(*folders or [])


@app.command(epilog="Example: labnotes init my-lab && cd my-lab && labnotes new first-note")
def init(context: typer.Context, folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new or empty folder.")]) -> None:
    """Make a new lab: site settings, pages, a CI workflow, an empty notes/."""
    from labnotes import installation
    from labnotes.commands import new as new_module

    made = new_module.new_lab(folder)
    made_in = context.obj / folder  # from where the person is
    _print_line(f"made a lab in {made_in}: {', '.join(made)}")
    _print_line(f"next: cd {made_in} && labnotes new first-note")
    if not installation.running_origin().is_public:
        _print_line("before its CI can run: say in requirements.txt where it gets labnotes from")


@app.command(epilog="Example: labnotes new seeds-and-power --format py")
def new(
    slug: Annotated[str, typer.Argument(help="The folder's name, and the note's address for ever.")],
    format: Annotated[str, typer.Option(metavar="ipynb|py|md", help="Kind of source.")] = "ipynb",
    where: Where = None,
) -> None:
    """Make a new note that runs, checks and builds as it is."""
    from labnotes.commands import new as new_module

    lab = _lab_at(where)
    source = new_module.new_note(lab, slug, format)
    _print_line(f"made {lab.shown_path(source)} and note.yml")
    _print_line(f"next: edit it, then labnotes run {slug} && labnotes accept {slug}")


@app.command("list", epilog="Example: labnotes list -C ../other-lab")
def list_(slugs: Slugs = None, checks: Checks = None, where: Where = None) -> None:
    """Every note: status, date of its record, whether the record is fresh and why not, and what came of its last check."""
    from labnotes.commands import list_notes
    from labnotes.report import terminal
    from labnotes.store import check_log

    lab = _lab_at(where)
    rows, problems = list_notes.note_statuses(lab, lab.choose_slugs(slugs or []), check_log.LogSource.from_option(lab, checks))
    if not rows:
        _print_line("no notes yet: labnotes new my-note")
    else:
        terminal.show_list(terminal.new_console(), rows)
    _finish_command(problems, AGREES)


@app.command(epilog="Example: labnotes run hello-world --seed 1")
def run(slugs: Slugs = None, seed: Seed = None, jobs: Jobs = None, where: Where = None) -> None:
    """Execute notes and show their claims and figures. Writes nothing to the record."""
    from labnotes.commands import check as check_module
    from labnotes.outcomes import checks as checks_module
    from labnotes.report import terminal, wording

    lab = _lab_at(where)
    chosen = lab.choose_slugs(slugs or [])
    options = checks_module.CheckOptions(jobs=jobs or _available_cores(), fresh=True, seed=seed)
    with terminal.LiveProgress(terminal.new_console(stderr=True), len(chosen)) as progress:
        done = check_module.run_notes(lab, chosen, options, progress)
    terminal.show_run(terminal.new_console(), done)
    untrue = any(wording.statements_not_upheld(note.observed) for note in done.notes if note.observed)
    _finish_command(list(done.problems), max(_exit_status(done), DIFFERS) if untrue else _exit_status(done))


@app.command(epilog="Example: labnotes check --fresh --budget 30m --report build/report")
def check(  # noqa: PLR0913 - the options of the command
    slugs: Slugs = None,
    jobs: Jobs = None,
    fresh: Annotated[bool, typer.Option("--fresh", help="Execute even what a stored run would answer.")] = False,
    from_nothing: Annotated[bool, typer.Option("--from-nothing", help="Execute with an empty cache folder, so without artifacts.")] = False,
    budget: Annotated[
        str | None, typer.Option(metavar="TIME", help="Stop starting notes after this time (90s, 30m, 2h); longest unverified first.")
    ] = None,
    seed: Seeds = None,
    report: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Write report.html, junit.xml and the lines of the logs into DIR.")
    ] = None,
    log: Annotated[bool, typer.Option("--log/--no-log", help="Append what was found to notes/SLUG/checks.jsonl.")] = True,
    where: Where = None,
) -> None:
    """Re-execute notes, compare every claim, figure and table with the record, and append what was found to the log of each note."""
    from labnotes.commands import check as check_module
    from labnotes.outcomes import checks as checks_module
    from labnotes.report import report_files, terminal
    from labnotes.source.settings import parse_duration
    from labnotes.store import check_log

    lab = _lab_at(where)
    chosen = lab.choose_slugs(slugs or [])
    try:
        limit = parse_duration(budget) if budget is not None else None
    except ValueError as error:
        raise UsageError(Problem("--budget", str(error))) from None
    blocks = _parse_seeds(seed) if seed is not None else []
    if len(blocks) > 1:
        _check_repeatedly(
            lab, chosen, blocks, checks_module.CheckOptions(jobs or _available_cores(), fresh, from_nothing, limit, log=log), report
        )
    options = checks_module.CheckOptions(jobs or _available_cores(), fresh, from_nothing, limit, blocks[0] if blocks else None, log)
    with terminal.LiveProgress(terminal.new_console(stderr=True), len(chosen)) as progress:
        done = check_module.check_notes(lab, chosen, options, progress)
    terminal.show_check(terminal.new_console(), done)
    if report is not None:
        written = report_files.write_reports(done, report)
        check_log.export_checks([note.logged for note in done.notes if note.logged], report / "checks")
        _print_line(f"report: {', '.join(str(path) for path in written)}")
    report_files.add_job_summary(done)
    _finish_command(list(done.problems), _exit_status(done))


@app.command(epilog="Example: labnotes history hello-world  or  labnotes history hello-world rate")
def history(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="A note.")],
    claim: Annotated[str | None, typer.Argument(metavar="[CLAIM]", help="One of its claims: its value in every check.")] = None,
    checks: Checks = None,
    where: Where = None,
) -> None:
    """Every check of a note that its log holds: when, where, with what outcome; of one claim its value over time."""
    from labnotes.report import terminal
    from labnotes.store import check_history as story
    from labnotes.store import check_log

    lab = _lab_at(where)
    (name,) = lab.choose_slugs([slug])
    told, problems = story.note_history(lab, name, check_log.LogSource.from_option(lab, checks), claim)
    terminal.show_history(terminal.new_console(), told)
    for problem in problems:
        _print_warning(str(problem))


@app.command(epilog="Example: labnotes log --squash")
def log(
    slugs: Slugs = None,
    squash: Annotated[
        bool, typer.Option("--squash", help="Merge agreeing checks of a month on one machine into one line that counts them, after a year.")
    ] = False,
    where: Where = None,
) -> None:
    """Keep the logs of checks small. Nothing that failed, differed or was a fresh draw is merged."""
    from labnotes.store import check_log

    lab = _lab_at(where)
    if not squash:
        raise UsageError(Problem("log", "nothing to do", "labnotes log --squash; to read a log: labnotes history SLUG"))
    today = datetime.datetime.now(datetime.UTC).date()
    for slug in lab.choose_slugs(slugs or []):
        were, are = check_log.squash_log(lab.notes_folder / slug, slug, (today - datetime.timedelta(days=365)).isoformat())
        _print_line(f"{slug}: {were} lines" + (f", now {are}" if are != were else ""))


@app.command(epilog="Example: labnotes accept hello-world --yes")
def accept(
    slugs: Annotated[list[str], typer.Argument(metavar="SLUG...", help="Notes whose latest run becomes the record.")],
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")] = False,
    where: Where = None,
) -> None:
    """Make the latest run of a note its record, after showing what changes."""
    from labnotes.commands import accept as accept_module
    from labnotes.report import terminal
    from labnotes.store.runs import RunStore

    lab, out = _lab_at(where), terminal.new_console()
    store = RunStore.for_lab(lab, _print_warning)
    problems: list[Problem] = []
    for slug in lab.choose_slugs(slugs):
        try:
            change = accept_module.proposed_change(lab, slug, store)
        except LabNotesError as error:
            problems += error.problems
            continue
        terminal.show_change(out, change)
        if not yes and not _ask_confirmation(f"make this the record of {slug}?"):
            _print_line(f"{slug}: the record stays as it was")
            continue
        try:
            accept_module.accept_change(change)
        except LabNotesError as error:
            problems += error.problems
            continue
        _print_line(f"{slug}: recorded in {lab.shown_path(change.note.record_folder)}")
    _finish_command(problems, AGREES)


@app.command(epilog="Example: labnotes diff hello-world")
def diff(slugs: Slugs = None, where: Where = None) -> None:
    """What accepting the latest run would change: numbers here, figures before and after in an HTML file. Status 1 if anything does."""
    from labnotes.commands import accept as accept_module
    from labnotes.model.verdicts import Outcome
    from labnotes.outcomes import changes as changes_module
    from labnotes.outcomes import checks as checks_module
    from labnotes.report import html, terminal
    from labnotes.store.runs import RunStore

    lab, out = _lab_at(where), terminal.new_console()
    store = RunStore.for_lab(lab, _print_warning)
    changes: list[changes_module.RecordChange] = []
    problems: list[Problem] = []
    for slug in lab.choose_slugs(slugs or []):
        try:
            changes.append(accept_module.proposed_change(lab, slug, store))
        except LabNotesError as error:
            problems += error.problems
    for change in changes:
        terminal.show_change(out, change)
    compared = [change for change in changes if change.recorded and not change.is_unchanged]
    if compared:
        notes = [checks_module.NoteCheck(c.note, Outcome.DIFFERS, c.comparisons, c.recorded, c.observed, executed=False) for c in compared]
        path = lab.root / ".labnotes" / "diff.html"
        path.parent.mkdir(exist_ok=True)
        done = checks_module.CheckResult(tuple(notes), (), interrupted=False, options=checks_module.CheckOptions(jobs=1))
        path.write_text(html.to_html(done, "labnotes diff", "What accepting the latest runs would change"), encoding="utf-8")
        _print_line(f"\nfigures before and after: {path}")
    _finish_command(problems, DIFFERS if any(not change.is_unchanged for change in changes) else AGREES)


@app.command(epilog="Example: labnotes audit hello-world")
def audit(slugs: Slugs = None, jobs: Jobs = None, where: Where = None) -> None:
    """Run notes under other conditions (threads, CPU kernels, hash seeds, date, no artifacts): what moves, where it begins, and how far."""
    from labnotes.commands import audit as audit_module
    from labnotes.report import terminal

    lab = _lab_at(where)
    chosen = lab.choose_slugs(slugs or [])
    with terminal.LiveProgress(terminal.new_console(stderr=True), len(chosen) * audit_module.RUNS) as progress:
        done, problems = audit_module.audit_notes(lab, chosen, jobs or _available_cores(), progress)
    for note_audit in done:
        terminal.show_audit(terminal.new_console(), note_audit)
    _finish_command(problems, AGREES if all(note_audit.is_clean for note_audit in done) else DIFFERS)


@app.command(epilog="Example: labnotes mutate hello-world")
def mutate(slugs: Slugs = None, where: Where = None) -> None:
    """What a check would not notice: every recorded quantity is changed in many ways, and each change judged as a check judges. Runs nothing;
    keeps the score in mutations.json, for the note's page."""
    from labnotes.compare import trial_changes
    from labnotes.report import terminal
    from labnotes.source import notes
    from labnotes.store import mutation_score, records

    lab, out = _lab_at(where), terminal.new_console()
    problems: list[Problem] = []
    for slug in lab.choose_slugs(slugs or []):
        try:
            note = notes.read_note(lab, slug)
            recorded = records.read_record(note.record_folder, lab.shown_path(note.record_folder))
        except LabNotesError as error:
            problems += error.problems
            continue
        if recorded is None:
            problems.append(Problem(slug, "has no record to change", f"labnotes run {slug} && labnotes accept {slug}"))
            continue
        score = trial_changes.mutate_record(slug, recorded, note.settings.hangs_on_training)
        terminal.show_score(out, score)
        survivors = tuple(f"{what}: {', '.join(quantities)}" for what, quantities in score.unnoticed_changes())
        mutation_score.write_score(
            note, mutation_score.MutationScore(recorded.results_digest, score.noticed_count, len(score.mutations), survivors)
        )
    _finish_command(problems, AGREES)


@app.command(epilog="Example: labnotes clean hello-world")
def clean(slugs: Slugs = None, where: Where = None) -> None:
    """Strip outputs from the sources of notes. They never count; this keeps version control quiet."""
    from labnotes.source import notebooks

    lab = _lab_at(where)
    problems: list[Problem] = []
    for slug in lab.choose_slugs(slugs or []):
        for path in (lab.notes_folder / slug).glob("note.ipynb"):
            try:
                count = notebooks.strip_outputs(path, lab.shown_path(path))
            except LabNotesError as error:
                problems += error.problems
                continue
            _print_line(f"{slug}: {count} outputs stripped" if count else f"{slug}: no outputs")
    _finish_command(problems, AGREES)


@app.command(epilog="Example: labnotes build --out public")
def build(
    out: Annotated[Path | None, typer.Option(metavar="DIR", help="Where the site goes. Default: site/ in the lab.")] = None,
    checks: Checks = None,
    drafts: Annotated[bool, typer.Option("--drafts", help="Publish drafts as well.")] = False,
    where: Where = None,
) -> None:
    """Build the site from notes and records. Executes nothing."""
    building = _import_site_command("build")
    from labnotes.store import check_log

    lab = _lab_at(where)
    target = (out or lab.root / "site").absolute()
    built = building.build_site(lab, target, check_log.LogSource.from_option(lab, checks), drafts=drafts, tell=_print_line)
    for line in built.staged.left_out:
        _print_line(f"left out: {line}")
    for line in built.staged.notices:
        _print_warning(line)
    if not built.ok:
        _print_line(built.output.strip())
        _finish_command([*built.staged.all_problems, Problem("mkdocs build", "failed, see above")], INVALID)
    _print_line(f"site: {target / 'index.html'}")
    _finish_command([*built.staged.all_problems, *built.faults], AGREES)


@app.command(epilog="Example: labnotes serve --port 8001")
def serve(
    port: Annotated[int, typer.Option(min=1, max=65535, help="Where the browser finds it: http://localhost:PORT.")] = 8000,
    where: Where = None,
) -> None:
    """Preview while writing: an edit of prose, caption or style shows at once, an edit of code marks the page stale. Executes nothing."""
    serving = _import_site_command("serve")
    from labnotes.store import check_log

    lab = _lab_at(where)
    _print_line("Ctrl-C stops")
    status = serving.serve_site(lab, f"localhost:{port}", check_log.LogSource.from_option(lab, None), tell=_print_line, show=_show_problems)
    if status:
        _finish_command(
            [Problem("mkdocs serve", f"ended with status {status}", f"is port {port} taken? labnotes serve --port {port + 1}")], INVALID
        )


def main() -> None:
    """Run the command line; an author's mistake becomes a message and status 2."""
    # a cancelled CI job ends like Ctrl-C: kernels are stopped, finished runs are kept; a shell's background jobs start with SIGINT ignored
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows ASCII only gets question marks, and no traceback
    try:
        app(prog_name="labnotes", standalone_mode=True)
    except LabNotesError as error:
        _show_problems(list(error.problems))
        sys.exit(INVALID)
    except KeyboardInterrupt:
        _print_warning("broken off")
        sys.exit(INTERRUPTED)
    except BrokenPipeError:  # whoever read us (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(AGREES)


def _parse_seeds(text: str) -> list[int]:
    """The run seeds that an option names: "3", or all from the first to the last of "1-10"."""
    first, dash, last = text.partition("-")
    ends = [first, last] if dash else [first, first]
    if not all(end.isdecimal() and int(end) <= LARGEST_SEED for end in ends) or int(ends[0]) > int(ends[1]):
        raise UsageError(Problem("--seed", f"{text!r} names no seeds", f"a number up to {LARGEST_SEED}, or two: --seed 1, --seed 1-10"))
    return list(range(int(ends[0]), int(ends[1]) + 1))


def _check_repeatedly(lab: Lab, slugs: list[str], seeds: list[int], options: CheckOptions, report: Path | None) -> None:
    """Check notes with one block of seeds after another, show the tests, and leave."""
    from labnotes.commands import repeat
    from labnotes.report import terminal

    with terminal.LiveProgress(terminal.new_console(stderr=True), len(slugs) * len(seeds)) as progress:
        done, problems = repeat.repeat_notes(lab, slugs, seeds, options, progress)
    for repeats in done:
        terminal.show_repeats(terminal.new_console(), repeats)
    if report is not None:
        _print_line(f"report: {repeat.write_repeats(done, report)}")
    _finish_command(problems, AGREES if all(repeats.is_upheld for repeats in done) else DIFFERS)


def _lab_at(folders: list[Path] | None) -> Lab:
    """The lab that a command's own -C names: each folder is from the one before, the first from where we are."""
    from labnotes.source.labs import find_lab

    folder = Path(*folders or [])
    if not folder.is_dir():  # a misspelt one must not mean the lab around it
        raise UsageError(_no_folder(folder, "no such folder"))
    return find_lab(folder)


def _no_folder(folder: Path, why: str) -> Problem:
    return Problem(f"-C {folder}", f"cannot work in {folder.absolute()}: {why}", "name a folder that exists: labnotes -C my-lab check")


def _import_site_command(name: str) -> Any:
    """Import a module of `commands` that needs what the extra `site` installs."""
    try:
        return importlib.import_module(f"labnotes.commands.{name}")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("labnotes"):
            raise
        from labnotes import installation

        raise UsageError(Problem("", f"{error.name} is not installed", installation.install_command("site"))) from None


def _exit_status(done: object) -> int:
    from labnotes.model.verdicts import Outcome
    from labnotes.outcomes.checks import CheckResult

    assert isinstance(done, CheckResult)
    if done.interrupted:
        return INTERRUPTED
    outcomes = {note.outcome for note in done.notes}
    # what a budget leaves out is named, and waits for its turn; a check in CI that re-ran nothing says nothing
    if os.environ.get("CI") and outcomes == {Outcome.NOT_RERUN}:
        return DIFFERS
    return max((outcome.exit_status for outcome in outcomes if outcome), default=AGREES)


def _finish_command(problems: list[Problem], status: int) -> None:
    """Show every problem and leave; an invalid note outweighs a difference."""
    _show_problems(problems)
    raise typer.Exit(INVALID if problems else status)


def _show_problems(problems: list[Problem]) -> None:
    from labnotes.report import terminal

    terminal.show_problems(terminal.new_console(stderr=True), problems)


def _print_line(text: str) -> None:
    typer.echo(text)


def _print_warning(text: str) -> None:
    typer.secho(f"warning: {text}", fg="yellow", err=True)


def _ask_confirmation(question: str) -> bool:
    if not sys.stdin.isatty():
        raise UsageError(Problem("accept", "there is no terminal to ask on", "add --yes to accept without a question"))
    return typer.confirm(question)


def _available_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
