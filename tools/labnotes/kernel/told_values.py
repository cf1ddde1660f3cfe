"""Tell the numbers that cells make: those in their variables, in the texts that they print, and in their last expression.

`labnotes adopt` asks for them, to propose which numbers of a text are results. Each expression of the note is evaluated once, where its author
has it: it is handed through a function that takes note of the value.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import math
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from labnotes.model.told_values import PRINTED, SHOWN, VARIABLE

VALUE = "value"
"""The kind of a finding: the request that had a cell executed, and rows of [written, expression, value, how, times]."""

VALUES = "LABNOTES_VALUES"
"""Set in the environment of runs whose numbers are wanted."""

MOST_PARTS, MOST_IN_FRAME, MOST_VARIABLES = 50, 200, 500
"""The largest list, the largest data frame (in cells), and the number of variables of which numbers are told."""

MOST_TOLD = 3_000
"""Numbers told of one cell."""

LONGEST = 2.0
"""Seconds that are spent on the numbers of one cell."""

ROWS_TOLD = 300
"""Rows of one finding; of more there are several."""

_MARK = "__labnotes_told__"
_WRITTEN_MOST = 400
_INNER = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_UNMARKED = (ast.Constant, ast.Starred, ast.NamedExpr, ast.Await, ast.Yield, ast.YieldFrom, ast.JoinedStr)


@dataclass
class _MarkedExpression:
    """An expression of the present cell, and what it was the last time."""

    written: str
    how: str
    value: Any = None
    times: int = 0


def watch_values(shell: Any, write: Callable[[str, list[list[Any]]], None]) -> None:
    """After each cell, tell `write` its request and the numbers that are new since the cell before."""
    watch = _ValueWatch(shell, write)
    setattr(builtins, _MARK, watch.note_value)
    shell.ast_transformers.append(watch)
    shell.events.register("post_run_cell", watch.tell_cell)


class _ValueWatch:
    def __init__(self, shell: Any, write: Callable[[str, list[list[Any]]], None]) -> None:
        self._shell, self._write = shell, write
        self._known = set(shell.user_ns)
        self._marked: list[_MarkedExpression] = []
        self._told: dict[str, int | float] = {}

    def visit(self, tree: ast.Module) -> ast.Module:
        """Mark the expressions of a cell, as IPython asks a transformer of code to do."""
        with contextlib.suppress(RecursionError):
            for statement in tree.body:
                if not isinstance(statement, _INNER):
                    self._mark_texts(statement)
            last = tree.body[-1] if tree.body else None
            if isinstance(last, ast.Expr) and not _is_print(last.value):
                last.value = self._marked_node(last.value, SHOWN)
        return tree

    def note_value(self, number: int, value: Any) -> Any:
        """Take note of what an expression is, and return it."""
        if number < len(self._marked):
            marked = self._marked[number]
            marked.value, marked.times = value, marked.times + 1
        return value

    def tell_cell(self, result: Any) -> None:
        marked, self._marked = self._marked, []
        if result.info is None or not result.info.store_history:
            return
        deadline = time.monotonic() + LONGEST
        rows: list[list[Any]] = []
        for written, how, value, times in [*_marked_values(marked), *self._variables()]:
            with contextlib.suppress(Exception):  # whatever an object's own methods raise
                for way, number in number_parts(value):
                    if len(rows) >= MOST_TOLD or time.monotonic() > deadline:
                        break
                    expression = f"{written}{way}"
                    if how == VARIABLE and self._told.get(expression) == number:
                        continue
                    if how == VARIABLE:
                        self._told[expression] = number
                    rows.append([written, expression, number, how, times])
        request = str(self._shell.get_parent().get("header", {}).get("msg_id", ""))
        for i in range(0, len(rows), ROWS_TOLD):
            self._write(request, rows[i : i + ROWS_TOLD])

    def _variables(self) -> Iterator[tuple[str, str, Any, int]]:
        names = [name for name in self._shell.user_ns if name not in self._known and not name.startswith("_")]
        for name in names[:MOST_VARIABLES]:
            yield name, VARIABLE, self._shell.user_ns[name], 1

    def _mark_texts(self, node: ast.AST) -> None:
        """Mark what the texts within a statement are made of, but not in functions and comprehensions, whose names a cell has not."""
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, _INNER):
                self._mark_texts(child)
        if isinstance(node, ast.FormattedValue):
            node.value = self._marked_node(node.value, PRINTED)
        elif isinstance(node, ast.Call) and (_is_print(node) or _is_formatting(node)):
            node.args = [self._marked_node(argument, PRINTED) for argument in node.args]
            for keyword in node.keywords:
                if _is_formatting(node) and keyword.arg:
                    keyword.value = self._marked_node(keyword.value, PRINTED)
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and _is_text(node.left):
            if isinstance(node.right, ast.Tuple):
                node.right.elts = [self._marked_node(part, PRINTED) for part in node.right.elts]
            else:
                node.right = self._marked_node(node.right, PRINTED)

    def _marked_node(self, node: ast.expr, how: str) -> ast.expr:
        if isinstance(node, (*_UNMARKED, *_INNER)) or _is_text_operation(node):
            return node
        written = ast.unparse(node)
        if _MARK in written or len(written) > _WRITTEN_MOST:
            return node
        self._marked.append(_MarkedExpression(written, how))
        call = ast.Call(ast.Name(_MARK, ast.Load()), [ast.Constant(len(self._marked) - 1), node], [])
        return ast.copy_location(call, node)


def _marked_values(marked: list[_MarkedExpression]) -> Iterator[tuple[str, str, Any, int]]:
    for expression in marked:
        if expression.times:
            yield expression.written, expression.how, expression.value, expression.times


def _is_print(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("print", "display")


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def _is_formatting(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format" and _is_text(node.func.value)


def _is_text_operation(node: ast.expr) -> bool:
    return _is_formatting(node) or (isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and _is_text(node.left))


def number_parts(value: Any) -> Iterator[tuple[str, int | float]]:
    """The numbers in a value, each after the way to it: "" for the value itself, `['a']`, `[3]`, `.loc['b', 'x']`."""
    yield from _parts(value, 2)


def _parts(value: Any, depth: int) -> Iterator[tuple[str, int | float]]:
    number = plain_number(value)
    if number is not None:
        yield "", number
        return
    module = type(value).__module__.partition(".")[0]
    if isinstance(value, Mapping):
        keyed = [(f"[{key!r}]", part) for key, part in value.items() if isinstance(key, str | int)]
        yield from _inner_parts(keyed, depth) if len(keyed) <= MOST_PARTS else ()
    elif isinstance(value, tuple) and hasattr(value, "_fields"):
        yield from _inner_parts([(f".{name}", getattr(value, name)) for name in value._fields], depth)
    elif isinstance(value, list | tuple) or (module == "numpy" and getattr(value, "ndim", 0) == 1):
        yield from _inner_parts([(f"[{i}]", part) for i, part in enumerate(value)], depth) if len(value) <= MOST_PARTS else ()
    elif module == "numpy" and getattr(value, "ndim", 0) == 2 and value.size <= MOST_IN_FRAME:
        yield from _inner_parts([(f"[{i}, {j}]", value[i, j]) for i in range(value.shape[0]) for j in range(value.shape[1])], depth)
    elif module == "pandas":
        yield from _pandas_parts(value)


def _inner_parts(parts: list[tuple[str, Any]], depth: int) -> Iterator[tuple[str, int | float]]:
    for way, part in parts:
        number = plain_number(part)
        if number is not None:
            yield way, number
        elif depth > 1:
            for inner_way, inner in _parts(part, depth - 1):
                yield way + inner_way, inner


def _pandas_parts(value: Any) -> Iterator[tuple[str, int | float]]:
    """The numbers in a small column or data frame, by labels where these are plain and single, else by positions."""
    if not hasattr(value, "iloc") or value.size > (MOST_IN_FRAME if hasattr(value, "columns") else MOST_PARTS):
        return
    rows = _labels(value.index)
    if not hasattr(value, "columns"):
        for i, part in enumerate(value.iloc):
            number = plain_number(part)
            if number is not None:
                yield (f".loc[{rows[i]}]" if rows else f".iloc[{i}]"), number
        return
    columns = _labels(value.columns)
    for i in range(value.shape[0]):
        for j in range(value.shape[1]):
            number = plain_number(value.iloc[i, j])
            if number is not None:
                yield (f".loc[{rows[i]}, {columns[j]}]" if rows and columns else f".iloc[{i}, {j}]"), number


def _labels(index: Any) -> list[str]:
    """The labels of an index as code; none if one of them is neither a text nor a whole number, or comes twice."""
    labels = [label.item() if hasattr(label, "item") else label for label in index]
    plain = all(isinstance(label, str | int) and not isinstance(label, bool) for label in labels)
    return [repr(label) for label in labels] if plain and index.is_unique else []


def plain_number(value: Any) -> int | float | None:
    """A finite number of Python, NumPy or torch as one of Python; None for anything else, yes and no among it."""
    module = type(value).__module__.partition(".")[0]
    if module in ("numpy", "torch") and getattr(value, "ndim", 1) == 0 and hasattr(value, "item"):
        value = value.item()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if isinstance(value, int):
        return int(value) if value.bit_length() < 64 else None
    return float(value) if math.isfinite(value) else None
