"""What a page says of each outcome of a check: nothing that failed looks fine, and nothing that was found is dropped."""

import json
import re

import pytest
from lxml import html as lxml_html

pytestmark = pytest.mark.slow  # 25 s: eighteen runs and a site; test_commands and test_check_log guard the same in small

START = """
# %% [markdown]
# The rate is {{ rate }}.
# %%
import os, random, time
import matplotlib.pyplot as plt, pandas as pd
from labnotes import claim, figure, table
marker = os.path.join(os.environ["LABNOTES_ARTIFACTS"], os.environ["LABNOTES_RUN"])
again = os.path.exists(marker)
open(marker, "w").close()
"""

SOURCES = {
    "agrees": "claim('rate', 0.5)",
    "moved": "claim('rate', 0.5 + 0.2 * again, holds='value > 0.4')",
    "changed": "claim('rate', 0.5 + 0.2 * again)\nfig, ax = plt.subplots()\nax.plot([1, 2 + again])\nfigure(fig, 'shape', caption='c', alt='a')\n"
    "table(pd.DataFrame({'n': [1 + again]}), 'counts', caption='c')",
    "raises": "claim('rate', 0.5)\n# %%\nif again:\n    raise ValueError('no <data> today')",
    "slow": "claim('rate', 0.5)\n# %%\nif again:\n    time.sleep(60)",
    "edited-raises": "claim('rate', 0.5)\n# %%\nlimit = 1\nif again:\n    raise ValueError('no data today')",
    "edited-differs": "claim('rate', 0.5 + 0.2 * again)\nlimit = 1",
    "edited-agrees": "claim('rate', 0.5)\nlimit = 1",
    "never": "claim('rate', 0.5)",
}

AGREES, FAILED = "ln-tone-green", "ln-tone-red"


@pytest.fixture(scope="module")
def checked(new_lab):
    """A lab with a note for each outcome, checked once and built; what list and check said."""
    lab = new_lab()
    assert lab("init", "outcomes", cwd=lab.root.parent).code == 0
    lab.root = lab.root.parent / "outcomes"
    for slug, source in SOURCES.items():
        lab.write_note(slug, START + source + "\n", settings={"title": slug, **({"cell_timeout": "4s"} if slug == "slow" else {})})
    for slug in SOURCES:
        lab.run_and_accept(slug)
    for slug in SOURCES:
        if slug.startswith("edited"):
            path = lab.root / "notes" / slug / "note.py"
            path.write_text(path.read_text().replace("limit = 1", "limit = 2"))
    done = lab("check", "--fresh", *(slug for slug in SOURCES if slug != "never"))
    built = lab("build")
    assert built.code == 0, built.text
    return lab, done, lab("list").out


def note_page(lab, slug):
    return lxml_html.fromstring((lab.root / "site" / "notes" / slug / "index.html").read_text())


def badge_parts(lab, slug):
    (word,) = note_page(lab, slug).xpath("//details[@id='ln-check']/summary//strong")
    (summary,) = note_page(lab, slug).xpath("//details[@id='ln-check']/summary")
    return word.text_content(), word.get("class").split()[-1], " ".join(summary.text_content().split())


@pytest.mark.parametrize(
    ("slug", "word", "colour", "counts"),
    [
        ("agrees", "Re-executed on", AGREES, "1 of 1 claim"),
        ("moved", "Re-executed on", AGREES, "1 of 1 claim"),
        ("changed", "Differs, re-executed on", FAILED, "0 of 1 claim"),
        ("raises", "Raised an error on", FAILED, "nothing compared"),
        ("slow", "Timed out on", FAILED, "nothing compared"),
        ("edited-raises", "Raised an error on", FAILED, "record stale"),
        ("edited-differs", "Differs, re-executed on", FAILED, "record stale"),
        ("edited-agrees", "Stale, re-executed on", "ln-tone-amber", "1 of 1 claim"),
        ("never", "Recorded on", "ln-tone-grey", "not re-executed since"),
    ],
)
def test_the_badge_says_what_happened_last(checked, slug, word, colour, counts):
    lab, _, _ = checked
    shown_badge = badge_parts(lab, slug)
    assert shown_badge[:2] == (word, colour)
    assert counts in shown_badge[2]


@pytest.mark.parametrize(
    ("slug", "said"),
    [("raises", "cell 2 raised ValueError: no <data> today"), ("slow", "cell 2 was still running when the cell's time was up: 4 s")],
)
def test_a_failure_stands_in_the_badge_and_at_its_cell_with_its_message(checked, slug, said):
    lab, _, _ = checked
    boxes = [" ".join(box.text_content().split()) for box in note_page(lab, slug).xpath("//*[contains(@class, 'ln-failed')]")]
    assert len(boxes) == 2, "in the badge and at the cell"
    assert all(said in box for box in boxes)
    assert "note.py" in boxes[0]
    text = (lab.root / "site" / "notes" / slug / "index.html").read_text()
    assert text.index('id="cell-2"') < text.rindex("ln-failed") < text.index('id="reproduce"')
    (row,) = note_page(lab, slug).xpath("//tr[@id='claim-rate']")
    assert "run failed" in row.text_content()


