"""Source and record, the two halves of a note, joined: by each code cell's code, so that an edit of prose never breaks the join."""

from __future__ import annotations

import base64
import contextlib
import json
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar, cast

from labnotes.execute.streams import final_text
from labnotes.model.audit import Audit
from labnotes.model.claims import claim_text
from labnotes.model.observation import Observation, Output
from labnotes.model.quantities import QuantityKind
from labnotes.model.tables import TableData
from labnotes.model.verdicts import ResultTone, Verdict
from labnotes.site.stage import page_words, pictures, published_outputs, sanitising
from labnotes.site.stage.csv_files import cell_text, day_text
from labnotes.source import bindings, notebooks, prose_facts
from labnotes.source.cell_options import Showing
from labnotes.source.labs import Lab
from labnotes.source.notebooks import Cell
from labnotes.source.notes import Note
from labnotes.source.prose_facts import ProseFacts
from labnotes.store import check_history, mutation_score
from labnotes.store.check_log import CheckLog, LoggedCheck, LoggedQuantity
from labnotes.store.commit_history import NoteCommits
from labnotes.store.mutation_score import MutationScore
from labnotes.store.record_versions import VersionHistory

T = TypeVar("T")

RUN_FAILED = "run failed"
"""The word for a quantity whose note raised an error or timed out at its last check, so that nothing was compared."""

NOT_RERUN = "not re-executed"
"""The word for a quantity that no check of this record compared."""


