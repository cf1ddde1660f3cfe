"""Operators that make an error of the kinds that people make. An operator looks at a node and yields patches."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise

from smallmodels.verifier.nodes import (
    CONDITIONAL,
    called,
    calls,
    conditions,
    exchanged,
    is_none,
    is_text,
    like,
    named,
    negated,
    same,
    signed,
)
from smallmodels.verifier.syntax import FUNCTIONS, Function, Operator, Patch, operators_into

ERRORS: dict[str, Operator] = {}
operator = operators_into(ERRORS)

_COMPARED: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.Gt), ast.LtE: (ast.Lt, ast.GtE), ast.Gt: (ast.GtE, ast.Lt), ast.GtE: (ast.Gt, ast.LtE),
    ast.Eq: (ast.NotEq,), ast.NotEq: (ast.Eq,), ast.In: (ast.NotIn,), ast.NotIn: (ast.In,), ast.Is: (ast.IsNot,), ast.IsNot: (ast.Is,),
}  # fmt: skip
_COUNTED: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub,), ast.Sub: (ast.Add,), ast.Mult: (ast.FloorDiv, ast.Add), ast.Div: (ast.FloorDiv, ast.Mult),
    ast.FloorDiv: (ast.Div, ast.Mod), ast.Mod: (ast.FloorDiv,), ast.Pow: (ast.Mult,), ast.LShift: (ast.RShift,), ast.RShift: (ast.LShift,),
    ast.BitAnd: (ast.BitOr,), ast.BitOr: (ast.BitAnd,), ast.BitXor: (ast.BitOr,),
}  # fmt: skip


def _siblings(pairs: str) -> dict[str, list[str]]:
    """What a name is mistaken for: one/other in both directions, one>other in one, where other belongs to fewer types."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for pair in pairs.split():
        one, other = re.split("[/>]", pair)
        found[one].append(other)
        if "/" in pair:
            found[other].append(one)
    return dict(found)


_BUILTINS = _siblings("min/max any/all sum/len int/float int/round list/set tuple/list set/frozenset sorted/list repr/str ord/int abs/int")
_METHODS = _siblings(
    "append/extend appendleft>append popleft>pop extendleft>extend add/discard discard>remove keys/values items>keys items>values get/pop "
    "setdefault>get startswith/endswith lstrip/rstrip strip/lstrip strip/rstrip removeprefix/removesuffix upper/lower isupper/islower "
    "title/capitalize split/rsplit partition/rpartition find/rfind find>index index/count index>rindex ljust/rjust isdigit/isalpha "
    "isalnum/isalpha isdecimal/isdigit match/search match/fullmatch findall>search groups>group start/end union/intersection "
    "difference/symmetric_difference issubset/issuperset floor/ceil takewhile/dropwhile zip_longest>zip permutations/combinations "
    "bisect_left/bisect_right heappush/heappop read/readline read>readlines hexdigest/digest sin/cos log/exp"
)
_EXCEPTIONS = _siblings("KeyError/IndexError ValueError/TypeError AttributeError/KeyError StopIteration/IndexError OSError/ValueError")
_ORDERLESS = {"isinstance", "issubclass", "hasattr", "getattr", "setattr", "min", "max", "gcd", "print"}
"""Calls whose arguments are not swapped: the order is free, or no one would mistake it."""
_CONSUMING = {"next", "pop", "popleft", "read", "readline", "heappop"}
_CHANGING = _CONSUMING | {"append", "appendleft", "extend", "insert", "popitem", "remove", "write", "heappush", "rotate", "reverse", "send"}


@operator("negcond", "a condition of an if, while, conditional expression or comprehension is negated", *CONDITIONAL)
def _negcond(node: ast.AST, f: Function) -> Iterator[Patch]:
    for test in conditions(node):
        if not isinstance(test, ast.Constant):
            yield {test: negated(test)}


@operator("compare", "a comparison becomes a neighbouring one", ast.Compare)
def _compare(node: ast.Compare, f: Function) -> Iterator[Patch]:
    for i, op in enumerate(node.ops):
        for new in _COMPARED[type(op)]:
            yield {node: exchanged(node, "ops", i, new())}


@operator("dropnot", "a not is left out", ast.UnaryOp)
def _dropnot(node: ast.UnaryOp, f: Function) -> Iterator[Patch]:
    if isinstance(node.op, ast.Not):
        yield {node: node.operand}


