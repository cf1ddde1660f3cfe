"""What the search reads of texts and pages, what a site builder adds, and what is told where an answer would lead nowhere."""

import json

import pytest

from labnotes.site.stage import search_index, searched_pages
from labnotes.site.stage.searched_pages import BuiltPage, read_pages
from labnotes.site.stage.searched_words import counted_words, distinctive_words
from labnotes.site.stage.site_settings import SiteSettings
from labnotes.site.verify.verification import verify_site


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Fine-tuning, don't: x 12 3.5 b2", {"fine-tuning", "don't", "b2"}),
        ("$\\frac{a}{b}$ and [a link](https://example.org/path) <b class='x'>bold</b>", {"and", "link", "bold"}),
        ("Ångström ß", {"ångström"}),
        ("机器学习 and かな, ไทย", {"机器", "器学", "学习", "and", "かな", "ไท", "ทย"}),
        ("مرحبا بالعالم", {"مرحبا", "بالعالم"}),
        ("at_tag_absolute", {"at-tag-absolute"}),
        ("", set()),
    ],
    ids=["joined words", "markup", "accents", "scripts without spaces", "Arabic", "a name", "nothing"],
)
def test_words_are_counted_without_markup_math_and_numbers(text, words):
    counted = dict(counted_words(text))
    assert {word for word in counted if word != "a"} == words and set(counted.values()) <= {1}


def test_what_stands_everywhere_tells_nothing_and_what_stands_often_in_one_text_tells_most():
    counts = {"seed": 1, "latent": 1, "model": 9, "latents": 1, "title": 1}
    words = [("seed", 1), ("latent", 5), ("latents", 2), ("model", 50), ("title", 3)]
    assert distinctive_words(words, ["A title"], counts, 10) == ["latent", "seed"]


PAGE = """---
title: The guide
description: How it is done.
aliases: [manual, first  steps]
search: {boost: 2}
---

# Another title

Before all.

## One & `two`

| word | meaning |
|---|---|
| `moved` | the number moved |
| `missing`, `new` | only in one |

```sh
## no heading
```

## One & `two`
### Deep {: #named }
#### Deepest
"""


@pytest.fixture
def docs(tmp_path):
    for name, text in {
        "guide.md": PAGE,
        "404.md": "# Not here\n",
        "notes/index.md": "# Notes\n",
        "index.md": "# Home\n",
        "hidden.md": "---\nsearch: {exclude: true}\n---\n# Hidden\n",
        "deep/why.md": "# Why\n",
        "deep/listed.md": "# Listed\n",
        "api/index.md": "# API\n",
        "api/one.md": "# One\n\n::: package.module\n",
        ".draft/x.md": "# Draft\n",
    }.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    return SiteSettings(docs=tmp_path, menu=("index.md", "guide.md", "deep/listed.md"))


def test_a_page_is_read_with_its_other_names_its_headings_and_the_words_that_it_explains(docs):
    [page] = [page for page in read_pages(docs, []) if page.address == "guide/"]
    assert (page.title, page.summary, page.aliases, page.boost) == ("The guide", "How it is done.", ("manual", "first steps"), 2)
    assert [(part.anchor, part.heading) for part in page.sections] == [
        ("", ""),
        ("one-two", "One & two"),
        ("one-two_1", "One & two"),
        ("named", "Deep"),
    ]
    assert page.sections[1].names == ("moved", "missing", "new")


def test_pages_are_of_the_kind_that_their_place_says(docs):
    assert {page.address: page.kind for page in read_pages(docs, [])} == {
        "": "page",
        "guide/": "page",
        "deep/listed/": "page",
        "deep/why/": "background",
        "api/": "reference",
        "api/one/": "reference",
    }


@pytest.mark.parametrize(
    ("front", "told"),
    [
        ("aliases: words", "aliases: found 'words': is no list of words"),
        ("aliases: [1]", "aliases: found [1]: is no list of words"),
        ("search: {boost: high}", "search.boost: found 'high': is no number above 0 and up to 10"),
        ("search: {boost: 0}", "search.boost: found 0: is no number above 0 and up to 10"),
        ("title: [", "its front matter is no YAML"),
    ],
)
def test_front_matter_that_the_search_cannot_use_is_told(docs, front, told):
    (docs.docs / "guide.md").write_text(f"---\n{front}\n---\n# Guide\n")
    problems = []
    assert "guide/" not in [page.address for page in read_pages(docs, problems)] and len(problems) == 1
    assert told in str(problems[0]) and "guide.md" in problems[0].where


def test_the_builder_gives_addresses_adds_its_own_pages_and_takes_out_what_it_does_not_make(docs):
    staged = search_index.search_files([], read_pages(docs, []))
    built = [
        BuiltPage(address="guide/", title="", summary="", headings=[("one", "One"), ("named", "Deep")], text="", is_markdown=True),
        BuiltPage(address="steps/", title="Steps", summary="All.", headings=[("go", "Go")], text="word worded", is_markdown=False),
    ]
    addresses = {"", "guide/", "steps/"}
    made = search_index.complete_files(staged, built, addresses)
    first, rest = (json.loads(made[name])["pages"] for name in ("search.json", "search_sections.json"))
    assert [entry["address"] for entry in first] == ["notes/", "guide/", "", "steps/"]
    assert next(entry for entry in first if entry["address"] == "guide/")["headings"] == [["named", "Deep"]]
    assert ["one", "One", "", ""] in rest["guide/"]["parts"] and not any(row[0].startswith("one-two") for row in rest["guide/"]["parts"])
    assert rest["steps/"]["parts"] == [["", "", "", "word worded"], ["go", "Go", "", ""]]
    assert search_index.complete_files(made, built, addresses) == made, "a preview completes the same files again"


@pytest.mark.parametrize(("place", "address"), [("a/b.md", "a/b/"), ("a/README.md", "a/"), ("index.md", ""), ("b.md", "b/")])
def test_a_page_has_the_address_of_its_file(place, address):
    assert searched_pages.page_address(place) == address


@pytest.mark.parametrize(
    ("first", "rest", "told"),
    [
        ([{"address": ""}], {"": {"parts": [["here", "", "", ""]]}}, []),
        ([{"address": "gone/"}], {}, ["leads to 'gone/': gone/index.html is not in the site"]),
        ([{"address": "lost/"}], {}, []),
        ([{"address": "", "headings": [["nowhere", "Words"]]}], {}, ["leads to '#nowhere': index.html has no id 'nowhere'"]),
        ([{"address": ""}], {"": {"claims": [["rate", "A sentence."]]}}, ["leads to '#claim-rate': index.html has no id 'claim-rate'"]),
        ([{}], {}, ["is not what the search reads"]),
    ],
    ids=["as it should be", "no page", "a page that is known to lack", "no heading", "no claim", "another form"],
)
def test_an_answer_that_leads_nowhere_is_told(tmp_path, first, rest, told):
    (tmp_path / "notes").mkdir()
    (tmp_path / "index.html").write_text("<!doctype html><html lang=en><title>x</title><main><h1>x</h1><p id=here>y</p></main>")
    (tmp_path / "notes/search.json").write_text(json.dumps({"pages": first}))
    (tmp_path / "notes/search_sections.json").write_text(json.dumps({"pages": rest}))
    problems = [problem for problem in verify_site(tmp_path, ["lost/"]) if "search" in problem.where]
    assert [problem.what for problem in problems] == told
