"""Keys of note.yml: what they may hold, and what is said of anything else."""

import re

import pytest

from labnotes.source import languages
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


def test_aliases_are_short_words_as_they_are_searched(lab):
    lab.write_note("a", NOTE, settings={"aliases": ["SAE", "dictionary  learning"]})
    assert read_note(Lab(lab.root), "a").settings.aliases == ["SAE", "dictionary learning"]
    lab.write_note("b", NOTE)
    assert read_note(Lab(lab.root), "b").settings.aliases == []


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ("SAE", "is a list of words that readers may search for and the note does not use; found 'SAE'"),
        ([1], "is a list of words"),
        ([" "], "' ' is no name: one to 40 characters, without < and >"),
        (["<b>"], "'<b>' is no name"),
        (["x" * 41], "is no name: one to 40 characters"),
        (["SAE", "sae"], "'sae' is given twice"),
        ([f"name {i}" for i in range(13)], "are 13, and a note has at most 12: keep those that readers will type"),
    ],
    ids=["a word", "a number", "nothing", "markup", "too long", "twice", "too many"],
)
def test_other_aliases_are_refused_with_an_example(lab, given, told):
    lab.write_note("a", NOTE, settings={"aliases": given})
    said = lab("list").err
    assert re.search(r"note.yml:\d+: aliases: ", said) and told in said
    assert "aliases: [SAE, dictionary learning]" in said


@pytest.mark.parametrize(
    ("given", "read", "direction", "locale"),
    [
        ("de", "de", "ltr", ""),
        ("DE-ch", "de-CH", "ltr", "de_CH"),
        ("zh-Hant", "zh-Hant", "ltr", ""),
        ("ar", "ar", "rtl", ""),
        ("fa-IR", "fa-IR", "rtl", "fa_IR"),
        ("he", "he", "rtl", ""),
        ("iw", "he", "rtl", ""),
        ("ur", "ur", "rtl", ""),
        ("az", "az", "ltr", ""),
        ("az-Arab", "az-Arab", "rtl", ""),
        ("dv", "dv", "rtl", ""),
    ],
)
def test_a_language_has_its_standard_tag_a_direction_and_with_a_country_a_locale(lab, given, read, direction, locale):
    lab.write_note("a", NOTE, settings={"language": given})
    language = read_note(Lab(lab.root), "a").settings.language
    assert (language, languages.text_direction(language), languages.open_graph_locale(language)) == (read, direction, locale)


def test_without_a_language_there_is_none(lab):
    lab.write_note("a", NOTE)
    assert read_note(Lab(lab.root), "a").settings.language == ""


@pytest.mark.parametrize("given", ["deutsch", "xx", "", "d", "und", "x-own", 3, ["de"], "de_", 'de" onload="x'])
def test_what_is_no_language_is_refused_with_an_example(lab, given):
    lab.write_note("a", NOTE, settings={"language": given})
    said = lab("list").err
    assert re.search(r"note.yml:\d+: language: is no tag of a language", said)
    assert "such as de, pt-BR or zh-Hant" in said and "language: de    (or ar" in said
