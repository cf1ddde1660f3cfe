"""Do pictures, figures and tables say in words what they show?"""

from __future__ import annotations

from collections.abc import Iterator

from labnotes.errors import Problem
from labnotes.site.verify.addresses import BuiltSite
from labnotes.site.verify.pages import Document, Element, attribute_words, visible_text

DECORATION = ("presentation", "none")
SCOPES = ("col", "row", "colgroup", "rowgroup")


def text_alternative_problems(page: Document, site: BuiltSite) -> Iterator[Problem]:
    yield from _image_problems(page)
    yield from _figure_problems(page)
    yield from _table_problems(page)


def _image_problems(page: Document) -> Iterator[Problem]:
    for image in page.root.iter("img"):
        source = image.get("src", "")[:80]
        if image.get("alt") is None:
            yield page.problem_at(image, f"the image {source!r} has no alt", "say in alt what it shows")
        elif not image.get("alt").strip() and not _is_decorative(image):
            yield page.problem_at(image, f"the alt of the image {source!r} is empty", 'say what it shows, or give it role="presentation"')


def _is_decorative(image: Element) -> bool:
    hidden = any(element.get("aria-hidden", "").lower() == "true" for element in (image, *image.iterancestors()))
    return hidden or image.get("role", "").lower() in DECORATION


def _figure_problems(page: Document) -> Iterator[Problem]:
    for figure in page.root.iter("figure"):
        if not any(visible_text(caption) for caption in figure.iter("figcaption")):
            yield page.problem_at(figure, "<figure> has no caption", "<figcaption>What it shows</figcaption>")
        if not any(_says_what_it_shows(element) for element in figure.iter("img", "table", "svg")):
            yield page.problem_at(
                figure,
                "<figure> holds no image with a text, no table and no labelled drawing",
                'give its <img> an alt, or its <svg> role="img" and an aria-label',
            )


def _says_what_it_shows(element: Element) -> bool:
    if element.tag == "img":
        return bool(element.get("alt", "").strip())
    return element.tag == "table" or (element.get("role") == "img" and bool(element.get("aria-label", "").strip()))


def _table_problems(page: Document) -> Iterator[Problem]:
    for table in page.main_element.iter("table"):
        if "highlighttable" in attribute_words(table, "class") or table.get("role", "").lower() in DECORATION:
            continue  # code with line numbers, and layout
        headers = list(table.iter("th"))
        if not headers:
            yield page.problem_at(table, "<table> has no header cell", '<th scope="col"> for a column, <th scope="row"> for a row')
        if all(header.getparent().getparent().tag == "thead" for header in headers) and len(table.findall("thead/tr")) == 1:
            continue  # one row of heads can head nothing but columns; Markdown writes no scope
        for header in headers:
            if header.get("scope", "").lower() not in SCOPES:
                yield page.problem_at(header, f"<th> {visible_text(header)!r} has no scope", 'scope="col" or scope="row"')
