"""The live preview, driven as an author would: a file is saved, the page is fetched."""

import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request

import pytest

from labnotes.commands import serve
from labnotes.site.preview.build_answer import BuildAnswer
from labnotes.source.labs import Lab

SOURCE = """
# %% [markdown]
# # Title
#
# The rate was {{ rate }} in the morning.

# %%
import matplotlib.pyplot as plt
from labnotes import claim, figure
claim("rate", 0.52, format=".0%")
fig, ax = plt.subplots()
ax.plot([1, 2], [3, 5])
figure(fig, "line", caption="A rising line.", alt="One line.")
"""

OTHER = """
# %% [markdown]
# # Title
#
# Another text.

# %%
from labnotes import claim
claim("count", 3)
"""


class PreviewServer:
    """A preview of a lab in which `prepare` made notes, started as an author does."""

    def __init__(self, lab, prepare):
        lab("init", "other", cwd=lab.root.parent)
        lab.root = lab.root.parent / "other"
        self.lab, self.folder = lab, lab.root / "notes" / "a"
        prepare(lab)
        with socket.socket() as free:
            free.bind(("localhost", 0))
            self.port = free.getsockname()[1]
        self.log = lab.root / "serve.log"
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-m", "labnotes", "serve", "--port", str(self.port)],
                cwd=lab.root,
                env=lab.command_environment(),
                stdout=log,
                stderr=log,
            )

    def stop(self):
        self.process.send_signal(signal.SIGINT)
        assert self.process.wait(timeout=20) in (0, 130), self.log.read_text()

    def fetch_page(self, address="/notes/a/", *, statuses=(200,)):
        """The page at an address; "" if there is none, or its status is another one."""
        try:
            with urllib.request.urlopen(f"http://localhost:{self.port}{address}", timeout=5) as answer:
                return answer.read().decode() if answer.status in statuses else ""
        except urllib.error.HTTPError as error:
            return error.read().decode() if error.code in statuses else ""
        except urllib.error.URLError as error:
            if not isinstance(error.reason, ConnectionRefusedError):  # of a server that is not up yet
                raise
            return ""

    def wait_for_words(self, words, address="/notes/a/", *, gone=False, patience=60, statuses=(200,)):
        """Wait until the page has these words, or has them no more. Every address is answered within seconds."""
        start = time.monotonic()
        while time.monotonic() - start < patience:
            page = self.fetch_page(address, statuses=statuses)
            if page and (words in page) is not gone:
                return page
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.1)
        raise AssertionError(f"{words!r} {'stayed' if gone else 'never came'}:\n{self.log.read_text()}\n{self.fetch_page(address)[-3000:]}")

    def wait_for_message(self, pattern, patience=60):
        """Wait until the terminal says this: it is told after the page is written."""
        start = time.monotonic()
        while not re.search(pattern, self.log.read_text()):
            assert time.monotonic() - start < patience, f"{pattern!r} was never told:\n{self.log.read_text()}"
            time.sleep(0.1)

    def edit_file(self, name, old, new):
        path = self.folder / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))


def record_two_notes(lab):
    lab.record_note("a", SOURCE)
    lab.record_note("b", OTHER, settings={"title": "The other note"})


@pytest.fixture(scope="module")
def preview(new_lab):
    made = PreviewServer(new_lab(), record_two_notes)
    made.wait_for_words("in the morning")
    yield made
    made.stop()
    assert "dirty" not in made.log.read_text(), "how pages are rendered is nothing that an author can change"


def test_an_edit_of_prose_and_of_a_caption_shows_and_executes_nothing(preview):
    preview.edit_file("note.py", "in the morning", "in the evening")
    page = preview.wait_for_words("in the evening")
    assert "52%" in page
    assert "Stale" not in page
    preview.edit_file("note.py", "A rising line.", "A line that rises.")
    assert "Stale" not in preview.wait_for_words("A line that rises.")
    preview.edit_file("note.yml", "What was found.", "What was found at last.")
    preview.wait_for_words("What was found at last.")
    preview.edit_file("note.py", "in the evening", "in the morning")
    preview.wait_for_words("in the morning")


def test_an_edit_of_code_marks_the_page_stale_and_its_return_does_not(preview):
    preview.edit_file("note.py", "[3, 5]", "[3, 6]")
    page = preview.wait_for_words("the code changed in cell 1")
    assert "Stale" in page
    preview.edit_file("note.py", "[3, 6]", "[3, 5]")
    preview.wait_for_words("the code changed in cell 1", gone=True)


@pytest.mark.slow  # 5 s; what the page says is in test_staging.py, that edits show is above
def test_a_problem_shows_in_page_and_terminal_and_goes_when_mended(preview):
    preview.edit_file("note.py", "{{ rate }}", "{{ ratte }}")
    page = preview.wait_for_words("unknown claim")
    assert "did you mean &#39;rate&#39;" in page
    assert "in the morning" in page, "the last page stays readable"
    preview.wait_for_message(r"note\.py:4.*unknown claim")
    preview.edit_file("note.py", "{{ ratte }}", "{{ rate }}")
    preview.wait_for_words("unknown claim", gone=True)
    preview.wait_for_message("all problems are mended")


