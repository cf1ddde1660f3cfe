"""The log of a note's checks: one JSON object a line, written by machine only; `store.result_stores` knows where the lines are kept.

Every check that executed a note, or took a stored run that the log does not have yet, appends one line; nothing is ever removed. A line
names the record it is about by digest, so that results about earlier records are kept and told apart. Each line carries a digest of
itself, which reveals accidental edits; it does not protect from forgery.
"""

from __future__ import annotations

import datetime
import json
import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from labnotes.errors import Problem
from labnotes.model import digests
from labnotes.model.comparison import Comparison, IntervalMisses
from labnotes.model.encoding import ALWAYS, SparseJson, UnreadableJson, decode_value, encode_value
from labnotes.model.json_text import parse_json
from labnotes.model.observation import Observation, RunDependencies, RunEnvironment
from labnotes.model.quantities import QuantityKind
from labnotes.model.verdicts import VERDICTS, Outcome, Verdict
from labnotes.source import content_cache, validated
from labnotes.source.labs import Lab, former_slugs
from labnotes.source.notes import Note
from labnotes.store import result_stores
from labnotes.store.dependencies import digests_of_input
from labnotes.store.loaded_modules import LoadedModules
from labnotes.store.outside_modules import ELSEWHERE
from labnotes.store.result_stores import LogSource, ResultStore

SCHEMA = 1
"""Version of the format of a line."""

GOLDEN = "golden"
"""The seed that a line names where the note ran with its own seed."""

DETAILS = 8
"""The most texts that a line keeps of each quantity that is not exact."""

AHEAD = datetime.timedelta(days=1)
"""How far a line's time may lie in the future, since clocks of machines differ."""


@dataclass(frozen=True, kw_only=True)
class LoggedPlace(SparseJson):
    """Where a run took place, as a log tells it, without name or path of the machine.

    `differing` are the distributions whose versions are not those of the record: [recorded, here], "" where one is not installed.
    """

    python: str = ""
    system: str = ""
    machine: str = ""
    cpu: str = ""
    vectors: str = ""
    isolation: str = ""
    files: str = ""
    labnotes: str = ""
    differing: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class LoggedFailure:
    """Why a run did not finish: `cell` is its number (0 if none), `where` its place in the source, `what` the message."""

    cell: int
    where: str
    what: str


@dataclass(frozen=True)
class LoggedQuantity(SparseJson):
    """A quantity that is not exact, or any that was judged in a fresh draw. `then` and `now` are the recorded and the new number,
    `recorded` and `observed` texts."""

    kind: QuantityKind
    name: str
    verdict: Verdict
    cell: int = field(default=0, metadata=ALWAYS)
    recorded: str = ""
    observed: str = ""
    details: tuple[str, ...] = ()
    then: float | None = None
    now: float | None = None
    upheld: bool | None = None
    lost: bool = False
    drawn: bool = False


@dataclass(frozen=True, kw_only=True)
class LoggedCheck(SparseJson):
    """One check of one note.

    `record` is the digest of the record that was checked, `recorded` the day it was made. `code` is the digest of the note's code in the
    compared run; `inputs` are the files and modules whose contents were other than the record's, by name, "" for one that is gone.
    `started` is when the compared run began (UTC), `seconds` what it took by the clock, `processor_seconds` on all processors together.
    `how` says how that run was executed ("fresh" or "from nothing"), `stored` that this check took it from the store of finished runs.
    `seed` is GOLDEN or the number of a block of seeds. `times` counts the checks that a line stands for: more than one only after
    `squash_log`. `kind` is "same kernels", "other kernels" where nothing that differs hangs on training, or "fresh draw". `counts` are
    verdicts by kind of quantity.
    """

    note: str
    record: str
    recorded: str
    code: str
    inputs: Mapping[str, str]
    commit: str | None
    started: str
    seconds: float
    processor_seconds: float | None = None
    cores: int
    how: str
    stored: bool = False
    seed: str
    kind: str
    environment: LoggedPlace
    outcome: Outcome
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    unequal: tuple[LoggedQuantity, ...] = ()
    failed: LoggedFailure | None = None
    misses: IntervalMisses | None = None
    by: str = ""
    times: int = 1
    schema: int = field(default=SCHEMA, metadata=ALWAYS)

    @property
    def is_golden(self) -> bool:
        return self.seed == GOLDEN

    @property
    def start_day(self) -> str:
        return self.started[:10]

    @cached_property
    def line_digest(self) -> str:
        return _content_digest(encode_value(self))

    def counts_of_kind(self, kind: QuantityKind) -> tuple[int, int, dict[str, int]]:
        """The counts of a kind of quantity: how many agree, how many there are, and how many have each verdict that is counted apart."""
        held = {VERDICTS[word]: number for word, number in self.counts.get(kind, {}).items()}
        apart = {verdict.value: number for verdict, number in held.items() if not verdict.is_agreement and not verdict.is_failure}
        return sum(number for verdict, number in held.items() if verdict.is_agreement), sum(held.values()), apart

    def is_of_record(self, recorded: Observation) -> bool:
        """Whether the check was of exactly this record, with the code and the contents of inputs that the record was made of.

        Names that were looked for in vain, and packages that one machine has and another has not, do not matter.
        """
        return self.record == recorded.results_digest and self.code == recorded.provenance.dependencies.code and not self.inputs

    def is_of_source(self, recorded: Observation, note: Note, lab: Lab) -> bool:
        """Whether the check compared this record with the note's code and inputs as they are now."""
        if self.record != recorded.results_digest or self.code != note.code_digest:
            return False
        loaded = LoadedModules.of_record(recorded.provenance.dependencies, note, lab)
        return all(digest in digests_of_input(name, loaded) for name, digest in self.inputs.items())


