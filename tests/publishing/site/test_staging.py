"""One lab, built once: what its pages, files and feeds say. Then what staging writes, leaves alone, takes away and refuses."""

import base64
import fcntl
import html
import json
import os
import re
import shutil
import struct
import warnings
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urljoin
from xml.etree import ElementTree as ET

import nbformat
import pytest
import yaml
from lxml import html as lxml_html

from labnotes.commands import build
from labnotes.errors import InvalidNote, LabNotesError, Problem
from labnotes.model.tables import Column
from labnotes.model.verdicts import ResultTone
from labnotes.site.stage import body, incremental, note_lists, search_index, source_marks, staging
from labnotes.site.stage.body import TEMPLATES
from labnotes.site.stage.note_page import join_record
from labnotes.site.stage.site_settings import SiteSettings
from labnotes.site.verify.verification import verify_site
from labnotes.source import bibliography, notes
from labnotes.source.labs import Lab
from labnotes.store import check_log, records

URL = "https://lab.example/site/"

RICH = r"""
# %% [markdown]
# # A first heading, left out: the title stands in note.yml
#
# A rate of {{ rate }} was found (95 % interval {{ rate.low }} to {{ rate.high }}, n = {{ rate.n }})[^how] at a width of
# {{ const("64", "model width") }}, not {{ cited("40 %", "ada2024") }} as before [@ada2024; @bob2025, p. 3]. See @fig:wide, @fig:cloud and
# @tab:runs, not [@web2023]. @bob2025 agree. The slope is $\beta = {{ slope }}$, so that
#
# $$
# y = \beta x
# $$
#
# holds at 17 places.
#
# ## What was done
#
# Here are [the raw data](raw.csv) and [about this lab](../../docs/about.md "Who we are"). Once more[^how], and why[^why].
#
# ![Two "arrows"](arrows.png)
#
# [^why]: Because of $x^2$ and {{ rate }}.

# %%
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
from IPython.display import HTML, SVG, display
from matplotlib.artist import Artist
from matplotlib.colors import ListedColormap
from labnotes import claim, figure, table

plt.style.use("labnotes.style")
grid = np.linspace(0, 1, 5)


class Seal(Artist):
    def draw(self, renderer):
        pass

# %%
claim("rate", replicates=[0.31, 0.29, 0.33, 0.30, 0.32], format=".0%", holds="low > 0.2")
claim("slope", -2.5, format=".1f", tolerance=0.25, because="two <CPUs> differed by 0.2")

# %%
claim("in_order", True)
claim("places", 1204, format=",d")

# %%
fig, ax = plt.subplots(figsize=(7.6, 3))
ax.plot(grid, 2 * grid, label="with <x> & y")
ax.plot(grid, 3 * grid, "--", label="without")
ax.axhline(1, color="#b84a14")
ax.set(xlabel="dose", ylabel="answer", title="Answers & <more>")
figure(fig, "wide", caption="Answers at a rate of {{ rate }}, *rising* with $\\beta$; see @fig:cloud.", alt="Two \"rising\" lines.")

# %%
fig, ax = plt.subplots(figsize=(4, 3))
ax.scatter(grid, 1 - grid, c=[0, 1, 2, 1, 0], cmap=ListedColormap(["#000000", "#1f77b4", "#808080"]))
ax.plot(grid, grid, color="#000000")
figure(fig, "cloud", caption=f"Made of {len(grid)} points.", alt="Five points falling.", tolerance=0.01, because="a slow clock")
fig, ax = plt.subplots(figsize=(4, 3))
ax.add_artist(Seal()).set_label("a seal")
figure(fig, "field", caption="A field.", alt="A seal.")

# %%
index = pd.Index(["a", "b & c", "d"], name="arm")
frame = pd.DataFrame({"rate": [0.1234567, float("nan"), -3.0], "runs": [1, 2, 3], "note": ["<b>bold</b>", "", "x, y"]}, index=index)
table(frame, "runs", caption="Runs by arm, as in [@ada2024].", formats={"rate": ".2f"})
table(pd.DataFrame({"n": range(100)}), "long", caption="A hundred rows.")

# %%
print("printed <i>text</i>\x1b[31m in red\x1b[0m")

# %%
frame.head(2)

# %%
display(HTML("<table><thead><tr><th>shown</th></tr></thead><tbody><tr><th>one</th></tr></tbody></table><script>alert(1)</script>"))
display(SVG('<svg xmlns="http://www.w3.org/2000/svg" width="40" height="20"><rect width="40" height="20" onclick="alert(1)"/></svg>'))

# %% [markdown]
# ## Results
#
# As said[^how].
#
# [^how]: The *method* of [others](https://example.org/).
"""

FOLLOW_UP = """
# %% [markdown]
# Follows [the first](../dose-response/note.py#what-was-done) and [its folder](../dose-response) at {{ rate }}.

# %%
from labnotes import claim
claim("rate", 0.5, format=".1%")
"""

REFERENCES = r"""
@article{ada2024, title = {Dose \& {Answer}: 50\% of {{\"U}}bung}, author = {Lovelace, Ada and Babbage, Charles},
  journal = {Journal of <Doses>}, year = {2024}, doi = {10.1000/a.b-1}}
@misc{bob2025, title = {A preprint}, author = {van der Berg, Bob Q. and Ma, Li and Ng, Al}, year = {2025},
  eprint = {2501.00001}, archiveprefix = {arXiv}}
@misc{web2023, title = {A page}, author = {{The Example Lab}}, year = {2023}, url = {https://example.org/page?a=1&b=2}}
"""

SETTINGS = {
    "title": 'Dose & answer: "how much" is <enough>?',
    "summary": "A rate of a third & no more.",
    "date": "2026-03-05",
    "authors": [
        {"name": "Ada Lovelace", "affiliation": "Engines & Co", "orcid": "0000-0002-1825-0097"},
        {"name": "José Ñandú", "url": "https://jose.example/?a=1&b=2"},
    ],
    "tags": ["dose", "AI safety"],
    "updates": [
        {"date": "2026-03-09", "text": "A typo in *Methods*.", "kind": "update"},
        {"date": "2026-03-20", "text": "The rate was {{ rate }}, not as in [@ada2024].", "kind": "correction"},
    ],
}

REPOSITORY = "https://github.com/ada/lab"

EXTRA = f"""
repo_url: {REPOSITORY}
extra:
  labnotes:
    reproduce: |
      git clone https://git.example/lab && cd lab
      labnotes check {{slug}} --fresh
    colab: ada/lab/gh-pages
    install: labnotes-reexecuted[notes] @ git+https://git.example/labnotes
"""

DOT = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mNk+A8AAQUBAScY42YAAAAASUVORK5CYII=")


def initialised_lab(box):
    """A lab as `labnotes init` makes it, with an address."""
    done = box("init", "site-lab", cwd=box.root.parent)
    assert done.code == 0, done.text
    box.root = box.root.parent / "site-lab"
    settings = (box.root / "mkdocs.yml").read_text()
    settings = settings[: settings.index("# extra:")].replace("# site_url: https://lab.example.org/", f"site_url: {URL}")
    (box.root / "mkdocs.yml").write_text(settings + EXTRA)
    return box


def stage_lab(root, **options):
    """Stage the lab in this process; `drafts` are left out unless asked for."""
    lab = Lab(root)
    site = build.prepare_site(lab)
    return staging.stage_notes(lab, lab.note_slugs(), site, build.theme_of(lab), None, **{"drafts": False, **options})


class BuiltLab:
    """A built lab.

    `staged_text` reads docs/notes/, `site_page` and `site_json` what is on the site; `before` is the rich page before its check.
    """

    def __init__(self, root, before):
        self.root, self.before = root, before
        self.site, self.docs = root / "site", root / "docs" / "notes"
        self._pages = {}

    def staged_text(self, name):
        return (self.docs / name).read_text()

    def site_page(self, name):
        if name not in self._pages:
            self._pages[name] = lxml_html.fromstring((self.site / name / "index.html").read_text())
        return self._pages[name]

    def site_json(self, name):
        return json.loads((self.site / name).read_text())


def element_text(element):
    return " ".join("".join(element.itertext()).split())


def only_element(element, path):
    """The only element that an XPath finds."""
    elements = element.xpath(path)
    assert len(elements) == 1, (path, elements)
    return elements[0]


def link_target(link, attribute="href"):
    """Where an address on the rich note's page leads, from the site's root; a place in the page as it is."""
    address = link.get(attribute)
    return address if address.startswith("#") else urljoin("https://site/notes/dose-response/", address).removeprefix("https://site/")


def of_class(name):
    return f"contains(concat(' ', @class, ' '), ' {name} ')"