@operator("bool", "and becomes or, or becomes and", ast.BoolOp)
def _bool(node: ast.BoolOp, f: Function) -> Iterator[Patch]:
    yield {node: like(node, op=ast.Or() if isinstance(node.op, ast.And) else ast.And())}


@operator("arith", "an arithmetic or bit operator becomes a neighbouring one", ast.BinOp, ast.AugAssign)
def _arith(node: ast.BinOp | ast.AugAssign, f: Function) -> Iterator[Patch]:
    operands = [node.left, node.right] if isinstance(node, ast.BinOp) else [node.value]
    # on texts and lists the other operator would be a TypeError at once
    if not any(is_text(o) or isinstance(o, ast.List | ast.ListComp | ast.Tuple) for o in operands):
        for new in _COUNTED.get(type(node.op), ()):
            yield {node: like(node, op=new())}


@operator("offby1", "an index, a bound or a count is one more or one less", ast.Subscript, ast.Slice, ast.Compare, ast.Call, ast.BinOp)
def _offby1(node: ast.AST, f: Function) -> Iterator[Patch]:
    match node:
        case ast.BinOp(left=left, op=ast.Add() | ast.Sub(), right=ast.Constant(value=1)):
            yield {node: left}
            return
        case ast.Subscript(slice=index):
            places = [index] if _is_count(index, f) else []
        case ast.Slice(lower=lower, upper=upper):
            places = [b for b in (lower, upper) if b is not None and not isinstance(b, ast.Constant | ast.UnaryOp)]
        case ast.Compare(ops=[ast.Lt() | ast.LtE() | ast.Gt() | ast.GtE()], comparators=[bound]):
            places = [bound] if _is_count(bound, f) else []
        case ast.Call(func=ast.Name(id="range"), args=arguments):
            places = [a for a in arguments[:2] if not isinstance(a, ast.Constant | ast.UnaryOp | ast.Starred)]
        case ast.Call(func=ast.Name(id="len")):
            places = [node]
        case _:
            return
    for place in places:
        if not (isinstance(place, ast.BinOp) and isinstance(place.right, ast.Constant) and place.right.value == 1):
            yield {place: ast.BinOp(place, ast.Add(), ast.Constant(1))}
            yield {place: ast.BinOp(place, ast.Sub(), ast.Constant(1))}


def _is_count(node: ast.AST, f: Function) -> bool:
    if isinstance(node, ast.BinOp):
        return not is_text(node.left)
    return calls(node, "len", "int") or (isinstance(node, ast.Name) and node.id in f.numbers)


@operator("const", "a number is one more, its negative or 0 for 1, True is False, an empty text is a space", ast.Constant, ast.UnaryOp)
def _const(node: ast.Constant | ast.UnaryOp, f: Function) -> Iterator[Patch]:
    owner = f.slots[node][0]
    if isinstance(owner, ast.JoinedStr):
        return
    match node:
        case ast.UnaryOp(op=ast.USub(), operand=ast.Constant() as number):
            yield {node: number}
        case ast.Constant(value=bool(value)):
            yield {node: ast.Constant(not value)}
        case ast.Constant(value=int(value) | float(value)) if isinstance(owner, ast.UnaryOp):
            yield {node: ast.Constant(value + 1)}
        case ast.Constant(value=int(value) | float(value)):
            for new in (1,) if value == 0 else (0, 2, -1) if value == 1 else (value + 1, -value):
                yield {node: signed(new)}
        case ast.Constant(value="" | " " as value):
            yield {node: ast.Constant("" if value else " ")}


@operator("var", "a name is mistaken for one of the two local names mentioned last before it", ast.Name)
def _var(node: ast.Name, f: Function) -> Iterator[Patch]:
    owner, field = f.slots[node]
    collected = isinstance(owner, ast.Starred) or (isinstance(owner, ast.keyword) and owner.arg is None)
    if not isinstance(node.ctx, ast.Load) or collected or (isinstance(owner, ast.Call) and field == "func"):
        return
    place, scopes = f.seen[node]
    before = f.mentions[:place]
    known = {name for name, scope, bound in before if bound and scope in scopes} - f.called - {"self", "cls"}
    if node.id in known:
        nearest = dict.fromkeys(name for name, _, _ in reversed(before) if name in known and name != node.id)
        # x.y and x[y] need another name with attributes or items, or the mistake shows at once
        demanding = field == "value" and isinstance(owner, ast.Attribute | ast.Subscript)
        for name in [n for n in nearest if not demanding or (n, type(owner), field) in f.uses][:2]:
            yield {node: named(name)}


