"""Inputs from elsewhere: pinned by a digest in note.yml, fetched by this process before a run, kept by content in the user's cache folder.

    inputs/<sha256>/<file name>     whole files only: each arrives by one rename
    inputs/.new-*/                  what is being fetched
    inputs/.locks/<sha256>          held by who fetches it

A file is taken from the cache only if its digest is the pinned one, and that is asked before every run; so with the file there nothing touches
the network, and a damaged one is fetched again. A run itself has no network: it is told where its files are (FETCHED).
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import unquote, urlsplit

import platformdirs

from labnotes.errors import LabNotesError, Problem
from labnotes.source.pinned_inputs import Pin, same

AT_ONCE = 8
"""Files of one note that are fetched at the same time."""

SILENCE = 30.0

LIMIT = 1800.0
"""Seconds without a word from a server, and for one file altogether, before it is given up."""

LEFT_BEHIND = 86_400
"""Seconds after which an unfinished download belongs to nobody any more."""

LONGEST_NAME = 120
"""Characters of a file's name; a file system takes 255 bytes."""

_BLOCK = 1 << 18


class FetchError(LabNotesError):
    """Inputs that could not be fetched, or are not what was pinned."""


class _Stopped(Exception):
    """Whoever wanted the files does not want them any more."""


def place() -> Path:
    """The folder of all fetched inputs."""
    return Path(platformdirs.user_cache_dir("labnotes")) / "inputs"


def fetch(pins: Sequence[Pin], where: str, stop: threading.Event | None = None) -> dict[str, Path]:
    """The file of each pin by its address: from the cache if it is there as it was pinned, else from the network.

    `where` is the note.yml that names them; setting `stop` ends it soon.

    Raises FetchError with the problems of all that cannot be had; nothing half-written stays.
    """
    stop = stop or threading.Event()

    def one(pin: Pin) -> Path | Problem:
        try:
            return _kept(pin) or _fetch(pin, stop)
        except FetchError as error:
            what, hint = error.problems[0].what, error.problems[0].hint
        except OSError as error:
            what = f"could not be kept in {place()}: {error.strerror or error}"
            hint = "free some space there or mend its permissions, or set XDG_CACHE_HOME to another folder"
        return Problem(f"{where}: inputs", f"{pin.address} {what}", hint)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            found = list(pool.map(one, pins))
        except BaseException:  # Ctrl-C in an author's session
            stop.set()
            raise
    problems = [each for each in found if isinstance(each, Problem)]
    if problems:
        raise FetchError(*problems)
    return {pin.address: path for pin, path in zip(pins, found, strict=True) if isinstance(path, Path)}


def is_whole(path: Path, sha256: str) -> bool:
    """Whether a file is there, with this digest."""
    try:
        return _digest(path) == sha256
    except OSError:
        return False


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _kept(pin: Pin) -> Path | None:
    """The file in the cache, if it is what was pinned."""
    return next((path for path in _places(pin) if is_whole(path, pin.sha256)), None)


def _places(pin: Pin) -> list[Path]:
    """Where the file of a pin is, or would be; only its index knows the whole name of a wheel."""
    folder = place() / pin.sha256
    if not pin.is_package:
        return [folder / _file_name(pin.address)]
    wanted = same(pin.address).partition("==")[0]
    return [path for path in sorted(folder.glob("*.whl")) if same(f"{path.name.partition('-')[0]}==0").partition("==")[0] == wanted]


def _file_name(url: str) -> str:
    """The last part of a URL's path, as a plain file name."""
    name = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]
    return re.sub(r"[^A-Za-z0-9._+-]+", "_", name).lstrip(".")[-LONGEST_NAME:] or "file"


def _fetch(pin: Pin, stop: threading.Event) -> Path:
    """Fetch a file, unless another process does so meanwhile.

    Raises FetchError, whose problem is told without its place.
    """
    try:
        with _alone(pin, stop), _unfinished() as folder:
            found = _kept(pin)
            if found:
                return found
            new = _wheel(pin, folder, stop) if pin.is_package else _download(pin, folder, stop)
            digest = _digest(new)
            if digest != pin.sha256:
                raise _other_file(pin, digest, new.stat().st_size)
            target = place() / pin.sha256 / new.name
            target.parent.mkdir(exist_ok=True)
            os.replace(new, target)
            return target
    except _Stopped:
        raise _cannot("was broken off") from None


