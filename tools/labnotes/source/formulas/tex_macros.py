r"""Macros of a note: those of note.yml, and those that its text cells define with \newcommand, \def, \DeclareMathOperator and their like.

The library has macros too, but none with a default for its first argument, and it would see what they stand for only after `tex_equations` has
rewritten what the library cannot read: a macro may begin an environment, or hold a label.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from labnotes.source.formulas.tex_tokens import LONGEST, UnsupportedMath, split_tex

_DEFINING = {
    rf"\{name}" for name in ("newcommand", "renewcommand", "providecommand", "def", "gdef", "edef", "xdef", "let", "DeclareMathOperator")
}
_PREFIXES = {r"\global", r"\long"}

_PUSHED = 3 * LONGEST
"""Signs that the macros of one formula may come to, those of their arguments counted each time that they are read again."""


@dataclass(frozen=True)
class Macro:
    """What a command stands for. With `default`, its first argument may be left out.

    With `is_final`, its one sign is a command of TeX, whatever it was defined as later (\\let).
    """

    body: tuple[str, ...]
    arguments: int = 0
    default: tuple[str, ...] | None = None
    is_final: bool = False


class Macros:
    """The macros that are defined at some place in a note. `texts` are those of note.yml: TeX by name."""

    def __init__(self, texts: Mapping[str, str]) -> None:
        self._by_name: dict[str, Macro] = {}
        for name, text in texts.items():
            numbers = [int(number) for number in re.findall(r"#([1-9])", text)]
            self._by_name["\\" + name.removeprefix("\\")] = Macro(tuple(split_tex(text)), max(numbers, default=0))

    def copy_macros(self) -> Macros:
        copied = Macros({})
        copied._by_name = dict(self._by_name)
        return copied

    def expand(self, tokens: list[str]) -> list[str]:
        """The signs of a formula with what its macros stand for. What it defines is taken out, and holds from there on.

        Raises UnsupportedMath.
        """
        if self._by_name.keys().isdisjoint(tokens) and _DEFINING.isdisjoint(tokens):
            return tokens
        source = _TokenSource(tokens)
        expanded: list[str] = []
        while source.left:
            token = source.left.pop()
            macro = self._by_name.get(token)
            if token in _DEFINING:
                self._define(token, source)
            elif token in _PREFIXES and source.next_token() in _DEFINING | _PREFIXES:
                continue
            elif macro is None:
                expanded.append(token)
            elif macro.is_final:
                expanded += macro.body
            else:
                source.push(_filled_body(token, macro, source), token)
        return expanded

    def _define(self, command: str, source: _TokenSource) -> None:
        r"""Read what follows \newcommand or the like."""
        if command in (r"\newcommand", r"\renewcommand", r"\providecommand", r"\DeclareMathOperator"):
            is_starred = source.take("*")
            name = _command_name(source.argument(command), command)
            if command == r"\DeclareMathOperator":
                operator = r"\operatorname*" if is_starred else r"\operatorname"
                self._by_name[name] = Macro((*split_tex(operator), "{", *source.argument(command), "}"))
                return
            written = "".join(source.optional_argument() or ["0"]).strip()
            if not re.fullmatch("[0-9]", written):
                raise UnsupportedMath(f"{command} of {name} says [{written}]: a macro takes 0 to 9 arguments")
            default = source.optional_argument()
            macro = Macro(tuple(source.argument(command)), int(written), None if default is None else tuple(default))
            if command != r"\providecommand" or name not in self._by_name:
                self._by_name[name] = macro
        elif command == r"\let":
            name = _command_name(source.argument(command), command)
            source.take("=")
            original = source.argument(command)
            known = self._by_name.get("".join(original))
            self._by_name[name] = known or Macro(tuple(original), is_final=True)
        else:
            name = _command_name(source.argument(command), command)
            count = 0
            while source.take("#"):
                count += 1
                if not source.take(str(count)):
                    raise UnsupportedMath(f"{command} of {name} does not number its arguments #1, #2 and so on")
            if source.next_token() != "{":
                raise UnsupportedMath(rf"{command} of {name} with signs between arguments is not supported; write \newcommand")
            self._by_name[name] = Macro(tuple(source.argument(command)), count)


def _command_name(tokens: list[str], command: str) -> str:
    name = "".join(tokens).strip()
    if not re.fullmatch(r"\\(?:[A-Za-z]+|[^A-Za-z\s])", name):
        raise UnsupportedMath(rf"{command} names {name or 'nothing'}, which is no command such as \name")
    return name


def _filled_body(name: str, macro: Macro, source: _TokenSource) -> list[str]:
    """The signs that a command with its arguments stands for."""
    arguments: list[list[str]] = []
    if macro.default is not None and macro.arguments:
        arguments.append(source.optional_argument() or list(macro.default))
    while len(arguments) < macro.arguments:
        arguments.append(source.argument(name, of=macro.arguments))
    filled: list[str] = []
    parts = iter(macro.body)
    for token in parts:
        number = next(parts, "") if token == "#" else ""
        if token != "#" or number == "#":
            filled.append(token)
        elif number.isdecimal() and 0 < int(number) <= len(arguments):
            filled += arguments[int(number) - 1]
        else:
            raise UnsupportedMath(f"the macro {name} has {macro.arguments} arguments and uses #{number}")
        if len(filled) > _PUSHED:
            break  # `push` refuses it
    return filled


class _TokenSource:
    """Signs that are still to be read, the next of them last in `left`."""

    def __init__(self, tokens: list[str]) -> None:
        self.left = tokens[::-1]
        self._pushed = 0

    def push(self, tokens: list[str], name: str) -> None:
        """Put what `name` stands for before the rest."""
        self._pushed += len(tokens) + 1
        if self._pushed > _PUSHED:
            raise UnsupportedMath(f"the macro {name} stands for too much, or for itself")
        self.left += reversed(tokens)

    def next_token(self) -> str:
        """The next sign that is no blank, which stays; "" at the end."""
        while self.left and self.left[-1].isspace():
            self.left.pop()
        return self.left[-1] if self.left else ""

    def take(self, token: str) -> bool:
        """Take the next sign, if it is this one."""
        is_next = self.next_token() == token
        if is_next:
            self.left.pop()
        return is_next

    def argument(self, name: str, of: int = 0) -> list[str]:
        """The next argument of `name`: a sign, or the signs of a group."""
        token = self.next_token()
        if token in ("", "}"):
            raise UnsupportedMath(f"{name} lacks an argument" + (f" of its {of}" if of > 1 else ""))
        self.left.pop()
        return self._until("}", name) if token == "{" else [token]

    def optional_argument(self) -> list[str] | None:
        """The signs of an argument in brackets, if one is next."""
        return self._until("]", "[") if self.take("[") else None

    def _until(self, closing: str, name: str) -> list[str]:
        """The signs up to one that closes, outside of groups; it goes too."""
        taken: list[str] = []
        depth = 0
        while self.left:
            token = self.left.pop()
            self._pushed += 1
            if token == closing and not depth:
                return taken
            depth += (token == "{") - (token == "}")
            taken.append(token)
        raise UnsupportedMath(f"the argument of {name} does not end")
