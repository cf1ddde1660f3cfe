"""What each level of isolation holds back, tried by isolation_probe.py as a hostile note would: the table of docs/isolation.md."""

import contextlib
import ctypes
import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from labnotes.kernel import landlock, namespaces, self_test
from labnotes.kernel.isolation import FILES_FREE, HOOK_ONLY, IsolationLevel, level_in_force
from labnotes.kernel.system_calls import numbers_known

ROOT = Path(__file__).parents[3]
PROBE = ROOT / "tests" / "support" / "isolation_probe.py"

NAMESPACES, OWN_NETWORK, LANDLOCK, HOOK = LEVELS = ("namespaces", "landlock+network", "landlock", "hook")

EVERY = {NAMESPACES, OWN_NETWORK, LANDLOCK}
APART = {NAMESPACES}

HELD = {
    "environment of a process outside": EVERY,
    "command line of a process outside": APART,
    "processes outside": APART,
    "signal to a process outside": EVERY,
    "trace a process outside": EVERY,
    "memory of a process outside": EVERY,
    "socket by path": APART,
    "abstract socket": EVERY,
    "TCP": EVERY,
    "TCP, first packet at once": EVERY,
    "MPTCP": EVERY,
    "UDP": EVERY,
    "raw socket": EVERY,
    "packet socket": EVERY,
    "VM socket": EVERY,
    "file outside": EVERY,
    "size of a file outside": APART,
    "size of a file of the lab": APART,
    "file of the lab": EVERY,
    "settings in /etc": EVERY,
    "sockets of services": EVERY,
    "leftovers in /dev/shm": APART,
    "System V memory": EVERY,
    "other devices": EVERY,
    "write what is only read": EVERY,
    "settings of the system": EVERY,
    "keyctl": EVERY,
    "io_uring": EVERY,
    "userfaultfd": EVERY,
    "bpf": EVERY,
    "perf": EVERY,
    "mount": EVERY,
    "namespace": EVERY,
    "namespace by clone": EVERY,
    "handles of files": EVERY,
    "clock": EVERY,
    "personality": EVERY,
    "chroot": EVERY,
    "dump of memory": {*EVERY, HOOK},
    "capabilities": EVERY,
    "new privileges": EVERY,
    "stay when memory is short": {*EVERY, HOOK},
    "network of its own": {LANDLOCK},
    "file of its own": set(),
    "devices": set(),
    "terminal": set(),
    "local sockets": set(),
    "children": set(),
    "processes that leave": set(),
}
"""The levels that hold back each attempt of the probe; those at the end must come through."""


def find_reasons():
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-P", "-m", "labnotes.kernel.self_test", os.path.realpath(folder)]
        tested = subprocess.run(command, capture_output=True, text=True, check=True)
    return dict(zip((NAMESPACES, OWN_NETWORK), tested.stdout.splitlines(), strict=True))


REASONS = find_reasons()
"""Why a level cannot be had on this machine, "" if it can."""

USERS = {"this user": 0, **({"a user without rights": 4711} if os.getuid() == 0 else {})}


def skip_unless_had(level):
    if REASONS.get(level):
        pytest.skip(f"no {level} here: {REASONS[level]}")
    if landlock.landlock_version() < landlock.SCOPES_SINCE or not numbers_known():
        pytest.skip("no Landlock of Linux 6.12, or no seccomp filter for this machine")


@pytest.fixture(scope="module")
def open_folder():
    """A folder that every user can reach."""
    with tempfile.TemporaryDirectory(prefix="ln-iso-", dir="/tmp") as name:
        os.chmod(name, 0o755)
        yield Path(name)


@pytest.fixture(scope="module")
def outside(open_folder):
    """What there is to reach: a process with a secret, sockets, files, shared memory."""
    (open_folder / "outside.txt").write_text("secret")
    (open_folder / "named.txt").write_text("secret")
    shared = Path("/dev/shm") / f"labnotes-decoy-{os.getpid()}"
    shared.write_text("left over")
    key, name = 0x51500000 + os.getpid() % 65536, f"labnotes-decoy-{os.getpid()}"
    libc = ctypes.CDLL(None, use_errno=True)
    segment = libc.shmget(key, 4096, 0o1666)
    decoy = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", "--password=secret"], env={**os.environ, "DECOY": "1"})
    path = str(open_folder / "socket")
    with contextlib.ExitStack() as kept:
        by_path, by_name = (kept.enter_context(socket.socket(socket.AF_UNIX)) for _ in range(2))
        by_path.bind(path)
        os.chmod(path, 0o777)
        by_name.bind("\0" + name)
        tcp = kept.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = kept.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        by_path.listen()
        by_name.listen()
        yield {
            "decoy": decoy.pid,
            "socket": path,
            "name": name,
            "tcp": tcp.getsockname()[1],
            "udp": udp.getsockname()[1],
            "outside": str(open_folder / "outside.txt"),
            "named": str(open_folder / "named.txt"),
            "setting": next(path for path in ("/etc/issue", "/etc/fstab", "/etc/bash.bashrc", "/etc/profile") if os.path.exists(path)),
            "shared": str(shared),
            "key": key,
        }
    decoy.kill()
    decoy.wait()
    shared.unlink()
    libc.shmctl(segment, 0, None)


