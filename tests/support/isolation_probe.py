"""What a hostile note would try, each thing once, in a process that is isolated as a run is; started by test_isolation.py.

Arguments: a folder of its own with `given.json`, which says how it is isolated and what there is to reach outside. It writes `results.json`:
for each attempt "" if it came through, else how it was refused.
"""

import contextlib
import ctypes
import encodings.ascii
import encodings.idna
import errno
import json
import os
import resource
import signal
import socket
import struct
import subprocess
import sys
import time

from labnotes.kernel import seccomp
from labnotes.kernel.isolation import isolation_from
from labnotes.kernel.keeper import keep_run
from labnotes.kernel.landlock import VisiblePaths
from labnotes.kernel.system_calls import call_number, control_process, load_libc

NEW_USER, FAST_OPEN, NO_LIMIT_OF_TIME = 0x10000000, 0x20000000, 0


def main():
    folder = sys.argv[1]
    with open(os.path.join(folder, "given.json")) as file:
        given = json.load(file)
    os.chdir(folder)
    if given["user"]:
        os.setgroups([])
        os.setgid(given["user"])
        os.setuid(given["user"])
        control_process(4, 1)  # as a process is that a user starts
    if given["refuse_unshare"]:
        seccomp.REFUSED, refused = ("unshare",), seccomp.REFUSED
        assert seccomp.filter_calls(seccomp.Network.OWN)
        seccomp.REFUSED = refused
    visible = VisiblePaths(**given["visible"])
    isolation = isolation_from(given["level"], visible, os.path.join(folder, "root"))
    keep_run(folder, os.getppid(), None, isolation)
    network, files = isolation.restrict_process()
    results = {"network": network, "files": files}
    for name, attempt in attempts(given).items():
        try:
            attempt()
            results[name] = ""
        except (OSError, AssertionError) as refusal:
            results[name] = str(refusal) or "not so"
    with open(os.path.join(folder, "results.json"), "w") as file:
        json.dump(results, file)


def call(name, *arguments):
    number = call_number(name)
    given = (ctypes.c_long(argument) if isinstance(argument, int) else argument for argument in arguments)
    result = load_libc().syscall(ctypes.c_long(number), *given)
    if result < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return result


def ask_for(name, *arguments):
    """Make a call that cannot succeed, since its arguments name nothing: it comes through if they are what it fails of."""
    try:
        call(name, *arguments)
    except OSError as error:
        if error.errno in (errno.EPERM, errno.EACCES, errno.ENOSYS):
            raise


def read(path):
    with open(path, "rb") as file:
        return file.read()


def connect(kind, address):
    with socket.socket(kind, socket.SOCK_STREAM) as client:
        client.settimeout(5)
        client.connect(address)


