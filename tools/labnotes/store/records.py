"""Records: the accepted observation of a note, as a folder of files written by machine.

    record.json          claims, tables, words of figures, outputs of cells
    provenance.json      when, where and from what it was made, and the digest of every other file
    figures/LABEL.json   plotted data (LABEL.npz beside it for arrays above 1 MB)
    figures/LABEL.svg    the picture (.png for large ones)
    figures/LABEL.interactive.json   what the figure's own library draws it from in a browser
    card.png             the first figure, for sites that link to the note

The same observation always gives the same bytes in every file but provenance.json. A stored run has the same form.
"""

from __future__ import annotations

import contextlib
import datetime
import io
import json
import math
import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from labnotes.errors import InvalidNote, InvalidRecord, Problem
from labnotes.model.claims import Claim
from labnotes.model.digests import bytes_digest
from labnotes.model.encoding import UnreadableJson, decode_value, encode_value
from labnotes.model.json_text import dump_json, parse_json
from labnotes.model.observation import PICTURES, CellOutputs, FigurePicture, Observation, Provenance
from labnotes.model.plots import Figure
from labnotes.model.quantities import LABEL, NAME, SCHEMA, TIES
from labnotes.model.tables import Table
from labnotes.source import file_limits, merge_conflicts, validated
from labnotes.source.leftovers import is_left_below
from labnotes.store import folders

_INTERACTIVE = "interactive.json"

MAX_INLINE = 1_000_000
"""Bytes of plotted data above which arrays are kept as .npz."""


def record_files(observation: Observation) -> tuple[dict[str, bytes], Observation]:
    """The files of an observation by name, and the observation with their digests in its provenance."""
    files: dict[str, bytes] = {}
    for label, made in observation.figures.items():
        data = encode_value(made.data)
        text = dump_json(data)
        if len(text) > MAX_INLINE:
            arrays = _detach_arrays(data)
            import numpy as np  # only large figures need it: too slow to load for a list of notes

            archive = io.BytesIO()
            np.savez_compressed(archive, allow_pickle=False, **arrays)
            files[f"figures/{label}.npz"] = archive.getvalue()
            text = dump_json(data)
        files[f"figures/{label}.json"] = text.encode()
        if label in observation.pictures:
            picture = observation.pictures[label]
            files[f"figures/{label}.{picture.suffix}"] = picture.content
        if label in observation.interactive:
            files[f"figures/{label}.{_INTERACTIVE}"] = observation.interactive[label]
    if observation.card:
        files["card.png"] = observation.card
    content = {
        "schema": SCHEMA,
        "claims": observation.claims,
        "figures": observation.figures,
        "tables": observation.tables,
        "cells": observation.cells,
    }
    files["record.json"] = dump_json(content).encode()
    digests = {name: bytes_digest(content) for name, content in sorted(files.items())}
    sealed = replace(observation, provenance=replace(observation.provenance, digests=digests))
    files["provenance.json"] = dump_json(sealed.provenance).encode()
    return files, sealed


def as_stored(observation: Observation) -> tuple[dict[str, bytes], Observation]:
    """The files of an observation, and the observation as it will be read back from them: floats rounded, digests known."""
    files, sealed = record_files(observation)
    content = {name: text for name, text in files.items() if name != "provenance.json"}
    return files, _parse_observation(content, sealed.provenance)


def _detach_arrays(data: dict[str, Any]) -> dict[str, Any]:
    """Move the arrays of every mark out of `data`, leaving their names in the archive."""
    import numpy as np

    arrays: dict[str, Any] = {}
    for i, axes in enumerate(data["axes"]):
        for j, mark in enumerate(axes["marks"]):
            for name, values in sorted(mark["arrays"].items()):
                key = f"axes{i}.mark{j}.{name}"
                arrays[key] = np.asarray(values, dtype=float)  # "NaN" and "Infinity", as encoded, are read as numbers
                mark["arrays"][name] = {"npz": key}
    return arrays


