"""Digests of what a run depends on: Python code without comments, words for the reader, and docstrings that no program reads; everything else
byte for byte."""

from __future__ import annotations

import ast
import warnings
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from labnotes.model.digests import text_digest
from labnotes.source import content_cache, docstring_use
from labnotes.source.docstring_use import NO_WORDS, CodeOutline, CountedText

READER_WORDS = {"claim": {"because"}, "figure": {"caption", "alt", "because"}, "table": {"caption", "because"}}
"""Arguments of the author functions that only say something to the reader: no run depends on them."""

NOTHING = "Module()"
"""Canonical form of code that does nothing: no line, or comments alone."""


def module_digest(path: Path, counted: CountedText = NO_WORDS) -> str:
    """Digest of a Python file as code. `counted` are the docstrings that a program may read, or the whole text."""
    content = path.read_bytes()
    return str(
        content_cache.computed_once(
            f"module {counted.cache_key}", content, lambda: python_digest(content.decode("utf-8", errors="replace"), counted=counted)
        )
    )


def module_outline(path: Path) -> CodeOutline:
    """What a Python file says about docstrings; nothing if it does not parse or cannot be read."""
    try:
        return _outline_of_content(path.read_bytes())
    except OSError:
        return CodeOutline()


@cache
def _outline_of_content(content: bytes) -> CodeOutline:
    """The outline of a module; most modules of a lab are loaded by several of its notes."""
    fields = content_cache.computed_once(
        "outline", content, lambda: docstring_use.outline_of([parse_code(content.decode("utf-8", errors="replace"))]).as_json()
    )
    return CodeOutline.from_json(fields)


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


def python_digest(code: str, aliases: FunctionAliases | None = None, counted: CountedText | None = None) -> str:
    """Digest of Python code that stays the same when comments, layout, captions, alt texts, reasons or docstrings that nobody reads change.

    `aliases` are those of the whole notebook that the code is a cell of, `counted` the words in this cell that a program may read; without them
    the code itself decides.
    """
    return text_digest(canonical_code(code, aliases, counted))


def canonical_code(code: str, aliases: FunctionAliases | None = None, counted: CountedText | None = None) -> str:
    """A text form of the code's syntax tree that does not vary with Python's version; the code itself if it does not parse, or if it is
    read as text."""
    tree = parse_code(code)
    if tree is None:
        return code
    if counted is None:
        counted = docstring_use.counted_in_note(docstring_use.outline_of([tree]))
    owners = docstring_use.docstring_owners(tree)
    kept = {id(node) for number, node in enumerate(owners) if counted.all_docstrings or number in counted.positions}
    form = "".join(_canonical_parts(tree, aliases if aliases is not None else aliases_in([tree]), kept))
    return code if counted.whole_text and form != NOTHING else form


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


def _canonical_parts(node: object, aliases: FunctionAliases, kept: Container[int] = ()) -> Iterator[str]:
    """The parts of the canonical form of a syntax tree, in order; `kept` are the ids of nodes whose docstrings count."""
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
            if name == "body" and isinstance(node, docstring_use.DocstringOwner) and id(node) not in kept:
                value = _without_docstring(node)
            yield from _canonical_parts(value, aliases, kept)
        yield ")"
    elif isinstance(node, list):
        yield "["
        for item in node:
            yield from _canonical_parts(item, aliases, kept)
            yield ","
        yield "]"
    else:
        yield repr(node)


def _without_docstring(node: docstring_use.DocstringOwner) -> list[ast.stmt]:
    return node.body if docstring_use.docstring_of(node) is None else node.body[1:]
