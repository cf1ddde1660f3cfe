"""System calls that Python has no function for, by ctypes: their numbers on the machines that we know, and errors as OSError."""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from functools import cache

_NUMBERS: dict[str, tuple[int | None, int | None]] = {
    # name: (x86-64, aarch64), None where a machine has no such call; from the tables of the Linux sources:
    # arch/x86/entry/syscalls/syscall_64.tbl and include/uapi/asm-generic/unistd.h
    "acct": (163, 89),
    "add_key": (248, 217),
    "adjtimex": (159, 171),
    "bpf": (321, 280),
    "capset": (126, 91),
    "chroot": (161, 51),
    "clock_adjtime": (305, 266),
    "clock_settime": (227, 112),
    "clone": (56, 220),
    "clone3": (435, 435),
    "delete_module": (176, 106),
    "fanotify_init": (300, 262),
    "finit_module": (313, 273),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fsopen": (430, 430),
    "fspick": (433, 433),
    "init_module": (175, 105),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "io_uring_setup": (425, 425),
    "ioctl": (16, 29),
    "ioperm": (173, None),
    "iopl": (172, None),
    "kcmp": (312, 272),
    "kexec_file_load": (320, 294),
    "kexec_load": (246, 104),
    "keyctl": (250, 219),
    "lookup_dcookie": (212, 18),
    "mount": (165, 40),
    "mount_setattr": (442, 442),
    "move_mount": (429, 429),
    "msgctl": (71, 187),
    "msgget": (68, 186),
    "msgrcv": (70, 188),
    "msgsnd": (69, 189),
    "name_to_handle_at": (303, 264),
    "nfsservctl": (180, 42),
    "open_by_handle_at": (304, 265),
    "open_tree": (428, 428),
    "perf_event_open": (298, 241),
    "personality": (135, 92),
    "pidfd_getfd": (438, 438),
    "pivot_root": (155, 41),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "ptrace": (101, 117),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "reboot": (169, 142),
    "request_key": (249, 218),
    "semctl": (66, 191),
    "semget": (64, 190),
    "semop": (65, 193),
    "semtimedop": (220, 192),
    "sendmmsg": (307, 269),
    "sendmsg": (46, 211),
    "sendto": (44, 206),
    "setdomainname": (171, 162),
    "sethostname": (170, 161),
    "setns": (308, 268),
    "settimeofday": (164, 170),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "shmdt": (67, 197),
    "shmget": (29, 194),
    "socket": (41, 198),
    "swapoff": (168, 225),
    "swapon": (167, 224),
    "syslog": (103, 116),
    "umount2": (166, 39),
    "unshare": (272, 97),
    "userfaultfd": (323, 282),
    "uselib": (134, None),
    "vhangup": (153, 58),
}

_MACHINES = {"x86_64": 0, "aarch64": 1}


def call_number(name: str) -> int | None:
    """The number of a system call on this machine; None where it has no such call, or where no numbers are known."""
    column = _MACHINES.get(platform.machine()) if sys.platform == "linux" else None
    return None if column is None else _NUMBERS[name][column]


def numbers_known() -> bool:
    """Whether the numbers of this machine's system calls are known."""
    return sys.platform == "linux" and platform.machine() in _MACHINES


@cache
def load_libc() -> ctypes.CDLL:
    """The C library of this process."""
    return ctypes.CDLL(None, use_errno=True)


def call_system(name: str, *arguments: int | bytes | None) -> int:
    """Make a system call.

    Raises OSError if the system refuses it, or has none of that name.
    """
    number = call_number(name)
    if number is None:
        raise OSError(38, f"{name}: no such system call is known here")
    given = (ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments)
    return raise_refusal(int(load_libc().syscall(ctypes.c_long(number), *given)), name)


def raise_refusal(result: int, name: str) -> int:
    """The result of a call into the C library.

    Raises OSError, with the name of the call, if it failed.
    """
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return result


def control_process(option: int, *values: int) -> None:
    """Call prctl.

    Raises OSError if the system refuses it.
    """
    given = [ctypes.c_ulong(value) for value in (*values, 0, 0, 0, 0)[:4]]
    raise_refusal(int(load_libc().prctl(option, *given)), "prctl")
