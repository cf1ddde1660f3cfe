"""The script and the style sheets of the pages in a real browser: cards, values under the pointer, the filter, colours, what buttons do.

One small lab is built once: a note with a figure of each kind, a note whose check found every verdict, one that lost a cell since it was
recorded, one that nobody ran again, and one with a citation, a table and code to fold.
"""

import functools
import http.server
import json
import re
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from labnotes.model import audit
from labnotes.model import verdicts as verdicts_module
from labnotes.site.stage import tick_marks
from labnotes.source import notes
from labnotes.source.labs import Lab
from labnotes.store import audits, check_log, records, result_stores
from machine import CHROMIUM

pytestmark = pytest.mark.browser

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1",
]

WIDTHS = (1440, 390)

FIGURES = """
# %% [markdown]
# Text.

# %%
import matplotlib.pyplot as plt
from labnotes import figure

# %%
fig, ax = plt.subplots(figsize=(4, 3))
for row, (name, values) in enumerate({"organism": [0.25, 0.5409], "added: for bad answers, all of one length": [0.001844, 1.0]}.items()):
    ax.scatter(values, [row, row], label=f"seeds, {name}")
    ax.plot([sum(values) / 2] * 2, [row - 0.28, row + 0.28], label=f"mean, {name}")
ax.set_yticks([0, 1], ["organism", "added: for bad answers, all of one length"])
ax.set_xticks([0, 0.25, 0.5, 1], ["0", "", "50 %", "100 %"])
ax.set(ylim=(1.6, -0.6), xlabel="false beliefs confirmed")
figure(fig, "rows", caption="Rows.", alt="Dots in rows.")

# %%
fig, axes = plt.subplots(2, 1, sharex=True, figsize=(4, 4))
for ax, values in zip(axes, ([0.0191, 0.5754], [0.9697, 0.877])):
    ax.plot([0, 2], values, marker="o", label="attribution")
    ax.yaxis.set_major_formatter(lambda value, _: f"{value:.0%}")
axes[1].set_xlabel("length added")
figure(fig, "shares", caption="Shares.", alt="Two curves.")

# %%
fig, ax = plt.subplots(figsize=(4, 3))
ax.plot([1, 10, 100], [0.5, 0.03125, 0.001953], label="two-sided")
ax.set(xscale="log", yscale="log", xlabel="seeds", ylabel="smallest p")
figure(fig, "steps", caption="Steps.", alt="A falling curve.")

# %%
fig, ax = plt.subplots(figsize=(4, 3))
ax.bar(["five", "ten"], [12, -3], label="right")
ax.set_ylabel("answers")
figure(fig, "bars", caption="Bars.", alt="Two bars.")

# %%
fig, ax = plt.subplots(figsize=(4, 3))
bar = fig.colorbar(ax.imshow([[0.25, 1], [2, 3]]), ax=ax)
bar.set_label("utility")
ax.set_xticks([0, 1], ["2%", "40%"])
ax.set(xlabel="share of bugs", yticks=[])
figure(fig, "cells", caption="Cells.", alt="Four cells.")

# %%
fig, ax = plt.subplots(figsize=(4, 3))
ax.errorbar([0.6, 0.8], ["short", "long"], xerr=[0.1, 0.05], label="power", fmt="o")
ax.set_xlabel("share detected")
figure(fig, "errors", caption="Errors.", alt="Two intervals.")
"""

ORDERED = """
# %% [markdown]
# In short it is {{ plain }}, {{ reasoned }} and {{ mean.low }}; {{ moved }}, {{ changed }}, {{ within }}, {{ unverified }}.

# %%
import matplotlib.pyplot as plt
import pandas as pd
from labnotes import claim, figure, table

claim("plain", 0.125, format=".3f")
claim("reasoned", 2.5, format=".1f", tolerance=0.5, because="rounding of the scale", holds="value > 0")
claim("mean", replicates=[1.0, 2.0, 3.0], format=".1f", tolerance=3, because="three seeds")
for name in ("moved", "changed", "within", "unverified"):
    claim(name, 1.5, format=".1f")

# %%
for label in ("same", "other"):
    fig, ax = plt.subplots(figsize=(3, 2))
    ax.plot([1, 2], [3, 4])
    figure(fig, label, caption="Of {{ changed }} and {{ within }}.", alt="A line.")
table(pd.DataFrame({"n": [1, 2]}), "counts", caption="Counts.")
"""

VERDICTS = {
    "moved": "moved",
    "changed": "changed",
    "within": "within",
    "unverified": "unverified",
    "other": "changed",
    "counts": "unverified",
}
"""What the kept result of the check is made to say of some quantities; of the others it says "exact"."""

LOST = """
# %% [markdown]
# It is {{ lost }}.

# %%
from labnotes import claim

# %%
claim("lost", 7)
"""

HANDY = """
# %% [markdown]
# In short it is {{ first }}, as @fig:line draws and [@doe2020] says.
#
# | left | middle | right |
# |:-----|:------:|------:|
# | word | word   | word  |
#
# <details><summary>More</summary>
#
# Inside.
#
# </details>

# %%
import matplotlib.pyplot as plt
import pandas as pd
from IPython.display import display
from labnotes import claim, figure, table

claim("first", 1)
display(pd.DataFrame({"rate": [0.25]}))

# %%
fig, ax = plt.subplots(figsize=(3, 2))
ax.plot([1, 2], [3, 4])
figure(fig, "line", caption="A *line* of {{ first }}.", alt="A line.")

# %%
table(pd.DataFrame({"name": ["mid", "low", "top", "old"], "size": [20, -3, 100, 9]}), "sizes", caption="Sizes.")
"""

_TABLES = (
    """
# %% [markdown]
# A sentence with a note.[^a]
#
# | name | size, of all that there is | what it was for, in a sentence that takes its room | where it was seen for the first time |
# |:-----|--:|---|---|
# | <b id="last">mid</b> | 20 | a long sentence of many words about it, which needs some room | here |
# | low | −3 | x | there |
# | top | 1,000 | y \\| z | here |
#
# A sentence with another note, right behind a wide table.[^b]
#
# | way | many |
# |---|--:|
@ROWS@
#
# - a list with a table
#
#   | n | m |
#   |---|---|
#   | 1 | 2 |
#
# [^a]: The first note, which is as long as it takes to reach far down beside the text, so that a wide table below has to make way for it or it for the
#     table, and a little longer still, with more words than anybody would read in a margin of this width, for the sake of this test alone.
# [^b]: The second note.

# %%
import pandas as pd
from labnotes import table

frame = pd.DataFrame({f"column {i}": [i * row for row in range(30, 0, -1)] for i in range(1, 13)})
table(frame, "wide", caption="A wide table.", formats={"column 1": ".1f"})
table(pd.DataFrame({"n": range(50)}), "longer", caption="A longer table.")

# %%
import matplotlib.pyplot as plt
from labnotes import figure

fig, ax = plt.subplots(figsize=(3, 2))
ax.plot(range(30), range(30), label="<b>rising</b>")
ax.set(xlabel="steps", ylabel="loss")
figure(fig, "line", caption="A line.", alt="A line.")

# %%
LONG = """
    + "[\n"
    + "".join(f'    "a line of code, the {row}th of many, with a string",\n' for row in range(150))
    + """]
"""
)

TABLES = _TABLES.replace("@ROWS@", "\n".join(f"# | {'last' if row == 13 else 'row'} | {row} |" for row in range(14)))

REFERENCES = """
@article{doe2020, title = {Of lines}, author = {Doe, Jane}, journal = {Lines}, year = {2020}, doi = {10.1000/lines}}
"""


