"""Operators meant to keep behaviour. Each resembles some error: numbers change, statements come and go, conditions are turned round."""

from __future__ import annotations

import ast
import re
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

from smallmodels.verifier.nodes import (
    CONDITIONAL,
    assignment,
    calling,
    calls,
    conditions,
    contains,
    exchanged,
    is_none,
    is_number,
    is_plain,
    like,
    named,
    names_of,
    negated,
    negation,
    same,
    signed,
)
from smallmodels.verifier.syntax import FUNCTIONS, JUMPS, Function, Operator, Patch, first_line, operators_into

BENIGN: dict[str, Operator] = {}
operator = operators_into(BENIGN)

_SYNONYMS = {
    "i": ("index", "idx"), "j": ("k", "inner"), "k": ("key", "key_"), "v": ("value", "val"), "n": ("count", "size"), "x": ("item", "element"),
    "s": ("text", "string"), "c": ("char", "current"), "m": ("match", "found"), "result": ("output", "res"), "res": ("result", "output"),
    "value": ("val", "current"), "item": ("element", "entry"), "key": ("name", "label"), "line": ("row", "text_line"), "start": ("begin", "first"),
    "end": ("stop", "finish"), "total": ("summed", "amount"), "count": ("number", "n_found"), "data": ("content", "values"), "a": ("first", "left"),
    "b": ("second", "right"), "lo": ("low", "lower"), "hi": ("high", "upper"), "it": ("iterator", "items"), "d": ("mapping", "table"),
}  # fmt: skip
_FLIPPED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.Gt, ast.Gt: ast.Lt, ast.LtE: ast.GtE, ast.GtE: ast.LtE, ast.Eq: ast.Eq, ast.NotEq: ast.NotEq
}  # fmt: skip
_INTEGER: dict[type[ast.cmpop], tuple[type[ast.cmpop], int]] = {
    ast.Lt: (ast.LtE, -1), ast.LtE: (ast.Lt, 1), ast.Gt: (ast.GtE, 1), ast.GtE: (ast.Gt, -1)
}  # fmt: skip
_INTROSPECTION = {"locals", "vars", "eval", "exec", "dir", "globals"}


@operator("rename", "a local variable gets another name", ast.Name)
def _rename(node: ast.Name, f: Function) -> Iterator[Patch]:
    mentions = f.named[node.id]
    kept = node.id in f.fixed or node.id.startswith("_") or f.words & _INTROSPECTION
    if node is mentions[0] and f.bindings(node.id) and not kept:
        base = node.id.rstrip("_")
        plain = (f"{base}_value", f"new_{base}", f"{base}_here", f"this_{base}")[len(base) % 4]  # no one word that gives renames away
        new = f.fresh(*_SYNONYMS.get(node.id, ()), plain)
        yield {name: ast.Name(new, name.ctx) for name in sorted(mentions, key=first_line)}


@operator(
    "extract",
    "a returned value, a first argument or a condition goes through a variable, and back",
    ast.Return,
    ast.Assign,
    ast.Expr,
    ast.If,
)
def _extract(node: ast.stmt, f: Function) -> Iterator[Patch]:
    value: ast.expr | None = getattr(node, "value", None)
    match node:
        case ast.If(test=test) if not isinstance(test, ast.Name | ast.Constant) and not f.is_elif(node):
            name = f.fresh("condition", "flag", "needed")
            yield {node: [assignment(name, test), like(node, test=named(name))]}
        case ast.Return(value=ast.expr() as returned) if not isinstance(returned, ast.Name | ast.Constant):
            name = f.fresh("result", "value", "output")
            yield {node: [assignment(name, returned), ast.Return(named(name))]}
        case ast.Assign(targets=[ast.Name(id=name)], value=assigned) if name not in f.fixed:
            match f.neighbour(node, 1):
                case ast.Return(value=ast.Name(id=again)) as after if again == name:
                    yield {node: [], after: ast.Return(assigned)}
    match value:
        case ast.Call(func=ast.Name() | ast.Attribute(value=ast.Name()), args=[first, *_]) if not isinstance(node, ast.If):
            if not is_plain(first) and not isinstance(first, ast.Starred | ast.GeneratorExp):
                name = f.fresh("argument", "value", "part")
                yield {node: [assignment(name, first), like(node, value=exchanged(value, "args", 0, named(name)))]}


