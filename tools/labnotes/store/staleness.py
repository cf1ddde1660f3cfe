"""Whether a record or stored run is still about the files as they are now; and if not, why."""

from __future__ import annotations

import importlib.metadata
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from labnotes.installation import normal_name
from labnotes.model import digests as digests_module
from labnotes.model.observation import CellOutputs, Provenance, RunEnvironment
from labnotes.model.quantities import SCHEMA
from labnotes.source import code_digest
from labnotes.source.labs import Lab
from labnotes.source.notebooks import NO_CODE
from labnotes.source.notes import Note

CHECKS = "checks.jsonl"
"""The file name of the log of a note's checks."""

MUTATIONS = "mutations.json"
"""The file name of the score that `labnotes mutate` keeps."""

NOT_INPUTS = {"note.yml", "widget.js", "audit.json", CHECKS, MUTATIONS, "record", "record.new", "record.old", "__pycache__"}
"""Names of files and folders in a note's folder that no run's result depends on, besides its source and its bibliography."""


def input_files(note: Note, lab: Lab) -> Iterator[Path]:
    """Files that count whether or not a run was seen to read them, since native code reads unseen.

    Everything in the note's folder that is neither Python nor the note's own words, and what note.yml declares.
    """
    words = {note.source.path.name, note.settings.references, *NOT_INPUTS}
    for path in sorted(note.folder.iterdir()):
        if path.name not in words and not path.name.startswith("."):
            yield from (file for file in _files_below(path) if file.suffix not in (".py", ".pyc"))
    for declared in note.settings.input_paths:
        yield from _files_below((lab.root / declared).resolve())


def _files_below(path: Path) -> list[Path]:
    return [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file() and "__pycache__" not in file.parts)


def folder_digest(folder: Path) -> str:
    """Digest of the names in a folder, hidden files and caches aside; "" if there is no such folder."""
    if not folder.is_dir():
        return ""
    names = sorted(path.name for path in folder.iterdir() if not path.name.startswith(".") and path.name not in NOT_INPUTS)
    return digests_module.text_digest("\n".join(names))


def stale_reasons(provenance: Provenance, cells: Sequence[CellOutputs], note: Note, lab: Lab) -> list[str]:
    """Why a record is stale, by files, parameters and pins alone, whatever is installed; empty if it is fresh."""
    if provenance.schema != SCHEMA:
        return [f"the record has schema {provenance.schema}, this version writes {SCHEMA}"]
    needs = provenance.dependencies
    reasons = []
    if needs.code != note.code_digest:
        reasons.append(_changed_code(provenance, cells, note))
    for digests, read in ((needs.modules, code_digest.module_digest), (needs.files, code_digest.file_digest)):
        for name, digest in digests.items():
            path = lab.root / name
            if digest != (read(path) if path.is_file() else ""):
                reasons.append(_changed_file(name, digest, lab))
    reasons += [f"{name}/ has other files" for name, digest in needs.folders.items() if digest != folder_digest(lab.root / name)]
    known = {*needs.files, *needs.modules, *needs.written}
    counted = sorted(path.relative_to(lab.root).as_posix() for path in input_files(note, lab))
    reasons += [f"{name} is a new input" for name in counted if name not in known]
    reasons += _changed_pins(needs.fetched, note)
    pins = read_pins(lab.root / "constraints.txt")
    for name, version in needs.distributions.items():
        if name in pins and not _pin_accepts(pins[name], version):
            reasons.append(f"constraints.txt pins {name} {pins[name]}, recorded with {version}")
    return reasons


def _changed_code(provenance: Provenance, cells: Sequence[CellOutputs], note: Note) -> str:
    now = [cell.cell_digest for cell in note.source.code_cells if not cell.does_nothing]
    then = [cell.digest for cell in cells if cell.digest != NO_CODE]
    if len(now) != len(then):
        return f"the code changed: {len(now)} cells, recorded with {len(then)}"
    numbers = [cell.number for cell in note.source.code_cells if not cell.does_nothing]
    changed = [number for number, digest, old in zip(numbers, now, then, strict=True) if digest != old]
    if changed:
        return f"the code changed in cell {', '.join(map(str, changed))}"
    if provenance.seed != note.settings.seed:
        return f"seed: {note.settings.seed}, recorded with {provenance.seed}"
    return f"cores: {note.settings.cores}, recorded with {provenance.cores}"


def _changed_file(path: str, digest: str, lab: Lab) -> str:
    if not (lab.root / path).is_file():
        return f"{path} is gone"
    return f"{path} exists now" if not digest else f"{path} changed"


def _changed_pins(then: Mapping[str, str], note: Note) -> Iterator[str]:
    """Why a record is stale by its pinned inputs, from what note.yml says of them: nothing is fetched for it."""
    now = {pin.address: pin.sha256 for pin in note.settings.input_pins}
    for address, digest in then.items():
        if address not in now:
            yield f"{address} is no input any more"
        elif now[address] != digest:
            yield f"{address} is pinned to sha256 {now[address][:12]}…, recorded with {digest[:12]}…"
    yield from (f"{address} is a new input" for address in now if address not in then)


def _pin_accepts(pin: str, version: str) -> bool:
    """Whether `==pin` accepts a version: a pin without a local part accepts any (torch==2.13.0 accepts 2.13.0+cpu)."""
    return version == pin or ("+" not in pin and version.partition("+")[0] == pin)


def read_pins(path: Path) -> dict[str, str]:
    """Exact pins (`name==version`) of a constraints file, by normalised name."""
    return _parse_pins(path, path.stat().st_mtime_ns) if path.is_file() else {}


@cache
def _parse_pins(path: Path, changed: int) -> dict[str, str]:
    """The pins of a constraints file. `changed` is the time of its last change, so that the cache does not give the pins of an older
    file."""
    pairs = re.findall(r"^\s*([A-Za-z0-9][\w.-]*)(?:\[[^\]]*\])?\s*==\s*([^\s;#]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {normal_name(name): version for name, version in pairs}


def environment_differences(provenance: Provenance, environment: RunEnvironment) -> list[str]:
    """How the environment that a run would take place in differs from the recorded one."""
    then = provenance.environment
    differences = [
        f"{what} {now}, recorded with {before}"
        for what, now, before in (
            ("Python", environment.python, then.python),
            ("system", environment.system, then.system),
            ("machine", environment.machine, then.machine),
            ("CPU", environment.cpu, then.cpu),
            ("CPU instructions", environment.vectors, then.vectors or environment.vectors),  # earlier records do not say
        )
        if now != before
    ]
    for name, version in provenance.dependencies.distributions.items():
        now = installed_version(name)
        if now != version:
            differences.append(f"{name} {now or 'is not installed'}, recorded with {version}")
    return differences


@cache
def installed_version(name: str) -> str | None:
    """The installed version of a distribution; None if it is not installed."""
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
