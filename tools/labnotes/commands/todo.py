"""What stays to do in a note until it can be published, with the best guesses for its numbers, and these written into its source."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from labnotes.adoption import edits, matching, prose_numbers, remaining, stored_outputs
from labnotes.adoption.drafts import Told, place_of
from labnotes.adoption.edits import EditedNotebook
from labnotes.adoption.matching import NumberProposal
from labnotes.adoption.shown_objects import ObjectProposal
from labnotes.commands.adopt import TakenProposals, object_proposals, outputs_by_cell
from labnotes.model.observation import CellOutputs
from labnotes.source import notebooks, notes, prose_facts
from labnotes.source.labs import Lab
from labnotes.source.notebooks import WholeCell
from labnotes.source.notes import Note
from labnotes.store import adopted_notes, folders, records


@dataclass(frozen=True)
class NoteTodo:
    """What stays to do in a note, by kind: numbers that nothing binds, each with its proposal if there is one, what cells show without words,
    and everything else. `printed` says which numbers
    a recorded run printed, where the code is not the one that was adopted."""

    note: Note
    cells: tuple[WholeCell, ...]
    loose: tuple[tuple[str, str], ...]
    numbers: tuple[NumberProposal, ...]
    objects: tuple[ObjectProposal, ...]
    others: tuple[Told, ...]
    printed: tuple[Told, ...]

    @property
    def without_guess(self) -> list[tuple[str, str]]:
        """The numbers that nothing binds and that are no value of the code, each after its place."""
        places = {(index, number) for number, index in enumerate((i for i, cell in enumerate(self.cells) if cell.kind == "text"), 1)}
        numbers = dict(places)
        text_cells = self.note.source.text_cells
        guessed = [
            (text_cells[numbers[proposal.cell] - 1].line_place(proposal.number.line), proposal.number.written)
            for proposal in self.numbers
            if numbers[proposal.cell] <= len(text_cells)
        ]
        rest = []
        for place, written in self.loose:
            match = next(
                (
                    pair
                    for pair in guessed
                    if pair[0] == place and pair[1].strip("-\N{MINUS SIGN}").startswith(written.rstrip(" %").strip("-\N{MINUS SIGN}"))
                ),
                None,
            )
            if match is None:
                rest.append((place, written))
            else:
                guessed.remove(match)
        return rest

    @property
    def is_done(self) -> bool:
        return not (self.loose or self.objects or self.others)


def note_todo(lab: Lab, slug: str) -> NoteTodo:
    """What stays to do in a note until it can be published.

    Raises InvalidNote if its files cannot be read.
    """
    note = notes.read_note(lab, slug, numbers_first=True)
    source = note.folder / note.source.path.name
    cells = notebooks.whole_notebook(source.read_bytes(), source.suffix, note.source.path).cells
    kept = adopted_notes.read_facts(lab, slug)
    is_kept = kept is not None and kept.code == note.code_digest
    values = kept.values if kept is not None and is_kept else ()
    numbers = tuple(proposal for proposal in matching.NumberMatcher(cells, values).propose_claims() if proposal.is_likely)
    recorded = records.read_record(note.record_folder, lab.shown_path(note.record_folder))
    objects = tuple(object_proposals(cells, note, recorded)) if recorded is not None else ()
    others = [Told(problem.where, problem.what, problem.hint) for problem in note.word_problems]
    others += remaining.words_to_fill_in(cells, note.settings)
    others += remaining.addresses_read(cells, [pin.address for pin in note.settings.input_pins])
    others += remaining.unseeded_draws(cells)
    if kept is not None and is_kept:
        others += remaining.slow_cells(cells, kept.seconds)
        others += [Told(f"cell {cell}", text, "mend the text, or the code") for cell, text in kept.differences]
    if recorded is None:
        others.append(Told("", "has no record", f"labnotes run {slug} && labnotes accept {slug}"))
    loose = tuple((cell.line_place(line), number) for cell, line, number in _loose_numbers(note))
    outputs = outputs_by_cell(note, recorded) if recorded is not None and not is_kept else {}
    return NoteTodo(note, cells, loose, numbers, objects, tuple(others), tuple(_printed_numbers(cells, outputs)))


def _printed_numbers(cells: Sequence[WholeCell], outputs: Mapping[int, CellOutputs]) -> Iterator[Told]:
    """The numbers of the text that the recorded run printed, where nothing else is known of its values."""
    for index, cell in enumerate(cells):
        for number in prose_numbers.numbers_in(cell.source) if cell.kind == "text" and outputs else ():
            place = stored_outputs.printed_place(index, number.written, cells, outputs)
            if place is not None:
                what = f"{remaining.shown_number(cell.source, number)}: cell {place.cell} prints {place.line:.100}"
                yield Told(place_of(cells, index), what)


def _loose_numbers(note: Note) -> Iterator[tuple[notebooks.Cell, int, str]]:
    """The numbers in the text of a note that nothing binds, each with its cell and line."""
    prose_facts.remember_cells(note.source.text_cells)
    for cell in note.source.text_cells:
        for line, number in prose_facts.cell_facts(cell).numbers:
            yield cell, line, number


def write_choice(lab: Lab, todo: NoteTodo, choice: TakenProposals) -> EditedNotebook:
    """Write proposals into the source of a note. It is to be run and accepted afterwards."""
    source = todo.note.folder / todo.note.source.path.name
    folders.refuse_links(source, lab.root)
    edited = edits.write_proposals(todo.cells, choice.numbers, choice.objects, todo.note.definitions.claims)
    folders.replace_file(source, notebooks.note_source(edited.cells, source.suffix))
    return edited
