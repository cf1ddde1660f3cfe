"""The cost of the site at 20 to 1,000 notes, side by side with mkdocs-jupyter on the same executed notebooks.

    .venv/bin/python benchmarks/site.py 20 100 300 1000

Each note has 1,500 words, 12 code cells, 4 figures and a table; one was executed, the others are that one with other words. For each number of
notes: staging everything, and again after nothing changed; a clean build of what was staged (A) against mkdocs-jupyter's, without its cache
(B), A, B, A, B up to 100 notes and once beyond; then an edit of prose in the live preview until a browser would get it. Seconds are CPU
seconds of the process and its children; memory is the peak of the largest.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

WORDS = [
    "model",
    "seed",
    "latent",
    "reviewer",
    "claim",
    "figure",
    "ablation",
    "steering",
    "prompt",
    "answer",
    "token",
    "layer",
    "probe",
    "villain",
    "persona",
    "record",
    "interval",
    "measure",
    "effect",
    "control",
    "sparse",
    "feature",
    "weight",
    "small",
    "trained",
    "shows",
    "holds",
    "moves",
    "while",
    "because",
    "under",
    "after",
    "between",
    "every",
    "no",
    "a",
    "the",
    "of",
]
FIGURE = """
# %%
fig, ax = plt.subplots()
for k in range(3):
    ax.plot(np.arange(12), rng.normal(size=12).cumsum(), marker="o", label=f"series {{k}}")
ax.set(xlabel="step", ylabel="value")
ax.legend()
figure(fig, "walk-{i}", caption="Three walks, drawn for the benchmark.", alt="Three lines that go up and down.")
"""
CELL = """
# %%
values_{i} = rng.normal(loc={i}, size=40)  # forty draws
centre, spread = values_{i}.mean(), values_{i}.std(ddof=1)
if spread > 0:
    claim("mean_{i}", float(centre), format=".2f")
    claim("spread_{i}", float(spread), format=".2f")
