"""JUnit XML: a suite a note, a case a quantity."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from labnotes.model.verdicts import Outcome, Verdict

if TYPE_CHECKING:
    from labnotes.outcomes.checks import CheckResult, NoteCheck


def to_junit(check: CheckResult) -> str:
    root = ET.Element("testsuites", name="labnotes")
    for note in check.notes:
        _suite(root, note)
    if check.problems:
        suite = ET.SubElement(root, "testsuite", name="invalid notes")
        for problem in check.problems:
            case = ET.SubElement(suite, "testcase", classname="invalid", name=_clean(problem.where or "labnotes"))
            ET.SubElement(case, "error", message=_clean(problem.what)).text = _clean(str(problem))
        _count(suite)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _suite(root: ET.Element, note: NoteCheck) -> None:
    slug = note.note.slug
    suite = ET.SubElement(root, "testsuite", name=slug, time=f"{note.seconds:.2f}")
    if not note.comparisons:
        case = ET.SubElement(suite, "testcase", classname=slug, name="run", time=f"{note.seconds:.2f}")
        if note.failure:
            error = ET.SubElement(case, "error", message=_clean(note.failure.what), type=note.failure.outcome.value)
            error.text = _clean(f"{note.failure.where}\n{note.failure.line}\n\n{note.failure.frames}")
        elif note.outcome is Outcome.UNRECORDED:
            ET.SubElement(case, "failure", message="unrecorded: there is nothing to compare with")
        elif note.outcome is Outcome.NOT_RERUN:
            ET.SubElement(case, "skipped", message=_clean(f"not re-run: {note.reason}"))
    if note.counted_misses.judged:  # single misses are due by chance: their number is the case
        case = ET.SubElement(suite, "testcase", classname=f"{slug}.draw", name="means inside their prediction intervals")
        if note.counted_misses.are_too_many:
            ET.SubElement(case, "failure", message=_clean(note.counted_misses.words), type=Outcome.TOO_MANY_MISSES.value)
    for each in note.comparisons:
        case = ET.SubElement(suite, "testcase", classname=f"{slug}.{each.kind}", name=each.name)
        text = _clean("; ".join(each.details))
        if each.verdict.is_failure:
            failure = ET.SubElement(case, "failure", message=f"{each.verdict.value}: {text}", type=each.verdict.value)
            failure.text = _clean("\n".join([f"recorded {each.recorded}", f"observed {each.observed}", *each.details]))
        elif each.verdict in (Verdict.UNVERIFIED, Verdict.DRAWN_ANEW):
            ET.SubElement(case, "skipped", message=f"{each.verdict.value}: {text}")
    _count(suite)


def _count(suite: ET.Element) -> None:
    suite.set("tests", str(len(suite.findall("testcase"))))
    for plural, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(plural, str(len(suite.findall(f"testcase/{tag}"))))


def _clean(text: str) -> str:
    """Text without characters that XML cannot hold."""
    return "".join(char for char in text if char in "\t\n\r" or (ord(char) >= 0x20 and ord(char) not in (0xFFFE, 0xFFFF)))
