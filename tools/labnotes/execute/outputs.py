"""From an executed notebook to an observation: private MIME types become claims, figures and tables; the rest stays output."""

from __future__ import annotations

import base64
import os
import re
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from labnotes.author.estimates import claim_faults
from labnotes.errors import InvalidNote, Problem
from labnotes.execute.streams import is_shortened
from labnotes.model.claims import Claim
from labnotes.model.encoding import UnreadableJson, decode_value
from labnotes.model.json_text import dump_json
from labnotes.model.mime_types import CARD_MIME, CLAIM_MIME, FIGURE_MIME, INTERACTIVE_MIME, TABLE_MIME
from labnotes.model.observation import CellOutputs, FigurePicture, Observation, Output, Provenance
from labnotes.model.plots import Figure, FigureData
from labnotes.model.quantities import LABEL, NAME, QuantityKind
from labnotes.model.tables import Table
from labnotes.source.notebooks import Cell
from labnotes.store import inputs

PICTURES = {
    **{"image/svg+xml": "svg", "image/png": "png", "image/jpeg": "jpeg", "image/gif": "gif", "image/webp": "webp", "image/avif": "avif"},
    **{"video/mp4": "mp4", "video/webm": "webm", "text/html": "html"},
}
"""The MIME types of which one is kept of an output to be shown, the best first, and the suffix of its file."""

SHORTEST = 4
"""Number of characters from which on a path is replaced: a shorter one (a home folder "/") is part of too many texts."""

Q = TypeVar("Q", Claim, Figure, Table)

_KERNEL_NUMBER = re.compile(r"ipykernel_\d+")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]{6,16}\b")


