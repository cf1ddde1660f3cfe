"""JUnit XML: one test suite for each note, one test case for each quantity."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from labnotes.model.verdicts import Outcome, Verdict

if TYPE_CHECKING:
    from labnotes.outcomes.checks import CheckResult, NoteCheck


def to_junit(check: CheckResult) -> str:
    root = ET.Element("testsuites", name="labnotes")
    for note in check.notes:
        _add_suite(root, note)
    if check.problems:
        suite = ET.SubElement(root, "testsuite", name="invalid notes")
        for problem in check.problems:
            case = ET.SubElement(suite, "testcase", classname="invalid", name=_xml_safe_text(problem.where or "labnotes"))
            ET.SubElement(case, "error", message=_xml_safe_text(problem.what)).text = _xml_safe_text(str(problem))
        _set_counts(suite)
    ET.indent(root)
    return ET.tostring(root, encoding="unicode", xml_declaration=True) + "\n"


def _add_suite(root: ET.Element, note: NoteCheck) -> None:
    """Add the test suite of a note to `root`."""
    slug = note.note.slug
    suite = ET.SubElement(root, "testsuite", name=slug, time=f"{note.seconds:.2f}")
    if not note.comparisons:
        case = ET.SubElement(suite, "testcase", classname=slug, name="run", time=f"{note.seconds:.2f}")
        if note.failure:
            error = ET.SubElement(case, "error", message=_xml_safe_text(note.failure.what), type=note.failure.outcome.value)
            error.text = _xml_safe_text(f"{note.failure.where}\n{note.failure.line}\n\n{note.failure.frames}")
        elif note.outcome is Outcome.UNRECORDED:
            ET.SubElement(case, "failure", message="unrecorded: there is nothing to compare with")
        elif note.outcome is Outcome.NOT_RERUN:
            ET.SubElement(case, "skipped", message=_xml_safe_text(f"not re-run: {note.reason}"))
    if note.counted_misses.judged:  # single misses happen by chance: the test case is about their number
        case = ET.SubElement(suite, "testcase", classname=f"{slug}.draw", name="means inside their prediction intervals")
        if note.counted_misses.are_too_many:
            ET.SubElement(case, "failure", message=_xml_safe_text(note.counted_misses.misses_text), type=Outcome.TOO_MANY_MISSES.value)
    for comparison in note.comparisons:
        case = ET.SubElement(suite, "testcase", classname=f"{slug}.{comparison.kind}", name=comparison.name)
        text = _xml_safe_text("; ".join(comparison.details))
        if comparison.verdict.is_failure:
            failure = ET.SubElement(case, "failure", message=f"{comparison.verdict.value}: {text}", type=comparison.verdict.value)
            failure.text = _xml_safe_text(
                "\n".join([f"recorded {comparison.recorded}", f"observed {comparison.observed}", *comparison.details])
            )
        elif comparison.verdict in (Verdict.UNVERIFIED, Verdict.DRAWN_ANEW):
            ET.SubElement(case, "skipped", message=f"{comparison.verdict.value}: {text}")
    _set_counts(suite)


def _set_counts(suite: ET.Element) -> None:
    """Write into a test suite how many cases it has, and how many of them failed, raised an error or were skipped."""
    suite.set("tests", str(len(suite.findall("testcase"))))
    for plural, tag in (("failures", "failure"), ("errors", "error"), ("skipped", "skipped")):
        suite.set(plural, str(len(suite.findall(f"testcase/{tag}"))))


def _xml_safe_text(text: str) -> str:
    """Text without characters that XML cannot hold."""
    return "".join(char for char in text if char in "\t\n\r" or (ord(char) >= 0x20 and ord(char) not in (0xFFFE, 0xFFFF)))
