"""The outline of a page: what is its title, and at which level each other heading is shown."""

from pathlib import Path

import pytest

from labnotes.source import heading_levels, markdown_checks, prose_facts
from labnotes.source.notebooks import Cell

OUTLINES = {
    "a title and sections": (["# T", "## A", "### B", "## C"], "T0 A2 B3 C2"),
    "no title": (["## A", "### B", "## C"], "A2 B3 C2"),
    "parts of the first level": (["# T", "## A", "# P", "## B", "### C", "# Q", "## D"], "T0 A2 P2 B3 C4 Q2 D3"),
    "parts alone": (["# T", "# P", "# Q"], "T0 P2 Q2"),
    "words before the title": (["Words.", "# P", "## A"], "P2 A3"),
    "words before the title in its cell": (["Words.\n\n# P"], "P2"),
    "a badge before the title": (["[![Open](badge.svg)](https://example.org)", "# T", "## A"], "T0 A2"),
    "a badge in the title's cell": (["<a href='https://example.org'><img src='badge.svg' alt='x'></a>\n\n# T\n\n## A"], "T0 A2"),
    "a badge before a section": (["![Open](badge.svg)", "## A", "# P", "## B"], "A2 P2 B3"),
    "a level passed over": (["# T", "## A", "#### B", "#### C", "### D", "##### E", "## F"], "T0 A2 B3 C3 D3 E4 F2"),
    "a deep beginning": (["# T", "### A", "### B", "## C"], "T0 A2 B2 C2"),
    "deeper than HTML": (["# T", "# P", "## A", "### B", "#### C", "##### D", "###### E"], "T0 P2 A3 B4 C5 D6 E6"),
    "raw and underlined headings": (["T\n===", "<h1 align='center'>P</h1>", "A\n---", "<h4>B</h4>"], "T0 P2 A3 B4"),
    "in a quotation": (["# T", "> # P", "## A"], "T0 P2 A3"),
}


def levels_of(texts, left_out=()):
    facts = [prose_facts.text_facts(text) for text in texts]
    shown = heading_levels.level_headings(facts, [at in left_out for at in range(len(texts))])
    return " ".join(f"{heading.heading.words}{heading.level}" for heading in shown)


@pytest.mark.parametrize(("texts", "outline"), OUTLINES.values(), ids=OUTLINES)
def test_each_heading_is_shown_below_the_one_it_stands_under(texts, outline):
    assert levels_of(texts) == outline


def test_headings_of_a_cell_that_is_left_out_hold_nothing_up():
    assert levels_of(["# T", "## A", "### B"], left_out={1}) == "T0 A2 B2"


def remarks_of(*texts):
    cells = [Cell("text", text, number, None, Path("n")) for number, text in enumerate(texts, 1)]
    return [remark.removeprefix("n, text ") for remark in markdown_checks.markdown_remarks(cells)]


def test_what_is_shown_at_another_level_is_told_once_with_its_place():
    assert remarks_of("# T", "## A\n\n#### B\n\n#### C", "Text.\n\n# P\n\n## D") == [
        "cell 2, line 3: heading 'B' is of level 4, after one of level 2; the page shows it at level 3",
        "cell 3, line 3: 'P' is a heading of the first level beside the title; the page shows it as a section",
    ]
    assert remarks_of("# T", "# P", "# Q\n\n## A", "# R") == [
        "cell 2, line 1: 'P' is a heading of the first level beside the title; so is 'Q' at n, text cell 3, line 1; so is 'R' at n, text "
        "cell 4, line 1; the page shows them as sections"
    ]
    assert remarks_of("# T", "## A", "### B", "## C") == []
