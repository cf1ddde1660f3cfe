"""The process that labels the changes of one package: imports it once, forks for each function, and again for each version.

Run as `python -m smallmodels.verifier.labelling`, with a request as JSON on stdin; the answer, as JSON on stdout. A process of its own, because it must
have few threads, few imports and a known hash seed: what a set prints depends on it.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import importlib
import io
import json
import os
import random
import resource
import sys
from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any

from smallmodels.verifier import corpus, examples, mutations, oracle
from smallmodels.verifier.corpus import Docstring, Function, Module, Package
from smallmodels.verifier.examples import PASSED
from smallmodels.verifier.inputs import Call, Recorder, defaults, varied
from smallmodels.verifier.mutations import Edit
from smallmodels.verifier.oracle import ORIGINAL, VERSION, Evidence, Specification
from smallmodels.verifier.sandbox import DIED, TARDY, forked, guard, isolated, scatter, seen
from smallmodels.verifier.values import digest

ENVIRONMENT = {"PATH": "/usr/bin:/bin", "HOME": "/", "LANG": "C.UTF-8", "TZ": "UTC"}
"""The variables that code under test sees, beside the hash seed."""

STACK = 64 << 20
"""Bytes of the stack: far more than the calls within calls need that a child may make."""


LAYOUTS = {"baseline": (1, 2, 3), "evidence": (0, 4, 5)}
"""Places in memory on which what the original does must not depend: what a set of objects holds first is decided by where they lie, and so by all that
was loaded before. Two objects come in one order in all six of them with a chance of 1 in 32."""

MORE_LAYOUTS = tuple(range(10, 30))
"""Tried as well where a function was seen to depend on them: of its inputs none is left then that only came out alike by chance."""


@dataclass(frozen=True)
class Caps:
    """How much is taken of everything. Counts, never times: the same seed takes the same on any machine."""

    searched: int = 150  # docstrings of a package that are run to find the functions they call
    functions: int = 32  # of a package
    lines: int = 60  # of a function
    docstrings: int = 3  # that call a function
    examples: int = 30
    inputs: int = 40
    errors: int = 5  # of a function
    benign: int = 4
    composites: int = 1
    given: int = 8  # of the versions that the request brings


@dataclass(frozen=True)
class Subject:
    """A function, the objects that hold its code, and the docstrings that call it with the number of their first example that does."""

    function: Function
    targets: list[FunctionType]
    called_by: list[tuple[str, int]]


class Loaded:
    """One package, imported."""

    def __init__(
        self,
        package: Package,
        place: Path | None,
        seed: int,
        caps: Caps,
        only: Collection[str] | None = None,
        layouts: tuple[int, ...] = (0,),
    ) -> None:
        self.seed, self.caps, self.only, self.layouts = seed, caps, only, layouts
        self.modules = _imported(corpus.read(package, place))
        self.docstrings = {each.name: each for module in self.modules for each in module.docstrings}
        self.parsed = {name: examples.parse(each) for name, each in self.docstrings.items()}
        self.outcomes: dict[str, str] = {}  # of every example, in the order of the docstring
        self.caches = [each for each in gc.get_objects() if type(each) is functools._lru_cache_wrapper]

    def subjects(self) -> list[Subject]:
        """Functions that examples call, sampled down to the cap, in order of their names."""
        places = oracle.functions_by_place()
        wanted: dict[CodeType, tuple[Function, list[FunctionType]]] = {}
        for module in self.modules:
            for function in module.functions:
                targets = places.get((str(module.path), function.qualname.rpartition(".")[2], function.first), [])
                if targets and self._fits(function, targets[0].__code__):
                    wanted[targets[0].__code__] = (function, targets)
        called = self._discover(list(wanted))
        found = []
        for code, (function, targets) in wanted.items():
            own = sorted(
                called.get(code, ()), key=lambda each: (each[0] != function.name, each[0].partition(":")[0] != function.module, each)
            )
            if own:
                found.append(Subject(function, targets, own[: self.caps.docstrings]))
        # each by its own name, so that one more or less, found under another hash seed, leaves the others
        found.sort(key=lambda each: digest(f"{self.seed}/functions/{each.function.name}"))
        return sorted(found[: self.caps.functions], key=lambda each: each.function.name)

    def _is_of_interest(self, docstring: str) -> bool:
        """Whether a docstring belongs to one of the functions asked for, or to a class that holds one."""
        return self.only is None or any(name == docstring or name.startswith(f"{docstring}.") for name in self.only)

    def _fits(self, function: Function, code: CodeType) -> bool:
        length = len(function.source.splitlines())
        if self.only is not None and function.name not in self.only:
            return False
        return 2 <= length <= self.caps.lines and set(code.co_freevars) <= {"__class__"}

    def _discover(self, wanted: list[CodeType]) -> dict[CodeType, list[tuple[str, int]]]:
        """Run every docstring; which functions it calls, from which example on."""
        number = {code: i for i, code in enumerate(wanted)}
        called: dict[CodeType, list[tuple[str, int]]] = {}
        usable = [name for name, parsed in self.parsed.items() if parsed and self._is_of_interest(name)]
        rng = random.Random(f"{self.seed}/docstrings/{self.modules[0].name}")
        searched = set(rng.sample(usable, min(self.caps.searched, len(usable))))
        for name in (each.name for module in self.modules for each in module.docstrings if each.name in searched):
            items = [partial(_watched, run, number) for run in examples.runs(self.parsed[name], self.docstrings[name].module)]
            outcomes = ""
            for at, found in enumerate(forked(items, replace(ORIGINAL, deaths=1))):  # a child a docstring, so that none depends on another
                if found in (DIED, TARDY):
                    break
                outcomes += found[0]
                for i in found[1]:
                    others = called.setdefault(wanted[i], [])
                    if name not in (other for other, _ in others):
                        others.append((name, at))
            self.outcomes[name] = outcomes
        return called

    def outcomes_of(self, docstrings: list[Docstring]) -> dict[str, str]:
        """The outcomes of the examples of docstrings, which may be those of another release; "" where their module is not here."""
        here = {module.name for module in self.modules}
        found = {}
        for each in docstrings:
            parsed = examples.parse(each) if each.module in here else []
            outcomes = forked(examples.runs(parsed, each.module), replace(VERSION, deaths=1)) if parsed else []
            found[each.name] = "".join(map(oracle.letter_of_example, outcomes))
        return found

    def specifications(self, subject: Subject, stable: dict[str, str] | None) -> list[Specification]:
        """The examples of a function; those count that passed, from the first that calls the function on, under the other hash seed as well."""
        found, left = [], self.caps.examples
        for name, first in subject.called_by:
            outcomes = self.outcomes[name]
            elsewhere = outcomes if stable is None else stable.get(name, "")
            counts = [at >= first and outcomes[at : at + 1] == elsewhere[at : at + 1] == PASSED for at in range(len(self.parsed[name]))][
                : first + left
            ]
            left -= sum(counts)
            if any(counts):
                found.append(Specification(name, tuple(self.parsed[name][: len(counts)]), tuple(counts)))
            if left <= 0:
                break
        return found


@dataclass
class Baseline:
    """A function before anything is changed: its examples, its inputs, and what it does on these."""

    subject: Subject
    specifications: list[Specification]
    calls: dict[str, Call]  # by their keys, which are not computed again: where a version is in place, copying and describing may run it
    outcomes: dict[str, Any]  # by these keys, as JSON carries it; of those that end

    @property
    def target(self) -> FunctionType:
        """The function whose code is exchanged for a version's."""
        return self.subject.targets[0]


