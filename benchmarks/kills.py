"""Kill what writes, and look at what is left: nothing that was accepted may be lost, doubled or half there, and nothing may go on or lie about.

python benchmarks/kills.py log [KILLS]         a process that appends to a log of checks, killed at random moments
python benchmarks/kills.py record [KILLS]      at each system call that writes, in a forked child: the record is the old or the new one
python benchmarks/kills.py pairs [PAIRS]       two writers of one record at one instant: the record is that of one of them
python benchmarks/kills.py commands [KILLS]    accept, run, check and build as processes, killed at random moments
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from labnotes.commands.accept import write_record_under_lock
from labnotes.errors import LabNotesError
from labnotes.source.labs import Lab
from labnotes.store import check_log, folders, records, result_stores

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "support"))

from log_lines import CHECK

WRITING = ("open", "os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.chmod", "shutil.rmtree", "os.truncate", "os.link", "os.symlink")
"""Audit events of Python that stand before a system call which may write."""

NOTE = "# %%\nimport os\nfrom labnotes import claim\nclaim('x', int.from_bytes(os.urandom(4), 'big'))\n"
SETTINGS = "title: A draw\ndate: 2026-11-21\nauthors: [Ada Example]\nsummary: Draws.\nstatus: published\n"
SITE = "INHERIT: .labnotes/site/mkdocs.yml\nsite_name: A lab\nsite_url: https://example.org/\n"


def append_for_ever(store: result_stores.ResultStore, acknowledge: int, number: int) -> None:
    for i in range(10**9):
        name = f"{number}-{i}"
        padding = "x" * (i % 7 * 3000)  # lines of several sizes, some of many pages
        check_log.append_check(store, replace(CHECK, commit=name, by=padding))
        os.write(acknowledge, f"{name}\n".encode())


def kill_at_log(kills: int) -> None:
    """Kill a process that appends to a log of checks: no acknowledged line is lost, none doubled, and what was cut short is told and mended."""
    rng = random.Random(0)
    with tempfile.TemporaryDirectory() as root:
        lab = Lab(Path(root))
        store = result_stores.NoteLogs(lab)
        path = store.log_path("a")
        path.parent.mkdir(parents=True)
        said: set[str] = set()
        cut = 0
        for number in range(kills):
            read, write = os.pipe()
            child = os.fork()
            if child == 0:
                try:
                    append_for_ever(store, write, number)
                finally:
                    os._exit(1)
            os.close(write)
            time.sleep(0.002 + rng.random() * 0.02)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            with os.fdopen(read) as pipe:
                text = pipe.read()
            said |= {line for line in text.split("\n")[:-1] if line}
            content = path.read_bytes() if path.exists() else b""
            cut += bool(content) and not content.endswith(b"\n")
        log = check_log.read_log(lab, "a")
        kept = [check.commit for check in log.checks]
        lines = [line for line in path.read_bytes().split(b"\n") if line]
        print(f"{kills} kills, {len(lines)} lines of {sum(map(len, lines)) / len(lines) / 1000:.1f} KB, {len(said)} acknowledged")
        print(
            f"lost {len(said - set(kept))}, doubled {len(lines) - len(log.problems) - len(set(kept))}, cut short and mended {cut}, left unreadable {len(log.problems)}"
        )


def record_version(mark: str, files: int = 6) -> dict[str, bytes]:
    """Files that can be told from those of another mark, of several sizes."""
    return {f"part-{i}/{mark if i == 0 else 'all'}": mark.encode() * (10 ** (i % 5)) for i in range(files)}


def whole_version(folder: Path) -> str:
    """The mark of the record in a folder; "" if it is not one whole record."""
    marks = {path.read_bytes()[:1].decode() for path in folder.rglob("*") if path.is_file()}
    mark = marks.pop() if len(marks) == 1 else ""
    expected = record_version(mark) if mark else {}
    there = {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    return mark if there == expected else ""


def in_child(work: Callable[[], None]) -> int:
    """Do some work in a forked child; its status as os.waitpid gives it."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            os._exit(3)
        os._exit(0)
    return os.waitpid(child, 0)[1]


def kill_at_writes(kills: int) -> None:
    """Kill a writer before each of its writing calls in turn, again and again with other records."""
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "record"
        folders.replace_folder(folder, record_version("o"))
        number = 0
        while sum(outcomes.values()) < kills:
            number += 1
            before = whole_version(folder)
            if not os.WIFSIGNALED(in_child(lambda: write_until_killed(folder, number))):  # noqa: B023 - called at once
                number = 0  # it came to its end: once more from the first call
                folders.replace_folder(folder, record_version("o"))
                continue
            after = whole_version(folder)
            outcomes["old" if after == before else "new" if after == "n" else "BROKEN"] += 1
            if after == "n":
                folders.replace_folder(folder, record_version("o"))
        folders.remove_unfinished(folder)
        litter = sorted(path.name for path in Path(temporary).iterdir() if path != folder)
    print(f"{kills} kills at writing calls: {dict(outcomes)}; left lying about after the next writer: {litter or 'nothing'}")


