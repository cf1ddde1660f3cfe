"""The search of this repository's own site, in a browser: sixty questions, and the answers that have to come first."""

import fnmatch
import functools
import http.server
import json
import threading
from pathlib import Path

import pytest

from machine import CHROMIUM

QUESTIONS = json.loads(Path(__file__).with_name("search_questions.json").read_text(encoding="utf-8"))
"""Thirty questions of a survey of the site and thirty more, each with the addresses that answer it, as patterns: `*` stands for anything."""

TARGET = 55
"""How many of the sixty have to have a right answer first."""

pytestmark = [pytest.mark.browser, pytest.mark.slow]


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site(new_lab):
    """This repository's own site, built."""
    lab = new_lab()
    lab.copy_own_lab()
    done = lab("build")
    assert done.code == 0, done.text
    return lab.root / "site"


@pytest.fixture(scope="module")
def opened(site):
    """A browser, and the address of the site."""
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -c constraints.txt playwright")
    handler = functools.partial(QuietHandler, directory=site)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server, playwright.sync_playwright() as running:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        browser = running.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser, f"http://127.0.0.1:{server.server_port}/"
        browser.close()
        server.shutdown()


def open_search(page, address):
    """Open the search with a key, and wait until it has read both of its files."""
    page.goto(address, wait_until="load")
    page.keyboard.press("/")
    page.locator(".ln-search-panel[data-ln-state='whole']").wait_for()
    return page.get_by_role("combobox", name="Search")


def answers_first(browser, address, queries):
    """The address of the first answer to each query, below that of the site; "" where there is none."""
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    field = open_search(page, address)
    answers: list[str] = []
    for query in queries:
        field.fill(query)
        answers.append(page.evaluate("document.querySelector('[role=option]')?.href ?? ''").removeprefix(address))
    page.close()
    return answers


def is_right(answer, question):
    return any(fnmatch.fnmatchcase(answer, pattern) for pattern in question["right"])


def test_there_are_sixty_questions_of_which_each_address_is_on_the_site(site):
    assert len(QUESTIONS) == len({question["query"] for question in QUESTIONS}) == 60
    names = [path.relative_to(site).as_posix().removesuffix("index.html") for path in site.rglob("*.html")]
    for question in QUESTIONS:
        assert any(fnmatch.fnmatchcase(name, pattern.partition("#")[0]) for pattern in question["right"] for name in names), question


def test_the_right_answer_comes_first(opened, record_property):
    answers = answers_first(*opened, [question["query"] for question in QUESTIONS])
    wrong = [(question["query"], answer) for question, answer in zip(QUESTIONS, answers, strict=True) if not is_right(answer, question)]
    record_property("wrong", wrong)
    assert len(QUESTIONS) - len(wrong) >= TARGET, f"{len(QUESTIONS) - len(wrong)} of {len(QUESTIONS)}; wrong: {wrong}"


# -- what is loaded, and when ------------------------------------------------------------------------------------------------------------


def test_nothing_of_the_search_is_loaded_before_a_reader_opens_it(opened):
    browser, address = opened
    page = browser.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(address)))
    page.goto(f"{address}notes/hello-world/", wait_until="networkidle")
    assert not [name for name in asked if "search" in name and not name.endswith(("js/search.js", "css/search.css"))]
    asked.clear()
    page.get_by_role("button", name="Search").click()
    page.locator(".ln-search-panel[data-ln-state='whole']").wait_for()
    files = [name for name in asked if name.endswith(".json")]
    assert files == ["notes/search.json", "notes/search_sections.json"], "first what each page is about, then the rest"
    page.close()


def test_what_is_loaded_first_is_small_and_what_nobody_loads_is_not_shipped(site):
    entries = json.loads((site / "notes/search.json").read_text())["pages"]
    sizes = {entry["address"]: len(json.dumps(entry, ensure_ascii=False, separators=(",", ":")).encode()) for entry in entries}
    assert len([address for address in sizes if address.startswith("notes/") and address != "notes/"]) == 4
    assert max(sizes.values()) <= 2_000
    shipped = [path.relative_to(site).as_posix() for path in (site / "assets").rglob("*")]
    assert not [name for name in shipped if name.endswith(".map") or "lunr" in name or "wordcut" in name or "workers" in name]
    assert not [path for path in (site / "assets").rglob("*.min.*") if b"sourceMappingURL" in path.read_bytes()]
    assert not (site / "search").exists()


