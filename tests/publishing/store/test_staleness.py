"""What makes a record stale and a note run again, and what does not."""

import json
import shutil
import sys
import threading
import time

import matplotlib
import pytest

from labnotes.store.staleness import pin_accepts, read_pins

SOURCE = """
# %% [markdown]
# The rate is {{ rate }}.

# %%
import os, subprocess, sys
from pathlib import Path
import matplotlib.pyplot as plt
import logging, sqlite3
import beside, shared.upper
from labnotes import claim, figure

Path("seen.txt").write_text("made by the run")
open("run.log", "a").write("one line more at each run")
sqlite3.connect("made.db").execute("create table if not exists t (x)")
optional = Path("optional.txt").exists() and open("optional.txt").read()
try:
    open("wanted.txt").read()
except FileNotFoundError:
    pass
parts = sorted(path.name for path in Path("parts").iterdir())
try:
    later = os.listdir("../../later")
except FileNotFoundError:
    later = []
text = open("../../shared/corpus.py").read()
nested = open("../../data/record/nested.csv").read()
try:
    import accelerated
except ImportError:
    accelerated = None
child = subprocess.run([sys.executable, "-c", "import childish, yaml; print(open('child.csv').read())"], capture_output=True, text=True, check=True)

# %%
claim("rate", shared.upper.value() + float(open("../../data/declared.csv").read()), tolerance=10, because="a test")
fig, ax = plt.subplots()
ax.plot([1, 2])
figure(fig, "f", caption="A caption with {{ rate }}.", alt="An alt text.")
"""
FILES = {
    "shared/__init__.py": "",
    "shared/upper.py": "from shared.lower import half\n\ndef value():\n    return half() * 2\n",
    "shared/lower.py": 'def half():\n    """Half of it."""\n    return 0.25  # a comment\n',
    "shared/unused.py": "x = 1\n",
    "shared/corpus.py": "x = 1  # read as data\n",
    "data/record/nested.csv": "1\n",
    "notes/a/childish.py": "x = 1\n",
    "notes/a/beside.py": "x = 1\n",
    "notes/a/child.csv": "1\n",
    "notes/a/native.bin": "read by native code\n",
    "notes/a/parts/one": "1",
    "notes/b/other.csv": "1",
    "data/declared.csv": "0.5\n",
    "data/undeclared.csv": "0.5\n",
    "constraints.txt": "matplotlib==MATPLOTLIB\nruff==0.1\nnumpy==NUMPY\n",
}


LEFTOVERS = (
    ".DS_Store",
    "._note.py",
    "Thumbs.db",
    "desktop.ini",
    ".ipynb_checkpoints/note-checkpoint.ipynb",
    "note.py~",
    "#note.py#",
    ".#note.py",
    "note.py.swp",
    ".note.py.swo",
    "~$table.xlsx",
    ".idea/workspace.xml",
    ".vscode/settings.json",
    "__pycache__/x.cpython-311.pyc",
    ".mypy_cache/x.json",
    ".ruff_cache/x",
    ".pytest_cache/x",
)


@pytest.fixture(scope="module")
def recorded(new_lab):
    """A lab with one recorded note; the tests work on copies of it, at the same place, so that stored runs are found."""
    import matplotlib
    import numpy

    box = new_lab()
    for name, text in FILES.items():
        path = box.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text.replace("MATPLOTLIB", matplotlib.__version__).replace("NUMPY", numpy.__version__))
    box.environment["PYTHONPATH"] = str(box.root)
    box.write_note("a", SOURCE, settings={"inputs": ["data/declared.csv", "data/record/nested.csv"]})
    shutil.rmtree(box.root / "notes" / "b")
    box.run_and_accept("a")
    shutil.copytree(box.root, box.root.parent / "kept")
    return box


@pytest.fixture
def lab(recorded):
    shutil.rmtree(recorded.root)
    shutil.copytree(recorded.root.parent / "kept", recorded.root)
    return recorded


def replace_in_file(lab, name, old, new):
    path = lab.root / name
    text = path.read_text()
    assert old in text, (name, old)
    path.write_text(text.replace(old, new))


def write_file(lab, name, text):
    (lab.root / name).parent.mkdir(parents=True, exist_ok=True)
    (lab.root / name).write_text(text)


