"""The versions of a record: what accepting writes down, what git and checks tell of earlier ones, and what is said where nothing is known."""

import json
import shutil
import subprocess

import pytest

from labnotes.model.quantities import QuantityKind
from labnotes.source.labs import Lab
from labnotes.store import check_log, record_versions, records
from labnotes.store.commit_history import CommitHistory

NOTE = """
# %%
import pandas as pd
from labnotes import claim, table

claim("rate", {rate}, format=".0%")
claim("{name}", 3)
table(pd.DataFrame({{"n": [1, {cell}]}}), "runs", caption="Runs.")
"""

IDENTITY = ("-c", "user.name=Ada", "-c", "user.email=ada@example.org")


def accept_values(lab, rate, name="seeds", cell=2):
    lab.write_note("a", NOTE.format(rate=rate, name=name, cell=cell))
    lab.run_and_accept("a")


def run_git(folder, *words):
    return subprocess.run(["git", *IDENTITY, *words], cwd=folder, check=True, capture_output=True, text=True).stdout.strip()


def commit_all(lab):
    run_git(lab.root, "add", "-A")
    run_git(lab.root, "commit", "-q", "--allow-empty", "-m", "x")
    return run_git(lab.root, "rev-parse", "HEAD")


def known(root):
    lab = Lab(root)
    folder = lab.notes_folder / "a"
    recorded = records.read_record(folder / "record", folder / "record")
    present = record_versions.summarise_record((folder / "record" / "record.json").read_bytes(), recorded.provenance)
    commits = CommitHistory(lab).note_commits("a")
    history = record_versions.known_versions(folder, folder, present, commits, check_log.read_log(lab, "a").checks)
    assert history.versions[-1].record == recorded.results_digest
    return history


def lines_of(lab):
    return [json.loads(line) for line in (lab.notes / "a" / "versions.jsonl").read_text().splitlines()]


def changes(version):
    return {(str(quantity.kind), quantity.name): (quantity.was, quantity.now, quantity.what) for quantity in version.changed}


def test_accepting_writes_down_what_changed(lab):
    accept_values(lab, 0.25)
    accept_values(lab, 0.5, name="models", cell=3)
    first, second = lines_of(lab)
    assert first["is_first"] and "changed" not in first and "counts" not in first
    assert second["accepted"] == second["made"][:10] and second["record"] != first["record"]
    assert [(line["kind"], line["name"], line.get("was"), line.get("now"), line.get("what")) for line in second["changed"]] == [
        ("claim", "models", None, "3", "new"),
        ("claim", "rate", "25%", "50%", None),
        ("claim", "seeds", "3", None, "gone"),
        ("table", "runs", None, None, None),
    ]
    history = known(lab.root)
    assert history.is_whole and history.number_of(second["record"]) == 2 and history.number_of(first["record"]) == 1


def test_a_run_that_says_the_same_makes_no_version(lab):
    accept_values(lab, 0.25)
    accept_values(lab, 0.25)
    assert len(lines_of(lab)) == 1
    (lab.notes / "a" / "versions.jsonl").unlink()
    accept_values(lab, 0.25)
    (line,) = lines_of(lab)
    assert line.get("is_known", True) is False, "who accepted before there was a file does not know what it was the first of"
    assert known(lab.root).number_of(line["record"]) is None


def test_lines_that_cannot_be_read_are_told_and_stay(lab):
    accept_values(lab, 0.25)
    path = lab.notes / "a" / "versions.jsonl"
    whole = path.read_text()
    path.write_text(whole + '{"record": 1}\nno JSON')
    versions, problems = record_versions.read_versions(path.parent, path.parent)
    assert len(versions) == 1 and [problem.where.rpartition(":")[2] for problem in problems] == ["2", "3"]
    assert all("counts for nothing" in problem.what and "machine only" in problem.hint for problem in problems)
    accept_values(lab, 0.5)
    assert path.read_text().startswith(whole + '{"record": 1}\nno JSON\n{"accepted"')


@pytest.fixture(scope="module")
def kept(new_lab, tmp_path_factory):
    """A lab with two records that git alone knows, the commits of these, and a copy of it after a third was accepted."""
    lab = new_lab()
    run_git(lab.root, "init", "-q")
    commits = []
    for rate in (0.25, 0.5):
        accept_values(lab, rate)
        (lab.notes / "a" / "versions.jsonl").unlink()
        commits.append(commit_all(lab))
    committed, accepted = tmp_path_factory.mktemp("kept") / "committed", tmp_path_factory.mktemp("kept") / "accepted"
    shutil.copytree(lab.root, committed)
    accept_values(lab, 0.75)
    shutil.copytree(lab.root, accepted)
    return committed, accepted, commits


