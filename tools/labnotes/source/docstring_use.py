"""Which docstrings a program may read, so that they are code: prompts, descriptions of tools, help texts, examples that are run.

Told from syntax alone, by names: a program that reads docstrings says so (`__doc__`, `inspect.getdoc`), or hands its functions and classes
to a library that may. A file is seen as one namespace. Nothing is imported and nothing is executed.
"""

from __future__ import annotations

import ast
import builtins
import posixpath
import sys
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

from labnotes.model.digests import text_digest

DocstringOwner = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef

KNOWN = frozenset(sys.stdlib_module_names - {"cmd", "unittest"}) | {
    *("labnotes", "unittest.mock"),
    *("IPython.display", "attr", "attrs", "beartype", "cloudpickle", "filelock", "hypothesis", "jaxtyping", "joblib", "numba", "packaging"),
    *("platformdirs", "psutil", "pytest", "rich", "threadpoolctl", "tqdm", "typeguard", "typing_extensions"),
    *("PIL", "altair", "cv2", "imageio", "matplotlib", "mpl_toolkits", "plotly", "seaborn", "skimage"),
    *("arviz", "mpmath", "networkx", "numpy", "pymc", "scipy", "sklearn", "statsmodels", "sympy", "lightgbm", "xgboost"),
    *("h5py", "orjson", "pandas", "polars", "pyarrow", "safetensors", "xarray", "yaml", "zarr"),
    *("datasets", "huggingface_hub", "httpx", "requests", "tokenizers"),
    *("einops", "equinox", "flax", "haiku", "jax", "keras", "lightning", "optax", "pytorch_lightning", "tensorflow", "torch", "torchaudio"),
    *("torchvision", "transformer_lens"),
}
"""Modules and packages that do what they do whatever the docstrings of their callers say. All others may read them, as libraries of agents,
prompts, schemas and command lines do."""

_READERS = frozenset(
    [
        "getdoc",
        "getcomments",
        "getsource",
        "getsourcelines",
        "findsource",
        "getmembers",
        "getmembers_static",
        "classify_class_attrs",
        "testmod",
        "testsource",
        "run_docstring_examples",
        "DocTestFinder",
        "DocTestSuite",
        "render_doc",
    ]
)
"""Functions of inspect, doctest and pydoc that read the docstrings of what they are given."""

_SOURCE_READERS = frozenset(("getcomments", "getsource", "getsourcelines", "findsource", "testsource", "psource", "pinfo2"))
"""Those that read code as text, comments and all."""

_MAGICS = frozenset(("pinfo", "pinfo2", "pdoc", "psource"))
"""IPython's `name?`, `name??`, %pdoc and %psource."""

_LOADERS = frozenset(("__import__", "import_module", "run_module", "run_path", "exec_module", "walk_packages", "iter_modules"))
"""Functions that load modules by names which syntax does not tell."""

_NO_READERS = frozenset(
    [
        "BoundArguments",
        "Parameter",
        "Signature",
        "currentframe",
        "get_annotations",
        "getattr_static",
        "getcallargs",
        "getclosurevars",
        "getfile",
        "getfullargspec",
        "getframeinfo",
        "getmodule",
        "getmro",
        "getsourcefile",
        "isabstract",
        "isasyncgen",
        "isasyncgenfunction",
        "isawaitable",
        "isbuiltin",
        "isclass",
        "iscode",
        "iscoroutine",
        "iscoroutinefunction",
        "isdatadescriptor",
        "isframe",
        "isfunction",
        "isgenerator",
        "isgeneratorfunction",
        "isgetsetdescriptor",
        "ismemberdescriptor",
        "ismethod",
        "ismethoddescriptor",
        "ismethodwrapper",
        "ismodule",
        "isroutine",
        "istraceback",
        "signature",
        "stack",
        "trace",
        "unwrap",
        "cleandoc",
    ]
)
"""What inspect has that reads no docstring, besides its constants."""


