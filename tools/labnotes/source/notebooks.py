"""Notebooks as files: an author's source read through jupytext, and the executed notebook made of source and outputs.

The only module that knows nbformat and jupytext.
"""

from __future__ import annotations

import base64
import contextlib
import difflib
import json
import logging
import re
import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

from labnotes.errors import InvalidNote, Problem
from labnotes.model.digests import text_digest
from labnotes.model.json_text import parse_json
from labnotes.model.observation import Output
from labnotes.source import (
    cell_options,
    code_digest,
    content_cache,
    docstring_use,
    file_limits,
    markdown_cells,
    merge_conflicts,
    raw_cells,
    text_files,
)
from labnotes.source.cell_options import MAY_RAISE, SKIPPED, CellView
from labnotes.source.code_digest import FunctionAliases
from labnotes.source.docstring_use import CodeOutline

FORMATS = {".ipynb": "ipynb", ".py": "py:percent", ".md": "md"}

EXECUTION_TAGS = {
    *("parameters", "injected-parameters", "active-ipynb", "active-py", "active-py-ipynb", "freeze", "frozen", "skip"),
    *("nbval-skip", "nbval-raises-exception", "nbmake-skip", "ci-skip", "no-execute", "noexec", "skip-test"),
}
"""Tags by which other programs run cells otherwise. A run obeys none of them, and says so."""

MOST_CELLS = 5_000
"""How many cells are read of a notebook; of the longest published ones each has some hundreds."""

NO_CODE = code_digest.python_digest("# nothing")
"""Digest of a code cell that holds comments alone."""


@dataclass(frozen=True)
class Cell:
    """A cell of a notebook. `number` counts the cells of its kind from 1; `line` is where its text begins in the file, None in an .ipynb.
    `tags` are those of its metadata and, of a code cell, those that its options mean, `attachments` the names of the pictures that were pasted into it, `known_digest` is the digest of its
    code if it was computed before."""

    kind: str  # "code", "text" or "raw"
    source: str
    number: int
    line: int | None
    path: Path
    aliases: FunctionAliases = field(default_factory=FunctionAliases)
    known_digest: str = ""
    tags: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    unreadable: tuple[tuple[str, str], ...] = ()
    raw_number: int = 0

    @property
    def is_skipped(self) -> bool:
        """Whether a run leaves the cell out."""
        return SKIPPED in self.tags

    @property
    def may_raise(self) -> bool:
        """Whether the author says that an error in the cell is meant, so that the run goes on."""
        return MAY_RAISE in self.tags

    @cached_property
    def view(self) -> CellView:
        """How a page shows the cell, if it is one of code."""
        return cell_options.cell_view(self.tags)

    @property
    def is_left_out(self) -> bool:
        """Whether the note's page shows nothing of the cell."""
        return cell_options.REMOVE_CELL in self.tags

    def line_place(self, line: int = 1) -> str:
        """The place of a line of the cell (from 1) for messages: the file and the line in it, or the cell and the line in the cell."""
        if self.line is not None:
            return f"{self.path}:{self.line + line - 1}"
        return f"{self.path}, {self.shown_number}, line {line}"

    @property
    def shown_number(self) -> str:
        """The kind and number of the cell as its author counts them: a raw cell that is read as text is one of the raw cells."""
        return f"raw cell {self.raw_number}" if self.raw_number else f"{self.kind} cell {self.number}"

    @cached_property
    def cell_digest(self) -> str:
        """The digest of a code cell: of its code without comments and words for the reader, and of the tags that a run obeys."""
        obeyed = [tag for tag in (SKIPPED, MAY_RAISE) if tag in self.tags]
        return text_digest(" ".join([self._digest_as_code, *obeyed])) if obeyed else self._digest_as_code

    @property
    def does_nothing(self) -> bool:
        return self._digest_as_code == NO_CODE

    @cached_property
    def _digest_as_code(self) -> str:
        return self.known_digest or code_digest.python_digest(self.source, self.aliases)


