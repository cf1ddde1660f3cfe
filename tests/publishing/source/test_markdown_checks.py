"""Links, images, footnotes, headings and raw HTML of a note: what is a problem, where, and what is none."""

import json
import textwrap
from pathlib import Path

import markdown
import pytest

from labnotes.errors import InvalidNote
from labnotes.source import markdown_checks, notes, prose_facts
from labnotes.source.labs import Lab
from labnotes.source.notebooks import Cell

CODE = "from labnotes import claim\nclaim('rate', 0.5)"
EXTENSIONS = ["attr_list", "def_list", "footnotes", "md_in_html", "tables", "toc", "pymdownx.superfences", "pymdownx.highlight"]
"""Those of the theme, which make the addresses of headings."""

MANY = """
A [misspelt file](dta.csv), a [script](javascript:alert(1)) and a mark[^gone].

![](data.csv) ![far](https://example.org/x.png)

[nowhere](#no-such-heading) <b onclick="x">bold</b>

[^idle]: Nobody refers to this.
"""
FOUND = [
    (1, "broken link: dta.csv is not there did you mean 'data.csv'?"),
    (1, "links to 'javascript:alert(1)' a page may link to https:, http: and mailto: addresses"),
    (1, "[^gone] has no text known: idle; its text goes on a line of its own: [^gone]: Text."),
    (3, "image data.csv has no alt text ![what it shows to someone who cannot see it](data.csv)"),
    (3, "shows a picture of another site: https://example.org/x.png"),
    (5, "links to #no-such-heading, which no heading has"),
    (5, "<b> has the event handler onclick"),
    (7, "footnote [^idle] is never referred to"),
]


def source_of(kind, *texts):
    """A source of text cells, then one of code; the line of the file before each text cell's first, or None for cells without lines."""
    texts = [text.strip("\n") for text in texts]
    if kind == "ipynb":
        cells = [{"cell_type": "markdown", "metadata": {}, "source": text} for text in texts]
        cells.append({"cell_type": "code", "metadata": {}, "source": CODE, "outputs": [], "execution_count": None})
        return json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4}), [None] * len(texts)
    made, before = "", []
    for text in texts:
        made += "# %% [markdown]\n" if kind == "py" else "<!-- #region -->\n"
        before.append(made.count("\n"))
        made += textwrap.indent(text, "# ", lambda _: True) + "\n\n" if kind == "py" else f"{text}\n<!-- #endregion -->\n\n"
    return made + (f"# %%\n{CODE}\n" if kind == "py" else f"```python\n{CODE}\n```\n"), before


@pytest.fixture(scope="module")
def root(tmp_path_factory):
    """A lab of two notes and a page, with files beside the first."""
    root = tmp_path_factory.mktemp("lab")
    (root / "docs").mkdir()
    (root / "docs" / "about.md").write_text("# About\n")
    for slug in ("a", "other"):
        (root / "notes" / slug).mkdir(parents=True)
        (root / "notes" / slug / "note.yml").write_text("title: A\ndate: 2026-11-21\nauthors: [Ada]\nsummary: S\n")
        (root / "notes" / slug / "note.ipynb").write_text(source_of("ipynb", "## Text")[0])
    (root / "notes" / "other" / "data.csv").write_text("x")
    (root / "docs" / "picture.png").write_text("x")
    (root / "mkdocs.yml").write_text("site_name: A lab\n")
    (root / "notes" / "a" / "folder").mkdir()
    for name in ("data.csv", "pic.png", "two words.csv", "data (1).csv"):
        (root / "notes" / "a" / name).write_text("x")
    return root


@pytest.fixture
def problems(root):
    """The problems of a note of these text cells, as "cell:line what" each with its hint."""

    def read_problems(*texts):
        (root / "notes" / "a" / "note.ipynb").write_text(source_of("ipynb", *texts)[0])
        try:
            notes.read_note(Lab(root), "a")
        except InvalidNote as error:
            return [
                f"{problem.where.replace('notes/a/note.ipynb, text cell ', '').replace(', line ', ':')} {problem.what}\n{problem.hint}"
                for problem in error.problems
            ]
        return []

    return read_problems


# -- together, through the command -------------------------------------------------------------------------------------------------------


