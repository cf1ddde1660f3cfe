"""What code under test may not do to its child, its siblings and the machine. Run in an interpreter of its own: it forks, and refuses."""

import json
import os
import subprocess
import sys

import pytest

SCRIPT = """
import gc, json, os, random, signal, sys, threading, time
from pathlib import Path

from smallmodels.verifier.sandbox import DIED, Limits, forked, guard, isolated

LIMITS = Limits(item=0.1, silence=0.5)


def fine():
    return [1, "two", None]


def leaves():
    sys.exit(0)


def leaves_at_once():
    os._exit(0)


def raises():
    raise ValueError


def endless():
    while True:
        pass


def endless_in_c():
    return sum(iter(int, 1))


def endless_with_stopped_clocks():
    signal.setitimer(signal.ITIMER_VIRTUAL, 0)
    signal.setitimer(signal.ITIMER_PROF, 0)
    return sum(iter(int, 1))


def endless_with_ignored_signals():
    for each in (signal.SIGVTALRM, signal.SIGPROF):
        signal.signal(each, signal.SIG_IGN)
    while True:
        pass


def swallows_its_end():
    while True:
        try:
            endless()
        except BaseException:
            pass


def answers_after_its_end():
    try:
        endless()
    except BaseException:
        return fine()


def sleeps():
    time.sleep(60)


def waits():
    lock = threading.Lock()
    lock.acquire()
    lock.acquire()


def leaves_a_thread():
    threading.Thread(target=endless, daemon=True).start()
    time.sleep(60)


def takes_all_memory():
    held = [0]
    while True:
        held = held + held


def takes_all_memory_at_once():
    return len(bytes(1 << 40))


def overflows():
    return overflows() + 1


def reports_for_itself():
    for number in range(3, 256):
        for said in (b'[1]\\n', b'["p"]\\n["p"]\\n', b'0 [1]\\n [1]\\n'):
            try:
                os.write(number, said)
            except OSError:
                pass
    os._exit(0)


def reports_nonsense():
    for number in range(3, 256):
        try:
            os.write(number, b"\\xff nonsense {\\n")
        except OSError:
            pass
    return 1


def closes_everything():
    os.closerange(0, 256)
    return 1


def prints():
    print("[1]")
    os.write(1, b"[1]")
    os.write(2, b"[1]")
    sys.__stdout__.write("[1]")
    return 1


def returns_no_json():
    return object()


def kind_of(work):
    def tried():
        try:
            work()
        except BaseException as error:
            return type(error).__name__
        return "done"
    return tried


victim, fresh = Path(sys.argv[1], "victim"), Path(sys.argv[1], "fresh")
victim.write_text("whole")
HARM = {
    "write": lambda: victim.write_text("damaged"),
    "append": lambda: open(victim, "a"),
    "os.open": lambda: os.open(victim, os.O_WRONLY | os.O_TRUNC),
    "create": lambda: os.open(fresh, os.O_CREAT),
    "remove": lambda: victim.unlink(),
    "rename": lambda: victim.rename(fresh),
    "mkdir": lambda: fresh.mkdir(),
    "chmod": lambda: victim.chmod(0),
    "kill": lambda: os.kill(os.getppid(), signal.SIGKILL),
    "fork": lambda: os.fork(),
    "system": lambda: os.system("true"),
    "subprocess": lambda: __import__("subprocess").run(["true"]),
    "socket": lambda: __import__("socket").socket(),
    "tempfile": lambda: __import__("tempfile").mkdtemp(),
}

def descriptors():
    return len(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else 0


guard()
open_before = descriptors()
cheats = [each for each in list(globals().values()) if getattr(each, "__module__", "") == "__main__" and callable(each)]
cheats = [each for each in cheats if each not in (fine, raises, kind_of, descriptors)]
said = {}
for each in cheats:
    begun = time.monotonic()
    found = forked([fine, each, fine], LIMITS)
    said[each.__name__] = [["DIED" if one is DIED else one for one in found], time.monotonic() - begun]
harm = {name: forked([kind_of(work)], LIMITS)[0] for name, work in HARM.items()}
try:
    os.waitpid(-1, os.WNOHANG)
    children = True
except ChildProcessError:
    children = False

Path(sys.argv[1], "lazily.py").write_text("x = 1")
sys.path.insert(0, sys.argv[1])
json.dump({
    "said": said,
    "harm": {name: "DIED" if kind is DIED else kind for name, kind in harm.items()},
    "victim": victim.read_text(),
    "fresh": fresh.exists(),
    "children": children,
    "descriptors": descriptors() - open_before,
    "raises": repr(forked([fine, raises, fine], LIMITS)),
    "hangs": repr(forked([fine, endless, fine, endless, fine], Limits(item=0.1, hangs=2))),
    "nothing": forked([], LIMITS),
    "random": [forked([random.random, random.random], LIMITS) for _ in range(2)],
    "lazy import": [forked([lambda: __import__("lazily").x], LIMITS), os.path.exists(Path(sys.argv[1], "__pycache__"))],
    "isolated": [isolated(lambda: {"a": [1]}), repr(isolated(raises)), repr(isolated(leaves_at_once)), repr(isolated(lambda: time.sleep(60), 0.5))],
    "within": isolated(lambda: forked([fine], LIMITS)),
}, sys.stdout)
"""

