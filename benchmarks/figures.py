"""What three checkers of figures say of the same changes: `labnotes check`, pytest-mpl (two tolerances, hashes) and nbval.

    .venv/bin/pip install --constraint constraints.txt pytest-mpl nbval
    .venv/bin/python benchmarks/figures.py                  about 20 minutes
    .venv/bin/python benchmarks/figures.py labnotes nbval   some of: labnotes, mpl, mpl-0, mpl-hash, nbval

Takes the figures of tests/support/figure_corpus, each with every one of its changes of science and in each of 11 other styles. Every
checker runs as its users run it, with its record, baseline pictures or stored outputs made from the unchanged figures on the same machine.
The size of a change is the largest distance of plotted data as a share of the range of its axis, as labnotes reads it before and after.
Prints a table in Markdown, and as errors how long each took and which changes it did not see.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

CORPUS = Path(__file__).parents[1] / "tests" / "support"
sys.path.insert(0, str(CORPUS))

SIZES = {"0.1 %": 0.0015, "1 %": 0.02, "larger, or no number": float("inf")}
"""Classes of changes, and how large one may be to belong to it."""

SETTINGS = "title: The corpus\ndate: 2026-11-21\nauthors: [Ada]\nsummary: Every figure.\nstatus: published\n"
SETUP = """
SCIENCE, STYLE = {science!r}, {style!r}
import warnings

import matplotlib as mpl
from figure_corpus import CHANGES, DRAWINGS, STYLES, Style

warnings.simplefilter("ignore")
style = STYLES[STYLE] if STYLE else Style()
mpl.rcParams.update(style.settings)

def drawn(name):
    fig = DRAWINGS[name](**(CHANGES[name][SCIENCE][0] if SCIENCE is not None and SCIENCE < len(CHANGES[name]) else {{}}))
    style.after(fig)
    return fig
"""
NOTE = """
# %%
from labnotes import figure
{setup}
for name in {names!r}:
    figure(drawn(name), name, caption="A figure of the corpus.", alt="A figure.")
"""
TESTS = """
import json
from pathlib import Path

import pytest
from figure_corpus import CHANGES, DRAWINGS, STYLES, Style

def case(name, picture, science, style):
    @pytest.mark.mpl_image_compare(filename=picture)
    def test():
        change = CHANGES[name][science][0] if science is not None else {}
        with (STYLES[style] if style else Style()).drawn_figure(DRAWINGS[name], **change) as fig:
            return fig
    return test

for number, arguments in json.loads(Path(__file__).with_suffix(".json").read_text()).items():
    globals()[f"test_{number}"] = case(*arguments)
"""
REPORTS = """
import json
import os

def pytest_runtest_logreport(report):
    if report.when == "call" or report.failed:
        with open(os.environ["REPORTS"], "a") as file:
            file.write(json.dumps([report.nodeid, report.failed]) + "\\n")
