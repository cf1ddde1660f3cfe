"""One function a command, in the order of a note's way: each reads its options, calls its story and prints what came of it."""

from __future__ import annotations

import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from labnotes.errors import Problem, UsageError, did_you_mean

if TYPE_CHECKING:
    from labnotes.kernel.isolation import IsolationLevel
    from labnotes.outcomes.checks import CheckOptions
    from labnotes.source.labs import Lab
from labnotes.cli.app import (
    AGREES,
    DIFFERS,
    INVALID,
    LARGEST_SEED,
    app,
    ask_confirmation,
    available_cores,
    checks_option,
    chosen_slugs,
    exit_status,
    finish_command,
    follow_option,
    import_site_command,
    isolation_option,
    jobs_option,
    lab_at,
    lab_option,
    needs_option,
    print_line,
    print_warning,
    seed_option,
    seeds_option,
    show_problems,
    slugs_argument,
)


@app.command(epilog="Example: labnotes init my-lab && cd my-lab && labnotes new first-note")
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path), help="A folder, new or not: . for the one you are in.")
@click.pass_context
def init(context: click.Context, folder: Path) -> None:
    """Make a lab: site settings, pages, a CI workflow, an empty notes/. Writes what is not there and changes nothing that is."""
    from labnotes import installation
    from labnotes.adoption.origins import candidate_folders
    from labnotes.commands.new import new_lab

    done = new_lab(folder)
    made_in = context.obj / folder  # from where the person is
    print_line(f"made a lab in {made_in}: {', '.join(done.made)}" if done.made else f"{made_in} lacks no file of a lab")
    if done.left:
        print_line(f"left as they are: {', '.join(done.left)}")
    for line in done.lacking:
        print_line(f"add by hand what a lab needs: {line}")
    go_there = "" if made_in == Path() else f"cd {made_in} && "
    candidates = candidate_folders(folder)
    for place, count in candidates:
        noun = "notebook that can become a note" if count == 1 else "notebooks that can become notes"
        print_line(f"{place}: {count} {noun}: {go_there}labnotes adopt {place}")
    print_line(f"next: {go_there}labnotes {f'adopt {candidates[0][0]}' if candidates else 'new first-note'}")
    if "requirements.txt" in done.made and not installation.running_origin().is_public:
        print_line("before its CI can run: say in requirements.txt where it gets labnotes from")


@app.command(epilog="Example: labnotes new seeds-and-power --format py")
@click.argument("slug", metavar="SLUG", help="The folder's name, and the note's address for ever.")
@click.option("--format", metavar="ipynb|py|md", help="Kind of source. Default: ipynb.")
@click.option(
    "--from",
    "origin",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="A notebook that becomes the note: the same as labnotes adopt FILE --slug SLUG.",
)
@lab_option
def new(slug: str, format: str | None, origin: Path | None, where: tuple[Path, ...]) -> None:
    """Make a new note that runs, checks and builds as it is; in a folder that is there, write what it lacks."""
    from labnotes.cli.adopting import adopt_paths
    from labnotes.commands.new import new_note

    lab = lab_at(where)
    slug = lab.slug_of(slug)
    if origin is not None and origin.is_file() and not (lab.notes_folder / slug).exists():
        adopt_paths(lab, [origin], slug, yes=False, runs=True, timeout="", follow=False)
    done = new_note(lab, slug, format, origin)
    print_line(f"made {' and '.join(f'notes/{slug}/{name}' for name in done.made)}")
    print_line(f"next: edit {'it' if len(done.made) > 1 else 'note.yml'}, then labnotes run {slug} && labnotes accept {slug}")


@app.command(epilog="Example: labnotes rename old-name new-name")
@click.argument("old", metavar="OLD", help="A note.")
@click.argument("new", metavar="NEW", help="The name that it gets.")
@lab_option
def rename(old: str, new: str, where: tuple[Path, ...]) -> None:
    """Move a note with its record and log to another name. Its old address leads to the new one for ever."""
    from labnotes.commands.rename import rename_note

    lab = lab_at(where)
    (slug,) = chosen_slugs(lab, [old])
    new = lab.slug_of(new)
    done = rename_note(lab, slug, new)
    print_line(f"notes/{slug} is notes/{new} now; note.yml keeps what leads there: former_slugs: [{', '.join(done.former)}]")
    for place in done.mentions:
        print_warning(f"{place}: change it to notes/{new}")
    print_line("next: git add --all notes && git commit; the site has a page at the old address from its next build on")


