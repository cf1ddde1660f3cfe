"""Each means of cutting the network, in a process of its own: what it stops for itself and for its children."""

import socket
import subprocess
import sys

import pytest

from labnotes.kernel.isolation import HOOK_ONLY, LANDLOCK, NAMESPACE

PROBE = """
import socket, subprocess, sys
from labnotes.kernel import isolation, landlock
{switch}
print(isolation.isolate_process(landlock.VisiblePaths(read=["/"]))[0])
code = "import socket\\ntry:\\n socket.create_connection(('127.0.0.1', {port}), timeout=3); print('CONNECTED')\\nexcept OSError as e: print(type(e).__name__)"
exec(code)
print(subprocess.run([sys.executable, "-I", "-S", "-c", code], capture_output=True, text=True).stdout.strip())
"""


@pytest.fixture
def port():
    """A server of ours outside the probe's process."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server.getsockname()[1]


def run_probe(switch, port):
    text = PROBE.format(switch=switch, port=port)
    done = subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=True)
    return done.stdout.splitlines()


def test_a_namespace_has_a_loopback_of_its_own(port):
    means, own, child = run_probe("", port)
    if means != NAMESPACE:
        pytest.skip(f"no network namespaces here: {means}")
    assert own == child == "ConnectionRefusedError", "the server outside cannot be reached, and nothing else listens inside"


def test_landlock_denies_connections(port):
    means, own, child = run_probe("isolation._enter_namespace = lambda libc: False", port)
    if means != LANDLOCK:
        pytest.skip(f"no Landlock for the network here: {means}")
    assert own == child == "PermissionError"


def test_without_either_the_report_says_what_is_not_held_back(port):
    means, own, child = run_probe("isolation._enter_namespace = lambda libc: False; landlock.landlock_version = lambda: 0", port)
    assert means == HOOK_ONLY
    assert own == child == "CONNECTED", "the probe itself works"
