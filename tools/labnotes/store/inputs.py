"""Inputs from elsewhere: pinned by a digest in note.yml, fetched by this process before a run, kept by content in the user's cache folder.

    inputs/<sha256>/<file name>     whole files only: each arrives by one rename
    inputs/.new-*/                  what is being fetched
    inputs/.locks/<sha256>          locked by the process that fetches it

A file is taken from the cache only if its digest is the pinned one, which is checked before every run. So nothing touches the network if
the file is there, and a damaged file is fetched again. A run itself has no network: a variable names its files (FETCHED).
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
from typing import Any
from urllib.parse import unquote, urlsplit

import platformdirs

from labnotes.errors import LabNotesError, Problem
from labnotes.source.pinned_inputs import Pin, address_key

AT_ONCE = 8
"""Files of one note that are fetched at the same time."""

SILENCE = 30.0
"""Seconds without an answer from a server after which a file is given up."""

LIMIT = 1800.0
"""Seconds that fetching one file may take altogether before it is given up."""

LEFT_BEHIND = 86_400
"""Seconds after which an unfinished download counts as abandoned, and is deleted."""

LONGEST_NAME = 120
"""Characters of a file's name; a file system takes 255 bytes."""

_BLOCK = 1 << 18
"""Bytes read from a server at a time."""


class FetchError(LabNotesError):
    """Inputs that could not be fetched, or are not what was pinned."""


class _FetchStopped(Exception):
    """The caller has asked to stop fetching."""


def inputs_folder() -> Path:
    """The folder of all fetched inputs."""
    return Path(platformdirs.user_cache_dir("labnotes")) / "inputs"


def fetch_inputs(pins: Sequence[Pin], where: str, stop: threading.Event | None = None) -> dict[str, Path]:
    """The file of each pin by its address: from the cache if it is there as it was pinned, else from the network.

    `where` is the note.yml that names them; setting `stop` ends the fetching soon.

    Raises FetchError with the problems of all files that could not be fetched; no half-written file stays.
    """
    stop = stop or threading.Event()

    def fetch_pin(pin: Pin) -> Path | Problem:
        try:
            return _cached_file(pin) or _fetch_file(pin, stop)
        except FetchError as error:
            what, hint = error.problems[0].what, error.problems[0].hint
        except OSError as error:
            what = f"could not be kept in {inputs_folder()}: {error.strerror or error}"
            hint = "free some space there or mend its permissions, or set XDG_CACHE_HOME to another folder"
        return Problem(f"{where}: inputs", f"{pin.address} {what}", hint)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        try:
            results = list(pool.map(fetch_pin, pins))
        except BaseException:  # Ctrl-C in an author's session
            stop.set()
            raise
    problems = [result for result in results if isinstance(result, Problem)]
    if problems:
        raise FetchError(*problems)
    return {pin.address: path for pin, path in zip(pins, results, strict=True) if isinstance(path, Path)}


def is_whole(path: Path, sha256: str) -> bool:
    """Whether a file is there, with this digest."""
    try:
        return _file_digest(path) == sha256
    except OSError:
        return False


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _cached_file(pin: Pin) -> Path | None:
    """The file in the cache, if it is what was pinned."""
    return next((path for path in _cache_paths(pin) if is_whole(path, pin.sha256)), None)


def _cache_paths(pin: Pin) -> list[Path]:
    """The paths in the cache where the file of a pin is or would be; of a wheel only those that exist, since its index makes its name."""
    folder = inputs_folder() / pin.sha256
    if not pin.is_package:
        return [folder / _file_name(pin.address)]
    wanted = address_key(pin.address).partition("==")[0]
    return [path for path in sorted(folder.glob("*.whl")) if address_key(f"{path.name.partition('-')[0]}==0").partition("==")[0] == wanted]


def _file_name(url: str) -> str:
    """The last part of a URL's path, as a plain file name."""
    name = unquote(urlsplit(url).path).rstrip("/").rpartition("/")[2]
    return re.sub(r"[^A-Za-z0-9._+-]+", "_", name).lstrip(".")[-LONGEST_NAME:] or "file"