@contextmanager
def shared_file(factory, name):
    """A file that the workers of a parallel run of tests share, for one of them at a time: what is built is built once."""
    base = factory.getbasetemp()
    folder = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base
    with (folder / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield folder / f"{name}.json"


@pytest.fixture(scope="module")
def built(new_lab, tmp_path_factory):
    with shared_file(tmp_path_factory, "staging-rich") as kept:
        if not kept.exists():
            kept.write_text(json.dumps(make_rich(initialised_lab(new_lab()))))
        root, before = json.loads(kept.read_text())
    return BuiltLab(Path(root), before)


def make_rich(lab):
    """A lab of a rich note, one that follows it, and a draft, checked and built; its folder, and the rich page before the check."""
    (lab.root / "docs" / "about.md").write_text("# About\n\nUs.\n")
    folder = lab.write_note("dose-response", RICH, settings=SETTINGS)
    (folder / "references.bib").write_text(REFERENCES)
    (folder / "raw.csv").write_text("a,b\n1,2\n")
    (folder / "arrows.png").write_bytes(DOT)
    lab.write_note(
        "follow-up",
        FOLLOW_UP,
        settings={
            "title": "What came of it",
            "date": "2025-12-31",
            "authors": ["Ada Lovelace"],
            "tags": ["dose"],
            "language": "ar-eg",
        },
    )
    lab.write_note("unready", FOLLOW_UP, settings={"status": "draft", "title": "Unready"})
    lab.run_and_accept("dose-response", "follow-up", "unready")
    stage_lab(lab.root)
    before = (lab.root / "docs" / "notes" / "posts" / "dose-response.md").read_text()
    assert lab("mutate", "dose-response").code == 0
    checked = lab("check", "--fresh", "dose-response")
    assert checked.code == 0, checked.text
    done = lab("build")
    assert done.code == 0, done.text
    assert "unready is a draft" in done.out
    assert "dose-response: code cell 9: its output held script, onclick, not published" in done.err
    return str(lab.root), before


@pytest.fixture(scope="module")
def note(built):
    """The rich note's page."""
    return built.site_page("notes/dose-response")


# -- the whole site ----------------------------------------------------------------------------------------------------------------------


def test_nothing_is_wrong_with_the_site(built):
    assert verify_site(built.site) == []
    assert not list(built.site.rglob("*unready*"))
    assert not any("unready" in path.read_text() for path in built.site.rglob("*") if path.suffix in (".html", ".json", ".xml"))


def test_home_shows_every_claim_and_the_newest_notes_first(built):
    home = built.site_page("")
    assert [element_text(item) for item in home.xpath("//h3")] == [SETTINGS["title"], "What came of it"]
    assert [item.get("href") for item in home.xpath("//h3/a")] == ["notes/dose-response/", "notes/follow-up/"]
    strip = only_element(home, f"//section[{of_class('ln-status')}]")
    assert "5 claims in 2 notes4 re-executed and agree1 not yet re-executed" in element_text(strip)
    ticks = strip.xpath(".//li")
    marks = [[(tick.get("class"), tick.get("style")) for tick in list_item.xpath(".//i")] for list_item in ticks]
    assert marks == [[("v-exact", "flex-grow:4")], [("v-not-re-executed", "flex-grow:1")]], "in the order of the list below"
    assert only_element(home, "//img[contains(@src, 'figures')]").get("src") == "notes/dose-response/figures/wide.svg"
    assert "A rate of a third & no more." in element_text(home)
    assert not home.xpath(f"//nav[{of_class('md-pagination')}]"), "one page has no list of further pages"


def test_the_archive_lists_all_notes_by_year_and_counts_each_authors(built):
    archive = built.site_page("notes")
    years = {element_text(only_element(section, "./h2")).rstrip("#").strip(): section for section in archive.xpath("//section")}
    assert list(years) == ["2026", "2025", "Authors"]
    assert [a.get("href") for a in years["2026"].xpath(".//a[not(contains(@class, 'headerlink'))]")] == ["dose-response/"]
    assert "Re-executed on" in element_text(years["2026"]) and "Recorded on" in element_text(years["2025"])
    people = [element_text(item) for item in years["Authors"].xpath(".//li")]
    assert people == ["2 notes Ada Lovelace", "1 note José Ñandú"]


def test_authors_and_tags_have_pages_that_list_their_notes(built, note):
    byline = only_element(note, f"//p[{of_class('ln-byline')}]")
    links = {element_text(a): a.get("href") for a in byline.xpath(".//a")}
    assert list(links) == ["Ada Lovelace", "ORCID", "José Ñandú", "site"]
    assert (links["ORCID"], links["site"]) == ("https://orcid.org/0000-0002-1825-0097", "https://jose.example/?a=1&b=2")
    for name, titles in (("Ada Lovelace", [SETTINGS["title"], "What came of it"]), ("José Ñandú", [SETTINGS["title"]])):
        assert links[name].startswith("../../authors/")
        page = built.site_page(links[name].removeprefix("../../").rstrip("/"))
        assert element_text(only_element(page, "//h1")).rstrip("#").strip() == name
        assert [element_text(item) for item in page.xpath("//h3")] == titles
    assert "Engines & Co" in element_text(byline)
    tags = built.site_page("tags")
    for a in only_element(note, f"//ul[{of_class('ln-tags')}]").xpath(".//a"):
        heading = only_element(tags, f"//*[@id='{a.get('href').split('#')[1]}']")
        assert element_text(a) in element_text(heading)
    assert len(tags.xpath("//main//a[@href='../notes/dose-response/']")) == 2, "once for each tag"
    assert len(tags.xpath("//main//a[@href='../notes/follow-up/']")) == 1


def claim_rows_of(page):
    """The rows of a page of claims, by the name of the claim, figure or table."""
    return {element_text(row.xpath("./th/small/code")[0]): row for row in page.xpath(f"//table[{of_class('ln-rows')}]/tbody/tr")}


def test_the_claims_of_a_note_have_a_page_with_their_sentences(built):
    page = built.site_page("notes/dose-response/claims")
    rows = claim_rows_of(page)
    assert set(rows) == {"rate", "slope", "in_order", "places", "wide", "cloud", "field", "auto-1", "runs", "long"}
    assert [element_text(cell) for cell in rows["slope"].xpath("./td")][:4] == ["−2.5", "−2.5", "± 0.25two <CPUs> differed by 0.2", "exact"]
    assert [rows["slope"].xpath("string(./th/a)"), rows["wide"].xpath("string(./th/a)")] == ["Slope", "Figure 1"]
    sentence = rows["rate"].xpath(f"./th/span[{of_class('ln-sentence')}]")[0]
    assert element_text(sentence).startswith("A rate of 31% was found (95 % interval 29% to 33%, n = 5) at a width of 64")
    assert "@" not in element_text(sentence), "what it cites is left out"
    assert [element_text(mark) for mark in sentence.xpath("./mark")] == ["31%"], "the number that it is shown for"
    assert "29% to 33%, n = 5" in element_text(rows["rate"])
    verdicts = [row.get("data-verdict") for row in rows.values()]
    assert verdicts == ["unverified"] * 2 + ["exact"] * 8 and rows["field"].get("data-verdict") == "unverified", (
        "what does not agree is first"
    )
    links = {a.get("href") for row in rows.values() for a in row.xpath("./th/a")}
    assert {"../#claim-rate", "../#fig-wide", "../#tab-runs"} <= links
    tried = built.site_json("notes/claims.json")["notes"][0]["trial_changes"]
    assert f"Of {tried['total']} trial changes to this record a check notices {tried['noticed']}" in element_text(page)
    survivors = only_element(page, f"//ul[{of_class('ln-survivors')}]")
    assert [element_text(line) for line in survivors.xpath("./li")] == tried["survivors"] != []
    other = claim_rows_of(built.site_page("notes/follow-up/claims"))["rate"]
    assert other.get("data-verdict") == "not re-executed" and element_text(other.xpath("./td")[1]) == "—"


def test_reproducibility_says_first_how_each_note_stands_and_leads_to_its_claims(built):
    page = built.site_page("reproducibility")
    headings = [element_text(heading).removesuffix("#") for heading in page.xpath("//main//h2")]
    assert headings == ["What happened before", "Not verified", "Every claim, with its sentence"]
    overview = {element_text(row.xpath("./th")[0]): element_text(row) for row in page.xpath(f"//table[{of_class('ln-overview')}]/tbody/tr")}
    assert list(overview) == ["What came of it", SETTINGS["title"]], "what nobody ran again before what agrees"
    assert "none yet" in overview["What came of it"] and "Re-executed" in overview[SETTINGS["title"]]
    waiting = only_element(page, f"//section[{of_class('ln-unverified-parts')}]")
    assert "What came of it: All its claims, figures and tables: nobody ran it again since it was recorded." in element_text(waiting)
    assert "Figure 3: axes 0: Seal 'a seal'." in element_text(waiting)
    fold = only_element(page, "//details[@id='dose-response']")
    assert {a.get("href") for a in fold.xpath(".//a")} >= {"../notes/dose-response/claims/", "../notes/dose-response/"}
    assert "10 claims, figures and tables, each with its sentence" in element_text(fold)
    totals = {
        element_text(total.xpath("./dt")[0]): element_text(total.xpath("./dd")[0])
        for total in page.xpath(f"//dl[{of_class('ln-totals')}]/div")
    }
    assert totals == {"exact": "8", "unverified": "2", "not re-executed": "1"}, "and nothing that is not"
    assert "5 claims: 4 exact, 1 not re-executed." in element_text(page)


def test_an_address_that_is_none_shows_the_way(built):
    page = lxml_html.fromstring((built.site / "404.html").read_text())
    assert element_text(only_element(page, "//h1")) == "This page is not here"
    assert only_element(page, "//main//a").get("href") == "/site/notes/"


def builders_pages(site):
    """The pages of a site but those that hold a part of a note, which no list names and no search machine keeps."""
    pages = sorted(path for path in site.rglob("*.html") if '<meta name="robots" content="noindex">' not in path.read_text())
    assert len(pages) > 10
    return pages


def test_every_page_says_its_whole_address_and_the_sitemap_names_each_text_once(built):
    """The notebook page repeats the text of its note, so that it names that as its address."""
    addresses = {}
    for path in builders_pages(built.site):
        page, name = lxml_html.fromstring(path.read_text()), path.relative_to(built.site).as_posix()
        own = page.xpath("//link[@rel='canonical']/@href")
        assert page.xpath("//meta[@property='og:url']/@content") == own, name
        addresses[name] = own
    assert addresses.pop("404.html") == []
    whole = {name: URL + name.removesuffix("index.html").removesuffix("notebook/") for name in addresses}
    assert addresses == {name: [address] for name, address in whole.items()} and len(addresses) > 10
    sitemap = ET.parse(built.site / "sitemap.xml").getroot()
    namespace = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    named = [place.text for place in sitemap.iter(f"{namespace}loc")]
    assert sorted(named) == sorted({*whole.values()})
    days = {url.findtext(f"{namespace}loc"): url.findtext(f"{namespace}lastmod") for url in sitemap}
    assert days[f"{URL}notes/dose-response/"] == built.site_page("notes/dose-response").xpath(
        "//meta[@name='citation_online_date']/@content"
    )[0].replace("/", "-")
    assert days[URL] is None, "the day of the build says nothing"
    assert (built.site / "robots.txt").read_text() == f"User-agent: *\nAllow: /\n\nSitemap: {URL}sitemap.xml\n"


def test_the_page_of_a_lost_address_names_places_from_the_root_of_the_server(built):
    """It is shown at any address, so that none of its own may count from there."""
    page = lxml_html.fromstring((built.site / "404.html").read_text())
    places = page.xpath("//@href | //@src")
    own = [place for place in places if not place.startswith(("#", "https:"))]
    assert own and all(place.startswith("/site/") for place in own), own


def test_every_page_leads_to_the_repository_and_offers_no_edit_of_what_was_staged(built):
    for path in builders_pages(built.site):
        page = lxml_html.fromstring(path.read_text())
        links = page.xpath(f"//a[starts-with(@href, '{REPOSITORY}')]")
        assert [element_text(link) for link in links if link.get("href") == REPOSITORY] == ["Source"], path
        assert not page.xpath("//*[@data-md-component='source']"), "it asks GitHub for stars"


@pytest.mark.slow
def test_a_slash_at_the_end_of_the_address_changes_nothing(built, copy, edit, lab):
    """A build like the one of all other tests, which has the slash."""
    edit(copy / "mkdocs.yml", f"site_url: {URL}", f"site_url: {URL.rstrip('/')}")
    lab.root = copy
    assert lab("build").code == 0
    for name in ("index.html", "404.html", "notes/dose-response/index.html", "feed.xml", "feed.json", "sitemap.xml", "notes/claims.json"):
        assert (copy / "site" / name).read_bytes() == (built.site / name).read_bytes(), name


def test_feeds_have_absolute_addresses_and_say_how_each_note_stands(built):
    atom = "{http://www.w3.org/2005/Atom}"
    feed = ET.parse(built.site / "feed.xml").getroot()
    entries = {entry.findtext(f"{atom}id"): entry for entry in feed.findall(f"{atom}entry")}
    assert list(entries) == ["urn:labnotes:site-lab:dose-response", "urn:labnotes:site-lab:follow-up"]
    pages = [f"{URL}notes/dose-response/", f"{URL}notes/follow-up/"]
    assert [link.get("href") for link in feed.iter(f"{atom}link")] == [f"{URL}feed.xml", URL, *pages]
    first = entries["urn:labnotes:site-lab:dose-response"]
    assert first.findtext(f"{atom}title") == SETTINGS["title"]
    assert first.findtext(f"{atom}published") == "2026-03-05T00:00:00Z"
    assert first.findtext(f"{atom}updated") >= "2026-03-20T00:00:00Z"
    assert [name.text for name in first.iter(f"{atom}name")] == ["Ada Lovelace", "José Ñandú"]
    assert [category.get("term") for category in first.findall(f"{atom}category")] == ["dose", "AI safety"]
    assert re.search(
        r"no more\. Re-executed on \d+ \w+ \d{4}: 4 of 4 claims, 2 of 4 figures, 2 of 2 tables, 2 figures not verified\.",
        element_text(first),
    )

    same = built.site_json("feed.json")
    assert (same["home_page_url"], same["feed_url"]) == (URL, f"{URL}feed.json")
    assert [item["url"] for item in same["items"]] == pages and [item["id"] for item in same["items"]] == list(entries)
    content = lxml_html.fromstring(same["items"][0]["content_html"])
    assert content.xpath("//img/@src") == [f"{pages[0]}card.png"] == [same["items"][0]["image"]]
    assert content.xpath("//img/@alt") == ['Two "rising" lines.'] and SETTINGS["summary"] in element_text(content)
    assert first.findtext(f"{atom}content") == same["items"][0]["content_html"]
    assert "image" not in same["items"][1] and "<img" not in same["items"][1]["content_html"], "a note without a figure has no picture"
    assert same["items"][0]["authors"] == [{"name": "Ada Lovelace"}, {"name": "José Ñandú", "url": "https://jose.example/?a=1&b=2"}]
    assert same["items"][0]["tags"] == ["dose", "AI safety"]
    assert same["items"][1]["content_text"].endswith(": 1 claim, not re-executed since.")
    for page in ("", "notes/dose-response"):
        links = {link.get("type"): link.get("href") for link in built.site_page(page).xpath("//link[@rel='alternate']")}
        assert links["application/atom+xml"].endswith("feed.xml") and links["application/feed+json"].endswith("feed.json")


def test_claims_are_published_as_json(built):
    published = built.site_json("notes/claims.json")
    assert published["schema"] == 1
    first, second = published["notes"]
    assert (first["slug"], first["url"], first["state"], first["re_executed"]) == (
        "dose-response",
        f"{URL}notes/dose-response/",
        "agrees",
        True,
    )
    assert (second["state"], second["re_executed"]) == ("recorded", False)
    assert {quantity["name"]: quantity for quantity in first["quantities"]}["slope"] == {
        "kind": "claim",
        "name": "slope",
        "title": "Slope",
        "anchor": "claim-slope",
        "recorded": "−2.5",
        "latest": "−2.5",
        "must": "± 0.25",
        "because": "two <CPUs> differed by 0.2",
        "verdict": "exact",
        "cell": 2,
    }
    sentence = "Follows the first and its folder at 50.0%."
    assert second["quantities"] == [
        {
            "kind": "claim",
            "name": "rate",
            "title": "Rate",
            "anchor": "claim-rate",
            "recorded": "50.0%",
            "must": "± 0.05 points",
            "sentence": sentence,
            "number_at": [36, 41],
            "verdict": "not re-executed",
            "cell": 1,
        }
    ]


# -- the page of a note ------------------------------------------------------------------------------------------------------------------


def test_values_in_prose_lead_to_their_row_which_says_what_holds(built, note):
    links = [(element_text(a), a.get("href")) for a in note.xpath(f"//article//a[{of_class('ln-claim')}]")]
    assert links[:4] == [("31%", "#claim-rate"), ("29%", "#claim-rate"), ("33%", "#claim-rate"), ("5", "#claim-rate")]
    assert "was found (95 % interval 29% to 33%, n = 5)" in element_text(note)
    assert "at a width of 64, not" in element_text(note)
    rows = {row.get("id"): [element_text(cell) for cell in row] for row in note.xpath("//tr[starts-with(@id, 'claim-')]")}
    assert rows == {
        "claim-rate": ["Rate", "31%29% to 33%, n = 5", "31%", "low > 0.2holds", "exact", "cell 2"],
        "claim-slope": ["Slope", "−2.5", "−2.5", "± 0.25two <CPUs> differed by 0.2", "exact", "cell 2"],
        "claim-in_order": ["In order", "yes", "yes", "equal", "exact", "cell 3"],
        "claim-places": ["Places", "1,204", "1,204", "equal", "exact", "cell 3"],
    }
    assert list(rows)[2:] == ["claim-in_order", "claim-places"], "in the order in which they are computed"
    cell = only_element(note, "//details[@id='cell-2']")
    assert 'claim("slope", -2.5' in element_text(cell) and "cell 2 · 2 lines" in element_text(cell)
    assert {a.get("data-verdict") for a in note.xpath(f"//a[{of_class('ln-claim')}]")} == {"exact"}, "a value in the text says its verdict"
    marks = [element_text(a) for a in note.xpath(f"//figcaption//a[{of_class('ln-verdict')}]")]
    assert marks == ["unverified"] * 2, "and what agrees says nothing in its caption"


def test_the_badge_tells_whether_and_when_it_was_re_executed(built, note):
    badge = element_text(only_element(note, "//details[@id='ln-check']/summary"))
    assert re.match(r"Re-executed on \d+ \w+ \d{4} ?4 of 4 claims ?2 of 4 figures ?2 of 2 tables ?2 figures not verified", badge), badge
    ticks = only_element(note, f"//details[@id='ln-check']//span[{of_class('ln-ticks')}]")
    assert [tick.get("class") for tick in ticks] == ["v-exact"] * 4
    assert ticks.get("aria-label") == "4 of 4 claims, 2 of 4 figures, 2 of 2 tables, 2 figures not verified"
    assert "Recorded on</strong>" in built.before and "not re-executed since" in built.before
    assert 'v-not-re-executed">not re-executed</span>' in built.before and "Re-executed on" not in built.before
    body = element_text(only_element(note, f"//div[{of_class('ln-badge-body')}]"))
    for part in (
        "Agreed in 1 of 1 check since ",
        "All checks of this note.",
        "Python 3.",
        "Recorded",
        "Latest check",
        "Seed0",
        "Networkcut by",
        "matplotlib ",
        "Figure 3: axes 0: Seal 'a seal'.",
        "1 number in the text that is bound",
    ):
        assert part in body, part
    assert "1 % of the rangea slow clock" in body


def test_figures_say_in_words_in_data_and_in_code_what_they_show(built, note):
    wide, cloud, field = (only_element(note, f"//figure[@id='fig-{label}']") for label in ("wide", "cloud", "field"))
    assert "ln-wide" in wide.get("class") and "ln-wide" not in cloud.get("class")
    image = only_element(wide, ".//img")
    assert (image.get("alt"), link_target(image, "src")) == ('Two "rising" lines.', "notes/dose-response/figures/wide.svg")
    assert 700 <= int(image.get("width")) <= 800 and int(image.get("height")) < 320
    caption = only_element(wide, "./figcaption")
    assert re.sub(r"[^\x00-\x7f]", "", element_text(caption)).startswith("Figure 1 Answers at a rate of 31%, rising with")
    assert only_element(caption, ".//em").text == "rising" and len(caption.xpath(".//math")) == 1
    assert [a.get("href") for a in caption.xpath(".//a")] == ["#fig-wide", "#claim-rate", "#fig-cloud"]
    assert element_text(only_element(cloud, "./figcaption")) == "Figure 2 Made of 5 points.", "as recorded, since the code computes it"
    tools = {element_text(a): link_target(a) for a in wide.xpath(f".//p[{of_class('ln-tools')}]/a")}
    assert tools == {
        "CSV of Figure 1": "notes/dose-response/figures/wide.csv",
        "SVG of Figure 1": "notes/dose-response/figures/wide.svg",
        "Embed Figure 1": "notes/dose-response/figures/wide.embed.html",
        "Code of Figure 1": "#cell-4",
    }
    alone = lxml_html.fromstring((built.site / "notes/dose-response/figures/wide.embed.html").read_text())
    policy = only_element(alone, "//meta[@http-equiv='Content-Security-Policy']").get("content")
    assert "default-src 'none'" in policy and "script-src" not in policy and not alone.xpath("//script")
    assert (only_element(alone, "//img").get("src"), only_element(alone, "//img").get("alt")) == ("wide.svg", 'Two "rising" lines.')
    assert only_element(alone, "//figcaption//a").get("href") == "../#fig-wide"
    assert f'<iframe src="{URL}notes/dose-response/figures/wide.embed.html"' in only_element(alone, "//code").text
    badge = (built.site / "notes/dose-response/badges/rate.svg").read_text()
    assert "Rate: 31%" in badge and "exact, " in badge
    [place] = wide.xpath(f".//details/p[{of_class('ln-part')}]/a")
    assert link_target(place) == "notes/dose-response/figures/wide.data.html#data" and not wide.xpath(".//table")
    part = lxml_html.fromstring((built.site / "notes/dose-response/figures/wide.data.html").read_text())
    data = only_element(part, "//div[@id='data']//table")
    assert [element_text(head) for head in data.xpath("./thead//th")] == ["dose", "with <x> & y", "without"]
    assert [[element_text(cell) for cell in row] for row in data.xpath("./tbody/tr")][1] == ["0.25", "0.5", "0.75"]
    assert element_text(only_element(data, "./caption")) == "Answers & <more>"
    assert "Not verified: axes 0: Seal 'a seal'." in element_text(only_element(field, "./figcaption"))
    assert not field.xpath(".//table") and "CSV" not in element_text(field)
    shown = {element_text(a): a.get("href") for a in note.xpath(f"//article//p//a[{of_class('ln-xref')}]")}
    assert {key.replace("\xa0", " "): value for key, value in shown.items()} == {
        "Figure 1": "#fig-wide",
        "Figure 2": "#fig-cloud",
        "Table 1": "#tab-runs",
    }


def test_files_of_a_figure_hold_what_was_plotted(built):
    folder = built.site / "notes" / "dose-response" / "figures"
    rows = (folder / "wide.csv").read_text().splitlines()
    assert rows[0].split(",")[:2] == ["series", "dose"]
    assert "with <x> & y,1,2" in [",".join(row.split(",")[:3]) for row in rows]
    readout = json.loads((folder / "wide.json").read_text())
    assert [line["name"] for line in readout][:2] == ["with <x> & y", "without"]
    assert readout[1]["values"] == ["0", "0.75", "1.5", "2.25", "3"]
    assert readout[1]["lead"] == "dose "
    cloud = json.loads((folder / "cloud.json").read_text())
    assert [words.rpartition(" ")[2] for words in next(line for line in cloud if "colour" in line["words"][0])["words"]] == list("01210")
    assert not (folder / "field.json").exists()


def test_pictures_have_a_dark_form_that_spares_colours_that_are_data(built):
    folder = built.site / "notes" / "dose-response" / "figures"
    svg = "{http://www.w3.org/2000/svg}"
    wide = ET.parse(folder / "wide.svg").getroot()
    assert wide.find(f"{svg}title").text == 'Two "rising" lines.'
    style = wide.find(f"{svg}style").text
    dark = style.partition("@media screen and (prefers-color-scheme:dark)")[2]
    assert '[style*="stroke: #1f4fa8"]:not(.by-value *){stroke:#6f9bf5!important}' in dark
    assert '[style*="stroke: #b84a14"]:not(.by-value *){stroke:#e8793a!important}' in dark
    assert "system-ui" in style.partition("@media")[0]
    assert not [group for group in wide.iter(f"{svg}g") if group.get("class")]
    assert wide.find(".//{*}metadata") is None
    cloud = ET.parse(folder / "cloud.svg").getroot()
    (spared,) = [group for group in cloud.iter(f"{svg}g") if group.get("class") == "by-value"]
    assert spared.get("id").startswith("PathCollection")
    assert {"#1f77b4", "#808080"} <= set(re.findall(r"fill: ?(#[0-9a-f]{6})", ET.tostring(spared).decode()))
    assert "fill: #1f77b4" in cloud.find(f"{svg}style").text
    assert '[style*="stroke: #000000"]:not(.by-value *){stroke:#e4e6e9!important}' in cloud.find(f"{svg}style").text, (
        "of the line, which has no value"
    )
    given = (folder / "auto-1.svg").read_text()
    assert "<rect" in given and "onclick" not in given and "alert" not in given


def test_black_that_is_a_value_stays_black_in_the_dark(built):
    cloud = ET.parse(built.site / "notes/dose-response/figures/cloud.svg").getroot()
    svg = "{http://www.w3.org/2000/svg}"
    (spared,) = [group for group in cloud.iter(f"{svg}g") if group.get("class") == "by-value"]
    parts = [part for part in spared.iter(f"{svg}use") if "fill" not in part.get("style", "")]
    assert not parts or re.search(r"\.by-value\{[^}]*fill: ?#000", cloud.find(f"{svg}style").text)


def test_tables_and_other_outputs_are_published_as_tables_and_text(built, note):
    runs = only_element(note, "//figure[@id='tab-runs']")
    assert [element_text(head) for head in runs.xpath(".//thead//th")] == ["arm", "rate", "runs", "note"]
    assert [[(cell.tag, element_text(cell)) for cell in row] for row in runs.xpath(".//tbody/tr")] == [
        [("th", "a"), ("td", "0.12"), ("td", "1"), ("td", "<b>bold</b>")],
        [("th", "b & c"), ("td", "—"), ("td", "2"), ("td", "")],
        [("th", "d"), ("td", "−3.00"), ("td", "3"), ("td", "x, y")],
    ]
    assert element_text(only_element(runs, "./figcaption")).startswith("Table 1 Runs by arm, as in (Lovelace and Babbage 2024)")
    folder = built.site / "notes" / "dose-response" / "figures"
    assert (folder / "runs.csv").read_text().splitlines()[:2] == ["arm,rate,runs,note", "a,0.1234567,1,<b>bold</b>"]
    long = only_element(note, "//figure[@id='tab-long']")
    assert len(long.xpath(".//tbody/tr")) == 40 and "The first 40 of 100 rows" in element_text(long)
    assert len((folder / "long.csv").read_text().splitlines()) == 101
    printed = only_element(note, f"//pre[{of_class('ln-output')}]")
    assert printed.xpath("string()").strip() == "printed <i>text</i> in red"
    frame, shown = note.xpath(f"//div[{of_class('ln-html')} and not(ancestor::figure)]//table")
    assert [head.get("scope") for head in frame.xpath("./tbody//th")] == ["row", "row"] and "<b>bold</b>" in element_text(frame)
    assert element_text(shown) == "shownone" and not note.xpath(f"//div[{of_class('ln-html')}]//script")
    drawing = only_element(note, "//figure[@id='fig-auto-1']")
    assert "Not verified: image/svg+xml without plotted data." in element_text(drawing)
    assert only_element(drawing, ".//img").get("alt") == "No description was given."
    assert only_element(note, f"//*[{of_class('ln-small')}]") is drawing, "40 pixels of a sign are not drawn as wide as the column"


def test_columns_of_long_texts_get_room():
    def column_kind(*values, of="text"):
        return body._column_class(Column("x", of, values))

    assert [column_kind(1, None, of="integer"), column_kind(0.5, of="float"), column_kind(True, None, of="bool")] == ["n", "n", ""]
    assert [column_kind("a" * n, "b", None) for n in (30, 31, 120, 121)] == ["", "text", "text", "text long"]
    assert column_kind() == ""


def test_footnotes_stand_beside_the_text_and_math_is_mathml(note):
    notes = [(sidenote.get("id"), element_text(sidenote)) for sidenote in note.xpath(f"//article//small[{of_class('ln-sidenote')}]")]
    assert [name for name, _ in notes] == ["sn-1", "sn-2"]
    assert notes[0][1] == "1 The method of others." and notes[1][1].endswith("and 31%.")
    marks = [(element_text(a), a.get("href")) for a in note.xpath(f"//article//a[{of_class('ln-fn')}]")]
    assert marks == [("1", "#sn-1"), ("1", "#sn-1"), ("2", "#sn-2"), ("1", "#sn-1")]
    assert "[^" not in element_text(note)
    inline, display, small = note.xpath("//article//p//math | //article//div[@role='region']/math")
    assert "".join(inline.itertext()) == "β=−2.5"
    assert display.get("display") == "block" and "".join(display.itertext()) == "y=βx"
    assert "".join(small.itertext()) == "x2"


def test_links_files_and_headings(built, note):
    article = only_element(note, "//article")
    targets = {element_text(a): (link_target(a), a.get("title")) for a in article.xpath(".//p/a[not(@class)]")}
    assert targets["the raw data"] == ("notes/dose-response/raw.csv", None) and targets["about this lab"] == ("about/", "Who we are")
    assert (built.site / "notes/dose-response/raw.csv").read_text() == "a,b\n1,2\n"
    image = only_element(article, ".//p/img")
    assert (link_target(image, "src"), image.get("alt")) == ("notes/dose-response/arrows.png", 'Two "arrows"')
    assert (built.site / "notes/dose-response/arrows.png").read_bytes() == DOT
    follow = {element_text(a): a.get("href") for a in built.site_page("notes/follow-up").xpath("//article/div/div/p/a[not(@class)]")}
    assert follow == {"the first": "../dose-response/#what-was-done", "its folder": "../dose-response/"}
    assert [element_text(heading).rstrip("#") for heading in article.xpath(".//h1")] == [SETTINGS["title"]]
    headings = [element_text(heading).rstrip("#") for heading in article.xpath(".//h2")]
    ours = ["Updates and corrections", "Reproduce this note", "Cite this note", "Report a problem", "References", "Related notes"]
    assert headings == ["What was done", "Results", *ours]


def test_citations_lead_to_references_with_their_addresses(note):
    cites = [(element_text(a), a.get("href")) for a in note.xpath(f"//article/div/div/p[not(@class)][1]//a[{of_class('ln-cite')}]")]
    assert cites == [
        ("40 %", "#ref-ada2024"),
        ("Lovelace and Babbage 2024", "#ref-ada2024"),
        ("van der Berg et al. 2025", "#ref-bob2025"),
        ("The Example Lab 2023", "#ref-web2023"),
        ("van der Berg et al. (2025)", "#ref-bob2025"),
    ]
    references = {item.get("id"): item for item in note.xpath(f"//ol[{of_class('ln-refs')}]/li")}
    assert list(references) == ["ref-ada2024", "ref-bob2025", "ref-web2023"]
    first, second, third = references.values()
    assert element_text(first) == "A. Lovelace and C. Babbage (2024). Dose & Answer: 50% of Übung. Journal of <Doses>. doi:10.1000/a.b-1"
    assert element_text(second) == "B. Q. van der Berg, L. Ma and A. Ng (2025). A preprint. arXiv:2501.00001"
    assert [only_element(item, ".//a").get("href") for item in (first, second, third)] == [
        "https://doi.org/10.1000/a.b-1",
        "https://arxiv.org/abs/2501.00001",
        "https://example.org/page?a=1&b=2",
    ]


def test_the_head_tells_machines_what_the_page_is(built, note):
    metas = {}
    for meta in note.xpath("//head/meta"):
        metas.setdefault(meta.get("name") or meta.get("property"), []).append(meta.get("content"))
    address = f"{URL}notes/dose-response/"
    assert metas["citation_title"] == [SETTINGS["title"]]
    assert metas["citation_author"] == ["Ada Lovelace", "José Ñandú"]
    assert metas["citation_author_institution"] == ["Engines & Co"]
    assert metas["citation_author_orcid"] == ["https://orcid.org/0000-0002-1825-0097"]
    assert metas["citation_publication_date"] == ["2026/03/05"]
    assert metas["citation_fulltext_html_url"] == metas["og:url"] == [address]
    assert len(metas["citation_reference"]) == 3
    assert "citation_title=Dose & Answer: 50% of Übung" in metas["citation_reference"][0]
    assert (
        "citation_doi=10.1000/a.b-1" in metas["citation_reference"][0] and "citation_arxiv_id=2501.00001" in metas["citation_reference"][1]
    )
    assert metas["description"] == metas["og:description"] == [SETTINGS["summary"]]
    assert metas["og:type"] == ["article"] and metas["article:published_time"] == ["2026-03-05"]
    assert metas["og:image"] == [f"{address}card.png"] and metas["og:image:alt"] == ['Two "rising" lines.']
    card = (built.site / "notes/dose-response/card.png").read_bytes()
    assert card[:8] == b"\x89PNG\r\n\x1a\n" and struct.unpack(">I", card[16:20])[0] == 1000
    data = json.loads(only_element(note, "//script[@type='application/ld+json']").text)
    assert (data["@type"], data["headline"], data["url"]) == ("ScholarlyArticle", SETTINGS["title"], address)
    assert data["author"] == [
        {
            "@type": "Person",
            "@id": "https://orcid.org/0000-0002-1825-0097",
            "name": "Ada Lovelace",
            "affiliation": {"@type": "Organization", "name": "Engines & Co"},
        },
        {"@type": "Person", "name": "José Ñandú", "url": "https://jose.example/?a=1&b=2"},
    ]
    assert data["datePublished"] == "2026-03-05" and data["keywords"] == ["dose", "AI safety"]
    assert only_element(note, "//link[@rel='canonical']").get("href") == address
    other = {meta.get("property") for meta in built.site_page("notes/follow-up").xpath("//meta")}
    assert "og:image" not in other, "a note without a figure has no picture to show"


def test_the_language_of_a_note_stands_wherever_its_words_do(built, note):
    page = built.site_page("notes/follow-up")
    for path in ("notes/follow-up", "notes/follow-up/notebook"):
        article = only_element(built.site_page(path), "//article")
        assert (article.get("lang"), article.get("dir")) == ("ar-EG", "rtl"), path
    assert only_element(page, "/html").get("lang") == "en", "the words of the site around it"
    for own in ("//details[@id='ln-check']", "//h2[@id='reproduce']", f"//section[{of_class('ln-citation')}]"):
        element = only_element(page, own)
        assert (element.get("lang"), element.get("dir")) == ("en", "ltr"), own
    metas = {meta.get("name") or meta.get("property"): meta.get("content") for meta in page.xpath("//head/meta")}
    assert (metas["citation_language"], metas["og:locale"]) == ("ar-EG", "ar_EG")
    assert json.loads(only_element(page, "//script[@type='application/ld+json']").text)["inLanguage"] == "ar-EG"
    title = only_element(built.site_page(""), "//h3[@lang]")
    assert (title.get("lang"), title.get("dir"), element_text(title)) == ("ar-EG", "rtl", "What came of it")
    feed = ET.parse(built.site / "feed.xml").getroot()
    language = "{http://www.w3.org/XML/1998/namespace}lang"
    assert [element.get(language) for element in [feed, *feed.iter("{http://www.w3.org/2005/Atom}entry")]] == ["en", None, "ar-EG"]
    same = built.site_json("feed.json")
    assert [same["language"], *(item.get("language") for item in same["items"])] == ["en", None, "ar-EG"]

    assert only_element(note, "//article").get("lang") is None, "without a language a note is in the site's"
    assert only_element(note, "//meta[@name='citation_language']").get("content") == "en"
    assert json.loads(only_element(note, "//script[@type='application/ld+json']").text)["inLanguage"] == "en"
    assert not note.xpath("//meta[@property='og:locale']") and not note.xpath("//article//*[@dir]")


def test_titles_are_whole_in_tabs_and_where_the_page_is_shared(note):
    assert only_element(note, "//head/title").text == f"{SETTINGS['title']} · Site lab"
    assert only_element(note, "//meta[@property='og:title']").get("content") == SETTINGS["title"]


def test_citing_reproducing_and_updates(built, note):
    cite = only_element(note, f"//section[{of_class('ln-citation')}]")
    assert (
        element_text(only_element(cite, "./p"))
        == f"Ada Lovelace and José Ñandú (2026). {SETTINGS['title']}. Site lab. {URL}notes/dose-response/"
    )
    from pybtex.database import parse_string

    (entry,) = parse_string(only_element(cite, ".//code").text, "bibtex").entries.values()
    assert entry.key == "lovelace2026dose" and entry.type == "misc"
    assert entry.fields["title"] == '{Dose \\& answer: "how much" is <enough>?}'
    assert [str(person) for person in entry.persons["author"]] == ["Lovelace, Ada", "Ñandú, José"]
    assert re.fullmatch(r"Re-executed on \d{4}-\d\d-\d\d, record [0-9a-f]{12}", entry.fields["note"])
    reproduce = only_element(note, f"//section[{of_class('ln-reproduce')}]")
    assert only_element(reproduce, ".//code").text == "git clone https://git.example/lab && cd lab\nlabnotes check dose-response --fresh"
    assert re.search(r"Expect .+ and 4 claims, 4 figures, 2 tables\.", element_text(reproduce))
    assert {element_text(a): link_target(a) for a in reproduce.xpath(".//a")} == {
        "Executed notebook": "notes/dose-response/dose-response.ipynb",
        "Full notebook": "notes/dose-response/notebook/",
        "Open in Colab": "https://colab.research.google.com/github/ada/lab/blob/gh-pages/notes/dose-response/colab.ipynb",
        "Record": "notes/dose-response/record.json",
    }
    updates = [
        (element_text(update.xpath("./dt")[0]), element_text(update.xpath("./dd")[0]))
        for update in note.xpath(f"//dl[{of_class('ln-updates')}]/div")
    ]
    assert updates == [
        ("20 Mar 2026 Correction", "The rate was 31%, not as in (Lovelace and Babbage 2024)."),
        ("9 Mar 2026 Update", "A typo in Methods."),
    ]
    assert "Correction 20 Mar 2026" in element_text(only_element(note, f"//p[{of_class('ln-dates')}]"))
    related = only_element(note, f"//ul[{of_class('ln-related')}]")
    assert element_text(related) == "What came of it What was found." and only_element(related, ".//a").get("href") == "../follow-up/"


def test_notebooks_to_download_are_valid_executed_and_hold_nothing_that_runs(built):
    folder = built.site / "notes" / "dose-response"
    executed = nbformat.read(folder / "dose-response.ipynb", as_version=4)
    nbformat.validate(executed)
    prose = "\n".join(cell.source for cell in executed.cells if cell.cell_type == "markdown")
    assert "A rate of 31% was found (95 % interval 29% to 33%, n = 5)" in prose and "{{" not in prose
    assert r"$\beta = -2.5$" in prose and "Figure “wide”" in prose and "[ada2024, bob2025]" in prose
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, 10))
    made = json.dumps([cell.outputs for cell in code])
    assert "rate = 31%" in made and "image/svg+xml" in made and "0.123457" in made
    assert "<script" not in made and "onclick" not in made and "vnd.labnotes" not in made
    assert executed.metadata.labnotes.seed == 0
    colab = nbformat.read(folder / "colab.ipynb", as_version=4)
    nbformat.validate(colab)
    assert colab.cells[0].source == "%pip install --quiet labnotes-reexecuted[notes]@git+https://git.example/labnotes"
    assert [cell.source for cell in colab.cells[1:]] == [cell.source for cell in executed.cells]
    record = json.loads((folder / "record.json").read_text())
    assert record == json.loads((built.root / "notes/dose-response/record/record.json").read_text())


