"""`labnotes` as people start it: what only a process of its own shows. All other tests call commands in theirs (in_process.py)."""

import functools
import os
import subprocess
import sys

import pytest

SIMPLE = """
# %% [markdown]
# The rate is {{ rate }}.

# %%
from labnotes import claim
claim("rate", 0.52, format=".0%")
"""

HEAVY = {
    *("scipy", "jupytext", "nbformat", "matplotlib", "asyncio", "IPython", "pandas", "lxml", "torch", "numpy"),
    *("pydantic", "yaml", "jinja2", "packaging", "pybtex", "typer", "email", "importlib.metadata"),
    *("markdown_it", "mdit_py_plugins"),
}


def start_command(lab, *words, python=("-m", "labnotes"), **given):
    """A command that only begins: its output is a pipe."""
    return subprocess.Popen(
        [sys.executable, *python, *words],
        cwd=lab.root,
        env=lab.command_environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        **given,
    )


@pytest.fixture(scope="module")
def way(new_lab):
    """The way of a note from an empty folder to a site, each command a process; what each said, by its name."""
    lab = new_lab()
    said = {"init": lab.in_own_process("init", "made", cwd=lab.root.parent)}
    lab.root = lab.root.parent / "made"
    said["new"] = lab.in_own_process("new", "first", "--format", "py")
    (lab.root / "notes" / "first" / "note.py").write_text(SIMPLE)
    settings = lab.root / "notes" / "first" / "note.yml"
    words = {"draft": "published", "One sentence that says what was found.": "The rate is one half."}
    settings.write_text(functools.reduce(lambda text, word: text.replace(word, words[word]), words, settings.read_text()))
    for name, words in {
        "list": (),
        "run": (),
        "accept": ("first", "--yes"),
        "check": ("--fresh",),
        "history": ("first",),
        "log": ("first", "--squash"),
        "diff": ("first",),
        "mutate": ("first",),
        "clean": ("first",),
        "build": (),
    }.items():
        said[name] = lab.in_own_process(name, *words)
    return lab, said


WORDS = {
    "init": "made a lab in made",
    "new": "made notes/first/note.py",
    "list": "unrecorded",
    "run": "rate",
    "accept": "first",
    "check": "agrees",
    "history": "agrees",
    "log": "first",
    "diff": "first",
    "mutate": "trial changes",
    "clean": "",
    "build": "site",
}


@pytest.mark.parametrize("command", WORDS)
def test_every_command_does_its_part_of_the_way(way, command):
    _, said = way
    done = said[command]
    assert done.code == 0, done.text
    assert WORDS[command] in done.text
    assert "Traceback" not in done.text


def test_the_way_ends_at_a_page(way):
    lab, _ = way
    assert "52" in (lab.root / "site/notes/first/index.html").read_text()


@pytest.mark.parametrize("words", [["--help"], ["list"]])
def test_light_commands_import_nothing_heavy(way, words):
    """`labnotes list` reads a note that was read before."""
    lab, _ = way
    code = "import atexit, sys\n"
    code += f"atexit.register(lambda: print(sorted({HEAVY} & set(sys.modules)), file=sys.stderr))\n"
    code += "from labnotes.cli import main\nmain()"
    done = subprocess.run(
        [sys.executable, "-c", code, *words], cwd=lab.root, env=lab.command_environment(), capture_output=True, text=True, check=True
    )
    assert done.stderr.strip() == "[]"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["check", "nowhere"], 2, "no note 'nowhere'"),
        (["list", "-C", "/"], 2, "no lab here"),
        (["chek"], 2, "No such command"),
        (["check", "--budget", "soon"], 2, "soon"),
    ],
)
def test_wrong_usage_ends_with_2_and_no_traceback(way, words, code, said):
    lab, _ = way
    done = lab.in_own_process(*words)
    assert done.code == code, done.text
    assert said in done.err
    assert "Traceback" not in done.text


def test_a_difference_ends_with_1(lab, edit):
    folder = lab.record_note("a", SIMPLE)
    edit(folder / "note.py", "0.52", "0.61")
    done = lab.in_own_process("check")
    assert done.code == 1
    assert "52% → 61%" in done.out


def test_a_reader_that_has_seen_enough_is_no_error(way):
    lab, _ = way
    with start_command(lab, "history", "first") as process:
        process.stdout.close()
        assert process.wait(timeout=60) == 0
        assert process.stderr.read() == b""


@pytest.mark.slow  # 2 s
def test_a_terminal_without_unicode_gets_what_it_can_show(lab, edit):
    folder = lab.record_note("a", SIMPLE)
    edit(folder / "note.py", "0.52", "0.61")
    done = lab.in_own_process("check", PYTHONIOENCODING="ascii:replace", LC_ALL="C")
    assert done.code == 1, done.text
    assert "rate" in done.out
    assert "UnicodeEncodeError" not in done.text
    strict = lab.in_own_process("check", PYTHONIOENCODING="ascii", LC_ALL="C")
    assert strict.code == 1, strict.text
    assert "UnicodeEncodeError" not in strict.text


def test_modules_beside_the_note_do_not_replace_those_of_python(lab):
    """As `python -P` promises; a lab may hold a file of any name."""
    lab.write_note("a", SIMPLE)
    (lab.root / "json.py").write_text("raise SystemExit('the lab is not on the path')\n")
    done = subprocess.run(
        [sys.executable, "-P", "-m", "labnotes", "run"],
        cwd=lab.root,
        env=lab.command_environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_installed_command_is_the_same(way):
    lab, _ = way
    command = os.path.join(os.path.dirname(sys.executable), "labnotes")
    done = subprocess.run([command, "list"], cwd=lab.root, env=lab.command_environment(), capture_output=True, text=True, check=True)
    assert done.stdout == lab("list").out


def test_a_call_in_this_process_says_what_a_process_says(way):
    lab, _ = way
    for words in (["list"], ["history", "first"], ["check"], ["check", "nowhere"], ["diff", "first"]):
        own, called = lab.in_own_process(*words, "--help"), lab(*words, "--help")
        assert (own.code, own.out, own.err) == (called.code, called.out, called.err), words
    own, called = lab.in_own_process("list"), lab("list")
    assert (own.code, own.out, own.err) == (called.code, called.out, called.err)
