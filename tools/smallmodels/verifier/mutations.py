"""Edits of one Python function: candidates for errors, and edits meant to keep behaviour. Pure functions of the function's source.

An operator looks at a node and yields patches, {old node: new node}; `syntax.Function` applies a patch and writes the function down. Nothing is run:
whether an edit is an error or keeps behaviour is decided by execution, an operator only says what was meant.
"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from itertools import takewhile
from typing import Any

from smallmodels.verifier.benign_operators import BENIGN
from smallmodels.verifier.error_operators import ERRORS
from smallmodels.verifier.syntax import Function, Operator, Patch, canonical

__all__ = ["BENIGN_OPERATORS", "ERROR_OPERATORS", "OPERATORS", "Edit", "benign", "canonical", "composite", "errors", "sample"]


@dataclass(frozen=True)
class Edit:
    """One edited function.

    `operator` is a name of `OPERATORS`, or "error+benign"; `line` the first line of the canonical source that the edit touches, from 1, counted before
    the edit; `source` the canonical function after the edit.
    """

    operator: str
    line: int
    source: str


ERROR_OPERATORS = {name: operator.description for name, operator in ERRORS.items()}
BENIGN_OPERATORS = {name: operator.description for name, operator in BENIGN.items()}
OPERATORS = ERROR_OPERATORS | BENIGN_OPERATORS
"""What each operator does, in a line."""


def errors(source: str, lines: Collection[int] | None = None) -> list[Edit]:
    """Candidates for errors: every edit of every error operator, by position, then operator; no two give the same source.

    `source` is a canonical function that compiles on its own. `lines` limits the edits to what stands on these lines of it, those that were executed
    for instance; None allows all.
    """
    return _edits(source, lines, ERRORS)


def benign(source: str, lines: Collection[int] | None = None) -> list[Edit]:
    """Edits meant to keep behaviour, in the order of `errors`. Some do not keep it: + on lists does not commute; only execution tells."""
    return _edits(source, lines, BENIGN)


def _edits(source: str, lines: Collection[int] | None, table: dict[str, Operator]) -> list[Edit]:
    function = Function(source)
    found: list[tuple[int, int, str, Patch]] = []
    for node in function.nodes:
        for name, operator in table.items():
            if isinstance(node, operator.types):
                for patch in operator.patches(node, function):
                    touched: Any = next(iter(patch))
                    if lines is None or touched.lineno in lines:
                        found.append((touched.lineno, touched.col_offset, name, patch))
    edits: dict[str, Edit] = {}
    for line, _, name, patch in sorted(found, key=lambda f: f[:3]):
        text = function.edited(patch)
        if text != source:
            edits.setdefault(text, Edit(name, line, text))
    return list(edits.values())


def sample(edits: Iterable[Edit], n: int, rng: random.Random) -> list[Edit]:
    """Up to n edits, spread over operators and lines.

    Operators take turns in random order, so that frequent ones do not crowd out rare ones; each gives an edit on a line used least so far.
    """
    groups: defaultdict[str, list[Edit]] = defaultdict(list)
    for edit in edits:
        groups[edit.operator].append(edit)
    turns = list(groups.values())
    rng.shuffle(turns)
    for group in turns:
        rng.shuffle(group)
    used: Counter[int] = Counter()
    chosen: list[Edit] = []
    while turns and len(chosen) < n:
        for group in turns[: n - len(chosen)]:
            edit = min(group, key=lambda e: used[e.line])
            group.remove(edit)
            used[edit.line] += 1
            chosen.append(edit)
        turns = [group for group in turns if group]
    return chosen


def composite(source: str, lines: Collection[int] | None, rng: random.Random) -> Edit | None:
    """An error with an edit on top that is meant to keep behaviour; None where there are none. Its operator is "error+benign"."""
    for error in sample(errors(source, lines), 4, rng):
        moved = None if lines is None else _moved(lines, source.split("\n"), error.source.split("\n"))
        for edit in sample((e for e in benign(error.source, moved) if e.source != source), 1, rng):
            return Edit("error+benign", min(error.line, edit.line), edit.source)
    return None


def _moved(lines: Collection[int], before: list[str], after: list[str]) -> set[int]:
    """Where lines stand after an edit; those that the edit wrote are among them."""
    head = _shared(before, after)
    tail = min(_shared(before[::-1], after[::-1]), len(before) - head, len(after) - head)
    kept = {line for line in lines if line <= head} | {line + len(after) - len(before) for line in lines if line > len(before) - tail}
    return kept | set(range(head + 1, len(after) - tail + 1))


def _shared(one: list[str], other: list[str]) -> int:
    """With how many equal lines two texts begin."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
