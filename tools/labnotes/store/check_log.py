"""The log of a note's checks: `notes/SLUG/checks.jsonl`, committed with the note, one JSON object a line, written by machine only.

Every check that executed a note, or took a stored run that the log does not have yet, appends one line; nothing is ever removed. A line names the
record it is about by digest, so that a result which is not about the record as it is now is kept, and told apart. Each line carries a digest
of itself, which tells a slip of an editor; it does not protect from a forger.
"""

from __future__ import annotations

import contextlib
import datetime
import fcntl
import json
import os
import subprocess
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from pathlib import Path
from typing import Any, BinaryIO, cast

from pydantic import TypeAdapter, ValidationError

from labnotes.compare.fresh_draws import Misses
from labnotes.errors import LabNotesError, Problem, UsageError
from labnotes.model import digests
from labnotes.model.comparison import Comparison
from labnotes.model.encoding import encode
from labnotes.model.observation import Dependencies, Environment, Observation
from labnotes.model.verdicts import VERDICTS, Outcome, Verdict
from labnotes.source import code_digest
from labnotes.source.labs import Lab
from labnotes.source.notes import Note
from labnotes.store.staleness import CHECKS, listing

SCHEMA = 1
"""Version of the format of a line."""

GOLDEN = "golden"
"""What a line has as its seed where the note ran with its own."""

DETAILS = 8
"""Texts kept of each quantity that is not exact."""

AHEAD = datetime.timedelta(days=1)
"""How far a line's time may lie ahead: clocks differ, days do not."""

KINDS = ("claim", "figure", "table")

ELSEWHERE = "installed elsewhere: "
"""Stands before the name of a module that lies outside the lab, in an editable install."""

BRANCH = "checks"
"""The branch on which workflows keep lines."""


class LogNotWritten(LabNotesError):
    """The disk refused a line."""


