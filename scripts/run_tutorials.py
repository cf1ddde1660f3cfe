"""Execute the tutorials in docs/tutorials/ by labnotes' own runner, and write what their cells print into them: `make tutorials`.

    .venv/bin/python scripts/run_tutorials.py [--check]

With --check nothing is written: it ends with status 1, and a diff, if a tutorial prints something else than it shows. Times, and what depends on
the machine, may differ. A tutorial runs commands of labnotes, whose runs are isolated as ever; its own cells are held back by the audit hook
alone, since in an isolated run no other can begin.
"""

from __future__ import annotations

import asyncio
import difflib
import json
import os
import re
import sys
import tempfile
from pathlib import Path

import yaml

from labnotes.execute.run_note import RunConditions, run_note
from labnotes.execute.streams import final_text
from labnotes.kernel.isolation import LEVEL, IsolationLevel
from labnotes.source import notes
from labnotes.source.labs import Lab

TUTORIALS = Path(__file__).parents[1] / "docs" / "tutorials"

WIDTH = 200
"""Columns of the terminal that the commands see."""

SETTINGS = {"title": "A tutorial", "date": "2026-11-29", "authors": ["labnotes"], "summary": "What it prints.", "timeout": "10m"}

FIRST_CELL = f"import os\nfor name in [name for name in os.environ if name == {LEVEL!r} or name.startswith('MPL')]: del os.environ[name]"
"""Runs that the tutorial starts are those of an ordinary terminal."""

_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
_TIMES = re.compile(r"\d+(?:\.\d+)? s\b|\d{4}-\d\d-\d\d")
_OF_THE_MACHINE = re.compile(r"^(?:during runs: |  note: reads files outside the lab|before its CI can run: )")


class _Silent:
    def cell(self, slug: str, number: int, total: int) -> None:
        print(f"  cell {number} of {total}", flush=True)

    def printed(self, slug: str, number: int, text: str) -> None:
        pass


def printed_texts(path: Path) -> list[str]:
    """What each code cell of the tutorial prints when it is executed, "" for one that is not. Ends the program if it fails."""
    with tempfile.TemporaryDirectory(prefix="tutorial-") as folder:
        lab = Path(folder) / "lab"
        note = lab / "notes" / path.stem
        note.mkdir(parents=True)
        notebook = json.loads(path.read_text(encoding="utf-8"))
        first = {"cell_type": "code", "id": "first", "metadata": {}, "source": FIRST_CELL, "outputs": [], "execution_count": None}
        kept = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        (note / "note.ipynb").write_text(json.dumps({**notebook, "cells": [first, *kept]}), encoding="utf-8")
        (note / "note.yml").write_text(yaml.safe_dump(SETTINGS), encoding="utf-8")
        environment = {
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "COLUMNS": str(WIDTH),
            "LABNOTES_CHROMIUM": "",
        }  # the same with and without a browser
        done = asyncio.run(run_note(notes.read_note(Lab(lab), path.stem), Lab(lab), 0, _Silent(), RunConditions(environment)))
        if done.failure is not None or done.observation is None:
            sys.exit(f"{path.name}: {done.failure.what if done.failure else 'was not finished'}")
        printed = iter([cell.outputs for cell in done.observation.cells][1:])
    texts = []
    for cell in kept:
        outputs = () if "skip-execution" in cell["metadata"].get("tags", ()) else next(printed)
        if any("text" not in output for output in outputs):
            sys.exit(f"{path.name}: a cell shows a value, and a tutorial shows only what is printed: {''.join(cell['source']):.100}")
        texts.append(tidied_text("".join(output["text"] for output in outputs)).replace(f"notes/{path.stem}/", ""))
    return texts


def tidied_text(text: str) -> str:
    """Printed text as a terminal shows it in the end, without lines that say something of this machine alone."""
    lines = [line.rstrip() for line in final_text(text).split("\n")]
    return "\n".join(line for line in lines if not _OF_THE_MACHINE.match(_COLOURS.sub("", line))).strip("\n")


def compared_text(text: str) -> list[str]:
    """The lines of printed text that a check compares: without colours, seconds and days."""
    return _TIMES.sub("…", _COLOURS.sub("", text)).split("\n")


def shown_text(cell: dict) -> str:
    return "".join("".join(output.get("text", "")) for output in cell["outputs"])


def main(words: list[str]) -> int:
    os.environ[LEVEL] = IsolationLevel.HOOK.value
    differences = 0
    for path in sorted(TUTORIALS.glob("*.ipynb")):
        print(path.name, flush=True)
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
        for number, (cell, text) in enumerate(zip(cells, printed_texts(path), strict=True), 1):
            shown = compared_text(shown_text(cell).rstrip("\n"))
            if shown != compared_text(text):
                differences += 1
                print("\n".join(difflib.unified_diff(shown, compared_text(text), f"cell {number} shows", "it prints", lineterm="")))
                cell["outputs"] = (
                    [{"output_type": "stream", "name": "stdout", "text": f"{text}\n".splitlines(keepends=True)}] if text else []
                )
        if "--check" not in words:
            path.write_text(json.dumps(notebook, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if differences and "--check" in words:
        print("a tutorial prints something else than it shows: make tutorials writes it anew")
    return 1 if differences and "--check" in words else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
