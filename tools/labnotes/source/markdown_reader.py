"""Text cells read as Jupyter reads them: CommonMark with tables, ~~strike-through~~, task lists, bare addresses, footnotes and admonitions.

Each cell is read for itself, and what is no Markdown is taken out of it first (`markdown_pieces`). What is shown of the tokens is the site's
matter (`site.stage.prose_html`), what is wrong with them `markdown_checks`. This is the only module that knows markdown-it.
"""

from __future__ import annotations

import bisect
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any

from labnotes.source.markdown_pieces import NAME, STAND_IN, MarkedText, TextLines, mark_pieces

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.rules_inline import StateInline
    from markdown_it.token import Token as Token

ADMONITIONS = (
    *("note", "abstract", "info", "tip", "success", "question", "warning", "failure", "danger", "bug", "example", "quote"),
    *("hint", "important", "caution", "attention", "error", "seealso", "admonition"),
)
"""The kinds of admonitions that a page shows, as `!!! note`, `:::{note}` and, of five of them, `> [!NOTE]`."""

MOST_NESTED = 100
"""How deep blocks and links may stand in each other: beyond, the reader of Markdown passes over what is there. A list is two deep for each of its
levels. With 20, as CommonMark's preset has it, lists of ten levels are lost."""

RAW_TEXT = ("script", "style", "textarea", "title", "xmp", "iframe", "noembed", "noframes", "noscript")
"""Elements of HTML whose content is text, whatever signs of tags are in it."""

SHOWN_AS_TYPED = ("pre", "code")
"""Elements of HTML in which nothing binds and no math is read, as MathJax has it."""

_HTML_PART = re.compile(
    r"(?P<comment><!--(?!-?>)(?:(?!--!?>).)*+--!?>|<!-->|<!--->|<[!?][^>]*+>)|(?P<tag></?[a-zA-Z](?:\"[^\"]*+\"|'[^']*+'|[^<>\"'])*+>)",
    re.DOTALL,
)
_ADDRESS = re.compile(
    r"(?<![^\s*_~(])(?:https?://|www\.)[A-Za-z0-9\[][^\s<]*|(?P<mail>(?<![\w.+-])[A-Za-z0-9_.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}(?![\w@]))"
)
_DIRECTIVE = re.compile(
    r"\s*(?:\{\s*\.callout-(?P<callout>[\w-]+)(?P<said>[^{}]*)\}|\{?(?P<name>[A-Za-z][\w-]*)\}?(?P<title>.*))", re.DOTALL
)
"""Matches what stands behind the colons that begin a block: its kind in braces or without, and a title; or Quarto's words for a callout."""

_CALLOUT_TITLE = re.compile(r"\btitle\s*=\s*(?:\"([^\"]*)\"|'([^']*)')")
_HEADING_NAME = re.compile(r"\{:?[^{}#]*#([\w-]+)[^{}]*\}\s*\Z")
_SETTINGS = re.compile(r"\A---[ \t]*\n(?:[A-Za-z_][\w -]*:[^\n]*\n(?:[ \t]+\S[^\n]*\n|[ \t]*-[ \t][^\n]*\n)*)+---[ \t]*(?:\n|\Z)")


def normalised_text(text: str) -> str:
    """A cell's text as it is read: with one kind of line end and without the characters that stand for pieces. Offsets into it are those
    that everything here tells."""
    return STAND_IN.sub("\N{REPLACEMENT CHARACTER}", text.replace("\r\n", "\n").replace("\r", "\n"))


def without_settings(text: str) -> str:
    """A cell's text with the lines of YAML blanked that some programs write at its head between lines of dashes (front matter)."""
    match = _SETTINGS.match(text)
    return re.sub(r"[^\n]", " ", match[0]) + text[match.end() :] if match else text


