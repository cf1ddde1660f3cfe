"""What a run sees of the disk: an undeclared read fails, whoever reads; what is declared, and all that Python needs, is there."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import polars
import pytest

from labnotes.execute.readable_paths import _paths_without_lab
from labnotes.kernel import landlock

pytestmark = pytest.mark.skipif(landlock.landlock_version() == 0, reason="no Landlock here: files cannot be held back")

FILES = {
    "data/declared.csv": "x\n1\n",
    "data/secret.csv": "x\n2\n",
    "data/folder/one.csv": "x\n3\n",
    "helpers/__init__.py": "from helpers.deep import inner\n",
    "helpers/deep/__init__.py": "",
    "helpers/deep/inner.py": "value = 5\n",
    "helpers/table.csv": "x\n6\n",
    "notes/other/raw.csv": "x\n7\n",
    "notes/a/own.csv": "x\n8\n",
}

# what a note may do, and what comes of it
ALLOWED = {
    "its own file": ("open('own.csv').read()", "x\n8\n"),
    "a declared file": ("open('../../data/declared.csv').read()", "x\n1\n"),
    "a file of a declared folder": ("open('../../data/folder/one.csv').read()", "x\n3\n"),
    "a module of the lab and one that it imports": ("__import__('helpers').inner.value", 5),
    "a module of the lab in a child": (
        "subprocess.run([sys.executable, '-c', 'import helpers; print(helpers.inner.value)'], capture_output=True, text=True, check=True).stdout",
        "5\n",
    ),
    "polars reading its own file": ("pl.read_parquet('own.parquet').to_dicts()", [{"x": 8}]),
    "another program reading its own file": ("subprocess.run(['cat', 'own.csv'], capture_output=True, text=True).stdout", "x\n8\n"),
    "writing to its own folder, and moving a file there": (
        "[Path(os.environ['TMPDIR'], 't').write_text('t'), os.replace(os.environ['TMPDIR'] + '/t', 'moved.txt'), Path('moved.txt').read_text()][-1]",
        "t",
    ),
    "a temporary file": ("tempfile.TemporaryFile().write(b'12')", 2),
    "several processes": ("multiprocessing.get_context('spawn').Pool(1).map(abs, [-3])", [3]),
    "shared memory": ("multiprocessing.shared_memory.SharedMemory(create=True, size=10).size >= 10", True),
    "the artifact store": ("Path(os.environ['LABNOTES_ARTIFACTS'], 'w').write_text('w')", 1),
    "names of the lab's files": ("sorted(os.listdir('../../data'))", ["declared.csv", "folder", "secret.csv", "secret.parquet"]),
    "metadata of an installed package": ("importlib.metadata.version('nbclient') != ''", True),
    "the standard library's data": ("len(zoneinfo.available_timezones()) > 100", True),
    "an empty home": ("os.listdir(Path.home())", []),
}

WRITE_REFUSED = "ermission denied|Read-only file system"
UNDECLARED = "a run sees its own folder and its declared inputs, and this code asked for"
REFUSED = {
    "a file of the lab": ("open('../../data/secret.csv')", UNDECLARED + " ../../data/secret.csv"),
    "pandas": ("pd.read_csv('../../data/secret.csv')", UNDECLARED),
    "another note's file": ("open('../other/raw.csv')", UNDECLARED),
    "data beside a module": ("open('../../helpers/table.csv')", UNDECLARED),
    "a file by way of a link": ("open('link.csv')", UNDECLARED),
    "a file of its home folder": ("open(HOME_FILE)", UNDECLARED),
    "a file in /tmp": ("open(TMP_FILE)", UNDECLARED),
    "writing elsewhere": ("open('../../data/secret.csv', 'w')", UNDECLARED),
    "a new file elsewhere": ("open('../../data/new.csv', 'w')", WRITE_REFUSED),
    "removing a file elsewhere": ("os.remove('../../data/secret.csv')", WRITE_REFUSED),
    "a file descriptor of its own": ("os.open('../../data/secret.csv', os.O_RDONLY)", UNDECLARED),
    "polars reading a file of the lab": ("pl.read_parquet('../../data/secret.parquet')", "ermission denied"),
    "polars scanning a file of the lab": ("pl.scan_parquet('../../data/secret.parquet').collect()", "ermission denied"),
    "numpy mapping a file": ("np.memmap('../../data/secret.csv', mode='r')", UNDECLARED),
    "the C library": (
        "ctypes.CDLL(None, use_errno=True).open(b'../../data/secret.csv', 0) < 0 and error(ctypes.get_errno())",
        "ermission denied",
    ),
    "another program": (
        "(lambda done: done.returncode and error_of(done.stderr))(subprocess.run(['cat', '../../data/secret.csv'], capture_output=True, text=True))",
        "ermission denied",
    ),
    "an unwatched child": (
        "(lambda done: done.returncode and error_of(done.stderr))(subprocess.run([sys.executable, '-I', '-S', '-c', \"open('../../data/secret.csv')\"], capture_output=True, text=True))",
        "ermission denied",
    ),
    "a watched child": (
        "(lambda done: done.returncode and error_of(done.stderr))(subprocess.run([sys.executable, '-c', \"open('../../data/secret.csv')\"], capture_output=True, text=True))",
        UNDECLARED,
    ),
    "the stored runs": ("os.listdir(STORE)", "ermission denied"),
}

OUTSIDE = {"a file of its home folder", "a file in /tmp", "the stored runs"}
"""Paths outside the lab, of which a run in a root of its own does not even see that there are such."""

SOURCE = """
# %%
import ctypes, importlib.metadata, json, multiprocessing, multiprocessing.shared_memory, os, subprocess, sys, tempfile, zoneinfo
from pathlib import Path
import numpy as np
import pandas as pd
import polars as pl
from labnotes import claim

