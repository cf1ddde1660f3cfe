"""One check, told on a terminal, as JUnit, as HTML and as a job summary."""

import base64
import io
import json
import re
from html.parser import HTMLParser
from types import SimpleNamespace
from xml.etree import ElementTree as ET

import click
import pytest
from click.testing import CliRunner
from rich.console import Console

from figure_corpus import rare
from figure_corpus.readings import recorded_figure
from labnotes.author.figures.matplotlib import figure_reader
from labnotes.cli import app
from labnotes.compare.figures import compare_figures
from labnotes.model.comparison import Comparison
from labnotes.model.observation import FigurePicture
from labnotes.model.quantities import QuantityKind
from labnotes.model.verdicts import Outcome, Verdict
from labnotes.outcomes.checks import CheckOptions, CheckResult, NoteCheck
from labnotes.report import html, terminal
from labnotes.report.junit import to_junit
from labnotes.source import notes
from labnotes.source.labs import Lab

GOOD = """
# %%
import matplotlib.pyplot as plt
from labnotes import claim, figure
claim("x", 0.5)
claim("y", 1)
fig, ax = plt.subplots()
ax.plot([1, 2, 3], label="A & <B>")
figure(fig, "f", caption="c", alt="a")
"""


@pytest.fixture(scope="module")
def checked(shared_lab):
    lab = shared_lab
    lab.record_note("agrees", GOOD)
    folder = lab.record_note("differs", GOOD)
    text = (folder / "note.py").read_text()
    (folder / "note.py").write_text(
        text.replace("0.5", "0.6").replace("[1, 2, 3]", "[1, 2, 4]")
        + "claim('z', 1)\nax.add_line(type(\"Own\", (plt.Line2D,), {})([0], [0]))\n"
    )
    lab.write_note("raised", "# %%\nraise ValueError('</pre><script>alert(1)</script> & \\x00')\n")
    lab.write_note("unrecorded", GOOD)
    hidden = lab.record_note("partly", GOOD.replace("ax.plot", 'ax.add_line(type("Own", (plt.Line2D,), {})([0], [0]))\nax.plot'))
    assert hidden.exists()
    summary = lab.root / "summary.md"
    done = lab("check", "--report", str(lab.root / "report"), GITHUB_STEP_SUMMARY=str(summary))
    return lab, done, summary.read_text()


def test_the_terminal_tells_every_note_and_what_to_do(checked):
    _, done, _ = checked
    assert done.code == 1
    assert "5 notes: 2 agrees, 1 differs, 1 raised, 1 unrecorded" in done.out
    assert "if the new values are right: labnotes accept differs" in done.out
    assert "partly agrees  2 of 2 claims, 1 figure not verified" in done.out
    assert "not verified: axes 0: Own" in done.out
    assert "line 'A & <B>': y[2] is 4, recorded 3 (50 % of the y range)" in done.out


def test_junit_has_a_suite_a_note_and_a_case_a_quantity(checked):
    lab, _, _ = checked
    root = ET.parse(lab.root / "report" / "junit.xml").getroot()
    suites = {suite.get("name"): suite for suite in root}
    assert set(suites) == {"agrees", "differs", "raised", "unrecorded", "partly"}
    assert suites["agrees"].attrib | {"time": ""} == {
        "name": "agrees",
        "time": "",
        "tests": "3",
        "failures": "0",
        "errors": "0",
        "skipped": "0",
    }
    failed = {case.get("name") for case in suites["differs"] if case.find("failure") is not None}
    assert failed == {"x", "z", "f"}
    assert suites["raised"].find("testcase/error").get("message").startswith("cell 1 raised ValueError")
    assert suites["partly"].get("skipped") == "1"
    assert suites["unrecorded"].get("failures") == "1"