@dataclass(frozen=True)
class NoteSource:
    """A note's notebook as its author wrote it; `path` is for messages. `outputs` counts the outputs found in it, which are ignored.
    `outline` is what all its code says about docstrings, `remarks` what its author should know of how it is read."""

    path: Path
    cells: tuple[Cell, ...]
    outputs: int
    outline: CodeOutline = field(default_factory=CodeOutline)
    remarks: tuple[str, ...] = ()

    @property
    def code_cells(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.kind == "code"]

    @property
    def run_cells(self) -> list[Cell]:
        """The code cells that a run executes: those that no tag leaves out."""
        return [cell for cell in self.code_cells if not cell.is_skipped]

    @property
    def text_cells(self) -> list[Cell]:
        return [cell for cell in self.cells if cell.kind == "text"]


def read_notebook(path: Path, shown: Path) -> NoteSource:
    """Read a source; `shown` is its path in messages.

    Raises InvalidNote if it is no notebook, has another language than Python, or no code, or is beyond what is read.
    """
    content = file_limits.read_plain_file(
        path, shown, file_limits.LARGEST_SOURCE if path.suffix == ".ipynb" else 2 * file_limits.LARGEST_TEXT
    )

    def read_parts() -> Any:
        loaded = _load_notebook(content, path.suffix, shown)
        _refuse_beyond_limits(loaded.notebook.cells, shown)
        return _notebook_parts(loaded)

    libraries = content_cache.installed_versions("jupytext", "nbformat")
    parts = content_cache.computed_once(f"cells {path.suffix} {libraries}", content, read_parts)
    language = parts["language"]
    if language and str(language).lower() != "python":
        raise InvalidNote(Problem(str(shown), f"is written in {language}", "a note runs in a Python kernel"))
    cells = _cells_of(parts, "" if path.suffix == ".ipynb" else text_files.decode_text(content, shown), shown)
    if not any(cell.kind == "code" and not cell.is_skipped for cell in cells):
        raise InvalidNote(_no_code_problem(path.suffix, shown, skipped=sum(cell.kind == "code" for cell in cells)))
    source = NoteSource(shown, tuple(cells), parts["outputs"], CodeOutline.from_json(parts["outline"]))
    return replace(source, remarks=(*parts["remarks"], *_tag_remarks(source)))


def _cells_of(parts: Mapping[str, Any], text: str, shown: Path) -> list[Cell]:
    """The cells of a notebook, without code cells that are empty. `text` is that of the file; "" for an .ipynb, in which cells have no lines."""
    cells, counts, position, raws = [], {"code": 0, "text": 0, "raw": 0}, 0, 0
    aliases = FunctionAliases(parts["functions"], frozenset(parts["modules"]))
    for kind, source, digest, tags, attachments, unreadable, is_raw in parts["cells"]:
        if kind == "code" and not source.strip():
            continue
        counts[kind] += 1
        raws += is_raw
        line = None
        if text:
            line, position = _locate_cell(source.removeprefix(raw_cells.HTML_START), text, position)
        broken = tuple((name, why) for name, why in unreadable)
        raw_number = raws if is_raw else 0
        cells.append(Cell(kind, source, counts[kind], line, shown, aliases, digest, tuple(tags), tuple(attachments), broken, raw_number))
    return cells


@dataclass(frozen=True)
class StoredCell:
    """A cell with what a notebook stores beside its text: the `outputs` of its last execution and its number in it, the tags as they are
    written, and the pictures pasted into it."""

    cell: Cell
    outputs: tuple[Output, ...] = ()
    execution_count: int | None = None
    written_tags: tuple[str, ...] = ()
    attachments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class StoredNotebook:
    """A notebook with its outputs, which is shown and never run: its `language` ("" if it names none) may be any, and it may have no code."""

    path: Path
    language: str
    cells: tuple[StoredCell, ...]


