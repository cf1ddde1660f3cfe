"""Which isolation runs get on this machine: the furthest that it allows, unless a person asks for less."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass
from functools import cache

from labnotes.errors import Problem, UsageError, did_you_mean
from labnotes.kernel import landlock
from labnotes.kernel.isolation import LEVEL, IsolationLevel

TEST_TIME = 60
"""Seconds that the test of the machine may take; it takes about a tenth of one."""


@dataclass(frozen=True)
class IsolationChoice:
    """The level of runs; whether they have a network of their own; why they have no higher level, "" at the highest."""

    level: IsolationLevel
    own_network: bool
    reason: str = ""


@cache
def chosen_isolation() -> IsolationChoice:
    """The isolation that runs of this process get.

    Raises UsageError if the variable that a person asks for less with names no level.
    """
    highest = level_named(os.environ.get(LEVEL) or IsolationLevel.NAMESPACES.value, LEVEL)
    asked = f"{LEVEL}={highest.value} asks for no more"
    if highest is IsolationLevel.HOOK:
        return IsolationChoice(IsolationLevel.HOOK, own_network=False, reason=asked)
    against_namespaces, against_network = _tested_reasons()
    if highest is IsolationLevel.NAMESPACES and not against_namespaces:
        return IsolationChoice(IsolationLevel.NAMESPACES, own_network=True)
    reason = asked if highest is IsolationLevel.LANDLOCK else f"no namespaces: {against_namespaces}"
    if landlock.landlock_version() > 0:
        return IsolationChoice(IsolationLevel.LANDLOCK, own_network=not against_network, reason=reason)
    return IsolationChoice(IsolationLevel.HOOK, own_network=False, reason=f"{reason}; no Landlock either")


def level_named(text: str, where: str) -> IsolationLevel:
    """The level of that name.

    Raises UsageError, with `where` it stood, if there is none.
    """
    names = [level.value for level in IsolationLevel]
    if text not in names:
        raise UsageError(Problem(where, f"{text!r} is no level of isolation", did_you_mean(text, names)))
    return IsolationLevel(text)


def require_isolation(least: IsolationLevel) -> None:
    """Make sure that runs get at least this level.

    Raises UsageError, with the reason, if they do not.
    """
    choice = chosen_isolation()
    if not choice.level.reaches(least):
        what = f"{least.value} cannot be had here: runs get {choice.level.value} ({choice.reason})"
        raise UsageError(Problem("--isolation", what, "docs/isolation.md says what each level needs; containers often allow no more"))


def _tested_reasons() -> tuple[str, str]:
    """Why runs can have no namespaces, and why they can have no network of their own without the others; "" for what they can have."""
    if sys.platform != "linux":
        return ("they are a thing of Linux",) * 2
    from labnotes.execute.scratch_folders import scratch_folder  # locks of this kind are not on every system

    environment = {**os.environ, "LC_ALL": "C.UTF-8"}
    try:
        with scratch_folder() as folder:
            command = [sys.executable, "-P", "-m", "labnotes.kernel.self_test", str(folder)]
            tested = subprocess.run(command, capture_output=True, text=True, timeout=TEST_TIME, check=True, env=environment)
    except (OSError, subprocess.SubprocessError) as error:
        return (f"the test of this machine failed: {error}",) * 2
    first, second = tested.stdout.splitlines()
    return first, second
