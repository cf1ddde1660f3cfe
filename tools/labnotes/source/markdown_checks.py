"""Links, images, footnotes, headings and raw HTML in the Markdown of a note: found, checked, and rewritten for the site."""

from __future__ import annotations

import difflib
import functools
import html
import itertools
import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from labnotes.errors import Problem, did_you_mean
from labnotes.source import content_cache, file_limits
from labnotes.source.markdown_segments import outside_code, split_markdown
from labnotes.source.notebooks import Cell

ANCHORS = ("fig-", "tab-", "claim-", "ref-", "cell-", "sn-", "eq-", "references", "reproduce", "cite", "updates", "related", "ln-check")
"""Beginnings of the addresses that a staged page has beside those of its headings."""

SHOWN = 120
"""Characters that a message shows of what stands in the text."""

MOST_TOLD = 50
"""How many problems of one kind are told of a note's Markdown."""

_OWN = re.compile(r"(?:cell|fnref|sn)-\d+|ln-.+")
"""Matches the addresses that a page gives to its own parts."""

_LINK = re.compile(
    r"(?<!\\)(?P<image>!?)(?<!\\)\[(?P<text>(?:[^\[\]]|\[(?:[^\[\]]|\[[^\[\]]*\])*\])*)\]"
    r"\(\s*(?:<(?P<angled>[^<>\n]+)>|(?P<target>(?:[^()\s<>]|\([^()\s]*\))+))(?:\s+(?:\"[^\"]*\"|'[^']*'))?\s*\)"
)
_INNER = re.compile(r"!\[(?P<text>[^\[\]]*)\]\((?P<target>[^()\s<>]+)\)")
_SHOWN = re.compile(r"!\[(?P<text>[^\[\]]*)\]\[(?P<name>[^\[\]]*)\]")
_DEFINED = re.compile(r"^[ ]{0,3}\[(?!\^)(?P<name>[^\]\n]+)\]:[ \t]*+(?:\n[ \t]*+)?<?(?P<target>[^\s>]+)>?", re.MULTILINE)
_FOOTNOTE = re.compile(r"^\[\^(?P<name>[\w-]+)\]:[ \t]*(?P<text>.*(?:\n(?:[ \t]{2,}\S.*|[ \t]*(?=\n[ \t]{2,}\S)))*)\n?", re.MULTILINE)
_MARK = re.compile(r"\[\^(?P<name>[\w-]+)\](?!:)")
_HEADING = re.compile(r"^[ ]{0,3}#{1,6}[ \t]++(?P<rest>[^\n]++)$", re.MULTILINE)
_HEADING_NAME = re.compile(r"#([\w-]+)")
_UNDERLINED = re.compile(r"^(?![ ]{0,3}(?:[-*+>|<]|\d+[.)]))[ ]{0,3}\S[^\n]*\n(?:=+|-{2,})[ \t]*$", re.MULTILINE)
_FIRST_LEVEL = re.compile(r"^[ ]{0,3}#[ \t]++(?P<words>[^\n]++)$", re.MULTILINE)
_FIRST_UNDERLINED = re.compile(r"^(?![ ]{0,3}(?:[-*+>|<]|\d+[.)]))[ ]{0,3}(?P<words>\S[^\n]*)\n=+[ \t]*$", re.MULTILINE)
_BOUND = re.compile(r"\{\{(?:[^{}\n]|\{(?!\{)|\}(?!\}))*+\}\}|@(?:fig|tab):[\w-]+|\[@[^\[\]]++\]")
_TAG = re.compile(r"<(?P<name>[a-zA-Z][\w-]*)(?P<rest>(?:\"[^\"]*\"|'[^']*'|[^<>\"'])*)>")
_ATTRIBUTES = re.compile(r"\{:?[^{}\n]*+\}")
_ON_ATTRIBUTE = re.compile(r"\bon[a-z]++\s*=", re.IGNORECASE)
_ACTIVE = {"script", "iframe", "object", "embed", "applet", "base", "meta", "link", "style", "form", "frame", "frameset", "portal"}
_HANDLER = re.compile(r"(?:^|[\s\"'/])(on[a-z]+)\s*=", re.IGNORECASE)
_LOADS = re.compile(r"(?:^|[\s\"'/])(src|srcset|poster|background|data)\s*=\s*+[\"']?\s*+((?:https?:)?//[^\s\"'>]+)", re.IGNORECASE)


