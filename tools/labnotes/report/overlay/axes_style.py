"""Gives the axes of an overlay their recorded scales, limits, labels and named ticks. The rest of their style is the overlay's own.

Only matplotlib's objects are used, no state of pyplot. Its settings are the defaults and those below, whatever the reader's are.
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
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.mathtext import MathTextParser

from labnotes.compare.distances import float_array, float_number
from labnotes.model.plots import AxisData
from labnotes.report.overlay.view import Scene, set_scale

PAPER, INK, RECORDED, OBSERVED, WORST, SAME = "#fdfdfb", "#3d4148", "#8f959c", "#1f4fa8", "#b3401a", "#d6d8d3"

LOOK: dict[Any, Any] = {
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
"""Width and height of a drawing in inches: on a wide page two stand beside each other, on a phone one."""

MOST_TICKS = 16
"""How many named ticks of one axis are shown, about."""

LABEL = 48
"""How many letters of a label are shown."""

QUIET = r"Glyph|.*constrained_layout not applied|.*[Tt]ight layout"
"""Pattern of warnings that are not shown, on fonts and on a crowded layout: the reader's own fonts draw the texts."""


@contextmanager
def overlay_style() -> Iterator[None]:
    """Let matplotlib draw with the overlay's own settings, and without warnings on fonts, formulas and layout."""
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


def empty_figure(*, curved: bool = False) -> tuple[Any, Any]:
    """A new figure and its axes, which are polar where `curved`. The layout does not know of the labels around those, hence the padding."""
    fig = Figure(figsize=SIZE, layout="constrained")
    if curved:
        fig.get_layout_engine().set(w_pad=0.25, h_pad=0.1)  # type: ignore[union-attr, call-arg]
    return fig, fig.add_subplot(projection="polar" if curved else None)


def set_limits(ax: Any, scene: Scene, x: tuple[float, float], y: tuple[float, float]) -> None:
    """Set the limits and the direction of both axes; a full circle has no limits along the angle."""
    if ax.name == "polar":
        ax.set(ylim=y, **({"xlim": x} if scene.axes.x.limits else {}))
        return
    ax.set(xlim=x, ylim=y)
    ax.xaxis.set_inverted(scene.axes.x.inverted)
    ax.yaxis.set_inverted(scene.axes.y.inverted)


def style_axes(ax: Any, scene: Scene, *, bare: bool = False) -> None:
    """Give axes their recorded scales, limits, direction, labels and named ticks.

    `bare` leaves out named ticks, for a view of a part of the axes.
    """
    curved = ax.name == "polar"  # seen from near, angle and radius are drawn straight
    for name, axis in (("x", scene.axes.x), ("y", scene.axes.y)):
        if not curved:
            set_scale(ax, name, axis)
        straight = {"x": "angle (radians)", "y": "radius"}[name] if scene.curved and not curved else ""
        ax.set(**{f"{name}label": shortened_text(axis.label) or straight})
    for label in (ax.xaxis.label, ax.yaxis.label):
        disable_invalid_formula(label)
    if curved:
        said = next(mark for mark in scene.axes.marks if mark.kind == "polar axes")
        ax.set_theta_offset(np.radians(float_number(said.exact.get("zero", 0.0))))
        ax.set_theta_direction(-1 if said.exact.get("clockwise") else 1)
        if "y" in said.arrays:
            ax.set_rorigin(float(float_array(said.arrays["y"])[0]))
    set_limits(ax, scene, scene.x, scene.y)
    if not bare:
        _name_ticks(ax.xaxis, scene.axes.x, scene.x, turned=not curved)
        _name_ticks(ax.yaxis, scene.axes.y, scene.y, turned=False)


def _name_ticks(axis: Any, recorded: AxisData, limits: tuple[float, float], *, turned: bool) -> None:
    """Set the ticks that have names, categories among them; where there are too many, every second, third, ... of them."""
    ticks = [(at, text) for at, text in recorded.ticks or () if limits[0] <= at <= limits[1]]
    ticks = ticks[:: 1 + len(ticks) // MOST_TICKS]
    if not ticks:
        return
    names = [shortened_text(text, 20) for _, text in ticks]
    axis.set_ticks([at for at, _ in ticks], names)
    for label in axis.get_ticklabels():
        disable_invalid_formula(label)
        if turned and sum(map(len, names)) > 56:
            label.set(rotation=30, horizontalalignment="right", rotation_mode="anchor")


def shortened_text(text: str, length: int = LABEL) -> str:
    """A text that fits, of characters that an SVG may hold."""
    shown = "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text.replace("\n", " "))
    return shown if len(shown) <= length else shown[: length - 1] + "…"


def disable_invalid_formula(text: Any) -> None:
    """Show a text as plain letters if matplotlib cannot read its formula: it may need LaTeX itself, or be cut off within a formula."""
    try:
        MathTextParser("path").parse(text.get_text())
    except ValueError:
        text.set_parse_math(False)


def figure_as_svg(fig: Any) -> str:
    """The figure as the text of an SVG, without a date or anything else that changes from day to day."""
    made = io.StringIO()
    fig.set_dpi(150)
    canvas: Any = FigureCanvasSVG(fig)
    canvas.print_svg(made, metadata={"Date": None, "Creator": None, "Format": None, "Type": None})  # savefig would draw everything twice
    return made.getvalue()
