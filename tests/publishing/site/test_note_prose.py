"""The prose of a note on its page, in lists, feeds and its notebook page: what it shows beside it, and where its links lead."""

import base64
import json
import re

import nbformat
import pytest
from lxml import html as lxml_html

from labnotes.site.stage import staging
from labnotes.site.stage.site_settings import SiteSettings
from labnotes.source.labs import Lab

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="
DRAWING = base64.b64encode(
    b'<svg xmlns="http://www.w3.org/2000/svg" width="4" height="4" onload="x()"><rect width="4" height="4"/></svg>'
).decode()

PROSE = """# Left out

See [there](#sec2), [this](#What-follows) and [title](#left-out)[^a].

![a dot](attachment:dot%201.png) ![a square](attachment:s.svg)

<img src="sub/photo 1.png" alt="A photo"> <video src="clip.mp4" controls></video>

<a id="sec2"></a>

## What follows

At {{ rate }}, $x^2$ and [a file](<sub/photo 1.png>).

[^a]: A *note* of {{ rate }}.
"""
CODE = """import matplotlib.pyplot as plt
from labnotes import claim, figure

claim("rate", 0.52, format=".0%")
fig, ax = plt.subplots()
ax.plot([1, 2])
figure(fig, "line", caption="It is *{{ rate }}* with $x$, `a`, ![no picture](x.png) and [a link](https://example.org).", alt="A line at {{ rate }}.")
"""
SETTINGS = {
    "title": "A",
    "summary": "The rate is {{ rate }}, in $5 * _6_.",
    "updates": [{"date": "2026-11-22", "text": "It was *{{ rate }}*."}],
}


@pytest.fixture(scope="module")
def lab(new_lab):
    lab = new_lab()
    attachments = {"dot 1.png": {"image/png": DOT}, "s.svg": {"image/svg+xml": DRAWING}}
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": PROSE, "attachments": attachments},
        {"cell_type": "code", "metadata": {}, "source": CODE, "outputs": [], "execution_count": None},
        {"cell_type": "markdown", "metadata": {}, "source": "<details><summary>b</summary>\n\nnever closed"},
        {"cell_type": "markdown", "metadata": {}, "source": "## Last {#last}\n\n<a id='last'></a>\n\n1. a\n"},
    ]
    text = json.dumps({"cells": cells, "metadata": {}, "nbformat": 4, "nbformat_minor": 4})
    folder = lab.write_note("a", text, suffix="ipynb", settings=SETTINGS)
    (folder / "sub").mkdir()
    (folder / "sub" / "photo 1.png").write_bytes(base64.b64decode(DOT))
    (folder / "clip.mp4").write_bytes(b"x")
    lab.run_and_accept("a")
    return lab


@pytest.fixture(scope="module")
def staged(lab):
    """The folder docs/notes/ and the staging's result."""
    site = SiteSettings(name="A lab", url="https://lab.example/", docs=lab.root / "docs")
    result = staging.stage_notes(Lab(lab.root), ["a"], site, lab.root / ".labnotes/theme", None, drafts=False)
    assert result.all_problems == []
    return lab.root / "docs/notes", result


def page_element(staged, name):
    return lxml_html.fromstring(re.sub(r"\A---\n.*?\n---\n", "", (staged[0] / name).read_text(), flags=re.DOTALL))


def test_links_lead_to_anchors_to_headings_as_jupyter_names_them_and_to_the_title(staged):
    links = {a.text_content(): a.get("href") for a in page_element(staged, "posts/a.md").xpath("//p/a[@href]")}
    assert (links["there"], links["this"], links["title"]) == ("#sec2", "#what-follows", "#")
    assert links["a file"] == "../a/sub/photo%201.png"


def test_files_in_html_and_pasted_pictures_are_published(staged):
    page = page_element(staged, "posts/a.md")
    sources = {image.get("alt"): image.get("src") for image in page.xpath("//p/img | //div/img")}
    assert sources["a dot"] == "../a/attached/1-dot-1.png" and sources["a square"] == "../a/attached/1-s.svg"
    assert sources["A photo"] == "../a/sub/photo%201.png"
    assert [video.get("src") for video in page.xpath("//video")] == ["../a/clip.mp4"]
    folder = staged[0] / "a"
    assert (folder / "attached/1-dot-1.png").read_bytes() == (folder / "sub/photo 1.png").read_bytes() == base64.b64decode(DOT)
    assert "<rect" in (folder / "attached/1-s.svg").read_text() and "onload" not in (folder / "attached/1-s.svg").read_text()
    assert (folder / "clip.mp4").read_bytes() == b"x"


def test_the_notebook_page_shows_the_same_text_and_its_links_lead_from_there(staged):
    notebook = page_element(staged, "a/notebook/index.md")
    assert [heading.get("id") for heading in notebook.xpath("//h2")] == ["what-follows", "last"]
    assert {image.get("src") for image in notebook.xpath("//img[@alt='a dot' or @alt='A photo']")} == {
        "../../a/attached/1-dot-1.png",
        "../../a/sub/photo%201.png",
    }
    assert "[A note of 52%.]" in notebook.text_content() and len(notebook.xpath("//math")) == 1
    assert "Left out" not in notebook.text_content()


