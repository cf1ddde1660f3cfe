"""How many trial changes to a record a check would notice, kept beside it as `mutations.json` by `labnotes mutate`: it takes up to half a minute."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from labnotes.model.json_text import dumps
from labnotes.model.observation import Observation
from labnotes.source.notes import Note
from labnotes.store.staleness import MUTATIONS


@dataclass(frozen=True)
class MutationScore:
    """The score of one record, by its digest; `survivors` are the changes that nobody would have been told of, alike ones on a line."""

    record: str
    noticed: int
    total: int
    survivors: tuple[str, ...]


def write(note: Note, score: MutationScore) -> Path:
    """Keep the score beside the record."""
    path = note.folder / MUTATIONS
    path.write_text(dumps(asdict(score)), encoding="utf-8")
    return path


def read(note: Note, recorded: Observation) -> MutationScore | None:
    """The score of exactly this record; None if none is kept, or it cannot be read: making it anew costs little."""
    try:
        made = json.loads((note.folder / MUTATIONS).read_text(encoding="utf-8"))
        score = MutationScore(str(made["record"]), int(made["noticed"]), int(made["total"]), tuple(map(str, made["survivors"])))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return score if score.record == recorded.digest else None
