"""Features of changes: what each level may see, and what it must not."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from smallmodels.verifier import features
from smallmodels.verifier.changes import Change, turned
from smallmodels.verifier.corpus import Function, Module, Package
from smallmodels.verifier.features import DIFF, EXAMPLES, FUNCTION, LEVELS, REPOSITORY, RUNS, Repository, runs, static, visible
from smallmodels.verifier.ngrams import NGrams, tokens
from smallmodels.verifier.oracle import Evidence

RIGHT = "def f(x, y):\n    total = x + y\n    if total > 3:\n        return limit(total)\n    return total"
WRONG = RIGHT.replace("> 3", ">= 3")
OTHER = RIGHT.replace("return limit(total)", "unread = cap(total, y)\n        return unbound")
REST = {
    "limit": "def limit(x):\n    return min(x, 9)",
    "uses": "def uses(x):\n    return limit(limit(x)) > 3",
    "more": "def more(x):\n    return f(x, x) + limit(x)",
}


def change(edited=WRONG, **more):
    given = {"evidence": Evidence("pwp", "=v", "=vq!"), "backwards": False, "wrong": True}
    return Change("p", "m:f", "error", "o", RIGHT, edited, **{**given, **more})


@pytest.fixture(autouse=True)
def reader(monkeypatch):
    """A small model in the place of that of whole packages."""
    model = NGrams([[each.text for each in tokens(source)] for source in ("def g(a):\n    return a > 3", "def g(b):\n    b = 1 + 2")], 3)
    monkeypatch.setattr(features, "language_model", lambda packages: model)
    features._read.cache_clear()
    yield
    features._read.cache_clear()


def repository(monkeypatch, f=RIGHT, rest=REST):
    functions = [Function("m", name, 1, (), source) for name, source in {"f": f, **rest}.items()]
    monkeypatch.setattr(features.corpus, "read", lambda package: [Module("m", Path("m.py"), tuple(functions), ())])
    return Repository(Package("p", "p"))


def rows(changes, *repositories):
    return static(changes, repositories)


def test_shapes_and_names(monkeypatch):
    changes = [change(), change(OTHER), turned(change())]
    (found,) = rows(changes, repository(monkeypatch))
    assert {name: each.shape for name, each in found.items()} == {
        name: (3, len(LEVELS[name])) for name in ("diff", "function", "repository")
    }
    assert (runs(changes).shape, visible(changes).shape) == ((3, len(RUNS)), (3, len(EXAMPLES)))
    assert all(len(set(names)) == len(names) for names in LEVELS.values())
    (none,) = rows([], repository(monkeypatch))
    assert [each.shape for each in (*none.values(), runs([]), visible([]))] == [(0, len(names)) for names in LEVELS.values()]


def test_static_levels_see_the_text_alone(monkeypatch):
    place = repository(monkeypatch)
    seen = rows([change(), change(OTHER)], place)[0]
    blind = {"evidence": Evidence("ddd", "ddd", "ddd"), "kind": "benign", "operator": "q", "wrong": False, "line": 99}
    for name, each in rows([replace(change(), **blind), replace(change(OTHER), **blind)], place)[0].items():
        np.testing.assert_array_equal(each, seen[name])
    other = replace(change(), right=OTHER, edited=OTHER.replace("unread", "y"))
    assert not np.array_equal(rows([other], place)[0]["diff"], seen["diff"][:1])


def test_executed_levels_see_neither_the_hidden_examples_nor_the_oracles_half_nor_the_truth():
    seen = change()
    hidden = replace(change(), evidence=Evidence("pwd", "dddddd", "=vq!"), wrong=False, kind="benign", operator="q", line=99)
    for each in (seen, turned(seen)):
        blind = replace(hidden, backwards=each.backwards)
        np.testing.assert_array_equal(visible([each]), visible([blind]))
        np.testing.assert_array_equal(runs([each]), runs([blind]))
    shown = replace(change(), evidence=Evidence("pdp", "=v", "=dq!"))
    assert not np.array_equal(visible([seen]), visible([shown]))
    assert not np.array_equal(runs([seen]), runs([shown]))


def test_runs_are_shares_of_the_inputs_within_the_limit():
    found = change(evidence=Evidence("", "", "=vrmqd!x=="))
    assert dict(zip(RUNS, runs([found])[0], strict=True)) == pytest.approx(
        {
            "inputs": 10,
            "inputs =": 0.3,
            "inputs v": 0.1,
            "inputs r": 0.2,
            "inputs q": 0.1,
            "inputs x": 0.1,
            "inputs d": 0.1,
            "inputs !": 0.1,
        }
    )
    assert dict(zip(RUNS, runs([found], 4)[0], strict=True))["inputs r"] == 0.5
    assert dict(zip(RUNS, runs([turned(found)], 4)[0], strict=True))["inputs q"] == 0.5
    (none,) = runs([change(evidence=Evidence("", "v", ""))])
    assert none[0] == 0
    assert np.isnan(none[1:]).all()


def test_visible_examples_are_shares_on_both_sides():
    found = change(evidence=Evidence("pwrmdpp", "", ""))
    forward, backward = (dict(zip(EXAMPLES, visible([each])[0], strict=True)) for each in (found, turned(found)))
    wanted = {"p": 0.25, "w": 0.25, "r": 0.25, "m": 0.25, "d": 0}
    passed = {"p": 1, "w": 0, "r": 0, "m": 0, "d": 0}
    for here, new, old in ((forward, wanted, passed), (backward, passed, wanted)):
        assert here == {"examples": 4, **{f"new {k}": v for k, v in new.items()}, **{f"old {k}": v for k, v in old.items()}}
    assert dict(zip(EXAMPLES, visible([found], 2)[0], strict=True))["new w"] == 0.5


def test_the_function_itself_is_never_part_of_its_repository(monkeypatch):
    """Whatever stands in the package in its place: the right body, which would give the truth away, or anything else."""
    changes = [change(), turned(change()), change(OTHER)]
    found = [rows(changes, repository(monkeypatch, f))[0]["repository"] for f in (RIGHT, WRONG, "def f(q):\n    return limit(q, cap(q))")]
    np.testing.assert_array_equal(found[0], found[1])
    np.testing.assert_array_equal(found[0], found[2])
    other = rows(changes, repository(monkeypatch, rest={**REST, "uses": "def uses(z):\n    return z >= 3"}))[0]["repository"]
    assert not np.array_equal(found[0], other)
    place = repository(monkeypatch)
    assert "total" not in place.without("m:f").vocabulary
    assert "total" in place.without("m:limit").vocabulary
    assert place.calls_without("m:f") == {("limit", 1): 3, ("min", 2): 1, ("f", 2): 1}
    assert place.calls_without("m:limit") == {("limit", 1): 4, ("f", 2): 1}


def test_a_package_of_one_function_has_an_empty_rest(monkeypatch):
    found = rows([change()], repository(monkeypatch, rest={}))[0]["repository"]
    assert np.isfinite(found[0, : REPOSITORY.index("in package difference") + 1]).all()


def test_one_row_for_each_repository(monkeypatch):
    own, foreign = repository(monkeypatch), repository(monkeypatch, rest={"only": "def only(a):\n    return a"})
    one, other = rows([change(OTHER)], own, foreign)
    np.testing.assert_array_equal(one["diff"], other["diff"])
    np.testing.assert_array_equal(one["repository"], rows([change(OTHER)], own)[0]["repository"])
    assert not np.array_equal(one["repository"], other["repository"])


def mirrored(names):
    """The names of the other direction."""
    swap = {"added": "removed", "removed": "added", "before": "after", "after": "before"}
    sign = {"+": "-", "-": "+"}
    found = []
    for name in names:
        if name in DIFF[: 2 * len(features.CLASSES)]:
            found.append(sign[name[0]] + name[1:])
        else:
            found.append(" ".join(swap.get(word, word) for word in name.split(" ")))
    return found


@pytest.mark.parametrize("edited", [WRONG, OTHER])
def test_forward_and_backward_are_mirror_images(monkeypatch, edited):
    (found,) = rows([change(edited), turned(change(edited))], repository(monkeypatch))
    of_one_side = {"lines", "tokens", "place", "depth", "loops", "returns", "branches", "added names elsewhere", "removed names elsewhere"}
    for level in ("diff", "function", "repository"):
        names = LEVELS[level]
        forward, backward = (dict(zip(names, row, strict=True)) for row in found[level])
        for name, mirror in zip(names, mirrored(names), strict=True):
            if name not in of_one_side:
                sign = -1 if "difference" in name else 1
                np.testing.assert_allclose(forward[name], sign * backward[mirror], err_msg=name)


def test_a_few_features_by_hand(monkeypatch):
    found = rows([change(), change(OTHER)], repository(monkeypatch))[0]
    diff, other = (dict(zip(DIFF, row, strict=True)) for row in found["diff"])
    assert {name: value for name, value in diff.items() if value and "surprise" not in name} == {
        "+>=": 1,
        "->": 1,
        "lines added": 1,
        "lines removed": 1,
    }
    assert (other["names only added"], other["names only removed"]) == (4, 1)  # unread, cap, y and unbound; limit
    function = dict(zip(FUNCTION, found["function"][1], strict=True))
    # limit and unbound are read and neither bound nor built in, and so is cap
    assert [function[f"{what} {when}"] for what in ("unread", "unbound") for when in ("before", "after")] == [0, 1, 1, 2]
    assert (function["lines"], function["returns"], function["branches"], function["loops"], function["depth"]) == (6, 2, 1, 0, 2)
    package = dict(zip(REPOSITORY, found["repository"][1], strict=True))
    assert package["removed calls alike"] == pytest.approx(np.log1p(3))
    assert package["added calls alike"] == 0
    assert (package["added names in package"], package["removed names in package"]) == (0, 1)


def test_features_depend_on_nothing_that_was_read_before(monkeypatch):
    changes = [change(), change(OTHER), turned(change(OTHER))]
    place = repository(monkeypatch)
    together = rows(changes, place)[0]
    apart = [rows([each], repository(monkeypatch))[0] for each in reversed(changes)][::-1]
    for name, found in together.items():
        np.testing.assert_array_equal(found, np.concatenate([each[name] for each in apart]))
