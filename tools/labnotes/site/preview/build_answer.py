"""What the process with MkDocs answers to the preview that asked it for a build."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any, Self


@dataclass(frozen=True, kw_only=True)
class BuildAnswer:
    """The result of a build of the preview. `error` is why it failed, "" if it did not; `messages` are the warnings and errors told meanwhile,
    `watched` the paths that MkDocs is asked to watch, `mount` the path of the site in its address, between slashes."""

    error: str
    messages: tuple[str, ...] = ()
    watched: tuple[str, ...] = ()
    mount: str = "/"

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_line(cls, line: str) -> Self:
        """Read a line of JSON as `as_json` makes it."""
        fields = json.loads(line)
        return cls(error=fields["error"], messages=tuple(fields["messages"]), watched=tuple(fields["watched"]), mount=fields["mount"])
