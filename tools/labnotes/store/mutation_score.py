"""How many trial changes to a record a check would notice: `labnotes mutate` keeps it beside the record as `mutations.json`."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from labnotes.model.json_text import dump_json
from labnotes.model.observation import Observation
from labnotes.source.notes import Note
from labnotes.store.dependencies import MUTATIONS


@dataclass(frozen=True)
class MutationScore:
    """The score of one record, named by its digest; `survivors` are the changes that no check would report, similar ones joined in one
    line."""

    record: str
    noticed: int
    total: int
    survivors: tuple[str, ...]


def write_score(note: Note, score: MutationScore) -> Path:
    """Write the score beside the record, and return the path of its file."""
    path = note.folder / MUTATIONS
    path.write_text(dump_json(asdict(score)), encoding="utf-8")
    return path


def read_score(note: Note, recorded: Observation) -> MutationScore | None:
    """The score of exactly this record; None if none is kept, or it cannot be read: making it anew costs little."""
    try:
        made = json.loads((note.folder / MUTATIONS).read_text(encoding="utf-8"))
        score = MutationScore(str(made["record"]), int(made["noticed"]), int(made["total"]), tuple(map(str, made["survivors"])))
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return score if score.record == recorded.results_digest else None