STALE = {
    "code": (lambda lab: replace_in_file(lab, "notes/a/note.py", "ax.plot([1, 2])", "ax.plot([1, 3])"), "the code changed in cell 2"),
    "a tolerance": (lambda lab: replace_in_file(lab, "notes/a/note.py", "tolerance=10", "tolerance=20"), "the code changed in cell 2"),
    "a cell more": (lambda lab: replace_in_file(lab, "notes/a/note.py", "claim(", "pass\n\n# %%\nclaim("), "3 cells, recorded with 2"),
    "a helper": (lambda lab: replace_in_file(lab, "shared/upper.py", "* 2", "* 3"), "shared/upper.py changed"),
    "a helper's helper": (lambda lab: replace_in_file(lab, "shared/lower.py", "0.25", "0.26"), "shared/lower.py changed"),
    "a helper gone": (lambda lab: (lab.root / "shared/lower.py").unlink(), "shared/lower.py is gone"),
    "a helper in the note's folder": (lambda lab: replace_in_file(lab, "notes/a/beside.py", "1", "2"), "notes/a/beside.py changed"),
    "a child's helper": (lambda lab: replace_in_file(lab, "notes/a/childish.py", "1", "2"), "notes/a/childish.py changed"),
    "a child's data": (lambda lab: replace_in_file(lab, "notes/a/child.csv", "1", "2"), "notes/a/child.csv changed"),
    "data that native code may read": (lambda lab: write_file(lab, "notes/a/native.bin", "other"), "notes/a/native.bin changed"),
    "a declared input": (lambda lab: replace_in_file(lab, "data/declared.csv", "0.5", "0.6"), "data/declared.csv changed"),
    "a file in a listed folder": (lambda lab: write_file(lab, "notes/a/parts/two", "2"), "notes/a/parts/ has other files"),
    "a file looked for in vain": (lambda lab: write_file(lab, "notes/a/wanted.txt", "now"), "notes/a/wanted.txt exists now"),
    "a new data file in the note's folder": (
        lambda lab: write_file(lab, "notes/a/parts/deep/new.csv", "1"),
        "notes/a/parts/deep/new.csv is a new input",
    ),
    "a folder looked for in vain": (lambda lab: write_file(lab, "later/x", "1"), "later/ has other files"),
    "a module looked for in vain": (lambda lab: write_file(lab, "notes/a/accelerated.py", "x = 1"), "notes/a/accelerated.py exists now"),
    "a comment in code that is read as data": (
        lambda lab: replace_in_file(lab, "shared/corpus.py", "read as", "used as"),
        "shared/corpus.py changed",
    ),
    "a file in a folder called record": (lambda lab: write_file(lab, "data/record/nested.csv", "2"), "data/record/nested.csv changed"),
    "the golden seed": (
        lambda lab: write_file(lab, "notes/a/note.yml", (lab.root / "notes/a/note.yml").read_text() + "seed: 4\n"),
        "seed: 4",
    ),
    "cores": (lambda lab: write_file(lab, "notes/a/note.yml", (lab.root / "notes/a/note.yml").read_text() + "cores: 2\n"), "cores: 2"),
    "the pin of an imported package": (
        lambda lab: write_file(lab, "constraints.txt", "matplotlib==3.0.0\n"),
        "constraints.txt pins matplotlib 3.0.0",
    ),
    "the pin of a package that a child imported": (
        lambda lab: write_file(lab, "constraints.txt", "PyYAML==1.0\n"),
        "constraints.txt pins pyyaml 1.0",
    ),
    "an input more": (
        lambda lab: replace_in_file(lab, "notes/a/note.yml", "- data/declared.csv", "- data/declared.csv\n- data/undeclared.csv"),
        "data/undeclared.csv is a new input",
    ),
    "the pin of an imported package, its local part": (
        lambda lab: write_file(lab, "constraints.txt", f"matplotlib=={matplotlib.__version__}+gpu\n"),
        f"constraints.txt pins matplotlib {matplotlib.__version__}+gpu",
    ),
    "the record's schema": (lambda lab: replace_in_file(lab, "notes/a/record/provenance.json", '"schema": 1', '"schema": 0'), "schema 0"),
}

