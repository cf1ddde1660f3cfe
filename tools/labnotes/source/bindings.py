"""Prose that states results: `{{ claim }}`, `@fig:label`, `@tab:label`, `[@key]` and `@key` in Markdown, found, checked and filled in.

Only `{{ name }}`, `{{ name.field }}`, `{{ name | filter }}`, `{{ const("…", "…") }}`, `{{ cited("…", "key") }}` and
`{{ logged("seed", "…") }}` bind. Code is untouched; inside math a pair of braces binds only if it names a claim, so that TeX stays TeX.
"""

from __future__ import annotations

import bisect
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
from labnotes.source.markdown_segments import split_markdown
from labnotes.source.notebooks import Cell

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
_CROSS = re.compile(r"(?<![\w@])@(fig|tab):([A-Za-z0-9_-]*[A-Za-z0-9])")
_CITES = re.compile(r"\[([^\[\]@\n]*+(?:@[A-Za-z0-9_][^\[\]@\n]*+)++)\](?!\()")
_KEY = re.compile(r"@([A-Za-z0-9_](?:[\w:.#$%&+?<>~/-]*\w)?)")
_NOT_IN_TEXT = r"!?\[[^\[\]\n]*+\]\((?:[^()\n]|\([^()\n]*+\))*+\) | <[^<>\n]*+> | https?://\S++"
_IN_TEXT = re.compile(
    rf"""
    (?P<other> {_BRACES.pattern} | {_CITES.pattern} | {_NOT_IN_TEXT} )    # what a key in them means is said by their own form
  | (?<![\w@.:/\\+-]) {_KEY.pattern.replace("(", "(?P<key>", 1)}
    """,
    re.VERBOSE,
)
"""A key that is cited in the running text, as Pandoc reads it; an address such as ada@example.org has a letter before its @."""

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


def binding_problems(text: str, names: KnownNames, where: Callable[[int], str]) -> list[Problem]:
    """The problems of bindings, cross-references and citations in `text`; `where` tells the place of a line of it (from 1)."""
    problems: list[Problem] = []
    for kind, part, offset in split_markdown(text):
        if len(problems) > MOST_TOLD:
            break

        def place_at(position: int, offset: int = offset) -> str:
            return where(text.count("\n", 0, offset + position) + 1)

        if kind == "prose":
            faults = itertools.chain(
                ((match, *what) for match in _BRACES.finditer(part) for what in _unbound_reasons(match, names)),
                _unknown_labels(part, names),
                _unknown_references(part, names),
            )
            problems += [Problem(place_at(match.start()), what, hint) for match, what, hint in itertools.islice(faults, MOST_TOLD)]
    return problems


def _unknown_labels(text: str, names: KnownNames) -> Iterator[tuple[re.Match[str], str, str]]:
    """The cross-references to what is not there, each with what is wrong and a hint."""
    for match in _CROSS.finditer(text):
        sort, label = match.groups()
        known = names.figures if sort == "fig" else names.tables
        if label not in known:
            what = "figure" if sort == "fig" else "table"
            yield match, f"{match.group():.{SHOWN}} refers to an unknown {what} {label!r:.{SHOWN}}", did_you_mean(label[:SHOWN], known)


def _unknown_references(text: str, names: KnownNames) -> Iterator[tuple[re.Match[str], str, str]]:
    """The citations of what is not in the bibliography, each with what is wrong and a hint."""
    for match in _CITES.finditer(text):
        for key in _KEY.findall(match.group(1)):
            if key not in names.references and not key.startswith(("fig:", "tab:")):
                hint = did_you_mean(key[:SHOWN], names.references) + "; references stand in references.bib"
                yield match, f"[@{key:.{SHOWN}}] cites an unknown reference {key!r:.{SHOWN}}", hint


def _unbound_reasons(match: re.Match[str], names: KnownNames) -> Iterator[tuple[str, str]]:
    """Why a pair of braces does not bind, if it does not, and a hint."""
    shown = " ".join(match.group()[: 4 * SHOWN].split())[:SHOWN]
    try:
        binding = parse_binding(match.group(1))
    except BindingError as error:
        yield f"{shown} does not bind: {error}", EXAMPLE
        return
    if binding.function == "claim" and binding.name not in names.claims:
        yield f"{shown} names an unknown claim {binding.name!r}", did_you_mean(binding.name, names.claims)
    if binding.function == "cited" and binding.name not in names.references:
        yield f"{shown} cites an unknown reference {binding.name!r}", did_you_mean(binding.name, names.references)


