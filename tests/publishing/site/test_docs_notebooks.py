"""Notebooks among the hand-written pages of a lab: what their pages show, hold back and load, and what is told of them."""

import base64
import functools
import gzip
import http.server
import json
import re
import shutil
import threading
from pathlib import Path

import lxml.html
import nbformat
import pytest
import yaml
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output, new_raw_cell

from labnotes.commands import build
from labnotes.errors import Problem, UsageError
from labnotes.site.docs_notebooks import docs_prose, notebook_html
from labnotes.site.docs_notebooks.docs_page import TagRules, read_docs_page
from labnotes.site.stage import source_marks
from labnotes.source.labs import Lab
from labnotes.source.notebooks import is_notebook_file
from machine import CHROMIUM

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
PERCENT = """# ---
# title: A title
# tags: [statistics]
# ---

# %% [markdown]
# # A heading
#
# Text with $x^2$.

# %%
print(1)
"""


def read_page(folder, *cells, rules=None, files=(), name="guide/page.ipynb", language="python"):
    """The page of a notebook in the folder docs of `folder`; `files` are the addresses of other files of the site by their path."""
    path = folder / "docs" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    kernel = {"name": "k", "display_name": "K", "language": language}
    nbformat.write(new_notebook(cells=list(cells), metadata={"kernelspec": kernel}), path)
    return read_docs_page(path, folder / "docs", dict(files).get, "page_files/", rules or TagRules())


def page_html(page):
    return notebook_html.notebook_html(page.parts, page.language, notebook_html.LayoutOptions(no_prompt=True))


def shown(data, **metadata):
    return new_output("display_data", data=data, metadata=metadata)


# -- which files are pages ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "is_page"),
    [
        ("a.ipynb", "{", True),
        ("a.py", PERCENT, True),
        ("a.py", "x = 1\n#%%\ny = 2\n", True),
        ("hooks.py", '"""Hooks."""\n\nprint("# %% no cell")\n', False),
        ("a.md", "# %%\n", False),
    ],
)
def test_notebooks_are_pages_and_modules_are_not(tmp_path, name, text, is_page):
    (tmp_path / name).write_text(text)
    assert is_notebook_file(tmp_path / name) is is_page


# -- text --------------------------------------------------------------------------------------------------------------------------------


def test_text_is_read_as_that_of_notes_is(tmp_path):
    text = "# The title\n\nSteps:\n- a\n- b\n\n## Part {#p}\n\n$x_1$ at [b](../b.md#at), [above](#Part), {{ rate }} and @fig:x[^n]\n\n[^n]: Why."
    page = read_page(tmp_path, new_markdown_cell(text), files={"b.md": "../../b/"})
    made = page_html(page)
    assert page.problems == [] and yaml.safe_load(page.front) == {"title": "The title", "headline": "The title"}
    assert "<h1" not in made and "<ul>\n<li>a</li>" in made and "<math" in made and "x_1" not in made
    assert '<a href="../../b/#at">b</a>' in made and '<a href="#p">above</a>' in made
    assert "{{ rate }} and @fig:x [Why.]" in made
    assert '<h2 id="p">Part<a class="headerlink" href="#p" title="Link to this section">#</a></h2>' in made
    assert docs_prose.headings_of(made) == [(2, "p", "Part")]