def test_the_notebook_page_shows_every_cell_with_values_math_and_pictures(built):
    page = built.site_page("notes/dose-response/notebook")
    assert element_text(only_element(page, "//h1")) == f"{SETTINGS['title']}: notebook"
    assert only_element(page, f"//p[{of_class('ln-up')}]/a").get("href") == "../"
    body = only_element(page, f"//div[{of_class('ln-notebook')}]")
    assert "A rate of 31% was found" in element_text(body) and "{{ rate" not in element_text(body.xpath(".//p")[0])
    assert "[The method of others.]" in element_text(body), "footnotes stand in brackets"
    assert len(body.xpath(".//math")) >= 3
    wide = body.xpath(f".//div[{of_class('output_html')}]")
    assert wide and all(output.get("tabindex") == "0" and "ln-scroll" in output.get("class") for output in wide)
    assert [image.get("src") for image in body.xpath(".//img[contains(@src, 'figures')]")][:3] == [
        "../figures/wide.svg",
        "../figures/cloud.svg",
        "../figures/field.svg",
    ]
    assert 'claim("slope", -2.5' in element_text(body) and "slope = −2.5" in element_text(body)
    assert not body.xpath(".//script | .//style | .//*[@onclick]")
    hrefs = {element_text(a): a.get("href") for a in body.xpath(".//a")}
    assert hrefs["about this lab"] == "../../../about/" and hrefs["the raw data"].endswith("dose-response/raw.csv")


