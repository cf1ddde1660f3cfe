"""A kernel for one run: started over IPC, given one cell after another, ended with all that it started.

The only module that knows nbclient and jupyter_client.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import zmq.asyncio
from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_client.manager import AsyncKernelManager
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionComplete, CellExecutionError, CellTimeoutError, DeadKernelError
from nbclient.util import ensure_async

from labnotes.execute.run_failures import KERNEL_LOG
from labnotes.execute.streams import settle_streams
from labnotes.kernel.cell_watch import END_RUN
from labnotes.kernel.fault_dump import ASKED_BY
from labnotes.kernel.keeper import LIMIT
from labnotes.kernel.output_limits import MOST_OUTPUT, MOST_TEXT, content_size
from labnotes.kernel.process_tree import descendants, processor_seconds
from labnotes.source import notebooks
from labnotes.source.notebooks import Cell

START_TIMEOUT = 120
"""Seconds for a kernel to answer: machines that run several kernels at once are slow to start them."""

DUMP_TIME = 0.1
"""Seconds that each process of a run gets to write where it is."""

REPLY_TIME = 10.0
"""Seconds that a kernel has for its answer once it said that it is done with a cell."""

END_TIME = 15.0
"""Seconds that the keeper has to end a run: more than it gives the processes of the run itself."""

FOREVER = 10**7
"""Seconds; the run's own limit ends before."""

WAITING_MESSAGES = 1_000
"""Messages of a kernel that are held until they are read; all others wait in the kernel, which drops none (see `kernel.launch`)."""

SLACK = 5_000_000
"""Characters that labnotes lets pass beyond what the kernel shows: an error in the note says in which line, so it is to come first."""

LARGEST_MESSAGE = MOST_OUTPUT + 50_000_000
"""Bytes. A kernel that keeps to its limits sends none of that size; the connection to one that does not is broken off."""

_KERNEL = ("-P", "-m", "labnotes.kernel.launch")
"""-P: a helper module in the note's folder that is called like a standard one must not break the kernel's start."""

__all__ = ["CellExecutionError", "CellTimeoutError", "DeadKernelError", "KernelSession", "NoReplyError", "TooMuchOutputError"]


Message = dict[str, Any]
"""A message of Jupyter's protocol."""


class NoReplyError(Exception):
    """A kernel was done with a cell and did not answer how it went."""


class TooMuchOutputError(Exception):
    """A run printed or showed more than it may; the message says of what there is too much, `index` is the cell's."""

    def __init__(self, index: int, what: str) -> None:
        super().__init__(what)
        self.index = index


class _CellClient(NotebookClient):
    """A client that gives every output to the cell that made it, also when it comes after that cell has ended, as of a task or a thread."""

    def __init__(self, notebook: Any, printed: Callable[[int, str], None], **options: Any) -> None:
        super().__init__(notebook, **options)
        self.requests: dict[str, int] = {}
        self.is_idle = asyncio.Event()
        self.is_over = asyncio.Event()
        self.too_much: TooMuchOutputError | None = None
        self._printed = printed
        self._text_size = self._whole_size = 0
        self._pieces: dict[int, list[str]] = {}

    async def _async_poll_output_msg(self, parent_msg_id: str, cell: Any, cell_index: int) -> None:
        assert self.kc is not None
        self.requests[parent_msg_id] = cell_index
        while True:
            message = await ensure_async(self.kc.iopub_channel.get_msg(timeout=None))
            request = message["parent_header"].get("msg_id")
            if self._is_too_much(message, self.requests.get(request, cell_index)):
                return
            if request == parent_msg_id:
                try:
                    self.process_message(message, cell, cell_index)
                except CellExecutionComplete:
                    self.is_idle.set()
                    return
            elif request in self.requests and message["msg_type"] != "status":
                index = self.requests[request]
                self.process_message(message, self.nb.cells[index], index)

    def _is_too_much(self, message: Message, cell_index: int) -> bool:
        """Count what a message brings, and tell whether it is more than a run may print and show."""
        size = content_size(message["content"])
        self._whole_size += size
        self._text_size += size if message["msg_type"] == "stream" else 0
        if self._text_size > MOST_TEXT:
            what = f"printed until the note had more than {MOST_TEXT / 1e6:.0f} MB of text, the most that a run may print"
        elif self._whole_size > MOST_OUTPUT + SLACK:
            what = f"showed until the note had more than {MOST_OUTPUT / 1e6:.0f} MB of outputs, the most that a run may show"
        else:
            return False
        self.too_much = TooMuchOutputError(cell_index, what)
        self.is_over.set()
        return True

    def output(self, outs: list[Any], msg: Message, display_id: str | None, cell_index: int) -> Any:
        if msg["msg_type"] == "stream":
            self._printed(cell_index, msg["content"]["text"])
            last = outs[-1] if outs and not self.clear_before_next_output else None
            if last is not None and last["output_type"] == "stream" and last["name"] == msg["content"]["name"]:
                self._pieces.setdefault(id(last), [last["text"]]).append(msg["content"]["text"])
                return last
        elif "data" in msg["content"]:
            msg["content"]["data"] = {_json_type(mime, value): value for mime, value in msg["content"]["data"].items()}
        return super().output(outs, msg, display_id, cell_index)

    def join_pieces(self) -> None:
        """Put the texts of streams together; while they come, each would be copied again and again."""
        for cell in self.nb.cells:
            for output in cell.get("outputs", ()):
                if id(output) in self._pieces:
                    output["text"] = "".join(self._pieces.pop(id(output)))


