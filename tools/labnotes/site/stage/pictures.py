"""Recorded pictures as a page shows them: light and dark, in the reader's own font, holding nothing that runs."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

from lxml import etree

from labnotes.model.axes_view import AxesView, parse_views
from labnotes.model.observation import FigurePicture
from labnotes.site.stage import sanitising

DARK = {
    "#1d1f22": "#e4e6e9",
    "#555a61": "#a8aeb6",
    "#868b92": "#767d86",
    "#e4e5e1": "#2c3035",
    "#fdfdfb": "#16181b",
    "#1f4fa8": "#6f9bf5",
    "#b84a14": "#e8793a",
    "#1d8170": "#86dcc4",
    "#6b2a6e": "#bf78b6",
    "#856d14": "#f0cc78",
    "#6d7278": "#9ba2aa",
    # what matplotlib draws its own axes with
    "#000000": "#e4e6e9",
    "#ffffff": "#16181b",
    "#262626": "#e4e6e9",
    "#b0b0b0": "#2c3035",
    "#cccccc": "#33383d",
    "#808080": "#9ba2aa",
    "#1f77b4": "#5aa9e6",
    "#8c564b": "#b98074",
    "#9467bd": "#b592d8",
}
"""Colours and their partners on a dark page: those of `labnotes.style`, and of plain matplotlib. Others stay as they are."""

FONTS = 'system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,"DejaVu Sans",sans-serif'

_SVG = "{http://www.w3.org/2000/svg}"
_BY_VALUE = "by-value"
"""Class of groups whose parts are coloured by value: a colour there is data, and its partner would be another value."""


_SIGNATURES = {
    **{"png": re.compile(rb"\x89PNG\r\n\x1a\n"), "jpeg": re.compile(rb"\xff\xd8\xff"), "gif": re.compile(rb"GIF8[79]a")},
    "webp": re.compile(rb"RIFF....WEBP", re.DOTALL),
}
"""The beginnings of pictures by the suffix of their format."""


@dataclass(frozen=True)
class PublishedPicture:
    """A picture ready to publish.

    `width` and `height` are CSS pixels, `views` the axes in it, None for those that are hidden or not straight.
    """

    content: bytes
    width: int
    height: int
    views: tuple[AxesView | None, ...]


def is_picture(picture: FigurePicture) -> bool:
    """Whether a picture that is no drawing begins as one of its format does; True for formats whose beginning is not known here."""
    signature = _SIGNATURES.get(picture.suffix)
    return signature is None or signature.match(picture.content) is not None


def publish_picture(picture: FigurePicture, title: str) -> PublishedPicture:
    """Make a recorded picture ready to publish. Raises ValueError if it is not what its suffix says."""
    if picture.suffix != "svg":
        if not is_picture(picture):
            raise ValueError(f"is no {picture.suffix.upper()}")
        width, height = _raster_size(picture)
        return PublishedPicture(picture.content, width, height, ())
    description = re.search(rb"<dc:description>(.*?)</dc:description>", picture.content, re.DOTALL)
    root = sanitising.sanitised_svg(picture.content)
    colours = set(re.findall(r"(?:fill|stroke): ?(#[0-9a-f]{6})", picture.content.decode()))
    for group in root.iter(f"{_SVG}g"):
        if "Collection" in group.get("id", "") or group.get("id", "").startswith(("QuadMesh", "TriMesh")):
            parts = (part for part in group.iter(f"{_SVG}path", f"{_SVG}use") if part.getparent().tag != f"{_SVG}defs")
            if len({_fill_colour(part) for part in parts} - {""}) > 1:
                group.set("class", _BY_VALUE)
    style = etree.Element(f"{_SVG}style")
    style.text = _picture_style(colours)
    label = etree.Element(f"{_SVG}title")
    label.text = title
    root.insert(0, style)
    root.insert(0, label)
    etree.cleanup_namespaces(root, keep_ns_prefixes=["xlink"])
    width, height = (_css_pixels(root.get(side, "")) for side in ("width", "height"))
    content = re.sub(rb"\n\s*", b"\n", etree.tostring(root))
    return PublishedPicture(content, width, height, parse_views(html.unescape(description.group(1).decode())) if description else ())


def _fill_colour(part: Any) -> str:
    """The fill colour of a part of an SVG, as "#rrggbb"; "" for none. A part that names no colour is black."""
    match = re.search(r"fill: ?(none|#[0-9a-f]{6})", part.get("style", ""))
    return "" if match and match[1] == "none" else match[1] if match else "#000000"


def _picture_style(colours: set[str]) -> str:
    """The CSS of a picture: the reader's own font, and on a dark page the partners of the colours in it."""
    # text and marks in plain black name no colour
    rules = ["svg>g{fill:#e4e6e9}", f".{_BY_VALUE}{{fill:#000}}"]
    for light in sorted(colours & DARK.keys()):
        for kind in ("fill", "stroke"):
            rules.append(f'[style*="{kind}: {light}"]{f":not(.{_BY_VALUE} *)"}{{{kind}:{DARK[light]}!important}}')
    fonts = f"text,tspan{{font-family:{FONTS}!important;font-variant-numeric:tabular-nums}}"
    return f"{fonts}@media screen and (prefers-color-scheme:dark){{{''.join(rules)}}}"


def _css_pixels(length: str) -> int:
    """A length of an SVG ("432pt") in CSS pixels; 0 where it cannot be read."""
    match = re.fullmatch(r"([\d.]+)(pt|px|)", length)
    return round(float(match.group(1)) * (4 / 3 if match.group(2) == "pt" else 1)) if match else 0


def _raster_size(picture: FigurePicture) -> tuple[int, int]:
    """Width and height from a PNG's header, at two of its pixels a CSS pixel; 0, 0 for other formats."""
    if picture.content[:8] != b"\x89PNG\r\n\x1a\n":
        return 0, 0
    width, height = (int.from_bytes(picture.content[at : at + 4], "big") for at in (16, 20))
    return width // 2, height // 2