def send_twice(port):
    """The second packet tells whether anybody took the first."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.connect((b"127.0.0.1", port))
        for _ in range(2):
            client.send(b"x")
            time.sleep(0.05)


def send_at_once(port):
    with socket.socket() as client:
        client.sendto(b"x", FAST_OPEN, (b"127.0.0.1", port))


def use_own_network():
    with socket.socket() as server:
        server.bind((b"127.0.0.1", 0))
        server.listen()
        connect(socket.AF_INET, (b"127.0.0.1", server.getsockname()[1]))


def read_memory_of(process):
    buffer = ctypes.create_string_buffer(8)
    own = struct.pack("@PN", ctypes.addressof(buffer), 8)
    ask_for("process_vm_readv", process, own, 1, struct.pack("@PN", 0x400000, 8), 1, 0)


def leave_processes(mark):
    """Start processes that leave the session, forget their environment and their parent."""
    code = "import os, sys, time\nif os.fork(): os._exit(0)\nos.setsid()\nif os.fork(): os._exit(0)\ntime.sleep(float(sys.argv[1]))"
    for _ in range(5):
        subprocess.run(["/usr/bin/python3", "-I", "-S", "-c", code, mark], env={}, check=True)


def status_field(name):
    return next(line.split()[1] for line in read("/proc/self/status").decode().splitlines() if line.startswith(name + ":"))


def expect(holds):
    assert holds


def write_and_remove(path):
    with open(path, "w") as file:
        file.write("x")
    os.remove(path)


def attempts(given):
    decoy = given["decoy"]
    return {
        "environment of a process outside": lambda: expect(b"DECOY" in read(f"/proc/{decoy}/environ")),
        "command line of a process outside": lambda: expect(b"password" in read(f"/proc/{decoy}/cmdline")),
        "processes outside": lambda: os.stat(f"/proc/{decoy}"),
        "signal to a process outside": lambda: os.kill(decoy, signal.SIGCONT),
        "trace a process outside": lambda: call("ptrace", 0x4206, decoy, 0, 0),
        "memory of a process outside": lambda: read_memory_of(decoy),
        "socket by path": lambda: connect(socket.AF_UNIX, given["socket"]),
        "abstract socket": lambda: connect(socket.AF_UNIX, "\0" + given["name"]),
        "TCP": lambda: connect(socket.AF_INET, (b"127.0.0.1", given["tcp"])),
        "TCP, first packet at once": lambda: send_at_once(given["tcp"]),
        "MPTCP": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM, 262).connect((b"127.0.0.1", given["tcp"])),
        "UDP": lambda: send_twice(given["udp"]),
        "raw socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
        "packet socket": lambda: socket.socket(socket.AF_PACKET, socket.SOCK_RAW),
        "VM socket": lambda: socket.socket(socket.AF_VSOCK, socket.SOCK_STREAM),
        "file outside": lambda: read(given["outside"]),
        "size of a file outside": lambda: os.stat(given["outside"]),
        "size of a file of the lab": lambda: expect(os.stat(given["named"]).st_size > 0),
        "file of the lab": lambda: read(given["named"]),
        "settings in /etc": lambda: read(given["setting"]),
        "sockets of services": lambda: os.listdir("/run"),
        "leftovers in /dev/shm": lambda: read(given["shared"]),
        "System V memory": lambda: call("shmget", given["key"], 0, 0),
        "other devices": lambda: os.close(os.open("/dev/kmsg", os.O_RDONLY)),
        "write what is only read": lambda: write_and_remove(os.path.join(given["visible"]["read"][0], "labnotes-test")),
        "settings of the system": lambda: open("/proc/sys/vm/swappiness", "r+b").close(),
        "keyctl": lambda: call("keyctl", 0, -3, 0),
        "io_uring": lambda: ask_for("io_uring_setup", 0, ctypes.create_string_buffer(200)),
        "userfaultfd": lambda: ask_for("userfaultfd", 64),
        "bpf": lambda: ask_for("bpf", 5, ctypes.create_string_buffer(128), 128),
        "perf": lambda: ask_for("perf_event_open", ctypes.create_string_buffer(128), 0, -1, -1, 0),
        "mount": lambda: ask_for("mount", b"none", b"/no-such-folder", b"tmpfs", 0, None),
        "namespace by clone": lambda: call("clone", NEW_USER | signal.SIGCHLD, 0, 0, 0, 0) or os._exit(0),
        "namespace": lambda: call("unshare", NEW_USER),
        "handles of files": lambda: ask_for("open_by_handle_at", -100, ctypes.create_string_buffer(64), 0),
        "clock": lambda: ask_for("clock_settime", 99, ctypes.create_string_buffer(16)),
        "personality": lambda: call("personality", 0x0040000),
        "chroot": lambda: ask_for("chroot", b"/no-such-folder"),
        "dump of memory": lambda: expect(resource.getrlimit(resource.RLIMIT_CORE)[0] != 0),
        "capabilities": lambda: expect(int(status_field("CapEff"), 16) or int(status_field("CapPrm"), 16)),
        "new privileges": lambda: expect(status_field("NoNewPrivs") == "0"),
        "stay when memory is short": lambda: expect(read("/proc/self/oom_score_adj").strip() != b"1000"),
        # what must go on to work
        "network of its own": use_own_network,
        "file of its own": lambda: write_and_remove("own"),
        "devices": lambda: (read("/dev/null"), os.urandom(1), write_and_remove("/dev/shm/labnotes-own")),
        "terminal": lambda: os.close(os.openpty()[0]),
        "local sockets": lambda: socket.socketpair(),
        "children": lambda: subprocess.run(["/usr/bin/python3", "-I", "-c", "pass"], check=True),
        "processes that leave": lambda: leave_processes(given["mark"]),
    }


if __name__ == "__main__":
    with contextlib.suppress(ImportError):
        assert encodings.ascii and encodings.idna  # read before nothing of Python is visible to another user
    main()
