"""Changes of style: what an author may change of any figure without a check failing."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import matplotlib as mpl
import numpy as np
import seaborn as sns
from matplotlib import pyplot as plt
from matplotlib import ticker
from matplotlib.collections import Collection
from matplotlib.image import AxesImage
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

PALETTE = ["#b84a14", "#1f4fa8", "#1d8170", "#776655"]


@dataclass(frozen=True)
class Style:
    """Settings of matplotlib, and a function that goes over the finished figure."""

    settings: Mapping[str, Any] = field(default_factory=dict)
    after: Callable[[Any], None] = lambda fig: None

    @contextlib.contextmanager
    def drawn_figure(self, draw: Callable[..., Any], **change: Any) -> Iterator[Any]:
        """A figure drawn in this style, within its settings."""
        with mpl.rc_context(dict(self.settings)), warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)  # a font that is not there, layouts that do not fit
            fig = draw(**change)
            self.after(fig)
            yield fig


def _plain_axes(fig: Any) -> list[Any]:
    """Axes that are neither a colour bar nor of another kind."""
    return [ax for ax in fig.axes if ax.name == "rectilinear" and not hasattr(ax, "_colorbar")]


def _restyle_texts(fig: Any) -> None:
    """Every text in another size, colour and face; titles at the left."""
    for text in fig.findobj(mpl.text.Text):
        text.set(fontsize=text.get_fontsize() * 1.4, fontstyle="italic", color="#333344")
    for ax in _plain_axes(fig):
        title = ax.get_title()
        ax.set_title("")
        ax.set_title(title, loc="left")


def _resize_page(fig: Any) -> None:
    fig.set_size_inches(9, 3.3)
    fig.set_dpi(160)


def _restyle_ground(fig: Any) -> None:
    """Add a grid along y, colour the background, and hide the frame of the axes."""
    fig.set_facecolor("#eeeeff")
    for ax in fig.axes:
        ax.set_facecolor("#fff8ee")
        if ax.name != "3d":
            ax.grid(True, which="both", axis="y")
        for spine in ax.spines.values():
            spine.set_visible(False)


def _restyle_strokes(fig: Any) -> None:
    """Thicker lines, larger markers and points, everything a little transparent and in another order from back to front."""
    for artist in fig.findobj(lambda candidate: isinstance(candidate, Line2D | Patch | Collection)):
        alpha = artist.get_alpha()
        if np.ndim(alpha) == 0 and alpha != 0 and not _is_shaded(artist):
            artist.set_alpha(0.6 * (alpha if alpha is not None else 1))
        widths = artist.get_linewidth()
        artist.set_linewidth(np.asarray(widths) * 1.7 if np.ndim(widths) else widths * 1.7)
        artist.set_zorder(artist.get_zorder() + 3)
        if isinstance(artist, Line2D):
            artist.set(markersize=artist.get_markersize() * 1.5, markeredgewidth=artist.get_markeredgewidth() * 1.3)
        if type(artist).__name__ == "PathCollection" and len(np.unique(artist.get_sizes())) == 1:
            artist.set_sizes(artist.get_sizes() * 1.8)


def _exchange_colours(fig: Any) -> None:
    """Exchange every colour for another, one to one, and every colour map for another."""
    for artist in fig.findobj(lambda candidate: isinstance(candidate, Line2D | Patch | Collection | AxesImage)):
        if isinstance(artist, Line2D):
            looks = artist.get_color(), artist.get_markerfacecolor(), artist.get_markeredgecolor()
            artist.set(**dict(zip(("color", "markerfacecolor", "markeredgecolor"), map(_exchanged_channels, looks), strict=True)))
        elif _has_colour_map(artist):
            artist.set_cmap("cividis")
        elif isinstance(artist, Patch) or (isinstance(artist, Collection) and artist.get_array() is None and not _is_shaded(artist)):
            artist.set(facecolor=_exchanged_channels(artist.get_facecolor()), edgecolor=_exchanged_channels(artist.get_edgecolor()))


def _has_colour_map(artist: Any) -> bool:
    """An uneven image takes no other colour map, and hexagonal bins with histograms beside them give these their limits with it."""
    if isinstance(artist, Collection):
        return artist.get_array() is not None and getattr(artist, "colors", None) is None and not hasattr(artist, "hbar")
    return type(artist) is AxesImage and artist.get_array().ndim == 2


def _is_shaded(artist: Any) -> bool:
    """Whether an artist lies in three dimensions, where matplotlib shades its colours by the view."""
    return type(artist).__name__.endswith(("3DCollection", "3D"))


def _exchanged_channels(colours: Any) -> Any:
    """Return one colour, or many, with red, green and blue exchanged."""
    if isinstance(colours, str) and colours in ("none", "None", "auto"):
        return colours
    exchanged = mpl.colors.to_rgba_array(colours)[:, [1, 2, 0, 3]]
    return tuple(exchanged[0]) if len(exchanged) == 1 else exchanged


def _tighten_layout(fig: Any) -> None:
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*tight_layout|Tight layout")
        fig.tight_layout()


def _move_ticks(fig: Any) -> None:
    """Other numbers at the ticks, turned and at the other side."""
    for ax in _plain_axes(fig):
        ax.tick_params(direction="in", length=7, rotation=30)
        for axis in (ax.xaxis, ax.yaxis):
            if type(axis.get_major_locator()) is ticker.AutoLocator:
                axis.set_major_locator(ticker.MaxNLocator(3))
                axis.set_minor_locator(ticker.AutoMinorLocator())
        if not any(ax is not other and ax._twinned_axes.joined(ax, other) for other in fig.axes):
            ax.yaxis.tick_right()
            ax.yaxis.set_label_position("right")


def _move_legends(fig: Any) -> None:
    """Each legend elsewhere, in columns and without a frame."""
    for legend in fig.findobj(mpl.legend.Legend):
        legend.set_loc("lower left")
        legend.set_ncols(2)
        legend.set_frame_on(False)


STYLES = {
    "fonts": Style({"font.family": "serif", "font.size": 15}, _restyle_texts),
    "size and resolution": Style({"savefig.dpi": 50}, _resize_page),
    "grid, ground and frame": Style({"axes.axisbelow": True}, _restyle_ground),
    "strokes": Style({"lines.linewidth": 3, "patch.linewidth": 2, "errorbar.capsize": 7, "scatter.marker": "s"}, _restyle_strokes),
    "palette": Style({"axes.prop_cycle": mpl.cycler(color=PALETTE), "image.cmap": "magma"}),
    "every colour": Style(after=_exchange_colours),
    "constrained layout": Style({"figure.constrained_layout.use": True, "figure.figsize": (5, 7)}),
    "tight layout": Style({"axes.xmargin": 0.2, "axes.ymargin": 0.3}, _tighten_layout),
    "ticks": Style({"axes.formatter.limits": (0, 0), "xtick.minor.visible": True}, _move_ticks),
    "legends": Style({"legend.fontsize": 6, "legend.fancybox": False}, _move_legends),
    "seaborn": Style({**sns.axes_style("whitegrid"), **sns.plotting_context("talk")}),
}

SHEETS = {
    sheet: Style(plt.style.library[sheet])
    for sheet in ("ggplot", "dark_background", "seaborn-v0_8", "grayscale", "bmh", "fivethirtyeight", "classic", "Solarize_Light2")
}


def combined_style(*names: str) -> Style:
    """Return a style that applies several of `STYLES` at once."""
    chosen = [STYLES[name] for name in names]

    def restyle_figure(fig: Any) -> None:
        for style in chosen:
            style.after(fig)

    return Style({key: value for style in chosen for key, value in style.settings.items()}, restyle_figure)


TOGETHER = {
    "words": combined_style("fonts", "legends"),
    "layout": combined_style("size and resolution", "tight layout"),
    "axes": combined_style("grid, ground and frame", "ticks", "constrained layout"),
    "colours": combined_style("palette", "every colour"),
    "strokes": combined_style("seaborn", "strokes"),
}
"""All of `STYLES`, combined into five, so that five figures try them all."""
