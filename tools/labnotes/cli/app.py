"""The command line's frame: options that several commands have, messages, exit status.

Exit status: 0 all that was asked for agrees; 1 something differs, raised, timed out, is unrecorded or, in CI, nothing was re-run; 2 wrong usage or
an invalid note.
"""

from __future__ import annotations

import errno
import importlib
import io
import os
import signal
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from labnotes.errors import LabNotesError, Problem, UsageError

if TYPE_CHECKING:
    from labnotes.source.labs import Lab


AGREES, DIFFERS, INVALID, INTERRUPTED = 0, 1, 2, 130


class _CommandGroup(click.Group):
    """Commands in the order of a note's way, each with all of its first paragraph, where click sorts them and cuts each to a line."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, " ".join((command.help or "").split())) for name, command in self.commands.items()])


lab_option = click.option(
    "-C", "where", metavar="DIR", multiple=True, type=click.Path(path_type=Path), help="Work in the lab that DIR lies in."
)

slugs_argument = click.argument("slugs", metavar="[SLUG]...", nargs=-1, help="Notes, by the names or paths of their folders. Default: all.")

jobs_option = click.option("--jobs", type=click.IntRange(min=1), help="Cores to use at once. Default: all there are.")

follow_option = click.option("--follow", is_flag=True, help="Show what the cells print while they run, line by line.")

isolation_option = click.option(
    "--isolation", metavar="LEVEL", help="Execute nothing with less than this level: namespaces or landlock (docs/isolation.md)."
)

LARGEST_SEED = 400_000

seed_option = click.option(
    "--seed",
    type=click.IntRange(0, LARGEST_SEED),
    metavar="K",
    help="Another run seed: statements must hold, means fall where expected.",
)

checks_option = click.option(
    "--checks",
    metavar="DIR|REF",
    help="More lines of logs: a folder, or a branch or commit of git. Default: the branch checks, if there is one, here or at origin.",
)

needs_option = click.option(
    "--needs",
    metavar="WORD",
    multiple=True,
    help="This machine has what notes name under needs: gpu, key, hours, data; or none of it. Default: all of it, in CI none.",
)

seeds_option = click.option(
    "--seed",
    metavar="K[-L]",
    help="Another run seed, as for run; K-L: one block of seeds after another, tested together, with their power.",
)


def _show_version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    """Print the version and leave, if it was asked for."""
    if asked:
        from labnotes import installation

        print_line(f"labnotes {installation.running_version()}")
        context.exit()


@click.group(
    "labnotes",
    cls=_CommandGroup,
    help="Research notes whose every number and figure is re-executed and checked.",
    epilog="The way of a note: labnotes new my-note · edit it · labnotes run my-note · labnotes accept my-note · labnotes check",
)
@click.option(
    "-C",
    "folders",
    metavar="DIR",
    multiple=True,
    type=click.Path(path_type=Path),
    help="Work as if started in DIR; paths are from there. A second one is from the first.",
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_show_version, help="Print the version and leave.")
@click.pass_context
def app(context: click.Context, folders: tuple[Path, ...]) -> None:
    """Go where the options before the command say, as git and make do. A command's own -C is from there and moves nothing but the lab."""
    _warned.clear()
    context.call_on_close(_tell_repeated_warnings)
    for folder in folders:
        try:
            os.chdir(folder)
        except OSError as error:
            raise UsageError(no_folder(folder, error.strerror or str(error))) from None
    context.obj = Path(*folders)


def main() -> None:
    """Run the command line; an author's mistake becomes a message and status 2."""
    # a cancelled CI job ends like Ctrl-C: kernels are stopped, finished runs are kept; a shell's background jobs start with SIGINT ignored
    signal.signal(signal.SIGINT, signal.default_int_handler)
    for number in {signal.SIGTERM, getattr(signal, "SIGHUP", signal.SIGTERM)}:  # a closed terminal or a lost connection as well
        if signal.getsignal(number) is not signal.SIG_IGN:  # which nohup wants
            signal.signal(number, lambda *_: os.kill(os.getpid(), signal.SIGINT))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that knows ASCII only gets question marks, and no traceback
    try:
        with app.make_context("labnotes", sys.argv[1:]) as context:
            app.invoke(context)
    except click.exceptions.Exit as ended:
        sys.exit(ended.exit_code)
    except click.ClickException as error:  # wrong usage
        error.show()
        sys.exit(error.exit_code)
    except LabNotesError as error:
        show_problems(list(error.problems))
        sys.exit(INVALID)
    except BrokenPipeError:  # whoever read us (head, less) has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(AGREES)
    except OSError as error:
        problem = refused_write(error)
        show_problems([problem] if problem else _unforeseen_problems(error))
        sys.exit(INVALID)
    except (KeyboardInterrupt, click.Abort):
        print_warning("broken off")
        sys.exit(INTERRUPTED)
    except Exception as error:  # noqa: BLE001 - a traceback tells a person nothing
        show_problems(_unforeseen_problems(error))
        sys.exit(INVALID)


