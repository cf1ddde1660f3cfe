"""What cells displayed, on the note's page, its notebook page and in the notebook to download."""

import json
import re
from pathlib import Path

import nbformat
import pytest
from lxml import html as lxml_html

from labnotes.site.stage import staging
from labnotes.site.stage.cell_outputs import CellOutputs
from labnotes.site.stage.site_settings import SiteSettings
from labnotes.source.labs import Lab
from labnotes.source.notebooks import Cell

DOT = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII="

NOTE = rf"""
# %% [markdown]
# ## Results
#
# $$\newcommand{{\RR}}{{\mathbb{{R}}}} x$$

# %%
from IPython.display import HTML, Latex, Markdown, Math, display
from labnotes import claim
claim("rate", 0.5)

# %%
display(Markdown("# Accuracy\n\nis **0.93** in {{{{ rate }}}}, $x \\in \\RR$:\n\n- a\n- b[^c] <b id='results'>c</b><script>x()</script>"))
display(Math(r"x^2 + y^2"))
display(Latex(r"$\alpha$ and $\nosuchcommand$"))

# %%
class Shown:
    def _repr_markdown_(self):
        return "*shown* [data](data.csv) [gone](gone.csv) [up](#results) [off](#nowhere) ![dot](data:image/png;base64,{DOT}) ![far](https://cdn.example/x.png)"


class Formula:
    def _repr_latex_(self):
        return r"$\beta$"


display(Shown(), Formula())

# %%
HTML('<audio controls><source src="data:audio/wav;base64,UklGRg=="></audio>')

# %%
display({{"application/vnd.jupyter.widget-view+json": {{"model_id": "a"}}, "text/plain": " 50%|#####     | 5/10"}}, raw=True)

# %%
display(*(kind("<style>*{{background:url(evil)}}</style>") for kind in (Latex, Markdown)), Markdown("<script>alert(8)</script>"))

# %%
print("\n".join(f"\x1b[32mline {{i}}\x1b[0m" for i in range(45)))
"""


OPTIONS = """
# %% [markdown]
# ## Results

# %% [raw]
# A raw <b>sentence</b> at {{ rate }}.

# %% tags=["remove-cell"]
secret = "set up"
print(secret)

# %%
#| echo: false
print("shown alone")

# %% tags=["remove_output"]
import matplotlib.pyplot as plt
from labnotes import claim, figure
claim("rate", 0.25)
fig, ax = plt.subplots()
ax.plot([1, 2])
figure(fig, "unseen", caption="Not on the page.", alt="A line.")

# %%
fig, ax = plt.subplots()
ax.plot([2, 1])
figure(fig, "seen", caption="On the page.", alt="A line.")

# %% tags=["hide-output"]
print("folded")

# %% tags=["scroll-output"]
print("scrolls")

# %%
#| warning: false
#| code-fold: show
import sys
print("no warning", file=sys.stderr)
print("a result")

# %% [markdown] tags=["remove-cell"]
# Words for the author alone.

# %% tags=["raises-exception"]
1 / 0
"""


MEDIA = """
# %%
from IPython.display import display

def show(mime, content="AAAA", **metadata):
    display({mime: content, "text/plain": "<Shown object>"}, metadata={mime: metadata}, raw=True)

show("image/webp", "UklGRgAAAABXRUJQ", alt="A <dot>")
show("image/gif", "R0lGODlh")
show("image/png")
show("image/svg+xml", "<svg>broken")
for mime in ("image/avif", "video/mp4", "video/webm", "image/bmp", "application/geo+json"):
    show(mime)

# %%
show("application/pdf")
"""


@pytest.fixture(scope="module")
def media(new_lab):
    """The page of a note that shows pictures and films by their MIME types, and the folder of its files."""
    lab = new_lab()
    lab.write_note("m", MEDIA, settings={"title": "M", "summary": "S."})
    lab.run_and_accept("m")
    assert lab("check", "m", "--fresh").code == 0
    site = SiteSettings(name="A lab", url="https://lab.example/", docs=lab.root / "docs")
    assert staging.stage_notes(Lab(lab.root), ["m"], site, lab.root / ".labnotes/theme", None, drafts=False).all_problems == []
    page = (lab.root / "docs/notes/posts/m.md").read_text().partition("</header>")[2]
    return lxml_html.fromstring(f"<div>{page}</div>"), lab.root / "docs/notes/m"


