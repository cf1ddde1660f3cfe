"""Figures of the corpus through the real path, kernel to record to check, with matplotlib as pinned and the oldest supported one.

Two notes draw all figures; one line says in which variant. A run with the k-th change of science draws every figure with its k-th change.
Twelve figures, one of each way of reading, go this way with a change of science in the quick tests, all of them, and changes of style, in
`make test-all`. Nothing between kernel and check depends on the kind of a mark but how it is written down: that round trip the quick tests
make with every figure.
"""

import shutil
import sys
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from figure_corpus import CHANGES, DRAWINGS, TOGETHER, rare
from figure_corpus.readings import corpus_figure
from labnotes.compare.figures import compare_figures
from labnotes.model.observation import FigurePicture, Observation, Provenance, RunDependencies, RunEnvironment
from labnotes.model.verdicts import Verdict
from labnotes.source.labs import Lab
from labnotes.store import check_log, folders, records
from labnotes.store.check_log import LoggedQuantity
from machine import OLDEST

RUNS = 3
"""Changes of science that each figure has at least."""

PARTS = {"rare": [draw.__name__ for draw in rare.DRAWINGS], "others": [name for name in DRAWINGS if name not in rare.__dict__]}

DOZEN = {name for names in PARTS.values() for name in names[:: len(names) // 6 + 1]}
"""Figures that go the real path in the quick tests."""

SETS = {
    "a dozen": (sys.executable, DOZEN),
    "all": (sys.executable, set(DRAWINGS)),
    "all by the oldest matplotlib": (OLDEST, set(DRAWINGS)),
}
"""Which Python draws which figures."""

SLOW, OLD = pytest.mark.slow, pytest.mark.oldest  # 60 s a run


def run_cases(variants, quick):
    """Each variant with each set of figures; of the dozen the variants named in `quick`."""
    return [
        *(pytest.param("a dozen", variant) for variant in quick),
        *(pytest.param("all", variant, marks=SLOW) for variant in variants),
        *(pytest.param("all by the oldest matplotlib", variant, marks=[SLOW, OLD]) for variant in variants),
    ]


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


@dataclass
class CorpusLab:
    """A lab with the record of some figures of the corpus."""

    lab: Any
    names: set[str]

    @property
    def notes(self):
        """The names of the figures in each note, by its slug: few figures go into one, since every kernel loads matplotlib anew."""
        return PARTS if self.names == set(DRAWINGS) else {"few": [name for names in PARTS.values() for name in names if name in self.names]}

    def write_notes(self, science=None, style=None):
        for slug, names in self.notes.items():
            folder = self.lab.write_note(slug, NOTE.format(science=science, style=style, names=names))
            shutil.copytree(
                Path(rare.__file__).parent, folder / "figure_corpus", dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__")
            )

    def check_figures(self):
        """What a check says of each figure; the log names only what is not exact."""
        done = self.lab("check")
        results = {name: LoggedQuantity("figure", name, Verdict.EXACT) for name in self.names}
        for slug, names in self.notes.items():
            checks = check_log.read_log(Lab(self.lab.root), slug).checks
            assert checks, done.text
            results |= {unequal.name: unequal for unequal in checks[-1].unequal}
            assert sum(checks[-1].counts["figure"].values()) == len(names)
        assert set(results) == self.names
        return results


@pytest.fixture(scope="module")
def corpus_labs():
    """The labs of this module by the name of their set; pytest would make one for each test that asks for a set."""
    return {}


@pytest.fixture
def corpus(request, new_lab, corpus_labs):
    if request.param not in corpus_labs:
        corpus_labs[request.param] = record_corpus(request.param, new_lab())
    return corpus_labs[request.param]


def record_corpus(which, lab):
    lab.python, names = SETS[which]
    if lab.python != sys.executable:
        lab.environment["PYTHONPATH"] = str(Path(check_log.__file__).parents[2])
    made = CorpusLab(lab, names)
    made.write_notes()
    lab.run_and_accept(*made.notes)
    return made


@pytest.mark.parametrize(("corpus", "science"), run_cases(range(RUNS), [0]), indirect=["corpus"])
def test_every_change_of_science_fails_and_names_its_mark(corpus, science):
    corpus.write_notes(science=science)
    results = corpus.check_figures()
    missed = [name for name, result in results.items() if result.verdict is not Verdict.CHANGED]
    unnamed = [name for name, result in results.items() if not all(said in "\n".join(result.details) for said in CHANGES[name][science][1])]
    assert (missed, unnamed) == ([], [])


@pytest.mark.parametrize(("corpus", "style"), run_cases(TOGETHER, []), indirect=["corpus"])
def test_no_change_of_style_fails(corpus, style):
    corpus.write_notes(style=style)
    assert {name: result.details for name, result in corpus.check_figures().items() if result.verdict is not Verdict.EXACT} == {}


def test_every_figure_is_read_back_from_its_record_as_it_was(tmp_path):
    figures = {name: replace(corpus_figure(name), label=name) for name in DRAWINGS}
    provenance = Provenance(
        "2026-11-21T00:00:00Z",
        1.0,
        0,
        1,
        RunEnvironment(python="3.11", system="Linux", machine="x", cpu="cpu", labnotes="0", isolation="none"),
        RunDependencies(code="code"),
    )
    made = Observation({}, figures, {}, (), {name: FigurePicture("svg", b"<svg/>") for name in figures}, provenance)
    folders.replace_folder(tmp_path / "record", records.record_files(made)[0])
    read = records.read_record(tmp_path / "record", tmp_path)
    assert set(read.figures) == set(DRAWINGS)
    for name, then in read.figures.items():
        same = compare_figures(figures[name], then)
        assert same.verdict.is_agreement and same.moved < 1e-11, (name, same)  # a record keeps twelve digits
        assert compare_figures(then, corpus_figure(name, 0)).verdict is Verdict.CHANGED, name
