"""Examples of a docstring as a specification: parsed once, run one after another, judged as doctest judges them."""

from __future__ import annotations

import contextlib
import doctest
import io
import sys
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from types import CodeType
from typing import Any

from smallmodels.verifier.corpus import Docstring

PASSED, WRONG, RAISED, MISSING = "p", "w", "r", "m"
"""What came of an example: another output, an exception that was not expected, or one that says a name or an argument is missing."""

_ABSENT = (NameError, AttributeError, ImportError)
_CHECKER = doctest.OutputChecker()
_FLAGS = doctest.ELLIPSIS


@dataclass(frozen=True)
class Example:
    """One example: its code, the output that it should have (`want`), the message of the error that it should raise, and doctest's flags."""

    code: CodeType
    want: str
    raises: str | None
    flags: int


def parse(docstring: Docstring) -> list[Example]:
    """The examples of a docstring, in order; those marked +SKIP left out, and all of them if it cannot be parsed."""
    try:
        found = doctest.DocTestParser().get_examples(docstring.text)
    except ValueError:
        return []
    parsed = []
    for each in found:
        flags = _FLAGS
        for flag, on in each.options.items():
            flags = flags | flag if on else flags & ~flag
        if flags & doctest.SKIP:
            continue
        try:
            code = compile(each.source, "<example>", "single", dont_inherit=True)
        except SyntaxError:
            return []
        parsed.append(Example(code, each.want, each.exc_msg, flags))
    return parsed


def runs(examples: list[Example], module: str) -> list[Callable[[], str]]:
    """One function for each example, to be called in order.

    They share names: those of the module, and those that its package offers, since readers of the documentation have imported it.
    """
    top = module.partition(".")[0]
    public = {name: each for name, each in vars(sys.modules[top]).items() if not name.startswith("_")}
    names = {**public, top: sys.modules[top], **vars(sys.modules[module])}

    def runner(example: Example) -> Callable[[], str]:
        return lambda: _outcome(example, names)

    return [runner(example) for example in examples]


def _outcome(example: Example, names: dict[str, Any]) -> str:
    printed = io.StringIO()
    hook, sys.displayhook = sys.displayhook, sys.__displayhook__
    try:
        with contextlib.redirect_stdout(printed):
            exec(example.code, names)
    except MemoryError:  # a limit of the child, which ends it
        raise
    except BaseException as error:  # noqa: BLE001 - an example may raise anything, and what it raised is the outcome
        if example.raises is None:
            return MISSING if isinstance(error, _ABSENT) or _bad_call(error) else RAISED
        said = traceback.format_exception_only(type(error), error)[-1]
        if _CHECKER.check_output(example.raises, said, example.flags):
            return PASSED
        strip = doctest._strip_exception_details  # type: ignore[attr-defined]  # noqa: SLF001 - the rule itself, which doctest has nowhere else
        ignored = example.flags & doctest.IGNORE_EXCEPTION_DETAIL
        return PASSED if ignored and _CHECKER.check_output(strip(example.raises), strip(said), example.flags) else WRONG
    finally:
        sys.displayhook = hook
    if example.raises is not None:
        return WRONG
    return PASSED if _CHECKER.check_output(example.want, printed.getvalue(), example.flags) else WRONG


def _bad_call(error: BaseException) -> bool:
    """Whether a function was called with arguments that it does not have."""
    return isinstance(error, TypeError) and any(
        words in str(error) for words in ("unexpected keyword", "positional argument", "required keyword")
    )
