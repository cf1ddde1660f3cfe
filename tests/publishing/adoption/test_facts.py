"""Title, authors, date, language and summary of an adopted notebook, from the best place that has each."""

import datetime
import os
import subprocess

import pytest
import yaml

from foreign_notebooks import draft_with, sources, write_notebook
from labnotes.adoption import facts, git_facts
from labnotes.adoption.facts import NoteAuthorFacts

TODAY = datetime.date(2026, 11, 29)


@pytest.fixture
def folder(tmp_path):
    write_notebook(tmp_path / "analysis.ipynb")
    os.utime(tmp_path / "analysis.ipynb", (1_600_000_000, 1_600_000_000))
    return tmp_path


def taken(folder, *cells):
    return facts.take_facts(draft_with(*cells, folder=folder), TODAY)


def test_front_matter_says_all_and_leaves_the_notebook(folder):
    text = "---\ntitle: 'Of seeds: a study'\nauthor: Ada Example\ndate: 2024-05-03\nlang: de\ndescription: What was found.\ncategories: [a, b]\nformat: html\n---"
    draft = draft_with(("raw", text), ("text", "# Other"), folder=folder)
    made = facts.take_facts(draft, TODAY)
    assert (made.title, made.date, made.language, made.summary) == ("Of seeds: a study", datetime.date(2024, 5, 3), "de", "What was found.")
    assert made.authors == (NoteAuthorFacts(name="Ada Example"),)
    assert made.tags == ("a", "b")
    assert sources(draft) == ["# Other"]
    assert "left out, since no note has them: format" in draft.mended[0].what
    assert yaml.safe_load(made.settings_text())["title"] == "Of seeds: a study"
    assert "\ndate: 2024-05-03\n" in made.settings_text()


def test_front_matter_at_the_head_of_a_text_leaves_the_rest(folder):
    draft = draft_with(("text", "---\ntitle: T\n---\n\nWords."), folder=folder)
    assert facts.take_facts(draft, TODAY).title == "T"
    assert sources(draft) == ["Words."]


TITLES = {
    "at the beginning": ("# What *seeds* need: `n` {#first}\n\nText.", "What seeds need: n"),
    "underlined": ('Seeds & "power"\n======', 'Seeds & "power"'),
    "after a badge": ("[![Open](b.svg)](https://example.org)\n\n## Part\n# The [title](x.html) ##", "The title"),
    "like a date": ("# 2024-01-01", "2024-01-01"),
    "of another level": ("## Part", "Part"),
    "in code alone": ("```\n# in code\n```", "Analysis"),
}


@pytest.mark.parametrize(("text", "title"), TITLES.values(), ids=TITLES)
def test_the_title_is_the_first_heading_or_the_name_of_the_file(folder, text, title):
    made = taken(folder, ("text", text))
    assert made.title == title
    assert yaml.safe_load(made.settings_text())["title"] == title


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ("Ada Example", ["Ada Example"]),
        ("Ada Example and Bo Sample", ["Ada Example", "Bo Sample"]),
        ("Ada Example, Bo Sample and Cy Third", ["Ada Example", "Bo Sample", "Cy Third"]),
        ("Ada Example, Bo Sample", ["Ada Example", "Bo Sample"]),
        ("Example, Ada; Sample, Bo", ["Example, Ada", "Sample, Bo"]),
        (["Ada Example", {"name": "Bo Sample"}], ["Ada Example", "Bo Sample"]),
        ([{"name": {"given": "Ada", "family": "Example"}}], ["Ada Example"]),
        ({"name": "Ada Example"}, ["Ada Example"]),
        (None, []),
        ([3, {"role": "x"}], []),
    ],
)
def test_authors_are_read_in_the_usual_shapes(given, names):
    assert [author.name for author in facts.authors_in(given)] == names


def test_an_author_keeps_home_and_orcid():
    given = {"name": "Ada", "orcid": "https://orcid.org/0000-0002-1825-0097", "affiliations": [{"name": "Example Lab", "city": "X"}]}
    [author] = facts.authors_in(given)
    assert author.as_yaml() == {"name": "Ada", "affiliation": "Example Lab", "orcid": "0000-0002-1825-0097"}


def git(folder, *words, **environment):
    identity = {
        "GIT_AUTHOR_EMAIL": "x@example.org",
        "GIT_COMMITTER_EMAIL": "x@example.org",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        **environment,
    }
    subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, env={**os.environ, **identity})


def test_without_front_matter_version_control_knows_authors_and_date(folder):
    git(folder, "init", "--quiet")
    for name, day in (("Ada", "2021-03-04"), ("Bo", "2022-01-01"), ("Bo", "2023-01-01")):
        (folder / "analysis.ipynb").write_text(f"{name} {day}")
        git(folder, "add", ".")
        when = f"{day}T12:00:00"
        git(folder, "commit", "-qm", "x", GIT_AUTHOR_NAME=name, GIT_COMMITTER_NAME=name, GIT_AUTHOR_DATE=when, GIT_COMMITTER_DATE=when)
    made = taken(folder, ("text", "# T"))
    assert [author.name for author in made.authors] == ["Bo", "Ada"]
    assert made.date == datetime.date(2021, 3, 4)
    assert git_facts.repository_root(folder) == folder.resolve()


def test_outside_of_version_control_the_file_has_the_date(folder):
    assert taken(folder, ("text", "# T")).date == datetime.date(2020, 9, 13)


@pytest.mark.parametrize(
    ("cells", "summary"),
    [
        ((("text", "# T\n\nWe *train* two models. They agree in most cases. More."),), "We train two models. They agree in most cases."),
        ((("text", "# T"), ("text", "A study of [seeds](x.html) and of power.\n\n- a")), "A study of seeds and of power."),
        ((("text", "# T\n\n- a list of four words here.\n\n![x](y.png)"),), facts.NO_SUMMARY),
        ((("text", "# T\n\nShort."),), facts.NO_SUMMARY),
        ((("text", "# T\n\nBraces {{ x }} do not bind in it."),), "Braces { { x }} do not bind in it."),
    ],
)
def test_the_summary_is_the_first_sentences_after_the_title(folder, cells, summary):
    assert taken(folder, *cells).summary == summary