def baseline(package: Loaded, subject: Subject, stable: dict[str, str] | None) -> Baseline | None:
    """Put the canonical text in the place of a function, record what its examples call it with, and run it on variations of that.

    None where no example is left, or the text does not do as the original, or not a second time in the same process. Outcomes that depend on the place of
    objects in memory are none.
    """
    random.seed(0)
    specifications = package.specifications(subject, stable)
    if not specifications:
        return None
    try:
        code = oracle.compiled(subject.function, subject.function.source)
        oracle.exchange(subject.targets, code)
    except (ValueError, StopIteration):
        return None
    if set(oracle.run_examples(specifications, ORIGINAL)) != {PASSED}:
        return None
    recorder = Recorder(code, defaults(subject.targets[0]))
    for run, _ in oracle.example_items(specifications):
        sys.setprofile(recorder)
        try:
            run()
        finally:
            sys.setprofile(None)
    for cache in package.caches:  # a version would be asked for nothing that the original has answered
        cache.cache_clear()
    if set(oracle.run_examples(specifications, ORIGINAL)) != {PASSED}:
        return None
    name = subject.function.name
    calls = varied(recorder.calls, package.caps.inputs, random.Random(f"{package.seed}/inputs/{name}"))
    runs: list[list[Any]] = []
    for layout in (*package.layouts, *MORE_LAYOUTS):
        if layout in MORE_LAYOUTS and all(each == runs[0] for each in runs):
            break
        runs.append(oracle.run_inputs(subject.targets[0], list(calls.values()), replace(ORIGINAL, layout=layout), oracle.timeless))
    same = zip(calls, *runs, strict=True)
    ended = {key: first for key, first, *others in same if first not in (DIED, TARDY, None) and all(each == first for each in others)}
    return Baseline(subject, specifications, calls, ended)


