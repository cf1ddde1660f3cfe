"""The private MIME types in which a run's quantities travel beside ordinary outputs."""

from __future__ import annotations

CLAIM_MIME = "application/vnd.labnotes.claim+json"

FIGURE_MIME = "application/vnd.labnotes.figure+json"

CARD_MIME = "application/vnd.labnotes.card+json"

INTERACTIVE_MIME = "application/vnd.labnotes.interactive+json"

TABLE_MIME = "application/vnd.labnotes.table+json"
