"""What a terminal shows in the end of text that moves its cursor: up, back, to a column, over what it erases. Colours stay as their codes."""

from __future__ import annotations

import re

REACH = 200
"""Lines above the last one to which text may come back; what lies higher stays as it is, as it does beyond the top of a screen."""

WIDEST = 1_000
"""Columns to which the cursor may be moved. Text itself may be longer."""

_CONTROL = re.compile(r"\x1b(?!\[[0-9;:]*m)|[\x00-\x07\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]")
_PART = re.compile(
    r"(?P<text>[^\x00-\x08\x0a-\x1f\x7f]+)"
    r"|\x1b\[(?P<numbers>[0-9;:]*)(?P<command>[A-Za-z])"
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # hides the cursor, and the like
    r"|\x1b[\]P^_][^\x07\x1b]*(?:\x07|\x1b\\)"  # the title of a window, the address of a link
    r"|\x1b(?P<kept>[78])|\x1b[ -/]*[0-~]"
    r"|(?P<sign>[\n\r\b])"
)
_COLOUR = re.compile(r"\x1b\[[0-9;:]*m")


def moves_cursor(text: str) -> bool:
    """Whether text holds control characters that a page cannot show: all but line ends, tabs, backspaces and the codes of colours."""
    return _CONTROL.search(text) is not None


def screen_text(text: str) -> str:
    """The text that is left on a screen, with the codes of its colours and no others."""
    screen = _Screen()
    for match in _PART.finditer(text):
        if match["text"]:
            screen.write_text(match["text"])
        elif match["command"]:
            screen.obey(match["command"], match["numbers"])
        elif match["kept"]:
            screen.keep_place() if match["kept"] == "7" else screen.return_to_place()
        elif match["sign"]:
            screen.move_by_sign(match["sign"])
    return screen.whole_text()


class _Screen:
    """Lines of characters, each after the codes of its colours. `_above` are the lines that the cursor cannot reach any more."""

    def __init__(self) -> None:
        self._above: list[str] = []
        self._lines: list[list[tuple[str, str]]] = [[]]
        self._row, self._column = 0, 0
        self._kept_place = (0, 0)
        self._colours = ""

    def write_text(self, text: str) -> None:
        line = self._lines[self._row]
        line += [("", " ")] * (self._column - len(line))
        line[self._column : self._column + len(text)] = [(self._colours, character) for character in text]
        self._column += len(text)

    def move_by_sign(self, sign: str) -> None:
        if sign == "\b":
            self._column = max(0, self._column - 1)
            return
        self._column = 0
        if sign == "\n":
            self._row += 1
            if self._row == len(self._lines):
                self._lines.append([])
            if len(self._lines) > REACH:
                self._above.append(_line_text(self._lines.pop(0)))
                self._row -= 1

    def keep_place(self) -> None:
        self._kept_place = self._row, self._column

    def return_to_place(self) -> None:
        self._row, self._column = min(self._kept_place[0], len(self._lines) - 1), self._kept_place[1]

    def obey(self, command: str, numbers: str) -> None:
        """Carry out a code of the form ESC [ NUMBERS COMMAND. Unknown ones do nothing."""
        given = [int(number[:6]) if number.isdigit() else 0 for number in numbers.split(";")]
        count = max(1, given[0])
        if command == "m":
            self._colours = added_colour(self._colours, f"\x1b[{numbers}m")
        elif command in "AF":
            self._row = max(0, self._row - count)
        elif command in "BE":
            self._row = min(len(self._lines) - 1, self._row + count)
        elif command in "CG":
            self._column = min(WIDEST, self._column + count if command == "C" else count - 1)
        elif command == "D":
            self._column = max(0, self._column - count)
        elif command in "Hf":
            self._row = min(len(self._lines) - 1, count - 1)
            self._column = min(WIDEST, max(1, given[1]) - 1) if len(given) > 1 else 0
        elif command in "KJ":
            self._erase(command, given[0])
        elif command in "su":
            self.keep_place() if command == "s" else self.return_to_place()
        if command in "EF":
            self._column = 0

    def _erase(self, command: str, how: int) -> None:
        """Erase to the end (0), to the beginning (1), or all (2, 3) of the line ("K") or of the screen ("J")."""
        line = self._lines[self._row]
        if how == 0:
            del line[self._column :]
        elif how == 1:
            line[: self._column + 1] = [("", " ")] * min(len(line), self._column + 1)
        else:
            line.clear()
        if command == "J" and how == 0:
            del self._lines[self._row + 1 :]
        elif command == "J" and how == 1:
            for above in self._lines[: self._row]:
                above.clear()
        elif command == "J":
            self._lines, self._row = [[]], 0

    def whole_text(self) -> str:
        return "\n".join([*self._above, *map(_line_text, self._lines)])


def _line_text(line: list[tuple[str, str]]) -> str:
    """A line with the codes of its colours, which end with it."""
    parts: list[str] = []
    current = ""
    for colours, character in line:
        if colours != current:
            parts.append(colours[len(current) :] if colours.startswith(current) else f"\x1b[0m{colours}")
            current = colours
        parts.append(character)
    return "".join(parts) + ("\x1b[0m" if current else "")


def added_colour(codes: str, code: str) -> str:
    """The codes that are on after one more. Those before a reset are off; of very many the first are forgotten."""
    if re.match(r"\x1b\[0*[;m]", code):
        return "" if code in ("\x1b[m", "\x1b[0m") else code
    return (codes + code) if len(codes) < MOST_CODES else code


MOST_CODES = 400
"""Characters of codes of colours that are kept as being on at once."""


def open_colours(text: str) -> str:
    """The codes of the colours that are still on where a text ends."""
    codes = ""
    for code in _COLOUR.findall(text):
        codes = added_colour(codes, code)
    return codes
