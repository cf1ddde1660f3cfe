"""What the code of a notebook says about its numbers: which are written in it, which expressions may be evaluated once more, what is said where
they are printed."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache

from labnotes.source import code_digest
from labnotes.source.notebooks import WholeCell

DISPLAYING = ("display", "IPython.display.display", "display.display")
"""The functions that show what they are given, as they are called."""

_FUNCTIONS = {"round", "len", "min", "max", "sum", "abs", "float", "int", "sorted", "pow"}
_METHODS = {
    *("mean", "std", "var", "median", "sum", "min", "max", "count", "item", "round", "describe", "corr", "cov", "nunique", "quantile"),
    *("tolist", "head", "tail", "unique", "idxmax", "idxmin", "argmax", "argmin", "value_counts", "groupby", "abs", "to_numpy", "dropna"),
    *("isna", "isnull", "notna", "notnull", "any", "all", "get", "keys", "values", "items", "reshape", "ravel", "flatten", "astype"),
    *("sort_values", "sort_index", "cumsum", "diff", "trace", "prod", "ptp", "skew", "kurt", "sem", "rank", "nlargest", "nsmallest"),
    *(
        "transpose",
        "squeeze",
        "detach",
        "cpu",
        "numpy",
        "size",
        "dim",
        "numel",
        "to_dict",
        "reset_index",
        "set_index",
        "eq",
        "ne",
        "gt",
        "lt",
    ),
}
_OF_MODULES = {
    *(
        "mean",
        "std",
        "var",
        "median",
        "sum",
        "min",
        "max",
        "abs",
        "absolute",
        "sqrt",
        "log",
        "log10",
        "log2",
        "log1p",
        "exp",
        "round",
        "around",
    ),
    *("percentile", "quantile", "corrcoef", "cov", "argmax", "argmin", "dot", "norm", "count_nonzero", "unique", "prod", "cumsum", "diff"),
    *("nanmean", "nanstd", "nansum", "nanmin", "nanmax", "nanmedian", "average", "trapezoid", "ceil", "floor", "fabs", "hypot", "square"),
    *("power", "sin", "cos", "tan", "degrees", "radians", "mode", "stdev", "pstdev", "variance", "fmean", "comb", "factorial", "ptp"),
}
_MODULES = {"numpy", "math", "statistics", "numpy.linalg"}
_PLAIN = (
    *(ast.Expression, ast.Name, ast.Attribute, ast.Subscript, ast.Constant, ast.BinOp, ast.UnaryOp, ast.Compare, ast.BoolOp, ast.Slice),
    *(ast.Tuple, ast.List, ast.Load, ast.operator, ast.unaryop, ast.cmpop, ast.boolop, ast.keyword),
)


def module_aliases(cells: Sequence[WholeCell]) -> dict[str, str]:
    """The modules that the code imports, by the names that they have in it."""
    aliases: dict[str, str] = {}
    for tree in _trees(cells):
        for node in ast.walk(tree):
            if isinstance(node, ast.Import):
                aliases |= {
                    name.asname or name.name.partition(".")[0]: name.name if name.asname else name.name.partition(".")[0]
                    for name in node.names
                }
            elif isinstance(node, ast.ImportFrom) and node.module:
                aliases |= {name.asname or name.name: f"{node.module}.{name.name}" for name in node.names}
    return aliases


def is_pure(expression: str, aliases: dict[str, str]) -> bool:
    """Whether an expression can be evaluated once more without any effect: names, parts, arithmetic, and calls that only look."""
    try:
        tree = ast.parse(expression, mode="eval")
    except (SyntaxError, ValueError):
        return False
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            if not _is_pure_call(node, aliases):
                return False
        elif not isinstance(node, _PLAIN):
            return False
    return True


@cache
def names_in(expression: str) -> frozenset[str]:
    """The names of variables in an expression; none if it does not parse."""
    try:
        tree = ast.parse(expression, mode="eval")
    except (SyntaxError, ValueError):
        return frozenset()
    return frozenset(node.id for node in ast.walk(tree) if isinstance(node, ast.Name) and node.id not in _FUNCTIONS)


def _is_pure_call(node: ast.Call, aliases: dict[str, str]) -> bool:
    if isinstance(node.func, ast.Name):
        return node.func.id in _FUNCTIONS and node.func.id not in aliases
    if not isinstance(node.func, ast.Attribute):
        return False
    owner = ast.unparse(node.func.value)
    first, _, rest = owner.partition(".")
    if first in aliases:
        return f"{aliases[first]}{'.' if rest else ''}{rest}" in _MODULES and node.func.attr in _OF_MODULES
    return node.func.attr in _METHODS and not any(word.arg == "inplace" for word in node.keywords)


def written_numbers(cells: Sequence[WholeCell]) -> set[float]:
    """The numbers that stand in the code: what an author set is no result."""
    numbers: set[float] = set()
    for tree in _trees(cells):
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, int | float) and not isinstance(node.value, bool):
                try:
                    numbers.add(abs(float(node.value)))
                except OverflowError:
                    continue
    return numbers


def printed_words(source: str) -> dict[str, list[str]]:
    """The words that stand before each expression where a cell prints it, by the expression."""
    tree = code_digest.parse_magic_body(source) or code_digest.parse_code(source)
    words: dict[str, list[str]] = {}
    for node in ast.walk(tree) if tree is not None else ():
        for expression, said in _labelled(node):
            words.setdefault(ast.unparse(expression), []).extend(re.findall(r"[a-z]+[0-9²]*", said.lower().rpartition("\n")[2][-60:]))
    return words


def _labelled(node: ast.AST) -> Iterator[tuple[ast.expr, str]]:
    """The expressions in a call of print or a text with formats, each with the text before it."""
    if isinstance(node, ast.JoinedStr):
        said = ""
        for part in node.values:
            if isinstance(part, ast.Constant):
                said = str(part.value)
            elif isinstance(part, ast.FormattedValue):
                yield part.value, said
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "print":
        said = ""
        for argument in node.args:
            if isinstance(argument, ast.Constant):
                said = str(argument.value)
            else:
                yield argument, said
    elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Constant):
        parts = re.split(r"\{[^{}]*\}", str(node.func.value.value))
        yield from zip(node.args, parts, strict=False)
    elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod) and isinstance(node.left, ast.Constant):
        arguments = node.right.elts if isinstance(node.right, ast.Tuple) else [node.right]
        yield from zip(arguments, re.split(r"%[-+ #0]*\d*(?:\.\d+)?[diouxXeEfFgGs]", str(node.left.value)), strict=False)


def runs_as_python(cell: WholeCell) -> bool:
    """Whether calls can be written into a code cell: it is run, to its end, as Python in the notebook's own names."""
    from labnotes.source import cell_options

    tags = cell.metadata.get("tags", [])
    known = cell_options.all_tags(
        [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else [], cell.metadata, cell.source
    )
    if cell_options.SKIPPED in known or cell_options.MAY_RAISE in known:
        return False
    magic = re.match(r"\s*%%(\w*)", cell.source)
    return magic is None or magic[1] == "time"


def _trees(cells: Sequence[WholeCell]) -> Iterator[ast.Module]:
    for cell in cells:
        tree = (code_digest.parse_magic_body(cell.source) or code_digest.parse_code(cell.source)) if cell.kind == "code" else None
        if tree is not None:
            yield tree