def test_the_settings_at_the_head_are_those_of_the_page(tmp_path):
    path = tmp_path / "docs" / "page.py"
    path.parent.mkdir()
    path.write_text(PERCENT)
    page = read_docs_page(path, path.parent, {}.get, "", TagRules())
    assert yaml.safe_load(page.front) == {"title": "A title", "headline": "A title", "tags": ["statistics"]}
    assert page.text == "# A heading\n\nText with $x^2$." and "print" in page_html(page)
    other = read_page(tmp_path, new_raw_cell("---\ntitle: R & D <i>\ntags: [a]\n---"), new_markdown_cell("# Not this"))
    assert yaml.safe_load(other.front) == {"title": "R &amp; D &lt;i&gt;", "headline": "R & D <i>", "tags": ["a"]}
    numbers = read_page(tmp_path, new_raw_cell("---\ntitle: 2026-01-02\ntags: [a, 3]\nhide:\n---"))
    assert yaml.safe_load(numbers.front) == {"title": "2026-01-02", "headline": "2026-01-02", "tags": ["a", "3"], "hide": None}
    named = read_page(tmp_path, new_code_cell("1"), name="first-steps.ipynb")
    assert yaml.safe_load(named.front)["title"] == "First steps"


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ([new_markdown_cell("ok"), new_markdown_cell("a\n\n<script>x()</script>")], "text cell 2, line 3: <script> in prose"),
        ([new_markdown_cell('<b onclick="x()">a</b>')], "text cell 1, line 1: <b> has the event handler onclick"),
        ([new_markdown_cell("```mermaid\na\n```")], "text cell 1, line 1: a diagram of mermaid"),
        ([new_markdown_cell(r"$\unknown{x}$")], r"text cell 1, line 1: math $\unknown{x}$: "),
        ([new_markdown_cell("a[^x]")], "text cell 1, line 1: [^x] has no text"),
        ([new_markdown_cell("![a](https://e.org/a.png)")], "text cell 1, line 1: shows a picture of another site"),
        ([new_markdown_cell("![a](attachment:a.png)")], "text cell 1, line 1: the picture 'a.png', pasted into it, cannot be read"),
        (
            [new_code_cell("1"), new_code_cell("if 1:\nx = 2")],
            "code cell 2, line 2: code cell 2 does not parse: expected an indented block",
        ),
        ([new_raw_cell("---\ntitle: [\n---")], "line 2 of the settings at its head is no YAML"),
        ([new_raw_cell("---\ntags: one\n---")], "tags in the settings at its head is no list of texts\n    tags: [one]"),
        ([new_raw_cell("---\ntags: {a: 1}\n---")], "tags in the settings at its head is no list of texts\n    tags: [one, another]"),
        ([new_raw_cell("---\ntitle: [a, b]\n---")], "title in the settings at its head is no text: ['a', 'b']\n    title: What"),
        (
            [new_code_cell("1", outputs=[new_output("stream", name="stdout", text="x" * 2_000_000)])],
            "code cell 1, line 1: the outputs of code cell 1 hold 2,000,000 characters of text; a page shows 1,000,000 at most",
        ),
    ],
    ids=[
        *("script", "handler", "mermaid", "math", "footnote", "elsewhere", "pasted", "syntax", "settings"),
        *("one tag", "tags with values", "title", "2 MB printed"),
    ],
)
def test_what_is_wrong_is_told_with_its_cell(tmp_path, cells, said):
    problems = [str(problem) for problem in read_page(tmp_path, *cells).problems]
    assert len(problems) == 1 and problems[0].startswith("docs/guide/page.ipynb") and said in problems[0], problems


def test_code_that_is_meant_to_fail_or_of_another_language_is_no_mistake(tmp_path):
    failing = new_code_cell("if 1:\nx", metadata={"tags": ["raises-exception"]})
    assert read_page(tmp_path, failing, new_code_cell("%%bash\nif x; then y; fi"), new_code_cell("!ls | wc")).problems == []
    other = read_page(tmp_path, new_code_cell("x <- c(1, 2)"), language="R")
    assert other.problems == [] and 'hl-R" tabindex' in page_html(other)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("a.ipynb", '{"cells": [', "docs/a.ipynb:1:12: is not JSON, so no notebook"),
        ("a.ipynb", "[]", "docs/a.ipynb: is no valid notebook"),
        ("a.py", "# %%\n<<<<<<< ours\nx = 1\n=======\nx = 2\n>>>>>>> theirs\n", "docs/a.py:2"),
    ],
)
def test_what_is_no_notebook_has_a_page_that_says_so(tmp_path, name, text, said):
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / name).write_text(text)
    page = read_docs_page(tmp_path / "docs" / name, tmp_path / "docs", {}.get, "", TagRules())
    assert [str(problem) for problem in page.problems if str(problem).startswith(said)]
    assert "This notebook cannot be shown" in page_html(page)