def wait_until(page, expression):
    """Wait until an expression is true in a page, ten seconds at most. Asked from outside: the page's policy lets nothing in it read text as
    code, and the browser's driver would."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(50)
    raise AssertionError(expression)


def build_lab_site(lab):
    """Build the lab's site; return its folder."""
    done = lab("init", "script", cwd=lab.root.parent)
    assert done.code == 0, done.text
    lab.root = lab.root.parent / "script"
    lab.write_note("figures", FIGURES, settings={"title": "Figures"})
    lab.write_note("verdicts", ORDERED, settings={"title": "Verdicts"})
    lost = lab.write_note("lost", LOST, settings={"title": "Lost"})
    lab.write_note("recorded", LOST, settings={"title": "Recorded"})
    handy = lab.write_note("handy", HANDY, settings={"title": "Ways and means"})
    (handy / "references.bib").write_text(REFERENCES)
    lab.write_note("tables", TABLES, settings={"title": "Tables"})
    lab.run_and_accept("figures", "verdicts", "lost", "recorded", "handy", "tables")

    checked = lab("check", "verdicts", "--fresh")
    assert checked.code == 0, checked.text
    note = notes.read_note(Lab(lab.root), "verdicts")
    recorded = records.read_record(note.record_folder, note.record_folder)
    (check,) = check_log.read_log(Lab(lab.root), "verdicts").checks
    made = {("claim", name): claim.printed_value for name, claim in recorded.claims.items()}
    made |= {(kind, label): "" for kind in ("figure", "table") for label in getattr(recorded, f"{kind}s")}
    unequal = tuple(
        check_log.LoggedQuantity(kind, name, verdicts_module.VERDICTS[VERDICTS[name]], observed=shown)
        for (kind, name), shown in made.items()
        if name in VERDICTS
    )
    (note.folder / "checks.jsonl").unlink()
    check_log.append_check(result_stores.own_results(Lab(lab.root)), replace(check, unequal=unequal))

    inputs = recorded.provenance.dependencies.contents_digest
    audits.write_audit(note, audit.Audit(inputs, "2026-11-21", "a CPU", (), audit.NoiseEnvelope(claims={"plain": 0.002})))

    (lost / "note.py").write_text((lost / "note.py").read_text().replace("\n\n# %%\nclaim", "\nclaim"))  # the second cell is gone
    done = lab("build")
    assert (lab.root / "site" / "index.html").exists(), done.text
    return str(lab.root / "site")