@app.command("list", epilog="Example: labnotes list -C ../other-lab")
@slugs_argument
@checks_option
@lab_option
def list_(slugs: tuple[str, ...], checks: str | None, where: tuple[Path, ...]) -> None:
    """Every note: status, date of its record, whether the record is fresh and why not, and what came of its last check.

    Of the remarks on a note's source the first is told; all are, if the note is named.
    """
    from labnotes.commands import list_notes
    from labnotes.report import terminal
    from labnotes.store import result_stores

    lab = lab_at(where)
    rows, problems = list_notes.note_statuses(lab, chosen_slugs(lab, slugs), result_stores.find_source(lab, checks))
    if not rows:
        print_line("no notes yet: labnotes new my-note")
    else:
        terminal.show_list(terminal.new_console(), rows, in_full=bool(slugs))
    finish_command(problems, AGREES)


@app.command(epilog="Example: labnotes run hello-world --seed 1")
@slugs_argument
@seed_option
@jobs_option
@follow_option
@isolation_option
@lab_option
def run(
    *,
    slugs: tuple[str, ...],
    seed: int | None,
    jobs: int | None,
    follow: bool,
    isolation: str | None,
    where: tuple[Path, ...],
) -> None:
    """Execute notes and show their claims and figures. Writes nothing to the record."""
    from labnotes.commands.check import run_notes
    from labnotes.outcomes.checks import CheckOptions
    from labnotes.report import terminal, wording

    lab = lab_at(where)
    chosen = chosen_slugs(lab, slugs)
    options = CheckOptions(jobs=jobs or available_cores(), fresh=True, seed=seed, isolation=_parse_isolation(isolation))
    with terminal.LiveProgress(terminal.new_console(stderr=True), len(chosen), follow=follow) as progress:
        done = run_notes(lab, chosen, options, progress)
    terminal.show_run(terminal.new_console(), done)
    untrue = any(wording.statements_not_upheld(note.observed) for note in done.notes if note.observed)
    finish_command(list(done.problems), max(exit_status(done), DIFFERS) if untrue else exit_status(done))


@app.command(epilog="Example: labnotes check --fresh --budget 30m --report build/report")
@slugs_argument
@jobs_option
@click.option("--fresh", is_flag=True, help="Execute even what a stored run would answer.")
@click.option("--from-nothing", is_flag=True, help="Execute with an empty cache folder, so without artifacts.")
@click.option("--budget", metavar="TIME", help="Stop starting notes after this time (90s, 30m, 2h); longest unverified first.")
@seeds_option
@click.option(
    "--report",
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Write report.html, junit.xml and the lines of the logs into DIR.",
)
@click.option("--log/--no-log", default=True, show_default=True, help="Append what was found to notes/SLUG/checks.jsonl.")
@follow_option
@needs_option
@isolation_option
@lab_option
def check(  # noqa: PLR0913 - the options of the command
    *,
    slugs: tuple[str, ...],
    jobs: int | None,
    fresh: bool,
    from_nothing: bool,
    budget: str | None,
    seed: str | None,
    report: Path | None,
    log: bool,
    follow: bool,
    needs: tuple[str, ...],
    isolation: str | None,
    where: tuple[Path, ...],
) -> None:
    """Re-execute notes, compare every claim, figure and table with the record, and append what was found to the log of each note."""
    from labnotes.commands.check import check_notes
    from labnotes.outcomes.checks import CheckOptions
    from labnotes.report import report_files, terminal
    from labnotes.source.durations import parse_duration
    from labnotes.store import check_log, result_stores

    lab = lab_at(where)
    chosen = chosen_slugs(lab, slugs)
    try:
        limit = parse_duration(budget) if budget is not None else None
    except ValueError as error:
        raise UsageError(Problem("--budget", str(error))) from None
    blocks = _parse_seeds(seed) if seed is not None else []
    options = CheckOptions(
        jobs or available_cores(),
        fresh,
        from_nothing,
        limit,
        blocks[0] if len(blocks) == 1 else None,
        log,
        _parse_needs(needs),
        _parse_isolation(isolation),
    )
    if len(blocks) > 1:
        _check_repeatedly(lab, chosen, blocks, options, report)
    with terminal.LiveProgress(terminal.new_console(stderr=True), len(chosen), follow=follow) as progress:
        done = check_notes(lab, chosen, options, progress)
    terminal.show_check(terminal.new_console(), done)
    if report is not None:
        written = report_files.write_reports(done, report)
        check_log.export_checks([note.logged for note in done.notes if note.logged], result_stores.FolderLogs(report / "checks"))
        print_line(f"report: {', '.join(str(path) for path in written)}")
    report_files.add_job_summary(done)
    finish_command(list(done.problems), exit_status(done))


