"""Numbers that prose states and whose sign is not what the sentence says: another than recorded, or negative at a word such as "higher"."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator

from labnotes.model.observation import Observation
from labnotes.source import bindings
from labnotes.source.direction_words import directed_numbers
from labnotes.source.notes import Note


def sign_change_notices(note: Note, recorded: Observation, observed: Observation) -> Iterator[str]:
    """A notice for each claim that prose binds by its value and that is above zero in one of the two and below in the other."""
    for name, claim in observed.claims.items():
        then = recorded.claims.get(name)
        if then is None or isinstance(claim.value, bool) or isinstance(then.value, bool):
            continue
        if math.isfinite(claim.value) and math.isfinite(then.value) and claim.value * then.value < 0:
            places = bindings.bound_places(note.source.text_cells, name)
            if places:
                what = f"claim {name}: {then.printed_value} is {claim.printed_value} now, with another sign"
                yield f"{what}; read again what the prose says of it: {', '.join(places)}"


def direction_notices(note: Note, observed: Observation) -> Iterator[str]:
    """A notice for each bound number that is negative where the prose says in which direction it goes, as in "more robust by −0.9 %"."""
    for cell in note.source.text_cells:
        for directed in directed_numbers(cell.source):
            claim = observed.claims.get(directed.binding.name)
            if claim is None or isinstance(claim.value, bool):
                continue
            shown = bindings.bound_value(directed.binding, claim)
            if re.match(r"[-\N{MINUS SIGN}].*[1-9]", shown):
                phrase = directed.phrase.replace("{}", shown)
                yield f"{cell.line_place(directed.line)}: a reader sees {phrase!r}, a negative number at a word of direction: read the sentence again"
