"""The files that a notebook reads and the modules that it imports from beside it: copied beside the note, asked for, or told."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from labnotes.adoption import git_facts, requirements
from labnotes.adoption.drafts import Draft, LargeFile, Told, place_of
from labnotes.source import code_digest, leftovers

LARGEST = 10_000_000
"""Bytes up to which a file or folder is copied without a question."""

LONGEST_PATH = 300
"""Characters of a text that may be a path."""

_ADDRESS = re.compile(r"(?:https?|ftp|s3|gs)://\S+")
_LOADING = re.compile(
    r"^(?:read_\w+|open_url|urlopen|urlretrieve|get|load\w*|fetch\w*|imread|download\w*|retrieve|open|wget|Audio|Image|parse|scan_\w+)$"
)
_FETCHING = re.compile(r"^(?:fetch_\w+|load_dataset|from_pretrained|hf_hub_download|snapshot_download|get_rdataset)$")
_SHELL_FETCH = re.compile(r"^\s*(?:[!%]\s*)?(?:wget|curl|git\s+clone|gdown|kaggle)\b")
_RUN = re.compile(r"^\s*%run\s+(?:-\w+\s+)*['\"]?([\w./-]+\.(?:py|ipynb))")
_PATHS_ADDED = re.compile(r"\bsys\.path\b")
_PATH_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,8}$")


def take_files(draft: Draft) -> None:
    """Take into the draft what its code reads from beside it, and tell what it asks of the network."""
    root = git_facts.repository_root(draft.folder) or draft.folder
    finder = _FileFinder(draft, root.resolve())
    for index, cell in enumerate(draft.cells):
        if cell.kind == "code":
            finder.look_at_cell(index)
    finder.take_modules()


class _FileFinder:
    def __init__(self, draft: Draft, root: Path) -> None:
        self._draft, self._root = draft, root
        self._folder = draft.folder.resolve()
        self._added: list[Path] = []
        """Folders that the code puts on Python's path."""
        self._trees: list[ast.Module] = []
        self._texts = _code_texts(draft)

    def look_at_cell(self, index: int) -> None:
        source = self._draft.cells[index].source
        for line in source.splitlines():
            match = _RUN.match(line)
            if match:
                self._take_path(match[1], index)
            elif _SHELL_FETCH.match(line):
                self._tell_network(index, line.strip(), "")
        tree = code_digest.parse_magic_body(source) or code_digest.parse_code(source)
        if tree is None:
            return
        self._trees.append(tree)
        self._look_at_code(tree, index)

    def _look_at_code(self, tree: ast.AST, index: int) -> None:
        told: set[str] = set()
        written: dict[str, str] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                self._look_at_call(node, index, told)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and 0 < len(node.value) <= LONGEST_PATH:
                new = self._take_path(node.value, index)
                if new and new != node.value:
                    written[node.value] = new
        if written:
            self._rewrite_texts(index, written)

    def _look_at_call(self, node: ast.Call, index: int, told: set[str]) -> None:
        function = node.func.attr if isinstance(node.func, ast.Attribute) else node.func.id if isinstance(node.func, ast.Name) else ""
        owner = ast.unparse(node.func.value) if isinstance(node.func, ast.Attribute) else ""
        if _PATHS_ADDED.search(ast.unparse(node.func)):
            for part in ast.walk(node):
                if isinstance(part, ast.Constant) and isinstance(part.value, str):
                    folder = (self._folder / part.value).resolve()
                    self._added += [folder] if folder.is_dir() and folder.is_relative_to(self._root) else []
        texts = [part.value for part in ast.walk(node) if isinstance(part, ast.Constant) and isinstance(part.value, str)]
        address = next((text for text in texts if _ADDRESS.match(text)), "")
        if address and _LOADING.match(function) and address not in told:
            told.add(address)
            self._tell_network(index, f"reads {address:.120}", address)
        elif _FETCHING.match(function) or (owner in ("sns", "seaborn") and function == "load_dataset"):
            name = ast.unparse(node)
            if name not in told:
                told.add(name)
                self._tell_network(index, f"{name:.100} loads data from the network", "")

    def _tell_network(self, index: int, what: str, address: str) -> None:
        if address:
            hint = (
                f'a run has no network. In note.yml: inputs: [{{url: "{address}", sha256: ...}}], and in the cell '
                f'fetched("{address}") in its place (from labnotes import fetched)'
            )
        else:
            hint = "a run has no network: save the data beside the note and read the file, or name it under inputs: in note.yml"
        self._draft.remaining.append(Told(place_of(self._draft.cells, index), what, hint))

    def _take_path(self, text: str, index: int) -> str:
        """Take the file or folder that a text names, if it names one; the path that it has from the note, "" if it names none."""
        if "\n" in text or "\0" in text or "://" in text or text.strip() in ("", ".", "/", "..", "./", "../") or text.startswith("-"):
            return ""
        if any(sign in text for sign in "*?["):
            for path in self._matched_files(text):
                self._take_one(path, index)
            return ""
        if not ("/" in text or _PATH_SUFFIX.search(text) or (self._folder / text).is_dir()):
            return ""
        try:
            path = (self._folder / text).resolve()
            is_there = path.exists() and path.is_relative_to(self._root) and path not in (self._folder, self._root)
        except (OSError, ValueError, RuntimeError):
            return ""
        if not is_there or self._folder.is_relative_to(path) or Path(text).is_absolute():
            return ""
        if path == self._draft.origin.resolve() or any(path == folder for folder in self._added):
            return ""
        name = self._take_one(path, index)
        return f"{name}/" if name and text.endswith("/") else name

    def _matched_files(self, pattern: str) -> list[Path]:
        if Path(pattern).is_absolute() or ".." in Path(pattern).parts or not re.search(r"[/.]", pattern) or pattern.startswith("**"):
            return []
        try:
            matches = sorted(self._folder.glob(pattern))[:500]
        except (ValueError, NotImplementedError, OSError, IndexError):
            return []
        return [path for path in matches if path.is_file() and path != self._draft.origin.resolve()]

    def _take_one(self, path: Path, index: int) -> str:
        """Take a file or folder; the name that it has beside the note, "" for one that is left out. Of a large folder only the files are taken that
        the code names."""
        name = path.relative_to(self._folder).as_posix() if path.is_relative_to(self._folder) else path.name
        files = [path] if path.is_file() else [file for file in leftovers.own_files(path) if file.suffix != ".ipynb"]
        if any(part.startswith(".") for part in Path(name).parts) or not files:
            return ""
        size = sum(file.stat().st_size for file in files)
        if size > LARGEST and path.is_dir():
            files = [file for file in files if file.relative_to(path).as_posix() in self._texts] or files
            size = sum(file.stat().st_size for file in files)
        if size > LARGEST:
            if all(large.path != path for large in self._draft.large):
                self._draft.large.append(LargeFile(path, name, size))
            return name
        new = [file for file in files if self._take_file(file, path, name)]
        if new:
            shown = f"{name}/{new[0].relative_to(path).as_posix()}" if path.is_dir() and len(new) == 1 else name
            what = f"copied {shown}" + (f" ({len(new)} files)" if len(new) > 1 else "")
            self._draft.mended.append(Told(place_of(self._draft.cells, index), what))
        return name

    def _take_file(self, file: Path, path: Path, name: str) -> bool:
        inner = name if file == path else f"{name}/{file.relative_to(path).as_posix()}"
        if inner in self._draft.files:
            return False
        self._draft.files[inner] = file
        return True

    def _rewrite_texts(self, index: int, written: dict[str, str]) -> None:
        """Name files that lay elsewhere by where they are now."""
        source = self._draft.cells[index].source
        for old, new in written.items():
            for quote in "'\"":
                source = source.replace(f"{quote}{old}{quote}", f"{quote}{new}{quote}")
        if source != self._draft.cells[index].source:
            self._draft.replace_source(index, source)
            told = "; ".join(f"{old} is {new} now" for old, new in written.items())
            self._draft.mended.append(Told(place_of(self._draft.cells, index), told))

    # -- modules -------------------------------------------------------------------------------------------------------------------------

    def take_modules(self) -> None:
        """Take the modules that the code imports from beside it or from folders that it puts on Python's path, and what these import."""
        waiting = list(self._trees)
        seen: set[str] = set()
        while waiting:
            for name in _imported_names(waiting.pop()):
                if name in seen:
                    continue
                seen.add(name)
                waiting += self._take_module(name)

    def _take_module(self, name: str) -> Sequence[ast.Module]:
        for folder in (self._folder, *self._added):
            path, package = folder / f"{name}.py", folder / name
            if path.is_file() and path.resolve() != self._draft.origin.resolve():
                files, base = [path], folder
            elif package.is_dir() and any(package.glob("*.py")) and not requirements.is_installed(name):
                files, base = list(leftovers.own_files(package)), folder
            else:
                continue
            if sum(file.stat().st_size for file in files) > LARGEST:
                self._draft.large.append(LargeFile(package, name, sum(file.stat().st_size for file in files)))
                return []
            for file in files:
                self._draft.files.setdefault(file.relative_to(base).as_posix(), file)
            self._draft.mended.append(Told("", f"copied the module {name}, which it imports from beside it"))
            return [tree for file in files if file.suffix == ".py" and (tree := _parsed_file(file)) is not None]
        return []


