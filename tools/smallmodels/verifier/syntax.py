"""One Python function as a syntax tree: its canonical text, and the text with some nodes replaced."""

from __future__ import annotations

import ast
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from smallmodels.verifier.nodes import calls, is_number

Patch = dict[ast.AST, "ast.AST | list[Any]"]
"""What stands in place of each node; a list where the node is one of a list. The first node is the one said to be touched."""


def canonical(source: str) -> str:
    """One function as everything here writes it: `ast.unparse` of the def without docstring, decorators, annotations and comments.

    Strings that stand alone count as comments; a body with nothing left is `pass`. Decorators of nested functions and annotations in nested
    classes stay, as they do something. Source may be indented, as that of a method is; private names (`__x`) are not mangled.

    Raises SyntaxError for what is not Python, ValueError for anything but one function.
    """
    # an indented function is put under an if, because textwrap.dedent would change the strings of several lines in it
    source = source.strip("\n")
    indented = source[:1] in (" ", "\t")
    body: list[Any] = ast.parse("if 1:\n" + source if indented else source).body
    body = body[0].body if indented else body
    if len(body) != 1 or not isinstance(body[0], ast.FunctionDef | ast.AsyncFunctionDef):
        raise ValueError(f"expected the source of one function, found {source[:60]!r}")
    body[0].decorator_list = []
    return ast.unparse(_Bare().visit(body[0]))


class _Bare(ast.NodeTransformer):
    """Strips what a function can do without."""

    def generic_visit(self, node: ast.AST) -> ast.AST:
        super().generic_visit(node)
        for field in ("body", "finalbody"):
            if getattr(node, field, None) == [] and (field == "body" or not getattr(node, "handlers", True)):
                setattr(node, field, [ast.Pass()])
        return node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> ast.AST:
        node.returns = None
        return self.generic_visit(node)

    def visit_arg(self, node: ast.arg) -> ast.AST:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST | None:
        return None if node.value is None else self.generic_visit(ast.Assign([node.target], node.value, lineno=node.lineno))

    def visit_Expr(self, node: ast.Expr) -> ast.AST | None:
        alone = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if alone else self.generic_visit(node)

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.AST:
        return node  # the fields of a dataclass are annotations


FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
_COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
_SCOPES = (*FUNCTIONS, ast.Lambda, *_COMPREHENSIONS)
_VISITED = (ast.expr, ast.stmt, ast.comprehension, ast.keyword, ast.excepthandler, ast.match_case, ast.pattern, ast.withitem)
JUMPS = (ast.Return, ast.Raise, ast.Continue, ast.Break)

_FIELDS: dict[type[ast.AST], tuple[str, ...]] = {
    **dict.fromkeys((*FUNCTIONS, ast.Lambda), ("body",)),  # signatures and decorators stay as they are
    **dict.fromkeys((ast.Assign, ast.NamedExpr), ("value", "targets", "target")),
    **dict.fromkeys((ast.For, ast.AsyncFor, ast.comprehension), ("iter", "target", "ifs", "body", "orelse")),
    **dict.fromkeys(_COMPREHENSIONS, ("generators", "elt", "key", "value")),
}
"""Fields in the order in which they are evaluated, where it is not the order of the syntax tree."""


