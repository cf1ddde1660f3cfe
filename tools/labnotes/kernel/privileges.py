"""Give up what only an administrator's process has: all capabilities, and every way to get one again. For this process and its children."""

from __future__ import annotations

import contextlib
import struct

from labnotes.kernel.system_calls import call_system, control_process

_NO_NEW_PRIVILEGES, _DROP_BOUNDING, _AMBIENT, _CLEAR_AMBIENT = 38, 24, 47, 4
_CAPABILITY_VERSION = 0x20080522
_LAST_CAPABILITY = 63
"""The highest number that a capability can have; the system says at which its own end."""


def forbid_new_privileges() -> None:
    """See to it that no program which this process starts gets rights that it has not, such as those of a setuid file."""
    control_process(_NO_NEW_PRIVILEGES, 1)


def drop_capabilities() -> None:
    """Give up all capabilities: those in force, those that a program could inherit, and those that root would get by starting one."""
    forbid_new_privileges()
    with contextlib.suppress(OSError):  # of a process that has none, and so may not drop them from the set either
        for capability in range(_LAST_CAPABILITY + 1):
            control_process(_DROP_BOUNDING, capability)
    with contextlib.suppress(OSError):  # of systems before Linux 4.3
        control_process(_AMBIENT, _CLEAR_AMBIENT)
    with contextlib.suppress(OSError):  # on a machine whose numbers of system calls are unknown
        call_system("capset", struct.pack("=Ii", _CAPABILITY_VERSION, 0), struct.pack("=6I", *[0] * 6))