@app.command(epilog="Example: labnotes history hello-world  or  labnotes history hello-world rate")
@click.argument("slug", metavar="SLUG", help="A note.")
@click.argument("claim", metavar="[CLAIM]", required=False, help="One of its claims: its value in every check.")
@checks_option
@lab_option
def history(slug: str, claim: str | None, checks: str | None, where: tuple[Path, ...]) -> None:
    """Every check of a note that its log holds: when, where, with what outcome; of one claim its value over time."""
    from labnotes.report import terminal
    from labnotes.store import check_history as story
    from labnotes.store import result_stores

    lab = lab_at(where)
    (name,) = chosen_slugs(lab, [slug])
    told, problems = story.note_history(lab, name, result_stores.find_source(lab, checks), claim)
    terminal.show_history(terminal.new_console(), told)
    for problem in problems:
        print_warning(str(problem))


@app.command(epilog="Example: labnotes log --squash")
@slugs_argument
@click.option(
    "--squash", is_flag=True, help="Merge agreeing checks of a month on one machine into one line that counts them, after a year."
)
@lab_option
def log(slugs: tuple[str, ...], *, squash: bool, where: tuple[Path, ...]) -> None:
    """Keep the logs of checks small. Nothing that failed, differed or was a fresh draw is merged."""
    from labnotes.source.labs import former_slugs
    from labnotes.store import check_log, result_stores

    lab = lab_at(where)
    if not squash:
        raise UsageError(Problem("log", "nothing to do", "labnotes log --squash; to read a log: labnotes history SLUG"))
    today = datetime.datetime.now(datetime.UTC).date()
    for slug in chosen_slugs(lab, slugs):
        former, before = former_slugs(lab.notes_folder / slug), (today - datetime.timedelta(days=365)).isoformat()
        were, are = check_log.squash_log(result_stores.own_results(lab), slug, before, former)
        print_line(f"{slug}: {were} lines" + (f", now {are}" if are != were else ""))


@app.command(epilog="Example: labnotes accept hello-world --yes")
@click.argument("slugs", metavar="SLUG...", nargs=-1, required=True, help="Notes whose latest run becomes the record.")
@click.option("--yes", "-y", is_flag=True, help="Do not ask.")
@lab_option
def accept(slugs: tuple[str, ...], *, yes: bool, where: tuple[Path, ...]) -> None:
    """Make the latest run of a note its record, after showing what changes."""
    from labnotes.commands.accept import accept_change, proposed_change
    from labnotes.report import terminal
    from labnotes.source.note_guard import guard_note
    from labnotes.store.runs import RunStore

    lab, out = lab_at(where), terminal.new_console()
    store = RunStore.for_lab(lab, print_warning)
    problems: list[Problem] = []
    for slug in chosen_slugs(lab, slugs):
        change = None
        with guard_note(slug, problems):
            change = proposed_change(lab, slug, store)
        if change is None:
            continue
        terminal.show_change(out, change)
        if not change.refused and not yes and not ask_confirmation(f"make this the record of {slug}?"):
            print_line(f"{slug}: the record stays as it was")
            continue
        with guard_note(slug, problems):
            accept_change(change)
            print_line(f"{slug}: recorded in {lab.shown_path(change.note.record_folder)}")
    finish_command(problems, AGREES)


