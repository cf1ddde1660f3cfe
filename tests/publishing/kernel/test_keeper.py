"""Nothing of a run outlives it, however it or labnotes ends; and a run uses no more than it may."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from labnotes.kernel import process_tree
from labnotes.source import memory_sizes
from processes import PEAK_MEMORY, left_processes

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

QUICK = {("SIGHUP to labnotes", "landlock"), ("SIGKILL while native code runs", "namespaces")}
"""One ending for each level in the quick tests: one that labnotes hears of, and one that nobody hears of while no Python runs."""


def wait_until(holds, seconds):
    until = time.monotonic() + seconds
    while not holds() and time.monotonic() < until:
        time.sleep(0.05)
    return holds()


@pytest.mark.parametrize(
    ("ending", "level"),
    [
        pytest.param(ending, level, marks=() if (ending, level) in QUICK else pytest.mark.slow)  # 1.5 s each
        for ending in ENDINGS
        for level in ("namespaces", "landlock")
    ],
)
def test_nothing_of_a_run_outlives_labnotes(lab, ending, level):
    cell, number = ENDINGS[ending]
    lab.write_note("a", f"{LEAVES}\n# %%\n{cell}\n")
    mark = lab.artifacts_folder("a") / "mark"
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


@pytest.mark.slow  # 4 s
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


@pytest.mark.parametrize("level", ["namespaces", pytest.param("landlock", marks=pytest.mark.slow)])
def test_a_run_that_uses_more_memory_than_it_may_is_ended(lab, level):
    """Half of it in a child; the note beside it ends well."""
    hog = "x = bytearray(700_000_000); x[::4096] = bytes([1]) * len(x[::4096]); import time; time.sleep(60)"
    source = f"# %%\nx = 1\n\n# %%\nimport subprocess, sys\nsubprocess.Popen([sys.executable, '-I', '-c', {hog!r}])\n{hog}\n"
    lab.write_note("hog", source, settings={"memory": "1G"})
    lab.write_note("other", "# %%\nfrom labnotes import claim\nclaim('x', 1)\n", settings={"memory": "2G"})
    done = lab("run", "--jobs", "2", LABNOTES_ISOLATION=level)
    assert re.search(r"the run used 1\.[0-9] GB of the 1 GB that memory: allows, in cell 2", done.text), done.text
    assert "notes/hog/note.py:5" in done.text
    assert "other ran" in done.text


def test_memory_that_processes_share_counts_once(tmp_path):
    """Ten children that share 200 MB with their parent use 200 MB, not 2 GB."""
    code = """
import os, sys, time
from labnotes.kernel.process_tree import descendants, used_memory
block = bytearray(200_000_000)
block[::4096] = bytes([1]) * len(block[::4096])
for _ in range(10):
    if not os.fork():
        time.sleep(60)
processes = [os.getpid(), *descendants(os.getpid())]
print(len(processes), used_memory(processes, 0), used_memory(processes, 10**12))
import signal
for process in processes[1:]:
    os.kill(process, signal.SIGKILL)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    count, shared_once, each = map(int, done.stdout.split())
    assert count == 11
    assert 2e8 < shared_once < 4e8
    assert each > 2e9


TOO_MUCH = {
    "one text": "print('x' * 1_000_000_000)",
    "many lines": "line = 'x' * 999\nfor _ in range(1_000_000):\n    print(line)",
    "a child's text": "import subprocess\nsubprocess.run('yes | head -c 300000000', shell=True)",
    "both streams": "import sys\nprint('x' * 15_000_000)\nprint('x' * 15_000_000, file=sys.stderr)",
}


@pytest.mark.slow
@pytest.mark.parametrize("source", TOO_MUCH.values(), ids=TOO_MUCH)
def test_a_run_that_prints_too_much_is_ended(lab, source):
    lab.write_note("a", f"# %%\nx = 1\n\n# %%\n{source}\n")
    code = f"{PEAK_MEMORY}\nimport sys\nfrom labnotes.cli import main\nsys.argv = ['labnotes', 'run', 'a']\n"
    code += "try:\n    main()\nfinally:\n    print('PEAK', peak_memory())"
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=lab.root, env=lab.command_environment(), capture_output=True, text=True, timeout=120, check=False
    )
    assert "notes/a/note.py:5: cell 2 printed until the note had more than 20 MB of text" in done.stdout, (
        done.stdout[-3000:] + done.stderr[-3000:]
    )
    assert int(done.stdout.rpartition("PEAK")[2]) < 1e9
    assert done.returncode == 1


def test_text_below_the_limit_is_whole(lab):
    """Nothing is dropped, however many messages wait."""
    lab.write_note(
        "a",
        "# %%\nimport sys\nfor i in range(3000):\n    print(i)\n    sys.stdout.flush()\n\n# %%\nfrom labnotes import claim\nclaim('x', 1)\n",
    )
    assert lab("run", "a").code == 0
    (path,) = (lab.cache / "labnotes" / "runs").glob("*/a/*/*/record.json")
    assert json.loads(path.read_text())["cells"][0]["outputs"][0]["text"] == "".join(f"{i}\n" for i in range(3000))


def test_a_run_that_shows_too_much_fails_at_the_line(lab):
    show = "from IPython.display import HTML, display\n\n# %%\nfor _ in range(30):\n    display(HTML('x' * 10_000_000))\n"
    lab.write_note("a", f"# %%\n{show}")
    done = lab("run", "a")
    assert "notes/a/note.py:6: cell 2 raised OutputLimitError: the note shows more than 200 MB" in done.text, done.text[-2000:]


@pytest.mark.parametrize(("text", "amount"), [("500M", 5 * 10**8), ("8G", 8 * 10**9), ("8 GB", 8 * 10**9), ("1.5T", 1_500_000_000_000)])
def test_memory_is_given_in_powers_of_a_thousand(text, amount):
    assert memory_sizes.parse_memory(text) == amount


@pytest.mark.parametrize("text", ["8", "-1G", "0G", "much", True, "8Gi", "8g", 8])
def test_other_amounts_of_memory_are_refused(lab, text):
    lab.write_note("a", "# %%\nx = 1\n", settings={"memory": text})
    done = lab("run", "a")
    assert done.code == 2
    assert "no amount of memory: write 500M or 8G" in done.text