def read_stored_notebook(path: Path, shown: Path) -> StoredNotebook:
    """Read a notebook with its outputs; `shown` is its path in messages. Raises InvalidNote if it is none, or is beyond what is read."""
    content = file_limits.read_plain_file(
        path, shown, file_limits.LARGEST_SOURCE if path.suffix == ".ipynb" else 2 * file_limits.LARGEST_TEXT
    )
    loaded = _load_notebook(content, path.suffix, shown)
    _refuse_beyond_limits(loaded.notebook.cells, shown)
    parts = _notebook_parts(loaded)
    cells = _cells_of(parts, "" if path.suffix == ".ipynb" else text_files.decode_text(content, shown), shown)
    stored = [cell for cell in loaded.notebook.cells if cell.cell_type != "code" or cell.source.strip()]
    return StoredNotebook(
        shown,
        str(parts["language"] or ""),
        tuple(_stored_cell(cell, fields) for cell, fields in zip(cells, stored, strict=True)),
    )


def _stored_cell(cell: Cell, fields: Any) -> StoredCell:
    tags = fields.metadata.get("tags", [])
    return StoredCell(
        cell,
        tuple(dict(output) for output in fields.get("outputs", [])),
        fields.get("execution_count"),
        tuple(tag for tag in tags if isinstance(tag, str)) if isinstance(tags, list) else (),
        fields.get("attachments", {}),
    )


_PERCENT_MARK = re.compile(r"^# ?%%", re.MULTILINE)


def is_notebook_file(path: Path) -> bool:
    """Whether a file is a notebook by its name, or a Python file in percent format, and no module."""
    if path.suffix == ".ipynb":
        return True
    try:
        return path.suffix == ".py" and _PERCENT_MARK.search(path.read_text(encoding="utf-8", errors="replace")) is not None
    except OSError:
        return False


def _many_cells_problem(count: int, shown: Path) -> Problem:
    return Problem(str(shown), f"has {count:,} cells; {MOST_CELLS:,} are read at most", "join some of them")


_CELL_MARK = re.compile(r"^(?:# ?%%|```|~~~)", re.MULTILINE)
"""The beginning of a cell in a text file: there are at least as many as half of the cells."""


def _refuse_beyond_limits(cells: Sequence[Any], shown: Path) -> None:
    """Raise InvalidNote for cells that are too many, hold too much, or hold what no text may hold."""
    if len(cells) > MOST_CELLS:
        raise InvalidNote(_many_cells_problem(len(cells), shown))
    for kind, name in (("code", "code"), ("markdown", "text")):
        texts = [cell.source for cell in cells if cell.cell_type == kind]
        size = sum(map(len, texts))
        if size > file_limits.LARGEST_TEXT:
            number = max(range(len(texts)), key=lambda at: len(texts[at])) + 1
            what = f"holds {len(texts[number - 1]):,} of {size:,} characters of {name}; {file_limits.LARGEST_TEXT:,} are read at most"
            where = f"{shown}, {name} cell {number}"
            raise InvalidNote(Problem(where, what, "put code into modules beside it, and data into files"))
        for number, text in enumerate(texts, 1):
            unwritable = file_limits.unwritable_character(text)
            if unwritable:
                line = text.count("\n", 0, unwritable[0]) + 1
                where = f"{shown}, {name} cell {number}, line {line}"
                raise InvalidNote(Problem(where, f"holds {unwritable[1]}, which no text may hold", "delete it"))


def _no_code_problem(suffix: str, shown: Path, *, skipped: int) -> Problem:
    """The problem of a note that runs nothing."""
    what = f"runs no code: every code cell is tagged {SKIPPED}" if skipped else "has no code"
    hint = "a note runs something: add a code cell, or publish a plain page"
    if suffix == ".md":
        kinds = (markdown_cells.PLAIN, markdown_cells.MYST, markdown_cells.QUARTO)
        hint += f"; in Markdown a code cell begins with {', '.join(kinds[:-1])} or {kinds[-1]} at the beginning of a line"
    return Problem(str(shown), what, hint)


