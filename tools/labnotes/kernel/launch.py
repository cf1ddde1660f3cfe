"""The kernel's main program: leave a keeper behind, cut the network and hold back files, start an IPython kernel, watch and record.

Started by `execute.run_note`, one process a run.
"""

from __future__ import annotations

import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any


def main() -> None:
    from labnotes.kernel.isolation import FILES_FREE, LEVEL, isolation_from
    from labnotes.kernel.keeper import MEMORY, PARENT, WORDS, keep_run
    from labnotes.kernel.landlock import VisiblePaths
    from labnotes.kernel.tracing import TRACE, VISIBLE, ProcessTrace

    visible = VisiblePaths(**json.loads(Path(os.environ[VISIBLE]).read_text(encoding="utf-8")))
    scratch = os.path.dirname(os.environ[TRACE])
    isolation = isolation_from(os.environ.pop(LEVEL), visible, os.path.join(scratch, "root"))
    words, memory, parent = os.environ.pop(WORDS), os.environ.pop(MEMORY, ""), os.environ.pop(PARENT, "")
    keep_run(words, int(parent) if parent else None, int(memory) if memory else None, isolation)
    trace = ProcessTrace(os.environ[TRACE])
    network, files = isolation.restrict_process()  # before anything starts a thread
    if files == FILES_FREE:
        del os.environ[VISIBLE]  # nothing is refused where nothing is held back
    trace.write_finding("isolation", network, files)
    trace.load_visible(os.environ.get(VISIBLE))
    trace.install_hook()

    from ipykernel.kernelapp import IPKernelApp

    _leave_out_debugger()
    from labnotes.author.recording import KERNEL
    from labnotes.kernel.cell_watch import begin_watch
    from labnotes.kernel.clock import shift_clock
    from labnotes.kernel.fault_dump import dump_faults
    from labnotes.kernel.output_limits import limit_shown, limit_text
    from labnotes.kernel.showing import record_shown_figures
    from labnotes.kernel.states import STATE, STATES, watch_variables
    from labnotes.kernel.told_values import VALUE, VALUES, watch_values

    class WholeOutputApp(IPKernelApp):
        """A kernel that never drops an output, however many a cell makes at once."""

        def init_iopub(self, context: Any) -> None:
            context.sndhwm = 0  # without a limit: beyond it ZeroMQ would drop messages
            super().init_iopub(context)  # type: ignore[no-untyped-call]

    app = WholeOutputApp.instance()
    app.initialize(sys.argv[1:])  # type: ignore[no-untyped-call]
    dump_faults(os.environ[TRACE])
    limit_text()
    limit_shown(app.session)
    record_shown_figures(app.shell)
    begin_watch(app.shell, trace.write_finding)
    os.environ[KERNEL] = str(os.getpid())
    if "" not in sys.path:  # -P left the note's folder out, so that it could not disturb the start; helper modules in it are the note's own
        packages = (i for i, path in enumerate(sys.path) if path.endswith(("site-packages", "dist-packages")))
        sys.path.insert(next(packages, len(sys.path)), "")
    child = str(Path(__file__).parent / "child")
    os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [child, os.environ.get("PYTHONPATH")]))
    if os.environ.get(STATES):
        watch_variables(app.shell, lambda number, digests: trace.write_finding(STATE, number, digests))
    if os.environ.pop(VALUES, ""):
        watch_values(app.shell, lambda request, rows: trace.write_finding(VALUE, request, rows))
    shift_clock()
    trace.start_writing()
    app.start()  # type: ignore[no-untyped-call]


def _leave_out_debugger() -> None:
    """Have ipykernel take debugpy for not installed: nobody debugs a run, and debugpy's import is a fifth of a kernel's start."""
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # by this Python says that there is no such module
    importlib.import_module("ipykernel.debugger")
    del sys.modules["debugpy"]  # a note may import it


if __name__ == "__main__":
    main()
