"""What a run says is what happened in it: quantities arrive or are missed, errors that Jupyter only shows fail it. One lab, all notes at once."""

import json
import re

import pytest

PLAIN = "# %%\nfrom labnotes import claim\n"

LOST = {
    # quantities that never arrive: (the note, the cell and names that must be told)
    "cleared-in-loop": (
        """
        # %%
        from IPython.display import clear_output
        from labnotes import claim
        # %%
        for s in range(3):
            clear_output(wait=True)
            claim(f"ok_{s}", s, holds="value > 100")
        """,
        "claim 'ok_0', claim 'ok_1' of cell 2 were called, but their outputs were cleared or captured",
    ),
    "cleared-at-once": (
        """
        # %%
        from IPython.display import clear_output
        from labnotes import claim
        for s in "ab":
            claim(f"ok_{s}", 1)
        clear_output()
        """,
        "claim 'ok_a', claim 'ok_b' of cell 1 were called, but their outputs were cleared or captured",
    ),
    "captured": (
        """
        # %%
        import matplotlib.pyplot as plt, pandas as pd
        from labnotes import claim, figure, table
        # %%
        %%capture
        for k in range(2):
            claim(f"c{k}", k)
        fig, ax = plt.subplots()
        ax.plot([1, 2])
        figure(fig, "f" + "1", caption="c", alt="a")
        table(pd.DataFrame({"x": [1]}), "t" + "1", caption="c")
        """,
        "claim 'c0', claim 'c1', figure 'f1', table 't1' of cell 2 were called, but their outputs were cleared or captured",
    ),
    "captured-by-name": (
        """
        # %%
        from IPython.utils.capture import capture_output
        from labnotes import claim
        with capture_output():
            claim("hidden" + "", 1)
        """,
        "claim 'hidden' of cell 1 was called, but its output was cleared or captured",
    ),
    "forked-worker": (
        """
        # %%
        import multiprocessing
        from labnotes import claim
        def work(k):
            try:
                claim(f"w{k}", k)
            except ValueError:
                pass
        with multiprocessing.get_context("fork").Pool(1) as pool:
            pool.map(work, [1])
        """,
        "claim 'w1' of cell 1 was called in another process, from where nothing can be recorded",
    ),
    "started-program": (
        """
        # %%
        import subprocess, sys
        subprocess.run([sys.executable, "-c", "from labnotes import claim; claim('far', 1)"])
        """,
        "claim 'far' of cell 1 was called in another process, from where nothing can be recorded",
    ),
}

