"""Modules that a run takes from outside the lab: refused where the lab has its own, else kept by digest."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import time
import zipfile
from types import SimpleNamespace

import pytest

from labnotes.execute.traced_dependencies import _TraceFindings
from labnotes.execute.working_copy import WorkingCopy
from labnotes.site.stage.incremental import content_key
from labnotes.source.labs import Lab

pytestmark = pytest.mark.slow  # 8 s: every test needs an environment of its own

NOTE = """
# %%
from labnotes import claim
from ours.rates import rate
claim("rate", rate())
"""


def write_module(root, value, name="rates"):
    folder = root / "ours"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "__init__.py").write_text("")
    (folder / f"{name}.py").write_text(f"def rate():\n    return {value}\n")
    return root


@pytest.fixture
def other(tmp_path):
    """Another checkout, whose code answers for the lab's: as with one environment for two checkouts."""
    return write_module(tmp_path / "other-checkout" / "tools", 0.9)


def test_a_module_of_the_lab_that_was_loaded_from_another_checkout_is_an_error(lab, other):
    write_module(lab.root / "tools", 0.5)
    lab.write_note("a", NOTE)
    lab.environment["PYTHONPATH"] = str(lab.root / "tools")
    lab.run_and_accept("a")
    done = lab("check", "--fresh", PYTHONPATH=str(other))
    assert done.code == 2, done.text
    assert "ours was loaded from" in done.err
    assert "not from this lab, which has its own (tools/ours/" in done.err
    assert "PYTHONPATH=tools" in done.err
    assert "agrees" not in done.out.replace("1 problem", "")
    assert "accept" not in done.out, "nothing to propose"
    assert not (lab.root / "notes" / "a" / "checks.jsonl").exists()
    ran = lab("run", "a", PYTHONPATH=str(other))
    assert ran.code == 2, ran.text
    own = lab("check", "--fresh")
    assert own.code == 0, own.text


@pytest.mark.parametrize("place", [".", "notes/a", "src", "tools"])
def test_wherever_in_the_lab_its_own_module_lies(lab, other, place):
    lab.write_note("a", NOTE)
    write_module(lab.root / place, 0.5)
    done = lab("run", "a", PYTHONPATH=str(other))  # it comes first on the path, and hides the lab's
    assert done.code == 2, done.text
    assert "ours was loaded from" in done.err


def test_another_notes_helper_is_not_the_labs_own(lab, tmp_path):
    (tmp_path / "libs").mkdir()
    (tmp_path / "libs" / "helper.py").write_text("X = 1\n")
    lab.write_note("b", "# %%\nfrom labnotes import claim\nclaim('x', 1)\n")
    (lab.root / "notes" / "b" / "helper.py").write_text("X = 2\n")
    lab.write_note("a", "# %%\nfrom labnotes import claim\nimport helper\nclaim('x', helper.X)\n")
    done = lab("run", "a", PYTHONPATH=str(tmp_path / "libs"))
    assert done.code == 0, done.text


def test_a_library_installed_from_elsewhere_is_a_dependency_with_a_digest(lab, other):
    lab.write_note("a", NOTE)
    lab.environment["PYTHONPATH"] = str(other)
    ran = lab("run", "a")
    assert "imports modules that are installed from elsewhere, whose digests the record keeps: ours/__init__.py, ours/rates.py" in ran.out
    lab.run_and_accept("a")
    needs = json.loads((lab.root / "notes/a/record/provenance.json").read_text())["dependencies"]
    assert set(needs["elsewhere"]) == {"ours/__init__.py", "ours/rates.py"}
    assert str(other) not in (lab.root / "notes/a/record/provenance.json").read_text(), "no path of this machine"
    assert lab("check", "--fresh").code == 0
    write_module(other, 0.9 + 1e-9)  # the same number as far as it is printed, from other code
    done = lab("check", "--fresh")
    assert done.code == 0, done.text
    listed = lab("list").out
    assert "a is stale: installed elsewhere: ours/rates.py changed" in listed
    write_module(other, 0.9 + 2e-9)
    listed = lab("list").out
    assert "it had other inputs: installed elsewhere: ours/rates.py" in listed, "neither those of the record nor those that are there now"


IMPORTING = """
# %%
import sys
sys.path[:0] = ADDED
from labnotes import claim
from MODULE import X
claim("x", X, tolerance=10, because="any number will do")
"""


def write_importing_note(lab, module, added=()):
    return lab.write_note("a", IMPORTING.replace("MODULE", module).replace("ADDED", repr([str(place) for place in added])))


