"""Digests of the modules that a run loads, as code: which docstrings count depends on all of them together, and on the note."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from labnotes.model.digests import text_digest
from labnotes.model.observation import RunDependencies
from labnotes.source import code_digest, docstring_use
from labnotes.source.docstring_use import CountedText
from labnotes.source.labs import Lab
from labnotes.source.notebooks import FORMATS
from labnotes.source.notes import Note
from labnotes.store import outside_modules

_OUTSIDE = "outside/"


@dataclass(frozen=True)
class LoadedModules:
    """The modules of one note's run: `names` are those of the lab, `outside` the others, each with its file, None if it is not here."""

    note: Note
    lab: Lab
    names: tuple[str, ...]
    outside: Mapping[str, Path | None]

    @classmethod
    def of_record(cls, needs: RunDependencies, note: Note, lab: Lab) -> LoadedModules:
        """The modules that a run loaded, where they are now."""
        data = [name for name, digest in needs.files.items() if digest and name.endswith(".py")]  # those that were read as data as well
        return cls.of_run(
            [*needs.modules, *data], {name: outside_modules.find_module(name, note.slug, lab) for name in needs.elsewhere}, note, lab
        )

    @classmethod
    def of_run(cls, names: Iterable[str], outside: Mapping[str, Path | None], note: Note, lab: Lab) -> LoadedModules:
        """The modules that a run was seen to load."""
        return cls(note, lab, tuple(sorted(name for name in set(names) if not is_note_file(name, note))), outside)

    @property
    def unseen(self) -> list[str]:
        """The modules from outside the lab that are not on this machine."""
        return sorted(name for name, path in self.outside.items() if path is None)

    def digest_of(self, name: str) -> str:
        """The digest of a module of the lab, "" if it is not there; of the note's own file the digest of its docstrings that others may read."""
        if is_note_file(name, self.note):
            return self.note_docstrings
        return _digest_of_file(self.lab.root / name, self._counted.get(name, docstring_use.NO_WORDS))

    def code_digest_of(self, name: str) -> str:
        """The digest of a module of the lab without any docstring; "" if it is not there."""
        return _digest_of_file(self.lab.root / name, docstring_use.NO_WORDS)

    def outside_digest(self, name: str) -> str:
        """The digest of a module from outside the lab, "" if it is not here."""
        path = self.outside.get(name)
        return "" if path is None else _digest_of_file(path, self._counted.get(_OUTSIDE + name, docstring_use.NO_WORDS))

    def possible_digests(self, name: str) -> set[str]:
        """The digests that a module of the lab may have, whatever the modules that are not here do with docstrings."""
        counted = (CountedText(), CountedText(all_docstrings=True), CountedText(all_docstrings=True, whole_text=True))
        return {self.digest_of(name), *(_digest_of_file(self.lab.root / name, words) for words in counted)}

    @cached_property
    def note_docstrings(self) -> str:
        """The digest of those docstrings of the note that its code does not read itself, but what it imports may; "" if there are none."""
        counted = self._counted[note_file(self.note)]
        read = [digest for position, digest in self.note.source.outline.docstrings if position in counted.positions]
        return text_digest("\n".join(read)) if read else ""

    @cached_property
    def _counted(self) -> dict[str, CountedText]:
        files = {name: self.lab.root / name for name in self.names}
        files |= {_OUTSIDE + name: path for name, path in self.outside.items() if path is not None}
        outlines = {name: code_digest.module_outline(path) for name, path in files.items() if path.suffix == ".py"}
        return docstring_use.counted_in_run(self.note.source.outline, note_file(self.note), outlines)


def note_file(note: Note) -> str:
    """A note's notebook as a path from the lab's root."""
    return f"notes/{note.slug}/{note.source.path.name}"


def is_note_file(name: str, note: Note) -> bool:
    """Whether a path from the lab's root is that of the note's notebook."""
    return name in {f"notes/{note.slug}/note{suffix}" for suffix in FORMATS}


def _digest_of_file(path: Path, counted: CountedText) -> str:
    if not path.is_file():
        return ""
    return code_digest.module_digest(path, counted) if path.suffix == ".py" else code_digest.file_digest(path)
