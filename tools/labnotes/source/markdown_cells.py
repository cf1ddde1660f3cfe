"""Which blocks of a note in Markdown are its code cells: ```` ```python ````, MyST's ```` ```{code-cell} ```` or Quarto's ```` ```{python} ````.

Every other block is text, whatever its language: it is shown and never run. In a file with blocks of MyST or Quarto, whose authors show code
in ```` ```python ````, only those are run, and the file is told of those that are not.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from labnotes.errors import InvalidNote, Problem
from labnotes.source import cell_options

PLAIN, MYST, QUARTO = "```python", "```{code-cell}", "```{python}"
"""The ways to begin a code cell, as messages name them."""

PYTHONS = {"", "python", "python3", "ipython", "ipython3"}
"""The languages that a code cell of MyST may name."""

ENGINES = {"r", "julia", "ojs", "bash", "sh", "zsh", "sql", "js", "node", "perl", "ruby", "stan", "rcpp", "octave", "python2"}
"""The languages in which Quarto and R Markdown run a block in braces, beside Python."""

_FENCE = re.compile(r"^(?P<indent> {0,3})(?P<marks>`{3,}|~{3,})(?P<info>.*)$")
_MASK = re.compile("\ue000(\\d+)\ue001")
_HEADER_TAGS = re.compile(r"\btags\s*=\s*(?:c\(|\[)?([^)\]}]*)")


@dataclass(frozen=True)
class MarkdownBlock:
    """A fenced block: its lines (from 0) are those from `first` to `last`, which holds the closing fence or is the end of the file.
    `info` is what stands after the opening fence."""

    first: int
    last: int
    indent: str
    marks: str
    info: str

    @property
    def cell_kind(self) -> str:
        """The kind of code cell that the block is written as; "" for a block that only shows something."""
        if self.indent:
            return ""
        if self.info.startswith("{code-cell}"):
            return MYST
        if self.marks[0] != "`":
            return ""
        if re.match(r"\{python(?:[\s,}]|$)", self.info):
            return QUARTO
        return PLAIN if re.match(r"(?:python|PYTHON)(?:\s|$)", self.info) else ""


@dataclass(frozen=True)
class MarkdownCells:
    """The text of a note in Markdown, ready for jupytext in its `format`: what is no cell boundary is masked line by line.

    `remarks` is what the author should know.
    """

    text: str
    format: str
    lines: tuple[str, ...]
    remarks: tuple[str, ...]

    def unmask_lines(self, source: str) -> str:
        """The text of a cell as its author wrote it."""
        return _MASK.sub(lambda match: self.lines[int(match[1])], source)


def mark_cells(text: str, shown: str) -> MarkdownCells:
    """Find the code cells of a note in Markdown. `shown` is the file in messages.

    Raises InvalidNote where it is not clear which blocks are to be run, or a cell is in another language.
    """
    lines = text.split("\n")
    blocks = list(_fenced_blocks(lines))
    kinds = {block.cell_kind for block in blocks} - {"", PLAIN}
    if len(kinds) > 1:
        first = [next(block.first + 1 for block in blocks if block.cell_kind == kind) for kind in sorted(kinds)]
        what = f"mixes two ways to write code cells: {' and '.join(f'{kind} (line {line})' for kind, line in zip(sorted(kinds), first, strict=True))}"
        raise InvalidNote(Problem(shown, what, "write all of them in one way"))
    kind = kinds.pop() if kinds else PLAIN
    _refuse_other_languages(blocks, shown)
    remarks = _remarks_on_shown(blocks, kind)
    if kind == MYST:
        return MarkdownCells(_with_kernel_names(lines), "md:myst", tuple(lines), remarks)
    masked = list(lines)
    for number in _comment_lines(lines, blocks):
        masked[number] = _mask(number)
    for block in blocks:
        if block.cell_kind == kind:
            header = block.info if kind == PLAIN else _plain_header(block, lines)
            masked[block.first] = f"{block.marks}{header}"
            for number in range(block.first + 1, block.last):
                if lines[number].strip():
                    masked[number] = _mask(number)
        else:
            for number in range(block.first, block.last + 1):
                masked[number] = _mask(number)
    # a bare "md" would be read by pandoc, if it is there, where a line begins with "::: {"
    return MarkdownCells("\n".join(masked), "md:markdown", tuple(lines), remarks)


def _with_kernel_names(lines: list[str]) -> str:
    """The text of a file of MyST whose head names its kernel in full, as jupytext asks; MyST itself asks for the bare name."""
    end = next((i for i, line in enumerate(lines) if i and line.rstrip() in ("---", "...")), 0) if lines[0].rstrip() == "---" else 0
    import yaml  # a source that was read before needs none

    from labnotes.source import plain_yaml

    with contextlib.suppress(plain_yaml.UnreadableYaml):
        _, head = plain_yaml.read_yaml("\n".join(lines[1:end]))
        kernel = head.get("kernelspec") if isinstance(head, dict) else None
        if isinstance(kernel, dict):
            head["kernelspec"] = {"name": "python3", "display_name": kernel.get("name", "python3"), **kernel}
            return "\n".join(["---", yaml.safe_dump(head).rstrip(), *lines[end:]])
    return "\n".join(lines)


def _mask(number: int) -> str:
    """A line that means nothing in Markdown and stands for that of the file, counted from 0."""
    return f"\ue000{number}\ue001"


def _fenced_blocks(lines: list[str]) -> Iterator[MarkdownBlock]:
    """The fenced blocks of a file in Markdown, as CommonMark reads them. What stands in a comment is none."""
    number = 0
    while number < len(lines):
        end = _comment_end(lines, number)
        opening = _FENCE.match(lines[number]) if end is None else None
        if opening and not (opening["marks"][0] == "`" and "`" in opening["info"]):
            closing = re.compile(rf" {{0,3}}{opening['marks'][0]}{{{len(opening['marks'])},}}[ \t]*")
            end = next((i for i in range(number + 1, len(lines)) if closing.fullmatch(lines[i])), len(lines) - 1)
            yield MarkdownBlock(number, end, opening["indent"], opening["marks"], opening["info"].strip(" \t"))
        number = number + 1 if end is None else end + 1


def _comment_end(lines: list[str], number: int) -> int | None:
    """The last line of the comment that begins in a line and goes on in others; None if none does."""
    if not re.match(r" {0,3}<!--(?!.*-->)", lines[number]):
        return None
    return next((i for i in range(number + 1, len(lines)) if "-->" in lines[i]), len(lines) - 1)


def _comment_lines(lines: list[str], blocks: list[MarkdownBlock]) -> Iterator[int]:
    """The lines of all comments that are longer than one line, outside the blocks."""
    inside = {number for block in blocks for number in range(block.first, block.last + 1)}
    number = 0
    while number < len(lines):
        end = None if number in inside else _comment_end(lines, number)
        if end is not None:
            yield from range(number, end + 1)
        number = number + 1 if end is None else end + 1


def _refuse_other_languages(blocks: list[MarkdownBlock], shown: str) -> None:
    """Refuse code cells of MyST that name another language.

    Raises InvalidNote.
    """
    problems = []
    for block in blocks:
        language = block.info.removeprefix("{code-cell}").strip()
        if block.cell_kind == MYST and language.lower() not in PYTHONS:
            hint = f"a note runs in a Python kernel; to show the code without running it: ```{language}"
            problems.append(Problem(f"{shown}:{block.first + 1}", f"a code cell is written in {language}", hint))
    if problems:
        raise InvalidNote(*problems)


def _remarks_on_shown(blocks: list[MarkdownBlock], kind: str) -> tuple[str, ...]:
    """What is told of blocks that another program would run, or that this file writes otherwise: they are shown and not run."""
    remarks = []
    plain = [str(block.first + 1) for block in blocks if block.cell_kind == PLAIN]
    if kind != PLAIN and plain:
        lines = ", ".join(plain)
        remarks.append(f"blocks of {PLAIN} are shown and not run, since this file writes its cells as {kind}: line {lines}")
    engines = [(block, match[1]) for block in blocks if (match := re.match(r"\{(\w+)[\s,}]", block.info))]
    others = [f"{{{name}}} (line {block.first + 1})" for block, name in engines if name.lower() in ENGINES]
    if others:
        remarks.append(f"blocks of other languages than Python are shown and not run: {', '.join(others)}")
    return tuple(remarks)


def _plain_header(block: MarkdownBlock, lines: list[str]) -> str:
    """What stands after the opening fence of a cell of Quarto, in jupytext's words: its tags, and those that its options mean."""
    options = _cell_options(block, lines)
    tags = [word for word in re.split(r"[\s,\"']+", options.get("tags", "").strip("[]")) if word]
    tags += cell_options.option_tags({key: value for key, value in options.items() if key != "tags"})
    listed = ", ".join(f'"{tag}"' for tag in dict.fromkeys(tags))
    return f"python tags=[{listed}]" if tags else "python"


def _cell_options(block: MarkdownBlock, lines: list[str]) -> dict[str, str]:
    """The options of a cell of Quarto or R Markdown: those in braces (`{python, eval=FALSE}`), then those in its first comments
    (`#| eval: false`)."""
    options = {key: value for key, value in re.findall(r"(?<![\w.-])([\w.-]++)\s*=\s*(\w+)", block.info)}
    tags = _HEADER_TAGS.search(block.info)
    if tags:
        options["tags"] = tags[1]
    return options | cell_options.read_options("\n".join(lines[block.first + 1 : block.last]))
