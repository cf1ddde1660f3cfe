"""Found by every Python process that a run starts (the kernel puts this folder on PYTHONPATH): watch it as the kernel is watched."""

from __future__ import annotations

import contextlib
import importlib.machinery
import importlib.util
import os
import sys
from typing import Any

_here = os.path.dirname(os.path.abspath(__file__))


def _run_module(name: str, path: str) -> Any:
    spec = importlib.util.spec_from_file_location(name, path)
    assert spec is not None and spec.loader is not None, path
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


_run_module("_labnotes_tracing", os.path.join(os.path.dirname(_here), "tracing.py")).begin_tracing()
if os.environ.get("LABNOTES_TRACE"):
    _run_module("_labnotes_faults", os.path.join(os.path.dirname(_here), "fault_dump.py")).dump_faults(os.environ["LABNOTES_TRACE"])
with contextlib.suppress(ImportError):  # a Python of its own may lack what shifts the clock
    _run_module("_labnotes_clock", os.path.join(os.path.dirname(_here), "clock.py")).shift_clock()

# a system's own sitecustomize, which this file stands before
_others = [folder for folder in sys.path if os.path.abspath(folder) != _here]
_next = importlib.machinery.PathFinder.find_spec("sitecustomize", _others)
if _next is not None and _next.origin:
    _run_module("_next_sitecustomize", _next.origin)
