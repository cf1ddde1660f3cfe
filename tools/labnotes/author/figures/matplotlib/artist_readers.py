"""Which function reads which of matplotlib's classes: the one place that knows their names, of all versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labnotes.author.figures.matplotlib import axes, fields, marks, shapes, solids
from labnotes.author.figures.matplotlib.colours import Colours
from labnotes.model.plots import Mark

CONTAINERS: dict[str, Callable[[Any, set[int], Colours], Mark | None]] = {
    "BarContainer": marks.bars,
    "ErrorbarContainer": marks.errorbar,
    "StemContainer": marks.stem,
}

# exact class names: a subclass may mean something else by the same attributes
ARTISTS: dict[str, Callable[[Any, Any, Colours], Mark | None]] = {
    "Line2D": marks.line,
    "AxLine": marks.endless,
    "PathCollection": marks.scatter,
    "PolyCollection": marks.polygons,
    "FillBetweenPolyCollection": marks.polygons,  # PolyCollection before matplotlib 3.10
    "LineCollection": marks.segments,
    "EventCollection": marks.events,
    "StepPatch": marks.stairs,
    "Text": marks.text,
    "Annotation": marks.annotation,
    "QuadMesh": fields.mesh,
    "PolyQuadMesh": fields.mesh,
    "AxesImage": fields.image,
    "NonUniformImage": fields.uneven_image,
    "PcolorImage": fields.uneven_image,
    "QuadContourSet": fields.contours,
    "TriContourSet": fields.contours,
    "ContourSet": fields.contours,
    "TriMesh": fields.triangles,
    "Quiver": fields.vectors,
    "QuiverKey": fields.key,
    "Barbs": fields.barbs,
    "Rectangle": shapes.rectangle,
    "Polygon": shapes.polygon,
    "FancyBboxPatch": shapes.rounded,
    "Circle": shapes.circle,
    "Ellipse": shapes.ellipse,
    "Arc": shapes.ellipse,
    "Wedge": shapes.wedge,
    "Annulus": shapes.outline,
    "RegularPolygon": shapes.outline,
    "CirclePolygon": shapes.outline,
    "PathPatch": shapes.outline,
    "Arrow": shapes.outline,
    "FancyArrow": shapes.plain_arrow,
    "FancyArrowPatch": shapes.arrow,
    "ConnectionPatch": shapes.connection,
    "PatchCollection": shapes.collection,
    "InsetIndicator": shapes.inset_frame,  # a Rectangle before matplotlib 3.10
    "SecondaryAxis": axes.secondary,
    "Table": shapes.table,
    "AnchoredText": shapes.boxed_text,
    "AnchoredSizeBar": shapes.scale_bar,
}

IN_SPACE: dict[str, Callable[[Any, Any, Colours], Mark | None]] = {
    "Line3D": solids.line,
    "Path3DCollection": solids.scatter,
    "Line3DCollection": solids.segments,
    "Poly3DCollection": solids.faces,
    "FillBetween3DCollection": solids.faces,
    "Text3D": solids.text,
    "QuadContourSet3D": fields.contours,
    "TriContourSet3D": fields.contours,
    "Text": marks.text,
    "AnchoredText": shapes.boxed_text,
}
"""In axes of three dimensions. What is drawn there in the plane of the picture is not read, texts apart."""