class Function:
    """A parsed function: where each node stands, which names it has, and its source with a patch applied."""

    def __init__(self, source: str) -> None:
        (root,) = ast.parse(source).body
        assert isinstance(root, ast.FunctionDef | ast.AsyncFunctionDef), root
        self.root: ast.stmt = root
        self.lines = source.split("\n")
        self.words = set(re.findall(r"\w+", source))
        self.slots: dict[ast.AST, tuple[Any, str]] = {}
        self.nodes: list[ast.AST] = []
        self.named: defaultdict[str, list[ast.Name]] = defaultdict(list)
        self.mentions: list[tuple[str, ast.AST, bool]] = []  # name, scope, whether it is bound here
        self.seen: dict[ast.Name, tuple[int, tuple[ast.AST, ...]]] = {}  # a name's place among the mentions, and its scopes
        self._runs: dict[tuple[ast.stmt, ast.stmt], bool] = {}
        self._visit(root, ())

        self.called = {n.func.id for n in self.nodes if isinstance(n, ast.Call) and isinstance(n.func, ast.Name)}
        self.arguments = {a.arg for a in ast.walk(root.args) if isinstance(a, ast.arg)}
        self.numbers = set(_numbers(self.nodes))
        self.uses = {(name.id, type(self.slots[name][0]), self.slots[name][1]) for name in self.seen}  # by what, and as which part of it
        whole = list(ast.walk(root))
        self.nonlocals = {name for n in whole if isinstance(n, ast.Nonlocal) for name in n.names}
        # a name is renamed only where all its mentions are names, within reach of patches
        self.fixed = {text for n in whole if not isinstance(n, ast.Name | ast.Attribute | ast.keyword | ast.Constant) for text in _texts(n)}
        everywhere = Counter(n.id for n in whole if isinstance(n, ast.Name))
        self.fixed |= {name for name, count in everywhere.items() if count != len(self.named[name])}

    def _visit(self, node: ast.AST, scopes: tuple[ast.AST, ...]) -> None:
        self.nodes.append(node)
        if isinstance(node, ast.Name):
            self.named[node.id].append(node)
            self.seen[node] = len(self.mentions), scopes
            self.mentions.append((node.id, scopes[-1], isinstance(node.ctx, ast.Store)))
        if isinstance(node, _SCOPES):
            scopes = (*scopes, node)
            self.mentions += [(a.arg, node, True) for a in _plain_arguments(node)]
        for field in _FIELDS.get(type(node), node._fields):
            value = getattr(node, field, None)
            for child in value if isinstance(value, list) else [value]:
                # of a nested class only the methods: its names are attributes, its annotations may mean something
                if isinstance(child, _VISITED) and (not isinstance(node, ast.ClassDef) or isinstance(child, FUNCTIONS)):
                    self.slots[child] = node, field
                    self._visit(child, scopes)

    def block(self, statement: ast.AST) -> list[ast.stmt]:
        """The statements among which one stands."""
        owner, field = self.slots[statement]
        found: list[ast.stmt] = getattr(owner, field)
        return found

    def neighbour(self, statement: ast.AST, step: int) -> ast.stmt | None:
        """The statement before (-1) or after (1) one in its block."""
        block = self.block(statement)
        at = next(i for i, s in enumerate(block) if s is statement) + step
        return block[at] if 0 <= at < len(block) else None

    def is_elif(self, node: ast.If) -> bool:
        """Whether an if is the elif of another."""
        owner, field = self.slots[node]
        return isinstance(owner, ast.If) and field == "orelse" and len(owner.orelse) == 1

    def is_condition(self, node: ast.AST) -> bool:
        """Whether only the truth of an expression matters."""
        owner, field = self.slots[node]
        if isinstance(owner, ast.BoolOp):
            return self.is_condition(owner)
        return field in ("test", "ifs") or (isinstance(owner, ast.UnaryOp) and isinstance(owner.op, ast.Not))

    def ends(self, statement: ast.AST) -> ast.AST | None:
        """The function or loop that a statement is the last of, also as the last of an if at its end; None for others."""
        if not isinstance(statement, ast.stmt) or statement is self.root or self.block(statement)[-1] is not statement:
            return None
        owner, field = self.slots[statement]
        if isinstance(owner, (*FUNCTIONS, ast.For, ast.AsyncFor, ast.While)):
            return owner if field == "body" else None
        return self.ends(owner) if isinstance(owner, ast.If) else None

    def is_local(self, name: str) -> bool:
        """Whether the function binds a name, or must keep it as it is."""
        return name in self.fixed or self.bindings(name) > 0

    def bindings(self, name: str) -> int:
        """How often a name is bound, as an argument or by a statement."""
        return (name in self.arguments) + sum(isinstance(n.ctx, ast.Store) for n in self.named[name])

    def only_within(self, names: Iterable[str], node: ast.AST) -> bool:
        """Whether names are mentioned nowhere outside a node."""
        inside = Counter(n.id for n in ast.walk(node) if isinstance(n, ast.Name))
        return all(name not in self.fixed and inside[name] == len(self.named[name]) for name in names)

    def fresh(self, *names: str) -> str:
        """The first of some names that the function does not use."""
        return next(name for name in (*names, *(f"{names[-1]}_{i}" for i in range(2, 99))) if name not in self.words)

    def edited(self, patch: Patch) -> str:
        """The source with a patch applied. Only the statements around it are written anew, which makes it six times as fast."""
        first, last = self._run(patch)
        block = [self.root] if first is self.root else self.block(first)
        start, stop = block.index(first), block.index(last) + 1 - len(block)
        saved = [(owner, field, getattr(owner, field)) for owner, field in {self.slots[old]: None for old in patch}]
        try:
            for owner, field, value in saved:
                setattr(owner, field, _replaced(value, patch, field) if isinstance(value, list) else patch[value])
            block = [self.root] if first is self.root else self.block(first)
            text = _written(block[start : stop or None], first.col_offset)
        finally:
            for owner, field, value in saved:
                setattr(owner, field, value)
        return "\n".join([*self.lines[: first.lineno - 1], *text, *self.lines[_end(last) :]])

    def _run(self, patch: Patch) -> tuple[ast.stmt, ast.stmt]:
        """First and last of the statements of one block that hold a patch and can be written on their own."""
        held = [self._holder(old) for old in patch]
        while self.root not in held and len({self.slots[s] for s in held}) == 1:
            first, last = min(held, key=first_line), max(held, key=first_line)
            if self._alone(first, last):
                return first, last
            held = [self._statement(self.slots[first][0])]
        return self.root, self.root

    def _holder(self, old: ast.AST) -> ast.stmt:
        """The statement to write anew. Under an else that is the if as a whole: a last statement takes its else along, a lone if makes an elif."""
        owner, field = self.slots[old]
        return self._statement(owner if field == "orelse" and isinstance(old, ast.stmt) and len(self.block(old)) <= 2 else old)

    def _statement(self, node: ast.AST) -> ast.stmt:
        while not isinstance(node, ast.stmt):
            node = self.slots[node][0]
        return node

    def _alone(self, first: ast.stmt, last: ast.stmt) -> bool:
        """Whether statements written on their own read as in the source: an elif, decorators and strings of several lines do not."""
        if (first, last) not in self._runs:
            block = self.block(first)
            text = _written(block[block.index(first) : block.index(last) + 1], first.col_offset)
            self._runs[first, last] = text == self.lines[first.lineno - 1 : _end(last)]
        return self._runs[first, last]


