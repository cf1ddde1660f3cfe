"""Audit notes: the golden seed is run again under other conditions, to see what moves the results, where it begins, and how far it goes.

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
from dataclasses import dataclass, field, replace

from labnotes.compare.observations import compare_observations
from labnotes.errors import Problem, UsageError
from labnotes.execute import run_note
from labnotes.execute.cores import CoreBudget
from labnotes.execute.environment import THREADS
from labnotes.execute.run_note import NoteRun, RunConditions
from labnotes.kernel.clock import CLOCK
from labnotes.model.audit import Audit, AuditTrial, NoiseEnvelope
from labnotes.model.comparison import Comparison
from labnotes.model.observation import Observation
from labnotes.model.quantities import DEFAULT_SHARE, QuantityKind
from labnotes.model.verdicts import Verdict
from labnotes.outcomes.audits import NoteAudit
from labnotes.outcomes.checks import CheckProgress
from labnotes.source import notes
from labnotes.source.labs import Lab
from labnotes.source.note_guard import guard_note
from labnotes.source.notes import Note
from labnotes.store import audits

AHEAD = 400 * 86_400 + 7 * 3_600
"""Seconds to another date: another year, day of the week and hour."""

CHAOTIC = 1 / 3
"""Share of the spread over seeds from which on numerical noise leaves no number to check."""

SHOWN_CELLS = 4
"""Cells kept of the trail from a first difference to the results."""


@dataclass(frozen=True)
class AuditCondition:
    """A condition under which an audit runs a note; `numerical` if results may move a little under it."""

    name: str
    numerical: bool
    environment: Mapping[str, str] = field(default_factory=dict)
    from_nothing: bool = False


def audit_conditions(cores: int) -> list[AuditCondition]:
    """List the conditions that a note which asks for `cores` is run under on this machine."""
    threads = 1 if cores > 1 else 2
    common_conditions = [
        AuditCondition("again", numerical=False),
        AuditCondition("hash seed 1", numerical=False, environment={"PYTHONHASHSEED": "1"}),
        AuditCondition("hash seed 4242", numerical=False, environment={"PYTHONHASHSEED": "4242"}),
        AuditCondition("400 days later", numerical=False, environment={CLOCK: str(AHEAD)}),
        # notes share nothing but artifacts: without any, a note is the first of all to run
        AuditCondition("before all other notes", numerical=False, from_nothing=True),
        AuditCondition(f"{threads} thread{'s' if threads > 1 else ''}", numerical=True, environment=dict.fromkeys(THREADS, str(threads))),
    ]
    return [*common_conditions, *_kernel_conditions()]


def _kernel_conditions() -> list[AuditCondition]:
    """List the conditions of other CPU kernels of PyTorch, OpenBLAS, MKL and NumPy: the oldest they have, and those before AVX-512."""
    features = _dispatched_features()
    oldest = {"ATEN_CPU_CAPABILITY": "default", "NPY_DISABLE_CPU_FEATURES": " ".join(features)}
    if platform.machine() not in ("x86_64", "AMD64"):
        return [AuditCondition("oldest CPU kernels", numerical=True, environment=oldest)]
    wide = [name for name in features if name.startswith("AVX512") or name == "X86_V4"]
    conditions = [
        AuditCondition(
            "oldest CPU kernels",
            numerical=True,
            environment={**oldest, "OPENBLAS_CORETYPE": "Nehalem", "MKL_ENABLE_INSTRUCTIONS": "SSE4_2"},
        )
    ]
    if wide:
        narrower = {"ATEN_CPU_CAPABILITY": "avx2", "OPENBLAS_CORETYPE": "Haswell", "MKL_ENABLE_INSTRUCTIONS": "AVX2"}
        conditions.append(
            AuditCondition("AVX2 kernels", numerical=True, environment={**narrower, "NPY_DISABLE_CPU_FEATURES": " ".join(wide)})
        )
    return conditions


def _dispatched_features() -> list[str]:
    """List the CPU features for which NumPy has kernels of its own, and which this CPU has."""
    try:
        numpy = importlib.import_module("numpy._core._multiarray_umath")
        return [name for name in numpy.__cpu_dispatch__ if numpy.__cpu_features__.get(name)]
    except (ImportError, AttributeError):  # they may be called otherwise in another NumPy: its kernels then stay as they are
        return []


RUNS = 1 + len(audit_conditions(1))
"""Runs that the audit of a note takes, the ordinary one among them."""


def audit_notes(lab: Lab, slugs: Sequence[str], jobs: int, progress: CheckProgress) -> tuple[list[NoteAudit], list[Problem]]:
    """Audit each note and keep the audit beside its record."""
    chosen, problems = notes.read_notes(lab, slugs)
    done: dict[str, NoteAudit] = {}

    async def audit_and_collect(note: Note, cores: CoreBudget) -> None:
        with guard_note(note.slug, problems):
            done[note.slug] = await _audit_note(note, lab, cores, progress)

    async def audit_all() -> None:
        cores = CoreBudget(jobs)
        async with asyncio.TaskGroup() as group:
            for note in chosen:
                group.create_task(audit_and_collect(note, cores))

    asyncio.run(audit_all())
    return [done[note.slug] for note in chosen if note.slug in done], problems


async def _audit_note(note: Note, lab: Lab, cores: CoreBudget, progress: CheckProgress) -> NoteAudit:
    async def run_under(name: str, given: RunConditions) -> NoteRun:
        async with cores.reserve_cores(note.settings.cores):
            progress.started(f"{note.slug}, {name}")
            done = await run_note.run_note(note, lab, note.settings.seed, _NamedProgress(progress, name), given)
        progress.finished(f"{note.slug}, {name}", done.failure.outcome.value if done.failure else "ran", done.seconds)
        return done

    base = await run_under("as always", RunConditions(states=True))
    if base.observation is None:
        return NoteAudit(note, None, failure=base.failure)
    tried = audit_conditions(note.settings.cores)
    async with asyncio.TaskGroup() as group:
        tasks = [
            group.create_task(run_under(condition.name, RunConditions(condition.environment, condition.from_nothing, states=True)))
            for condition in tried
        ]
    runs = [task.result() for task in tasks]
    again, *others = zip(tried, runs, strict=True)
    first = _trial_result(*again, base, frozenset())
    known = frozenset((*first.differing, *(name for _, names in first.trail for name in names)))
    made = (first, *(_trial_result(condition, done, base, known) for condition, done in others))
    unsound = {name for trial in made if not trial.numerical for name in trial.differing}
    numerical = [done.observation for condition, done in zip(tried, runs, strict=True) if condition.numerical and done.observation]
    provenance = base.observation.provenance
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    envelope = _measured_envelope(base.observation, numerical, unsound)
    audit = Audit(provenance.dependencies.contents_digest, today, provenance.environment.cpu, made, envelope)
    done = NoteAudit(note, audit, tuple(_tolerance_advice(base.observation, audit)))
    try:
        audits.write_audit(note, audit)
    except (OSError, UsageError) as error:  # what was found is told all the same
        return replace(done, not_kept=getattr(error, "strerror", None) or str(error))
    return done


@dataclass(frozen=True)
class _NamedProgress:
    """The progress of one run of a note that runs several times; `name` is that of the run's condition."""

    progress: CheckProgress
    name: str

    def cell(self, slug: str, number: int, total: int) -> None:
        self.progress.cell(f"{slug}, {self.name}", number, total)

    def printed(self, slug: str, number: int, text: str) -> None:
        self.progress.printed(f"{slug}, {self.name}", number, text)