@pytest.fixture(scope="module")
def search(built):
    """What the search reads of each page, by address: its entry in the first file, and what the second says."""
    first, rest = built.site_json("notes/search.json")["pages"], built.site_json("notes/search_sections.json")["pages"]
    return {entry["address"]: (entry, rest.get(entry["address"], {})) for entry in first}


def test_the_search_knows_each_note_by_what_it_is_about(search):
    entry, rest = search["notes/dose-response/"]
    assert (
        entry["kind"] == "note"
        and entry["authors"] == ["Ada Lovelace", "José Ñandú"]
        and entry["date"]
        and entry["state"]
        and entry["tone"]
    )
    headings = dict(entry["headings"])
    assert headings["what-was-done"] == "What was done"
    words = {anchor: said for anchor, _, _, said in rest["parts"]}
    assert "places" in words[""].split() and {"raw", "data"} <= {*words["what-was-done"].split()}


def test_the_search_knows_each_claim_by_its_names_and_its_sentence(search, built):
    told = {name: sentence for _, rest in search.values() for *names, sentence in rest.get("claims", ()) for name in names}
    rows = [row for note in built.site_json("notes/claims.json")["notes"] for row in note["quantities"] if row["kind"] == "claim"]
    assert rows and {row["name"]: row.get("sentence", "") for row in rows} == told