def assert_a_change_is_told(lab, name, change):
    """A record is fresh; once the module `name` was changed, it is stale in `list` and `check`, which executes the note, and accept mends it."""
    lab.run_and_accept("a")
    assert "fresh" in lab("list").out
    time.sleep(1.1)  # Python takes a module that was compiled in the same second, and is as long, for the same
    change()
    assert f"a is stale: installed elsewhere: {name} changed" in lab("list").out
    done = lab("check")
    assert "Nothing was executed" not in done.out, done.text
    assert f"the record is stale: installed elsewhere: {name} changed" in done.out
    assert "within claim x" in done.out
    assert "a is stale" in lab("list").out
    lab.run_and_accept("a")
    assert "fresh" in lab("list").out


@pytest.mark.parametrize(
    ("file", "module"),
    [("extmod.py", "extmod"), ("pack/__init__.py", "pack"), ("pack/deep/mod.py", "pack.deep.mod"), ("space/mod.py", "space.mod")],
)
def test_a_module_on_pythonpath_that_changed_makes_the_record_stale(lab, tmp_path, file, module):
    path = tmp_path / "ext" / file
    path.parent.mkdir(parents=True)
    if file.startswith("pack/"):
        (tmp_path / "ext/pack/__init__.py").write_text("")
    path.write_text("X = 1\n")
    write_importing_note(lab, module)
    lab.environment["PYTHONPATH"] = str(tmp_path / "ext")
    assert_a_change_is_told(lab, file, lambda: path.write_text("X = 2\n"))
    path.write_text("X = 2  # a comment\n")
    assert "fresh" in lab("list").out


def test_an_archive_on_pythonpath_counts(lab, tmp_path):
    def write_archive(value):
        with zipfile.ZipFile(tmp_path / "lib.zip", "w") as archive:
            archive.writestr("extmod.py", f"X = {value}\n")

    write_archive(1)
    write_importing_note(lab, "extmod")
    lab.environment["PYTHONPATH"] = str(tmp_path / "lib.zip")
    assert_a_change_is_told(lab, "lib.zip", lambda: write_archive(2))


def test_two_modules_of_one_name_are_told_apart(lab, tmp_path):
    for folder in ("one", "two"):
        (tmp_path / "ext" / folder).mkdir(parents=True)
        (tmp_path / "ext" / folder / "mod.py").write_text("X = 1\n")
    write_importing_note(lab, "one.mod")
    note = lab.root / "notes" / "a" / "note.py"
    note.write_text(note.read_text().replace("import X", "import X as ONE").replace('"x", X', '"x", ONE + X'))
    note.write_text(note.read_text().replace("from one.mod", "from two.mod import X\nfrom one.mod"))
    lab.environment["PYTHONPATH"] = str(tmp_path / "ext")
    assert_a_change_is_told(lab, "one/mod.py", lambda: (tmp_path / "ext/one/mod.py").write_text("X = 2\n"))
    assert_a_change_is_told(lab, "two/mod.py", lambda: (tmp_path / "ext/two/mod.py").write_text("X = 2\n"))


def test_a_module_in_a_folder_that_the_note_adds_to_the_path_is_found_again(lab, tmp_path):
    """Where files are held back such a folder cannot be read at all."""
    (tmp_path / "ext").mkdir()
    path = tmp_path / "ext" / "extmod.py"
    path.write_text("X = 1\n")
    write_importing_note(lab, "extmod", [path.parent])
    lab.environment["LABNOTES_ISOLATION"] = "hook"
    assert_a_change_is_told(lab, "extmod.py", lambda: path.write_text("X = 2\n"))
    assert str(tmp_path) not in (lab.root / "notes/a/record/provenance.json").read_text(), "no path of this machine"


