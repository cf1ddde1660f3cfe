"""Trainings side by side. Work is named by functions of the standard library: what is given to fresh processes must be importable there."""

import math
import os

import pytest

from smallmodels.parallel import side_by_side


@pytest.mark.slow
def test_results_come_in_the_order_of_the_jobs():
    started = ["__import__('time').sleep(0.5) or 1", "2", "3"]  # the first may end last
    assert list(side_by_side(eval, started).items()) == list(zip(started, (1, 2, 3), strict=True))
    assert side_by_side(math.sqrt, []) == {}


def test_each_job_has_one_thread_and_another_process():
    results = side_by_side(eval, ["(__import__('torch').get_num_threads(), __import__('os').getpid())"], processes=1)
    [(threads, process)] = results.values()
    assert threads == 1
    assert process != os.getpid()


def test_an_error_ends_the_others(tmp_path):
    others = [f"open({str(tmp_path / str(i))!r}, 'w').close() or __import__('time').sleep(0.2)" for i in range(40)]
    with pytest.raises(ValueError, match=r"nonnegative|math domain"):
        side_by_side(eval, ["__import__('math').sqrt(-1)", *others])
    assert len(list(tmp_path.iterdir())) < 40, "those that had not begun never do"
