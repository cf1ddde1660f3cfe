"""YAML as a person writes settings: looked through before anything is built of it, so that no file can cost more than it is long."""

from __future__ import annotations

import contextlib
import json
import re
from typing import Any

import yaml

from labnotes.source.file_limits import unwritable_character

MOST_NESTED = 20
"""How deeply lists and keys may be nested."""

MOST_ALIASES = 10
"""How often a file may repeat (*name) what it has marked (&name). Each repeats all in it, so that nine lines of them can mean billions."""

LONGEST_NUMBER = 100
"""Characters of a number: Python refuses to write out those of thousands of digits."""

_TEXT_TAG = "tag:yaml.org,2002:str"

_NUMBER = re.compile(r"[-+]?[\d.][\w.:+-]*")


class UnreadableYaml(ValueError):
    """YAML that is not read, with its place: line and column from 1, 0 where they are unknown."""

    def __init__(self, line: int, column: int, what: str, hint: str = "") -> None:
        super().__init__(what)
        self.line, self.column, self.what, self.hint = line, column, what, hint

    def place_in(self, shown: object) -> str:
        """The place for messages, in a file."""
        return f"{shown}:{self.line}:{self.column}" if self.line else str(shown)


class PlainLoader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """YAML without dates: "2026-13-40" stays text, so that it is reported like any other wrong value."""


PlainLoader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def read_yaml(text: str) -> tuple[yaml.Node | None, Any]:
    """The tree of a text in YAML, with its lines, and the values in it.

    Raises UnreadableYaml.
    """
    try:
        _look_through(text)
        return yaml.compose(text, Loader=PlainLoader), yaml.load(text, Loader=PlainLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        raise UnreadableYaml(mark.line + 1 if mark else 0, mark.column + 1 if mark else 0, f"is no YAML: {error.problem}") from None
    except yaml.reader.ReaderError as error:
        what = f"is no YAML: the character U+{ord(error.character) if isinstance(error.character, str) else error.character:04X} may not stand in it"
        line, start = text.count("\n", 0, error.position), text.rfind("\n", 0, error.position)
        raise UnreadableYaml(line + 1, error.position - start, what, "delete it") from None
    except yaml.YAMLError as error:
        raise UnreadableYaml(0, 0, f"is no YAML: {error}") from None
    except (ValueError, OverflowError, TypeError, KeyError, AttributeError, RecursionError) as error:
        if isinstance(error, UnreadableYaml):
            raise
        raise UnreadableYaml(0, 0, f"holds a value that cannot be read: {error!s:.100}") from None


def _look_through(text: str) -> None:
    """Look at a text as a row of marks, which costs as much as it is long.

    Raises UnreadableYaml for what would cost more when it is built, or makes values by tags.
    """
    open_marks: list[str | None] = []
    aliases = 0
    for event in yaml.parse(text, Loader=PlainLoader):
        what, hint = "", ""
        if isinstance(event, yaml.CollectionStartEvent):
            open_marks.append(event.anchor)
            if len(open_marks) > MOST_NESTED:
                what, hint = f"is nested more than {MOST_NESTED} deep", "note.yml needs four levels at most"
        elif isinstance(event, yaml.CollectionEndEvent):
            open_marks.pop()
        elif isinstance(event, yaml.AliasEvent):
            aliases += 1
            if event.anchor in open_marks:
                what, hint = f"*{event.anchor} repeats what it stands in", "write out what is meant"
            elif aliases > MOST_ALIASES:
                what, hint = f"repeats (*{event.anchor}) more than {MOST_ALIASES} times", "write out what is meant"
        elif isinstance(event, yaml.ScalarEvent):
            what, hint = _value_problem(event)
        tag = getattr(event, "tag", None)
        if tag not in (None, "!", _TEXT_TAG) and not what:
            what, hint = f"has the tag {_written_tag(tag)}", "write the value without a tag: 600, yes, [a, b], or text in quotes"
        if what:
            mark = event.start_mark
            raise UnreadableYaml(mark.line + 1 if mark else 0, mark.column + 1 if mark else 0, what, hint)


def _value_problem(event: yaml.ScalarEvent) -> tuple[str, str]:
    """What is wrong with a single value, and what to do; two empty texts if nothing."""
    if len(event.value) > LONGEST_NUMBER and event.implicit[0] and _NUMBER.fullmatch(event.value):
        return f"is a number of {len(event.value):,} characters", "put it in quotes if it is text"
    unwritable = unwritable_character(event.value)
    return (f"holds {unwritable[1]}, which no text may hold", "delete it") if unwritable else ("", "")


def _written_tag(tag: str) -> str:
    """A tag as its author wrote it."""
    return tag.replace("tag:yaml.org,2002:", "!!", 1)


def text_value(text: str) -> str:
    """A text as a value in YAML: bare where YAML reads it as that text, else in quotes."""
    with contextlib.suppress(yaml.YAMLError):
        if yaml.safe_load(f"title: {text}") == {"title": text}:
            return text
    return json.dumps(text, ensure_ascii=False)