class OutputCollector:
    """A collector that takes the outputs of one code cell after another, and makes an observation of them."""

    def __init__(self, lab_root: Path, scratch: Path) -> None:
        self._claims: dict[str, Claim] = {}
        self._figures: dict[str, Figure] = {}
        self._tables: dict[str, Table] = {}
        self._pictures: dict[str, FigurePicture] = {}
        self._card: bytes | None = None
        self._interactive: dict[str, bytes] = {}
        self._cells: list[CellOutputs] = []
        self._automatic = 0
        self._notices: list[str] = []
        names = {
            str(lab_root) + os.sep: "",
            str(lab_root): ".",
            str(scratch / "lab") + os.sep: "",
            str(scratch / "lab"): ".",
            str(scratch / "home"): "~",
            str(scratch): "<scratch>",
            str(inputs.inputs_folder().resolve()): "<inputs>",
            sys.prefix: "<python>",
            sys.base_prefix: "<python>",
        }
        places = {place: name for place, name in {**names, str(Path.home()): "~"}.items() if len(place) >= SHORTEST}
        self._places = [
            (re.compile(re.escape(place) + ("" if place.endswith(os.sep) else r"(?![\w.-])")), name)
            for place, name in sorted(places.items(), key=lambda pair: -len(pair[0]))
        ]

    def add_outputs(self, cell: Cell, outputs: Sequence[Output]) -> None:
        for output in outputs:
            if output["output_type"] == "stream" and is_shortened(output["text"]):
                self._notices.append(f"cell {cell.number} prints more than a record keeps: of its {output['name']} the middle is left out")
        try:
            kept = [self._collect_output(output, cell.number) for output in outputs]
        except InvalidNote as error:
            raise InvalidNote(*(replace(problem, where=cell.line_place()) for problem in error.problems)) from None
        except (ValueError, TypeError, KeyError, AttributeError) as error:  # any code may publish anything
            what = f"cell {cell.number} published what is no output: {type(error).__name__} {error}"
            raise InvalidNote(Problem(cell.line_place(), what, _BY_FUNCTIONS)) from None
        self._cells.append(CellOutputs(cell.cell_digest, tuple(output for output in kept if output)))

    def judge_claims(self, places: Mapping[int, str]) -> None:
        """Hold what each claim says of itself against its own numbers; `places` has the place of each cell.

        Raises InvalidNote for claims that say something else.
        """
        problems = [
            Problem(places.get(claim.cell, ""), f"claim {name!r} {fault}", _BY_FUNCTIONS)
            for name, claim in self._claims.items()
            for fault in claim_faults(claim, self._claims)
        ]
        if problems:
            raise InvalidNote(*problems)

    def names_of(self, kind: QuantityKind) -> Collection[str]:
        """The names of all claims, figures or tables that came so far."""
        names: dict[QuantityKind, Collection[str]] = {
            QuantityKind.CLAIM: self._claims.keys(),
            QuantityKind.FIGURE: self._figures.keys(),
            QuantityKind.TABLE: self._tables.keys(),
        }
        return names[kind]

    @property
    def notices(self) -> list[str]:
        """What the author should know of the outputs."""
        return list(self._notices)

    def collected_observation(self, provenance: Provenance) -> Observation:
        return Observation(
            self._claims, self._figures, self._tables, tuple(self._cells), self._pictures, provenance, self._card, self._interactive
        )

    def scrub_text(self, text: str) -> str:
        """Return `text` without paths of this machine and memory addresses, which differ from run to run."""
        for pattern, name in self._places:
            text = pattern.sub(name, text)
        return _ADDRESS.sub("0x…", _KERNEL_NUMBER.sub("ipykernel", text))

    def _scrub_json(self, value: Any) -> Any:
        """Return JSON with every text in it scrubbed; rows of numbers are left alone."""
        if isinstance(value, str):
            return self.scrub_text(value)
        if isinstance(value, Mapping):
            return {key: self._scrub_json(item) for key, item in value.items()}
        if isinstance(value, list) and not (value and isinstance(value[0], int | float)):
            return [self._scrub_json(item) for item in value]
        return value

    def _collect_output(self, output: Output, cell: int) -> Output | None:
        data = output.get("data", {})
        if CLAIM_MIME in data:
            claim = _published_quantity(Claim, data[CLAIM_MIME], cell)
            self._claims[claim.name] = claim
            return {"output_type": "claim", "name": claim.name}
        if FIGURE_MIME in data:
            return self._add_figure(_published_quantity(Figure, self._scrub_json(data[FIGURE_MIME]), cell), data)
        if TABLE_MIME in data:
            table = _published_quantity(Table, self._scrub_json(data[TABLE_MIME]), cell)
            self._tables[table.label] = table
            return {"output_type": "table", "label": table.label}
        if _only_loads(data):
            return None
        rich = _picture_type(data)
        if rich:
            unread = FigureData((), (), (f"{rich} without plotted data",))
            said = output.get("metadata", {}).get(rich)
            alt = said.get("alt") if isinstance(said, Mapping) else None  # as IPython's Image(..., alt="…") gives it
            return self._add_figure(Figure("", cell, "", alt if isinstance(alt, str) else "", unread, automatic=True), data)
        return self._plain_output(output)

    def _add_figure(self, figure: Figure, data: Mapping[str, Any]) -> Output:
        if not figure.label:
            self._automatic += 1
            figure = replace(figure, label=f"auto-{self._automatic}")
        label = figure.label
        self._figures[label] = figure
        for mime, suffix in PICTURES.items():
            if mime in data:
                content = "".join(data[mime])
                readable = suffix in ("svg", "html")
                self._pictures[label] = FigurePicture(suffix, self.scrub_text(content).encode() if readable else _decoded_picture(content))
                break
        if INTERACTIVE_MIME in data and label in self._pictures:
            self._interactive[label] = dump_json(self._scrub_json(data[INTERACTIVE_MIME])).encode()
        if self._card is None and CARD_MIME in data:
            self._card = _decoded_picture(data[CARD_MIME])
        return {"output_type": "figure", "label": label}

    def _plain_output(self, output: Output) -> Output | None:
        """Return an output that is no claim, figure or table: with its text scrubbed, other data as it is, and no execution count."""
        kind = output["output_type"]
        if kind == "stream":
            return {"output_type": kind, "name": output["name"], "text": self.scrub_text(output["text"])}
        if kind == "error":
            trace = [self.scrub_text(line) for line in output["traceback"]]
            return {"output_type": kind, "ename": output["ename"], "evalue": self.scrub_text(output["evalue"]), "traceback": trace}
        data = {mime: self._scrub_json(value) for mime, value in output["data"].items() if not _is_loader(mime)}
        if "text/html" in data:
            data["text/html"] = _with_steady_ids("".join(data["text/html"]))
        if WIDGET_VIEW in data:
            data[WIDGET_VIEW] = {}  # the name of a model that ended with the kernel
        made: dict[str, Any] = {"output_type": kind, "data": data, "metadata": dict(output.get("metadata", {}))}
        return {**made, "execution_count": None} if kind == "execute_result" else made


