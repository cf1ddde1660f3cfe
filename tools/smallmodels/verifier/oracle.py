"""What a version of a function does, by its examples and on generated inputs; and what follows for whether a change is a bug.

The truth is executable: a change is a `bug` if an example fails or a result differs on an input of the oracle's half, `clean` only if it was meant to keep
behaviour and nothing differs anywhere, and `unresolved` otherwise. What no input told apart is never called equivalent: of such changes, most that were
read are defects that no input reached.

Every version runs in a forked child (see `sandbox`). A version is put in the place of the original by exchanging `__code__` of the function, so that
whoever imported it runs it.
"""

from __future__ import annotations

import ast
import gc
import random
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from types import CodeType, FrameType, FunctionType
from typing import Any

from smallmodels.verifier import examples, inputs
from smallmodels.verifier.corpus import Function
from smallmodels.verifier.examples import MISSING, PASSED, Example
from smallmodels.verifier.inputs import Call
from smallmodels.verifier.sandbox import DIED, TARDY, Limits, forked, seen
from smallmodels.verifier.values import described, digest

FILE = "<version>"
"""The file name of versions' code, by which their lines are known."""

VERSION = Limits(steps=400_000, deaths=3)
"""What one example or input of a version may take; three inputs that end their child, and the others count as hung."""