def test_the_search_knows_authors_and_hand_written_pages_and_neither_notebook_pages_nor_logs(search):
    kinds = {address: entry["kind"] for address, (entry, _) in search.items()}
    assert kinds["about/"] == kinds["notes/"] == kinds[""] == "page"
    assert "author" in kinds.values()
    assert not any("notebook" in address or "checks" in address or "404" in address for address in kinds)


# -- staging again -----------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def copy(built, tmp_path):
    """A copy of the built lab, staged."""
    root = tmp_path / "lab"
    shutil.copytree(built.root, root, ignore=shutil.ignore_patterns("site"))
    assert stage_lab(root).all_problems == []
    return root


def file_stamps(root):
    return {
        path.relative_to(root / "docs" / "notes").as_posix(): path.stat().st_mtime_ns
        for path in (root / "docs" / "notes").rglob("*")
        if path.is_file()
    }


def changed_files(before, after):
    return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


OF_FOLLOW_UP = {
    "posts/follow-up.md",
    "follow-up/follow-up.ipynb",
    "follow-up/colab.ipynb",
    "follow-up/notebook/index.md",
}


def test_staging_again_writes_nothing(copy):
    before = file_stamps(copy)
    again = stage_lab(copy)
    assert again.written == 0 and again.pages == ["dose-response", "follow-up"]
    assert file_stamps(copy) == before


