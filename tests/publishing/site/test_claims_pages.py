"""What pages say of claims: what is allowed, as it was judged; what does not hold, since when and what changed with it; and how large they grow.

Made of the records and logs of this repository's notes, joined as staging joins them, with other checks where a test needs them.
"""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from labnotes.model.quantities import QuantityKind
from labnotes.model.verdicts import Outcome, ResultTone, Verdict
from labnotes.site.stage import claim_checks, claims_page, history_page, note_lists, quantity_rows, tick_marks, troubles
from labnotes.site.stage.body import TEMPLATES
from labnotes.site.stage.note_page import join_record
from labnotes.source import notes
from labnotes.source.labs import Lab
from labnotes.store import check_log, records
from labnotes.store.check_log import CheckLog, LoggedQuantity

ROOT = Path(__file__).parents[3]
TRAINED = "emergent-misalignment"
FRAME = 14_000
"""Bytes of a page beside what is staged for it: head, header and footer of this site have 11,000."""

LARGEST = 60_000


def joined_note(slug, log=None):
    lab = Lab(ROOT)
    note = notes.read_note(lab, slug)
    recorded = records.read_record(note.record_folder, note.record_folder)
    return join_record(note, recorded, (), log or check_log.read_log(lab, slug), lab)


@pytest.fixture(scope="module")
def trained():
    return joined_note(TRAINED)


def with_checks(joined, *changes):
    """A note with other checks: its last one, each with other fields."""
    last = joined.latest_check
    days = (f"2026-11-{day:02}T10:00:00Z" for day in range(1, 31))
    made = [replace(last, started=next(days), unequal=(), outcome=Outcome.AGREES, kind="other kernels", **{}) for _ in changes]
    checks = tuple(replace(check, **change) for check, change in zip(made, changes, strict=True))
    return joined_note(joined.note.slug, CheckLog(joined.note.slug, checks))


def changed_claim(name, recorded="53%", observed="44%", **fields):
    said = {"verdict": Verdict.CHANGED, "recorded": recorded, "observed": observed, "then": 0.53, "now": 0.44}
    return LoggedQuantity(QuantityKind.CLAIM, name, **{**said, **fields})


# -- rows --------------------------------------------------------------------------------------------------------------------------------


def test_no_claim_is_said_to_agree_within_what_it_did_not_stay_within(trained):
    """Of every claim that agrees in the latest check, the numbers fit what the row says first that is allowed."""
    seen = 0
    for row in quantity_rows.claim_rows(trained):
        latest = trained.unequal_quantity(QuantityKind.CLAIM, row.name)
        if latest is None or latest.verdict is not Verdict.WITHIN:
            continue
        seen += 1
        claim = trained.recorded.claims[row.name]
        if row.must.startswith("±") or (claim.holds and row.must.startswith(f"{claim.holds}; ±")):
            assert abs(latest.now - latest.then) <= claim.allowed_movement * 1.000001, row.name
        else:
            assert "a fresh draw may give" in row.must and claim.prediction[0] <= latest.now <= claim.prediction[1], row.name
    assert seen > 90


def test_every_claim_has_its_sentence_with_its_number_and_no_markup(trained):
    rows = quantity_rows.claim_rows(trained)
    for row in rows:
        assert row.sentence.number and row.sentence.number in row.sentence.text, row.name
        assert not re.search(r"\{\{|\*\*|\]\(|@\w|[\ufdd0\ufdd1]", row.sentence.text), row.sentence.text
    assert {row.title for row in rows} >= {"Documents", "Weights"}


def test_a_difference_is_said_in_the_unit_of_the_claim(trained):
    claim = next(claim for claim in trained.recorded.claims.values() if claim.format == ".0%")
    texts = [
        quantity_rows.difference_text(claim, changed_claim(claim.name, then=0.53, now=now, observed=observed))
        for now, observed in [(0.44, "44%"), (0.54, "54%"), (0.5300001, claim.printed_value), (float("nan"), "nan%")]
    ]
    assert texts == ["9 points lower", "1 point higher", "", ""]