@dataclass(frozen=True)
class MarkdownLink:
    """A link or image in Markdown: its `target` as written, which begins at `start` in the text; `image` if the page would load it; the
    link itself begins at `offset`."""

    target: str
    text: str
    image: bool
    offset: int
    start: int


def find_links(text: str) -> Iterator[MarkdownLink]:
    """Every inline link, image and link definition outside code and math."""
    shown = {(match["name"] or match["text"]).lower(): match["text"] for match in _SHOWN.finditer(text)}
    for kind, part, offset in split_markdown(_code_hidden(text)):
        if kind == "prose":
            for match in _LINK.finditer(part):
                group = "angled" if match["angled"] else "target"
                inner = _INNER.search(part, match.start("text"), match.end("text"))
                if inner:  # a picture that is a link
                    yield MarkdownLink(inner["target"], inner["text"], True, offset + inner.start(), offset + inner.start("target"))
                yield MarkdownLink(match[group], match["text"], bool(match["image"]), offset + match.start(), offset + match.start(group))
            for match in _DEFINED.finditer(part):
                words = shown.get(match["name"].lower())
                yield MarkdownLink(match["target"], words or "", words is not None, offset + match.start(), offset + match.start("target"))


def _code_hidden(text: str) -> str:
    """`text` with code spans blanked, so that a link whose text holds code is one piece; every offset stays."""
    parts = [re.sub(r"[^\n]", "x", part) if kind == "code" else part for kind, part, _ in split_markdown(text)]
    return "".join(parts)


def replace_targets(text: str, to: Callable[[MarkdownLink], str]) -> str:
    """`text` with the target of each link replaced by what `to` says."""
    edits = [(link.start, link.start + len(link.target), to(link).replace(" ", "%20")) for link in find_links(text)]
    for start, end, new in sorted(edits, reverse=True):
        text = text[:start] + new + text[end:]
    return text


def is_local(target: str) -> bool:
    """Whether a target means a file of the lab, rather than another site or a place in the same page."""
    try:
        parts = urlsplit(target)
    except ValueError:
        return False
    return not parts.scheme and not parts.netloc and bool(parts.path)


def link_path(target: str, folder: Path) -> Path:
    """The file or folder that a local target names, seen from `folder`. `file_limits.path_problem` says what can be none."""
    return (folder / unquote(urlsplit(target).path)).resolve()


def heading_addresses(text: str) -> list[str]:
    """Addresses of the headings in `text`, as the site builder makes them."""
    addresses = []
    for kind, part, _ in split_markdown(text):
        if kind == "prose":
            headings = [heading_parts(match["rest"]) for match in _HEADING.finditer(part)]
            addresses += [name or heading_slug(words) for words, name in headings]
    return addresses


def heading_parts(rest: str) -> tuple[str, str]:
    """The text and the name of a heading, from what stands after its signs: `Text {#name}`, `Text ##`. "" for a heading without a name."""
    words, name = rest.rstrip(" \t"), ""
    if words.endswith("}"):
        start = words.find("{", max(1, words.rfind("}", 0, len(words) - 1) + 1))
        names = _HEADING_NAME.findall(words[start:]) if start > 0 else []
        if names:
            words, name = words[:start].rstrip(" \t"), names[-1]
    without = words.rstrip("#")
    if without[-1:] in (" ", "\t"):
        words = without.rstrip(" \t") or words
    return words, name


def known_addresses(cells: Sequence[Cell]) -> frozenset[str] | None:
    """Addresses of all headings of a note; None where only the site builder can tell them, which then reports links that lead nowhere."""
    lines = [line for cell in cells for line in heading_lines(cell.source)]
    if len({*lines}) < len(lines) or any(not line.isascii() or re.search(r"[\[<{\n`_&\\]", line) for line in lines):
        return None
    return frozenset(name for cell in cells for name in heading_addresses(cell.source))