class TagCollector(HTMLParser):
    def __init__(self):
        super().__init__()
        self.found = []
        self.open = []

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))
        if tag not in ("meta", "img", "br", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag


def test_the_html_report_is_one_file_that_loads_and_runs_nothing(checked):
    lab, _, _ = checked
    text = (lab.root / "report" / "report.html").read_text()
    tags = TagCollector()
    tags.feed(text)
    assert tags.open == [], "every element is closed"
    assert not [tag for tag, _ in tags.found if tag in ("script", "link", "iframe", "object")]
    addresses = [value for _, attrs in tags.found for name, value in attrs.items() if name in ("src", "href")]
    assert all(value.startswith(("data:image/", "#")) for value in addresses)
    assert not [name for _, attrs in tags.found for name in attrs if name.startswith("on")]
    images = [attrs for tag, attrs in tags.found if tag == "img"]
    assert [attrs["alt"].partition(":")[0] for attrs in images] == [
        "Recorded and observed marks over each other",
        "Observed minus recorded, element by element",
        "Figure f, recorded",
        "Figure f, observed",
        "Figure f, recorded",
        "Figure f, observed",
    ], "an overlay of the figure that differs; before and after of it and of the one that is not verified"


def test_the_overlay_says_what_differs(checked):
    lab, _, _ = checked
    tags = TagCollector()
    tags.feed((lab.root / "report" / "report.html").read_text())
    overlay = next(attrs for tag, attrs in tags.found if tag == "img")
    assert "line 'A & <B>': y[2] is 4, recorded 3 (50 % of the y range)" in overlay["alt"]
    drawing = base64.b64decode(overlay["src"].removeprefix("data:image/svg+xml;base64,")).decode()
    assert 'id="worst-1"' in drawing
    assert "<script" not in drawing


def test_the_diff_has_the_overlay_too(checked):
    lab, _, _ = checked
    assert lab("diff", "differs").code == 1
    text = (lab.root / ".labnotes" / "diff.html").read_text()
    assert "Recorded and observed marks over each other" in text


def test_the_html_report_says_what_changed_and_what_was_not_verified(checked):
    lab, _, _ = checked
    text = (lab.root / "report" / "report.html").read_text()
    box = text[text.index("Not verified here") : text.index("</section>", text.index("Not verified here"))]
    assert "unrecorded: has no record to compare with" in box
    assert "partly: figure f: not verified: axes 0: Own" in box
    assert "agrees: not executed now, compared by the recorded run itself" in box
    assert "value is 0.6, recorded 0.5" in text
    assert "&lt;/pre&gt;&lt;script&gt;" in text


def test_the_job_summary_is_a_table_and_what_failed(checked):
    _, _, summary = checked
    assert "| differs | **differs** | 1 of 3 claims, 0 of 1 figure" in summary
    assert "`differs` claim `x` changed: value is 0.6, recorded 0.5" in summary
    assert "### What failed" in summary
    assert re.search(r"^## labnotes check$", summary, re.MULTILINE)


def test_lines_of_the_logs_are_written_beside_the_report_and_name_the_record(checked):
    lab, _, _ = checked
    names = {path.name for path in (lab.root / "report" / "checks").iterdir()}
    assert names == {"differs.jsonl"}, "the others were compared with the very runs they were recorded from, or have no record"
    text = (lab.root / "report" / "checks" / "differs.jsonl").read_text()
    assert text == (lab.root / "notes" / "differs" / "checks.jsonl").read_text()
    (line,) = map(json.loads, text.splitlines())
    assert (line["outcome"], line["how"], line["seed"], line["note"]) == ("differs", "from nothing", "golden", "differs")
    assert len(line["record"]) == len(line["code"]) == 64


def test_what_no_overlay_shows_is_named_above_the_two_pictures():
    sides = []
    ran = SimpleNamespace(environment=SimpleNamespace(isolation="", files=""))
    for u in (1.0, 1.1):
        drawn = rare.quiver(u=u)
        mime, text = figure_reader.render_picture(drawn)
        assert mime == "image/svg+xml"
        sides.append(
            SimpleNamespace(figures={"f": recorded_figure(drawn)}, pictures={"f": FigurePicture("svg", text.encode())}, provenance=ran)
        )
    recorded, observed = sides
    comparison = compare_figures(recorded.figures["f"], observed.figures["f"])
    assert comparison.verdict is Verdict.CHANGED
    note = SimpleNamespace(slug="a", settings=SimpleNamespace(title="A"))
    done = NoteCheck(note, Outcome.DIFFERS, (comparison,), recorded=recorded, observed=observed, executed=True)
    made = html.to_html(CheckResult((done,), (), False, CheckOptions(1)))
    assert f'<li>{comparison.details[0]} <span class="quiet">(not drawn: the two pictures below show it)</span></li>' in made
    assert "vectors: u[0" in comparison.details[0]
    assert re.findall(r'alt="([^:"]*)', made[made.index("not drawn") :]) == [
        "Observed minus recorded, element by element",
        "Figure f, recorded",
        "Figure f, observed",
    ]
    pictures = [base64.b64decode(data) for data in re.findall(r'src="data:image/svg\+xml;base64,([^"]*)', made)][1:]
    assert pictures == [recorded.pictures["f"].content, observed.pictures["f"].content]


def test_too_many_misses_fail_in_junit_too():
    comparisons = tuple(Comparison(kind="claim", name=f"c{i}", verdict=Verdict.OUTSIDE, cell=1, drawn=True) for i in range(5))
    note = SimpleNamespace(slug="a", settings=SimpleNamespace(title="A"))
    done = NoteCheck(note, Outcome.TOO_MANY_MISSES, comparisons, executed=True)
    root = ET.fromstring(to_junit(CheckResult((done,), (), False, CheckOptions(1))))
    (suite,) = root
    assert (suite.get("failures"), suite.get("tests")) == ("1", "6")
    assert "5 of 5 means outside their prediction intervals" in suite.find("testcase/failure").get("message")


def test_the_value_of_a_claim_that_is_on_one_side_alone_is_shown():
    shown = Console(file=io.StringIO(), width=120)
    sides = [("0.93", "0.91"), ("0.93", ""), ("", "0.91"), ("0.93", "0.93")]
    terminal.show_comparisons(
        shown,
        [
            Comparison(kind=QuantityKind.CLAIM, name="x", verdict=Verdict.NEW, cell=1, recorded=recorded, observed=observed)
            for recorded, observed in sides
        ],
    )
    told = [line.partition(" x")[2] for line in shown.file.getvalue().splitlines()]
    assert told == ["  0.93 → 0.91", "  0.93", "  0.91", ""]


TONES = {
    "ok": (Verdict.NOISE, Verdict.WITHIN),  # the report only counts exact ones
    "warn": (Verdict.MOVED, Verdict.OUTSIDE, Verdict.UNVERIFIED),
    "bad": (Verdict.CHANGED, Verdict.MISSING, Verdict.NEW),
}
"""As on the site: green for what agreed, amber for what somebody should look at, red for what does not hold."""


@pytest.mark.parametrize(("tone", "verdict"), [(tone, verdict) for tone, verdicts in TONES.items() for verdict in verdicts])
def test_verdicts_are_coloured_alike_on_a_terminal_and_in_the_report(lab, tone, verdict):
    comparison = Comparison(kind="claim", name="x", verdict=verdict, cell=1, details=("a detail",))
    out = Console(file=io.StringIO(), force_terminal=True, color_system="standard")
    terminal.show_comparisons(out, [comparison])
    code = {"ok": 32, "warn": 33, "bad": 31}[tone]
    assert f"\x1b[{code}m" in out.file.getvalue()

    lab.write_note("a", GOOD)
    note = NoteCheck(notes.read_note(Lab(lab.root), "a"), Outcome.AGREES, (comparison,))
    check = CheckResult((note,), (), interrupted=False, options=CheckOptions(jobs=1))
    assert re.search(rf'<td class="n {tone}">. {verdict.value}</td>', html.to_html(check))


REPEATED = """
# %% [markdown]
# {{ nothing }} and {{ nothing }}, {{ nothing }}; {{ nobody }}

# %%
!exit 3
!exit 3
!exit 4
from labnotes import claim
claim("x", 1)
"""


def test_what_is_told_several_times_at_one_place_is_shown_once_with_its_number(new_lab):
    lab = new_lab()
    lab.write_note("a", REPEATED)
    ran = lab("run", "a")
    lines = [line.strip() for line in ran.out.splitlines()]
    assert [line for line in lines if "!exit" in line] == [
        "note: cell 1: !exit 3 ended with status 3, which Jupyter passes over; %%bash would raise  (2 times)",
        "note: cell 1: !exit 4 ended with status 4, which Jupyter passes over; %%bash would raise",
    ]
    errors = [line for line in lab("check", "a").err.splitlines() if line.startswith("error")]
    assert errors == [
        "error notes/a/note.py:2: {{ nothing }} names an unknown claim 'nothing'  (3 times)",
        "error notes/a/note.py:2: {{ nobody }} names an unknown claim 'nobody'",
    ]


def test_a_warning_is_shown_at_once_and_how_often_it_came_at_the_end(monkeypatch):

    def warn_often():
        for text in ("a", "b", "a", "a"):
            app.print_warning(text)
        app.print_line("done")

    monkeypatch.setitem(app.app.commands, "warn-often", click.Command("warn-often", callback=warn_often))
    for _ in range(2):  # one command knows nothing of another's warnings
        done = CliRunner().invoke(app.app, ["warn-often"])
        assert done.stdout == "done\n"
        assert done.stderr == "warning: a\nwarning: b\nwarning: 3 times: a\n"
