"""Every note of this repository can be read, has an intact record, and the record is of the note as it is."""

from pathlib import Path

import pytest

from labnotes.kernel.isolation import APART_NETWORK, LANDLOCK
from labnotes.source import labs, notes
from labnotes.source.author_calls import NoteDefinitions
from labnotes.store import records
from labnotes.store.staleness import stale_reasons

LAB = labs.Lab(Path(__file__).parents[2])


@pytest.fixture(scope="module", params=LAB.note_slugs())
def note(request):
    return notes.read_note(LAB, request.param)


@pytest.fixture(scope="module")
def recorded(note):
    record = records.read_record(note.record_folder, LAB.shown_path(note.record_folder))
    assert record is not None, f"{note.slug} has no record: labnotes run {note.slug}; labnotes accept {note.slug}"
    return record


def test_the_record_is_fresh(note, recorded):
    assert stale_reasons(recorded.provenance, recorded.cells, note, LAB) == []


def test_nothing_is_unverified_and_every_statement_holds(recorded):
    assert all(figure.data.unverified == () for figure in recorded.figures.values())
    assert all(claim.upheld is not False for claim in recorded.claims.values())


def test_every_claim_is_stated_in_the_prose(note, recorded):
    prose = "\n".join(cell.source for cell in note.source.text_cells) + str(note.definitions.words)
    assert isinstance(note.definitions, NoteDefinitions)
    unstated = [name for name in recorded.claims if f"{{{{ {name}" not in prose]
    assert unstated == []


def test_the_run_was_cut_off_the_network(recorded):
    environment = recorded.provenance.environment
    assert environment.isolation in ("network namespace", "Landlock (TCP only)", APART_NETWORK, LANDLOCK), environment
    assert recorded.provenance.dependencies.outside == ()
