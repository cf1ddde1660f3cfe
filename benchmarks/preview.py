"""What one edit costs in the live preview of a lab with many notes.

    .venv/bin/python benchmarks/preview.py 10 69

For each number of small notes, of which one was executed and the others are copies with other words: until all of them are shown, then an edit of
prose, an error in prose, and the error mended, each until the page says so. Told are seconds by the clock, which a busy machine makes longer;
CPU seconds of the preview and its children, from then until it is idle again; and how many files were staged.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

NOTE = """# %% [markdown]
# ## What was asked
#
# How often does it hold, of note {number}? It holds in {{{{ rate }}}} of all, as @fig:line shows.
#
# - a list of $x_{number}$
# - and `code`

# %%
import matplotlib.pyplot as plt
from labnotes import claim, figure

claim("rate", 0.25, format=".0%")
fig, ax = plt.subplots()
ax.plot([1, 2, 3])
figure(fig, "line", caption="A line.", alt="A line that rises.")
"""
SETTINGS = "title: Note {number} of many\ndate: 2025-{month:02d}-01\nauthors: [Ada Example]\nsummary: Words of note {number}.\ntags: [{tag}]\nstatus: published\n"

PATIENCE = 900
"""Seconds by the clock after which a step has failed."""

IDLE = 20
"""Seconds for which the preview is watched while nothing changes."""


def make_lab(root: Path, count: int) -> None:
    labnotes("init", str(root), cwd=root.parent)
    first = root / "notes" / "note-0"
    for number in range(count):
        folder = root / "notes" / f"note-{number}"
        if number:
            shutil.copytree(first, folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "note.py").write_text(NOTE.format(number=number))
        (folder / "note.yml").write_text(SETTINGS.format(number=number, month=1 + number % 12, tag=["seeds", "probes", "dose"][number % 3]))
        if not number:
            labnotes("run", "note-0", cwd=root)
            labnotes("accept", "note-0", "--yes", cwd=root)


def labnotes(*words: str, cwd: Path) -> None:
    subprocess.run([sys.executable, "-m", "labnotes", *words], cwd=cwd, check=True, capture_output=True)


class ServedLab:
    """A lab with its preview running."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.port = 8900 + os.getpid() % 90
        self.said = (root.parent / "said.txt").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-m", "labnotes", "serve", "--port", str(self.port)],
            cwd=root,
            stdout=self.said,
            stderr=subprocess.STDOUT,
        )

    def page(self, slug: str) -> str:
        try:
            with urllib.request.urlopen(f"http://localhost:{self.port}/notes/{slug}/", timeout=60) as answer:
                return str(answer.read().decode())
        except OSError:
            return ""

    def shows(self, word: str) -> Callable[[], bool]:
        return lambda: word in self.page("note-0")

    def processor_seconds(self) -> float:
        """CPU seconds of the preview and all that it started, those that ended too."""
        ticks = 0
        parents = {int(path.name): _parent_and_ticks(path) for path in Path("/proc").iterdir() if path.name.isdecimal()}
        ours = {self.process.pid}
        while more := {number for number, (parent, _) in parents.items() if parent in ours} - ours:
            ours |= more
        for number in ours:
            ticks += parents.get(number, (0, 0))[1]
        return ticks / os.sysconf("SC_CLK_TCK")

    def wait_until_idle(self) -> float:
        """CPU seconds when the preview has used next to none for two seconds."""
        last, quiet = self.processor_seconds(), 0
        while quiet < 4:
            time.sleep(0.5)
            now = self.processor_seconds()
            quiet, last = (quiet + 1 if now - last < 0.2 else 0), now
        return last

    def staged_files(self) -> int:
        self.said.flush()
        return sum(map(int, re.findall(r"staged (\d+) file", Path(self.said.name).read_text())))

    def measure(self, what: str, is_shown: Callable[[], bool], change: Callable[[], object] = lambda: None) -> None:
        cost, staged, start = self.processor_seconds(), self.staged_files(), time.monotonic()
        change()
        while not is_shown():
            if time.monotonic() - start > PATIENCE or self.process.poll() is not None:
                sys.exit(f"{what} never came:\n{Path(self.said.name).read_text()[-3000:]}")
            time.sleep(0.05)
        shown, so_far = time.monotonic() - start, self.processor_seconds() - cost
        whole = self.wait_until_idle() - cost
        print(
            f"  {what}: {shown:.1f} s, {so_far:.1f} CPU s until then, {whole:.1f} in all, {self.staged_files() - staged} files staged",
            flush=True,
        )


def _parent_and_ticks(folder: Path) -> tuple[int, int]:
    try:
        fields = (folder / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0, 0
    return int(fields[1]), sum(map(int, fields[11:15]))


def measure_preview(root: Path, count: int) -> None:
    print(f"{count} notes")
    served = ServedLab(root)
    last, path = f"note-{count - 1}", root / "notes" / "note-0" / "note.py"
    try:
        served.measure("up", lambda: "ln-article" in served.page("note-0") and "ln-article" in served.page(last))
        idle = served.wait_until_idle()
        time.sleep(IDLE)
        print(f"  idle: {(served.processor_seconds() - idle) / IDLE:.2f} CPU s a second", flush=True)
        text = path.read_text()
        for number in range(3):
            edited = text.replace("How often", f"Edited{number}word")
            served.measure("an edit of prose", served.shows(f"Edited{number}word"), lambda edited=edited: path.write_text(edited))
        broken = text.replace("{{ rate }}", "{{ ratte }}")
        served.measure("an error", served.shows("unknown claim"), lambda: path.write_text(broken))
        served.measure("the error mended", lambda: "unknown claim" not in served.page("note-0"), lambda: path.write_text(text))
        settings = path.with_name("note.yml")
        renamed = settings.read_text().replace("of many", "renamed")
        served.measure("another title", served.shows("renamed"), lambda: settings.write_text(renamed))
    finally:
        served.process.send_signal(signal.SIGINT)
        served.process.wait()


def main(counts: list[int]) -> None:
    for count in counts:
        root = Path(tempfile.mkdtemp(prefix="labnotes-preview-"))
        try:
            make_lab(root / "lab", count)
            measure_preview(root / "lab", count)
        finally:
            shutil.rmtree(root)


if __name__ == "__main__":
    main([int(word) for word in sys.argv[1:]] or [10, 69])
