"""What a run is: a fresh kernel without network, watched, with time limits. One lab, its notes run together."""

import json
import os
import re
import signal
import subprocess
import sys
import time

import pytest

from labnotes.execute import outputs
from labnotes.kernel.isolation import APART_NETWORK, LANDLOCK, LANDLOCK_ONLY, NAMESPACE
from processes import left_processes

MEANS = (APART_NETWORK, NAMESPACE, LANDLOCK, LANDLOCK_ONLY)

FIRST = "# %%\nfrom labnotes import claim\n"

NOTES = {
    "environment": """
        # %%
        import os, sys, threading
        from labnotes import claim, seed, seeds
        print(os.environ["PYTHONHASHSEED"], os.environ["OMP_NUM_THREADS"], os.environ["TZ"], seed(), seeds(2))
        print(os.environ["IPYTHONDIR"] == os.environ.get("OUTER_IPYTHONDIR"), "PYTEST_CURRENT_TEST" in os.environ)
        print(os.path.basename(os.getcwd()), hash("a") == hash("a"), sys.executable)
        claim("hash", hash("fixed") % 1000)
        """,
    "startup": """
        # %%
        import sys
        from labnotes import claim
        claim("clean", "planted" not in globals())
        claim("debugger", not {"debugpy", "pydevd"}.isdisjoint(sys.modules))
        import debugpy
        """,
    "network": """
        # %%
        import socket, subprocess, sys, urllib.request
        from labnotes import claim
        def reason(call):
            try:
                call()
            except OSError as error:
                return str(error)
            return "CONNECTED"
        print("1", reason(lambda: socket.create_connection(("192.0.2.7", 443), timeout=2)))
        print("2", reason(lambda: urllib.request.urlopen("http://example.org/x", timeout=2)))
        child = "import socket\\ntry:\\n    socket.create_connection(('192.0.2.8', 80), timeout=2)\\nexcept OSError as e: print('3', e)"
        print(subprocess.run([sys.executable, "-c", child], capture_output=True, text=True).stdout)
        # past the audit hook: a process that is not watched has no network either
        raw = "import socket\\ntry:\\n    socket.create_connection(('192.0.2.9', 80), timeout=2)\\nexcept OSError as e: print('4', type(e).__name__, e.errno)"
        print(subprocess.run([sys.executable, "-I", "-S", "-c", raw], capture_output=True, text=True).stdout)
        server = socket.create_server(("127.0.0.1", 0))
        print("5", reason(lambda: socket.create_connection(server.getsockname(), timeout=2)))
        claim("done", True)
        """,
    "raises": """
        # %% [markdown]
        # Words.

        # %%
        x = 1

        # %%
        def inner(y):
            return 1 / y
        print("before")
        inner(0)
        """,
    "unrecordable": """
        # %%
        from labnotes import claim
        claim("x", "much")
        """,
    "hangs": """
        # %%
        import os, subprocess, sys, time
        child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)", os.environ["TMPDIR"]])
        open(os.environ["LABNOTES_ARTIFACTS"] + "/hangs.mark", "w").write(os.environ["TMPDIR"])
        def wait():
            print("epoch 3 done\\nepoch 4", flush=True)
            time.sleep(600)
        wait()
        """,
    "hangs-in-cell": """
        # %%
        x = 1

        # %%
        while True:
            pass
        """,
    "killed": """
        # %%
        import os, signal
        os.kill(os.getpid(), signal.SIGKILL)
        """,
    "crashes": """
        # %%
        import ctypes
        print("before the crash", flush=True)
        def read_nothing():
            return ctypes.string_at(0)

        # %%
        x = 1
        read_nothing()
        """,
    "worker-hangs": """
        # %%
        import multiprocessing
        def f(x):
            return x
        pool = multiprocessing.get_context("spawn").Pool(1)
        pool.map(f, [1])
        """,
    "exits": """
        # %%
        import os
        os._exit(3)
        """,
    "shows": """
        # %%
        import matplotlib.pyplot as plt
        plt.plot([1, 2, 3])
        plt.show()

        # %%
        fig, ax = plt.subplots()
        ax.bar(["a", "b"], [1, 2]);

        # %%
        from IPython.display import SVG, display
        display(SVG("<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>"))
        """,
    "shadows": """
        # %%
        from labnotes import claim
        claim("ran", True)
        """,
    "scrubbed": """
        # %%
        import os, sys
        from labnotes import claim
        print(os.getcwd(), sys.prefix, os.path.expanduser("~"), object())
        claim("x", 1)
        """,
    "warns": """
        # %%
        import warnings, os
        from IPython.display import JSON, display
        warnings.warn("careful")
        from labnotes import claim
        claim("x", 1)
        display(JSON({"where": [os.getcwd()]}))
        """,
    "strays": """
        # %%
        import os, subprocess, sys
        code = ["-c", "import time; time.sleep(600)", os.environ["TMPDIR"]]
        children = [subprocess.Popen([sys.executable, *code], start_new_session=True, env=given) for given in (None, {}) for _ in range(25)]
        open(os.environ["LABNOTES_ARTIFACTS"] + "/strays.mark", "w").write(os.environ["TMPDIR"])
        """,
    "timed-cell": """
        # %% [markdown]
        # {{ t }}

        # %%
        from labnotes import claim

        # %%
        %%time
        claim("t", 1.5)
        """,
    "rich": """
        # %%
        from IPython.display import HTML, display
        import pandas as pd
        display(HTML("<b>bold</b>"))
        display({"application/vnd.plotly.v1+json": {"data": []}, "text/plain": "Figure"}, raw=True)
        display({"application/vnd.jupyter.widget-view+json": {"model_id": "a1"}, "text/plain": " 50%|#####     | 5/10"}, raw=True)
        display({"application/vnd.bokehjs_load.v0+json": "", "application/vnd.holoviews_load.v0+json": ""}, raw=True)
        display({"text/latex": "$x$", "image/png": "iVBORw0K", "text/plain": "x"}, raw=True)
        display({"audio/wav": "AAAA", "text/plain": "sound"}, raw=True)
        display({"application/javascript": "1", "text/plain": "a script"}, raw=True)
        pd.DataFrame({"x": [1]}).style.highlight_max(color="yellow")
        """,
    "escapes": """
        # %%
        from IPython.display import display
        display({"application/vnd.labnotes.table+json": {"label": "../../x", "caption": "c", "tolerance": None, "data": {}}}, raw=True)
        """,
    "aliased": """
        # %% [markdown]
        # {{ a }} {{ b }}

        # %%
        import labnotes as ln
        from labnotes import claim as state
        ln.claim("a", 1)
        state("b", 2)
        def table(rows, title):
            return title
        table([1], "My Title!")
        """,
    "magics": """
        # %%
        %time y = 2
        !echo from the shell
        from labnotes import claim
        claim("y", y)
        """,
    "late-names": """
        # %% [markdown]
        # {{ c_1 }} and {{ c_2 }}.

        # %%
        from labnotes import claim
        for i in (1, 2):
            claim(f"c_{i}", i)
        """,
    "twice": """
        # %%
        from labnotes import claim
        for i in (1, 2):
            claim("same" + "", i)
        """,
}


