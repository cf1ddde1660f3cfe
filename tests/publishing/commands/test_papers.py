"""PDFs of notes: what is printed, when again, and that a site without a browser, or with one that fails, is as good without."""

import functools
import http.server
import re
import threading

import pytest
from lxml import html as lxml_html

from labnotes.commands import papers
from labnotes.source.labs import Lab
from machine import CHROMIUM

PAGE = """<!DOCTYPE html>
<html lang="en"><head><title>A note</title>{canonical}<script>document.title = "x"</script></head>
<body><main><a href="#here">here</a> <a href="../b/">there</a> <a href="https://example.org/">away</a>
<img src="../a/figures/f.svg" loading="lazy" alt="F."><p class="ln-links"><a href="../a/record.json">Record</a><!--ln-paper--></p>
<script>1</script></main></body></html>
"""

CANONICAL = '<link rel="canonical" href="https://lab.example/notes/a/">'


@pytest.mark.parametrize(
    ("canonical", "targets"),
    [
        (CANONICAL, ["#here", "https://lab.example/notes/b/", "https://example.org/", "https://lab.example/notes/a/record.json"]),
        ("", ["#here", "https://example.org/"]),
    ],
)
def test_what_is_printed_has_no_script_and_leads_to_the_published_site(canonical, targets):
    page = lxml_html.document_fromstring(papers.paper_copy(PAGE.format(canonical=canonical)))
    assert not page.xpath("//script | //@loading")
    assert page.xpath("//a/@href") == targets
    assert len(page.xpath("//a")) == 4, "the words of a link that leads nowhere stay"


def test_a_page_names_its_pdf_for_readers_and_once_it_has_an_address_for_citation_managers():
    text = papers.linked_page(PAGE.format(canonical=CANONICAL), "a")
    page = lxml_html.document_fromstring(text)
    assert page.xpath("//p[@class='ln-links']/a/text()") == ["Record", "PDF"]
    assert page.xpath("//p/a/@href")[-1] == "../a/a.pdf"
    assert page.xpath("//head/meta[@name='citation_pdf_url']/@content") == ["https://lab.example/notes/a/a.pdf"]
    assert "citation_pdf_url" not in papers.linked_page(PAGE.format(canonical=""), "a")


# -- a browser that is none --------------------------------------------------------------------------------------------------------------

PRINTS = """#!/bin/sh
for word in "$@"; do case "$word" in
  --version) echo "Browser 1"; exit 0;;
  --print-to-pdf=*) out="${word#--print-to-pdf=}";;
esac; done
echo "$@" >> CALLS
BODY
"""


@pytest.fixture
def site(tmp_path, monkeypatch):
    """A built site of two notes in a lab; `use_browser` has it printed by a script with these lines."""
    built = tmp_path / "built"
    for slug in ("a", "b"):
        folder = built / "notes" / slug
        (folder / "figures").mkdir(parents=True)
        (folder / "index.html").write_text(PAGE.format(canonical=CANONICAL))
    (built / "assets").mkdir()
    (built / "assets" / "x.css").write_text("a{}")

    def use_browser(body):
        path = tmp_path / "browser"
        path.write_text(PRINTS.replace("CALLS", str(tmp_path / "calls")).replace("BODY", body))
        path.chmod(0o755)
        monkeypatch.setenv(papers.CHROMIUM, str(path))

    told = []

    def print_all(slugs=("a", "b")):
        for slug in slugs:
            (built / "notes" / slug / "index.html").write_text(PAGE.format(canonical=CANONICAL))  # as a build has it
        return {note.slug: note.is_new for note in papers.print_notes(Lab(tmp_path), built, slugs, told.append)}

    print_all.built, print_all.told, print_all.use_browser, print_all.lab = built, told, use_browser, tmp_path
    use_browser("printf '%%PDF-1.4 x' > $out")
    return print_all


def test_a_page_that_is_the_same_is_not_printed_again(site):
    assert site() == {"a": True, "b": True}
    assert (site.built / "notes" / "a" / "a.pdf").read_bytes() == b"%PDF-1.4 x"
    assert 'href="../a/a.pdf"' in (site.built / "notes" / "a" / "index.html").read_text()
    assert site() == {"a": False, "b": False}
    (site.built / "notes" / "a" / "figures" / "f.svg").write_text("<svg/>")
    assert site() == {"a": True, "b": False}
    (site.built / "assets" / "x.css").write_text("b{}")
    assert site() == {"a": True, "b": True}
    assert site(("b",)) == {"b": False}
    assert [path.stem for path in (site.lab / papers.KEPT).iterdir()] == ["b", "b"], "what is of no note is removed"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ("echo 'no display' >&2; exit 3", "printed nothing (status 3): no display"),
        ("printf 'an error page' > $out", "printed nothing (status 0)"),
    ],
)
def test_a_browser_that_fails_is_told_and_the_page_names_no_pdf(site, body, said):
    site.use_browser(body)
    before = PAGE.format(canonical=CANONICAL)
    assert site(("a",)) == {}
    (line,) = site.told
    assert line.startswith("a: has no PDF: ") and said in line
    assert (site.built / "notes" / "a" / "index.html").read_text() == before
    assert not (site.built / "notes" / "a" / "a.pdf").exists()