# -- the panel ---------------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def page(opened):
    browser, address = opened
    page = browser.new_page(viewport={"width": 1440, "height": 900})
    page.address = address
    page.troubles = []
    page.on("console", lambda message: message.type in ("error", "warning") and page.troubles.append(message.text))
    page.on("pageerror", lambda error: page.troubles.append(str(error)))
    yield page
    assert page.troubles == []
    page.close()


def test_keys_open_choose_follow_and_close(page):
    field = open_search(page, f"{page.address}about/")
    field.fill("seeds")
    chosen = page.locator("[role=option][aria-selected=true]")
    assert chosen.count() == 1 and chosen.get_attribute("id") == field.get_attribute("aria-activedescendant") == "ln-hit-0"
    page.keyboard.press("ArrowDown")
    assert chosen.get_attribute("id") == field.get_attribute("aria-activedescendant") == "ln-hit-1"
    page.keyboard.press("ArrowUp")
    page.keyboard.press("ArrowUp")
    last = page.get_by_role("option").count() - 1
    assert chosen.get_attribute("id") == f"ln-hit-{last}", "from the first to the last"
    page.keyboard.press("Escape")
    assert not page.get_by_role("dialog").is_visible()
    assert page.evaluate("document.activeElement === document.body || document.activeElement.matches('.ln-search-open')")
    page.keyboard.press("Control+k")
    field.fill("power_t_3")
    page.keyboard.press("Enter")
    page.wait_for_url("**/notes/hello-world/#claim-power_t_3")
    page.locator("#claim-power_t_3").wait_for(state="visible")


def test_a_slash_that_somebody_writes_opens_nothing(page):
    page.goto(f"{page.address}reproducibility/")
    page.locator(".ln-filter input[type=search]").press("/")
    assert page.get_by_role("dialog").count() == 0


def test_an_answer_on_the_same_page_closes_the_panel(page):
    field = open_search(page, f"{page.address}about/")
    field.fill("how to cite")
    page.get_by_role("option").first.click()
    assert page.evaluate("location.hash") == "#how-to-cite-a-note" and not page.get_by_role("dialog").is_visible()


def test_who_hears_the_page_is_told_how_many_answers_there_are(page):
    field = open_search(page, page.address)
    status = page.get_by_role("status")
    assert field.get_attribute("aria-expanded") == "false"
    field.fill("sparse autoencoder")
    assert status.inner_text() == f"{page.get_by_role('option').count()} results."
    assert field.get_attribute("aria-expanded") == "true" and field.get_attribute("aria-controls") == page.get_by_role(
        "listbox"
    ).get_attribute("id")
    field.fill("power_t_3")
    assert status.inner_text() == "1 result."
    field.fill("qqqq")
    assert status.inner_text() == "No result." and field.get_attribute("aria-expanded") == "false"
    assert page.get_by_role("dialog").get_by_role("link", name="All notes").get_attribute("href").endswith("/notes/")


def test_an_answer_says_what_it_is_and_what_of_it_was_asked_for(page):
    field = open_search(page, page.address)
    field.fill("integrated gradients")
    note = page.get_by_role("option").first
    words = note.inner_text()
    assert "note" in words and "21 Nov 2026" in words and "Re-executed" in words
    assert note.locator("mark").all_inner_texts()
    field.fill("long tail towards negative values, mean zero")
    claim = page.get_by_role("option").first
    assert "false_flip_skewed" in claim.inner_text() and "How many seeds a claim needs" in claim.inner_text()
    assert {"tail", "negative", "zero"} <= {*claim.locator("mark").all_inner_texts()}


def test_an_address_may_hold_a_question(page):
    page.goto(f"{page.address}?q=sign-flip+test")
    page.get_by_role("option").first.wait_for()
    assert page.get_by_role("combobox", name="Search").input_value() == "sign-flip test"


def test_what_cannot_be_loaded_is_said_and_the_list_of_notes_offered(opened):
    browser, address = opened
    page = browser.new_page()
    page.route("**/notes/search.json", lambda route: route.fulfill(status=404))
    page.goto(address)
    page.keyboard.press("/")
    page.get_by_text("The index of the search could not be loaded.").wait_for()
    page.get_by_role("combobox", name="Search").fill("seeds")
    assert page.get_by_role("dialog").get_by_role("link", name="All notes").is_visible()
    page.close()