"""


@dataclass(frozen=True)
class Case:
    """One drawing with one change of science, or in one style."""

    name: str
    science: int | None
    style: str | None


Checker = Callable[[Path, list[Case]], dict[Case, bool]]
"""Says which cases fail."""


def cases() -> list[Case]:
    """Every change, and every figure without any: a checker that fails one of these was not asked fairly."""
    from figure_corpus import CHANGES, DRAWINGS, STYLES

    return [
        *(Case(name, None, None) for name in DRAWINGS),
        *(Case(name, science, None) for name in DRAWINGS for science in range(len(CHANGES[name]))),
        *(Case(name, None, style) for name in DRAWINGS for style in STYLES),
    ]


def runs(every: Iterable[Case]) -> list[tuple[int | None, str | None]]:
    """What is drawn together: all figures with their first change, with their second, ..., in one style, in another, ..."""
    return list(dict.fromkeys((case.science, case.style) for case in every))


def sizes(every: list[Case]) -> dict[Case, str]:
    """The class of each change of science."""
    from matplotlib import pyplot as plt

    from figure_corpus import CHANGES, DRAWINGS
    from labnotes.author.figures.matplotlib import figure_reader
    from labnotes.compare.figures import compare_figures
    from labnotes.model.plots import Figure

    def read(name: str, **change: object) -> Figure:
        fig = DRAWINGS[name](**change)
        data = figure_reader.read_figure(fig)
        plt.close(fig)
        return Figure(name, 1, "", "", data)

    unchanged = {name: read(name) for name in DRAWINGS}
    found = {}
    for case in every:
        if case.science is not None:
            moved = compare_figures(unchanged[case.name], read(case.name, **CHANGES[case.name][case.science][0])).moved
            found[case] = next(size for size, most in SIZES.items() if moved <= most)
    return found


# -- the checkers ---------------------------------------------------------------------------------------------------------------------------


def by_labnotes(root: Path, every: list[Case]) -> dict[Case, bool]:
    """One note that draws everything; it is run and accepted, then changed and checked once for each of `runs`."""
    from figure_corpus import DRAWINGS
    from labnotes.source.labs import Lab
    from labnotes.store import check_log

    folder = root / "notes" / "corpus"
    shutil.copytree(CORPUS / "figure_corpus", folder / "figure_corpus", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "note.yml").write_text(SETTINGS)

    def drawn(*command: str, science: int | None = None, style: str | None = None) -> int:
        (folder / "note.py").write_text(NOTE.format(setup=SETUP.format(science=science, style=style), names=list(DRAWINGS)))
        return _run([sys.executable, "-m", "labnotes", *command], root, XDG_CACHE_HOME=str(root / "cache"))

    if drawn("run") or drawn("accept", "corpus", "--yes"):
        sys.exit("the unchanged figures could not be recorded")
    found = {}
    for science, style in runs(every):
        drawn("check", "--fresh", science=science, style=style)
        log = check_log.read_log(Lab(root), "corpus")
        latest = log.checks[-1] if log.checks else None
        if latest is None or sum(latest.counts.get("figure", {}).values()) != len(DRAWINGS):
            sys.exit(f"no check of {science}, {style}")
        unequal = {quantity.name: quantity.verdict for quantity in latest.unequal}
        for name in DRAWINGS:
            found[Case(name, science, style)] = name in unequal and not unequal[name].is_agreement
    return {case: found[case] for case in every}


def by_pytest_mpl(*options: str) -> Checker:
    """A test for every case, in one pytest run; pictures and hashes of the unchanged figures were made by another."""

    def check(root: Path, every: list[Case]) -> dict[Case, bool]:
        from figure_corpus import DRAWINGS

        pictures = {name: f"{i:03}.png" for i, name in enumerate(DRAWINGS)}
        (root / "conftest.py").write_text(REPORTS)
        for module, chosen in (
            ("test_unchanged", [Case(name, None, None) for name in DRAWINGS]),
            ("test_changed", every),
        ):
            written = {f"{i:04}": [case.name, pictures[case.name], case.science, case.style] for i, case in enumerate(chosen)}
            (root / f"{module}.py").write_text(TESTS)
            (root / f"{module}.json").write_text(json.dumps(written))
        made = ["--mpl-generate-path=pictures", "--mpl-generate-hash-library=unchanged.json"]
        _pytest(root, "--mpl", "--mpl-deterministic", *made, "test_unchanged.py")
        hashes = json.loads((root / "unchanged.json").read_text())
        order = list(DRAWINGS)
        (root / "hashes.json").write_text(
            json.dumps(
                {f"test_changed.test_{i:04}": hashes[f"test_unchanged.test_{order.index(case.name):04}"] for i, case in enumerate(every)}
            )
        )
        said = _pytest(root, "--mpl", "--mpl-deterministic", "--mpl-baseline-path=pictures", *options, "test_changed.py")
        return {case: said[f"test_changed.py::test_{i:04}"] for i, case in enumerate(every)}

    return check


def by_nbval(root: Path, every: list[Case]) -> dict[Case, bool]:
    """A notebook with a cell for every figure and its outputs stored; a copy with other code and the same outputs for each of `runs`."""
    import nbformat
    from nbclient import NotebookClient

    from figure_corpus import DRAWINGS

    def code(science: int | None = None, style: str | None = None) -> str:
        return SETUP.format(science=science, style=style) + "\n%matplotlib inline"

    cells = [code(), *(f"fig = drawn({name!r})" for name in DRAWINGS)]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    shutil.copytree(CORPUS / "figure_corpus", root / "figure_corpus", ignore=shutil.ignore_patterns("__pycache__"))
    NotebookClient(notebook, timeout=600, kernel_name="python3", resources={"metadata": {"path": str(root)}}).execute()
    (root / "conftest.py").write_text(REPORTS)
    for i, (science, style) in enumerate(runs(every)):
        notebook.cells[0].source = code(science, style)
        nbformat.write(notebook, root / f"run_{i:02}.ipynb")
    said = _pytest(root, "--nbval", "--nbval-current-env")
    order, numbers = {name: i for i, name in enumerate(DRAWINGS, start=1)}, {run: i for i, run in enumerate(runs(every))}
    return {case: said[f"run_{numbers[case.science, case.style]:02}.ipynb::Cell {order[case.name]}"] for case in every}


CHECKERS: dict[str, tuple[str, Checker]] = {
    "labnotes": ("`labnotes check`", by_labnotes),
    "mpl": ("pytest-mpl, tolerance 2 (its default)", by_pytest_mpl()),
    "mpl-0": ("pytest-mpl, tolerance 0", by_pytest_mpl("--mpl-default-tolerance=0")),
    "mpl-hash": ("pytest-mpl, hashes of pictures", by_pytest_mpl("--mpl-hash-library=hashes.json")),
    "nbval": ("nbval", by_nbval),
}


def _run(command: list[str], root: Path, **environment: str) -> int:
    return subprocess.run(command, cwd=root, env={**os.environ, **environment}, capture_output=True, check=False).returncode


def _pytest(root: Path, *options: str) -> dict[str, bool]:
    """Whether each test failed."""
    reports = root / "reports"
    reports.write_text("")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(root), *options]
    paths = os.pathsep.join(filter(None, [str(CORPUS), os.environ.get("PYTHONPATH")]))
    _run(command, root, PYTHONPATH=paths, REPORTS=str(reports))
    read = (json.loads(line) for line in reports.read_text().splitlines())
    return {test: failed for test, failed in read}


# -- the table ------------------------------------------------------------------------------------------------------------------------------


def row(label: str, said: dict[Case, bool], size: dict[Case, str]) -> str:
    science = [case for case in said if case.science is not None]
    style = [case for case in said if case.style is not None]
    seen = [case for case in science if said[case]]
    counts = [f"{sum(size[case] == each for case in seen)} of {sum(size[case] == each for case in science)}" for each in SIZES]
    failed = sum(said[case] for case in style)
    return f"| {label} | {len(seen)} of {len(science)} | {' | '.join(counts)} | {failed} of {len(style)} |"


def main(chosen: list[str]) -> None:
    from figure_corpus import CHANGES

    every = cases()
    size = sizes(every)
    versions = ", ".join(f"{name} {version(name)}" for name in ("matplotlib", "seaborn", "pytest-mpl", "nbval"))
    print(f"{len({case.name for case in every})} figures; {versions}\n")
    print(f"| checker | changes of science seen | {' | '.join(SIZES)} | harmless changes failed |")
    print("|---|" + "--:|" * (len(SIZES) + 2), flush=True)
    for key in chosen or CHECKERS:
        label, check = CHECKERS[key]
        root = Path(tempfile.mkdtemp(prefix="labnotes-bench-"))
        try:
            started = time.monotonic()
            said = check(root, every)
            unfair = [case.name for case in every if case.science is None and case.style is None and said[case]]
            if unfair:
                sys.exit(f"{label} fails without any change: {', '.join(unfair)}")
            print(row(label, said, size), flush=True)
            print(f"{label}: {time.monotonic() - started:.0f} s; not seen:", file=sys.stderr)
            for case in every:
                if case.science is not None and not said[case]:
                    print(f"  {case.name} {CHANGES[case.name][case.science][0]} ({size[case]})", file=sys.stderr)
        finally:
            shutil.rmtree(root)


if __name__ == "__main__":
    if not set(sys.argv[1:]) <= set(CHECKERS):
        sys.exit(__doc__)
    main(sys.argv[1:])
