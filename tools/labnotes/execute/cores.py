"""Run notes side by side: never more cores are in use than `jobs`; a note that asks for more runs alone."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class CoreBudget:
    """A budget of cores. `async with cores.reserve_cores(2)` waits until two are free."""

    def __init__(self, jobs: int) -> None:
        self._total = self._free = jobs
        self._changed = asyncio.Condition()

    @asynccontextmanager
    async def reserve_cores(self, wanted: int) -> AsyncIterator[None]:
        taken = min(wanted, self._total)
        async with self._changed:
            await self._changed.wait_for(lambda: self._free >= taken)
            self._free -= taken
        try:
            yield
        finally:
            self._free += taken
            async with self._changed:
                self._changed.notify_all()
