"""Where lines of logs are kept: any class with the methods of ResultStore will do, and no other module knows the difference."""

from dataclasses import dataclass, field, replace

import pytest

from labnotes.errors import UsageError
from labnotes.site.stage.incremental import content_key
from labnotes.source.labs import Lab
from labnotes.store import check_log, result_stores
from log_lines import CHECK, at_hour


@dataclass
class RemoteLogs:
    """A store that no folder and no git knows."""

    lines: dict[str, list[str]] = field(default_factory=dict)

    def log_texts(self, slug):
        return [(f"remote:{slug}", "\n".join(self.lines.get(slug, [])) + "\n")]

    def append_line(self, slug, line):
        self.lines.setdefault(slug, []).append(line)

    def rewrite_lines(self, slug, merge):
        self.lines[slug] = merge(self.lines.get(slug, []))


@pytest.fixture(params=["with the note", "in a folder", "elsewhere"])
def store(request, tmp_path, monkeypatch):
    """A store of each kind, which the lab in `tmp_path` takes for its own."""
    (tmp_path / "notes" / "a").mkdir(parents=True)
    stores = {
        "with the note": result_stores.own_results(Lab(tmp_path)),
        "in a folder": result_stores.FolderLogs(tmp_path / "checks"),
        "elsewhere": RemoteLogs(),
    }
    monkeypatch.setattr(result_stores, "own_results", lambda lab: stores[request.param])
    return stores[request.param]


def test_every_store_is_appended_to_read_and_squashed(store, tmp_path):
    lab = Lab(tmp_path)
    assert check_log.read_log(lab, "a").checks == ()
    old = [replace(CHECK, started=f"2025-03-0{day}T10:00:00Z") for day in (1, 2)]
    for check in (*old, CHECK):
        check_log.append_check(store, check)
    assert check_log.read_log(lab, "a").checks == (*old, CHECK)
    assert check_log.squash_log(store, "a", "2026-01-01") == (3, 2)
    assert check_log.read_log(lab, "a").checks == (replace(old[1], times=2), CHECK)
    assert check_log.squash_log(store, "b", "2026-01-01") == (0, 0)


def test_a_page_is_staged_anew_when_its_store_has_another_line(store, tmp_path):
    lab = Lab(tmp_path)
    before = content_key(lab, "a", None)
    assert content_key(lab, "a", None) == before
    check_log.append_check(store, CHECK)
    assert content_key(lab, "a", None) != before


def test_an_option_may_name_any_source(tmp_path, monkeypatch):
    remote = RemoteLogs()
    check_log.export_checks([replace(CHECK, started=at_hour(12))], remote)
    monkeypatch.setattr(
        result_stores, "SOURCES", [*result_stores.SOURCES, lambda lab, given: remote if given == "https://example.org" else None]
    )
    lab = Lab(tmp_path)
    assert result_stores.find_source(lab, "https://example.org") is remote
    assert [check.started for check in check_log.read_log(lab, "a", remote).checks] == [at_hour(12)]
    assert result_stores.find_source(lab, str(tmp_path)) == result_stores.FolderLogs(tmp_path)
    with pytest.raises(UsageError, match=r"'https://example\.com' is no folder and no ref"):
        result_stores.find_source(lab, "https://example.com")


def test_what_stands_beside_a_report_is_a_source(tmp_path):
    folder = tmp_path / "report" / "checks"
    check_log.export_checks([CHECK, replace(CHECK, note="b")], result_stores.FolderLogs(folder))
    assert sorted(path.name for path in folder.iterdir()) == ["a.jsonl", "b.jsonl"]
    assert check_log.read_log(Lab(tmp_path), "a", result_stores.find_source(Lab(tmp_path), str(folder))).checks == (CHECK,)


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "checks").write_text("a file")
    with pytest.raises(result_stores.LogNotWritten, match=r"checks/a\.jsonl: cannot be written: File exists"):
        check_log.append_check(result_stores.FolderLogs(tmp_path / "checks"), CHECK)


@pytest.mark.slow  # 3 s
def test_commands_keep_and_read_results_where_the_store_says(lab, monkeypatch):
    remote = RemoteLogs()
    monkeypatch.setattr(result_stores, "own_results", lambda _: remote)
    lab.record_note("a", '# %%\nfrom labnotes import claim\nclaim("x", 1)\n')
    done = lab("check", "--fresh")
    assert done.code == 0, done.text
    assert len(remote.lines["a"]) == 1
    assert not (lab.root / "notes" / "a" / "checks.jsonl").exists()
    assert "agreed in 1 of 1 check" in lab("history", "a").out
