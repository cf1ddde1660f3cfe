"""What an author has still to do with a note: numbers without a claim, words to fill in, data from elsewhere, seeds, slow cells."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence

from labnotes.adoption import code_facts, prose_numbers
from labnotes.adoption.drafts import CHECK_ME, Told, place_of
from labnotes.source import code_digest
from labnotes.source.notebooks import WholeCell
from labnotes.source.setting_texts import TO_FILL_IN
from labnotes.source.settings import NoteSettings

SLOW = 10.0
"""Seconds from which a cell is told as a slow one."""

NO_SUMMARY_TOLD = Told("note.yml", "has no summary", "summary: one sentence that says what was found")

SHOWN_AROUND = 50
"""Characters of a sentence that are shown around a number."""

_DRAWS = {
    "numpy.random": (
        "numpy",
        {
            "rand",
            "randn",
            "randint",
            "normal",
            "uniform",
            "choice",
            "shuffle",
            "permutation",
            "random",
            "binomial",
            "poisson",
            "exponential",
        },
        ("seed", "default_rng", "RandomState"),
    ),
    "random": (
        "random",
        {"random", "randint", "choice", "choices", "sample", "shuffle", "uniform", "gauss", "randrange", "normalvariate", "betavariate"},
        ("seed", "Random"),
    ),
    "torch": ("torch", {"rand", "randn", "randint", "randperm", "normal", "bernoulli", "multinomial"}, ("manual_seed", "Generator")),
}
"""Functions that draw from a generator without a seed, by module, and the functions that give it one."""


def unseeded_draws(cells: Sequence[WholeCell]) -> Iterator[Told]:
    """The cells that draw random numbers before anything gave the generator a seed, and generators that are made without one."""
    aliases = code_facts.module_aliases(cells)
    seeded: set[str] = set()
    for index, cell in enumerate(cells):
        tree = code_digest.parse_code(cell.source) if cell.kind == "code" else None
        drawn: dict[str, str] = {}
        for node in ast.walk(tree) if tree is not None else ():
            called = _called_name(node, aliases) if isinstance(node, ast.Call) else ""
            if not isinstance(node, ast.Call) or not called:
                continue
            owner, _, function = called.rpartition(".")
            if function in ("default_rng", "RandomState") and owner == "numpy.random" and _has_no_seed(node):
                drawn["numpy"] = f"{function}()"
            for module, (word, draws, seeds) in _DRAWS.items():
                if owner == module and function in seeds and not _has_no_seed(node):
                    seeded.add(word)
                elif owner == module and function in draws and word not in seeded:
                    drawn.setdefault(word, f"{module}.{function}")
        for word, what in drawn.items():
            if word not in seeded:
                seeded.add(word)  # is told once
                yield Told(place_of(cells, index), f"draws from {what} without a seed: each run gives other numbers", _seed_hint(word))


def _seed_hint(word: str) -> str:
    calls = {"numpy": "rng = np.random.default_rng(seed())", "random": "random.seed(seed())", "torch": "torch.manual_seed(seed())"}
    return f"from labnotes import seed, and before it: {calls[word]}"


def _called_name(node: ast.Call, aliases: Mapping[str, str]) -> str:
    """The full name of a function that is called, as far as imports tell it."""
    written = ast.unparse(node.func)
    if not re.fullmatch(r"[\w.]+", written):
        return ""
    first, dot, rest = written.partition(".")
    return f"{aliases[first]}{dot}{rest}" if first in aliases else ""


def _has_no_seed(node: ast.Call) -> bool:
    return not node.args and not node.keywords


def slow_cells(cells: Sequence[WholeCell], seconds: Mapping[int, float]) -> Iterator[Told]:
    """The code cells that took long; `seconds` by their numbers."""
    for number, taken in sorted(seconds.items()):
        if taken >= SLOW:
            hint = (
                "every check pays for it. Keep what it computes in the folder that LABNOTES_ARTIFACTS names, as a file that later runs read "
                "(docs/not-everywhere.md), or make it smaller"
            )
            yield Told(f"cell {number}", f"takes {taken:.0f} s of every run", hint)


def words_to_fill_in(cells: Sequence[WholeCell], settings: NoteSettings | None) -> Iterator[Told]:
    """The places that say what to write there, and the calls that adopt wrote and nobody has looked at."""
    if settings is not None and settings.summary.startswith(TO_FILL_IN):
        yield NO_SUMMARY_TOLD
    unseen = sum(cell.source.count(CHECK_ME) for cell in cells if cell.kind == "code")
    if unseen:
        hint = f"look at each, and take away {CHECK_ME!r} where it is right"
        yield Told("", f"{unseen} call{'s' if unseen > 1 else ''} in the code {'were' if unseen > 1 else 'was'} written by adopt", hint)
    for index, cell in enumerate(cells):
        for line in cell.source.splitlines() if cell.kind == "code" else ():
            named = re.search(r"\b(figure|table)\((?:.*?,\s*)?\"([\w-]+)\"", line)
            blanks = [word for word in ("caption", "alt") if re.search(rf'\b{word}="{TO_FILL_IN}', line)]
            if named and blanks:
                what = f"{named[1]} {named[2]!r} has no {' and no '.join(blanks)}"
                yield Told(place_of(cells, index), what, f"write it in place of '{TO_FILL_IN} …'")
        if cell.kind == "text" and f"{TO_FILL_IN}: what " in cell.source:
            yield Told(
                place_of(cells, index), "shows a picture without words for who cannot see it", f"write them in place of '{TO_FILL_IN} …'"
            )


def addresses_read(cells: Sequence[WholeCell], pinned: Sequence[str]) -> Iterator[Told]:
    """The addresses in the code that note.yml does not pin."""
    for index, cell in enumerate(cells):
        tree = code_digest.parse_code(cell.source) if cell.kind == "code" else None
        texts = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant) and isinstance(node.value, str)} if tree else set()
        for text in sorted(texts):
            if re.fullmatch(r"https?://\S+\.\w{2,5}(?:\.gz)?", text) and text not in pinned:
                hint = f'in note.yml: inputs: [{{url: "{text}", sha256: ...}}], and in the cell fetched("{text}")'
                yield Told(place_of(cells, index), f"names {text:.120}, which nothing pins", hint)


def shown_number(text: str, number: prose_numbers.ProseNumber) -> str:
    """A number with what stands around it, on one line."""
    before, after = number.before[-SHOWN_AROUND:], number.after[:SHOWN_AROUND]
    return f"{before} [{number.written}] {after}".strip()