RAISED = {
    # errors that Jupyter shows or swallows, and answers "ok": (the note, what must be told)
    "captured-error": (
        """
        # %%
        best = 0.1
        # %%
        %%capture
        x = 1
        import nosuchmodule_xyz
        # %%
        best
        """,
        ("note.py:6: cell 2 went on after ModuleNotFoundError: No module named 'nosuchmodule_xyz'", "> import nosuchmodule_xyz"),
    ),
    "script-fails": (
        """
        # %%
        open("bad.py", "w").write("x = 1\\n1 / 0\\n")
        # %%
        %run bad.py
        """,
        ("cell 2 raised ZeroDivisionError: division by zero",),
    ),
    "module-fails": (
        """
        # %%
        open("bad.py", "w").write("1 / 0\\n")
        # %%
        %run -m bad
        """,
        ("cell 2 raised ZeroDivisionError: division by zero",),
    ),
    "inner-cell-fails": (
        """
        # %%
        get_ipython().run_cell("1 / 0")
        """,
        ("cell 1", "ZeroDivisionError: division by zero"),
    ),
    "thread-fails": (
        """
        # %%
        import threading
        def work():
            return 1 / 0
        thread = threading.Thread(target=work, name="worker")
        thread.start()
        thread.join()
        """,
        ("note.py:4: cell 1 raised in thread 'worker' ZeroDivisionError: division by zero", "> return 1 / 0"),
    ),
    "task-fails": (
        """
        # %%
        import asyncio
        async def work():
            await asyncio.sleep(0)
            raise KeyError("lost")
        task = asyncio.ensure_future(work())
        # %%
        await asyncio.sleep(0.05)
        del task
        """,
        ("cell 1 raised in a task KeyError: 'lost'", '> raise KeyError("lost")'),
    ),
    "late-task-fails": (
        """
        # %%
        import asyncio
        async def work():
            await asyncio.sleep(0.2)
            raise KeyError("late")
        task = asyncio.ensure_future(work())
        """,
        ("cell 1 raised in a task KeyError: 'late'",),
    ),
    "callback-fails": (
        """
        # %%
        import asyncio
        asyncio.get_running_loop().call_soon(lambda: 1 / 0) if False else asyncio.get_event_loop().call_soon(lambda: 1 / 0)
        await asyncio.sleep(0.05)
        """,
        ("cell 1 raised in a task ZeroDivisionError: division by zero",),
    ),
    "future-fails": (
        """
        # %%
        from concurrent.futures import ThreadPoolExecutor
        def work(k):
            return 1 / k
        # %%
        with ThreadPoolExecutor(2) as pool:
            futures = [pool.submit(work, k) for k in (1, 0)]
        """,
        (
            "note.py:7: cell 2 raised in work given to a pool, for whose result nobody asked, ZeroDivisionError: division by zero",
            "> futures = [pool.submit(work, k)",
        ),
    ),
    "dropped-future-fails": (
        """
        # %%
        from concurrent.futures import ThreadPoolExecutor, wait, FIRST_EXCEPTION
        import json
        pool = ThreadPoolExecutor(1)
        # %%
        wait([pool.submit(json.loads, "{")], return_when=FIRST_EXCEPTION)
        # %%
        x = 1
        """,
        ("note.py:6: cell 2 raised in work given to a pool", "JSONDecodeError: Expecting property name"),
    ),
    "mapped-future-fails": (
        """
        # %%
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(2) as pool:
            halves = pool.map(lambda k: 1 / k, [1, 0])
        """,
        ("note.py:4: cell 1 raised in work given to a pool", "ZeroDivisionError: division by zero"),
    ),
    "executor-process-fails": (
        """
        # %%
        import multiprocessing
        from concurrent.futures import ProcessPoolExecutor
        def work():
            raise KeyError("far")
        with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("fork")) as pool:
            future = pool.submit(work)
        """,
        ("note.py:7: cell 1 raised in work given to a pool", "KeyError: 'far'"),
    ),
    "async-result-fails": (
        """
        # %%
        import multiprocessing
        def work(k):
            return 1 / k
        pool = multiprocessing.get_context("fork").Pool(1)
        pool.apply_async(work, (0,))
        pool.close()
        pool.join()
        """,
        ("note.py:6: cell 1 raised in work given to a pool", "ZeroDivisionError: division by zero"),
    ),
    "imap-fails": (
        """
        # %%
        from multiprocessing.pool import ThreadPool
        with ThreadPool(1) as pool:
            halves = pool.imap(lambda k: 1 / k, [1, 0])
            next(halves)
            pool.close()
            pool.join()
        """,
        ("cell 1 raised in work given to a pool", "ZeroDivisionError: division by zero"),
    ),
    "joblib-fails": (
        """
        # %%
        import time
        from joblib import Parallel, delayed
        def work(k):
            return 1 / k
        halves = Parallel(n_jobs=2, backend="threading", return_as="generator")(delayed(work)(k) for k in (1, 0))
        time.sleep(0.3)
        """,
        ("note.py:6: cell 1 raised in work given to joblib", "ZeroDivisionError: division by zero"),
    ),
    "process-fails": (
        """
        # %%
        import multiprocessing
        def work():
            raise KeyError("far")
        process = multiprocessing.get_context("fork").Process(target=work, name="worker")
        process.start()
        process.join()
        """,
        ("note.py:5: cell 1 raised in a process, for whose exitcode nobody asked, ChildProcessError: worker ended with exit code 1",),
    ),
    "spawned-process-fails": (
        """
        # %%
        import json, multiprocessing
        process = multiprocessing.get_context("spawn").Process(target=json.loads, args=("{",), name="parser")
        process.start()
        process.join()
        """,
        ("note.py:3: cell 1 raised in a process, for whose exitcode nobody asked, ChildProcessError: parser ended with exit code 1",),
    ),
    "several-results-fail": (
        """
        # %%
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(1) as pool:
            pool.submit(int, "x")
            pool.submit(int, "y")
        """,
        (
            "note.py:4: cell 1 raised in work given to a pool, for whose result nobody asked, ValueError: invalid literal for int() with base 10: 'x'",
            "and in work given to a pool, for whose result nobody asked: ValueError: invalid literal for int() with base 10: 'y'",
        ),
    ),
    "plain-future-fails": (
        """
        # %%
        import asyncio
        future = asyncio.get_running_loop().create_future()
        future.set_exception(KeyError("set"))
        """,
        ("cell 1 raised in a future KeyError: 'set'",),
    ),
    "executor-of-loop-fails": (
        """
        # %%
        import asyncio
        future = asyncio.get_running_loop().run_in_executor(None, lambda: 1 / 0)
        await asyncio.sleep(0.1)
        """,
        ("note.py:3: cell 1 raised in a future ZeroDivisionError: division by zero",),
    ),
    "deletion-fails": (
        """
        # %%
        class Held:
            def __del__(self):
                raise KeyError("kept")
        held = Held()
        # %%
        del held
        """,
        ("note.py:4: cell 1 raised in 'Held.__del__', where Python only shows it, KeyError: 'kept'", '> raise KeyError("kept")'),
    ),
    "closing-fails": (
        """
        # %%
        def numbers():
            try:
                yield 1
            finally:
                1 / 0
        stream = numbers()
        next(stream)
        # %%
        del stream
        """,
        ("note.py:6: cell 1 raised in 'numbers', where Python only shows it, ZeroDivisionError",),
    ),
    "weakref-callback-fails": (
        """
        # %%
        import weakref
        class Held: pass
        held = Held()
        watcher = weakref.ref(held, lambda reference: 1 / 0)
        del held
        """,
        ("note.py:5: cell 1 raised in '<lambda>', where Python only shows it, ZeroDivisionError",),
    ),
    "cycle-fails": (
        """
        # %%
        class Ring:
            def __init__(self):
                self.ring = self
            def __del__(self):
                raise KeyError("round")
        Ring()
        None
        """,
        ("note.py:6: cell 1 raised in 'Ring.__del__', where Python only shows it, KeyError: 'round'",),
    ),
    "repr-fails": (
        """
        # %%
        class Broken:
            def __repr__(self):
                raise OSError("no words")
        Broken()
        """,
        ("cell 1 raised OSError: no words",),
    ),
    "group": (
        """
        # %%
        raise ExceptionGroup("many", [ValueError("a"), ExceptionGroup("more", [TypeError("b")])])
        """,
        ("cell 1 raised ExceptionGroup: many (2 sub-exceptions)", "with ValueError: a; TypeError: b"),
    ),
    "task-group": (
        """
        # %%
        import asyncio
        async def bad():
            raise ValueError("inside")
        async with asyncio.TaskGroup() as group:
            group.create_task(bad())
        """,
        ("cell 1 raised ExceptionGroup: unhandled errors in a TaskGroup (1 sub-exception)", "with ValueError: inside"),
    ),
    "rich-traceback": (
        """
        # %%
        from rich.traceback import install
        install()
        # %%
        x = 1
        1 / 0
        """,
        ("note.py:6: cell 2 raised ZeroDivisionError: division by zero", "> 1 / 0"),
    ),
    "custom-handler": (
        """
        # %%
        get_ipython().set_custom_exc((ZeroDivisionError,), lambda shell, kind, value, tb, tb_offset=None: print("handled"))
        # %%
        1 / 0
        """,
        ("note.py:4: cell 2 raised ZeroDivisionError: division by zero",),
    ),
    "unknown-cell-magic": ("# %%\n%%tiem\nx = 2\n", ("cell 1 raised UsageError: Cell magic `%%tiem` not found",)),
    "unknown-magic": ("# %%\n%nosuch 3\n", ("cell 1 raised UsageError: Line magic function `%nosuch` not found",)),
    "syntax": ("# %%\nexec('x = = 1')\n", ("cell 1 raised SyntaxError: invalid syntax",)),
    "key": (
        "# %%\nimport os\nos.environ['OPENAI_API_KEY']\n",
        ("KeyError: 'OPENAI_API_KEY'", "a run has none of the variables of your shell"),
    ),
    "swallowed-refusal": (
        """
        # %%
        import urllib.request
        try:
            urllib.request.urlopen("http://models.example.org/weights")
        except OSError:
            raise RuntimeError("cannot load the model") from None
        """,
        ("RuntimeError: cannot load the model", "the run asked in vain for models.example.org: a run has no network"),
    ),
    "tag-not-needed": ('# %% tags=["raises-exception"]\nx = 1\n', ("cell 1 is tagged raises-exception and raised nothing",)),
    "too-large": (PLAIN + 'claim("c", 10**400)\n', ("claim 'c': is a whole number beyond 1.8e308",)),
}