def _tag_remarks(source: NoteSource) -> Iterator[str]:
    """What is told of tags: the cells that are not run, and words that mean something to another program or are near ours."""
    skipped = [str(cell.number) for cell in source.code_cells if cell.is_skipped]
    if skipped:
        yield f"cell {', '.join(skipped)} {'are' if len(skipped) > 1 else 'is'} tagged {SKIPPED}: not run"
    cells: dict[str, list[str]] = {}
    options: dict[str, list[str]] = {}
    for cell in source.code_cells:
        for tag in cell.tags:
            if tag not in cell_options.OBEYED:
                cells.setdefault(tag, []).append(str(cell.number))
        for option in cell_options.unknown_options(cell_options.read_options(cell.source)):
            options.setdefault(option, []).append(str(cell.number))
    for tag, numbers in cells.items():
        near = difflib.get_close_matches(tag.lower().replace("_", "-"), sorted(cell_options.OBEYED), n=1, cutoff=0.8)
        meant = f"; did you mean {near[0]}?" if near else ""
        if tag.lower() in EXECUTION_TAGS or (near and near[0] in (SKIPPED, MAY_RAISE)):
            meant = meant or f"; a run obeys {SKIPPED} and {MAY_RAISE}"
            yield f"tag {tag!r} (cell {', '.join(numbers)}) changes nothing: the cell is run as any other{meant}"
        elif near or cell_options.is_about_showing(tag):
            yield f"tag {tag!r} (cell {', '.join(numbers)}) changes nothing: the cell is shown as any other{meant}"
    for option, numbers in options.items():
        yield f"option '#| {option}' (cell {', '.join(numbers)}) changes nothing"
    hidden = [cell for cell in source.text_cells if any(tag in cell_options.OF_PAGES - {cell_options.REMOVE_CELL} for tag in cell.tags)]
    if hidden:
        numbers = [str(cell.number) for cell in hidden]
        yield f"tags of text cell {', '.join(numbers)} change nothing: of text only {cell_options.REMOVE_CELL} is obeyed"


def _notebook_parts(loaded: LoadedNotebook) -> dict[str, Any]:
    """The parts of a notebook that matter, as JSON: its language, its names for the author functions, kind, text, digest and tags of each
    cell, what its code says about docstrings, and the number of outputs."""
    metadata = loaded.notebook.metadata
    cells = [(*_kind_and_text(cell), _tags_of(cell), *_attachments_of(cell), cell.cell_type == "raw") for cell in loaded.notebook.cells]
    trees = [code_digest.parse_magic_body(source) for kind, source, *_ in cells if kind == "code"]
    aliases = code_digest.aliases_in(trees)
    outline = docstring_use.outline_of(trees)
    counted = docstring_use.counted_in_note(outline)
    return {
        "language": metadata.get("kernelspec", {}).get("language") or metadata.get("language_info", {}).get("name"),
        "functions": dict(aliases.functions),
        "modules": sorted(aliases.modules),
        "cells": [
            [kind, source, code_digest.python_digest(source, aliases, counted) if kind == "code" else "", *rest]
            for kind, source, *rest in cells
        ],
        "outline": outline.as_json(),
        "outputs": sum(len(cell.get("outputs", [])) for cell in loaded.notebook.cells),
        "remarks": [*loaded.remarks, *_raw_remarks(loaded.notebook.cells)],
    }


def _kind_and_text(cell: Any) -> tuple[str, str]:
    """The kind of a cell and its text. A raw cell that a page shows is one of text."""
    source = text_files.unify_line_ends(cell.source)
    if cell.cell_type in ("code", "markdown"):
        return "code" if cell.cell_type == "code" else "text", source
    shown = raw_cells.text_of_raw_cell(source, raw_cells.raw_format(cell.metadata))
    return ("raw", source) if shown is None else ("text", shown)


def _raw_remarks(cells: Sequence[Any]) -> Iterator[str]:
    """What is told of raw cells: those in a format that no page shows."""
    raws = [cell for cell in cells if cell.cell_type == "raw"]
    for number, cell in enumerate(raws, 1):
        if cell.source.strip() and _kind_and_text(cell)[0] == "raw" and not raw_cells.front_matter(cell.source):
            form = raw_cells.raw_format(cell.metadata)
            yield f"raw cell {number} of {len(raws)} is not shown: a page shows raw HTML and Markdown, and this one is {form:.60}"


