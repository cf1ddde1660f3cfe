"""Text cells as HTML: what Jupyter shows of a cell is what its page shows. The right HTML is written out, by CommonMark's rules."""

import re

import markdown
import pytest
from markdown_it import MarkdownIt

from labnotes.site.stage import prose_html
from labnotes.site.stage.prose_html import CellContext, ProseParts
from labnotes.source import prose_facts
from labnotes.source.heading_addresses import AddressedHeading, number_addresses


def piece_html(piece):
    return f"<var>{piece.kind}</var>"


PARTS = ProseParts(piece_html=piece_html, link_address=lambda link: f"at/{link.target}" if link.target.endswith(".png") else link.target)


def made_html(text, first=False):
    """The HTML of a cell without its line breaks; each piece is a <var> with its kind."""
    headings = prose_facts.text_facts(text).headings
    shown = number_addresses([AddressedHeading(heading.words, heading.name) for heading in headings if not heading.is_empty], [])
    addresses = ["" if heading.is_empty else next(shown) for heading in headings]
    levels = [0 if heading.is_empty else heading.level for heading in headings]
    made = prose_html.cell_html(text, PARTS, CellContext(addresses=addresses, levels=levels, is_first=first))
    return made.replace("\n", "")


CASES = {
    "list after text": ("Steps:\n- a\n- b", "<p>Steps:</p><ul><li>a</li><li>b</li></ul>"),
    "numbered list after text": ("Steps:\n1. a\n2. b", "<p>Steps:</p><ol><li>a</li><li>b</li></ol>"),
    "nested by two blanks": ("- a\n  - b\n- c", "<ul><li>a<ul><li>b</li></ul></li><li>c</li></ul>"),
    "second paragraph at two blanks": ("- a\n\n  b", "<ul><li><p>a</p><p>b</p></li></ul>"),
    "list from 3": ("3. a\n4. b", '<ol start="3"><li>a</li><li>b</li></ol>'),
    "parentheses and another sign": ("1) a\n\n+ b\n\n* c", "<ol><li>a</li></ol><ul><li>b</li></ul><ul><li>c</li></ul>"),
    "fence after text": (
        "Code:\n```\na < b\n```\nText.",
        '<p>Code:</p><div class="highlight" tabindex="0"><pre><code>a &lt; b</code></pre></div><p>Text.</p>',
    ),
    "closing fence with a blank": (
        "```html\n<script>x</script>\n ```\n\nText.",
        '<div class="highlight" tabindex="0"><pre><code>&lt;script&gt;x&lt;/script&gt;</code></pre></div><p>Text.</p>',
    ),
    "indented code": (
        "Text:\n\n    $a$ {{ rate }} [x](y.csv)",
        '<p>Text:</p><div class="highlight" tabindex="0"><pre><code>$a$ {{ rate }} [x](y.csv)</code></pre></div>',
    ),
    "code in a list with an empty line": (
        "- a\n\n  ```\n  $x$\n\n  $y$\n  ```",
        '<ul><li><p>a</p><div class="highlight" tabindex="0"><pre><code>$x$\n\n$y$</code></pre></div></li></ul>'.replace("\n", ""),
    ),
    "code span with dollars": ("`$a$` and `` `{{ b }}` ``", "<p><code>$a$</code> and <code>`{{ b }}`</code></p>"),
    "Markdown in details": (
        "<details><summary>More</summary>\n\n**bold**\n\n- one\n\n</details>",
        "<details><summary>More</summary><p><strong>bold</strong></p><ul><li>one</li></ul></details>",
    ),
    "Markdown in div": (
        '<div class="alert">\n\n**Note:** `x`\n\n</div>',
        '<div class="alert"><p><strong>Note:</strong> <code>x</code></p></div>',
    ),
    "no Markdown in div without empty lines": ("<div>\n**a** {{ rate }}\n</div>", "<div>**a** <var>binding</var></div>"),
    "forgotten end of details": ("<details><summary>a</summary>\n\ntext", "<details><summary>a</summary><p>text</p></details>"),
    "forgotten end of emphasis": ("a <b>b\n\nc", "<p>a <b>b</b></p><b><p>c</p></b>"),  # as any browser mends it
    "strike-through": ("~~a~~ and ~b~", "<p><s>a</s> and ~b~</p>"),
    "list of tasks": (
        "- [ ] a\n- [x] b",
        '<ul class="contains-task-list"><li class="task-list-item"><span class="ln-task" role="img" aria-label="open">☐</span> a</li>'
        '<li class="task-list-item"><span class="ln-task" role="img" aria-label="done">☑</span> b</li></ul>',
    ),
    "bare addresses": (
        "See https://e.org/a_(b)?c=1. (www.e.org) ada@e.org",
        '<p>See <a href="https://e.org/a_(b)?c=1">https://e.org/a_(b)?c=1</a>. (<a href="http://www.e.org">www.e.org</a>) '
        '<a href="mailto:ada@e.org">ada@e.org</a></p>',
    ),
    "an address that is a link is one link": ("[https://e.org](https://e.org/b)", '<p><a href="https://e.org/b">https://e.org</a></p>'),
    "line ends": ("a\\\nb  \nc", "<p>a<br>b<br>c</p>"),
    "braces after bold and code": ("**A**{x} *B*{ y } `f`{python}", "<p><strong>A</strong>{x} <em>B</em>{ y } <code>f</code>{python}</p>"),
    "table after text": (
        "Text.\n| a | b |\n|:--|--:|\n| 1 {x} | `c` |",
        '<p>Text.</p><table><thead><tr><th scope="col" class="ln-left">a</th><th scope="col" class="ln-right">b</th></tr></thead>'
        '<tbody><tr><td class="ln-left">1 {x}</td><td class="ln-right"><code>c</code></td></tr></tbody></table>',
    ),
    "bars in math and bindings in a table": (
        "| a | b |\n|--|--|\n| $|x|$ | {{ rate | percent }} |",
        '<table><thead><tr><th scope="col">a</th><th scope="col">b</th></tr></thead>'
        "<tbody><tr><td><var>math</var></td><td><var>binding</var></td></tr></tbody></table>",
    ),
    "a table of layout": ("<table><tr><td>a</td></tr></table>", '<table role="presentation"><tbody><tr><td>a</td></tr></tbody></table>'),
    "hashtag": ("#hashtag and\n#another", "<p>#hashtag and#another</p>"),
    "underlined titles": ("Sub\n---\n\nText", '<h2 id="sub">Sub</h2><p>Text</p>'),
    "headings in other scripts": (
        "## 方法\n\n## Методы\n\n## Größe",
        '<h2 id="方法">方法</h2><h2 id="методы">Методы</h2><h2 id="groe">Größe</h2>',
    ),
    "equal headings": ("## A\n\n## A\n\n## A {#b}", '<h2 id="a">A</h2><h2 id="a_1">A</h2><h2 id="b">A</h2>'),
    "heading with braces": ("## Heading {draft}", '<h2 id="heading-draft">Heading {draft}</h2>'),
    "heading with a value": ("## At {{ rate.low | percent }}", '<h2 id="at-rate-low">At <var>binding</var></h2>'),
    "footnote in a heading": ("## A[^h]\n\n[^h]: note", '<h2 id="a">A<var>mark</var></h2>'),
    "raw heading": ('<h2 align="center">A <b>b</b></h2>', '<h2 align="center" id="a-b">A <b>b</b></h2>'),
    "anchors": ('<a id="x"></a>\n\n<a name="y">b</a>\n<a name="y">c</a>', '<p><a id="x"></a></p><p><a id="y">b</a><a>c</a></p>'),
    "pictures in HTML": (
        '<img src="a.png" alt="b" width="20">\n\n<p align="center"><img src="c.png" alt="d"/></p>',
        '<img src="at/a.png" alt="b" width="20"><p align="center"><img src="at/c.png" alt="d"></p>',
    ),
    "video": ('<video src="a.png" controls></video>', '<p><video src="at/a.png" controls=""></video></p>'),
    "link by reference of its own cell": ("[x][r]\n\n[r]: a.csv 'T'", '<p><a href="a.csv" title="T">x</a></p>'),
    "alert": ("> [!NOTE]\n> a", '<div class="admonition note"><p class="admonition-title">Note</p><p>a</p></div>'),
    "alert of another name": ("> [!CAUTION]\n> a", '<div class="admonition danger"><p class="admonition-title">Caution</p><p>a</p></div>'),
    "admonition": ('!!! tip "T"\n    a', '<div class="admonition tip"><p class="admonition-title">T</p><p>a</p></div>'),
    "folded admonition": ("??? hint\n    a", '<div class="admonition tip"><p class="admonition-title">Hint</p><p>a</p></div>'),
    "admonition with words of its own": (
        ":::{admonition} Two words\na\n:::",
        '<div class="admonition note"><p class="admonition-title">Two words</p><p>a</p></div>',
    ),
    "block between colons": (":::{tip}\na\n:::", '<div class="admonition tip"><p class="admonition-title">Tip</p><p>a</p></div>'),
    "title of a block between colons": (
        ":::{tip} A *b* {{ rate }} $x$\na\n:::",
        '<div class="admonition tip"><p class="admonition-title">A <em>b</em> <var>binding</var> <var>math</var></p><p>a</p></div>',
    ),
    "callout of Quarto": (
        "::: {.callout-warning title='A `b`' collapse=true}\na\n:::\n\n> ::: {.callout-note}\n> c\n> :::",
        '<div class="admonition warning"><p class="admonition-title">A <code>b</code></p><p>a</p></div>'
        '<blockquote><div class="admonition note"><p class="admonition-title">Note</p><p>c</p></div></blockquote>',
    ),
    "headings without words": (
        "a\n\n##\n\n## <!-- b -->\n\n<h3> </h3>\n\n## ![c](d.png)",
        '<p>a</p><h2 id="c"><img src="at/d.png" alt="c"></h2>',
    ),
    "signs over signs": ("<ruby>漢<rt>kan</rt></ruby>", "<p><ruby>漢<rt>kan</rt></ruby></p>"),
    "quotation": ("> a\n> - b", "<blockquote><p>a</p><ul><li>b</li></ul></blockquote>"),
    "comment": ("a <!-- {{ b }} -->\n\n<!-- c -->", "<p>a </p>"),
    "script": ("a<script>b</script>", "<p>a</p>"),
    "handler": ("<b onclick='x'>a</b>", "<p><b>a</b></p>"),
    "link to script": ("[a](javascript:x)", "<p><a>a</a></p>"),
    "picture of another site": (
        "<img src='https://e.org/a.gif' alt='b'> <img src='//e.org/a.gif' alt='b'>",
        '<p><img alt="b"> <img alt="b"></p>',
    ),
    "style": ("<p style='color: red; position: fixed; background: url(x)'>a</p>", '<p style="color:red">a</p>'),
}


