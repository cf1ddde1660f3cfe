"""The notebooks that are to be adopted: found, read and, where they cannot become notes, refused all together."""

from __future__ import annotations

import os
import re
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from labnotes.adoption import gallery_scripts
from labnotes.adoption.drafts import Draft, draft_of
from labnotes.errors import InvalidNote, Problem
from labnotes.source import code_digest, file_limits, notebooks
from labnotes.source.labs import TAKEN, Lab
from labnotes.source.leftovers import is_leftover

SUFFIXES = {".ipynb": ".ipynb", ".py": ".py", ".md": ".md", ".qmd": ".md", ".rmd": ".md"}
"""The suffixes of notebooks, in small letters, each with that of the note's source."""

GENERIC = {"index", "note", "notebook", "main", "untitled", "analysis", "readme", "script", "example"}
"""Names of files that say nothing of what is in them."""

LONGEST_SLUG = 60
"""Characters of a name that is made of a title."""

_PRINT_STATEMENT = re.compile(
    r"^[ \t]*(?:print[ \t]+[^\s(=.,:\[+\-*/].*|exec[ \t]+['\"].*|raise[ \t]+\w+[ \t]*,.*|except[ \t]+[\w.]+[ \t]*,[ \t]*\w+[ \t]*:)", re.M
)
_MARKS = re.compile(r"^# ?%%|^# \+|^# ?In\[", re.MULTILINE)
_PYTHON_BLOCK = re.compile(r"^```(?:\{?python|\{code-cell\})", re.MULTILINE | re.IGNORECASE)


@dataclass(frozen=True)
class FoundOrigins:
    """The notebooks that some paths name, and the problems with the paths."""

    paths: tuple[Path, ...]
    problems: tuple[Problem, ...]


def find_origins(asked: Sequence[Path], left_out: Sequence[Path] = ()) -> FoundOrigins:
    """The notebooks that files and folders name: of a folder every one in it and below it, without copies that tools keep, and without what
    lies in the folders that are `left_out`."""
    paths: list[Path] = []
    problems = []
    for path in asked:
        if path.is_dir():
            below = [origin for origin in sorted(notebooks_below(path)) if not any(origin.resolve().is_relative_to(at) for at in left_out)]
            paths += below
            if not below:
                problems.append(Problem(str(path), "holds no notebook", f"a notebook is a file {', '.join(SUFFIXES)}"))
        elif not path.exists():
            problems.append(Problem(str(path), "is not there", "name a notebook, or a folder with notebooks"))
        elif path.suffix.lower() not in SUFFIXES:
            what = f"is no notebook: {path.suffix or 'a file without suffix'} is none of {', '.join(SUFFIXES)}"
            problems.append(Problem(str(path), what, "in Jupyter: File, Save and Export Notebook As, or Download"))
        else:
            paths.append(path)
    return FoundOrigins(tuple(dict.fromkeys(paths)), tuple(problems))


def notebooks_below(folder: Path) -> Iterator[Path]:
    """Every notebook in a folder and below it. Scripts and Markdown count if they have marks of cells."""
    for walked, folders, names in os.walk(folder):
        at = Path(walked)
        folders[:] = sorted(name for name in folders if not name.startswith((".", "_")) and not is_leftover(at / name))
        for name in names:
            path = at / name
            if not name.startswith(".") and not is_leftover(path) and _is_notebook(path):
                yield path


def _is_notebook(path: Path) -> bool:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES or suffix == ".ipynb":
        return suffix == ".ipynb"
    try:
        text = path.read_text(encoding="utf-8-sig") if path.stat().st_size <= 2 * file_limits.LARGEST_TEXT else ""
    except (OSError, UnicodeDecodeError):
        return False
    if suffix == ".py":
        return bool(_MARKS.search(text)) or gallery_scripts.is_gallery_script(text)
    return bool(_PYTHON_BLOCK.search(text))


def read_origin(path: Path, shown: Path) -> Draft:
    """The notebook at `path` as a draft; `shown` is its path in messages.

    Raises InvalidNote with everything for which it cannot become a note.
    """
    suffix = path.suffix.lower()
    try:
        content = file_limits.read_plain_file(path, shown, file_limits.LARGEST_SOURCE)
    except OSError as error:
        raise InvalidNote(Problem(str(shown), f"cannot be read: {error.strerror}", "give yourself the permission")) from None
    except InvalidNote:
        size = path.stat().st_size
        if suffix != ".ipynb" or size <= file_limits.LARGEST_SOURCE:
            raise
        what = f"has {size / 1e6:,.0f} MB, mostly outputs; {file_limits.LARGEST_SOURCE / 1e6:.0f} MB are read at most"
        hint = f"clear its outputs, which count for nothing here: jupyter nbconvert --clear-output --inplace {shown}"
        raise InvalidNote(Problem(str(shown), what, hint)) from None
    text = content.decode("utf-8-sig", errors="replace")
    if suffix == ".py" and gallery_scripts.is_gallery_script(text):
        content = gallery_scripts.as_percent_script(text).encode()
    elif suffix == ".py" and not _MARKS.search(text):
        hint = "mark its cells: # %% before code, # %% [markdown] before text"
        raise InvalidNote(Problem(str(shown), "is a script without cells", hint))
    notebook = notebooks.whole_notebook(content, SUFFIXES[suffix], shown)
    draft = draft_of(path, shown, SUFFIXES[suffix], notebook)
    problems = list(_refusals(draft, notebook.language))
    if problems:
        raise InvalidNote(*problems)
    return draft


