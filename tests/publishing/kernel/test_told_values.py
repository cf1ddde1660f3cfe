"""The numbers that a kernel tells of its cells."""

import ast
import atexit

import numpy as np
import pandas as pd
import pytest
from IPython.core.interactiveshell import InteractiveShell

from labnotes.kernel import told_values
from labnotes.kernel.told_values import number_parts


@pytest.mark.parametrize(
    ("value", "parts"),
    [
        (3, {"": 3}),
        (np.float32(0.5), {"": 0.5}),
        (np.array(7), {"": 7}),
        (True, {}),
        (np.bool_(True), {}),
        (float("nan"), {}),
        ("3", {}),
        (10**30, {}),
        ({"a": 1, "b": {"c": 2.5}, "d": "x", ("t",): 3}, {"['a']": 1, "['b']['c']": 2.5}),
        ([1, [2]], {"[0]": 1, "[1][0]": 2}),
        (list(range(51)), {}),
        (np.array([1.5, np.inf]), {"[0]": 1.5}),
        (np.array([[1, 2]]), {"[0, 0]": 1, "[0, 1]": 2}),
        (pd.Series([1, 2], index=["a", "b"]), {".loc['a']": 1, ".loc['b']": 2}),
        (pd.Series([1, 2], index=["a", "a"]), {".iloc[0]": 1, ".iloc[1]": 2}),
        (pd.DataFrame({"x": [1.5], "y": ["t"]}, index=["r"]), {".loc['r', 'x']": 1.5}),
        (pd.DataFrame({"x": range(300)}), {}),
        (np.datetime64("2020-01-01"), {}),
    ],
    ids=repr,
)
def test_numbers_are_found_in_what_holds_them(value, parts):
    assert dict(number_parts(value)) == parts


def test_the_way_to_a_number_leads_to_it():
    value = {"a": pd.DataFrame({"x": [1.5, 2.5]}, index=["r", "s"]), "b": [1, (2, 3)]}
    for way, number in number_parts(value):
        assert eval(f"value{way}") == number


class Shell(InteractiveShell):
    """A shell as a kernel has it, for one test."""

    def get_parent(self):
        return {"header": {"msg_id": "request"}}


@pytest.fixture
def told():
    """Runs cells in a shell; what is told of the last."""
    shell = Shell()
    rows = []
    told_values.watch_values(shell, lambda request, more: rows.extend(more))

    def run(*cells):
        for cell in cells:
            rows.clear()
            result = shell.run_cell(cell, store_history=True)
            assert result.success, cell
        return [tuple(row) for row in rows]

    yield run
    atexit.unregister(shell.atexit_operations)
    shell.atexit_operations()
    shell.restore_sys_module_state()  # else `__main__` stays the shell's, and other tests of the process can spawn none


def test_a_cell_tells_its_variables_its_texts_and_its_last_expression_each_computed_once(told, capsys):
    rows = told(
        "calls = []\ndef measure(x):\n    calls.append(x)\n    return x / 7",
        "rate = measure(1)\nprint(f'{measure(2):.3f}', measure(3), '%.2f' % measure(4), '{:.1f}'.format(measure(5)))\nmeasure(6)",
    )
    assert ("rate", "rate", 1 / 7, "variable", 1) in rows
    assert ("measure(2)", "measure(2)", 2 / 7, "printed", 1) in rows
    assert {row[1] for row in rows if row[3] == "printed"} == {f"measure({i})" for i in (2, 3, 4, 5)}
    assert ("measure(6)", "measure(6)", 6 / 7, "shown", 1) in rows
    assert ("calls[5]", 6) in [(row[1], row[2]) for row in rows]
    assert len([row for row in rows if row[0] == "calls"]) == 6, "each was evaluated once"
    out = capsys.readouterr().out
    assert out.startswith("0.286 0.42857142857142855 0.57 0.7\n")
    assert "0.857142857142857" in out


def test_what_did_not_change_is_told_once_and_what_is_in_a_loop_is_counted(told):
    rows = told("x = 5", "y = 6")
    assert [row[1] for row in rows] == ["y"]
    rows = told("for i in range(3):\n    print(i * 2)")
    assert ("i * 2", "i * 2", 4, "printed", 3) in rows


def test_names_of_functions_and_comprehensions_are_left_alone(told):
    rows = told("def f(a):\n    print(a)\nf(3)\nprint([b for b in [1]])")
    assert "a" not in [row[0] for row in rows]


def test_an_error_leaves_a_cell_as_it_is(told):
    assert [
        row[1]
        for row in told(
            "class Bad:\n    def __len__(self):\n        raise OSError\n    ndim = property(lambda self: 1 / 0)\nbad = Bad()\nx = 3"
        )
    ] == ["x"]


def test_texts_are_marked_so_that_code_means_the_same():
    watch = told_values._ValueWatch(type("Shell", (), {"user_ns": {}}), lambda *_: None)
    tree = watch.visit(ast.parse("print(x, 'a', *y, sep='')\nz = f'{x!r:>{w}}'\nx;"))
    code = ast.unparse(ast.fix_missing_locations(tree))
    assert code.count("__labnotes_told__") == 4
    assert "*y" in code
