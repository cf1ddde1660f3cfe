"""A filter of system calls (seccomp): what no note needs, and what would lead around the other means, is answered with an error.

Source: https://docs.kernel.org/userspace-api/seccomp_filter.html. The filter is a program of the classic BPF, made line by line.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import platform
import struct
from collections.abc import Iterable, Iterator
from enum import Enum

from labnotes.kernel.privileges import forbid_new_privileges
from labnotes.kernel.system_calls import call_number, load_libc, numbers_known, raise_refusal

REFUSED = (
    # other processes and their memory
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "pidfd_getfd", "kcmp",
    # keys of the session, and parts of the kernel where most of its faults were
    "add_key", "request_key", "keyctl", "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter", "io_uring_register",
    # mounts, namespaces, and files by other ways than their paths
    "mount", "umount2", "pivot_root", "move_mount", "open_tree", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "chroot",
    "unshare", "setns", "open_by_handle_at", "name_to_handle_at", "fanotify_init", "lookup_dcookie", "quotactl", "quotactl_fd", "nfsservctl",
    # the machine
    "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "swapon", "swapoff", "acct", "settimeofday",
    "clock_settime", "clock_adjtime", "adjtimex", "syslog", "iopl", "ioperm", "uselib", "sethostname", "setdomainname", "vhangup",
)  # fmt: skip
"""System calls that a run is refused, whatever their arguments."""

SHARED_MEMORY = (
    "shmget", "shmat", "shmctl", "shmdt", "semget", "semop", "semtimedop", "semctl", "msgget", "msgsnd", "msgrcv", "msgctl",
)  # fmt: skip
"""System V's means to share: they outlast a run and are open to others, where there is no namespace of their own."""


class Network(Enum):
    """What of the network a filter leaves to a run. The filter sees no addresses, only kinds of sockets."""

    OWN = "all but raw sockets, since the run has a network of its own"
    TCP_HELD = "TCP, which Landlock holds back, and nothing else"
    NOTHING = "nothing"


_LOAD, _EQUALS, _AT_LEAST, _ANY_BIT, _AND, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
_ALLOW, _ERROR = 0x7FFF0000, 0x00050000
_NUMBER, _MACHINE, _ARGUMENTS = 0, 4, 16
"""Places in the description of a call that a filter sees: its number, the machine's kind, its first argument."""

_KINDS = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32 = 0x40000000
"""The first number of a second table of system calls that x86-64 has."""

_NAMESPACE_FLAGS = 0x7E020000
"""Flags of clone that make namespaces. That of time is none of them: in clone its bit is part of the signal at the end."""

_UNIX, _INET, _INET6, _NETLINK = 1, 2, 10, 16
_STREAM, _RAW, _KIND_OF_SOCKET, _TCP = 1, 3, 0xF, 6
_FAST_OPEN = 0x20000000
"""The flag that has a first packet open a TCP connection, without the call that Landlock holds back."""

_PUSH_INPUT, _CONSOLE = 0x5412, 0x541C
"""Controls of a terminal (TIOCSTI, TIOCLINUX) by which a process types into somebody else's shell."""

_ASK_PERSONALITY = 0xFFFFFFFF

_SET_SECCOMP, _FILTER = 22, 2

Instruction = tuple[int, int, int, int]
"""Operation, lines to jump if true, lines to jump if false, value."""


def filter_calls(network: Network) -> bool:
    """Refuse system calls to this process and its future children for good. False where the machine or its kernel has no such filter."""
    if not numbers_known():
        return False
    program = list(_filter_lines(network))
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *line) for line in program))
    described = struct.pack("@HP", len(program), ctypes.addressof(code))
    with contextlib.suppress(OSError):
        forbid_new_privileges()
        raise_refusal(int(load_libc().prctl(_SET_SECCOMP, ctypes.c_ulong(_FILTER), described, 0, 0)), "seccomp")
        return True
    return False


def _filter_lines(network: Network) -> Iterator[Instruction]:
    """Yield the filter's program. Each rule for a call returns, or leaves the number of the call loaded."""
    yield _LOAD, 0, 0, _MACHINE
    yield _EQUALS, 1, 0, _KINDS[platform.machine()]
    yield _refusal()
    yield _LOAD, 0, 0, _NUMBER
    if platform.machine() == "x86_64":
        yield _AT_LEAST, 0, 1, _X32
        yield _refusal()
    for name in (*REFUSED, *(SHARED_MEMORY if network is not Network.OWN else ())):
        yield from _rule_for(name, [_refusal()])
    yield from _rule_for("clone3", [_refusal(errno.ENOSYS)])  # the C library then calls clone, whose flags a filter can see
    yield from _rule_for("clone", [_argument(0), (_ANY_BIT, 0, 1, _NAMESPACE_FLAGS), _refusal(), _allowed()])
    yield from _rule_for("personality", [_argument(0), (_EQUALS, 1, 0, _ASK_PERSONALITY), _refusal(), _allowed()])
    yield from _rule_for("ioctl", [_argument(1), (_EQUALS, 1, 0, _PUSH_INPUT), (_EQUALS, 0, 1, _CONSOLE), _refusal(), _allowed()])
    yield from _rule_for("socket", _socket_rule(network))
    if network is not Network.OWN:
        for name, position in (("sendto", 3), ("sendmsg", 2), ("sendmmsg", 3)):
            yield from _rule_for(name, [_argument(position), (_ANY_BIT, 0, 1, _FAST_OPEN), _refusal(), _allowed()])
    yield _allowed()


def _socket_rule(network: Network) -> list[Instruction]:
    """The rule for a call of socket(family, type, protocol)."""
    local = [_argument(0), *_allow_if_equal(_UNIX), *_allow_if_equal(_NETLINK)]
    if network is Network.NOTHING:
        return [*local, _refusal()]
    internet = [(_EQUALS, 2, 0, _INET), (_EQUALS, 1, 0, _INET6), _refusal(), _argument(1), (_AND, 0, 0, _KIND_OF_SOCKET)]
    if network is Network.OWN:
        return [*local, *internet, (_EQUALS, 0, 1, _RAW), _refusal(), _allowed()]
    # other protocols of streams, such as MPTCP, are none that Landlock holds back
    tcp = [(_EQUALS, 1, 0, _STREAM), _refusal(), _argument(2), *_allow_if_equal(0), *_allow_if_equal(_TCP)]
    return [*local, *internet, *tcp, _refusal()]


def _rule_for(name: str, lines: Iterable[Instruction]) -> Iterator[Instruction]:
    """Yield a rule for a system call: `lines`, passed over where the call is another. Nothing where this machine has no such call."""
    number = call_number(name)
    if number is not None:
        rule = list(lines)
        yield _EQUALS, 0, len(rule), number
        yield from rule


def _allow_if_equal(value: int) -> list[Instruction]:
    return [(_EQUALS, 0, 1, value), _allowed()]


def _argument(position: int) -> Instruction:
    """Load the lower half of an argument; all that the rules look at are int, or flags in the lower half."""
    return _LOAD, 0, 0, _ARGUMENTS + 8 * position


def _refusal(number: int = errno.EPERM) -> Instruction:
    return _RETURN, 0, 0, _ERROR | number


def _allowed() -> Instruction:
    return _RETURN, 0, 0, _ALLOW
