"""What other libraries draw with matplotlib and hand on in objects of their own: read as the matplotlib figure in them."""

from __future__ import annotations

import copy
import importlib
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from labnotes.author.figures.matplotlib import figure_reader
from labnotes.author.figures.matplotlib.artists import FRAME
from labnotes.author.figures.readers import ForeignJson
from labnotes.errors import AuthorError
from labnotes.model.plots import FigureData

__all__ = ["card_picture", "close_figure", "interactive_json", "raster_picture", "read_figure", "render_picture"]
"""What `labnotes.author.figures.readers` asks of a reader."""

_kept: list[tuple[Any, Any]] = []
"""The object that was read last, and the figure that it was drawn as: its picture is of what was read."""


def read_figure(fig: Any) -> FigureData:
    drawn = _drawn_anew(fig)
    _kept[:] = [(fig, drawn)]
    data = figure_reader.read_figure(drawn)
    return replace(data, unverified=(*data.unverified, *_frames_of(fig)), library=_LIBRARIES.get(_package_of(fig), ""))


def render_picture(fig: Any) -> tuple[str, str]:
    return figure_reader.render_picture(_matplotlib_figure(fig))


def raster_picture(fig: Any) -> str:
    return figure_reader.raster_picture(_matplotlib_figure(fig))


def card_picture(fig: Any) -> str:
    return figure_reader.card_picture(_matplotlib_figure(fig))


def interactive_json(fig: Any) -> ForeignJson | None:
    return figure_reader.interactive_json(fig)


def close_figure(fig: Any) -> None:
    figure_reader.close_figure(_matplotlib_figure(fig))
    _kept.clear()


def _matplotlib_figure(made: Any) -> Any:
    """The figure that an object was read as, else a new one."""
    return next((drawn for known, drawn in _kept if known is made), None) or _drawn_anew(made)


def _drawn_anew(made: Any) -> Any:
    """The matplotlib figure in an object, or that which it is drawn as: the object may have changed since it was drawn last."""
    package = _package_of(made)
    try:
        return _FIGURES[package](made)
    except Exception as error:
        hint = "draw it by matplotlib yourself: fig, ax = plt.subplots(); ax.plot(...); figure(fig, ...)"
        what = f"{_LIBRARIES.get(package, package)} cannot draw this {type(made).__name__} by matplotlib: {type(error).__name__}: {error}"
        raise AuthorError("figure", what, hint) from error


def _package_of(made: Any) -> str:
    """The package of an object's class, or of one that it inherits from, whose figures are known."""
    packages = [base.__module__.partition(".")[0] for base in type(made).__mro__]
    return next(package for package in packages if package in _FIGURES)


def _figure_of_seaborn(made: Any) -> Any:
    if hasattr(made, "figure") and not callable(made.figure):
        return made.figure
    return made.plot()._figure  # seaborn.objects: no public name


def _figure_of_plotnine(made: Any) -> Any:
    """A drawing of a copy: plotnine draws into the figure that a plot has, and what was added since would be missing."""
    drawn = copy.deepcopy(_without_drawing(made)).draw()
    for part in drawn.artists:
        if type(part).__name__ == "Rectangle" and (part.get_zorder() == _BACKGROUND or _is_border(part, drawn.axes)):
            part.set_label(FRAME)
    return drawn


def _without_drawing(plot: Any) -> Any:
    """A plot of plotnine, or several beside each other, as if it had never been drawn."""
    bare = copy.copy(plot)
    for name in ("figure", "axs"):
        vars(bare).pop(name, None)
    if isinstance(getattr(bare, "items", None), list):
        bare.items = [_without_drawing(part) for part in bare.items]
    return bare


_BACKGROUND = -1000
"""Where plotnine draws the background of a figure in the order of drawing."""


def _is_border(box: Any, everything: Sequence[Any]) -> bool:
    """Whether a rectangle is the border around axes, which a theme of plotnine has or has not."""
    whole = (*box.get_xy(), box.get_width(), box.get_height()) == (0, 0, 1, 1)
    return whole and box.get_facecolor()[3] == 0 and any(box.get_data_transform() == ax.transAxes for ax in everything)


def _figure_of_sympy(made: Any) -> Any:
    if getattr(made, "fig", None) is None:
        made.process_series()
    return made.fig


def _figure_of_holoviews(made: Any) -> Any:
    """What HoloViews draws by matplotlib, whichever library its figures are shown by; of several frames the first."""
    importlib.import_module("holoviews.plotting.mpl")
    drawn = sys.modules["holoviews"].render(made, backend="matplotlib")
    if hasattr(drawn, "_fig"):  # an animation, which has no public name for its figure and warns if nobody shows it
        drawn._draw_was_started = True
        return drawn._fig
    return drawn


def _frames_of(made: Any) -> list[str]:
    """What is said of an object of HoloViews that has several frames, of which one is read."""
    if _package_of(made) != "holoviews" or not made.traverse(lambda part: part, ["HoloMap", "DynamicMap"]):
        return []
    return ["figure: frames of an animation, but for the first"]


_FIGURES: dict[str, Callable[[Any], Any]] = {
    "seaborn": _figure_of_seaborn,
    "plotnine": _figure_of_plotnine,
    "xarray": lambda made: made.fig,
    "sympy": _figure_of_sympy,
    "holoviews": _figure_of_holoviews,
}

_LIBRARIES = {"plotnine": "plotnine", "holoviews": "HoloViews"}
"""The names of libraries whose figures pyplot does not know."""