def test_everything_wrong_is_listed_at_once_with_file_and_line(lab):
    lines = {}
    for kind in ("py", "md", "ipynb"):
        source, lines[kind] = source_of(kind, "Text first.\n\nAnd more.", MANY)
        folder = lab.write_note(f"a-{kind}", source, suffix=kind)
        (folder / "data.csv").write_text("x")
    done = lab("list")
    assert done.code == 2
    assert done.out.count(f"{len(FOUND)} problems, see below") == 3, done.out
    told = " ".join(done.err.split())
    for kind, before in lines.items():
        for line, what in FOUND:
            place = f"text cell 2, line {line}" if before[1] is None else f"{before[1] + line}"
            joint = ", " if before[1] is None else ":"
            assert f"error notes/a-{kind}/note.{kind}{joint}{place}: {what}" in told, (kind, line, what, done.err)


@pytest.mark.parametrize("kind", ["py", "md"])
def test_a_text_cell_is_told_from_the_same_words_in_code_above_it(lab, kind):
    source, before = source_of(kind, "Method\n\n[x](nope.csv)")
    code, mark = ("# %%\nx = 1\n# Method\n\n", source) if kind == "py" else ("```python\nx = 1\n# Method\n```\n\n", source)
    lab.write_note("a", code + mark, suffix=kind)
    assert f"notes/a/note.{kind}:{code.count(chr(10)) + before[0] + 3}: broken link" in lab("list").err


def test_problems_of_all_cells_are_found_and_those_of_prose_with_them(problems):
    messages = problems("[x](nope.csv)\n\n{{ nothing }}", "<script>x</script>\n\n@fig:nothing")
    assert [message.split("\n")[0] for message in messages] == [
        "1:1 broken link: nope.csv is not there",
        "2:1 <script> in prose",
        "1:3 {{ nothing }} names an unknown claim 'nothing'",
        "2:3 @fig:nothing refers to an unknown figure 'nothing'",
    ]


# -- one by one --------------------------------------------------------------------------------------------------------------------------