FINE = {
    "late-thread": """
        # %%
        import threading, time
        from labnotes import claim
        def work():
            time.sleep(0.3)
            claim("late", 7)
            print("from the thread")
        threading.Thread(target=work).start()
        """,
    "thread-over-cells": """
        # %%
        import threading, time
        from labnotes import claim
        thread = threading.Thread(target=lambda: (time.sleep(0.2), claim("between", 3)))
        thread.start()
        # %%
        time.sleep(0.4)
        # %%
        x = 1
        """,
    "task-over-cells": """
        # %%
        import asyncio
        from labnotes import claim
        async def work():
            await asyncio.sleep(0.1)
            claim("awaited", 5)
            print("from the task")
        task = asyncio.ensure_future(work())
        # %%
        await task
        """,
    "pool-left-open": """
        # %%
        from concurrent.futures import ThreadPoolExecutor
        import time
        from labnotes import claim
        pool = ThreadPoolExecutor(2)
        futures = [pool.submit(lambda k=k: (time.sleep(0.2), claim(f"p{k}", k))) for k in range(3)]
        """,
    "handled": """
        # %%
        import asyncio, threading
        from labnotes import claim
        async def work():
            raise KeyError("asked for")
        try:
            await asyncio.ensure_future(work())
        except KeyError:
            claim("caught", True)
        """,
    "results-handled": """
        # %%
        import asyncio, multiprocessing
        from concurrent.futures import ThreadPoolExecutor, as_completed
        from multiprocessing.pool import ThreadPool
        from joblib import Parallel, delayed
        from labnotes import claim
        def work(k):
            return 1 / k
        fork = multiprocessing.get_context("fork")
        caught = []
        with ThreadPoolExecutor(2) as pool, ThreadPool(2) as threads:
            looked, tried = pool.submit(work, 0), pool.submit(work, 0)
            caught.append(type(looked.exception()).__name__)
            try:
                tried.result()
            except ZeroDivisionError:
                caught.append("result")
            try:
                list(pool.map(work, [1, 0, 0, 0]))
            except ZeroDivisionError:
                caught.append("map")
            try:
                await asyncio.get_running_loop().run_in_executor(pool, work, 0)
            except ZeroDivisionError:
                caught.append("loop")
            asked = threads.apply_async(work, (0,))
            asked.wait()
            caught.append(asked.successful())
            threads.apply_async(work, (0,), error_callback=lambda error: caught.append("callback")).wait()
            try:
                threads.map_async(work, [0, 0]).get()
            except ZeroDivisionError:
                caught.append("get")
            try:
                list(threads.imap(work, [1, 0, 0]))
            except ZeroDivisionError:
                caught.append("imap")
            done = [pool.submit(work, k) for k in (0, 1)]
            caught += sorted(type(future.exception()).__name__ for future in as_completed(done))
            cancelled = pool.submit(work, 1)
            cancelled.cancel()
        for options in ({}, {"backend": "threading"}, {"backend": "threading", "return_as": "generator"}):
            try:
                list(Parallel(n_jobs=2, **options)(delayed(work)(k) for k in (0, 0, 0)))
            except ZeroDivisionError:
                caught.append("joblib")
        process = fork.Process(target=work, args=(0,))
        process.start()
        process.join()
        caught.append(process.exitcode)
        ended = fork.Process(target=__import__("time").sleep, args=(60,))
        ended.start()
        ended.kill()
        ended.join()
        claim("caught", len(caught))
        """,
    "result-may-raise": """
        # %% tags=["raises-exception"]
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(1) as pool:
            pool.submit(lambda: 1 / 0)
        # %% tags=["raises-exception"]
        class Held:
            def __del__(self):
                raise KeyError("kept")
        Held()
        None
        # %%
        from labnotes import claim
        claim("after_work", 1)
        """,
    "library-cleans-up": """
        # %%
        import operator, weakref
        from labnotes import claim
        class Held: pass
        held = Held()
        watcher = weakref.ref(held, operator.index)
        del held
        claim("shown_only", 1)
        """,
    "may-raise": """
        # %% tags=["raises-exception"]
        1 / 0
        # %%
        from labnotes import claim
        claim("after", 1)
        """,
    "not-taken": """
        # %%
        from contextlib import suppress
        from labnotes import claim
        match 2:
            case 1: claim("one", 1)
        claim("two", 2) if False else None
        False and claim("three", 3)
        with suppress(ZeroDivisionError):
            1 / 0
            claim("four", 4)
        claim("five", 5)
        """,
    "burst": """
        # %%
        import threading
        from labnotes import claim
        def work(who):
            for i in range(600):
                print(f"{who}{i}.", end="", flush=True)
                if i % 200 == 100:
                    claim(f"{who}_{i // 200}", i)
        threads = [threading.Thread(target=work, args=(who,)) for who in "xyz"]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        """,
    "bars": """
        # %%
        import sys
        for i in range(5):
            print(f"\\rstep {i} of 4", end="")
        print("\\nwarmx\\b done\\r\\n")
        print("x" * 300_000)
        """,
    "shell": "# %%\n!exit 3\nx = !exit 4\n",
    "empty": "# %%\nx = 1\n",
}