FRESH = {
    "nothing": lambda lab: None,
    "prose": lambda lab: replace_in_file(lab, "notes/a/note.py", "The rate is", "The measured rate is"),
    "a caption and an alt text": lambda lab: (
        replace_in_file(lab, "notes/a/note.py", "A caption with", "Another caption,"),
        replace_in_file(lab, "notes/a/note.py", "An alt text.", "Another."),
    ),
    "a reason": lambda lab: replace_in_file(lab, "notes/a/note.py", 'because="a test"', 'because="measured twice"'),
    "a comment": lambda lab: replace_in_file(lab, "notes/a/note.py", "import beside, shared.upper", "import beside, shared.upper  # why"),
    "a cell of comments": lambda lab: replace_in_file(lab, "notes/a/note.py", "# %%\nclaim(", "# %%\n# to be continued\n\n# %%\nclaim("),
    "a helper's comment and docstring": lambda lab: (
        replace_in_file(lab, "shared/lower.py", "# a comment", "# another"),
        replace_in_file(lab, "shared/lower.py", "Half of it.", "A half."),
    ),
    "a module that is not imported": lambda lab: replace_in_file(lab, "shared/unused.py", "1", "2"),
    "a pin without the local part of what was imported": lambda lab: (
        replace_in_file(
            lab,
            "notes/a/record/provenance.json",
            f'"matplotlib": "{matplotlib.__version__}"',
            f'"matplotlib": "{matplotlib.__version__}+cpu"',
        ),
        write_file(lab, "constraints.txt", f"matplotlib=={matplotlib.__version__}\n"),
    ),
    "a linter's pin": lambda lab: replace_in_file(lab, "constraints.txt", "ruff==0.1", "ruff==0.2"),
    "a file nobody read": lambda lab: replace_in_file(lab, "data/undeclared.csv", "0.5", "0.6"),
    "what the run wrote itself": lambda lab: write_file(lab, "notes/a/seen.txt", "edited"),
    "title, tags and dates": lambda lab: replace_in_file(lab, "notes/a/note.yml", "A note", "A better title"),
    "another note's data": lambda lab: write_file(lab, "notes/b/other.csv", "2"),
    "a widget": lambda lab: write_file(lab, "notes/a/widget.js", "export default 1"),
    "compiled modules": lambda lab: write_file(lab, "shared/__pycache__/upper.cpython-311.pyc", "x"),
    "what editors, systems and tools leave behind": lambda lab: [
        write_file(lab, f"{folder}/{name}", "x") for folder in ("notes/a", "notes/a/parts", "data/record", "shared") for name in LEFTOVERS
    ],
}


@pytest.mark.parametrize(("edit", "reason"), STALE.values(), ids=STALE.keys())
def test_a_record_is_stale_and_says_why(lab, edit, reason):
    edit(lab)
    done = lab("list")
    assert done.code == 0, done.text
    assert "stale" in done.out
    assert reason in done.out


@pytest.mark.parametrize("edit", FRESH.values(), ids=FRESH.keys())
def test_a_record_stays_fresh_and_nothing_runs(lab, edit):
    edit(lab)
    listed = lab("list", "a")
    assert "fresh" in listed.out, listed.text
    checked = lab("check", "a")
    assert checked.code == 0, checked.text
    assert "Nothing was executed" in checked.out


def test_a_stale_record_is_run_again(lab):
    replace_in_file(lab, "shared/lower.py", "0.25", "0.2501")
    done = lab("check")
    assert done.code == 0, done.text
    assert "Nothing was executed" not in done.out
    assert "the record is stale: shared/lower.py changed" in done.out
    assert "within claim rate" in done.out


def test_an_input_edited_during_the_run_is_reported_and_the_run_not_kept(lab):
    wait = (
        "import os, time\nbegan = Path(os.environ['LABNOTES_ARTIFACTS'], 'began')\nbegan.touch()\nwhile began.exists(): time.sleep(0.02)\n"
    )
    replace_in_file(lab, "notes/a/note.py", "fig, ax", f"{wait}fig, ax")
    began = lab.artifacts_folder("a") / "began"

    def edit_when_it_runs():
        while not began.exists():
            time.sleep(0.02)
        (lab.root / "notes/a/child.csv").write_text("edited during the run")
        began.unlink()

    editor = threading.Thread(target=edit_when_it_runs, daemon=True)
    editor.start()
    done = lab("run")
    assert done.code == 0, done.text
    assert "changed during the run, so the run is not kept: notes/a/child.csv" in done.out
    refused = lab("accept", "a", "--yes")
    assert refused.code == 2
    assert "the latest run is not of the note as it is now" in refused.err


@pytest.fixture
def unheld(lab, monkeypatch):
    """The lab on a system that cannot hold back files."""
    monkeypatch.setitem(lab.environment, "LABNOTES_ISOLATION", "hook")
    return lab


