"""No network for this process and the processes it will start. Called once, before any thread exists."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import platform
import socket
import struct
import sys

NAMESPACE = "network namespace"
LANDLOCK = "Landlock (TCP only)"
HOOK_ONLY = "audit hook only (native code and other programs are not held back)"

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000
_PR_SET_NO_NEW_PRIVS = 38


def isolate() -> str:
    """Cut this process and its future children off the network; returns which means was in force.

    An audit hook (see `tracing`) adds the address to the message of Python code; alone, it is a weaker means, and the report says so.
    """
    if sys.platform != "linux":
        return HOOK_ONLY
    libc = ctypes.CDLL(None, use_errno=True)
    if _enter_namespace(libc):
        return NAMESPACE
    return LANDLOCK if _landlock(libc) else HOOK_ONLY


def _enter_namespace(libc: ctypes.CDLL) -> bool:
    """A new, empty network namespace: directly where we may, else by way of a user namespace in which we keep our ids."""
    user, group = os.getuid(), os.getgid()
    if libc.unshare(_CLONE_NEWNET) != 0:
        if libc.unshare(_CLONE_NEWUSER | _CLONE_NEWNET) != 0:
            return False
        for name, content in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
            # some systems refuse the maps; the network is cut by now, and files are still accessed by our real ids
            with contextlib.suppress(OSError), open(f"/proc/self/{name}", "w") as file:
                file.write(content)
    _raise_loopback()
    return True


def _raise_loopback() -> None:
    """Bring up 127.0.0.1, which libraries use between their own processes."""
    get_flags, set_flags, up = 0x8913, 0x8914, 0x1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", 0)
        try:
            (flags,) = struct.unpack_from("h", fcntl.ioctl(control, get_flags, request), 16)
            fcntl.ioctl(control, set_flags, struct.pack("16sh14x", b"lo", flags | up))
        except OSError as error:
            if error.errno not in (errno.EPERM, errno.ENODEV):
                raise


def _landlock(libc: ctypes.CDLL) -> bool:
    """Deny TCP connections and listening by Landlock (kernel 6.7 or newer). UDP is not covered."""
    if platform.machine() not in ("x86_64", "aarch64"):
        return False
    create_ruleset, restrict_self, version_flag, bind_and_connect = 444, 446, 1, 0b11
    if libc.syscall(create_ruleset, None, ctypes.c_size_t(0), version_flag) < 4:
        return False
    attributes = struct.pack("QQ", 0, bind_and_connect)
    ruleset = libc.syscall(create_ruleset, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return False
    try:
        return bool(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 and libc.syscall(restrict_self, ruleset, 0) == 0)
    finally:
        os.close(ruleset)
