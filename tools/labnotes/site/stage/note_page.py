"""Source and record, the two halves of a note, joined: by each code cell's code, so that an edit of prose never breaks the join."""

from __future__ import annotations

import base64
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from labnotes.store import check_history, mutation_score
from labnotes.source import notebooks, bindings
from labnotes.model.audit import Audit
from labnotes.model.claims import claim_text
from labnotes.store.check_log import Log, LoggedCheck, Unequal
from labnotes.store.mutation_score import MutationScore
from labnotes.source.notebooks import Cell
from labnotes.model.observation import Output
from labnotes.source.labs import Lab
from labnotes.source.notes import Note
from labnotes.model.tables import TableData
from labnotes.model.verdicts import Tone, Verdict
from labnotes.model.observation import Observation
from labnotes.site.stage import sanitising
from labnotes.site.stage.csv_files import cell_text, day

PARTS = ("claim", "figure", "table")

RUN_FAILED = "run failed"
"""The word for a quantity whose note raised an error or timed out at its last check, so that nothing was compared."""

NOT_RERUN = "not re-executed"
"""The word for a quantity that no check of this record compared."""


@dataclass(frozen=True)
class Joined:
    """A note with its record, the log of its checks and its audit.

    `checks` are those of this record, oldest first, the last of which is the state of the note. `outputs` holds the recorded outputs by number of
    the code cell; a cell that changed has none. `facts` are the words that prose may bind besides values.
    """

    note: Note
    recorded: Observation
    stale: tuple[str, ...]
    log: Log
    checks: tuple[LoggedCheck, ...]
    outputs: Mapping[int, Sequence[Output]]
    audit: Audit | None = None
    facts: Mapping[tuple[str, str], str] = field(default_factory=dict)
    history: tuple[check_history.Row, ...] = ()
    remarks: tuple[str, ...] = ()
    since: str = ""
    score: MutationScore | None = None

    @property
    def latest(self) -> LoggedCheck | None:
        """The last check of this record with the note's own seed."""
        return self.checks[-1] if self.checks else None

    @property
    def state(self) -> str:
        """What the last check of this record says, in one word: its outcome, "recorded" if there was none. Only what would be good is "stale":
        a failure outweighs everything."""
        if self.latest and not self.latest.outcome.agrees:
            return str(self.latest.outcome.value).replace(" ", "-")
        if self.stale:
            return "stale"
        return str(self.latest.outcome.value).replace(" ", "-") if self.latest else "recorded"

    @property
    def tone(self) -> Tone:
        """The colour of the state."""
        if self.latest and not self.latest.outcome.agrees:
            return self.latest.outcome.tone
        if self.stale:
            return Tone.AMBER
        return self.latest.outcome.tone if self.latest else Tone.GREY

    @property
    def word(self) -> str:
        """That word as readers see it, before a date."""
        if self.latest is None:
            return "Stale, recorded on" if self.stale else "Recorded on"
        if not self.latest.outcome.agrees:
            return f"{self.latest.outcome.badge} on"
        if self.stale:
            return "Stale, re-executed on"
        return f"{self.latest.outcome.badge} on"

    @property
    def when(self) -> str:
        """The day of the last execution, ISO 8601."""
        return self.latest.day if self.latest else self.recorded.provenance.started[:10]

    @property
    def counts(self) -> list[str]:
        """ "14 of 14 claims", "5 of 6 figures", "1 not verified"; without a check "14 claims", …, "not re-executed since"."""
        latest = self.latest
        if latest is None or not latest.counts:
            held = {"claim": self.recorded.claims, "figure": self.recorded.figures, "table": self.recorded.tables}
            done = "nothing compared" if latest else "not re-executed since"
            stale = ["record stale"] if latest and self.stale else []
            return [*(_plural(len(held[kind]), kind) for kind in PARTS if held[kind]), done, *stale]
        found: list[str] = []
        apart: dict[str, int] = defaultdict(int)
        for kind in PARTS:
            agree, total, other = latest.count(kind)
            for word, number in other.items():
                apart[APART.get(word, word)] += number
            if total:
                found.append(f"{agree} of {_plural(total, kind)}")
        found += [f"{number} {word}" for word, number in apart.items()]
        lost = sum(each.lost for each in latest.unequal)
        found += [f"{_plural(lost, 'statement')} lost"] if lost else []
        return [*found, *(["record stale"] if self.stale and not latest.outcome.agrees else [])]

    @property
    def unsettled(self) -> list[str]:
        """The claims whose statements held in the recorded draw and not in every other one."""
        return [name for name, (held, total) in self.draws.items() if self.recorded.claims[name].upheld and held < total]

    @cached_property
    def draws(self) -> Mapping[str, tuple[int, int]]:
        """For each claim that states something, in how many draws its statement held, and how many there were."""
        return {
            name: check_history.draws_of(claim, self.log, self.recorded)
            for name, claim in self.recorded.claims.items()
            if claim.holds is not None
        }

    @property
    def modified(self) -> str:
        """The day of the last change of what the note says: published, corrected or recorded again. ISO 8601."""
        settings = self.note.settings
        updates = (update.date.isoformat() for update in settings.updates)
        return max([settings.date.isoformat(), self.recorded.provenance.started[:10], *updates])

    @cached_property
    def _unequal(self) -> Mapping[tuple[str, str], Unequal]:
        return {(each.kind, each.name): each for each in self.latest.unequal} if self.latest else {}

    def unequal(self, kind: str, name: str) -> Unequal | None:
        """What the last check says of a quantity that is not exactly as recorded."""
        return self._unequal.get((kind, name))

    def is_compared(self, kind: str, name: str) -> bool:
        """Whether the last check compared a quantity: what it does not name was exactly as recorded."""
        return bool(self.latest and self.latest.counts.get(kind)) or self.unequal(kind, name) is not None

    def verdict(self, kind: str, name: str) -> str:
        """The verdict on a quantity, or that its note's run failed, or "not re-executed"."""
        unequal = self.unequal(kind, name)
        if unequal:
            return str(unequal.verdict.value)
        if self.latest and self.latest.failed:
            return RUN_FAILED
        return str(Verdict.EXACT.value) if self.is_compared(kind, name) else NOT_RERUN

    def numbers(self, kind: str) -> dict[str, int]:
        """The figures or tables that the page shows, numbered in the order in which it does."""
        shown = (output for number in sorted(self.outputs) for output in self.outputs[number])
        labels = (output["label"] for output in shown if output["output_type"] == kind)
        return {label: i + 1 for i, label in enumerate(dict.fromkeys(labels))}


