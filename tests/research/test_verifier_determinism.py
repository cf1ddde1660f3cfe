"""Labels are the same bits in other surroundings: what could decide on them besides Python, the package and the seed, each provoked on a small package."""

import json
import os
import sys
from pathlib import Path

import pytest

import labnotes
from smallmodels.verifier import labels
from smallmodels.verifier.corpus import Package
from smallmodels.verifier.labelling import Caps

MOODY = '''
"""Functions whose examples or inputs depend on something that must not decide."""
import datetime
import importlib
import importlib.util
import os
import sys
import time

SEEN = []
UNDER = os.environ.get("MOOD"), os.environ.get("HOME"), os.environ.get("TMPDIR"), os.getcwd(), sys.argv


def plain(x):
    """
    >>> plain(2)
    4
    >>> plain(5)
    10
    """
    y = x * 2
    return y


def slow_in_c(n):
    """
    >>> len(slow_in_c(5_000_000))
    5000000
    """
    items = [n] * n
    return sorted(items)


def large(n):
    """
    >>> len(large(40_000_000))
    40000000
    """
    held = bytes(n)
    return held


def not_so_large(n):
    """
    >>> len(not_so_large(30_000_000))
    30000000
    """
    held = bytes(n)
    return held


def near_the_limit(n):
    """
    >>> near_the_limit(9_980)
    9980
    """
    found = 0
    while found < n:
        found += 1
        found += 0
        found += 0
    return found


def beyond_the_limit(n):
    """
    >>> beyond_the_limit(10_020)
    10020
    """
    found = 0
    while found < n:
        found += 1
        found += 0
        found += 0
    return found


def leaves_something(x):
    """
    >>> leaves_something(1)
    1
    """
    SEEN.append(x)
    return x


def minds_what_was_left(x):
    """
    >>> minds_what_was_left(3)
    3
    """
    y = x + len(SEEN)
    return y


def surroundings(x):
    """
    >>> surroundings(0)
    (None, '/', None, '/', ['labelling'])
    """
    y = UNDER
    return y


def names_of_surroundings(x):
    """
    >>> names_of_surroundings(0)
    ['HOME', 'LANG', 'PATH', 'PYTHONHASHSEED', 'TZ']
    """
    names = sorted(os.environ)
    return names


def importable(name):
    """
    >>> importable("json"), importable("numpy"), importable("pytest")
    (True, False, False)
    """
    spec = importlib.util.find_spec(name)
    return spec is not None


def imports_late(name):
    """
    >>> imports_late("colorsys")
    'colorsys'
    >>> imports_late("nowhere_at_all")
    Traceback (most recent call last):
    ModuleNotFoundError: No module named 'nowhere_at_all'
    """
    module = importlib.import_module(name)
    return module.__name__


def levels(n):
    """
    >>> levels(900)
    900
    >>> levels(2000)
    Traceback (most recent call last):
    RecursionError: maximum recursion depth exceeded in comparison
    """
    if n == 0:
        return 0
    return levels(n - 1) + 1


def today(x):
    """
    >>> today(1) > 2020
    True
    """
    y = datetime.date.today().year
    return y + x - x


def by_date(x):
    """
    >>> by_date(12)
    24
    >>> by_date(15)
    30
    """
    y = x if x > 10 else time.time() // 1e9
    return x + y


class Thing:
    """
    >>> Thing(1).n
    1
    """

    def __init__(self, n):
        self.n = n


def by_place(numbers):
    """
    >>> sorted(by_place([1, 2]))
    [1, 2]
    >>> sorted(by_place([5, 4, 3]))
    [3, 4, 5]
    """
    things = {Thing(n) for n in numbers}
    return [each.n for each in things]


class Fussy:
    """
    >>> Fussy(1).other
    'other'
    >>> Fussy(2).more
    'more'
    """

    def __init__(self, n):
        self.n = n

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return name
'''

FUSSY = {"always": "return name", "never": "raise KeyError(name)", "endless": "while True:\n        pass"}

CAPS = Caps(functions=99, inputs=12, errors=2, benign=2, composites=0, given=9)


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    folder = tmp_path_factory.mktemp("moody")
    (folder / "moody.py").write_text(MOODY)
    return folder


def examined_functions(place, only=None, **variables):
    """What the labelling process says, as text, where these variables are set."""
    bodies = [{"operator": how, "line": 0, "source": f"def __getattr__(self, name):\n    {body}"} for how, body in FUSSY.items()]
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        paths = [str(place), variables.get("PYTHONPATH", ""), *map(os.path.abspath, filter(None, sys.path))]
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, paths)))
        return labels.examined(Package("moody", "moody"), 0, CAPS, {"moody:Fussy.__getattr__": [bodies]}, only)


COSTLY = "not_so_large"
"""The function that takes half of the time, since each of its inputs holds many megabytes."""