def test_lists_and_quotations_of_many_levels_are_shown_whole():
    assert made_html("\n".join("  " * level + f"- a{level}" for level in range(40))).count("<li>") == 40
    assert made_html(">" * 80 + " deep") == "<blockquote>" * 80 + "<p>deep</p>" + "</blockquote>" * 80


@pytest.mark.parametrize("name", CASES)
def test_a_cell_is_shown_as_jupyter_shows_it(name):
    text, expected = CASES[name]
    assert made_html(text) == expected


MATH = {
    "with blanks": ("Let $ \\theta_0 $ be $x $.", ["$ \\theta_0 $", "$x $"]),
    "over a line end": ("and $a +\nb$ so", ["$a +\nb$"]),
    "two backslashes": ("\\\\(a\\\\) and \\\\[b\\\\]", ["\\\\(a\\\\)", "\\\\[b\\\\]"]),
    "one backslash": ("\\(a\\) and \\[ b \\] and\n\\[\nc\n\\]", ["\\(a\\)", "\\[\nc\n\\]"]),
    "brackets that are none": ("see \\[1\\] and \\[sic\\]", []),
    "display": ("$$\na\n$$ and $$b$$", ["$$\na\n$$", "$$b$$"]),
    "environments": ("\\begin{align*}\na &= b\n\\end{align*}", ["\\begin{align*}\na &= b\n\\end{align*}"]),
    "beside letters": ("the $i$-th of 4$\\times$4", ["$i$", "$\\times$"]),
    "dollars within": ("$a \\text{ if $b$}$ c", ["$a \\text{ if $b$}$"]),
    "money": ("$5 and $6, costs $ 7 or $8; US$9, $10-$20 and \\$3, $4/month and $5/month", []),
    "money and math": ("costs $5 where $x$ is", ["$x$"]),
    "what looks like a list in math": ("$$\na\n- b\n= c\n$$", ["$$\na\n- b\n= c\n$$"]),
    "no further than a paragraph": ("a $b\n\nc$ d and $$e\n\nf$$", []),
    "no further than code": ("a $b\n```\nc$\n```", []),
    "code first": ("`$a_1` and `$b_1`; `$c_1` is $d_1$", ["$d_1$"]),
    "no further than code in the line": ("costs $20/hour. `$x$` and $y_1 `$z$`; `$MY_VAR` is $b$", ["$b$"]),
    "quotes of TeX": ("$\\text{``a''}$ and $\\text{`b'}$", ["$\\text{``a''}$", "$\\text{`b'}$"]),
    "in HTML": ("<div>\n$a$ <code>$b$</code> <i title='$c$'>d</i>\n</div>", ["$a$"]),
    "in code of HTML": ("<pre>\n$a$\n</pre>", []),
}


