"""The environment that runs take place in: this machine, and the variables of a run's processes."""

from __future__ import annotations

import contextlib
import os
import platform
import re
from functools import cache
from pathlib import Path

from labnotes import installation
from labnotes.model.observation import RunEnvironment

THREADS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "RAYON_NUM_THREADS",
)

INHERITED = {
    "PATH", "PYTHONPATH", "VIRTUAL_ENV", "CONDA_PREFIX", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "CUDA_VISIBLE_DEVICES",
}  # fmt: skip
"""Environment variables that a run inherits: where programs and libraries are. All others are unset or fixed, so that no result depends on
an author's shell or home folder."""

KERNEL_LEVELS = ("ATEN_CPU_CAPABILITY", "OPENBLAS_CORETYPE", "MKL_ENABLE_INSTRUCTIONS", "NPY_DISABLE_CPU_FEATURES")
"""Variables that choose among CPU kernels. Inherited too, and named with the CPU, so that no stored run is taken under another choice."""

VECTORS = ("amx_tile", "avx512_bf16", "avx512_vnni", "avx512f", "avx2", "avx", "sve2", "sve", "asimd")
"""Instructions that libraries choose their CPU kernels by, as Linux names them, the newest first. A virtual machine's CPU may be called the
same on processors that differ in these."""


@cache
def here() -> RunEnvironment:
    """The environment that runs take place in; how far they are isolated is known only once they run."""
    return RunEnvironment(
        python=platform.python_version(),
        system=platform.system(),
        machine=platform.machine(),
        cpu=_cpu(),
        labnotes=installation.running_version(),
        isolation="",
        vectors=_vectors(),
    )


def _cpu() -> str:
    levels = "".join(f", {name}={os.environ[name]}" for name in KERNEL_LEVELS if name in os.environ)
    return (_cpuinfo("model name") or platform.processor() or platform.machine()) + levels


def _vectors() -> str:
    found = _cpuinfo("flags|Features").split()
    return next((each for each in VECTORS if each in found), "")


def _cpuinfo(name: str) -> str:
    """What Linux says of the first CPU."""
    with contextlib.suppress(OSError):
        found = re.search(rf"^(?:{name})\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
        return found.group(1).strip() if found else ""
    return ""
