"""How many notebooks of other people become pages, and how many of the numbers that --yes binds are results?

    .venv/bin/python benchmarks/adoption.py FOLDER [--names FILE] [--labels FILE] [--out FILE] [--only PATTERN] [--build]

adopts every notebook below a folder, or those that FILE names by their paths from it, in a lab of its own, as `labnotes adopt --yes` does, one after
another, and prints a line for each: a page without a hand's touch, or why not. `--build` then builds the site with all drafts, and counts as pages only the notes that it has.

With labels it prints the precision and the recall of the bound numbers, each with a 95 % interval (Wilson). Labels are JSON, one object a line:
{"notebook": path from FOLDER, "cell": index of the text cell (Markdown, from 0), "start": offset in its source, "number": "0.93",
"is_result": true, "expression": "scores.mean()" or null}. Whoever labels has not seen what is proposed. A bound number is right if it is labelled as a
result and, where the label names an expression, the claim has its value; one that is not labelled is listed, and counts for nothing.
"""

from __future__ import annotations

import argparse
import ast
import json
import shutil
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path

from labnotes.adoption import origins, run_remedies
from labnotes.commands.adopt import AdoptOptions, NotAdopted, TakesCertain, adopt_notebook, read_drafts
from labnotes.errors import LabNotesError
from labnotes.model.shares import wilson_interval
from labnotes.source import notebooks
from labnotes.source.labs import Lab


@dataclass(frozen=True)
class BoundNumber:
    """A number that was bound: where it stands in the original, the expression of its claim, and what stands around it."""

    cell: int
    start: int
    number: str
    expression: str
    around: str = ""


@dataclass
class TriedNotebook:
    """What came of a notebook: `reason` is "" for a page. `proposed` counts the numbers with a candidate that were not certain."""

    notebook: str
    reason: str = ""
    what: str = ""
    seconds: float = 0.0
    over: float = 0.0
    mended: int = 0
    remaining: int = 0
    figures: int = 0
    proposed: int = 0
    bound: list[BoundNumber] = field(default_factory=list)


class Quiet:
    """Is told how runs advance, and says nothing."""

    def started(self, slug: str) -> None: ...

    def finished(self, slug: str, outcome: str, seconds: float) -> None: ...

    def warning(self, text: str) -> None: ...

    def cell(self, slug: str, number: int, total: int) -> None: ...

    def printed(self, slug: str, number: int, text: str) -> None: ...


def try_notebook(lab: Lab, path: Path, name: str, slug: str, timeout: str) -> TriedNotebook:
    tried = TriedNotebook(name)
    began = time.monotonic()
    try:
        [ready] = read_drafts(lab, [path], slug, AdoptOptions(timeout=timeout))
        originals = [cell.source for cell in notebooks_text(path)]
        done = adopt_notebook(lab, ready, AdoptOptions(timeout=timeout), TakesCertain(), Quiet())
    except LabNotesError as error:
        text = "\n".join(map(str, error.problems))
        tried.what = text
        tried.reason = run_remedies.remedy_for(text).reason if isinstance(error, NotAdopted) else refusal_reason(text)
        return tried
    tried.seconds, tried.over = done.seconds, time.monotonic() - began - done.seconds
    tried.mended, tried.remaining = len(done.mended), len(done.remaining)
    tried.figures = len(done.taken.objects)
    tried.proposed = len(done.left_numbers)
    text_indexes = [index for index, cell in enumerate(ready.draft.cells) if cell.kind == "text"]
    for accepted in done.taken.numbers:
        cell = text_indexes.index(accepted.proposal.cell)
        mended = ready.draft.cells[accepted.proposal.cell].source
        number = accepted.proposal.number
        start = original_place(originals[cell], mended, number.start, number.written)
        tried.bound.append(BoundNumber(cell, start, number.written, accepted.candidate.told.expression, number.sentence))
    return tried


def notebooks_text(path: Path) -> list[notebooks.WholeCell]:
    """The text cells of the original that the note has too: all but one that is nothing but front matter."""
    draft = origins.read_origin(path, path)
    cells = [cell for cell in draft.cells if cell.kind == "text"]
    return cells[1:] if cells and cells[0].source.startswith("---\n") and cells[0].source.rstrip().endswith("---") else cells


def original_place(original: str, mended: str, start: int, written: str) -> int:
    """Where a number of a mended text stands in the original: as many of its kind stand before it."""
    count = mended.count(written, 0, start)
    place = -1
    for _ in range(count + 1):
        place = original.find(written, place + 1)
    return place


def refusal_reason(text: str) -> str:
    for word, reason in (
        ("not installed here", "a package is missing"),
        ("is Python 2", "Python 2"),
        ("does not parse", "its code does not parse"),
    ):
        if word in text:
            return reason
    return "refused"


# -- labels ------------------------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Label:
    """What a person says of a number in the original."""

    notebook: str
    cell: int
    start: int
    number: str
    is_result: bool
    expression: str | None


def read_labels(path: Path) -> list[Label]:
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
    return [Label(*(line[key] for key in ("notebook", "cell", "start", "number", "is_result")), line.get("expression")) for line in lines]


def find_label(labels: Sequence[Label], bound: BoundNumber) -> Label | None:
    """The label of a bound number: of the same cell, at a place within the number."""
    width = len(bound.number) + 1
    return next(
        (
            label
            for label in labels
            if label.cell == bound.cell and abs(label.start - bound.start) <= width and digits(label.number) == digits(bound.number)
        ),
        None,
    )


