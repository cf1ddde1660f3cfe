"""Whether a record or stored run is still about the files as they are now; and if not, why."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path

from labnotes.model.observation import CellOutputs, Provenance, RunDependencies, RunEnvironment
from labnotes.model.quantities import SCHEMA
from labnotes.source import content_cache
from labnotes.source.labs import Lab
from labnotes.source.notebooks import NO_CODE
from labnotes.source.notes import Note
from labnotes.store.dependencies import DependencyKind, RecordedDependency, input_files, recorded_dependencies
from labnotes.store.loaded_modules import LoadedModules, is_note_file
from labnotes.store.outside_modules import ELSEWHERE


def stale_reasons(provenance: Provenance, cells: Sequence[CellOutputs], note: Note, lab: Lab) -> list[str]:
    """Why a record is stale, by files, parameters and pins alone, whatever is installed; empty if it is fresh."""
    if provenance.schema != SCHEMA:
        return [f"the record has schema {provenance.schema}, this version writes {SCHEMA}"]
    needs = provenance.dependencies
    reasons = []
    if needs.code != note.code_digest:
        reasons.append(_changed_code(provenance, cells, note))
    loaded = LoadedModules.of_record(needs, note, lab)
    reasons += [_change_text(dependency, loaded) for dependency in recorded_dependencies(needs) if dependency.has_changed(loaded)]
    reasons += _changes_outside(needs, loaded)
    known = {*needs.files, *needs.modules, *needs.written}
    counted = sorted(path.relative_to(lab.root).as_posix() for path in input_files(note, lab))
    reasons += [f"{name} is a new input" for name in counted if name not in known]
    reasons += _changed_pins(needs.fetched, note)
    pins = read_pins(lab.root / "constraints.txt")
    for name, version in needs.distributions.items():
        if name in pins and not pin_accepts(pins[name], version):
            reasons.append(f"constraints.txt pins {name} {pins[name].lstrip('=')}, recorded with {version}")
    return reasons


def _changed_code(provenance: Provenance, cells: Sequence[CellOutputs], note: Note) -> str:
    now = [cell.cell_digest for cell in note.source.run_cells if not cell.does_nothing]
    then = [cell.digest for cell in cells if cell.digest != NO_CODE]
    if len(now) != len(then):
        return f"the code changed: {len(now)} cells, recorded with {len(then)}"
    numbers = [cell.number for cell in note.source.run_cells if not cell.does_nothing]
    changed = [number for number, digest, old in zip(numbers, now, then, strict=True) if digest != old]
    if changed:
        return f"the code changed in cell {', '.join(map(str, changed))}"
    if provenance.seed != note.settings.seed:
        return f"seed: {note.settings.seed}, recorded with {provenance.seed}"
    if provenance.cores == note.settings.cores:
        return "the code changed in a cell that is tagged not to be run"
    return f"cores: {note.settings.cores}, recorded with {provenance.cores}"


def _change_text(dependency: RecordedDependency, loaded: LoadedModules) -> str:
    """What became of something that the record depends on."""
    if dependency.kind is DependencyKind.FOLDER:
        return f"{dependency.name}/ has other files"
    if not (loaded.lab.root / dependency.name).is_file():
        return f"{dependency.name} is gone"
    if dependency.kind is DependencyKind.MODULE and is_note_file(dependency.name, loaded.note):
        return f"a docstring in {dependency.name} changed, which the code it is given to may read"
    if dependency.kind is DependencyKind.MODULE and dependency.digest == loaded.code_digest_of(dependency.name):
        return f"{dependency.name} was recorded without its docstrings, which a program may read"
    return f"{dependency.name} changed" if dependency.digest else f"{dependency.name} exists now"


UNSEEN = "lies outside this lab and not on this machine, so whether it changed is unknown"
"""Why a record cannot be called fresh here though nothing is known to have changed."""


def _changes_outside(needs: RunDependencies, loaded: LoadedModules) -> Iterator[str]:
    """Why a record is stale, or cannot be called fresh, by the modules that it took from outside the lab."""
    for name, digest in needs.elsewhere.items():
        if name in loaded.unseen:
            yield f"{name} {UNSEEN}"
        elif loaded.outside_digest(name) != digest:
            yield f"{ELSEWHERE}{name} changed"


def _changed_pins(then: Mapping[str, str], note: Note) -> Iterator[str]:
    """Why a record is stale by its pinned inputs, from what note.yml says of them: nothing is fetched for it."""
    now = {pin.address: pin.sha256 for pin in note.settings.input_pins}
    for address, digest in then.items():
        if address not in now:
            yield f"{address} is no input any more"
        elif now[address] != digest:
            yield f"{address} is pinned to sha256 {now[address][:12]}…, recorded with {digest[:12]}…"
    yield from (f"{address} is a new input" for address in now if address not in then)


def read_pins(path: Path) -> dict[str, str]:
    """The pins of a constraints file (`==version`, `==1.*`) by normalised name; they are read once for the same content.

    As pip reads them: a marker that is not met pins nothing.
    """
    if not path.is_file():
        return {}
    content = path.read_bytes()
    what = f"pins {content_cache.installed_versions('packaging')} {os.uname()}"  # what markers ask for
    pins: dict[str, str] = content_cache.computed_once(what, content, lambda: _parse_pins(content.decode("utf-8")))
    return pins


def _parse_pins(text: str) -> dict[str, str]:
    from packaging.requirements import InvalidRequirement, Requirement
    from packaging.utils import canonicalize_name

    pins = {}
    for line in text.splitlines():
        try:
            requirement = Requirement(line.partition(" #")[0].partition("#")[0])
        except InvalidRequirement:  # an option of pip, an empty line, or for pip to complain of
            continue
        is_met = requirement.marker is None or requirement.marker.evaluate()
        if is_met and len(requirement.specifier) == 1 and all(part.operator in ("==", "===") for part in requirement.specifier):
            pins[str(canonicalize_name(requirement.name))] = str(requirement.specifier)
    return pins


def pin_accepts(pin: str, version: str) -> bool:
    """Whether a pin accepts a version, as pip has it: without a local part it accepts any (torch==2.13.0 accepts 2.13.0+cpu)."""
    if pin in (f"=={version}", f"=={version.partition('+')[0]}"):  # the usual cases, for which nothing need be imported
        return True
    from packaging.specifiers import SpecifierSet

    return SpecifierSet(pin).contains(version, prereleases=True)


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
    import importlib.metadata  # no file says so: what only reads files goes without

    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None