def heading_lines(text: str) -> list[str]:
    """Every heading as it is written, on one line or underlined."""
    matches = (match for pattern in (_HEADING, _UNDERLINED) for match in pattern.finditer(text))
    return [match.group() for match in outside_code(matches, text)]


def title_heading(cells: Sequence[Cell]) -> str:
    """The words of the first heading of the first level, with their markup; "" if there is none."""
    for cell in cells:
        lines = outside_code(
            (match for pattern in (_FIRST_LEVEL, _FIRST_UNDERLINED) for match in pattern.finditer(cell.source)), cell.source
        )
        headings = {match.start(): match["words"] for match in lines}
        if headings:
            return heading_parts(headings[min(headings)])[0].strip()
    return ""


def heading_slug(heading: str) -> str:
    """The address of a heading, as the site builder makes it from its text."""
    plain = unicodedata.normalize("NFKD", re.sub(r"[*`]", "", heading)).encode("ascii", "ignore").decode()
    return re.sub(r"[-\s]+", "-", re.sub(r"[^\w\s-]", "", plain).strip().lower())


# -- checks ------------------------------------------------------------------------------------------------------------------------------


class _CellFault(NamedTuple):
    """Something wrong at an offset in a cell (`cell` is its index from 0), and what to do about it."""

    cell: int
    offset: int
    what: str
    hint: str


def markdown_problems(cells: Sequence[Cell], folder: Path, root: Path) -> list[Problem]:
    """The problems in a note's text cells: links that lead nowhere, images without words, wrong headings, footnotes without text and HTML
    that runs or loads something."""
    texts = content_cache.computed_for("markdown", [cell.source for cell in cells], lambda: _read_texts(cells))
    faults = [_CellFault(*fault) for fault in texts["faults"]]
    known = frozenset(texts["known"]) if texts["known"] is not None else None
    links = ((at, MarkdownLink(*parts)) for at, *parts in texts["links"])
    of_links = (_CellFault(at, link.offset, *told) for at, link in links for told in _link_problems(link, folder, root, known))
    faults += itertools.islice(of_links, MOST_TOLD)
    faults.sort(key=lambda fault: fault[:2])
    return [
        Problem(cells[fault.cell].line_place(cells[fault.cell].source.count("\n", 0, fault.offset) + 1), fault.what, fault.hint)
        for fault in faults
    ]


def _read_texts(cells: Sequence[Cell]) -> dict[str, Any]:
    """As JSON, what the texts of the cells say by themselves: the addresses of headings, every link with the index of its cell, and what is
    wrong with other things than links, which depend on the files around."""
    known = known_addresses(cells)
    return {
        "known": sorted(known) if known is not None else None,
        "links": [[at, *astuple(link)] for at, cell in enumerate(cells) for link in find_links(cell.source)],
        "faults": [
            fault
            for kind in (_heading_faults(cells), _footnote_faults(cells), _html_faults(cells))
            for fault in itertools.islice(kind, MOST_TOLD)
        ],
    }


def _heading_faults(cells: Sequence[Cell]) -> Iterator[_CellFault]:
    level = 1
    for at, cell in enumerate(cells):
        for match in _in_prose(_HEADING, cell.source):
            text, name = heading_parts(match["rest"])
            depth = len(match.group().split()[0])
            title = at == 0 and not cell.source[: match.start()].strip()
            if depth == 1 and not title:
                hint = "the page's title is the one of note.yml; sections begin with ##"
                yield _CellFault(at, match.start(), f"a second heading of the first level: {text}", hint)
            elif depth > level + 1:
                hint = "go down one level at a time: readers by ear find their way by levels"
                yield _CellFault(at, match.start(), f"heading {text!r} is of level {depth}, after one of level {level}", hint)
            level = depth
            if _OWN.fullmatch(name or heading_slug(text)):
                hint = f"a part of the page may have it; give it another: {text} {{#another-name}}"
                yield _CellFault(at, match.start(), f"heading {text!r} would have an address that the page itself uses", hint)


