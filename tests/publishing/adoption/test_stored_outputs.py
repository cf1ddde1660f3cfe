"""Numbers that a notebook kept in its outputs, held against those of a run."""

from labnotes.adoption.stored_outputs import compare_outputs
from labnotes.model.observation import CellOutputs
from labnotes.source.notebooks import WholeCell


def stream(text):
    return {"output_type": "stream", "name": "stdout", "text": text}


def differences(stored, observed):
    cells = [WholeCell("text", "T"), WholeCell("code", "x", outputs=(stored,))]
    return [(item.cell, item.stored, item.observed) for item in compare_outputs(cells, {1: CellOutputs("", (observed,))})]


def test_a_number_that_the_run_prints_otherwise_is_told():
    cells = [WholeCell("code", "x", outputs=(stream("Accuracy: 0.93 of 100\n"),))]
    [item] = compare_outputs(cells, {1: CellOutputs("", (stream("Accuracy: 0.91 of 100\n"),))})
    assert item.text == "the notebook said 0.93, this run says 0.91: Accuracy: 0.91 of 100"


def test_values_that_are_shown_are_compared_line_by_line():
    def result(text):
        return {"output_type": "execute_result", "data": {"text/plain": text}}

    assert differences(result("a  1.5\nb  2.5"), result("a  1.5\nb  2.6")) == [(1, "2.5", "2.6")]
    assert differences(result(["a  1.5\n", "b  2.5"]), result("b  2.5\na  1.5")) == []


def test_times_addresses_and_last_digits_are_no_results():
    assert (
        differences(stream("took 3 ms at 12:30:01 on 2024-01-01 <X at 0x7f01>"), stream("took 9 ms at 13:00:00 on 2026-01-01 <X at 0x8f>"))
        == []
    )
    assert differences(stream("0.123456789"), stream("0.123456788")) == []
    assert differences(stream("0.1234"), stream("0.1235")) == [(1, "0.1234", "0.1235")]
    assert differences(stream("seen 3"), stream("other words 4")) == []
