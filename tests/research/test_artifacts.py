"""Artifacts are made once, under a key of all that they depend on, and what goes wrong on the way leaves nothing behind.

Recipes whose code matters lie in packages written for the test; what has to do with processes runs in processes.
"""

import importlib
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from platformdirs import user_cache_dir

import smallmodels
from smallmodels import artifacts
from smallmodels.artifacts import artifact


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    torch.set_num_threads(1)
    place = tmp_path / "artifacts"
    monkeypatch.setenv("LABNOTES_ARTIFACTS", str(place))
    return place


def counting_recipe():
    """A recipe, and the arguments of its runs."""
    runs = []

    @artifact
    def recipe(*args, scale=2.0):
        runs.append((args, scale))
        return {"weights": scale * torch.arange(6.0).view(2, 3), "steps": torch.tensor(7)}

    return recipe, runs


def kept_files(place):
    return sorted(place.glob("*.safetensors"))


def same_tensors(first, second):
    return first.keys() == second.keys() and all(torch.equal(first[name], second[name]) for name in first)


# -- once --------------------------------------------------------------------------------------------------------------------------------


def test_a_recipe_runs_once(place):
    recipe, runs = counting_recipe()
    first, second = recipe(1), recipe(1)
    assert runs == [((1,), 2.0)]
    assert same_tensors(first, second) and first["weights"].tolist() == [[0, 2, 4], [6, 8, 10]] and first["steps"].dtype == torch.int64
    (path,) = kept_files(place)
    assert path.name.startswith("recipe-")


def test_what_is_made_is_what_will_be_found():
    """Or the run that trains a model would go on with other strides, another order, or gradients, than those that come after."""

    @artifact
    def recipe():
        weights = torch.arange(6.0).view(2, 3)
        return {"z": weights.T, "tied": weights, "also tied": weights, "a": torch.nn.Parameter(weights[0])}

    made, restored = recipe(), recipe()
    assert same_tensors(made, restored) and list(made) == list(restored)
    for tensors in (made, restored):
        assert tensors["z"].tolist() == [[0, 3], [1, 4], [2, 5]]
        assert all(tensor.is_contiguous() and not tensor.requires_grad for tensor in tensors.values())


def test_what_is_done_to_found_tensors_stays_with_them():
    recipe, _ = counting_recipe()
    for _ in range(3):
        tensors = recipe()
        assert tensors["weights"].sum() == 30
        tensors["weights"].zero_()


def test_artifacts_lie_where_the_variable_says(place, tmp_path, monkeypatch):
    recipe, runs = counting_recipe()
    recipe()
    monkeypatch.setenv("LABNOTES_ARTIFACTS", str(tmp_path / "elsewhere"))
    recipe()
    assert len(runs) == 2 and [path.name for path in kept_files(place)] == [path.name for path in kept_files(tmp_path / "elsewhere")]
    for unset in (lambda: monkeypatch.setenv("LABNOTES_ARTIFACTS", ""), lambda: monkeypatch.delenv("LABNOTES_ARTIFACTS")):
        unset()
        assert artifacts.folder() == Path(user_cache_dir("labnotes")) / "artifacts"


# -- keys: arguments and the machine -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    size: int = 1


@dataclass(frozen=True)
class Piece:
    size: int = 1


@dataclass(frozen=True)
class Whole:
    part: Part | Piece
    others: tuple[Part, ...] = ()


def test_arguments_are_told_apart():
    recipe, runs = counting_recipe()
    different = [(), (1,), (1.0,), ("1",), (True,), (1, 2), ((1, 2),), (0.1 + 0.2,), (0.3,), (Part(),), (Part(2),), (Piece(),)]
    different += [(Whole(Part()),), (Whole(Piece()),), (Whole(Part(), (Part(2),)),)]
    for args in different:
        recipe(*args)
    assert [args for args, _ in runs] == different
    recipe(1, scale=3.0)
    assert len(runs) == len(different) + 1
    for args in different:
        recipe(*args)
    assert len(runs) == len(different) + 1


def test_how_an_argument_is_passed_does_not_matter():
    runs = []

    @artifact
    def recipe(a, b=2):
        runs.append((a, b))
        return {"sum": torch.tensor(a + b)}

    for made in (recipe(1), recipe(1, 2), recipe(b=2, a=1)):
        assert int(made["sum"]) == 3
    assert runs == [(1, 2)]


@pytest.mark.parametrize("value", [torch.zeros(1), Part, len, {1}, Path("x"), (1, [None, b"x"]), Whole(torch.zeros(1))], ids=repr)
def test_arguments_that_are_not_plain_are_refused(value, place):
    recipe, runs = counting_recipe()
    with pytest.raises(TypeError, match="arguments are plain values, found"):
        recipe(value)
    assert not runs and not place.exists()


