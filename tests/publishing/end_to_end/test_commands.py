"""The commands as people use them."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys
import time

import pytest

from labnotes import installation
from labnotes.cli.app import app

SIMPLE = """
# %% [markdown]
# The rate is {{ rate }}.

# %%
from labnotes import claim

# %%
claim("rate", 0.52, format=".0%")
"""


@pytest.mark.slow  # 5 s each; test_process.py goes the same way with an edited note, test_new.py builds a new one
@pytest.mark.parametrize("kind", ["ipynb", "py", "md"])
def test_a_new_note_runs_checks_and_builds_as_it_is(new_lab, kind):
    lab = new_lab()
    made = lab("init", "other", cwd=lab.root.parent)
    assert made.code == 0, made.text
    assert "labnotes new first-note" in made.out
    there = ("-C", str(lab.root.parent / "other"))
    for command in (("new", "first-note", "--format", kind), ("run",), ("accept", "first-note", "--yes"), ("check", "--fresh")):
        done = lab(*command, *there)
        assert done.code == 0, (command, done.text)
    assert "1 of 1 claim, 1 of 1 figure, 1 of 1 table" in done.out
    built = lab("build", "--drafts", *there)
    assert built.code == 0, built.text
    page = (lab.root.parent / "other" / "site" / "notes" / "first-note" / "index.html").read_text()
    assert re.search(r"Re-executed on</strong> <time[^>]*>\d+ \w+ 20", page)
    assert re.search(r'href="#claim-heads"[^>]*>[56]\d\.\d%</a>', page)
    assert "Not published" in page
    assert ">Dated <time" in page
    assert "Published" not in page.partition("<main")[2]
    assert "1 of 1 claim" in page
    left_out = lab("build", *there)
    assert "first-note is a draft" in left_out.out


def test_every_command_has_help_with_an_example(lab):
    for command in ("init", "new", "rename", "list", "run", "check", "history", "accept", "diff", "clean", "build"):
        done = lab(command, "--help")
        assert done.code == 0
        assert "Example: labnotes" in done.out, command
    assert "labnotes new my-note" in lab("--help").out


def test_the_version_is_that_of_the_installation(lab):
    done = lab("--version")
    assert (done.code, done.out, done.err) == (0, f"labnotes {installation.running_version()}\n", "")


def test_a_changed_number_is_told_exactly(lab, edit):
    folder = lab.record_note("a", SIMPLE)
    assert lab("check").code == 0
    edit(folder / "note.py", "0.52", "0.61")
    done = lab("check")
    assert done.code == 1
    assert "a differs" in done.out
    assert "the record is stale: the code changed in cell 2" in done.out
    assert "≠ changed claim rate  52% → 61%" in done.out
    assert "value is 0.61, recorded 0.52: moved by 0.09, allowed 0.005" in done.out
    assert "labnotes accept a" in done.out

    shown = lab("diff", "a")
    assert shown.code == 1
    assert "52% → 61%" in shown.out
    report = (lab.root / ".labnotes" / "diff.html").read_text()
    assert "61%" in report

    accepted = lab("accept", "a", "--yes")
    assert accepted.code == 0
    assert lab("check").code == 0
    assert lab("diff", "a").code == 0


def test_a_run_and_a_check_never_touch_the_record(lab, edit):
    folder = lab.record_note("a", SIMPLE)
    before = {path: path.read_bytes() for path in (folder / "record").rglob("*") if path.is_file()}
    edit(folder / "note.py", "0.52", "0.61")
    lab("run")
    lab("check")
    lab("check", "--seed", "3")
    lab("diff")
    lab("build")
    assert {path: path.read_bytes() for path in (folder / "record").rglob("*") if path.is_file()} == before


def test_a_second_run_gives_the_same_bytes(lab):
    source = """
        # %%
        import matplotlib.pyplot as plt, numpy as np, pandas as pd
        from labnotes import claim, figure, seed, table
        rng = np.random.default_rng(seed())
        claim("mean", rng.normal(size=100).mean())
        fig, ax = plt.subplots()
        ax.scatter(*rng.normal(size=(2, 50)), c=rng.normal(size=50), label="runs")
        ax.legend()
        figure(fig, "f", caption="c", alt="a")
        table(pd.DataFrame({"x": rng.normal(size=3)}), "t", caption="c")
        print({"a", "b", "c"}, object())
        """
    folder = lab.record_note("a", source)
    files = {path: path.read_bytes() for path in (folder / "record").rglob("*") if path.is_file() and path.name != "provenance.json"}
    assert lab("run").code == 0
    assert lab("accept", "a", "--yes").code == 0
    assert files == {path: path.read_bytes() for path in files}
    assert {path.name for path in files} == {"record.json", "card.png", "f.json", "f.svg"}


def test_notes_without_a_record_are_unrecorded(lab):
    lab.write_note("a", SIMPLE)
    done = lab("check")
    assert done.code == 1
    assert "unrecorded" in done.out
    assert "to record: labnotes accept a" in done.out


def test_commands_work_from_a_subfolder_and_with_another_lab(lab):
    folder = lab.record_note("a", SIMPLE)
    assert "fresh" in lab("list", cwd=folder).out
    assert "fresh" in lab("list", "-C", str(folder), cwd=lab.root.parent).out
    assert "fresh" in lab("list", "notes/a/", cwd=lab.root).out


def test_every_command_of_a_lab_takes_a_folder_and_the_program_too():
    options = {name: {text for option in command.params for text in option.opts} for name, command in app.commands.items()}
    assert {name for name in options if "-C" not in options[name]} == {"init"}
    assert "-C" in {text for option in app.params for text in option.opts}
    assert len(options) >= 12


@pytest.mark.parametrize(
    "words",
    [
        ("-C", "{lab}", "list"),
        ("list", "-C", "{lab}"),
        ("-C{lab}", "list"),
        ("-C", "{above}", "-C", "lab", "list"),
        ("-C", "{above}", "list", "-C", "lab"),
        ("list", "-C", "{above}", "-C", "lab"),
        ("-C", "{above}", "-C", "lab", "list", "-C", "notes", "-C", "a"),
        ("-C", "nowhere-else/..", "-C", "{lab}", "list", "-C", "{lab}/notes"),
    ],
    ids=" ".join,
)
def test_the_folder_is_named_before_the_command_or_after_it_and_the_next_one_is_from_the_first(shared_lab, words):
    lab = shared_lab
    if not (lab.root / "notes" / "a").exists():
        lab.record_note("a", SIMPLE)
        (lab.root.parent / "elsewhere" / "nowhere-else").mkdir(parents=True)
    done = lab(*(word.format(lab=lab.root, above=lab.root.parent) for word in words), cwd=lab.root.parent / "elsewhere")
    assert done.code == 0, done.text
    assert re.search(r"^a .*fresh", done.out, re.MULTILINE)


@pytest.mark.parametrize(
    "words",
    [("-C", "typo", "list"), ("list", "-C", "typo"), ("-C", "typo", "init", "x"), ("list", "-C", "notes", "-C", "typo")],
    ids=" ".join,
)
def test_a_folder_that_is_none_does_not_mean_the_lab_around_it(lab, words):
    lab.record_note("a", SIMPLE)
    done = lab(*words)
    assert done.code == 2
    assert re.search(rf"cannot work in {re.escape(str(lab.root))}/(notes/)?typo: [Nn]o such", re.sub(r"\s*\n\s*", " ", done.err)), done.err
    assert "labnotes -C my-lab check" in done.err
    assert not (lab.root / "x").exists()


def test_paths_are_from_the_folder_before_the_command_and_not_from_the_one_after(lab):
    lab.record_note("a", SIMPLE)
    above = lab.root.parent
    assert lab("-C", "lab", "check", "--report", "out", cwd=above).code == 0
    assert (lab.root / "out" / "report.html").is_file()
    assert lab("check", "-C", "lab", "--report", "out", cwd=above).code == 0
    assert (above / "out" / "report.html").is_file()


def test_a_new_lab_is_made_from_the_folder_and_the_next_command_is_told_from_here(lab):
    above = lab.root.parent
    done = lab("-C", "lab", "-C", "notes/..", "init", "inner", cwd=above)
    assert done.code == 0, done.text
    assert (lab.root / "inner" / "mkdocs.yml").is_file()
    assert "next: cd lab/notes/../inner && labnotes new first-note" in done.out
    made = lab("-C", "lab/inner", "new", "first-note", cwd=above)
    assert made.code == 0, made.text
    assert (lab.root / "inner" / "notes" / "first-note" / "note.yml").is_file()


def test_staged_pages_are_not_taken_for_a_lab(lab):
    lab("init", "site-lab", cwd=lab.root.parent)
    root = lab.root.parent / "site-lab"
    assert lab("build", cwd=root).code == 0
    assert (root / "docs" / "notes").is_dir()
    done = lab("new", "x", cwd=root / "docs")
    assert done.code == 0, done.text
    assert (root / "notes" / "x").is_dir()


@pytest.mark.slow  # 5 s
def test_a_figure_of_a_megabyte_takes_the_whole_way(lab):
    source = """
        # %%
        import matplotlib.pyplot as plt, numpy as np
        from labnotes import figure
        fig, ax = plt.subplots()
        ax.imshow(np.random.default_rng(0).normal(size=(400, 400)))
        figure(fig, "big", caption="c", alt="a")
        """
    folder = lab.record_note("a", source)
    assert (folder / "record" / "figures" / "big.npz").exists()
    done = lab("check", "--fresh")
    assert done.code == 0, done.text
    assert "1 of 1 figure" in done.out
    assert lab("diff").code == 0


def test_accept_needs_a_terminal_or_yes(lab):
    lab.write_note("a", SIMPLE)
    lab("run")
    done = lab("accept", "a")
    assert done.code == 2
    assert "add --yes" in done.err
    assert not (lab.root / "notes" / "a" / "record").exists()


@pytest.mark.parametrize(
    ("answer", "recorded"), [("y\n", True), pytest.param("n\n", False, marks=pytest.mark.slow), ("\n", False)]
)  # 0.9 s
def test_accept_asks_on_a_terminal(lab, answer, recorded):
    shutil.rmtree(lab.record_note("a", SIMPLE) / "record")  # what is left is a run
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "labnotes", "accept", "a"],
        cwd=lab.root,
        env=lab.command_environment(TERM="dumb"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    text = b""
    while b"make this the record of a?" not in text:
        text += os.read(ours, 4096)
    os.write(ours, answer.encode())
    process.wait(timeout=60)
    os.close(ours)
    assert "rate = 52%" in text.decode()
    assert (lab.root / "notes" / "a" / "record").exists() is recorded


def test_accept_refuses_a_run_of_other_code(lab, edit):
    folder = lab.write_note("a", SIMPLE)
    lab("run")
    edit(folder / "note.py", "0.52", "0.61")
    done = lab("accept", "a", "--yes")
    assert done.code == 2
    assert "the latest run is not of the note as it is now: the code changed in cell 2" in done.err
    assert "labnotes run a" in done.err


def test_accept_refuses_where_there_was_no_run_and_records_the_others(lab):
    lab.write_note("a", SIMPLE)
    lab.write_note("b", SIMPLE)
    lab("run", "b")
    done = lab("accept", "a", "b", "--yes")
    assert done.code == 2
    assert "a: has no finished run to accept" in done.err
    assert (lab.root / "notes" / "b" / "record").exists()


def test_accept_refuses_a_statement_that_does_not_hold(lab):
    lab.write_note("a", '# %%\nfrom labnotes import claim\nclaim("x", 0.1, holds="value > 0.2")\n')
    ran = lab("run")
    assert ran.code == 1
    assert "DOES NOT HOLD" in ran.out
    assert "statements that do not hold, so that a record can hold them only if the prose says so: a: x" in ran.out
    assert "labnotes accept" not in ran.out
    done = lab("accept", "a", "--yes")
    assert done.code == 2
    assert "claim 'x': the statement does not hold: value > 0.2 (value is 0.1)" in done.err


def test_another_seed_is_judged_by_statements_and_prediction_intervals(lab):
    source = """
        # %%
        import random
        from labnotes import claim, seeds
        claim("mean", replicates=[random.Random(s).gauss(0, 1) for s in seeds(8)], holds="-5 < low")
        for name in ("drifts", "drifts_too", "drifts_as_well"):
            claim(name, replicates=[{drift} + random.Random(s).random() * 1e-3 for s in seeds(5)])
        claim("free", random.Random(seeds(1)[0]).random())
        """
    lab.record_note("a", source.replace("{drift}", "seeds(1)[0]"))
    done = lab("check", "--seed", "1")
    assert done.code == 1
    assert "within claim mean" in done.out or "exact claim mean" in done.out
    assert "a too many misses" in done.out
    assert "outside claim drifts" in done.out
    assert "3 of 4 means outside their prediction intervals" in done.out
    assert "lies outside the prediction interval" in done.out
    assert "unverified claim free" in done.out
    assert "labnotes accept" not in done.out


@pytest.mark.slow
def test_a_budget_takes_the_longest_unverified_first_and_names_the_rest(lab):
    lab.record_note("new-one", SIMPLE)
    time.sleep(1.1)  # records carry seconds
    lab.record_note("newest", SIMPLE)
    costly = lab.root / "notes" / "newest" / "record" / "provenance.json"
    fields = json.loads(costly.read_text())
    costly.write_text(json.dumps({**fields, "seconds": 500.0}))
    done = lab("check", "--fresh", "--budget", "60s", "--jobs", "1")
    assert done.code == 0, done.text
    assert "new-one agrees" in done.out
    assert "newest not re-run" in done.out
    assert "the 500 s that it is expected to take do not fit into the rest of the budget" in done.out
    assert lab("check", "--fresh", "--budget", "60s", CI="true").code == 0
    assert lab("check", "newest", "--fresh", "--budget", "60s", CI="true").code == 1
    order = lab("check", "--fresh", "--budget", "600s", "--jobs", "1", "--no-log").err
    assert order.index("new-one: running") < order.index("newest: running"), "what costs next to nothing does not wait"
    costly.write_text(json.dumps({**fields, "seconds": 20.0, "seconds_from_nothing": 20.0}))
    order = lab("check", "--fresh", "--budget", "600s", "--jobs", "1").err
    assert order.index("newest: running") < order.index("new-one: running"), "of quick ones the longest unverified"


def test_a_check_that_executed_nothing_says_so_and_fresh_executes(lab):
    lab.record_note("a", SIMPLE)
    assert "Nothing was executed" in lab("check").out
    assert "Nothing was executed" not in lab("check", "--fresh").out
    assert "Nothing was executed" not in lab("check", "--from-nothing").out


def test_from_nothing_gives_the_run_an_empty_folder_of_artifacts(lab):
    lab.write_note(
        "a",
        "# %%\nimport os\nfrom labnotes import claim\nclaim('cached', os.path.exists(os.environ['LABNOTES_ARTIFACTS'] + '/weights'))\nopen(os.environ['LABNOTES_ARTIFACTS'] + '/weights', 'w')\n",
    )
    lab("run")
    lab.run_and_accept("a")
    assert lab("check", "--fresh").code == 0
    done = lab("check", "--from-nothing")
    assert done.code == 1
    assert "cached  yes → no" in done.out


def test_clean_strips_outputs_and_changes_nothing_else(lab):
    lab("init", "other", cwd=lab.root.parent)
    there = ("-C", str(lab.root.parent / "other"))
    lab("new", "a", *there)
    source = lab.root.parent / "other" / "notes" / "a" / "note.ipynb"
    clean = source.read_text()
    notebook = json.loads(clean)
    notebook["cells"][1]["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "hi"}]
    notebook["cells"][1]["execution_count"] = 4
    source.write_text(json.dumps(notebook))
    ran = lab("run", *there)
    assert ran.code == 0
    assert "1 output saved in the source is ignored" in ran.out
    assert "a: 1 output stripped" in lab("clean", *there).out
    assert json.loads(source.read_text()) == json.loads(clean)
    assert "a: no outputs" in lab("clean", *there).out


def test_progress_on_a_terminal_names_note_cell_and_time(lab):
    lab.write_note("slow", "# %%\nimport time\n\n# %%\ntime.sleep(1.5)\nfrom labnotes import claim\nclaim('x', 1)\n")
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "labnotes", "run"],
        cwd=lab.root,
        env=lab.command_environment(TERM="xterm"),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    text = b""
    while True:
        try:
            part = os.read(ours, 4096)
        except OSError:
            break
        if not part:
            break
        text += part
    process.wait(timeout=60)
    os.close(ours)
    assert re.search(r"slow: cell 2 of 2, \d s", text.decode()), text  # the seconds that a busy machine shows are its own


def test_comparing_a_record_with_the_run_it_was_made_of_is_no_check(lab):
    lab.record_note("a", SIMPLE)
    done = lab("check")
    assert "the recorded run itself, not executed again" in done.out
    assert "agrees" not in lab("list").out


def test_a_check_of_other_code_says_nothing_about_the_note_restored(lab, edit):
    folder = lab.record_note("a", SIMPLE)
    edit(folder / "note.py", "0.52", "0.61")
    assert lab("check").code == 1
    assert "differs" in lab("list").out
    edit(folder / "note.py", "0.61", "0.52")
    listed = lab("list").out
    (row,) = (line for line in listed.splitlines() if line.startswith("a "))
    assert "fresh" in row
    assert "differs" not in row
    assert "(differs) is not about the record and code as they are now" in " ".join(listed.split())


def test_lists_tell_the_last_check_of_this_record(lab, edit):
    folder = lab.record_note("a", SIMPLE)
    lab("check", "--fresh")
    assert "agrees" in lab("list").out
    edit(folder / "note.py", "0.52", "0.61")
    lab.run_and_accept("a")
    listed = lab("list").out
    assert "fresh  never" in listed, "a check of the older record says nothing about this one"
    assert re.search(r"a: the check of \S+ \(agrees\) is not about the record and code as they are now: it is of a record of", listed)


@pytest.mark.slow
def test_the_page_says_when_it_was_re_executed_and_when_it_was_not(lab):
    lab("init", "other", cwd=lab.root.parent)
    there = ("-C", str(lab.root.parent / "other"))
    lab("new", "a", *there)
    lab("run", *there)
    lab("accept", "a", "--yes", *there)
    lab("build", "--drafts", *there)
    page = lab.root.parent / "other" / "docs" / "notes" / "posts" / "a.md"
    assert "Recorded on</strong>" in page.read_text()
    assert "not re-executed since" in page.read_text()
    lab("check", *there)
    lab("build", "--drafts", *there)
    assert "not re-executed since" in page.read_text(), "the recorded run itself is no repetition"
    lab("check", "--fresh", *there)
    lab("build", "--drafts", *there)
    assert "Re-executed on</strong>" in page.read_text()
    source = page.parents[3] / "notes" / "a" / "note.ipynb"
    source.write_text(source.read_text().replace("1_000", "1_001"))
    built = lab("build", "--drafts", *there)
    assert built.code == 0, built.text
    assert "Stale, re-executed on</strong>" in page.read_text()
    assert "the code changed in cell 1" in page.read_text()
    assert "This cell changed since the record was made" in page.read_text()


def test_building_names_what_is_missing(lab):
    done = lab("build")
    assert done.code == 2
    assert "labnotes init" in done.err


def test_a_published_note_without_record_is_a_problem_and_the_others_are_built(lab):
    lab("init", "other", cwd=lab.root.parent)
    root = lab.root.parent / "other"
    for slug in ("a", "b"):
        lab("new", slug, "--format", "py", "-C", str(root))
        (root / "notes" / slug / "note.py").write_text(SIMPLE)
        settings = root / "notes" / slug / "note.yml"
        settings.write_text(
            settings.read_text().replace("draft", "published").replace("One sentence that says what was found.", "The rate is one half.")
        )
    lab("run", "b", "-C", str(root))
    lab("accept", "b", "--yes", "-C", str(root))
    done = lab("build", "-C", str(root))
    assert done.code == 2
    assert "a: has no record" in done.err
    assert (root / "site" / "notes" / "b" / "index.html").exists()