@pytest.fixture(scope="module")
def optional(new_lab):
    """A lab with a note whose cells say how they are shown, staged."""
    lab = new_lab()
    lab.write_note("b", OPTIONS, settings={"title": "B", "summary": "S."})
    lab.run_and_accept("b")
    assert lab("check", "b", "--fresh").code == 0
    site = SiteSettings(name="A lab", url="https://lab.example/", docs=lab.root / "docs")
    assert staging.stage_notes(Lab(lab.root), ["b"], site, lab.root / ".labnotes/theme", None, drafts=False).all_problems == []
    return lab


@pytest.fixture(scope="module")
def shown(optional):
    page = (optional.root / "docs/notes/posts/b.md").read_text().partition("</header>")[2]
    return lxml_html.fromstring(f"<div>{page}</div>")


def test_code_and_outputs_are_left_out_as_their_author_says(shown):
    text = shown.text_content()
    assert "secret" not in text and "Words for the author alone" not in text and "no warning" not in text.replace('print("no warning"', "")
    assert [element.tag for number in range(1, 9) for element in shown.xpath(f"//*[@id='cell-{number}']")] == [
        *("div", "div", "details", "details", "details", "details", "details", "details")
    ], "links to a cell lead to its place"
    assert shown.xpath("//b/parent::div")[0].text_content() == "A raw sentence at 0.25."
    assert "shown alone" in text and 'print("shown alone")' not in text
    assert [details.get("id") for details in shown.xpath("//details[@open]")] == ["cell-7"]
    (folded,) = shown.xpath("//details[summary/text()='Output ']")
    assert folded.xpath("string(.//pre)") == "folded" and "cell 5 · 1 output" in folded.xpath("string(summary)")
    assert [box.xpath("string(.//pre)") for box in shown.xpath("//div[@class='ln-tall']")] == ["scrolls"]
    assert "ZeroDivisionError" in shown.xpath("//pre[@class='ln-output']")[-1].text_content()


def test_what_is_computed_in_a_cell_that_is_not_shown_counts_and_is_checked(shown, optional):
    assert shown.xpath("//tr[@id='claim-rate']/@data-verdict") == ["exact"]
    rows = {row.xpath("string(th)"): row.get("data-verdict") for row in shown.xpath("//tr[@data-verdict and not(@id)]")}
    assert rows == {"unseen": "exact", "Figure 1": "exact"}
    assert shown.xpath("//*[@id='fig-seen']") and not shown.xpath("//*[@id='fig-unseen']")
    links = set(re.findall(r'"\.\./#([\w-]+)"', (optional.root / "docs/notes/b/claims/index.md").read_text()))
    assert links >= {"claim-rate", "fig-seen", "cell-3"} and "fig-unseen" not in links


def test_the_notebook_page_and_the_download_hold_every_cell(optional):
    folder = optional.root / "docs/notes/b"
    for text in ((folder / "notebook/index.md").read_text(), (folder / "b.ipynb").read_text()):
        for words in ("set up", "shown alone", "Words for the author alone", "no warning"):
            assert words in text


@pytest.fixture(scope="module")
def staged(new_lab):
    """The folder docs/notes/ of a lab with one note."""
    lab = new_lab()
    folder = lab.write_note("a", NOTE, settings={"title": "A", "summary": "S."})
    (folder / "data.csv").write_text("a\n1\n")
    lab.run_and_accept("a")
    site = SiteSettings(name="A lab", url="https://lab.example/", docs=lab.root / "docs")
    result = staging.stage_notes(Lab(lab.root), ["a"], site, lab.root / ".labnotes/theme", None, drafts=False)
    assert result.all_problems == []
    return lab.root / "docs/notes"