@lru_cache(maxsize=512)
def read_markdown(text: str) -> tuple[Token, ...]:
    """The tokens of a text cell, which must not be changed. `meta["line"]` of each is its line in the cell (from 1).

    The name that an author gave to a heading is `meta["name"]` of its "heading_open". Beside markdown-it's there are tokens of the types "piece", whose `meta["piece"]` is the piece, "html_tag", whose `meta["tag"]` is the tag,
    "html_text", text of HTML as written, and "html_rest", which is shown as it is written or not at all.
    """
    text = normalised_text(text)
    parser = _markdown_parser()
    blocks: list[Token] = []
    parser.block.parse(text, parser, {}, blocks)
    marked = mark_pieces(text, _lines_of(blocks, text.count("\n") + 1))
    environment: dict[str, Any] = {}
    tokens = list(_with_directive_titles(parser.parse(marked.text, environment)))
    definitions = {label: definition["map"][0] for label, definition in environment.get("references", {}).items()}
    _TokenFinisher(marked, definitions).finish_blocks(tokens)
    return tuple(tokens)


@lru_cache(maxsize=512)
def read_inline(text: str) -> tuple[Token, ...]:
    """The tokens of a text that is no block of its own, such as a caption."""
    text = normalised_text(text)
    size = text.count("\n") + 1
    marked = mark_pieces(text, TextLines([False] * size, [size] * size))
    tokens = _markdown_parser().parseInline(marked.text)
    tokens[0].map = [0, size]
    _TokenFinisher(marked, {}).finish_blocks(tokens)
    return tuple(tokens)


def iterate_tokens(tokens: Sequence[Token]) -> Iterator[Token]:
    """All tokens, also those of inline text and of HTML, in order; the text of a picture is in the picture."""
    for token in tokens:
        yield token
        if token.children and token.type != "image":
            yield from token.children


def _lines_of(blocks: Sequence[Token], size: int) -> TextLines:
    code, ends = [False] * size, list(range(1, size + 1))
    for token in blocks:
        if token.map and token.type in ("fence", "code_block"):
            for line in range(*token.map):
                code[line] = True
        elif token.map and token.type in ("inline", "html_block"):
            for line in range(*token.map):
                ends[line] = token.map[1]
    return TextLines(code, ends)


# -- the parser --------------------------------------------------------------------------------------------------------------------------


@cache
def _markdown_parser() -> MarkdownIt:
    from markdown_it import MarkdownIt, rules_inline
    from mdit_py_plugins.admon import admon_plugin
    from mdit_py_plugins.container import container_plugin
    from mdit_py_plugins.footnote.index import footnote_def

    class Reader(MarkdownIt):
        """The parser with targets of links as they are written: they are looked at, and made addresses of the site, later."""

        def validateLink(self, url: str) -> bool:
            return True

        def normalizeLink(self, url: str) -> str:
            return url

        def normalizeLinkText(self, link: str) -> str:
            return link

    parser = Reader("gfm-like2", {"linkify": False, "store_labels": True, "strikethrough_single_tilde": False})
    parser.options["maxNesting"] = MOST_NESTED
    parser.disable("linkify")
    parser.block.ruler.before("reference", "footnote_def", footnote_def, {"alt": ["paragraph", "reference"]})
    admon_plugin(parser)
    container_plugin(parser, "directive", validate=lambda params, _: _DIRECTIVE.match(params) is not None)
    for name in ("link", "image", "autolink", "html_inline"):
        parser.inline.ruler.at(name, _placed_rule(getattr(rules_inline, name)))
    return parser


def _placed_rule(rule: Callable[[StateInline, bool], bool]) -> Callable[[StateInline, bool], bool]:
    """The same inline rule, with `meta["at"]` of each token that it makes: where its sign stands in the text of the block."""

    def placed(state: StateInline, silent: bool) -> bool:
        position, count = state.pos, len(state.tokens)
        is_matched = rule(state, silent)
        if is_matched and not silent:
            for token in state.tokens[count:]:
                if token.type != "text":  # the text before the sign is put there by the same rule
                    token.meta.setdefault("at", position)
        return is_matched

    return placed


def directive_words(info: str) -> tuple[str, str]:
    """The kind of a block between colons, in lower case, and its title as written ("" for none): `:::{tip} Title`, `:::tip`, and as Quarto has it
    `::: {.callout-tip title="Title"}`."""
    match = _DIRECTIVE.match(info)
    if match is None:
        return "", ""
    if match["callout"]:
        said = _CALLOUT_TITLE.search(match["said"])
        return match["callout"].lower(), (said[1] or said[2] or "").strip() if said else ""
    return match["name"].lower(), match["title"].strip()


