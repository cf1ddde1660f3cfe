"""Inputs from elsewhere as note.yml names them: a package of the index or a URL, pinned by a digest."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

FETCHED = "LABNOTES_FETCHED"
"""The variable that names a JSON file with the place of each fetched input of a run."""

_PACKAGE = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*==\s*([A-Za-z0-9](?:[A-Za-z0-9.!+_-]*[A-Za-z0-9])?)")


LARGEST = 20 * 10**9
"""Bytes of a file from a URL, unless `size` in note.yml allows more: a wrong address must not fill a disk."""

_SIZE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,3})?)\s*(kB|KB|MB|GB|TB)")
_BYTES = {"kB": 10**3, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}


@dataclass(frozen=True)
class Pin:
    """A file from elsewhere: `address` is NAME==VERSION, a wheel of the package index that pip is set up for, or a URL. `size` is what it
    may have at most, in bytes."""

    address: str
    sha256: str
    size: int = LARGEST

    @property
    def is_package(self) -> bool:
        return _PACKAGE.fullmatch(self.address) is not None


def checked_package(value: Any) -> str:
    """A package with its version, as NAME==VERSION.

    Raises ValueError for anything but one exact version.
    """
    match = _PACKAGE.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match:
        raise ValueError("a package is pinned to one exact version: boltons==23.0.0")
    return "==".join(match.groups())


def checked_url(value: Any) -> str:
    """A URL with http or https.

    Raises ValueError for other schemes, for a URL that names no host, and for one that holds a password.
    """
    text = value.strip() if isinstance(value, str) else ""
    if not re.match(r"https?://", text, re.IGNORECASE):
        raise ValueError("a URL begins with https:// or http://; a file of the lab is given as its path")
    if not re.fullmatch(r"[!-~]+", text):
        raise ValueError("a URL holds no spaces and no letters but those of ASCII: write others percent-encoded")
    try:
        parts = urlsplit(text)
        has_host = bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:  # a port that is no number, a bracket too many
        has_host = False
    if not has_host:
        raise ValueError("a URL names a host: https://example.org/x.csv")
    if "@" in parts.netloc:
        raise ValueError("this URL holds a name or a password, and note.yml is published")
    return text


def checked_digest(value: Any) -> str:
    """A sha256 in lower case.

    Raises ValueError for anything but 64 hexadecimal digits.
    """
    text = value.strip().lower() if isinstance(value, str) else ""
    if not re.fullmatch(r"[0-9a-f]{64}", text):
        raise ValueError("a sha256 has 64 hexadecimal digits")
    return text


def checked_size(value: Any) -> int:
    """The largest size of a file, such as "30 GB", in bytes.

    Raises ValueError for anything else.
    """
    match = _SIZE.fullmatch(value.strip()) if isinstance(value, str) else None
    if not match or float(match[1]) == 0:
        raise ValueError("a size is a number and a unit: 500 MB, 30 GB")
    return int(float(match[1]) * _BYTES[match[2]])


def parse_pin(entry: Mapping[str, Any]) -> Pin:
    """Read an entry of `inputs` that is no path.

    Raises ValueError for an entry that is not as it should be.
    """
    given = [key for key in ("package", "url") if key in entry]
    if len(given) != 1 or not entry.keys() <= {"package", "url", "sha256", "size"}:
        raise ValueError("write {package: NAME==VERSION, sha256: ...} or {url: https://..., sha256: ...}")
    address = checked_package(entry["package"]) if given == ["package"] else checked_url(entry["url"])
    return Pin(address, checked_digest(entry.get("sha256")), checked_size(entry["size"]) if "size" in entry else LARGEST)


def normal_address(address: str) -> str:
    """A package or URL in the form in which `Pin` holds addresses; any other text only without surrounding spaces."""
    match = _PACKAGE.fullmatch(address.strip())
    return "==".join(match.groups()) if match else address.strip()


def address_key(address: str) -> str:
    """The key that all spellings of one address share: spellings of a package's name differ only in capitals, dots and dashes."""
    name, equals, version = normal_address(address).partition("==")
    return f"{re.sub(r'[-_.]+', '-', name).lower()}=={version}" if equals and "/" not in name else address.strip()


def how_to_pin(entry: Mapping[str, Any]) -> str:
    """How an author gets the digest of what an entry of `inputs` names."""
    if "url" in entry:
        return f"sha256: ...    (of the file as it is now: curl -sSfL '{entry['url']}' | sha256sum)"
    package = entry.get("package", "NAME==VERSION")
    return f"sha256: ...    (pip download --no-deps --only-binary :all: {package}, then: pip hash FILE)"
