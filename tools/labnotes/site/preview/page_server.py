"""The server of the preview: files of the built site, each page with what is wrong with it, and with a script that loads it anew after a change.

It answers every request at once, whatever becomes of a build.
"""

from __future__ import annotations

import html
import re
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path, PurePosixPath
from socket import AF_INET6
from socketserver import TCPServer
from urllib.parse import unquote, urlsplit

import jinja2

VERSION, RELOAD = "/.labnotes/version", "/.labnotes/reload.js"
"""The addresses of the number that changes with what is shown, and of the script that watches it."""

RELOAD_SCRIPT = f"""let shown = null;
async function look() {{
  if (document.visibilityState === "visible") {{
    try {{
      const version = await (await fetch("{VERSION}", {{ cache: "no-store" }})).text();
      if (shown !== null && version !== shown) {{ location.reload(); return; }}
      shown = version;
    }} catch {{ /* the preview was ended; it may come back */ }}
  }}
  setTimeout(look, 400);
}}
shown = document.currentScript.dataset.version;
look();
"""

TEMPLATES = jinja2.Environment(loader=jinja2.PackageLoader("labnotes.site.preview"), autoescape=True, undefined=jinja2.StrictUndefined)

_ARTICLE, _BODY = re.compile(r"<article\b[^>]*>"), re.compile(r"<body\b[^>]*>")


@dataclass(frozen=True, kw_only=True)
class ShownSite:
    """What the preview shows: the folder of the site as it was built last, None if it never was, and the path of the site in its address.

    `broken` are the problems of the sources of pages, whose last state is shown, `faults` those of pages as they were built, both by the
    page's path in the site; `failure` is why the site could not be built, "" if it was.
    """

    folder: Path | None = None
    mount: str = "/"
    broken: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    faults: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    failure: tuple[str, ...] = ()

    def banner(self, page: str, *, is_built: bool) -> str:
        """The HTML that says what is wrong with a page and with the site; "" if nothing is."""
        broken, faults = self.broken.get(page, ()), self.faults.get(page, ())
        if not (broken or faults or self.failure):
            return ""
        return TEMPLATES.get_template("problems.html.j2").render(broken=broken, faults=faults, failure=self.failure, is_built=is_built)


class PageServer(ThreadingHTTPServer):
    """Serves the preview at a host and a port. Setting `shown` makes every open page load itself anew."""

    daemon_threads = True

    def __init__(self, host: str, port: int) -> None:
        if ":" in host:
            self.address_family = AF_INET6  # of IPv6
        self._start = secrets.token_hex(4)  # pages that an earlier preview left open are not taken for this one's
        self._count = 0
        self._shown = ShownSite()
        super().__init__((host, port), _PageHandler)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer asks for the name of the host, which takes seconds where nothing answers
        self.server_name, self.server_port = str(self.server_address[0]), int(self.server_address[1])

    @property
    def shown(self) -> ShownSite:
        return self._shown

    @property
    def version(self) -> str:
        return f"{self._start}-{self._count}"

    def show(self, shown: ShownSite, *, has_new_pages: bool) -> None:
        """Show this from now on. Open pages load themselves anew if it differs, or if pages were built."""
        is_other = has_new_pages or shown != self._shown
        self._shown = shown
        self._count += is_other

    @contextmanager
    def in_background(self) -> Iterator[None]:
        """Answer requests while the body runs."""
        thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
        thread.start()
        try:
            yield
        finally:
            self.shutdown()
            self.server_close()


class _PageHandler(SimpleHTTPRequestHandler):
    server: PageServer

    def do_GET(self) -> None:
        self._answer_request()

    def do_HEAD(self) -> None:
        self._answer_request()

    def _answer_request(self) -> None:
        address = unquote(urlsplit(self.path).path)
        version, shown = self.server.version, self.server.shown
        if address == VERSION:
            return self._send_bytes(200, version.encode(), "text/plain")
        if address == RELOAD:
            return self._send_bytes(200, RELOAD_SCRIPT.encode(), "text/javascript")
        if not (address + "/").startswith(shown.mount):
            return self._send_redirect(shown.mount) if address == "/" else self._send_page(404, self._missing_page(shown, address), version)
        path = PurePosixPath("/" + address[len(shown.mount) :].lstrip("/"))
        if ".." in path.parts or "\0" in address:
            return self._send_page(404, self._missing_page(shown, address), version)
        name = str(path).lstrip("/")
        place = shown.folder / name if shown.folder else None
        if place and place.is_dir() and not address.endswith("/"):
            return self._send_redirect(urlsplit(self.path).path + "/")
        if address.endswith("/") or not name:
            name, place = f"{name}/index.html".lstrip("/"), place / "index.html" if place else None
        self._send_place(shown, version, name, place)

    def _send_place(self, shown: ShownSite, version: str, name: str, place: Path | None) -> None:
        is_page = name.endswith(".html")
        try:
            content = place.read_bytes() if place else None
        except OSError:  # not there, or gone since
            content = None
        if content is not None and not is_page:
            self._send_bytes(200, content, self.guess_type(name))
        elif content is not None:
            self._send_page(200, _with_banner(content.decode(errors="replace"), shown.banner(name, is_built=True)), version)
        elif place is None or (is_page and (name in shown.broken or shown.failure)):
            self._send_page(200, _bare_page(shown.banner(name, is_built=False), name), version)
        else:
            self._send_page(404, self._missing_page(shown, name), version)

    def _missing_page(self, shown: ShownSite, name: str) -> str:
        page = shown.folder / "404.html" if shown.folder else None
        text = page.read_text(encoding="utf-8") if page and page.is_file() else f"<p>{html.escape(name)} is not in the site.</p>"
        return _with_banner(text, shown.banner(name, is_built=False))

    def _send_page(self, status: int, page: str, version: str) -> None:
        script = f'<script src="{RELOAD}" data-version="{version}"></script>'
        head, mark, tail = page.rpartition("</body>")
        self._send_bytes(status, (f"{head}{script}{mark}{tail}" if mark else page + script).encode(), "text/html; charset=utf-8")

    def _send_redirect(self, address: str) -> None:
        # a second slash at the beginning would name another host
        self._send_bytes(302, b"", "text/plain", location="/" + address.lstrip("/"))

    def _send_bytes(self, status: int, content: bytes, kind: str, location: str = "") -> None:
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        self.send_header("Cache-Control", "no-cache")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:
        """An author reads of problems, not of requests."""


def _with_banner(page: str, banner: str) -> str:
    """A page with a banner where its content begins."""
    start = _ARTICLE.search(page) or _BODY.search(page)
    place = start.end() if start and banner else 0
    return f"{page[:place]}{banner}{page[place:]}" if banner else page


def _bare_page(banner: str, name: str) -> str:
    """A page that was never built: what is wrong, or that it is being built."""
    return TEMPLATES.get_template("bare.html.j2").render(banner=banner, name=name.removesuffix("index.html").strip("/"))