RIGHT = [1, "two", None]


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    place = tmp_path_factory.mktemp("sandbox")
    script = place / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, script, place],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "", "PYTHONDONTWRITEBYTECODE": ""},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


ENDS = [
    *("leaves", "leaves_at_once", "endless", "endless_in_c", "endless_with_stopped_clocks", "endless_with_ignored_signals"),
    *("swallows_its_end", "answers_after_its_end", "sleeps", "waits", "leaves_a_thread", "takes_all_memory", "takes_all_memory_at_once"),
    *("overflows", "reports_for_itself", "reports_nonsense", "closes_everything", "returns_no_json"),
]


@pytest.mark.parametrize("cheat", ENDS)
def test_what_does_not_end_by_itself_is_dead_and_so_is_what_comes_after(found, cheat):
    said, seconds = found["said"][cheat]
    assert said == [RIGHT, "DIED", "DIED"]
    assert seconds < 30  # of the clock, on a busy machine; none is left to itself


def test_every_cheat_is_listed(found):
    assert set(found["said"]) == {*ENDS, "prints"}


def test_what_a_child_prints_is_no_report(found):
    assert found["said"]["prints"][0] == [RIGHT, 1, RIGHT]


@pytest.mark.parametrize(
    "harm",
    [
        "write",
        "append",
        "os.open",
        "create",
        "remove",
        "rename",
        "mkdir",
        "chmod",
        "kill",
        "fork",
        "system",
        "subprocess",
        "socket",
        "tempfile",
    ],
)
def test_harm_is_refused(found, harm):
    assert found["harm"][harm] == "Refused"


def test_nothing_was_damaged_and_nothing_is_left(found):
    assert (found["victim"], found["fresh"], found["children"], found["descriptors"]) == ("whole", False, False, 0)


def test_an_error_that_nobody_caught_ends_the_child(found):
    assert found["raises"] == f"[{RIGHT}, DIED, DIED]"


def test_as_many_items_may_hang_as_the_limits_say(found):
    assert found["hangs"] == f"[{RIGHT}, DIED, {RIGHT}, DIED, DIED]"
    assert found["nothing"] == []


def test_random_numbers_are_the_same_in_every_child(found):
    first, second = found["random"]
    assert first == second
    assert first[0] != first[1]


def test_a_first_import_writes_nothing_and_is_not_refused(found):
    assert found["lazy import"] == [[1], False]


def test_trusted_work_in_a_process_of_its_own(found):
    assert found["isolated"] == [{"a": [1]}, "DIED", "DIED", "DIED"]
    assert found["within"] == [RIGHT]
