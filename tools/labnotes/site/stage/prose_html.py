"""Text cells as HTML: what the reader of Markdown found, with values, references, math, links and footnotes as a page shows them.

The HTML of a cell is sanitised as a whole, which also ends what its author left open, as Jupyter does: no cell reaches into the next.
"""

from __future__ import annotations

import html
import itertools
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from labnotes.site.stage import highlighting, sanitising
from labnotes.source import html_checks, markdown_reader
from labnotes.source.heading_levels import TITLE
from labnotes.source.markdown_pieces import MarkdownPiece
from labnotes.source.markdown_reader import HtmlTag
from labnotes.source.prose_facts import MarkdownLink

if TYPE_CHECKING:
    from labnotes.source.markdown_reader import Token

IN_SHORT = "In short."
"""The words, in bold, with which a note's summary of itself begins."""

THEMES_KINDS = {
    **{"hint": "tip", "important": "info", "caution": "danger", "attention": "warning"},
    **{"error": "failure", "seealso": "info", "admonition": "note"},
}
"""The theme's words for kinds of admonitions that it calls otherwise."""

ALIGNED = {"left": "ln-left", "right": "ln-right", "center": "ln-center"}
"""Classes of the cells of tables, by the side at which the author sets a column."""

_RENAMED = {"figure": "div", "figcaption": "div"}
"""Elements by which a page holds what it numbers; an author's are shown as any other."""

_HEADLINE = '<p class="ln-headline">'
"""The beginning of a heading in the text of an output."""

_ALIGNED = re.compile(r"text-align:\s*(left|right|center)")


@dataclass(frozen=True, kw_only=True)
class ProseParts:
    """What a page makes of the parts of prose: the HTML of a piece, and where a link leads."""

    piece_html: Callable[[MarkdownPiece], str]
    link_address: Callable[[MarkdownLink], str]


@dataclass(kw_only=True)
class CellContext:
    """What a cell needs to know of its page: the `addresses` of its headings in order ("" for the title, which is not shown), the `levels` at
    which they are shown, if those are others than written, whether it is the first, and the ids that the page has `given` to elements so far.
    In the text of an output headings are large words, and no element has an id: what code wrote is no part of the note's contents."""

    addresses: Sequence[str] = ()
    levels: Sequence[int] = ()
    is_first: bool = False
    is_output: bool = False
    given: set[str] = field(default_factory=set)


def cell_html(text: str, parts: ProseParts, context: CellContext) -> str:
    """The HTML of a text cell."""
    renderer = _CellRenderer(parts, context)
    return sanitising.sanitised_prose("".join(renderer.render_blocks(markdown_reader.read_markdown(text))))


def inline_html(text: str, parts: ProseParts) -> str:
    """The HTML of a caption or the like."""
    renderer = _CellRenderer(parts, CellContext())
    return sanitising.sanitised_inline("".join(renderer.render_blocks(markdown_reader.read_inline(text))))


def footnote_html(text: str, name: str, parts: ProseParts) -> str:
    """The HTML of the first footnote of this name in a text cell, on one line and without blocks: it stands within a line of text."""
    tokens = markdown_reader.read_markdown(text)
    renderer = _CellRenderer(parts, CellContext())
    start = next(at for at, token in enumerate(tokens) if token.type == "footnote_reference_open" and token.meta["label"] == name)
    inside = itertools.takewhile(lambda token: token.type != "footnote_reference_close", tokens[start + 1 :])
    shown = " ".join(renderer.leaf_html(token).strip() for token in inside if token.type in _LEAVES)
    return sanitising.sanitised_inline(shown, with_pictures=True).replace("\n", " ")


_LEAVES = ("inline", "fence", "code_block", "html_block")


