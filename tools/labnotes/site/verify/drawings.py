"""SVG files, which a browser can open as documents of their own."""

from __future__ import annotations

from collections.abc import Iterator

from labnotes.errors import Problem
from labnotes.site.verify import requests, scripts
from labnotes.site.verify.addresses import BuiltSite
from labnotes.site.verify.pages import Document, UnreadableFile, read_xml, style_sheets_of

XHTML = "{http://www.w3.org/1999/xhtml}*"


def drawing_problems(site: BuiltSite) -> Iterator[Problem]:
    for path in site.paths_with_suffix(".svg"):
        try:
            drawing = read_xml(site.folder, path)
        except UnreadableFile as error:
            yield error.problem
            continue
        yield from requests.request_problems(drawing, site)
        yield from scripts.script_attribute_problems(drawing)
        yield from _drawing_content_problems(drawing)


def _drawing_content_problems(drawing: Document) -> Iterator[Problem]:
    for element in drawing.elements_named("script"):
        yield drawing.problem_at(element, "holds a <script>", "take it out: a drawing only draws")
    for element in drawing.root.iter(XHTML):
        if element.getparent() is None or not str(element.getparent().tag).startswith(XHTML[:-1]):  # the outermost only
            yield drawing.problem_at(element, "holds HTML", "write words as <text>")
    for sheet in style_sheets_of(drawing):
        yield Problem(drawing.path, f"asks for a style sheet: {sheet}", "put its rules into a <style> of the drawing")
