"""What the code of a note will define, before it runs."""

from pathlib import Path

import pytest

from labnotes.source import author_calls, code_digest
from labnotes.source.notebooks import Cell


def calls_in(source):
    aliases = code_digest.aliases_in([code_digest.parse_code("from labnotes import claim")])
    return author_calls.find_definitions([Cell("code", source, 1, 1, Path("note.py"), aliases)])


@pytest.mark.parametrize(
    "source",
    [
        "for i in values: claim('x', i)",
        "while more(): claim('x', 1)",
        "[claim('x', i) for i in values]",
        "{claim('x', i) for i in values}",
        "{i: claim('x', i) for i in values}",
        "all(claim('x', i) for i in values)",
        "def f(): claim('x', 1)",
        "f = lambda: claim('x', 1)",
        "if likely: claim('x', 1)",
        "likely and claim('x', 1)",
        "claim('x', 1) if likely else None",
        "match value:\n    case 1: claim('x', 1)",
        "try: claim('x', 1)\nexcept ValueError: claim('x', 2)",
        "for i in values:\n    with there(): print(claim('x', i))",
    ],
)
def test_a_call_that_may_run_never_or_often_defines_its_name_but_not_for_certain(source):
    calls = calls_in(source)
    assert list(calls.claims) == ["x"]
    assert calls.certain == set()
    assert calls.problems == []


@pytest.mark.parametrize("source", ["claim('x', 1)", "with there(): claim('x', 1)", "print(claim('x', sum(i for i in values)))"])
def test_a_call_that_every_run_reaches_is_certain(source):
    assert calls_in(source).certain == {("claim", "x")}


def test_a_name_that_is_given_twice_is_a_problem():
    (problem,) = calls_in("claim('x', 1)\nclaim('x', 2)").problems
    assert (problem.where, problem.what) == ("note.py:2", "claim 'x' is defined twice")
