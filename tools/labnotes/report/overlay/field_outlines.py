"""Fields: where the cells of images, heat maps, meshes and bins stand, as outlines for the overlay and as cells for a map of differences."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from labnotes.compare.distances import Array
from labnotes.report.overlay.outlines import NOWHERE, Arrays, Sketch, View, Words, middles, path, pieces, stacked, strung

HEXAGON = np.array([(0.5, -0.25), (0.5, 0.25), (0, 0.5), (-0.5, 0.25), (-0.5, -0.25), (0, -0.5)])
"""Corners of a bin, as shares of its width and height."""

DECADES = "decades along"
"""The word that says whether x and y are logarithmic: hexagonal bins are placed by decades then."""

KINDS = ("image", "heat map", "uneven image", "hexagonal bins", "coloured cells", "shapes", "triangle mesh")
"""Kinds whose values are shown by a map."""


@dataclass(frozen=True)
class Cells:
    """The cells of a field: a `grid` of corners (rows × columns × 2), or `polygons`, or `points` with the `triangles` between them.

    `smooth` where values belong to the corners, not to the cells.
    """

    grid: Array | None = None
    polygons: tuple[Array, ...] = ()
    points: Array | None = None
    triangles: Any = None
    smooth: bool = False

    def middles(self) -> Array:
        """Where each value stands, in one row."""
        if self.points is not None:
            return self.points
        if self.grid is None:
            return middles(self.polygons)
        return (self.grid if self.smooth else centres(self.grid)).reshape(-1, 2)


def centres(grid: Array) -> Array:
    """The middles of the cells between corners."""
    found: Array = (grid[1:, 1:] + grid[:-1, :-1] + grid[1:, :-1] + grid[:-1, 1:]) / 4
    return found


def cells(kind: str, arrays: Arrays, words: Words, view: View | None) -> Cells | None:
    """None where the values do not fit the places."""
    values = arrays.get("value", np.empty(0))
    if kind == "triangle mesh":
        found = _triangles(arrays)
        return Cells(points=found[0], triangles=found[1], smooth=True) if found and values.size == len(found[0]) else None
    if kind in ("image", "heat map", "uneven image"):
        grid = _grid(kind, arrays, words)
        if grid is None or values.ndim < 2:
            return None
        shape = (grid.shape[0] - 1, grid.shape[1] - 1)
        if values.shape[:2] == shape:
            return Cells(grid=grid)
        return Cells(grid=grid, smooth=True) if values.shape == grid.shape[:2] else None
    polygons = _polygons(kind, arrays, words, view)
    return Cells(polygons=tuple(polygons)) if polygons and values.size == len(polygons) else None


def field(kind: str, arrays: Arrays, words: Words, view: View | None) -> Sketch | None:
    """The outlines of all cells; of an image the frame."""
    if kind == "triangle mesh":
        found = _triangles(arrays)
        if found is None:
            return None
        points, corners = found
        where = {"x": points, "y": points, "corner": points[corners], "value": points}
        return Sketch(strung(points[[*net, net[0]]] for net in corners), NOWHERE, where)
    if kind in ("image", "heat map", "uneven image"):
        grid = _grid(kind, arrays, words)
        return _grid_sketch(kind, grid, arrays) if grid is not None else None
    if kind == "hexagonal bins":
        polygons = _polygons(kind, arrays, words, view)
        if polygons is None:
            return None
        places = _in_data(stacked(arrays["x"], arrays["y"]), words)
        side = middles([polygons[0][:2]]) if polygons else NOWHERE
        top = polygons[0][2:3] if polygons else NOWHERE
        where = {**dict.fromkeys(("x", "y", "value", "opacity"), places), "width": side, "height": top}
        return Sketch(strung(np.concatenate([one, one[:1]]) for one in polygons), NOWHERE, where)
    return path(arrays, words, view)


def _grid_sketch(kind: str, grid: Array, arrays: Arrays) -> Sketch:
    frame = [grid[0], grid[-1], grid[:, 0], grid[:, -1]]
    lines = frame if kind == "image" else [*grid, *np.swapaxes(grid, 0, 1)]
    values = arrays.get("value", np.empty(0))
    middle = centres(grid)
    places = middle if values.shape[:2] == middle.shape[:2] else grid
    if values.ndim == 3:  # red, green, blue
        places = np.broadcast_to(places[:, :, None], (*places.shape[:2], values.shape[2], 2))
    where: dict[str, Array] = {"value": places, "opacity": places}
    if kind == "heat map":
        where |= {"x": grid, "y": grid}
    else:
        across, up = (np.asarray(arrays[name]).ravel() for name in ("x", "y"))
        half = grid.reshape(-1, 2).mean(axis=0)
        where |= {"x": stacked(across, np.full(across.size, half[1])), "y": stacked(np.full(up.size, half[0]), up)}
    return Sketch(strung(lines), NOWHERE, where)


def _grid(kind: str, arrays: Arrays, words: Words) -> Array | None:
    """The corners of the cells, row by row."""
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
        x, y = _edges(x, columns), _edges(y, rows)
    return np.stack(np.meshgrid(x, y), axis=-1)


def _edges(places: Array, count: int) -> Array:
    """Edges of cells from their middles, unless edges are what is recorded."""
    if places.size != count or places.size < 2:
        return places
    inner = (places[1:] + places[:-1]) / 2
    return np.concatenate([places[:1], inner, places[-1:]])


def _polygons(kind: str, arrays: Arrays, words: Words, view: View | None) -> list[Array] | None:
    if kind != "hexagonal bins":
        made = path(arrays, words, view)
        return pieces(made.strokes) if made else None
    if any(arrays.get(name, NOWHERE).size < 1 for name in ("x", "y", "width", "height")):
        return None
    size = np.array([arrays["width"].ravel()[0], arrays["height"].ravel()[0]])
    size = np.where(words.get(DECADES, False), 2 * np.arcsinh(size / 2) / np.log(10), size)
    return [_in_data(centre + HEXAGON * size, words) for centre in stacked(arrays["x"], arrays["y"])]


def _in_data(places: Array, words: Words) -> Array:
    return np.where(words.get(DECADES, False), 10.0**places, places)


def _triangles(arrays: Arrays) -> tuple[Array, Any] | None:
    if any(name not in arrays for name in ("x", "y", "corner")) or arrays["corner"].ndim != 2:
        return None
    points, corners = stacked(arrays["x"], arrays["y"]), arrays["corner"]
    if not corners.size or not np.all(np.isfinite(corners)) or corners.min() < 0 or corners.max() >= len(points):
        return None
    return points, corners.astype(int)