def _fetch_file(pin: Pin, stop: threading.Event) -> Path:
    """Fetch a file, unless another process does so meanwhile.

    Raises FetchError, with a problem that names no place.
    """
    try:
        with _fetch_lock(pin, stop), _download_folder() as folder:
            cached = _cached_file(pin)
            if cached:
                return cached
            new = _download_wheel(pin, folder, stop) if pin.is_package else _download_url(pin, folder, stop)
            digest = _file_digest(new)
            if digest != pin.sha256:
                raise _digest_error(pin, digest, new.stat().st_size)
            target = inputs_folder() / pin.sha256 / new.name
            target.parent.mkdir(exist_ok=True)
            os.replace(new, target)
            return target
    except _FetchStopped:
        raise _fetch_error("was broken off") from None


@contextlib.contextmanager
def _fetch_lock(pin: Pin, stop: threading.Event) -> Iterator[None]:
    """Hold the lock of a file, after waiting until no other process fetches it: replacing a file could take it from a run that reads it."""
    import fcntl  # not on every system that a site is built on

    locks = inputs_folder() / ".locks"
    locks.mkdir(parents=True, exist_ok=True)
    go_on = _stop_checker(stop)
    with (locks / pin.sha256).open("w") as lock:  # released when the file is closed, or the process ends
        while True:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                break
            except BlockingIOError:
                go_on()
                time.sleep(0.05)
        yield


@contextlib.contextmanager
def _download_folder() -> Iterator[Path]:
    """A temporary folder for a file that is being fetched, on the same disk as the cache. Abandoned folders of killed processes are
    deleted."""
    for path in inputs_folder().glob(".new-*"):
        with contextlib.suppress(OSError):
            if path.stat().st_mtime < time.time() - LEFT_BEHIND:
                shutil.rmtree(path)
    with tempfile.TemporaryDirectory(dir=inputs_folder(), prefix=".new-") as folder:
        yield Path(folder)


def _stop_checker(stop: threading.Event) -> Callable[[], None]:
    """A function to call again and again during a wait: it raises once `stop` is set, or LIMIT seconds have passed."""
    deadline = time.monotonic() + LIMIT

    def go_on() -> None:
        if stop.is_set():
            raise _FetchStopped
        if time.monotonic() > deadline:
            raise _fetch_error(f"could not be fetched: it took longer than {LIMIT:g} s")

    return go_on


def _download_url(pin: Pin, folder: Path, stop: threading.Event) -> Path:
    """Download a URL into `folder`.

    Raises FetchError if the server does not give the whole file.
    """
    import http.client  # with TLS and mail headers: too slow to load for a list of notes
    import urllib.error
    import urllib.request

    target = folder / _file_name(pin.address)
    request = urllib.request.Request(pin.address, headers={"User-Agent": "labnotes"})
    go_on = _stop_checker(stop)
    size = 0
    try:
        with _opener_for(pin.address).open(request, timeout=SILENCE) as response, target.open("wb") as file:
            announced = response.headers.get("Content-Length", "")
            _refuse_larger(pin, int(announced) if announced.isdigit() and len(announced) < 20 else 0)
            while block := response.read1(_BLOCK):
                size += len(block)
                _refuse_larger(pin, size)
                file.write(block)
                go_on()
    except urllib.error.HTTPError as error:
        error.close()
        raise _fetch_error(f"could not be fetched: the server says {error.code} {error.reason}") from None
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise _fetch_error(f"could not be fetched: {_network_reason(error)}") from None
    if announced.isdigit() and int(announced) != size:
        raise _fetch_error(f"could not be fetched: it broke off after {size} of {announced} bytes")
    return target


def _refuse_larger(pin: Pin, size: int) -> None:
    """Raise FetchError for a file of more bytes than the pin allows."""
    if size > pin.size:
        what = f"is larger than {pin.size / 10**9:g} GB, the most that is fetched of it"
        raise _fetch_error(what, "if it is the file that you mean, allow more beside its sha256: size: 50 GB")


