"""The author's calls of claim, figure and table, found by reading the code: what a note will define, before anything runs."""

from __future__ import annotations

import ast
import collections
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from typing import Any, Self

from labnotes.errors import AuthorError, Problem, did_you_mean
from labnotes.model.claims import TITLE_HINT, Claim, spoken_name, title_problem
from labnotes.model.plots import COMPARED_BY
from labnotes.model.quantities import LABEL, NAME, QuantityKind
from labnotes.model.statements import TAKEN, claim_name_hint, constant_value, label_hint, parse_statement
from labnotes.source import code_digest, content_cache
from labnotes.source.notebooks import Cell

DEFINING = {QuantityKind.CLAIM: 0, QuantityKind.FIGURE: 1, QuantityKind.TABLE: 1}
"""The author functions that define a quantity, and the position of its name among the arguments."""


SHOWN = 120
"""Characters that a message shows of a line of code."""

UNKNOWN = object()
"""Stands for what a call states and only a run can tell."""


@dataclass(frozen=True)
class StatedCall:
    """What one call of an author function states by name: the values that are written out. Of `computed` arguments only a run can tell;
    `whole` tells that there are no others (`**more`)."""

    fields: Mapping[str, object]
    computed: tuple[str, ...]
    whole: bool

    def value_of(self, field: str) -> object:
        """The value written out for an argument; None if the call leaves it out, UNKNOWN if only a run can tell."""
        return UNKNOWN if field in self.computed else self.fields.get(field, None if self.whole else UNKNOWN)


@dataclass
class NoteDefinitions:
    """What a note's code defines: names by kind, with the cell that defines each. `words` are the captions and alt texts written out in the
    source, by label, `stated` what each call states.

    `dynamic` tells that some name is computed, so that only a run knows all of them. `certain` are the names (kind, name) whose call every
    finished run reaches exactly once. `cited` are the references that the code takes values from, each with its place.
    """

    claims: dict[str, Cell] = field(default_factory=dict)
    figures: dict[str, Cell] = field(default_factory=dict)
    tables: dict[str, Cell] = field(default_factory=dict)
    words: dict[str, dict[str, str]] = field(default_factory=dict)
    stated: dict[tuple[QuantityKind, str], list[StatedCall]] = field(default_factory=dict)
    dynamic: bool = False
    certain: set[tuple[QuantityKind, str]] = field(default_factory=set)
    cited: list[tuple[str, str]] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def cells_of(self, kind: QuantityKind) -> dict[str, Cell]:
        """The cell that defines each claim, figure or table, by name."""
        return {QuantityKind.CLAIM: self.claims, QuantityKind.FIGURE: self.figures, QuantityKind.TABLE: self.tables}[kind]

    def claim_title(self, recorded: Claim) -> str:
        """What people call a claim: as the source says now, or as recorded where only a run can tell, or its name in words."""
        calls = self.stated.get((QuantityKind.CLAIM, recorded.name), [])
        written = next((title for call in calls if (title := call.value_of("title"))), UNKNOWN if not calls else None)
        title = written if isinstance(written, str) else recorded.title if written is UNKNOWN else ""
        return title.strip() or spoken_name(recorded.name)

    def as_json(self) -> dict[str, Any]:
        """The definitions as JSON, with the numbers of cells for the cells themselves."""
        cells = {kind.value: {name: cell.number for name, cell in self.cells_of(kind).items()} for kind in DEFINING}
        return {
            "cells": cells,
            "words": self.words,
            "stated": [[*key, [astuple(call) for call in calls]] for key, calls in self.stated.items()],
            "dynamic": self.dynamic,
            "certain": sorted(self.certain),
            "cited": self.cited,
            "problems": [astuple(problem) for problem in self.problems],
        }

    @classmethod
    def from_json(cls, made: Mapping[str, Any], cells: Iterable[Cell]) -> Self:
        """The definitions that `as_json` wrote, of the same cells."""
        by_number = {cell.number: cell for cell in cells}
        claims, figures, tables = ({name: by_number[number] for name, number in made["cells"][kind.value].items()} for kind in DEFINING)
        return cls(
            claims=claims,
            figures=figures,
            tables=tables,
            words=made["words"],
            stated={
                (QuantityKind(kind), name): [StatedCall(fields, tuple(computed), whole) for fields, computed, whole in calls]
                for kind, name, calls in made["stated"]
            },
            dynamic=made["dynamic"],
            certain={(QuantityKind(kind), name) for kind, name in made["certain"]},
            cited=[(key, where) for key, where in made["cited"]],
            problems=[Problem(*texts) for texts in made["problems"]],
        )


