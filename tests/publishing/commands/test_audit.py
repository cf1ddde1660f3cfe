"""What an audit finds: faults with the cell in which they begin, and how far other kernels move the numbers; and what a check makes of it."""

import collections
import datetime
import json
import math
import random
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
import pytest

from labnotes.commands import audit as audit_module
from labnotes.compare.observations import ComparisonRules, compare_observations
from labnotes.kernel.states import variable_digests
from labnotes.model.audit import Audit, NoiseEnvelope
from labnotes.model.claims import Claim
from labnotes.model.observation import Observation, Provenance, RunDependencies, RunEnvironment
from labnotes.model.plots import AxesData, AxisData, Figure, FigureData, Mark
from labnotes.model.quantities import Tolerance
from labnotes.model.verdicts import Verdict
from labnotes.source import notes
from labnotes.source.labs import Lab
from labnotes.store import audits, records

PLANTED = """
# %%
import datetime, os
from pathlib import Path
import numpy as np
from labnotes import claim
sound = np.random.default_rng(0)

# %%
unseeded = np.random.default_rng().normal(size=100)

# %%
words = list({"a", "bb", "ccc", "dddd", "eeeee"})

# %%
year = datetime.date.today().year
store = Path(os.environ["LABNOTES_ARTIFACTS"], "weights")
found = store.exists()
store.write_text("1")

# %%
x = sound.normal(size=(300, 300)).astype("float32")
total = float(np.exp(x @ x.T / 20).sum())
chaos = [float(np.sin(1e7 * (x[i:200 + i] @ x.T / 3).sum())) for i in range(5)]

# %%
claim("mean", float(unseeded.mean()), format=".3f")
claim("first", len(words[0]) + 10 * len(words[1]) + 100 * len(words[2]))
claim("year", year)
claim("found", found)
claim("total", total, format=".12g")
claim("rough", total, format=".1g")
claim("chaos", replicates=chaos, format=".3f")
claim("stated", replicates=chaos, format=".3f", holds="high > -2")
"""

SOUND = """
# %%
import datetime, numpy as np
from labnotes import claim, seeds
started = datetime.datetime.now()
values = [float(np.random.default_rng(seed).normal()) for seed in seeds(5)]

# %%
claim("mean", replicates=values, format=".3f")
"""

EXPIRES = """
# %%
import datetime
from labnotes import claim
if datetime.date.today() > datetime.date.{today} + datetime.timedelta(days=100):
    raise RuntimeError("the licence has expired")
claim("x", 1)
"""


@pytest.fixture(scope="module")
def audited(new_lab):
    """Three notes, audited together: what was printed, and the lab."""
    lab = new_lab()
    lab.write_note("planted", PLANTED)
    assert lab("run", "planted").code == 0, "which leaves an artifact"
    lab.record_note("sound", SOUND)
    lab.write_note("expires", EXPIRES.format(today=f"fromisoformat('{datetime.date.today().isoformat()}')"))
    done = lab("audit")
    return done, lab


def trials_by_condition(lab, slug):
    return {trial["condition"]: trial for trial in json.loads((lab.root / "notes" / slug / "audit.json").read_text())["trials"]}


def first_difference(trial):
    cell, names = trial["trail"][0]
    return cell, tuple(names)


@pytest.mark.slow
def test_an_unseeded_generator_is_named_with_its_cell(audited):
    done, lab = audited
    again = trials_by_condition(lab, "planted")["again"]
    assert (again["outcome"], again["differing"], first_difference(again)) == ("differs", ["claim mean"], (2, ("unseeded",)))
    assert "cell 2 (notes/planted/note.py:9): unseeded" in done.out


@pytest.mark.slow
def test_the_order_of_a_set_is_named_with_its_cell(audited):
    _, lab = audited
    hash_seed_trials = [trials_by_condition(lab, "planted")[f"hash seed {seed}"] for seed in (1, 4242)]
    differing = [trial for trial in hash_seed_trials if trial["outcome"] == "differs"]
    assert differing, "of two other hash seeds, one gives another order"
    assert all((trial["differing"], first_difference(trial)) == (["claim first"], (3, ("words",))) for trial in differing)