def fill_bindings(
    text: str,
    claims: Mapping[str, Claim],
    show: Callable[[Binding, str], str],
    cross: Callable[[str, str], str],
    cite: Callable[[list[str], str], str],
    math: Callable[[str, str], str] = lambda filled, written: filled,
    facts: Facts = MappingProxyType({}),
    in_text: CitedInText = MappingProxyType({}),
) -> str:
    """`text` with every binding and reference filled in.

    `show(binding, value)` makes the Markdown of a bound value, `cross("fig" | "tab", label)` that of a cross-reference,
    `cite(keys, inside)` that of a citation and `math(filled, written)` that of math with its delimiters. Bindings must have been checked
    with `binding_problems`. Inside math the bare value stands. `facts` are the texts of fields that are no value.
    `in_text` has what stands for a bare `@key`; any other name after an @ stays as it is.
    """
    parts = []
    for kind, part, _ in split_markdown(text):
        if kind == "prose":
            part = _IN_TEXT.sub(lambda m: m.group("other") or _cited_in_text(m.group("key"), in_text), part)
            part = _BRACES.sub(lambda m: _shown_binding(m, claims, show, facts), part)
            part = _CROSS.sub(lambda m: cross(m.group(1), m.group(2)), part)
            part = _CITES.sub(lambda m: cite(_KEY.findall(m.group(1)), m.group(1)), part)
        elif kind == "math":
            part = math(_BRACES.sub(lambda m: _in_math(m, claims, facts), part), part)
        parts.append(part)
    return "".join(parts)


def _cited_in_text(name: str, in_text: CitedInText) -> str:
    """What stands for a name after an @; it may go on with a full stop or a colon that ends no key, as in "@ada2025.And"."""
    keys = [name[:end] for end in range(len(name), 0, -1) if end == len(name) or not name[end].isalnum()]
    key = next((key for key in keys if key in in_text), None)
    return f"@{name}" if key is None else in_text[key] + name[len(key) :]


def bound_fields(cells: Iterable[Cell], field: str) -> set[str]:
    """The names of the claims whose `field` prose binds."""
    claim_names = set()
    for cell in cells:
        for kind, part, _ in split_markdown(cell.source):
            for match in _BRACES.finditer(part) if kind == "prose" else ():
                with contextlib.suppress(BindingError):
                    binding = parse_binding(match.group(1))
                    if binding.function == "claim" and binding.field == field:
                        claim_names.add(binding.name)
    return claim_names


def bound_places(cells: Iterable[Cell], name: str) -> list[str]:
    """The places where prose binds the value of a claim with its sign."""
    places = []
    for cell in cells:
        for kind, part, offset in split_markdown(cell.source):
            for match in _BRACES.finditer(part) if kind == "prose" else ():
                with contextlib.suppress(BindingError):
                    binding = parse_binding(match.group(1))
                    is_signed = all(used != "abs" for used, _ in binding.filters)
                    if binding.function == "claim" and (binding.name, binding.field) == (name, "value") and is_signed:
                        places.append(cell.line_place(cell.source.count("\n", 0, offset + match.start()) + 1))
    return places


_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[^\s])|\n(?=[ ]*(?:[-*+]|\d+[.)])[ ])|\n(?=\|)")
_MARKUP = re.compile(
    r"!?\[([^\[\]]*+)\]\((?:[^()]|\([^()]*+\))*+\)|\[\^[^\[\]]++\]|[*_`]{1,3}(?=\S)|(?<=\S)[*_`]{1,3}|^[ \t]*(?:#{1,6}|[-*+>]|\d+[.)])[ \t]+",
    re.MULTILINE,
)


def claim_sentence(name: str, cells: Iterable[Cell]) -> str:
    """The first sentence, or row of a table, in which prose states a claim, with its bindings not filled in; "" if there is none."""
    for cell in cells:
        for kind, part, _ in split_markdown(cell.source):
            for match in _BRACES.finditer(part) if kind == "prose" else ():
                with contextlib.suppress(BindingError):
                    binding = parse_binding(match.group(1))
                    if binding.function == "claim" and binding.name == name:
                        return _sentence_around(cell.source, match.group())
    return ""


def hide_bindings(text: str) -> tuple[str, list[str]]:
    """The text with its pairs of braces replaced by their numbers, as in "\\0" "3" "\\0", so that no dot in them ends a sentence; and what they enclose."""
    inner: list[str] = []

    def hide_binding(match: re.Match[str]) -> str:
        inner.append(match.group(1))
        return f"\0{len(inner) - 1}\0"

    return _BRACES.sub(hide_binding, text.replace("\0", " ")), inner


