"""The story of repetition: a note run on block after block of fresh seeds, its statements and means tested, and what the tests could have seen.

A single block judges a statement by yes or no. Several tell how often it holds, and whether the recorded means are those of the procedure or
of its golden seeds.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from scipy import optimize, stats

from labnotes.commands import check
from labnotes.compare.statement_families import holm
from labnotes.errors import Problem
from labnotes.outcomes.checks import CheckOptions, CheckProgress, NoteCheck
from labnotes.outcomes.repeats import LEVEL, NoteRepeats, RepeatedMean, RepeatedStatement
from labnotes.source.labs import Lab

NOMINAL = 0.95
"""Share of runs in which a statement has to hold: what a 95 % interval promises."""

POWER = 0.8
"""Level of the tests, for all of a note together, and the power for which the smallest visible effect is told."""

EXACT_UP_TO = 20_000
"""Partitions that the permutation test counts out; beyond, it draws 9,999 of them."""


def repeat(
    lab: Lab, slugs: Sequence[str], seeds: Sequence[int], options: CheckOptions, progress: CheckProgress
) -> tuple[list[NoteRepeats], list[Problem]]:
    """Check notes with one fresh seed after another. Records are never touched."""
    blocks: dict[str, list[NoteCheck]] = {}
    problems: dict[Problem, None] = {}
    for seed in seeds:
        done = check.check(lab, slugs, replace(options, seed=seed), progress)
        for note in done.notes:
            blocks.setdefault(note.note.slug, []).append(note)
        problems.update(dict.fromkeys(done.problems))
        if done.interrupted:
            break
    return [_repeats(slug, found, len(seeds)) for slug, found in blocks.items()], list(problems)


def write(repeats: Sequence[NoteRepeats], folder: Path) -> Path:
    """Write seeds.json into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "seeds.json"
    path.write_text(json.dumps([asdict(each) for each in repeats], indent=1) + "\n", encoding="utf-8")
    return path


def _repeats(slug: str, blocks: Sequence[NoteCheck], asked: int) -> NoteRepeats:
    finished = [note for note in blocks if note.observed and note.recorded]
    failures = [f"{note.failure.where}: {note.failure.what}" for note in blocks if note.failure]
    if any(note.recorded is None for note in blocks):
        failures.append(f"has no record to compare with: labnotes run {slug} && labnotes accept {slug}")
    statements = _statements(finished)
    means = _means(finished)
    adjusted = holm([each.p for each in statements] + [each.p for each in means])
    return NoteRepeats(
        slug,
        asked,
        len(finished),
        tuple(replace(each, p=p) for each, p in zip(statements, adjusted[: len(statements)], strict=True)),
        tuple(replace(each, p=p) for each, p in zip(means, adjusted[len(statements) :], strict=True)),
        visible_failures(len(finished)),
        tuple(dict.fromkeys(failures)),
    )


def _statements(blocks: Sequence[NoteCheck]) -> list[RepeatedStatement]:
    judged: dict[str, list[bool]] = {}
    texts: dict[str, str] = {}
    for note in blocks:
        for claim in note.observed.claims.values() if note.observed else ():
            if claim.holds is not None:
                judged.setdefault(claim.name, []).append(bool(claim.upheld))
                texts[claim.name] = claim.holds
    found = []
    for name, upheld in judged.items():
        test = stats.binomtest(sum(upheld), len(upheld), NOMINAL, alternative="less")
        lower = stats.binomtest(sum(upheld), len(upheld), alternative="greater").proportion_ci(0.95, method="exact").low
        found.append(RepeatedStatement(name, texts[name], sum(upheld), len(upheld), float(lower), float(test.pvalue)))
    return found


def _means(blocks: Sequence[NoteCheck]) -> list[RepeatedMean]:
    found = []
    recorded = blocks[0].recorded if blocks else None
    for name, claim in recorded.claims.items() if recorded else ():
        then = claim.replicates or ()
        observed = [note.observed.claims.get(name) for note in blocks if note.observed]
        now = [value for each in observed if each for value in each.replicates or ()]
        if len(then) < 2 or len(now) < 2 or not all(math.isfinite(value) for value in (*then, *now)):
            continue
        p, visible = shift_p(then, now), visible_shift(then, now)
        found.append(RepeatedMean(name, claim.format, float(claim.value), len(then), statistics.fmean(now), len(now), p, visible))
    return found


def shift_p(then: Sequence[float], now: Sequence[float]) -> float:
    """Two-sided p of the permutation test that the means of both samples differ: exact where there are few partitions, else by 9,999 of them."""
    if max(*then, *now) == min(*then, *now):
        return 1.0
    exact = math.comb(len(then) + len(now), len(then)) <= EXACT_UP_TO
    test = stats.permutation_test(
        (then, now),
        lambda a, b, axis: np.mean(a, axis=axis) - np.mean(b, axis=axis),
        vectorized=True,
        n_resamples=np.inf if exact else 9_999,
        rng=np.random.default_rng(0),
    )
    return float(test.pvalue)


def visible_shift(then: Sequence[float], now: Sequence[float]) -> float:
    """The smallest difference of means that a two-sided test at 5 % sees in 80 % of cases, in the values' unit.

    By the t-test with the pooled deviation, to which the permutation test is close (noncentral t).
    """
    n, m = len(then), len(now)
    degrees = n + m - 2
    pooled = math.sqrt((statistics.variance(then) * (n - 1) + statistics.variance(now) * (m - 1)) / degrees)
    critical = stats.t.ppf(1 - LEVEL / 2, degrees)

    def missing(effect: float) -> float:
        # rejections on the wrong side are left out: at 80 % power there are none to speak of
        return float(stats.nct.sf(critical, degrees, effect * math.sqrt(n * m / (n + m)))) - POWER

    enough = 1.0
    while missing(enough) < 0:
        enough *= 2
    return pooled * float(optimize.brentq(missing, 0.0, enough))


def visible_failures(blocks: int) -> float | None:
    """The smallest share of failing runs which `blocks` of them tell from 5 % in 80 % of cases, by the exact binomial test at 5 %.

    None where even a statement that never holds passes.
    """
    rejects = [held for held in range(blocks + 1) if stats.binom.cdf(held, blocks, NOMINAL) <= LEVEL]
    if not rejects:
        return None
    most = max(rejects)
    return float(optimize.brentq(lambda share: float(stats.binom.cdf(most, blocks, 1 - share)) - POWER, 1e-9, 1 - 1e-12))
