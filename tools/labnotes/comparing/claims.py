"""Claims: a number within its tolerance, a yes/no equal, a statement upheld."""

from __future__ import annotations

import math

from labnotes.comparing.verdicts import Comparison, number
from labnotes.quantities import Claim, Verdict
from labnotes.records import Observation


def compare_claims(recorded: Claim, observed: Claim) -> Comparison:
    """Judged by the recorded tolerance: one that the source widens counts only once it is accepted."""
    details = list(_redefinitions(recorded, observed))
    if observed.upheld is False:
        details.insert(0, f"the statement does not hold: {observed.holds}")
        return _made(Verdict.CHANGED, recorded, observed, details)
    if recorded.holds != observed.holds:
        return _made(Verdict.CHANGED, recorded, observed, details)

    worst = Verdict.EXACT
    for field in ("value", "low", "high", "n"):
        then, now = getattr(recorded, field), getattr(observed, field)
        if _equal(then, now):
            continue
        if then is None or now is None or isinstance(then, bool) != isinstance(now, bool) or field == "n":
            details.append(f"{field} is {_text(now)}, recorded {_text(then)}")
            return _made(Verdict.CHANGED, recorded, observed, details)
        if not (math.isfinite(then) and math.isfinite(now)):
            details.append(f"{field} is {_text(now)}, recorded {_text(then)}")
            return _made(Verdict.CHANGED, recorded, observed, details)
        distance = abs(float(now) - float(then))
        details.append(f"{field} is {_text(now)}, recorded {_text(then)}: moved by {distance:.3g}, allowed {recorded.allowed:.3g}")
        if distance <= recorded.allowed:
            worst = max(worst, Verdict.WITHIN, key=_ORDER.index)
        elif recorded.holds and not recorded.tolerance:
            worst = max(worst, Verdict.MOVED, key=_ORDER.index)
        else:
            worst = Verdict.CHANGED
    return _made(worst, recorded, observed, details)


_ORDER = (Verdict.EXACT, Verdict.WITHIN, Verdict.MOVED, Verdict.CHANGED)


def compare_fresh_seed(recorded: Observation, observed: Observation) -> list[Comparison]:
    """A run with another seed: statements must hold, means must fall inside the recorded prediction interval.

    A claim with neither cannot be judged by another seed, and figures and tables are not compared.
    """
    found = []
    for name in sorted({*recorded.claims, *observed.claims}):
        then, now = recorded.claims.get(name), observed.claims.get(name)
        if then is None or now is None:
            verdict, cell = (Verdict.MISSING, then.cell) if then else (Verdict.NEW, now.cell if now else 0)
            found.append(Comparison("claim", name, verdict, cell))
            continue
        verdict, details = Verdict.UNVERIFIED, ["no statement and no replicates: another seed says nothing about it"]
        if _equal(then.value, now.value):
            verdict, details = Verdict.EXACT, []
        if now.holds is not None:
            verdict, details = Verdict.MOVED, [f"holds: {now.holds}"]
        if then.prediction is not None:
            low, high = then.prediction
            inside = low <= now.value <= high
            where = "inside" if inside else "outside"
            verdict = Verdict.WITHIN if inside else Verdict.CHANGED
            details = [f"mean {_text(now.value)} lies {where} the prediction interval {_text(low)} to {_text(high)}"]
        if now.upheld is False:
            verdict, details = Verdict.CHANGED, [f"the statement does not hold: {now.holds}", *details]
        found.append(_made(verdict, then, now, details))
    return found


def _redefinitions(recorded: Claim, observed: Claim) -> list[str]:
    found = []
    for field, then, now in (
        ("statement", recorded.holds, observed.holds),
        ("format", recorded.format, observed.format),
        ("tolerance", recorded.tolerance and recorded.tolerance.value, observed.tolerance and observed.tolerance.value),
    ):
        if then != now:
            found.append(
                f"the {field} is now {now if now is not None else 'not stated'}, recorded {then if then is not None else 'not stated'}"
            )
    return found


def _equal(then: object, now: object) -> bool:
    if isinstance(then, float) and isinstance(now, float) and math.isnan(then) and math.isnan(now):
        return True
    return then == now and isinstance(then, bool) == isinstance(now, bool)


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "absent" if value is None else number(value)


def _made(verdict: Verdict, recorded: Claim, observed: Claim, details: list[str]) -> Comparison:
    if isinstance(recorded.value, bool):
        tolerance = "equal"
    elif recorded.holds and not recorded.tolerance:
        tolerance = recorded.holds
    else:
        tolerance = f"± {recorded.allowed:.3g}"
    return Comparison(
        "claim",
        recorded.name,
        verdict,
        observed.cell,
        recorded.printed,
        observed.printed,
        tolerance,
        recorded.tolerance.because if recorded.tolerance else "",
        tuple(details),
        _moved(recorded, observed),
    )


def _moved(recorded: Claim, observed: Claim) -> float:
    """How far the value or an end of its interval moved; infinite where that is no distance."""
    if recorded.n != observed.n:
        return math.inf
    farthest = 0.0
    for field in ("value", "low", "high"):
        then, now = getattr(recorded, field), getattr(observed, field)
        if _equal(then, now):
            continue
        if then is None or now is None or isinstance(then, bool) or isinstance(now, bool):
            return math.inf
        distance = abs(float(now) - float(then))
        farthest = max(farthest, distance if math.isfinite(distance) else math.inf)
    return farthest
