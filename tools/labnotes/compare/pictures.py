"""Is the recorded picture of a figure the one that its code draws? Figures are compared by their data; the picture is what readers look at."""

from __future__ import annotations

from dataclasses import replace

from labnotes.model.comparison import Comparison
from labnotes.model.observation import Observation
from labnotes.model.quantities import QuantityKind
from labnotes.model.verdicts import Verdict

DRAWN_BY = ("matplotlib", "pillow", "numpy")
"""The distributions that decide how the same data are drawn."""


def with_picture(comparison: Comparison, recorded: Observation, observed: Observation) -> Comparison:
    """The comparison of a figure, unverified if the data are the same and another picture was recorded than the same code draws now.

    Nothing is said where the code or what draws it is another, or for pictures made of points, whose bytes hang on more.
    """
    if comparison.kind is not QuantityKind.FIGURE or comparison.verdict is not Verdict.EXACT or not _draw_alike(recorded, observed):
        return comparison
    then, now = recorded.pictures.get(comparison.name), observed.pictures.get(comparison.name)
    if recorded.figures[comparison.name].by:  # the picture itself was compared
        return comparison
    if then is None or now is None or {then.suffix, now.suffix} != {"svg"} or then.content == now.content:
        return comparison
    detail = (
        "its recorded picture is not the one that the same code and data draw: it was edited, or is drawn by chance or with other fonts"
    )
    return replace(comparison, verdict=Verdict.UNVERIFIED, details=(detail, *comparison.details))


def _draw_alike(recorded: Observation, observed: Observation) -> bool:
    """Whether two runs draw the same data to the same bytes: code, Python and what draws are the same."""
    then, now = recorded.provenance, observed.provenance
    versions, others = then.dependencies.distributions, now.dependencies.distributions
    return (
        then.dependencies.code == now.dependencies.code
        and then.dependencies.modules == now.dependencies.modules
        and then.environment.python == now.environment.python
        and "matplotlib" in versions
        and all(versions.get(name) == others.get(name) for name in DRAWN_BY)
    )
