"""Math that no page can show is found when the source is read: where, and what is none."""

import importlib.util

import pytest

from labnotes.errors import InvalidNote
from labnotes.source import math_checks, notes
from labnotes.source.labs import Lab

SOURCE = r"""# %% [markdown]
# # About $\notshown$
#
# Set $\newcommand{\loss}{L}$ and $\nosuch$.

# %% [markdown]
# Text $\loss$ and
#
# $$
# \frac{1
# $$
#
# See \eqref{late}[^a], $\RR$ and {{ rate }}; ${{ rate }} \%$, `$\code$`, $5 and $6.
#
# [^a]: So $x \bad$.

# %%
import matplotlib.pyplot as plt
from labnotes import claim, figure
claim("rate", 0.5)
figure(plt.figure(), "curve", caption=r"Of $\loss$, not $\worse$", alt="A curve of $5")
"""
PLACES = {
    r"math $\nosuch$: unknown command": "notes/a/note.py:4",
    r"math $$ \frac{1 $$: ": "notes/a/note.py:9",
    r"math \eqref{late}: no equation of the note has the label 'late'": "notes/a/note.py:13",
    r"math $x \bad$: unknown command": "notes/a/note.py:15",
    r"math $\worse$: unknown command": "notes/a/note.py: caption of 'curve'",
    r"math $\wrong$: unknown command": "notes/a/note.yml: updates, 2026-11-22",
}


@pytest.fixture
def note(lab):
    update = {"date": "2026-11-22", "kind": "update", "text": r"As $\wrong$ and $\RR$."}
    lab.write_note("a", SOURCE, settings={"macros": {"RR": r"\mathbb{R}"}, "updates": [update]})
    return lab


@pytest.mark.parametrize("times", [1, 2], ids=["first", "from the cache"])
def test_math_that_cannot_be_set_is_listed_with_its_place_beside_other_problems(note, times):
    path = note.root / "notes/a/note.py"
    path.write_text(path.read_text().replace("Text ", "Text {{ ratte }} "))
    for _ in range(times):
        done = note("list")
    assert done.code == 2
    errors = [line.removeprefix("error ") for line in done.err.splitlines() if line.startswith("error ")]
    assert len(errors) == len(PLACES) + 1, done.err
    for what, where in PLACES.items():
        assert any(line.startswith(f"{where}: {what}") for line in errors), (what, done.err)
    assert "unknown claim 'ratte'" in done.err


def test_a_run_tells_of_math_that_cannot_be_set_and_of_its_numbers(lab):
    lab.write_note("a", "# %% [markdown]\n# A $\\nosuch$.\n\n# %%\nfrom labnotes import claim\nclaim('rate', 0.5)\n")
    done = lab("run", "a")
    assert done.code != 0 and "rate" in done.out
    assert r"notes/a/note.py:2: math $\nosuch$: unknown command" in " ".join(done.text.split())


def test_without_the_library_of_math_none_is_tried(note, monkeypatch):
    with pytest.raises(InvalidNote):
        notes.read_note(Lab(note.root), "a")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    assert notes.read_note(Lab(note.root), "a").word_problems == ()


def test_of_many_formulas_so_many_are_told(lab):
    lab.write_note("a", "# %% [markdown]\n# " + r"$\nosuch$ " * 70 + "\n\n# %%\nx = 1\n")
    with pytest.raises(InvalidNote) as caught:
        notes.read_note(Lab(lab.root), "a")
    assert len(caught.value.problems) == math_checks.MOST_TOLD


def test_math_in_a_quotation_is_without_the_signs_of_the_quotation():
    formulas = math_checks.formulas_of("> $$\n> a\n> $$\n\n$$\n> b\n$$\n\n> [!NOTE]\n> $c\n> d$")
    assert [text for _, text in formulas] == ["$$\na\n$$", "$$\n> b\n$$", "$c\nd$"]
