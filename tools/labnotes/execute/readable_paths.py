"""The paths that a run may read: its copy of its own folder, its declared inputs, the lab's code, the artifact store, Python and the system.

Everything else is held back from it and from every program that it starts, so that a read which nobody declared fails.
"""

from __future__ import annotations

import contextlib
import os
import re
import site
import sys
import sysconfig
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import labnotes
from labnotes.kernel.landlock import VisiblePaths
from labnotes.source.labs import Lab
from labnotes.source.leftovers import is_leftover
from labnotes.source.notes import Note
from labnotes.store.dependencies import input_files
from labnotes.store.outside_modules import editable_packages

SYSTEM = ("usr", "lib", "lib32", "lib64", "libx32", "bin", "sbin", "opt", "nix", "gnu", "snap", "proc", "sys")
"""Folders below / with programs, libraries and fonts. Not home folders, temporary ones and the like, which hold a person's files."""

SETTINGS = (
    "alternatives", "ca-certificates", "crypto-policies", "debian_version", "fonts", "ghostscript", "glvnd", "group", "host.conf", "hosts",
    "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ld.so.preload", "libibverbs.d", "locale.alias", "locale.conf", "localtime", "lsb-release",
    "magic", "magic.mime", "mime.types", "nsswitch.conf", "OpenCL", "os-release", "papersize", "passwd", "pki", "protocols", "R",
    "resolv.conf", "rpc", "services", "ssl", "static", "terminfo", "texmf", "timezone", "vulkan",
)  # fmt: skip
"""What programs need of /etc to find libraries, fonts, names and certificates. Not the settings of a machine that change what a program
computes, such as /etc/matplotlibrc, and none of its secrets."""

STATE = (
    "run/current-system", "run/opengl-driver", "var/cache/fontconfig", "var/cache/fonts", "var/lib/ghostscript", "var/lib/snapd",
    "var/lib/texmf",
)  # fmt: skip
"""Programs, drivers and fonts that lie below /run and /var. Nothing else there, such as the sockets of services."""

DEVICES = (
    "full", "null", "ptmx", "pts", "random", "shm", "tty", "urandom", "zero",
    "dri", "dxg", "kfd", "nvidia-caps", "nvidia-modeset", "nvidia-uvm", "nvidia-uvm-tools", "nvidiactl",
)  # fmt: skip
"""What is in /dev for every program: terminals, shared memory, accelerators; a run may write to these. Disks are not among them."""

_NUMBERED_DEVICES = re.compile(r"(nvidia|accel)\d+")

CODE = (".py", ".pyc", ".pyi", ".so", ".pth")
"""Files of the lab that are code: imported from any of its folders, and followed by the audit hook."""

MOST_NAMED = 5_000
"""The most files of a lab that a run knows the names of without being shown them; each costs about 10 µs of a run's start."""

_NO_CODE = {"node_modules", "site", "record"}


def readable_paths(note: Note, lab: Lab, own: list[Path], fetched: Iterable[Path]) -> VisiblePaths:
    """The paths that a run of `note` may read, list and write; `own` are the folders made for it (scratch, artifacts).

    Of the `fetched` inputs it may read just these files: other notes' lie beside them.
    """
    root = os.path.realpath(lab.root)
    around = {path for place in (*_system_folders(), *_python_folders()) for path in _paths_without_lab(os.path.realpath(place), root)}
    # Python may be installed in the lab; other places in it are seen as code, one file after another
    installed = {os.path.realpath(place) for place in (sys.prefix, sys.base_prefix) if os.path.realpath(place) != root}
    inputs = list(_input_places(note, lab, fetched))
    read = {*around, *installed, *map(os.path.realpath, inputs), *_code_files(root), str(Path(labnotes.__file__).resolve().parent)}
    write = {*map(str, own), *_device_nodes()}
    places = [*_system_folders(), *_python_folders(), sys.executable, str(lab.root), *inputs]
    links = {link: target for place in places for link, target in _links_on_the_way(place)}
    named = islice((path for path in _file_names(root) if path not in read), MOST_NAMED)
    return VisiblePaths(
        read=tuple(sorted(read)), enter=(root,), write=tuple(sorted(write)), links=tuple(sorted(links.items())), named=tuple(named)
    )


def _input_places(note: Note, lab: Lab, fetched: Iterable[Path]) -> Iterator[str]:
    """Yield the inputs by the paths that the note knows them by."""
    yield from map(str, (*input_files(note, lab), *(lab.root / name for name in note.settings.input_paths), *fetched))


def _links_on_the_way(place: str) -> Iterator[tuple[str, str]]:
    """Yield every link that leads from the path `place` to what it names, with the link's target."""
    waiting, seen = [place], set()
    while waiting:
        path = os.path.normpath(waiting.pop())
        if os.path.realpath(path) == path or path in seen:
            continue
        seen.add(path)
        at = ""
        for part in path.split(os.sep)[1:]:
            at = f"{at}/{part}"
            if os.path.islink(at):
                target = os.readlink(at)
                yield at, target
                waiting.append(os.path.join(os.path.dirname(at), target) + path[len(at) :])
                break


def _file_names(root: str) -> Iterator[str]:
    """Yield the files of the lab but those that are hidden or made by machines. `root` is the lab's folder."""
    for folder, folders, names in os.walk(root):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in {*_NO_CODE, "__pycache__"})
        yield from (os.path.join(folder, name) for name in sorted(names) if not name.startswith("."))


def _paths_without_lab(place: str, root: str) -> Iterator[str]:
    """Yield `place`; if it holds the lab, everything in it but the lab; nothing if it is in the lab. `root` is the lab's folder."""
    if place == root or place.startswith(root + os.sep):
        return
    if not root.startswith(place.rstrip(os.sep) + os.sep):
        yield place
        return
    with contextlib.suppress(OSError):
        for name in os.listdir(place):
            yield from _paths_without_lab(os.path.join(place, name), root)


def _system_folders() -> Iterator[str]:
    """Yield the folders and files of the system."""
    for name in (*SYSTEM, *STATE, *(f"etc/{name}" for name in SETTINGS)):
        yield f"/{name}"


def _device_nodes() -> Iterator[str]:
    """Yield the devices that there are, and that a run may use."""
    for name in sorted(os.listdir("/dev")) if os.path.isdir("/dev") else ():
        if name in DEVICES or _NUMBERED_DEVICES.fullmatch(name):
            yield f"/dev/{name}"


def _python_folders() -> Iterator[str]:
    """Yield the folders of this Python, of what is installed for it, and of the programs and libraries that it finds."""
    folders = [sys.prefix, sys.base_prefix, sys.exec_prefix, sys.base_exec_prefix, site.getuserbase(), *sysconfig.get_paths().values()]
    folders += [*sys.path, *editable_packages().values()]
    for name in ("PATH", "LD_LIBRARY_PATH", "PYTHONPATH"):
        folders += os.environ.get(name, "").split(os.pathsep)
    for place in folders:
        if os.path.isabs(place) and place not in (os.sep, str(Path.home())):
            yield place


def _code_files(root: str) -> Iterator[str]:
    """Yield every file of code in the lab, and what installers left beside it. `root` is the lab's folder."""
    for folder, folders, names in os.walk(root):
        for name in folders:
            if name.endswith((".egg-info", ".dist-info")):
                yield os.path.join(folder, name)
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _NO_CODE and not is_leftover(Path(folder, name))]
        yield from (os.path.realpath(os.path.join(folder, name)) for name in names if name.endswith(CODE))
