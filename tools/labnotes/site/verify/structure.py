"""Is a page a complete document that a screen reader can find its way in?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from labnotes.errors import Problem
from labnotes.site.verify.addresses import BuiltSite
from labnotes.site.verify.pages import THEMES_OWN, Document, Element, is_inside, visible_text

REFERRING = ("aria-labelledby", "aria-describedby", "aria-controls")
NAMED_BY_THEMSELVES = ("hidden", "submit", "reset", "button")  # inputs that need no label


def structure_problems(page: Document, site: BuiltSite) -> Iterator[Problem]:
    yield from _syntax_problems(page)
    yield from _head_problems(page)
    yield from _heading_problems(page)
    yield from _id_problems(page)
    yield from _reference_problems(page)
    yield from _label_problems(page)


def _syntax_problems(page: Document) -> Iterator[Problem]:
    for line, message in page.complaints:
        yield Problem(f"{page.path}:{line}", f"does not parse: {message}", "close every element where it was opened")


def _head_problems(page: Document) -> Iterator[Problem]:
    if not page.root.get("lang", "").strip():
        yield page.problem_at(page.root, "<html> has no lang", '<html lang="en">')
    titles = [title for title in page.root.iter("title") if not is_inside(title, "svg")]  # a drawing has a title of its own
    if len(titles) != 1:
        yield Problem(page.path, f"has {len(titles)} <title> elements", "give it one title")
    elif not visible_text(titles[0]):
        yield page.problem_at(titles[0], "<title> is empty", "give the page a title")
    if not any(meta.get("name", "").lower() == "viewport" and meta.get("content") for meta in page.root.iter("meta")):
        yield Problem(page.path, "has no viewport", '<meta name="viewport" content="width=device-width,initial-scale=1">')


def _heading_problems(page: Document) -> Iterator[Problem]:
    count = sum(1 for _ in page.root.iter("h1"))
    if count != 1:
        yield Problem(page.path, f"has {count} <h1> elements", "give it one <h1>, and <h2> to its sections")
    above = 6
    for heading in page.main_element.iter("h1", "h2", "h3", "h4", "h5", "h6"):
        level = int(heading.tag[1])
        if level > above + 1:
            yield page.problem_at(heading, f"<h{level}> {visible_text(heading)!r} comes after an <h{above}>", f"make it an <h{above + 1}>")
        above = level


def _id_problems(page: Document) -> Iterator[Problem]:
    counts = Counter(attribute.value for attribute in page.all_attributes if attribute.name == "id")
    seen = set()
    for attribute in page.all_attributes:
        if attribute.name == "id" and counts[attribute.value] > 1 and attribute.value not in seen:
            seen.add(attribute.value)
            yield page.problem_at(
                attribute.element, f"the id {attribute.value!r} is given {counts[attribute.value]} times", "make each id unique"
            )


def _reference_problems(page: Document) -> Iterator[Problem]:
    for element, tag, name, value in page.all_attributes:
        if name in REFERRING:
            wanted = value.split()
        elif (tag, name) == ("label", "for") and not value.startswith(THEMES_OWN):
            wanted = [value]
        else:
            continue
        for missing in wanted:
            if missing not in page.element_ids:
                yield page.problem_at(
                    element, f"{name}={missing!r} on <{tag}> refers to no id of the page", "name an id that exists, or drop it"
                )


def _label_problems(page: Document) -> Iterator[Problem]:
    targets = {label.get("for") for label in page.root.iter("label")} - {None, ""}
    for control in page.main_element.iter("input", "select", "textarea"):
        if control.get("type", "").lower() not in NAMED_BY_THEMSELVES and not _is_labelled(control, targets):
            yield page.problem_at(control, f"<{control.tag}> has no label", "wrap it in a <label>, or give it an aria-label")


def _is_labelled(control: Element, targets: set[str | None]) -> bool:
    if control.get("id", "").startswith(THEMES_OWN):
        return True
    said = control.get("aria-label", "").strip() or control.get("aria-labelledby", "").strip()
    return bool(said) or is_inside(control, "label") or control.get("id", "") in targets