@dataclass(frozen=True)
class CheckLog:
    """The readable lines of a note's log, oldest first, and what is wrong with the others."""

    note: str
    checks: tuple[LoggedCheck, ...]
    problems: tuple[Problem, ...] = ()

    def golden_checks(self, recorded: Observation | None, note: Note, lab: Lab) -> tuple[LoggedCheck, ...]:
        """The checks of this record with the note's own seed, whether with the code it was made of or with the code as it is now."""
        if recorded is None:
            return ()
        return tuple(
            check for check in self.checks if check.is_golden and (check.is_of_record(recorded) or check.is_of_source(recorded, note, lab))
        )

    def draw_checks(self, recorded: Observation | None) -> tuple[LoggedCheck, ...]:
        """The checks of this record and its code that were fresh draws: other seeds, other kernels."""
        if recorded is None:
            return ()
        return tuple(check for check in self.checks if check.kind == FRESH_DRAW and check.is_of_record(recorded) and check.failed is None)

    @property
    def seconds_from_nothing(self) -> float | None:
        """What the latest run from nothing took, None if there was none that finished."""
        return next((check.seconds for check in reversed(self.checks) if check.how == FROM_NOTHING and check.failed is None), None)


FRESH, FROM_NOTHING = "fresh", "from nothing"
SAME_KERNELS, OTHER_KERNELS, FRESH_DRAW = "same kernels", "other kernels", "fresh draw"


def logged_place(environment: RunEnvironment, recorded: Mapping[str, str], installed: Mapping[str, str | None]) -> LoggedPlace:
    """The place of a run; `recorded` are the versions of the record's distributions, `installed` those that the run had."""
    differing = {name: (version, installed.get(name) or "") for name, version in recorded.items() if installed.get(name) != version}
    return LoggedPlace(
        python=environment.python,
        system=environment.system,
        machine=environment.machine,
        cpu=environment.cpu,
        vectors=environment.vectors,
        isolation=environment.isolation,
        files=environment.files,
        labnotes=environment.labnotes,
        differing=differing,
    )


def other_inputs(recorded: RunDependencies, observed: RunDependencies) -> dict[str, str]:
    """Inputs whose contents were other than recorded, by name, with their digest in the run; "" where the run found none.

    Only what both runs looked for counts: what else one of them looked for depends on what is installed. A name that neither run found says
    nothing.
    """
    differing: dict[str, str] = {}
    for then, now in zip(_input_contents(recorded), _input_contents(observed), strict=True):
        differing |= {name: now[name] for name in sorted(then.keys() & now.keys()) if then[name] != now[name]}
    return differing


def _input_contents(needs: RunDependencies) -> tuple[Mapping[str, str], ...]:
    """Four mappings of digests by name: of files (for modules, of their code), of folders, of fetched files, and of modules installed
    elsewhere."""
    files = {**needs.files, **needs.modules}
    return files, needs.folders, needs.fetched, {f"{ELSEWHERE}{name}": digest for name, digest in needs.elsewhere.items()}


