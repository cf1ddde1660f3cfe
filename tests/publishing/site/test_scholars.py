"""What catalogues, citation managers and readers who answer find on a note's page, and what is said of settings that mislead them."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from lxml import html as lxml_html
from pybtex.database import parse_string

from labnotes.commands import build
from labnotes.errors import UsageError
from labnotes.model.quantities import QuantityKind
from labnotes.site.stage import claim_badges, site_settings, staging, talk_back, version_rows
from labnotes.site.stage.quantity_rows import QuantityRow
from labnotes.site.stage.site_settings import SiteSettings
from labnotes.source.labs import Lab
from labnotes.store.record_versions import ChangedQuantity, RecordVersion

NOTE = """
# %% [markdown]
# The rate is {{ rate }}, as in [@ada2024] and [@bob2025].
#
# ## What was done
#
# Something.

# %%
from labnotes import claim

claim("rate", 0.25, format=".0%")
"""

REFERENCES = """
@article{ada2024, title = {The original}, author = {Lovelace, Ada}, year = {2024}, doi = {10.1000/a.b-1}}
@misc{bob2025, title = {A preprint}, author = {Ng, Bob}, year = {2025}, eprint = {2501.00001}, archiveprefix = {arXiv}}
"""

AUTHORS = [
    {"name": "The Example Lab", "group": True, "affiliation": "Example University"},
    {"name": "Ada Lovelace", "orcid": "https://orcid.org/0000-0002-1825-0097"},
]

SETTINGS = {
    "title": "A rate",
    "authors": AUTHORS,
    "tags": ["rates", "AI safety"],
    "licence": "cc-by-4.0 and mit",
    "doi": "https://doi.org/10.5281/zenodo.12_34",
    "based_on": ["ada2024"],
}


def write_site_settings(lab, *lines):
    text = "INHERIT: .labnotes/site/mkdocs.yml\nsite_name: Example notes\n" + "".join(f"{line}\n" for line in lines)
    (lab.root / "mkdocs.yml").write_text(text)
    (lab.root / "docs").mkdir(exist_ok=True)


def stage(lab):
    """Stage the lab in this process."""
    opened = Lab(lab.root)
    site = build.prepare_site(opened)
    return staging.stage_notes(opened, opened.note_slugs(), site, build.theme_of(opened), None, drafts=False)


def staged_page(lab, slug="rates"):
    text = (lab.root / "docs" / "notes" / "posts" / f"{slug}.md").read_text()
    return text, lxml_html.fromstring(text.partition("\n---\n")[2])


def front_matter(lab, slug="rates"):
    return yaml.safe_load(staged_page(lab, slug)[0].split("---\n")[1])


@pytest.fixture
def rates(lab):
    """A recorded note with an address for all of it, staged."""
    folder = lab.record_note("rates", NOTE.replace(", as in [@ada2024] and [@bob2025]", ""), settings=SETTINGS | {"based_on": []})
    lab.write_note("rates", NOTE, settings=SETTINGS)
    (folder / "references.bib").write_text(REFERENCES)
    return lab


# -- metadata ----------------------------------------------------------------------------------------------------------------------------


def test_a_group_is_an_organization_everywhere_and_no_person_with_a_family_name(rates):
    write_site_settings(rates, "site_url: https://lab.example/")
    assert stage(rates).all_problems == []
    linked = json.loads(front_matter(rates)["note"]["linked"])
    assert linked["author"] == [
        {
            "@type": "Organization",
            "name": "The Example Lab",
            "parentOrganization": {"@type": "Organization", "name": "Example University"},
        },
        {"@type": "Person", "name": "Ada Lovelace", "@id": "https://orcid.org/0000-0002-1825-0097"},
    ]
    _, page = staged_page(rates)
    (entry,) = parse_string(page.xpath("//section[contains(@class, 'ln-citation')]//code")[0].text, "bibtex").entries.values()
    assert entry.key == "example2026rates"
    group, person = entry.persons["author"]
    assert (group.first_names, group.last_names) == ([], ["{The Example Lab}"])
    assert (person.first_names, person.last_names) == (["Ada"], ["Lovelace"])
    assert entry.fields["doi"].replace("\\", "") == "10.5281/zenodo.12_34"


def test_linked_data_say_licence_version_and_what_the_note_builds_on(rates):
    write_site_settings(rates, "site_url: https://lab.example/")
    stage(rates)
    linked = json.loads(front_matter(rates)["note"]["linked"])
    assert linked["license"] == ["https://creativecommons.org/licenses/by/4.0/", "https://spdx.org/licenses/MIT.html"]
    assert linked["identifier"] == "https://doi.org/10.5281/zenodo.12_34"
    assert linked["url"] == "https://lab.example/notes/rates/" and linked["isPartOf"]["url"] == "https://lab.example/"
    assert linked["isBasedOn"] == [{"@type": "CreativeWork", "name": "The original", "url": "https://doi.org/10.1000/a.b-1"}]
    assert linked["citation"] == [{"@type": "CreativeWork", "name": "A preprint", "url": "https://arxiv.org/abs/2501.00001"}]
    assert linked["keywords"] == ["rates", "AI safety"] and linked["inLanguage"] == "en"
    assert re.fullmatch(r"record [0-9a-f]{12}", linked["version"]), "not known to be the first"
    _, page = staged_page(rates)
    links = {link.text_content(): link.get("href") for link in page.xpath("//section[contains(@class, 'ln-citation')]//a")}
    assert links["CC-BY-4.0"] == linked["license"][0] and links["MIT"] == linked["license"][1]
    assert links["doi:10.5281/zenodo.12_34"] == linked["identifier"]


def test_a_note_without_a_licence_has_the_labs(rates):
    rates.write_note("rates", NOTE, settings={key: value for key, value in SETTINGS.items() if key != "licence"})
    write_site_settings(rates, "extra: {labnotes: {licence: cc0-1.0}}")
    stage(rates)
    linked = json.loads(front_matter(rates)["note"]["linked"])
    assert linked["license"] == ["https://creativecommons.org/publicdomain/zero/1.0/"]
    assert "url" not in linked and "image" not in linked, "the lab has no address"


# -- bad input ---------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("more", "place", "said", "hint"),
    [
        (
            {"authors": [{"name": "A", "orcid": "0000-0002-1825-0098"}]},
            "authors.0.orcid",
            "ends in 7, so one of them is mistyped",
            "authors:",
        ),
        ({"authors": [{"name": "A", "orcid": "0000-0002-1825-0097", "group": True}]}, "authors.0", "which only a person has", "authors:"),
        ({"licence": "CC-BY-9"}, "licence", "no licence that SPDX lists", "licence: CC-BY-4.0"),
        ({"license": "CC-BY-4.0"}, "license", "is no known key", "did you mean 'licence'"),
        ({"doi": "12"}, "doi", "is no DOI", "doi: 10.5281/zenodo.1234567"),
        ({"based_on": ["nobody"]}, "based_on", "names an unknown reference 'nobody'", "references stand in references.bib"),
    ],
)
def test_what_would_mislead_a_catalogue_is_refused(lab, more, place, said, hint):
    lab.write_note("rates", NOTE.replace(", as in [@ada2024] and [@bob2025]", ""), settings=more)
    told = lab("list").text
    assert re.search(rf"notes/rates/note\.yml(:\d+)?: {re.escape(place)}: .*{re.escape(said)}", told), told
    assert hint in told


@pytest.mark.parametrize(
    ("line", "place", "said"),
    [
        ("site_url: lab.example.org", "site_url", "is no whole address: it begins with https:// or http://"),
        ("site_url: ftp://lab.example.org/", "site_url", "is no whole address"),
        ("site_url: 'https://'", "site_url", "is no whole address"),
        ("repo_url: github.com/owner/lab", "repo_url", "is no whole address"),
        ("extra: {labnotes: {licence: free}}", "extra.labnotes.licence", "no licence that SPDX lists"),
        ("extra: {labnotes: {contact: nobody}}", "extra.labnotes.contact", "which is no address"),
        (
            "extra: {labnotes: {report: 'https://x.example/new?t={titel}'}}",
            "extra.labnotes.report",
            "has {titel}, and nothing is filled in there",
        ),
        ("extra: {labnotes: {report: 'x.example/{title}'}}", "extra.labnotes.report", "no whole address"),
        ("extra: {labnotes: {source: 'https://x.example/{file}'}}", "extra.labnotes.source", "has {file}"),
    ],
)
def test_settings_of_the_site_that_lead_nowhere_are_refused_before_anything_is_staged(lab, line, place, said):
    write_site_settings(lab, line)
    with pytest.raises(UsageError, match=re.escape(said)) as refused:
        site_settings.read_settings(lab.root / "mkdocs.yml")
    (problem,) = refused.value.problems
    assert problem.where.endswith(f"mkdocs.yml: {place}") and problem.hint.startswith(place.rpartition(".")[2])


def test_two_authors_with_one_page_are_told(lab):
    plain = NOTE.replace(", as in [@ada2024] and [@bob2025]", "")
    first = lab.record_note("one", plain, settings={"authors": ["Ada Example", "Bo"]})
    for slug, authors in (
        ("two", ["ada example"]),
        ("three", [{"name": "Bo", "orcid": "0000-0002-1825-0097"}]),
        ("four", [{"name": "Bo", "orcid": "0000-0001-5109-3700"}]),
    ):
        shutil.copytree(first / "record", lab.write_note(slug, plain, settings={"authors": authors}) / "record")
    write_site_settings(lab)
    told = sorted(problem.what for problem in stage(lab).together)
    assert len(told) == 2, told
    assert told[0] in (
        "author 'Bo' has the ORCID 0000-0002-1825-0097, and 0000-0001-5109-3700 in four: two people would have one page",
        "author 'Bo' has the ORCID 0000-0001-5109-3700, and 0000-0002-1825-0097 in three: two people would have one page",
    )
    assert told[1] == "author 'ada example' has the same page as 'Ada Example' in one"


def test_a_build_says_what_the_site_lacks_without_an_address():
    for part in ("og:image", "og:url", "feeds", "sitemap", "BibTeX", "JSON-LD"):
        assert part in build.WITHOUT_ADDRESS


# -- talk back ---------------------------------------------------------------------------------------------------------------------------

PLACE = talk_back.ReportedPlace(note="rates", address="https://lab.example/notes/rates/#how & why", section="How & why", commit="abc123")


@pytest.mark.parametrize(
    ("settings", "address"),
    [
        ({}, ""),
        ({"repository": "https://git.example/lab"}, ""),
        (
            {"repository": "https://github.com/ada/lab"},
            "https://github.com/ada/lab/issues/new?title=rates%3A%20How%20%26%20why"
            "&body=https%3A%2F%2Flab.example%2Fnotes%2Frates%2F%23how%20%26%20why%0ACommit%3A%20abc123%0A%0A",
        ),
        (
            {"repository": "https://gitlab.com/ada/lab", "report": "https://x.example/new?n={note}&s={section}&c={claim}"},
            "https://x.example/new?n=rates&s=How%20%26%20why&c=",
        ),
        (
            {"report": "lab@example.org"},
            "mailto:lab@example.org?subject=rates%3A%20How%20%26%20why"
            "&body=https%3A%2F%2Flab.example%2Fnotes%2Frates%2F%23how%20%26%20why%0ACommit%3A%20abc123%0A%0A",
        ),
    ],
)
def test_a_report_has_its_place_filled_in(settings, address):
    assert talk_back.report_address(SiteSettings(**settings), PLACE) == address


@pytest.mark.parametrize(
    ("settings", "lines", "file"),
    [
        ({"repository": "https://github.com/ada/lab"}, "/blob/abc/a%20b/note.py#L3-L7", "/blob/abc/a%20b/note.py"),
        ({"repository": "https://gitlab.com/ada/lab"}, "/-/blob/abc/a%20b/note.py#L3-7", "/-/blob/abc/a%20b/note.py"),
        ({"repository": "https://codeberg.org/ada/lab"}, "/src/commit/abc/a%20b/note.py#L3-L7", "/src/commit/abc/a%20b/note.py"),
    ],
)
def test_a_cell_is_seen_at_its_commit(settings, lines, file):
    site, repository = SiteSettings(**settings), settings["repository"]
    assert talk_back.source_address(site, "abc", "a b/note.py", 3, 7) == repository + lines
    assert talk_back.source_address(site, "abc", "a b/note.py") == repository + file
    assert talk_back.source_address(site, "", "a b/note.py", 3, 7) == "", "it is not as committed"
    own = SiteSettings(source="https://x.example/{path}?at={commit}#{line}")
    assert talk_back.source_address(own, "abc", "note.py", 3, 7) == "https://x.example/note.py?at=abc#3"


def test_a_page_offers_a_report_of_each_part_its_source_and_the_labs_contact(rates):
    for words in (["init", "-q"], ["add", "-A"], ["-c", "user.name=A", "-c", "user.email=a@b.example", "commit", "-q", "-m", "x"]):
        subprocess.run(["git", *words], cwd=rates.root, check=True)
    write_site_settings(
        rates, "site_url: https://lab.example/", "repo_url: https://github.com/ada/lab", "extra: {labnotes: {contact: lab@example.org}}"
    )
    assert stage(rates).all_problems == []
    _, page = staged_page(rates)
    links = {link.text_content(): link for link in page.xpath("//section[@class='ln-talk']//a")}
    assert list(links)[:2] == ["Write an issue about this note", "What was done"]
    assert "%23what-was-done" in links["What was done"].get("href")
    assert talk_back.CLAIM in links["Write an issue about this note"].get("data-ln-report")
    assert links["Contact"].get("href") == "mailto:lab@example.org"
    [source] = [words for words in links if words.startswith("Source: notes/rates/note.py at ")]
    assert re.fullmatch(r"https://github\.com/ada/lab/blob/[0-9a-f]{40}/notes/rates/note\.py", links[source].get("href"))
    at = page.xpath("//details[@id='cell-1']/p[@class='ln-at']/a")[0]
    lines = NOTE.lstrip().splitlines()
    first = lines.index("from labnotes import claim") + 1
    assert at.get("href").endswith(f"note.py#L{first}-L{len(lines)}") and f"line {first}" in at.text_content()


def test_a_lab_that_names_no_way_back_has_no_such_section(rates):
    write_site_settings(rates)
    stage(rates)
    _, page = staged_page(rates)
    assert not page.xpath("//section[@class='ln-talk'] | //p[@class='ln-at']")


# -- versions ----------------------------------------------------------------------------------------------------------------------------


def test_a_page_says_which_version_it_is_of_and_what_changed(lab):
    for rate in (0.25, 0.5):
        lab.write_note("rates", NOTE.replace(", as in [@ada2024] and [@bob2025]", "").replace("0.25", str(rate)))
        lab.run_and_accept("rates")
    write_site_settings(lab)
    stage(lab)
    text, page = staged_page(lab)
    assert "Versions of the record" in text
    assert re.search(r"Version 2 of", page.xpath("//p[@class='ln-dates']")[0].text_content())
    first, second = (row.text_content() for row in reversed(page.xpath("//dl[contains(@class, 'ln-versions')]/div")))
    assert "Version 1" in first and "The first record." in first
    assert "Version 2, this page" in second and "1 claim changed: rate 25% → 50%." in second
    assert json.loads(front_matter(lab)["note"]["linked"])["version"].startswith("2, record ")
    bibtex = page.xpath("//section[contains(@class, 'ln-citation')]//code")[0].text
    assert re.search(r"version += \{2\}", bibtex)


def test_a_version_names_few_of_what_changed_and_counts_all():
    changed = tuple(ChangedQuantity(kind=QuantityKind.CLAIM, name=f"c{i}", was="1", now="2") for i in range(20))
    version = RecordVersion(record="d", made="2026-01-01", changed=changed, counts={QuantityKind.CLAIM: 64})
    [line] = version_rows._change_lines(version)
    assert line.startswith("64 claims changed: c0 1 → 2, c1") and line.endswith(f", and {64 - version_rows.MOST_NAMED} more.")
    others = [ChangedQuantity(kind=QuantityKind.TABLE, name=name, what=what) for name, what in (("t", "new"), ("u", "gone"))]
    assert version_rows._kind_line(QuantityKind.TABLE, others, 2) == "2 tables changed: t (new), u (gone)."


# -- elsewhere ---------------------------------------------------------------------------------------------------------------------------


def claim_row(verdict):
    return QuantityRow(
        kind=QuantityKind.CLAIM,
        name="rate",
        title="Rate of <x>",
        anchor="",
        recorded="25 %",
        must="",
        because="",
        details=(),
        noise="",
        verdict=verdict,
        cell=1,
        linked=True,
    )


def test_a_badge_of_a_claim_says_its_value_and_what_the_last_check_says():
    drawing = lxml_html.fromstring(claim_badges.badge_svg(claim_row("within"), "3 Nov 2026"))
    assert [text.text for text in drawing.iter("text")] == ["Rate of <x>: 25 %", "within, 3 Nov 2026"]
    assert drawing.get("aria-label") == "Rate of <x>: 25 %; within, 3 Nov 2026"
    first, second = (int(rect.get("width")) for rect in drawing.iter("rect"))
    assert int(drawing.get("width")) == first + second


TOKENS = (Path(talk_back.__file__).parents[1] / "theme/overrides/assets/labnotes/css/tokens.css").read_text()


@pytest.mark.parametrize(
    ("verdict", "token"), [("exact", "ok"), ("moved", "warn"), ("new", "bad"), ("run failed", "bad"), ("drawn anew", "anew")]
)
def test_a_badge_has_the_ground_that_the_page_has_for_a_verdict(verdict, token):
    light = re.search(rf"--ln-{token}: light-dark\((#\w+)", TOKENS)[1]
    assert f'fill="{light}"' in claim_badges.badge_svg(claim_row(verdict), "3 Nov 2026")
