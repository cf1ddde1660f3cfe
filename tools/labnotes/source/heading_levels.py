"""Headings as a page shows them: under one title, that of note.yml, and with no level left out."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from labnotes.source.prose_facts import ProseFacts, ProseHeading

DEEPEST = 6
"""The deepest level of headings in HTML."""

TITLE = 0
"""The level at which a page shows the title of a notebook: not at all, since it has the one of note.yml. A heading without words has it, too."""


@dataclass(frozen=True)
class LevelledHeading:
    """A heading in a text cell (`cell` is its index from 0), with the `level` at which a page shows it."""

    cell: int
    heading: ProseHeading
    level: int


def title_cell(facts: Sequence[ProseFacts]) -> int:
    """The index of the text cell that holds the title of a notebook, -1 for none: a heading of the first level before which no words stand.
    Pictures may, such as a badge that opens the notebook elsewhere."""
    for at, said in enumerate(facts):
        if said.headings and said.headings[0].level == 1 and said.headings[0].is_first:
            return at
        if said.beginnings:
            break
    return -1


def level_headings(facts: Sequence[ProseFacts], left_out: Sequence[bool]) -> Iterator[LevelledHeading]:
    """All headings of a note, by what its text cells say and which of them its page leaves out.

    A heading is shown one level below the nearest before it that is of a higher level, or of the title: further headings of the first level
    become sections, what stands under them moves down with them, and a level that is passed over is closed. In a note with neither, each is
    shown at the level at which it is written.
    """
    with_title = title_cell(facts)
    above: list[tuple[int, int]] = []  # the levels, as written and as shown, of the headings that the next may stand under
    for at, said in enumerate(facts):
        for place, heading in enumerate(said.headings):
            if heading.is_empty or (at == with_title and not place):
                yield LevelledHeading(at, heading, TITLE)
                continue
            while above and above[-1][0] >= heading.level:
                above.pop()
            level = min(DEEPEST, (above[-1][1] if above else 1) + 1)
            if not left_out[at]:
                above.append((heading.level, level))
            yield LevelledHeading(at, heading, level)