@pytest.mark.slow  # 2 s
def test_where_files_are_not_held_back_those_outside_the_lab_are_reported_and_such_a_run_is_never_reused(unheld, tmp_path_factory):
    outside = tmp_path_factory.mktemp("elsewhere") / "ext.csv"
    outside.write_text("1")
    replace_in_file(unheld, "notes/a/note.py", "fig, ax", f"open({str(outside)!r}).read()\nfig, ax")
    assert unheld("run").code == 0
    done = unheld("check")
    assert "reads files outside the lab, where a change goes unnoticed: ext.csv" in done.out
    assert "other files were held back by nothing (reads outside the note's folder can go unnoticed)" in done.out
    assert "Nothing was executed" not in done.out


def test_where_files_are_not_held_back_what_python_reads_in_the_lab_is_found(unheld):
    replace_in_file(unheld, "notes/a/note.py", "fig, ax", "open('../../data/undeclared.csv').read()\nfig, ax")
    assert unheld("run").code == 0 and unheld("accept", "a", "--yes").code == 0
    assert "fresh" in unheld("list").out
    replace_in_file(unheld, "data/undeclared.csv", "0.5", "0.6")
    assert "data/undeclared.csv changed" in unheld("list").out


def test_an_environment_installed_in_the_lab_is_no_part_of_it(lab, monkeypatch):
    """A record made with one environment and a run with another have the same inputs."""
    monkeypatch.setitem(lab.environment, "PYTHONPATH", f"{lab.root}:{lab.root}/.venv/lib")
    (lab.root / ".venv" / "lib").mkdir(parents=True)
    assert lab("check", "--fresh").code == 0 and lab("accept", "a", "--yes").code == 0
    files = json.loads((lab.root / "notes/a/record/provenance.json").read_text())["dependencies"]["files"]
    assert "accelerated.py" in files, "what was looked for in vain in the lab counts"
    assert not any(name.startswith(".venv") for name in files)


def test_variables_of_the_shell_are_unset_and_cpu_levels_are_another_environment(lab):
    replace_in_file(lab, "notes/a/note.py", "fig, ax", "import os\nclaim('seen', 'MY_PARAMETER' in os.environ)\nfig, ax")
    lab.environment.pop("MY_PARAMETER", None)
    assert "seen = no" in lab("run", MY_PARAMETER="1").out
    assert lab("accept", "a", "--yes").code == 0
    assert "Nothing was executed" in lab("check", MY_PARAMETER="2").out
    done = lab("check", ATEN_CPU_CAPABILITY="default")
    assert "Nothing was executed" not in done.out
    assert "ATEN_CPU_CAPABILITY=default" in done.out


def test_another_environment_is_reported_and_its_stored_runs_are_not_taken(lab):
    replace_in_file(lab, "notes/a/record/provenance.json", f'"python": "{".".join(map(str, sys.version_info[:3]))}"', '"python": "3.9.0"')
    assert "fresh" in lab("list").out
    done = lab("check")
    assert "this environment: Python 3." in done.out
    assert "recorded with 3.9.0" in done.out


@pytest.mark.parametrize(
    ("line", "version", "accepted"),
    [
        ("numpy==1.0", "1.0", True),
        ("numpy==1.0", "1.0+cpu", True),
        ("numpy==1.0+cpu", "1.0", False),
        ("numpy == 1.0.0  # why", "1.0", True),
        ("Num_Py[extra]==1.0", None, None),
        ("numpy[extra]==1.0", "1.1", False),
        ("numpy==1.*", "1.7.2", True),
        ("numpy==1.*", "2.0", False),
        ("numpy==1.0rc1", "1.0rc1", True),
        ("numpy==1.0; python_version >= '3'", "2.0", False),
        ("numpy==1.0; python_version < '3'", None, None),
        ("numpy>=1.0", None, None),
        ("--no-binary numpy", None, None),
        ("", None, None),
    ],
)
def test_pins_are_read_as_pip_reads_them(tmp_path, line, version, accepted):
    path = tmp_path / "constraints.txt"
    path.write_text(f"# pins\n{line}\nother==3\n")
    pins = read_pins(path)
    assert pins["other"] == "==3"
    assert ("numpy" in pins) == (version is not None)
    if version is not None:
        assert pin_accepts(pins["numpy"], version) == accepted