def test_a_browser_that_hangs_is_ended(site, monkeypatch):
    monkeypatch.setattr(papers, "LONGEST", 0.3)
    site.use_browser("exec sleep 60")
    assert site(("a",)) == {} and "did not print it within 0.3 s" in site.told[0]


def test_without_a_browser_nothing_is_printed_and_nothing_said(site, monkeypatch):
    for value in ("", "/no/such/browser"):
        monkeypatch.setenv(papers.CHROMIUM, value)
        assert site() == {}
    monkeypatch.delenv(papers.CHROMIUM)
    monkeypatch.setenv("PATH", str(site.lab))
    assert papers.find_chromium() == "" and site() == {} and site.told == []


# -- a real one --------------------------------------------------------------------------------------------------------------------------

WORDS = "several words that take room on the line and more of them "

NOTE = f"""
# %% [markdown]
# ## One
# A sentence with a note[^a] and $\\frac{{a^2}}{{b}} + \\sqrt{{x}}$ in it. {WORDS * 12}
#
# [^a]: What stands beside the text on a wide screen.
#
# | {" | ".join(f"column {i}" for i in range(14))} |
# |{"---|" * 14}
# | {" | ".join(f"long{i}word" for i in range(14))} |

# %%
import pandas as pd
from labnotes import claim, table

claim("rate", 0.25, format=".0%")
table(pd.DataFrame({{"n": [1, 2, 3]}}), "small", caption="Small.")
table(pd.DataFrame({{f"column {{i}}": ["{WORDS}"] * 3 for i in range(5)}}), "large", caption="Large.")
"""


@pytest.fixture(scope="module")
def printed(new_lab):
    """A built lab of a note with wide tables, printed by Chromium."""
    lab = new_lab()
    assert lab("init", ".").code == 0
    settings = (lab.root / "mkdocs.yml").read_text().replace("# site_url: https://lab.example.org/", "site_url: https://lab.example.org/")
    (lab.root / "mkdocs.yml").write_text(settings)
    lab.write_note("wide", NOTE, settings={"licence": "CC-BY-4.0"})
    lab.run_and_accept("wide")
    done = lab("build", LABNOTES_CHROMIUM=CHROMIUM)
    assert done.code == 0, done.text
    assert "printed 1 of 1 PDFs anew" in done.text
    return lab


@pytest.mark.browser
def test_a_note_on_paper_has_its_address_its_version_and_every_table_whole(printed):
    folder = printed.root / "site" / "notes" / "wide"
    pdf = (folder / "wide.pdf").read_bytes()
    assert pdf.startswith(b"%PDF") and len(pdf) > 10_000
    boxes = {tuple(round(float(side)) for side in box.split()) for box in re.findall(rb"/MediaBox\s*\[([\d. ]+)\]", pdf)}
    assert boxes == {(0, 0, 595, 842), (0, 0, 842, 595)}, "the table that is wider than paper stands on a page that is turned"
    head = lxml_html.parse(folder / "index.html").getroot()
    assert head.xpath("//meta[@name='citation_pdf_url']/@content") == ["https://lab.example.org/notes/wide/wide.pdf"]


@pytest.mark.browser
def test_nothing_on_paper_is_cut_and_the_text_takes_the_whole_width(printed):
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -c constraints.txt playwright")
    handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=printed.root / "site")
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, playwright.sync_playwright() as running:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 673, "height": 900})  # A4 between its margins
        page.goto(f"http://127.0.0.1:{server.server_port}/notes/wide/")
        page.emulate_media(media="print")
        assert re.fullmatch(r"\d+ \w+ \d{4}", page.locator(".ln-badge time").text_content())
        width = page.evaluate("document.documentElement.clientWidth")
        cut = page.evaluate(
            "[...document.querySelectorAll('main *')].filter((e) => e.getBoundingClientRect().right > innerWidth + 1).map((e) => e.outerHTML)"
        )
        assert cut == []
        text = page.evaluate("document.querySelector('.ln-article > p').getBoundingClientRect().width")
        assert text > 0.97 * width
        assert page.locator("small.ln-sidenote").evaluate("(e) => e.getBoundingClientRect().width") > 0.9 * width
        paper = page.locator(".ln-paper").text_content()
        assert re.fullmatch(r"https://lab\.example\.org/notes/wide/ · CC-BY-4\.0 · Version 1 of \d+ \w+ \d{4}, record [0-9a-f]{12}", paper)
        for hidden in (".ln-jumps", ".ln-header", ".ln-tools"):
            assert not page.locator(hidden).first.is_visible(), hidden
        page.emulate_media(media="screen")
        assert not page.locator(".ln-paper").is_visible()
        browser.close()
        server.shutdown()
