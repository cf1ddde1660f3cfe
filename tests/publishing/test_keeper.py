"""Nothing of a run outlives it, however it or labnotes ends; and a run uses no more than it may."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from labnotes.kernel import process_tree

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="a keeper needs Linux")

LEAVES = """
# %%
import os, subprocess, sys
code = "import os, sys, time\\nif os.fork(): os._exit(0)\\nos.setsid()\\nif os.fork(): os._exit(0)\\ntime.sleep(600)"
for _ in range(10):
    subprocess.run([sys.executable, "-I", "-S", "-c", code, os.environ["TMPDIR"]], env={}, check=True)
subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", os.environ["TMPDIR"]])
open(os.environ["LABNOTES_ARTIFACTS"] + "/mark", "w").write(os.environ["TMPDIR"])
"""

ENDINGS = {
    "SIGKILL to labnotes": ("import time; time.sleep(600)", signal.SIGKILL),
    "SIGHUP to labnotes": ("import time; time.sleep(600)", signal.SIGHUP),
    "SIGKILL while native code runs": ("import re; re.match('(a*)*$', 'a' * 40 + 'b')", signal.SIGKILL),
    "SIGTERM to labnotes": ("import time; time.sleep(600)", signal.SIGTERM),
}


def left_processes(mark):
    """The processes with a mark in their command line."""
    left = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if os.fsencode(mark) in (process / "cmdline").read_bytes():
                left.append(process.name)
    return left


def wait_until(holds, seconds):
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return holds()


@pytest.mark.parametrize("level", ["namespaces", "landlock"])
@pytest.mark.parametrize("ending", ENDINGS)
def test_nothing_of_a_run_outlives_labnotes(lab, ending, level):
    cell, number = ENDINGS[ending]
    lab.write_note("a", f"{LEAVES}\n# %%\n{cell}\n")
    mark = lab.cache / "labnotes" / "artifacts" / "mark"
    process = subprocess.Popen(
        [sys.executable, "-m", "labnotes", "run", "a"],
        cwd=lab.root,
        env=lab.command_environment(LABNOTES_ISOLATION=level),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    assert wait_until(lambda: mark.exists() and mark.read_text(), 60), "the note did not start"
    assert len(left_processes(mark.read_text())) > 10
    process.send_signal(number)
    process.wait(timeout=30)
    assert wait_until(lambda: not left_processes(mark.read_text()), 10), left_processes(mark.read_text())


@pytest.mark.parametrize("level", ["namespaces", "landlock"])
def test_processor_seconds_count_every_process_of_a_run(lab, level):
    """A second of the kernel, one of a child that it waits for, one of a child that has left and ended."""
    lab.write_note(
        "a",
        """
        # %%
        import os, subprocess, sys, time
        from labnotes import claim
        use = "import os, sys, time\\nif len(sys.argv) > 1 and os.fork(): os._exit(0)\\nwhile time.process_time() < 1: pass"
        start = time.process_time()
        while time.process_time() < start + 1:
            pass
        subprocess.run([sys.executable, "-I", "-S", "-c", use], check=True)
        left = subprocess.Popen([sys.executable, "-I", "-S", "-c", use + "\\nos.write(1, b'x')", "leaves"], stdout=subprocess.PIPE)
        assert left.stdout.read() == b"x"
        time.sleep(0.2)
        claim("done", True)
        """,
    )
    done = lab("run", "a", LABNOTES_ISOLATION=level)
    assert done.code == 0, done.text
    (path,) = (lab.cache / "labnotes" / "runs").glob("*/a/*/*/provenance.json")

    assert 3.0 <= json.loads(path.read_text())["processor_seconds"] < 8.0


LIBRARIES = """
# %%
import asyncio, concurrent.futures, multiprocessing, os, socket, subprocess, sys, tempfile, threading
from pathlib import Path
import numpy as np
import torch
from labnotes import claim

def square(x):
    return x * x

# %%
claim("subprocess", int(subprocess.run([sys.executable, "-c", "print(6 * 7)"], capture_output=True, text=True, check=True).stdout))
claim("shell", int(subprocess.run("echo 5 | cat", shell=True, capture_output=True, text=True, check=True).stdout))
claim("fork", sum(multiprocessing.get_context("fork").Pool(2).map(square, [1, 2, 3])))
claim("spawn", sum(multiprocessing.get_context("spawn").Pool(2).map(abs, [-1, 2, 3])))
claim("forkserver", sum(multiprocessing.get_context("forkserver").Pool(1).map(abs, [-1, 2])))
with concurrent.futures.ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("fork")) as pool:
    claim("processes", sum(pool.map(square, [1, 2])))
with concurrent.futures.ThreadPoolExecutor(2) as pool:
    claim("threads", sum(pool.map(square, [1, 2])))

# %%
from multiprocessing import shared_memory, Queue, Process
memory = shared_memory.SharedMemory(create=True, size=100)
memory.close()
memory.unlink()
claim("numpy", float(np.linalg.norm(np.eye(50) @ np.ones(50))), format=".4f")
a = torch.ones(64, 64)
claim("torch", float((a @ a).sum()))
loader = torch.utils.data.DataLoader(torch.arange(8.0), batch_size=2, num_workers=2, multiprocessing_context="fork")
claim("loader", float(sum(batch.sum() for batch in loader)))
torch.save(a, Path(os.environ["LABNOTES_ARTIFACTS"]) / "a.pt")
claim("saved", float(torch.load(Path(os.environ["LABNOTES_ARTIFACTS"]) / "a.pt").sum()))

# %%
async def run_program():
    process = await asyncio.create_subprocess_exec("echo", "7", stdout=subprocess.PIPE)
    return int((await process.communicate())[0])
claim("asyncio", await run_program())
claim("localhost", socket.gethostbyname("localhost") == "127.0.0.1")

# %%
# !echo 8 > "$LABNOTES_ARTIFACTS"/told.txt
claim("terminal", int(Path(os.environ["LABNOTES_ARTIFACTS"], "told.txt").read_text()))
"""

EXPECTED = {
    "subprocess": 42, "shell": 5, "fork": 14, "spawn": 6, "forkserver": 3, "processes": 5, "threads": 5, "numpy": 50**0.5, "torch": 64.0**3,
    "loader": 28.0, "saved": 4096.0, "asyncio": 7, "localhost": True, "terminal": 8,
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("level", ["namespaces", "landlock"])
def test_libraries_that_start_processes_work(lab, level):
    lab.write_note("a", LIBRARIES, settings={"cores": 2})
    done = lab("run", "a", LABNOTES_ISOLATION=level)
    assert done.code == 0, done.text

    (path,) = (lab.cache / "labnotes" / "runs").glob("*/a/*/*/record.json")
    claims = json.loads(path.read_text())["claims"]
    assert {name: claim["value"] for name, claim in claims.items()} == pytest.approx(EXPECTED)


def test_children_are_found_where_the_system_does_not_name_them(monkeypatch):
    """Not every Linux has the list of children in /proc."""
    with subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) as child:
        told = process_tree.descendants(os.getpid())
        monkeypatch.setattr(os.path, "exists", lambda path: False)
        searched = process_tree.descendants(os.getpid())
        child.kill()
    assert child.pid in told
    assert set(searched) == set(told)
