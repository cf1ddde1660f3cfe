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


def make_change(edited=WRONG, **more):
    given = {"evidence": Evidence("pwp", "=v", "=vq!"), "backwards": False, "wrong": True}
    return Change("p", "m:f", "error", "o", RIGHT, edited, **{**given, **more})


@pytest.fixture(autouse=True)
def reader(monkeypatch):
    """A small model in the place of that of whole packages."""
    model = NGrams([[token.text for token in tokens(source)] for source in ("def g(a):\n    return a > 3", "def g(b):\n    b = 1 + 2")], 3)
    monkeypatch.setattr(features, "language_model", lambda packages: model)
    features._read.cache_clear()
    yield
    features._read.cache_clear()


def make_repository(monkeypatch, f=RIGHT, rest=REST):
    functions = [Function("m", name, 1, (), source) for name, source in {"f": f, **rest}.items()]
    monkeypatch.setattr(features.corpus, "read", lambda package: [Module("m", Path("m.py"), tuple(functions), ())])
    return Repository(Package("p", "p"))


def static_features(changes, *repositories):
    return static(changes, repositories)


def test_shapes_and_names(monkeypatch):
    changes = [make_change(), make_change(OTHER), turned(make_change())]
    (matrices,) = static_features(changes, make_repository(monkeypatch))
    assert {name: matrix.shape for name, matrix in matrices.items()} == {
        name: (3, len(LEVELS[name])) for name in ("diff", "function", "repository")
    }
    assert (runs(changes).shape, visible(changes).shape) == ((3, len(RUNS)), (3, len(EXAMPLES)))
    assert all(len(set(names)) == len(names) for names in LEVELS.values())
    (none,) = static_features([], make_repository(monkeypatch))
    assert [matrix.shape for matrix in (*none.values(), runs([]), visible([]))] == [(0, len(names)) for names in LEVELS.values()]


def test_static_levels_see_the_text_alone(monkeypatch):
    place = make_repository(monkeypatch)
    seen = static_features([make_change(), make_change(OTHER)], place)[0]
    blind = {"evidence": Evidence("ddd", "ddd", "ddd"), "kind": "benign", "operator": "q", "wrong": False, "line": 99}
    for name, matrix in static_features([replace(make_change(), **blind), replace(make_change(OTHER), **blind)], place)[0].items():
        np.testing.assert_array_equal(matrix, seen[name])
    other = replace(make_change(), right=OTHER, edited=OTHER.replace("unread", "y"))
    assert not np.array_equal(static_features([other], place)[0]["diff"], seen["diff"][:1])


def test_executed_levels_see_neither_the_hidden_examples_nor_the_oracles_half_nor_the_truth():
    seen = make_change()
    hidden = replace(make_change(), evidence=Evidence("pwd", "dddddd", "=vq!"), wrong=False, kind="benign", operator="q", line=99)
    for variant in (seen, turned(seen)):
        blind = replace(hidden, backwards=variant.backwards)
        np.testing.assert_array_equal(visible([variant]), visible([blind]))
        np.testing.assert_array_equal(runs([variant]), runs([blind]))
    shown = replace(make_change(), evidence=Evidence("pdp", "=v", "=dq!"))
    assert not np.array_equal(visible([seen]), visible([shown]))
    assert not np.array_equal(runs([seen]), runs([shown]))