@pytest.mark.slow
def test_math_that_cannot_be_shown_is_a_problem_with_its_line(preview):
    preview.edit_file("note.py", "in the morning", r"$\\nosuchcommand$ in the morning".replace("\\\\", "\\"))
    page = preview.wait_for_words("nosuchcommand")
    assert "ln-problems" in page
    preview.edit_file("note.py", r"$\nosuchcommand$ in the morning", "in the morning")
    preview.wait_for_words("ln-problems", gone=True)


# -- what an author breaks -----------------------------------------------------------------------------------------------------------------


@pytest.mark.slow  # 4 s
@pytest.mark.parametrize(
    ("broken", "said"),
    [
        ("# %%\nif 1:\n    x = 1\n  y = 2\n", "does not parse: unindent does not match"),
        ("# %%\n%%html\n<ul>\n    <li>a</li>\n  </ul>\n", "the code changed: 2 cells, recorded with 1"),
    ],
    ids=["an unindent that matches nothing", "a cell of HTML indented so"],
)
def test_a_cell_that_no_parser_reads_is_a_problem_of_its_note_alone(preview, broken, said):
    preview.edit_file("note.py", "# %%\nimport", f"{broken}\n# %%\nimport")
    preview.wait_for_words(said)
    assert "Another text." in preview.fetch_page("/notes/b/")
    assert said not in preview.fetch_page("/notes/b/")
    preview.edit_file("note.py", f"{broken}\n", "")
    preview.wait_for_words(said, gone=True)


@pytest.mark.slow  # 4 s
def test_settings_that_cannot_be_read_are_told_on_every_page_until_they_are_mended(preview):
    path = preview.lab.root / "mkdocs.yml"
    whole = path.read_text()
    for broken, said in [
        (whole + "\nnav: [\n", "is no YAML"),
        (whole.replace("INHERIT", "INHERITS"), "does not take over the settings"),
        (whole + "\nuse_directory_urls: perhaps\n", "use_directory_urls"),
        (whole + "\nplugins: [no-such-plugin]\n", "no-such-plugin is not installed"),
        (whole + "\nhooks: [.labnotes/site/hooks.py, broken_hooks.py]\n", "the process of MkDocs ended with status 3"),
    ]:
        (preview.lab.root / "broken_hooks.py").write_text("import os\nos._exit(3)\n")
        path.write_text(broken)
        assert "in the morning" in preview.wait_for_words(said), "the last page stays readable"
        assert said in preview.fetch_page("/") and said in preview.fetch_page("/nowhere/")
        path.write_text(whole)
        preview.wait_for_words("ln-problems", gone=True)
    preview.wait_for_message("code that MkDocs runs with your rights: hooks broken_hooks.py")


class _NoServer:
    shown = None

    def show(self, *args, **named):
        pass


@pytest.mark.parametrize("saved", ["before", "during"])
def test_no_settings_are_built_with_that_were_not_read_before(new_lab, monkeypatch, saved):
    """The watcher looks a few times a second: MkDocs could read a file, and run the code that it names, before anybody told."""
    lab, steps = new_lab(), []
    settings = lab.root / "mkdocs.yml"
    settings.write_text("INHERIT: .labnotes/site/mkdocs.yml\nsite_name: Lab\n")
    named = settings.read_text() + "\nhooks: [.labnotes/site/hooks.py, mine.py]\n"

    class Builds:
        def __init__(self, lab, folder):
            self.site = folder

        def build_pages(self, is_interrupted):
            steps.append("built with mine" if "mine.py" in settings.read_text() else "built")
            if saved == "during" and len(steps) == 1:
                settings.write_text(named)
            return BuildAnswer(error="")

        def remove_all(self):
            steps.append("thrown away")

    monkeypatch.setattr(serve, "PreviewBuilds", Builds)
    preview = serve._LivePreview(Lab(lab.root), None, _NoServer(), steps.append, steps.extend)
    (lab.root / "mine.py").write_text("")
    preview._read_settings()
    preview.changes.take_changes()
    if saved == "before":
        settings.write_text(named)
    preview._build_new_folder()
    preview.work_once()
    told = "mkdocs.yml names code that MkDocs runs with your rights: hooks mine.py"
    assert [step for step in steps if step == told or "built" in step or step == "thrown away"] == [
        *(["built", "thrown away"] if saved == "during" else []),
        told,
        "built with mine",
    ]


