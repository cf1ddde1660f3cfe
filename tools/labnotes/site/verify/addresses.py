"""Which files the site has, and to which of them an address leads."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

from labnotes.site.verify.pages import UnreadableFile, attribute_words, read_page

UNKNOWN = "https://site.invalid/"  # stands for the site where its home page does not say its URL
OVERLOOKED = "".join(map(chr, range(33)))


class ResolvedAddress(NamedTuple):
    """Where an address leads: a path in the site, existing or not, or None for another site."""

    path: str | None
    fragment: str


@dataclass(frozen=True)
class BuiltSite:
    """The files of a built site.

    `base` is the URL of the folder; `theme_scripts` are the inline scripts of the 404 page, which has no content of its own.
    """

    folder: Path
    files: frozenset[str]
    base: str = UNKNOWN
    theme_scripts: frozenset[str] = frozenset()

    def paths_with_suffix(self, suffix: str) -> list[str]:
        return sorted(path for path in self.files if path.lower().endswith(suffix))

    def has_page(self, path: str) -> bool:
        return path in self.files and path.lower().endswith(".html")

    def resolve_address(self, source: str, address: str) -> ResolvedAddress:
        """Where an address leads from the page `source`, as a browser resolves it. Raises ValueError if it is no URL."""
        if address.startswith("#"):
            return ResolvedAddress(source, address[1:])
        given = tidied_address(address)
        url = urlsplit(urljoin(self.base + quote(os.fsencode(source)), given))
        home = urlsplit(self.base)
        if (url.scheme, url.netloc) != (home.scheme, home.netloc):
            return ResolvedAddress(None, url.fragment)
        path = url.path or "/"
        if path + "/" == home.path:
            path = home.path
        if path.startswith(home.path):
            return ResolvedAddress(self._served_file(unquote(path[len(home.path) :])), url.fragment)
        # beside the site on the same host: another site if named in full, else a path that no file has
        return ResolvedAddress(None if urlsplit(given).netloc else path, url.fragment)

    def _served_file(self, path: str) -> str:
        """The file that a server sends for a path: for a folder its index.html."""
        if not path or path.endswith("/"):
            return path + "index.html"
        index = path + "/index.html"
        return index if path not in self.files and index in self.files else path


def tidied_address(address: str) -> str:
    """An address as browsers read it: without white space around it and line breaks within, and with / for backslashes in its path."""
    address = address.encode(errors="backslashreplace").decode()  # CSS and JSON can spell half a character, which nobody can print
    address = re.sub(r"[\t\r\n]", "", address).strip(OVERLOOKED)
    path = re.split(r"[?#]", address)[0]
    return path.replace("\\", "/") + address[len(path) :]


def survey_site(folder: Path) -> BuiltSite:
    files = frozenset(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return BuiltSite(folder, files, _base_url(folder), _theme_scripts(folder))


def _base_url(folder: Path) -> str:
    try:
        home = read_page(folder, "index.html")
    except UnreadableFile:
        return UNKNOWN
    for link in home.root.iter("link"):
        address = tidied_address(link.get("href", ""))
        if "canonical" in attribute_words(link, "rel") and re.match(r"https?://[\w.:-]+(/|$)", address):
            return re.split(r"[?#]", address)[0].removesuffix("index.html").rstrip("/") + "/"
    return UNKNOWN


def _theme_scripts(folder: Path) -> frozenset[str]:
    try:
        page = read_page(folder, "404.html")
    except UnreadableFile:
        return frozenset()
    return frozenset(script.text for script in page.root.iter("script") if script.text and script.get("src") is None)
