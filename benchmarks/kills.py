"""Kill a process that appends to a log of checks a thousand times, and count what the log then holds.

A forked child appends one line after another and acknowledges each through a pipe; it is killed after a random time. No acknowledged line may be lost,
none doubled, and what a kill cut short must be told and mended.

    python benchmarks/kills.py [KILLS]
"""

from __future__ import annotations

import os
import random
import signal
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from labnotes.model.verdicts import Outcome
from labnotes.source.labs import Lab
from labnotes.store import check_log, result_stores
from labnotes.store.check_log import LoggedCheck, LoggedPlace

CHECK = LoggedCheck(
    note="a",
    record="r" * 64,
    recorded="2026-11-21",
    code="c" * 64,
    inputs={},
    commit=None,
    started="2026-11-28T10:00:00Z",
    seconds=4.4,
    processor_seconds=3.9,
    cores=1,
    how="fresh",
    stored=False,
    seed="golden",
    kind="same kernels",
    environment=LoggedPlace(
        python="3.11.7",
        system="Linux",
        machine="x86_64",
        cpu="Xeon",
        vectors="amx_tile",
        isolation="network namespace",
        files="Landlock",
        labnotes="0.1.0",
    ),
    outcome=Outcome.AGREES,
    counts={"claim": {"exact": 19}},
)


def append_for_ever(store: result_stores.ResultStore, acknowledge: int, number: int) -> None:
    for i in range(10**9):
        name = f"{number}-{i}"
        padding = "x" * (i % 7 * 3000)  # lines of several sizes, some of many pages
        check_log.append_check(store, replace(CHECK, commit=name, by=padding))
        os.write(acknowledge, f"{name}\n".encode())


def main(kills: int) -> int:
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
        return int(bool(said - set(kept)) or len(lines) - len(log.problems) != len(set(kept)) or len(log.problems) > 1)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 1000))