class QuietHandler(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def site(new_lab, made_once):
    return Path(made_once("script", lambda: build_lab_site(new_lab())))


@pytest.fixture(scope="module")
def address(site):
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(QuietHandler, directory=site)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture(scope="module")
def chromium():
    playwright = pytest.importorskip("playwright.sync_api", reason="needs playwright: pip install -c constraints.txt playwright")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def opened(address, chromium):  # in this order: playwright keeps an event loop, in which no command can run
    """Opens a page of the site; every window that it opened looks on for errors, and none may have come up at the end."""
    contexts, errors = {}, []

    def open_page(path, *, width=1440, scheme="light"):
        if (width, scheme) not in contexts:
            context = chromium.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
            context.set_default_timeout(60_000)  # milliseconds; machines of CI are slow, and only a failure waits as long
            page = contexts[width, scheme] = context.new_page()
            page.on("pageerror", lambda error: errors.append(f"{page.url}: {error}"))
            page.on("console", lambda message: message.type == "error" and errors.append(f"{page.url}: {message.text}"))
        page = contexts[width, scheme]
        page.goto("about:blank")  # the next page is loaded anew, whatever its address
        page.goto(address + path)
        return page

    open_page.errors = errors
    yield open_page
    assert errors == []


@pytest.fixture
def apart(address, chromium):
    """Opens a page in a window of its own, which remembers nothing and may meet errors; `route` answers some addresses otherwise."""
    contexts = []

    def open_page(path, *, route=None, width=1440, **settings):
        context = chromium.new_context(viewport={"width": width, "height": 900}, **settings)
        contexts.append(context)
        context.set_default_timeout(60_000)
        page = context.new_page()
        if route:
            page.route(*route)
        page.goto(address + path)
        return page

    yield open_page
    for context in contexts:
        context.close()


# -- cards -------------------------------------------------------------------------------------------------------------------------------


def card_contents(page, claim):
    """What the card of a claim says: its values by their word, its other lines, its name and verdict, its links."""
    page.hover(f'a.ln-claim[href="#claim-{claim}"] >> nth=0')
    page.wait_for_selector("#ln-card:not([hidden])")
    boxes = [[part.inner_text() for part in box.locator("> *").all()] for box in page.locator(".ln-card-value").all()]
    lines = page.locator(".ln-card-line").all_inner_texts()
    links = {link.inner_text(): link.get_attribute("href") for link in page.locator(".ln-card-links a").all()}
    top = page.locator(".ln-card-top > *").all_inner_texts()
    page.mouse.move(0, 0)
    page.wait_for_selector("#ln-card", state="hidden")
    return {word: rest for word, *rest in boxes}, lines, top, links


def test_a_card_shows_the_sentence_with_its_number_and_both_values_beside_each_other(opened):
    page = opened("notes/verdicts/")
    values, lines, top, links = card_contents(page, "plain")
    assert [values["recorded"][0], values["latest run"][0]] == ["0.125", "0.125"]
    assert re.match(r"\d+ \w+ \d{4}, .", values["recorded"][1]), "when and where"
    assert lines == ["Allowed: ± 0.0005 (half a unit of the last printed digit)", "noise measured: 0.002"]
    assert top == ["Plain", "exact"]
    assert links == {"Code of cell 1": "#cell-1", "History": "claims/#claim-plain", "All claims": "#ln-check", "Badge": "badges/plain.svg"}
    page.hover('a.ln-claim[href="#claim-plain"] >> nth=0')
    page.wait_for_selector("#ln-card:not([hidden])")
    quote = page.locator(".ln-card-quote")
    assert quote.inner_text().startswith("In short it is 0.125, 2.5 and −0.5")
    assert quote.locator("mark").all_inner_texts() == ["0.125"]
    left, right = (box.bounding_box() for box in page.locator(".ln-card-value").all())
    assert left["y"] == right["y"] and left["x"] + left["width"] <= right["x"]


def test_a_card_says_reason_and_interval_of_a_claim_that_has_them(opened):
    page = opened("notes/verdicts/")
    _, lines, _, _ = card_contents(page, "reasoned")
    assert lines == ["Allowed: value > 0; ± 0.5 (rounding of the scale)", "holds"]
    values, _, _, _ = card_contents(page, "mean")
    assert "−0.5 to 4.5, n = 3" in values["recorded"]


def test_a_card_of_a_claim_whose_cell_is_gone_says_so(opened):
    page = opened("notes/lost/")
    values, _, top, links = card_contents(page, "lost")
    assert (values["recorded"][0], values["latest run"], top[0]) == ("7", ["—"], "Lost")
    assert links == {"History": "claims/#claim-lost", "All claims": "#ln-check", "Badge": "badges/lost.svg"}
    assert "cell 2 is not in the note any more" in page.locator(".ln-card-links").text_content()


def test_the_history_of_a_claim_stands_where_its_card_leads(opened, site):
    page = opened("notes/verdicts/")
    page.hover('a.ln-claim[href="#claim-moved"] >> nth=0')
    page.wait_for_selector("#ln-card:not([hidden])")
    href = page.locator(".ln-card-links a", has_text="History").evaluate("link => link.href")
    path, _, anchor = href.partition("#")
    assert path.endswith("/notes/verdicts/claims/")
    assert f'id="{anchor}"' in (site / "notes/verdicts/claims/index.html").read_text()


def test_the_card_reads_no_cell_of_the_table_by_its_position(opened):
    page = opened("notes/verdicts/")
    page.evaluate("for (const row of document.querySelectorAll('table.ln-claims tr')) row.insertCell(0).textContent = 'a new column'")
    assert card_contents(page, "plain")[0]["recorded"][0] == "0.125"


def test_a_card_of_a_citation_says_the_reference(opened):
    page = opened("notes/handy/")
    page.hover("a.ln-cite")
    page.wait_for_selector("#ln-card:not([hidden])")
    said = page.locator("#ln-card")
    assert said.text_content() == page.locator("#ref-doe2020").text_content()
    assert "Of lines" in said.text_content()
    assert said.locator("a").get_attribute("href") == "https://doi.org/10.1000/lines"
    assert page.locator("a.ln-cite").get_attribute("aria-describedby") == "ln-card"


def test_a_card_of_a_cross_reference_shows_the_picture_with_its_caption(opened):
    page = opened("notes/handy/")
    page.hover("a.ln-xref")
    page.wait_for_selector("#ln-card:not([hidden])")
    said = page.locator("#ln-card")
    assert said.inner_text().split() == ["Figure", "1", "A", "line", "of", "1."]
    assert said.locator("img").get_attribute("src").endswith("figures/line.svg")
    assert said.locator("img").get_attribute("alt") == "", "the caption beside it says what it is"
    assert said.locator("img").evaluate("picture => picture.decode().then(() => picture.naturalWidth > 0)")
    assert said.locator("a, [id]").count() == 0, "a second link, or a second element of that name"


def test_a_card_comes_by_keys_and_goes_by_escape(opened):
    page = opened("notes/handy/")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('a.ln-claim')"):
            break
    page.wait_for_selector("#ln-card:not([hidden])")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('#ln-card') !== null"), "its links come next"
    page.keyboard.press("Escape")
    page.wait_for_selector("#ln-card", state="hidden")
    assert page.evaluate("document.activeElement.matches('a.ln-claim')")
    assert page.locator("a.ln-claim >> nth=0").get_attribute("aria-describedby") is None


def test_on_a_touch_screen_the_first_tap_shows_the_card_and_the_second_follows_the_link(apart):
    page = apart("notes/handy/", has_touch=True, is_mobile=True, width=390)
    claim = page.locator("p a.ln-claim")
    claim.tap()
    page.wait_for_selector("#ln-card:not([hidden])")
    assert page.evaluate("location.hash") == ""
    claim.tap()
    wait_until(page, "location.hash === '#claim-first'")
    assert page.locator("#ln-card").is_hidden()


# -- values under the pointer ------------------------------------------------------------------------------------------------------------


def read_out(page, label):
    """Everything that a figure says, point by point by the arrow keys, each with where it stands."""
    plot = page.locator(f"#fig-{label} .ln-plot")
    plot.scroll_into_view_if_needed()
    page.evaluate("document.activeElement.blur()")
    with page.expect_response(f"**/figures/{label}.json") if not page.evaluate(f"!!window.read_{label}") else NullContext():
        plot.focus()
        plot.press("Home")
    page.wait_for_selector(f"#fig-{label} .ln-readout:not([hidden])")
    page.evaluate(f"window.read_{label} = true")
    said = []
    for _ in range(50):
        said.append(page.evaluate(BOX, f"#fig-{label} .ln-readout"))
        plot.press("ArrowRight")
        if page.locator(f"#fig-{label} .ln-readout").inner_text() == said[0]["text"]:
            return said
    raise AssertionError("no end")


class NullContext:
    def __enter__(self):
        return None

    def __exit__(self, *_):
        return None


BOX = """selector => {
  const label = document.querySelector(selector), range = document.createRange();
  range.selectNodeContents(label);
  const box = label.getBoundingClientRect(), frame = label.closest(".ln-frame").getBoundingClientRect();
  const lines = [...range.getClientRects()];
  const inside = lines.every(line => line.left >= box.left && line.right <= box.right && line.top >= box.top - 1 && line.bottom <= box.bottom + 1);
  return { text: label.innerText, value: label.querySelector("b").innerText, inside, box: box.toJSON(), frame: frame.toJSON(), lines: lines.length };
}"""

SAID = {
    "rows": [
        "25 % seeds, organism",
        "54.1 % seeds, organism",
        "39.5 % mean, organism",
        "0.184 % seeds, added: for bad answers, all of one length",
        "100 % seeds, added: for bad answers, all of one length",
        "50.1 % mean, added: for bad answers, all of one length",
    ],
    "shares": [
        "1.91% attribution, length added 0",
        "57.5% attribution, length added 2",
        "97.0% attribution, length added 0",
        "87.7% attribution, length added 2",
    ],
    "steps": ["0.5 two-sided, seeds 1", "0.03125 two-sided, seeds 10", "0.001953 two-sided, seeds 100"],
    "bars": ["12 right, five", "−3 right, ten"],
    "cells": [
        "0.25 utility, share of bugs 2%, 0",
        "1 utility, share of bugs 40%, 0",
        "2 utility, share of bugs 2%, 1",
        "3 utility, share of bugs 40%, 1",
    ],
    "errors": ["0.6 power, 0.5 to 0.7, short", "0.8 power, 0.75 to 0.85, long"],
}


@pytest.mark.parametrize("label", SAID)
def test_the_value_is_that_of_the_measured_axis_as_it_is_printed_there(opened, label):
    assert [point["text"] for point in read_out(opened("notes/figures/"), label)] == SAID[label]


@pytest.mark.parametrize("width", WIDTHS)
def test_the_box_of_a_value_holds_its_text_and_is_seen(opened, width):
    page = opened("notes/figures/", width=width)
    several = 0
    for label in SAID:
        for point in read_out(page, label):
            box, frame = point["box"], point["frame"]
            assert point["inside"], (label, point)
            assert box["left"] >= 0 and box["right"] <= width, (label, point)
            assert box["top"] >= frame["top"] - 1, (label, point, "or a frame that scrolls would cut it off")
            several += point["lines"] > 2
    assert several, "one text at least takes several lines"


def test_the_pointer_finds_the_point_that_is_drawn_there(opened, site):
    page = opened("notes/figures/")
    picture = page.locator("#fig-rows .ln-picture")
    picture.scroll_into_view_if_needed()
    drawing = (site / "notes/figures/figures/rows.svg").read_text()
    width, height = (float(size) for size in re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawing).groups())
    groups = re.findall(r'<g id="PathCollection_\d+".*?</g>\s*</g>', drawing, re.DOTALL)
    dots = re.findall(r'<use xlink:href="#\w+" x="([\d.]+)" y="([\d.]+)"', "".join(groups))
    assert len(dots) == 4
    box = picture.bounding_box()
    heard = set()
    for x, y in dots:
        page.mouse.move(box["x"] + float(x) / width * box["width"], box["y"] + float(y) / height * box["height"])
        page.wait_for_selector("#fig-rows .ln-readout:not([hidden])")
        heard.add(page.locator("#fig-rows .ln-readout").inner_text())
    assert heard == {text for text in SAID["rows"] if "seeds" in text}


