"""Reading and making nodes of a syntax tree, in the words that operators use."""

from __future__ import annotations

import ast
from typing import Any


def is_number(node: ast.AST | None) -> bool:
    """Whether a node is a whole number or a float, written without a sign; True and False are none."""
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def is_text(node: ast.AST) -> bool:
    """Whether a node is a string, an f-string or bytes."""
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))


def is_none(node: ast.AST | None) -> bool:
    """Whether a node says None, or is left out, as the value of a bare return is."""
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


def is_plain(node: ast.AST) -> bool:
    """Whether a node is made of names, constants and displays of them only: nothing that runs code, or depends on when it runs."""
    plain = (ast.Name, ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.UnaryOp, ast.expr_context, ast.unaryop)
    return all(isinstance(n, plain) for n in ast.walk(node))


def contains(node: ast.AST, *types: type[ast.AST]) -> bool:
    """Whether a node is one of these types, or has one below it."""
    return any(isinstance(n, types) for n in ast.walk(node))


def names_of(node: ast.AST) -> set[str]:
    """The names that stand in a node, read or bound."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def same(one: ast.AST | None, other: ast.AST | None) -> bool:
    """Whether two nodes say the same, wherever they stand; never where one is None."""
    return one is not None and other is not None and ast.dump(one) == ast.dump(other)


def called(node: ast.AST) -> str:
    """The last word of what a call calls: append in x.append(1)."""
    match node:
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name
    return ""


def calls(node: ast.AST, *names: str) -> bool:
    """Whether a node calls something whose last word is one of these names."""
    return called(node) in names


def conditions(node: ast.AST) -> list[ast.expr]:
    """The conditions that a node tests: one of an if, a while or a conditional expression, any number of a comprehension, none of others."""
    match node:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            return [test]
        case ast.comprehension(ifs=ifs):
            return ifs
    return []


CONDITIONAL = (ast.If, ast.While, ast.IfExp, ast.comprehension)


def like(node: Any, **changes: Any) -> Any:
    """A copy of a node in which some fields are changed."""
    return ast.copy_location(type(node)(**{field: getattr(node, field, None) for field in node._fields} | changes), node)


def named(name: str) -> ast.Name:
    """A node that reads a name."""
    return ast.Name(name, ast.Load())


def assignment(name: str, value: ast.expr) -> ast.Assign:
    """A statement that binds a name to a value."""
    return ast.Assign([ast.Name(name, ast.Store())], value, lineno=0)


def calling(name: str, *arguments: ast.expr) -> ast.Call:
    """A call of a name with these arguments."""
    return ast.Call(named(name), list(arguments), [])


def negation(node: ast.expr) -> ast.expr:
    """A node with `not` before it."""
    return ast.UnaryOp(ast.Not(), node)


def signed(value: float) -> ast.expr:
    """A number as Python's parser makes it: with a minus sign before it where it is below zero."""
    return ast.Constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))


def exchanged(node: Any, field: str, i: int, new: ast.AST) -> Any:
    """A copy of a node in which entry `i` of a field that is a list is exchanged."""
    values = getattr(node, field)
    return like(node, **{field: [*values[:i], new, *values[i + 1 :]]})


_INVERSE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.GtE, ast.GtE: ast.Lt, ast.Gt: ast.LtE, ast.LtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip


def negated(test: ast.expr) -> ast.expr:
    """The opposite of a condition, as one would write it."""
    match test:
        case ast.UnaryOp(op=ast.Not(), operand=inner):
            return inner
        case ast.Compare(ops=[op]):
            return like(test, ops=[_INVERSE[type(op)]()])
    return negation(test)