def kept(base: Baseline, elsewhere: Mapping[str, Any]) -> list[str]:
    """Keys of inputs on which the original ends, and does the same under the other hash seed."""
    return [key for key in base.calls if base.outcomes.get(key, DIED) == elsewhere.get(key)]


def versions(package: Loaded, base: Baseline, given: list[list[Edit]], lines: Collection[int]) -> list[tuple[str, Edit]]:
    """Edits of the lines that run, each with its kind, sampled down to the caps; of the groups that were given, the first that only touches such lines."""
    source, caps = base.subject.function.source, package.caps
    rng = random.Random(f"{package.seed}/edits/{base.subject.function.name}")
    found = [("error", each) for each in mutations.sample(mutations.errors(source, lines), caps.errors, rng)]
    found += [("benign", each) for each in mutations.sample(mutations.benign(source, lines), caps.benign, rng)]
    made = (mutations.composite(source, lines, rng) for _ in range(caps.composites))
    found += [("composite", each) for each in made if each is not None]
    reached = next((group for group in given if all(each.line in lines or each.line == 0 for each in group)), [])
    return found + [("given", each) for each in reached[: caps.given]]


def examined(package: Loaded, subject: Subject, given: list[list[Edit]], shadow: dict[str, Any]) -> dict[str, Any] | None:
    """Everything about one function: its inputs' halves, and the evidence of each version."""
    elsewhere = shadow["inputs"].get(subject.function.name)
    base = None if elsewhere is None else baseline(package, subject, shadow["outcomes"])
    if base is None:
        return None
    use = kept(base, elsewhere)
    oracle_half, reviewer_half = use[::2], use[1::2]
    lines = oracle.covered(base.target, base.specifications, [base.calls[key] for key in use])
    original = base.target.__code__
    rows = []
    for kind, edit in versions(package, base, given, lines):
        try:
            oracle.exchange(subject.targets, oracle.compiled(subject.function, edit.source))
        except (SyntaxError, ValueError, StopIteration):
            continue
        letters = [_letters(base, half) for half in (oracle_half, reviewer_half)]
        evidence = Evidence(oracle.run_examples(base.specifications, VERSION), *letters)
        oracle.exchange(subject.targets, original)
        if oracle.LATE not in evidence.examples + evidence.oracle + evidence.reviewer:
            rows.append({"kind": kind, **asdict(edit), **asdict(evidence)})
    docstrings = [(each.name, each.counts) for each in base.specifications]
    return {"name": subject.function.name, "source": subject.function.source, "docstrings": docstrings, "versions": rows}


def _letters(base: Baseline, half: list[str]) -> str:
    """What the version in place does on inputs, beside the original."""
    found = oracle.run_inputs(base.target, [base.calls[key] for key in half], VERSION)
    return "".join(map(oracle.letter, (base.outcomes[key] for key in half), found))