def test_the_data_under_a_figure_name_rows_and_no_ends_of_strokes(opened):
    page = opened("notes/figures/")
    page.evaluate("document.querySelector('#fig-rows details.ln-data').open = true")
    rows = [row.inner_text().split("\t") for row in page.locator("#fig-rows .ln-grid tbody tr").all()]
    assert rows[:3] == [
        ["seeds, organism", "25 %", "organism"],
        ["seeds, organism", "54.1 %", "organism"],
        ["mean, organism", "39.5 %", "organism"],
    ]
    assert len(rows) == 6


def test_keys_go_from_point_to_point_and_around(opened):
    page = opened("notes/figures/")
    plot, said = page.locator("#fig-steps .ln-plot"), page.locator("#fig-steps .ln-readout")
    assert plot.get_attribute("aria-label") == "Read values of Figure 3 with the arrow keys; the table under Data has them all"
    heard = []
    with page.expect_response("**/figures/steps.json"):
        plot.focus()
        plot.press("Home")
    page.wait_for_selector("#fig-steps .ln-readout:not([hidden])")
    for key in ("ArrowLeft", "ArrowDown", "End", "ArrowUp"):
        plot.press(key)
        heard.append(SAID["steps"].index(said.inner_text()))
    assert heard == [2, 0, 2, 1]
    assert page.locator("#fig-steps [aria-live]").text_content() == SAID["steps"][1]
    assert page.locator("#fig-steps .ln-dot").count() == 1
    plot.press("Escape")
    assert said.is_hidden()
    assert page.locator("#fig-steps .ln-dot").count() == 0


def test_the_pointer_far_from_every_point_reads_none(opened):
    page = opened("notes/figures/")
    plot, said = page.locator("#fig-errors .ln-plot"), page.locator("#fig-errors .ln-readout")
    read_out(page, "errors")
    assert said.is_visible()
    box = plot.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    page.wait_for_selector("#fig-errors .ln-readout", state="hidden")


@pytest.mark.parametrize("answer", [{"status": 404}, {"body": "<p>no JSON"}], ids=["missing", "no JSON"])
def test_a_figure_whose_values_cannot_be_loaded_stays_a_picture(apart, answer):
    page = apart("notes/figures/", route=("**/figures/steps.json", lambda route: route.fulfill(**answer)))
    errors = []
    page.on("pageerror", lambda error: errors.append(error))
    page.focus("#fig-steps .ln-plot")
    page.keyboard.press("Home")
    page.wait_for_selector("#fig-steps .ln-plot", state="detached")
    assert page.locator("#fig-steps img").is_visible()
    assert page.locator("#fig-steps .ln-readout").is_hidden()
    assert page.locator("#fig-bars .ln-plot").count() == 1
    assert errors == []


# -- colours -----------------------------------------------------------------------------------------------------------------------------

TONES = {
    "exact": "ok",
    "noise": "ok",
    "within": "ok",
    "moved": "warn",
    "unverified": "warn",
    "changed": "bad",
    "missing": "bad",
    "not re-executed": "none",
    "drawn anew": "anew",
}

COLOURS = """() => {
  const probe = document.body.appendChild(document.createElement("b")), tones = {};
  for (const tone of ["ok", "warn", "bad", "none", "anew", "ink-2", "paper"]) {
    probe.style.color = `var(--ln-${tone})`;
    tones[tone] = getComputedStyle(probe).color;
  }
  probe.remove();
  return tones;
}"""

WORN = """verdict => {
  const link = document.querySelector("a.ln-claim"), word = document.querySelector(".ln-claims .ln-verdict"), tick = document.querySelector(".ln-ticks i");
  const name = `v-${verdict.replaceAll(" ", "-")}`;
  link.dataset.verdict = verdict;
  word.className = `ln-verdict ${name}`;
  tick.className = name;
  const { backgroundColor, borderTopColor, borderTopWidth } = getComputedStyle(tick);
  return {
    claim: getComputedStyle(link).textDecorationColor,
    style: getComputedStyle(link).textDecorationStyle,
    word: getComputedStyle(word).color,
    tick: parseFloat(borderTopWidth) ? borderTopColor : backgroundColor,
    glyph: getComputedStyle(word, "::before").content,
  };
}"""


