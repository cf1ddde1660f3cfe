"""What a system refuses to write becomes a message that names the place, and what was found is told before it is kept."""

import errno
import os
import shutil

import pytest

from labnotes.cli.app import refused_write
from labnotes.commands import audit as audit_module

SIMPLE = "# %%\nfrom labnotes import claim\nclaim('x', 1)\n"


@pytest.mark.parametrize("name", ["EROFS", "EACCES", "ENOSPC", "ENOTDIR"])
def test_a_refusal_names_the_place_and_the_reason(name):
    number = getattr(errno, name)
    problem = refused_write(OSError(number, os.strerror(number), "/lab/.labnotes"))
    assert problem is not None
    assert problem.where == "/lab/.labnotes"
    assert os.strerror(number) in problem.what


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOENT, "none", "/x"), OSError(errno.EROFS, "no place"), BrokenPipeError(errno.EPIPE, "", "x")]
)
def test_other_errors_stay_faults_of_ours(error):
    assert refused_write(error) is None


def test_a_file_where_a_folder_is_due_is_a_message(lab):
    lab.record_note("a", SIMPLE)
    shutil.rmtree(lab.root / ".labnotes", ignore_errors=True)
    (lab.root / ".labnotes").write_text("a file")
    built = lab("build")
    assert built.code == 2
    assert ".labnotes: cannot be read or written" in built.err
    assert "Traceback" not in built.text
    (lab.root / "plain").write_text("no folder")
    made = lab("check", "a", "--report", str(lab.root / "plain" / "report"))
    assert made.code == 2
    assert "a agrees" in made.out, "what was found is told first"
    assert "Traceback" not in made.text


def test_a_cache_that_cannot_be_made_is_a_message(lab, tmp_path):
    lab.write_note("a", SIMPLE)
    place = tmp_path / "file"
    place.write_text("")
    for command in (("run", "a"), ("check", "a", "--fresh")):
        done = lab(*command, XDG_CACHE_HOME=str(place / "cache"))
        assert done.code == 2
        assert "cannot be made, and a run needs it: Not a directory" in done.err
        assert "set XDG_CACHE_HOME" in done.err
        assert "fault of labnotes" not in done.text


def test_an_audit_that_cannot_be_kept_is_shown(lab, monkeypatch):
    lab.record_note("a", SIMPLE)
    monkeypatch.setattr(audit_module, "audit_conditions", lambda cores: [audit_module.AuditCondition("again", numerical=False)])
    (lab.root / "notes/a/audit.json").mkdir()
    done = lab("audit", "a")
    assert "could not be kept in notes/a/audit.json" in done.out
    assert done.code == 1
    assert "Traceback" not in done.text


def test_settings_that_do_not_take_over_ours_are_told_with_the_line_to_add(lab):
    lab.write_note("a", SIMPLE)
    (lab.root / "mkdocs.yml").write_text("site_name: Mine\ntheme: {name: material}\n")
    done = lab("build")
    assert done.code == 2
    assert "mkdocs.yml: does not take over the settings of labnotes" in done.err
    assert "INHERIT: .labnotes/site/mkdocs.yml" in done.err
    assert "Traceback" not in done.text


def test_a_draft_without_a_record_is_left_out_and_no_error(lab):
    lab("init", "site", cwd=lab.root.parent)
    lab.root = lab.root.parent / "site"
    lab.write_note("fresh", SIMPLE, settings={"status": "draft"})
    plain, drafts = lab("build"), lab("build", "--drafts")
    assert (plain.code, drafts.code) == (0, 0), plain.text + drafts.text
    assert "left out: fresh is a draft without a record: labnotes run fresh && labnotes accept fresh" in drafts.out
    lab.write_note("late", SIMPLE)
    published = lab("build")
    assert published.code == 2
    assert "late: has no record, so there is nothing to publish" in published.err