@pytest.mark.parametrize("name", MATH)
def test_math_is_what_jupyter_takes_for_math_but_for_money(name):
    text, expected = MATH[name]
    assert [piece.text for piece in prose_facts.text_facts(text).pieces_of("math")] == expected


def test_the_title_of_the_notebook_is_left_out_and_its_summary_set_apart():
    text = "# A *title*\n\n**In short.** Text.\n\n**In short.** Again."
    context = CellContext(addresses=[""], is_first=True)
    made = prose_html.cell_html(text, PARTS, context).replace("\n", "")
    assert made == '<p class="ln-tldr"><strong>In short.</strong> Text.</p><p><strong>In short.</strong> Again.</p>'


def test_a_heading_becomes_markdown_that_the_builder_reads_as_it_stands():
    text = "## A `b_c` *d* [e](f*g.csv) {x} <b title='*'>&lt;</b> 1. [^n] `` ` `` _\n\n[^n]: n"
    (block,) = prose_html.page_blocks(prose_html.cell_html(text, PARTS, CellContext(addresses=["own"])))
    made = markdown.markdown(prose_html.heading_markdown(block), extensions=["attr_list", "toc", "md_in_html"])
    assert re.sub(r"&#(\d+);", lambda match: chr(int(match[1])), made) == f'<h2 id="own">{block.html}</h2>'