def relative_luminance(colour):
    red, green, blue = (int(part) / 255 for part in re.findall(r"\d+", colour)[:3])
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in (red, green, blue)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast_ratio(first_colour, second_colour):
    """WCAG 2: (L1 + 0.05) / (L2 + 0.05)."""
    light, dark = sorted((relative_luminance(first_colour), relative_luminance(second_colour)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def test_contrast_is_counted_right():
    assert contrast_ratio("rgb(0, 0, 0)", "rgb(255, 255, 255)") == pytest.approx(21)
    assert contrast_ratio("rgb(119, 119, 119)", "rgb(255, 255, 255)") == pytest.approx(4.48, abs=0.01)  # the grey #777, as known


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_green_is_for_what_agreed_and_nothing_else(opened, scheme):
    page = opened("notes/verdicts/", scheme=scheme)
    tones, glyphs = page.evaluate(COLOURS), set()
    assert len({tones[tone] for tone in ("ok", "warn", "bad", "none", "anew", "paper")}) == 6
    assert (relative_luminance(tones["paper"]) < 0.1) == (scheme == "dark")
    for verdict, tone in TONES.items():
        worn = page.evaluate(WORN, verdict)
        glyphs.add(worn["glyph"])
        assert worn["claim"] == tones[tone], verdict
        assert worn["tick"] == tones[tone], verdict
        assert worn["word"] == tones["ink-2" if tone == "none" else tone], verdict
        assert (worn["style"] == "wavy") == (tone == "bad"), verdict
        assert contrast_ratio(worn["word"], tones["paper"]) >= 4.5, (verdict, "AA of text")
        assert contrast_ratio(worn["claim"], tones["paper"]) >= 3, (verdict, "AA of what is no text")
    assert len(glyphs) == len(TONES), "told by shape too"


def test_every_number_of_the_prose_says_its_own_verdict(opened):
    page = opened("notes/verdicts/")
    verdicts = [link.get_attribute("data-verdict") for link in page.locator("p a.ln-claim").all()]
    assert verdicts == ["exact", "exact", "exact", "moved", "changed", "within", "unverified"]


def test_a_number_in_a_caption_says_its_own_verdict_too(opened):
    page = opened("notes/verdicts/")
    tones = page.evaluate(COLOURS)
    links = page.locator("#fig-same figcaption a.ln-claim").all()
    colours = [link.evaluate("link => getComputedStyle(link).textDecorationColor") for link in links]
    assert colours == [tones["bad"], tones["ok"]]


def test_the_home_page_colours_what_it_counts(opened):
    page = opened("")
    tones = page.evaluate(COLOURS)
    words = page.locator(".ln-status p span[class^='v-']").all()
    shown = {word.inner_text(): word.evaluate("word => getComputedStyle(word).color") for word in words}
    assert shown == {"1 moved": tones["warn"], "1 changed": tones["bad"], "1 unverified": tones["warn"]}


def test_a_number_that_nobody_computed_again_is_grey(opened):
    page = opened("notes/recorded/")
    grey = page.evaluate(COLOURS)["none"]
    link = page.locator("p a.ln-claim")
    assert link.get_attribute("data-verdict") == "not re-executed"
    assert link.evaluate("link => getComputedStyle(link).textDecorationColor") == grey
    assert page.locator(".ln-ticks i").first.evaluate("tick => getComputedStyle(tick).backgroundColor") == "rgba(0, 0, 0, 0)"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_figure_or_table_that_does_not_agree_says_so_in_its_caption(opened, scheme):
    page = opened("notes/verdicts/", scheme=scheme)
    tones = page.evaluate(COLOURS)
    marks = {
        figure.get_attribute("id"): [(mark.inner_text(), mark.evaluate("mark => getComputedStyle(mark).color")) for mark in marks.all()]
        for figure in page.locator(".ln-figure").all()
        if (marks := figure.locator("figcaption .ln-verdict"))
    }
    assert marks == {"fig-same": [], "fig-other": [("changed", tones["bad"])], "tab-counts": [("unverified", tones["warn"])]}


# -- the colour scheme -------------------------------------------------------------------------------------------------------------------

PAPER = "getComputedStyle(document.body).backgroundColor"
LIGHT, DARK = "rgb(253, 253, 251)", "rgb(22, 24, 27)"


def press_scheme(page):
    page.locator("[data-md-component=palette] label:not([hidden])").click()


def test_the_switch_goes_from_the_system_to_light_to_dark_and_is_remembered(apart):
    page = apart("", color_scheme="dark")
    assert page.evaluate(PAPER) == DARK
    seen = []
    for _ in range(3):
        press_scheme(page)
        page.wait_for_timeout(50)
        shown = page.evaluate(PAPER)
        page.reload()
        assert page.evaluate(PAPER) == shown, "after the page is loaded anew"
        seen.append(shown)
    assert seen == [LIGHT, DARK, DARK]
    page.emulate_media(color_scheme="light")
    wait_until(page, f"{PAPER} === '{LIGHT}'")


@pytest.mark.parametrize(("scheme", "paper"), [("light", LIGHT), ("dark", DARK)])
def test_a_page_without_script_follows_the_system(apart, scheme, paper):
    page = apart("", color_scheme=scheme, java_script_enabled=False)
    assert page.evaluate(PAPER) == paper


@pytest.mark.parametrize("script", [True, False])
def test_paper_is_white_whatever_the_screen_was(apart, script):
    page = apart("notes/handy/", color_scheme="dark", java_script_enabled=script)
    assert page.evaluate(PAPER) == DARK
    page.emulate_media(media="print")
    assert page.evaluate(PAPER) == "rgb(255, 255, 255)"
    assert not page.locator("footer").is_visible(), "it may fill a page of its own"
    page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    page.evaluate("document.documentElement.classList.add('ln-code-on')")
    keyword = page.locator(".highlight .k").first
    assert relative_luminance(keyword.evaluate("word => getComputedStyle(word).color")) < 0.2


# -- the filter --------------------------------------------------------------------------------------------------------------------------


def matches(page):
    """The verdicts of what is listed, and what the form says of how many there are."""
    rows = page.locator(".ln-matches > li")
    return sorted(row.get_attribute("data-verdict") for row in rows.all()), page.locator(".ln-filter output").inner_text()


def type_words(page, words, expected):
    page.locator('input[name="q"]').fill(words)
    wait_until(page, f"document.querySelector('.ln-filter output').textContent === {json.dumps(expected)}")


def test_claims_are_read_once_somebody_asks_and_found_by_sentence_name_and_title_of_their_note(opened, site):
    page = opened("reproducibility/")
    total = sum(len(note["quantities"]) for note in json.loads((site / "notes" / "claims.json").read_text())["notes"])
    reads = "performance.getEntriesByType('resource').filter((entry) => entry.name.endsWith('claims.json')).length"
    assert page.evaluate(reads) == 0
    assert page.locator(".ln-matches").is_hidden()
    type_words(page, "REASONED", f"1 of {total}")
    assert matches(page)[0] == ["exact"] and page.evaluate(reads) == 1
    item = page.locator(".ln-matches > li")
    assert item.locator("a").inner_text() == "Reasoned"
    assert item.locator("a").evaluate("link => new URL(link.href).pathname + link.hash") == "/notes/verdicts/#claim-reasoned"
    assert item.locator("mark").all_inner_texts() == ["2.5"], "its number in its sentence"
    type_words(page, "means ways", f"3 of {total}")
    assert page.evaluate("location.search") == "?words=means+ways"
    type_words(page, "in short 1.5", f"7 of {total}")
    type_words(page, "nothing like it", f"0 of {total}")
    type_words(page, "", "")
    assert page.locator(".ln-matches").is_hidden()
    assert page.evaluate("location.search") == "" and page.evaluate(reads) == 1


def test_claims_are_found_by_verdict(opened):
    page = opened("reproducibility/")
    page.evaluate("for (const box of document.querySelectorAll('[name=v]')) if (!['moved', 'changed'].includes(box.value)) box.click()")
    wait_until(page, "document.querySelectorAll('.ln-matches > li').length === 3")
    assert matches(page)[0] == ["changed", "changed", "moved"]
    assert page.evaluate("new URLSearchParams(location.search).get('v').split(',').sort().join()") == "changed,moved"


def test_the_claims_of_a_note_are_found_on_their_own_page_alone(opened):
    page = opened("notes/handy/claims/")
    type_words(page, "line", "1 of 3")
    assert page.locator(".ln-matches a").inner_text() == "Figure 1"


def test_an_address_brings_its_filter_along(opened):
    page = opened("reproducibility/?words=verdicts&v=changed#verdicts")
    wait_until(page, "document.querySelectorAll('.ln-matches > li').length === 2")
    assert matches(page)[0] == ["changed", "changed"]
    assert page.locator('input[name="q"]').input_value() == "verdicts"
    assert [box.get_attribute("value") for box in page.locator("[name=v]").all() if box.is_checked()] == ["changed"]
    assert page.evaluate("document.activeElement === document.body"), "an address with q= would open the search of the site"
    assert page.evaluate("location.search + location.hash") == "?words=verdicts&v=changed#verdicts"


def test_a_list_of_claims_that_cannot_be_read_is_told(apart):
    page = apart("reproducibility/", route=("**/claims.json", lambda route: route.abort()))
    type_words(page, "plain", "The list of claims could not be read.")


# -- ticks -------------------------------------------------------------------------------------------------------------------------------

PUT_MARKS = """([place, marks, isBar]) => {
  const ticks = document.querySelector(place);
  ticks.classList.toggle("ln-bar", isBar);
  ticks.replaceChildren(...marks.map(([verdict, count]) => {
    const mark = document.createElement("i");
    mark.className = `v-${verdict}`;
    if (count > 1) mark.style.flexGrow = count;
    return mark;
  }));
  const box = ticks.getBoundingClientRect();
  return [...ticks.children].map((mark) => {
    const { left, right, width, height } = mark.getBoundingClientRect();
    return [width, height / box.height, left - box.left, box.right - right, getComputedStyle(mark).borderTopColor];
  });
}"""


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("place", [".ln-badge .ln-ticks", ".ln-item .ln-ticks", ".ln-strip li:last-child .ln-ticks"])
@pytest.mark.parametrize("count", [1, 2, 40, 41, 300, 1000])
def test_one_claim_that_changed_is_seen_among_any_number(opened, count, place, width):
    """A mark is never narrower than three pixels, none lies outside its row, and what failed is as tall as what agrees."""
    page = opened("notes/verdicts/" if "badge" in place else "", width=width)
    verdicts = ["exact"] * (count - 1) + ["changed"]
    is_bar = count > tick_marks.SINGLE or "strip" in place
    marks = tick_marks.verdict_shares(verdicts) if is_bar else tick_marks.tick_marks(verdicts)
    shown = page.evaluate(PUT_MARKS, [place, [[mark.css_class, mark.count] for mark in marks], is_bar])
    assert sum(mark.count for mark in marks) == count
    assert len(shown) == len(marks) <= tick_marks.SINGLE
    assert all(wide >= 3 and tall == pytest.approx(1) and left >= -0.5 and right >= -0.5 for wide, tall, left, right, _ in shown), shown
    assert shown[-1][4] == page.evaluate(COLOURS)["bad"]


# -- buttons -----------------------------------------------------------------------------------------------------------------------------


def test_a_button_copies_the_command(apart):
    page = apart("notes/handy/", permissions=["clipboard-read", "clipboard-write"])
    box = page.locator("[data-ln-copy] >> nth=0")
    box.locator("button").click()
    wait_until(page, "document.querySelector('[data-ln-copy] button').textContent === 'Copied'")
    assert box.locator("[role=status]").text_content() == "Copied"
    assert page.evaluate("navigator.clipboard.readText()") == box.locator("code").text_content() != ""
    wait_until(page, "document.querySelector('[data-ln-copy] button').textContent === 'Copy'")


def test_where_it_may_not_copy_it_selects(apart):
    page = apart("notes/handy/")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('denied')); }")
    box = page.locator("[data-ln-copy] >> nth=1")
    box.locator("button").click()
    wait_until(page, "document.querySelectorAll('[data-ln-copy] button')[1].textContent === 'Selected'")
    assert page.evaluate("getSelection().toString()").strip() == box.locator("code").text_content().strip() != ""


