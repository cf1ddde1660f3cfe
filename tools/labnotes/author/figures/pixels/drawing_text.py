"""The text of an SVG in a form in which ids, metadata, editors' remarks and spaces do not count: it has no pixels to compare."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping
from xml.etree import ElementTree

from labnotes.errors import AuthorError
from labnotes.model.digests import text_digest
from labnotes.model.plots import Mark, PlainValue

MOST_WORDS, LONGEST_WORDS = 500, 80
"""How many texts of a drawing are recorded for messages, and characters of each."""

_SVG = "{http://www.w3.org/2000/svg}"
_EDITORS = ("inkscape.org", "sodipodi.sourceforge.net", "bohemiancoding.com", "adobe.com")
"""What the namespaces of drawing programs have in them: their elements and attributes show nothing."""

_ADDRESSED = re.compile(r"""url\(\s*["']?#([^"')]+?)["']?\s*\)""")
_SELECTORS = re.compile(r"[^{}]+(?=\{)")
_TIMED = re.compile(r"([\w.-]+)(?=\.\w+)")


def drawing_mark(content: bytes, where: str) -> Mark:
    """The text of an SVG as a mark: a digest of its normal form, how many elements of each kind it has, and the texts in it.

    Raises AuthorError for what is no XML.
    """
    try:
        root = ElementTree.fromstring(content)
    except (ElementTree.ParseError, ValueError, LookupError) as error:
        raise AuthorError(where, f"its SVG is damaged or cut short: {error}", "write the picture anew") from None
    names = _referenced_ids(root)
    lines = list(_normal_lines(root, names))
    elements = Counter(_plain_name(element.tag) for element in _shown_elements(root))
    words = [words for element in _shown_elements(root) if _plain_name(element.tag) == "text" and (words := _words_of(element))]
    exact: dict[str, PlainValue] = {
        "text": text_digest("\n".join(lines))[:16],
        "elements": dict(sorted(elements.items())),
        "words": [text[:LONGEST_WORDS] for text in words[:MOST_WORDS]],
    }
    return Mark("drawing", "", None, {}, exact)


def _plain_name(tag: str) -> str:
    return tag.removeprefix(_SVG)


def _is_left_out(element: ElementTree.Element) -> bool:
    """Whether an element shows nothing: metadata, remarks of editors, comments."""
    return not isinstance(element.tag, str) or _plain_name(element.tag) == "metadata" or _is_of_editor(element.tag)


def _is_of_editor(name: str) -> bool:
    return name.startswith("{") and any(editor in name.partition("}")[0] for editor in _EDITORS)


def _shown_elements(root: ElementTree.Element) -> Iterator[ElementTree.Element]:
    waiting = [root]
    while waiting:
        element = waiting.pop()
        if not _is_left_out(element):
            yield element
            waiting.extend(reversed(element))


def _words_of(element: ElementTree.Element) -> str:
    return " ".join("".join(element.itertext()).split())


def _referenced_ids(root: ElementTree.Element) -> dict[str, str]:
    """The ids that something refers to, each with a name by its order; the others name nothing."""
    defined = [name for element in _shown_elements(root) if (name := element.get("id"))]
    texts = [value for element in _shown_elements(root) for key, value in element.attrib.items() if key != "id"]
    texts += [element.text or "" for element in _shown_elements(root) if _plain_name(element.tag) == "style"]
    parts = {part for text in texts for part in re.findall(r"[\w.:-]+", text)}
    parts |= {part.partition(".")[0] for part in parts}
    return {name: f"id{number}" for number, name in enumerate(dict.fromkeys(name for name in defined if name in parts), 1)}


def _normal_lines(root: ElementTree.Element, names: Mapping[str, str]) -> Iterator[str]:
    """The drawing from its beginning to its end: elements with their attributes in order of the alphabet, and texts."""
    waiting: list[ElementTree.Element | str] = [root]
    while waiting:
        element = waiting.pop()
        if isinstance(element, str):
            yield element
            continue
        if not _is_left_out(element):
            is_style = _plain_name(element.tag) == "style"
            attributes = sorted((key, _normal_value(key, value, names)) for key, value in element.attrib.items() if not _is_of_editor(key))
            yield f"<{_plain_name(element.tag)} " + " ".join(f"{key}={value!r}" for key, value in attributes if key != "id" or value)
            text = " ".join((element.text or "").split())
            if is_style:
                text = _SELECTORS.sub(lambda match: re.sub(r"#([\w.:-]+)", lambda part: f"#{names.get(part[1], part[1])}", match[0]), text)
            waiting.append("/>")
            for child in reversed(element):
                tail = " ".join((child.tail or "").split())
                waiting += [tail, child] if tail else [child]
            if text:
                yield text


def _normal_value(key: str, value: str, names: Mapping[str, str]) -> str:
    """The value of an attribute with the names of ids by their order; "" for an id that nothing refers to."""
    plain = " ".join(value.split())
    if key == "id":
        return names.get(value, "")
    if key.rpartition("}")[2] == "href" and plain.startswith("#"):
        return f"#{names.get(plain[1:], plain[1:])}"
    if key.startswith("aria-"):
        return " ".join(names.get(part, part) for part in plain.split())
    if key in ("begin", "end"):
        return _TIMED.sub(lambda match: names.get(match[0], match[0]), plain)
    return _ADDRESSED.sub(lambda match: f"url(#{names.get(match[1], match[1])})", plain)
