"""Observations: everything that a run yields, with when, where and from what it was made. Accepted, an observation is the record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from labnotes.model.claims import Claim
from labnotes.model.digests import text_digest
from labnotes.model.json_text import dump_json
from labnotes.model.plots import Figure
from labnotes.model.quantities import SCHEMA, QuantityKind
from labnotes.model.tables import Table

FILMS = ("mp4", "webm")
PICTURES = ("svg", "png", "jpeg", "gif", "webp", "avif", *FILMS, "html")
"""What a picture may be, by its suffix: those of FILMS move; "html" is what a cell displayed as HTML, sanitised before anyone sees it."""

Output = Mapping[str, Any]
"""One output of a cell, as nbformat 4 writes it."""


@dataclass(frozen=True, kw_only=True)
class RunDependencies:
    """What a run's result depends on besides the schema, found by watching it run. Paths are from the lab's root.

    `code` is the digest of the note's own code and parameters, `modules` and `files` digests by path ("" for a file that was looked
    for and absent), `folders` digests of listings, `distributions` versions of installed packages it imported. `written` are files of the
    lab that the run made itself. `outside` are names of files read outside the lab, of which no digest is kept: a run with any is never
    reused. `fetched` are the packages and URLs that note.yml pins, with their sha256. `elsewhere` are digests of modules that lie outside
    the lab and outside Python's own folders, as in an editable install of another checkout, by their place on Python's path; a run with any
    is never reused either.
    """

    code: str
    modules: Mapping[str, str] = field(default_factory=dict)
    files: Mapping[str, str] = field(default_factory=dict)
    folders: Mapping[str, str] = field(default_factory=dict)
    distributions: Mapping[str, str] = field(default_factory=dict)
    written: tuple[str, ...] = ()
    outside: tuple[str, ...] = ()
    fetched: Mapping[str, str] = field(default_factory=dict)
    elsewhere: Mapping[str, str] = field(default_factory=dict)

    @property
    def inputs_digest(self) -> str:
        """Digest of the code, modules, files, folders and fetched files that the run depended on."""
        parts = [self.code, dict(self.modules), dict(self.files), dict(self.folders)]
        if self.fetched:  # without any, the digest is the one that results and audits had before there were such inputs
            parts.append(dict(self.fetched))
        return text_digest(dump_json(parts))

    @property
    def contents_digest(self) -> str:
        """Digest of the code and of everything else that the run found. Left out are names that it looked for in vain, since these depend
        on what is installed."""
        files = {name: digest for name, digest in self.files.items() if digest}
        parts = [self.code, dict(self.modules), files, dict(self.folders), dict(self.fetched), dict(self.elsewhere)]
        return text_digest(dump_json(parts))


@dataclass(frozen=True, kw_only=True)
class RunEnvironment:
    """Where a run took place, without a name or path of the machine.

    `isolation` is what cut the network, `files` what held back files, `vectors` the newest of the CPU's instructions that libraries choose
    their kernels by ("" if unknown).
    """

    python: str
    system: str
    machine: str
    cpu: str
    labnotes: str
    isolation: str
    files: str = ""
    vectors: str = ""

    def value_for_tie(self, tie: str) -> str:
        """The text that quantities tied to `tie` depend on: the version of Python, or the CPU and its vector instructions."""
        if tie == "python":
            return ".".join(self.python.split(".")[:2])
        return ", ".join(part for part in (self.cpu, self.vectors) if part)


@dataclass(frozen=True)
class Provenance:
    """When, where, from what and at what cost a run was made.

    `started` is UTC, ISO 8601, to the second. `seconds` are those of the clock, to the microsecond, since that tells one run from another;
    `processor_seconds` those of all processors together (None where the system does not tell). `from_nothing` says that no artifact was
    there when the run began, so that its cost is that of all it stands on; `seconds_from_nothing` is what a run from nothing takes, as far
    as one was seen.
    """

    started: str
    seconds: float
    seed: int
    cores: int
    environment: RunEnvironment
    dependencies: RunDependencies
    schema: int = SCHEMA
    digests: Mapping[str, str] = field(default_factory=dict)
    processor_seconds: float | None = None
    from_nothing: bool = False
    seconds_from_nothing: float | None = None


@dataclass(frozen=True)
class FigurePicture:
    """The picture of a figure, as the content of a file."""

    suffix: str  # one of PICTURES
    content: bytes

    @property
    def is_film(self) -> bool:
        return self.suffix in FILMS

    @property
    def mime_type(self) -> str:
        if self.suffix == "html":
            return "text/html"
        return f"{'video' if self.is_film else 'image'}/{'svg+xml' if self.suffix == 'svg' else self.suffix}"


@dataclass(frozen=True)
class CellOutputs:
    """Outputs of one code cell other than pictures; where a figure was shown stands {"output_type": "figure", "label": ...}."""

    digest: str
    outputs: tuple[Output, ...]


def without_streams(cells: Sequence[CellOutputs]) -> tuple[CellOutputs, ...]:
    """The outputs of cells but for what they printed: times, progress and warnings differ from run to run and are no results."""
    return tuple(CellOutputs(cell.digest, tuple(o for o in cell.outputs if o["output_type"] != "stream")) for cell in cells)


@dataclass(frozen=True)
class Observation:
    """What a run yields. Accepted and written to the note's folder, it is the record.

    `interactive` holds by label the JSON from which a figure's own library draws it in a browser, where it can.
    """

    claims: Mapping[str, Claim]
    figures: Mapping[str, Figure]
    tables: Mapping[str, Table]
    cells: tuple[CellOutputs, ...]
    pictures: Mapping[str, FigurePicture]
    provenance: Provenance
    card: bytes | None = None
    interactive: Mapping[str, bytes] = field(default_factory=dict)

    def quantities_of(self, kind: QuantityKind) -> Mapping[str, Claim | Figure | Table]:
        """All claims, all figures or all tables, by name."""
        by_kind: dict[QuantityKind, Mapping[str, Claim | Figure | Table]] = {
            QuantityKind.CLAIM: self.claims,
            QuantityKind.FIGURE: self.figures,
            QuantityKind.TABLE: self.tables,
        }
        return by_kind[kind]

    @property
    def results_digest(self) -> str:
        """Digest of the results and their data, whatever run produced them. A check names the record that it is about by this digest."""
        lines = [f"{name} {digest}" for name, digest in sorted(self.provenance.digests.items())]
        return text_digest("\n".join(lines))
