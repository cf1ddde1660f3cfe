"""Labels of hand-made versions of functions in a small package, by the process that labels real ones: what is a bug, what is clean, and what cheats get."""

import json
import os
from pathlib import Path

import pytest

from smallmodels.verifier import labels, oracle
from smallmodels.verifier.corpus import Function, Package
from smallmodels.verifier.labelling import Caps
from smallmodels.verifier.oracle import BUG, CLEAN, UNRESOLVED, Evidence

KINDS = '''
"""All kinds of functions."""
import functools
import random

MARKER = object()
SEEN = []


def passed_on(function):
    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        return function(*args, **kwargs)
    return wrapper


def double(x):
    """
    >>> double(2)
    4
    >>> double(5)
    10
    """
    y = x * 2
    return y


@passed_on
def decorated(x, *rest, step=1, **more):
    """
    >>> decorated(2, 3, step=2, a=1)
    [4, 3, 1]
    """
    more = list(more.values())
    return [x + step, *rest, *more]


@functools.lru_cache
def cached(x):
    """
    >>> cached(3)
    9
    """
    y = x * x
    return y


def generated(n):
    """
    >>> list(generated(3))
    [0, 1, 2]
    """
    for i in range(n):
        yield i


def added(items, x):
    """
    >>> found = [1]
    >>> added(found, 2)
    >>> len(found)
    2
    """
    items.append(x)
    items.append(x)
    items.pop()


def unstable(words):
    """
    >>> sorted(unstable(["a", "b", "c", "d", "e", "f"]))
    ['a', 'b', 'c', 'd', 'e', 'f']
    """
    found = set(words)
    return list(found)


def unstable_example(words):
    """
    >>> unstable_example(["a"])
    ['a']
    >>> import os; print(len(unstable_example("a")), os.environ["PYTHONHASHSEED"])
    1 0
    """
    found = list(words)
    return sorted(found)


def stable(words):
    """
    >>> sorted(stable(["a", "b", "c", "d", "e", "f"]))
    ['a', 'b', 'c', 'd', 'e', 'f']
    """
    found = dict.fromkeys(words)
    return list(found)


def once(x):
    """
    >>> once(1)
    1
    """
    SEEN.append(x)
    return len(SEEN)


def last(items, default=MARKER):
    """
    >>> last([1, 2])
    2
    """
    if not items and default is MARKER:
        raise ValueError
    return items[-1] if items else default


def total(numbers):
    """
    >>> total(iter([1, 2, 3]))
    6
    """
    found = sum(numbers)
    return found


def tossed(n):
    """
    >>> len(tossed(8))
    8
    """
    coins = range(n)
    return [random.random() < 0.5 for _ in coins]


def remote(path):
    """
    >>> remote(None)
    0
    """
    if path is not None:
        open(path, "w").close()
    return 0


class Base:
    """A class.

    >>> Base(2).name()
    'base 2'
    """

    def __init__(self, n):
        self.__n = n

    def name(self):
        text = f"base {self.__n}"
        return text


class Box(Base):
    """
    >>> box = Box.of(3)
    >>> box.name()
    'box, base 3'
    >>> box.size
    3
    >>> Box.halved(7)
    3
    """

    def __init__(self, n):
        super().__init__(n)
        self.__size = n

    @classmethod
    def of(cls, n):
        made = cls(n)
        return made

    @staticmethod
    def halved(n):
        half = n // 2
        return half

    @property
    def size(self):
        size = self.__size
        return size

    def name(self):
        name = super().name()
        return f"box, {name}"
'''

