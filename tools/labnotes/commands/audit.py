"""The story of an audit: the golden seed run again under other conditions, to see what moves the results, where it begins, and how far it goes.

Conditions under which the same bits are due (again, another hash seed, another date, no artifacts) show faults of the note: results that
depend on chance, on the order of a set, on the day. Numerical ones (threads, CPU kernels) measure the envelope that its tolerances must
cover.
"""

from __future__ import annotations

import asyncio
import datetime
import importlib
import math
import platform
import statistics
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

from labnotes.compare.observations import compare
from labnotes.errors import LabNotesError, Problem
from labnotes.execute import run_note
from labnotes.execute.cores import Cores
from labnotes.execute.environment import THREADS
from labnotes.execute.run_note import Conditions, Run
from labnotes.kernel.clock import CLOCK
from labnotes.model.audit import Audit, AuditTrial, NoiseEnvelope
from labnotes.model.comparison import Comparison
from labnotes.model.observation import Observation
from labnotes.model.quantities import DEFAULT_SHARE
from labnotes.model.verdicts import Verdict
from labnotes.outcomes.audits import NoteAudit
from labnotes.outcomes.checks import CheckProgress
from labnotes.source import notes
from labnotes.source.labs import Lab
from labnotes.source.notes import Note
from labnotes.store import audits

AHEAD = 400 * 86_400 + 7 * 3_600
"""Seconds to another date: another year, day of the week and hour."""

CHAOTIC = 1 / 3
"""Share of the spread over seeds from which on numerical noise leaves no number to check."""

SHOWN_CELLS = 4
"""Cells kept of the trail from a first difference to the results."""


@dataclass(frozen=True)
class Condition:
    """`numerical` if results may move a little under it."""

    name: str
    numerical: bool
    environment: Mapping[str, str] = field(default_factory=dict)
    from_nothing: bool = False


def conditions(cores: int) -> list[Condition]:
    """All that a note is tried under, on this machine."""
    threads = 1 if cores > 1 else 2
    found = [
        Condition("again", numerical=False),
        Condition("hash seed 1", numerical=False, environment={"PYTHONHASHSEED": "1"}),
        Condition("hash seed 4242", numerical=False, environment={"PYTHONHASHSEED": "4242"}),
        Condition("400 days later", numerical=False, environment={CLOCK: str(AHEAD)}),
        # notes share nothing but artifacts: without any, a note is the first of all to run
        Condition("before all other notes", numerical=False, from_nothing=True),
        Condition(f"{threads} thread{'s' if threads > 1 else ''}", numerical=True, environment=dict.fromkeys(THREADS, str(threads))),
    ]
    return [*found, *_kernels()]


def _kernels() -> list[Condition]:
    """Other CPU kernels of PyTorch, OpenBLAS, MKL and NumPy: the oldest they have, and those before AVX-512."""
    features = _dispatched()
    oldest = {"ATEN_CPU_CAPABILITY": "default", "NPY_DISABLE_CPU_FEATURES": " ".join(features)}
    if platform.machine() not in ("x86_64", "AMD64"):
        return [Condition("oldest CPU kernels", numerical=True, environment=oldest)]
    wide = [name for name in features if name.startswith("AVX512") or name == "X86_V4"]
    found = [
        Condition(
            "oldest CPU kernels",
            numerical=True,
            environment={**oldest, "OPENBLAS_CORETYPE": "Nehalem", "MKL_ENABLE_INSTRUCTIONS": "SSE4_2"},
        )
    ]
    if wide:
        narrower = {"ATEN_CPU_CAPABILITY": "avx2", "OPENBLAS_CORETYPE": "Haswell", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}
        found.append(Condition("AVX2 kernels", numerical=True, environment={**narrower, "NPY_DISABLE_CPU_FEATURES": " ".join(wide)}))
    return found


