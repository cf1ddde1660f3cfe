"""Digests of texts and bytes."""

from __future__ import annotations

import hashlib


def text_digest(text: str) -> str:
    """The SHA-256 digest of a text, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def bytes_digest(content: bytes) -> str:
    """The SHA-256 digest of bytes, in hexadecimal digits."""
    return hashlib.sha256(content).hexdigest()
