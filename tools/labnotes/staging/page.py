"""The Markdown page of one note."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from typing import Any

import yaml

from labnotes import bibliography, prose
from labnotes.notebooks import Cell, Output
from labnotes.quantities import Claim, Table
from labnotes.staging.data import cell_text
from labnotes.staging.join import Joined

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_FIRST_HEADING = re.compile(r"\A\s*# [^\n]*\n?")


def note_page(joined: Joined) -> str:
    """Front matter, byline and status, the notebook from top to bottom, every claim, references, updates."""
    return "\n\n".join(part.strip("\n") for part in _Page(joined).parts() if part.strip()) + "\n"


class _Page:
    def __init__(self, joined: Joined) -> None:
        self._joined = joined
        self._record = joined.recorded
        shown = [each for number in sorted(joined.outputs) for each in joined.outputs[number]]
        self._figures = _numbered(shown, "figure")
        self._tables = _numbered(shown, "table")
        self._entries = bibliography.read(joined.note.folder / joined.note.settings.references)

    def parts(self) -> Iterator[str]:
        settings = self._joined.note.settings
        front: dict[str, Any] = {
            "title": settings.title,
            "description": settings.summary,
            "date": settings.date,
            "authors": [author.name for author in settings.authors],
            "tags": settings.tags,
        }
        yield f"---\n{yaml.safe_dump(front, sort_keys=False, allow_unicode=True)}---"
        yield f"# {settings.title}"
        if settings.status == "draft":
            yield "**Draft**, not published."
        yield f"*{settings.summary}*"
        yield f"{', '.join(front['authors'])} · {settings.date.isoformat()}"
        yield f"[{self._joined.status_line}](#claims)" if self._record.claims else self._joined.status_line
        for i, cell in enumerate(self._joined.note.source.cells):
            if cell.kind == "text":
                yield self._prose(_FIRST_HEADING.sub("", cell.source) if i == 0 else cell.source)
            elif cell.kind == "code":
                yield _code(cell)
                if cell.number not in self._joined.outputs:
                    yield "*This cell changed since the record was made; it has no recorded output.*"
                for output in self._joined.outputs.get(cell.number, ()):
                    yield self._output(output)
        yield self._claims()
        yield self._references()
        if settings.updates:
            yield "## Updates and corrections"
            yield "\n".join(f"- {update.date.isoformat()}, {update.kind}: {update.text}" for update in settings.updates)
        yield self._reproduce()

    def _prose(self, text: str) -> str:
        return prose.fill(text, self._record.claims, self._shown, self._cross, self._cite)

    def _shown(self, binding: prose.Binding, value: str) -> str:
        text = html.escape(value)
        if binding.function == "claim":
            return f'<a class="ln-claim" href="#claim-{binding.name}">{text}</a>'
        if binding.function == "cited":
            return f'<a class="ln-cited" href="#ref-{binding.name}">{text}</a>'
        return text

    def _cross(self, sort: str, label: str) -> str:
        word, numbers = ("Figure", self._figures) if sort == "fig" else ("Table", self._tables)
        return f'<a href="#{sort}-{label}">{word} {numbers.get(label, "?")}</a>'

    def _cite(self, keys: list[str], inside: str) -> str:
        shown = [f'<a href="#ref-{key}">{html.escape(self._entries[key].short)}</a>' for key in keys]
        return f"({'; '.join(shown)})"

    def _words(self, label: str, field: str, recorded: str) -> str:
        """A caption or alt text: as written in the source now, or as recorded where the source computes it."""
        return self._joined.note.definitions.words.get(label, {}).get(field, recorded)

    def _output(self, output: Output) -> str:
        kind = output["output_type"]
        if kind == "claim":
            return ""  # stands in the prose and in the table of claims
        if kind == "figure":
            return self._figure(output["label"])
        if kind == "table":
            return self._table(self._record.tables[output["label"]])
        if kind == "stream":
            return _fenced(output["text"])
        if kind == "error":
            return _fenced("\n".join(output["traceback"]))
        return _fenced(str(output["data"].get("text/plain", "")))

    def _figure(self, label: str) -> str:
        made, picture = self._record.figures[label], self._record.pictures.get(label)
        caption = self._prose(self._words(label, "caption", made.caption))
        alt = html.escape(self._words(label, "alt", made.alt))
        image = f'<img src="figures/{label}.{picture.suffix}" alt="{alt}">' if picture else "<p>(no picture)</p>"
        return (
            f'<figure id="fig-{label}" markdown="1">\n{image}\n'
            f'<figcaption markdown="span">**Figure {self._figures[label]}.** {caption} '
            f'<a href="figures/{label}.csv" download>Data (CSV)</a> · <a href="#cell-{made.cell}">Code</a></figcaption>\n</figure>'
        )

    def _table(self, made: Table) -> str:
        caption = self._prose(self._words(made.label, "caption", made.caption))
        columns = made.data.columns
        head = "".join(f'<th scope="col">{html.escape(column.name)}</th>' for column in columns)
        rows = []
        for values in zip(*(column.values for column in columns), strict=True):
            cells = []
            for i, (value, column) in enumerate(zip(values, columns, strict=True)):
                text = html.escape(cell_text(value, column))
                cells.append(f'<th scope="row">{text}</th>' if i < made.data.index else f"<td>{text}</td>")
            rows.append(f"<tr>{''.join(cells)}</tr>")
        body = "\n".join(rows)
        return (
            f'<figure id="tab-{made.label}" markdown="1">\n<figcaption markdown="span">**Table {self._tables[made.label]}.** {caption} '
            f'<a href="figures/{made.label}.csv" download>Data (CSV)</a></figcaption>\n'
            f'<table data-table="{made.label}"><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>\n</figure>'
        )

    def _claims(self) -> str:
        if not self._record.claims:
            return ""
        verdicts = {each.name: each for each in self._joined.result.comparisons if each.kind == "claim"} if self._joined.result else {}
        rows = []
        for name, claim in sorted(self._record.claims.items(), key=lambda item: item[1].cell):
            latest = verdicts.get(name)
            cells = [
                html.escape(claim.printed),
                _interval(claim),
                html.escape(_tolerance(claim)),
                f"{latest.verdict.value}: {html.escape(latest.observed)}" if latest else "not re-executed",
                f'<a href="#cell-{claim.cell}">cell {claim.cell}</a>',
            ]
            rows.append(
                f'<tr id="claim-{name}"><th scope="row"><code>{name}</code></th>{"".join(f"<td>{cell}</td>" for cell in cells)}</tr>'
            )
        names = ("Claim", "Recorded", "95 % interval", "Must hold, or tolerance", "Latest run", "Computed in")
        head = "".join(f'<th scope="col">{name}</th>' for name in names)
        body = "\n".join(rows)
        return f"## Claims {{#claims}}\n\n<table><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>"

    def _references(self) -> str:
        if not self._entries:
            return ""
        items = [f'<li id="ref-{key}">{entry.long}</li>' for key, entry in self._entries.items()]
        return "## References\n\n<ol>\n" + "\n".join(items) + "\n</ol>"

    def _reproduce(self) -> str:
        slug, run = self._joined.note.slug, self._record.provenance
        environment = run.environment
        return (
            f"## Reproduce this note\n\n```sh\nlabnotes check {slug} --fresh\n```\n\n"
            f"Recorded in {run.seconds:g} s on {run.cores} core{'s' if run.cores > 1 else ''} with Python {environment.python} on {environment.system} "
            f"{environment.machine}, seed {run.seed}, network cut by {environment.isolation}. "
            f"[Executed notebook]({slug}.ipynb)"
        )


def _numbered(outputs: list[Output], kind: str) -> dict[str, int]:
    labels = [output["label"] for output in outputs if output["output_type"] == kind]
    return {label: i + 1 for i, label in enumerate(dict.fromkeys(labels))}


def _code(cell: Cell) -> str:
    lines = cell.source.count("\n") + 1
    summary = f"Code · cell {cell.number} · {lines} line{'s' if lines > 1 else ''}"
    return f'<details class="ln-code" id="cell-{cell.number}" markdown="1"><summary>{summary}</summary>\n\n{_fenced(cell.source, "python")}\n\n</details>'


def _fenced(text: str, language: str = "text") -> str:
    plain = _ANSI.sub("", text).rstrip("\n")
    longest = max((len(run) for run in re.findall(r"`{3,}", plain)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{plain}\n{fence}" if plain else ""


def _interval(claim: Claim) -> str:
    if claim.low is None or claim.high is None:
        return ""
    count = f" (n = {claim.n})" if claim.n else ""
    return f"{prose.value_of(prose.Binding('claim', claim.name, 'low'), claim)} to {prose.value_of(prose.Binding('claim', claim.name, 'high'), claim)}{count}"


def _tolerance(claim: Claim) -> str:
    if isinstance(claim.value, bool):
        return "equal"
    parts = [claim.holds] if claim.holds else []
    if claim.tolerance or not claim.holds:
        parts.append(f"± {claim.allowed:.3g}" + (f" ({claim.tolerance.because})" if claim.tolerance else ""))
    return "; ".join(parts)
