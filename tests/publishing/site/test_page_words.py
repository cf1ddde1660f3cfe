"""The words that a page puts between those of its author: in the author's language, or marked as English."""

import pytest
from lxml import html as lxml_html

from labnotes.site.stage import page_words, staging
from labnotes.site.stage.site_settings import SiteSettings
from labnotes.source.labs import Lab

NOTE = r"""
# %% [markdown]
# Siehe @fig:line, @tab:rows und $\eqref{a}$.
#
# $$x \label{a}$$

# %%
import sys
import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display
from labnotes import figure, table

fig, ax = plt.subplots()
ax.plot([1, 2])
figure(fig, "line", caption="Sie steigt.", alt="Eine Linie.")
table(pd.DataFrame({"a": [1]}), "rows", caption="Zeilen.")
display({"application/pdf": "AAAA"}, raw=True)
print("x", file=sys.stderr)

# %%
fig
"""


@pytest.fixture(scope="module")
def lab(new_lab):
    lab = new_lab()
    lab.record_note("a", NOTE, settings={"title": "A"})
    return lab


def staged_page(lab, language):
    """The page of the note in this language, and its notebook page."""
    lab.write_note("a", NOTE, settings={"title": "A", "language": language})
    site = SiteSettings(name="A lab", docs=lab.root / "docs")
    assert staging.stage_notes(Lab(lab.root), ["a"], site, lab.root / ".labnotes/theme", None, drafts=False).all_problems == []
    texts = [(lab.root / "docs/notes" / name).read_text() for name in ("posts/a.md", "a/notebook/index.md")]
    return [lxml_html.fromstring(f"<div>{text.partition('---')[2].partition('---')[2]}</div>") for text in texts]


def region_names(lab, page):
    """The names of what can be scrolled, in the page and in the parts of it that are loaded when they are opened."""
    parts = [lxml_html.fromstring(path.read_bytes()) for path in (lab.root / "docs/notes/a/figures").glob("*.data.html")]
    assert len(parts) == 2
    return {name for tree in (page, *parts) for name in tree.xpath("//*[@role='region']/@aria-label")}


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("de", ("Abbildung", "Tabelle", "Gleichung")),
        ("pt-BR", ("Figura", "Tabela", "Equação")),
        ("zh-Hans", ("图", "表", "公式")),
        ("zh-TW", ("圖", "表", "公式")),
        ("he", ("איור", "טבלה", "משוואה")),
        ("hu", ("Figure", "Table", "Equation")),
    ],
)
def test_figures_tables_and_equations_have_words_of_the_notes_language(lab, language, words):
    page, notebook = staged_page(lab, language)
    marks = [(mark.text, mark.get("lang")) for mark in page.xpath("//a[@class='ln-num']")]
    assert marks.pop(0) == marks[0], "the picture at the top is that of the first figure"
    foreign = "en" if language == "hu" else None
    assert marks == [(f"{words[0]} 1", foreign), (f"{words[1]} 1", foreign), (f"{words[0]} 2", foreign)]
    references = [(link.text, link.get("lang")) for link in page.xpath("//a[@class='ln-xref']")]
    assert references[:2] == [(f"{words[0]}\xa01", foreign), (f"{words[1]}\xa01", foreign)]
    for equation in page.xpath("//span[@role='group']") + notebook.xpath("//span[@role='group']"):
        assert (equation.get("aria-label"), equation.get("lang")) == (words[2], foreign)
        assert equation.xpath("./math/@lang") == ([language] if foreign else [])
    assert f"{words[0]} “line”" in notebook.text_content()
    assert {f"{words[0]} 1", f"{words[0]} 2", f"{words[1]} 1"} <= region_names(lab, page)


@pytest.mark.parametrize("language", ["de", "hu"])
def test_all_other_words_of_labnotes_are_said_to_be_english(lab, language):
    page, _ = staged_page(lab, language)
    said = ("Code", "Data", "Warnings and messages", "This output cannot", "Shown by the code", "Not verified", "CSV", "PNG")
    ours = [
        element
        for element in page.iter()
        if element.text and element.text.startswith(said) and not element.xpath("ancestor-or-self::*[@lang='en' and @dir='ltr']")
    ]
    assert [(element.tag, element.text) for element in ours] == []
    assert len(page.xpath("//*[@lang='en']")) > 12


def test_a_part_of_a_note_says_what_is_of_which_language(lab):
    staged_page(lab, "de")
    [part, *_] = [lxml_html.fromstring(path.read_bytes()) for path in sorted((lab.root / "docs/notes/a/figures").glob("*.data.html"))]
    assert part.get("lang") == "de"
    assert [(words.text, words.get("lang")) for words in part.xpath("//h1/span")] == [
        (part.xpath("//title/text()")[0].partition(" · ")[0], "en")
    ]


def test_an_english_note_says_nothing_of_english(lab):
    page, _ = staged_page(lab, "en-GB")
    assert page.xpath("//figure//@lang | //details[@class='ln-code']//@lang | //p//@lang[. = 'en' and not(ancestor::header)]") == []
    assert page.xpath("//a[@class='ln-num']")[0].text == "Figure 1"
    assert {"Data of Figure 2", "Table 1"} <= region_names(lab, page)


def test_each_language_has_its_three_words():
    for language in ("ar", "de", "ja", "zh-Hant", "zh-HK"):
        words = page_words.words_in(language)
        assert not words.is_foreign and all((words.figure, words.table, words.equation))
    assert page_words.words_in("").english == "" == page_words.words_in("en-US").named
