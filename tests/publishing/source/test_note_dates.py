"""The dates of a note that cannot be: in the future, or of an update before the note."""

import datetime

import pytest

from labnotes.errors import InvalidNote
from labnotes.source import notes
from labnotes.source.labs import Lab

TODAY = datetime.datetime.now(datetime.UTC).date()


def day(offset):
    return (TODAY + datetime.timedelta(days=offset)).isoformat()


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({"date": day(0)}, []),
        ({"date": day(1)}, []),  # it may be tomorrow already where the author is
        ({"date": day(3)}, [f"notes/a/note.yml: date: {day(3)} lies in the future"]),
        ({"date": day(3), "status": "draft"}, []),
        ({"date": day(-5), "updates": [{"date": day(-5), "text": "x"}, {"date": day(0), "text": "x"}]}, []),
        (
            {"date": day(-5), "updates": [{"date": day(-6), "text": "x"}, {"date": day(9), "text": "x"}]},
            [
                f"notes/a/note.yml: updates, {day(-6)}: lies before the date of the note, {day(-5)}",
                f"notes/a/note.yml: updates, {day(9)}: lies in the future",
            ],
        ),
        (
            {"date": day(0), "status": "draft", "updates": [{"date": day(-1), "text": "x"}]},
            [f"notes/a/note.yml: updates, {day(-1)}: lies before the date of the note, {day(0)}"],
        ),
    ],
)
def test_dates_that_cannot_be_are_told(lab, settings, told):
    lab.write_note("a", "# %%\nx = 1\n", settings=settings)
    problems = ()
    try:
        notes.read_note(Lab(lab.root), "a")
    except InvalidNote as error:
        problems = error.problems
    assert [f"{problem.where}: {problem.what}" for problem in problems] == told
    assert all(problem.hint for problem in problems)
    done = lab("list")
    assert (done.code == 0) == (not told)
    assert [line.removeprefix("error ") for line in done.err.splitlines() if line.startswith("error ")] == told