@operator("invert", "the branches of an if with else are exchanged under the opposite condition", ast.If, ast.IfExp)
def _invert(node: ast.If | ast.IfExp, f: Function) -> Iterator[Patch]:
    if isinstance(node, ast.IfExp) or (
        node.orelse and not f.is_elif(node) and not (len(node.orelse) == 1 and isinstance(node.orelse[0], ast.If))
    ):
        yield {node: like(node, test=negated(node.test), body=node.orelse, orelse=node.body)}


@operator("flip", "a comparison is read from the other side", ast.Compare)
def _flip(node: ast.Compare, f: Function) -> Iterator[Patch]:
    if (
        len(node.ops) == 1
        and type(node.ops[0]) in _FLIPPED
        and not (contains(node.left, ast.Call) and contains(node.comparators[0], ast.Call))
    ):
        yield {node: ast.Compare(node.comparators[0], [_FLIPPED[type(node.ops[0])]()], [node.left])}


@operator("elsedrop", "the else after a branch that leaves is left out", ast.If)
def _elsedrop(node: ast.If, f: Function) -> Iterator[Patch]:
    if node.orelse and isinstance(node.body[-1], JUMPS) and not f.is_elif(node):
        yield {node: [like(node, orelse=[]), *node.orelse]}


@operator("plus1", "numbers change places or are spelled out: 1 + x, range(0, n), x[0:n]", ast.BinOp, ast.Call, ast.Slice)
def _plus1(node: ast.AST, f: Function) -> Iterator[Patch]:
    match node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Mult(), right=right) if is_number(left) != is_number(right):
            yield {node: like(node, left=right, right=left)}
        case ast.Call(func=ast.Name(id="range"), args=[stop], keywords=[]) if not isinstance(stop, ast.Starred):
            yield {node: calling("range", ast.Constant(0), stop)}
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=0), stop]):
            yield {node: calling("range", stop)}
        case ast.Slice(lower=None, upper=ast.expr(), step=None):
            yield {node: like(node, lower=ast.Constant(0))}
        case ast.Slice(lower=ast.Constant(value=0), step=None):
            yield {node: like(node, lower=None)}


@operator("augment", "x += y becomes x = x + y, and back", ast.AugAssign, ast.Assign)
def _augment(node: ast.AugAssign | ast.Assign, f: Function) -> Iterator[Patch]:
    match node:
        case ast.AugAssign(target=target, op=op, value=value) if not contains(target, ast.Call):
            yield {node: ast.Assign([target], ast.BinOp(like(target, ctx=ast.Load()), op, value), lineno=0)}
        case ast.Assign(targets=[target], value=ast.BinOp(left=left, op=op, right=right)) if not contains(target, ast.Call):
            if isinstance(target, ast.Name | ast.Attribute | ast.Subscript) and same(like(target, ctx=ast.Load()), left):
                yield {node: ast.AugAssign(target, op, right)}


@operator("ternary", "a conditional expression becomes an if with else, and back", ast.Assign, ast.Return, ast.If)
def _ternary(node: ast.stmt, f: Function) -> Iterator[Patch]:
    match node:
        case ast.Assign(value=ast.IfExp() as value) | ast.Return(value=ast.IfExp() as value):
            yield {node: ast.If(value.test, [like(node, value=value.body)], [like(node, value=value.orelse)])}
        case ast.If(test=test, body=[ast.Assign(targets=[one]) as a], orelse=[ast.Assign(targets=[other]) as b]) if same(one, other):
            yield {node: like(a, value=ast.IfExp(test, a.value, b.value))}
        case ast.If(test=test, body=[ast.Return(value=ast.expr() as one)], orelse=[ast.Return(value=ast.expr() as other)]):
            yield {node: ast.Return(ast.IfExp(test, one, other))}


