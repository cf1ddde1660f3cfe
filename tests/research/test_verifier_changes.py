"""Changes in both directions, and what of the evidence a reviewer may see."""

import itertools
from dataclasses import replace

import pytest

from smallmodels.verifier.changes import Change, back, towards, turned
from smallmodels.verifier.labels import Examined, Version
from smallmodels.verifier.oracle import BUG, CLEAN, UNRESOLVED, Evidence
from smallmodels.verifier.releases import Natural


def make_change(examples="pw", inputs="", **more):
    given = {"kind": "error", "operator": "o", "backwards": False, "wrong": True, "line": 3}
    return Change("p", "m:f", right="right", edited="edited", evidence=Evidence(examples, "v", inputs), **{**given, **more})


def test_only_a_change_towards_the_wrong_body_is_a_bug():
    variants = {
        (wrong, backwards): make_change(wrong=wrong, backwards=backwards) for wrong, backwards in itertools.product((0, 1), repeat=2)
    }
    assert {key for key, variant in variants.items() if variant.bug} == {(1, 0)}
    assert (variants[1, 0].before, variants[1, 0].after) == ("right", "edited")
    assert (variants[1, 1].before, variants[1, 1].after) == ("edited", "right")


def test_turned_twice_is_the_same():
    assert turned(turned(make_change())) == make_change()
    assert turned(make_change()).backwards


@pytest.mark.parametrize(("examples", "visible"), [("", ""), ("w", "w"), ("wp", "w"), ("prm", "pr"), ("pwrm", "pw")])
def test_the_first_half_of_the_examples_is_visible_on_the_side_that_it_is_of(examples, visible):
    forward, backward = make_change(examples), turned(make_change(examples))
    assert (forward.new_examples, forward.old_examples) == (visible, "p" * len(visible))
    assert (backward.old_examples, backward.new_examples) == (visible, "p" * len(visible))
    hidden = make_change(examples[: len(visible)] + "d" * (len(examples) - len(visible)))
    assert (hidden.new_examples, hidden.old_examples) == (forward.new_examples, forward.old_examples)


def test_inputs_are_the_reviewers_and_turn_with_the_change():
    assert make_change(inputs="=!vxrmqd").inputs == "=!vxrmqd"
    assert turned(make_change(inputs="=!vxrmqd")).inputs == "=!vxqqrq"  # where the edited one raised or hung, the right one returns again
    other = replace(make_change(inputs="=v"), evidence=Evidence("pw", "dddd", "=v"))
    assert other.inputs == make_change(inputs="=v").inputs


def test_towards_takes_what_is_resolved_as_it_was_meant():
    same, broken = Evidence("pp", "==", "=="), Evidence("pw", "=v", "==")
    versions = [
        Version(kind, f"{kind} {i}", i, f"{kind} {i}", evidence)
        for i, evidence in enumerate((same, broken))
        for kind in ("error", "benign", "composite", "given")
    ]
    resolved_changes = towards([Examined("p", "m:f", "right", (), tuple(versions))])
    assert [(resolved.operator, resolved.bug, resolved.line) for resolved in resolved_changes] == [
        ("benign 0", False, 0),
        ("error 1", True, 1),
        ("composite 1", True, 1),
        ("given 1", True, 1),
    ]
    assert {(resolved.right, resolved.backwards) for resolved in resolved_changes} == {("right", False)}
    assert [resolved.edited for resolved in resolved_changes] == [resolved.operator for resolved in resolved_changes]


def test_going_back_to_an_earlier_body():
    pairs = [Natural("p", f"m:{label}", "1.0", "newer", "earlier", label, Evidence("w", "", "")) for label in (BUG, CLEAN, UNRESOLVED)]
    (bug,), (clean,) = back(pairs, BUG), back(pairs, CLEAN)
    assert (bug.function, bug.before, bug.after, bug.bug, bug.kind, bug.operator) == ("m:bug", "newer", "earlier", True, "natural", "1.0")
    assert (clean.function, clean.bug, turned(clean).bug, turned(bug).bug) == ("m:clean", False, False, False)