def test_a_fault_of_ours_is_told_as_one_of_this_notebook(tmp_path, monkeypatch):
    monkeypatch.setattr(docs_prose, "DocsProse", None)
    monkeypatch.setattr("labnotes.site.docs_notebooks.docs_page.DocsProse", None)
    page = read_page(tmp_path, new_markdown_cell("a"))
    assert [problem.where for problem in page.problems] == ["docs/guide/page.ipynb"] and "a fault of labnotes" in page.problems[0].hint


# -- outputs -----------------------------------------------------------------------------------------------------------------------------

ACTIVE = {"script", "iframe", "object", "embed", "form", "style", "link", "meta", "base"}


def active_parts(markup):
    """The elements in HTML that run or load something, handlers of events, and addresses that run script."""
    root = lxml.html.fromstring(f"<div>{markup}</div>")
    elements = [element for element in root.iter() if isinstance(element.tag, str)]
    attributes = [(name, value) for element in elements for name, value in element.items()]
    bad = [(name, value) for name, value in attributes if name.startswith("on") or "script:" in value or name == "srcdoc"]
    return [element.tag for element in elements if element.tag in ACTIVE] + bad


HOSTILE = [
    shown({"text/html": "<script>alert(1)</script><p onclick='x()'>kept</p><iframe src='https://e.org'></iframe>"}),
    shown({"application/javascript": "alert(1)", "text/plain": "<Javascript>"}),
    shown({"image/svg+xml": "<svg xmlns='http://www.w3.org/2000/svg' onload='x()'><script>x()</script><rect width='1' height='1'/></svg>"}),
    shown({"text/markdown": "**bold** <img src=x onerror=x()> [a](javascript:x)"}),
    new_output("stream", name="stdout", text="<script>alert(1)</script>"),
    new_output("error", ename="E", evalue="", traceback=["<script>alert(1)</script>"]),
]


def test_nothing_that_a_notebook_holds_is_live(tmp_path):
    text = "<script>x()</script><b onmouseover=x()>b</b><iframe src='https://e.org'></iframe> [a](javascript:x) <style>p{}</style>"
    evil = new_code_cell("'<script>'", outputs=HOSTILE, metadata={"tags": ["<script>x()</script>"]})
    page = read_page(tmp_path, new_markdown_cell(text), evil)
    made = page_html(page)
    assert active_parts(made) == []
    assert "kept" in made and "<strong>bold</strong>" in made and made.count("&lt;script&gt;") >= 3
    drawing = next(content for name, content in page.files.items() if name.endswith(".svg")).decode()
    assert active_parts(drawing) == [] and "<rect" in drawing


def test_pictures_are_files_with_a_text(tmp_path):
    cell = new_code_cell("plot()", outputs=[shown({"image/png": PNG}, **{"image/png": {"alt": "A <curve>", "width": 300, "height": 200}})])
    pasted = new_markdown_cell("![pasted](attachment:p.png)", attachments={"p.png": {"image/png": PNG}})
    page = read_page(tmp_path, pasted, cell, new_code_cell("1", outputs=[shown({"image/png": PNG, "text/plain": "<Figure>"})]))
    made = page_html(page)
    names = list(page.files)
    assert len(names) == 2 and all(content == base64.b64decode(PNG) for content in page.files.values())
    assert f'alt="pasted" src="page_files/{names[0]}"' in made
    assert f'alt="A &lt;curve&gt;" height="200" src="page_files/{names[0]}" width="300"' in made
    assert 'alt="Picture that the code displayed"' in made and "base64" not in made
    broken = page_html(read_page(tmp_path, new_code_cell("1", outputs=[shown({"image/svg+xml": "<svg"})])))
    assert "A picture is not shown: is no SVG" in broken


