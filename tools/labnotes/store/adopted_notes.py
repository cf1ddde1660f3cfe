"""What adopting a notebook found out and `labnotes todo` asks for later: kept below .labnotes/, which may be deleted at any time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field

from labnotes.errors import InvalidNote
from labnotes.model.told_values import ToldValue
from labnotes.source import file_limits
from labnotes.source.labs import Lab
from labnotes.store import folders

KEPT = ".labnotes/adopted"
"""The folder of a lab with a file for each note that was adopted."""


@dataclass(frozen=True)
class AdoptedFacts:
    """What is kept of a note: the digest of its code, the numbers that a run of that code told of, the seconds of each cell by its number, and
    what the outputs that the notebook had said otherwise, each with its cell."""

    code: str
    values: tuple[ToldValue, ...] = ()
    seconds: Mapping[int, float] = field(default_factory=dict)
    differences: tuple[tuple[int, str], ...] = ()


def keep_facts(lab: Lab, slug: str, facts: AdoptedFacts) -> None:
    folder = folders.own_folder(lab.root / KEPT, lab.root)
    fields = {
        "code": facts.code,
        "values": [[told.cell, told.written, told.expression, told.value, told.how, told.times] for told in facts.values],
        "seconds": list(facts.seconds.items()),
        "differences": list(facts.differences),
    }
    folders.replace_file(folder / f"{slug}.json", json.dumps(fields).encode(), durable=False)


def read_facts(lab: Lab, slug: str) -> AdoptedFacts | None:
    """What is kept of a note; None if nothing is, or it cannot be read."""
    path = lab.root / KEPT / f"{slug}.json"
    try:
        fields = json.loads(file_limits.read_plain_file(path, path, file_limits.LARGEST_RECORD_FILE))
        values = [
            ToldValue(cell=int(cell), written=str(written), expression=str(expression), value=value, how=str(how), times=int(times))
            for cell, written, expression, value, how, times in fields["values"]
            if isinstance(value, int | float)
        ]
        seconds = {int(cell): float(taken) for cell, taken in fields["seconds"]}
        return AdoptedFacts(
            str(fields["code"]), tuple(values), seconds, tuple((int(cell), str(text)) for cell, text in fields["differences"])
        )
    except (OSError, InvalidNote, ValueError, KeyError, TypeError):
        return None