@pytest.mark.slow
def test_the_date_and_the_artifacts_are_named_with_their_cell(audited):
    _, lab = audited
    later, before = (trials_by_condition(lab, "planted")[name] for name in ("400 days later", "before all other notes"))
    assert later["differing"] == ["claim year"] and first_difference(later) == (4, ("year",))
    assert before["differing"] == ["claim found"] and first_difference(before) == (4, ("found",))


@pytest.mark.slow
@pytest.mark.skipif(not audit_module._dispatched_features(), reason="this CPU has no kernels to choose from")
def test_other_kernels_move_numbers_which_is_no_fault_and_is_measured(audited):
    done, lab = audited
    trial = trials_by_condition(lab, "planted")["oldest CPU kernels"]
    assert trial["numerical"] and trial["outcome"] == "differs" and trial["trail"][0][0] == 5
    envelope = json.loads((lab.root / "notes/planted/audit.json").read_text())["envelope"]
    assert 0 < envelope["claims"]["total"] < 1e-3 * 300 * 300 * 1e6
    assert set(envelope["chaotic"]) == {"chaos", "stated"}
    assert not {"mean", "first", "year", "found"} & set(envelope["claims"]), "of what is not sound nothing is measured"
    assert "to state: claim total: moved by" in done.out and "state tolerance=" in done.out
    assert "to state: claim chaos: moved by a third of its spread over seeds or more" in done.out
    assert "claim stated" not in done.out.split("to state", 1)[1] and "to state: claim rough" not in done.out


@pytest.mark.slow
def test_an_error_under_another_condition_is_a_fault(audited):
    done, lab = audited
    later = trials_by_condition(lab, "expires")["400 days later"]
    assert later["outcome"] == "raised" and "the licence has expired" in later["reason"]
    assert "expires something to mend" in done.out


@pytest.mark.slow
def test_a_sound_note_is_clean_whatever_variables_differ(audited):
    done, lab = audited
    assert done.code == 1, "of the others"
    assert {trial["outcome"] for trial in trials_by_condition(lab, "sound").values()} == {"same"}
    assert "sound nothing to mend" in done.out
    assert "fresh" in lab("list", "sound").out, "an audit is no input"
    assert "Nothing was executed" in lab("check", "sound").out, "and changes no run"


@pytest.mark.slow
def test_an_audit_that_cannot_be_read_is_told(audited):
    _, lab = audited
    path = lab.root / "notes/sound/audit.json"
    kept = path.read_text()
    path.write_text('{"inputs": 3}')
    done = lab("check", "sound")
    path.write_text(kept)
    assert done.code == 2 and "sound/audit.json: cannot be read" in done.err and "labnotes audit sound" in done.err


@pytest.mark.slow
def test_an_audit_is_about_the_code_that_it_ran(audited, edit):
    _, lab = audited
    audit = lab.root / "notes/sound/audit.json"
    made = audits.read_audit(notes.read_note(Lab(lab.root), "sound"))
    chaotic = replace(made, envelope=replace(made.envelope, chaotic=["mean"], claims={"mean": 1.0}))
    audit.write_text(audits.sealed_text(chaotic))
    assert "? unverified claim mean" in lab("check", "sound").out
    audit.write_text(audits.sealed_text(replace(chaotic, inputs="of other code")))
    assert "1 of 1 claim" in lab("check", "sound").out


def test_a_note_that_does_not_run_is_not_audited(lab):
    lab.write_note("a", "# %%\n1 / 0\n")
    done = lab("audit")
    assert done.code == 1 and "not audited: its ordinary run did not finish" in done.out and "ZeroDivisionError" in done.out
    assert not (lab.root / "notes/a/audit.json").exists()


# -- what a check makes of it ------------------------------------------------------------------------------------------------------------

AXIS = AxisData("", "linear", (0.0, 10.0), inverted=False, ticks=None)