def _code_texts(draft: Draft) -> set[str]:
    """The texts that stand in the code of a draft, where they may be the names of files."""
    trees = (
        code_digest.parse_magic_body(cell.source) or code_digest.parse_code(cell.source) for cell in draft.cells if cell.kind == "code"
    )
    nodes = (node for tree in trees if tree is not None for node in ast.walk(tree))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and isinstance(node.value, str)}


def _parsed_file(path: Path) -> ast.Module | None:
    try:
        return ast.parse(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, SyntaxError, ValueError):
        return None


def _imported_names(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            if node.module:
                yield node.module.partition(".")[0]
            elif node.level:
                yield from (alias.name for alias in node.names)


def take_large(draft: Draft, large: LargeFile) -> None:
    """Take a file or folder that is large after all."""
    if large.path.is_file():
        draft.files[large.name] = large.path
    else:
        for file in leftovers.own_files(large.path):
            draft.files[f"{large.name}/{file.relative_to(large.path).as_posix()}"] = file
    draft.mended.append(Told("", f"copied {large.name} ({large.size / 1e6:,.0f} MB)"))


def leave_large(draft: Draft, large: LargeFile) -> None:
    """Leave out a file or folder that is large, and say so."""
    what = f"reads {large.name}, which has {large.size / 1e6:,.0f} MB and was not copied"
    hint = "copy it beside the note, or into the lab and name it there: inputs: in note.yml"
    draft.remaining.append(Told("", what, hint))