@app.command(epilog="Example: labnotes diff hello-world")
@slugs_argument
@lab_option
def diff(slugs: tuple[str, ...], where: tuple[Path, ...]) -> None:
    """What accepting the latest run would change: numbers here, figures before and after in an HTML file. Status 1 if anything does."""
    from labnotes.commands.accept import proposed_change
    from labnotes.model.verdicts import Outcome
    from labnotes.outcomes.changes import RecordChange
    from labnotes.outcomes.checks import CheckOptions, CheckResult, NoteCheck
    from labnotes.report import html, terminal
    from labnotes.source.note_guard import guard_note
    from labnotes.store import folders
    from labnotes.store.runs import RunStore

    lab, out = lab_at(where), terminal.new_console()
    store = RunStore.for_lab(lab, print_warning)
    changes: list[RecordChange] = []
    problems: list[Problem] = []
    for slug in chosen_slugs(lab, slugs):
        with guard_note(slug, problems):
            changes.append(proposed_change(lab, slug, store))
    for change in changes:
        terminal.show_change(out, change)
        for problem in change.refused:
            print_warning(f"this run cannot become the record: {problem}")
    compared = [change for change in changes if change.recorded and not change.is_unchanged]
    if compared:
        notes = [NoteCheck(c.note, Outcome.DIFFERS, c.comparisons, c.recorded, c.observed, executed=False) for c in compared]
        path = folders.own_folder(lab.root / ".labnotes", lab.root) / "diff.html"
        done = CheckResult(tuple(notes), (), interrupted=False, options=CheckOptions(jobs=1))
        folders.replace_file(path, html.to_html(done, "labnotes diff", "What accepting the latest runs would change").encode())
        print_line(f"\nfigures before and after: {path}")
    finish_command(problems, DIFFERS if any(not change.is_unchanged for change in changes) else AGREES)


@app.command(epilog="Example: labnotes audit hello-world")
@slugs_argument
@jobs_option
@lab_option
def audit(slugs: tuple[str, ...], jobs: int | None, where: tuple[Path, ...]) -> None:
    """Run notes under other conditions (threads, CPU kernels, hash seeds, date, no artifacts): what moves, where it begins, and how far."""
    from labnotes.commands.audit import RUNS, audit_notes
    from labnotes.report import terminal

    lab = lab_at(where)
    chosen = chosen_slugs(lab, slugs)
    with terminal.LiveProgress(terminal.new_console(stderr=True), len(chosen) * RUNS) as progress:
        done, problems = audit_notes(lab, chosen, jobs or available_cores(), progress)
    for note_audit in done:
        terminal.show_audit(terminal.new_console(), note_audit)
    finish_command(problems, AGREES if all(note_audit.is_clean for note_audit in done) else DIFFERS)


@app.command(epilog="Example: labnotes mutate hello-world")
@slugs_argument
@lab_option
def mutate(slugs: tuple[str, ...], where: tuple[Path, ...]) -> None:
    """What a check would not notice: every recorded quantity is changed in many ways, and each change judged as a check judges. Runs nothing;
    keeps the score in mutations.json, for the note's page."""
    from labnotes.compare import trial_changes
    from labnotes.report import terminal
    from labnotes.source import notes
    from labnotes.source.note_guard import guard_note
    from labnotes.store import mutation_score, records

    lab, out = lab_at(where), terminal.new_console()
    problems: list[Problem] = []
    for slug in chosen_slugs(lab, slugs):
        with guard_note(slug, problems):
            note = notes.read_note(lab, slug)
            recorded = records.read_record(note.record_folder, lab.shown_path(note.record_folder))
            if recorded is None:
                problems.append(Problem(slug, "has no record to change", f"labnotes run {slug} && labnotes accept {slug}"))
                continue
            score = trial_changes.mutate_record(slug, recorded, note.settings.hangs_on_training)
            terminal.show_score(out, score)
            survivors = tuple(f"{what}: {', '.join(quantities)}" for what, quantities in score.unnoticed_changes())
            mutation_score.write_score(
                note, mutation_score.MutationScore(recorded.results_digest, score.noticed_count, len(score.mutations), survivors)
            )
    finish_command(problems, AGREES)


@app.command(epilog="Example: labnotes clean hello-world")
@slugs_argument
@lab_option
def clean(slugs: tuple[str, ...], where: tuple[Path, ...]) -> None:
    """Strip outputs from the sources of notes. They never count; this keeps version control quiet."""
    from labnotes.source import notebooks
    from labnotes.source.note_guard import guard_note
    from labnotes.store import folders

    lab = lab_at(where)
    problems: list[Problem] = []
    for slug in chosen_slugs(lab, slugs):
        for path in (lab.notes_folder / slug).glob("note.ipynb"):
            with guard_note(str(lab.shown_path(path)), problems):
                folders.refuse_links(path, lab.root)
                made = notebooks.strip_outputs(path, lab.shown_path(path))
                if made.stripped:
                    folders.replace_file(path, made.content)
                print_line(f"{slug}: {' and '.join(made.stripped)} stripped" if made.stripped else f"{slug}: no outputs")
    finish_command(problems, AGREES)


