"""Which files the site has, and to which of them an address leads."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, unquote, urljoin, urlsplit

from labnotes.site.verify.pages import Unreadable, read_page, tokens

UNKNOWN = "https://site.invalid/"  # stands for the site where its home page does not say its URL
OVERLOOKED = "".join(map(chr, range(33)))


class Place(NamedTuple):
    """Where an address leads: a path in the site, existing or not, or None for another site."""

    path: str | None
    fragment: str


@dataclass(frozen=True)
class Site:
    """`base` is the URL of the folder; `theme_scripts` are the inline scripts of the 404 page, which has no content of its own."""

    folder: Path
    files: frozenset[str]
    base: str = UNKNOWN
    theme_scripts: frozenset[str] = frozenset()

    def ending(self, suffix: str) -> list[str]:
        return sorted(path for path in self.files if path.lower().endswith(suffix))

    def has_page(self, path: str) -> bool:
        return path in self.files and path.lower().endswith(".html")

    def locate(self, source: str, address: str) -> Place:
        """As a browser resolves it on the page `source`. Raises ValueError if it is no URL."""
        if address.startswith("#"):
            return Place(source, address[1:])
        given = tidied(address)
        url = urlsplit(urljoin(self.base + quote(os.fsencode(source)), given))
        home = urlsplit(self.base)
        if (url.scheme, url.netloc) != (home.scheme, home.netloc):
            return Place(None, url.fragment)
        path = url.path or "/"
        if path + "/" == home.path:
            path = home.path
        if path.startswith(home.path):
            return Place(self._file(unquote(path[len(home.path) :])), url.fragment)
        # beside the site on the same host: another site if named in full, else a path that no file has
        return Place(None if urlsplit(given).netloc else path, url.fragment)

    def _file(self, path: str) -> str:
        if not path or path.endswith("/"):
            return path + "index.html"
        index = path + "/index.html"
        return index if path not in self.files and index in self.files else path


def tidied(address: str) -> str:
    """Without what browsers overlook: white space around it, line breaks within, and slashes that lean backwards."""
    address = address.encode(errors="backslashreplace").decode()  # CSS and JSON can spell half a character, which nobody can print
    address = re.sub(r"[\t\r\n]", "", address).strip(OVERLOOKED)
    path = re.split(r"[?#]", address)[0]
    return path.replace("\\", "/") + address[len(path) :]


def survey(folder: Path) -> Site:
    files = frozenset(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return Site(folder, files, _base(folder), _theme_scripts(folder))


def _base(folder: Path) -> str:
    try:
        home = read_page(folder, "index.html")
    except Unreadable:
        return UNKNOWN
    for link in home.root.iter("link"):
        address = tidied(link.get("href", ""))
        if "canonical" in tokens(link, "rel") and re.match(r"https?://[\w.:-]+(/|$)", address):
            return re.split(r"[?#]", address)[0].removesuffix("index.html").rstrip("/") + "/"
    return UNKNOWN


def _theme_scripts(folder: Path) -> frozenset[str]:
    try:
        page = read_page(folder, "404.html")
    except Unreadable:
        return frozenset()
    return frozenset(script.text for script in page.root.iter("script") if script.text and script.get("src") is None)
