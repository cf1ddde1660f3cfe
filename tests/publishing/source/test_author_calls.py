"""What the code of a note will define, before it runs."""

from pathlib import Path

import pytest

from labnotes.model.claims import Claim
from labnotes.source import author_calls, code_digest
from labnotes.source.notebooks import Cell


def calls_in(source, tags=()):
    aliases = code_digest.aliases_in([code_digest.parse_code("from labnotes import claim")])
    return author_calls.find_definitions([Cell("code", source, 1, 1, Path("note.py"), aliases, tags=tags)])


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
        "async for i in values: claim('x', i)",
        "for i in values: pass\nelse: claim('x', 1)",
        "if likely: pass\nelse: claim('x', 1)",
        "try: risky()\nexcept* ValueError: claim('x', 2)",
        "try: risky()\nexcept ValueError: pass\nelse: claim('x', 2)",
        "with suppress(ValueError):\n    risky()\n    claim('x', 1)",
        "async with suppress(ValueError): claim('x', 1)",
        "print(0 < value < claim('x', 1))",
        "likely or other or claim('x', 1)",
        "assert right, claim('x', 1)",
        "y: claim('x', 1)",
        "def f(a: claim('x', 1)): pass",
        "async def f(): claim('x', 1)",
        "class A:\n    def f(self): claim('x', 1)",
        "match value:\n    case _ if claim('x', 1): pass",
        "%%timeit\nclaim('x', 1)",
        "%%skip likely\nclaim('x', 1)",
    ],
)
def test_a_call_that_may_run_never_or_often_defines_its_name_but_not_for_certain(source):
    calls = calls_in(source)
    assert list(calls.claims) == ["x"]
    assert calls.certain == set()
    assert calls.problems == []


@pytest.mark.parametrize(
    "source",
    [
        "claim('x', 1)",
        "print(claim('x', sum(i for i in values)))",
        "with there(claim('x', 1)): pass",
        "for i in claim('x', 1): pass",
        "async for i in claim('x', 1): pass",
        "if claim('x', 1): pass",
        "y = 1 if claim('x', 1) else 2",
        "claim('x', 1) and other",
        "0 < claim('x', 1) < 2",
        "match claim('x', 1):\n    case _: pass",
        "y: int = claim('x', 1)",
        "class A:\n    b = claim('x', 1)",
        "@there(claim('x', 1))\ndef f(): pass",
        "%%time\nclaim('x', 1)",
        "%%capture\nclaim('x', 1)",
    ],
)
def test_a_call_that_every_run_reaches_is_certain(source):
    assert calls_in(source).certain == {("claim", "x")}


def test_a_name_that_is_given_twice_is_a_problem():
    (problem,) = calls_in("claim('x', 1)\nclaim('x', 2)").problems
    assert (problem.where, problem.what) == ("note.py:2", "claim 'x' is defined twice")


def test_nothing_is_certain_in_a_cell_in_which_an_error_is_meant():
    assert calls_in("claim('x', 1)").certain == {("claim", "x")}
    assert calls_in("claim('x', 1)", tags=("raises-exception",)).certain == set()


RECORDED = Claim("at_tag_bad", 0.48, 1, ".0%", title="As recorded")


@pytest.mark.parametrize(
    ("source", "title"),
    [
        ("claim('at_tag_bad', 1)", "At tag bad"),
        ("claim('at_tag_bad', 1, title='Bad answers at the tag')", "Bad answers at the tag"),
        ("claim('at_tag_bad', 1, title=f'{word} answers')", "As recorded"),
        ("claim('at_tag_bad', 1, **more)", "As recorded"),
        ("for name in names: claim(name, 1, title=titles[name])", "As recorded"),
    ],
)
def test_a_claim_is_called_what_the_source_calls_it_now(source, title):
    assert calls_in(source).claim_title(RECORDED) == title


@pytest.mark.parametrize("title", ["''", "3", "'two\\nlines'", f"'{'x' * 81}'"])
def test_a_title_that_is_none_is_told_before_a_run(title):
    (problem,) = calls_in(f"claim('rate', 1, title={title})").problems
    assert "claim 'rate' has " in str(problem) and "title=" in str(problem)


def test_a_title_is_for_the_reader_so_that_another_one_needs_no_run():
    aliases = code_digest.aliases_in([code_digest.parse_code("from labnotes import claim")])
    plain, titled, other = (
        code_digest.python_digest(f"claim('rate', 1{words})", aliases) for words in ("", ", title='Rate'", ", title='Share'")
    )
    assert plain == titled == other