@app.command(epilog="Example: labnotes build --out public")
@click.option("--out", metavar="DIR", type=click.Path(path_type=Path), help="Where the site goes. Default: site/ in the lab.")
@checks_option
@click.option("--drafts", is_flag=True, help="Publish drafts as well.")
@lab_option
def build(out: Path | None, checks: str | None, *, drafts: bool, where: tuple[Path, ...]) -> None:
    """Build the site from notes and records. Executes nothing."""
    building = import_site_command("build")
    from labnotes.report import wording
    from labnotes.store import result_stores

    lab = lab_at(where)
    target = (out or lab.root / "site").absolute()
    built = building.build_site(lab, target, result_stores.find_source(lab, checks), drafts=drafts, tell=print_line)
    for line in built.staged.left_out:
        print_line(f"left out: {line}")
    for line in wording.counted_texts(built.staged.notices):
        print_warning(line)
    if not built.ok:
        print_line(built.output.strip())
        finish_command([*built.staged.all_problems, Problem("mkdocs build", "failed, see above")], INVALID)
    print_line(f"site: {target / 'index.html'}")
    finish_command([*built.staged.all_problems, *built.faults], AGREES)


@app.command(epilog="Example: labnotes serve --port 8001")
@click.option(
    "--port",
    type=click.IntRange(1, 65535),
    default=8000,
    show_default=True,
    metavar="PORT",
    help="Where the browser finds it: http://localhost:PORT.",
)
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    metavar="HOST",
    help="Which address it listens on. 0.0.0.0, for a container: everybody who reaches this machine reads all notes, drafts too.",
)
@lab_option
def serve(port: int, host: str, where: tuple[Path, ...]) -> None:
    """Preview while writing: an edit of prose, caption or style shows at once, an edit of code marks the page stale; what is wrong with a page
    stands on it. Executes nothing."""
    serving = import_site_command("serve")
    from labnotes.store import result_stores

    lab = lab_at(where)
    print_line("Ctrl-C stops")
    serving.serve_site(lab, host, port, result_stores.find_source(lab, None), tell=print_line, show=show_problems)


def _parse_seeds(text: str) -> list[int]:
    """The run seeds that an option names: "3", or all from the first to the last of "1-10"."""
    first, dash, last = text.partition("-")
    ends = [first, last] if dash else [first, first]
    if not all(end.isdecimal() and int(end) <= LARGEST_SEED for end in ends) or int(ends[0]) > int(ends[1]):
        raise UsageError(Problem("--seed", f"{text!r} names no seeds", f"a number up to {LARGEST_SEED}, or two: --seed 1, --seed 1-10"))
    return list(range(int(ends[0]), int(ends[1]) + 1))


def _parse_needs(words: tuple[str, ...]) -> frozenset[str] | None:
    """What the options say that this machine has; None if they say nothing."""
    from labnotes.source.setting_texts import NEEDS

    if not words:
        return None
    unknown = [word for word in words if word not in (*NEEDS, "none")]
    if unknown:
        raise UsageError(
            *(Problem("--needs", f"{word!r} is nothing that a note can need", did_you_mean(word, [*NEEDS, "none"])) for word in unknown)
        )
    return frozenset(words) - {"none"}


def _parse_isolation(text: str | None) -> IsolationLevel | None:
    """The level that is named.

    Raises UsageError if there is none of that name.
    """
    from labnotes.execute.isolation_choice import level_named

    return level_named(text, "--isolation") if text is not None else None


def _check_repeatedly(lab: Lab, slugs: list[str], seeds: list[int], options: CheckOptions, report: Path | None) -> None:
    """Check notes with one block of seeds after another, show the tests, and leave."""
    from labnotes.commands import repeat
    from labnotes.report import terminal

    with terminal.LiveProgress(terminal.new_console(stderr=True), len(slugs) * len(seeds)) as progress:
        done, problems = repeat.repeat_notes(lab, slugs, seeds, options, progress)
    for repeats in done:
        terminal.show_repeats(terminal.new_console(), repeats)
    if report is not None:
        print_line(f"report: {repeat.write_repeats(done, report)}")
    finish_command(problems, AGREES if all(repeats.is_upheld for repeats in done) else DIFFERS)
