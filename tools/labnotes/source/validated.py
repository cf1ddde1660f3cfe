"""What machines wrote, validated once: pydantic, which takes longer to import than all that a reading command does, is asked when the same
content is read for the first time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from labnotes.model import encoding
from labnotes.source import content_cache

T = TypeVar("T")


def read_once(what: str, content: bytes, read: Callable[[], T]) -> T:
    """What `read` makes of `content`, by `decode_value`. `what` names the computation; an error of `read` is raised, and not kept.

    Only that content is valid is kept: the values are always those of the content.
    """
    named = f"valid {what} {content_cache.installed_versions('pydantic')}"
    if content_cache.computed_once(named, content, lambda: _needs_no_conversion(read)):
        with encoding.known_to_be_valid():
            return read()
    return read()


def _needs_no_conversion(read: Callable[[], object]) -> bool:
    """Whether pydantic makes exactly what is made without it, down to the types of numbers."""
    validated = repr(read())
    try:
        with encoding.known_to_be_valid():
            return repr(read()) == validated
    except (ValueError, TypeError, KeyError, AttributeError, IndexError):
        return False  # such as a number that was written as text, which pydantic converts