def artifact_text(lab, slug, name):
    """What a run left in its folder of artifacts: what it writes in its own folder is gone with it."""
    return (lab.artifacts_folder(slug) / name).read_text()


SETTINGS = {
    "hangs": {"timeout": "3s"},
    "worker-hangs": {"timeout": "10s"},
    "hangs-in-cell": {"cell_timeout": "2s"},
    "environment": {"seed": 3, "cores": 2},
}


@pytest.fixture(scope="module")
def ran(shared_lab, tmp_path_factory, selected):
    """All notes run at once; the terminal's text and the store. What only slow tests look at runs with them."""
    home = tmp_path_factory.mktemp("home")
    startup = home / ".ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("planted = True\n")
    (home / "python-startup.py").write_text("planted = True\n")
    left_out = set() if any(item.get_closest_marker("slow") for item in selected) else {"worker-hangs", "hangs-in-cell"}
    for slug in NOTES.keys() - left_out:
        shared_lab.write_note(slug, NOTES[slug], settings=SETTINGS.get(slug))
    for name in ("token", "queue", "json", "asyncio"):
        (shared_lab.root / "notes" / "shadows" / f"{name}.py").write_text("raise RuntimeError('taken for the standard module')\n")
    done = shared_lab("run", "--jobs", "3", HOME=str(home), PYTHONSTARTUP=str(home / "python-startup.py"), PYTEST_CURRENT_TEST="outer")
    return shared_lab, done