WRONG = [
    # links
    ("[x](nope.csv)", "1:1 broken link: nope.csv is not there\na path from the note's folder"),
    ("one\ntwo [x](dat.csv)", "1:2 broken link: dat.csv is not there\ndid you mean 'data.csv'?"),
    ("[x](../othr/note.py)", "1:1 broken link: ../othr/note.py is not there"),
    ("[x](../other/no.csv 'a title')", "1:1 broken link: ../other/no.csv is not there"),
    ('[x](nope.csv "a (title)")', "1:1 broken link: nope.csv"),
    ("[x](<nope.csv>)", "1:1 broken link: nope.csv"),
    ("[a [b] c](nope.csv)", "1:1 broken link: nope.csv"),
    ("[![x](pic.png)](nope.csv)", "1:1 broken link: nope.csv"),
    ("[`code`](nope.csv)", "1:1 broken link: nope.csv"),
    ("[two\nlines](nope.csv)", "1:1 broken link: nope.csv"),
    ("[x][r]\n\n[r]: nope.csv", "1:3 broken link: nope.csv"),
    ("[x](two%20wrds.csv)", "1:1 broken link: two%20wrds.csv is not there\ndid you mean 'two words.csv'?"),
    ("[x](/etc/passwd)", "1:1 links to /etc/passwd, outside this lab\na path from the note's folder"),
    ("[x](../../../x.csv)", "1:1 links to ../../../x.csv, outside this lab"),
    ("[x](javascript:alert`1`)", "1:1 links to 'javascript:alert"),
    ("[x](JaVaScript:x)", "1:1 links to 'JaVaScript:x'\na page may link to https:, http: and mailto: addresses"),
    ("[x](data:text/html,x)", "1:1 links to 'data:text/html,x'"),
    ("[x](ftp://example.org)", "1:1 links to 'ftp://example.org'"),
    ("[x](#metod)\n\n## Method", "1:1 links to #metod, which no heading has\ndid you mean 'method'?"),
    ("[x](#results)", "1:1 links to #results, which no heading has\nnone is defined"),
    # images
    ("![](pic.png)", "1:1 image pic.png has no alt text\n![what it shows to someone who cannot see it](pic.png)"),
    ('![ ](pic.png "a title")', "1:1 image pic.png has no alt text"),
    ("![x](pik.png)", "1:1 broken link: pik.png is not there\ndid you mean 'pic.png'?"),
    ("![x](https://example.org/x.png)", "1:1 shows a picture of another site: https://example.org/x.png\nput the file beside the note"),
    ("![x](//example.org/x.png)", "1:1 shows a picture of another site"),
    ("![x](data:image/png;base64,AAAA)", "1:1 links to 'data:image/png;base64,AAAA'"),
    # footnotes
    ("one\n\ntwo[^a]", "1:3 [^a] has no text\nnone is defined; its text goes on a line of its own: [^a]: Text."),
    ("x[^ba] y[^bar]\n\n[^bar]: T", "1:1 [^ba] has no text\ndid you mean 'bar'?"),
    ("text\n\n[^a]: Text.", "1:3 footnote [^a] is never referred to\nit would not be published"),
    ("x[^a]\n\n[^a]: Text[^b].\n[^b]: More.", "1:4 footnote [^b] is never referred to"),
    ("`x[^a]`\n\n[^a]: Text.", "1:3 footnote [^a] is never referred to"),
    # raw HTML
    ("<script>x</script>", "1:1 <script> in prose\npages hold no script, style or frame of their own; a widget goes into widget.js"),
    ("<SCRIPT src=x>", "1:1 <script> in prose"),
    ("x\n\n<iframe\nsrc=x></iframe>", "1:3 <iframe> in prose"),
    ("<style>p{}</style>", "1:1 <style> in prose"),
    ("<link rel=stylesheet href=x>", "1:1 <link> in prose"),
    ("<meta http-equiv=refresh content=0>", "1:1 <meta> in prose"),
    ("<base href=x>", "1:1 <base> in prose"),
    ("<form action=x></form>", "1:1 <form> in prose"),
    ("<object data=x></object>", "1:1 <object> in prose"),
    ("<embed src=x>", "1:1 <embed> in prose"),
    ("<b onclick=x>y</b>", "1:1 <b> has the event handler onclick\npages hold no script"),
    ("<p title='a > b' ONCLICK = x>y</p>", "1:1 <p> has the event handler ONCLICK"),
    ('<a href="javascript:x">y</a>', "1:1 <a> links to a script"),
    ("<a href=' java\tscript:x'>y</a>", "1:1 <a> links to a script"),
    ('<a href="data:text/html,x">y</a>', "1:1 <a> links to a script"),
    ("<img src=https://example.org/x.png alt=x>", "1:1 <img> loads https://example.org/x.png\nput the file beside the note"),
    ('<video poster="//example.org/x"></video>', "1:1 <video> loads //example.org/x"),
    ('<img srcset="https://example.org/x 2x" alt=x>', "1:1 <img> loads https://example.org/x"),
    # not mended yet
    ("[a [b [c]] d](nope.csv)", "1:1 broken link: nope.csv"),
    ("[the {{ rate }}](data.csv)", "1:1 {{ rate }} stands in the text of a link"),
    pytest.param("[x](<no pe.csv>)", "1:1 broken link: no pe.csv"),
    ("[x][r]\n\n[r]:nope.csv", "1:3 broken link: nope.csv"),
    ("[x][r]\n\n[r]:\n  nope.csv", "1:3 broken link: nope.csv"),
    ("![x][r]\n\n[r]: https://example.org/x.png", "1:3 shows a picture of another site: https://example.org/x.png"),
    ("![][r]\n\n[r]: pic.png", "1:3 image pic.png has no alt text"),
    pytest.param("[x](http://[bad)", "1:1 "),
    pytest.param('<a href="java&#115;cript:x">y</a>', "1:1 <a> links to a script"),
    pytest.param("<!--><b onclick=x>y</b> -->", "1:1 <b> has the event handler onclick"),
    pytest.param("a ` b\n\n<b onclick=x>y</b>\n\nc ` d", "1:3 <b> has"),
    pytest.param("x[^a]\n\n[^a]: One.\n\n[^a]: Two.", "1:5 "),
    pytest.param("[![x](https://example.org/x.png)](data.csv)", "1:1 shows a picture"),
    ("## One {#cell-1}", "1:1 heading 'One' would have an address that the page itself uses"),
    ("[x](more.md)", "1:1 links to more.md, a page that is not published"),
    # raw HTML, seen as Jupyter sees it
    ("<a href='nope.csv'>x</a>", "1:1 broken link: nope.csv is not there"),
    ("<div>\n\n<img src='pik.png' alt='x'>\n\n</div>", "1:3 broken link: pik.png is not there\ndid you mean 'pic.png'?"),
    ("![x](PIC.PNG)", "1:1 broken link: PIC.PNG is not there\ndid you mean 'pic.png'?"),
    ("<img src='pic.png'>", "1:1 image pic.png has no alt text"),
    ("<video src='clip.mp4'></video>", "1:1 broken link: clip.mp4 is not there"),
    ("<div>\nUse `<iframe>` here.\n</div>", "1:2 <iframe> in prose"),
    ("<!-- --!><b onclick=x>y</b> -->", "1:1 <b> has the event handler onclick"),
    ("a\n\n<input type=checkbox>", "1:3 <input> in prose\na page has nothing to fill in; a list of tasks is written - [ ] and - [x]"),
    ("<b title='{{ rate }}'>x</b>", "1:1 {{ rate }} stands within a tag of HTML"),
    ("a\n\n<a id='ln-check'></a>", "1:3 the id 'ln-check' is one that the page itself uses"),
    ("<a name='cite'></a>", "1:1 the id 'cite' is one that the page itself uses"),
    ("- a\n\n  > [x](nope.csv)", "1:3 broken link: nope.csv"),
    ("$$\nx\n$$ and\n[x](nope.csv)", "1:4 broken link: nope.csv"),
    ("| a |\n|--|\n| [x](nope.csv) |", "1:3 broken link: nope.csv"),
    # what is in the lab and not on its site
    ("[x](folder/)", "1:1 links to folder/, which is not on the site\nlink to the files in the folder"),
    ("a\n\n[x](..)", "1:3 links to .., which is not on the site\nlink to a note"),
    ("[x](../other/data.csv)", "1:1 links to ../other/data.csv, which is not on the site"),
    ("[x](../../mkdocs.yml)", "1:1 links to ../../mkdocs.yml, which is not on the site"),
    ("a [x](../other/note.ipynb#txet)", "1:1 links to #txet of other, which no heading there has\ndid you mean 'text'?"),
    # what no page can show
    ("```{mermaid}\ngraph TD\n```", "1:1 a diagram of mermaid"),
    ("~~~ Mermaid\ngraph TD\n~~~", "1:1 a diagram of mermaid"),
    ("a\n\n<pre class='mermaid'>graph TD</pre>", "1:3 a diagram of mermaid"),
    ("a\n\n" + ">" * 200 + " b", "1:3 text stands more than 50 levels deep\nwrite it with fewer lists"),
    ("\n".join("  " * level + "- a" for level in range(60)), "1:50 text stands more than 50 levels deep"),
    ("::: {.callout-fancy}\nb\n:::", "1:1 :::fancy is no block that a page can show"),
    ("a\n\n```mermaid\ngraph TD\n```", "1:3 a diagram of mermaid, which a page without script cannot draw\nsave the drawing as a picture"),
    ("a\n\n:::{grid} 2\nb\n:::", "1:3 :::grid is no block that a page can show\npages have :::{note}"),
    ("![x](attachment:dot.png)", "1:1 shows 'dot.png', a picture that was pasted into the cell, and is not in it\nsave the picture beside"),
]