def test_a_compiled_module_counts_byte_by_byte(lab, tmp_path):
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        pytest.skip("needs a C compiler")
    source = """
    #include <Python.h>
    static struct PyModuleDef module = {PyModuleDef_HEAD_INIT, "extmod", NULL, -1, NULL};
    PyMODINIT_FUNC PyInit_extmod(void) { PyObject *m = PyModule_Create(&module); PyModule_AddIntConstant(m, "X", VALUE); return m; }
    """
    name = f"extmod{sysconfig.get_config_var('EXT_SUFFIX')}"

    def compile_module(value):
        (tmp_path / "extmod.c").write_text(source.replace("VALUE", str(value)))
        include = sysconfig.get_path("include")
        command = (
            [compiler, "-shared", "-fPIC", "-undefined", "dynamic_lookup"] if sys.platform == "darwin" else [compiler, "-shared", "-fPIC"]
        )
        done = subprocess.run([*command, f"-I{include}", "extmod.c", "-o", name], cwd=tmp_path, check=False, capture_output=True, text=True)
        if done.returncode:
            pytest.skip(f"cannot compile: {done.stderr.splitlines()[0]}")

    compile_module(1)
    (tmp_path / "ext").mkdir()
    shutil.move(tmp_path / name, tmp_path / "ext" / name)
    write_importing_note(lab, "extmod")
    lab.environment["PYTHONPATH"] = str(tmp_path / "ext")

    def change():
        compile_module(2)
        shutil.move(tmp_path / name, tmp_path / "ext" / name)

    assert_a_change_is_told(lab, name, change)


@pytest.mark.parametrize("how", ["a path", "an import hook"])
def test_a_module_of_an_editable_install_counts(lab, tmp_path, how, monkeypatch):
    """As pip makes them: a .pth file, which names the folder or imports a finder that has a mapping. The version stays the same."""
    package = tmp_path / "project" / "src" / "mylib"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("")
    (package / "core.py").write_text("X = 1\n")
    startup = tmp_path / "startup"
    startup.mkdir()
    finder = f"""
import sys, importlib.util
MAPPING = {{"mylib": {str(package)!r}}}
class Finder:
    @classmethod
    def find_spec(cls, name, path=None, target=None):
        if name in MAPPING:
            return importlib.util.spec_from_file_location(name, MAPPING[name] + "/__init__.py", submodule_search_locations=[MAPPING[name]])
sys.meta_path.append(Finder)
"""
    (startup / "__editable___mylib_finder.py").write_text(finder)
    hook = "import __editable___mylib_finder" if how == "an import hook" else f"import sys; sys.path.append({str(package.parent)!r})"
    (startup / "usercustomize.py").write_text("")
    (startup / "sitecustomize.py").write_text(hook + "\n")
    write_importing_note(lab, "mylib.core")
    lab.environment["PYTHONPATH"] = str(startup)
    monkeypatch.setattr(type(lab), "__call__", type(lab).in_own_process)  # what is installed is seen at the start of a process
    assert_a_change_is_told(lab, "mylib/core.py", lambda: (package / "core.py").write_text("X = 2\n"))


def test_where_the_module_is_not_a_record_is_neither_fresh_nor_stale(lab, other, tmp_path, new_lab):
    lab.write_note("a", NOTE)
    lab.environment["PYTHONPATH"] = str(other)
    lab.run_and_accept("a")
    machine = new_lab()
    shutil.rmtree(machine.root)
    shutil.copytree(lab.root, machine.root)
    listed = machine("list")
    assert listed.code == 0, listed.text
    assert "unknown here" in listed.out and "fresh" not in listed.out
    assert (
        "a is unknown here: ours/__init__.py lies outside this lab and not on this machine, so whether it changed is unknown" in listed.out
    )
    checked = machine("check")
    assert checked.code == 1, "it cannot run here"
    assert "ours/rates.py lies outside this lab and not on this machine" in checked.out
    shutil.copytree(other, tmp_path / "copy")
    assert "fresh" in machine("list", PYTHONPATH=str(tmp_path / "copy")).out
    write_module(tmp_path / "copy", 0.8)
    assert "a is stale: installed elsewhere: ours/rates.py changed" in machine("list", PYTHONPATH=str(tmp_path / "copy")).out


def test_a_helper_of_the_lab_that_changed_is_told_where_a_module_from_elsewhere_is_not(lab, other, new_lab):
    folder = lab.write_note("a", NOTE + "import beside\n")
    (folder / "beside.py").write_text('def f():\n    """Words."""\n')
    lab.environment["PYTHONPATH"] = str(other)
    (other / "ours" / "__init__.py").write_text("print(f.__doc__) if 'f' in dir() else None\n")
    lab.run_and_accept("a")
    machine = new_lab()
    shutil.rmtree(machine.root)
    shutil.copytree(lab.root, machine.root)
    assert "beside.py" not in machine("list").out
    (machine.root / "notes/a/beside.py").write_text("x = 1\n")
    assert "notes/a/beside.py changed" in machine("list").out


def test_a_cache_that_cannot_be_written_costs_no_run(lab, other):
    lab.write_note("a", NOTE)
    lab.environment["PYTHONPATH"] = str(other)
    (lab.cache / "labnotes" / "outside").write_text("a file where a folder should be")
    lab.run_and_accept("a")
    assert "fresh" in lab("list").out, "it is found on the path"