_UNREADABLE = (
    KeyError,
    TypeError,
    ValueError,
    AttributeError,
    IndexError,
    OSError,
    RecursionError,
    MemoryError,
)
"""The exceptions that are raised in reading a folder that is no record, or a damaged one."""


def read_record(folder: Path, shown: Path, *, stored: bool = False) -> Observation | None:
    """Read the observation kept in `folder`; None if there is none, an empty one if it is of another schema. `shown` is for messages.
    A `stored` run may lie in the future of this machine's clock, which may have been put back since.

    Raises InvalidRecord if anything in it is not what was written.
    """
    for count in range(READINGS):
        before = _folder_identity(folder)
        try:
            return _read_whole(folder, shown, stored=stored)
        except InvalidRecord:
            if _folder_identity(folder) == before:
                raise  # else it was replaced meanwhile: what was read is part of two records
            time.sleep(0.001 * count)
    return _read_whole(folder, shown, stored=stored)


READINGS = 50
"""How often a record is read again that is replaced while it is read."""


def _folder_identity(folder: Path) -> tuple[int, ...] | None:
    """What tells a folder from one that took its place: numbers of files are used again, times are not."""
    with contextlib.suppress(OSError):
        status = folder.stat()
        return status.st_dev, status.st_ino, status.st_mtime_ns, status.st_ctime_ns
    return None


def _read_whole(folder: Path, shown: Path, *, stored: bool) -> Observation | None:
    folders.finish_exchange(folder)
    if not folder.exists():
        return None
    try:
        provenance = _read_provenance(folder, shown, stored=stored)
        if provenance.schema != SCHEMA:
            return Observation({}, {}, {}, (), {}, provenance)  # nothing in it can be read; its age says why
        content = {name: _verified_content(folder, name, digest, shown) for name, digest in provenance.digests.items()}
        strangers = {
            path.relative_to(folder).as_posix()
            for path in folder.rglob("*")
            if path.is_file() and not path.name.startswith(".") and not is_left_below(path, folder)
        } - {*content, "provenance.json"}
        if strangers:
            raise InvalidRecord(Problem(str(shown), f"holds files that no run wrote: {', '.join(sorted(strangers))}", _REMEDY))
        digests = json.dumps(dict(provenance.digests)).encode()  # the content, as it was verified
        return validated.read_once("record", digests, lambda: _parse_observation(content, provenance))
    except (InvalidRecord, *_UNREADABLE) as error:
        raise InvalidRecord(*_reading_problems(folder, shown, error)) from None


def _reading_problems(folder: Path, shown: Path, error: Exception) -> list[Problem]:
    """What is wrong with a record that cannot be read: the merge conflicts in its files, if there are any, since all else follows from them."""
    slug = folder.parent.name
    hint = (
        "the two sides are records of two runs, so neither is that of the merged note. First resolve the conflicts in the note's own files, then record "
        f"again: labnotes run {slug}, labnotes accept {slug}. Or take the record of your branch as it was: git checkout HEAD -- {shown}"
    )
    conflicts = []
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.suffix in (".json", ".svg", ".html"):
            with contextlib.suppress(OSError):
                text = path.read_bytes().decode("utf-8", errors="replace")
                conflicts.append(merge_conflicts.conflict_problem(str(shown / path.relative_to(folder)), text, hint))
    problems = [problem for problem in conflicts if problem]
    if problems:
        return [*(replace(problem, hint="") for problem in problems[:-1]), problems[-1]]  # the remedy is one for all
    if isinstance(error, InvalidRecord):
        return list(error.problems)
    return [Problem(str(shown), f"cannot be read: {_reading_error(error)}", _REMEDY)]


_REMEDY = "a record is written by machine only: restore it from version control, or record again with: labnotes run, labnotes accept"


