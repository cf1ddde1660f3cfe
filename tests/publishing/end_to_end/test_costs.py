"""What a run costs, from nothing and with what is kept; and budgets that end when they say."""

import json
import re
import time
from types import SimpleNamespace

import pytest

from labnotes.commands import check
from labnotes.model.observation import Provenance, RunDependencies, RunEnvironment
from labnotes.store.check_log import CheckLog

DEAR = """
# %%
import os, time
from labnotes import claim
kept = os.path.join(os.environ["LABNOTES_ARTIFACTS"], "weights")
if not os.path.exists(kept):
    time.sleep(3)
    open(kept, "w").close()
claim("x", 1)
"""


def read_provenance(lab, slug="a"):
    return json.loads((lab.root / "notes" / slug / "record" / "provenance.json").read_text())


@pytest.mark.slow
def test_the_record_keeps_what_a_run_from_nothing_took_and_what_one_with_artifacts_takes(lab):
    lab("init", "other", cwd=lab.root.parent)
    lab.root = lab.root.parent / "other"
    lab.record_note("a", DEAR)
    first = read_provenance(lab)
    assert first["from_nothing"] is True
    assert first["seconds_from_nothing"] == first["seconds"] > 3
    assert first["processor_seconds"] > 0.2
    lab.run_and_accept("a")
    second = read_provenance(lab)
    assert second["from_nothing"] is False
    assert second["seconds_from_nothing"] == first["seconds"]

    kept = lab.root / "notes/a/record/provenance.json"
    kept.write_text(json.dumps(second | {"seconds": 5.0, "seconds_from_nothing": 65.0}))
    assert lab("build").code == 0
    said = (lab.root / "site/notes/a/index.html").read_text()
    assert "Expect 65 s on 1 core from nothing, 5 s once the trained weights are kept" in said
    assert lab("check", "--from-nothing").code == 0
    (line,) = map(json.loads, (lab.root / "notes/a/checks.jsonl").read_text().splitlines())
    assert line["how"] == "from nothing"
    assert line["seconds"] > 3


def test_a_record_that_never_saw_a_run_from_nothing_says_so(lab):
    lab("init", "other", cwd=lab.root.parent)
    lab.root = lab.root.parent / "other"
    kept = lab.artifacts_folder("a")
    kept.mkdir(parents=True)
    (kept / "weights").touch()
    lab.record_note("a", DEAR)
    assert read_provenance(lab)["seconds_from_nothing"] is None
    assert lab("build").code == 0
    assert "how long one from nothing takes was not measured" in (lab.root / "site/notes/a/index.html").read_text()


def make_provenance(**fields):
    return Provenance(
        "2026-11-21T00:00:00Z",
        90.0,
        0,
        1,
        RunEnvironment(python="", system="", machine="", cpu="", labnotes="", isolation=""),
        RunDependencies(code=""),
        **fields,
    )


def make_log(seconds):
    return CheckLog("a", (SimpleNamespace(how="from nothing", failed=None, seconds=seconds),))


@pytest.mark.parametrize(
    ("recorded", "log", "nothing_kept", "expected"),
    [
        (None, CheckLog("a", ()), False, check.UNKNOWN_COST),
        (make_provenance(), CheckLog("a", ()), False, 90.0),
        (make_provenance(seconds_from_nothing=1500.0), CheckLog("a", ()), False, 90.0),
        (make_provenance(seconds_from_nothing=1500.0), CheckLog("a", ()), True, 1500.0),
        (make_provenance(seconds_from_nothing=1500.0), make_log(1600.0), True, 1600.0),
        (make_provenance(), make_log(1600.0), True, 1600.0),
        (make_provenance(from_nothing=True), CheckLog("a", ()), True, 90.0),
        (make_provenance(), CheckLog("a", ()), True, 90.0),
    ],
)
def test_a_budget_goes_by_the_cost_from_nothing_where_nothing_is_kept(recorded, log, nothing_kept, expected):
    assert check.expected_seconds(recorded, log, nothing_kept=nothing_kept) == expected


@pytest.mark.slow
def test_a_budget_ends_at_its_end_and_names_what_it_broke_off(lab):
    lab.record_note("quick", "# %%\nfrom labnotes import claim\nclaim('x', 1)\n")
    lab.record_note(
        "slow",
        "# %%\nimport os, time\nfrom labnotes import claim\nmarker = os.path.join(os.environ['LABNOTES_ARTIFACTS'], 'slow')\n"
        "if os.path.exists(marker):\n    time.sleep(90)\nopen(marker, 'w').close()\nclaim('x', 1)\n",
    )
    started = time.monotonic()
    done = lab("check", "--fresh", "--budget", "25s", "--jobs", "2")
    taken = time.monotonic() - started
    assert done.code == 0, done.text
    assert "quick agrees" in done.out
    assert re.search(r"slow not re-run +the budget ended while it ran", done.out)
    assert taken < 80, "the note would have taken 90 s"
    assert not (lab.root / "notes/slow/checks.jsonl").exists()
    assert lab("check", "--fresh", "--budget", "0.1s", CI="1").code == 1, "in CI a check that re-ran nothing says nothing"
