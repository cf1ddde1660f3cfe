"""The outputs that a notebook kept, held against those of a run: numbers that the notebook printed and the run prints otherwise."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from labnotes.adoption.drafts import run_numbers
from labnotes.model.observation import CellOutputs, Output
from labnotes.source.notebooks import WholeCell

MOST_TOLD = 30
"""How many differences are told of a notebook."""

_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:,\d{3})*(?:\.\d+)?(?:[eE][-+]?\d+)?")
_NO_RESULT = re.compile(
    r"\b\d{4}-\d\d-\d\d\b|\b\d{1,2}:\d\d(?::\d\d)?(?:\.\d+)?\b|0x[0-9a-f]+|\bat 0x\w+|\x1b\[[0-9;]*m|\b\d+(?:\.\d+)?\s?(?:it/s|s/it|ms|µs|us|ns)\b"
    r"|\bCPU times:.*|\bWall time:.*|<[\w.]+ (?:object )?at [^>]*>|\d+%\|.*",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class OutputDifference:
    """A number in an output of a cell (from 1): what the notebook kept, what the run has, and the words of the line it stands in."""

    cell: int
    stored: str
    observed: str
    line: str

    @property
    def text(self) -> str:
        return f"the notebook said {self.stored}, this run says {self.observed}: {self.line:.100}"


def compare_outputs(cells: Sequence[WholeCell], observed: Mapping[int, CellOutputs]) -> Iterator[OutputDifference]:
    """The numbers of the text outputs of each cell that the run has otherwise, line by line where the words of the lines agree."""
    number = 0
    for cell in cells:
        number += cell.kind == "code"
        if cell.kind != "code" or not cell.outputs or number not in observed:
            continue
        stored, made = (_text_lines(outputs) for outputs in (cell.outputs, observed[number].outputs))
        for was, is_now in _paired_lines(stored, made):
            for before, after in zip(_NUMBER.findall(was), _NUMBER.findall(is_now), strict=True):
                if not _agree(before, after):
                    yield OutputDifference(cell=number, stored=before, observed=after, line=is_now.strip())


@dataclass(frozen=True)
class PrintedPlace:
    """A line of an output of a cell (from 1) in which a number of the text stands."""

    cell: int
    line: str


def printed_place(index: int, written: str, cells: Sequence[WholeCell], outputs: Mapping[int, CellOutputs]) -> PrintedPlace | None:
    """The last line that a code cell before the text cell of this index printed with the number in it; None if there is none."""
    wanted = written.rstrip("% ").replace("\N{MINUS SIGN}", "-").replace(",", "")
    for number, place in sorted(run_numbers(cells).items(), reverse=True):
        for line in _text_lines(outputs[number].outputs) if place < index and number in outputs else ():
            if any(printed.replace(",", "") == wanted for printed in _NUMBER.findall(line)):
                return PrintedPlace(number, line.strip())
    return None


def _agree(before: str, after: str) -> bool:
    """Whether two printed numbers are the same, or differ by less than one of the last digit of the shorter one."""
    if before == after:
        return True
    first, second = (float(text.replace(",", "")) for text in (before, after))
    decimals = min(len(text.partition(".")[2]) if "." in text else 0 for text in (before, after))
    return "e" not in (before + after).lower() and decimals >= 6 and abs(first - second) <= 10.0 ** -(decimals - 1) * max(1.0, abs(first))


def _text_lines(outputs: Sequence[Output]) -> list[str]:
    texts = []
    for output in outputs:
        kind = output.get("output_type", output.get("type"))
        if kind == "stream" and output.get("name", "stdout") == "stdout":
            texts.append(output.get("text", ""))
        elif kind in ("execute_result", "display_data"):
            data = output.get("data", {})
            texts.append(
                data.get("text/plain", "") if "text/latex" not in data and not any(key.startswith("image/") for key in data) else ""
            )
    joined = "\n".join("".join(text) if isinstance(text, list) else str(text) for text in texts)
    return [line for line in _NO_RESULT.sub("", joined).splitlines() if _NUMBER.search(line)]


def _paired_lines(stored: Sequence[str], made: Sequence[str]) -> Iterator[tuple[str, str]]:
    """The lines of two outputs that say the same in words and have as many numbers, in order."""
    waiting: dict[str, list[str]] = {}
    for line in made:
        waiting.setdefault(_words_of(line), []).append(line)
    for line in stored:
        same = waiting.get(_words_of(line))
        if same:
            yield line, same.pop(0)


def _words_of(line: str) -> str:
    return " ".join(_NUMBER.sub("#", line).split())