def _plain_arguments(node: ast.AST) -> list[ast.arg]:
    """Arguments of a function that hold one value each; what * and ** collect is of another kind."""
    found = getattr(node, "args", None)
    return [*found.posonlyargs, *found.args, *found.kwonlyargs] if isinstance(found, ast.arguments) else []


def _texts(node: ast.AST) -> Iterator[str]:
    for _, value in ast.iter_fields(node):
        yield from (text for text in (value if isinstance(value, list) else [value]) if isinstance(text, str))


def _numbers(nodes: Iterable[ast.AST]) -> Iterator[str]:
    """Names that are used as numbers: assigned one, counted with, or added to one."""
    for node in nodes:
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value) if is_number(value) or calls(value, "len", "int"):
                yield name
            case ast.For(target=ast.Name(id=name), iter=i) | ast.comprehension(target=ast.Name(id=name), iter=i) if calls(i, "range"):
                yield name
            case ast.For(target=ast.Tuple(elts=[ast.Name(id=name), *_]), iter=i) if calls(i, "enumerate"):
                yield name
            case ast.AugAssign(target=ast.Name(id=name), value=value) if is_number(value):
                yield name
            case ast.BinOp(left=ast.Name(id=name), op=ast.Add() | ast.Sub() | ast.FloorDiv(), right=value) if is_number(value):
                yield name


def _replaced(values: list[Any], patch: Patch, field: str) -> list[Any]:
    found: list[Any] = []
    for value in values:
        new = patch.get(value, value) if isinstance(value, ast.AST) else value
        found += new if isinstance(new, list) else [new]
    return found or ([ast.Pass()] if field in ("body", "finalbody") else [])


def _written(statements: list[ast.stmt], indent: int) -> list[str]:
    return [" " * indent + line if line else line for line in ast.unparse(ast.Module(statements, [])).split("\n")] if statements else []


def first_line(node: ast.stmt | ast.expr) -> int:
    """The line on which a node begins, from 1."""
    return node.lineno


def _end(statement: ast.stmt) -> int:
    assert statement.end_lineno is not None
    return statement.end_lineno


Look = Callable[[Any, "Function"], Iterator[Patch]]


@dataclass(frozen=True)
class Operator:
    """One kind of edit: what it does in a line, the nodes it looks at, and the patches it finds at one of them."""

    description: str
    types: tuple[type[ast.AST], ...]
    patches: Look


def operators_into(table: dict[str, Operator]) -> Callable[..., Callable[[Look], Look]]:
    """A decorator, `@operator(name, description, *types)`, that puts operators into a table."""

    def operator(name: str, description: str, *types: type[ast.AST]) -> Callable[[Look], Look]:
        def register(look: Look) -> Look:
            assert name not in table, name
            table[name] = Operator(description, types, look)
            return look

        return register

    return operator