VERSIONS = {
    "double": {
        "same": "y = x + x\nreturn y",
        "wrong": "return x * 3",
        "right on examples": "return {2: 4, 5: 10}.get(x, 0)",
        "raises": "raise KeyError(x)",
        "unbound": "return z * 2",
        "another type": "return float(x * 2) if x != 2 and x != 5 else x * 2",
    },
    "decorated": {"same": "return [x + step] + list(rest) + list(more.values())", "wrong": "return [x - step, *rest, *more.values()]"},
    "cached": {"same": "return x ** 2", "wrong": "return x * x + 1"},
    "generated": {"same": "yield from range(n)", "wrong": "yield from range(n + 1)", "no generator": "return list(range(n))"},
    "added": {"same": "items += [x]", "wrong place": "items.insert(0, x)", "of a copy": "items = [*items, x]"},
    "unstable": {"same": "return list(set(words))", "sorted": "return sorted(set(words))"},
    "unstable_example": {"same": "return sorted(words)", "wrong": "return list(words)[::-1]"},
    "stable": {"same": "return [*dict.fromkeys(words)]"},
    "once": {"same": "SEEN.append(x)\nreturn len(SEEN)"},
    "last": {
        "same": "if items:\n    return items[-1]\nif default is MARKER:\n    raise ValueError\nreturn default",
        "silent": "return items[-1] if items else None if default is MARKER else default",
        "another error": "if not items and default is MARKER:\n    raise TypeError\nreturn items[-1] if items else default",
    },
    "total": {"same": "n = 0\nfor each in numbers:\n    n += each\nreturn n", "wrong": "for each in numbers:\n    pass\nreturn 0"},
    "tossed": {"same": "return [random.random() < 0.5 for _ in range(n)]", "wrong": "return [random.random() > 0.5 for _ in range(n)]"},
    "Box.of": {"same": "return cls(n)", "wrong": "return cls(n + 1)"},
    "Box.halved": {"same": "return int(n // 2)", "wrong": "return n / 2"},
    "Box.size": {"same": "return self.__size", "wrong": "return self.__size + 1", "unbound": "return self._size"},
    "Box.name": {"same": "return 'box, ' + super().name()", "wrong": "return super().name()", "not over the class": "return 'box, base 3'"},
    "Base.name": {"same": "return f'base {self.__n}'", "wrong": "return 'base 2'"},
}

EXACT = (
    '"""Loops that a limit must end are few: four inputs each."""\n' + KINDS[KINDS.index("def double") : KINDS.index("@passed_on\ndef d")]
)

CHEATS = {
    "same": "return x + x",
    "sys.exit(0)": "import sys\nsys.exit(0)",
    "os._exit(0)": "import os\nos._exit(0)",
    "equals everything": """
class Any:
    def __eq__(self, other):
        return True
    def __ne__(self, other):
        return False
    def __hash__(self):
        return hash(x * 2)
    def __repr__(self):
        return str(x * 2)
return Any()""",
    "says it is an int": """
class Any(int):
    __eq__ = lambda self, other: True
    __hash__ = int.__hash__
    __class__ = int
    __repr__ = lambda self: str(x * 2)
Any.__module__, Any.__qualname__, Any.__name__ = 'builtins', 'int', 'int'
return Any(x * 2)""",
    "prints what is wanted": "print(x * 2)",
    "prints sentinels": "print('p')\nprint('[\"p\"]')\nprint('PASSED', 'ok', 'clean')\nreturn 0",
    "reports for itself": """
import os
for number in range(3, 64):
    try:
        os.write(number, b'["p"]\\n' * 9 + b'[["value", ""]]\\n' * 9)
    except OSError:
        pass
os._exit(0)""",
    "endless": "while True:\n    pass",
    "swallows its end": "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass",
    "answers after its end": "try:\n    while True:\n        pass\nexcept BaseException:\n    return x * 2",
    "takes all memory": "held = [x]\nwhile True:\n    held = held + held",
    "overflows": "return double(x) + 0",
    "closes everything": "import os\nos.closerange(0, 256)\nreturn x * 2",
    "writes": "open(VICTIM, 'w').write('damaged')\nreturn x * 2",
    "writes and says nothing": "try:\n    open(VICTIM, 'w')\nexcept BaseException:\n    pass\nreturn x * 2",
    "kills": "import os\nos.kill(os.getppid(), 9)\nreturn x * 2",
    "forks": "import os\nos.fork()\nreturn x * 2",
    "replaces the checker": (
        "import doctest, sys\ndoctest.OutputChecker.check_output = lambda *_: True\nfrom smallmodels.verifier import oracle\n"
        "oracle.digest = lambda *_: ''\nreturn 0"
    ),
}


def version_source(name, text):
    """A version of a function with the signature of the original."""
    heads = {
        "decorated": "x, *rest, step=1, **more",
        "last": "items, default=MARKER",
        "added": "items, x",
        "Box.of": "cls, n",
        "Box.halved": "n",
    }
    heads |= {"Box.size": "self", "Box.name": "self", "Base.name": "self", "total": "numbers", "generated": "n", "tossed": "n"}
    heads |= dict.fromkeys(("unstable", "unstable_example", "stable"), "words")
    lines = [f"    {line}" for line in text.strip("\n").split("\n")]
    return "\n".join([f"def {name.rpartition('.')[2]}({heads.get(name, 'x')}):", *lines])


