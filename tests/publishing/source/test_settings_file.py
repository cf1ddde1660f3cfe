"""Keys of note.yml: what they may hold, and what is said of anything else."""

import pytest

from labnotes.source.labs import Lab
from labnotes.source.notes import read_note

NOTE = "# %%\nx = 1\n"


@pytest.mark.parametrize(
    ("macros", "read"),
    [
        ({}, {}),
        ({"RR": r"\mathbb{R}", r"\norm": r"\lVert #1 \rVert"}, {"RR": r"\mathbb{R}", "norm": r"\lVert #1 \rVert"}),
        ({"brace": r"\{ #1 \} \#"}, {"brace": r"\{ #1 \} \#"}),
    ],
    ids=["none", "with and without a backslash", "braces that are shown"],
)
def test_macros_are_tex_by_name(lab, macros, read):
    lab.write_note("a", NOTE, settings={"macros": macros})
    assert read_note(Lab(lab.root), "a").settings.macros == read


@pytest.mark.parametrize(
    ("macros", "told"),
    [
        ([r"\RR"], "gives commands of math by name, and what they stand for"),
        ({"R2": "x"}, r"'R2' is no name of a command: letters alone, RR for \RR"),
        ({"RR": 3}, "what RR stands for is no text; put it in single quotes"),
        ({"RR": r"\mathbb{R"}, r"the braces of RR do not match: \mathbb{R"),
        ({"RR": "}{"}, "the braces of RR do not match: }{"),
        ({"RR": "#0"}, "arguments are #1 to #9, and RR has #0"),
    ],
    ids=["a list", "a digit in a name", "a number", "an open brace", "braces the wrong way round", "an argument 0"],
)
def test_other_macros_are_refused_with_an_example(lab, macros, told):
    lab.write_note("a", NOTE, settings={"macros": macros})
    said = lab("list").err
    assert told in said
    assert r"macros: {RR: '\mathbb{R}', norm: '\lVert #1 \rVert'}" in said