@dataclass(frozen=True)
class NotePage:
    """What the pages of a note are made from: the note joined with its record, the log of its checks and its audit.

    `checks` are those of this record, oldest first, the last of which is the state of the note. `outputs` holds the recorded outputs by number of
    the code cell; a cell that changed has none. `facts` are the words that prose may bind besides values. `versions` are those of the record,
    `commits` those of git that made note and record. `memo` is what `made_once` keeps.
    """

    note: Note
    recorded: Observation
    stale: tuple[str, ...]
    log: CheckLog
    checks: tuple[LoggedCheck, ...]
    outputs: Mapping[int, Sequence[Output]]
    audit: Audit | None = None
    facts: Mapping[tuple[str, str], str] = field(default_factory=dict)
    history: tuple[check_history.CheckRow, ...] = ()
    remarks: tuple[str, ...] = ()
    since: str = ""
    score: MutationScore | None = None
    versions: VersionHistory = field(default_factory=VersionHistory)
    commits: NoteCommits = field(default_factory=NoteCommits)
    memo: dict[Callable[..., object], object] = field(default_factory=dict, compare=False, repr=False)

    def made_once(self, make: Callable[[NotePage], T]) -> T:
        """What `make` makes of this page; kept, because several pages are made of it."""
        if make not in self.memo:
            self.memo[make] = make(self)
        return cast(T, self.memo[make])

    @cached_property
    def summary(self) -> str:
        """The note's summary with the recorded values in it."""
        return text_with_values(self.note.settings.summary, self)

    @cached_property
    def sentence(self) -> str:
        """What was found, in one sentence with the recorded values in it: the summary where its author wrote no shorter one."""
        return text_with_values(self.note.settings.sentence or self.note.settings.summary, self)

    @property
    def latest_check(self) -> LoggedCheck | None:
        """The last check of this record with the note's own seed."""
        return self.checks[-1] if self.checks else None

    @property
    def check_state(self) -> str:
        """What the last check of this record says, in one word: its outcome, "recorded" if there was none. Only what would be good is "stale":
        a failure outweighs everything."""
        if self.latest_check and not self.latest_check.outcome.is_agreement:
            return str(self.latest_check.outcome.value).replace(" ", "-")
        if self.stale:
            return "stale"
        return str(self.latest_check.outcome.value).replace(" ", "-") if self.latest_check else "recorded"

    @property
    def state_tone(self) -> ResultTone:
        """The tone of the state, which gives its colour on the page."""
        if self.latest_check and not self.latest_check.outcome.is_agreement:
            return self.latest_check.outcome.tone
        if self.stale:
            return ResultTone.AMBER
        return self.latest_check.outcome.tone if self.latest_check else ResultTone.GREY

    @property
    def state_text(self) -> str:
        """The state in words that a date follows, such as "Recorded on" where there was no check."""
        if self.latest_check is None:
            return "Stale, recorded on" if self.stale else "Recorded on"
        if not self.latest_check.outcome.is_agreement:
            return f"{self.latest_check.outcome.badge} on"
        if self.stale:
            return "Stale, re-executed on"
        return f"{self.latest_check.outcome.badge} on"

    @property
    def last_execution_day(self) -> str:
        """The day of the last execution, ISO 8601."""
        return self.latest_check.start_day if self.latest_check else self.recorded.provenance.started[:10]

    @property
    def count_texts(self) -> list[str]:
        """The counts of the last check, as texts: "14 of 14 claims", "5 of 6 figures", "1 not verified".

        Without a check "14 claims", …, "not re-executed since".
        """
        latest = self.latest_check
        if latest is None or not latest.counts:
            done = "nothing compared" if latest else "not re-executed since"
            stale = ["record stale"] if latest and self.stale else []
            return [*(_counted_word(len(held), kind) for kind in QuantityKind if (held := self.recorded.quantities_of(kind))), done, *stale]
        texts: list[str] = []
        apart: dict[str, dict[QuantityKind, int]] = defaultdict(dict)
        for kind in QuantityKind:
            agree, total, other = latest.counts_of_kind(kind)
            for word, number in other.items():
                apart[APART.get(word, word)][kind] = number
            if total > sum(other.values()) or agree:  # else nothing of the kind was judged, and "0 of 7 figures" would read as a failure
                texts.append(f"{agree} of {_counted_word(total, kind)}")
        texts += [_kinds_text(numbers, word) for word, numbers in apart.items()]
        lost = sum(quantity.lost for quantity in latest.unequal)
        texts += [f"{_counted_word(lost, 'statement')} lost"] if lost else []
        return [*texts, *(["record stale"] if self.stale and not latest.outcome.is_agreement else [])]

    @property
    def unsettled_claims(self) -> list[str]:
        """The claims whose statements held in the recorded draw and not in every other one."""
        return [name for name, (held, total) in self.statement_draws.items() if self.recorded.claims[name].upheld and held < total]

    @cached_property
    def statement_draws(self) -> Mapping[str, tuple[int, int]]:
        """For each claim that states something, in how many draws its statement held, and how many there were."""
        return {
            name: check_history.count_draws(claim, self.log, self.recorded)
            for name, claim in self.recorded.claims.items()
            if claim.holds is not None
        }

    @property
    def last_change_day(self) -> str:
        """The day of the last change of what the note says: published, corrected or recorded again. ISO 8601."""
        settings = self.note.settings
        updates = (update.date.isoformat() for update in settings.updates)
        return max([settings.date.isoformat(), self.recorded.provenance.started[:10], *updates])

    @cached_property
    def _unequal_by_quantity(self) -> Mapping[tuple[str, str], LoggedQuantity]:
        return {(quantity.kind, quantity.name): quantity for quantity in self.latest_check.unequal} if self.latest_check else {}

    def unequal_quantity(self, kind: QuantityKind, name: str) -> LoggedQuantity | None:
        """What the last check says of a quantity that is not exactly as recorded."""
        return self._unequal_by_quantity.get((kind, name))

    def is_compared(self, kind: QuantityKind, name: str) -> bool:
        """Whether the last check compared a quantity: what it does not name was exactly as recorded."""
        return bool(self.latest_check and self.latest_check.counts.get(kind)) or self.unequal_quantity(kind, name) is not None

    def quantity_verdict(self, kind: QuantityKind, name: str) -> str:
        """The verdict on a quantity, or that its note's run failed, or "not re-executed"."""
        unequal = self.unequal_quantity(kind, name)
        if unequal:
            return str(unequal.verdict.value)
        if self.latest_check and self.latest_check.failed:
            return RUN_FAILED
        return str(Verdict.EXACT.value) if self.is_compared(kind, name) else NOT_RERUN

    def display_numbers(self, kind: QuantityKind) -> dict[str, int]:
        """The figures or tables that the page shows, numbered in the order in which it does."""
        left_out = {cell.number for cell in self.note.source.code_cells if cell.view.outputs is Showing.REMOVED}
        shown = (output for number in sorted(self.outputs.keys() - left_out) for output in self.outputs[number])
        labels = (output["label"] for output in shown if output["output_type"] == kind)
        return {label: i + 1 for i, label in enumerate(dict.fromkeys(labels))}


