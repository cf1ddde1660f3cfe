"""What is replaced on disk: the old file or the new one, whole, and readable for whom the umask lets read it."""

import os
import signal
import stat
import subprocess
import sys
from types import SimpleNamespace

import pytest

from labnotes.model.audit import Audit, NoiseEnvelope
from labnotes.source.labs import Lab
from labnotes.store import audits, check_log, folders, mutation_score, result_stores
from labnotes.store.mutation_score import MutationScore


def write_audit(folder):
    audits.write_audit(SimpleNamespace(folder=folder), Audit("i", "2026-11-21", "cpu", (), NoiseEnvelope()))


def write_score(folder):
    mutation_score.write_score(SimpleNamespace(folder=folder), MutationScore("r", 1, 2, ()))


class SquashedLog(result_stores.NoteLogs):
    def log_path(self, slug):
        return self.lab.root / "checks.jsonl"


def squash_log(folder):
    check_log.squash_log(SquashedLog(Lab(folder)), "a", "2026-11-21")


WRITERS = {"audit.json": write_audit, "mutations.json": write_score, "checks.jsonl": squash_log}


@pytest.mark.parametrize(("name", "write"), WRITERS.items(), ids=WRITERS.keys())
def test_a_full_disk_leaves_the_old_file_and_no_other(tmp_path, monkeypatch, name, write):
    (tmp_path / name).write_text("what was there\n")

    def raise_disk_full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", raise_disk_full)
    with pytest.raises((OSError, result_stores.LogNotWritten), match="No space left"):
        write(tmp_path)
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {name: "what was there\n"}


@pytest.mark.parametrize(("umask", "file_mode", "folder_mode"), [(0o022, 0o644, 0o755), (0o002, 0o664, 0o775), (0o077, 0o600, 0o700)])
def test_what_is_written_has_the_mode_of_the_umask(tmp_path, umask, file_mode, folder_mode):
    before = os.umask(umask)
    try:
        for _ in range(2):  # new, and in the place of an old one
            for write in (write_audit, write_score):
                write(tmp_path)
            folders.replace_folder(tmp_path / "record", {"figures/f.json": b"{}"})
    finally:
        os.umask(before)
    modes = {path.relative_to(tmp_path).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*")}
    assert modes == {
        "audit.json": file_mode,
        "mutations.json": file_mode,
        "record": folder_mode,
        "record/figures": folder_mode,
        "record/figures/f.json": file_mode,
    }


def test_a_kill_leaves_one_of_the_files_whole(tmp_path):
    script = f"""
from pathlib import Path
from labnotes.store import folders
for i in range(10**9):
    folders.replace_file(Path({str(tmp_path / "x")!r}), (str(i % 10) * 500_000).encode())
    if i == 0:
        print("ready", flush=True)
"""
    for _ in range(5):
        with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout.readline() == "ready\n"
            os.kill(process.pid, signal.SIGKILL)
            assert process.wait() == -signal.SIGKILL
        content = (tmp_path / "x").read_text()
        assert len(content) == 500_000
        assert len(set(content)) == 1
