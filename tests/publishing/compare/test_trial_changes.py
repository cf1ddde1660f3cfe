"""The checker checked: trial changes to a record, judged by the code that a check uses."""

import json
from dataclasses import replace

import pytest

from labnotes.compare import figures as comparing_figures
from labnotes.compare import trial_changes
from labnotes.model.claims import Claim
from labnotes.model.observation import Observation, Provenance, RunDependencies, RunEnvironment
from labnotes.model.quantities import Tolerance
from labnotes.model.verdicts import Verdict
from labnotes.source import notes
from labnotes.source.labs import Lab
from labnotes.store import mutation_score, records

PROVENANCE = Provenance(
    "", 0, 0, 1, RunEnvironment(python="", system="", machine="", cpu="", labnotes="", isolation=""), RunDependencies(code="")
)

SOURCE = """
# %%
import matplotlib.pyplot as plt, numpy as np, pandas as pd
from labnotes import claim, figure, table
claim("rate", 0.5, format=".3f")
claim("count", 7)
claim("sorted", True)
claim("gap", replicates=[0.31, 0.32, 0.33, 0.34, 0.35], format=".2f", holds="low > 0")
fig, axes = plt.subplots(1, 2)
for name in ("treated", "control"):
    axes[0].plot(range(8), np.arange(8.0) * (2 if name == "treated" else 1), label=name)
axes[0].set(xlabel="step", ylabel="loss", xlim=(0, 9)); axes[0].legend()
axes[1].errorbar([1, 2, 3], [1, 2, 3], yerr=[0.1, 0.2, 0.3]); axes[1].imshow([[1, 2], [3, 4]], extent=(0, 4, 0, 4))
figure(fig, "runs", caption="c", alt="a")
table(pd.DataFrame({"name": ["a", "b"], "x": [1.5, 2.5], "n": [1, 2], "ok": [True, False]}), "t", caption="c")
"""


@pytest.fixture(scope="module")
def recorded(new_lab):
    lab = new_lab()
    folder = lab.record_note("a", SOURCE)
    shown = lab("mutate")
    assert shown.code == 0, shown.text
    return lab, shown.out, records.read_record(folder / "record", folder / "record")


def test_every_sort_of_change_is_tried_and_only_what_is_not_printed_survives(recorded):
    _, out, record = recorded
    score = trial_changes.mutate_record("a", record)
    assert set(score.counts_by_kind()) >= {
        *("a number", "a count", "a yes or no", "an interval", "replicates", "a statement"),
        *("a point", "a spread", "a text", "a scale", "a direction", "limits", "a mark", "axes", "swapped labels", "swapped colours"),
        *("a cell", "rows", "columns"),
    }
    assert {mutation.quantity for mutation in score.mutations} == {
        "claim rate",
        "claim count",
        "claim sorted",
        "claim gap",
        "figure runs",
        "table t",
    }
    assert score.surviving_mutations
    assert all(mutation.quantity.startswith("claim ") and mutation.verdict is Verdict.WITHIN for mutation in score.surviving_mutations), (
        score.surviving_mutations
    )
    assert f"a {score.noticed_count} of {len(score.mutations)} trial changes would have been noticed" in out
    assert "moved by 0.1% (within): claim gap, claim rate" in out


def test_a_wide_tolerance_lets_changes_survive(recorded):
    record = recorded[2]
    wide = replace(record.figures["runs"], tolerance=Tolerance(0.2, "a test"))
    score = trial_changes.mutate_record("a", replace(record, figures={"runs": wide}))
    survived = {mutation.what.partition(": ")[2] for mutation in score.surviving_mutations if mutation.quantity == "figure runs"}
    assert "y one element moved by 10.0% of its range" in survived
    assert not any("swap" in mutation.what or "emptied" in mutation.what for mutation in score.surviving_mutations), (
        "words and marks have no tolerance"
    )


@pytest.mark.parametrize(
    ("name", "broken", "kind"),
    [
        ("_axis_differences", lambda *_: iter(()), "a scale"),
        ("_legend_differences", lambda *_: iter(()), "swapped labels"),
        ("_all_mark_differences", lambda *_: iter(()), "a point"),
    ],
)
def test_a_blind_checker_is_found_out(recorded, monkeypatch, name, broken, kind):
    record = recorded[2]
    before = trial_changes.mutate_record("a", record).counts_by_kind()[kind]
    assert before[0] == before[1]
    monkeypatch.setattr(comparing_figures, name, broken)
    noticed, tried = trial_changes.mutate_record("a", record).counts_by_kind()[kind]
    assert noticed < tried == before[1]


def test_a_note_without_record_is_a_problem(lab):
    lab.write_note("b", SOURCE)
    done = lab("mutate")
    assert done.code == 2
    assert "b: has no record to change" in done.err


def test_the_score_is_kept_for_its_record_and_no_other(lab, edit):
    folder = lab.record_note("a", "# %%\nfrom labnotes import claim\nclaim('x', 0.5123, format='.1f')\nclaim('count', 3)\n")
    printed = lab("mutate", "a").out
    kept = json.loads((folder / "mutations.json").read_text())
    assert f"{kept['noticed']} of {kept['total']} trial changes would have been noticed" in printed
    assert kept["noticed"] < kept["total"] and all(line in printed for line in kept["survivors"])
    assert any("a number moved by 0.1%" in line and "claim x" in line for line in kept["survivors"])
    assert "fresh" in lab("list").out, "the score is no input"

    note = notes.read_note(Lab(lab.root), "a")
    recorded = records.read_record(note.record_folder, note.record_folder)
    assert mutation_score.read_score(note, recorded).noticed == kept["noticed"]
    edit(folder / "note.py", "'count', 3", "'count', 4")
    lab.run_and_accept("a")
    assert mutation_score.read_score(note, records.read_record(note.record_folder, note.record_folder)) is None
    (folder / "mutations.json").write_text("[]")
    assert mutation_score.read_score(note, recorded) is None


def test_what_hangs_on_training_is_judged_by_the_narrow_tolerance():
    wide = Claim("x", 0.5, 1, ".2f", replicates=(0.4, 0.5, 0.6), tolerance=Tolerance(0.4, "kernels"))
    record = Observation({"x": wide}, {}, {}, (), {}, PROVENANCE)
    by_stated, by_narrow = (trial_changes.mutate_record("a", record, trained) for trained in (lambda k, n: False, lambda k, n: True))
    moved = "moved by 10.0%"
    assert next(mutation for mutation in by_stated.mutations if mutation.what == moved).verdict is Verdict.WITHIN
    assert next(mutation for mutation in by_narrow.mutations if mutation.what == moved).verdict is Verdict.CHANGED