def _dispatched() -> list[str]:
    """Features for which NumPy has kernels of its own, and which this CPU has."""
    try:
        numpy = importlib.import_module("numpy._core._multiarray_umath")
        return [name for name in numpy.__cpu_dispatch__ if numpy.__cpu_features__.get(name)]
    except (ImportError, AttributeError):  # they may be called otherwise in another NumPy: its kernels then stay as they are
        return []


RUNS = 1 + len(conditions(1))
"""Runs that the audit of a note takes, the ordinary one among them."""


def audit(lab: Lab, slugs: Sequence[str], jobs: int, progress: CheckProgress) -> tuple[list[NoteAudit], list[Problem]]:
    """Audit each note and keep what was found beside its record."""
    chosen, problems = notes.read_notes(lab, slugs)
    done: dict[str, NoteAudit] = {}

    async def one(note: Note, cores: Cores) -> None:
        try:
            done[note.slug] = await _audit(note, lab, cores, progress)
        except LabNotesError as error:
            problems.extend(error.problems)

    async def everything() -> None:
        cores = Cores(jobs)
        async with asyncio.TaskGroup() as group:
            for note in chosen:
                group.create_task(one(note, cores))

    asyncio.run(everything())
    return [done[note.slug] for note in chosen if note.slug in done], problems


async def _audit(note: Note, lab: Lab, cores: Cores, progress: CheckProgress) -> NoteAudit:
    async def run(name: str, given: Conditions) -> Run:
        async with cores.take(note.settings.cores):
            progress.started(f"{note.slug}, {name}")
            done = await run_note.run(note, lab, note.settings.seed, _Named(progress, name), given)
        progress.finished(f"{note.slug}, {name}", done.failure.outcome.value if done.failure else "ran", done.seconds)
        return done

    base = await run("as always", Conditions(states=True))
    if base.observation is None:
        return NoteAudit(note, None, failure=base.failure)
    tried = conditions(note.settings.cores)
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(run(each.name, Conditions(each.environment, each.from_nothing, states=True))) for each in tried]
    runs = [task.result() for task in tasks]
    again, *others = zip(tried, runs, strict=True)
    first = _trial(*again, base, frozenset())
    known = frozenset((*first.differing, *(name for _, names in first.trail for name in names)))
    made = (first, *(_trial(condition, done, base, known) for condition, done in others))
    unsound = {name for trial in made if not trial.numerical for name in trial.differing}
    numerical = [done.observation for condition, done in zip(tried, runs, strict=True) if condition.numerical and done.observation]
    provenance = base.observation.provenance
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    envelope = _envelope(base.observation, numerical, unsound)
    found = Audit(provenance.dependencies.contents_digest, today, provenance.environment.cpu, made, envelope)
    audits.write_audit(note, found)
    return NoteAudit(note, found, tuple(_advice(base.observation, found)))


@dataclass(frozen=True)
class _Named:
    """Progress of one run of a note that runs several times."""

    progress: CheckProgress
    name: str

    def cell(self, slug: str, number: int, total: int) -> None:
        self.progress.cell(f"{slug}, {self.name}", number, total)


def _trial(condition: Condition, done: Run, base: Run, known: Set[str]) -> AuditTrial:
    """What came of one condition, apart from variables and quantities `known` to differ from run to run anyway."""
    if done.observation is None or base.observation is None:
        assert done.failure is not None
        return AuditTrial(
            condition.name, condition.numerical, done.failure.outcome.value, reason=f"{done.failure.where}: {done.failure.what}"
        )
    compared = compare(base.observation, done.observation)
    moved = [each for each in compared if each.verdict not in (Verdict.EXACT, Verdict.UNVERIFIED) or each.moved]
    differing = [each for each in moved if f"{each.kind} {each.name}" not in known]
    if not differing:
        return AuditTrial(condition.name, condition.numerical, "same")
    names = tuple(f"{each.kind} {each.name}" for each in differing)
    return AuditTrial(condition.name, condition.numerical, "differs", names, tuple(_trail(base, done, differing, known))[:SHOWN_CELLS])