def test_a_switch_opens_all_code_and_is_remembered(apart):
    page = apart("notes/handy/")
    switch, folds = page.locator(".ln-switch button"), page.locator("details.ln-code")
    state = lambda: (switch.inner_text(), switch.get_attribute("aria-pressed"), page.locator("details.ln-code[open]").count())  # noqa: E731
    assert folds.count() == 3
    assert state() == ("Show all code (3 cells)", "false", 0)
    switch.click()
    assert state() == ("Hide all code", "true", 3)
    page.reload()
    assert state() == ("Hide all code", "true", 3)
    assert page.locator("html.ln-code-on").count() == 1, "then it is printed, too"
    switch.click()
    page.reload()
    assert state() == ("Show all code (3 cells)", "false", 0)


def test_a_table_sorts_by_a_column_up_down_and_back(opened):
    page = opened("notes/handy/")
    table = page.locator("table[data-ln-sort]")
    names = lambda: [row.inner_text().split("\t")[0] for row in table.locator("tbody tr").all()]  # noqa: E731
    original = names()
    assert original == ["mid", "low", "top", "old"]
    by_size = table.locator("th[scope=col]", has_text="size")
    seen = []
    for _ in range(3):
        by_size.locator("button").click()
        seen.append((by_size.get_attribute("aria-sort"), names()))
    assert seen == [("ascending", ["low", "old", "mid", "top"]), ("descending", ["top", "mid", "old", "low"]), (None, original)]
    by_size.locator("button").click()
    table.locator("th[scope=col]", has_text="name").locator("button").click()
    assert names() == ["low", "mid", "old", "top"]
    assert table.locator("[aria-sort]").count() == 1


# -- tables ------------------------------------------------------------------------------------------------------------------------------

LOOKS = """(cells) => cells.map((cell) => {
  const style = getComputedStyle(cell);
  return [style.fontFamily, style.fontSize, style.borderBottom, style.paddingTop, style.paddingRight, style.textTransform].join();
})"""


def rows_shown(table):
    return [row.inner_text().split("\t") for row in table.locator("tbody tr").all() if row.is_visible()]


def test_tables_that_an_author_writes_look_like_those_that_code_records(opened):
    page = opened("notes/tables/")
    looks = {
        selector: set(page.locator(f"{selector} tbody td:not(:last-child)").evaluate_all(LOOKS))
        for selector in (".ln-written", ".ln-table", ".ln-article li")
    }
    assert len(looks[".ln-table"]) == 1 and looks[".ln-written"] == looks[".ln-article li"] == looks[".ln-table"]


@pytest.mark.parametrize("width", [390, 1024, 1440])
def test_a_wide_table_reaches_into_the_margin_and_stands_on_no_note_in_it(opened, width):
    page = opened("notes/tables/", width=width)
    boxes = """(all) => all.filter((box) => box.checkVisibility()).map((box) => {
      const { left, right, top, bottom } = box.getBoundingClientRect();
      return { left, right, top, bottom };
    })"""
    wide = page.locator(".ln-wide .ln-scroll").evaluate_all(boxes)
    text = page.locator(".ln-article > p").first.evaluate("text => text.getBoundingClientRect().right")
    notes_beside = page.locator(".ln-sidenote").evaluate_all(boxes)
    assert len(wide) == 2 and len(notes_beside) == 2
    assert all((box["right"] > text + 100) == (width >= 1024) for box in wide)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    overlaps = [
        (box, note)
        for box in wide
        for note in notes_beside
        if box["left"] < note["right"] and note["left"] < box["right"] and box["top"] < note["bottom"] and note["top"] < box["bottom"]
    ]
    assert overlaps == []


def test_a_long_table_shows_twelve_rows_and_the_others_at_a_press(opened):
    page = opened("notes/tables/")
    for table, rows in ((page.locator("#tab-wide"), 30), (page.locator(".ln-written", has_text="way"), 14)):
        button = table.locator(".ln-rows button")
        state = lambda: (len(rows_shown(table)), button.inner_text(), button.get_attribute("aria-expanded"))  # noqa: B023, E731
        assert state() == (12, f"All {rows} rows", "false")
        button.click()
        assert state() == (rows, "Fewer rows", "true")
        button.click()
        assert state() == (12, f"All {rows} rows", "false")
    assert page.locator(".ln-written", has_text="what it was for").locator(".ln-rows").count() == 0
    touching = """([button, others]) => others.some((other) => {
      const [a, b] = [button, other].map((element) => element.getBoundingClientRect());
      return a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    })"""
    handles = page.locator("#tab-longer .ln-rows").element_handle(), page.locator("#tab-longer > :not(.ln-rows)").element_handles()
    assert len(handles[1]) == 4 and not page.evaluate(touching, list(handles)), "not even where it says that the CSV has more"


def test_the_order_of_a_folded_table_is_that_of_all_its_rows(opened):
    page = opened("notes/tables/")
    table = page.locator("#tab-wide")
    assert rows_shown(table)[0][:2] == ["30.0", "60"]
    table.locator("th button", has_text="column 2").first.click()
    assert [row[1] for row in rows_shown(table)] == [str(2 * row) for row in range(1, 13)]


def test_the_heads_of_an_unfolded_table_stay_in_sight(opened):
    page = opened("notes/tables/")
    table = page.locator("#tab-wide")
    table.locator(".ln-rows button").click()
    frame, head = table.locator(".ln-scroll"), table.locator("thead th").first
    frame.evaluate("frame => { frame.scrollTop = 200; }")
    top = lambda place: place.evaluate("place => place.getBoundingClientRect().top")  # noqa: E731
    assert frame.evaluate("frame => frame.scrollTop") == 200 and abs(top(head) - top(frame)) < 1


@pytest.mark.parametrize("script", [True, False])
def test_paper_and_readers_without_script_have_all_rows(apart, script):
    page = apart("notes/tables/", java_script_enabled=script)
    assert len(rows_shown(page.locator("#tab-wide"))) == (12 if script else 30)
    assert page.locator(".ln-rows").first.is_visible() == script
    page.emulate_media(media="print")
    assert len(rows_shown(page.locator("#tab-wide"))) == 30
    assert not page.locator(".ln-rows").first.is_visible()
    frame = page.locator("#tab-wide .ln-scroll")
    assert frame.evaluate("frame => getComputedStyle(frame).maxHeight") == "none"


