"""Numbers that a run's cells made and its kernel told of: what prose may state of them."""

from __future__ import annotations

from dataclasses import dataclass

VARIABLE, PRINTED, SHOWN = "variable", "printed", "shown"
"""How a cell had a number: in a variable at its end; in a text that it made, as an argument of print or within a format; as its last
expression."""


@dataclass(frozen=True, kw_only=True)
class ToldValue:
    """A number of a code cell (`cell`, from 1).

    `expression` reaches it at the end of the cell: `written`, which stands in the cell's code or is the name of a variable, and the way from
    there into a container. `times` is how often the cell computed what is `written`.
    """

    cell: int
    written: str
    expression: str
    value: int | float
    how: str
    times: int = 1
