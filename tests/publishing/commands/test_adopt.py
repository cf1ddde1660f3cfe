"""`labnotes adopt`: a notebook becomes a note with a record, or nothing of it is left behind."""

import json
import os
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from foreign_notebooks import code_cell, draft_with, text_cell, write_notebook
from labnotes.adoption.matching import NumberMatcher
from labnotes.adoption.shown_objects import ObjectProposal
from labnotes.cli.adopting import _TerminalAsker
from labnotes.commands.adopt import TakesCertain
from labnotes.model.told_values import ToldValue

SUMMARY = "We measure how often two coins agree. It is often."


def coins(path):
    """A notebook with a result that is printed, one that is shown, a setting, and a number of another run."""
    return write_notebook(
        path,
        text_cell(f"# Two coins\n\n{SUMMARY}"),
        code_cell("import json\ndata = json.load(open('tosses.json'))\nlen(data)"),
        text_cell("# The result\n\nThere are 347 tosses."),
        code_cell("agreement = sum(data) / len(data)\nprint(f'agreement {agreement:.4f}')", "agreement 0.4000\n"),
        text_cell("They agree in 0.6225 of them: the agreement is above 0.5."),
        code_cell("def share(x):\n    return sum(data[:x]) / x\nshare(100)"),
        text_cell("Of the first hundred, the share is 0.63."),
    )


@pytest.fixture
def notebook(lab):
    folder = lab.root.parent / "theirs"
    folder.mkdir()
    tosses = [1] * 63 + [0] * 37 + [1] * 153 + [0] * 94
    (folder / "tosses.json").write_text(json.dumps(tosses))
    return coins(folder / "coins.ipynb")


def note_texts(folder):
    return ["".join(cell["source"]) for cell in json.loads((folder / "note.ipynb").read_text())["cells"]]


def left_behind(lab):
    """What is in the lab beside an empty folder of notes."""
    return sorted(
        path.relative_to(lab.root).as_posix() for path in lab.root.rglob("*") if path.is_file() or path.name.startswith("adopting")
    )


@pytest.mark.slow  # three kernels; the next test protects the same but for what is written into the notebook
def test_a_notebook_becomes_a_note_whose_results_are_claims(lab, notebook):
    before = notebook.read_bytes()
    done = lab("adopt", str(notebook), "--yes")
    assert done.code == 0, done.text
    folder = lab.notes / "coins"
    assert {path.name for path in folder.iterdir()} == {"note.ipynb", "note.yml", "tosses.json", "record", "versions.jsonl"}
    assert notebook.read_bytes() == before
    settings = yaml.safe_load((folder / "note.yml").read_text())
    assert (settings["title"], settings["summary"], settings["status"]) == ("Two coins", SUMMARY, "draft")
    texts = note_texts(folder)
    assert texts[2] == "## The result\n\nThere are {{ len_data }} tosses."
    assert texts[4] == "They agree in {{ agreement }} of them: the agreement is above 0.5."
    assert texts[6] == "Of the first hundred, the share is {{ share }}."
    assert texts[5].endswith(
        'share_value = share(100)\nclaim("share", share_value, format=".2f")  # from the notebook: check me\nshare_value'
    )
    claims = json.loads((folder / "record" / "record.json").read_text())["claims"]
    assert {name: round(claim["value"], 4) for name, claim in claims.items()} == {"len_data": 347, "agreement": 0.6225, "share": 0.63}
    assert "text cell 2: moved to fit below the title: The result (# to ##)" in done.out
    assert "cell 2: the notebook said 0.4000, this run says 0.6225: agreement 0.6225" in done.out
    assert "http://localhost:8000/notes/coins/" in done.out
    listed = lab("list")
    assert (listed.code, "fresh" in listed.out) == (0, True), listed.text
    assert lab("diff", "coins").code == 0
    checked = lab("check", "coins", "--fresh")
    assert checked.code == 0, checked.text  # that the first run told its values changed no result
    todo = lab("todo", "coins")
    assert todo.code == 0
    assert "the agreement is above [0.5]" not in todo.out
    assert "1 number that nothing binds, none with a guess: 0.5" in todo.out
    assert "3 calls in the code were written by adopt" in todo.out


def test_without_a_terminal_no_proposal_is_taken_and_todo_takes_them_later(lab, notebook):
    done = lab("adopt", str(notebook), "--slug", "two-coins")
    assert done.code == 0, done.text
    assert "not taken: 3 proposals, 3 of them certain; to take them: labnotes todo two-coins" in done.out
    folder = lab.notes / "two-coins"
    assert note_texts(folder)[4] == "They agree in 0.6225 of them: the agreement is above 0.5."
    told = lab("todo", "two-coins").out
    assert "They agree in [0.6225] of them" in told
    assert f"cell 2: claim('agreement', agreement, format='.4f'), which is {216 / 347:.8g}" in told
    assert "wrote 3 claims and 3 bindings" in lab("todo", "two-coins", "--yes").out
    lab.run_and_accept("two-coins")
    assert "1 number that nothing binds, none with a guess" in lab("todo", "two-coins").out