@pytest.mark.parametrize(("text", "expected"), WRONG)
def test_what_is_wrong_is_told_with_its_line_and_what_to_do(problems, text, expected):
    messages = problems(text)
    assert len(messages) == 1, messages
    assert messages[0].startswith(expected), messages


RIGHT = [
    "[x](data.csv) ![x](pic.png) [x](data.csv 'title') ![x](pic.png \"title\")",
    "[x](two%20words.csv)",
    "[x](../other/note.ipynb) [x](../other) [x](../other/) [x](../../docs/about.md) [x](note.ipynb)",
    "[x](https://example.org/a_(b)) [x](http://example.org) [x](mailto:ada@example.org) [x](//example.org/x) <https://example.org>",
    "[x](#method) [y](#what-we-did-and-why)\n\n## Method\n\n### What we did, and *why*!",
    "[x](#own) [y](#other) [z](#third)\n\n## A heading {#own}\n\n## Another {: #other }\n\n## One more {: .k #third }",
    "[x](#fig-a) [x](#tab-b) [x](#claim-c) [x](#ref-d) [x](#cell-1) [x](#ln-check) [x](#references) [x](#cite) [x](#)",
    "[a [b] c](data.csv) [see [1]](data.csv) [![x](pic.png)](data.csv)",
    "`[x](nope.csv)` ``a ` [x](nope.csv)`` $[x](nope.csv)$ <!-- [x](nope.csv) <script> -->",
    "```\n[x](nope.csv) <script>\n```\n\n~~~html\n<b onclick=x>[^a]\n~~~",
    "$$\n[x](nope.csv) <script>\n$$",
    "`<script>` and &lt;script&gt;",
    "H<sub>2</sub>O, x<sup>2</sup>, <kbd>a</kbd>, <br> <details><summary>x</summary>y</details> <p align=center title='onclick'>z</p>",
    "a < b and c > d, if a<b then x=1>0, 1 <on 2> 3",
    "a[^1] b[^two]\n\n[^1]: Text with [a link](data.csv).\n    And more.\n\n[^two]: Text.",
    "a[^1] [^1]\n\n[^1]:\n    Text below.",
    "x[0] is no link, nor is [x] (nope.csv), nor x[^ 2]",
    "[x](?q=1)",
    "# The title\n\n## Claims\n\n### Check\n\n## References\n\n## Updates",
    pytest.param("[x](data%20(1).csv)"),
    pytest.param("[x](<two words.csv>)\n\n[y](<two words.csv> 'z')\n\n[n](nope.csv)"),
    "Text.\n\n    [x](nope.csv) <script>",
    "\\<script> and <svg/onload=x> are text in CommonMark",
    "[x](data.csv){: onclick=x }\n\n## H {: onclick=x }",  # braces are text, too: they run nowhere
    pytest.param("[x](#about-code)\n\n## About `code`"),
    pytest.param("[x](#a-link-here)\n\n## A [link](https://example.org) here"),
    pytest.param("[x](#setext)\n\nSetext\n------\n\nText."),
    pytest.param("[x](#same_1)\n\n## Same\n\n## Same"),
    "\\[x](nope.csv)",
    "[x](#sec2) [y](#three)\n\n<a id='sec2'></a>\n\n## Two\n\n<a name=three></a>",
    "[x](#方法) [y](#%E6%96%B9%E6%B3%95) [z](#resume-und-groe) [j](#Résumé-und-Größe) [m](#What-we-did)\n\n## 方法\n\n## Résumé und Größe\n\n## What we did",
    "#hashtag\n\n#two",
    "the pattern [^,;] is no footnote",
    "[x](#raw)\n\n<h2>Raw</h2>",
    "# The title\n\n[x](#the-title)",
    "<img src='pic.png' alt='x'> <a href='data.csv'>y</a> <a href='https://example.org'>z</a>",
    "- [ ] a\n- [x] b\n\n!!! note\n    c\n\n> [!NOTE]\n> d\n\n:::{tip}\ne\n:::",
    "---\n\nText\n\n---",
    "---\ntitle: A thing\ntags: [a]\n---\n\n# The title",
    "`[@ada]` \\[@ada]",
    "\n".join("  " * level + "- a" for level in range(49)),
    "[x](#top) [y](#) [z](../other/note.ipynb#top) [a](../other/note.ipynb#Text) [b](../../docs/picture.png)",
    "::: {.callout-note title='A title'}\na\n:::\n\n::: {.callout-tip}\nb\n:::",
    "## \n\n## <!-- a -->\n\n### <img src='pic.png' alt='b'>",
]