def _attachments_of(cell: Any) -> tuple[list[str], list[tuple[str, str]]]:
    """The names of the pictures that were pasted into a cell, and those that cannot be read, each with the reason."""
    pasted = cell.get("attachments", {})
    faults = [(name, str(fault)) for name, forms in sorted(pasted.items()) if (fault := _fault_of_picture(forms))]
    return sorted(pasted), faults


def _fault_of_picture(forms: Mapping[str, str]) -> ValueError | None:
    try:
        decode_picture(forms)
    except ValueError as error:
        return error
    return None


def decode_picture(forms: Mapping[str, str]) -> tuple[str, bytes]:
    """The MIME type and the content of a pasted picture. Raises ValueError for what is none, or is no base64."""
    kind, encoded = next(((kind, encoded) for kind, encoded in forms.items() if kind.startswith("image/")), ("", ""))
    if not kind:
        raise ValueError("it is no picture")
    try:
        content = base64.b64decode("".join(encoded.split()), validate=True)
    except ValueError:  # its own message speaks of padding
        raise ValueError("what is kept of it is no base64") from None
    if not content:
        raise ValueError("nothing is kept of it")
    return kind, content


Attachments = Mapping[int, Mapping[str, Mapping[str, str]]]
"""The pictures that were pasted into text cells, by the number of the cell, by name and by MIME type, in base64."""


def read_attachments(folder: Path, source: NoteSource) -> Attachments:
    """The pictures that were pasted into the text cells of a notebook in `folder`. Raises InvalidNote if it is no notebook any more."""
    if not any(cell.attachments for cell in source.text_cells):
        return {}
    content = file_limits.read_plain_file(folder / source.path.name, source.path, file_limits.LARGEST_SOURCE)
    cells = _load_notebook(content, source.path.suffix, source.path).notebook.cells
    texts = (cell for cell in cells if _kind_and_text(cell)[0] == "text")
    return {number: cell["attachments"] for number, cell in enumerate(texts, 1) if cell.get("attachments")}


def _tags_of(cell: Any) -> list[str]:
    """The tags in a cell's metadata, and of a code cell those that the rest of it and its options mean."""
    tags = cell.metadata.get("tags", [])
    words = [tag for tag in tags if isinstance(tag, str)] if isinstance(tags, list) else []
    if cell.cell_type == "code":
        return cell_options.all_tags(words, cell.metadata, text_files.unify_line_ends(cell.source))
    return [cell_options.usual_spelling(tag) for tag in words]


@dataclass(frozen=True)
class StrippedNotebook:
    """The content of an .ipynb without outputs, and in words what was `stripped` from it."""

    content: bytes
    stripped: tuple[str, ...]


def strip_outputs(path: Path, shown: Path) -> StrippedNotebook:
    """The .ipynb at `path` without outputs, execution counts and the state of widgets.

    Everything else in it stays as it is, the version of its format and the ids of its cells among it. Raises InvalidNote if it is no notebook.
    """
    content = file_limits.read_plain_file(path, shown, file_limits.LARGEST_SOURCE)
    _load_notebook(content, path.suffix, shown)  # raises where it is no notebook
    fields = parse_json(text_files.decode_text(content, shown))
    cells = [*fields.get("cells", []), *(cell for sheet in fields.get("worksheets", []) for cell in sheet.get("cells", []))]
    outputs = [output for cell in cells for output in cell.get("outputs", [])]
    states = fields.get("metadata", {}).pop("widgets", None)
    for cell in cells:
        if cell.get("cell_type") == "code":
            cell["outputs"] = []
            cell.update({key: None for key in ("execution_count", "prompt_number") if key in cell})
    stripped = [f"{len(outputs)} output{'' if len(outputs) == 1 else 's'}"] if outputs else []
    stripped += ["the state of widgets"] if states is not None else []
    return StrippedNotebook((json.dumps(fields, indent=1, ensure_ascii=False) + "\n").encode(), tuple(stripped))