class _CellRenderer:
    def __init__(self, parts: ProseParts, context: CellContext) -> None:
        self._parts, self._context = parts, context
        self._addresses: Iterator[str] = iter(context.addresses)
        self._levels: Iterator[int] = iter(context.levels)
        self._is_title = False
        self._heading_tag = ""
        self._footnotes = 0
        self._may_be_short = context.is_first

    def render_blocks(self, tokens: Sequence[Token]) -> Iterator[str]:
        for at, token in enumerate(tokens):
            if token.type in ("footnote_reference_open", "footnote_reference_close"):
                if self._context.is_output:  # nothing refers to it there
                    yield f"<div>[^{html.escape(str(token.meta['label']))}]: " if token.nesting > 0 else "</div>\n"
                else:
                    self._footnotes += token.nesting
            elif self._footnotes:
                continue
            elif token.type == "heading_open":
                yield self._heading_start(token)
            elif token.type == "heading_close":
                yield "" if self._is_title else "</p>\n" if self._context.is_output else f"</{self._heading_tag}>\n"
                self._is_title = False
            elif token.type in _LEAVES:
                yield self.leaf_html(token)
            elif not token.hidden:
                yield self._block_tag(token, tokens[at + 1 : at + 2])

    def leaf_html(self, token: Token) -> str:
        """The HTML of a token that holds no blocks."""
        if token.type == "fence":
            return _code_html(token.content, token.info.split()[0] if token.info.strip() else "")
        if token.type == "code_block":
            return _code_html(token.content, "")
        return "".join(map(self._inline_html, token.children or ()))

    def _heading_start(self, token: Token) -> str:
        if self._context.is_output:
            return _HEADLINE
        address = self._next_heading(int(token.tag[1]))
        return "" if self._is_title else f'<{self._heading_tag} id="{html.escape(address)}">'

    def _next_heading(self, written: int) -> str:
        """The address of the next heading, which is of this level as written."""
        address = next(self._addresses, "")
        level = next(self._levels, written)
        self._is_title = not address and (written == 1 or level == TITLE)
        self._heading_tag = f"h{level}"
        return address

    def _block_tag(self, token: Token, following: Sequence[Token]) -> str:
        end = "" if token.nesting == 1 and token.tag in ("p", "li", "td", "th") else "\n"
        if token.nesting < 0:
            return f"</{token.tag}>\n"
        attributes = {name: str(value) for name, value in token.attrs.items()}
        before = ""
        if token.type == "list_item_open" and "checked" in token.meta:
            said, sign = ("done", "\N{BALLOT BOX WITH CHECK}") if token.meta["checked"] else ("open", "\N{BALLOT BOX}")
            before = f'<span class="ln-task" role="img" aria-label="{said}">{sign}</span> '
        elif token.type == "alert_open":
            attributes["class"] = _admonition_class(token.info.lower())
        elif token.type in ("alert_title_open", "directive_title_open"):
            attributes["class"] = "admonition-title"
        elif token.type == "admonition_open":
            attributes["class"] = _admonition_class(attributes["class"].split()[1])
        elif token.type == "container_directive_open":
            kind, title = markdown_reader.directive_words(token.info)
            attributes["class"] = _admonition_class(kind)
            before = "" if title else f'<p class="admonition-title">{html.escape(kind.capitalize())}</p>\n'
        elif align := _ALIGNED.match(attributes.pop("style", "")):
            attributes["class"] = ALIGNED[align[1]]
        elif token.type == "paragraph_open" and self._may_be_short and following and _is_in_short(following[0]):
            attributes["class"], self._may_be_short = "ln-tldr", False
        return f"<{token.tag}{_attributes_text(attributes)}>{end}{before}"

    def _inline_html(self, token: Token) -> str:
        kind = token.type
        if self._is_title and not (kind == "html_tag" and token.meta["tag"].name == "h1"):
            return ""
        if kind == "text":
            return html.escape(token.content, quote=False)
        if kind == "piece":
            return self._parts.piece_html(token.meta["piece"])
        if kind == "html_tag":
            return self._tag_html(token)
        if kind in ("html_text", "html_rest"):
            return token.content
        if kind == "code_inline":
            return f"<code>{html.escape(token.content, quote=False)}</code>"
        if kind == "image":
            source = self._address(str(token.attrs["src"]), token.content, is_image=True, line=token.meta["line"])
            title = {"title": str(token.attrs["title"])} if "title" in token.attrs else {}
            return f"<img{_attributes_text({'src': source, 'alt': _plain_words(token.children or ()), **title})}>"
        if kind in ("softbreak", "hardbreak"):
            return "\n" if kind == "softbreak" else "<br>\n"
        if token.nesting < 0:
            return f"</{token.tag}>"
        attributes = {name: str(value) for name, value in token.attrs.items()}
        if kind == "link_open":
            attributes["href"] = self._address(attributes.get("href", ""), "", is_image=False, line=token.meta["line"])
        return f"<{token.tag}{_attributes_text(attributes)}>"

    def _tag_html(self, token: Token) -> str:
        """A tag of raw HTML, with links that lead from the page and with the ids that the page gives."""
        tag: HtmlTag = token.meta["tag"]
        name = _RENAMED.get(tag.name, tag.name)
        level = html_checks.heading_level(tag)
        if level and self._context.is_output:
            return "</p>" if tag.is_closing else _HEADLINE
        if tag.is_closing:
            if level and self._is_title:
                self._is_title = False
                return ""
            return f"</{self._heading_tag if level and self._heading_tag else name}>"
        attributes = dict(tag.attributes)
        identity = attributes.pop("id", "") or (attributes.pop("name", "") if name == "a" else "")
        if level:
            identity = self._next_heading(level)
            if self._is_title:
                return ""
            name = self._heading_tag
        elif identity in self._context.given or self._context.is_output:
            identity = ""  # a browser leads to the first of equal ones
        if identity:
            self._context.given.add(identity)
            attributes["id"] = identity
        line = token.meta["line"]
        for attribute, is_image in (("href", False), ("src", True), ("poster", True)):
            if attributes.get(attribute):
                attributes[attribute] = self._address(attributes[attribute], "", is_image=is_image, line=line)
        if name == "img" and not attributes.get("alt") and "role" not in attributes:
            attributes["role"] = "presentation"
        return f"<{name}{_attributes_text(attributes)}>"

    def _address(self, target: str, words: str, *, is_image: bool, line: int) -> str:
        return self._parts.link_address(MarkdownLink(target, words, is_image, line))