def read_provenance(folder: Path, shown: Path) -> Provenance | None:
    """When, where and from what a record was made, without reading the rest of it; None if there is no record."""
    folders.finish_exchange(folder)
    if not folder.exists():
        return None
    try:
        return _read_provenance(folder, shown, stored=False)
    except (InvalidRecord, *_UNREADABLE) as error:
        raise InvalidRecord(*_reading_problems(folder, shown, error)) from None


def _reading_error(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "it is nested too deeply"
    plain = isinstance(error, UnreadableJson) or type(error) is ValueError
    text = str(error) if plain else f"{type(error).__name__} {error}"
    return (text.splitlines() or [type(error).__name__])[0]


def _read_provenance(folder: Path, shown: Path, *, stored: bool) -> Provenance:
    try:
        content = _read_file(folder / "provenance.json", shown / "provenance.json")
    except FileNotFoundError:
        raise InvalidRecord(Problem(str(shown), "has no provenance.json", _REMEDY)) from None
    fields = parse_json(content)
    if not isinstance(fields, dict):
        raise UnreadableJson(f"provenance.json: holds {type(fields).__name__}, where an object belongs")
    schema = fields.get("schema")
    if isinstance(schema, int) and schema > SCHEMA:
        from labnotes import installation

        what = f"was made by a newer labnotes: it has schema {schema}, this version ({installation.running_version()}) reads {SCHEMA}"
        raise InvalidRecord(Problem(str(shown), what, "install the newer one, or record again with: labnotes run, labnotes accept"))
    made = validated.read_once("provenance", content, lambda: decode_value(Provenance, fields, place="provenance.json"))
    _check_start(made.started, stored=stored)
    return made


AHEAD = datetime.timedelta(days=1)
"""How far the start of a run may lie in the future, since clocks of machines differ."""


def _check_start(started: str, *, stored: bool) -> None:
    """Raises UnreadableJson for a text that is no time of a run: none in ISO 8601, without UTC, or in the future."""
    what = ""
    try:
        moment = datetime.datetime.fromisoformat(started)
    except ValueError:
        what = "is no time"
    else:
        if moment.tzinfo is None:
            what = "is a time without UTC"
        elif not stored and moment > datetime.datetime.now(datetime.UTC) + AHEAD:
            what = "lies in the future"
    if what:
        raise UnreadableJson(f"provenance.json: started {what}: {started!r:.60}")


def _read_file(path: Path, shown: Path) -> bytes:
    """The content of a file of a record.

    Raises InvalidRecord for what is no plain file, OSError for what cannot be read.
    """
    try:
        return file_limits.read_plain_file(path, shown, file_limits.LARGEST_RECORD_FILE)
    except InvalidNote as error:
        raise InvalidRecord(*(replace(problem, hint=_REMEDY) for problem in error.problems)) from None


def _verified_content(folder: Path, name: str, digest: str, shown: Path) -> bytes:
    """The content of a file of the record.

    Raises InvalidRecord if it cannot be read, lies outside `folder` or has another digest.
    """
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise InvalidRecord(Problem(str(shown / "provenance.json"), f"names a file outside the record: {name!r}", _REMEDY))
    try:
        content = _read_file(path, shown / name)
    except OSError as error:
        raise InvalidRecord(Problem(str(shown / name), f"cannot be read: {error.strerror}", _REMEDY)) from None
    actual_digest = bytes_digest(content)
    if actual_digest != digest:
        what = f"is not what was recorded: its digest is {actual_digest[:12]}, provenance.json says {digest[:12]}"
        raise InvalidRecord(Problem(str(shown / name), what, _REMEDY))
    return content


def _parse_observation(content: Mapping[str, bytes], provenance: Provenance) -> Observation:
    main = _object_of(parse_json(content["record.json"]), "record.json")
    for kind, pattern in (("claims", NAME), ("figures", LABEL), ("tables", LABEL)):
        for name, fields in _object_of(main.get(kind), f"record.json: {kind}").items():
            _object_of(fields, f"record.json: {kind}.{name}")
            if not pattern.fullmatch(name):
                raise ValueError(f"{name!r} is no name")
            if fields.get("tied") not in (None, *TIES):
                raise ValueError(f"{name!r} is tied to {fields['tied']!r}")
    claims = {name: _parse_claim(name, fields) for name, fields in main["claims"].items()}
    figures, pictures = {}, {}
    for label, fields in main["figures"].items():
        data = _object_of(parse_json(content[f"figures/{label}.json"]), f"figures/{label}.json")
        if f"figures/{label}.npz" in content:
            _attach_arrays(data, content[f"figures/{label}.npz"])
        figures[label] = decode_value(Figure, fields, apart={"label": label, "data": data}, place=f"figure {label}")
        for suffix in PICTURES:
            if f"figures/{label}.{suffix}" in content:
                pictures[label] = FigurePicture(suffix, content[f"figures/{label}.{suffix}"])
    interactive = {label: content[name] for label in main["figures"] if (name := f"figures/{label}.{_INTERACTIVE}") in content}
    tables = {
        label: decode_value(Table, fields, apart={"label": label}, place=f"table {label}") for label, fields in main["tables"].items()
    }
    cells = tuple(decode_value(CellOutputs, cell, place=f"cell {i}") for i, cell in enumerate(main["cells"], 1))
    return Observation(claims, figures, tables, cells, pictures, provenance, content.get("card.png"), interactive)


def _object_of(value: Any, place: str) -> dict[str, Any]:
    """`value`, if it is an object.

    Raises UnreadableJson, which says what stands there instead.
    """
    if not isinstance(value, dict):
        kinds = {type(None): "null", list: "a list", str: "a text", bool: "yes or no", int: "a number", float: "a number"}
        raise UnreadableJson(f"{place}: holds {kinds.get(type(value), 'nothing')}, where an object belongs")
    return value


def _parse_claim(name: str, fields: Any) -> Claim:
    place = f"claim {name}"
    made = decode_value(Claim, fields, apart={"name": name}, place=place)
    try:
        assert made.printed_value
    except ValueError as error:
        raise UnreadableJson(f"{place}: format: {error}") from None
    return made


def _attach_arrays(data: dict[str, Any], archive: bytes) -> None:
    """Put the arrays of an archive back into the marks of `data`, as lists."""
    import zipfile
    import zlib

    import numpy as np

    try:
        _check_archive(archive)
        with contextlib.closing(np.load(io.BytesIO(archive), allow_pickle=False)) as arrays:
            for axes in data["axes"]:
                for mark in axes["marks"]:
                    mark["arrays"] = {name: arrays[where["npz"]].tolist() for name, where in mark["arrays"].items()}
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise UnreadableJson(f"its archive of arrays is damaged: {error}") from None


MOST_NUMBERS = 20_000_000
"""How many numbers the arrays of one figure may hold: a picture shows fewer points, and compressed zeros cost a file nothing."""


def _check_archive(archive: bytes) -> None:
    """Look at the headers of an archive of arrays, before any array is read.

    Raises UnreadableJson where the arrays hold too much, or anything but numbers.
    """
    import zipfile

    from numpy.lib import format as npy

    total = 0
    with zipfile.ZipFile(io.BytesIO(archive)) as entries:
        for entry in entries.infolist():
            with entries.open(entry) as file:
                version = npy.read_magic(file)
                if version not in ((1, 0), (2, 0)):
                    raise UnreadableJson(f"its array {entry.filename!r:.80} has a form that no run writes")
                shape, _, kind = npy.read_array_header_1_0(file) if version == (1, 0) else npy.read_array_header_2_0(file)
            if kind.kind not in "biuf":
                raise UnreadableJson(f"its array {entry.filename!r:.80} holds no numbers")
            total += math.prod(shape)
    if total > MOST_NUMBERS:
        raise UnreadableJson(f"its arrays hold {total:,} numbers; {MOST_NUMBERS:,} are read of one figure at most")
