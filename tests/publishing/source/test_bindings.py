"""What binds in prose, what does not, and what is an error."""

from pathlib import Path

import pytest

from labnotes.model.claims import Claim
from labnotes.source import bindings
from labnotes.source.bindings import KnownNames, binding_problems, fill_bindings
from labnotes.source.notebooks import Cell
from labnotes.source.prose_facts import text_facts

CLAIMS = {
    "rate": Claim("rate", 0.794, 1, ".0%", low=0.7, high=0.88, n=5),
    "gap": Claim("gap", -0.25, 1, ".2f"),
    "k": Claim("k", 1204, 1, ",d"),
    "ok": Claim("ok", True, 1, "d"),
}
NAMES = KnownNames(claims=CLAIMS.keys(), figures={"dose"}, tables={"power"}, references={"betley2025", "wang2025"})


def filled_text(text):
    return fill_bindings(
        text,
        text_facts(text),
        CLAIMS,
        cross=lambda sort, label: f"<{sort} {label}>",
        cite=lambda keys: f"<{' '.join(keys)}>",
        in_text={key: f"<{key} in text>" for key in NAMES.references},
    )


@pytest.mark.parametrize(
    ("text", "result"),
    [
        ("is {{ rate }} of", "is 79% of"),
        ("{{rate.low}} to {{ rate.high }}, n = {{ rate.n }}", "70% to 88%, n = 5"),
        ("{{ gap | abs }}", "0.25"),
        ("{{ gap }}", "\N{MINUS SIGN}0.25"),
        ('{{ rate | format(".2f") }}', "0.79"),
        ("{{ gap | abs | percent }}", "25%"),
        ("{{ gap.low }}", "\N{EM DASH}"),
        ("{{ k }} and {{ ok }}", "1,204 and yes"),
        ('{{ const("64", "model width") }}', "64"),
        ('{{ cited("40 %", "betley2025") }}', "40 %"),
        ("see @fig:dose and @tab:power.", "see <fig dose> and <tab power>."),
        ("as shown [@betley2025; @wang2025, p. 3]", "as shown <betley2025 wang2025>"),
        ("as @betley2025 and (@wang2025, who agree) say", "as <betley2025 in text> and (<wang2025 in text>, who agree) say"),
        ("@wang2025's view. So @betley2025.", "<wang2025 in text>'s view. So <betley2025 in text>."),
        ("@wang2025.And @wang2025;@betley2025", "<wang2025 in text>.And <wang2025 in text>;<betley2025 in text>"),
        ("**@wang2025**: *@betley2025* [p. 3]", "**<wang2025 in text>**: *<betley2025 in text>* [p. 3]"),
        ("{{ rate }} by @wang2025 [@betley2025]", "79% by <wang2025 in text> <betley2025>"),
        ("@nobody2020, @wang, @wang20255 and @ alone", "@nobody2020, @wang, @wang20255 and @ alone"),
        ("mail a.b@wang2025, a+@wang2025, \\@wang2025", "mail a.b@wang2025, a+@wang2025, \\@wang2025"),
        ("[by @wang2025](https://a.org/@wang2025) <a title='@wang2025'>", "[by @wang2025](https://a.org/@wang2025) <a title='@wang2025'>"),
        ("https://example.org/@wang2025", "https://example.org/@wang2025"),
        ("`@wang2025`\n\n```python\n@wang2025\ndef f(): ...\n```", "`@wang2025`\n\n```python\n@wang2025\ndef f(): ...\n```"),
        ("$x_{@wang2025}$", "$x_{@wang2025}$"),
        ('{{ const("@wang2025", "a name") }}', "@wang2025"),
        ("mail ada@fig.org", "mail ada@fig.org"),
        ("`{{ rate }}` stays", "`{{ rate }}` stays"),
        ("``a ` {{ rate }}`` stays", "``a ` {{ rate }}`` stays"),
        ("```python\nx = '{{ rate }}'\n```\n{{ k }}", "```python\nx = '{{ rate }}'\n```\n1,204"),
        ("~~~\n{{ rate }}\n~~~", "~~~\n{{ rate }}\n~~~"),
        ("$\\frac{{a}}{b}$", "$\\frac{{a}}{b}$"),
        ("$x^{{2}}$", "$x^{{2}}$"),
        ("$\\underset{{\\theta}}{x}$", "$\\underset{{\\theta}}{x}$"),
        ("$p = {{ rate }}$", "$p = 79\\%$"),
        ("$$\nx = {{ gap }}\n$$", "$$\nx = -0.25\n$$"),
        ("{% if x %}{# not a comment #}", "{% if x %}{# not a comment #}"),
        ("costs $5 and $6, {{ k }}", "costs $5 and $6, 1,204"),
        ("<!-- {{ nothing }} -->", "<!-- {{ nothing }} -->"),
    ],
)
def test_bindings_are_filled_and_the_rest_is_untouched(text, result):
    assert binding_problems(text_facts(text), NAMES, str) == []
    assert filled_text(text) == result


