"""A PDF of each note's page, printed by a Chromium of the system where there is one. A page that is still the same is not printed again.

What is printed is a copy of the built page without scripts, whose links lead to the published site. The browser may ask nobody but this process.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import http.server
import os
import re
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urljoin, urlsplit

from lxml import html as lxml_html

from labnotes.source.labs import Lab
from labnotes.store import folders

CHROMIUM = "LABNOTES_CHROMIUM"
"""The variable that names the browser; empty for none, so that nothing is printed."""

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")

KEPT = ".labnotes/papers"
"""The folder of a lab with the last PDF of each note, and the key of the page that it was printed from."""

PLACE = "<!--ln-paper-->"
"""Where a note's page gets the link to its PDF."""

LONGEST = 120
"""Seconds after which a browser that still prints is ended."""

_FLAGS = (
    "--headless",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--no-first-run",
    "--no-pdf-header-footer",
    "--generate-pdf-document-outline",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # whatever a page holds
)

_SHEET = "<style>@page{size:A4;@bottom-right{content:counter(page) ' / ' counter(pages);font:8pt sans-serif;color:#555}}@page turned{size:A4 landscape}</style>"


@dataclass(frozen=True)
class PrintedNote:
    """The PDF of a note: how large it is, and whether it was printed now or kept from an earlier build."""

    slug: str
    size: int
    is_new: bool


def find_chromium() -> str:
    """The browser that prints; "" if there is none, or none is wanted."""
    named = os.environ.get(CHROMIUM)
    if named is not None:
        return shutil.which(named) or "" if named else ""
    return next((path for path in map(shutil.which, NAMES) if path), "")


def print_notes(lab: Lab, built: Path, slugs: Sequence[str], tell: Callable[[str], None]) -> list[PrintedNote]:
    """Add to a built site a PDF of each note, and links to it, if there is a browser. A note that cannot be printed is told, and has none."""
    browser = find_chromium()
    if not browser or not slugs:
        return []
    version = _version_of(browser)
    kept = folders.own_folder(lab.root / KEPT, lab.root)
    printed = []
    with _served(built) as address:
        for slug in slugs:
            page = built / "notes" / slug / "index.html"
            key = _page_key(built, page, version)
            is_new = not _is_kept(kept, slug, key)
            if is_new:
                trouble = _print_page(browser, f"{address}notes/{slug}/", kept / f"{slug}.pdf")
                if trouble:
                    tell(f"{slug}: has no PDF: {trouble}")
                    continue
                folders.replace_file(kept / f"{slug}.key", key.encode(), durable=False)
            content = (kept / f"{slug}.pdf").read_bytes()
            (page.parent / f"{slug}.pdf").write_bytes(content)
            page.write_text(linked_page(page.read_text(encoding="utf-8"), slug), encoding="utf-8")
            printed.append(PrintedNote(slug, len(content), is_new))
    _remove_others(kept, slugs)
    return printed


def linked_page(text: str, slug: str) -> str:
    """The page of a note with a link to its PDF, for readers and, where the page knows its address, for citation managers."""
    link = f'<a href="../{slug}/{slug}.pdf">PDF</a>'
    canonical = re.search(r'<link rel="canonical" href="([^"]+)">', text)
    meta = f'<meta name="citation_pdf_url" content="{canonical[1]}{slug}.pdf">\n' if canonical else ""
    return text.replace(PLACE, link, 1).replace("</head>", f"{meta}</head>", 1)


def paper_copy(text: str) -> str:
    """A page as it is printed: without scripts, with all pictures loaded at once, and with links that lead to the published site, or, where its address is
    not known, nowhere but within the page."""
    page = lxml_html.document_fromstring(text.encode())
    canonical = next(iter(page.xpath("//link[@rel='canonical']/@href")), "")
    for script in page.xpath("//script | //link[@rel='modulepreload']"):
        script.drop_tree()
    for picture in page.xpath("//*[@loading]"):
        del picture.attrib["loading"]
    for link in page.xpath("//a[@href]"):
        target = link.get("href")
        if target.startswith("#") or urlsplit(target).scheme:
            continue
        if canonical:
            link.set("href", urljoin(canonical, target))
        else:
            del link.attrib["href"]
    made = lxml_html.tostring(page, encoding="unicode", doctype="<!DOCTYPE html>")
    return str(made).replace("</head>", f"{_SHEET}</head>", 1)


def _page_key(built: Path, page: Path, version: str) -> str:
    """The digest of everything that a page's PDF is made of."""
    parts = [Path(__file__), page, *sorted((built / "assets").rglob("*.css")), *sorted((page.parent / "figures").rglob("*"))]
    digest = hashlib.sha256(version.encode())
    for path in parts:
        if path.is_file():
            digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def _is_kept(kept: Path, slug: str, key: str) -> bool:
    try:
        return (kept / f"{slug}.key").read_text() == key and (kept / f"{slug}.pdf").is_file()
    except OSError:
        return False


def _remove_others(kept: Path, slugs: Sequence[str]) -> None:
    for path in kept.iterdir():
        if path.stem not in slugs:
            path.unlink()


def _version_of(browser: str) -> str:
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        return subprocess.run([browser, "--version"], capture_output=True, text=True, timeout=LONGEST, check=False).stdout
    return ""


def _print_page(browser: str, address: str, out: Path) -> str:
    """Print a page; what went wrong, "" if nothing did."""
    sandbox = ["--no-sandbox"] if os.geteuid() == 0 else []  # which Chromium does not have for root; no script runs in what it shows
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "page.pdf"
        command = [browser, *_FLAGS, *sandbox, f"--user-data-dir={folder}/profile", f"--print-to-pdf={made}", address]
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST, check=False, errors="replace")
        except subprocess.TimeoutExpired:
            return f"the browser did not print it within {LONGEST} s"
        except OSError as error:
            return f"{browser} does not start: {error.strerror or error}"
        if not made.is_file() or not made.read_bytes().startswith(b"%PDF"):
            said = done.stderr.strip().splitlines()
            return f"{browser} printed nothing (status {done.returncode}){f': {said[-1]:.200}' if said else ''}"
        folders.replace_file(out, made.read_bytes(), durable=False)
    return ""


@contextlib.contextmanager
def _served(built: Path) -> Iterator[str]:
    """Serve a built site to this machine alone, pages as they are printed; yields its address."""
    handler = functools.partial(_PaperHandler, directory=str(built))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()


class _PaperHandler(http.server.SimpleHTTPRequestHandler):
    """Answers with the files of a site, and with the copies that are printed in the place of its pages."""

    def do_GET(self) -> None:
        page = Path(self.translate_path(self.path))
        if not self.path.endswith("/") or not (page / "index.html").is_file():
            super().do_GET()
            return
        content = paper_copy((page / "index.html").read_text(encoding="utf-8")).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: the terminal is the command's."""
