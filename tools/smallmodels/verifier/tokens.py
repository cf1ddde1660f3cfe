"""A marked line of code in its function, as the tokens that a small transformer reads, and lines of code back from such tokens.

The vocabulary is fixed: Python's own words and operators, and the words most packages of the training set share. Any other name of a function
becomes `id0`, `id1`, …, any other number `num0`, …, any other string `str0`, …, counted by first appearance; what each stands for is kept with
the item, so that a model can misuse a variable, and its lines can be read. Code is split line by line, so that a broken line is split as well.
It does not look into f-strings: each is one string.
"""

from __future__ import annotations

import ast
import builtins
import keyword
import re
import token
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from enum import Enum, IntEnum
from functools import lru_cache

CONTEXT = 256
"""Longest sequence, in tokens."""

WINDOW = 160
"""Most tokens of the function around the marked line; a long line leaves less."""

LONGEST = 96
"""Most tokens of the written line; what follows is cut off."""

GROWTH = 16
"""Most tokens that the right line may have more than the written one."""

BEFORE = 0.65
"""Share of the window that lies before the marked line, where there is enough on both sides."""

DEPTHS = 10
"""Depths of indentation told apart; deeper lines count as the deepest."""


@dataclass(frozen=True)
class Item:
    """A function of a package as it is written, one line marked in it, and what that line should be.

    `function` is what `ast.unparse` makes of one function without docstring, `line` counts from 1, `right` includes the indentation. Raises
    ValueError where the function has no such line.
    """

    package: str
    function: str
    line: int
    right: str

    def __post_init__(self) -> None:
        if not 1 <= self.line <= len(self.lines):
            raise ValueError(f"line {self.line} is marked, and the function of {self.package} has {len(self.lines)}")

    @property
    def lines(self) -> list[str]:
        """The function, line by line; unlike `splitlines`, with an empty last line, which a generator may write."""
        return self.function.split("\n")

    @property
    def written(self) -> str:
        """The marked line as it is written."""
        return self.lines[self.line - 1]

    @property
    def bug(self) -> bool:
        """Whether the marked line is written wrongly."""
        return self.written != self.right

    def with_line(self, text: str) -> Item:
        """The same function with another text in the marked line."""
        lines = self.lines
        lines[self.line - 1] = text
        return replace(self, function="\n".join(lines))


class Special(IntEnum):
    """Tokens that are no code. `HOLE` stands where the marked line was; the line as written follows `WAS`, the question `JUDGE` or `NOW` it."""

    PAD = 0
    HOLE = 1
    WAS = 2
    JUDGE = 3
    NOW = 4
    END = 5
    YES = 6
    NO = 7


class Kind(Enum):
    """Kinds of words, with the name of their placeholders and how many of each a function may have; later ones are unknown."""

    NAME = ("id", 40)
    NUMBER = ("num", 12)
    STRING = ("str", 20)
    OPERATOR = ("op", 0)


# What Python's tokenize module splits, without its state from line to line: a string that is not closed on its line ends there, and any other
# character stands alone.
_WORDS = re.compile(
    r"""(?P<STRING>[A-Za-z]{0,2}(?:'''.*?(?:'''|$)|\"{3}.*?(?:\"{3}|$)|'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"))"""
    r"""|(?P<NUMBER>(?:0[xXoObB][0-9A-Fa-f_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][-+]?\d+)?)[jJ]?)"""
    r"""|(?P<NAME>\w+)"""
    rf"""|(?P<OPERATOR>{"|".join(map(re.escape, sorted(token.EXACT_TOKEN_TYPES, key=lambda each: (-len(each), each))))})"""
    r"""|(?P<OTHER>\S)"""
)

OPERATORS = sorted(token.EXACT_TOKEN_TYPES)
FIXED = [*OPERATORS, *keyword.kwlist, *(name for name in sorted(dir(builtins)) if not name.startswith("_") and name not in keyword.kwlist)]
"""Words that every vocabulary has."""


@lru_cache(1 << 15)  # many items lie in one function
def words(line: str) -> tuple[tuple[Kind, str], ...]:
    """The words of a line, without its indentation. A character that Python does not know counts as a string."""
    found = ((match.lastgroup or "", match.group()) for match in _WORDS.finditer(line))
    return tuple((Kind.STRING if kind == "OTHER" else Kind[kind], word) for kind, word in found)


