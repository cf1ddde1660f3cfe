"""The tutorials: their commands print what the pages show, are executed by labnotes' own runner, and can be found."""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from labnotes.site.docs_notebooks.docs_page import TagRules, read_docs_page

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
TUTORIALS = sorted((DOCS / "tutorials").glob("*.ipynb"))
SCRIPT = ROOT / "scripts" / "run_tutorials.py"


@pytest.fixture
def script(monkeypatch):
    monkeypatch.setenv("LABNOTES_ISOLATION", "")  # the script sets it for the process
    spec = importlib.util.spec_from_file_location("run_tutorials", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def code_cells(path):
    return [cell for cell in json.loads(path.read_text())["cells"] if cell["cell_type"] == "code"]


def file_stem(path):
    return path.stem


@pytest.mark.slow  # 40 s of a processor: 30 processes of labnotes
def test_every_tutorial_prints_what_its_page_shows(lab):
    before = {path: path.read_bytes() for path in TUTORIALS}
    environment = {**os.environ, "XDG_CACHE_HOME": str(lab.cache)}
    done = subprocess.run([sys.executable, SCRIPT, "--check"], env=environment, capture_output=True, text=True, timeout=1200, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert before == {path: path.read_bytes() for path in TUTORIALS}


def test_there_is_a_tutorial():
    assert [path.name for path in TUTORIALS] == ["first-note.ipynb", "from-a-notebook.ipynb"]


@pytest.mark.parametrize("path", TUTORIALS, ids=file_stem)
def test_a_tutorial_can_be_read_and_shows_the_output_of_each_command(path):
    page = read_docs_page(path, DOCS, lambda name: f"../{name}" if (DOCS / name).exists() else None, "", TagRules())
    assert page.problems == []
    for cell in code_cells(path):
        assert bool(cell["outputs"]) is ("skip-execution" not in cell["metadata"].get("tags", [])), cell["source"]
    assert f"tutorials/{path.name}" in (DOCS / "writing.md").read_text()
    assert f"docs/tutorials/{path.name}" in (ROOT / "README.md").read_text()
    nav = yaml.safe_load((ROOT / "mkdocs.yml").read_text())["nav"]
    assert f"tutorials/{path.name}" in next(item["Writing a note"] for item in nav if "Writing a note" in item)


def test_the_note_of_the_first_tutorial_is_one_that_labnotes_reads(lab):
    for cell in code_cells(DOCS / "tutorials" / "first-note.ipynb"):
        first, *lines = cell["source"]
        if first.startswith("%%writefile "):
            target = lab.root / first.split()[1]
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text("".join(lines))
    listed = lab("list")
    assert listed.code == 0 and "monitor" in listed.out and "error" not in listed.text, listed.text


SHOWN = "agrees  1.2 s on 2026-11-29\n\x1b[32mfine\x1b[0m\n"


@pytest.mark.parametrize(
    ("printed", "is_same"),
    [
        ("agrees  17 s on 2027-01-01\nfine", True),
        ("differs  1.2 s on 2026-11-29\nfine", False),
        ("agrees  1.2 s on 2026-11-29", False),
    ],
)
def test_a_change_of_what_is_printed_is_told_and_times_are_none(script, tmp_path, monkeypatch, capsys, printed, is_same):
    shutil.copy(TUTORIALS[0], tmp_path / "a.ipynb")
    notebook = json.loads((tmp_path / "a.ipynb").read_text())
    cell = {"cell_type": "code", "id": "c", "execution_count": None, "metadata": {}, "source": "", "outputs": []}
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": SHOWN.splitlines(keepends=True)}]
    whole = json.dumps({**notebook, "cells": [cell]})
    (tmp_path / "a.ipynb").write_text(whole)
    monkeypatch.setattr(script, "TUTORIALS", tmp_path)
    monkeypatch.setattr(script, "printed_texts", lambda path: [printed])
    assert script.main(["--check"]) == (0 if is_same else 1)
    assert ("+differs" in capsys.readouterr().out) is ("differs" in printed)
    assert (tmp_path / "a.ipynb").read_text() == whole
    assert script.main([]) == 0
    kept = code_cells(tmp_path / "a.ipynb")[0]["outputs"][0]["text"]
    assert "".join(kept) == (SHOWN if is_same else f"{printed}\n")


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[2K  note: cell 1\r\x1b[2K[1/1] note: ran\n\n", "[1/1] note: ran"),
        ("a\n\x1b[2mduring runs: network cut by Landlock\x1b[0m\nb\n", "a\nb"),
        ("  note: reads files outside the lab, where a change goes unnoticed: bin\n  note: kept", "  note: kept"),
    ],
    ids=["progress", "isolation", "files"],
)
def test_what_is_shown_is_what_stays_in_a_terminal_and_holds_for_every_machine(script, text, shown):
    assert script.tidied_text(text) == shown
