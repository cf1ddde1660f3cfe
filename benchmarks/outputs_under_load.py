"""Does anything that a note publishes get lost? Runs a note that prints as fast as it can, and counts what arrives.

    python benchmarks/outputs_under_load.py --times 50

One run: 20 claims, published from five threads, among 100,000 writes that are flushed one by one, from four threads and two child processes.
A run passes if all 20 claims are in it with their values, and every write of the threads is in the stream.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

NOTE = """# %%
import subprocess, sys, threading
from labnotes import claim

WRITES = {writes}

def write_lines(who, count, claims):
    for i in range(count):
        print(f"{{who}}{{i}}.\\n", end="", flush=True)
        if claims and i % (count // 5) == 7:
            claim(f"{{who}}_{{i // (count // 5)}}", i)

CHILD = f"for i in range({{WRITES}} // 10): print('c', flush=True)"
children = [subprocess.Popen([sys.executable, "-c", CHILD]) for _ in range(2)]
threads = [threading.Thread(target=write_lines, args=(who, WRITES // 5, True)) for who in "wxyz"]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
for child in children:
    child.wait()
"""

SETTINGS = "title: A burst\ndate: 2026-11-21\nauthors: [Ada Example]\nsummary: Prints.\ntimeout: 1h\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--writes", type=int, default=100_000)
    asked = parser.parse_args()
    costs, lost = [], 0
    with tempfile.TemporaryDirectory() as temporary:
        lab = Path(temporary)
        note = lab / "notes" / "burst"
        note.mkdir(parents=True)
        (note / "note.py").write_text(NOTE.format(writes=asked.writes))
        (note / "note.yml").write_text(SETTINGS)
        environment = {**os.environ, "XDG_CACHE_HOME": str(lab / "cache")}
        for number in range(1, asked.times + 1):
            clock = time.perf_counter()
            command = [sys.executable, "-m", "labnotes", "run", "burst", "--follow", "-C", temporary]
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            costs.append(time.perf_counter() - clock)
            missing = missing_outputs(done.stdout + done.stderr, asked.writes)
            lost += bool(missing or done.returncode)
            print(f"run {number}: exit {done.returncode}, {costs[-1]:.0f} s, {missing or 'nothing lost'}", flush=True)
            if done.returncode:
                print(done.stdout[-2000:], done.stderr[-2000:])
    print(f"{asked.times} runs, {lost} lost something; median {statistics.median(costs):.0f} s a run")
    sys.exit(1 if lost else 0)


def missing_outputs(told: str, writes: int) -> str:
    """What of a run's claims and writes is not in what the command told; "" if nothing is missing."""
    missing = []
    for who in "wxyz":
        steps = [i for i in range(writes // 5) if i % (writes // 25) == 7]
        missing += [f"claim {who}_{k}" for k, i in enumerate(steps) if not re.search(rf"{who}_{k} = {i:,}\b|{who}_{k} = {i}\b", told)]
        written = set(re.findall(rf"{who}(\d+)\.", told))
        if len(written) != writes // 5:
            missing.append(f"{writes // 5 - len(written)} writes of thread {who}")
    return ", ".join(missing)


if __name__ == "__main__":
    main()
