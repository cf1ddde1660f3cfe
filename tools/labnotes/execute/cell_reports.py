"""What a run's kernel told of its cells, beside their outputs: how each ended, what it published, and which errors nobody caught."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from labnotes.author.recording import PUBLISHED, STRAYED
from labnotes.execute.trace_channel import STRANGE
from labnotes.kernel.cell_watch import CELL, CODE, ERROR, LEFT, PROGRAM
from labnotes.kernel.states import STATE
from labnotes.kernel.told_values import VALUE


@dataclass(frozen=True, kw_only=True)
class ReportedError:
    """An error that nobody caught. `request` had the cell executed, `place` is a thread or task ("" for the cell itself), `line` is a line of
    the cell (0: unknown), `inner` are the errors of a group."""

    request: str
    place: str
    line: int
    name: str
    message: str
    trace: str
    inner: Sequence[str]

    @property
    def text(self) -> str:
        """The error's name and message, and those of the errors in it."""
        inner = f"\nwith {'; '.join(self.inner)}" if self.inner else ""
        return f"{self.name}: {self.message}{inner}" if self.message else f"{self.name}{inner}"


@dataclass(frozen=True, kw_only=True)
class ReportedQuantity:
    """A claim, figure or table that was published, or called for in a process that cannot publish."""

    kind: str
    name: str
    request: str
    strayed: bool


@dataclass
class CellReports:
    """Everything that was told so far. Keyed by the request that had a cell executed: `ended` has the status of each cell, `failed` its error.
    `code_names` has the request for each file name that a cell was compiled under, `left` what still runs after the last cell; `strange` is what
    somebody told who is no part of labnotes. `states` has the digests of variables by the number of the cell after which they were taken, `values`
    has rows of the numbers that a cell made, `isolation` the means that cut the network, and those that held back files."""

    ended: dict[str, str] = field(default_factory=dict)
    failed: dict[str, ReportedError] = field(default_factory=dict)
    errors: list[ReportedError] = field(default_factory=list)
    quantities: list[ReportedQuantity] = field(default_factory=list)
    code_names: dict[str, str] = field(default_factory=dict)
    left: list[tuple[str, str]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    programs: list[tuple[str, str, int]] = field(default_factory=list)
    strange: list[str] = field(default_factory=list)
    states: dict[int, dict[str, str]] = field(default_factory=dict)
    values: dict[str, list[list[object]]] = field(default_factory=dict)
    isolation: tuple[str, str] = ("nothing", "nothing")
    _read_up_to: int = 0

    def read_new(self, trace: Path) -> None:
        """Read what the trace has got since the last time."""
        if not trace.exists():
            return
        with trace.open("rb") as file:
            file.seek(self._read_up_to)
            content = file.read()
        whole = content.rpartition(b"\n")[0]
        self._read_up_to += len(whole) + 1 if whole else 0
        for line in whole.splitlines():
            kind, *values = json.loads(line)
            self._add_report(kind, values)

    def _add_report(self, kind: str, values: list[object]) -> None:
        if kind == CELL:
            request, status, *error = values
            self.ended[str(request)] = str(status)
            if error:
                self.failed[str(request)] = _reported_error(request, "", *error)
        elif kind == ERROR:
            self.errors.append(_reported_error(*values))
        elif kind == CODE:
            self.code_names[str(values[1])] = str(values[0])
        elif kind == LEFT:
            self.left.append((str(values[0]), str(values[1])))
        elif kind in (PUBLISHED, STRAYED):
            quantity, name, request = map(str, values)
            self.quantities.append(ReportedQuantity(kind=quantity, name=name, request=request, strayed=kind == STRAYED))
        elif kind in ("network", "hidden"):
            self.refused.append(str(values[0]))
        elif kind == "isolation":
            self.isolation = str(values[0]), str(values[1])
        elif kind in (STATE, VALUE):
            self._add_variables(*values)
        elif kind == STRANGE:
            self.strange.append(str(values[0]))
        elif kind == PROGRAM:
            request, command, status = values
            self.programs.append((str(request), str(command), int(str(status))))

    def _add_variables(self, cell: object, told: object) -> None:
        """Add what was told of variables: digests, by the number of a cell, or numbers, by its request."""
        if isinstance(cell, int):
            assert isinstance(told, dict)
            self.states.setdefault(cell, {}).update(told)
        else:
            assert isinstance(told, list)
            self.values.setdefault(str(cell), []).extend(told)


def _reported_error(*values: object) -> ReportedError:
    request, place, line, name, message, trace, inner = values
    assert isinstance(inner, list)
    return ReportedError(
        request=str(request),
        place=str(place),
        line=int(str(line)),
        name=str(name),
        message=str(message),
        trace=str(trace),
        inner=tuple(map(str, inner)),
    )
