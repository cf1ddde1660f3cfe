"""Landlock, by its system calls: a process and its future children give up files, TCP, and signals to others for good. Linux 5.13 or newer.

Source: https://docs.kernel.org/userspace-api/landlock.html
"""

from __future__ import annotations

import ctypes
import os
import platform
import stat
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from labnotes.kernel.privileges import forbid_new_privileges
from labnotes.kernel.system_calls import load_libc

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_PATH_BENEATH = 1
_O_PATH = 0o10000000

_WRITE_FILE, _READ_FILE, _READ_DIR = 1 << 1, 1 << 2, 1 << 3
_REFER, _TRUNCATE, _CONTROL_DEVICE = 1 << 13, 1 << 14, 1 << 15
_TREE = ((1 << 13) - 1) & ~((1 << 4) - 1)
"""The rights to remove and make whatever is in a folder."""

_MAKE_DEVICES = 1 << 6 | 1 << 11
"""The rights to make nodes of devices, which nobody is granted."""

_BIND_AND_CONNECT = 0b11

_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11
"""What is kept to processes that are under the same rules: connections to sockets that have a name and no path, and signals."""

NETWORK_SINCE, CONTROL_SINCE, SCOPES_SINCE = 4, 5, 6
"""The first versions of Landlock that know of TCP (Linux 6.7), of the control of devices (6.10), and of signals and abstract sockets (6.12)."""


@dataclass(frozen=True, kw_only=True)
class VisiblePaths:
    """The paths that a process keeps: to `read` (folders with all in them), to `enter` (folders to be listed only), and to `write`.

    In a root of its own (see `namespaces`) it also has the `links` that lead to these, each with its target, and the names of files that it
    may know of (`named`) but not read.
    """

    read: Sequence[str] = ()
    enter: Sequence[str] = ()
    write: Sequence[str] = ()
    links: Sequence[tuple[str, str]] = ()
    named: Sequence[str] = ()


def landlock_version() -> int:
    """The version of Landlock that this kernel offers; 0 for none."""
    if platform.system() != "Linux" or platform.machine() not in ("x86_64", "aarch64"):
        return 0
    return max(0, int(load_libc().syscall(_CREATE_RULESET, None, ctypes.c_size_t(0), _VERSION_FLAG)))


def restrict_process(paths: VisiblePaths | None, *, network: bool) -> bool:
    """Give up all files but `paths` (None: keep all), signals to others and, with `network`, TCP connections and listening.

    False if the kernel refuses. Programs can be started from anywhere: what they then read is held back.
    """
    libc, offered = load_libc(), landlock_version()
    wanted = offered >= (NETWORK_SINCE if network else 1)
    if not wanted:
        return False
    reads = _READ_FILE | _READ_DIR
    writes = _WRITE_FILE | _TREE | (_REFER if offered >= 2 else 0) | (_TRUNCATE if offered >= 3 else 0)
    writes |= _CONTROL_DEVICE if offered >= CONTROL_SINCE else 0
    handled = (reads | writes if paths is not None else 0, _BIND_AND_CONNECT if network else 0, _ABSTRACT_SOCKETS_AND_SIGNALS)
    attributes = struct.pack("QQQ", *handled)[: 24 if offered >= SCOPES_SINCE else 16 if offered >= NETWORK_SINCE else 8]
    ruleset = libc.syscall(_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return False
    try:
        if paths is not None:
            for granted, access in ((paths.read, reads), (paths.enter, _READ_DIR), (paths.write, reads | writes & ~_MAKE_DEVICES)):
                _grant_access(libc, ruleset, granted, access)
        forbid_new_privileges()
        return bool(libc.syscall(_RESTRICT_SELF, ruleset, 0) == 0)
    finally:
        os.close(ruleset)


def _grant_access(libc: ctypes.CDLL, ruleset: int, paths: Iterable[str], access: int) -> None:
    """Grant access to paths by a rule for each. A path that is not there, or that we may not open ourselves, gets none."""
    for path in paths:
        try:
            opened = os.open(path, _O_PATH | os.O_CLOEXEC)
        except OSError:
            continue
        try:
            whole = stat.S_ISDIR(os.fstat(opened).st_mode)
            rights = access if whole else access & (_READ_FILE | _WRITE_FILE | _TRUNCATE | _CONTROL_DEVICE)
            if rights:
                libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, opened), 0)
        finally:
            os.close(opened)