RESEMBLING = {
    *("cleared-at-once", "captured", "started-program"),
    *("module-fails", "late-task-fails", "callback-fails", "task-group", "rich-traceback", "unknown-cell-magic", "syntax"),
    *("thread-over-cells", "pool-left-open"),
}
"""Notes that others resemble: they run where a slow test asks for them."""


def slug_params(slugs):
    return [pytest.param(slug, marks=pytest.mark.slow if slug in RESEMBLING else ()) for slug in slugs]  # 0.6 s each, a kernel


@pytest.fixture(scope="module")
def ran(shared_lab, selected):
    """All notes run at once: the lab, and what the terminal said of each note."""
    left_out = set() if any(item.get_closest_marker("slow") for item in selected) else RESEMBLING
    sources = {**{slug: source for slug, (source, _) in {**LOST, **RAISED}.items()}, **FINE}
    for slug in sources.keys() - left_out:
        shared_lab.write_note(slug, sources[slug])
    done = shared_lab("run", "--jobs", "2")
    sections = {}
    for part in ("\n" + done.out).split("\n\n"):
        words = part.split(maxsplit=1)
        if words:
            sections[words[0]] = part
    assert "fault of labnotes" not in done.text
    return shared_lab, sections, done


def record_of(lab, slug):
    (path,) = (lab.cache / "labnotes" / "runs").glob(f"*/{slug}/*/*/record.json")
    return json.loads(path.read_text())


