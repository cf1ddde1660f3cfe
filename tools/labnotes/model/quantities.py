"""What claims, figures and tables have in common: their names, their tolerances, what they may be tied to."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from labnotes.model.encoding import ExactJson


class QuantityKind(StrEnum):
    """The kinds of quantities that a run yields and a check compares. Files, pages and messages have them by these words."""

    CLAIM = "claim"
    FIGURE = "figure"
    TABLE = "table"


SCHEMA = 1
"""Version of everything a record holds. A record of another version is stale: it must be recorded again."""

DEFAULT_SHARE = 1e-6
"""Default tolerance of figures and tables, as a share of the axis range or the column's scale."""

TIES = {"kernels": "CPU kernels", "python": "version of Python"}
"""What a quantity may be tied to, so that it holds only there, and what people call it."""

LABEL = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")

AUTOMATIC = re.compile(r"auto-\d+")
"""Labels of figures that were shown without one."""

NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]{0,63}")


@dataclass(frozen=True)
class Tolerance(ExactJson):
    """How far a quantity may move. `value` is absolute for a claim, a share of the axis range or column scale for figures and tables."""

    value: float
    because: str