def test_an_address_in_a_folded_row_unfolds_it(opened):
    page = opened("notes/tables/")
    table = page.locator(".ln-written", has_text="way")
    table.locator("tbody tr").last.evaluate("row => { row.id = 'far-down'; }")
    page.evaluate("location.hash = '#far-down'")
    wait_until(page, "document.getElementById('far-down').checkVisibility()")
    assert len(rows_shown(table)) == 14


def test_a_table_of_an_author_sorts_and_keeps_what_its_heads_hold(opened):
    table = opened("notes/tables/").locator(".ln-written", has_text="what it was for")
    table.locator("th button", has_text="size").click()
    assert [row[0] for row in rows_shown(table)] == ["low", "mid", "top"], "as numbers, with a true minus sign and a comma"
    assert opened("notes/tables/").locator(".ln-article li table button").count() == 0, "of one row"


def test_a_table_is_copied_as_markdown(apart):
    page = apart("notes/tables/", permissions=["clipboard-read", "clipboard-write"])
    table = page.locator("#tab-wide")
    button = table.locator(".ln-tools button")
    button.click()
    wait_until(page, "document.querySelector('#tab-wide .ln-tools button').textContent === 'Copied'")
    head, line, first, *others = page.evaluate("navigator.clipboard.readText()").strip().split("\n")
    assert head.startswith("| column 1 | column 2 |") and line == "| " + " | ".join(["---:"] * 12) + " |"
    assert first.startswith("| 30.0 | 60 | 90 |") and len(others) == 29, "what is folded, too"


# -- what is loaded when it is opened ----------------------------------------------------------------------------------------------------


def asked_for(page):
    """The parts of a note that the page asked its server for, as they come."""
    addresses = []
    page.on(
        "request",
        lambda request: re.search(r"/(parts/|figures/.*\.data\.html)", request.url) and addresses.append(request.url.rpartition("/")[2]),
    )
    return addresses


def test_the_data_of_a_figure_is_loaded_when_it_is_opened(apart):
    page = apart("404.html")
    asked = asked_for(page)
    page.goto(page.url.replace("404.html", "notes/tables/"), wait_until="networkidle")
    data = page.locator("#fig-line .ln-data")
    assert (asked, data.locator("table").count(), data.locator(".ln-part a").count()) == ([], 0, 1)
    data.locator("summary").click()
    data.locator("table").wait_for()
    assert [row[0] for row in rows_shown(data)][:3] == ["0", "1", "2"] and len(rows_shown(data)) == 30
    assert data.locator(".ln-part").count() == 0
    for _ in range(2):
        data.locator("summary").click()
    page.wait_for_timeout(200)
    assert asked == ["line.data.html"]


def test_all_code_of_a_long_note_is_one_request_and_a_cell_opens_where_an_address_leads(apart):
    page = apart("404.html")
    asked = asked_for(page)
    page.goto(page.url.replace("404.html", "notes/tables/#cell-2"), wait_until="networkidle")
    page.locator("#cell-2 pre").wait_for()
    assert page.locator("details.ln-code pre").count() == 1
    page.locator(".ln-switch button").click()
    wait_until(page, "document.querySelectorAll('details.ln-code pre').length === 3")
    assert "a line of code, the 149th" in page.locator("#cell-3 pre").inner_text()
    assert page.locator("#cell-3 pre .s").first.evaluate("word => getComputedStyle(word).color") != page.evaluate(
        "getComputedStyle(document.body).color"
    )
    assert asked == ["code.html"]
    assert opened_code(apart, "notes/handy/") == [True] * 3, "code of a few lines is in the page"


def opened_code(apart, path):
    page = apart(path, java_script_enabled=False)
    return [fold.locator("pre").count() == 1 for fold in page.locator("details.ln-code:not(.ln-messages)").all()]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_without_script_a_link_leads_to_each_part(apart, scheme):
    page = apart("notes/tables/", java_script_enabled=False, color_scheme=scheme)
    page.locator("#cell-3 > summary").click()
    page.locator("#cell-3 a").click()
    assert page.url.endswith("notes/tables/parts/code.html#cell-3")
    assert "a line of code, the 149th" in page.locator("#cell-3").inner_text()
    assert page.evaluate(PAPER) == {"light": LIGHT, "dark": DARK}[scheme]
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.locator("h1 a").click()
    page.locator("#fig-line .ln-data > summary").click()
    page.locator("#fig-line .ln-data a").click()
    assert len(rows_shown(page)) == 30 and page.locator("h1").inner_text() == "Data of Figure 1 · Tables"
    page.locator("h1 a").click()
    assert page.url.endswith("notes/tables/#fig-line")


def test_where_a_part_cannot_be_loaded_its_link_stays_and_the_next_opening_asks_again(apart):
    page = apart("404.html")
    page.route("**/*.data.html", lambda route: route.fulfill(status=500, body="<p>no</p>", content_type="text/html"))
    page.goto(page.url.replace("404.html", "notes/tables/"))
    data = page.locator("#fig-line .ln-data")
    with page.expect_event("console", lambda message: "the link to it stays" in message.text):
        data.locator("summary").click()
    assert data.locator(".ln-part a").is_visible() and data.locator("table").count() == 0
    page.unroute("**/*.data.html")
    data.locator("summary").click()
    data.locator("summary").click()
    data.locator("table").wait_for()


def test_the_search_of_a_browser_finds_what_was_not_loaded(apart):
    page = apart("notes/tables/")
    page.keyboard.press("Control+f")
    wait_until(page, "document.querySelectorAll('details .ln-part').length === 0")
    assert "a line of code, the 149th" in page.locator("#cell-3").text_content()
    assert len(rows_shown(page.locator("#tab-wide"))) == 30


def test_what_a_part_brings_does_not_run(apart):
    """As if the sanitiser had let it through."""
    page = apart("404.html")
    hostile = '<div id="data"><img src="x" onerror="document.title = 1"><script>document.title = 2</script><p>read</p></div>'
    page.route("**/*.data.html", lambda route: route.fulfill(body=hostile, content_type="text/html"))
    page.goto(page.url.replace("404.html", "notes/tables/"))
    page.locator("#fig-line .ln-data > summary").click()
    page.locator("#fig-line .ln-data p", has_text="read").wait_for()
    page.wait_for_timeout(300)
    assert page.title().startswith("Tables")


# -- addresses and dates -----------------------------------------------------------------------------------------------------------------


def test_an_address_opens_what_it_points_into(opened):
    page = opened("notes/handy/")
    badge = page.locator("#ln-check")
    assert badge.get_attribute("open") is None
    page.evaluate("location.hash = '#claim-first'")
    page.wait_for_selector("#ln-check[open]")
    assert page.locator("#claim-first").is_visible()
    page = opened("notes/handy/#cell-%32")
    page.wait_for_selector("#cell-2[open]")
    assert page.locator("#cell-1").get_attribute("open") is None
    # without going there and with a sign encoded, so that neither the browser nor Material opens it
    page.evaluate("scrollTo(0, 0); history.replaceState(null, '', '#claim-%66irst'); dispatchEvent(new HashChangeEvent('hashchange'))")
    assert badge.get_attribute("open") is not None
    page.evaluate("scrollTo(0, 0); history.replaceState(null, '', '#cell-%33'); dispatchEvent(new HashChangeEvent('hashchange'))")
    wait_until(page, "scrollY > 0")
    assert opened("notes/handy/#%E0").locator("details[open]").count() == 0, "an address that is no encoding"


