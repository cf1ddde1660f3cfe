"""Does nothing run but what the theme brought, and does that not hold up the page?"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator

from labnotes.errors import Problem
from labnotes.site.verify.addresses import BuiltSite
from labnotes.site.verify.pages import Document, Element, is_inside
from labnotes.site.verify.requests import ADDRESS, ADDRESSES

URLS = ADDRESS | ADDRESSES | {"href", "cite", "longdesc", "codebase", "to", "from", "by", "values"}
OVERLOOKED = re.compile("[\x00-\x20\x7f-\xa0\u00ad\u200b-\u200f\u2028-\u202f\u2060\ufeff]")  # between the letters of a scheme
RUNNING = ("javascript:", "vbscript:", "data:text/html")
JSON = ("application/json", "application/ld+json")
CONTENT = ("main", "article")
MARKUP = re.compile(r"<(?:[a-z/?]|!(?!\[CDATA\[))", re.IGNORECASE)


def script_problems(page: Document, site: BuiltSite) -> Iterator[Problem]:
    yield from script_attribute_problems(page)
    yield from _content_script_problems(page, site)
    yield from _blocking_script_problems(page)
    yield from _json_script_problems(page)
    yield from _hidden_markup_problems(page)


def script_attribute_problems(document: Document) -> Iterator[Problem]:
    """The problems of attributes that run script, in a page or a drawing."""
    for element, tag, name, value in document.all_attributes:
        if name.startswith("on") and name.isalpha():
            yield document.problem_at(element, f"<{tag} {name}> runs script", "take the attribute out")
        elif name in URLS and ":" in value:
            parts = value.split(";") if name == "values" else [value]  # an animation lists several
            if any(OVERLOOKED.sub("", part).lower().startswith(RUNNING) for part in parts):
                yield document.problem_at(element, f"<{tag} {name}> runs script: {value[:80]!r}", "link to a page")


def script_type(script: Element) -> str:
    return str(script.get("type", "")).partition(";")[0].strip().lower()


def _content_script_problems(page: Document, site: BuiltSite) -> Iterator[Problem]:
    for element in page.root.iter("script", "iframe", "object", "embed", "meta"):
        if not is_inside(element, *CONTENT):
            continue
        if element.tag == "script":
            # themes put a line of their own into <main>; then it is on the 404 page, too
            if script_type(element) not in JSON and (element.get("src") is not None or element.text not in site.theme_scripts):
                yield page.problem_at(element, "<script> stands in the content", "take it out, or load it from the theme as a file")
        elif element.tag != "meta":
            yield page.problem_at(element, f"<{element.tag}> stands in the content", "link to what it shows")
        elif element.get("http-equiv", "").strip().lower() == "refresh":
            yield page.problem_at(element, "<meta http-equiv=refresh> stands in the content", "link to the other page")


def _blocking_script_problems(page: Document) -> Iterator[Problem]:
    for head in page.root.iter("head"):
        for script in head.iter("script"):
            waits = script.get("defer") is None and script.get("async") is None and script_type(script) != "module"
            if script.get("src") is not None and waits:
                yield page.problem_at(script, f"the script {script.get('src')!r} holds up the page", "<script defer src=...>")


def _json_script_problems(page: Document) -> Iterator[Problem]:
    for script in page.root.iter("script"):
        if script_type(script) in JSON and script.get("src") is None:
            try:
                parse_json(script.text or "")
            except ValueError as error:
                yield page.problem_at(script, f"<script type={script_type(script)}> does not parse: {error}", "write JSON")


def _hidden_markup_problems(page: Document) -> Iterator[Problem]:
    """The problems of elements whose content a browser reads as elements, while the parser, like many sanitisers, takes it for text."""
    for outer in page.root.iter("svg", "math", "noscript"):
        for element in outer.iter("style", "title", "textarea", "xmp", "noembed", "noframes"):
            if MARKUP.search(element.text or ""):
                yield page.problem_at(element, f"<{element.tag}> in <{outer.tag}> holds markup", "leave text only, without '<'")


def parse_json(text: str) -> object:
    """Parse JSON strictly. Raises ValueError, also for NaN and infinities, which browsers refuse."""

    def refuse_constant(name: str) -> None:
        raise ValueError(f"{name} is no number in JSON")

    try:
        return json.loads(text, parse_constant=refuse_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None
