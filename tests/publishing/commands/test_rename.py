"""A note that is renamed: its record and log stay what they are, and its old address leads to it."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from lxml import html as lxml_html

from labnotes.errors import Problem
from labnotes.model.audit import Audit, NoiseEnvelope
from labnotes.site.stage import note_lists, redirects
from labnotes.site.stage.site_settings import SiteSettings
from labnotes.site.verify.verification import verify_site
from labnotes.source.labs import Lab, former_slugs
from labnotes.source.notes import read_note
from labnotes.store import audits, records

SOURCE = """
# %% [markdown]
# The rate is {{ rate }}.

# %%
from pathlib import Path

import helper
from labnotes import claim

# %%
claim("rate", float(Path("data.txt").read_text()) * helper.FACTOR)
"""


def write_source(lab, slug):
    folder = lab.write_note(slug, SOURCE)
    (folder / "data.txt").write_text("0.25\n")
    (folder / "helper.py").write_text("FACTOR = 2\n")
    return folder


@pytest.fixture(scope="module")
def recorded(new_lab):
    """A lab with a note that reads a file and a module of its own, recorded, checked and audited."""
    lab = new_lab()
    write_source(lab, "old")
    lab.run_and_accept("old")
    checked = lab("check", "--fresh")
    assert checked.code == 0, checked.text
    note, place = read_note(Lab(lab.root), "old"), lab.root / "notes" / "old" / "record"
    needs = records.read_record(place, place).provenance.dependencies
    assert "notes/old/data.txt" in needs.files, "the test is about names that hold the slug"
    assert "notes/old/helper.py" in needs.modules
    audits.write_audit(note, Audit(needs.contents_digest, "2026-11-22", "a CPU", (), NoiseEnvelope()))
    return lab


@pytest.fixture
def lab(recorded, tmp_path, monkeypatch):
    """A copy of that lab."""
    shutil.copytree(recorded.root, tmp_path / "lab")
    monkeypatch.setattr(recorded, "root", tmp_path / "lab")
    return recorded


def state_of(lab, slug):
    [row] = [line for line in lab("list", slug).out.splitlines() if line.startswith(slug)]
    return row


def test_record_log_and_audit_go_with_the_note_and_stay_about_it(lab):
    folder = lab.root / "notes" / "old"
    before = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    done = lab("rename", "old", "new")
    assert done.code == 0, done.text
    assert done.out.startswith("notes/old is notes/new now; note.yml keeps what leads there: former_slugs: [old]\n")
    assert not folder.exists()
    moved = lab.root / "notes" / "new"
    after = {path.relative_to(moved).as_posix(): path.read_bytes() for path in moved.rglob("*") if path.is_file()}
    assert {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)} == {
        "note.yml",
        "record/provenance.json",
        "audit.json",
    }
    row = state_of(lab, "new")
    assert "fresh" in row
    assert "1 of 1 agree" in row
    assert lab("list").out.count("new") == 1, "no remark"
    note = read_note(Lab(lab.root), "new")
    assert audits.current_audit(note, records.read_record(note.record_folder, note.record_folder)) is not None
    assert "agrees" in lab("history", "new").out
    (moved / "data.txt").write_text("0.5\n")
    assert "notes/new/data.txt changed" in lab("list").out


def test_the_next_check_adds_its_line_to_the_same_log(lab):
    lab("rename", "old", "new")
    assert lab("check", "--fresh").code == 0
    assert "2 of 2 agree" in state_of(lab, "new")


def test_lines_that_workflows_keep_under_the_old_name_are_read(lab, tmp_path):
    kept = tmp_path / "kept" / "notes" / "old" / "checks.jsonl"
    kept.parent.mkdir(parents=True)
    (lab.root / "notes" / "old" / "checks.jsonl").rename(kept)
    lab("rename", "old", "new")
    assert "never" in state_of(lab, "new")
    assert "1 of 1 agree" in lab("list", "--checks", str(tmp_path / "kept")).out


def test_renamed_twice_every_address_leads_to_the_last_and_back_again_to_the_first(lab):
    for old, new, former in (("old", "new", ["old"]), ("new", "newer", ["old", "new"]), ("newer", "old", ["new", "newer"])):
        assert lab("rename", old, new).code == 0
        assert former_slugs(lab.root / "notes" / new) == former
        assert "fresh" in state_of(lab, new)
        assert "1 of 1 agree" in state_of(lab, new)


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ("# mine\ntitle: A  # theirs\n", "# mine\ntitle: A  # theirs\n"),
        ("title: A\r\nformer_slugs: [older]\r\n# end\r\n", "title: A\r\nformer_slugs: [older, old]\r\n# end\r\n"),
        ("former_slugs:\n- older\ntitle: A\n", "former_slugs: [older, old]\ntitle: A\n"),
    ],
    ids=["none", "a list on one line, Windows", "a list on several lines"],
)
def test_the_rest_of_note_yml_stays_as_it_was_written(lab, written, left):
    path = lab.root / "notes" / "old" / "note.yml"
    path.write_bytes((written + "date: 2026-11-21\nauthors: [Ada]\nsummary: S\n").encode())
    done = lab("rename", "old", "new")
    assert done.code == 0, done.text
    text = (lab.root / "notes" / "new" / "note.yml").read_bytes().decode()
    assert left.rstrip() in text
    assert yaml.safe_load(text)["former_slugs"][-1] == "old"


def test_a_note_yml_of_another_form_is_left_as_it_is_and_told(lab):
    path = lab.root / "notes" / "old" / "note.yml"
    path.write_text("{title: A, date: 2026-11-21, authors: [Ada], summary: S}\n")
    done = lab("rename", "old", "new")
    assert done.code == 2
    assert "write one key on each line" in done.err
    assert path.read_text() == "{title: A, date: 2026-11-21, authors: [Ada], summary: S}\n"


def test_what_still_names_the_old_folder_is_told(lab):
    lab.write_note("other", "# %% [markdown]\n# See [it](../old/note.py).\n\n# %%\nx = 1\n", settings={"inputs": ["notes/old/data.txt"]})
    lab.write_note("unlike", "# %%\nx = 'notes/older'\n")
    told = lab("rename", "old", "new").err
    assert "notes/other/note.py:2 names notes/old: change it to notes/new" in told
    assert "notes/other/note.yml:" in told
    assert told.count("warning") == 2


REFUSED = {
    "a name that is taken": (("old", "other"), "notes/other: exists already"),
    "an unusable name": (("old", "New"), "New: is no usable name for a note"),
    "a name of the site": (("old", "checks"), "checks: is a name that the site itself needs"),
    "the former name of another": (("old", "before"), "before: was the name of other, to which its address leads for ever"),
    "no note": (("older", "new"), "no note 'older'"),
    "a note that is broken": (("broken", "new"), "notes/broken/note.py:2"),
}


@pytest.mark.parametrize(("words", "told"), REFUSED.values(), ids=REFUSED)
def test_what_cannot_be_renamed_stays_where_it_is(lab, words, told):
    lab.write_note("other", "# %%\nx = 1\n", settings={"former_slugs": ["before"]})
    lab.write_note("broken", "# %%\nx = (\n")
    before = sorted(lab.root.rglob("*"))
    done = lab("rename", *words)
    assert done.code == 2
    assert told in done.err
    assert sorted(lab.root.rglob("*")) == before
    refused = lab("new", "before")
    assert "before: was the name of other" in refused.err


def test_a_record_that_was_edited_is_not_renamed(lab):
    (lab.root / "notes" / "old" / "record" / "record.json").write_text("{}")
    done = lab("rename", "old", "new")
    assert done.code == 2
    assert "is not what was recorded" in done.err


def test_changes_that_are_not_committed_are_committed_first(lab):
    def git(*words):
        subprocess.run(["git", "-c", "user.name=Ada", "-c", "user.email=a@b.c", *words], cwd=lab.root, check=True, capture_output=True)

    git("init", "--quiet")
    git("add", "--all")
    git("commit", "--quiet", "--message", "A note")
    (lab.root / "notes" / "old" / "more.txt").write_text("more")
    refused = lab("rename", "old", "new")
    assert refused.code == 2
    assert "notes/old: has changes that are not committed: notes/old/more.txt" in refused.err
    (lab.root / "notes" / "old" / "more.txt").unlink()
    assert lab("rename", "old", "new").code == 0


def test_a_disk_that_refuses_leaves_the_note_as_it_was(lab, monkeypatch):
    folder = lab.root / "notes" / "old"
    before = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}

    def refuse_rename(path, target):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "rename", refuse_rename)
    done = lab("rename", "old", "new")
    assert done.code == 2
    assert "old: could not be renamed: No space left on device" in done.err
    assert {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()} == before


def test_a_former_name_that_is_a_note_again_is_a_problem(lab):
    lab("rename", "old", "new")
    write_source(lab, "old")
    assert "notes/new/note.yml: former_slugs: 'old' is a note of its own, so its address cannot lead here" in lab("list").err


class Entry:
    def __init__(self, slug, former, checks=()):
        self.slug, self.title, self.former_slugs, self.checks = slug, f"On <{slug}>", former, checks


def test_two_notes_with_one_former_name_are_a_problem():
    what = "former_slugs: the address of 'x' cannot lead here, it is that of {}"
    hint = "take the name out of one of them"
    assert redirects.redirect_problems([Entry("a", ["x"]), Entry("b", ["x"]), Entry("c", ["y"])]) == [
        Problem("notes/b/note.yml", what.format("a"), hint)
    ]


@pytest.mark.parametrize("url", ["", "https://lab.example/site/"])
def test_a_page_at_each_former_address_leads_to_the_new_one(url):
    files = redirects.redirect_files([Entry("new", ["old", "older"], ["a check"])], SiteSettings(url=url))
    assert sorted(files) == sorted(f"{former}/{part}index.html" for former in ("old", "older") for part in ("", "notebook/", "checks/"))
    page = lxml_html.fromstring(files["older/notebook/index.html"])
    assert page.xpath("//a/@href") == ["../../new/notebook/index.html"]
    assert page.xpath("//meta[@http-equiv='refresh']/@content") == ["0; url=../../new/notebook/index.html"]
    assert page.xpath("//link[@rel='canonical']/@href") == [f"{url}notes/new/notebook/" if url else "../../new/notebook/index.html"]
    assert page.xpath("//meta[@name='robots']/@content") == ["noindex"]
    assert page.xpath("//title/text()") == ["On <new> has another address"]


def test_subscribers_who_read_a_note_do_not_get_it_again_under_its_new_name():
    site = SiteSettings(url="https://lab.example/")
    assert note_lists._feed_id(Entry("newer", ["old", "new"]), site) == note_lists._feed_id(Entry("old", []), site)
    assert note_lists._feed_id(Entry("newer", ["old"]), SiteSettings()) == "urn:labnotes:lab-notes:old"
    assert note_lists._feed_id(Entry("newer", ["old"]), site) == "urn:labnotes:lab-notes:old", "also once the lab has an address"


@pytest.mark.slow  # 6 s: a whole site
def test_the_built_site_has_a_page_at_every_address_that_a_note_had(lab):
    assert lab("init", ".").code == 0
    lab("rename", "old", "new")
    lab("rename", "new", "newer")
    built = lab("build")
    assert built.code == 0, built.text
    site = lab.root / "site"
    for former in ("old", "new"):
        page = lxml_html.fromstring((site / "notes" / former / "index.html").read_text())
        (link,) = page.xpath("//a/@href")
        assert (site / "notes" / former / link).resolve() == (site / "notes" / "newer" / "index.html").resolve()
    assert verify_site(site) == []
    assert "notes/old/" not in (site / "sitemap.xml").read_text()
    indexed = "".join((site / "notes" / name).read_text() for name in ("search.json", "search_sections.json"))
    assert "notes/newer" in indexed and "notes/old" not in indexed
    settings = lab.root / "notes" / "newer" / "note.yml"
    settings.write_text(settings.read_text().replace("former_slugs: [old, new]", "former_slugs: [new]"))
    assert lab("build").code == 0
    assert not (site / "notes" / "old").exists()


@pytest.fixture
def renamed_lab(lab):
    """The lab with the note called newest, which was called old and then older-name."""
    assert lab("rename", "old", "older-name").code == 0
    assert lab("rename", "older-name", "newest").code == 0
    return lab


@pytest.mark.parametrize(
    "words",
    [
        ("list", "old"),
        ("diff", "old"),
        ("check", "notes/old/", "--no-log"),
        ("history", "old"),
        ("clean", "old"),
        ("accept", "old", "--yes"),
    ],
)
def test_a_command_takes_a_former_name_for_the_note_and_says_what_it_is_called_now(renamed_lab, words):
    done = renamed_lab(*words)
    assert "warning: old is called newest now, so this is about newest" in done.err
    assert "no note" not in done.text
    now = renamed_lab(*("newest" if "old" in word else word for word in words))
    assert (done.code, "called" in now.err) == (now.code, False)


def test_two_names_of_a_note_are_one_note_and_a_misspelt_former_name_is_guessed(renamed_lab):
    both = renamed_lab("list", "older-name", "newest")
    assert "warning: older-name is called newest now" in both.err
    assert len(re.findall(r"(?m)^newest ", both.out)) == 1
    guessed = renamed_lab("list", "older-nmae")
    assert guessed.code == 2
    assert "did you mean 'older-name'" in guessed.err