def _trial_result(condition: AuditCondition, done: NoteRun, base: NoteRun, known: Set[str]) -> AuditTrial:
    """Return the result of one condition, apart from variables and quantities `known` to differ from run to run anyway."""
    if done.observation is None or base.observation is None:
        assert done.failure is not None
        return AuditTrial(
            condition.name, condition.numerical, done.failure.outcome.value, reason=f"{done.failure.where}: {done.failure.what}"
        )
    compared = compare_observations(_without_statements(base.observation), _without_statements(done.observation))
    moved = [comparison for comparison in compared if comparison.verdict not in (Verdict.EXACT, Verdict.UNVERIFIED) or comparison.moved]
    differing = [comparison for comparison in moved if f"{comparison.kind} {comparison.name}" not in known]
    if not differing:
        return AuditTrial(condition.name, condition.numerical, "same")
    names = tuple(f"{comparison.kind} {comparison.name}" for comparison in differing)
    return AuditTrial(
        condition.name, condition.numerical, "differs", names, tuple(_difference_trail(base, done, differing, known))[:SHOWN_CELLS]
    )


def _without_statements(observation: Observation) -> Observation:
    """The observation with values alone: that a statement does not hold, in both runs, is no difference between them."""
    return replace(observation, claims={name: replace(claim, holds=None, upheld=None) for name, claim in observation.claims.items()})