def logged_quantities(comparisons: Sequence[Comparison], *, whole: bool) -> tuple[LoggedQuantity, ...]:
    """The quantities that a line keeps of comparisons: all that are not exact, and of a fresh draw (`whole`) every statement and mean."""
    return tuple(
        LoggedQuantity(
            comparison.kind,
            comparison.name,
            comparison.verdict,
            comparison.cell,
            comparison.recorded,
            comparison.observed,
            comparison.details[:DETAILS],
            comparison.then,
            comparison.now,
            comparison.upheld,
            comparison.lost,
            comparison.drawn,
        )
        for comparison in comparisons
        if comparison.verdict is not Verdict.EXACT
        or comparison.details
        or (whole and comparison.kind is QuantityKind.CLAIM and (comparison.upheld is not None or comparison.drawn))
    )


def count_verdicts(comparisons: Sequence[Comparison]) -> dict[str, dict[str, int]]:
    """How many quantities have each verdict, by kind of quantity."""
    counts: dict[str, dict[str, int]] = {}
    for comparison in comparisons:
        held = counts.setdefault(comparison.kind, {})
        held[comparison.verdict.value] = held.get(comparison.verdict.value, 0) + 1
    return counts


# -- writing -----------------------------------------------------------------------------------------------------------------------------


def append_check(store: ResultStore, check: LoggedCheck) -> None:
    """Add a check to the log of its note.

    Raises LogNotWritten if the store cannot take it.
    """
    store.append_line(check.note, log_line(check))


def export_checks(checks: Iterable[LoggedCheck], store: ResultStore) -> None:
    """Add checks to a store, for whoever merges them into the lab's logs."""
    for check in checks:
        append_check(store, check)


def squash_log(store: ResultStore, slug: str, before: str, former: Iterable[str] = ()) -> tuple[int, int]:
    """Merge the agreeing checks of one month on one machine into a line that counts them, if they started before a day (ISO 8601).

    Only lines that say the same of the same record, code and seed are merged; the newest stands for all. Lines that cannot be read are
    kept, at the end. Lines may name a `former` slug of the note. Returns how many lines there were before and how many there are now.
    """
    counts = (0, 0)

    def merge(lines: list[str]) -> list[str]:
        nonlocal counts
        merged = _merged_lines(lines, frozenset([slug, *former]), before)
        counts = len(lines), len(merged)
        return merged

    store.rewrite_lines(slug, merge)
    return counts


def _merged_lines(lines: Iterable[str], slugs: frozenset[str], before: str) -> list[str]:
    kept: dict[str, LoggedCheck] = {}
    unread: list[str] = []
    for line in lines:
        parsed = _parse_lines(f"{line}\n", "", slugs, [])
        if not parsed:
            unread.append(line)
            continue
        check = parsed[0]
        if check.outcome is not Outcome.AGREES or check.start_day >= before:
            kept[check.line_digest] = check
            continue
        alike = replace(
            check, started=check.started[:7], seconds=0.0, processor_seconds=None, commit=None, how=FRESH, stored=False, times=1
        )
        other = kept.get(alike.line_digest)
        newest = max((check, other), key=lambda entry: entry.started) if other else check
        kept[alike.line_digest] = replace(newest, times=check.times + (other.times if other else 0))
    return [*map(log_line, sorted(kept.values(), key=lambda entry: entry.started)), *unread]


def log_line(check: LoggedCheck) -> str:
    """A check as one line of JSON with its digest."""
    return _canonical_json({**encode_value(check), "digest": check.line_digest})


