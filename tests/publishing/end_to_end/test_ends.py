"""However labnotes ends, nothing of it goes on: terminals that close, kills, ports that are taken, clocks that go back."""

import datetime
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from labnotes.commands import ports
from labnotes.execute import scratch_folders
from processes import are_gone

WAITS = """
# %%
import os, time
open(os.environ["LABNOTES_ARTIFACTS"] + "/mark", "w").write(os.environ["TMPDIR"])
time.sleep(600)
"""


def test_a_closed_terminal_ends_a_run_as_ctrl_c_does(lab):
    lab.write_note("waits", WAITS)
    process = subprocess.Popen(
        [sys.executable, "-m", "labnotes", "run", "waits"],
        cwd=lab.root,
        env=lab.command_environment(LABNOTES_ISOLATION="landlock"),  # where a run's numbers of processes are those outside
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    place = lab.artifacts_folder("waits") / "mark"
    until = time.monotonic() + 60
    while not (place.exists() and place.read_text()):
        assert time.monotonic() < until, "the note did not start"
        time.sleep(0.05)
    process.send_signal(signal.SIGHUP)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 130, out
    assert "none done. Broken off before these were done: waits" in out
    assert are_gone(place.read_text())


def test_what_a_killed_process_left_is_removed_and_what_somebody_holds_is_not(tmp_path, monkeypatch):
    monkeypatch.setattr(scratch_folders, "_base_folder", lambda: tmp_path)
    with scratch_folders.scratch_folder() as held:
        left = tmp_path / "ln-left"
        left.mkdir()
        (left / ".held").touch()
        (left / "artifacts").mkdir()
        other = tmp_path / "ln-other"
        (other / "home").mkdir(parents=True)
        before = tmp_path / "ln-before"  # killed before it was held
        before.mkdir()
        (tmp_path / "elsewhere").mkdir()
        (tmp_path / "elsewhere" / ".held").touch()
        (tmp_path / "ln-link").symlink_to(tmp_path / "elsewhere")
        scratch_folders.remove_abandoned()
        assert not left.exists() and not before.exists()
        assert held.exists()
        assert other.exists(), "not known to be ours"
        assert (tmp_path / "elsewhere" / ".held").exists()
    assert not held.exists()


@pytest.mark.parametrize("call", range(1, 16))
def test_a_kill_while_a_folder_is_made_used_or_removed_leaves_what_the_next_run_removes(tmp_path, monkeypatch, call):
    """At each system call by which a file or folder comes or goes; there are about a dozen."""
    monkeypatch.setattr(scratch_folders, "_base_folder", lambda: tmp_path)
    child = os.fork()
    if child == 0:
        calls = []

        def count_and_kill(event, _):
            if event in ("open", "os.mkdir", "os.remove", "os.rmdir"):
                calls.append(event)
                if len(calls) == call:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(count_and_kill)
        with scratch_folders.scratch_folder() as folder:
            for name in ("home", "lab"):
                (folder / name).mkdir()
            (folder / "fetched.json").touch()
        os._exit(0 if 9 < len(calls) < call else 1)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or status == 0
    scratch_folders.remove_abandoned()
    assert [*tmp_path.rglob("*")] == []


def test_a_folder_that_is_taken_for_an_abandoned_one_before_it_is_held_is_made_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(scratch_folders, "_base_folder", lambda: tmp_path)
    lock, lost = fcntl.flock, []

    def lock_late(file, operation):
        if operation == fcntl.LOCK_EX and not lost:
            lost.extend(tmp_path.glob("ln-*"))
            scratch_folders.remove_abandoned()  # as another process may at this moment
            assert not lost[0].exists()
        return lock(file, operation)

    monkeypatch.setattr(fcntl, "flock", lock_late)
    with scratch_folders.scratch_folder() as folder:
        assert folder.is_dir() and folder != lost[0]
        scratch_folders.remove_abandoned()
        assert folder.is_dir()
    assert list(tmp_path.iterdir()) == []


def closed_ports(count):
    """Ports at which a server listened until now."""
    for _ in range(count):
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
        yield port


def test_a_port_that_is_taken_is_told_with_the_process_that_has_it(lab):
    lab("init", "site", cwd=lab.root.parent)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert not ports.is_port_free(port)
        done = lab("serve", "--port", str(port), cwd=lab.root.parent / "site")
    assert done.code == 2
    assert f"port {port}: is taken by process {os.getpid()} (" in done.err
    assert f"labnotes serve --port {port + 1}" in done.err
    assert any(ports.is_port_free(port) for port in closed_ports(3)), "of one alone the system may have made another's meanwhile"


@pytest.mark.parametrize("host", ["203.0.113.1", "no such host"])
def test_a_host_that_nothing_can_listen_at_is_told_with_those_that_can(lab, host):
    lab("init", "site", cwd=lab.root.parent)
    done = lab("serve", "--host", host, "--port", "8797", cwd=lab.root.parent / "site")
    assert done.code == 2
    assert f"--host {host} --port 8797: nothing can listen there" in done.err
    assert "0.0.0.0 for every network" in done.err and "taken" not in done.err


@pytest.mark.slow
def test_a_preview_that_is_killed_leaves_no_server(lab):
    lab("init", "site", cwd=lab.root.parent)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "labnotes", "serve", "--port", str(port)],
        cwd=lab.root.parent / "site",
        env=lab.command_environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    until = time.monotonic() + 60
    while ports.is_port_free(port):
        assert time.monotonic() < until, "the preview did not start"
        time.sleep(0.1)
    process.kill()
    process.wait()
    until = time.monotonic() + 15
    while not ports.is_port_free(port):
        assert time.monotonic() < until, "the server goes on"
        time.sleep(0.1)


def test_the_run_to_accept_is_the_last_one_also_when_the_clock_went_back(lab, monkeypatch):
    import time_machine

    source = "# %%\nimport os\nfrom labnotes import claim\nclaim('x', int.from_bytes(os.urandom(4), 'big'))\n"
    lab.write_note("drawn", source)
    lab("run", "drawn")
    ten_days_ago = datetime.datetime.now(datetime.UTC) - datetime.timedelta(days=10)
    with time_machine.travel(ten_days_ago, tick=True):
        last = lab("run", "drawn").out
    value = last.split("x = ")[1].split()[0]
    accepted = lab("accept", "drawn", "--yes")
    assert accepted.code == 0, accepted.text
    assert f"x = {value}" in accepted.out