def find_definitions(cells: Sequence[Cell]) -> NoteDefinitions:
    """All definitions in the code cells, with the problems that can be seen without running them; read once for the same cells."""
    inputs = [
        [
            *(cell.source, cell.number, cell.line_place(), cell.may_raise),
            *(sorted(cell.aliases.functions.items()), sorted(cell.aliases.modules)),
        ]
        for cell in cells
    ]
    what = f"definitions {content_cache.installed_versions('ipython')}"
    return NoteDefinitions.from_json(content_cache.computed_for(what, inputs, lambda: _read_definitions(cells).as_json()), cells)


def _read_definitions(cells: Sequence[Cell]) -> NoteDefinitions:
    definitions = NoteDefinitions()
    for cell in cells:
        error = code_digest.syntax_error(cell.source)
        if error is not None:
            line = error.lineno or 1
            what = f"code cell {cell.number} does not parse: {error.msg}"
            definitions.problems.append(Problem(cell.line_place(line), what, cell.source.splitlines()[line - 1].strip()[:SHOWN]))
        tree = code_digest.parse_magic_body(cell.source) or code_digest.parse_code(cell.source)
        if tree is None:
            continue
        for node, uncertain in _nested_calls(tree, uncertain=_may_end_early(cell)):
            called = cell.aliases.called_function(node)
            if called == "cited" and len(node.args) > 1 and isinstance(node.args[1], ast.Constant):
                definitions.cited.append((str(node.args[1].value), cell.line_place(node.lineno)))
            if called in DEFINING:
                _add_definition(node, cell, definitions, uncertain=uncertain)
    return definitions


def _nested_calls(tree: ast.AST, *, uncertain: bool) -> Iterator[tuple[ast.Call, bool]]:
    """Every call in a tree, from the outside in, and whether it may run more than once or not at all; of all if the whole is `uncertain`."""
    waiting = collections.deque([(tree, uncertain)])
    while waiting:
        node, uncertain = waiting.popleft()
        if isinstance(node, ast.Call):
            yield node, uncertain
        certain_parts = {id(part) for part in _certain_parts(node)}
        waiting.extend((child, uncertain or id(child) not in certain_parts) for child in ast.iter_child_nodes(node))


def _certain_parts(node: ast.AST) -> Iterator[ast.AST]:
    """The children of a node that run exactly once whenever the node does."""
    if isinstance(node, ast.BoolOp):
        yield node.values[0]
    elif isinstance(node, ast.Compare):  # a < b < c ends where a < b is false
        yield from (node.left, node.comparators[0])
    else:
        names = _CERTAIN_FIELDS.get(type(node), node._fields)
        for name in names:
            value = getattr(node, name, None)
            yield from (part for part in (value if isinstance(value, list) else [value]) if isinstance(part, ast.AST))


_CERTAIN_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {
    **dict.fromkeys((ast.For, ast.AsyncFor), ("iter",)),
    **dict.fromkeys((ast.If, ast.IfExp, ast.Assert), ("test",)),
    **dict.fromkeys((ast.With, ast.AsyncWith), ("items",)),  # a context such as suppress(...) may end its body anywhere
    **dict.fromkeys((ast.FunctionDef, ast.AsyncFunctionDef), ("decorator_list",)),
    **dict.fromkeys((ast.While, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda, ast.Try, ast.TryStar), ()),
    ast.Match: ("subject",),
    ast.AnnAssign: ("target", "value"),
}
"""For each kind of node that leaves out or repeats some of its parts: the fields of the others. Of every other kind all parts run once."""

