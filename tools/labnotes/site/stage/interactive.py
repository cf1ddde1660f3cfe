"""Figures that their own library draws in a reader's browser: each on a page of its own, by scripts of this site, and asking nobody else.

The page's policy lets scripts of the site run and nothing be loaded from elsewhere, whatever stands in the figure. A note links to it, and its
script shows the page in a frame without rights in the place of the picture.
"""

from __future__ import annotations

import functools
import gzip
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

SCRIPTS = "assets/labnotes/interactive"
"""Where the libraries' scripts lie on the site."""


@dataclass(frozen=True, kw_only=True)
class BrowserLibrary:
    """A library that draws in the browser: the Python package that brings its script, and how the script is named on the site."""

    name: str
    package: str
    requirement: str
    script: str


LIBRARIES = (
    BrowserLibrary(name="Plotly", package="plotly", requirement="plotly", script="plotly.js"),
    BrowserLibrary(name="Altair", package="vl_convert", requirement="vl-convert-python", script="vega.js"),
)


def library_named(name: str) -> BrowserLibrary | None:
    """The library of this name, as records have it; None for one that draws in no browser."""
    return next((library for library in LIBRARIES if library.name == name), None)


@functools.cache
def installed_libraries() -> tuple[str, ...]:
    """The names of the libraries whose scripts this installation can bring to the site."""
    return tuple(library.name for library in LIBRARIES if importlib.util.find_spec(library.package))


def script_files(names: Iterable[str]) -> dict[str, bytes]:
    """The scripts of the libraries of these names, by their path on the site."""
    wanted = {*names} & {*installed_libraries()}
    return {f"{SCRIPTS}/{library.script}": _script_of(library.name) for library in LIBRARIES if library.name in wanted}


@functools.cache
def _script_of(name: str) -> bytes:
    if name == "Plotly":
        spec = importlib.util.find_spec("plotly")
        assert spec and spec.origin
        return (Path(spec.origin).parent / "package_data" / "plotly.min.js").read_bytes()
    import vl_convert

    banner = "/* Vega, Vega-Lite and Vega-Embed, BSD-3-Clause, University of Washington Interactive Data Lab */\n"
    return (banner + str(vl_convert.javascript_bundle("window.vegaEmbed = vegaEmbed;"))).encode()


def download_size(name: str) -> str:
    """How much a reader's browser loads to draw with a library, compressed: "1.4 MB"."""
    return f"{_compressed_size(name) / 1e6:.1f} MB"


@functools.cache
def _compressed_size(name: str) -> int:
    return len(gzip.compress(_script_of(name), 6))


def json_in_page(content: bytes) -> Markup:
    """JSON as it may stand in a script element of a page."""
    text = content.decode()
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return Markup(text)
