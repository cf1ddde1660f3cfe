"""Prose that states results: `{{ claim }}`, `@fig:label`, `@tab:label`, `[@key]` and `@key` in Markdown, found, checked and filled in.

Only `{{ name }}`, `{{ name.field }}`, `{{ name | filter }}`, `{{ const("…", "…") }}`, `{{ cited("…", "key") }}` and
`{{ logged("seed", "…") }}` bind. Code is untouched; inside math a pair of braces binds only if it names a claim, so that TeX stays TeX.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from labnotes.errors import Problem, did_you_mean
from labnotes.model.claims import Claim, format_value
from labnotes.source import markdown_pieces, markdown_reader, prose_facts
from labnotes.source.markdown_pieces import MarkdownPiece
from labnotes.source.notebooks import Cell
from labnotes.source.prose_facts import ProseFacts

if TYPE_CHECKING:
    import jinja2
    from jinja2 import nodes

FILTERS = {"abs": 0, "percent": 0, "format": 1}
"""Filters of a binding and how many arguments each takes."""

BOUND = ("value", "low", "high", "n", "upheld", "draws")
"""Fields of a claim that prose may bind. `upheld` says in words how its statement stands among those that were stated with it, `draws` in
how many of all draws the statement held, the recorded one among them."""

WORDS = ("upheld", "draws")
"""Those of the fields in BOUND that are texts, so that no filter fits them."""

LOGGED = ("held", "outside", "outcome", "date")
"""What prose may bind of a block of seeds in the log: how many statements held, how many means lay outside their prediction intervals, the
outcome, the date."""

CitedInText = Mapping[str, str]
"""What stands for `@key` outside of brackets, by key."""

Facts = Mapping[tuple[str, str], str]
"""Texts that prose may bind and that are no value of a claim, by their subject (a claim's name, or "seed 3") and field."""

EXAMPLE = 'write {{ name }}, {{ name.low }}, {{ name | percent }}, {{ name | format(".2f") }}, {{ const("64", "width") }} or {{ cited("40 %", "key") }}'

_BRACES = re.compile(r"\{\{((?:[^{}]|\{(?!\{)|\}(?!\}))*+)\}\}")
_KEY = re.compile(r"@([A-Za-z0-9_](?:[\w:.#$%&+?<>~/-]*\w)?)")

LONGEST = 2_000
"""Characters between the braces of a binding, the longest of which is the text of a constant."""

MOST_TOLD = 50
"""How many problems of one kind are told of a piece of prose."""

SHOWN = 120
"""Characters that a message shows of what stands in the text."""


@dataclass(frozen=True, kw_only=True)
class KnownNames:
    """The names that prose may refer to, by kind."""

    claims: Set[str]
    figures: Set[str]
    tables: Set[str]
    references: Set[str]


@dataclass(frozen=True, kw_only=True)
class Binding:
    """A parsed `{{ … }}`: a claim with field and filters, or a constant or cited value with its text."""

    function: str  # "claim", "const", "cited" or "logged"
    name: str  # the claim; for const what it is; for cited the key; for logged the block of seeds
    field: str = "value"
    text: str = ""
    filters: tuple[tuple[str, tuple[Any, ...]], ...] = ()


class BindingError(ValueError):
    """A `{{ … }}` that is none of the forms that bind."""


def parse_binding(inner: str) -> Binding:
    """Read the text between the braces of a binding.

    Raises BindingError.
    """
    from jinja2 import nodes

    body = _parsed_braces(inner)
    node: nodes.Node = body[0].nodes[0] if len(body) == 1 and isinstance(body[0], nodes.Output) else nodes.Const(None)
    filters: list[tuple[str, tuple[Any, ...]]] = []
    while isinstance(node, nodes.Filter) and node.node is not None:
        arguments = tuple(arg.value for arg in node.args if isinstance(arg, nodes.Const))
        if node.name not in FILTERS or len(arguments) != FILTERS[node.name] or len(arguments) != len(node.args) or node.kwargs:
            raise BindingError(f"filter {node.name!r} is none of: {', '.join(FILTERS)}")
        filters.insert(0, (node.name, arguments))
        node = node.node
    if isinstance(node, nodes.Name):
        return Binding(function="claim", name=node.name, filters=tuple(filters))
    if isinstance(node, nodes.Getattr) and isinstance(node.node, nodes.Name):
        if node.attr not in BOUND:
            raise BindingError(f"field {node.attr!r} is none of: {', '.join(BOUND)}")
        if node.attr in WORDS and filters:
            raise BindingError(f"the field {node.attr!r} is words, which no filter fits")
        return Binding(function="claim", name=node.node.name, field=node.attr, filters=tuple(filters))
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name in ("const", "cited") and not filters:
        texts = [arg.value for arg in node.args if isinstance(arg, nodes.Const)]
        if len(texts) == 2 and len(node.args) == 2 and not node.kwargs and str(texts[1]).strip():
            return Binding(function=node.node.name, name=str(texts[1]), text=str(texts[0]))
    if isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name == "logged" and not filters:
        texts = [arg.value for arg in node.args if isinstance(arg, nodes.Const)]
        if len(texts) == 2 and len(node.args) == 2 and not node.kwargs and str(texts[0]).isdecimal() and texts[1] in LOGGED:
            return Binding(function="logged", name=str(texts[0]), field=str(texts[1]))
        raise BindingError(f'logged(...) takes the number of a block of seeds and one of {", ".join(LOGGED)}: logged("3", "held")')
    raise BindingError("is none of the forms that bind")


@functools.cache
def _environment() -> jinja2.Environment:
    import jinja2  # where the problems of a text are known, nothing is parsed

    return jinja2.Environment(autoescape=False)


def _parsed_braces(inner: str) -> list[nodes.Node]:
    """What Jinja reads between two braces.

    Raises BindingError.
    """
    import jinja2

    if len(inner) > LONGEST:
        raise BindingError(f"it is longer than {LONGEST:,} characters")
    try:
        return _environment().parse("{{" + inner + "}}").body
    except jinja2.TemplateSyntaxError as error:
        raise BindingError(error.message) from None
    except RecursionError:
        raise BindingError("it is nested too deeply") from None


def binding_problems(facts: ProseFacts, names: KnownNames, where: Callable[[int], str]) -> list[Problem]:
    """The problems of bindings, cross-references and citations in a text that says `facts`; `where` tells the place of a line of it (from 1)."""
    faults = ((piece.line, what, hint) for piece in facts.pieces for what, hint in _piece_faults(piece, names))
    return [Problem(where(line), what, hint) for line, what, hint in itertools.islice(faults, MOST_TOLD)]


def _piece_faults(piece: MarkdownPiece, names: KnownNames) -> Iterator[tuple[str, str]]:
    if piece.kind == markdown_pieces.BINDING:
        yield from _unbound_reasons(piece.text, names)
    elif piece.kind == markdown_pieces.CROSS:
        yield from _unknown_label(piece.text, names)
    elif piece.kind == markdown_pieces.CITATION:
        yield from _unknown_references(piece.text, names)


def _unknown_label(written: str, names: KnownNames) -> Iterator[tuple[str, str]]:
    """What is wrong with a cross-reference, if it is to what is not there, and a hint."""
    sort, label = cross_parts(written)
    known = names.figures if sort == "fig" else names.tables
    if label not in known:
        what = "figure" if sort == "fig" else "table"
        yield f"{written:.{SHOWN}} refers to an unknown {what} {label!r:.{SHOWN}}", did_you_mean(label[:SHOWN], known)


def _unknown_references(written: str, names: KnownNames) -> Iterator[tuple[str, str]]:
    """What is wrong with each key of a citation that is not in the bibliography, and a hint."""
    for key in cited_keys(written):
        if key not in names.references and not key.startswith(("fig:", "tab:")):
            hint = did_you_mean(key[:SHOWN], names.references) + "; references stand in references.bib, and \\[@… is no citation"
            yield f"[@{key:.{SHOWN}}] cites an unknown reference {key!r:.{SHOWN}}", hint


def cross_parts(written: str) -> tuple[str, str]:
    """The sort, "fig" or "tab", and the label of a cross-reference."""
    sort, _, label = written.removeprefix("@").partition(":")
    return sort, label


def cited_keys(written: str) -> list[str]:
    """The keys of a citation."""
    return _KEY.findall(written)


def _unbound_reasons(written: str, names: KnownNames) -> Iterator[tuple[str, str]]:
    """Why a pair of braces does not bind, if it does not, and a hint."""
    shown = " ".join(written[: 4 * SHOWN].split())[:SHOWN]
    try:
        binding = parse_binding(written[2:-2])
    except BindingError as error:
        yield f"{shown} does not bind: {error}", EXAMPLE
        return
    if binding.function == "claim" and binding.name not in names.claims:
        yield f"{shown} names an unknown claim {binding.name!r}", did_you_mean(binding.name, names.claims)
    if binding.function == "cited" and binding.name not in names.references:
        yield f"{shown} cites an unknown reference {binding.name!r}", did_you_mean(binding.name, names.references)


def fill_bindings(
    text: str,
    said: ProseFacts,
    claims: Mapping[str, Claim],
    *,
    cross: Callable[[str, str], str],
    cite: Callable[[list[str]], str],
    facts: Facts = MappingProxyType({}),
    in_text: CitedInText = MappingProxyType({}),
) -> str:
    """`text`, which says `said`, with every binding and reference filled in; all else stays as it is written.

    `cross("fig" | "tab", label)` makes the text of a cross-reference, `cite(keys)` that of a citation. Bindings must have been checked with
    `binding_problems`. `facts` are the texts of fields that are no value. `in_text` has what stands for a bare `@key`; any other name after an
    @ stays as it is.
    """
    text = markdown_reader.normalised_text(text)
    parts, position = [], 0
    for piece in said.pieces:
        if piece.kind == markdown_pieces.BINDING:
            filled = shown_value(parse_binding(piece.text[2:-2]), claims, facts)
        elif piece.kind == markdown_pieces.CROSS:
            filled = cross(*cross_parts(piece.text))
        elif piece.kind == markdown_pieces.CITATION:
            filled = cite(cited_keys(piece.text))
        elif piece.kind == markdown_pieces.NAME:
            filled = "".join(cited_name(piece.text, in_text))
        else:
            filled = fill_math(piece.text, claims, facts) if piece.kind == markdown_pieces.MATH else piece.text
        parts += [text[position : piece.start], filled]
        position = piece.end
    return "".join([*parts, text[position:]])


def cited_name(written: str, in_text: CitedInText) -> tuple[str, str]:
    """What stands for an @ with a name, and what of the name comes after it: "@ada2025.And" goes on with a full stop that ends no key. What is
    no key stays as it is."""
    name = written.removeprefix("@")
    keys = (name[:end] for end in range(len(name), 0, -1) if end == len(name) or not name[end].isalnum())
    key = next((key for key in keys if key in in_text), None)
    return (written, "") if key is None else (in_text[key], name[len(key) :])


def shown_value(binding: Binding, claims: Mapping[str, Claim], facts: Facts = MappingProxyType({})) -> str:
    """The text that a binding stands for."""
    if binding.function == "claim":
        return bound_value(binding, claims[binding.name], facts)
    return binding.text if binding.function != "logged" else facts.get((f"seed {binding.name}", binding.field), "\N{EM DASH}")


def fill_math(text: str, claims: Mapping[str, Claim], facts: Facts = MappingProxyType({})) -> str:
    """Math with the bare values of the claims that it names in braces; other braces are TeX."""

    def bare_value(binding: Binding) -> str:
        value = bound_value(binding, claims[binding.name], facts)
        return value.replace("%", r"\%").replace(",", "{,}").replace("\N{MINUS SIGN}", "-")

    return _filled_math(text, claims.keys(), bare_value)


def math_to_try(text: str, names: Set[str]) -> str:
    """Math with a number in place of each value of the claims of these names, before a run has yielded them."""
    return _filled_math(text, names, lambda _: "1")


def _filled_math(text: str, names: Set[str], value_text: Callable[[Binding], str]) -> str:
    def filled(match: re.Match[str]) -> str:
        try:
            binding = parse_binding(match.group(1))
        except BindingError:
            return match.group()
        return value_text(binding) if binding.function == "claim" and binding.name in names else match.group()

    return _BRACES.sub(filled, text)


def _prose_bindings(cells: Iterable[Cell]) -> Iterator[tuple[Cell, MarkdownPiece, Binding]]:
    """Every binding in the prose of some cells, with its cell and its piece."""
    for cell in cells:
        for piece in prose_facts.cell_facts(cell).pieces_of(markdown_pieces.BINDING):
            with contextlib.suppress(BindingError):
                yield cell, piece, parse_binding(piece.text[2:-2])


def bound_claims(text: str) -> list[str]:
    """The names of the claims that a short text binds, in order; none twice."""
    names: dict[str, None] = {}
    for piece in prose_facts.inline_facts(text).pieces_of(markdown_pieces.BINDING):
        with contextlib.suppress(BindingError):
            binding = parse_binding(piece.text[2:-2])
            names |= {binding.name: None} if binding.function == "claim" else {}
    return list(names)


def bound_fields(cells: Iterable[Cell], field: str) -> set[str]:
    """The names of the claims whose `field` prose binds."""
    return {binding.name for _, _, binding in _prose_bindings(cells) if (binding.function, binding.field) == ("claim", field)}


def bound_places(cells: Iterable[Cell], name: str) -> list[str]:
    """The places where prose binds the value of a claim with its sign."""
    return [
        cell.line_place(piece.line)
        for cell, piece, binding in _prose_bindings(cells)
        if (binding.function, binding.name, binding.field) == ("claim", name, "value") and all(used != "abs" for used, _ in binding.filters)
    ]


_SENTENCE_END = re.compile(r"(?:(?<=[.!?])|(?<=[.!?][*_)”’])|(?<=[.!?]\*\*))\s+(?=[^\s])|\n(?=[ ]*(?:[-*+]|\d+[.)])[ ])|\n(?=\|)")
_CITED = re.compile(r"\[[^\[\]]*@[^\[\]]*\]")
_MARKUP = re.compile(
    r"!?\[([^\[\]]*+)\]\((?:[^()]|\([^()]*+\))*+\)|\[\^[^\[\]]++\]|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}|^[ \t]*(?:#{1,6}|[-*+>]|\d+[.)])[ \t]+",
    re.MULTILINE,
)


NUMBER_MARKS = ("\ufdd0", "\ufdd1")
"""What stands around the number that a sentence is shown for: characters that Unicode keeps out of every text."""


def claim_sentence(name: str, cells: Iterable[Cell]) -> str:
    """The first sentence, or row of a table, in which prose states a claim, with its bindings not filled in; "" if there is none."""
    return _without_marks(claim_sentences(cells).get(name, ""))


def claim_sentences(cells: Iterable[Cell]) -> dict[str, str]:
    """The sentence that states each claim by name: the first with its value, or else the first with its interval or what else is bound. Its
    bindings are not filled in, and that of the claim stands between NUMBER_MARKS."""
    first: dict[str, tuple[bool, str, MarkdownPiece]] = {}
    for cell, piece, binding in _prose_bindings(cells):
        is_value = binding.field == "value"
        if binding.function == "claim" and (binding.name not in first or (is_value and not first[binding.name][0])):
            first[binding.name] = (is_value, cell.source, piece)
    return {name: _sentence_around(markdown_reader.normalised_text(source), piece) for name, (_, source, piece) in first.items()}


@dataclass(frozen=True)
class ClaimSentence:
    """A sentence that states a claim, as readers see it: the words before its number, the number as it stands there, the words after it."""

    before: str = ""
    number: str = ""
    after: str = ""

    @property
    def text(self) -> str:
        return f"{self.before}{self.number}{self.after}"

    def __bool__(self) -> bool:
        return bool(self.text)


def sentence_parts(filled: str) -> ClaimSentence:
    """The parts of one of the `claim_sentences` with its bindings filled in, as readers see it."""
    opening, closing = NUMBER_MARKS
    before, _, rest = re.sub(r"[ ]+(?=[.,;:])", "", reader_words(filled)).partition(opening)
    number, _, after = rest.partition(closing)
    return ClaimSentence(*map(_without_marks, (before, number, after)))


def _without_marks(text: str) -> str:
    return text.translate(dict.fromkeys(map(ord, NUMBER_MARKS)))


def _sentence_around(text: str, piece: MarkdownPiece) -> str:
    """The sentence of `text` in which a piece stands, between NUMBER_MARKS. A sentence's end within braces or a citation is none."""
    text = text.translate(dict.fromkeys(map(ord, NUMBER_MARKS), " "))
    start = text.rfind("\n\n", 0, piece.start) + 1
    end = text.find("\n\n", piece.end)
    paragraph = text[start : end if end >= 0 else None]
    hidden = paragraph
    for whole in (_BRACES, _CITED):
        hidden = whole.sub(lambda match: "\0" * len(match[0]), hidden)
    begin = 0
    place, length, end_of_part = piece.start - start, piece.end - piece.start, len(hidden)
    for cut in (*(occurrence.start() for occurrence in _SENTENCE_END.finditer(hidden)), len(hidden)):
        if place < cut:
            end_of_part = cut
            break
        begin = cut
    opening, closing = NUMBER_MARKS
    marked = f"{paragraph[:place]}{opening}{paragraph[place : place + length]}{closing}{paragraph[place + length :]}"
    return marked[begin : end_of_part + 2].strip()


def reader_words(text: str) -> str:
    """Markdown as the words that a reader sees, on one line; cells of a table are set apart by semicolons."""
    bare = _MARKUP.sub(lambda match: match.group(1) or "", text)
    if bare.lstrip().startswith("|"):
        bare = "; ".join(cell.strip() for cell in bare.strip().strip("|").split("|"))
    return " ".join(bare.split())


def logged_bindings(cell: Cell) -> Iterator[tuple[int, Binding]]:
    """The bindings in a text cell to the log of checks, each with its line (from 1)."""
    return ((piece.line, binding) for _, piece, binding in _prose_bindings([cell]) if binding.function == "logged")


def bound_value(binding: Binding, claim: Claim, facts: Facts = MappingProxyType({})) -> str:
    """The text of a bound value, in the claim's own format unless a filter says otherwise; a dash if the field is absent."""
    if binding.field in WORDS:
        return facts.get((claim.name, binding.field), "\N{EM DASH}")
    value: Any = getattr(claim, binding.field)
    spec = "d" if binding.field == "n" else claim.format
    if value is None:
        return "\N{EM DASH}"
    for name, arguments in binding.filters:
        if name == "abs":
            value = abs(value)
        elif name == "percent":
            spec = ".0%"
        else:
            spec = arguments[0]
    return format_value(value, spec)