APART = {"unverified": "not verified"}
"""What counts say for a verdict that is counted apart, where its word is none."""


def _plural(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def join(note: Note, recorded: Observation, stale: Sequence[str], log: Log, lab: Lab, audit: Audit | None = None) -> Joined:
    """Find the recorded outputs of every code cell: the n-th cell of some code has those of the n-th recorded cell of that code.

    HTML among them is sanitised here, so that page, notebook page and download are all covered.
    """
    waiting = defaultdict(list)
    for cell in recorded.cells:
        waiting[cell.digest].append([_safe(output) for output in cell.outputs])
    outputs = {cell.number: waiting[cell.digest].pop(0) for cell in note.source.code if waiting[cell.digest]}
    return Joined(
        note,
        recorded,
        tuple(stale),
        log,
        log.of(recorded, note, lab),
        outputs,
        audit,
        check_history.facts(log, recorded, note),
        tuple(check_history.rows(log, recorded, note, lab)),
        tuple(map(_with_days, check_history.remarks(log, recorded, note, lab))),
        _with_days(check_history.headline(log, recorded, note, lab)),
        mutation_score.read(note, recorded),
    )


def _with_days(text: str) -> str:
    """`text` with its dates as readers see them."""
    return re.sub(r"\b\d{4}-\d\d-\d\d\b", lambda found: day(found.group()), text)


def _safe(output: Output) -> Output:
    if output["output_type"] not in ("display_data", "execute_result"):
        return output
    data = {mime: "".join(value) for mime, value in output["data"].items() if mime in ("text/plain", "text/html")}
    if "text/html" in data:
        data["text/html"] = sanitising.output(data["text/html"])
        if not data["text/html"].strip():
            del data["text/html"]
    return {**output, "data": data, "metadata": {}}


def active_outputs(joined: Joined) -> Iterator[tuple[int, list[str]]]:
    """Code cells whose recorded HTML held something that runs or loads, and what; it is not published."""
    for cell in joined.note.source.code:
        found: list[str] = []
        for recorded in joined.recorded.cells:
            if recorded.digest == cell.digest:
                for output in recorded.outputs:
                    found += sanitising.active_parts("".join(output.get("data", {}).get("text/html", "")))
                    picture = joined.recorded.pictures.get(output.get("label", ""))
                    if picture and picture.suffix in ("html", "svg"):
                        found += sanitising.active_parts(picture.content.decode(errors="replace"))
        if found:
            yield cell.number, list(dict.fromkeys(found))


def executed_notebook(joined: Joined, prose_of: Callable[[Cell], str] | None = None, picture_of: Callable[[str], str] | None = None) -> Any:
    """The notebook that readers download: the source with the recorded outputs, and claim values filled into the prose.

    For another use `prose_of` gives the text of a text cell, `picture_of` the HTML of a figure by its label ("" keeps the picture itself).
    """
    cells = [
        replace(cell, source=prose_of(cell) if prose_of else filled(cell.source, joined)) if cell.kind == "text" else cell
        for cell in joined.note.source.cells
    ]
    outputs: dict[int, list[Output]] = {}
    for number, found in joined.outputs.items():
        outputs[number] = []
        for each in found:
            linked = picture_of(each["label"]) if picture_of and each["output_type"] == "figure" else ""
            made = _display({"text/html": linked, "text/plain": each["label"]}) if linked else _ordinary(each, joined)
            if made:
                outputs[number].append(made)
    return notebooks.to_notebook(cells, outputs, seed=joined.recorded.provenance.seed)


def filled(text: str, joined: Joined) -> str:
    """Prose with the recorded values in the place of its bindings, as plain Markdown."""
    return bindings.fill(
        text,
        joined.recorded.claims,
        show=lambda binding, value: value,
        cross=lambda sort, label: f"{'Figure' if sort == 'fig' else 'Table'} “{label}”",
        cite=lambda keys, inside: f"[{', '.join(keys)}]",
        facts=joined.facts,
    )


def _ordinary(output: Output, joined: Joined) -> Output | None:
    """An output as any notebook program shows it."""
    kind = output["output_type"]
    if kind == "claim":
        claim = joined.recorded.claims[output["name"]]
        return _display({"text/plain": claim_text(claim)})
    if kind == "table":
        return _display({"text/plain": plain_table(joined.recorded.tables[output["label"]].data)})
    if kind == "figure":
        label = output["label"]
        picture, alt = joined.recorded.pictures.get(label), joined.recorded.figures[label].alt
        data: dict[str, Any] = {"text/plain": alt or f"figure {label}"}
        if picture and picture.suffix == "html":
            data["text/html"] = sanitising.output(picture.content.decode())
        elif picture and picture.suffix == "svg":
            data["image/svg+xml"] = sanitising.svg_text(picture.content)
        elif picture:
            data[f"image/{picture.suffix}"] = base64.b64encode(picture.content).decode()
        return _display(data)
    if kind in ("display_data", "execute_result"):
        return output if output["data"] else None
    return output


def _display(data: dict[str, Any]) -> Output:
    return {"output_type": "display_data", "data": data, "metadata": {}}


def plain_table(data: TableData) -> str:
    """A table as aligned text."""
    columns = [[column.name, *(cell_text(value, column) for value in column.values)] for column in data.columns]
    widths = [max(len(text) for text in column) for column in columns]
    rows = zip(*columns, strict=True)
    return "\n".join("  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)) for row in rows)