@pytest.mark.parametrize("kept", ["", "[]", "{", '{"content": 1}', "another version"])
def test_what_is_kept_of_the_last_staging_may_be_of_another_form(copy, kept):
    path = copy / ".labnotes" / "staged" / "follow-up.json"
    last = json.loads(path.read_text())
    if kept == "another version":
        del last["entry"]["title"]
        kept = json.dumps(last)
    path.write_text(kept)
    before = file_stamps(copy)
    again = stage_lab(copy)
    assert again.pages == ["dose-response", "follow-up"]
    assert file_stamps(copy) == before, "made anew, and the same"
    assert "title" in json.loads(path.read_text())["entry"]


def test_an_edit_of_prose_rewrites_the_files_of_its_note_alone(copy, edit):
    before = file_stamps(copy)
    edit(copy / "notes/follow-up/note.py", "Follows", "Comes after")
    staged = stage_lab(copy)
    saying = {"claims.json", "follow-up/claims/index.md"}
    rewritten = changed_files(before, file_stamps(copy)) - {"search.json", "search_sections.json"}
    assert rewritten == {*OF_FOLLOW_UP, *saying}, "which say the sentence that a claim stands in"
    more = staged.written - len(OF_FOLLOW_UP) - len(saying)
    assert 1 <= more <= 2, "with what the search reads"
    assert 'Comes after <a href="../dose-response/#what-was-done">the first</a>' in (copy / "docs/notes/posts/follow-up.md").read_text()


def test_an_edit_of_a_title_rewrites_the_lists_and_the_notes_that_name_it(copy, edit):
    before = file_stamps(copy)
    edit(copy / "notes/follow-up/note.yml", "What came of it", "What became of it")
    stage_lab(copy)
    rewritten = changed_files(before, file_stamps(copy))
    assert {"posts/dose-response.md", "index.md", "claims.json", *OF_FOLLOW_UP} - rewritten <= {
        "follow-up/follow-up.ipynb",
        "follow-up/colab.ipynb",
    }
    assert not any(name.startswith("dose-response/figures") for name in rewritten)
    assert "What became of it" in (copy / "docs/notes/posts/dose-response.md").read_text()


def test_a_broken_note_keeps_its_last_page_in_a_preview_and_changes_no_other(copy, edit):
    before = file_stamps(copy)
    edit(copy / "notes/follow-up/note.yml", "What came of it", "What: came: of it")
    staged = stage_lab(copy, preview=True)
    assert list(staged.broken) == ["follow-up"] and not staged.is_listed_anew
    assert file_stamps(copy) == before, "notes that follow it name it still, and link to it"
    edit(copy / "notes/follow-up/note.yml", "What: came: of it", "What came of it")
    assert stage_lab(copy, preview=True).written == 0
    edit(copy / "notes/follow-up/note.yml", "What came of it", "What became of it")
    assert stage_lab(copy, preview=True).is_listed_anew


def test_a_fault_of_labnotes_is_told_with_the_note_and_the_others_stay(copy, monkeypatch, edit):
    before = file_stamps(copy)
    edit(copy / "notes/follow-up/note.py", "Follows", "Comes after")

    def fail(*_):
        raise KeyError("what nobody foresaw")

    monkeypatch.setattr(staging, "notebook_files", fail)
    staged = stage_lab(copy, preview=True)
    [problem] = staged.all_problems
    assert problem.where == "follow-up" and "unexpected KeyError: 'what nobody foresaw'" in problem.what
    assert "a fault of labnotes" in problem.hint
    assert file_stamps(copy) == before


def test_a_line_of_a_page_is_of_a_cell_of_its_source(built):
    lines = (built.site / "notes" / "dose-response" / "index.html").read_text().split("\n")

    def place_of(words):
        line = next(number for number, text in enumerate(lines, start=1) if words in text)
        found_at = Problem(f"notes/dose-response/index.html:{line}", "is wrong")
        return source_marks.with_source_place(found_at, built.site, built.docs.parent).where.partition(" (")[0]

    source = (built.root / "notes" / "dose-response" / "note.py").read_text().split("\n")
    assert place_of('id="what-was-done"') == "notes/dose-response/note.py:2", "where its cell begins"
    assert place_of('id="cell-1"') == f"notes/dose-response/note.py:{source.index('# %%') + 2}"
    assert place_of('id="cite"').startswith("notes/dose-response/index.html:"), "which is made of no cell"
    about = source_marks.with_source_place(Problem("about/index.html:3", "is wrong", "mend"), built.site, built.docs.parent)
    assert about == Problem("docs/about.md (about/index.html:3)", "is wrong", "mend")
    assert source_marks.with_source_place(Problem("feed.xml:3", ""), built.site, built.docs.parent).where == "feed.xml:3"


def test_a_page_that_is_too_large_is_told_with_the_cell_that_makes_it_so(tmp_path):
    page = tmp_path / "notes" / "a" / "index.html"
    page.parent.mkdir(parents=True)
    marks = ("note.ipynb, text cell 1", "note.ipynb, code cell 1", "")
    page.write_text("".join(f"<!--ln:{mark}-->{part}" for mark, part in zip(marks, ("a" * 10, "b" * 1_000, "c" * 10), strict=True)))
    told = source_marks.with_source_place(Problem("notes/a/index.html", "has 1,100 bytes", "mend"), tmp_path, tmp_path)
    assert told.what == "has 1,100 bytes; most of it comes from note.ipynb, code cell 1 (1,000 bytes)"
    page.write_text("".join(f"<!--ln:{mark}-->{'d' * 400}" for mark in marks))
    assert source_marks.with_source_place(Problem("notes/a/index.html", "x", "y"), tmp_path, tmp_path).what == "x"


def test_files_that_were_changed_or_removed_by_hand_come_back(copy):
    good = (copy / "docs/notes/posts/follow-up.md").read_text()
    (copy / "docs/notes/posts/follow-up.md").write_text("vandalised")
    (copy / "docs/notes/dose-response/figures/wide.svg").unlink()
    (copy / "docs/notes/stranger.md").write_text("# Not ours\n")
    stage_lab(copy)
    assert (copy / "docs/notes/posts/follow-up.md").read_text() == good
    assert (copy / "docs/notes/dose-response/figures/wide.svg").exists()
    assert not (copy / "docs/notes/stranger.md").exists()


def test_the_files_of_a_removed_note_disappear(copy):
    shutil.rmtree(copy / "notes" / "follow-up")
    staged = stage_lab(copy)
    assert staged.all_problems == [] and staged.pages == ["dose-response"]
    assert not any("follow-up" in name for name in file_stamps(copy))
    assert "What came of it" not in (copy / "docs/notes/posts/dose-response.md").read_text()
    assert "follow-up" not in (copy / "docs/notes/claims.json").read_text()
    shutil.rmtree(copy / "notes" / "dose-response")
    stage_lab(copy)
    assert set(file_stamps(copy)) == {".staged", ".authors.yml", "index.md", "claims.json", "search.json", "search_sections.json"}
    assert "No note is published yet." in (copy / "docs/notes/index.md").read_text()


def test_a_name_that_the_site_needs_is_refused(copy):
    for slug in ("posts", "authors"):
        shutil.copytree(copy / "notes" / "follow-up", copy / "notes" / slug)
    before = file_stamps(copy)
    staged = stage_lab(copy)
    assert [problem.where for problem in staged.all_problems] == ["notes/authors", "notes/posts"]
    assert all("has a name that the site itself needs" in problem.what for problem in staged.all_problems)
    assert staged.pages == ["dose-response", "follow-up"] and file_stamps(copy) == before


def test_drafts_are_left_out_unless_asked_for(copy):
    staged = stage_lab(copy)
    assert staged.pages == ["dose-response", "follow-up"]
    assert staged.left_out == ["unready is a draft (status: published in note.yml publishes it)"]
    with_drafts = stage_lab(copy, drafts=True)
    assert with_drafts.pages == ["dose-response", "follow-up", "unready"] and with_drafts.left_out == []
    assert "<strong>Draft.</strong> Not published." in (copy / "docs/notes/posts/unready.md").read_text()
    stage_lab(copy)
    assert not (copy / "docs/notes/posts/unready.md").exists()


PROBLEMS = {
    "a link to a draft": ("[x](../unready/note.py)", 2, "links to unready, which is not published"),
    "a link to a file that is not on the site": (
        "Text.\n#\n# [x](../../mkdocs.yml)",
        4,
        "links to ../../mkdocs.yml, which is not on the site",
    ),
    "a link to a folder beside the note": ("[x](folder/)", 2, "links to folder/, which is not on the site"),
    "a link to a file of another note": ("[x](../dose-response/raw.csv)", 2, "links to ../dose-response/raw.csv, which is not on the site"),
    "a heading of another note that is not there": (
        "[x](../dose-response/note.py#resutls)",
        2,
        "links to #resutls of dose-response, which no heading there has",
    ),
    "math that is not supported": ("Text.\n#\n# And $\\nosuch$ here.", 4, r'math $\nosuch$: unknown command "\nosuch"'),
    "display math": ("$$\n# \\nosuch\n# $$", 2, r'unknown command "\nosuch"'),
    "math in a footnote": ("Text[^a].\n#\n# [^a]: So $\\nosuch$.", 4, r'math $\nosuch$: unknown command "\nosuch"'),
}


@pytest.mark.parametrize(
    ("prose", "line", "what"),
    [
        *PROBLEMS.values(),
        ("Text.\n#\n# $\\nosuch = {{ rate }}$", 4, r'unknown command "\nosuch"'),
    ],
)
def test_a_note_with_a_problem_is_told_with_its_line_and_the_others_stay(copy, prose, line, what):
    path = copy / "notes/follow-up/note.py"
    (path.parent / "folder").mkdir()
    head, mark, code = path.read_text().partition("# %%\n")
    path.write_text(f"# %% [markdown]\n# {prose}\n\n{mark}{code}")
    assert head
    staged = stage_lab(copy)
    assert [problem.where for problem in staged.all_problems] == [f"notes/follow-up/note.py:{line}"]
    assert what in staged.all_problems[0].what
    assert list(staged.broken) == ["follow-up"] and staged.pages == ["dose-response"]
    assert (copy / "docs/notes/posts/dose-response.md").exists()
    assert not any(name.startswith(("follow-up", "posts/follow-up")) for name in file_stamps(copy))
    assert [published["slug"] for published in json.loads((copy / "docs/notes/claims.json").read_text())["notes"]] == ["dose-response"]


