"""The log of checks: appended whole or not at all, read whatever stands in it, bound to the record that it is about."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import replace
from types import SimpleNamespace

import pytest

from labnotes.errors import UsageError
from labnotes.model import digests
from labnotes.model.comparison import IntervalMisses
from labnotes.model.observation import RunDependencies
from labnotes.model.verdicts import Outcome, Verdict
from labnotes.source import code_digest
from labnotes.source.labs import Lab
from labnotes.store import check_history, check_log, result_stores, version_control
from labnotes.store.check_log import LoggedFailure, LoggedQuantity
from log_lines import CHECK, HERE, at_hour


@pytest.fixture
def lab(tmp_path):
    (tmp_path / "notes" / "a").mkdir(parents=True)
    return Lab(tmp_path)


def log_path(lab):
    return lab.notes_folder / "a" / "checks.jsonl"


def append_check(lab, **changes):
    check = replace(CHECK, **changes)
    check_log.append_check(result_stores.own_results(lab), check)
    return check


FULL = replace(
    CHECK,
    environment=replace(HERE, differing={"torch": ("2.13.0", "")}),
    outcome=Outcome.TOO_MANY_MISSES,
    kind="fresh draw",
    seed="3",
    counts={"claim": {"outside": 2, "exact": 1}},
    unequal=(LoggedQuantity("claim", "x", Verdict.OUTSIDE, 3, "0", "1", ("far",), 0.0, 1.0, False, False, True),),
    failed=LoggedFailure(3, "note.py:12", "cell 3 raised ValueError: it's no number"),
    misses=IntervalMisses(2, 3, 0.007),
    by="the lab",
)


@pytest.mark.parametrize("check", [CHECK, FULL], ids=["agrees", "everything"])
def test_a_line_is_read_as_it_was_written(lab, check):
    check_log.append_check(result_stores.own_results(lab), check)
    log = check_log.read_log(lab, "a")
    assert log.checks == (check,)
    assert log.problems == ()


def test_a_line_of_an_agreeing_check_is_short_and_one_line(lab):
    append_check(lab)
    text = log_path(lab).read_text()
    assert text.count("\n") == 1
    assert len(text) < 1000


def test_lines_are_sorted_by_time_and_equal_ones_count_once(lab):
    later, first = append_check(lab, started=at_hour(12)), append_check(lab, started=at_hour(9))
    log_path(lab).write_text(log_path(lab).read_text() * 2)
    assert check_log.read_log(lab, "a").checks == (first, later)


def test_of_two_checks_in_one_second_the_later_line_is_the_newest(lab):
    made = [append_check(lab, started=at_hour(9), outcome=Outcome.DIFFERS, seconds=float(i)) for i in range(8)]
    assert check_log.read_log(lab, "a").checks == tuple(made)
    check_log.squash_log(result_stores.own_results(lab), "a", "2027-11-28")
    assert check_log.read_log(lab, "a").checks == tuple(made)


# -- bad input ---------------------------------------------------------------------------------------------------------------------------


def sealed_line(fields):
    """A line with a digest that fits."""
    return json.dumps({**fields, "digest": digests.text_digest(check_log._canonical_json(fields))[:16]})


def fields_of(check=CHECK):
    made = json.loads(check_log.log_line(check))
    made.pop("digest")
    return made


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (lambda: check_log.log_line(CHECK).replace('"exact":19', '"exact":20'), "is not what was written: its digest does not fit"),
        (lambda: sealed_line({**fields_of(), "note": "b"}), "is of another note, 'b'"),
        (lambda: sealed_line({**fields_of(), "schema": 99}), "has schema 99, this version of labnotes reads 1"),
        (lambda: sealed_line({**fields_of(), "started": "2126-01-01T00:00:00Z"}), "is from the future: 2126-01-01T00:00:00Z"),
        (lambda: sealed_line({**fields_of(), "started": "yesterday"}), "has no time: 'yesterday'"),
        (lambda: sealed_line({**fields_of(), "colour": "red"}), "has a field that cannot be read: colour: is no known key"),
        (
            lambda: sealed_line({**fields_of(), "counts": {"claim": {"splendid": 1}}}),
            "has verdicts that this version of labnotes does not know: splendid",
        ),
        (
            lambda: sealed_line({**fields_of(), "seconds": "long"}),
            "has a field that cannot be read: seconds: Input should be a valid number, unable to parse string as a number (found 'long')",
        ),
        (
            lambda: sealed_line({**fields_of(), "counts": [1]}),
            "has a field that cannot be read: counts: Input should be a valid dictionary (found [1])",
        ),
        (
            lambda: sealed_line({**fields_of(), "environment": {"colour": "red"}}),
            "has a field that cannot be read: environment.colour: is no known key",
        ),
        (
            lambda: sealed_line({key: value for key, value in fields_of().items() if key != "record"}),
            "has a field that cannot be read: record: is missing",
        ),
        (lambda: "[1, 2]", "is no object"),
        (lambda: "nonsense", "is no JSON"),
        (lambda: '{"note": "\x00"}', "is no JSON"),
    ],
)
def test_a_line_that_cannot_be_used_is_told_with_its_number_and_skipped(lab, line, said):
    append_check(lab)
    with log_path(lab).open("a") as file:
        file.write(line() + "\n")
    append_check(lab, started=at_hour(12))
    log = check_log.read_log(lab, "a")
    assert [check.started for check in log.checks] == [CHECK.started, at_hour(12)]
    (problem,) = log.problems
    assert problem.where == "notes/a/checks.jsonl:2"
    assert said in problem.what
    assert "restore the line from version control" in problem.hint


@pytest.mark.parametrize("cut", [1, 200, -1])
def test_a_last_line_that_was_cut_short_is_told_and_mended_by_the_next(lab, cut):
    first = append_check(lab)
    whole = log_path(lab).read_bytes()
    second = (check_log.log_line(replace(CHECK, started=at_hour(12))) + "\n").encode()
    log_path(lab).write_bytes(whole + second[:cut])
    log = check_log.read_log(lab, "a")
    if cut == -1:  # all but the end of the line: nothing is lost
        assert [check.started for check in log.checks] == [first.started, at_hour(12)]
    else:
        assert log.checks == (first,)
        assert "is cut short: the next check removes it" in log.problems[0].what
    third = append_check(lab, started=at_hour(15))
    log = check_log.read_log(lab, "a")
    assert log.problems == ()
    assert log.checks[0] == first
    assert log.checks[-1] == third
    assert len(log.checks) == (3 if cut == -1 else 2)


def test_marks_of_a_merge_conflict_are_told_and_both_sides_count(lab):
    ours, theirs = replace(CHECK, started=at_hour(11)), replace(CHECK, started=at_hour(12))
    append_check(lab)
    with log_path(lab).open("a") as file:
        file.write(f"<<<<<<< HEAD\n{check_log.log_line(ours)}\n=======\n{check_log.log_line(theirs)}\n>>>>>>> other\n")
    log = check_log.read_log(lab, "a")
    assert log.checks == (CHECK, ours, theirs)
    (problem,) = log.problems
    assert problem.where == "notes/a/checks.jsonl:2"
    assert "marks of a merge conflict (lines 2, 4, 6)" in problem.what
    assert "delete these lines and keep all others, of both sides" in problem.hint


def test_git_merges_two_logs_without_conflict(tmp_path):
    def run_git(*words):
        subprocess.run(["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b", *words], check=True, capture_output=True)

    lab = Lab(tmp_path)
    (tmp_path / "notes" / "a").mkdir(parents=True)
    run_git("init", "-b", "main")
    (tmp_path / ".gitattributes").write_text("notes/*/checks.jsonl merge=union -text\n")
    append_check(lab)
    run_git("add", ".")
    run_git("commit", "-m", "first")
    run_git("checkout", "-b", "other")
    append_check(lab, started=at_hour(11))
    run_git("commit", "-am", "other")
    run_git("checkout", "main")
    append_check(lab, started=at_hour(12))
    run_git("commit", "-am", "ours")
    run_git("merge", "other")
    log = check_log.read_log(lab, "a")
    assert [check.started[11:13] for check in log.checks] == ["10", "11", "12"]
    assert log.problems == ()


def test_a_disk_that_refuses_is_an_error_that_says_what_to_do(lab):
    log_path(lab).mkdir()
    with pytest.raises(result_stores.LogNotWritten, match="cannot be written") as error:
        append_check(lab)
    assert "--no-log" in str(error.value)


# -- kills and others at work ------------------------------------------------------------------------------------------------------------

APPEND = """
import sys, pathlib
from dataclasses import replace
from labnotes.source.labs import Lab
from labnotes.store import check_log, result_stores, version_control
from labnotes.store.check_log import *
from labnotes.model.verdicts import Outcome
exec(open(sys.argv[2]).read())
store = result_stores.own_results(Lab(pathlib.Path(sys.argv[1])))
for i in range(10**6):
    check = replace(CHECK, commit=f"{sys.argv[3]}-{i}", counts={"claim": {"exact": i}})
    check_log.append_check(store, check)
    print(check.commit, flush=True)
