"""Changes in both directions, and what of the evidence a reviewer may see."""

import itertools
from dataclasses import replace

import pytest

from smallmodels.verifier.changes import Change, back, towards, turned
from smallmodels.verifier.labels import Examined, Version
from smallmodels.verifier.oracle import BUG, CLEAN, UNRESOLVED, Evidence
from smallmodels.verifier.releases import Natural


def change(examples="pw", inputs="", **more):
    given = {"kind": "error", "operator": "o", "backwards": False, "wrong": True, "line": 3}
    return Change("p", "m:f", right="right", edited="edited", evidence=Evidence(examples, "v", inputs), **{**given, **more})


def test_only_a_change_towards_the_wrong_body_is_a_bug():
    found = {(wrong, backwards): change(wrong=wrong, backwards=backwards) for wrong, backwards in itertools.product((0, 1), repeat=2)}
    assert {key for key, each in found.items() if each.bug} == {(1, 0)}
    assert (found[1, 0].before, found[1, 0].after) == ("right", "edited")
    assert (found[1, 1].before, found[1, 1].after) == ("edited", "right")


def test_turned_twice_is_the_same():
    assert turned(turned(change())) == change()
    assert turned(change()).backwards


@pytest.mark.parametrize(("examples", "visible"), [("", ""), ("w", "w"), ("wp", "w"), ("prm", "pr"), ("pwrm", "pw")])
def test_the_first_half_of_the_examples_is_visible_on_the_side_that_it_is_of(examples, visible):
    forward, backward = change(examples), turned(change(examples))
    assert (forward.new_examples, forward.old_examples) == (visible, "p" * len(visible))
    assert (backward.old_examples, backward.new_examples) == (visible, "p" * len(visible))
    hidden = change(examples[: len(visible)] + "d" * (len(examples) - len(visible)))
    assert (hidden.new_examples, hidden.old_examples) == (forward.new_examples, forward.old_examples)


def test_inputs_are_the_reviewers_and_turn_with_the_change():
    assert change(inputs="=!vxrmqd").inputs == "=!vxrmqd"
    assert turned(change(inputs="=!vxrmqd")).inputs == "=!vxqqrq"  # where the edited one raised or hung, the right one returns again
    other = replace(change(inputs="=v"), evidence=Evidence("pw", "dddd", "=v"))
    assert other.inputs == change(inputs="=v").inputs


def test_towards_takes_what_is_resolved_as_it_was_meant():
    same, broken = Evidence("pp", "==", "=="), Evidence("pw", "=v", "==")
    versions = [
        Version(kind, f"{kind} {i}", i, f"{kind} {i}", evidence)
        for i, evidence in enumerate((same, broken))
        for kind in ("error", "benign", "composite", "given")
    ]
    found = towards([Examined("p", "m:f", "right", (), tuple(versions))])
    assert [(each.operator, each.bug, each.line) for each in found] == [
        ("benign 0", False, 0),
        ("error 1", True, 1),
        ("composite 1", True, 1),
        ("given 1", True, 1),
    ]
    assert {(each.right, each.backwards) for each in found} == {("right", False)}
    assert [each.edited for each in found] == [each.operator for each in found]


def test_going_back_to_an_earlier_body():
    pairs = [Natural("p", f"m:{label}", "1.0", "newer", "earlier", label, Evidence("w", "", "")) for label in (BUG, CLEAN, UNRESOLVED)]
    (bug,), (clean,) = back(pairs, BUG), back(pairs, CLEAN)
    assert (bug.function, bug.before, bug.after, bug.bug, bug.kind, bug.operator) == ("m:bug", "newer", "earlier", True, "natural", "1.0")
    assert (clean.function, clean.bug, turned(clean).bug, turned(bug).bug) == ("m:clean", False, False, False)