@pytest.mark.slow  # 3 s
def test_what_a_built_page_is_refused_for_stands_on_it_with_its_place_in_the_source(preview):
    index = preview.lab.root / "docs" / "index.md"
    whole = index.read_text()
    index.write_text(whole + "\n[There](nowhere/)\n")
    page = preview.wait_for_words("labnotes build refuses this page", "/")
    assert "docs/index.md (index.html:" in page and "leads to &#39;nowhere/&#39;" in page
    assert "refuses" not in preview.fetch_page()
    preview.wait_for_message(r"docs/index\.md \(index.html:\d+\): <a> leads to 'nowhere/'")
    index.write_text(whole)
    preview.wait_for_words("labnotes build refuses", "/", gone=True)


GUIDE = """# %% [markdown]
# # The guide
#
# It begins here.

# %%
print("some code")
"""


@pytest.mark.slow  # 8 s
def test_a_notebook_among_the_hand_written_pages_shows_as_it_is_saved_broken_or_not(preview):
    docs = preview.lab.root / "docs"
    (docs / "guide.py").write_text(GUIDE)
    assert "some code" in preview.wait_for_words("It begins here.", "/guide/")
    (docs / "guide.py").write_text(GUIDE.replace("begins here.", "goes on."))
    preview.wait_for_words("It goes on.", "/guide/")
    (docs / "guide.py").write_text(GUIDE + "x = (\n")
    page = preview.wait_for_words("labnotes build refuses this page", "/guide/")
    assert "docs/guide.py:8: code cell 1 does not parse" in page and "It begins here." in page
    preview.wait_for_message(r"docs/guide\.py:8: code cell 1 does not parse")
    (docs / "other.ipynb").write_text('{"cells": [')
    assert "docs/other.ipynb:1:12: is not JSON" in preview.wait_for_words("This notebook cannot be shown", "/other/")
    preview.wait_for_message(r"docs/other\.ipynb:1:12: is not JSON")
    preview.wait_for_words("in the morning")
    cell = '{"cell_type": "markdown", "metadata": {}, "source": "Mended."}'
    (docs / "other.ipynb").write_text(f'{{"cells": [{cell}], "metadata": {{}}, "nbformat": 4, "nbformat_minor": 4}}')
    preview.wait_for_words("Mended.", "/other/")
    (docs / "guide.py").write_text(GUIDE)
    preview.wait_for_words("labnotes build refuses", "/guide/", gone=True)
    (docs / "other.ipynb").unlink()
    preview.wait_for_words("This page is not here", "/other/", statuses=(404,))
    (docs / "guide.py").unlink()
    preview.wait_for_words("This page is not here", "/guide/", statuses=(404,))


@pytest.mark.slow  # 8 s
def test_a_preview_whose_folders_were_removed_begins_anew(preview):
    """As `git clean -fdx` does."""
    shutil.rmtree(preview.lab.root / ".labnotes", ignore_errors=True)  # the preview removes parts of it as well
    preview.wait_for_message("what the preview wrote was removed: it is made anew")
    preview.edit_file("note.py", "in the morning", "at noon")
    preview.wait_for_words("at noon")
    preview.wait_for_words("Another text.", "/notes/b/")
    preview.edit_file("note.py", "at noon", "in the morning")
    preview.wait_for_words("in the morning")


@pytest.mark.slow  # 8 s
def test_a_renamed_note_is_at_its_new_address_and_a_removed_one_nowhere(preview):
    lab = preview.lab
    assert lab("rename", "b", "c").code == 0
    preview.wait_for_words("Another text.", "/notes/c/")
    assert 'http-equiv="refresh"' in preview.wait_for_words("../c/", "/notes/b/")
    shutil.rmtree(lab.root / "notes" / "c")
    for address in ("/notes/c/", "/notes/b/"):
        preview.wait_for_words("This page is not here", address, statuses=(404,))
    preview.wait_for_words("The other note", "/", gone=True)
    preview.wait_for_words("in the morning")


@pytest.mark.slow  # 12 s
def test_the_first_steps_of_an_author_end_no_preview(new_lab):
    """A lab with one note that was never recorded; another one made during the preview; the home page saved; the first record."""
    preview = PreviewServer(new_lab(), lambda lab: lab("new", "first", "--format", "py"))
    try:
        page = preview.wait_for_words("There is no page yet", "/notes/first/")
        assert "labnotes run first &amp;&amp; labnotes accept first" in page
        home = preview.wait_for_words("No note is published yet", "/")
        assert "/.labnotes/reload.js" in home and "/.labnotes/reload.js" in page, "open pages go on by themselves"
        assert preview.lab("new", "second").code == 0
        preview.wait_for_words("There is no page yet", "/notes/second/")
        index = preview.lab.root / "docs" / "index.md"
        index.write_text(index.read_text() + "\nOne more line.\n")
        preview.wait_for_words("One more line.", "/")
        preview.lab.run_and_accept("first")
        preview.wait_for_words("Reproduce this note", "/notes/first/")
        preview.wait_for_words('href="notes/first/"', "/")
    finally:
        preview.stop()
    assert "taken" not in preview.log.read_text()