def test_what_is_wrong_with_a_note_is_told_once_though_others_name_it(copy, edit):
    """Its page is missing, which is no further problem of those that link to it or name it as related."""
    edit(copy / "notes/dose-response/note.py", "# ## What was done", "# Text $\\nosuch$.\n#\n# ## What was done")
    edit(copy / "notes/follow-up/note.py", "# %% [markdown]\n", "# %% [markdown]\n# [x](../dose-response/note.py)\n#\n")
    staged = stage_lab(copy)
    assert [(problem.where.partition(":")[0], slug) for slug, told in staged.broken.items() for problem in told] == [
        ("notes/dose-response/note.py", "dose-response")
    ]
    page = (copy / "docs/notes/posts/follow-up.md").read_text()
    assert 'class="ln-related"' not in page and staged.pages == ["follow-up"]


EQUATIONS = r"""# %% [markdown]
# As $\eqref{late}$ says, $\RR$ is a set. $\newcommand{\loss}{\mathcal{L}}$

# %% [markdown]
# \begin{align} \loss &= 1 \label{early} \\ x &= 2 \end{align}
#
# $$y \label{late}$$

"""


def test_equations_are_numbered_and_macros_hold_through_a_note_on_both_its_pages(copy):
    folder = copy / "notes/follow-up"
    text = EQUATIONS.replace("{L}}$\n", "{L}}$ See \\ref{late}[^a].\n#\n# [^a]: Of $\\loss$.\n")
    (folder / "note.py").write_text(text + "# %%\n" + (folder / "note.py").read_text().partition("# %%\n")[2])
    settings = yaml.safe_load((folder / "note.yml").read_text())
    (folder / "note.yml").write_text(yaml.safe_dump({**settings, "macros": {"RR": r"\mathbb{R}"}}))
    assert stage_lab(copy).all_problems == []
    for name in ("posts/follow-up.md", "follow-up/notebook/index.md"):
        page = html.unescape((copy / "docs/notes" / name).read_text())
        assert re.findall('<mtd class="ln-tag"(?: id="([^"]*)")?><mtext>([^<]*)<', page) == [
            ("eq-early", "(1)"),
            ("", "(2)"),
            ("eq-late", "(3)"),
        ]
        assert '<mtext><a class="ln-xref" href="#eq-late">(3)</a></mtext>' in page
        assert '<a class="ln-xref" href="#eq-late">3</a>' in page, "a reference in text"
        assert "<mi>ℝ</mi>" in page and "<mi>ℒ</mi>" in re.sub("[\ufe00\ufe01]", "", page)


def test_labels_given_twice_and_macros_that_are_not_known_yet_are_told_with_their_lines(copy):
    path = copy / "notes/follow-up/note.py"
    text = EQUATIONS.replace("{late}$$", "{early}$$").replace("is a set", r"is $\loss$")
    path.write_text(text + "# %%\n" + path.read_text().partition("# %%\n")[2])
    told = [(problem.where.rpartition(":")[2], problem.what) for problem in stage_lab(copy).all_problems]
    assert [line for line, _ in told] == ["2", "2", "2", "5", "7"]
    for (_, what), part in zip(
        told,
        [
            "no equation of the note has the label 'late'; known: early",
            r"unknown command \"\RR\"; \newcommand in a cell above defines it, or RR under `macros` in note.yml",
            r"unknown command \"\loss\"",
            "the label 'early' is given to several equations; give it to one",
            "the label 'early' is given to several equations; give it to one",
        ],
        strict=True,
    ):
        assert part.replace('\\"', '"') in what


def test_a_heading_that_is_left_out_is_not_looked_at(copy):
    path = copy / "notes/follow-up/note.py"
    path.write_text(f"# %% [markdown]\n# # A $\\nosuch$\n#\n# Text.\n\n# %%\n{path.read_text().partition('# %%' + chr(10))[2]}")
    staged = stage_lab(copy)
    assert (staged.all_problems, staged.pages) == ([], ["dose-response", "follow-up"])
    for name in ("posts/follow-up.md", "follow-up/notebook/index.md"):
        assert "nosuch" not in (copy / "docs/notes" / name).read_text()


def test_a_picture_that_is_none_is_a_problem(copy):
    record = copy / "notes/dose-response/record"
    (record / "figures/wide.svg").write_text("<svg>broken")
    provenance = json.loads((record / "provenance.json").read_text())
    from labnotes.model.digests import bytes_digest

    provenance["digests"]["figures/wide.svg"] = bytes_digest(b"<svg>broken")
    (record / "provenance.json").write_text(json.dumps(provenance))
    staged = stage_lab(copy)
    assert [problem.where for problem in staged.all_problems][:1] == ["dose-response: picture of 'wide'"]
    assert "is no SVG" in staged.all_problems[0].what


@pytest.mark.parametrize(
    "words",
    [
        pytest.param("The rate was {{ nosuch }}."),
        pytest.param("The rate was {{ 1 + 1 }}."),
        pytest.param("As in [@nobody2020]."),
        pytest.param("See @fig:nosuch."),
        "It was $\\nosuch$.",
    ],
)
def test_an_update_that_refers_to_nothing_is_a_problem(copy, words):
    path = copy / "notes/follow-up/note.yml"
    path.write_text(path.read_text() + yaml.safe_dump({"updates": [{"date": "2026-11-22", "text": words}]}))
    staged = stage_lab(copy)
    assert list(staged.broken) == ["follow-up"] and len(staged.all_problems) == 1


def test_links_in_footnotes_lead_to_the_site_as_others_do(copy, edit):
    edit(
        copy / "notes/follow-up/note.py",
        "at {{ rate }}.",
        "at {{ rate }}[^a].\n#\n# [^a]: See [it](../dose-response/note.py) and [data](raw.csv).",
    )
    (copy / "notes/follow-up/raw.csv").write_text("1\n")
    assert stage_lab(copy).all_problems == []
    page = (copy / "docs/notes/posts/follow-up.md").read_text()
    assert '<a href="../dose-response/">it</a>' in page and '<a href="../follow-up/raw.csv">data</a>' in page
    assert (copy / "docs/notes/follow-up/raw.csv").exists()


def test_links_lead_to_pages_that_are_notebooks(copy, edit):
    (copy / "docs/guide.ipynb").write_text("{}")
    (copy / "docs/more").mkdir()
    (copy / "docs/more/steps.py").write_text("# %%\n1\n")
    edit(copy / "notes/follow-up/note.py", "at {{ rate }}.", "at {{ rate }}: [a](../../docs/guide.ipynb#b), [c](../../docs/more/steps.py).")
    assert stage_lab(copy).all_problems == []
    page = (copy / "docs/notes/posts/follow-up.md").read_text()
    assert '<a href="../../guide/#b">a</a>' in page and '<a href="../../more/steps/">c</a>' in page


def _listed_notes(built):
    kept = incremental.StageCache(built.root / ".labnotes/staged")
    listed = [kept.last_entry(slug) for slug in Lab(built.root).note_slugs()]
    return [note for note in listed if note is not None]


def test_an_entry_of_the_search_has_room_for_so_much_and_no_more(built, tmp_path):
    title = "A long title of many words " * 40
    listed = [replace(note, title=title, summary=title * 9, aliases=("other names",)) for note in _listed_notes(built)]
    made = search_index.search_files(listed, [])
    entries = json.loads(made["search.json"])["pages"]
    for entry in entries:
        assert len(json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode()) <= search_index.LARGEST_ENTRY
    assert all(entry["aliases"] == ["other names"] and entry["title"].endswith("…") for entry in entries if entry["kind"] == "note")


def test_of_many_notes_the_search_keeps_claims_before_words(built, monkeypatch):
    monkeypatch.setattr(search_index, "LARGEST_REST", 1_000)
    listed = _listed_notes(built)
    rest = json.loads(search_index.search_files(listed, [])["search_sections.json"])["pages"]
    assert len(json.dumps(rest).encode()) < 3_000
    first = next(note for note in listed if note.claim_quantities)
    assert rest[f"notes/{first.slug}/"]["claims"]


# -- what a site settings file may say ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("extra", "part"),
    [
        ("extra: {labnotes: {colb: a/b/c}}", "extra.labnotes.colb: is no text setting of labnotes"),
        ("extra: {labnotes: {colab: a/b}}", "found 'a/b'"),
        ("extra: {labnotes: [x]}", "is no text setting"),
        ("extra: {labnotes: {install: 7}}", "extra.labnotes.install"),
        (": [", "is no YAML"),
        ("extra: {labnotes: {colab: a/b/c}}", "install: labnotes-reexecuted @ git+https://"),
        ("extra: {labnotes: {install: 'labnotes[notes]'}}", "found 'labnotes[notes]': it would come from the package index"),
        ("extra: {labnotes: {install: pandas LabNotes==0.1}}", "found 'LabNotes==0.1'"),
        ("extra: {labnotes: {install: 'labnotes-reexecuted[notes]'}}", "found 'labnotes-reexecuted[notes]'"),
        ("extra: {labnotes: {install: labnotes_reexecuted}}", "found 'labnotes_reexecuted'"),
        ("extra: {labnotes: {install: 'a @ git+https://a.example \"b'}}", "no shell can read"),
    ],
)
def test_site_settings_that_cannot_be_used_are_refused(tmp_path, extra, part):
    (tmp_path / "mkdocs.yml").write_text(f"site_name: A\n{extra}\n")
    (tmp_path / "notes").mkdir()
    with pytest.raises(LabNotesError) as error:
        build.prepare_site(Lab(tmp_path))
    assert part in str(error.value)


def test_a_build_tells_what_lacks_without_an_address(lab):
    lab("init", "plain", cwd=lab.root.parent)
    said = lab("build", cwd=lab.root.parent / "plain").out
    assert "mkdocs.yml has no site_url, the address of the published site" in said
    with (lab.root.parent / "plain" / "mkdocs.yml").open("a") as settings:
        settings.write(f"\nsite_url: {URL}\n")
    assert "site_url" not in lab("build", cwd=lab.root.parent / "plain").out