ORIGINAL = Limits(steps=VERSION.steps // 10, deaths=60, allocated=32 << 20, watched=True)
"""What it may take of the original: a tenth of the steps, and memory that is far from what a child may take. Longer ones are not used. Counts, so that
the same ones are used on any machine."""

LEAST = 2
"""Inputs of each half without which no version is clean."""

SAME, VALUE, RAISES, RETURNS, OTHER, HUNG = "=", "v", "r", "q", "x", "d"
"""What a version does on an input, beside the original: the same; another value; raises where that returned; returns where that raised; raises
something else; does not end, or ends the process. `examples.MISSING` is a kind of RAISES: a name or an attribute is not there."""

BOTH_RAISE = "!"
"""Both raise the same."""

LATE = "t"
"""A version took so long in C that on another machine it might count as hung: nothing is made of it."""

_ABSENT = ("builtins.NameError", "builtins.UnboundLocalError", "builtins.AttributeError", "builtins.ImportError")
_LOST: dict[Any, str] = {DIED: HUNG, TARDY: LATE}

BUG, CLEAN, UNRESOLVED = "bug", "clean", "unresolved"


@dataclass(frozen=True)
class Specification:
    """The examples of a docstring, by its name, and which of them count: those that the original passes, whatever the hash seed."""

    name: str
    examples: tuple[Example, ...]
    counts: tuple[bool, ...]


@dataclass(frozen=True)
class Evidence:
    """What a version did: a letter for each example that counts (see `examples`), and one for each input of the oracle's and the reviewer's half."""

    examples: str
    oracle: str
    reviewer: str


def compiled(function: Function, source: str) -> CodeType:
    """The code of a version, as it would be in the function's place: names with two underscores belong to its classes.

    Raises SyntaxError for what is no function.
    """
    body = ast.parse(source).body
    for name in reversed(function.classes):
        (around,) = ast.parse(f"class {name}: pass").body
        assert isinstance(around, ast.ClassDef)
        around.body, body = body, [around]
    code = compile(ast.Module(body, []), FILE, "exec", dont_inherit=True)
    for name in (*function.classes, function.qualname.rpartition(".")[2]):
        code = next(each for each in reversed(code.co_consts) if isinstance(each, CodeType) and each.co_name == name)
    return code


def functions_by_place() -> dict[tuple[str, str, int], list[FunctionType]]:
    """Every function of this process by file, name and first line: also those that decorators, properties and classes hold."""
    found: dict[tuple[str, str, int], list[FunctionType]] = {}
    for each in gc.get_objects():
        if isinstance(each, FunctionType):
            code = each.__code__
            found.setdefault((code.co_filename, code.co_name, code.co_firstlineno), []).append(each)
    return found


def exchange(targets: list[FunctionType], code: CodeType) -> None:
    """Put code in the place of that of functions.

    Raises ValueError where the two do not close over the same names.
    """
    for target in targets:
        if target.__code__.co_freevars != code.co_freevars:
            raise ValueError(f"closes over {code.co_freevars}, not over {target.__code__.co_freevars}")
        target.__code__ = code


def outcome(function: Callable[..., Any], call: Call) -> list[str]:
    """What came of a call: ["value" or the exception's name, digest of what is returned and of the arguments afterwards]. Arguments are copied first."""
    random.seed(0)
    try:
        own = call.copied()
        result = inputs.invoke(function, own)
        return ["value", digest(f"{described(result)} | {described(own.arguments)}")]
    except MemoryError:
        raise
    except BaseException as error:  # noqa: BLE001 - a function may raise anything, and what it raised is the outcome
        return [f"{type(error).__module__}.{type(error).__qualname__}", ""]


def timeless(function: Callable[..., Any], call: Call) -> list[str] | None:
    """The outcome; None where somebody asked what time it is, since that is another in every run."""
    found = outcome(function, call)
    return None if seen.asked_the_time else found


def letter(before: list[str], after: Any) -> str:
    """How the outcome of a version compares with that of the original."""
    if after in (DIED, TARDY):
        return _LOST[after]
    if before[0] == "value":
        if after[0] != "value":
            return MISSING if after[0] in _ABSENT else RAISES
        return SAME if before == after else VALUE
    return RETURNS if after[0] == "value" else BOTH_RAISE if before == after else OTHER


def example_items(specifications: list[Specification]) -> Iterator[tuple[Callable[[], str], bool]]:
    """Every example to be run, in order, and whether it counts."""
    for each in specifications:
        yield from zip(examples.runs(list(each.examples), each.name.partition(":")[0]), each.counts, strict=True)


def run_examples(specifications: list[Specification], limits: Limits) -> str:
    """A letter for each example that counts, all run in one child, since they share names; those after one that hangs count as hung."""
    items, counts = zip(*example_items(specifications), strict=True)
    found = forked(list(items), replace(limits, deaths=1))
    return "".join(letter_of_example(each) for each, does in zip(found, counts, strict=True) if does)


def letter_of_example(found: Any) -> str:
    """What came of an example, also where its child did not report it."""
    return str(_LOST.get(found, found))


def run_inputs(target: Callable[..., Any], calls: list[Call], limits: Limits, run: Callable[..., Any] = outcome) -> list[Any]:
    """The outcome of each call, DIED or TARDY; None where `run` is `timeless` and says so."""
    return forked([partial(run, target, call) for call in calls], limits)


def covered(target: Callable[..., Any], specifications: list[Specification], calls: list[Call]) -> set[int]:
    """Lines of the version in place that run in its examples or on these inputs."""
    lines: set[int] = set()

    def local(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "line":
            lines.add(frame.f_lineno)
        return local

    def trace(frame: FrameType, event: str, argument: Any) -> Any:
        return local if frame.f_code.co_filename == FILE else None

    def work(item: Callable[[], Any]) -> list[int]:
        sys.settrace(trace)
        try:
            item()
        finally:
            sys.settrace(None)
        return sorted(lines)

    items = [run for run, _ in example_items(specifications)] + [partial(outcome, target, call) for call in calls]
    found = forked([partial(work, item) for item in items], Limits())
    return set().union(*(each for each in found if each not in (DIED, TARDY)))


def label(evidence: Evidence, meant_to_keep: bool) -> str:
    """What the evidence says of a change from the original to this version."""
    if set(evidence.examples) - {PASSED} or set(evidence.oracle) & {VALUE, RAISES, MISSING, HUNG}:
        return BUG
    return CLEAN if meant_to_keep and agrees(evidence) else UNRESOLVED


def agrees(evidence: Evidence) -> bool:
    """Whether no input tells a version from the original, of which there are at least LEAST in each half: examples alone make nothing clean."""
    enough = min(len(evidence.oracle), len(evidence.reviewer)) >= LEAST
    return enough and not set(evidence.oracle + evidence.reviewer) - {SAME, BOTH_RAISE}
