"""Digests of texts and bytes."""

from __future__ import annotations

import hashlib


def of_text(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def of_bytes(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