def write_until_killed(folder: Path, number: int) -> None:
    """Replace a record, and be killed before the writing call of this number."""
    calls = 0

    def count_and_kill(event: str, _: object) -> None:
        nonlocal calls
        if event in WRITING:
            calls += 1
            if calls == number:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(count_and_kill)
    folders.remove_unfinished(folder)
    folders.replace_folder(folder, record_version("n"))


def write_in_pairs(pairs: int) -> None:
    outcomes: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "notes" / "a" / "record"
        folder.parent.mkdir(parents=True)
        write_record_under_lock(folder, record_version("o"))
        for _ in range(pairs):
            start = time.monotonic() + 0.01
            children = []
            for mark in "ab":
                child = os.fork()
                if child == 0:
                    while time.monotonic() < start:
                        pass
                    try:
                        write_record_under_lock(folder, record_version(mark))
                    except BaseException:
                        os._exit(3)
                    os._exit(0)
                children.append(child)
            statuses = [os.waitpid(child, 0)[1] for child in children]
            state = "whole" if whole_version(folder) in ("a", "b") else "BROKEN"
            outcomes[f"{state}, {'both ended well' if not any(statuses) else 'one failed'}"] += 1
        litter = sorted(path.name for path in folder.parent.iterdir() if path != folder)
    print(f"{pairs} pairs of writers: {dict(outcomes)}; litter: {litter or 'nothing'}")


def kill_commands(kills: int) -> None:
    rng = random.Random(0)
    with tempfile.TemporaryDirectory() as temporary:
        lab = Path(temporary) / "lab"
        note = lab / "notes" / "a"
        note.mkdir(parents=True)
        (lab / "docs").mkdir()
        (note / "note.py").write_text(NOTE)
        (note / "note.yml").write_text(SETTINGS)
        (lab / "docs" / "index.md").write_text("# A lab\n")
        (lab / "mkdocs.yml").write_text(SITE)
        environment = {**os.environ, "XDG_CACHE_HOME": str(Path(temporary) / "cache"), "TMPDIR": temporary}

        def command(*words: str) -> list[str]:
            return [sys.executable, "-m", "labnotes", *words, "-C", str(lab)]

        def finish(*words: str) -> float:
            clock = time.monotonic()
            subprocess.run(command(*words), env=environment, capture_output=True, check=False)
            return time.monotonic() - clock

        finish("run", "a")
        finish("accept", "a", "--yes")
        for words in (("accept", "a", "--yes"), ("run", "a"), ("check", "a", "--fresh"), ("build",)):
            lasts, outcomes = finish(*words), Counter[str]()
            for _ in range(kills):
                if words[0] == "accept":
                    finish("run", "a")
                lines = (note / "checks.jsonl").read_text().count("\n") if (note / "checks.jsonl").exists() else 0
                process = subprocess.Popen(command(*words), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                time.sleep(rng.uniform(0, lasts))
                process.kill()
                process.wait()
                try:
                    state = "whole" if records.read_record(note / "record", Path("a")) else "LOST"
                except LabNotesError as error:
                    state = f"BROKEN: {error}"
                now = (note / "checks.jsonl").read_text().splitlines() if (note / "checks.jsonl").exists() else []
                outcomes[state + ("" if len(now) - lines <= 1 and len(now) == len(set(now)) else ", A LINE DOUBLED")] += 1
            time.sleep(2)
            marks = os.fsencode(str(temporary))
            left = [p for p in Path("/proc").glob("[0-9]*") if p.name != str(os.getpid()) and _mentions(p, marks)]
            finish("run", "a")
            litter = [path.name for path in Path(temporary).glob("ln-*")]
            print(
                f"{kills} kills of {words[0]}: {dict(outcomes)}; processes left: {len(left)}; folders left after the next run: {len(litter)}"
            )


def _mentions(process: Path, marks: bytes) -> bool:
    try:
        return marks in (process / "environ").read_bytes()
    except OSError:
        return False


def main() -> None:
    what = sys.argv[1] if len(sys.argv) > 1 else "record"
    times = int(sys.argv[2]) if len(sys.argv) > 2 else {"log": 1000, "record": 10_000, "pairs": 1000, "commands": 300}[what]
    {"log": kill_at_log, "record": kill_at_writes, "pairs": write_in_pairs, "commands": kill_commands}[what](times)


if __name__ == "__main__":
    main()