CODE, OUTPUT, TAG, FOLDED, SCROLLED = "the_code", ">the_output<", ">solution<", "<details", "ln-tall"
TAGGED = [
    ("remove-cell", {}, ()),
    ("remove-input", {}, (OUTPUT,)),
    ("remove-output", {}, (CODE,)),
    ("hide-input", {}, (FOLDED, CODE, OUTPUT)),
    ("hide-output", {}, (CODE, FOLDED, OUTPUT)),
    ("scroll-output", {}, (CODE, SCROLLED, OUTPUT)),
    ("solution", {}, (TAG, CODE, OUTPUT)),
    ("solution", {"cells": {"solution"}}, ()),
    ("solution", {"inputs": {"other", "solution"}}, (OUTPUT,)),
    ("solution", {"all_outputs": {"solution"}}, (TAG, CODE)),
]


@pytest.mark.parametrize(("tag", "rules", "seen"), TAGGED)
def test_tags_of_cells_are_obeyed_and_shown(tmp_path, tag, rules, seen):
    cell = new_code_cell(CODE, metadata={"tags": [tag]}, outputs=[new_output("stream", name="stdout", text="the_output")])
    rules = TagRules(**{name: frozenset(tags) for name, tags in rules.items()})
    made = page_html(read_page(tmp_path, cell, rules=rules))
    places = sorted((made.index(word), word) for word in (CODE, OUTPUT, TAG, FOLDED, SCROLLED) if word in made)
    assert tuple(word for _, word in places) == seen
    assert "labnotes-without" not in made


def test_an_output_may_be_left_out_by_its_own_tag(tmp_path):
    cell = new_code_cell("1", outputs=[shown({"text/plain": "first"}, tags=["mine"]), shown({"text/plain": "second"})])
    made = page_html(read_page(tmp_path, cell, rules=TagRules(outputs=frozenset({"mine"}))))
    assert "second" in made and "first" not in made


# -- what mkdocs-jupyter makes of it -----------------------------------------------------------------------------------------------------


def test_the_html_brings_no_style_sheet_script_or_address_of_its_own(tmp_path):
    page = read_page(tmp_path, new_markdown_cell("Text.\n\n## Part"), new_code_cell("x = 1 < 2\nx", execution_count=1))
    made = page_html(page)
    assert len(made) < 1_500, "stock mkdocs-jupyter writes 575 KB"
    for word in ("<style", "<script", "clipboard", "http", 'tabindex="0"><div'):
        assert word not in made, word
    assert '<div class="highlight highlight-ipynb hl-python" tabindex="0"><pre><code>' in made and "&lt;" in made
    assert made.count("</div>") == made.count("<div")


def test_empty_lines_of_code_and_of_what_it_printed_stay(tmp_path):
    text = new_markdown_cell("```\na\n\n\nb\n```")
    cell = new_code_cell("x\n\n\ny", outputs=[new_output("stream", name="stdout", text="\n1\n\n\n2")])
    made = re.sub(r"<(?!/?pre)[^>]*>", "", page_html(read_page(tmp_path, text, cell)))
    assert re.findall(r"<pre[^>]*>(.*?)</pre>", made, re.DOTALL) == ["a\n\n\nb", "x\n\n\ny", "\n1\n\n\n2"]


def test_prompts_are_shown_where_a_lab_wants_them(tmp_path):
    output = new_output("execute_result", data={"text/plain": "1"}, execution_count=7)
    page = read_page(tmp_path, new_code_cell("1", execution_count=7, outputs=[output]))
    made = notebook_html.notebook_html(page.parts, page.language, notebook_html.LayoutOptions())
    assert "In\xa0[7]:" in made and "Out[7]:" in made and "[7]" not in page_html(page)


