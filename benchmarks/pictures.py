"""What a change of the theme does to the pages: two built sites as pictures, and where they differ.

    .venv/bin/labnotes build --out /tmp/before       # and, after the change, --out /tmp/after
    .venv/bin/python benchmarks/pictures.py /tmp/before /tmp/after /tmp/differences

Every kind of page is taken in four widths, on a light screen, on a dark one and as it is printed, by the system's Chromium (extra `test`).
A pair that differs leaves a picture in the third folder: before, after, and the pixels that differ in red, cut to the lines where they lie.
Exits with 1 if any differs. What differs is taken again, and the fewest pixels count: Chromium does not round every edge alike each time.
Dates that count from today are the same in both, since both are taken now.
"""

from __future__ import annotations

import argparse
import functools
import http.server
import io
import shutil
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import sync_playwright

WIDTHS = (375, 700, 1000, 1400)
LOOKS = {"light": ("light", "screen"), "dark": ("dark", "screen"), "printed": ("light", "print"), "printed-from-dark": ("dark", "print")}
"""Colours of the reader's system, and medium."""

SLICE = 8000
"""Pixels of a page that are taken at once: Chromium draws no more than 16,384."""

TRIES = 3

AROUND = 40
"""Lines that are kept above and below a difference."""

STILL = """async () => {
  for (const picture of document.images) picture.loading = "eager";
  await Promise.all([...document.images].map((picture) => picture.decode().catch(() => {})));
  await document.fonts.ready;
  return document.documentElement.scrollHeight;
}"""


def kinds(site: Path) -> dict[str, str]:
    """Address of a page of each kind; of the notes the longest one."""
    notes = [folder for folder in (site / "notes").iterdir() if (folder / "index.html").is_file()]
    note = f"notes/{max(notes, key=lambda folder: (folder / 'index.html').stat().st_size).name}/"
    plain = sorted(path.parent.name for path in site.glob("*/index.html") if path.parent.name not in ("notes", "reproducibility", "tags"))
    found = {
        "home": "",
        "note": note,
        "notebook": f"{note}notebook/",
        "history": f"{note}checks/",
        "notes": "notes/",
        "reproducibility": "reproducibility/",
        "tags": "tags/",
        "author": "".join(f"authors/{path.parent.name}/" for path in sorted(site.glob("authors/*/index.html"))[:1]),
        "plain": f"{plain[-1]}/" if plain else "",
        "reference": "".join(f"reference/{path.parent.name}/" for path in sorted(site.glob("reference/*/index.html"))[:1]),
        "404": "404.html",
    }
    return {kind: address for kind, address in found.items() if kind == "home" or (address and (site / address).exists())}


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def served(folder: Path) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def picture(page: Any, address: str, unfolded: bool) -> np.ndarray[Any, Any]:
    """The whole page; `unfolded` with everything open that can be."""
    page.goto(address)
    if unfolded:
        page.evaluate("for (const fold of document.querySelectorAll('details')) fold.open = true")
    height = page.evaluate(STILL)
    width = page.viewport_size["width"]
    parts = []
    for top in range(0, height, SLICE):
        clip = {"x": 0, "y": top, "width": width, "height": min(SLICE, height - top)}
        taken = page.screenshot(full_page=True, clip=clip, animations="disabled")
        parts.append(np.asarray(Image.open(io.BytesIO(taken)).convert("RGB")))
    return np.concatenate(parts)


def difference(before: np.ndarray[Any, Any], after: np.ndarray[Any, Any]) -> tuple[int, Image.Image | None]:
    """How many pixels differ, and the picture of it. Lines that only one of two has differ."""
    height = max(len(before), len(after))
    before, after = (np.pad(each, ((0, height - len(each)), (0, 0), (0, 0)), constant_values=128) for each in (before, after))
    differs = (before != after).any(axis=2)
    count = int(differs.sum())
    if not count:
        return 0, None
    lines = np.flatnonzero(differs.any(axis=1))
    first, last = max(lines[0] - AROUND, 0), min(lines[-1] + AROUND, height)
    marked = (255 - (255 - after.mean(axis=2, keepdims=True).repeat(3, axis=2)) * 0.3).astype(np.uint8)
    marked[differs] = (220, 0, 0)
    return count, Image.fromarray(np.concatenate([before, after, marked], axis=1)[first:last])


def main() -> int:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("before", type=Path)
    asked.add_argument("after", type=Path)
    asked.add_argument("out", type=Path, help="a new or empty folder")
    asked.add_argument("--unfolded", action="store_true", help="everything open that can be")
    given = asked.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    browser_path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    pages = kinds(given.before)
    compared = different = 0
    with served(given.before) as before, served(given.after) as after, sync_playwright() as running:
        browser = running.chromium.launch(executable_path=browser_path, args=["--no-sandbox", "--disable-gpu"])
        for look, (scheme, medium) in LOOKS.items():
            for width in WIDTHS:
                page = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme).new_page()
                page.emulate_media(media=medium)
                for kind, address in pages.items():
                    tries = []
                    while not tries or (tries[-1][0] and len(tries) < TRIES):
                        tries.append(difference(*(picture(page, site + address, given.unfolded) for site in (before, after))))
                    count, shown = min(tries, key=lambda pair: pair[0])
                    compared += 1
                    if shown:
                        different += 1
                        name = f"{kind}-{width}-{look}.png"
                        shown.save(given.out / name)
                        print(f"{count:>9,} pixels differ: {name}", flush=True)
                page.context.close()
        browser.close()
    print(f"{compared} pairs of pictures of {len(pages)} kinds of pages, {different} differ")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