def _opener_for(address: str) -> Any:
    """What opens an address and follows redirects, but to no place that the author did not name: none of this machine or of its network,
    unless the address is of that host, and none without encryption if the address has it."""
    import urllib.error
    import urllib.request

    written = urlsplit(address)

    class RedirectHandler(urllib.request.HTTPRedirectHandler):
        def redirect_request(self, req: Any, fp: Any, code: int, msg: str, headers: Any, newurl: str) -> Any:
            target = urlsplit(newurl)
            why = ""
            if written.scheme.lower() == "https" and target.scheme.lower() != "https":
                why = "which is not encrypted"
            elif target.hostname != written.hostname and _is_local_host(target.hostname or ""):
                why = "which lies in this machine or its own network"
            if why:
                raise urllib.error.URLError(f"the server sends us to {newurl:.200}, {why}; name that address yourself if it is the one")
            return super().redirect_request(req, fp, code, msg, headers, newurl)

    return urllib.request.build_opener(RedirectHandler)


def _is_local_host(host: str) -> bool:
    """Whether a name means an address that is not of the public network, as far as its name server says."""
    import ipaddress
    import socket

    try:
        addresses = {entry[4][0] for entry in socket.getaddrinfo(host, None)}
        return any(not ipaddress.ip_address(str(address).partition("%")[0]).is_global for address in addresses)
    except (OSError, ValueError):
        return False  # it cannot be opened either


def _network_reason(error: Exception) -> str:
    reason = getattr(error, "reason", error)
    if isinstance(reason, TimeoutError):
        return f"no answer for {SILENCE:g} s"
    return getattr(reason, "strerror", None) or str(reason) or type(error).__name__


def _download_wheel(pin: Pin, folder: Path, stop: threading.Event) -> Path:
    """Fetch a wheel with the pip of this interpreter, so that the index is the one that its user has set up.

    Raises FetchError if pip cannot.
    """
    requirements = folder / "requirements.txt"
    requirements.write_text(f"{pin.address} --hash=sha256:{pin.sha256}\n", encoding="utf-8")
    # -P: a folder of the lab called pip is not pip
    command = [sys.executable, "-P", "-m", "pip", "download", "--no-deps", "--only-binary", ":all:", "--require-hashes", "--no-input"]
    command += ["--disable-pip-version-check", "--progress-bar", "off", "--dest", str(folder), "--requirement", str(requirements)]
    code, said = _run_command(command, stop)
    if code != 0:
        raise _pip_error(pin, said)
    return next(folder.glob("*.whl"))


def _run_command(command: list[str], stop: threading.Event) -> tuple[int, str]:
    """Run a program, and return its exit status and output. It is killed if the wait for it is stopped."""
    go_on = _stop_checker(stop)
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


def _pip_error(pin: Pin, said: str) -> FetchError:
    """The error that tells why pip failed, from its output."""
    got = re.search(r"^\s*Got\s+([0-9a-f]{64})\s*$", said, re.MULTILINE)
    if got:
        return _digest_error(pin, got.group(1))
    if "No module named pip" in said:
        return _fetch_error("could not be fetched: this Python has no pip", f"{sys.executable} -m ensurepip")
    errors = [line.strip().removeprefix("ERROR: ") for line in said.splitlines() if line.startswith("ERROR:")]
    return _fetch_error(f"could not be fetched: {'; '.join(errors) or said.strip()[-500:] or 'pip gave no reason'}")


def _fetch_error(what: str, hint: str = "") -> FetchError:
    """The error for one file that could not be fetched; its problem names no place."""
    return FetchError(
        Problem("", what, hint or "once it was fetched, runs need no network: try again with a connection, and look at what note.yml names")
    )


def _digest_error(pin: Pin, digest: str, size: int | None = None) -> FetchError:
    """The error for a fetched file whose digest is not the pinned one; `size` in bytes."""
    length = f" ({size} bytes)" if size is not None else ""
    hint = f"find out why it is another file{length} than was pinned; if it is the one you mean, write\nsha256: {digest}"
    return FetchError(Problem("", f"is not what was pinned: its sha256 is {digest}, note.yml says {pin.sha256}", hint))