def convert_notebook(source: Path, target: Path) -> None:
    """Write the notebook in `source` in the format of `target`'s suffix."""
    import jupytext

    notebook = _load_notebook(source.read_bytes(), source.suffix, source).notebook
    if target.suffix == ".ipynb":
        made = to_notebook(
            [Cell("code" if c.cell_type == "code" else "text", c.source, i, None, source) for i, c in enumerate(notebook.cells)]
        )
        target.write_text(ipynb_text(made), encoding="utf-8")
    else:
        notebook.metadata.pop("jupytext", None)
        target.write_text(jupytext.writes(notebook, fmt=FORMATS[target.suffix]), encoding="utf-8")


@dataclass(frozen=True)
class WholeCell:
    """A cell with everything in it that a note may have use for: what is pasted into it, and the outputs that were kept with it."""

    kind: str  # "code", "text" or "raw"
    source: str
    metadata: Mapping[str, object] = field(default_factory=dict)
    attachments: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    outputs: tuple[Output, ...] = ()


@dataclass(frozen=True)
class WholeNotebook:
    """A notebook as it is in its file, its empty code cells left out."""

    cells: tuple[WholeCell, ...]
    metadata: Mapping[str, object] = field(default_factory=dict)
    remarks: tuple[str, ...] = ()

    @property
    def language(self) -> str:
        """The language of the code as the notebook says it, in small letters; "" if it says none."""
        kernel, language = self.metadata.get("kernelspec"), self.metadata.get("language_info")
        said = kernel.get("language") if isinstance(kernel, Mapping) else None
        named = language.get("name") if isinstance(language, Mapping) else None
        return str(said or named or "").lower()


def whole_notebook(content: bytes, suffix: str, shown: Path) -> WholeNotebook:
    """The notebook in the content of a file with this suffix, whatever else than a note it is.

    Raises InvalidNote if it is none.
    """
    loaded = _load_notebook(content, suffix, shown)
    _refuse_beyond_limits(loaded.notebook.cells, shown)
    cells = []
    for cell in loaded.notebook.cells:
        kind = {"code": "code", "markdown": "text"}.get(cell.cell_type, "raw")
        source = text_files.unify_line_ends(cell.source)
        if kind == "code" and not source.strip():
            continue
        outputs = tuple(dict(output) for output in cell.get("outputs", []))
        cells.append(WholeCell(kind, source, dict(cell.metadata), dict(cell.get("attachments", {})), outputs))
    return WholeNotebook(tuple(cells), dict(loaded.notebook.metadata), loaded.remarks)