@pytest.mark.parametrize("text", RIGHT)
def test_what_is_right_is_not_a_problem(problems, text):
    messages = problems(text)
    if "[n](nope.csv)" in text:  # a control: the same cell holds one broken link
        assert len(messages) == 1 and "broken link: nope.csv" in messages[0], messages
        messages = []
    assert messages == []


# -- links -------------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("see [a](b.csv).", [("b.csv", "a", False, 1)]),
        ("![a](b.png 'b.png')", [("b.png", "a", True, 1)]),
        ("one\n\n`code` [b.csv](b.csv)\n[b](<b c.csv>)", [("b.csv", "b.csv", False, 3), ("b c.csv", "b", False, 4)]),
        ("[![a](p.png)](b.csv)", [("p.png", "a", True, 1), ("b.csv", "a", False, 1)]),
        ("[x][r]\n\n[r]: b.csv 'b.csv'", [("b.csv", "x", False, 3)]),
        ("`[a](b)` $[a](b)$ [a](c)", [("c", "a", False, 1)]),
        ("[`a](b)`](c)", [("c", "`a](b)`"[1:-1], False, 1)]),
        ("[{{ rate }}](c)", [("c", "{{ rate }}", False, 1)]),
        ("[é](ü.csv)", [("ü.csv", "é", False, 1)]),
        ("<img src='a.png' alt='b'>\n<a href=c.csv>d</a>", [("a.png", "b", True, 1), ("c.csv", "a", False, 2)]),
    ],
)
def test_links_are_found_with_their_words_and_lines(text, links):
    assert [(link.target, link.text, link.image, link.line) for link in prose_facts.text_facts(text).links] == links


