"""What code under test may not do to its child, its siblings and the machine. Run in an interpreter of its own: it forks, and refuses."""

import json
import os
import subprocess
import sys

import pytest

SCRIPT = """
import datetime, gc, json, os, random, signal, sys, threading, time
from functools import partial
from pathlib import Path

from smallmodels.verifier.sandbox import DIED, TARDY, Limits, forked, guard, isolated, seen

LIMITS = Limits(steps=100_000, hang=0.5, silence=0.5)


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
    signal.setitimer(signal.ITIMER_PROF, 0)
    return sum(iter(int, 1))


def endless_with_ignored_signals():
    signal.signal(signal.SIGPROF, signal.SIG_IGN)
    return sum(iter(int, 1))


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


def stops_counting():
    try:
        sys.settrace(None)
    except BaseException:
        pass
    endless()


def counts_itself():
    sys.settrace(lambda *_: None)


def endless_in_a_thread():
    other = threading.Thread(target=endless)
    other.start()
    other.join()


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


def loops(n):
    for i in range(n):
        pass
    return n


def late():
    begun = time.process_time()
    while time.process_time() - begun < 0.3:
        sum(range(100_000))
    return 1


def holds(n):
    return len(bytes(n)) and 1


def names():
    return [sorted(code.co_name for code in list(seen.entered)), seen.asked_the_time]


def what_it_said(work):
    try:
        return isolated(work)
    except RuntimeError as error:
        return str(error)


WATCHED = Limits(watched=True)
guard()
open_before = descriptors()
cheats = [each for each in list(globals().values()) if getattr(each, "__module__", "") == "__main__" and callable(each)]
cheats = [each for each in cheats if each not in (fine, raises, kind_of, descriptors, loops, late, holds, names, what_it_said)]
said = {}
for each in cheats if sys.argv[2] == "all" else [prints, leaves, endless]:
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
    "cheats": [each.__name__ for each in cheats],
    "said": said,
    "harm": {name: "DIED" if kind is DIED else kind for name, kind in harm.items()},
    "victim": victim.read_text(),
    "fresh": fresh.exists(),
    "children": children,
    "descriptors": descriptors() - open_before,
    "raises": repr(forked([fine, raises, fine], LIMITS)),
    "hangs": repr(forked([fine, endless, fine, endless, fine], Limits(steps=100_000, deaths=2))),
    "nothing": forked([], LIMITS),
    "random": [forked([random.random, random.random], LIMITS) for _ in range(2)],
    "lazy import": [forked([lambda: __import__("lazily").x], LIMITS), os.path.exists(Path(sys.argv[1], "__pycache__"))],
    "isolated": [isolated(lambda: {"a": [1]}), repr(isolated(leaves_at_once)), repr(isolated(lambda: time.sleep(60), 0.2)), what_it_said(raises)],
    "steps": [repr(forked([partial(loops, 2000)], Limits(steps=n))) for n in (2 * 2000 + 3, 2 * 2000 + 4)],
    "late": repr(forked([fine, late, fine], Limits(slow=0.2))),
    "by clock": repr(forked([fine, endless_in_c, fine], Limits(hang=0.3, deaths=9))),
    "by count": repr(forked([fine, endless, fine], Limits(hang=0.3, deaths=9))),
    "held": [repr(forked([partial(holds, n)], Limits(allocated=1 << 24))) for n in (1000, (1 << 24) - 10_000, (1 << 24) + 10_000, 1 << 26)],
    "watched": forked([lambda: fine() and names(), lambda: datetime.datetime.now() and names(), lambda: time.gmtime and names(), names], WATCHED),
    "within": isolated(lambda: forked([fine], LIMITS)),
}, sys.stdout)
"""

RIGHT = [1, "two", None]


@pytest.fixture(scope="module")
def found(tmp_path_factory, selected):
    """What the script found; it tries all cheats where a slow test asks for them."""
    which = "all" if any(item.get_closest_marker("slow") for item in selected) else "some"
    place = tmp_path_factory.mktemp("sandbox")
    script = place / "script.py"
    script.write_text(SCRIPT)
    done = subprocess.run(
        [sys.executable, script, place, which],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONWARNINGS": "", "PYTHONDONTWRITEBYTECODE": ""},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


ENDS = [
    *("leaves", "leaves_at_once", "endless", "endless_in_c", "endless_with_stopped_clocks", "endless_with_ignored_signals"),
    *(
        "stops_counting",
        "counts_itself",
        "endless_in_a_thread",
        "swallows_its_end",
        "answers_after_its_end",
        "sleeps",
        "waits",
        "leaves_a_thread",
        "takes_all_memory",
        "takes_all_memory_at_once",
    ),
    *("overflows", "reports_for_itself", "reports_nonsense", "closes_everything", "returns_no_json"),
]


@pytest.mark.parametrize("cheat", [pytest.param(cheat, marks=() if cheat in ("leaves", "endless") else pytest.mark.slow) for cheat in ENDS])
def test_what_does_not_end_by_itself_is_dead_and_so_is_what_comes_after(found, cheat):
    said, seconds = found["said"][cheat]
    assert said == [RIGHT, "DIED", "DIED"]
    assert seconds < 120  # of the clock, on a busy machine, for at most 3 of the processor; none is left to itself


def test_every_cheat_is_listed(found):
    assert set(found["cheats"]) == {*ENDS, "prints"}


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
    assert found["isolated"][:3] == [{"a": [1]}, "DIED", "DIED"]
    assert "raise ValueError" in found["isolated"][3]  # an error of ours is none of the code's, and does not look like one
    assert found["within"] == [RIGHT]


def test_an_item_is_ended_by_a_count_of_steps(found):
    assert found["steps"] == ["[DIED]", "[2000]"]  # a call, 2001 lines with `for` and 2000 in it, the line that returns, and the return


def test_what_ends_late_is_neither_a_result_nor_dead(found):
    assert found["late"] == f"[{RIGHT}, TARDY, {RIGHT}]"


def test_after_one_that_the_clock_ended_nothing_is_tried_and_after_one_that_a_count_ended_the_rest_is(found):
    assert found["by clock"] == f"[{RIGHT}, DIED, DIED]"
    assert found["by count"] == f"[{RIGHT}, DIED, {RIGHT}]"


def test_memory_is_limited_by_the_bytes_that_are_asked_for(found):
    assert found["held"] == ["[1]", "[1]", "[DIED]", "[DIED]"]


def test_what_is_watched_says_which_code_ran_and_whether_it_asked_the_time(found):
    plain, asked, mentioned, nothing = found["watched"]
    assert plain == [["<lambda>", "fine", "names"], False]
    assert asked == [["<lambda>", "names"], True]
    assert mentioned == [["<lambda>", "names"], False]
    assert nothing == [["names"], False]
