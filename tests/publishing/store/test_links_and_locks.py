"""Nothing is written or removed through a link, and who accepts at once leaves one whole record."""

import multiprocessing
import os
import shutil
from pathlib import Path

import pytest

from labnotes.errors import UsageError
from labnotes.store import folders, records

OUTPUTS = """{"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [{"cell_type": "code", "id": "a", "metadata": {}, "source": "1",
"execution_count": 1, "outputs": [{"output_type": "stream", "name": "stdout", "text": "hi"}]}]}"""

SIMPLE = "# %%\nfrom labnotes import claim\nclaim('x', 1)\n"


@pytest.fixture
def precious(tmp_path):
    """A folder outside of every lab, with files that nobody may touch; call it for what is in it."""
    folder = tmp_path / "precious"
    (folder / "sub").mkdir(parents=True)
    (folder / "keep.txt").write_text("kept")
    (folder / "sub" / "deep.md").write_text("kept too")
    (folder / "index.html").write_text("a page of mine")
    return folder


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_text() for path in sorted(folder.rglob("*")) if path.is_file()}


@pytest.fixture
def recorded(lab):
    """A lab with one recorded note and settings of a site."""
    lab.record_note("a", SIMPLE)
    (lab.root / "docs").mkdir()
    (lab.root / "docs" / "index.md").write_text("# A lab\n")
    settings = "INHERIT: .labnotes/site/mkdocs.yml\nsite_name: A lab\nsite_url: https://example.org/lab/\n"
    (lab.root / "mkdocs.yml").write_text(settings)
    return lab


@pytest.mark.parametrize("place", [".labnotes", ".labnotes/site", ".labnotes/staged", "site", "docs/notes", "docs/notes/posts"])
def test_a_build_leaves_what_a_link_leads_to_alone(recorded, precious, place):
    before = contents(precious)
    link = recorded.root / place
    if place == "docs/notes/posts":
        link.parent.mkdir(parents=True)
        (link.parent / ".staged").write_text("as if labnotes had made it\n")
        (precious / "old.md").write_text("kept as well")
        before = contents(precious)
    elif link.is_dir():
        shutil.rmtree(link)
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(precious)
    done = recorded("build")
    assert done.code == 2, done.text
    assert f"{place}: is a link to {precious}" in done.err
    assert contents(precious) == before


def test_an_output_folder_that_is_a_link_is_refused(recorded, precious, tmp_path):
    (tmp_path / "out").symlink_to(precious)
    before = contents(precious)
    done = recorded("build", "--out", str(tmp_path / "out"))
    assert done.code == 2
    assert "is a link to" in done.err
    assert contents(precious) == before


@pytest.mark.parametrize(
    "place",
    [
        *("record", "checks.jsonl"),
        *(pytest.param(name, marks=pytest.mark.slow) for name in ("record.new", "record.old", "audit.json")),
    ],  # 1.6 s each
)
def test_what_is_kept_of_a_note_is_not_written_through_a_link(recorded, precious, place):
    before = contents(precious)
    link = recorded.root / "notes/a" / place
    if link.is_dir():
        shutil.rmtree(link)
    link.symlink_to(precious / "keep.txt" if "." in place and not place.startswith("record") else precious)
    for command in (("run", "a"), ("accept", "a", "--yes"), ("check", "a", "--fresh"), ("list",), ("build",)):
        done = recorded(*command)
        assert "Traceback" not in done.text, done.text
        assert contents(precious) == before, command
    assert link.is_symlink()


def test_a_note_whose_folder_leads_out_of_the_lab_is_not_written(recorded, precious):
    outside = precious.parent / "elsewhere"
    shutil.move(recorded.root / "notes/a", outside)
    (recorded.root / "notes/a").symlink_to(outside)
    before = {path: path.read_bytes() for path in outside.rglob("*") if path.is_file()}
    for command in (("check", "a", "--fresh"), ("run", "a"), ("accept", "a", "--yes")):
        done = recorded(*command)
        assert "Traceback" not in done.text
    assert {path: path.read_bytes() for path in outside.rglob("*") if path.is_file()} == before


OF_AN_AUTHOR = {
    "clean": (("clean",), "notes/a/note.ipynb"),
    "diff": (("diff",), ".labnotes"),
    "new": (("new", "b"), "notes/b"),
    "rename": (("rename", "a", "c"), "notes/a"),
    "init": (("init", "."), ".github"),
}
"""Commands that write, and a place that each of them writes to or below."""


