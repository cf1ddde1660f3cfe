"""`labnotes` called in the process that asks: a command without the seconds that starting Python and importing everything takes.

Kernels and site builders are processes as ever. What only a process of its own shows (signals, exit of the interpreter, a closed or narrow
standard output, a first import) needs one: `LabBox.in_own_process`.
"""

from __future__ import annotations

import contextlib
import io
import os
import signal
import sys
import traceback
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from labnotes import cli


def run_command(arguments: Sequence[str], folder: Path, environment: Mapping[str, str]) -> tuple[int, str, str]:
    """Exit status, standard output and standard error of a command in a folder, under an environment."""
    out, err = io.StringIO(), io.StringIO()
    with (
        _as_a_fresh_process(["labnotes", *arguments], folder, environment),
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
    ):
        try:
            cli.main()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        except Exception:
            traceback.print_exc()
            code = 1
    return code, out.getvalue(), err.getvalue()


@contextlib.contextmanager
def _as_a_fresh_process(words: list[str], folder: Path, environment: Mapping[str, str]) -> Iterator[None]:
    """Give a command the state of a fresh process: environment, folder, arguments, input and signals. The state is restored afterwards."""
    before, was_in = dict(os.environ), Path.cwd()
    argv, stdin, path = sys.argv, sys.stdin, list(sys.path)
    handlers = {signal_number: signal.getsignal(signal_number) for signal_number in (signal.SIGINT, signal.SIGTERM)}
    _forget_facts_of_the_process()
    try:
        os.environ.clear()
        os.environ.update(environment)
        os.chdir(folder)
        sys.argv, sys.stdin = words, io.StringIO()
        yield
    finally:
        os.chdir(was_in)
        os.environ.clear()
        os.environ.update(before)
        sys.argv, sys.stdin, sys.path[:] = argv, stdin, path
        for signal_number, handler in handlers.items():
            signal.signal(signal_number, handler)
        _forget_facts_of_the_process()


RIGHT_FOR_EVER = {"_package_owners"}
"""Caches of labnotes whose keys hold everything that their results depend on."""


def _forget_facts_of_the_process() -> None:
    """Clear the caches of labnotes that are right only for as long as a command lasts."""
    for name, module in list(sys.modules.items()):
        if name.startswith("labnotes."):
            for cached, value in list(vars(module).items()):
                if cached not in RIGHT_FOR_EVER and getattr(value, "__module__", None) == name and hasattr(value, "cache_clear"):
                    value.cache_clear()