def test_settings_of_nbconvert_change_no_page(tmp_path, monkeypatch):
    """Neither those of the user nor code that lies where the build is started."""
    for folder in (tmp_path / "lab", tmp_path / "home"):
        folder.mkdir()
        (folder / "jupyter_nbconvert_config.py").write_text(
            f"open({str(tmp_path / 'ran')!r}, 'w')\nc.TemplateExporter.exclude_input = True\n"
        )
    monkeypatch.chdir(tmp_path / "lab")
    monkeypatch.setenv("JUPYTER_CONFIG_DIR", str(tmp_path / "home"))
    made = notebook_html.notebook_html(read_page(tmp_path, new_code_cell("word")).parts, "", notebook_html.LayoutOptions())
    assert "word" in made and not (tmp_path / "ran").exists() and Path.cwd() == tmp_path / "lab"


# -- where a fault comes from ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("page", "where"),
    [
        ("guide/page/index.html:3", "docs/guide/page.ipynb, text cell 1 (guide/page/index.html:3)"),
        ("guide/page/index.html:5", "docs/guide/page.ipynb, code cell 1 (guide/page/index.html:5)"),
        ("guide/page/index.html:1", "docs/guide/page.ipynb (guide/page/index.html:1)"),
        ("guide/page/index.html", "docs/guide/page.ipynb (guide/page/index.html)"),
        ("index.html:1", "docs/index.py:4 (index.html:1)"),
        ("plain/index.html:1", "docs/plain.md (plain/index.html:1)"),
        ("other/index.html:1", "other/index.html:1"),
    ],
)
def test_a_fault_of_the_built_page_names_the_cell(tmp_path, page, where):
    for name in ("docs/guide/page.ipynb", "docs/index.py", "docs/plain.md"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    for name, text in {
        "guide/page": "<h1>\n<!--ln:page.ipynb, text cell 1-->\n<p>\n<!--ln:page.ipynb, code cell 1-->\n<p>",
        "": "<!--ln:index.py:4-->",
    }.items():
        (tmp_path / "site" / name).mkdir(parents=True, exist_ok=True)
        (tmp_path / "site" / name / "index.html").write_text(text)
    assert source_marks.with_source_place(Problem(page, "x"), tmp_path / "site", tmp_path / "docs").where == where


# -- a lab that is built -----------------------------------------------------------------------------------------------------------------

GUIDE = [
    new_raw_cell("---\ntags: [statistics]\ndescription: How it is done.\n---"),
    new_markdown_cell(
        "# The guide\n\nSee [the other](more/other.py), [home](index.md) and [data](data.py).\n\n## A findable part\n\nMath $y^2$."
    ),
    new_code_cell("print('hello')", execution_count=1, outputs=[new_output("stream", name="stdout", text="hello\n")]),
    new_code_cell("plot()", execution_count=2, outputs=[shown({"image/png": PNG}, **{"image/png": {"width": 1200, "height": 800}})]),
    new_code_cell(
        f"x = '{'long ' * 60}'",
        metadata={"tags": [f"a-tag-{number}" for number in range(20)]},
        outputs=[
            shown({"text/html": f"<table><tr>{'<th>a wide column</th>' * 30}</tr><tr>{'<td>1</td>' * 30}</tr></table>"}),
            new_output("stream", name="stdout", text="printed " * 60),
        ],
    ),
]


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@pytest.fixture(scope="module")
def guide_lab(new_lab):
    lab = new_lab()
    lab("init", "made", cwd=lab.root.parent)
    lab.root = lab.root.parent / "made"
    docs = lab.root / "docs"
    nbformat.write(new_notebook(cells=GUIDE), docs / "guide.ipynb")
    shutil.copy(docs / "guide.ipynb", docs / "two words.ipynb")
    (docs / "more").mkdir()
    (docs / "more" / "other.py").write_text(PERCENT.replace("$x^2$", "[the guide](../guide.ipynb#a-findable-part)"))
    (docs / "data.py").write_text("VALUE = 1\n")
    (docs / "plain.md").write_text("# Plain\n\n[The guide](guide.ipynb), [a part](guide.ipynb#a-findable-part)\n")
    return lab


@pytest.fixture(scope="module")
def built(guide_lab):
    done = guide_lab("build")
    assert done.code == 0, done.text
    return guide_lab.root / "site"


@pytest.mark.slow  # 4 s, for all tests with this lab
def test_a_built_lab_shows_its_notebooks_and_passes_verification(built):
    page = (built / "guide/index.html").read_text()
    assert "<title>The guide · Made</title>" in page and page.count("<h1") == 1 and "<h1>The guide</h1>" in page
    assert '<meta name="description" content="How it is done.">' in page
    assert '<a href="../more/other/">the other</a>' in page and '<a href="../data.py">data</a>' in page and '<a href="../">home</a>' in page
    assert not (built / "data/index.html").exists() and (built / "data.py").is_file()
    other = (built / "more/other/index.html").read_text()
    assert '<a href="../../guide/#a-findable-part">the guide</a>' in other and "<h1>A title</h1>" in other
    assert '<a href="../guide/#a-findable-part">' in (built / "plain/index.html").read_text()


@pytest.mark.slow
def test_the_source_is_beside_its_page(guide_lab, built):
    assert '<a href="guide.ipynb" download>Download this notebook</a>' in (built / "guide/index.html").read_text()
    for name in ("guide/guide.ipynb", "more/other/other.py"):
        source = {"guide/guide.ipynb": "guide.ipynb"}.get(name, "more/other.py")
        assert (built / name).read_bytes() == (guide_lab.root / "docs" / source).read_bytes()
    assert '<a href="two%20words.ipynb" download>' in (built / "two words/index.html").read_text()
    assert "Download this notebook" not in (built / "plain/index.html").read_text()


@pytest.mark.slow
def test_one_style_sheet_serves_all_notebooks_and_no_other_page(built):
    sheet = "assets/labnotes/css/notebook.css"
    assert (built / sheet).stat().st_size < 3_000
    assert f'href="../{sheet}"' in (built / "guide/index.html").read_text()
    assert f'href="../../{sheet}"' in (built / "more/other/index.html").read_text()
    assert sheet not in (built / "plain/index.html").read_text()
    size = len((built / "guide/index.html").read_bytes()), len(gzip.compress((built / "guide/index.html").read_bytes()))
    plain = len((built / "plain/index.html").read_bytes())
    assert size[0] < plain + 10_000 and size[1] < 6_000, (size, plain)


@pytest.mark.slow
def test_pages_keep_their_policy_and_name_no_other_site(built):
    page = (built / "guide/index.html").read_text()
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy == re.search(r'Content-Security-Policy" content="([^"]*)"', (built / "plain/index.html").read_text())[1]
    assert "unsafe" not in policy and re.findall(r'(?:src|href)="(?:https?:)?//[^"]*"', page) == []
    article = page.partition("<article")[2].partition("</article>")[0]
    assert "<script" not in article and "<style" not in page


@pytest.mark.slow
def test_the_search_finds_parts_and_the_list_of_tags_the_page(built):
    [entry] = [page for page in json.loads((built / "notes/search.json").read_text())["pages"] if page["address"] == "guide/"]
    assert (entry["kind"], entry["title"]) == ("page", "The guide")
    parts = json.loads((built / "notes/search_sections.json").read_text())["pages"]["guide/"]["parts"]
    assert ["a-findable-part", "A findable part", "", ""] in parts and any("findable" in words for *_, words in parts)
    tags = (built / "tags/index.html").read_text()
    assert re.search(r'href="\.\./guide/"[^>]*>\s*The guide', tags) and re.search(r'href="\.\./more/other/"[^>]*>\s*A title', tags)


@pytest.mark.slow
def test_a_build_tells_all_that_is_wrong_and_writes_no_traceback(guide_lab, built, tmp_path):
    root = tmp_path / "lab"
    shutil.copytree(guide_lab.root, root, ignore=shutil.ignore_patterns("site", ".labnotes"))
    (root / "docs/guide.ipynb").write_text('{"cells": [')
    (root / "docs/more/other.py").write_text(PERCENT + "\n# %%\nx = (\n")
    (root / "docs/plain.ipynb").write_text(json.dumps(new_notebook(cells=[new_markdown_cell("# Plain too")])))
    (tmp_path / "outside.ipynb").write_text(json.dumps(new_notebook(cells=[new_markdown_cell("# Out of the lab")])))
    (root / "docs/out.ipynb").symlink_to(tmp_path / "outside.ipynb")
    (root / "docs/lost.ipynb").symlink_to(tmp_path / "nowhere.ipynb")
    (root / "docs/within.ipynb").symlink_to("plain.ipynb")
    done = guide_lab("build", cwd=root)
    assert done.code != 0, done.text
    assert "docs/guide.ipynb:1:12: is not JSON" in done.text, done.text
    assert "docs/more/other.py:15: code cell 2 does not parse" in done.text, done.text
    assert "docs/out.ipynb: is a link to what is no file of this lab\n" in done.text, done.text
    assert "docs/lost.ipynb: is a link to a file that is not there\n" in done.text, done.text
    assert re.search(r"docs/plain\.(md|ipynb) and docs/plain\.(md|ipynb) have the same address on the site", done.text), done.text
    assert "WARNING -  docs/within.ipynb" not in done.text, done.text
    assert "Traceback" not in done.text


@pytest.mark.slow
def test_a_fault_that_only_the_built_site_shows_names_the_cell(guide_lab, built, tmp_path):
    root = tmp_path / "lab"
    shutil.copytree(guide_lab.root, root, ignore=shutil.ignore_patterns("site", ".labnotes"))
    nbformat.write(new_notebook(cells=[new_markdown_cell("# A"), new_markdown_cell("[a](nowhere.md)")]), root / "docs/guide.ipynb")
    done = guide_lab("build", cwd=root)
    assert done.code != 0 and "docs/guide.ipynb, text cell 2 (guide/index.html:" in done.text and "'nowhere.md'" in done.text


@pytest.mark.slow
def test_a_build_executes_no_notebook(guide_lab, built, tmp_path, edit):
    root = tmp_path / "lab"
    shutil.copytree(guide_lab.root, root, ignore=shutil.ignore_patterns("site", ".labnotes"))
    edit(root / "mkdocs.yml", "nav:", "plugins: {mkdocs-jupyter: {execute: true}}\nnav:")
    done = guide_lab("build", cwd=root)
    assert (
        done.code != 0 and "plugins.mkdocs-jupyter.execute: labnotes builds what was executed" in done.text and "Traceback" not in done.text
    )


def test_a_lab_without_mkdocs_jupyter_says_how_to_get_it(lab, monkeypatch):
    (lab.root / "mkdocs.yml").write_text("site_name: A\n")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None if name == "mkdocs_jupyter" else object())
    with pytest.raises(UsageError, match="mkdocs-jupyter is not installed"):
        build.require_builder(Lab(lab.root))


@pytest.mark.browser  # 5 s
@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (1440, "dark"), (390, "light")])
def test_a_page_scrolls_only_within_its_boxes_loads_nothing_else_and_has_the_colours_of_the_site(built, width, scheme):
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -c constraints.txt playwright")
    handler = functools.partial(QuietHandler, directory=built)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, playwright.sync_playwright() as running:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        said, requested = [], []
        page.on("console", lambda message: said.append(message.text))
        page.on("request", lambda request: requested.append(request.url))
        colours = []
        for name in ("plain/", "guide/"):
            page.goto(f"http://127.0.0.1:{server.server_port}/{name}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            colours.append(page.evaluate("['color', 'backgroundColor', 'fontFamily'].map(n => getComputedStyle(document.body)[n])"))
        ink, ground = (
            page.evaluate(f"getComputedStyle(document.querySelector('.highlight pre')).{name}") for name in ("color", "backgroundColor")
        )
        server.shutdown()
        browser.close()
    assert said == [] and [address for address in requested if "//127.0.0.1" not in address] == []
    assert colours[0] == colours[1] and ink != ground