def _footnote_faults(cells: Sequence[Cell]) -> Iterator[_CellFault]:
    written = [(at, match) for at, cell in enumerate(cells) for match in _in_prose(_FOOTNOTE, cell.source)]
    names = {match["name"] for _, match in written}
    used = {match["name"] for cell in cells for match in _in_prose(_MARK, _FOOTNOTE.sub("", cell.source))}
    before: set[str] = set()
    for at, match in written:
        name = match["name"]
        if name in before:
            yield _CellFault(at, match.start(), f"footnote [^{name}] is written twice", "give each a name of its own")
        if name not in used:
            yield _CellFault(at, match.start(), f"footnote [^{name}] is never referred to", "it would not be published")
        before.add(name)
    for at, cell in enumerate(cells):
        for match in _in_prose(_MARK, cell.source):
            if match["name"] not in names:
                hint = did_you_mean(match["name"], names) + f"; its text goes on a line of its own: [^{match['name']}]: Text."
                yield _CellFault(at, match.start(), f"{match.group()} has no text", hint)


def _html_faults(cells: Sequence[Cell]) -> Iterator[_CellFault]:
    for at, cell in enumerate(cells):
        for match in _in_prose(_ATTRIBUTES, cell.source):
            if _ON_ATTRIBUTE.search(match.group()):
                yield _CellFault(at, match.start(), f"{match.group():.{SHOWN}} holds an event handler", "pages hold no script")
        for match in _in_prose(_TAG, cell.source):
            for what, hint in _tag_problems(match):
                yield _CellFault(at, match.start(), what, hint)


@functools.lru_cache(maxsize=64)
def _prose_only(text: str) -> str:
    """`text` with code and math blanked; every offset stays."""
    return "".join(part if kind == "prose" else re.sub(r"[^\n]", " ", part) for kind, part, _ in split_markdown(text))


def _in_prose(pattern: re.Pattern[str], text: str) -> list[re.Match[str]]:
    """Matches outside code and math."""
    return list(pattern.finditer(_prose_only(text)))


def _link_problems(link: MarkdownLink, folder: Path, root: Path, known: frozenset[str] | None) -> Iterator[tuple[str, str]]:
    try:
        parts = urlsplit(re.sub(r"[\x00-\x20]", "", html.unescape(link.target)))
    except ValueError as error:
        yield f"links to {link.target!r}, which is no address: {error}", "https://example.org/page"
        return
    if parts.scheme.lower() not in ("", "http", "https", "mailto"):
        yield _scheme_problem(link)
    elif link.image and (parts.scheme or parts.netloc):
        yield f"shows a picture of another site: {link.target}", "put the file beside the note: a page here loads nothing from elsewhere"
    elif bound := _BOUND.search(link.text):
        yield f"{bound.group()} stands in the text of a link", "a value and a reference are links themselves: put it beside the link"
    elif link.image and not link.text.strip():
        yield f"image {link.target} has no alt text", f"![what it shows to someone who cannot see it]({link.target})"
    elif not parts.scheme and not parts.netloc and not parts.path:
        if known is not None and parts.fragment and parts.fragment not in known and not parts.fragment.startswith(ANCHORS):
            yield f"links to #{parts.fragment}, which no heading has", did_you_mean(parts.fragment, known)
    elif is_local(link.target):
        yield from _file_problems(link, folder, root)


def _file_problems(link: MarkdownLink, folder: Path, root: Path) -> Iterator[tuple[str, str]]:
    """What is wrong with a link to a file of the lab."""
    hint = "a path from the note's folder, such as ../other-note/note.ipynb"
    written = urlsplit(link.target).path
    what = file_limits.path_problem(unquote(written))
    if what:
        yield f"links to {link.target!r:.{SHOWN}}, which {what}", hint
        return
    path = link_path(link.target, folder)
    if written.startswith("/") or not path.is_relative_to(root):
        yield f"links to {link.target}, outside this lab", hint
    elif path.suffix == ".md" and path.is_relative_to(folder) and path.stem != "note":
        yield f"links to {link.target}, a page that is not published", "only the note itself is: put the text into it, or into docs/"
    elif not path.exists():
        around = [neighbour.name for neighbour in path.parent.iterdir()] if path.parent.is_dir() else []
        near = difflib.get_close_matches(path.name, around, n=1)
        yield f"broken link: {link.target} is not there", f"did you mean {near[0]!r}?" if near else hint


