"""What a note needs that not every machine has: it is said, and such a note is not re-run where that is missing."""

import pytest
from lxml import html as lxml_html

from labnotes.source.labs import Lab
from labnotes.source.notes import read_note

NOTE = """
# %% [markdown]
# The rate is {{ rate }}.

# %%
from labnotes import claim

# %%
claim("rate", 0.5)
"""

REASON = "trains for 3 days on one H100"


@pytest.mark.parametrize(
    ("needs", "words", "text"),
    [
        ("gpu", {"gpu": ""}, "a GPU"),
        (["key", "hours"], {"key": "", "hours": ""}, "an API key and hours of computing"),
        ({"gpu": REASON}, {"gpu": REASON}, f"a GPU ({REASON})"),
        ({"data": "patients\n  of one clinic", "key": None}, {"data": "patients of one clinic", "key": ""}, None),
        ({}, {}, ""),
    ],
    ids=["a word", "a list", "a reason", "a reason on two lines", "nothing"],
)
def test_needs_are_words_with_or_without_a_reason(lab, needs, words, text):
    lab.write_note("a", NOTE, settings={"needs": needs})
    settings = read_note(Lab(lab.root), "a").settings
    assert settings.needs == words
    assert text is None or settings.needs_text == text


@pytest.mark.parametrize(
    ("needs", "told"),
    [
        ("gpus", "'gpus' is none of the words; did you mean 'gpu'? known: data, gpu, hours, key"),
        ({"tpu": "x"}, "'tpu' is none of the words"),
        (["gpu", "kye"], "'kye' is none of the words; did you mean 'key'?"),
        ({"gpu": 3}, "the reason for gpu is no text"),
        (3, "names what a note needs that not every machine has"),
    ],
)
def test_other_words_are_refused(lab, needs, told):
    lab.write_note("a", NOTE, settings={"needs": needs})
    said = lab("list").err
    assert told in said
    assert "needs: {gpu: trains for 3 days on one H100}" in said


@pytest.fixture(scope="module")
def recorded(new_lab):
    lab = new_lab()
    lab.record_note("big", NOTE, settings={"needs": {"gpu": REASON}})
    return lab


def test_in_ci_such_a_note_is_not_re_run_with_the_reason_and_fails_nothing(recorded):
    log = recorded.root / "notes" / "big" / "checks.jsonl"
    before = log.read_text() if log.exists() else ""
    done = recorded("check", "big", "--fresh", "--report", "report", CI="true")
    assert done.code == 0, done.text
    assert f"big not re-run  it needs a GPU ({REASON}); where that is there: --needs gpu" in done.out
    assert "1 note: 1 not re-run. Nothing was executed\n" in done.out
    assert "agree" not in done.out
    report = recorded.root / "report"
    assert f"it needs a GPU ({REASON})" in (report / "report.html").read_text()
    assert "skipped" in (report / "junit.xml").read_text()
    assert (log.read_text() if log.exists() else "") == before


@pytest.mark.parametrize(
    ("words", "ci", "is_run"),
    [
        ((), "", True),
        ((), "true", False),
        (("--needs", "gpu"), "true", True),
        (("--needs", "key"), "true", False),
        (("--needs", "key", "--needs", "gpu"), "true", True),
        (("--needs", "none"), "", False),
    ],
)
def test_what_the_machine_has_is_said_or_all_of_it_outside_ci(recorded, words, ci, is_run):
    done = recorded("check", "big", "--fresh", "--no-log", *words, CI=ci)
    assert done.code == 0, done.text
    assert ("big agrees" in done.out) == is_run
    assert ("big not re-run" in done.out) != is_run


def test_a_budget_that_leaves_out_everything_else_still_fails_in_ci(recorded):
    recorded.record_note("small", NOTE)
    done = recorded("check", "--fresh", "--budget", "0.001s", CI="true")
    assert done.out.count(" not re-run  ") == 2
    assert done.code == 1


def test_an_unknown_word_on_the_command_line_is_refused(recorded):
    done = recorded("check", "--needs", "gpus")
    assert done.code == 2
    assert "'gpus' is nothing that a note can need" in done.err
    assert "did you mean 'gpu'?" in done.err


def test_the_list_says_what_a_note_needs(recorded):
    assert f"big: is not re-run by itself: it needs a GPU ({REASON})" in recorded("list").out


def test_a_failing_run_of_such_a_note_fails_where_it_is_run(recorded, edit):
    edit(recorded.root / "notes" / "big" / "note.py", "0.5", "0.6")
    assert recorded("check", "big", "--no-log", CI="true").code == 0
    assert recorded("check", "big", "--no-log", "--needs", "gpu", CI="true").code == 1


@pytest.mark.slow  # 4 s: a whole site
def test_the_page_says_what_its_note_needs(lab):
    assert lab("init", ".").code == 0
    lab.record_note("big", NOTE, settings={"needs": {"gpu": REASON}})
    built = lab("build")
    assert built.code == 0, built.text
    page = lxml_html.fromstring((lab.root / "site" / "notes" / "big" / "index.html").read_text())
    (badge,) = page.xpath("//details[@id='ln-check']")
    assert f"Not re-run by itself: it needs a GPU ({REASON})." in badge.text_content()
