"""Quantities that hold only with the CPU kernels, or the version of Python, that they were recorded with."""

import json
import xml.etree.ElementTree as ET
from dataclasses import replace

import pandas as pd
import pytest

from labnotes.author.api import claim as author_claim
from labnotes.author.api import stated_tie
from labnotes.author.api import table as author_table
from labnotes.author.frames import read_frame
from labnotes.commands import audit
from labnotes.compare import trial_changes
from labnotes.compare.observations import ComparisonRules, compare_observations
from labnotes.errors import AuthorError, InvalidRecord
from labnotes.model.audit import Audit, NoiseEnvelope
from labnotes.model.claims import Claim
from labnotes.model.observation import Observation, Provenance, RunDependencies, RunEnvironment
from labnotes.model.plots import AxesData, AxisData, Figure, FigureData, Mark
from labnotes.model.quantities import Tolerance
from labnotes.model.tables import Table, TableData
from labnotes.model.verdicts import Verdict
from labnotes.store import folders, records
from labnotes.store.staleness import environment_differences

RECORDED = RunEnvironment(python="3.11.7", system="Linux", machine="x86_64", cpu="Xeon", labnotes="0", isolation="none", vectors="amx_tile")
OLDER_KERNELS = replace(RECORDED, cpu="Xeon, ATEN_CPU_CAPABILITY=default")
OLDER_CPU = replace(RECORDED, vectors="avx2")
NEXT_PYTHON = replace(RECORDED, python="3.12.1")
NEXT_PATCH = replace(RECORDED, python="3.11.9")


def observation_of(environment, claims=(), figures=(), tables=()):
    provenance = Provenance("2026-11-21T00:00:00Z", 0, 0, 1, environment, RunDependencies(code=""))
    named = [{getattr(quantity, "name", "") or quantity.label: quantity for quantity in made} for made in (claims, figures, tables)]
    return Observation(*named, (), {}, provenance)


def tied_observation(value, environment, tied, **fields):
    """A claim, a figure and a table that show one value, all of them tied."""
    axis = AxisData("", "linear", (0.0, 9.0), False, None)
    axes = AxesData("", "plain", axis, axis, (Mark("line", "", 0, {"x": [0, 1], "y": [0, value]}),), ())
    data = TableData.from_json(read_frame(pd.DataFrame({"latent": [f"L{value}"]}), "table 't'", {}).as_json())
    return observation_of(
        environment,
        [Claim("c", value, 1, "d", tied=tied, **fields)],
        [Figure("f", 1, "c", "a", FigureData((axes,), (), ()), tied=tied)],
        [Table("t", 1, "c", data, tied=tied)],
    )


@pytest.mark.parametrize(
    ("tied", "environment", "verdict"),
    [
        ("kernels", RECORDED, Verdict.CHANGED),
        ("kernels", OLDER_KERNELS, Verdict.DRAWN_ANEW),
        ("kernels", OLDER_CPU, Verdict.DRAWN_ANEW),
        ("kernels", NEXT_PYTHON, Verdict.CHANGED),
        ("python", OLDER_KERNELS, Verdict.CHANGED),
        ("python", NEXT_PYTHON, Verdict.UNVERIFIED),
        ("python", NEXT_PATCH, Verdict.CHANGED),
        (None, OLDER_KERNELS, Verdict.CHANGED),
        (None, NEXT_PYTHON, Verdict.CHANGED),
    ],
)
def test_a_difference_is_judged_only_where_the_tie_holds(tied, environment, verdict):
    recorded = tied_observation(3, RECORDED, tied)
    assert [comparison.verdict for comparison in compare_observations(recorded, tied_observation(4, environment, tied))] == [verdict] * 3
    assert [comparison.verdict for comparison in compare_observations(recorded, tied_observation(3, environment, tied))] == [
        Verdict.EXACT
    ] * 3


def test_what_is_unverified_says_what_it_is_tied_to_and_then_what_differs():
    comparisons = compare_observations(tied_observation(3, RECORDED, "python"), tied_observation(4, NEXT_PYTHON, "python"))
    why = "differs, and holds only for the version of Python it was recorded with (3.11; this run: 3.12)"
    assert {comparison.details[0] for comparison in comparisons} == {why}
    assert "column 'latent', row 1: is L4, recorded L3" in comparisons[2].details


def test_what_is_drawn_anew_says_what_differs():
    (_, figure, table) = compare_observations(tied_observation(3, RECORDED, "kernels"), tied_observation(4, OLDER_KERNELS, "kernels"))
    assert figure.drawn
    assert table.drawn
    assert figure.details[0].startswith("line: y[1] is 4, recorded 3")
    assert table.details == ("column 'latent', row 1: is L4, recorded L3",)


