"""Numbers that prose states and whose sign is another than recorded: a sentence such as "better by {{ gap }}" then says the opposite."""

from __future__ import annotations

import math
from collections.abc import Iterator

from labnotes.model.observation import Observation
from labnotes.source import bindings
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