@pytest.mark.parametrize(
    ("text", "line", "part"),
    [
        ("one\ntwo {{ rat }}", "2", "did you mean 'rate'"),
        ("{{ rate.mean }}", "1", "is none of: value, low, high, n"),
        ("{{ rate | upper }}", "1", "is none of: abs, percent, format"),
        ("{{ 1 + 1 }}", "1", "does not bind"),
        ("{{ rate", None, ""),
        ('{{ const("64") }}', "1", "does not bind"),
        ('{{ cited("40 %", "betly2025") }}', "1", "did you mean 'betley2025'"),
        ("\n\nsee @fig:dos", "3", "did you mean 'dose'"),
        ("see @tab:dose", "1", "unknown table 'dose'"),
        ("[@nobody2020]", "1", "cites an unknown reference 'nobody2020'"),
        ("{{ rate.__class__ }}", "1", "is none of"),
        ("{{ }}", "1", "does not bind"),
    ],
)
def test_what_refers_to_nothing_is_reported_with_its_line(text, line, part):
    reported = binding_problems(text_facts(text), NAMES, str)
    if line is None:
        assert reported == []
        return
    assert [problem.where for problem in reported] == [line]
    assert part in str(reported[0])


def test_several_problems_are_reported_together():
    assert len(binding_problems(text_facts("{{ a }} {{ b }} @fig:c [@d]"), NAMES, str)) == 4


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("We used 64 seeds and 3.5 %.", ["64", "3.5 %"]),
        ("# 12 monkeys\nIn 2024 and on 2026-11-21, {{ rate }}, `9`, $8$.", []),
        ("see [@x2020, 7], [a](b5.html) and @fig:f1; GPT-4, Qwen2", []),
        ("95 % interval", []),
        ("1. first\n2. second with 7", ["7"]),
    ],
)
def test_numbers_that_nothing_binds_are_found(text, numbers):
    assert [number for _, number in text_facts(text).numbers] == numbers


def text_cell(source):
    return Cell("text", source, 1, 1, Path("note.py"))


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        (
            "# Title 3.5\n\nFirst. The *rate* is {{ rate | percent }}, about [a half](x.md). Last.",
            "The rate is {{ rate | percent }}, about a half.",
        ),
        ("It is {{ const('3.5', 'x. y') }} or {{ rate }}? Yes.", "It is {{ const('3.5', 'x. y') }} or {{ rate }}?"),
        ("- one {{ other }}\n- two {{ rate.low }}\n- three", "two {{ rate.low }}"),
        ("| a | b |\n|---|---|\n| what | {{ rate }}, 5 % |", "what; {{ rate }}, 5 %"),
        ("Over\nlines {{ rate }}\nin one.", "Over lines {{ rate }} in one."),
        ("`{{ rate }}` is code.", ""),
        ("Nothing.", ""),
    ],
)
def test_the_sentence_in_which_a_claim_is_stated(source, sentence):
    assert bindings.reader_words(bindings.claim_sentence("rate", [text_cell(source)])) == sentence


@pytest.mark.parametrize(
    ("source", "parts"),
    [
        ("It rose from {{ other }} to **{{ rate }}**, at last. No.", ("It rose from {{ other }} to ", "{{ rate }}", ", at last.")),
        ("Between {{ rate.low }} and more.\n\nThe mean is {{ rate }}.", ("The mean is ", "{{ rate }}", ".")),
        ("At least {{ rate.low }}, they say.", ("At least ", "{{ rate.low }}", ", they say.")),
        ("{{ rate }}", ("", "{{ rate }}", "")),
        ("**In short.** It is {{ rate }}.", ("It is ", "{{ rate }}", ".")),
        (
            "It is {{ rate }}, not 40 % as before [@ada2024, p. 3]. Last.",
            ("It is ", "{{ rate }}", ", not 40 % as before [@ada2024, p. 3]."),
        ),
        ("Marks \ufdd0of\ufdd1 Unicode and {{ rate }}.", ("Marks of Unicode and ", "{{ rate }}", ".")),
    ],
)
def test_the_number_of_a_claim_is_told_in_its_sentence(source, parts):
    sentence = bindings.sentence_parts(bindings.claim_sentences([text_cell(source)])["rate"])
    assert (sentence.before, sentence.number, sentence.after) == parts
    assert sentence.text == "".join(parts)


def test_a_claim_that_no_sentence_states_has_none():
    assert bindings.claim_sentences([text_cell("Nothing of {{ other }}.")]).get("rate") is None
    assert not bindings.sentence_parts("")