@pytest.mark.parametrize("name", OF_AN_AUTHOR)
def test_no_command_writes_through_a_link(recorded, precious, name):
    words, place = OF_AN_AUTHOR[name]
    link = recorded.root / place
    if name == "clean":
        shutil.copy(recorded.root / "notes/a/note.py", precious / "note.ipynb")
        (precious / "note.ipynb").write_text(OUTPUTS)
        (recorded.root / "notes/a/note.py").unlink()
        link.symlink_to(precious / "note.ipynb")
    elif name == "diff":
        (recorded.root / "notes/a/note.py").write_text(SIMPLE.replace("'x', 1", "'x', 2"))
        assert recorded("run", "a").code == 0
        shutil.rmtree(link, ignore_errors=True)
        link.symlink_to(precious)
    elif name == "rename":
        shutil.move(link, precious / "a")
        link.symlink_to(precious / "a")
    else:
        link.symlink_to(precious)
    before = {path: path.read_bytes() for path in precious.rglob("*") if path.is_file()}
    done = recorded(*words)
    assert done.code == 2, done.text
    assert f"{place}: is a link to {precious}" in done.err
    assert "Traceback" not in done.text
    assert {path: path.read_bytes() for path in precious.rglob("*") if path.is_file()} == before
    assert link.is_symlink()


def test_a_site_folder_with_other_files_is_left_alone(recorded):
    site = recorded.root / "site"
    site.mkdir(exist_ok=True)
    (site / "mine.txt").write_text("mine")
    done = recorded("build")
    assert done.code == 2
    assert "holds files that no build of labnotes put there" in done.err
    assert contents(site) == {"mine.txt": "mine"}


@pytest.mark.slow
def test_a_build_removes_what_the_last_one_put_there_and_nothing_else(recorded):
    built = recorded("build")
    assert built.code == 0, built.text
    (recorded.root / "site" / "added.txt").write_text("by hand, since then")
    assert (recorded.root / "site/notes/a/index.html").is_file()
    shutil.rmtree(recorded.root / "notes/a")
    recorded.record_note("b", SIMPLE)
    again = recorded("build")
    assert again.code == 0, again.text
    assert not (recorded.root / "site/notes/a").exists()
    assert (recorded.root / "site/notes/b/index.html").is_file()
    assert (recorded.root / "site/added.txt").read_text() == "by hand, since then"


# -- writers and readers at once ---------------------------------------------------------------------------------------------------------


def write_often(folder, mark, times, barrier):
    barrier.wait()
    for _ in range(times):
        with folders.locked(folder.parent / "lock"):
            folders.replace_folder(folder, {name: f"{mark}".encode() * 1000 for name in ("one", "two/three")})


def test_writers_at_once_leave_one_whole_folder(tmp_path):
    folder, barrier = tmp_path / "record", multiprocessing.Barrier(3)
    writers = [multiprocessing.Process(target=write_often, args=(folder, mark, 40, barrier)) for mark in "abc"]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(60)
        assert writer.exitcode == 0
    one, other = (folder / "one").read_text(), (folder / "two/three").read_text()
    assert one == other
    assert set(one) <= set("abc")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["lock", "record"], "no litter"


def accept_files(folder, files, times, barrier):
    barrier.wait()
    for i in range(times):
        folders.replace_folder(folder, files[i % 2])


@pytest.mark.slow  # 2 s
def test_a_reader_beside_a_writer_reads_one_or_the_other_record(recorded):
    folder = recorded.root / "notes/a/record"
    first = records.read_record(folder, Path("a"))
    versions = [records.record_files(first)[0], records.record_files(records.replace(first, cells=()))[0]]
    barrier = multiprocessing.Barrier(2)
    writer = multiprocessing.Process(target=accept_files, args=(folder, versions, 300, barrier))
    writer.start()
    barrier.wait()
    reads = 0
    while writer.is_alive():
        seen = records.read_record(folder, Path("a"))
        assert seen is not None
        assert len(seen.cells) in (0, len(first.cells))
        reads += 1
    writer.join()
    assert writer.exitcode == 0
    assert reads > 20


def test_what_a_killed_writer_left_is_removed_by_the_next(recorded):
    left = recorded.root / "notes/a/.record.new-0123"
    left.mkdir()
    (left / "half").write_text("x")
    recorded.run_and_accept("a")
    assert not left.exists()


def test_a_folder_below_a_link_is_no_own_folder(tmp_path, precious):
    (tmp_path / "root").mkdir()
    (tmp_path / "root" / "link").symlink_to(precious)
    with pytest.raises(UsageError, match=r"link: is a link to .*precious"):
        folders.own_folder(tmp_path / "root" / "link" / "new", tmp_path / "root")
    assert not (precious / "new").exists()
    assert folders.own_folder(tmp_path / "root" / "real" / "new", tmp_path / "root").is_dir()
    assert os.listdir(tmp_path / "root") != []
