"""What isolation costs a run: from the start of its process to the first line of a note, at each level, beside none.

    .venv/bin/python benchmarks/isolation.py [RUNS]

Prints milliseconds of the clock and of processors, medians of RUNS (20), and their ratio to the level `hook`. The levels take turns, so that
whatever else the machine does falls on all of them. In the end: the test of the machine, once a command.
"""

from __future__ import annotations

import json
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict
from pathlib import Path

from labnotes.execute.readable_paths import readable_paths
from labnotes.source import notes
from labnotes.source.labs import Lab

TEST = "test of the machine"

LEVELS = ("hook", "landlock", "landlock+network", "namespaces")

START = """
import json, os, sys
from labnotes.kernel.isolation import isolation_from
from labnotes.kernel.keeper import keep_run
from labnotes.kernel.landlock import VisiblePaths
folder, level = sys.argv[1:]
visible = VisiblePaths(**json.load(open(os.path.join(folder, "visible.json"))))
isolation = isolation_from(level, visible, os.path.join(folder, "root"))
keep_run(folder, os.getppid(), None, isolation)
isolation.restrict_process()
"""


def main() -> None:
    """Measure and print the table."""
    runs = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    lab = Lab(Path(__file__).resolve().parents[1])
    note = notes.read_note(lab, "hello-world")
    costs: dict[str, list[tuple[float, float]]] = {name: [] for name in (*LEVELS, TEST)}
    with tempfile.TemporaryDirectory(prefix="ln-") as name:
        folder = Path(name).resolve()
        visible = readable_paths(note, lab, [folder], [])
        (folder / "visible.json").write_text(json.dumps(asdict(visible)))
        for _ in range(runs):
            for level in LEVELS:
                costs[level].append(cost_of([sys.executable, "-P", "-c", START, str(folder), level]))
            costs[TEST].append(cost_of([sys.executable, "-P", "-m", "labnotes.kernel.self_test"]))
    print(f"{len(visible.read)} paths to read, {len(visible.named)} names, {runs} runs each\n")
    print(f"{'':20} {'clock':>9} {'processor':>11}   ratios")
    none = medians(costs["hook"])
    for name, measured in costs.items():
        clock, processor = medians(measured)
        print(f"{name:20} {clock:6.0f} ms {processor:8.0f} ms   {clock / none[0]:.2f} {processor / none[1]:.2f}")


def cost_of(command: list[str]) -> tuple[float, float]:
    """Milliseconds of the clock and of processors that a command takes."""
    before, begun = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return 1000 * (time.perf_counter() - begun), 1000 * (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)


def medians(measured: list[tuple[float, float]]) -> tuple[float, float]:
    """The median of each of the two."""
    return statistics.median(clock for clock, _ in measured), statistics.median(processor for _, processor in measured)


if __name__ == "__main__":
    main()