def make_observation(value, *, y=1.0, **fields):
    claim = Claim("c", value, 1, ".2f", **fields)
    mark = Mark("line", "", 0, {"x": [0.0, 1.0], "y": [0.0, y]})
    figure = Figure("f", 1, "c", "a", FigureData((AxesData("", "axes", AXIS, AXIS, (mark,), ()),), (), ()), Tolerance(0.01, "measured"))
    provenance = Provenance(
        "", 0, 0, 1, RunEnvironment(python="", system="", machine="", cpu="", labnotes="", isolation=""), RunDependencies(code="")
    )
    return Observation({"c": claim}, {"f": figure}, {}, (), {}, provenance)


def verdicts_by_kind(then, now, envelope):
    return {
        comparison.kind: (comparison.verdict, " ".join(comparison.details))
        for comparison in compare_observations(then, now, ComparisonRules(envelope))
    }


@pytest.mark.parametrize(
    ("moved", "limit", "fields", "expected", "said"),
    [
        (0.0, 0.001, {}, Verdict.EXACT, ""),
        (0.001, None, {}, Verdict.WITHIN, ""),
        (0.001, 0.0011, {}, Verdict.NOISE, ""),
        (0.003, 0.0011, {}, Verdict.WITHIN, ""),
        (0.02, 0.03, {}, Verdict.CHANGED, "the tolerance is narrower than the noise"),
        (0.02, 0.0011, {}, Verdict.CHANGED, "moved by 0.02"),
        (0.02, 0.03, {"holds": "value > 0", "upheld": True}, Verdict.NOISE, ""),
        (0.02, 0.01, {"holds": "value > 0", "upheld": True}, Verdict.MOVED, ""),
        (0.02, 0.03, {"tolerance": Tolerance(0.05, "x")}, Verdict.NOISE, ""),
    ],
)
def test_noise_is_inside_the_envelope_and_never_outside_the_tolerance(moved, limit, fields, expected, said):
    envelope = NoiseEnvelope({"c": limit}) if limit else NoiseEnvelope()
    verdict, details = verdicts_by_kind(make_observation(1.0, **fields), make_observation(1.0 + moved, **fields), envelope)["claim"]
    assert verdict is expected and said in details


def test_the_noise_of_figures_is_a_share_of_the_axis():
    then, now = make_observation(1.0), make_observation(1.0, y=1.02)
    assert verdicts_by_kind(then, now, NoiseEnvelope())["figure"][0] is Verdict.WITHIN
    assert verdicts_by_kind(then, now, NoiseEnvelope(figures={"f": 0.0021}))["figure"][0] is Verdict.NOISE
    assert verdicts_by_kind(then, now, NoiseEnvelope(figures={"f": 0.0019}))["figure"][0] is Verdict.WITHIN
    assert verdicts_by_kind(then, make_observation(1.0, y=1.5), NoiseEnvelope(figures={"f": 0.1}))["figure"][0] is Verdict.CHANGED


def test_a_chaotic_claim_is_not_verified_unless_it_states_something():
    envelope = NoiseEnvelope({"c": 0.2}, chaotic=("c",))
    verdict, details = verdicts_by_kind(make_observation(1.0), make_observation(1.0), envelope)["claim"]
    assert verdict is Verdict.UNVERIFIED and "state what holds" in details
    assert verdicts_by_kind(make_observation(1.0), make_observation(1.5), envelope)["claim"][0] is Verdict.CHANGED
    stated = {"holds": "value > 0", "upheld": True}
    assert verdicts_by_kind(make_observation(1.0, **stated), make_observation(1.1, **stated), envelope)["claim"][0] is Verdict.NOISE


@pytest.mark.parametrize(("share", "chaotic"), [(0.32, False), (0.34, True)])
def test_a_replicate_that_moves_by_a_third_of_the_spread_over_seeds_leaves_no_number_to_check(share, chaotic):
    spread = 1.0  # of -1, 0, 1
    then = replace(make_observation(0.0), claims={"c": Claim("c", 0.0, 1, ".2f", replicates=(-1.0, 0.0, 1.0))})
    now = replace(then, claims={"c": Claim("c", 0.0, 1, ".2f", replicates=(-1.0, share * spread, 1.0))})
    assert audit_module._is_chaotic("c", then, [now]) is chaotic


