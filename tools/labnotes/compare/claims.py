"""Claims: a number within its tolerance, a yes/no equal, a statement upheld."""

from __future__ import annotations

import math

from labnotes.model.claims import Claim, movement_text
from labnotes.model.comparison import Comparison, number_text
from labnotes.model.quantities import QuantityKind
from labnotes.model.verdicts import Verdict


def compare_claims(recorded: Claim, observed: Claim) -> Comparison:
    """Compare two claims by the recorded tolerance: a tolerance that the source widens counts only once it is accepted."""
    details = list(_redefined_fields(recorded, observed))
    if recorded.holds != observed.holds:
        return made_comparison(Verdict.CHANGED, recorded, observed, details)
    if recorded.upheld is not False and observed.upheld is False:
        details.insert(0, f"the statement does not hold: {observed.holds}")
        return made_comparison(Verdict.CHANGED, recorded, observed, details)
    if recorded.upheld is False and observed.upheld:
        details.insert(0, f"the statement holds, recorded as not holding: {observed.holds}")
        return made_comparison(Verdict.CHANGED, recorded, observed, details)

    worst = Verdict.EXACT
    for field in ("value", "low", "high", "n"):
        then, now = getattr(recorded, field), getattr(observed, field)
        if is_equal(then, now):
            continue
        if then is None or now is None or isinstance(then, bool) != isinstance(now, bool) or field == "n":
            details.append(f"{field} is {_value_text(now)}, recorded {_value_text(then)}")
            return made_comparison(Verdict.CHANGED, recorded, observed, details)
        if not (math.isfinite(then) and math.isfinite(now)):
            details.append(f"{field} is {_value_text(now)}, recorded {_value_text(then)}")
            return made_comparison(Verdict.CHANGED, recorded, observed, details)
        distance = abs(float(now) - float(then))
        details.append(
            f"{field} is {_value_text(now)}, recorded {_value_text(then)}: moved by {distance:.3g}, allowed {recorded.allowed_movement:.3g}"
        )
        if distance <= recorded.allowed_movement:
            worst = max(worst, Verdict.WITHIN, key=_ORDER.index)
        elif recorded.holds and not recorded.tolerance:
            worst = max(worst, Verdict.MOVED, key=_ORDER.index)
        else:
            worst = Verdict.CHANGED
    seeds, text = _compare_replicates(recorded, observed)
    if text:
        details.append(text)
        if seeds is Verdict.CHANGED and recorded.holds and not recorded.tolerance:
            seeds = Verdict.MOVED
        worst = max(worst, seeds, key=_ORDER.index)
    return made_comparison(worst, recorded, observed, details)


def _compare_replicates(recorded: Claim, observed: Claim) -> tuple[Verdict, str]:
    """Compare replicates one by one, since each belongs to a seed. Return the worst verdict and a text about it ("" if all are equal)."""
    then, now = recorded.replicates, observed.replicates
    if then is None or now is None:
        if (then is None) == (now is None):
            return Verdict.EXACT, ""
        return Verdict.CHANGED, f"replicates are {'gone' if now is None else 'new'}"
    if len(then) != len(now):
        return Verdict.CHANGED, f"there are {len(now)} replicates, recorded {len(then)}"
    unequal = [i for i, (before, after) in enumerate(zip(then, now, strict=True)) if not is_equal(before, after)]
    if not unequal:
        return Verdict.EXACT, ""

    def replicate_distance(i: int) -> float:
        moved = abs(now[i] - then[i])
        return moved if math.isfinite(moved) else math.inf

    worst = max(unequal, key=replicate_distance)
    others = f"; {len(unequal)} of {len(then)} differ" if len(unequal) > 1 else ""
    text = f"replicate {worst + 1} is {_value_text(now[worst])}, recorded {_value_text(then[worst])}: moved by {replicate_distance(worst):.3g}, allowed {recorded.allowed_movement:.3g}{others}"
    return (Verdict.WITHIN if replicate_distance(worst) <= recorded.allowed_movement else Verdict.CHANGED), text


_ORDER = (Verdict.EXACT, Verdict.WITHIN, Verdict.MOVED, Verdict.CHANGED)


def _redefined_fields(recorded: Claim, observed: Claim) -> list[str]:
    """List the statement, format and tolerance that are not as recorded, one text for each."""
    details = []
    for field, then, now in (
        ("statement", recorded.holds, observed.holds),
        ("format", recorded.format, observed.format),
        ("tolerance", recorded.tolerance and recorded.tolerance.value, observed.tolerance and observed.tolerance.value),
    ):
        if then != now:
            details.append(
                f"the {field} is now {now if now is not None else 'not stated'}, recorded {then if then is not None else 'not stated'}"
            )
    return details


def is_equal(then: object, now: object) -> bool:
    """Whether two values are the same; NaN is the same as NaN, a yes is no 1."""
    if isinstance(then, float) and isinstance(now, float) and math.isnan(then) and math.isnan(now):
        return True
    return then == now and isinstance(then, bool) == isinstance(now, bool)


def _value_text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "absent" if value is None else number_text(value)


def made_comparison(verdict: Verdict, recorded: Claim, observed: Claim, details: list[str]) -> Comparison:
    """Return a comparison of two claims with a given verdict, and with the texts and numbers of both."""
    if isinstance(recorded.value, bool):
        tolerance = "equal"
    elif recorded.holds and not recorded.tolerance:
        tolerance = recorded.holds
    else:
        tolerance = movement_text(recorded)
    return Comparison(
        kind=QuantityKind.CLAIM,
        name=recorded.name,
        verdict=verdict,
        cell=observed.cell,
        recorded=recorded.printed_value,
        observed=observed.printed_value,
        tolerance=tolerance,
        because=recorded.tolerance.because if recorded.tolerance else "",
        details=tuple(details),
        moved=_farthest_movement(recorded, observed),
        then=_numeric_value(recorded.value),
        now=_numeric_value(observed.value),
        upheld=observed.upheld,
        lost=recorded.upheld is True and observed.upheld is False and recorded.holds == observed.holds,
    )


def _numeric_value(value: bool | int | float) -> float | None:
    return None if isinstance(value, bool) else float(value)


def _farthest_movement(recorded: Claim, observed: Claim) -> float:
    """The farthest distance that the value, an end of its interval or a replicate moved; infinite where that is no finite number."""
    if recorded.n != observed.n:
        return math.inf
    farthest = 0.0
    for before, after in zip(recorded.replicates or (), observed.replicates or (), strict=False):
        distance = 0.0 if is_equal(before, after) else abs(after - before)
        farthest = max(farthest, distance if math.isfinite(distance) else math.inf)
    for field in ("value", "low", "high"):
        then, now = getattr(recorded, field), getattr(observed, field)
        if is_equal(then, now):
            continue
        if then is None or now is None or isinstance(then, bool) or isinstance(now, bool):
            return math.inf
        distance = abs(float(now) - float(then))
        farthest = max(farthest, distance if math.isfinite(distance) else math.inf)
    return farthest
