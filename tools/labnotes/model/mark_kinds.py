"""The kinds of marks: what each is for messages, for matching and for drawings. A reader of figures names one of these; a record holds its name."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

IN_PICTURES = "the two pictures below show it"
"""Why an overlay does not show a kind whose outlines would hide each other: a report has the recorded and the observed picture side by side."""


OF_VALUES = ("histogram of values", "boxes of values", "violins of values")
"""Kinds of which a record has the values, since a browser makes of them what is seen: their order says nothing."""


@dataclass(frozen=True)
class MarkKind:
    """One kind of mark.

    `is_series` tells that its colour says which series it shows: reference lines, spans and patches take theirs from settings that only some
    styles make equal. `is_ordered` tells that its points in another order are another drawing. `needs_equal_axes` marks shapes that are right
    only with one scale along both axes. `undrawn` is why no overlay shows the kind, "" for one that an overlay shows.
    """

    name: str
    _: KW_ONLY
    is_series: bool = False
    is_ordered: bool = True
    needs_equal_axes: bool = False
    undrawn: str = ""


MARK_KINDS = {
    kind.name: kind
    for kind in (
        MarkKind("line", is_series=True),
        MarkKind("scatter", is_series=True, is_ordered=False),
        MarkKind("bars", is_series=True),
        MarkKind("band", is_series=True),
        MarkKind("error bars", is_series=True),
        MarkKind("stems", is_series=True),
        MarkKind("stairs", is_series=True),
        MarkKind("wedge", is_series=True, needs_equal_axes=True),
        *map(MarkKind, ("horizontal line", "vertical line", "endless line", "events", "segments", "arrow", "connection")),
        *map(MarkKind, ("horizontal span", "vertical span", "rectangle", "ellipse", "arc", "circle", "polygon", "shape", "shapes")),
        *map(MarkKind, ("image", "heat map", "uneven image", "coloured cells", "triangle mesh", "text", "annotation")),
        MarkKind("contours", undrawn=IN_PICTURES),
        MarkKind("filled contours", undrawn=IN_PICTURES),
        MarkKind("lines of contours", undrawn=IN_PICTURES),
        MarkKind("hexagonal bins", undrawn=IN_PICTURES),
        MarkKind("vectors", undrawn=IN_PICTURES),
        MarkKind("barbs", undrawn=IN_PICTURES),
        MarkKind("surface", undrawn=IN_PICTURES),
        MarkKind("table", undrawn="the cells of a table have no places"),
        MarkKind("decoration", undrawn="decoration shows no data"),
        MarkKind("vector key", undrawn="a key has a length and no place"),
        MarkKind("scale bar", undrawn="a scale bar has a length and no place"),
        MarkKind("secondary x axis", undrawn="a second scale is not drawn"),
        MarkKind("secondary y axis", undrawn="a second scale is not drawn"),
        MarkKind("z axis", undrawn="what an axis says is not drawn"),
        MarkKind("polar axes", undrawn="what an axis says is not drawn"),
        MarkKind("axis line", undrawn="what an axis says is not drawn"),
        MarkKind("projection", undrawn="a projection has no place"),
        MarkKind("boxed", undrawn=IN_PICTURES),
        # what a browser makes of values
        *(MarkKind(name, is_series=True, is_ordered=False, undrawn=IN_PICTURES) for name in OF_VALUES),
        *(MarkKind(name, undrawn=IN_PICTURES) for name in ("image of values", "contours of values", "surface of values", "prices", "pie")),
        *(MarkKind(name, undrawn=IN_PICTURES) for name in ("tree", "flows", "indicator", "regions", "picture")),
        *(MarkKind(f"polar {name}", is_series=True, undrawn=IN_PICTURES) for name in ("line", "scatter", "bars", "error bars", "text")),
        MarkKind("shape across the axes", undrawn=IN_PICTURES),
        # what Vega draws
        *(MarkKind(name, is_series=True, undrawn=IN_PICTURES) for name in ("rectangles", "area", "arcs", "outlines")),
        *(MarkKind(name, undrawn=IN_PICTURES) for name in ("rules", "texts")),
        MarkKind("shape on the paper", undrawn="it has no place on the data"),
        MarkKind("ellipses", undrawn=IN_PICTURES),
        MarkKind("image on the figure", undrawn=IN_PICTURES),
        # pictures without data, compared as they look
        MarkKind("pixels", undrawn=IN_PICTURES),
        MarkKind("drawing", undrawn=IN_PICTURES),
    )
}
"""Every kind by its name."""


def mark_kind(name: str) -> MarkKind:
    """The kind of this name. A name that is none of the kinds, as "line on the axes", stands for itself: nothing is known of its colour or order."""
    return MARK_KINDS.get(name) or MarkKind(name)