APART = {"unverified": "not verified"}
"""The words that `count_texts` uses for verdicts that it counts apart, where they differ from the verdict's own word."""


def _counted_word(count: int, word: str) -> str:
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


def _kinds_text(numbers: Mapping[QuantityKind, int], word: str) -> str:
    """How many quantities of which kinds have a verdict: "9 figures and tables drawn anew", "1 claim outside"."""
    nouns = [kind if sum(numbers.values()) == 1 else f"{kind}s" for kind in numbers]
    named = " and ".join(filter(None, (", ".join(nouns[:-1]), nouns[-1])))
    return f"{sum(numbers.values())} {named} {word}"


def join_record(note: Note, recorded: Observation, stale: Sequence[str], log: CheckLog, lab: Lab, audit: Audit | None = None) -> NotePage:
    """Join a note with its record. The n-th code cell with some code gets the outputs of the n-th recorded cell with that code.

    HTML among the outputs is sanitised here, so that page, notebook page and download are all covered.
    """
    waiting = defaultdict(list)
    for cell in recorded.cells:
        waiting[cell.digest].append([_publishable_output(output) for output in cell.outputs])
    outputs = {cell.number: waiting[cell.cell_digest].pop(0) for cell in note.source.code_cells if waiting[cell.cell_digest]}
    return NotePage(
        note,
        recorded,
        tuple(stale),
        log,
        log.golden_checks(recorded, note, lab),
        outputs,
        audit,
        check_history.prose_facts(log, recorded, note),
        tuple(check_history.check_rows(log, recorded, note, lab)),
        tuple(map(_with_days, check_history.log_remarks(log, recorded, note, lab))),
        _with_days(check_history.history_headline(log, recorded, note, lab)),
        mutation_score.read_score(note, recorded),
    )


def _with_days(text: str) -> str:
    """`text` with its dates as readers see them."""
    return re.sub(r"\b\d{4}-\d\d-\d\d\b", lambda match: day_text(match.group()), text)


def _publishable_output(output: Output) -> Output:
    """An output with nothing but what is published of it."""
    if output["output_type"] not in ("display_data", "execute_result"):
        return output
    texts = {mime: _bundle_text(value) for mime, value in output["data"].items()}
    return {**output, "data": published_outputs.publishable_data(texts), "metadata": {}}


def _bundle_text(value: Any) -> str:
    """What an output holds under a MIME type as a text: it may be one, or its lines, or JSON."""
    if isinstance(value, list) and all(isinstance(line, str) for line in value):
        return "".join(value)
    return value if isinstance(value, str) else json.dumps(value, indent=2, ensure_ascii=False)


def active_outputs(joined: NotePage) -> Iterator[tuple[int, list[str]]]:
    """Code cells whose recorded HTML held something that runs or loads, and what; it is not published."""
    for cell in joined.note.source.code_cells:
        parts: list[str] = []
        for recorded in joined.recorded.cells:
            if recorded.digest == cell.cell_digest:
                for output in recorded.outputs:
                    parts += sanitising.active_parts("".join(output.get("data", {}).get("text/html", "")))
                    picture = joined.recorded.pictures.get(output.get("label", ""))
                    if picture and picture.suffix in ("html", "svg"):
                        parts += sanitising.active_parts(picture.content.decode(errors="replace"))
        if parts:
            yield cell.number, list(dict.fromkeys(parts))


