"""The live preview, driven as an author would: a file is saved, the page is fetched."""

import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request

import pytest

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


class PreviewServer:
    def __init__(self, lab):
        lab("init", "other", cwd=lab.root.parent)
        lab.root = lab.root.parent / "other"
        self.folder = lab.record_note("a", SOURCE)
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
        self.wait_for_words("in the morning")

    def fetch_page(self):
        try:
            with urllib.request.urlopen(f"http://localhost:{self.port}/notes/a/", timeout=5) as answer:
                return answer.read().decode()
        except OSError:  # not up yet
            return ""

    def wait_for_words(self, words, *, gone=False, patience=30):
        """Wait until the page has these words, or has them no more."""
        start = time.monotonic()
        while time.monotonic() - start < patience:
            page = self.fetch_page()
            if page and (words in page) is not gone:
                return page
            time.sleep(0.1)
        raise AssertionError(f"{words!r} {'stayed' if gone else 'never came'}:\n{self.log.read_text()}\n{self.fetch_page()[-3000:]}")

    def wait_for_message(self, pattern, patience=30):
        """Wait until the terminal says this: it is told after the page is written."""
        start = time.monotonic()
        while not re.search(pattern, self.log.read_text()):
            assert time.monotonic() - start < patience, f"{pattern!r} was never told:\n{self.log.read_text()}"
            time.sleep(0.1)

    def edit_file(self, name, old, new):
        path = self.folder / name
        assert old in path.read_text()
        path.write_text(path.read_text().replace(old, new))


@pytest.fixture(scope="module")
def preview(new_lab):
    made = PreviewServer(new_lab())
    yield made
    made.process.send_signal(signal.SIGINT)
    assert made.process.wait(timeout=20) in (0, 130), made.log.read_text()


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
