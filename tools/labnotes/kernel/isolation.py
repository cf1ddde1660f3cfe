"""Cut this process and the processes that it will start off the network and most files. Called once, before any thread exists."""

from __future__ import annotations

import contextlib
import ctypes
import errno
import fcntl
import os
import socket
import struct
import sys

from labnotes.kernel import landlock

NAMESPACE = "network namespace"
LANDLOCK = "Landlock (TCP only)"
HOOK_ONLY = "audit hook only (native code and other programs are not held back)"
FILES_HELD = "Landlock"
FILES_FREE = "nothing (reads outside the note's folder can go unnoticed)"

_CLONE_NEWUSER, _CLONE_NEWNET = 0x10000000, 0x40000000


def isolate_process(visible: landlock.VisiblePaths) -> tuple[str, str]:
    """Cut this process and its future children off the network, and off all files but those `visible`; returns what holds back each.

    An audit hook (see `tracing`) adds the address or the path to the message of Python code; alone, it is a weaker means, and the report
    says so.
    """
    if sys.platform != "linux":
        return HOOK_ONLY, FILES_FREE
    if _enter_namespace(ctypes.CDLL(None, use_errno=True)):
        return NAMESPACE, FILES_HELD if landlock.restrict_process(visible, network=False) else FILES_FREE
    if landlock.restrict_process(visible, network=True):
        return LANDLOCK, FILES_HELD
    return HOOK_ONLY, FILES_HELD if landlock.restrict_process(visible, network=False) else FILES_FREE


def _enter_namespace(libc: ctypes.CDLL) -> bool:
    """Enter a new, empty network namespace: directly if permitted, else by way of a user namespace with our ids. False if refused."""
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