def test_a_time_limit_says_how_much_processor_time_there_was_and_what_to_do(checked):
    _, done, _ = checked
    said = " ".join(done.out.split())
    assert "cell 2 was still running when the cell's time was up: 4 s by the clock (cell_timeout: in note.yml)" in said
    assert re.search(
        r"the note had \d+ s of processor time in \d+ s on 1 core, \d+% of what these give: the machine was busy, or the note waited", said
    )
    assert "raise cell_timeout:" in said


def test_what_changed_is_told_where_it_stands_and_why(checked):
    lab, _, _ = checked
    note = note_page(lab, "changed")
    (claim,) = note.xpath("//tr[@id='claim-rate']")
    assert "changed" in claim.text_content()
    assert "0.2 higher" in claim.text_content()
    drawn = " ".join(note.xpath("//table[caption='Figures and tables of this note']")[0].text_content().split())
    assert drawn.count("changed") == 2


def test_home_counts_every_outcome_and_names_what_failed(checked):
    lab, _, _ = checked
    home = lxml_html.fromstring((lab.root / "site" / "index.html").read_text())
    (status,) = home.xpath("//section[contains(@class, 'ln-status')]")
    text = " ".join(status.text_content().split())
    assert "9 claims in 9 notes" in text
    assert "3 re-executed and agree" in text
    assert "2 changed" in text
    assert "3 run failed" in text
    assert "1 not yet re-executed" in text
    for slug in ("raises", "slow", "edited-raises", "changed", "edited-differs"):
        assert f"{slug}: " in text


def test_reproducibility_says_what_does_not_hold_in_words(checked):
    lab, _, _ = checked
    whole = lxml_html.fromstring((lab.root / "site" / "reproducibility" / "index.html").read_text())
    (section,) = whole.xpath("//section[contains(@class, 'ln-troubles')]")
    text = " ".join(section.text_content().split())
    today = r"\d+ \w+ \d{4}"
    assert re.search(rf"Raised an error since {today} *raises.*?cell 2 raised ValueError: no <data> today", text)
    assert re.search(rf"Timed out since {today} *slow", text)
    assert re.search(rf"Changed since {today} *changed *Rate “[^”]*0\.5[^”]*” It was 0\.5 and is 0\.7; allowed: ± 0\.0005", text), text
    assert re.search(rf"Changed since {today} *changed *Figure 1 *Line: y\[1\] is 3, recorded 2", text)
    assert "Whyversions, CPU, code and inputs were as in the record" in text
    assert "Seenin 1 check since then" in text
    assert "never" not in text
    (section,) = whole.xpath("//section[contains(@class, 'ln-unverified-parts')]")
    text = " ".join(section.text_content().split())
    assert "edited-differs: The record is stale: the code changed in cell" in text
    assert "never: All its claims, figures and tables: nobody ran it again since it was recorded." in text
    rows = {row.xpath("string(./th)"): row for row in whole.xpath("//table[contains(@class, 'ln-overview')]/tbody/tr")}
    assert set(rows) == set(SOURCES)
    assert "none yet" in rows["never"].text_content()


def test_citation_feed_and_json_say_it_too(checked):
    lab, _, _ = checked
    assert "note         = {Raised an error on " in (lab.root / "site" / "notes" / "raises" / "index.html").read_text()
    notes = {note["slug"]: note for note in json.loads((lab.root / "site" / "notes" / "claims.json").read_text())["notes"]}
    assert notes["edited-raises"]["state"] == "raised"
    assert "raised an error" in notes["edited-raises"]["does_not_hold"][0]
    assert notes["agrees"]["does_not_hold"] == []
    assert notes["never"]["checks"].startswith("recorded ")
    assert "Timed out" in (lab.root / "site" / "feed.xml").read_text()


def test_the_history_page_and_the_command_tell_every_check(checked):
    lab, _, _ = checked
    told = lab("history", "changed").out
    assert "agreed in 0 of 1 check since" in told
    assert "differ: claim rate, figure shape, table counts" in told
    told = lab("history", "changed", "rate").out
    assert re.search(r"0\.7\s+changed", told)
    unknown = lab("history", "changed", "rat")
    assert unknown.code == 2
    assert "did you mean 'rate'" in unknown.text
    history = lxml_html.fromstring((lab.root / "site" / "notes" / "raises" / "checks" / "index.html").read_text())
    text = " ".join(history.text_content().split())
    assert "cell 2 raised ValueError: no <data> today" in text
    assert not (lab.root / "site" / "notes" / "never" / "checks").exists()


def test_the_list_shows_the_last_check(checked):
    _, done, listed = checked
    assert done.code == 1
    assert re.search(r"raises +published +\S+ +fresh +\S+ raised +0 of 1 agree", listed)
    assert re.search(r"agrees +published +\S+ +fresh +\S+ agrees +1 of 1 agree", listed)
    assert re.search(r"never +published +\S+ +fresh +never", listed)
    assert re.search(r"edited-raises +published +\S+ +stale +\S+ raised", listed)


def test_a_later_check_that_agrees_outweighs_and_the_failure_stays_in_the_log(checked):
    lab, _, _ = checked
    path = lab.root / "notes" / "agrees" / "checks.jsonl"
    before = path.read_text()
    assert lab("check", "agrees", "--fresh", "--no-log").code == 0
    assert path.read_text() == before, "--no-log adds nothing"
    assert lab("check", "agrees", "--fresh").code == 0
    assert path.read_text().startswith(before)
    assert path.read_text().count("\n") == 2
    assert "2 of 2 agree" in lab("list").out
