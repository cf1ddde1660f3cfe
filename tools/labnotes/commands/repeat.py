"""Repeat checks: run a note on block after block of fresh seeds, test its statements and means, and tell what the tests can see.

A single block judges a statement by yes or no. Several tell how often it holds, and whether the recorded means are those of the procedure or
of its golden seeds.
"""

from __future__ import annotations

import json
import math
import statistics
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from scipy import optimize, stats

from labnotes.commands import check
from labnotes.compare.statement_families import holm_adjusted
from labnotes.errors import Problem
from labnotes.model.encoding import encode_value
from labnotes.outcomes.checks import CheckOptions, CheckProgress, NoteCheck
from labnotes.outcomes.repeats import LEVEL, NoteRepeats, RepeatedMean, RepeatedStatement
from labnotes.source.labs import Lab

NOMINAL = 0.95
"""Share of runs in which a statement has to hold: what a 95 % interval promises."""

POWER = 0.8
"""Level of the tests, for all of a note together, and the power for which the smallest visible effect is told."""

EXACT_UP_TO = 20_000
"""Number of partitions up to which the permutation test counts them all; of more it draws 9,999."""


def repeat_notes(
    lab: Lab, slugs: Sequence[str], seeds: Sequence[int], options: CheckOptions, progress: CheckProgress
) -> tuple[list[NoteRepeats], list[Problem]]:
    """Check notes with one fresh seed after another. Records are never touched."""
    blocks: dict[str, list[NoteCheck]] = {}
    problems: dict[Problem, None] = {}
    for seed in seeds:
        done = check.check_notes(lab, slugs, replace(options, seed=seed), progress)
        for note in done.notes:
            blocks.setdefault(note.note.slug, []).append(note)
        problems.update(dict.fromkeys(done.problems))
        if done.interrupted:
            break
    return [_tested_repeats(slug, checks, len(seeds)) for slug, checks in blocks.items()], list(problems)


def write_repeats(repeats: Sequence[NoteRepeats], folder: Path) -> Path:
    """Write seeds.json into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "seeds.json"
    path.write_text(json.dumps(encode_value(repeats), indent=1, allow_nan=False) + "\n", encoding="utf-8")
    return path


def _tested_repeats(slug: str, blocks: Sequence[NoteCheck], asked: int) -> NoteRepeats:
    finished = [note for note in blocks if note.observed and note.recorded]
    failures = [f"{note.failure.where}: {note.failure.what}" for note in blocks if note.failure]
    if any(note.recorded is None for note in blocks):
        failures.append(f"has no record to compare with: labnotes run {slug} && labnotes accept {slug}")
    statements = _statement_tests(finished)
    means = _mean_tests(finished)
    adjusted = holm_adjusted([statement.p for statement in statements] + [mean.p for mean in means])
    return NoteRepeats(
        slug,
        asked,
        len(finished),
        tuple(replace(statement, p=p) for statement, p in zip(statements, adjusted[: len(statements)], strict=True)),
        tuple(replace(mean, p=p) for mean, p in zip(means, adjusted[len(statements) :], strict=True)),
        visible_failures(len(finished)),
        tuple(dict.fromkeys(failures)),
    )


def _statement_tests(blocks: Sequence[NoteCheck]) -> list[RepeatedStatement]:
    judged: dict[str, list[bool]] = {}
    texts: dict[str, str] = {}
    for note in blocks:
        for claim in note.observed.claims.values() if note.observed else ():
            if claim.holds is not None:
                judged.setdefault(claim.name, []).append(bool(claim.upheld))
                texts[claim.name] = claim.holds
    statements = []
    for name, upheld in judged.items():
        test = stats.binomtest(sum(upheld), len(upheld), NOMINAL, alternative="less")
        lower = stats.binomtest(sum(upheld), len(upheld), alternative="greater").proportion_ci(0.95, method="exact").low
        statements.append(RepeatedStatement(name, texts[name], sum(upheld), len(upheld), float(lower), float(test.pvalue)))
    return statements


def _mean_tests(blocks: Sequence[NoteCheck]) -> list[RepeatedMean]:
    means = []
    recorded = blocks[0].recorded if blocks else None
    for name, claim in recorded.claims.items() if recorded else ():
        then = claim.replicates or ()
        observed = [note.observed.claims.get(name) for note in blocks if note.observed]
        now = [value for observed_claim in observed if observed_claim for value in observed_claim.replicates or ()]
        if len(then) < 2 or len(now) < 2 or not all(math.isfinite(value) for value in (*then, *now)):
            continue
        p, visible = shift_p(then, now), visible_shift(then, now)
        means.append(
            RepeatedMean(
                claim=name,
                format=claim.format,
                recorded=float(claim.value),
                recorded_n=len(then),
                fresh=statistics.fmean(now),
                fresh_n=len(now),
                p=p,
                visible=visible,
            )
        )
    return means


def shift_p(then: Sequence[float], now: Sequence[float]) -> float:
    """The two-sided p-value of the permutation test that the means of both samples differ: by all partitions if few, else by 9,999."""
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

    def missing_power(effect: float) -> float:
        # rejections on the wrong side are left out: at 80 % power there are none to speak of
        return float(stats.nct.sf(critical, degrees, effect * math.sqrt(n * m / (n + m)))) - POWER

    enough = 1.0
    while missing_power(enough) < 0:
        enough *= 2
    return pooled * float(optimize.brentq(missing_power, 0.0, enough))


def visible_failures(blocks: int) -> float | None:
    """The smallest share of failing runs which `blocks` of them tell from 5 % in 80 % of cases, by the exact binomial test at 5 %.

    None where even a statement that never holds passes.
    """
    rejects = [held for held in range(blocks + 1) if stats.binom.cdf(held, blocks, NOMINAL) <= LEVEL]
    if not rejects:
        return None
    most = max(rejects)
    return float(optimize.brentq(lambda share: float(stats.binom.cdf(most, blocks, 1 - share)) - POWER, 1e-9, 1 - 1e-12))
