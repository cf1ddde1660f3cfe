"""How many trial changes to a record a check would notice: `labnotes mutate` keeps it beside the record as `mutations.json`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from labnotes.errors import InvalidNote
from labnotes.model.encoding import decode_value
from labnotes.model.json_text import dump_json, parse_json
from labnotes.model.observation import Observation
from labnotes.source import file_limits
from labnotes.source.notes import Note
from labnotes.store import folders
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
    folders.refuse_links(path, note.folder.parents[1])
    folders.replace_file(path, dump_json(score).encode())
    return path


def read_score(note: Note, recorded: Observation) -> MutationScore | None:
    """The score of exactly this record; None if none is kept, or it cannot be read: making it anew costs little."""
    try:
        path = note.folder / MUTATIONS
        score = decode_value(MutationScore, parse_json(file_limits.read_plain_file(path, path, file_limits.LARGEST_SOURCE)))
    except (OSError, ValueError, InvalidNote):
        return None
    return score if score.record == recorded.results_digest else None
