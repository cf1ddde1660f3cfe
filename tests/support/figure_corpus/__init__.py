"""Figures as research draws them, each with changes of science that a check must see, and changes of style that it must not.

`python -m figure_corpus` prints what is read of them as JSON, in whatever matplotlib runs it: test_figure_kinds.py compares two versions by it.
benchmarks/figures.py takes the same figures and changes through other checkers.
"""

from __future__ import annotations

from figure_corpus import ordinary, rare, statistical
from figure_corpus.changes import CHANGES, Change
from figure_corpus.styles import SHEETS, STYLES, TOGETHER, Style

__all__ = ["CHANGES", "DRAWINGS", "KINDS_ONCE", "SHEETS", "STYLES", "TOGETHER", "Change", "Style"]

DRAWINGS = {draw.__name__: draw for module in (ordinary, rare, statistical) for draw in module.DRAWINGS}

KINDS_ONCE = [
    *("shapes", "contour_bar", "polar", "forest", "confusion", "quiver", "stream", "surface", "joined", "broken", "grouped_bars", "uneven"),
    *("outlined_histogram", "counted_steps", "spectrogram", "stems", "residuals", "hexbin", "log_hexbin", "secondary", "events", "barbs"),
    *("table", "regions", "smooth_tripcolor", "endless"),
]
"""Figures that together hold every kind of mark: what takes long is tried on them in the quick tests, and on all figures in `make test-all`."""