@dataclass(frozen=True)
class ImportedName:
    """A name that an import binds: `module` begins with a dot for each level of a relative import, `attribute` is "" where the module
    itself is meant, and "*" for all names of it."""

    name: str
    module: str
    attribute: str

    @property
    def is_known(self) -> bool:
        """Whether it comes from a module that reads no docstrings of its callers."""
        parts = f"{self.module}.{self.attribute}".rstrip(".").split(".")
        return any(".".join(parts[:depth]) in KNOWN for depth in range(1, len(parts) + 1))


@dataclass(frozen=True)
class NamedDefinition:
    """A function or class: `position` counts the owners of docstrings of a file, `within` are the positions of what it lies in, `handlers`
    the names of its decorators and bases."""

    name: str
    position: int
    within: tuple[int, ...]
    handlers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class CodeOutline:
    """What the code of a file, or of all cells of a notebook, says about docstrings.

    `reads` tells whether it reads those of any object, `reads_source` whether it reads code as text, `reads_own` whether a module reads its own
    docstring, `loads` whether it loads modules by names that it puts together. `assignments` are pairs: names that get a value, and the
    names in that value; `bodies` likewise each function or class and the names in it. `calls` are the names in the arguments of calls, and in what
    is put into an object, by the name of what gets them. `docstrings` are pairs: the position of what
    has a docstring, and the digest of the docstring.
    """

    docstrings: tuple[tuple[int, str], ...] = ()
    reads: bool = False
    reads_source: bool = False
    reads_own: bool = False
    loads: bool = False
    imports: tuple[ImportedName, ...] = ()
    definitions: tuple[NamedDefinition, ...] = ()
    bodies: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    assignments: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = ()
    calls: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> CodeOutline:
        pairs = {name: tuple((tuple(left), tuple(right)) for left, right in fields[name]) for name in ("bodies", "assignments")}
        definitions = tuple(
            NamedDefinition(made["name"], made["position"], tuple(made["within"]), tuple(made["handlers"]))
            for made in fields["definitions"]
        )
        imports = tuple(ImportedName(**bound) for bound in fields["imports"])
        calls = {name: tuple(names) for name, names in fields["calls"].items()}
        docstrings = tuple((position, digest) for position, digest in fields["docstrings"])
        return cls(**{**fields, **pairs, "docstrings": docstrings, "definitions": definitions, "imports": imports, "calls": calls})


@dataclass(frozen=True)
class CountedText:
    """The words of a file that count as code: docstrings at these `positions`, all of them, or the whole text with its comments."""

    positions: frozenset[int] = frozenset()
    all_docstrings: bool = False
    whole_text: bool = False

    @property
    def cache_key(self) -> str:
        return f"{sorted(self.positions)} {self.all_docstrings} {self.whole_text}"


NO_WORDS = CountedText()


def docstring_owners(tree: ast.Module) -> list[DocstringOwner]:
    """The module, functions and classes of a file, in a fixed order. A position in it names one."""
    return [node for node in ast.walk(tree) if isinstance(node, DocstringOwner)]


def docstring_of(node: DocstringOwner) -> str | None:
    """The docstring of a module, function or class as it stands, with its indentation; None if it has none."""
    first = node.body[0] if node.body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return first.value.value
    return None


