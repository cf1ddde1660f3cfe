"""Statements about a claim: comparisons such as `low > 0` or `0.2 < value < other.high`. Parsed and walked, never evaluated as code."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from labnotes.errors import AuthorError, did_you_mean
from labnotes.model.claims import Claim
from labnotes.model.quantities import LABEL

FIELDS = ("value", "low", "high", "n")
TAKEN = (
    *FIELDS,
    "and",
    "or",
    "not",
    "in",
    "is",
    "if",
    "else",
    "none",
    "true",
    "false",
    "None",
    "True",
    "False",
    "const",
    "cited",
    "logged",
)
"""Names that mean something else in a statement or in prose, so no claim can have them."""

_MEANT_BY_FIELDS = {
    "value": "the claim's own value",
    "low": "the lower end of the claim's own interval",
    "high": "the upper end of the claim's own interval",
    "n": "the number of the claim's own replicates",
}


def claim_name_hint(name: object) -> str:
    """What to do about a name that no claim can have, and why it cannot."""
    if name in _MEANT_BY_FIELDS:
        return f'in a statement such as holds="{name} > 0" it means {_MEANT_BY_FIELDS[str(name)]}: say what it is of, as in {name}_samples'
    if name in TAKEN:
        return f"it is a word of statements or of prose, as are {', '.join(word for word in TAKEN if word not in FIELDS)}: choose another"
    hint = "letters, digits and _, beginning with a letter, at most 64"
    if isinstance(name, str) and "-" in name:
        hint += f"; a statement would read - as minus, so only labels have it: {re.sub(r'-+', '_', name)}"
    return hint


def label_hint(label: object) -> str:
    """What to do about a label that no figure or table can have."""
    hint = "lower-case letters, digits, - and _, at most 64: it becomes a file name and an address"
    usable = re.sub(r"[^a-z0-9_]+", "-", label.lower()).strip("-_")[:64] if isinstance(label, str) else ""
    return f"{hint}, for example {usable!r}" if LABEL.fullmatch(usable) else hint


EXAMPLE = 'write for example holds="low > 0", holds="0.2 < value < 0.4" or holds="value > baseline.high and n >= 5"'

_COMPARE: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


@dataclass(frozen=True)
class Statement:
    """A parsed statement: its text, and the comparisons that must all hold."""

    text: str
    comparisons: tuple[ast.Compare, ...]

    @property
    def other_claims(self) -> set[str]:
        """The names of the claims that the statement refers to besides its own."""
        return {name for name, _ in self._named_operands() if name}

    @property
    def uses_interval(self) -> bool:
        """Whether the statement compares `low` or `high` of its own claim."""
        return any(not name and field in ("low", "high") for name, field in self._named_operands())

    def _named_operands(self) -> set[tuple[str, str]]:
        nodes = [node for comparison in self.comparisons for node in (comparison.left, *comparison.comparators)]
        return {claim_reference(node) for node in nodes if isinstance(node, ast.Name | ast.Attribute)}


def parse_statement(text: str, where: str) -> Statement:
    """Read a statement.

    Raises AuthorError, naming the part that is not understood.
    """
    try:
        body = ast.parse(text.strip(), mode="eval").body
    except (SyntaxError, ValueError) as error:
        raise AuthorError(where, f"the statement {text!r:.200} does not parse: {getattr(error, 'msg', error)}", EXAMPLE) from None
    except (RecursionError, MemoryError):  # of Python's parser
        raise AuthorError(where, f"the statement {text!r:.60} is nested too deeply", EXAMPLE) from None
    parts = body.values if isinstance(body, ast.BoolOp) and isinstance(body.op, ast.And) else [body]
    comparisons = []
    for part in parts:
        if not isinstance(part, ast.Compare):
            raise AuthorError(where, f"the statement {text!r} has a part that is no comparison: {ast.unparse(part)!r}", EXAMPLE)
        for op in part.ops:
            if type(op) not in _COMPARE:
                raise AuthorError(where, f"the statement {text!r} uses a comparison other than < <= > >= == !=", EXAMPLE)
        for node in (part.left, *part.comparators):
            _check_operand(node, text, where)
        comparisons.append(part)
    return Statement(text, tuple(comparisons))


def statement_holds(statement: Statement, own: Claim, others: Mapping[str, Claim], where: str) -> bool:
    """Whether the values of the claims satisfy the statement. A comparison with NaN never holds.

    Raises AuthorError where a claim that the statement names is unknown, or has no interval.
    """

    def operand_value(node: ast.expr) -> float:
        written = constant_value(node)
        if written is not None:
            return written
        name, field = claim_reference(node)
        if name and name not in others:
            raise AuthorError(
                where,
                f"the statement {statement.text!r} names an unknown claim {name!r}",
                "define it before. " + did_you_mean(name, others),
            )
        claim = others[name] if name else own
        value = getattr(claim, field)
        if value is None:
            raise AuthorError(
                where,
                f"the statement {statement.text!r} uses {field!r}, but claim {claim.name!r} has none",
                "give the claim replicates=, or low= and high=",
            )
        return float(value)

    for comparison in statement.comparisons:
        values = [operand_value(node) for node in (comparison.left, *comparison.comparators)]
        for left, op, right in zip(values, comparison.ops, values[1:], strict=False):
            if not _COMPARE[type(op)](left, right):
                return False
    return True


def compared_numbers(statement: Statement, own: Claim, others: Mapping[str, Claim]) -> dict[str, bool | int | float | None]:
    """The numbers that a statement compares, by the names that it has for them, in its order; None for one that there is not."""
    numbers: dict[str, bool | int | float | None] = {}
    for comparison in statement.comparisons:
        for node in (comparison.left, *comparison.comparators):
            if constant_value(node) is None:
                name, field = claim_reference(node)
                numbers[ast.unparse(node)] = getattr(others.get(name) if name else own, field, None)
    return numbers


def constant_value(node: ast.expr) -> float | None:
    """The number that an operand of a statement is; None if it is a claim or a field."""
    sign = 1.0
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        sign, node = -1.0, node.operand
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return sign * node.value
    return None


def claim_reference(node: ast.expr) -> tuple[str, str]:
    """The claim ("" for the statement's own) and the field that a name or an attribute in a statement means."""
    if isinstance(node, ast.Name):
        return ("", node.id) if node.id in FIELDS else (node.id, "value")
    assert isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name), ast.dump(node)
    return node.value.id, node.attr


def _check_operand(node: ast.expr, text: str, where: str) -> None:
    attribute = isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.attr in FIELDS
    if not (isinstance(node, ast.Name) or attribute or constant_value(node) is not None):
        raise AuthorError(
            where,
            f"the statement {text!r} compares {ast.unparse(node)!r}, which is no number, claim or field",
            f"fields: {', '.join(FIELDS)}. {EXAMPLE}",
        )