@pytest.fixture(scope="module")
def outputs(staged):
    """The elements of the page that show outputs."""
    page = (staged / "posts/a.md").read_text().partition("</header>")[2]
    return lxml_html.fromstring(f"<div>{page}</div>").xpath("//div[@aria-label='Output']")


def test_markdown_that_a_cell_displays_is_read_as_the_notes_prose(outputs):
    shown = outputs[0]
    assert [element.text for element in shown.xpath("./p[@class='ln-headline']")] == ["Accuracy"]
    assert [element.text for element in shown.xpath(".//strong")] == ["0.93"]
    assert len(shown.xpath(".//li")) == 2 and shown.xpath(".//math") and not shown.xpath(".//*[@id] | .//script | .//h1")
    assert "is 0.93 in {{ rate }}, " in shown.text_content() and "b[^c]" in shown.text_content(), "nothing binds in an output"
    assert "ℝ" in shown.text_content() and "RR" not in shown.text_content(), "macros of the note hold"


def test_formulas_that_a_cell_displays_are_mathml_or_tex(outputs):
    assert [element.xpath("string(.//math)") for element in (outputs[1], outputs[4])] == ["x2+y2", "β"]
    assert outputs[2].xpath("string(.//math)") == "α" and outputs[2].xpath("string(.//code)") == r"$\nosuchcommand$"


def test_links_and_pictures_of_displayed_markdown_lead_to_files_or_say_why_not(outputs, staged):
    shown = outputs[3]
    assert [(a.text, a.get("href")) for a in shown.xpath(".//a")] == [
        ("data", "../a/data.csv"),
        ("gone", None),
        ("up", "../a/#results"),
        ("off", None),
    ]
    (picture,) = shown.xpath(".//img")
    assert re.fullmatch(r"\.\./a/attached/output-3-[0-9a-f]{12}\.png", picture.get("src")) and picture.get("alt") == "dot"
    assert (staged / "posts" / picture.get("src")).read_bytes().startswith(b"\x89PNG")
    assert shown.xpath("string(.//span[@class='ln-left-out'])").startswith("A picture (far) is not shown: it lies at cdn.example")


def test_sound_is_a_file_beside_the_page(outputs, staged):
    (player,) = outputs[5].xpath("./audio")
    assert (staged / "posts" / player.get("src")).read_bytes() == b"RIFF"


def test_a_progress_bar_is_its_text_and_long_text_is_folded(staged):
    page = (staged / "posts/a.md").read_text()
    assert "<code> 50%|#####     | 5/10</code>" in page and "Figure 1" not in page
    assert "<summary>15 more lines <span>of 45</span></summary>" in page
    assert '<span class="ansi-green-fg">line 44</span>' in page


def test_the_notebook_page_shows_the_same(staged):
    page = lxml_html.fromstring((staged / "a/notebook/index.md").read_text().partition("<h1>")[2])
    assert [element.text for element in page.xpath("//p[@class='ln-headline']")] == ["Accuracy"]
    assert [math.xpath("string()") for math in page.xpath("//math")][-2:] == ["α", "β"]
    for address in page.xpath("//audio/@src | //div[contains(@class, 'output')]//img/@src | //a[text()='data']/@href"):
        assert (staged / "a/notebook" / address).is_file()
    assert "IPython.core.display" not in page.text_content()


def test_raw_markdown_and_tex_of_an_output_never_reach_the_notebook_page(staged):
    text = (staged / "a/notebook/index.md").read_text()
    assert "<style" not in text and "<script" not in text