def probed(level, user, outside, open_folder, *, refuse_unshare=False):
    """What came of every attempt of the probe at a level; and whether something of it is still there afterwards."""
    folder = Path(tempfile.mkdtemp(dir=open_folder))
    mark = f"{600 + int.from_bytes(os.urandom(3), 'big') / 1e6:.6f}"
    from labnotes.execute import readable_paths

    system = [path for path in readable_paths._system_folders() if not os.path.islink(path)]
    visible = {
        "read": ["/usr", *system],
        "write": [str(folder), *readable_paths._device_nodes()],
        "links": [[path, os.readlink(path)] for path in ("/lib", "/lib64", "/bin", "/sbin") if os.path.islink(path)],
        "named": [outside["named"]],
    }
    given = {**outside, "level": level, "user": user, "refuse_unshare": refuse_unshare, "visible": visible, "mark": mark}
    (folder / "given.json").write_text(json.dumps(given))
    if user:
        os.chown(folder, user, user)
    done = subprocess.run([sys.executable, str(PROBE), str(folder)], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    results = json.loads((folder / "results.json").read_text())
    return results, [process for process in Path("/proc").glob("[0-9]*") if mark.encode() in command_line(process)]


def command_line(process):
    with contextlib.suppress(OSError):
        return (process / "cmdline").read_bytes()
    return b""


def own_rights_hold_back(user):
    """Attempts that a user without rights is refused in any case."""
    names = {
        "environment of a process outside", "signal to a process outside", "trace a process outside", "memory of a process outside",
        "raw socket", "packet socket", "other devices", "settings of the system", "write what is only read", "mount", "handles of files",
        "clock", "chroot", "capabilities", "bpf", "perf", "leftovers in /dev/shm",
    }  # fmt: skip
    return names if user or os.getuid() else set()


@pytest.mark.parametrize("user", USERS)
@pytest.mark.parametrize("level", [NAMESPACES, OWN_NETWORK, LANDLOCK])
def test_a_level_holds_back_what_it_is_said_to(level, user, outside, open_folder):
    skip_unless_had(level)
    results, left = probed(level, USERS[user], outside, open_folder, refuse_unshare=level == LANDLOCK)
    held = {name for name, refusal in results.items() if refusal and name in HELD}
    assert set(HELD) == set(results) - {"network", "files"}
    due = {name for name, levels in HELD.items() if level in levels}
    assert due - held == set(), "is not held back"
    assert held - due - own_rights_hold_back(USERS[user]) == set(), results
    assert not left, "processes outlived the run"


def test_without_isolation_the_attempts_come_through(outside, open_folder):
    """Else the other tests would show nothing."""
    results, left = probed(HOOK, 0, outside, open_folder)
    refused = {name: refusal for name, refusal in results.items() if refusal and name in HELD}
    lacking = {"VM socket", "MPTCP", "keyctl", "userfaultfd", "io_uring", "perf", "bpf"}  # as a machine's kernel may
    assert set(refused) - lacking - own_rights_hold_back(0) == {name for name, levels in HELD.items() if HOOK in levels}, refused
    assert not left


NOTE = "# %%\nfrom labnotes import claim\nclaim('x', 1)\n"

WORDS = {
    "namespaces": ("network cut by namespaces (a network of its own), other files held back by namespaces (a root of its own)", NAMESPACES),
    "landlock": ("network cut by network namespace, other files held back by Landlock", OWN_NETWORK),
    "hook": ("network cut by audit hook only (native code and other programs are not held back)", HOOK),
}


@pytest.mark.parametrize("level", WORDS)
def test_the_report_and_the_record_name_the_level(lab, level):
    words, needed = WORDS[level]
    skip_unless_had(needed)
    lab.record_note("a", NOTE)
    done = lab("check", "--fresh", LABNOTES_ISOLATION=level)
    assert words in done.text
    line = json.loads((lab.root / "notes" / "a" / "checks.jsonl").read_text().splitlines()[-1])
    place = line["environment"]
    assert level_in_force(place["isolation"], place["files"]) is IsolationLevel(level)


def test_records_from_before_the_levels_are_read_as_what_they_had():
    assert level_in_force("network namespace", "Landlock") is IsolationLevel.LANDLOCK
    assert level_in_force("Landlock (TCP only)", "Landlock") is IsolationLevel.LANDLOCK
    assert level_in_force(HOOK_ONLY, FILES_FREE) is IsolationLevel.HOOK


def test_a_run_with_less_isolation_than_is_asked_for_does_not_begin(lab):
    lab.write_note("a", NOTE)
    done = lab("check", "--isolation", "namespaces", LABNOTES_ISOLATION="landlock")
    assert done.code == 2
    assert "namespaces cannot be had here: runs get landlock (LABNOTES_ISOLATION=landlock asks for no more)" in done.err
    assert lab("run", "--isolation", "hook", LABNOTES_ISOLATION="landlock").code == 0


def test_a_stored_run_with_less_isolation_is_not_taken(lab):
    skip_unless_had(NAMESPACES)
    lab.write_note("a", NOTE)
    assert lab("run", LABNOTES_ISOLATION="landlock").code == 0
    assert "Nothing was executed" in lab("check").out
    assert "Nothing was executed" not in lab("check", "--isolation", "namespaces").out


@pytest.mark.parametrize("given", [(["--isolation", "namespace"], {}), ([], {"LABNOTES_ISOLATION": "namespace"})])
def test_a_level_that_is_none_is_refused_with_those_there_are(lab, given):
    words, environment = given
    lab.write_note("a", NOTE)
    done = lab("run", *words, **environment)
    assert done.code == 2
    assert "'namespace' is no level of isolation" in done.err
    assert "hook, landlock, namespaces" in done.err


@pytest.mark.slow  # 3 s
def test_the_reason_is_told_where_namespaces_are_refused(lab):
    """As in a container, or on Ubuntu as it comes."""
    skip_unless_had(LANDLOCK)
    lab.write_note("a", NOTE)
    code = "import sys\nfrom labnotes.kernel import seccomp\nseccomp.REFUSED = ('unshare',)\nassert seccomp.filter_calls(seccomp.Network.OWN)\n"
    code += "from labnotes.cli import main\nsys.argv = ['labnotes', *sys.argv[1:]]\nmain()"

    def run_refused(*words):
        command = [sys.executable, "-c", code, *words]
        return subprocess.run(command, cwd=lab.root, env=lab.command_environment(), capture_output=True, text=True, check=False)

    assert run_refused("run", "a").returncode == 0
    asked = run_refused("run", "a", "--isolation", "namespaces")
    assert asked.returncode == 2
    assert "runs get landlock (no namespaces: [Errno 1] unshare: Operation not permitted)" in asked.stderr
    checked = run_refused("check", "a", "--fresh")
    assert "network cut by Landlock and seccomp (no network, nor one of its own), other files held back by Landlock" in checked.stdout


def test_a_network_without_its_loopback_is_not_taken_for_one(monkeypatch):
    """As where AppArmor lets a user namespace be made and gives it no rights."""

    def refuse():
        raise PermissionError(1, "Operation not permitted")

    monkeypatch.setattr(namespaces, "_raise_loopback", refuse)
    reason = self_test._reason_against(lambda: self_test._try_isolation(IsolationLevel.LANDLOCK, tempfile.gettempdir()))
    assert reason == "[Errno 1] Operation not permitted"


def test_the_table_of_the_documentation_is_that_of_the_tests():
    page = (ROOT / "docs" / "isolation.md").read_text()
    rows = [[cell.strip() for cell in line.strip("|\n ").split("|")] for line in page.splitlines() if line.startswith("| ")]
    told = {
        name: {level for level, cell in zip((NAMESPACES, OWN_NETWORK, LANDLOCK), cells, strict=True) if cell == "held back"}
        for name, *cells in rows
        if len(cells) == 3 and name != "attempt"
    }
    hostile = {name: levels & EVERY for name, levels in HELD.items() if levels & EVERY and name != "network of its own"}
    assert told == hostile
