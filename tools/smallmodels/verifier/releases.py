"""Natural changes: the same function in an earlier release of its package, judged by the examples of the newer one.

The examples run in the whole earlier release, and again in the newer one with the earlier body put in the place of the newer. Going back is a `bug` only if
an example fails in both; it is `clean` only if all pass in both and no input tells the bodies apart. What fails for want of a name or an argument is a
feature that did not exist, and is set aside. The way forward is clean in either case.
"""

from __future__ import annotations

import ast
import hashlib
import json
import tempfile
import zipfile
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from torch import Tensor

from smallmodels.artifacts import artifact
from smallmodels.verifier import corpus, oracle
from smallmodels.verifier.corpus import PACKAGES, Package
from smallmodels.verifier.examples import MISSING, PASSED
from smallmodels.verifier.labelling import Caps
from smallmodels.verifier.labels import Examined, asked, examined, minor_version, restored
from smallmodels.verifier.oracle import BUG, CLEAN, UNRESOLVED

ONLY_INPUTS = "only inputs"
"""All examples pass, and some input tells the two bodies apart: behaviour changed, and nothing says which was meant."""

CAPS = Caps(searched=10_000, functions=80, errors=0, benign=0, composites=0, given=20)


@dataclass(frozen=True)
class Release:
    """An earlier release of a package: the wheel that holds it."""

    package: str
    version: str
    wheel: Path


@dataclass(frozen=True)
class Natural:
    """A function that an earlier release had otherwise: the newer body, the earlier one, and what going back is."""

    package: str
    name: str
    release: str
    newer: str
    earlier: str
    label: str
    evidence: oracle.Evidence


def changed(newer: list[corpus.Module], earlier: list[corpus.Module]) -> dict[str, str]:
    """The earlier text of every function that both have, with the same signature and another body."""
    before = {each.name: each for module in earlier for each in module.functions}
    after = {each.name: each for module in newer for each in module.functions}
    return {
        name: before[name].source
        for name in sorted(before.keys() & after.keys())
        if before[name].source != after[name].source and _signature(before[name].source) == _signature(after[name].source)
    }


def _signature(source: str) -> str:
    function = ast.parse(source).body[0]
    assert isinstance(function, ast.FunctionDef)
    return ast.dump(function.args)


_places: dict[str, Path] = {}
"""Where wheels lie, by their digests: the place of a file decides on nothing, and is no part of a key."""


@artifact
def comparisons(package: str, installed: tuple[str, ...], python: str, seed: int, wheels: tuple[tuple[str, str], ...]) -> dict[str, Tensor]:
    """What natural changes came to, as JSON in bytes, kept as an artifact; wheels by version and digest."""
    found = next(each for each in PACKAGES if each.name == package)
    made = _compared(found, seed, [Release(package, version, _places[digest]) for version, digest in wheels])
    return {"json": torch.tensor(list(json.dumps(made).encode()), dtype=torch.uint8)}


def natural(package: Package, seed: int, releases: list[Release]) -> list[Natural]:
    """Functions of a package that earlier releases had otherwise; identical bodies once, with the latest of these releases."""
    own = {each.version: hashlib.sha256(each.wheel.read_bytes()).hexdigest() for each in releases if each.package == package.name}
    if not own:
        return []
    _places.update({own[each.version]: each.wheel for each in releases if each.package == package.name})
    kept = comparisons(package.name, corpus.installed(), minor_version(), seed, tuple(own.items()))
    found = json.loads(bytes(kept["json"].numpy()))
    whole = found["whole"]
    return [
        Natural(
            package.name,
            function.name,
            version.operator,
            function.source,
            version.source,
            _label(function, version, whole),
            version.evidence,
        )
        for function in (restored(package.name, each) for each in found["functions"])
        for version in function.versions
    ]


def _compared(package: Package, seed: int, releases: list[Release]) -> dict[str, object]:
    """The evidence of earlier bodies in the newer release, and the outcomes of the newer examples in each whole earlier release."""
    newer = corpus.read(package)
    with tempfile.TemporaryDirectory() as scratch:
        given: dict[str, list[dict[str, object]]] = {}
        places = {}
        for each in releases:
            folder = Path(scratch) / each.version
            with zipfile.ZipFile(each.wheel) as wheel:
                wheel.extractall(folder)
            place = folder / package.name if (folder / package.name).is_dir() else folder / f"{package.name}.py"
            places[each.version] = place
            for name, source in changed(newer, corpus.read(package, place)).items():
                if source not in [known["source"] for known in given.setdefault(name, [])]:
                    given[name].append({"operator": each.version, "line": 0, "source": source})
        functions = examined(package, seed, CAPS, {name: [bodies] for name, bodies in given.items()}, only=sorted(given))
        wanted = {name for each in functions for name, _ in each["docstrings"]}
        docstrings = [asdict(each) for module in newer for each in module.docstrings if each.name in wanted]
        request = {"package": asdict(package), "seed": seed, "caps": asdict(CAPS), "stage": "examples", "docstrings": docstrings}
        whole = {version: asked({**request, "place": str(place)}, hash_seed=0) for version, place in places.items()}
    return {"functions": functions, "whole": whole}


def _label(function: Examined, version: object, whole: dict[str, dict[str, str]]) -> str:
    """What going back to an earlier body is."""
    evidence, release = version.evidence, version.operator  # type: ignore[attr-defined]
    outcomes = whole[release]
    within = "".join(
        letter
        for name, counts in function.docstrings
        for letter, does in zip(outcomes.get(name, "").ljust(len(counts), MISSING), counts, strict=False)
        if does
    )
    on_inputs = evidence.oracle + evidence.reviewer
    if {MISSING, oracle.LATE} & {*evidence.examples, *within, *on_inputs}:
        return UNRESOLVED
    fails, fails_within = set(evidence.examples) != {PASSED}, set(within) != {PASSED}
    if fails and fails_within:
        return BUG
    if fails or fails_within:
        return UNRESOLVED
    if set(on_inputs) - {oracle.SAME, oracle.BOTH_RAISE}:
        return ONLY_INPUTS
    return CLEAN if oracle.agrees(evidence) else UNRESOLVED