LINKED = """
# %%
from labnotes import claim
import beside
claim("x", sum(float(open(name).read()) for name in NAMES) + beside.X, tolerance=100, because="any number will do")
"""


@pytest.fixture
def linked(lab, tmp_path):
    """A note whose data and helper are links to what lies outside the lab."""
    outside = tmp_path / "outside"
    (outside / "folder" / "deep").mkdir(parents=True)
    for name in ("x.csv", "folder/y.csv", "folder/deep/z.csv"):
        (outside / name).write_text("1")
    (outside / "beside.py").write_text("X = 1\n")
    note = lab.write_note("a", LINKED.replace("NAMES", repr(["x.csv", "folder/y.csv", "folder/deep/z.csv", str(outside / "x.csv")])))
    for name in ("x.csv", "folder", "beside.py"):
        (note / name).symlink_to(outside / name if name == "folder" else os.path.relpath(outside / name, note))
    return outside


@pytest.mark.parametrize("name", ["x.csv", "folder/y.csv", "folder/deep/z.csv", "beside.py"])
def test_what_a_link_in_the_lab_leads_to_is_compared_and_stored_runs_are_taken(lab, linked, name):
    ran = lab("run", "a")
    assert ran.code == 0, ran.text
    assert "outside" not in ran.out and "elsewhere" not in ran.out
    lab.run_and_accept("a")
    needs = json.loads((lab.root / "notes/a/record/provenance.json").read_text())["dependencies"]
    assert needs["outside"] == [] and needs["elsewhere"] == {}
    assert {*needs["files"], *needs["modules"]} == {
        f"notes/a/{path}" for path in ("x.csv", "folder/y.csv", "folder/deep/z.csv", "beside.py")
    }
    assert "Nothing was executed" in lab("check").out
    (linked / name).write_text("X = 2\n" if name.endswith(".py") else "2")
    assert f"a is stale: notes/a/{name} changed" in lab("list").out
    done = lab("check")
    assert "Nothing was executed" not in done.out and "within claim x" in done.out, done.text


def test_a_link_that_leads_elsewhere_now_makes_the_record_stale(lab, linked, tmp_path):
    lab.run_and_accept("a")
    link = lab.root / "notes/a/folder"
    link.unlink()
    shutil.copytree(linked / "folder", tmp_path / "other")
    link.symlink_to(tmp_path / "other")
    assert "fresh" in lab("list").out, "the same contents"
    (tmp_path / "other" / "y.csv").write_text("2")
    assert "a is stale: notes/a/folder/y.csv changed" in lab("list").out
    link.unlink()
    assert "notes/a/folder/y.csv is gone" in lab("list").out


def test_a_page_is_staged_again_when_a_module_from_elsewhere_changed(lab, other, monkeypatch):
    lab.write_note("a", NOTE)
    lab.environment["PYTHONPATH"] = str(other)
    lab.run_and_accept("a")
    monkeypatch.setenv("PYTHONPATH", str(other))
    monkeypatch.setenv("XDG_CACHE_HOME", str(lab.cache))
    staged = content_key(Lab(lab.root), "a", None)
    assert content_key(Lab(lab.root), "a", None) == staged
    write_module(other, 0.8)
    assert content_key(Lab(lab.root), "a", None) != staged


@pytest.mark.parametrize(
    ("place", "counts"), [("src/mylib/core.py", True), ("lib/python3.11/site-packages/x.py", False), ("share/x.py", False)]
)
def test_what_pip_checked_out_into_an_environment_in_the_lab_counts(tmp_path, monkeypatch, place, counts):
    environment = tmp_path / "lab" / ".venv"
    monkeypatch.setattr(sys, "prefix", str(environment))
    path = environment / place
    path.parent.mkdir(parents=True)
    path.write_text("X = 1\n")
    note = SimpleNamespace(folder=tmp_path / "lab/notes/a", source=SimpleNamespace(path=path), settings=SimpleNamespace(references="r.bib"))
    copy = WorkingCopy(tmp_path / "lab", tmp_path / "scratch" / "lab", tmp_path / "scratch" / "lab" / "notes" / "a")
    findings = _TraceFindings(note, Lab(tmp_path / "lab"), copy, [])
    findings.add_finding("module", str(path), [1, 1])
    assert [*findings._places_elsewhere().values()] == ([path] if counts else [])