def claim_verdict(then, now, **fields):
    """Return the verdict on a tied claim that other kernels moved from 3 to 4."""
    sides = (tied_observation(3, RECORDED, "kernels", **then, **fields), tied_observation(4, OLDER_KERNELS, "kernels", **now, **fields))
    return compare_observations(*sides)[0].verdict


def test_a_statement_that_fails_or_is_another_one_differs_everywhere():
    said = {"holds": "value > 2", "upheld": True}
    assert claim_verdict(said, said) is Verdict.MOVED, "no replicates to judge the number by, and the statement holds"
    assert claim_verdict(said, {**said, "upheld": False}) is Verdict.CHANGED
    assert claim_verdict(said, {**said, "holds": "value > 1"}) is Verdict.CHANGED
    assert claim_verdict({}, {}, tolerance=Tolerance(2, "m")) is Verdict.DRAWN_ANEW, "a wide tolerance could hardly fail"


def test_missing_and_new_stay_what_they_are():
    full, none = tied_observation(3, RECORDED, "kernels"), observation_of(OLDER_KERNELS)
    assert {comparison.verdict for comparison in compare_observations(full, none)} == {Verdict.MISSING}
    assert {comparison.verdict for comparison in compare_observations(none, full)} == {Verdict.NEW}


def test_missing_and_new_claims_are_told_with_their_values():
    full, none = tied_observation(3, RECORDED, "kernels"), observation_of(OLDER_KERNELS)
    printed = {name: claim.printed_value for name, claim in full.claims.items()}
    gone = {made.name: (made.recorded, made.observed) for made in compare_observations(full, none) if made.kind == "claim"}
    new = {made.name: (made.recorded, made.observed) for made in compare_observations(none, full) if made.kind == "claim"}
    assert gone == {name: (value, "") for name, value in printed.items()} and printed
    assert new == {name: ("", value) for name, value in printed.items()}


def test_the_recorded_tie_counts_and_a_new_one_is_told():
    for then, now, verdict in ((None, "kernels", Verdict.CHANGED), ("kernels", None, Verdict.DRAWN_ANEW)):
        for comparison in compare_observations(tied_observation(3, RECORDED, then), tied_observation(4, OLDER_KERNELS, now)):
            assert comparison.verdict is verdict
            if comparison.kind == "claim" and verdict is Verdict.DRAWN_ANEW:
                continue
            assert comparison.details[-1] == f"the tie is now {now or 'not stated'}, recorded {then or 'not stated'}"


def test_noise_that_an_audit_measured_stays_noise():
    said = {"holds": "value > 2", "upheld": True}
    sides = (tied_observation(3, RECORDED, "kernels", **said), tied_observation(4, OLDER_KERNELS, "kernels", **said))
    assert compare_observations(*sides, ComparisonRules(NoiseEnvelope({"c": 1.5})))[0].verdict is Verdict.NOISE


def test_trial_changes_to_what_is_tied_are_noticed_as_ever():
    plain, tied = (trial_changes.mutate_record("a", tied_observation(3, RECORDED, tied)) for tied in (None, "kernels"))
    assert plain == tied
    assert plain.noticed_count


def test_an_audit_asks_for_no_tolerance_of_what_is_tied_to_kernels():
    noise = {"replicates": (3.0, 3.1)}
    for tied, asked in ((None, 3), ("python", 3), ("kernels", 0)):
        then, now = tied_observation(3, RECORDED, tied, **noise), tied_observation(4, RECORDED, tied, replicates=(4.0, 4.1))
        envelope = audit._measured_envelope(then, [now], frozenset())
        envelope = replace(envelope, tables={"t": 0.5})
        assert len(audit._tolerance_advice(then, Audit("", "", "", (), envelope))) == asked, tied


def test_an_unknown_tie_is_an_error_that_lists_the_known_ones():
    for call in (
        lambda: author_claim("x", 1, tied="cpu"),
        lambda: author_table(pd.DataFrame({"a": [1]}), "t-tied", caption="c", tied="cpu"),
        lambda: stated_tie("cpu", "figure 'f'"),
    ):
        with pytest.raises(AuthorError, match=r"is tied to 'cpu'\n    known: kernels, python"):
            call()
    with pytest.raises(AuthorError, match="did you mean 'kernels'"):
        author_claim("x", 1, tied="kernel")