def _difference_trail(base: NoteRun, done: NoteRun, differing: Sequence[Comparison], known: Set[str]) -> list[tuple[int, tuple[str, ...]]]:
    """List each cell (from 1) after which something differs for the first time, with the variables and quantities that do."""
    trail = []
    seen = set(known)
    for number, (before, after) in enumerate(zip(base.states, done.states, strict=False), start=1):
        names = [name for name in before if name not in seen and before[name] != after.get(name)]
        seen.update(names)
        names += [f"{comparison.kind} {comparison.name}" for comparison in differing if comparison.cell == number]
        if names:
            trail.append((number, tuple(names)))
    return trail


def _measured_envelope(base: Observation, others: Sequence[Observation], unsound: Set[str]) -> NoiseEnvelope:
    """Measure what moved, and how far; nothing is measured of quantities that differ where the same bits are due (`unsound`)."""
    farthest: dict[QuantityKind, dict[str, float]] = {kind: {} for kind in QuantityKind}
    for other in others:
        for comparison in compare_observations(base, other):
            if comparison.moved and math.isfinite(comparison.moved) and f"{comparison.kind} {comparison.name}" not in unsound:
                held = farthest[comparison.kind]
                held[comparison.name] = max(held.get(comparison.name, 0.0), comparison.moved)
    rounded = {kind: {name: _rounded_up(moved) for name, moved in held.items()} for kind, held in farthest.items()}
    chaotic = [name for name in base.claims if f"claim {name}" not in unsound and _is_chaotic(name, base, others)]
    return NoiseEnvelope(rounded[QuantityKind.CLAIM], rounded[QuantityKind.FIGURE], rounded[QuantityKind.TABLE], tuple(chaotic))


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


def _rounded_up(value: float) -> float:
    """Return the value rounded up to three significant digits, so that what was measured lies inside."""
    unit = 10.0 ** (math.floor(math.log10(value)) - 2)
    return float(f"{math.ceil(value / unit * (1 - 1e-12)) * unit:.3g}")


def _tolerance_advice(base: Observation, audit: Audit) -> list[str]:
    """List what the author has to state, so that another processor does not fail the note; nothing for what is tied to the kernels."""
    advice = []
    because = f'because="threads and CPU kernels moved it by {{moved}} in the audit of {audit.date}"'
    for name in audit.envelope.chaotic:
        if not base.claims[name].holds:
            advice.append(
                f"claim {name}: moved by a third of its spread over seeds or more; it cannot be checked as a number. State what holds, "
                'such as holds="low > 0", and round what the prose says'
            )
    for name, moved in audit.envelope.claims.items():
        claim = base.claims[name]
        by_number = claim.tied != "kernels" and not (claim.holds and not claim.tolerance)
        if by_number and name not in audit.envelope.chaotic and moved > claim.allowed_movement:
            wider = _rounded_up(2 * moved)
            advice.append(
                f"claim {name}: moved by {moved:.3g}, allowed {claim.allowed_movement:.3g}; state tolerance={wider:.2g}, {because.format(moved=f'{moved:.2g}')}"
            )
    for kind, made, held in (("figure", base.figures, audit.envelope.figures), ("table", base.tables, audit.envelope.tables)):
        for label, moved in held.items():
            stated = made[label].tolerance
            share = stated.value if stated else DEFAULT_SHARE
            if moved > share and made[label].tied != "kernels":
                picture = base.figures[label].data.picture if kind == "figure" else None
                if picture is not None and not math.isfinite(moved):
                    advice.append(
                        f"figure {label}: its picture is another; without the same picture in every run it cannot be compared by it"
                    )
                    continue
                whole = "full scale" if picture is not None else "the range"
                text = because.format(moved=f"{moved:.1g} of {whole}")
                advice.append(
                    f"{kind} {label}: moved by {moved:.3g} of {whole}, allowed {share:.3g}; state tolerance={_rounded_up(2 * moved):.2g}, {text}"
                )
    return advice