@operator("comprehension", "a list comprehension becomes a loop, and back", ast.Assign, ast.Return, ast.For)
def _comprehension(node: ast.stmt, f: Function) -> Iterator[Patch]:
    if contains(node, ast.Yield, ast.YieldFrom, ast.Await, ast.NamedExpr):
        return
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=ast.ListComp() as made) if loop := _loop(name, made, f):
            yield {node: loop}
        case ast.Return(value=ast.ListComp() as made) if loop := _loop(name := f.fresh("result", "found", "values"), made, f):
            yield {node: [*loop, ast.Return(named(name))]}
        case ast.For(target=target, iter=source, body=[inner], orelse=[]):
            tests, inner = (
                ([inner.test], inner.body[0]) if isinstance(inner, ast.If) and len(inner.body) == 1 and not inner.orelse else ([], inner)
            )
            match f.neighbour(node, -1), inner:
                case (
                    ast.Assign(targets=[ast.Name(id=name)], value=ast.List(elts=[])) as start,
                    ast.Expr(
                        value=ast.Call(
                            func=ast.Attribute(value=ast.Name(id=called), attr="append"), args=[ast.expr() as value], keywords=[]
                        )
                    ),
                ) if called == name and not isinstance(value, ast.Starred):
                    mentioned = Counter(n.id for n in ast.walk(node) if isinstance(n, ast.Name))[name]
                    if mentioned == 1 and not contains(target, ast.Attribute, ast.Subscript) and f.only_within(names_of(target), node):
                        made = ast.ListComp(value, [ast.comprehension(target, source, tests, 0)])
                        yield {start: [], node: assignment(name, made)}


def _loop(name: str, made: ast.ListComp, f: Function) -> list[ast.stmt]:
    """The loop that fills a list as a comprehension does; nothing where it would not be the same."""
    part = made.generators[0]
    if len(made.generators) > 1 or part.is_async or name in names_of(made) or not f.only_within(names_of(part.target), made):
        return []
    body: ast.stmt = ast.Expr(ast.Call(ast.Attribute(named(name), "append", ast.Load()), [made.elt], []))
    for test in reversed(part.ifs):
        body = ast.If(test, [body], [])
    return [assignment(name, ast.List([], ast.Load())), ast.For(part.target, part.iter, [body], [], lineno=0)]


@operator("message", "the text of a raised error is worded differently", ast.Raise)
def _message(node: ast.Raise, f: Function) -> Iterator[Patch]:
    for part in ast.walk(node.exc) if node.exc else ():
        if part in f.slots and isinstance(part, ast.Constant) and isinstance(part.value, str) and re.match(r"[A-Za-z]\w+\W", part.value):
            yield {part: ast.Constant(part.value[0].swapcase() + part.value[1:])}
            return


@operator("reorder", "two neighbouring assignments that do not depend on each other change places", ast.Assign)
def _reorder(node: ast.Assign, f: Function) -> Iterator[Patch]:
    match node, f.neighbour(node, 1):
        case ast.Assign(targets=[ast.Name(id=one)]), ast.Assign(targets=[ast.Name(id=other)]) as after:
            if (
                is_plain(node.value)
                and is_plain(after.value)
                and one != other
                and one not in names_of(after)
                and other not in names_of(node)
            ):
                yield {node: after, after: node}


@operator("droppable", "a statement that does nothing is left out", ast.Pass, ast.Assign, ast.Return, ast.Continue)
def _droppable(node: ast.stmt, f: Function) -> Iterator[Patch]:
    match node:
        case ast.Pass():
            idle = len(f.block(node)) > 1
        case ast.Assign(targets=[ast.Name(id=name)], value=value) if is_plain(value):
            unread = name not in f.fixed and not any(isinstance(n.ctx, ast.Load) for n in f.named[name])
            itself = isinstance(value, ast.Name) and value.id == name
            twice = same(node, f.neighbour(node, 1)) and name not in names_of(value)
            idle = unread or itself or twice
        case ast.Return(value=value):
            idle = is_none(value) and isinstance(f.ends(node), FUNCTIONS)
        case _:
            idle = isinstance(node, ast.Continue) and f.ends(node) is not None
    if idle:
        yield {node: []}


@operator("insertable", "a statement that does nothing is added", ast.Assign, ast.For, ast.While, ast.FunctionDef, ast.AsyncFunctionDef)
def _insertable(node: Any, f: Function) -> Iterator[Patch]:
    match node:
        case ast.Assign(targets=[ast.Name(id=name)], value=value):
            yield {node: [node, assignment(name, named(name))]}
            yield {node: [node, assignment(f.fresh("previous", "current", "saved"), named(name))]}
            if is_plain(value) and name not in names_of(value):
                yield {node: [node, node]}
        case ast.For() | ast.While() if not isinstance(node.body[-1], JUMPS):
            yield {node.body[-1]: [node.body[-1], ast.Continue()]}
        case ast.FunctionDef() | ast.AsyncFunctionDef() if not isinstance(node.body[-1], JUMPS):
            bare = contains(node, ast.Yield) or isinstance(
                node, ast.AsyncFunctionDef
            )  # an asynchronous generator returns no value, not even None
            yield {node.body[-1]: [node.body[-1], ast.Return(None if bare else ast.Constant(None))]}