def _sentence_around(text: str, binding: str) -> str:
    hidden, inner = hide_bindings(text)
    held = ["{{" + part + "}}" for part in inner]
    at = hidden.index(f"\0{held.index(binding)}\0")
    start = hidden.rfind("\n\n", 0, at) + 1
    end = hidden.find("\n\n", at)
    paragraph = hidden[start : end if end >= 0 else None]
    position, sentence = at - start, paragraph
    begin = 0
    for cut in (*(occurrence.start() for occurrence in _SENTENCE_END.finditer(paragraph)), len(paragraph)):
        if begin <= position < cut:
            sentence = paragraph[begin:cut]
            break
        begin = cut
    return re.sub("\0(\\d+)\0", lambda occurrence: held[int(occurrence.group(1))], sentence).strip()


def reader_words(text: str) -> str:
    """Markdown as the words that a reader sees, on one line; cells of a table are set apart by semicolons."""
    bare = _MARKUP.sub(lambda match: match.group(1) or "", text)
    if bare.lstrip().startswith("|"):
        bare = "; ".join(cell.strip() for cell in bare.strip().strip("|").split("|"))
    return " ".join(bare.split())


def logged_bindings(text: str) -> Iterator[tuple[int, Binding]]:
    """The bindings in `text` to the log of checks, each with its line (from 1)."""
    ends = [match.start() for match in re.finditer("\n", text)]
    for kind, part, offset in split_markdown(text):
        for match in _BRACES.finditer(part) if kind == "prose" else ():
            with contextlib.suppress(BindingError):
                binding = parse_binding(match.group(1))
                if binding.function == "logged":
                    yield bisect.bisect_left(ends, offset + match.start()) + 1, binding


def _shown_binding(match: re.Match[str], claims: Mapping[str, Claim], show: Callable[[Binding, str], str], facts: Facts) -> str:
    binding = parse_binding(match.group(1))
    if binding.function == "claim":
        return show(binding, bound_value(binding, claims[binding.name], facts))
    return show(
        binding, binding.text if binding.function != "logged" else facts.get((f"seed {binding.name}", binding.field), "\N{EM DASH}")
    )


def _in_math(match: re.Match[str], claims: Mapping[str, Claim], facts: Facts) -> str:
    try:
        binding = parse_binding(match.group(1))
    except BindingError:
        return match.group()
    if binding.function != "claim" or binding.name not in claims:
        return match.group()
    return bound_value(binding, claims[binding.name], facts).replace("%", r"\%").replace(",", "{,}").replace("\N{MINUS SIGN}", "-")


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


_EXEMPT = re.compile(
    r"""
    ^[ ]{0,3}\#{1,6}[ ].*$                       # headings
  | ^[ ]{0,3}\d+[.)][ ]                          # numbers of a list
  | \{\{(?:[^{}\n]|\{(?!\{)|\}(?!\}))*+\}\}      # bindings
  | \[[^\[\]@\n]*+@[^\[\]\n]*+\]                 # citations
  | @(?:fig|tab):[\w-]+
  | (?<![\w@])@\d*[A-Za-z_][\w:-]*               # citations in the text
  | \]\((?:[^()\n]|\([^()\n]*+\))*+\)            # link targets
  | <[^<>\n]*+> | https?://\S++                  # tags, addresses
  | \[\^[^\[\]\n]++\]                            # footnotes
  | \b\d{4}-\d{2}-\d{2}\b | \b(?:1[5-9]|2[01])\d{2}\b   # dates, years
  | \b\d+\s?%\s(?:\w+\s)?intervals?\b                # the level of an interval
  | \b[A-Za-z_]\w*\d\w*\b | \b\w+-\d+\b          # names such as GPT2, Qwen-7
    """,
    re.VERBOSE | re.MULTILINE,
)
_NUMBER = re.compile(r"(?<![\w.])[-\N{MINUS SIGN}]?\d[\d,]*(?:\.\d+)?(?:\s?%)?")


def loose_numbers(text: str) -> list[tuple[int, str]]:
    """Numbers in prose that nothing binds, with the line (from 1) each stands in."""
    numbers = []
    ends = [match.start() for match in re.finditer("\n", text)]
    for kind, part, offset in split_markdown(text):
        if kind == "prose":
            bare = _EXEMPT.sub(lambda m: " " * len(m.group()), part)
            numbers += [(bisect.bisect_left(ends, offset + m.start()) + 1, m.group().strip()) for m in _NUMBER.finditer(bare)]
    return numbers