TRACEBACK = "LABNOTES_TRACEBACK"
"""The variable that has an error which labnotes did not foresee shown with its whole traceback, for a report."""


def _unforeseen_problems(error: Exception) -> list[Problem]:
    """What an error that no command expected means, in words; the error itself where TRACEBACK is set."""
    from labnotes.source.note_guard import error_problems

    if os.environ.get(TRACEBACK):
        raise error
    problems = error_problems(error, "")
    return [
        replace(problem, hint=f"{problem.hint}; {TRACEBACK}=1 shows more") if "fault of labnotes" in problem.hint else problem
        for problem in problems
    ]


REFUSALS = {
    getattr(errno, name)
    for name in ("EROFS", "EACCES", "EPERM", "ENOSPC", "EDQUOT", "EFBIG", "EIO", "EEXIST", "ENOTDIR", "EISDIR", "ELOOP", "ENAMETOOLONG")
    if hasattr(errno, name)
}
"""Errors by which a system refuses to read or write: a read-only or full disk, missing permission, a quota, a file where a folder is due."""


def refused_write(error: OSError) -> Problem | None:
    """The problem that an error of the system is to a user; None for one that is a fault of ours."""
    if isinstance(error, BrokenPipeError) or error.errno not in REFUSALS or error.filename is None:
        return None
    what = f"cannot be read or written: {error.strerror}"
    return Problem(os.fsdecode(error.filename), what, "make room, or give yourself the permission; nothing that was accepted is changed")


def lab_at(folders: Sequence[Path]) -> Lab:
    """The lab that a command's own -C names: each folder is from the one before, the first from where we are."""
    from labnotes.source.labs import find_lab

    folder = Path(*folders)
    if not folder.is_dir():  # a misspelt one must not mean the lab around it
        raise UsageError(no_folder(folder, "no such folder"))
    return find_lab(folder)


def chosen_slugs(lab: Lab, asked: Sequence[str]) -> list[str]:
    """The notes that a command is asked for, or all; it says of a note asked for by a former name what it is called now, and takes that.

    Raises UsageError for what is no note.
    """
    slugs = lab.choose_slugs(asked)
    for old, new in lab.renamed_slugs(asked).items():
        print_warning(f"{old} is called {new} now, so this is about {new}")
    return slugs


def no_folder(folder: Path, why: str) -> Problem:
    return Problem(f"-C {folder}", f"cannot work in {folder.absolute()}: {why}", "name a folder that exists: labnotes -C my-lab check")


def import_site_command(name: str) -> Any:
    """Import a module of `commands` that needs what the extra `site` installs."""
    try:
        return importlib.import_module(f"labnotes.commands.{name}")
    except ModuleNotFoundError as error:
        if (error.name or "").startswith("labnotes"):
            raise
        from labnotes import installation

        raise UsageError(Problem("", f"{error.name} is not installed", installation.install_command("site"))) from None


def exit_status(done: object) -> int:
    from labnotes.model.verdicts import Outcome
    from labnotes.outcomes.checks import CheckResult

    assert isinstance(done, CheckResult)
    if done.interrupted:
        return INTERRUPTED
    outcomes = {note.outcome for note in done.notes}
    # what a budget leaves out is named, and waits for its turn; a check in CI that re-ran nothing says nothing, unless it could not
    if os.environ.get("CI") and outcomes == {Outcome.NOT_RERUN} and not all(note.lacks_needs for note in done.notes):
        return DIFFERS
    return max((outcome.exit_status for outcome in outcomes if outcome), default=AGREES)


def finish_command(problems: list[Problem], status: int) -> None:
    """Show every problem and leave; an invalid note outweighs a difference."""
    show_problems(problems)
    raise click.exceptions.Exit(INVALID if problems else status)


def show_problems(problems: list[Problem]) -> None:
    from labnotes.report import terminal

    terminal.show_problems(terminal.new_console(stderr=True), problems)


def print_line(text: str) -> None:
    click.echo(text)


_warned: Counter[str] = Counter()
"""The warnings of the command that runs, and how often each came."""


def print_warning(text: str) -> None:
    """Print a warning at once; one that came before is counted, and told at the end of the command."""
    _warned[text] += 1
    if _warned[text] == 1:
        click.secho(f"warning: {text}", fg="yellow", err=True)


def _tell_repeated_warnings() -> None:
    for text, count in _warned.items():
        if count > 1:
            click.secho(f"warning: {count} times: {text}", fg="yellow", err=True)


def ask_confirmation(question: str) -> bool:
    if not sys.stdin.isatty():
        raise UsageError(Problem("accept", "there is no terminal to ask on", "add --yes to accept without a question"))
    return click.confirm(question)


def available_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
