"""Cut this process and the processes that it will start off the network and most files. Done once, before any thread exists.

How far that goes depends on what the machine allows: see `IsolationLevel`. docs/isolation.md says what each level holds back.
"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from enum import Enum

from labnotes.kernel import landlock, namespaces, privileges, seccomp
from labnotes.kernel.landlock import VisiblePaths


class IsolationLevel(Enum):
    """How far runs are kept apart from the machine, the furthest first."""

    NAMESPACES = "namespaces"
    LANDLOCK = "landlock"
    HOOK = "hook"

    def reaches(self, other: IsolationLevel) -> bool:
        """Whether this level holds back all that the other does."""
        order = list(IsolationLevel)
        return order.index(self) <= order.index(other)


LEVEL = "LABNOTES_ISOLATION"
"""The variable that names a level: of a person, the highest that runs may have; of a run, its own, with `OWN_NETWORK` behind
that of Landlock where the run has a network of its own as well."""

OWN_NETWORK = "+network"

APART_NETWORK = "namespaces (a network of its own)"
APART_FILES = "namespaces (a root of its own)"
NAMESPACE = "network namespace"
LANDLOCK = "Landlock and seccomp (no network, nor one of its own)"
LANDLOCK_ONLY = "Landlock (TCP only)"
HOOK_ONLY = "audit hook only (native code and other programs are not held back)"
FILES_HELD = "Landlock"
FILES_FREE = "nothing (reads outside the note's folder can go unnoticed)"


def level_in_force(network: str, files: str) -> IsolationLevel:
    """The level of a run, by what its environment says that held back the network and files (see `Isolation.restrict_process`)."""
    if files == APART_FILES:
        return IsolationLevel.NAMESPACES
    return IsolationLevel.LANDLOCK if files == FILES_HELD and network != HOOK_ONLY else IsolationLevel.HOOK


@dataclass(frozen=True)
class Isolation:
    """How a run is kept apart: the level; whether it has a network of its own, which is the case at the level of namespaces and may be at
    that of Landlock; what it may see; an empty folder, the place of its root."""

    level: IsolationLevel
    own_network: bool
    visible: VisiblePaths
    root: str

    @property
    def sees_own_processes(self) -> bool:
        """Whether it sees no processes but its own."""
        return self.level is IsolationLevel.NAMESPACES

    def enter_outside(self) -> None:
        """Enter the namespaces that a run's keeper may be in.

        Raises OSError if they are refused.
        """
        if self.own_network:
            namespaces.enter_network(processes=self.sees_own_processes)

    def enter_inside(self) -> None:
        """Enter those that only the run's own processes may be in.

        Raises OSError if they are refused.
        """
        os.makedirs(self.root, exist_ok=True)
        namespaces.enter_root(self.visible, self.root)

    def restrict_process(self) -> tuple[str, str]:
        """Hold back the rest from this process and its future children, for good.

        Returns what holds back the network, and what holds back files. An audit hook (see `tracing`) adds the address or the path to the
        message of Python code; alone, it is a weaker means, and the report says so.
        """
        if sys.platform != "linux" or self.level is IsolationLevel.HOOK:
            return HOOK_ONLY, FILES_FREE
        knows_tcp = landlock.landlock_version() >= landlock.NETWORK_SINCE
        held = landlock.restrict_process(self.visible, network=knows_tcp and not self.own_network)
        privileges.drop_capabilities()
        if self.own_network:
            seccomp.filter_calls(seccomp.Network.OWN)
            network = APART_NETWORK if self.sees_own_processes else NAMESPACE
        elif seccomp.filter_calls(seccomp.Network.TCP_HELD if held and knows_tcp else seccomp.Network.NOTHING):
            network = LANDLOCK
        else:
            network = LANDLOCK_ONLY if held and knows_tcp else HOOK_ONLY
        if self.sees_own_processes:
            return network, APART_FILES
        return network, FILES_HELD if held else FILES_FREE


def level_text(level: IsolationLevel, *, own_network: bool) -> str:
    """What the variable `LEVEL` of a run's process holds."""
    return f"{level.value}{OWN_NETWORK if own_network and level is IsolationLevel.LANDLOCK else ''}"


def isolation_from(text: str, visible: VisiblePaths, root: str) -> Isolation:
    """The isolation that the variable `LEVEL` names."""
    level = IsolationLevel(text.removesuffix(OWN_NETWORK))
    own_network = level is IsolationLevel.NAMESPACES or text.endswith(OWN_NETWORK)
    return Isolation(level, own_network, visible, root)
