"""Every figure of the corpus through the real path, kernel to record to check, with matplotlib as pinned and the oldest supported one.

Two notes draw all figures; one line says in which variant. A run with the k-th change of science draws every figure with its k-th change.
"""

import os
import shutil
import sys
from pathlib import Path

import pytest

from figure_corpus import CHANGES, DRAWINGS, TOGETHER, rare
from labnotes import check_log
from labnotes.check_log import Unequal
from labnotes.notes import Lab
from labnotes.quantities import Verdict

OLDEST = os.environ.get("LABNOTES_OLDEST_PYTHON", "")
RUNS = 3
"""Changes of science that each figure has at least."""

PARTS = {"rare": [draw.__name__ for draw in rare.DRAWINGS], "others": [name for name in DRAWINGS if name not in rare.__dict__]}

NOTE = """
# %%
import matplotlib as mpl
from figure_corpus import CHANGES, DRAWINGS, TOGETHER, Style
from labnotes import figure

SCIENCE, STYLE = {science!r}, {style!r}
style = TOGETHER[STYLE] if STYLE else Style()
mpl.rcParams.update(style.settings)

# %%
for name in {names!r}:
    change = CHANGES[name][SCIENCE][0] if SCIENCE is not None else {{}}
    fig = DRAWINGS[name](**change)
    style.after(fig)
    figure(fig, name, caption="A figure of the corpus.", alt="A figure.")
"""


def written(lab, science=None, style=None):
    for slug, names in PARTS.items():
        folder = lab.note(slug, NOTE.format(science=science, style=style, names=names))
        shutil.copytree(
            Path(rare.__file__).parent, folder / "figure_corpus", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
        )


def checked(lab):
    """What a check says of each figure; the log names only what is not exact."""
    done = lab("check")
    found = {}
    for slug, names in PARTS.items():
        checks = check_log.read(Lab(lab.root), slug).checks
        assert checks, done.text
        found |= {name: Unequal("figure", name, Verdict.EXACT) for name in names}
        found |= {each.name: each for each in checks[-1].unequal}
        assert sum(checks[-1].counts["figure"].values()) == len(names)
    return found


@pytest.fixture(
    scope="module",
    params=[
        pytest.param(sys.executable, id="pinned"),
        pytest.param(
            OLDEST,
            id="oldest",
            marks=pytest.mark.skipif(not OLDEST, reason="needs another matplotlib, see constraints-oldest.txt"),
        ),
    ],
)
def recorded(request, new_lab):
    lab = new_lab()
    lab.python = request.param
    lab.environment["PYTHONPATH"] = str(Path(check_log.__file__).parents[1])
    written(lab)
    lab.accept(*PARTS)
    return lab


@pytest.mark.parametrize("science", range(RUNS))
def test_every_change_of_science_fails_and_names_its_mark(recorded, science):
    written(recorded, science=science)
    found = checked(recorded)
    assert set(found) == set(DRAWINGS)
    missed = [name for name, each in found.items() if each.verdict is not Verdict.CHANGED]
    unnamed = [name for name, each in found.items() if not all(said in "\n".join(each.details) for said in CHANGES[name][science][1])]
    assert (missed, unnamed) == ([], [])


@pytest.mark.parametrize("style", TOGETHER)
def test_no_change_of_style_fails(recorded, style):
    written(recorded, style=style)
    found = checked(recorded)
    assert set(found) == set(DRAWINGS)
    assert {name: each.details for name, each in found.items() if each.verdict is not Verdict.EXACT} == {}
