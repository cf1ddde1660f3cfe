"""Writes accepted proposals into a notebook: calls of claim, figure and table into its code, bindings into its text."""

from __future__ import annotations

import ast
import keyword
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from labnotes.adoption import code_facts
from labnotes.adoption.drafts import CHECK_ME, run_numbers
from labnotes.adoption.matching import BY_NAMING, ClaimCandidate, NumberProposal, expression_words
from labnotes.adoption.shown_objects import ObjectProposal
from labnotes.model.quantities import NAME
from labnotes.model.statements import TAKEN
from labnotes.model.told_values import SHOWN
from labnotes.source import code_digest
from labnotes.source.notebooks import WholeCell

LONGEST_NAME = 40
"""Characters of a claim's name that is made here."""


@dataclass(frozen=True, kw_only=True)
class AcceptedNumber:
    """A number of the text that is to be bound, to one of its candidates."""

    proposal: NumberProposal
    candidate: ClaimCandidate


@dataclass(frozen=True, kw_only=True)
class WrittenClaim:
    """A claim that was written into a code cell (`cell`, from 1)."""

    name: str
    cell: int
    candidate: ClaimCandidate


@dataclass
class EditedNotebook:
    """A notebook with proposals written into it, and the claims that it has by that."""

    cells: list[WholeCell]
    claims: list[WrittenClaim] = field(default_factory=list)
    bound: list[tuple[AcceptedNumber, str]] = field(default_factory=list)
    """The accepted numbers, each with the name of its claim."""


class _NotWritable(Exception):
    """A call that cannot be written where it belongs."""


def write_proposals(
    cells: Sequence[WholeCell], numbers: Sequence[AcceptedNumber], objects: Sequence[ObjectProposal], taken_names: Iterable[str]
) -> EditedNotebook:
    """The cells with claims, bindings, figures and tables. What cannot be written where it belongs is left out.

    `taken_names` are names that no new claim may have.
    """
    edited = EditedNotebook(list(cells))
    places = run_numbers(cells)
    names = set(taken_names)
    functions: set[str] = set()
    for shown in objects:
        index = places[shown.cell]
        try:
            source = _with_object(edited.cells[index].source, shown)
        except _NotWritable:
            continue
        edited.cells[index] = replace(edited.cells[index], source=source)
        functions.add(shown.kind)
    claims: dict[tuple[int, str, bool], WrittenClaim] = {}
    for accepted in sorted(numbers, key=lambda number: (number.candidate.told.cell, number.proposal.cell, number.proposal.number.start)):
        told = accepted.candidate.told
        key = (told.cell, told.expression, accepted.candidate.way == BY_NAMING)
        if key not in claims:
            index = places[told.cell]
            name = claim_name(told.expression, _label_words(cells[index].source, told.written), names)
            try:
                source = _with_claim(edited.cells[index].source, name, accepted.candidate)
            except _NotWritable:
                continue
            names.add(name)
            edited.cells[index] = replace(edited.cells[index], source=source)
            claims[key] = WrittenClaim(name=name, cell=told.cell, candidate=accepted.candidate)
            functions.add("claim")
        edited.bound.append((accepted, claims[key].name))
    edited.claims = list(claims.values())
    formats = {claim.name: claim.candidate.format for claim in edited.claims}
    for accepted, name in sorted(edited.bound, key=lambda pair: -pair[0].proposal.number.start):
        _bind_number(edited, accepted, name, formats[name])
    if functions:
        _import_functions(edited.cells, functions)
    return edited


def _bind_number(edited: EditedNotebook, accepted: AcceptedNumber, name: str, claimed_format: str) -> None:
    cell = edited.cells[accepted.proposal.cell]
    text = bound_text(cell.source, accepted.proposal, accepted.candidate, binding_text(name, accepted.candidate.format, claimed_format))
    edited.cells[accepted.proposal.cell] = replace(cell, source=text)