def _scheme_problem(link: MarkdownLink) -> tuple[str, str]:
    """What is wrong with a link of a kind that pages do not have, and what to do about it."""
    scheme, _, rest = link.target.partition(":")
    if scheme.lower() == "attachment":
        shown = f"![what it shows to someone who cannot see it]({rest})"
        return (
            f"shows {unquote(rest)!r}, a picture that was pasted into the cell",
            f"save the picture beside the note as a file and write {shown}",
        )
    return f"links to {link.target!r}", "a page may link to https:, http: and mailto: addresses, and to files of this lab"


def _tag_problems(match: re.Match[str]) -> Iterator[tuple[str, str]]:
    name, rest = match["name"].lower(), html.unescape(match["rest"])
    if name in _ACTIVE:
        yield f"<{name}> in prose", "pages hold no script, style or frame of their own; a widget goes into widget.js"
    handler = _HANDLER.search(rest)
    if handler:
        yield f"<{name}> has the event handler {handler[1]}", "pages hold no script"
    loads = _LOADS.search(rest)
    if loads:
        yield f"<{name}> loads {loads[2]}", "put the file beside the note: a page here loads nothing from elsewhere"
    if re.search(r"(?:java|vb)script\s*:|data\s*:\s*text/html", re.sub(r"[\x00-\x20]", "", rest), re.IGNORECASE):
        yield f"<{name}> links to a script", "pages hold no script"


def has_footnote(text: str) -> bool:
    return bool(_in_prose(_MARK, text))


# -- footnotes ---------------------------------------------------------------------------------------------------------------------------


class Footnotes:
    """The footnotes of a note, set beside the text: the first mark of each is followed by its text, which a wide page shows in the
    margin."""

    def __init__(self, cells: Sequence[Cell]) -> None:
        self._texts = {m["name"]: _one_line(cell.source, m) for cell in cells for m in _in_prose(_FOOTNOTE, cell.source)}
        self._numbers: dict[str, int] = {}

    def place_beside(self, text: str) -> str:
        """`text` without the definitions of footnotes; each mark is a link to its footnote, which stands beside the first mark."""
        for match in reversed(_in_prose(_FOOTNOTE, text)):
            text = text[: match.start()] + text[match.end() :]
        made, position = [], 0
        for match in _in_prose(_MARK, text):
            made += [text[position : match.start()], self._sidenote_html(match["name"])]
            position = match.end()
        return "".join([*made, text[position:]])

    def place_inline(self, text: str) -> str:
        """`text` without definitions, each footnote in brackets where it is referred to."""
        for match in reversed(_in_prose(_FOOTNOTE, text)):
            text = text[: match.start()] + text[match.end() :]
        for match in reversed(_in_prose(_MARK, text)):
            text = f"{text[: match.start()]} [{self._texts[match['name']]}]{text[match.end() :]}"
        return text

    def _sidenote_html(self, name: str) -> str:
        first = name not in self._numbers
        number = self._numbers.setdefault(name, len(self._numbers) + 1)
        if not first:
            return f'<a class="ln-fn" href="#sn-{number}">{number}</a>'
        return (
            f'<a class="ln-fn" id="fnref-{number}" href="#sn-{number}">{number}</a>'
            f'<small class="ln-sidenote" role="note" id="sn-{number}"><span class="ln-sn-num">{number}</span> {self._texts[name]}</small>'
        )


def _one_line(source: str, match: re.Match[str]) -> str:
    return " ".join(source[match.start("text") : match.end("text")].split())