def test_the_overview_above_notes_without_claims_does_not_say_that_there_are_none():
    def strip_of(*entries):
        return note_lists.theme_files(entries, SiteSettings())["staged/strip.html"].decode()

    assert "No note is published yet." in strip_of()
    entry = note_lists.ListedNote(
        **dict.fromkeys(("slug", "title", "summary", "state", "word", "place", "since"), "a"),
        **dict.fromkeys(("date", "modified", "run"), "2026-11-21"),
        **dict.fromkeys(("authors", "tags", "links", "anchors", "counts", "checks", "troubles", "quantities", "notices"), ()),
        draft=False,
        tone=ResultTone.GREY,
        re_executed=False,
        mutations=None,
    )
    assert "No note states one as a claim yet." in strip_of(entry)
    waiting = note_lists.ClaimsOverview(notes=(entry,), claims=1, agree=0, waiting=1, notable=(), totals=())
    shown = lxml_html.fromstring(TEMPLATES.get_template("strip.html.j2").render(overview=waiting))
    assert element_text(only_element(shown, "//p")) == "1 claim in 1 note1 not yet re-executed", "no word of agreement"


def test_without_an_address_links_are_relative(copy, edit):
    edit(copy / "mkdocs.yml", f"site_url: {URL}", "# site_url:")
    stage_lab(copy)
    theme = build.theme_of(Lab(copy))
    assert [item["url"] for item in json.loads((theme / "feed.json").read_text())["items"]] == ["notes/dose-response/", "notes/follow-up/"]
    assert "lab.example" not in (theme / "feed.xml").read_text() + (copy / "docs/notes/posts/dose-response.md").read_text()
    assert SiteSettings().url == ""


# -- bibliography ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "part"),
    [
        (r"title = {A \& B}, year = {2020}", "(2020). <cite>A &amp; B</cite>."),
        ('title = {<b>x</b>}, journal = {J "q"}', "<cite>&lt;b&gt;x&lt;/b&gt;</cite>. J &quot;q&quot;."),
        ("title = {T}, doi = {https://doi.org/10.1/x}", '<a href="https://doi.org/10.1/x">doi:10.1/x</a>'),
        ("title = {T}, url = {javascript:alert(1)}", "<cite>T</cite>."),
        ("title = {T}, year = {2020}", "Anonymous (2020)"),
        (
            "title = {T}, author = {A, A and B, B and C, C and D, D and E, E and F, F and G, G}",
            "A. A, B. B, C. C, D. D, E. E et al. (n.d.)",
        ),
        pytest.param("title = {{Half of 50% or more}}", "50% or more"),
        pytest.param("title = {50% of all}", "50% of all"),
        pytest.param("title = {T}, url = {https://example.org/a%20b}", 'href="https://example.org/a%20b"'),
        pytest.param("title = {T}, author = {A, A and others}", "A. A et al."),
        pytest.param(r"title = {An \emph{old} x}", "<cite>An old x</cite>"),
    ],
)
def test_references_are_read_as_bibtex_means_them(tmp_path, fields, part):
    path = tmp_path / "references.bib"
    path.write_text(f"@misc{{key, {fields}}}\n")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        entry = bibliography.read_bibliography(path)["key"]
    assert part in entry.reference_html
    assert "javascript" not in entry.reference_html


def test_a_bibliography_that_does_not_parse_is_a_problem(tmp_path):
    (tmp_path / "references.bib").write_text("@misc{a, title = {T}}\n@misc{a, title = {U}}\n")
    with pytest.raises(InvalidNote, match="repeated bibliography entry: a"):
        bibliography.read_bibliography(tmp_path / "references.bib")


# -- what a site of many small notes has wrong with it -----------------------------------------------------------------------------------

SMALL = """
# %%
from IPython.display import HTML, Javascript, display
from labnotes import claim

# %%
claim("rate", 0.5, format=".0%")

# %%
{output}
"""


SHOWN = """
display(HTML("<p>Just <b>words</b></p>"))
display(HTML('<table><tr><th>x</th></tr></table><img src="data:image/png;base64,AAAA">'))
display(HTML("<table><tr><td>no head</td></tr></table>"))
display(Javascript("1"))
"""
"""Output of the one note that has a run of its own; the others share a record, since only their prose differs."""

SAID = {
    "good": '## Größe der Übung\n\n## Same\n\n## Same\n\n## It\'s "so" -- or... not?\n\nH<sub>2</sub>O, {{ rate }}[^a].\n\n[^a]: *Text* {{ rate }}.',
    "tables": "| a | b |\n|---|---|\n| $x$ | `a` {{ rate }} |\n\nTerm\n:   Definition\n\n<details><summary>x</summary>y</details>",
    "heading-claim": "## At {{ rate }}\n\nText.",
    "heading-code": "## About `code`\n\nText.",
    "heading-link": "## About [it](https://example.org/)\n\nText.",
    "heading-math": "## About $x^2$\n\nText.",
    "heading-emphasis": "## About _this_\n\nText.",
    "heading-footnote": "## About this[^a]\n\n[^a]: Text.",
    "heading-claims": "## Claims\n\nText.",
    "heading-check": "## Check\n\nText.",
    "heading-deep": "Text.\n\n### Deep\n\nText.",
    "heading-first": "Text.\n\n# Another first\n\nText.",
    "link-section": "## Results\n\nSee [it](#results).",
    "link-claim": "See [the {{ rate }}](https://example.org/).",
    "math-list": "Text.\n\n> $$x$$\n\n1. y\n\n   $$z$$",
    "ticks": "A stray ` here, {{ rate }}.\n\nAnother ` there, {{ rate }}.",
}

NAMED = {
    "tag-and": {"tags": ["R & D"]},
    "tag-umlaut": {"tags": ["Größe"]},
    "tag-c": {"tags": ["C"]},
    "tag-cpp": {"tags": ["C++"]},
    "author-li": {"authors": ["李 明"]},
    "author-wang": {"authors": ["王 芳"]},
    "author-star": {"authors": ["Ada *Star*"]},
    "author-long": {"authors": ["The Collaboration of " + "All Laboratories and " * 20 + "Others"]},
}


@pytest.fixture(scope="module")
def small(new_lab, tmp_path_factory):
    """A site of more than twenty small notes, and what the build said."""
    with shared_file(tmp_path_factory, "staging-small") as kept:
        if not kept.exists():
            kept.write_text(json.dumps(make_small(initialised_lab(new_lab()))))
        site, said = json.loads(kept.read_text())
    return Path(site), said


def make_small(lab):
    lab.write_note("shows", SMALL.format(output=SHOWN.strip()), settings={"title": "shows"})
    base = lab.write_note("base", "# %% [markdown]\n# Text.\n" + SMALL.format(output="pass"), settings={"title": "base"})
    lab.run_and_accept("base", "shows")
    for slug, prose in {**SAID, **dict.fromkeys(NAMED, "Text."), "fewer-cells": "Text."}.items():
        shutil.copytree(base, lab.root / "notes" / slug)
        lines = "\n".join(f"# {line}".rstrip() for line in prose.split("\n"))
        code = SMALL.format(output="pass") if slug != "fewer-cells" else SMALL.split("# %%\nclaim")[0]
        lab.write_note(slug, f"# %% [markdown]\n{lines}\n{code}", settings={"title": slug, **NAMED.get(slug, {})})
    done = lab("build")
    assert "site: " in done.out, done.text
    return str(lab.root / "site"), done.err


@pytest.fixture(scope="module")
def faults(small):
    return [f"{problem.where} {problem.what}" for problem in verify_site(small[0])]


@pytest.mark.parametrize(
    "slug",
    [
        "base",
        "good",
        "tables",
        pytest.param("heading-claim"),
        pytest.param("heading-code"),
        pytest.param("heading-link"),
        pytest.param("heading-math"),
        pytest.param("heading-emphasis"),
        pytest.param("heading-footnote"),
        pytest.param("heading-claims"),
        pytest.param("heading-check"),
        pytest.param("heading-deep"),
        pytest.param("heading-first"),
        pytest.param("link-section"),
        pytest.param("link-claim"),
        pytest.param("math-list"),
        pytest.param("fewer-cells"),
        pytest.param("tag-and"),
        pytest.param("tag-umlaut"),
    ],
)
def test_nothing_is_wrong_with_the_page_of(small, faults, slug):
    assert (small[0] / "notes" / slug / "index.html").exists() or f"error notes/{slug}/note.py:" in small[1]
    of_it = [fault for fault in faults if fault.startswith(f"notes/{slug}/") or f"../notes/{slug}/#" in fault]
    assert of_it == []


@pytest.mark.parametrize(
    "what",
    [
        pytest.param("<figure> holds no image"),
        pytest.param("has no alt"),
        pytest.param("has no header cell"),
    ],
)
def test_whatever_a_cell_displays_can_be_published(small, faults, what):
    page = lxml_html.fromstring((small[0] / "notes/shows/index.html").read_text())
    assert (
        "Just words" in element_text(page)
        and "no head" in element_text(page)
        and "This output cannot be shown here: a script makes it" in element_text(page)
    )
    assert [fault for fault in faults if fault.startswith("notes/shows/") and what in fault] == []


def test_further_pages_of_the_home_page_are_right(small, faults):
    assert (small[0] / "page/2/index.html").exists()
    assert [fault for fault in faults if fault.startswith("page/")] == []


def test_tags_that_would_get_one_address_are_told(small):
    assert "error tag-cpp: tag 'C++' has the same address as 'C' in tag-c" in small[1]


def test_authors_have_pages_of_their_own(small):
    pages = set()
    for slug in ("author-li", "author-wang"):
        page = lxml_html.fromstring((small[0] / "notes" / slug / "index.html").read_text())
        pages.add(only_element(page, "//a[@rel='author']").get("href"))
    assert len(pages) == 2


def test_names_of_authors_are_text(small):
    page = lxml_html.fromstring((small[0] / "authors/ada-star/index.html").read_text())
    assert element_text(only_element(page, "//h1")).startswith("Ada *Star*")


def test_stray_backticks_keep_no_value_from_being_bound(small):
    page = lxml_html.fromstring((small[0] / "notes/ticks/index.html").read_text())
    assert "{{ rate" not in element_text(only_element(page, "//article"))


def test_equal_cells_show_each_its_own_output(lab):
    """The n-th cell of some code has the outputs of the n-th recorded cell of that code."""
    lab.record_note("a", "# %%\nn = iter([191, 192, 193])\n# %%\nprint(next(n))\n# %%\nprint(next(n))\n# %%\nprint(next(n))\n")
    opened_lab = Lab(lab.root)
    note = notes.read_note(opened_lab, "a")
    joined = join_record(
        note, records.read_record(note.record_folder, note.record_folder), (), check_log.read_log(opened_lab, "a"), opened_lab
    )
    assert [joined.outputs[number][0]["text"].strip() for number in (2, 3, 4)] == ["191", "192", "193"]