def bound_text(text: str, proposal: NumberProposal, candidate: ClaimCandidate, binding: str) -> str:
    """The text of a cell with a binding in place of a number; the sign of percent points stays."""
    start, end = proposal.number.start, proposal.number.end
    if candidate.in_points:
        end = start + len(text[start:end].rstrip("%").rstrip())
    start += len(text[start:end]) - len(text[start:end].lstrip())
    return f"{text[:start]}{binding}{text[end:]}"


def proposed_name(cells: Sequence[WholeCell], candidate: ClaimCandidate) -> str:
    """The name that a claim of a candidate gets, if no other has it."""
    told = candidate.told
    return claim_name(told.expression, _label_words(cells[run_numbers(cells)[told.cell]].source, told.written), set())


def binding_text(name: str, wanted: str, claimed: str) -> str:
    """The binding of a claim that prints in the format `claimed`, where the text has it in the `wanted` one."""
    return f"{{{{ {name} }}}}" if wanted == claimed else f'{{{{ {name} | format("{wanted}") }}}}'


# -- names -------------------------------------------------------------------------------------------------------------------------------


def claim_name(expression: str, label: str, taken: set[str]) -> str:
    """A free name for a claim: the expression itself where it is a name, else made of its words, or of the words before it where it is
    printed."""
    base = expression if expression.isidentifier() and not expression.startswith("_") else _joined_words(_named_parts(expression))
    if label and (re.fullmatch(r"[xyzabcnkmpt]?\d*|_*|value|result|score", base) or _calls_others(expression)):
        base = _joined_words(label)
    base = (base[:LONGEST_NAME].strip("_") or "value_1").removesuffix("_")
    if not NAME.fullmatch(base) or base in TAKEN or keyword.iskeyword(base):
        base = f"the_{base}" if NAME.fullmatch(f"the_{base}") else "value_1"
    name, number = base, 1
    while name in taken:
        number += 1
        name = f"{base}_{number}"
    return name


_LOOKS_AT = {"len", "round", "float", "int", "abs", "sum", "min", "max", "sorted", "mean", "std", "median", "var"}
"""Functions whose argument says what the value is of."""


def _calls_others(expression: str) -> bool:
    """Whether an expression is a call of something else than an aggregate, so that what is said beside it names it better."""
    try:
        node = ast.parse(expression, mode="eval").body
    except (SyntaxError, ValueError):
        return False
    return isinstance(node, ast.Call) and bool(node.args) and _called_function(node) not in _LOOKS_AT