def depth(line: str) -> int:
    """How deep a line is indented, in steps of four blanks."""
    return min(DEPTHS - 1, (len(line) - len(line.lstrip(" "))) // 4)


def same(one: str, other: str) -> bool:
    """Whether two lines have the same words at the same depth: blanks between words do not count."""
    return depth(one) == depth(other) and words(one) == words(other)


@dataclass(frozen=True)
class Encoded:
    """An item as tokens, the parts of its function, and the words that placeholders stand for.

    The function `before` and `after` the marked line, this line as `written`, and as it is `right`, each with the token of its depth first. The right
    line has no part in what placeholders stand for.
    """

    before: list[int]
    after: list[int]
    written: list[int]
    right: list[int]
    stands_for: dict[int, str]
    bug: bool

    @property
    def question(self) -> list[int]:
        """What both models read: the function with a hole, and the line as written."""
        return [*self.before, Special.HOLE, *self.after, Special.WAS, *self.written]

    @property
    def limit(self) -> int:
        """Most tokens that a line written instead may have, its end included."""
        return len(self.written) + GROWTH + 1


class Vocabulary:
    """Tokens by number: special ones, depths, placeholders with one unknown of each kind, then words.

    Raises ValueError for a word that is there twice.
    """

    def __init__(self, learnt: Iterable[str]) -> None:
        self.names = [each.name for each in Special] + [f"depth{i}" for i in range(DEPTHS)]
        self.depths = len(Special)
        self.unknown: dict[Kind, int] = {}
        self._placeholders: dict[Kind, range] = {}
        for kind in Kind:
            name, many = kind.value
            first = len(self.names)
            self._placeholders[kind] = range(first, first + many)
            self.unknown[kind] = first + many
            self.names += [*(f"{name}{i}" for i in range(many)), f"{name}?"]
        self.first_word = len(self.names)
        self.words = (*FIXED, *learnt)
        self.names += self.words
        self._of = {word: self.first_word + i for i, word in enumerate(self.words)}
        if len(self._of) < len(self.words):
            raise ValueError(f"words that are there twice: {sorted(word for word, n in Counter(self.words).items() if n > 1)}")

    def __len__(self) -> int:
        return len(self.names)

    @classmethod
    def learnt(cls, items: Iterable[Item], size: int = 800) -> Vocabulary:
        """A vocabulary with the `size` words that most packages of these items have, then the most frequent; equals in alphabetical order.

        What only one package says does not help in another. Each line of a package counts once, however many items its function is in.
        """
        lines: dict[str, set[str]] = defaultdict(set)
        for item in items:
            lines[item.package].update(item.lines)
        packages, times = Counter[str](), Counter[str]()
        for each in lines.values():
            here = Counter(word for line in each for _, word in words(line))
            times.update(here)
            packages.update(here.keys())
        ranked = sorted(times.keys() - set(FIXED), key=lambda word: (-packages[word], -times[word], word))
        return cls(ranked[:size])

    def encoded(self, item: Item) -> Encoded:
        """An item as tokens.

        Placeholders are counted in what the model reads, from top to bottom: first the window without the marked line, then this line, so that another line
        in its place leaves the others' names alone; then in the rest of the function.
        """
        lines = [[(depth(line), None, ""), *((0, kind, word) for kind, word in words(line))] for line in item.lines]
        at = item.line - 1
        written = lines[at][:LONGEST]
        before, after = [word for line in lines[:at] for word in line], [word for line in lines[at + 1 :] for word in line]
        room = min(WINDOW, CONTEXT - 2 * len(written) - GROWTH - 4)  # HOLE, WAS, NOW, END
        wanted = max(int(room * BEFORE), room - len(after))
        early = len(before) - min(len(before), wanted)
        late = min(len(after), room - (len(before) - early))

        of: dict[str, int] = {}
        used: Counter[Kind] = Counter()
        for _, kind, word in (*before[early:], *after[:late], *lines[at], *before[:early], *after[late:]):
            if kind is not None and word not in self._of and word not in of:
                places = self._placeholders[kind]
                if used[kind] < len(places):
                    of[word] = places[used[kind]]
                    used[kind] += 1

        def tokens(each: Iterable[tuple[int, Kind | None, str]]) -> list[int]:
            found = []
            for deep, kind, word in each:
                if kind is None:
                    found.append(self.depths + deep)
                else:
                    found.append(self._of.get(word) or of.get(word) or self.unknown[kind])
            return found

        right = [(depth(item.right), None, ""), *((0, kind, word) for kind, word in words(item.right))][: len(written) + GROWTH]
        return Encoded(
            before=tokens(before[early:]),
            after=tokens(after[:late]),
            written=tokens(written),
            right=tokens(right),
            stands_for={number: word for word, number in of.items()},
            bug=item.bug,
        )

    def writable(self, encoded: Encoded) -> list[int]:
        """Tokens that a line of this function can be made of: depths, words, the function's placeholders, and the end."""
        return [Special.END, *range(self.depths, self.depths + DEPTHS), *encoded.stands_for, *range(self.first_word, len(self))]

    def line(self, tokens: Iterable[int], stands_for: dict[int, str]) -> str:
        """The line that tokens say, as `ast.unparse` writes it where it can be parsed, otherwise its words with blanks between.

        What stands for nothing known is written in angle brackets, which no Python has.
        """
        deep, said = 0, []
        for each in tokens:
            if self.depths <= each < self.depths + DEPTHS:
                deep = each - self.depths
            elif each >= self.first_word:
                said.append(self.names[each])
            else:
                said.append(stands_for.get(each, f"<{self.names[each]}>"))
        return "    " * deep + canonical(" ".join(said))


# What makes a line of a function a program: what stands before it, what follows, the line's place in the program, and how many lines this has.
_AROUND = [
    ("", "", 0, 1),
    ("", " pass", 0, 2),
    ("if x:\n    pass\n", " pass", 2, 4),
    ("try:\n    pass\n", " pass", 2, 4),
    ("", " pass\nfinally:\n    pass", 0, 4),
    ("match x:\n    ", " pass", 1, 3),
    ("", "\n    case _:\n        pass", 0, 3),
    ("", "\ndef f():\n    pass", 0, 3),
]


def canonical(line: str) -> str:
    """A line without indentation as `ast.unparse` writes it; as it is where it is no line of a program, or more than one."""
    for before, after, place, many in _AROUND:
        try:
            lines = ast.unparse(ast.parse(before + line + after)).splitlines()
        except (SyntaxError, ValueError, RecursionError):
            continue
        if len(lines) == many:
            return lines[place].strip()
    return line