@pytest.fixture(scope="module")
def moody(place, selected):
    """What the labelling process says of all functions; without that of the costly one where no slow test asks for it."""
    if any(item.get_closest_marker("slow") for item in selected):
        return examined_functions(place)
    names = [line.partition("(")[0].removeprefix("def ") for line in MOODY.splitlines() if line.startswith("def ")]
    return examined_functions(place, [f"moody:{name}" for name in (*names, "Thing.__init__", "Fussy.__getattr__") if name != COSTLY])


def function_names(functions):
    return {function["name"].partition(":")[2] for function in functions}


@pytest.mark.slow  # 12 s
def test_other_surroundings_give_the_same_bytes(place, moody, tmp_path):
    """Another shell, folder and home; a module in the folder that stands before one of Python's; compiled code that is not there; fewer files; more memory."""
    (tmp_path / "statistics.py").write_text("raise RuntimeError('found in the working directory')")
    (tmp_path / "textwrap.py").write_text("raise RuntimeError('found in the working directory')")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        other = examined_functions(
            place,
            MOOD="bad",
            HOME=str(tmp_path),
            TMPDIR=str(tmp_path),
            LANG="de_DE.UTF-8",
            LC_ALL="tr_TR.UTF-8",
            TZ="Asia/Tokyo",
            COLUMNS="7",
            PYTHONDONTWRITEBYTECODE="1",
            PYTHONPYCACHEPREFIX=str(tmp_path / "cache"),
            PYTHONOPTIMIZE="2",
            PYTHONHASHSEED="77",
            PYTHONMALLOC="malloc",
            ATEN_CPU_CAPABILITY="default",
            OPENBLAS_CORETYPE="Haswell",
            LABNOTES_MOOD="x" * 5000,
        )
    assert json.dumps(other) == json.dumps(moody)


@pytest.mark.slow  # 7 s
def test_a_run_that_is_watched_gives_the_same_bytes(place, moody, tmp_path):
    """labnotes watches the processes of a run by a hook, which writes down what they import and read; other programs load modules at the start."""
    (tmp_path / "sitecustomize.py").write_text("import pytest")
    (tmp_path / "visible.json").write_text(json.dumps({"read": ["/"], "list": [], "write": ["/"]}))
    watched = examined_functions(
        place,
        PYTHONPATH=os.pathsep.join([str(Path(labnotes.__file__).parent / "kernel" / "child"), str(tmp_path)]),
        LABNOTES_TRACE=str(tmp_path / "trace"),
        LABNOTES_VISIBLE=str(tmp_path / "visible.json"),
        LABNOTES_CLOCK=str(400 * 86400),
    )
    assert json.dumps(watched) == json.dumps(moody)


@pytest.mark.slow
def test_examples_that_depend_on_surroundings_see_always_the_same(moody):
    assert function_names(moody) >= {"plain", "surroundings", "names_of_surroundings", "importable", "imports_late", "levels"}


def test_what_is_long_only_in_c_is_left_out_by_the_bytes_that_it_asks_for(moody):
    assert function_names(moody) & {"slow_in_c", "large"} == set()  # 40 MB and more: the limit is 32 MiB


@pytest.mark.slow  # 4 s
def test_what_asks_for_fewer_bytes_than_the_limit_is_kept(moody):
    assert "not_so_large" in function_names(moody)  # 30 MB


def test_what_is_long_in_python_is_left_out_by_the_steps_that_it_takes(moody):
    assert function_names(moody) & {"near_the_limit", "beyond_the_limit"} == {
        "near_the_limit"
    }  # four steps a turn: 39_920 and 40_080 of 40_000


@pytest.mark.parametrize("name", ["plain", "leaves_something", "minds_what_was_left"])
def test_a_function_has_the_labels_that_it_has_when_it_is_asked_for_alone(place, moody, name):
    (alone,) = examined_functions(place, [f"moody:{name}"])
    assert alone in moody


def test_what_asks_the_time_is_left_out(moody):
    assert "today" not in function_names(moody)
    (by_date,) = [function for function in moody if function["name"] == "moody:by_date"]  # its examples do not ask, some of its inputs do
    (plain,) = [function for function in moody if function["name"] == "moody:plain"]
    assert 0 < count_inputs(by_date) < count_inputs(plain)


def count_inputs(function):
    return len(function["versions"][0]["oracle"] + function["versions"][0]["reviewer"])


def test_what_depends_on_where_objects_lie_is_left_out(place, moody):
    """Only inputs with fewer than two numbers are left: the empty list, and lists of one number."""
    (by_place,) = examined_functions(place, ["moody:by_place"])
    assert by_place in moody
    assert {len(version["oracle"] + version["reviewer"]) for version in by_place["versions"]} == {4}


def test_a_version_that_is_run_when_its_arguments_are_copied_does_not_lose_the_function(moody):
    (fussy,) = [function for function in moody if function["name"] == "moody:Fussy.__getattr__"]
    given = {version["operator"]: version for version in fussy["versions"] if version["kind"] == "given"}
    assert set(given) == set(FUSSY)
    assert given["never"]["examples"] == "rr"
    assert set(given["endless"]["examples"]) == {"d"}