def test_a_record_names_ties_only_where_they_are_stated(tmp_path):
    plain, tied = (records.record_files(tied_observation(3, RECORDED, tied))[0]["record.json"].decode() for tied in (None, "kernels"))
    assert "tied" not in plain
    assert tied.count('"tied": "kernels"') == 3
    files, settled = records.as_stored(tied_observation(3, RECORDED, "kernels"))
    assert [made.tied for made in (settled.claims["c"], settled.figures["f"], settled.tables["t"])] == ["kernels"] * 3
    before = json.loads(files["provenance.json"])
    del before["environment"]["vectors"]  # as records made before name it
    folders.replace_folder(tmp_path / "record", {**files, "provenance.json": json.dumps(before).encode()})
    assert records.read_record(tmp_path / "record", tmp_path).provenance.environment.vectors == ""


def test_a_record_tied_to_something_unknown_is_refused(tmp_path):
    files, _ = records.record_files(tied_observation(3, RECORDED, "moon"))
    folders.replace_folder(tmp_path / "record", files)
    with pytest.raises(InvalidRecord, match="'c' is tied to 'moon'"):
        records.read_record(tmp_path / "record", tmp_path)


def test_other_vector_instructions_are_another_environment_unless_the_record_does_not_say():
    recorded, before = (tied_observation(3, replace(RECORDED, vectors=vectors), None).provenance for vectors in ("amx_tile", ""))
    assert environment_differences(recorded, OLDER_CPU) == ["CPU instructions avx2, recorded with amx_tile"]
    assert environment_differences(recorded, RECORDED) == environment_differences(before, OLDER_CPU) == []


# -- the whole way -----------------------------------------------------------------------------------------------------------------------

SOURCE = """
# %% [markdown]
# {{ latent }}, {{ spread }}, @fig:shape, @tab:latents.
# %%
import os
import matplotlib.pyplot as plt, pandas as pd
from labnotes import claim, figure, table
latent = 3 if "ATEN_CPU_CAPABILITY" in os.environ else 7
claim("latent", latent, tied="kernels")
claim("spread", latent / 10, holds="value > 0.2", tied="kernels")
claim("equal", 1, tied="kernels")
fig, ax = plt.subplots(); ax.bar([0, 1], [1, latent])
figure(fig, "shape", caption="c", alt="a", tied="kernels")
table(pd.DataFrame({"latent": [f"L{latent}"]}), "latents", caption="c", tied="kernels")
"""
OTHER = {"ATEN_CPU_CAPABILITY": "default"}


@pytest.mark.slow
def test_other_kernels_draw_a_tied_note_anew_and_the_same_ones_judge_it(lab, edit):
    lab("init", "site-lab", cwd=lab.root.parent)
    lab.root = lab.root.parent / "site-lab"
    folder = lab.record_note("a", SOURCE)
    same = lab("check", "--fresh")
    assert (same.code, "a agrees" in same.out) == (0, True), same.text

    other = lab("check", "--report", "report", **OTHER)
    assert other.code == 0, other.text
    assert "a agrees as a fresh draw  2 of 3 claims (1 drawn anew), 1 figure drawn anew, 1 table drawn anew" in other.out
    assert "as a fresh draw: 1 of 1 statement hold" in other.out
    assert "↻ drawn anew table latents" in other.out
    suite = ET.parse(next((lab.root / "report").glob("*.xml"))).getroot().find("testsuite")
    assert (suite.get("failures"), suite.get("skipped")) == ("0", "3")
    assert "↻ drawn anew" in next((lab.root / "report").glob("*.html")).read_text()
    built = lab("build")
    assert built.code == 0, built.text
    page = (lab.root / "site/notes/a/index.html").read_text()
    assert "3 claims, figures and tables drawn anew" in page
    assert "0 of 1" not in page, "what was not judged reads as no failure"
    assert "drawn anew: shown, not judged; ± 0.0001 % of the range with the same CPU kernels" in page

    # on the kernels of the record a difference is a change, and a statement fails on any
    edit(folder / "note.py", "else 7", "else 8")
    changed = lab("check")
    assert changed.code == 1, changed.text
    assert "≠ changed table latents" in changed.out
    assert "drawn anew" not in changed.out
    edit(folder / "note.py", "latent = 3", "latent = 1")
    failing = lab("check", **OTHER)
    assert failing.code == 1, failing.text
    assert "≠ changed claim spread" in failing.out
    assert "a statement lost" in failing.out
    assert "the statement does not hold in this draw: value > 0.2" in failing.out
    assert "↻ drawn anew claim latent" in failing.out
