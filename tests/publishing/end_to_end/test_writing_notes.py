"""What helps an author while a note is being written: numbers first, what changed, what is still the scaffold's."""

import re

import pytest

NOTE = """
# %% [markdown]
# The gap is {{ gap }} [@ada2025], or {{ gap | abs }}.
# Again: {{ gap }}.

# %%
from labnotes import claim

# %%
claim("gap", 0.009, format=".1%", holds="value > 0")
"""

BIBLIOGRAPHY = "@article{ada2025, title = {T}, author = {Ada, A.}, year = {2025}}\n"


def write_note(lab, **settings):
    folder = lab.write_note("a", NOTE, settings=settings)
    (folder / "references.bib").write_text(BIBLIOGRAPHY)
    return folder


WRONG_WORDS = {
    "a citation without its entry": ("references.bib", BIBLIOGRAPHY, "", "[@ada2025] cites an unknown reference 'ada2025'"),
    "a bibliography that does not parse": ("references.bib", BIBLIOGRAPHY, "@article{", "notes/a/references.bib: does not parse"),
    "an unknown claim": ("note.py", "Again: {{ gap }}", "Again: {{ gpa }}", "{{ gpa }} names an unknown claim 'gpa'"),
    "a broken link": ("note.py", "Again", "[x](nowhere.csv) again", "broken link: nowhere.csv is not there"),
    "a value cited from nowhere": ("note.py", 'claim("gap", 0.009', 'cited(1, "nobody")\nclaim("gap", 0.009', "unknown reference 'nobody'"),
    "an unknown name, another computed": ("note.py", '"gap", 0.009', 'f"{chr(103)}ap", 0.009', "[@ada2025] cites"),
}


TOLD_ELSEWHERE = ("a bibliography that does not parse", "an unknown claim", "a value cited from nowhere")
"""What test_invalid.py has a note of as well."""


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [pytest.param(*case, id=name, marks=pytest.mark.slow if name in TOLD_ELSEWHERE else ()) for name, case in WRONG_WORDS.items()],  # 0.6 s
)
def test_a_run_shows_its_numbers_whatever_is_wrong_with_the_words(lab, edit, name, old, new, told):
    folder = write_note(lab)
    edit(folder / "note.py", "import claim", "import claim, cited")
    if "chr" in new:  # so that only the run knows the names, and another word is wrong
        (folder / "references.bib").unlink()
    edit(folder / name, old, new)
    ran = lab("run", "a")
    assert "gap = 0.9%  [value > 0: holds]" in ran.out
    assert "1 note: 1 ran, " in ran.out
    assert "to record" not in ran.out
    assert told in ran.err
    assert ran.code == 2
    for command in (("check", "a"), ("accept", "a", "--yes")):
        refused = lab(*command)
        assert refused.code == 2
        assert told in refused.err
    assert not (folder / "record").exists()


def test_code_that_does_not_parse_is_not_run(lab, edit):
    folder = write_note(lab)
    edit(folder / "note.py", '"gap", 0.009', '"gap", (')
    ran = lab("run", "a")
    assert "0 notes: 1 problem" in ran.out
    assert "does not parse" in ran.err


@pytest.fixture(scope="module")
def turned(new_lab):
    """A recorded note whose number changed its sign, so that its statement fails."""
    lab = new_lab()
    folder = write_note(lab)
    lab.run_and_accept("a")
    path = folder / "note.py"
    path.write_text(path.read_text().replace("0.009", "-0.009"))
    assert lab("run", "a").code == 1
    return lab


def test_the_difference_is_shown_though_a_statement_fails_and_only_accept_refuses(turned):
    shown = turned("diff", "a")
    assert shown.code == 1, shown.text
    assert "claim gap  0.9% → −0.9%" in shown.out
    assert "figures before and after: " in shown.out
    assert (
        "this run cannot become the record: a: claim 'gap': the statement does not hold: value > 0 (value is −0.009, recorded 0.009)"
        in shown.err
    )
    assert "value is −0.009, recorded 0.009" in shown.out
    refused = turned("accept", "a", "--yes")
    assert refused.code == 2
    assert "claim gap  0.9% → −0.9%" in refused.out
    assert "the statement does not hold" in refused.err
    assert "recorded in" not in refused.out
    assert "fresh" not in turned("list").out


def test_another_sign_of_a_number_in_the_prose_is_told_with_the_sentences(turned):
    told = "claim gap: 0.9% is −0.9% now, with another sign; read again what the prose says of it: notes/a/note.py:2, notes/a/note.py:3"
    for command in (("check", "a", "--no-log"), ("diff", "a"), ("accept", "a", "--yes")):
        assert f"note: {told}\n" in turned(*command).out, command


def test_a_negative_number_at_a_word_of_direction_is_told_and_fails_nothing(lab):
    source = """
        # %% [markdown]
        # The first one is the more robust one by {{ gap }}, the second is lower by {{ gap | abs }}.
        # It rose by {{ rise }} and fell by {{ nearly }}.

        # %%
        from labnotes import claim
        claim("gap", -0.009, format=".1%")
        claim("rise", 0.2, format=".1f")
        claim("nearly", -0.001, format=".0f")
        """
    lab.write_note("a", source)
    ran = lab("run", "a")
    assert ran.code == 0, ran.text
    told = "notes/a/note.py:2: a reader sees 'more robust one by −0.9%', a negative number at a word of direction: read the sentence again"
    for done in (ran, lab("diff", "a"), lab("accept", "a", "--yes"), lab("check", "a", "--no-log")):
        assert done.out.count(told) == done.out.count("word of direction") > 0, done.out


@pytest.mark.parametrize("value", ["0.002", pytest.param("0", marks=pytest.mark.slow)])  # 1 s
def test_a_number_with_the_same_sign_or_none_is_not_told(lab, value):
    folder = write_note(lab)
    lab.run_and_accept("a")
    path = folder / "note.py"
    path.write_text(path.read_text().replace("0.009", value))
    assert "another sign" not in lab("check", "a").out


SUMMARY = "One sentence that says what was found."


def test_what_the_scaffold_says_is_told_of_a_draft_and_refused_of_a_published_note(lab, edit):
    assert lab("new", "a", "--format", "py").code == 0
    ran = lab("run", "a")
    assert ran.code == 0, ran.text
    assert f"note: notes/a/note.yml: summary: says what labnotes new wrote: '{SUMMARY}'" in ran.out
    assert re.search(r"note: notes/a/note.py:\d+: says what labnotes new wrote: 'Say in one sentence what was found'\n", ran.out)
    folder = lab.root / "notes" / "a"
    edit(folder / "note.yml", "status: draft", "status: published")
    refused = lab("check", "a")
    assert refused.code == 2
    assert refused.err.count("says what labnotes new wrote") == 2
    assert "write your own, or status: draft" in refused.err
    edit(folder / "note.yml", SUMMARY, "A bent coin shows heads in three of five tosses.")
    edit(folder / "note.py", "Say in one sentence what was found: a bent", "A bent")
    assert lab("list").err == ""