"""
TABLE = """
# %%
table(pd.DataFrame({"step": range(8), "value": rng.normal(size=8)}), "values", caption="Eight values.", formats={"value": ".3f"})
"""
REPEATS = {20: 3, 100: 3}
EDITS = 5


def words(count: int, pick: random.Random) -> str:
    sentences, left = [], count
    while left > 0:
        size = min(left, pick.randint(8, 20))
        sentences.append(" ".join(pick.choice(WORDS) for _ in range(size)).capitalize() + ".")
        left -= size
    return " ".join(sentences)


def source(pick: random.Random) -> str:
    """A note in percent format: twelve code cells with prose before each."""
    code = "\n# %%\nimport matplotlib.pyplot as plt\nimport numpy as np\nimport pandas as pd\nfrom labnotes import claim, figure, seed, table\n"
    code += 'plt.style.use("labnotes.style")\nrng = np.random.default_rng(seed())\n'
    cells = [code, *(CELL.format(i=i) for i in range(6)), *(FIGURE.format(i=i) for i in range(4)), TABLE]
    made = "# %% [markdown]\n# # Title\n"
    for i, cell in enumerate(cells):
        text = words(1500 // len(cells), pick)
        bound = f" It was {{{{ mean_{i} }}}} with {{{{ spread_{i} }}}}, see @fig:walk-{i % 4}." if i < 6 else ""
        made += f"\n# %% [markdown]\n# ## {words(4, pick)[:-1]}\n#\n# {text}{bound}\n{cell}"
    return made


def lab(root: Path, count: int) -> None:
    """A lab of `count` notes, of which the first was executed."""
    labnotes("init", str(root), cwd=root.parent)
    base = root / "notes" / "note-0"
    base.mkdir(parents=True)
    for i in range(count):
        folder = root / "notes" / f"note-{i}"
        if i:
            shutil.copytree(base, folder)
        pick = random.Random(i)
        (folder / "note.py").write_text(source(pick))
        date = f"20{10 + i % 16}-{1 + i % 12:02d}-{1 + i % 28:02d}"
        tags = json.dumps(pick.sample(["statistics", "steering", "probes", "reviewers", "seeds"], 2))
        (folder / "note.yml").write_text(
            f"title: {words(6, pick)[:-1]} {i}\ndate: {date}\nauthors: [Author {i % 20}]\nsummary: {words(25, pick)}\ntags: {tags}\nstatus: published\n"
        )
        if not i:
            labnotes("run", "note-0", cwd=root)
            labnotes("accept", "note-0", "--yes", cwd=root)
    settings = root / "mkdocs.yml"
    settings.write_text(settings.read_text().replace("# site_url: https://lab.example.org/ ", "site_url: https://lab.example.org/ "))


def labnotes(*words: str, cwd: Path) -> None:
    measured([sys.executable, "-m", "labnotes", *words], cwd)


def measured(command: list[str], cwd: Path) -> tuple[float, float]:
    """CPU seconds of a command and its children, and the peak memory in MB of the largest of them."""
    with tempfile.TemporaryFile() as said:
        child = subprocess.Popen(command, cwd=cwd, stdout=said, stderr=subprocess.STDOUT, env={**os.environ, "NO_MKDOCS_2_WARNING": "1"})
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        if child.returncode:
            said.seek(0)
            sys.exit(f"{' '.join(command)} failed:\n{said.read().decode()[-3000:]}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def other_site(root: Path, notes: Path) -> list[str]:
    """mkdocs-jupyter with Material on the executed notebooks."""
    (root / "docs").mkdir(parents=True)
    (root / "docs" / "index.md").write_text("# Notes\n")
    for path in sorted(notes.glob("*/note-*.ipynb")):
        shutil.copyfile(path, root / "docs" / path.name)
    (root / "mkdocs.yml").write_text(
        "site_name: Other\nsite_url: https://other.example.org/\ntheme: {name: material, font: false}\nplugins: [search, {mkdocs-jupyter: {cache: false}}]\n"
    )
    return [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(root / "site")]


def edits(root: Path) -> list[float]:
    """Seconds from saving a word of prose until the preview serves it."""
    port = 8900 + os.getpid() % 90
    server = subprocess.Popen(
        [sys.executable, "-m", "labnotes", "serve", "--port", str(port)], cwd=root, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT
    )
    address, path, found = f"http://localhost:{port}/notes/note-0/", root / "notes" / "note-0" / "note.py", []
    try:
        wait_for(address, "ln-article", 600)
        time.sleep(3)
        for i in range(EDITS):
            word = f"Edited{i}word"
            text = path.read_text()
            path.write_text(text.replace("# ## ", f"# {word}\n#\n# ## ", 1))
            found.append(wait_for(address, word, 120))
            path.write_text(text)
            time.sleep(2 * found[-1] + 1)
    finally:
        server.send_signal(signal.SIGINT)
        server.wait()
    return found


def wait_for(address: str, word: str, patience: float) -> float:
    start = time.monotonic()
    while time.monotonic() - start < patience:
        try:
            with urllib.request.urlopen(address, timeout=patience) as answer:
                if word in answer.read().decode():
                    return time.monotonic() - start
        except OSError:
            pass
        time.sleep(0.03)
    sys.exit(f"{address} never showed {word!r}")


def main(counts: list[int]) -> None:
    for count in counts:
        root = Path(tempfile.mkdtemp(prefix="labnotes-bench-"))
        try:
            lab(root / "lab", count)
            stage = [sys.executable, "-c", STAGE]
            first, again = measured(stage, root / "lab"), measured(stage, root / "lab")
            ours = [sys.executable, "-m", "mkdocs", "build", "--strict", "--clean", "--site-dir", str(root / "lab" / "site")]
            other = other_site(root / "other", root / "lab" / "docs" / "notes")
            pairs = [(measured(ours, root / "lab"), measured(other, root / "other")) for _ in range(REPEATS.get(count, 1))]
            a, b = ([statistics.median(pair[k][i] for pair in pairs) for i in (0, 1)] for k in (0, 1))
            page = root / "lab" / "site" / "notes" / "note-0" / "index.html"
            packed = len(subprocess.run(["gzip", "-9", "--stdout", str(page)], capture_output=True, check=True).stdout)
            index = (root / "lab" / "site" / "search" / "search_index.json").stat().st_size
            theirs = (root / "other" / "site" / "note-0" / "index.html").stat().st_size
            shown = edits(root / "lab")
            ratios = sorted(pair[0][0] / pair[1][0] for pair in pairs)
            print(f"{count} notes, {len(pairs)} pairs")
            print(f"  staged: all {first[0]:.1f} s {first[1]:.0f} MB; nothing changed {again[0]:.1f} s")
            print(f"  A build {a[0]:.1f} s {a[1]:.0f} MB   B mkdocs-jupyter {b[0]:.1f} s {b[1]:.0f} MB")
            both = statistics.median((first[0] + pair[0][0]) / pair[1][0] for pair in pairs)
            print(f"  A/B {statistics.median(ratios):.2f} ({ratios[0]:.2f} to {ratios[-1]:.2f}); with staging everything {both:.2f}")
            print(
                f"  page {page.stat().st_size / 1000:.1f} KB, {packed / 1000:.1f} KB compressed (B {theirs / 1000:.0f} KB); search {index / count / 1000:.2f} KB a note"
            )
            print(f"  an edit shows after {statistics.median(shown):.2f} s ({min(shown):.2f} to {max(shown):.2f})", flush=True)
        finally:
            shutil.rmtree(root)


STAGE = """
from pathlib import Path
from labnotes.commands import build
from labnotes.site.stage.staging import stage_notes
from labnotes.source.labs import find_lab
lab = find_lab(Path())
staged = stage_notes(lab, lab.note_slugs(), build.prepare_site(lab), build.theme_of(lab), None, drafts=False)
assert not staged.all_problems, staged.all_problems
"""

if __name__ == "__main__":
    if not sys.argv[1:] or not all(word.isdigit() for word in sys.argv[1:]):
        sys.exit(__doc__)
    main([int(word) for word in sys.argv[1:]])