def digits(text: str) -> str:
    return "".join(sign for sign in text if sign.isdigit() or sign == ".").rstrip(".")


def same_expression(first: str, second: str) -> bool:
    """Whether two expressions are the same but for how they are written."""
    try:
        return ast.dump(ast.parse(first.strip(), mode="eval")) == ast.dump(ast.parse(second.strip(), mode="eval"))
    except SyntaxError:
        return first.strip() == second.strip()


def show_precision(tried: Sequence[TriedNotebook], labels: Sequence[Label]) -> None:
    by_notebook: dict[str, list[Label]] = {}
    for label in labels:
        by_notebook.setdefault(label.notebook, []).append(label)
    ran = {item.notebook for item in tried if not item.reason}
    results = sum(label.is_result for label in labels if label.notebook in ran)
    right, wrong, unlabelled, otherwise = 0, [], [], []
    for item in tried:
        for bound in item.bound:
            label = find_label(by_notebook.get(item.notebook, []), bound)
            if label is None:
                unlabelled.append((item.notebook, bound))
            elif not label.is_result:
                wrong.append((item.notebook, bound))
            else:
                right += 1
                if label.expression and not same_expression(label.expression, bound.expression):
                    otherwise.append((item.notebook, bound, label.expression))
    for title, part, whole in (("precision", right, right + len(wrong)), ("recall", right, results)):
        if whole:
            low, high = wilson_interval(part, whole)
            print(f"{title}: {part} of {whole}, {part / whole:.1%} (95 % interval {low:.1%} to {high:.1%})")
    for title, entries in (("bound, and labelled as no result", wrong), ("bound, and not labelled", unlabelled)):
        for notebook, bound in entries:
            print(f"{title}: {notebook}, text cell {bound.cell}, {bound.number} as {bound.expression}")
    for notebook, bound, expression in otherwise:
        print(
            f"look whether these are one value: {notebook}, text cell {bound.cell}, {bound.number}: {bound.expression}, labelled {expression}"
        )


# -- the whole ---------------------------------------------------------------------------------------------------------------------------


def show_table(tried: Sequence[TriedNotebook], without_page: frozenset[str]) -> None:
    for item in tried:
        reason = item.reason or ("its page has faults" if item.notebook in without_page else "page")
        told = f"{item.seconds:5.0f} s + {item.over:3.0f} s, mended {item.mended}, to do {item.remaining}, {len(item.bound)} bound, {item.proposed} not, {item.figures} shown"
        print(f"{reason:24} {item.notebook}  {told if not item.reason else item.what.splitlines()[0][:150]}")
    reasons = Counter(item.reason or ("its page has faults" if item.notebook in without_page else "page") for item in tried)
    print(f"\n{len(tried)} notebooks: " + ", ".join(f"{count} {reason}" for reason, count in reasons.most_common()))


def faulty_notes(lab: Lab, slugs: dict[str, str]) -> frozenset[str]:
    """The notebooks whose notes have no page in a built site, or one with faults; `slugs` has the note of each."""
    from labnotes.commands.build import build_site
    from labnotes.commands.new import new_lab
    from labnotes.store import result_stores

    new_lab(lab.root)
    built = build_site(lab, lab.root / "site", result_stores.find_source(lab, None), drafts=True, tell=lambda _: None)
    told = "\n".join(map(str, [*built.staged.all_problems, *built.faults]))
    print(told[:20_000])
    there = {
        name
        for name, slug in slugs.items()
        if (lab.root / "site" / "notes" / slug / "index.html").is_file() and f"notes/{slug}/" not in told
    }
    return frozenset(slugs.keys() - there)


def chosen_notebooks(folder: Path, names: Path | None, only: str) -> Iterator[Path]:
    if folder.is_file():
        yield folder
        return
    if names is not None:
        paths = (folder / line for line in names.read_text(encoding="utf-8").splitlines() if line.strip())
        yield from (path for path in paths if path.match(only))
        return
    yield from (path for path in sorted(origins.notebooks_below(folder)) if path.match(only))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--names", type=Path)
    parser.add_argument("--labels", type=Path)
    parser.add_argument("--out", type=Path, help="write what was found as JSON lines")
    parser.add_argument("--only", default="*", help="a pattern of names")
    parser.add_argument("--timeout", default="10m")
    parser.add_argument("--build", action="store_true")
    given = parser.parse_args()
    place = Path(tempfile.mkdtemp(prefix="adoption-"))
    tried: list[TriedNotebook] = []
    slugs: dict[str, str] = {}
    try:
        lab = Lab(place.resolve())
        lab.notes_folder.mkdir()
        for number, path in enumerate(chosen_notebooks(given.folder, given.names, given.only), 1):
            name = path.relative_to(given.folder).as_posix() if path != given.folder else path.name
            slug = f"n{number}"
            tried.append(try_notebook(lab, path, name, slug, given.timeout))
            if not tried[-1].reason:
                slugs[name] = slug
            print(f"{number} {tried[-1].reason or 'recorded'}: {name}", file=sys.stderr, flush=True)
            if given.out:
                given.out.write_text("".join(json.dumps(asdict(item)) + "\n" for item in tried))
        show_table(tried, faulty_notes(lab, slugs) if given.build else frozenset())
    finally:
        shutil.rmtree(place, ignore_errors=True)
    if given.labels:
        show_precision(tried, read_labels(given.labels))


if __name__ == "__main__":
    main()
