"""Independent trainings side by side: one process and one thread each, which is faster for small models than threads, and gives the same bits
whatever runs beside."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterable
from concurrent.futures import ProcessPoolExecutor, as_completed
from typing import TypeVar

import torch

Job = TypeVar("Job")
Result = TypeVar("Result")


def side_by_side(work: Callable[[Job], Result], jobs: Iterable[Job], processes: int = 2) -> dict[Job, Result]:
    """What `work`, a function of an importable module, returns for each job, in the order of the jobs.

    Fresh processes are started, not forked: a process with threads does not survive that. The first error of a job ends the others.
    """
    wanted = list(jobs)
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(processes, mp_context=context, initializer=torch.set_num_threads, initargs=(1,)) as pool:
        waiting = {pool.submit(work, job): job for job in wanted}
        try:
            done = {waiting[future]: future.result() for future in as_completed(waiting)}
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return {job: done[job] for job in wanted}
