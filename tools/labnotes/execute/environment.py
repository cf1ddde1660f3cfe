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
def current_environment() -> RunEnvironment:
    """The environment that runs take place in; how far they are isolated is known only once they run."""
    return RunEnvironment(
        python=platform.python_version(),
        system=platform.system(),
        machine=platform.machine(),
        cpu=_cpu_name(),
        labnotes=installation.running_version(),
        isolation="",
        vectors=_vector_instructions(),
    )


def _cpu_name() -> str:
    levels = "".join(f", {name}={os.environ[name]}" for name in KERNEL_LEVELS if name in os.environ)
    return (_cpuinfo_field("model name") or platform.processor() or platform.machine()) + levels


def _vector_instructions() -> str:
    flags = _cpuinfo_field("flags|Features").split()
    return next((instruction for instruction in VECTORS if instruction in flags), "")


def _cpuinfo_field(name: str) -> str:
    """The value of a field that Linux tells of the first CPU, "" if it does not; `name` is a regular expression."""
    with contextlib.suppress(OSError):
        match = re.search(rf"^(?:{name})\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
        return match.group(1).strip() if match else ""
    return ""
