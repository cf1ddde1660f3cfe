"""What people meet who ask a command for something that is not there: a message with what to do, no traceback, and the other notes are served."""

import json

import pytest

SOURCE = "# %%\nfrom labnotes import claim\nclaim('rate', 0.5)\n"


@pytest.fixture
def two_notes(lab):
    """A recorded note, and one whose note.yml cannot be read."""
    lab.record_note("good", SOURCE)
    (lab.write_note("bad", SOURCE) / "note.yml").write_text("title: A\n")
    return lab


@pytest.mark.parametrize("command", ["diff", "mutate", "accept"])
def test_a_note_that_cannot_be_read_is_told_and_the_other_served(two_notes, command):
    done = two_notes(command, *(("good", "bad", "--yes") if command == "accept" else ()))
    assert done.code == 2
    assert "notes/bad/note.yml: date: is missing" in done.err
    assert "notes/bad/note.yml: summary: is missing" in done.err
    assert "good" in done.out
    assert "Traceback" not in done.text


def test_a_notebook_that_is_none_is_told_and_the_others_are_cleaned(lab):
    lab.write_note("bad", "{", suffix="ipynb")
    cell = {"cell_type": "code", "id": "a", "metadata": {}, "source": "1", "execution_count": 1}
    cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": "hi"}]
    lab.write_note("good", json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]}), suffix="ipynb")
    done = lab("clean")
    assert done.code == 2
    assert "notes/bad/note.ipynb:1:2: is not JSON" in done.err
    assert "good: 1 output stripped" in done.out
    assert lab("clean", "good").out == "good: no outputs\n"


def test_a_log_that_is_not_to_be_squashed_has_nothing_to_do(lab):
    lab.write_note("a", SOURCE)
    done = lab("log")
    assert done.code == 2
    assert "log: nothing to do" in done.err
    assert "labnotes log --squash; to read a log: labnotes history SLUG" in done.err
    assert lab("log", "--squash").out == "a: 0 lines\n"


def test_a_line_of_a_log_that_cannot_be_read_is_told_beside_the_history(lab):
    folder = lab.record_note("a", SOURCE)
    assert lab("check", "--fresh").code == 0
    log = folder / "checks.jsonl"
    log.write_text(log.read_text() + log.read_text().replace("agrees", "agreed") + "{\n")
    done = lab("history", "a", "rate")
    assert done.code == 0
    assert "agreed in 1 of 1 check" in done.out
    assert "notes/a/checks.jsonl:2: this line of the log counts for nothing: it is not what was written" in done.err
    assert "notes/a/checks.jsonl:3: this line of the log counts for nothing: it is no JSON" in done.err
    assert "rate  recorded 0.5" in done.out


def test_the_history_of_a_note_without_record_and_of_a_claim_that_is_none(lab):
    lab.write_note("new", SOURCE)
    assert lab("history", "new").out == "new  is not recorded\n"
    lab.record_note("a", SOURCE)
    done = lab("history", "a", "rat")
    assert done.code == 2
    assert "a: no claim 'rat'" in done.err
    assert "did you mean 'rate'?" in done.err
    assert "not re-executed since" in lab("history", "a").out