def test_git_tells_of_records_from_before_there_was_a_file(kept):
    committed, _, commits = kept
    first, second = known(committed).versions
    assert [first.commit, second.commit] == commits
    assert first.is_first and changes(second) == {("claim", "rate"): ("25%", "50%", "")}
    assert known(committed).number_of(second.record) == 2


def test_the_file_begins_with_what_git_knew(kept, tmp_path):
    _, accepted, commits = kept
    shutil.copytree(accepted / "notes", tmp_path / "notes")
    history = known(tmp_path)
    assert history.is_whole and [version.commit for version in history.versions] == [*commits, ""]
    assert changes(history.versions[-1]) == {("claim", "rate"): ("50%", "75%", "")}


def test_a_record_that_is_not_committed_yet_is_compared_with_the_last_that_is(kept, tmp_path):
    shutil.copytree(kept[1], tmp_path / "lab")
    (tmp_path / "lab" / "notes" / "a" / "versions.jsonl").unlink()
    *_, last = known(tmp_path / "lab").versions
    assert last.commit == "" and changes(last) == {("claim", "rate"): ("50%", "75%", "")}


def test_where_only_the_last_commits_were_fetched_nothing_is_numbered(kept, tmp_path):
    committed, _, commits = kept
    run_git(tmp_path, "clone", "-q", "--depth", "1", f"file://{committed}", str(tmp_path / "shallow"))
    history = known(tmp_path / "shallow")
    (version,) = history.versions
    assert not version.is_known and not version.is_first and history.number_of(version.record) is None
    assert CommitHistory(Lab(tmp_path / "shallow")).note_commits("a").source == commits[-1], "its content is at hand"


def test_the_commit_of_a_source_is_told_while_it_is_as_committed(kept, tmp_path):
    committed, accepted, commits = kept
    clean = CommitHistory(Lab(committed)).note_commits("a")
    assert (clean.source, clean.path) == (commits[-1], "notes/a/note.py")
    changed = CommitHistory(Lab(accepted)).note_commits("a")
    assert (changed.source, changed.path) == ("", "") and changed.records == clean.records


def test_a_lab_in_a_folder_of_a_repository_has_its_commits(kept, tmp_path):
    shutil.copytree(kept[0] / "notes", tmp_path / "inside" / "notes")
    for words in (["init", "-q"], ["add", "-A"], ["commit", "-q", "-m", "x"]):
        run_git(tmp_path, *words)
    commits = CommitHistory(Lab(tmp_path / "inside")).note_commits("a")
    assert commits.path == "inside/notes/a/note.py" and commits.source == run_git(tmp_path, "rev-parse", "HEAD")
    (version,) = known(tmp_path / "inside").versions
    assert version.is_first and version.commit == commits.source


def test_a_check_of_a_record_that_is_gone_tells_that_it_was(lab):
    accept_values(lab, 0.25)
    assert lab("check", "a", "--fresh").code == 0
    (lab.notes / "a" / "versions.jsonl").unlink()
    shutil.rmtree(lab.notes / "a" / "record")
    accept_values(lab, 0.5)
    (lab.notes / "a" / "versions.jsonl").unlink()
    before, now = known(lab.root).versions
    assert not before.is_known and before.record != now.record and len(before.made) == 10
    assert known(lab.root).number_of(now.record) is None


def test_kinds_of_quantities_are_compared_each_by_what_it_is():
    def summary(**held):
        empty = {kind: {} for kind in QuantityKind}
        return record_versions.RecordSummary(
            "d", "2026-01-01T00:00:00Z", empty | {QuantityKind(kind): values for kind, values in held.items()}
        )

    before, after = summary(claim={"x": "1"}, figure={"f": "a", "g": "b"}), summary(claim={"x": "1"}, figure={"f": "c"}, table={"t": "d"})
    seen = [(quantity.kind.value, quantity.name, quantity.what) for quantity in record_versions.changed_quantities(before, after)]
    assert seen == [("figure", "f", ""), ("figure", "g", "gone"), ("table", "t", "new")]
    many = summary(claim={f"c{i}": "2" for i in range(60)})
    version = record_versions.version_after(summary(), many)
    assert (len(version.changed), version.counts) == (record_versions.MOST_KEPT, {QuantityKind.CLAIM: 60})
