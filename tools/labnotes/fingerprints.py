"""Digests of what a run depends on: Python code without comments, docstrings and words for the reader; everything else byte for byte."""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterator
from pathlib import Path

READER_WORDS = {"claim": {"because"}, "figure": {"caption", "alt", "because"}, "table": {"caption", "because"}}
"""Arguments of the author functions that only say something to the reader: no run depends on them."""


def of_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def of_bytes(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def of_file(path: Path) -> str:
    """Digest of a file: of its code for Python, of its bytes otherwise."""
    content = path.read_bytes()
    if path.suffix == ".py":
        try:
            return of_code(content.decode("utf-8"))
        except UnicodeDecodeError:
            pass
    return of_bytes(content)


def of_code(code: str) -> str:
    """Digest of Python code that stays the same when comments, layout, docstrings, captions, alt texts or reasons change."""
    return of_text(canonical(code))


def canonical(code: str) -> str:
    """A text form of the code's syntax tree that does not vary with Python's version; the code itself if it does not parse."""
    tree = parse(code)
    return code if tree is None else "".join(_walk(tree))


def parse(code: str) -> ast.Module | None:
    """The syntax tree of a cell or module; magics and shell lines are read as IPython reads them. None if it does not parse."""
    try:
        return ast.parse(code)
    except (SyntaxError, ValueError):
        pass
    from IPython.core.inputtransformer2 import TransformerManager

    plain: str = TransformerManager().transform_cell(code)
    try:
        return ast.parse(plain)
    except (SyntaxError, ValueError):
        return None


def called(node: ast.Call) -> str:
    """The plain name of the function called: "figure" for `figure(...)` and `labnotes.figure(...)`."""
    if isinstance(node.func, ast.Name):
        return node.func.id
    if isinstance(node.func, ast.Attribute) and isinstance(node.func.value, ast.Name) and node.func.value.id == "labnotes":
        return node.func.attr
    return ""


def _walk(node: object) -> Iterator[str]:
    if isinstance(node, ast.AST):
        yield type(node).__name__
        yield "("
        words = READER_WORDS.get(called(node), set()) if isinstance(node, ast.Call) else set()
        for name, value in ast.iter_fields(node):
            # `ctx` and `kind` follow from the rest; absent and empty fields differ between versions of Python
            if name in ("ctx", "kind", "type_comment") or (value is None and not isinstance(node, ast.Constant)) or value == []:
                continue
            yield name + "="
            if name == "keywords":
                value = [word for word in value if not (word.arg in words and isinstance(word.value, ast.Constant))]
            if name == "body" and isinstance(node, ast.Module | ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                value = _without_docstring(value)
            yield from _walk(value)
        yield ")"
    elif isinstance(node, list):
        yield "["
        for item in node:
            yield from _walk(item)
            yield ","
        yield "]"
    else:
        yield repr(node)


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str)
    return body[1:] if docstring else body
