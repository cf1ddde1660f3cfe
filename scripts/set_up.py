"""Set up an environment for the Makefile: `set_up.py .venv site,notes` installs this project with extras, `set_up.py .venv-oldest --oldest` with
the oldest matplotlib.

Says what is missing and how to get it. It runs on any Python 3, so that an old one gets a message and no traceback; two at once wait for each other.
"""

import fcntl
import os
import subprocess
import sys

SUPPORTED = (3, 11)
"""The oldest Python."""

OLDEST_PYTHONS = ((3, 11), (3, 12))
"""Those that the oldest matplotlib was built for."""


def main(place, what):
    check_python(what)
    oldest = what == "--oldest"
    try:
        os.makedirs(place, exist_ok=True)
        with open(os.path.join(place, ".lock"), "w") as lock:
            wait_for(lock, place)
            pip = environment(place)
            print(f"setting up {place} ({'the oldest matplotlib' if oldest else what})", flush=True)
            wanted = ("-r", "constraints-oldest.txt", "-e", ".") if oldest else ("-c", "constraints.txt", "-e", f".[{what}]")
            if subprocess.call([pip, "install", "--quiet", "--disable-pip-version-check", *wanted]):
                sys.exit(
                    "pip could not install what is needed (above it says why); it needs a package index: behind a mirror, set PIP_INDEX_URL"
                )
    except OSError as error:
        sys.exit(f"cannot write {place}: {error.strerror}. Make this folder writable, or copy the project to one that is")


def wait_for(lock, place):
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"another process sets up {place}: waiting for it", flush=True)
        fcntl.flock(lock, fcntl.LOCK_EX)


def environment(place):
    """Make an environment if there is none that works; returns its pip."""
    pip = os.path.join(place, "bin", "pip")
    works = runs(os.path.join(place, "bin", "python")) and os.path.exists(pip)
    if not works and subprocess.call([sys.executable, "-m", "venv", place]):
        sys.exit("cannot make an environment (above it says why). On Debian or Ubuntu: sudo apt-get install -y python3-venv")
    return pip


def check_python(what):
    version = "{}.{}".format(*sys.version_info)
    if sys.version_info < SUPPORTED:
        sys.exit(f"labnotes needs Python 3.11 or newer; {sys.executable} is {version}. Try: make PYTHON=python3.12")
    if what == "--oldest" and sys.version_info[:2] not in OLDEST_PYTHONS:
        sys.exit(
            f"the oldest matplotlib needs Python 3.11 or 3.12; {sys.executable} is {version}. Try: make test-all OLDEST_PYTHON=python3.11"
        )


def runs(python):
    try:
        return subprocess.call([python, "-c", ""]) == 0
    except OSError:
        return False


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
