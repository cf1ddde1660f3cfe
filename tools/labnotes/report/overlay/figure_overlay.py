"""Overlays: recorded and observed marks of a figure that differs, drawn over each other from their data.

A change of 0.1 % cannot be seen in two pictures side by side. For each pair of axes that differs there is one drawing of all marks, in which
rings mark the elements that the comparison names. Further drawings show the surroundings of an element that moved by less than can be seen,
magnified; the differences of all elements of an array; and a map of the differences of a field. What cannot be drawn is said in words.

Contours, vectors, hexagonal bins and whatever stands in space are not drawn over each other, since outlines of theirs would hide each other:
they are named, and the report has the recorded and the observed picture side by side.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from dataclasses import replace

from labnotes.compare.figures import allowed_share, sorted_differences
from labnotes.compare.matching import align_points
from labnotes.model.plots import Figure
from labnotes.report.overlay.overlay_result import FigureOverlay

MOST = 6
"""How many pairs of axes of one figure are drawn; those that differ most come first."""


def draw_overlay(recorded: Figure, observed: Figure) -> FigureOverlay:
    """The overlay of two versions of a figure: what differs beyond the tolerance is drawn, as far as it has places."""
    limit = allowed_share(recorded)
    observed = replace(observed, data=align_points(recorded.data, observed.data))
    all_differences = sorted_differences(recorded, observed)
    beyond = [difference for difference in all_differences if difference.share > limit]
    within = [difference for difference in all_differences if difference.share <= limit]
    said = [f"{difference.what}." for difference in beyond if difference.place.axes is None]
    if len(recorded.data.axes) != len(observed.data.axes):
        return FigureOverlay((), (*said, "There is no overlay: axes are compared only where there are as many as recorded."))
    numbers = list(dict.fromkeys(difference.place.axes for difference in beyond if difference.place.axes is not None))
    if not numbers:
        return FigureOverlay((), (*said, "There is no overlay: nothing that differs stands in axes."))
    if importlib.util.find_spec("matplotlib") is None:
        return FigureOverlay((), (*said, "There is no overlay: matplotlib, which draws it, is not installed here."))
    if len(numbers) > MOST:
        said.append(f"{len(numbers)} pairs of axes differ; the {MOST} that differ most are drawn.")
    _read_fonts()
    from labnotes.report.overlay.axes_overlay import axes_overlay

    parts = []
    for i in sorted(numbers[:MOST]):
        own = [difference for difference in beyond if difference.place.axes == i]
        moved = [difference for difference in within if difference.place.axes == i]
        title = f"Axes {i + 1}" if len(recorded.data.axes) > 1 else ""
        parts.append(axes_overlay(title, recorded.data.axes[i], observed.data.axes[i], own, moved, limit))
    return FigureOverlay(tuple(parts), tuple(said))


def _read_fonts() -> None:
    """Import matplotlib with the settings that notes run with: to look for fonts anew takes seconds."""
    if "matplotlib" in sys.modules:
        return
    from labnotes.execute.kept_folders import plotting_settings

    before = os.environ.get("MPLCONFIGDIR")
    os.environ["MPLCONFIGDIR"] = str(plotting_settings())
    try:
        importlib.import_module("matplotlib.font_manager")
    finally:
        if before is None:
            del os.environ["MPLCONFIGDIR"]
        else:
            os.environ["MPLCONFIGDIR"] = before