def test_the_notebook_to_download_has_the_pasted_pictures(staged):
    made = nbformat.read(staged[0] / "a/a.ipynb", as_version=4)
    nbformat.validate(made)
    assert made.cells[0].attachments["dot 1.png"] == {"image/png": DOT}
    assert "](attachment:dot%201.png)" in made.cells[0].source


def test_values_are_filled_into_the_summary_wherever_it_is_shown(lab, staged):
    filled = "The rate is 52%, in $5 * _6_."
    page = (staged[0] / "posts/a.md").read_text()
    assert f'<p class="ln-summary">{filled}</p>' in page and f"description: {filled}" in page
    theme = lab.root / ".labnotes/theme"
    assert json.loads((theme / "feed.json").read_text())["items"][0]["summary"] == filled
    texts = [path.read_text() for path in (*theme.rglob("*"), *staged[0].rglob("*.md")) if path.is_file()]
    assert not any("The rate is {{" in text for text in texts), "nowhere as it is typed"


def test_captions_alt_texts_and_updates_are_read_as_prose(staged):
    page = page_element(staged, "posts/a.md")
    of_hero, caption = page.xpath("//figcaption")
    assert of_hero.xpath(".//em")[0].text_content() == "52%"
    assert caption.xpath(".//em")[0].text_content() == "52%" and caption.xpath(".//math") and caption.xpath(".//code")[0].text == "a"
    assert caption.xpath(".//a[text()='a link']")[0].get("href") == "https://example.org"
    assert page.xpath("//figure//img")[0].get("alt") == "A line at 52%."
    assert page.xpath("//dl[@class='ln-updates']//em")[0].text_content() == "52%"


def test_what_a_cell_leaves_open_ends_with_it_and_is_told(staged):
    (details,) = page_element(staged, "posts/a.md").xpath("//details[summary='b']")
    assert details.text_content().split() == ["b", "never", "closed"]
    page = (staged[0] / "posts/a.md").read_text()
    assert "\n## Last {: #last }\n" in page and page.count("#last }") == 1 and 'id="last"' not in page, "an address is given once"
    place = "a: notes/a/note.ipynb, text cell 2, line 1: <details> is never closed; it ends with its cell"
    assert [notice for notice in staged[1].notices if "never closed" in notice] == [place]


def test_names_in_a_summary_are_checked_with_those_of_the_prose(lab, edit):
    edit(lab.root / "notes/a/note.yml", "{{ rate }}, in", "{{ rat }}, in")
    told = lab("list").err
    edit(lab.root / "notes/a/note.yml", "{{ rat }}, in", "{{ rate }}, in")
    assert "notes/a/note.yml: summary: {{ rat }} names an unknown claim 'rat'" in told and "did you mean 'rate'" in told


PARTS = """# %% [markdown]
# # Title
#
# ## Before
#
# See [this](#part) and [that](#Deep).

# %% [markdown]
# # Part
#
# <h4 align="center">Deep</h4>

# %% [markdown]
# <h1 id="own">Another <b>part</b></h1>
#
# ## Below

# %%
x = 1
"""


def test_further_titles_are_sections_on_both_pages_and_in_the_contents(lab):
    folder = lab.write_note("parts", PARTS, settings={"title": "Parts"})
    lab.run_and_accept("parts")
    site = SiteSettings(name="A lab", url="https://lab.example/", docs=lab.root / "docs")
    result = staging.stage_notes(Lab(lab.root), ["parts"], site, lab.root / ".labnotes/theme", None, drafts=False)
    assert result.all_problems == []
    assert [notice.removeprefix("parts: notes/parts/note.py:") for notice in result.notices if "heading" in notice] == [
        "9: 'Part' is a heading of the first level beside the title; so is 'Another part' at notes/parts/note.py:14; the page shows them as sections",
        "11: heading 'Deep' is of level 4, after one of level 2; the page shows it at level 3",
    ]
    page = (lab.root / "docs/notes/posts/parts.md").read_text()
    written = re.findall(r"^(#+) (.*?) \{: #([\w-]+)", page, re.MULTILINE)
    assert [(len(signs), name) for signs, _, name in written[:5]] == [(2, "before"), (2, "part"), (3, "deep"), (2, "own"), (3, "below")]
    assert re.findall(r'<li><a href="#([\w-]+)"', page)[:3] == ["before", "part", "own"]
    assert 'href="#part"' in page and 'href="#deep"' in page
    notebook = (lab.root / "docs/notes/parts/notebook/index.md").read_text()
    assert re.findall(r'<h([1-6]) [^>]*id="([\w-]+)"', notebook) == [
        ("2", "before"),
        ("2", "part"),
        ("3", "deep"),
        ("2", "own"),
        ("3", "below"),
    ]
    assert "# Part" in (lab.root / "docs/notes/parts/parts.ipynb").read_text()
    assert "# # Part" in (folder / "note.py").read_text()