def test_a_claim_agrees_in_so_many_checks_and_its_drawing_tells_the_others(trained):
    name = next(name for name, claim in trained.recorded.claims.items() if claim.format == ".0%" and not claim.holds)
    claim = trained.recorded.claims[name]
    close = LoggedQuantity(QuantityKind.CLAIM, name, Verdict.WITHIN, observed="53%", then=claim.value, now=claim.value + 0.001)
    joined = with_checks(trained, {"unequal": (close,)}, {"unequal": (changed_claim(name),)}, {"times": 3}, {"seed": "2"})
    assert claim_checks.agreement_text(joined, name) == "in 4 of 5 checks", "with the note's own seed, as often as each line counts"
    drawing = claim_checks.claim_plot(joined, claim)
    assert drawing.count("<circle") == 1 and "2 Nov 2026: 44%, changed" in drawing
    assert re.search(r'class="ln-agreeing" d="(M\d+ \d+h0){3}"', drawing)
    assert claim_checks.claim_plot(with_checks(trained, {}, {}), claim) == "exact in 2 of 2"


# -- what does not hold ------------------------------------------------------------------------------------------------------------------


def test_a_claim_that_changed_says_since_when_and_what_changed_with_it(trained):
    name = next(iter(trained.recorded.claims))
    place = trained.latest_check.environment
    newer = replace(place, differing={"torch": ("2.13.0", "2.14.0")})
    failing = {"unequal": (changed_claim(name),), "outcome": Outcome.DIFFERS, "environment": newer, "commit": "b" * 40}
    before = {"unequal": (changed_claim(name),), "outcome": Outcome.DIFFERS}
    joined = with_checks(trained, before, {"commit": "a" * 40}, failing, {**failing, "environment": replace(newer, cpu="Intel Xeon")})
    (trouble,) = troubles.note_troubles(joined)
    assert (trouble.word, trouble.since_text, trouble.seen) == ("changed", "3 Nov 2026", "in 2 checks, on 2 kinds of CPU")
    assert trouble.why == ("other than in the check before, which did not show it: torch 2.13.0 → 2.14.0; commit aaaaaaa → bbbbbbb")
    assert (trouble.was, trouble.now) == ("53%", "44%")
    assert trouble.plain_text.startswith(f"{trouble.title} changed since 3 Nov 2026: it was 53% and is 44%; “")
    assert trouble.sentence.text in trouble.plain_text
    (past,) = troubles.past_failures(joined)
    assert (past.day, past.outcome, past.after) == ("2026-11-01", "differs", "agreed in 1 of 3 since")
    assert "was 53% and came out as 44%" in past.text


def test_a_first_check_that_fails_is_held_against_the_record(trained):
    name = next(iter(trained.recorded.claims))
    joined = with_checks(trained, {"unequal": (changed_claim(name),), "outcome": Outcome.DIFFERS})
    (trouble,) = troubles.note_troubles(joined)
    cpu = trained.recorded.provenance.environment.cpu
    assert trouble.why.startswith("other than in the record: ") and f"CPU {cpu}" in trouble.why
    assert troubles.past_failures(joined) == []


def test_what_failed_with_other_seeds_is_told_as_the_past_and_not_as_what_does_not_hold(trained):
    name = next(iter(trained.recorded.claims))
    lost = changed_claim(name, lost=True, details=("low is −0.1",))
    joined = with_checks(trained, {"unequal": (lost,), "outcome": Outcome.STATEMENT_LOST, "seed": "3"}, {})
    assert troubles.note_troubles(joined) == []
    (past,) = troubles.past_failures(joined)
    assert (past.outcome, past.after) == ("statement lost", "with other seeds (block 3)") and "low is −0.1" in past.text


