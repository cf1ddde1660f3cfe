"""What editors, file managers and tools leave behind is no part of a lab, and what only looks like it is."""

from pathlib import Path

import pytest

from labnotes.commands import serve
from labnotes.site.stage import incremental
from labnotes.source.labs import Lab
from labnotes.source.leftovers import is_left_below, is_leftover, own_files


@pytest.mark.parametrize(
    "name",
    [
        ".DS_Store",
        "._x.csv",
        "Thumbs.db",
        "thumbs.db",
        "desktop.ini",
        "~$x.docx",
        "x.csv~",
        "#x.csv#",
        ".#x.csv",
        "x.swp",
        ".x.swo",
        ".~x.ipynb",
    ],
)
def test_a_leftover_is_known_by_its_name(name):
    assert is_leftover(Path("data") / name)


@pytest.mark.parametrize(
    "name", ["x.csv", "DS_Store", "x.bak", "x#1.csv", "a~b.csv", ".hidden", "desktop.init", "idea", "swp", "x.swpx", "4914"]
)
def test_another_name_is_a_persons_own(name):
    assert not is_leftover(Path("data") / name)


def test_the_file_by_which_vim_tries_a_folder_is_a_leftover_only_if_it_is_empty(tmp_path):
    probe = tmp_path / "4913"
    assert is_leftover(probe), "gone by the time it is looked at"
    probe.write_text("")
    assert is_leftover(probe)
    probe.write_text("0.5")
    assert not is_leftover(probe)
    probe.unlink()
    probe.mkdir()
    assert not is_leftover(probe)


def test_what_lies_in_a_leftover_is_one_and_where_the_lab_itself_lies_does_not_matter(tmp_path):
    lab = tmp_path / "backup~" / ".idea"
    assert is_left_below(lab / "data" / ".ipynb_checkpoints" / "x.csv", lab)
    assert not is_left_below(lab / "data" / "x.csv", lab)
    (lab / "data" / ".idea").mkdir(parents=True)
    for name in ("x.csv", "x.csv~", ".idea/x", ".hidden"):
        (lab / "data" / name).write_text("x")
    assert [path.name for path in own_files(lab)] == [".hidden", "x.csv"]


def test_a_leftover_is_neither_staged_nor_watched_nor_a_note(tmp_path):
    lab = Lab(tmp_path)
    for name in ("a/note.py", "a/data/x.csv", "a/data/x.csv~", "a/data/.DS_Store", "a/.ipynb_checkpoints/note.py", "a~/note.py"):
        path = lab.notes_folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    assert lab.note_slugs() == ["a"]
    assert [path.name for path in incremental._visible_files(lab.notes_folder / "a")] == ["x.csv", "note.py"]
    watched = {path.name for path in lab.notes_folder.rglob("*") if path.is_file() and serve._is_relevant(path, lab)}
    assert watched == {"x.csv", "note.py"}
    assert [path.parent.name for path in lab.notes_folder.rglob("note.py") if serve._is_relevant(path, lab)] == ["a"]


def test_a_record_with_a_leftover_in_it_is_read(lab):
    record = lab.record_note("a", "# %%\nfrom labnotes import claim\nclaim('x', 1)\n") / "record"
    (record / "record.json~").write_text("x")
    (record / "Thumbs.db").write_text("x")
    assert "fresh" in lab("list").out
    (record / "other.json").write_text("x")
    assert "holds files that no run wrote: other.json" in lab("list").text
