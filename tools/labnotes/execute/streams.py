"""What a cell printed, as a terminal would show it in the end: progress bars at their last state, each stream in one piece."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from labnotes.execute.terminal_screen import moves_cursor, screen_text

LONGEST_STREAM = 100_000
"""Characters of a stream of one cell that are kept; of a longer one, the middle is left out."""


def settle_streams(outputs: Sequence[Any]) -> list[Any]:
    """Return the outputs of a cell with each stream once, where it began, stdout before stderr where they meet.

    Lines that were drawn again and again (with a carriage return) are there as they ended.
    """
    kept: list[Any] = []
    texts: dict[str, list[str]] = {}
    for output in outputs:
        if output["output_type"] != "stream":
            kept.append(output)
        elif output["name"] in texts:
            texts[output["name"]].append(output["text"])
        else:
            texts[output["name"]] = [output["text"]]
            kept.append(output)
    for i, output in enumerate(kept):
        if output["output_type"] == "stream":
            kept[i] = {**output, "text": shorten_stream(final_text("".join(texts[output["name"]])))}
    for i in range(len(kept) - 1):  # they come by two ways, so that which is first is chance
        if [output.get("name") for output in kept[i : i + 2]] == ["stderr", "stdout"]:
            kept[i : i + 2] = kept[i + 1], kept[i]
    return [output for output in kept if output["output_type"] != "stream" or output["text"]]


def final_text(text: str) -> str:
    """The text that a terminal shows in the end, with carriage returns, backspaces and moves of the cursor carried out. The codes of colours
    stay."""
    if moves_cursor(text):
        return screen_text(text)
    if "\r" not in text and "\b" not in text:
        return text
    return "\n".join(map(_final_line, text.split("\n")))


def _final_line(line: str) -> str:
    drawn = [part for part in line.split("\r") if part]
    last = drawn[-1] if drawn else ""
    if "\b" not in last:
        return last
    kept: list[str] = []
    for character in last:
        if character != "\b":
            kept.append(character)
        elif kept:
            kept.pop()
    return "".join(kept)


def shorten_stream(text: str) -> str:
    """The text, or its beginning and its end with a line between them that says how much is left out."""
    left_out = len(text) - LONGEST_STREAM
    if left_out <= 0:
        return text
    half = LONGEST_STREAM // 2
    return f"{text[:half]}\n{LEFT_OUT.format(left_out)}\n{text[-half:]}"


def is_shortened(text: str) -> bool:
    """Whether a stream was shortened."""
    return len(text) >= LONGEST_STREAM and _LEFT_OUT_LINE.search(text) is not None


_LEFT_OUT_LINE = re.compile(r"^… [\d,]+ characters are left out here …$", re.MULTILINE)

LEFT_OUT = "… {:,} characters are left out here …"
"""The line that stands where a long stream was shortened."""