"""


def start_appender(lab, tmp_path, name):
    code = tmp_path / "check.py"
    code.write_text(f"CHECK = {CHECK!r}".replace("<Outcome.AGREES: 'agrees'>", "Outcome.AGREES"))
    return subprocess.Popen([sys.executable, "-c", APPEND, str(lab.root), str(code), name], stdout=subprocess.PIPE, text=True)


@pytest.mark.slow  # 2 s
def test_kills_lose_no_line_and_double_none(lab, tmp_path):
    """Kill ten processes; `benchmarks/kills.py` kills a thousand."""
    rng = random.Random(0)
    said = []
    for i in range(10):
        with start_appender(lab, tmp_path, f"run{i}") as process:
            said.append(process.stdout.readline().strip())  # at work
            time.sleep(rng.random() * 0.05)
            os.kill(process.pid, signal.SIGKILL)
            said += process.stdout.read().split()
    log = check_log.read_log(lab, "a")
    kept = [check.commit for check in log.checks]
    assert set(said) <= set(kept), "what was acknowledged is there"
    assert len(kept) == len(set(kept)) == sum(1 for line in log_path(lab).read_bytes().split(b"\n") if line) - len(log.problems)
    assert len(log.problems) <= 1, "at most the very last line"
    append_check(lab, started=at_hour(12))
    assert check_log.read_log(lab, "a").problems == ()


def test_two_processes_append_at_once(lab, tmp_path):
    with start_appender(lab, tmp_path, "one") as first_process, start_appender(lab, tmp_path, "two") as second_process:
        said = [process.stdout.readline().strip() for process in (first_process, second_process) for _ in range(30)]
        for process in (first_process, second_process):
            os.kill(process.pid, signal.SIGKILL)
    log = check_log.read_log(lab, "a")
    assert set(said) <= {check.commit for check in log.checks}
    assert len(said) == 60
    assert len(log.problems) <= 1


# -- what a check is about ---------------------------------------------------------------------------------------------------------------


def make_dependencies(**fields):
    return RunDependencies(code="c" * 64, **fields)


@pytest.mark.parametrize(
    ("then", "now", "other"),
    [
        ({"files": {"cython.py": "", "d.csv": "1"}}, {"files": {"pyarrow.py": "", "d.csv": "1"}}, {}),
        ({"files": {"d.csv": "1"}}, {"files": {"d.csv": "2"}}, {"d.csv": "2"}),
        ({"modules": {"m.py": "1"}}, {"modules": {"m.py": "2"}}, {"m.py": "2"}),
        ({"files": {"cython.py": ""}}, {"modules": {"cython.py": "9"}}, {"cython.py": "9"}),
        ({"modules": {"m.py": "1"}}, {"files": {"m.py": ""}}, {"m.py": ""}),
        ({"folders": {"data": "1"}}, {"folders": {"data": "2"}}, {"data": "2"}),
        ({"fetched": {"x==1": "1"}}, {"fetched": {"x==1": "2"}}, {"x==1": "2"}),
        ({"elsewhere": {"mylib/a.py": "1"}}, {"elsewhere": {"mylib/a.py": "2"}}, {"installed elsewhere: mylib/a.py": "2"}),
        ({"distributions": {"numpy": "1"}}, {"distributions": {"numpy": "2", "charset-normalizer": "3"}}, {}),
    ],
)
def test_only_the_contents_of_what_both_runs_saw_decide(then, now, other):
    assert check_log.other_inputs(make_dependencies(**then), make_dependencies(**now)) == other


def make_record(digest="r" * 64, code="c" * 64):
    provenance = SimpleNamespace(dependencies=make_dependencies(), started="2026-11-21T00:00:00Z")
    return SimpleNamespace(results_digest=digest, provenance=replace_code(provenance, code))


def replace_code(provenance, code):
    provenance.dependencies = replace(provenance.dependencies, code=code)
    return provenance


def make_note(code="c" * 64):
    return SimpleNamespace(code_digest=code, slug="a", settings=SimpleNamespace(input_pins=[], former_slugs=[], stated=0))


def test_a_check_of_other_code_or_of_an_older_record_is_kept_and_told(lab):
    good, other_record, other_code = (
        append_check(lab),
        append_check(lab, started=at_hour(11), record="q" * 64),
        append_check(lab, started=at_hour(12), code="d" * 64),
    )
    log = check_log.read_log(lab, "a")
    assert len(log.checks) == 3
    assert log.golden_checks(make_record(), make_note(), lab) == (good,)
    assert log.golden_checks(make_record("q" * 64), make_note(), lab) == (other_record,)
    assert log.golden_checks(make_record(), make_note("d" * 64), lab) == (good, other_code), "of this record, with the code as it is now"
    (said,) = check_history.log_remarks(log, make_record(), make_note(), lab)
    assert said == (
        "the check of 2026-11-28 (agrees) is not about the record and code as they are now: the code was neither that of the record nor the present one"
    )
    (said,) = check_history.log_remarks(log, make_record("s" * 64), make_note(), lab)
    assert "it is of a record of 2026-11-21, this one was made on 2026-11-21" in said


def test_a_check_with_changed_inputs_is_about_the_source_only_while_they_are_so(lab):
    (lab.root / "d.csv").write_text("1")
    digest = code_digest.file_digest(lab.root / "d.csv")
    check = append_check(lab, inputs={"d.csv": digest})
    assert check_log.read_log(lab, "a").golden_checks(make_record(), make_note(), lab) == (check,)
    (lab.root / "d.csv").write_text("2")
    assert check_log.read_log(lab, "a").golden_checks(make_record(), make_note(), lab) == ()
    gone = append_check(lab, started=at_hour(12), inputs={"x.csv": ""})
    assert check_log.read_log(lab, "a").golden_checks(make_record(), make_note(), lab) == (gone,)


def test_fresh_seeds_are_no_check_of_the_golden_values_and_count_as_draws(lab):
    block = append_check(lab, seed="3", kind="fresh draw")
    log = check_log.read_log(lab, "a")
    assert log.golden_checks(make_record(), make_note(), lab) == ()
    assert log.draw_checks(make_record()) == (block,)


# -- small logs ---------------------------------------------------------------------------------------------------------------------------


def test_a_year_later_the_agreeing_checks_of_a_month_on_one_machine_are_one_line(lab):
    for day in (1, 2, 3):
        append_check(lab, started=f"2025-03-0{day}T10:00:00Z", seconds=4.0 + day)
    append_check(lab, started="2025-03-04T10:00:00Z", outcome=Outcome.DIFFERS, counts={"claim": {"changed": 1}})
    append_check(lab, started="2025-03-05T10:00:00Z", environment=replace(HERE, cpu="EPYC"))
    append_check(lab, started="2025-04-01T10:00:00Z")
    append_check(lab, record="q" * 64, started="2025-03-06T10:00:00Z")
    append_check(lab, started="2025-12-01T10:00:00Z")
    append_check(lab, started="2025-12-02T10:00:00Z")
    with log_path(lab).open("a") as file:
        file.write("nonsense\n")
    assert check_log.squash_log(result_stores.own_results(lab), "a", "2025-11-28") == (10, 8)
    log = check_log.read_log(lab, "a")
    assert [(check.started[:10], check.times) for check in log.checks] == [
        ("2025-03-03", 3),
        ("2025-03-04", 1),
        ("2025-03-05", 1),
        ("2025-03-06", 1),
        ("2025-04-01", 1),
        ("2025-12-01", 1),
        ("2025-12-02", 1),
    ]
    assert len(log.problems) == 1, "what cannot be read stays"
    assert check_log.squash_log(result_stores.own_results(lab), "a", "2025-11-28") == (8, 8)
    assert (
        check_history.history_headline(log, make_record(), make_note(), lab)
        == "agreed in 7 of 8 checks since 2025-03-03, on 2 kinds of CPU"
    )


# -- other places ------------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["a.jsonl", "a/checks.jsonl", "notes/a/checks.jsonl"])
def test_lines_of_a_folder_join_those_of_the_note(lab, tmp_path, name):
    ours = append_check(lab)
    theirs = replace(CHECK, started=at_hour(12))
    elsewhere = tmp_path / "elsewhere" / name
    elsewhere.parent.mkdir(parents=True)
    elsewhere.write_text(f"{check_log.log_line(theirs)}\n{check_log.log_line(ours)}\n")
    assert check_log.read_log(lab, "a", result_stores.find_source(lab, str(tmp_path / "elsewhere"))).checks == (ours, theirs)


def test_lines_of_a_branch_join_those_of_the_note(lab):
    def run_git(*words):
        subprocess.run(["git", "-C", str(lab.root), "-c", "user.name=a", "-c", "user.email=a@b", *words], check=True, capture_output=True)

    run_git("init", "-b", "main")
    append_check(lab)
    run_git("add", ".")
    run_git("commit", "-m", "first")
    assert result_stores.find_source(lab, None) is None, "no branch of checks"
    run_git("checkout", "-b", "checks")
    theirs = append_check(lab, started=at_hour(12))
    run_git("commit", "-am", "a check")
    run_git("checkout", "main")
    assert len(check_log.read_log(lab, "a").checks) == 1
    for source in (result_stores.find_source(lab, None), result_stores.find_source(lab, "checks")):
        assert check_log.read_log(lab, "a", source).checks == (CHECK, theirs)
    with pytest.raises(UsageError, match="'nowhere' is no folder and no ref"):
        result_stores.find_source(lab, "nowhere")


def test_the_commit_is_named_only_if_nothing_else_changed(lab):
    def run_git(*words):
        subprocess.run(["git", "-C", str(lab.root), "-c", "user.name=a", "-c", "user.email=a@b", *words], check=True, capture_output=True)

    assert version_control.clean_commit(lab.root) is None, "no repository"
    run_git("init")
    (lab.root / "x.py").write_text("1")
    run_git("add", ".")
    run_git("commit", "-m", "x")
    append_check(lab)
    commit = version_control.clean_commit(lab.root)
    assert len(commit) == 40
    (lab.root / "x.py").write_text("2")
    assert version_control.clean_commit(lab.root) is None