def test_the_notebook_to_download_holds_what_jupyter_shows_and_nothing_that_runs(staged):
    text = (staged / "a/a.ipynb").read_text()
    notebook = nbformat.reads(text, as_version=4)
    nbformat.validate(notebook)
    data = [output.get("data", {}) for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    assert {"$\\displaystyle x^2 + y^2$", "$\\beta$"} <= {bundle.get("text/latex") for bundle in data}
    assert any("data:audio/wav" in bundle.get("text/html", "") for bundle in data)
    assert "<script" not in json.dumps([cell.get("outputs") for cell in notebook.cells])


def test_pictures_and_films_are_shown_by_their_mime_types_or_named(media):
    page, folder = media
    figures = page.xpath("//*[starts-with(@id, 'fig-')]")
    shown = [[*figure.xpath(".//img/@src | .//video[@controls]/@src")] for figure in figures]
    assert [[address.rpartition(".")[2] for address in addresses] for addresses in shown] == [
        ["webp"],
        ["gif"],
        [],
        [],
        ["avif"],
        ["mp4"],
        ["webm"],
        [],
        [],
    ]
    assert figures[0].xpath(".//img/@alt") == ["A <dot>"], "what the code says of a picture"
    assert (folder / "figures/auto-6.mp4").read_bytes() == b"\0\0\0"
    assert [figure.xpath(".//video/@aria-label") for figure in figures[5:7]] == [["No description was given."]] * 2
    png, svg, bmp, geo = (figure.xpath(".//*[@class='ln-nothing']")[0].text for figure in (*figures[2:4], *figures[7:]))
    assert png == "This output cannot be shown here: what the code gave out as image/png is no PNG."
    assert svg.startswith("This output cannot be shown here: what the code gave out as image/svg+xml is no SVG: ")
    assert bmp == "This output cannot be shown here: a page shows no image/bmp; PNG, SVG, JPEG, GIF, WebP, AVIF, MP4 and WebM are shown."
    assert geo.startswith("This output cannot be shown here: its library draws it by a script (application/geo+json), and a page runs none")
    (pdf,) = page.xpath("//span[@class='ln-left-out']")
    assert pdf.text == "This output cannot be shown here: a page shows no application/pdf."
    notebook = lxml_html.fromstring((folder / "notebook/index.md").read_text().partition("---\n\n")[2] or "<p></p>")
    assert notebook.xpath("//video[@controls]/@src") == ["../figures/auto-6.mp4", "../figures/auto-7.webm"]
    assert notebook.xpath("//img/@src")[0] == "../figures/auto-1.webp"
    download = nbformat.read(folder / "m.ipynb", as_version=4)
    nbformat.validate(download)
    assert [next(iter(set(output.data) - {"text/plain"}), "") for output in download.cells[0].outputs] == [
        "image/webp",
        "image/gif",
        "",
        "",
        "image/avif",
        "video/mp4",
        "video/webm",
        "",
        "",
    ]


class _SettingProse:
    """Sets every formula but one that no page can set."""

    def formula_html(self, formula):
        return None if "nosuchcommand" in formula else f"<math>{formula.strip('$')}</math>"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("<th>$\\alpha$</th>", "<th><math>\\alpha</math></th>"),
        ("<p>$a &lt; b$ &amp; c</p>", "<p><math>a < b</math> &amp; c</p>"),
        ("<td>$5</td><td>$6</td>", "<td>$5</td><td>$6</td>"),
        ("<p>from $5 to $6</p>", "<p>from $5 to $6</p>"),
        ("<p>$\\nosuchcommand$ &lt;</p>", "<p>$\\nosuchcommand$ &lt;</p>"),
        ("<pre><b>$x$</b></pre>$y$", "<pre><b>$x$</b></pre><math>y</math>"),
        ("<code>$x$</code>", "<code>$x$</code>"),
        ('<img alt="$x$ > 1">', '<img alt="$x$ > 1">'),
        ("<p>{{ rate }} @fig:a $x$</p>", "<p>{{ rate }} @fig:a <math>x</math></p>"),
    ],
)
def test_formulas_in_html_that_a_cell_displays_are_set_in_its_text_alone(written, shown):
    output = {"output_type": "display_data", "data": {"text/html": written}}
    cell = Cell(kind="code", source="", number=1, line=1, path=Path("note.py"))
    assert f">{shown}</div>" in CellOutputs(_SettingProse(), "../").page_html(output, cell)


def test_formulas_in_a_table_s_names_and_words_are_set():
    outputs = CellOutputs(_SettingProse(), "../")
    assert outputs.text_html("loss $\\beta$ & <b>") == "loss <math>\\beta</math> &amp; &lt;b&gt;"
    assert outputs.text_html("$5 & <b>") == "$5 &amp; &lt;b&gt;"