def stream_of(lab, slug, name="stdout"):
    cells = record_of(lab, slug)["cells"]
    return ["".join(out["text"] for out in cell["outputs"] if out.get("name") == name) for cell in cells]


@pytest.mark.parametrize("slug", slug_params(LOST))
def test_a_quantity_that_does_not_arrive_fails_the_run_by_its_name_and_cell(ran, slug):
    lab, sections, _ = ran
    assert re.match(rf"\s*{slug} raised", sections[slug]), sections[slug]
    assert LOST[slug][1] in sections[slug]
    assert not list((lab.cache / "labnotes" / "runs").glob(f"*/{slug}/*/*")), "such a run is not kept"


@pytest.mark.parametrize("slug", slug_params(RAISED))
def test_an_error_that_no_code_took_care_of_fails_the_run(ran, slug):
    _, sections, _ = ran
    assert re.match(rf"\s*{slug} raised", sections[slug]), sections[slug]
    for words in RAISED[slug][1]:
        assert words in sections[slug], sections[slug]


@pytest.mark.parametrize(
    ("slug", "claims"),
    [
        ("late-thread", {"late": 7}),
        pytest.param("thread-over-cells", {"between": 3}, marks=pytest.mark.slow),
        ("task-over-cells", {"awaited": 5}),
        pytest.param("pool-left-open", {"p0": 0, "p1": 1, "p2": 2}, marks=pytest.mark.slow),
        ("handled", {"caught": True}),
        ("results-handled", {"caught": 14}),
        ("result-may-raise", {"after_work": 1}),
        ("library-cleans-up", {"shown_only": 1}),
        ("may-raise", {"after": 1}),
        ("not-taken", {"five": 5}),
        ("burst", {f"{who}_{k}": 200 * k + 100 for who in "xyz" for k in range(3)}),
    ],
)
def test_what_comes_late_or_in_masses_arrives(ran, slug, claims):
    lab, sections, _ = ran
    assert re.match(rf"\s*{slug} ran", sections[slug]), sections[slug]
    assert {name: claim["value"] for name, claim in record_of(lab, slug)["claims"].items()} == claims