def _canonical_json(made: Mapping[str, Any]) -> str:
    return json.dumps(_rounded_numbers(made), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _content_digest(made: Mapping[str, Any]) -> str:
    return digests.text_digest(_canonical_json(made))[:16]


def _rounded_numbers(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if isinstance(value, Mapping):
        return {key: _rounded_numbers(item) for key, item in value.items()}
    return [_rounded_numbers(item) for item in value] if isinstance(value, list | tuple) else value


# -- reading -----------------------------------------------------------------------------------------------------------------------------


def read_log(lab: Lab, slug: str, more: LogSource | None = None) -> CheckLog:
    """Read the log of a note, with the lines that `more` has besides, ordered by time and each once; of one second, as the logs have them.

    Never fails: lines that cannot be read become problems of the log.
    """
    slugs = frozenset([slug, *former_slugs(lab.notes_folder / slug)])
    checks_by_digest: dict[str, LoggedCheck] = {}
    problems: list[Problem] = []
    for where, text in result_stores.all_log_texts(lab, slug, more):
        for check in _parse_lines(text, where, slugs, problems):
            checks_by_digest.setdefault(check.line_digest, check)
    ordered = sorted(checks_by_digest.values(), key=lambda entry: entry.started)
    return CheckLog(slug, tuple(ordered), tuple(problems))


_MARKERS = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")


def _parse_lines(text: str, where: str, slugs: frozenset[str], problems: list[Problem]) -> list[LoggedCheck]:
    """The checks in the text of a log of a note that has or had these slugs; what is wrong with other lines is added to `problems`."""
    checks = []
    conflicts: list[int] = []
    lines = text.split("\n")
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        if line.startswith(_MARKERS):
            conflicts.append(number)
            continue
        what = ""
        try:
            checks.append(_parse_check(_parse_line(line), line.encode(), slugs))
        except json.JSONDecodeError:
            last = number == len(lines)
            what = "is cut short: the next check removes it" if last else "is no JSON"
        except ValueError as error:
            what = str(error)
        if what:
            hint = "" if "cut short" in what else "a log is written by machine only: restore the line from version control, or delete it"
            problems.append(Problem(f"{where}:{number}", f"this line of the log counts for nothing: it {what}", hint))
    if len(problems) > MOST_TOLD:
        more = len(problems) - MOST_TOLD
        problems[MOST_TOLD:] = [Problem(where, f"{more:,} more lines of the log count for nothing", "restore it from version control")]
    if conflicts:
        at = ", ".join(map(str, conflicts))
        hint = "delete these lines and keep all others, of both sides: every check counts, equal ones once"
        problems.append(Problem(f"{where}:{conflicts[0]}", f"holds marks of a merge conflict (lines {at}); they are skipped", hint))
    return checks


MOST_TOLD = 20
"""How many lines of one log are told that cannot be read."""


def _parse_line(line: str) -> Any:
    """The value in a line.

    Raises ValueError for what is no JSON, or nested too deeply.
    """
    try:
        return parse_json(line)
    except json.JSONDecodeError:
        raise
    except ValueError as error:
        raise ValueError(str(error).removeprefix("line 1 ")) from None


def _parse_check(made: Any, line: bytes, slugs: frozenset[str]) -> LoggedCheck:
    """The check that a line holds, `made` being its JSON.

    Raises ValueError, saying what the line is, if it is not one of this note.
    """
    if not isinstance(made, dict):
        raise ValueError("is no object")
    schema = made.get("schema")
    if isinstance(schema, int) and schema > SCHEMA:
        raise ValueError(f"has schema {schema}, this version of labnotes reads {SCHEMA}: a newer one wrote it")
    if schema != SCHEMA:
        raise ValueError(f"has schema {made.get('schema')!r}, this version of labnotes reads {SCHEMA}")
    given = made.pop("digest", None)
    if given != content_cache.computed_once("content of a line", line, lambda: _content_digest(made)):
        raise ValueError("is not what was written: its digest does not fit")
    if not isinstance(made.get("note"), str) or made["note"] not in slugs:
        raise ValueError(f"is of another note, {made.get('note')!r}")
    try:
        check = validated.read_once("line", line, lambda: decode_value(LoggedCheck, made))
    except UnreadableJson as error:
        raise ValueError(f"has a field that cannot be read: {error}") from None
    words = {word for held in check.counts.values() for word in held} - VERDICTS.keys()
    if words:
        raise ValueError(f"has verdicts that this version of labnotes does not know: {', '.join(sorted(words))}")
    vars(check)["line_digest"] = content_cache.computed_once("digest of a line", line, lambda: check.line_digest)
    if check.times < 1 or check.seconds < 0:
        raise ValueError(f"counts {check.times} checks in {check.seconds} seconds, which none can be")
    try:
        started = datetime.datetime.fromisoformat(check.started)
    except ValueError:
        raise ValueError(f"has no time: {check.started!r}") from None
    if started.tzinfo is None:
        raise ValueError(f"has a time without UTC: {check.started!r}")
    if started > datetime.datetime.now(datetime.UTC) + AHEAD:
        raise ValueError(f"is from the future: {check.started}")
    return check


def checked_by() -> str:
    """Who runs this check, as far as environment variables tell: LABNOTES_BY, or the CI service; else ""."""
    given = os.environ.get("LABNOTES_BY", "")
    if not given and os.environ.get("GITHUB_ACTIONS"):
        given = f"GitHub Actions of {os.environ.get('GITHUB_REPOSITORY', 'an unnamed repository')}"
    return given[:200]


def last_verified(log: CheckLog, recorded: str) -> str:
    """When a note was last re-executed to the end, or else recorded, as an ISO 8601 text; "" if never."""
    done = [check.started for check in log.checks if check.is_golden and check.failed is None]
    return max([*done, recorded])