def test_other_kernels_threads_and_versions_are_other_artifacts(monkeypatch):
    recipe, runs = counting_recipe()
    recipe()
    torch.set_num_threads(2)
    recipe()
    torch.set_num_threads(1)
    for owner, name, value in ((torch.backends.cpu, "get_cpu_capability", lambda: "ABACUS"), (torch, "__version__", "99.0.0")):
        with monkeypatch.context() as patch:
            patch.setattr(owner, name, value)
            recipe()
    assert len(runs) == 4
    recipe()
    assert len(runs) == 4


# -- keys: code --------------------------------------------------------------------------------------------------------------------------

PACKAGE = {
    "__init__": "",
    "recipes": """
import torch
from cooking.artifacts import artifact
from cooking.near import factor
import cooking.dotted
from cooking import module
from .relative import unused

@artifact
def recipe(seed):
    from cooking.late import unused
    return {"seed": torch.tensor(seed * factor())}
""",
    "artifacts": "from smallmodels.artifacts import artifact",
    "near": "from .far import FACTOR\n\ndef factor():\n    return FACTOR\n",
    "far": "FACTOR = 10",
    "dotted": "",
    "module": "",
    "relative": "unused = 1",
    "late": "unused = 1",
    "sub.__init__": "from . import deep",
    "sub.deep": "from ..never import unused",
    "never": "unused = 1",
    "stranger": "from cooking import recipes",
}
"""The source of each module of a package; all but `stranger` (imports the recipe), `never`, and `sub` stand behind the recipe."""


@pytest.fixture
def imported(tmp_path, monkeypatch):
    """The recipe's module, imported from a package in a fresh folder in which some modules read otherwise."""
    versions = []

    def import_version(**changed):
        folder = tmp_path / f"version{len(versions)}"
        versions.append(folder)
        for name, source in {**PACKAGE, **changed}.items():
            path = folder / "cooking" / f"{name.replace('.', '/')}.py"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(source, encoding="utf-8")
        for name in [name for name in sys.modules if name.partition(".")[0] == "cooking"]:
            monkeypatch.delitem(sys.modules, name)
        monkeypatch.syspath_prepend(folder)
        module = importlib.import_module("cooking.recipes")
        assert Path(module.__file__).is_relative_to(folder)
        return module

    yield import_version
    for name in [name for name in sys.modules if name.partition(".")[0] == "cooking"]:
        del sys.modules[name]


def test_the_same_code_elsewhere_is_the_same_artifact(imported, place):
    for _ in range(2):
        assert int(imported().recipe(4)["seed"]) == 40
    assert len(kept_files(place)) == 1


@pytest.mark.parametrize("name", ["recipes", "near", "far", "__init__", "dotted", "module", "relative", "late"])
def test_other_code_is_another_artifact(name, imported, place):
    imported().recipe(4)
    imported(**{name: PACKAGE[name] + "\nnew = 1\n"}).recipe(4)
    assert len(kept_files(place)) == 2


def test_a_module_further_away_changes_what_comes_out(imported):
    assert [int(imported(far=f"FACTOR = {factor}").recipe(4)["seed"]) for factor in (10, 11, 10)] == [40, 44, 40]


@pytest.mark.parametrize("name", ["stranger", "never", "sub.deep"])
def test_code_that_the_recipe_does_not_import_is_no_part_of_it(name, imported, place):
    imported().recipe(4)
    imported(**{name: "new = 1"}).recipe(4)
    assert len(kept_files(place)) == 1


def test_relative_imports_are_followed_through_packages(imported, place):
    through = "from .sub import deep\n" + PACKAGE["near"]
    imported(near=through).recipe(4)
    imported(near=through, never="unused = 2").recipe(4)
    assert len(kept_files(place)) == 2


def test_comments_docstrings_and_lines_do_not_matter(imported, place):
    imported().recipe(4)
    near = '"""Naïve."""\n# a comment\n\nfrom .far import FACTOR\n\n\ndef factor():\n    """What it is."""\n    return (FACTOR)  # so\n'
    imported(near=near, far='FACTOR = 10\n"""What FACTOR is."""', dotted="'''Nothing.'''\n").recipe(4)
    assert len(kept_files(place)) == 1


def test_a_string_that_is_no_docstring_matters(imported, place):
    for text in ("this", "that"):
        imported(far=f"FACTOR = 10\nTEXT = {text!r}").recipe(4)
    assert len(kept_files(place)) == 2


def test_the_code_is_that_which_was_imported(imported, place):
    """Files may be edited while a process that imported them trains: its artifact must not pass for that of the new code."""
    module = imported()
    Path(module.__file__).with_name("far.py").write_text("FACTOR = 11")
    assert int(module.recipe(4)["seed"]) == 40
    assert int(imported(far="FACTOR = 11").recipe(4)["seed"]) == 44
    assert len(kept_files(place)) == 2