@operator("demorgan", "not (a and b) becomes not a or not b, and back", ast.UnaryOp, ast.BoolOp)
def _demorgan(node: ast.UnaryOp | ast.BoolOp, f: Function) -> Iterator[Patch]:
    def other(op: ast.boolop) -> ast.boolop:
        return ast.Or() if isinstance(op, ast.And) else ast.And()

    match node:
        case ast.UnaryOp(op=ast.Not(), operand=ast.BoolOp(op=op, values=values)):
            yield {node: ast.BoolOp(other(op), [negated(v) for v in values])}
        case ast.BoolOp(op=op, values=values):
            nots = all(isinstance(v, ast.UnaryOp) and isinstance(v.op, ast.Not) for v in values)
            inside = isinstance(f.slots[node][0], ast.UnaryOp)
            if nots or (f.is_condition(node) and not inside):
                yield {node: negation(ast.BoolOp(other(op), [negated(v) for v in values]))}


@operator("notnot", "a condition x becomes not not x", *CONDITIONAL)
def _notnot(node: ast.AST, f: Function) -> Iterator[Patch]:
    for test in conditions(node):
        if not isinstance(test, ast.Compare | ast.UnaryOp | ast.Constant):
            yield {test: negation(negation(test))}


@operator("len", "a whole number is compared with its neighbour: len(x) > 0 becomes len(x) >= 1", ast.Compare)
def _len(node: ast.Compare, f: Function) -> Iterator[Patch]:
    match node:
        case ast.Compare(left=left, ops=[op], comparators=[ast.Constant(value=int(n))]) if calls(left, "len", "count"):
            if type(op) in _INTEGER:
                new, step = _INTEGER[type(op)]
                yield {node: ast.Compare(left, [new()], [signed(n + step)])}
            elif n == 0 and isinstance(op, ast.Eq | ast.NotEq):
                yield {node: ast.Compare(left, [ast.Lt()], [ast.Constant(1)]) if isinstance(op, ast.Eq) else like(node, ops=[ast.Gt()])}


@operator("chain", "a < b and b < c becomes a < b < c, and back", ast.Compare, ast.BoolOp)
def _chain(node: ast.Compare | ast.BoolOp, f: Function) -> Iterator[Patch]:
    match node:
        case ast.Compare(left=left, ops=[op, *ops], comparators=[middle, *rest]) if ops and is_plain(middle):
            parts: list[ast.expr] = [ast.Compare(left, [op], [middle]), ast.Compare(middle, list(ops), list(rest))]
            owner = f.slots[node][0]
            yield {node: parts if isinstance(owner, ast.BoolOp) and isinstance(owner.op, ast.And) else ast.BoolOp(ast.And(), parts)}
        case ast.BoolOp(op=ast.And(), values=values):
            for one, other in pairwise(values):
                match one, other:
                    case ast.Compare(), ast.Compare(left=middle) if same(one.comparators[-1], middle) and is_plain(middle):
                        joined = ast.Compare(one.left, [*one.ops, *other.ops], [*one.comparators, *other.comparators])
                        yield {node: joined} if len(values) == 2 else {one: joined, other: []}


@operator("literal", "[] becomes list(), {} dict(), () tuple(), and back", ast.List, ast.Dict, ast.Tuple, ast.Call)
def _literal(node: ast.AST, f: Function) -> Iterator[Patch]:
    match node:
        case ast.List(elts=[], ctx=ast.Load()) | ast.Tuple(elts=[], ctx=ast.Load()) | ast.Dict(keys=[]):
            name = type(node).__name__.lower()
            if not f.is_local(name):
                yield {node: calling(name)}
        case ast.Call(func=ast.Name(id="list" | "dict" | "tuple" as name), args=[], keywords=[]) if not f.is_local(name):
            empty: dict[str, ast.expr] = {"list": ast.List([], ast.Load()), "dict": ast.Dict([], []), "tuple": ast.Tuple([], ast.Load())}
            yield {node: empty[name]}