def note_source(cells: Sequence[WholeCell], suffix: str) -> bytes:
    """The cells as the source of a note in a file with this suffix, without outputs."""
    import jupytext
    from nbformat import from_dict

    made: list[dict[str, Any]] = []
    for i, cell in enumerate(cells):
        kind = {"code": "code", "text": "markdown"}.get(cell.kind, "raw")
        fields: dict[str, Any] = {"cell_type": kind, "id": f"cell-{i}", "metadata": dict(cell.metadata), "source": cell.source}
        if kind == "code":
            fields |= {"outputs": [], "execution_count": None}
        elif cell.attachments:
            fields["attachments"] = cell.attachments
        made.append(fields)
    if suffix == ".ipynb":
        kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
        metadata: dict[str, Any] = {"kernelspec": kernel, "language_info": {"name": "python"}}
        return ipynb_text(from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": made})).encode()
    metadata = {"jupytext": {"notebook_metadata_filter": "-all", "cell_metadata_filter": "tags"}}
    notebook = from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": made})
    return str(jupytext.writes(notebook, fmt=FORMATS[suffix])).encode()


def to_notebook(
    cells: Sequence[Cell],
    outputs: Mapping[int, Sequence[Output]] | None = None,
    seed: int | None = None,
    attachments: Attachments = MappingProxyType({}),
) -> Any:
    """The cells as a notebook of nbformat; `outputs` by number of the code cell, `attachments` by that of the text cell. Ids are the cells' positions, so that it is stable."""
    from nbformat import from_dict

    made: list[dict[str, Any]] = []
    for i, cell in enumerate(cells):
        kind = {"code": "code", "text": "markdown"}.get(cell.kind, "raw")
        fields: dict[str, Any] = {"cell_type": kind, "id": f"cell-{i}", "metadata": _metadata_of(cell), "source": cell.source}
        if kind == "code":
            fields["outputs"] = [dict(output) for output in (outputs or {}).get(cell.number, [])]
            fields["execution_count"] = cell.number if outputs is not None else None
        elif kind == "markdown" and cell.number in attachments:
            fields["attachments"] = attachments[cell.number]
        made.append(fields)
    metadata = {
        "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
        "language_info": {"name": "python"},
        **({"labnotes": {"seed": seed}} if seed is not None else {}),
    }
    return from_dict({"nbformat": 4, "nbformat_minor": 5, "metadata": metadata, "cells": made})  # validated when it is written


def _metadata_of(cell: Cell) -> dict[str, Any]:
    """The metadata of a cell in a notebook made here: the tags that a run obeys, which nbclient and every reader's Jupyter know too."""
    obeyed = [tag for tag in cell.tags if tag in (SKIPPED, MAY_RAISE)] if cell.kind == "code" else []
    return {"tags": obeyed} if obeyed else {}


def with_install(notebook: Any, requirements: str) -> Any:
    """A copy of the notebook with a new first cell that installs what the others import, for places where nothing is installed."""
    from nbformat import v4

    made = v4.new_notebook(metadata=notebook.metadata, cells=list(notebook.cells))
    made.cells.insert(0, v4.new_code_cell(f"%pip install --quiet {requirements}", id="install"))
    return made


def ipynb_text(notebook: Any) -> str:
    """The notebook as the text of an .ipynb file."""
    import nbformat

    return str(nbformat.writes(notebook)) + "\n"


_NOTEBOOK_CONFLICT = (
    "take one side whole (git checkout --ours or --theirs) and repeat the other's change in Jupyter, or merge with nbdime: nbdime mergetool"
)


@dataclass(frozen=True)
class LoadedNotebook:
    """A notebook as nbformat's object, and what its author should know of how it was read."""

    notebook: Any
    remarks: tuple[str, ...] = ()


def _load_notebook(content: bytes, suffix: str, shown: Path) -> LoadedNotebook:
    text = text_files.decode_text(content, shown)
    count = len(_CELL_MARK.findall(text)) if suffix != ".ipynb" else 0
    if count > MOST_CELLS:
        raise InvalidNote(_many_cells_problem(count, shown))
    try:
        hint = _NOTEBOOK_CONFLICT if suffix == ".ipynb" else merge_conflicts.OWN_FILE
        conflict = merge_conflicts.conflict_problem(str(shown), text, hint, markdown=suffix == ".md")
        if conflict:
            raise InvalidNote(conflict)
        with _quiet_libraries():
            if suffix == ".ipynb":
                return LoadedNotebook(_parse_ipynb(text))
            return _parse_text(text, suffix, shown)
    except json.JSONDecodeError as error:
        hint = "open it in Jupyter and save it again, or restore it from version control"
        raise InvalidNote(Problem(f"{shown}:{error.lineno}:{error.colno}", "is not JSON, so no notebook", hint)) from None
    except InvalidNote:
        raise
    except Exception as error:  # noqa: BLE001 - whatever nbformat raises while it converts what has an older form, or claims to have one
        reason = str(error).splitlines()[0] if str(error) else type(error).__name__
        if isinstance(error, TypeError | AttributeError | KeyError | IndexError | AssertionError | UnboundLocalError):
            reason = f"a part of it has another form than the format says ({reason})"
        if isinstance(error, RecursionError):
            reason = "it is nested too deeply"
        place = list(getattr(error, "absolute_path", ()))  # of what jsonschema refuses: "cells", the index, and the keys within
        if place[:1] == ["cells"] and len(place) > 1:
            within = f" in {'.'.join(map(str, place[2:]))}" if place[2:] else ""
            hint = "open it in Jupyter, mend the cell and save it again"
            raise InvalidNote(
                Problem(f"{shown}, cell {place[1] + 1} of all kinds", f"is no valid cell{within}: {reason:.200}", hint)
            ) from None
        hint = "open it in Jupyter and save it again, or restore it from version control"
        raise InvalidNote(Problem(str(shown), f"is no valid notebook: {reason:.200}", hint)) from None


def _parse_ipynb(text: str) -> Any:
    """The notebook in the text of an .ipynb of any version, with ids of cells that are ours.

    Ids came with nbformat 4.5. Editors write them into files that say 4.4, leave them out, or copy them with a cell; nothing here needs them.
    """
    import nbformat

    fields = parse_json(text)  # raises an error that knows the place
    if not isinstance(fields, dict):
        raise ValueError(f"it holds {type(fields).__name__}")
    for key in ("nbformat", "nbformat_minor"):
        if isinstance(fields.get(key, 0), bool) or not isinstance(fields.get(key, 0), int):
            raise ValueError(f"its {key} is {fields[key]!r:.40}, where the number of a version belongs")
    notebook = nbformat.convert(nbformat.reader.reads(text), 4)
    notebook.nbformat_minor = max(notebook.get("nbformat_minor", 0), 5)
    for i, cell in enumerate(notebook.cells):
        cell["id"] = f"cell-{i}"
        cell.setdefault("metadata", {})
        if cell.cell_type == "code":
            cell.setdefault("outputs", [])
            cell.setdefault("execution_count", None)
    return _checked_notebook(notebook)


def _parse_text(text: str, suffix: str, shown: Path) -> LoadedNotebook:
    """The notebook in a percent file or in Markdown."""
    import jupytext

    if suffix != ".md":
        return LoadedNotebook(_checked_notebook(jupytext.reads(text, fmt=FORMATS[suffix])))
    marked = markdown_cells.mark_cells(text, str(shown))
    notebook = jupytext.reads(marked.text, fmt=marked.format)
    for cell in notebook.cells:
        cell.source = marked.unmask_lines(cell.source)
    return LoadedNotebook(_checked_notebook(notebook), marked.remarks)


def _checked_notebook(notebook: Any) -> Any:
    """The same notebook, if it is valid. A kernel without a name for display, as a text file may name it, is one."""
    import nbformat

    kernel = notebook.metadata.get("kernelspec")
    if isinstance(kernel, dict):
        kernel.setdefault("name", "python3")
        kernel.setdefault("display_name", kernel["name"])
    for cell in notebook.cells:
        tags = cell.metadata.get("tags")
        if isinstance(tags, list) and all(isinstance(tag, str) for tag in tags):
            cell.metadata["tags"] = list(dict.fromkeys(tags))  # Jupyter shows a cell that has one twice
    nbformat.validate(notebook)
    return notebook


@contextlib.contextmanager
def _quiet_libraries() -> Iterator[None]:
    """Keep what nbformat and jupytext warn of and log from the terminal: what matters of it is told as a problem."""
    logger = logging.getLogger("traitlets")  # nbformat's
    level = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        logger.setLevel(level)


def _locate_cell(source: str, text: str, position: int) -> tuple[int | None, int]:
    """The line of `text` where a cell's first line stands, searching from `position`; and where to search for the next cell."""
    lines = [line for line in source.splitlines() if line.strip()]
    if not lines:
        return None, position
    start = _find_line(lines[0], text, position)
    if start < 0:
        return None, position
    leading = source[: source.index(lines[0])].count("\n")
    end = start
    for _ in source[source.index(lines[0]) :].splitlines():  # a line of the cell is one of the file
        end = text.find("\n", end) + 1 or len(text)
    return text.count("\n", 0, start) + 1 - leading, end


def _find_line(line: str, text: str, position: int) -> int:
    """Where a line begins in `text`, from `position` on: as it is or as a comment, with or without blanks after it; -1 if it is not there."""
    at = text.find(line, position)
    while at >= 0:
        start = max(text.rfind("\n", 0, at) + 1, position)
        end = text.find("\n", at + len(line))
        rest = text[at + len(line) : end if end >= 0 else None]
        if text[start:at] in ("", "#", "# ") and not rest.strip(" \t"):
            return start
        at = text.find(line, at + 1)
    return -1
