"""The axes of an overlay, dressed as recorded: scales, limits, labels, named ticks. The rest of their look is the overlay's own.

matplotlib's objects only, no state of pyplot; its settings are the defaults and those below, whatever the reader's are.
"""

from __future__ import annotations

import io
import logging
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.mathtext import MathTextParser

from labnotes.compare.distances import array
from labnotes.model.plots import AxisData
from labnotes.report.overlay.three_d import Camera
from labnotes.report.overlay.view import Scene, set_scale

PAPER, INK, RECORDED, OBSERVED, WORST, SAME = "#fdfdfb", "#3d4148", "#8f959c", "#1f4fa8", "#b3401a", "#d6d8d3"

LOOK = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "figure.facecolor": PAPER,
    "savefig.facecolor": PAPER,
    "axes.facecolor": PAPER,
    "axes.edgecolor": RECORDED,
    "axes.linewidth": 0.6,
    "axes.labelcolor": INK,
    "text.color": INK,
    "xtick.color": RECORDED,
    "ytick.color": RECORDED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "legend.frameon": False,
    "legend.fontsize": 8.5,
    "svg.fonttype": "none",
    "svg.hashsalt": "labnotes overlay",
}

SIZE = (4.7, 3.5)
"""Inches: beside another on a wide page, alone on a phone."""

MOST_TICKS = 16
"""Named ticks of one axis that are shown."""

LABEL = 48
"""Letters of a label that are shown."""

QUIET = r"Glyph|.*constrained_layout not applied|.*[Tt]ight layout"
"""Warnings on fonts and on a crowded layout: the reader's own fonts draw the texts."""


@contextmanager
def looks() -> Iterator[None]:
    with mpl.rc_context(), np.errstate(all="ignore"), warnings.catch_warnings():
        mpl.rcdefaults()
        mpl.rcParams.update(LOOK)
        warnings.filterwarnings("ignore", message=QUIET)
        told, level = logging.getLogger("matplotlib.mathtext"), logging.getLogger("matplotlib.mathtext").level
        told.setLevel(logging.ERROR)
        try:
            yield
        finally:
            told.setLevel(level)


def sheet(*, curved: bool = False) -> tuple[Any, Any]:
    """A figure and its axes; around curved ones stand labels that the layout does not know of."""
    fig = Figure(figsize=SIZE, layout="constrained")
    if curved:
        fig.get_layout_engine().set(w_pad=0.25, h_pad=0.1)  # type: ignore[union-attr, call-arg]
    return fig, fig.add_subplot(projection="polar" if curved else None)


def limit(ax: Any, scene: Scene, x: tuple[float, float], y: tuple[float, float]) -> None:
    """Limits and direction; a full circle has none along the angle."""
    if ax.name == "polar":
        ax.set(ylim=y, **({"xlim": x} if scene.axes.x.limits else {}))
        return
    ax.set(xlim=x, ylim=y)
    ax.xaxis.set_inverted(scene.axes.x.inverted)
    ax.yaxis.set_inverted(scene.axes.y.inverted)


def dress(ax: Any, scene: Scene, camera: Camera | None, *, bare: bool = False) -> None:
    """Scales, limits, direction, labels and named ticks as recorded; in space the edges of the box. `bare` without what only a whole view has."""
    if camera is not None:
        limit(ax, scene, scene.x, scene.y)
        ax.set(xticks=[], yticks=[])
        if not bare:
            _box(ax, scene, camera)
        return
    curved = ax.name == "polar"  # seen from near, angle and radius are drawn straight
    for name, axis in (("x", scene.axes.x), ("y", scene.axes.y)):
        if not curved:
            set_scale(ax, name, axis)
        straight = {"x": "angle (radians)", "y": "radius"}[name] if scene.curved and not curved else ""
        ax.set(**{f"{name}label": short(axis.label) or straight})
    for label in (ax.xaxis.label, ax.yaxis.label):
        safe(label)
    if curved:
        said = next(mark for mark in scene.axes.marks if mark.kind == "polar axes")
        ax.set_theta_offset(np.radians(float(said.exact.get("zero", 0.0))))
        ax.set_theta_direction(-1 if said.exact.get("clockwise") else 1)
        if "y" in said.arrays:
            ax.set_rorigin(float(array(said.arrays["y"])[0]))
    limit(ax, scene, scene.x, scene.y)
    if not bare:
        _name_ticks(ax.xaxis, scene.axes.x, scene.x, turned=not curved)
        _name_ticks(ax.yaxis, scene.axes.y, scene.y, turned=False)


def _name_ticks(axis: Any, recorded: AxisData, limits: tuple[float, float], *, turned: bool) -> None:
    """Categories and other ticks with names; of many every so many."""
    ticks = [(at, text) for at, text in recorded.ticks or () if limits[0] <= at <= limits[1]]
    ticks = ticks[:: 1 + len(ticks) // MOST_TICKS]
    if not ticks:
        return
    names = [short(text, 20) for _, text in ticks]
    axis.set_ticks([at for at, _ in ticks], names)
    for label in axis.get_ticklabels():
        safe(label)
        if turned and sum(map(len, names)) > 56:
            label.set(rotation=30, horizontalalignment="right", rotation_mode="anchor")


def _box(ax: Any, scene: Scene, camera: Camera) -> None:
    frame = camera.frame()
    ax.add_artist(Line2D(*frame.T, color=SAME, linewidth=0.8, zorder=0, gid="box"))
    ax.set_frame_on(False)
    deep = next((mark.exact.get("label", "") for mark in scene.axes.marks if mark.kind == "z axis"), "")
    for i, label in enumerate((scene.axes.x.label, scene.axes.y.label, deep)):
        first, last = camera.axis(i)
        side, away = ("right", (-3, -9)) if i == 0 else ("left", (3, -9)) if i == 1 else ("right", (-6, 0))
        words: dict[str, Any] = {"xytext": away, "textcoords": "offset points", "ha": side, "va": "center"}
        for place, value in ((first, camera.low[i]), (last, camera.high[i])):
            ax.annotate(f"{value:.4g}", place, fontsize=8, **words)
        safe(ax.annotate(short(label or "xyz"[i]), (first + last) / 2, **words))


def short(text: str, length: int = LABEL) -> str:
    """A text that fits, of characters that an SVG may hold."""
    shown = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text.replace("\n", " "))
    return shown if len(shown) <= length else shown[: length - 1] + "…"


def safe(text: Any) -> None:
    """Formulas are set as such where matplotlib can read them: an author may have had LaTeX itself, and a text that was cut may end in one."""
    try:
        MathTextParser("path").parse(text.get_text())
    except ValueError:
        text.set_parse_math(False)


def svg(fig: Any) -> str:
    """Without a date or anything else that another day would change."""
    made = io.StringIO()
    fig.savefig(made, format="svg", dpi=150, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    return made.getvalue()