def note_section(done, slug):
    """What the terminal says about one note."""
    text = "\n" + done.out
    start = text.index(f"\n{slug} ")
    end = text.find("\n\n", start + 1)
    return text[start:end]


def observed_record(lab, slug):
    (path,) = (lab.cache / "labnotes" / "runs").glob(f"*/{slug}/*/*/record.json")
    return json.loads(path.read_text())


def printed_text(lab, slug):
    return "".join(out["text"] for cell in observed_record(lab, slug)["cells"] for out in cell["outputs"] if out.get("name") == "stdout")


def test_failures_are_reported_and_the_other_notes_finish(ran):
    _, done = ran
    assert done.code == 2, "some notes are invalid"
    for slug in ("environment", "network", "shows", "magics", "late-names"):
        assert " ran " in note_section(done, slug).splitlines()[1], note_section(done, slug)


def test_the_environment_is_fixed(ran):
    lab, _ = ran
    lines = printed_text(lab, "environment").splitlines()
    assert lines[0] == "0 2 UTC 3 [30000, 30001]"
    assert lines[1] == "False False"
    assert lines[2].startswith("environment True")


def test_startup_files_of_the_home_folder_are_not_run(ran):
    lab, _ = ran
    assert observed_record(lab, "startup")["claims"]["clean"]["value"] is True


def test_a_kernel_loads_no_debugger_and_a_note_may_import_it(ran):
    """Its import would be a fifth of what the start of a kernel takes."""
    lab, _ = ran
    assert observed_record(lab, "startup")["claims"]["debugger"]["value"] is False


def test_there_is_no_network_for_the_run_and_its_children(ran):
    lab, _ = ran
    text = printed_text(lab, "network")
    lines = dict(line.split(" ", 1) for line in text.splitlines() if line)
    assert "asked for 192.0.2.7" in lines["1"]
    assert "inputs: in note.yml" in lines["1"]
    assert "example.org" in lines["2"]
    assert "asked for 192.0.2.8" in lines["3"]
    assert lines["4"].startswith(("OSError 101", "PermissionError 13")), lines["4"]
    assert lines["5"] == "CONNECTED", "processes of one run may talk to each other"


def test_a_raised_cell_is_shown_with_its_line_and_the_last_frames(ran):
    _, done = ran
    text = note_section(done, "raises")
    assert "raised" in text
    assert "notes/raises/note.py:11: cell 2 raised ZeroDivisionError: division by zero" in text
    assert "> inner(0)" in text
    assert "return 1 / y" in text


def test_a_call_that_cannot_be_recorded_is_shown_without_the_way_through_our_code(ran):
    _, done = ran
    text = note_section(done, "unrecordable")
    assert "cell 1 raised AuthorError: claim 'x': is str 'much', no number" in text
    assert '> claim("x", "much")' in text
    assert "author/api.py" not in text


def test_a_hung_note_times_out_and_its_children_are_ended(ran):
    lab, done = ran
    text = note_section(done, "hangs")
    assert "timed out" in text
    assert "cell 1 was still running when the note's time was up: 3 s" in text
    assert "notes/hangs/note.py:7: cell 1" in text, "the line that it was at"
    assert "> time.sleep(600)" in text
    assert "printed last: epoch 4" in text
    assert re.search(r"cell 1, line 6, in wait\n +cell 1, line 7, in <module>", text), text
    assert not left_processes(artifact_text(lab, "hangs", "hangs.mark"))