def test_every_flushed_write_of_every_thread_arrives(ran):
    lab, _, _ = ran
    (text,) = stream_of(lab, "burst")
    for who in "xyz":
        assert sorted(map(int, re.findall(rf"{who}(\d+)\.", text))) == list(range(600))


def test_what_a_task_prints_belongs_to_the_cell_that_started_it(ran):
    lab, _, _ = ran
    assert stream_of(lab, "task-over-cells") == ["from the task\n", ""]


def test_what_a_thread_prints_after_the_last_cell_is_kept(ran):
    lab, _, _ = ran
    assert stream_of(lab, "late-thread") == ["from the thread\n"]


def test_an_error_that_was_meant_is_shown_in_the_record(ran):
    lab, _, _ = ran
    (error,) = record_of(lab, "may-raise")["cells"][0]["outputs"]
    assert (error["output_type"], error["ename"]) == ("error", "ZeroDivisionError")


def test_streams_are_as_a_terminal_shows_them_and_not_endless(ran):
    lab, sections, _ = ran
    (text,) = stream_of(lab, "bars")
    assert text.startswith("step 4 of 4\nwarm done\n")
    assert "\r" not in text
    assert "\b" not in text
    assert re.search(r"^… 200,0\d\d characters are left out here …$", text, re.MULTILINE)
    assert len(text) < 101_000
    assert "cell 1 prints more than a record keeps" in sections["bars"]


def test_a_program_that_failed_is_told(ran):
    _, sections, _ = ran
    assert "cell 1: !exit 3 ended with status 3" in sections["shell"]


def test_a_note_without_any_quantity_says_so(ran):
    _, sections, _ = ran
    assert "has no claim, figure or table, so nothing of it is checked" in sections["empty"]


def test_a_note_without_any_quantity_does_not_agree(ran):
    lab, _, _ = ran
    accepted = lab("accept", "empty", "--yes")
    assert accepted.code == 0, accepted.text
    done = lab("check", "empty", "--fresh")
    assert done.code == 1
    assert "empty nothing to compare" in done.out
    assert "agree" not in done.out
    (line,) = (lab.root / "notes" / "empty" / "checks.jsonl").read_text().splitlines()
    assert json.loads(line)["outcome"] == "nothing to compare"
    listed = lab("list", "empty")
    assert "0 of 1 agree" in listed.out, listed.out


def test_code_of_packages_is_not_the_notes_own_wherever_they_lie(tmp_path):
    from types import SimpleNamespace

    from labnotes.kernel.cell_watch import CellWatch

    watch = CellWatch(SimpleNamespace(), lambda *finding: None)
    watch._requests["/tmp/ipykernel_1/1.py"] = "r"
    for path, is_own in (
        ("/tmp/ipykernel_1/1.py", True),
        (str(tmp_path / "notes" / "a" / "helper.py"), True),
        ("/elsewhere/.venv/lib/python3.12/site-packages/ipykernel/kernelbase.py", False),
        ("/usr/lib/python3/dist-packages/tornado/gen.py", False),
        ("<frozen runpy>", False),
    ):
        assert watch._is_of_note(compile("x = 1", path, "exec")) is is_own, path
