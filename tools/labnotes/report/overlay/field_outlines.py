"""Fields: where the cells of images, heat maps and meshes stand, as outlines for the overlay and as cells for a map of differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from labnotes.compare.distances import Array
from labnotes.report.overlay.outlines import (
    NOWHERE,
    Arrays,
    Sketch,
    View,
    Words,
    joined_strokes,
    paired_places,
    part_middles,
    path_sketch,
    split_strokes,
)

KINDS = ("image", "heat map", "uneven image", "coloured cells", "shapes", "triangle mesh")
"""Kinds whose values are shown by a map."""


@dataclass(frozen=True)
class FieldCells:
    """The cells of a field: a `grid` of corners (rows × columns × 2), or `polygons`, or `points` with the `triangles` between them.

    `smooth` where values belong to the corners, not to the cells.
    """

    grid: Array | None = None
    polygons: tuple[Array, ...] = ()
    points: Array | None = None
    triangles: Any = None
    smooth: bool = False

    def value_places(self) -> Array:
        """The place of each value, as rows of x and y, in the order of the flattened values."""
        if self.points is not None:
            return self.points
        if self.grid is None:
            return part_middles(self.polygons)
        return (self.grid if self.smooth else cell_centres(self.grid)).reshape(-1, 2)


def cell_centres(grid: Array) -> Array:
    """The middles of the cells between the corners of a grid (rows × columns × 2), one row and one column fewer."""
    middle_places: Array = (grid[1:, 1:] + grid[:-1, :-1] + grid[1:, :-1] + grid[:-1, 1:]) / 4
    return middle_places


def field_cells(kind: str, arrays: Arrays, words: Words, view: View | None) -> FieldCells | None:
    """The cells of a field, for a map of its values; None where the values do not fit the places."""
    values = arrays.get("value", np.empty(0))
    if kind == "triangle mesh":
        triangle_mesh = _mesh_triangles(arrays)
        return (
            FieldCells(points=triangle_mesh[0], triangles=triangle_mesh[1], smooth=True)
            if triangle_mesh and values.size == len(triangle_mesh[0])
            else None
        )
    if kind in ("image", "heat map", "uneven image"):
        grid = _corner_grid(kind, arrays, words)
        if grid is None or values.ndim < 2:
            return None
        shape = (grid.shape[0] - 1, grid.shape[1] - 1)
        if values.shape[:2] == shape:
            return FieldCells(grid=grid)
        return FieldCells(grid=grid, smooth=True) if values.shape == grid.shape[:2] else None
    outline = path_sketch(arrays, words, view)
    polygons = split_strokes(outline.strokes) if outline else []
    return FieldCells(polygons=tuple(polygons)) if polygons and values.size == len(polygons) else None


def field_sketch(kind: str, arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """Sketch the outlines of all cells of a field; of an image, its frame."""
    if kind == "triangle mesh":
        triangle_mesh = _mesh_triangles(arrays)
        if triangle_mesh is None:
            return None
        points, corners = triangle_mesh
        where = {"x": points, "y": points, "corner": points[corners], "value": points}
        return Sketch(joined_strokes(points[[*net, net[0]]] for net in corners), NOWHERE, where)
    if kind in ("image", "heat map", "uneven image"):
        grid = _corner_grid(kind, arrays, words)
        return _grid_sketch(kind, grid, arrays) if grid is not None else None
    return path_sketch(arrays, words, view)


def _grid_sketch(kind: str, grid: Array, arrays: Arrays) -> Sketch:
    frame = [grid[0], grid[-1], grid[:, 0], grid[:, -1]]
    lines = frame if kind == "image" else [*grid, *np.swapaxes(grid, 0, 1)]
    values = arrays.get("value", np.empty(0))
    middle = cell_centres(grid)
    places = middle if values.shape[:2] == middle.shape[:2] else grid
    if values.ndim == 3:  # red, green, blue
        places = np.broadcast_to(places[:, :, None], (*places.shape[:2], values.shape[2], 2))
    where: dict[str, Array] = {"value": places, "opacity": places}
    if kind == "heat map":
        where |= {"x": grid, "y": grid}
    else:
        across, up = (np.asarray(arrays[name]).ravel() for name in ("x", "y"))
        half = grid.reshape(-1, 2).mean(axis=0)
        where |= {"x": paired_places(across, np.full(across.size, half[1])), "y": paired_places(np.full(up.size, half[0]), up)}
    return Sketch(joined_strokes(lines), NOWHERE, where)


def _corner_grid(kind: str, arrays: Arrays, words: Words) -> Array | None:
    """The corners of the cells (rows × columns × 2); None where the arrays do not fit each other."""
    if "x" not in arrays or "y" not in arrays:
        return None
    x, y, values = arrays["x"], arrays["y"], arrays.get("value", np.empty(0))
    if kind == "heat map":
        return np.stack([x, y], axis=-1) if x.ndim == 2 and x.shape == y.shape and min(x.shape) > 1 else None
    if values.ndim < 2 or not x.size or not y.size or 0 in values.shape:
        return None
    rows, columns = values.shape[:2]
    if kind == "image":
        if x.size != 2 or y.size != 2:
            return None
        first, last = (y[1], y[0]) if words.get("origin", "upper") == "upper" else (y[0], y[1])
        x, y = np.linspace(x[0], x[1], columns + 1), np.linspace(first, last, rows + 1)
    else:
        x, y = _cell_edges(x, columns), _cell_edges(y, rows)
    return np.stack(np.meshgrid(x, y), axis=-1)


def _cell_edges(places: Array, count: int) -> Array:
    """The edges of cells along one axis, computed from their middles unless edges are recorded. `count` is the number of cells."""
    if places.size != count or places.size < 2:
        return places
    inner = (places[1:] + places[:-1]) / 2
    return np.concatenate([places[:1], inner, places[-1:]])


def _mesh_triangles(arrays: Arrays) -> tuple[Array, Any] | None:
    """The points of a mesh (rows of x and y) and the three point numbers of each triangle; None where they do not fit each other."""
    if any(name not in arrays for name in ("x", "y", "corner")) or arrays["corner"].ndim != 2:
        return None
    points, corners = paired_places(arrays["x"], arrays["y"]), arrays["corner"]
    if not corners.size or not np.all(np.isfinite(corners)) or corners.min() < 0 or corners.max() >= len(points):
        return None
    return points, corners.astype(int)
