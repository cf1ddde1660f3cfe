"""Legends, bars of colours and titles of panels that plotnine packs of boxes and texts of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from matplotlib.colors import to_rgba_array

LEGEND_BOXES = ("FlexibleAnchoredOffsetbox",)
"""Classes of boxes that hold legends and bars of colours, and nothing else."""

STRIPS = ("StripText",)
"""Classes of texts that say above or beside a panel what it shows."""


def strips_of(ax: Any) -> list[str]:
    """What the strips of axes say, from the first that was drawn."""
    texts = (*getattr(ax.figure, "artists", ()), *getattr(ax.figure, "texts", ()))
    return [text.get_text() for text in texts if type(text).__name__ in STRIPS and text.draw_info.ax is ax and text.get_visible()]


def packed_entries(part: Any) -> Iterator[tuple[str, Any]]:
    """The texts of a box with the handle beside each, None for a title and for a label of a bar of colours."""
    children = part.get_children()
    keys, texts = ([child for child in children if type(child).__name__.endswith(kind)] for kind in ("DrawingArea", "TextArea"))
    if len(keys) == 1 and len(keys) + len(texts) == len(children):
        yield " ".join(text.get_text() for text in texts), _handle_in(keys[0])
        return
    for child in children:
        name = type(child).__name__
        if name.endswith("TextArea") or name == "Text":
            yield child.get_text(), None
        elif name.endswith("DrawingArea"):
            yield "", _handle_in(child)
        elif hasattr(child, "get_children"):
            yield from packed_entries(child)


def _handle_in(area: Any) -> Any:
    """What a key of a legend shows, without its background."""
    return next((part for part in area.get_children() if part is not getattr(area, "patch", None)), None)


def colours_of_bars(boxes: Sequence[Any]) -> list[Any]:
    """Red, green and blue along each bar of colours in these boxes."""
    bars = [part for box in boxes for part in box.findobj() if type(part).__name__ == "QuadMesh"]
    return [to_rgba_array(bar.cmap.colors)[:, :3] for bar in bars if hasattr(bar.cmap, "colors")]
