"""Setting up: whatever is missing or in the way, a person gets a message with what to do, and no traceback."""

import ast
import fcntl
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SCRIPT = ROOT / "scripts" / "set_up.py"


def set_up(place, what="site", *, version=None, path=None, timeout=60):
    """Run the script; `version` is what Python takes itself for."""
    code = f"import runpy, sys; sys.argv[:] = ['set_up.py', {str(place)!r}, {what!r}]; "
    code += f"sys.version_info = type('V', (tuple,), {{}})({version!r}); " if version else ""
    code += f"runpy.run_path({str(SCRIPT)!r}, run_name='__main__')"
    environment = {**os.environ, **({"PATH": str(path)} if path else {})}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, timeout=timeout, check=False
    )


def stub_environment(place, status=0):
    """An environment whose pip writes down what it is asked for, and ends as told."""
    (place / "bin").mkdir(parents=True)
    (place / "bin" / "python").symlink_to(sys.executable)
    (place / "bin" / "pip").write_text(f'#!/bin/sh\necho "$*" >> "{place}/asked"\nexit {status}\n')
    (place / "bin" / "pip").chmod(0o755)
    return place


def test_what_is_asked_for_is_installed_with_the_pins(tmp_path):
    place = stub_environment(tmp_path / "a folder with spaces" / ".venv")
    assert set_up(place, "site,notes").returncode == 0
    assert (place / "asked").read_text() == "install --quiet --disable-pip-version-check -c constraints.txt -e .[site,notes]\n"
    assert set_up(place, "--oldest", version=(3, 11, 0)).returncode == 0
    assert (place / "asked").read_text().splitlines()[1].endswith("-r constraints-oldest.txt -e .")


@pytest.mark.parametrize(
    ("version", "what", "said"),
    [
        ((3, 10, 4), "site", "labnotes needs Python 3.11 or newer"),
        ((3, 10, 4), "site", "is 3.10. Try: make PYTHON=python3.12"),
        ((3, 13, 0), "--oldest", "the oldest matplotlib needs Python 3.11 or 3.12"),
        ((3, 13, 0), "--oldest", "Try: make test-all OLDEST_PYTHON=python3.11"),
    ],
)
def test_another_python_is_named_with_the_remedy(tmp_path, version, what, said):
    done = set_up(tmp_path / ".venv", what, version=version)
    assert done.returncode == 1
    assert said in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / ".venv").exists()


def test_a_folder_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    done = set_up(tmp_path / "file" / ".venv")
    assert done.returncode == 1
    assert "cannot write" in done.stderr
    assert "Make this folder writable" in done.stderr
    assert "Traceback" not in done.stderr


def test_without_an_index_it_says_what_pip_needs(tmp_path):
    done = set_up(stub_environment(tmp_path / ".venv", status=1))
    assert done.returncode == 1
    assert "it needs a package index: behind a mirror, set PIP_INDEX_URL" in done.stderr


def test_two_at_once_wait_for_each_other(tmp_path):
    place = stub_environment(tmp_path / ".venv")
    with (place / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = []
        waiting = threading.Thread(target=lambda: done.append(set_up(place)))
        waiting.start()
        waiting.join(3)
        assert waiting.is_alive()
        assert not (place / "asked").exists()
    waiting.join(60)
    assert done[0].returncode == 0
    assert f"another process sets up {place}: waiting for it" in done[0].stdout
    assert (place / "asked").exists()


def test_the_script_can_be_read_by_an_old_python():
    assert ast.parse(SCRIPT.read_text(), feature_version=(3, 6)).body


@pytest.mark.parametrize(
    ("target", "missing", "said"),
    [("test-all", "chromium", "sudo apt-get install -y chromium"), ("test", "git", "sudo apt-get install -y git")],
)
def test_make_names_a_program_that_is_missing(tmp_path, target, missing, said):
    """With a PATH that has everything else that the target runs before it looks."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("sh", "make", "touch", "cat"):
        (programs / name).symlink_to(subprocess.run(["which", name], capture_output=True, text=True, check=True).stdout.strip())
    if missing != "git":
        (programs / "git").symlink_to("/bin/true")
    words = ["make", "--no-print-directory", "-o", ".venv/.test", "-o", ".venv-oldest/.done", "-o", "lint", target]
    done = subprocess.run(words, cwd=ROOT, env={"PATH": str(programs), "HOME": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert said in done.stdout