@contextlib.contextmanager
def _alone(pin: Pin, stop: threading.Event) -> Iterator[None]:
    """Wait until nobody else fetches this file: to replace it under a run that may read just this file would take it from that run."""
    import fcntl  # not on every system that a site is built on

    locks = place() / ".locks"
    locks.mkdir(parents=True, exist_ok=True)
    go_on = _patience(stop)
    with (locks / pin.sha256).open("w") as lock:  # let go of when it is closed, or its process ends
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                go_on()
                time.sleep(0.05)
        yield


@contextlib.contextmanager
def _unfinished() -> Iterator[Path]:
    """A folder for what is being fetched, on the same disk as the cache. What a kill left behind long ago goes."""
    for path in place().glob(".new-*"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < time.time() - LEFT_BEHIND:
                shutil.rmtree(path)
    with tempfile.TemporaryDirectory(dir=place(), prefix=".new-") as folder:
        yield Path(folder)


def _patience(stop: threading.Event) -> Callable[[], None]:
    """To be called again and again: raises once nobody waits any more, or LIMIT has passed."""
    deadline = time.monotonic() + LIMIT

    def go_on() -> None:
        if stop.is_set():
            raise _Stopped
        if time.monotonic() > deadline:
            raise _cannot(f"could not be fetched: it took longer than {LIMIT:g} s")

    return go_on


def _download(pin: Pin, folder: Path, stop: threading.Event) -> Path:
    """Raises FetchError if the server does not give the whole file."""
    import http.client  # with TLS and mail headers: too slow to load for a list of notes
    import urllib.error
    import urllib.request

    target = folder / _file_name(pin.address)
    request = urllib.request.Request(pin.address, headers={"User-Agent": "labnotes"})
    go_on = _patience(stop)
    size = 0
    try:
        with urllib.request.urlopen(request, timeout=SILENCE) as response, target.open("wb") as file:
            while block := response.read1(_BLOCK):
                file.write(block)
                size += len(block)
                go_on()
            announced = response.headers.get("Content-Length", "")
    except urllib.error.HTTPError as error:
        error.close()
        raise _cannot(f"could not be fetched: the server says {error.code} {error.reason}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _cannot(f"could not be fetched: {_reason(error)}") from None
    if announced.isdigit() and int(announced) != size:
        raise _cannot(f"could not be fetched: it broke off after {size} of {announced} bytes")
    return target


def _reason(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return f"no answer for {SILENCE:g} s"
    return getattr(reason, "strerror", None) or str(reason) or type(error).__name__


def _wheel(pin: Pin, folder: Path, stop: threading.Event) -> Path:
    """Fetch a wheel with the pip of this interpreter, so that the index is the one that its user has set up.

    Raises FetchError if pip cannot.
    """
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{pin.address} --hash=sha256:{pin.sha256}\n", encoding="utf-8")
    # -P: a folder of the lab called pip is not pip
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--require-hashes", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar", "off", "--dest", str(folder), "--requirement", str(requirements)]
    code, said = _run(command, stop)
    if code != 0:
        raise _refused(pin, said)
    return next(folder.glob("*.whl"))


def _run(command: list[str], stop: threading.Event) -> tuple[int, str]:
    """Exit status and words of a program, which ends with whoever waits for it."""
    go_on = _patience(stop)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        try:
            while True:
                with contextlib.suppress(subprocess.TimeoutExpired):
                    said, _ = process.communicate(timeout=0.2)
                    return process.returncode, said.decode(errors="replace")
                go_on()
        except BaseException:
            process.kill()
            raise


def _refused(pin: Pin, said: str) -> FetchError:
    """Why pip failed, from what it said."""
    got = re.search(r"^\s*Got\s+([0-9a-f]{64})\s*$", said, re.MULTILINE)
    if got:
        return _other_file(pin, got.group(1))
    if "No module named pip" in said:
        return _cannot("could not be fetched: this Python has no pip", f"{sys.executable} -m ensurepip")
    errors = [line.strip().removeprefix("ERROR: ") for line in said.splitlines() if line.startswith("ERROR:")]
    return _cannot(f"could not be fetched: {'; '.join(errors) or said.strip()[-500:] or 'pip gave no reason'}")


def _cannot(what: str, hint: str = "") -> FetchError:
    return FetchError(
        Problem("", what, hint or "once it was fetched, runs need no network: try again with a connection, and look at what note.yml names")
    )


def _other_file(pin: Pin, digest: str, size: int | None = None) -> FetchError:
    length = f" ({size} bytes)" if size is not None else ""
    hint = f"find out why it is another file{length} than was pinned; if it is the one you mean, write\nsha256: {digest}"
    return FetchError(Problem("", f"is not what was pinned: its sha256 is {digest}, note.yml says {pin.sha256}", hint))