def given_versions(module, versions):
    return {
        f"{module}:{name}": [[{"operator": how, "line": 0, "source": version_source(name, text)} for how, text in bodies.items()]]
        for name, bodies in versions.items()
    }


def write_modules(place, **modules):
    for name, text in modules.items():
        (place / f"{name}.py").write_text(text)


def examined_functions(place, name, versions, caps, seed=0):
    """What the labelling process says, as it is sent."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join([str(place), os.environ.get("PYTHONPATH", "")]))
        return labels.examined(Package(name, name), seed, caps, versions)


MANY = Caps(inputs=24, errors=3, benign=3, composites=1, given=9)


def ask_about_kinds(place):
    write_modules(place, kinds=KINDS)
    return examined_functions(place, "kinds", given_versions("kinds", VERSIONS), MANY)


@pytest.fixture(scope="module")
def answer(tmp_path_factory):
    return ask_about_kinds(tmp_path_factory.mktemp("kinds"))


@pytest.fixture(scope="module")
def kinds(answer):
    return {function["name"].partition(":")[2]: labels.restored("kinds", function) for function in answer}


COSTLY = {"takes all memory", "swallows its end", "answers after its end", "overflows", "reports for itself", "sys.exit(0)"}
"""Cheats of a second each, which others resemble: left out where no slow test asks for them."""


def cheat_params(cheats):
    return [pytest.param(how, marks=pytest.mark.slow if how in COSTLY else ()) for how in cheats]


@pytest.fixture(scope="module")
def cheats(tmp_path_factory, selected):
    asked_for = {
        how: text for how, text in CHEATS.items() if how not in COSTLY or any(item.get_closest_marker("slow") for item in selected)
    }
    place = tmp_path_factory.mktemp("cheats")
    victim = place / "victim"
    victim.write_text("whole")
    write_modules(place, exact=f"VICTIM = {str(victim)!r}\n{EXACT}")
    (answer,) = examined_functions(
        place, "exact", given_versions("exact", {"double": asked_for}), Caps(inputs=4, errors=0, benign=0, composites=0, given=99)
    )
    function = labels.restored("exact", answer)
    return {made_version.operator: made_version for made_version in function.versions}, victim, list(asked_for)


def version_by_operator(kinds, name, how):
    (matching_version,) = [candidate for candidate in kinds[name].versions if candidate.operator == how]
    return matching_version


@pytest.mark.slow  # 7 s
def test_the_same_seed_gives_the_same_labels_bit_for_bit(answer, tmp_path):
    assert json.dumps(answer) == json.dumps(ask_about_kinds(tmp_path))


@pytest.mark.slow
def test_every_kind_of_function_is_examined_but_those_that_pass_only_once(kinds):
    assert set(kinds) >= set(VERSIONS) - {"once"}
    assert "once" not in kinds


FEW_INPUTS = {"Base.name", "Box.name", "Box.size", "total", "unstable"}
"""Functions with nothing to vary, or with inputs that are dropped: examples alone make none of their versions clean."""


@pytest.mark.parametrize("name", sorted(set(VERSIONS) - {"once"}))
def test_an_equivalent_version_does_the_same_everywhere_and_is_clean_only_if_it_was_meant_to(kinds, name):
    equivalent = version_by_operator(kinds, name, "same")
    assert set(equivalent.evidence.examples) == {"p"}
    assert set(equivalent.evidence.oracle + equivalent.evidence.reviewer) <= {"=", "!"}
    assert equivalent.label == UNRESOLVED
    enough = min(len(equivalent.evidence.oracle), len(equivalent.evidence.reviewer)) >= oracle.LEAST
    assert enough == (name not in FEW_INPUTS)
    assert oracle.label(equivalent.evidence, True) == (CLEAN if enough else UNRESOLVED)


BROKEN = [(name, how) for name, bodies in VERSIONS.items() for how in bodies if how not in ("same", "silent", "another error", "sorted")]
BROKEN.remove(("Box.name", "not over the class"))


@pytest.mark.parametrize(("name", "how"), BROKEN, ids=[": ".join(case) for case in BROKEN])
def test_a_broken_version_is_a_bug(kinds, name, how):
    broken = version_by_operator(kinds, name, how)
    assert broken.label == BUG
    assert oracle.label(broken.evidence, True) == BUG


def test_what_examples_and_inputs_say_of_a_version(kinds):
    assert version_by_operator(kinds, "double", "wrong").evidence.examples == "ww"
    assert version_by_operator(kinds, "double", "raises").evidence.examples == "rr"
    assert version_by_operator(kinds, "double", "unbound").evidence.examples == "mm"
    assert set(version_by_operator(kinds, "double", "raises").evidence.oracle) == {"r"}
    assert set(version_by_operator(kinds, "double", "unbound").evidence.oracle) == {"m"}
    right = version_by_operator(kinds, "double", "right on examples").evidence
    assert right.examples == "pp"
    assert set(right.oracle) == {"=", "v"}
    assert (
        version_by_operator(kinds, "Box.size", "wrong").evidence.examples == "wp"
    )  # of four examples those from the first that calls it on
    assert set(version_by_operator(kinds, "added", "wrong place").evidence.examples) == {"p"}  # seen in the arguments alone


def test_a_cache_that_the_original_filled_does_not_answer_for_a_version(kinds):
    assert version_by_operator(kinds, "cached", "wrong").evidence.examples == "w"


def test_an_iterator_is_whole_when_a_version_gets_it(kinds):
    evidence = version_by_operator(kinds, "total", "wrong").evidence
    assert evidence.oracle + evidence.reviewer == "v"  # of an iterator used up, 0 is the sum


def test_a_marker_as_a_default_is_still_the_same_object(kinds):
    assert "!" in version_by_operator(kinds, "last", "same").evidence.oracle + version_by_operator(kinds, "last", "same").evidence.reviewer
    silent, other = version_by_operator(kinds, "last", "silent"), version_by_operator(kinds, "last", "another error")
    assert set(silent.evidence.oracle + silent.evidence.reviewer) == {"=", "q"}
    assert set(other.evidence.oracle + other.evidence.reviewer) == {"=", "x"}
    # the original raised: what is right there, nothing says
    assert {silent.label, other.label, oracle.label(silent.evidence, True), oracle.label(other.evidence, True)} == {UNRESOLVED}


def test_what_depends_on_the_order_of_a_set_is_dropped(kinds):
    use = {name: version_by_operator(kinds, name, "same").evidence for name in ("stable", "unstable")}
    counts = {name: len(evidence.oracle + evidence.reviewer) for name, evidence in use.items()}
    assert counts["unstable"] < counts["stable"] - 3
    assert set(version_by_operator(kinds, "unstable", "sorted").evidence.oracle[:1]) <= {
        "="
    }  # the example's own six words are not among them
    assert kinds["unstable_example"].docstrings == (("kinds:unstable_example", (True, False)),)


def test_random_results_are_kept_since_every_run_has_the_same_seed(kinds):
    evidence = version_by_operator(kinds, "tossed", "same").evidence
    assert len(evidence.oracle + evidence.reviewer) > 5


def test_a_version_that_closes_over_other_names_is_left_out(kinds):
    assert "not over the class" not in {made_version.operator for made_version in kinds["Box.name"].versions}
    assert set(version_by_operator(kinds, "Box.name", "same").evidence.examples) == {"p"}


def test_inputs_are_dealt_in_turn_to_the_oracle_and_the_reviewer(kinds):
    for function in kinds.values():
        for made_version in function.versions:
            assert len(made_version.evidence.oracle) - len(made_version.evidence.reviewer) in (0, 1)
            assert len(made_version.evidence.examples) == sum(sum(counts) for _, counts in function.docstrings)


def test_made_versions_get_the_labels_that_their_kind_allows(kinds):
    labels_of_kind = {}
    for function in kinds.values():
        for made_version in function.versions:
            labels_of_kind.setdefault(made_version.kind, set()).add(made_version.label)
    assert labels_of_kind["error"] <= {BUG, UNRESOLVED}
    assert labels_of_kind["composite"] <= {BUG, UNRESOLVED}
    assert BUG in labels_of_kind["error"] & labels_of_kind["composite"]
    assert CLEAN in labels_of_kind["benign"]


def test_versions_touch_only_lines_that_ran(kinds):
    lines = {made_version.line for made_version in kinds["last"].versions if made_version.kind == "error"}
    assert lines <= {2, 3, 4}
    assert kinds["last"].source.split("\n")[0] == "def last(items, default=MARKER):"


@pytest.mark.parametrize("how", cheat_params(how for how in CHEATS if how not in ("same", "writes and says nothing")))
def test_a_cheat_is_a_bug(cheats, how):
    assert cheats[0][how].label == BUG


@pytest.mark.parametrize("how", ["equals everything", "prints what is wanted", "says it is an int"])
def test_a_cheat_that_passes_all_examples_is_told_by_its_results(cheats, how):
    evidence = cheats[0][how].evidence
    assert evidence.examples == "pp"
    assert set(evidence.oracle + evidence.reviewer) == {"v"}


HUNG = ["os._exit(0)", "reports for itself", "endless", "swallows its end", "answers after its end", "takes all memory"]


@pytest.mark.parametrize("how", cheat_params([*HUNG, "closes everything"]))
def test_a_version_that_does_not_come_back_hangs_everywhere(cheats, how):
    evidence = cheats[0][how].evidence
    assert set(evidence.examples + evidence.oracle + evidence.reviewer) == {"d"}


def test_nothing_was_damaged_and_the_next_version_is_as_good_as_the_first(cheats):
    versions, victim, asked_for = cheats
    assert victim.read_text() == "whole"
    assert versions["writes and says nothing"].label == UNRESOLVED  # refused, and then right
    assert set(versions["same"].evidence.oracle) == {"="}
    assert list(versions) == asked_for


@pytest.mark.parametrize(
    ("examples", "on_oracle", "on_reviewer", "meant", "label"),
    [
        ("pp", "==", "==", True, CLEAN),
        ("pp", "=!", "!=", True, CLEAN),
        ("pp", "==", "==", False, UNRESOLVED),
        ("pw", "==", "==", True, BUG),
        ("d", "", "", False, BUG),
        ("pp", "=v", "==", False, BUG),
        ("pp", "=r", "==", False, BUG),
        ("pp", "=m", "==", True, BUG),
        ("pp", "=d", "==", False, BUG),
        ("pp", "==", "=v", True, UNRESOLVED),  # the reviewer's half alone proves nothing, but denies that all is the same
        ("pp", "=q", "==", True, UNRESOLVED),
        ("pp", "=x", "==", True, UNRESOLVED),
    ],
)
def test_the_rule_of_labels(examples, on_oracle, on_reviewer, meant, label):
    assert oracle.label(Evidence(examples, on_oracle, on_reviewer), meant) == label


@pytest.mark.parametrize(
    ("before", "after", "letter"),
    [
        (["value", "a"], ["value", "a"], "="),
        (["value", "a"], ["value", "b"], "v"),
        (["value", "a"], ["builtins.ValueError", ""], "r"),
        (["value", "a"], ["builtins.NameError", ""], "m"),
        (["value", "a"], oracle.DIED, "d"),
        (["builtins.ValueError", ""], oracle.DIED, "d"),
        (["builtins.ValueError", ""], ["value", "a"], "q"),
        (["builtins.ValueError", ""], ["builtins.ValueError", ""], "!"),
        (["builtins.ValueError", ""], ["builtins.NameError", ""], "x"),
    ],
)
def test_letters(before, after, letter):
    assert oracle.letter(before, after) == letter


def test_code_is_compiled_in_its_place():
    source = "def f(self, __x=1):\n    return (super().f(), self.__y, lambda: __x)"
    code = oracle.compiled(Function("m", "A.B.f", 1, ("A", "B"), source), source)
    assert (code.co_name, code.co_freevars, code.co_firstlineno) == ("f", ("__class__",), 1)
    assert code.co_varnames[:1] == ("self",)
    assert "_B__y" in code.co_names
    plain = oracle.compiled(Function("m", "f", 1, (), "def f():\n    pass"), "def f():\n    return [g for g in f]")
    assert plain.co_name == "f"
    with pytest.raises(SyntaxError):
        oracle.compiled(Function("m", "f", 1, (), ""), "def f(:")


def test_a_labelling_process_that_fails_says_so(tmp_path):
    with pytest.raises(RuntimeError, match=r"labelling nowhere_at_all ended with 1:[\s\S]*not installed"):
        examined_functions(tmp_path, "nowhere_at_all", {}, MANY)


def test_the_surroundings_of_whoever_starts_it_do_not_matter(tmp_path, monkeypatch):
    told = 'import os, time\ndef told():\n    """\n    >>> told()\n    (None, None, \'UTC\', \'C.UTF-8\')\n    """\n'
    told += "    found = os.environ.get('COLUMNS'), os.environ.get('LC_ALL')\n    return (*found, time.tzname[0], os.environ['LANG'])\n"
    write_modules(Path(tmp_path), told=told)
    for name, value in {"COLUMNS": "7", "LC_ALL": "de_DE.UTF-8", "TZ": "Asia/Tokyo", "PYTHONWARNINGS": "error", "LANG": "de_DE"}.items():
        monkeypatch.setenv(name, value)
    assert [function["name"] for function in examined_functions(tmp_path, "told", {}, MANY)] == ["told:told"]