@pytest.mark.parametrize(
    ("target", "local"),
    [
        ("a.csv", True),
        ("../b/", True),
        ("/etc/x", True),
        ("#x", False),
        ("", False),
        ("?q=1", False),
        ("https://example.org/x", False),
        ("//example.org/x", False),
        ("mailto:a@b.c", False),
        ("javascript:x", False),
    ],
)
def test_which_targets_are_files_of_the_lab(target, local):
    assert markdown_checks.is_local(target) is local


# -- headings ----------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "heading",
    [
        "Method",
        "What we did, and *why*!",
        'It\'s "so" -- or... not?',
        "1. First",
        "Größe der Übung",
        "I/O & C++ (v1.2)",
        "snake_case",
        "a -  b",
        "Closed ##",
        "Own {#own}",
        "Own {: #own .k }",
        "~~x~~ ^y^",
        "A [link](https://example.org) here",
        "So <b>bold</b> here",
        pytest.param("About `code` here"),
        pytest.param("About _this_ here"),
        pytest.param("A \\* star &amp; so"),
    ],
)
def test_a_link_to_a_heading_by_the_address_that_the_site_builder_makes_is_right(problems, heading):
    made = markdown.Markdown(extensions=EXTENSIONS)
    made.convert(f"## {heading}\n\nText.")
    (address,) = [token["id"] for token in made.toc_tokens]
    assert problems(f"## {heading}\n\n[x](#{address})") == []


def test_levels_of_headings_are_no_problem(problems):
    assert problems("# Title\n\n#### Deep", "# Another\n\nText.\n\nOne more\n===", "<h1>A third</h1>\n\n> ##### Quoted") == []


def test_a_reference_leads_where_its_own_cell_says(problems):
    (told,) = problems("[x][r]\n\n[r]: data.csv", "[x][r]\n\n[r]: nope.csv", "[x][r] is no link here")
    assert told.startswith("2:3 broken link: nope.csv")


B_OF_LEVEL_3 = "5: heading 'b' is of level 3, after one of level 1; the page shows it at level 2"


