"""Whole-process times of `labnotes`, side by side with an alternative, in one run: A, B, A, B, ...

    .venv/bin/pip install --constraint constraints.txt nbmake jupyter-cache
    .venv/bin/python benchmarks/checking.py execute      20 light notebooks executed, two at a time; B is pytest-nbmake
    .venv/bin/python benchmarks/checking.py nothing      200 notes with nothing to execute; B is jupyter-cache, which also skips by code
    .venv/bin/python benchmarks/checking.py start OTHER  `labnotes list` of this repository and `labnotes --help`; B is those of the checkout
                                                         OTHER with its own .venv. With PYTHONDONTWRITEBYTECODE set, they also compile labnotes

Prints medians and the ratio pair by pair; the machine's own speed cancels out of the ratio, not out of the seconds.
"""

from __future__ import annotations

import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NOTEBOOK = """
# %% [markdown]
# The mean is {{{{ mean }}}}.

# %%
import matplotlib.pyplot as plt
import numpy as np
from labnotes import claim, figure, seed

# %%
values = np.random.default_rng([seed(), {i}]).normal(size=1_000)
claim("mean", values.mean(), format=".3f")

# %%
fig, ax = plt.subplots()
ax.hist(values, bins=30)
figure(fig, "values", caption="Values.", alt="A histogram.")
"""
SETTINGS = "title: Note {i}\ndate: 2026-11-21\nauthors: [Ada]\nsummary: A light note.\nstatus: published\n"
PAIRS = 5
STARTS = 15


def lab(root: Path, count: int) -> Path:
    """A lab with `count` light notes, each also as an .ipynb for nbmake."""
    from labnotes.source import notebooks

    (root / "ipynb").mkdir(parents=True)
    for i in range(count):
        folder = root / "notes" / f"note-{i}"
        folder.mkdir(parents=True)
        (folder / "note.py").write_text(NOTEBOOK.format(i=i))
        (folder / "note.yml").write_text(SETTINGS.format(i=i))
        notebooks.convert_notebook(folder / "note.py", root / "ipynb" / f"note_{i}.ipynb")
    return root


def timed(command: list[str], root: Path, environment: dict[str, str], answer: str = "") -> tuple[float, float]:
    """Wall and CPU seconds of a command and its children, which must succeed."""
    before, clock = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, cwd=root, env=environment, input=answer, capture_output=True, text=True, check=False)
    wall, after = time.monotonic() - clock, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        sys.exit(f"{' '.join(command[:6])} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    return wall, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def compare_starts(other: Path) -> None:
    """Print the CPU seconds of the commands that people wait for, of this checkout (A) and another (B)."""
    places = {"A": Path(__file__).parents[1], "B": other.absolute()}
    for words in (["list"], ["--help"]):
        rows: dict[str, list[float]] = {name: [] for name in places}
        for repeat in range(STARTS + 1):
            for name, place in places.items():
                _, cpu = timed([str(place / ".venv/bin/labnotes"), *words], place, dict(os.environ))
                if repeat:  # the first fills the cache of what files say
                    rows[name].append(cpu)
        for name, seconds in rows.items():
            print(
                f"{name}  labnotes {words[0]:7} cpu median {statistics.median(seconds):.3f} s, least {min(seconds):.3f} s   {places[name]}"
            )


def main(what: str) -> None:
    python = [sys.executable, "-m"]
    root = Path(tempfile.mkdtemp(prefix="labnotes-bench-"))
    environment = {**os.environ, "XDG_CACHE_HOME": str(root / "cache")}
    try:
        count = 20 if what == "execute" else 200
        lab(root / "lab", count)
        for command in (["run", "--jobs", "2"], ["accept", *(f"note-{i}" for i in range(count)), "--yes"]):
            timed([*python, "labnotes", *command], root / "lab", environment)
        if what == "execute":
            ours = [*python, "labnotes", "check", "--fresh", "--jobs", "2"]
            other = [*python, "pytest", "--nbmake", "-n", "2", "-q", "-p", "no:cacheprovider", "ipynb"]
        else:
            ours = [*python, "labnotes", "check"]
            jcache = [str(Path(sys.executable).with_name("jcache"))]
            environment |= {"JUPYTERCACHE": str(root / "jcache"), "PYTHONWARNINGS": "ignore"}
            books = sorted(str(path) for path in (root / "lab" / "ipynb").iterdir())
            timed([*jcache, "notebook", "add", *books], root / "lab", environment, answer="y\n")
            other = [*jcache, "project", "execute", "--executor", "local-parallel"]
        rows = []
        for pair in range(PAIRS + 1):
            row = (*timed(ours, root / "lab", environment), *timed(other, root / "lab", environment))
            if pair:  # the first warms the caches
                rows.append(row)
        print(f"{count} notes, {PAIRS} pairs, on {os.cpu_count()} cores")
        for name, command, at in (("A", ours, 0), ("B", other, 2)):
            wall, cpu = (statistics.median(row[at + i] for row in rows) for i in (0, 1))
            print(f"{name}  wall {wall:6.2f} s  cpu {cpu:6.2f} s   {' '.join(command[1:])}")
        for i, unit in enumerate(("wall", "cpu")):
            ratios = sorted(row[i] / row[i + 2] for row in rows)
            print(f"A/B {unit}: median {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f})")
    finally:
        shutil.rmtree(root)


if __name__ == "__main__":
    if sys.argv[1:2] == ["start"] and len(sys.argv) == 3:
        compare_starts(Path(sys.argv[2]))
    elif sys.argv[1:] in (["execute"], ["nothing"]):
        main(sys.argv[1])
    else:
        sys.exit(__doc__)