HOME_FILE, TMP_FILE, STORE = {places!r}

def error(number):
    raise OSError(number, os.strerror(number))

def error_of(text):
    raise OSError(text)

pl.DataFrame({{"x": [8]}}).write_parquet("own.parquet")
found = {{}}
for name, code in {codes!r}.items():
    try:
        found[name] = ["value", eval(code)]
    except BaseException as problem:
        found[name] = ["error", f"{{type(problem).__name__}}: {{problem}}"]
Path(os.environ["LABNOTES_ARTIFACTS"], "found.json").write_text(json.dumps(found))
claim("done", True)
"""


@pytest.fixture(scope="module", params=["namespaces", "landlock"])
def found(request, new_lab, tmp_path_factory):
    """What came of everything, in one run at each level."""
    lab = new_lab()
    lab.environment["LABNOTES_ISOLATION"] = request.param
    for name, text in FILES.items():
        path = lab.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    polars.DataFrame({"x": [9]}).write_parquet(lab.root / "data" / "secret.parquet")
    home = Path.home() / f".labnotes-test-{os.getpid()}.txt"
    home.write_text("1")
    outside = tmp_path_factory.mktemp("outside") / "x.csv"
    outside.write_text("1")
    codes = {name: code for name, (code, _) in {**ALLOWED, **REFUSED}.items()}
    lab.environment["PYTHONPATH"] = str(lab.root)
    places = (str(home), str(outside), str(lab.cache / "labnotes" / "runs"))
    source = SOURCE.format(codes=codes, places=places).replace("found = {}", "os.symlink('../../data/secret.csv', 'link.csv')\nfound = {}")
    lab.write_note("a", source, settings={"inputs": ["data/declared.csv", "data/folder"]})
    (lab.cache / "labnotes" / "runs").mkdir()
    try:
        done = lab("run", "a")
    finally:
        home.unlink()
    assert done.code == 0, done.text
    assert (lab.root / "data/secret.csv").read_text() == "x\n2\n"
    return json.loads((lab.artifacts_folder("a") / "found.json").read_text())


@pytest.mark.parametrize("name", ALLOWED)
def test_a_run_sees(found, name):
    assert found[name] == ["value", ALLOWED[name][1]]


@pytest.mark.parametrize("name", REFUSED)
def test_a_run_does_not_see(found, name):
    kind, text = found[name]
    gone = name in OUTSIDE and "No such file" in text  # in a root of its own
    assert (kind, re.search(REFUSED[name][1], text) is not None or gone) == ("error", True), found[name]


def test_the_message_of_native_code_says_what_to_do(lab):
    (lab.root / "data.parquet").write_bytes(b"")
    lab.write_note("a", "# %%\nimport polars as pl\npl.read_parquet('../../data.parquet')\n")
    done = lab("run")
    assert "notes/a/note.py:3: cell 1 raised" in done.out and "ermission denied" in done.out
    assert "name what it needs under inputs: in note.yml" in done.out
    lab.write_note("a", "# %%\nimport polars as pl\npl.read_parquet('../../data.parquet')\n", settings={"inputs": ["data.parquet"]})
    assert "ermission denied" not in lab("run").out


def test_a_lab_inside_a_folder_of_the_system_is_held_back_all_the_same(tmp_path):
    """/usr is visible; a lab below it is not, but for its code."""
    root = Path("/usr/share/a-lab/within")
    visible_paths = set(_paths_without_lab("/usr", str(root)))
    assert "/usr/bin" in visible_paths and not any(str(root).startswith(place) for place in visible_paths)
    assert list(_paths_without_lab("/opt", str(root))) == ["/opt"] and list(_paths_without_lab(str(root / "x"), str(root))) == []


def test_the_report_says_what_held_back_files(lab):
    lab.record_note("a", "# %%\nfrom labnotes import claim\nclaim('x', 1)\n")
    assert "other files held back by Landlock" in lab("check", "--fresh", LABNOTES_ISOLATION="landlock").out


PROBE = """
import os, sys
from labnotes.kernel import landlock
from labnotes.execute.readable_paths import _paths_without_lab
assert landlock.restrict_process(landlock.VisiblePaths(read=sys.argv[1:2], enter=[sys.argv[2]], write=[sys.argv[3]]), network=False)
for name in sys.argv[4:]:
    try:
        what = os.listdir(name) if os.path.isdir(name) else open(name).read()
        print(what)
    except PermissionError:
        print("refused")
"""


def test_landlock_holds_back_what_is_not_granted(tmp_path):
    for name in ("read", "enter", "write", "hidden"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "f").write_text(name)
    asked = [
        tmp_path / "read" / "f",
        tmp_path / "enter",
        tmp_path / "enter" / "f",
        tmp_path / "hidden" / "f",
        tmp_path / "hidden",
        tmp_path / "write" / "f",
    ]
    folders = [str(tmp_path / name) for name in ("read", "enter", "write")]
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *folders, *map(str, asked)],
        capture_output=True,
        text=True,
        check=True,
        cwd=os.path.dirname(sys.executable),
    )
    assert done.stdout.splitlines() == ["read", "['f']", "refused", "refused", "refused", "write"]


def test_the_message_says_when_a_missing_file_is_only_out_of_sight(lab, tmp_path):
    (tmp_path / "x.csv").write_text("x\n1\n")
    lab.write_note("a", f"# %%\nimport polars as pl\npl.read_csv('{tmp_path}/x.csv')\n")
    done = lab("run")
    assert f"{tmp_path}/x.csv is there, but a run does not see it" in done.out or "ermission denied" in done.out
    assert "name what it needs under inputs: in note.yml" in done.out
