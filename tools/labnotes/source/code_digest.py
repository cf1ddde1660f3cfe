"""Digests of what a run depends on: Python code without comments, words for the reader, and docstrings that no program reads; everything else
byte for byte."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from labnotes.model.digests import text_digest
from labnotes.source import content_cache, docstring_use
from labnotes.source.docstring_use import NO_WORDS, CodeOutline, CountedText

READER_WORDS = {"claim": {"because", "title"}, "figure": {"caption", "alt", "because"}, "table": {"caption", "because"}}
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
    except _TOO_DEEP:
        return None
    except (SyntaxError, ValueError):
        if _magic_cost(code) > MOST_MAGIC:
            return None
    from IPython.core.inputtransformer2 import TransformerManager

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of lines that end in signs which end none elsewhere
            plain: str = TransformerManager().transform_cell(code)
        return ast.parse(plain)
    except (SyntaxError, ValueError, RuntimeError, *_TOO_DEEP):  # RuntimeError: IPython gives up after 500 magics
        return None


MOST_MAGIC = 10_000_000
"""Lines of magics times characters of a cell: IPython reads the whole cell again for each, so that this much takes it about ten seconds."""

_MAGIC_LINE = re.compile(r"^[ \t]*[%!?]|=[ \t]*[%!]|\?[ \t]*$", re.MULTILINE)


def _magic_cost(code: str) -> int:
    """What IPython's reading of a cell costs, in the unit of MOST_MAGIC."""
    return sum(1 for _ in _MAGIC_LINE.finditer(code)) * len(code)


def syntax_error(code: str) -> SyntaxError | None:
    """Why a cell cannot be read, None if it can: as Python, as IPython, or as the code under a cell magic."""
    tree = parse_code(code) or parse_magic_body(code)
    if tree is not None:
        return _long_number_error(tree)
    if _magic_cost(code) > MOST_MAGIC:
        return SyntaxError("it has more magics and shell lines than IPython reads in one cell: give them cells of their own")
    try:
        ast.parse(code)
    except SyntaxError as error:
        return error
    except ValueError as error:  # null bytes
        return SyntaxError(str(error))
    except _TOO_DEEP:
        return SyntaxError("it is nested too deeply for Python to read: give its parts names of their own")
    return None


_TOO_DEEP = (RecursionError, MemoryError)
"""What Python's parser raises of code that is nested more deeply than it can read."""

LONGEST_NUMBER = 4_300
"""Digits of a whole number. Python writes none out that has more."""


def _long_number_error(tree: ast.Module) -> SyntaxError | None:
    """The error that code holds a whole number which Python cannot write out; None if it holds none."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, int) and node.value.bit_length() > LONGEST_NUMBER * 3:
            try:
                str(node.value)
            except ValueError:
                error = SyntaxError(f"a whole number has more than {LONGEST_NUMBER:,} digits: compute it, or read it from a file")
                error.lineno = node.lineno
                return error
    return None


def parse_magic_body(code: str) -> ast.Module | None:
    """Like `parse_code`, but of a cell under a cell magic (%%time, %%capture) the code that the magic runs, at its own lines."""
    first, _, rest = code.lstrip().partition("\n")
    return parse_code("\n" * (code.count("\n") - rest.count("\n")) + rest) if first.startswith("%%") else parse_code(code)


class _FormSign(str):
    """A piece of the canonical form itself, beside the nodes that are still to be written."""


def _canonical_parts(tree: ast.AST, aliases: FunctionAliases, kept: Container[int] = ()) -> Iterator[str]:
    """The parts of the canonical form of a syntax tree, in order; `kept` are the ids of nodes whose docstrings count.

    It keeps its own stack, since code may be nested more deeply than functions can call each other.
    """
    waiting: list[object] = [tree]
    while waiting:
        node = waiting.pop()
        if isinstance(node, _FormSign):
            yield node
        elif isinstance(node, ast.AST):
            parts: list[object] = [_FormSign(f"{type(node).__name__}(")]
            for name, value in _canonical_fields(node, aliases, kept):
                parts += [_FormSign(f"{name}="), value]
            waiting += reversed([*parts, _FormSign(")")])
        elif isinstance(node, list):
            waiting += reversed([_FormSign("["), *(part for item in node for part in (item, _FormSign(","))), _FormSign("]")])
        else:
            yield _constant_form(node)


def _canonical_fields(node: ast.AST, aliases: FunctionAliases, kept: Container[int]) -> Iterator[tuple[str, object]]:
    """The fields of a node that count, with their values."""
    words = READER_WORDS.get(aliases.called_function(node), set()) if isinstance(node, ast.Call) else set()
    for name, value in ast.iter_fields(node):
        # `ctx` and `kind` follow from the rest; absent and empty fields differ between versions of Python
        if name in ("ctx", "kind", "type_comment") or (value is None and not isinstance(node, ast.Constant)) or value == []:
            continue
        if name == "keywords":
            value = [word for word in value if not (word.arg in words and isinstance(word.value, ast.Constant))]
            if not value and "title" in words:  # a title alone is as none; of figures and tables the empty list is in digests already
                continue
        if name == "body" and isinstance(node, docstring_use.DocstringOwner) and id(node) not in kept:
            value = _without_docstring(node)
        yield name, value


def _constant_form(value: object) -> str:
    try:
        return repr(value)
    except ValueError:  # a whole number of more than LONGEST_NUMBER digits
        return hex(value) if isinstance(value, int) else ascii(value)


def _without_docstring(node: docstring_use.DocstringOwner) -> list[ast.stmt]:
    return node.body if docstring_use.docstring_of(node) is None else node.body[1:]