def answer(request: dict[str, Any]) -> Any:
    """The answer to a request.

    Stage "baseline": outcomes of every docstring's examples, and of each function's inputs. Stage "evidence": that of every version, given the baseline
    of another hash seed. Stage "examples": the outcomes of docstrings of another release, in this one.
    """
    place = Path(request["place"]) if request.get("place") else None
    layouts = LAYOUTS["baseline" if request["stage"] == "baseline" else "evidence"]
    if layouts[0]:
        scatter(layouts[0])  # before classes and functions are made
    package = Loaded(Package(**request["package"]), place, request["seed"], Caps(**request["caps"]), request.get("only"), layouts)
    if request["stage"] == "examples":
        return package.outcomes_of([Docstring(**each) for each in request["docstrings"]])
    subjects = package.subjects()
    gc.collect()
    gc.freeze()  # so that children do not copy what they only count
    if request["stage"] == "baseline":
        inputs = {}
        for subject in subjects:
            found = isolated(lambda: _outcomes(package, subject))  # noqa: B023  called at once
            if found is not DIED and found is not None:
                inputs[subject.function.name] = found
        return {"outcomes": package.outcomes, "inputs": inputs, "sources": {each.function.name: each.function.source for each in subjects}}
    given = {name: [[Edit(**each) for each in group] for group in groups] for name, groups in request["given"].items()}
    made = (isolated(lambda: examined(package, each, given.get(each.function.name, []), request["shadow"])) for each in subjects)  # noqa: B023  called at once
    return [each for each in made if each is not DIED and each is not None]


def _outcomes(package: Loaded, subject: Subject) -> dict[str, Any] | None:
    base = baseline(package, subject, None)
    return None if base is None else base.outcomes


def _watched(run: Callable[[], str], number: Mapping[CodeType, int]) -> tuple[str, list[int]]:
    """The outcome of an example, and the numbers of the functions that it calls; LATE if it asks what time it is."""
    outcome = run()
    return oracle.LATE if seen.asked_the_time else outcome, sorted(number[code] for code in seen.entered & number.keys())


def _imported(modules: list[Module]) -> list[Module]:
    """Those modules that can be imported, imported."""
    found = []
    for module in modules:
        with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
            try:
                loaded = importlib.import_module(module.name)
            except BaseException:  # noqa: BLE001 - of another system, or in want of another package
                continue
        if getattr(loaded, "__file__", None) == str(module.path):
            found.append(module)
    return found


class Only:
    """A finder of modules: those of Python, of some distributions, and no others. Many packages do otherwise where numpy, say, can be imported."""

    def __init__(self, allowed: Collection[str]) -> None:
        self._allowed = allowed
        self._finders = list(sys.meta_path)

    def find_spec(self, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:
        """The place of a module, as import asks for it; None for one that is not allowed."""
        if name.partition(".")[0] not in self._allowed:
            return None
        found = (finder.find_spec(name, path, target) for finder in self._finders if hasattr(finder, "find_spec"))
        return next((spec for spec in found if spec is not None), None)

    def find_distributions(self, *context: Any) -> Any:
        """The distributions that packages ask for, to learn their own version."""
        return PathFinder.find_distributions(*context)

    def invalidate_caches(self) -> None:
        """Forget what the finders remember of folders, as import asks for it."""
        for finder in self._finders:
            if hasattr(finder, "invalidate_caches"):
                finder.invalidate_caches()


_hidden: list[Any] = []
"""Modules that cannot be imported any more, and must not end."""


def enclose(package: str) -> None:
    """Make this process the same wherever it runs: environment, working directory, stack, what can be imported, and when objects are collected."""
    hash_seed = os.environ.get("PYTHONHASHSEED", "random")
    os.environ.clear()
    os.environ.update({**ENVIRONMENT, "PYTHONHASHSEED": hash_seed})
    os.chdir("/")
    sys.argv = ["labelling"]
    allowed = {package, "smallmodels", "__main__", *sys.stdlib_module_names, *(each.name for each in corpus.PACKAGES), *corpus.REQUIRED}
    sys.meta_path[:] = [Only(allowed)]
    for name in [name for name in sys.modules if name.partition(".")[0] not in allowed]:  # loaded at the start, by a .pth file say
        _hidden.append(sys.modules.pop(name))
    hard = resource.getrlimit(resource.RLIMIT_STACK)[1]
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_STACK, (STACK if hard == resource.RLIM_INFINITY else min(STACK, hard), hard))
    gc.disable()
    random.seed(0)


def main() -> None:
    """Read a request from stdin, and write the answer to stdout."""
    request = json.load(sys.stdin)
    if request.get("place"):
        sys.path.insert(0, str(Path(request["place"]).parent))
    reply = os.dup(1)
    os.dup2(2, 1)  # what a package prints on being imported is no answer
    enclose(request["package"]["name"])
    guard()
    with os.fdopen(reply, "w") as stream:
        json.dump(answer(request), stream)
        stream.write("\n")


if __name__ == "__main__":
    main()
