"""What a cell prints: shown while it runs, kept as it ended, folded where it is no result, and no part of what is accepted."""

import io
import random

import pytest
from rich.console import Console

from labnotes.execute.streams import LONGEST_STREAM, final_text, settle_streams
from labnotes.report.terminal import LiveProgress
from labnotes.site.stage import terminal_colours

PRINTS = """
# %%
import sys, time, warnings
from labnotes import claim
print("at", time.time_ns())
print("a log line", time.time_ns(), file=sys.stderr)
warnings.warn(f"took {time.time_ns()}")

# %%
%%time
claim("x", 1)

# %%
"shown" if OTHER else "told"
"""


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain\ntext\n", "plain\ntext\n"),
        ("0 %\r50 %\r100 %\n", "100 %\n"),
        ("0 %\r50 %\r100 %\r", "100 %"),
        ("windows\r\nlines\r\n", "windows\nlines\n"),
        ("a\n\rb\rc\nd", "a\nc\nd"),
        ("abc\b\bX", "aX"),
        ("\b\bX", "X"),
        ("\r", ""),
        ("", ""),
        ("\x1b[?25l 0 %\x1b[2K\r100 %\x1b[?25h\n", "100 %\n"),
        ("abc\r\x1b[KX", "X"),
        ("abc\x1b[2Dx\x1b[K", "ax"),
        ("abcdef\x1b[1K|", "      |"),
        ("one\ntwo\n\x1b[2A\x1b[2KONE\n", "ONE\ntwo\n"),
        ("bar 1\nbar 2\x1b[A\rbar 1 done\n\rbar 2 done", "bar 1 done\nbar 2 done"),
        ("old\nold\x1b[2J\x1b[Hnew", "new"),
        ("a\nb\nc\x1b[1A\x1b[J", "a\nb"),
        ("a\x1b[5Gb\x1b[3Cc", "a   b   c"),
        ("a\x1b[999999999999CX", "a" + " " * 999 + "X"),
        ("\x1b7first\x1b8second", "second"),
        ("\x1b]0;title\x07\x1b]8;;https://example.org\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b[1mbold\x1b[0m\x1b[?25l \x1b[31mred", "\x1b[1mbold\x1b[0m \x1b[31mred\x1b[0m"),
        ("\x1b[31mred\x1b[0m and \x1b[1mbold", "\x1b[31mred\x1b[0m and \x1b[1mbold"),
        ("bell\x07 and null\x00\x1b", "bell and null"),
        ("\n".join(map(str, range(500))) + "\x1b[400A\rX", "\n".join([*map(str, range(300)), "X00", *map(str, range(301, 500))])),
    ],
)
def test_a_text_is_what_a_terminal_shows_in_the_end(text, shown):
    assert final_text(text) == shown


def stream(name, text):
    return {"output_type": "stream", "name": name, "text": text}


def test_pieces_of_a_stream_come_together_where_it_began():
    other = {"output_type": "display_data", "data": {"text/plain": "x"}}
    outputs = [stream("stderr", "w"), stream("stdout", "a"), other, stream("stdout", "b\r"), stream("stderr", "\rv"), stream("stdout", "c")]
    assert settle_streams(outputs) == [stream("stdout", "c"), stream("stderr", "v"), other]


def test_settling_again_changes_nothing():
    rng = random.Random(0)
    outputs = [
        stream(
            rng.choice(["stdout", "stderr"]),
            "".join(rng.choices(["a", "b", "\r", "\n", "\b", "\x1b[A", "\x1b[K", "\x1b[1m"], k=rng.randrange(9))),
        )
        for _ in range(300)
    ]
    outputs.append(stream("stdout", "x" * 3 * LONGEST_STREAM))
    copies = [dict(output) for output in outputs]
    settled = settle_streams(outputs)
    assert outputs == copies, "what came is left as it is"
    shortened = [output["text"] for output in settled if len(output["text"]) > LONGEST_STREAM]
    assert len(shortened) == 1
    assert "characters are left out here" in shortened[0]


def test_what_goes_to_stderr_is_folded_on_the_page_and_what_is_printed_is_not():
    folded = terminal_colours.messages_html("UserWarning: careful\nmore\n")
    assert folded.startswith("<details")
    assert " open" not in folded.partition(">")[0]
    assert "Warnings and messages <span>2 lines</span>" in folded
    assert "UserWarning: careful" in folded
    assert "<details" not in terminal_colours.printed_html("a result\n")


@pytest.fixture(scope="module")
def printed(shared_lab):
    shared_lab.record_note("prints", PRINTS.replace("OTHER", "True"))
    return shared_lab


def test_what_is_printed_is_no_change_of_the_record(printed):
    again = printed("run", "prints", "--follow")
    assert again.code == 0, again.text
    assert "prints [1] at 1" in again.err, "shown while it runs"
    assert "prints [1] a log line" in again.err
    done = printed("diff", "prints")
    assert done.code == 0, done.text
    assert "nothing changes in its values" in done.out


def test_a_change_of_another_output_names_its_cell(printed):
    source = printed.root / "notes/prints/note.py"
    kept = source.read_text()
    source.write_text(kept.replace('"told"', '"said"').replace("if True", "if False"))
    try:
        assert printed("run", "prints").code == 0
        done = printed("diff", "prints")
        assert done.code == 1
        assert "outputs of cell 3 change, no claim, figure data or table does" in done.out
    finally:
        source.write_text(kept)


def test_the_line_that_a_note_printed_last_stands_below_it():
    out = Console(file=io.StringIO(), force_terminal=True, width=60)
    progress = LiveProgress(out, 1)
    progress.started("long")
    progress.cell("long", 2, 3)
    for piece in ("epoch 1 done\nepo", "ch 2: 10 %", "\repoch 2: 90 %"):
        progress.printed("long", 2, piece)
    assert "cell 2 of 3" in str(progress._progress_text())
    assert "epoch 2: 90 %" in str(progress._progress_text())
    assert "10 %" not in str(progress._progress_text())
    progress.printed("long", 2, "\n" + "y" * 500)
    assert max(map(len, str(progress._progress_text()).splitlines())) <= 60
    progress.finished("long", "ran", 1.0)
    assert "epoch" not in str(progress._progress_text())