def test_blocks_of_html_stay_as_they_are_in_the_page():
    text = "a *b*\n\n- c\n\n  d\n\n<a id='e'></a>\n\n```\nf\n\n*g*\n```\n\n---\n\n<center>h</center>\n\n| i |\n|--|\n| $j$ |"
    blocks = list(prose_html.page_blocks(prose_html.cell_html(text, PARTS, CellContext())))
    page = "\n\n".join(block.html for block in blocks)
    made = markdown.markdown(page, extensions=["attr_list", "def_list", "footnotes", "md_in_html", "tables", "toc", "pymdownx.superfences"])
    assert made.split() == page.split()
    assert [block.html.split(">")[0].split()[0] for block in blocks] == ["<p", "<ul", "<p", "<div", "<hr", "<center", "<table"]


STRUCTURE = ["# a\n\nb\n===\n\n1. c\n   - d\n\n     e\n* * *\n> f\n\n| g |\n|--|\n| h |", "a  \n**b** _c_ `d`\n\n\te\n- f\n+ g\n\n\n    h"]


@pytest.mark.parametrize("text", STRUCTURE)
def test_elements_are_those_of_plain_commonmark(text):
    """The independent route: markdown-it by itself, without anything of ours."""
    plain = MarkdownIt("commonmark").enable("table").render(text)
    tags = prose_html._TAG.findall(made_html(text))
    names = [f"{closing}{name}" for closing, name, _ in tags if name != "div"]
    assert names == [f"{closing}{name}" for closing, name, _ in prose_html._TAG.findall(plain.replace(" />", ">"))]