def _with_directive_titles(tokens: Sequence[Token]) -> Iterator[Token]:
    """The same tokens, with those of the title of a block between colons, which is text as any other."""
    from markdown_it.token import Token

    for token in tokens:
        yield token
        title = directive_words(token.info)[1] if token.type == "container_directive_open" else ""
        if title:
            children: list[Token] = []
            parser = _markdown_parser()
            parser.inline.parse(title, parser, {}, children)
            yield Token("directive_title_open", "p", 1, map=token.map)
            yield Token("inline", "", 0, content=title, children=children, map=token.map)
            yield Token("directive_title_close", "p", -1)


# -- tokens with lines and pieces --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class HtmlTag:
    """A tag of raw HTML, with its attributes by their names in lower case."""

    name: str
    attributes: Mapping[str, str]
    is_closing: bool


class _TagReader(HTMLParser):
    """Reads one tag."""

    def __init__(self, written: str) -> None:
        super().__init__()
        self.tag = HtmlTag(re.sub(r"[</>\s].*", "", written.lstrip("</"), flags=re.DOTALL).lower(), {}, written.startswith("</"))
        self.feed(written)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes: dict[str, str] = {}
        for name, value in attrs:
            attributes.setdefault(name, value or "")
        self.tag = HtmlTag(tag, attributes, False)


class _TokenFinisher:
    """Puts pieces back into tokens, takes HTML apart and says in which line of the cell each token is."""

    def __init__(self, marked: MarkedText, definitions: Mapping[str, int]) -> None:
        self._marked, self._definitions = marked, definitions
        self._lines = marked.text.split("\n")
        self._line = 1
        self._quotations = 0

    def finish_blocks(self, tokens: Sequence[Token]) -> None:
        for at, token in enumerate(tokens):
            if token.map:
                self._line = self._marked.source_lines[token.map[0]] + 1
            if token.type in ("blockquote_open", "blockquote_close", "alert_open", "alert_close"):
                self._quotations += token.nesting
            token.meta["line"] = self._line
            token.info = self._marked.restored_text(token.info)
            if token.type == "tr_open" and token.map:
                token.meta["cells"] = _count_cells(self._lines[token.map[0]])
            if token.type == "inline":
                breaks = self._marked.line_breaks(token.content)
                token.children = list(self._finished_inline(token.children or [], breaks, self._line))
                if at and tokens[at - 1].type == "heading_open":
                    tokens[at - 1].meta["name"] = _take_name(token.children)
            elif token.type == "html_block":
                token.children = list(self._html_parts(token.content, self._line))
            token.content = self._marked.restored_text(token.content)

    def _finished_inline(self, children: Sequence[Token], breaks: Sequence[int], first: int) -> Iterator[Token]:
        links, line = 0, first
        for token in children:
            if "at" in token.meta:
                line = first + bisect.bisect_left(breaks, token.meta["at"])
            elif token.type in ("softbreak", "hardbreak"):
                line += 1
            token.meta["line"] = line
            links += token.nesting if token.type in ("link_open", "link_close") else 0
            yield from self._finished_token(token, is_linked=links > 0)
            line += sum(self._marked.piece_of(stand_in).text.count("\n") for stand_in in STAND_IN.findall(token.content))

    def _finished_token(self, token: Token, *, is_linked: bool) -> Iterator[Token]:
        for name, value in token.attrs.items():
            token.attrs[name] = self._marked.restored_text(str(value))
        if token.meta.get("label") in self._definitions:
            token.meta["line"] = self._marked.source_lines[self._definitions[token.meta["label"]]] + 1
        if token.type == "text":
            yield from self._text_parts(token, is_linked=is_linked)
        elif token.type == "html_inline":
            yield from self._html_parts(token.content, token.meta["line"])
        else:
            if token.type == "image":
                token.children = list(self._finished_inline(token.children or [], [], token.meta["line"]))
            token.content = self._marked.restored_text(token.content)
            yield token

    def _text_parts(self, token: Token, *, is_linked: bool) -> Iterator[Token]:
        """A text as texts, pieces, and links for the addresses in it."""
        position = 0
        for match in STAND_IN.finditer(token.content):
            yield from _linked_text(token, token.content[position : match.start()], is_linked=is_linked)
            piece = self._marked.piece_of(match[0])
            # a citation is a link itself, so a name in the text of another is only a name
            yield token.copy(content=piece.text) if is_linked and piece.kind == NAME else self._piece_token(match[0])
            position = match.end()
        yield from _linked_text(token, token.content[position:], is_linked=is_linked)

    def _piece_token(self, stand_in: str) -> Token:
        piece = self._marked.piece_of(stand_in)
        return _new_token("piece", piece.text, piece.line, piece=piece, is_quoted=self._quotations > 0)

    def _html_parts(self, source: str, line: int) -> Iterator[Token]:
        """HTML as its tags, its texts with their pieces, and the rest."""
        position, raw, typed = 0, "", 0
        breaks = self._marked.line_breaks(source)
        for match in _HTML_PART.finditer(source):
            if raw and not (match["tag"] or "").lower().startswith(f"</{raw}"):
                continue
            text_line = line + bisect.bisect_left(breaks, position)
            yield from self._html_text(source[position : match.start()], text_line, is_rest=bool(raw or typed))
            position, raw = match.end(), ""
            written, tag_line = self._marked.restored_text(match[0]), line + bisect.bisect_left(breaks, match.start())
            if not match["tag"]:
                yield _new_token("html_rest", written, tag_line)
                continue
            tag = _TagReader(written).tag
            raw = tag.name if tag.name in RAW_TEXT and not tag.is_closing else ""
            typed = max(0, typed + (-1 if tag.is_closing else 1)) if tag.name in SHOWN_AS_TYPED else typed
            yield _new_token("html_tag", written, tag_line, tag=tag)
        yield from self._html_text(source[position:], line + bisect.bisect_left(breaks, position), is_rest=bool(raw or typed))

    def _html_text(self, text: str, line: int, *, is_rest: bool) -> Iterator[Token]:
        position = 0
        for match in STAND_IN.finditer(text) if not is_rest else ():
            if match.start() > position:
                yield _new_token("html_text", text[position : match.start()], line)
            yield self._piece_token(match[0])
            position = match.end()
        if position < len(text):
            yield _new_token("html_rest" if is_rest else "html_text", self._marked.restored_text(text[position:]), line)