@operator("swapargs", "two neighbouring positional arguments are exchanged", ast.Call)
def _swapargs(node: ast.Call, f: Function) -> Iterator[Patch]:
    if called(node) not in _ORDERLESS:
        for one, other in pairwise(node.args):
            if not isinstance(one, ast.Starred) and not isinstance(other, ast.Starred) and not same(one, other):
                yield {one: other, other: one}


@operator("dropstmt", "an assignment, a call or a del is left out", ast.Assign, ast.AugAssign, ast.Expr, ast.Delete)
def _dropstmt(node: ast.stmt, f: Function) -> Iterator[Patch]:
    match node:
        case ast.Expr(value=value) if not isinstance(value, ast.Call | ast.Yield | ast.YieldFrom | ast.Await):
            return
        case ast.Assign(targets=targets):
            bound = {n.id for t in targets for n in ast.walk(t) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
            # a name that is bound nowhere else would be missing, which needs no reviewer
            if any(name in f.nonlocals or f.bindings(name) < 2 for name in bound):
                return
    yield {node: []}


@operator("callname", "a function or method is mistaken for a sibling, min for max", ast.Call)
def _callname(node: ast.Call, f: Function) -> Iterator[Patch]:
    match node.func:
        case ast.Name(id=name) if not f.is_local(name):
            for new in _BUILTINS.get(name, ()):
                yield {node.func: named(new)}
        case ast.Attribute(attr=name):
            for new in _METHODS.get(name, ()):
                yield {node.func: like(node.func, attr=new)}


@operator("breakcont", "break becomes continue, continue becomes break", ast.Break, ast.Continue)
def _breakcont(node: ast.stmt, f: Function) -> Iterator[Patch]:
    yield {node: ast.Continue() if isinstance(node, ast.Break) else ast.Break()}


@operator("index", "first and last are mistaken, or a bound of a slice is left out or moved", ast.Subscript, ast.Slice)
def _index(node: ast.AST, f: Function) -> Iterator[Patch]:
    match node:
        case ast.Subscript(slice=ast.Constant(value=0) as index) if index.value is not False:
            yield {index: signed(-1)}
        case ast.Subscript(slice=ast.UnaryOp(op=ast.USub(), operand=ast.Constant(value=1)) as index):
            yield {index: ast.Constant(0)}
        case ast.Slice(lower=lower, upper=upper):
            for bound in ("lower", "upper"):
                if getattr(node, bound):
                    yield {node: like(node, **{bound: None})}
            if not (lower and upper):
                yield {node: like(node, lower=upper, upper=lower)}


@operator("returns", "None is returned, or an early return is left out", ast.Return)
def _returns(node: ast.Return, f: Function) -> Iterator[Patch]:
    if not is_none(node.value):
        yield {node: ast.Return(ast.Constant(None))}
    if not isinstance(f.ends(node), FUNCTIONS):
        yield {node: []}


@operator("exception", "a raise is left out, or another exception is raised or caught", ast.Raise, ast.ExceptHandler)
def _exception(node: ast.Raise | ast.ExceptHandler, f: Function) -> Iterator[Patch]:
    if isinstance(node, ast.Raise):
        yield {node: []}
    kind = node.exc if isinstance(node, ast.Raise) else node.type
    kind = kind.func if isinstance(kind, ast.Call) else kind
    for name in kind.elts if isinstance(kind, ast.Tuple) else [kind]:
        if isinstance(name, ast.Name):
            for new in _EXCEPTIONS.get(name.id, ()):
                yield {name: named(new)}


@operator("addstmt", "a statement that changes something is done twice", ast.Expr, ast.AugAssign, ast.Assign)
def _addstmt(node: ast.stmt, f: Function) -> Iterator[Patch]:
    match node:
        case ast.Expr(value=value) if not (called(value) in _CHANGING or isinstance(value, ast.Yield)):
            return
        case ast.Assign(value=value) if called(value) not in _CONSUMING:
            return
    yield {node: [node, node]}


@operator("dropkw", "a keyword argument of a call is left out", ast.Call)
def _dropkw(node: ast.Call, f: Function) -> Iterator[Patch]:
    for keyword in node.keywords:
        if keyword.arg:
            yield {keyword: []}
