"""Changes of real functions with executed labels: injected errors, edits meant to keep behaviour, and what a small language model wrote.

Labels are kept as artifacts, one for each package: whether they can be made again to the bit depends on Python's minor version, on the package's version
and on the seed, and on nothing else.
"""

from __future__ import annotations

import json
import os
import platform
import random
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any

import torch
from torch import Tensor

from smallmodels.artifacts import artifact
from smallmodels.verifier import corpus, generator, labelling, oracle  # noqa: F401  the code of the process is part of an artifact's key
from smallmodels.verifier.corpus import PACKAGES, Package
from smallmodels.verifier.labelling import Caps
from smallmodels.verifier.oracle import Evidence

_PLACES = {"PATH", "HOME", "PYTHONHOME", "PYTHONUSERBASE", "VIRTUAL_ENV", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "SYSTEMROOT"}
"""Variables of the environment by which a labelling process finds what it imports; the code that it runs does not see them. Those by which labnotes
watches a run are not passed on: its hook writes a line for whatever is imported or read for the first time, and in a child, which may not write, code
under test would get the error. The run's network and files are held back all the same."""

HOLES, FILLINGS = 6, 8
"""Holes of a function that the language model fills, and its fillings of each. The first hole in a line that runs is used."""


@dataclass(frozen=True)
class Version:
    """A version of a function beside the original: how it came about, and the evidence of what it does.

    `kind` is "error", "benign", "composite" or "given"; `operator` a name of `mutations.OPERATORS`, "filled", or a release; `line` the first line touched.
    """

    kind: str
    operator: str
    line: int
    source: str
    evidence: Evidence

    @property
    def label(self) -> str:
        """The label of the change from the original to this version: `bug`, `clean` or `unresolved`."""
        return oracle.label(self.evidence, self.kind == "benign")


@dataclass(frozen=True)
class Examined:
    """A function, and its versions in the order in which they were tried. `docstrings` name its examples; True for those that count."""

    package: str
    name: str
    source: str
    docstrings: tuple[tuple[str, tuple[bool, ...]], ...]
    versions: tuple[Version, ...]


def asked(request: Mapping[str, Any], hash_seed: int) -> Any:
    """The answer of a labelling process.

    Raises RuntimeError with what it wrote if it ended otherwise.
    """
    environment = {name: value for name, value in os.environ.items() if name in _PLACES}
    places = filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))
    environment |= {
        "PYTHONPATH": os.pathsep.join(map(os.path.abspath, places)),
        "PYTHONHASHSEED": str(hash_seed),
        "TZ": "UTC",
        "LANG": "C.UTF-8",
    }
    command = [sys.executable, "-P", "-m", "smallmodels.verifier.labelling"]  # -P: a module in the working directory is not found
    done = subprocess.run(command, input=json.dumps(request), capture_output=True, text=True, env=environment)
    if done.returncode or not done.stdout:
        raise RuntimeError(f"labelling {request['package']['name']} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return json.loads(done.stdout)


def examined(
    package: Package, seed: int, caps: Caps, given: Mapping[str, list[list[dict[str, Any]]]] | None, only: list[str] | None = None
) -> list[dict[str, Any]]:
    """Every chosen function of a package with its versions: first under another hash seed, to learn which outcomes depend on it.

    `given` are groups of versions by the names of functions (see `labelling.versions`); None lets the language model write them. `only` limits the functions.
    """
    request = {"package": asdict(package), "seed": seed, "caps": asdict(caps), "only": only}
    shadow = asked({**request, "stage": "baseline"}, hash_seed=1)
    if given is None:
        model = generator.language_model(generator.GENERATOR)
        given = {
            name: [
                [asdict(edit) for edit in group]
                for group in generator.filled(source, model, HOLES, FILLINGS, random.Random(f"{seed}/holes/{name}"))
            ]
            for name, source in shadow["sources"].items()
        }
    return list(asked({**request, "stage": "evidence", "shadow": shadow, "given": given}, hash_seed=0))


@artifact
def labels(
    package: str, installed: tuple[str, ...], generator_from: tuple[str, ...], python: str, seed: int, caps: Caps
) -> dict[str, Tensor]:
    """Everything that `examined` found of a package, as JSON in bytes.

    The versions of Python, of all distributions that may be imported, and of those that the language model learns from are part of the key: it leaves
    out what stands in any package that is evaluated.
    """
    found = next(each for each in PACKAGES if each.name == package)
    return {"json": torch.tensor(list(json.dumps(examined(found, seed, caps, None)).encode()), dtype=torch.uint8)}


def labelled(package: Package, seed: int, caps: Caps = Caps()) -> list[Examined]:  # noqa: B008  frozen
    """The functions of an installed package and their labelled versions."""
    learnt_from = tuple(f"{name}=={version(name)}" for name in generator.GENERATOR)
    kept = labels(package.name, corpus.installed(), learnt_from, minor_version(), seed, caps)
    return [restored(package.name, each) for each in json.loads(bytes(kept["json"].numpy()))]


def minor_version() -> str:
    """Python's minor version, on which outcomes may depend."""
    return ".".join(platform.python_version_tuple()[:2])


def restored(package: str, found: Mapping[str, Any]) -> Examined:
    """One function as the labelling process described it."""
    versions = tuple(
        Version(each["kind"], each["operator"], each["line"], each["source"], Evidence(each["examples"], each["oracle"], each["reviewer"]))
        for each in found["versions"]
    )
    docstrings = tuple((name, tuple(counts)) for name, counts in found["docstrings"])
    return Examined(package, found["name"], found["source"], docstrings, versions)