def test_numbers_of_a_note_that_was_not_adopted_are_looked_for_in_what_its_run_printed(lab):
    lab.record_note("plain", "# %%\nprint('mean:', 0.25 * 3)\n\n# %% [markdown]\n# The mean is 0.75, not 0.5.\n")
    told = lab("todo", "plain").out
    assert "text cell 1: The mean is [0.75] , not 0.5.: cell 1 prints mean: 0.75" in told
    assert "[0.5]" not in told


FAILING = {
    "an error": ("1 / 0", "code cell 2, line 1: cell 2 raised ZeroDivisionError", "mend it in Jupyter"),
    "the network": (
        "import urllib.request\nurllib.request.urlopen('http://192.0.2.1')",
        "code cell 2, line 2",
        "save the data beside the note",
    ),
    "a key": ("import os\nos.environ['API_KEY']", "code cell 2, line 2", "it needs a key"),
    "a question": ("name = input()", "code cell 2, line 1", "nobody answers in a run"),
    "a package": ("def f():\n    import not_there_at_all\nf()", "code cell 2", "add to requirements.txt: not-there-at-all"),
}


@pytest.mark.parametrize(
    ("code", "place", "remedy"),
    [pytest.param(*case, marks=[] if name == "an error" else pytest.mark.slow, id=name) for name, case in FAILING.items()],  # a kernel each
)
def test_a_notebook_that_cannot_run_leaves_nothing_behind(lab, code, place, remedy):
    path = write_notebook(lab.root.parent / "broken.ipynb", code_cell("x = 1"), code_cell(code))
    done = lab("adopt", str(path))
    assert done.code == 2
    assert f"{path}, {place}" in done.err
    assert remedy in done.err
    assert left_behind(lab) == []
    assert list(lab.notes.iterdir()) == []


def test_a_failure_in_a_script_is_told_with_its_line_in_the_original(lab):
    path = lab.root.parent / "plot_it.py"
    path.write_text('"""\nTitle\n=====\n\nWords.\n"""\n\n# %%\n# More words\n# ----------\n\nx = 1\nx / 0\n')
    done = lab("adopt", str(path))
    assert done.code == 2
    assert f"{path}:13: cell 1 raised ZeroDivisionError" in done.err


def test_everything_in_the_way_is_told_together_and_nothing_is_written(lab):
    theirs = lab.root.parent / "theirs"
    write_notebook(theirs / "good.ipynb", code_cell("x = 1"))
    write_notebook(theirs / "b" / "good.ipynb", code_cell("x = 1"))
    write_notebook(theirs / "old.ipynb", code_cell("print 'x'"))
    write_notebook(theirs / "missing.ipynb", code_cell("import cv2_not_there, yaml_not_there"))
    write_notebook(theirs / "taken.ipynb", code_cell("x = 1"))
    (lab.notes / "taken").mkdir()
    done = lab("adopt", str(theirs), str(theirs / "gone.ipynb"), "--yes")
    assert done.code == 2
    for told in (
        "would both be the note 'good'",
        "old.ipynb, cell 1, line 1: is Python 2: print 'x'",
        "missing.ipynb: imports what is not installed here: cv2_not_there (cell 1), yaml_not_there (cell 1)",
        "pip install cv2-not-there yaml-not-there",
        "taken.ipynb: notes/taken is there already",
        "gone.ipynb: is not there",
    ):
        assert told in done.err
    assert left_behind(lab) == []


def test_what_a_killed_adoption_left_is_removed_and_the_labs_own_notebooks_are_no_candidates(lab, notebook):
    (lab.root / ".labnotes" / "adopting-x" / "notes").mkdir(parents=True)
    (lab.root / ".labnotes" / "adopting-x" / ".held").touch()
    write_notebook(lab.notes / "mine" / "note.ipynb", code_cell("x = 1"))
    write_notebook(lab.root / "site" / "mine.ipynb", code_cell("x = 1"))
    done = lab("adopt", ".", "--no-run")
    assert done.code == 2
    assert ".: holds no notebook" in done.err
    assert lab("adopt", str(notebook), "--no-run").code == 0
    assert not list((lab.root / ".labnotes").glob("adopting-*"))


def test_a_note_with_words_to_fill_in_is_not_published(lab):
    done = lab("adopt", str(write_notebook(lab.root.parent / "bare.ipynb", code_cell("x = 1"))), "--no-run")
    assert done.code == 0, done.text
    settings = lab.notes / "bare" / "note.yml"
    assert "note.yml: has no summary" in done.out
    assert lab("list").code == 0
    settings.write_text(settings.read_text().replace("status: draft", "status: published"))
    told = lab("list")
    assert told.code == 2
    assert "notes/bare/note.yml: summary: has still to be written: 'To fill in: one sentence that says what was found.'" in told.err


