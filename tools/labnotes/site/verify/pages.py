"""Files of a site as text or as trees. The only module that knows lxml, whose parser tells tags from text as browsers do from lxml 6 on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import NamedTuple, TypeAlias

from lxml import etree

from labnotes.errors import Problem

Element: TypeAlias = etree._Element

NO_COMPLAINT = ("HTML_UNKNOWN_TAG", "DTD_ID_REDEFINED")  # <main> and <svg> to older parsers; ids are counted here
THEMES_OWN = "__"  # ids that begin so are switches of the theme, which is not held to what they are for


class UnreadableFile(Exception):
    """A file that cannot be checked, for the reason that `problem` gives."""

    def __init__(self, path: str, what: str, hint: str = "build the site again") -> None:
        super().__init__(f"{path}: {what}")
        self.problem = Problem(path, what, hint)


class Attribute(NamedTuple):
    """One attribute, with names in small letters and without namespace: an `xlink:href` is an `href`."""

    element: Element
    tag: str
    name: str
    value: str


@dataclass(frozen=True)
class Document:
    """A page, a drawing or a feed. `path` is its place in the site; `complaints` are the parser's, each with its line."""

    path: str
    data: bytes
    root: Element
    complaints: tuple[tuple[int, str], ...] = ()

    def problem_at(self, element: Element, what: str, hint: str) -> Problem:
        return Problem(f"{self.path}:{element.sourceline}", what, hint)

    @cached_property
    def main_element(self) -> Element:
        """The element that holds what the page is about: <main>, else <body>, else the root."""
        for tag in ("main", "body"):
            for element in self.root.iter(tag):
                return element
        return self.root

    @cached_property
    def all_attributes(self) -> list[Attribute]:
        return [
            Attribute(element, _local_name(element.tag), _local_name(name), value)
            for element in self.root.iter(etree.Element)
            for name, value in element.items()
        ]

    @cached_property
    def element_ids(self) -> frozenset[str]:
        return frozenset(attribute.value for attribute in self.all_attributes if attribute.name == "id")

    def elements_named(self, tag: str) -> Iterator[Element]:
        """Every element of that name, in whatever namespace."""
        yield from self.root.iter("{*}" + tag)


@cache
def _local_name(name: str) -> str:
    return name.rpartition("}")[2].removeprefix("xlink:").lower()


def visible_text(element: Element) -> str:
    """The text of an element that a reader sees, in one line."""
    return " ".join("".join(element.itertext()).split())


def is_inside(element: Element, *tags: str) -> bool:
    return next(element.iterancestors(*tags), None) is not None


def attribute_words(element: Element, name: str) -> set[str]:
    """The words of an attribute such as `class` or `rel`."""
    return set(element.get(name, "").lower().split())


def read_bytes(folder: Path, path: str) -> bytes:
    try:
        return (folder / path).read_bytes()
    except OSError as error:
        raise UnreadableFile(path, f"cannot be read: {error.strerror}") from None


def read_text(folder: Path, path: str) -> str:
    try:
        return read_bytes(folder, path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFile(path, f"is no UTF-8: byte {error.start} is {error.object[error.start]:#04x}") from None


def read_page(folder: Path, path: str) -> Document:
    """Read an HTML file. Raises UnreadableFile if it holds no HTML in UTF-8."""
    data = read_text(folder, path).encode()
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableFile(path, f"does not parse: {error}") from None
    if root is None:
        raise UnreadableFile(path, "is empty")
    complaints = tuple((entry.line, entry.message) for entry in parser.error_log if entry.type_name not in NO_COMPLAINT)
    return Document(path, data, root, complaints)


def read_xml(folder: Path, path: str) -> Document:
    """Read an XML file. Raises UnreadableFile if it does not parse, or declares entities, which hide what it holds."""
    data = read_bytes(folder, path)
    parser = etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True)
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError) as error:
        raise UnreadableFile(path, f"does not parse: {error}") from None
    declared = root.getroottree().docinfo.internalDTD
    if declared is not None and declared.entities():
        raise UnreadableFile(path, "declares entities, which hide what it holds", "write the text in place of each entity")
    return Document(path, data, root)


def style_sheets_of(drawing: Document) -> list[str]:
    """The contents of the <?xml-stylesheet ?> instructions of a drawing."""
    return [str(instruction.text) for instruction in drawing.root.getroottree().xpath("//processing-instruction('xml-stylesheet')")]