def test_a_date_of_these_weeks_says_in_its_tooltip_how_long_ago_it_is(apart):
    page = apart("notes/handy/", java_script_enabled=False)
    run = page.locator(".ln-badge time")
    day, line = run.get_attribute("datetime"), page.locator(".ln-badge-line").text_content()
    assert f" on {run.text_content()}" in line
    for days, said in ((3, "3 days ago"), (61, None)):
        page = apart("404.html")
        page.clock.set_fixed_time(page.evaluate(f"Date.parse('{day}')") / 1000 + days * 86_400 + 1)
        page.goto(page.url.replace("404.html", "notes/handy/"))
        assert page.locator(".ln-badge time").get_attribute("title") == said
        assert page.locator(".ln-badge-line").text_content() == line, "what is read does not change, and is printed as it is"


# -- what moves --------------------------------------------------------------------------------------------------------------------------

WATCH_SHIFTS = """
window.shifted = 0;
new PerformanceObserver((list) => {
  for (const entry of list.getEntries()) window.shifted += entry.value;
}).observe({ type: "layout-shift", buffered: true });
"""

STEADY = 0.02
"""How much of a page may move while it loads, as browsers measure it (Cumulative Layout Shift)."""


def shift_of(page, address):
    page.add_init_script(WATCH_SHIFTS)
    page.goto(address, wait_until="networkidle")
    page.wait_for_timeout(150)
    return page.evaluate("shifted")


@pytest.mark.parametrize("width", [320, 390, 1024, 1440])
def test_nothing_moves_while_a_page_loads(apart, address, width):
    shifts = {
        path: shift_of(apart("404.html", width=width), address + path)
        for path in ("", "notes/handy/", "notes/verdicts/", "reproducibility/")
    }
    assert max(shifts.values()) <= STEADY, shifts


def test_what_is_put_into_a_page_by_script_is_seen_to_move_it(apart, address):
    late = "for (const text of document.querySelectorAll('.ln-article > p')) text.before(Object.assign(document.createElement('hr'), { style: 'height: 90px' }));"
    answer = lambda route: route.fulfill(body=late, content_type="text/javascript")  # noqa: E731
    assert shift_of(apart("404.html", route=("**/js/main.js", answer)), f"{address}notes/handy/") > STEADY


# -- all pages ---------------------------------------------------------------------------------------------------------------------------


def test_a_page_runs_no_script_that_is_not_the_themes(site, apart):
    """As if the sanitiser had let it through: a script and a handler in the text of a page."""
    foreign = '<script>document.title = "taken"</script><img src="x" onerror="document.title = \'taken\'">'
    text = (site / "notes/handy/index.html").read_text()
    with_foreign = text.replace("</article>", f"{foreign}</article>")
    bare = re.sub(r'<meta http-equiv="Content-Security-Policy"[^>]*>', "", with_foreign)

    def title_of(body):
        page = apart("404.html", route=("**/notes/handy/", lambda route: route.fulfill(body=body, content_type="text/html")))
        refused = []
        page.on("console", lambda message: refused.append(message.text))
        page.goto(page.url.replace("404.html", "notes/handy/"), wait_until="networkidle")
        wait_until(page, "document.documentElement.classList.contains('ln-js')")
        return page.title(), sum("Content Security Policy" in text for text in refused)

    assert title_of(bare) == ("taken", 0)
    title, refused = title_of(with_foreign)
    assert title.startswith("Ways and means") and refused == 2


@pytest.mark.parametrize("width", [390, 700, 960, 1100, 1219, 1220, 1440])
def test_a_page_ends_with_its_footer_and_has_its_contents_once(opened, width):
    page = opened("notes/figures/", width=width)
    shown = [selector for selector in (".ln-toc", "details.ln-contents") if page.locator(selector).is_visible()]
    assert shown == ([".ln-toc"] if width >= 1220 else ["details.ln-contents"])
    below = "document.documentElement.scrollHeight - Math.round(document.querySelector('footer').getBoundingClientRect().bottom + scrollY)"
    assert abs(page.evaluate(below)) <= 1
    assert page.evaluate("document.documentElement.scrollWidth") == width


def test_columns_stand_where_their_author_sets_them(opened):
    page = opened("notes/handy/")
    sides = "[...document.querySelectorAll('.ln-written :is(th, td)')].map((cell) => getComputedStyle(cell).textAlign)"
    assert page.evaluate(sides) == ["left", "center", "right"] * 2


@pytest.mark.parametrize("path", ["notes/handy/", "notes/handy/notebook/"])
def test_what_a_cell_displays_is_as_wide_as_it_is_and_to_the_right_as_in_jupyter(opened, path):
    page = opened(path)
    cells = page.locator(":is(.ln-html, .output_html) :is(th, td)")
    assert cells.count() == 4 and cells.evaluate_all("cells => cells.every((cell) => getComputedStyle(cell).textAlign === 'right')")
    assert page.locator(":is(.ln-html, .output_html) table").evaluate("table => table.offsetWidth") < 200


def test_a_list_of_contents_that_fits_has_no_bar_to_scroll_it(opened):
    box = opened("notes/figures/").locator(".ln-toc .md-sidebar__scrollwrap")
    assert box.evaluate("box => [box.scrollHeight - box.clientHeight, box.offsetWidth - box.clientWidth]") == [0, 0]


def test_no_folded_part_of_our_own_pages_looks_like_a_note_set_apart(opened):
    boxed = """(folds) => folds.filter((fold) => fold.checkVisibility()).filter((fold) => {
      const sign = getComputedStyle(fold.firstElementChild, "::before");
      return getComputedStyle(fold).borderLeftStyle !== "none" || (sign.display !== "none" && sign.maskImage.includes("url"));
    }).map((fold) => fold.className)"""
    for path in ("notes/handy/", "notes/verdicts/", "reproducibility/"):
        folds = opened(path).locator("main details[class]")
        assert folds.count() > 2 and folds.evaluate_all(boxed) == [], path


def test_bars_are_dark_where_the_page_is(apart):
    page = apart("notes/handy/", color_scheme="dark")
    schemes = (
        "[document.documentElement, document.body, document.querySelector('.ln-scroll')].map((box) => getComputedStyle(box).colorScheme)"
    )
    wait_until(page, "document.body.dataset.mdColorScheme === 'slate'")
    assert page.evaluate(schemes) == ["dark"] * 3
    bar = "getComputedStyle(document.querySelector('.ln-scroll')).scrollbarColor"
    assert page.evaluate(bar) == "rgb(118, 125, 134) rgba(0, 0, 0, 0)", "--ln-edge, or Firefox draws it white"


def test_details_of_an_author_have_an_arrow(opened):
    arrows = """(folds) => folds.map((fold) => [fold.className, getComputedStyle(fold.firstElementChild, "::after").display])"""
    shown = dict(opened("notes/handy/").locator("article details").evaluate_all(arrows))
    assert [shown[name] != "none" for name in ("", "ln-badge", "ln-code")] == [True, True, False], "code has another one, before its words"


def test_no_page_has_an_error_of_its_script(opened, site):
    pages = [path.parent.relative_to(site).as_posix() for path in sorted(site.rglob("index.html"))]
    assert len(pages) > 10
    for path in pages:
        opened("" if path == "." else f"{path}/").wait_for_load_state("load")
    assert opened.errors == []