def outline_of(trees: Iterable[ast.Module | None]) -> CodeOutline:
    """The outline of a file, or of the cells of a notebook, in which positions go on from cell to cell."""
    present = [tree for tree in trees if tree is not None]
    words = [_ReadWords(tree) for tree in present]
    imports = [bound for tree in present for bound in _imported_names(tree)]
    libraries = {bound.name for bound in imports}  # `library.function(value)` does not make the library something else
    named = ((tuple(name for name in targets if name not in libraries), held) for tree in present for targets, held in _assignments(tree))
    assignments = [flow for flow in named if flow[0]]
    calls = _names_in_calls(present)
    definitions: list[NamedDefinition] = []
    docstrings, start = [], 0
    bodies: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    for tree in present:
        owners = docstring_owners(tree)
        definitions += _named_definitions(owners, start)
        bodies += [((node.name,), _names_in([node])) for node in owners if not isinstance(node, ast.Module)]
        texts = [(start + number, docstring_of(node)) for number, node in enumerate(owners)]
        docstrings += [(position, text_digest(repr(text))) for position, text in texts if text is not None]
        start += len(owners)
    if all(
        bound.attribute != "*" for bound in imports
    ):  # then names that the file does not bind are builtins and parameters: they lead nowhere
        names = {name for targets, _ in assignments for name in targets} | libraries | {made.name for made in definitions}
        assignments, bodies = ([(targets, _those_of(names, held)) for targets, held in pairs] for pairs in (assignments, bodies))
        calls = {root: _those_of(names, held) for root, held in calls.items() if root in names}
    return CodeOutline(
        docstrings=tuple(docstrings),
        reads=any(read.docstrings for read in words),
        reads_source=any(read.source for read in words),
        reads_own=any(read.own for read in words),
        loads=any(read.loads for read in words),
        imports=tuple(dict.fromkeys(imports)),
        definitions=tuple(definitions),
        bodies=tuple(dict.fromkeys(flow for flow in bodies if flow[1])),
        assignments=tuple(dict.fromkeys(assignments)),
        calls={root: held for root, held in calls.items() if held},
    )


def _those_of(names: Collection[str], held: Iterable[str]) -> tuple[str, ...]:
    return tuple(name for name in held if name in names)


class _ReadWords:
    """Whether a tree reads docstrings of any object, code as text, its own docstring, and whether it loads modules by other means."""

    def __init__(self, tree: ast.Module) -> None:
        self.docstrings = self.source = self.own = self.loads = False
        self._inspect = {
            alias.asname or alias.name
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
            if alias.name == "inspect"
        }
        waiting: list[ast.AST] = [tree]  # no recursion: code may be nested more deeply than functions can call each other
        while waiting:
            node = waiting.pop()
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
                continue  # words that stand alone read nothing
            self._look_at(node)
            waiting += ast.iter_child_nodes(node)

    def _look_at(self, node: ast.AST) -> None:
        match node:
            case ast.Constant():
                self.docstrings |= isinstance(node.value, str) and "__doc__" in node.value  # getattr, and code that is kept as text
            case ast.Name():
                self.own |= node.id == "__doc__" and isinstance(node.ctx, ast.Load)
                self._add_reader(node.id)
            case ast.Attribute():
                self._look_at_attribute(node)
            case ast.Import():
                self.docstrings |= any(alias.name == "pydoc" for alias in node.names)
            case ast.ImportFrom():
                self.docstrings |= node.module == "pydoc" or any(alias.name in ("__doc__", "inspect") for alias in node.names)
                for alias in node.names:
                    self._add_reader(alias.name)
            case ast.Call():
                self._look_at_call(node)

    def _add_reader(self, name: str) -> None:
        self.docstrings |= name in _READERS
        self.source |= name in _SOURCE_READERS
        self.loads |= name in _LOADERS

    def _look_at_attribute(self, node: ast.Attribute) -> None:
        self.docstrings |= node.attr == "__doc__" and isinstance(node.ctx, ast.Load)
        self._add_reader(node.attr)
        if isinstance(node.value, ast.Name) and node.value.id in self._inspect:
            self.docstrings |= not (node.attr in _NO_READERS or node.attr.isupper())

    def _look_at_call(self, node: ast.Call) -> None:
        self.docstrings |= isinstance(node.func, ast.Name) and node.func.id == "help"
        if isinstance(node.func, ast.Attribute) and node.func.attr == "run_line_magic" and node.args:
            magic = getattr(node.args[0], "value", None)
            self.docstrings |= magic in _MAGICS
            self.source |= magic in _SOURCE_READERS
            self.loads |= magic == "run"


def _imported_names(tree: ast.Module) -> Iterator[ImportedName]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield ImportedName(alias.asname or alias.name.partition(".")[0], alias.name, "")
        elif isinstance(node, ast.ImportFrom):
            for alias in node.names:
                yield ImportedName(alias.asname or alias.name, "." * node.level + (node.module or ""), alias.name)