def _called_function(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""


def _named_parts(expression: str) -> str:
    """An expression without the arguments of calls that do not say what it is of."""

    class Names(ast.NodeTransformer):
        def visit_Call(self, node: ast.Call) -> ast.expr:
            self.generic_visit(node)
            return ast.Call(node.func, node.args[:1] if _called_function(node) in _LOOKS_AT else [], [])

    try:
        return ast.unparse(Names().visit(ast.parse(expression, mode="eval")))
    except (SyntaxError, ValueError):
        return expression


def _joined_words(text: str) -> str:
    plain = re.sub(r"\.(?:loc|iloc|item|round)\b|\bnp\.|\bround\(|\bfloat\(", " ", text)
    words: list[str] = []
    for part in re.findall(r"[A-Za-z][A-Za-z0-9]*|\d+", plain):
        words += [word for word in ([part] if part.isdigit() else expression_words(part)) if words[-1:] != [word]]
    joined = "_".join(words)
    return f"value_{joined}" if joined[:1].isdigit() else joined


def _label_words(source: str, written: str) -> str:
    return " ".join(code_facts.printed_words(source).get(written, ()))[:LONGEST_NAME]


# -- code --------------------------------------------------------------------------------------------------------------------------------


def _with_claim(source: str, name: str, candidate: ClaimCandidate) -> str:
    told = candidate.told
    if candidate.way == BY_NAMING:
        variable = name if not re.search(rf"\b{re.escape(name)}\b", source) else f"{name}_value"
        value = f"{variable}{told.expression.removeprefix(told.written)}"
        call = claim_call(name, value, candidate.format)
        if told.how == SHOWN:
            return _with_named_last(source, variable, call)
        return _with_line(_with_named_part(source, told.written, variable), call, told.expression)
    return _with_line(source, claim_call(name, told.expression, candidate.format), told.expression, shown=told.how == SHOWN)


def claim_call(name: str, value: str, spec: str) -> str:
    return f'claim("{name}", {value}, format="{spec}")  {CHECK_ME}'


def _parsed(source: str) -> ast.Module:
    tree = code_digest.parse_code(source)
    if tree is None or not tree.body:
        raise _NotWritable
    return tree


def _body_lines(source: str) -> list[str]:
    return source.rstrip("\n").split("\n")


def _with_line(source: str, line: str, expression: str, *, shown: bool = False) -> str:
    """The code of a cell with one more line at its end; what its last expression shows is shown still."""
    lines = _body_lines(source)
    if code_digest.parse_code(source) is None:
        return "\n".join([*lines, line])
    tree = _parsed(source)
    last = tree.body[-1]
    if not isinstance(last, ast.Expr) or source.rstrip().endswith(";") or _is_call_written_here(last.value) or not _shows_value(last.value):
        return "\n".join([*lines, line])
    written = _written_last(source, last)
    begin, end = last.lineno - 1, last.end_lineno or last.lineno
    if written is None:
        return "\n".join([*lines, line])
    if shown or (isinstance(last.value, ast.Name | ast.Attribute | ast.Subscript) and not shown):
        return "\n".join([*lines[:begin], line, *lines[begin:]])
    rest = lines[end - 1][last.end_col_offset or 0 :]
    return "\n".join([*lines[:begin], f"display({written}){rest}", *lines[end:], line])


def _shows_value(node: ast.expr) -> bool:
    """Whether an expression may show something as the last of a cell: calls that print or draw show nothing more."""
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
        return name not in ("print", "display", "show", "savefig", "tight_layout", "append", "seed", "claim", "figure", "table")
    return not isinstance(node, ast.Constant) or node.value is not Ellipsis


def _is_call_written_here(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("claim", "figure", "table")


def _with_named_last(source: str, variable: str, call: str) -> str:
    """The code of a cell whose last expression has a name now, is claimed, and is shown still."""
    tree = _parsed(source)
    last = tree.body[-1]
    lines = _body_lines(source)
    written = _written_last(source, last) if isinstance(last, ast.Expr) else None
    if written is None:
        raise _NotWritable
    rest = lines[(last.end_lineno or last.lineno) - 1][last.end_col_offset or 0 :]
    return "\n".join([*lines[: last.lineno - 1], f"{variable} = {written}{rest}", call, variable])


def _with_named_part(source: str, written: str, variable: str) -> str:
    """The code of a cell in which an expression that is printed has a name: it is computed once, where it was."""
    tree = _parsed(source)
    spans = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            spans += _format_spans(source, node, written)
        elif isinstance(node, ast.expr) and not isinstance(node, ast.FormattedValue) and ast.unparse(node) == written:
            span = _span_of(source, node)
            spans += [span] if _reads_as(source[slice(*span)], written) and not _is_inside_text(tree, node) else []
    spans = sorted(set(spans))
    if len(spans) != 1:
        raise _NotWritable
    start, end = spans[0]
    named = f"{source[:start]}({variable} := {source[start:end].strip()}){source[end:]}"
    checked = code_digest.parse_code(named)
    if checked is None or not any(isinstance(node, ast.NamedExpr) for node in ast.walk(checked)):
        raise _NotWritable
    return named


def _is_inside_text(tree: ast.Module, wanted: ast.expr) -> bool:
    return any(node is wanted for text in ast.walk(tree) if isinstance(text, ast.JoinedStr) for node in ast.walk(text))


def _format_spans(source: str, text: ast.JoinedStr, written: str) -> list[tuple[int, int]]:
    """Where an expression stands in the braces of a text with formats. Python before 3.12 does not know the places of what is in it."""
    if not any(isinstance(part, ast.FormattedValue) and ast.unparse(part.value) == written for part in text.values):
        return []
    start = _offset(source, text.lineno, text.col_offset)
    end = _offset(source, text.end_lineno or text.lineno, text.end_col_offset or 0)
    spans = []
    for match in re.finditer(r"(?<!\{)\{(?!\{)", source[start:end]):
        begin = start + match.end()
        for stop in range(begin + 1, end):
            if source[stop] in "!:}" and _reads_as(source[begin:stop], written):
                spans.append((begin, stop))
                break
    return spans


def _span_of(source: str, node: ast.expr) -> tuple[int, int]:
    """Where an expression stands in the code of a cell."""
    end = _offset(source, node.end_lineno or node.lineno, node.end_col_offset or 0)
    return _offset(source, node.lineno, node.col_offset), end


def _written_last(source: str, last: ast.Expr) -> str | None:
    """The last expression of a cell as it is written, if it begins a line and nothing, as a magic would, moves it."""
    lines = source.split("\n")
    if last.lineno > len(lines) or lines[last.lineno - 1][: last.col_offset].strip():
        return None
    written = source[slice(*_span_of(source, last.value))]
    return written if _reads_as(written, ast.unparse(last.value)) else None


def _reads_as(code: str, written: str) -> bool:
    try:
        return ast.unparse(ast.parse(code.strip(), mode="eval").body) == written
    except (SyntaxError, ValueError):
        return False


def _offset(source: str, line: int, column: int) -> int:
    """The place in a text of a line (from 1) and a column in bytes, as syntax trees have it."""
    lines = source.split("\n")
    return sum(len(text) + 1 for text in lines[: line - 1]) + len(lines[line - 1].encode()[:column].decode(errors="ignore"))


def _with_object(source: str, shown: ObjectProposal) -> str:
    """The code of a cell with the call for the picture or data frame that it shows."""
    lines = _body_lines(source)
    call = f"{shown.call}  {CHECK_ME}"
    tree = _parsed(source)
    last = tree.body[-1]
    if shown.kind == "table":
        if not isinstance(last, ast.Expr) or _written_last(source, last) is None:
            raise _NotWritable
        return "\n".join([*lines[: last.lineno - 1], call, *lines[last.end_lineno or last.lineno :]])
    for node in tree.body:
        if isinstance(node, ast.Expr) and re.fullmatch(r"(?:\w+\.)?show\([^()]*\)", ast.unparse(node.value)):
            if lines[node.lineno - 1][: node.col_offset].strip():
                raise _NotWritable
            return "\n".join([*lines[: node.lineno - 1], call, *lines[node.lineno - 1 :]])
    if isinstance(last, ast.Expr) and _shows_expression(last.value, shown.expression):
        return "\n".join([*lines[: last.lineno - 1], call, *lines[last.end_lineno or last.lineno :]])
    return "\n".join([*lines, call])


def _shows_expression(node: ast.expr, expression: str) -> bool:
    """Whether the last expression of a cell is what is recorded now, or displays it."""
    wanted = ast.unparse(ast.parse(expression, mode="eval").body)
    displayed = isinstance(node, ast.Call) and ast.unparse(node.func) in code_facts.DISPLAYING and len(node.args) == 1
    return ast.unparse(node.args[0] if isinstance(node, ast.Call) and displayed else node) == wanted


def _import_functions(cells: list[WholeCell], functions: set[str]) -> None:
    """Import what is called, in the first cell that is run as Python, unless the notebook does so itself."""
    trees = [code_digest.parse_code(cell.source) for cell in cells if cell.kind == "code"]
    missing = functions - set(code_digest.aliases_in(trees).functions)
    if not missing:
        return
    for index, cell in enumerate(cells):
        if cell.kind != "code" or not code_facts.runs_as_python(cell) or cell.source.lstrip().startswith("%%"):
            continue
        lines = cell.source.split("\n")
        at = _first_line_of_code(lines)
        line = f"from labnotes import {', '.join(sorted(missing))}"
        cells[index] = replace(cell, source="\n".join([*lines[:at], line, *lines[at:]]))
        return


def _first_line_of_code(lines: list[str]) -> int:
    """Where an import may stand: after options, magics and imports from __future__ at the beginning of a cell."""
    at = 0
    for number, line in enumerate(lines):
        if re.match(r"#[ \t]?\||%|!|from __future__ ", line):
            at = number + 1
        elif line.strip():
            break
    return at
