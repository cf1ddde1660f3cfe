"""Where the axes of a figure stand among each other, and between which of them its texts stand.

Only order counts: which stand above or beside which. Sizes and distances are the layout's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

SLACK = 1e-3
"""Share of the figure by which boxes may overlap that stand side by side."""


WELL_INSIDE = 0.4
"""Share of a panel from its middle within which a text clearly stands beside it."""


def panels_of(everything: Sequence[Any], roles: Sequence[str]) -> list[tuple[int, int] | None]:
    """The row and the column of each pair of plain axes, counted from the top and from the left; None for others, and where there is but one."""
    plain = [i for i, (ax, role) in enumerate(zip(everything, roles, strict=True)) if role == "plain" and ax.get_visible()]
    if len(plain) < 2:
        return [None] * len(everything)
    boxes = {i: _box_of(everything[i]) for i in plain}
    rows = _ranks({i: (-box.y1, -box.y0) for i, box in boxes.items()})
    columns = _ranks({i: (box.x0, box.x1) for i, box in boxes.items()})
    return [(rows[i], columns[i]) if i in boxes else None for i in range(len(everything))]


def panels_of_text(text: Any, everything: Sequence[Any], panels: Sequence[tuple[int, int] | None]) -> tuple[int, int]:
    """The row and the column of the panels beside and above or below which a text of the figure stands; -1 for none or several."""
    x, y = text.get_transform().transform(text.get_position())
    rows, columns = set(), set()
    for ax, panel in zip(everything, panels, strict=True):
        box = ax.get_position().transformed(ax.figure.transSubfigure) if panel is not None else None
        if box is not None and panel is not None:
            rows |= {panel[0]} if abs(y - (box.y0 + box.y1) / 2) <= WELL_INSIDE * box.height else set()
            columns |= {panel[1]} if abs(x - (box.x0 + box.x1) / 2) <= WELL_INSIDE * box.width else set()
    return (rows.pop() if len(rows) == 1 else -1), (columns.pop() if len(columns) == 1 else -1)


def _box_of(ax: Any) -> Any:
    """The place of axes as shares of the whole figure."""
    return ax.get_position().transformed(ax.figure.transSubfigure - ax.figure.transFigure)


def _ranks(spans: dict[int, tuple[float, float]]) -> dict[int, int]:
    """How many spans lie one after another before each, without overlap."""
    ranks: dict[int, int] = {}
    for i, (start, _) in sorted(spans.items(), key=lambda item: item[1]):
        ranks[i] = max((rank + 1 for other, rank in ranks.items() if spans[other][1] <= start + SLACK), default=0)
    return ranks
