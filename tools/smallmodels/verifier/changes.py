"""Changes as a reviewer meets them: a function before and after.

A pair of a right and a wrong body can be met in two directions: towards the wrong one it is a bug, towards the right one a fix, which is clean. Draw one at
random for each pair: without fixes a reviewer would only have to tell what an injected error looks like from what a benign edit looks like.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

from smallmodels.verifier.examples import MISSING, PASSED
from smallmodels.verifier.labels import Examined
from smallmodels.verifier.oracle import BUG, CLEAN, HUNG, RAISES, RETURNS, Evidence
from smallmodels.verifier.releases import Natural


@dataclass(frozen=True)
class Change:
    """One change of one function. `evidence` is of the edit from `right` to `edited`; `backwards` says that the change goes from `edited` to `right`."""

    package: str
    function: str
    kind: str  # error, composite, given, benign, or natural
    operator: str
    right: str
    edited: str
    evidence: Evidence
    backwards: bool
    wrong: bool  # whether `edited` is wrong
    line: int = 0

    @property
    def bug(self) -> bool:
        """Whether this is a change for the worse. Whatever leads to the right body is clean."""
        return self.wrong and not self.backwards

    @property
    def before(self) -> str:
        """The function before the change."""
        return self.edited if self.backwards else self.right

    @property
    def after(self) -> str:
        """The function after the change."""
        return self.right if self.backwards else self.edited

    @property
    def new_examples(self) -> str:
        """What came of the visible examples after the change: the first half of those that count. The reviewer may see these only."""
        visible = self.evidence.examples[: (len(self.evidence.examples) + 1) // 2]
        return PASSED * len(visible) if self.backwards else visible

    @property
    def old_examples(self) -> str:
        """What came of the same visible examples before the change."""
        visible = self.evidence.examples[: (len(self.evidence.examples) + 1) // 2]
        return visible if self.backwards else PASSED * len(visible)

    @property
    def inputs(self) -> str:
        """What the reviewer's inputs do after the change, beside before.

        Letters are those of `oracle`, turned where the change goes backwards (the right body ends on each, so that one on which only the edited one does
        not end counts as one that returns again).
        """
        letters = self.evidence.reviewer
        return letters.translate(str.maketrans(RAISES + MISSING + HUNG + RETURNS, RETURNS * 3 + RAISES)) if self.backwards else letters


def towards(functions: Iterable[Examined]) -> list[Change]:
    """The labelled versions of functions, each as the change from the original to it; unresolved ones are left out, and benign edits that broke something."""
    return [
        Change(
            each.package,
            each.name,
            version.kind,
            version.operator,
            each.source,
            version.source,
            version.evidence,
            False,
            version.label == BUG,
            version.line,
        )
        for each in functions
        for version in each.versions
        if version.label == (CLEAN if version.kind == "benign" else BUG)
    ]


def back(pairs: Iterable[Natural], label: str) -> list[Change]:
    """Natural pairs with this label, each as the change from the newer body to the earlier one, which is a bug where the label says so."""
    return [
        Change(each.package, each.name, "natural", each.release, each.newer, each.earlier, each.evidence, False, label == BUG)
        for each in pairs
        if each.label == label
    ]


def turned(change: Change) -> Change:
    """The same change in the other direction."""
    return replace(change, backwards=not change.backwards)
