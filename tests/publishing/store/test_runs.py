"""Stored runs: taken only as they were written, within a limit, and never in the way."""

import json
import os
import stat

import pytest

SOURCE = '# %%\nfrom labnotes import claim\nclaim("x", 0.5)\n'


def stored_runs(lab):
    return sorted((lab.cache / "labnotes" / "runs").glob("*/*/*/*"))


def test_a_forged_stored_run_is_refused_and_the_note_runs_again(lab):
    lab.record_note("a", SOURCE)
    (run,) = stored_runs(lab)
    record = run / "record.json"
    record.write_text(record.read_text().replace("0.5", "0.9"))
    done = lab("check")
    assert done.code == 0, done.text
    assert "refused a stored run" in done.err
    assert "Nothing was executed" not in done.out
    assert not any("0.9" in (path / "record.json").read_text() for path in stored_runs(lab))


def test_a_stored_run_whose_digests_are_forged_too_is_refused(lab):
    from labnotes.model.digests import bytes_digest

    lab.record_note("a", SOURCE)
    (run,) = stored_runs(lab)
    content = (run / "record.json").read_bytes().replace(b"0.5", b"0.9")
    (run / "record.json").write_bytes(content)
    provenance = run / "provenance.json"
    fields = json.loads(provenance.read_text())
    fields["digests"]["record.json"] = bytes_digest(content)
    provenance.write_text(json.dumps(fields))
    done = lab("check")
    assert done.code == 0, done.text
    assert "refused a stored run" in done.err


def test_a_forged_run_cannot_be_accepted(lab):
    lab.write_note("a", SOURCE)
    lab("run")
    (run,) = stored_runs(lab)
    (run / "record.json").write_text((run / "record.json").read_text().replace("0.5", "0.9"))
    done = lab("accept", "a", "--yes")
    assert done.code == 2
    assert "refused a stored run" in done.err
    assert "has no finished run to accept" in done.err


SPOILS = [
    lambda p: p.write_text("["),
    pytest.param(lambda p: p.unlink(), marks=pytest.mark.slow),  # 0.6 s each
    pytest.param(lambda p: p.write_bytes(b"\xff\xfe"), marks=pytest.mark.slow),
]


@pytest.mark.parametrize("spoil", SPOILS)
def test_a_corrupted_store_is_mended_by_running_again(lab, spoil):
    lab.record_note("a", SOURCE)
    (run,) = stored_runs(lab)
    spoil(run / "provenance.json")
    done = lab("check")
    assert done.code == 0, done.text
    assert "Traceback" not in done.text
    assert "Nothing was executed" in lab("check").out


def test_the_store_keeps_to_its_limit_and_keeps_the_newest(lab):
    lab.write_note("a", SOURCE)
    for value in ("0.1", "0.2", "0.3"):
        lab.write_note("a", SOURCE.replace("0.5", value))
        assert lab("run", LABNOTES_CACHE_LIMIT="100").code == 0
    (run,) = stored_runs(lab)
    assert "0.3" in (run / "record.json").read_text()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no full device on this system to stand for a full disk")
def test_a_store_that_cannot_be_written_costs_the_run_but_not_the_result(lab):
    folder = lab.record_note("a", SOURCE)
    runs = lab.cache / "labnotes" / "runs"
    for path in sorted(runs.rglob("*"), reverse=True):
        path.unlink() if path.is_file() else path.rmdir()
    runs.rmdir()
    runs.symlink_to("/dev/full")  # every write below fails
    done = lab("check")
    assert done.code == 0, done.text
    assert "the run of a could not be kept" in done.out
    assert "Traceback" not in done.text
    assert (folder / "record" / "record.json").exists()


def test_nothing_stored_is_a_pickle(lab):
    lab.record_note("a", SOURCE)
    files = [path for run in stored_runs(lab) for path in run.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".json"}
    assert all(stat.S_ISREG(path.stat().st_mode) for path in files)