@pytest.mark.parametrize(
    ("text", "remarks"),
    [
        ("a\n\n<details><summary>b</summary>\n\nc", ["3: <details> is never closed; it ends with its cell"]),
        ("a <b>c", ["1: <b> is never closed; it ends with its cell"]),
        ("<ul><li>a<p>b</ul> <br> <img src='pic.png' alt='a'>", []),
        ("<div>\n\n<div>\n\n</div>", ["1: <div> is never closed; it ends with its cell"]),
        (
            "## a\n\n<h6>b",
            [
                "3: <h6> is never closed; it ends with its cell",
                "3: heading 'b' is of level 6, after one of level 2; the page shows it at level 3",
            ],
        ),
        ("a\n\n##\n\n### b <!-- c -->", ["3: a heading without words, which a page does not show", B_OF_LEVEL_3]),
        ("a\n\n<h3></h3>", ["3: a heading without words, which a page does not show"]),
        # tables
        (
            "> | a | b |\n> |--|--|\n> | `1|2` | 3 |\n> | 1 |\n> | $|x|$ | \\| |",
            [
                "3: a row of a table with 2 columns has 3 cells: what is too much is not shown; a bar within a cell is written \\|",
                "4: a row of a table with 2 columns has 1 cell: the others stay empty",
            ],
        ),
        ("a | b\n--|--\n1 | 2\nc", ["4: a row of a table with 2 columns has 1 cell: the others stay empty"]),
        ("- a\n\n  | a |\n  |--|\n  | b |", []),
        (
            "a\n\n| b | c |\n|--|\n| 1 | 2 |",
            ["4: no table: its line of dashes must have as many columns as the line above it; it is shown as text"],
        ),
        # what other programs show, and no page does
        ("a\n\n```{note}\nb\n```", ["3: ```{note} is shown as code, as Jupyter does; a box is written :::{note}"]),
        ("```{figure} pic.png\nb\n```\n\n```{python}\nc\n```", ["1: ```{figure} is shown as code, as Jupyter does"]),
        ("::: {.panel-tabset}\nb\n:::", ["1: ::: {.panel-tabset} is shown as it is written, as in Jupyter; a box is written :::{note}"]),
        (
            "> [!tip]- Folded\n> b",
            [
                "1: [!tip] is no box that a page has, and is shown as text: "
                "[!NOTE], [!TIP], [!IMPORTANT], [!WARNING] and [!CAUTION], alone in their line"
            ],
        ),
        ("> [!tip]\n> b", []),
        ("a\n\n<svg width=5><circle r=2 /></svg>", ["3: <svg> is not shown: save the drawing as a file beside the note, and show that"]),
        ("a[^b]\n\n[^b]: c\n\n    - d", ["5: a footnote holds a list: it stands in the margin, where all of it is one line of text"]),
        ("a[^b]\n\n[^b]: c\n\n    d ![e](pic.png) $f$", []),
    ],
)
def test_what_is_shown_otherwise_than_written_is_told_and_is_no_problem(problems, text, remarks):
    assert problems(text) == []
    told = markdown_checks.markdown_remarks([Cell("text", text, 1, None, Path("n"))])
    assert [remark.removeprefix("n, text cell 1, line ") for remark in told] == remarks


def test_addresses_are_numbered_over_all_cells_and_leave_out_the_title():
    cells = [
        Cell("text", text, number, 1, Path("n"))
        for number, text in enumerate(("# A\n\n## A\n\n## B", "<a id=b></a>\n\n## References", "## A"), 1)
    ]
    addresses = markdown_checks.note_addresses(cells)
    assert dict(addresses.of_headings) == {0: ["", "a", "b_1"], 1: ["references_1"], 2: ["a_1"]}
    fragments = ("a", "A", "b", "references", "nothing")
    assert [addresses.resolve_fragment(fragment) for fragment in fragments] == ["a", "a", "b", "references_1", None]


def test_headings_without_words_have_no_address_and_no_level():
    cells = [
        Cell("text", text, number, 1, Path("n")) for number, text in enumerate(("# A\n\n#\n\n### B", "<h2></h2>\n\n## \N{PARTY POPPER}"), 1)
    ]
    addresses = markdown_checks.note_addresses(cells)
    assert dict(addresses.of_headings) == {0: ["", "", "b"], 1: ["", "section"]}
    assert dict(addresses.levels) == {0: [0, 0, 2], 1: [0, 2]}
    assert [addresses.resolve_fragment(fragment) for fragment in ("", "\N{PARTY POPPER}")] == [None, "section"]


@pytest.mark.parametrize(
    ("forms", "why"),
    [
        ({"image/png": "not base64!!"}, "what is kept of it is no base64"),
        ({"application/pdf": "AAAA"}, "it is no picture"),
        ({}, "it is no picture"),
        ({"image/png": ["AA", "AA"]}, None),
    ],
)
def test_a_pasted_picture_that_cannot_be_read_is_told_with_its_line(root, forms, why):
    source = json.loads(source_of("ipynb", "a\n\n![b](attachment:c.png)")[0])
    source["cells"][0]["attachments"] = {"c.png": forms}
    (root / "notes" / "a" / "note.ipynb").write_text(json.dumps(source))
    if why is None:
        assert notes.read_note(Lab(root), "a").word_problems == ()
        return
    with pytest.raises(InvalidNote) as error:
        notes.read_note(Lab(root), "a")
    (problem,) = error.value.problems
    assert (problem.where, problem.what) == (
        "notes/a/note.ipynb, text cell 1, line 3",
        f"the picture 'c.png', pasted into it, cannot be read: {why}",
    )
