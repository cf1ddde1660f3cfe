"""The function that reads each of matplotlib's classes. Only this module knows the names of the classes, in all versions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from labnotes.author.figures.matplotlib import axes, fields, marks, shapes, solids
from labnotes.author.figures.matplotlib.colours import ColourGroups
from labnotes.model.plots import Mark

CONTAINERS: dict[str, Callable[[Any, set[int], ColourGroups], Mark | None]] = {
    "BarContainer": marks.read_bars,
    "ErrorbarContainer": marks.read_error_bars,
    "StemContainer": marks.read_stems,
}

# exact class names: a subclass may mean something else by the same attributes
ARTISTS: dict[str, Callable[[Any, Any, ColourGroups], Mark | None]] = {
    "Line2D": marks.read_line,
    "AxLine": marks.read_endless_line,
    "PathCollection": marks.read_scatter,
    "PolyCollection": marks.read_polygon_collection,
    "FillBetweenPolyCollection": marks.read_polygon_collection,  # PolyCollection before matplotlib 3.10
    "LineCollection": marks.read_segments,
    "EventCollection": marks.read_events,
    "StepPatch": marks.read_stairs,
    "Text": marks.read_text_mark,
    "Annotation": marks.read_annotation,
    "CurvedArrowText": marks.read_text_along_arrow,  # of networkx
    "QuadMesh": fields.read_heat_map,
    "PolyQuadMesh": fields.read_heat_map,
    "AxesImage": fields.read_image,
    "NonUniformImage": fields.read_uneven_image,
    "PcolorImage": fields.read_uneven_image,
    "QuadContourSet": fields.read_contours,
    "TriContourSet": fields.read_contours,
    "ContourSet": fields.read_contours,
    "GeoContourSet": fields.read_contours,  # of cartopy, as the next
    "GeoQuadMesh": fields.read_heat_map,
    "TriMesh": fields.read_triangle_mesh,
    "Quiver": fields.read_vectors,
    "QuiverKey": fields.read_vector_key,
    "Barbs": fields.read_barbs,
    "Rectangle": shapes.read_rectangle,
    "Polygon": shapes.read_polygon,
    "FancyBboxPatch": shapes.read_rounded_box,
    "Circle": shapes.read_circle,
    "Ellipse": shapes.read_ellipse,
    "Arc": shapes.read_ellipse,
    "Wedge": shapes.read_wedge,
    "Annulus": shapes.read_outline,
    "RegularPolygon": shapes.read_outline,
    "CirclePolygon": shapes.read_outline,
    "PathPatch": shapes.read_outline,
    "Arrow": shapes.read_outline,
    "FancyArrow": shapes.read_plain_arrow,
    "FancyArrowPatch": shapes.read_arrow,
    "ConnectionPatch": shapes.read_connection,
    "PatchCollection": shapes.read_patch_collection,
    "InsetIndicator": shapes.read_inset_frame,  # a Rectangle before matplotlib 3.10
    "SecondaryAxis": axes.read_secondary_axis,
    "Table": shapes.read_table,
    "AnchoredText": shapes.read_boxed_text,
    "AnchoredSizeBar": shapes.read_scale_bar,
    **dict.fromkeys(("AnnotationBbox", "AnchoredOffsetbox", "AnchoredDrawingArea", "AnchoredAuxTransformBox"), shapes.read_boxed_content),
    **dict.fromkeys(("AnchoredDirectionArrows", "AnchoredEllipse"), shapes.read_boxed_content),
    **dict.fromkeys(
        ("RegularPolyCollection", "StarPolygonCollection", "AsteriskPolygonCollection", "CircleCollection"), marks.read_scatter
    ),
    "EllipseCollection": marks.read_ellipses,
    "FigureImage": fields.read_image_on_figure,
    "AxisArtist": axes.read_axis_line,
}

IN_SPACE: dict[str, Callable[[Any, Any, ColourGroups], Mark | None]] = {
    "Line3D": solids.read_line_in_space,
    "Path3DCollection": solids.read_scatter_in_space,
    "Line3DCollection": solids.read_segments_in_space,
    "Poly3DCollection": solids.read_faces_in_space,
    "FillBetween3DCollection": solids.read_faces_in_space,
    "Text3D": solids.read_text_in_space,
    **dict.fromkeys(("Patch3D", "PathPatch3D"), solids.read_patch_in_space),
    "Patch3DCollection": solids.read_patches_in_space,
    "QuadContourSet3D": fields.read_contours,
    "TriContourSet3D": fields.read_contours,
    "Text": marks.read_text_mark,
    "AnchoredText": shapes.read_boxed_text,
}
"""Readers of artists in axes of three dimensions. Of what is drawn there in the plane of the picture only texts are read."""