@dataclass(frozen=True)
class Place:
    """Where a run took place, as a log tells it, without name or path of the machine.

    `differing` are the distributions whose versions are not those of the record: [recorded, here], "" where one is not installed.
    """

    python: str
    system: str
    machine: str
    cpu: str
    vectors: str
    isolation: str
    files: str
    labnotes: str
    differing: Mapping[str, tuple[str, str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Failed:
    """Why a run did not finish: `cell` is its number (0 if none), `where` its place in the source, `what` the message."""

    cell: int
    where: str
    what: str


@dataclass(frozen=True)
class Unequal:
    """A quantity that is not exact, or of a fresh draw any that was judged. `then` and `now` are numbers, `recorded` and `observed` texts."""

    kind: str
    name: str
    verdict: Verdict
    cell: int = 0
    recorded: str = ""
    observed: str = ""
    details: tuple[str, ...] = ()
    then: float | None = None
    now: float | None = None
    upheld: bool | None = None
    lost: bool = False
    drawn: bool = False


@dataclass(frozen=True)
class LoggedCheck:
    """One check of one note.

    `record` is the digest of the record that was checked, `recorded` the day it was made. `code` is the digest of the note's code in the compared
    run; `inputs` are the files and modules whose contents were other than the record's, by name, "" for one that is gone. `started` is when
    the compared run began (UTC), `seconds` what it took by the clock, `processor_seconds` on all processors together. `how` says how that run was
    executed ("fresh" or "from nothing"), `stored` that this check took it from the store of finished runs. `seed` is GOLDEN or the number of a
    block of seeds. `times` counts the checks that a line stands for: more than one only after `squash`. `kind` is "same kernels", "other kernels" where nothing that differs hangs on training, or "fresh draw". `counts` are verdicts by kind of quantity.
    """

    note: str
    record: str
    recorded: str
    code: str
    inputs: Mapping[str, str]
    commit: str | None
    started: str
    seconds: float
    processor_seconds: float | None
    cores: int
    how: str
    stored: bool
    seed: str
    kind: str
    environment: Place
    outcome: Outcome
    counts: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    unequal: tuple[Unequal, ...] = ()
    failed: Failed | None = None
    misses: Misses | None = None
    by: str = ""
    times: int = 1
    schema: int = SCHEMA

    @property
    def is_golden(self) -> bool:
        return self.seed == GOLDEN

    @property
    def day(self) -> str:
        return self.started[:10]

    @cached_property
    def digest(self) -> str:
        return digests.of_text(_canonical(_as_json(self)))[:16]

    def count(self, kind: str) -> tuple[int, int, dict[str, int]]:
        """Quantities of a kind: how many agree, how many there are, and how many have each verdict that is counted apart."""
        held = {VERDICTS[word]: number for word, number in self.counts.get(kind, {}).items()}
        apart = {verdict.value: number for verdict, number in held.items() if not verdict.agrees and not verdict.fails}
        return sum(number for verdict, number in held.items() if verdict.agrees), sum(held.values()), apart

    def is_of_record(self, recorded: Observation) -> bool:
        """Whether it checked exactly this record, with the code and the contents of inputs that the record was made of.

        Names that were looked for in vain, and packages that one machine has and another has not, do not matter.
        """
        return self.record == recorded.digest and self.code == recorded.provenance.dependencies.code and not self.inputs

    def is_of_source(self, recorded: Observation, note: Note, lab: Lab) -> bool:
        """Whether it checked this record against the note's code and inputs as they are now."""
        same = all(digest in _digests_now(name, note, lab) for name, digest in self.inputs.items())
        return self.record == recorded.digest and self.code == note.code_digest and same


_LINE = TypeAdapter(LoggedCheck)


@dataclass(frozen=True)
class Log:
    """The readable lines of a note's log, oldest first, and what is wrong with the others."""

    note: str
    checks: tuple[LoggedCheck, ...]
    problems: tuple[Problem, ...] = ()

    def of(self, recorded: Observation | None, note: Note, lab: Lab) -> tuple[LoggedCheck, ...]:
        """The checks of this record with the note's own seed, whether with the code it was made of or with the code as it is now."""
        if recorded is None:
            return ()
        return tuple(
            each for each in self.checks if each.is_golden and (each.is_of_record(recorded) or each.is_of_source(recorded, note, lab))
        )

    def draws(self, recorded: Observation | None) -> tuple[LoggedCheck, ...]:
        """The checks of this record and its code that were fresh draws: other seeds, other kernels."""
        if recorded is None:
            return ()
        return tuple(each for each in self.checks if each.kind == FRESH_DRAW and each.is_of_record(recorded) and each.failed is None)

    @property
    def seconds_from_nothing(self) -> float | None:
        """What the latest run from nothing took, None if there was none that finished."""
        return next((each.seconds for each in reversed(self.checks) if each.how == FROM_NOTHING and each.failed is None), None)


FRESH, FROM_NOTHING = "fresh", "from nothing"
SAME_KERNELS, OTHER_KERNELS, FRESH_DRAW = "same kernels", "other kernels", "fresh draw"


def place_of(environment: Environment, recorded: Mapping[str, str], installed: Mapping[str, str | None]) -> Place:
    """Where a run took place; `recorded` are the versions of the record's distributions, `installed` those that they have here."""
    differing = {name: (version, installed.get(name) or "") for name, version in recorded.items() if installed.get(name) != version}
    return Place(
        environment.python,
        environment.system,
        environment.machine,
        environment.cpu,
        environment.vectors,
        environment.isolation,
        environment.files,
        environment.labnotes,
        differing,
    )


def other_inputs(recorded: Dependencies, observed: Dependencies) -> dict[str, str]:
    """Inputs whose contents were other than recorded, by name, with their digest in the run; "" where the run found none.

    Only what both runs looked for counts: what else one of them came across depends on what is installed. A name that neither found says nothing.
    """
    found: dict[str, str] = {}
    for then, now in zip(_contents(recorded), _contents(observed), strict=True):
        found |= {name: now[name] for name in sorted(then.keys() & now.keys()) if then[name] != now[name]}
    return found


def _contents(needs: Dependencies) -> tuple[Mapping[str, str], ...]:
    """Digests by name: of files (those of modules are of their code), of folders, of what was fetched, and of modules installed elsewhere."""
    files = {**needs.files, **needs.modules}
    return files, needs.folders, needs.fetched, {f"{ELSEWHERE}{name}": digest for name, digest in needs.elsewhere.items()}


def logged(comparisons: Sequence[Comparison], *, whole: bool) -> tuple[Unequal, ...]:
    """What a line keeps of comparisons: all that is not exact, and of a fresh draw (`whole`) every statement and mean."""
    return tuple(
        Unequal(
            each.kind,
            each.name,
            each.verdict,
            each.cell,
            each.recorded,
            each.observed,
            each.details[:DETAILS],
            each.then,
            each.now,
            each.upheld,
            each.lost,
            each.drawn,
        )
        for each in comparisons
        if each.verdict is not Verdict.EXACT or each.details or (whole and each.kind == "claim" and (each.upheld is not None or each.drawn))
    )


def counted(comparisons: Sequence[Comparison]) -> dict[str, dict[str, int]]:
    """Verdicts by kind of quantity."""
    found: dict[str, dict[str, int]] = {}
    for each in comparisons:
        held = found.setdefault(each.kind, {})
        held[each.verdict.value] = held.get(each.verdict.value, 0) + 1
    return found


# -- writing -----------------------------------------------------------------------------------------------------------------------------


def path_of(folder: Path) -> Path:
    """Where the log of the note in `folder` lies."""
    return folder / CHECKS


def append(folder: Path, check: LoggedCheck) -> None:
    """Append a line, in one step and under a lock, so that a kill leaves all of it or none, and two processes can append at once.

    A last line that a kill cut short is removed first: it says nothing any more.

    Raises LogNotWritten if the disk is full or not writable.
    """
    line = (line_of(check) + "\n").encode()
    path = path_of(folder)
    try:
        with _locked(path) as log:
            end = _mend_end(log.fileno())
            try:
                _write_all(log.fileno(), line)
                os.fsync(log.fileno())
            except OSError:
                os.ftruncate(log.fileno(), end)
                raise
    except OSError as error:
        hint = "the check itself stands, see above; mend that and check again, or say --no-log"
        raise LogNotWritten(Problem(f"{check.note}: {CHECKS}", f"cannot be written: {error.strerror or error}", hint)) from None


def squash(folder: Path, slug: str, before: str) -> tuple[int, int]:
    """Merge the agreeing checks of one month on one machine into a line that counts them, for those that were started before a day (ISO 8601).

    Only lines that say the same of the same record, code and seed are merged; the newest stands for all. Returns how many lines there were and are.
    Lines that cannot be read stay where they are, at the end.
    """
    path = path_of(folder)
    if not path.exists():
        return 0, 0
    with path.open("r+b", buffering=0) as log:
        fcntl.flock(log, fcntl.LOCK_EX)
        _mend_end(log.fileno())
        log.seek(0)
        lines = [line for line in log.read().decode("utf-8", errors="replace").split("\n") if line.strip()]
        kept: dict[str, LoggedCheck] = {}
        unread: list[str] = []
        for line in lines:
            found = _parse(f"{line}\n", "", slug, [])
            if not found:
                unread.append(line)
                continue
            check = found[0]
            if check.outcome is not Outcome.AGREES or check.day >= before:
                kept[check.digest] = check
                continue
            alike = replace(
                check, started=check.started[:7], seconds=0.0, processor_seconds=None, commit=None, how=FRESH, stored=False, times=1
            )
            other = kept.get(alike.digest)
            newest = max((check, other), key=lambda each: each.started) if other else check
            kept[alike.digest] = replace(newest, times=check.times + (other.times if other else 0))
        ordered = sorted(kept.values(), key=lambda each: (each.started, each.digest))
        text = "".join(f"{line}\n" for line in (*map(line_of, ordered), *unread))
        new = path.with_name(path.name + ".new")
        new.write_text(text, encoding="utf-8")
        os.replace(new, path)
    return len(lines), len(ordered) + len(unread)


def export(checks: Iterable[LoggedCheck], folder: Path) -> None:
    """Write lines as SLUG.jsonl beside a report, for whoever merges them into the lab's logs."""
    folder.mkdir(parents=True, exist_ok=True)
    for check in checks:
        with (folder / f"{check.note}.jsonl").open("a", encoding="utf-8") as file:
            file.write(line_of(check) + "\n")


def line_of(check: LoggedCheck) -> str:
    """A check as one line of JSON with its digest."""
    return _canonical({**_as_json(check), "digest": check.digest})


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    """The log, open for appending and locked; opened again if it was replaced while we waited for the lock."""
    while True:
        with path.open("a+b", buffering=0) as log:
            fcntl.flock(log, fcntl.LOCK_EX)
            with contextlib.suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(log.fileno()), path.stat()):
                    yield cast(BinaryIO, log)
                    return


def _write_all(handle: int, content: bytes) -> None:
    while content:
        content = content[os.write(handle, content) :]


def _mend_end(handle: int) -> int:
    """Make the file end with a whole line; where it ends."""
    size = os.fstat(handle).st_size
    if size == 0:
        return 0
    with open(os.dup(handle), "rb") as file:
        file.seek(0)
        content = file.read()
    if content.endswith(b"\n"):
        return size
    start = content.rfind(b"\n") + 1
    with contextlib.suppress(ValueError, UnicodeDecodeError):
        json.loads(content[start:].decode())  # whole, but for its end
        os.write(handle, b"\n")
        return size + 1
    os.ftruncate(handle, start)
    return start


def _as_json(check: LoggedCheck) -> dict[str, Any]:
    """Fields without those that say nothing, so that a line of an agreeing check is short."""
    made = _fields(check)
    made["outcome"] = check.outcome.value
    made["times"] = check.times if check.times > 1 else None
    made["unequal"] = [
        _brief({**_fields(each), "verdict": each.verdict.value}, {"upheld"} if each.upheld is not None else ()) for each in check.unequal
    ]
    made["environment"] = _brief(_fields(check.environment))
    made["failed"] = _fields(check.failed) if check.failed else None
    made["misses"] = _fields(check.misses) if check.misses else None
    kept: dict[str, Any] = encode(_brief(made, {"commit", "inputs"}))
    return kept


def _fields(part: Any) -> dict[str, Any]:
    """The fields of a dataclass. Not those of what they hold, and no copies, as `asdict` makes them: a log is read by every command."""
    return {each.name: getattr(part, each.name) for each in fields(part)}


def _brief(made: Mapping[str, Any], always: Iterable[str] = ()) -> dict[str, Any]:
    """Fields without empty ones; a zero says something."""
    return {key: value for key, value in made.items() if key in always or (isinstance(value, int | float) and value is not False) or value}


def _canonical(made: Mapping[str, Any]) -> str:
    return json.dumps(_rounded(made), ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return float(f"{value:.12g}")
    if isinstance(value, Mapping):
        return {key: _rounded(each) for key, each in value.items()}
    return [_rounded(each) for each in value] if isinstance(value, list | tuple) else value


# -- reading -----------------------------------------------------------------------------------------------------------------------------


def read(lab: Lab, slug: str, more: LogSource | None = None) -> Log:
    """The log of a note, with the lines that `more` has besides, by time and each once. Never fails: what cannot be read is told."""
    texts = [(f"notes/{slug}/{CHECKS}", _text(path_of(lab.notes_folder / slug)))]
    if more is not None:
        texts += more.texts(slug)
    found: dict[str, LoggedCheck] = {}
    problems: list[Problem] = []
    for where, text in texts:
        for check in _parse(text, where, slug, problems):
            found.setdefault(check.digest, check)
    ordered = sorted(found.values(), key=lambda each: (each.started, each.digest))
    return Log(slug, tuple(ordered), tuple(problems))


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8", errors="replace")
    except OSError:
        return ""


_MARKERS = ("<<<<<<<", "=======", ">>>>>>>", "|||||||")


def _parse(text: str, where: str, slug: str, problems: list[Problem]) -> list[LoggedCheck]:
    found = []
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
            found.append(_checked(json.loads(line), slug))
        except json.JSONDecodeError:
            last = number == len(lines)
            what = "is cut short: the next check removes it" if last else "is no JSON"
        except (ValidationError, TypeError, KeyError, ValueError) as error:
            what = _said(error)
        if what:
            hint = "" if "cut short" in what else "a log is written by machine only: restore the line from version control, or delete it"
            problems.append(Problem(f"{where}:{number}", f"this line of the log counts for nothing: it {what}", hint))
    if conflicts:
        at = ", ".join(map(str, conflicts))
        hint = "delete these lines and keep all others, of both sides: every check counts, equal ones once"
        problems.append(Problem(f"{where}:{conflicts[0]}", f"holds marks of a merge conflict (lines {at}); they are skipped", hint))
    return found


def _said(error: Exception) -> str:
    if isinstance(error, ValidationError):
        first = error.errors()[0]
        return f"has a field that cannot be read: {'.'.join(map(str, first['loc']))}: {first['msg']}"
    return str(error)


def _checked(made: Any, slug: str) -> LoggedCheck:
    """A line as a check.

    Raises ValueError, saying what the line is, if it is not one of this note.
    """
    if not isinstance(made, dict):
        raise ValueError("is no object")
    if made.get("schema") != SCHEMA:
        raise ValueError(f"has schema {made.get('schema')!r}, this version of labnotes reads {SCHEMA}")
    given = made.pop("digest", None)
    if given != digests.of_text(_canonical(made))[:16]:
        raise ValueError("is not what was written: its digest does not fit")
    if made.get("note") != slug:
        raise ValueError(f"is of another note, {made.get('note')!r}")
    words = {word for held in made.get("counts", {}).values() for word in held} - VERDICTS.keys()
    if words:
        raise ValueError(f"has verdicts that this version of labnotes does not know: {', '.join(sorted(words))}")
    unknown = sorted(set(made) - {each.name for each in fields(LoggedCheck)})
    if unknown:
        raise ValueError(f"has unknown fields: {', '.join(unknown)}")
    check = _LINE.validate_python(
        {"processor_seconds": None, "stored": False, **made, "environment": {**_EMPTY_PLACE, **made["environment"]}}
    )
    try:
        started = datetime.datetime.fromisoformat(check.started)
    except ValueError:
        raise ValueError(f"has no time: {check.started!r}") from None
    if started.tzinfo is None:
        raise ValueError(f"has a time without UTC: {check.started!r}")
    if started > datetime.datetime.now(datetime.UTC) + AHEAD:
        raise ValueError(f"is from the future: {check.started}")
    return check


_EMPTY_PLACE = {each.name: "" for each in fields(Place) if each.name != "differing"}


@dataclass(frozen=True)
class LogSource:
    """Lines that are kept elsewhere: in a folder (SLUG.jsonl or SLUG/checks.jsonl, also below notes/), or on a branch or commit of git."""

    lab: Lab
    folder: Path | None
    ref: str = ""

    @classmethod
    def of(cls, lab: Lab, given: str | None) -> LogSource | None:
        """The source that `--checks` names: a folder if there is one, else a ref of the lab's repository.

        Without a name the branch `checks`, if the repository has one, here or at its origin. Raises UsageError for what is neither.
        """
        if given is not None:
            if Path(given).is_dir():
                return cls(lab, Path(given))
            if _git(lab.root, "rev-parse", "--verify", "--quiet", f"{given}^{{commit}}") is None:
                raise UsageError(
                    Problem(
                        "--checks",
                        f"{given!r} is no folder and no ref of git here",
                        "for example --checks report/checks, or --checks checks",
                    )
                )
            return cls(lab, None, given)
        for ref in (BRANCH, f"origin/{BRANCH}"):
            if _git(lab.root, "rev-parse", "--verify", "--quiet", f"{ref}^{{commit}}") is not None:
                return cls(lab, None, ref)
        return None

    def texts(self, slug: str) -> list[tuple[str, str]]:
        """The logs of a note, each with the place that messages name."""
        if self.folder is not None:
            places = [self.folder / f"{slug}.jsonl", self.folder / slug / CHECKS, self.folder / "notes" / slug / CHECKS]
            return [(str(path), _text(path)) for path in places if path.is_file()]
        text = _git(self.lab.root, "show", f"{self.ref}:notes/{slug}/{CHECKS}")
        return [(f"{self.ref}:notes/{slug}/{CHECKS}", text)] if text else []


def _git(root: Path, *arguments: str) -> str | None:
    """What git prints; None where there is no git, no repository, or it fails."""
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return None
    return done.stdout if done.returncode == 0 else None


def clean_commit(root: Path) -> str | None:
    """The commit of the lab, if it is a git repository without changes other than lines of logs; else None."""
    changed = _git(root, "status", "--porcelain", "--untracked-files=all", "--", ".")
    if changed is None or any(not line.endswith(CHECKS) for line in changed.splitlines()):
        return None
    commit = _git(root, "rev-parse", "HEAD")
    return commit.strip() if commit else None


def checked_by() -> str:
    """Who runs this check, where the surroundings say so: LABNOTES_BY, or the CI service; else ""."""
    given = os.environ.get("LABNOTES_BY", "")
    if not given and os.environ.get("GITHUB_ACTIONS"):
        given = f"GitHub Actions of {os.environ.get('GITHUB_REPOSITORY', 'an unnamed repository')}"
    return given[:200]


def last_verified(log: Log, recorded: str) -> str:
    """When a note was last re-executed to the end, or else recorded; "" if never. ISO dates, so that they sort."""
    done = [each.started for each in log.checks if each.is_golden and each.failed is None]
    return max([*done, recorded])


def _digests_now(name: str, note: Note, lab: Lab) -> set[str]:
    """What a dependency may name the present contents of an input by: as code or byte by byte, as a folder, as what note.yml pins."""
    pins = {pin.address: pin.sha256 for pin in note.settings.pins}
    if name in pins:
        return {pins[name]}
    path = lab.root / name
    if path.is_dir():
        return {listing(path)}
    return {code_digest.of_data(path), *([code_digest.of_module(path)] if path.suffix == ".py" else [])} if path.is_file() else {""}