def test_without_script_there_is_a_list_of_all_notes_and_no_dead_box(opened):
    browser, address = opened
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{address}about/")
    assert page.locator("header").get_by_role("link", name="All notes").is_visible()
    assert not page.locator(".ln-search-open").is_visible()
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 820, 1024, 1220, 1440, 1920])
def test_nothing_of_the_panel_is_cut_off_or_too_small(opened, width, scheme):
    browser, address = opened
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    field = open_search(page, f"{address}notes/hello-world/")
    for query in ("bad answers at the tag", "at_tag_absolute", "statistics", "qqqq"):
        field.fill(query)
        told = page.evaluate(
            """() => {
              const panel = document.querySelector(".ln-search-panel"), box = panel.getBoundingClientRect();
              const parts = [...panel.querySelectorAll("*")].filter((part) => part.getClientRects().length);
              return {
                inside: box.left >= 0 && box.right <= innerWidth && document.documentElement.scrollWidth <= innerWidth,
                cut: parts.filter((part) => part.getBoundingClientRect().right > box.right + 0.5).map((part) => part.className),
                smallest: Math.min(...parts.map((part) => parseFloat(getComputedStyle(part).fontSize))),
              };
            }"""
        )
        assert told["inside"] and told["cut"] == [] and told["smallest"] >= 11, (query, told)
    context.close()


# -- words -------------------------------------------------------------------------------------------------------------------------------

PAGES = {
    "a/": {"title": "机器学习的方法", "summary": "我们看小模型。"},
    "b/": {"title": "かなの研究", "summary": "ガラスと光"},
    "c/": {"title": "Über Ångström und Straßen", "summary": "Startwerte der Läufe"},
    "d/": {"title": "كَيْفَ تتعلم النماذج", "direction": "rtl", "language": "ar"},
    "e/": {"title": "ผลของการเรียนรู้", "summary": "ภาษาไทย"},
    "f/": {"title": "Fine-tuning and p-values", "aliases": ["LoRA"]},
    "g/": {"title": "Calibrated reviewers", "summary": "What limits them."},
    "h/": {"title": "Обучение моделей", "summary": "ёлка"},
    "i/": {"title": "מודלים קטנים", "direction": "rtl", "language": "he"},
}

FOUND = [
    ("学习", "a/"),
    ("机器学习", "a/"),
    ("小模型", "a/"),
    ("学", "a/"),
    ("研究", "b/"),
    ("かな", "b/"),
    ("ガラス", "b/"),
    ("光", "b/"),
    ("angstrom", "c/"),
    ("Strassen", "c/"),
    ("STARTWERT", "c/"),
    ("Laufe", "c/"),
    ("كيف", "d/"),
    ("النماذج", "d/"),
    ("เรียนรู้", "e/"),
    ("finetuning", "f/"),
    ("fine tuning", "f/"),
    ("fine-tuned", "f/"),
    ("p value", "f/"),
    ("pvalue", "f/"),
    ("lora", "f/"),
    ("calibration", "g/"),
    ("calibrating", "g/"),
    ("limitations", "g/"),
    ("reviewing", "g/"),
    ("елка", "h/"),
    ("модели", None),
    ("моделей", "h/"),
    ("מודלים", "i/"),
    ("器学习方", "a/"),
    ("方器", None),
]


def test_words_are_found_in_every_script_with_and_without_accents_and_in_other_forms(page):
    page.goto(page.address)
    pages = [{"address": address, "kind": "note", **said} for address, said in PAGES.items()]
    answers = page.evaluate(
        """async ([pages, queries]) => {
          const { SearchIndex } = await import(new URL("assets/labnotes/js/search_ranking.js", document.baseURI));
          const index = new SearchIndex();
          index.addPages(pages);
          return queries.map((query) => index.answers(query)[0]?.hits[0].unit.address ?? null);
        }""",
        [pages, [query for query, _ in FOUND]],
    )
    wrong = [(query, right, answer) for (query, right), answer in zip(FOUND, answers, strict=True) if answer != right]
    assert wrong == []
