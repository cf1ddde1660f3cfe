"""Reading and making nodes of a syntax tree, in the words that operators use."""

from __future__ import annotations

import ast
from typing import Any


def is_number(node: ast.AST | None) -> bool:
    return isinstance(node, ast.Constant) and type(node.value) in (int, float)


def is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str | bytes))


def is_none(node: ast.AST | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


def is_plain(node: ast.AST) -> bool:
    """Names, constants and displays of them: nothing that runs code, or depends on when it runs."""
    plain = (ast.Name, ast.Constant, ast.List, ast.Tuple, ast.Dict, ast.Set, ast.UnaryOp, ast.expr_context, ast.unaryop)
    return all(isinstance(n, plain) for n in ast.walk(node))


def contains(node: ast.AST, *types: type[ast.AST]) -> bool:
    return any(isinstance(n, types) for n in ast.walk(node))


def names_of(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def same(one: ast.AST | None, other: ast.AST | None) -> bool:
    return one is not None and other is not None and ast.dump(one) == ast.dump(other)


def called(node: ast.AST) -> str:
    """The last word of what a call calls: append in x.append(1)."""
    match node:
        case ast.Call(func=ast.Name(id=name)) | ast.Call(func=ast.Attribute(attr=name)):
            return name
    return ""


def calls(node: ast.AST, *names: str) -> bool:
    return called(node) in names


def conditions(node: ast.AST) -> list[ast.expr]:
    match node:
        case ast.If(test=test) | ast.While(test=test) | ast.IfExp(test=test):
            return [test]
        case ast.comprehension(ifs=ifs):
            return ifs
    return []


CONDITIONAL = (ast.If, ast.While, ast.IfExp, ast.comprehension)


def like(node: Any, **changes: Any) -> Any:
    """A node like another one, but for some fields."""
    return ast.copy_location(type(node)(**{field: getattr(node, field, None) for field in node._fields} | changes), node)


def named(name: str) -> ast.Name:
    return ast.Name(name, ast.Load())


def assignment(name: str, value: ast.expr) -> ast.Assign:
    return ast.Assign([ast.Name(name, ast.Store())], value, lineno=0)


def calling(name: str, *arguments: ast.expr) -> ast.Call:
    return ast.Call(named(name), list(arguments), [])


def negation(node: ast.expr) -> ast.expr:
    return ast.UnaryOp(ast.Not(), node)


def signed(value: float) -> ast.expr:
    return ast.Constant(value) if value >= 0 else ast.UnaryOp(ast.USub(), ast.Constant(-value))


def exchanged(node: Any, field: str, i: int, new: ast.AST) -> Any:
    """A node with one entry of a field that is a list exchanged."""
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
