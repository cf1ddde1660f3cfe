"""Which part of a preview is made anew after which file was saved."""

import pytest

from labnotes.commands.preview_changes import ChangedParts, PreviewChanges
from labnotes.source.labs import Lab

CASES = {
    "notes/a/note.py": ChangedParts(slugs={"a"}),
    "notes/a/record/record.json": ChangedParts(slugs={"a"}),
    "notes/stray.csv": ChangedParts(all_notes=True),
    "docs/about.md": ChangedParts(),
    "docs/pictures/a.png": ChangedParts(),
    "docs/tags.md": ChangedParts(all_notes=True, settings=True),
    "mkdocs.yml": ChangedParts(all_notes=True, settings=True),
    "main.py": ChangedParts(all_notes=True, settings=True),
    "serve.log": ChangedParts(all_notes=True),
    "data/table.csv": ChangedParts(all_notes=True),
    "hooks/own.py": ChangedParts(all_notes=True, settings=True),
    "../elsewhere/module.py": ChangedParts(all_notes=True),
}


@pytest.mark.parametrize("name", CASES)
def test_a_file_concerns_what_is_made_of_it(tmp_path, name):
    lab = Lab(tmp_path / "lab")
    changes = PreviewChanges(lab)
    changes.code |= {lab.root / "hooks" / "own.py"}
    path = lab.root.parent / name[3:] if name.startswith("../") else lab.root / name
    changes.note_path(path)
    assert changes.are_waiting and changes.wait_for_change(0)
    assert changes.take_changes() == CASES[name]
    assert not changes.are_waiting and changes.take_changes() == ChangedParts()


def test_what_staging_writes_concerns_nothing(tmp_path):
    changes = PreviewChanges(Lab(tmp_path))
    changes.note_path(tmp_path / "docs" / "notes" / "posts" / "a.md")
    assert not changes.wait_for_change(0)