def test_what_was_measured_is_rounded_up():
    for value in (0.0012345, 0.00123, 9.999e-9, 3.0, 123456.0):
        rounded = audit_module._rounded_up(value)
        assert value * (1 - 1e-9) <= rounded <= value * 1.01 and math.isclose(rounded, float(f"{rounded:.3g}"))


# -- digests of variables ----------------------------------------------------------------------------------------------------------------


@dataclass
class Point:
    x: float
    near: object = None


class UnreadableObject:
    def __getattribute__(self, name):
        raise RuntimeError(name)


def cyclic_list():
    values = [1]
    values.append(values)
    return values


SAME = [
    ({3, 1, 2}, {2, 3, 1}),
    ({"a": [1, (2.5, None)]}, {"a": [1, (2.5, None)]}),
    (np.arange(3.0), np.array([0.0, 1.0, 2.0])),
    (np.array(["a", None], dtype=object), np.array(["a", None], dtype=object)),
    (float("nan"), float("nan")),
    (np.random.default_rng(3), np.random.default_rng(3)),
    (random.Random(3), random.Random(3)),
    (pd.DataFrame({"a": [1, 2], "b": ["x", None]}), pd.DataFrame({"a": [1, 2], "b": ["x", None]})),
    (Point(1.0, [2]), Point(1.0, [2])),
    (cyclic_list(), cyclic_list()),
    (collections.OrderedDict(a=1), collections.OrderedDict(a=1)),
]
OTHERS = [
    (1, 1.0),
    (1, True),
    ("1", b"1"),
    ([1, 2], (1, 2)),
    ([1, [2]], [[1], 2]),
    (["ab", "c"], ["a", "bc"]),
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    (1.0, np.nextafter(1.0, 2.0)),
    (np.zeros(3), np.zeros((3, 1))),
    (np.zeros(3), np.zeros(3, dtype="float32")),
    (np.random.default_rng(3), np.random.default_rng(4)),
    (pd.Series([1, 2], name="a"), pd.Series([1, 2], name="b")),
    (pd.DataFrame({"a": [1, 2]}), pd.DataFrame({"a": [1, 2]}, index=[5, 6])),
    (Point(1.0), Point(2.0)),
    (0.0, -0.0),
]


@pytest.mark.parametrize(("left", "right"), SAME)
def test_equal_values_have_one_digest(left, right):
    assert variable_digests({"v": left}) == variable_digests({"v": right}) != {}


@pytest.mark.parametrize(("left", "right"), OTHERS)
def test_other_values_have_another(left, right):
    assert "v" in variable_digests({"v": left}) and variable_digests({"v": left}) != variable_digests({"v": right})


def test_what_means_nothing_outside_its_process_has_none():
    fig_like = (number for number in range(3))
    digests = variable_digests(
        {
            "generator": fig_like,
            "module": math,
            "function": test_what_was_measured_is_rounded_up,
            "odd": UnreadableObject(),
            "object": object(),
            "x": 1,
        }
    )
    assert set(digests) == {"x"}
    assert list(fig_like) == [0, 1, 2], "nothing was consumed"


def test_an_audit_is_about_the_record_whatever_is_installed_and_one_that_is_not_is_told(lab, edit):
    folder = lab.record_note("a", "# %%\nfrom labnotes import claim\nclaim('x', 1)\n")
    note = notes.read_note(Lab(lab.root), "a")
    recorded = records.read_record(note.record_folder, note.record_folder)
    needs = recorded.provenance.dependencies
    elsewhere = replace(needs, files={**needs.files, "charset_normalizer.py": ""})
    audits.write_audit(note, Audit(elsewhere.contents_digest, "2026-11-28", "EPYC", (), NoiseEnvelope()))
    assert audits.current_audit(note, recorded) is not None
    assert audits.audit_remark(note, recorded) == ""
    edit(folder / "note.py", "'x', 1", "'x', 2")
    lab.run_and_accept("a")
    listed = lab("list").out
    assert "a: the audit of 2026-11-28 is of other code or inputs than the record, and counts for nothing: labnotes audit a" in listed