def test_recipes_of_a_module_are_told_apart(imported):
    more = "\n@artifact\ndef other(seed):\n    return {}\n\nclass Home:\n    @artifact\n    def recipe(seed):\n        return {}\n"
    module = imported(recipes=PACKAGE["recipes"] + more)
    for _ in range(2):
        assert list(module.recipe(4)) == ["seed"] and module.other(4) == module.Home.recipe(4) == {}


# -- what goes wrong ---------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", [lambda raw: b"", lambda raw: raw[:5], lambda raw: raw[:-1], lambda raw: bytes(len(raw))])
def test_a_damaged_file_is_made_again(damage, place):
    recipe, runs = counting_recipe()
    first = {name: tensor.clone() for name, tensor in recipe().items()}  # what was found is mapped from the file that is about to break
    (path,) = kept_files(place)
    path.write_bytes(damage(path.read_bytes()))
    assert same_tensors(recipe(), first) and same_tensors(recipe(), first)
    assert len(runs) == 2


def test_a_file_that_cannot_be_opened_just_now_is_not_thrown_away(place, monkeypatch):
    recipe, runs = counting_recipe()
    recipe()

    def fail_to_open(path):
        raise OSError(24, "Too many open files")

    with monkeypatch.context() as patch:
        patch.setattr(artifacts, "load_file", fail_to_open)
        with pytest.raises(OSError, match="Too many open files"):
            recipe()
    recipe()
    assert len(runs) == 1


def test_a_recipe_that_fails_leaves_nothing_and_can_run_again(place):
    failures = [KeyboardInterrupt(), ValueError("loss is nan")]

    @artifact
    def recipe():
        if failures:
            raise failures.pop()
        return {"a": torch.ones(1)}

    for failure in (ValueError, KeyboardInterrupt):
        with pytest.raises(failure):
            recipe()
        assert {path.suffix for path in place.iterdir()} <= {".lock"}
    assert recipe()["a"] == 1 and len(kept_files(place)) == 1


def test_a_run_that_ends_while_it_writes_leaves_no_artifact(place, monkeypatch):
    recipe, runs = counting_recipe()

    def write_half(tensors, path):
        Path(path).write_bytes(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(artifacts, "save_file", write_half)
        with pytest.raises(KeyboardInterrupt):
            recipe()
    assert kept_files(place) == []
    recipe()
    assert len(runs) == 2 and {path.suffix for path in place.iterdir()} <= {".lock", ".safetensors"}


def test_a_recipe_of_a_script_is_refused():
    def recipe():
        return {}

    recipe.__module__ = "__main__"
    with pytest.raises(ValueError, match="move it into a module"):
        artifact(recipe)


# -- processes ---------------------------------------------------------------------------------------------------------------------------

SHARED = """
import os, pathlib, torch
from smallmodels.artifacts import artifact

torch.set_num_threads(1)
meanwhile = []

@artifact
def recipe():
    with pathlib.Path(__file__).with_name("makers").open("a") as file:
        print(os.getpid(), file=file)
    for each in meanwhile:
        each()
    return {"maker": torch.tensor(os.getpid())}
"""


@pytest.fixture
def shared(tmp_path, monkeypatch):
    """A module with a recipe, and another process that has imported it and waits for a line to run it."""
    (tmp_path / "shared.py").write_text(SHARED)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(tmp_path), str(Path(smallmodels.__file__).parents[1])]))

    def start_process(first="pass"):
        code = f"import os, shared; {first}; print('ready', flush=True); input(); print(int(shared.recipe()['maker']))"
        process = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        started.append(process)
        return process

    started = []
    yield importlib.import_module("shared"), start_process, lambda: list(map(int, (tmp_path / "makers").read_text().split()))
    del sys.modules["shared"]
    for process in started:
        process.kill()
        process.communicate()


@pytest.mark.slow  # 2 s
def test_two_processes_wait_for_each_other(shared):
    module, other, makers = shared
    process = other()
    assert process.stdout.readline() == "ready\n"

    def expect_waiting():
        process.stdin.write("\n")
        process.stdin.flush()
        with pytest.raises(subprocess.TimeoutExpired):  # it stands at the lock; making it itself would take milliseconds
            process.wait(0.5)

    module.meanwhile.append(expect_waiting)
    assert int(module.recipe()["maker"]) == os.getpid()
    assert process.communicate(timeout=30)[0] == f"{os.getpid()}\n"
    assert makers() == [os.getpid()]


def test_a_process_that_is_killed_leaves_the_place_to_the_next(shared, place):
    module, other, makers = shared
    process = other("shared.meanwhile.append(lambda: os.kill(os.getpid(), 9))")
    assert process.communicate("\n", timeout=30)[0] == "ready\n"
    assert makers() == [process.pid] and kept_files(place) == []
    assert int(module.recipe()["maker"]) == os.getpid()
    assert makers() == [process.pid, os.getpid()]