def _trail(base: Run, done: Run, differing: Sequence[Comparison], known: Set[str]) -> list[tuple[int, tuple[str, ...]]]:
    """Each cell after which something differs for the first time, with the variables and quantities that do."""
    found = []
    seen = set(known)
    for number, (before, after) in enumerate(zip(base.states, done.states, strict=False), start=1):
        names = [name for name in before if name not in seen and before[name] != after.get(name)]
        seen.update(names)
        names += [f"{each.kind} {each.name}" for each in differing if each.cell == number]
        if names:
            found.append((number, tuple(names)))
    return found


def _envelope(base: Observation, others: Sequence[Observation], unsound: Set[str]) -> NoiseEnvelope:
    """What moved, and how far; nothing is measured of quantities that differ where the same bits are due (`unsound`)."""
    farthest: dict[str, dict[str, float]] = {"claim": {}, "figure": {}, "table": {}}
    for other in others:
        for each in compare(base, other):
            if each.moved and math.isfinite(each.moved) and f"{each.kind} {each.name}" not in unsound:
                held = farthest[each.kind]
                held[each.name] = max(held.get(each.name, 0.0), each.moved)
    rounded = {kind: {name: _up(moved) for name, moved in held.items()} for kind, held in farthest.items()}
    chaotic = [name for name in base.claims if f"claim {name}" not in unsound and _is_chaotic(name, base, others)]
    return NoiseEnvelope(rounded["claim"], rounded["figure"], rounded["table"], tuple(chaotic))


def _is_chaotic(name: str, base: Observation, others: Sequence[Observation]) -> bool:
    """Whether a replicate moved by a third or more of what replicates differ from each other; never one tied to the kernels."""
    then = base.claims[name].replicates
    if not then or len(then) < 2 or base.claims[name].tied == "kernels":
        return False
    spread = statistics.stdev(then)
    moved = 0.0
    for other in others:
        now = other.claims[name].replicates if name in other.claims else None
        if now and len(now) == len(then):
            moved = max(moved, *(abs(a - b) for a, b in zip(then, now, strict=True)))
    return bool(moved) and moved >= CHAOTIC * spread


def _up(value: float) -> float:
    """Rounded up to three significant digits, so that what was measured lies inside."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 2)
    return float(f"{math.ceil(value / unit * (1 - 1e-12)) * unit:.3g}")


def _advice(base: Observation, found: Audit) -> list[str]:
    """What the author has to state, so that another processor does not fail the note; nothing for what is tied to the kernels."""
    advice = []
    because = f'because="threads and CPU kernels moved it by {{moved}} in the audit of {found.date}"'
    for name in found.envelope.chaotic:
        if not base.claims[name].holds:
            advice.append(
                f"claim {name}: moved by a third of its spread over seeds or more; it cannot be checked as a number. State what holds, "
                'such as holds="low > 0", and round what the prose says'
            )
    for name, moved in found.envelope.claims.items():
        claim = base.claims[name]
        by_number = claim.tied != "kernels" and not (claim.holds and not claim.tolerance)
        if by_number and name not in found.envelope.chaotic and moved > claim.allowed_movement:
            wider = _up(2 * moved)
            advice.append(
                f"claim {name}: moved by {moved:.3g}, allowed {claim.allowed_movement:.3g}; state tolerance={wider:.2g}, {because.format(moved=f'{moved:.2g}')}"
            )
    for kind, made, held in (("figure", base.figures, found.envelope.figures), ("table", base.tables, found.envelope.tables)):
        for label, moved in held.items():
            stated = made[label].tolerance
            share = stated.value if stated else DEFAULT_SHARE
            if moved > share and made[label].tied != "kernels":
                text = because.format(moved=f"{moved:.1g} of the range")
                advice.append(
                    f"{kind} {label}: moved by {moved:.3g} of the range, allowed {share:.3g}; state tolerance={_up(2 * moved):.2g}, {text}"
                )
    return advice