@pytest.mark.slow  # two kernels
def test_one_notebook_that_fails_keeps_no_other_from_its_note(lab):
    theirs = lab.root.parent / "theirs"
    write_notebook(theirs / "good.ipynb", code_cell("x = 1"))
    write_notebook(theirs / "bad.ipynb", code_cell("1 / 0"))
    done = lab("adopt", str(theirs))
    assert done.code == 2
    assert [path.name for path in lab.notes.iterdir()] == ["good"]
    assert "bad.ipynb is no note: nothing of it was left behind" in done.err


@pytest.mark.slow  # three kernels
def test_numbers_that_move_from_run_to_run_are_taken_back(lab):
    """The second run has a claim, which this notebook looks for."""
    cells = [
        code_cell("parts = [0.1, 0.0234, 0.7]"),
        code_cell("rate = sum(parts[:2]) if 'claim' not in globals() else 0.5\nother = sum(parts)"),
        text_cell("# Two\n\nThe rate is 0.1234, the other is 0.8234."),
    ]
    done = lab("adopt", str(write_notebook(lab.root.parent / "moves.ipynb", *cells)), "--yes")
    assert done.code == 0, done.text
    assert "claim 'rate' is another number in a second run: it was taken back" in done.out
    assert note_texts(lab.notes / "moves")[2] == "# Two\n\nThe rate is 0.1234, the other is {{ other }}."
    assert list(json.loads((lab.notes / "moves" / "record" / "record.json").read_text())["claims"]) == ["other"]


def test_proposals_that_make_a_notebook_fail_are_taken_back(lab):
    cells = [code_cell("claim = 7"), text_cell("# Words"), code_cell("rate = sum([0.1234, 0.2])"), text_cell("It is 0.3234.")]
    path = write_notebook(lab.root.parent / "shadow.ipynb", *cells)
    done = lab("adopt", str(path), "--yes")
    assert done.code == 0, done.text
    assert "with the proposals written it fails, so they were taken back" in done.out
    assert note_texts(lab.notes / "shadow")[3] == "It is 0.3234."
    assert "fresh" in lab("list").out


def test_a_notebook_can_be_adopted_without_a_run(lab, notebook):
    done = lab("adopt", str(notebook), "--no-run")
    assert done.code == 0, done.text
    assert "was not run" in done.out
    assert {path.name for path in (lab.notes / "coins").iterdir()} == {"note.ipynb", "note.yml", "tosses.json"}


def test_new_from_a_notebook_is_adopting_it(lab, notebook):
    done = lab("new", "a-note", "--from", str(notebook))
    assert done.code == 0, done.text
    assert "is notes/a-note now" in done.out
    assert (lab.notes / "a-note" / "record").is_dir()


def test_a_new_lab_in_a_repository_names_its_notebooks(lab):
    folder = lab.root.parent / "repository"
    write_notebook(folder / "notebooks" / "a.ipynb", code_cell("1"))
    done = lab("init", ".", cwd=folder)
    assert "notebooks: 1 notebook that can become a note: labnotes adopt notebooks" in done.out
    assert "next: labnotes adopt notebooks" in done.out


def proposals():
    cells = draft_with(("code", "x"), ("text", "It is 0.934, then 0.912, then 0.887.")).cells
    values = [
        ToldValue(cell=1, written=name, expression=name, value=value, how="variable")
        for name, value in (("a", 0.9341), ("b", 0.9122), ("c", 0.8873))
    ]
    shown = ObjectProposal(kind="figure", cell=1, expression="fig", label="l", caption="C.", alt="A.")
    return cells, list(NumberMatcher(cells, values).propose_claims()), [shown]


@pytest.mark.parametrize(
    ("answers", "numbers", "objects"),
    [("y\nn\ny\nn\n", ["0.934", "0.887"], 0), ("n\na\n", ["0.912", "0.887"], 1), ("y\nq\n", ["0.934"], 0), ("n\nn\nn\ny\n", [], 1)],
)
def test_proposals_are_asked_for_one_by_one(answers, numbers, objects):
    with CliRunner().isolation(input=answers) as streams:
        choice = _TerminalAsker(None).choose_proposals(*proposals())
        shown = streams[0].getvalue().decode()
    assert [accepted.proposal.number.written for accepted in choice.numbers] == numbers
    assert len(choice.objects) == objects
    assert "- It is 0.934, then 0.912, then 0.887." in shown
    assert "+ It is {{ a }}, then 0.912, then 0.887.\n+ cell 1: claim('a', a, format='.3f'), which is 0.9341" in shown


def test_yes_takes_what_is_certain_alone():
    cells, numbers, objects = proposals()
    choice = TakesCertain().choose_proposals(cells, numbers, objects)
    assert [accepted.proposal.number.written for accepted in choice.numbers] == ["0.934", "0.912", "0.887"]
    assert choice.objects == tuple(objects)


def test_a_folder_that_cannot_be_written_is_told_before_anything_runs(lab, notebook, monkeypatch):
    can = os.access
    monkeypatch.setattr(os, "access", lambda path, mode, **more: Path(path) != lab.notes and can(path, mode, **more))
    done = lab("adopt", str(notebook))
    assert done.code != 0
    assert "cannot be written" in done.err and "chmod u+w notes" in done.err
    assert list(lab.notes.iterdir()) == []