def _is_in_short(token: Token) -> bool:
    children = token.children or []
    return len(children) > 1 and children[0].type == "strong_open" and children[1].content.startswith(IN_SHORT)


def _admonition_class(kind: str) -> str:
    return f"admonition {THEMES_KINDS.get(kind, kind)}"


def _code_html(code: str, language: str) -> str:
    shown = highlighting.highlight_code(code.rstrip("\n"), language.strip("{}."))
    return f'<div class="highlight" tabindex="0"><pre><code>{shown}</code></pre></div>\n'


def _plain_words(tokens: Iterable[Token]) -> str:
    """The words of the text of a picture."""
    words = (" " if token.type in ("softbreak", "hardbreak") else token.content for token in tokens)
    return " ".join("".join(words).split())


def _attributes_text(attributes: dict[str, str]) -> str:
    return "".join(f' {name}="{html.escape(value)}"' for name, value in attributes.items() if re.fullmatch(r"[a-zA-Z][\w-]*", name))


# -- HTML in a page of Markdown -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class PageBlock:
    """An element of a page that stands for itself; `level` is that of a heading, else 0, and `address` its id."""

    html: str
    level: int = 0
    address: str = ""


_TAG = re.compile(r"<(/?)([a-zA-Z][\w-]*)((?:\"[^\"]*+\"|[^<>\"])*+)>")
_HEADING = re.compile(r"<(h[2-6])((?:\"[^\"]*+\"|[^<>\"])*+)>(.*)</\1>\Z", re.DOTALL)
_BLOCKS = sanitising.BLOCKS
_ID = re.compile(r'\bid="([^"]*)"')


def page_blocks(made: str) -> Iterator[PageBlock]:
    """The elements of sanitised HTML that stand beside each other, text and what is set in a line wrapped together."""
    waiting: list[str] = []
    for element, name in _outer_elements(made):
        if name not in _BLOCKS:
            waiting.append(element)
            continue
        yield from _wrapped_block(waiting)
        waiting = []
        heading = _HEADING.match(element.strip())
        address = _ID.search(heading[2]) if heading else None
        if heading and address:
            yield PageBlock(heading[3].strip(), int(heading[1][1]), html.unescape(address[1]))
        else:
            yield PageBlock(element.strip())
    yield from _wrapped_block(waiting)


def _wrapped_block(parts: Sequence[str]) -> Iterator[PageBlock]:
    inside = "".join(parts).strip()
    if inside:
        yield PageBlock(f"<div>{inside}</div>")


def _outer_elements(made: str) -> Iterator[tuple[str, str]]:
    """Each outermost element of HTML with its name, and the text between them with "" for a name."""
    depth, start, name = 0, 0, ""
    for match in _TAG.finditer(made):
        if not depth and match.start() > start:
            yield made[start : match.start()], ""
            start = match.start()
        if match[2] in html_checks.VOID:
            if not depth:
                yield match[0], match[2]
                start = match.end()
            continue
        name = name if depth else match[2]
        depth += -1 if match[1] else 1
        if not depth:
            yield made[start : match.end()], name
            start = match.end()
    if start < len(made):
        yield made[start:], name if depth else ""


def heading_markdown(block: PageBlock, classes: str = "") -> str:
    """A heading as Markdown with HTML in it, so that the builder of the site lists it; its address is the one that it has."""
    parts, position = [], 0
    for match in _TAG.finditer(block.html):
        parts += [_without_markup(block.html[position : match.start()]), _quiet_tag(match)]
        position = match.end()
    shown = "".join([*parts, _without_markup(block.html[position:])])
    return f"{'#' * block.level} {' '.join(shown.split())} {{: #{block.address}{classes} }}"


def _without_markup(text: str) -> str:
    return re.sub(r"[\\`*_{}\[\]()#+\-.!~|@:^'=$]", lambda match: f"&#{ord(match[0])};", text)


def _quiet_tag(match: re.Match[str]) -> str:
    """A tag whose values hold no sign that Markdown reads before it reads HTML."""
    quiet = re.sub(
        r'"([^"]*)"', lambda value: '"' + re.sub(r"[\\`*_{}\[\]!<>@~^]", lambda sign: f"&#{ord(sign[0])};", value[1]) + '"', match[3]
    )
    return f"<{match[1]}{match[2]}{quiet}>"


def plain_text(made: str) -> str:
    """The text of HTML, on one line."""
    return " ".join(html.unescape(_TAG.sub("", made)).split())