_BY_FUNCTIONS = "record it by the functions claim, figure and table of labnotes"


def _published_quantity(kind: type[Q], fields: Any, cell: int) -> Q:
    """Return what a kernel published in the cell of this number, if it has a usable name: any code may publish anything.

    Raises InvalidNote.
    """
    key, pattern = ("name", NAME) if kind is Claim else ("label", LABEL)
    name = fields.get(key) if isinstance(fields, Mapping) else None
    is_automatic = kind is Figure and name == ""
    if not is_automatic and not (isinstance(name, str) and pattern.fullmatch(name)):
        raise InvalidNote(Problem("", f"the run published {name!r} as a claim, figure or table, which is no usable name"))
    try:
        return decode_value(kind, fields, apart={"cell": cell})
    except UnreadableJson as error:
        what = f"the run published a {kind.__name__.lower()} that cannot be read, {name!r}: {error}"
        raise InvalidNote(Problem("", what, _BY_FUNCTIONS)) from None


def _decoded_picture(content: str) -> bytes:
    """The bytes of a picture that travels as base64.

    Raises ValueError if it is anything else.
    """
    return base64.b64decode("".join(content.split()), validate=True)


WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"
"""The MIME type of a widget: a name that means something while its kernel runs."""

_NO_PICTURES = {WIDGET_VIEW, "application/vnd.dataresource+json"}
_RANKED_ABOVE = ("text/markdown", "text/latex")


def _picture_type(data: Mapping[str, Any]) -> str | None:
    """The MIME type of an output by which it is a figure that no comparison can read: a picture, or what a plotting library draws in a
    browser.

    None for text, HTML, Markdown, formulas, tables, widgets and sound. Where Jupyter shows a formula, a picture of it beside it is none.
    """
    types = (mime for mime in data if mime not in _NO_PICTURES and (mime.startswith(("image/", "video/")) or mime.endswith("+json")))
    return next(types, None) if not any(mime in data for mime in _RANKED_ABOVE) else None


def _only_loads(data: Mapping[str, Any]) -> bool:
    """Whether an output only prepares the browser for what is shown later, for Bokeh, Panel or HoloViews: it draws nothing."""
    if any(_is_loader(mime) for mime in data):
        return all(_is_loader(mime) or mime == "application/javascript" for mime in data)
    return any(mime.endswith("_exec.v0+json") for mime in data) and _ABOUT_BROWSER in "".join(data.get("text/html", ""))


_ABOUT_BROWSER = '"roots":[{"type":"object","name":"panel.models.browser.BrowserInfo"'
"""What Panel embeds when it is loaded, to learn of the browser."""


def _is_loader(mime: str) -> bool:
    """Whether an output of this MIME type only loads a library into the browser, such as Bokeh's."""
    return mime.endswith(("_load.v0+json", "-load.v0+json"))


_ID = re.compile(r"""\bid\s*=\s*["']?([\w-]+)""")
_RANDOM_PART = re.compile(
    r"(?<![0-9A-Za-z])(?:T_[0-9a-f]{5}(?![0-9a-z])|[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32})(?![0-9A-Za-z])"
)


def _with_steady_ids(html: str) -> str:
    """HTML in which ids that were drawn for this run (a pandas Styler's, a UUID) are counted instead, so that each run shows the same."""
    drawn = dict.fromkeys(match[0] for name in _ID.findall(html) for match in _RANDOM_PART.finditer(name))
    if not drawn:
        return html
    counted = {part: re.sub("[0-9a-f]", "0", part)[: -len(str(n))] + str(n) for n, part in enumerate(drawn, 1)}
    return _RANDOM_PART.sub(lambda match: counted.get(match[0], match[0]), html)
