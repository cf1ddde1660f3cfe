"""What is kept of a file's content: computed once, never believed of other content, and lost without harm."""

import hashlib
import json
import os
import subprocess
import sys
import time

import pytest

from labnotes.execute import traced_dependencies
from labnotes.kernel import landlock
from labnotes.source import code_digest, content_cache
from labnotes.source.content_cache import computed_once
from processes import PEAK_MEMORY


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """The file of an empty cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    content_cache._known_results.cache_clear()
    yield tmp_path / "labnotes" / "contents.jsonl"
    content_cache._known_results.cache_clear()


def counted_computation(calls, value):
    """A computation that counts how often it is made."""

    def compute_value():
        calls.append(value)
        return value

    return compute_value


def clear_process_caches():
    """Forget what this process knows of the cache, so that it continues as a process that starts."""
    content_cache._known_results.cache_clear()
    content_cache._code_version.cache_clear()


def test_the_same_content_is_computed_once_and_other_content_or_another_library_again(kept):
    calls = []
    for _ in range(2):
        assert computed_once("cells 1", b"a", counted_computation(calls, {"x": [1]})) == {"x": [1]}
        assert computed_once("cells 1", b"b", counted_computation(calls, 2)) == 2
        assert computed_once("cells 2", b"a", counted_computation(calls, 3)) == 3
        clear_process_caches()
    assert calls == [{"x": [1]}, 2, 3]


def test_another_version_of_the_code_that_computes_believes_nothing(kept, monkeypatch):
    calls = []
    computed_once("x", b"a", counted_computation(calls, 1))
    clear_process_caches()
    monkeypatch.setattr("sys.version", "3.99")
    assert computed_once("x", b"a", counted_computation(calls, 2)) == 2
    clear_process_caches()


def test_an_error_is_not_kept(kept):
    with pytest.raises(ValueError, match="no"):
        computed_once("x", b"a", lambda: (_ for _ in ()).throw(ValueError("no")))
    assert computed_once("x", b"a", lambda: 1) == 1


@pytest.mark.parametrize("torn", [b'{"key": "a', b"\xff\xfe", b"[]", b"null", b'{"value": 1}', b"3"])
def test_a_line_that_was_cut_short_or_is_something_else_is_passed_by(kept, torn):
    computed_once("x", b"a", lambda: 1)
    with kept.open("ab") as file:
        file.write(torn)
    clear_process_caches()
    calls = []
    assert computed_once("x", b"a", counted_computation(calls, 2)) == 1
    assert computed_once("x", b"b", counted_computation(calls, 3)) == 3
    clear_process_caches()
    assert computed_once("x", b"b", counted_computation(calls, 4)) == 3
    assert calls == [3]


def test_a_folder_that_cannot_be_written_costs_time_alone(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "file"))
    content_cache._known_results.cache_clear()
    assert computed_once("x", b"a", lambda: 1) == 1


def test_a_file_that_has_grown_large_is_begun_anew(kept, monkeypatch):
    monkeypatch.setattr(content_cache, "LARGEST", 100)
    for number in range(3):
        computed_once("x", bytes([number]), lambda: "y" * 60)
    assert len(kept.read_text().split("\n")) == 7
    clear_process_caches()
    computed_once("x", b"new", lambda: 1)
    assert [json.loads(line)["value"] for line in kept.read_text().splitlines() if line] == [1]


def test_it_is_the_users_alone(kept):
    computed_once("x", b"a", lambda: 1)
    assert kept.stat().st_mode & 0o777 == 0o600


def test_the_digest_of_a_module_is_that_of_its_code_as_it_is_now(kept, tmp_path):
    path = tmp_path / "module.py"
    for text in ("x = 1", "x = 2", "x = 1", "# words\nx = 1"):
        path.write_text(text)
        clear_process_caches()
        assert code_digest.module_digest(path) == code_digest.python_digest(text)


@pytest.fixture
def reads(kept, monkeypatch):
    """The sizes of the files that are read whole for their digest, one after another."""
    sizes = []
    read_whole = content_cache.hashlib.file_digest

    def counted_digest(file, name):
        sizes.append(os.fstat(file.fileno()).st_size)
        return read_whole(file, name)

    monkeypatch.setattr(content_cache.hashlib, "file_digest", counted_digest)
    return sizes


LARGE = content_cache.REMEMBERED_FROM


@pytest.fixture
def later(monkeypatch):
    """A minute has passed since every file was written."""
    now = time.time_ns
    monkeypatch.setattr(content_cache.time, "time_ns", lambda: now() + 60 * 10**9)


def test_a_large_file_is_read_once_as_long_as_it_stays_the_same(reads, later, tmp_path):
    path = tmp_path / "weights.bin"
    path.write_bytes(b"a" * LARGE)
    digest = hashlib.sha256(b"a" * LARGE).hexdigest()
    for _ in range(3):
        assert code_digest.file_digest(path) == digest
        clear_process_caches()
    assert reads == [LARGE]


def test_a_large_file_that_changed_is_read_again_whatever_its_times_say(reads, later, tmp_path):
    path = tmp_path / "weights.bin"
    path.write_bytes(b"a" * LARGE)
    times = path.stat().st_mtime_ns
    assert code_digest.file_digest(path) == hashlib.sha256(b"a" * LARGE).hexdigest()
    path.write_bytes(b"b" * LARGE)
    os.utime(path, ns=(times, times))
    assert code_digest.file_digest(path) == hashlib.sha256(b"b" * LARGE).hexdigest()
    other = tmp_path / "other.bin"
    other.write_bytes(b"c" * LARGE)
    os.utime(other, ns=(times, times))
    os.replace(other, path)
    assert code_digest.file_digest(path) == hashlib.sha256(b"c" * LARGE).hexdigest()


def test_a_large_file_that_was_just_written_is_not_believed_to_stay_the_same(reads, tmp_path):
    path = tmp_path / "weights.bin"
    path.write_bytes(b"a" * LARGE)
    for _ in range(2):
        code_digest.file_digest(path)
    assert reads == [LARGE, LARGE]


def test_a_small_file_is_not_kept(reads, later, kept, tmp_path):
    path = tmp_path / "data.csv"
    path.write_bytes(b"a" * (LARGE - 1))
    code_digest.file_digest(path)
    assert not kept.exists()


@pytest.mark.skipif(sys.platform != "linux", reason="the peak is read from /proc")
def test_a_file_is_read_in_pieces(kept, tmp_path):
    """The peak of memory is that of a process of its own, which reads a file of 300 MB that takes no place on the disk."""
    path = tmp_path / "weights.bin"
    with path.open("wb") as file:
        file.truncate(300 * 2**20)
    code = (
        f"{PEAK_MEMORY}\nimport sys, pathlib\nfrom labnotes.source.content_cache import file_digest\n"
        "before = peak_memory()\nfile_digest(pathlib.Path(sys.argv[1]))\nprint(peak_memory() - before)"
    )
    done = subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 20e6


@pytest.mark.skipif(landlock.landlock_version() == 0, reason="no Landlock here: files cannot be held back")
def test_a_run_cannot_write_what_later_commands_believe(lab):
    lab.write_note("a", "# %%\nfrom labnotes import claim\nclaim('x', 1)\n")
    assert lab("list").code == 0
    kept = lab.cache / "labnotes" / "contents.jsonl"
    assert kept.exists()
    for name in (kept, kept.with_name("other.jsonl")):
        lab.write_note(
            "a",
            f"# %%\nfrom labnotes import claim\ntry:\n    open({str(name)!r}, 'a').write('x')\n    done = True\nexcept OSError:\n    done = False\nclaim('written', done)\n",
        )
        ran = lab("run")
        assert ran.code == 0, ran.text
        assert "written = no" in ran.out


@pytest.mark.slow  # 2 s
def test_who_owns_a_package_is_asked_once_until_something_is_installed(kept, tmp_path, monkeypatch):
    place = tmp_path / "site"
    place.mkdir()
    monkeypatch.syspath_prepend(str(place))
    asked = []
    look_up = traced_dependencies.importlib.metadata.packages_distributions
    monkeypatch.setattr(traced_dependencies.importlib.metadata, "packages_distributions", lambda: asked.append(1) or look_up())
    for _ in range(2):
        clear_process_caches()
        traced_dependencies._package_owners.cache_clear()
        assert "newcomer" not in traced_dependencies._package_owners(traced_dependencies._installed_folders())
    assert len(asked) == 1
    for version in ("1", "2"):
        folder = place / f"newcomer-{version}.dist-info"
        folder.mkdir()
        (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: newcomer\nVersion: {version}\n")
        (folder / "top_level.txt").write_text("newcomer\n")
        assert "newcomer" in traced_dependencies._package_owners(traced_dependencies._installed_folders())
    assert len(asked) == 3
