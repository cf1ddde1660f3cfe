"""What isolation this machine allows: the whole way of a run is tried, in processes that end with the test.

A program of its own, which is given an empty folder, since what it tries cannot be undone, and may be made only by a process without threads. It prints two lines: for
each of the levels with namespaces, "" or the reason why it cannot be had. For Linux only.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Callable
from functools import partial

from labnotes.kernel.isolation import APART_FILES, APART_NETWORK, NAMESPACE, Isolation, IsolationLevel
from labnotes.kernel.landlock import VisiblePaths

SECONDS = 20
"""Seconds after which a trial counts as failed."""

_DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom")


def main() -> None:
    """Try both ways in the folder that is named, and write what came of each."""
    folder = sys.argv[1]
    for level in (IsolationLevel.NAMESPACES, IsolationLevel.LANDLOCK):
        sys.stdout.write(_reason_against(partial(_try_isolation, level, folder)).replace("\n", " ") + "\n")


def _reason_against(attempt: Callable[[], None]) -> str:
    """Make an attempt in a child; "" if it comes to its end there, else what stood against it."""
    told, telling = os.pipe()
    child = os.fork()
    if not child:
        os.close(told)
        signal.alarm(SECONDS)
        try:
            attempt()
            reason = ""
        except Exception as error:  # noqa: BLE001 - whatever stands against it is the answer
            reason = str(error) or type(error).__name__
        os.write(telling, reason.encode(errors="replace")[:500] or b"\0")
        os._exit(0)
    os.close(telling)
    with os.fdopen(told, "rb") as file:
        answer = file.read()
    os.waitpid(child, 0)
    return answer.rstrip(b"\0").decode() if answer else "it did not come to an end"


def _try_isolation(level: IsolationLevel, folder: str) -> None:
    """Go the way of a run, and look whether it led where it was to.

    Raises OSError or RuntimeError if not.
    """
    system = [path for path in ("/usr", "/lib", "/lib64", "/bin", "/sys", "/proc") if not os.path.islink(path)]
    visible = VisiblePaths(read=system, write=[folder, *_DEVICES])
    isolation = Isolation(level, own_network=True, visible=visible, root=os.path.join(folder, "root"))
    os.chdir(folder)
    outside = os.getpid()
    isolation.enter_outside()
    if isolation.sees_own_processes:
        reason = _reason_against(lambda: _try_inside(isolation, outside))
        if reason:
            raise RuntimeError(reason)
    else:
        _try_inside(isolation, outside)


def _try_inside(isolation: Isolation, outside: int) -> None:
    """What a run's first process does, and the tests."""
    if isolation.sees_own_processes:
        isolation.enter_inside()
        if _reason_against(lambda: _expect(os.getppid() == 1, "its processes are not the first ones")):
            raise RuntimeError("processes cannot be started")
        _expect(os.path.exists("/proc/self/stat") and not os.path.exists(f"/proc/{outside}/stat"), "/proc shows other processes")
        _expect(not os.path.exists("/root") and not os.path.exists("/home"), "the old root is there")
    network, files = isolation.restrict_process()
    _expect(network in (APART_NETWORK, NAMESPACE), f"the network is cut by {network}")
    _expect(not isolation.sees_own_processes or files == APART_FILES, f"files are held back by {files}")
    with socket.socket() as server, socket.socket() as client:
        server.bind((b"127.0.0.1", 0))  # as text, Python would look for a module to encode it
        server.listen()
        client.connect((b"127.0.0.1", server.getsockname()[1]))
    with open("/dev/null", "wb") as file:
        file.write(b"x")


def _expect(holds: bool, otherwise: str) -> None:
    if not holds:
        raise RuntimeError(otherwise)


if __name__ == "__main__":
    main()
