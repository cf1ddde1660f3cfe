"""The claims of a note as a row of marks: one a claim, or of many a bar whose parts are as long as their verdicts are frequent.

A browser draws a thousand hairlines in a narrow row as it likes, and leaves some out. So a row holds few elements, each at least a few pixels wide
however rare its verdict: one claim of a thousand that failed is seen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from markupsafe import Markup

from labnotes.model.verdicts import ResultTone, Verdict

SINGLE = 40
"""The most claims that have a mark each."""


@dataclass(frozen=True)
class TickMark:
    """A mark: the class of the style sheets for its verdict, and for how many claims it stands."""

    css_class: str
    count: int = 1


def tick_marks(verdict_classes: Sequence[str]) -> tuple[TickMark, ...]:
    """The marks of a note's claims, in their order, or of many one for each verdict."""
    if len(verdict_classes) <= SINGLE:
        return tuple(TickMark(verdict) for verdict in verdict_classes)
    return verdict_shares(verdict_classes)


def verdict_shares(verdict_classes: Iterable[str]) -> tuple[TickMark, ...]:
    """One mark for each verdict that looks otherwise, what agrees first and what does not hold last."""
    counts: Counter[str] = Counter()
    for verdict in verdict_classes:
        counts[_AGREEING.get(verdict, verdict)] += 1
    return tuple(TickMark(verdict, counts[verdict]) for verdict in sorted(counts, key=_gravity))


_AGREEING = {verdict.value: Verdict.EXACT.value for verdict in (Verdict.NOISE, Verdict.WITHIN)}
"""The verdicts whose marks look like that of another one."""

_GRAVITY = (ResultTone.GREEN, ResultTone.BLUE, ResultTone.GREY, ResultTone.AMBER, ResultTone.RED)


def _gravity(verdict_class: str) -> tuple[int, str]:
    known = {verdict.value.replace(" ", "-"): verdict.tone for verdict in Verdict}
    tone = known.get(verdict_class, ResultTone.RED if verdict_class == "run-failed" else ResultTone.GREY)
    return _GRAVITY.index(tone), verdict_class


BAR, TALL, STEP = 6, 16, 8
"""Width, height and distance of the bars of checks, in CSS pixels. They are lines, as wide as the style sheet says."""

_HEIGHTS = {ResultTone.AMBER: 10, ResultTone.RED: 6}
"""Heights of bars that are lower than the others; they stand on a pale ground of full height."""


def checks_drawing(tones: Sequence[ResultTone]) -> Markup:
    """Checks as a row of bars, one path for each colour; a failure is lower, on a pale ground, and so told without colour."""
    places: dict[ResultTone, list[int]] = {}
    for i, tone in enumerate(tones):
        places.setdefault(tone, []).append(i * STEP)
    width = len(tones) * STEP
    parts = []
    for tone, at in places.items():
        height = _HEIGHTS.get(tone, TALL)
        if height < TALL:
            parts.append(f'<path class="ln-tone-{tone.value} ln-pale" d="{"".join(_bar_path(x, TALL) for x in at)}"/>')
        parts.append(f'<path class="ln-tone-{tone.value}" d="{"".join(_bar_path(x, height) for x in at)}"/>')
    return Markup(
        f'<svg class="ln-checks" viewBox="0 0 {width} {TALL}" width="{width}" height="{TALL}" aria-hidden="true">{"".join(parts)}</svg>'
    )


def _bar_path(x: int, height: int) -> str:
    return f"M{x + BAR // 2} {TALL}V{TALL - height}"
