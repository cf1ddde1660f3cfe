"""Labs as folders: which note a name or a path means."""

import pytest

from labnotes.errors import UsageError
from labnotes.source.labs import Lab


@pytest.fixture
def two_notes(tmp_path):
    for slug in ("first", "second"):
        (tmp_path / "lab" / "notes" / slug / "record").mkdir(parents=True)
        (tmp_path / "lab" / "notes" / slug / "note.py").touch()
    return Lab(tmp_path / "lab")


@pytest.mark.parametrize(
    ("start", "name"),
    [
        ("", "first"),
        ("", "first/"),
        ("", "notes/first"),
        ("", "notes/first/"),
        ("", "notes/first/note.py"),
        ("", "./notes/first"),
        ("", "./first"),
        ("", "notes/first/record/record.json"),
        ("", "{lab}/notes/first"),
        ("", "{lab}/notes/first/note.py"),
        ("..", "lab/notes/first"),
        ("..", "notes/first"),
        ("notes", "first"),
        ("notes", "./first/note.py"),
        ("notes/first", "."),
        ("notes/first", "note.py"),
        ("notes/second", "first"),
        ("notes/second", "../first/"),
        ("notes/second", "../../notes/first/note.py"),
    ],
)
def test_a_note_is_meant_by_its_name_and_by_any_path_to_it_or_into_it(two_notes, monkeypatch, start, name):
    monkeypatch.chdir(two_notes.root / start)
    assert two_notes.choose_slugs([name.format(lab=two_notes.root)]) == ["first"]


def test_a_note_is_meant_by_a_path_through_a_link(two_notes, monkeypatch, tmp_path):
    (tmp_path / "link").symlink_to(two_notes.root)
    monkeypatch.chdir(tmp_path)
    assert two_notes.choose_slugs(["link/notes/first/note.py"]) == ["first"]
    assert Lab(tmp_path / "link").choose_slugs([str(two_notes.root / "notes" / "first")]) == ["first"]


@pytest.mark.parametrize(
    ("start", "name", "told"),
    [
        ("", "frist", "no note 'frist'"),
        ("", "notes/frist/note.py", "did you mean 'first'?"),
        ("", "docs/first", "no note 'docs/first'"),
        ("", "../notes/first", "no note '../notes/first'"),
        ("", "/elsewhere/notes/first", "no note '/elsewhere/notes/first'"),
        ("notes/second", "third", "no note 'third'"),
    ],
)
def test_what_is_no_note_is_named_as_it_was_written(two_notes, monkeypatch, start, name, told):
    monkeypatch.chdir(two_notes.root / start)
    with pytest.raises(UsageError, match="no note") as error:
        two_notes.choose_slugs([name])
    assert told in str(error.value)


def test_two_paths_to_one_note_are_one_note(two_notes, monkeypatch):
    monkeypatch.chdir(two_notes.root)
    assert two_notes.choose_slugs(["second", "notes/first", "first/", "notes/second/note.py"]) == ["second", "first"]
