"""Cores are never overdrawn, and a note that asks for more than there are runs alone."""

import asyncio

import pytest

from labnotes.execute.cores import CoreBudget


@pytest.mark.parametrize(
    ("jobs", "wanted", "peak"), [(2, [1, 1, 1, 1], 2), (2, [2, 1, 1, 2], 2), (3, [2, 2, 1, 1], 3), (1, [4, 1, 1], 1), (4, [8, 1, 3], 4)]
)
def test_no_more_cores_are_taken_than_there_are(jobs, wanted, peak):
    taken, most = [], []

    async def hold_cores(cores, n):
        async with cores.reserve_cores(n):
            taken.append(min(n, jobs))
            most.append(sum(taken))
            await asyncio.sleep(0.002)
            taken.remove(min(n, jobs))

    async def run_all_notes():
        cores = CoreBudget(jobs)
        await asyncio.gather(*(hold_cores(cores, n) for n in wanted))

    asyncio.run(run_all_notes())
    assert max(most) == peak
    assert len(most) == len(wanted)


def test_a_failed_note_gives_its_cores_back():
    async def run_failing_note():
        cores = CoreBudget(1)
        with pytest.raises(RuntimeError):
            async with cores.reserve_cores(1):
                raise RuntimeError
        async with asyncio.timeout(1), cores.reserve_cores(1):
            return True

    assert asyncio.run(run_failing_note())
