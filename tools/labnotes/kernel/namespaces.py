"""Namespaces: a network, processes, shared memory and a root folder of a run's own. Linux, where a user may make user namespaces.

All are made by way of a user namespace with the ids that we have, also as root: what is root in it is nobody outside.
Source: https://man7.org/linux/man-pages/man7/namespaces.7.html
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import socket
import stat
import struct

from labnotes.kernel.landlock import VisiblePaths
from labnotes.kernel.system_calls import call_system

_MOUNTS, _NAMES, _SHARED, _USER, _PROCESSES, _NETWORK = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
_NO_SETUID, _NO_DEVICES, _NO_PROGRAMS, _READ_ONLY = 2, 4, 8, 1
_BIND, _RECURSIVE, _PRIVATE, _DETACH = 4096, 16384, 1 << 18, 2
_HERE, _WHOLE_TREE = -100, 0x8000
"""Arguments of mount_setattr: paths count from the current folder, and what is mounted below changes too."""

_PASSED_OVER = (errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ELOOP)
"""Errors of a path that is not there (any more), or that we may not reach ourselves: it is left out."""

_STREAMS = {"fd": "/proc/self/fd", "stdin": "/proc/self/fd/0", "stdout": "/proc/self/fd/1", "stderr": "/proc/self/fd/2"}


def enter_network(*, processes: bool) -> None:
    """Give this process and its children a network of their own, which has 127.0.0.1 alone, and System V's shared memory of their own.

    With `processes`, its next child is the first of processes that see no others. Raises OSError if any of it is refused.
    """
    user, group = os.getuid(), os.getgid()
    call_system("unshare", _USER | _NETWORK | _SHARED | (_PROCESSES | _NAMES if processes else 0))
    for name, content in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w", encoding="ascii") as file:
            file.write(content)
    _raise_loopback()


def _raise_loopback() -> None:
    """Bring up 127.0.0.1, which libraries use between their own processes."""
    get_flags, set_flags, up = 0x8913, 0x8914, 0x1
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sh14x", b"lo", 0)
        (flags,) = struct.unpack_from("h", fcntl.ioctl(control, get_flags, request), 16)
        fcntl.ioctl(control, set_flags, struct.pack("16sh14x", b"lo", flags | up))


def enter_root(visible: VisiblePaths, base: str) -> None:
    """Give this process a root folder that holds `visible` and nothing else. `base` is an empty folder, the place of the new root.

    To be called by the first process of `enter_network(processes=True)`. Raises OSError if any of it is refused.
    """
    call_system("unshare", _MOUNTS)
    _mount(None, "/", None, _RECURSIVE | _PRIVATE)
    _mount("tmpfs", base, "tmpfs", _NO_SETUID | _NO_DEVICES, "mode=755")
    folder = os.getcwd()
    root = _NewRoot(base)
    for path in sorted(visible.read):
        if not path.startswith("/proc"):
            root.add_path(path, writable=False)
    for path in visible.enter:
        os.makedirs(base + path, exist_ok=True)
    for path in sorted(visible.write):
        if path.startswith("/dev/"):
            root.add_device(path)
        else:
            root.add_path(path, writable=True)
    for path, target in visible.links:
        root.add_link(path, target)
    for path in visible.named:
        root.add_name(path)
    root.finish_devices()
    os.makedirs(base + "/proc", exist_ok=True)
    _mount("proc", base + "/proc", "proc", _NO_SETUID | _NO_DEVICES | _NO_PROGRAMS | _READ_ONLY)
    _set_attributes(base, _READ_ONLY | _NO_SETUID | _NO_DEVICES, whole_tree=False)
    os.chdir(base)
    call_system("pivot_root", b".", b".")
    call_system("umount2", b".", _DETACH)
    os.chdir(folder)


class _NewRoot:
    """The new root while it is made, below the folder `base`."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._bound: set[str] = set()

    def add_path(self, path: str, *, writable: bool) -> None:
        """Show a file or folder, with all that is in it."""
        if self._is_shown(path) and not writable:
            return
        # the new root itself lies in one of the folders: what is mounted there is not to be in it again
        holds_base = self._base.startswith(path + os.sep)
        if self._bind(path, 0 if holds_base else _RECURSIVE):
            attributes = _NO_SETUID | _NO_DEVICES | (0 if writable else _READ_ONLY)
            _set_attributes(self._base + path, attributes, whole_tree=True)

    def add_device(self, path: str) -> None:
        """Show a node of a device, or a folder of such. Shared memory and terminals are made anew."""
        if path not in _OWN_DEVICES and self._bind(path, _RECURSIVE):
            _set_attributes(self._base + path, _NO_SETUID | _NO_PROGRAMS, whole_tree=True)

    def add_link(self, path: str, target: str) -> None:
        """Make a link, unless it is there as a part of what is shown already."""
        if not self._is_shown(path):
            os.makedirs(os.path.dirname(self._base + path), exist_ok=True)
            with contextlib.suppress(FileExistsError):
                os.symlink(target, self._base + path)

    def add_name(self, path: str) -> None:
        """Make an empty file that nobody may read, in the place of one that is held back: its name tells that there is one."""
        if not self._is_shown(path):
            os.makedirs(os.path.dirname(self._base + path), exist_ok=True)
            with contextlib.suppress(FileExistsError):
                os.close(os.open(self._base + path, os.O_CREAT | os.O_EXCL, 0))

    def finish_devices(self) -> None:
        """Make shared memory and terminals of the run's own, and the names of a process's streams."""
        for name, target in _STREAMS.items():
            self.add_link(f"/dev/{name}", target)
        os.makedirs(self._base + "/dev/shm", exist_ok=True)
        _mount("tmpfs", self._base + "/dev/shm", "tmpfs", _NO_SETUID | _NO_DEVICES, "mode=1777")
        os.makedirs(self._base + "/dev/pts", exist_ok=True)
        _mount("devpts", self._base + "/dev/pts", "devpts", _NO_SETUID | _NO_PROGRAMS, "newinstance,ptmxmode=0666,mode=0600")
        self.add_link("/dev/ptmx", "pts/ptmx")

    def _is_shown(self, path: str) -> bool:
        """Whether a path is there already, by itself or as a part of what holds it."""
        while len(path) > 1:
            if path in self._bound:
                return True
            path = os.path.dirname(path)
        return False

    def _bind(self, path: str, how: int) -> bool:
        """Mount what there is at a path at the same path below the new root. False if nothing is there, or out of reach."""
        place = self._base + path
        try:
            is_folder = stat.S_ISDIR(os.stat(path).st_mode)
            os.makedirs(place if is_folder else os.path.dirname(place), exist_ok=True)
            if not is_folder:
                os.close(os.open(place, os.O_CREAT, 0o600))
            _mount(path, place, None, _BIND | how)
        except OSError as error:
            if error.errno in _PASSED_OVER:
                return False
            raise
        self._bound.add(path)
        return True


_OWN_DEVICES = ("/dev/shm", "/dev/pts", "/dev/ptmx")


def _mount(source: str | None, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    given = (None if text is None else os.fsencode(text) for text in (source, target, kind))
    try:
        call_system("mount", *given, flags, None if options is None else options.encode())
    except OSError as error:
        raise OSError(error.errno, f"{error.strerror}: {source} on {target}") from None


def _set_attributes(path: str, attributes: int, *, whole_tree: bool) -> None:
    """Restrict what may be done in a mounted folder: write, run setuid programs, open devices."""
    given = struct.pack("QQQQ", attributes, 0, 0, 0)
    call_system("mount_setattr", _HERE, os.fsencode(path), _WHOLE_TREE if whole_tree else 0, given, len(given))