def test_runs_are_shares_of_the_inputs_within_the_limit():
    example = make_change(evidence=Evidence("", "", "=vrmqd!x=="))
    assert dict(zip(RUNS, runs([example])[0], strict=True)) == pytest.approx(
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
    assert dict(zip(RUNS, runs([example], 4)[0], strict=True))["inputs r"] == 0.5
    assert dict(zip(RUNS, runs([turned(example)], 4)[0], strict=True))["inputs q"] == 0.5
    (none,) = runs([make_change(evidence=Evidence("", "v", ""))])
    assert none[0] == 0
    assert np.isnan(none[1:]).all()


def test_visible_examples_are_shares_on_both_sides():
    example = make_change(evidence=Evidence("pwrmdpp", "", ""))
    forward, backward = (dict(zip(EXAMPLES, visible([variant])[0], strict=True)) for variant in (example, turned(example)))
    wanted = {"p": 0.25, "w": 0.25, "r": 0.25, "m": 0.25, "d": 0}
    passed = {"p": 1, "w": 0, "r": 0, "m": 0, "d": 0}
    for row, new, old in ((forward, wanted, passed), (backward, passed, wanted)):
        assert row == {"examples": 4, **{f"new {k}": v for k, v in new.items()}, **{f"old {k}": v for k, v in old.items()}}
    assert dict(zip(EXAMPLES, visible([example], 2)[0], strict=True))["new w"] == 0.5


def test_the_function_itself_is_never_part_of_its_repository(monkeypatch):
    """Whatever stands in the package in its place: the right body, which would give the truth away, or anything else."""
    changes = [make_change(), turned(make_change()), make_change(OTHER)]
    matrices = [
        static_features(changes, make_repository(monkeypatch, f))[0]["repository"]
        for f in (RIGHT, WRONG, "def f(q):\n    return limit(q, cap(q))")
    ]
    np.testing.assert_array_equal(matrices[0], matrices[1])
    np.testing.assert_array_equal(matrices[0], matrices[2])
    other = static_features(changes, make_repository(monkeypatch, rest={**REST, "uses": "def uses(z):\n    return z >= 3"}))[0][
        "repository"
    ]
    assert not np.array_equal(matrices[0], other)
    place = make_repository(monkeypatch)
    assert "total" not in place.without("m:f").vocabulary
    assert "total" in place.without("m:limit").vocabulary
    assert place.calls_without("m:f") == {("limit", 1): 3, ("min", 2): 1, ("f", 2): 1}
    assert place.calls_without("m:limit") == {("limit", 1): 4, ("f", 2): 1}


def test_a_package_of_one_function_has_an_empty_rest(monkeypatch):
    matrix = static_features([make_change()], make_repository(monkeypatch, rest={}))[0]["repository"]
    assert np.isfinite(matrix[0, : REPOSITORY.index("in package difference") + 1]).all()


def test_one_row_for_each_repository(monkeypatch):
    own, foreign = make_repository(monkeypatch), make_repository(monkeypatch, rest={"only": "def only(a):\n    return a"})
    own_features, foreign_features = static_features([make_change(OTHER)], own, foreign)
    np.testing.assert_array_equal(own_features["diff"], foreign_features["diff"])
    np.testing.assert_array_equal(own_features["repository"], static_features([make_change(OTHER)], own)[0]["repository"])
    assert not np.array_equal(own_features["repository"], foreign_features["repository"])


def mirrored_names(names):
    """The names of the other direction."""
    swap = {"added": "removed", "removed": "added", "before": "after", "after": "before"}
    sign = {"+": "-", "-": "+"}
    swapped = []
    for name in names:
        if name in DIFF[: 2 * len(features.CLASSES)]:
            swapped.append(sign[name[0]] + name[1:])
        else:
            swapped.append(" ".join(swap.get(word, word) for word in name.split(" ")))
    return swapped


@pytest.mark.parametrize("edited", [WRONG, OTHER])
def test_forward_and_backward_are_mirror_images(monkeypatch, edited):
    (matrices,) = static_features([make_change(edited), turned(make_change(edited))], make_repository(monkeypatch))
    of_one_side = {"lines", "tokens", "place", "depth", "loops", "returns", "branches", "added names elsewhere", "removed names elsewhere"}
    for level in ("diff", "function", "repository"):
        names = LEVELS[level]
        forward, backward = (dict(zip(names, row, strict=True)) for row in matrices[level])
        for name, mirror in zip(names, mirrored_names(names), strict=True):
            if name not in of_one_side:
                sign = -1 if "difference" in name else 1
                np.testing.assert_allclose(forward[name], sign * backward[mirror], err_msg=name)


def test_a_few_features_by_hand(monkeypatch):
    matrices = static_features([make_change(), make_change(OTHER)], make_repository(monkeypatch))[0]
    diff, other = (dict(zip(DIFF, row, strict=True)) for row in matrices["diff"])
    assert {name: value for name, value in diff.items() if value and "surprise" not in name} == {
        "+>=": 1,
        "->": 1,
        "lines added": 1,
        "lines removed": 1,
    }
    assert (other["names only added"], other["names only removed"]) == (4, 1)  # unread, cap, y and unbound; limit
    function = dict(zip(FUNCTION, matrices["function"][1], strict=True))
    # limit and unbound are read and neither bound nor built in, and so is cap
    assert [function[f"{what} {when}"] for what in ("unread", "unbound") for when in ("before", "after")] == [0, 1, 1, 2]
    assert (function["lines"], function["returns"], function["branches"], function["loops"], function["depth"]) == (6, 2, 1, 0, 2)
    package = dict(zip(REPOSITORY, matrices["repository"][1], strict=True))
    assert package["removed calls alike"] == pytest.approx(np.log1p(3))
    assert package["added calls alike"] == 0
    assert (package["added names in package"], package["removed names in package"]) == (0, 1)


def test_features_depend_on_nothing_that_was_read_before(monkeypatch):
    changes = [make_change(), make_change(OTHER), turned(make_change(OTHER))]
    place = make_repository(monkeypatch)
    together = static_features(changes, place)[0]
    apart = [static_features([single], make_repository(monkeypatch))[0] for single in reversed(changes)][::-1]
    for name, matrix in together.items():
        np.testing.assert_array_equal(matrix, np.concatenate([alone[name] for alone in apart]))
