"""What is said of files that git could not merge, and how two authors' records are merged."""

import shutil
import subprocess
from pathlib import Path

import pytest

import labnotes
from labnotes.source.merge_conflicts import conflict_line

CONFLICT = "<<<<<<< HEAD\n{}\n=======\n{}\n>>>>>>> other\n"


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a\n" + CONFLICT, 2),
        ("a\n" + CONFLICT.replace("\n", "\r\n"), 2),
        ("a\n\n<<<<<<< HEAD\nx\n||||||| base\ny\n=======\nz\n>>>>>>> other\n", 3),
        (CONFLICT.replace("<<<<<<< HEAD\n", ""), None),
        ("Title\n=======\n\n>>>>>>> quoted\n", None),
        ("  " + CONFLICT, None),
        ("<<<<<<<x\n=======\n>>>>>>> y\n", None),
        ("<<<<<<< begun\nand no more\n", None),
    ],
)
def test_a_conflict_is_found_at_its_first_line(text, line):
    assert conflict_line(text) == line


def test_fenced_code_of_markdown_may_show_one():
    assert conflict_line(f"```\n{CONFLICT}```\n", markdown=True) is None
    assert conflict_line(f"~~~text\n```\n{CONFLICT}~~~\n", markdown=True) is None
    assert conflict_line(f"```\ncode\n```\n{CONFLICT}", markdown=True) == 4
    assert conflict_line(f"```\n{CONFLICT}```\n") == 2


NOTE = """
# %%
from labnotes import claim
claim("x", 1)

# %%
claim("y", 2)
"""


@pytest.mark.parametrize(
    ("name", "line"),
    [("record/record.json", 3), ("record/provenance.json", 3), ("note.yml", 3), ("note.py", 3), ("references.bib", 3), ("audit.json", 3)],
)
def test_list_names_the_file_and_line_of_a_conflict_and_what_to_do(lab, name, line):
    folder = lab.write_note("a", NOTE)
    (folder / "references.bib").write_text(
        "@misc{a, title={A},\n author={B}, year={2020}}\n\n@misc{b, title={B}, author={C}, year={2020}}\n"
    )
    (folder / "audit.json").write_text("{\n\n}\n")
    if "record" in name:
        (folder / "audit.json").unlink()
        lab.run_and_accept("a")
    elif name == "audit.json":
        lab.run_and_accept("a")
    path = folder / name
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join([*lines[:2], CONFLICT.format(lines[2].rstrip("\n"), lines[2].rstrip("\n")), *lines[3:]]))
    listed = lab("list")
    assert f"notes/a/{name}:{line}: holds an unresolved merge conflict, which begins at this line" in listed.err.replace("\n", " ").replace(
        "error ", ""
    )
    remedy = {"note.yml": "<<<<<<<", "note.py": "<<<<<<<", "references.bib": "<<<<<<<", "audit.json": "labnotes audit a"}
    assert remedy.get(name, "labnotes run a, labnotes accept a") in listed.err
    assert "JSONDecodeError" not in listed.text
    assert listed.code == 2


def test_conflicts_in_several_files_of_a_record_are_told_together_with_one_remedy(lab):
    folder = lab.record_note("a", NOTE)
    for name in ("record.json", "provenance.json"):
        (folder / "record" / name).write_text(CONFLICT.format("{}", "{}"))
    listed = lab("list")
    assert listed.err.count("holds an unresolved merge conflict") == 2
    assert listed.err.count("git checkout HEAD -- notes/a/record") == 1
    assert lab("check").text.count("holds an unresolved merge conflict") >= 2
    lab.run_and_accept("a")
    assert "fresh" in lab("list").out


def test_conflict_marks_in_a_notebook_of_jupyter(lab):
    folder = lab.write_note("a", NOTE)
    (folder / "note.py").unlink()
    (folder / "note.ipynb").write_text('{\n "cells": [\n' + CONFLICT.format("", "") + "]}")
    listed = lab("list")
    assert "notes/a/note.ipynb:3" in listed.err and "unresolved merge conflict" in listed.err and "nbdime" in listed.err


@pytest.mark.slow  # 6 s: a note is run four times
@pytest.mark.skipif(shutil.which("git") is None, reason="needs git")
def test_two_branches_that_accept_other_claims_are_merged_by_recording_again(lab):
    """With the attributes that `labnotes init` writes, git leaves one side's record as it is: nothing is mixed and nothing needs editing."""
    templates = Path(labnotes.__file__).parent / "commands" / "templates" / "lab"
    shutil.copy(templates / "dot-gitattributes", lab.root / ".gitattributes")

    def git(*arguments, code=0):
        command = ["git", "-c", "user.name=A", "-c", "user.email=a@example.org", *arguments]
        done = subprocess.run(command, cwd=lab.root, capture_output=True, text=True, check=False)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout

    folder = lab.record_note("a", NOTE)
    git("init", "-q", "-b", "main")
    git("add", "-A")
    git("commit", "-qm", "base")
    git("checkout", "-qb", "other")
    (folder / "note.py").write_text((folder / "note.py").read_text().replace('claim("x", 1)', 'claim("x", 10)'))
    lab.run_and_accept("a")
    git("commit", "-qam", "x is 10")
    git("checkout", "-q", "main")
    (folder / "note.py").write_text((folder / "note.py").read_text().replace('claim("y", 2)', 'claim("y", 20)\nclaim("z", 3)'))
    lab.run_and_accept("a")
    git("commit", "-qam", "y is 20")
    told = git("merge", "other", code=1)
    conflicts = [line.rpartition(" ")[2] for line in told.splitlines() if line.startswith("CONFLICT")]
    assert conflicts == ["notes/a/record/provenance.json", "notes/a/record/record.json"], "the code merges by itself"
    listed = lab("list")
    assert listed.code == 0, listed.text
    assert "a is stale: the code changed in cell 1" in listed.out
    lab.run_and_accept("a")
    git("add", "-A")
    git("commit", "-qm", "merged")
    assert "fresh" in lab("list").out
    record = (folder / "record" / "record.json").read_text()
    assert '"value": 10' in record and '"value": 20' in record


def test_this_repository_has_the_attributes_that_a_new_lab_gets():
    root = Path(__file__).parents[3]
    template = root / "tools/labnotes/commands/templates/lab/dot-gitattributes"
    assert (root / ".gitattributes").read_text() == template.read_text()