def _assignments(tree: ast.Module) -> Iterator[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Yield the names that get a value, with the names in that value: assignments, loops, `with`, `:=`, and what is added to a container."""
    for node in ast.walk(tree):
        targets: list[ast.AST] = []
        values: list[ast.AST] = []
        if isinstance(node, ast.Assign):
            targets, values = [*node.targets], [node.value]
        elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr):
            targets, values = [node.target], [node.value] if node.value else []
        elif isinstance(node, ast.For | ast.AsyncFor | ast.comprehension):
            targets, values = [node.target], [node.iter]
        elif isinstance(node, ast.withitem):
            targets, values = [node.optional_vars] if node.optional_vars else [], [node.context_expr]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            targets, values = [node.func.value], [*node.args, *(keyword.value for keyword in node.keywords)]
        named = _names_in(targets)
        if named and (held := _names_in(values)):
            yield named, held


def _names_in(nodes: Iterable[ast.AST]) -> tuple[str, ...]:
    return tuple(sorted({child.id for node in nodes for child in ast.walk(node) if isinstance(child, ast.Name)}))


def _named_definitions(owners: Sequence[DocstringOwner], start: int) -> Iterator[NamedDefinition]:
    places = {id(node): start + number for number, node in enumerate(owners)}
    within: dict[int, tuple[int, ...]] = {}
    for node in owners:  # a node comes before those in it
        around = within.get(id(node), ())
        for child in ast.walk(node):
            if id(child) in places and child is not node:
                within[id(child)] = (*around, places[id(node)])
        if isinstance(node, ast.Module):
            continue
        handlers: list[ast.expr] = [*node.decorator_list]
        if isinstance(node, ast.ClassDef):
            handlers += [*node.bases, *(keyword.value for keyword in node.keywords)]
        yield NamedDefinition(node.name, places[id(node)], around, tuple(filter(None, map(_root_name, handlers))))


def _root_name(node: ast.AST) -> str:
    """The name that an expression such as `package.module.Class[int](...)` begins with; "" if it begins otherwise."""
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _names_in_calls(trees: Iterable[ast.Module]) -> dict[str, tuple[str, ...]]:
    """The names in the arguments of calls, and in what is put into an object (`registry["x"] = value`), by the name of what gets them."""
    names: dict[str, set[str]] = {}
    for node in (node for tree in trees for node in ast.walk(tree)):
        takers: list[ast.expr] = []
        given: list[ast.expr] = []
        if isinstance(node, ast.Call):
            takers, given = [node.func], [*node.args, *(keyword.value for keyword in node.keywords)]
        elif isinstance(node, ast.Assign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            takers, given = [target for target in targets if isinstance(target, ast.Attribute | ast.Subscript)], [node.value]
        held = _names_in(given)
        for root in filter(None, map(_root_name, takers)) if held else ():
            names.setdefault(root, set()).update(held)
    return {root: tuple(sorted(held)) for root, held in sorted(names.items())}


class _FileUse:
    """What a file does with its functions and classes, given which of its imports may read docstrings."""

    def __init__(self, outline: CodeOutline, may_read: Callable[[ImportedName], bool]) -> None:
        self._outline = outline
        self._bound = {bound.name for bound in outline.imports} | {made.name for made in outline.definitions}
        self._bound |= {name for targets, _ in outline.assignments for name in targets}
        self.readers = {bound.name for bound in outline.imports if may_read(bound)}
        if "*" in self.readers:
            self.readers |= {root for root in outline.calls if root not in self._bound and not hasattr(builtins, root)}
        while (
            more := {name for targets, held in (*outline.assignments, *outline.bodies) if self.readers & {*held} for name in targets}
            - self.readers
        ):
            self.readers |= more
        stars = [bound for bound in outline.imports if bound.attribute == "*"]
        self._known_stars = bool(stars) and not any(map(may_read, stars))
        self.handed = {name for root in self.readers & outline.calls.keys() for name in outline.calls[root]}
        while more := {name for targets, held in outline.assignments if self.handed & {*targets} for name in held} - self.handed:
            self.handed |= more

    def counted_positions(self) -> frozenset[int]:
        """The positions of functions and classes that a library, or a module of the lab, may read the docstrings of; with all in them."""
        own = {made.position for made in self._outline.definitions if made.name in self.handed or any(map(self._is_reader, made.handlers))}
        return frozenset(made.position for made in self._outline.definitions if own & {made.position, *made.within})

    def _is_reader(self, name: str) -> bool:
        """Whether a decorator or base may read docstrings. What its name means cannot be told of a parameter: it may."""
        unknown = name not in self._bound and not hasattr(builtins, name) and not self._known_stars
        return name in self.readers or unknown


def counted_in_note(outline: CodeOutline) -> CountedText:
    """The words of a notebook that count as code by its own text alone, whatever it imports."""
    if outline.reads or outline.reads_own:
        return CountedText(all_docstrings=True, whole_text=outline.reads_source)
    return NO_WORDS


def counted_in_run(note: CodeOutline, note_name: str, modules: Mapping[str, CodeOutline]) -> dict[str, CountedText]:
    """The words that count as code of a note and of the modules that its run loaded, by name; names are paths from the lab's root, or from an
    entry of Python's path.

    All docstrings count in a module that reads any, in those that such a module imports, and in those whose names are handed to one that may
    read them; elsewhere those of classes and functions whose bases or decorators may.
    """
    files = {note_name: note, **modules}
    by_ending = _names_by_ending(files)
    imported = {name: _imported_files(name, outline, by_ending) for name, outline in files.items()}
    # a note may be called like a library; what is imported by name lies below its folder
    tops = {part.removesuffix(".py") for name in modules for part in name.split("/")[2 if name.startswith("notes/") else 0 :]}

    def is_outside(bound: ImportedName) -> bool:
        return not bound.is_known and not bound.module.startswith(".") and bound.module.partition(".")[0] not in tops

    unsafe = {name for name, outline in files.items() if outline.reads or any(map(is_outside, outline.imports))}
    while more := {name for name in files if unsafe & {file for places in imported[name].values() for file in places}} - unsafe:
        unsafe |= more

    def may_read(importer: str, bound: ImportedName) -> bool:
        return is_outside(bound) or bool(unsafe & imported[importer][bound])

    uses = {name: _FileUse(outline, partial(may_read, name)) for name, outline in files.items()}
    read: set[str] = set()
    for name, outline in files.items():
        for bound, places in imported[name].items():
            if outline.reads or bound.name in uses[name].handed:
                read |= places
        if outline.reads and outline.loads:
            read |= modules.keys()
    while more := {file for name in read for places in imported[name].values() for file in places} - read:
        read |= more
    as_text = any(outline.reads_source for outline in files.values())
    return {
        name: CountedText(all_docstrings=True, whole_text=as_text)
        if name in read or outline.reads or outline.reads_own
        else CountedText(uses[name].counted_positions())
        for name, outline in files.items()
    }


def _names_by_ending(files: Iterable[str]) -> dict[str, set[str]]:
    """The names of files by each path that they end with: a/b.py is found under itself and under b.py."""
    by_ending: dict[str, set[str]] = {}
    for name in files:
        parts = name.split("/")
        for depth in range(len(parts)):
            by_ending.setdefault("/".join(parts[depth:]), set()).add(name)
    return by_ending


def _imported_files(importer: str, outline: CodeOutline, by_ending: Mapping[str, Set[str]]) -> dict[ImportedName, frozenset[str]]:
    """The files that each import of a file may mean: the module, the package around it, and a module of that name in it."""
    ends = {}
    for bound in outline.imports:
        levels = len(bound.module) - len(bound.module.lstrip("."))
        parts = [part for part in bound.module.lstrip(".").split(".") if part]
        if levels:
            parts = [*importer.split("/")[:-levels], *parts]
        paths = ["/".join(parts[: depth + 1]) for depth in range(len(parts))] if not levels else ["/".join(parts)]
        if bound.attribute not in ("", "*"):
            paths.append("/".join([*parts, bound.attribute]))
        places = [place for path in paths for place in (f"{path}.py", posixpath.join(path, "__init__.py"))]
        meant = {name for place in places for name in by_ending.get(place, ()) if not levels or name == place}
        ends[bound] = frozenset(meant - {importer})
    return ends