def _refusals(draft: Draft, language: str) -> Iterator[Problem]:
    shown = str(draft.shown)
    kernel = draft.metadata.get("kernelspec")
    name = str(kernel.get("name", "")) if isinstance(kernel, dict) else ""
    if language and language not in ("python", "ipython", "python3", "python2"):
        yield Problem(shown, f"is written in {language}", "a note runs in a Python kernel: publish it as data of a note, or rewrite it")
        return
    if not any(cell.kind == "code" for cell in draft.cells):
        other = draft.suffix == ".md" and re.search(
            r"^```\{(\w+)", draft.origin.read_text(encoding="utf-8", errors="replace"), re.MULTILINE
        )
        what = f"has no code in Python, only {other[1]}" if other else "has no code"
        yield Problem(shown, what, "a note runs something: publish it as a plain page in docs/")
        return
    is_python2 = name == "python2" or _old_version(draft)
    for _, number, cell in draft.cells_of("code"):
        error = code_digest.syntax_error(cell.source)
        if error is None:
            continue
        line = error.lineno or 1
        lines = cell.source.splitlines()
        written = lines[line - 1].strip()[:120] if line <= len(lines) else ""
        if is_python2 or _PRINT_STATEMENT.search(cell.source):
            yield Problem(f"{shown}, cell {number}, line {line}", f"is Python 2: {written}", "convert it first: 2to3, or by hand")
            return
        if not re.match(r"\s*(?:pip3?|conda|apt|apt-get) ", cell.source):
            yield Problem(f"{shown}, cell {number}, line {line}", f"does not parse: {error.msg}", written)


def _old_version(draft: Draft) -> bool:
    """Whether the notebook says that it was written with Python 2."""
    info = draft.metadata.get("language_info")
    return isinstance(info, dict) and str(info.get("version", "")).startswith("2")


# -- names -------------------------------------------------------------------------------------------------------------------------------


def slug_from(text: str) -> str:
    """A name for a note made of a title or the name of a file; "" if nothing of it can be in one."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    words = re.findall(r"[a-z0-9]+", re.sub(r"['\u2019]", "", plain).lower())
    slug = ""
    for word in words:
        if len(slug) + len(word) + 1 > LONGEST_SLUG:
            break
        slug = f"{slug}-{word}" if slug else word
    return slug or (words[0][:LONGEST_SLUG] if words else "")


def chosen_slug(origin: Path, title: str) -> str:
    """The name for the note of a file: the file's own, or that of its title where the file's says nothing."""
    stem = re.sub(r"^plot_", "", origin.stem)
    slug = slug_from(stem)
    return slug_from(title) or slug if not slug or slug in GENERIC or slug in TAKEN or slug.isdigit() else slug


def slug_problems(lab: Lab, drafts: Sequence[Draft], slugs: Sequence[str]) -> list[Problem]:
    """What is wrong with the names of new notes: unusable, taken, or one for two notebooks."""
    problems = []
    counts = Counter(slugs)
    for slug, count in counts.items():
        if count > 1:
            files = " and ".join(str(draft.shown) for draft, own in zip(drafts, slugs, strict=True) if own == slug)
            problems.append(Problem(files, f"would both be the note {slug!r}", "adopt one of them with --slug another-name"))
    for draft, slug in zip(drafts, slugs, strict=True):
        faults = lab.slug_problems(slug)
        problems += [Problem(str(draft.shown), f"{problem.where!r} {problem.what}", f"{problem.hint}; --slug NAME") for problem in faults]
        place = lab.notes_folder / slug
        if not faults and os.path.lexists(place):
            problems.append(Problem(str(draft.shown), f"notes/{slug} is there already", "give another name: --slug NAME"))
    return problems


def candidate_folders(folder: Path) -> list[tuple[Path, int]]:
    """The folders of a repository that hold notebooks, each with their number, those of its notes left out."""
    counts: dict[Path, int] = {}
    for path in notebooks_below(folder):
        inside = path.relative_to(folder)
        if len(inside.parts) > 1 and inside.parts[0] in ("notes", "site", "node_modules"):
            continue
        if path.suffix == ".ipynb":
            at = Path(inside.parts[0]) if len(inside.parts) > 1 else Path()
            counts[at] = counts.get(at, 0) + 1
    return sorted(counts.items())