# -- sizes and orders --------------------------------------------------------------------------------------------------------------------


def with_claims(joined, count):
    """A note with so many claims more, each as another one."""
    claims = list(joined.recorded.claims.values())
    copies = {f"{claims[i % len(claims)].name}_{i}": claims[i % len(claims)] for i in range(count)}
    more = {name: replace(claim, name=name) for name, claim in copies.items()}
    return replace(joined, recorded=replace(joined.recorded, claims={**joined.recorded.claims, **more}), memo={})


@pytest.mark.parametrize("count", [0, 880])
def test_pages_of_claims_stay_small_and_hold_each_claim_once(trained, count):
    joined = with_claims(trained, count)
    files = claims_page.claims_files(joined)
    assert max(map(len, files.values())) < LARGEST - FRAME
    anchors = re.findall(r'<tr id="claim-(\w+)"', "".join(text.decode() for text in files.values()))
    assert sorted(anchors) == sorted(joined.recorded.claims)
    pages = claims_page.claim_page_names(joined)
    for name in joined.recorded.claims:
        assert f'id="claim-{name}"' in files[f"{TRAINED}/{pages[name]}/index.md"].decode()


def test_the_page_of_checks_stays_small_however_many_there_are(trained):
    joined = with_checks(trained, *[{} for _ in range(30)])
    many = replace(joined, history=joined.history * 40)
    text = history_page.history_page(many)
    assert len(text.encode()) < LARGEST - FRAME
    shown = text.count("<tr") - 1
    assert 20 < shown < 1200 and f"And {1200 - shown} older ones, in" in text


def listed(joined, slug, **changes):
    return replace(note_lists.listed_note(joined), slug=slug, **changes)


def test_reproducibility_stays_small_however_many_notes_fail(trained):
    names = list(trained.recorded.claims)[:20]
    failing = with_checks(trained, *[{"unequal": tuple(map(changed_claim, names)), "outcome": Outcome.DIFFERS}] * 30)
    entries = [listed(failing, f"note-{i}") for i in range(40)]
    text = TEMPLATES.get_template("claims.html.j2").render(overview=note_lists.claims_overview(entries))
    assert len(text.encode()) < LARGEST - FRAME
    assert "And 28 more" in text and text.count('class="ln-trouble-item"') == note_lists.TOLD
    assert "15 more, first among" in text


def test_lists_have_one_order_and_reproducibility_the_worst_first(trained):
    tones = {"b": ResultTone.GREEN, "a": ResultTone.GREEN, "c": ResultTone.RED, "d": ResultTone.AMBER}
    entries = [listed(trained, slug, tone=tone) for slug, tone in tones.items()]
    ordered = note_lists.newest_first([*entries, listed(trained, "z", date="2027-01-01")])
    assert [note.slug for note in ordered] == ["z", "a", "b", "c", "d"]
    assert [note.slug for note in note_lists.claims_overview(ordered).worst_first][:2] == ["c", "d"]


def test_of_many_claims_marks_stand_for_verdicts_and_add_up():
    marks = tick_marks.tick_marks(["within"] * 500 + ["exact"] * 400 + ["changed"] + ["drawn-anew"] * 9 + ["outside"] * 2)
    assert [(mark.css_class, mark.count) for mark in marks] == [("exact", 900), ("drawn-anew", 9), ("outside", 2), ("changed", 1)]
    assert len(tick_marks.tick_marks(["exact"] * tick_marks.SINGLE)) == tick_marks.SINGLE


def test_a_row_of_checks_has_a_bar_for_each():
    tones = [ResultTone.GREEN, ResultTone.RED, ResultTone.GREEN]
    drawing = tick_marks.checks_drawing(tones)
    bars = {tone: path.count("M") for tone, path in re.findall(r'class="ln-tone-(\w+)" d="([^"]+)"', drawing)}
    assert bars == {"green": 2, "red": 1}
