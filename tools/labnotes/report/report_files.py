"""Reports as files: report.html and junit.xml in a folder, and the summary page of a CI job."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from labnotes.report.html import to_html
from labnotes.report.job_summary import to_markdown
from labnotes.report.junit import to_junit

if TYPE_CHECKING:
    from labnotes.outcomes.checks import CheckResult


def write_reports(check: CheckResult, folder: Path) -> list[Path]:
    """Write report.html and junit.xml into `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    made = []
    for name, text in (("report.html", to_html(check)), ("junit.xml", to_junit(check))):
        path = folder / name
        path.write_text(text, encoding="utf-8")
        made.append(path)
    return made


def add_job_summary(check: CheckResult) -> None:
    """Append to the job's summary page, where GitHub runs this."""
    path = os.environ.get("GITHUB_STEP_SUMMARY")
    if path:
        with open(path, "a", encoding="utf-8") as file:
            file.write(to_markdown(check))