RUN_ONCE = ("time", "capture")
"""The cell magics that run the cell's code exactly once, whatever comes of its output."""


def _may_end_early(cell: Cell) -> bool:
    """Whether a run may go on though the cell did not run to its end, or not as Python."""
    magic = re.match(r"%%(\w*)", cell.source.lstrip())
    return cell.may_raise or (magic is not None and magic[1] not in RUN_ONCE)


def _add_definition(node: ast.Call, cell: Cell, definitions: NoteDefinitions, *, uncertain: bool) -> None:
    """Add what one call of an author function defines, or the problem with it; `uncertain` if it may run more than once or not at all."""
    kind = QuantityKind(cell.aliases.called_function(node))
    keywords = {word.arg: word.value for word in node.keywords}
    position = DEFINING[kind]
    given = node.args[position] if len(node.args) > position else keywords.get("name" if kind is QuantityKind.CLAIM else "label")
    if not isinstance(given, ast.Constant):
        definitions.dynamic = True
        return
    name, where = given.value, cell.line_place(node.lineno)
    pattern = NAME if kind is QuantityKind.CLAIM else LABEL
    if not isinstance(name, str) or not pattern.fullmatch(name) or (kind is QuantityKind.CLAIM and name in TAKEN):
        allowed = claim_name_hint(name) if kind is QuantityKind.CLAIM else label_hint(name)
        definitions.problems.append(
            Problem(where, f"{kind} {name!r} is no usable {'name' if kind is QuantityKind.CLAIM else 'label'}", allowed)
        )
        return
    taken = definitions.claims if kind is QuantityKind.CLAIM else {**definitions.figures, **definitions.tables}
    if name in taken and not uncertain:
        first = taken[name]
        hint = f"first in code cell {first.number}: give each its own name"
        definitions.problems.append(Problem(where, f"{kind} {name!r} is defined twice", hint))
    definitions.cells_of(kind).setdefault(name, cell)
    if not uncertain:
        definitions.certain.add((kind, name))
    written = {key: _written_value(value) for key, value in keywords.items() if key}
    computed = tuple(key for key, value in written.items() if value is UNKNOWN)
    known = {key: value for key, value in written.items() if value is not UNKNOWN}
    definitions.stated.setdefault((kind, name), []).append(StatedCall(known, computed, None not in keywords))
    words = {
        key: value.value for key, value in keywords.items() if isinstance(value, ast.Constant) and isinstance(value.value, str) and key
    }
    if kind is QuantityKind.FIGURE and "by" in words and words["by"] not in COMPARED_BY:
        hint = f"{did_you_mean(words['by'], COMPARED_BY)}; without by= a figure is compared by its data"
        definitions.problems.append(Problem(where, f"figure {name!r} is compared by {words['by']!r}", hint))
    title = written.get("title")
    if kind is QuantityKind.CLAIM and title is not None and title is not UNKNOWN and title_problem(title):
        definitions.problems.append(Problem(where, f"claim {name!r} {title_problem(title)}", TITLE_HINT))
    if kind is not QuantityKind.CLAIM:
        definitions.words[name] = {key: text for key, text in words.items() if key in ("caption", "alt")}
    elif "holds" in words:
        try:
            parse_statement(words["holds"], f"{where}: claim {name!r}")
        except AuthorError as error:
            definitions.problems.extend(error.problems)


def _written_value(node: ast.expr) -> Any:
    """The text, number or None that an argument is, or the texts by text; UNKNOWN for what is computed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str | int | float | None):
        return node.value
    if isinstance(node, ast.Dict):
        pairs = [
            (_written_value(key) if key else UNKNOWN, _written_value(value)) for key, value in zip(node.keys, node.values, strict=True)
        ]
        return dict(pairs) if all(isinstance(key, str) and isinstance(value, str) for key, value in pairs) else UNKNOWN
    number = constant_value(node)
    return UNKNOWN if number is None else number
