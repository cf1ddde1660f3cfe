"""Do pages show the text cells of notebooks as CommonMark has it: the same lists, headings, code, tables and emphasis?

    .venv/bin/python benchmarks/prose.py FOLDER

reads every .ipynb below a folder, such as a clone of a public collection of notebooks, and compares what labnotes makes of each text cell with
what markdown-it makes of it by itself (CommonMark with tables and strike-through). Math, and what binds in labnotes, is replaced alike in both, since
Jupyter takes math out before it reads Markdown. Prints how many cells have the same elements in the same order, and the first cells that have not.
"""

from __future__ import annotations

import json
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from markdown_it import MarkdownIt

from labnotes.site.stage import prose_html, sanitising
from labnotes.site.stage.prose_html import CellContext, ProseParts
from labnotes.source import prose_facts
from labnotes.source.markdown_reader import normalised_text

COMPARED = re.compile("h[1-6]|ul|ol|li|p|blockquote|pre|code|table|tr|th|td|strong|em|s|br|hr|img")
"""The elements whose order is compared. Links are not: bare addresses are ours."""

PLAIN = MarkdownIt("commonmark").enable(["table", "strikethrough"])
SHOWN = 5
_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)((?:\"[^\"]*\"|[^<>\"])*)>")


def text_cells(folder: Path) -> Iterator[tuple[Path, int, str]]:
    """Every text cell of the notebooks below a folder, with its file and number, each text once."""
    seen: set[str] = set()
    for path in sorted(folder.rglob("*.ipynb")):
        try:
            cells = json.loads(path.read_text(encoding="utf-8")).get("cells", [])
        except (ValueError, OSError, AttributeError):
            continue
        for number, cell in enumerate((cell for cell in cells if cell.get("cell_type") == "markdown"), 1):
            text = "".join(cell["source"])
            if text not in seen:
                seen.add(text)
                yield path, number, text


def elements(made: str) -> list[str]:
    """The elements of some HTML in order, after the same sanitiser, which mends what is not closed; a list with its first number."""
    names = []
    for closing, name, rest in _TAG.findall(sanitising.sanitised_prose(made)):
        if COMPARED.fullmatch(name):
            start = re.search(r'start="(\d+)"', rest)
            names.append(f"{closing}{name}{start[1] if start and not closing else ''}")
    return names


def without_pieces(text: str) -> str:
    """A cell with a word in place of each piece that is no Markdown, as `markdown_pieces` finds them."""
    text = normalised_text(text)
    parts, position = [], 0
    for piece in prose_facts.text_facts(text).pieces:
        parts += [text[position : piece.start], f"piece{piece.start}"]
        position = piece.end
    return "".join([*parts, text[position:]])


def main(folder: Path) -> None:
    parts = ProseParts(piece_html=lambda piece: "piece", link_address=lambda link: link.target)
    counts: Counter[str] = Counter()
    differing: list[str] = []
    for path, number, text in text_cells(folder):
        if any(mark in text for mark in ("[^", "!!!", ":::", "[!", "- [ ]", "- [x]", "{#")):
            counts["with what is labnotes' own, left out"] += 1
            continue
        made = prose_html.cell_html(text, parts, CellContext(addresses=["a"] * 500))
        same = elements(made) == elements(PLAIN.render(without_pieces(text)))
        counts["the same" if same else "other"] += 1
        if not same:
            differing.append(f"{path}, text cell {number}")
    for name, count in counts.items():
        print(f"{count:8,} {name}")
    print("\n".join(differing[:SHOWN]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