def test_a_crash_says_in_which_line_it_was(ran):
    _, done = ran
    text = note_section(done, "crashes")
    assert "the kernel died in cell 1 (killed by SIGSEGV)" in text or "the kernel died in cell 2 (killed by SIGSEGV)" in text
    assert "Fatal Python error: Segmentation fault" in text
    assert "cell 1, line 4, in read_nothing" in text
    assert "cell 2, line 2, in <module>" in text


@pytest.mark.slow  # 10 s by the clock, the note's limit of time
def test_what_a_worker_of_a_hanging_pool_said_is_told(ran):
    _, done = ran
    text = note_section(done, "worker-hangs")
    assert "timed out" in text
    assert "Can't get attribute 'f'" in text
    assert "cell 1, line 5, in <module>" in text


def test_processes_that_left_the_kernels_group_are_ended_after_a_run(ran):
    lab, done = ran
    assert " ran " in note_section(done, "strays")
    assert not left_processes(artifact_text(lab, "strays", "strays.mark"))


def test_claims_under_a_cell_magic_are_found(ran):
    lab, _ = ran
    assert observed_record(lab, "timed-cell")["claims"]["t"]["value"] == 1.5


def test_rich_outputs_that_no_comparison_reads_are_unverified(ran):
    lab, done = ran
    assert list(observed_record(lab, "rich")["figures"]) == ["auto-1"]
    text = note_section(done, "rich")
    assert "text/html" not in text
    assert "not verified: figure: it has no traces that are shown" in text


def test_html_formulas_widgets_and_sound_are_outputs_and_no_figures(ran):
    lab, _ = ran
    (cell,) = observed_record(lab, "rich")["cells"]
    shown = [output.get("data", output) for output in cell["outputs"]]
    widget = "application/vnd.jupyter.widget-view+json"
    assert [sorted(data) for data in shown] == [
        ["text/html", "text/plain"],
        ["label", "output_type"],
        [widget, "text/plain"],
        ["image/png", "text/latex", "text/plain"],
        ["audio/wav", "text/plain"],
        ["application/javascript", "text/plain"],
        ["text/html", "text/plain"],
    ]
    assert shown[2][widget] == {}, "the name of a model is another one in each run"
    assert 'id="T_00001_row0_col0"' in shown[-1]["text/html"] and "#T_00001_row0_col0" in shown[-1]["text/html"]


@pytest.mark.parametrize(
    ("html", "steady"),
    [
        ('<i id="T_a1b2c_row0">', '<i id="T_00001_row0">'),
        ('<i id="T_a1b2c"><i id="T_00000"><b>#T_a1b2c</b>', '<i id="T_00001"><i id="T_00002"><b>#T_00001</b>'),
        (f"<i id='{'ab' * 16}'>", f"<i id='{'0' * 31}1'>"),
        ('<i id="bk-deadbeef-1234-abcd-9876-0123456789ab">', '<i id="bk-00000000-0000-0000-0000-000000000001">'),
        (f"a digest: {'ab' * 16}", f"a digest: {'ab' * 16}"),
        ('<i id="table-2024">', '<i id="table-2024">'),
    ],
)
def test_ids_that_were_drawn_for_a_run_are_counted(html, steady):
    assert outputs._with_steady_ids(html) == steady


def test_a_label_published_by_hand_cannot_escape(ran):
    _, done = ran
    assert "the run published '../../x' as a claim, figure or table, which is no usable name" in done.err


def test_the_author_functions_are_known_by_any_name(ran):
    lab, _ = ran
    assert set(observed_record(lab, "aliased")["claims"]) == {"a", "b"}


def test_texts_are_the_same_at_every_run(ran):
    lab, _ = ran
    text = json.dumps(observed_record(lab, "warns"))
    assert "careful" in text
    assert not re.search(r"ipykernel_\d", text)
    assert str(lab.root) not in text


@pytest.mark.slow  # 2 s, the cell's limit of time
def test_a_hung_cell_is_named(ran):
    _, done = ran
    text = note_section(done, "hangs-in-cell")
    assert "timed out" in text
    assert "cell 2 was still running when the cell's time was up: 2 s" in text


