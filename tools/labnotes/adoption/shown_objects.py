"""Pictures and data frames that cells show, and the calls by which they become figures and tables with words for the reader."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from labnotes.adoption import code_facts
from labnotes.adoption.drafts import run_numbers
from labnotes.adoption.origins import slug_from
from labnotes.model.observation import CellOutputs
from labnotes.model.plots import AxesData, Figure
from labnotes.source import bindings, code_digest, prose_facts
from labnotes.source.notebooks import WholeCell
from labnotes.source.setting_texts import TO_FILL_IN

LONGEST_LABEL = 40
"""Characters of a label that is made of a title."""

LONGEST_TABLE = 60
"""Rows of a data frame that becomes a table: the most that pandas shows."""

_COMPARED_PICTURES = ("image/png", "image/jpeg", "image/webp", "image/gif", "image/svg+xml")
_MADE_OF_FILES = ("Image", "SVG", "open", "fromarray")
_LOOKS = re.compile(r"\.(?:head|tail|sample|info|describe)\(")
_KINDS = {
    **{
        "line": "Lines",
        "scatter": "Points",
        "bar": "Bars",
        "histogram": "Histogram",
        "image": "Image",
        "box": "Box plots",
        "area": "Areas",
    },
    **{
        "band": "Band",
        "errorbar": "Points with error bars",
        "contour": "Contours",
        "mesh": "Coloured grid",
        "violin": "Violins",
        "pie": "Pie",
    },
}


@dataclass(frozen=True, kw_only=True)
class ObjectProposal:
    """A picture or data frame of a code cell (`cell`, from 1) that becomes a figure or table: the `expression` that reaches it, and its
    words. `by` is what the figure is compared by, "" for its data. `doubt` says why it is not certain, "" if it is."""

    kind: str  # "figure" or "table"
    cell: int
    expression: str
    label: str
    caption: str
    alt: str = ""
    by: str = ""
    doubt: str = ""

    @property
    def is_certain(self) -> bool:
        return not self.doubt

    @property
    def call(self) -> str:
        words = f", alt={_quoted(self.alt)}" if self.kind == "figure" else ""
        words += f", by={_quoted(self.by)}" if self.by else ""
        return f"{self.kind}({self.expression}, {_quoted(self.label)}, caption={_quoted(self.caption)}{words})"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def propose_figures(cells: Sequence[WholeCell], figures: Mapping[str, Figure], taken: set[str]) -> Iterator[ObjectProposal]:
    """A proposal for every cell that shows one picture without a label. `taken` are the labels that are used, and gets the new ones."""
    places = run_numbers(cells)
    aliases = code_facts.module_aliases(cells)
    plotting = next((name for name, module in aliases.items() if module in ("matplotlib.pyplot", "pylab")), "")
    shown: dict[int, list[Figure]] = {}
    for figure in figures.values():
        if figure.automatic and figure.cell in places:
            shown.setdefault(figure.cell, []).append(figure)
    for number, of_cell in sorted(shown.items()):
        cell = cells[places[number]]
        if len(of_cell) != 1 or not code_facts.runs_as_python(cell):
            continue
        is_current = plotting and of_cell[0].data.axes and not of_cell[0].data.library  # gcf() knows those of matplotlib only
        is_picture = _is_bare_picture(of_cell[0])
        expression = _shown_picture(cell.source) if is_picture else _figure_name(cell.source, aliases)
        expression = expression or (f"{plotting}.gcf()" if is_current else "")
        if not expression:
            continue
        title = _figure_title(of_cell[0])
        heading = _heading_above(cells, places[number])
        yield ObjectProposal(
            kind="figure",
            cell=number,
            expression=expression,
            label=free_label(title or heading or _axes_name(of_cell[0]) or f"figure-{number}", taken),
            caption=_sentence(title) if title else f"{TO_FILL_IN}: what this figure{f' of {_quiet(heading)}' if heading else ''} shows.",
            alt=_alt_text(of_cell[0]),
            by="pixels" if is_picture else "",
            doubt="it is compared by its pixels, which must be the same in every run" if is_picture else "",
        )


def _is_bare_picture(figure: Figure) -> bool:
    """Whether a figure is a picture that can be compared by its pixels, and has no data."""
    unread = figure.data.unverified[0] if figure.data.unverified and not figure.data.axes else ""
    return unread.partition(" ")[0] in _COMPARED_PICTURES


def _shown_picture(source: str) -> str:
    """The expression that shows the picture of a cell: a value at its end, one that is made there of a file, or what `display` shows; "" if
    something else may show it, such as a function that draws."""
    last = last_expression(source)
    if last is None:
        return ""
    node = ast.parse(last, mode="eval").body
    if isinstance(node, ast.Call) and ast.unparse(node.func) in code_facts.DISPLAYING and len(node.args) == 1 and not node.keywords:
        node = node.args[0]
    made = isinstance(node, ast.Call) and ast.unparse(node.func).rpartition(".")[2] in _MADE_OF_FILES
    return ast.unparse(node) if made or isinstance(node, ast.Name | ast.Attribute | ast.Subscript) else ""


def propose_tables(cells: Sequence[WholeCell], outputs: Mapping[int, CellOutputs], taken: set[str]) -> Iterator[ObjectProposal]:
    """A proposal for every cell whose last expression is a data frame that is shown whole. `outputs` are those of the run, by the cell's
    number; `taken` are the labels that are used, and gets the new ones."""
    places = run_numbers(cells)
    for number, made in sorted(outputs.items()):
        cell = cells[places[number]] if number in places else None
        if cell is None or not code_facts.runs_as_python(cell):
            continue
        last = last_expression(cell.source)
        if last is None or not any(_is_whole_frame(output) for output in made.outputs):
            continue
        heading = _heading_above(cells, places[number])
        name = next(iter(re.findall(r"[A-Za-z]\w*", last)), "")
        yield ObjectProposal(
            kind="table",
            cell=number,
            expression=last,
            label=free_label(heading or name or f"table-{number}", taken),
            caption=f"{TO_FILL_IN}: what the rows and columns of {name or 'this table'} are.",
            doubt="it looks at data, which may be no result" if _LOOKS.search(last) else "",
        )


def _is_whole_frame(output: Mapping[str, object]) -> bool:
    if output.get("output_type") != "execute_result":
        return False
    data = output.get("data")
    html = data.get("text/html", "") if isinstance(data, Mapping) else ""
    text = html if isinstance(html, str) else "".join(map(str, html)) if isinstance(html, list) else ""
    return (
        'class="dataframe"' in text
        and "<style" not in text.partition("<table")[2]
        and text.count("<tr") <= LONGEST_TABLE
        and "<td>...</td>" not in text
    )


def last_expression(source: str) -> str | None:
    """The last statement of a cell as it is written, if it is an expression that shows its value."""
    tree = code_digest.parse_code(source)
    if tree is None or not tree.body or not isinstance(tree.body[-1], ast.Expr) or source.rstrip().endswith(";"):
        return None
    written = ast.get_source_segment(source, tree.body[-1].value)
    return written if written and not written.startswith(("%", "!", "?")) else None


def _figure_name(source: str, aliases: Mapping[str, str]) -> str:
    """The name that a cell gives to its one figure; "" if it gives none or more."""
    tree = code_digest.parse_code(source)
    names = []
    for node in tree.body if tree is not None else ():
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Call) or len(node.targets) != 1:
            continue
        called, target = ast.unparse(node.value.func), node.targets[0]
        owner, _, function = called.rpartition(".")
        if aliases.get(owner, "") not in ("matplotlib.pyplot", "pylab"):
            continue
        if function == "subplots" and isinstance(target, ast.Tuple) and target.elts and isinstance(target.elts[0], ast.Name):
            names.append(target.elts[0].id)
        elif function == "figure" and isinstance(target, ast.Name):
            names.append(target.id)
    return names[0] if len(names) == 1 and names[0] != "_" else ""


def _figure_title(figure: Figure) -> str:
    titles = [axes.title.strip() for axes in figure.data.axes if axes.title.strip()]
    texts = [text.strip() for text in figure.data.texts if text.strip()]
    title = texts[0] if texts else titles[0] if len(titles) == 1 else ""
    return " ".join(re.sub(r"[\\{}$@]", " ", title).split())


def _alt_text(figure: Figure) -> str:
    drawn = [axes for axes in figure.data.axes if axes.marks]
    described = "; ".join(dict.fromkeys(filter(None, map(_axes_words, drawn[:4]))))
    return (
        f"{TO_FILL_IN}: what it shows to someone who cannot see it. {described}.".replace("..", ".")
        if described
        else f"{TO_FILL_IN}: what it shows."
    )


def _axes_words(axes: AxesData) -> str:
    kinds = " and ".join(dict.fromkeys(_KINDS.get(mark.kind, mark.kind.capitalize()) for mark in axes.marks[:3]))
    x, y = (" ".join(re.sub(r"[\\{}$@\[\]]", " ", axis.label).split()) for axis in (axes.x, axes.y))
    words = f"{y} against {x}" if x and y else y or x
    return f"{kinds}: {words}" if words else kinds


def _axes_name(figure: Figure) -> str:
    """What a figure's first axes show, in the words of one of their axes; "" if none has any."""
    drawn = next((axes for axes in figure.data.axes if axes.marks), None)
    return drawn.y.label or drawn.x.label if drawn is not None else ""


def _heading_above(cells: Sequence[WholeCell], index: int) -> str:
    """The words of the nearest heading above a cell; "" if that is the title, which says nothing of one figure."""
    for cell in reversed(cells[:index]):
        headings = [heading for heading in prose_facts.text_facts(cell.source).headings if heading.level > 1] if cell.kind == "text" else []
        if headings:
            return bindings.reader_words(headings[-1].words)
    return ""


def _quiet(text: str) -> str:
    return re.sub(r"[\\{}$@\[\]]", "", text)


def _sentence(text: str) -> str:
    return f"{_quiet(text)[:1].upper()}{_quiet(text)[1:].rstrip('.')}."


def free_label(text: str, taken: set[str]) -> str:
    """A label that is free, made of a text."""
    base = slug_from(text)[:LONGEST_LABEL].strip("-") or "shown"
    base = f"figure-{base}" if re.fullmatch(r"auto-\d+", base) else base
    label, number = base, 1
    while label in taken:
        number += 1
        label = f"{base}-{number}"
    taken.add(label)
    return label
