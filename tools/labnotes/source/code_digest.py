"""Digests of what a run depends on: Python code without comments, docstrings and words for the reader; everything else byte for byte."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from labnotes.model.digests import text_digest
from labnotes.source import content_cache

READER_WORDS = {"claim": {"because"}, "figure": {"caption", "alt", "because"}, "table": {"caption", "because"}}
"""Arguments of the author functions that only say something to the reader: no run depends on them."""

NOTHING = "Module()"
"""Canonical form of code that does nothing: no line, or comments alone."""


def module_digest(path: Path) -> str:
    """Digest of a Python file as code."""
    content = path.read_bytes()
    return str(content_cache.computed_once("module", content, lambda: python_digest(content.decode("utf-8", errors="replace"))))


def file_digest(path: Path) -> str:
    """Digest of a file byte by byte. A large one is read in pieces, and not again while it stays as it is."""
    return content_cache.file_digest(path)


@dataclass(frozen=True)
class FunctionAliases:
    """The names under which a notebook calls the author functions: `functions` maps a plain name to the function, `modules` are names of
    the package labnotes."""

    functions: Mapping[str, str] = field(default_factory=dict)
    modules: frozenset[str] = frozenset()

    def called_function(self, node: ast.Call) -> str:
        """The author function that a call means, "" for any other function."""
        if isinstance(node.func, ast.Name):
            return self.functions.get(node.func.id, "")
        if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and node.func.value.id in self.modules:
            return node.func.attr
        return ""


def aliases_in(trees: Iterable[ast.Module | None]) -> FunctionAliases:
    """The names under which labnotes and its functions are imported anywhere in these cells."""
    functions, modules = {}, set()
    for node in (node for tree in trees if tree is not None for node in ast.walk(tree)):
        if isinstance(node, ast.ImportFrom) and node.module == "labnotes":
            for name in node.names:
                functions[name.asname or name.name] = name.name
                if name.name == "*":
                    functions |= {function: function for function in READER_WORDS}
        elif isinstance(node, ast.Import):
            modules |= {name.asname or name.name for name in node.names if name.name == "labnotes"}
    return FunctionAliases(functions, frozenset(modules))


def python_digest(code: str, aliases: FunctionAliases | None = None) -> str:
    """Digest of Python code that stays the same when comments, layout, docstrings, captions, alt texts or reasons change.

    `aliases` are those of the whole notebook that the code is a cell of; without them the code's own imports decide.
    """
    return text_digest(canonical_code(code, aliases))


def canonical_code(code: str, aliases: FunctionAliases | None = None) -> str:
    """A text form of the code's syntax tree that does not vary with Python's version; the code itself if it does not parse."""
    tree = parse_code(code)
    if tree is None:
        return code
    return "".join(_canonical_parts(tree, aliases if aliases is not None else aliases_in([tree])))


def parse_code(code: str) -> ast.Module | None:
    """The syntax tree of a cell or module; magics and shell lines are read as IPython reads them. None if it does not parse."""
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError):
        pass
    from IPython.core.inputtransformer2 import TransformerManager

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of lines that end in signs which end none elsewhere
        plain: str = TransformerManager().transform_cell(code)
    try:
        return ast.parse(plain)
    except (SyntaxError, ValueError):
        return None


def syntax_error(code: str) -> SyntaxError | None:
    """Why a cell cannot be read, None if it can: as Python, as IPython, or as the code under a cell magic."""
    if parse_code(code) is not None or parse_magic_body(code) is not None:
        return None
    try:
        ast.parse(code)
    except SyntaxError as error:
        return error
    except ValueError as error:  # null bytes
        return SyntaxError(str(error))
    return None


def parse_magic_body(code: str) -> ast.Module | None:
    """Like `parse_code`, but of a cell under a cell magic (%%time, %%capture) the code that the magic runs, at its own lines."""
    first, _, rest = code.lstrip().partition("\n")
    return parse_code("\n" * (code.count("\n") - rest.count("\n")) + rest) if first.startswith("%%") else parse_code(code)


def _canonical_parts(node: object, aliases: FunctionAliases) -> Iterator[str]:
    """The parts of the canonical form of a syntax tree, in order."""
    if isinstance(node, ast.AST):
        yield type(node).__name__
        yield "("
        words = READER_WORDS.get(aliases.called_function(node), set()) if isinstance(node, ast.Call) else set()
        for name, value in ast.iter_fields(node):
            # `ctx` and `kind` follow from the rest; absent and empty fields differ between versions of Python
            if name in ("ctx", "kind", "type_comment") or (value is None and not isinstance(node, ast.Constant)) or value == []:
                continue
            yield name + "="
            if name == "keywords":
                value = [word for word in value if not (word.arg in words and isinstance(word.value, ast.Constant))]
            if name == "body" and isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                value = _without_docstring(value)
            yield from _canonical_parts(value, aliases)
        yield ")"
    elif isinstance(node, list):
        yield "["
        for item in node:
            yield from _canonical_parts(item, aliases)
            yield ","
        yield "]"
    else:
        yield repr(node)


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    return body[1:] if docstring else body