def _json_type(mime: str, value: object) -> str:
    """The MIME type of a value as notebooks know it: JSON stands under a type that says so, whatever its library calls it."""
    is_text = isinstance(value, str) or (isinstance(value, list) and all(isinstance(part, str) for part in value))
    return mime if is_text or mime == "application/json" or mime.endswith("+json") else f"{mime}+json"


class KernelSession:
    """A kernel with a client. `cells` are the code cells that it will be given; `time_left` tells the seconds that a cell has."""

    def __init__(self, cells: Sequence[Cell], scratch: Path, time_left: Callable[[], float], printed: Callable[[int, str], None]) -> None:
        self._scratch = scratch
        self._manager = _kernel_manager(scratch)
        notebook = notebooks.to_notebook([*cells, Cell("code", END_RUN, len(cells) + 1, None, Path())])
        self._client = _CellClient(
            notebook,
            printed,
            km=self._manager,
            timeout_func=lambda cell: time_left(),
            startup_timeout=START_TIMEOUT,
            allow_errors=False,
            coalesce_streams=False,
            iopub_timeout=FOREVER,  # an output that comes late is waited for: the cell's own limit ends the wait
            raise_on_iopub_timeout=True,
        )
        self._client.log.setLevel(logging.CRITICAL)  # what goes wrong is told by the failure

    async def start(self, environment: dict[str, str], folder: Path) -> None:
        """Start the kernel in `folder`.

        Raises RuntimeError or OSError if none can be started.
        """
        with (self._scratch / KERNEL_LOG).open("wb") as log:  # what it prints before and beside its cells
            await self._manager.start_kernel(env=environment, cwd=str(folder), stdout=log, stderr=log)
        await self._client.async_start_new_kernel_client()

    async def execute_cell(self, index: int) -> None:
        """Execute a cell.

        Raises CellExecutionError, CellTimeoutError, DeadKernelError, NoReplyError or TooMuchOutputError.
        """
        await self._execute(index, execution_count=index + 1)

    async def end_cells(self) -> None:
        """Let what the cells left running come to its end, and take its outputs. What is printed then belongs to the last cell.

        Raises as `execute_cell` does.
        """
        index = len(self._client.nb.cells) - 1
        await self._execute(index, store_history=False)
        last = self._client.nb.cells[-1].outputs
        if last and index:
            self._client.nb.cells[index - 1].outputs += last

    async def _execute(self, index: int, **options: Any) -> None:
        """Execute a cell, and do not wait for ever for the answer of a kernel that says that it is done."""
        self._client.is_idle.clear()
        execution = asyncio.ensure_future(self._client.async_execute_cell(self._client.nb.cells[index], index, **options))
        idle = asyncio.ensure_future(self._client.is_idle.wait())
        over = asyncio.ensure_future(self._client.is_over.wait())
        try:
            await asyncio.wait({execution, idle, over}, return_when=asyncio.FIRST_COMPLETED)
            if self._client.too_much is not None:
                raise self._client.too_much
            done, _ = await asyncio.wait({execution}, timeout=REPLY_TIME)
            if not done:
                raise NoReplyError
            await execution
        finally:
            for task in (execution, idle, over):
                task.cancel()
            await asyncio.gather(execution, idle, over, return_exceptions=True)

    def cell_of_request(self, request: str) -> int | None:
        """The index of the cell that a request had executed; the last one for what came after it, None for an unknown request."""
        index = self._client.requests.get(request)
        return None if index is None else min(index, len(self._client.nb.cells) - 2)

    def request_of_cell(self, index: int) -> str | None:
        """The request that had a cell executed; None if it was not executed."""
        return next((request for request, at in self._client.requests.items() if at == index), None)

    def outputs_of_cell(self, index: int) -> list[Any]:
        """What came of a cell so far, streams in one piece."""
        self._client.join_pieces()
        return settle_streams(self._client.nb.cells[index].outputs)

    def exit_reason(self) -> str:
        """How the kernel's process ended, in brackets; "" while it runs."""
        process = getattr(self._manager.provisioner, "process", None)
        code = process.poll() if process is not None else None
        if code is None:
            return ""
        if code >= 0:
            return f" (exit status {code})"
        hint = ", often a sign of too little memory" if code == -signal.SIGKILL else ""
        return f" (killed by {signal.Signals(-code).name}{hint})"

    def processor_seconds(self) -> float | None:
        """Processor time of the run's processes and of those that they waited for, in seconds; None where the system does not tell."""
        keeper = self._keeper()
        return processor_seconds(keeper) if keeper is not None else None

    def memory_over_limit(self, kept: Path) -> int | None:
        """Bytes of memory that the run used when it was ended for that, by what its keeper wrote in the folder `kept`; None if it was not."""
        with contextlib.suppress(OSError, ValueError):
            return int((kept / LIMIT).read_text())
        return None

    async def ask_for_dumps(self) -> None:
        """Have every Python process of the run write where it is. Those that do not listen for it are left alone."""
        keeper = self._keeper()
        if ASKED_BY is None or keeper is None:
            return
        for process in descendants(keeper):  # the kernel before what it started
            with contextlib.suppress(OSError, ValueError, StopIteration):
                lines = Path(f"/proc/{process}/status").read_text().splitlines()
                caught = int(next(line for line in lines if line.startswith("SigCgt:")).split()[1], 16)
                if caught >> (ASKED_BY - 1) & 1:
                    os.kill(process, ASKED_BY)
                    await asyncio.sleep(DUMP_TIME)  # one after another, since they write to one file

    async def stop(self) -> None:
        """End the kernel and every process it started."""
        if self._client.kc is not None:
            self._client.kc.stop_channels()
        if self._manager.has_kernel:
            await asyncio.shield(self._end_keeper())
            with contextlib.suppress(RuntimeError, OSError, ProcessLookupError):
                await asyncio.shield(self._manager.shutdown_kernel(now=True))
        self._manager.context.destroy(linger=100)

    async def _end_keeper(self) -> None:
        """Ask the keeper to end the run and itself, and wait for that. Where there is none, end the kernel's group of processes."""
        keeper = self._keeper()
        process = getattr(self._manager.provisioner, "process", None)
        if keeper is None or process is None:
            return
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if sys.platform != "linux":
                os.killpg(keeper, signal.SIGKILL)  # it is the kernel, which leads the group
            else:
                os.kill(keeper, signal.SIGTERM)
        until = time.monotonic() + END_TIME
        while process.poll() is None and time.monotonic() < until:
            await asyncio.sleep(0.005)

    def _keeper(self) -> int | None:
        """The process around the run (see `kernel.keeper`), or the kernel itself where there is none; None if none was started."""
        return getattr(self._manager.provisioner, "pid", None) if self._manager.has_kernel else None


def _kernel_manager(scratch: Path) -> Any:
    class ThisInterpreter(KernelSpecManager):
        """Kernels of this interpreter only, never one found in the home folder."""

        def get_kernel_spec(self, kernel_name: str) -> Any:
            return KernelSpec(argv=[sys.executable, *_KERNEL, "-f", "{connection_file}"], language="python", name=kernel_name)

    context = zmq.asyncio.Context()
    context.rcvhwm = WAITING_MESSAGES
    context.maxmsgsize = LARGEST_MESSAGE
    return AsyncKernelManager(
        kernel_name="python3",
        transport="ipc",
        connection_file=str(scratch / "k.json"),
        kernel_spec_manager=ThisInterpreter(),
        context=context,
    )