def executed_notebook(
    joined: NotePage, prose_of: Callable[[Cell], str] | None = None, output_of: Callable[[Output, Cell], str] | None = None
) -> Any:
    """The notebook that readers download: the source with the recorded outputs, and claim values filled into the prose.

    For another use `prose_of` gives the text of a text cell, `output_of` the HTML of an output of a code cell ("" keeps the output itself).
    """
    cells = [
        replace(cell, source=prose_of(cell) if prose_of else prose_with_values(cell.source, joined)) if cell.kind == "text" else cell
        for cell in joined.note.source.cells
    ]
    outputs: dict[int, list[Output]] = {}
    for cell in joined.note.source.code_cells:
        outputs[cell.number] = []
        for output in joined.outputs.get(cell.number, ()):
            shown = output_of(output, cell) if output_of else ""
            made = _display_output({"text/html": shown}) if shown else _notebook_output(output, joined)
            if output_of and not shown and not published_outputs.WRITTEN.isdisjoint(output.get("data", ())):
                continue  # Markdown or TeX of which nothing is left: a page takes no other HTML of it
            if made:
                outputs[cell.number].append(made)
    attachments = notebooks.read_attachments(joined.note.folder, joined.note.source)
    return notebooks.to_notebook(cells, outputs, joined.recorded.provenance.seed, attachments)


def prose_with_values(text: str, joined: NotePage) -> str:
    """Prose with the recorded values in the place of its bindings, as plain Markdown."""
    return _filled_text(text, joined, prose_facts.text_facts(text))


def text_with_values(text: str, joined: NotePage) -> str:
    """A summary or alt text, which is no Markdown, with the recorded values in the place of its bindings."""
    return _filled_text(text, joined, prose_facts.inline_facts(text))


def _filled_text(text: str, joined: NotePage, said: ProseFacts) -> str:
    words = page_words.words_in(joined.note.settings.language)
    return bindings.fill_bindings(
        text,
        said,
        joined.recorded.claims,
        cross=lambda sort, label: f"{words.figure if sort == 'fig' else words.table} “{label}”",
        cite=lambda keys: f"[{', '.join(keys)}]",
        facts=joined.facts,
    )


def _notebook_output(output: Output, joined: NotePage) -> Output | None:
    """An output in the form that any notebook program shows; None where there is nothing to show."""
    kind = output["output_type"]
    if kind == "claim":
        claim = joined.recorded.claims[output["name"]]
        return _display_output({"text/plain": claim_text(claim)})
    if kind == "table":
        return _display_output({"text/plain": plain_table(joined.recorded.tables[output["label"]].data)})
    if kind == "figure":
        label = output["label"]
        picture, alt = joined.recorded.pictures.get(label), joined.recorded.figures[label].alt
        data = {"text/plain": alt or f"figure {label}"}
        if picture and picture.suffix == "html":
            data["text/html"] = sanitising.sanitised_output(picture.content.decode())
        elif picture and picture.suffix == "svg":
            with contextlib.suppress(ValueError):  # what is no picture has the words in its place
                data["image/svg+xml"] = sanitising.sanitised_svg_text(picture.content)
        elif picture and pictures.is_picture(picture):
            data[picture.mime_type] = base64.b64encode(picture.content).decode()
        return _display_output(data)
    if kind == "stream":
        return {**output, "text": final_text(output["text"])}
    if kind in ("display_data", "execute_result"):
        data = {
            mime: value
            for mime, value in output["data"].items()
            if mime not in published_outputs.WRITTEN or not sanitising.active_parts(value)
        }
        return {**output, "data": data} if data else None
    return output


def _display_output(data: Mapping[str, str]) -> Output:
    return {"output_type": "display_data", "data": data, "metadata": {}}


def plain_table(data: TableData) -> str:
    """A table as aligned text."""
    columns = [[column.name, *(cell_text(value, column) for value in column.values)] for column in data.columns]
    widths = [max(len(text) for text in column) for column in columns]
    rows = zip(*columns, strict=True)
    return "\n".join("  ".join(text.rjust(width) for text, width in zip(row, widths, strict=True)) for row in rows)