def test_a_dead_kernel_is_told_with_its_signal_or_status(ran):
    _, done = ran
    assert "the kernel died in cell 1 (killed by SIGKILL, often a sign of too little memory)" in note_section(done, "killed")
    assert "the kernel died in cell 1" in note_section(done, "exits")


def test_figures_that_are_only_shown_are_recorded_under_automatic_labels(ran):
    lab, done = ran
    content = observed_record(lab, "shows")
    assert set(content["figures"]) == {"auto-1", "auto-2", "auto-3"}
    text = note_section(done, "shows")
    assert "figure auto-1 (cell 1) has no label, caption or alt text" in text
    assert "image/svg+xml without plotted data" in text


def test_a_helper_named_like_a_standard_module_does_not_break_the_kernel(ran):
    lab, _ = ran
    assert observed_record(lab, "shadows")["claims"]["ran"]["value"] is True


def test_no_path_of_the_machine_is_recorded(ran):
    lab, _ = ran
    assert printed_text(lab, "scrubbed") == "notes/scrubbed <python> ~ <object object at 0x…>\n"
    for path in (lab.cache / "labnotes" / "runs").rglob("*.json"):
        text = path.read_text()
        assert str(lab.root) not in text
        assert sys.prefix not in text.replace("<python>", "")


def test_magics_and_shell_lines_run(ran):
    lab, _ = ran
    assert "from the shell" in printed_text(lab, "magics")
    assert observed_record(lab, "magics")["claims"]["y"]["value"] == 2


def test_a_name_given_twice_at_run_time_raises(ran):
    _, done = ran
    assert "claim 'same': is defined twice in this note" in note_section(done, "twice")


def test_failed_runs_are_not_stored(ran):
    lab, _ = ran
    stored = {path.name for path in (lab.cache / "labnotes" / "runs").glob("*/*")}
    assert stored.isdisjoint({"raises", "unrecordable", "hangs", "hangs-in-cell", "killed", "exits", "twice"})
    assert "environment" in stored


def test_the_isolation_in_force_is_reported(ran):
    _, done = ran
    assert "network" in done.out
    lab, _ = ran
    (path,) = (lab.cache / "labnotes" / "runs").glob("*/startup/*/*/provenance.json")
    assert json.loads(path.read_text())["environment"]["isolation"] in MEANS


@pytest.mark.parametrize("number", [signal.SIGINT, pytest.param(signal.SIGTERM, marks=pytest.mark.slow)])
def test_an_interrupt_ends_the_kernels_and_keeps_what_is_finished(lab, number):
    lab.write_note("quick", FIRST + "claim('x', 1)\n")
    lab.write_note(
        "slow",
        "# %%\nimport os, time\nopen(os.environ['LABNOTES_ARTIFACTS'] + '/mark', 'w').write(os.environ['TMPDIR'])\ntime.sleep(600)\n",
    )
    mark = lab.artifacts_folder("slow") / "mark"
    process = subprocess.Popen(
        [sys.executable, "-m", "labnotes", "run", "--jobs", "2"],
        cwd=lab.root,
        env=lab.command_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    until = time.monotonic() + 60
    while not (mark.exists() and mark.read_text() and list((lab.cache / "labnotes" / "runs").glob("*/quick/*/*/record.json"))):
        assert time.monotonic() < until, "the notes did not start"
        time.sleep(0.1)
    os.kill(process.pid, number)
    out, _ = process.communicate(timeout=30)
    assert process.returncode == 130, out
    assert "Broken off" in out
    assert "Traceback" not in out
    assert "the kernel died" not in out
    assert not left_processes(mark.read_text())


def test_a_missing_kernel_package_is_named(lab, tmp_path):
    lab.write_note("a", FIRST + "claim('x', 1)\n")
    broken = tmp_path / "broken" / "ipykernel"
    broken.mkdir(parents=True)
    (broken / "__init__.py").write_text("raise ModuleNotFoundError(\"No module named 'ipykernel'\")\n")
    done = lab("run", "a", PYTHONPATH=str(broken.parent))
    assert done.code == 2
    assert "no kernel could be started" in done.text
    assert "No module named 'ipykernel'" in done.text
    assert "Traceback (most" not in done.text.split("error")[0]