def _count_cells(line: str) -> int:
    """How many cells a row of a table was written with, whatever its head has."""
    row = re.sub(r"^[\s>]*\|?|\|?\s*\Z", "", line)
    return 1 + len(re.findall(r"(?<!\\)\|", row))


def _take_name(children: list[Token]) -> str:
    """The name that an author gave to a heading in braces at its end, which is taken out of it: `Text {#name}`; "" for none."""
    match = _HEADING_NAME.search(children[-1].content) if children and children[-1].type == "text" else None
    if not match:
        return ""
    children[-1].content = children[-1].content[: match.start()].rstrip()
    return match[1]


def _new_token(kind: str, content: str, line: int, **meta: object) -> Token:
    from markdown_it.token import Token

    return Token(kind, "", 0, content=content, meta={"line": line, **meta})


def _linked_text(token: Token, text: str, *, is_linked: bool) -> Iterator[Token]:
    """A text with a link for each address in it."""
    from markdown_it.token import Token

    position = 0
    for match in _ADDRESS.finditer(text) if not is_linked else ():
        address = _trimmed_address(match[0])
        if match.start() > position:
            yield token.copy(content=text[position : match.start()])
        scheme = "mailto:" if match["mail"] else "http://" if address.startswith("www.") else ""
        yield Token("link_open", "a", 1, attrs={"href": scheme + address}, info="auto", meta={"line": token.meta["line"]})
        yield token.copy(content=address)
        yield Token("link_close", "a", -1, info="auto", meta={"line": token.meta["line"]})
        position = match.start() + len(address)
    if position < len(text):
        yield token.copy(content=text[position:])


def _trimmed_address(address: str) -> str:
    """An address without the punctuation of the sentence around it, as GitHub trims it."""
    surplus = address.count(")") - address.count("(")
    end = len(address)
    while end > 0 and (address[end - 1] in "?!.,:;*_~'\"[]" or (address[end - 1] == ")" and surplus > 0)):
        surplus -= address[end - 1] == ")"
        end -= 1
    return address[:end]
